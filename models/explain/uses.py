"""The figures of a use: yearly lines, NPV, IRR, paybacks and break-evens, down to the inputs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

import models.explain.lots as lots
import models.explain.market as market
import models.explain.offers as offers
from models import mining
from models.bills.flexibility import OPERATING_MONTHS
from models.curves import Array
from models.explain.context import Context
from models.explain.tree import Column, LaterNode, Node, Table
from models.figures import USE_KINDS
from models.metrics import discount_factors
from models.power.dispatch import price_at_start
from models.results import ASIC, UseResult

Lines = Callable[[Context, UseResult, Array], Node]
EARLY_END = f"The plan ends before the first {OPERATING_MONTHS} operating months are over."
NO_NEW_MONEY = "No new money is spent, so there is nothing that could pay back."


def figure(ctx: Context, use_id: str, name: str) -> Node:
    """One of `models.figures.USE_KINDS` of a use."""
    use, kind, path = ctx.results.by_id[use_id], USE_KINDS[name], f"uses.{use_id}.{name}"

    def made() -> Node:
        node = EXPLAINERS[name](ctx, use)
        return labelled(ctx, node, f"{kind.label}, {use.name}", path, kind.unit, kind.digits, use)

    if name == "npv_usd_per_mw" and math.isfinite(use.npv_usd_per_mw):
        value = use.npv_usd_per_mw
        later = LaterNode(f"{kind.label}, {use.name}", value, kind.unit, kind.digits, path, made)
        return ctx.once((path,), lambda: later)
    return ctx.once((path,), made)


def labelled(ctx: Context, node: Node, label: str, path: str, unit: str, digits: int, use: UseResult) -> Node:
    """A node as the figure that it is, with the reason where it has no value."""
    reason = node.reason
    if not math.isfinite(node.value) and not reason:
        table = "asic_lots" if use.kind == ASIC else "ai_offers"
        reason = ctx.reason(
            f"{table}.{use.id}", f"sites.{use.site_id}", otherwise="What it follows from cannot be computed."
        )
    return Node(
        label, node.value, unit, digits, path, node.formula, node.children, node.table, node.solves, node.slack,
        note=node.note, reason=reason,
    )  # fmt: skip


def line(ctx: Context, use: UseResult, name: str, rows: Array) -> Node:
    """One monthly line of a use: ``revenue``, ``power``, ``opex``, ``capex`` or ``residual``."""
    return getattr(lots if use.kind == ASIC else offers, name)(ctx, use, rows)  # type: ignore[no-any-return]


def operating_rows(use: UseResult, months: int) -> Array | None:
    """The first twelve operating months; None where the plan ends before."""
    begin = max(use.first_operating_month, 0)
    if begin + OPERATING_MONTHS > months:
        return None
    return np.arange(begin, begin + OPERATING_MONTHS, dtype=float)


def rate(ctx: Context, use: UseResult) -> Node:
    """The use's own discount rate."""
    kind = "mining" if use.kind == ASIC else use.kind
    return ctx.input(f"assumptions.{kind}_discount_rate_fraction")


