"""Draws a `HeatMap`: a pixel per hour and day, stretched to the widget, with months, hours and a scale of colours."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from app import theme
from app.charts.paper import heat_paper
from app.data_out import Paper, offer
from app.session import Session
from models.charts.hourly import HeatMap
from models.charts.spec import Writer, amount_text, plain_number, short_text
from models.charts.table import heat_sheet
from models.sheets import Sheet

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = 256


class HeatMapView(QWidget):
    """A heat map of hours by days; pointing at a cell, or the arrow keys, tell its value.

    Parameters
    ----------
    write
        How numbers are written in the user's locale.
    """

    def __init__(self, write: Writer = plain_number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.write = write
        self.chart: HeatMap | None = None
        self.cell: tuple[int, int] | None = None
        self._image = QImage()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme.theme_changed.connect(self._recolour)

    def offer_with(self, session: Session, page: str = "", *, own_menu: bool = False, own_keys: bool = False) -> None:
        """Let it be copied and saved; see `app.data_out.offer`."""
        offer(self, session, self.sheet, self.paper, page=page, own_menu=own_menu, own_keys=own_keys)

    def sheet(self) -> Sheet | None:
        """The map as a table to export; None while it shows nothing."""
        return None if self.chart is None else heat_sheet(self.chart)

    def paper(self) -> Paper | None:
        """What draws it on paper; None while it shows nothing."""
        return None if self.chart is None else partial(heat_paper, self.chart)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(240), theme.px(170))

    def set_chart(self, chart: HeatMap | None) -> None:
        """Show a heat map, or nothing."""
        if chart is None or self.chart is None or chart.values.shape != self.chart.values.shape:
            self.cell = None
        self.chart = chart
        self.setAccessibleName(chart.title if chart else "")
        self.setAccessibleDescription(chart.summary if chart else "")
        self._recolour()

    def text_of(self, hour: int, column: int) -> str:
        """What a cell says."""
        assert self.chart is not None
        value = float(self.chart.values[hour, column])
        digits = 2 if self.chart.unit.startswith("USD") else 0 if self.chart.unit == "fraction" else 3
        amount = amount_text(value, self.chart.unit, digits, self.write) if math.isfinite(value) else "no value"
        return f"{self.chart.day(column).isoformat()} {hour:02d}:00: {amount}"

    def area(self) -> QRectF:
        """Where the cells are."""
        line = self.fontMetrics().height()
        left = self.fontMetrics().horizontalAdvance("00:00") + theme.px(8)
        right = self.fontMetrics().horizontalAdvance("$0,000") + theme.px(30)
        top = 2 * line
        return QRectF(left, top, max(self.width() - left - right, 1), max(self.height() - top - 1.6 * line, 1))

    # Colours

    def _recolour(self) -> None:
        if self.chart is not None:
            shares = (self.chart.values - self.chart.low) / (self.chart.high - self.chart.low)
            missing = np.isnan(shares)
            table = _colours()
            pixels = table[np.where(missing, 0, np.clip(shares, 0.0, 1.0) * (STEPS - 1)).astype(int)]
            pixels[missing] = theme.tokens().color("sunken").rgb()
            rows, columns = pixels.shape
            data = np.ascontiguousarray(pixels, dtype=np.uint32)
            image = QImage(data.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
            self._image = image.copy()  # numpy's memory goes with the array
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        chart = self.chart
        if chart is None:
            return
        painter = QPainter(self)
        area, line = self.area(), self.fontMetrics().height()
        tokens = theme.tokens()
        painter.setFont(theme.font("section"))
        painter.setPen(tokens.color("text"))
        painter.drawText(QRectF(0, 0, self.width(), 1.8 * line), Qt.AlignmentFlag.AlignLeft, chart.title)
        painter.drawImage(area, self._image)
        painter.setFont(theme.font("small"))
        painter.setPen(tokens.color("muted"))
        for hour in (0, 6, 12, 18):
            top = area.top() + area.height() * hour / 24
            place = QRectF(0, top - line / 2, area.left() - theme.px(6), line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{hour:02d}:00")
        self._paint_days(painter, area, line)
        self._paint_scale(painter, area, line)
        if self.cell is not None:
            hour, column = self.cell
            width, height = area.width() / chart.values.shape[1], area.height() / 24
            painter.setPen(QPen(tokens.color("text"), 1))
            spot = QRectF(area.left() + column * width, area.top() + hour * height, max(width, 3), max(height, 3))
            painter.drawRect(spot)

    def _paint_days(self, painter: QPainter, area: QRectF, line: int) -> None:
        assert self.chart is not None
        days = self.chart.values.shape[1]
        room = painter.fontMetrics().horizontalAdvance("Mmm 0000 ")
        free = area.left()
        for column in range(days):
            day = self.chart.day(column)
            if column and day.day != 1:
                continue
            left = area.left() + area.width() * column / days
            if left >= free and left + room <= area.right() + room / 2:
                text = f"{MONTHS[day.month - 1]} {day.year}" if days > 45 or day.day == 1 else day.isoformat()
                painter.drawText(QRectF(left, area.bottom() + 2, 2 * room, line), Qt.AlignmentFlag.AlignLeft, text)
                free = left + room

    def _paint_scale(self, painter: QPainter, area: QRectF, line: int) -> None:
        assert self.chart is not None
        bar = QRectF(area.right() + theme.px(10), area.top(), theme.px(10), area.height())
        table = _colours()[::-1]
        image = QImage(np.ascontiguousarray(table).data, 1, STEPS, 4, QImage.Format.Format_RGB32).copy()
        painter.drawImage(bar, image)
        span = self.chart.high - self.chart.low
        for share in (0.0, 0.5, 1.0):
            value = self.chart.low + share * span
            y = bar.bottom() - share * bar.height()
            top = min(max(y - line / 2, bar.top()), bar.bottom() - line)
            place = QRectF(bar.right() + theme.px(4), top, self.width() - bar.right(), line)
            text = short_text(value, self.chart.unit, self.write)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    # Pointing

    def cell_at(self, place: QPoint) -> tuple[int, int] | None:
        """Hour and column under a point of the widget."""
        area = self.area()
        if self.chart is None or not area.contains(place):
            return None
        hour = int((place.y() - area.top()) / area.height() * 24)
        column = int((place.x() - area.left()) / area.width() * self.chart.values.shape[1])
        return min(hour, 23), min(column, self.chart.values.shape[1] - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.cell_at(event.position().toPoint()), event.globalPosition().toPoint())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }.get(Qt.Key(event.key()))
        if step is None or self.chart is None:
            super().keyPressEvent(event)
            return
        hour, column = self.cell or (0, 0)
        columns = self.chart.values.shape[1]
        cell = (min(max(hour + step[0], 0), 23), min(max(column + step[1], 0), columns - 1))
        area = self.area()
        place = QPoint(
            round(area.left() + area.width() * cell[1] / columns), round(area.top() + area.height() * cell[0] / 24)
        )
        self._point(cell, self.mapToGlobal(place))

    def _point(self, cell: tuple[int, int] | None, place: QPoint) -> None:
        if cell != self.cell:
            self.cell = cell
            self.update()
        if cell is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(place, self.text_of(*cell), self)


def _colours() -> np.ndarray:
    """The colours from the least to the greatest value, as QImage stores them, shape (STEPS,)."""
    stops = [QColor(color) for color in theme.tokens().heat]
    at = np.linspace(0.0, 1.0, STEPS)
    parts = [np.interp(at, (0.0, 0.5, 1.0), [getattr(c, part)() for c in stops]) for part in ("red", "green", "blue")]
    red, green, blue = (np.round(part).astype(np.uint32) for part in parts)
    return (0xFF000000 | red << 16 | green << 8 | blue).astype(np.uint32)
