"""Scenarios as pictures: one figure's months in each of them, how far each lies from the baseline, and a bridge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.charts.spec import (
    COLOURS,
    MONTH_UNIT,
    Axis,
    ChartSpec,
    LineStyle,
    Series,
    Writer,
    amount_text,
    nice_range,
    plain_number,
    short_text,
)
from models.charts.waterfall import BETTER, NEUTRAL, TOTAL, WORSE, Bar, bars, reach
from models.compare.bridge import Bridge
from models.compare.columns import Column
from models.curves import Array
from models.scenarios import BASE
from models.units import unit_label

MOST_CURVES = 12
"""More scenarios than this cannot be told apart in one picture."""
MOST_STEPS = 14
OLD_BAR, NEW_BAR = "old", "new"
"""Ids of the bars at both ends of a bridge; those between are called by the paths of their inputs."""
LONGEST_NAME = 34
STYLES: tuple[LineStyle, ...] = ("solid", "dash", "dot", "dash_dot")


@dataclass(frozen=True, slots=True)
class Curve:
    """What can be drawn month by month.

    Attributes
    ----------
    of_use
        Whether it is of one use, or of the market.
    """

    label: str
    unit: str
    of_use: bool


CURVES: dict[str, Curve] = {
    "cash": Curve("Cumulative cash", "USD/MW", True),
    "margin": Curve("Margin by month", "USD/MW", True),
    "revenue": Curve("Revenue by month", "USD/MW", True),
    "power": Curve("Power cost by month", "USD/MW", True),
    "hashprice": Curve("Hashprice", "USD/PH/day", False),
    "btc_price": Curve("BTC price", "USD/BTC", False),
    "difficulty": Curve("Difficulty", "difficulty", False),
}


def months_of(column: Column, curve: str, use_id: str) -> Array:
    """The values of a curve in one scenario, shape (N,); NaN where the scenario does not have the use."""
    market = column.results.market
    match curve:
        case "hashprice":
            return market.hashprice_usd_per_ph_day
        case "btc_price":
            return market.btc_price_usd
        case "difficulty":
            return market.difficulty
    use = column.results.by_id.get(use_id)
    if use is None:
        return np.full(len(column.results.dates.index), math.nan)
    match curve:
        case "cash":
            return np.cumsum(use.cash.free_cash)
        case "power":
            return np.asarray(0.0 - use.cash.power)
        case "revenue":
            return use.cash.revenue
    return use.cash.margin


def overlay(
    columns: Sequence[Column],
    curve: str,
    use_id: str,
    baseline: int = 0,
    *,
    difference: bool = False,
    write: Writer = plain_number,
) -> ChartSpec:
    """One figure's months, a curve for each scenario; or how far each lies from the baseline.

    Parameters
    ----------
    columns
        From `models.compare.columns.columns_of`; the first `MOST_CURVES` are drawn.
    curve
        One of `CURVES`.
    use_id
        Of which lot or offer, where the curve is of one.
    baseline
        Place of the scenario that the others are held against, drawn heavier.
    difference
        Whether to draw the others less the baseline.
    """
    about = CURVES[curve]
    shown = list(enumerate(columns))[:MOST_CURVES]
    if baseline >= MOST_CURVES:
        shown = [*shown[:-1], (baseline, columns[baseline])]
    start, length = columns[baseline].plan.plan.start, len(columns[baseline].results.dates.index)
    zero = months_of(columns[baseline], curve, use_id)
    # A scenario keeps its colour whichever others are drawn beside it.
    ids = (BASE, *(s.id for s in columns[baseline].plan.scenarios))
    found = []
    for place, column in shown:
        look = ids.index(column.id) if column.id in ids else place
        if difference and place == baseline:
            continue
        values = months_of(column, curve, use_id)
        if difference:
            # Months that only one of the two has cannot be subtracted.
            common = min(len(values), len(zero)) if column.plan.plan.start == start else 0
            values = values[:common] - zero[:common]
        strong = place == baseline
        months = np.arange(1.0, len(values) + 1.0)
        found.append(Series(column.id, column.name, months, values, look % COLOURS, _style(look), strong=strong))
    owner = next((u.name for u in columns[baseline].results.uses if u.id == use_id), "") if about.of_use else ""
    title = f"{about.label}{f', {owner}' if owner else ''}"
    known = [s.y[np.isfinite(s.y)] for s in found]
    values = np.concatenate(known) if known else np.empty(0)
    reason = _reason(len(columns), len(found), values, difference)
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if difference or curve in ("cash", "margin"):
        low, high = min(low, 0.0), max(high, 0.0)
    less = f"less {columns[baseline].name}"
    left_out = len(columns) - len(shown)
    subtitle = less if difference else f"{len(shown)} scenario{'' if len(shown) == 1 else 's'}"
    subtitle += f" · {left_out} more are not drawn" if left_out > 0 else ""
    unit = unit_label(about.unit)
    label = f"{about.label} {less}" if difference else about.label
    return ChartSpec(
        f"scenarios.{'difference' if difference else 'overlay'}",
        f"{title}, {less}" if difference else title,
        subtitle,
        Axis("Month", "Month", MONTH_UNIT, 0.0, float(length), start=start),
        Axis(f"{label}, {unit}", label, about.unit, *nice_range(low, high), digits=2 if high - low < 1000 else 0),
        tuple(found),
        summary=_summary(title, found, about.unit, write, less if difference else ""),
        reason=reason,
    )


def _style(place: int) -> LineStyle:
    """Solid for as many scenarios as there are colours, then the next style, and so on."""
    return STYLES[place // COLOURS % len(STYLES)]


def _reason(columns: int, curves: int, values: Array, difference: bool) -> str:
    if difference and columns < 2:
        return "Tick a second scenario to see how far it lies from the baseline."
    if not curves or not values.size:
        return "None of these scenarios has such a figure."
    return ""


def _summary(title: str, found: Sequence[Series], unit: str, write: Writer, less: str) -> str:
    ends = [f"{s.label} {short_text(float(s.y[-1]), unit, write)}" for s in found if len(s.y)]
    return f"{title}{f' {less}' if less else ''}, at the plan's end: {', '.join(ends)}."


def waterfall(found: Bridge, write: Writer = plain_number) -> ChartSpec:
    """A bridge as bars from one scenario's figure to the other's, the largest step first.

    Parameters
    ----------
    found
        From `models.compare.bridge.bridge`; of more than `MOST_STEPS` steps the smallest are drawn as one.
    """
    steps = [(s.label, s.amount, s.path) for s in found.steps[:MOST_STEPS]]
    rest = found.steps[MOST_STEPS:]
    if rest:
        steps.append((f"{len(rest)} smaller ones", math.fsum(s.amount for s in rest), ""))
    unit = found.kind.unit

    def named(label: str, amount: float, sign: str = "") -> str:
        # The amount first: where there is no room it is the name that is cut.
        return f"{sign}{short_text(amount, unit, write)}  {_cut(label)}"

    def said(label: str, amount: float, sign: str = "") -> str:
        return f"{label}: {sign}{amount_text(amount, unit, found.kind.digits, write)}"

    old, new = (found.old_name, found.old), (found.new_name, found.new)
    rows = [Bar(named(*old), 0.0, found.old, TOTAL, OLD_BAR, said(*old))]
    at = found.old
    for label, amount, path in steps:
        sign = "+" if amount > 0 else ""
        said_of = said(label, amount, sign)
        rows.append(Bar(named(label, amount, sign), at, at + amount, _colour(found, amount), path, said_of))
        at += amount
    rows.append(Bar(named(*new), 0.0, found.new, TOTAL, NEW_BAR, said(*new)))
    fills, places = bars(rows)
    low, high = reach(rows)
    label = found.kind.label
    way = "exact" if found.is_exact else "estimated from drawn orders"
    reason = found.reason
    if not reason and not found.steps:
        reason = f"No input that differs between {found.old_name} and {found.new_name} moves {found.label}."
    change = amount_text(found.difference, unit, found.kind.digits, write)
    return ChartSpec(
        "scenarios.bridge",
        f"{found.label}: from {found.old_name} to {found.new_name}",
        f"difference {change} · Shapley values, the mean over all orders: {way}",
        Axis(f"{label}, {unit_label(unit)}", label, unit, low, high, digits=found.kind.digits),
        places,
        fills=fills,
        summary=f"{found.label} goes from {amount_text(found.old, unit, found.kind.digits, write)} in {found.old_name} "
        f"to {amount_text(found.new, unit, found.kind.digits, write)} in {found.new_name}: "
        + ", ".join(f"{name} {amount_text(v, unit, found.kind.digits, write)}" for name, v, _ in steps)
        + ".",
        reason=reason,
    )


def _colour(found: Bridge, amount: float) -> int:
    if found.kind.higher_is_better is None:
        return NEUTRAL
    return BETTER if (amount > 0) == found.kind.higher_is_better else WORSE


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
