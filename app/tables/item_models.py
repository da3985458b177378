"""A table of records as Qt shows it: one row per record, one column per field or computed figure.

The row below the last record is empty: what is typed or pasted there becomes a new record. Cells change with the plan
and only where something changed; nothing is ever reset, so selection and scroll position stay.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app import theme
from app.forms.entry import Entry, clipboard_text, entry_text, problem_in_words, read_entry
from app.inherited import is_own, tint_tip
from app.session import Session
from app.tables.columns import Column
from app.tables.record_edits import NOUNS, TITLES, change_text, saved_value
from models.defaults import new_record
from models.fields import Field, Quantity, Text, replace
from models.plan import Plan
from models.problems import Finding, Severity
from models.sheets import Cell as SheetCell
from models.sheets import Column as SheetColumn
from models.sheets import Sheet, sheet_of

Index = QModelIndex | QPersistentModelIndex
CHANGED_ROLE = int(Qt.ItemDataRole.UserRole) + 1
SEVERITY_ROLE = int(Qt.ItemDataRole.UserRole) + 2
INACTIVE_ROLE = int(Qt.ItemDataRole.UserRole) + 3
OWN_ROLE = int(Qt.ItemDataRole.UserRole) + 4
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
OWNER_FIELDS = {"tou_periods": "contract_id", "price_steps": "series_id"}
"""The field that names a record's owner, of tables whose records belong to something else than a site."""
GRAVITY = (Severity.ERROR, Severity.WARNING, Severity.INFO)
CUT_FROM = 14
"""Letters of a text that the narrowest column still shows whole."""


