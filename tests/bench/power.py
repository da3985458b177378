"""Hourly prices: what ten years of them cost to curtail, to drag a lever over, and to hold in memory."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

from tests.bench.levers import ENERGY, PRICE, moves_of, resident_mb

YEARS = 10
TIMES = 15
NOTE = "8,760 hours at each of 10 sites, 60 lots, 30 offers, 240 months"


def hourly_plan(years: int = 1, *, sites: int = 10, lots: int = 60, offers: int = 30, months: int = 240) -> Any:
    """The large plan, with every site on block and index and prices of its own."""
    from models.illustrative import TIME_ZONE, hourly_prices
    from models.plan import PriceSeries
    from tests.large_plan import large_plan

    plan = large_plan(sites, lots, offers, months)
    series, contracts = [], []
    for number, contract in enumerate(plan.power_contracts, start=1):
        prices = hourly_prices(2025 - years + 1, years, seed=number)
        series.append(PriceSeries(f"h{number}", f"Hub {number}", "hourly", TIME_ZONE, prices))
        block = next(s.capacity_mw for s in plan.sites if s.id == contract.site_id) / 2
        contracts.append(replace(contract, kind="block_and_index", block_mw=block, price_series_id=f"h{number}"))
    return replace(plan, price_series=tuple(series), power_contracts=tuple(contracts))


def curtailment() -> dict[str, Any]:
    """Ten years of hours × 60 lots, from the imported prices to energy and cost of every lot and month."""
    from models.evaluate import evaluate
    from models.hours import local_hours
    from models.power import shapes

    plan = hourly_plan(YEARS, sites=1, offers=1, months=12 * YEARS)
    plan = replace(plan, ai_offers=())
    evaluate(plan)
    found, beside = [], []
    for _ in range(TIMES):
        # As if the prices had just been imported: nothing that was sorted or dated before is kept.
        for kept in (shapes._hourly, shapes._kept_hours, local_hours):
            kept.cache_clear()
        moved = replace(plan, price_series=tuple(replace(s) for s in plan.price_series))
        found.append(_timed(lambda p=moved: evaluate(p)))  # type: ignore[misc]
    for _ in range(3):
        beside.append(_timed(lambda: by_hand(plan)))
    hours = len(plan.price_series[0].hourly_usd_per_mwh or ())
    return {
        "samples": found,
        "beside": {"pandas, hour by hour": beside},
        "note": f"{hours:,} hours × {len(plan.asic_lots)} lots",
    }


def by_hand(plan: Any) -> Any:
    """The same bill as a notebook would have it: a table of hours, a column for every lot, summed by month."""
    import numpy as np
    import pandas as pd

    from models import mining
    from models.inputs import gather

    (series,), (contract,) = plan.price_series, plan.power_contracts
    prices = series.hourly_usd_per_mwh
    hours = pd.date_range(prices.first_hour, periods=len(prices), freq="h").tz_convert(series.time_zone)
    table = pd.DataFrame({"price": prices.values, "month": (hours.year - hours.year[0]) * 12 + hours.month - 1})
    earned = np.broadcast_to(mining.revenue_per_mwh(gather(plan)), (len(plan.asic_lots), plan.plan.horizon_months))
    adder, fee = contract.adders_usd_per_mwh, contract.sell_back_fee_usd_per_mwh
    found = {}
    for i, lot in enumerate(plan.asic_lots):
        strike = earned[i][table["month"].clip(0, plan.plan.horizon_months - 1)]
        runs = table["price"] + adder - fee <= strike
        cost = (table["price"] + adder - fee).where(runs, 0.0)
        found[lot.id] = pd.DataFrame({"month": table["month"], "runs": runs, "cost": cost}).groupby("month").sum()
    return found


def _moves(path: str) -> dict[str, Any]:
    found = moves_of(hourly_plan(), path)
    return found | {"note": f"{NOTE}; {found['note']}"}


def lever() -> dict[str, Any]:
    """The large plan with hourly curtailment at all ten sites: the BTC price is dragged, every plot follows."""
    return _moves(PRICE)


def lever_of_power() -> dict[str, Any]:
    """The same with the price of one site's block."""
    return _moves(ENERGY)


def memory() -> dict[str, Any]:
    """What ten years of hours at five sites add to the process, evaluated and ready to be dragged [MB]."""
    from models.evaluate import evaluate

    small = hourly_plan(1, sites=1, lots=1, offers=1, months=12)
    evaluate(small)
    before = resident_mb()
    plan = hourly_plan(YEARS, sites=5, lots=20, offers=5, months=120)
    evaluate(plan)
    return {"samples": [resident_mb() - before], "note": f"{len(plan.price_series)} series of {YEARS} years"}


def _timed(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
