"""What is being typed in a form or a cell and not in the plan yet: taken over, or dropped."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from app.forms.editors import ValueLine
from app.tables.grid_view import GridView


def take_typing(window: QWidget) -> None:
    """Have it go into the plan as if one had left its field; a text that cannot be read stays there and says why."""
    line = window.focusWidget()
    if _holds_a_value(line) and line.isModified():
        line.clearFocus()
        if line.isVisible():  # a cell's editor is closed by it
            line.setFocus()


def drop_typing(window: QWidget) -> None:
    """What undo and redo put into the plan is seen in its field, not what was half typed there."""
    line = window.focusWidget()
    if isinstance(line, ValueLine):
        line.revert()
    elif _holds_a_value(line):
        while line.isUndoAvailable():
            line.undo()


def _holds_a_value(widget: QWidget | None) -> bool:
    """Whether a value of the plan is edited in it; a search or a file's name is none."""
    if isinstance(widget, ValueLine):
        return True
    return isinstance(widget, QLineEdit) and isinstance(widget.parentWidget().parentWidget(), GridView)
