"""The frontier as a `ChartSpec`, and the sentence that says it in words."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from models.breakeven import Frontier, frontier
from models.charts.break_even import SAVED
from models.charts.scope import Look, Range, Ranges
from models.charts.spec import Axis, ChartSpec, Fill, Mark, Series, Writer, amount_text, is_same, plain_number
from models.curves import Array
from models.drivers import HASHPRICE, Driver, bounds, driver
from models.evaluate import price_path
from models.kept import Keyed, Same
from models.plan import LEASE, AiOffer, AsicLot, Plan
from models.problems import Severity
from models.results import Results
from models.sentences import within, worded
from models.units import unit_label

POINTS = 200
"""Columns and rows of the surface."""

_NAME_AT = (0.14, 0.32, 0.5, 0.68, 0.86)
"""Where a side's name may stand, as shares of the axes."""
_NAME_AT_EDGES = ((0.1, 0.9), (0.06, 0.94))
"""Where it may stand as well, across and up, if it has no room there."""
_NAME_ROOM = (0.1, 0.08)
"""What a name takes to each side and up and down, as shares of the axes."""


def default_axes(plan: Plan, offer_id: str) -> tuple[str, str]:
    """Hashprice against the offer's own price."""
    offer = next(o for o in plan.ai_offers if o.id == offer_id)
    return HASHPRICE, price_path(offer)


def axis_range(plan: Plan, path: str, ranges: Ranges, which: str) -> Range:
    """The values that an axis spans: the driver's usual range with today's value inside, never beyond its bounds."""
    found = driver(plan, path)
    low, high = ranges.take(f"frontier {path}", which, found.low, found.high)
    least, most = bounds(plan, path)
    return max(low, least), min(high, most)


def frontier_over(
    plan: Plan,
    asic_id: str,
    offer_id: str,
    x_path: str,
    y_path: str,
    x_range: Range,
    y_range: Range,
    basis: str,
    results: Results | None = None,
    before: Frontier | None = None,
) -> Frontier:
    """The frontier over two ranges, `POINTS` wide and high.

    `before` is the one shown until now: its line is taken where nothing has moved it.

    Where the line stands upright, since only x moves the answer, it is found along x.

    Raises
    ------
    KeyError
        Where lot, offer or a path is not in the plan.
    """
    xs, ys = np.linspace(*x_range, POINTS), np.linspace(*y_range, POINTS)
    found = frontier(plan, asic_id, offer_id, x_path, y_path, xs, ys, basis, results, before)
    if found.line_x.size == 0 and _has_both_signs(found.difference):
        turned = frontier(plan, asic_id, offer_id, y_path, x_path, ys, xs, basis, results)
        found = replace(found, line_x=turned.line_y, line_y=turned.line_x)
    return found


def _has_both_signs(difference: Array) -> bool:
    return bool((difference > 0).any() and (difference < 0).any())


def frontier_chart(
    plan: Plan,
    front: Frontier,
    lot: Look,
    offer: Look,
    offer_kind: str,
    write: Writer = plain_number,
    saved: Frontier | None = None,
    sentence: str = "",
) -> ChartSpec:
    """Where the offer beats mining over two inputs: the line, both sides tinted and named, today's point.

    Parameters
    ----------
    front
        From `frontier_over`.
    lot, offer
        How the two are drawn elsewhere; the sides take their colours.
    saved
        The saved plan's frontier over the same ranges, for a ghost; None where nothing differs.
    sentence
        From `frontier_sentence`; becomes the summary, and where nothing is known the reason.
    """
    x, y = driver(plan, front.x_path), driver(plan, front.y_path)
    label = {"lease": "Lease", "gpu_cloud": "Own GPUs"}[offer_kind]
    series = []
    if saved is not None and not _same_line(front, saved):
        for number, (px, py) in enumerate(_pieces(saved)):
            series.append(Series(f"line {number}{SAVED}", "", px, py, -1, "dash", ghost=True, note="Indifference"))
    line, sides = _shapes(_keyed(front), f"Mine: {lot.label}", f"{label}: {offer.label}", lot.colour, offer.colour)
    series += line
    today = Mark(
        "today",
        front.point_x,
        front.point_y,
        "today",
        f"Today: {amount_text(front.point_x, x.unit, x.digits, write)}, "
        f"{amount_text(front.point_y, y.unit, y.digits, write)}",
        handle=True,
    )
    known = math.isfinite(front.point_x) and math.isfinite(front.point_y)
    name = "lease" if offer_kind == LEASE else "GPUs"
    return ChartSpec(
        id="frontier",
        title=f"Where the {name} beat{'s' if offer_kind == LEASE else ''} mining",
        subtitle=f"{offer.label} against {lot.label}, by {_basis_words(front.basis)}",
        x=_axis(x, front.xs),
        y=_axis(y, front.ys),
        series=tuple(series),
        fills=sides,
        marks=(today,) if known else (),
        summary=sentence,
        reason="" if front.is_known else sentence,
    )


