"""The main window: arranges the rail, the header, the page, the levers and the findings, and connects them. No more."""

from __future__ import annotations

from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.figure_menu import EXPLAIN_WHICH, focused_figure, listed_figures
from app.session import Session
from app.shell.commands import COMMANDS, Commands, named, shortcut_text
from app.shell.data_actions import DataActions
from app.shell.decision_actions import DecisionActions
from app.shell.export_actions import ExportActions
from app.shell.file_actions import FileActions
from app.shell.findings_panel import FindingsPanel
from app.shell.header import Header
from app.shell.levers import Levers
from app.shell.page_area import PageArea, show_whole
from app.shell.rail import Rail
from app.shell.recovery_bar import RecoveryBar
from app.shell.scenario_actions import ScenarioActions
from app.shell.tab_order import tab_order
from app.shell.view_actions import ViewActions
from app.typed import drop_typing, take_typing
from models.problems import PlanFileError

if TYPE_CHECKING:
    from app.shell.palette import Entry, Palette

SMALLEST = (960, 600)
USUAL = (1440, 900)
TITLE_BAR_PX = 32
"""What a window manager's frame takes of the screen's height; no more is known before the window is shown."""
COMPACT_BELOW_PX = 1180
LEVERS_WIDTH_PX = 264
LEVERS_MOST_SHARE = 0.34


class Page(Protocol):
    """What every page of app/pages is: a widget with a name, a title and a way to be brought up to date."""

    name: str
    title: str

    def refresh(self) -> None: ...


def make_page(name: str, session: Session) -> Any:
    """Import and make a page by its name: ``break_even`` is BreakEvenPage of app/pages/break_even.py."""
    class_name = "".join(word.capitalize() for word in name.split("_")) + "Page"
    return getattr(import_module(f"app.pages.{name}"), class_name)(session)


