"""A chart on a page: title, plot and its own menu. pyqtgraph is imported when the first chart has something to show."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.charts.paper import chart_paper
from app.data_out import Paper, add_out_actions, offer
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_actions, add_figure_menu
from app.session import Session
from models.charts.spec import ChartSpec, Writer, plain_number
from models.charts.table import chart_sheet
from models.sheets import Sheet

if TYPE_CHECKING:
    from app.charts.canvas import Canvas


LOW_PX = 290
PathOf = Callable[[str], str | None]


class ChartView(QWidget):
    """Draws a `ChartSpec`; `set_spec` is cheap, since what is on screen already is changed and not made anew.

    Parameters
    ----------
    write
        How numbers are written in the user's locale.

    Signals
    -------
    handle_pressed, handle_moved, handle_released
        The point that can be dragged was taken, moved to (x, y) in the axes' units, let go. Arrow keys move it too,
        without press and release.
    """

    handle_pressed = Signal()
    handle_moved = Signal(float, float)
    handle_released = Signal()

    def __init__(self, write: Writer = plain_number, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.write = write
        self.spec: ChartSpec | None = None
        self.canvas: Canvas | None = None
        self._title = ElidedLabel()
        theme.set_look(self._title, role="section")
        self._subtitle = ElidedLabel()
        theme.set_look(self._subtitle, role="small")
        self._reset = QToolButton()
        self._reset.setText("Reset view")
        self._reset.setToolTip("Show the whole range again (Esc, double-click)")
        self._reset.clicked.connect(self.reset_view)
        self._reset.hide()
        self._reason = QLabel()
        self._reason.setWordWrap(True)
        self._reason.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reason.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_look(self._reason, role="muted")
        self._reason.hide()

        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._subtitle)
        self._head = QHBoxLayout()
        self._head.setSpacing(theme.px(6))
        self._head.addLayout(words, 1)
        self._head.addWidget(self._reset, 0, Qt.AlignmentFlag.AlignTop)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(theme.px(4))
        self._layout.addLayout(self._head)
        self._layout.addWidget(self._reason, 1)
        self._axis_pickers: tuple[QWidget, QWidget] | None = None
        self._session: Session | None = None
        self._path_of: PathOf | None = None
        theme.theme_changed.connect(self.recolour)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Where height is dear the curves come first; what the subtitle says is in the title's tool tip too.
        self._subtitle.setVisible(self.height() >= theme.px(LOW_PX))

    def explain_with(self, session: Session, path_of: PathOf) -> None:
        """Let curves and marks explain what they show.

        Parameters
        ----------
        session
            Where the question goes.
        path_of
            The figure of a series or mark by its id; of the chart as a whole by an empty id.
        """
        self.offer_with(session)
        self._path_of = path_of
        add_figure_menu(self, session, self.path_at, own_menu=True)

    def offer_with(self, session: Session, page: str = "", own_keys: bool = False) -> None:
        """Let the chart be copied and saved; see `app.data_out.offer`."""
        self._session = session
        offer(self, session, self.sheet, self.paper, page=page, own_menu=True, own_keys=own_keys)

    def path_at(self, point: QPoint) -> str | None:
        """The figure of the mark or curve that is nearest to a point of the view."""
        if self._path_of is None:
            return None
        nearest = ""
        if self.canvas is not None and self.canvas.isVisibleTo(self) and self.canvas.geometry().contains(point):
            nearest = self.canvas.nearest_id(QPointF(self.canvas.mapFrom(self, point)))
        return self._path_of(nearest) or self._path_of("")

    def add_tool(self, widget: QWidget) -> None:
        """Put a picker at the right of the title."""
        self._head.insertWidget(self._head.count() - 1, widget, 0, Qt.AlignmentFlag.AlignTop)

    def set_axis_pickers(self, across: QWidget, up: QWidget) -> None:
        """Let the user choose the axes where their titles stand, which these take the place of."""
        self._axis_pickers = (across, up)
        self._layout.insertWidget(1, up, 0, Qt.AlignmentFlag.AlignLeft)
        self._layout.addWidget(across, 0, Qt.AlignmentFlag.AlignHCenter)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(200), max(theme.px(170), self._layout.minimumSize().height()))

    def set_spec(self, spec: ChartSpec, *, settled: bool = True) -> None:
        """Show a chart.

        Parameters
        ----------
        spec
            What to draw.
        settled
            False while a lever is dragged: what only a screen reader needs is then left for later, and labels are
            placed only where there is room beside what they name.
        """
        before, self.spec = self.spec, spec
        if before is None or before.title != spec.title:
            self._title.set_text(spec.title)
        if before is None or before.subtitle != spec.subtitle:
            self._subtitle.set_text(spec.subtitle)
            self._subtitle.setToolTip(spec.subtitle)
            self._title.setToolTip(f"{spec.title}: {spec.subtitle}")
        if before is None or before.reason != spec.reason:
            self._reason.setText(spec.reason)
            self._reason.setVisible(bool(spec.reason))
            if self.canvas is not None:
                self.canvas.setVisible(not spec.reason)
        if not spec.reason:
            self._ensure_canvas().set_spec(spec, settled=settled)
        if settled and (before is None or before.summary != spec.summary):
            self._describe(spec)

    def _describe(self, spec: ChartSpec) -> None:
        self.setAccessibleName(spec.title)
        self.setAccessibleDescription(spec.summary or spec.reason)
        if self.canvas is not None:
            keys = "Arrow keys move today's point." if self.canvas.handle() else "Arrow keys move the crosshair."
            self.canvas.setAccessibleName(spec.title)
            self.canvas.setAccessibleDescription(f"{spec.summary} {keys}".strip())

    def _ensure_canvas(self) -> Canvas:
        if self.canvas is None:
            is_first = "app.charts.canvas" not in sys.modules
            # Here and not above: it costs half a second, and the first page has no chart.
            from app.charts.canvas import Canvas

            if is_first:
                # Modules stay for good. Looking through them again and again for garbage costs every twentieth frame of
                # a dragged lever 2 to 5 ms.
                gc.freeze()
            self.canvas = Canvas(self.write, self)
            self.canvas.handle_pressed.connect(self.handle_pressed)
            self.canvas.handle_moved.connect(self.handle_moved)
            self.canvas.handle_released.connect(self.handle_released)
            self.canvas.zoom_changed.connect(self._reset.setVisible)
            self.canvas.menu_requested.connect(self.show_menu)
            self.canvas.frame.has_titles = self._axis_pickers is None
            self._layout.insertWidget(self._layout.indexOf(self._reason), self.canvas, 1)
        return self.canvas

    def recolour(self) -> None:
        """Take the theme's colours and text size."""
        if self.canvas is not None:
            self.canvas.recolour()

    def reset_view(self) -> None:
        """Show the whole range again."""
        if self.canvas is not None:
            self.canvas.reset_view()

    # --- menu ---

    def menu(self, at: QPoint | None = None) -> QMenu:
        """Explain, copy, save, reset; pyqtgraph's own menu offers what would break the page.

        Parameters
        ----------
        at
            Where in the view the curve lies that is to be explained.
        """
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._session is not None and self._path_of is not None:
            add_figure_actions(menu, self._session, self.path_at(self.rect().center() if at is None else at))
        add_out_actions(menu, self)
        menu.addSeparator()
        reset = menu.addAction("Reset view", self.reset_view)
        reset.setEnabled(self.canvas is not None and self.canvas.is_zoomed)
        return menu

    def show_menu(self, at: QPoint) -> None:
        """Open the menu at a position on the screen."""
        if self.spec is not None and not self.spec.reason:
            self.menu(self.mapFromGlobal(at)).popup(at)

    def sheet(self) -> Sheet | None:
        """The curves' figures as a table to export; None while there is nothing to draw."""
        return None if self.spec is None or self.spec.reason else chart_sheet(self.spec)

    def paper(self) -> Paper | None:
        """What draws the chart on paper; None while there is nothing to draw."""
        return None if self.spec is None or self.spec.reason else partial(chart_paper, self.spec)
