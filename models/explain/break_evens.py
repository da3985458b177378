"""The three break-evens of a lot, by which costs they count: its power, with the site's opex, all in."""

from __future__ import annotations

import math

import numpy as np

import models.explain.lots as lots
import models.explain.market as market
import models.explain.uses as uses
from models.explain.context import Context
from models.explain.tree import Node
from models.mining import capital_recovery_factor
from models.results import ASIC, BREAK_EVEN_NAMES, UseResult

KINDS = {
    "energy_price_usd_per_mwh": ("Break-even power price", "USD/MWh", 2, "break_even_power_usd_per_mwh"),
    "btc_price_usd": ("Break-even BTC price", "USD/BTC", 0, "break_even_btc_price_usd"),
    "hashprice_usd_per_ph_day": (
        "Break-even hashprice",
        "USD/PH/day",
        2,
        "break_even_hashprice_usd_per_ph_day",
    ),
}
"""Label, unit, digits, and the figure of a use that counts its power alone."""
COSTS_WORDS = {"power": "power", "site": "power and site opex", "all_in": "all in"}


def figure(ctx: Context, use_id: str, costs: str, name: str) -> Node:
    """One break-even of a lot.

    Parameters
    ----------
    ctx
        See there.
    use_id
        Of a lot.
    costs
        One of `models.results.BREAK_EVEN_NAMES`.
    name
        ``energy_price_usd_per_mwh``, ``btc_price_usd`` or ``hashprice_usd_per_ph_day``.

    Raises
    ------
    KeyError
        Where there is no such break-even.
    """
    use, path = ctx.results.by_id[use_id], f"uses.{use_id}.break_evens.{costs}.{name}"
    label, unit, digits, of_power = KINDS[name]
    if costs not in BREAK_EVEN_NAMES or use.kind != ASIC or not use.break_evens:
        raise KeyError(path)
    words = f"{label}, {use.name}, {COSTS_WORDS[costs]}"
    if costs == BREAK_EVEN_NAMES[0]:
        found = uses.figure(ctx, use_id, of_power)
        return uses.labelled(ctx, found, words, path, unit, digits, use)
    value = float(getattr(use.break_evens[costs], name))
    fixed = _fixed_per_mwh(ctx, use, costs)
    if name == "energy_price_usd_per_mwh":
        # At today's hashprice: what a MWh earns, less what must be earned besides its energy.
        children = (uses.figure(ctx, use_id, of_power), fixed)
        node = Node(label, value, unit, digits, formula="{0} − {1}", children=children)
    else:
        needed = _hashprice(ctx, use, costs, fixed)
        node = needed
        if name == "btc_price_usd":
            per_btc = market.figure(ctx, "hashprice_btc_per_ph_day")
            node = Node(label, value, unit, digits, formula="{0} ÷ {1}", children=(needed, per_btc))
    return uses.labelled(ctx, node, words, path, unit, digits, use)


def _hashprice(ctx: Context, use: UseResult, costs: str, fixed: Node) -> Node:
    fee = ctx.input(f"asic_lots.{use.id}.pool_fee_fraction")
    return Node(
        f"Break-even hashprice, {COSTS_WORDS[costs]}",
        use.break_evens[costs].hashprice_usd_per_ph_day,
        "USD/PH/day",
        2,
        formula="({0} + {1}) × {2} × {3} × 24 ÷ 1000 ÷ (1 − {4})",
        children=(uses.running_price(ctx, use), fixed, lots.efficiency(ctx, use.id), lots.pue(ctx, use), fee),
        note="What the costs of one PH/s come to in a day, in the plan's first month.",
    )


def _fixed_per_mwh(ctx: Context, use: UseResult, costs: str) -> Node:
    """What the year costs besides energy, spread over the MWh of the hours in which the lot is available."""
    at = f"asic_lots.{use.id}"
    children = [ctx.input(f"{at}.opex_usd_per_mw_year")]
    if costs == "all_in":
        children += [ctx.input("assumptions.overhead_usd_per_mw_year"), _recovery(ctx, use)]
    terms = " + ".join(f"{{{k}}}" for k in range(len(children)))
    yearly = math.fsum(c.value for c in children)
    available = lots.availability(ctx, use.id)
    value = yearly / (8_760.0 * available.value) if yearly and available.value else 0.0 if not yearly else math.nan
    if not yearly:
        return Node("Other costs per MWh", 0.0, "USD/MWh", 2, formula="0", children=tuple(children), note="None.")
    return Node(
        "Other costs per MWh",
        value,
        "USD/MWh",
        2,
        formula=f"({terms}) ÷ (8760 × {{{len(children)}}})",
        children=(*children, available),
        note="" if available.value else "The machines are never available, so that no MWh can bear them.",
    )


def _recovery(ctx: Context, use: UseResult) -> Node:
    """The level yearly charge that returns the purchase price over the machines' recovery time."""
    at = f"asic_lots.{use.id}"
    price, machines = ctx.input(f"{at}.purchase_price_usd_per_unit"), lots.units_per_mw(ctx, use)
    rate, months = uses.rate(ctx, use), ctx.input(f"{at}.capital_recovery_months")
    charged = float(capital_recovery_factor(np.array(rate.value), np.array(months.value)))
    return Node(
        "Recovery of the purchase price",
        price.value * machines.value * charged,
        "USD/MW-year",
        0,
        formula="{0} × {1} × recovery({2}, {3} ÷ 12)",
        children=(price, machines, rate, months),
    )
