"""A table that keys and the clipboard work as spreadsheet users know them.

Enter goes down, Tab right, F2 edits, Esc leaves, typing replaces, Ctrl+D fills down, Ctrl+Space takes the column,
Delete clears, Ctrl+C and Ctrl+V move blocks of text. What a block means is up to whoever inherits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QApplication, QHeaderView, QTableView, QWidget

from app import theme
from app.forms.entry import without_text_mark
from models.sheets import as_text

_SIGNED_NUMBER = re.compile(
    r"[+-]\s?\$?[\d.,٫٬'’\s]*\d(?:[eE][+-]?\d+)?\s?(?:[A-Za-z%$/ ]|(?<=[A-Za-z])-(?=[A-Za-z]))*"
)
"""What begins like a formula and is none: ``-5``, ``+$1.2M``, ``-12 USD/kW-month``."""


class GridView(QTableView):
    """Spreadsheet keys on a Qt table.

    Signals
    -------
    block_pasted
        The clipboard's text; it lands at the top left of the selection.
    """

    block_pasted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.set_row_height()

    def set_row_height(self) -> None:
        """Make rows as high as the text size asks for."""
        self.verticalHeader().setDefaultSectionSize(theme.px(30))
        self.verticalHeader().setMinimumSectionSize(theme.px(20))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.set_row_height()

    # The selection as a block

    def selected_block(self) -> tuple[int, int, int, int] | None:
        """First and last row, first and last column of the selection; None where there is none."""
        indexes = self.selectionModel().selectedIndexes() if self.selectionModel() else []
        if not indexes:
            return None
        rows, columns = [i.row() for i in indexes], [i.column() for i in indexes]
        return min(rows), max(rows), min(columns), max(columns)

    def selected_cells(self) -> list[QModelIndex]:
        """The selected cells, row by row."""
        return sorted(self.selectionModel().selectedIndexes(), key=lambda i: (i.row(), i.column()))

    def copy_text(self, index: QModelIndex) -> str:
        """What a cell puts on the clipboard."""
        return str(index.data(Qt.ItemDataRole.EditRole) or "")

    def copy_selection(self) -> None:
        """Put the selection on the clipboard, with tabs between cells and all digits."""
        block = self.selected_block()
        if block is None:
            return
        top, bottom, left, right = block
        chosen = {(i.row(), i.column()) for i in self.selectionModel().selectedIndexes()}
        columns = [c for c in range(left, right + 1) if not self.isColumnHidden(c)]
        rows = (
            [self.copy_text(self.model().index(row, c)) if (row, c) in chosen else "" for c in columns]
            for row in range(top, bottom + 1)
        )
        QApplication.clipboard().setText(block_text(rows))

    def paste(self) -> None:
        """Hand the clipboard's text on."""
        text = QApplication.clipboard().text()
        if text.strip("\r\n"):
            self.block_pasted.emit(text)

    def fill_down(self) -> None:
        """Copy the selection's first row into the rows below it."""

    def clear_selection_values(self) -> None:
        """Empty the selected cells that may be empty."""

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.matches(QKeySequence.StandardKey.Cut):
            self.copy_selection()
            self.clear_selection_values()
        elif control and event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.leave(event.key() == Qt.Key.Key_Tab)
        elif control and event.key() == Qt.Key.Key_D:
            self.fill_down()
        elif control and event.key() == Qt.Key.Key_Space:
            self._select_column()
        elif event.key() == Qt.Key.Key_Space and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._select_row()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_selection_values()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not control:
            up = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.enter(-1 if up else 1)
        elif event.key() == Qt.Key.Key_Escape and self.selectionModel() and self.selected_block():
            self.go(self.currentIndex())
            super().keyPressEvent(event)
        else:
            super().keyPressEvent(event)

    @property
    def last_row(self) -> int:
        """The row at which Enter stays."""
        return self.model().rowCount() - 1

    def enter(self, rows: int = 1) -> None:
        """Leave a cell as Enter does: downwards, but not beyond the last row."""
        row = self.currentIndex().row()
        self.move_by(min(rows, max(self.last_row - row, 0)), 0)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes from cell to cell, and past the last one (back past the first one) out of the table."""
        index, last = self.currentIndex(), (self.model().rowCount() - 1, self.model().columnCount() - 1)
        is_at_end = (index.row(), index.column()) == (last if forwards else (0, 0))
        return self.leave(forwards) if is_at_end or not index.isValid() else super().focusNextPrevChild(forwards)

    def leave(self, forwards: bool = True) -> bool:
        """Give the keyboard to what comes after the table, or before it."""
        self.setTabKeyNavigation(False)
        has_left = super().focusNextPrevChild(forwards)
        self.setTabKeyNavigation(True)
        return has_left

    def move_by(self, rows: int, columns: int) -> None:
        """Move the current cell, within the table."""
        index = self.currentIndex()
        if index.isValid():
            row = min(max(index.row() + rows, 0), self.model().rowCount() - 1)
            column = min(max(index.column() + columns, 0), self.model().columnCount() - 1)
            while self.isColumnHidden(column) and 0 < column < self.model().columnCount() - 1:
                column += 1 if columns > 0 else -1
            self.go(self.model().index(row, column))

    def go(self, index: QModelIndex) -> None:
        """Make a cell the current and only selected one, whatever keys are held down at the moment."""
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Enter leaves a cell downwards, as in a spreadsheet."""
        super().closeEditor(editor, hint)
        if hint == QAbstractItemDelegate.EndEditHint.SubmitModelCache:
            self.enter()

    def _select_column(self) -> None:
        columns = {i.column() for i in self.selectionModel().selectedIndexes()}
        last = self.model().rowCount() - 1
        selection = QItemSelection()
        for column in columns:
            selection.select(self.model().index(0, column), self.model().index(last, column))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def _select_row(self) -> None:
        rows = {i.row() for i in self.selectionModel().selectedIndexes()}
        last = self.model().columnCount() - 1
        selection = QItemSelection()
        for row in rows:
            selection.select(self.model().index(row, 0), self.model().index(row, last))
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def block_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as the clipboard holds them: each on its line, and none a formula to a spreadsheet."""
    return "\n".join("\t".join(map(_one_cell, row)) for row in rows)


def block_cells(text: str) -> list[list[str]]:
    """Cells of a text from the clipboard, row by row, without the marks of `block_text`."""
    return [[without_text_mark(cell) for cell in line.split("\t")] for line in text.rstrip("\r\n").splitlines()]


def _one_cell(text: str) -> str:
    # Tabs and line ends would make two cells of it.
    text = " ".join(text.split()) if any(c in text for c in "\t\r\n") else text
    bare = text.lstrip()
    return text if _SIGNED_NUMBER.fullmatch(bare) else text[: len(text) - len(bare)] + as_text(bare)
