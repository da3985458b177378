"""From the board's decision to its look-back: record, import what came, see the regret, save, open again, undo all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from app.decision_dialog import DecisionDialog
from app.import_dialog import ImportDialog
from models.samples import sample
from models.storage.plan_file import open_plan

BOOKS = """Actuals of Prairie Creek;;;;
Month;BTC price;Difficulty (T);Capex (k$);Note
Apr 2026;72.000;134;33.000;audited
Mai 2026;81.000;138;34.000;
Jun 2026;64.000;141;35.000;
Total;;;102.000;
"""


def test_that_a_decision_is_recorded_looked_back_on_saved_and_undone(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session, document = window.session, window.session.document
    document.new(sample("briefing"))
    before = document.plan
    # Record what the memo recommends, by keys alone.
    QTest.keySequence(window, QKeySequence("Ctrl+Shift+M"))
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+D"))
    dialog = window.findChild(DecisionDialog)
    qtbot.keyClicks(dialog.decided_by, "The board")
    qtbot.keyClick(dialog.decided_by, Qt.Key.Key_Return)
    assert window.page.name == "decisions"
    page = window.page
    page.flush()
    assert page.found.months == 0
    assert "No actual month of Powered-shell lease or" in " ".join(item.text() for item in page.story)
    # What came is imported from a German spreadsheet.
    file = tmp_path / "books.csv"
    file.write_text(BOOKS, encoding="utf-8")
    window.decisions.import_path(file)
    imports = window.findChild(ImportDialog)
    assert imports.import_button.text() == "Import actuals of 3 months"
    imports.accept()
    page.flush()
    assert document.undo_stack.undoText() == "Import actuals of 3 months from books.csv"
    assert page.actuals.hasFocus()
    # The lease spent $102M where $100M was planned; machines would have earned what three plain prices give.
    assert page.found.last_month == "2026-06"
    assert page.found.made_of == ("actual",) * 3
    assert round(page.found.shortfall_usd) == 2_000_000
    # Saved, opened again, the same is seen; the workbook of figures is untouched by it.
    document.save_as(tmp_path / "decided.busbar")
    assert open_plan(tmp_path / "decided.busbar") == document.plan
    regret = page.found.regret_usd
    document.new(sample("one-site"))
    window.files.open_now(tmp_path / "decided.busbar")
    window.show_page("decisions")
    window.page.flush()
    assert window.page.found.regret_usd == regret
    assert document.plan.asic_lots == before.asic_lots
    # All of it can be taken back.
    document.new(before)
    window.decisions.record()
    dialog = window.findChildren(DecisionDialog)[-1]
    dialog.decided_by.setText("The board")
    dialog.accept()
    window.decisions.import_path(file)
    window.findChildren(ImportDialog)[-1].accept()
    window.undo()
    window.undo()
    assert document.plan == before
    assert not window.can_undo
    assert session.scenario_id == "base"
