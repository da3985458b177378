"""A value still being typed when the plan is saved, compared, undone: it is in the plan, or its field says why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.forms.editors import ValueLine
from models.storage.plan_file import open_plan

PRICE = "market.btc_price_usd"
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def saved(window: Any, tmp_path: Path) -> Path:
    """The briefing, saved in a file of its own."""
    path = tmp_path / "briefing.busbar"
    window.session.document.save_as(path)
    return path


def typed(window: Any, line: Any, text: str) -> Any:
    """The line with all of its text replaced, the keyboard still in it."""
    line.setFocus()
    QTest.keyClick(line, Qt.Key.Key_A, CTRL)
    QTest.keyClicks(line, text)
    assert window.focusWidget() is line
    return line


def save(window: Any) -> None:
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_S, CTRL)


def on_disk(path: Path) -> Any:
    return open_plan(path)


def price_line(window: Any) -> ValueLine:
    window.session.select(PRICE)
    line = window.focusWidget()
    assert isinstance(line, ValueLine)
    return line


def cell_editor(window: Any, qtbot: Any, table: Any, row: int, column: int) -> Any:
    table.setFocus()
    table.go(table.model().index(row, column))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    return window.focusWidget()


def test_that_ctrl_s_saves_what_is_being_typed_in_a_form(window: Any, saved: Path) -> None:
    line = typed(window, price_line(window), "81234")
    save(window)
    assert on_disk(saved).market.btc_price_usd == 81_234
    assert not window.session.document.is_dirty
    assert window.focusWidget() is line  # one goes on typing where one was


def test_that_ctrl_s_saves_what_is_being_typed_in_a_cell(window: Any, qtbot: Any, saved: Path) -> None:
    window.show_page("fleet")
    table = window.page.lots.table
    column = [c.key for c in table.records.columns].index("count")
    editor = cell_editor(window, qtbot, table, 0, column)
    typed(window, editor, "4321")
    save(window)
    assert on_disk(saved).asic_lots[0].count == 4_321


def test_that_ctrl_s_saves_what_is_being_typed_in_a_line_of_a_list(window: Any, qtbot: Any, saved: Path) -> None:
    window.show_page("sensitivity")
    window.page.show_tab("ranges")
    table = window.page.tables["ranges"]
    assert not on_disk(saved).uncertainties
    typed(window, cell_editor(window, qtbot, table, 0, 4), "Our own survey")
    save(window)
    (own,) = on_disk(saved).uncertainties
    assert own.source == "Our own survey"


def test_that_a_text_that_cannot_be_read_stays_in_its_field_and_the_rest_is_saved(window: Any, saved: Path) -> None:
    line = price_line(window)
    before = window.session.plan.market.btc_price_usd
    typed(window, line, "81,2xx")
    save(window)
    assert on_disk(saved).market.btc_price_usd == before
    assert line.text() == "81,2xx"
    assert line.entry is not None
    assert line.entry.problem


def test_that_undo_drops_what_is_half_typed_and_takes_back_the_edit_before(window: Any, saved: Path) -> None:
    line = price_line(window)
    before = window.session.plan.market.btc_price_usd
    window.session.set_value(PRICE, 90_000.0)
    typed(window, line, "12345")
    window.undo()
    assert window.session.plan.market.btc_price_usd == before


def test_that_a_search_is_no_value(window: Any, saved: Path) -> None:
    window.show_palette()
    search = window.palette_panel.findChild(QLineEdit)
    typed(window, search, "hash")
    before = window.session.document.plan
    window.session.typing_ends.emit()
    assert window.session.document.plan is before
    assert search.text() == "hash"
    assert window.focusWidget() is search


def test_that_undo_drops_what_is_half_typed_in_a_line_of_a_list_as_well(window: Any, qtbot: Any, saved: Path) -> None:
    before = window.session.plan.market.btc_price_usd
    window.session.set_value(PRICE, 90_000.0)
    window.show_page("sensitivity")
    window.page.show_tab("ranges")
    typed(window, cell_editor(window, qtbot, window.page.tables["ranges"], 0, 4), "Our own survey")
    window.undo()
    assert window.session.plan.market.btc_price_usd == before
    assert not window.session.plan.uncertainties
