"""The memo's money: what is asked for, what comes back, from the quoted price to what is kept, who pays it."""

from __future__ import annotations

import math

import numpy as np

import models.explain.lots as lots
import models.explain.offers as offers
import models.explain.uses as uses
from models.bills.flexibility import given_up
from models.curves import Array
from models.explain import market, node_of
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.memo.bridges import per_mw_bridge
from models.memo.deal_terms import shown_offers
from models.memo.explained.sites import placed, summed
from models.memo.subject import Subject, Turning
from models.memo.written import plain
from models.plan import LEASE
from models.recommendation import IDLE, Placement, SiteDecision
from models.results import ASIC, UseResult


def _changes(ctx: Context) -> list[tuple[SiteDecision, Placement]]:
    return [(d, p) for d in ctx.decisions for p in d.placements if p.option.kind != IDLE]


def asked(ctx: Context, rest: list[str]) -> Node:
    """What the board is asked for: of one change, or of all.

    Raises
    ------
    KeyError
        Where nothing of that name is asked for.
    """
    changes = _changes(ctx)
    match rest:
        case ["mw"]:
            return summed("Megawatts", "MW", 1, [placed(ctx, d, p) for d, p in changes])
        case ["spend_usd"]:
            return summed("To spend", "USD", 0, [_spend(ctx, d, p) for d, p in changes])
        case ["peak_outlay_usd"]:
            return _joint_outlay(ctx, changes)
        case [site_id, use_id, name]:
            found = next(((d, p) for d, p in changes if (d.site.id, p.option.id) == (site_id, use_id)), None)
            if found is not None and name == "spend_usd":
                return _spend(ctx, *found)
            if found is not None and name == "peak_outlay_usd":
                each = outlay(ctx, ctx.results.by_id[use_id])
                mw = placed(ctx, *found)
                return Node(
                    "Peak outlay", mw.value * each.value, "USD", 0, formula="{0} × {1}", children=(mw, each),
                    reason=each.reason,
                )  # fmt: skip
    raise KeyError(f"asked.{'.'.join(rest)}")


def _spend(ctx: Context, decision: SiteDecision, one: Placement) -> Node:
    mw, capex = placed(ctx, decision, one), uses.figure(ctx, one.option.id, "capex_usd_per_mw")
    label = f"To spend on {one.option.name}, {decision.site.name}"
    return Node(label, mw.value * capex.value, "USD", 0, formula="{0} × {1}", children=(mw, capex))


def outlay(ctx: Context, use: UseResult) -> Node:
    """The lowest point of a use's cumulative cash, as a positive amount [USD/MW]."""
    points = use.cash_points
    columns = (Column("Cash", "USD/MW", points), Column("So far", "USD/MW", np.cumsum(points), "running({t0})"))
    value = max(-float(np.cumsum(points).min()), 0.0) if np.isfinite(points).all() else math.nan
    npv = uses.figure(ctx, use.id, "npv_usd_per_mw")
    return Node(
        "Peak outlay per MW",
        value,
        "USD/MW",
        0,
        formula="max(0 − lowest({t1}), 0)",
        children=(npv,),
        table=Table("Boundary", _boundaries(ctx), columns),
        note="Cash of a month falls at its end, capex at its start; its lines stand with the NPV.",
        reason=npv.reason,
    )


def _boundaries(ctx: Context) -> tuple[str, ...]:
    return (f"start of {ctx.months[0]}", *(f"end of {month}" for month in ctx.months))


def _joint_outlay(ctx: Context, changes: list[tuple[SiteDecision, Placement]]) -> Node:
    if not changes:
        raise KeyError("asked.peak_outlay_usd")
    used = [ctx.results.by_id[p.option.id] for _, p in changes]
    mw = tuple(placed(ctx, d, p) for d, p in changes)
    each = [
        Column(f"{p.option.name}, {d.site.name}", "USD/MW", use.cash_points)
        for (d, p), use in zip(changes, used, strict=True)
    ]
    together: Array = np.sum([node.value * use.cash_points for node, use in zip(mw, used, strict=True)], axis=0)
    count = len(changes)
    formula = " + ".join(f"{{{k}}} × {{t{k}}}" for k in range(count))
    columns = (
        *each,
        Column("All changes", "USD", together, formula),
        Column("So far", "USD", np.cumsum(together), f"running({{t{count}}})"),
    )
    value = max(-float(np.cumsum(together).min()), 0.0) if np.isfinite(together).all() else math.nan
    return Node(
        "Peak outlay",
        value,
        "USD",
        0,
        formula=f"max(0 − lowest({{t{count + 1}}}), 0)",
        children=mw,
        table=Table("Boundary", _boundaries(ctx), columns),
        note="What comes back early from one change pays for another.",
        reason="" if math.isfinite(value) else "The cash of one of the changes cannot be computed.",
    )


