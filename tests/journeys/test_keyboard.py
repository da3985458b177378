"""A memo without a mouse: every step by keys alone, sent to whatever has the focus; and nothing without a name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QFileDialog,
    QMainWindow,
    QMenu,
    QScrollArea,
    QSlider,
    QTabWidget,
    QWidget,
)

from app.shell.commands import COMMANDS, PAGES
from app.tables.grid_view import GridView
from models.defaults import empty_plan
from models.samples import sample
from models.storage.plan_file import open_plan
from tests.large_plan import large_plan

KEY = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MOST_TABS = 80


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key, where a person's would go."""
    QTest.keyClick(target(), key, modifiers)
    QApplication.processEvents()


def press_command(command_id: str) -> None:
    """The keys of a command, whatever they are in this version."""
    keys = next(c for c in COMMANDS if c.id == command_id).shortcuts[0]
    combination = QKeySequence(keys)[0]
    press(combination.key(), combination.keyboardModifiers())


def type_words(text: str) -> None:
    for character in text:  # one by one: the first opens an editor, the others go to it
        QTest.keyClicks(target(), character)


def target() -> QWidget:
    found = QApplication.focusWidget() or QApplication.activeWindow()
    assert found is not None, "no window is active"
    return found


def tab_to(is_there: Callable[[QWidget], bool], back: bool = False) -> QWidget:
    """Press Tab until something has the focus."""
    seen = []
    for _ in range(MOST_TABS):
        # Within a table Tab goes from cell to cell; Ctrl+Tab leaves it.
        within = CTRL if isinstance(target(), GridView) else Qt.KeyboardModifier.NoModifier
        press(KEY.Key_Backtab if back else KEY.Key_Tab, within | SHIFT if back else within)
        found = target()
        if is_there(found):
            return found
        seen.append(f"{type(found).__name__} {found.objectName() or found.accessibleName()}")
    pytest.fail("Tab never reached it; it went through " + ", ".join(dict.fromkeys(seen)))


def answer_file_dialog(window: QWidget, qtbot: Any, path: Path) -> None:
    """Type a file's name into the dialog that is open, and Return."""
    (dialog,) = [d for d in window.findChildren(QFileDialog) if d.isVisible()]
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    press(KEY.Key_A, CTRL)
    type_words(str(path))
    press(KEY.Key_Return)
    qtbot.waitUntil(lambda: not window.findChildren(QFileDialog) or not dialog.isVisible())
    with qtbot.waitActive(window):
        window.activateWindow()


