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
from operator import attrgetter
from typing import Any

import numpy as np

from models import network
from models.curves import Array, Calendar, calendar, growth_factor, level, month_number
from models.fields import Schedule
from models.market import subsidy_path
from models.plan import LEASE, Plan
from models.power import contract_weights

MARKET_FIELDS = ("btc_price_growth_fraction_per_year", "difficulty_growth_fraction_per_year", "fees_btc_per_block")
LOT_FIELDS = (
    "count",
    "hashrate_th_per_s",
    "power_w",
    "uptime_fraction",
    "pool_fee_fraction",
    "purchase_price_usd_per_unit",
    "resale_value_usd_per_unit",
    "opex_usd_per_mw_year",
    "capital_recovery_months",
)
OFFER_FIELDS = (
    "critical_it_mw",
    "term_months",
    "gross_mw_per_it_mw",
    "escalator_fraction_per_year",
    "opex_fraction_of_rent",
    "it_kw_per_gpu",
    "price_growth_fraction_per_year",
    "utilisation_fraction",
    "capex_usd_per_gpu",
    "opex_fraction_of_capex_per_year",
    "residual_fraction",
    "capex_usd_per_it_mw",
    "capex_months",
    "ramp_months",
    "hall_residual_fraction",
)
CONTRACT_FIELDS = ("adders_usd_per_mwh", "energy_price_growth_fraction_per_year")
ASSUMPTION_FIELDS = (
    "mining_discount_rate_fraction",
    "lease_discount_rate_fraction",
    "gpu_cloud_discount_rate_fraction",
    "overhead_usd_per_mw_year",
)


KEPT_TABLES = 64
"""Of the last so many tables arrays are kept; some kilobytes each."""


