"""A value over time: one number, a growth, or a monthly table, and one undo step for whichever it is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication, QLineEdit

from app.forms.schedule_editor import GROWTH, NUMBER, TABLE, ScheduleEditor
from models.fields import Schedule, field_at, read, replace

PRICE = "market.btc_price_usd"
GROWTH_PATH = "market.btc_price_growth_fraction_per_year"


@pytest.fixture
def dialog(session, show):
    def make():
        found = ScheduleEditor(session, PRICE, field_at(session.plan, PRICE), GROWTH_PATH)
        return show(found, 460, 560)

    return make


def select(grid, top, bottom):
    start, end = grid.model().index(top, 1), grid.model().index(bottom, 1)
    grid.setCurrentIndex(start)
    grid.selectionModel().select(QItemSelection(start, end), QItemSelectionModel.SelectionFlag.ClearAndSelect)


def test_that_a_plain_value_opens_as_one_number(dialog):
    opened = dialog()
    assert opened.modes.checkedId() == NUMBER
    assert opened.number.isVisible()
    assert not opened.grid.isVisible()


def test_that_accepting_without_a_change_makes_no_step(dialog, session):
    dialog().accept()
    assert session.document.undo_stack.count() == 0


def test_that_a_number_and_its_growth_are_one_step(dialog, session, qtbot):
    opened = dialog()
    opened.modes.button(GROWTH).click()
    for editor, text in ((opened.grown_number, "80k"), (opened.growth_edit, "15")):
        editor.setFocus()
        editor.selectAll()
        qtbot.keyClicks(editor, text)
    opened.accept()
    assert read(session.plan, PRICE) == 80_000.0
    assert read(session.plan, GROWTH_PATH) == 0.15
    assert session.document.undo_stack.count() == 1
    session.document.undo()
    assert read(session.plan, GROWTH_PATH) == 0.0


def test_that_a_growing_value_opens_as_growth_and_a_table_as_a_table(dialog, session):
    session.edit("x", replace(session.plan, GROWTH_PATH, 0.1))
    assert dialog().modes.checkedId() == GROWTH
    session.edit("x", replace(session.plan, PRICE, Schedule(("2026-06", "2026-08"), (70e3, 80e3))))
    opened = dialog()
    assert opened.modes.checkedId() == TABLE
    assert [opened.months.held(row) for row in range(6)] == [70e3, 70e3, 70e3, 70e3, 80e3, 80e3]


def test_that_a_pasted_column_becomes_months(dialog, session, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    select(opened.grid, 0, 0)
    QApplication.clipboard().setText("70,000\n71k\n\n73000")
    qtbot.keyClick(opened.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    opened.accept()
    assert read(session.plan, PRICE) == Schedule(("2026-04", "2026-05", "2026-07"), (70e3, 71e3, 73e3))


def test_that_months_pasted_with_their_values_find_their_rows(dialog, session, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    select(opened.grid, 0, 0)
    QApplication.clipboard().setText("Jun 2026\t90000\n07/2026\t91000")
    qtbot.keyClick(opened.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert opened.months.values[2:4] == [90e3, 91e3]


def test_that_an_unreadable_column_changes_nothing_and_says_why(dialog, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    select(opened.grid, 0, 0)
    before = list(opened.months.values)
    QApplication.clipboard().setText("70000\nplenty")
    qtbot.keyClick(opened.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert opened.months.values == before
    assert opened.problem.isVisible()
    assert "plenty" in opened.problem.text()


def test_that_a_straight_line_fills_between_two_months(dialog, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    opened.months.set_values(0, [60e3])
    opened.months.set_values(4, [80e3])
    select(opened.grid, 0, 4)
    opened.fill_between()
    assert opened.months.values[:5] == [60e3, 65e3, 70e3, 75e3, 80e3]


def test_that_filling_without_two_ends_says_what_to_select(dialog):
    opened = dialog()
    opened.modes.button(TABLE).click()
    select(opened.grid, 1, 1)
    opened.fill_between()
    assert "Select" in opened.problem.text()


def test_that_growth_fills_every_month(dialog):
    opened = dialog()
    opened.growth_edit.set_value(0.21)
    opened.fill_with_growth()
    price = opened.grown_number.value
    assert opened.months.values[12] == pytest.approx(price * 1.21)
    assert None not in opened.months.values


def test_that_a_typed_month_is_read_and_a_bad_one_refused(dialog, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    select(opened.grid, 1, 1)
    opened.grid.setFocus()
    qtbot.keyClicks(opened.grid, "7")
    editor = opened.grid.findChild(QLineEdit)
    qtbot.keyClicks(editor, "5k")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert opened.months.values[1] == 75e3
    assert not opened.months.setData(opened.months.index(2, 1), "much")
    assert opened.months.values[2] is None


def test_that_an_empty_table_is_not_accepted(dialog, session):
    opened = dialog()
    opened.modes.button(TABLE).click()
    opened.months.set_values(0, [None])
    opened.accept()
    assert "empty" in opened.problem.text()
    assert session.document.undo_stack.count() == 0


def test_that_a_month_out_of_bounds_is_refused_in_the_unit_and_notation_on_screen(open_session, show):
    session = open_session(locale="de_DE")
    price = "power_contracts.p1.energy_price_usd_per_mwh"
    opened = show(ScheduleEditor(session, price, field_at(session.plan, price), None), 460, 560)
    assert not opened.months.setData(opened.months.index(0, 1), "6000,5")
    assert opened.problem.text() == "Energy price must lie between −$500/MWh and $5.000/MWh, not $6.000,5/MWh."
    assert not opened.months.setData(opened.months.index(0, 1), "1.234")
    assert opened.problem.text() == "“1.234” can mean $1.234/MWh or $1,234/MWh."


def test_that_enter_on_the_last_month_stays_there(dialog, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    last = opened.months.rowCount() - 1
    select(opened.grid, last, last)
    opened.grid.setFocus()
    qtbot.keyClicks(opened.grid, "5")
    editor = next(e for e in opened.grid.viewport().findChildren(QLineEdit) if e.isVisible())
    qtbot.keyClicks(editor, "0000")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened.months.values[last] == 50_000.0)
    assert opened.grid.currentIndex() == opened.months.index(last, 1)


def test_that_rows_outside_the_plan_survive_and_hold_as_the_plan_has_them(dialog, session):
    # The plan runs from 2026-04 for years; 2025-01 lies before it and 2060-01 behind it.
    table = Schedule(("2025-01", "2026-06", "2060-01"), (60e3, 80e3, 90e3))
    session.edit("x", replace(session.plan, PRICE, table))
    opened = dialog()
    assert [opened.months.held(row) for row in range(3)] == [60e3, 60e3, 80e3]
    opened.accept()
    assert read(session.plan, PRICE) == table
    assert session.document.undo_stack.count() == 1
    opened = dialog()
    assert opened.months.setData(opened.months.index(1, 1), "70000")
    opened.accept()
    kept = ("2025-01", "2026-05", "2026-06", "2060-01")
    assert read(session.plan, PRICE) == Schedule(kept, (60e3, 70e3, 80e3, 90e3))


def test_that_a_table_whose_months_on_show_were_all_emptied_is_empty_whatever_lies_outside(dialog, session):
    table = Schedule(("2025-01", "2026-06", "2060-01"), (60e3, 80e3, 90e3))
    session.edit("x", replace(session.plan, PRICE, table))
    opened = dialog()
    opened.months.set_values(0, [None] * len(opened.months.months))
    opened.accept()
    assert "The table is empty" in opened.problem.text()
    assert read(session.plan, PRICE) == table


def test_that_a_table_as_one_number_begins_with_the_first_month_of_the_plan(dialog, session):
    session.edit("x", replace(session.plan, PRICE, Schedule(("2025-01", "2026-01", "2026-06"), (50e3, 60e3, 80e3))))
    opened = dialog()
    assert opened.number.value == opened.grown_number.value == 60e3


def test_that_a_monthly_table_is_refused_where_one_number_belongs(dialog, session, qtbot):
    opened = dialog()
    opened.modes.button(TABLE).click()
    copied = "2026-04: 70000; 2026-05: 71000"
    assert not opened.months.setData(opened.months.index(0, 1), copied)
    assert opened.problem.text() == "BTC price takes one number, not a monthly table."
    before = list(opened.months.values)
    select(opened.grid, 0, 0)
    QApplication.clipboard().setText(copied)
    qtbot.keyClick(opened.grid, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert opened.months.values == before
    assert opened.problem.text() == "BTC price takes one number, not a monthly table. Nothing was pasted."
    opened.modes.button(GROWTH).click()
    opened.grown_number.selectAll()
    qtbot.keyClicks(opened.grown_number, copied)
    assert not opened.grown_number.commit()
    opened.accept()
    assert session.document.undo_stack.count() == 0
