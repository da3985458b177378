"""From a file of hourly prices to the hours in which machines stop: import, contract, lever, undo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider

from app.series_dialog import SeriesDialog
from tests.hourly_files import gridstatus, readings
from tests.journeys.test_journeys import dialog, go_to
from tests.journeys.test_keyboard import press, tab_to

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


def figures(page: Any) -> tuple[Any, ...]:
    """Everything on the power page that a strike moves."""
    spec = page.views["duration"].spec
    strike = next(r.text for r in spec.references if r.id == "strike")
    return strike, spec.subtitle, page.bridge.rows, page.hours.rows, page.ledger.rows


def test_that_imported_prices_decide_the_hours_and_a_lever_moves_them(window: Any, qtbot: Any, tmp_path: Path) -> None:
    session = window.session
    before = session.document.plan
    file = tmp_path / "day-ahead.csv"
    # A month of prices about as high as what machines earn per MWh.
    file.write_bytes(gridstatus([(moment, 4.0 * price) for moment, price in readings("2024-04-01", 30)]))
    page = go_to(window, qtbot, 4)
    assert "a whole month at a time" in page.notice.text()
    # The page's button asks for a file; what a person chooses there comes here.
    window.files.import_path(file)
    importing = dialog(window, SeriesDialog)
    importing.import_button.click()
    qtbot.waitUntil(lambda: not importing.isVisible())
    (series,) = session.plan.price_series
    assert window.page.name == "sites"
    # The contract follows them.
    go_to(window, qtbot, 4)
    page.notice_buttons["contract"].click()
    form = window.page.contract_detail.form
    for name, words in (("kind", "Index"), ("price_series_id", series.name)):
        editor = form.editor(name)
        editor.setFocus()
        row = editor.findText(words)
        editor.setCurrentIndex(row)
        editor.activated.emit(row)
    assert session.plan.power_contracts[0].price_series_id == series.id
    # The page shows the hours now; the lever moves the strike and every figure.
    go_to(window, qtbot, 4)
    assert not page.notice.isVisible()
    start = figures(page)
    assert "prices of Apr 2024" in start[1]
    with qtbot.waitActive(window):
        window.activateWindow()
    lever = tab_to(lambda w: isinstance(w, QSlider))
    for _ in range(8):
        press(KEY.Key_Left)
    session.recompute.flush()
    assert lever.accessibleName().startswith("Hashprice")
    moved = figures(page)
    assert all(a != b for a, b in zip(start, moved, strict=True))
    # Undo goes back step by step: the lever, the contract, the import.
    while session.document.plan != before:
        assert session.document.undo_stack.canUndo()
        press(KEY.Key_Z, CTRL)
        session.recompute.flush()
    assert page.notice.isVisible()
