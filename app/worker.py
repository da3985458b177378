"""Jobs in a thread of their own, one after the other; what they gave arrives in the thread of whoever asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import thread_time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

Job = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    answer
        What it returned; None where it did not succeed.
    succeeded
        False where it raised: the error goes on to the excepthook, for it is a mistake of ours.
    took_s
        Processor time: a machine that is busy with something else must not make all work look expensive.
    """

    answer: Any
    succeeded: bool
    took_s: float


Then = Callable[[Outcome], None]


class Worker(QObject):
    """Does jobs in the order in which they are asked for; ends its work before Qt takes away what it speaks through."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Of every job until it is announced: taken by whoever is first, the thread that begins it or who drops it.
        self._open: list[Lock] = []
        self._is_left = False
        self._relay = _Relay()
        self._relay.finished.connect(self._receive)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether something is at work or waits for it."""
        return bool(self._open)

    def start(self, job: Job, then: Then) -> None:
        """Do a job next.

        Parameters
        ----------
        job
            Touches nothing that belongs to the GUI.
        then
            Takes what became of it, in the thread of this object.
        """
        untaken = Lock()
        self._open.append(untaken)
        self._pool.start(_Run(job, then, self._relay, untaken))

    def stop(self) -> None:
        """Wait for what is at work; what waits for its turn is done as well."""
        self._pool.waitForDone()

    def leave(self) -> None:
        """Outlive whoever owns this: what is at work ends by itself, nobody waits for it, and then the worker goes."""
        self.drop_waiting()
        if self._open:
            self._is_left = True
            self.setParent(QCoreApplication.instance())

    def drop_waiting(self) -> None:
        """Do nothing of what has not been begun."""
        self._open = [untaken for untaken in self._open if not untaken.acquire(blocking=False)]

    def flush(self) -> None:
        """Wait until everything has been done and announced, what is asked for meanwhile as well."""
        while self.is_busy:
            self._pool.waitForDone()
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def _receive(self, then: Then, outcome: Outcome) -> None:
        del self._open[0]  # they are announced in their order
        if not self._is_left:
            then(outcome)
        elif not self._open:
            self.deleteLater()


class _Relay(QObject):
    """What a job speaks through; it belongs to the job as well, so that a window may close while one is at work."""

    finished = Signal(object, object)


class _Run(QRunnable):
    """One job in the pool; it touches nothing but its relay."""

    def __init__(self, job: Job, then: Then, relay: _Relay, untaken: Lock) -> None:
        super().__init__()
        self._job, self._then, self._relay, self._untaken = job, then, relay, untaken

    def run(self) -> None:
        if not self._untaken.acquire(blocking=False):
            return  # nobody wants it any more
        began = thread_time()
        answer, succeeded = None, False
        try:
            answer, succeeded = self._job(), True
        finally:  # an error goes on to the excepthook; the owner must still learn that nobody is working any more
            self._relay.finished.emit(self._then, Outcome(answer, succeeded, thread_time() - began))