class RecordTableModel(QAbstractTableModel):
    """Records of one table, those of one owner (a site, a contract, a series) where `set_owner` says so.

    Signals
    -------
    refused
        A sentence on why a cell did not take a value.
    """

    refused = Signal(str)

    def __init__(
        self, session: Session, table: str, columns: tuple[Column, ...], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.table = table
        self.columns = columns
        self.owner_field = OWNER_FIELDS.get(table, "site_id")
        self.owner_id: str | None = None
        self._records: list[Any] = []
        self._figures: dict[tuple[str, str], float] = {}
        self._findings: dict[str, list[Finding]] = {}
        session.plan_changed.connect(self._follow_plan)
        session.document.state_changed.connect(self.repaint_cells)
        self._records = self._wanted()

    # What is where

    @property
    def records(self) -> list[Any]:
        """The records on show, in the plan's order."""
        return self._records

    def record_at(self, row: int) -> Any | None:
        """The record of a row; None for the empty row below the last."""
        return self._records[row] if 0 <= row < len(self._records) else None

    def row_of(self, record_id: str) -> int:
        """Row of a record, or -1."""
        return next((i for i, r in enumerate(self._records) if r.id == record_id), -1)

    def column_of(self, key: str) -> int:
        """Place of a column by its field's name, or -1."""
        return next((i for i, c in enumerate(self.columns) if c.key == key), -1)

    def figure_path(self, index: Index) -> str | None:
        """Path of the figure or input that a cell shows; None for the empty row and for fields that do not apply."""
        record, column = self.record_at(index.row()), self.columns[index.column()] if index.isValid() else None
        if record is None or column is None or (column.field is not None and self.field_of_cell(index) is None):
            return None
        return column.figure_path(self.table, str(record.id))

    def set_owner(self, owner_id: str | None) -> None:
        """Show one owner's records only; all of them with None."""
        if owner_id != self.owner_id:
            self.owner_id = owner_id
            self._show(self._wanted())

    def _wanted(self) -> list[Any]:
        rows = getattr(self.session.plan, self.table)
        return [r for r in rows if self.owner_id is None or getattr(r, self.owner_field) == self.owner_id]

    def field_of_cell(self, index: Index) -> Field | None:
        """The field that a cell edits; None where it is computed or does not apply to this kind of record."""
        field = self.columns[index.column()].field
        record = self.record_at(index.row())
        if field is None or record is None or not field.spec.kinds:
            return field
        return field if record.kind in field.spec.kinds else None

    # Qt

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._records) + 1

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsEditable if self.field_of_cell(index) is not None else base

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.heading
        if role == Qt.ItemDataRole.ToolTipRole:
            calculated = "" if column.field is not None else "Calculated."
            return "\n".join(filter(None, (column.heading.replace("\n", ", "), column.help, calculated)))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        record = self.record_at(index.row())
        if record is None:
            return self._data_of_empty_row(index, role)
        value = self._value(record, column)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                if self.field_of_cell(index) is None and column.field is not None:
                    return ""
                return column.text(value, self.session.numbers, self.session.plan)
            case Qt.ItemDataRole.EditRole:
                return self._edit_text(column, value)
            case Qt.ItemDataRole.ForegroundRole:
                return theme.tokens().color("calculated") if column.field is None else None
            case Qt.ItemDataRole.ToolTipRole:
                return self._tooltip(record, column, value)
        if role == CHANGED_ROLE:
            return column.field is not None and self._differs(record, column.key, value)
        if role == OWN_ROLE:
            return column.field is not None and is_own(self.session, f"{self.table}.{record.id}.{column.key}")
        if role == SEVERITY_ROLE:
            found = self._findings.get(f"{self.table}.{record.id}.{column.key}", [])
            return min((f.severity for f in found), key=GRAVITY.index, default=None)
        if role == INACTIVE_ROLE:
            return column.field is not None and self.field_of_cell(index) is None
        return None

    def _data_of_empty_row(self, index: QModelIndex, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and index.column() == 0:
            return f"Add {NOUNS[self.table][0]}…"
        if role == Qt.ItemDataRole.ForegroundRole:
            return theme.tokens().color("muted")
        return None

    def _value(self, record: Any, column: Column) -> Any:
        if column.field is not None:
            return getattr(record, column.key)
        known = (record.id, column.key)
        if known not in self._figures and column.figure is not None:
            self._figures[known] = column.figure(record, self.session)
        return self._figures.get(known)

    def _edit_text(self, column: Column, value: Any) -> str:
        if column.field is not None:
            return entry_text(column.field, value, self.session.numbers, self.session.plan)
        return self.session.numbers.full(value) if value is not None and value == value else ""

    def _tooltip(self, record: Any, column: Column, value: Any) -> str | None:
        numbers = self.session.numbers
        lines = [numbers.say(f.message) for f in self._findings.get(f"{self.table}.{record.id}.{column.key}", [])]
        if column.field is None:
            if value is not None and value == value:
                unit = "USD" if column.unit == "money" else column.unit
                lines.append(numbers.describe(float(f"{value:.7g}"), unit))
            return "\n".join([*lines, column.help]) or None
        if isinstance(value, str) and isinstance(column.field.spec, Text) and len(value) > CUT_FROM:
            lines.insert(0, value)  # the column may be too narrow for it
        if is_own(self.session, f"{self.table}.{record.id}.{column.key}"):
            lines.append(tint_tip(self.session, f"{self.table}.{record.id}.{column.key}"))
        elif self._differs(record, column.key, value):
            saved = saved_value(self.session, f"{self.table}.{record.id}.{column.key}")
            if saved is not None:
                lines.append(f"Saved: {numbers.format_field(column.field, saved[0]) or 'empty'}")
        return "\n".join(lines) or None

    def _differs(self, record: Any, name: str, value: Any) -> bool:
        saved = saved_value(self.session, f"{self.table}.{record.id}.{name}")
        return saved is not None and saved[0] != value

    def clipboard_text(self, index: QModelIndex) -> str:
        """What a cell puts on the clipboard: all its digits."""
        record, column = self.record_at(index.row()), self.columns[index.column()]
        if record is None or bool(index.data(INACTIVE_ROLE)):
            return ""
        value = self._value(record, column)
        if column.field is None:
            return self._edit_text(column, value)
        return clipboard_text(column.field, value, self.session.numbers, self.session.plan)

    def sheet(self) -> Sheet | None:
        """The records on show as a table to export, by their ids; None where there is none."""
        if not self._records:
            return None
        heads = [SheetColumn("Id"), *(SheetColumn(c.label, c.exported_unit) for c in self.columns)]
        rows: list[list[SheetCell]] = []
        for row, record in enumerate(self._records):
            cells: list[SheetCell] = [str(record.id)]
            for at, column in enumerate(self.columns):
                applies = column.field is None or self.field_of_cell(self.index(row, at)) is not None
                found = self._value(record, column)
                cells.append(column.exported(found, self.session.plan) if applies else None)
            rows.append(cells)
        return sheet_of(self.title, heads, rows)

    def path_of_cell(self, index: Index) -> str:
        """Path of the value in a cell; empty for the empty row and for figures."""
        record, column = self.record_at(index.row()), self.columns[index.column()] if index.isValid() else None
        return (
            "" if record is None or column is None or column.field is None else f"{self.table}.{record.id}.{column.key}"
        )

    # Editing

    def read_cell(self, index: Index, text: str) -> Entry:
        """How a text would be read in a cell."""
        field = self.field_of_cell(index)
        column = self.columns[index.column()]
        if field is None:
            why = "is calculated" if column.field is None else "does not apply to this kind"
            return Entry(text, problem=f"{column.label} {why}.")
        return read_entry(field, text, self.session.numbers, self.session.plan)

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take over a text; False, and `refused`, where it cannot be stored."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        entry = self.read_cell(index, str(value))
        if not entry.is_good:
            words = " or ".join(w for _, w in entry.alternatives)
            self.refused.emit(entry.problem or f"{entry.echo} {words}; the old value stays.")
            return False
        return self.take(index, entry.value)

    def take(self, index: Index, value: Any) -> bool:
        """Take over a value as one undo step; on the empty row it makes a record."""
        record, name = self.record_at(index.row()), self.columns[index.column()].key
        if record is not None:
            path = f"{self.table}.{record.id}.{name}"
            if getattr(record, name) != value:
                self.session.edit(change_text(self.session.plan, path), replace(self.session.plan, path, value))
            return True
        try:
            plan, record = self.with_new_record(self.session.plan, {name: value})
        except ValueError as error:
            self.refused.emit(f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return False
        self.session.edit(f"Add {NOUNS[self.table][0]}", plan)
        return True

    def with_new_record(self, plan: Plan, values: dict[str, Any]) -> tuple[Plan, Any]:
        """A plan with one more record that has planner defaults where `values` says nothing.

        Raises
        ------
        ValueError
            Where the record needs a site and the plan has none.
        """
        owned = {} if self.owner_id is None else {self.owner_field: self.owner_id}
        values = owned | values
        kind = values.get("kind")
        record = new_record(plan, self.table, kind=kind, site_id=values.get("site_id"))
        record = dataclasses.replace(record, **{k: v for k, v in values.items() if k != "kind" or v == record.kind})
        return replace(plan, self.table, (*getattr(plan, self.table), record)), record

    def apply(self, text: str, cells: Iterable[tuple[int, int, Any]]) -> int:
        """Put values into existing cells as one undo step; returns how many were put."""
        plan, count = self.session.plan, 0
        for row, column, value in cells:
            record, name = self.record_at(row), self.columns[column].key
            if record is not None:
                plan = replace(plan, f"{self.table}.{record.id}.{name}", value)
                count += 1
        if count:
            self.session.edit(text, plan)
        return count

    def may_be_empty(self, index: Index) -> tuple[bool, Any]:
        """Whether a cell can be cleared, and what it holds then."""
        field = self.field_of_cell(index)
        if field is None or self.record_at(index.row()) is None:
            return False, None
        for empty in (None, ""):
            is_text = not isinstance(field.spec, Quantity) or empty is None
            if is_text and problem_in_words(field, empty, self.session.numbers) is None:
                return True, empty
        return False, None

    @property
    def title(self) -> str:
        """What undo steps call the table: ``Fleet``."""
        return TITLES[self.table]

    # Following

    def _follow_plan(self) -> None:
        self._show(self._wanted())

    def follow_results(self) -> None:
        """Compute the figures anew; cells whose figure changed are repainted."""
        before, self._figures = self._figures, {}
        figures = [(i, c) for i, c in enumerate(self.columns) if c.field is None]
        for row, record in enumerate(self._records):
            changed = [i for i, c in figures if not _same(before.get((record.id, c.key)), self._value(record, c))]
            if changed:
                self.dataChanged.emit(self.index(row, changed[0]), self.index(row, changed[-1]))

    def follow_findings(self) -> None:
        """Look up what is questionable; cells whose findings changed are repainted."""
        findings: dict[str, list[Finding]] = {}
        for finding in self.session.findings:
            if finding.path.startswith(f"{self.table}."):
                findings.setdefault(finding.path, []).append(finding)
        before, self._findings = self._findings, findings
        for path in findings.keys() | before.keys():
            if findings.get(path) != before.get(path):
                _, record_id, *name = path.split(".")
                row, column = self.row_of(record_id), self.column_of(name[0]) if name else 0
                if row >= 0 and column >= 0:
                    self.dataChanged.emit(self.index(row, column), self.index(row, column))

    def repaint_cells(self) -> None:
        """Repaint all cells: the saved plan or the theme is another now."""
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))

    def _show(self, wanted: list[Any]) -> None:
        """Insert and remove the rows that differ, and announce the records that changed."""
        old = self._records
        old_ids, new_ids = [r.id for r in old], [r.id for r in wanted]
        head = 0
        while head < min(len(old), len(wanted)) and old_ids[head] == new_ids[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(wanted)) - head and old_ids[-1 - tail] == new_ids[-1 - tail]:
            tail += 1
        gone, come = len(old) - head - tail, len(wanted) - head - tail
        if gone:
            self.beginRemoveRows(QModelIndex(), head, head + gone - 1)
            self._records = old[:head] + old[len(old) - tail :]
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), head, head + come - 1)
            self._records = self._records[:head] + wanted[head : head + come] + self._records[head:]
            self.endInsertRows()
        before, self._records = self._records, wanted
        last = len(self.columns) - 1
        for row, (was, now) in enumerate(zip(before, wanted, strict=True)):
            if was is not now:
                for key in [k for k in self._figures if k[0] == now.id]:
                    del self._figures[key]
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))


def _same(first: float | None, second: float | None) -> bool:
    """Whether two figures look the same; two missing ones do."""
    return first == second or (first != first and second != second)
