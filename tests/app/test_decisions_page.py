"""The page of decisions by mouse and keys: recording, looking back, typing and pasting months, opening the plan."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from app.decision_dialog import DecisionDialog
from app.explained import explanation_of
from app.figure_menu import figure_path_at
from app.import_dialog import ImportDialog
from app.pages.decisions import TABS, DecisionsPage
from models.decisions.freeze import freeze
from models.evaluate import evaluate
from models.frozen import unpack
from models.memo.proof import memo_digest
from models.plan import Actual, Plan
from models.samples import sample
from models.storage.plan_file import digest
from tests.app.test_figure_menu import numbers_on
from tests.large_plan import large_plan

KEY = Qt.Key
LEFT = Qt.MouseButton.LeftButton


def decided(name: str = "briefing", *rows: tuple[str, str, float, str, str]) -> Plan:
    plan = sample(name)
    plan = freeze(plan, evaluate(plan), "base", name="Board of March", decided_on="2026-03-24", decided_by="The board")
    actuals = tuple(Actual(f"x{n}", *row) for n, row in enumerate(rows, start=1))
    return dataclasses.replace(plan, actuals=actuals)


@pytest.fixture
def page(window: Any) -> Any:
    """The page on a plan with one decision and two actual prices."""
    rows = (("2026-04", "btc_price_usd", 90_000.0, "", ""), ("2026-05", "btc_price_usd", 60_000.0, "", ""))
    window.session.document.new(decided("briefing", *rows))
    window.show_page("decisions")
    window.page.flush()
    return window.page


def tab(page: Any, name: str) -> None:
    page.tabs.setCurrentIndex(list(TABS).index(name))


def story(page: Any) -> str:
    return " ".join(item.text() for item in page.story if item.text()).replace("\xa0", " ")


def texts(table: Any) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.texts.rows]


def test_that_every_number_of_a_look_back_is_explained(page: Any, window: Any, qtbot: Any) -> None:
    session = window.session
    silent, asked = [], set()
    for number in range(page.tabs.count()):
        page.tabs.setCurrentIndex(number)
        page.flush()
        qtbot.wait(20)
        for widget, point, text in numbers_on(page):
            path = figure_path_at(widget, point)
            if widget is page.about or widget is page.head.about or text in ("2026-03-24", "58.0 MW"):
                continue  # the day of the decision, and counts of what the page lists
            if path is None:
                silent.append(f"{type(widget).__name__}: {text[:60]}")
            elif path not in asked:
                asked.add(path)
                explanation_of(session, path)
    assert silent == []
    assert {path.split(".")[1] for path in asked} >= {"uses", "decision", "lines", "months", "forecasts", "actuals"}
    for curve in page.chart.spec.series:
        root = explanation_of(session, page.figures.of_curve(curve.id)).root
        ends = {"came": page.found.months, "rejected": page.found.months}
        if curve.id in ends:
            assert root.value == pytest.approx(float(curve.y[-1]), rel=1e-9)
    first = explanation_of(session, "lookback.decision.regret_usd").root.value
    page.actuals.setFocus()
    session.edit_base("Change", dataclasses.replace(session.document.plan, actuals=session.document.plan.actuals[:1]))
    page.flush()
    assert explanation_of(session, "lookback.decision.regret_usd").root.value == page.found.regret_usd != first


def test_that_an_empty_page_says_what_to_do(window: Any, qtbot: Any) -> None:
    window.show_page("decisions")
    assert window.page.stack.currentIndex() == 1
    QTest.keySequence(window, QKeySequence("Ctrl+Alt+D"))
    dialog = window.findChild(DecisionDialog)
    assert dialog.isVisible()
    dialog.reject()
    window.session.document.new(dataclasses.replace(sample("briefing"), asic_lots=(), ai_offers=(), splits=()))
    said = []
    window.session.message.connect(said.append)
    window.decisions.record()
    assert said == ["The plan has no machines and no offer with a figure yet, so there is nothing to decide."]


def test_that_what_an_option_is_worth_is_never_cut(window: Any, qtbot: Any) -> None:
    plan = sample("briefing")
    name = "Powered-shell lease of the western halls with an option to expand in the second year"
    offer = dataclasses.replace(plan.ai_offers[0], name=name)
    window.session.document.new(dataclasses.replace(plan, ai_offers=(offer, *plan.ai_offers[1:])))
    window.decisions.record()
    dialog = window.findChild(DecisionDialog)
    for width in (740, 900):
        dialog.resize(width, dialog.height())
        QApplication.processEvents()
        for picker in dialog.pickers["s1"]:
            for row in range(picker.count()):
                picker.setCurrentIndex(row)
                shown, whole = picker.shown_text(), picker.currentText()
                assert shown.rpartition(", ")[2] == whole.rpartition(", ")[2]
                assert shown == whole or "…, " in shown
                assert picker.fontMetrics().horizontalAdvance(shown) < picker.width()
    dialog.reject()


def test_that_a_tab_with_nothing_in_it_says_why(window: Any) -> None:
    window.session.document.new(decided())
    window.show_page("decisions")
    page = window.page
    page.flush()
    for name, table in (("months", page.months), ("forecasts", page.forecasts)):
        tab(page, name)
        assert page.nothing.isVisible()
        assert page.nothing.text().endswith("add values in the tab Actuals.")
        assert not table.isVisible()
        tab(page, "lines")
        assert page.lines.isVisible()
        assert not page.nothing.isVisible()
    tab(page, "months")
    row = Actual("x1", "2026-04", "btc_price_usd", 90_000.0, "", "")
    plan = window.session.document.plan
    window.session.edit("Add", dataclasses.replace(plan, actuals=(row,)))
    page.flush()
    page.line.setCurrentIndex(page.line.findText("BTC price", Qt.MatchFlag.MatchStartsWith))
    page.line.activated.emit(page.line.currentIndex())
    assert page.months.isVisible()
    assert not page.nothing.isVisible()
    tab(page, "forecasts")
    assert page.forecasts.isVisible()


def test_that_a_decision_is_recorded_with_the_memo_of_the_day(window: Any, qtbot: Any) -> None:
    from app.memo.files import content_of

    session = window.session
    before = session.document.plan
    window.decisions.record()
    dialog = window.findChild(DecisionDialog)
    dialog.work.flush()
    content = content_of(before, session.today)
    assert dialog.digest.text().rstrip("…") == memo_digest(content)[:16]
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Lease it")
    qtbot.keyClicks(dialog.decided_by, "The board")
    qtbot.keyClick(dialog.decided_by, KEY.Key_Return)
    (decision,) = session.document.plan.decisions
    assert (decision.name, decision.decided_on, decision.decided_by) == ("Lease it", "2026-03-24", "The board")
    assert decision.memo_digest == memo_digest(content)
    assert decision.plan_digest == digest(before)
    assert decision.recommendation == content.title
    assert unpack(decision.frozen_plan, "x") == before
    assert session.document.undo_stack.undoText() == "Record decision Lease it"
    assert window.page.name == "decisions"
    assert window.page.chosen_id == decision.id
    window.undo()
    assert session.document.plan == before
    assert window.page.stack.currentIndex() == 1


def test_that_a_large_plan_is_frozen_with_its_own_figures_however_fast_one_is(window: Any) -> None:
    session = window.session
    session.document.new(large_plan())
    session.recompute.flush()
    session.set_value("market.btc_price_usd", 120_000.0)
    window.decisions.record()
    dialog = window.findChild(DecisionDialog)
    dialog.decided_by.setText("The board")
    dialog.accept()
    results = evaluate(session.document.plan)
    for use in session.document.plan.decided_uses:
        if use.use_id in results.by_id and use.npv_usd_per_mw is not None:
            assert use.npv_usd_per_mw == results.by_id[use.use_id].npv_usd_per_mw


def test_that_a_scenario_on_show_is_what_is_decided_on(window: Any) -> None:
    session = window.session
    session.show_scenario("bull")
    window.decisions.record()
    dialog = window.findChild(DecisionDialog)
    dialog.decided_by.setText("The board")
    dialog.accept()
    plan = session.document.plan
    assert plan.decisions[0].scenario_id == "bull"
    assert plan.scenarios == sample("briefing").scenarios
    shown = evaluate(session.plan)
    use = next(u for u in plan.decided_uses if u.role == "chosen")
    assert use.npv_usd_per_mw == pytest.approx(shown.by_id[use.use_id].npv_usd_per_mw)


def test_that_the_board_may_decide_against_the_memo_and_mistakes_are_said(window: Any, qtbot: Any) -> None:
    window.decisions.record()
    dialog = window.findChild(DecisionDialog)
    chosen, rejected = dialog.pickers["s1"]
    recommended, runner_up = chosen.currentData(), rejected.currentData()
    # Choosing what is turned down turns down what was recommended.
    chosen.setFocus()
    qtbot.keyClick(chosen, KEY.Key_Down)
    chosen.activated.emit(chosen.currentIndex())
    assert (chosen.currentData(), rejected.currentData()) == (runner_up, recommended)
    rejected.setCurrentIndex(chosen.currentIndex())
    qtbot.mouseClick(dialog.button, LEFT)
    assert "the same is chosen and turned down" in dialog.said.text()
    rejected.setCurrentIndex(rejected.findData(recommended))
    qtbot.mouseClick(dialog.button, LEFT)
    assert dialog.said.text() == "Decided by is empty; write who took the decision."
    dialog.decided_by.setText("The board")
    dialog.decided_on.setText("yesterday")
    qtbot.mouseClick(dialog.button, LEFT)
    assert dialog.said.text() == "Decided on: 'yesterday' is not a date; write it as 2026-03-21."
    assert window.session.document.plan.decisions == ()
    dialog.decided_on.setText("2026-03-20")
    qtbot.mouseClick(dialog.button, LEFT)
    uses = window.session.document.plan.decided_uses
    assert [(u.role, u.use_id) for u in uses][:2] == [("chosen", runner_up), ("rejected", recommended)]


def test_that_the_look_back_is_told_drawn_and_tabled(page: Any) -> None:
    found = page.found
    assert found.months == 2
    assert "58.0 MW at Prairie Creek: Powered-shell lease ($1.06M/MW) rather than Own GPUs ($752,316/MW)" in story(page)
    assert "By May 2026 Powered-shell lease earned what was planned, and Own GPUs would have earned" in story(page)
    assert "2 of 2 months have no actual cash" in story(page)
    assert {s.id for s in page.chart.spec.series} == {"planned", "came", "rejected", "rejected_planned"}
    page.against.setCurrentIndex(page.against.findText("Antminer S21"))
    page.against.activated.emit(page.against.currentIndex())
    assert "Antminer S21 would have earned" in story(page)
    assert page.found.rejected_went[0] > page.found.rejected_expected[0]
    tab(page, "uses")
    rows = texts(page.uses)
    assert [row[:2] for row in rows][:2] == [["Powered-shell lease", "Chosen"], ["Own GPUs", "Turned down"]]
    mining = next(row for row in rows if row[0] == "Antminer S21")
    assert mining[5].startswith("+$")  # $90,000 and $60,000 instead of $70,169 twice
    tab(page, "lines")
    lines = {row[0]: row for row in texts(page.lines)}
    assert lines["BTC price, $"][1:4] == ["70,169", "75,000", "+4,831"]
    assert lines["Capex, $"][2] == "—"
    assert lines["Capex, $"][-1] == "no month is known yet"
    tab(page, "months")
    assert [row[0] for row in texts(page.months)] == ["May 2026", "Apr 2026"]
    page.line.setCurrentIndex(page.line.findText("BTC price"))
    page.line.activated.emit(page.line.currentIndex())
    assert [row[1:4] for row in texts(page.months)] == [
        ["70,169", "60,000", "−10,169"],
        ["70,169", "90,000", "+19,831"],
    ]
    tab(page, "forecasts")
    (row,) = texts(page.forecasts)
    assert row[:2] == ["BTC price", "2"]
    assert row[3] == "19.5%"  # (19,831.43 ∕ 90,000 + 10,168.57 ∕ 60,000) ∕ 2


def test_that_actual_values_are_typed_added_and_removed(page: Any, qtbot: Any) -> None:
    session, table = page.session, page.actuals
    tab(page, "actuals")
    table.setFocus()
    table.choose("x1", 2)
    table.lines.entered.emit(table.currentIndex().row(), 2, "95k")
    assert next(a.value for a in session.document.plan.actuals if a.id == "x1") == 95_000.0
    assert session.document.undo_stack.undoText() == "Change Value in Actual months"
    table.lines.entered.emit(table.currentIndex().row(), 1, "weather")
    assert next(a.line for a in session.document.plan.actuals if a.id == "x1") == "btc_price_usd"
    table.choose("x2")
    QTest.keySequence(table, QKeySequence("Ctrl+Shift+N"))
    new = session.document.plan.actuals[-1]
    assert (new.month, new.line) == ("2026-06", "btc_price_usd")
    assert table.current_key == new.id
    QTest.keySequence(table, QKeySequence("Ctrl+Delete"))
    assert len(session.document.plan.actuals) == 2
    qtbot.mouseClick(page.add_button, LEFT)
    assert len(session.document.plan.actuals) == 3
    qtbot.mouseClick(page.remove_button, LEFT)
    assert len(session.document.plan.actuals) == 2
    assert session.document.undo_stack.undoText() == "Remove an actual value"
    table.lines.entered.emit(0, 4, "Atlantis")
    assert {a.site_id for a in session.document.plan.actuals} == {""}
    table.lines.entered.emit(0, 5, "powered-shell lease")
    assert any((a.site_id, a.use_id) == ("s1", "o1") for a in session.document.plan.actuals)


def test_that_blocks_are_pasted_with_and_without_headings(page: Any) -> None:
    session, table = page.session, page.actuals
    tab(page, "actuals")
    table.setFocus()
    QApplication.clipboard().setText(
        "Month\tRevenue (k$)\tPower cost (k$)\nJun 2026\t1,250\t400\nJul 2026\t1,300\tbad\n"
    )
    QTest.keySequence(table, QKeySequence(QKeySequence.StandardKey.Paste))
    assert session.document.undo_stack.undoText() == "Paste actuals of 2 months"
    assert [(a.month, a.line, a.value) for a in session.document.plan.actuals[2:]] == [
        ("2026-06", "revenue_usd", 1_250_000.0),
        ("2026-06", "power_cost_usd", 400_000.0),
        ("2026-07", "revenue_usd", 1_300_000.0),
    ]
    table.choose("x2", 2)
    QApplication.clipboard().setText("61,000\n")
    QTest.keySequence(table, QKeySequence(QKeySequence.StandardKey.Paste))
    assert next(a.value for a in session.document.plan.actuals if a.id == "x2") == 61_000.0


def test_that_a_pasted_row_is_in_the_unit_beside_its_value(page: Any) -> None:
    session, table = page.session, page.actuals
    tab(page, "actuals")
    before = len(session.document.plan.actuals)
    table.paste_block(
        "2026-09\tEnergy used\t12\tGWh\n2026-09\tDifficulty\t150000000000000\tdifficulty\n"
        "2026-09\tRevenue\t$1.2M\t$\n2026-09\tBTC price\t61,000\t$\n"
    )
    added = {a.line: a.value for a in session.document.plan.actuals[before:]}
    assert added == {
        "energy_mwh": 12_000.0,
        "difficulty": 1.5e14,
        "revenue_usd": 1.2e6,
        "btc_price_usd": 61_000.0,
    }


def test_that_a_note_and_a_deletion_are_steps_with_names(page: Any, qtbot: Any) -> None:
    session = page.session
    page.note.setFocus()
    qtbot.keyClicks(page.note, "Against the advice")
    qtbot.keyClick(page.note, KEY.Key_Return)
    assert session.document.plan.decisions[0].note == "Against the advice"
    assert session.document.undo_stack.undoText() == "Note on decision Board of March"
    session.typing_ends.emit()
    assert session.document.undo_stack.undoText() == "Note on decision Board of March"
    page.note.setFocus()
    qtbot.keyClicks(page.note, ", at once")
    session.typing_ends.emit()
    assert session.document.plan.decisions[0].note == "Against the advice, at once"
    page.decisions.setFocus()
    QTest.keySequence(page.decisions, QKeySequence("Ctrl+Delete"))
    assert session.document.plan.decisions == session.document.plan.decided_uses == ()
    assert session.document.undo_stack.undoText() == "Delete decision Board of March"
    assert page.heading.text() == "No decision recorded yet"
    assert page.chart.spec.reason
    session.document.undo()
    assert page.heading.text() == "Board of March"
    assert page.note.text() == "Against the advice, at once"


def test_that_the_plan_of_that_day_opens_as_a_copy_after_asking(page: Any, window: Any, qtbot: Any) -> None:
    session = page.session
    session.set_value("market.btc_price_usd", 1.0)
    qtbot.mouseClick(page.open_button, LEFT)
    box = window.findChild(QMessageBox, "unsaved")
    assert box is not None
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Discard), LEFT)
    plan = session.document.plan
    assert plan.plan.name == "March 2026 briefing, as of 2026-03-24"
    assert dataclasses.replace(plan, plan=sample("briefing").plan) == sample("briefing")
    assert session.document.path is None


def test_that_a_damaged_frozen_plan_is_a_sentence_on_the_page(window: Any, qtbot: Any) -> None:
    plan = decided()
    plan = dataclasses.replace(plan, decisions=(dataclasses.replace(plan.decisions[0], frozen_plan="garbage"),))
    window.session.document.new(plan)
    window.show_page("decisions")
    window.page.flush()
    assert "its frozen plan is damaged" in story(window.page)
    qtbot.mouseClick(window.page.open_button, LEFT)
    box = window.findChild(QMessageBox, "trouble")
    assert "frozen plan is damaged" in box.text()
    box.close()


def test_that_sites_are_looked_at_one_by_one(window: Any) -> None:
    rows = (("2026-04", "btc_price_usd", 90_000.0, "", ""), ("2026-05", "revenue_usd", 5e6, "s1", ""))
    window.session.document.new(decided("three-sites", *rows))
    window.show_page("decisions")
    page = window.page
    page.flush()
    assert page.site.isVisible()
    assert page.site.count() == len(page.found.register.site_ids) + 1
    whole = page.found.mw
    page.site.setCurrentIndex(1)
    page.site.activated.emit(1)
    page.flush()
    assert page.found.site_id == page.site.currentData() != ""
    assert page.found.mw < whole
    for name in TABS:
        tab(page, name)


def test_that_the_dialog_of_imports_takes_actual_months(session: Any, show: Any, tmp_path: Path) -> None:
    file = tmp_path / "books.csv"
    file.write_text("Month,BTC price,Revenue ($k)\n2026-04,70000,1\n2026-05,x,2\n", encoding="utf-8")
    dialog = show(ImportDialog(session, file), 860, 620)
    assert dialog.kind.currentText() == "Actual months"
    assert dialog.import_button.text() == "Import actuals of 2 months"
    assert any("Line 3, column 2" in dialog.findings.item(n).text() for n in range(dialog.findings.count()))
    dialog.accept()
    assert session.document.undo_stack.undoText() == "Import actuals of 2 months from books.csv"
    assert len(session.document.plan.actuals) == 3


def test_that_an_import_in_a_scenario_is_of_the_plan(session: Any, show: Any, tmp_path: Path) -> None:
    session.document.new(decided("briefing", ("2026-04", "btc_price_usd", 90_000.0, "", "")))
    session.show_scenario("bull")
    file = tmp_path / "books.csv"
    file.write_text("Month,BTC price\n2026-04,91000\n2026-05,92000\n", encoding="utf-8")
    show(ImportDialog(session, file), 860, 620).accept()
    assert [a.value for a in session.document.plan.actuals] == [91_000.0, 92_000.0]
    assert session.document.plan.scenarios == sample("briefing").scenarios


def test_that_a_german_window_reads_and_writes_german_numbers(open_session: Any, show: Any) -> None:
    session = open_session(decided("briefing", ("2026-04", "btc_price_usd", 90_000.0, "", "")), "de_DE")
    page = show(DecisionsPage(session), 1200, 800)
    page.refresh()
    page.flush()
    tab(page, "actuals")
    QApplication.clipboard().setText("Monat\tBTC price\nMai 2026\t61.500,50\n")
    page.actuals.setFocus()
    page.actuals.paste()
    assert [a.value for a in session.document.plan.actuals] == [90_000.0, 61_500.5]
    page.flush()
    tab(page, "lines")
    assert texts(page.lines)[0][1:3] == ["70.169", "75.750"]
    assert "1,06M/MW" in story(page)


def test_that_another_npv_from_the_same_frozen_plan_and_months_as_planned_are_said(window: Any) -> None:
    plan = decided("briefing", ("2026-05", "btc_price_usd", 90_000.0, "", ""))
    uses = tuple(dataclasses.replace(u, npv_usd_per_mw=1.0) for u in plan.decided_uses)
    window.session.document.new(dataclasses.replace(plan, decided_uses=uses))
    window.show_page("decisions")
    window.page.flush()
    assert "computes another NPV of Powered-shell lease, Own GPUs" in story(window.page)
    assert "or count as planned where none is known" in story(window.page)
