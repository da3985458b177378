"""Prices of power that look like another unit: cents for dollars, a month for a year, a kilowatt for a megawatt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from models.fields import Schedule, applicable_fields
from models.hours import HourlyValues
from models.plan import Plan, PowerContract, PriceSeries, Site
from models.power.shapes import prices_of
from models.problems import Finding, Repair
from models.sentences import Amount, Sentence
from models.unit_guard import first_value, guard, scaled

PRICE = "USD/MWh"
PLAUSIBLE_ENERGY = (12.0, 400.0)
REPORTED_ENERGY = {"low": Amount(20.0, "USD"), "high": Amount(80.0, "USD")}
LOWEST_INDEX = 8.0
"""Below this no hub has averaged over a year, $/MWh."""
LIKELY_INDEX = (8.0, 400.0)


@dataclass(frozen=True, slots=True)
class Charge:
    """How a charge is quoted, and in which other units it is often typed.

    Attributes
    ----------
    code, field, unit
        Of the finding and of the contract's field.
    possible
        Beyond this range, in the field's unit, a number is doubted.
    likely
        Within this range another reading is offered.
    others
        Other units, with what a number in them is to be multiplied with.
    """

    code: str
    field: str
    unit: str
    possible: tuple[float, float]
    likely: tuple[float, float]
    others: tuple[tuple[str, float], ...]


PER_KW_MONTH = (("USD/kW-year", 1 / 12), ("USD/MW-month", 1 / 1_000), ("USD/MW-year", 1 / 12_000))
CHARGES = (
    Charge("demand_charge", "demand_charge_usd_per_kw_month", "USD/kW-month", (0.0, 60.0), (0.5, 40.0), PER_KW_MONTH),
    Charge("standby", "standby_usd_per_kw_month", "USD/kW-month", (0.0, 40.0), (0.2, 25.0), PER_KW_MONTH),
    Charge(
        "transmission",
        "transmission_usd_per_kw_year",
        "USD/kW-year",
        (6.0, 300.0),
        (10.0, 200.0),
        (("USD/kW-month", 12.0), ("USD/MW-year", 1 / 1_000), ("USD/MW-month", 12 / 1_000)),
    ),
    Charge(
        "capacity",
        "capacity_usd_per_mw_day",
        "USD/MW-day",
        (1.0, 1_500.0),
        (20.0, 800.0),
        (("USD/kW-day", 1_000.0), ("USD/MW-year", 1 / 365), ("USD/MW-month", 12 / 365)),
    ),
    Charge(
        "demand_response",
        "demand_response_usd_per_mw_year",
        "USD/MW-year",
        (1_000.0, 1_000_000.0),
        (5_000.0, 300_000.0),
        (("USD/kW-year", 1_000.0), ("USD/kW-month", 12_000.0), ("USD/MWh", 8_760.0)),
    ),
)
"""Levels of 2024 to 2026: demand charges up to $20/kW-month, transmission $50 to $150/kW-year, PJM capacity $270 to
$530/MW-day, demand response $66,000 (Riot, 2024) to $205,000/MW-year (2023)."""


def power_unit_findings(plan: Plan) -> Iterator[Finding]:
    """Every number of the plan's contracts and index prices that looks like another unit."""
    sites = {site.id: site for site in plan.sites}
    for contract in plan.power_contracts:
        path = f"power_contracts.{contract.id}"
        own = {field.name for field in applicable_fields(contract)}
        if "energy_price_usd_per_mwh" in own:
            yield from _energy_price(contract.energy_price_usd_per_mwh, f"{path}.energy_price_usd_per_mwh")
        for charge in CHARGES:
            if charge.field in own:
                yield from _charge(charge, getattr(contract, charge.field), f"{path}.{charge.field}")
        for name in ("contracted_mw", "block_mw"):
            if name in own and contract.site_id in sites:
                yield from _megawatts(getattr(contract, name), sites[contract.site_id], f"{path}.{name}")
        if "forward_index_usd_per_mwh" in own:
            yield from _forward(contract, plan)
    for period in plan.tou_periods:
        yield from _energy_price(period.energy_price_usd_per_mwh, f"tou_periods.{period.id}.energy_price_usd_per_mwh")
    for series in plan.price_series:
        yield from _index(series, plan)


def _energy_price(typed: float | Schedule | None, path: str) -> Iterator[Finding]:
    price = first_value(typed)
    if price is None or not (0 < price < PLAUSIBLE_ENERGY[0] or price > PLAUSIBLE_ENERGY[1]):
        return
    if price > PLAUSIBLE_ENERGY[1]:
        yield guard(
            "energy_price_high",
            path,
            Sentence(
                "{typed} is far above any power contract that miners report (about {low} to {high}).",
                typed=Amount(price, PRICE),
                **REPORTED_ENERGY,
            ),
            *(
                scaled(typed, path, factor, Amount(price * factor, PRICE))
                for factor in (0.1, 0.01, 0.001)
                if PLAUSIBLE_ENERGY[0] <= price * factor <= PLAUSIBLE_ENERGY[1] / 4
            ),
        )
        return
    factor, unit = (1_000.0, "USD/kWh") if price < 1.0 else (10.0, "c/kWh")
    meant = Amount(price * factor, PRICE)
    yield guard(
        "energy_price_per_kwh",
        path,
        Sentence(
            "{typed} is below any power contract that miners report (about {low} to {high}); {other} would be {meant}.",
            typed=Amount(price, PRICE, ".6g"),
            other=Amount(price, unit, ".6g"),
            meant=meant,
            **REPORTED_ENERGY,
        ),
        scaled(typed, path, factor, meant),
    )


