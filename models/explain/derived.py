"""Numbers that pages show beside the figures: efficiency, a site's megawatts, bills of a month, hours, the strike.

Their paths are ``derived.`` and then what they are of: ``derived.efficiency.a1``, ``derived.bill.a1.3.demand``.
"""

from __future__ import annotations

import math

import numpy as np

import models.explain.lots as lots
import models.explain.market as market
import models.explain.uses as uses
from models.bills.bridge import ENERGY, headline_price
from models.bills.monthly import CREDITS, LINES, Bill, firm_bill, lot_bill
from models.catalogue import average_rent
from models.evidence import age_days, state_of
from models.explain.claims import claims_of
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.fields import Schedule
from models.network import SATS_PER_BTC, next_halving_height, subsidy_sats
from models.units import BLOCKS_PER_DAY
from models.use_names import use_name

HOURS = {
    "running": "Hours running",
    "out": "Hours out of order or in maintenance",
    "stopped": "Hours stopped for price",
    "all": "Hours of the month",
}
LEDGER = {
    "hours": "Hours stopped for price",
    "peaks": "Peaks avoided",
    "demand_response": "Demand response and ancillary services",
    "total": "Being able to stop",
}


def derived(ctx: Context, path: str) -> Node:
    """The node of a path below ``derived.``.

    Raises
    ------
    KeyError
        Where there is no such number.
    """
    match path.split(".")[1:]:
        case ["efficiency", lot_id]:
            return lots.efficiency(ctx, lot_id)
        case ["mining_mw" | "ai_mw" as which, site_id]:
            return _site_mw(ctx, which, site_id)
        case ["energy_price", site_id]:
            return _site_price(ctx, site_id)
        case ["total", table, name]:
            return _total(ctx, table, name)
        case ["series", "price_series" | "meter_series" as table, series_id, "hours" | "mean" as name]:
            return _series(ctx, table, series_id, name)
        case ["claim", evidence_id]:
            return _claim(ctx, evidence_id)
        case ["subsidy"]:
            return market.subsidy(ctx)
        case ["halving"]:
            return _halving(ctx)
        case ["security"]:
            return _security(ctx)
        case ["average_rent", offer_id]:
            return _average_rent(ctx, offer_id)
        case ["strike", lot_id, month]:
            return _strike(ctx, lot_id, int(month))
        case ["bill", lot_id, month, name]:
            return _bill(ctx, lot_id, int(month), name)
        case ["hours", lot_id, month, name] if name in HOURS:
            return _hours(ctx, lot_id, int(month), name)
        case ["ledger", lot_id, name] if name in LEDGER:
            return _ledger(ctx, lot_id, name)
    raise KeyError(path)


def _site_mw(ctx: Context, which: str, site_id: str) -> Node:
    table = "asic_lots" if which == "mining_mw" else "ai_offers"
    ids = [r.id for r in getattr(ctx.plan, table) if r.site_id == site_id]
    children = tuple(uses.figure(ctx, i, "mw") for i in ids)
    name = next(s.name for s in ctx.plan.sites if s.id == site_id)
    formula = " + ".join(f"{{{k}}}" for k in range(len(children))) or "0"
    what = "Megawatts of machines" if which == "mining_mw" else "Megawatts of AI offers"
    return Node(f"{what}, {name}", math.fsum(c.value for c in children), "MW", 1, formula=formula, children=children)


def _total(ctx: Context, table: str, name: str) -> Node:
    """One field of all records, summed up."""
    children = tuple(ctx.input(f"{table}.{record.id}.{name}") for record in getattr(ctx.plan, table))
    if not children:
        raise KeyError(name)
    first, formula = children[0], " + ".join(f"{{{k}}}" for k in range(len(children)))
    label = f"{first.label.partition(',')[0]}, all together"
    value = math.fsum(c.value for c in children)
    return Node(label, value, first.unit, first.digits, formula=formula, children=children)


def _claim(ctx: Context, evidence_id: str) -> Node:
    found = next((c for c in claims_of(ctx.plan) if c.evidence.id == evidence_id), None)
    if found is None:
        raise KeyError(evidence_id)
    line = found.evidence
    if found.computed is not None:
        return found.computed
    return Node(
        line.claim,
        math.nan,
        text="as printed; nothing else that is printed says what it comes to",
        source=line.source,
        address=line.address,
        date=line.date,
        age_days=age_days(line.date, ctx.as_of),
        note=line.note,
        state=state_of(line.source, age_days(line.date, ctx.as_of)),
        is_input=True,
    )


