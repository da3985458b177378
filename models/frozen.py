"""A plan as it was on a day, inside another plan: packed as text, unpacked with suspicion, and what is wrong with it.

A decision carries the plan that it was taken on as compressed JSON in base64, because a text survives every format that
a plan is stored in. It comes from a file that anyone may have written, so its size is bounded before it is unpacked.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from models.plan import Actual, Plan
from models.problems import Finding, PlanFileError, Repair, Severity
from models.sentences import Amount, Sentence
from models.storage.plan_json import plan_from_json, plan_to_json

LIMIT_TEXT = 80_000_000
"""Characters of a packed plan; ten years of hourly prices for ten sites take a tenth of it."""
LIMIT_BYTES = 200_000_000
"""Bytes of the JSON inside; what unpacks to more is no plan."""
LONGEST_WORDS = 10_000
"""A part of the memo with more characters than this is a picture in letters, a logo, and stays out."""
KEPT_PLANS = 16
_DELETE = "delete the decision, or take it from a backup of this plan"


def bare_plan(plan: Plan) -> Plan:
    """What of a plan is frozen: all but its register of decisions, what became of them, and the memo's pictures.

    A decision that held the decisions before it would double with each one.
    """
    words = tuple(part for part in plan.memo_parts if len(part.words) <= LONGEST_WORDS)
    return replace(plan, decisions=(), decided_uses=(), actuals=(), memo_parts=words)


def pack(plan: Plan) -> str:
    """A plan as text: its canonical JSON, compressed, in base64.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = sample("one-site")
    >>> unpack(pack(plan), "here") == plan
    True
    """
    text = json.dumps(plan_to_json(bare_plan(plan)), ensure_ascii=True, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def unpack(text: str, where: str) -> Plan:
    """The plan in a packed text; kept, because findings and pages ask for it after every edit.

    Parameters
    ----------
    text
        As `pack` made it, or as whoever wrote the file put it there.
    where
        What to call it in an error: the decision's name.

    Raises
    ------
    PlanFileError
        Where it holds no plan; one sentence says why.
    """
    found = _unpacked(text)
    if isinstance(found, Plan):
        return found
    raise PlanFileError(found, f"decision “{where}”", _DELETE)


@lru_cache(maxsize=KEPT_PLANS)
def _unpacked(text: str) -> Plan | str:
    """The plan, or a clause on why there is none; a failure is kept as well."""
    if not text:
        return "it has no frozen plan"
    if len(text) > LIMIT_TEXT:
        return "its frozen plan is larger than any plan"
    try:
        packed = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return "its frozen plan is damaged (it is not base64)"
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(packed, LIMIT_BYTES)
    except zlib.error:
        return "its frozen plan is damaged (it cannot be decompressed)"
    if inflater.unconsumed_tail:
        return "its frozen plan unpacks to more than any plan"
    if not inflater.eof:
        return "its frozen plan is damaged (it breaks off)"
    try:
        return bare_plan(plan_from_json(data, "frozen plan", lost_overrides=True))
    except PlanFileError as error:
        return f"its frozen plan cannot be read ({error.where}: {error.what})"


def decision_findings(plan: Plan) -> Iterator[Finding]:
    """Decisions without a plan that can be read, and actual values of sites and uses that nothing knows.

    That the plan has moved on since a decision is no finding: it is meant to.
    """
    for decision in plan.decisions:
        found = _unpacked(decision.frozen_plan)
        if isinstance(found, str):
            text = f"Decision “{decision.name}” cannot be looked back on: {found}; {_DELETE}."
            yield Finding("decisions.frozen_plan", Severity.WARNING, f"decisions.{decision.id}", text)
    known_sites = {"", *(s.id for s in plan.sites), *(u.site_id for u in plan.decided_uses)}
    known_uses = {"", *(lot.id for lot in plan.asic_lots), *(offer.id for offer in plan.ai_offers)}
    known_uses |= {u.use_id for u in plan.decided_uses}
    lost: dict[tuple[str, str], list[Actual]] = {}
    for actual in plan.actuals:
        if actual.site_id not in known_sites or actual.use_id not in known_uses:
            lost.setdefault((actual.site_id, actual.use_id), []).append(actual)
    for (site_id, use_id), rows in lost.items():
        gone = {row.id for row in rows}
        rest = tuple(row for row in plan.actuals if row.id not in gone)
        what = f"use {use_id!r}" if use_id not in known_uses else f"site {site_id!r}"
        yield Finding(
            "actuals.unknown",
            Severity.WARNING,
            f"actuals.{rows[0].id}",
            Sentence(
                "{count} of the actual values are of {what}, which neither the plan nor a decision has; remove them, "
                "or import them under another name.",
                count=Amount(len(rows), "", ",.0f"),
                what=what,
            ),
            (Repair("Remove them", (("actuals", rest),)),),
        )