class Window(QMainWindow):
    """The main window.

    Attributes
    ----------
    session
        The open plan and everything the pages share.
    pages
        Those made so far, by name.
    explain_panel
        Explains a figure; None until one is first asked about.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.pages: dict[str, Any] = {}
        self.explain_panel: Any = None
        self._stale: set[str] = set()
        self.setObjectName("window")
        self.setAcceptDrops(True)
        self.view = ViewActions(self, session.settings)
        self.exports = ExportActions(self, session)
        self.files = FileActions(self, session, self.exports.verify_path)
        self.scenarios = ScenarioActions(self, session)
        self.data = DataActions(self, session)
        self.decisions = DecisionActions(self, session)

        self.rail = Rail(self)
        self.header = Header(session, self)
        self.recovery = RecoveryBar(session, self)
        self.stack, self._areas = QStackedWidget(self), dict[str, PageArea]()
        self.findings = FindingsPanel(session, self)
        self.levers = Levers(session, lambda entries, prompt: self.palette_panel.ask(entries, prompt))
        self.levers_dock = self._make_dock()
        self._arrange()
        self.commands = Commands(self)
        self._fill_menus()
        self.scenarios.fill_menu(self.header.scenario_menu)

        session.results_changed.connect(self._refresh_pages)
        session.day_changed.connect(self._refresh_pages)
        session.chosen_changed.connect(self._put_off_pages)
        session.drag_changed.connect(self._put_off_pages)
        session.scenario_changed.connect(self._follow_scenario)
        session.page_requested.connect(self.show_page)
        session.selection_requested.connect(self._show_selection)
        session.document.state_changed.connect(self._follow_document)
        session.document.recovery_failed.connect(self._warn_of_recovery)
        session.message.connect(self.findings.say)
        session.typing_ends.connect(partial(take_typing, self))
        session.explain_requested.connect(self.explain)
        session.figures_listed.connect(self.list_figures)
        session.command_requested.connect(self._run_command)
        session.begin_requested.connect(self.files.begin)
        session.open_requested.connect(self.files.open_path)
        session.recover_requested.connect(self.files.recover)
        self.recovery.restore_requested.connect(self.files.restore)
        self.recovery.compare_requested.connect(self.files.compare)
        self.recovery.discard_requested.connect(self.files.discard)
        self.rail.page_chosen.connect(self.show_page)
        theme.theme_changed.connect(self._follow_theme)
        theme.dress(self)
        self._follow_document()
        self.reset_layout()
        self._restore_layout()

    # Arranging

    def _make_dock(self) -> QDockWidget:
        dock = QDockWidget("Levers", self)
        dock.setObjectName("levers_dock")
        dock.setAllowedAreas(Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea)
        dock.setWidget(self.levers)
        bar = QWidget(dock)
        bar.setObjectName("levers_title")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(14, 8, 8, 8)
        title = QLabel("Levers", bar)
        theme.set_look(title, role="section")
        row.addWidget(title, 1)
        for icon, words, run in (
            ("revert", "Reset all levers to the saved plan", self.levers.reset_all),
            ("pin", "Pin another field", self.levers.choose_field),
            ("close", "Hide the levers", dock.hide),
        ):
            button = QToolButton(bar)
            button.setToolTip(words)
            button.setAccessibleName(words)
            theme.set_icon(button, icon)
            button.clicked.connect(partial(_call, run))
            row.addWidget(button)
        dock.setTitleBarWidget(bar)
        return dock

    def _arrange(self) -> None:
        self._middle = QMainWindow(self, Qt.WindowType.Widget)
        self._middle.setObjectName("middle")
        below = QWidget(self._middle)
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.stack, 1)
        column.addWidget(self.findings)
        self._middle.setCentralWidget(below)
        self._middle.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.levers_dock)
        right = QWidget(self)
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.recovery)
        column.addWidget(self._middle, 1)
        whole = QWidget(self)
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(right, 1)
        self.setCentralWidget(whole)

    def _fill_menus(self) -> None:
        for category in dict.fromkeys(c.category for c in COMMANDS):
            menu = self.menuBar().addMenu(f"&{category}")
            self.commands.fill_menu(category, menu)
            if category == "File":
                self.files.add_recent_menu(menu)

    def reset_layout(self) -> None:
        """Sizes and docks as they were when Busbar was new."""
        screen = self.screen().availableSize()
        # A screen may be smaller than that: 1280 × 800 pixels at 200 % are 640 × 400.
        self.setMinimumSize(min(SMALLEST[0], screen.width()), min(SMALLEST[1], screen.height()))
        self.resize(min(USUAL[0], screen.width()), min(USUAL[1], screen.height() - TITLE_BAR_PX))
        self._middle.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.levers_dock)
        self.levers_dock.setFloating(False)
        self.levers_dock.show()
        self._follow_theme()
        self.findings.set_expanded(False)

    def _restore_layout(self) -> None:
        settings = self.session.settings
        if not settings.geometry.isEmpty():
            self.restoreGeometry(settings.geometry)
            self._middle.restoreState(settings.layout)

    def _follow_theme(self) -> None:
        self.levers_dock.setMinimumWidth(theme.px(LEVERS_WIDTH_PX * 0.8))
        self._middle.resizeDocks(
            [self.levers_dock],
            [min(theme.px(LEVERS_WIDTH_PX), round(self.width() * LEVERS_MOST_SHARE))],
            Qt.Orientation.Horizontal,
        )
        self.rail.set_compact(self.width() < theme.px(COMPACT_BELOW_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rail.set_compact(self.width() < theme.px(COMPACT_BELOW_PX))
        most = round(self.width() * LEVERS_MOST_SHARE)
        if self.width() < event.oldSize().width() and self.levers_dock.width() > most:
            # Else a window that is made smaller takes all of it from the page.
            self._middle.resizeDocks([self.levers_dock], [most], Qt.Orientation.Horizontal)

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Tab goes through the window as the eye does: Qt's own order is that in which things were made."""
        areas = (self.rail, self.header, self.recovery, self.stack, self.findings, self.levers_dock)
        order = tab_order(self, areas, self.levers.scroll.widget())
        now = self.focusWidget()
        if now not in order:
            return super().focusNextPrevChild(forwards)
        at = order.index(now)
        others = [*order[at + 1 :], *order[:at]]
        if not others:
            return False
        following = others[0 if forwards else -1]
        following.setFocus(Qt.FocusReason.TabFocusReason if forwards else Qt.FocusReason.BacktabFocusReason)
        show_whole(following)
        return True

    # Pages

    @property
    def page(self) -> Any:
        """The page on show."""
        area = self.stack.currentWidget()
        return area.widget() if isinstance(area, PageArea) else None

    def show_page(self, name: str) -> None:
        """Show a page, making it when it is first asked for."""
        if name not in self.pages:
            page = make_page(name, self.session)
            page.setObjectName(f"page.{name}")
            self.pages[name] = page
            self._areas[name] = PageArea(page)
            self.stack.addWidget(self._areas[name])
            self._stale.add(name)
        page = self.pages[name]
        if page is not self.page and any(a.isAncestorOf(self.focusWidget()) for a in (self.stack, self.rail)):
            # Else Qt looks for a place for the keyboard when the former page goes, and takes the next best; or the
            # frame of the keyboard stays at the former page's name.
            self.rail.buttons[name].setFocus()
        self.stack.setCurrentWidget(self._areas[name])
        self.rail.mark(name)
        if name in self._stale:
            self._stale.discard(name)
            page.refresh()
        self.commands.refresh()

    def _refresh_pages(self) -> None:
        """Bring the visible page up to date now, the others when they are next shown."""
        self._put_off_pages()
        if self.page is not None:
            self.page.refresh()

    def _put_off_pages(self, _dragging: bool = False) -> None:
        """Let hidden pages follow when they are next shown; after a drag also the one that was left in the middle."""
        self._stale |= {name for name, page in self.pages.items() if page is not self.page}

    def _show_selection(self, path: str) -> None:
        jump = getattr(self.page, "jump_to", None)
        if jump is not None:
            jump(path)

    # Commands that are the window's own

    @cached_property
    def palette_panel(self) -> Palette:
        """The panel in which commands, fields and the like are chosen by name."""
        from app.shell.palette import Palette

        return Palette(self)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self.session.document.undo_stack.canUndo()

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to make again."""
        return self.session.document.undo_stack.canRedo()

    def undo(self) -> None:
        """Take the last edit back."""
        drop_typing(self)
        self.session.typing_ends.emit()  # the words that are being typed are the last edit
        words = named("Undone:", self.session.document.undo_stack.undoText())
        self.session.document.undo()
        self.session.message.emit(words)

    def redo(self) -> None:
        """Make the edit that was taken back again."""
        drop_typing(self)
        words = named("Done again:", self.session.document.undo_stack.redoText())
        self.session.document.redo()
        self.session.message.emit(words)

    def show_palette(self) -> None:
        """Offer every command, page and number of the plan by name."""
        from app.shell.palette import Entry
        from models.drivers import drivers

        entries = [
            Entry(
                self.commands.actions[c.id].text().replace("&&", "&"),
                c.category,
                self.commands.actions[c.id].trigger,
                shortcut_text(c),
            )
            for c in COMMANDS
            if c.id != "go.palette" and self.commands.actions[c.id].isEnabled()
        ]
        entries += [
            Entry(found.label, "Go to the field", partial(self.session.select, found.path))
            for found in drivers(self.session.plan)
        ]
        self.palette_panel.ask(entries, "What do you want to do, or which field do you want to see?")

    def _run_command(self, command_id: str) -> None:
        self.commands.actions[command_id].trigger()

    def read_offer(self) -> None:
        """Show the page of offers and read one there."""
        self.show_page("offers")
        self.page.read_offer()

    def explain_focused(self) -> None:
        """Explain the figure under the keyboard, or on a page of many the one that is then chosen by name."""
        focused = self.focusWidget()
        path = focused_figure(focused) or focused_figure(self.page)
        if path is not None:
            self.explain(path)
        elif figures := listed_figures(focused) or listed_figures(self.page):
            self.list_figures(figures)
        else:
            self.session.message.emit("Put the keyboard on a number first, or use its context menu.")

    def list_figures(self, figures: list[Entry], prompt: str = EXPLAIN_WHICH) -> None:
        """Let one of many figures be chosen by name."""
        self.palette_panel.ask(figures, prompt)

    def explain(self, path: str) -> None:
        """Explain a figure or an input; over a dialog that keeps all else from being used, in a panel of its own."""
        from app.explain_panel import ExplainPanel

        over = QApplication.activeModalWidget()
        if over is not None:
            (over.findChild(ExplainPanel) or ExplainPanel(self.session, over)).explain(path)
            return
        if self.explain_panel is None:
            self.explain_panel = ExplainPanel(self.session, self)
        self.explain_panel.explain(path)

    def show_help(self) -> None:
        """Show all keys."""
        from app.shell.help_sheet import HelpSheet

        HelpSheet(self).open()

    def show_plan_file(self) -> None:
        """Say what the plan's file holds for those who query it."""
        from app.shell.document_sheet import PLAN_FILE, DocumentSheet

        DocumentSheet(PLAN_FILE, self).open()

    def show_about(self) -> None:
        """Say what this is."""
        from models.storage.plan_file import program_version

        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("About Busbar")
        box.setText(f"Busbar {program_version()}")
        box.setInformativeText(
            "What should the next megawatt do: mine, or host AI? Busbar needs no network and sends nothing.\n\n"
            "MIT licence. Inter typeface under the SIL Open Font Licence."
        )
        box.open()

    # The document

    def _follow_document(self) -> None:
        document = self.session.document
        state = " (read-only)" if document.is_read_only else "" if document.path else " (not saved yet)"
        self.setWindowTitle(f"{document.name}{state}[*] – Busbar")
        self.setWindowModified(document.is_dirty)
        self.commands.name_undo(document.undo_stack.undoText(), document.undo_stack.redoText())
        self.commands.refresh()

    def _follow_scenario(self, _scenario_id: str) -> None:
        """What can be reverted depends on the scenario on show."""
        self.commands.refresh()

    def _warn_of_recovery(self, error: PlanFileError) -> None:
        self.session.message.emit(f"No recovery copy: {error.what}; {error.remedy}.")

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_close():
            event.ignore()
            return
        settings = self.session.settings
        settings.geometry = self.saveGeometry()
        settings.layout = self._middle.saveState()
        self.session.document.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.files.dropped_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self.files.dropped_path(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.files.take_dropped(path)


def _call(run: Any, _checked: bool = False) -> None:
    run()
