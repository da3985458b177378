"""A plan's numbers as arrays, so that many values of one input are priced by the same functions as one.

The last axis runs over months, the one before over records; axes in front of these are free: a sweep, a grid, and
later the paths of a simulation.

An edit makes a new plan that shares every table it did not touch with the plan before. The arrays of a table are
therefore kept for as long as its records are the very same tuple: a lever that moves reads one table, not all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from models import network
from models.columns import (
    CONTRACT_FIELDS,
    CONTRACT_LEVELS,
    LOT_FIELDS,
    OFFER_FIELDS,
    PERIOD_FIELDS,
    SITE_FIELDS,
    as_column,
    levels_of,
    ordered,
    site_columns,
    table_columns,
)  # fmt: skip
from models.curves import Array, Calendar, calendar, growth_factor, month_number
from models.fields import Schedule
from models.kept import KEPT, Keyed, Same, kept
from models.market import subsidy_path
from models.plan import LEASE, Plan
from models.power.parts import DECISIVE, PAID_ANYHOW, PowerParts, power_parts
from models.records.power import FIXED

MARKET_FIELDS = ("btc_price_growth_fraction_per_year", "difficulty_growth_fraction_per_year", "fees_btc_per_block")
ASSUMPTION_FIELDS = (
    "mining_discount_rate_fraction",
    "lease_discount_rate_fraction",
    "gpu_cloud_discount_rate_fraction",
    "overhead_usd_per_mw_year",
)


@dataclass(frozen=True)
class Inputs:
    """What the pricing functions read; arrays of a plan's own tables are shared and cannot be written to.

    Attributes
    ----------
    dates
        The plan's calendar.
    numbers
        By ``table.field``; shape (..., records, 1), or (..., records, N) where a monthly table stands in the field.
        Records in the plan's order, but leases before own GPUs.
    months_grown
        By ``table.field`` of fields that grow: months over which growth has run, shape (1 or records, N).
    subsidy_btc
        Mean per block, shape (..., 1, N); at the plan's start in `spot_subsidy_btc`, shape (..., 1, 1).
    power
        How sites are supplied, see `models.power.parts`.
    forward_by_month
        Whether each contract's forward index level is a monthly table, shape (contracts,).
    rows
        Row of every record by table and id.
    lot_site, offer_site
        The row of each lot's (offer's) site.
    lot_order
        The place of each lot among those of its site.
    lease_rows, gpu_rows
        Which rows of the offers are leases and which own GPUs.
    first_rent, operator_pays
        Per offer: months from the plan's start to its first rent, and 1 where the operator pays the power;
        shape (..., offers, 1).
    hedge_kept, hedge_sold
        1 where the site's contract is kept, or sold, once the offer begins; shape (offers, 1).
    economic_shutdown
        See `models.plan.Assumptions`.
    """

    dates: Calendar
    numbers: dict[str, Array]
    months_grown: dict[str, Array]
    subsidy_btc: Array
    spot_subsidy_btc: Array
    power: PowerParts
    forward_by_month: np.ndarray[Any, np.dtype[np.bool_]]
    rows: dict[str, Mapping[str, int]]
    lot_site: np.ndarray[Any, np.dtype[np.intp]]
    lot_order: np.ndarray[Any, np.dtype[np.intp]]
    offer_site: np.ndarray[Any, np.dtype[np.intp]]
    lease_rows: slice
    gpu_rows: slice
    first_rent: Array
    operator_pays: Array
    hedge_kept: Array
    hedge_sold: Array
    economic_shutdown: bool

    def grown(self, key: str, growth_key: str) -> Array:
        """A level with its growth applied, shape (..., records, N)."""
        return np.asarray(self.numbers[key] * _growth(self.numbers[growth_key], self.months_grown[key]))

    def factor(self, growth_key: str, row: int, key: str | None = None) -> Array:
        """How one record's level has grown by every month, shape (..., N), counted as for the level at `key`."""
        months = self.dates.index
        if key is not None:
            months = self.months_grown[key][row if len(self.months_grown[key]) > 1 else 0]
        return np.asarray((1.0 + self.numbers[growth_key][..., row, :]) ** (months / 12.0))


_growth = kept(growth_factor)


def gather(plan: Plan) -> Inputs:
    """The arrays of a plan.

    Records that name a site the plan does not have are left to `models.checks`; they are priced with missing (NaN)
    site figures.
    """
    return _gathered(Same(plan))


