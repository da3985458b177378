"""The table in which records are edited: a spreadsheet's keys and clipboard, one undo step for each action."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

from app import theme
from app.data_out import add_out_actions, offer
from app.figure_menu import add_figure_actions, add_figure_menu
from app.inherited import inherited_words, is_own, revert
from app.session import Session
from app.tables.columns import Column
from app.tables.frozen_column import FrozenColumn
from app.tables.grid_view import GridView
from app.tables.item_models import Index, RecordTableModel
from app.tables.paste_plan import PastePlan, pasted_plan, plan_paste, used_cells
from app.tables.record_delegate import RecordDelegate
from app.tables.record_edits import NOUNS, add_record, counted, delete_records, duplicate_records
from models.scenarios import own_overrides

MINIMUM_COLUMN = 56
CELL_PADDING = 22
FITTED_ROWS = 200
MOST_SPREAD = 1.4
MAXIMUM_COLUMN = 260


class RecordTable(GridView):
    """Records of one table.

    Parameters
    ----------
    columns
        Fields and computed figures, in order.

    Signals
    -------
    record_chosen
        Id of the record in the current row; empty for the empty row.
    record_entered
        Id of the record in the current row when the table gets the keyboard, be it the row that it was before.
    """

    record_chosen = Signal(str)
    record_entered = Signal(str)
    frozen: FrozenColumn | None = None

    def __init__(
        self, session: Session, table: str, columns: tuple[Column, ...], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.table = table
        self.records = RecordTableModel(session, table, columns, self)
        self.setModel(self.records)
        self.setItemDelegate(RecordDelegate(self.records, self))
        self.setAccessibleName(self.records.title)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.open_menu)
        add_figure_menu(self, session, self.figure_path_at, own_menu=True)
        offer(self, session, self.records.sheet, own_menu=True)
        self.block_pasted.connect(self.paste_block)
        self.records.refused.connect(session.message)
        self.records.rowsInserted.connect(self._fit_later)
        self.selectionModel().currentRowChanged.connect(self._choose)
        session.results_changed.connect(self._follow_results)
        session.recompute.findings_ready.connect(self._follow_findings)
        session.drag_changed.connect(self._settle)
        theme.theme_changed.connect(self._restyle)
        self._fitted = False
        self._natural: list[float] = []
        self._by_hand: set[int] = set()
        self._is_spreading = False
        self.horizontalHeader().sectionResized.connect(self._keep_width)
        self.frozen = FrozenColumn(self, RecordDelegate(self.records, self))
        self._add_actions()

    def _add_actions(self) -> None:
        one = NOUNS[self.table][0]
        self.add_action = self._action(f"Add {one}", "Ctrl+Shift+N", self.add_row, "plus")
        self.duplicate_action = self._action("Duplicate", "Ctrl+Shift+D", self.duplicate_rows, "duplicate")
        self.delete_action = self._action("Delete", "Ctrl+Delete", self.delete_rows, "trash")

    def _action(self, words: str, keys: str, run: Any, icon: str) -> QAction:
        action = QAction(theme.icon(icon, "text"), words, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        self.addAction(action)
        return action

    # Rows

    @property
    def last_row(self) -> int:
        """The last record's, not the empty row below it: there the form of the record would close."""
        return len(self.records.records) - 1

    @property
    def chosen_id(self) -> str:
        """Id of the record in the current row; empty where there is none."""
        record = self.records.record_at(self.currentIndex().row())
        return "" if record is None else str(record.id)

    def chosen_ids(self) -> list[str]:
        """Ids of the records in the selected rows."""
        rows = sorted({i.row() for i in self.selectionModel().selectedIndexes()} or {self.currentIndex().row()})
        return [str(r.id) for r in map(self.records.record_at, rows) if r is not None]

    def choose(self, record_id: str, key: str = "") -> None:
        """Make a record's row the current one, in the column of a field."""
        row = self.records.row_of(record_id)
        if row >= 0:
            column = self.records.column_of(key)
            self.go(self.records.index(row, column if column >= 0 else max(self.currentIndex().column(), 0)))

    def add_row(self, **wanted: Any) -> str:
        """Append a record with planner defaults and go to it; returns its id, empty where it cannot be."""
        if self.records.owner_id is not None:
            wanted.setdefault(self.records.owner_field, self.records.owner_id)
        try:
            record_id = add_record(self.session, self.table, **wanted)
        except ValueError as error:
            self.session.message.emit(f"{str(error)[:1].upper()}{str(error)[1:]}.")
            return ""
        self.choose(record_id, self.records.columns[0].key)
        self.setFocus()
        return record_id

    def duplicate_rows(self) -> None:
        """Copy the selected records."""
        copies = duplicate_records(self.session, self.table, self.chosen_ids())
        if copies:
            self.choose(copies[-1])

    def delete_rows(self) -> None:
        """Delete the selected records; nothing is asked, because undo brings them back."""
        chosen, row = self.chosen_ids(), self.currentIndex().row()
        if chosen:
            delete_records(self.session, self.table, chosen)
            row = min(row, len(self.records.records) - 1)
            self.go(self.records.index(max(row, 0), max(self.currentIndex().column(), 0)))

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        record = self.records.record_at(current.row())
        self.record_chosen.emit("" if record is None else str(record.id))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.chosen_id:
            self.record_entered.emit(self.chosen_id)

    # The clipboard

    def copy_text(self, index: QModelIndex) -> str:
        return self.records.clipboard_text(index)

    def paste_block(self, text: str) -> None:
        """Read a block for the selection; show what was understood, unless all of it is plain and fits."""
        paste = plan_paste(self.records, text, self.selected_block())
        if paste.needs_a_look:
            from app.tables.paste_preview import PastePreview

            dialog = PastePreview(self.records, paste, self)
            dialog.applied.connect(self.apply_paste)
            dialog.open()
        else:
            self.apply_paste(paste)

    def apply_paste(self, paste: PastePlan) -> None:
        """Put a block into the plan, as one undo step."""
        count = used_cells(self.records, paste)
        if not count or paste.problem:
            return
        before = self.session.plan
        words = f"{count} cell{'' if count == 1 else 's'}"
        self.session.edit(f"Paste {words} into {self.records.title}", pasted_plan(self.records, paste))
        if self.session.plan is before:
            self.session.message.emit("The pasted values are those that were there.")
            return
        self._fit_later()  # a pasted name may be longer than those before
        if paste.new_rows:
            self.choose(self.records.records[-1].id)  # the empty row, which was the current one, has no form
        self.setFocus()  # a button may have asked that is gone with the empty page
        added = f", {counted(paste.new_rows, self.table)} added" if paste.new_rows else ""
        self.session.message.emit(f"Pasted {words}{added}.")

    def fill_down(self) -> None:
        block = self.selected_block()
        if block is None:
            return
        top, bottom, left, right = block
        cells = []
        for column in range(left, right + 1):
            source = self.records.record_at(top)
            if source is None or self.records.field_of_cell(self.records.index(top, column)) is None:
                continue
            value = getattr(source, self.records.columns[column].key)
            for row in range(top + 1, bottom + 1):
                if self.records.field_of_cell(self.records.index(row, column)) is not None:
                    cells.append((row, column, value))
        self._apply(f"Fill {len(cells)} cell{'' if len(cells) == 1 else 's'} in {self.records.title}", cells)

    def clear_selection_values(self) -> None:
        cells, kept = [], ""
        for index in self.selected_cells():
            may, empty = self.records.may_be_empty(index)
            if may:
                cells.append((index.row(), index.column(), empty))
            elif self.records.record_at(index.row()) is not None:
                kept = kept or f"{self.records.columns[index.column()].label} cannot be empty."
        count = self._apply(f"Clear {len(cells)} cell{'' if len(cells) == 1 else 's'} in {self.records.title}", cells)
        if kept and not count:
            self.session.message.emit(kept)

    def _apply(self, text: str, cells: list[tuple[int, int, Any]]) -> int:
        return self.records.apply(text, cells)

    # Menu, keys, looks

    def open_menu(self, place: QPoint) -> None:
        """The table's own menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        path = self.records.figure_path(self.indexAt(place))
        if path is not None:
            add_figure_actions(menu, self.session, path)
            menu.addSeparator()
        menu.addAction("Copy", QKeySequence.StandardKey.Copy, self.copy_selection)
        menu.addAction("Paste", QKeySequence.StandardKey.Paste, self.paste)
        menu.addAction("Fill down", QKeySequence("Ctrl+D"), self.fill_down)
        menu.addAction("Clear", QKeySequence.StandardKey.Delete, self.clear_selection_values)
        self._offer_reverts(menu)
        menu.addSeparator()
        for action in (self.add_action, self.duplicate_action, self.delete_action):
            menu.addAction(action)
        add_out_actions(menu, self)
        menu.popup(self.viewport().mapToGlobal(place))

    def _offer_reverts(self, menu: QMenu) -> None:
        """While a scenario is on show: the way back to what it would inherit."""
        session, path = self.session, self.path_with_focus()
        if not path:
            return
        owner = path.rpartition(".")[0]
        if is_own(session, path):
            menu.addSeparator()
            menu.addAction(f"Revert to {inherited_words(session, path)}", partial(revert, session, path))
        if own_overrides(session.document.plan, session.scenario_id, owner):
            menu.addAction("Revert this record", partial(revert, session, owner))

    def path_with_focus(self) -> str:
        """Path of the value in the current cell; empty for a figure."""
        return self.records.path_of_cell(self.currentIndex())

    def figure_path_at(self, point: QPoint) -> str | None:
        """Path of what the cell under a point of the table shows."""
        return self.records.figure_path(self.indexAt(self.viewport().mapFrom(self, point)))

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        super().scrollTo(index, hint)
        # Qt may ask while the table is still being made.
        hidden = (self.frozen.covered if self.frozen else 0) - self.visualRect(index).left()
        if index.column() > 0 and hidden > 0:
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - hidden)

    def keyboardSearch(self, search: str) -> None:
        """Not here: typing replaces the cell."""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.records.follow_results()
        self.records.follow_findings()
        if not self._fitted:
            self.fit_columns()
        else:
            self._widen()  # figures go on while a table is out of sight

    def _follow_results(self, _results: Any) -> None:
        if self.isVisible():
            self.records.follow_results()
            self._settle(self.session.is_dragging)

    def _follow_findings(self, _results: Any) -> None:
        if self.isVisible() and not self.session.is_dragging:
            self.records.follow_findings()

    def _settle(self, dragging: bool) -> None:
        """What costs more than a frame waits until the lever is let go."""
        if not dragging and self.isVisible():
            self.records.follow_results()
            self.records.follow_findings()
            self._widen()

    def _fit_later(self) -> None:
        if not self._fitted or len(self.records.records) <= 1 or not self._by_hand:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make every column as wide as its text, within reason."""
        self.horizontalHeader().ensurePolished()
        self._by_hand.clear()
        natural = [self._wanted_width(column) for column in range(self.records.columnCount())]
        self._natural = natural
        self._fitted = bool(self.records.records)
        self._spread()

    def _wanted_width(self, column: int) -> float:
        model, heading, cell = self.records, self.horizontalHeader().fontMetrics(), self.fontMetrics()
        # A heading is set a little heavier than its font's metrics say.
        width = max(heading.horizontalAdvance(line) for line in model.columns[column].heading.split("\n")) * 1.04
        for row in range(min(model.rowCount(), FITTED_ROWS)):
            text = str(model.index(row, column).data(Qt.ItemDataRole.DisplayRole) or "")
            width = max(width, cell.horizontalAdvance(text))
        return min(max(width + theme.px(CELL_PADDING), theme.px(MINIMUM_COLUMN)), theme.px(MAXIMUM_COLUMN))

    def _widen(self) -> None:
        """Widen the columns whose figures have grown out of them: a cut number is a wrong number."""
        if not self._natural:
            return
        figures = [i for i, c in enumerate(self.records.columns) if c.field is None and i not in self._by_hand]
        grown = {i: width for i in figures if (width := self._wanted_width(i)) > self._natural[i]}
        if grown:
            self._natural = [grown.get(i, width) for i, width in enumerate(self._natural)]
            self._spread()
            self._set_widths({i: max(self.columnWidth(i), int(width)) for i, width in grown.items()})

    def _spread(self) -> None:
        """Let the columns breathe where there is room for more than all of them.

        Where there is none, those that fit fill the room: of the next one only half would be seen, and a number cut at
        the edge is read as another one.
        """
        if not self._natural or self._by_hand:
            return
        room = self.viewport().width()
        fitting = [end for end in accumulate(self._natural) if end <= room]
        factor = max(room / fitting[-1], 1.0) if fitting else 1.0
        if factor > MOST_SPREAD:
            factor = MOST_SPREAD if len(fitting) == len(self._natural) else 1.0
        self._set_widths({column: int(width * factor) for column, width in enumerate(self._natural)})

    def _set_widths(self, widths: dict[int, int]) -> None:
        self._is_spreading = True
        for column, width in widths.items():
            self.setColumnWidth(column, width)
        self._is_spreading = False

    def _keep_width(self, column: int) -> None:
        if not self._is_spreading:
            self._by_hand.add(column)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def _restyle(self) -> None:
        self.set_row_height()
        self.fit_columns()
        self.records.repaint_cells()
