"""What a use's power comes to: the effective price, and what it is worth to be able to stop."""

from __future__ import annotations

import math

import numpy as np

import models.explain.uses as uses
from models.bills.monthly import CREDITS, LINES, lot_bill
from models.curves import Array
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.figures import POWER_KINDS
from models.results import ASIC, UseResult

TENANT_PAYS = "The tenant pays for its power, so the operator has no price for it."


def figure(ctx: Context, use_id: str, name: str) -> Node:
    """One of `models.figures.POWER_KINDS` of a use."""
    use, kind = ctx.results.by_id[use_id], POWER_KINDS[name]
    node = _flexibility(ctx, use) if name.startswith("flexibility") else _effective(ctx, use, name)
    return uses.labelled(ctx, node, f"{kind.label}, {use.name}", f"uses.{use_id}.{name}", kind.unit, kind.digits, use)


def _flexibility(ctx: Context, use: UseResult) -> Node:
    value = ctx.results.power[use.id].flexibility_usd_per_mw_year
    rows = uses.operating_rows(use, len(ctx.months))
    if rows is None:
        return Node("Flexibility", value, reason=uses.EARLY_END)
    ledger = ctx.ledger
    if use.kind == ASIC:
        at, one = rows.astype(int), ledger[use.id]
        total = one.hours + one.peaks + one.demand_response
        columns: tuple[Column, ...] = (
            Column("Hours stopped for price", "USD/MW", one.hours[at]),
            Column("Peaks avoided", "USD/MW", one.peaks[at]),
            Column("Demand response", "USD/MW", one.demand_response[at]),
            Column("Being able to stop", "USD/MW", total[at], "{t0} + {t1} + {t2}"),
        )
        table = Table("Month", ctx.row_names(rows), columns)
        children: tuple[Node, ...] = (uses.margin(ctx, use),)
        note = "What running through every hour and every peak would have lost; a part of the margin."
        return Node("Flexibility", value, formula="sum({t3})", children=children, table=table, note=note)
    near = [lot for lot in ctx.plan.asic_lots if lot.site_id == use.site_id and ledger[lot.id].is_used]
    if not near:
        return Node(
            "Flexibility", value, formula="0", note="No machines of its site run, so that there is nothing to give up."
        )
    columns = (
        Column("Power drawn", "W", np.array([float(lot.count * lot.power_w) for lot in near])),
        Column("Being able to stop", "USD/MW-year", np.array([ledger[lot.id].usd_per_mw_year for lot in near])),
    )
    children = tuple(figure(ctx, lot.id, "flexibility_usd_per_mw_year") for lot in near)
    note = "The mean of its site's machines that run, by their megawatts: what firm load gives up."
    table = Table("Machines", tuple(ctx.results.by_id[lot.id].name for lot in near), columns)
    formula = "sum({t0} × {t1}) ÷ sum({t0})" if columns[0].values.any() else ""
    return Node("Flexibility", value, formula=formula, children=children, table=table, note=note)


def _effective(ctx: Context, use: UseResult, name: str) -> Node:
    figures = ctx.results.power[use.id]
    gross, net = figures.effective_power_gross_usd_per_mwh, figures.effective_power_net_usd_per_mwh
    is_net = name.startswith("effective_power_net")
    value = net if is_net else gross
    rows = uses.operating_rows(use, len(ctx.months))
    if rows is None:
        return Node("", value, reason=uses.EARLY_END)
    offer = next((o for o in ctx.plan.ai_offers if o.id == use.id), None)
    if offer is not None and not offer.operator_pays_power:
        return Node("", value, reason=TENANT_PAYS)
    paid, at = uses.line(ctx, use, "power", rows), rows.astype(int)
    used = float(use.cash.energy_mwh[at].sum())
    table = Table("Month", ctx.row_names(rows), (Column("Energy", "MWh/MW", use.cash.energy_mwh[at], digits=1),))
    energy = Node("Energy consumed", used, "MWh/MW-year", 0, formula="sum({t0})", table=table)
    if not used > 0:
        return Node("", value, children=(energy,), reason="Nothing is consumed in the first twelve operating months.")
    if is_net:
        return Node("", value, formula="{0} ÷ {1}", children=(paid, energy))
    credits = gross * used - paid.value if math.isfinite(gross) else math.nan
    if use.kind == ASIC:
        off = _credits(ctx, use, rows)
    else:
        off = Node("Credits", credits, "USD/MW-year", 0, note="What a block fetches for energy that is not drawn.")
    return Node("", value, formula="({0} + {1}) ÷ {2}", children=(paid, off, energy))


def _credits(ctx: Context, use: UseResult, rows: Array) -> Node:
    """What the bill's last lines took off: energy sold back and demand response."""
    lines, at = lot_bill(ctx.plan, use.id).lines, rows.astype(int)
    names = [name for name in CREDITS if name in lines]
    if not names:
        return Node("Credits", 0.0, "USD/MW-year", 0, note="Its contracts pay for no energy sold back or response.")
    columns = tuple(Column(LINES[name], "USD/MW", 0.0 - lines[name][at]) for name in names)
    formula = " + ".join(f"sum({{t{k}}})" for k in range(len(columns)))
    value = float(sum(c.values.sum() for c in columns))
    return Node("Credits", value, "USD/MW-year", 0, formula=formula, table=Table("Month", ctx.row_names(rows), columns))
