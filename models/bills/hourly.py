"""One month of the power bill hour by hour: the index, what the next MWh costs, and whether machines run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import mining
from models.curves import Array
from models.hours import local_hours
from models.inputs import Inputs, gather
from models.plan import Plan
from models.power.dispatch import lot_energy
from models.power.parts import period_of_hours
from models.power.shapes import prices_of
from models.power.supply import Supply, Tariff, index_scale, supply
from models.records.power import TIME_OF_USE
from models.records.series import HOURLY


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
    """

    local: np.ndarray[tuple[int], np.dtype[np.datetime64]]
    index_usd_per_mwh: Array
    marginal_usd_per_mwh: Array
    running: Array
    cost_usd: Array
    strike_usd_per_mwh: float
    source_month: str


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
    local, prices, source = _hours(plan, inputs, site, month)
    hours = len(local)
    index = np.full(hours, np.nan)
    marginal, running, cost = np.zeros(hours), np.zeros(hours), np.zeros(hours)
    stops = inputs.economic_shutdown
    if site not in inputs.power.purchase:
        price = float(energy.pool_price[site, month])
        runs = float(not (stops and strike < price))
        return HourlyMonth(
            local, index, np.full(hours, price), np.full(hours, runs), np.full(hours, price * runs), strike, ""
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
    for tariff, share in zip(lot.tariffs, lot.shares, strict=True):
        bought = float(share[0, 0])
        part = tariff.part
        paid = (
            float(np.broadcast_to(energy_paid(energy, tariff), (len(inputs.dates.index),))[month])
            / inputs.dates.hours[month]
        )
        inside = _inside_period(plan, part.contract, part.period, local)
        if tariff.scale is not None and part.prices is not None:
            level = float(tariff.scale[0]) * prices
            scaled = _in_month(index_scale(inputs, part), inputs, month) * prices
            basis = float(inputs.numbers["power_contracts.index_basis_usd_per_mwh"][part.contract, 0])
            index = scaled + basis
            each = level + float(tariff.shift[0])
        elif tariff.scale is not None:
            each = np.full(hours, np.nan)  # an index without prices
        else:
            each = np.full(hours, float(tariff.shift[0]))
            if tariff.beyond_take is not None:
                each += float(tariff.beyond_take[0])
        whole = bought / part.hours_share[month] if part.hours_share[month] > 0 else 0.0
        runs_now = ~(strike < each) if stops else np.ones(hours, dtype=bool)
        marginal += np.where(inside, whole * each, 0.0)
        running += np.where(inside, whole * runs_now, 0.0)
        cost += np.where(inside, whole * each * runs_now + part.weight[month] * paid, 0.0)
    return HourlyMonth(local, index, marginal, running, cost, strike, source)


def _in_month(values: Array, inputs: Inputs, month: int) -> float:
    return float(np.broadcast_to(values, (len(inputs.dates.index),))[month])


def energy_paid(energy: Supply, tariff: Tariff) -> Array:
    """What a part's MW pays anyhow in every month of the plan [USD/MW]."""
    return next(t.paid_anyhow for t in energy.tariffs if t.part is tariff.part)


def _inside_period(
    plan: Plan, contract: int, period: int, local: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    own = [(i, p) for i, p in enumerate(plan.tou_periods) if p.contract_id == plan.power_contracts[contract].id]
    if not own or plan.power_contracts[contract].kind != TIME_OF_USE:
        return np.ones(len(local), dtype=bool)
    owner = period_of_hours(tuple(p for _, p in own), local.astype("datetime64[h]"))
    wanted = next((k for k, (i, _) in enumerate(own) if i == period), -1)
    return np.asarray(owner == wanted)


def _hours(
    plan: Plan, inputs: Inputs, site: int, month: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.datetime64]], Array, str]:
    """The local hours that stand for a plan's month, their imported prices, and which month they are."""
    of_year = int(inputs.power.month_of_year[month])
    series = {s.id: s for s in plan.price_series}
    for part in inputs.power.of_site(site):
        chosen = series.get(plan.power_contracts[part.contract].price_series_id or "")
        if part.prices is None or chosen is None:
            continue
        if chosen.kind == HOURLY and chosen.hourly_usd_per_mwh is not None and of_year not in part.prices.stands_in:
            local = local_hours(chosen.hourly_usd_per_mwh, chosen.time_zone)
            months = local.astype("datetime64[M]")
            known = np.isfinite(chosen.hourly_usd_per_mwh.values) & (months.astype(int) % 12 == of_year)
            last = months[known].max()
            rows = np.nonzero(known & (months == last))[0]
            return local[rows], chosen.hourly_usd_per_mwh.values[rows], str(last)
        found = prices_of(chosen, plan.price_steps)
        if found is not None and found.weights is not None:
            local = _calendar_hours(inputs, month)
            edges = np.cumsum(found.weights[np.argsort(found.months[0][0])])
            ranks = np.searchsorted(edges, (np.arange(len(local)) + 0.5) / len(local))
            return local, np.sort(found.months[0][0])[np.minimum(ranks, len(edges) - 1)], ""
    local = _calendar_hours(inputs, month)
    return local, np.full(len(local), np.nan), ""


def _calendar_hours(inputs: Inputs, month: int) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    first = np.datetime64(inputs.dates.months[month], "M")
    return np.arange(first.astype("datetime64[h]"), (first + 1).astype("datetime64[h]"), dtype="datetime64[h]")
