"""Explanations cannot lie: every number in one is reckoned anew from what stands below it, by the formula on show."""

from __future__ import annotations

import dataclasses
import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given

from models.drivers import with_value
from models.evaluate import evaluate
from models.explain import Node, explain, reckoned, said
from models.fields import replace
from models.figures import figure, figure_paths
from models.plan import Evidence, Plan, Scenario
from models.results import Results
from models.samples import sample, sample_names
from models.scenarios import plan_for, scenario_by_name
from tests.strategies import dear, plans

AS_OF = date(2026, 11, 28)
SAMPLES = [name for name, _, _ in sample_names()]


def check_node(node: Node, path: str) -> None:
    """A node's value and its table's columns follow from what they say they follow from."""
    if node.formula and math.isfinite(node.value):
        again = node.recomputed()
        if node.solves:
            assert abs(again) <= node.slack, f"{path}: {node.label} is no solution: {again}"
        else:
            size = max(abs(node.value), _size(node))
            assert abs(again - node.value) <= 1e-9 * size + 1e-12, f"{path}: {node.label} {node.in_words()}"
    if node.table is None:
        return
    for number, column in enumerate(node.table.columns):
        known = np.isfinite(column.values)
        scale = float(np.abs(column.values[known]).max()) if known.any() else 0.0
        if column.formula:
            again = node.column_recomputed(number)
            np.testing.assert_allclose(again[known], column.values[known], rtol=1e-9, atol=1e-9 * scale + 1e-12)
        if column.child >= 0:
            table = node.children[column.child].table
            assert table is not None
            np.testing.assert_array_equal(table.columns[-1].values, column.values)


def _size(node: Node) -> float:
    """Of the terms that a sum is made of: what cancels in it leaves their rounding."""
    parts = [abs(child.value) for child in node.children if math.isfinite(child.value)]
    if node.table is not None and node.formula.startswith("sum"):
        values = node.table.columns[-1].values
        parts.append(float(np.abs(values[np.isfinite(values)]).sum()))
    return max(parts, default=0.0) if "−" in node.formula or node.formula.startswith("sum") else 0.0


def check_all(plan: Plan, results: Results) -> int:
    count = 0
    for path in figure_paths(plan, results):
        root = explain(plan, results, path, AS_OF).root
        try:
            found = figure(plan, results, path)
        except KeyError:  # of a site that has neither machines nor offers there is no decision
            assert root.reason == "The site has neither machines nor offers."
            continue
        np.testing.assert_array_equal(root.value, found.value, err_msg=path)
        assert root.path == path
        assert (root.unit, root.digits) == (found.kind.unit, found.kind.digits)
        assert math.isfinite(root.value) or root.reason, f"{path} is not known, and nothing says why"
        assert not math.isfinite(root.value) or root.formula, f"{path} has no formula"
        for node in root.walk():
            check_node(node, path)
            count += 1
    return count


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_figure_of_a_sample_is_reckoned_anew_from_its_explanation(name: str) -> None:
    plan = sample(name)
    assert check_all(plan, evaluate(plan)) > 1000


@dear
@given(plan=plans(usual=True))
def test_that_the_explanations_of_random_plans_are_reckoned_anew(plan: Plan) -> None:
    check_all(plan, evaluate(plan))


@pytest.mark.parametrize("path", ["asic_lots.a1", "asic_lots", "market", "market.nothing", "sites.zz.capacity_mw", ""])
def test_that_what_is_no_input_and_no_figure_is_refused(path: str) -> None:
    plan = sample("briefing")
    with pytest.raises(KeyError):
        explain(plan, evaluate(plan), path, AS_OF)


def test_that_an_explanation_goes_down_to_inputs_with_source_day_and_age() -> None:
    plan = sample("briefing")
    found = explain(plan, evaluate(plan), "uses.a1.margin_usd_per_mw_year", AS_OF).root
    inputs = {node.path: node for node in found.inputs()}
    assert {
        "market.btc_price_usd",
        "market.difficulty",
        "market.fees_btc_per_block",
        "sites.s1.mining_pue",
        "power_contracts.p1.energy_price_usd_per_mwh",
        "asic_lots.a1.hashrate_th_per_s",
        "asic_lots.a1.power_w",
        "asic_lots.a1.uptime_fraction",
        "asic_lots.a1.pool_fee_fraction",
        "asic_lots.a1.opex_usd_per_mw_year",
    } <= set(inputs)
    price = inputs["power_contracts.p1.energy_price_usd_per_mwh"]
    assert (price.source, price.date, price.age_days) == ("illustrative, made for this sample", "2026-03-21", 252.0)
    assert price.state == "old"
    assert price.note.startswith("$50/MWh all-in is illustrative")


