"""A table whose lines are worded elsewhere: cells with text, some of which can be typed into, pasted over and copied.

A record table has one unit to a column; here every line may have another, because each is about another input.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QLineEdit,
    QMenu,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app import theme
from app.data_out import add_out_actions, offer
from app.figure_menu import add_figure_actions, add_figure_menu
from app.numbers import MISSING
from app.session import Session
from app.tables.grid_view import GridView, block_cells, block_text
from app.tables.line_model import Line, LineModel
from models.plan import Plan
from models.sheets import Sheet, sheet_of
from models.units import QuantityError

Index = QModelIndex | QPersistentModelIndex
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CELL_PX, NARROWEST_PX, WIDEST_PX = 22, 56, 250
WRAPPED_PX, WIDEST_WRAPPED_PX, MOST_LINES, ROW_PADDING_PX = 104, 520, 8, 14
"""Of a column of words: the least it gets before the table scrolls, the most it asks for; of a row: its most lines of
text, and the room above and below them."""
MOST_ROWS_FITTED = 100


class LineTable(GridView):
    """A table of lines.

    Parameters
    ----------
    name
        Read aloud.
    headings
        Of the columns; those in `numbers` stand at the right.
    stretch
        The column that takes what room is left.
    wraps
        The columns of words that share what room is left and break into lines where it is too little; numbers never do.
    hides
        The columns that are not shown as long as nothing stands in any of their cells.
    base
        Gives the plan that is edited.
    edit
        Makes an edited plan the next one, as one undo step with a name.

    Signals
    -------
    refused
        A sentence on why something typed or pasted was not taken over.
    taken
        What was typed into a cell was taken over, whether or not the plan is another one by it.
    """

    refused = Signal(str)
    taken = Signal()

    def __init__(
        self,
        name: str,
        headings: Sequence[str],
        numbers: frozenset[int],
        base: Callable[[], Plan],
        edit: Callable[[str, Plan], None],
        stretch: int = 0,
        wraps: frozenset[int] = frozenset(),
        hides: frozenset[int] = frozenset(),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.lines = LineModel(headings, numbers, self)
        self._name, self._base, self._edit, self._stretch = name, base, edit, stretch
        self._append: Callable[[Plan, list[str]], Plan] | None = None
        self.session: Session | None = None
        self._path_of: Callable[[Line], str | None] = lambda _line: None
        self._natural: list[int] = []
        self._wraps, self._hides = wraps or frozenset({stretch}), hides
        self.setWordWrap(bool(wraps))
        self.setModel(self.lines)
        self.setItemDelegate(LineDelegate(self))
        self.setAccessibleName(name)
        self.lines.entered.connect(self._enter_cell)
        self.block_pasted.connect(self.paste_block)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.open_menu)
        self.row_actions: list[QAction] = []
        theme.theme_changed.connect(self._restyle)

    def append_with(self, append: Callable[[Plan, list[str]], Plan]) -> None:
        """Let pasted rows beyond the last line, or pasted onto an empty table, become new records."""
        self._append = append

    def add_row_action(self, words: str, keys: str, icon: str, run: Callable[[], None]) -> QAction:
        """An action for the chosen lines, in the menu and by key."""
        action = QAction(theme.icon(icon, "text"), words, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(lambda: run())
        self.addAction(action)
        self.row_actions.append(action)
        return action

    # Lines

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; the current one stays current where it still is."""
        key, column = self.current_key, max(self.currentIndex().column(), 0)
        if self.lines.show(lines):
            self.choose(key, column)
        self.fit_columns()

    @property
    def current_key(self) -> str:
        """Key of the current line; empty where there is none."""
        row = self.currentIndex().row()
        return self.lines.lines[row].key if 0 <= row < len(self.lines.lines) else ""

    def chosen_keys(self) -> list[str]:
        """Keys of the lines in which something is selected, or of the current one."""
        rows = sorted({i.row() for i in self.selectionModel().selectedIndexes()})
        return [self.lines.lines[row].key for row in rows] or [k for k in (self.current_key,) if k]

    def choose(self, key: str, column: int = 0) -> bool:
        """Make a line the current one; returns whether it is there."""
        for row, line in enumerate(self.lines.lines):
            if line.key == key:
                self.go(self.lines.index(row, column))
                self.scrollTo(self.lines.index(row, column))
                return True
        return False

    # Typing and pasting

    def _enter_cell(self, row: int, column: int, text: str) -> None:
        enter = self.lines.lines[row].cells[column].enter
        if enter is None:
            return
        plan = self._base()
        try:
            changed = enter(plan, text.strip())
        except QuantityError as error:
            self._refuse(_sentence(str(error)), row, column)
            return
        if changed is not plan:
            self._edit(f"Change {self.lines.headings[column]} in {self._name}", changed)
        self.taken.emit()

    def _refuse(self, sentence: str, row: int, column: int) -> None:
        place = self.visualRect(self.lines.index(row, column)).bottomLeft()
        if self.isVisible():
            QToolTip.showText(self.viewport().mapToGlobal(place), sentence, self.viewport())
        self.refused.emit(sentence)

    def paste_block(self, text: str) -> None:
        """Put a block into the cells from the upper left on, as one undo step; what cannot be read is said."""
        rows = block_cells(text)
        block = self.selected_block()
        top, left = (block[0], block[2]) if block else (len(self.lines.lines), 0)
        plan, taken, problems = self._base(), 0, []
        before = plan
        if rows and [c.strip() for c in rows[0]] == list(self.lines.headings)[left : left + len(rows[0])]:
            rows = rows[1:]  # headings, as this table copies them
        for number, cells in enumerate(rows):
            row = top + number
            if row >= len(self.lines.lines):
                if self._append is not None:
                    try:
                        plan = self._append(plan, cells)
                        taken += 1
                    except QuantityError as error:
                        problems.append(f"line {number + 1}: {error}")
                continue
            for offset, cell in enumerate(cells):
                column = left + offset
                enter = self.lines.lines[row].cells[column].enter if column < len(self.lines.headings) else None
                if enter is None or not cell.strip():
                    continue
                try:
                    plan = enter(plan, cell.strip())
                    taken += 1
                except QuantityError as error:
                    problems.append(f"line {number + 1}, {self.lines.headings[column]}: {error}")
        if plan is not before:
            self._edit(f"Paste {taken} {'cell' if taken == 1 else 'cells'} into {self._name}", plan)
        if problems:
            rest = f" ({len(problems)} cells were not taken over)" if len(problems) > 1 else ""
            self.refused.emit(_sentence(f"Pasted {taken}; {problems[0]}{rest}"))
        elif plan is before:
            self.refused.emit("Nothing there can be pasted into these cells.")

    def copy_selection(self) -> None:
        """Put the selection on the clipboard, with the headings of its columns above and all digits."""
        block = self.selected_block()
        if block is None:
            return
        top, bottom, left, right = block
        chosen = {(i.row(), i.column()) for i in self.selectionModel().selectedIndexes()}
        rows = [list(self.lines.headings[left : right + 1])] if len(chosen) > 1 else []
        for row in range(top, bottom + 1):
            cells = self.lines.lines[row].cells[left : right + 1]
            rows.append([c.copied if (row, left + k) in chosen else "" for k, c in enumerate(cells)])
        QApplication.clipboard().setText(block_text(rows))

    def explain_with(self, session: Session, path_of: Callable[[Line], str | None]) -> None:
        """Let the inputs in the lines be explained; `path_of` says which one a line is about."""
        self.session, self._path_of = session, path_of
        add_figure_menu(self, session, self.path_at, own_menu=True)
        offer(self, session, self.sheet, own_menu=True)

    def path_at(self, point: QPoint) -> str | None:
        """Path of the input in the line at a point of the table."""
        index = self.indexAt(self.viewport().mapFrom(self, point))
        return self._path_of(self.lines.lines[index.row()]) if index.isValid() else None

    def open_menu(self, place: QPoint) -> None:
        """The table's own menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.session is not None:
            add_figure_actions(menu, self.session, self.path_at(self.viewport().mapTo(self, place)))
            menu.addSeparator()
        menu.addAction("Copy", QKeySequence.StandardKey.Copy, self.copy_selection)
        if any(c.enter for line in self.lines.lines for c in line.cells) or self._append is not None:
            menu.addAction("Paste", QKeySequence.StandardKey.Paste, self.paste)
        if self.row_actions and self.lines.lines:
            menu.addSeparator()
            menu.addActions(self.row_actions)
        add_out_actions(menu, self)
        menu.popup(self.viewport().mapToGlobal(place))

    def sheet(self) -> Sheet | None:
        """The table as it is exported; None while it is empty."""
        if not self.lines.lines:
            return None
        rows = [[c.in_file for c in line.cells] for line in self.lines.lines]
        return sheet_of(self._name, self.lines.headings, rows)

    def copy_all(self) -> None:
        """Put all lines on the clipboard, with headings."""
        rows = ((c.copied for c in line.cells) for line in self.lines.lines)
        QApplication.clipboard().setText(block_text([self.lines.headings, *rows]))

    # Looks

    def fit_columns(self) -> None:
        """Make every column as wide as its text, within reason; one takes what is left."""
        heading, cell = self.horizontalHeader().fontMetrics(), self.fontMetrics()
        lines = self.lines.lines[:MOST_ROWS_FITTED]
        natural = []
        for column, words in enumerate(self.lines.headings):
            width = heading.horizontalAdvance(words) * 1.06
            for line in lines:
                one = line.cells[column]
                width = max(width, cell.horizontalAdvance(one.text) + (theme.px(24) if one.icon else 0))
            widest = WIDEST_WRAPPED_PX if column in self._wraps else WIDEST_PX
            natural.append(round(min(max(width + theme.px(CELL_PX), theme.px(NARROWEST_PX)), theme.px(widest))))
        for column in self._hides:
            is_empty = bool(lines) and all(line.cells[column].text in ("", MISSING) for line in self.lines.lines)
            self.setColumnHidden(column, is_empty)
            natural[column] = 0 if is_empty else natural[column]
        self._natural = natural
        self._spread()

    def _spread(self) -> None:
        if not self._natural:
            return
        left = self.viewport().width() - sum(w for column, w in enumerate(self._natural) if column not in self._wraps)
        wanted = {column: self._natural[column] for column in self._wraps}
        least = theme.px(WRAPPED_PX)
        # The most modest first: what it does not take of its fair share is the others'.
        for count, column in enumerate(sorted(wanted, key=wanted.__getitem__)):
            fair = left // (len(wanted) - count)
            wanted[column] = min(wanted[column], max(fair, least))
            left -= wanted[column]
        wanted[self._stretch] = wanted.get(self._stretch, self._natural[self._stretch]) + max(left, 0)
        for column, natural in enumerate(self._natural):
            width = wanted.get(column, natural)
            if self.columnWidth(column) != width and not self.isColumnHidden(column):
                self.setColumnWidth(column, width)
        if self.wordWrap():
            self._fit_rows()

    def _fit_rows(self) -> None:
        """Make rows as high as their words need in the width that these have."""
        measured, usual = self.fontMetrics(), self.verticalHeader().defaultSectionSize()
        rooms = {column: self.columnWidth(column) - theme.px(CELL_PX) for column in self._wraps}
        for row, line in enumerate(self.lines.lines):
            height = usual
            for column, room in rooms.items():
                text = line.cells[column].text
                free = room - (theme.px(24) if line.cells[column].icon else 0)
                if measured.horizontalAdvance(text) > free:
                    box = measured.boundingRect(0, 0, free, 10_000, int(Qt.TextFlag.TextWordWrap), text)
                    lines = min(round(box.height() / measured.lineSpacing()), MOST_LINES)
                    height = max(height, lines * measured.lineSpacing() + theme.px(ROW_PADDING_PX))
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._spread()

    def _restyle(self) -> None:
        self.set_row_height()
        self._natural = []
        self.fit_columns()


class LineDelegate(QStyledItemDelegate):
    """Draws a line under each row and the frame of the current cell; edits as plain text."""

    def __init__(self, view: LineTable) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)  # type: ignore[arg-type]
        painter.save()
        painter.setPen(theme.tokens().color("border"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        if self._view.currentIndex() == index and self._view.hasFocus():
            painter.setPen(theme.tokens().color("accent"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setAccessibleName(self._view.lines.headings[index.column()])
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        """Nothing: what was typed is taken over once the editor is closed, because lines may change places by it."""

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter and Tab take over and go on, Esc drops, leaving by mouse takes over."""
        if not isinstance(editor, QLineEdit):
            return super().eventFilter(editor, event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(editor, Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        if event.type() == QEvent.Type.FocusOut and QApplication.activePopupWidget() is None:
            self._take(editor)
            return True
        return False

    def _key(self, editor: QLineEdit, key: Qt.Key, shift: bool) -> bool:
        view = self._view
        if key == Qt.Key.Key_Escape:
            editor.setModified(False)
            self._take(editor)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(editor)
            view.enter(-1 if shift else 1)
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._take(editor)
            view.move_by(0, 1 if key == Qt.Key.Key_Tab else -1)
        else:
            return False
        return True

    def _take(self, editor: QLineEdit) -> None:
        """Close the editor, then take over what was typed."""
        text, is_typed = editor.text(), editor.isModified()
        place = self._view.indexAt(editor.geometry().center())
        editor.setModified(False)  # closing takes the focus away, and that must not take it over twice
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
        if is_typed and place.isValid():
            self._view.lines.setData(place, text)


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
