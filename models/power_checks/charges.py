"""Charges, credits and outages: what would make a megawatt-hour look cheaper than it will be."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.curves import month_after, month_number
from models.inputs import Inputs
from models.plan import Plan, PowerContract
from models.power.contracts import runs_in
from models.power.dispatch import available_fraction
from models.power.parts import INDEXED, SOLD_BACK
from models.power_checks.contracts import named
from models.problems import Finding, Repair, Severity
from models.records.power import TAKE_OR_PAY
from models.sentences import Amount, Sentence
from models.use_names import use_name

TWELVE_PEAKS_FROM = "2027-01"
"""Texas must amend how it allocates transmission cost by 31 December 2026."""
LASTING_MONTHS = 24
"""Longer than this no ancillary price has lasted: Riot's credits fell from $23.35 to $7.58/MWh within one year."""
UPTIME_WITHOUT_STOPS = 0.93
"""Below this an uptime taken from company reports probably holds economic curtailment already."""
DEFAULT_UPTIME = 0.95
LEAST_AVAILABLE = 0.8


def charge_findings(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    """Everything questionable in what contracts charge and pay beside energy, and in when machines are out.

    Parameters
    ----------
    plan, inputs
        A plan with a scenario's values applied, and its arrays.
    """
    for contract in plan.power_contracts:
        months = runs_in(contract, inputs.dates) > 0
        yield from _peaks(contract, months, plan)
        yield from _demand_response(contract, months, plan)
        yield from _take(contract, plan, inputs)
    yield from _outages(plan, inputs)
    yield from _restarts(plan, inputs)


def _peaks(
    contract: PowerContract, months: np.ndarray[tuple[int], np.dtype[np.bool_]], plan: Plan
) -> Iterator[Finding]:
    if contract.transmission_usd_per_kw_year <= 0:
        return
    path = f"power_contracts.{contract.id}"
    share, later = contract.peak_share_fraction, contract.twelve_peak_share_fraction
    first = month_number(plan.plan.start)
    beyond = months[max(month_number(TWELVE_PEAKS_FROM) - first, 0) :].any()
    if contract.twelve_peaks_from_month is None and share < 1 and beyond:
        yield Finding(
            "power.four_peaks_for_ever",
            Severity.WARNING,
            f"{path}.twelve_peaks_from_month",
            Sentence(
                "{contract} pays transmission for {share} of its megawatts in every year to come, as if four peaks "
                "could be avoided for ever; Texas must amend its rule by the end of 2026, and twelve peaks are "
                "proposed. Say from when twelve count.",
                contract=named(contract),
                share=Amount(share, "fraction", ".4g%"),
            ),
            (
                Repair(
                    Sentence(
                        "Count twelve from 2027-01, running at {all} of them", all=Amount(1.0, "fraction", ".0f%")
                    ),
                    (
                        (f"{path}.twelve_peaks_from_month", TWELVE_PEAKS_FROM),
                        (f"{path}.twelve_peak_share_fraction", 1.0),
                    ),
                ),
            ),
        )
    elif contract.twelve_peaks_from_month is not None and later < share:
        yield Finding(
            "power.twelve_peaks_easier",
            Severity.WARNING,
            f"{path}.twelve_peak_share_fraction",
            Sentence(
                "{contract} runs at {later} of twelve peaks and at {share} of four; twelve are harder to avoid, not "
                "easier.",
                contract=named(contract),
                later=Amount(later, "fraction", ".4g%"),
                share=Amount(share, "fraction", ".4g%"),
            ),
            (
                Repair(
                    Sentence("Set {share}", share=Amount(share, "fraction", ".4g%")),
                    ((f"{path}.twelve_peak_share_fraction", share),),
                ),
            ),
        )


def _demand_response(
    contract: PowerContract, months: np.ndarray[tuple[int], np.dtype[np.bool_]], plan: Plan
) -> Iterator[Finding]:
    lasts = contract.demand_response_end_month is None and contract.demand_response_decline_fraction_per_year == 0
    if contract.demand_response_usd_per_mw_year <= 0 or not lasts or months.sum() <= LASTING_MONTHS:
        return
    end = month_after(plan.plan.start, int(np.nonzero(months)[0][0]) + LASTING_MONTHS - 1)
    path = f"power_contracts.{contract.id}.demand_response_end_month"
    yield Finding(
        "power.demand_response_for_ever",
        Severity.WARNING,
        path,
        Sentence(
            "{contract} earns {income} from demand response in each of {months} months, without end or decline; such "
            "income does not last: Riot's credits fell from {before} to {after} between 2023 and 2024.",
            contract=named(contract),
            income=Amount(contract.demand_response_usd_per_mw_year, "USD/MW-year"),
            months=str(int(months.sum())),
            before=Amount(23.35, "USD/MWh", ".2f"),
            after=Amount(7.58, "USD/MWh", ".2f"),
        ),
        (Repair(f"Let it end in {end}", ((path, end),)),),
    )


def _take(contract: PowerContract, plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    if contract.kind != TAKE_OR_PAY:
        return
    rows = [i for i, lot in enumerate(plan.asic_lots) if lot.site_id == contract.site_id]
    sizes = np.array([plan.asic_lots[i].count * plan.asic_lots[i].power_w for i in rows])
    if not sizes.sum() > 0:
        return
    available = float(np.average(available_fraction(inputs)[rows, 0], weights=sizes))
    if contract.take_fraction > available + 1e-9:
        yield Finding(
            "power.take_above_use",
            Severity.WARNING,
            f"power_contracts.{contract.id}.take_fraction",
            Sentence(
                "{contract} is paid for {take} of its energy at least, and the site's machines can use {available}: "
                "the difference is paid for nothing in every month.",
                contract=named(contract),
                take=Amount(contract.take_fraction, "fraction", ".4g%"),
                available=Amount(available, "fraction", ".4g%"),
            ),
        )


def _outages(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    hourly = {plan.sites[p.site].id for p in inputs.power.parts if p.rule in (INDEXED, SOLD_BACK) and p.prices}
    for lot in plan.asic_lots:
        path = f"asic_lots.{lot.id}"
        if lot.site_id in hourly and plan.assumptions.economic_shutdown and lot.uptime_fraction < UPTIME_WITHOUT_STOPS:
            yield Finding(
                "lots.stops_counted_twice",
                Severity.WARNING,
                f"{path}.uptime_fraction",
                Sentence(
                    "{lot} has an uptime of {uptime}, and stops in dear hours besides. The uptime that companies "
                    "report already holds such stops; enter that of machines alone, or they are counted twice.",
                    lot=use_name(plan, lot),
                    uptime=Amount(lot.uptime_fraction, "fraction", ".4g%"),
                ),
                (
                    Repair(
                        Sentence("Set {uptime}", uptime=Amount(DEFAULT_UPTIME, "fraction", ".4g%")),
                        ((f"{path}.uptime_fraction", DEFAULT_UPTIME),),
                    ),
                ),
            )
        available = lot.uptime_fraction * (1.0 - lot.planned_outage_fraction)
        if lot.planned_outage_fraction > 0 and available < LEAST_AVAILABLE:
            yield Finding(
                "lots.rarely_available",
                Severity.WARNING,
                f"{path}.planned_outage_fraction",
                Sentence(
                    "{lot} is available in {available} of the hours: planned outages of {planned} come on top of an "
                    "uptime of {uptime}. Make sure that the uptime does not hold them already.",
                    lot=use_name(plan, lot),
                    available=Amount(available, "fraction", ".4g%"),
                    planned=Amount(lot.planned_outage_fraction, "fraction", ".4g%"),
                    uptime=Amount(lot.uptime_fraction, "fraction", ".4g%"),
                ),
                (
                    Repair(
                        Sentence("Set planned outages to {none}", none=Amount(0.0, "fraction", ".0f%")),
                        ((f"{path}.planned_outage_fraction", 0.0),),
                    ),
                ),
            )


def _restarts(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    for row, site in enumerate(plan.sites):
        if site.curtailment_start_cost_usd_per_mw <= 0 or not any(c.site_id == site.id for c in plan.power_contracts):
            continue
        following = [p.prices for p in inputs.power.of_site(row) if p.rule in (INDEXED, SOLD_BACK)]
        if any(prices is None or prices.weights is None for prices in following):
            continue
        path = f"sites.{site.id}.curtailment_start_cost_usd_per_mw"
        yield Finding(
            "sites.restart_without_hours",
            Severity.INFO,
            path,
            Sentence(
                "The cost of a restart at {site}, {cost}, has no effect: no contract there follows hourly prices.",
                site=site.name,
                cost=Amount(site.curtailment_start_cost_usd_per_mw, "USD/MW"),
            ),
            (Repair(Sentence("Set {none}", none=Amount(0.0, "USD/MW")), ((path, 0.0),)),),
        )
