"""The two kinds of trouble a caller meets: the plan is questionable, or the world is in the way.

A questionable plan is answered with a `Finding`, which is returned and never raised. Trouble with a file is a
`PlanFileError`, raised where it is met and caught once per command. Anything else that is raised is our own bug.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How far a finding reaches: a figure is missing, a figure is doubtful, or the reader should know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Repair:
    """One click that answers a finding.

    Attributes
    ----------
    label
        What the click does, in the imperative: "Set 0.95"; a `models.sentences.Sentence` where it holds numbers.
    changes
        Pairs of a field's path and its new value, applied as one undoable edit.
    """

    label: str
    changes: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something questionable in a plan.

    Attributes
    ----------
    code
        Stable name of the rule, ``area.what``.
    severity
        See `Severity`.
    path
        The record or field it is about: ``sites.s1`` or ``ai_offers.o1.rent_usd_per_it_kw_month``.
    message
        One sentence: what, why, what to do; a `models.sentences.Sentence` where it holds numbers.
    repairs
        Ways out that need one click; empty where only the user can know.
    """

    code: str
    severity: Severity
    path: str
    message: str
    repairs: tuple[Repair, ...] = ()


def is_grave(finding: Finding) -> bool:
    """Whether a figure is missing or doubtful because of it."""
    return finding.severity is not Severity.INFO


class PlanFileError(Exception):
    """The world is in the way of a file: damaged, newer, locked, unreadable, or no plan at all.

    Parameters
    ----------
    what
        What happened, as the start of a sentence.
    where
        The file, and the line or table where that is known.
    remedy
        What the user can do about it.

    Examples
    --------
    >>> print(PlanFileError("the file is damaged", "plan.busbar", "open its recovery copy"))
    plan.busbar: the file is damaged; open its recovery copy.
    """

    def __init__(self, what: str, where: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}; {remedy}.")
        self.what = what
        self.where = where
        self.remedy = remedy
