"""The layer of a chart that answers the mouse: a crosshair with exact values and units."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from app import theme
from app.charts.layers import Geometry, Layer
from models.charts.spec import Axis, ChartSpec, Mark, Writer, amount_text, month_name, value_at

NEUTRAL = -1
HOVER_ROWS = 12


class HoverLayer(Layer):
    """The crosshair with exact values and units."""

    def __init__(self, geometry: Geometry, repaint: Callable[[], None]) -> None:
        super().__init__(geometry, repaint)
        self.at: tuple[float, float] | None = None
        self._rows: list[tuple[str, str, int, float]] = []
        self._title = ""

    @property
    def texts(self) -> list[str]:
        """What the panel says, line by line."""
        return [self._title, *(f"{name} {text}".strip() for name, text, _, _ in self._rows)] if self.at else []

    def clear(self) -> None:
        """Take the crosshair away."""
        if self.at is not None:
            self.at = None
            self.update()

    def show_at(self, spec: ChartSpec, x: float, y: float, write: Writer) -> None:
        """Show the exact values at a place, in the axes' units."""
        self.at = (x, y)
        near = self.mark_near(spec, x, y)
        self._title = _exact(spec.x, x, write)
        self._rows = []
        bar = ""
        if spec.y.names and near is None:
            # Bars have no height to be read off: the nearer end of the bar that is pointed at speaks, else the bar.
            of_bar = [m for m in spec.marks if round(m.y) == round(y)]
            near = min(of_bar, key=lambda m: abs(m.x - x), default=None)
            bar = next((f.note for f in spec.fills if f.note and round(float(f.y.mean())) == round(y)), "")
        if near is not None:
            self._title = near.detail or near.text
        elif bar:
            self._title = bar
        else:
            drawn = [(value_at(s, x), s) for s in spec.series if not s.ghost]
            rows = sorted(((v, s) for v, s in drawn if math.isfinite(v)), key=lambda row: -row[0])
            if len(rows) > HOVER_ROWS:
                rows = sorted(sorted(rows, key=lambda r: abs(r[0] - y))[:HOVER_ROWS], key=lambda row: -row[0])
            self._rows = [(s.label or s.note, _amount(spec.y, v, write), s.colour, v) for v, s in rows]
            if spec.fills and not spec.y.names:
                self._rows.append((spec.y.label, _amount(spec.y, y, write), NEUTRAL, y))
        self.update()

    def mark_near(self, spec: ChartSpec, x: float, y: float) -> Mark | None:
        """The mark that is meant by a place, if one lies close to it."""
        px, py = self.geometry_of.to_pixel(x, y)
        best, reach = None, float(theme.px(10))
        for mark in spec.marks:
            if not mark.handle and math.isfinite(mark.x) and math.isfinite(mark.y):
                mx, my = self.geometry_of.to_pixel(mark.x, mark.y)
                distance = math.hypot(mx - px, my - py)
                if distance < reach:
                    best, reach = mark, distance
        return best

    def paint(self, painter: QPainter) -> None:
        if self.at is None:
            return
        colors, fonts, area = theme.tokens(), self.fonts, self.geometry_of.area
        x, y = self.geometry_of.to_pixel(*self.at)
        painter.setPen(QPen(colors.color("muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(x, area.y), QPointF(x, area.y + area.height))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for _, _, colour, value in self._rows:
            _, at_y = self.geometry_of.to_pixel(0.0, value)
            if area.y <= at_y <= area.y + area.height:
                painter.setPen(QPen(colors.color("surface"), 1.5))
                painter.setBrush(self.ink(colour))
                painter.drawEllipse(QPointF(x, at_y), theme.px(4), theme.px(4))
        pad, swatch = theme.px(8), theme.px(14)
        gap = theme.px(14)
        names = max((fonts.width(name) for name, *_ in self._rows), default=0.0)
        amounts = max((fonts.width(text) for _, text, *_ in self._rows), default=0.0)
        width = max(fonts.width(self._title, True), swatch + names + gap + amounts if self._rows else 0.0) + 2 * pad
        height = (len(self._rows) + 1) * fonts.height + 2 * pad
        left = x + gap if x + gap + width <= self.size[0] else x - gap - width
        left = min(max(left, 0.0), max(self.size[0] - width, 0.0))
        top = min(max(y - height / 2, 0.0), max(self.size[1] - height, 0.0))
        painter.setPen(QPen(colors.color("strong_border"), 1))
        painter.setBrush(colors.color("surface"))
        painter.drawRoundedRect(QRectF(left, top, width, height), 5, 5)
        painter.setFont(fonts.strong)
        painter.setPen(colors.color("text"))
        line = QRectF(left + pad, top + pad, width - 2 * pad, fonts.height)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, self._title)
        painter.setFont(fonts.small)
        for name, text, colour, _ in self._rows:
            line.translate(0, fonts.height)
            painter.setPen(QPen(self.ink(colour), 2.5))
            middle = line.center().y()
            painter.drawLine(QPointF(line.left(), middle), QPointF(line.left() + swatch - theme.px(5), middle))
            painter.setPen(colors.color("text"))
            painter.drawText(line.adjusted(swatch, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)


def _amount(axis: Axis, value: float, write: Writer) -> str:
    return amount_text(value, axis.unit, axis.digits, write)


def _exact(axis: Axis, value: float, write: Writer) -> str:
    """The place on the x axis in words: "BTC price $86,600", "Mar 2031"."""
    if axis.start:
        # A point at the end of month m stands at m + 1.
        return month_name(axis.start, max(math.ceil(value) - 1, 0))
    return f"{axis.label} {_amount(axis, value, write)}"
