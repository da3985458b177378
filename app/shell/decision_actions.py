"""Decisions by command: record one, delete it, open the plan of that day, import what the months turned out to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from app.session import Session
from models.fields import replace as with_value
from models.frozen import unpack
from models.plan import Decision
from models.problems import PlanFileError


class DecisionActions(QObject):
    """What can be done with decisions.

    Parameters
    ----------
    window
        Under which questions open; the `files` of the main window say what is in the way of a file.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def record(self) -> None:
        """Ask what was decided on the scenario on show, and freeze it with the plan."""
        from app.decision_dialog import DecisionDialog
        from models.decisions.freeze import NOTHING_TO_DECIDE, choices_of

        session = self._session
        session.typing_ends.emit()  # the dialog keeps the plan as it is now
        session.recompute.flush()  # what is frozen must be of this plan, and not of the one before
        if not choices_of(session.plan, session.results):
            session.message.emit(NOTHING_TO_DECIDE)
            return
        DecisionDialog(session, self._window).open()

    def delete(self, decision_id: str) -> None:
        """Take a decision away, as one undo step; actual values stay."""
        from models.decisions.freeze import without_decision

        decision = self._decision(decision_id)
        if decision is not None:
            plan = without_decision(self._session.document.plan, decision_id)
            self._session.edit_base(f"Delete decision {decision.name}", plan)

    def set_note(self, decision_id: str, note: str) -> None:
        """Write a note beside a decision."""
        decision = self._decision(decision_id)
        if decision is not None and note.strip() != decision.note:
            plan = with_value(self._session.document.plan, f"decisions.{decision_id}.note", note.strip())
            self._session.edit_base(f"Note on decision {decision.name}", plan)

    def open_frozen(self, decision_id: str) -> None:
        """Open the plan of that day as a new plan without a file, after asking about unsaved edits."""
        decision = self._decision(decision_id)
        if decision is None:
            return
        try:
            frozen = unpack(decision.frozen_plan, decision.name)
        except PlanFileError as error:
            self._window.window().files.say_trouble(error)
            return
        header = replace(frozen.plan, name=f"{frozen.plan.name}, as of {decision.decided_on}")
        self._session.begin_requested.emit(replace(frozen, plan=header))

    def import_actuals(self) -> None:
        """Ask for a table of actual months and show what was understood of it."""
        from app.shell.file_actions import TABLE_FILTER

        folder = str(self._session.settings.folder)
        dialog = QFileDialog(self._window, "Import actual months", folder, TABLE_FILTER)
        dialog.setObjectName("file_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_path(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_path(self, path: Path) -> None:
        """Show what was understood of a table of actual months, and take it over once that is confirmed."""
        from models.importers import ACTUALS

        self._window.window().files.import_path(path, ACTUALS)

    def _decision(self, decision_id: str) -> Decision | None:
        return next((d for d in self._session.document.plan.decisions if d.id == decision_id), None)
