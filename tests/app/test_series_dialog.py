"""Importing hourly values: what was recognised is seen first, questions change it, and it is one undo step."""

from __future__ import annotations

from threading import Event, current_thread, main_thread
from time import monotonic

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox

from app.series_dialog import SeriesDialog
from app.worker import Worker
from models.importers.series import METER, PRICES, import_series
from tests.hourly_files import csv, ercot_day_ahead, green_button, readings


@pytest.fixture
def dialog(session, show, tmp_path):
    def make(data: bytes, kind: str = PRICES, name: str = "prices.csv"):
        path = tmp_path / name
        path.write_bytes(data)
        return show(SeriesDialog(session, path, kind), 980, 700)

    return make


def choose(picker: QComboBox, value: object) -> None:
    picker.setCurrentIndex(picker.findData(value))
    picker.activated.emit(picker.currentIndex())


def test_that_prices_are_shown_and_become_one_undo_step(dialog, session, qtbot):
    opened = dialog(ercot_day_ahead(readings("2024-11-01", 5)))
    assert "ERCOT HB_NORTH, 121 hours from 2024-11-01 to 2024-11-05 in America/Chicago" in opened.summary.text()
    assert "1 repeated" in opened.facts.text()
    assert opened.curve.spec is not None
    assert opened.heat.chart is not None
    assert opened.heat.chart.values.shape == (24, 5)
    assert opened.answers == {}
    before = session.plan.price_series
    qtbot.mouseClick(opened.import_button, Qt.MouseButton.LeftButton)
    (series,) = session.plan.price_series[len(before) :]
    assert series.hourly_usd_per_mwh is not None
    assert len(series.hourly_usd_per_mwh) == 121
    assert (series.source, series.as_of) == ("ERCOT, HB_NORTH, prices.csv", "2026-03-24")
    assert session.document.undo_stack.undoText() == "Import hourly prices from prices.csv"
    session.document.undo_stack.undo()
    assert session.plan.price_series == before


def test_that_values_of_a_series_can_be_replaced(dialog, session):
    dialog(ercot_day_ahead(readings("2024-11-01", 2))).accept()
    (first,) = session.plan.price_series
    opened = dialog(ercot_day_ahead(readings("2025-11-01", 2)), name="later.csv")
    opened.into.setCurrentIndex(opened.into.findData(first.id))
    opened.accept()
    (second,) = session.plan.price_series
    assert (second.id, second.name) == (first.id, first.name)
    assert second.hourly_usd_per_mwh != first.hourly_usd_per_mwh


def test_that_an_answer_changes_what_is_shown_and_stays_open_to_change(dialog):
    lines = [f"03/04/2024,{hour},{hour}.5" for hour in range(1, 25)]
    opened = dialog(csv("Date,Hour Ending,Price ($/MWh)", lines))
    assert set(opened.answers) == {"date_order", "time_zone"}
    assert "2024-03-04" in opened.summary.text()
    choose(opened.answers["date_order"], "dmy")
    assert "2024-04-03" in opened.summary.text()
    assert opened.answers["date_order"].currentData() == "dmy"
    choose(opened.answers["date_order"], "mdy")
    assert "2024-03-04" in opened.summary.text()
    choose(opened.answers["time_zone"], "UTC")
    assert "in UTC" in opened.summary.text()


def test_that_the_tab_key_goes_through_the_questions(dialog, qtbot):
    lines = [f"03/04/2024,{hour},{hour}.5" for hour in range(1, 25)]
    opened = dialog(csv("Date,Hour Ending,Price ($/MWh)", lines))
    choose(opened.answers["date_order"], "dmy")
    assert opened.focusWidget() is opened.answers["date_order"]
    qtbot.keyClick(opened.focusWidget(), Qt.Key.Key_Tab)
    assert opened.focusWidget() is opened.answers["time_zone"]
    opened.into.setFocus()
    qtbot.keyClick(opened.into, Qt.Key.Key_Tab)
    assert opened.focusWidget() is opened.answers["date_order"]


def test_that_columns_nobody_knows_are_asked_for(dialog):
    lines = [f"{hour * 3},{hour},2024-01-05,{hour * 7}.5" for hour in range(1, 25)]
    opened = dialog(csv("alpha,beta,gamma,delta", lines))
    assert opened.tabs.currentWidget() is opened.mapping_grid
    assert not opened.import_button.isEnabled()
    for row, role in ((2, "date"), (1, "hour"), (3, "value")):
        choose(opened.mapping_grid.cellWidget(row, 2), role)
    assert opened.import_button.isEnabled()
    assert "24 hours" in opened.summary.text()