@lru_cache(maxsize=4)
def _gathered(same: Same) -> Inputs:
    """Kept for the plans that a frame asks about several times: the whole, and the part on show."""
    plan = same.held
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    market = plan.market
    sites, contracts, lots, offers = map(Same, (plan.sites, plan.power_contracts, plan.asic_lots, plan.ai_offers))
    tables = {
        "sites": site_columns(sites),
        "tou_periods": table_columns("tou_periods", Same(plan.tou_periods), dates),
        "power_contracts": table_columns("power_contracts", contracts, dates),
        "asic_lots": table_columns("asic_lots", lots, dates),
        "ai_offers": table_columns("ai_offers", offers, dates),
    }
    numbers = {f"market.{name}": as_column((getattr(market, name),)) for name in MARKET_FIELDS}
    numbers |= {f"assumptions.{name}": as_column((getattr(plan.assumptions, name),)) for name in ASSUMPTION_FIELDS}
    grown: dict[str, Array] = {}
    for name in ("btc_price_usd", "difficulty"):
        key = f"market.{name}"
        numbers[key], grown[key] = levels_of((getattr(market, name),), dates)
    for columns in tables.values():
        numbers |= columns.numbers
        grown |= columns.months_grown
    terms = _offer_terms(offers, dates)
    return Inputs(
        dates=dates,
        numbers=numbers,
        months_grown=grown,
        subsidy_btc=subsidy_path(market.block_height, dates.start, len(dates.index))[None, :],
        spot_subsidy_btc=as_column((network.subsidy_sats(market.block_height) / network.SATS_PER_BTC,)),
        power=_power(
            sites,
            contracts,
            # Machines decide only where contracts are shared among them.
            lots if any(c.kind != FIXED for c in plan.power_contracts) else Same(()),
            *map(Same, (plan.tou_periods, plan.price_series, plan.price_steps)),
            dates,
        ),
        forward_by_month=_forward_by_month(contracts),
        rows={name: columns.rows for name, columns in tables.items()},
        lot_site=_lot_site(lots, sites),
        lot_order=_lot_order(lots),
        offer_site=_offer_site(offers, sites),
        lease_rows=terms.lease_rows,
        gpu_rows=terms.gpu_rows,
        first_rent=terms.first_rent,
        operator_pays=terms.operator_pays,
        hedge_kept=terms.hedge_kept,
        hedge_sold=terms.hedge_sold,
        economic_shutdown=plan.assumptions.economic_shutdown,
    )


def can_vary(path: str) -> bool:
    """Whether `vary` can move the number at a path."""
    table, *rest = path.split(".")
    name = rest[-1] if rest else ""
    fields = {
        "market": (*MARKET_FIELDS, "btc_price_usd", "difficulty"),
        "assumptions": ASSUMPTION_FIELDS,
        "sites": SITE_FIELDS,
        "asic_lots": LOT_FIELDS,
        "ai_offers": (*OFFER_FIELDS, "rent_usd_per_it_kw_month", "price_usd_per_gpu_hour"),
        "power_contracts": (*CONTRACT_FIELDS, *CONTRACT_LEVELS),
        "tou_periods": PERIOD_FIELDS,
    }
    return name in fields.get(table, ())


BLOCK_ORDER_FIELDS = ("count", "hashrate_th_per_s", "power_w", "pool_fee_fraction", "mining_pue")
"""What decides which machines a shared block goes to."""
RESTART_FIELDS = ("forward_index_usd_per_mwh", "energy_price_growth_fraction_per_year", "tax_fraction")
"""What decides how dear a restart is beside the imported prices."""


def can_sweep(inputs: Inputs, path: str) -> bool:
    """Whether `vary` gives what whole plans would: not where a block would go to other machines, or restarts count.

    Who cannot sweep prices whole plans, one by one.
    """
    if not can_vary(path):
        return False
    name = path.rpartition(".")[2]
    restart_cost = inputs.numbers["sites.curtailment_start_cost_usd_per_mw"]
    if name == "curtailment_start_cost_usd_per_mw":
        return not inputs.power.parts
    if name in BLOCK_ORDER_FIELDS:
        return all(part.rule not in PAID_ANYHOW for part in inputs.power.parts)
    return name not in RESTART_FIELDS or not inputs.power.parts or not (restart_cost > 0).any()


