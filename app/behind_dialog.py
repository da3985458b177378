"""From an explanation to the input that it names, also where a dialog stands before the page that edits it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QDialog, QMessageBox, QWidget

from app.keeping_dialog import KeepingDialog
from app.session import Session


def go_to_input(panel: QWidget, session: Session, path: str, label: str) -> None:
    """Show where an input is edited.

    A dialog that has the input itself shows it. Any other hides the page, so that it has to be closed first: that is
    asked, and said what becomes of what was typed in it and not taken over. The explanation closes where it would lie
    over the field.

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
        if dialog is not None:
            _uncover(panel, dialog)
        return
    shows = getattr(dialog, "show_input", None)  # a dialog with inputs of its own has it
    if shows is not None and shows(path):
        _uncover(panel, dialog)
        return
    box = QMessageBox(panel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setWindowTitle("Go to the input")
    box.setText(f"Close “{dialog.windowTitle()}” and go to {label}?")
    words = "is there again when you come back" if isinstance(dialog, KeepingDialog) else "is lost"
    box.setInformativeText(f"The input is on a page behind it. What was typed here and not taken over {words}.")
    leave = box.addButton("Close it and go", QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton("Stay", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(stay)
    box.setEscapeButton(stay)
    leave.clicked.connect(partial(_leave, dialog, session, path))
    box.open()


def _uncover(panel: QWidget, window: QWidget) -> None:
    """Close the explanation where it lies over the field that now has the window's keyboard."""

    def look() -> None:
        field = window.focusWidget()
        if field is not None and panel.frameGeometry().intersects(_place(field)):
            panel.close()
            window.activateWindow()

    QTimer.singleShot(0, panel, look)  # once the page has scrolled to it


def _place(field: QWidget) -> QRect:
    """Where on the screen a field is; of a table its current cell."""
    if isinstance(field, QAbstractItemView) and field.currentIndex().isValid():
        cell = field.visualRect(field.currentIndex())
        return QRect(field.viewport().mapToGlobal(cell.topLeft()), cell.size())
    return QRect(field.mapToGlobal(QPoint()), field.size())


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
