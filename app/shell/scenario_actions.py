"""Scenarios from the header: a new one, another name, away with it. Each is one undoable step."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app.session import Session
from models.plan import Plan, Scenario, new_id
from models.scenarios import BASE


class ScenarioActions(QObject):
    """The commands behind the scenario picker."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    @property
    def is_on_show(self) -> bool:
        """Whether a scenario, and not the base case, is on show."""
        return self._session.scenario_id != BASE

    def fill_menu(self, menu: QMenu) -> None:
        """Put the commands into the menu beside the picker; what cannot be done now is grey when it opens."""
        menu.addAction("New scenario…", self.new)
        rename = menu.addAction("Rename…", self.rename)
        revert = menu.addAction("Revert all its values", self.revert)
        delete = menu.addAction("Delete", self.delete)

        def enable() -> None:
            for action in (rename, revert, delete):
                action.setEnabled(self.is_on_show)

        menu.aboutToShow.connect(enable)

    def new(self) -> None:
        """Add a scenario that inherits from the one on show, and show it."""
        plan = self._session.document.plan
        number = len(plan.scenarios) + 1
        self._ask_name("New scenario", f"Scenario {number}", self._add)

    def rename(self) -> None:
        """Give the scenario on show another name."""
        if self.is_on_show:
            self._ask_name("Rename scenario", self._current().name, self._set_name)

    def revert(self) -> None:
        """Drop every value in which the scenario on show differs from its parent."""
        if self.is_on_show:
            scenario = self._current()
            self._put(f"Revert {scenario.name}", dataclasses.replace(scenario, overrides=()))

    def delete(self) -> None:
        """Take the scenario on show away; those that inherit from it inherit from its parent."""
        if not self.is_on_show:
            return
        gone, plan = self._current(), self._session.document.plan
        rest = tuple(
            dataclasses.replace(s, parent_id=gone.parent_id) if s.parent_id == gone.id else s
            for s in plan.scenarios
            if s.id != gone.id
        )
        self._session.edit_base(f"Delete {gone.name}", dataclasses.replace(plan, scenarios=rest))

    def _current(self) -> Scenario:
        scenarios = self._session.document.plan.scenarios
        return next(s for s in scenarios if s.id == self._session.scenario_id)

    def _add(self, name: str) -> None:
        plan = self._session.document.plan
        parent = self._session.scenario_id if self.is_on_show else None
        scenario = Scenario(new_id(plan, "c"), name, parent_id=parent)
        self._session.edit_base(
            f"Add {name}", dataclasses.replace(plan, scenarios=(*plan.scenarios, scenario)), scenario.id
        )
        self._session.show_scenario(scenario.id)

    def _set_name(self, name: str) -> None:
        self._put(f"Rename {self._current().name}", dataclasses.replace(self._current(), name=name))

    def _put(self, text: str, scenario: Scenario) -> None:
        plan: Plan = self._session.document.plan
        rows = tuple(scenario if s.id == scenario.id else s for s in plan.scenarios)
        self._session.edit_base(text, dataclasses.replace(plan, scenarios=rows))

    def _ask_name(self, title: str, name: str, then: object) -> None:
        dialog = QInputDialog(self._window)
        dialog.setObjectName("scenario_name")
        dialog.setWindowTitle(title)
        dialog.setLabelText("Name")
        dialog.setTextValue(name)

        def accept(typed: str) -> None:
            if typed.strip():
                then(typed.strip())

        dialog.textValueSelected.connect(accept)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
