"""Where the terms of an offer are written down as they are worked out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models.defaults import defaults_of
from models.fields import field_of
from models.offer_text.marks import Mark
from models.offer_text.terms import EXTRA, Other, Term
from models.plan import LEASE, AiOffer, Plan


class Sheet:
    """Works the terms out, one after the other; each is written down with where it comes from.

    Attributes
    ----------
    marks
        What the text states, the first of each name.
    terms
        By name, in the order of a form.
    notes
        What was read and does not count.
    kind
        ``lease`` or ``gpu_cloud``, once that is known.
    """

    def __init__(self, plan: Plan, site_id: str, marks: tuple[Mark, ...], answers: dict[str, Any]) -> None:
        self.plan, self.site_id, self.answers = plan, site_id, answers
        self.marks: dict[str, Mark] = {}
        for mark in marks:
            self.marks.setdefault(mark.name, mark)
        self.terms: dict[str, Term] = {}
        self.notes: list[str] = []
        self.kind = LEASE

    def put(self, name: str, value: Any, mark: Mark | None = None, **about: Any) -> Any:
        """Write a term down and get its value: a person's answer goes before it."""
        field = EXTRA.get(name) or field_of(AiOffer, name)
        others = tuple(Other(v, w) for v, w in mark.others) if mark is not None else ()
        term = Term(name, field, value, mark.quoted if mark else "", **{"others": others, **about})
        if name in self.answers:
            term = replace(term, value=self.answers[name], is_answered=True)
        self.terms[name] = term
        return term.value

    def stated(self, name: str) -> Any:
        """A term straight from its words; None where neither they nor a person say it."""
        mark = self.marks.get(name)
        if mark is None and name not in self.answers:
            return None
        return self.put(name, mark.value if mark else None, mark)

    def default(self, name: str) -> Any:
        """A term from its words, else the planner's default with its source."""
        stated = self.stated(name)
        if stated is not None:
            return stated
        default = defaults_of("ai_offers", self.kind)[name]
        return self.put(name, default.value, reason="The offer is silent; planner default.", source=default.source)
