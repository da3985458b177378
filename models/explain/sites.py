"""What a site's decision rests on: the lead of the best use, the gain, and going on as today."""

from __future__ import annotations

import math

import numpy as np

import models.explain.lots as lots
import models.explain.uses as uses
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.figures import SITE_KINDS
from models.recommendation import IDLE, Option, SiteDecision


def figure(ctx: Context, site_id: str, name: str) -> Node:
    """One of `models.figures.SITE_KINDS` of a site.

    Raises
    ------
    KeyError
        Where the plan has no such site.
    """
    kind = SITE_KINDS[name]
    path = f"sites.{site_id}.{name}"
    site = next((s for s in ctx.plan.sites if s.id == site_id), None)
    if site is None:
        raise KeyError(path)
    decision = next((d for d in ctx.decisions if d.site.id == site_id), None)
    if decision is None:
        label = f"{kind.label}, {site.name}"
        reason = "The site has neither machines nor offers."
        return Node(label, math.nan, kind.unit, kind.digits, path, reason=reason)
    node = {"lead_usd_per_mw": _lead, "gain_usd": _gain, "do_nothing_npv_usd": _do_nothing}[name](ctx, decision)
    return Node(
        f"{kind.label}, {decision.site.name}",
        float(getattr(decision, name)),
        kind.unit,
        kind.digits,
        path,
        node.formula,
        node.children,
        node.table,
        note=node.note,
        reason=node.reason,
    )


def worth(ctx: Context, option: Option) -> Node:
    """What the ranking goes by: NPV, for machines already there less the resale they forgo [USD/MW]."""
    if option.kind == IDLE:
        return Node("Idle", 0.0, "USD/MW", 0, note="Leaving megawatts idle is always open and worth nothing.")
    use = ctx.results.by_id[option.id]
    npv = uses.figure(ctx, option.id, "npv_usd_per_mw")
    if not option.existing:
        return Node(f"Worth of {option.name}", option.worth_usd_per_mw, "USD/MW", 0, formula="{0}", children=(npv,))
    children = (npv, lots.resale(ctx, use))
    return Node(f"Worth of {option.name}", option.worth_usd_per_mw, "USD/MW", 0, formula="{0} − {1}", children=children)


def _lead(ctx: Context, decision: SiteDecision) -> Node:
    if decision.best is None or decision.next_best is None:
        why = "; ".join(f"{name}: {reason}" for name, reason in decision.unranked)
        return Node("", math.nan, reason=why or "The site has no two uses to compare.")
    children = (worth(ctx, decision.best), worth(ctx, decision.next_best))
    return Node(
        "", 0.0, formula="{0} − {1}", children=children, note="The best use less the runner-up, per utility MW."
    )


def _gain(ctx: Context, decision: SiteDecision) -> Node:
    moves = [(p.option, d) for p in decision.placements for d in p.displaced]
    if not moves:
        return Node("", 0.0, formula="0", note="Nothing would change: what runs today is worth most.")
    options = {o.id: worth(ctx, o) for o in dict.fromkeys(x for p, d in moves for x in (p, d.lot) if x is not None)}
    columns = (
        Column("Megawatts", "MW", np.array([d.mw for _, d in moves]), digits=2),
        Column("Worth then", "USD/MW", np.array([p.worth_usd_per_mw for p, _ in moves])),
        Column(
            "Worth today", "USD/MW", np.array([d.lot.worth_usd_per_mw if d.lot is not None else 0.0 for _, d in moves])
        ),
        Column(
            "Gain",
            "USD",
            np.array([d.mw * (p.worth_usd_per_mw - (d.lot.worth_usd_per_mw if d.lot else 0.0)) for p, d in moves]),
            "{t0} × ({t1} − {t2})",
        ),
    )
    rows = tuple(f"{p.name} in place of {d.lot.name if d.lot else 'free capacity'}" for p, d in moves)
    return Node("", 0.0, formula="sum({t3})", children=tuple(options.values()), table=Table("Change", rows, columns))


def _do_nothing(ctx: Context, decision: SiteDecision) -> Node:
    there = [
        use
        for use in ctx.results.uses
        if use.site_id == decision.site.id and any(lot.id == use.id for lot in ctx.plan.asic_lots)
    ]
    paid = [u for u in there if ctx.input(f"asic_lots.{u.id}.purchase_price_usd_per_unit").value == 0]
    if not paid:
        return Node("", 0.0, formula="0", note="The site has no machines that are already paid for.")
    columns = (
        Column("Megawatts", "MW", np.array([u.mw for u in paid]), digits=2),
        Column("NPV", "USD/MW", np.array([u.npv_usd_per_mw for u in paid])),
        Column("NPV of the lot", "USD", np.array([u.mw * u.npv_usd_per_mw for u in paid]), "{t0} × {t1}"),
    )
    children = tuple(
        node for u in paid for node in (uses.figure(ctx, u.id, "mw"), uses.figure(ctx, u.id, "npv_usd_per_mw"))
    )
    table = Table("Machines", tuple(u.name for u in paid), columns)
    value = float(columns[2].values.sum())
    reason = "" if math.isfinite(value) else "One of the lots has no NPV."
    return Node("", 0.0, formula="sum({t2})", children=children, table=table, reason=reason)
