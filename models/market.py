"""The market month by month: BTC price and difficulty paths, and the hashprice they make."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models import network
from models.curves import Array, Calendar, calendar, first_level, series
from models.fields import Schedule
from models.kept import protected
from models.plan import Market
from models.results import MarketPath
from models.units import BLOCKS_PER_DAY


@lru_cache(maxsize=16)
def market_path(market: Market, dates: Calendar) -> MarketPath:
    """Price, difficulty, subsidy and hashprice over the plan's months; shape (N,) each.

    Kept while levers move elsewhere; nobody can write into the arrays.

    Parameters
    ----------
    market
        The user's market record.
    dates
        The plan's calendar.

    Examples
    --------
    >>> from models.curves import calendar
    >>> path = market_path(Market(70_870.25, 133.79e12, 941_472), calendar("2026-04", 12))
    >>> round(float(path.hashprice_usd_per_ph_day[0]), 2)
    33.3
    """
    price = series(market.btc_price_usd, market.btc_price_growth_fraction_per_year, dates)
    difficulty = series(market.difficulty, market.difficulty_growth_fraction_per_year, dates)
    subsidy = subsidy_path(market.block_height, dates.start, len(dates.index))
    hashprice_btc = network.hashprice_btc(difficulty, subsidy, market.fees_btc_per_block)
    spot_btc = spot_hashprice_btc(market, dates)
    spot_difficulty = first_level(market.difficulty, dates)
    hashprice_usd = hashprice_btc * price
    for array in (price, difficulty, hashprice_btc, hashprice_usd):
        protected(array)
    return MarketPath(
        btc_price_usd=price,
        difficulty=difficulty,
        subsidy_btc=subsidy,
        hashprice_btc_per_ph_day=hashprice_btc,
        hashprice_usd_per_ph_day=hashprice_usd,
        spot_hashprice_usd_per_ph_day=spot_btc * float(price[0]),
        spot_hashprice_btc_per_ph_day=spot_btc,
        network_hashrate_eh_per_s=network.network_hashrate_eh_per_s(spot_difficulty),
    )


@lru_cache(maxsize=16)
def subsidy_path(block_height: int, start: str, months: int) -> Array:
    """Mean subsidy per block of every month from a height on, shape (N,) [BTC]; kept while levers move elsewhere."""
    dates = calendar(start, months)
    path = network.mean_subsidy_btc(block_height, dates.days_before, dates.days)
    path.flags.writeable = False
    return path


def halving_months(market: Market, dates: Calendar) -> tuple[float, ...]:
    """When the subsidy halves within the plan, in months from its start: 24.5 is in the middle of month 24.

    Examples
    --------
    >>> from models.curves import calendar
    >>> [round(at, 2) for at in halving_months(Market(70_870.25, 133.79e12, 941_472), calendar("2026-04", 120))]
    [24.76, 72.67]
    """
    day = (network.next_halving_height(market.block_height) - market.block_height) / BLOCKS_PER_DAY
    edges = np.append(dates.days_before, dates.days_before[-1] + dates.days[-1])
    days = np.arange(day, edges[-1], network.HALVING_BLOCKS / BLOCKS_PER_DAY)
    return tuple(np.interp(days, edges, np.arange(len(edges))).tolist())


def spot_hashprice_btc(market: Market, dates: Calendar) -> float:
    """Hashprice at the plan's start [BTC/PH/day], by the subsidy at its block height."""
    difficulty = first_level(market.difficulty, dates)
    subsidy = network.subsidy_sats(market.block_height) / network.SATS_PER_BTC
    return float(network.hashprice_btc(difficulty, subsidy, market.fees_btc_per_block))


def spot_btc_price(market: Market, dates: Calendar) -> float:
    """BTC price in the plan's first month [USD]."""
    return first_level(market.btc_price_usd, dates)


def with_spot_btc_price(market: Market, dates: Calendar, btc_price_usd: float) -> float | Schedule:
    """The price field's new value when its first month is moved: a number, or the table scaled in proportion.

    Examples
    --------
    >>> from models.curves import calendar
    >>> table = Schedule(("2026-04", "2026-05"), (50_000.0, 60_000.0))
    >>> with_spot_btc_price(Market(table, 1e14, 941_472), calendar("2026-04", 2), 100_000.0).values
    (100000.0, 120000.0)
    """
    now = market.btc_price_usd
    if not isinstance(now, Schedule):
        return btc_price_usd
    first = spot_btc_price(market, dates)
    if first == 0.0:
        return Schedule(now.months, tuple(btc_price_usd for _ in now.values))
    return Schedule(now.months, tuple(v * btc_price_usd / first for v in now.values))
