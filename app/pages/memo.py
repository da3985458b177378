"""Memo: the document that leaves the laptop, previewed as it will be printed, and what it recommends beside it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from app import theme
from app.cards import PAGE_MARGINS, Card, EmptyState, PageHead, button, label
from app.memo.editor import MemoEditor
from app.memo.files import memo_bytes
from app.memo.preview import SETTLE_MS, MemoPages, MemoWriter
from app.session import Session
from app.shell.findings_panel import ICONS
from models.flips import Flip
from models.memo.exhibits import distance_text, flip_text
from models.memo.parts import MemoContent, as_text
from models.problems import Finding, Severity
from models.storage.disk import write_whole

SIDE_WIDTH = 320
SIDES = ("Summary", "Edit")
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
        self.decide_button = button(
            "Record decision…",
            lambda: session.command_requested.emit("decision.record"),
            icon="decisions",
            help="Freeze what was decided on this memo, to look back on it later",
        )
        self.head.add(self.decide_button)
        self.head.add(self.export_button)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self._filled())
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(n) for n in PAGE_MARGINS))
        column.setSpacing(theme.px(12))
        column.addWidget(self.head)
        column.addWidget(self._stack, 1)

        self.writer.content_ready.connect(self._show_content)
        self.writer.pages_ready.connect(self._show_pages)
        self.pages.ppi_changed.connect(self._settle.start)
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
        row = QHBoxLayout(inside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addWidget(self.pages, 1)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("What is shown beside the memo")
        self.tabs.setDrawBase(False)
        for words in SIDES:
            self.tabs.addTab(words)
        self._side = _scroll("The recommendation in short")
        self.editor = MemoEditor(self._session)
        edit = _scroll("What the memo says and leaves out")
        edit.setWidget(self.editor)
        self._sides = QStackedWidget()
        self._sides.addWidget(self._side)
        self._sides.addWidget(edit)
        self.tabs.currentChanged.connect(self._sides.setCurrentIndex)
        self._beside = QWidget()
        self._beside.setFixedWidth(theme.px(SIDE_WIDTH))
        column = QVBoxLayout(self._beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(8))
        column.addWidget(self.tabs)
        column.addWidget(self._sides, 1)
        row.addWidget(self._beside)
        theme.theme_changed.connect(self._fit_side)
        return inside

    def _fit_side(self) -> None:
        self._beside.setFixedWidth(theme.px(SIDE_WIDTH))

    # Following the plan

    def refresh(self) -> None:
        """Write the memo anew, once edits have come to rest."""
        has_uses = bool(self._session.results.uses)
        self._stack.setCurrentIndex(1 if has_uses else 0)
        self.export_button.setEnabled(has_uses)
        self.decide_button.setEnabled(has_uses)
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

    def _show_content(self, content: MemoContent) -> None:
        self.content = content
        self.editor.show_content(content)
        self._side.setWidget(self._summary(content))

    def _show_pages(self, pages: tuple[bytes, ...], _ppi: float) -> None:
        self.pages.show_pages(pages)
        count = f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
        scenario = self.content.scenario_words if self.content is not None else ""
        self.head.about.setText(f"{count} · {scenario}")
        self.pages.setAccessibleDescription(self.content.title if self.content is not None else "")

    # The recommendation beside it

    def _summary(self, content: MemoContent) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(4), 0)
        column.setSpacing(theme.px(12))
        advice = Card("Recommendation")
        advice.add(label(content.title, "headline", wrap=True))
        for words in content.summary:
            advice.add(label(as_text(words), "", wrap=True))
        column.addWidget(advice)
        if content.nearest_flips:
            flips = Card("What would change it", "The nearest value of each input at which something else is best.")
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
        row.addWidget(jump)
        row.addWidget(small)
        return line

    def _finding_line(self, finding: Finding) -> QWidget:
        icon, role = ICONS[finding.severity]
        line = QWidget()
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


def _scroll(name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    return area