def test_that_the_margin_of_the_briefings_megawatt_is_that_of_plain_arithmetic() -> None:
    """Economics 1.6: 17.5 J/TH, PUE 1.05, uptime 95 %, pool 0.5 %: $625,254 revenue and $209,154 margin at $33.30."""
    plan = sample("briefing")
    for path, value in (
        ("sites.s1.mining_pue", 1.05),
        ("market.fees_btc_per_block", 0.0),
        ("market.btc_price_usd", 70_870.25),
        ("asic_lots.a1.opex_usd_per_mw_year", 0.0),
    ):
        plan = with_value(plan, path, value)
    root = explain(plan, evaluate(plan), "uses.a1.margin_usd_per_mw_year", AS_OF).root
    revenue, power, _ = root.children
    assert revenue.value == pytest.approx(625_253.94, rel=1e-6)
    assert root.recomputed() == pytest.approx(209_153.94, rel=1e-6)
    assert power.value == pytest.approx(0.95 * 8_760 * 50, rel=1e-12)


def test_that_every_input_can_be_explained_and_says_whether_a_source_is_named() -> None:
    plan = sample("briefing")
    results = evaluate(plan)
    mine = explain(plan, results, "power_contracts.p1.energy_price_usd_per_mwh", AS_OF).root
    assert (mine.value, mine.unit, mine.is_input) == (50.0, "USD/MWh", True)
    default = explain(plan, results, "sites.s1.mining_pue", AS_OF).root
    assert default.source.startswith("default: assumption; air")
    bare = explain(with_value(plan, "sites.s1.mining_pue", 1.07), results, "sites.s1.mining_pue", AS_OF).root
    assert (bare.source, bare.state) == ("", "no_source")


