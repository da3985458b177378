"""No figure of a memo without its explanation, and none that is not reckoned anew from what it shows."""

from __future__ import annotations

import dataclasses
import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given

from models.drivers import with_value
from models.evaluate import evaluate
from models.explain import Node
from models.fields import replace
from models.memo.content import memo_content
from models.memo.explained import explained
from models.plan import Plan, Tripwire, Uncertainty
from models.recommendation import decide
from models.results import Results
from models.samples import sample
from models.scenarios import plan_for, scenario_by_name
from models.sensitivity.tripwires import nearest_tripwires, with_tripwires
from tests.models.test_explain import AS_OF, SAMPLES, check_node
from tests.strategies import dear, plans


def check_memo(plan: Plan, results: Results) -> int:
    """Every printed figure has an explanation of the same value, whose numbers follow from each other."""
    missing = []
    figures = memo_content(plan, results, as_of=AS_OF).figures
    for address, printed in figures.items():
        try:
            root = explained(plan, results, address, AS_OF).root
        except KeyError as error:
            missing.append(f"{address}: {error}")
            continue
        # A bridge prints costs as what they take away, under the results' own address.
        np.testing.assert_allclose(abs(root.value), abs(printed.value), rtol=1e-9, atol=1e-9, err_msg=address)
        assert root.label, address
        if math.isfinite(root.value):
            assert root.formula or root.is_input or root.note, f"{address} does not say how it follows"
        else:
            assert root.reason or root.is_input, f"{address} is not known, and nothing says why"
        for node in root.walk():
            check_node(node, address)
    assert missing == []
    return len(figures)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_figure_of_a_samples_memo_is_explained_and_reckoned_anew(name: str) -> None:
    plan = sample(name)
    assert check_memo(plan, evaluate(plan)) > 250


@dear
@given(plan=plans(usual=True))
def test_that_the_memos_of_random_plans_are_explained(plan: Plan) -> None:
    check_memo(plan, evaluate(plan))


def root_of(plan: Plan, address: str) -> Node:
    return explained(plan, evaluate(plan), address, AS_OF).root


def test_that_what_is_asked_is_that_of_plain_arithmetic() -> None:
    """58 MW of a hall at $10,000,000 per IT MW and 1.45 utility MW per IT MW: 40 IT MW, $400M."""
    plan = sample("briefing")
    root = root_of(plan, "asked.s1.o1.spend_usd")
    assert root.value == pytest.approx(400e6, rel=1e-12)
    assert [round(child.value, 6) for child in root.children] == [58.0, round(10e6 / 1.45, 6)]
    outlay = root_of(plan, "returns.o1.peak_outlay_usd_per_mw")
    assert outlay.value == pytest.approx(10e6 / 1.45, rel=1e-12), "all is spent before the first rent"
    assert "capex_usd_per_it_mw" in " ".join(node.path for node in root.inputs())


def test_that_ages_are_days_between_two_days_that_are_shown() -> None:
    plan = sample("briefing")
    root = root_of(plan, "market.difficulty.age_days")
    assert root.value == (date(2026, 11, 28) - date(2026, 3, 21)).days == 252
    assert [child.text for child in root.children][:2] == ["2026-11-28", "2026-03-21"]
    assert root.in_figures(lambda value, digits, unit: str(value)) == "2026-11-28 − 2026-03-21"
    assert root.children[2].source == "Blockto"
    undated = root_of(plan, "assumptions.overhead_usd_per_mw_year.age_days")
    assert math.isnan(undated.value)
    assert undated.reason == "No day is named for its source."


def test_that_a_flip_shows_two_uses_of_the_same_worth_and_the_rival_takes_the_lead_beyond() -> None:
    plan = sample("briefing")
    at = "recommendation.s1.flips.ai_offers.o2.price_usd_per_gpu_hour"
    root = root_of(plan, f"{at}.value")
    best, rival = root.children
    assert best.value == pytest.approx(rival.value, abs=0.01)
    put_in = next(n for n in root.inputs() if n.path == "ai_offers.o2.price_usd_per_gpu_hour")
    assert put_in.source == "the value that solves it, put in here"
    for price, winner in ((root.value * 0.999, "o1"), (root.value * 1.001, "o2")):
        moved = with_value(plan, "ai_offers.o2.price_usd_per_gpu_hour", price)
        (decision,) = decide(moved, evaluate(moved))
        assert decision.best is not None
        assert decision.best.id == winner
    assert root_of(plan, f"{at}.distance").value == pytest.approx(root.value / 2.9 - 1.0, rel=1e-9)


def test_that_an_end_of_the_tornado_is_what_a_plan_with_that_value_gives() -> None:
    plan = sample("briefing")
    at = "recommendation.s1.tornado.ai_offers.o1.rent_usd_per_it_kw_month"
    assert root_of(plan, f"{at}.p10").value == 105.0
    root = root_of(plan, f"{at}.at_p10")
    there = evaluate(with_value(plan, "ai_offers.o1.rent_usd_per_it_kw_month", 105.0))
    # At that rent own GPUs are best: what was the best lags behind them.
    lag = there.by_id["o1"].npv_usd_per_mw - there.by_id["o2"].npv_usd_per_mw
    assert root.value == pytest.approx(lag, rel=1e-9)
    assert lag < 0


