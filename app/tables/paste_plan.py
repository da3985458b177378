"""What a pasted block would do to a table of records: every cell read, before anything is changed.

Excel's rule: the block lands at the top left of the selection and grows the table; one value fills the selection. A
first line of headings is recognised and dropped, and its columns then go where they belong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from app.forms.entry import Entry, read_entry
from app.tables.columns import Column
from app.tables.item_models import RecordTableModel
from app.tables.paste_new_rows import EFFICIENCY, LOTS, RATED, NewRow, new_row
from app.tables.record_edits import NOUNS
from models.fields import Quantity
from models.fields import replace as with_value
from models.importers.clipboard import parse_block
from models.importers.headings import EXTRA_UNITS, is_credential, read_heading
from models.importers.values import CellError, is_nothing, number_in
from models.machine_search import use_efficiency
from models.plan import Plan

KIND_OF_TABLE = {"asic_lots": "fleet", "power_contracts": "contracts", "ai_offers": "offers"}
FIELD_OF_HEADING = {"site": "site_id"}


@dataclass(frozen=True, slots=True)
class PastedCell:
    """One cell of the block.

    Attributes
    ----------
    row, column
        Where in the table it lands; a row beyond the last becomes a new record.
    """

    row: int
    column: int
    entry: Entry

    @property
    def text(self) -> str:
        """As it stood in the clipboard."""
        return self.entry.text


@dataclass(frozen=True, slots=True)
class PastePlan:
    """A block, understood.

    Attributes
    ----------
    cells
        Row by row; empty cells of new rows are left out.
    new_rows
        How many records it would add, were none of them left out.
    headings
        The first line, where it was one of headings, else empty.
    problem
        Why nothing at all can be pasted; empty where something can.
    chosen
        The catalogue's machine by the model's name in the block, where that may mean several and a person has said
        which.
    passed
        Labels of the calculated columns for which the block holds figures; these are passed over.
    efficiencies
        Row and figure [J/TH], where the block says it of machines.
    """

    cells: tuple[PastedCell, ...]
    new_rows: int = 0
    headings: tuple[str, ...] = ()
    problem: str = ""
    chosen: tuple[tuple[str, str], ...] = ()
    passed: tuple[str, ...] = ()
    efficiencies: tuple[tuple[int, float], ...] = ()

    @property
    def good(self) -> tuple[PastedCell, ...]:
        """The cells that can be stored."""
        return tuple(c for c in self.cells if c.entry.is_good)

    @property
    def needs_a_look(self) -> bool:
        """Whether anything is converted, in question, refused, new, or placed by its heading."""
        return bool(self.new_rows or self.headings or self.problem or self.passed) or any(
            c.entry.echo or not c.entry.is_good for c in self.cells
        )

    @property
    def questions(self) -> tuple[PastedCell, ...]:
        """The cells that can be read in two ways."""
        return tuple(c for c in self.cells if c.entry.alternatives and not c.entry.problem)

    def with_machine(self, model: str, machine: str) -> PastePlan:
        """With a model's name meaning a machine of the catalogue; an empty name takes that back."""
        rest = tuple(item for item in self.chosen if item[0] != model)
        return replace(self, chosen=(*rest, (model, machine)) if machine else rest)

    def answered(self, reading: int) -> PastePlan:
        """With every question answered by its n-th reading."""
        return replace(self, cells=tuple(_answered(c, reading) for c in self.cells))


def _answered(cell: PastedCell, reading: int) -> PastedCell:
    if not cell.entry.alternatives or cell.entry.problem:
        return cell
    value, words = cell.entry.alternatives[min(reading, len(cell.entry.alternatives) - 1)]
    return replace(cell, entry=Entry(cell.text, value, f"{cell.text} read as {words}"))


