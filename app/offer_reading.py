"""A pasted offer with a person's answers, and all that is to be shown of it; worked out off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

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
