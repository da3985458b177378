"""Which uses the break-even plots show, how each looks wherever it appears, and which ranges are on screen."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from models.charts.spec import LineStyle, Writer, short_text, sticky_range
from models.kept import Same
from models.narrowed import chosen, part_of
from models.plan import Plan
from models.results import ASIC, Results, UseResult
from models.use_names import named_at_site

Range = tuple[float, float]

LOT_STYLES: tuple[LineStyle, ...] = ("solid", "dot")
OFFER_STYLES: tuple[LineStyle, ...] = ("dash", "dash_dot")
"""The second cue: machines are never dashed, offers always."""

MOST_CURVES = 12
"""Up to so many uses the plots show the whole plan, above that the chosen machine's site."""

LOT_COLOURS, OFFER_COLOURS = (0, 1, 4, 7, 6), (2, 3, 5)
"""Colour roles of machines (blue, vermilion, orange, yellow, ink) and of offers (green, purple, sky): no role stands
for both, so that the two sides of a frontier differ, and adding machines recolours no offer."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a use is drawn wherever it appears."""

    label: str
    colour: int
    style: LineStyle
    strong: bool


@dataclass(frozen=True)
class Scope:
    """Which uses the plots show, and how.

    Attributes
    ----------
    name
        "Whole plan", or the site's name.
    uses
        Lots before offers.
    looks
        By use id.
    """

    name: str
    uses: tuple[UseResult, ...]
    looks: dict[str, Look]

    @property
    def lots(self) -> tuple[UseResult, ...]:
        """The machines."""
        return tuple(u for u in self.uses if u.kind == ASIC)

    @property
    def offers(self) -> tuple[UseResult, ...]:
        """Leases and own GPUs."""
        return tuple(u for u in self.uses if u.kind != ASIC)


@dataclass(slots=True)
class Ranges:
    """The ranges on screen by chart and axis; they stay while they fit, and hold while a lever is dragged.

    Attributes
    ----------
    shown
        By chart and axis: the range, and what there was to show when it was chosen.

    Examples
    --------
    >>> ranges = Ranges()
    >>> ranges.take("cash", "x", 0.0, 95.0), ranges.take("cash", "x", 0.0, 99.0), ranges.take("cash", "x", 0.0, 70.0)
    ((0.0, 100.0), (0.0, 100.0), (0.0, 80.0))
    """

    shown: dict[tuple[str, str], tuple[Range, Range]] = field(default_factory=dict)
    held: bool = False

    def take(self, chart: str, axis: str, low: float, high: float) -> Range:
        """The range to show for what there is to show."""
        key = (chart, axis)
        previous, chosen_for = self.shown.get(key, (None, None))
        found = sticky_range(previous, low, high, chosen_for=chosen_for, held=self.held)
        if found is not previous:
            self.shown[key] = (found, (low, high))
        return found

    def forget(self, chart: str) -> None:
        """Let a chart choose its ranges anew, since it shows something else now."""
        self.shown = {key: value for key, value in self.shown.items() if key[0] != chart}


def legible_plan(plan: Plan, asic_id: str | None, offer_id: str | None) -> Plan:
    """The part of a plan that fits into one plot: all of it, or the site of the chosen machine.

    Sites do not touch each other's figures, so the part is priced as in the whole. The same plan comes back where it
    fits.
    """
    if len(plan.asic_lots) + len(plan.ai_offers) <= MOST_CURVES:
        return plan
    return _legible(Same(plan), asic_id, offer_id)


@lru_cache(maxsize=4)
def _legible(same: Same, asic_id: str | None, offer_id: str | None) -> Plan:
    """Kept for the plan on show and the saved one, which every plot of a frame asks for."""
    plan: Plan = same.held
    site_of = {a.id: a.site_id for a in plan.asic_lots} | {o.id: o.site_id for o in plan.ai_offers}
    site_id = site_of.get(asic_id or "") or site_of.get(offer_id or "") or next(iter(site_of.values()))
    here = frozenset((site_id,))
    return part_of(plan, chosen(plan.asic_lots, "site_id", here), chosen(plan.ai_offers, "site_id", here), here)


def scope_of(plan: Plan, results: Results, asic_id: str | None, offer_id: str | None) -> Scope:
    """How the uses of a plan are drawn.

    Parameters
    ----------
    plan, results
        From `legible_plan`, and its evaluation.
    asic_id, offer_id
        The chosen pair, drawn heavier.
    """
    # Of one site nobody needs its name at every curve.
    names = named_at_site(plan) if len(plan.sites) == 1 else {use.id: use.name for use in results.uses}
    looks = {}
    counts = {True: 0, False: 0}
    for use in results.uses:
        is_lot = use.kind == ASIC
        roles, styles = (LOT_COLOURS, LOT_STYLES) if is_lot else (OFFER_COLOURS, OFFER_STYLES)
        turn, place = divmod(counts[is_lot], len(roles))
        counts[is_lot] += 1
        style = styles[turn % len(styles)]
        looks[use.id] = Look(names[use.id], roles[place], style, use.id in (asic_id, offer_id))
    return Scope(plan.sites[0].name if len(plan.sites) == 1 else "Whole plan", results.uses, looks)


def focus_range(scope: Scope, spans: dict[str, Range]) -> Range:
    """A range for the chosen pair and all machines; other offers join unless they would squash them.

    Own GPUs earn ten times a lease and cost three times as much: on one scale with everything, nothing could be read.
    """
    must = [u for u in scope.uses if u.kind == ASIC or scope.looks[u.id].strong]
    known = [spans[u.id] for u in (must or scope.uses) if u.id in spans and _is_known(spans[u.id])]
    low = min((s[0] for s in known), default=0.0)
    high = max((s[1] for s in known), default=1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    reach = high - low
    for use in scope.uses:
        span = spans.get(use.id, (math.nan, math.nan))
        if _is_known(span) and max(span[1] - high, low - span[0], 0.0) <= 0.8 * reach:
            low, high = min(low, span[0]), max(high, span[1])
    return low, high


def _is_known(span: Range) -> bool:
    return math.isfinite(span[0]) and math.isfinite(span[1])


def off_scale(look: Look, value: float, shown: Range, unit: str, write: Writer) -> str:
    """A curve's name, with an arrow and its figure where it lies wholly outside what is shown."""
    if shown[0] <= value <= shown[1] or not math.isfinite(value):
        return look.label
    return f"{'↑' if value > shown[1] else '↓'} {short_text(value, unit, write)} {look.label}"
