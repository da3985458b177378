"""Work of which only the newest is wanted."""

from __future__ import annotations

import threading
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent

from app.latest import Latest


def test_that_the_newest_job_is_announced_and_those_between_are_dropped(qapp: Any) -> None:
    work, heard, begun = Latest(), [], threading.Event()
    work.done.connect(heard.append)
    release = threading.Event()

    def slow() -> str:
        begun.set()
        release.wait(5)
        return "first"

    work.request(slow)
    assert begun.wait(5)
    work.request(lambda: "second")
    work.request(lambda: "third")
    assert work.is_busy
    release.set()
    work.flush()
    assert heard == ["third"]


def test_that_an_overtaken_answer_is_shown_where_that_is_wanted(qapp: Any) -> None:
    work, heard, release = Latest(shows_overtaken=True), [], threading.Event()
    work.done.connect(heard.append)
    work.request(lambda: release.wait(5) and "first")
    work.request(lambda: "second")
    release.set()
    work.flush()
    assert heard == ["first", "second"]


def test_that_a_cancelled_job_is_not_announced(qapp: Any) -> None:
    work, heard = Latest(shows_overtaken=True), []
    work.done.connect(heard.append)
    work.request(lambda: "wanted no more")
    work.cancel()
    work.flush()
    assert heard == []


def test_that_an_error_goes_on_and_the_next_job_is_done(qapp: Any, qtbot: Any) -> None:
    work, heard = Latest(), []
    work.done.connect(heard.append)

    def fails() -> None:
        raise ArithmeticError("ours")

    with qtbot.captureExceptions() as caught:
        work.request(fails)
        work.flush()
        qtbot.waitUntil(lambda: bool(caught), timeout=2_000)
    assert [kind for kind, _, _ in caught] == [ArithmeticError]
    work.request(lambda: 2)
    work.flush()
    assert heard == [2]


def test_that_it_may_be_deleted_while_it_is_at_work(qapp: Any) -> None:
    heard, ended = [], threading.Event()
    for _ in range(3):
        work = Latest()
        work.done.connect(heard.append)
        work.request(lambda: (sum(range(200_000)), ended.set()))
        work.deleteLater()
        QCoreApplication.sendPostedEvents(work, QEvent.Type.DeferredDelete)
        del work
    assert ended.wait(5)
    assert heard == []


def test_that_what_waits_is_not_done_after_something_newer_was_done_at_once(qapp: Any) -> None:
    work, heard, release = Latest(shows_overtaken=True, at_once=True), [], threading.Event()

    def hear(answer: str) -> None:
        heard.append(answer)
        if answer == "first":
            work.request(lambda: "third")

    work.done.connect(hear)
    work.request(lambda: release.wait(5) and "first", is_large=True)
    work.request(lambda: "second")
    release.set()
    work.flush()
    assert heard == ["first", "third"]
