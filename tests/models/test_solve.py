"""Solving for an input: what it answers reproduces the target when it is entered, and it says so where nothing does."""

from __future__ import annotations

import math
from functools import cache

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from models.drivers import BTC_PRICE, HASHPRICE, bounds, drivers, problem_at, with_value
from models.evaluate import evaluate
from models.fields import Quantity, Schedule, field_at, replace
from models.figures import figure, figure_paths
from models.plan import Plan
from models.recommendation import decide
from models.samples import sample
from models.solve import Solution, figure_amount, solve
from tests import plain_model
from tests.large_plan import large_plan
from tests.strategies import plans


def figure_with(plan: Plan, found: Solution) -> float:
    """The figure of the whole plan once the answer is entered."""
    value = found.value
    changed = replace(plan, found.path, value) if isinstance(value, str) else with_value(plan, found.path, value)
    return figure(changed, evaluate(changed), found.figure.path).value


@cache
def briefing() -> Plan:
    return sample("briefing")


CASES = [
    (HASHPRICE, "uses.a1.margin_usd_per_mw_year", 300_000.0),
    ("market.btc_price_usd", "uses.a1.npv_usd_per_mw", 1e6),
    ("market.difficulty", "uses.a1.revenue_usd_per_mw_year", 500_000.0),
    ("power_contracts.p1.energy_price_usd_per_mwh", "uses.a1.npv_usd_per_mw", 500_000.0),
    ("power_contracts.p1.energy_price_usd_per_mwh", "uses.a1.effective_power_net_usd_per_mwh", 61.5),
    ("asic_lots.a1.uptime_fraction", "uses.a1.power_cost_usd_per_mw_year", 300_000.0),
    ("ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.irr_fraction", 0.15),
    ("ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw", 0.0),
    ("ai_offers.o1.capex_usd_per_it_mw", "uses.o1.capex_usd_per_mw", 5e6),
    ("ai_offers.o1.rent_usd_per_it_kw_month", "sites.s1.gain_usd", 1e8),
    ("ai_offers.o1.rent_usd_per_it_kw_month", "sites.s1.lead_usd_per_mw", 0.0),
    ("ai_offers.o1.rent_usd_per_it_kw_month", "crossovers.a1.o1.npv.btc_price_usd", 90_000.0),
    ("ai_offers.o2.price_usd_per_gpu_hour", "uses.o2.npv_usd_per_mw", 2e6),
    ("assumptions.lease_discount_rate_fraction", "uses.o1.npv_usd_per_mw", 0.0),
    ("market.btc_price_usd", "market.hashprice_usd_per_ph_day", 45.0),
    ("asic_lots.a1.pool_fee_fraction", "uses.a1.break_even_btc_price_usd", 50_000.0),
]


ENERGY, RENT = "power_contracts.p1.energy_price_usd_per_mwh", "ai_offers.o1.rent_usd_per_it_kw_month"


@example(path=ENERGY, hundredths=[5991, 3111], difficulty=133_790_000_000_000)
@example(path=RENT, hundredths=[29578, 28709, 14012], difficulty=133_790_000_000_000)
@given(
    path=st.sampled_from([ENERGY, RENT, BTC_PRICE, "market.difficulty"]),
    hundredths=st.lists(st.integers(1, 10_000_000), min_size=1, max_size=6),
    difficulty=st.integers(10**9, 10**17),
)
def test_that_both_ends_between_which_a_number_moves_can_be_entered(
    path: str, hundredths: list[int], difficulty: int
) -> None:
    unit = 1e12 if path == "market.difficulty" else 1.0
    spec = field_at(briefing(), path).spec
    assert isinstance(spec, Quantity)
    months = tuple(f"2026-{4 + n:02d}" for n in range(len(hundredths)))
    table = Schedule(months, tuple(min(n / 100 * unit, spec.high) for n in hundredths))
    plan = replace(replace(briefing(), "market.difficulty", float(difficulty)), path, table)
    for moved in (path, HASHPRICE):
        low, high = bounds(plan, moved)
        assert low < high
        for end, further in ((low, -math.inf), (high, math.inf)):
            assert problem_at(with_value(plan, moved, end), moved) is None
            # And nothing that could be entered is kept out.
            beyond = end + math.copysign(1e-9 * max(abs(end), 1e-6), further)
            assert problem_at(with_value(plan, moved, beyond), moved) is not None


@pytest.mark.parametrize(("path", "figure_path", "target"), CASES)
def test_that_the_answer_gives_the_target_when_it_is_entered(path: str, figure_path: str, target: float) -> None:
    found = solve(briefing(), path, figure_path, target)
    assert found.is_reached, [f.message for f in found.findings]
    assert figure_with(briefing(), found) == pytest.approx(target, rel=1e-9, abs=1e-3)
    assert found.findings == ()


