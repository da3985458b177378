"""Draws a `ChartSpec` with pyqtgraph, fast enough to follow a dragged slider. Import it when the first chart is shown.

pyqtgraph makes and keeps the curves: one item per series id, kept for good and given new data. Grid, bars, curves and
labels are layers, painted by the canvas in one pass from the bottom up; Qt's scene would ask every item for itself.
Ground and curves are blitted while they look the same, labels are placed so that none covers another. pyqtgraph's
translucent grid alone costs 25 ms per plot and frame, its IsocurveItem 17 ms; neither is used.
"""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsScene, QScrollArea, QWidget

from app import theme
from app.charts.curves import Curve, CurveLayer
from app.charts.hover import HoverLayer
from app.charts.labels import LabelLayer
from app.charts.layers import FillLayer, FrameLayer, Geometry, Kept, zoomed
from models.charts.spec import ChartSpec, Mark, Writer, plain_number, value_at

LEAST_PX = (180, 120)
"""A smaller plot cannot be read; a page that has no room for it scrolls."""
GRAB_PX = 16
SMALLEST_ZOOM = 1 / 50


class Canvas(pg.GraphicsView):
    """The plot itself, without title and menu.

    Signals
    -------
    handle_pressed, handle_moved, handle_released
        The mark that can be dragged: taken, moved to (x, y) in the axes' units, let go.
    zoom_changed
        Whether less than the whole range is shown.
    menu_requested
        The right button, at a position on the screen.
    """

    handle_pressed = Signal()
    handle_moved = Signal(float, float)
    handle_released = Signal()
    zoom_changed = Signal(bool)
    menu_requested = Signal(object)

    def __init__(self, write: Writer = plain_number, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, background=None)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setFrameShape(self.Shape.NoFrame)
        # The plot covers all behind it; without this Qt paints the card and its style sheet first, 1 ms per frame.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.box.setMouseEnabled(False, False)
        self.box.disableAutoRange()
        self.box.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.box.setFlag(self.box.GraphicsItemFlag.ItemIsFocusable, False)
        # What the scene does with an item that changes is not needed, since the canvas paints all of them: no search
        # tree, no areas to be painted anew.
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.setViewportUpdateMode(self.ViewportUpdateMode.NoViewportUpdate)
        self.scene().addItem(self.box)
        self.write = write
        self.spec: ChartSpec | None = None
        self._zoom: tuple[float, float, float, float] | None = None
        self._drag: str = ""
        self._drag_from = QPointF()
        self._settled = True
        self.geometry_of = Geometry()
        repaint = self.viewport().update
        self.fills = FillLayer(self.geometry_of, repaint)
        self.bars = FillLayer(self.geometry_of, repaint, solid=True)
        self.frame = FrameLayer(self.geometry_of, repaint)
        self.curve_layer = CurveLayer(self.geometry_of, repaint, self.box)
        self.labels = LabelLayer(self.geometry_of, repaint)
        self.hover = HoverLayer(self.geometry_of, repaint)
        self._ground, self._under_labels = Kept(), Kept()
        self.recolour()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(LEAST_PX[0]), theme.px(LEAST_PX[1]))

    # --- content ---

    def set_spec(self, spec: ChartSpec, *, settled: bool = True) -> None:
        """Draw this chart; what is on screen already is changed, not made anew."""
        before, self.spec = self.spec, spec
        self._settled = settled
        if before is not None and (spec.x.unit, spec.y.unit, spec.x.label, spec.y.label) != (
            before.x.unit,
            before.y.unit,
            before.x.label,
            before.y.label,
        ):
            self._zoom = None
        self.curve_layer.set_spec(spec, self.devicePixelRatioF())
        self._lay_out()
        self._refresh_hover()

    def _lay_out(self) -> None:
        """Give every layer its place; cheap where neither size nor ranges nor texts are others than before."""
        spec = self.spec
        if spec is None or self.width() < 40 or self.height() < 40:
            return
        x_low, x_high, y_low, y_high = self.ranges()
        y_axis = zoomed(spec.y, y_low, y_high)
        area = self.labels.area(spec, y_axis, self.width(), self.height(), self.write, self.frame.has_titles)
        changed = self.geometry_of.set(area, self.width(), self.height(), x_low, x_high, y_low, y_high)
        if changed:
            self.box.setGeometry(QRectF(area.x, area.y, area.width, area.height))
            self.box.setRange(xRange=(x_low, x_high), yRange=(y_low, y_high), padding=0, update=True)
            self.curve_layer.take_geometry()
        self.frame.set_spec(spec, self.write, changed)
        self.fills.set_spec(spec, changed)
        self.bars.set_spec(spec, changed)
        self.labels.set_spec(spec, settled=self._settled)

    # --- painting ---

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, curves and labels in one pass.

        Qt's scene would ask every item for itself, which takes as long as the painting. What looks as it did in the
        frame before is not painted again: in a drag most curves stand still.
        """
        painter = QPainter(self.viewport())
        ground = (self.fills.version, self.frame.version, self.bars.version)
        self._under_labels.paint(
            painter, (*ground, self.curve_layer.version), lambda under: self._paint_under_labels(under, ground)
        )
        self.labels.paint(painter)
        self.hover.paint(painter)
        painter.end()

    def _paint_under_labels(self, painter: QPainter, ground: object) -> None:
        self._ground.paint(painter, ground, self._paint_ground)
        self.curve_layer.paint(painter)

    def _paint_ground(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), theme.tokens().color("surface"))
        for layer in (self.fills, self.frame, self.bars):
            layer.paint(painter)

    def ranges(self) -> tuple[float, float, float, float]:
        """What is shown: x from, to, y from, to."""
        spec = self.spec
        assert spec is not None
        return self._zoom or (spec.x.low, spec.x.high, spec.y.low, spec.y.high)

    def recolour(self) -> None:
        """Take the theme's colours, fonts and text size."""
        self.setBackground(theme.tokens().color("surface"))
        for layer in (self.fills, self.frame, self.bars, self.curve_layer, self.labels, self.hover):
            layer.recolour()
        self.geometry_of.forget()
        self._lay_out()

    @property
    def curves(self) -> dict[str, Curve]:
        """Every curve ever drawn, by series id; those that are not in the chart now are hidden."""
        return self.curve_layer.curves

    def handle(self) -> Mark | None:
        """The mark that can be dragged, if there is one."""
        return next((m for m in self.spec.marks if m.handle), None) if self.spec else None

    # --- zoom ---

    @property
    def is_zoomed(self) -> bool:
        """Whether less than the whole range is shown."""
        return self._zoom is not None

    def reset_view(self) -> None:
        """Show the whole range again."""
        self._set_zoom(None)

    def _set_zoom(self, zoom: tuple[float, float, float, float] | None) -> None:
        if zoom == self._zoom:
            return
        self._zoom = zoom
        self._lay_out()
        self.hover.clear()
        self.zoom_changed.emit(zoom is not None)

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        spec = self.spec
        assert spec is not None
        x_low, x_high, y_low, y_high = self.ranges()
        x, y = self.geometry_of.to_data(at.x(), at.y())
        found = (
            *_zoomed(x_low, x_high, x, factor, spec.x.low, spec.x.high),
            *_zoomed(y_low, y_high, y, factor, spec.y.low, spec.y.high),
        )
        whole = (spec.x.low, spec.x.high, spec.y.low, spec.y.high)
        self._set_zoom(None if found == whole else found)

    def _pan_to(self, at: QPointF) -> None:
        spec = self.spec
        assert spec is not None
        if self._zoom is None:
            return
        x0, y0 = self.geometry_of.to_data(self._drag_from.x(), self._drag_from.y())
        x1, y1 = self.geometry_of.to_data(at.x(), at.y())
        x_low, x_high, y_low, y_high = self._zoom
        dx = min(max(x0 - x1, spec.x.low - x_low), spec.x.high - x_high)
        dy = min(max(y0 - y1, spec.y.low - y_low), spec.y.high - y_high)
        self._drag_from = at
        self._set_zoom((x_low + dx, x_high + dx, y_low + dy, y_high + dy))

    # --- what is where ---

    def nearest_id(self, at: QPointF) -> str:
        """Id of the mark, else of the curve, that is nearest to a place on the plot, else of the bar in its row."""
        spec = self.spec
        if spec is None or not self.geometry_of.is_set:
            return ""
        x, y = self.geometry_of.to_data(at.x(), at.y())
        mark = self.hover.mark_near(spec, x, y)
        if mark is not None:
            return mark.id
        heights = [(abs(value_at(s, x) - y), s.id) for s in spec.series if not s.ghost]
        rows = ((0.0, f.id) for f in spec.fills if f.solid and not spec.series and f.y.min() <= y <= f.y.max())
        return min((h for h in (*heights, *rows) if math.isfinite(h[0])), default=(0.0, ""))[1]

    def focus_point(self) -> QPoint:
        """Where the keyboard is: at the crosshair, or else in the middle."""
        if self.hover.at is not None and self.geometry_of.is_set:
            return QPointF(*self.geometry_of.to_pixel(*self.hover.at)).toPoint()
        return self.rect().center()

    # --- mouse and keys ---

    def wheelEvent(self, event: QWheelEvent) -> None:
        is_for_page = self._page_scrolls() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self.spec is None or is_for_page or not self.geometry_of.contains(event.position()):
            event.ignore()
            return
        self._zoom_by(0.85 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def _page_scrolls(self) -> bool:
        """Whether the wheel is needed to get about the page: then it zooms with Ctrl only."""
        above = self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        return above is not None and above.verticalScrollBar().maximum() > 0

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.spec is not None:
            if self._over_handle(event.position()):
                self._drag = "handle"
                self.hover.clear()
                self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
                self.handle_pressed.emit()
            elif self.is_zoomed and self.geometry_of.contains(event.position()):
                self._drag = "pan"
                self._drag_from = event.position()
        elif event.button() == Qt.MouseButton.RightButton:
            self.menu_requested.emit(event.globalPosition().toPoint())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag == "handle":
            self.handle_moved.emit(
                *self._clamped(*self.geometry_of.to_data(event.position().x(), event.position().y()))
            )
        elif self._drag == "pan":
            self._pan_to(event.position())
        else:
            over = self._over_handle(event.position())
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor if over else Qt.CursorShape.ArrowCursor)
            self._hover_at(event.position())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            was, self._drag = self._drag, ""
            if was == "handle":
                self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
                self.handle_released.emit()
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_view()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        self.hover.clear()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }.get(Qt.Key(event.key()))
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self.spec is None:
            event.ignore()
        elif steps is not None:
            part = 0.1 if shift else 0.01
            self._step(steps[0] * part, steps[1] * part)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            centre = self.geometry_of.centre()
            self._zoom_by(0.8 if event.key() == Qt.Key.Key_Plus else 1.25, QPointF(*centre))
        elif event.key() == Qt.Key.Key_Escape and (self.is_zoomed or self.hover.at is not None):
            self.hover.clear()
            self.reset_view()
        elif event.key() == Qt.Key.Key_Menu:
            self.menu_requested.emit(self.mapToGlobal(self.rect().center()))
        else:
            event.ignore()

    def _step(self, right: float, up: float) -> None:
        """Move the handle, or else the crosshair, by a share of the range shown."""
        x_low, x_high, y_low, y_high = self.ranges()
        mark = self.handle()
        if mark is not None:
            at = self._clamped(mark.x + right * (x_high - x_low), mark.y + up * (y_high - y_low))
            self.handle_moved.emit(*at)
            return
        x, y = self.hover.at or ((x_low + x_high) / 2, (y_low + y_high) / 2)
        x = min(max(x + right * (x_high - x_low), x_low), x_high)
        y = min(max(y + up * (y_high - y_low), y_low), y_high)
        assert self.spec is not None
        self.hover.show_at(self.spec, x, y, self.write)

    def _clamped(self, x: float, y: float) -> tuple[float, float]:
        x_low, x_high, y_low, y_high = self.ranges()
        return min(max(x, x_low), x_high), min(max(y, y_low), y_high)

    def _over_handle(self, at: QPointF) -> bool:
        mark = self.handle()
        if mark is None or not self.geometry_of.is_set:
            return False
        x, y = self.geometry_of.to_pixel(mark.x, mark.y)
        return math.hypot(x - at.x(), y - at.y()) <= theme.px(GRAB_PX)

    def _hover_at(self, at: QPointF) -> None:
        if self.spec is None or not self.geometry_of.contains(at):
            self.hover.clear()
            return
        self.hover.show_at(self.spec, *self.geometry_of.to_data(at.x(), at.y()), self.write)

    def _refresh_hover(self) -> None:
        """Keep the crosshair's figures true when the curves move under it."""
        if self.hover.at is not None and self.spec is not None:
            self.hover.show_at(self.spec, *self.hover.at, self.write)

    def focusInEvent(self, event: QEvent) -> None:
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.frame.set_focused(by_key)

    def focusOutEvent(self, event: QEvent) -> None:
        super().focusOutEvent(event)
        self.frame.set_focused(False)

    def resizeEvent(self, event: QEvent) -> None:
        super().resizeEvent(event)
        if getattr(self, "spec", None) is not None:
            self._lay_out()


def _zoomed(low: float, high: float, at: float, factor: float, least: float, most: float) -> tuple[float, float]:
    """A range made narrower or wider about a value, within what there is to see."""
    width = min(max((high - low) * factor, (most - least) * SMALLEST_ZOOM), most - least)
    share = (at - low) / (high - low) if high > low else 0.5
    start = min(max(at - share * width, least), most - width)
    return start, start + width