def test_that_a_range_says_whose_it_is_and_how_it_was_scaled() -> None:
    plan = sample("briefing")
    planners = root_of(plan, "ai_offers.o1.rent_usd_per_it_kw_month.p90")
    assert (planners.value, planners.source) == (155.0, "planner range 2025–2026: first-year rents disclosed")
    high = with_value(plan, "ai_offers.o1.rent_usd_per_it_kw_month", 256.0)
    scaled = root_of(high, "ai_offers.o1.rent_usd_per_it_kw_month.p10")
    assert scaled.value == pytest.approx(2.0 * 105.0)
    assert [child.value for child in scaled.children] == [256.0, 105.0, 128.0]
    own = Uncertainty("u1", "ai_offers.o1.rent_usd_per_it_kw_month", 118.0, 141.0, source="broker, November")
    entered = root_of(dataclasses.replace(plan, uncertainties=(own,)), "ai_offers.o1.rent_usd_per_it_kw_month.p10")
    assert (entered.value, entered.source, entered.is_input) == (118.0, "broker, November", True)


def test_that_deviations_count_the_way_to_the_flip_by_the_inputs_own_range() -> None:
    """(P90 − P10) ÷ 2.563 of the mining rate, 15 % to 25 %, is 3.90 points; from 18 % to its flip at 10.66 %: 1.88."""
    root = root_of(
        sample("three-sites"), "recommendation.s3.flips.assumptions.mining_discount_rate_fraction.deviations"
    )
    flip, now, deviation = (child.value for child in root.children)
    assert deviation == pytest.approx(0.10 / 2.5631031310892, rel=1e-9)
    assert root.value == pytest.approx(abs(flip - now) / deviation, rel=1e-12)
    assert (round(now, 4), round(root.value, 2)) == (0.18, 1.88)


def test_that_break_evens_with_more_costs_add_them_per_running_mwh() -> None:
    """Opex of $40,000 a year over 8,760 h × 95 % is $4.81 per MWh less that power may cost."""
    plan = sample("briefing")
    power = root_of(plan, "uses.a1.break_evens.power.energy_price_usd_per_mwh")
    site = root_of(plan, "uses.a1.break_evens.site.energy_price_usd_per_mwh")
    assert power.value - site.value == pytest.approx(40_000.0 / (8_760.0 * 0.95), rel=1e-12)
    assert site.label == "Break-even power price, Antminer S21, power and site opex"
    with pytest.raises(KeyError):
        root_of(plan, "uses.a1.break_evens.nothing.btc_price_usd")
    with pytest.raises(KeyError):
        root_of(plan, "uses.o1.break_evens.site.btc_price_usd")


def test_that_a_crossover_against_today_is_a_share_of_todays_price() -> None:
    root = root_of(sample("briefing"), "crossovers.a1.o1.revenue.btc_price_change_fraction")
    assert root.value == pytest.approx(root.children[0].value / 70_168.57 - 1.0, rel=1e-9)


def test_that_waiting_is_the_same_offer_later_and_what_is_mined_until_then() -> None:
    plan = sample("briefing")
    root = root_of(plan, "alternatives.s1.wait_6.npv_usd_per_mw")
    later, *mined = root.children
    month = next(n for n in later.inputs() if n.path == "ai_offers.o1.first_rent_month")
    assert month.source == "6 months later than in the plan"
    assert root.value == pytest.approx(later.value + math.fsum(node.value for node in mined), rel=1e-12)
    assert all("Mined until then" in node.label for node in mined)
    assert mined


def test_that_held_and_proposed_tripwires_are_explained() -> None:
    plan = sample("one-site")
    proposed = nearest_tripwires(plan, AS_OF.isoformat())
    for wire in proposed:
        root = root_of(plan, f"proposed.{wire.path}.{wire.side}.level")
        assert root.value == wire.level
        assert root.recomputed() == pytest.approx(wire.level, rel=1e-9)
    held = with_tripwires(plan, proposed)
    assert root_of(held, f"tripwires.{proposed[0].id}.level").value == proposed[0].level
    assert isinstance(held.tripwires[0], Tripwire)


def test_that_the_share_of_a_counterparty_counts_all_that_is_placed_with_it() -> None:
    plan = sample("three-sites")
    named = replace(plan, "ai_offers", tuple(dataclasses.replace(o, counterparty="Tenant") for o in plan.ai_offers))
    placed = [p for d in decide(plan, evaluate(plan)) for p in d.placements if p.option.kind in ("lease", "gpu_cloud")]
    assert len(placed) > 1
    alone = root_of(plan, f"terms.{placed[0].option.id}.share_fraction")
    assert alone.value == pytest.approx(placed[0].mw / math.fsum(p.mw for p in placed))
    assert root_of(named, f"terms.{placed[0].option.id}.share_fraction").value == pytest.approx(1.0)


def test_that_a_scenario_is_explained_with_its_values() -> None:
    base = sample("briefing")
    plan = plan_for(base, scenario_by_name(base, "bull"))
    results = evaluate(plan)
    root = explained(plan, results, "recommendation.s1.flips.market.btc_price_usd.now", AS_OF, base=base).root
    assert root.value == 120_000.0
    assert root.children[0].note.startswith("Changed by the scenario on show; the base case has 70,168.6 USD/BTC.")

    # There mining is best itself, and overtakes nothing.
    with pytest.raises(KeyError):
        explained(plan, results, "recommendation.s1.against_mining.market.btc_price_usd.now", AS_OF)


@pytest.mark.parametrize(
    "address",
    [
        "recommendation.nothing",
        "recommendation.s1.placements.a1.mw",
        "recommendation.s9.lead_usd_per_mw",
        "recommendation.s1.flips.market.nothing.value",
        "recommendation.s1.options.zz.mw",
        "asked.nothing",
        "returns.o1.nothing",
        "bridge.a1.nothing",
        "terms.zz.placed_mw",
        "alternatives.s1.wait_7.mw",
        "alternatives.wait_7.gain_usd",
        "proposed.market.nothing.level",
        "market.nothing.p10",
        "nothing.age_days",
    ],
)
def test_that_an_address_of_nothing_is_refused(address: str) -> None:
    with pytest.raises(KeyError):
        root_of(sample("briefing"), address)