def test_that_a_price_is_that_of_a_plain_calculation() -> None:
    """Revenue is a straight line in the BTC price, so the needed price is today's times target ∕ revenue."""
    plan = briefing()
    revenue = plain_model.figures(plan)["a1"]["revenue_usd_per_mw_year"]
    found = solve(plan, "market.btc_price_usd", "uses.a1.revenue_usd_per_mw_year", 800_000.0)
    assert found.value == pytest.approx(plan.market.btc_price_usd * 800_000.0 / revenue, rel=1e-12)


def test_that_entering_the_answer_in_the_plain_model_gives_the_target_too() -> None:
    plan = large_plan(2, 4, 4, 120)
    found = solve(plan, "ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw", 1_234_567.0)
    assert isinstance(found.value, float)
    entered = with_value(plan, found.path, found.value)
    assert plain_model.figures(entered)["o1"]["npv_usd_per_mw"] == pytest.approx(1_234_567.0, rel=1e-9)


@given(plan=plans(usual=True), data=st.data())
def test_that_every_answer_reproduces_its_target(plan: Plan, data: st.DataObject) -> None:
    """The target is the figure of the same plan with the input elsewhere: there is an answer, perhaps another one."""
    results = evaluate(plan)
    path = data.draw(st.sampled_from([d.path for d in drivers(plan)]))
    figures = [p for p in figure_paths(plan, results) if p.split(".")[-1] in QUICK]
    assume(figures)
    figure_path = data.draw(st.sampled_from(figures))
    low, high = next((d.low, d.high) for d in drivers(plan) if d.path == path)
    value = low + (high - low) * data.draw(st.floats(min_value=0.0, max_value=1.0))
    moved = with_value(plan, path, float(value))
    target = figure(moved, evaluate(moved), figure_path).value
    assume(math.isfinite(target))
    found = solve(plan, path, figure_path, target)
    if found.is_reached:
        reached = figure_with(plan, found)
        assert found.reached == pytest.approx(reached, rel=1e-9, abs=1e-6)
        if not found.findings:
            assert reached == pytest.approx(target, rel=1e-7, abs=1e-3)
    else:
        # Only a figure that jumps, or touches its target between two points, may escape.
        assert {f.code for f in found.findings} <= {"solve.jumps", "solve.unreachable", "solve.no_effect"}
        assert found.reachable_low <= found.reachable_high


QUICK = ("npv_usd_per_mw", "margin_usd_per_mw_year", "revenue_usd_per_mw_year", "capex_usd_per_mw")


def test_that_no_monthly_table_is_answered_that_no_plan_can_hold() -> None:
    """150 in its dearest month may grow to 5,000, 33⅓ times as much: 2 in its first month to 66⅔, and no further."""
    path = "power_contracts.p1.energy_price_usd_per_mwh"
    plan = replace(briefing(), path, Schedule(("2026-04", "2026-08"), (2.0, 150.0)))
    figure_path = "uses.o2.power_cost_usd_per_mw_year"
    moved = with_value(plan, path, 90.0)
    found = solve(plan, path, figure_path, figure(moved, evaluate(moved), figure_path).value)
    assert not found.is_reached
    assert found.high == pytest.approx(66.0 + 2.0 / 3.0)
    assert problem_at(with_value(plan, path, found.high), path) is None
    assert problem_at(with_value(plan, path, found.low), path) is None


def test_that_an_unreachable_target_says_what_can_be_reached() -> None:
    found = solve(briefing(), "asic_lots.a1.uptime_fraction", "uses.a1.revenue_usd_per_mw_year", 9e6)
    assert found.value is None
    (finding,) = found.findings
    assert finding.code == "solve.unreachable"
    # Uptime goes from nothing to all of the year: revenue from zero to revenue ∕ uptime.
    whole = plain_model.figures(briefing())["a1"]["revenue_usd_per_mw_year"] / 0.95
    assert found.reachable_low == pytest.approx(0.0, abs=1e-6)
    assert found.reachable_high == pytest.approx(whole, rel=1e-9)
    assert f"${whole:,.0f}" in finding.message
    assert found.to_json()["value"] is None


def test_that_an_input_of_another_use_has_no_effect() -> None:
    found = solve(briefing(), "ai_offers.o1.rent_usd_per_it_kw_month", "uses.a1.npv_usd_per_mw", 0.0)
    assert found.value is None
    assert [f.code for f in found.findings] == ["solve.no_effect"]
    assert found.findings[0].message.endswith(" whatever Rent, Powered-shell lease is; choose another input.")


def test_that_nothing_cannot_be_what_it_reads_like() -> None:
    """A target that is today's figure as it is shown: what does not move it is said, not that it cannot be itself."""
    now = evaluate(briefing()).by_id["a1"].npv_usd_per_mw
    found = solve(briefing(), "ai_offers.o1.rent_usd_per_it_kw_month", "uses.a1.npv_usd_per_mw", float(round(now)))
    (finding,) = found.findings
    assert now != round(now)
    assert "cannot be" not in finding.message
    assert finding.message.endswith(" whatever Rent, Powered-shell lease is; choose another input.")