def _keyed(front: Frontier) -> Keyed:
    """A frontier by its line: today's point may move on it."""
    return Keyed(front, tuple(Same(a) for a in (front.xs, front.ys, front.difference, front.line_x, front.line_y)))


@lru_cache(maxsize=8)
def _shapes(
    front: Keyed, mine: str, offer: str, mine_colour: int, offer_colour: int
) -> tuple[tuple[Series, ...], tuple[Fill, ...]]:
    """The line, and the two sides of it: kept, since a lever that moves only today's point leaves them as they are."""
    pieces = enumerate(_pieces(front.held))
    line = tuple(Series(f"line {k}", "", x, y, -1, strong=True, note="Worth the same") for k, (x, y) in pieces)
    return line, _sides(front.held, mine, offer, mine_colour, offer_colour)


def _basis_words(basis: str) -> str:
    return {"revenue": "revenue", "margin": "margin", "npv": "NPV per utility MW"}[basis]


def axis_title(found: Driver) -> str:
    """What stands beside an axis: "Hashprice, $/PH/day", and with the record's name "Uptime, Antminer S21 [%]"."""
    unit = unit_label(found.unit)
    if not unit:
        return found.label
    return f"{found.label} [{unit}]" if "," in found.label else f"{found.label}, {unit}"


def _axis(found: Driver, values: Array) -> Axis:
    return Axis(axis_title(found), found.label, found.unit, float(values[0]), float(values[-1]), digits=found.digits)


def _pieces(front: Frontier) -> list[tuple[Array, Array]]:
    """The line's pieces from left to right, drawn out to the plot's edge where they leave through top or bottom."""
    if front.line_x.size == 0:
        return []
    gaps = np.flatnonzero(np.isnan(front.line_x) | np.isnan(front.line_y))
    pieces = []
    start = 0
    for end in [*gaps.tolist(), front.line_x.size]:
        if end > start:
            x, y = front.line_x[start:end], front.line_y[start:end]
            order = np.argsort(x, kind="stable")
            pieces.append(_to_edge(front, x[order], y[order]))
        start = end + 1
    return pieces


def _to_edge(front: Frontier, x: Array, y: Array) -> tuple[Array, Array]:
    """The piece with the point added at which it crosses the top or bottom row, beyond its last column."""
    nx, ny = front.xs.size, front.ys.size
    difference = np.broadcast_to(front.difference, (nx, ny))
    for side in (-1, 0):
        column = int(np.searchsorted(front.xs, x[side]))
        beyond = column + 1 if side else column - 1
        if not (0 <= column < nx and 0 <= beyond < nx) or front.xs[column] != x[side]:
            continue
        for row in (0, ny - 1):
            here, there = float(difference[column, row]), float(difference[beyond, row])
            if here * there < 0:
                at = front.xs[column] + here / (here - there) * (front.xs[beyond] - front.xs[column])
                where = len(x) if side else 0
                x, y = np.insert(x, where, at), np.insert(y, where, front.ys[row])
                break
    return x, y


def _same_line(front: Frontier, saved: Frontier) -> bool:
    return is_same(front.line_x, saved.line_x) and is_same(front.line_y, saved.line_y)


