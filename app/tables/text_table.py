"""A table to read: texts with a role each, copied as a block with its headings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app import theme
from app.tables.elision import elided_apart, elided_name, width_apart
from app.tables.frozen_column import FrozenColumn
from app.tables.grid_view import GridView, block_text
from app.tables.line_model import Cell, Line, LineModel
from app.word_lines import in_lines, width_for
from models.sheets import Sheet, sheet_of

Index = QModelIndex | QPersistentModelIndex
WIDEST_PX, WIDEST_HEADING_PX, NARROWEST_PX, PADDING_PX = 250, 130, 56, 24
SHORTER_BY = 4
"""Characters by which a number is shorter that is surely narrower, whatever separators and arrows the two have."""
WIDEST_NAMES_PX, COMPACT_WORD_PX, COMPACT_PADDING_PX = (220, 240, 260, 300), 112, 22
"""Of a compact table: its first column, wider only where names could not be told apart; words among numbers, and the
room beside a text."""
HEADING_WIDTHS_PX = (84, 104, 124)
"""Of a compact table's heading that goes on in further lines: wider only where it had many, or a word was broken."""
HEADING_FONT_PX, HEADING_PADDING_PX, HEADING_ABOVE_PX = 12, 20, 12
"""As the style sheet has them."""


class GroundDelegate(QStyledItemDelegate):
    """Paints the ground that a model asks for, which a style sheet would leave out."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        ground = index.data(Qt.ItemDataRole.BackgroundRole)
        if ground is not None:
            painter.fillRect(option.rect, ground)
        super().paint(painter, option, index)


class NameDelegate(GroundDelegate):
    """Cuts names that have no room so that they still differ: in the first column, and of words among numbers."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        table = self.parent()
        if not isinstance(table, TextTable) or not option.rect.isValid() or not option.text:
            return
        room, measured = option.rect.width() - theme.px(COMPACT_PADDING_PX) + 2, option.fontMetrics
        if index.column() == 0:
            option.text = elided_name(option.text, room, measured)
        elif not table.texts.cell(index).is_number:
            option.text = elided_apart(option.text, table.words, room, measured)


