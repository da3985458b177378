"""Contracts and blocks: prices that rise twice, headline prices, and who has which megawatts when."""

from __future__ import annotations

from collections.abc import Iterator

from models.fields import MONTH, Schedule
from models.lint.rules import lint, percent
from models.plan import Plan, PowerContract, Site, Split
from models.problems import Finding, Repair
from models.records.power import FIXED, INDEX
from models.results import Results
from models.sentences import Amount, Sentence
from models.unit_guard import first_value
from models.use_names import use_name

LEAST_ALL_IN, LEAST_MEANT = 28.0, 15.0
"""USD/MWh: the lowest of the planner's all-in band less a little; below 15 the unit guard asks about cents."""
DELIVERY = 8.0


def power_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Everything that the trade would question in contracts and in blocks of megawatts."""
    for contract in plan.power_contracts:
        yield from _escalator(contract)
        yield from _all_in(contract)
    for site in plan.sites:
        yield from _blocks(plan, results, site)


def _named(contract: PowerContract) -> str:
    return contract.name.strip() or f"Contract {contract.id}"


def _escalator(contract: PowerContract) -> Iterator[Finding]:
    step, price = contract.escalator_fraction_per_year, contract.energy_price_usd_per_mwh
    if not step:
        return
    path = f"power_contracts.{contract.id}.escalator_fraction_per_year"
    none = Repair(Sentence("Set {none}", none=percent(0.0)), ((path, 0.0),))
    if contract.kind == INDEX:
        yield lint(
            "index_escalator",
            path,
            Sentence(
                "{contract} follows an index, which no escalator moves; its {step} a year do nothing. Let its prices "
                "grow "
                "instead, if that is meant.",
                contract=_named(contract),
                step=percent(step),
            ),
            none,
        )
    elif isinstance(price, Schedule) and len(set(price.values)) > 1:
        yield lint(
            "energy_table_escalated",
            path,
            Sentence(
                "The price of {contract} is a monthly table whose values change, and {step} a year comes on top of "
                "them: it "
                "is escalated twice.",
                contract=_named(contract),
                step=percent(step),
            ),
            none,
        )


def _all_in(contract: PowerContract) -> Iterator[Finding]:
    path, price = f"power_contracts.{contract.id}", first_value(contract.energy_price_usd_per_mwh)
    charges = (
        contract.adders_usd_per_mwh,
        contract.demand_charge_usd_per_kw_month,
        contract.transmission_usd_per_kw_year,
        contract.capacity_usd_per_mw_day,
        contract.fixed_charge_usd_per_month,
    )
    bare = contract.kind == FIXED and not any(charges)
    if bare and price is not None and LEAST_MEANT <= price < LEAST_ALL_IN:
        yield lint(
            "headline_price",
            f"{path}.energy_price_usd_per_mwh",
            Sentence(
                "{contract} costs {price} with nothing for delivery, demand or transmission; miners pay {low} to "
                "{high} all "
                "in. Make sure that it is not the energy price alone.",
                contract=_named(contract),
                price=Amount(price, "USD/MWh", ",.2f"),
                low=Amount(30.0, "USD", ".0f"),
                high=Amount(60.0, "USD/MWh", ".0f"),
            ),
        )
    if contract.adders_usd_per_mwh >= DELIVERY and contract.transmission_usd_per_kw_year > 0:
        yield lint(
            "delivery_twice",
            f"{path}.adders_usd_per_mwh",
            Sentence(
                "{contract} pays {adders} for delivery and {transmission} for transmission besides; make sure that "
                "the one "
                "does not hold the other.",
                contract=_named(contract),
                adders=Amount(contract.adders_usd_per_mwh, "USD/MWh", ",.2f"),
                transmission=Amount(contract.transmission_usd_per_kw_year, "USD/kW-year", ",.2f"),
            ),
        )


def _blocks(plan: Plan, results: Results, site: Site) -> Iterator[Finding]:
    blocks = [b for b in plan.splits if b.site_id == site.id]
    offers = {o.id: o for o in plan.ai_offers if o.site_id == site.id}
    latest: dict[str, Split] = {}
    for block in sorted(blocks, key=lambda b: b.start_month or ""):
        latest[block.use_id] = block
        offer = offers.get(block.use_id)
        begins = block.start_month or plan.plan.start
        first = next(b for b in sorted(blocks, key=lambda b: b.start_month or "") if b.use_id == block.use_id)
        if offer is not None and block is first and MONTH.match(offer.first_rent_month):
            rent = max(offer.first_rent_month, plan.plan.start)
            if begins != rent:
                words = "before" if begins < rent else "after"
                yield lint(
                    "block_and_rent_apart",
                    f"splits.{block.id}.start_month",
                    f"{use_name(plan, offer)} has its megawatts of {site.name} from {begins} on, {words} it first "
                    f"pays in {rent}.",
                    Repair(f"Set {rent}", ((f"splits.{block.id}.start_month", rent),)),
                )
    handed = [b for use_id, b in latest.items() if use_id in offers]
    if not handed:
        return
    taken = sum(b.mw for b in handed)
    limit = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
    if taken > limit * (1 + 1e-9):
        yield lint(
            "blocks_above_convertible",
            f"splits.{handed[-1].id}.mw",
            Sentence(
                "Blocks give offers {taken} of {site}, which can convert {limit}.",
                taken=Amount(taken, "MW", ",.1f"),
                site=site.name,
                limit=Amount(limit, "MW", ",.1f"),
            ),
            *_cut_to_fit(handed, taken, limit),
        )
    lots = [u for u in results.uses if u.kind == "asic" and u.site_id == site.id]
    free = [u for u in lots if u.id not in latest]
    mined = sum(latest[u.id].mw if u.id in latest else u.mw for u in lots)
    if free and taken > 0 and taken + mined > site.capacity_mw * (1 + 1e-9):
        yield lint(
            "machines_after_hand_over",
            f"splits.{handed[0].id}.mw",
            Sentence(
                "{site} hands {taken} over to offers while {machines} have no block that ends: together they take "
                "{all} of "
                "{capacity}, and machines would go on earning on megawatts that are gone.",
                site=site.name,
                taken=Amount(taken, "MW", ",.1f"),
                machines=", ".join(u.name for u in free[:3]),
                all=Amount(taken + mined, "MW", ",.1f"),
                capacity=Amount(site.capacity_mw, "MW", ",.1f"),
            ),
        )


def _cut_to_fit(handed: list[Split], taken: float, limit: float) -> Iterator[Repair]:
    """The repair that gives the last block what the others leave; none where they leave nothing."""
    left = float(f"{limit - (taken - handed[-1].mw):.10g}")
    if left >= 0:
        yield Repair(Sentence("Set {left}", left=Amount(left, "MW")), ((f"splits.{handed[-1].id}.mw", left),))
