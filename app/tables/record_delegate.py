"""Draws and edits the cells of a record table: the same editors as in forms, with their notes in a bubble below."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QFrame,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.forms.editors import ChoiceEdit, ValueLine, editor_for
from app.forms.entry import Entry, reference_options
from app.forms.notes import NoteRow
from app.tables.grid_view import GridView
from app.tables.item_models import CHANGED_ROLE, INACTIVE_ROLE, OWN_ROLE, SEVERITY_ROLE, RecordTableModel
from models.fields import Flag, Reference, Schedule
from models.problems import Severity

Index = QModelIndex | QPersistentModelIndex
EndEditHint = QAbstractItemDelegate.EndEditHint
SEVERITY_COLORS = {Severity.ERROR: "negative", Severity.WARNING: "warning", Severity.INFO: "accent"}


class CellBubble(QFrame):
    """What a cell's editor has to say, right below it, or above it where there is no room below.

    It lies on the window and not in the table, for a table of one row has no room for both.
    """

    def __init__(self, editor: ValueLine) -> None:
        super().__init__(editor.window())
        self.setProperty("role", "card")
        self.editor = editor
        self.notes = NoteRow(editor.numbers, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(10), theme.px(6), theme.px(10), theme.px(4))
        layout.addWidget(self.notes)
        editor.entry_changed.connect(self.show_entry)
        editor.destroyed.connect(self.deleteLater)
        editor.installEventFilter(self)
        self.notes.reading_chosen.connect(editor.take)
        self.hide()

    def show_entry(self, entry: Entry | None) -> None:
        """Appear where there is something to say."""
        self.notes.show_entry(entry)
        for chip in self.notes.chips:
            # A click must not take the keyboard away, or the view closes the editor before the answer arrives.
            chip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVisible(bool(self.notes.texts))
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        elif event.type() == QEvent.Type.Hide:
            self.hide()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        if self.isHidden():
            return
        room = self.parentWidget().rect()
        cell = QRect(self.editor.mapTo(self.parentWidget(), QPoint(0, 0)), self.editor.size())
        width = min(max(cell.width(), theme.px(260)), room.width())
        self.layout().invalidate()
        self.resize(width, self.layout().totalHeightForWidth(width))
        gap = theme.px(2)
        below, above = cell.bottom() + 1 + gap, cell.top() - gap - self.height()
        fits_below = below + self.height() <= room.height()
        self.move(max(min(cell.left(), room.width() - width), 0), below if fits_below or above < 0 else above)
        self.raise_()


class RecordDelegate(QStyledItemDelegate):
    """Cells of records.

    Parameters
    ----------
    model
        Reads and stores what is typed.
    view
        Whose cells they are.
    """

    def __init__(self, model: RecordTableModel, view: GridView) -> None:
        super().__init__(view)
        self.model = model
        self.view = view

    # Drawing

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width() + theme.px(6), hint.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = theme.tokens()
        grounds = ((INACTIVE_ROLE, "sunken"), (OWN_ROLE, "own"), (CHANGED_ROLE, "changed"))
        ground = next((name for role, name in grounds if index.data(role)), "")
        if ground:
            painter.fillRect(option.rect, colors.color(ground))
        super().paint(painter, option, index)
        painter.save()
        painter.setPen(colors.color("border"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        severity = index.data(SEVERITY_ROLE)
        if severity is not None:
            size = theme.px(7)
            corner = QPainterPath()
            corner.moveTo(option.rect.topRight())
            corner.lineTo(option.rect.topRight() - QPoint(size, 0))
            corner.lineTo(option.rect.topRight() + QPoint(0, size))
            painter.fillPath(corner, colors.color(SEVERITY_COLORS[severity]))
        if self.view.currentIndex() == index and self.view.hasFocus():
            painter.setPen(colors.color("accent"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()

    # Editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> Any:
        place = QPersistentModelIndex(index)
        field = self.model.field_of_cell(place)
        if field is None:
            return None
        session = self.model.session
        record = self.model.record_at(index.row())
        value = getattr(record, field.name) if record is not None else None
        if isinstance(value, Schedule):
            self._edit_schedule(place, field, record)
            return None
        if isinstance(field.spec, Flag) and record is not None:
            self.model.take(place, not value)
            return None
        editor = editor_for(field, session.numbers, parent)
        if isinstance(editor, ChoiceEdit):
            if isinstance(field.spec, Reference):
                editor.set_options(reference_options(session.plan, field))
            editor.set_value(value)
            editor.value_committed.connect(lambda chosen: self._finish(editor, place, chosen))
        elif isinstance(editor, ValueLine):
            editor.plan = session.plan
            editor.hide_unit()
            editor.set_value(value)
            editor.value_committed.connect(lambda chosen: self.model.take(place, chosen))
            editor.value_committed.connect(lambda _: self._close(editor, EndEditHint.NoHint))
            CellBubble(editor)
        return editor

    def _edit_schedule(self, index: Index, field: Any, record: Any) -> None:
        from app.forms.schedule_editor import ScheduleEditor
        from app.tables.record_edits import growth_path

        path = f"{self.model.table}.{record.id}.{field.name}"
        ScheduleEditor(self.model.session, path, field, growth_path(self.model.session.plan, path), self.view).open()

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        if isinstance(editor, ValueLine) and not editor.isModified():
            editor.set_value(self._value_of(index))

    def _value_of(self, index: Index) -> Any:
        record, field = self.model.record_at(index.row()), self.model.field_of_cell(index)
        return getattr(record, field.name) if record is not None and field is not None else None

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        """Nothing: an editor's committed value was taken over when it was committed."""

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(QRect(option.rect))

    def _finish(self, editor: QWidget, index: Index, value: Any) -> None:
        self.model.take(index, value)
        self._close(editor, EndEditHint.NoHint)

    def _close(self, editor: QWidget, hint: EndEditHint) -> None:
        self.closeEditor.emit(editor, hint)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        """Enter and Tab leave only once the text can be stored; Esc always; leaving by mouse keeps the old value."""
        if not isinstance(editor, ValueLine):
            return super().eventFilter(editor, event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(editor, event)
        if event.type() == QEvent.Type.FocusOut:
            if editor.isModified() and editor.commit():
                return False  # committing has closed it, and the view knows it no more
            if editor.isModified() and editor.entry is not None:
                entry = editor.entry
                if not any(menu.isVisible() for menu in editor.findChildren(QWidget) if menu.isWindow()):
                    self.model.refused.emit(f"{entry.problem or entry.echo + '…'} The old value stays.")
                    editor.revert()
            return super().eventFilter(editor, event)
        return False

    def _key(self, editor: ValueLine, event: QKeyEvent) -> bool:
        key = event.key()
        hints = {
            Qt.Key.Key_Tab: EndEditHint.EditNextItem,
            Qt.Key.Key_Backtab: EndEditHint.EditPreviousItem,
            Qt.Key.Key_Return: EndEditHint.SubmitModelCache,
            Qt.Key.Key_Enter: EndEditHint.SubmitModelCache,
        }
        if key == Qt.Key.Key_Escape:
            editor.revert()
            self._close(editor, EndEditHint.RevertModelCache)
            return True
        if key not in hints:
            return False
        if not editor.isModified():
            self._close(editor, hints[key])
            return True
        place = self.view.currentIndex()
        row, column = place.row(), place.column()
        if editor.commit():
            # A record made on the empty row pushed that row down, and the current cell with it.
            self.view.go(self.model.index(row, column))
            self._leave(hints[key])
        elif editor.entry is not None and editor.entry.alternatives:
            editor.offer_readings()
        return True

    def _leave(self, hint: EndEditHint) -> None:
        """Go on from a committed cell, whose editor is closed by now."""
        if hint == EndEditHint.SubmitModelCache:
            self.view.enter()
        else:
            self.view.move_by(0, 1 if hint == EndEditHint.EditNextItem else -1)
