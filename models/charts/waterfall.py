"""Bars that lead from one amount to another: what a waterfall of any kind is drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.charts.spec import Axis, Fill, nice_range

BETTER, WORSE, TOTAL, NEUTRAL = 2, 1, 0, 5
"""Colour roles: green, vermilion, blue; sky where nobody can say which is better."""
HALF = 0.36
"""Half of a bar's height, where two bars are 1 apart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what stands beside it, where it begins and ends, its colour role, what it is of, and what it says."""

    name: str
    begin: float
    end: float
    colour: int
    id: str = ""
    note: str = ""


def bars(rows: Sequence[Bar]) -> tuple[tuple[Fill, ...], Axis]:
    """The bars as fills, the first at the top, and the axis that names them."""
    names, fills = [], []
    for place, bar in enumerate(reversed(rows)):
        names.append(bar.name)
        across = np.array([bar.begin, bar.end, bar.end, bar.begin])
        up = np.array([place - HALF, place - HALF, place + HALF, place + HALF])
        fills.append(Fill(bar.id or f"bar{place}", "", across, up, bar.colour, solid=True, note=bar.note))
    return tuple(reversed(fills)), Axis("", "Input", "", -0.5, len(rows) - 0.5, names=tuple(names))


def reach(rows: Sequence[Bar]) -> tuple[float, float]:
    """A range of round numbers that holds every bar and zero."""
    ends = [v for bar in rows for v in (bar.begin, bar.end) if math.isfinite(v)]
    return nice_range(min([0.0, *ends]), max([0.0, *ends])) if ends else (0.0, 1.0)
