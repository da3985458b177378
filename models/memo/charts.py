"""The memo's pictures: the break-even page's own charts, for the pair that each decision turns on."""

from __future__ import annotations

import numpy as np

from models.breakeven import price_curves
from models.charts.break_even import (
    PRICE_POINTS,
    cash_chart,
    power_chart,
    price_chart,
    price_range,
)
from models.charts.frontier import axis_range, default_axes, frontier_chart, frontier_over, frontier_sentence
from models.charts.scope import Ranges, legible_plan, scope_of
from models.charts.spec import ChartSpec
from models.evaluate import evaluate
from models.memo.parts import Picture
from models.memo.written import plain
from models.plan import Plan
from models.recommendation import SiteDecision
from models.results import ASIC, Results


def pair_of(decision: SiteDecision) -> tuple[str | None, str | None]:
    """The lot and the offer of a site that stand highest: the pair that its pictures are about."""
    lots = [o.id for o in decision.ranked if o.kind == ASIC]
    offers = [o.id for o in decision.ranked if o.kind in ("lease", "gpu_cloud")]
    return (lots[0] if lots else None, offers[0] if offers else None)


def pictures(plan: Plan, results: Results, decision: SiteDecision) -> dict[str, Picture]:
    """What a decision's pair earns against the BTC price, its frontier, power prices, and cash over time.

    By name: ``price``, ``frontier``, ``power``, ``cash``; those with nothing to draw are left out.

    Parameters
    ----------
    plan, results
        Scenario applied. Where there are too many uses for one plot, only the decision's site is drawn.
    decision
        The one with the largest stake.
    """
    asic_id, offer_id = pair_of(decision)
    shown = legible_plan(plan, asic_id, offer_id)
    shown_results = results if shown is plan else evaluate(shown, scenario_name=results.scenario)
    scope = scope_of(shown, shown_results, asic_id, offer_id)
    ranges = Ranges()
    found: dict[str, Picture] = {}
    basis = "margin"
    prices = np.linspace(*price_range(shown_results, scope, ranges, basis), PRICE_POINTS)
    curves = price_curves(shown, shown_results, prices, basis)
    caption = "Where a machine's curve crosses an offer's line, both earn the same margin; capital is not charged yet."
    found["price"] = _picture(price_chart(shown_results, scope, curves, basis, ranges), caption)
    if asic_id is not None and offer_id is not None:
        found["frontier"] = _frontier(shown, shown_results, asic_id, offer_id, ranges)
    if scope.lots:
        caption = "At a hashprice right of its crossing a machine earns more than the site's power costs."
        found["power"] = _picture(power_chart(shown, shown_results, scope, ranges), caption)
    caption = "Capex first, then what comes back; a mark shows the month of payback."
    found["cash"] = _picture(cash_chart(shown_results, scope, ranges), caption)
    return {name: picture for name, picture in found.items() if not picture.spec.reason}


def _frontier(plan: Plan, results: Results, asic_id: str, offer_id: str, ranges: Ranges) -> Picture:
    scope = scope_of(plan, results, asic_id, offer_id)
    x_path, y_path = default_axes(plan, offer_id)
    spans = (axis_range(plan, x_path, ranges, "x"), axis_range(plan, y_path, ranges, "y"))
    front = frontier_over(plan, asic_id, offer_id, x_path, y_path, *spans, "npv")
    lot = next(r for r in plan.asic_lots if r.id == asic_id)
    offer = next(r for r in plan.ai_offers if r.id == offer_id)
    sentence = frontier_sentence(plan, results, front, lot, offer)
    looks = scope.looks
    spec = frontier_chart(plan, front, looks[asic_id], looks[offer_id], results.by_id[offer_id].kind, sentence=sentence)
    return _picture(spec, sentence)


def _picture(spec: ChartSpec, caption: str) -> Picture:
    return Picture(spec, plain(caption), plain(spec.summary))
