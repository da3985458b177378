"""What would turn a decision: flips with both sides at their value, the ends of the tornado, levels to be watched."""

from __future__ import annotations

import dataclasses
import math

import models.explain.market as market
from models.curves import month_after
from models.drivers import BTC_PRICE, HASHPRICE
from models.evaluate import evaluate
from models.explain.context import PUT_IN, Context
from models.explain.sites import worth
from models.explain.tree import Node
from models.fields import read, replace
from models.figure_along import movable, moved_plan
from models.flips import Flip, flips
from models.memo.explained.inputs import deviation, range_end
from models.memo.explained.sites import decision_of
from models.plan import Plan
from models.recommendation import Option, SiteDecision, options_of
from models.records.judgement import ABOVE
from models.results import ASIC
from models.sensitivity.distances import Distance, distances
from models.sensitivity.ranges import range_of
from models.sensitivity.tornado import tornado
from models.sensitivity.tripwires import proposed
from models.units import display
from models.watch import FIRST_RENT, watched_input

AT_END = "the end of its range, put in here"
NAMES = ("now", "value", "distance", "deviations")


def flip(ctx: Context, site_id: str, race: str, path: str, name: str) -> Node:
    """Where one input stands, where it changes the answer, and how far that is.

    Parameters
    ----------
    ctx
        See there.
    site_id
        Whose decision it is.
    race
        ``flips`` against all other uses, ``against_mining`` against the best machines there.
    path
        Of the input.
    name
        ``now``, ``value``, ``distance`` or ``deviations``.

    Raises
    ------
    KeyError
        Where the memo has no such flip.
    """
    decision = decision_of(ctx, site_id)
    mine = None
    if race == "against_mining":
        mine = next((o for o in decision.ranked if o.kind == ASIC), None)
        if mine is None or mine is decision.best:
            raise KeyError(f"recommendation.{site_id}.{race}")
    found = next(iter(flips(ctx.plan, decision, mine, path)), None)
    if found is None or not found.reachable or name not in NAMES:
        raise KeyError(f"recommendation.{site_id}.{race}.{path}.{name}")
    if name == "now":
        return _now(ctx, found)
    at = _at_flip(ctx, decision, mine, found)
    if name == "value":
        return at
    return _distance(ctx, found, at) if name == "distance" else _deviations(ctx, decision, found, at)


def _is_delay(path: str) -> bool:
    return path.endswith(f".{FIRST_RENT}")


def _now(ctx: Context, found: Flip) -> Node:
    entered = ctx.input(found.path)
    if _is_delay(found.path):
        note = "A delay is counted from the plan's own first rent."
        return Node("Delay now", 0.0, "months", 0, formula="0", children=(entered,), note=note)
    return Node(
        f"{found.label} now", found.now, found.unit, found.digits, formula="{0}", children=(entered,), note=entered.note
    )  # fmt: skip


def _moved(plan: Plan, path: str, at: float) -> Plan:
    """The plan with an input at a value; a delay in months."""
    if _is_delay(path):
        return replace(plan, path, month_after(str(read(plan, path)), round(at)))
    whole = movable(plan, path).whole
    return moved_plan(plan, path, float(round(at)) if whole else at)


def _sides(
    ctx: Context, decision: SiteDecision, against: Option | None, path: str, at: float, words: str
) -> list[Node]:
    """The best use of today and its best rival, priced anew with the input moved."""
    plan = _moved(ctx.plan, path, at)
    results = evaluate(plan)
    there = ctx.moved(plan, results, BTC_PRICE if path == HASHPRICE else path, words)
    by_id = {o.id: o for o in options_of(plan, results, decision.site)}
    assert decision.best is not None
    rivals = [by_id[o.id] for o in (decision.ranked[1:] if against is None else (against,))]
    rival = max(rivals, key=lambda o: o.worth_usd_per_mw if math.isfinite(o.worth_usd_per_mw) else -math.inf)
    return [worth(there, by_id[decision.best.id]), worth(there, rival)]


def _at_flip(ctx: Context, decision: SiteDecision, against: Option | None, found: Flip) -> Node:
    sides = _sides(ctx, decision, against, found.path, found.value, PUT_IN)
    left = abs(sides[0].value - sides[1].value)
    slack = 1e-7 * (sum(abs(side.value) for side in sides) + 1.0)
    note = "Both are priced anew at this value; everything else stays as it is in the plan."
    if left > slack:
        slack = left * (1.0 + 1e-9)
        note = (
            "The first value at which the other is ahead: only whole numbers can be had, or a month begins to run here."
        )
    return Node(
        f"{found.label}, flips at",
        found.value,
        found.unit,
        found.digits,
        formula="{0} − {1}",
        children=tuple(sides),
        solves=True,
        slack=slack,
        note=note,
    )


def _distance(ctx: Context, found: Flip, at: Node) -> Node:
    now = _now(ctx, found)
    if _is_delay(found.path):
        note = "Delays are set beside other distances in years."
        return Node("Distance", found.distance, "years", 2, formula="{0} ÷ 12", children=(at,), note=note)
    if found.in_points:
        note = "The present value is zero: the move itself, not a share of it."
        children = (at, now)
        return Node(
            "Distance", found.distance, found.unit, found.digits + 1, formula="{0} − {1}", children=children, note=note
        )
    formula = "({0} − {1}) ÷ {1}" if found.now > 0 else "({0} − {1}) ÷ (0 − {1})"
    return Node("Distance", found.distance, "fraction", 1, formula=formula, children=(at, now))


