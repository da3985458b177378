"""Deciding later: the same offer some months on, with its machines mining until then."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

import models.explain.lots as lots
import models.explain.uses as uses
from models.curves import month_after
from models.evaluate import evaluate
from models.explain.context import Context
from models.explain.sites import worth
from models.explain.tree import Column, LaterNode, Node, Table
from models.figure_along import part_for
from models.memo.explained.sites import decision_of, placed, placement
from models.metrics import discount_factors
from models.recommendation import Displaced, Option, SiteDecision
from models.waiting import WAITS_MONTHS, Wait, waits

PREFIX = "wait_"


def _wait_of(ctx: Context, decision: SiteDecision, words: str) -> Wait | None:
    asked = tuple(months for months in WAITS_MONTHS if f"{PREFIX}{months}" == words)
    return next(iter(waits(ctx.plan, ctx.results, decision, asked)), None)


def waited(ctx: Context, site_id: str, words: str, name: str) -> Node:
    """A site's best offer taken later: its megawatts, its worth, and what it is behind the best.

    Raises
    ------
    KeyError
        Where the memo has no such alternative.
    """
    decision = decision_of(ctx, site_id)
    wait = _wait_of(ctx, decision, words)
    if wait is None or decision.best is None:
        raise KeyError(f"alternatives.{site_id}.{words}")
    match name:
        case "mw":
            return uses.figure(ctx, wait.offer.id, "mw")
        case "npv_usd_per_mw":
            return _worth(ctx, decision, wait)
        case "behind_usd_per_mw":
            children = (_worth(ctx, decision, wait), worth(ctx, decision.best))
            value = wait.worth_usd_per_mw - decision.best.worth_usd_per_mw
            return Node("Behind the best", value, "USD/MW", 0, formula="{0} − {1}", children=children)
    raise KeyError(name)


def _worth(ctx: Context, decision: SiteDecision, wait: Wait) -> Node:
    """The offer's NPV with everything later, and what its machines earn until then."""
    label = f"NPV, {wait.offer.name}, {wait.months} months later"
    at = f"uses.{wait.offer.id}.npv_usd_per_mw"
    npv = LaterNode(label, wait.npv_usd_per_mw, "USD/MW", 0, at, lambda: _npv_later(ctx, wait))
    children = (npv, *_mined(ctx, decision, wait))
    note = "The offer stands at the same price then. As today, no mining between decision and first rent is counted."
    if wait.lost_rent_months:
        note += f" {wait.lost_rent_months} months of its income fall behind the plan's end."
    formula = " + ".join(f"{{{k}}}" for k in range(len(children)))
    return Node(
        f"Worth of waiting {wait.months} months", wait.worth_usd_per_mw, "USD/MW", 0, formula=formula,
        children=children, note=note,
    )  # fmt: skip


def _npv_later(ctx: Context, wait: Wait) -> Node:
    """The offer's NPV in a plan in which all about it happens later."""
    path = f"ai_offers.{wait.offer.id}.first_rent_month"
    offer = next(o for o in ctx.plan.ai_offers if o.id == wait.offer.id)
    later = dataclasses.replace(offer, first_rent_month=month_after(offer.first_rent_month, wait.months))
    # Uses of other sites do not depend on it; the inputs shall still name their sources.
    part = part_for(ctx.plan, f"uses.{offer.id}.npv_usd_per_mw")
    offers = tuple(later if o is offer else o for o in part.ai_offers)
    plan = dataclasses.replace(part, ai_offers=offers, evidence=ctx.plan.evidence)
    there = ctx.moved(plan, evaluate(plan), path, f"{wait.months} months later than in the plan")
    return uses.npv(there, there.results.by_id[offer.id])


def _mined(ctx: Context, decision: SiteDecision, wait: Wait) -> list[Node]:
    """What each lot that gives way earns in these months, by its share of the megawatts."""
    displaced = next((p.displaced for p in decision.placements if p.option is wait.offer), None)
    if displaced is None:
        displaced = tuple(Displaced(o, o.mw) for o in decision.ranked if o.existing)
    total = math.fsum(d.mw for d in displaced)
    return [_lot(ctx, d.lot, d.mw, total, wait.months) for d in displaced if d.lot is not None and total > 0]


