"""What a memo carries so that it can be checked: its plan, its figures, and under what they were computed.

The record is JSON in ASCII. Where it stands depends on the format of the memo; see `models.memo.carrier`. It proves
nothing by itself: whoever checks a memo recomputes its figures from the plan and compares.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Never

from models.memo.parts import Figure, MemoContent, figures_in
from models.plan import Plan
from models.problems import PlanFileError

RECORD_VERSION = 1
SEED: int | None = None
"""No figure of this version is drawn at random."""
VERSION_KEY = "busbar_proof"
LIMIT_BYTES = 75_000_000
"""A larger record is neither carried nor unpacked: fifty years of hours need less."""
NO_MEMO = "choose a memo that Busbar has exported as PDF, DOCX or HTML"
EXPORT_AGAIN = "export the memo again from its plan"
TOLERANCE = 1e-9
"""Relative: processors and their libraries differ in the last digits of a sum."""


@dataclass(frozen=True)
class Proof:
    """What was found in a memo.

    Attributes
    ----------
    plan
        The document's plan, without a scenario applied.
    plan_digest
        What the memo says that the plan's digest is.
    scenario_id, as_of, program_version
        Under what the figures were computed.
    figures
        Every figure as the memo lists it, in the order of reading; an address that is printed in two ways comes twice.
    is_whole
        Whether the record is as Busbar wrote it.
    seed
        Of what was drawn at random; None where nothing was.
    """

    plan: Plan
    plan_digest: str
    scenario_id: str
    as_of: date
    program_version: str
    figures: tuple[Figure, ...]
    is_whole: bool
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class ListedDifference:
    """A figure that the memo lists otherwise than it is recomputed; empty texts where it is on one side only."""

    address: str
    listed: str
    recomputed: str


def printed_figures(content: MemoContent) -> Iterator[Figure]:
    """Every figure as it is printed, in the order of reading; what is printed twice in the same way comes once."""
    seen = set()
    for part in (content.headline, *content.blocks):
        for figure in figures_in(part):
            if (figure.id, figure.text) not in seen:
                seen.add((figure.id, figure.text))
                yield figure


def proof_bytes(content: MemoContent) -> bytes:
    """The record of a memo as ASCII JSON, the same bytes for the same memo.

    Nothing where the memo has no plan, or one beyond `LIMIT_BYTES`: such a memo cannot be checked.

    It holds the plan as `busbar dump` prints it, and every figure with its address, its value (null where it cannot be
    computed) and its text. ``seal`` is the SHA-256 of everything else.
    """
    from models.storage.plan_json import plan_to_json

    if content.plan is None:
        return b""
    figures = content.carried_figures or printed_figures(content)
    record = {
        VERSION_KEY: RECORD_VERSION,
        "program": content.program_version,
        "scenario": content.scenario_id,
        "as_of": content.as_of.isoformat(),
        "seed": SEED,
        "plan_digest": content.plan_digest,
        "figures": [[f.id, f.value if math.isfinite(f.value) else None, f.text] for f in figures],
        "plan": plan_to_json(content.plan),
    }
    data = _ascii({**record, "seal": _seal(record)})
    return data if len(data) <= LIMIT_BYTES else b""


def with_proof(content: MemoContent) -> tuple[MemoContent, bytes]:
    """A memo and its record; one that is too large to carry its plan says so on every page."""
    record = proof_bytes(content)
    is_lost = content.plan is not None and not record
    return (dataclasses.replace(content, carries_plan=False) if is_lost else content), record


def memo_digest(content: MemoContent) -> str:
    """SHA-256 of a memo's record, by which a decision names the memo that it was taken on; empty where it has none."""
    data = proof_bytes(content)
    return hashlib.sha256(data).hexdigest() if data else ""


