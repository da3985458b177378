"""The open plan: undo by name, what counts as unsaved, locks, changes by other programs, backups."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.files.backups import KEPT, backups_of, keep_backup
from app.files.document import Document
from app.files.plan_lock import ChangedOnDiskError, PlanLockedError
from models.defaults import empty_plan
from models.fields import replace
from models.plan import Plan, PowerContract, Site
from models.problems import PlanFileError
from models.storage.plan_file import from_bytes, open_plan, save_plan, to_bytes

PLAN = dataclasses.replace(empty_plan("Example"), sites=(Site("s1", "North", 100.0),))
PRICE = "market.btc_price_usd"


@pytest.fixture
def document(qapp: object) -> Any:
    document = Document(PLAN)
    yield document
    document.close()


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.busbar"
    save_plan(PLAN, path)
    return path


def priced(document: Document, price: float) -> Any:
    return replace(document.plan, PRICE, price)


def test_that_an_edit_is_undone_and_redone_by_its_name(document: Document) -> None:
    changes: list[tuple[Any, Any]] = []
    document.plan_changed.connect(lambda old, new: changes.append((old, new)))
    edited = priced(document, 80_000.0)
    document.edit("BTC price", edited)
    assert document.undo_stack.undoText() == "BTC price"
    document.undo()
    assert document.plan is PLAN
    assert document.undo_stack.redoText() == "BTC price"
    document.redo()
    assert document.plan is edited
    assert changes == [(PLAN, edited), (edited, PLAN), (PLAN, edited)]


def test_that_an_edit_which_changes_nothing_is_no_step(document: Document) -> None:
    document.edit("Nothing", dataclasses.replace(document.plan))
    assert document.undo_stack.count() == 0


def test_that_a_drag_is_one_step_back_to_where_it_began(document: Document) -> None:
    document.edit("Name", replace(document.plan, "plan.name", "Other"))
    before = document.plan
    for price in (71e3, 72e3, 73e3):
        document.edit("BTC price", priced(document, price), merge_key=("lever", PRICE, 1))
    assert document.undo_stack.count() == 2
    document.undo()
    assert document.plan is before


def test_that_two_drags_of_one_lever_are_two_steps(document: Document) -> None:
    document.edit("BTC price", priced(document, 71e3), merge_key=("lever", PRICE, 1))
    document.edit("BTC price", priced(document, 72e3), merge_key=("lever", PRICE, 2))
    assert document.undo_stack.count() == 2


def test_that_an_undo_ends_the_sequence_that_merges(document: Document) -> None:
    document.edit("A", priced(document, 71e3), merge_key="k")
    document.edit("B", replace(document.plan, "plan.name", "Other"))
    document.undo()
    document.edit("C", priced(document, 72e3), merge_key="k")
    document.undo()
    assert document.plan.market.btc_price_usd == 71e3


def test_that_a_drag_there_and_back_leaves_no_step(document: Document) -> None:
    original = document.plan.market.btc_price_usd
    document.edit("BTC price", priced(document, 71e3), merge_key=1)
    document.edit("BTC price", priced(document, original), merge_key=1)
    assert document.undo_stack.count() == 0
    assert not document.is_dirty
    assert not document.undo_stack.canUndo()


def test_that_a_save_ends_the_sequence_that_merges(document: Document, tmp_path: Path) -> None:
    document.edit("A", priced(document, 71e3), merge_key="k")
    document.save_as(tmp_path / "a.busbar")
    document.edit("A", priced(document, 72e3), merge_key="k")
    document.undo()
    assert document.plan.market.btc_price_usd == 71e3
    assert not document.is_dirty


def test_that_an_undo_back_to_what_was_saved_is_clean(document: Document, tmp_path: Path) -> None:
    document.edit("A", priced(document, 71e3))
    document.save_as(tmp_path / "a.busbar")
    assert not document.is_dirty
    document.undo()
    assert document.is_dirty
    document.redo()
    assert not document.is_dirty


def test_that_a_plan_which_no_file_could_hold_is_our_own_mistake(document: Document) -> None:
    with pytest.raises(ValueError, match=r"power_contracts\.p1\.site_id"):
        document.edit("A", dataclasses.replace(PLAN, power_contracts=(PowerContract("p1", "s9"),)))
    with pytest.raises(ValueError, match=r"market\.btc_price_usd"):
        document.edit("A", priced(document, float("nan")))
    assert document.plan is PLAN
    assert document.undo_stack.count() == 0


def test_that_the_state_is_announced_once_per_drag(document: Document) -> None:
    seen: list[bool] = []
    document.state_changed.connect(lambda: seen.append(document.is_dirty))
    for price in range(70_000, 70_050):
        document.edit("BTC price", priced(document, float(price)), merge_key=1)
    assert seen
    assert len(seen) <= 2
    assert seen[-1] is True


def test_that_a_saved_plan_is_opened_again_with_its_results(document: Document, tmp_path: Path) -> None:
    path = tmp_path / "süd 北.busbar"
    document.edit("A", priced(document, 71e3))
    document.save_as(path)
    assert (document.path, document.name, document.saved_plan) == (path, path.name, document.plan)
    assert open_plan(path) == document.plan
    assert b"cash_flow_monthly" in path.read_bytes()


def test_that_saving_without_a_file_says_so(document: Document) -> None:
    with pytest.raises(PlanFileError, match="no file yet; save it under a name"):
        document.save()


def test_that_opening_replaces_the_plan_and_forgets_the_undo_steps(document: Document, plan_file: Path) -> None:
    document.edit("A", priced(document, 71e3))
    document.open(plan_file)
    assert (document.plan, document.path, document.is_dirty) == (PLAN, plan_file, False)
    assert document.undo_stack.count() == 0


def test_that_a_failed_opening_leaves_everything_as_it_was(document: Document, tmp_path: Path) -> None:
    (tmp_path / "bad.busbar").write_text("no plan")
    document.edit("A", priced(document, 71e3))
    before = document.plan
    with pytest.raises(PlanFileError):
        document.open(tmp_path / "bad.busbar")
    assert document.plan is before
    assert document.undo_stack.canUndo()
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".lock")] == []


def test_that_a_failed_save_as_keeps_the_old_file(document: Document, plan_file: Path, tmp_path: Path) -> None:
    document.open(plan_file)
    document.edit("A", priced(document, 71e3))
    with pytest.raises(PlanFileError, match="no such file or folder"):
        document.save_as(tmp_path / "missing" / "b.busbar")
    assert document.path == plan_file
    assert document.is_dirty
    document.save()
    assert open_plan(plan_file) == document.plan


def test_that_a_file_open_elsewhere_names_who_and_can_be_opened_as_a_copy(
    document: Document, plan_file: Path, qapp: object
) -> None:
    document.open(plan_file)
    other = Document(PLAN)
    with pytest.raises(PlanLockedError, match=r"already open in this window.*or open a copy"):
        other.open(plan_file)
    with pytest.raises(PlanLockedError):
        other.save_as(plan_file)
    other.open_copy(plan_file)
    assert (other.plan, other.path) == (PLAN, None)
    document.close()
    other.open(plan_file)
    other.close()


HOLD = """
import sys
from pathlib import Path
from app.files.document import Document
from PySide6.QtCore import QCoreApplication
app = QCoreApplication([])
document = Document()
document.open(sys.argv[1])
print("open", flush=True)
sys.stdin.readline()
"""


def test_that_the_lock_of_a_living_process_holds_and_that_of_a_dead_one_is_taken_over(
    document: Document, plan_file: Path
) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(plan_file)], stdin=-1, stdout=-1, text=True)
    assert holder.stdout is not None
    assert holder.stdin is not None
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(PlanLockedError, match=f"process {holder.pid} on "):
            document.open(plan_file)
    finally:
        holder.kill()
        holder.communicate()
    document.open(plan_file)
    assert document.path == plan_file


def test_that_saving_refuses_to_overwrite_another_programs_change(document: Document, plan_file: Path) -> None:
    document.open(plan_file)
    document.edit("A", priced(document, 71e3))
    theirs = to_bytes(replace(PLAN, PRICE, 99e3))
    plan_file.write_bytes(theirs)
    with pytest.raises(ChangedOnDiskError, match=r"another program has changed the file.*overwrite it"):
        document.save()
    assert plan_file.read_bytes() == theirs
    assert document.is_dirty
    document.save(force=True)
    assert open_plan(plan_file).market.btc_price_usd == 71e3
    document.edit("B", priced(document, 72e3))
    document.save()


def test_that_a_change_made_while_the_file_was_being_read_is_not_overwritten(
    document: Document, plan_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = to_bytes(replace(PLAN, PRICE, 99e3))

    def read_and_lose(data: bytes, where: str) -> Plan:
        plan_file.write_bytes(theirs)
        return from_bytes(data, where)

    monkeypatch.setattr("app.files.document.from_bytes", read_and_lose)
    document.open(plan_file)
    document.edit("A", priced(document, 71e3))
    with pytest.raises(ChangedOnDiskError):
        document.save()
    assert plan_file.read_bytes() == theirs


def test_that_a_file_which_was_only_touched_or_is_gone_is_saved(document: Document, plan_file: Path) -> None:
    document.open(plan_file)
    document.edit("A", priced(document, 71e3))
    os.utime(plan_file)
    document.save()
    document.edit("A", priced(document, 72e3))
    plan_file.unlink()
    document.save()
    assert open_plan(plan_file) == document.plan


def test_that_a_link_is_locked_and_saved_as_its_target(document: Document, plan_file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.busbar"
    link.symlink_to(plan_file)
    document.open(link)
    other = Document(PLAN)
    with pytest.raises(PlanLockedError):
        other.open(plan_file)
    document.edit("A", priced(document, 71e3))
    document.save()
    assert link.is_symlink()
    assert open_plan(plan_file) == document.plan


def test_that_a_plan_in_a_protected_folder_is_read_only_and_saved_elsewhere(
    document: Document, user_folder: Path
) -> None:
    path = user_folder / "plan.busbar"
    save_plan(PLAN, path)
    assert not document.is_read_only
    user_folder.chmod(0o555)
    document.open(path)
    assert document.is_read_only
    document.edit("A", priced(document, 71e3))
    with pytest.raises(PlanFileError, match="no permission"):
        document.save()
    assert document.is_dirty
    user_folder.chmod(0o755)
    document.save_as(user_folder / "other.busbar")
    assert not document.is_read_only
    document.close()


def test_that_closing_leaves_nothing_beside_the_plan(document: Document, plan_file: Path, busbar_home: Path) -> None:
    document.open(plan_file)
    document.edit("A", priced(document, 71e3))
    document.flush()
    document.close()
    assert [p.name for p in plan_file.parent.iterdir() if p != busbar_home] == [plan_file.name]
    assert list((busbar_home / "recovery").iterdir()) == []


def test_that_a_good_opening_keeps_a_backup_of_each_state_once(document: Document, plan_file: Path) -> None:
    for _ in range(2):
        document.open(plan_file)
        document.flush()
    assert len(backups_of(plan_file)) == 1
    document.edit("A", priced(document, 71e3))
    document.save()
    document.open(plan_file)
    document.flush()
    newest, oldest = backups_of(plan_file)
    assert open_plan(newest.file).market.btc_price_usd == 71e3
    assert open_plan(oldest.file) == PLAN


def test_that_only_the_newest_backups_of_a_file_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        keep_backup(tmp_path / "a.busbar", b"%d" % number)
    keep_backup(tmp_path / "b.busbar", b"other")
    contents = [backup.file.read_bytes() for backup in backups_of(tmp_path / "a.busbar")]
    assert contents == [b"%d" % number for number in reversed(range(3, KEPT + 3))]
    assert len(backups_of(tmp_path / "b.busbar")) == 1


def test_that_a_backup_which_cannot_be_written_does_not_keep_a_plan_from_opening(
    document: Document, plan_file: Path, busbar_home: Path
) -> None:
    busbar_home.parent.mkdir(exist_ok=True)
    busbar_home.write_text("a file where the folder should be")
    document.open(plan_file)
    assert document.path == plan_file
