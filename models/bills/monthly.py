"""The power bill line by line: what a megawatt of machines, or of firm load, pays per month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models import mining
from models.curves import Array
from models.inputs import Inputs, gather
from models.kept import Same
from models.plan import Plan
from models.power.dispatch import LotEnergy, available_fraction, lot_energy
from models.power.parts import INDEXED, MINIMUM_TAKE, PRICED, SOLD_BACK, USE_OR_LOSE
from models.power.supply import Supply, Tariff, charge_lines, contract_price, supply

LINES = {
    "contract": "Energy at the contract's price",
    "index": "Energy at index",
    "adders": "Delivery and riders",
    "demand": "Demand charge",
    "transmission": "Transmission",
    "capacity": "Capacity",
    "standby": "Standby",
    "fixed": "Fixed charges",
    "tax": "Tax",
    "restarts": "Restarts",
    "sold_back": "Energy sold back",
    "demand_response": "Demand response",
}
"""Lines of a bill in the order of its bridge; the last two are credits."""

CREDITS = ("sold_back", "demand_response")


@dataclass(frozen=True, eq=False)
class Bill:
    """What one MW pays for power, month by month.

    Attributes
    ----------
    lines
        By name as in `LINES`, costs positive and credits negative, shape (N,) each [USD/MW]; lines that are nothing in
        every month are left out.
    consumed_mwh
        Shape (N,) [MWh/MW].
    hours_run, hours_out, hours_stopped
        Hours in which a MW runs, is out of order or in maintenance, and stands still for price; they add up to the
        month's, shape (N,) each [h].
    """

    lines: Mapping[str, Array]
    consumed_mwh: Array
    hours_run: Array
    hours_out: Array
    hours_stopped: Array

    @property
    def total(self) -> Array:
        """Net of credits, shape (N,) [USD/MW]."""
        return np.asarray(sum(self.lines.values(), np.zeros(len(self.consumed_mwh))))

    @property
    def gross_usd_per_mwh(self) -> Array:
        """Effective price before credits; NaN where nothing is consumed, shape (N,) [USD/MWh]."""
        credits = sum((self.lines[n] for n in CREDITS if n in self.lines), np.zeros(len(self.consumed_mwh)))
        return self._per_mwh(self.total - credits)

    @property
    def net_usd_per_mwh(self) -> Array:
        """Effective price after credits, as companies report it; NaN where nothing is consumed, shape (N,) [USD/MWh].

        It can be negative, and a low one may mean few megawatt-hours: compare margins per MW-year, not this.
        """
        return self._per_mwh(self.total)

    def per_mwh(self, name: str) -> Array:
        """A line per consumed MWh, shape (N,) [USD/MWh]."""
        return self._per_mwh(self.lines[name])

    def _per_mwh(self, usd: Array) -> Array:
        used = self.consumed_mwh
        return np.asarray(np.divide(usd, used, out=np.full(len(used), np.nan), where=used > 0))


def lot_bill(plan: Plan, lot_id: str, *, stops: bool | None = None) -> Bill:
    """The bill of one MW of a lot; its total is the power line of the lot's cash.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    lot_id
        Whose.
    stops
        Whether machines stop for price; None for as the plan says.

    Raises
    ------
    KeyError
        Where the plan has no such lot.
    """
    inputs = gather(plan)
    row = inputs.rows["asic_lots"][lot_id]
    site = int(inputs.lot_site[row])
    energy = supply(inputs)
    stops = inputs.economic_shutdown if stops is None else stops
    available = float(available_fraction(inputs)[row, 0])
    earned = _shared(Same(inputs)).earned[row]
    if site in inputs.power.purchase:
        lots, rows = lot_energy(inputs, energy, site)
        lot = lots.only(np.nonzero(rows == row)[0], np.arange(len(earned)))
    else:
        share = np.ones((1, len(earned)))
        lot = LotEnergy(
            energy.pool_price[site], share, (), (), np.array([[available]]),
            inputs.power.month_of_year,
        )  # fmt: skip
    lines = _Lines(inputs, energy, site)
    ran = lines.of_lot(lot, earned, stops)
    lines.add_charges(firm=False)
    hours = inputs.dates.hours
    run = ran * available * hours
    return Bill(lines.found(), run, run, ran * (1.0 - available) * hours, (1.0 - ran) * hours)


def firm_bill(plan: Plan, site_id: str) -> Bill:
    """The bill of one MW that never stops, as AI load is, if it buys as its site does."""
    inputs = gather(plan)
    site = inputs.rows["sites"][site_id]
    energy = supply(inputs)
    n = len(inputs.dates.index)
    power = inputs.power
    parts = power.of_site(site)
    # A month without any contract is left to the pool, whose price is unknown then.
    from_pool = np.where(power.weights[site].sum(axis=0) > 0, power.pooled[site].sum(axis=0), 1.0)
    lot = LotEnergy(
        energy.pool_price[site],
        from_pool[None, :],
        energy.of_site(site),
        tuple((p.weight * p.hours_share)[None, :] for p in parts),
        np.ones((1, 1)),
        power.month_of_year,
    )
    lines = _Lines(inputs, energy, site)
    lines.of_lot(lot, np.zeros(n), False)
    lines.add_charges(firm=True)
    hours = inputs.dates.hours
    return Bill(lines.found(), hours, hours, np.zeros(n), np.zeros(n))


@dataclass(frozen=True, eq=False)
class _Shared:
    """What all bills of a plan read.

    Attributes
    ----------
    own_price
        Of every contract, shape (contracts, N) [USD/MWh].
    charges
        See `models.power.supply.charge_lines`.
    earned
        What a MWh earns every lot, shape (lots, N) [USD/MWh].
    """

    own_price: Array
    charges: dict[str, Array]
    earned: Array


@lru_cache(maxsize=4)
def _shared(same: Same) -> _Shared:
    """Kept for the plans of a moment: who bills one lot bills the others too."""
    inputs = same.held
    nothing = np.zeros(len(inputs.dates.index))
    return _Shared(
        contract_price(inputs) + nothing,
        charge_lines(inputs),
        np.broadcast_to(mining.revenue_per_mwh(inputs), (len(inputs.lot_site), len(nothing))),
    )


class _Lines:
    """Lines of one MW at a site, added up part by part."""

    def __init__(self, inputs: Inputs, energy: Supply, site: int) -> None:
        self.inputs, self.energy, self.site = inputs, energy, site
        self.hours = inputs.dates.hours
        n = inputs.numbers
        self.shared = _shared(Same(inputs))
        self.own_price = self.shared.own_price
        self.adders = n["power_contracts.adders_usd_per_mwh"][:, 0]
        self.tax = n["power_contracts.tax_fraction"][:, 0]
        self.sums = {name: np.zeros(len(self.hours)) for name in LINES}

    def found(self) -> dict[str, Array]:
        """The lines that are something in some month."""
        return {name: line for name, line in self.sums.items() if line.any()}

    def of_lot(self, lot: LotEnergy, earned: Array, stops: bool) -> Array:
        """Add what a lot pays for its energy; returns the share of its available hours in which it runs."""
        revenue = earned[None, :]
        available = lot.available[0, 0] * self.hours
        pool_share = lot.pool_share[0]
        runs = ~(earned < lot.pool_price) if stops else np.ones(len(earned), dtype=bool)
        ran = np.where(pool_share > 0, runs * pool_share, 0.0)
        self._add_pool(ran * available)
        for tariff, bought in zip(lot.tariffs, lot.shares, strict=True):
            running = lot.part(tariff, revenue, stops)
            one = np.where(bought[0] > 0, running.share[0] * bought[0], 0.0)
            restarts = np.asarray(running.restart_cost + np.zeros((1, len(earned))))[0]
            marginal = running.cost[0] - restarts
            usd = np.where(bought[0] > 0, bought[0] * available * marginal, 0.0)
            self._add_part(tariff, bought[0], one * available, usd)
            self.sums["restarts"] += np.where(bought[0] > 0, bought[0] * available * restarts, 0.0)
            ran = ran + one
        return np.asarray(ran)

    def _add_pool(self, consumed: Array) -> None:
        """Energy from the mix of fixed contracts, each in proportion."""
        weights = self.inputs.power.pooled[self.site]
        whole = weights.sum(axis=0)
        for row in np.nonzero(weights.any(axis=1))[0]:
            part = np.divide(weights[row], whole, out=np.zeros_like(whole), where=whole > 0) * consumed
            self._add(int(row), "contract", np.where(part > 0, self.own_price[row] * part, 0.0))
            self._add(int(row), "adders", self.adders[row] * part)
        if not whole.all():
            self.sums["contract"] += np.where((whole == 0) & (consumed > 0) & (self._uncovered()), np.nan, 0.0)

    def _uncovered(self) -> Array:
        return np.asarray(self.inputs.power.weights[self.site].sum(axis=0) == 0)

    def _add(self, contract: int, line: str, untaxed: Array) -> None:
        self.sums[line] += untaxed
        self.sums["tax"] += untaxed * self.tax[contract]

    def _add_part(self, tariff: Tariff, bought: Array, consumed: Array, marginal_usd: Array) -> None:
        """Energy of one part: what running costs, taken apart, and what is paid anyhow.

        All MW of a site pay their share of a block, and the most efficient use it: they buy what they use beyond their
        share at index from the others, whose index line is the lower for it.
        """
        part, row = tariff.part, tariff.part.contract
        weight = part.weight * part.hours_share
        price, taxed = self.own_price[row], 1.0 + self.tax[row]
        adders = self.adders[row] * consumed
        self._add(row, "adders", adders)
        if part.rule == PRICED:
            self._add(row, "contract", marginal_usd / taxed - adders)
        elif part.rule == USE_OR_LOSE:
            self._add(row, "contract", price * weight * self.hours)
        elif part.rule == MINIMUM_TAKE:
            assert tariff.take is not None
            self._add(row, "contract", price * tariff.take * weight * self.hours + marginal_usd / taxed - adders)
        elif part.rule == INDEXED:
            self._add(row, "index", marginal_usd / taxed - adders)
        elif part.rule == SOLD_BACK:
            self._add(row, "contract", price * weight * self.hours)
            # What all of a block fetches at index: the lot's share of it, and what others leave to it or take of it.
            all_sold = tariff.all_sold
            assert all_sold is not None
            self.sums["index"] += np.where(bought == weight, 0.0, (bought - weight) * all_sold)
            self.sums["sold_back"] += marginal_usd - adders * taxed - np.where(bought > 0, bought * all_sold, 0.0)

    def add_charges(self, *, firm: bool) -> None:
        """Add what no hour changes."""
        lines = self.shared.charges
        weights = self.inputs.power.charged[self.site]
        transmission = "transmission_at_full" if firm else "transmission"
        names = {n: n for n in ("demand", "capacity", "standby", "fixed")} | {"transmission": transmission}
        for line, name in names.items():
            for row in np.nonzero(weights.any(axis=1))[0]:
                self._add(int(row), line, weights[row] * lines[name][row] / (1.0 + self.tax[row]))
        if not firm:
            self.sums["demand_response"] += (weights * lines["demand_response"]).sum(axis=0)