def read_proof(data: bytes, where: str) -> Proof:
    """What a record says.

    Parameters
    ----------
    data
        Its JSON.
    where
        What to call the memo in an error: the file's name.

    Raises
    ------
    PlanFileError
        Where it is none, belongs to a newer Busbar, or holds a plan that cannot be read.
    """
    from models.storage.plan_json import plan_from_json

    try:
        record = json.loads(data)
    except (ValueError, RecursionError):  # broken UTF-8 and JSON are ValueErrors
        _damaged(where)
    if not isinstance(record, Mapping) or VERSION_KEY not in record:
        _damaged(where)
    stated = record[VERSION_KEY]
    if not isinstance(stated, int) or isinstance(stated, bool) or stated < 1:
        _damaged(where)
    if stated > RECORD_VERSION:
        what = f"the memo comes from a newer Busbar, {_text(record, 'program', where)[:40]}"
        raise PlanFileError(what, where, "verify it with that version")
    try:
        as_of = date.fromisoformat(_text(record, "as_of", where))
    except ValueError:
        _damaged(where)
    seed = record.get("seed")
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        _damaged(where)
    kept = {name: value for name, value in record.items() if name != "seal"}
    plan = record.get("plan")
    if not isinstance(plan, Mapping):
        _damaged(where)
    return Proof(
        plan_from_json(plan, f"{where}, the plan that it carries", lost_overrides=True),
        _text(record, "plan_digest", where),
        _text(record, "scenario", where),
        as_of,
        _text(record, "program", where),
        tuple(_figure(item, where) for item in _list(record, "figures", where)),
        record.get("seal") == _seal(kept),
        seed,
    )


def listed_differences(proof: Proof, content: MemoContent) -> Iterator[ListedDifference]:
    """Where the memo's list of figures is not what its plan gives, in the order of reading.

    A record that is as Busbar wrote it may differ by what processors differ in; one that is not must be exact.
    """
    tolerance = TOLERANCE if proof.is_whole else 0.0
    listed: dict[str, list[Figure]] = {}
    for figure in proof.figures:
        listed.setdefault(figure.id, []).append(figure)
    expected: dict[str, list[Figure]] = {}
    for figure in printed_figures(content):
        expected.setdefault(figure.id, []).append(figure)
    for address, figures in expected.items():
        others = listed.pop(address, [])
        for place, figure in enumerate(figures):
            if place >= len(others):
                yield ListedDifference(address, "", figure.text)
            elif others[place].text != figure.text:
                yield ListedDifference(address, others[place].text, figure.text)
            elif not _same(others[place].value, figure.value, tolerance):
                yield ListedDifference(address, repr(others[place].value), repr(figure.value))
        for figure in others[len(figures) :]:
            yield ListedDifference(address, figure.text, "")
    for figures in listed.values():
        for figure in figures:
            yield ListedDifference(figure.id, figure.text, "")


def _same(one: float, other: float, tolerance: float) -> bool:
    # What cannot be computed is listed as null, be it infinite or not a number.
    if not math.isfinite(one) or not math.isfinite(other):
        return not math.isfinite(one) and not math.isfinite(other)
    return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)


def _ascii(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode("ascii")


def _seal(record: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(_ascii(record)).hexdigest()
    except ValueError:  # JSON as Python reads it may hold NaN and infinity, which we never wrote
        return ""


def _figure(item: Any, where: str) -> Figure:
    match item:
        case [str(address), int() | float() | None as value, str(text)] if not isinstance(value, bool):
            try:
                return Figure(address, math.nan if value is None else float(value), text)
            except OverflowError:
                return Figure(address, math.inf, text)
    _damaged(where)


def _text(record: Mapping[str, Any], name: str, where: str) -> str:
    found = record.get(name)
    if not isinstance(found, str):
        _damaged(where)
    return found


def _list(record: Mapping[str, Any], name: str, where: str) -> list[Any]:
    found = record.get(name)
    if not isinstance(found, list):
        _damaged(where)
    return found


def _damaged(where: str) -> Never:
    raise PlanFileError("what the memo carries for checking it is damaged", where, EXPORT_AGAIN)
