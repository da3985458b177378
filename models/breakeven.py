"""Break-even curves and the frontier: where mining and an AI offer are worth the same, over two inputs."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from models import drivers
from models.curves import Array, calendar
from models.evaluate import unknown_is_nan
from models.lot_pricing import figure_on, lot_pricing
from models.market import spot_hashprice_btc
from models.pair import Pair, pair_plan
from models.plan import Plan, priced_tables
from models.results import Results

FIELD_POINTS = 48
"""Side of the grid when both inputs move the same use and no shortcut is exact."""
_POLISH_STEPS = 24
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
    find_line_here
        Finds `line_y_here`.
    surface_key
        Equal for two frontiers only where surface and line are the same.
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
    find_line_here: Callable[[], float] = field(compare=False, repr=False)
    surface_key: tuple[object, ...] = field(compare=False, repr=False)

    @cached_property
    def is_known(self) -> bool:
        """Whether the difference is known anywhere."""
        return bool(np.isfinite(self.difference).any())

    @cached_property
    def line_y_here(self) -> float:
        """The line's nearest y at today's x; NaN where it does not cross. Sought when first asked for."""
        return self.find_line_here()


@unknown_is_nan
def frontier(
    plan: Plan,
    asic_id: str,
    offer_id: str,
    x_path: str,
    y_path: str,
    xs: Array,
    ys: Array,
    basis: str = "npv",
    results: Results | None = None,
    before: Frontier | None = None,
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
    results
        The plan's evaluation, where there is one already.
    before
        The frontier shown before this one. Where only inputs on the axes have moved since, or none of the pair, its
        surface and line are taken instead of being sought again.

    Raises
    ------
    KeyError
        Where lot, offer or a path is not in the plan.
    """
    part = pair_plan(plan, asic_id, offer_id)
    pair = Pair(part, basis, None if results is None else (plan, results))
    base_mined, base_offered = pair.figures
    here = base_offered - base_mined
    wins = None if math.isnan(here) else here > 0
    point_x, point_y = drivers.value_of(plan, x_path), drivers.value_of(plan, y_path)
    today_x, today_y = (math.nan if point is None else point for point in (point_x, point_y))
    line_here = unknown_is_nan(partial(_crossing_here, pair, y_path, point_y, ys))
    key = _surface_key(part, (x_path, y_path, basis), xs, ys)
    if before is not None and before.surface_key == key:
        return replace(before, point_x=today_x, point_y=today_y, offer_wins=wins, find_line_here=line_here)

    along_x, along_y = pair.along(x_path, xs), pair.along(y_path, ys)
    parts = None
    follows = [_follows(line) for line in (*along_x, *along_y)]
    if (follows[0] and follows[2]) or (follows[1] and follows[3]):
        xs, ys = _coarser(xs), _coarser(ys)
        mined, offered = pair.grid(x_path, y_path, xs, ys)

        def at(columns: Rows, y: Array) -> Array | None:
            return pair.difference_at(x_path, y_path, xs[columns], y)
    else:
        # Each figure follows at most one of the inputs, so two lines say everything about the grid.
        mined, offered = (
            y[None, :] if follows_y else x[:, None]
            for x, y, follows_y in zip(along_x, along_y, follows[2:], strict=True)
        )

        if follows[2] != follows[3]:
            level, along = (along_x[0], along_y[1]) if follows[3] else (along_x[1], along_y[0])
            parts = (level, along) if (np.diff(along) > 0).all() else None

        def at(columns: Rows, y: Array) -> Array | None:
            moved = pair.along(y_path, y)
            both = [m if f else x[columns] for m, f, x in zip(moved, follows[2:], along_x, strict=True)]
            return np.asarray(both[1] - both[0])

    difference = np.asarray(offered - mined)
    line_x, line_y = _zero_line(xs, ys, difference, at, parts)
    surface = np.broadcast_to(difference, (len(xs), len(ys)))
    return Frontier(x_path, y_path, basis, xs, ys, surface, line_x, line_y, today_x, today_y, wins, line_here, key)


def _surface_key(part: Plan, names: tuple[str, str, str], xs: Array, ys: Array) -> tuple[object, ...]:
    """What decides on a surface: the pair's plan but for the two inputs that are moved over it, and their values."""
    for path, values in ((names[0], xs), (names[1], ys)):
        part = drivers.with_value(part, path, float(values[0]))
    return (*names, xs.tobytes(), ys.tobytes(), *priced_tables(part))


