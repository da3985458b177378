"""The curves of a chart, drawn in a tenth of the time that Qt and pyqtgraph take by themselves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from app import theme
from app.charts.layers import Geometry, Layer
from models.charts.spec import ChartSpec, Series

PEN_STYLES = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
    "dash_dot": Qt.PenStyle.DashDotLine,
}
GHOST_OPACITY = 0.75
"""Of a former curve: at least 2:1 against the card and every tinted area, in both themes."""
GHOST_DASHES = [3.0, 3.0]

FEW_POINTS = 8
"""So few are drawn sooner than it is known which are needed."""
TOLERANCE_PX = 0.1
"""By how much a curve may be drawn off: less than any screen shows."""
BENDS_PX = (0.2, 0.01)
"""Where a curve bends by more than this from point to point it keeps the point: what leaves fewer is taken."""
MOST_REVERSALS = 48
"""A line that turns up and down more often is drawn piece by piece."""
PIECE = 24
_Look = tuple[int, str, bool, bool, float]
"""What decides on a pen: colour's role number, style, ghost, strong, and the screen's pixels to one of ours."""


class CurveLayer(Layer):
    """The curves of a chart: one of pyqtgraph's items per series id, kept for good and given new data.

    Parameters
    ----------
    box
        What holds the items.
    """

    def __init__(self, geometry: Geometry, repaint: Callable[[], None], box: pg.ViewBox) -> None:
        super().__init__(geometry, repaint)
        self.curves: dict[str, Curve] = {}
        self._box = box
        self._pens: dict[_Look, QPen] = {}
        self._pen_keys: dict[str, _Look] = {}
        self._shown: dict[str, Series] = {}

    def recolour(self) -> None:
        super().recolour()
        self._pens.clear()
        for key, look in self._pen_keys.items():
            self.curves[key].setPen(self._pen(look))

    def set_spec(self, spec: ChartSpec, ratio: float) -> None:
        """Take the chart's curves; the screen has `ratio` pixels to one of ours."""
        wanted = {series.id: series for series in spec.series}
        changed = False
        for gone in self._shown.keys() - wanted.keys():
            # Hidden, not removed: a ghost comes and goes with every edit and its undo.
            self.curves[gone].setVisible(False)
            del self._shown[gone]
            changed = True
        for key, series in wanted.items():
            curve = self.curves.get(key) or self._new(key)
            shown = self._shown.get(key)
            if shown is None:
                curve.setVisible(True)
            look = (series.colour, series.style, series.ghost, series.strong, ratio)
            if self._pen_keys.get(key) != look:
                self._pen_keys[key] = look
                curve.setPen(self._pen(look))
                curve.setZValue(-1 if series.ghost else 2 if series.strong else 1)
                changed = True
            if shown is None or not (_same(shown.x, series.x) and _same(shown.y, series.y)):
                curve.take(series.x, series.y)
                changed = True
            self._shown[key] = series
        if changed:
            self.update()

    def take_geometry(self) -> None:
        """Follow what the view shows and how large it is."""
        for curve in self.curves.values():
            self._tell_bounds(curve)
        self.update()

    def paint(self, painter: QPainter) -> None:
        if not self.geometry_of.is_set:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setClipRect(self.geometry_of.rect())
        painter.setTransform(self.geometry_of.transform(), True)
        for curve in sorted((self.curves[key] for key in self._shown), key=Curve.zValue):
            curve.paint(painter)
        painter.restore()

    def _new(self, key: str) -> Curve:
        curve = Curve(antialias=True)
        curve.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._tell_bounds(curve)
        self.curves[key] = curve
        self._box.addItem(curve, ignoreBounds=True)
        return curve

    def _pen(self, look: _Look) -> QPen:
        pen = self._pens.get(look)
        if pen is None:
            colour, style, ghost, strong, ratio = look
            color = self.ink(colour)
            if ghost:
                color.setAlphaF(GHOST_OPACITY)
            # A line no wider than a pixel takes Qt a sixth of the time.
            width = 1.0 if ghost else 2.6 if strong else 1.7
            # Such a pen counts in the screen's own pixels, of which a dense screen has two or more to ours.
            pen = pg.mkPen(color, width=width * theme.text_scale() * ratio, style=PEN_STYLES[style])
            if ghost:
                pen.setDashPattern(GHOST_DASHES)
            self._pens[look] = pen
        return pen

    def _tell_bounds(self, curve: Curve) -> None:
        x_low, x_high, y_low, y_high = self.geometry_of.shown
        area = self.geometry_of.area
        curve.set_bounds(QRectF(x_low, y_low, x_high - x_low, y_high - y_low), area.width, area.height)


def _same(before: np.ndarray, after: np.ndarray) -> bool:
    """Whether two arrays hold the same numbers; one with gaps counts as changed, which costs less than looking."""
    return before is after or (before.shape == after.shape and bool((before == after).all()))