def npv(ctx: Context, use: UseResult) -> Node:
    """Σ cash × factor over the plan's months."""
    n = len(ctx.months)
    rows = np.arange(n, dtype=float)
    names = ["revenue", "power", "opex", "capex", *(["residual"] if use.kind != ASIC else [])]
    nodes = tuple(line(ctx, use, name, rows) for name in names)
    factors = discount_factors(use.discount_rate_fraction, n)
    cash = use.cash
    values = (cash.revenue, 0.0 - cash.power, 0.0 - cash.opex, 0.0 - cash.capex, cash.residual)
    columns = [Column("Months", "", rows + 1.0)]
    columns += [
        Column(label, "USD/MW", value, child=place + 1)
        for place, (label, value) in enumerate(
            zip(("Revenue", "Power cost", "Opex", "Capex", "Residual value"), values, strict=True)
        )
        if place < len(names)
    ]
    columns.append(Column("Factor at the end", "", factors[1:], "(1 + {0})^(−{t0} ÷ 12)", digits=4))
    end = len(columns) - 1
    at_end = "{t1} − {t2} − {t3}" + (" + {t5}" if use.kind != ASIC else "")
    columns.append(Column("Factor at the start", "", factors[:-1], "(1 + {0})^(−({t0} − 1) ÷ 12)", digits=4))
    worth = (cash.revenue + cash.power + cash.opex + cash.residual) * factors[1:] + cash.capex * factors[:-1]
    formula = f"({at_end}) × {{t{end}}} − {{t4}} × {{t{end + 1}}}"
    columns.append(Column("Present value", "USD/MW", worth, formula))
    return Node(
        "NPV",
        use.npv_usd_per_mw,
        "USD/MW",
        0,
        f"uses.{use.id}.npv_usd_per_mw",
        f"sum({{t{end + 2}}})",
        (rate(ctx, use), *nodes),
        Table("Month", ctx.months, tuple(columns)),
        note="Cash of a month falls at its end, capex at its start.",
    )


def _year(name: str, attribute: str) -> Callable[[Context, UseResult], Node]:
    def explained(ctx: Context, use: UseResult) -> Node:
        rows = operating_rows(use, len(ctx.months))
        value = float(getattr(use, attribute))
        if rows is None:
            return Node(name, value, "USD/MW-year", 0, reason=EARLY_END)
        node = line(ctx, use, name, rows)
        note = " ".join(filter(None, ("Of the first twelve operating months.", node.note)))
        return Node(
            node.label, value, "USD/MW-year", 0, f"uses.{use.id}.{attribute}", node.formula, node.children,
            node.table, note=note,
        )  # fmt: skip

    return explained


revenue_of_year = _year("revenue", "revenue_usd_per_mw_year")
power_of_year = _year("power", "power_cost_usd_per_mw_year")
opex_of_year = _year("opex", "opex_usd_per_mw_year")


def margin(ctx: Context, use: UseResult) -> Node:
    """Revenue less power and opex of the first twelve operating months."""
    children = (revenue_of_year(ctx, use), power_of_year(ctx, use), opex_of_year(ctx, use))
    early = operating_rows(use, len(ctx.months)) is None
    return Node(
        "Margin",
        use.margin_usd_per_mw_year,
        "USD/MW-year",
        0,
        f"uses.{use.id}.margin_usd_per_mw_year",
        "{0} − {1} − {2}",
        children,
        reason=EARLY_END if early else "",
        note="Of the first twelve operating months.",
    )


def _megawatts(ctx: Context, use: UseResult) -> Node:
    return lots.megawatts(ctx, use) if use.kind == ASIC else offers.megawatts(ctx, use)


def _capex(ctx: Context, use: UseResult) -> Node:
    node = line(ctx, use, "capex", np.arange(len(ctx.months), dtype=float))
    return Node("Capex", use.capex_usd_per_mw, "USD/MW", 0, "", node.formula, node.children, node.table, note=node.note)


def _points(use: UseResult, rate_fraction: float, months: tuple[str, ...]) -> Table:
    """Cash at the plan's month boundaries, and its present value at a rate."""
    points = use.cash_points
    count = np.arange(len(points), dtype=float)
    factors = discount_factors(rate_fraction, len(points) - 1)
    rows = (f"start of {months[0]}", *(f"end of {month}" for month in months))
    return Table(
        "Boundary",
        rows,
        (
            Column("Months", "", count),
            Column("Cash", "USD/MW", points),
            Column("Factor", "", factors, "(1 + {0})^(−{t0} ÷ 12)", digits=4),
            Column("Present value", "USD/MW", points * factors, "{t1} × {t2}"),
        ),
    )


