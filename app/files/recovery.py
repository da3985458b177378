"""Recovery copies: every edit reaches the disk within half a second, as a plan file of its own.

A copy lies in the user's data folder, never beside the plan. It goes when its document is saved or closed; one that is
left behind by a process that died is offered at the next start, and whenever its plan is opened.
"""

from __future__ import annotations

import json
import os
import secrets
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal

from app.files.backups import data_folder, keep_backup, plan_files_in
from models.plan import Plan
from models.problems import PlanFileError
from models.storage.disk import write_whole
from models.storage.plan_file import SUFFIX, open_plan, to_bytes

DELAY_MS = 300
"""From an edit to the start of the writing: the rest of the half second is for the writing itself. While a lever is
dragged each writing costs a frame, so there are no more of them than that needs."""
RETRY_MS = 5000
"""From a copy that could not be written to the next attempt."""


@dataclass(frozen=True, slots=True)
class RecoveryCopy:
    """Work that a process left behind when it died.

    Attributes
    ----------
    plan_path
        The file that was being edited; None where the plan had not been saved yet.
    plan_sha256
        Of that file's bytes as they were opened or saved last; empty where not known.
    plan_name
        What the plan calls itself.
    saved_at
        When the last edit reached the copy.
    file
        The copy, a plan file.
    """

    plan_path: Path | None
    plan_sha256: str
    plan_name: str
    saved_at: datetime
    file: Path

    @property
    def time(self) -> str:
        """When the last edit reached the copy, to the minute of the user's own clock."""
        return self.saved_at.astimezone().strftime("%Y-%m-%d %H:%M")


class RecoveryWriter(QObject):
    """Keeps the recovery copy of one document up to date without making the window wait.

    The writing is done by a plain Python thread, which knows nothing of Qt; a timer looks whether it has finished. A
    signal from the thread, or a pool that waits in its destructor, would have to outlive this object.

    Signals
    -------
    failed
        A `PlanFileError` that kept the copy from being written; once, until it works again.
    """

    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._go_on)
        self._pending: tuple[Plan, dict[str, str]] | None = None
        self._removal_is_due = False
        self._job: _Job | None = None
        self._others: list[Thread] = []
        self._has_failed = False
        self._lock: QLockFile | None = None
        self.file: Path | None = None
        _writers.add(self)

    def schedule(self, plan: Plan, plan_path: Path | None, plan_sha256: str) -> None:
        """Have a plan written soon; of several in a row only the newest is."""
        self._pending = (plan, {"plan_path": str(plan_path or ""), "plan_sha256": plan_sha256})
        self._removal_is_due = False
        self._wake()

    def schedule_removal(self) -> None:
        """Have the copy removed soon: an undo has brought back what is saved."""
        self._pending = None
        self._removal_is_due = True
        self._wake()

    def flush(self) -> None:
        """Write what is pending before returning.

        Raises
        ------
        PlanFileError
            Where the copy cannot be written.
        """
        self._timer.stop()
        self._join()
        pending = self._pending or (self._job.content if self._job and self._job.problem else None)
        self._pending = self._job = None
        if self._removal_is_due and self.file is not None:
            _remove(self.file)
        self._removal_is_due = False
        if pending is not None:
            _write_copy(self._own_file(), *pending)

    def remove(self) -> None:
        """Remove the copy before returning: its content is saved, or given up."""
        self._timer.stop()
        self._join()
        self._pending = self._job = None
        self._removal_is_due = self._has_failed = False
        if self.file is not None:
            _remove(self.file)
            self.file = None
        if self._lock is not None:
            self._lock.unlock()
            self._lock = None

    def run(self, job: Callable[[], None]) -> None:
        """Do something else with files meanwhile; `flush` and `remove` wait for it."""
        self._others = [thread for thread in self._others if thread.is_alive()]
        self._others.append(Thread(target=job, name="backup"))
        self._others[-1].start()

    def _wake(self) -> None:
        # Not restarted: while a slider is dragged for a minute, copies must keep coming.
        if not self._timer.isActive() or self._timer.interval() > DELAY_MS:
            self._timer.start(DELAY_MS)

    def _join(self) -> None:
        for thread in [*self._others, *([self._job] if self._job else [])]:
            thread.join()
        self._others = []

    def _own_file(self) -> Path:
        if self.file is None:
            folder = _folder()
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
            self.file = folder / f"{secrets.token_hex(8)}{SUFFIX}"
            # Tells other processes that this one is alive, and cannot outlive it.
            self._lock = QLockFile(str(self.file.with_suffix(".lock")))
            self._lock.setStaleLockTime(0)
            self._lock.tryLock(0)
        return self.file

    def _go_on(self) -> None:
        """Look after the job that was started last, and start the next one."""
        if self._job is not None:
            if self._job.is_alive():
                self._timer.start(DELAY_MS)
                return
            job, self._job = self._job, None
            if job.problem is not None:
                if not self._has_failed:
                    self.failed.emit(job.problem)
                self._has_failed = True
                if self._pending is None and not self._removal_is_due:
                    self._pending = job.content
                    self._timer.start(RETRY_MS)
                    return
            else:
                self._has_failed = False
        if self._removal_is_due:
            self._removal_is_due = False
            if self.file is not None:
                _remove(self.file)
        if self._pending is not None:
            self._job = _Job(self._own_file(), self._pending)
            self._pending = None
            self._job.start()
            self._timer.start(DELAY_MS)


