"""The tornado as a picture: a bar for every uncertain input, from its P10 to its P90."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from models.charts.spec import (
    Axis,
    ChartSpec,
    Fill,
    Mark,
    Reference,
    Series,
    Writer,
    amount_text,
    nice_range,
    plain_number,
    short_text,
)
from models.curves import Array
from models.figures import Figure
from models.sensitivity.ranges import Range
from models.sensitivity.tornado import Bar, Tornado
from models.units import unit_label

MOST_BARS = 12
HALF = 0.32
"""Half of a bar's height, where two bars are 1 apart."""
ROOM = 0.19
"""Share of the widest bars' span that is left on both sides for what stands at their ends."""
LOW_COLOUR, HIGH_COLOUR = 0, 1
"""Blue with a solid edge for P10, orange with a broken one for P90: told apart in grey as well."""


def tornado_chart(
    found: Tornado, write: Writer = plain_number, held: tuple[float, float] | None = None, most: int = MOST_BARS
) -> ChartSpec:
    """The widest bars of a tornado.

    Parameters
    ----------
    found
        From `models.sensitivity.tornado.tornado`.
    write
        The reader's locale.
    held
        A range that the figure's axis does not fall below while a lever is dragged: bars that leave it widen it.
    most
        At most so many bars.

    Examples
    --------
    >>> from models.samples import sample
    >>> from models.sensitivity.tornado import tornado
    >>> tornado_chart(tornado(sample("briefing"), "uses.a1.npv_usd_per_mw")).y.names[-1]
    'Hashprice'
    """
    figure, bars = found.figure, found.bars[:most]
    kind = figure.kind
    count = len(bars)
    names = tuple(input_name(bar.range, figure) for bar in reversed(bars))
    ends = [v for bar in bars for v in (bar.at_p10, bar.at_p90)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    room = ROOM * (high - low)
    low, high = low - room, high + room
    if held is not None:
        low, high = min(low, held[0]), max(high, held[1])
    if not low < high:
        low, high = nice_range(low, high)
    fills, marks = [], []
    outlines: dict[int, list[tuple[Array, Array]]] = {LOW_COLOUR: [], HIGH_COLOUR: []}
    for number, bar in enumerate(bars):
        place = float(count - 1 - number)
        for name, at, value, colour in (
            ("P10", bar.at_p10, bar.range.p10, LOW_COLOUR),
            ("P90", bar.at_p90, bar.range.p90, HIGH_COLOUR),
        ):
            x, y = _rectangle(figure.value, at, place)
            fills.append(Fill(f"{bar.range.path}:{name}", "", x, y, colour))
            outlines[colour].append((x, y))
            other = bar.at_p90 if name == "P10" else bar.at_p10
            side: Literal["left", "right"] = "left" if at < other or (at == other and name == "P10") else "right"
            marks.append(replace(_mark(bar, name, at, value, place, colour, figure, write), side=side))
    series = []
    if bars:
        series.append(Series("p10", "", *_joined(outlines[LOW_COLOUR]), LOW_COLOUR, "solid", note="P10"))
        series.append(Series("p90", "", *_joined(outlines[HIGH_COLOUR]), HIGH_COLOUR, "dash", note="P90"))
    now = short_text(figure.value, kind.unit, write)
    more = len(found.bars) - count
    rest = f" · {more} narrower not drawn" if more > 0 else ""
    return ChartSpec(
        "tornado",
        figure.label,
        f"Each input alone at its P10 (blue, solid edge) and P90 (orange, broken edge); now {now}{rest}",
        Axis(_title(figure), kind.label, kind.unit, low, high, digits=kind.digits),
        Axis("Input, widest swing first", "Input", "", -0.6, max(count, 1) + 0.1, names=names or ("",)),
        tuple(series),
        fills=tuple(fills),
        marks=tuple(marks),
        references=(Reference("now", "x", figure.value, f"now {now}"),) if bars else (),
        summary=summary_of(found, write),
        reason=_reason(found),
    )


def input_name(each: Range, figure: Figure) -> str:
    """What the input is called beside a figure whose owner need not be named again."""
    return each.label.removesuffix(f", {figure.owner}") if figure.owner else each.label


def input_amount(each: Range, value: float, write: Writer = plain_number) -> str:
    """A value of an input, with its unit."""
    return amount_text(value, each.unit, each.digits, write)


def summary_of(found: Tornado, write: Writer = plain_number) -> str:
    """The tornado in one sentence: which input moves the figure most, and between what."""
    if not found.bars:
        return ""
    first, kind = found.bars[0], found.figure.kind
    low, high = sorted((first.at_p10, first.at_p90))
    return (
        f"{found.figure.label} moves most with {input_name(first.range, found.figure)}: between "
        f"{amount_text(low, kind.unit, kind.digits, write)} and {amount_text(high, kind.unit, kind.digits, write)}."
    )


def _title(figure: Figure) -> str:
    unit = unit_label(figure.kind.unit)
    return f"{figure.kind.label}, {unit}" if unit else figure.kind.label


def _reason(found: Tornado) -> str:
    if found.bars:
        return ""
    if found.figure.value != found.figure.value:
        if found.figure.path.startswith("crossovers."):
            return f"{found.figure.label} is out of reach: no value of it makes both worth the same."
        return f"{found.figure.label} cannot be computed in this plan; the findings say why."
    return f"No input with a range moves {found.figure.label}. Give inputs a P10 and a P90 below."


def _mark(
    bar: Bar, name: str, at: float, value: float, place: float, colour: int, figure: Figure, write: Writer
) -> Mark:
    amount = input_amount(bar.range, value, write)
    reached = amount_text(at, figure.kind.unit, figure.kind.digits, write)
    return Mark(
        f"{bar.range.path}:{name}",
        at,
        place,
        f"{name} {short_input(bar.range, value, write)}",
        f"{bar.range.label} at its {name}, {amount}: {figure.kind.label} {reached}",
        colour,
    )


def short_input(each: Range, value: float, write: Writer = plain_number) -> str:
    """A value of an input for a label: no more figures than are read at a glance."""
    if each.unit == "months" or (not each.unit.startswith("USD") and not each.unit.startswith("fraction")):
        return amount_text(value, each.unit, each.digits, write, bare=True)
    return short_text(value, each.unit, write)


def _rectangle(base: float, at: float, place: float) -> tuple[Array, Array]:
    x = np.array([base, at, at, base, base])
    y = place + HALF * np.array([-1.0, -1.0, 1.0, 1.0, -1.0])
    return x, y


def _joined(parts: list[tuple[Array, Array]]) -> tuple[Array, Array]:
    gap = np.array([np.nan])
    x = np.concatenate([v for part, _ in parts for v in (part, gap)][:-1])
    y = np.concatenate([v for _, part in parts for v in (part, gap)][:-1])
    return x, y
