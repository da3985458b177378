"""The shape of index prices: of every calendar month its hours, sorted by price, ready for any strike at once.

A machine runs in the hours whose price lies below its strike. With the hours sorted and added up, the energy and the
cost of any strike are one look-up: exact, and independent of how many years were imported.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from models.curves import Array
from models.hours import HourlyValues, local_hours
from models.power.restarts import smoothed
from models.records.series import DURATION, PriceSeries, PriceStep

Rows = np.ndarray[Any, np.dtype[np.intp]]
MONTHS_OF_YEAR = 12
_DAYS = np.array([31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_APART = float(2**18)
"""Between the months in one ascending list of strikes: more than any price, so that months cannot mix. It costs digits
only beyond a billionth of a dollar."""


@dataclass(frozen=True, eq=False)
class SortedHours:
    """The hours of all calendar months, each month's in the order in which machines start, cheapest first.

    Attributes
    ----------
    strikes
        Ascending within each month: an hour runs from its strike on [USD/MWh]; months lie `_APART`. Its price, unless
        restarts cost money. Shape (K,).
    share
        Of a month's hours that run once its first 0 … n are on, month after month, shape (K+12,).
    cost
        Price × share added up likewise, shape (K+12,) [USD/MWh of the whole month].
    restarts
        Times in an hour of the month that 1 MW starts again, shape (K+12,); None where they cost nothing.
    month_means
        The price of a load that never stops, shape (12,) [USD/MWh].
    """

    strikes: Array
    share: Array
    cost: Array
    restarts: Array | None
    month_means: Array

    def at(self, strike: Array, month: Rows) -> Rows:
        """Where in the sums of the months (0 for January) a strike lies; both broadcast [USD/MWh]."""
        # Not by np.clip and np.searchsorted, whose wrappers take as long as a small look-up.
        limited = np.minimum(np.maximum(strike, -0.49 * _APART), 0.49 * _APART)
        return np.asarray(self.strikes.searchsorted(limited + month * _APART, side="right") + month)


@dataclass(frozen=True, eq=False)
class Prices:
    """Index prices by calendar month.

    Attributes
    ----------
    months
        Twelve parts, January first; each a tuple of runs of consecutive hours (one for every year imported), shape (H,)
        each [USD/MWh]; with `weights` for a price-duration table.
    weights
        Share of the hours of each step, shape (K,); None for hourly prices.
    stands_in
        Calendar months (0 for January) without prices of their own, for which all hours stand in.
    """

    months: tuple[tuple[Array, ...], ...]
    weights: Array | None = None
    stands_in: tuple[int, ...] = ()

    @cached_property
    def mean(self) -> float:
        """Of a whole year, each month as long as it is however often it was imported [USD/MWh]."""
        known = [m for m in range(MONTHS_OF_YEAR) if m not in self.stands_in]
        return float(np.average(self.month_means[known], weights=_DAYS[known]))

    @property
    def month_means(self) -> Array:
        """Of each calendar month, shape (12,) [USD/MWh]."""
        return self.sorted_hours(0.0).month_means

    def sorted_hours(self, restart_cost: float) -> SortedHours:
        """The hours of all months where a restart of 1 MW costs so much [USD/MW]."""
        return _kept_hours(self, restart_cost)


@lru_cache(maxsize=24)
def _kept_hours(prices: Prices, restart_cost: float) -> SortedHours:
    """Kept for some series at once; a dragged lever that changes what a restart is worth makes new ones as it moves."""
    parts = [_sorted_month(runs, prices.weights, restart_cost) for runs in prices.months]
    strikes = [strikes + month * _APART for month, (strikes, *_) in enumerate(parts)]
    restarts = None if parts[0][3] is None else np.concatenate([p[3] for p in parts if p[3] is not None])
    return SortedHours(
        np.concatenate(strikes),
        np.concatenate([share for _, share, _, _ in parts]),
        np.concatenate([cost for _, _, cost, _ in parts]),
        restarts,
        np.array([cost[-1] for _, _, cost, _ in parts]),
    )


def _sorted_month(
    runs: tuple[Array, ...], weights: Array | None, restart_cost: float
) -> tuple[Array, Array, Array, Array | None]:
    """Strikes, and share, cost and restarts added up, of one calendar month."""
    prices = np.concatenate(runs)
    each = np.full(len(prices), 1.0 / len(prices)) if weights is None else weights
    if weights is not None or restart_cost <= 0:
        order = np.argsort(prices, kind="stable")
        return prices[order], *_added_up(each[order], prices[order]), None
    strikes = np.concatenate([smoothed(run, restart_cost) for run in runs])
    order = np.argsort(strikes, kind="stable")
    # An hour that starts to run ends a stop, begins one, splits one in two, or is the whole of one.
    started = np.zeros(len(prices))
    at = 0
    for run in runs:
        strike = strikes[at : at + len(run)]
        # Hour t starts the machine between the strikes of t (it runs) and of t−1 (that one runs as well).
        begins = strike[:-1] > strike[1:]
        started[at + 1 : at + len(run)] += begins
        started[at : at + len(run) - 1] -= begins
        at += len(run)
    per_hour = np.concatenate([[0.0], np.cumsum(started[order])]) / len(prices)
    return strikes[order], *_added_up(each[order], prices[order]), per_hour


def _added_up(share: Array, prices: Array) -> tuple[Array, Array]:
    total = np.concatenate([[0.0], np.cumsum(share)])
    cost = np.concatenate([[0.0], np.cumsum(share * prices)])
    # The sum of all shares is one; rounding must not make a load that never stops miss a second of it.
    return total / total[-1], cost / total[-1]


def prices_of(series: PriceSeries, steps: tuple[PriceStep, ...]) -> Prices | None:
    """The prices of a series, or None where it has none (yet) or its time zone is unknown.

    Parameters
    ----------
    series
        Hourly, or a price-duration table.
    steps
        Those of all series; shares are taken in proportion.
    """
    if series.kind == DURATION:
        own = [s for s in steps if s.series_id == series.id and s.hours_share_fraction > 0]
        return _duration(tuple((s.hours_share_fraction, s.price_usd_per_mwh) for s in own)) if own else None
    if series.hourly_usd_per_mwh is None:
        return None
    try:
        return _hourly(series.hourly_usd_per_mwh, series.time_zone)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _duration(steps: tuple[tuple[float, float], ...]) -> Prices:
    share = np.array([s for s, _ in steps])
    return Prices(((np.array([p for _, p in steps]),),) * MONTHS_OF_YEAR, share / share.sum())


@lru_cache(maxsize=32)
def _hourly(series: HourlyValues, time_zone: str) -> Prices:
    """Each calendar month's runs of consecutive hours by the local clock; hours without a price are left out."""
    month = local_hours(series, time_zone).astype("datetime64[M]").astype(int)
    months: list[list[Array]] = [[] for _ in range(MONTHS_OF_YEAR)]
    for part in np.split(np.arange(len(month)), np.nonzero(np.diff(month))[0] + 1):
        known = np.isfinite(series.values[part])
        for run in np.split(part, np.nonzero(np.diff(known))[0] + 1):
            if np.isfinite(series.values[run[0]]):
                months[month[run[0]] % MONTHS_OF_YEAR].append(series.values[run])
    everything = tuple(run for runs in months for run in runs)
    missing = tuple(m for m, runs in enumerate(months) if not runs)
    return Prices(tuple(tuple(runs) if runs else everything for runs in months), None, missing)