class _Job(Thread):
    """Writes one copy; `problem` tells afterwards what was in the way."""

    def __init__(self, file: Path, content: tuple[Plan, dict[str, str]]) -> None:
        super().__init__(name="recovery copy")
        self.content = content
        self.problem: PlanFileError | None = None
        self._file = file

    def run(self) -> None:
        try:
            _write_copy(self._file, *self.content)
        except PlanFileError as error:
            self.problem = error


_writers: weakref.WeakSet[RecoveryWriter] = weakref.WeakSet()


def write_recovery_now() -> list[PlanFileError]:
    """Write the recovery copies of all open documents at once, for when the program is about to end badly.

    Returns
    -------
    list of PlanFileError
        What kept a copy from being written; nothing is raised, since the caller already has a worse problem.
    """
    problems = []
    for writer in list(_writers):
        try:
            writer.flush()
        except PlanFileError as error:
            problems.append(error)
    return problems


def pending_recoveries(plan_path: Path | None = None) -> list[RecoveryCopy]:
    """The copies that dead processes left behind, newest first, without any that is damaged.

    Parameters
    ----------
    plan_path
        Only those of this plan file, however its path is written; all where None.
    """
    found = []
    for file in plan_files_in(_folder()):
        about = _about(file)
        path = Path(about["plan_path"]) if about.get("plan_path") else None
        if plan_path is not None and (path is None or os.path.realpath(path) != os.path.realpath(plan_path)):
            continue
        lock = QLockFile(str(file.with_suffix(".lock")))
        lock.setStaleLockTime(0)
        if not lock.tryLock(0):
            continue
        try:
            plan = open_plan(file)
            saved_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        except (PlanFileError, OSError):
            continue
        finally:
            lock.unlock()
        found.append(RecoveryCopy(path, about.get("plan_sha256", ""), plan.plan.name, saved_at, file))
    return sorted(found, key=lambda copy: copy.saved_at, reverse=True)


def discard(copy: RecoveryCopy) -> None:
    """Remove a copy that the user does not want, or that was taken over; it stays among its plan's backups."""
    if copy.plan_path is not None:
        with suppress(OSError):
            keep_backup(copy.plan_path, copy.file.read_bytes())
    _remove(copy.file)


def _folder() -> Path:
    return data_folder() / "recovery"


def _write_copy(file: Path, plan: Plan, about: dict[str, str]) -> None:
    if _about(file) != about:
        write_whole(file.with_suffix(".json"), json.dumps(about).encode())
    write_whole(file, to_bytes(plan))


def _about(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in content.items() if isinstance(v, str)} if isinstance(content, dict) else {}


def _remove(file: Path) -> None:
    for part in (file, file.with_suffix(".json")):
        with suppress(OSError):
            os.unlink(part)
