"""What an import returns: the records it made, the plan with them, and what it has to say about every doubtful line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from models.importers.headings import ACTUALS
from models.importers.mapping import Mapping
from models.plan import Plan
from models.problems import Finding, PlanFileError, Severity
from models.sentences import Amount, Sentence
from models.storage.plan_json import record_to_json
from models.storage.validity import problem_in

MAX_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The outcome of an import; nothing has been changed yet.

    Attributes
    ----------
    kind
        ``fleet``, ``contracts``, ``offers`` or ``market``.
    rows
        Lines of data that were looked at, totals and headings not counted.
    records
        New and updated records, in the order of the file; for ``market`` the market.
    added, updated
        Their ids.
    plan
        The plan with them.
    findings
        One per line that was left out, and what was assumed about the others.
    mapping
        What became of the columns; None where the file has none.
    choices
        Models that may be several machines of the catalogue: the name in the file, and the catalogue's names.
    without_value
        Cells that were passed over because they say in words that nothing is known; a finding counts each kind.
    """

    kind: str
    rows: int
    records: tuple[Any, ...]
    added: tuple[str, ...]
    updated: tuple[str, ...]
    plan: Plan
    findings: tuple[Finding, ...]
    mapping: Mapping | None = None
    choices: tuple[tuple[str, tuple[str, ...]], ...] = ()
    without_value: int = 0

    @property
    def columns(self) -> tuple[dict[str, Any], ...]:
        """Every column: its heading, the input it fills, its unit, and what became of it."""
        if self.mapping is None:
            return ()
        return tuple(
            {"column": c.index + 1, "heading": c.heading, "field": c.field, "unit": c.unit or None, "fate": c.fate}
            for c in self.mapping.columns
        )

    @property
    def summary(self) -> str:
        """One sentence for a status line."""
        left_out = sum(1 for f in self.findings if f.code == "import.line")
        # A line of actual months holds several values: what is counted says so.
        is_values = self.kind == ACTUALS
        counts = (
            (len(self.added), "value added" if is_values else "added"),
            (len(self.updated), "value updated" if is_values else "updated"),
            (left_out, "value left out" if is_values else "line left out"),
            (self.without_value, "cell without a value"),
        )
        parts = [f"{n} {_counted_words(n, words)}" for n, words in counts if n]
        return f"{self.rows} line{'' if self.rows == 1 else 's'} read: " + (", ".join(parts) or "nothing to add")

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer of ``busbar import --json``."""
        return {
            "rows": self.rows,
            "records": [record_to_json(record) for record in self.records],
            "added": list(self.added),
            "updated": list(self.updated),
            "columns": list(self.columns),
            "choices": [{"model": model, "machines": list(names)} for model, names in self.choices],
            "findings": [
                {"code": f.code, "severity": str(f.severity), "path": f.path, "message": f.message}
                for f in self.findings
            ],
        }


def storable(plan: Plan, filename: str) -> Plan:
    """A plan as an import leaves it, where a file can hold it: what follows from good cells may still be out of bounds.

    Raises
    ------
    PlanFileError
        Where no file can; it names the value.
    """
    problem = problem_in(plan)
    if problem is None:
        return plan
    what = f"what it holds cannot be kept in a plan ({problem.path}: {problem.sentence})"
    raise PlanFileError(what, filename, "correct it in the file and import again")


def storable_name(filename: str) -> str:
    """A file's name as a plan can hold it: some disks have names that are no text.

    Examples
    --------
    >>> storable_name("m\\udce4rz.csv")
    'm?rz.csv'
    """
    return filename.encode("utf-8", "replace").decode()


def _counted_words(count: int, words: str) -> str:
    noun, _, rest = words.partition(" ")
    return f"{noun}s {rest}" if count != 1 and noun in ("value", "line", "cell") else words


def limited(findings: list[Finding]) -> tuple[Finding, ...]:
    """Findings without repetitions, and not more than anyone reads."""
    unique = list(dict.fromkeys(findings))
    if len(unique) <= MAX_FINDINGS:
        return tuple(unique)
    rest = len(unique) - MAX_FINDINGS
    sentence = Sentence("{rest} further findings of the same kinds are not listed.", rest=Amount(rest))
    last = Finding("import.more", Severity.WARNING, "", sentence)
    return (*unique[:MAX_FINDINGS], last)


def in_line_order(findings: Iterable[Finding]) -> list[Finding]:
    """What is said of the whole file, then what is said of its lines from the first to the last, then of records."""

    def place(finding: Finding) -> float:
        line = _LINE.match(finding.path) or _LINE.match(finding.message)
        return float(line.group(1)) if line else math.inf if "." in finding.path else 0.0

    return sorted(findings, key=place)


_LINE = re.compile(r"line (\d+)", re.IGNORECASE)