@pytest.mark.parametrize("name", ["briefing", "flexible", "three-sites"])
def test_that_what_pages_show_beside_the_figures_is_reckoned_anew_too(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    paths = ["derived.subsidy", "derived.halving", "derived.security"]
    for site in plan.sites:
        paths += [f"derived.{what}.{site.id}" for what in ("mining_mw", "ai_mw", "energy_price")]
    for lot in plan.asic_lots:
        paths += [f"derived.efficiency.{lot.id}", f"derived.strike.{lot.id}.5"]
        paths += [f"derived.bill.{lot.id}.5.{n}" for n in ("headline", "hours", "contract", "demand", "gross", "net")]
        paths += [f"derived.hours.{lot.id}.5.{n}" for n in ("running", "out", "stopped", "all")]
        paths += [f"derived.ledger.{lot.id}.{n}" for n in ("hours", "peaks", "demand_response", "total")]
    paths += [f"derived.average_rent.{o.id}" for o in plan.ai_offers]
    paths += [f"pairs.{a.id}.{o.id}.npv_usd_per_mw" for a in plan.asic_lots for o in plan.ai_offers]
    for path in paths:
        root = explain(plan, results, path, AS_OF).root
        assert math.isfinite(root.value) or root.reason, path
        for node in root.walk():
            check_node(node, path)


def test_that_an_input_which_a_scenario_changes_says_what_it_is_in_the_base_case() -> None:
    base = sample("briefing")
    plan = plan_for(base, scenario_by_name(base, "bull"))
    found = explain(plan, evaluate(plan), "market.btc_price_usd", AS_OF, base=base).root
    assert found.value == 120_000.0
    assert found.note.startswith("Changed by the scenario on show; the base case has 70,168.6 USD/BTC.")


def test_that_a_value_that_a_scenario_sets_borrows_no_evidence() -> None:
    base = sample("briefing")
    plan = plan_for(base, scenario_by_name(base, "bull"))
    results = evaluate(plan, scenario_name="bull")
    name = scenario_by_name(base, "bull").name
    root = explain(plan, results, "market.btc_price_usd", AS_OF, base=base).root
    assert (root.source, root.date, root.state) == (f"set in scenario {name}", "", "undated")
    assert math.isnan(root.age_days)
    kept = explain(plan, results, "power_contracts.p1.energy_price_usd_per_mwh", AS_OF, base=base).root
    assert (kept.source, kept.date) == ("illustrative, made for this sample", "2026-03-21")
    # Also where the figure is priced anew at another value, which stands beside the scenario's own.
    crossing = explain(plan, results, "crossovers.a1.o1.npv.rent_usd_per_it_kw_month", AS_OF, base=base).root
    inputs = {node.path: node.source for node in crossing.inputs()}
    assert inputs["market.btc_price_usd"] == f"set in scenario {name}"
    assert inputs["ai_offers.o1.rent_usd_per_it_kw_month"] == "the value that solves it, put in here"


def test_that_a_scenario_names_where_its_own_market_was_read() -> None:
    base = sample("briefing")
    own = (("market.btc_price_usd", 90_000.0), ("market.source", "Kraken"), ("market.as_of", "2026-11-20"))
    base = dataclasses.replace(base, scenarios=(Scenario("c1", "Today", own),))
    plan = plan_for(base, base.scenarios[0])
    root = explain(plan, evaluate(plan, scenario_name="c1"), "market.btc_price_usd", AS_OF, base=base).root
    assert (root.source, root.date, root.age_days) == ("set in scenario Today: Kraken", "2026-11-20", 8.0)


def test_that_a_formula_which_does_not_fit_is_noticed() -> None:
    plan = sample("briefing")
    root = explain(plan, evaluate(plan), "uses.a1.margin_usd_per_mw_year", AS_OF).root
    with pytest.raises(AssertionError):
        check_node(dataclasses.replace(root, formula="{0} − {1} + {2}"), "tampered")
    with pytest.raises(AssertionError):
        check_node(dataclasses.replace(root, value=root.value * (1 + 1e-7)), "tampered")


def test_that_a_crossover_shows_both_sides_at_its_value() -> None:
    plan = sample("briefing")
    root = explain(plan, evaluate(plan), "crossovers.a1.o1.npv.btc_price_usd", AS_OF).root
    mined, offered, resale = root.children
    assert mined.value - offered.value - resale.value == pytest.approx(0.0, abs=0.01)
    there = evaluate(with_value(plan, "market.btc_price_usd", root.value))
    assert there.by_id["a1"].npv_usd_per_mw == pytest.approx(mined.value, rel=1e-12)


def test_that_a_figure_without_a_value_says_why() -> None:
    plan = sample("briefing")
    results = evaluate(plan)
    reasons = {
        path: explain(plan, results, path, AS_OF).root.reason
        for path in ("uses.a1.irr_fraction", "uses.o1.break_even_btc_price_usd", "uses.a1.payback_months")
    }
    assert all(reasons.values())
    short = dataclasses.replace(plan, plan=dataclasses.replace(plan.plan, horizon_months=6))
    root = explain(short, evaluate(short), "uses.a1.margin_usd_per_mw_year", AS_OF).root
    assert math.isnan(root.value)
    assert root.reason == "The plan ends before the first 12 operating months are over."


def test_that_the_sentence_names_formula_inputs_sources_and_days() -> None:
    plan = sample("briefing")
    words = explain(plan, evaluate(plan), "uses.a1.break_even_power_usd_per_mwh", AS_OF).sentence()
    assert words.startswith("Break-even power price, Antminer S21 is $76.59/MWh")
    assert "1000 × hashprice × (1 − pool fee) ÷ (24 × efficiency × mining PUE)" in words
    assert "Difficulty 133.79 T" in words
    assert "2026-03-21" in words
    german = words.worded(lambda amount: amount.written(lambda v, d: f"{v:.{d}f}".replace(".", ",")))
    assert "133,79 T" in german


def test_that_a_changed_source_reaches_the_explanation() -> None:
    plan = sample("briefing")
    line = Evidence("e9", "market.difficulty", "Difficulty", "mempool.space", "https://mempool.space", "2026-11-20")
    plan = replace(plan, "evidence", (*plan.evidence, line))
    root = explain(plan, evaluate(plan), "market.network_hashrate_eh_per_s", AS_OF).root
    assert (root.children[0].source, root.children[0].age_days) == ("Blockto; mempool.space", 8.0)


@pytest.mark.parametrize("path", ["uses.zz.npv_usd_per_mw", "market.nothing", "crossovers.a1.o1.npv.nothing", "x"])
def test_that_a_path_to_nothing_is_refused(path: str) -> None:
    plan = sample("briefing")
    with pytest.raises(KeyError):
        explain(plan, evaluate(plan), path, AS_OF)


def test_that_formulas_know_no_more_than_they_need() -> None:
    assert reckoned("({0} + 2) × 3^2 ÷ {1} − 1", {"0": 1.0, "1": 27.0}) == 0.0
    assert said("sum({t0}) ÷ {0}", {"t0": "cash", "0": "months"}) == "Σ(cash) ÷ months"
    for wicked in ("__import__({0})", "{0}.real", "[{0}]", "'a'", "{0} if {0} else {0}"):
        with pytest.raises(KeyError):
            reckoned(wicked, {"0": 1.0})
