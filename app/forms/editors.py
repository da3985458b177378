"""Editors of one field each: a line that reads units and sums, a month, a text, a choice, a switch.

All have `value`, `set_value`, `set_changed`, and emit `value_committed` once a person has changed the value and only
then: never for a value that stayed the same, never for one that cannot be stored. They know fields, not plans.
"""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QToolTip, QWidget

from app import theme
from app.forms.choice_editors import ChoiceEdit, FlagEdit, HourlyRead
from app.forms.entry import Entry, entry_text, problem_in_words, read_entry
from app.numbers import Numbers
from models.curves import month_after
from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, Reference, Schedule
from models.plan import Plan
from models.units import unit_label

SMALL_STEP = 0.01
LARGE_STEP = 0.10
STEP_DIGITS = 6
FRAME_PX = 24
UNIT_GAP_PX = 6


class ValueLine(QLineEdit):
    """A line of text that holds one value; the text is rounded, the value is not.

    Parameters
    ----------
    field
        Described in `models.fields`.
    numbers
        The locale to write and read in.

    Signals
    -------
    value_committed
        The value that a person entered.
    value_stepped
        The value after an arrow key; a run of them is one undo step.
    entry_changed
        An `Entry` to show beneath (echo, problem or question), or None.
    asked
        Enter was pressed on an ambiguous text: offer the readings.
    table_requested
        The value is a monthly table and wants to be edited as one.
    dropped
        Why a text was refused whose page was left before one could see it: the value stays.
    """

    value_committed = Signal(object)
    value_stepped = Signal(object)
    entry_changed = Signal(object)
    asked = Signal()
    table_requested = Signal()
    dropped = Signal(str)

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.numbers = numbers
        self.plan: Plan | None = None
        self._value: Any = None
        self._entry: Entry | None = None
        self._is_refused = False
        self._unit = self._shown_unit = unit_label(field.unit)
        self.setAccessibleName(f"{field.label} {self._unit}".strip())
        self.setAccessibleDescription(field.spec.help)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._follow_typing)
        self.textChanged.connect(self._place_unit)
        self._place_unit()

    def hide_unit(self) -> None:
        """Leave the unit away, where a heading says it."""
        self._unit = ""
        self._place_unit()

    @property
    def value(self) -> Any:
        """The value last set or committed, whatever is being typed."""
        return self._value

    @property
    def entry(self) -> Entry | None:
        """How the text being typed is read; None while it is the value's own."""
        return self._entry

    def set_value(self, value: Any) -> None:
        """Show a value; what a person is typing at the moment stays."""
        unchanged = type(value) is type(self._value) and value == self._value
        self._value = value
        self.setReadOnly(isinstance(value, Schedule))
        if not self.isModified():
            if not unchanged or not self.text():
                self._show()
        elif not unchanged:
            self._set_entry(self._entry)

    def set_changed(self, changed: bool) -> None:
        """Tint the ground: the value differs from the saved plan's."""
        theme.set_look(self, changed=changed)

    def commit(self) -> bool:
        """Take over what is typed; False where it cannot be, and the text stays for the person to mend."""
        if not self.isModified():
            return True
        entry = read_entry(self.field, self.text(), self.numbers, self.plan)
        self._set_entry(entry)
        self._is_refused = not entry.is_good
        if self._is_refused:
            return False
        self.take(entry.value)
        return True

    def take(self, value: Any) -> None:
        """Take over a value as if it had been typed: one of the readings offered."""
        changed = value != self._value or (value is None) != (self._value is None)
        self._value = value
        self._set_entry(None)
        self._show()
        if changed:
            self.value_committed.emit(value)

    def revert(self) -> None:
        """Drop what is being typed."""
        self._set_entry(None)
        self._show()

    def follow_plan(self) -> None:
        """Drop a text that was refused or left behind: the plan is another one now. What is being typed stays."""
        if self._is_refused or (self.isModified() and not self.hasFocus()):
            self.revert()

    def offer_readings(self) -> None:
        """Let the person choose among the readings of an ambiguous text, by mouse or keyboard."""
        if self._entry is None or not self._entry.alternatives:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for value, words in self._entry.alternatives:
            action = menu.addAction(words)
            action.setData(value)
        menu.triggered.connect(self._take_action)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        menu.setActiveAction(menu.actions()[0])

    def _take_action(self, action: Any) -> None:
        self.take(action.data())

    def step(self, count: int, *, large: bool) -> None:
        """Move the value by so many steps and commit it; does nothing where there are none."""

    def _stepped(self, value: Any) -> None:
        if value == self._value or problem_in_words(self.field, value, self.numbers):
            return
        self._value = value
        self._set_entry(None)
        self._show()
        self.value_stepped.emit(value)

    def _resting_text(self) -> str:
        return self.numbers.format_field(self.field, self._value, with_unit=False)

    def _rest(self) -> None:
        """Set the text at rest; of a monthly table only how long it is where a number would be cut to another one."""
        text = self._resting_text()
        self._place_unit()
        if isinstance(self._value, Schedule) and not self._has_room(text, self.textMargins().right()):
            text = re.split(r"[,:] ", text)[0]
        if text != self.text():
            self.setText(text)
        self.setCursorPosition(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_unit()
        if isinstance(self._value, Schedule):
            self._rest()

    def _show(self) -> None:
        """Set the text: rounded at rest, with all digits while it has the focus."""
        self._place_unit()
        if self.hasFocus() and not self.isReadOnly():
            self.setText(entry_text(self.field, self._value, self.numbers, self.plan))
            self.selectAll()
        else:
            self._rest()
        self.setModified(False)
        self._is_refused = False

    def _follow_typing(self, text: str) -> None:
        self._is_refused = False
        if not text.strip():
            self._set_entry(None)
            return
        entry = read_entry(self.field, text, self.numbers, self.plan)
        # Half of "4.5c/kWh" is no mistake yet: problems show when one leaves, and from then on at once.
        was_wrong = self._entry is not None and bool(self._entry.problem)
        self._set_entry(entry if entry.is_good or entry.alternatives or was_wrong else None)

    def _set_entry(self, entry: Entry | None) -> None:
        self._entry = entry
        state = "" if entry is None else "error" if entry.problem else "ask" if entry.alternatives else ""
        theme.set_look(self, state=state)
        self.entry_changed.emit(entry)

    def event(self, event: QEvent) -> bool:
        # A line claims Ctrl+Z for its own text. While nothing is being typed the key means the plan's last edit.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and not self.isModified()
            and (event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo))
        ):
            event.ignore()
            return False
        is_cut = isinstance(self._value, Schedule) or self._shown_unit != self._unit
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and is_cut:
            QToolTip.showText(
                event.globalPos(), f"{self._resting_text()} {unit_label(self.field.unit)}\n{self.toolTip()}", self
            )
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, is_undo = event.key(), event.matches(QKeySequence.StandardKey.Undo)
        if self.isReadOnly() and isinstance(self._value, Schedule):
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2, Qt.Key.Key_Space):
                self.table_requested.emit()
                return
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.commit():
                self.selectAll()
            elif self._entry is not None and self._entry.alternatives:
                self.asked.emit()
            return
        elif (self._is_refused and is_undo) or (key == Qt.Key.Key_Escape and (self.isModified() or self._entry)):
            self.revert()
            return
        elif key == Qt.Key.Key_F2:
            self.setCursorPosition(len(self.text()))
            return
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if self.commit():
                large = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.step(1 if key == Qt.Key.Key_Up else -1, large=large)
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.isReadOnly() and isinstance(self._value, Schedule):
            self.table_requested.emit()
        else:
            super().mouseDoubleClickEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.isModified() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            return
        if self.commit():
            if self._entry is not None and self._entry.echo:
                self._set_entry(None)
            self._show()
        elif not self.isVisible() and self._entry is not None:
            self.dropped.emit(f"{self._entry.problem or f'{self._entry.echo}…'} The old value stays.")
            self.revert()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._is_refused and not event.spontaneous():
            self.revert()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place_unit()

    def _has_room(self, text: str, beside_px: int) -> bool:
        return self.fontMetrics().horizontalAdvance(text) <= self.width() - beside_px - theme.px(FRAME_PX)

    def _place_unit(self) -> None:
        """Give the unit what the number leaves of the line: a cut number is a wrong one, and the tooltip says both."""
        metrics = self.fontMetrics()
        text = self._resting_text() if isinstance(self._value, Schedule) else self.text()
        room = self.width() - metrics.horizontalAdvance(text) - theme.px(FRAME_PX + UNIT_GAP_PX)
        shown = metrics.elidedText(self._unit, Qt.TextElideMode.ElideRight, max(room, 0))
        # Of one character Qt leaves nothing away.
        self._shown_unit = "" if shown == "…" or metrics.horizontalAdvance(shown) > room else shown
        width = self._unit_px(self._shown_unit)
        if self.textMargins().right() != width:
            self.setTextMargins(0, 0, width, 0)
        self.update()

    def _unit_px(self, unit: str) -> int:
        return self.fontMetrics().horizontalAdvance(unit) + theme.px(UNIT_GAP_PX) if unit else 0

    def sizeHint(self) -> QSize:
        return QSize(self._width_of(12), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._width_of(5), super().minimumSizeHint().height())

    def _width_of(self, digits: int) -> int:
        return self.fontMetrics().horizontalAdvance("0" * digits) + self._unit_px(self._unit) + theme.px(FRAME_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._shown_unit:
            return
        painter = QPainter(self)
        painter.setPen(theme.tokens().color("muted"))
        place = QRect(self.rect()).adjusted(0, 0, -theme.px(9), 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._shown_unit)
        painter.end()


class QuantityEdit(ValueLine):
    """A number with its unit: "45", "4.5c/kWh", "12+3"; arrows change it by 1 %, with Shift by 10 %."""

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(field, numbers, parent)
        required = isinstance(field.spec, Quantity) and field.spec.required
        self.setPlaceholderText("required" if required else "optional" if field.optional else "")

    def step(self, count: int, *, large: bool) -> None:
        spec, value = self.field.spec, self._value
        if not isinstance(spec, Quantity) or value is None or isinstance(value, Schedule):
            return
        share = LARGE_STEP if large else SMALL_STEP
        if value:
            # Dividing on the way down brings a step up and a step down back to where they began.
            factor = (1 + share) if count > 0 else 1 / (1 + share)
            stepped = value * factor if value > 0 else value / factor
        else:
            usual = (spec.usual_high or 0.0) - (spec.usual_low or 0.0)
            stepped = math.copysign(share * (usual or 1.0), count)
        stepped = float(f"{stepped:.{STEP_DIGITS}g}")
        if spec.whole:
            moved = math.floor(stepped) if count < 0 else math.ceil(stepped)
            stepped = moved if moved != value else value + (1 if count > 0 else -1)
        self._stepped(min(max(stepped, spec.low), spec.high))


class MonthEdit(ValueLine):
    """A calendar month in any spelling; arrows move by a month, with Shift by a year."""

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(field, numbers, parent)
        self.setPlaceholderText("optional" if field.optional else "2027-04")

    def step(self, count: int, *, large: bool) -> None:
        if self._value:
            self._stepped(month_after(self._value, count * (12 if large else 1)))


class TextEdit(ValueLine):
    """A line of text."""


FieldEditor = ValueLine | ChoiceEdit | FlagEdit | HourlyRead


def editor_for(field: Field, numbers: Numbers, parent: QWidget | None = None) -> FieldEditor:
    """The editor that a field's kind asks for."""
    match field.spec:
        case Quantity():
            return QuantityEdit(field, numbers, parent)
        case MonthField():
            return MonthEdit(field, numbers, parent)
        case Choice() | Reference():
            return ChoiceEdit(field, numbers, parent)
        case Flag():
            return FlagEdit(field, numbers, parent)
        case Hourly():
            return HourlyRead(field, numbers, parent)
    return TextEdit(field, numbers, parent)
