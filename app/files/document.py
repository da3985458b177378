"""The open plan: undo by name, unsaved changes, lock, recovery copy; one signal for its content."""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QSignalBlocker, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from app.files.backups import keep_backup
from app.files.plan_lock import DiskState, lock_plan, stamp_of
from app.files.recovery import RecoveryCopy, RecoveryWriter, discard
from models.defaults import empty_plan
from models.evaluate import evaluate
from models.plan import Plan
from models.problems import PlanFileError
from models.results import Results
from models.storage.disk import read_whole
from models.storage.plan_file import LIMIT_BYTES, from_bytes, open_plan, save_plan
from models.storage.validity import problem_in


class Document(QObject):
    """One plan with everything that happens to it between opening and saving.

    Parameters
    ----------
    plan
        A new plan to begin with; an empty one if None.
    results_of
        Evaluates the plan that is about to be saved: the file holds the answer beside the question.

    Signals
    -------
    plan_changed
        The old and the new `Plan`, after every edit, undo, redo, new and open.
    state_changed
        The name, the path, unsaved changes, the undo texts or the protection have changed.
    stepped
        The place of a step that was undone or redone, as `edit` was told; the plan has changed by then.
    opened
        A plan file was opened: by name, from a dialog, a list or a drop.
    recovery_failed
        A `PlanFileError`: the recovery copy cannot be written.
    """

    plan_changed = Signal(object, object)
    state_changed = Signal()
    stepped = Signal(object)
    opened = Signal()
    recovery_failed = Signal(object)

    def __init__(
        self,
        plan: Plan | None = None,
        parent: QObject | None = None,
        results_of: Callable[[Plan], Results] = evaluate,
    ) -> None:
        super().__init__(parent)
        self._plan = self._saved_plan = self._before_step = _sound(plan or empty_plan())
        self._results_of = results_of
        self._path: Path | None = None
        self._lock: QLockFile | None = None
        self._disk: DiskState | None = None
        self._is_recovered = False
        self._sequence = 0
        self._number = 0
        self._announced: tuple[Any, ...] = ()
        self.undo_stack = QUndoStack(self)
        self.undo_stack.indexChanged.connect(self._announce)
        self._recovery = RecoveryWriter(self)
        self._recovery.failed.connect(self.recovery_failed)
        self._announced = self._state()

    # What it is

    @property
    def plan(self) -> Plan:
        """The plan as it stands."""
        return self._plan

    @property
    def saved_plan(self) -> Plan:
        """The plan as it was saved, opened or begun last."""
        return self._saved_plan

    @property
    def plan_before_last_step(self) -> Plan:
        """The plan before the step that would be undone next, all of a drag being one; the saved one without a step."""
        return self._before_step

    @property
    def path(self) -> Path | None:
        """The plan's file; None before the first save."""
        return self._path

    @property
    def number(self) -> int:
        """Which of the plans that were begun or opened here this one is, from 0."""
        return self._number

    @property
    def name(self) -> str:
        """The file's name, or the plan's own where it has no file yet."""
        return self._path.name if self._path else self._plan.plan.name

    @property
    def content_sha256(self) -> str:
        """Of the file's bytes as they were opened or saved last; empty where not known."""
        return self._disk.sha256 if self._disk else ""

    @property
    def is_dirty(self) -> bool:
        """Whether something would be lost without saving; an undo back to what was saved takes it away again."""
        # Plans share what no edit has touched, so that the comparison costs the edits, not the plan.
        return self._is_recovered or (self._plan is not self._saved_plan and self._plan != self._saved_plan)

    @property
    def is_read_only(self) -> bool:
        """Whether the file cannot be saved where it is; a copy can be."""
        if self._path is None:
            return False
        target = Path(os.path.realpath(self._path))
        return not os.access(target if target.exists() else target.parent, os.W_OK) or not os.access(
            target.parent, os.W_OK
        )

    # Editing

    def edit(self, text: str, new_plan: Plan, merge_key: Any = None, place: Any = None) -> None:
        """Make a plan the next one, as one named undo step; nothing happens where it equals the present one.

        Parameters
        ----------
        text
            Names the step in the Edit menu: "Paste 36 cells".
        new_plan
            The plan after the edit.
        merge_key
            Edits in sequence with an equal key are one step: the drag of a lever, the typing in a field. An undo, a
            redo or a save in between ends the sequence.
        place
            Where the user was looking, for `stepped` to tell; None where that does not matter.

        Raises
        ------
        ValueError
            Where no file could hold the new plan: a mistake of the caller, not of the user.
        """
        if new_plan is self._plan or new_plan == self._plan:
            return
        _sound(new_plan)
        key = None if merge_key is None else (self._sequence, merge_key)
        self.undo_stack.push(_Edit(self, text, self._plan, new_plan, key, place))
        self._announce()

    def undo(self) -> None:
        """Take the last step back."""
        self.undo_stack.undo()

    def redo(self) -> None:
        """Take the last undo back."""
        self.undo_stack.redo()

    # Files

    def new(self, plan: Plan) -> None:
        """Begin with a plan that has no file; unsaved changes of the present one are given up."""
        self._begin(_sound(plan), None, None, None)

    def open(self, path: str | os.PathLike[str]) -> None:
        """Open a plan file; unsaved changes of the present plan are given up, unless this fails.

        Raises
        ------
        PlanLockedError
            Where a living process has it open: `open_copy` can be offered.
        PlanFileError
            Where it is no sound plan file; the present plan then stays.
        """
        path = Path(path)
        lock, is_new = self._lock_for(path)
        # Before it is read: what another program writes meanwhile must not pass for what was opened.
        stamp = stamp_of(path)
        try:
            data = read_whole(path, LIMIT_BYTES)
            plan = from_bytes(data, str(path))
        except PlanFileError:
            if lock is not None and is_new:
                lock.unlock()
            raise
        self._begin(plan, path, lock, DiskState(stamp, hashlib.sha256(data).hexdigest()))
        self._recovery.run(partial(keep_backup, path, data))
        self.opened.emit()

    def open_copy(self, path: str | os.PathLike[str]) -> None:
        """Open the content of a plan file as a new plan without a file, whoever has it open.

        Raises
        ------
        PlanFileError
            Where it is no sound plan file.
        """
        data = read_whole(path, LIMIT_BYTES)
        self._begin(from_bytes(data, os.fspath(path)), None, None, None)

    def recover(self, copy: RecoveryCopy) -> None:
        """Go on where a process died: its last edits are unsaved changes of the file that it had open.

        Raises
        ------
        PlanFileError
            Where the copy has gone or was damaged since it was listed.
        """
        plan = open_plan(copy.file)
        path, lock, disk, saved_plan = None, None, None, plan
        if copy.plan_path is not None:
            # Open elsewhere or gone by now: then the work goes on without a file.
            with suppress(PlanFileError):
                lock, _ = self._lock_for(copy.plan_path)
                path, disk = copy.plan_path, DiskState(None, copy.plan_sha256)
                saved_plan = open_plan(path)
        self._begin(saved_plan, path, lock, disk, is_recovered=saved_plan is plan)
        self._schedule_recovery()
        self.restore(copy)

    def restore(self, copy: RecoveryCopy) -> None:
        """Put the edits of a dead process on the open plan, as one undo step; its copy then has done its duty.

        Raises
        ------
        PlanFileError
            Where the copy has gone or was damaged since it was listed, or ours cannot be written; the copy then stays.
        """
        self.edit(f"Restore unsaved edits of {copy.time}", open_plan(copy.file))
        self.flush()
        discard(copy)

    def save(self, force: bool = False) -> None:
        """Save into the plan's file.

        Parameters
        ----------
        force
            Whether to overwrite what another program has written there meanwhile.

        Raises
        ------
        ChangedOnDiskError
            Where another program has changed the file since it was opened: offer `force`.
        PlanFileError
            Where it cannot be written, or has no file yet; the old file is as it was.
        """
        if self._path is None:
            raise PlanFileError("the plan has no file yet", self.name, "save it under a name")
        if self._disk is not None and not force:
            self._disk.refuse_change(self._path)
        self._write(self._path, self._lock)

    def save_as(self, path: str | os.PathLike[str]) -> None:
        """Save into another file, which is the plan's from then on.

        Raises
        ------
        PlanLockedError
            Where a living process has that file open.
        PlanFileError
            Where it cannot be written; the plan then keeps its old file.
        """
        path = Path(path)
        lock, is_new = self._lock_for(path)
        try:
            self._write(path, lock)
        except PlanFileError:
            if lock is not None and is_new:
                lock.unlock()
            raise

    def close(self) -> None:
        """Give the file free and remove the recovery copy; unsaved changes are given up."""
        self._recovery.remove()
        self._unlock()
        # Now, not when Python finds the garbage: it may take the steps before their stack, which then frees them twice.
        with QSignalBlocker(self.undo_stack):
            self.undo_stack.clear()

    def flush(self) -> None:
        """Have the recovery copy and the backup on disk before returning.

        Raises
        ------
        PlanFileError
            Where the copy cannot be written.
        """
        self._recovery.flush()

    # Inside

    def _lock_for(self, path: Path) -> tuple[QLockFile | None, bool]:
        """The lock of a file, and whether it is new: the file that is open already stays locked as it is."""
        if self._path is not None and os.path.realpath(path) == os.path.realpath(self._path):
            return self._lock, False
        return lock_plan(path), True

    def _begin(
        self,
        plan: Plan,
        path: Path | None,
        lock: QLockFile | None,
        disk: DiskState | None,
        is_recovered: bool = False,
    ) -> None:
        self._recovery.remove()
        if lock is not self._lock:
            self._unlock()
        before = self._plan
        self._path, self._lock, self._disk = path, lock, disk
        self._plan, self._saved_plan, self._is_recovered = plan, plan, is_recovered
        self._before_step = plan
        self._sequence += 1
        self._number += 1
        self.undo_stack.clear()
        self.plan_changed.emit(before, plan)
        self._announce()

    def _write(self, path: Path, lock: QLockFile | None) -> None:
        plan = self._plan
        content_sha256 = save_plan(plan, path, self._results_of(plan))
        if lock is not self._lock:
            self._unlock()
            self._lock = lock
        self._path = path
        self._disk = DiskState(stamp_of(path), content_sha256)
        self._saved_plan, self._is_recovered = plan, False
        self._sequence += 1
        self.undo_stack.setClean()
        self._recovery.remove()
        self._announce()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def _show(self, plan: Plan) -> None:
        """Put a plan in place, on behalf of an undo step."""
        before, self._plan = self._plan, plan
        self._schedule_recovery()
        self.plan_changed.emit(before, plan)

    def _schedule_recovery(self) -> None:
        if self.is_dirty:
            self._recovery.schedule(self._plan, self._path, self.content_sha256)
        else:
            self._recovery.schedule_removal()

    def _state(self) -> tuple[Any, ...]:
        stack = self.undo_stack
        return (
            self.name,
            self._path,
            self.is_dirty,
            stack.undoText(),
            stack.redoText(),
            stack.canUndo(),
            stack.canRedo(),
        )

    def _announce(self) -> None:
        """Tell of a new state, once: a slider's drag changes the plan at every step, the state only at the first."""
        state = self._state()
        if state != self._announced:
            self._announced = state
            self.state_changed.emit()


