"""From a figure to what it takes, and from the nearest flip to a tripwire that fires and is stored with the plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton

from app.solve_dialog import SolveDialog
from app.tables.line_table import LineTable
from models.evaluate import evaluate
from models.storage.plan_file import open_plan
from tests.journeys.test_journeys import dialog
from tests.journeys.test_keyboard import press, tab_to

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


def test_that_a_tripwire_is_set_fires_and_is_kept(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session = window.session
    with qtbot.waitActive(window):
        window.activateWindow()
    window.commands.actions["go.sensitivity"].trigger()
    page = window.page
    assert page.name == "sensitivity"
    page.flush()
    # By keyboard alone: to the button, and five tripwires are there.
    tab_to(lambda w: isinstance(w, QPushButton) and w.text() == "Set the nearest five")
    press(KEY.Key_Space)
    page.flush()
    wires = session.document.plan.tripwires
    assert len(wires) == 5
    assert page.tab == "tripwires"
    assert window.header.fired.isHidden()
    # What happened later is pasted beside them: the GPU price has stood above its level for a month.
    assert wires[0].path == "ai_offers.o2.price_usd_per_gpu_hour"
    page.tables["tripwires"].choose(wires[0].id)
    page.show_tab("observations")
    QApplication.clipboard().setText("2026-06-01\t3.05\n2026-06-12\t3.10\n2026-07-02\t3.20")
    page.tables["observations"].setFocus()
    press(KEY.Key_V, CTRL)
    page.flush()
    assert len(session.document.plan.observations) == 3
    assert window.header.fired.isVisible()
    # It is among the findings, and leads back here.
    session.recompute.flush()
    (fired,) = [f for f in session.results.findings if f.code == "tripwire.fired"]
    window.show_page("fleet")
    qtbot.mouseClick(window.header.fired, Qt.MouseButton.LeftButton)
    assert window.page is page
    assert page.tables["tripwires"].current_key == fired.path.partition(".")[2]
    assert isinstance(QApplication.focusWidget(), LineTable)
    page.flush()
    # It is stored with the plan, and gone with one undo of each step.
    file = tmp_path / "watched.busbar"
    session.document.save_as(file)
    kept = open_plan(file)
    assert kept.tripwires == session.document.plan.tripwires
    assert kept.observations == session.document.plan.observations
    session.document.undo()
    assert window.header.fired.isHidden()
    session.document.undo()
    assert session.document.plan.tripwires == ()
    page.flush()


def test_that_a_figure_is_solved_for_by_keyboard_and_undone(window: Any, qtbot: Any) -> None:
    session = window.session
    with qtbot.waitActive(window):
        window.activateWindow()
    window.show_page("sensitivity")
    window.page.flush()
    tab_to(lambda w: isinstance(w, QPushButton) and w.text().startswith("Solve for this figure"))
    press(KEY.Key_Space)
    asked = dialog(window, SolveDialog)
    qtbot.waitUntil(asked.isVisible)
    asked.flush()
    qtbot.keyClicks(asked.search, "rent")
    qtbot.keyClick(asked.search, KEY.Key_Down)
    qtbot.keyClick(asked.search, KEY.Key_Up)
    asked.choose("ai_offers.o1.rent_usd_per_it_kw_month")
    asked.target.setFocus()
    asked.target.selectAll()
    qtbot.keyClicks(asked.target, "2.000.000" if session.numbers.group == "." else "2,000,000")
    asked.flush()
    assert asked.values["needed"].text().startswith("$143.")
    qtbot.keyClick(asked.target, KEY.Key_Return)
    asked.flush()
    asked.apply_button.setFocus()
    qtbot.keyClick(asked.apply_button, KEY.Key_Space)
    assert evaluate(session.plan).by_id["o1"].npv_usd_per_mw == pytest.approx(2e6, rel=1e-9)
    assert session.document.undo_stack.undoText().startswith("Solve: Rent, Powered-shell lease for NPV")
    session.document.undo()
    assert session.plan.ai_offers[0].rent_usd_per_it_kw_month == 128.0
    window.page.flush()
