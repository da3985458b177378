"""How strongly a figure answers to each of its inputs, so that those which move it can be listed first."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from models.curves import Array
from models.figure_along import Along, Movable, movable
from models.plan import Plan

STEP = 0.1
"""Of the input's value, or of what is usual where that is nothing: the move by which answers are compared."""
STEP_MONTHS = 6
SAME = 1e-9
"""Share of a figure that rounding alone may change."""


@dataclass(frozen=True, slots=True)
class Influence:
    """What a figure does when one input moves.

    Attributes
    ----------
    step
        The largest change of the figure where the input moves by `STEP` either way; 0 where it stays.
    moves
        Whether any value tried changes the figure at all: a step either way, and the ends of what can be expected.
    is_entered
        Whether the input stands at something: only then a share of its value says how strongly it counts.
    """

    step: float
    moves: bool
    is_entered: bool = True

    @property
    def rank(self) -> tuple[int, float]:
        """Strong before weak, what stands at nothing after what does not, and at last what moves nothing."""
        return (2, 0.0) if not self.moves else (0, -self.step) if self.is_entered else (1, 0.0)


def influences(plan: Plan, figure_path: str, paths: Iterable[str]) -> dict[str, Influence]:
    """The answer of a figure to inputs, by path, the strongest first and those without an answer last.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    figure_path
        As `models.figures` writes it.
    paths
        Of numbers and months of the plan; of equals the order stays.

    Examples
    --------
    >>> from models.samples import sample
    >>> rent, mw = "ai_offers.o1.rent_usd_per_it_kw_month", "ai_offers.o1.critical_it_mw"
    >>> found = influences(sample("briefing"), "uses.o1.npv_usd_per_mw", (mw, rent))
    >>> list(found) == [rent, mw], found[mw].moves
    (True, False)
    """
    along = Along(plan, figure_path)
    found = {path: _influence(along, movable(along.plan, path)) for path in paths}
    return dict(sorted(found.items(), key=lambda item: item[1].rank))


def _influence(along: Along, moved: Movable) -> Influence:
    low, high = moved.near
    if math.isnan(moved.now):
        # Nobody has entered it: what it can do is all there is to say.
        ends = along.values(moved.path, np.array([low, high]))
        return Influence(_largest(ends - ends[0]), _differ(ends), False)
    step = STEP_MONTHS if moved.is_month else STEP * (abs(moved.now) or high - low)
    step = max(round(step), 1) if moved.whole else step
    near = along.values(moved.path, np.array([moved.now, max(moved.now - step, low), min(moved.now + step, high)]))
    is_entered = moved.now != 0
    if _differ(near):
        return Influence(_largest(near - near[0]), True, is_entered)
    # It may still count further away: where a price would stop machines, say.
    far = along.values(moved.path, np.array([moved.now, low, high]))
    return Influence(0.0, _differ(far), is_entered)


def _differ(values: Array) -> bool:
    known = np.isfinite(values)
    if not known.all():
        return bool(known.any())
    return bool(np.ptp(values) > SAME * np.abs(values).max())


def _largest(change: Array) -> float:
    known = np.abs(change[np.isfinite(change)])
    return float(known.max()) if known.size else 0.0
