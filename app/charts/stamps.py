"""Small pictures of a chart, painted once and put down as often as they are needed: texts on their ground, and dots.

Painting a text takes Qt ten times as long as putting a picture of it down, and of a chart's thirty texts one or two
change with a frame. A `QStaticText` for a text that is painted once takes four times as long as plain letters.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPixmap

from app import theme

MOST = 200
"""So many are kept for a chart: about a megabyte."""
GROUND_OPACITY = 0.86
"""Of what lies under a text, so that grid and curves do not strike it through."""


class Stamps:
    """Pictures by what they show.

    Parameters
    ----------
    ratio
        Pixels of the screen to one of ours.
    """

    def __init__(self, ratio: float) -> None:
        self.ratio = ratio
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def text(self, text: str, font: QFont, ink: QColor, size: tuple[float, float], indent: float | None) -> QPixmap:
        """A text from the upper left corner.

        Parameters
        ----------
        size
            Width and height [px].
        indent
            How far from the left [px], on a ground of its own; None for bare letters at the edge.
        """
        key = (text, font.weight(), ink.rgba(), size, indent is None)

        def draw(painter: QPainter) -> None:
            if indent is not None:
                ground = theme.tokens().color("surface")
                ground.setAlphaF(GROUND_OPACITY)
                painter.fillRect(0, 0, math.ceil(size[0]), math.ceil(size[1]), ground)
            painter.setFont(font)
            painter.setPen(ink)
            painter.drawText(QPointF(indent or 0.0, QFontMetricsF(font).ascent()), text)

        return self._kept.get(key) or self._make(key, size, draw)

    def dot(self, ink: QColor, strong: bool) -> QPixmap:
        """The dot of a mark, its middle in the middle."""
        radius = theme.px(5 if strong else 4)
        key = ("dot", ink.rgba(), radius)
        side = 2.0 * radius + 4.0

        def draw(painter: QPainter) -> None:
            painter.setPen(QPen(theme.tokens().color("surface"), 1.5))
            painter.setBrush(ink)
            painter.drawEllipse(QPointF(side / 2, side / 2), radius, radius)

        return self._kept.get(key) or self._make(key, (side, side), draw)

    def handle(self) -> QPixmap:
        """The dot that can be dragged, with the halo that says so."""
        halo, radius = theme.px(13), theme.px(7)
        side = 2.0 * halo + 4.0

        def draw(painter: QPainter) -> None:
            accent, middle = theme.tokens().color("accent"), QPointF(side / 2, side / 2)
            painter.setPen(QPen(accent, 1.5))
            tint = QColor(accent)
            tint.setAlphaF(0.18)
            painter.setBrush(tint)
            painter.drawEllipse(middle, halo, halo)
            painter.setPen(QPen(theme.tokens().color("surface"), 2))
            painter.setBrush(accent)
            painter.drawEllipse(middle, radius, radius)

        return self._kept.get(("handle",)) or self._make(("handle",), (side, side), draw)

    def _make(self, key: tuple[object, ...], size: tuple[float, float], draw: Callable[[QPainter], None]) -> QPixmap:
        if len(self._kept) >= MOST:
            self._kept.clear()
        made = QPixmap(math.ceil(size[0] * self.ratio), math.ceil(size[1] * self.ratio))
        made.setDevicePixelRatio(self.ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        draw(painter)
        painter.end()
        self._kept[key] = made
        return made
