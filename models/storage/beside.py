"""Something done in a thread of its own while the caller goes on: disk and digest need not wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

R = TypeVar("R")


class Beside(Generic[R]):
    """A job, begun at once.

    At the end of a process, when no thread can be started any more, it is done before the caller goes on: a recovery
    copy is written even then. A pool of `concurrent.futures` would refuse it, and takes 10 ms to import.

    Examples
    --------
    >>> Beside(lambda: 2 + 2).result()
    4
    """

    def __init__(self, job: Callable[[], R]) -> None:
        self._job = job
        self._answers: list[R] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="beside", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        try:
            self._answers.append(self._job())
        except BaseException as error:
            self._error = error

    def result(self) -> R:
        """Wait for the job; what it returned.

        Raises
        ------
        BaseException
            What the job raised.
        """
        if self._thread.ident is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error
        return self._answers[0]
