"""A combo box for a page or table that scrolls."""

from __future__ import annotations

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class Picker(QComboBox):
    """A combo box that leaves the wheel to what it lies in: scrolling must not change what the mouse passes over."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
