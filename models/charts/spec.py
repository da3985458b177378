"""What to draw, without drawing: a `ChartSpec` that the screen and the memo read alike.

A spec is data only: curves, fills, marks and texts in data coordinates, colours as role numbers. Whoever draws it
chooses pixels, fonts and colours. Series, fills and marks carry ids, so that a drawing is updated, not made anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from models.curves import Array, month_number
from models.sentences import MINUS, MISSING
from models.sentences import Writer as Writer
from models.units import display

LineStyle = Literal["solid", "dash", "dot", "dash_dot"]

COLOURS = 8
"""Series colours that can be told apart, also by the colour-blind; from the ninth on only the line style tells."""

MONTH_UNIT = "month"
"""Unit of an axis that counts months from the plan's start; its ticks are years."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: what it measures and which part is shown.

    Attributes
    ----------
    title
        What stands beside it, unit included: "BTC price, $".
    label
        The same without the unit.
    unit
        As the field descriptions name it: ``USD/BTC``, ``fraction``, ``month``.
    low, high
        The range shown, in `unit`.
    start
        ``YYYY-MM`` of month 0 where the unit is ``month``.
    digits
        Decimals of an exact value, as in the crosshair.
    names
        Of an axis that counts things instead of measuring: what stands at 0, 1, 2 and so on.
    """

    title: str
    label: str
    unit: str
    low: float
    high: float
    start: str = ""
    digits: int = 0
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve.

    Attributes
    ----------
    id
        The use's id; a ghost's ends in ``:saved``.
    label
        Stands at the curve's right end; empty for none.
    x, y
        Shape (K,) each, in the axes' units; NaN breaks the curve.
    colour
        Role number; a drawing takes it modulo `COLOURS`. -1 is the neutral ink.
    style
        The second cue beside the colour.
    ghost
        Whether it is the saved plan's curve: thin, light, without label.
    strong
        Whether it belongs to the chosen pair, or is the sum of others: drawn heavier.
    note
        What the label says behind the name, such as the value that makes the curve.
    """

    id: str
    label: str
    x: Array
    y: Array
    colour: int
    style: LineStyle = "solid"
    ghost: bool = False
    strong: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Fill:
    """A tinted polygon with a name in it.

    Attributes
    ----------
    x, y
        Corners, shape (K,) each; the polygon closes itself. NaN separates polygons.
    text
        Its name, empty for none, centred on (text_x, text_y).
    solid
        Whether it is drawn in full colour, as a bar is, instead of tinting the ground.
    note
        What it says when it is pointed at: of a bar its whole name and its amount with the unit.
    clear
        Whether its name stands clear of the curves: where it has no room so, a line leads to it from where it has.
    """

    id: str
    text: str
    x: Array
    y: Array
    colour: int
    text_x: float = math.nan
    text_y: float = math.nan
    solid: bool = False
    note: str = ""
    clear: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A point with a label: a crossing, a payback, today.

    Attributes
    ----------
    x, y
        Exact, in the axes' units.
    text
        Beside the point; a drawing may leave it out where there is no room, weakest first.
    detail
        The whole sentence, for pointing at it.
    colour
        Role number as in `Series`.
    strong
        Whether its label comes before others when room is short.
    handle
        Whether dragging it changes the plan.
    side
        The end of a bar: no dot, and its text always on this side of it.
    """

    id: str
    x: float
    y: float
    text: str
    detail: str = ""
    colour: int = -1
    strong: bool = False
    handle: bool = False
    side: Literal["", "left", "right"] = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A straight line across the plot at a value of one axis, with a label at its end."""

    id: str
    axis: Literal["x", "y"]
    at: float
    text: str
    colour: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class ChartSpec:
    """One chart.

    Attributes
    ----------
    id
        Stays the same while the chart is updated.
    summary
        The chart in one sentence, for those who cannot see it.
    reason
        Why there is nothing to draw; empty where there is.
    """

    id: str
    title: str
    subtitle: str
    x: Axis
    y: Axis
    series: tuple[Series, ...] = ()
    fills: tuple[Fill, ...] = ()
    marks: tuple[Mark, ...] = ()
    references: tuple[Reference, ...] = ()
    summary: str = ""
    reason: str = ""


def is_same(first: Array, second: Array) -> bool:
    """Whether two curves are apart by no more than rounding; a gap is the same as a gap.

    Examples
    --------
    >>> is_same(np.array([1.0, np.nan]), np.array([1.0 + 1e-12, np.nan])), is_same(np.zeros(2), np.array([0.0, np.nan]))
    (True, False)
    """
    if first.shape != second.shape or (np.isnan(first) != np.isnan(second)).any():
        return False
    return not (np.abs(first - second) > 1e-6 + 1e-9 * np.abs(second)).any()


