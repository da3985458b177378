"""A pasted offer with a person's answers, and all that is to be shown of it; worked out off the GUI thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.session import Session
from models.offer_text import ReadOffer, Strip, read_offer, strip_of
from models.plan import Plan
from models.scenarios import BASE

if TYPE_CHECKING:
    from models.explain import Explanation

PREFIX, OTHERS = "offer", "others"
"""Before the paths of what is read, and of other readings of a question."""


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


def explanation_of(asked: Question, reading: Reading, path: str, session: Session) -> Explanation:
    """What the reader shows, down to the offer's words: of its own reading, or of another one of a question.

    Parameters
    ----------
    asked, reading
        What is on show.
    path
        See `models.offer_text.explained.explained_offer`; or ``offer.others.``, a term, the place of its other value.

    Raises
    ------
    KeyError
        Where nothing of that path is on show.
    """
    from models.offer_text.explained import explained_offer  # with the explanations behind it: once somebody asks

    read, name = reading.read, path.split(".")
    if name[1] == OTHERS:
        term = read.term(name[2])
        if term is None or int(name[3]) >= len(term.others):
            raise KeyError(path)
        answers = {**asked.answers, term.name: term.others[int(name[3])].value}
        read = read_offer(asked.text, asked.plan, asked.site_id, answers)
        path = f"{PREFIX}.npv_usd_per_mw"
    base = session.document.plan if session.scenario_id != BASE else None
    return explained_offer(read, asked.plan, path, session.today, base=base, scenario_id=session.scenario_id)


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