def _follows(line: Array) -> bool:
    return bool((line != line[0]).any())


def _coarser(values: Array) -> Array:
    return values if len(values) <= FIELD_POINTS else np.linspace(values[0], values[-1], FIELD_POINTS)


def _zero_line(
    xs: Array,
    ys: Array,
    difference: Array,
    at: Callable[[Rows, Array], Array | None],
    parts: tuple[Array, Array] | None = None,
) -> tuple[Array, Array]:
    """The points of every column at which the difference changes sign, polished to the exact crossing.

    Parameters
    ----------
    xs, ys
        Shape (nx,), (ny,).
    difference
        Shape (nx, ny), or one that broadcasts to it.
    at
        The difference at one y per column, given columns and ys; None where only the grid is known.
    parts
        What the difference is between, where one figure has a level per column, shape (nx,), and the other rises with
        every step along y, shape (ny,).
    """
    full = np.broadcast_to(difference, (len(xs), len(ys)))
    columns, rows = _sign_changes(full) if parts is None else _crossed(*parts)
    if not columns.size:
        return np.empty(0), np.empty(0)
    low_y, high_y = ys[rows], ys[rows + 1]
    low, high = full[columns, rows], full[columns, rows + 1]
    x = xs[columns]
    y = low_y - low * (high_y - low_y) / (high - low)
    stayed = np.zeros(len(columns))
    for _ in range(_POLISH_STEPS):
        value = at(columns, y)
        if value is None or np.all(np.abs(value) <= 1e-9 * (np.abs(low) + np.abs(high))):
            break
        # Illinois: an end that stays for a second time has its value halved, so that it comes in as well.
        same = (value > 0) == (low > 0)
        low, high = (
            np.where(same, value, np.where(stayed == -1, low / 2.0, low)),
            np.where(same, np.where(stayed == 1, high / 2.0, high), value),
        )
        low_y, high_y = np.where(same, y, low_y), np.where(same, high_y, y)
        stayed = np.where(same, 1, -1)
        y = low_y - low * (high_y - low_y) / np.where(high == low, 1.0, high - low)
    return _joined(x, y, columns)


def _sign_changes(full: Array) -> tuple[Rows, Rows]:
    """Columns and rows after which the sign is another one, shape (K,) each; one that is zero counts as the new one."""
    wins, loses = full > 0, full < 0  # signs are compared in an eighth of the memory of the figures; NaN has none
    zero, signed = full[:, :-1] == 0, (wins | loses)[:, 1:]
    changes = (wins[:, :-1] & loses[:, 1:]) | (loses[:, :-1] & wins[:, 1:]) | (zero & signed)
    columns, rows = np.nonzero(changes)
    return columns, rows


def _crossed(level: Array, rising: Array) -> tuple[Rows, Rows]:
    """The same where a figure that rises along y, shape (ny,), meets one that has one level per column, shape (nx,)."""
    rows = np.searchsorted(rising, level, side="right") - 1
    columns = np.flatnonzero((rows >= 0) & (rows < len(rising) - 1) & np.isfinite(level))
    return columns, rows[columns]


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


def _crossing_here(pair: Pair, y_path: str, point_y: float | None, ys: Array) -> float:
    """Where the line stands at today's x: the root nearest to today's y within the axis; NaN without one."""
    if point_y is None:
        return math.nan

    def at(_: Rows, y: Array) -> Array:
        mined, offered = pair.along(y_path, y)
        return np.asarray(offered - mined)

    _, found = _zero_line(np.zeros(1), ys, at(np.zeros(1, dtype=int), ys)[None, :], at)
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


@unknown_is_nan
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
    figure: dict[str, Array] = {}
    if plan.asic_lots:
        lots = lot_pricing(plan)
        uses = tuple(results.by_id[lot.id] for lot in plan.asic_lots)
        figure |= lots.along_price(uses, btc_price_usd, basis)
    for offer in plan.ai_offers:
        figure[offer.id] = np.full(len(btc_price_usd), figure_on(results.by_id[offer.id], basis))
    per_btc = spot_hashprice_btc(plan.market, calendar(plan.plan.start, plan.plan.horizon_months))
    return PriceCurves(btc_price_usd, btc_price_usd * per_btc, figure)
