"""Memo: the document that leaves the laptop, previewed as it will be printed, and what it recommends beside it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import PAGE_MARGINS, Card, EmptyState, OneOf, PageColumn, PageHead, button, label
from app.figure_menu import EXPLAIN_WHICH, add_figure_actions, add_figure_list, add_figure_menu
from app.finding_figures import let_explain
from app.latest import Latest
from app.memo.editor import MemoEditor
from app.memo.files import memo_bytes
from app.memo.pdf import FigureBox, figure_boxes
from app.memo.preview import SETTLE_MS, MemoPages, MemoWriter
from app.session import Session
from app.shell.findings_panel import ICONS
from app.shell.palette import Entry
from models.flips import Flip
from models.memo.exhibits import distance_text, flip_text
from models.memo.explained import results_path
from models.memo.figure_names import figure_name
from models.memo.parts import Figure, MemoContent, Words, as_text
from models.problems import Finding, Severity
from models.sensitivity.distances import NEAREST_BY
from models.storage.disk import write_whole

SIDE_WIDTH = 320
ANY_WIDTH = 16_777_215
"""Qt's own greatest width."""
LEAST_PAGES = 400
"""Room for the pages below which they are not read beside anything else: then they have a tab of their own."""
TABS = ("Pages", "Summary", "Edit")
MOST_FINDINGS = 6


