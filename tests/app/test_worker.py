"""Jobs in a thread of their own: their order, their errors, and what is dropped."""

from __future__ import annotations

from threading import Event
from typing import Any

from pytestqt.qtbot import QtBot

from app.worker import Outcome, Worker


def test_that_dropped_jobs_leave_nobody_waiting(qtbot: QtBot) -> None:
    worker, begun, go_on = Worker(), Event(), Event()
    answers: list[Any] = []

    def at_work() -> str:
        begun.set()
        go_on.wait(5.0)
        return "first"

    def take(outcome: Outcome) -> None:
        answers.append(outcome.answer)

    worker.start(at_work, take)
    assert begun.wait(5.0)
    worker.start(lambda: "second", take)
    worker.start(lambda: "third", take)
    worker.drop_waiting()
    go_on.set()
    qtbot.waitUntil(lambda: not worker.is_busy, timeout=2000)
    worker.flush()
    assert answers == ["first"]
    worker.start(lambda: "fourth", take)
    worker.flush()
    assert answers == ["first", "fourth"]
