"""The tree of scenarios: the base at its root, what inherits from it below. Ticked ones are compared."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QDropEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from app import theme
from app.session import Session
from app.shell.scenario_actions import ScenarioActions
from models.plan import Plan
from models.scenarios import BASE, BASE_NAME, children_of, scenario_name
from models.stress import PACKS

ID_ROLE = int(Qt.ItemDataRole.UserRole)


class ScenarioTree(QTreeWidget):
    """Scenarios by what they inherit from.

    Enter or a double click puts one on show, F2 renames, Delete deletes, Space ticks; dragging puts one under another.

    Signals
    -------
    chosen
        Id of the scenario in the current row.
    ticked
        Other scenarios are ticked now.
    """

    chosen = Signal(str)
    ticked = Signal()

    def __init__(self, session: Session, actions: ScenarioActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.does = session, actions
        self._left_out: set[str] = set()
        self._shown: object = None
        self.setAccessibleName("Scenarios")
        self.setColumnCount(1)
        self.setHeaderHidden(True)
        self.setIndentation(theme.px(16))
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setExpandsOnDoubleClick(False)
        self.customContextMenuRequested.connect(self.open_menu)
        self.currentItemChanged.connect(self._choose)
        self.itemChanged.connect(self._follow_item)
        self.itemDoubleClicked.connect(lambda item, _column: session.show_scenario(item.data(0, ID_ROLE)))
        for words, keys, run in (
            ("Delete", "Delete", self._delete),
            ("Duplicate", "Ctrl+Shift+D", self._duplicate),
            ("New scenario", "Ctrl+Shift+N", self._new),
        ):
            action = QAction(words, self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(partial(_call, run))
            self.addAction(action)
        theme.theme_changed.connect(self._restyle)
        self.refresh()

    # What is where

    @property
    def chosen_id(self) -> str:
        """Id of the scenario in the current row."""
        item = self.currentItem()
        return BASE if item is None else str(item.data(0, ID_ROLE))

    @property
    def ticked_ids(self) -> tuple[str, ...]:
        """The scenarios to compare, in the tree's order."""
        return tuple(i for i in self._items if i not in self._left_out)

    @property
    def _items(self) -> dict[str, QTreeWidgetItem]:
        found: dict[str, QTreeWidgetItem] = {}

        def walk(item: QTreeWidgetItem) -> None:
            found[str(item.data(0, ID_ROLE))] = item
            for number in range(item.childCount()):
                walk(item.child(number))

        if self.topLevelItemCount():
            walk(self.topLevelItem(0))
        return found

    def content_size(self) -> tuple[int, int]:
        """Width and height at which every name is seen whole [px]."""
        return self.sizeHintForColumn(0), sum(self.sizeHintForRow(0) for _ in self._items)

    def item_of(self, scenario_id: str) -> QTreeWidgetItem | None:
        """A scenario's row."""
        return self._items.get(scenario_id)

    def choose(self, scenario_id: str) -> None:
        """Make a scenario's row the current one."""
        item = self._items.get(scenario_id)
        if item is not None:
            self.setCurrentItem(item)

    def refresh(self) -> None:
        """Show the plan's scenarios; rows are made anew only where there are others, or they stand elsewhere."""
        plan = self.session.document.plan
        shown = tuple((s.id, s.parent_id) for s in plan.scenarios)
        if shown != self._shown:
            self._shown = shown
            current = self.chosen_id if self.currentItem() is not None else ""
            with QSignalBlocker(self):
                self.clear()
                self.addTopLevelItem(self._made(plan, BASE))
                self.expandAll()
                self.choose(current if current in self._items else self.session.scenario_id)
        with QSignalBlocker(self):
            by_id = {s.id: s for s in plan.scenarios}
            for scenario_id, item in self._items.items():
                self._dress(item, scenario_id, by_id)

    def _made(self, plan: Plan, scenario_id: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(0, ID_ROLE, scenario_id)
        flags = item.flags() | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(
            flags & ~Qt.ItemFlag.ItemIsDragEnabled if scenario_id == BASE else flags | Qt.ItemFlag.ItemIsEditable
        )
        for child in children_of(plan, scenario_id):
            item.addChild(self._made(plan, child.id))
        return item

    def _dress(self, item: QTreeWidgetItem, scenario_id: str, by_id: dict[str, Any]) -> None:
        scenario = by_id.get(scenario_id)
        name = BASE_NAME if scenario is None else scenario.name
        count = 0 if scenario is None else len(scenario.overrides)
        on_show = scenario_id == self.session.scenario_id
        item.setText(0, name)
        item.setFont(0, theme.font("strong" if on_show else "body"))
        item.setForeground(0, theme.tokens().color("accent" if on_show else "text"))
        item.setCheckState(0, Qt.CheckState.Unchecked if scenario_id in self._left_out else Qt.CheckState.Checked)
        changes = "the plan's own values" if scenario is None else f"{count} own value{'' if count == 1 else 's'}"
        tip = f"{name}: {changes}{', on show' if on_show else ''}. Ticked scenarios are compared."
        item.setToolTip(0, tip)
        item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{name}, {changes}{', on show' if on_show else ''}")

    def _restyle(self) -> None:
        self.setIndentation(theme.px(16))
        self.refresh()

    # What a person does

    def _choose(self, current: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if current is not None:
            self.chosen.emit(str(current.data(0, ID_ROLE)))

    def _follow_item(self, item: QTreeWidgetItem, _column: int) -> None:
        scenario_id = str(item.data(0, ID_ROLE))
        is_out = item.checkState(0) == Qt.CheckState.Unchecked
        if is_out != (scenario_id in self._left_out):
            self._left_out ^= {scenario_id}
            self.ticked.emit()
        elif scenario_id != BASE:
            self.does.set_name(scenario_id, item.text(0))
            self.refresh()

    def _new(self) -> None:
        self.does.new(self.chosen_id)

    def _delete(self) -> None:
        if self.chosen_id != BASE:
            self.does.delete(self.chosen_id)

    def _duplicate(self) -> None:
        if self.chosen_id != BASE:
            self.does.duplicate(self.chosen_id)

    def _rename(self) -> None:
        item = self.currentItem()
        if item is not None and self.chosen_id != BASE:
            self.editItem(item, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.state() != self.State.EditingState:
            self.session.show_scenario(self.chosen_id)
        else:
            super().keyPressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Put the dragged scenario under the one it was dropped on, in the plan; the tree follows."""
        dragged, target = self.currentItem(), self.itemAt(event.position().toPoint())
        # Qt must not move the row itself: it would do so whether or not the plan took it.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        if dragged is not None and target is not None:
            beside = self.dropIndicatorPosition() in (
                QAbstractItemView.DropIndicatorPosition.AboveItem,
                QAbstractItemView.DropIndicatorPosition.BelowItem,
            )
            above = target.parent() if beside and target.parent() is not None else target
            self.does.move(str(dragged.data(0, ID_ROLE)), str(above.data(0, ID_ROLE)))

    # The menu

    def open_menu(self, place: QPoint) -> None:
        """What can be done with the scenario in the current row."""
        self.menu().popup(self.viewport().mapToGlobal(place))

    def menu(self) -> QMenu:
        """The same, as a menu."""
        plan, chosen = self.session.document.plan, self.chosen_id
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show", partial(self.session.show_scenario, chosen))
        menu.addAction("New scenario below…", self._new)
        packs = menu.addMenu("Apply stress pack")
        self.fill_packs(packs)
        if chosen == BASE:
            return menu
        menu.addSeparator()
        menu.addAction("Rename", self._rename)
        menu.addAction("Duplicate", self._duplicate)
        below = menu.addMenu("Put under")
        for other in (BASE, *(s.id for s in plan.scenarios if s.id != chosen)):
            below.addAction(scenario_name(plan, other), partial(self.does.move, chosen, other))
        menu.addAction("Delete", self._delete)
        menu.addSeparator()
        menu.addAction("Revert all its values", partial(self.does.revert, chosen))
        parent = self._items[chosen].parent().text(0)
        menu.addAction(f"Move its values to {parent}", partial(self.does.promote, chosen))
        return menu

    def fill_packs(self, menu: QMenu) -> None:
        """Offer the stress packs, to be put under the scenario in the current row when one is chosen."""
        menu.setToolTipsVisible(True)
        for pack in PACKS.values():
            action = menu.addAction(pack.name, partial(self._stress, pack.id))
            action.setToolTip(f"{pack.about}\nFigure: {pack.source}.")

    def _stress(self, pack_id: str) -> None:
        self.does.stress(pack_id, self.chosen_id)


def _call(run: Any, _checked: bool = False) -> None:
    run()