def _sides(front: Frontier, mine: str, offer: str, mine_colour: int, offer_colour: int) -> tuple[Fill, ...]:
    """Both sides of the line as polygons with their names."""
    nx, ny = front.xs.size, front.ys.size
    difference = np.broadcast_to(front.difference, (nx, ny))
    x0, x1, y0, y1 = front.xs[0], front.xs[-1], front.ys[0], front.ys[-1]
    if front.line_x.size == nx and np.array_equal(front.line_x, front.xs) and np.isfinite(front.line_y).all():
        # The usual case: one line from left to right. Its own points are the polygons' edge.
        under = np.concatenate([front.line_x, [x1, x0]]), np.concatenate([front.line_y, [y0, y0]])
        over = np.concatenate([front.line_x, [x1, x0]]), np.concatenate([front.line_y, [y1, y1]])
        offer_over = difference[0, -1] > 0 or difference[-1, -1] > 0
        shapes = (under, over) if offer_over else (over, under)
    elif not _has_both_signs(difference):
        whole = np.array([x0, x1, x1, x0]), np.array([y0, y0, y1, y1])
        nothing = np.empty(0), np.empty(0)
        shapes = (whole, nothing) if (difference < 0).any() else (nothing, whole)
        if not np.isfinite(difference).any():
            return ()
    else:
        shapes = _contours(front.xs, front.ys, difference)
    fills = []
    for side, text, colour, (x, y), sign in (
        ("mine", mine, mine_colour, shapes[0], -1.0),
        ("offer", offer, offer_colour, shapes[1], 1.0),
    ):
        at_x, at_y = _name_place(front, difference, sign)
        fills.append(Fill(side, text if math.isfinite(at_x) else "", x, y, colour, at_x, at_y, clear=True))
    return tuple(fills)