def irr(ctx: Context, use: UseResult) -> Node:
    """The rate at which NPV is nothing."""
    value, roots = use.irr_fraction, use.irr_roots_fraction
    reason = ""
    if not math.isfinite(value):
        reason = "No rate between −99 % and 10,000 % makes its cash worth nothing."
        if not use.capex_usd_per_mw > 0:
            reason = NO_NEW_MONEY
        elif len(roots) > 1:
            shown = ", ".join(f"{100 * r:.1f} %" for r in roots)
            reason = f"There is more than one rate ({shown}), and none is better than another."
        return Node("IRR", value, "fraction/year", 1, children=(npv(ctx, use),), reason=reason)
    table = _points(use, value, ctx.months)
    own = Node("IRR", value, "fraction/year", 1)
    scale = float(np.abs(table.columns[3].values).sum())
    return Node(
        "IRR",
        value,
        "fraction/year",
        1,
        formula="sum({t3})",
        children=(own, npv(ctx, use)),
        table=table,
        solves=True,
        slack=1e-9 * scale,
        note="The rate at which the present values of all cash come to nothing.",
    )


def _payback(from_operation: bool, discounted: bool, name: str) -> Callable[[Context, UseResult], Node]:
    def explained(ctx: Context, use: UseResult) -> Node:
        value = float(getattr(use, name))
        if not use.capex_usd_per_mw > 0:
            return Node("Payback", value, "months", 0, children=(_capex(ctx, use),), reason=NO_NEW_MONEY)
        table = _points(use, use.discount_rate_fraction if discounted else 0.0, ctx.months)
        factor = rate(ctx, use) if discounted else Node("No discounting", 0.0, "fraction/year", 1)
        index = use._payback_index if not discounted else value + float(_first_spend(use))
        back = Node(
            "Month end at which it is paid back", index, "months", 0, formula="recovers({t3})", children=(factor,),
            table=table, reason="" if math.isfinite(index) else "It does not pay back within the plan's horizon.",
        )  # fmt: skip
        if from_operation:
            since = Node("First month that can earn", float(max(use.first_operating_month, 0)), "months", 0)
        else:
            since = Node(
                "First spend", _first_spend(use), "months", 0, formula="first_outflow({t1})",
                children=(Node("No discounting", 0.0, "fraction/year", 1),), table=_points(use, 0.0, ctx.months),
            )  # fmt: skip
        return Node(
            "Payback", value, "months", 0, formula="{0} − {1}", children=(back, since, npv(ctx, use)),
            reason=back.reason,
        )  # fmt: skip

    return explained


def _first_spend(use: UseResult) -> float:
    from models.metrics import first_spend_index

    return float(first_spend_index(use.cash_points))


def running_price(ctx: Context, use: UseResult) -> Node:
    """What a lot that never stops pays per MWh in the plan's first month, charges included [USD/MWh]."""
    row = int(ctx.inputs.rows["asic_lots"][use.id])
    site = int(ctx.inputs.lot_site[row])
    value = float(mining.running_price(ctx.inputs, ctx.supply)[row, 0])
    charged = float(ctx.supply.mining_charges[site, 0])
    charges = Node("Charges of the month", charged, "USD/MW", 0)
    hours = Node("Hours of the month", float(ctx.inputs.dates.hours[0]), "h", 0)
    available = lots.availability(ctx, use.id)
    # Not the difference: where a lot is hardly ever available its charges per MWh swallow every digit of the price.
    flat = float(price_at_start(ctx.inputs, ctx.supply)[row, 0])
    contracts = [c for c in ctx.plan.power_contracts if c.site_id == use.site_id]
    rests = tuple(n for c in contracts for n in ctx.inputs_of(f"power_contracts.{c.id}"))
    single = lots._single_contract(ctx, use)
    if single is not None:
        energy = _single_price(ctx, single, flat)
    else:
        energy = Node(
            "Energy price", flat, "USD/MWh", 2, children=rests, note="The mix of the site's contracts in that month."
        )
    if not charged:
        return Node("Power price", value, "USD/MWh", 2, formula="{0}", children=(energy,))
    return Node(
        "Power price", value, "USD/MWh", 2, formula="{0} + {1} ÷ ({2} × {3})",
        children=(energy, charges, available, hours),
    )  # fmt: skip


