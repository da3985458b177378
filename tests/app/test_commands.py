"""The one table of commands: everything in it can be done, by menu, key and palette, and nothing is done outside it."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QLabel

from app import theme
from app.cli import PAGE_NAMES
from app.shell.commands import CATEGORIES, COMMANDS, PAGES, page_keys
from app.shell.palette import Entry, matches

BY_ID = {command.id: command for command in COMMANDS}


def test_that_ids_and_keys_are_unique_and_keys_are_real() -> None:
    assert max(Counter(c.id for c in COMMANDS).values()) == 1
    keys = Counter(QKeySequence(k).toString() for c in COMMANDS for k in c.shortcuts)
    assert max(keys.values()) == 1
    assert "" not in keys


def test_that_pages_open_with_their_numbers_and_the_command_line_knows_them() -> None:
    assert tuple(name for name, _ in PAGES) == PAGE_NAMES
    for number, (name, _) in enumerate(PAGES, start=1):
        assert BY_ID[f"go.{name}"].shortcuts == (page_keys(name, number),)


def test_that_a_command_has_a_handler_a_menu_and_an_icon_that_is_there(
    window: Any, root: Path, subtests: pytest.Subtests
) -> None:
    menus = {m.title().replace("&", ""): m for m in window.menuBar().findChildren(type(window.header.scenario_menu))}
    for command in COMMANDS:
        with subtests.test(command.id):
            assert callable(attrgetter(command.handler)(window))
            if command.enabled:
                assert isinstance(attrgetter(command.enabled)(window), bool)
            assert command.category in CATEGORIES
            if command.icon:
                assert (root / "resources" / "icons" / f"{command.icon}.svg").is_file()
            assert window.commands.actions[command.id] in menus[command.category].actions()


def test_that_only_the_table_gives_out_shortcuts_of_the_window(root: Path) -> None:
    for file in (root / "app").rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        # A dialog is not reached by the window's keys, and explains by the same one.
        text = text.replace("QShortcut(QKeySequence(EXPLAIN_KEY), dialog)", "")
        # A table may have keys of its own, for as long as it has the focus.
        if file.name != "commands.py" and "ShortcutContext.WidgetShortcut" not in text:
            assert "setShortcut(" not in text, file
            assert "setShortcuts(" not in text, file
            assert "QShortcut(" not in text, file


def test_that_the_menu_says_what_would_be_undone(window: Any, qtbot: Any) -> None:
    undo, redo = window.commands.actions["edit.undo"], window.commands.actions["edit.redo"]
    assert not undo.isEnabled()
    window.session.set_value("market.btc_price_usd", 90_000.0)
    assert undo.text() == "Undo change BTC price"
    assert undo.isEnabled()
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.plan.market.btc_price_usd != 90_000.0
    assert redo.text() == "Redo change BTC price"
    qtbot.keyClick(window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert window.session.plan.market.btc_price_usd == 90_000.0


def test_that_the_palette_finds_a_command_by_words_and_does_it(window: Any, qtbot: Any) -> None:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    panel = window.palette_panel
    assert panel.isVisible()
    qtbot.keyClicks(panel.field, "market")
    assert panel.shown[0].text == "Market"
    qtbot.keyClick(panel.field, Qt.Key.Key_Return)
    assert not panel.isVisible()
    assert window.page.name == "market"


def test_that_the_palette_finds_any_number_of_the_plan(window: Any, qtbot: Any) -> None:
    chosen: list[str] = []
    window.session.selection_requested.connect(chosen.append)
    window.show_palette()
    qtbot.keyClicks(window.palette_panel.field, "difficulty growth")
    qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Return)
    assert chosen == ["market.difficulty_growth_fraction_per_year"]


def test_that_the_palette_closes_by_escape_and_by_leaving_and_gives_the_focus_back(window: Any, qtbot: Any) -> None:
    slider = window.levers.rows[0].slider
    slider.setFocus()
    window.show_palette()
    qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Escape)
    assert not window.palette_panel.isVisible()
    assert window.focusWidget() is slider
    window.show_palette()
    slider.setFocus()
    assert not window.palette_panel.isVisible()


def test_that_what_is_typed_ranks_beginnings_before_middles_and_details_last() -> None:
    rows = [
        Entry("Unpin", "", print),
        Entry("Save", "pin", print),
        Entry("Now pin", "", print),
        Entry("Pin", "", print),
    ]
    assert [e.text for e in matches(rows, "pin")] == ["Pin", "Now pin", "Unpin", "Save"]
    assert matches(rows, "pin save") == [rows[1]]
    assert matches(rows, "nothing") == []


def test_that_the_help_sheet_lists_every_key(window: Any, qtbot: Any) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = window.findChild(QDialog, "help_sheet")
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    for command in COMMANDS:
        if command.shortcuts:
            assert command.text in texts
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


@pytest.mark.parametrize(
    ("command", "opened"),
    [
        ("file.open", "file_dialog"),
        ("file.save", "file_dialog"),
        ("file.save_as", "file_dialog"),
        ("file.export_memo", "file_dialog"),
        ("file.export_workbook", "file_dialog"),
        ("file.import", "file_dialog"),
    ],
)
def test_that_file_commands_ask_where_without_blocking(window: Any, command: str, opened: str) -> None:
    window.commands.actions[command].trigger()
    dialog = window.findChild(QFileDialog, opened)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()


def test_that_theme_and_text_size_are_applied_and_remembered(window: Any, qtbot: Any) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    for wanted in ("light", "dark", "system"):
        qtbot.keyClick(window, Qt.Key.Key_T, control | Qt.KeyboardModifier.ShiftModifier)
        assert window.session.settings.theme == wanted
    qtbot.keyClick(window, Qt.Key.Key_Plus, control)
    assert window.session.settings.text_scale == 110
    assert theme.text_scale() == pytest.approx(1.1)
    qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    qtbot.keyClick(window, Qt.Key.Key_Minus, control)
    assert window.session.settings.text_scale == 100
    for _ in range(9):
        qtbot.keyClick(window, Qt.Key.Key_Plus, control)
    assert theme.text_scale() == 2.0
    qtbot.keyClick(window, Qt.Key.Key_0, control)
    assert theme.text_scale() == 1.0


def test_that_undo_in_a_number_takes_back_the_edit_once_it_is_committed(window: Any, qtbot: Any) -> None:
    number = window.levers.rows[1].number
    before = window.session.plan
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "95000")
    qtbot.keyClick(number, Qt.Key.Key_Return)
    assert window.session.plan.market.btc_price_usd == 95_000.0
    qtbot.keyClick(number, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.plan is before
    qtbot.keyClick(number, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.session.plan.market.btc_price_usd == 95_000.0


def test_that_undo_while_typing_takes_back_what_was_typed(window: Any, qtbot: Any) -> None:
    number = window.levers.rows[1].number
    window.session.set_value("market.btc_price_usd", 80_000.0)
    number.setFocus()
    number.selectAll()
    qtbot.keyClicks(number, "9")
    qtbot.keyClick(number, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.plan.market.btc_price_usd == 80_000.0
    assert number.text() != "9"
