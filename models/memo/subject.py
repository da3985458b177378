"""What a memo is about: a plan in a scenario, its decisions, and what would turn them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from models.evidence import PLANS_OWN
from models.flips import BTC_PRICE, Flip, flips
from models.memo.charts import pictures
from models.memo.parts import Picture
from models.plan import Plan
from models.recommendation import Placement, SiteDecision, decide
from models.results import ASIC, Results
from models.sensitivity.distances import Distance, distances, nearness
from models.waiting import Wait, waits

NEAREST_FLIPS = 5


@dataclass(frozen=True)
class Turning:
    """A site's decision and what would change it.

    Attributes
    ----------
    distances
        Of every input to its flip, the nearest first: see `models.sensitivity.distances`.
    against_mining
        The flips for the best use against the best machines there, where those are not the runner-up.
    waits
        Its best offer, taken some months later.
    """

    decision: SiteDecision
    distances: tuple[Distance, ...]
    against_mining: tuple[Flip, ...]
    waits: tuple[Wait, ...] = ()

    @cached_property
    def flips(self) -> tuple[Flip, ...]:
        """Of every input, in the order of the distances."""
        return tuple(d.flip for d in self.distances)

    @property
    def nearest(self) -> Flip | None:
        """The reachable flip that is nearest, as the sensitivity page has it."""
        return self.flips[0] if self.flips and self.flips[0].reachable else None

    @property
    def smallest(self) -> Flip | None:
        """The reachable flip with the smallest move in per cent, which makes a close call."""
        return min((f for f in self.flips if f.reachable), key=lambda f: abs(f.distance), default=None)

    @property
    def deviations(self) -> dict[str, float]:
        """How far each flip is in its input's own standard deviations, by path; NaN where that cannot be said."""
        return {d.flip.path: d.deviations for d in self.distances}

    @property
    def mining_price(self) -> Flip | None:
        """The BTC price at which mining overtakes."""
        return next((f for f in self.against_mining if f.path == BTC_PRICE), None)


@dataclass(frozen=True)
class Subject:
    """Everything that the parts of a memo are written from.

    Attributes
    ----------
    plan, results
        Scenario applied.
    turnings
        One for every site with a use, in the plan's order.
    as_of
        The memo's date.
    set_in
        What the scenario sets, see `models.scenarios.set_in`.
    """

    plan: Plan
    results: Results
    turnings: tuple[Turning, ...]
    as_of: date
    set_in: Mapping[str, str] = field(default_factory=dict)

    @property
    def decisions(self) -> list[SiteDecision]:
        """Of every site with a use."""
        return [t.decision for t in self.turnings]

    @property
    def nearest(self) -> dict[str, Flip | None]:
        """The nearest flip of every site, by its id."""
        return {t.decision.site.id: t.nearest for t in self.turnings}

    @property
    def smallest(self) -> dict[str, Flip | None]:
        """The flip with the smallest move of every site, by its id."""
        return {t.decision.site.id: t.smallest for t in self.turnings}

    @cached_property
    def main(self) -> Turning | None:
        """The site with the most at stake: the largest gain, else the most megawatts."""
        return main_of(self.turnings)

    @cached_property
    def drawn(self) -> dict[str, Picture]:
        """The pictures of the main site's pair, by name."""
        return pictures(self.plan, self.results, self.main.decision) if self.main is not None else {}

    @property
    def placements(self) -> list[tuple[SiteDecision, Placement]]:
        """Everything that should change, site by site."""
        return [(d, p) for d in self.decisions for p in d.placements]


def subject_of(plan: Plan, results: Results, as_of: date, set_in: Mapping[str, str] = PLANS_OWN) -> Subject:
    """The subject of a memo on a plan with its scenario applied."""
    turnings = tuple(_turning(plan, results, decision) for decision in decide(plan, results))
    return Subject(plan, results, turnings, as_of, set_in)


def _turning(plan: Plan, results: Results, decision: SiteDecision) -> Turning:
    best, rival = decision.best, decision.next_best
    mine = next((o for o in decision.ranked if o.kind == ASIC), None)
    apart = best is not None and best.kind != ASIC and mine is not None and mine is not rival
    return Turning(
        decision,
        _nearest_first(plan, decision, flips(plan, decision)),
        tuple(d.flip for d in _nearest_first(plan, decision, flips(plan, decision, mine))) if apart else (),
        waits(plan, results, decision),
    )


def _nearest_first(plan: Plan, decision: SiteDecision, found: tuple[Flip, ...]) -> tuple[Distance, ...]:
    return distances(plan, decision, found, by_hashprice=False)


def main_of(turnings: Sequence[Turning]) -> Turning | None:
    """The site with the most at stake: the largest gain, else the most megawatts."""
    ranked = [t for t in turnings if t.decision.best is not None]
    return max(ranked, key=lambda t: (t.decision.gain_usd, t.decision.site.capacity_mw), default=None)


def nearest_flips(turnings: Sequence[Turning]) -> tuple[Flip, ...]:
    """The inputs that are nearest to changing an answer, over all sites."""
    reachable = [d for t in turnings for d in t.distances if d.flip.reachable]
    return tuple(d.flip for d in sorted(reachable, key=nearness)[:NEAREST_FLIPS])
