"""The `busbar verify` command: whether a memo says what the plan that it carries gives."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli_plan import print_json
from models.problems import PlanFileError

if TYPE_CHECKING:
    from app.memo.printed import Difference
    from app.memo.verify import Verdict


KINDS = {"words": "A text", "plan": "The record", "drawing": "The drawing"}
"""What is named where it is no figure."""


def add_verify_arguments(sub: argparse.ArgumentParser) -> None:
    """What the command takes."""
    sub.add_argument("file", metavar="FILE", help="a memo that Busbar has exported: PDF, DOCX or HTML")
    sub.add_argument("--json", action="store_true", help="for programs")


def verify_file(options: argparse.Namespace) -> None:
    """Print how many figures match, or which differ.

    Raises
    ------
    PlanFileError
        Where something differs, after it was printed; and where the file cannot be checked.
    """
    from app.memo.verify import verify
    from models.memo.carrier import MAX_MEMO_BYTES
    from models.storage.disk import read_whole

    path = Path(options.file)
    verdict = verify(read_whole(path, MAX_MEMO_BYTES), path.name)
    if options.json:
        print_json(verdict_json(verdict))
    else:
        print(verdict_text(verdict))
    if not verdict.is_genuine:
        raise PlanFileError(verdict.sentence, path.name, "do not rely on it; ask for the plan, or for a new export")


def verdict_text(verdict: Verdict) -> str:
    """What is printed."""
    lines = [f"{verdict.sentence[:1].upper()}{verdict.sentence[1:]}.", verdict.subject]
    lines += [f"  {difference_text(d, verdict.names.get(d.address, ''))}" for d in verdict.differences]
    return "\n".join([*lines, *verdict.notes])


def difference_text(difference: Difference, name: str) -> str:
    """One difference in one line: what, where, and what it should be."""
    named = f"{name} ({difference.address})" if difference.address else KINDS[difference.kind]
    found, expected = difference.found or "nothing", difference.expected or "nothing"
    return f"{named}: {difference.place} says {found}, recomputed {expected}"


def verdict_json(verdict: Verdict) -> dict[str, object]:
    """The same for programs."""
    return {
        "matches": verdict.is_genuine,
        "figures": verdict.figure_count,
        "differing": list(verdict.differing),
        "differences": [
            dataclasses.asdict(d) | {"name": verdict.names.get(d.address, "")} for d in verdict.differences
        ],
        "plan": verdict.plan_name,
        "scenario": verdict.scenario_name,
        "as_of": verdict.as_of.isoformat(),
        "seed": verdict.seed,
        "plan_digest": verdict.plan_digest,
        "memo_version": verdict.memo_version,
        "version": verdict.version,
        "notes": list(verdict.notes),
    }