class TextTable(GridView):
    """Shows `Cell`s; the first column stays while the others are scrolled.

    Parameters
    ----------
    name
        Read aloud.
    is_compact
        Whether as many columns as can be are wanted on the screen: names and headings are cut earlier.

    Attributes
    ----------
    words
        What stands among the numbers: names that must be told apart.
    """

    frozen: FrozenColumn | None = None

    def __init__(self, name: str, parent: QWidget | None = None, *, is_compact: bool = False) -> None:
        super().__init__(parent)
        self._is_compact = is_compact
        self._labels: tuple[str, ...] = ()
        self.words: frozenset[str] = frozenset()
        self._names: tuple[tuple[str, ...], int] = ((), 0)
        self._names_px = 0
        self.texts = LineModel((), parent=self)
        self.setModel(self.texts)
        self.setAccessibleName(name)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideNone)  # they go on in the next line
        delegate = NameDelegate if is_compact else GroundDelegate
        self.setItemDelegate(delegate(self))
        self.frozen = FrozenColumn(self, delegate(self))
        theme.theme_changed.connect(self.fit_columns)
        self._is_fitting = False
        self.horizontalHeader().sectionResized.connect(self._follow_width)

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
        self.words = frozenset(c.text for row in rows for c in row[1:] if not c.is_number)
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
        heads = block_text([self.texts.headings[left : right + 1]])
        QApplication.clipboard().setText(f"{heads}\n{QApplication.clipboard().text()}")

    def copy_all(self) -> None:
        """Put the whole table on the clipboard with its headings."""
        rows = ((c.copied for c in row) for row in self.texts.rows)
        QApplication.clipboard().setText(block_text([self.texts.headings, *rows]))

    def fit_columns(self) -> None:
        """Make every column as wide as its texts, within reason."""
        self._is_fitting = True
        self._fit_columns()
        self._is_fitting = False
        self._wrap_headings()

    def _follow_width(self) -> None:
        """A column was made wider or narrower by hand, or has grown with its numbers."""
        if not self._is_fitting:
            self._wrap_headings()

    def _fit_columns(self) -> None:
        self.set_row_height()
        columns = range(len(self.texts.headings))
        widths = self._roomy() or [self._wanted(column) for column in columns]
        for column, width in zip(columns, widths, strict=True):
            self.setColumnWidth(column, width)
        if self.texts.headings:
            # Names are cut only where there is no room for them.
            room = self.viewport().width() - sum(map(self.columnWidth, range(1, len(self.texts.headings))))
            self.setColumnWidth(0, max(self.columnWidth(0), min(room, self._natural(0))))
            self._fill_with_whole_columns()

    def _fill_with_whole_columns(self) -> None:
        """Let those that fit fill the room where not all do: a number cut at the edge is read as another one."""
        ends = list(accumulate(map(self.columnWidth, range(len(self.texts.headings)))))
        room = self.viewport().width()
        if ends[-1] <= room:
            self._show_whole_words(room - ends[-1])
            return
        # One that is cut by less than the room beside its text has all columns a little narrower.
        fitting = sum(end <= room + theme.px(COMPACT_PADDING_PX // 2) for end in ends)
        if fitting < 2:
            return
        left = room - ends[fitting - 1]
        names = max(min(left, self._natural(0) - self.columnWidth(0)), 0)
        self.setColumnWidth(0, self.columnWidth(0) + names)
        more, odd = divmod(left - names, fitting)
        for column in range(fitting):
            self.setColumnWidth(column, self.columnWidth(column) + more + (column < odd))

    def _show_whole_words(self, left: int) -> None:
        """Give words among numbers the room that nothing else needs."""
        for column in range(1, len(self.texts.headings)):
            more = min(self._natural(column, whole_words=True) - self.columnWidth(column), left)
            if more > 0:
                self.setColumnWidth(column, self.columnWidth(column) + more)
                left -= more

    def _wrap_headings(self) -> None:
        """Write headings that are wider than their columns in lines."""
        measured, padding = self._heading_metrics(), theme.px(HEADING_PADDING_PX)
        shown = [
            in_lines(" ".join(text.split()), self.columnWidth(column) - padding, measured)
            for column, text in enumerate(self.texts.headings)
        ]
        self.texts.show_headings(shown)
        more = max((text.count("\n") for text in shown), default=0)
        # Qt asks the first and last columns only how high they want to be.
        least = (more + 1) * measured.lineSpacing() + theme.px(HEADING_ABOVE_PX) if more else 0
        if least != self.horizontalHeader().minimumHeight():
            self.horizontalHeader().setMinimumHeight(least)
            self.updateGeometries()

    def _heading_metrics(self) -> QFontMetrics:
        """Of the font that the style sheet gives to headings."""
        font = QFont(self.horizontalHeader().font())
        font.setPixelSize(theme.px(HEADING_FONT_PX))
        font.setWeight(QFont.Weight.Medium)
        return QFontMetrics(font)

    def _roomy(self) -> list[int]:
        """The columns' widths with all texts whole; empty where there is no room for that."""
        left, widths = self.viewport().width(), []
        for column in range(len(self.texts.headings)):
            widths.append(self._natural(column, tight=False))
            left -= widths[-1]
            if left < 0:
                return []
        return widths

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
        widest = theme.px(WIDEST_PX)
        if self._is_compact and column == 0:
            names = tuple(row[0].text for row in self.texts.rows)
            if (names, widest) != self._names:
                self._names = (names, widest)
                padding = theme.px(COMPACT_PADDING_PX)
                widths = [theme.px(w) - padding for w in WIDEST_NAMES_PX]
                self._names_px = width_apart(names, widths, self.fontMetrics()) + padding
            widest = self._names_px
        return min(self._natural(column), widest)

    def _natural(self, column: int, *, tight: bool = True, whole_words: bool = False) -> int:
        """Width of a column with all its texts; with `tight` headings, and words among numbers, have their limits."""
        cell, head = self.fontMetrics(), self.horizontalHeader().fontMetrics()
        padding = COMPACT_PADDING_PX if self._is_compact else PADDING_PX
        heading = " ".join(self.texts.headings[column].split())
        width = head.horizontalAdvance(heading) * 1.06
        if tight:
            widths = HEADING_WIDTHS_PX if self._is_compact else (WIDEST_HEADING_PX,)
            width = min(width, width_for(heading, [theme.px(w) for w in widths], self._heading_metrics()))
        of_column = [line.cells[column] for line in self.texts.lines]
        # No number is wider than one that has some characters more: only the longest are measured, and equal ones once.
        longest = max((len(c.text) for c in of_column if c.is_number), default=0) - SHORTER_BY
        kinds = {(c.text, c.strong, c.is_number) for c in of_column if not c.is_number or len(c.text) >= longest}
        for text, strong, is_number in kinds:
            wanted = cell.horizontalAdvance(text) * (1.06 if strong else 1.0)
            if tight and not whole_words and self._is_compact and column and not is_number:
                wanted = min(wanted, theme.px(COMPACT_WORD_PX))
            width = max(width, wanted)
        return round(max(width + theme.px(padding), theme.px(NARROWEST_PX)))