def nice_step(rough: float) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `rough`.

    Examples
    --------
    >>> nice_step(0.7), nice_step(23_000)
    (1.0, 25000.0)
    """
    if not (rough > 0 and math.isfinite(rough)):
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (1.0, 2.0, 2.5, 5.0, 10.0):
        if factor * power >= rough * (1 - 1e-9):
            return factor * power
    return 10.0 * power


def nice_range(low: float, high: float, parts: int = 5) -> tuple[float, float]:
    """The range widened to multiples of a nice step; never empty.

    Examples
    --------
    >>> nice_range(3.0, 97.0)
    (0.0, 100.0)
    >>> nice_range(5.0, 5.0)
    (4.4, 5.6)
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return 0.0, 1.0
    if high - low <= 1e-9 * max(abs(low), abs(high), 1.0):
        margin = max(abs(low), abs(high)) * 0.1
        margin = margin if margin > 1e-6 else 1.0
        low, high = low - margin, low + margin
    step = nice_step((high - low) / parts)
    return round(math.floor(low / step + 1e-9) * step, 12), round(math.ceil(high / step - 1e-9) * step, 12)


STEADY_SHARE = 0.1
"""A range stays while what there is to show has moved by no more than this share of it since it was chosen."""


def sticky_range(
    previous: tuple[float, float] | None,
    low: float,
    high: float,
    *,
    chosen_for: tuple[float, float] | None = None,
    held: bool = False,
) -> tuple[float, float]:
    """The range to show: the previous one while it fits as well as when it was chosen, so that no small edit moves it.

    Parameters
    ----------
    previous
        What is shown now, or None at first.
    low, high
        What there is to show.
    chosen_for
        What there was to show when the previous range was chosen; all of it where None.
    held
        Whether a lever is being dragged: then the previous range stays, whatever happens.

    Examples
    --------
    >>> sticky_range((0.0, 100.0), 2.0, 90.0), sticky_range((0.0, 100.0), 2.0, 120.0)
    ((0.0, 100.0), (0.0, 125.0))
    >>> sticky_range((0.0, 250.0), 0.0, 160.0, chosen_for=(0.0, 240.0))
    (0.0, 200.0)
    >>> sticky_range((0.0, 100.0), 2.0, 120.0, held=True)
    (0.0, 100.0)
    """
    if previous is not None:
        before = chosen_for or previous
        moved = max(abs(low - before[0]), abs(high - before[1]))
        fits = previous[0] <= low and high <= previous[1] and moved <= STEADY_SHARE * (previous[1] - previous[0])
        if held or fits:
            return previous
    return nice_range(low, high)


def ticks(axis: Axis, about: int) -> tuple[float, ...]:
    """Where to put ticks, at most about so many, in the axis's unit; whole years on a month axis.

    Examples
    --------
    >>> ticks(Axis("", "", "USD", 0.0, 1.0), 4)
    (0.0, 0.25, 0.5, 0.75, 1.0)
    >>> ticks(Axis("", "", "month", 0.0, 30.0, start="2026-04"), 4)
    (9.0, 21.0)
    """
    if axis.names:
        return tuple(float(k) for k in range(len(axis.names)) if axis.low <= k <= axis.high)
    about = max(about, 1)
    span = axis.high - axis.low
    if not (span > 0 and math.isfinite(span)):
        return ()
    if axis.unit == MONTH_UNIT and axis.start:
        years = next(y for y in (1, 2, 5, 10, 20, 50, 100) if span / 12 / y <= about)
        first = month_number(axis.start)
        year = math.ceil((first + axis.low) / 12)
        year += -year % years
        return tuple(float(m) for m in range(year * 12 - first, int(first + axis.high) + 1 - first, 12 * years))
    step = nice_step(span / about)
    count = math.floor(axis.high / step + 1e-9)
    return tuple(round(k * step, 12) for k in range(math.ceil(axis.low / step - 1e-9), count + 1))


# --- texts -----------------------------------------------------------------------------------------------------------


def plain_number(value: float, digits: int) -> str:
    """A number in the memo's locale: comma between thousands, point before decimals.

    Examples
    --------
    >>> plain_number(1234567.891, 1)
    '1,234,567.9'
    """
    return f"{value:,.{digits}f}"


SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
"""Suffixes of short numbers; the largest that leaves at least 1 is taken."""


def tick_texts(axis: Axis, at: Sequence[float], write: Writer = plain_number) -> tuple[str, ...]:
    """What stands beside ticks: no more decimals than tell them apart.

    Examples
    --------
    >>> tick_texts(Axis("", "", "USD/BTC", 0.0, 1e5), (0.0, 50_000.0, 100_000.0))
    ('$0', '$50k', '$100k')
    >>> tick_texts(Axis("", "", "USD/MW", -1e6, 0.0), (-1.5e6, -1.25e6, 0.0))
    ('−$1.50M', '−$1.25M', '$0')
    """
    if axis.names:
        return tuple(axis.names[round(k)] for k in at)
    if axis.unit == MONTH_UNIT and axis.start:
        first = month_number(axis.start)
        return tuple(str(round(first + m) // 12) for m in at)
    label, factor = display(axis.unit)
    values = [v * factor for v in at]
    largest = max((abs(v) for v in values), default=0.0)
    scale, suffix = next(((s, t) for s, t in SCALES if largest >= s * (1 if s > 1e3 else 2)), (1.0, ""))
    step = min((b - a for a, b in pairwise(values)), default=largest or 1.0) / scale
    digits = _decimals(step)
    before = "$" if label.startswith("$") else ""
    percent = "%" if label.startswith("%") else ""
    texts = []
    for value in values:
        if value == 0:
            texts.append(f"{before}{write(0.0, 0)}{percent}")
        else:
            sign = MINUS if value < 0 else ""
            texts.append(f"{sign}{before}{write(abs(value) / scale, digits)}{suffix}{percent}")
    return tuple(texts)


def _decimals(step: float) -> int:
    for digits in range(6):
        if abs(round(step, digits) - step) <= 1e-6 * abs(step):
            return digits
    return 6


def amount_text(value: float, unit: str, digits: int = 0, write: Writer = plain_number, *, bare: bool = False) -> str:
    """An exact amount with its unit, as people say it.

    Parameters
    ----------
    value, unit
        As stored.
    digits
        Decimals.
    write
        The reader's locale.
    bare
        Whether to leave out everything behind the number but a per cent sign.

    Examples
    --------
    >>> amount_text(33.3, "USD/PH/day", 2), amount_text(128.0, "USD/IT kW-month", bare=True)
    ('$33.30/PH/day', '$128')
    >>> amount_text(0.095, "fraction", 1), amount_text(float("nan"), "MW")
    ('9.5%', '—')
    """
    if not math.isfinite(value):
        return MISSING
    label, factor = display(unit)
    number = write(abs(value) * factor, digits)
    sign = MINUS if value < 0 and round(abs(value) * factor, digits) else ""
    if label.startswith("%"):
        return f"{sign}{number}{'%' if bare else label}"
    if label.startswith("$"):
        return f"{sign}${number}{'' if bare else label[1:]}"
    return f"{sign}{number}" + (f" {label}" if label and not bare else "")


def short_text(value: float, unit: str, write: Writer = plain_number) -> str:
    """An amount in three or four figures, for a label in a plot.

    Examples
    --------
    >>> short_text(85_129.43, "USD/BTC"), short_text(1_252_576.5, "USD/MW"), short_text(66.97, "USD/PH/day")
    ('$85,129', '$1.25M', '$66.97')
    """
    if not math.isfinite(value):
        return MISSING
    label, factor = display(unit)
    size = abs(value) * factor
    scale, suffix = next(((s, t) for s, t in SCALES if s >= 1e6 and size >= s), (1.0, ""))
    cents = 100 if label.startswith("$") and scale == 1.0 else 10
    digits = 2 if size / scale < cents else 1 if size / scale < 100 else 0
    before, after = ("$", "") if label.startswith("$") else ("", "%") if label.startswith("%") else ("", "")
    return f"{MINUS if value < 0 else ''}{before}{write(size / scale, digits)}{suffix}{after}"


def month_name(start: str, month: float) -> str:
    """The calendar month in which a number of months from the plan's start falls: "Mar 2031".

    Examples
    --------
    >>> month_name("2026-04", 12)
    'Apr 2027'
    """
    number = month_number(start) + math.floor(month)
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{names[number % 12]} {number // 12}"


def value_at(series: Series, x: float) -> float:
    """The curve's height at x, straight between its points; NaN outside them."""
    if len(series.x) == 0 or not series.x[0] <= x <= series.x[-1]:
        return math.nan
    return float(np.interp(x, series.x, series.y))
