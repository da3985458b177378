"""The workbook with live formulas as a file, written beside the user's work: a large plan takes seconds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

from app.latest import stop_at_exit
from models.plan import Plan
from models.problems import PlanFileError


class WorkbookExport(QObject):
    """Writes workbooks one after the other, off the GUI thread.

    Attributes
    ----------
    is_busy
        Whether one is being written.

    Signals
    -------
    written
        With the file's path.
    refused
        With the `PlanFileError` that was in the way; nothing was written.
    """

    written = Signal(object)
    refused = Signal(object)
    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._open = 0
        self._finished.connect(self._receive)
        stop_at_exit(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether a workbook is being written."""
        return self._open > 0

    def write(self, plan: Plan, scenario_id: str, path: Path) -> None:
        """Write a plan's workbook, with its switch at one of the scenarios."""
        self._open += 1
        self._pool.start(_Writing(plan, scenario_id, path, self._finished.emit))

    def flush(self) -> None:
        """Wait until everything has been written and announced."""
        while self.is_busy:
            self._pool.waitForDone()
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def stop(self) -> None:
        """Wait for what is at work: a file that was asked for is written whole before the program ends."""
        self._pool.waitForDone()

    def _receive(self, path: Path, error: PlanFileError | None) -> None:
        self._open -= 1
        if error is None:
            self.written.emit(path)
        else:
            self.refused.emit(error)


class _Writing(QRunnable):
    """One workbook in the pool; it is given the bound `emit` of its owner's signal and touches nothing else."""

    def __init__(self, plan: Plan, scenario_id: str, path: Path, emit: Callable[..., None]) -> None:
        super().__init__()
        self._plan = plan
        self._scenario_id = scenario_id
        self._path = path
        self._emit = emit

    def run(self) -> None:
        from models.storage.disk import write_whole
        from models.workbook.content import workbook_bytes

        error: PlanFileError | None = PlanFileError(
            "the workbook could not be made", str(self._path), "export it again, or report the plan that does it"
        )
        try:
            write_whole(self._path, workbook_bytes(self._plan, scenario_id=self._scenario_id))
            error = None
        except PlanFileError as refusal:
            error = refusal
        finally:  # a mistake of ours goes on to the excepthook; the owner must still learn that nothing was written
            self._emit(self._path, error)
