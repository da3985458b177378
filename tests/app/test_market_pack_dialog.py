"""A market pack on screen: seen first, applied as one step, exported again; a file that is none is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox

from app.explain_panel import ExplainPanel
from app.market_pack_dialog import MarketPackDialog
from models.samples import sample


def shown(window: Any, path: Path) -> Any:
    window.files.show_pack(path)
    return window.findChild(MarketPackDialog)


def test_that_a_pack_is_previewed_and_applied_as_one_step(window: Any, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text(
        "path,value,date,source\nmarket.btc_price_usd,91000,2026-03-23,Desk\n"
        "market.difficulty,133.79 T,2026-03-01,Desk\n"
        "market.weather,1,2026-03-23,Desk\n"
    )
    dialog = shown(window, file)
    texts = [[dialog.grid.item(r, c).text() for c in range(7)] for r in range(dialog.grid.rowCount())]
    assert texts[0][:5] == ["BTC price", "$70,169", "$91,000", "+29.69%", "2026-03-23"]
    assert texts[1][6] == "older than the plan's"
    assert dialog.warning.text() == "Older than the plan's own market data of 2026-03-21: Difficulty."
    assert "line 4" in dialog.findings.item(0).text()
    dialog.copy_table()
    assert QGuiApplication.clipboard().text().startswith("Market value\tNow\tNew")
    before = window.session.document.plan
    dialog.accept()
    plan = window.session.document.plan
    assert (plan.market.btc_price_usd, plan.market.as_of) == (91_000.0, "2026-03-23")
    assert len(plan.observations) == 2
    assert window.session.document.undo_stack.undoText() == "Market pack desk.csv"
    window.undo()
    assert window.session.document.plan == before


def test_that_cancelling_changes_nothing(window: Any, tmp_path: Path) -> None:
    file = tmp_path / "desk.json"
    file.write_text(json.dumps({"busbar_market": 1, "as_of": "2026-03-23", "values": {"market.difficulty": 1.4e14}}))
    before = window.session.document.plan
    shown(window, file).reject()
    assert window.session.document.plan is before


def test_that_f8_explains_what_a_pack_would_change(window: Any, qtbot: Any, tmp_path: Path) -> None:
    file = tmp_path / "desk.csv"
    file.write_text("path,value,date\nmarket.btc_price_usd,91000,2026-03-23\nmarket.difficulty,140T,2026-03-23\n")
    dialog = shown(window, file)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.grid.setFocus()
    dialog.grid.setCurrentCell(1, 1)
    qtbot.keyClick(dialog.grid, Qt.Key.Key_F8)
    panel = dialog.findChild(ExplainPanel)
    assert panel.path == "market.difficulty"
    dialog.reject()


def test_that_a_file_that_is_no_pack_is_answered_in_one_sentence(window: Any, tmp_path: Path) -> None:
    file = tmp_path / "letter.json"
    file.write_text('{"dear": "colleague"}')
    window.files.show_pack(file)
    box = next(b for b in window.findChildren(QMessageBox) if b.objectName() == "trouble")
    assert box.text() == "This is no market pack."
    box.close()


def test_that_a_pack_that_the_plan_cannot_take_is_answered_before_it_is_shown(window: Any, tmp_path: Path) -> None:
    file = tmp_path / "desk.json"
    file.write_text(json.dumps({"busbar_market": 1, "values": {"hashprice": 1e7}}))
    before = window.session.document.plan
    assert shown(window, file) is None
    box = next(b for b in window.findChildren(QMessageBox) if b.objectName() == "trouble")
    assert "BTC price must lie between" in box.text()
    assert window.session.document.plan is before
    box.close()


def test_that_a_pack_is_written_as_its_file_is_called(window: Any, qtbot: Any, tmp_path: Path) -> None:
    window.session.settings.folder = tmp_path
    for kind in ("json", "csv"):
        window.exports.export_pack()
        dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
        chosen = next(f for f in dialog.nameFilters() if f"*.{kind}" in f)
        dialog.selectNameFilter(chosen)
        dialog.filterSelected.emit(chosen)
        dialog.accept()
        qtbot.waitUntil(lambda dialog=dialog: not dialog.isVisible())
    assert json.loads((tmp_path / "market 2026-03-21.json").read_text())["busbar_market"] == 1
    head, *lines = (tmp_path / "market 2026-03-21.csv").read_text().splitlines()
    assert head == "path,value,unit,date,source"
    assert len(lines) == 4


def test_that_a_pack_dropped_or_chosen_as_a_table_is_seen_as_a_pack(window: Any, tmp_path: Path) -> None:
    file = tmp_path / "desk.json"
    window.exports.write_pack(file)
    assert json.loads(file.read_text())["values"]["market.difficulty"] == sample("briefing").market.difficulty
    window.files.take_dropped(file)
    dialog = window.findChild(MarketPackDialog)
    assert dialog.summary.text() == "4 values of 2026-03-21; 0 would change."
    dialog.reject()
