"""Crossovers: both sides of the equation with the value put in, priced anew, and what is left between them."""

from __future__ import annotations

import math
from dataclasses import replace

import models.explain.lots as lots
import models.explain.uses as uses
from models.drivers import BTC_PRICE, with_value
from models.evaluate import evaluate, price_path, unknown_is_nan
from models.explain.context import Context
from models.explain.tree import Node
from models.figures import BASIS_WORDS, CROSSOVER_KINDS
from models.lot_pricing import figure_on
from models.market import spot_btc_price
from models.pair import pair_plan
from models.plan import AiOffer, Plan
from models.results import Results

FIGURE_OF_BASIS = {
    "revenue": "revenue_usd_per_mw_year",
    "margin": "margin_usd_per_mw_year",
    "npv": "npv_usd_per_mw",
}
NEAR = 1e-9
"""Relative step to the side at which a jump is looked for."""


@unknown_is_nan
def figure(ctx: Context, asic_id: str, offer_id: str, basis: str, name: str) -> Node:
    """One of `models.figures.CROSSOVER_KINDS` of a pair.

    Raises
    ------
    KeyError
        Where lot and offer do not share a site.
    """
    kind, path = CROSSOVER_KINDS[name], f"crossovers.{asic_id}.{offer_id}.{basis}.{name}"
    row = ctx.results.crossover(asic_id, offer_id, basis)
    if row is None:
        raise KeyError(path)
    mined, offered = ctx.results.by_id[asic_id], ctx.results.by_id[offer_id]
    value = float(getattr(row, name))
    label = f"{kind.label}, {mined.name} and {offered.name}, on {BASIS_WORDS[basis]}"
    if not math.isfinite(value):
        if row.reason:
            reason = f"{row.reason[:1].upper()}{row.reason[1:]}."
        else:
            reason = "An offer of this kind has no such price."
        now = tuple(uses.figure(ctx, one, FIGURE_OF_BASIS[basis]) for one in (asic_id, offer_id))
        return Node(label, value, kind.unit, kind.digits, path, children=now, reason=reason)
    moved = _moved(ctx, name, value, offer_id)
    # A pair is priced without its evidence, which the inputs on both sides shall show.
    plan = replace(pair_plan(moved, asic_id, offer_id), evidence=ctx.plan.evidence)
    results = evaluate(plan)
    put_in = BTC_PRICE if name in ("btc_price_usd", "hashprice_usd_per_ph_day") else price_path(_offer(ctx, offer_id))
    there = ctx.moved(plan, results, put_in)
    sides = [uses.figure(there, one, FIGURE_OF_BASIS[basis]) for one in (asic_id, offer_id)]
    formula = "{0} − {1}"
    if basis == "npv":
        sides.append(lots.resale(there, results.by_id[asic_id]))
        formula = "{0} − ({1} + {2})"
    left = _left(results, asic_id, offer_id, basis)
    scale = sum(abs(side.value) for side in sides) + 1.0
    note = "Both sides are priced anew at this value; everything else stays as it is in the plan."
    slack = 1e-7 * scale
    if abs(left) > slack:
        slack = abs(left) * (1.0 + 1e-9)
        just_below = evaluate(pair_plan(_moved(ctx, name, value * (1 - NEAR), offer_id), asic_id, offer_id))
        below = _left(just_below, asic_id, offer_id, basis)
        if below < 0 <= left:
            note = "Mining jumps over the offer here, where a month or an hour begins to run: just below it earns less."
        else:
            note = f"Priced anew, the two sides differ by {left:,.2f} USD/MW."
    return Node(
        label, value, kind.unit, kind.digits, path, formula, tuple(sides), solves=True, slack=slack, note=note
    )  # fmt: skip


def change(ctx: Context, asic_id: str, offer_id: str, basis: str) -> Node:
    """A crossover's BTC price against today's."""
    crossing = figure(ctx, asic_id, offer_id, basis, "btc_price_usd")
    now = ctx.input(BTC_PRICE)
    value = crossing.value / now.value - 1.0 if now.value else math.nan
    return Node(
        f"{crossing.label}, against today",
        value,
        "fraction",
        1,
        f"crossovers.{asic_id}.{offer_id}.{basis}.btc_price_change_fraction",
        "{0} ÷ {1} − 1",
        (crossing, now),
        reason=crossing.reason,
    )


def _moved(ctx: Context, name: str, value: float, offer_id: str) -> Plan:
    """The plan with the crossover's own unknown moved; a price path is moved as a whole."""
    plan = ctx.plan
    if name == "btc_price_usd":
        return with_value(plan, BTC_PRICE, value)
    if name == "hashprice_usd_per_ph_day":
        spot = spot_btc_price(plan.market, ctx.results.dates)
        return with_value(plan, BTC_PRICE, value / ctx.results.market.spot_hashprice_usd_per_ph_day * spot)
    return with_value(plan, price_path(_offer(ctx, offer_id)), value)


def _offer(ctx: Context, offer_id: str) -> AiOffer:
    return next(o for o in ctx.plan.ai_offers if o.id == offer_id)


def _left(results: Results, asic_id: str, offer_id: str, basis: str) -> float:
    mined, offered = results.by_id[asic_id], results.by_id[offer_id]
    resale = mined.displaced_resale_usd_per_mw if basis == "npv" else 0.0
    return figure_on(mined, basis) - figure_on(offered, basis) - resale


def leading(ctx: Context, asic_id: str, offer_id: str) -> Node:
    """By how much the offer is worth more than the machines, with their resale: the header's fourth figure [USD/MW]."""
    offered, mined = (uses.figure(ctx, one, "npv_usd_per_mw") for one in (offer_id, asic_id))
    resale = lots.resale(ctx, ctx.results.by_id[asic_id])
    value = offered.value - (mined.value - resale.value)
    node = Node(
        f"{ctx.results.by_id[offer_id].name} over {ctx.results.by_id[asic_id].name}, NPV",
        value,
        "USD/MW",
        0,
        f"pairs.{asic_id}.{offer_id}.npv_usd_per_mw",
        "{0} + {2} − {1}",
        (offered, mined, resale),
        note="Above zero the offer is worth more.",
    )
    return node if math.isfinite(value) else replace(node, reason=offered.reason or mined.reason)
