"""The monthly lines of leases and own GPUs, per utility MW, down to their inputs."""

from __future__ import annotations

import numpy as np

from models.curves import Array
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.hosting import drawn_share, hedge_cash
from models.inputs import Inputs
from models.plan import LEASE
from models.power.firm import firm_energy_cost
from models.results import UseResult
from models.terms import Terms, contract_terms

RAMPED = "within({t0}, 0, {%d}) × min(({t0} + 1) ÷ max({%d}, 1), 1)"
"""Share of full income: within the term, growing evenly over the ramp."""


def megawatts(ctx: Context, use: UseResult) -> Node:
    """Utility megawatts of a whole offer."""
    children = (_input(ctx, use, "critical_it_mw"), _input(ctx, use, "gross_mw_per_it_mw"))
    return Node("Megawatts", use.mw, "MW", 2, formula="{0} × {1}", children=children)


def revenue(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Revenue of the months, per utility MW; its table ends with it [USD/MW]."""
    return _lease_revenue(ctx, use, rows) if use.kind == LEASE else _gpu_revenue(ctx, use, rows)


def _lease_revenue(ctx: Context, use: UseResult, rows: Array) -> Node:
    at, row, terms = rows.astype(int), _row(ctx, use), _terms(ctx)
    names = ("rent_usd_per_it_kw_month", "gross_mw_per_it_mw", "escalator_fraction_per_year", "term_months")
    children = tuple(_input(ctx, use, name) for name in (*names, "ramp_months", "first_rent_month"))
    rent = np.broadcast_to(ctx.inputs.numbers["ai_offers.rent_usd_per_it_kw_month"][row], (len(ctx.months),))
    columns = (
        _since(ctx, row, rows),
        Column(
            "Rent as entered",
            children[0].unit,
            rent[at],
            "" if children[0].table is not None else "{0}",
            digits=2,
        ),
        Column("Escalation", "", terms.steps[row][at], "(1 + {2})^floor(max({t0}, 0) ÷ 12)", digits=4),
        Column("Share of full rent", "fraction", terms.share[row][at], RAMPED % (3, 4), digits=1),
        Column("Revenue", "USD/MW", use.cash.revenue[at], "{t1} × 1000 ÷ {1} × {t2} × {t3}"),
    )
    return Node(
        "Revenue",
        float(use.cash.revenue[at].sum()),
        "USD/MW",
        0,
        formula="sum({t4})",
        children=children,
        table=Table("Month", ctx.row_names(rows), columns),
        note="Rent per kW of critical IT, times 1,000, over utility MW per IT MW; escalated once a year, ramped.",
    )


def gpus_per_mw(ctx: Context, use: UseResult) -> Node:
    """GPUs that one utility MW carries."""
    children = (_input(ctx, use, "it_kw_per_gpu"), _input(ctx, use, "gross_mw_per_it_mw"))
    n, row = ctx.inputs.numbers, _row(ctx, use)
    value = float(1000.0 / (n["ai_offers.it_kw_per_gpu"][row, 0] * n["ai_offers.gross_mw_per_it_mw"][row, 0]))
    return Node("GPUs per MW", value, "GPU/MW", 1, formula="1000 ÷ ({0} × {1})", children=children)


def _gpu_revenue(ctx: Context, use: UseResult, rows: Array) -> Node:
    at, row, terms = rows.astype(int), _row(ctx, use), _terms(ctx)
    path = f"ai_offers.{use.id}"
    price = ctx.grown(
        "GPU price", f"{path}.price_usd_per_gpu_hour", f"{path}.price_growth_fraction_per_year", row, rows
    )
    others = ("utilisation_fraction", "term_months", "ramp_months", "first_rent_month")
    children = (gpus_per_mw(ctx, use), price, *(_input(ctx, use, name) for name in others))
    assert price.table is not None
    columns = (
        _since(ctx, row, rows),
        Column("GPU price", "USD/GPU-hour", price.table.columns[-1].values, child=1, digits=2),
        Column("Hours", "h", ctx.inputs.dates.hours[at]),
        Column("Share of full income", "fraction", terms.share[row][at], RAMPED % (3, 4), digits=1),
        Column("Revenue", "USD/MW", use.cash.revenue[at], "{0} × {2} × {t1} × {t3} × {t2}"),
    )
    return Node(
        "Revenue",
        float(use.cash.revenue[at].sum()),
        "USD/MW",
        0,
        formula="sum({t4})",
        children=children,
        table=Table("Month", ctx.row_names(rows), columns),
        note="GPUs per MW, times price, hours and the share of them that is sold.",
    )


def power(ctx: Context, use: UseResult, rows: Array) -> Node:
    """What power costs the operator in the months; its table ends with it [USD/MW]."""
    at, row, inputs = rows.astype(int), _row(ctx, use), ctx.inputs
    terms, hours = _terms(ctx), inputs.dates.hours
    pays = float(inputs.operator_pays[row, 0])
    billed = pays * terms.earning[row][at]
    drawn = drawn_share(inputs)
    cost = firm_energy_cost(inputs, ctx.supply, inputs.offer_site, drawn)[row][at]
    charges = ctx.supply.firm_charges[int(inputs.offer_site[row])][at]
    hedge = np.zeros(len(ctx.months))
    if not pays and ctx.supply.tariffs and (inputs.hedge_kept.any() or inputs.hedge_sold.any()):
        hedge = (hedge_cash(inputs, terms.earning, ctx.supply) + np.zeros((len(terms.earning), len(hours))))[row]
    columns = (
        Column("Months billed", "fraction", billed),
        Column("Energy per hour", "USD/MW-h", np.where(billed > 0, cost, 0.0), digits=2),
        Column("Hours", "h", hours[at]),
        Column("Charges", "USD/MW", np.where(billed > 0, charges, 0.0)),
        Column("From the site's contract", "USD/MW", hedge[at]),
        Column("Power cost", "USD/MW", (0.0 - use.cash.power)[at], "{t0} × ({t1} × {t2} + {t3}) − {t4}"),
    )
    contracts = [c for c in ctx.plan.power_contracts if c.site_id == use.site_id] if pays or hedge.any() else []
    children = tuple(node for c in contracts for node in ctx.inputs_of(f"power_contracts.{c.id}"))
    return Node(
        "Power cost",
        float((0.0 - use.cash.power)[at].sum()),
        "USD/MW",
        0,
        formula="sum({t5})",
        children=(_input(ctx, use, "power_paid_by"), *children),
        table=Table("Month", ctx.row_names(rows), columns),
        note="As the site's contracts charge load that never stops." if pays else "The tenant pays for its power.",
    )


def opex(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Opex of the months; its table ends with it [USD/MW]."""
    at, row = rows.astype(int), _row(ctx, use)
    line = (0.0 - use.cash.opex)[at]
    if use.kind == LEASE:
        children: tuple[Node, ...] = (revenue(ctx, use, rows), _input(ctx, use, "opex_fraction_of_rent"))
        columns = (
            Column("Revenue", "USD/MW", use.cash.revenue[at], child=0),
            Column("Opex", "USD/MW", line, "{t0} × {1}"),
        )
    else:
        children = (
            gpus_per_mw(ctx, use),
            _input(ctx, use, "capex_usd_per_gpu"),
            _input(ctx, use, "opex_fraction_of_capex_per_year"),
        )
        columns = (
            Column("Months of the term", "", _terms(ctx).earning[row][at]),
            Column("Opex", "USD/MW", line, "{0} × {1} × {2} ÷ 12 × {t0}"),
        )
    return Node(
        "Opex",
        float(line.sum()),
        "USD/MW",
        0,
        formula="sum({t1})",
        children=children,
        table=Table("Month", ctx.row_names(rows), columns),
    )


def capex(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Hall and equipment, by the month at whose start they are paid [USD/MW]."""
    at, row, terms = rows.astype(int), _row(ctx, use), _terms(ctx)
    hall = (_input(ctx, use, "capex_usd_per_it_mw"), _input(ctx, use, "gross_mw_per_it_mw"))
    line = (0.0 - use.cash.capex)[at]
    spent = Column("Share of the hall", "fraction", terms.hall_spend[row][at], digits=1)
    timing = (_input(ctx, use, "capex_months"), _input(ctx, use, "first_rent_month"))
    if use.kind == LEASE:
        children: tuple[Node, ...] = (*hall, *timing)
        columns: tuple[Column, ...] = (spent, Column("Capex", "USD/MW", line, "{0} ÷ {1} × {t0}"))
    else:
        children = (*hall, gpus_per_mw(ctx, use), _input(ctx, use, "capex_usd_per_gpu"), *timing)
        bought = Column("GPUs bought", "", terms.begins[row][at])
        columns = (spent, bought, Column("Capex", "USD/MW", line, "{0} ÷ {1} × {t0} + {2} × {3} × {t1}"))
    return Node(
        "Capex",
        float(line.sum()),
        "USD/MW",
        0,
        formula=f"sum({{t{len(columns) - 1}}})",
        children=children,
        table=Table("Month", ctx.row_names(rows), columns),
        note="The hall in equal parts over its months, ending before the first rent; GPUs at the first rent.",
    )


def residual(ctx: Context, use: UseResult, rows: Array) -> Node:
    """What returns at the end of the term [USD/MW]."""
    at, row, terms = rows.astype(int), _row(ctx, use), _terms(ctx)
    line = use.cash.residual[at]
    ends = Column("Last month of the term", "", terms.ends[row][at])
    children: tuple[Node, ...] = (
        _input(ctx, use, "capex_usd_per_it_mw"),
        _input(ctx, use, "gross_mw_per_it_mw"),
        _input(ctx, use, "hall_residual_fraction"),
    )
    formula = "{0} ÷ {1} × {2} × {t0}"
    if use.kind != LEASE:
        children = (
            *children,
            gpus_per_mw(ctx, use),
            _input(ctx, use, "capex_usd_per_gpu"),
            _input(ctx, use, "residual_fraction"),
        )
        formula = "({0} ÷ {1} × {2} + {3} × {4} × {5}) × {t0}"
    return Node(
        "Residual value",
        float(line.sum()),
        "USD/MW",
        0,
        formula="sum({t1})",
        children=(*children, _input(ctx, use, "term_months")),
        table=Table("Month", ctx.row_names(rows), (ends, Column("Residual value", "USD/MW", line, formula))),
    )


def _since(ctx: Context, row: int, rows: Array) -> Column:
    return Column("Months since the first rent", "months", rows - ctx.inputs.first_rent[row, 0])


def _input(ctx: Context, use: UseResult, name: str) -> Node:
    return ctx.input(f"ai_offers.{use.id}.{name}")


def _row(ctx: Context, use: UseResult) -> int:
    return int(ctx.inputs.rows["ai_offers"][use.id])


def _terms(ctx: Context) -> Terms:
    return terms_of(ctx.inputs)


def terms_of(inputs: Inputs) -> Terms:
    """When the plan's contracts pay, as `models.hosting.contract_cash` reads it."""
    n = inputs.numbers
    return contract_terms(
        inputs.first_rent,
        n["ai_offers.term_months"],
        n["ai_offers.ramp_months"],
        n["ai_offers.capex_months"],
        n["ai_offers.escalator_fraction_per_year"],
        inputs.dates.index,
    )
