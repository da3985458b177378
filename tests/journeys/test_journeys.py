"""Whole paths of a user through a real window, by mouse and keys: what they see changes, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QSlider, QWidget

from app.files.document import Document
from app.files.recovery import pending_recoveries
from models.evaluate import evaluate
from models.samples import sample
from models.storage.plan_file import open_plan

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
HASHPRICE = "market.hashprice_usd_per_ph_day"


def go_to(window: Any, qtbot: Any, number: int) -> Any:
    """Change the page by its key."""
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), CTRL)
    return window.page


def type_into(qtbot: Any, editor: Any, text: str) -> None:
    """Replace an editor's text as a person does, and commit."""
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_A, CTRL)
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)


def dialog(window: QWidget, kind: type = QDialog) -> Any:
    """The one dialog that is open."""
    (found,) = [d for d in window.findChildren(kind) if d.isVisible()]
    return found


def headline(window: Any) -> list[str]:
    """The header's words as a screen reader says them."""
    return [w.accessibleName() for w in window.header.findChildren(QWidget) if w.accessibleName()]


def picture(widget: QWidget) -> Any:
    return widget.grab().toImage()


def test_that_an_edit_shows_at_once_and_undo_save_and_reopen_lose_nothing(
    window: Any, qtbot: Any, tmp_path: Path
) -> None:
    session = window.session
    before_plan, before = session.plan, session.results.by_id["a1"].margin_usd_per_mw_year
    page = go_to(window, qtbot, 7)
    charts_before, words_before = picture(page), headline(window)
    go_to(window, qtbot, 2)
    type_into(qtbot, window.page.price_form.editor("btc_price_usd"), "100k")
    assert session.plan.market.btc_price_usd == 100_000.0
    assert session.results.by_id["a1"].margin_usd_per_mw_year > before
    assert headline(window) != words_before
    page = go_to(window, qtbot, 7)
    assert picture(page) != charts_before
    assert "BTC price" in session.document.undo_stack.undoText()
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert session.plan == before_plan
    assert headline(window) == words_before
    qtbot.keyClick(window, Qt.Key.Key_Y, CTRL)
    path = tmp_path / "edited.busbar"
    session.document.save_as(path)
    assert not session.document.is_dirty
    assert open_plan(path) == session.document.plan
    assert open_plan(path).market.btc_price_usd == 100_000.0


def test_that_a_dragged_lever_moves_figures_and_curves_and_is_one_step(window: Any, qtbot: Any) -> None:
    session = window.session
    page = go_to(window, qtbot, 7)
    steps = session.document.undo_stack.count()
    before, saved = picture(page), session.plan
    slider = window.levers.findChild(QWidget, f"lever.{HASHPRICE}").findChild(QSlider)
    seen: list[float] = []
    session.results_changed.connect(lambda r: seen.append(r.market.spot_hashprice_usd_per_ph_day))
    handle = slider.handle_rect().center() if hasattr(slider, "handle_rect") else None
    start = handle or QPoint(
        int(slider.width() * (slider.value() - slider.minimum()) / (slider.maximum() - slider.minimum())),
        slider.height() // 2,
    )
    start = start.toPoint() if isinstance(start, QPointF) else start
    QTest.mousePress(slider, LEFT, Qt.KeyboardModifier.NoModifier, start)
    for step in range(1, 13):
        QTest.mouseMove(slider, start + QPoint(6 * step, 0))
        qtbot.wait(1)
    QTest.mouseRelease(slider, LEFT, Qt.KeyboardModifier.NoModifier, start + QPoint(72, 0))
    assert len(seen) >= 8
    assert seen == sorted(seen)
    assert seen[-1] > 40
    assert picture(page) != before
    assert session.document.undo_stack.count() == steps + 1
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert session.plan == saved


def test_that_an_empty_plan_becomes_a_memo(window: Any, qtbot: Any, tmp_path: Path) -> None:
    """New plan, site, contract, machines from the catalogue, a lease, the break-even, and the memo."""
    session = window.session
    go_to(window, qtbot, 1)
    qtbot.mouseClick(window.page.template_cards["empty"], LEFT)
    assert session.plan.sites == ()
    sites = go_to(window, qtbot, 3)
    qtbot.mouseClick(sites.add_button, LEFT)
    (_site,) = session.plan.sites
    if not session.plan.power_contracts:
        sites.add_contract()
    assert session.plan.power_contracts
    fleet = go_to(window, qtbot, 5)
    qtbot.mouseClick(fleet.catalogue_button, LEFT)
    picker = dialog(window)
    qtbot.keyClicks(picker.search, "S21 Pro")
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(session.plan.asic_lots) == 1)
    assert "S21 Pro" in session.plan.asic_lots[0].model
    qtbot.keyClick(picker, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not picker.isVisible())
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    offers = go_to(window, qtbot, 6)
    offers.add_lease()
    (offer,) = session.plan.ai_offers
    assert offer.kind == "lease"
    go_to(window, qtbot, 7)
    words = window.page.findChild(QWidget, "sentence").text()
    assert "lease" in words
    assert "$" in words
    window.commands.actions["go.memo"].trigger()
    memo = window.page
    memo.flush()
    file = tmp_path / "memo.pdf"
    memo.export_pdf(file)
    assert file.read_bytes().startswith(b"%PDF-")
    assert all(f.severity != "error" for f in session.results.findings)
    assert evaluate(session.plan).by_id[offer.id].npv_usd_per_mw == pytest.approx(
        session.results.by_id[offer.id].npv_usd_per_mw
    )


