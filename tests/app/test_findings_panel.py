"""Findings under every page: counted, in words, with the way to the field and a repair of one click."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.shell.findings_panel import count_text
from models.defaults import empty_plan
from models.fields import replace
from models.problems import Finding, Severity
from models.samples import sample


def settled(window: Any) -> Any:
    window.findings.refresh()
    return window.findings


def test_that_findings_are_counted_by_severity_in_words() -> None:
    def some(severity: Severity, count: int) -> tuple[Finding, ...]:
        return tuple(Finding("a.b", severity, "sites.s1", "x") for _ in range(count))

    assert count_text(()) == "No findings"
    assert count_text(some(Severity.ERROR, 1) + some(Severity.INFO, 2)) == "1 error, 2 notes"
    assert count_text(some(Severity.WARNING, 2)) == "2 warnings"


def test_that_the_bar_counts_and_quotes_the_gravest(window: Any) -> None:
    panel = settled(window)
    findings = window.session.results.findings
    assert panel.toggle.text() == count_text(findings)
    gravest = min(findings, key=lambda f: list(Severity).index(f.severity))
    assert panel.first.full_text() == gravest.message
    assert not panel.scroll.isVisible()


def test_that_the_bar_quotes_what_the_last_edit_caused_as_long_as_it_stands(window: Any, qtbot: Any) -> None:
    panel = settled(window)
    older = panel.first.full_text()
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 80.0 / 12.0)
    settled(window)
    assert "per kW and year" in panel.first.full_text()
    window.session.set_value("market.btc_price_usd", 72_000.0)
    settled(window)
    assert "per kW and year" in panel.first.full_text()
    qtbot.keyClick(window, Qt.Key.Key_F4)
    assert panel.status.full_text() == panel.first.full_text()
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 128.0)
    settled(window)
    assert panel.first.full_text() == older


def test_that_another_plan_is_quoted_by_its_gravest_finding(window: Any) -> None:
    panel = settled(window)
    bare = dataclasses.replace(window.session.plan, power_contracts=())
    window.session.document.new(bare)
    settled(window)
    gravest = panel.first.full_text()
    assert "no power contract" in gravest
    certain = replace(bare, "asic_lots.a1.uptime_fraction", 1.0)
    window.session.document.new(certain)
    settled(window)
    assert any(f.code == "lint.uptime_full" for f in window.session.results.findings)
    assert panel.first.full_text() == gravest, "opening a plan is no edit that caused something"


def test_that_findings_are_sought_once_the_bar_was_painted(open_session: Any, show: Any, qtbot: Any) -> None:
    from app.shell.findings_panel import SEEKING, FindingsPanel

    session = open_session()
    panel = FindingsPanel(session)
    qtbot.wait(200)
    assert panel.toggle.text() == SEEKING
    assert "findings" not in vars(session.results)
    show(panel)
    qtbot.waitUntil(lambda: panel.toggle.text() == count_text(session.results.findings))
    before = panel.toggle.text()
    session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 1_250.0)  # cents taken for dollars
    qtbot.waitUntil(lambda: panel.toggle.text() != before)
    assert panel.toggle.text() == count_text(session.results.findings)


def test_that_the_list_opens_with_a_row_for_each_finding_and_is_remembered(window: Any, qtbot: Any) -> None:
    panel = settled(window)
    qtbot.keyClick(window, Qt.Key.Key_F7)
    assert panel.scroll.isVisible()
    assert {row.finding for row in panel.rows} == set(window.session.results.findings)
    for row in panel.rows:
        texts = [label.text() for label in row.findChildren(QLabel)]
        assert row.finding.message in texts
        # The kind of finding is an icon with a name, not a colour alone.
        assert any(label.accessibleName() for label in row.findChildren(QLabel))
    assert window.session.settings.flag("findings_expanded")
    qtbot.keyClick(window, Qt.Key.Key_F7)
    assert not panel.scroll.isVisible()


def test_that_a_finding_leads_to_its_field(window: Any, qtbot: Any) -> None:
    panel = settled(window)
    panel.set_expanded(True)
    paths: list[str] = []
    window.session.selection_requested.connect(paths.append)
    window.session.page_requested.disconnect(window.show_page)
    row = panel.rows[0]
    qtbot.mouseClick(row.show_button, Qt.MouseButton.LeftButton)
    assert paths == [row.finding.path]
    paths.clear()
    for _ in range(len(panel.rows) + 1):
        panel.go_to_next()
    assert paths == [r.finding.path for r in panel.rows] + [panel.rows[0].finding.path]


def test_that_a_repair_is_one_undoable_edit_and_its_finding_goes(window: Any, qtbot: Any) -> None:
    # An uptime of 100 % is what nobody has; the finding offers what company reports have.
    repairable = next(
        (finding, plan) for plan in questionable_plans() for finding in evaluated(plan) if finding.repairs
    )
    finding, plan = repairable
    window.session.document.new(plan)
    panel = settled(window)
    panel.set_expanded(True)
    row = next(r for r in panel.rows if r.finding == finding)
    steps = window.session.document.undo_stack.count()
    qtbot.mouseClick(row.repairs[0], Qt.MouseButton.LeftButton)
    assert window.session.document.undo_stack.count() == steps + 1
    assert window.session.document.undo_stack.undoText() == finding.repairs[0].label
    assert finding not in settled(window)._findings
    window.undo()
    assert window.session.document.plan == plan


def test_that_the_keyboard_stays_in_the_list_when_a_repaired_finding_goes(window: Any, qtbot: Any) -> None:
    plan = replace(sample("briefing"), "asic_lots.a1.uptime_fraction", 1.0)
    window.session.document.new(replace(plan, "power_contracts.p1.energy_price_usd_per_mwh", 0.05))
    panel = settled(window)
    panel.set_expanded(True)
    place = next(k for k, row in enumerate(panel.rows) if row.repairs)
    panel.rows[place].repairs[0].setFocus()
    qtbot.keyClick(panel.rows[place].repairs[0], Qt.Key.Key_Space)
    settled(window)
    assert window.focusWidget() is panel.rows[place].buttons[0]


def test_that_an_open_list_without_findings_takes_no_room(window: Any) -> None:
    panel = settled(window)
    panel.set_expanded(True)
    assert panel.scroll.isVisible()
    window.session.document.new(empty_plan())
    assert not settled(window).scroll.isVisible()
    window.session.document.new(sample("briefing"))
    assert settled(window).scroll.isVisible()


def evaluated(plan: Any) -> tuple[Finding, ...]:
    from models.evaluate import evaluate

    return evaluate(plan).findings


def questionable_plans() -> list[Any]:
    plan = sample("briefing")
    return [
        replace(plan, "asic_lots.a1.uptime_fraction", 1.0),
        replace(plan, "ai_offers.o1.rent_usd_per_it_kw_month", 8.0),
        replace(plan, "power_contracts.p1.energy_price_usd_per_mwh", 0.05),
        replace(plan, "asic_lots.a1.power_w", 3.5),
    ]


def test_that_findings_wait_until_a_dragged_lever_rests(window: Any, qtbot: Any) -> None:
    panel = settled(window)
    before = panel.toggle.text()
    window.session.edit("Delete", dataclasses.replace(window.session.plan, power_contracts=()))
    assert panel.toggle.text() == before
    qtbot.waitUntil(lambda: panel.toggle.text() == count_text(window.session.results.findings))
    assert panel.toggle.text() != before


def test_that_a_message_is_shown_at_the_right(window: Any) -> None:
    window.session.message.emit("Saved to plan.busbar")
    assert window.findings.status.text() == "Saved to plan.busbar"


def test_that_findings_repairs_and_their_undo_step_are_in_the_readers_notation(open_session: Any, qtbot: Any) -> None:
    from app.shell.findings_panel import FindingsPanel

    path = "power_contracts.p1.energy_price_usd_per_mwh"
    session = open_session(replace(sample("briefing"), path, 1_250.5), locale="de_DE")
    panel = FindingsPanel(session)
    qtbot.addWidget(panel)
    panel.refresh()
    panel.set_expanded(True)
    row = next(r for r in panel.rows if r.finding.path == path)
    assert "$1.250,5/MWh is far above" in " ".join(label.text() for label in row.findChildren(QLabel))
    assert row.finding.message.startswith("$1,250.5/MWh is far above")
    assert row.repairs[0].text() == "Set $12,505/MWh"
    row.repairs[0].click()
    assert session.document.undo_stack.undoText() == "Set $12,505/MWh"


QUESTIONABLE = "asic_lots.a1.uptime_fraction"


def dialog_of(window: Any) -> Any:
    from app.shell.snooze_dialog import SnoozeDialog

    return next(d for d in window.findChildren(SnoozeDialog) if d.isVisible())


def row_of(panel: Any, code: str) -> Any:
    return next(row for row in panel.rows if row.finding.code == code)


def test_that_a_finding_is_set_aside_with_a_reason_by_keyboard_and_restored(window: Any, qtbot: Any) -> None:
    window.session.document.new(replace(sample("briefing"), QUESTIONABLE, 1.0))
    panel = settled(window)
    panel.set_expanded(True)
    before = panel.toggle.text()
    row = row_of(panel, "lint.uptime_full")
    row.show_button.setFocus()
    qtbot.keyClick(row.show_button, Qt.Key.Key_Delete)
    dialog = dialog_of(window)
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert dialog.said.text() == "Write why it may stand; the memo prints the reason."
    qtbot.keyClicks(dialog.reason, "Measured by the hour")
    assert dialog.said.text() == ""
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    (snooze,) = window.session.document.plan.snoozes
    assert (snooze.code, snooze.path, snooze.reason, snooze.date) == (
        "lint.uptime_full", QUESTIONABLE, "Measured by the hour", "2026-03-24",
    )  # fmt: skip
    assert window.session.document.undo_stack.undoText() == "Set finding aside"
    qtbot.waitUntil(lambda: panel.aside.isVisible())
    assert "lint.uptime_full" not in {r.finding.code for r in panel.rows}
    assert panel.toggle.text() != before
    assert panel.aside.text() == "1 set aside"
    panel.aside.setChecked(True)
    quiet = row_of(panel, "lint.uptime_full")
    assert quiet.snooze == snooze
    assert any("Measured by the hour" in label.text() for label in quiet.findChildren(QLabel))
    assert not quiet.repairs
    qtbot.mouseClick(quiet.aside_button, Qt.MouseButton.LeftButton)
    assert window.session.document.plan.snoozes == ()
    settled(window)
    assert (panel.toggle.text(), panel.aside.isVisible()) == (before, False)
    window.undo()
    window.undo()
    assert window.session.document.plan.snoozes == ()
    settled(window)
    assert row_of(panel, "lint.uptime_full").snooze is None


def test_that_the_list_stays_where_it_is_when_a_finding_goes(window: Any, qtbot: Any) -> None:
    # Only on a screen (QT_QPA_PLATFORM=xcb) does Qt hand the focus through rows that go, and scroll after it.
    window.session.document.new(sample("three-sites"))
    panel = settled(window)
    panel.set_expanded(True)
    qtbot.waitUntil(lambda: panel.scroll.verticalScrollBar().maximum() > 100)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first = panel.rows[0]
    first.aside_button.setFocus()
    qtbot.mouseClick(first.aside_button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window)
    qtbot.keyClicks(dialog.reason, "Known")
    qtbot.keyClick(dialog.reason, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.aside.isVisible())
    qtbot.wait(20)
    assert first.finding not in [row.finding for row in panel.rows]
    assert panel.rows[0].isAncestorOf(window.focusWidget())
    assert panel.scroll.verticalScrollBar().value() == 0


def test_that_an_error_says_why_it_cannot_be_set_aside(window: Any, qtbot: Any) -> None:
    window.session.document.new(dataclasses.replace(sample("briefing"), power_contracts=()))
    panel = settled(window)
    panel.set_expanded(True)
    qtbot.mouseClick(row_of(panel, "power.no_contract").aside_button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window)
    assert "cannot be set aside" in dialog.said.text()
    assert not dialog.reason.isVisible()
    assert not dialog.button.isVisible()
    dialog.reject()


def test_that_what_was_set_aside_is_no_finding_of_the_pages(window: Any) -> None:
    import datetime

    from models.snoozes import set_aside

    window.session.document.new(replace(sample("briefing"), QUESTIONABLE, 1.0))
    finding = next(f for f in window.session.findings if f.code == "lint.uptime_full")
    window.session.edit_base(
        "Set aside", set_aside(window.session.document.plan, finding, "Known", datetime.date(2026, 3, 24))
    )
    assert finding in window.session.results.findings
    assert finding not in window.session.findings


def test_that_what_was_said_of_one_step_goes_with_the_next(window: Any) -> None:
    panel = settled(window)
    window.session.set_value("market.btc_price_usd", 72_000.0)
    window.undo()
    assert panel.status.full_text() == "Undone: change BTC price"
    window.session.set_value("market.btc_price_usd", 73_000.0)
    assert panel.status.full_text() == ""
    assert panel.status.isHidden()
    window.undo()
    window.session.document.new(sample("one-site"))
    assert panel.status.isHidden()
