"""The tornado as a drawing, on screen, on paper and as a table."""

from __future__ import annotations

import pytest

from app.charts.svg import chart_svg
from models.charts.sensitivity import tornado_chart
from models.charts.table import chart_sheet
from models.plan import Plan
from models.samples import sample
from models.sensitivity.tornado import Tornado, tornado
from tests.large_plan import large_plan

FIGURE = "uses.o1.npv_usd_per_mw"


@pytest.fixture
def plan() -> Plan:
    return sample("briefing")


def test_that_each_bar_reaches_from_the_figure_to_what_it_is_at_p10_and_p90(plan: Plan) -> None:
    found = tornado(plan, FIGURE)
    spec = tornado_chart(found)
    assert len(spec.fills) == 2 * len(found.bars)
    for number, bar in enumerate(found.bars):
        low, high = spec.fills[2 * number : 2 * number + 2]
        assert {float(low.x[0]), float(low.x[1])} == {found.figure.value, bar.at_p10}
        assert {float(high.x[0]), float(high.x[1])} == {found.figure.value, bar.at_p90}
        assert low.y.mean() == pytest.approx(high.y.mean())
    assert spec.y.names == tuple(bar.range.label.removesuffix(", Powered-shell lease") for bar in reversed(found.bars))


def test_that_the_ends_say_which_value_of_the_input_makes_them(plan: Plan) -> None:
    spec = tornado_chart(tornado(plan, FIGURE))
    texts = {m.id: m.text for m in spec.marks}
    assert texts["ai_offers.o1.rent_usd_per_it_kw_month:P10"] == "P10 $105"
    assert texts["ai_offers.o1.rent_usd_per_it_kw_month:P90"] == "P90 $155"
    details = {m.id: m.detail for m in spec.marks}
    said = details["ai_offers.o1.rent_usd_per_it_kw_month:P10"]
    assert said.startswith("Rent, Powered-shell lease at its P10, $105.00/IT kW-month: NPV −$")


def test_that_low_and_high_are_told_apart_without_colour(plan: Plan) -> None:
    p10, p90 = tornado_chart(tornado(plan, FIGURE)).series
    assert (p10.style, p90.style) == ("solid", "dash")


def test_that_texts_stand_outside_of_the_bars(plan: Plan) -> None:
    spec = tornado_chart(tornado(plan, FIGURE))
    for low, high in zip(spec.marks[::2], spec.marks[1::2], strict=True):
        left, right = sorted((low, high), key=lambda m: (m.x, m.id))
        assert (left.side, right.side) == ("left", "right")


def test_that_only_the_widest_are_drawn_and_the_rest_is_counted() -> None:
    found = tornado(large_plan(1, 6, 6, 60), "sites.s1.lead_usd_per_mw")
    assert len(found.bars) > 4
    spec = tornado_chart(found, most=4)
    assert len(spec.y.names) == 4
    assert f"{len(found.bars) - 4} narrower not drawn" in spec.subtitle


def test_that_a_figure_that_nothing_moves_says_why(plan: Plan) -> None:
    found = tornado(plan, FIGURE)
    spec = tornado_chart(Tornado(found.figure, (), found.unmoved, ()))
    assert spec.reason.startswith("No input with a range moves NPV, Powered-shell lease.")


def test_that_it_is_drawn_on_paper_and_copied_as_a_table(plan: Plan) -> None:
    spec = tornado_chart(tornado(plan, FIGURE))
    svg = chart_svg(spec, 480.0, 260.0)
    assert "Hall capex" in svg
    assert "P90 $155" in svg
    found = chart_sheet(spec)
    assert [c.heading for c in found.columns] == ["Input", "Point", "NPV [USD/MW]"]
    assert len(found.rows) == len(spec.marks)
    rent = next(r for r in found.rows if r[:2] == ("Rent", "P10 $105"))
    mark = next(m for m in spec.marks if m.id == "ai_offers.o1.rent_usd_per_it_kw_month:P10")
    assert rent[2] == mark.x