def _charge(charge: Charge, typed: float, path: str) -> Iterator[Finding]:
    low, high = charge.possible
    if typed <= 0 or low <= typed <= high:
        return
    readings = [
        (unit, Amount(typed * factor, charge.unit, ",.4g"), factor)
        for unit, factor in charge.others
        if charge.likely[0] <= typed * factor <= charge.likely[1]
    ]
    if not readings:
        return
    unit, meant, _ = readings[0]
    yield guard(
        charge.code,
        path,
        Sentence(
            "{typed} is {far} what contracts of this kind charge or pay ({low} to {high}); {other} would be {meant}.",
            typed=Amount(typed, charge.unit),
            far="far below" if typed < low else "far above",
            low=Amount(charge.likely[0], charge.unit),
            high=Amount(charge.likely[1], charge.unit),
            other=Amount(typed, unit),
            meant=meant,
        ),
        *(
            scaled(typed, path, factor, amount, Sentence(" (read as {other})", other=Amount(typed, other)))
            for other, amount, factor in readings
        ),
    )


def _megawatts(typed: float | None, site: Site, path: str) -> Iterator[Finding]:
    # 140 for 100 MW is a large contract, not kilowatts.
    if typed is None or typed < 20 * site.capacity_mw or not 0 < typed / 1_000 <= site.capacity_mw:
        return
    meant = Amount(typed / 1_000, "MW")
    yield guard(
        "kw_for_mw",
        path,
        Sentence(
            "{typed} is far more than {site} can draw ({limit}); as kW it is {meant}.",
            typed=Amount(typed, "MW"),
            site=site.name,
            limit=Amount(site.capacity_mw, "MW"),
            meant=meant,
        ),
        scaled(typed, path, 1e-3, meant),
    )


def _per_kwh(mean: float) -> tuple[float, str] | None:
    """By what a mean index price is to be multiplied if it is one per kWh, and in which unit it is then."""
    if not 0 < mean < LOWEST_INDEX:
        return None
    factor, unit = (1_000.0, "USD/kWh") if mean < 1.0 else (10.0, "c/kWh")
    return (factor, unit) if LIKELY_INDEX[0] <= mean * factor <= LIKELY_INDEX[1] else None


def _forward(contract: PowerContract, plan: Plan) -> Iterator[Finding]:
    typed = contract.forward_index_usd_per_mwh
    level = first_value(typed)
    found = None if level is None else _per_kwh(level)
    if level is None or found is None:
        return
    series = next((s for s in plan.price_series if s.id == contract.price_series_id), None)
    prices = None if series is None else prices_of(series, plan.price_steps)
    if prices is not None and level / 3 <= prices.mean <= level * 3:
        return  # the imported prices are as low
    factor, unit = found
    path = f"power_contracts.{contract.id}.forward_index_usd_per_mwh"
    meant = Amount(level * factor, PRICE)
    yield guard(
        "forward_per_kwh",
        path,
        Sentence(
            "A forward level of {typed} is below what any hub has averaged over a year; {other} would be {meant}.",
            typed=Amount(level, PRICE),
            other=Amount(level, unit),
            meant=meant,
        ),
        scaled(typed, path, factor, meant),
    )


def _index(series: PriceSeries, plan: Plan) -> Iterator[Finding]:
    prices = prices_of(series, plan.price_steps)
    found = None if prices is None else _per_kwh(prices.mean)
    if prices is None or found is None:
        return
    factor, unit = found
    meant = Amount(prices.mean * factor, PRICE, ",.4g")
    hours = series.hourly_usd_per_mwh
    changes: tuple[tuple[str, float | HourlyValues], ...]
    if prices.weights is None and hours is not None:
        path = f"price_series.{series.id}.hourly_usd_per_mwh"
        changes = ((path, HourlyValues(hours.first_hour_utc, hours.values * factor)),)
    else:
        path = f"price_series.{series.id}"
        steps = [s for s in plan.price_steps if s.series_id == series.id]
        changes = tuple((f"price_steps.{s.id}.price_usd_per_mwh", s.price_usd_per_mwh * factor) for s in steps)
    yield guard(
        "index_per_kwh",
        path,
        Sentence(
            "The prices of {series} average {mean}, less than any hub has over a year; {other} would be {meant}.",
            series=series.name,
            mean=Amount(prices.mean, PRICE, ",.4g"),
            other=Amount(prices.mean, unit, ",.4g"),
            meant=meant,
        ),
        Repair(
            Sentence("Read them in {unit}: {meant} on average", unit=unit.replace("USD", "$"), meant=meant), changes
        ),
    )
