"""One field of a form: its label with the evidence dot, its editor, and the notes under it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from app import theme
from app.finding_figures import let_explain
from app.forms.editors import FlagEdit, ValueLine, editor_for
from app.forms.notes import NoteRow
from app.session import Session
from models.fields import Field, Quantity


class FieldLabel(QWidget):
    """A field's name, with a dot where the plan cites evidence for its value."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel(field.label, self)
        self.text.setWordWrap(True)
        self.setToolTip(_tooltip(field))
        self._help = _tooltip(field)
        self.evidence = ""
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(10), 0)
        layout.addWidget(self.text, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_evidence(self, words: str) -> None:
        """Show a dot that tells the source of the value, or none where `words` is empty."""
        if words != self.evidence:
            self.evidence = words
            self.setToolTip("\n\n".join(filter(None, (self._help, words))))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.evidence:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tokens().color("accent"))
            size = theme.px(5)
            painter.drawEllipse(QRectF(self.width() - size - 4, (self.height() - size) / 2, size, size))
            painter.end()


class FieldRow:
    """One field of a form: label, editor, and the notes under it."""

    def __init__(self, session: Session, field: Field, parent: QWidget) -> None:
        self.field = field
        self.label = FieldLabel(field, parent)
        self.editor = editor_for(field, session.numbers, parent)
        self.editor.setToolTip(_tooltip(field))
        self.notes = NoteRow(session.numbers, parent)
        self.notes.on_finding(lambda line, finding: let_explain(line, session, finding))
        self.table_button: QToolButton | None = None
        if isinstance(field.spec, Quantity) and field.spec.schedule:
            self.table_button = QToolButton(parent)
            theme.set_icon(self.table_button, "calendar")
            self.table_button.setToolTip("Number, growth or monthly table…")
            self.table_button.setAccessibleName(f"{field.label}: number, growth or monthly table")
        self.label.text.setBuddy(self.editor)
        if isinstance(self.editor, ValueLine):
            self.editor.entry_changed.connect(self.notes.show_entry)
            self.editor.asked.connect(self.notes.focus_first_chip)
            self.editor.dropped.connect(session.message)
            session.plan_changed.connect(self.editor.follow_plan)
            self.notes.reading_chosen.connect(self._take_reading)
        self.editor.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.label.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def set_own(self, words: str) -> None:
        """Tint the value as a scenario's own, and say what it would inherit; empty words for an inherited one."""
        theme.set_look(self.editor, own=bool(words))
        tip = "\n\n".join(filter(None, (_tooltip(self.field), words)))
        if self.editor.toolTip() != tip:
            self.editor.setToolTip(tip)
            self.editor.setAccessibleDescription("\n".join(filter(None, (self.field.spec.help, words))))

    def _take_reading(self, value: Any) -> None:
        if isinstance(self.editor, ValueLine):
            self.editor.take(value)
            self.editor.setFocus()

    def widgets(self) -> tuple[QWidget, ...]:
        """All of its widgets."""
        return tuple(w for w in (self.label, self.editor, self.table_button, self.notes) if w is not None)

    def set_visible(self, visible: bool) -> None:
        """Show or hide the row; its notes decide for themselves whether they have anything to say."""
        for widget in (self.label, self.editor, self.table_button):
            if widget is not None:
                widget.setVisible(visible and not (widget is self.label and isinstance(self.editor, FlagEdit)))
        self.notes.setVisible(visible and bool(self.notes.texts))


def _tooltip(field: Field) -> str:
    parts = [field.label, field.spec.help]
    if isinstance(field.spec, Quantity) and field.spec.schedule:
        parts.append("One number, a growth, or a monthly table.")
    return "\n".join(filter(None, parts))