class _Edit(QUndoCommand):
    """One undo step: the plan before and after."""

    def __init__(self, document: Document, text: str, before: Plan, after: Plan, merge_key: Any, place: Any) -> None:
        super().__init__(text)
        # Weak, because the stack belongs to the document: otherwise neither would ever be collected.
        self._document = weakref.ref(document)
        self.before = before
        self._after = after
        self._merge_key = merge_key
        self._place = place
        self._is_first = True

    def id(self) -> int:
        """1 for steps that may merge, −1 for others."""
        return -1 if self._merge_key is None else 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a later step of the same sequence into this one."""
        if not isinstance(other, _Edit) or other._merge_key != self._merge_key:
            return False
        self._after = other._after
        self.setText(other.text())
        # Dragged there and back again: nothing to undo.
        self.setObsolete(self._after == self.before)
        return True

    def redo(self) -> None:
        """Show the plan after the step; the stack calls this on the push, too."""
        document, before = self._document(), self.before
        if self._is_first and document is not None:
            last = document.undo_stack.command(document.undo_stack.index() - 1)
            is_one = isinstance(last, _Edit) and self._merge_key is not None and last._merge_key == self._merge_key
            if is_one and not document.undo_stack.isClean():  # as the stack will merge them once this is shown
                before = last.before
        self._go(self._after, before, is_new=self._is_first)
        self._is_first = False

    def undo(self) -> None:
        """Show the plan before the step."""
        document = self._document()
        if document is not None:
            earlier = document.undo_stack.command(document.undo_stack.index() - 2)
            self._go(self.before, earlier.before if isinstance(earlier, _Edit) else self.before, is_new=False)

    def _go(self, plan: Plan, before_step: Plan, is_new: bool) -> None:
        document = self._document()
        if document is None:
            return
        document._before_step = before_step  # before it is shown: pages draw ghosts of it
        document._sequence += not is_new
        document._show(plan)
        if not is_new and self._place is not None:
            document.stepped.emit(self._place)


def _sound(plan: Plan) -> Plan:
    problem = problem_in(plan)
    if problem:
        raise ValueError(f"{problem.path}: {problem.sentence}")
    return plan
