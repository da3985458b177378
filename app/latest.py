"""Work off the GUI thread of which only the newest is wanted: what waits is replaced, what was overtaken is dropped."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

Job = Callable[[], Any]
AT_ONCE_S = 0.02
"""Work that took no longer the last two times may be done at once, without a moment of the former answer; processor
time, since a machine that is busy with something else must not make all work look expensive."""


def stop_at_exit(stop: Callable[[], None]) -> None:
    """Have workers end before Qt takes away what they would speak through."""
    application = QCoreApplication.instance()
    if application is not None:
        application.aboutToQuit.connect(stop)


class Latest(QObject):
    """Does jobs in a worker, one at a time; with `at_once` those that are cheap right away.

    Signals
    -------
    done
        With what the newest job gave. Of one that was overtaken too, where `shows_overtaken`: during a drag something
        moves then, although the newest is never reached.
    """

    done = Signal(object)

    def __init__(self, parent: QObject | None = None, *, shows_overtaken: bool = False, at_once: bool = False) -> None:
        super().__init__(parent)
        self._took_s = (0.0, 0.0) if at_once else (1.0, 1.0)
        self._at_once = at_once
        self._generation = 0
        self._running = False
        self._waiting: Job | None = None
        self._shows_overtaken = shows_overtaken
        self._relay = _Relay()
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._relay.finished.connect(self._receive)
        stop_at_exit(self.stop)

    @property
    def is_busy(self) -> bool:
        """Whether a worker is still at it."""
        return self._running

    def request(self, job: Job, *, is_large: bool = False) -> None:
        """Do this next; what was waiting is not wanted any more.

        Parameters
        ----------
        job
            Touches nothing that belongs to the GUI.
        is_large
            Whether it is known to take long, however little the last jobs took.
        """
        self._generation += 1
        if self._running:
            self._waiting = job
        elif is_large or min(self._took_s) > AT_ONCE_S:
            self._start(job)
        else:
            began = thread_time()
            answer = job()
            self._note(thread_time() - began)
            self.done.emit(answer)

    def cancel(self) -> None:
        """Want nothing of what was asked for any more."""
        self._generation += 1
        self._waiting = None

    def stop(self) -> None:
        """Want nothing any more, and wait for what is at work."""
        self.cancel()
        self._pool.waitForDone()

    def flush(self) -> None:
        """Wait until the newest job has been done and announced."""
        while self._running:
            self._pool.waitForDone()
            QCoreApplication.sendPostedEvents(self._relay, QEvent.Type.MetaCall.value)
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def _start(self, job: Job) -> None:
        self._running = True
        self._waiting = None
        self._pool.start(_Run(job, self._generation, self._relay))

    def _note(self, took_s: float) -> None:
        if self._at_once:
            self._took_s = (self._took_s[1], took_s)

    def _receive(self, generation: int, answer: Any, succeeded: bool, took_s: float) -> None:
        self._running = False
        self._note(took_s)
        is_newest = generation == self._generation
        if succeeded and (is_newest or (self._shows_overtaken and self._waiting is not None)):
            self.done.emit(answer)
        if self._waiting is not None:
            self._start(self._waiting)


class _Relay(QObject):
    """What a job speaks through; it belongs to the job as well, so that a window may close while one is at work."""

    finished = Signal(int, object, bool, float)


class _Run(QRunnable):
    """One job in the pool; it touches nothing but its relay."""

    def __init__(self, job: Job, generation: int, relay: _Relay) -> None:
        super().__init__()
        self._job, self._generation, self._relay = job, generation, relay

    def run(self) -> None:
        began = thread_time()
        answer, succeeded = None, False
        try:
            answer, succeeded = self._job(), True
        finally:  # an error goes on to the excepthook; the owner must still learn that nobody is working any more
            self._relay.finished.emit(self._generation, answer, succeeded, thread_time() - began)
