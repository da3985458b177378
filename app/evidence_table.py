"""The register of inputs as a table: value, source, address, day, age and note, typed or pasted."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QStyledItemDelegate, QWidget

from app import theme
from app.data_out import add_out_actions, offer
from app.figure_menu import add_figure_actions, add_figure_menu
from app.session import Session
from app.tables.grid_view import GridView, block_cells
from app.tables.item_models import LEFT, RIGHT
from models.drivers import value_of
from models.evidence import (
    AGEING,
    AGEING_DAYS,
    FRESH,
    FRESH_DAYS,
    NO_SOURCE,
    OLD,
    UNDATED,
    Entry,
    register,
    with_evidence,
)
from models.fields import Quantity, Schedule
from models.plan import Plan
from models.sheets import Cell, Measured, Sheet, field_cell, sheet_of

Index = QModelIndex | QPersistentModelIndex
HEADINGS = ("Input", "Value", "Age, days", "Source", "Date", "Address", "Note")
FIELDS = {3: "source", 4: "date", 5: "address", 6: "note"}
"""The columns that can be edited, by the field of the evidence that they hold."""
STATE_ROLES = {FRESH: "positive", AGEING: "warning", OLD: "negative", UNDATED: "warning", NO_SOURCE: "warning"}
STATE_WORDS = {
    FRESH: f"Fresh: up to {FRESH_DAYS} days old, or a choice that needs no source.",
    AGEING: f"Ageing: up to {AGEING_DAYS} days old.",
    OLD: f"Old: more than {AGEING_DAYS} days.",
    UNDATED: "The source has no day.",
    NO_SOURCE: "No source is named.",
}
ALL, WITHOUT_SOURCE, OLDER = "all", "without_source", "older"
FILTERS = {ALL: "All inputs", WITHOUT_SOURCE: "Without source", OLDER: f"Older than {AGEING_DAYS} days"}
WIDTHS = (210, 132, 76, 230, 92, 170, 320)
INPUT, SOURCE, SOURCE_LEAST_PX, SPARE_SHARES = 0, 3, 150, (0.2, 0.4)
"""In a narrow table the source gives way so that its day is in sight; what a wide one has to spare goes to names and
sources, in these shares, and the rest to notes."""
NEVER_CUT = (1, 4)
"""Columns that are as wide as their longest text: half a number or half a date is a wrong one."""
CELL_PX = 22


class EvidenceModel(QAbstractTableModel):
    """Inputs with what they rest on.

    Signals
    -------
    refused
        A sentence on why a cell did not take a text.
    """

    refused = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.which, self.words = ALL, ""
        self.all_entries: tuple[Entry, ...] = ()
        self.entries: list[Entry] = []
        self._registered: tuple[Plan | None, date | None] = (None, None)

    def refresh(self) -> None:
        """Follow the plan; rows stay where they are unless an input came or went."""
        plan, day = self.session.plan, self.session.today
        if plan is not self._registered[0] or day != self._registered[1]:
            self._registered = plan, day
            self.all_entries = register(plan, day, self.session.set_in)
        self._show([e for e in self.all_entries if self._fits(e)])

    def filter(self, which: str | None = None, words: str | None = None) -> None:
        """Show only some inputs: by their support, and by words in their name, source or note."""
        self.which = self.which if which is None else which
        self.words = self.words if words is None else words.strip().lower()
        self.refresh()

    def _fits(self, entry: Entry) -> bool:
        if self.which == WITHOUT_SOURCE and entry.state != NO_SOURCE:
            return False
        if self.which == OLDER and not entry.age_days > AGEING_DAYS:
            return False
        text = " ".join((entry.label, entry.group, entry.source, entry.note, entry.address, entry.claim)).lower()
        return all(word in text for word in self.words.split())

    def _show(self, wanted: list[Entry]) -> None:
        if [e.path for e in wanted] == [e.path for e in self.entries]:
            before, self.entries = self.entries, wanted
            for row, (was, now) in enumerate(zip(before, wanted, strict=True)):
                if was is not now:
                    self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))
            return
        self.beginResetModel()
        self.entries = wanted
        self.endResetModel()

    def row_of(self, path: str) -> int:
        """Row of an input, or -1."""
        return next((row for row, e in enumerate(self.entries) if e.path == path), -1)

    # Qt

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.entries)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        can_edit = index.column() in FIELDS and not self.entries[index.row()].set_in
        return base | Qt.ItemFlag.ItemIsEditable if can_edit else base

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in (1, 2) else LEFT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, column = self.entries[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return self._text(entry, column)
            case Qt.ItemDataRole.EditRole:
                return (
                    getattr(entry, {"date": "day"}.get(FIELDS[column], FIELDS[column]))
                    if column in FIELDS
                    else self._text(entry, column)
                )
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if column in (1, 2) else LEFT
            case Qt.ItemDataRole.ForegroundRole:
                return self._colour(entry, column)
            case Qt.ItemDataRole.ToolTipRole:
                return "\n".join(
                    filter(None, (entry.group, entry.claim, self._text(entry, column), STATE_WORDS[entry.state]))
                )
        return None

    def sheet(self) -> Sheet | None:
        """The inputs on show as a table to export; None where there is none."""
        rows: list[list[Cell]] = [
            [
                entry.path,
                entry.label,
                field_cell(entry.field, entry.value),
                Measured(entry.age_days, "days"),
                *(self._text(entry, column) for column in range(3, len(HEADINGS))),
            ]
            for entry in self.entries
        ]
        heads = ["Path", HEADINGS[0], HEADINGS[1], "Age", *HEADINGS[3:]]
        return sheet_of("Inputs and what they rest on", heads, rows) if rows else None

    def _text(self, entry: Entry, column: int) -> str:
        numbers = self.session.numbers
        match column:
            case 0:
                return entry.label
            case 1:
                spec = entry.field.spec
                if isinstance(spec, Quantity) and isinstance(entry.value, Schedule):
                    now = value_of(self.session.plan, entry.path)
                    return f"{numbers.format_field(entry.field, now)}, table" if now is not None else ""
                return numbers.format_field(entry.field, entry.value) or "not entered"
            case 2:
                return "" if math.isnan(entry.age_days) else numbers.number(entry.age_days, 0)
            case 3:
                return entry.source or ("chosen in the plan" if entry.is_chosen else "no source named")
            case 4:
                return entry.day
            case 5:
                return entry.address
        return entry.note

    def _colour(self, entry: Entry, column: int) -> Any:
        colors = theme.tokens()
        if column in (2, 4) and entry.day:
            return colors.color(STATE_ROLES[entry.state])
        if column == 3 and not entry.source:
            return colors.color("muted" if entry.is_chosen else STATE_ROLES[NO_SOURCE])
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() not in FIELDS:
            return False
        return self.apply([(index.row(), index.column(), str(value))])

    def apply(self, cells: list[tuple[int, int, str]], text: str = "") -> bool:
        """Put texts into cells, as one undo step; nothing where one of them cannot stand there."""
        session = self.session
        base = plan = session.document.plan
        changed: list[Entry] = []
        for row, column, words in cells:
            entry, name = self.entries[row], FIELDS.get(column)
            if name is None or words.strip() == str(self.data(self.index(row, column), Qt.ItemDataRole.EditRole)):
                continue
            if entry.set_in:
                self.refused.emit(
                    f"{entry.label} is set in scenario {entry.set_in}: sources are those of the plan's own values. "
                    "Show the base case to change them."
                )
                return False
            try:
                plan = with_evidence(plan, entry.path, **{name: " ".join(words.split())})
            except ValueError as error:
                self.refused.emit(f"{entry.label}: {str(error).removesuffix('.')}.")
                return False
            changed.append(entry)
        if plan is base:
            return False
        paths = list(dict.fromkeys(e.path for e in changed))
        name = f"Source of {changed[0].label}" if len(paths) == 1 else f"Sources of {len(paths)} inputs"
        session.edit_base(text or name, plan)
        return True


class _TextDelegate(QStyledItemDelegate):
    """Enter stores a text and goes down, once: else the table would see the same key a second time."""

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        is_key = event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(editor, QWidget)
        if is_key and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.SubmitModelCache)
            return True
        return super().eventFilter(editor, event)


class EvidenceTable(GridView):
    """The register, with a spreadsheet's keys; a double click on an input's name shows where it is edited."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.entries = EvidenceModel(session, self)
        self.setModel(self.entries)
        self.setItemDelegate(_TextDelegate(self))
        self.setAccessibleName("Inputs and what they rest on")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.open_menu)
        self.entries.refused.connect(session.message)
        self.block_pasted.connect(self.paste_block)
        self.doubleClicked.connect(self._follow)
        add_figure_menu(self, session, self.figure_path_at, own_menu=True)
        offer(self, session, self.entries.sheet, own_menu=True)
        self.horizontalHeader().setStretchLastSection(True)
        self._size_columns()
        theme.theme_changed.connect(self._size_columns)
        self.entries.modelReset.connect(self._widen)
        self.entries.dataChanged.connect(lambda first, last, _roles: self._widen(first.row(), last.row()))

    def _size_columns(self) -> None:
        for column, width in enumerate(WIDTHS):
            self.setColumnWidth(column, theme.px(width))
        self._widen()
        self._share_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._share_room()

    def _share_room(self) -> None:
        least = {column: theme.px(WIDTHS[column]) for column in (INPUT, SOURCE)}
        others = [self.columnWidth(column) for column in range(len(WIDTHS) - 1) if column not in least]
        spare = self.viewport().width() - sum(least.values()) - sum(others) - theme.px(WIDTHS[-1])
        to_the_day = self.viewport().width() - least[INPUT] - sum(others[:3])
        source = min(max(to_the_day, theme.px(SOURCE_LEAST_PX)), least[SOURCE])
        for column, width, share in zip((INPUT, SOURCE), (least[INPUT], source), SPARE_SHARES, strict=True):
            self.setColumnWidth(column, width + max(round(spare * share), 0))

    def _widen(self, first: int = 0, last: int | None = None) -> None:
        """Make room for the numbers and dates of some rows; columns never become narrower by it."""
        measured = self.fontMetrics()
        rows = range(first, self.entries.rowCount() if last is None else last + 1)
        for column in NEVER_CUT:
            texts = {str(self.entries.index(row, column).data()) for row in rows}
            width = max(map(measured.horizontalAdvance, texts), default=0) + theme.px(CELL_PX)
            if width > self.columnWidth(column):
                self.setColumnWidth(column, width)
                self._share_room()

    def figure_path_at(self, point: QPoint) -> str | None:
        """Path of the input in the row under a point."""
        row = self.rowAt(self.viewport().mapFrom(self, point).y())
        return self.entries.entries[row].path if 0 <= row < len(self.entries.entries) else None

    def open_menu(self, place: QPoint) -> None:
        """Explain, go to the input, copy, paste."""
        index = self.indexAt(place)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if index.isValid():
            path = self.entries.entries[index.row()].path
            add_figure_actions(menu, self.session, path)
            menu.addAction("Go to the input", lambda: self.session.select(path))
            menu.addSeparator()
        menu.addAction("Copy", self.copy_selection)
        menu.addAction("Paste", self.paste)
        add_out_actions(menu, self)
        menu.popup(self.viewport().mapToGlobal(place))

    def _follow(self, index: QModelIndex) -> None:
        if index.column() not in FIELDS:
            self.session.select(self.entries.entries[index.row()].path)

    def copy_text(self, index: QModelIndex) -> str:
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")

    def paste_block(self, text: str) -> None:
        """Put a block of texts where the selection begins; all of it, or nothing."""
        block = self.selected_block()
        if block is None:
            return
        top, bottom, left, _ = block
        lines = block_cells(text.lstrip("\r\n"))
        if len(lines) == 1 and len(lines[0]) == 1 and bottom > top:
            lines = lines * (bottom - top + 1)  # one cell fills the selection
        cells = [
            (top + r, left + c, words)
            for r, line in enumerate(lines)
            for c, words in enumerate(line)
            if top + r < len(self.entries.entries) and left + c < len(HEADINGS)
        ]
        fixed = [c for _, c, _ in cells if c not in FIELDS]
        if fixed:
            self.session.message.emit(
                f"{HEADINGS[fixed[0]]} cannot be pasted here; begin at Source, Date, Address or Note."
            )
            return
        if self.entries.apply(cells):
            self.session.message.emit(f"Pasted {len(cells)} cell{'' if len(cells) == 1 else 's'}.")

    def clear_selection_values(self) -> None:
        cells = [(i.row(), i.column(), "") for i in self.selected_cells() if i.column() in FIELDS]
        self.entries.apply(cells)

    def fill_down(self) -> None:
        block = self.selected_block()
        if block is None:
            return
        top, bottom, left, right = block
        cells = [
            (row, column, str(self.entries.index(top, column).data(Qt.ItemDataRole.EditRole)))
            for column in range(left, right + 1)
            if column in FIELDS
            for row in range(top + 1, bottom + 1)
        ]
        self.entries.apply(cells)

    def choose(self, path: str) -> bool:
        """Make an input's row the current one; whether it is there."""
        row = self.entries.row_of(path)
        if row < 0:
            return False
        self.go(self.entries.index(row, 3))
        return True
