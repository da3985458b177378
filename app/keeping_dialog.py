"""A dialog that loses nothing: what was typed and not taken over is there again when it is next opened."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QWidget

from app.cards import label
from app.forms.editors import ValueLine
from app.session import Session
from app.typed import take_typing

WORDS = "Taken up where you left it."


class KeepingDialog(QDialog):
    """Esc, Cancel and the window's own button keep what was typed, until it is taken over or begun anew.

    A subclass puts `taken_up` into its layout, and calls `take_up` once it shows what it begins with.

    Parameters
    ----------
    session
        Whose plan the dialog is about; the words are kept by plan.
    key
        Tells it from other dialogs, and from the same one about something else.

    Attributes
    ----------
    taken_up
        The line that says so, with the way to begin anew; hidden where there was nothing.
    """

    def __init__(self, session: Session, key: Hashable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session = session
        self._key = key
        self._fresh: dict[str, Any] | None = None
        self.taken_up = QWidget(self)
        self.anew_button = QPushButton("Start anew")
        self.anew_button.setProperty("kind", "link")
        self.anew_button.setToolTip("Forget what was typed here before")
        self.anew_button.clicked.connect(self.start_anew)  # through a lambda, the dialog would keep itself alive
        self.anew_button.setAutoDefault(False)
        row = QHBoxLayout(self.taken_up)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(WORDS, "small"))
        row.addWidget(self.anew_button)
        row.addStretch(1)
        self.taken_up.hide()

    def typed(self) -> dict[str, Any]:
        """What stands in the dialog's fields, by name."""
        # Qt's classes cannot be abstract ones of Python; a subclass without it would lose words without a sound.
        raise NotImplementedError

    def type_again(self, typed: dict[str, Any]) -> None:
        """Put into the fields what `typed` gave."""
        raise NotImplementedError  # as above

    def take_up(self) -> bool:
        """Go on where it was left; False where nothing was."""
        self._fresh = self.typed()
        kept = self.session.unfinished.shelf.get(self._key)
        if kept:
            # The rest is as the plan has it now, not as it was then.
            self.type_again({**self._fresh, **kept})
            self.taken_up.show()
        return bool(kept)

    def start_anew(self) -> None:
        """Forget what was typed."""
        self.session.unfinished.shelf.pop(self._key, None)
        if self._fresh is not None:
            self.type_again(dict(self._fresh))
        self.taken_up.hide()

    def let_go(self) -> None:
        """Keep nothing when it closes: the work goes on elsewhere."""
        self._fresh = None

    def done(self, result: int) -> None:
        """Close, and keep what was typed unless it was taken over."""
        if self._fresh is not None:
            self._keep(is_taken_over=result == QDialog.DialogCode.Accepted)
        super().done(result)

    def _keep(self, *, is_taken_over: bool) -> None:
        shelf, fresh = self.session.unfinished.shelf, self._fresh or {}
        shelf.pop(self._key, None)
        if is_taken_over:
            return
        line = self.focusWidget()
        if isinstance(line, ValueLine):
            line.commit()  # also where an explanation has the keyboard, and no focus goes
        elif line is not None and line.isVisible():  # a cell's editor that was closed is still there for a moment
            take_typing(self)
        kept = {name: value for name, value in self.typed().items() if value != fresh.get(name)}
        if kept:
            shelf[self._key] = kept
