"""What one scenario changes: each value beside the one it would inherit, with its way back."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from app import theme
from app.cards import Card, button, icon_button, label
from app.data_out import add_out_actions, offer
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_actions, add_figure_menu, in_scenario
from app.inherited import TABLE_WORDS, exported_value, parent_name, revert, value_words
from app.session import Session
from app.shell.scenario_actions import ScenarioActions
from app.tables.grid_view import block_text
from app.tables.text_table import GroundDelegate
from models.drivers import HASHPRICE, place_name, record_name
from models.fields import field_at, read
from models.plan import SINGLE_RECORDS
from models.scenarios import BASE, own_overrides, parent_plan, plan_for, scenario_by_name, scenario_name, value_in
from models.sheets import Cell, Sheet, sheet_of

PATH_ROLE, GONE_ROLE = (int(Qt.ItemDataRole.UserRole) + n for n in (0, 1))


class ChangesTree(QTreeWidget):
    """Values by the record that they are of; Delete or Ctrl+R reverts the current line, Enter goes to its field."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.scenario_id = BASE
        self.setAccessibleName("Values that this scenario changes")
        self.setColumnCount(4)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(False)
        self.setIndentation(theme.px(14))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2, 3):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setItemDelegate(GroundDelegate(self))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self.open_menu)
        self.itemDoubleClicked.connect(lambda item, _column: self._go_to(item))
        offer(self, session, self.sheet, own_menu=True)
        add_figure_menu(self, session, self.figure_path_at, own_menu=True)
        for words, keys, run in (("Revert", "Delete", self.revert_current), ("Copy", "Ctrl+C", self.copy_all)):
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _checked=False, run=run: run())
            self.addAction(action)

    @property
    def lines(self) -> list[tuple[str, str, str]]:
        """Label, inherited and own value of every line, as shown."""
        found = []
        for top in range(self.topLevelItemCount()):
            section = self.topLevelItem(top)
            for row in range(section.childCount()):
                item = section.child(row)
                found.append((item.text(0), item.text(1), item.text(2)))
        return found

    def sheet(self) -> Sheet | None:
        """What the scenario changes as a table to export; None where it changes nothing."""
        plan, scenario_id = self.session.document.plan, self.scenario_id
        above, here = parent_plan(plan, scenario_id), plan_for(plan, scenario_by_name(plan, scenario_id))
        rows: list[list[Cell]] = []
        for path, own in own_overrides(plan, scenario_id):
            section = self._section_name(path.rpartition(".")[0])
            try:
                name = "Hashprice" if path == HASHPRICE else field_at(plan, path).label
                cells = [exported_value(here, path, content) for content in (value_in(above, path), own)]
            except KeyError:
                name, cells = path, ["", "its record is gone"]
            rows.append([section, name, *cells, path])
        heads = ["Record", "Input", f"In {parent_name(plan, scenario_id)}", "Here", "Path"]
        title = f"What {scenario_name(plan, scenario_id)} changes"
        return sheet_of(title, heads, rows) if rows else None

    def figure_path_at(self, point: QPoint) -> str | None:
        """The input in the line under a point: in the scenario itself, or in its parent where that has the column."""
        place = self.viewport().mapFrom(self, point)
        item = self.itemAt(place)
        if item is None or item.parent() is None or item.data(0, GONE_ROLE):
            return None
        scenario = scenario_by_name(self.session.document.plan, self.scenario_id)
        above = (scenario.parent_id if scenario is not None else None) or BASE
        return in_scenario(item.data(0, PATH_ROLE), above if self.columnAt(place.x()) == 1 else self.scenario_id)

    def path_with_focus(self) -> str:
        """Path of the current line; of the record for a heading."""
        item = self.currentItem()
        return "" if item is None else str(item.data(0, PATH_ROLE))

    def show_scenario(self, scenario_id: str) -> None:
        """List what a scenario changes."""
        self.scenario_id = scenario_id
        plan, numbers = self.session.document.plan, self.session.numbers
        above, here = parent_plan(plan, scenario_id), plan_for(plan, scenario_by_name(plan, scenario_id))
        was = self.path_with_focus()
        self.clear()
        self.setHeaderLabels(["Input", f"In {parent_name(plan, scenario_id)}", "Here", ""])
        sections: dict[str, QTreeWidgetItem] = {}
        for path, value in own_overrides(plan, scenario_id):
            owner = path.rpartition(".")[0]
            section = sections.get(owner)
            if section is None:
                section = sections[owner] = self._line(owner, [self._section_name(owner)])
                section.setFont(0, theme.font("strong"))
                self.addTopLevelItem(section)
                self._add_button(section, owner, "Revert everything of this record")
            try:
                name = "Hashprice" if path == HASHPRICE else field_at(plan, path).label
                texts = [value_words(here, path, v, numbers) for v in (value_in(above, path), value)]
            except KeyError:
                name, texts = path, ["", "its record is gone"]
            item = self._line(path, [name, *texts])
            item.setData(0, GONE_ROLE, name == path)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setBackground(2, theme.tokens().color("own"))
            section.addChild(item)
            self._add_button(item, path, f"Revert {name}")
            if path == was:
                self.setCurrentItem(item)
        self.expandAll()

    def _line(self, path: str, texts: list[str]) -> QTreeWidgetItem:
        item = QTreeWidgetItem(texts)
        item.setData(0, PATH_ROLE, path)
        for column, text in enumerate(texts):
            item.setToolTip(column, text)
        return item

    def _section_name(self, owner: str) -> str:
        plan = self.session.document.plan
        table = owner.partition(".")[0]
        words = TABLE_WORDS.get(table, table)
        words = words[:1].upper() + words[1:]
        if table in SINGLE_RECORDS:
            return words
        try:
            return f"{words}: {record_name(plan, read(plan, owner))}"
        except KeyError:
            return f"{words}: {owner.partition('.')[2]}, deleted"

    def _add_button(self, item: QTreeWidgetItem, path: str, words: str) -> None:
        found = icon_button("revert", words, partial(self._revert, path))
        found.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Delete and Ctrl+R do the same on the line
        self.setItemWidget(item, 3, found)

    def _revert(self, path: str) -> None:
        # The button that was pressed goes with its line: not before it has been released.
        revert(self.session, path, self.scenario_id)

    def revert_current(self) -> None:
        """Revert the current line, or all lines under the current heading."""
        path = self.path_with_focus()
        if path:
            revert(self.session, path, self.scenario_id)

    def copy_all(self) -> None:
        """Put all lines on the clipboard with their headings."""
        heads = [self.headerItem().text(c) for c in range(3)]
        QApplication.clipboard().setText(block_text([heads, *self.lines]))

    def _go_to(self, item: QTreeWidgetItem) -> None:
        path = str(item.data(0, PATH_ROLE))
        self.session.show_scenario(self.scenario_id)
        self.session.select(path)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._go_to(item)
        else:
            super().keyPressEvent(event)

    def open_menu(self, place: QPoint) -> None:
        """What can be done with the current line."""
        path = self.path_with_focus()
        if not path:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_figure_actions(menu, self.session, self.figure_path_at(self.viewport().mapTo(self, place)))
        menu.addSeparator()
        name = place_name(self.session.document.plan, path) if "." in path else TABLE_WORDS.get(path, path)
        menu.addAction(f"Revert {name}", self.revert_current)
        plan = self.session.document.plan
        does = ScenarioActions(self, self.session)
        above = parent_name(plan, self.scenario_id)
        menu.addAction(f"Move to {above}", partial(does.promote, self.scenario_id, path))
        menu.addAction("Go to the field", partial(self._go_to, self.currentItem()))
        add_out_actions(menu, self)
        menu.popup(self.viewport().mapToGlobal(place))


