"""A plan that is opened while unsaved edits of it wait: offered on the spot, and nothing is lost either way."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from app.files.backups import backups_of
from app.files.document import Document
from app.files.recovery import pending_recoveries
from models.fields import replace
from models.plan import Plan
from models.samples import sample
from models.storage.plan_file import open_plan, save_plan
from tests.command import run_apart

PRICE = "market.btc_price_usd"
LEFT = Qt.MouseButton.LeftButton


def edit_and_die(path: Path, price: float) -> None:
    """In a process of its own."""
    app = QApplication([])
    document = Document()
    document.open(path)
    document.edit("x", replace(document.plan, PRICE, price))
    document.flush()
    del app
    os._exit(9)


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """A plan file whose last process died with an unsaved BTC price of 99,000."""
    path = tmp_path / "three.busbar"
    save_plan(sample("three-sites"), path)
    die(path)
    return path


def die(path: Path, price: float = 99_000.0) -> None:
    assert run_apart(edit_and_die, path, price) == 9


def edited() -> Plan:
    return replace(sample("three-sites"), PRICE, 99_000.0)


def test_that_a_plan_opened_by_name_offers_its_unsaved_edits(window: Any, qtbot: Any, crashed: Path) -> None:
    window.files.open_path(crashed)
    bar, document = window.recovery, window.session.document
    assert bar.isVisible()
    assert pending_recoveries()[0].time in bar.restore.text()
    assert document.plan == sample("three-sites")
    qtbot.mouseClick(bar.restore, LEFT)
    assert not bar.isVisible()
    assert (document.plan, document.is_dirty, document.path) == (edited(), True, crashed)
    assert "Restore unsaved edits" in document.undo_stack.undoText()
    window.undo()
    assert (document.plan, document.is_dirty) == (sample("three-sites"), False)
    window.redo()
    document.save()
    assert open_plan(crashed) == edited()
    assert pending_recoveries() == []


def test_that_discarded_edits_stay_among_the_backups(window: Any, qtbot: Any, crashed: Path) -> None:
    window.files.open_path(crashed)
    qtbot.mouseClick(window.recovery.drop, LEFT)
    assert not window.recovery.isVisible()
    assert window.session.document.plan == sample("three-sites")
    assert not window.session.document.is_dirty
    assert pending_recoveries() == []
    assert edited() in [open_plan(backup.file) for backup in backups_of(crashed)]


def test_that_later_leaves_the_edits_for_the_next_opening(window: Any, qtbot: Any, crashed: Path) -> None:
    window.files.open_path(crashed)
    qtbot.mouseClick(window.recovery.later, LEFT)
    assert not window.recovery.isVisible()
    window.files.begin(sample("one-site"))
    window.files.open_path(crashed)
    assert window.recovery.isVisible()
    window.files.begin(sample("one-site"))
    assert not window.recovery.isVisible()


def test_that_what_differs_is_listed(window: Any, qtbot: Any, crashed: Path) -> None:
    window.files.open_path(crashed)
    qtbot.mouseClick(window.recovery.compare, LEFT)
    (box,) = [b for b in window.findChildren(QMessageBox, "differences") if b.isVisible()]
    assert box.informativeText().startswith("BTC price: $")
    assert box.informativeText().endswith("$99,000")
    box.reject()
    assert window.recovery.isVisible()


def test_that_edits_made_before_the_answer_come_back_with_undo(window: Any, qtbot: Any, crashed: Path) -> None:
    window.files.open_path(crashed)
    window.session.set_value(PRICE, 50_000.0)
    qtbot.mouseClick(window.recovery.restore, LEFT)
    assert window.session.document.plan == edited()
    window.undo()
    assert window.session.document.plan.market.btc_price_usd == 50_000.0


def test_that_a_file_saved_after_the_crash_is_told_of(window: Any, crashed: Path) -> None:
    save_plan(replace(sample("three-sites"), PRICE, 60_000.0), crashed)
    window.files.open_path(crashed)
    assert "saved again" in window.recovery.words.text()


def test_that_edits_which_the_file_holds_already_are_not_offered(window: Any, crashed: Path) -> None:
    save_plan(edited(), crashed)
    window.files.open_path(crashed)
    assert not window.recovery.isVisible()
    assert pending_recoveries() == []


def test_that_of_two_crashes_the_newest_is_offered_first(window: Any, qtbot: Any, crashed: Path) -> None:
    die(crashed, 77_000.0)
    window.files.open_path(crashed)
    qtbot.mouseClick(window.recovery.restore, LEFT)
    assert window.session.plan.market.btc_price_usd == 77_000.0
    assert window.recovery.isVisible()
    qtbot.mouseClick(window.recovery.restore, LEFT)
    assert window.session.plan.market.btc_price_usd == 99_000.0


def test_that_a_plan_without_unsaved_edits_has_no_bar(window: Any, tmp_path: Path, crashed: Path) -> None:
    other = tmp_path / "other.busbar"
    save_plan(sample("one-site"), other)
    window.files.open_path(other)
    assert not window.recovery.isVisible()


# Plans named on the command line


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, qtbot: Any, qapp: Any) -> Any:
    """The window of ``busbar PLAN`` as if somebody looked at it."""
    from app import main
    from app.settings import Settings

    monkeypatch.setattr(main, "UNSEEN_PLATFORMS", ())

    def make(path: Path) -> Any:
        window = main.make_window(Settings(), path)
        qtbot.addWidget(window, before_close_func=lambda w: setattr(w.files, "_closing", True))
        window.show()
        return window

    return make


def sentence(window: Any) -> str:
    (box,) = [b for b in window.findChildren(QMessageBox, "trouble") if b.isVisible()]
    return f"{box.text()} {box.informativeText()}"


def test_that_a_named_plan_opens_with_its_unsaved_edits_offered(opened: Any, crashed: Path) -> None:
    window = opened(crashed)
    assert window.page.name == "break_even"
    assert window.session.document.path == crashed
    assert window.recovery.isVisible()


def test_that_a_named_plan_which_is_locked_opens_the_start_page_and_offers_a_copy(opened: Any, crashed: Path) -> None:
    other = Document()
    other.open(crashed)
    window = opened(crashed)
    assert window.page.name == "start"
    assert "already open" in sentence(window)
    (box,) = [b for b in window.findChildren(QMessageBox, "trouble") if b.isVisible()]
    next(b for b in box.buttons() if b.text() == "Open a copy").click()
    assert window.page.name == "break_even"
    assert window.session.document.plan == sample("three-sites")
    assert window.session.document.path is None
    other.close()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda data: b"Dear board,", "not a Busbar plan"),
        (lambda data: data[:5000], "end of the file is missing"),
        (lambda data: data[:60] + (99).to_bytes(4, "big") + data[64:], "newer Busbar"),
        (lambda data: data[:68] + b"ELSE" + data[72:], "another program"),
        (None, "no such file"),
    ],
)
def test_that_a_named_file_which_is_no_plan_opens_the_start_page_with_one_sentence(
    opened: Any, tmp_path: Path, spoil: Any, words: str
) -> None:
    path = tmp_path / "bad.busbar"
    if spoil is not None:
        save_plan(sample("one-site"), path)
        path.write_bytes(spoil(path.read_bytes()))
    window = opened(path)
    assert window.page.name == "start"
    assert words in sentence(window)
    assert str(path) in sentence(window)


def test_that_a_damaged_plan_offers_its_newest_backup(window: Any, tmp_path: Path) -> None:
    path = tmp_path / "plan.busbar"
    save_plan(sample("one-site"), path)
    window.files.open_path(path)
    window.session.document.flush()
    window.files.begin(sample("briefing"))
    path.write_bytes(path.read_bytes()[:5000])
    window.files.open_path(path)
    (box,) = [b for b in window.findChildren(QMessageBox, "trouble") if b.isVisible()]
    next(b for b in box.buttons() if b.text().startswith("Open the backup of ")).click()
    assert window.session.document.plan == sample("one-site")
    assert window.session.document.path is None


def test_that_the_start_page_offers_what_waits_without_keeping_the_window(
    window: Any, qtbot: Any, crashed: Path
) -> None:
    window.show_page("market")
    window.show_page("start")
    page = window.pages["start"]

    def offered() -> list[QPushButton]:
        return [b for b in page.findChildren(QPushButton) if b.text() == "Discard" and b.isVisible()]

    qtbot.waitUntil(lambda: bool(offered()))
    said = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    name = edited().plan.name
    assert any(f"to {name} in three.busbar can be recovered" in words for words in said), said
    qtbot.mouseClick(offered()[0], LEFT)
    qtbot.waitUntil(lambda: not offered())
    assert pending_recoveries() == []
    page._looking.flush()


def test_that_the_start_page_offers_the_newest_three_and_the_others_on_request(
    window: Any, qtbot: Any, tmp_path: Path
) -> None:
    for number in range(4):
        path = tmp_path / f"plan-{number}.busbar"
        save_plan(sample("three-sites"), path)
        die(path, 90_000.0 + number)
    window.show_page("start")
    window.page.showEvent(QShowEvent())
    qtbot.waitUntil(lambda: len(offered(window.page)) == 3)
    more = next(b for b in window.page.findChildren(QPushButton) if b.text() == "Show 1 more")
    qtbot.mouseClick(more, LEFT)
    qtbot.waitUntil(lambda: len(offered(window.page)) == 4)
    assert all(" in plan-" in words and words.endswith("can be recovered.") for words in offered(window.page))


def offered(page: Any) -> list[str]:
    """What the start page says of edits that wait."""
    return [label.text() for label in page.findChildren(QLabel) if "ended badly" in label.text() and label.isVisible()]
