"""One figure of a plan of which some inputs have one scenario's values and the others another's, many at once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np

from models import fields
from models.curves import Array, level, month_number
from models.evaluate import cash_flows, discounted, evaluate, unknown_is_nan
from models.fields import Schedule
from models.figures import FigureKind, figure
from models.inputs import Inputs, can_sweep, can_vary, gather
from models.lot_pricing import operating_year, year_sum
from models.plan import BESIDE_THE_NUMBERS, LEASE, SINGLE_RECORDS, Plan
from models.records.power import FIXED
from models.results import CASH_LINES, UseCash
from models.scenarios import difference
from models.watch import FIRST_RENT

YEARLY = {
    "revenue_usd_per_mw_year": ("revenue", 1.0),
    "power_cost_usd_per_mw_year": ("power", -1.0),
    "opex_usd_per_mw_year": ("opex", -1.0),
    "margin_usd_per_mw_year": ("margin", 1.0),
}
NPV, CAPEX = "npv_usd_per_mw", "capex_usd_per_mw"
SITE_TABLES = ("power_contracts", "asic_lots", "ai_offers")
NO_FIGURE_READS = ("meter_series", "splits")
NAMES = ("name", "model", "source", "as_of", "counterparty")
"""Fields that only people read."""


class Pricing:
    """A figure as a function of which of the differing inputs have the second scenario's value.

    Parameters
    ----------
    old, new
        The plan with each scenario's values in place.
    figure_path
        Of a use or a site.

    Raises
    ------
    KeyError
        Where the plan has no such figure.
    """

    def __init__(self, old: Plan, new: Plan, figure_path: str) -> None:
        table, *rest = figure_path.split(".")
        if table not in ("uses", "sites") or len(rest) != 2:
            raise KeyError(figure_path)
        self.path = figure_path
        self.owner_id, self.name = rest
        self.is_site = table == "sites"
        self._kept = self._records_read(old, new)
        self.old, self.new = self._alone(old), self._alone(new)
        found = figure(self.old, evaluate(self.old), figure_path)
        self.label: str = found.label
        self.kind: FigureKind = found.kind
        self.differences = {path: (a, b) for path, a, b in difference(old, new)}
        self._forms: dict[str, bool] = {}

    def _records_read(self, old: Plan, new: Plan) -> dict[str, set[str]]:
        """Ids of the records that the figure reads in either plan, by table.

        Those of its site (a scenario may move a record to another), and where it is one lot's or offer's figure, of the
        uses only that one; but all machines where they share a block.
        """
        uses: list[Any] = [r for p in (old, new) for r in (*p.asic_lots, *p.ai_offers)]
        homes = {self.owner_id} if self.is_site else {r.site_id for r in uses if r.id == self.owner_id}
        kept = {n: {r.id for p in (old, new) for r in getattr(p, n) if r.site_id in homes} for n in SITE_TABLES}
        if not self.is_site:
            contracts = [c for p in (old, new) for c in p.power_contracts if c.id in kept["power_contracts"]]
            shares = any(c.kind != FIXED for c in contracts)
            is_lot = self.owner_id in kept["asic_lots"]
            kept["asic_lots"] = kept["asic_lots"] if shares else kept["asic_lots"] & {self.owner_id}
            kept["ai_offers"] = set() if is_lot else {self.owner_id}
        kept["tou_periods"] = {
            t.id for p in (old, new) for t in p.tou_periods if t.contract_id in kept["power_contracts"]
        }
        rows = [r for p in (old, new) for n in SITE_TABLES for r in getattr(p, n) if r.id in kept[n]]
        kept["sites"] = homes | {r.site_id for r in rows}
        return kept

    def _alone(self, plan: Plan) -> Plan:
        """The plan with the records that the figure reads."""
        tables: dict[str, Any] = {n: tuple(r for r in getattr(plan, n) if r.id in ids) for n, ids in self._kept.items()}
        tables |= dict.fromkeys((*NO_FIGURE_READS, *BESIDE_THE_NUMBERS), ())
        return replace(plan, **tables)

    def value(self, plan: Plan) -> float:
        """The figure in a whole plan; NaN where it cannot be computed."""
        alone = self._alone(plan)
        try:
            return figure(alone, evaluate(alone), self.path).value
        except KeyError:
            return math.nan

    def is_read(self, path: str) -> bool:
        """Whether the figure can depend on an input: whether its record is among those that are priced for it."""
        table, *rest = path.split(".")
        if rest[-1] in NAMES or path.startswith("plan.name"):
            return False
        if table in SINGLE_RECORDS:
            # What offers earn, no hashprice moves; what decides between uses reads everything.
            is_offer = bool(self.old.ai_offers) and not self.is_site
            return not (is_offer and table == "market")
        return any(r.id == rest[0] for plan in (self.old, self.new) for r in getattr(plan, table))

    # Inputs that have an array form, and those that have not

    @cached_property
    def _is_figure_of_arrays(self) -> bool:
        return not self.is_site and (self.name in YEARLY or self.name in (NPV, CAPEX))

    @cached_property
    def _ends(self) -> tuple[Inputs, Inputs]:
        return gather(self.old), gather(self.new)

    def whole_plans(self, players: Sequence[str]) -> tuple[str, ...]:
        """Those inputs whose every combination needs a plan of its own."""
        for path in players:
            if path not in self._forms:
                self._forms[path] = self._has_array(path)
        return tuple(p for p in players if not self._forms[p])

    def _has_array(self, path: str) -> bool:
        if not self._is_figure_of_arrays:
            return False
        before, after = self.differences[path]
        if path.endswith(f".{FIRST_RENT}"):
            return True
        if before is None or after is None or not can_vary(path):
            return False
        if isinstance(before, Schedule) != isinstance(after, Schedule):
            return False
        # A table grows on from its last month. What follows an index is scaled otherwise by tables than by numbers.
        if isinstance(before, Schedule) and (
            before.months[-1] != after.months[-1] or path.endswith(".forward_index_usd_per_mwh")
        ):
            return False
        return all(can_sweep(inputs, path) for inputs in self._ends)

    # Pricing

    def all_combinations(self, players: Sequence[str]) -> Array:
        """The figure of every combination, shape (2, …, 2), an axis for each player: old value, new value."""
        n = len(players)
        plans = self.whole_plans(players)
        arrays = [p for p in players if p not in plans]
        found = np.empty((2,) * n)
        for pattern in product((False, True), repeat=len(plans)):
            which = {
                p: np.arange(2).reshape([2 if k == place else 1 for k in range(len(arrays))])
                for place, p in enumerate(arrays)
            }
            values = self._priced(dict(zip(plans, pattern, strict=True)), which)
            at: list[Any] = [int(pattern[plans.index(p)]) if p in plans else slice(None) for p in players]
            found[tuple(at)] = np.broadcast_to(values, (2,) * len(arrays))
        return found

    def combinations(self, players: Sequence[str], chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Array:
        """The figure of some combinations: shape (K,) from (K, players), True for the new value."""
        plans = self.whole_plans(players)
        columns = {p: k for k, p in enumerate(players)}
        found = np.empty(len(chosen))
        patterns = chosen[:, [columns[p] for p in plans]]
        kinds, group = np.unique(patterns, axis=0, return_inverse=True)
        group = np.ravel(group)
        for number, pattern in enumerate(kinds):
            rows = np.flatnonzero(group == number)
            which = {p: chosen[rows, columns[p]].astype(int) for p in players if p not in plans}
            found[rows] = self._priced(dict(zip(plans, map(bool, pattern), strict=True)), which)
        return found

    @unknown_is_nan
    def _priced(self, pattern: dict[str, bool], which: dict[str, np.ndarray[Any, np.dtype[np.intp]]]) -> Array:
        """The figure where some inputs are set in the plan and others vary along axes: 0 the old value, 1 the new."""
        plan = self.old
        for path, is_new in pattern.items():
            if is_new:
                plan = self._set(plan, path, self.differences[path][1])
        if not which:
            try:
                return np.asarray(figure(plan, evaluate(plan), self.path).value)
            except KeyError:
                return np.asarray(math.nan)
        inputs = gather(plan)
        if not all(path.endswith(f".{FIRST_RENT}") or can_sweep(inputs, path) for path in which):
            return self._plan_by_plan(plan, which)
        for path, places in which.items():
            inputs = self._varied(inputs, path, places)
        return np.asarray(self._figure_of(plan, inputs))

    def _set(self, plan: Plan, path: str, value: Any) -> Plan:
        try:
            return fields.replace(plan, path, value)
        except KeyError:
            return plan

    def _plan_by_plan(self, plan: Plan, which: dict[str, np.ndarray[Any, np.dtype[np.intp]]]) -> Array:
        """The same where a setting in between has no array form although both ends have."""
        paths = list(which)
        places = np.broadcast_arrays(*which.values())
        found = np.empty(places[0].shape)
        for at in np.ndindex(*found.shape):
            moved = plan
            for path, place in zip(paths, places, strict=True):
                moved = self._set(moved, path, self.differences[path][int(place[at])])
            found[at] = figure(moved, evaluate(moved), self.path).value
        return found

    def _varied(self, inputs: Inputs, path: str, places: np.ndarray[Any, np.dtype[np.intp]]) -> Inputs:
        """Inputs of which one number takes its old or new value along axes of its own."""
        ends = self.differences[path]
        table, *rest = path.split(".")
        if path.endswith(f".{FIRST_RENT}"):
            start = month_number(inputs.dates.start)
            months = np.array([float(month_number(m) - start) for m in ends])
            row = inputs.rows["ai_offers"].get(rest[0])
            if row is None:
                return inputs
            return replace(inputs, first_rent=_with_row(inputs.first_rent, row, months[places][..., None]))
        key = f"{table}.{rest[-1]}"
        if isinstance(ends[0], Schedule):
            moved = np.stack([level(v, inputs.dates)[0] for v in ends])[places]
        else:
            moved = np.array([float(v) for v in ends])[places][..., None]
        row = 0 if len(rest) == 1 else inputs.rows[table].get(rest[0])
        if row is None:
            return inputs
        return replace(inputs, numbers=inputs.numbers | {key: _with_row(inputs.numbers[key], row, moved)})

    def _figure_of(self, plan: Plan, inputs: Inputs) -> Array:
        lots, leases, gpus, _ = cash_flows(inputs)
        offer = next((o for o in plan.ai_offers if o.id == self.owner_id), None)
        if offer is None:
            kind, row, cash = "mining", inputs.rows["asic_lots"][self.owner_id], lots
            first = np.zeros((1, 1))
        else:
            kind = offer.kind
            cash = leases if kind == LEASE else gpus
            at = inputs.rows["ai_offers"][self.owner_id]
            row = at - (inputs.lease_rows if kind == LEASE else inputs.gpu_rows).start
            first = inputs.first_rent[..., [at], :]
        if self.name == NPV:
            own = UseCash(*(getattr(cash, line)[..., [row], :] for line in CASH_LINES))
            return discounted(own, inputs.numbers[f"assumptions.{kind}_discount_rate_fraction"])[..., 0]
        if self.name == CAPEX:
            return np.asarray(0.0 - cash.capex[..., row, :].sum(axis=-1))
        line, sign = YEARLY[self.name]
        money: Array = getattr(cash, line)[..., [row], :]
        wide = np.broadcast_arrays(money, operating_year(first, inputs.dates.index))
        return np.asarray(sign * year_sum(*wide)[..., 0])


def players_of(pricing: Pricing) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The differing inputs that the figure can depend on, and those that it cannot, in the plan's order."""
    moving = tuple(p for p in pricing.differences if pricing.is_read(p))
    return moving, tuple(p for p in pricing.differences if p not in moving)


def _with_row(column: Array, row: int, moved: Array) -> Array:
    """A column in which one record has other numbers, along axes in front; `moved` has shape (…, 1 or N)."""
    wide = max(column.shape[-1], moved.shape[-1])
    front = np.broadcast_shapes(column.shape[:-2], moved.shape[:-1])
    new = np.broadcast_to(column, (*front, column.shape[-2], wide)).copy()
    new[..., row, :] = moved
    return new