def _deviations(ctx: Context, decision: SiteDecision, found: Flip, at: Node) -> Node:
    counted = HASHPRICE if found.path == BTC_PRICE else found.path
    away: Distance = next(d for d in distances(ctx.plan, decision, [found]))
    if away.range is None or not math.isfinite(away.deviations):
        raise KeyError(f"{found.path}.deviations")
    now = _now(ctx, found)
    note = "No probability is meant: inputs of different kinds become comparable."
    if away.flip.path != found.path:
        hashprice = market.figure(ctx, "hashprice_usd_per_ph_day")
        at = Node(
            "Hashprice at the flip", away.flip.value, "USD/PH/day", 2, formula="{0} × {1} ÷ {2}",
            children=(at, hashprice, now), note="At today's difficulty.",
        )  # fmt: skip
        now = hashprice
        note = f"Counted in hashprice, which the BTC price moves. {note}"
    return Node(
        "Deviations",
        away.deviations,
        "",
        1,
        formula="max({0} − {1}, {1} − {0}) ÷ {2}",
        children=(at, now, deviation(ctx, dataclasses.replace(away.range, path=counted))),
        note=note,
    )


def tornado_end(ctx: Context, site_id: str, path: str, name: str) -> Node:
    """An end of an input's range, or the lead of today's best use there.

    Raises
    ------
    KeyError
        Where the tornado has no such bar.
    """
    if name in ("p10", "p90"):
        return range_end(ctx, path, name)
    span = range_of(ctx.plan, path)
    decision = decision_of(ctx, site_id)
    if span is None or name not in ("at_p10", "at_p90") or decision.next_best is None:
        raise KeyError(f"recommendation.{site_id}.tornado.{path}.{name}")
    found = tornado(ctx.plan, f"sites.{site_id}.lead_usd_per_mw", (span,))
    bar = next(iter((*found.bars, *found.unknown)), None)
    end = name.removeprefix("at_")
    value = found.figure.value if bar is None else float(getattr(bar, name))
    sides = _sides(ctx, decision, None, path, float(getattr(span, end)), AT_END)
    return Node(
        "Lead",
        value,
        "USD/MW",
        0,
        formula="{0} − {1}",
        children=(*sides, range_end(ctx, path, end)),
        note="Of the use that is best today over the best of the others there; below zero another one is best.",
        reason="" if math.isfinite(value) else "It cannot be computed at this end of the range.",
    )


def proposed_level(ctx: Context, path: str, side: str) -> Node:
    """The level of a tripwire that the memo proposes: a flip, rounded towards today's value.

    Raises
    ------
    KeyError
        Where none is proposed for the input.
    """
    moved = BTC_PRICE if path == HASHPRICE else path
    found = [(d, away) for d in ctx.decisions for away in distances(ctx.plan, d, flips(ctx.plan, d, only=moved))]
    wires = proposed(ctx.plan, [a for _, a in found], ctx.as_of.isoformat())
    wire = next((w for w in wires if (w.path, w.side) == (path, side)), None)
    if wire is None:
        raise KeyError(f"proposed.{path}.{side}.level")
    same = [(d, a.flip) for d, a in found if a.flip.path == path and a.flip.reachable]
    same = [(d, flip) for d, flip in same if (flip.value > flip.now) is (side == ABOVE)]
    decision, beyond = min(same, key=lambda pair: abs(pair[1].value - wire.level))
    known = watched_input(ctx.plan, path)
    at = _of_wire(ctx, decision, beyond)
    per_unit = display(known.unit)[1] * 10.0**known.digits
    formula, note = "{0}", "The flip itself: it is nearer than a digit of the input."
    if wire.level != beyond.value:
        note = "The flip, rounded to the input's digits towards today's value: rather early than late."
        shift = "+ 10^(0 − 9)" if beyond.value > beyond.now else "− 10^(0 − 9)"
        formula = f"floor({{0}} × {per_unit!r} {shift}) ÷ {per_unit!r}"
        if beyond.value < beyond.now:
            formula = f"(0 − floor(0 − ({{0}} × {per_unit!r} {shift}))) ÷ {per_unit!r}"
    return Node("Level", wire.level, known.unit, known.digits, formula=formula, children=(at,), note=note)


def _of_wire(ctx: Context, decision: SiteDecision, beyond: Flip) -> Node:
    if beyond.path != HASHPRICE:
        return _at_flip(ctx, decision, None, beyond)
    price = next(iter(flips(ctx.plan, decision, only=BTC_PRICE)))
    hashprice = market.figure(ctx, "hashprice_usd_per_ph_day")
    children = (_at_flip(ctx, decision, None, price), hashprice, _now(ctx, price))
    return Node(
        "Hashprice at the flip", beyond.value, "USD/PH/day", 2, formula="{0} × {1} ÷ {2}", children=children,
        note="At today's difficulty.",
    )  # fmt: skip
