"""The window as a whole: pages on demand, unsaved edits asked about, recovery, layout, what it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QFileDialog,
    QLabel,
    QMessageBox,
    QScrollArea,
    QTabWidget,
    QWidget,
)

from app import theme
from app.import_dialog import ImportDialog
from app.sensitivity_words import timed_distances
from app.session import page_of
from app.settings import Settings
from app.shell.commands import PAGES, page_keys
from app.shell.window import TITLE_BAR_PX, Window
from models.fields import fields_of, replace
from models.plan import BESIDE_THE_NUMBERS, RECORD_TYPES, SINGLE_RECORDS
from models.samples import sample, sample_names, template, template_names
from models.storage.plan_file import open_plan, save_plan, to_bytes

PRICE = "market.btc_price_usd"
BUTTONS = QMessageBox.StandardButton


def box(window: Any, name: str) -> QMessageBox:
    (found,) = [b for b in window.findChildren(QMessageBox, name) if b.isVisible()]
    return found


def no_box(window: Any, name: str) -> bool:
    return not any(b.isVisible() for b in window.findChildren(QMessageBox, name))


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "three.busbar"
    save_plan(sample("three-sites"), path)
    return path


def test_that_the_title_follows_from_one_untouched_plan_to_the_next(window: Any, session: Any) -> None:
    assert "March 2026 briefing" in window.windowTitle()
    session.document.new(sample("three-sites"))
    assert sample("three-sites").plan.name in window.windowTitle()


def test_that_undo_and_redo_say_what_they_did(window: Any) -> None:
    window.session.set_value(PRICE, 80_000.0)
    window.undo()
    assert window.findings.status.full_text() == "Undone: change BTC price"
    window.redo()
    assert window.findings.status.full_text() == "Done again: change BTC price"


@pytest.mark.parametrize("is_last", [True, False])
def test_that_a_widget_that_goes_takes_nothing_of_the_window_along(window: Any, is_last: bool) -> None:
    """PySide takes what Tab comes to next for a part of what it asked; when that went, menus went for Python."""
    actions = [action for row in window.levers.rows for action in row.menu.actions()]
    gone = QLabel("goes", window)
    if not is_last:
        actions.append(QLabel("stays", window).addAction("of what stays"))
    QTest.keyClick(window, Qt.Key.Key_Tab)
    gone.deleteLater()
    QApplication.sendPostedEvents(gone, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(gone)
    assert all(map(shiboken6.isValid, actions))


# Pages


def test_that_every_page_opens_by_its_key_and_is_marked_in_the_rail(window: Any, qtbot: Any) -> None:
    for number, (name, _) in enumerate(PAGES, start=1):
        QTest.keySequence(window, QKeySequence(page_keys(name, number)))
        assert window.page.name == name
        assert [n for n, b in window.rail.buttons.items() if b.isChecked()] == [name]


def test_that_the_keyboards_frame_follows_a_page_opened_by_its_key(window: Any) -> None:
    window.show_page("market")
    window.rail.buttons["market"].setFocus()
    window.show_page("fleet")
    assert window.rail.buttons["fleet"].hasFocus()


def test_that_a_page_is_made_once_and_only_when_asked_for(window: Any) -> None:
    assert set(window.pages) == {"start"}
    window.show_page("market")
    first = window.pages["market"]
    window.show_page("start")
    window.show_page("market")
    assert window.page is first


def test_that_a_hidden_page_is_brought_up_to_date_when_it_is_shown_again(window: Any) -> None:
    calls: list[str] = []
    window.show_page("market")
    page = window.pages["market"]
    refresh = page.refresh
    page.refresh = lambda: (calls.append("market"), refresh())
    window.session.set_value(PRICE, 80_000.0)
    assert calls == ["market"]
    window.show_page("start")
    window.session.set_value(PRICE, 81_000.0)
    window.session.set_value(PRICE, 82_000.0)
    assert calls == ["market"]
    window.show_page("market")
    assert calls == ["market", "market"]
    window.show_page("start")
    window.show_page("market")
    assert calls == ["market", "market"]


def test_that_every_page_shows_every_plan_to_begin_with(window: Any, qapp: Any, subtests: pytest.Subtests) -> None:
    for page, _ in PAGES:
        window.show_page(page)
    plans = {name: template(name) for name, *_ in template_names()}
    plans |= {name: sample(name) for name, *_ in sample_names()[1:]}
    for name, plan in plans.items():
        with subtests.test(name):
            window.session.document.new(plan)
            for page, _ in PAGES:
                window.show_page(page)
                qapp.processEvents()
                window.session.set_value(PRICE, 80_000.0 + len(page))
                window.undo()
            assert window.session.document.plan == plan


@pytest.mark.parametrize("table", [t for t in RECORD_TYPES if t not in BESIDE_THE_NUMBERS])
def test_that_every_record_and_field_can_be_jumped_to(window: Any, table: str) -> None:
    plan = window.session.plan
    records = [(table, getattr(plan, table))]
    if table not in SINGLE_RECORDS:
        records = [(f"{table}.{record.id}", record) for record in getattr(plan, table)]
    for path, record in records:
        window.session.select(path)
        assert window.page.name == page_of(path)
        for field in fields_of(type(record)):
            window.session.select(f"{path}.{field.name}")


def test_that_a_jump_puts_the_cursor_into_the_field(window: Any, qapp: Any) -> None:
    for path in (
        "market.difficulty",
        "ai_offers.o2.utilisation_fraction",
        "asic_lots.a2.pool_fee_fraction",
        "sites.s1.mining_pue",
    ):
        window.session.select(path)
        qapp.processEvents()
        focused = window.focusWidget()
        assert focused is not None, path
        assert focused is not window.rail.buttons[window.page.name], path
        assert window.page.isAncestorOf(focused), path


# Beginning, opening, saving


def test_that_start_offers_all_samples_and_templates_and_opens_a_copy(window: Any, qtbot: Any) -> None:
    page = window.page
    assert set(page.sample_cards) == {name for name, _, _ in sample_names()}
    assert set(page.template_cards) == {name for name, _, _ in template_names()}
    qtbot.mouseClick(page.sample_cards["own-gpus"], Qt.MouseButton.LeftButton)
    assert window.session.document.plan == sample("own-gpus")
    assert window.session.document.path is None
    assert window.page.name == "break_even"


def test_that_an_empty_plan_begins_at_the_first_page_of_the_work(window: Any, qtbot: Any) -> None:
    qtbot.mouseClick(window.page.template_cards["empty"], Qt.MouseButton.LeftButton)
    assert window.page.name == "market"
    assert window.session.plan.sites == ()


def test_that_a_plan_is_saved_where_the_user_says_and_listed_as_recent(window: Any, tmp_path: Path) -> None:
    window.session.set_value(PRICE, 80_000.0)
    window.files.save()
    (dialog,) = window.findChildren(QFileDialog, "file_dialog")
    dialog.fileSelected.emit(str(tmp_path / "ours.busbar"))
    dialog.reject()
    assert open_plan(tmp_path / "ours.busbar") == window.session.document.plan
    assert not window.isWindowModified()
    assert "ours.busbar" in window.windowTitle()
    assert window.session.settings.recent[0] == tmp_path / "ours.busbar"
    window.session.set_value(PRICE, 81_000.0)
    window.files.save()
    assert open_plan(tmp_path / "ours.busbar").market.btc_price_usd == 81_000.0


def test_that_opening_asks_about_unsaved_edits_first(window: Any, plan_file: Path) -> None:
    window.session.set_value(PRICE, 80_000.0)
    window.files.open_path(plan_file)
    box(window, "unsaved").button(BUTTONS.Cancel).click()
    assert window.session.document.plan.market.btc_price_usd == 80_000.0
    window.files.open_path(plan_file)
    box(window, "unsaved").button(BUTTONS.Discard).click()
    assert window.session.document.plan == sample("three-sites")
    assert window.session.document.path == plan_file


def test_that_save_in_the_question_saves_and_goes_on(window: Any, plan_file: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.busbar"
    window.session.document.save_as(own)
    window.session.set_value(PRICE, 80_000.0)
    window.files.open_path(plan_file)
    box(window, "unsaved").button(BUTTONS.Save).click()
    assert open_plan(own).market.btc_price_usd == 80_000.0
    assert window.session.document.path == plan_file


def test_that_closing_with_unsaved_edits_waits_for_the_answer(window: Any) -> None:
    window.session.set_value(PRICE, 80_000.0)
    assert not window.close()
    assert window.isVisible()
    box(window, "unsaved").button(BUTTONS.Cancel).click()
    assert window.isVisible()
    assert not window.close()
    box(window, "unsaved").button(BUTTONS.Discard).click()
    assert not window.isVisible()


def test_that_closing_without_edits_asks_nothing(window: Any) -> None:
    assert window.close()


def test_that_a_damaged_file_is_reported_in_words_and_the_plan_stays(window: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.busbar"
    bad.write_bytes(b"SQLite format 3\x00" + bytes(50))
    window.files.open_path(bad)
    trouble = box(window, "trouble")
    assert trouble.text().endswith(".")
    assert str(bad) in trouble.informativeText()
    trouble.reject()
    assert window.session.document.plan == sample("briefing")


def test_that_a_locked_plan_can_be_opened_as_a_copy(window: Any, plan_file: Path, qapp: Any) -> None:
    from app.files.document import Document

    other = Document()
    other.open(plan_file)
    window.files.open_path(plan_file)
    trouble = box(window, "trouble")
    (button,) = [b for b in trouble.findChildren(QAbstractButton) if "copy" in b.text()]
    button.click()
    assert window.session.document.plan == sample("three-sites")
    assert window.session.document.path is None
    other.close()


def test_that_a_file_changed_by_others_is_overwritten_only_when_told(window: Any, plan_file: Path) -> None:
    window.files.open_path(plan_file)
    save_plan(sample("own-gpus"), plan_file)
    window.session.set_value(PRICE, 80_000.0)
    window.files.save()
    trouble = box(window, "trouble")
    assert open_plan(plan_file) == sample("own-gpus")
    (button,) = [b for b in trouble.findChildren(QAbstractButton) if "Overwrite" in b.text()]
    button.click()
    assert open_plan(plan_file) == window.session.document.plan


def test_that_a_plan_or_a_table_can_be_dropped_on_the_window(window: Any, plan_file: Path, tmp_path: Path) -> None:
    def dropped(*paths: Path) -> QMimeData:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(p)) for p in paths])
        return data

    assert window.files.dropped_path(dropped(tmp_path / "picture.png")) is None
    assert window.files.dropped_path(dropped(plan_file, plan_file)) is None
    data = dropped(plan_file)
    move, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), move, data, left, none))
    assert window.session.document.path == plan_file
    table = tmp_path / "fleet.csv"
    table.write_text("Model;Pieces;Hashrate TH/s;Power W\nS21;100;200;3500\n")
    data = dropped(table)
    window.dropEvent(QDropEvent(QPointF(5, 5), move, data, left, none))
    assert window.findChild(ImportDialog).isVisible()


def test_that_the_memo_is_exported(window: Any, tmp_path: Path) -> None:
    window.exports.write_memo(tmp_path / "memo.pdf")
    assert window.exports.writer.is_busy
    window.exports.writer.flush()
    assert (tmp_path / "memo.pdf").read_bytes().startswith(b"%PDF-")
    assert no_box(window, "trouble")


def test_that_a_memo_without_any_use_is_not_asked_for_by_its_key_either(window: Any, qtbot: Any) -> None:
    window.files.begin(template("empty"))
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    assert not window.findChildren(QFileDialog)
    assert "nothing to recommend yet" in window.findings.status.text()


def test_that_the_workbook_is_written_beside_the_work_with_its_switch_at_the_scenario_on_show(
    window: Any, tmp_path: Path
) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    window.session.show_scenario(window.session.document.plan.scenarios[1].id)
    window.exports.write_workbook(tmp_path / "plan.xlsx")
    assert window.exports.writer.is_busy
    assert said[-1] == "Writing plan.xlsx …"
    window.exports.writer.flush()
    assert said[-1] == f"plan.xlsx written to {tmp_path}"
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", read_only=True)
    assert book["Inputs"]["E3"].value == 3
    assert no_box(window, "trouble")


def test_that_a_workbook_that_cannot_be_written_says_why_and_leaves_nothing(window: Any, tmp_path: Path) -> None:
    window.exports.write_workbook(tmp_path / "absent" / "plan.xlsx")
    window.exports.writer.flush()
    assert not no_box(window, "trouble")
    assert list(tmp_path.iterdir()) == []
    window.findChild(QMessageBox, "trouble").reject()


@pytest.mark.parametrize(
    ("write", "name", "ends"),
    [
        ("write_workbook", "plan.csv", ".xlsx"),
        ("write_pack", "market.xlsx", ".json or .csv"),
        ("write_memo", "memo.txt", ".pdf, .docx, .html or .htm"),
    ],
)
def test_that_a_file_of_another_ending_is_not_written(
    window: Any, tmp_path: Path, write: str, name: str, ends: str
) -> None:
    getattr(window.exports, write)(tmp_path / name)
    window.exports.writer.flush()
    box = window.findChild(QMessageBox, "trouble")
    assert box.text() == f"A file that ends in {Path(name).suffix} cannot be written here."
    assert f"ends in {ends}" in box.informativeText()
    assert list(tmp_path.iterdir()) == []
    box.reject()


def test_that_a_table_is_imported_after_a_look_at_what_was_understood(window: Any, tmp_path: Path, qtbot: Any) -> None:
    table = tmp_path / "fleet.csv"
    table.write_text("Model;Pieces;Hashrate TH/s;Power W\nS21;100;200;3500\nS19;many;1;2\n")
    window.files.import_path(table)
    (dialog,) = window.findChildren(ImportDialog)
    assert window.session.document.plan == sample("briefing")
    qtbot.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert [lot.model for lot in window.session.plan.asic_lots[3:]] == ["S21"]
    window.undo()
    assert window.session.document.plan == sample("briefing")


def test_that_a_file_which_is_no_table_is_reported_in_words(window: Any, tmp_path: Path) -> None:
    (tmp_path / "photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    window.files.import_path(tmp_path / "photo.csv")
    assert "picture" in box(window, "trouble").text()


# Recovery


def test_that_work_left_behind_by_a_dead_process_is_offered_and_taken_up(window: Any, root: Path, qtbot: Any) -> None:
    script = (
        "import os; from PySide6.QtWidgets import QApplication; app = QApplication([])\n"
        "from app.files.document import Document\n"
        "from models.samples import sample; from models.fields import replace\n"
        "d = Document(sample('one-site')); d.edit('x', replace(d.plan, 'market.btc_price_usd', 99000.0)); d.flush()\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=root, timeout=60, check=False)
    window.show_page("market")
    window._stale.add("start")
    window.show_page("start")
    qtbot.waitUntil(lambda: any(b.text() == "Recover" for b in window.page.findChildren(QAbstractButton)))
    buttons = {b.text(): b for b in window.page.findChildren(QAbstractButton)}
    qtbot.mouseClick(buttons["Recover"], Qt.MouseButton.LeftButton)
    assert window.session.document.plan == replace(sample("one-site"), PRICE, 99_000.0)
    assert window.session.document.is_dirty


@pytest.mark.logs_warnings("the test provokes an error of ours")
def test_that_an_error_of_ours_saves_the_work_and_is_reported_once(window: Any, capsys: Any) -> None:
    from app.files.recovery import RecoveryWriter
    from app.main import CrashReporter

    reporter = CrashReporter(window)
    window.session.set_value(PRICE, 90_000.0)
    for _ in range(3):
        reporter._hook(ZeroDivisionError, ZeroDivisionError("by zero"), None)
    (report,) = [b for b in window.findChildren(QMessageBox, "crash") if b.isVisible()]
    assert "ZeroDivisionError: by zero" in report.detailedText()
    writer = window.session.document.findChild(RecoveryWriter)
    assert open_plan(writer.file).market.btc_price_usd == 90_000.0
    assert capsys.readouterr().err.count("ZeroDivisionError") == 3
    report.reject()


# Layout


def overflowing(widget: QWidget, inside: QWidget) -> list[str]:
    """Visible children that reach beyond the window."""
    area = inside.rect()
    found = []
    for child in widget.findChildren(QWidget):
        own = not child.objectName().startswith("qt_")
        if own and child.isVisible() and child.window() is inside and not _scrolls(child, inside):
            corner = child.mapTo(inside, child.rect().bottomRight())
            if not area.adjusted(0, 0, 1, 1).contains(corner):
                found.append(f"{type(child).__name__} {child.objectName()} {corner}")
    return found


def _scrolls(widget: QWidget, inside: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None and parent is not inside:
        if parent.objectName() == "qt_scrollarea_viewport":
            return True
        parent = parent.parentWidget()
    return False


@pytest.mark.parametrize(("scale", "size"), [(1.0, (1280, 800)), (1.5, (1440, 900)), (2.0, (1920, 1080))])
def test_that_every_page_fits_the_window(window: Any, qapp: Any, scale: float, size: tuple[int, int]) -> None:
    theme.apply_theme(qapp, "light", scale)
    window.resize(*size)
    for page, _ in PAGES:
        window.show_page(page)
        for _ in range(3):
            qapp.processEvents()
        assert (window.width(), window.height()) == size, page
        assert overflowing(window, window) == [], page


def test_that_layout_is_remembered_and_can_be_reset(session: Any, qtbot: Any, qapp: Any) -> None:
    first = Window(session)
    qtbot.addWidget(first)
    first.show()
    first.resize(1000, 700)
    first.levers_dock.hide()
    first.close()
    second = Window(session)
    qtbot.addWidget(second)
    second.show()
    assert second.height() == 700
    assert not second.levers_dock.isVisible()
    second.view.reset_layout()
    qapp.processEvents()
    assert second.levers_dock.isVisible()
    # The frame's title bar has room too: the last line of the window must not hang below the screen.
    assert second.height() == min(900, second.screen().availableSize().height() - TITLE_BAR_PX)
    assert Settings().geometry.isEmpty()


def test_that_everything_that_takes_the_focus_has_a_name_for_screen_readers(window: Any, qapp: Any) -> None:
    nameless = []
    for name, _ in PAGES:
        window.show_page(name)
        qapp.processEvents()
        for widget in window.findChildren(QWidget):
            if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
                continue
            if not widget.isEnabled() or widget.objectName().startswith("qt_"):
                continue
            # What only holds others: screen readers pass through to what it holds.
            if isinstance(widget, QScrollArea | QTabWidget) or isinstance(widget.parent(), QAbstractScrollArea):
                continue
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            if not (widget.accessibleName() or text):
                nameless.append(f"{name}: {type(widget).__name__} {widget.objectName()}")
    assert sorted(set(nameless)) == []


# What it loads


def test_that_the_first_window_loads_nothing_heavy(root: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from app.main import make_application, make_window; from app.settings import Settings\n"
        "app = make_application(); w = make_window(Settings(), None); w.show()\n"
        "from app.first_paint import after_first_paint\n"
        "loaded = []; after_first_paint(w, lambda: loaded.extend(sys.modules))\n"
        "while not loaded: app.processEvents()\n"
        "print(sorted(loaded))\n"
        "w.session.recompute.flush()\n"
        "w.session.document.close()"
    )
    environment = {**os.environ, "BUSBAR_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    heavy = ("pandas", "scipy", "typst", "sqlite_utils", "openpyxl", "contourpy", "pyqtgraph")
    for name in (*heavy, "models.checks", "models.lint", "models.catalogue", "models.recommendation"):
        assert f"'{name}'" not in done.stdout
    assert "'PySide6'" in done.stdout


def test_that_a_long_message_moves_nothing_in_the_window(window: Any, qtbot: Any) -> None:
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    before = window.levers_dock.width(), window.stack.width()
    window.session.message.emit("Added a stress pack. " * 20)
    qtbot.wait(20)
    assert (window.levers_dock.width(), window.stack.width()) == before
    assert window.findings.status.full_text().startswith("Added a stress pack.")


def test_that_a_page_left_in_the_middle_of_a_drag_is_true_when_it_is_shown_again(window: Any) -> None:
    """A key changes the page while the mouse still holds a lever: what waited for its end was then never done."""
    session = window.session
    window.show_page("break_even")
    plots = window.page.plots
    session.begin_drag()
    session.set_value("market.btc_price_usd", 152_000.0, merge_key="drag")
    session.recompute.flush()
    window.show_page("market")
    session.end_drag()
    window.show_page("break_even")
    assert not plots.ranges.held
    spec = window.page.views["power"].spec
    assert spec.x.low < session.results.market.hashprice_usd_per_ph_day[0] < spec.x.high
    window.show_page("sensitivity")
    window.page.flush()
    page = window.page
    page._flips_s = 1.0  # as on a large plan, or a slow machine
    session.begin_drag()
    session.set_value("market.btc_price_usd", 131_400.0, merge_key="drag 2")
    session.recompute.flush()
    page.flush()
    window.show_page("market")
    session.end_drag()
    window.show_page("sensitivity")
    page.flush()
    expected, _took_s = timed_distances(session.plan, session.results, "s1")
    assert [d.flip.value for d in page.found if d.flip.reachable] == [
        d.flip.value for d in expected if d.flip.reachable
    ]


def test_that_a_file_changed_by_another_program_is_answered_with_all_ways_out(window: Any, tmp_path: Path) -> None:
    path, document = tmp_path / "plan.busbar", window.session.document
    document.save_as(path)
    window.session.set_value("market.btc_price_usd", 91_000.0)
    theirs = to_bytes(replace(document.saved_plan, "market.btc_price_usd", 50_000.0))
    path.write_bytes(theirs)
    window.files.save()
    trouble = box(window, "trouble")
    ways = {b.text(): b for b in trouble.buttons()}
    assert list(ways)[:3] == ["Save as…", "Overwrite it", "Open theirs, drop my changes"]
    assert trouble.defaultButton() is ways["Save as…"], "Return loses nothing"
    trouble.reject()
    assert path.read_bytes() == theirs
    window.files.save()
    {b.text(): b for b in box(window, "trouble").buttons()}["Open theirs, drop my changes"].click()
    assert document.plan.market.btc_price_usd == 50_000.0
    assert not document.is_dirty
    window.session.set_value("market.btc_price_usd", 92_000.0)
    window.files.save()
    assert open_plan(path).market.btc_price_usd == 92_000.0


def test_that_a_window_made_smaller_takes_of_the_levers_too(window: Any) -> None:
    window.resize(2400, 900)
    QTest.qWait(20)
    window._middle.resizeDocks([window.levers_dock], [900], Qt.Orientation.Horizontal)
    QTest.qWait(20)
    assert window.levers_dock.width() == 900
    window.resize(1280, 800)
    QTest.qWait(20)
    assert window.levers_dock.width() <= 0.36 * 1280