def test_that_a_block_from_a_spreadsheet_is_shown_understood_and_undone_in_one_step(window: Any, qtbot: Any) -> None:
    session = window.session
    fleet = go_to(window, qtbot, 5)
    table, before = fleet.lots.table, session.plan
    below = table.visualRect(table.model().index(len(before.asic_lots), 0))
    qtbot.mouseClick(table.viewport(), LEFT, pos=below.center())
    QGuiApplication.clipboard().setText(
        "M60S\tPrairie Creek\t2,000\r\nM63S\tPrairie Creek\tmany\r\nAntminer S23\tNowhere\t500\r\n"
    )
    steps = session.document.undo_stack.count()
    qtbot.keyClick(table, Qt.Key.Key_V, CTRL)
    preview = dialog(window)
    assert session.plan is before
    # The catalogue knows three of that name: nobody but the user can say which.
    picker = preview.machines.pickers["M60S"]
    picker.setFocus()
    qtbot.keyClick(picker, Qt.Key.Key_End)
    preview.accept()
    qtbot.waitUntil(lambda: session.plan is not before)
    assert session.document.undo_stack.count() == steps + 1
    assert "aste" in session.document.undo_stack.undoText()
    added = session.plan.asic_lots[len(before.asic_lots) :]
    # The lines with a refused cell are left out whole: nobody invents their machines.
    assert [(a.model, a.count, a.hashrate_th_per_s, a.power_w) for a in added] == [("M60S", 2_000, 184.0, 3_404.0)]
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert session.plan == before


def test_that_an_import_takes_the_good_lines_and_names_the_bad_ones(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session = window.session
    file = tmp_path / "fleet.csv"
    file.write_text(
        "Fleet report;;;;\n\nMiner model;Quantity;Hashrate (TH/s);Power (kW);Location\n"
        "Antminer S21;1.200;200;3,5;Prairie Creek\n"
        "Whatsminer M60;abc;172;3,42;Prairie Creek\n"
        "Antminer T21;300;190;3,61;Prairie Creek\n"
        "Total;1500;;;\n",
        encoding="utf-8",
    )
    before = session.plan
    window.files.import_path(file)
    asked = dialog(window)
    listed = "\n".join(asked.findings.item(i).text() for i in range(asked.findings.count()))
    assert "5" in listed
    assert "abc" in listed
    asked.accept()
    qtbot.waitUntil(lambda: session.plan is not before)
    # The S21 stands at the site already and is brought up to date; the T21 is new.
    by_model = {a.model: (a.count, a.hashrate_th_per_s, a.power_w) for a in session.plan.asic_lots}
    assert by_model["Antminer S21"] == (1_200, 200.0, 3_500.0)
    assert by_model["Antminer T21"] == (300, 190.0, 3_610.0)
    assert len(session.plan.asic_lots) == len(before.asic_lots) + 1
    qtbot.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert session.plan == before


EDIT_AND_WAIT = """
import sys, time
from PySide6.QtWidgets import QApplication
from app.files.document import Document
from models.fields import replace
from models.samples import sample
app = QApplication([])
document = Document(sample("briefing"))
document.edit("Change BTC price", replace(document.plan, "market.btc_price_usd", 123456.0))
end = time.monotonic() + 1.0
while time.monotonic() < end:
    app.processEvents()
    time.sleep(0.01)
print("edited", flush=True)
time.sleep(60)
"""


def test_that_a_killed_program_loses_nothing_that_is_half_a_second_old(window: Any, qtbot: Any, root: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    program = subprocess.Popen(
        [sys.executable, "-c", EDIT_AND_WAIT], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline().strip() == "edited"
    finally:
        os.kill(program.pid, signal.SIGKILL) if hasattr(signal, "SIGKILL") else program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()
    found = pending_recoveries()
    assert len(found) == 1
    document = Document()
    document.recover(found[0])
    assert document.plan.market.btc_price_usd == 123_456.0
    assert document.plan.sites == sample("briefing").sites
    assert document.is_dirty
    document.close()


def test_that_unsaved_edits_are_asked_about_and_cancel_keeps_the_window(window: Any, qtbot: Any) -> None:
    window.session.set_value("market.btc_price_usd", 90_000.0)
    window.files._closing = False
    window.close()
    asked = dialog(window, QMessageBox)
    qtbot.mouseClick(asked.button(QMessageBox.StandardButton.Cancel), LEFT)
    assert window.isVisible()
    assert window.session.plan.market.btc_price_usd == 90_000.0


def test_that_the_whole_window_stays_quick_to_answer_on_a_large_plan(window: Any, qtbot: Any) -> None:
    """Not a measurement: only that no page holds the window up for seconds."""
    from tests.large_plan import large_plan

    window.session.document.new(large_plan())
    for number in range(1, 8):
        started = time.monotonic()
        go_to(window, qtbot, number)
        assert time.monotonic() - started < 5.0, window.page.name
