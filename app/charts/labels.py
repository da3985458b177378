"""The layer of a chart that names things: curves at their ends, marks, fills and reference lines, none over another."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app import theme
from app.charts.layers import Geometry, Layer, ticks_along
from app.charts.stamps import Stamps
from models.charts.label_layout import Box, along, ends_early, leader, lowered, place_beside, spread
from models.charts.spec import Axis, ChartSpec, Mark, Series, Writer, tick_texts, value_at

LABEL_SHARE = 0.32
"""Of the width, at most, for the labels at the curves' ends."""


class LabelLayer(Layer):
    """Names at the curves' ends, marks with their labels, names of fills, reference lines."""

    def __init__(self, geometry: Geometry, repaint: Callable[[], None]) -> None:
        super().__init__(geometry, repaint)
        self._spec: ChartSpec | None = None
        self._left = 0.0
        self._right = 0.0
        self._texts: list[tuple[str, bool, int, Box, bool]] = []
        self._lines: list[tuple[QPointF, QPointF, QPen]] = []
        self._dots: list[tuple[float, float, Mark]] = []
        self._stamps: Stamps | None = None
        self._pens: dict[tuple[int, Qt.PenStyle], QPen] = {}
        self._settled = True
        self._narrow: set[str] = set()
        self._early: list[tuple[tuple[float, float], Series]] = []
        self._taken: list[Box] = []
        self._at_bars: list[Box] = []
        self._bar_starts: list[float] = []
        self._axis: Axis | None = None
        self._tick_width = self._high = 0.0

    def recolour(self) -> None:
        self._left = self._right = 0.0
        self._axis = None
        self._stamps = None
        self._pens = {}
        super().recolour()
        if self._spec is not None and self.geometry_of.is_set:
            self.set_spec(self._spec)

    # What the tests look at: every label on screen with its rectangle.
    @property
    def placed(self) -> list[tuple[str, Box]]:
        """Texts on screen and where they stand."""
        return [(text, box) for text, _, _, box, _ in self._texts]

    def area(self, spec: ChartSpec, y_axis: Axis, width: float, height: float, write: Writer, has_titles: bool) -> Box:
        """The plot's area: what the labels around it leave. Margins grow in steps, so that it does not twitch.

        Parameters
        ----------
        y_axis
            With the range that is shown, whose ticks need their room.
        """
        fonts, step = self.fonts, theme.px(12)
        top = fonts.height + theme.px(10) if has_titles else theme.px(8)
        bottom = (2 if has_titles else 1) * fonts.height + theme.px(12 if has_titles else 8)
        high = max(height - top - bottom, 20.0)
        if y_axis is not self._axis or high != self._high:
            at = ticks_along(y_axis, high, vertical=True) if (self._axis, self._high) != (y_axis, high) else ()
            if at:
                self._tick_width = max(fonts.width(text) for text in tick_texts(y_axis, at, write))
            self._axis, self._high = y_axis, high
        left = self._tick_width + theme.px(12)
        if spec.y.names:  # names give way to the bars
            left = min(left, width * LABEL_SHARE)
        names = [fonts.width(s.label, s.strong) for s in spec.series if s.label and not s.ghost]
        names += [fonts.width(r.text) for r in spec.references if r.axis == "y"]
        right = min(max(names, default=0.0) + theme.px(14), width * LABEL_SHARE)
        if left > self._left or left < self._left - 2 * step:
            self._left = math.ceil(left / step) * step
        if right > self._right or right < self._right - 3 * step:
            self._right = math.ceil(right / step) * step
        return Box(self._left, top, max(width - self._left - self._right, 20.0), high)

    def set_spec(self, spec: ChartSpec, *, settled: bool = True) -> None:
        """Take the chart's texts and place them; while something is dragged only where there is room beside them."""
        self._settled = settled
        self._spec = spec
        self._texts, self._lines, self._dots = [], [], []
        self._place_references(spec)
        self._place_ends(spec)
        self._place_marks(spec)
        self.update()

    def _place_references(self, spec: ChartSpec) -> None:
        area, fonts = self.geometry_of.area, self.fonts
        x0, x1, _, _ = self.geometry_of.shown
        self._taken = []
        for reference in spec.references:
            if reference.axis != "x" or not x0 <= reference.at <= x1:
                continue
            x, _ = self.geometry_of.to_pixel(reference.at, 0.0)
            x = round(x) + 0.5
            pen = self._pen(reference.colour, Qt.PenStyle.DashLine)
            self._lines.append((QPointF(x, area.y), QPointF(x, area.y + area.height), pen))
            width = fonts.width(reference.text) + 6.0
            left = x + 2 if x + 2 + width <= area.x + area.width else x - 2 - width
            box = Box(left, area.y + 1, width, fonts.height)
            if not any(box.overlaps(other) for other in self._taken):
                self._taken.append(box)
                self._texts.append((reference.text, False, reference.colour, box, True))

    def _pen(self, colour: int, style: Qt.PenStyle) -> QPen:
        key = (colour, style)
        pen = self._pens.get(key)
        if pen is None:
            pen = self._pens[key] = QPen(self.ink(colour), 1, style)
        return pen

    def _place_ends(self, spec: ChartSpec) -> None:
        """Labels in the right margin: curves by the height of their ends, horizontal references at theirs."""
        area, fonts = self.geometry_of.area, self.fonts
        _, _, y0, y1 = self.geometry_of.shown
        ends: list[tuple[bool, float, float, str, bool, int]] = []
        self._early = []
        for series in spec.series:
            if series.label and not series.ghost:
                end = self._end_of(series)
                if end is None:
                    continue
                is_inside = area.y <= end[1] <= area.y + area.height
                if is_inside and ends_early(end[0], self._box_of(series)[0], area, self._gap):
                    self._early.append((end, series))
                else:
                    ends.append((not series.strong, *end, series.label, series.strong, series.colour))
        right = area.x + area.width
        for reference in spec.references:
            if reference.axis == "y" and y0 <= reference.at <= y1:
                _, y = self.geometry_of.to_pixel(0.0, reference.at)
                y = round(y) + 0.5
                pen = self._pen(reference.colour, Qt.PenStyle.DashLine)
                self._lines.append((QPointF(area.x, y), QPointF(right, y), pen))
                ends.append((True, right, y, reference.text, False, reference.colour))
        ends.sort(key=lambda e: e[0])
        room = self.size[0] - right - theme.px(10)
        centres = spread(
            [e[2] for e in ends], fonts.height, area.y - fonts.height / 2, area.y + area.height + fonts.height / 2
        )
        for (_, end_x, end_y, text, strong, colour), y in zip(ends, centres, strict=True):
            if y is None:
                continue
            text = fonts.elided(text, room, strong)
            left = right + theme.px(8)
            box = Box(left, y - fonts.height / 2, fonts.width(text, strong), fonts.height)
            self._texts.append((text, strong, colour, box, False))
            # No line to a curve that left through the top or bottom: it would point at nothing.
            inside = area.y <= end_y <= area.y + area.height
            if inside and (abs(y - end_y) > 3 or right - end_x > 3):
                pen = self._pen(colour, Qt.PenStyle.SolidLine)
                self._lines.append((QPointF(min(end_x, right), end_y), QPointF(left - 2, y), pen))

    @property
    def _gap(self) -> float:
        return float(theme.px(8))

    def _box_of(self, named: Mark | Series) -> tuple[float, float]:
        """Width and height of what stands beside a mark or a curve's early end, with its ground."""
        text = named.text if isinstance(named, Mark) else named.label
        return self.fonts.width(text, named.strong) + 8.0, self.fonts.height + 2.0

    def _end_of(self, series: Series) -> tuple[float, float] | None:
        """Where a curve ends on the right, in pixels; above or below the area where it left through top or bottom."""
        x0, x1, _, _ = self.geometry_of.shown
        if series.x[-1] == x1 and math.isfinite(series.y[-1]):
            return self.geometry_of.to_pixel(x1, float(series.y[-1]))
        inside = np.flatnonzero(np.isfinite(series.y) & (series.x >= x0) & (series.x <= x1))
        if len(inside) == 0:
            return None
        x, y = float(series.x[inside[-1]]), float(series.y[inside[-1]])
        if x < x1 <= series.x[-1]:
            cut = value_at(series, x1)
            x, y = (x1, cut) if math.isfinite(cut) else (x, y)
        return self.geometry_of.to_pixel(x, y)

    def _place_marks(self, spec: ChartSpec) -> None:
        area, fonts = self.geometry_of.area, self.fonts
        x0, x1, y0, y1 = self.geometry_of.shown
        marks = [m for m in spec.marks if x0 <= m.x <= x1 and y0 <= m.y <= y1]
        marks.sort(key=lambda m: (not m.handle, not m.strong))
        points = [self.geometry_of.to_pixel(m.x, m.y) for m in marks]
        self._dots = [(x, y, mark) for (x, y), mark in zip(points, marks, strict=True) if not mark.side]
        names, of_fills = self._taken, len(self._taken)
        narrow: list[Mark] = []
        was_narrow = self._narrow
        on_curves: list[Box] = []
        for series in spec.series if self._settled and any(fill.clear for fill in spec.fills) else ():
            on_curves += along([self.geometry_of.to_pixel(*at) for at in zip(series.x, series.y, strict=True)], area)
        for fill in spec.fills:
            if fill.text and math.isfinite(fill.text_x) and x0 <= fill.text_x <= x1 and y0 <= fill.text_y <= y1:
                x, y = self.geometry_of.to_pixel(fill.text_x, fill.text_y)
                width = fonts.width(fill.text, True)
                left = min(max(x - width / 2, area.x + 4), area.x + area.width - width - 4)
                top = min(max(y - fonts.height / 2, area.y + 4), area.y + area.height - fonts.height - 4)
                box = Box(left, top, width, fonts.height)
                is_narrow = any(box.overlaps(other) for other in on_curves) if self._settled else fill.id in was_narrow
                if fill.clear and is_narrow:
                    narrow.append(Mark(fill.id, fill.text_x, fill.text_y, fill.text, colour=fill.colour, strong=True))
                    continue
                names.append(lowered(box, names[of_fills:], area.y + area.height - 4))
                self._texts.append((fill.text, True, fill.colour, names[-1], False))
        self._at_bars = []
        self._bar_starts = [self.geometry_of.to_pixel(r.at, 0.0)[0] for r in spec.references if r.axis == "x"]
        for (x, y), mark in zip(points, marks, strict=True):
            if mark.side:
                self._place_at_end(x, y, mark)
        beside: list[tuple[tuple[float, float], Mark | Series]] = []
        seen = set()
        for at, mark in zip(points, marks, strict=True):
            place = (mark.text, round(at[0]), round(at[1]))
            if mark.text and not mark.side and place not in seen:  # of alike lots the crossings are one dot
                seen.add(place)
                beside.append((at, mark))
        beside += [(self.geometry_of.to_pixel(m.x, m.y), m) for m in narrow] + self._early
        if narrow:
            names = [*names, *on_curves]
        self._narrow = {mark.id for mark in narrow}
        sizes = [self._box_of(n) for _, n in beside]
        boxes = place_beside([at for at, _ in beside], sizes, area, names, self._gap, everywhere=self._settled)
        for (at, named), box in zip(beside, boxes, strict=True):
            if box is None:
                continue
            text = named.text if isinstance(named, Mark) else named.label
            self._texts.append((text, named.strong, named.colour, box, True))
            end = leader(at, box, self._gap, always=named in narrow)
            if end is not None:
                pen = self._pen(named.colour, Qt.PenStyle.SolidLine)
                self._lines.append((QPointF(*at), QPointF(*end), pen))

    def _place_at_end(self, x: float, y: float, mark: Mark) -> None:
        """The text at the end of a bar: outside of it, else inside; nowhere where it would reach into another's."""
        area, fonts = self.geometry_of.area, self.fonts
        width, gap = fonts.width(mark.text, mark.strong), theme.px(5)
        outside, inside = (x - gap - width, x + gap) if mark.side == "left" else (x + gap, x - gap - width)
        for left in (outside, inside):
            box = Box(left, y - fonts.height / 2, width, fonts.height)
            begins = any(left < start < left + width for start in self._bar_starts)
            if box.inside(area) and not begins and not any(box.overlaps(other) for other in self._at_bars):
                self._at_bars.append(box)
                # Over the grid's lines the text has a ground of its own; a bar is one already.
                self._texts.append((mark.text, mark.strong, mark.colour, box, left == outside))
                return

    def paint(self, painter: QPainter) -> None:
        for start, end, pen in self._lines:
            painter.setPen(pen)
            painter.drawLine(start, end)
        stamps = self._stamps_at(painter.device().devicePixelRatioF())
        for x, y, mark in reversed(self._dots):
            dot = stamps.handle() if mark.handle else stamps.dot(self._dot_ink(mark.colour), mark.strong)
            half = dot.width() / stamps.ratio / 2
            painter.drawPixmap(QPointF(x - half, y - half), dot)
        for text, strong, colour, box, grounded in self._texts:
            indent = (box.width - self.fonts.width(text, strong)) / 2 if grounded else None
            size = (box.width, box.height)
            stamp = stamps.text(text, self.fonts.of(strong), self.text_ink(colour), size, indent)
            # At whole pixels, since letters between two of them are blurred.
            painter.drawPixmap(
                QPointF(round(box.x * stamps.ratio) / stamps.ratio, round(box.y * stamps.ratio) / stamps.ratio), stamp
            )

    def _stamps_at(self, ratio: float) -> Stamps:
        if self._stamps is None or self._stamps.ratio != ratio:
            self._stamps = Stamps(ratio)
        return self._stamps

    def _dot_ink(self, colour: int) -> QColor:
        return self.ink(colour) if colour >= 0 else theme.tokens().color("text")
