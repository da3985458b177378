"""The four plots of the break-even page, for a screen that follows a dragged lever and for a memo alike.

It keeps between two edits what need not be made again: the ranges on screen, and what the saved plan's curves are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.breakeven import Frontier, PriceCurves, price_curves
from models.charts.break_even import (
    PRICE_POINTS,
    cash_chart,
    power_chart,
    price_chart,
    price_range,
)
from models.charts.frontier import axis_range, default_axes, frontier_chart, frontier_over, frontier_sentence
from models.charts.scope import Ranges, Scope, legible_plan, scope_of
from models.charts.spec import Axis, ChartSpec, Writer, plain_number
from models.curves import Array
from models.drivers import Driver, driver, drivers
from models.evaluate import evaluate, narrowed
from models.fields import applicable_fields
from models.pair import pair_plan
from models.plan import Plan, priced_tables
from models.results import Results

Key = tuple[object, ...]


@dataclass
class Plots:
    """Makes the four charts of a plan.

    Attributes
    ----------
    write
        Numbers in the reader's locale.
    price_basis, frontier_basis
        What plot (a) shows and what the frontier compares by: ``revenue``, ``margin`` or ``npv``.
    axes
        The frontier's drivers by path; None for hashprice against the offer's price.
    ranges
        What the axes span.

    Examples
    --------
    >>> from models.evaluate import evaluate
    >>> from models.samples import sample
    >>> plots = Plots()
    >>> plots.show(sample("briefing"), evaluate(sample("briefing")))
    >>> [plots.chart(name).id for name in Plots.NAMES]
    ['price', 'power', 'frontier', 'cash']
    """

    NAMES = ("price", "power", "frontier", "cash")

    write: Writer = plain_number
    price_basis: str = "revenue"
    frontier_basis: str = "npv"
    axes: tuple[str, str] | None = None
    ranges: Ranges = field(default_factory=Ranges)
    saved: Plan | None = field(default=None, init=False)
    _before: tuple[Plan, Results] | None = field(default=None, init=False, repr=False)
    _front: Frontier | None = field(default=None, init=False, repr=False)
    _kept: dict[str, tuple[Key, object]] = field(default_factory=dict, init=False, repr=False)

    def show(
        self,
        plan: Plan,
        results: Results,
        saved: Plan | None = None,
        asic_id: str | None = None,
        offer_id: str | None = None,
    ) -> None:
        """Take a plan.

        Parameters
        ----------
        plan, results
            With a scenario's values applied, and its evaluation.
        saved
            The plan to compare with; None, or the same object, for no ghosts.
        asic_id, offer_id
            The chosen pair; the first that share a site where not given.
        """
        if asic_id is None and offer_id is None:
            pairs = ((a.id, o.id) for a in plan.asic_lots for o in plan.ai_offers if a.site_id == o.site_id)
            asic_id, offer_id = next(pairs, (None, None))
        self.plan = plan
        self.pair = (asic_id, offer_id)
        part = legible_plan(plan, asic_id, offer_id)
        self.results = results if part is plan else narrowed(results, part)
        self.part = part
        self.scope: Scope = scope_of(part, self.results, asic_id, offer_id)
        self.saved = None if saved is plan else saved
        self._before = self._price_saved()
        if self.axes is not None:
            self.axes = self._axes_of_pair(self.axes)

    def chart(self, name: str, *, worded: bool = True) -> ChartSpec:
        """One of `NAMES`.

        Parameters
        ----------
        worded
            Whether it gets its summary and what a mark says when it is pointed at; a picture that changes sixty times
            in a second has no use for them.
        """
        saved = None if self._before is None else self._before[1]
        if name == "price":
            return self._price(worded)
        if name == "power":
            return power_chart(self.part, self.results, self.scope, self.ranges, self.write, saved, worded)
        if name == "cash":
            return cash_chart(self.results, self.scope, self.ranges, self.write, saved, worded)
        return self._frontier(worded)

    def frontier_sentence(self) -> str:
        """The frontier on show in words; empty where there is no pair."""
        asic_id, offer_id = self.pair
        front = self._front
        if front is None or self.frontier_axes() is None:
            return ""
        lot = next(a for a in self.plan.asic_lots if a.id == asic_id)
        offer = next(o for o in self.plan.ai_offers if o.id == offer_id)
        return frontier_sentence(self.plan, self.results, front, lot, offer, self.write)

    # --- what the pickers need ---

    def frontier_axes(self) -> tuple[str, str] | None:
        """The drivers on the frontier's axes; None where there is no pair."""
        if self.axes is not None:
            return self.axes
        offer_id = self.pair[1]
        return default_axes(self.plan, offer_id) if self._has_pair() and offer_id is not None else None

    def axis_drivers(self) -> tuple[Driver, ...]:
        """Every input that can stand on an axis: the market's, and those of the pair and its site."""
        part = legible_plan(self.plan, *self.pair)
        asic_id, offer_id = self.pair
        site_of = {a.id: a.site_id for a in part.asic_lots} | {o.id: o.site_id for o in part.ai_offers}
        others = set(site_of) - {asic_id, offer_id}
        sites = {site_of[i] for i in (asic_id, offer_id) if i in site_of}
        others |= {s.id for s in part.sites if s.id not in sites}
        others |= {c.id for c in part.power_contracts if c.site_id not in sites}
        return tuple(d for d in drivers(part) if d.path.split(".")[1] not in others)

    def _axes_of_pair(self, axes: tuple[str, str]) -> tuple[str, str] | None:
        """The same inputs of the pair that is chosen now; None where it has no such input."""
        if not self._has_pair():
            return axes
        asic_id, offer_id = self.pair
        assert asic_id is not None
        assert offer_id is not None
        part = pair_plan(self.plan, asic_id, offer_id)
        found = []
        for path in axes:
            table, *rest = path.split(".")
            own = {"asic_lots": asic_id, "ai_offers": offer_id}.get(table)
            if own is not None:
                path = f"{table}.{own}.{rest[-1]}"
            record = part.ai_offers[0]
            foreign = table == "ai_offers" and rest[-1] not in {f.name for f in applicable_fields(record)}
            if foreign or not _is_driver(part, path):
                return None
            found.append(path)
        return found[0], found[1]

    # --- the charts ---

    def _price(self, worded: bool) -> ChartSpec:
        basis = self.price_basis
        x_range = price_range(self.results, self.scope, self.ranges, basis)
        prices = np.linspace(*x_range, PRICE_POINTS)
        curves = price_curves(self.part, self.results, prices, basis)
        saved = self._saved_curves(prices, basis)
        return price_chart(self.results, self.scope, curves, basis, self.ranges, self.write, saved, worded)

    def _frontier(self, worded: bool) -> ChartSpec:
        axes = self.frontier_axes()
        asic_id, offer_id = self.pair
        if axes is None or asic_id is None or offer_id is None:
            return self._no_frontier()
        front = self.frontier()
        assert front is not None
        return frontier_chart(
            self.plan,
            front,
            self.scope.looks[asic_id],
            self.scope.looks[offer_id],
            next(o for o in self.plan.ai_offers if o.id == offer_id).kind,
            self.write,
            self._saved_frontier(front),
            self.frontier_sentence() if worded or not front.is_known else "",
        )

    def frontier(self) -> Frontier | None:
        """The frontier on show; None where there is no pair."""
        axes = self.frontier_axes()
        asic_id, offer_id = self.pair
        if axes is None or asic_id is None or offer_id is None:
            return None
        x_range = axis_range(self.plan, axes[0], self.ranges, "x")
        y_range = axis_range(self.plan, axes[1], self.ranges, "y")
        found = frontier_over(
            self.part, asic_id, offer_id, *axes, x_range, y_range, self.frontier_basis, self.results, self._front
        )
        self._front = found
        return found

    def _no_frontier(self) -> ChartSpec:
        if not self.plan.asic_lots:
            reason = "The frontier sets machines against an AI offer. Add machines on the Fleet page."
        elif not self.plan.ai_offers:
            reason = "The frontier sets machines against an AI offer. Add an offer on the AI offers page."
        else:
            reason = "These machines and this offer stand at different sites: choose a pair that shares one."
        nothing = Axis("", "", "", 0.0, 1.0)
        return ChartSpec("frontier", "Where an AI offer beats mining", "", nothing, nothing, reason=reason)

    def _has_pair(self) -> bool:
        lots = {a.id: a.site_id for a in self.plan.asic_lots}
        offers = {o.id: o.site_id for o in self.plan.ai_offers}
        asic_id, offer_id = self.pair
        return asic_id in lots and offer_id in offers and lots[asic_id] == offers[offer_id]

    # --- the saved plan, priced once ---

    def _price_saved(self) -> tuple[Plan, Results] | None:
        """The part of the saved plan that is compared with, and its results; None without one."""
        if self.saved is None:
            return None
        part = legible_plan(self.saved, *self.pair)
        found = self._kept.get("saved")
        # By content: parts of a plan that an edit did not touch are the same objects.
        key = priced_tables(part)
        if found is None or found[0] != key:
            found = self._kept["saved"] = (key, evaluate(part))
        assert isinstance(found[1], Results)
        return part, found[1]

    def _saved_curves(self, prices: Array, basis: str) -> PriceCurves | None:
        if self._before is None:
            return None
        part, results = self._before
        key: Key = (results, basis, float(prices[-1]))
        found = self._kept.get("curves")
        if found is None or not _same_key(found[0], key):
            found = self._kept["curves"] = (key, price_curves(part, results, prices, basis))
        assert isinstance(found[1], PriceCurves)
        return found[1]

    def _saved_frontier(self, front: Frontier) -> Frontier | None:
        asic_id, offer_id = self.pair
        saved = self.saved
        if saved is None or asic_id is None or offer_id is None:
            return None
        if not (_has(saved.asic_lots, asic_id) and _has(saved.ai_offers, offer_id)):
            return None
        if not (_is_driver(saved, front.x_path) and _is_driver(saved, front.y_path)):
            return None
        spans = (float(front.xs[0]), float(front.xs[-1])), (float(front.ys[0]), float(front.ys[-1]))
        key: Key = (saved, self.pair, front.x_path, front.y_path, front.basis, spans)
        found = self._kept.get("frontier")
        if found is None or not _same_key(found[0], key):
            other = frontier_over(saved, asic_id, offer_id, front.x_path, front.y_path, *spans, front.basis)
            found = self._kept["frontier"] = (key, other)
        assert isinstance(found[1], Frontier)
        return found[1]


def _same_key(first: Key, second: Key) -> bool:
    """Whether two keys match, with the plan (or its results) the same object: comparing whole plans takes too long."""
    return first[0] is second[0] and first[1:] == second[1:]


def _has(records: tuple[object, ...], record_id: str) -> bool:
    return any(getattr(r, "id", None) == record_id for r in records)


def _is_driver(plan: Plan, path: str) -> bool:
    try:
        driver(plan, path)
    except KeyError:
        return False
    return True
