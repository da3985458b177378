"""The evaluation equals the same economics written once more as a plain loop (tests/plain_model.py)."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from models.evaluate import evaluate
from models.fields import replace
from models.plan import Plan
from models.samples import sample, sample_names
from tests.large_plan import large_plan
from tests.plain_model import figures, is_flat
from tests.strategies import plans

# Money is compared with the size of the cash that it is a sum of: a margin may be the small difference of large lines.
RELATIVE = 1e-9


def assert_equal(plan: Plan) -> None:
    expected = figures(plan)
    results = evaluate(plan)
    assert {use.id for use in results.uses} == set(expected)
    for use in results.uses:
        lines = (use.cash.revenue, use.cash.power, use.cash.opex, use.cash.capex)
        size = sum(float(np.nansum(np.abs(line))) for line in lines)
        for name, value in expected[use.id].items():
            found = found_figure(use, name)
            money = name.endswith(("_year", "usd_per_mw", "_cash"))
            slack = RELATIVE * (abs(value) + (size if money else 0.0))
            same = found == value or (math.isnan(found) and math.isnan(value))
            assert same or abs(found - value) <= slack, (use.id, name, found, value)


def found_figure(use: Any, name: str) -> float:
    if name == "last_cash":
        return float(use.cash_points.sum())
    if " " in name:
        kind, what = name.split()
        fields = {"energy": "energy_price_usd_per_mwh", "btc": "btc_price_usd", "hashprice": "hashprice_usd_per_ph_day"}
        return float(getattr(use.break_evens[kind], fields[what]))
    return float(getattr(use, name))


@pytest.mark.parametrize("name", [name for name, _, _ in sample_names()])
def test_that_samples_equal_the_plain_model(name: str) -> None:
    assert_equal(sample(name))


def test_that_the_large_plan_equals_the_plain_model() -> None:
    assert_equal(large_plan())


@settings(max_examples=150)
@given(plans(usual=True))
def test_that_random_plans_equal_the_plain_model(plan: Plan) -> None:
    sites = {site.id for site in plan.sites}
    if all(record.site_id in sites for record in (*plan.asic_lots, *plan.ai_offers)):
        # The plain model looks at every hour of every month: four years of them say as much as twenty.
        months = plan.plan.horizon_months if is_flat(plan) else min(plan.plan.horizon_months, 48)
        assert_equal(dataclasses.replace(plan, plan=dataclasses.replace(plan.plan, horizon_months=months)))


def test_that_a_plan_equals_the_plain_model_after_every_edit() -> None:
    """What is kept of the plan before must never stand for what the edit changed."""
    plan = large_plan(4, 8, 6, 60)
    edits: list[tuple[str, Any]] = [
        ("market.btc_price_usd", 90_000.0),
        ("market.difficulty_growth_fraction_per_year", 0.1),
        ("power_contracts.p1.energy_price_usd_per_mwh", 61.0),
        ("power_contracts.p2.energy_price_growth_fraction_per_year", 0.03),
        ("power_contracts.p3.end_month", "2030-01"),
        ("asic_lots.a1.uptime_fraction", 0.5),
        ("asic_lots.a2.site_id", "s3"),
        ("sites.s1.mining_pue", 1.2),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 99.0),
        ("ai_offers.o1.escalator_fraction_per_year", 0.05),
        ("ai_offers.o2.first_rent_month", "2027-11"),
        ("ai_offers.o2.term_months", 24),
        ("ai_offers.o3.price_growth_fraction_per_year", -0.3),
        ("ai_offers.o1.power_paid_by", "operator"),
        ("ai_offers.o3.ramp_months", 9),
        ("assumptions.lease_discount_rate_fraction", 0.2),
        ("plan.start", "2026-07"),
        ("plan.horizon_months", 72),
    ]
    for path, value in edits:
        before, plan = plan, replace(plan, path, value)
        assert_equal(plan)
        assert_equal(before)
