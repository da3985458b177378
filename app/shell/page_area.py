"""Where a page stands in the window: a window that is too low for it scrolls it, and squeezes nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from app import theme

LEAST_PX = 120


class PageArea(QScrollArea):
    """A page as high as it must be; most pages are content with any height and scroll within.

    Qt's own resizing would make a page with words that wrap as high as it would like to be.
    """

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)
        page.installEventFilter(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.widget().minimumSizeHint().width(), theme.px(LEAST_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        page, room = self.widget(), self.maximumViewportSize()
        least = _least_height(page, room.width())
        if least > room.height():
            room -= QSize(self.verticalScrollBar().sizeHint().width(), 0)
            least = _least_height(page, room.width())
        page.resize(room.width(), max(least, room.height()))


def _least_height(page: QWidget, width: int) -> int:
    layout = page.layout()
    if layout is not None and layout.hasHeightForWidth():
        return layout.minimumHeightForWidth(width)
    return page.minimumSizeHint().height()


def show_whole(widget: QWidget) -> None:
    """Scroll everything that a widget lies in so that it is seen."""
    inside: QWidget | None = widget
    while inside is not None and not inside.isWindow():
        if isinstance(inside, QScrollArea) and inside.widget() is not None and inside.widget().isAncestorOf(widget):
            inside.ensureWidgetVisible(widget)
        inside = inside.parentWidget()
