"""Recovery copies: there within half a second, gone after a save, offered once their process is dead."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app.files import recovery
from app.files.document import Document
from app.files.plan_lock import ChangedOnDiskError
from app.files.recovery import discard, pending_recoveries, write_recovery_now
from models.defaults import empty_plan
from models.fields import replace
from models.plan import Evidence
from models.problems import PlanFileError
from models.storage.plan_file import open_plan, save_plan

PLAN = empty_plan("Example")
PRICE = "market.btc_price_usd"


@pytest.fixture
def document(qapp: object) -> Any:
    document = Document(PLAN)
    yield document
    document.close()


def copies(busbar_home: Path) -> list[Path]:
    return sorted((busbar_home / "recovery").glob("*.busbar"))


def edit(document: Document, price: float) -> None:
    document.edit("BTC price", replace(document.plan, PRICE, price))


def test_that_an_edit_reaches_the_disk_within_half_a_second(document: Document, busbar_home: Path, qtbot: Any) -> None:
    edit(document, 71e3)
    qtbot.waitUntil(lambda: len(copies(busbar_home)) == 1, timeout=500)
    assert open_plan(copies(busbar_home)[0]) == document.plan
    edit(document, 72e3)
    qtbot.waitUntil(lambda: open_plan(copies(busbar_home)[0]) == document.plan, timeout=500)


def test_that_copies_keep_coming_while_edits_do(document: Document, busbar_home: Path, qtbot: Any) -> None:
    seen = set()
    end = time.monotonic() + 1.5
    price = 50_000.0
    while time.monotonic() < end:
        price += 1.0
        edit(document, price)
        qtbot.wait(10)
        seen |= {open_plan(file).market.btc_price_usd for file in copies(busbar_home)}
    assert len(seen) >= 3


def test_that_an_edit_does_not_wait_for_the_disk(document: Document) -> None:
    slow = dataclasses.replace(PLAN, evidence=tuple(Evidence(f"e{n}", note="x" * 500) for n in range(5_000)))
    document.new(slow)
    times = []
    for price in range(60_000, 60_020):
        start = time.perf_counter()
        edit(document, float(price))
        times.append(time.perf_counter() - start)
    assert sorted(times)[10] < 0.005


def test_that_saving_removes_the_copy(document: Document, busbar_home: Path, tmp_path: Path) -> None:
    edit(document, 71e3)
    document.flush()
    assert len(copies(busbar_home)) == 1
    document.save_as(tmp_path / "a.busbar")
    assert list((busbar_home / "recovery").iterdir()) == []


def test_that_an_undo_back_to_what_is_saved_removes_the_copy(document: Document, busbar_home: Path, qtbot: Any) -> None:
    edit(document, 71e3)
    document.flush()
    document.undo()
    qtbot.waitUntil(lambda: copies(busbar_home) == [], timeout=500)
    document.redo()
    qtbot.waitUntil(lambda: len(copies(busbar_home)) == 1, timeout=500)


def test_that_the_copy_of_a_living_document_is_not_offered(document: Document, busbar_home: Path) -> None:
    edit(document, 71e3)
    document.flush()
    assert len(copies(busbar_home)) == 1
    assert pending_recoveries() == []


DIE = """
import os, signal, sys, time
from app.files.document import Document
from models.fields import replace
from PySide6.QtCore import QCoreApplication, QTimer
app = QCoreApplication([])
document = Document()
if len(sys.argv) > 1:
    document.open(sys.argv[1])
document.edit("BTC price", replace(document.plan, "market.btc_price_usd", 71234.0))
QTimer.singleShot(500, lambda: os.kill(os.getpid(), signal.SIGKILL))
app.exec()
"""


def die_with_an_edit(*arguments: str) -> None:
    ended = subprocess.run([sys.executable, "-c", DIE, *arguments], timeout=20, check=False)
    assert ended.returncode == -9


def test_that_the_work_of_a_killed_process_is_offered_and_goes_on_in_its_file(
    document: Document, tmp_path: Path, busbar_home: Path
) -> None:
    path = tmp_path / "plan.busbar"
    save_plan(PLAN, path)
    die_with_an_edit(str(path))
    (copy,) = pending_recoveries()
    assert (copy.plan_path, copy.plan_name) == (path, "Example")
    assert abs(time.time() - copy.saved_at.timestamp()) < 20
    assert open_plan(path) == PLAN
    document.recover(copy)
    assert document.plan.market.btc_price_usd == 71234.0
    assert (document.path, document.saved_plan, document.is_dirty) == (path, PLAN, True)
    assert pending_recoveries() == []
    assert len(copies(busbar_home)) == 1, "the recovered work has a copy of its own at every moment"
    document.save()
    assert open_plan(path).market.btc_price_usd == 71234.0
    assert not document.is_dirty
    assert list((busbar_home / "recovery").iterdir()) == []


def test_that_recovered_work_does_not_overwrite_what_was_saved_after_the_crash(
    document: Document, tmp_path: Path
) -> None:
    path = tmp_path / "plan.busbar"
    save_plan(PLAN, path)
    die_with_an_edit(str(path))
    save_plan(replace(PLAN, PRICE, 99e3), path)
    document.recover(pending_recoveries()[0])
    with pytest.raises(ChangedOnDiskError):
        document.save()


def test_that_a_plan_without_a_file_is_recovered_as_one(document: Document) -> None:
    die_with_an_edit()
    (copy,) = pending_recoveries()
    assert copy.plan_path is None
    document.recover(copy)
    assert document.path is None
    assert document.is_dirty


def test_that_a_file_open_elsewhere_is_recovered_as_a_plan_without_a_file(
    document: Document, tmp_path: Path, qapp: object
) -> None:
    path = tmp_path / "plan.busbar"
    save_plan(PLAN, path)
    die_with_an_edit(str(path))
    other = Document()
    other.open(path)
    document.recover(pending_recoveries()[0])
    assert document.path is None
    assert document.plan.market.btc_price_usd == 71234.0
    other.close()


def test_that_a_discarded_copy_is_offered_no_more(document: Document) -> None:
    die_with_an_edit()
    discard(pending_recoveries()[0])
    assert pending_recoveries() == []


def test_that_a_damaged_copy_is_passed_over(busbar_home: Path, qapp: object) -> None:
    (busbar_home / "recovery").mkdir(parents=True)
    (busbar_home / "recovery" / "0123.busbar").write_bytes(b"SQLite format 3\x00 and no more")
    (busbar_home / "recovery" / "4567.json").write_bytes(b"[]")
    assert pending_recoveries() == []


def test_that_a_bad_end_writes_all_copies_at_once(document: Document, busbar_home: Path) -> None:
    edit(document, 71e3)
    assert copies(busbar_home) == []
    assert write_recovery_now() == []
    assert open_plan(copies(busbar_home)[0]) == document.plan


def test_that_a_copy_which_cannot_be_written_is_told_once_and_tried_again(
    document: Document, busbar_home: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "RETRY_MS", 100)
    problems: list[PlanFileError] = []
    document.recovery_failed.connect(problems.append)
    busbar_home.write_text("a file where the folder should be")
    edit(document, 71e3)
    qtbot.waitUntil(lambda: len(problems) == 1, timeout=2000)
    qtbot.wait(400)
    assert len(problems) == 1
    assert len(write_recovery_now()) == 1
    edit(document, 72e3)
    busbar_home.unlink()
    (busbar_home / "recovery").mkdir(parents=True)
    qtbot.waitUntil(lambda: len(copies(busbar_home)) == 1, timeout=2000)
    assert open_plan(copies(busbar_home)[0]) == document.plan
