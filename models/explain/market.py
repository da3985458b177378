"""Hashprice and the network, down to the market's inputs."""

from __future__ import annotations

import numpy as np

from models.curves import Array
from models.explain.context import Context
from models.explain.tree import Column, Node, Table
from models.figures import MARKET_KINDS

HASHPRICE_BTC = "86400 × 10^15 × ({0} + {1}) ÷ ({2} × 2^32)"
"""Economics 1.1: hashes of one PH/s in a day over those that a block takes, times what a block pays."""


def subsidy(ctx: Context) -> Node:
    """Per block at the plan's start [BTC]: halved every 210,000 blocks, in whole satoshi."""
    height = ctx.input("market.block_height")
    return Node(
        "Subsidy",
        float(ctx.inputs.spot_subsidy_btc[0, 0]),
        "BTC",
        4,
        formula="floor(50 × 10^8 ÷ 2^floor({0} ÷ 210000)) ÷ 10^8",
        children=(height,),
        note="The consensus rule: 50 BTC, halved every 210,000 blocks.",
    )


def figure(ctx: Context, name: str) -> Node:
    """One of `models.figures.MARKET_KINDS`."""
    kind, market, path = MARKET_KINDS[name], ctx.results.market, f"market.{name}"
    difficulty = ctx.input("market.difficulty")
    if name == "network_hashrate_eh_per_s":
        return Node(
            kind.label,
            market.network_hashrate_eh_per_s,
            kind.unit,
            kind.digits,
            path,
            "{0} × 2^32 ÷ 600 ÷ 10^18",
            (difficulty,),
            note="2³² hashes a block at difficulty 1, one block in 600 seconds.",
        )
    if name == "hashprice_btc_per_ph_day":
        children: tuple[Node, ...] = (subsidy(ctx), ctx.input("market.fees_btc_per_block"), difficulty)
        value = market.spot_hashprice_btc_per_ph_day
        return Node(f"{kind.label} in BTC", value, kind.unit, kind.digits, path, HASHPRICE_BTC, children)
    value = market.spot_hashprice_usd_per_ph_day
    children = (figure(ctx, "hashprice_btc_per_ph_day"), ctx.input("market.btc_price_usd"))
    return Node(kind.label, value, kind.unit, kind.digits, path, "{0} × {1}", children)


def hashprice_by_month(ctx: Context, rows: Array) -> Node:
    """Hashprice month by month [USD/PH/day]; its table ends with it."""
    return ctx.once(("hashprice", *rows[:1].tolist(), len(rows)), lambda: _hashprice_by_month(ctx, rows))


def _hashprice_by_month(ctx: Context, rows: Array) -> Node:
    at = rows.astype(int)
    market = ctx.results.market
    price = ctx.grown("BTC price", "market.btc_price_usd", "market.btc_price_growth_fraction_per_year", 0, rows)
    difficulty = ctx.grown("Difficulty", "market.difficulty", "market.difficulty_growth_fraction_per_year", 0, rows)
    fees, height = ctx.input("market.fees_btc_per_block"), ctx.input("market.block_height")
    columns = (
        Column("BTC price", "USD/BTC", market.btc_price_usd[at], child=0),
        Column("Difficulty", "difficulty", market.difficulty[at], child=1, digits=2),
        Column("Subsidy", "BTC", market.subsidy_btc[at], digits=4),
        Column(
            "Hashprice",
            "USD/PH/day",
            market.hashprice_usd_per_ph_day[at],
            "86400 × 10^15 × ({t2} + {2}) ÷ ({t1} × 2^32) × {t0}",
            digits=2,
        ),
    )
    return Node(
        "Hashprice, mean of the months",
        float(np.mean(market.hashprice_usd_per_ph_day[at])),
        "USD/PH/day",
        2,
        formula="mean({t3})",
        children=(price, difficulty, fees, height),
        table=Table("Month", ctx.row_names(rows), columns),
        note="The subsidy is the mean of the month's blocks, at 144 a day from the block height at the plan's start.",
    )
