"""From an explanation to the input that it names, also where a dialog stands before the page that edits it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from app.session import Session


def go_to_input(panel: QWidget, session: Session, path: str, label: str) -> None:
    """Show where an input is edited.

    A dialog that has the input itself shows it. Any other hides the page, so that it has to be closed first: that is
    asked, since what was typed in it and not taken over would be lost.

    Parameters
    ----------
    panel
        The explanation; what it was opened over is its parent's window.
    path, label
        Of the input.
    """
    over = panel.parentWidget()
    dialog = over.window() if over is not None else None
    if not isinstance(dialog, QDialog):
        session.select(path)
        return
    shows = getattr(dialog, "show_input", None)  # a dialog with inputs of its own has it
    if shows is not None and shows(path):
        return
    box = QMessageBox(panel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Go to the input")
    box.setText(f"Close “{dialog.windowTitle()}” and go to {label}?")
    box.setInformativeText("The input is on a page behind it. What was typed here and not taken over is lost.")
    leave = box.addButton("Close it and go", QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    leave.clicked.connect(partial(_leave, dialog, session, path))
    box.open()


def _leave(dialog: QDialog, session: Session, path: str) -> None:
    """Close the dialog and those that it stands on, and show the input; not where one of them stays."""
    now: QWidget | None = dialog
    while isinstance(now, QDialog):
        behind = now.parentWidget()
        now.reject()
        if now.isVisible():
            return
        now = behind.window() if behind is not None else None
    session.select(path)
    if now is not None:
        now.activateWindow()
