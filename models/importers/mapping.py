"""Propose which column of a table is which input, and say of every column what became of it."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, replace

from models.importers.headings import FLEET, Heading, is_credential, read_heading
from models.importers.tables import Table, note
from models.problems import Finding, Severity

USED = "used"
UNUSED = "not used"
DROPPED = "dropped: credentials"


@dataclass(frozen=True, slots=True)
class Column:
    """What became of one column.

    Attributes
    ----------
    index
        From 0.
    heading
        As it stands in the file.
    field
        The input that it fills, or None.
    unit, scale
        What its numbers are in, where the heading says so.
    score
        How sure the proposal is, 0…1.
    fate
        ``used``, ``not used``, or ``dropped: credentials``.
    """

    index: int
    heading: str
    field: str | None
    unit: str = ""
    scale: float = 1.0
    score: float = 0.0
    fate: str = UNUSED


@dataclass(frozen=True, slots=True)
class Mapping:
    """The columns of a table for one kind of import.

    Attributes
    ----------
    kind
        ``fleet``, ``contracts`` or ``offers``.
    columns
        All of them, in the order of the table.
    one_row_per_machine
        Whether the table lists single machines that are to be counted into lots.
    findings
        What was dropped, repeated or left unused.
    """

    kind: str
    columns: tuple[Column, ...]
    one_row_per_machine: bool
    findings: tuple[Finding, ...]

    def column(self, field: str) -> Column | None:
        """The column that fills an input, if any does."""
        return next((c for c in self.columns if c.field == field), None)

    @property
    def score(self) -> float:
        """How well the table fits the kind: the sum of its columns' scores."""
        return sum(c.score for c in self.columns if c.field)


def propose_mapping(table: Table, kind: str, chosen: MappingOf[str | int, str | None] | None = None) -> Mapping:
    """Match headings with inputs: the surest pairs first, every input once.

    Parameters
    ----------
    table
        With its headings found.
    kind
        ``fleet``, ``contracts`` or ``offers``.
    chosen
        What the user decided, by heading or column number from 0: the input, or None to leave the column out.
    """
    headings = [read_heading(kind, text) for text in table.headings]
    chosen = chosen or {}
    fixed: dict[int, str | None] = {}
    for index, text in enumerate(table.headings):
        for key in (index, text):
            if key in chosen:
                fixed[index] = chosen[key]
    taken: dict[str, int] = {name: index for index, name in fixed.items() if name}
    order = sorted(range(len(headings)), key=lambda i: (-headings[i].score, i))
    repeated = []
    for index in order:
        heading = headings[index]
        if index in fixed or heading.field is None or heading.problem:
            continue
        if heading.field in taken:
            repeated.append(index)
            continue
        taken[heading.field] = index
    by_index = {index: name for name, index in taken.items()}
    columns = tuple(
        _column(index, text, by_index.get(index), headings[index]) for index, text in enumerate(table.headings)
    )
    found = Mapping(kind, columns, _lists_machines(kind, taken), ())
    return replace(found, findings=_findings(table, found, headings, repeated))


def _column(index: int, text: str, field: str | None, heading: Heading) -> Column:
    if is_credential(text):
        return Column(index, text, None, fate=DROPPED)
    if field is None:
        return Column(index, text, None)
    if heading.field != field:
        return Column(index, text, field, score=1.0, fate=USED)
    return Column(index, text, field, heading.unit, heading.scale, heading.score, USED)


def _lists_machines(kind: str, taken: dict[str, int]) -> bool:
    """A list of machines has their addresses or states and no number of pieces."""
    return kind == FLEET and "count" not in taken and bool({"machine_id", "status"} & set(taken))


def _findings(table: Table, mapping: Mapping, headings: list[Heading], repeated: list[int]) -> tuple[Finding, ...]:
    found = []
    path = f"line {table.heading_line}"
    dropped = [c.heading for c in mapping.columns if c.fate == DROPPED]
    if dropped:
        columns = f"The column{'s' if len(dropped) > 1 else ''} {_listed(dropped)}"
        text = f"{columns} may hold pool accounts or passwords and {'were' if len(dropped) > 1 else 'was'} not read."
        found.append(note("credentials_dropped", text, path))
    for column, heading in zip(mapping.columns, headings, strict=True):
        if heading.problem:
            text = f"Column {column.index + 1}, “{column.heading}”, {heading.problem}; it was not used."
            found.append(note("column_unusable", text, path, Severity.ERROR))
    for index in repeated:
        if headings[index].field == "machine_id":
            continue  # a machine has an address, a serial number and a name; that is no doubt
        column = mapping.columns[index]
        first = mapping.column(headings[index].field or "")
        if first:
            text = (
                f"Column {index + 1}, “{column.heading}”, could be the same input as column {first.index + 1}, "
                f"“{first.heading}”, which was used."
            )
            found.append(note("column_repeated", text, path))
    unused = [
        c.heading
        for c in mapping.columns
        if c.fate == UNUSED and c.heading and c.index not in repeated and not headings[c.index].problem
    ]
    if unused:
        text = f"Not used: {_listed(unused)}."
        found.append(note("columns_unused", text, path))
    return tuple(found)


def _listed(names: list[str], at_most: int = 12) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:at_most])
    return shown if len(names) <= at_most else f"{shown} and {len(names) - at_most} more"