def test_that_euros_can_be_said_to_be_dollars(dialog):
    lines = [f"2024-01-05,{hour},{hour}.5" for hour in range(1, 25)]
    opened = dialog(csv("Date,Hour Ending,Price (EUR/MWh)", lines))
    assert "EUR" in opened.summary.text()
    assert not opened.import_button.isEnabled()
    choose(opened.answers["unit"], "USD/MWh")
    assert opened.import_button.isEnabled()


def test_that_a_wrong_cell_is_named(dialog):
    lines = [f"2024-01-05,{hour},{'?' if hour == 7 else hour}x" for hour in range(1, 25)]
    opened = dialog(csv("Date,Hour Ending,Price ($/MWh)", [line.rstrip("x").replace("?", "oops") for line in lines]))
    texts = [opened.findings.item(i).text() for i in range(opened.findings.count())]
    assert any(text.startswith("Line 8, column 3 (Price ($/MWh)): “oops”") for text in texts)


def test_that_a_meter_goes_to_its_site(dialog, session):
    opened = dialog(green_button([1_704_085_200 + 3600 * k for k in range(48)], range(48)), METER, "gb.xml")
    opened.accept()
    (meter,) = session.plan.meter_series
    assert meter.site_id == session.plan.sites[0].id
    assert session.document.undo_stack.undoText() == "Import meter readings from gb.xml"


def test_that_pointing_and_arrow_keys_tell_an_hour(dialog, qtbot):
    opened = dialog(ercot_day_ahead(readings("2024-11-01", 5)))
    heat = opened.heat
    area = heat.area()
    place = QPoint(round(area.left() + area.width() * 0.1), round(area.top() + area.height() * 3.5 / 24))
    assert heat.cell_at(place) == (3, 0)
    heat.setFocus()
    qtbot.keyClick(heat, Qt.Key.Key_Right)
    qtbot.keyClick(heat, Qt.Key.Key_Down)
    assert heat.cell == (1, 1)
    assert heat.text_of(1, 1).startswith("2024-11-02 01:00: $")
    assert "lowest at" in heat.accessibleDescription()


def test_that_a_large_file_is_read_beside_the_window_and_an_answer_reads_it_again(dialog, qtbot, monkeypatch):
    monkeypatch.setattr("app.file_reading.LARGE_TEXT_BYTES", 10)
    threads, go_on = [], Event()

    def told(*arguments):
        threads.append(current_thread())
        assert go_on.wait(5.0)
        return import_series(*arguments)

    monkeypatch.setattr("app.series_dialog.import_series", told)
    lines = [f"03/04/2024,{hour},{hour}.5" for hour in range(1, 25)]
    opened = dialog(csv("Date,Hour Ending,Price ($/MWh)", lines))
    assert "Reading prices.csv" in opened.summary.text()
    assert opened.busy.isVisible()
    assert not opened.import_button.isEnabled()
    opened.accept()  # Enter while nothing is known yet
    assert opened.isVisible()
    go_on.set()
    opened.work.flush()
    go_on.clear()
    assert not opened.busy.isVisible()
    assert "24 hours" in opened.summary.text()
    assert opened.import_button.isEnabled()
    key, picker = next(iter(opened.answers.items()))
    choose(picker, picker.itemData(picker.count() - 1))
    assert opened.busy.isVisible()
    go_on.set()
    opened.work.flush()
    assert getattr(opened.options, key) == opened.answers[key].currentData()
    assert opened.answers[key].hasFocus()
    assert len(threads) == 2
    assert main_thread() not in threads


def test_that_closing_does_not_wait_for_a_file_that_is_still_being_read(dialog, qtbot, monkeypatch):
    monkeypatch.setattr("app.file_reading.LARGE_TEXT_BYTES", 10)
    begun, go_on = Event(), Event()

    def slow(*arguments):
        begun.set()
        go_on.wait(5.0)
        return import_series(*arguments)

    monkeypatch.setattr("app.series_dialog.import_series", slow)
    opened = dialog(ercot_day_ahead(readings("2024-11-01", 2)))
    assert begun.wait(5.0)
    began = monotonic()
    opened.reject()
    assert monotonic() - began < 1.0
    worker = next(w for w in QApplication.instance().findChildren(Worker) if w.is_busy)
    gone = []
    worker.destroyed.connect(lambda: gone.append(True))
    go_on.set()
    qtbot.waitUntil(lambda: bool(gone))


def test_that_a_large_file_that_cannot_be_read_says_why_at_the_place(dialog, monkeypatch):
    monkeypatch.setattr("app.file_reading.LARGE_TEXT_BYTES", 10)
    opened = dialog(csv("Date,Hour Ending,Price ($/MMBtu)", ["2024-03-04,1,2.5"] * 20))
    opened.work.flush()
    assert "MMBtu" in opened.summary.text()
    assert not opened.busy.isVisible()
    assert not opened.import_button.isEnabled()
