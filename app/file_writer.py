"""Files made and written beside the user's work: a workbook of a large plan, or a picture for print, takes a moment."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

from app.latest import stop_at_exit
from models.problems import PlanFileError

Make = Callable[[], bytes]


class FileWriter(QObject):
    """Writes files one after the other, off the GUI thread.

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
        """Whether a file is being written."""
        return self._open > 0

    def write(self, path: Path, make: Make, what: str) -> None:
        """Write what is made of it, whole or not at all.

        Parameters
        ----------
        path
            The file.
        make
            Makes its bytes in the worker; touches nothing of the GUI.
        what
            What it is, in a sentence: "the workbook".
        """
        self._open += 1
        self._pool.start(_Writing(path, make, what, self._finished.emit))

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
    """One file in the pool; it is given the bound `emit` of its owner's signal and touches nothing else."""

    def __init__(self, path: Path, make: Make, what: str, emit: Callable[..., None]) -> None:
        super().__init__()
        self._path = path
        self._make = make
        self._what = what
        self._emit = emit

    def run(self) -> None:
        from models.storage.disk import write_whole

        error: PlanFileError | None = PlanFileError(
            f"{self._what} could not be made", str(self._path), "export it again, or report the plan that does it"
        )
        try:
            write_whole(self._path, self._make())
            error = None
        except PlanFileError as refusal:
            error = refusal
        finally:  # a mistake of ours goes on to the excepthook; the owner must still learn that nothing was written
            self._emit(self._path, error)
