"""How far each input is from the value at which the recommendation changes, in per cent and in its own deviations."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from models.drivers import BTC_PRICE, HASHPRICE, driver, value_of
from models.flips import Flip, flips
from models.plan import Plan
from models.recommendation import SiteDecision
from models.sensitivity.ranges import Range, range_of


@dataclass(frozen=True, slots=True)
class Distance:
    """One input on its way to the flip of a site's recommendation.

    Attributes
    ----------
    flip
        Where it changes the answer, and who wins then; see `models.flips`.
    range
        How uncertain it is; None where nobody has said.
    deviations
        From its present value to the flip, in its own standard deviations; at least 0. NaN without a range, or where
        no value within reach flips.
    """

    flip: Flip
    range: Range | None
    deviations: float


NEAREST_BY = "by the input's own standard deviations; inputs without a range follow, by per cent"
"""What is called nearest, on the page, in the memo and among tripwires."""


def distances(
    plan: Plan, decision: SiteDecision, known: Iterable[Flip] | None = None, *, by_hashprice: bool = True
) -> tuple[Distance, ...]:
    """The distance of every input to the flip of one site's recommendation.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    decision
        From `models.recommendation.decide`.
    known
        Its flips, where they have been found already.
    by_hashprice
        Whether hashprice stands for the BTC price.

    Returns
    -------
    tuple
        The nearest first: by standard deviations where the input has a range, then those without by per cent, and at
        last what no value within reach flips. Empty where the site has no runner-up.

    Notes
    -----
    Hashprice may stand for the BTC price, which moves it at today's difficulty: both flip at the same share. No
    probability is meant: the deviations only make inputs of different kinds comparable.
    """
    found = []
    for flip in flips(plan, decision) if known is None else known:
        moved = _as_hashprice(plan, flip) if by_hashprice and flip.path == BTC_PRICE else flip
        span = range_of(plan, moved.path)
        width = math.nan if span is None else span.deviation
        away = abs(moved.value - moved.now) / width if width > 0 else math.nan
        found.append(Distance(moved, span, away))
    return tuple(sorted(found, key=nearness))


def _as_hashprice(plan: Plan, flip: Flip) -> Flip:
    hashprice = value_of(plan, HASHPRICE)
    if hashprice is None or not hashprice > 0 or not flip.now > 0:
        return flip
    info, scale = driver(plan, HASHPRICE), hashprice / flip.now
    return replace(
        flip,
        path=HASHPRICE,
        label=info.label,
        unit=info.unit,
        digits=info.digits,
        now=hashprice,
        value=flip.value * scale,
        low=flip.low * scale,
        high=flip.high * scale,
    )


def nearness(distance: Distance) -> tuple[int, float]:
    """What distances are ranked by, also those of several sites; see `NEAREST_BY`."""
    if not distance.flip.reachable:
        return 2, 0.0
    if math.isfinite(distance.deviations):
        return 0, distance.deviations
    return 1, abs(distance.flip.distance)