class Curve(pg.PlotCurveItem):  # type: ignore[misc]
    """A curve that takes the whole view for its bounds.

    pyqtgraph looks for the data's least and greatest values on every change, so that ranges can follow the data. Ours
    do not, and the view clips.
    """

    bounds = QRectF(0.0, 0.0, 1.0, 1.0)
    scale = (1.0, 1.0)
    pieces: Sequence[Sequence[QLineF]] = ()

    def set_bounds(self, bounds: QRectF, width: float, height: float) -> None:
        """Take what the view shows, in data coordinates and in pixels."""
        self.prepareGeometryChange()
        self.bounds = bounds
        self.scale = (width / bounds.width(), height / bounds.height())
        self.path = None

    def take(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take a line's points, shape (K,) each, NaN where it has a gap.

        As pyqtgraph's `setData`, which looks at twenty settings that no curve here has, and tells its scene.
        """
        self.xData, self.yData = x, y
        whole = bool(np.isfinite(y).all())
        self.opts["connect"], self.opts["skipFiniteCheck"] = "all" if whole else "finite", whole
        self.path = None

    def generatePath(self, x: np.ndarray, y: np.ndarray) -> QPainterPath:
        """The line without points that no eye can tell: Qt strokes 193 of them in 180 µs, 60 in 70.

        A line that goes up and down all the time, as hourly prices do, takes Qt a hundred times as long, since every
        bend of a stroke is checked against all others: such a one is drawn piece by piece.
        """
        if len(x) > FEW_POINTS and self.opts["connect"] == "all":
            kept = _needed(x * self.scale[0], y * self.scale[1])
            x, y = x[kept], y[kept]
        jagged = len(x) > MOST_REVERSALS and _reversals(y) > MOST_REVERSALS
        self.pieces = _pieces(x, y) if jagged else []
        return super().generatePath(x, y)

    def boundingRect(self) -> QRectF:
        return self.bounds

    def informViewBoundsChanged(self) -> None:
        """Nobody waits to hear it: no range follows the data."""

    def paint(self, painter: QPainter, *_of_item: object) -> None:
        """Draw the line; pyqtgraph's own asks first for fills, steps, shadows and OpenGL, which no curve here has.

        Parameters
        ----------
        painter
            In data coordinates, with soft edges.
        """
        if self.xData is not None and len(self.xData):
            pen, path = self.opts["pen"], self.getPath()
            if self.pieces and pen.style() == Qt.PenStyle.SolidLine:
                pen = QPen(pen)
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)  # closes the bends
                painter.setPen(pen)
                painter.drawLines([line for piece in self.pieces for line in piece])
                return
            painter.setPen(pen)
            if not self.pieces:
                painter.drawPath(path)
            for piece in self.pieces:
                painter.drawPolyline([piece[0].p1(), *(line.p2() for line in piece)])


def _needed(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which points a line needs so that it is nowhere further off than `TOLERANCE_PX`.

    A chord over n points whose bends (second differences) are at most d is off by n² d / 8 at most. So every n-th point
    is kept, and all at which the line bends by more.

    Parameters
    ----------
    x, y
        Pixels, shape (K,), K ≥ 3; x ascending, best evenly spaced.

    Returns
    -------
    Array
        A mask, shape (K,).
    """
    # By slices, since np.diff takes four times as long for so few.
    steps = x[1:] - x[:-1]
    slopes = (y[1:] - y[:-1]) / np.maximum(steps, 1e-9)
    bends = np.abs(slopes[1:] - slopes[:-1]) * steps.max()  # where points lie closer, more are kept than need be
    fewest, sharp, every = len(x), np.ones(len(bends), dtype=bool), 1
    for limit in BENDS_PX:
        beyond = bends > limit
        least = max(float(np.where(beyond, 0.0, bends).max()), 1e-9)
        step = max(int(math.sqrt(8.0 * TOLERANCE_PX / least)), 1)
        count = int(np.count_nonzero(beyond)) + len(x) // step
        if count < fewest:
            fewest, sharp, every = count, beyond, step
    kept = np.zeros(len(x), dtype=bool)
    kept[::every] = True
    kept[1:-1] |= sharp
    kept[-1] = True
    return kept


def _reversals(y: np.ndarray) -> int:
    """How often a line turns from up to down or back."""
    with np.errstate(invalid="ignore"):
        steps = y[1:] - y[:-1]
        return int(np.count_nonzero(steps[1:] * steps[:-1] < 0))


def _pieces(x: np.ndarray, y: np.ndarray) -> list[list[QLineF]]:
    """A jagged line in pieces of a few segments each, in the order of x; gaps are left out."""
    known = np.isfinite(y[1:]) & np.isfinite(y[:-1])
    found: list[list[QLineF]] = []
    last = -2
    for k in np.flatnonzero(known).tolist():
        if k != last + 1 or len(found[-1]) >= PIECE:
            found.append([])
        found[-1].append(QLineF(x[k], y[k], x[k + 1], y[k + 1]))
        last = k
    return found
