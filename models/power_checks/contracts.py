"""Contracts: do they cover the site, do they fit it and one another, and do their hours mean anything?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.curves import month_after, month_number, month_text
from models.fields import MONTH
from models.inputs import Inputs
from models.plan import Plan, PowerContract, Site
from models.power.contracts import contract_mw, runs_in
from models.power.parts import MINIMUM_TAKE, PAID_ANYHOW, period_of_hours
from models.problems import Finding, Repair, Severity
from models.records.power import BLOCK, BLOCK_AND_INDEX, FIXED, INDEX, TIME_OF_USE
from models.sentences import Amount, Sentence
from models.use_names import use_name


def contract_findings(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    """Everything questionable in the contracts of a plan, their prices and charges apart.

    Parameters
    ----------
    plan, inputs
        A plan with a scenario's values applied, and its arrays.
    """
    for row, site in enumerate(plan.sites):
        own = [c for c in plan.power_contracts if c.site_id == site.id]
        yield from _coverage(plan, inputs, row, site, own)
        for contract in own:
            yield from _block(contract, site, own, inputs)
        yield from _outlived(plan, site, own)
        yield from _hedges(plan, inputs, row, site, own)
    for contract in plan.power_contracts:
        yield from _dates(contract)
        yield from _escalated_twice(contract)
    yield from _periods(plan)


def _coverage(plan: Plan, inputs: Inputs, row: int, site: Site, own: list[PowerContract]) -> Iterator[Finding]:
    needs = any(lot.site_id == site.id for lot in plan.asic_lots) or any(
        o.site_id == site.id and o.operator_pays_power for o in plan.ai_offers
    )
    if not needs:
        return
    if not own:
        yield Finding(
            "power.no_contract",
            Severity.ERROR,
            f"sites.{site.id}",
            f"{site.name} has no power contract, so nothing that uses its power can be priced; add one.",
        )
        return
    open_ended = [c for c in own if c.contracted_mw is None]
    together = np.sum([runs_in(c, inputs.dates) for c in open_ended], axis=0) if open_ended else np.zeros(1)
    if (together > 1).any():
        yield Finding(
            "power.overlapping_contracts",
            Severity.WARNING,
            f"power_contracts.{open_ended[-1].id}.start_month",
            f"{int((together > 1).sum())} months of {site.name} have more than one contract without megawatts; "
            "their prices are averaged. Give each its last month, or its megawatts.",
        )
    open_months = np.nonzero(inputs.power.weights[row].sum(axis=0) == 0)[0]
    if open_months.size:
        first = month_number(plan.plan.start)
        begin, end = month_text(first + int(open_months[0])), month_text(first + int(open_months[-1]))
        last = max(own, key=_last_month)
        yield Finding(
            "power.uncovered_months",
            Severity.ERROR,
            f"sites.{site.id}",
            f"No contract of {site.name} covers {open_months.size} months between {begin} and {end}; "
            "figures that reach into them cannot be shown. Extend a contract or shorten the horizon.",
            (Repair("Extend the last contract to the plan's end", ((f"power_contracts.{last.id}.end_month", None),)),)
            if runs_in(replace(last, end_month=None), inputs.dates)[open_months].all()
            else (),
        )


def _last_month(contract: PowerContract) -> str:
    return contract.end_month or "9999-12"


def _dates(contract: PowerContract) -> Iterator[Finding]:
    if contract.start_month and contract.end_month and contract.start_month > contract.end_month:
        path = f"power_contracts.{contract.id}"
        swapped = ((f"{path}.start_month", contract.end_month), (f"{path}.end_month", contract.start_month))
        yield Finding(
            "power.ends_before_start",
            Severity.ERROR,
            f"{path}.end_month",
            f"The contract ends in {contract.end_month}, before it starts in {contract.start_month}.",
            (Repair("Swap the months", swapped),),
        )


def _block(contract: PowerContract, site: Site, own: list[PowerContract], inputs: Inputs) -> Iterator[Finding]:
    """Blocks that do not fit their site, or whose size is only what others leave."""
    if contract.kind == BLOCK_AND_INDEX:
        name, block = "block_mw", contract.block_mw
        whole = site.capacity_mw if contract.contracted_mw is None else contract.contracted_mw
    elif contract.kind == BLOCK:
        name, block, whole = "contracted_mw", contract.contracted_mw, site.capacity_mw
        yield from _unsized_block(contract, site, own, inputs)
    else:
        return
    if block is not None and block > whole * (1 + 1e-9):
        path = f"power_contracts.{contract.id}.{name}"
        yield Finding(
            "power.block_above_site",
            Severity.WARNING,
            path,
            Sentence(
                "{contract} is a block of {block}, more than the {whole} that it supplies at {site}; what lies beyond "
                "is not counted.",
                contract=named(contract),
                block=Amount(block, "MW"),
                whole=Amount(whole, "MW"),
                site=site.name,
            ),
            (_set(path, whole, Amount(whole, "MW")),),
        )


def _unsized_block(contract: PowerContract, site: Site, own: list[PowerContract], inputs: Inputs) -> Iterator[Finding]:
    if contract.contracted_mw is not None:
        return
    runs = runs_in(contract, inputs.dates)
    beside = sum((runs_in(c, inputs.dates) for c in own if c.contracted_mw is not None), np.zeros(len(runs))) * runs
    if not beside.any():
        return
    month = int(np.nonzero(beside)[0][0])
    left = float(contract_mw(site, tuple(own), inputs.dates)[own.index(contract), month])
    path = f"power_contracts.{contract.id}.contracted_mw"
    yield Finding(
        "power.block_without_mw",
        Severity.WARNING,
        path,
        Sentence(
            "{contract} is a block without megawatts beside other contracts of {site}; it is taken as the {left} that "
            "they leave. Enter its size: what it does not cover is then bought at index.",
            contract=named(contract),
            site=site.name,
            left=Amount(left, "MW"),
        ),
        (_set(path, left, Amount(left, "MW")),),
    )


def _outlived(plan: Plan, site: Site, own: list[PowerContract]) -> Iterator[Finding]:
    """Offers whose power the operator still owes when the site's last contract is over; within the plan that is an
    uncovered month."""
    if not own or any(c.end_month is None for c in own):
        return
    last = max(own, key=_last_month)
    end = _last_month(last)
    if end < month_after(plan.plan.start, plan.plan.horizon_months - 1):
        return
    for offer in plan.ai_offers:
        if offer.site_id != site.id or not offer.operator_pays_power or not MONTH.match(offer.first_rent_month):
            continue
        over = month_after(offer.first_rent_month, offer.term_months - 1)
        if over > end:
            yield Finding(
                "power.offer_outlives_contract",
                Severity.WARNING,
                f"ai_offers.{offer.id}.term_months",
                f"{use_name(plan, offer)} runs to {over} and its power is yours to pay; the last contract of "
                f"{site.name} ends in {end}, after which its price is open.",
                (Repair(f"Extend the contract to {over}", ((f"power_contracts.{last.id}.end_month", over),)),),
            )


def _hedges(plan: Plan, inputs: Inputs, row: int, site: Site, own: list[PowerContract]) -> Iterator[Finding]:
    """A contract that a tenant's offer keeps or sells although nothing of it could be settled."""
    if not own or any(p.rule in (*PAID_ANYHOW, MINIMUM_TAKE) for p in inputs.power.of_site(row)):
        return
    for offer in plan.ai_offers:
        if offer.site_id != site.id or offer.operator_pays_power or offer.hedge_disposition == "assigned":
            continue
        path = f"ai_offers.{offer.id}.hedge_disposition"
        yield Finding(
            "power.nothing_to_settle",
            Severity.INFO,
            path,
            f"{use_name(plan, offer)} says what becomes of the power contract of {site.name} when the tenant pays for "
            "power; no contract there is paid whether used or not, so there is nothing to settle.",
            (Repair("Set Taken over by the tenant", ((path, "assigned"),)),),
        )


