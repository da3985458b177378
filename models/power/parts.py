"""Contracts taken apart: each part of a site's energy has one rule for what its next MWh costs.

A contract's bill is what running costs hour by hour, and what it costs whether machines run or not; only the first
decides whether they run. A block whose unused energy is sold, for instance, costs its own price in any case; running
costs the index that its energy would have fetched (economics 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from models.curves import Array, Calendar, month_number
from models.kept import KEPT, Keyed, Same, protected
from models.plan import AsicLot, PowerContract, PriceSeries, PriceStep, Site, TouPeriod
from models.power.contracts import contract_mw, contract_weights
from models.power.shapes import Prices, prices_of
from models.records.power import (
    BEHIND_THE_METER,
    BLOCK,
    BLOCK_AND_INDEX,
    FIXED,
    INDEX,
    TAKE_OR_PAY,
    TIME_OF_USE,
)

INDEXED = "indexed"
"""Bought at index: running costs the index and the adders."""
SOLD_BACK = "sold_back"
"""Paid anyhow, unused energy sold at index: running costs what its sale would fetch, and the adders."""
USE_OR_LOSE = "use_or_lose"
"""Paid anyhow, unused energy lost: running costs the adders."""
MINIMUM_TAKE = "minimum_take"
"""A share of the energy is paid anyhow; running costs the adders up to it, and the contract's price beyond."""
PRICED = "priced"
"""Bought at the contract's price (in a period of its own where it has one)."""

PAID_ANYHOW = (SOLD_BACK, USE_OR_LOSE)

DECISIVE = {
    "sites": attrgetter("id", "capacity_mw", "mining_pue"),
    "power_contracts": attrgetter(
        "id",
        "site_id",
        "kind",
        "contracted_mw",
        "start_month",
        "end_month",
        "price_series_id",
        "block_mw",
        "sells_back",
        "twelve_peaks_from_month",
        "demand_response_end_month",
    ),
    "asic_lots": attrgetter("id", "site_id", "count", "hashrate_th_per_s", "power_w", "pool_fee_fraction"),
    "tou_periods": attrgetter(
        "contract_id", "first_hour", "end_hour", "days", "first_month_of_year", "last_month_of_year"
    ),
}
"""What `power_parts` reads of every record of these tables: plans that differ in nothing else have the same parts."""


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a site's energy with one rule.

    Attributes
    ----------
    site, contract
        Rows in the plan.
    rule
        One of the five above.
    weight
        Share of the site's megawatts, shape (N,).
    prices
        The index, for the rules that follow it; None where the plan has none (its figures are then unknown).
    period
        The row of the time-of-use period in the plan; −1 for the hours outside all of them or without any.
    hours_share
        Share of the month's hours that the part covers, shape (N,): less than 1 for time-of-use periods only.
    beyond_block
        Whether it is what a block leaves uncovered, and pays the fee on excess.
    """

    site: int
    contract: int
    rule: str
    weight: Array
    prices: Prices | None
    hours_share: Array
    period: int = -1
    beyond_block: bool = False


@dataclass(frozen=True, eq=False)
class PowerParts:
    """How the plan's sites are supplied; nothing in it depends on a price.

    Attributes
    ----------
    sites, contracts, dates
        What they were made from; of the records only what is `DECISIVE` is theirs, since plans with other prices share
        them.
    weights
        Of all contracts, see `contract_weights`, shape (sites, contracts, N).
    pooled
        The same of contracts with a fixed price for all energy, which are priced as one mix, shape (sites, contracts,
        N).
    parts
        Of all other contracts.
    purchase
        By site with parts: from which part each of its lots buys, with the pool as the last row; shape (parts+1, lots,
        N) in the order of `of_site` and of the plan's lots.
    month_of_year
        0 for January, shape (N,).
    """

    sites: tuple[Site, ...]
    contracts: tuple[PowerContract, ...]
    dates: Calendar
    weights: Array
    pooled: Array
    parts: tuple[Part, ...]
    purchase: dict[int, Array]
    month_of_year: np.ndarray[tuple[int], np.dtype[np.intp]]

    @cached_property
    def charged(self) -> Array:
        """The share of each contract in each site's charges: as in `weights`, and a block also for what exceeds it."""
        found = self.weights
        for part in self.parts:
            if part.beyond_block:
                found = found.copy() if found is self.weights else found
                found[part.site, part.contract] += part.weight
        return found

    @cached_property
    def contract_years(self) -> Array:
        """Years since each contract's first month, whole and not negative, shape (contracts, N)."""
        return self._rows([_years(c, self.dates) for c in self.contracts])

    @cached_property
    def twelve_peaks(self) -> Array:
        """1 in months in which twelve peaks count, shape (contracts, N)."""
        return self._rows([_from(c.twelve_peaks_from_month, self.dates) for c in self.contracts])

    @cached_property
    def demand_response(self) -> Array:
        """1 in months in which demand response is paid, shape (contracts, N)."""
        return self._rows([1.0 - _after(c.demand_response_end_month, self.dates) for c in self.contracts])

    @cached_property
    def contract_mw(self) -> Array:
        """Megawatts that each contract carries, shape (contracts, N) [MW]."""
        found = np.zeros((len(self.contracts), len(self.dates.index)))
        for site in self.sites:
            own = [i for i, c in enumerate(self.contracts) if c.site_id == site.id]
            if own:
                found[own] = contract_mw(site, tuple(self.contracts[i] for i in own), self.dates)
        return found

    def _rows(self, rows: list[Array]) -> Array:
        return np.array(rows).reshape(len(rows), len(self.dates.index))

    def of_site(self, site: int) -> tuple[Part, ...]:
        """The parts of one site, in the order of the purchase shares."""
        return tuple(p for p in self.parts if p.site == site)


