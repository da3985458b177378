"""Reading a pasted offer off the GUI thread: the newest text wins, those between are dropped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRunnable, QThreadPool, Signal

from models.offer_text import ReadOffer, Strip, read_offer, strip_of
from models.plan import Plan


@dataclass(frozen=True)
class Question:
    """A text with what a person has answered, for one site of a plan."""

    text: str
    plan: Plan
    site_id: str
    answers: dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """An offer as it was understood, what it comes to, and what it would with each other reading of its questions."""

    read: ReadOffer
    strip: Strip | None
    others: dict[tuple[str, int], Strip | None] = field(default_factory=dict)


def reading_of(asked: Question) -> Reading:
    """Read a text and price all its readings."""
    read = read_offer(asked.text, asked.plan, asked.site_id, asked.answers)
    others: dict[tuple[str, int], Strip | None] = {}
    for term in read.questions:
        for number, other in enumerate(term.others):
            answers = {**asked.answers, term.name: other.value}
            again = read_offer(asked.text, asked.plan, asked.site_id, answers)
            others[term.name, number] = strip_of(again, asked.plan)
    return Reading(read, strip_of(read, asked.plan), others)


class OfferReading(QObject):
    """Answers questions, one at a time.

    Signals
    -------
    answered
        With the `Reading` of the newest question.
    """

    answered = Signal(object)
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._running = False
        self._waiting: Question | None = None
        self._finished.connect(self._receive)

    def ask(self, question: Question) -> None:
        """Have a text read; an earlier one that still waits is dropped."""
        if self._running:
            self._waiting = question
            return
        self._running = True
        self._pool.start(_Job(question, self._finished.emit))

    def flush(self) -> None:
        """Wait until the newest question has been answered."""
        while self._running:
            self._pool.waitForDone()
            QCoreApplication.sendPostedEvents(self, QEvent.Type.MetaCall.value)

    def close(self) -> None:
        """Drop what waits, and wait for the one at work."""
        self._waiting = None
        self._pool.waitForDone()

    def _receive(self, reading: Reading | None) -> None:
        self._running = False
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self.ask(waiting)
        elif reading is not None:
            self.answered.emit(reading)


class _Job(QRunnable):
    """One question in the pool; it is given the bound `emit` of its owner's signal and touches nothing else."""

    def __init__(self, question: Question, emit: Callable[..., None]) -> None:
        super().__init__()
        self._question = question
        self._emit = emit

    def run(self) -> None:
        reading = None
        try:
            reading = reading_of(self._question)
        finally:  # an error goes on to the excepthook; the owner must still learn that nobody is working any more
            self._emit(reading)
