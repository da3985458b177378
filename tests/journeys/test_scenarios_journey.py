"""A what-if from its name to its bridge, by keyboard: new, changed, compared, reverted, stressed, undone."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from app.inherited import path_with_focus
from tests.journeys.test_journeys import go_to
from tests.journeys.test_keyboard import press, type_words

KEY = Qt.Key
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"


def test_that_a_what_if_is_made_compared_and_taken_back_by_keyboard(window: Any, qtbot: Any) -> None:
    session = window.session
    before = session.document.plan
    with qtbot.waitActive(window):
        window.activateWindow()
    # A new scenario; what is typed from then on goes into it.
    QTest.keyClick(window, KEY.Key_N, CTRL | ALT)
    (dialog,) = [d for d in window.findChildren(QInputDialog) if d.isVisible()]
    with qtbot.waitActive(dialog):
        dialog.activateWindow()
    press(KEY.Key_A, CTRL)
    type_words("Dear power")
    press(KEY.Key_Return)
    with qtbot.waitActive(window):
        window.activateWindow()
    made = session.document.plan.scenarios[-1]
    assert (made.name, session.scenario_id) == ("Dear power", made.id)
    session.select(ENERGY)
    editor = window.focusWidget()
    assert path_with_focus(editor) == ENERGY
    QTest.keyClicks(editor, "65")
    press(KEY.Key_Return)
    assert dict(session.document.plan.scenarios[-1].overrides) == {ENERGY: 65.0}
    assert session.document.plan.power_contracts == before.power_contracts
    assert editor.property("own") is True
    # Side by side with the base: dearer power is worse for machines and moves no lease.
    page = go_to(window, qtbot, "scenarios")
    page.flush()
    row = next(r for r in page.matrix.matrix.rows if r.path == "uses.a1.npv_usd_per_mw")
    column = [c.id for c in page.matrix.matrix.columns].index(made.id)
    assert row.is_better(column, 0) is False
    lease = next(r for r in page.matrix.matrix.rows if r.path == "uses.o1.npv_usd_per_mw")
    assert not lease.differs(column, 0)
    assert page.changes.tree.lines == [("Energy price", "$50.00/MWh", "$65.00/MWh")]
    # A stress on top of it, from the palette.
    QTest.keyClick(window, KEY.Key_S, CTRL | ALT)
    QTest.keyClicks(QApplication.focusWidget(), "difficulty")
    press(KEY.Key_Return)
    stressed = session.document.plan.scenarios[-1]
    assert (stressed.name, stressed.parent_id) == ("Difficulty +30 %", made.id)
    page.flush()
    # The bridge from the base says how much each of the two makes.
    page.tabs.setCurrentIndex(3)
    page.flush()
    found = page.bridge.found
    assert found.new_name == "Difficulty +30 %"
    assert {s.path for s in found.steps} == {ENERGY, "market.difficulty"}
    assert sum(s.amount for s in found.steps) == pytest.approx(found.difference)
    assert all(s.amount < 0 for s in found.steps)
    # Back in the field the key takes the value from the parent again.
    session.show_scenario(made.id)
    session.select(ENERGY)
    press(KEY.Key_R, CTRL)
    assert session.document.plan.scenarios[-2].overrides == ()
    assert session.plan.power_contracts == before.power_contracts
    # Every step is undone by name, and nothing is left of it.
    names = []
    while session.document.undo_stack.canUndo():
        names.append(session.document.undo_stack.undoText())
        press(KEY.Key_Z, CTRL)
    assert [n.split(",")[0] for n in names] == [
        "Revert Energy price", "Add Difficulty +30 %", "Change Energy price", "Add Dear power",
    ]  # fmt: skip
    assert session.document.plan == before
    page.flush()
