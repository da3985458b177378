"""Work off the GUI thread of which only the newest matters: what was asked for meanwhile replaces what waits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import thread_time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

AT_ONCE_S = 0.02
"""Work that took no longer the last two times is done at once the next time, without a moment of the former answer."""


class Newest(QObject):
    """Answers the newest of several requests, at once where that is cheap, else from a worker.

    Signals
    -------
    answered
        The newest request's answer.
    """

    answered = Signal(object)
    _finished = Signal(int, object, float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._generation = 0
        self._running = False
        self._waiting: Callable[[], Any] | None = None
        self._took_s = (0.0, 0.0)
        self._finished.connect(self._receive)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._running

    def ask(self, job: Callable[[], Any], *, is_large: bool = False) -> None:
        """Have a job done; one that has not begun yet is dropped.

        Parameters
        ----------
        job
            Touches nothing that belongs to the GUI.
        is_large
            Whether it is known to take long.
        """
        self._generation += 1
        if self._running:
            self._waiting = job
        elif is_large or min(self._took_s) > AT_ONCE_S:
            self._start(job)
        else:
            began = thread_time()
            answer = job()
            self._took_s = (self._took_s[1], thread_time() - began)
            self.answered.emit(answer)

    def flush(self) -> None:
        """Wait for the newest answer, and have it announced."""
        while self._running:
            self._pool.waitForDone()
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def _start(self, job: Callable[[], Any]) -> None:
        self._running, self._waiting = True, None
        self._pool.start(_Job(job, self._generation, self._finished.emit))

    def _receive(self, generation: int, answer: Any, took_s: float) -> None:
        self._running = False
        self._took_s = (self._took_s[1], took_s)
        waiting = self._waiting
        if waiting is not None:
            self._start(waiting)
        elif generation == self._generation and answer is not None:
            self.answered.emit(answer)


class _Job(QRunnable):
    """One job in the pool; it is given the bound `emit` of its owner's signal and touches nothing else."""

    def __init__(self, job: Callable[[], Any], generation: int, emit: Callable[..., None]) -> None:
        super().__init__()
        self._job, self._generation, self._emit = job, generation, emit

    def run(self) -> None:
        began = thread_time()
        answer = None
        try:
            answer = self._job()
        finally:  # an error goes on to the excepthook; the owner must still learn that nobody is working any more
            # Unless the page was closed meanwhile, with the owner: then nobody waits for an answer.
            with suppress(RuntimeError):
                self._emit(self._generation, answer, thread_time() - began)
