"""A table to read: texts with a role each, copied as a block with its headings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import theme
from app.tables.frozen_column import FrozenColumn
from app.tables.grid_view import GridView
from app.tables.line_model import Cell, Line, LineModel
from models.sheets import Sheet, sheet_of

Index = QModelIndex | QPersistentModelIndex
WIDEST_PX, WIDEST_HEADING_PX, NARROWEST_PX, PADDING_PX = 250, 130, 56, 24
WIDEST_NAME_PX, COMPACT_HEADING_PX, COMPACT_WORD_PX, COMPACT_PADDING_PX = 212, 84, 112, 22
"""Of a compact table: its first column, its headings, words among numbers, and the room beside a text."""


class GroundDelegate(QStyledItemDelegate):
    """Paints the ground that a model asks for, which a style sheet would leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class TextTable(GridView):
    """Shows `Cell`s; the first column stays while the others are scrolled.

    Parameters
    ----------
    name
        Read aloud.
    is_compact
        Whether as many columns as can be are wanted on the screen: names and headings are cut earlier.
    """

    frozen: FrozenColumn | None = None

    def __init__(self, name: str, parent: QWidget | None = None, *, is_compact: bool = False) -> None:
        super().__init__(parent)
        self._is_compact = is_compact
        self._labels: tuple[str, ...] = ()
        self.texts = LineModel((), parent=self)
        self.setModel(self.texts)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setItemDelegate(GroundDelegate(self))
        self.frozen = FrozenColumn(self, GroundDelegate(self))
        if is_compact:  # whose a figure is stands at the end of its name
            for view in (self, self.frozen):
                view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        theme.theme_changed.connect(self.fit_columns)

    def show_rows(
        self, headings: Sequence[str], rows: Sequence[Sequence[Cell]], labels: Sequence[str] | None = None
    ) -> None:
        """Show these rows; selection and widths stay while the table keeps its shape.

        Parameters
        ----------
        headings, rows
            As many cells in each row as there are headings.
        labels
            What the columns are called in a file, where the headings need what stands around them, or say the unit.
        """
        self._labels = tuple(labels or headings)
        lines = [Line(str(number), tuple(row)) for number, row in enumerate(rows)]
        if self.texts.show(lines, headings):
            for column in range(1, len(headings)):
                if self.frozen is not None:
                    self.frozen.setColumnHidden(column, True)
            self.fit_columns()
        else:
            self.widen()

    def sheet(self) -> Sheet | None:
        """The table as it is exported; None while it is empty."""
        if not self.texts.lines:
            return None
        rows = [[c.in_file for c in row] for row in self.texts.rows]
        return sheet_of(self.accessibleName(), self._labels, rows)

    def edit(self, *place: Any) -> bool:
        """Nothing here can be edited, however it is asked for."""
        return False

    def text_at(self, row: int, column: int) -> str:
        """What a cell shows."""
        return self.texts.lines[row].cells[column].text

    def path_at(self, place: QPoint) -> str | None:
        """Path of what the cell at a point of the table shows, or None."""
        index = self.indexAt(self.viewport().mapFrom(self, place))
        return (self.texts.cell(index).path or None) if index.isValid() else None

    def copy_selection(self) -> None:
        """Put the selection on the clipboard with its headings, with all digits."""
        block = self.selected_block()
        if block is None:
            return
        super().copy_selection()
        _, _, left, right = block
        heads = "\t".join(" ".join(self.texts.headings[c].split()) for c in range(left, right + 1))
        QApplication.clipboard().setText(f"{heads}\n{QApplication.clipboard().text()}")

    def copy_all(self) -> None:
        """Put the whole table on the clipboard with its headings."""
        lines = [self.texts.headings, *((c.copied for c in row) for row in self.texts.rows)]
        text = "\n".join("\t".join(" ".join(cell.split()) for cell in line) for line in lines)
        QApplication.clipboard().setText(text)

    def fit_columns(self) -> None:
        """Make every column as wide as its texts, within reason."""
        self.set_row_height()
        for column in range(len(self.texts.headings)):
            self.setColumnWidth(column, self._wanted(column))
        if self.texts.headings:
            # Names are cut only where there is no room for them.
            room = self.viewport().width() - sum(map(self.columnWidth, range(1, len(self.texts.headings))))
            self.setColumnWidth(0, max(self.columnWidth(0), min(room, self._natural(0))))

    def widen(self) -> None:
        """Widen the columns whose texts have grown out of them: a cut number is a wrong number."""
        for column in range(len(self.texts.headings)):
            wanted = self._wanted(column)
            if wanted > self.columnWidth(column):
                self.setColumnWidth(column, wanted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit_columns()

    def _wanted(self, column: int) -> int:
        widest = WIDEST_NAME_PX if self._is_compact and column == 0 else WIDEST_PX
        return min(self._natural(column), theme.px(widest))

    def _natural(self, column: int) -> int:
        cell, head = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        widest, padding = (
            (COMPACT_HEADING_PX, COMPACT_PADDING_PX) if self._is_compact else (WIDEST_HEADING_PX, PADDING_PX)
        )
        width = min(head.horizontalAdvance(self.texts.headings[column]) * 1.06, theme.px(widest))
        for row in self.texts.rows:
            wanted = cell.horizontalAdvance(row[column].text) * (1.06 if row[column].strong else 1.0)
            if self._is_compact and column and not row[column].is_number:
                wanted = min(wanted, theme.px(COMPACT_WORD_PX))
            width = max(width, wanted)
        return round(max(width + theme.px(padding), theme.px(NARROWEST_PX)))
