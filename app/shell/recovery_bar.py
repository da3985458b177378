"""The bar above a plan that was opened while edits of it, left behind by a dead process, still wait to be taken up."""

from __future__ import annotations

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from app import theme
from app.cards import button, label
from app.files.recovery import RecoveryCopy, discard, pending_recoveries
from app.session import Session
from models.problems import PlanFileError
from models.storage.plan_file import open_plan


class RecoveryBar(QFrame):
    """Offers unsaved edits of the open plan; invisible where there are none. It waits, and nothing waits for it.

    Attributes
    ----------
    copy
        What is offered; None where nothing is.

    Signals
    -------
    restore_requested, compare_requested, discard_requested
        With the `RecoveryCopy`: put its edits on the open plan, show what they are, give them up.
    """

    restore_requested = Signal(object)
    compare_requested = Signal(object)
    discard_requested = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = session.document
        self.copy: RecoveryCopy | None = None
        self.setObjectName("recovery_bar")
        self.setAccessibleName("Unsaved edits of this plan")
        theme.set_look(self, role="notice", severity="warning")
        self.words = label("", "body", wrap=True)
        self.restore = button("", lambda: self._answer(self.restore_requested), kind="primary")
        self.compare = button("What differs…", lambda: self.compare_requested.emit(self.copy))
        self.drop = button("Discard", lambda: self._answer(self.discard_requested))
        self.later = button("Later", self.hide, help="The edits stay; they are offered again when the plan is opened")
        row = QHBoxLayout(self)
        row.addWidget(self.words, 1)
        for choice in (self.restore, self.compare, self.drop, self.later):
            row.addWidget(choice)
        self.hide()
        self._document.opened.connect(self.look)
        self._document.state_changed.connect(self._leave_other_plans)

    def look(self) -> None:
        """Offer the newest edits that wait for the open plan, or nothing."""
        self.copy = self._newest()
        if self.copy is not None:
            since = " The file was saved again after them." if self._was_saved_since(self.copy) else ""
            self.words.setText(f"Busbar ended badly while this plan had unsaved edits.{since}")
            self.restore.setText(f"Restore unsaved edits of {self.copy.time}")
        self.setVisible(self.copy is not None)

    def _answer(self, request: SignalInstance) -> None:
        request.emit(self.copy)
        self.look()

    def _newest(self) -> RecoveryCopy | None:
        path = self._document.path
        for copy in pending_recoveries(path) if path is not None else []:
            try:
                if open_plan(copy.file) != self._document.plan:
                    return copy
            except PlanFileError:
                continue  # another process has just taken it up
            discard(copy)  # it says nothing that the file does not
        return None

    def _was_saved_since(self, copy: RecoveryCopy) -> bool:
        found = self._document.content_sha256
        return bool(copy.plan_sha256 and found and copy.plan_sha256 != found)

    def _leave_other_plans(self) -> None:
        if self.copy is not None and self.copy.plan_path != self._document.path:
            self.copy = None
            self.hide()
