"""Index prices: does every contract that follows an index have some, and what do they stand on?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import mining
from models.curves import month_number
from models.fields import Schedule
from models.hours import HourlyValues, zone_of
from models.inputs import Inputs
from models.plan import Plan, PowerContract, PriceSeries
from models.power.parts import INDEXED, SOLD_BACK, Part
from models.power.shapes import Prices, prices_of
from models.power.supply import index_scale, supply
from models.power_checks.contracts import named
from models.problems import Finding, Repair, Severity
from models.records.power import FIXED, FOLLOWS_INDEX
from models.records.series import DURATION, HOURLY
from models.sentences import Amount, Sentence
from models.use_names import use_name

MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MOST_GAPS = 0.01
HOURS_OF_YEAR = 8_760
OLD_MONTHS = 24
FARTHEST_SCALE = 10.0
"""A forward level this many times the imported mean also multiplies every scarce hour."""
NEAR_STRIKE = 0.3
"""How near, as a share of what a MWh earns, its price must be for hours above the strike to matter."""


def price_findings(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    """Everything questionable in index prices and in the contracts that follow them.

    Parameters
    ----------
    plan, inputs
        A plan with a scenario's values applied, and its arrays.
    """
    following = [p for p in inputs.power.parts if p.rule in (INDEXED, SOLD_BACK)]
    needed = {plan.power_contracts[p.contract].price_series_id for p in following}
    yield from _unpriced(plan, following)
    yield from _forward(plan, inputs, following)
    for series in plan.price_series:
        yield from _series(plan, series, series.id in needed)
    yield from _averages(plan, inputs)


def _unpriced(plan: Plan, following: list[Part]) -> Iterator[Finding]:
    """Contracts that follow an index and name none; one that names a missing or empty series is found there."""
    usable = [s for s in plan.price_series if prices_of(s, plan.price_steps) is not None]
    for row in sorted({p.contract for p in following}):
        contract = plan.power_contracts[row]
        if contract.price_series_id is not None:
            continue
        path = f"power_contracts.{contract.id}.price_series_id"
        yield Finding(
            "power.no_index_prices",
            Severity.ERROR,
            path,
            f"{named(contract)} follows an index and has no index prices, so no figure that needs them can be shown; "
            "import hourly prices, or enter a price-duration table, and choose it here.",
            tuple(Repair(f"Follow {s.name}", ((path, s.id),)) for s in usable[:3]),
        )


def _forward(plan: Plan, inputs: Inputs, following: list[Part]) -> Iterator[Finding]:
    """Forward levels that no scaling of the imported prices can reach, or only one that makes nonsense of them."""
    seen: set[int] = set()
    for part in following:
        contract = plan.power_contracts[part.contract]
        level = contract.forward_index_usd_per_mwh
        if part.prices is None or level is None or part.contract in seen:
            continue
        seen.add(part.contract)
        scale = index_scale(inputs, part)[part.weight > 0]
        unknown = np.isnan(scale)
        first = level.values[0] if isinstance(level, Schedule) else level
        about: dict[str, Amount | str] = {
            "contract": named(contract),
            "level": Amount(first, "USD/MWh"),
            "mean": Amount(part.prices.mean, "USD/MWh", ",.4g"),
        }
        path = f"power_contracts.{contract.id}.forward_index_usd_per_mwh"
        repair = Repair("Use the prices as imported", ((path, None),))
        if unknown.any():
            yield Finding(
                "power.forward_not_reached",
                Severity.ERROR,
                path,
                Sentence(
                    "The forward level of {contract}, {level} at first, cannot be reached by scaling prices whose mean "
                    "is {mean}, in {months} months of the plan: one of the two is nothing or of the other sign.",
                    months=str(int(unknown.sum())),
                    **about,
                ),
                (repair,),
            )
        elif scale[0] > FARTHEST_SCALE:
            yield Finding(
                "power.forward_far",
                Severity.WARNING,
                path,
                Sentence(
                    "The forward level of {contract}, {level} at first, is {times} times the imported mean of {mean}; "
                    "every scarce hour is multiplied as well.",
                    times=Amount(float(scale[0]), "", ",.3g"),
                    **about,
                ),
                (repair,),
            )


def _series(plan: Plan, series: PriceSeries, needed: bool) -> Iterator[Finding]:
    path = f"price_series.{series.id}"
    if not any(c.price_series_id == series.id and c.kind in FOLLOWS_INDEX for c in plan.power_contracts):
        yield from _unused(plan, series)
    prices = prices_of(series, plan.price_steps)
    hours = series.hourly_usd_per_mwh if series.kind == HOURLY else None
    if prices is not None:
        if hours is not None:
            yield from _hours(plan, series, hours, prices)
        return
    if hours is not None:
        yield Finding(
            "series.unknown_time_zone",
            Severity.ERROR if needed else Severity.WARNING,
            f"{path}.time_zone",
            f"{_zone_problem(series)}; until then {series.name} has no price in any month.",
            (Repair("Set UTC", ((f"{path}.time_zone", "UTC"),)),),
        )
    elif needed:
        what = "steps of a price-duration table" if series.kind == DURATION else "hourly prices"
        yield Finding(
            "series.no_prices",
            Severity.ERROR,
            path,
            f"{series.name} has no {what}, so no figure of a contract that follows it can be shown; "
            f"{'enter' if series.kind == DURATION else 'import'} them.",
        )


def _zone_problem(series: PriceSeries) -> str:
    try:
        zone_of(series.time_zone)
    except ValueError as error:
        return str(error)[0].upper() + str(error)[1:]
    return f"The hours of {series.name} cannot be placed in {series.time_zone}"


def _unused(plan: Plan, series: PriceSeries) -> Iterator[Finding]:
    waiting = [c for c in plan.power_contracts if c.kind in FOLLOWS_INDEX and c.price_series_id is None]
    yield Finding(
        "series.unused",
        Severity.INFO,
        f"price_series.{series.id}",
        f"No contract follows {series.name}, so it changes no figure.",
        tuple(
            Repair(f"Let {named(c)} follow it", ((f"power_contracts.{c.id}.price_series_id", series.id),))
            for c in waiting[:3]
        ),
    )


def _hours(plan: Plan, series: PriceSeries, hours: HourlyValues, prices: Prices) -> Iterator[Finding]:
    path = f"price_series.{series.id}.hourly_usd_per_mwh"
    begin, end = hours.first_hour.date().isoformat(), hours.last_hour.date().isoformat()
    if prices.stands_in:
        months = ", ".join(MONTH_NAMES[m] for m in prices.stands_in)
        yield Finding(
            "series.months_missing",
            Severity.WARNING,
            path,
            f"{series.name} ({begin} to {end}) has no prices of {months}; all its hours stand in for them. Import at "
            "least a whole year.",
        )
    elif len(hours) < HOURS_OF_YEAR:
        yield Finding(
            "series.short",
            Severity.INFO,
            path,
            f"{series.name} holds {len(hours)} hours from {begin} to {end}, less than a year.",
        )
    gaps = float(np.isnan(hours.values).mean())
    if gaps > MOST_GAPS:
        yield Finding(
            "series.gaps",
            Severity.WARNING,
            path,
            Sentence(
                "{share} of the hours of {series} have no price; its figures rest on the others.",
                share=Amount(gaps, "fraction", ".1f%"),
                series=series.name,
            ),
        )
    age = month_number(plan.plan.start) - month_number(end[:7])
    if age > OLD_MONTHS:
        yield Finding(
            "series.old",
            Severity.INFO,
            path,
            f"The last price of {series.name} is of {end}, {age} months before the plan begins; its shape may be one "
            "of other days.",
        )


def _averages(plan: Plan, inputs: Inputs) -> Iterator[Finding]:
    """Sites of which only an average price is known although single hours may well decide; one finding each."""
    if not plan.assumptions.economic_shutdown:
        return
    pool = supply(inputs).pool_price
    earned = np.broadcast_to(mining.revenue_per_mwh(inputs), (len(plan.asic_lots), len(inputs.dates.index)))
    for row, site in enumerate(plan.sites):
        own: list[PowerContract] = [c for c in plan.power_contracts if c.site_id == site.id]
        if not own or any(c.kind != FIXED for c in own):
            continue
        price = float(pool[row, 0])
        near = [
            (use_name(plan, lot), float(earned[i, 0]))
            for i, lot in enumerate(plan.asic_lots)
            if lot.site_id == site.id and abs(price - earned[i, 0]) <= NEAR_STRIKE * earned[i, 0]
        ]
        if near:
            lot, strike = near[0]
            yield Finding(
                "power.averages_only",
                Severity.INFO,
                f"sites.{site.id}",
                Sentence(
                    "{site} pays one price in every hour, {price}, near the {strike} that {lot} earns: machines stop "
                    "for whole months or not at all, and dear hours are not seen. Let a contract follow index prices "
                    "if the site settles by the hour.",
                    site=site.name,
                    price=Amount(price, "USD/MWh", ",.2f"),
                    strike=Amount(strike, "USD/MWh", ",.2f"),
                    lot=lot,
                ),
            )
