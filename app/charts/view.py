"""A chart on a page: title, plot and its own menu. pyqtgraph is imported when the first chart has something to show."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QSaveFile, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_actions, add_figure_menu
from app.session import Session
from models.charts.spec import ChartSpec, Writer, plain_number
from models.charts.table import chart_csv

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
    failed
        A sentence on why a picture or table could not be saved.
    """

    handle_pressed = Signal()
    handle_moved = Signal(float, float)
    handle_released = Signal()
    failed = Signal(str)

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
        self._session, self._path_of = session, path_of
        add_figure_menu(self, session, self.path_at, own_menu=True)

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
            False while a lever is dragged: what only a screen reader needs is then left for later.
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
            self._ensure_canvas().set_spec(spec)
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
        if self._session is not None:
            add_figure_actions(menu, self._session, self.path_at(self.rect().center() if at is None else at))
            menu.addSeparator()
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Copy figures", self.copy_figures)
        menu.addSeparator()
        menu.addAction("Save picture…", self.ask_for_picture_file)
        menu.addAction("Save figures…", self.ask_for_figures_file)
        menu.addSeparator()
        reset = menu.addAction("Reset view", self.reset_view)
        reset.setEnabled(self.canvas is not None and self.canvas.is_zoomed)
        return menu

    def show_menu(self, at: QPoint) -> None:
        """Open the menu at a position on the screen."""
        if self.spec is not None and not self.spec.reason:
            self.menu(self.mapFromGlobal(at)).popup(at)

    def picture(self) -> QPixmap:
        """The chart with its title, on the card's ground, without pickers and crosshair."""
        if self.canvas is not None:
            self.canvas.hover.clear()
        tools = [self._head.itemAt(k).widget() for k in range(1, self._head.count())]
        shown = [w for w in tools if w is not None and w.isVisible()]
        margin, size = theme.px(16), self.size()
        ratio = self.devicePixelRatioF()
        found = QPixmap(round((size.width() + 2 * margin) * ratio), round((size.height() + 2 * margin) * ratio))
        found.setDevicePixelRatio(ratio)
        found.fill(theme.tokens().color("surface"))
        for widget in shown:
            widget.hide()
        try:
            self.render(found, QPoint(margin, margin), QRegion(), QWidget.RenderFlag.DrawChildren)
        finally:
            for widget in shown:
                widget.show()
        return found

    def copy_picture(self) -> None:
        """Put the chart as a picture on the clipboard."""
        QGuiApplication.clipboard().setPixmap(self.picture())

    def copy_figures(self) -> None:
        """Put the curves' figures on the clipboard, ready for a spreadsheet."""
        if self.spec is not None:
            QGuiApplication.clipboard().setText(chart_csv(self.spec, separator="\t"))

    def ask_for_picture_file(self) -> None:
        """Ask where to, then `save_picture`."""
        self._ask("Save picture", "PNG picture (*.png)", "png", self.save_picture)

    def ask_for_figures_file(self) -> None:
        """Ask where to, then `save_figures`."""
        self._ask("Save figures", "Table (*.csv)", "csv", self.save_figures)

    def _ask(self, title: str, kinds: str, suffix: str, then: object) -> None:
        dialog = QFileDialog(self.window(), title)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(kinds)
        dialog.setDefaultSuffix(suffix)
        dialog.selectFile(f"{self.spec.id if self.spec else 'chart'}.{suffix}")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(then)
        dialog.open()

    def save_picture(self, file: str) -> None:
        """Write the chart as PNG; whole, or not at all."""
        target = QSaveFile(file)
        if target.open(QSaveFile.OpenModeFlag.WriteOnly) and self.picture().save(target, "PNG") and target.commit():
            return
        self._complain(file, target)

    def save_figures(self, file: str) -> None:
        """Write the curves' figures as CSV; whole, or not at all."""
        if self.spec is None:
            return
        target = QSaveFile(file)
        content = chart_csv(self.spec).encode("utf-8-sig")  # with the mark by which spreadsheets know UTF-8
        if target.open(QSaveFile.OpenModeFlag.WriteOnly) and target.write(content) == len(content) and target.commit():
            return
        self._complain(file, target)

    def _complain(self, file: str, target: QSaveFile) -> None:
        self.failed.emit(f"{Path(file).name} was not written: {target.errorString()}. Choose another place.")
