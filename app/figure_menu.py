"""“Explain this number” on any widget that shows figures: in its context menu, and by F8.

A widget is told once how to find the figure under a point of it; the window asks the one under the keyboard. Tables and
forms that have a menu of their own add the same actions to it. Where the keyboard cannot reach single figures, as in
the pages of a memo, the widget lists them by name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QLabel, QMenu, QWidget

from app import theme
from app.data_out import add_out_actions, offering
from app.explained import IN_SCENARIO, copy_sentence, without_scenario
from app.session import Session
from models.figures import CROSSOVER_KINDS, MARKET_KINDS, POWER_KINDS, SITE_KINDS, USE_KINDS

if TYPE_CHECKING:
    from app.shell.palette import Entry

PathAt = Callable[[QPoint], str | None]
"""The path of the figure (or input) at a point of a widget, in its own coordinates; None for none."""

EXPLAIN_KEY = "F8"
EXPLAIN, SOLVE, COPY = "Explain this number", "Solve for this figure…", "Copy"
SENTENCE = "Copy as a sentence"
EXPLAIN_WHICH = "Which figure shall be explained?"
_KINDS = {"market": MARKET_KINDS, "sites": SITE_KINDS, "uses": USE_KINDS | POWER_KINDS, "crossovers": CROSSOVER_KINDS}
_shown: WeakKeyDictionary[QWidget, PathAt] = WeakKeyDictionary()
FigureList = Callable[[], "list[Entry]"]
"""The figures of a widget by name, to be searched where none of them is under the keyboard."""
_listed: WeakKeyDictionary[QWidget, FigureList] = WeakKeyDictionary()


def in_scenario(path: str | None, scenario_id: str) -> str | None:
    """The path of a figure or input of one scenario, whichever is on show."""
    return f"{path}{IN_SCENARIO}{scenario_id}" if path else None


def add_figure_menu(
    widget: QWidget, session: Session, path_at: PathAt, *, own_menu: bool = False, by_double_click: bool = False
) -> None:
    """Let a widget explain its figures.

    Parameters
    ----------
    widget
        Shows figures. Of a table its cells, of a label its text.
    session
        Where the question goes.
    path_at
        Finds the figure's path.
    own_menu
        Whether the widget opens a menu of its own, which calls `add_figure_actions`.
    by_double_click
        Whether a double click asks too: for headline figures, which cannot be edited.
    """
    is_new = widget not in _shown
    _shown[widget] = path_at
    if isinstance(widget, QLabel) and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
        # So that the keyboard reaches it, a text that the mouse selects too; the style sheet shows where it is.
        widget.setFocusPolicy(widget.focusPolicy() | Qt.FocusPolicy.TabFocus)
        theme.set_look(widget, explains="true")
        if not widget.accessibleName():
            widget.setAccessibleName(widget.text() or "Figure")
            widget.setProperty("named_by_text", True)
    if is_new and not (own_menu and not by_double_click):
        follower = _Follower(widget, session, own_menu, by_double_click)
        widget.installEventFilter(follower)
        if isinstance(widget, QAbstractItemView):
            widget.viewport().installEventFilter(follower)


def add_figure_actions(
    menu: QMenu, session: Session, path: str | None, copy: Callable[[], object] | None = None
) -> None:
    """Put what can be done with a figure into a menu; nothing where there is none.

    Parameters
    ----------
    menu
        Not opened yet.
    path
        Of a figure or an input.
    copy
        Copies the figure; no such action where None.
    """
    if path is None:
        return
    # The keys are only written here: they belong to the window's command.
    menu.addAction(f"{EXPLAIN}\t{EXPLAIN_KEY}", lambda: session.explain_requested.emit(path))
    menu.addAction(SENTENCE, partial(copy_sentence, session, path))
    bare, scenario_id = without_scenario(path, session.scenario_id)
    if is_figure(bare) and scenario_id == session.scenario_id:
        menu.addAction(SOLVE, partial(_solve, menu.parentWidget(), session, bare))
    if copy is not None:
        menu.addAction(COPY, copy)


def _solve(parent: QWidget, session: Session, path: str) -> None:
    from app.solve_dialog import SolveDialog

    SolveDialog(session, path, parent.window()).open()


def explain_by_key(dialog: QWidget, session: Session) -> None:
    """Let F8 explain the figure under the keyboard of a dialog, which the window's own keys do not reach."""

    def ask() -> None:
        path = focused_figure(dialog.focusWidget())
        if path is not None:
            session.explain_requested.emit(path)

    QShortcut(QKeySequence(EXPLAIN_KEY), dialog).activated.connect(ask)


