"""Files made and written beside the user's work: a workbook of a large plan, or a picture for print, takes a moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.worker import Outcome, Worker
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

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(self)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being written."""
        return self._worker.is_busy

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
        self._worker.start(partial(_refusal_of_writing, path, make), partial(self._receive, path, what))

    def flush(self) -> None:
        """Wait until everything has been written and announced."""
        self._worker.flush()

    def stop(self) -> None:
        """Wait for what is at work: a file that was asked for is written whole before the program ends."""
        self._worker.stop()

    def _receive(self, path: Path, what: str, outcome: Outcome) -> None:
        if not outcome.succeeded:
            remedy = "export it again, or report the plan that does it"
            self.refused.emit(PlanFileError(f"{what} could not be made", str(path), remedy))
        elif outcome.answer is not None:
            self.refused.emit(outcome.answer)
        else:
            self.written.emit(path)


def _refusal_of_writing(path: Path, make: Make) -> PlanFileError | None:
    """Write a file; why it could not be, or None where it was."""
    from models.storage.disk import write_whole

    try:
        write_whole(path, make())
    except PlanFileError as refusal:
        return refusal
    return None