def test_that_a_memo_is_made_by_keys_alone(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session, document = window.session, window.session.document
    with qtbot.waitActive(window):
        window.activateWindow()
    # Start: a sample.
    press(KEY.Key_1, CTRL)
    tab_to(lambda w: w.objectName() == "start.three-sites")
    press(KEY.Key_Space)
    assert document.plan == sample("three-sites")
    # Fleet: another number of machines, in the table.
    press(KEY.Key_5, CTRL)
    table = tab_to(lambda w: isinstance(w, GridView))
    press(KEY.Key_Home, CTRL)
    column = table.model().column_of("count")
    for _ in range(column):
        press(KEY.Key_Right)
    assert (table.currentIndex().row(), table.currentIndex().column()) == (0, column)
    type_words("1234")
    press(KEY.Key_Return)
    assert document.plan.asic_lots[0].count == 1234
    fleet = document.plan
    # Break-even: a lever, by its arrows.
    press(KEY.Key_7, CTRL)
    lever = tab_to(lambda w: isinstance(w, QSlider))
    assert lever.accessibleName()
    before = session.results.market.spot_hashprice_usd_per_ph_day
    for _ in range(3):
        press(KEY.Key_Right)
    assert document.plan != fleet
    assert session.results.market.spot_hashprice_usd_per_ph_day != before
    # The frontier's own point.
    tab_to(lambda w: w is window.page.views["frontier"].canvas, back=True)
    moved = document.plan
    press(KEY.Key_Right)
    assert document.plan != moved
    press(KEY.Key_Z, CTRL)
    assert document.plan == moved
    # Undo the lever, keep the machines.
    press(KEY.Key_Z, CTRL)
    assert document.plan == fleet
    # Save.
    press(KEY.Key_S, CTRL)
    answer_file_dialog(window, qtbot, tmp_path / "keys.busbar")
    assert not document.is_dirty
    assert open_plan(tmp_path / "keys.busbar") == fleet
    # Memo.
    press_command("go.memo")
    press(KEY.Key_E, CTRL)
    answer_file_dialog(window, qtbot, tmp_path / "keys.pdf")
    window.exports.writer.flush()
    assert (tmp_path / "keys.pdf").read_bytes().startswith(b"%PDF-")


def test_that_tab_goes_round_every_page_and_back(window: Any, qtbot: Any) -> None:
    """Nothing swallows Tab: from anywhere on a page what comes after it is reached, and what comes before it."""
    with qtbot.waitActive(window):
        window.activateWindow()

    def is_outside(widget: QWidget) -> bool:
        return not window.stack.isAncestorOf(widget)

    # Once all the way round; what stands around a page is the same for all of them.
    window.rail.buttons[PAGES[0][0]].setFocus()
    tab_to(window.stack.isAncestorOf)
    after = tab_to(is_outside)
    tab_to(window.rail.isAncestorOf)
    tab_to(window.stack.isAncestorOf, back=True)
    before = tab_to(is_outside, back=True)
    tab_to(window.rail.isAncestorOf, back=True)
    assert before is not after
    for name, _ in PAGES:
        window.show_page(name)
        for start, end, back in ((before, after, False), (after, before, True)):
            start.setFocus()
            assert window.stack.isAncestorOf(tab_to(lambda _: True, back)), name
            assert tab_to(is_outside, back) is end, name


def test_that_tab_leaves_a_table_past_its_last_cell_and_back_before_its_first(window: Any, qtbot: Any) -> None:
    with qtbot.waitActive(window):
        window.activateWindow()
    window.show_page("fleet")
    table = window.page.lots.table
    last = table.model().index(table.model().rowCount() - 1, table.model().columnCount() - 1)
    for index, key in ((last, KEY.Key_Tab), (table.model().index(0, 0), KEY.Key_Backtab)):
        table.setFocus()
        table.go(index)
        press(key)
        assert target() is not table


class Flashes(QObject):
    """Takes down every widget that opens as a window of its own and is no window, dialog, menu or tip."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        is_meant = isinstance(watched, QMainWindow | QDialog | QMenu) or "Tip" in watched.metaObject().className()
        if is_shown and not is_meant:
            self.seen.append(f"{type(watched).__name__} {watched.objectName()}")
        return False


def test_that_no_part_of_a_page_opens_as_a_window_and_takes_the_keyboard(
    window: Any, qapp: Any, qtbot: Any, tmp_path: Path
) -> None:
    flashes = Flashes()
    qapp.installEventFilter(flashes)
    for name, _ in PAGES:
        window.show_page(name)
        qapp.processEvents()
    window.session.document.new(large_plan())
    for name, _ in PAGES:
        window.show_page(name)
        qapp.processEvents()
    window.show_page("fleet")
    table = window.page.lots.table
    QApplication.clipboard().setText("S21 Pro\tPrairie Creek\t1.234\nS21\t\t10\n")
    table.setFocus()
    press(KEY.Key_V, CTRL)
    (tmp_path / "fleet.csv").write_text("Model,Qty\nS21 Pro,10\n", encoding="utf-8")
    window.files.import_path(tmp_path / "fleet.csv")
    qapp.removeEventFilter(flashes)
    for dialog in window.findChildren(QDialog):
        dialog.close()
    assert flashes.seen == []


def nameless(window: QWidget) -> list[str]:
    """What a hand can act on and a screen reader could not name."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or not widget.isEnabled() or widget.objectName().startswith("qt_"):
            continue
        acts = widget.focusPolicy() != Qt.FocusPolicy.NoFocus or isinstance(widget, QAbstractButton)
        holds = isinstance(widget, QScrollArea | QTabWidget | QDialog | QMenu)
        inside = isinstance(widget.parent(), QAbstractScrollArea) and not isinstance(widget, QAbstractItemView)
        if not acts or holds or inside:
            continue
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if not (widget.accessibleName() or text):
            found.append(f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}")
    return found


@pytest.mark.parametrize(
    "plan", [empty_plan, lambda: sample("three-sites"), large_plan], ids=["empty", "sample", "large"]
)
def test_that_everything_a_hand_can_act_on_has_a_name(window: Any, qapp: Any, plan: Callable[[], Any]) -> None:
    window.session.document.new(plan())
    window.findings.set_expanded(True)
    complaints = []
    for name, _ in PAGES:
        window.show_page(name)
        for _ in range(3):
            qapp.processEvents()
        complaints += [f"{name}: {line}" for line in nameless(window)]
    assert sorted(set(complaints)) == []
