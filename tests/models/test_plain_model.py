"""The evaluation equals the same economics written once more as a plain loop (tests/plain_model.py)."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from models.evaluate import evaluate
from models.plan import Plan
from models.samples import sample, sample_names
from tests.large_plan import large_plan
from tests.plain_model import figures, is_flat
from tests.strategies import plans

# Money is compared with the size of the cash that it is a sum of: a margin may be the small difference of large lines.
RELATIVE = 1e-9


def assert_equal(plan: Plan) -> None:
    if not is_flat(plan):
        # The plain model looks at every hour of every month: the three round the halving say as much as twenty.
        months = min(plan.plan.horizon_months, 36)
        plan = dataclasses.replace(plan, plan=dataclasses.replace(plan.plan, horizon_months=months))
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


@given(plans(usual=True))
def test_that_random_plans_equal_the_plain_model(plan: Plan) -> None:
    sites = {site.id for site in plan.sites}
    if all(record.site_id in sites for record in (*plan.asic_lots, *plan.ai_offers)):
        assert_equal(plan)
