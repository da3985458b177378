"""In which hours machines run: those in which a MWh earns at least what it costs there and then (economics 4.2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from models.curves import Array
from models.inputs import Inputs
from models.kept import KEPT, Keyed, Same, protected
from models.power.shapes import Rows
from models.power.supply import Supply, Tariff, placed


@dataclass(frozen=True, eq=False)
class Running:
    """How lots run, month by month; shape (..., lots, N) each.

    Attributes
    ----------
    share
        Of the hours in which a lot is available, those in which it runs.
    cost
        What running costs per available hour and MW, restarts included [USD/MWh]; charges that no hour changes are not
        in it.
    restart_cost
        The part of it that restarts cost.
    """

    share: Array
    cost: Array
    restart_cost: Array | float = 0.0

    def only(self, lots: Rows) -> Running:
        """The same of some lots."""
        restarts = self.restart_cost
        return Running(
            self.share[..., lots, :],
            self.cost[..., lots, :],
            restarts[..., lots, :] if isinstance(restarts, np.ndarray) else restarts,
        )


@dataclass(frozen=True, eq=False)
class _Bought:
    """What lots buy of one part.

    Attributes
    ----------
    lots
        Those that buy any in some month.
    is_all
        Whether the shares are of all lots, as for the pool and a minimum take; else of `lots` only.
    share
        Shape (those lots, N).
    some
        Where it is more than nothing; None where it is everywhere.
    """

    lots: Rows
    is_all: bool
    share: Array
    some: np.ndarray[Any, np.dtype[np.bool_]] | None

    def of(self, running: Running) -> Running:
        """What those lots run and pay of a part, if they would run so on it alone."""
        restarts = running.restart_cost * self.share if _is_any(running.restart_cost) else 0.0
        share, cost = running.share * self.share, running.cost * self.share
        if self.some is None:
            return Running(share, cost, restarts)
        # Where nothing is bought, a price that is not known does not count.
        restarts = np.where(self.some, restarts, 0.0) if _is_any(restarts) else 0.0
        return Running(np.where(self.some, share, 0.0), np.where(self.some, cost, 0.0), restarts)


def _is_any(restart_cost: Array | float) -> bool:
    return isinstance(restart_cost, np.ndarray) and bool(restart_cost.any())


def _bought_of(share: Array, of_all: bool) -> _Bought:
    some = share > 0
    buys = some.any(axis=-1)
    lots = np.nonzero(buys)[0]
    of_all |= bool(buys.all())
    if not of_all:
        share, some = share[lots], some[lots]
    return _Bought(lots, of_all, share, None if some.all() else some)


@dataclass(frozen=True, eq=False)
class LotEnergy:
    """What the next MWh costs some lots of one site.

    Attributes
    ----------
    pool_price
        Of the site's contracts with a fixed price, shape (..., N) [USD/MWh].
    pool_share
        What each lot buys of them, shape (lots, N).
    tariffs, shares
        The other parts, and what each lot buys of them (in a month's share of hours), shape (lots, N) each.
    available
        Share of the hours in which each lot could run, shape (..., lots, 1).
    month_of_year
        0 for January, shape (N,).
    """

    pool_price: Array
    pool_share: Array
    tariffs: tuple[Tariff, ...]
    shares: tuple[Array, ...]
    available: Array
    month_of_year: Rows

    def only(self, lots: Rows, months: Rows) -> LotEnergy:
        """The same of some lots and months."""
        tariffs = tuple(
            replace(
                t,
                scale=None if t.scale is None else t.scale[..., months],
                shift=t.shift[..., months],
                all_sold=None if t.all_sold is None else t.all_sold[..., months],
                beyond_take=None if t.beyond_take is None else t.beyond_take[..., months],
            )
            for t in self.tariffs
        )
        return LotEnergy(
            self.pool_price[..., months],
            self.pool_share[lots][:, months],
            tariffs,
            tuple(s[lots][:, months] for s in self.shares),
            self.available[..., lots, :],
            self.month_of_year[months],
        )

    def running(self, revenue_usd_per_mwh: Array, stops: bool) -> Running:
        """How the lots run when a MWh earns so much, shape (..., lots, N)."""
        pool = self.pool_price[..., None, :]
        from_pool, *bought = self._bought
        if from_pool.lots.size:
            whole = from_pool.of(_flat(revenue_usd_per_mwh, pool, stops))
        else:
            shape = np.broadcast_shapes(revenue_usd_per_mwh.shape, pool.shape)
            whole = Running(np.zeros(shape), np.zeros(shape))
        common: dict[int, Running] = {}
        for tariff, each, hours in zip(self.tariffs, bought, self._hours, strict=True):
            if not each.lots.size:
                continue
            if hours is not None:
                if hours not in common:
                    common[hours] = self.part(tariff, revenue_usd_per_mwh, stops)
                one = each.of(common[hours] if each.is_all else common[hours].only(each.lots))
            else:
                revenue = revenue_usd_per_mwh if each.is_all else revenue_usd_per_mwh[..., each.lots, :]
                one = each.of(self.part(tariff, revenue, stops))
            if each.is_all:
                whole = Running(whole.share + one.share, whole.cost + one.cost, whole.restart_cost + one.restart_cost)
            else:
                restarts = whole.restart_cost
                if _is_any(one.restart_cost):
                    restarts = _with_added(np.zeros(whole.cost.shape) + restarts, each.lots, one.restart_cost)
                share = _with_added(whole.share, each.lots, one.share)
                whole = Running(share, _with_added(whole.cost, each.lots, one.cost), restarts)
        return whole

    @cached_property
    def _bought(self) -> tuple[_Bought, ...]:
        """Of the pool, and of each tariff: a block goes to some machines and the index to the others."""
        takes = (True, *(t.take is not None for t in self.tariffs))
        return tuple(
            _bought_of(share, take) for share, take in zip((self.pool_share, *self.shares), takes, strict=True)
        )

    @cached_property
    def _hours(self) -> tuple[int | None, ...]:
        """The first of the tariffs that set the same price on every hour; None for one that is alone with its prices.

        A block that is sold back and the index beyond it are such: spot is what either hour costs.
        """
        firsts = [
            next((k for k in range(i) if _has_same_hours(self.tariffs[k], t)), i) for i, t in enumerate(self.tariffs)
        ]
        return tuple(first if firsts.count(first) > 1 else None for first in firsts)

    def part(self, tariff: Tariff, revenue: Array, stops: bool) -> Running:
        """How the lots would run if they bought of one part only, shape (..., lots, N)."""
        shift = tariff.shift[..., None, :]
        if tariff.take is not None and tariff.beyond_take is not None:
            return self._beyond_take(tariff.take[..., None, :], tariff.beyond_take[..., None, :], shift, revenue, stops)
        if tariff.scale is None:
            return _flat(revenue, shift, stops)
        if tariff.part.prices is None or not stops:
            return _flat(revenue, tariff.mean(self.month_of_year)[..., None, :], False)
        return self._by_hours(tariff, shift, revenue)

    def _beyond_take(self, take: Array, beyond: Array, shift: Array, revenue: Array, stops: bool) -> Running:
        with np.errstate(divide="ignore", invalid="ignore"):
            taken = np.minimum(take / self.available, 1.0)
        share = np.ones(np.broadcast_shapes(revenue.shape, beyond.shape, taken.shape))
        if stops:
            share = np.where(revenue < shift + beyond, np.where(revenue < shift, 0.0, taken), share)
        return Running(share, shift * share + np.maximum(share - taken, 0.0) * beyond)

    def _by_hours(self, tariff: Tariff, shift: Array, revenue: Array) -> Running:
        assert tariff.scale is not None
        scale = tariff.scale[..., None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            strike = (revenue - shift) / scale
        assert tariff.part.prices is not None
        hours = tariff.part.prices.sorted_hours(tariff.restart_cost)
        at = hours.at(strike, self.month_of_year)
        share = hours.share.take(at)
        whole = scale * hours.cost.take(at) + shift * share
        restarts: Array | float = 0.0
        if hours.restarts is not None:
            restarts = hours.restarts[at] * tariff.restart_cost * scale
            whole = whole + restarts
        unknown = np.isnan(strike)  # as where a price is missing: it stays visible in the cost
        if unknown.any():
            share, whole = np.where(unknown, 1.0, share), np.where(unknown, np.nan, whole)
        return Running(share, whole, restarts)


def _has_same_hours(first: Tariff, second: Tariff) -> bool:
    """Whether two tariffs follow one index in the same way."""
    if first.part.prices is None or first.part.prices is not second.part.prices:
        return False
    if first.scale is None or second.scale is None or first.take is not None or second.take is not None:
        return False
    same = np.array_equal(first.scale, second.scale) and np.array_equal(first.shift, second.shift)
    return same and first.restart_cost == second.restart_cost


def _with_added(table: Array, rows: Rows, added: Array | float) -> Array:
    """A table of the caller's own with something added to some of its rows."""
    if np.ndim(added) <= 2:  # without leading axes, which the table may not have yet
        table[..., rows, :] += added
        return table
    return placed(table, rows, table[..., rows, :] + added)


def _flat(revenue: Array, price: Array, stops: bool) -> Running:
    # A missing energy price compares as false, so that NaN stays visible instead of looking like a standstill.
    runs = ~(revenue < price) if stops else np.ones(np.broadcast_shapes(revenue.shape, price.shape), dtype=bool)
    return Running(np.where(runs, 1.0, 0.0), np.where(runs, price, 0.0))


def available_fraction(inputs: Inputs) -> Array:
    """Share of the hours in which machines are neither out of order nor in maintenance, shape (..., lots, 1)."""
    n = inputs.numbers
    uptime, planned = n["asic_lots.uptime_fraction"], n["asic_lots.planned_outage_fraction"]
    return uptime if not planned.any() else np.asarray(uptime * (1.0 - planned))


def lot_energy(inputs: Inputs, energy: Supply, site: int) -> tuple[LotEnergy, Rows]:
    """What a site's lots pay for their next MWh, and the rows of these lots.

    Kept for as long as the site's tariffs and lots are the same: what is paid whatever runs, or moves at another site,
    is no part of it.
    """
    n = inputs.numbers
    columns = n["asic_lots.uptime_fraction"], n["asic_lots.planned_outage_fraction"]
    tariffs, pool = energy.of_site(site), energy.pool_price[..., site, :]
    if any(array.flags.writeable for array in (*columns, pool, *(t.shift for t in tariffs))):
        return _lot_energy(inputs, energy, site)
    numbers = (pool.tobytes(), inputs.lot_site.tobytes(), inputs.lot_order.tobytes())
    same = map(Same, (*columns, *tariffs, inputs.power.purchase[site]))
    return _kept_lot_energy(Keyed((inputs, energy), (*numbers, *same)), site)


@lru_cache(maxsize=4 * KEPT)
def _kept_lot_energy(key: Keyed, site: int) -> tuple[LotEnergy, Rows]:
    inputs, energy = key.held
    found, rows = _lot_energy(inputs, energy, site)
    protected(found.available)
    return found, rows


def steady_cost(inputs: Inputs, energy: Supply) -> Array:
    """What energy costs lots that never stand still, shape (..., lots, N) [USD/MWh]; kept like `lot_energy`.

    Charges that no hour changes are not in it.
    """
    key = _without_revenue(inputs, energy)
    return _steady_cost(inputs, energy) if key is None else _kept_steady_cost(Keyed((inputs, energy), key))


def _without_revenue(inputs: Inputs, energy: Supply) -> tuple[Any, ...] | None:
    """What decides on the energy of lots beside what they earn; None in a sweep, whose arrays can be written to."""
    n = inputs.numbers
    columns = n["asic_lots.uptime_fraction"], n["asic_lots.planned_outage_fraction"]
    if any(a.flags.writeable for a in (*columns, energy.pool_price, *(t.shift for t in energy.tariffs))):
        return None
    pool = energy.pool_price
    numbers = (pool.shape, pool.tobytes(), inputs.lot_site.tobytes(), inputs.lot_order.tobytes())
    return *numbers, *map(Same, (*columns, *energy.tariffs, *inputs.power.purchase.values()))


@lru_cache(maxsize=KEPT)
def _kept_steady_cost(key: Keyed) -> Array:
    return protected(_steady_cost(*key.held))


def _steady_cost(inputs: Inputs, energy: Supply) -> Array:
    months = inputs.numbers["asic_lots.uptime_fraction"] * np.zeros(len(inputs.dates.index))
    return running(inputs, energy, months, stops=False).cost


def _lot_energy(inputs: Inputs, energy: Supply, site: int) -> tuple[LotEnergy, Rows]:
    rows = np.nonzero(inputs.lot_site == site)[0]
    *bought, from_pool = inputs.power.purchase[site][:, inputs.lot_order[rows], :]
    tariffs = energy.of_site(site)
    found = LotEnergy(
        pool_price=energy.pool_price[..., site, :],
        pool_share=from_pool,
        tariffs=tariffs,
        shares=tuple(b * t.part.hours_share for b, t in zip(bought, tariffs, strict=True)),
        available=available_fraction(inputs)[..., rows, :],
        month_of_year=inputs.power.month_of_year,
    )
    return found, rows


def running(inputs: Inputs, energy: Supply, revenue_usd_per_mwh: Array, *, stops: bool | None = None) -> Running:
    """The hours that every lot runs, and what they cost.

    Parameters
    ----------
    inputs, energy
        A plan's arrays and its priced contracts.
    revenue_usd_per_mwh
        What a lot earns per MWh that it consumes, shape (..., lots, N).
    stops
        Whether machines stop for price; None for as the plan says.
    """
    stops = inputs.economic_shutdown if stops is None else stops
    found = _flat(revenue_usd_per_mwh, energy.pool_price[..., inputs.lot_site, :], stops)
    for site in energy.sites:
        lots, rows = lot_energy(inputs, energy, site)
        if rows.size:
            one = _running(lots, revenue_usd_per_mwh[..., rows, :], stops)
            found = Running(placed(found.share, rows, one.share), placed(found.cost, rows, one.cost))
    return found


def _running(lots: LotEnergy, revenue: Array, stops: bool) -> Running:
    """As `LotEnergy.running`, kept while its lots earn what they did: another price moves nothing here.

    Not for a sweep, whose tables are large and come once.
    """
    if revenue.ndim > 2 or lots.available.flags.writeable:
        return lots.running(revenue, stops)
    key = Same(lots), stops, revenue.shape, revenue.tobytes() if stops else b""
    return _kept_running(Keyed((lots, revenue, stops), key))


@lru_cache(maxsize=2 * KEPT)
def _kept_running(key: Keyed) -> Running:
    lots, revenue, stops = key.held
    found: Running = lots.running(revenue, stops)
    protected(found.share)
    protected(found.cost)
    return found


def price_at_start(inputs: Inputs, energy: Supply) -> Array:
    """What an hour costs a lot that never stops, in the plan's first month, shape (..., lots, 1) [USD/MWh]."""
    if _without_revenue(inputs, energy) is not None:
        return steady_cost(inputs, energy)[..., :1]
    found = energy.pool_price[..., inputs.lot_site, :1]
    for site in energy.sites:
        lots, rows = lot_energy(inputs, energy, site)
        if rows.size:
            first = lots.only(np.arange(len(rows)), np.zeros(1, dtype=np.intp))
            found = placed(found, rows, first.running(np.zeros((len(rows), 1)), stops=False).cost)
    return np.asarray(found)
