"""What the layers of a chart share, and the two under the curves: tinted fills, and the frame with grid and ticks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QTransform

from app import theme
from models.charts.label_layout import Box
from models.charts.spec import COLOURS, Axis, ChartSpec, Writer, tick_texts, ticks
from models.use_names import with_number

TICK_EVERY_PX = (54, 36)
BAR_OPACITY = 0.85


class Geometry:
    """Where the plot's area lies in the widget, and what it shows: the map between data and pixels.

    Attributes
    ----------
    version
        Another one after every change.
    """

    def __init__(self) -> None:
        self.version = 0
        self.area = Box(0, 0, 1, 1)
        self.size = (1.0, 1.0)
        self.shown = (0.0, 1.0, 0.0, 1.0)
        self.is_set = False

    def set(self, area: Box, width: float, height: float, x0: float, x1: float, y0: float, y1: float) -> bool:
        """Take new measures; return whether anything changed."""
        new = (area, (float(width), float(height)), (x0, x1, y0, y1))
        if self.is_set and new == (self.area, self.size, self.shown):
            return False
        self.area, self.size, self.shown = new
        self.is_set = True
        self.version += 1
        return True

    def forget(self) -> None:
        """Make the next `set` count as a change."""
        self.is_set = False

    def transform(self) -> QTransform:
        """From data to widget coordinates, for a painter."""
        x0, x1, y0, y1 = self.shown
        across, up = self.area.width / (x1 - x0), self.area.height / (y1 - y0)
        return QTransform(across, 0, 0, -up, *self.to_pixel(0.0, 0.0))

    def to_pixel(self, x: float, y: float) -> tuple[float, float]:
        """From data to widget coordinates."""
        x0, x1, y0, y1 = self.shown
        area = self.area
        return (
            area.x + (x - x0) / (x1 - x0) * area.width,
            area.y + area.height - (y - y0) / (y1 - y0) * area.height,
        )

    def to_data(self, x: float, y: float) -> tuple[float, float]:
        """From widget to data coordinates."""
        x0, x1, y0, y1 = self.shown
        area = self.area
        return (
            x0 + (x - area.x) / area.width * (x1 - x0),
            y0 + (area.y + area.height - y) / area.height * (y1 - y0),
        )

    def contains(self, at: QPointF) -> bool:
        """Whether a point of the widget lies in the plot's area."""
        area = self.area
        return self.is_set and area.x <= at.x() <= area.x + area.width and area.y <= at.y() <= area.y + area.height

    def centre(self) -> tuple[float, float]:
        """The middle of the area, in widget coordinates."""
        return self.area.x + self.area.width / 2, self.area.y + self.area.height / 2

    def rect(self) -> QRectF:
        """The area as Qt's rectangle."""
        return QRectF(self.area.x, self.area.y, self.area.width, self.area.height)


