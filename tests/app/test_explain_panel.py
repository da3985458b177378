"""The explanation on screen: it follows the plan, leads to the inputs, and is copied in words and as a table."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from models.fields import replace

MARGIN = "uses.a1.margin_usd_per_mw_year"


@pytest.fixture
def panel(window: Any) -> Any:
    """The panel on the margin of the first lot."""
    window.show_page("break_even")
    window.explain(MARGIN)
    return window.explain_panel


def rows(panel: Any) -> dict[str, list[str]]:
    return {i.text(0): [i.text(c) for c in range(1, 5)] for i in panel._items()}


def test_that_it_shows_formula_values_and_sources(panel: Any) -> None:
    assert panel.figure.text().startswith("Margin, Antminer S21: $")
    assert panel.formula.text().startswith("revenue − power cost − opex  =  $")
    found = rows(panel)
    assert found["BTC price"][0] == "$70,169"
    assert found["BTC price"][2:] == ["2026-03-21", "3\u00a0days"]
    assert found["Energy price, Retail supply (illustrative)"][1] == "illustrative, made for this sample"


def test_that_it_follows_the_plan_and_keeps_its_rows_open(panel: Any, window: Any) -> None:
    item = next(i for i in panel._items() if i.text(0) == "Power cost")
    item.setExpanded(True)
    panel.tree.setCurrentItem(item)
    before = panel.figure.text()
    window.session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 40.0)
    assert panel.figure.text() != before
    again = next(i for i in panel._items() if i.text(0) == "Power cost")
    assert again.isExpanded()
    assert panel.tree.currentItem() is again
    window.session.document.undo()
    assert panel.figure.text() == before


def test_that_months_stand_below_the_row_they_belong_to(panel: Any) -> None:
    item = next(i for i in panel._items() if i.text(0) == "Revenue")
    panel.tree.setCurrentItem(item)
    assert panel.months.isVisible()
    assert panel.months.rowCount() == 12
    assert panel.months.horizontalHeaderItem(panel.months.columnCount() - 1).text() == "Revenue\n$/MW"
    assert panel.months.verticalHeaderItem(0).text() == "Apr 2026"
    panel.tree.setCurrentItem(next(i for i in panel._items() if i.text(0) == "Efficiency"))
    assert not panel.months.isVisible()


def test_that_enter_on_an_input_goes_to_its_field(panel: Any, window: Any, qtbot: Any) -> None:
    panel.tree.setCurrentItem(next(i for i in panel._items() if i.text(0) == "Pool fee, Antminer S21"))
    assert panel.field_button.isEnabled()
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert window.page.name == "fleet"
    qtbot.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_that_it_is_copied_as_a_sentence_and_as_a_table(panel: Any) -> None:
    panel.copy_sentence()
    words = QGuiApplication.clipboard().text()
    assert words.startswith("Margin, Antminer S21 is $")
    assert "Difficulty 133.79 T (Blockto, 2026-03-21)" in words.replace("\u00a0", " ")
    panel.copy_table()
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0].split("\t")[:3] == ["What", "Value", "How it follows, or where it is from"]
    assert any(line.strip().startswith("BTC price\t$70,169") for line in lines)


def test_that_it_closes_when_what_it_is_about_is_deleted(panel: Any, window: Any) -> None:
    plan = window.session.plan
    window.session.edit("Delete", replace(plan, "asic_lots", plan.asic_lots[1:]))
    assert not panel.isVisible()


def test_that_a_figure_that_is_not_known_says_why(panel: Any, window: Any) -> None:
    window.explain("uses.a1.irr_fraction")
    assert panel.figure.text() == "IRR, Antminer S21: —"
    assert panel.note.text() == "No new money is spent, so there is nothing that could pay back."


def test_that_in_a_scenario_an_input_says_what_the_base_case_has(panel: Any, window: Any) -> None:
    window.session.show_scenario("bull")
    window.explain("market.btc_price_usd")
    assert panel.figure.text() == "BTC price: $120,000"
    assert "the base case has" in panel.note.text()


def test_that_rows_of_a_whole_fleet_are_made_when_they_are_opened(panel: Any, window: Any) -> None:
    window.explain("recommendation.do_nothing_npv_usd")
    (site,) = [panel.tree.topLevelItem(0).child(n) for n in range(panel.tree.topLevelItem(0).childCount())]
    assert site.childCount() == 0, "made before anybody looks"
    site.setExpanded(True)
    lot = next(i for i in panel._items() if i.text(0) == "NPV, Antminer S21")
    assert lot.text(1).startswith(("$", "−$"))
    assert "present value" in lot.text(2)
    lot.setExpanded(True)
    deep = next(i for i in panel._items() if i.text(0) == "Pool fee, Antminer S21")
    deep.parent().setExpanded(True)
    panel.tree.setCurrentItem(deep)
    window.session.set_value("asic_lots.a1.pool_fee_fraction", 0.02)
    again = panel.tree.currentItem()
    assert again.text(0) == "Pool fee, Antminer S21"
    assert again.text(1) == "2.00%"
    assert again.parent().isExpanded()
