"""One month of the power bill hour by hour: the index, what the next MWh costs, and whether machines run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import mining
from models.curves import Array
from models.hours import local_hours
from models.inputs import Inputs, gather
from models.plan import Plan, PriceSeries
from models.power.dispatch import lot_energy
from models.power.parts import SOLD_BACK, Part, period_of_hours
from models.power.shapes import Rows
from models.power.supply import index_scale, supply
from models.records.power import TIME_OF_USE
from models.records.series import HOURLY

Clock = np.ndarray[Any, np.dtype[np.datetime64]]
_NEARLY_ALL = 0.9
"""Of the shortest month's hours: a year whose month is more incomplete is passed over for an earlier one."""


@dataclass(frozen=True, eq=False)
class HourlyMonth:
    """One month hour by hour: what a lot's MW pays for its next MWh, and whether it runs.

    Attributes
    ----------
    local
        The local clock, shape (H,).
    index_usd_per_mwh
        The site's index as the plan scales it, basis included; NaN where no contract follows one, shape (H,).
    marginal_usd_per_mwh
        What the next MWh costs, of all parts that the lot buys from in proportion, shape (H,) [USD/MWh].
    running
        Share of the MW that runs if nothing is out of order, shape (H,).
    cost_usd
        What the running costs (and sold energy brings, as negative) in the hour, shape (H,) [USD/MW].
    strike_usd_per_mwh
        What a MWh earns: the lot stops above it.
    source_month
        The month of the imported prices that stands for the plan's month, ``YYYY-MM``; empty without hourly prices.
    source_count
        Months of that name in the imported prices. The bill counts them all; the hours here are those of the latest.
    """

    local: Clock
    index_usd_per_mwh: Array
    marginal_usd_per_mwh: Array
    running: Array
    cost_usd: Array
    strike_usd_per_mwh: float
    source_month: str
    source_count: int


def hourly_month(plan: Plan, lot_id: str, month: int) -> HourlyMonth:
    """A plan's month hour by hour, on the latest imported prices of that calendar month.

    Restart costs are counted in the bill and not shown here: hours are decided one by one.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    lot_id
        Whose.
    month
        0 … N−1.
    """
    inputs = gather(plan)
    row = inputs.rows["asic_lots"][lot_id]
    site = int(inputs.lot_site[row])
    energy = supply(inputs)
    earned = np.broadcast_to(mining.revenue_per_mwh(inputs), (len(plan.asic_lots), len(inputs.dates.index)))
    strike = float(earned[row, month])
    local, source, count = _clock(plan, inputs, site, month)
    hours = len(local)
    index = np.full(hours, np.nan)
    marginal, running, cost = np.zeros(hours), np.zeros(hours), np.zeros(hours)
    stops = inputs.economic_shutdown
    if site not in inputs.power.purchase:
        price = float(energy.pool_price[site, month])
        runs = float(not (stops and strike < price))
        return HourlyMonth(
            local, index, np.full(hours, price), np.full(hours, runs), np.full(hours, price * runs), strike, "", 0
        )
    lots, rows = lot_energy(inputs, energy, site)
    lot = lots.only(np.nonzero(rows == row)[0], np.array([month]))
    pool = float(lot.pool_share[0, 0])
    if pool > 0:
        price = float(lot.pool_price[0])
        runs = float(not (stops and strike < price))
        marginal += pool * price
        running += pool * runs
        cost += pool * price * runs
    paid_anyhow = [each for t, each in zip(energy.tariffs, energy.paid_anyhow, strict=True) if t.part.site == site]
    for tariff, share, each_paid in zip(lot.tariffs, lot.shares, paid_anyhow, strict=True):
        part, bought = tariff.part, float(share[0, 0])
        if part.weight[month] <= 0:
            continue
        paid = np.full(hours, float(each_paid[month]) / inputs.dates.hours[month])
        inside = _inside_period(plan, part.contract, part.period, local)
        if tariff.scale is not None:
            prices = _prices_at(plan, part, int(inputs.power.month_of_year[month]), local)
            basis = float(inputs.numbers["power_contracts.index_basis_usd_per_mwh"][part.contract, 0])
            index = _in_month(index_scale(inputs, part), inputs, month) * prices + basis
            each = float(tariff.scale[0]) * prices + float(tariff.shift[0])
            runs_now = ~(strike < each) if stops else np.ones(hours, dtype=bool)
            share_now, cost_now = runs_now.astype(float), np.where(runs_now, each, 0.0)
            if part.rule == SOLD_BACK:
                # What the hour's own energy fetches, instead of the month's mean.
                mean = _in_month(index_scale(inputs, part), inputs, month) * _month_mean(part, inputs, month)
                paid = paid + mean - (index - basis)
        else:
            one = lot.part(tariff, np.array([[strike]]), stops)
            beyond = 0.0 if tariff.beyond_take is None else float(tariff.beyond_take[0])
            each = np.full(hours, float(tariff.shift[0]) + beyond)
            share_now, cost_now = np.full(hours, one.share[0, 0]), np.full(hours, one.cost[0, 0])
        whole = bought / part.hours_share[month] if part.hours_share[month] > 0 else 0.0
        marginal += np.where(inside, whole * each, 0.0)
        running += np.where(inside, whole * share_now, 0.0)
        cost += np.where(inside, whole * cost_now + part.weight[month] * paid, 0.0)
    return HourlyMonth(local, index, marginal, running, cost, strike, source, count)


