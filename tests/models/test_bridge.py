"""The bridge adds up, depends on no order, and every step is the Shapley value, reckoned here by its definition."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.compare.bridge import Bridge, bridge, shapley
from models.compare.coalitions import Pricing, players_of
from models.compare.columns import Column, columns_of
from models.evaluate import evaluate
from models.fields import Schedule
from models.fields import replace as put
from models.figures import figure
from models.plan import Plan, Scenario
from models.samples import sample
from models.stress import PACKS, apply_pack
from tests.large_plan import large_plan
from tests.strategies import dear, plans

MOVES = (
    ("market.btc_price_usd", 95_000.0),
    ("market.difficulty", 160e12),
    ("power_contracts.p1.energy_price_usd_per_mwh", 61.0),
    ("asic_lots.a1.uptime_fraction", 0.88),
    ("assumptions.mining_discount_rate_fraction", 0.2),
)


def with_scenario(plan: Plan, overrides: tuple[tuple[str, object], ...]) -> Plan:
    return replace(plan, scenarios=(Scenario("c9", "Other", overrides),))


def two(plan: Plan, overrides: tuple[tuple[str, object], ...]) -> tuple[Column, Column]:
    base, other = columns_of(with_scenario(plan, overrides), ("base", "c9"))
    return base, other


def by_definition(plan: Plan, moves: tuple[tuple[str, object], ...], path: str) -> dict[str, float]:
    """The mean over all orders, each priced plan by plan: nothing of the bridge's own code."""

    def value(chosen: frozenset[str]) -> float:
        moved = plan
        for place, new in moves:
            if place in chosen:
                moved = put(moved, place, new)
        return figure(moved, evaluate(moved), path).value

    known = {
        frozenset(c): value(frozenset(c))
        for n in range(len(moves) + 1)
        for c in itertools.combinations([p for p, _ in moves], n)
    }
    total = dict.fromkeys((p for p, _ in moves), 0.0)
    orders = list(itertools.permutations(total))
    for order in orders:
        for place, name in enumerate(order):
            total[name] += known[frozenset(order[: place + 1])] - known[frozenset(order[:place])]
    return {name: amount / len(orders) for name, amount in total.items()}


def amounts(found: Bridge) -> dict[str, float]:
    return {step.path: step.amount for step in found.steps}


@pytest.mark.parametrize(
    "name", ["npv_usd_per_mw", "margin_usd_per_mw_year", "power_cost_usd_per_mw_year", "revenue_usd_per_mw_year"]
)
def test_that_every_step_is_the_mean_over_all_orders(name: str) -> None:
    plan = sample("briefing")
    found = bridge(*two(plan, MOVES), f"uses.a1.{name}")
    expected = by_definition(plan, MOVES, f"uses.a1.{name}")
    assert found.is_exact
    for path, amount in expected.items():
        assert amounts(found).get(path, 0.0) == pytest.approx(amount, rel=1e-8, abs=1e-6)


def test_that_a_sites_gain_is_bridged_plan_by_plan() -> None:
    plan = sample("briefing")
    moves = (*MOVES[:3], ("ai_offers.o1.rent_usd_per_it_kw_month", 170.0))
    found = bridge(*two(plan, moves), "sites.s1.gain_usd")
    expected = by_definition(plan, moves, "sites.s1.gain_usd")
    assert found.steps
    for path, amount in expected.items():
        assert amounts(found).get(path, 0.0) == pytest.approx(amount, rel=1e-8, abs=1e-3)


def test_that_tables_months_choices_and_references_are_bridged_too() -> None:
    plan = sample("one-site")
    moves = (
        ("market.btc_price_usd", Schedule(("2026-04", "2028-01"), (70_000.0, 99_000.0))),
        ("ai_offers.o1.first_rent_month", "2027-11"),
        ("ai_offers.o1.power_paid_by", "operator"),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 151.0),
        ("power_contracts.p1.energy_price_usd_per_mwh", 55.0),
        ("assumptions.economic_shutdown", False),
    )
    for use in ("o1", "a1"):
        found = bridge(*two(plan, moves), f"uses.{use}.npv_usd_per_mw")
        for path, amount in by_definition(plan, moves, f"uses.{use}.npv_usd_per_mw").items():
            assert amounts(found).get(path, 0.0) == pytest.approx(amount, rel=1e-8, abs=1e-6)


