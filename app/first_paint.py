"""What a window does once it has been seen: whatever takes time and nobody looks for first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget


def after_first_paint(widget: QWidget, run: Callable[[], None]) -> None:
    """Call something once a widget has been painted for the first time; never where it is never painted.

    A timer alone would not do: the window system asks for a window's contents some time after it was shown.
    """
    widget.installEventFilter(_Waiting(widget, run))


class _Waiting(QObject):
    def __init__(self, widget: QWidget, run: Callable[[], None]) -> None:
        super().__init__(widget)
        self._run = run

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._end)  # the rest of the window is painted before
        return False

    def _end(self) -> None:
        self._run()
        self.deleteLater()
