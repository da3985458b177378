"""Something done in a thread of its own while the caller goes on: disk and digest need not wait for each other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

R = TypeVar("R")


def beside(job: Callable[[], R]) -> Future[R]:
    """Start a job; `result` of what comes back waits for it, and raises what it raised.

    At the end of a process, when no thread can be started any more, the job is done at once: a recovery copy is written
    even then. A pool of `concurrent.futures` would refuse it.

    Examples
    --------
    >>> beside(lambda: 2 + 2).result()
    4
    """
    found: Future[R] = Future()

    def run() -> None:
        try:
            found.set_result(job())
        except BaseException as error:
            found.set_exception(error)

    try:
        Thread(target=run, name="beside", daemon=True).start()
    except RuntimeError:
        run()
    return found
