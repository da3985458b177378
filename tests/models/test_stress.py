"""Stress packs: what each says it changes is what changes, by figures reckoned here, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.curves import calendar
from models.defaults import empty_plan
from models.evaluate import evaluate
from models.fields import Schedule, read
from models.fields import replace as put
from models.market import market_path
from models.plan import Plan, Scenario
from models.samples import sample
from models.scenarios import difference, plan_for
from models.storage.validity import problem_in
from models.stress import PACKS, apply_pack
from tests.strategies import dear, plans


def stressed(plan: Plan, pack: str) -> Plan:
    applied = apply_pack(plan, pack)
    assert applied.scenario is not None, applied.sentence
    return plan_for(applied.plan, applied.scenario)


def changes(plan: Plan, pack: str) -> dict[str, tuple[Any, Any]]:
    return {
        path: (a, b)
        for path, a, b in difference(replace(plan, scenarios=()), replace(stressed(plan, pack), scenarios=()))
    }


def price(plan: Plan) -> np.ndarray:
    return market_path(plan.market, calendar(plan.plan.start, plan.plan.horizon_months)).btc_price_usd


def test_that_the_price_rises_up_to_the_halving_and_no_further() -> None:
    plan = put(sample("briefing"), "market.btc_price_growth_fraction_per_year", 0.2)
    before, after = price(plan), price(stressed(plan, "halving"))
    # Blocks 941,472 to 1,050,000 at 144 a day are 753.7 days: the halving falls into April 2028, month 24.
    assert after[:24] == pytest.approx(before[:24], rel=1e-12)
    assert after[24:] == pytest.approx(np.full(len(after) - 24, before[23]), rel=1e-12)
    assert evaluate(stressed(plan, "halving")).market.difficulty == pytest.approx(evaluate(plan).market.difficulty)


def test_that_a_price_that_falls_after_the_halving_still_falls() -> None:
    table = Schedule(("2026-04", "2028-03", "2028-06", "2029-01"), (70e3, 80e3, 95e3, 60e3))
    plan = put(sample("briefing"), "market.btc_price_usd", table)
    after = price(stressed(plan, "halving"))
    assert after[26] == 80e3
    assert after[40] == 60e3


@pytest.mark.parametrize("horizon", [12, 20])
def test_that_a_plan_that_ends_before_the_halving_has_none(horizon: int) -> None:
    plan = put(sample("one-site"), "plan.horizon_months", horizon)
    applied = apply_pack(plan, "halving")
    assert applied.scenario is None
    assert applied.plan is plan
    assert "ends before the next halving" in applied.sentence


def test_that_a_defaulting_tenant_pays_twenty_four_months_and_leaves_nothing() -> None:
    plan = put(sample("briefing"), "ai_offers.o1.hall_residual_fraction", 0.4)
    use = evaluate(stressed(plan, "default")).by_id["o1"]
    assert np.count_nonzero(use.cash.revenue) == 24
    assert not use.cash.residual.any()
    assert use.capex_usd_per_mw == pytest.approx(evaluate(plan).by_id["o1"].capex_usd_per_mw)
    # A lease that has paid for a year pays for two more, from the plan's start.
    running = put(plan, "ai_offers.o1.first_rent_month", "2025-04")
    assert np.count_nonzero(evaluate(stressed(running, "default")).by_id["o1"].cash.revenue) == 24


def test_that_a_delay_moves_the_rent_and_not_the_first_spending() -> None:
    plan = sample("one-site")
    before, after = evaluate(plan).by_id["o1"].cash, evaluate(stressed(plan, "delay")).by_id["o1"].cash
    assert np.flatnonzero(after.revenue)[0] == np.flatnonzero(before.revenue)[0] + 12
    assert np.flatnonzero(after.capex)[0] == np.flatnonzero(before.capex)[0]
    assert after.capex.sum() == pytest.approx(before.capex.sum())
    assert np.flatnonzero(after.capex)[-1] == np.flatnonzero(before.capex)[-1] + 12


def test_that_an_offer_that_pays_already_is_not_late() -> None:
    plan = replace(sample("one-site"), ai_offers=sample("one-site").ai_offers[:1])
    applied = apply_pack(put(plan, f"ai_offers.{plan.ai_offers[0].id}.first_rent_month", "2026-03"), "delay")
    assert applied.scenario is None
    assert "still to be delivered" in applied.sentence


def test_that_power_is_half_as_dear_again_and_delivery_is_not() -> None:
    plan = put(sample("briefing"), "power_contracts.p1.adders_usd_per_mwh", 7.0)
    table = Schedule(("2026-04", "2027-01"), (40.0, 44.0))
    plan = put(plan, "power_contracts.p1.energy_price_usd_per_mwh", table)
    assert list(changes(plan, "power").values()) == [(table, Schedule(table.months, (60.0, 66.0)))]


def test_that_an_imported_index_is_half_as_dear_again() -> None:
    plan = sample("flexible")
    (contract,) = plan.power_contracts
    plan = put(plan, f"power_contracts.{contract.id}.forward_index_usd_per_mwh", None)
    before, after = (evaluate(p).power["a1"] for p in (plan, stressed(plan, "power")))
    assert after.effective_power_gross_usd_per_mwh > 1.15 * before.effective_power_gross_usd_per_mwh
    from models.power.shapes import prices_of

    series = prices_of(plan.price_series[0], plan.price_steps)
    assert series is not None
    level = read(stressed(plan, "power"), f"power_contracts.{contract.id}.forward_index_usd_per_mwh")
    assert level == pytest.approx(1.5 * series.mean)


def test_that_difficulty_capex_bear_and_bull_are_what_they_say() -> None:
    plan = sample("briefing")
    assert list(changes(plan, "difficulty")) == ["market.difficulty"]
    assert stressed(plan, "difficulty").market.difficulty == pytest.approx(1.3 * 133.79e12)
    for path, (old, new) in changes(plan, "capex").items():
        assert "capex" in path
        assert new == pytest.approx(1.25 * old)
    bear, bull = evaluate(stressed(plan, "bear")), evaluate(stressed(plan, "bull"))
    # The briefing's $33.30 at 133.79 T is so much less at 145.05 T; $80,000 makes $37.97 with fees of 1 %.
    assert bear.market.spot_hashprice_usd_per_ph_day == pytest.approx(33.30 * 133.79 / 145.05, abs=0.001)
    assert bull.market.spot_hashprice_usd_per_ph_day == pytest.approx(37.97 / (1 - 0.0776), abs=0.01)


@pytest.mark.parametrize("pack", list(PACKS))
def test_that_a_pack_says_so_where_it_changes_nothing(pack: str) -> None:
    plan = empty_plan("Empty")
    applied = apply_pack(plan, pack)
    if applied.scenario is None:
        assert applied.plan is plan
        assert "changes nothing here" in applied.sentence
    else:
        assert all(path.startswith("market.") for path, _ in applied.scenario.overrides)


@pytest.mark.parametrize("pack", list(PACKS))
def test_that_a_pack_says_what_it_changes_and_where_its_figure_is_from(pack: str) -> None:
    assert PACKS[pack].about.endswith(".")
    assert PACKS[pack].source


@pytest.mark.parametrize("pack", list(PACKS))
@given(plan=plans(usual=True), data=st.data())
@dear
def test_that_every_pack_fits_every_plan_and_leaves_its_base_alone(pack: str, plan: Plan, data: st.DataObject) -> None:
    parent = data.draw(st.sampled_from(["base", *(s.id for s in plan.scenarios)]))
    applied = apply_pack(plan, pack, parent)
    assert problem_in(applied.plan) is None
    assert replace(applied.plan, scenarios=()) == replace(plan, scenarios=())
    assert applied.sentence
    if applied.scenario is not None:
        assert applied.plan.scenarios[-1] is applied.scenario


def test_that_a_pack_is_reckoned_from_the_scenario_it_stresses() -> None:
    plan = replace(sample("briefing"), scenarios=(Scenario("c1", "Hard", (("market.difficulty", 200e12),)),))
    applied = apply_pack(plan, "difficulty", "c1")
    assert applied.scenario is not None
    assert applied.scenario.parent_id == "c1"
    assert dict(applied.scenario.overrides) == {"market.difficulty": pytest.approx(260e12)}
    with pytest.raises(KeyError):
        apply_pack(plan, "no such pack")
