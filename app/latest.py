"""Work off the GUI thread of which only the newest is wanted: what waits is replaced, what was overtaken is dropped."""

from __future__ import annotations

from functools import partial
from time import thread_time

from PySide6.QtCore import QObject, Signal

from app.worker import Job, Outcome, Worker

AT_ONCE_S = 0.02
"""Work that took no longer the last two times may be done at once, without a moment of the former answer; processor
time, since a machine that is busy with something else must not make all work look expensive."""


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
        self._worker = Worker(self)

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
        self._waiting = job if self._running else None
        if self._running:
            return
        if is_large or min(self._took_s) > AT_ONCE_S:
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
        self._worker.stop()

    def leave(self) -> None:
        """Want nothing any more, and wait for nothing: the window may close while something is at work."""
        self.cancel()
        self._worker.leave()

    def flush(self) -> None:
        """Wait until the newest job has been done and announced."""
        self._worker.flush()

    def _start(self, job: Job) -> None:
        self._running = True
        self._waiting = None
        self._worker.start(job, partial(self._receive, self._generation))

    def _note(self, took_s: float) -> None:
        if self._at_once:
            self._took_s = (self._took_s[1], took_s)

    def _receive(self, generation: int, outcome: Outcome) -> None:
        self._running = False
        self._note(outcome.took_s)
        is_newest = generation == self._generation
        if outcome.succeeded and (is_newest or (self._shows_overtaken and self._waiting is not None)):
            self.done.emit(outcome.answer)
        if self._waiting is not None:
            self._start(self._waiting)
