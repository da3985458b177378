"""What is typed into a dialog and not taken over is there again when it is next opened, and can be let go."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from app.keeping_dialog import WORDS, KeepingDialog
from models.defaults import empty_plan
from models.problems import Severity

OFFER = "$130/kW-month NNN, 40 MW IT, 3 % escalator"


def opened(window: Any, qtbot: Any, kind: type) -> Any:
    (found,) = [d for d in window.findChildren(kind) if d.isVisible()]
    qtbot.waitUntil(found.isActiveWindow)
    return found


def reader(window: Any, qtbot: Any) -> Any:
    from app.offer_reader import OfferReader

    window.activateWindow()  # without a window manager nobody else does
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    return opened(window, qtbot, OfferReader)


def said(dialog: KeepingDialog) -> bool:
    from PySide6.QtWidgets import QLabel

    (words,) = dialog.taken_up.findChildren(QLabel)
    assert words.text() == WORDS
    return dialog.taken_up.isVisible()


@pytest.mark.parametrize("way", ["escape", "close", "cancel"])
def test_that_an_offer_is_there_again_however_its_dialog_was_closed(window: Any, qtbot: Any, way: str) -> None:
    first = reader(window, qtbot)
    assert not said(first)
    qtbot.keyClicks(first.text, OFFER)
    first.answer("term_months", 120)
    first.worker.flush()
    if way == "escape":
        qtbot.keyClick(first, Qt.Key.Key_Escape)
    elif way == "close":
        first.close()
    else:
        qtbot.mouseClick(first.close_button, Qt.MouseButton.LeftButton)
    again = reader(window, qtbot)
    assert again.text.toPlainText() == OFFER
    assert again.text.textCursor().atEnd()
    again.worker.flush()
    assert again.reading.read.offer.term_months == 120
    qtbot.waitUntil(again.rows["term_months"].reset.isVisible)
    assert said(again)
    qtbot.mouseClick(again.anew_button, Qt.MouseButton.LeftButton)
    assert (again.text.toPlainText(), again.answers) == ("", {})
    assert not said(again)
    again.reject()
    last = reader(window, qtbot)
    assert last.text.toPlainText() == ""
    last.reject()


def test_that_a_term_half_typed_counts_when_the_window_closes(window: Any, qtbot: Any) -> None:
    first = reader(window, qtbot)
    first.text.setPlainText(OFFER)
    first.read()
    first.worker.flush()
    editor = first.rows["opex_fraction_of_rent"].editor
    qtbot.waitUntil(editor.isVisible)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "15")
    first.close()
    again = reader(window, qtbot)
    assert again.answers == {"opex_fraction_of_rent": 0.15}
    again.reject()


def test_that_an_offer_in_the_plan_is_not_there_again(window: Any, qtbot: Any) -> None:
    first = reader(window, qtbot)
    first.text.setPlainText(OFFER)
    first.reject()
    again = reader(window, qtbot)
    again.worker.flush()
    again.add()
    last = reader(window, qtbot)
    assert last.text.toPlainText() == ""
    assert not said(last)
    last.reject()


def test_that_every_plan_has_its_own_and_keeps_it_while_the_program_runs(
    window: Any, qtbot: Any, tmp_path: Any
) -> None:
    document = window.session.document
    first = reader(window, qtbot)
    first.text.setPlainText(OFFER)
    first.reject()
    document.save_as(tmp_path / "one.busbar")
    document.save_as(tmp_path / "two.busbar")  # the same plan under another name
    assert window.session.unfinished.shelf["offer"]["text"] == OFFER
    document.new(empty_plan())
    assert window.session.unfinished.shelf == {}
    document.open(tmp_path / "two.busbar")
    again = reader(window, qtbot)
    assert again.text.toPlainText() == OFFER
    again.reject()


def test_that_the_words_of_a_decision_are_kept_and_the_rest_follows_the_plan(window: Any, qtbot: Any) -> None:
    from app.decision_dialog import DecisionDialog

    def dialog() -> DecisionDialog:
        found = DecisionDialog(window.session, window)
        found.open()
        return found

    first = dialog()
    proposed = first.name.text()
    first.decided_by.setText("Board of Cedar Digital")
    first.note.setText("Subject to the bank")
    chosen, rejected = first.pickers["s1"]
    chosen.setCurrentIndex(chosen.findData(rejected.currentData()))
    picked = chosen.currentData()
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    kept = next(iter(window.session.unfinished.shelf.values()))
    assert set(kept) == {"by", "note", "site s1"}  # not the proposed name and day
    again = dialog()
    assert (again.name.text(), again.decided_by.text()) == (proposed, "Board of Cedar Digital")
    assert again.note.text() == "Subject to the bank"
    assert again.pickers["s1"][0].currentData() == picked
    assert said(again)
    again.reject()


def test_that_the_reason_for_one_finding_is_not_offered_for_another(window: Any, qtbot: Any) -> None:
    from app.shell.snooze_dialog import SnoozeDialog

    one, other = [f for f in window.session.findings if f.severity != Severity.ERROR][:2]
    first = SnoozeDialog(window.session, one, window)
    first.open()
    qtbot.keyClicks(first.reason, "The landlord confirmed it by mail")
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    for finding, words in ((other, ""), (one, "The landlord confirmed it by mail")):
        again = SnoozeDialog(window.session, finding, window)
        again.open()
        assert again.reason.text() == words
        assert said(again) == bool(words)
        again.reject()


def test_that_a_monthly_table_is_there_again(window: Any, qtbot: Any) -> None:
    from app.forms.schedule_editor import TABLE, ScheduleEditor
    from models.fields import field_at

    session = window.session
    path = "market.btc_price_usd"
    before = session.plan

    def editor() -> ScheduleEditor:
        found = ScheduleEditor(session, path, field_at(session.plan, path), None, window)
        found.open()
        return found

    first = editor()
    first.modes.button(TABLE).setChecked(True)
    first.months.set_values(0, [90e3, 91e3, None, 93e3])
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    assert session.plan == before
    again = editor()
    assert said(again)
    assert again.modes.checkedId() == TABLE
    assert again.pages.currentIndex() == TABLE
    assert again.months.values[:5] == [90e3, 91e3, None, 93e3, None]
    again.accept()
    assert session.plan.market.btc_price_usd.values == (90e3, 91e3, 93e3)
    assert session.unfinished.shelf == {}


def test_that_choices_for_a_file_are_kept_until_the_file_is_another(window: Any, qtbot: Any, tmp_path: Any) -> None:
    from app.import_dialog import ImportDialog

    file = tmp_path / "fleet.csv"
    file.write_text("Model,Qty,Zufuhr\nAntminer S21,100,3500\nAntminer S19,50,3250\n")

    def dialog() -> ImportDialog:
        found = ImportDialog(window.session, file, window)
        found.open()
        return found

    def becomes(dialog: ImportDialog) -> Any:
        return dialog.result_of_import.mapping.columns[2].field

    first = dialog()
    assert becomes(first) != "power_w"
    picker = first.mapping_grid.cellWidget(2, 2)
    picker.setCurrentIndex(picker.findData("power_w"))
    picker.activated.emit(picker.currentIndex())
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    again = dialog()
    assert becomes(again) == "power_w"
    assert said(again)
    again.start_anew()
    assert becomes(again) != "power_w"
    again.reject()
    file.write_text("Model,Qty,Zufuhr\nAntminer S21,100,3500\n")
    last = dialog()
    assert not said(last)
    last.reject()


def test_that_answers_about_a_series_are_kept(window: Any, qtbot: Any, tmp_path: Any) -> None:
    from app.series_dialog import SeriesDialog

    file = tmp_path / "hours.csv"
    lines = [f"2025-01-{day:02d} {hour:02d}:00,{20 + hour}" for day in range(1, 8) for hour in range(24)]
    file.write_text("\n".join(["Time,Price ($/MWh)", *lines]) + "\n")

    def dialog() -> SeriesDialog:
        found = SeriesDialog(window.session, file, "prices", window)
        found.open()
        return found

    first = dialog()
    zone = first.answers["time_zone"]
    other = next(zone.itemData(n) for n in range(zone.count()) if zone.itemData(n) not in (None, zone.currentData()))
    zone.setCurrentIndex(zone.findData(other))
    zone.activated.emit(zone.currentIndex())
    qtbot.keyClick(first, Qt.Key.Key_Escape)
    again = dialog()
    assert again.answers["time_zone"].currentData() == other
    assert again.result_of_import.time_zone == other
    assert said(again)
    again.reject()


def test_that_going_to_an_input_says_that_nothing_is_lost(window: Any, qtbot: Any) -> None:
    from app.behind_dialog import go_to_input
    from app.explain_panel import ExplainPanel

    dialog = reader(window, qtbot)
    dialog.text.setPlainText(OFFER)
    panel = ExplainPanel(window.session, dialog)
    panel.show()
    go_to_input(panel, window.session, "market.difficulty", "Difficulty")
    (box,) = panel.findChildren(QMessageBox)
    assert "is there again when you come back" in box.informativeText()
    (leave,) = [b for b in box.buttons() if b.text() == "Close it and go"]
    qtbot.mouseClick(leave, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert window.session.unfinished.shelf["offer"]["text"] == OFFER