def _contours(xs: Array, ys: Array, difference: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Polygons where the difference is below and above zero, any number of each."""
    # Here and not above: only lines that do not run straight through need it.
    from contourpy import FillType, contour_generator

    known = difference[np.isfinite(difference)]
    reach = float(np.abs(known).max()) * 2.0 + 1.0
    generator = contour_generator(
        xs, ys, np.ma.masked_invalid(difference.T), fill_type=FillType.OuterCode, corner_mask=True
    )

    def joined(low: float, high: float) -> tuple[Array, Array]:
        points, codes = generator.filled(low, high)[:2]
        parts = []
        for corners, kinds in zip(points, codes, strict=True):
            if corners is None or kinds is None:
                continue
            # Code 1 begins a ring. A hole's ring runs the other way round.
            starts = [*np.flatnonzero(kinds == 1).tolist(), len(corners)]
            for begin, end in pairwise(starts):
                parts += [corners[begin:end], np.full((1, 2), np.nan)]
        rings = np.concatenate(parts[:-1]) if parts else np.empty((0, 2))
        return rings[:, 0], rings[:, 1]

    return joined(-reach, 0.0), joined(0.0, reach)


def _name_place(front: Frontier, difference: Array, sign: float) -> tuple[float, float]:
    """Where a side's name stands: of a few places the one that lies deepest on its side; NaN where it has none.

    Places at which the name would lie on the line come last: a side may be a narrow strip.
    """
    own = difference * sign > 0
    wide, high = (round(share * size) for share, size in zip(_NAME_ROOM, own.shape, strict=True))
    best, found = (False, False, 0.0), (math.nan, math.nan)
    columns, rows = (
        [(round(s * (size - 1)), s in _NAME_AT) for s in (*_NAME_AT, *edges)]
        for edges, size in zip(_NAME_AT_EDGES, own.shape, strict=True)
    )
    for i, usual_across in columns:
        for j, usual_up in rows:
            if own[i, j]:
                is_free = bool(own[max(i - wide, 0) : i + wide + 1, max(j - high, 0) : j + high + 1].all())
                depth = (is_free, usual_across and usual_up, float(difference[i, j]) * sign)
                if depth > best:
                    best, found = depth, (float(front.xs[i]), float(front.ys[j]))
    return found


# --- in words --------------------------------------------------------------------------------------------------------


def frontier_sentence(
    plan: Plan, results: Results, front: Frontier, lot: AsicLot, offer: AiOffer, write: Writer = plain_number
) -> str:
    """The frontier at today's point in words.

    "At $33.30/PH/day and 17.5 J/TH this lease wins above $71/kW-month; it is at $128."

    Parameters
    ----------
    plan, results
        What is on show.
    front
        Its frontier.
    lot, offer
        The chosen pair.
    """
    this = "this lease" if offer.kind == LEASE else "these GPUs"
    win = "wins" if offer.kind == LEASE else "win"
    it_is = "they are" if offer.kind != LEASE and front.y_path == price_path(offer) else "it is"
    if front.offer_wins is None:
        return f"Whether {this} {win} cannot be said: {_why_unknown(results, lot, offer, write)}"
    x, y = driver(plan, front.x_path), driver(plan, front.y_path)
    efficiency = amount_text(lot.power_w / lot.hashrate_th_per_s, "J/TH", 1, write)
    here = f"at {_named(x, front.point_x, write)} and {efficiency}"
    basis = "" if front.basis == "npv" else f"by {front.basis}, "
    threshold, beyond = _threshold(results, front, lot, offer)
    if math.isfinite(threshold):
        at, now = _told_apart(threshold, front.point_y, y, write)
        above = front.point_y > threshold if front.offer_wins else front.point_y < threshold
        what = "" if front.y_path == price_path(offer) else f"a {within(y.label)} of "
        text = f"{basis}{here} {this} {win} {'above' if above else 'below'} {what}{at}; {it_is} at {now}"
        return _sentence(f"{text}{beyond}")
    winner = f"{this} {win}" if front.offer_wins else "mining wins"
    if beyond:
        return _sentence(f"{basis}{here} {winner} {beyond}")
    low, high = (amount_text(v, y.unit, y.digits, write) for v in (front.ys[0], front.ys[-1]))
    return _sentence(f"{basis}{here} {winner} for every {within(y.label)} from {low} to {high}")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _named(found: Driver, value: float, write: Writer) -> str:
    """A value in a sentence: bare where its unit says what it is, else with its name."""
    amount = amount_text(value, found.unit, found.digits, write)
    return amount if found.path == HASHPRICE else f"{found.label} {amount}"


def _threshold(results: Results, front: Frontier, lot: AsicLot, offer: AiOffer) -> tuple[float, str]:
    """Where the line stands at today's x, also beyond the plot; and what to add, or why there is no such place."""
    if math.isfinite(front.line_y_here):
        return front.line_y_here, ""
    if front.y_path != price_path(offer):
        return math.nan, ""
    row = results.crossover(lot.id, offer.id, front.basis)
    if row is None:
        return math.nan, ""
    price = row.rent_usd_per_it_kw_month if offer.kind == LEASE else row.price_usd_per_gpu_hour
    if math.isfinite(price):
        return price, "" if front.ys[0] <= price <= front.ys[-1] else ", and the line lies outside the plot"
    return math.nan, "at any rent" if offer.kind == LEASE else "at any price per GPU-hour"


def _told_apart(first: float, second: float, found: Driver, write: Writer) -> tuple[str, str]:
    """Two amounts with as few decimals as tell them apart, the first with its unit."""
    for digits in range(0 if abs(first) >= 20 else found.digits, 7):
        at = amount_text(first, found.unit, digits, write).replace("IT ", "")
        now = amount_text(second, found.unit, digits, write, bare=True)
        if at[: len(now)] != now or math.isclose(first, second, rel_tol=1e-9):
            break
    return at, now


def _why_unknown(results: Results, lot: AsicLot, offer: AiOffer, write: Writer) -> str:
    """The first error about the pair or its site, as a finding says it."""
    about = {lot.id, offer.id, lot.site_id, offer.site_id}
    errors = [f for f in results.findings if f.severity is Severity.ERROR]
    errors.sort(key=lambda f: not about & set(f.path.split(".")))
    if errors:
        return worded(errors[0].message, lambda amount: amount.written(write))
    return "one of the two has no figure on this basis, since the plan ends before its first twelve months do."