def plan_paste(model: RecordTableModel, text: str, block: tuple[int, int, int, int] | None) -> PastePlan:
    """Read a block for a selection.

    Parameters
    ----------
    block
        First and last row, first and last column of the selection; the empty row where None.
    """
    rows = parse_block(text)
    if not rows:
        return PastePlan((), problem="The clipboard holds no text.")
    top, bottom, left, right = block or (len(model.records), len(model.records), 0, 0)
    headings = _headings(model, rows[0])
    if headings is not None:
        names, rows = tuple(rows[0]), rows[1:]
        return _planned(model, rows, top, [headings] * len(rows), names)
    height, width = len(rows), max(len(r) for r in rows)
    tall, wide = bottom - top + 1, right - left + 1
    if tall % height == 0 and wide % width == 0 and (tall, wide) != (height, width):
        # The selection is a whole number of blocks: fill it. The empty row is not part of what is filled.
        tall = min(tall, max(len(model.records) - top, height))
        rows = [(rows[i % height] + [""] * width)[:width] * (wide // width) for i in range(tall)]
    width = max(len(r) for r in rows)
    targets = [_calculated(model, _Target(left + i, "")) for i in range(width)]
    return _planned(model, rows, top, [targets[: len(r)] for r in rows], ())


@dataclass(frozen=True, slots=True)
class _Target:
    """Where a column of the block goes: -1 for nowhere, with the reason; its heading may name a unit.

    What a table calculates goes nowhere by its label; of an efficiency the figure is kept.
    """

    column: int
    unit: str
    reason: str = ""
    calculated: str = ""
    key: str = ""


def _headings(model: RecordTableModel, line: list[str]) -> list[_Target] | None:
    """Where the block's columns go by their headings; None where the first line is not one of headings."""
    words = [cell.strip() for cell in line if cell.strip()]
    if not words or any(re.match(r"[-+−$]?[\d.,]+", word) for word in words):
        return None
    targets = [_target(model, cell) for cell in line]
    known = sum(t.column >= 0 or bool(t.calculated) for t in targets)
    return targets if known and known * 2 >= len(words) else None


def _calculated(model: RecordTableModel, target: _Target) -> _Target:
    """A target as it is, or as nowhere to go where the table calculates that column."""
    if not 0 <= target.column < len(model.columns) or model.columns[target.column].field is not None:
        return target
    column = model.columns[target.column]
    return _Target(-1, target.unit, calculated=column.label, key=column.key)


def _target(model: RecordTableModel, heading: str) -> _Target:
    text = heading.strip()
    if not text:
        return _Target(-1, "")
    for place, column in enumerate(model.columns):
        if text.casefold() in (column.key, column.label.casefold(), column.heading.replace("\n", ", ").casefold()):
            return _calculated(model, _Target(place, ""))
    if is_credential(text):
        return _Target(-1, "", f"“{text}” may hold accounts or passwords and is not read.")
    kind = KIND_OF_TABLE.get(model.table)
    if kind is not None:
        found = read_heading(kind, text)
        name = FIELD_OF_HEADING.get(found.field or "", found.field or "")
        place = model.column_of(name)
        if found.score >= 0.6 and not found.problem and found.scale == 1.0:
            if place >= 0:
                return _calculated(model, _Target(place, found.unit))
            if name == EFFICIENCY:
                return _Target(-1, found.unit, calculated="Efficiency", key=EFFICIENCY)
    return _Target(-1, "", f"There is no column “{text[:40]}” here.")


def _planned(
    model: RecordTableModel, rows: list[list[str]], top: int, targets: list[list[_Target]], headings: tuple[str, ...]
) -> PastePlan:
    cells: list[PastedCell] = []
    passed: list[str] = []
    efficiencies: list[tuple[int, float]] = []
    known = len(model.records)
    used_rows = [(i, row) for i, row in enumerate(rows) if any(cell.strip() for cell in row) or top + i < known]
    place = top
    for number, row in used_rows:
        for text, target in zip(row, targets[number], strict=False):
            if target.calculated and not is_nothing(text):
                passed.append(target.calculated)
                figure = _efficiency(model, text, target)
                efficiencies += [] if figure is None else [(place, figure)]
            cell = _cell(model, place, text, target)
            if cell is not None:
                cells.append(cell)
        place += 1
    new_rows = len({c.row for c in cells if c.row >= known and c.entry.is_good})
    problem = "" if cells else "The block holds nothing that fits here."
    if new_rows and model.table != "sites" and not model.session.plan.sites:
        problem = f"A {NOUNS[model.table][0]} stands on a site; add a site first."
    labels = tuple(dict.fromkeys(passed))
    return PastePlan(tuple(cells), new_rows, headings, problem, passed=labels, efficiencies=tuple(efficiencies))


def _efficiency(model: RecordTableModel, text: str, target: _Target) -> float | None:
    """The efficiency that a cell says of a lot; None where it says none that can be read."""
    if model.table != LOTS or target.key != EFFICIENCY:
        return None
    try:
        return number_in(text, EXTRA_UNITS[EFFICIENCY], target.unit, decimal=model.session.numbers.decimal).value
    except CellError:
        return None


def _cell(model: RecordTableModel, row: int, text: str, target: _Target) -> PastedCell | None:
    is_new = row >= len(model.records)
    if target.column < 0:
        return PastedCell(row, -1, Entry(text, problem=target.reason)) if target.reason and text.strip() else None
    if target.column >= len(model.columns):
        return (
            PastedCell(row, -1, Entry(text, problem="Lies to the right of the last column.")) if text.strip() else None
        )
    if is_new and not text.strip():
        return None
    typed = f"{text.strip()} {target.unit}" if target.unit and re.fullmatch(r"[\d.,٫٬\s'’+-]+", text.strip()) else text
    entry = _read(model, row, target.column, typed)
    if entry.problem and text.strip() and is_nothing(text):
        # Nothing is known, as lists say it: that is an empty cell, unless it is one of the field's own words.
        return (
            None if is_new else PastedCell(row, target.column, replace(_read(model, row, target.column, ""), text=text))
        )
    return PastedCell(row, target.column, entry)


def _read(model: RecordTableModel, row: int, at: int, typed: str) -> Entry:
    field = model.columns[at].field
    if row >= len(model.records) and field is not None:
        return read_entry(field, typed, model.session.numbers, model.session.plan)
    return model.read_cell(model.index(row, at), typed)


def new_rows(model: RecordTableModel, paste: PastePlan) -> dict[int, NewRow]:
    """What becomes of the rows that would be new records, by row.

    One with a refused cell is left out whole: a default in its place would be invented.
    """
    known, plan = len(model.records), model.session.plan
    values: dict[int, dict[str, Any]] = {}
    refused: dict[int, str] = {}
    for cell in paste.cells:
        if cell.row >= known and cell.column >= 0:
            own = values.setdefault(cell.row, {})
            if cell.entry.is_good:
                own[model.columns[cell.column].key] = cell.entry.value
            else:
                refused.setdefault(cell.row, model.columns[cell.column].label)
    for row, figure in paste.efficiencies:
        if row in values:
            values[row][EFFICIENCY] = figure
    chosen = dict(paste.chosen)
    found = {}
    for row, own in sorted(values.items()):
        found[row] = new_row(model.table, own, plan, model.owner_id, chosen)
        if row in refused:
            found[row] = NewRow(own, problem=f"{refused[row]} cannot be used, so the line is left out.")
    return found


def used_cells(model: RecordTableModel, paste: PastePlan) -> int:
    """How many cells are stored: good ones, but for those of new rows that are left out."""
    added = {row for row, found in new_rows(model, paste).items() if not found.problem}
    return sum(c.row < len(model.records) or c.row in added for c in paste.good)


def contradictions(model: RecordTableModel, paste: PastePlan) -> dict[int, str]:
    """By row of a record that is there: what speaks against the efficiency that the block says of it."""
    found = {}
    for row, figure in paste.efficiencies:
        record = model.record_at(row)
        if record is not None:
            given = {name: getattr(record, name) for name in ("model", *RATED)} | {EFFICIENCY: figure}
            given |= {model.columns[c.column].key: c.entry.value for c in paste.good if c.row == row}
            found[row] = use_efficiency(given, given["model"], "block") or ""
    return {row: words for row, words in found.items() if words}


def pasted_plan(model: RecordTableModel, paste: PastePlan) -> Plan:
    """The plan with every good cell in its place; see `new_rows` for the records that are new."""
    plan = model.session.plan
    for cell in paste.good:
        record = model.record_at(cell.row)
        if record is not None:
            path = f"{model.table}.{record.id}.{model.columns[cell.column].key}"
            plan = with_value(plan, path, cell.entry.value)
    for row in new_rows(model, paste).values():
        if not row.problem:
            plan, _ = model.with_new_record(plan, row.values)
    return plan


def describe_cell(column: Column, value: Any, model: RecordTableModel) -> str:
    """A value with its unit, as the preview shows it."""
    session = model.session
    if column.field is not None and isinstance(column.field.spec, Quantity) and isinstance(value, int | float):
        return session.numbers.describe(value, column.unit)
    return column.text(value, session.numbers, session.plan)