@pytest.mark.parametrize("name", ["briefing", "flexible", "three-sites", "own-gpus"])
@pytest.mark.parametrize("pack", list(PACKS))
def test_that_the_steps_of_every_stress_pack_add_up(name: str, pack: str) -> None:
    applied = apply_pack(sample(name), pack)
    if applied.scenario is None:
        return
    base, other = columns_of(applied.plan, ("base", applied.scenario.id))
    for use in base.results.uses:
        found = bridge(base, other, f"uses.{use.id}.npv_usd_per_mw")
        assert found.reason == ""
        assert found.old == pytest.approx(use.npv_usd_per_mw, rel=1e-12)
        assert found.new == pytest.approx(other.results.by_id[use.id].npv_usd_per_mw, rel=1e-12)
        assert math.fsum(s.amount for s in found.steps) == pytest.approx(found.difference, rel=1e-12, abs=1e-9)


@dear
@given(plan=plans(usual=True), data=st.data())
def test_that_in_any_plan_the_bridge_sums_to_the_difference_and_what_is_idle_makes_nothing(
    plan: Plan, data: st.DataObject
) -> None:
    uses = [u.id for u in evaluate(plan).uses]
    if not uses or not plan.scenarios:
        return
    ids = ["base", *(s.id for s in plan.scenarios)]
    pair = data.draw(st.permutations(ids))[:2]
    base, other = columns_of(plan, pair)
    path = f"uses.{data.draw(st.sampled_from(uses))}.npv_usd_per_mw"
    found = bridge(base, other, path)
    pricing = Pricing(base.plan, other.plan, path)
    alone = pricing.value(base.plan)
    for idle in players_of(pricing)[1]:
        moved = put(base.plan, idle, pricing.differences[idle][1])
        whole = figure(moved, evaluate(moved), path).value
        assert whole == pytest.approx(alone, rel=1e-9, abs=1e-9, nan_ok=True)
    if not found.reason:
        assert math.fsum(s.amount for s in found.steps) == pytest.approx(
            found.difference, rel=1e-9, abs=1e-9 * max(abs(found.old), abs(found.new), 1.0)
        )


@given(order=st.permutations(MOVES))
@dear
def test_that_the_order_of_the_inputs_changes_no_step(order: list[tuple[str, object]]) -> None:
    plan = sample("briefing")
    straight = amounts(bridge(*two(plan, MOVES), "uses.a1.npv_usd_per_mw"))
    turned = amounts(bridge(*two(plan, tuple(order)), "uses.a1.npv_usd_per_mw"))
    assert turned == pytest.approx(straight, rel=1e-9)


def test_that_the_way_back_is_the_way_there_with_other_signs() -> None:
    base, other = two(sample("briefing"), MOVES)
    there, back = (amounts(bridge(a, b, "uses.a1.npv_usd_per_mw")) for a, b in ((base, other), (other, base)))
    assert {p: -v for p, v in back.items()} == pytest.approx(there, rel=1e-9)


def test_that_what_the_figure_does_not_read_makes_nothing_and_is_named() -> None:
    moves = (*MOVES[:1], ("ai_offers.o1.rent_usd_per_it_kw_month", 170.0), ("sites.s1.name", "Else"))
    found = bridge(*two(sample("briefing"), moves), "uses.a1.npv_usd_per_mw")
    assert [s.path for s in found.steps] == ["market.btc_price_usd"]
    assert any(words.startswith("Rent, ") for words in found.without_effect)


