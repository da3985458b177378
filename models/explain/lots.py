"""The monthly lines of machines, per utility MW, down to their inputs."""

from __future__ import annotations

import numpy as np

from models import mining
from models.bills.monthly import LINES as BILL_LINES
from models.bills.monthly import Bill, lot_bill
from models.curves import Array
from models.explain.context import Context
from models.explain.market import hashprice_by_month
from models.explain.tree import Column, Node, Table
from models.power.dispatch import available_fraction
from models.power.supply import contract_price
from models.results import UseResult

TAXED = ("contract", "adders", "demand", "transmission", "capacity", "standby", "fixed")


def efficiency(ctx: Context, lot_id: str) -> Node:
    """Power over hashrate [J/TH]."""
    path = f"asic_lots.{lot_id}"
    watts, hashrate = ctx.input(f"{path}.power_w"), ctx.input(f"{path}.hashrate_th_per_s")
    value = float(mining.efficiency_j_per_th(ctx.inputs)[_row(ctx, lot_id), 0])
    return Node("Efficiency", value, "J/TH", 2, formula="{0} ÷ {1}", children=(watts, hashrate))


def pue(ctx: Context, use: UseResult) -> Node:
    """Of the lot's site."""
    return ctx.input(f"sites.{use.site_id}.mining_pue")


def ph_per_mw(ctx: Context, use: UseResult) -> Node:
    """Hashrate that one utility MW carries [PH/s/MW]."""
    value = float(mining.ph_per_mw(ctx.inputs)[_row(ctx, use.id), 0])
    children = (efficiency(ctx, use.id), pue(ctx, use))
    return Node("Hashrate per MW", value, "PH/s/MW", 3, formula="1000 ÷ ({0} × {1})", children=children)


def units_per_mw(ctx: Context, use: UseResult) -> Node:
    """Machines that one utility MW carries."""
    value = float(mining.units_per_mw(ctx.inputs)[_row(ctx, use.id), 0])
    children = (ctx.input(f"asic_lots.{use.id}.power_w"), pue(ctx, use))
    return Node("Machines per MW", value, "machines/MW", 2, formula="10^6 ÷ ({0} × {1})", children=children)


def availability(ctx: Context, lot_id: str) -> Node:
    """Share of the hours in which machines are neither out of order nor in maintenance."""
    value = float(available_fraction(ctx.inputs)[_row(ctx, lot_id), 0])
    path = f"asic_lots.{lot_id}"
    children = (ctx.input(f"{path}.uptime_fraction"), ctx.input(f"{path}.planned_outage_fraction"))
    return Node("Availability", value, "fraction", 1, formula="{0} × (1 − {1})", children=children)


def megawatts(ctx: Context, use: UseResult) -> Node:
    """Utility megawatts of a whole lot."""
    path = f"asic_lots.{use.id}"
    children = (ctx.input(f"{path}.count"), ctx.input(f"{path}.power_w"), pue(ctx, use))
    return Node("Megawatts", use.mw, "MW", 2, formula="{0} × {1} × {2} ÷ 10^6", children=children)