def returned(ctx: Context, use_id: str, name: str) -> Node:
    """Discount rate and peak outlay of a use.

    Raises
    ------
    KeyError
        Where the memo has no such figure.
    """
    use = ctx.results.by_id[use_id]
    match name:
        case "discount_rate_fraction":
            entered = uses.rate(ctx, use)
            return Node(
                "Discount rate", use.discount_rate_fraction, "fraction/year", 1, formula="{0}", children=(entered,)
            )
        case "peak_outlay_usd_per_mw":
            return outlay(ctx, use)
        case "peak_outlay_usd":
            each, mw = outlay(ctx, use), uses.figure(ctx, use_id, "mw")
            return Node(
                "Peak outlay", each.value * use.mw, "USD", 0, formula="{0} × {1}", children=(each, mw),
                reason=each.reason,
            )  # fmt: skip
    raise KeyError(name)


def bridged(ctx: Context, use_id: str, name: str) -> Node:
    """A step from the quoted price to what a megawatt keeps.

    Raises
    ------
    KeyError
        Where the memo has no such step.
    """
    use, unit = ctx.results.by_id[use_id], "USD/MW-year"
    known = {s.address: s for s in per_mw_bridge(ctx.plan, ctx.results, use).steps}
    step = known[f"bridge.{use_id}.{name}"]
    if name == "gross_usd_per_mw_year":
        return _gross(ctx, use, step.usd_per_mw_year)
    if name == "path_usd_per_mw_year":
        gross = _gross(ctx, use, known[f"bridge.{use_id}.gross_usd_per_mw_year"].usd_per_mw_year)
        revenue = uses.figure(ctx, use_id, "revenue_usd_per_mw_year")
        return Node(
            step.label, step.usd_per_mw_year, unit, 0, formula="{0} − {1}", children=(revenue, gross),
            note=f"{step.label}: what parts the quoted price from the first operating year's revenue.",
            reason=revenue.reason,
        )  # fmt: skip
    charge = known[f"bridge.{use_id}.capital_charge_usd_per_mw_year"].usd_per_mw_year
    capital = _capital(ctx, use, 0.0 - charge)
    if name == "capital_charge_usd_per_mw_year":
        return capital
    margin = uses.figure(ctx, use_id, "margin_usd_per_mw_year")
    return Node(
        step.label, step.usd_per_mw_year, unit, 0, formula="{0} − {1}", children=(margin, capital),
        reason=margin.reason or capital.reason,
    )  # fmt: skip


def _gross(ctx: Context, use: UseResult, value: float) -> Node:
    """The quoted price at full use, all year."""
    if use.kind == ASIC:
        children = (market.figure(ctx, "hashprice_usd_per_ph_day"), lots.ph_per_mw(ctx, use))
        return Node("Hashprice, all hours", value, "USD/MW-year", 0, formula="{0} × {1} × 8760 ÷ 24", children=children)
    at = f"ai_offers.{use.id}"
    if use.kind == LEASE:
        children = (ctx.input(f"{at}.rent_usd_per_it_kw_month"), ctx.input(f"{at}.gross_mw_per_it_mw"))
        label, formula = "Rent, full and flat", "{0} × 12 × 1000 ÷ {1}"
    else:
        children = (ctx.input(f"{at}.price_usd_per_gpu_hour"), offers.gpus_per_mw(ctx, use))
        label, formula = "GPU price, all hours", "{0} × {1} × 8760"
    return Node(label, value, "USD/MW-year", 0, formula=formula, children=children, reason=children[0].reason)


