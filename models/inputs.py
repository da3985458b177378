"""A plan's numbers as arrays, so that many values of one input are priced by the same functions as one.

The last axis runs over months, the one before over records; axes in front of these are free: a sweep, a grid, and
later the paths of a simulation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from models import network
from models.curves import Array, Calendar, calendar, level, month_number
from models.fields import Schedule
from models.market import subsidy_path
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Plan
from models.power.parts import PowerParts, power_parts

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
ASSUMPTION_FIELDS = (
    "mining_discount_rate_fraction",
    "lease_discount_rate_fraction",
    "gpu_cloud_discount_rate_fraction",
    "overhead_usd_per_mw_year",
)


@dataclass(frozen=True)
class Inputs:
    """What the pricing functions read.

    Attributes
    ----------
    dates
        The plan's calendar.
    numbers
        By ``table.field``; shape (..., records, 1), or (..., records, N) where a monthly table stands in the field.
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
        Which offers are leases and which own GPUs.
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
    rows: dict[str, dict[str, int]]
    lot_site: np.ndarray[Any, np.dtype[np.intp]]
    lot_order: np.ndarray[Any, np.dtype[np.intp]]
    offer_site: np.ndarray[Any, np.dtype[np.intp]]
    lease_rows: np.ndarray[Any, np.dtype[np.intp]]
    gpu_rows: np.ndarray[Any, np.dtype[np.intp]]
    first_rent: Array
    operator_pays: Array
    hedge_kept: Array
    hedge_sold: Array
    economic_shutdown: bool

    def grown(self, key: str, growth_key: str) -> Array:
        """A level with its growth applied, shape (..., records, N)."""
        growth = self.numbers[growth_key]
        if not growth.any():
            return np.broadcast_to(self.numbers[key], (*self.numbers[key].shape[:-1], len(self.dates.index)))
        return np.asarray(self.numbers[key] * (1.0 + growth) ** (self.months_grown[key] / 12.0))

    def factor(self, growth_key: str, row: int, key: str | None = None) -> Array:
        """How one record's level has grown by every month, shape (..., N), counted as for the level at `key`."""
        months = self.dates.index
        if key is not None:
            months = self.months_grown[key][row if len(self.months_grown[key]) > 1 else 0]
        return np.asarray((1.0 + self.numbers[growth_key][..., row, :]) ** (months / 12.0))


def gather(plan: Plan) -> Inputs:
    """The arrays of a plan.

    Records that name a site the plan does not have are left to `models.checks`; they are priced with missing (NaN)
    site figures.
    """
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    market = plan.market
    numbers: dict[str, Array] = {}
    grown: dict[str, Array] = {}
    for name in MARKET_FIELDS:
        numbers[f"market.{name}"] = np.array([[float(getattr(market, name))]])
    for name in ASSUMPTION_FIELDS:
        numbers[f"assumptions.{name}"] = np.array([[float(getattr(plan.assumptions, name))]])
    for name in ("btc_price_usd", "difficulty"):
        _add_level(numbers, grown, f"market.{name}", [getattr(market, name)], dates)
    site_rows = {site.id: i for i, site in enumerate(plan.sites)}
    for name in SITE_FIELDS:
        numbers[f"sites.{name}"] = np.array([[getattr(s, name)] for s in plan.sites] + [[np.nan]], dtype=float)
    _add_columns(numbers, "asic_lots", LOT_FIELDS, plan.asic_lots)
    _add_columns(numbers, "ai_offers", OFFER_FIELDS, plan.ai_offers)
    _add_columns(numbers, "power_contracts", CONTRACT_FIELDS, plan.power_contracts)
    _add_columns(numbers, "tou_periods", PERIOD_FIELDS, plan.tou_periods)
    for table, name in (
        *(("power_contracts", name) for name in CONTRACT_LEVELS),
        ("ai_offers", "rent_usd_per_it_kw_month"),
        ("ai_offers", "price_usd_per_gpu_hour"),
    ):
        _add_level(numbers, grown, f"{table}.{name}", [getattr(r, name) for r in getattr(plan, table)], dates)
    start = month_number(dates.start)
    return Inputs(
        dates=dates,
        numbers=numbers,
        months_grown=grown,
        subsidy_btc=subsidy_path(market.block_height, dates.start, len(dates.index))[None, :],
        spot_subsidy_btc=np.array([[network.subsidy_sats(market.block_height) / network.SATS_PER_BTC]]),
        power=power_parts(plan, dates),
        forward_by_month=np.array([isinstance(c.forward_index_usd_per_mwh, Schedule) for c in plan.power_contracts]),
        rows={
            "sites": site_rows,
            "power_contracts": {r.id: i for i, r in enumerate(plan.power_contracts)},
            "tou_periods": {r.id: i for i, r in enumerate(plan.tou_periods)},
            "asic_lots": {r.id: i for i, r in enumerate(plan.asic_lots)},
            "ai_offers": {r.id: i for i, r in enumerate(plan.ai_offers)},
        },
        lot_site=_site_rows(plan.asic_lots, site_rows),
        lot_order=_order_at_site(plan.asic_lots),
        offer_site=_site_rows(plan.ai_offers, site_rows),
        lease_rows=_rows_of_kind(plan.ai_offers, LEASE),
        gpu_rows=_rows_of_kind(plan.ai_offers, GPU_CLOUD),
        first_rent=np.array([[month_number(o.first_rent_month) - start] for o in plan.ai_offers], float).reshape(-1, 1),
        operator_pays=np.array([[o.operator_pays_power] for o in plan.ai_offers], float).reshape(-1, 1),
        hedge_kept=np.array([[o.hedge_disposition == "kept"] for o in plan.ai_offers], float).reshape(-1, 1),
        hedge_sold=np.array([[o.hedge_disposition == "sold"] for o in plan.ai_offers], float).reshape(-1, 1),
        economic_shutdown=plan.assumptions.economic_shutdown,
    )


def first_lot(inputs: Inputs) -> Inputs:
    """The arrays of a plan's first lot alone; what it buys remains what all lots of its site leave to it."""
    if len(inputs.lot_site) <= 1:
        return inputs
    lots = {key: column[..., :1, :] for key, column in inputs.numbers.items() if key.startswith("asic_lots.")}
    first = dict(list(inputs.rows["asic_lots"].items())[:1])
    return replace(
        inputs,
        numbers=inputs.numbers | lots,
        rows=inputs.rows | {"asic_lots": first},
        lot_site=inputs.lot_site[:1],
        lot_order=inputs.lot_order[:1],
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


def _add_columns(numbers: dict[str, Array], table: str, names: tuple[str, ...], records: tuple[Any, ...]) -> None:
    read = attrgetter(*names)
    block = np.array([read(r) for r in records], dtype=float).reshape(len(records), len(names))
    for i, name in enumerate(names):
        numbers[f"{table}.{name}"] = block[:, i : i + 1]


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


def _site_rows(records: tuple[Any, ...], rows: dict[str, int]) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.array([rows.get(r.site_id, -1) for r in records], dtype=np.intp)


def _order_at_site(lots: tuple[AsicLot, ...]) -> np.ndarray[Any, np.dtype[np.intp]]:
    seen: dict[str, int] = {}
    found = []
    for lot in lots:
        found.append(seen.get(lot.site_id, 0))
        seen[lot.site_id] = found[-1] + 1
    return np.array(found, dtype=np.intp)


def _rows_of_kind(offers: tuple[AiOffer, ...], kind: str) -> np.ndarray[Any, np.dtype[np.intp]]:
    return np.array([i for i, o in enumerate(offers) if o.kind == kind], dtype=np.intp)
