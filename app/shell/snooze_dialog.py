"""Setting a finding aside: the reason is asked for, because the memo prints it."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QDialogButtonBox, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app import theme
from app.cards import label
from app.keeping_dialog import KeepingDialog
from app.session import Session
from models.problems import Finding, Severity
from models.snoozes import refusal, set_aside


class SnoozeDialog(KeepingDialog):
    """Asks why a finding may stand; for an error it says why none may.

    Attributes
    ----------
    reason
        Where the reason is typed.
    said
        Why it cannot be set aside like that; empty at first.
    """

    def __init__(self, session: Session, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(session, ("set aside", finding.code, finding.path), parent)
        self._finding = finding
        self.setWindowTitle("Set aside")
        self.setMinimumWidth(theme.px(460))
        is_error = finding.severity == Severity.ERROR
        self.reason = QLineEdit(self)
        self.reason.setPlaceholderText("Why it may stand; the memo prints it with today's date")
        self.reason.setAccessibleName("Reason")
        self.reason.setVisible(not is_error)
        self.said = label(refusal(finding, "") if is_error else "", "error", wrap=True)
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.button = QPushButton("Set aside", self)
        self.button.setProperty("kind", "primary")
        self.button.setDefault(True)
        answers.addButton(self.button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.button.setVisible(not is_error)
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(10))
        column.addWidget(label(session.numbers.say(finding.message), "body", wrap=True))
        column.addWidget(self.reason)
        column.addWidget(self.taken_up)
        column.addWidget(self.said)
        column.addWidget(answers)
        self.reason.textEdited.connect(lambda _text: self.said.clear())
        self.take_up()
        self.reason.setFocus()

    def typed(self) -> dict[str, Any]:
        return {"reason": self.reason.text()}

    def type_again(self, typed: dict[str, Any]) -> None:
        self.reason.setText(typed["reason"])

    def accept(self) -> None:
        """Set the finding aside as one undo step, or say what is missing."""
        problem = refusal(self._finding, self.reason.text())
        if problem:
            self.said.setText(problem)
            self.reason.setFocus()
            return
        session = self.session
        plan = set_aside(session.document.plan, self._finding, self.reason.text(), session.today)
        super().accept()
        session.edit_base("Set finding aside", plan)