def _series(ctx: Context, table: str, series_id: str, name: str) -> Node:
    """How many hours a series has, or their mean; of a price-duration table the mean of its steps by their share."""
    record = next(r for r in getattr(ctx.plan, table) if r.id == series_id)
    field = "hourly_usd_per_mwh" if table == "price_series" else "hourly_mwh"
    unit, digits = ("USD/MWh", 2) if table == "price_series" else ("MWh", 3)
    entry = ctx.input(f"{table}.{series_id}.{field}")
    hourly = getattr(record, field)
    if name == "hours":
        count = math.nan if hourly is None else float(len(hourly))
        reason = "It is a table of price steps, not of hours." if hourly is None else ""
        return Node(f"Hours, {record.name}", count, "h", 0, children=(entry,), note=entry.note, reason=reason)
    label = f"Mean, {record.name}"
    if hourly is not None:
        return Node(label, float(np.nanmean(hourly.values)), unit, digits, children=(entry,), note="Of all hours.")
    steps = [s for s in getattr(ctx.plan, "price_steps", ()) if s.series_id == series_id]
    if not steps or table != "price_series":
        return Node(label, math.nan, unit, digits, children=(entry,), reason="Nothing has been imported yet.")
    columns = (
        Column("Share of the hours", "fraction", np.array([s.hours_share_fraction for s in steps]), digits=1),
        Column("Price", "USD/MWh", np.array([s.price_usd_per_mwh for s in steps]), digits=2),
    )
    value = float((columns[0].values * columns[1].values).sum() / columns[0].values.sum())
    rows = tuple(f"Step {number}" for number in range(1, len(steps) + 1))
    formula = "sum({t0} × {t1}) ÷ sum({t0})"
    return Node(label, value, unit, digits, formula=formula, table=Table("Step", rows, columns))


def _contracts(ctx: Context, site_id: str) -> tuple[Node, ...]:
    of_site = [c for c in ctx.plan.power_contracts if c.site_id == site_id]
    return tuple(n for c in of_site for n in ctx.inputs_of(f"power_contracts.{c.id}"))


def _site_price(ctx: Context, site_id: str) -> Node:
    name = next(s.name for s in ctx.plan.sites if s.id == site_id)
    label = f"Energy price, {name}"
    if not any(c.site_id == site_id for c in ctx.plan.power_contracts):
        return Node(label, math.nan, "USD/MWh", 2, reason="The site has no power contract.")
    return _per_mwh(ctx, firm_bill(ctx.plan, site_id), 0, "gross", label, site_id)


def _halving(ctx: Context) -> Node:
    height = ctx.input("market.block_height")
    blocks = float(next_halving_height(ctx.plan.market.block_height) - ctx.plan.market.block_height)
    halved = subsidy_sats(next_halving_height(ctx.plan.market.block_height)) / SATS_PER_BTC
    return Node(
        "Days to the next halving",
        blocks / BLOCKS_PER_DAY,
        "days",
        0,
        formula="((floor({0} ÷ 210000) + 1) × 210000 − {0}) ÷ 144",
        children=(height,),
        note=f"Every 210,000 blocks, at 144 a day; then {halved:g} BTC a block.",
    )


def _security(ctx: Context) -> Node:
    hashprice = market.figure(ctx, "hashprice_usd_per_ph_day")
    network = market.figure(ctx, "network_hashrate_eh_per_s")
    value = hashprice.value * network.value * 1000.0
    return Node("Miners' revenue", value, "USD/day", 0, formula="{0} × {1} × 1000", children=(hashprice, network))


def _average_rent(ctx: Context, offer_id: str) -> Node:
    offer = next(o for o in ctx.plan.ai_offers if o.id == offer_id)
    path = f"ai_offers.{offer_id}"
    names = ("rent_usd_per_it_kw_month", "escalator_fraction_per_year", "term_months")
    children = tuple(ctx.input(f"{path}.{name}") for name in names)
    rent, unit, label = (
        offer.rent_usd_per_it_kw_month,
        "USD/IT kW-month",
        f"Rent averaged over its term, {use_name(ctx.plan, offer)}",
    )
    if rent is None:
        return Node(label, math.nan, unit, 2, children=children, reason="The offer has no rent.")
    if isinstance(rent, Schedule):
        return Node(label, float(np.mean(rent.values)), unit, 2, children=children, note="The mean of its table.")
    value = average_rent(rent, offer.escalator_fraction_per_year, offer.term_months / 12)
    formula = "{0} × ((1 + {1})^({2} ÷ 12) − 1) ÷ ({1} × {2} ÷ 12)" if offer.escalator_fraction_per_year else "{0}"
    return Node(label, value, unit, 2, formula=formula, children=children)


def _strike(ctx: Context, lot_id: str, month: int) -> Node:
    use = ctx.results.by_id[lot_id]
    row = int(ctx.inputs.rows["asic_lots"][lot_id])
    value = float(ctx.earned[row, month])
    hashprice = market.hashprice_by_month(ctx, np.array([float(month)]))
    fee = ctx.input(f"asic_lots.{lot_id}.pool_fee_fraction")
    return Node(
        f"Strike, {use.name}, {ctx.months[month]}",
        value,
        "USD/MWh",
        2,
        formula="{0} × {1} × (1 − {2}) ÷ 24",
        children=(lots.ph_per_mw(ctx, use), hashprice, fee),
        note="What a MWh earns: machines stop in hours whose next MWh costs more.",
    )