def test_that_an_input_without_effect_is_not_said_to_miss_what_the_figure_is() -> None:
    """The dialog asks first for the figure as it is: that it "cannot be" that would be wrong."""
    now = figure(briefing(), evaluate(briefing()), "uses.o1.npv_usd_per_mw").value
    found = solve(briefing(), "ai_offers.o2.critical_it_mw", "uses.o1.npv_usd_per_mw", round(now))
    (finding,) = found.findings
    assert finding.code == "solve.no_effect"
    assert finding.message.endswith("choose another input.")
    assert "cannot be" not in finding.message


def test_that_a_jump_over_the_target_is_named_with_both_sides() -> None:
    """Below some price every month stands still: revenue falls from what pays the energy to nothing."""
    found = solve(briefing(), "market.btc_price_usd", "uses.a1.revenue_usd_per_mw_year", 100.0)
    assert found.value is None
    assert [f.code for f in found.findings] == ["solve.jumps"]


def test_that_whole_numbers_are_answered_with_the_first_at_or_beyond_the_target() -> None:
    found = solve(briefing(), "ai_offers.o2.term_months", "uses.o2.npv_usd_per_mw", 1e6)
    assert isinstance(found.value, int)
    below = with_value(briefing(), found.path, float(found.value - 1))
    before = figure(below, evaluate(below), "uses.o2.npv_usd_per_mw").value
    assert before < 1e6 <= figure_with(briefing(), found)
    assert [f.code for f in found.findings] == ["solve.whole"]


def test_that_a_month_can_be_solved_for() -> None:
    plan = briefing()
    later = replace(plan, "ai_offers.o1.first_rent_month", "2028-02")
    target = evaluate(later).by_id["o1"].npv_usd_per_mw
    found = solve(plan, "ai_offers.o1.first_rent_month", "uses.o1.npv_usd_per_mw", target)
    assert found.value == "2028-02"
    assert found.findings == ()


def test_that_of_two_roots_the_nearer_one_is_taken() -> None:
    """A site's lead shrinks to nothing and grows again: it is 100,000 on both sides of the flip."""
    plan = briefing()
    flip = solve(plan, "ai_offers.o2.price_usd_per_gpu_hour", "sites.s1.lead_usd_per_mw", 0.0)
    near = solve(plan, "ai_offers.o2.price_usd_per_gpu_hour", "sites.s1.lead_usd_per_mw", 100_000.0)
    assert isinstance(flip.value, float)
    assert isinstance(near.value, float)
    lead = decide(plan, evaluate(plan))[0].lead_usd_per_mw
    assert lead > 100_000.0
    assert 2.9 < near.value < flip.value


def test_that_a_monthly_table_is_moved_in_proportion() -> None:
    table = Schedule(("2026-04", "2027-04"), (40.0, 60.0))
    plan = replace(briefing(), "power_contracts.p1.energy_price_usd_per_mwh", table)
    found = solve(plan, "power_contracts.p1.energy_price_usd_per_mwh", "uses.a1.npv_usd_per_mw", 400_000.0)
    assert figure_with(plan, found) == pytest.approx(400_000.0, rel=1e-9)


def test_that_the_present_figure_is_answered_with_the_present_value() -> None:
    now = evaluate(briefing()).by_id["o1"].npv_usd_per_mw
    found = solve(briefing(), "ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw", now)
    assert found.value == 128.0
    assert found.change_fraction == 0.0


@pytest.mark.parametrize(
    ("path", "figure_path"),
    [
        ("market.nothing", "uses.a1.npv_usd_per_mw"),
        ("market.source", "uses.a1.npv_usd_per_mw"),
        (HASHPRICE, "uses.x.y"),
    ],
)
def test_that_a_path_that_is_none_is_refused(path: str, figure_path: str) -> None:
    with pytest.raises(KeyError):
        solve(briefing(), path, figure_path, 0.0)


def test_that_a_target_must_be_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        solve(briefing(), HASHPRICE, "uses.a1.npv_usd_per_mw", math.nan)


@pytest.mark.parametrize("figure_path", figure_paths(sample("briefing"), evaluate(sample("briefing"))))
def test_that_every_figure_can_be_solved_for(figure_path: str) -> None:
    """An answer or a sentence, whatever the figure."""
    plan = briefing()
    now = figure(plan, evaluate(plan), figure_path).value
    found = solve(plan, "power_contracts.p1.energy_price_usd_per_mwh", figure_path, 1.01 * now if now == now else 1.0)
    assert found.is_reached or found.findings


@pytest.mark.parametrize("residue", [0.0, 3e-11, -3e-11, 4e-3, -4e-3])
def test_that_what_rounding_leaves_of_nothing_reads_as_nothing(residue: float) -> None:
    """How much is left differs from processor to processor; what is read must not."""
    plan = briefing()
    results = evaluate(plan)
    npv = figure(plan, results, "uses.o1.npv_usd_per_mw")
    assert str(figure_amount(npv, residue)) == "$0/MW"
    assert str(figure_amount(npv, -0.02)) == "-$0.02/MW"
    share = next(
        f for p in figure_paths(plan, results) if (f := figure(plan, results, p)).kind.unit.startswith("fraction")
    )
    assert str(figure_amount(share, residue / 100.0)) == "0.0%"
