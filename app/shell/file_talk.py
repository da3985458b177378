"""What commands on files have in common: they ask where and say what is in the way; dialogs open and are not executed.

A `PlanFileError` of what is done at once is caught by `_tried`; a `FileWriter` catches that of what is written beside
the window, for `say_trouble`. Dialogs and panels that read a file of their own catch it and say it in their place.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.session import Session
from app.trouble import trouble_box
from models.plan import Plan
from models.problems import PlanFileError


class FileTalk(QObject):
    """Asks for files, and says what went wrong with them.

    Parameters
    ----------
    window
        Of the dialogs.
    session
        Whose plan it is about.
    """

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._document = session.document

    def _tried(self, step: Callable[[], object]) -> bool:
        """Do something with files; where the world is in the way, say so. Whether it was done."""
        try:
            step()
        except PlanFileError as error:
            self.say_trouble(error)
            return False
        return True

    def say_trouble(self, error: PlanFileError) -> None:
        """Say what is in the way, where, and what to do."""
        self._box_for(error).open()

    def _box_for(self, error: PlanFileError) -> QMessageBox:
        return trouble_box(error, self._window)

    def _file_dialog(self, title: str, filters: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._session.settings.folder), filters)
        dialog.setObjectName("file_dialog")
        dialog.finished.connect(dialog.deleteLater)
        return dialog


def file_name(plan: Plan) -> str:
    """A file name made of the plan's name, for any operating system.

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> file_name(Plan(Header("Q3: mine / host?", "2026-04"), Market(1.0, 1.0, 1)))
    'Q3 mine host'
    """
    kept = "".join(c if c.isalnum() or c in " -_." else " " for c in plan.plan.name)
    return " ".join(kept.split()).strip(". ") or "plan"
