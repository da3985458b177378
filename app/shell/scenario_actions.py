"""Scenarios by command: a new one, a stress pack, another name or parent, away with it. Each is one undoable step."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app.forms.editors import ValueLine
from app.inherited import path_with_focus, revert
from app.session import Session
from models.plan import Scenario
from models.scenario_edits import added, may_inherit, moved_under, promoted, removed, with_scenario
from models.scenarios import BASE, scenario_by_name, scenario_name

if TYPE_CHECKING:
    from app.shell.palette import Entry

Ask = Callable[[list["Entry"], str], None]


class ScenarioActions(QObject):
    """What can be done with scenarios; those without an id are about the one on show.

    Parameters
    ----------
    window
        Under which questions open.
    """

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
        menu.addAction("Apply stress pack…", self.choose_stress)
        rename = menu.addAction("Rename…", self.rename)
        back = menu.addAction("Revert all its values", self.revert)
        delete = menu.addAction("Delete", self.delete)
        menu.addSeparator()
        menu.addAction("Compare scenarios", lambda: self._session.go_to("scenarios"))

        def enable() -> None:
            for action in (rename, back, delete):
                action.setEnabled(self.is_on_show)

        menu.aboutToShow.connect(enable)

    def new(self, parent_id: str = "") -> None:
        """Ask for a name, add a scenario that inherits from the one on show (or another), and show it."""
        number = len(self._session.document.plan.scenarios) + 1
        above = parent_id or self._session.scenario_id
        self._ask_name("New scenario", f"Scenario {number}", lambda name: self._add(name, above))

    def rename(self) -> None:
        """Ask for another name of the scenario on show."""
        if self.is_on_show:
            scenario = self._scenario(self._session.scenario_id)
            self._ask_name("Rename scenario", scenario.name, partial(self.set_name, scenario.id))

    def set_name(self, scenario_id: str, name: str) -> None:
        """Give a scenario another name."""
        scenario = self._scenario(scenario_id)
        if name.strip() and name.strip() != scenario.name:
            renamed = dataclasses.replace(scenario, name=name.strip())
            self._session.edit_base(f"Rename {scenario.name}", with_scenario(self._session.document.plan, renamed))

    def duplicate(self, scenario_id: str) -> None:
        """Add a scenario with the same parent and values behind one, and show it."""
        scenario = self._scenario(scenario_id)
        plan, copy = added(
            self._session.document.plan, scenario.name, scenario.overrides, scenario.parent_id or BASE, scenario.id
        )
        self._session.edit_base(f"Duplicate {scenario.name}", plan, copy.id)
        self._session.show_scenario(copy.id)

    def revert(self, scenario_id: str = "") -> None:
        """Drop every value in which a scenario differs from its parent."""
        revert(self._session, "", scenario_id)

    def revert_value(self) -> None:
        """Have the value that the keyboard is at inherited again."""
        widget = self._window.focusWidget()
        path = path_with_focus(widget)
        if not path:
            self._session.message.emit("Go to a value of the scenario first: the keyboard is at none.")
            return
        if isinstance(widget, ValueLine):
            widget.revert()
        revert(self._session, path)

    def promote(self, scenario_id: str, under: str = "") -> None:
        """Move a scenario's own values into its parent, where all who inherit from that have them as well."""
        plan = self._session.document.plan
        parent = scenario_name(plan, self._scenario(scenario_id).parent_id or BASE)
        after = promoted(plan, scenario_id, under)
        if after is not plan:
            self._session.edit_base(f"Move values of {scenario_name(plan, scenario_id)} to {parent}", after)

    def move(self, scenario_id: str, parent_id: str) -> None:
        """Have a scenario inherit from another, or from the base case."""
        plan = self._session.document.plan
        name, above = scenario_name(plan, scenario_id), scenario_name(plan, parent_id)
        if not may_inherit(plan, scenario_id, parent_id):
            self._session.message.emit(f"{name} cannot inherit from {above}, which inherits from it.")
        elif (self._scenario(scenario_id).parent_id or BASE) != parent_id:
            self._session.edit_base(f"Put {name} under {above}", moved_under(plan, scenario_id, parent_id))

    def delete(self, scenario_id: str = "") -> None:
        """Take a scenario away; those that inherit from it keep what it gave them."""
        scenario_id = scenario_id or self._session.scenario_id
        if scenario_id != BASE:
            plan = self._session.document.plan
            self._session.edit_base(f"Delete {scenario_name(plan, scenario_id)}", removed(plan, scenario_id))

    # Stress packs

    def choose_stress(self) -> None:
        """Offer the stress packs by name; the one that is chosen becomes a scenario under the one on show."""
        from app.shell.palette import Entry
        from models.stress import PACKS

        above = scenario_name(self._session.document.plan, self._session.scenario_id)
        entries = [Entry(pack.name, pack.source, partial(self.stress, pack.id)) for pack in PACKS.values()]
        self._window.palette_panel.ask(entries, f"Which stress, on {above}?")

    def stress(self, pack_id: str, parent_id: str = "") -> None:
        """Add a stress pack as a scenario, and say what it changes; or why it changes nothing."""
        from models.stress import apply_pack

        applied = apply_pack(self._session.document.plan, pack_id, parent_id or self._session.scenario_id)
        if applied.scenario is not None:
            self._session.edit_base(f"Add {applied.scenario.name}", applied.plan, applied.scenario.id)
            self._session.show_scenario(applied.scenario.id)
        self._session.message.emit(applied.sentence)

    # Inside

    def _scenario(self, scenario_id: str) -> Scenario:
        scenario = scenario_by_name(self._session.document.plan, scenario_id)
        assert scenario is not None, "the base case is no scenario"
        return scenario

    def _add(self, name: str, parent_id: str) -> None:
        plan, scenario = added(self._session.document.plan, name, (), parent_id)
        self._session.edit_base(f"Add {scenario.name}", plan, scenario.id)
        self._session.show_scenario(scenario.id)

    def _ask_name(self, title: str, name: str, then: Callable[[str], None]) -> None:
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
