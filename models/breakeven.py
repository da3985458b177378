"""Break-even curves and the frontier: where mining and an AI offer are worth the same, over two inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models import drivers, mining
from models.curves import Array, calendar
from models.drivers import BTC_PRICE, HASHPRICE
from models.evaluate import cash_flows, discounted, figure_on, lot_response, operating_year
from models.inputs import Inputs, can_vary, gather, vary
from models.market import spot_hashprice_btc
from models.plan import LEASE, Plan
from models.results import Results

FIELD_POINTS = 48
"""Side of the grid when both inputs move the same use and no shortcut is exact."""
_POLISH_STEPS = 8
Rows = np.ndarray[Any, np.dtype[np.intp]]


@dataclass(frozen=True)
class Frontier:
    """The value of an offer over a lot of machines, across two inputs.

    Attributes
    ----------
    x_path, y_path, basis
        Which inputs, and on which basis (``revenue``, ``margin``, ``npv``).
    xs, ys
        Values on the axes, shape (nx,) and (ny,), in the inputs' units.
    difference
        Offer less mining per utility MW, shape (nx, ny) [USD/MW] or [USD/MW-year]; NaN where unknown.
    line_x, line_y
        The indifference line as points, NaN between separate pieces; on it the difference is zero, exactly.
    point_x, point_y
        Where the plan stands today.
    offer_wins
        Whether the offer is worth more there; None where that cannot be said.
    line_y_here
        The line's nearest y at today's x; NaN where it does not cross.
    """

    x_path: str
    y_path: str
    basis: str
    xs: Array
    ys: Array
    difference: Array
    line_x: Array
    line_y: Array
    point_x: float
    point_y: float
    offer_wins: bool | None
    line_y_here: float


def pair_plan(plan: Plan, asic_id: str, offer_id: str) -> Plan:
    """The plan with one lot and one offer, so that sweeps price nothing else."""
    lots = tuple(a for a in plan.asic_lots if a.id == asic_id)
    offers = tuple(o for o in plan.ai_offers if o.id == offer_id)
    used = {r.site_id for r in lots} | {r.site_id for r in offers}
    return replace(
        plan,
        sites=tuple(s for s in plan.sites if s.id in used),
        power_contracts=tuple(c for c in plan.power_contracts if c.site_id in used),
        asic_lots=lots,
        ai_offers=offers,
        splits=(),
        evidence=(),
        levers=(),
        scenarios=(),
    )


def _moved(plan: Plan, inputs: Inputs, path: str, values: Array) -> Inputs | None:
    """The inputs at many values of a driver; None where only whole plans can be made for it."""
    if path == HASHPRICE:
        per_btc = spot_hashprice_btc(plan.market, inputs.dates)
        return vary(inputs, BTC_PRICE, values / per_btc) if per_btc > 0 else None
    return vary(inputs, path, values) if can_vary(path) else None


def _values_of_pair(plan: Plan, inputs: Inputs, basis: str) -> tuple[Array, Array]:
    """The lot's and the offer's figure on a basis, shape (...) each; the plan holds one of each."""
    lots, leases, gpus, _ = cash_flows(inputs)
    lease = plan.ai_offers[0].kind == LEASE
    offer = leases if lease else gpus
    index = inputs.dates.index
    if basis == "npv":
        n = inputs.numbers
        kind = "lease" if lease else "gpu_cloud"
        mined = discounted(lots, n["assumptions.mining_discount_rate_fraction"])[..., 0]
        offered = discounted(offer, n[f"assumptions.{kind}_discount_rate_fraction"])[..., 0]
        resale = (n["asic_lots.resale_value_usd_per_unit"] * mining.units_per_mw(inputs))[..., 0, 0]
        return mined, offered + resale
    lot_year = operating_year(np.zeros((1, 1)), index)
    offer_year = operating_year(inputs.first_rent, index)
    if basis == "margin":
        return (lots.margin * lot_year).sum(axis=-1)[..., 0], (offer.margin * offer_year).sum(axis=-1)[..., 0]
    return (lots.revenue * lot_year).sum(axis=-1)[..., 0], (offer.revenue * offer_year).sum(axis=-1)[..., 0]


def _pair_by_plans(plan: Plan, path: str, values: Array, basis: str) -> tuple[Array, Array]:
    """The same for a driver that has no array form (block height, horizon): one plan per value."""
    mined, offered = np.empty(len(values)), np.empty(len(values))
    for i, value in enumerate(values):
        moved = drivers.with_value(plan, path, float(value))
        one, other = _values_of_pair(moved, gather(moved), basis)
        mined[i], offered[i] = float(one), float(other)
    return mined, offered


def _along(plan: Plan, inputs: Inputs, path: str, values: Array, basis: str) -> tuple[Array, Array]:
    """Both figures along one driver, shape (len(values),) each."""
    moved = _moved(plan, inputs, path, values)
    if moved is None:
        return _pair_by_plans(plan, path, values, basis)
    mined, offered = _values_of_pair(plan, moved, basis)
    return np.broadcast_to(mined, values.shape), np.broadcast_to(offered, values.shape)


def frontier(
    plan: Plan, asic_id: str, offer_id: str, x_path: str, y_path: str, xs: Array, ys: Array, basis: str = "npv"
) -> Frontier:
    """The indifference line of a lot and an offer over two drivers, and the value on both sides of it.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    asic_id, offer_id
        The pair.
    x_path, y_path
        Paths of drivers, not the same.
    xs, ys
        Ascending values of both, shape (nx,) and (ny,). Where both move the same use the grid may come back coarser.
    basis
        ``revenue``, ``margin`` or ``npv``.

    Raises
    ------
    KeyError
        Where lot, offer or a path is not in the plan.
    """
    pair = pair_plan(plan, asic_id, offer_id)
    if not pair.asic_lots or not pair.ai_offers:
        raise KeyError(asic_id if not pair.asic_lots else offer_id)
    inputs = gather(pair)
    base_mined, base_offered = (float(v) for v in _values_of_pair(pair, inputs, basis))
    y_axis = ys
    x_mined, x_offered = _along(pair, inputs, x_path, xs, basis)
    y_mined, y_offered = _along(pair, inputs, y_path, ys, basis)
    # An input that moves neither figure along its own axis cannot move it in the grid either; so each use that
    # follows only one of the two inputs is known everywhere from that one line.
    mined = _outer(x_mined, y_mined, base_mined)
    offered = _outer(x_offered, y_offered, base_offered)
    if mined is None or offered is None:
        xs, ys = _coarser(xs), _coarser(ys)
        grid_mined, grid_offered = _grid(pair, inputs, x_path, y_path, xs, ys, basis)
        difference = grid_offered - grid_mined
    else:
        difference = np.asarray(offered - mined)
    point_x = drivers.value_of(plan, x_path)
    point_y = drivers.value_of(plan, y_path)
    line_x, line_y = _zero_line(pair, inputs, x_path, y_path, xs, ys, difference, basis)
    here = base_offered - base_mined
    return Frontier(
        x_path=x_path,
        y_path=y_path,
        basis=basis,
        xs=xs,
        ys=ys,
        difference=difference,
        line_x=line_x,
        line_y=line_y,
        point_x=math.nan if point_x is None else point_x,
        point_y=math.nan if point_y is None else point_y,
        offer_wins=None if math.isnan(here) else here > 0,
        line_y_here=_crossing_here(pair, inputs, x_path, y_path, point_x, point_y, y_axis, y_offered - y_mined, basis),
    )


def _coarser(values: Array) -> Array:
    return values if len(values) <= FIELD_POINTS else np.linspace(values[0], values[-1], FIELD_POINTS)


def _outer(along_x: Array, along_y: Array, base: float) -> Array | None:
    """A figure over the grid where it follows at most one of the inputs; None where it follows both."""
    follows_x = bool((along_x != along_x[0]).any())
    follows_y = bool((along_y != along_y[0]).any())
    if follows_x and follows_y:
        return None
    if follows_x:
        return along_x[:, None]
    if follows_y:
        return along_y[None, :]
    return np.full((1, 1), base)


def _grid(
    plan: Plan, inputs: Inputs, x_path: str, y_path: str, xs: Array, ys: Array, basis: str
) -> tuple[Array, Array]:
    """Both figures at every grid point, shape (nx, ny) each."""
    moved = _moved(plan, inputs, x_path, xs[:, None])
    both = None if moved is None else _moved(plan, moved, y_path, ys[None, :])
    if both is not None:
        mined, offered = _values_of_pair(plan, both, basis)
        shape = (len(xs), len(ys))
        return np.broadcast_to(mined, shape), np.broadcast_to(offered, shape)
    mined, offered = np.empty((len(xs), len(ys))), np.empty((len(xs), len(ys)))
    for i, x in enumerate(xs):
        column = drivers.with_value(plan, x_path, float(x))
        mined[i], offered[i] = _along(column, gather(column), y_path, ys, basis)
    return mined, offered


def _difference_at(
    plan: Plan, inputs: Inputs, x_path: str, y_path: str, x: Array, y: Array, basis: str
) -> Array | None:
    """Offer less mining at single points (x, y), shape as x; None where the drivers have no array form."""
    moved = _moved(plan, inputs, x_path, x)
    both = None if moved is None else _moved(plan, moved, y_path, y)
    if both is None:
        return None
    mined, offered = _values_of_pair(plan, both, basis)
    return np.broadcast_to(offered - mined, x.shape)


def _zero_line(
    plan: Plan, inputs: Inputs, x_path: str, y_path: str, xs: Array, ys: Array, difference: Array, basis: str
) -> tuple[Array, Array]:
    """The points of every column at which the difference changes sign, polished to the exact crossing."""
    nx, ny = len(xs), len(ys)
    full = np.broadcast_to(difference, (nx, ny))
    below, above = full[:, :-1], full[:, 1:]
    with np.errstate(invalid="ignore"):
        changes = (below * above < 0) | ((below == 0) & (above != 0))
    columns, rows = np.nonzero(changes)
    if not columns.size:
        return np.empty(0), np.empty(0)
    low_y, high_y = ys[rows], ys[rows + 1]
    low, high = below[columns, rows], above[columns, rows]
    x = xs[columns]
    y = low_y - low * (high_y - low_y) / (high - low)
    for _ in range(_POLISH_STEPS):
        value = _difference_at(plan, inputs, x_path, y_path, x, y, basis)
        if value is None or np.all(np.abs(value) <= 1e-9 * (np.abs(low) + np.abs(high))):
            break
        # Illinois: when one end stays, its value is halved, so that the other end comes in as well.
        same = (value > 0) == (low > 0)
        low, high = np.where(same, value, low / 2.0), np.where(same, high / 2.0, value)
        low_y, high_y = np.where(same, y, low_y), np.where(same, high_y, y)
        y = low_y - low * (high_y - low_y) / np.where(high == low, 1.0, high - low)
    return _joined(x, y, columns)


def _joined(x: Array, y: Array, columns: Rows) -> tuple[Array, Array]:
    """Points of neighbouring columns as lines, NaN between pieces; a column may hold several points."""
    if len(columns) == len(np.unique(columns)):
        gaps = np.nonzero(np.diff(columns) > 1)[0] + 1
        return np.insert(x, gaps, np.nan), np.insert(y, gaps, np.nan)
    # The k-th crossing of a column belongs to the k-th branch, counted from below.
    rank = np.zeros(len(columns), dtype=int)
    for i in range(1, len(columns)):
        rank[i] = rank[i - 1] + 1 if columns[i] == columns[i - 1] else 0
    pieces_x, pieces_y = [], []
    for branch in range(int(rank.max()) + 1):
        chosen = rank == branch
        one_x, one_y = _joined(x[chosen], y[chosen], columns[chosen])
        pieces_x += [one_x, np.array([np.nan])]
        pieces_y += [one_y, np.array([np.nan])]
    return np.concatenate(pieces_x[:-1]), np.concatenate(pieces_y[:-1])


def _crossing_here(
    plan: Plan,
    inputs: Inputs,
    x_path: str,
    y_path: str,
    point_x: float | None,
    point_y: float | None,
    ys: Array,
    difference: Array,
    basis: str,
) -> float:
    """Where the line stands at today's x: the root nearest to today's y within the axis; NaN without one."""
    if point_x is None or point_y is None:
        return math.nan
    _, found = _zero_line(plan, inputs, x_path, y_path, np.array([point_x]), ys, difference[None, :], basis)
    found = found[np.isfinite(found)]
    return float(found[np.argmin(np.abs(found - point_y))]) if found.size else math.nan


@dataclass(frozen=True)
class PriceCurves:
    """Yearly figures of every use against the BTC price.

    Attributes
    ----------
    btc_price_usd
        Shape (K,) [USD].
    hashprice_usd_per_ph_day
        At today's difficulty, shape (K,).
    figure
        By use id, shape (K,) [USD/MW-year].
    """

    btc_price_usd: Array
    hashprice_usd_per_ph_day: Array
    figure: dict[str, Array]


def price_curves(plan: Plan, results: Results, btc_price_usd: Array, basis: str = "margin") -> PriceCurves:
    """Revenue or margin per MW-year of every lot and offer against the BTC price, whole path moved in proportion.

    Parameters
    ----------
    plan, results
        A plan and its evaluation.
    btc_price_usd
        First-month prices, shape (K,) [USD].
    basis
        ``revenue`` or ``margin`` of the first twelve operating months; ``npv`` for the present value per MW.
    """
    inputs = gather(plan)
    spot = drivers.value_of(plan, BTC_PRICE) or math.nan
    figure: dict[str, Array] = {}
    if plan.asic_lots:
        revenue = mining.full_revenue(inputs)
        power = mining.full_energy_cost(inputs, mining.energy_price(inputs))
        for i, lot in enumerate(plan.asic_lots):
            response = lot_response(plan, results.by_id[lot.id], revenue[i], power[i], basis)
            figure[lot.id] = response.value(btc_price_usd / spot)
    for offer in plan.ai_offers:
        figure[offer.id] = np.full(len(btc_price_usd), figure_on(results.by_id[offer.id], basis))
    per_btc = spot_hashprice_btc(plan.market, calendar(plan.plan.start, plan.plan.horizon_months))
    return PriceCurves(btc_price_usd, btc_price_usd * per_btc, figure)


def break_even_energy_price(plan: Plan, hashprice_usd_per_ph_day: Array) -> dict[str, Array]:
    """The power price at which each lot earns nothing, against hashprice; by lot id, shape (K,) [USD/MWh].

    1000·HP·(1−f)/(24·e·PUE).
    """
    inputs = gather(plan)
    per_hashprice = mining.ph_per_mw(inputs) * (1.0 - inputs.numbers["asic_lots.pool_fee_fraction"]) / 24.0
    return {lot.id: per_hashprice[i, 0] * hashprice_usd_per_ph_day for i, lot in enumerate(plan.asic_lots)}