def is_figure(path: str) -> bool:
    """Whether a path names a figure of the results, as against an input or a number beside the figures.

    Examples
    --------
    >>> is_figure("uses.a1.npv_usd_per_mw"), is_figure("market.btc_price_usd"), is_figure("derived.subsidy")
    (True, False, False)
    """
    from models.figures import CROSSOVER_KINDS, MARKET_KINDS, POWER_KINDS, SITE_KINDS, USE_KINDS

    kinds = {
        "market": MARKET_KINDS,
        "sites": SITE_KINDS,
        "uses": USE_KINDS | POWER_KINDS,
        "crossovers": CROSSOVER_KINDS,
    }
    table, _, rest = path.partition(".")
    return rest.rpartition(".")[2] in kinds.get(table, {})


def figure_path_at(widget: QWidget, point: QPoint) -> str | None:
    """The figure that a widget, or one that it lies in, shows at a point; None where none says so."""
    now: QWidget | None = widget
    while now is not None:
        path_at = _shown.get(now)
        if path_at is not None:
            found = path_at(point)
            if found is not None:
                return found
        if now.isWindow():
            return None
        point = now.mapToParent(point)
        now = now.parentWidget()
    return None


def add_figure_list(widget: QWidget, figures: FigureList) -> None:
    """Let the figures of a widget be searched by name, where the keyboard cannot go from one to the next."""
    _listed[widget] = figures


def listed_figures(widget: QWidget | None) -> list[Entry]:
    """The figures by name of a widget, or of one that it lies in; empty where none lists any."""
    now = widget
    while now is not None:
        if now in _listed:
            return _listed[now]()
        now = None if now.isWindow() else now.parentWidget()
    return []


def focused_figure(widget: QWidget | None) -> str | None:
    """The figure under the keyboard: the current cell, the crosshair's curve, or the widget's own."""
    return None if widget is None else figure_path_at(widget, focus_point(widget))


def focus_point(widget: QWidget) -> QPoint:
    """Where in a widget the keyboard is."""
    if isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid():
        return widget.viewport().mapTo(widget, widget.visualRect(widget.currentIndex()).center())
    place = getattr(widget, "focus_point", None)
    return place() if callable(place) else widget.rect().center()


class _Follower(QObject):
    """Opens the menu on one widget."""

    def __init__(self, widget: QWidget, session: Session, own_menu: bool, by_double_click: bool) -> None:
        super().__init__(widget)
        self._widget, self._session = widget, session
        self._own_menu, self._by_double_click = own_menu, by_double_click

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        label = self._widget
        if event.type() == QEvent.Type.FocusIn and isinstance(label, QLabel) and label.property("named_by_text"):
            label.setAccessibleName(label.text())  # what is read aloud is what it shows by now
        if event.type() == QEvent.Type.ContextMenu and isinstance(event, QContextMenuEvent) and not self._own_menu:
            point = self._widget.mapFromGlobal(event.globalPos())
            if event.reason() == QContextMenuEvent.Reason.Keyboard:
                point = focus_point(self._widget)
            path = figure_path_at(self._widget, point)
            if path is not None or offering(self._widget) is not None:
                return self._open(path, self._widget.mapToGlobal(point))
        if event.type() == QEvent.Type.MouseButtonDblClick and self._by_double_click:
            path = figure_path_at(self._widget, self._widget.rect().center())
            if path is not None:
                self._session.explain_requested.emit(path)
                return True
        return False

    def _open(self, path: str | None, place: QPoint) -> bool:
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_figure_actions(menu, self._session, path, self._copy)
        add_out_actions(menu, self._widget)
        if menu.isEmpty():
            menu.deleteLater()
            return False
        menu.popup(place)
        return True

    def _copy(self) -> None:
        widget = self._widget
        text = ""
        if isinstance(widget, QLabel):
            text = widget.selectedText() or widget.text()
        elif isinstance(widget, QAbstractItemView):
            text = str(widget.currentIndex().data() or "")
        QGuiApplication.clipboard().setText(text or widget.accessibleName())