def power_parts(
    sites: tuple[Site, ...],
    contracts: tuple[PowerContract, ...],
    lots: tuple[AsicLot, ...],
    periods: tuple[TouPeriod, ...],
    series: tuple[PriceSeries, ...],
    steps: tuple[PriceStep, ...],
    dates: Calendar,
) -> PowerParts:
    """Take a plan's contracts apart; from its tables, since only they decide."""
    plan = _Tables(sites, contracts, lots, periods, series, steps)
    weights = contract_weights(sites, contracts, dates)
    fixed = np.array([c.kind == FIXED for c in contracts], dtype=bool)
    pooled = weights if fixed.all() else weights * fixed[None, :, None]
    first = month_number(dates.start)
    parts = (
        () if fixed.all() else tuple(part for row in range(len(sites)) for part in _of_site(plan, row, dates, weights))
    )
    return PowerParts(
        sites=sites,
        contracts=contracts,
        dates=dates,
        weights=weights,
        pooled=pooled,
        parts=parts,
        purchase={i: _purchase(plan, i, parts, pooled) for i in {p.site for p in parts}},
        month_of_year=(first + dates.index.astype(int)) % 12,
    )


class _Tables(NamedTuple):
    """The tables of a plan that decide how it is supplied."""

    sites: tuple[Site, ...]
    power_contracts: tuple[PowerContract, ...]
    asic_lots: tuple[AsicLot, ...]
    tou_periods: tuple[TouPeriod, ...]
    price_series: tuple[PriceSeries, ...]
    price_steps: tuple[PriceStep, ...]