def _per_mwh(ctx: Context, bill: Bill, month: int, name: str, label: str, site_id: str) -> Node:
    """A line of a month's bill, or all of them before or after credits, per consumed MWh."""
    if name in ("gross", "net"):
        names = [n for n in bill.lines if name == "net" or n not in CREDITS]
    elif name == "energy":
        names = [n for n in bill.lines if n in ENERGY]
    else:
        names = [n for n in bill.lines if n == name]
    children = tuple(Node(LINES[n], float(bill.lines[n][month]), "USD/MW", 0) for n in names)
    used = Node("Energy consumed", float(bill.consumed_mwh[month]), "MWh/MW", 1)
    value = sum(c.value for c in children) / used.value if used.value > 0 else math.nan
    terms = " + ".join(f"{{{k}}}" for k in range(len(names))) or "0"
    reason = "" if used.value > 0 else "Nothing is consumed in this month, so that no MWh has a price."
    return Node(
        label,
        value,
        "USD/MWh",
        2,
        formula=f"({terms}) ÷ {{{len(names)}}}",
        children=(*children, used, *_contracts(ctx, site_id)),
        note="Lines of the month's bill, per MWh consumed; below them the contracts' terms that they follow from.",
        reason=reason,
    )


def _bill(ctx: Context, lot_id: str, month: int, name: str) -> Node:
    use = ctx.results.by_id[lot_id]
    headline = Node(
        f"Headline price, {ctx.months[month]}",
        float(headline_price(ctx.plan, use.site_id)[month]),
        "USD/MWh",
        2,
        children=_contracts(ctx, use.site_id),
        note="The mean of what the site's contracts name, by megawatts; of an index over all hours.",
    )
    if name == "headline":
        return headline
    bill = lot_bill(ctx.plan, lot_id)
    if name == "hours":
        energy = _per_mwh(ctx, bill, month, "energy", "Energy paid per MWh consumed", use.site_id)
        label = f"Hours run, energy not used, {use.name}, {ctx.months[month]}"
        return Node(
            label,
            energy.value - headline.value,
            "USD/MWh",
            2,
            formula="{0} − {1}",
            children=(energy, headline),
            reason=energy.reason,
        )
    words = LINES | {"gross": "Effective price before credits", "net": "Effective price after credits"}
    if name not in words:
        raise KeyError(name)
    return _per_mwh(ctx, bill, month, name, f"{words[name]}, {use.name}, {ctx.months[month]}", use.site_id)


def _hours(ctx: Context, lot_id: str, month: int, name: str) -> Node:
    use = ctx.results.by_id[lot_id]
    bill = lot_bill(ctx.plan, lot_id)
    lines = {"running": bill.hours_run, "out": bill.hours_out, "stopped": bill.hours_stopped}
    available = lots.availability(ctx, lot_id)
    hours = Node("Hours of the month", float(ctx.inputs.dates.hours[month]), "h", 0)
    ran = 1.0 - float(bill.hours_stopped[month]) / hours.value
    share = Node("Share of the hours that pays", ran, "fraction", 1, note="Decided by what the next MWh costs.")
    formulas = {
        "running": "{0} × {1} × {2}",
        "out": "{0} × {1} × (1 − {2})",
        "stopped": "{0} × (1 − {1})",
        "all": "{0}",
    }
    value = float(lines[name][month]) if name in lines else hours.value
    label = f"{HOURS[name]}, {use.name}, {ctx.months[month]}"
    return Node(label, value, "h", 1, formula=formulas[name], children=(hours, share, available))


def _ledger(ctx: Context, lot_id: str, name: str) -> Node:
    use, ledger = ctx.results.by_id[lot_id], ctx.ledger[lot_id]
    line = ledger.total if name == "total" else getattr(ledger, name)
    label, value = f"{LEDGER[name]}, {use.name}", ledger.year(line)
    rows = np.arange(min(12, len(ctx.months)), dtype=float)
    columns = [Column(LEDGER[name], "USD/MW", line[: len(rows)])]
    if name == "total":
        parts = (("hours", ledger.hours), ("peaks", ledger.peaks), ("demand_response", ledger.demand_response))
        columns = [Column(LEDGER[key], "USD/MW", values[: len(rows)]) for key, values in parts]
        columns.append(Column(LEDGER[name], "USD/MW", line[: len(rows)], "{t0} + {t1} + {t2}"))
    return Node(
        label,
        value,
        "USD/MW-year",
        0,
        formula=f"sum({{t{len(columns) - 1}}})",
        children=_contracts(ctx, use.site_id),
        table=Table("Month", ctx.row_names(rows), tuple(columns)),
        reason=uses.EARLY_END if math.isnan(value) else "",
        note="What running through every hour and every peak would have lost.",
    )