def _lot(ctx: Context, lot: Option, mw: float, total_mw: float, months: int) -> Node:
    use = ctx.results.by_id[lot.id]
    count = min(months, len(ctx.months))
    margin = use.cash.margin[:count]
    factors = discount_factors(use.discount_rate_fraction, count)[1:]
    loses = lot.resale_usd_per_mw * (1.0 - (1.0 + use.discount_rate_fraction) ** (-months / 12.0))
    value = mw / total_mw * (float((margin * factors).sum()) - loses)

    def made() -> Node:
        return _lot_in_full(ctx, lot, mw, total_mw, months, value)

    label = f"Mined until then, {lot.name}"
    return LaterNode(label, value, "USD/MW", 0, "", made) if math.isfinite(value) else made()


def _lot_in_full(ctx: Context, lot: Option, mw: float, total_mw: float, months: int, value: float) -> Node:
    use = ctx.results.by_id[lot.id]
    count = min(months, len(ctx.months))
    rows = np.arange(count, dtype=float)
    rate, resale = uses.rate(ctx, use), lots.resale(ctx, use)
    lines = [uses.line(ctx, use, name, rows) for name in ("revenue", "power", "opex")]
    margin = use.cash.margin[:count]
    factors = discount_factors(use.discount_rate_fraction, count)[1:]
    columns = (
        Column("Months", "", rows + 1.0),
        Column("Margin", "USD/MW", margin),
        Column("Factor", "", factors, "(1 + {0})^(−{t0} ÷ 12)", digits=4),
        Column("Present value", "USD/MW", margin * factors, "{t1} × {t2}"),
    )
    paid = Node("Resale of its machines", lot.resale_usd_per_mw, "USD/MW", 0, formula="{0}", children=(resale,))
    taken = Node("Megawatts that give way", mw, "MW", 2, children=(uses.figure(ctx, lot.id, "mw"),))
    of_all = Node("Megawatts that the offer takes", total_mw, "MW", 2)
    return Node(
        f"Mined until then, {lot.name}",
        value,
        "USD/MW",
        0,
        formula=f"{{2}} ÷ {{3}} × (sum({{t3}}) − {{1}} × (1 − (1 + {{0}})^(−{months} ÷ 12)))",
        children=(rate, paid, taken, of_all, *lines),
        table=Table("Month", ctx.row_names(rows), columns),
        note="Its margin in these months, less what its resale loses by coming later.",
    )


def gain(ctx: Context, words: str) -> Node:
    """What all sites gain over doing nothing where the best offer of each is taken later.

    Raises
    ------
    KeyError
        Where the memo has no such alternative.
    """
    terms: list[str] = []
    children: list[Node] = []
    value = 0.0
    for decision in ctx.decisions:
        wait = _wait_of(ctx, decision, words)
        for one in decision.placements:
            at = len(children)
            children.append(placement(ctx, decision.site.id, one.option.id, "gain_usd"))
            label = f"Gain of {one.option.name}, {decision.site.name}"
            children[-1] = dataclasses.replace(children[-1], label=label)
            terms.append(f"{{{at}}}")
            value += one.gain_usd
            if wait is not None and one.option is wait.offer:
                children += [placed(ctx, decision, one), worth(ctx, one.option), _worth(ctx, decision, wait)]
                terms[-1] += f" − {{{at + 1}}} × ({{{at + 2}}} − {{{at + 3}}})"
                value -= one.mw * (one.option.worth_usd_per_mw - wait.worth_usd_per_mw)
    if not children or words not in [f"{PREFIX}{months}" for months in WAITS_MONTHS]:
        raise KeyError(f"alternatives.{words}")
    return Node("Gain", value, "USD", 0, formula=" + ".join(terms), children=tuple(children))
