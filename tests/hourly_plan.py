"""A plan whose site buys part of its power at hourly prices, made from the briefing, for tests of the power pages."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np

from models.hours import HourlyValues
from models.plan import Plan, PriceSeries
from models.samples import sample


def hourly_prices() -> HourlyValues:
    """A year of Texas as it might be: nights cheap, evenings dear, hours of scarcity, some below zero."""
    hours = np.arange(8_784)
    draw = np.random.Generator(np.random.PCG64(20240101))
    local = (hours - 6) % 24
    prices = 24.0 + 14.0 * np.sin((local - 11) / 24 * 2 * np.pi) + 8.0 * np.sin((hours / 8_784 - 0.3) * 2 * np.pi)
    prices = prices + draw.gamma(1.2, 6.0, len(hours)) - 6.0
    prices = np.where(draw.random(len(hours)) < 0.01, prices + draw.exponential(400.0, len(hours)), prices)
    return HourlyValues("2024-01-01T06:00Z", np.round(prices, 2))


@cache  # a plan is never changed, and what follows from it is kept by the plan itself
def hourly_plan(kind: str = "block_and_index") -> Plan:
    """The briefing with these prices, and a contract of the kind that follows them."""
    plan = sample("briefing")
    series = PriceSeries("h1", "HB_NORTH 2024 (illustrative)", "hourly", "America/Chicago", hourly_prices(), "made up")
    contract = dataclasses.replace(
        plan.power_contracts[0],
        kind=kind,
        price_series_id="h1",
        block_mw=40.0,
        energy_price_usd_per_mwh=38.0,
        adders_usd_per_mwh=4.0,
        transmission_usd_per_kw_year=60.0,
        peak_share_fraction=0.1,
        demand_charge_usd_per_kw_month=1.5,
        demand_response_usd_per_mw_year=40_000.0,
        tax_fraction=0.02,
    )
    return dataclasses.replace(plan, price_series=(series,), power_contracts=(contract,))
