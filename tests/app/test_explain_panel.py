"""The explanation on screen: it follows the plan, leads to the inputs, and is copied in words and as a table."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from shiboken6 import isValid

from app.explain_panel import NODE_ROLE, ExplainPanel
from app.solve_dialog import SolveDialog
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
    window.explain(MARGIN)
    qtbot.keyClick(panel.tree, Qt.Key.Key_Escape)
    assert not panel.isVisible()


def test_that_values_are_read_whole_and_nothing_scrolls_sideways(window: Any, qtbot: Any) -> None:
    window.show_page("offers")
    window.explain("uses.o1.npv_usd_per_mw")
    panel = window.explain_panel
    tree = panel.tree
    for _ in range(3):
        for item in panel._items():
            item.setExpanded(True)
    qtbot.waitUntil(lambda: tree.verticalScrollBar().isVisible())
    qtbot.wait(20)
    items = panel._items()
    assert any("kW-month" in i.text(1) for i in items)
    assert all(tree.sizeHintForColumn(c) <= tree.columnWidth(c) for c in (1, 3, 4))
    assert tree.horizontalScrollBar().maximum() == 0


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


def test_that_rows_keep_each_its_own_state_while_their_names_change(panel: Any, window: Any) -> None:
    plan = window.session.plan
    twin = dataclasses.replace(plan.asic_lots[0], id="a9", count=7)
    window.session.edit("Add a twin", replace(plan, "asic_lots", (*plan.asic_lots, twin)))
    window.explain("derived.mining_mw.s1")

    def twins() -> dict[str, Any]:
        top = panel.tree.topLevelItem(0)
        below = [top.child(n) for n in range(top.childCount())]
        return {i.data(0, NODE_ROLE).path: i for i in below if i.text(0).startswith("Megawatts, Antminer S21")}

    assert list(twins()) == ["uses.a1.mw", "uses.a9.mw"]
    twins()["uses.a9.mw"].setExpanded(True)
    panel.tree.setCurrentItem(twins()["uses.a9.mw"].child(0))
    assert twins()["uses.a9.mw"].text(0) == "Megawatts, Antminer S21 (2)"
    # A row comes in above them and moves the numbers, so that neither places nor names tell which is which.
    first = dataclasses.replace(plan.asic_lots[0], id="a8")
    window.session.edit(
        "Add another", replace(window.session.plan, "asic_lots", (first, *window.session.plan.asic_lots))
    )
    assert twins()["uses.a1.mw"].text(0) == "Megawatts, Antminer S21 (2)"
    assert [twins()[p].isExpanded() for p in ("uses.a8.mw", "uses.a1.mw", "uses.a9.mw")] == [False, False, True]
    assert panel.tree.currentItem() is twins()["uses.a9.mw"].child(0)


@pytest.fixture
def over_dialog(window: Any) -> Any:
    """The panel over "solve for" on the margin of the first lot, on the fleet page."""
    window.show_page("start")
    dialog = SolveDialog(window.session, MARGIN, window)
    dialog.open()
    window.session.explain_requested.emit(MARGIN)
    (found,) = dialog.findChildren(ExplainPanel)
    found.tree.setCurrentItem(next(i for i in found._items() if i.text(0) == "Pool fee, Antminer S21"))
    yield dialog, found
    if isValid(dialog):
        dialog.reject()


@pytest.mark.parametrize("words", ["Stay", "Close it and go"])
def test_that_an_input_behind_a_dialog_is_only_gone_to_once_that_is_closed(
    window: Any, over_dialog: Any, qtbot: Any, words: str
) -> None:
    dialog, found = over_dialog
    dialog.target.setText("$250,000")
    found.field_button.click()
    (box,) = found.findChildren(QMessageBox)
    assert box.text() == f"Close “{dialog.windowTitle()}” and go to Pool fee, Antminer S21?"
    assert window.page.name == "start", "the page behind has not moved yet"
    next(b for b in box.buttons() if b.text() == words).click()
    if words == "Stay":
        assert dialog.isVisible()
        assert dialog.target.text() == "$250,000"
        assert window.page.name == "start"
    else:
        qtbot.waitUntil(lambda: not isValid(dialog) or not dialog.isVisible())
        assert window.page.name == "fleet"
