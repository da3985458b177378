"""A curve of a chart, drawn in a tenth of the time that Qt and pyqtgraph take by themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

FEW_POINTS = 8
"""So few are drawn sooner than it is known which are needed."""
TOLERANCE_PX = 0.1
"""By how much a curve may be drawn off: less than any screen shows."""
BENDS_PX = (0.2, 0.01)
"""Where a curve bends by more than this from point to point it keeps the point: what leaves fewer is taken."""
MOST_REVERSALS = 48
"""A line that turns up and down more often is drawn piece by piece."""
PIECE = 24


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
    steps = np.diff(x)
    slopes = np.diff(y) / np.maximum(steps, 1e-9)
    bends = np.abs(np.diff(slopes)) * steps.max()  # where points lie closer, more are kept than need be
    best = np.ones(len(x), dtype=bool)
    for limit in BENDS_PX:
        sharp = bends > limit
        least = float(bends.max(initial=1e-9, where=~sharp))
        kept = np.zeros(len(x), dtype=bool)
        kept[:: max(int(math.sqrt(8.0 * TOLERANCE_PX / least)), 1)] = True
        kept[1:-1] |= sharp
        kept[-1] = True
        if kept.sum() < best.sum():
            best = kept
    return best


def _reversals(y: np.ndarray) -> int:
    """How often a line turns from up to down or back."""
    with np.errstate(invalid="ignore"):
        return int((np.diff(y[1:]) * np.diff(y[:-1]) < 0).sum())


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