class ChangesCard(Card):
    """The list with its title, and the way back for all of it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(" ", "", parent)
        self.session = session
        self.tree = ChangesTree(session)
        self.sentence = label("", "muted", wrap=True)
        self.heading = ElidedLabel(self)
        theme.set_look(self.heading, role="section")
        self.title.hide()
        self.head.insertWidget(0, self.heading, 1)
        self.head.setStretch(1, 0)  # of the title that it takes the place of
        self.show_button = button("Show it", self._show, kind="quiet", help="Put this scenario on show in every page")
        self.revert_button = button("Revert all", self._revert_all, kind="quiet", icon="revert")
        self.add_tool(self.show_button)
        self.add_tool(self.revert_button)
        self.add(self.sentence)
        self.add(self.tree, stretch=1)

    def show_scenario(self, scenario_id: str) -> None:
        """List what a scenario changes, or say that it changes nothing."""
        plan = self.session.document.plan
        name = scenario_name(plan, scenario_id)
        count = len(own_overrides(plan, scenario_id))
        is_base = scenario_id == BASE
        self.heading.set_text(name if is_base else f"{name} changes {count or 'no'} value{'' if count == 1 else 's'}")
        if is_base:
            words = "The base case is the plan itself. Every scenario inherits from it what it does not say otherwise."
        elif not count:
            above = parent_name(plan, scenario_id)
            words = f"It inherits everything from {above}. Show it, and what you change on any page goes into it."
        else:
            words = ""
        self.sentence.setText(words)
        self.sentence.setVisible(bool(words))
        self.tree.setVisible(bool(count))
        self.show_button.setEnabled(scenario_id != self.session.scenario_id)
        self.revert_button.setEnabled(bool(count))
        self.tree.show_scenario(scenario_id)

    def _show(self) -> None:
        self.session.show_scenario(self.tree.scenario_id)

    def _revert_all(self) -> None:
        revert(self.session, "", self.tree.scenario_id)
