"""One line of a table on its way to a record: what each of its cells means for the field that its column fills."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from models.catalogue import Asic
from models.fields import Choice, Field, Flag, MonthField, Quantity, Reference, Text, fields_of
from models.importers.headings import EXTRA_UNITS, TABLE_OF_KIND
from models.importers.mapping import Column
from models.importers.shapes import Doubt
from models.importers.tables import Cell, Table
from models.importers.values import CellError, is_nothing, month_in, number_in, word_in
from models.plan import RECORD_TYPES, Plan
from models.problems import Severity
from models.sentences import Amount, Sentence


@dataclass
class Draft:
    """One line on its way to a record: what its cells mean, where they stand, and what is wrong with them."""

    line: int
    site_id: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    bare: set[str] = field(default_factory=set)
    problems: list[tuple[int, str]] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    chosen_machine: str = ""
    possible_machines: tuple[Asic, ...] = ()


def read_cell(draft: Draft, column: Column, cell: Cell, table: Table, kind: str, plan: Plan) -> None:
    """Add what a cell means to its line, or what is wrong with it.

    Parameters
    ----------
    draft
        Of the line; changed.
    column, cell, table
        Where the cell stands, and how the table writes numbers.
    kind
        ``fleet``, ``contracts`` or ``offers``.
    plan
        In which a named record is looked up.
    """
    name = column.field
    if name is None or is_nothing(cell):
        return
    record_type = RECORD_TYPES[TABLE_OF_KIND[kind]]
    description = next((f for f in fields_of(record_type) if f.name == name), None)
    try:
        if name in EXTRA_UNITS or name == "price_usd_per_th":
            unit = EXTRA_UNITS.get(name, "USD/TH")
            draft.values[name] = number_in(cell, unit, column.unit, column.scale, table.decimal).value
        elif description is None:
            draft.values[name] = text_of(cell)
        elif isinstance(description.spec, Reference):
            _refer(draft, description, description.spec, text_of(cell).strip(), plan)
        else:
            draft.values[name] = _value(draft, description, column, cell, table)
    except CellError as error:
        label = description.label if description else column.heading
        draft.problems.append((column.index, Sentence("{label} {problem}", label=label, problem=error.clause)))


def several_sites(name: str, ids: Sequence[str]) -> str:
    """Why a name does not say which site is meant, as a clause."""
    return f"“{name[:40]}” is the name of {' and '.join(ids)}; write the id of the site that is meant"


def _refer(draft: Draft, description: Field, spec: Reference, text: str, plan: Plan) -> None:
    """The record that a cell names by its id or name; where it is not there the field stays empty, and that is said.

    Imported prices are called by their market, hub and years, and a contract names the hub alone: where one name only
    has the cell's words in it, that one is meant, and that is said as well.
    """
    there = [record for table in spec.tables for record in getattr(plan, table)]
    meant = [r for r in there if r.id == text] or [r for r in there if r.name.strip().casefold() == text.casefold()]
    if len(meant) > 1:
        ids = " and ".join(r.id for r in meant)
        text = f"Line {draft.line}: {spec.label} “{text[:40]}” may be {ids}, which are called the same; write the id."
        draft.doubts.append(Doubt("reference_unknown", text, Severity.WARNING))
        return
    if meant:
        draft.values[description.name] = meant[0].id
        return
    words = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
    holding = [r for r in there if words.search(r.name)]
    if len(holding) == 1:
        draft.values[description.name] = holding[0].id
        taken = f"Line {draft.line}: {spec.label} “{text[:40]}” were taken to be “{holding[0].name}”."
        draft.doubts.append(Doubt("reference_taken", taken, Severity.INFO))
        return
    have = ", ".join(f"“{r.name}”" for r in there[:8])
    text = (
        f"Line {draft.line}: {spec.label} “{text[:40]}” are not in the plan, which has {have or 'none'}; import them, "
    )
    text += "then choose them in the contract."
    draft.doubts.append(Doubt("reference_unknown", text, Severity.WARNING))


def text_of(cell: Cell) -> str:
    """A cell as text."""
    return cell if isinstance(cell, str) else f"{cell:.15g}"


def _value(draft: Draft, description: Field, column: Column, cell: Cell, table: Table) -> Any:
    spec = description.spec
    match spec:
        case Quantity():
            reading = number_in(
                cell, spec.unit, column.unit, column.scale, table.decimal, (spec.usual_low, spec.usual_high)
            )
            if not reading.has_unit:
                draft.bare.add(description.name)
            if reading.echo:
                sentence = Sentence("{label}: {echo}.", label=spec.label, echo=reading.echo)
                draft.doubts.append(Doubt("fraction_read", sentence, Severity.WARNING))
            if not spec.whole:
                return reading.value
            if abs(reading.value - round(reading.value)) > 1e-6:
                value = Amount(reading.value, spec.unit, ".6g")
                raise CellError(Sentence("must be a whole number, not {value}", value=value))
            return round(reading.value)
        case MonthField():
            return month_in(cell)
        case Choice():
            return word_in(cell, spec)
        case Flag():
            return str(cell).strip().lower() in ("yes", "true", "1", "ja", "y")
        case Text():
            return text_of(cell)
    raise CellError("cannot be imported")
