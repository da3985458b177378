"""A figure with every uncertain input at its P10 and at its P90, one at a time, the widest swing first."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.curves import month_number
from models.evaluate import evaluate
from models.figure_along import Along, movable
from models.figures import Figure, figure
from models.plan import Plan
from models.sensitivity.ranges import Range, ranges
from models.watch import FIRST_RENT

LEAST_SHARE = 1e-9


@dataclass(frozen=True, slots=True)
class Bar:
    """What one input does to the figure.

    Attributes
    ----------
    range
        The input, its P10 and P90, and whose they are.
    at_p10, at_p90
        The figure with the input there and all else as in the plan; NaN where it cannot be computed.
    swing
        Between the lowest and the highest of the two and of the plan's own figure.
    """

    range: Range
    at_p10: float
    at_p90: float
    swing: float


@dataclass(frozen=True, slots=True)
class Tornado:
    """The bars of a figure.

    Attributes
    ----------
    figure
        With the plan's own value.
    bars
        Those that move it, the widest first.
    unmoved
        Inputs with a range that belong to the figure and do not move it.
    unknown
        Inputs at whose P10 or P90 the figure cannot be computed.
    """

    figure: Figure
    bars: tuple[Bar, ...]
    unmoved: tuple[Range, ...]
    unknown: tuple[Bar, ...]


def tornado(plan: Plan, figure_path: str, given: tuple[Range, ...] | None = None) -> Tornado:
    """The figure at P10 and P90 of every uncertain input that it depends on.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    figure_path
        As `models.figures` writes it.
    given
        Ranges; all that the plan has where None.

    Raises
    ------
    KeyError
        Where the plan has no such figure.

    Notes
    -----
    A site's lead is that of the use which is best in the plan: below zero another one is best, and the recommendation
    with it.

    Examples
    --------
    >>> from models.samples import sample
    >>> found = tornado(sample("briefing"), "uses.a1.npv_usd_per_mw")
    >>> found.bars[0].range.label, found.bars[0].at_p10 < found.figure.value < found.bars[0].at_p90
    ('Hashprice', True)
    """
    along = Along(plan, figure_path).for_leader()
    base = figure(along.part, evaluate(along.part), figure_path)
    bars, unmoved, unknown = [], [], []
    for each in ranges(along.part) if given is None else given:
        if not along.depends_on(each.path):
            continue
        low, high = (float(v) for v in along.values(each.path, np.array(ends_of(plan, each))))
        known = [v for v in (low, high, base.value) if math.isfinite(v)]
        bar = Bar(each, low, high, max(known) - min(known) if known else math.nan)
        if len(known) < 3:
            unknown.append(bar)
        elif bar.swing <= LEAST_SHARE * abs(base.value):
            unmoved.append(each)
        else:
            bars.append(bar)
    return Tornado(base, tuple(sorted(bars, key=lambda b: -b.swing)), tuple(unmoved), tuple(unknown))


def ends_of(plan: Plan, each: Range) -> tuple[float, float]:
    """P10 and P90 as `Along.values` takes them: a delay as a month, whole numbers rounded."""
    if each.path.endswith(f".{FIRST_RENT}"):
        offer = next(o for o in plan.ai_offers if o.id == each.path.split(".")[1])
        first = month_number(offer.first_rent_month)
        return first + round(each.p10), first + round(each.p90)
    if movable(plan, each.path).whole:
        return float(round(each.p10)), float(round(each.p90))
    return each.p10, each.p90