def _years(contract: PowerContract, dates: Calendar) -> Array:
    begin = 0 if contract.start_month is None else month_number(contract.start_month) - month_number(dates.start)
    return np.asarray(np.maximum(dates.index - begin, 0.0) // 12.0)


def _from(month: str | None, dates: Calendar) -> Array:
    if month is None:
        return np.zeros(len(dates.index))
    return np.asarray(dates.index >= month_number(month) - month_number(dates.start), dtype=float)


def _after(month: str | None, dates: Calendar) -> Array:
    if month is None:
        return np.zeros(len(dates.index))
    return np.asarray(dates.index > month_number(month) - month_number(dates.start), dtype=float)


def _of_site(plan: _Tables, row: int, dates: Calendar, weights: Array) -> tuple[Part, ...]:
    """The parts of one site; the same objects while nothing decides otherwise about its own contracts."""
    site = plan.sites[row]
    own = tuple((at, c) for at, c in enumerate(plan.power_contracts) if c.site_id == site.id)
    if all(contract.kind == FIXED for _, contract in own):
        return ()
    ids = {contract.id for _, contract in own}
    periods = tuple((at, p) for at, p in enumerate(plan.tou_periods) if p.contract_id in ids)
    key = (
        row,
        DECISIVE["sites"](site),
        tuple((at, DECISIVE["power_contracts"](c)) for at, c in own),
        tuple((at, DECISIVE["tou_periods"](p)) for at, p in periods),
        Same(plan.price_series),
        Same(plan.price_steps),
        dates,
    )
    return _kept_parts(Keyed((plan, row, own, dates, weights[row]), key))


@lru_cache(maxsize=4 * KEPT)
def _kept_parts(key: Keyed) -> tuple[Part, ...]:
    return tuple(_parts(*key.held))


def _parts(
    plan: _Tables, row: int, own: tuple[tuple[int, PowerContract], ...], dates: Calendar, weights: Array
) -> Iterator[Part]:
    series = {s.id: s for s in plan.price_series}
    every_hour = np.ones(len(dates.index))
    site = plan.sites[row]
    uncovered = None
    for at, contract in own:
        weight = weights[at]
        if contract.kind == FIXED or not weight.any():
            continue
        index = series.get(contract.price_series_id or "")
        prices = None if index is None else prices_of(index, plan.price_steps)
        for rule, share, hours, period in _rules(plan, contract, site, dates):
            yield Part(row, at, rule, weight * share, prices, hours, period)
        if contract.kind == BLOCK and uncovered is None:
            uncovered = (at, prices)
    if uncovered is not None:
        left = np.where(weights.sum(axis=0) > 0, 1.0 - weights.sum(axis=0), 0.0)
        if (left > 1e-12).any():
            at, prices = uncovered
            yield Part(row, at, INDEXED, np.clip(left, 0.0, 1.0), prices, every_hour, beyond_block=True)


def _rules(
    plan: _Tables, contract: PowerContract, site: Site, dates: Calendar
) -> Iterator[tuple[str, Array | float, Array, int]]:
    """The rules of a contract: rule, share of its megawatts, share of the hours, time-of-use period."""
    all_hours = np.ones(len(dates.index))
    paid_anyhow = SOLD_BACK if contract.sells_back else USE_OR_LOSE
    if contract.kind == BLOCK:
        yield paid_anyhow, 1.0, all_hours, -1
    elif contract.kind == INDEX:
        yield INDEXED, 1.0, all_hours, -1
    elif contract.kind == BLOCK_AND_INDEX:
        whole = site.capacity_mw if contract.contracted_mw is None else contract.contracted_mw
        block = min((contract.block_mw or 0.0) / whole, 1.0) if whole > 0 else 0.0
        if block > 0:
            yield paid_anyhow, block, all_hours, -1
        if block < 1:
            yield INDEXED, 1.0 - block, all_hours, -1
    elif contract.kind == TAKE_OR_PAY:
        yield MINIMUM_TAKE, 1.0, all_hours, -1
    elif contract.kind == TIME_OF_USE:
        periods = tuple((i, p) for i, p in enumerate(plan.tou_periods) if p.contract_id == contract.id)
        shares = _period_hours(tuple(p for _, p in periods), dates.start, len(dates.index))
        for at, hours in zip((*(i for i, _ in periods), -1), shares, strict=True):
            yield PRICED, 1.0, hours, at
    else:
        assert contract.kind == BEHIND_THE_METER, contract.kind
        sells = contract.sells_back and contract.price_series_id is not None
        yield SOLD_BACK if sells else PRICED, 1.0, all_hours, -1


@lru_cache(maxsize=64)
def _period_hours(periods: tuple[TouPeriod, ...], start: str, months: int) -> Array:
    """Share of every month's hours in each period, and outside all as the last row; shape (periods+1, N)."""
    first = np.datetime64(start, "M")
    found = np.zeros((len(periods) + 1, months))
    for m in range(months):
        begin, end = (first + m).astype("datetime64[h]"), (first + m + 1).astype("datetime64[h]")
        owner = period_of_hours(periods, np.arange(begin, end, dtype="datetime64[h]"))
        found[:, m] = np.bincount(np.where(owner < 0, len(periods), owner), minlength=len(periods) + 1) / len(owner)
    return found


def period_of_hours(
    periods: tuple[TouPeriod, ...], hours: np.ndarray[tuple[int], np.dtype[np.datetime64]]
) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The period that each local hour falls into, −1 outside all; where periods overlap the last one counts.

    Examples
    --------
    >>> peak = TouPeriod("t1", "p1", "Peak", 90.0, first_hour=14, end_hour=19, days="weekdays")
    >>> day = np.arange("2026-07-03T12", "2026-07-03T20", dtype="datetime64[h]")  # a Friday
    >>> period_of_hours((peak,), day).tolist()
    [-1, -1, 0, 0, 0, 0, 0, -1]
    """
    days = hours.astype("datetime64[D]")
    hour = (hours - days).astype("timedelta64[h]").astype(int)
    weekend = (days.astype(int) + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    month = hours.astype("datetime64[M]").astype(int) % 12 + 1
    owner = np.full(len(hours), -1)
    for at, period in enumerate(periods):
        inside = _within(hour, period.first_hour, period.end_hour - 1)
        inside &= _within(month, period.first_month_of_year, period.last_month_of_year)
        if period.days != "all":
            inside &= weekend == (period.days == "weekends")
        owner[inside] = at
    return owner


def _within(
    numbers: np.ndarray[tuple[int], np.dtype[np.intp]], low: int, high: int
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether numbers lie in a range that may run over the end of the circle: 22 to 5 o'clock, November to March."""
    if low <= high:
        return (numbers >= low) & (numbers <= high)
    return (numbers >= low) | (numbers <= high)


def _purchase(plan: _Tables, site: int, parts: tuple[Part, ...], pooled: Array) -> Array:
    """From which part each lot of a site buys, see `_shares`; kept while its parts and lots are the same."""
    own = tuple(p for p in parts if p.site == site)
    lots = tuple(lot for lot in plan.asic_lots if lot.site_id == plan.sites[site].id)
    pool = pooled[site].sum(axis=0)
    key = (
        *map(Same, own),
        tuple(map(DECISIVE["asic_lots"], lots)),
        DECISIVE["sites"](plan.sites[site]),
        pool.tobytes(),
    )
    return _kept_shares(Keyed((plan.sites[site], lots, own, pool), key))


@lru_cache(maxsize=4 * KEPT)
def _kept_shares(key: Keyed) -> Array:
    return protected(_shares(*key.held))


def _shares(site: Site, lots: tuple[AsicLot, ...], own: tuple[Part, ...], pool: Array) -> Array:
    """Month by month, shape (parts of the site + 1, lots of the site, N).

    What is paid anyhow goes to the most efficient machines first, because they stop last; whatever is left over buys
    from all other parts in proportion. The last row is the pool of fixed contracts.
    """
    capacity = site.capacity_mw
    weights = np.array([p.weight for p in own] + [pool])
    blocks = np.array([p.rule in PAID_ANYHOW for p in own] + [False])
    shares = np.zeros((len(weights), len(lots), weights.shape[1]))
    mw = np.array([lot.count * lot.power_w * site.mining_pue / 1e6 for lot in lots]).reshape(-1, 1)
    # Of equals the one with the lower id: where a lot stands in the plan must not decide.
    order = sorted(range(len(lots)), key=lambda i: (_cost_of_hash(lots[i]), lots[i].id))
    ends = np.zeros_like(mw)
    ends[order] = np.cumsum(mw[order], axis=0)
    begin = np.zeros(weights.shape[1])
    for at in np.nonzero(blocks)[0]:
        end = begin + weights[at] * capacity
        overlap = np.minimum(ends, end) - np.maximum(ends - mw, begin)
        # A lot without machines has no place in the order; it is priced as the first one would be.
        placed = np.where(mw > 0, np.clip(overlap, 0.0, None) / np.where(mw > 0, mw, 1.0), end > begin)
        shares[at] = np.minimum(placed, 1.0 - shares.sum(axis=0))
        begin = end
    others = np.where(blocks[:, None], 0.0, weights)
    # Each period of a time-of-use contract stands for all of its megawatts, in some of the hours.
    hours = np.array([p.hours_share for p in own] + [np.ones(weights.shape[1])])
    total = (others * hours).sum(axis=0)
    left = 1.0 - shares.sum(axis=0)
    shares += np.divide(others, total, out=np.zeros_like(others), where=total > 0)[:, None, :] * left
    # Machines beyond all blocks, where nothing else supplies the site, buy as the site does.
    bought = (shares * hours[:, None, :]).sum(axis=0)
    shares = np.where(bought > 0, shares, weights[:, None, :])
    # A month without any contract is left to the pool, whose price is unknown then.
    bought = (shares * hours[:, None, :]).sum(axis=0)
    shares[-1] = np.where(bought > 0, shares[-1], 1.0)
    bought = np.where(bought > 0, bought, 1.0)
    return np.asarray(shares / bought)


def _cost_of_hash(lot: AsicLot) -> float:
    """W per TH/s that is paid for: the lower, the higher the power price at which the lot still runs."""
    paid = lot.hashrate_th_per_s * (1.0 - lot.pool_fee_fraction)
    return lot.power_w / paid if paid > 0 else float("inf")
