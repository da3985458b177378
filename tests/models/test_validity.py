"""What cannot be stored is found in every plan, whatever was looked at before."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given

from models.fields import replace
from models.plan import AsicLot, Plan, Scenario, Site
from models.storage.plan_json import plan_from_json
from models.storage.validity import problem_in
from tests.models.test_plan_json import EXAMPLE
from tests.strategies import dear, plans

PLAN = plan_from_json(EXAMPLE, "x")
CHANGES: list[tuple[str, Any, str]] = [
    ("market.btc_price_usd", float("nan"), "market.btc_price_usd"),
    ("sites", (), "power_contracts.p1.site_id"),
    ("sites.s1", Site("s2", "North", 1.0), "power_contracts.p1.site_id"),
    ("sites.s1", Site("a1", "North", 1.0), "asic_lots.a1"),
    ("asic_lots.a1.site_id", "o1", "asic_lots.a1.site_id"),
    ("asic_lots.a1", AsicLot("a.1", "s1", "S21", 1, 200.0, 3500.0), "asic_lots"),
    ("scenarios.bull.parent_id", "bear", "scenarios.bull.parent_id"),
    ("scenarios.bull.overrides", (("market", 1.0),), "scenarios.bull.overrides.market"),
    ("scenarios.bull.overrides", (("market.source", "a"), ("market.source", "b")), "overrides.market.source"),
    ("scenarios.bull", Scenario("c9", "Bull"), "scenarios.bear.parent_id"),
]


@dear
@given(plans(), plans())
def test_that_random_plans_are_sound_one_after_the_other(one: Plan, other: Plan) -> None:
    assert problem_in(one) is None
    assert problem_in(other) is None
    assert problem_in(one) is None


@pytest.mark.parametrize("is_edit", [True, False], ids=["as an edit", "on its own"])
@pytest.mark.parametrize(("at", "value", "path"), CHANGES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CHANGES)])
def test_that_a_problem_is_found_in_an_edit_as_in_a_whole_plan(at: str, value: Any, path: str, is_edit: bool) -> None:
    other = dataclasses.replace(PLAN, sites=(), power_contracts=(), asic_lots=(), ai_offers=(), splits=(), scenarios=())
    assert problem_in(PLAN if is_edit else other) is None
    for _ in range(2):
        problem = problem_in(replace(PLAN, at, value))
        assert problem is not None
        assert path in problem.path
    assert problem_in(PLAN) is None


def test_that_a_lost_override_is_sound_only_in_a_plan_that_was_edited() -> None:
    plan = replace(PLAN, "scenarios", (Scenario("c1", "Old", (("asic_lots.gone.count", 5),)),))
    assert problem_in(plan) is None
    problem = problem_in(plan, lost_overrides=False)
    assert problem is not None
    assert problem.path == "scenarios.c1.overrides.asic_lots.gone.count"
