"""Editors of what is chosen and not typed: one of a few words, yes or no; and what is imported and only read."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSizePolicy, QWidget

from app import theme
from app.numbers import Numbers
from app.picker import Picker
from models.fields import Choice, Field


class ChoiceEdit(Picker):
    """One of a few words; for a reference the words are the names of the plan's records.

    Signals
    -------
    value_committed
        The stored value that a person chose.
    """

    value_committed = Signal(object)

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._value: Any = None
        self.setAccessibleName(field.label)
        self.setAccessibleDescription(field.spec.help)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(8)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if isinstance(field.spec, Choice):
            self.set_options(list(field.spec.options))
        self.activated.connect(self._commit_row)

    def set_options(self, options: list[tuple[Any, str]]) -> None:
        """Offer pairs of stored value and words."""
        if options == [(self.itemData(i), self.itemText(i)) for i in range(self.count())]:
            return
        with QSignalBlocker(self):
            self.clear()
            for stored, words in options:
                self.addItem(words, stored)
            self.setCurrentIndex(self._row_of(self._value))

    @property
    def value(self) -> Any:
        """The stored value on show."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a value without committing it."""
        self._value = value
        with QSignalBlocker(self):
            self.setCurrentIndex(self._row_of(value))

    def set_changed(self, changed: bool) -> None:
        """Tint the ground: the value differs from the saved plan's."""
        theme.set_look(self, changed=changed)

    def _row_of(self, value: Any) -> int:
        return next((i for i in range(self.count()) if self.itemData(i) == value), -1)

    def _commit_row(self, row: int) -> None:
        value = self.itemData(row)
        if value != self._value:
            self._value = value
            self.value_committed.emit(value)


class FlagEdit(QCheckBox):
    """Yes or no.

    Signals
    -------
    value_committed
        True or False, once clicked.
    """

    value_committed = Signal(object)

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(field.label, parent)
        self.field = field
        self.setAccessibleDescription(field.spec.help)
        self.clicked.connect(self._commit)

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self.isChecked()

    def _commit(self, on: bool) -> None:
        self.value_committed.emit(on)

    def set_value(self, value: Any) -> None:
        """Show a value without committing it."""
        self.setChecked(bool(value))

    def set_changed(self, changed: bool) -> None:
        """Tint the ground: the value differs from the saved plan's."""
        theme.set_look(self, changed=changed)


class HourlyRead(QLabel):
    """An hourly series in words; it is imported, never typed.

    Signals
    -------
    value_committed
        Never; it is there because every editor has one.
    """

    value_committed = Signal(object)

    def __init__(self, field: Field, numbers: Numbers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.value: Any = None
        self._numbers = numbers
        self.setAccessibleName(field.label)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)

    def set_value(self, value: Any) -> None:
        """Say what the series holds."""
        self.value = value
        self.setText("none imported yet" if value is None else self._numbers.format_field(self.field, value))

    def set_changed(self, changed: bool) -> None:
        """Tint the ground: the value differs from the saved plan's."""
        theme.set_look(self, changed=changed)
