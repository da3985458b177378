"""Findings that someone set aside with a reason: which still stand, which do not, and how one comes back.

A snooze counts for one rule at one place. What makes a figure impossible cannot be set aside.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable

from models.plan import ID_PREFIXES, Plan, Snooze, new_id
from models.problems import Finding, Severity


def snooze_of(plan: Plan, finding: Finding) -> Snooze | None:
    """The record by which a finding is set aside; None where it stands, as every error does.

    Examples
    --------
    >>> from models.defaults import empty_plan
    >>> finding = Finding("lint.fees_high", Severity.INFO, "market.fees_btc_per_block", "Fees are high.")
    >>> plan = set_aside(empty_plan(), finding, "A spike is what we plan for", datetime.date(2026, 3, 24))
    >>> snooze_of(plan, finding).reason, snooze_of(restored(plan, finding), finding)
    ('A spike is what we plan for', None)
    """
    if finding.severity == Severity.ERROR:
        return None
    return next((s for s in plan.snoozes if (s.code, s.path) == (finding.code, finding.path)), None)


def standing(plan: Plan, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that nobody has set aside, in their order."""
    return tuple(f for f in findings if snooze_of(plan, f) is None)


def aside(plan: Plan, findings: Iterable[Finding]) -> tuple[tuple[Finding, Snooze], ...]:
    """The findings that were set aside, each with why, in their order."""
    pairs = ((f, snooze_of(plan, f)) for f in findings)
    return tuple((f, snooze) for f, snooze in pairs if snooze is not None)


def set_aside(plan: Plan, finding: Finding, reason: str, day: datetime.date) -> Plan:
    """A plan in which a finding is set aside; a second reason takes the first one's place.

    Raises
    ------
    ValueError
        Where no reason is given, or the finding is an error; the sentence is for the user.
    """
    problem = refusal(finding, reason)
    if problem:
        raise ValueError(problem)
    left = restored(plan, finding).snoozes
    record_id = new_id(plan, ID_PREFIXES["snoozes"])
    snooze = Snooze(record_id, finding.code, finding.path, reason.strip(), day.isoformat())
    return dataclasses.replace(plan, snoozes=(*left, snooze))


def restored(plan: Plan, finding: Finding) -> Plan:
    """A plan in which a finding stands again."""
    left = tuple(s for s in plan.snoozes if (s.code, s.path) != (finding.code, finding.path))
    return dataclasses.replace(plan, snoozes=left)


def refusal(finding: Finding, reason: str) -> str:
    """Why a finding cannot be set aside like that, in one sentence; empty where it can."""
    if finding.severity == Severity.ERROR:
        return "An error cannot be set aside: figures are missing until it is mended."
    if not reason.strip():
        return "Write why it may stand; the memo prints the reason."
    return ""
