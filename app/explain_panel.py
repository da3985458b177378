"""Explain this number: the formula with its values, down to the inputs with source, day, age and note."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.behind_dialog import go_to_input
from app.cards import button, label
from app.data_out import offer
from app.dialog_size import open_at
from app.explained import GONE, copy_sentence, explanation_of
from app.numbers import MISSING
from app.session import Session
from app.tables.grid_view import block_text
from app.tables.item_models import RIGHT
from models.evidence import AGEING, FRESH, NO_SOURCE, OLD, UNDATED
from models.explain import Explanation, Node
from models.explain.tree import LaterNode
from models.sheets import Cell, Measured, Sheet, sheet_of
from models.units import display

HEADINGS = ("What", "Value", "How it follows, or where it is from", "Day", "Age")
NODE_ROLE, KEY_ROLE = (int(Qt.ItemDataRole.UserRole) + n for n in (1, 2))
STATE_ROLES = {FRESH: "positive", AGEING: "warning", OLD: "negative", UNDATED: "warning", NO_SOURCE: "warning"}
"""The colour of an input's support; words beside it say the same."""
MOST_ROWS = 480
Place = tuple[tuple[str, int], ...]
"""Of a row in the tree, from the top: path or name, and the how manieth of its siblings bears it."""


class ExplainPanel(QDialog):
    """Explains one figure, and follows the plan while it is open. Enter on an input shows where it is edited.

    Parameters
    ----------
    session
        Whose plan it is.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.path = ""
        self.explanation: Explanation | None = None
        self.setObjectName("explain")
        self.setModal(False)
        open_at(self, 880, 560)
        self.figure = label("", "title", wrap=True)
        self.figure.setObjectName("explain.figure")
        self.formula = label("", "body", wrap=True)
        self.formula.setObjectName("explain.formula")
        self.note = label("", "small", wrap=True)
        for words in (self.figure, self.formula, self.note):
            words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tree = QTreeWidget()
        self.tree.setObjectName("explain.tree")
        self.tree.setAccessibleName("What it follows from")
        self.tree.setHeaderLabels(HEADINGS)
        self.tree.setUniformRowHeights(True)
        self.tree.setAllColumnsShowFocus(True)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.tree.headerItem().setTextAlignment(1, RIGHT)
        self.tree.currentItemChanged.connect(self._show_table)
        self.tree.itemExpanded.connect(self._fill_below)
        self.tree.itemExpanded.connect(self._fit)
        self.tree.itemDoubleClicked.connect(self._follow)
        self.months = QTableWidget()
        self.months.setObjectName("explain.months")
        self.months.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.months.setShowGrid(False)
        self.months.setWordWrap(False)
        self.months.setTabKeyNavigation(False)
        self.months.verticalHeader().setDefaultSectionSize(theme.px(24))
        self.months.installEventFilter(self)
        self.tree.installEventFilter(self)
        self.tree.viewport().installEventFilter(self)
        offer(self.tree, session, self.tree_sheet, page="Explain", own_keys=True)
        offer(self.months, session, self.months_sheet, page="Explain", own_keys=True)
        self._arrange()
        session.results_changed.connect(self._follow_plan)
        session.explanations_changed.connect(self._follow_plan)
        session.drag_changed.connect(self._follow_drag)
        theme.theme_changed.connect(self.refresh)

    def _arrange(self) -> None:
        self.copy_sentence_button = button(
            "Copy as a sentence", self.copy_sentence, help="The formula, the inputs, their sources and days"
        )
        self.copy_table_button = button("Copy as a table", self.copy_table, help="All rows, for a spreadsheet")
        self.field_button = button("Go to the input", self._go_to_current, icon="chevron_right")
        close = button("Close", self.close, kind="primary")
        for item in (self.copy_sentence_button, self.copy_table_button, self.field_button, close):
            item.setAutoDefault(False)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.tree)
        self._split.addWidget(self.months)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setChildrenCollapsible(False)
        answers = QHBoxLayout()
        for item in (self.copy_sentence_button, self.copy_table_button, self.field_button):
            answers.addWidget(item)
        answers.addStretch(1)
        answers.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(n) for n in (18, 14, 18, 14)))
        column.setSpacing(theme.px(8))
        for item in (self.figure, self.formula, self.note):
            column.addWidget(item)
        column.addWidget(self._split, 1)
        column.addLayout(answers)

    # Showing

    def explain(self, path: str) -> None:
        """Show a figure or input, and give it the keyboard."""
        self.path = path
        self.show()  # first, so that rows and columns are measured in the panel's own style
        self.refresh(keep=False)
        if self.explanation is None:
            return
        self.raise_()
        self.activateWindow()
        self.tree.setFocus()

    def refresh(self, *, keep: bool = True) -> None:
        """Explain the same figure in the plan as it is now."""
        if not self.path or (keep and not self.isVisible()):
            return
        session = self.session
        try:
            self.explanation = explanation_of(session, self.path)
        except KeyError:
            # What it was about has been deleted, or nothing flips any more.
            self.explanation = None
            self.close()
            session.message.emit(GONE)
            return
        self._fill(self.explanation.root, keep)

    def _follow_plan(self) -> None:
        if not self.session.is_dragging and not self.session.recompute.is_busy:
            self.refresh()

    def _follow_drag(self, dragging: bool) -> None:
        if not dragging:
            self._follow_plan()

    def _write(self, value: float, digits: int, unit: str) -> str:
        size, shown = abs(value) * display(unit)[1], digits
        while math.isfinite(size) and size and shown < digits + 8 and abs(round(size, shown) - size) > 1e-3 * size:
            shown += 1
        return self.session.numbers.format(value, shown, unit)

    def _fill(self, root: Node, keep: bool) -> None:
        known = math.isfinite(root.value)
        value = self._write(root.value, root.digits, root.unit) if known else root.text or MISSING
        self.setWindowTitle(f"Explain: {root.label}")
        self.figure.setText(f"{root.label}: {value}".replace("\u2212", "\u2212\u2060"))  # no line ends after a minus
        self.formula.setText(self._formula_text(root, True))
        self.note.setText(" ".join(filter(None, (root.reason, self.session.numbers.say(root.note)))))
        self.note.setVisible(bool(self.note.text()))
        theme.set_look(self.note, role="warning" if root.reason else "small")
        opened, current = (self._opened(), self._place(self.tree.currentItem())) if keep else (set(), ())
        self.tree.clear()
        (top,) = self._rows((root,))
        self.tree.addTopLevelItem(top)
        self._fill_below(top)
        self._open(top, opened, keep)
        chosen = self._at(current) or top
        self.tree.setCurrentItem(chosen)
        self._fit()
        self._show_table()

    def _formula_text(self, node: Node, in_full: bool = False) -> str:
        if node.is_input:
            return "An input of the plan." if node.path else node.source
        if not node.formula or not math.isfinite(node.value):
            return ""
        words, figures = node.in_words(), node.in_figures(self._write)
        if in_full and words == figures:
            return node.in_full()
        text = words if words == figures else f"{words}  =  {figures}"
        return f"{text}  =  0" if node.solves else text

    def _item(self, node: Node) -> QTreeWidgetItem:
        known = math.isfinite(node.value)
        value = self._write(node.value, node.digits, node.unit) if known else MISSING
        if node.text:
            value = f"{value}, {node.text}" if known and node.table is not None else node.text
        how = node.reason or (self._source_text(node) if node.is_input else self._how(node))
        age = "" if math.isnan(node.age_days) else self._write(node.age_days, 0, "days")
        item = QTreeWidgetItem([node.label, value, how, node.date, age])
        item.setData(0, NODE_ROLE, node)
        item.setTextAlignment(1, RIGHT)
        item.setTextAlignment(4, RIGHT)
        colors = theme.tokens()
        if node.is_input:
            item.setForeground(0, colors.color("accent"))
            role = STATE_ROLES.get(node.state, "muted")
            item.setForeground(4 if age else 2, colors.color(role))
            item.setForeground(3, colors.color("muted"))
        elif known:
            item.setForeground(1, colors.color("calculated"))
        tip = "\n".join(filter(None, (f"{node.label}: {value}", how, node.note, node.address)))
        for place in range(len(HEADINGS)):
            item.setToolTip(place, tip)
        if not any(isinstance(child, LaterNode) for child in node.children):
            item.addChildren(self._rows(node.children))
        else:
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        return item

    def _fill_below(self, item: QTreeWidgetItem) -> None:
        """Make the rows below one that is opened: at once those of a whole fleet would be thousands."""
        if item.childCount() == 0:
            item.addChildren(self._rows(item.data(0, NODE_ROLE).children))

    def _rows(self, nodes: tuple[Node, ...]) -> list[QTreeWidgetItem]:
        """Siblings, each with what tells it from the others also in another plan: several may share a name."""
        rows, counts = [], Counter[str]()
        for node in nodes:
            name = node.path or node.label
            row = self._item(node)
            row.setData(0, KEY_ROLE, (name, counts[name]))
            counts[name] += 1
            rows.append(row)
        return rows

    def _how(self, node: Node) -> str:
        return self._formula_text(node) or node.note

    @staticmethod
    def _source_text(node: Node) -> str:
        return node.source or "No source named"

    # Which rows are open

    def _place(self, item: QTreeWidgetItem | None) -> Place:
        found: list[tuple[str, int]] = []
        while item is not None:
            found.insert(0, item.data(0, KEY_ROLE))
            item = item.parent()
        return tuple(found)

    def _opened(self) -> set[Place]:
        return {self._place(i) for i in self._items() if i.isExpanded()}

    def _items(self) -> list[QTreeWidgetItem]:
        found, todo = [], [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        while todo:
            item = todo.pop()
            found.append(item)
            todo += [item.child(i) for i in range(item.childCount())]
        return found

    def _open(self, top: QTreeWidgetItem, opened: set[Place], keep: bool) -> None:
        if not keep or self._place(top) in opened:
            top.setExpanded(True)
        for place in range(top.childCount() if keep else 0):
            self._open(top.child(place), opened, keep)

    def _at(self, place: Place) -> QTreeWidgetItem | None:
        items = [self.tree.topLevelItem(i) for i in range(self.tree.topLevelItemCount())]
        found = None
        for key in place:
            if found is not None:
                self._fill_below(found)
                items = [found.child(i) for i in range(found.childCount())]
            found = next((item for item in items if item.data(0, KEY_ROLE) == key), None)
            if found is None:
                return None
        return found

    def _fit(self, *_: object) -> None:
        """Give values, days and ages what they need, and names and sources the rest."""
        header = self.tree.header()
        for column, least in ((1, 90), (3, 50), (4, 50)):
            self.tree.resizeColumnToContents(column)
            header.resizeSection(column, max(header.sectionSize(column), theme.px(least)))
        room = self.tree.viewport().width() - sum(header.sectionSize(c) for c in (1, 3, 4))
        header.resizeSection(0, max(theme.px(180), int(room * 0.42)))
        header.resizeSection(2, max(theme.px(200), room - header.sectionSize(0) - theme.px(4)))

    # The months of the current row

    def _show_table(self, *_: object) -> None:
        node = self.current_node
        self.field_button.setEnabled(node is not None and node.is_input and bool(node.path))
        table = node.table if node is not None else None
        self.months.setVisible(table is not None)
        if node is None or table is None:
            return
        rows = table.rows[:MOST_ROWS]
        self.months.setAccessibleName(f"{node.label}, {table.heading.lower()} by {table.heading.lower()}")
        self.months.setColumnCount(len(table.columns))
        self.months.setRowCount(len(rows))
        self.months.setVerticalHeaderLabels([self._row_name(row) for row in rows])
        numbers = self.session.numbers
        for place, column in enumerate(table.columns):
            unit, factor = display(column.unit)
            heading = QTableWidgetItem(f"{column.label}\n{unit}" if unit else column.label)
            heading.setTextAlignment(RIGHT)
            if column.formula:
                heading.setToolTip(f"{column.label} = {node.in_words(column.formula)}")
            self.months.setHorizontalHeaderItem(place, heading)
            for row, value in enumerate(column.values[: len(rows)].tolist()):
                item = QTableWidgetItem(numbers.number(value * factor, column.digits))
                item.setTextAlignment(RIGHT)
                if column.formula:
                    item.setForeground(theme.tokens().color("calculated"))
                self.months.setItem(row, place, item)
        self.months.resizeColumnsToContents()

    def _row_name(self, name: str) -> str:
        return self.session.numbers.month(name) if len(name) == 7 and name[4:5] == "-" else name

    @property
    def current_node(self) -> Node | None:
        """The node of the current row."""
        item = self.tree.currentItem()
        return None if item is None else item.data(0, NODE_ROLE)

    # Going and copying

    def _follow(self, item: QTreeWidgetItem, _column: int = 0) -> None:
        node = item.data(0, NODE_ROLE)
        if node.is_input and node.path:
            go_to_input(self, self.session, node.path, node.label)
        else:
            item.setExpanded(not item.isExpanded() if item.childCount() else True)

    def _go_to_current(self) -> None:
        item = self.tree.currentItem()
        if item is not None and item.data(0, NODE_ROLE).is_input:
            self._follow(item)

    def copy_sentence(self) -> None:
        """Put the explanation in words on the clipboard."""
        if self.explanation is not None:
            copy_sentence(self.session, self.path)

    def copy_table(self) -> None:
        """Put all rows on the clipboard, and the monthly table of the current row below them."""
        if self.explanation is None:
            return
        rows = [[*HEADINGS, "Address", "Note"]]
        top = self.tree.topLevelItem(0)

        def add(item: QTreeWidgetItem, depth: int) -> None:
            node = item.data(0, NODE_ROLE)
            cells = [f"{'  ' * depth}{item.text(0)}", *(item.text(c) for c in range(1, len(HEADINGS)))]
            rows.append([*cells, node.address, node.note])
            for number in range(item.childCount()):
                add(item.child(number), depth + 1)

        add(top, 0)
        text = block_text(rows)
        months = self._months_text(whole=True)
        QGuiApplication.clipboard().setText(f"{text}\n\n{months}" if months else text)
        self.session.message.emit("The explanation is on the clipboard, as a table.")

    def tree_sheet(self) -> Sheet | None:
        """The explanation as a table to export, each step under what it belongs to."""
        if self.explanation is None:
            return None
        rows: list[list[Cell]] = []

        def add(node: Node, depth: int) -> None:
            worth: Cell = Measured(node.value, node.unit) if math.isfinite(node.value) else node.text or None
            how = node.reason or (self._source_text(node) if node.is_input else self._how(node))
            age = Measured(node.age_days, "days")
            rows.append([Measured(depth), node.label, worth, how, node.date, age, node.address, say(node.note)])
            for child in node.children:
                add(child, depth + 1)

        say = self.session.numbers.say
        add(self.explanation.root, 0)
        return sheet_of(self.windowTitle(), ["Depth", *HEADINGS, "Address", "Note"], rows)

    def months_sheet(self) -> Sheet | None:
        """The months of the current row as a table to export; None where it has none."""
        node = self.current_node
        if node is None or node.table is None:
            return None
        columns = node.table.columns
        rows: list[list[Cell]] = [
            [name, *(Measured(float(c.values[row]), c.unit) for c in columns)]
            for row, name in enumerate(node.table.rows)
        ]
        return sheet_of(node.label, [node.table.heading, *(c.label for c in columns)], rows)

    def _months_text(self, *, whole: bool) -> str:
        node = self.current_node
        if node is None or node.table is None:
            return ""
        rows = range(self.months.rowCount())
        columns = range(self.months.columnCount())
        if not whole and self.months.selectedIndexes():
            chosen = self.months.selectedIndexes()
            rows = range(min(i.row() for i in chosen), max(i.row() for i in chosen) + 1)
            columns = range(min(i.column() for i in chosen), max(i.column() for i in chosen) + 1)
        head = [node.table.heading, *(self.months.horizontalHeaderItem(c).text().replace("\n", ", ") for c in columns)]
        name, item = self.months.verticalHeaderItem, self.months.item
        return block_text([head, *([name(row).text(), *(item(row, c).text() for c in columns)] for row in rows)])

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.tree.viewport():
            self._fit()  # also when a scroll bar takes some of its width
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.matches(QKeySequence.StandardKey.Copy):
                if watched is self.months:
                    QGuiApplication.clipboard().setText(self._months_text(whole=False))
                else:
                    self.copy_table()
                return True
            if watched is self.tree and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.tree.currentItem()
                if item is not None:
                    self._follow(item)
                return True
        return super().eventFilter(watched, event)