def test_that_more_inputs_are_bridged_by_drawn_orders_that_still_add_up() -> None:
    plan = large_plan(3, 12, 3, 60)
    lot = plan.asic_lots[0]
    contract = next(c for c in plan.power_contracts if c.site_id == lot.site_id)
    moves = (
        ("market.btc_price_usd", 95_000.0),
        ("market.difficulty", 150e12),
        ("market.fees_btc_per_block", 0.1),
        ("market.btc_price_growth_fraction_per_year", 0.12),
        ("market.difficulty_growth_fraction_per_year", 0.2),
        ("assumptions.mining_discount_rate_fraction", 0.18),
        (f"sites.{lot.site_id}.mining_pue", 1.11),
        (f"asic_lots.{lot.id}.uptime_fraction", 0.8),
        (f"asic_lots.{lot.id}.pool_fee_fraction", 0.03),
        (f"asic_lots.{lot.id}.power_w", lot.power_w * 1.1),
        (f"asic_lots.{lot.id}.hashrate_th_per_s", lot.hashrate_th_per_s * 1.05),
        (f"asic_lots.{lot.id}.opex_usd_per_mw_year", 80_000.0),
        (f"power_contracts.{contract.id}.adders_usd_per_mwh", 11.0),
        (f"power_contracts.{contract.id}.energy_price_growth_fraction_per_year", 0.05),
    )
    drawn = bridge(*two(plan, moves), f"uses.{lot.id}.npv_usd_per_mw")
    assert not drawn.is_exact
    assert math.fsum(s.amount for s in drawn.steps) == pytest.approx(drawn.difference, rel=1e-9)
    assert drawn == bridge(*two(plan, moves), f"uses.{lot.id}.npv_usd_per_mw")
    # Against every combination, which costs too much for the window: as near as the errors say.
    base, other = two(plan, moves)
    pricing = Pricing(base.plan, other.plan, f"uses.{lot.id}.npv_usd_per_mw")
    exact = dict(zip(players_of(pricing)[0], shapley(pricing.all_combinations(players_of(pricing)[0])), strict=True))
    for step in drawn.steps:
        assert abs(step.amount - exact[step.path]) <= 5 * step.standard_error + 1e-6 * abs(drawn.difference)
    assert max(s.standard_error for s in drawn.steps) < 0.02 * abs(drawn.difference)


def test_that_twelve_inputs_are_exact_and_agree_with_single_plans() -> None:
    plan = sample("briefing")
    moves = (
        *MOVES,
        ("market.fees_btc_per_block", 0.2),
        ("market.btc_price_growth_fraction_per_year", 0.1),
        ("market.difficulty_growth_fraction_per_year", 0.15),
        ("asic_lots.a1.pool_fee_fraction", 0.02),
        ("sites.s1.mining_pue", 1.09),
        ("asic_lots.a1.opex_usd_per_mw_year", 61_000.0),
        ("power_contracts.p1.adders_usd_per_mwh", 4.0),
    )
    base, other = two(plan, moves)
    pricing = Pricing(base.plan, other.plan, "uses.a1.npv_usd_per_mw")
    players = players_of(pricing)[0]
    assert len(players) == 12
    assert pricing.whole_plans(players) == ()
    values = pricing.all_combinations(players)
    draw = np.random.default_rng(7)
    for bits in draw.integers(0, 2, (25, 12)):
        moved = plan
        for path, bit in zip(players, bits, strict=True):
            moved = put(moved, path, dict(moves)[path]) if bit else moved
        assert values[tuple(bits)] == pytest.approx(evaluate(moved).by_id["a1"].npv_usd_per_mw, rel=1e-10)


def test_that_a_figure_that_cannot_be_computed_has_a_reason_and_no_steps() -> None:
    found = bridge(
        *two(sample("briefing"), (("power_contracts.p1.energy_price_usd_per_mwh", None),)), "uses.a1.npv_usd_per_mw"
    )
    assert found.steps == ()
    assert "cannot be computed in Other" in found.reason


def test_that_a_figure_the_plan_does_not_have_is_refused() -> None:
    for path in ("uses.nobody.npv_usd_per_mw", "market.hashprice_usd_per_ph_day", "uses.a1.nothing"):
        with pytest.raises(KeyError):
            bridge(*two(sample("briefing"), MOVES), path)
