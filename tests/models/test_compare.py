"""Scenarios side by side: the figures are those of whole evaluations, however they were come by."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.compare.columns import columns_of
from models.compare.matrix import Row, compare, differing_inputs, market_notes, usual_paths
from models.evaluate import evaluate
from models.figures import USE_KINDS, figure, figure_paths
from models.plan import Plan, Scenario
from models.recommendation import decide
from models.samples import sample
from models.scenarios import plan_for
from tests.large_plan import large_plan
from tests.strategies import dear, plans

BULL = Scenario("c8", "Bull", (("market.btc_price_usd", 120_000.0),))
DEARER = Scenario("c9", "Dearer power", (("power_contracts.p1.adders_usd_per_mwh", 9.0),), "c8")
PLAN = replace(sample("three-sites"), scenarios=(BULL, DEARER))


def ids_of(plan: Plan) -> list[str]:
    return ["base", *(s.id for s in plan.scenarios)]


def one_of_each(plan: Plan) -> Plan:
    """The plan with a scenario for every kind of record that can differ alone, and some that differ together."""
    lot, offer, contract = plan.asic_lots[0], plan.ai_offers[0], plan.power_contracts[0]
    moves: tuple[tuple[str, Any], ...] = (
        (f"asic_lots.{lot.id}.count", lot.count // 2),
        (f"asic_lots.{lot.id}.hashrate_th_per_s", lot.hashrate_th_per_s * 0.7),
        (f"ai_offers.{offer.id}.term_months", offer.term_months - 7),
        (f"power_contracts.{contract.id}.adders_usd_per_mwh", 17.0),
        (f"sites.{plan.sites[-1].id}.mining_pue", 1.11),
        ("market.btc_price_usd", 91_000.0),
        ("assumptions.lease_discount_rate_fraction", 0.14),
    )
    alone = [Scenario(f"x{n}", f"Alone {n}", (move,)) for n, move in enumerate(moves)]
    together = [
        Scenario("y0", "Lot and market", (moves[0], moves[5])),
        Scenario("y1", "Offer and market", (moves[2], moves[5]), "x1"),
        Scenario("y2", "Nothing differs", ()),
    ]
    return replace(plan, scenarios=(*alone, *together))


@pytest.mark.parametrize(
    "plan",
    [PLAN, *(one_of_each(p) for p in (PLAN, sample("flexible"), large_plan(4, 9, 6, 60)))],
    ids=["sample", "three sites", "shared contracts", "large"],
)
def test_that_every_cell_is_the_figure_of_that_scenario_evaluated_alone(plan: Plan) -> None:
    columns = columns_of(plan, ids_of(plan))
    paths = tuple(p for p in figure_paths(plan, evaluate(plan)) if "crossovers" not in p)
    matrix = compare(columns, paths)
    assert [row.path for row in matrix.rows] == list(paths)
    for number, scenario in enumerate([None, *plan.scenarios]):
        shown = plan_for(plan, scenario)
        results = evaluate(shown)
        for row in matrix.rows:
            assert row.values[number] == pytest.approx(figure(shown, results, row.path).value, rel=1e-12, nan_ok=True)


@given(plan=plans(usual=True))
@dear
def test_that_sites_which_are_shared_are_priced_as_if_they_were_not(plan: Plan) -> None:
    columns = columns_of(plan, ids_of(plan))
    for column in columns:
        whole = evaluate(column.plan)
        for use in whole.uses:
            for name in USE_KINDS:
                if name not in ("irr_fraction",) and "payback" not in name:
                    found = column.value(f"uses.{use.id}.{name}")
                    assert found == pytest.approx(getattr(use, name), rel=1e-9, nan_ok=True)


def test_that_a_scenario_without_figures_of_its_own_takes_those_of_the_first_with_their_reasons() -> None:
    without = replace(PLAN.power_contracts[0], energy_price_usd_per_mwh=None)
    plan = replace(PLAN, power_contracts=(without, *PLAN.power_contracts[1:]))
    _, bull = columns_of(replace(plan, scenarios=(BULL,)), ("base", "c8"))
    alone = decide(bull.plan, evaluate(bull.plan))
    assert any(d.unranked for d in alone)
    for decision in alone:
        assert bull.decisions[decision.site.id].unranked == decision.unranked
        assert bull.best_use(decision.site.id) == (decision.best.name if decision.best else "")


def test_that_a_delta_is_taken_against_the_chosen_baseline() -> None:
    matrix = compare(columns_of(PLAN, ids_of(PLAN)), ("uses.a1.npv_usd_per_mw",), "c8")
    (row,) = matrix.rows
    assert matrix.baseline == 1
    assert row.delta(0, 1) == row.values[0] - row.values[1]
    assert row.delta(1, 1) == 0.0
    assert row.is_better(0, 1) is False
    assert row.is_better(1, 1) is None


def test_that_a_lower_cost_is_better_and_a_use_has_a_name() -> None:
    matrix = compare(columns_of(PLAN, ("base", "c9")), ("uses.a1.power_cost_usd_per_mw_year", "sites.s1.best_use"))
    cost, best = matrix.rows
    assert cost.values[1] > cost.values[0]
    assert cost.is_better(1, 0) is False
    assert best.texts[0]
    assert best.kind is None


def test_that_a_missing_figure_is_missing_and_no_zero() -> None:
    row = Row("x", "X", None, values=(1.0, math.nan))
    assert math.isnan(row.delta(1, 0))
    matrix = compare(columns_of(PLAN, ("base",)), ("uses.nobody.npv_usd_per_mw", "sites.nowhere.gain_usd"))
    assert matrix.rows == ()


def test_that_the_usual_rows_are_best_uses_gains_npvs_margins_and_break_evens() -> None:
    paths = usual_paths(columns_of(sample("briefing"), ("base",))[0])
    assert paths[:2] == ("sites.s1.best_use", "sites.s1.gain_usd")
    assert "uses.a1.break_even_hashprice_usd_per_ph_day" in paths
    assert "uses.o1.break_even_hashprice_usd_per_ph_day" not in paths


def test_that_rows_say_what_they_are_and_whose() -> None:
    columns = columns_of(PLAN, ids_of(PLAN))
    results = evaluate(PLAN)
    for row in compare(columns, [p for p in usual_paths(columns[0]) if "best_use" not in p]).rows:
        assert row.label == figure(PLAN, results, row.path).label


def test_that_scenarios_on_another_market_are_named_with_the_baseline() -> None:
    columns = columns_of(PLAN, ids_of(PLAN))
    notes = market_notes(columns)
    assert [str(n).split(" and ")[0] for n in notes] == ["Bull", "Dearer power"]
    assert "Base case" in notes[0]
    assert "BTC at $120,000 against" in notes[0]
    # The child rests on its parent's market.
    assert market_notes(columns_of(PLAN, ("c8", "c9"))) == ()


def test_that_other_market_data_are_another_market() -> None:
    newer = Scenario("c8", "July", (("market.as_of", "2026-07-01"), ("market.block_height", 956_000)))
    plan = replace(sample("briefing"), scenarios=(newer,))
    (note,) = market_notes(columns_of(plan, ("base", "c8")))
    assert "market data of 2026-07-01 against 2026-03-21" in note
    assert "block 956,000 against 941,472" in note


def test_that_many_notes_become_a_count() -> None:
    many = tuple(Scenario(f"c{n}", f"N{n}", (("market.btc_price_usd", 1e5 + n),)) for n in range(20, 30))
    notes = market_notes(columns_of(replace(PLAN, scenarios=many), ["base", *(s.id for s in many)]))
    assert len(notes) == 4
    assert "7 more" in notes[-1]


def test_that_differing_inputs_are_listed_in_the_plans_order_with_every_value() -> None:
    rows = differing_inputs(columns_of(PLAN, ids_of(PLAN)))
    assert [r.path for r in rows] == ["market.btc_price_usd", "power_contracts.p1.adders_usd_per_mwh"]
    price = PLAN.market.btc_price_usd
    assert rows[0].values == (price, 120_000.0, 120_000.0)
    assert rows[1].values[2] == 9.0


def test_that_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(KeyError):
        columns_of(PLAN, ("base", "nobody"))


@given(data=st.data())
@dear
def test_that_the_order_of_columns_does_not_matter(data: st.DataObject) -> None:
    order = data.draw(st.permutations(ids_of(PLAN)))
    paths = usual_paths(columns_of(PLAN, ("base",))[0])
    straight, turned = compare(columns_of(PLAN, ids_of(PLAN)), paths), compare(columns_of(PLAN, order), paths)
    for first, second in zip(straight.rows, turned.rows, strict=True):
        for name in order:
            a, b = ids_of(PLAN).index(name), order.index(name)
            if first.values:
                assert first.values[a] == pytest.approx(second.values[b], rel=1e-12, nan_ok=True)
            else:
                assert first.texts[a] == second.texts[b]
