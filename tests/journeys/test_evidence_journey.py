"""From a number to its source and on: explain a margin, follow it to an input, name the source, take a market pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from app.market_pack_dialog import MarketPackDialog
from models.samples import sample


def test_that_a_number_leads_to_its_input_and_a_pack_makes_it_fresh(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session = window.session
    session.document.new(sample("briefing"))
    window.show_page("fleet")
    table = window.page.lots.table
    table.setFocus()
    table.go(table.records.index(0, table.records.column_of("margin_usd_per_mw_year")))
    qtbot.keyClick(table, Qt.Key.Key_F8)
    panel = window.explain_panel
    assert panel.isVisible()
    before = panel.figure.text()
    panel.copy_sentence()
    assert QGuiApplication.clipboard().text().startswith("Margin, Antminer S21 is $")
    panel.tree.setCurrentItem(next(i for i in panel._items() if i.text(0) == "Difficulty"))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert window.page.name == "market"
    # The oldest driver leads to its row, where a source is typed.
    qtbot.mouseClick(window.header.age, Qt.MouseButton.LeftButton)
    entries = window.page.table.entries
    row = window.page.table.currentIndex().row()
    assert entries.entries[row].path == "market.difficulty"
    assert entries.setData(entries.index(row, 3), "Own node")
    assert session.document.undo_stack.undoText() == "Source of Difficulty"
    # A colleague's pack: seen, applied, and followed by the panel that is still open.
    file = tmp_path / "desk.csv"
    file.write_text("path,value,unit,date,source\nmarket.difficulty,120,T,2026-03-24,Desk\n")
    window.files.show_pack(file)
    dialog = window.findChild(MarketPackDialog)
    assert dialog.grid.item(0, 2).text().startswith("120")
    qtbot.mouseClick(dialog.apply_button, Qt.MouseButton.LeftButton)
    assert session.plan.market.difficulty == 120e12
    assert panel.figure.text() != before
    window.undo()
    assert panel.figure.text() == before
    assert session.document.undo_stack.undoText() == "Source of Difficulty"