class Kept:
    """A picture that covers the widget, and is blitted as long as it looks the same."""

    def __init__(self) -> None:
        self._key: object = None
        self._pixmap: QPixmap | None = None

    def paint(self, painter: QPainter, key: object, draw: Callable[[QPainter], None]) -> None:
        """Draw it; what changes with every frame is not kept, since that would be work for nothing.

        Parameters
        ----------
        key
            Equal to the one before only where `draw` draws the same.
        draw
            Covers the whole widget.
        """
        device = painter.device()
        key = (key, device.width(), device.height(), device.devicePixelRatioF())
        if key != self._key:
            self._key, self._pixmap = key, None
            draw(painter)
            return
        if self._pixmap is None:
            ratio = device.devicePixelRatioF()
            self._pixmap = QPixmap(math.ceil(device.width() * ratio), math.ceil(device.height() * ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            inner = QPainter(self._pixmap)
            draw(inner)
            inner.end()
        painter.drawPixmap(0, 0, self._pixmap)


class Layer:
    """A layer as large as the widget, which paints it.

    Parameters
    ----------
    repaint
        Asks the widget to paint its layers.

    Attributes
    ----------
    version
        Another one whenever the layer looks different.
    """

    def __init__(self, geometry: Geometry, repaint: Callable[[], None]) -> None:
        self.geometry_of = geometry
        self.version = 0
        self._repaint = repaint

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the widget [px]."""
        return self.geometry_of.size

    def update(self) -> None:
        """Have it painted anew."""
        self.version += 1
        self._repaint()

    def paint(self, painter: QPainter) -> None:
        """Draw the layer in widget coordinates; the painter may be left with other pens, fonts and hints."""
        raise NotImplementedError

    def recolour(self) -> None:
        """Take the theme's colours and fonts."""
        self.fonts = Fonts()
        self._text_inks: dict[int, QColor] = {}
        self.update()

    def ink(self, colour: int) -> QColor:
        """The colour of a role number's lines and areas."""
        found = theme.tokens()
        return found.color("muted") if colour < 0 else found.color(found.series_of(colour % COLOURS).color)

    def text_ink(self, colour: int) -> QColor:
        """The colour of a role number's texts, which need more contrast."""
        ink = self._text_inks.get(colour)
        if ink is None:
            found = theme.tokens()
            ink = found.color("text") if colour < 0 else found.color(found.series_of(colour % COLOURS).label)
            self._text_inks[colour] = ink
        return ink


class Fonts:
    """The fonts of a chart, and how wide texts are in them."""

    def __init__(self) -> None:
        self.small = theme.font("small")
        self.strong = QFont(self.small)
        self.strong.setWeight(QFont.Weight.DemiBold)
        self._metrics = {False: QFontMetricsF(self.small), True: QFontMetricsF(self.strong)}
        self._widths: dict[tuple[str, bool], float] = {}
        self._elided: dict[tuple[str, float, bool], str] = {}
        self.height = math.ceil(self._metrics[False].height())

    def of(self, strong: bool) -> QFont:
        """The font of a text, heavier for what was chosen."""
        return self.strong if strong else self.small

    def width(self, text: str, strong: bool = False) -> float:
        """Width of a text [px]."""
        key = (text, strong)
        found = self._widths.get(key)
        if found is None:
            if len(self._widths) > 4000:
                self._widths.clear()
            found = self._widths[key] = math.ceil(self._metrics[strong].horizontalAdvance(text)) + 1.0
        return found

    def elided(self, text: str, width: float, strong: bool = False) -> str:
        """The text, cut with … where it is too wide."""
        if self.width(text, strong) <= width:
            return text
        key = (text, width, strong)
        found = self._elided.get(key)
        if found is None:
            if len(self._elided) > 1000:
                self._elided.clear()
            own, number = with_number(text)
            room = width - self.width(number, strong) if number else width
            found = self._metrics[strong].elidedText(own, Qt.TextElideMode.ElideRight, room) + number
            self._elided[key] = found
        return found


class FillLayer(Layer):
    """Tinted polygons under everything else, or (`solid`) bars over the grid."""

    OPACITY: ClassVar = {"light": 0.13, "dark": 0.22}

    def __init__(self, geometry: Geometry, repaint: Callable[[], None], *, solid: bool = False) -> None:
        super().__init__(geometry, repaint)
        self._solid = solid
        self._polygons: list[tuple[QPainterPath, QColor]] = []
        self._drawn: tuple[object, ...] = ()

    def recolour(self) -> None:
        super().recolour()
        self._drawn = ()

    def set_spec(self, spec: ChartSpec, geometry_changed: bool) -> None:
        """Take the chart's fills."""
        fills = tuple(fill for fill in spec.fills if fill.solid is self._solid)
        if not geometry_changed and len(fills) == len(self._drawn):
            same = (
                a is b or (a.colour == b.colour and _same(a.x, b.x) and _same(a.y, b.y))
                for a, b in zip(fills, self._drawn, strict=True)
            )
            if all(same):
                return
        self._drawn = fills
        self._polygons = []
        for fill in fills:
            color = self.ink(fill.colour)
            color.setAlphaF(BAR_OPACITY if fill.solid else self.OPACITY[theme.tokens().name])
            x, y = self.geometry_of.to_pixel(fill.x, fill.y)  # type: ignore[arg-type]
            self._polygons.append((_polygons(np.asarray(x), np.asarray(y)), color))
        self.update()

    def paint(self, painter: QPainter) -> None:
        if not self._polygons:
            return
        painter.setClipRect(self.geometry_of.rect())
        for path, color in self._polygons:
            painter.fillPath(path, color)
        painter.setClipping(False)


def _same(before: np.ndarray, after: np.ndarray) -> bool:
    return np.array_equal(before, after, equal_nan=True)


def _polygons(x: np.ndarray, y: np.ndarray) -> QPainterPath:
    """Closed polygons from corners; NaN separates one from the next."""
    from pyqtgraph.functions import arrayToQPath

    path: QPainterPath = arrayToQPath(x, y, connect="finite")
    return path


class FrameLayer(Layer):
    """Grid, ticks and axis titles, painted once into a pixmap and blitted until ranges or size change."""

    def __init__(self, geometry: Geometry, repaint: Callable[[], None]) -> None:
        super().__init__(geometry, repaint)
        self._pixmap: QPixmap | None = None
        self._axes: tuple[Axis, Axis] | None = None
        self._write: Writer | None = None
        self._focused = False
        self.has_titles = True

    def recolour(self) -> None:
        super().recolour()
        self._pixmap = None

    def set_focused(self, focused: bool) -> None:
        """Draw the ring that tells where the keys go."""
        if focused != self._focused:
            self._focused = focused
            self.update()

    def set_spec(self, spec: ChartSpec, write: Writer, geometry_changed: bool) -> None:
        """Take the chart's axes."""
        if not geometry_changed and self._axes == (spec.x, spec.y) and self._write is write:
            return
        self._axes = (spec.x, spec.y)
        self._write = write
        self._pixmap = None
        self.update()

    def paint(self, painter: QPainter) -> None:
        if self._axes is None or self._write is None:
            return
        if self._pixmap is None:
            ratio = painter.device().devicePixelRatioF()
            width, height = self.size
            self._pixmap = QPixmap(math.ceil(width * ratio), math.ceil(height * ratio))
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            inner = QPainter(self._pixmap)
            self._paint_frame(inner, *self._axes, self._write)
            inner.end()
        painter.drawPixmap(0, 0, self._pixmap)
        if self._focused:
            painter.setPen(QPen(theme.tokens().color("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, self.size[0] - 2, self.size[1] - 2), 4, 4)

    def _paint_frame(self, painter: QPainter, x_axis: Axis, y_axis: Axis, write: Writer) -> None:
        colors = theme.tokens()
        area = self.geometry_of.area
        fonts = self.fonts
        x0, x1, y0, y1 = self.geometry_of.shown
        x_axis, y_axis = zoomed(x_axis, x0, x1), zoomed(y_axis, y0, y1)
        grid, line = QPen(colors.color("border"), 1), QPen(colors.color("strong_border"), 1)
        painter.setFont(fonts.small)
        for axis, vertical in ((x_axis, False), (y_axis, True)):
            length = area.height if vertical else area.width
            at = ticks_along(axis, length, vertical)
            for value, text in zip(at, tick_texts(axis, at, write), strict=True):
                x, y = self.geometry_of.to_pixel(value, y0) if not vertical else self.geometry_of.to_pixel(x0, value)
                x, y = round(x) + 0.5, round(y) + 0.5
                painter.setPen(line if value == 0 and vertical else grid)
                if vertical:
                    painter.drawLine(QPointF(area.x, y), QPointF(area.x + area.width, y))
                    place = QRectF(0, y - fonts.height / 2, area.x - theme.px(8), fonts.height)
                    text = fonts.elided(text, place.width()) if axis.names else text
                    align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                else:
                    painter.drawLine(QPointF(x, area.y), QPointF(x, area.y + area.height))
                    width = fonts.width(text)
                    left = min(max(x - width / 2, 0), self.size[0] - width)
                    place = QRectF(left, area.y + area.height + theme.px(6), width, fonts.height)
                    align = Qt.AlignmentFlag.AlignCenter
                painter.setPen(colors.color("muted"))
                painter.drawText(place, align, text)
        painter.setPen(line)
        bottom = area.y + area.height
        painter.drawLine(QPointF(area.x, round(bottom) + 0.5), QPointF(area.x + area.width, round(bottom) + 0.5))
        if not self.has_titles:
            return
        painter.setPen(colors.color("muted"))
        # Both titles lie flat: one above its axis, the other below. Nobody turns the head.
        painter.drawText(QRectF(0, 0, self.size[0], fonts.height), Qt.AlignmentFlag.AlignLeft, y_axis.title)
        under = bottom + theme.px(8) + fonts.height
        painter.drawText(QRectF(area.x, under, area.width, fonts.height), Qt.AlignmentFlag.AlignHCenter, x_axis.title)


def ticks_along(axis: Axis, length: float, vertical: bool) -> tuple[float, ...]:
    """Where an axis of so many pixels has its ticks."""
    return ticks(axis, max(int(length / theme.px(TICK_EVERY_PX[vertical])), 2))


def zoomed(axis: Axis, low: float, high: float) -> Axis:
    """The axis with the range that a zoom shows."""
    if (axis.low, axis.high) == (low, high):
        return axis
    return replace(axis, low=low, high=high)
