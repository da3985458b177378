"""The numbers of a plan's tables as columns: one array per field, one row per record.

Columns are kept by their values: where a record changed, the other fields' columns remain the same arrays, and so does
whatever else is kept that follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any

import numpy as np

from models.curves import Array, Calendar, level
from models.fields import Schedule
from models.kept import KEPT, Same, protected
from models.plan import LEASE, AiOffer

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
    "planned_outage_fraction",
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
    "summer_pue",
    "winter_pue",
    "hedge_sale_discount_fraction",
)
CONTRACT_FIELDS = (
    "adders_usd_per_mwh",
    "energy_price_growth_fraction_per_year",
    "index_basis_usd_per_mwh",
    "sell_back_fee_usd_per_mwh",
    "excess_fee_usd_per_mwh",
    "take_fraction",
    "standby_usd_per_kw_month",
    "escalator_fraction_per_year",
    "demand_charge_usd_per_kw_month",
    "transmission_usd_per_kw_year",
    "peak_share_fraction",
    "twelve_peak_share_fraction",
    "capacity_usd_per_mw_day",
    "fixed_charge_usd_per_month",
    "tax_fraction",
    "demand_response_usd_per_mw_year",
    "demand_response_decline_fraction_per_year",
)
CONTRACT_LEVELS = ("energy_price_usd_per_mwh", "forward_index_usd_per_mwh")
PERIOD_FIELDS = ("energy_price_usd_per_mwh",)
SITE_FIELDS = ("mining_pue", "curtailment_start_cost_usd_per_mw")
KEPT_COLUMNS = 512

COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "power_contracts": (CONTRACT_FIELDS, CONTRACT_LEVELS),
    "tou_periods": (PERIOD_FIELDS, ()),
    "asic_lots": (LOT_FIELDS, ()),
    "ai_offers": (OFFER_FIELDS, ("rent_usd_per_it_kw_month", "price_usd_per_gpu_hour")),
}
"""Of every table of records its numbers, and those that may be monthly tables."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The arrays of one table, and the row of each record by its id."""

    numbers: dict[str, Array]
    months_grown: dict[str, Array]
    rows: dict[str, int]


@lru_cache(maxsize=KEPT)
def ordered(offers: Same) -> tuple[AiOffer, ...]:
    """Offers in the order of their rows: leases before own GPUs, so that either kind is one slice."""
    return tuple(sorted(offers.held, key=lambda o: o.kind != LEASE))


_LAST: dict[tuple[str, Calendar], tuple[tuple[Any, ...], Columns]] = {}
"""Of every table the records whose columns were made last, beside these: the next differ in a value or two."""
MOST_MOVED = 4
"""Records that may differ from the last ones; with more it is quicker to begin anew."""


@lru_cache(maxsize=KEPT)
def table_columns(table: str, same: Same, dates: Calendar) -> Columns:
    """The columns of a table of `COLUMNS`."""
    records = ordered(same) if table == "ai_offers" else same.held
    last = _LAST.get((table, dates))
    found = _moved_columns(table, *last, records, dates) if last is not None else None
    if found is None:
        found = _columns_anew(table, records, dates)
        if len(_LAST) >= KEPT:
            _LAST.clear()
        _LAST[table, dates] = records, found
    return found


def _columns_anew(table: str, records: tuple[Any, ...], dates: Calendar) -> Columns:
    names, levels = COLUMNS[table]
    # The id as well, because an attrgetter of a single name gives no tuple.
    _, *columns = zip(*map(attrgetter("id", *names), records), strict=True) if records else [()] * (len(names) + 1)
    numbers = {f"{table}.{name}": as_column(values) for name, values in zip(names, columns, strict=True)}
    grown: dict[str, Array] = {}
    for name in levels:
        key = f"{table}.{name}"
        numbers[key], grown[key] = levels_of(tuple([getattr(r, name) for r in records]), dates)
    return Columns(numbers, grown, {r.id: i for i, r in enumerate(records)})


def _moved_columns(
    table: str, before: tuple[Any, ...], columns: Columns, records: tuple[Any, ...], dates: Calendar
) -> Columns | None:
    """The columns of records of which few differ from others; None where they are not these, or too many differ."""
    if len(before) != len(records):
        return None
    moved = [(a, b) for a, b in zip(before, records, strict=True) if a is not b]
    if len(moved) > MOST_MOVED or any(a.id != b.id for a, b in moved):
        return None
    names, levels = COLUMNS[table]
    numbers, grown = columns.numbers.copy(), columns.months_grown.copy()
    for name in names:
        if any(getattr(a, name) != getattr(b, name) for a, b in moved):
            numbers[f"{table}.{name}"] = as_column(tuple([getattr(r, name) for r in records]))
    for name in levels:
        if any(getattr(a, name) != getattr(b, name) for a, b in moved):
            key = f"{table}.{name}"
            numbers[key], grown[key] = levels_of(tuple([getattr(r, name) for r in records]), dates)
    return Columns(numbers, grown, columns.rows)


@lru_cache(maxsize=KEPT)
def site_columns(same: Same) -> Columns:
    """With a last row for records without a site."""
    numbers = {f"sites.{n}": as_column((*(getattr(s, n) for s in same.held), np.nan)) for n in SITE_FIELDS}
    return Columns(numbers, {}, {s.id: i for i, s in enumerate(same.held)})


@lru_cache(maxsize=KEPT_COLUMNS)
def as_column(values: tuple[float | None, ...]) -> Array:
    """A field of every record of a table, shape (records, 1); NaN where nothing was entered."""
    return protected(np.array(values, dtype=float).reshape(-1, 1))


@lru_cache(maxsize=KEPT)
def levels_of(values: tuple[float | Schedule | None, ...], dates: Calendar) -> tuple[Array, Array]:
    """The column of a field that may hold monthly tables, and over which months it has grown."""
    held = as_column(tuple([np.nan if isinstance(v, Schedule) else v for v in values]))
    months = _from_start(dates)
    tables = [(row, v) for row, v in enumerate(values) if isinstance(v, Schedule)]
    if tables:
        held, months = np.repeat(held, len(dates.index), axis=1), np.repeat(months, len(values), axis=0)
        for row, table in tables:
            held[row], months[row] = level(table, dates)
    return protected(held), protected(months)


@lru_cache(maxsize=KEPT)
def _from_start(dates: Calendar) -> Array:
    """Months of growth of a number that grows from the plan's start, shape (1, N)."""
    return protected(dates.index[None, :])
