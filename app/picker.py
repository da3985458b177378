"""A combo box for a page or table that scrolls."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QToolTip, QWidget

MOST_SEEN = 16
"""Entries of an open list before it scrolls."""
FRAME_PX = 1
SLACK_PX = 2
"""What the last letter may reach over: its right edge is empty."""


class Picker(QComboBox):
    """A combo box that leaves the wheel to what it lies in: scrolling must not change what the mouse passes over.

    Words that have no room end in dots, and stand whole in the tool tip; Qt cuts them in the middle of a letter.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMaxVisibleItems(MOST_SEEN)

    def showPopup(self) -> None:
        # A list as wide as the box would cut what tells long names apart.
        view = self.view()
        bar = view.verticalScrollBar().sizeHint().width() if self.count() > MOST_SEEN else 0
        view.setMinimumWidth(min(view.sizeHintForColumn(0) + bar + 2 * FRAME_PX, self.screen().availableSize().width()))
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def shown_text(self) -> str:
        """As much of the chosen words as there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width()
        if self.fontMetrics().horizontalAdvance(self.currentText()) <= room + SLACK_PX:
            return self.currentText()
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        option.currentText = self.shown_text()
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            whole = self.currentText()
            if self.shown_text() != whole:
                QToolTip.showText(event.globalPos(), "\n".join(filter(None, (whole, self.toolTip()))), self)
                return True
        return super().event(event)