def revenue(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Revenue of the months, per utility MW; its table ends with it [USD/MW]."""
    at, row = rows.astype(int), _row(ctx, use.id)
    hashprice = hashprice_by_month(ctx, rows)
    earned, share = ctx.earned, ctx.share_run[row]
    fee, machines = ctx.input(f"asic_lots.{use.id}.pool_fee_fraction"), ph_per_mw(ctx, use)
    available = availability(ctx, use.id)
    price = ctx.supply.pool_price[int(ctx.inputs.lot_site[row])]
    by_price = int(ctx.inputs.lot_site[row]) not in ctx.inputs.power.purchase
    stops = ctx.inputs.economic_shutdown
    rule, note = "", ""
    if not stops:
        note = "Machines never stop for price: economic shutdown is off."
    elif by_price:
        rule = "at_least({t2}, {t3})"
        note = "A month runs where a MWh earns at least what its energy costs."
    else:
        note = (
            "An hour runs where a MWh earns at least what the next MWh costs in it; the share is of the month's hours."
        )
    columns = [
        Column("Hashprice", "USD/PH/day", ctx.results.market.hashprice_usd_per_ph_day[at], child=2, digits=2),
        Column("Hours", "h", ctx.inputs.dates.hours[at]),
        Column("Earned per MWh", "USD/MWh", earned[row][at], "{0} × {t0} × (1 − {1}) ÷ 24", digits=2),
        Column("Energy price", "USD/MWh", price[at], digits=2),
        Column("Share that runs", "fraction", share[at], rule, digits=1),
        Column("Revenue", "USD/MW", use.cash.revenue[at], "{t2} × {t1} × {t4} × {3}"),
    ]
    if not by_price:
        del columns[3]
        columns[-1] = Column("Revenue", "USD/MW", use.cash.revenue[at], "{t2} × {t1} × {t3} × {3}")
    return Node(
        "Revenue",
        float(use.cash.revenue[at].sum()),
        "USD/MW",
        0,
        formula=f"sum({{t{len(columns) - 1}}})",
        children=(machines, fee, hashprice, available),
        table=Table("Month", ctx.row_names(rows), tuple(columns)),
        note=note,
    )


def power(ctx: Context, use: UseResult, rows: Array) -> Node:
    """What the months' power costs, line by line as it is billed; its table ends with the sum [USD/MW]."""
    at = rows.astype(int)
    bill = lot_bill(ctx.plan, use.id)
    columns = [Column("Energy consumed", "MWh/MW", bill.consumed_mwh[at], digits=1)]
    names = list(bill.lines)
    columns += [Column(BILL_LINES[name], "USD/MW", bill.lines[name][at]) for name in names]
    single = _single_contract(ctx, use)
    children: tuple[Node, ...] = ()
    if single is not None:
        columns, children = _priced(ctx, use, single, bill, at, rows)
    else:
        children = tuple(
            node
            for contract in ctx.plan.power_contracts
            if contract.site_id == use.site_id
            for node in ctx.inputs_of(f"power_contracts.{contract.id}")
        )
    first = len(columns) - len(names)
    terms = " + ".join(f"{{t{first + k}}}" for k in range(len(names))) or "0"
    columns.append(Column("Power cost", "USD/MW", (0.0 - use.cash.power)[at], terms))
    return Node(
        "Power cost",
        float((0.0 - use.cash.power)[at].sum()),
        "USD/MW",
        0,
        formula=f"sum({{t{len(columns) - 1}}})",
        children=children,
        table=Table("Month", ctx.row_names(rows), tuple(columns)),
        note="" if single is not None else "Billed line by line from the site's contracts; the Power page shows each.",
    )


def _single_contract(ctx: Context, use: UseResult) -> int | None:
    """The row of the only contract of a lot's site, if it has one fixed price for all energy of all months."""
    row = _row(ctx, use.id)
    site = int(ctx.inputs.lot_site[row])
    if site < 0 or site in ctx.inputs.power.purchase:
        return None
    weights = ctx.inputs.power.pooled[site]
    rows = np.nonzero(weights.any(axis=1))[0]
    return int(rows[0]) if len(rows) == 1 and (weights[rows[0]] > 0).all() else None


def _priced(
    ctx: Context, use: UseResult, contract: int, bill: Bill, at: Array, rows: Array
) -> tuple[list[Column], tuple[Node, ...]]:
    """The lines of a single fixed contract, with the formula of its energy, adders and tax."""
    prefix = f"power_contracts.{ctx.plan.power_contracts[contract].id}"
    where = at.astype(int)
    level = ctx.grown(
        "Price before escalation",
        f"{prefix}.energy_price_usd_per_mwh",
        f"{prefix}.energy_price_growth_fraction_per_year",
        contract,
        rows,
    )
    adders, tax = ctx.input(f"{prefix}.adders_usd_per_mwh"), ctx.input(f"{prefix}.tax_fraction")
    escalator = ctx.input(f"{prefix}.escalator_fraction_per_year")
    price = (contract_price(ctx.inputs)[contract] + np.zeros(len(ctx.months)))[where]
    assert level.table is not None
    before = level.table.columns[-1].values
    years = np.broadcast_to(ctx.inputs.power.contract_years, (len(ctx.plan.power_contracts), len(ctx.months)))
    columns = [
        Column("Energy consumed", "MWh/MW", bill.consumed_mwh[where], digits=1),
        Column("Price before escalation", "USD/MWh", before, child=0, digits=2),
        Column("Years of escalation", "years", years[contract][where], digits=0),
        Column("Contract price", "USD/MWh", price, "{t1} × (1 + {1})^{t2}", digits=2),
    ]
    names = list(bill.lines)
    place: dict[str, int] = {}
    for name in names:
        place[name] = len(columns) + len(place)
    formulas = {"contract": "{t0} × {t3}", "adders": "{t0} × {2}"}
    taxed = [f"{{t{place[name]}}}" for name in TAXED if name in place]
    formulas["tax"] = f"({' + '.join(taxed)}) × {{3}}" if taxed else ""
    columns += [Column(BILL_LINES[name], "USD/MW", bill.lines[name][where], formulas.get(name, "")) for name in names]
    others = ctx.inputs_of(
        prefix,
        "demand_charge_usd_per_kw_month",
        "transmission_usd_per_kw_year",
        "capacity_usd_per_mw_day",
        "standby_usd_per_kw_month",
        "fixed_charge_usd_per_month",
        "demand_response_usd_per_mw_year",
    )
    return columns, (level, escalator, adders, tax, availability(ctx, use.id), *others)


def opex(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Site opex of the months; its table ends with it [USD/MW]."""
    at = rows.astype(int)
    column = Column("Opex", "USD/MW", (0.0 - use.cash.opex)[at], "{0} ÷ 12")
    return Node(
        "Opex",
        float((0.0 - use.cash.opex)[at].sum()),
        "USD/MW",
        0,
        formula="sum({t0})",
        children=(ctx.input(f"asic_lots.{use.id}.opex_usd_per_mw_year"),),
        table=Table("Month", ctx.row_names(rows), (column,)),
    )


def capex(ctx: Context, use: UseResult, rows: Array) -> Node:
    """Machines bought at the plan's start; its table ends with what is spent at each month's start [USD/MW]."""
    at = rows.astype(int)
    bought = Column("Machines bought", "", (rows == 0).astype(float))
    column = Column("Capex", "USD/MW", (0.0 - use.cash.capex)[at], "{t0} × {0} × {1}")
    children = (ctx.input(f"asic_lots.{use.id}.purchase_price_usd_per_unit"), units_per_mw(ctx, use))
    return Node(
        "Capex",
        float((0.0 - use.cash.capex)[at].sum()),
        "USD/MW",
        0,
        formula="sum({t1})",
        children=children,
        table=Table("Month", ctx.row_names(rows), (bought, column)),
        note="" if children[0].value else "The machines are already paid for: their purchase price is zero.",
    )


def resale(ctx: Context, use: UseResult) -> Node:
    """What machines already paid fetch when AI takes their place [USD/MW]."""
    path = f"asic_lots.{use.id}"
    price, paid = ctx.input(f"{path}.resale_value_usd_per_unit"), ctx.input(f"{path}.purchase_price_usd_per_unit")
    return Node(
        "Resale of displaced machines",
        use.displaced_resale_usd_per_mw,
        "USD/MW",
        0,
        formula="{0} × {1} × is_zero({2})",
        children=(price, units_per_mw(ctx, use), paid),
        note="Only of machines that are paid for: who takes the offer does not buy the others.",
    )


def _row(ctx: Context, lot_id: str) -> int:
    return int(ctx.inputs.rows["asic_lots"][lot_id])