def _month_mean(part: Part, inputs: Inputs, month: int) -> float:
    return math.nan if part.prices is None else float(part.prices.month_means[inputs.power.month_of_year[month]])


def _in_month(values: Array, inputs: Inputs, month: int) -> float:
    return float(np.broadcast_to(values, (len(inputs.dates.index),))[month])


def _inside_period(plan: Plan, contract: int, period: int, local: Clock) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    own = [(i, p) for i, p in enumerate(plan.tou_periods) if p.contract_id == plan.power_contracts[contract].id]
    if not own or plan.power_contracts[contract].kind != TIME_OF_USE:
        return np.ones(len(local), dtype=bool)
    owner = period_of_hours(tuple(p for _, p in own), local.astype("datetime64[h]"))
    wanted = next((k for k, (i, _) in enumerate(own) if i == period), -1)
    return np.asarray(owner == wanted)


def _series(plan: Plan, part: Part) -> PriceSeries | None:
    wanted = plan.power_contracts[part.contract].price_series_id
    return next((s for s in plan.price_series if s.id == wanted), None)


def _clock(plan: Plan, inputs: Inputs, site: int, month: int) -> tuple[Clock, str, int]:
    """The local hours that stand for a plan's month, which month they are, and of how many of that name.

    Of the heaviest part with prices.
    """
    of_year = int(inputs.power.month_of_year[month])
    for part in sorted(inputs.power.of_site(site), key=lambda p: -p.weight[month]):
        series = _series(plan, part)
        if part.weight[month] > 0 and part.prices is not None and series is not None and series.kind == HOURLY:
            rows, count = _latest_month(series, of_year)
            if rows.size:
                local = _local(series)[rows]
                return local, str(local[0].astype("datetime64[M]")), count
    return _calendar_hours(inputs, month), "", 0


def _local(series: PriceSeries) -> Clock:
    assert series.hourly_usd_per_mwh is not None
    return local_hours(series.hourly_usd_per_mwh, series.time_zone)


def _latest_month(series: PriceSeries, of_year: int) -> tuple[Rows, int]:
    """Rows of the known hours of a calendar month, of the last year that has nearly all of them; and of how many."""
    assert series.hourly_usd_per_mwh is not None
    months = _local(series).astype("datetime64[M]")
    known = np.isfinite(series.hourly_usd_per_mwh.values) & (months.astype(int) % 12 == of_year)
    candidates, counts = np.unique(months[known], return_counts=True)
    if not candidates.size:
        return np.empty(0, dtype=np.intp), 0
    whole = np.nonzero(counts >= _NEARLY_ALL * 24 * 28)[0]
    chosen = candidates[whole[-1]] if whole.size else candidates[np.argmax(counts)]
    return np.nonzero(known & (months == chosen))[0], len(candidates)


def _prices_at(plan: Plan, part: Part, of_year: int, local: Clock) -> Array:
    """A part's index as imported, at each of the hours on show; NaN where it has none."""
    series = _series(plan, part)
    if part.prices is None or series is None:
        return np.full(len(local), np.nan)
    if series.kind == HOURLY and of_year not in part.prices.stands_in:
        rows, _ = _latest_month(series, of_year)
        assert series.hourly_usd_per_mwh is not None
        own, prices = _local(series)[rows], series.hourly_usd_per_mwh.values[rows]
        if len(own) == len(local) and (own == local).all():
            return prices
        # Another series than the one whose clock is shown: by day of the month and hour of the day.
        at = dict(zip(_day_and_hour(own), prices.tolist(), strict=True))
        mean = float(prices.mean())
        return np.array([at.get(key, mean) for key in _day_and_hour(local)])
    # Nothing says which hour has which price: dearest last.
    prices = np.concatenate(part.prices.months[of_year])
    order = np.argsort(prices)
    weights = np.full(len(prices), 1.0) if part.prices.weights is None else part.prices.weights
    edges = np.cumsum(weights[order]) / weights.sum()
    ranks = np.searchsorted(edges, (np.arange(len(local)) + 0.5) / len(local))
    return np.asarray(prices[order][np.minimum(ranks, len(edges) - 1)])


def _day_and_hour(local: Clock) -> list[int]:
    since = local.astype("datetime64[h]") - local.astype("datetime64[M]").astype("datetime64[h]")
    return [int(k) for k in since.astype(int)]


def _calendar_hours(inputs: Inputs, month: int) -> Clock:
    first = np.datetime64(inputs.dates.months[month], "M")
    return np.arange(first.astype("datetime64[h]"), (first + 1).astype("datetime64[h]"), dtype="datetime64[h]")