class MemoPage(QWidget):
    """The memo of the plan on show.

    Attributes
    ----------
    pages
        The preview.
    content
        What the memo says; None until it has been written for the first time.
    """

    name = "memo"
    title = "Memo"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.content: MemoContent | None = None
        self.writer = MemoWriter(self)
        self.pages = MemoPages(self)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._request)

        self.head = PageHead("Memo", self)
        self.export_button = button(
            "Export memo…",
            lambda: session.command_requested.emit("file.export_memo"),
            kind="primary",
            icon="export",
            help="Write this memo to a file (Ctrl+E)",
        )
        self.explain_button = button(
            "Explain a figure…",
            lambda: session.command_requested.emit("view.explain"),
            icon="help",
            help="Any figure of the memo, down to its inputs with source and date (F8)",
        )
        self.head.add(self.explain_button)
        self.decide_button = button(
            "Record decision…",
            lambda: session.command_requested.emit("decision.record"),
            icon="decisions",
            help="Freeze what was decided on this memo, to look back on it later",
        )
        self.head.add(self.decide_button)
        self.head.add(self.export_button)
        self._stack = OneOf(self)
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self._filled())
        column = PageColumn(self)
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)

        self.writer.content_ready.connect(self._show_content)
        self.writer.pages_ready.connect(self._show_pages)
        self.pages.ppi_changed.connect(self._settle.start)
        # Where figures stand is asked for when the mouse comes near: the pages must not wait for it.
        self._places = Latest(self)
        self._located: MemoContent | None = None
        self._places.done.connect(self.pages.show_boxes)
        self.pages.boxes_wanted.connect(self._find_figures)
        self.pages.hovered.connect(self._say_figure)
        self.pages.asked.connect(lambda box: session.explain_requested.emit(results_path(box.figure.id)))
        self.pages.menu_wanted.connect(self._open_menu)
        add_figure_menu(self, session, self._figure_at, own_menu=True)
        add_figure_list(self, self.figure_entries)
        session.scenario_changed.connect(self._follow)
        session.plan_changed.connect(self._follow)
        session.typing_ends.connect(self.editor.finish)

    # Arranging

    def _empty(self) -> QWidget:
        session = self._session
        fleet = button("Enter machines", lambda: session.go_to("fleet"), kind="primary")
        sample = button("Open a sample", lambda: session.go_to("start"))
        words = "A memo compares what megawatts can do. Enter machines or an AI offer at a site, and it writes itself."
        return EmptyState("memo", "Nothing to decide yet", words, fleet, sample)

    def _filled(self) -> QWidget:
        inside = QWidget()
        self._row = row = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self.pages, 1)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("What is shown beside the memo")
        self.tabs.setDrawBase(False)
        for words in TABS:
            self.tabs.addTab(words)
        self._is_narrow = False
        self._show_pages_tab(False)
        self.tabs.setCurrentIndex(TABS.index("Summary"))
        self._side = _scroll("The recommendation in short")
        self.editor = MemoEditor(self._session)
        edit = _scroll("What the memo says and leaves out")
        edit.setWidget(self.editor)
        self._sides = QStackedWidget()
        self._sides.addWidget(self._side)
        self._sides.addWidget(edit)
        self.tabs.currentChanged.connect(self._show_tab)
        self._beside = QWidget()
        column = QVBoxLayout(self._beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.tabs)
        column.addWidget(self._sides, 1)
        row.addWidget(self._beside)
        self._beside.setFixedWidth(theme.px(SIDE_WIDTH))
        theme.theme_changed.connect(self._fit_side)
        return inside

    def _fit_side(self) -> None:
        """Put summary and editor beside the pages, or each under a tab where pages could not be read beside them."""
        side = theme.px(SIDE_WIDTH)
        edges = theme.px(PAGE_MARGINS[0]) + theme.px(PAGE_MARGINS[2])
        narrow = self.width() - edges < side + theme.px(12) + theme.px(LEAST_PAGES)
        self._beside.setMinimumWidth(0 if narrow else side)
        self._beside.setMaximumWidth(ANY_WIDTH if narrow else side)
        if narrow == self._is_narrow:
            return
        self._is_narrow = narrow
        way = QBoxLayout.Direction
        self._row.setDirection(way.BottomToTop if narrow else way.LeftToRight)
        self._show_pages_tab(narrow)
        if narrow and self._tab == "Summary":
            self.tabs.setCurrentIndex(TABS.index("Pages"))
        elif not narrow and self._tab == "Pages":
            self.tabs.setCurrentIndex(TABS.index("Summary"))
        self._show_tab()

    def _show_pages_tab(self, shown: bool) -> None:
        place = TABS.index("Pages")
        self.tabs.setTabVisible(place, shown)
        self.tabs.setTabEnabled(place, shown)  # arrow keys go by this

    @property
    def _tab(self) -> str:
        return TABS[self.tabs.currentIndex()]

    def _show_tab(self, *_: object) -> None:
        if self._tab != "Pages":
            self._sides.setCurrentIndex(TABS.index(self._tab) - 1)
        self._sides.setVisible(not self._is_narrow or self._tab != "Pages")
        self.pages.setVisible(not self._is_narrow or self._tab == "Pages")
        self._follow_editor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_side()

    # Following the plan

    def refresh(self) -> None:
        """Write the memo anew, once edits have come to rest."""
        has_uses = bool(self._session.results.uses)
        self._stack.setCurrentIndex(1 if has_uses else 0)
        self.export_button.setEnabled(has_uses)
        self.decide_button.setEnabled(has_uses)
        self.explain_button.setEnabled(has_uses)
        if not has_uses:
            self.content = None
            self.head.about.setText("")
            return
        # The first time there is nothing to look at yet: do not wait then.
        self._settle.start(0 if self.content is None else SETTLE_MS)

    @property
    def is_busy(self) -> bool:
        """Whether the preview is behind the plan."""
        return self._settle.isActive() or self.writer.is_busy

    def flush(self) -> None:
        """Wait until the preview shows the plan as it is."""
        if self._settle.isActive():
            self._settle.stop()
            self._request()
        self.writer.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()  # the plan, the screen or the width may be others by now

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.editor.finish()
        if self.is_busy:
            self.content = None  # so that coming back begins anew
        self._settle.stop()
        self.writer.cancel()
        self._forget_places()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.DevicePixelRatioChange and self.content is not None:
            self._settle.start()

    def _follow(self) -> None:
        if self.isVisible():
            self.refresh()

    def _request(self) -> None:
        session = self._session
        if session.results.uses:
            self.writer.request(session.document.plan, session.scenario_id, session.today, self.pages.ppi)

    def _follow_editor(self) -> None:
        """Show the memo in the editor while it is looked at: thousands of names take a tenth of a second."""
        if self.content is not None and self._tab == "Edit":
            self.editor.show_content(self.content)

    def _show_content(self, content: MemoContent) -> None:
        self.content = content
        self._follow_editor()
        self._side.setWidget(self._summary(content))

    def _forget_places(self) -> None:
        self._places.cancel()
        self._located = None

    def _show_pages(self, pages: tuple[bytes, ...], continued: dict[str, int]) -> None:
        self._forget_places()
        self.pages.show_pages(pages)
        self.editor.show_continued(continued)
        count = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
        scenario = self.content.scenario_words if self.content is not None else ""
        self.head.about.setText(f"{count} · {scenario}")
        self.pages.setAccessibleDescription(self.content.title if self.content is not None else "")

    # Explaining figures

    def _find_figures(self) -> None:
        if self.content is not None and self.content is not self._located and not self.is_busy:
            self._located = self.content
            self._places.request(partial(figure_boxes, self.content))

    def find_figures(self) -> None:
        """Wait until it is known where the figures stand."""
        self.flush()
        self._find_figures()
        self._places.flush()

    def _figure_at(self, point: QPoint) -> str | None:
        inside = self.pages.mapFrom(self, point)
        box = self.pages.box_at(inside) if self.pages.isVisible() and self.pages.rect().contains(inside) else None
        return None if box is None else results_path(box.figure.id)

    def focus_point(self) -> QPoint:
        """Where the figure under the mouse is; outside where there is none."""
        return self.pages.mapTo(self, self.pages.focus_point())

    def _say_figure(self, box: FigureBox | None) -> None:
        words = ""
        if box is not None and self.content is not None:
            words = f"{figure_name(self._session.plan, box.figure.id)}: {box.figure.text}\nF8 explains it"
        self.pages.set_hint(words)

    def _open_menu(self, box: FigureBox | None, place: QPoint) -> None:
        if self.content is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if box is not None:
            copy = partial(QGuiApplication.clipboard().setText, box.figure.text)
            add_figure_actions(menu, self._session, results_path(box.figure.id), copy)
            menu.addSeparator()
        menu.addAction("Explain a figure by its name…", self._choose_figure)
        menu.popup(place)

    def _choose_figure(self) -> None:
        self._session.figures_listed.emit(self.figure_entries(), EXPLAIN_WHICH)

    def figure_entries(self) -> list[Entry]:
        """Every figure of the memo by name, in the order of reading; choosing one shows it and explains it."""
        if self.content is None:
            return []
        plan = self._session.plan
        return [
            Entry(figure_name(plan, address), figure.text, partial(self._explain_figure, address))
            for address, figure in self.content.figures.items()
        ]

    def _explain_figure(self, address: str) -> None:
        if self._is_narrow:
            self.tabs.setCurrentIndex(TABS.index("Pages"))
        self.pages.reveal(address)
        self._session.explain_requested.emit(results_path(address))

    # The recommendation beside it

    def _summary(self, content: MemoContent) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(4), 0)
        column.setSpacing(theme.px(12))
        advice = Card("Recommendation")
        headline = label(content.title, "headline", wrap=True)
        advice.add(headline)
        self._let_explain(headline, [figure for words in content.summary for figure in _figures(words)])
        for words in content.summary:
            line = label(as_text(words), "", wrap=True)
            advice.add(line)
            self._let_explain(line, _figures(words))
        column.addWidget(advice)
        if content.nearest_flips:
            about = f"The nearest value of each input at which something else is best, {NEAREST_BY}."
            flips = Card("What would change it", about)
            for flip in content.nearest_flips:
                flips.add(self._flip_line(flip))
            column.addWidget(flips)
        standing = [f for f in self._session.findings if f.severity != Severity.INFO]
        findings = Card("Findings that stand", "" if standing else "None: nothing in the plan is questionable.")
        for finding in standing[:MOST_FINDINGS]:
            findings.add(self._finding_line(finding))
        if len(standing) > MOST_FINDINGS:
            findings.add(label(f"and {len(standing) - MOST_FINDINGS} more, listed below", "small"))
        column.addWidget(findings)
        column.addStretch(1)
        return inside

    def _let_explain(self, line: QLabel, figures: list[Figure]) -> None:
        """A sentence explains the lead that it names; without one its first figure."""
        lead = next((f for f in figures if f.id.endswith(".lead_usd_per_mw")), figures[0] if figures else None)
        if lead is not None:
            add_figure_menu(line, self._session, lambda _: results_path(lead.id))

    def _flip_line(self, flip: Flip) -> QWidget:
        line = QWidget()
        row = QVBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        jump = button(flip.label, lambda: self._session.select(flip.path), kind="link", help="Show this input")
        jump.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        words = f"{flip_text(flip, flip.now)} → {flip_text(flip, flip.value)} ({distance_text(flip)}): {flip.winner}"
        small = label(words, "small", wrap=True)
        small.setContentsMargins(theme.px(5), 0, 0, 0)  # a link's own padding
        add_figure_menu(small, self._session, lambda _: f"recommendation.{flip.site_id}.flips.{flip.path}.value")
        row.addWidget(jump)
        row.addWidget(small)
        return line

    def _finding_line(self, finding: Finding) -> QWidget:
        icon, role = ICONS[finding.severity]
        line = QWidget()
        line.setObjectName("memo.finding")
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        mark = label("", role)
        size = theme.px(14)
        mark.setPixmap(theme.icon(icon, role).pixmap(QSize(size, size), self.devicePixelRatioF()))
        mark.setAccessibleName(str(finding.severity))
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(label(self._session.numbers.say(finding.message), "", wrap=True))
        column.addWidget(
            button("Show it", lambda: self._session.select(finding.path), kind="link"), 0, Qt.AlignmentFlag.AlignLeft
        )
        row.addLayout(column, 1)
        let_explain(line, self._session, finding)
        return line

    # Exporting

    def export_pdf(self, path: Path | str) -> None:
        """Write the memo of the plan as it is now.

        Raises
        ------
        PlanFileError
            Where the file cannot be written; an older one is then as it was.
        """
        session = self._session
        write_whole(path, memo_bytes(session.document.plan, ".pdf", session.today, session.scenario_id))


def _figures(words: Words) -> list[Figure]:
    return [word for word in words if isinstance(word, Figure)]


def _scroll(name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    return area
