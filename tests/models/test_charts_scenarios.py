"""Scenarios as pictures: curves are the scenarios' months, bars of a bridge join up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.charts.svg import chart_svg
from models.charts.scenarios import CURVES, MOST_CURVES, MOST_STEPS, months_of, overlay, waterfall
from models.charts.table import chart_sheet
from models.compare.bridge import bridge
from models.compare.columns import columns_of
from models.evaluate import evaluate
from models.plan import Scenario
from models.samples import sample
from models.scenarios import plan_for

MOVES = (("market.btc_price_usd", 95_000.0), ("power_contracts.p1.energy_price_usd_per_mwh", 61.0))
PLAN = replace(sample("briefing"), scenarios=(Scenario("c8", "Bull & Co", MOVES[:1]), Scenario("c9", "Both", MOVES)))
COLUMNS = columns_of(PLAN, ("base", "c8", "c9"))


@pytest.mark.parametrize("curve", list(CURVES))
def test_that_every_curve_is_the_scenarios_own_months(curve: str) -> None:
    spec = overlay(COLUMNS, curve, "a1")
    assert [s.id for s in spec.series] == ["base", "c8", "c9"]
    assert [s.strong for s in spec.series] == [True, False, False]
    for series, column in zip(spec.series, COLUMNS, strict=True):
        assert series.y.tolist() == months_of(column, curve, "a1").tolist()
        assert (series.y >= spec.y.low).all()
        assert (series.y <= spec.y.high).all()
    assert spec.reason == ""
    assert "plan's end" in spec.summary


def test_that_cumulative_cash_adds_up_to_the_uses_cash() -> None:
    whole = evaluate(plan_for(PLAN, PLAN.scenarios[1]))
    cash = whole.by_id["a1"].cash
    total = (cash.revenue + cash.power + cash.opex + cash.capex + cash.residual).sum()
    assert overlay(COLUMNS, "cash", "a1").series[2].y[-1] == pytest.approx(total)


def test_that_differences_leave_the_baseline_out_and_are_taken_from_it() -> None:
    spec = overlay(COLUMNS, "margin", "a1", 1, difference=True)
    assert [s.id for s in spec.series] == ["base", "c9"]
    expected = months_of(COLUMNS[2], "margin", "a1") - months_of(COLUMNS[1], "margin", "a1")
    assert np.array_equal(spec.series[1].y, expected)
    assert "less Bull & Co" in spec.title


def test_that_a_scenario_keeps_its_colour_whichever_others_are_drawn() -> None:
    looks = {s.id: (s.colour, s.style) for s in overlay(COLUMNS, "cash", "a1").series}
    assert len(set(looks.values())) == 3
    fewer = overlay(columns_of(PLAN, ("base", "c9")), "cash", "a1").series
    assert {s.id: (s.colour, s.style) for s in fewer} == {i: looks[i] for i in ("base", "c9")}
    assert overlay(COLUMNS[:1], "cash", "a1").subtitle == "1 scenario"


def test_that_one_scenario_alone_has_no_difference_and_says_what_to_do() -> None:
    assert "second scenario" in overlay(COLUMNS[:1], "cash", "a1", difference=True).reason


def test_that_a_use_nobody_has_is_a_reason_and_no_empty_plot() -> None:
    assert overlay(COLUMNS, "cash", "nobody").reason == "None of these scenarios has such a figure."


def test_that_of_too_many_scenarios_the_baseline_is_drawn_in_any_case() -> None:
    many = tuple(Scenario(f"c{n}", f"N{n}", (("market.btc_price_usd", 7e4 + n),)) for n in range(20, 40))
    ids = ["base", *(s.id for s in many)]
    spec = overlay(columns_of(replace(PLAN, scenarios=many), ids), "cash", "a1", 18)
    assert len(spec.series) == MOST_CURVES
    assert spec.series[-1].id == ids[18]
    assert "9 more are not drawn" in spec.subtitle


def test_that_the_bars_of_a_bridge_join_up_from_one_figure_to_the_other() -> None:
    found = bridge(COLUMNS[0], COLUMNS[2], "uses.a1.npv_usd_per_mw")
    spec = waterfall(found)
    begins, ends = [f.x[0] for f in spec.fills], [f.x[1] for f in spec.fills]
    assert (begins[0], ends[0]) == (0.0, found.old)
    for before, after in zip(ends, begins[1:-1], strict=False):
        assert after == pytest.approx(before)
    assert ends[-2] == pytest.approx(found.new)
    assert (begins[-1], ends[-1]) == (0.0, found.new)
    assert len(spec.y.names) == len(spec.fills) == len(found.steps) + 2
    # Upwards is better for an NPV: green, else vermilion.
    assert [f.colour for f in spec.fills[1:-1]] == [2 if s.amount > 0 else 1 for s in found.steps]
    assert all(f.solid for f in spec.fills)


def test_that_small_steps_are_drawn_as_one() -> None:
    found = bridge(COLUMNS[0], COLUMNS[2], "uses.a1.npv_usd_per_mw")
    many = replace(found, steps=tuple(replace(found.steps[0], amount=1000.0 - n) for n in range(30)))
    spec = waterfall(many)
    assert len(spec.fills) == MOST_STEPS + 3
    assert any(name.endswith("16 smaller ones") for name in spec.y.names)


def test_that_a_bridge_without_steps_says_why() -> None:
    spec = waterfall(bridge(COLUMNS[0], COLUMNS[0], "uses.a1.npv_usd_per_mw"))
    assert "No input that differs" in spec.reason


def test_that_paper_and_spreadsheet_have_the_bars() -> None:
    spec = waterfall(bridge(COLUMNS[0], COLUMNS[2], "uses.a1.npv_usd_per_mw"))
    svg = chart_svg(spec)
    assert svg.count('fill-opacity="0.9"') == len(spec.fills)
    assert "Bull" not in svg
    found = chart_sheet(spec)
    assert [c.label for c in found.columns][:2] == ["Input", "Point"]
    assert found.columns[2].heading == "NPV [USD/MW]"
    assert len(found.rows) == 2 * len(spec.fills)
    ends = [row[2] for row in found.rows]
    assert ends[1] == ends[2]  # each step begins where the one before it ends
