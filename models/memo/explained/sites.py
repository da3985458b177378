"""What a memo recommends, site by site and over all: megawatts, gains, and what each use is behind the best."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

import models.explain.sites as of_sites
import models.explain.uses as uses
import models.memo.explained.inputs as inputs
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.figures import SITE_KINDS
from models.recommendation import IDLE, Option, Placement, SiteDecision

LIMITS = {
    "offer": "All that it asks for.",
    "convertible": "All that can be converted.",
    "capacity": "All that the site has.",
    "fleet": "On the rest, what is there is worth more.",
}


def decision_of(ctx: Context, site_id: str) -> SiteDecision:
    """The decision of a site.

    Raises
    ------
    KeyError
        Where the site has nothing to decide on, or does not exist.
    """
    found = next((d for d in ctx.decisions if d.site.id == site_id), None)
    if found is None:
        raise KeyError(f"sites.{site_id}")
    return found


def summed(label: str, unit: str, digits: int, children: Sequence[Node], note: str = "") -> Node:
    """The sum of its children."""
    return Node(
        label,
        math.fsum(c.value for c in children),
        unit,
        digits,
        formula=" + ".join(f"{{{k}}}" for k in range(len(children))) or "0",
        children=tuple(children),
        note=note,
        reason=next((c.reason for c in children if not math.isfinite(c.value)), ""),
    )


def total(ctx: Context, name: str) -> Node:
    """One figure over all sites.

    Raises
    ------
    KeyError
        Where the memo has no such figure.
    """
    if name == "oldest_input_days":
        return inputs.oldest(ctx)
    decisions = ctx.decisions
    match name:
        case "gain_usd" | "do_nothing_npv_usd":
            children = [of_sites.figure(ctx, d.site.id, name) for d in decisions]
            return summed(SITE_KINDS[name].label, "USD", 0, children, "All sites with something to decide.")
        case "capacity_mw":
            inside = [ctx.input(f"sites.{d.site.id}.capacity_mw") for d in decisions]
            return summed("Megawatts at the meter", "MW", 1, inside, "All sites with something to decide.")
        case "moved_mw":
            moved = [placed(ctx, d, p) for d in decisions for p in d.placements]
            return summed("Megawatts that change use", "MW", 1, moved, "" if moved else "Nothing changes use.")
        case "existing_mw":
            return summed("Megawatts that mine on", "MW", 1, [existing(ctx, d) for d in decisions])
    raise KeyError(name)


def moved(ctx: Context, kind: str) -> Node:
    """The megawatts over all sites that change to one kind of use.

    Raises
    ------
    KeyError
        Where none does.
    """
    found = [placed(ctx, d, p) for d in ctx.decisions for p in d.placements if p.option.kind == kind]
    if not found:
        raise KeyError(f"moved.{kind}.mw")
    return summed("Megawatts that change use", "MW", 1, found)


def of_site(ctx: Context, site_id: str, name: str) -> Node:
    """One figure of a site.

    Raises
    ------
    KeyError
        Where the memo has no such figure.
    """
    if name in SITE_KINDS:
        return of_sites.figure(ctx, site_id, name)
    decision = decision_of(ctx, site_id)
    if name == "existing_mw":
        return existing(ctx, decision)
    if name != "mw":
        raise KeyError(name)
    if decision.placement is not None:
        return placed(ctx, decision, decision.placement)
    if decision.best is None:
        return Node("Megawatts", 0.0, "MW", 1, formula="0", note="No use can be ranked.")
    return _mw(ctx, decision, decision.best)


def existing(ctx: Context, decision: SiteDecision) -> Node:
    """Megawatts of a site's machines that are paid."""
    paid = [o for o in decision.ranked if o.existing]
    paid += [o for o in _unranked(ctx, decision) if o.existing]
    children = [uses.figure(ctx, o.id, "mw") for o in paid]
    return summed(f"Megawatts of paid machines, {decision.site.name}", "MW", 1, children)


