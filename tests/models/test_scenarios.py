"""Inheritance: a scenario stores what differs, from whoever is above it, and every value has its way back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.drivers import BTC_PRICE, HASHPRICE, value_of
from models.fields import Schedule, read
from models.fields import replace as put
from models.plan import Plan, Scenario
from models.records.series import PriceSeries
from models.samples import sample
from models.scenario_edits import added, edited, may_inherit, moved_under, promoted, removed, reverted
from models.scenarios import children_of, difference, lineage, own_overrides, parent_plan, plan_for, scenario_by_name
from models.storage.validity import problem_in
from tests.strategies import dear, plans

ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"
RENT = "ai_offers.o1.rent_usd_per_it_kw_month"
FAMILY = replace(
    sample("briefing"),
    scenarios=(
        Scenario("c1", "Bull", ((BTC_PRICE, 120_000.0), (ENERGY, 40.0))),
        Scenario("c2", "Bull, dear power", ((ENERGY, 70.0), ("market.fees_btc_per_block", 0.2)), "c1"),
        Scenario("c3", "And late", ((RENT, 150.0),), "c2"),
    ),
)


def shown(plan: Plan, scenario_id: str) -> Plan:
    return replace(plan_for(plan, scenario_by_name(plan, scenario_id)), scenarios=())


def test_that_a_grandchild_has_the_values_of_all_above_it() -> None:
    plan = shown(FAMILY, "c3")
    assert (plan.market.btc_price_usd, read(plan, ENERGY), read(plan, RENT)) == (120_000.0, 70.0, 150.0)
    assert [s.id for s in lineage(FAMILY, scenario_by_name(FAMILY, "c3"))] == ["c1", "c2", "c3"]
    assert [s.id for s in children_of(FAMILY, "base")] == ["c1"]
    assert [s.id for s in children_of(FAMILY, "c1")] == ["c2"]


def test_that_a_parents_change_reaches_children_that_do_not_say_otherwise() -> None:
    plan = edited(FAMILY, "c1", put(plan_for(FAMILY, FAMILY.scenarios[0]), BTC_PRICE, 90_000.0))
    assert shown(plan, "c3").market.btc_price_usd == 90_000.0
    plan = edited(plan, "c1", put(plan_for(plan, plan.scenarios[0]), ENERGY, 33.0))
    assert read(shown(plan, "c3"), ENERGY) == 70.0


def test_that_a_child_may_set_the_price_that_its_parents_hashprice_moved() -> None:
    plan = replace(
        FAMILY, scenarios=(Scenario("c1", "HP", ((HASHPRICE, 50.0),)), Scenario("c2", "Own", ((BTC_PRICE, 9e4),), "c1"))
    )
    assert value_of(shown(plan, "c1"), HASHPRICE) == pytest.approx(50.0)
    assert shown(plan, "c2").market.btc_price_usd == 9e4


def test_that_a_child_inherits_the_price_a_hashprice_came_to_and_not_the_hashprice() -> None:
    plan = replace(
        FAMILY,
        scenarios=(
            Scenario("c1", "HP", ((HASHPRICE, 50.0),)),
            Scenario("c2", "Harder", (("market.difficulty", 200e12),), "c1"),
        ),
    )
    assert shown(plan, "c2").market.btc_price_usd == shown(plan, "c1").market.btc_price_usd
    assert value_of(shown(plan, "c2"), HASHPRICE) < 40.0


def test_that_a_number_takes_the_place_of_a_table_and_a_table_that_of_a_number() -> None:
    table = Schedule(("2026-04", "2027-04"), (50.0, 60.0))
    plan = put(FAMILY, ENERGY, table)
    assert read(shown(plan, "c1"), ENERGY) == 40.0
    plan = replace(FAMILY, scenarios=(Scenario("c1", "Table", ((ENERGY, table),)),))
    assert read(shown(plan, "c1"), ENERGY) == table


@dear
@given(plan=plans(usual=True))
def test_that_reverting_everything_gives_what_is_above(plan: Plan) -> None:
    for scenario in plan.scenarios:
        assert shown(reverted(plan, scenario.id), scenario.id) == replace(parent_plan(plan, scenario.id), scenarios=())
    bare = plan
    for scenario in plan.scenarios:
        bare = reverted(bare, scenario.id)
    for scenario in bare.scenarios:
        assert shown(bare, scenario.id) == replace(plan, scenarios=())


@dear
@given(plan=plans(usual=True))
def test_that_reverting_value_by_value_gives_the_same_as_all_at_once(plan: Plan) -> None:
    for scenario in plan.scenarios:
        step = plan
        for path, _ in scenario.overrides:
            step = reverted(step, scenario.id, path)
        assert step == reverted(plan, scenario.id)


def test_that_a_record_and_a_table_go_back_and_leave_the_rest() -> None:
    assert own_overrides(FAMILY, "c1", "market") == ((BTC_PRICE, 120_000.0),)
    assert own_overrides(reverted(FAMILY, "c1", "power_contracts.p1"), "c1") == ((BTC_PRICE, 120_000.0),)
    assert own_overrides(reverted(FAMILY, "c1", "power_contracts"), "c1") == ((BTC_PRICE, 120_000.0),)
    # No id that merely begins like it.
    plan = replace(FAMILY, scenarios=(Scenario("c1", "x", (("power_contracts.p11.adders_usd_per_mwh", 3.0),)),))
    assert reverted(plan, "c1", "power_contracts.p1") is plan


def test_that_the_price_goes_back_where_a_hashprice_moved_it() -> None:
    plan = replace(FAMILY, scenarios=(Scenario("c1", "HP", ((HASHPRICE, 50.0),)),))
    assert own_overrides(plan, "c1", BTC_PRICE) == ((HASHPRICE, 50.0),)
    assert reverted(plan, "c1", BTC_PRICE).scenarios[0].overrides == ()


def test_that_reverting_in_the_base_or_of_nothing_changes_nothing() -> None:
    assert reverted(FAMILY, "base") is FAMILY
    assert reverted(FAMILY, "c1", "sites") is FAMILY


@given(plan=plans(usual=True), data=st.data())
def test_that_a_promoted_value_leaves_the_scenario_as_it_looks(plan: Plan, data: st.DataObject) -> None:
    assume(plan.scenarios)
    scenario = data.draw(st.sampled_from(plan.scenarios))
    under = data.draw(st.sampled_from(["", *(p for p, _ in scenario.overrides)]))
    after = promoted(plan, scenario.id, under)
    assert _close(shown(after, scenario.id), shown(plan, scenario.id))
    assert own_overrides(after, scenario.id, under) == ()


def test_that_a_promoted_value_is_the_parents_from_then_on() -> None:
    plan = promoted(FAMILY, "c2", ENERGY)
    assert dict(scenario_by_name(plan, "c1").overrides)[ENERGY] == 70.0  # type: ignore[union-attr]
    assert [p for p, _ in own_overrides(plan, "c2")] == ["market.fees_btc_per_block"]
    assert promoted(FAMILY, "c1", BTC_PRICE).market.btc_price_usd == 120_000.0


@dear
@given(plan=plans(usual=True), data=st.data())
def test_that_who_inherits_from_a_removed_scenario_looks_as_before(plan: Plan, data: st.DataObject) -> None:
    assume(plan.scenarios)
    gone = data.draw(st.sampled_from(plan.scenarios))
    after = removed(plan, gone.id)
    assert {s.id for s in after.scenarios} == {s.id for s in plan.scenarios} - {gone.id}
    for scenario in after.scenarios:
        assert _close(shown(after, scenario.id), shown(plan, scenario.id))
    assert problem_in(after) is None


def test_that_a_hashprice_beyond_every_price_is_handed_down_as_it_stands() -> None:
    far = 2_000.0 * (value_of(FAMILY, HASHPRICE) or 0.0)
    parent, child = Scenario("c1", "Far", ((HASHPRICE, far),)), Scenario("c2", "Below", ((RENT, 150.0),), "c1")
    plan = replace(FAMILY, scenarios=(parent, child))
    assert problem_in(plan) is None
    after = removed(plan, "c1")
    assert problem_in(after) is None
    assert _close(shown(after, "c2"), shown(plan, "c2"))


def test_that_no_scenario_can_inherit_from_itself() -> None:
    assert not may_inherit(FAMILY, "c1", "c3")
    assert not may_inherit(FAMILY, "c1", "c1")
    assert may_inherit(FAMILY, "c3", "c1")
    with pytest.raises(ValueError, match="cannot inherit"):
        moved_under(FAMILY, "c1", "c3")
    plan = moved_under(FAMILY, "c3", "base")
    assert read(shown(plan, "c3"), ENERGY) == 50.0
    assert read(shown(plan, "c3"), RENT) == 150.0


def test_that_a_new_scenario_has_a_name_of_its_own_and_stands_where_it_should() -> None:
    plan, scenario = added(FAMILY, "Bull", ((RENT, 1.0),), "c1", after="c1")
    assert scenario.name == "Bull (2)"
    assert [s.id for s in plan.scenarios] == ["c1", scenario.id, "c2", "c3"]
    assert scenario.parent_id == "c1"
    assert problem_in(plan) is None


def test_that_an_override_of_a_record_that_went_has_no_effect_and_can_be_reverted() -> None:
    plan = replace(FAMILY, ai_offers=())
    assert shown(plan, "c3").ai_offers == ()
    assert reverted(plan, "c3", RENT).scenarios[2].overrides == ()


def test_that_a_reference_to_a_record_that_goes_is_emptied_in_the_plan_as_well() -> None:
    prices = PriceSeries("h1", "Hub")
    plan = replace(put(FAMILY, "power_contracts.p1.price_series_id", "h1"), price_series=(prices,))
    seen = plan_for(plan, plan.scenarios[0])
    without = put(put(seen, "price_series", ()), "power_contracts.p1.price_series_id", None)
    after = edited(plan, "c1", without)
    assert after.price_series == ()
    assert after.power_contracts[0].price_series_id is None
    assert problem_in(after) is None


def _close(first: Plan, second: Plan) -> bool:
    """Whether two plans are the same, but for the rounding of a price that came of a hashprice."""
    return all(_near(a, b) for _, a, b in difference(first, second))


def _near(first: Any, second: Any) -> bool:
    if isinstance(first, Schedule) and isinstance(second, Schedule):
        return first.months == second.months and first.values == pytest.approx(second.values, rel=1e-12)
    return isinstance(first, float) and first == pytest.approx(second, rel=1e-12)


def test_that_a_scenario_called_what_another_ones_id_is_takes_nothing_of_it() -> None:
    first, second = Scenario("bull", "claimed"), Scenario("claimed", "As claimed")
    plan = replace(sample("briefing"), scenarios=(first, second))
    assert scenario_by_name(plan, "claimed") is second
    assert scenario_by_name(plan, "bull") is first
    assert scenario_by_name(plan, "As claimed") is second
    assert removed(plan, "claimed").scenarios == (first,)