def _capital(ctx: Context, use: UseResult, value: float) -> Node:
    """The level yearly charge that returns what is spent."""
    capex = uses.figure(ctx, use.id, "capex_usd_per_mw")
    if not use.capex_usd_per_mw > 0:
        note = "" if math.isnan(value) else "Nothing is spent, so that nothing has to come back."
        return Node(
            "Capital charge", value, "USD/MW-year", 0, formula="0", children=(capex,), note=note, reason=capex.reason
        )  # fmt: skip
    is_lot = use.kind == ASIC
    months = ctx.input(f"asic_lots.{use.id}.capital_recovery_months" if is_lot else f"ai_offers.{use.id}.term_months")
    left: tuple[Node, ...] = ()
    if not is_lot:
        left = (uses.line(ctx, use, "residual", np.arange(len(ctx.months), dtype=float)),)
    worth = " − {3} × (1 + {1})^(0 − {2} ÷ 12)" if left else ""
    return Node(
        "Capital charge",
        value,
        "USD/MW-year",
        0,
        formula=f"({{0}}{worth}) × recovery({{1}}, {{2}} ÷ 12)",
        children=(capex, uses.rate(ctx, use), months, *left),
        note="A level charge that returns the capex, less what is left at the end, at the use's discount rate.",
        reason=capex.reason,
    )


def of_terms(ctx: Context, offer_id: str, name: str) -> Node:
    """How much hangs on an offer's counterparty.

    Raises
    ------
    KeyError
        Where the memo does not show the offer, or has no such figure.
    """
    turnings = tuple(Turning(d, (), ()) for d in ctx.decisions)
    shown = shown_offers(Subject(ctx.plan, ctx.results, turnings, ctx.as_of))
    found = next(((d, o, mw) for d, _, o, mw in shown if o.id == offer_id), None)
    if found is None:
        raise KeyError(f"terms.{offer_id}")
    decision, offer, _ = found
    nodes = {o.id: _placed_mw(ctx, d, o.id) for d, _, o, _ in shown}
    mine = nodes[offer_id]
    match name:
        case "placed_mw":
            return mine
        case "income_usd_per_year":
            revenue = uses.figure(ctx, offer_id, "revenue_usd_per_mw_year")
            return Node(
                f"Income, {decision.site.name}", mine.value * revenue.value, "USD/year", 0, formula="{0} × {1}",
                children=(mine, revenue), reason=revenue.reason,
            )  # fmt: skip
        case "share_fraction":
            who = plain(offer.counterparty, 60)
            own = [o.id for *_, o, _ in shown if (plain(o.counterparty, 60) == who if who else o.id == offer_id)]
            upper = summed(f"Placed with {who or 'it'}", "MW", 1, [nodes[i] for i in own])
            lower = summed("Placed with all", "MW", 1, list(nodes.values()))
            value = upper.value / lower.value if lower.value else math.nan
            reason = "" if lower.value else "No AI is placed."
            return Node("Share", value, "fraction", 0, formula="{0} ÷ {1}", children=(upper, lower), reason=reason)
    raise KeyError(name)


def _placed_mw(ctx: Context, decision: SiteDecision, offer_id: str) -> Node:
    one = next((p for p in decision.placements if p.option.id == offer_id), None)
    if one is not None:
        return placed(ctx, decision, one)
    name = ctx.results.by_id[offer_id].name
    return Node(
        f"Megawatts of {name}", 0.0, "MW", 1, formula="0", note="It is not placed: something else is worth more."
    )


def flexibility(ctx: Context, use_id: str) -> Node:
    """What being able to stop is worth: a part of a lot's margin, below zero for what an offer gives up."""
    use = ctx.results.by_id[use_id]
    if use.kind == ASIC:
        return node_of(ctx, f"derived.ledger.{use_id}.total")
    ledger = ctx.ledger
    value = 0.0 - given_up(ctx.plan, ledger)[use_id]
    near = [lot for lot in ctx.plan.asic_lots if lot.site_id == use.site_id and ledger[lot.id].is_used]
    watts = np.array([float(lot.count * lot.power_w) for lot in near])
    if not watts.any():
        note = "No machines of its site run, so that there is nothing to give up."
        return Node("Given up", value, "USD/MW-year", 0, formula="0", note=note)
    columns = (
        Column("Power drawn", "W", watts),
        Column("Being able to stop", "USD/MW-year", np.array([ledger[lot.id].usd_per_mw_year for lot in near])),
    )
    return Node(
        "Given up",
        value,
        "USD/MW-year",
        0,
        formula="0 − sum({t0} × {t1}) ÷ sum({t0})",
        children=tuple(node_of(ctx, f"derived.ledger.{lot.id}.total") for lot in near),
        table=Table("Machines", tuple(ctx.results.by_id[lot.id].name for lot in near), columns),
        note="The mean of its site's machines that run, by their megawatts: firm load cannot stop.",
        reason="" if math.isfinite(value) else uses.EARLY_END,
    )