def _single_price(ctx: Context, contract: int, value: float) -> Node:
    prefix = f"power_contracts.{ctx.plan.power_contracts[contract].id}"
    level = ctx.grown(
        "Contract price",
        f"{prefix}.energy_price_usd_per_mwh",
        f"{prefix}.energy_price_growth_fraction_per_year",
        contract,
        np.zeros(1),
    )
    adders, tax = ctx.input(f"{prefix}.adders_usd_per_mwh"), ctx.input(f"{prefix}.tax_fraction")
    years = np.broadcast_to(ctx.inputs.power.contract_years, (len(ctx.plan.power_contracts), len(ctx.months)))
    step = Node("Years of escalation", float(years[contract, 0]), "years", 0)
    children = (level, adders, tax, ctx.input(f"{prefix}.escalator_fraction_per_year"), step)
    formula = "({0} × (1 + {3})^{4} + {1}) × (1 + {2})"
    return Node("Energy price", value, "USD/MWh", 2, formula=formula, children=children)


def _break_even_power(ctx: Context, use: UseResult) -> Node:
    fee = ctx.input(f"asic_lots.{use.id}.pool_fee_fraction")
    children = (
        market.figure(ctx, "hashprice_usd_per_ph_day"), fee, lots.efficiency(ctx, use.id), lots.pue(ctx, use)
    )  # fmt: skip
    value = use.break_even_power_usd_per_mwh
    formula = "1000 × {0} × (1 − {1}) ÷ (24 × {2} × {3})"
    return Node("Break-even power price", value, "USD/MWh", 2, formula=formula, children=children)


def _break_even_hashprice(ctx: Context, use: UseResult) -> Node:
    fee = ctx.input(f"asic_lots.{use.id}.pool_fee_fraction")
    children = (running_price(ctx, use), lots.efficiency(ctx, use.id), lots.pue(ctx, use), fee)
    return Node(
        "Break-even hashprice",
        use.break_even_hashprice_usd_per_ph_day,
        "USD/PH/day",
        2,
        f"uses.{use.id}.break_even_hashprice_usd_per_ph_day",
        "{0} × {1} × {2} × 24 ÷ 1000 ÷ (1 − {3})",
        children,
        note="What the energy of one PH/s costs in a day, in the plan's first month.",
    )


def _break_even_btc(ctx: Context, use: UseResult) -> Node:
    children = (_break_even_hashprice(ctx, use), market.figure(ctx, "hashprice_btc_per_ph_day"))
    value = use.break_even_btc_price_usd
    return Node("Break-even BTC price", value, "USD/BTC", 0, formula="{0} ÷ {1}", children=children)


def _mining_only(explained: Callable[[Context, UseResult], Node]) -> Callable[[Context, UseResult], Node]:
    def checked(ctx: Context, use: UseResult) -> Node:
        if use.kind != ASIC:
            return Node("", math.nan, reason="Only mining has this break-even: a lease or own GPUs earn no hashprice.")
        return explained(ctx, use)

    return checked


EXPLAINERS: dict[str, Callable[[Context, UseResult], Node]] = {
    "mw": _megawatts,
    "revenue_usd_per_mw_year": revenue_of_year,
    "power_cost_usd_per_mw_year": power_of_year,
    "opex_usd_per_mw_year": opex_of_year,
    "margin_usd_per_mw_year": margin,
    "capex_usd_per_mw": _capex,
    "npv_usd_per_mw": npv,
    "irr_fraction": irr,
    "payback_months": _payback(False, False, "payback_months"),
    "payback_from_operation_months": _payback(True, False, "payback_from_operation_months"),
    "discounted_payback_months": _payback(False, True, "discounted_payback_months"),
    "break_even_power_usd_per_mwh": _mining_only(_break_even_power),
    "break_even_btc_price_usd": _mining_only(_break_even_btc),
    "break_even_hashprice_usd_per_ph_day": _mining_only(_break_even_hashprice),
}
"""By the figure's name. A lease's and GPUs' lines are `LEASE`'s and own GPUs'; which, `line` knows."""