def _unranked(ctx: Context, decision: SiteDecision) -> list[Option]:
    from models.recommendation import options_of

    known = {o.id for o in decision.ranked}
    return [o for o in options_of(ctx.plan, ctx.results, decision.site) if o.id not in known]


def placed(ctx: Context, decision: SiteDecision, one: Placement) -> Node:
    """The megawatts that a use takes, by whose they are today."""
    at = f"sites.{decision.site.id}"
    rests = [_mw(ctx, decision, one.option)] if one.option.kind != IDLE else []
    rests.append(ctx.input(f"{at}.capacity_mw"))
    convertible = ctx.input(f"{at}.convertible_mw")
    rests += [convertible] if math.isfinite(convertible.value) else []
    column = Column("Megawatts", "MW", np.array([d.mw for d in one.displaced]), digits=2)
    rows = tuple(d.lot.name if d.lot is not None else "Free capacity" for d in one.displaced)
    return Node(
        f"Megawatts of {one.option.name}, {decision.site.name}",
        one.mw,
        "MW",
        1,
        formula="sum({t0})",
        children=tuple(rests),
        table=Table("Taken from", rows, (column,)),
        note=f"{LIMITS[one.limited_by]} What is worth least today gives way first, as far as it is worth less.",
    )


def placement(ctx: Context, site_id: str, use_id: str, name: str) -> Node:
    """The megawatts of a placement, or what it gains.

    Raises
    ------
    KeyError
        Where nothing of that name is placed.
    """
    decision = decision_of(ctx, site_id)
    one = next((p for p in decision.placements if p.option.id == use_id), None)
    if one is None or name not in ("mw", "gain_usd"):
        raise KeyError(f"recommendation.{site_id}.placements.{use_id}.{name}")
    if name == "mw":
        return placed(ctx, decision, one)
    lots = [d.lot for d in one.displaced if d.lot is not None]
    today = [d.lot.worth_usd_per_mw if d.lot is not None else 0.0 for d in one.displaced]
    columns = (
        Column("Megawatts", "MW", np.array([d.mw for d in one.displaced]), digits=2),
        Column("Worth today", "USD/MW", np.array(today)),
        Column(
            "Gain",
            "USD",
            np.array([d.mw * (one.option.worth_usd_per_mw - was) for d, was in zip(one.displaced, today, strict=True)]),
            "{t0} × ({0} − {t1})",
        ),
    )
    return Node(
        "Gain",
        one.gain_usd,
        "USD",
        0,
        formula="sum({t2})",
        children=(of_sites.worth(ctx, one.option), *(of_sites.worth(ctx, lot) for lot in lots)),
        table=Table(
            "Taken from",
            tuple(d.lot.name if d.lot is not None else "Free capacity" for d in one.displaced),
            columns,
        ),
    )


def option(ctx: Context, site_id: str, use_id: str, name: str) -> Node:
    """What one use of a site's megawatts comes to among all.

    Raises
    ------
    KeyError
        Where the site has no such use, or the memo no such figure.
    """
    decision = decision_of(ctx, site_id)
    one = next((o for o in decision.ranked if o.id == use_id), None)
    if one is None or decision.best is None:
        raise KeyError(f"recommendation.{site_id}.options.{use_id}")
    match name:
        case "mw":
            return _mw(ctx, decision, one)
        case "npv_usd_per_mw":
            return of_sites.worth(ctx, one)
        case "behind_usd_per_mw":
            children = (of_sites.worth(ctx, one), of_sites.worth(ctx, decision.best))
            value = one.worth_usd_per_mw - decision.best.worth_usd_per_mw
            return Node("Behind the best", value, "USD/MW", 0, formula="{0} − {1}", children=children)
    raise KeyError(name)


def _mw(ctx: Context, decision: SiteDecision, one: Option) -> Node:
    if one.kind == IDLE:
        capacity = ctx.input(f"sites.{decision.site.id}.capacity_mw")
        return Node("Megawatts left idle", one.mw, "MW", 1, formula="{0}", children=(capacity,))
    return uses.figure(ctx, one.id, "mw")