class Same:
    """Records as the key of a cache: found again only while they are the same object.

    Looking at every field of every record, as a comparison by value does, would take as long as making the arrays.
    The key holds its records, so that no other tuple can take their place in memory.
    """

    __slots__ = ("records",)

    def __init__(self, records: tuple[Any, ...]) -> None:
        self.records = records

    def __hash__(self) -> int:
        return id(self.records)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.records is other.records


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
    weights
        Of contracts in sites, see `models.power.contract_weights`.
    rows
        Row of every record by table and id.
    lot_site, offer_site
        The row of each lot's (offer's) site.
    lease_rows, gpu_rows
        Which rows of the offers are leases and which own GPUs.
    first_rent, operator_pays
        Per offer: months from the plan's start to its first rent, and 1 where the operator pays the power;
        shape (..., offers, 1).
    economic_shutdown
        See `models.plan.Assumptions`.
    """

    dates: Calendar
    numbers: dict[str, Array]
    months_grown: dict[str, Array]
    subsidy_btc: Array
    spot_subsidy_btc: Array
    weights: Array
    rows: dict[str, Mapping[str, int]]
    lot_site: np.ndarray[Any, np.dtype[np.intp]]
    offer_site: np.ndarray[Any, np.dtype[np.intp]]
    lease_rows: slice
    gpu_rows: slice
    first_rent: Array
    operator_pays: Array
    economic_shutdown: bool

    def grown(self, key: str, growth_key: str, rows: slice = slice(None)) -> Array:
        """A level with its growth applied, shape (..., records, N); of some rows of its table only, where given."""
        level_now, growth = self.numbers[key][..., rows, :], self.numbers[growth_key][..., rows, :]
        if not growth.any():
            return np.broadcast_to(level_now, (*level_now.shape[:-1], len(self.dates.index)))
        months = self.months_grown[key]
        if len(months) > 1:
            months = months[rows]
        return level_now * growth_factor(growth, months)


def gather(plan: Plan) -> Inputs:
    """The arrays of a plan.

    Records that name a site the plan does not have are left to `models.checks`; they are priced with missing (NaN)
    site figures.
    """
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    market = plan.market
    sites, contracts, lots, offers = (
        Same(records) for records in (plan.sites, plan.power_contracts, plan.asic_lots, plan.ai_offers)
    )
    tables = {
        "sites": _site_columns(sites),
        "power_contracts": _columns("power_contracts", contracts, dates),
        "asic_lots": _columns("asic_lots", lots, dates),
        "ai_offers": _columns("ai_offers", offers, dates),
    }
    numbers: dict[str, Array] = {}
    grown: dict[str, Array] = {}
    for name in MARKET_FIELDS:
        numbers[f"market.{name}"] = np.array([[float(getattr(market, name))]])
    for name in ASSUMPTION_FIELDS:
        numbers[f"assumptions.{name}"] = np.array([[float(getattr(plan.assumptions, name))]])
    for name in ("btc_price_usd", "difficulty"):
        _add_level(numbers, grown, f"market.{name}", [getattr(market, name)], dates)
    for columns in tables.values():
        numbers.update(columns.numbers)
        grown.update(columns.months_grown)
    terms = _offer_terms(offers, dates)
    return Inputs(
        dates=dates,
        numbers=numbers,
        months_grown=grown,
        subsidy_btc=subsidy_path(market.block_height, dates.start, len(dates.index))[None, :],
        spot_subsidy_btc=np.array([[network.subsidy_sats(market.block_height) / network.SATS_PER_BTC]]),
        weights=_weights(sites, contracts, dates),
        rows={name: columns.rows for name, columns in tables.items()},
        lot_site=_site_rows("asic_lots", lots, sites),
        offer_site=_site_rows("ai_offers", offers, sites),
        lease_rows=terms.lease_rows,
        gpu_rows=terms.gpu_rows,
        first_rent=terms.first_rent,
        operator_pays=terms.operator_pays,
        economic_shutdown=plan.assumptions.economic_shutdown,
    )


def can_vary(path: str) -> bool:
    """Whether `vary` can move the number at a path."""
    table, *rest = path.split(".")
    name = rest[-1] if rest else ""
    fields = {
        "market": (*MARKET_FIELDS, "btc_price_usd", "difficulty"),
        "assumptions": ASSUMPTION_FIELDS,
        "sites": ("mining_pue",),
        "asic_lots": LOT_FIELDS,
        "ai_offers": (*OFFER_FIELDS, "rent_usd_per_it_kw_month", "price_usd_per_gpu_hour"),
        "power_contracts": (*CONTRACT_FIELDS, "energy_price_usd_per_mwh"),
    }
    return name in fields.get(table, ())


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
class _Columns:
    """The arrays of one table, and the row of each record by its id."""

    numbers: dict[str, Array]
    months_grown: dict[str, Array]
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class _OfferTerms:
    """What `Inputs` holds of the offers beside their numbers."""

    lease_rows: slice
    gpu_rows: slice
    first_rent: Array
    operator_pays: Array


COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "power_contracts": (CONTRACT_FIELDS, ("energy_price_usd_per_mwh",)),
    "asic_lots": (LOT_FIELDS, ()),
    "ai_offers": (OFFER_FIELDS, ("rent_usd_per_it_kw_month", "price_usd_per_gpu_hour")),
}
"""Of every table of records its numbers, and those that may be monthly tables."""


def _ordered(table: str, records: tuple[Any, ...]) -> tuple[Any, ...]:
    """Records in the order of their rows: leases before own GPUs, so that either kind is one slice."""
    return tuple(sorted(records, key=lambda o: o.kind != LEASE)) if table == "ai_offers" else records


@lru_cache(maxsize=KEPT_TABLES)
def _columns(table: str, same: Same, dates: Calendar) -> _Columns:
    records = _ordered(table, same.records)
    names, levels = COLUMNS[table]
    read = attrgetter(*names)
    block = np.array([read(r) for r in records], dtype=float).reshape(len(records), len(names))
    numbers = {f"{table}.{name}": block[:, i : i + 1] for i, name in enumerate(names)}
    grown: dict[str, Array] = {}
    for name in levels:
        _add_level(numbers, grown, f"{table}.{name}", [getattr(r, name) for r in records], dates)
    _protect(*numbers.values(), *grown.values())
    return _Columns(numbers, grown, {r.id: i for i, r in enumerate(records)})


@lru_cache(maxsize=KEPT_TABLES)
def _site_columns(same: Same) -> _Columns:
    """With a last row for records without a site."""
    pue = np.array([[s.mining_pue] for s in same.records] + [[np.nan]])
    _protect(pue)
    return _Columns({"sites.mining_pue": pue}, {}, {s.id: i for i, s in enumerate(same.records)})


@lru_cache(maxsize=KEPT_TABLES)
def _offer_terms(same: Same, dates: Calendar) -> _OfferTerms:
    offers = _ordered("ai_offers", same.records)
    start = month_number(dates.start)
    leases = sum(o.kind == LEASE for o in offers)
    first_rent = np.array([[month_number(o.first_rent_month) - start] for o in offers], float).reshape(-1, 1)
    operator_pays = np.array([[o.operator_pays_power] for o in offers], float).reshape(-1, 1)
    _protect(first_rent, operator_pays)
    return _OfferTerms(slice(0, leases), slice(leases, len(offers)), first_rent, operator_pays)


@lru_cache(maxsize=KEPT_TABLES)
def _weights(sites: Same, contracts: Same, dates: Calendar) -> Array:
    weights = contract_weights(sites.records, contracts.records, dates)
    _protect(weights)
    return weights


@lru_cache(maxsize=KEPT_TABLES)
def _site_rows(table: str, same: Same, sites: Same) -> np.ndarray[Any, np.dtype[np.intp]]:
    rows = _site_columns(sites).rows
    found = np.array([rows.get(r.site_id, -1) for r in _ordered(table, same.records)], dtype=np.intp)
    _protect(found)
    return found


def _protect(*arrays: np.ndarray[Any, Any]) -> None:
    """Let nobody write into arrays that several plans share."""
    for array in arrays:
        array.flags.writeable = False


def _add_level(
    numbers: dict[str, Array],
    grown: dict[str, Array],
    key: str,
    values: list[float | Schedule | None],
    dates: Calendar,
) -> None:
    if any(isinstance(v, Schedule) for v in values):
        pairs = [level(v, dates) for v in values]
        numbers[key] = np.array([p[0] for p in pairs])
        grown[key] = np.array([p[1] for p in pairs])
    else:
        numbers[key] = np.array(values, dtype=float).reshape(-1, 1)
        grown[key] = dates.index[None, :]