def vary(inputs: Inputs, path: str, values: Array) -> Inputs:
    """The same plan at many values of one input.

    Parameters
    ----------
    inputs
        A plan's arrays.
    path
        Of a number for which `can_vary` holds.
    values
        In the field's unit; its axes become leading axes of every figure that depends on it, shape (...,).

    Raises
    ------
    KeyError
        Where the path names no record or a field that cannot be varied.
    """
    if not can_vary(path):
        raise KeyError(path)
    table, *rest = path.split(".")
    key = f"{table}.{rest[-1]}"
    column = inputs.numbers[key]
    moved = np.asarray(values, dtype=float)[..., None, None]
    if len(rest) == 1:
        new = _moved_level(column, moved)
    else:
        row = inputs.rows[table][rest[0]]
        new = np.broadcast_to(column, (*np.broadcast_shapes(moved.shape[:-2], column.shape[:-2]), *column.shape[-2:]))
        new = new.copy()
        new[..., row, :] = _moved_level(column[..., row : row + 1, :], moved)[..., 0, :]
    return replace(inputs, numbers=inputs.numbers | {key: new})


def _moved_level(column: Array, moved: Array) -> Array:
    """A constant takes the new value; a monthly table is scaled so that its first month takes it."""
    if column.shape[-1] == 1:
        return np.asarray(np.broadcast_arrays(moved, column)[0]).copy()
    first = column[..., :1]
    return np.asarray(np.where(first != 0, column * (moved / np.where(first != 0, first, 1.0)), moved))


@dataclass(frozen=True, slots=True)
class _OfferTerms:
    """What `Inputs` holds of the offers beside their numbers."""

    lease_rows: slice
    gpu_rows: slice
    first_rent: Array
    operator_pays: Array
    hedge_kept: Array
    hedge_sold: Array


@lru_cache(maxsize=KEPT)
def _offer_terms(same: Same, dates: Calendar) -> _OfferTerms:
    offers = ordered(same)
    start = month_number(dates.start)
    leases = sum(o.kind == LEASE for o in offers)
    return _OfferTerms(
        lease_rows=slice(0, leases),
        gpu_rows=slice(leases, len(offers)),
        first_rent=as_column(tuple([month_number(o.first_rent_month) - start for o in offers])),
        operator_pays=as_column(tuple([o.operator_pays_power for o in offers])),
        hedge_kept=as_column(tuple([o.hedge_disposition == "kept" for o in offers])),
        hedge_sold=as_column(tuple([o.hedge_disposition == "sold" for o in offers])),
    )


@lru_cache(maxsize=KEPT)
def _power(
    sites: Same, contracts: Same, lots: Same, periods: Same, series: Same, steps: Same, dates: Calendar
) -> PowerParts:
    """Kept by what decides, which prices do not: while one moves, all that was worked out of the parts holds."""
    tables = (sites.held, contracts.held, lots.held, periods.held)
    key = tuple(tuple(map(DECISIVE[name], table)) for name, table in zip(DECISIVE, tables, strict=True))
    return _kept_power(Keyed((*tables, series.held, steps.held, dates), (*key, series, steps, dates)))


@lru_cache(maxsize=KEPT)
def _kept_power(tables: Keyed) -> PowerParts:
    return power_parts(*tables.held)


@lru_cache(maxsize=KEPT)
def _forward_by_month(contracts: Same) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.array([isinstance(c.forward_index_usd_per_mwh, Schedule) for c in contracts.held], dtype=bool)


@lru_cache(maxsize=KEPT)
def _lot_site(lots: Same, sites: Same) -> np.ndarray[Any, np.dtype[np.intp]]:
    return _site_rows(lots.held, sites)


@lru_cache(maxsize=KEPT)
def _lot_order(lots: Same) -> np.ndarray[Any, np.dtype[np.intp]]:
    seen: dict[str, int] = {}
    found = []
    for lot in lots.held:
        found.append(seen.get(lot.site_id, 0))
        seen[lot.site_id] = found[-1] + 1
    return np.array(found, dtype=np.intp)


@lru_cache(maxsize=KEPT)
def _offer_site(offers: Same, sites: Same) -> np.ndarray[Any, np.dtype[np.intp]]:
    return _site_rows(ordered(offers), sites)


def _site_rows(records: tuple[Any, ...], sites: Same) -> np.ndarray[Any, np.dtype[np.intp]]:
    rows = site_columns(sites).rows
    return np.array([rows.get(r.site_id, -1) for r in records], dtype=np.intp)
