"""Jobs in a thread of their own: their order, their errors, and what is dropped."""

from __future__ import annotations

from threading import Event
from time import monotonic
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject
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


def test_that_who_leaves_waits_for_nothing_and_hears_nothing(qtbot: QtBot) -> None:
    owner = QObject()
    worker, begun, go_on = Worker(owner), Event(), Event()
    answers: list[Any] = []
    gone: list[bool] = []
    worker.destroyed.connect(lambda: gone.append(True))

    def at_work() -> str:
        begun.set()
        go_on.wait(5.0)
        return "late"

    def take(outcome: Outcome) -> None:
        answers.append(outcome.answer)

    worker.start(at_work, take)
    assert begun.wait(5.0)
    worker.start(lambda: "never begun", take)
    worker.leave()
    began = monotonic()
    owner.deleteLater()
    QCoreApplication.sendPostedEvents(owner, QEvent.Type.DeferredDelete.value)
    assert monotonic() - began < 1.0
    assert not gone
    go_on.set()
    qtbot.waitUntil(lambda: bool(gone), timeout=2000)
    assert answers == []


def test_that_an_idle_worker_that_is_left_goes_with_its_owner(qapp: Any) -> None:
    owner = QObject()
    worker = Worker(owner)
    worker.leave()
    assert worker.parent() is owner