def _escalated_twice(contract: PowerContract) -> Iterator[Finding]:
    escalator, growth = contract.escalator_fraction_per_year, contract.energy_price_growth_fraction_per_year
    if not escalator or not growth or contract.kind == INDEX:
        return
    path = f"power_contracts.{contract.id}"
    yield Finding(
        "power.escalated_twice",
        Severity.WARNING,
        f"{path}.escalator_fraction_per_year",
        Sentence(
            "The price of {contract} steps up by {escalator} and grows by {growth} a year: it is escalated twice.",
            contract=named(contract),
            escalator=Amount(escalator, "fraction", ".4g%"),
            growth=Amount(growth, "fraction", ".4g%"),
        ),
        (
            Repair("Keep the escalator alone", ((f"{path}.energy_price_growth_fraction_per_year", 0.0),)),
            Repair("Keep the growth alone", ((f"{path}.escalator_fraction_per_year", 0.0),)),
        ),
    )


def _periods(plan: Plan) -> Iterator[Finding]:
    """Time-of-use periods that count for nothing, and contracts that lack them."""
    year = np.arange("2026-01-01T00", "2027-01-01T00", dtype="datetime64[h]")
    by_id = {c.id: c for c in plan.power_contracts}
    for period in plan.tou_periods:
        owner = by_id.get(period.contract_id)
        if owner is not None and owner.kind != TIME_OF_USE:
            yield Finding(
                "power.period_of_other_kind",
                Severity.WARNING,
                f"tou_periods.{period.id}.contract_id",
                f"{_named_period(period.name)} belongs to {named(owner)}, which is no time-of-use contract; it counts "
                "for nothing.",
                (Repair("Make the contract time of use", ((f"power_contracts.{owner.id}.kind", TIME_OF_USE),)),),
            )
    for contract in plan.power_contracts:
        if contract.kind != TIME_OF_USE:
            continue
        own = tuple(p for p in plan.tou_periods if p.contract_id == contract.id)
        if not own:
            yield Finding(
                "power.no_periods",
                Severity.WARNING,
                f"power_contracts.{contract.id}.kind",
                f"{named(contract)} is a time-of-use contract without any period: its price is the same in every "
                "hour. Add its periods, or make it fixed.",
                (Repair("Make it fixed", ((f"power_contracts.{contract.id}.kind", FIXED),)),),
            )
            continue
        hours = np.bincount(period_of_hours(own, year) + 1, minlength=len(own) + 1)[1:]
        for period, count in zip(own, hours, strict=True):
            if count == 0:
                yield Finding(
                    "power.period_never_counts",
                    Severity.WARNING,
                    f"tou_periods.{period.id}",
                    f"{_named_period(period.name)} never counts: later periods of {named(contract)} take all of its "
                    "hours. Put it below them, or give it hours of its own.",
                )


def _named_period(name: str) -> str:
    return f"Period {name}" if name.strip() else "A period"


def named(contract: PowerContract) -> str:
    """What a sentence calls a contract: its name where it has one."""
    return contract.name.strip() or f"Contract {contract.id}"


def _set(path: str, value: float, amount: Amount) -> Repair:
    return Repair(Sentence("Set {value}", value=amount), ((path, value),))
