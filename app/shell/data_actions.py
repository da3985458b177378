"""The commands that carry data out: of the table or chart under the keyboard, and of all results at once."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.data_out import NOTHING_HERE, copy_from, offering, offering_in, out_of, save_from
from app.session import Session
from app.shell.file_talk import file_name


class DataActions(QObject):
    """Copy and save what the keyboard is on; where it is on nothing of the kind, the page's only table or chart."""

    def __init__(self, window: Any, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session

    def copy(self) -> None:
        """Copy the table or chart with its headings."""
        found = self._found()
        if found is not None:
            copy_from(found)

    def save(self) -> None:
        """Ask where to, and write the table or chart there."""
        found = self._found()
        if found is not None:
            save_from(found)

    def save_all(self) -> None:
        """Ask where to, and write all tables of results there."""
        self._session.typing_ends.emit()
        out_of(self._session).ask_for_all(self._window, file_name(self._session.document.plan))

    def _found(self) -> QWidget | None:
        self._session.typing_ends.emit()
        found = offering(self._window.focusWidget())
        if found is None:
            on_page = offering_in(self._window.page)
            found = on_page[0] if len(on_page) == 1 else None
        if found is None:
            self._session.message.emit(NOTHING_HERE)
        return found
