"""What is questionable in the plan, under every page: how many, what, where, and a repair with one click."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.data_out import offer
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_menu
from app.finding_figures import figure_of_finding, let_explain
from app.first_paint import after_first_paint
from app.session import Session
from models.plan import Snooze
from models.problems import Finding, Severity, is_grave
from models.results import Results
from models.sheets import Sheet, sheet_of
from models.snoozes import aside, restored, standing

ICONS = {
    Severity.ERROR: ("error", "negative"),
    Severity.WARNING: ("warning", "warning"),
    Severity.INFO: ("info", "muted"),
}
WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.INFO: ("note", "notes"),
}
EXPANDED_FLAG = "findings_expanded"
MESSAGE_MS = 6_000
SETTLE_MS = 120
SEEKING = "Looking for findings…"


def count_text(findings: tuple[Finding, ...]) -> str:
    """How many findings of each severity: ``1 error, 3 warnings``."""
    parts = []
    for severity, (one, many) in WORDS.items():
        count = sum(f.severity is severity for f in findings)
        if count:
            parts.append(f"{count} {one if count == 1 else many}")
    return ", ".join(parts) or "No findings"


class FindingsPanel(QFrame):
    """A bar with the count that opens into the list.

    Attributes
    ----------
    rows
        The visible findings' rows, the gravest first.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._findings: tuple[Finding, ...] = ()
        self._aside: tuple[tuple[Finding, Snooze], ...] = ()
        self._sought = False
        self._of_plan = session.document.number
        self._next = 0
        self._quoted: Finding | None = None
        self.rows: list[FindingRow] = []
        self.setObjectName("findings")
        theme.set_look(self, role="findings")

        self.toggle = QToolButton(self)
        self.toggle.setObjectName("findings.toggle")
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setCheckable(True)
        self.toggle.toggled.connect(self._show_list)
        self.first = ElidedLabel(self)
        theme.set_look(self.first, role="muted")
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 2, 12, 2)
        bar.addWidget(self.toggle)
        bar.addWidget(self.first, 1)
        self.aside = QToolButton(self)
        self.aside.setObjectName("findings.aside")
        self.aside.setCheckable(True)
        self.aside.hide()
        self.aside.toggled.connect(self._show_aside)
        bar.addWidget(self.aside)
        # Cut short where it must be: a long sentence must not push the window's other parts about.
        self.status = ElidedLabel(self)
        self.status.setObjectName("status")
        self.status.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status.hide()
        theme.set_look(self.status, role="muted")
        bar.addWidget(self.status, 2)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(MESSAGE_MS)
        self._quiet.timeout.connect(self._be_quiet)
        # What is said of one step must not stand beside the next; whoever makes a step speaks after it.
        session.document.plan_changed.connect(self._be_quiet)
        # Looking for findings costs more than an evaluation: it waits until a dragged lever rests, and a large plan's
        # findings are sought beside the GUI.
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._seek)
        session.recompute.findings_ready.connect(self._take)

        self._list = QWidget(self)
        self._list.setProperty("role", "page")
        self._column = QVBoxLayout(self._list)
        self._column.setContentsMargins(12, 0, 12, 8)
        self._column.setSpacing(4)
        self._column.addStretch(1)
        self.scroll = QScrollArea(self)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll.setWidget(self._list)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setVisible(False)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.scroll)
        offer(self, session, self.sheet, page="Findings")
        add_figure_menu(self.first, session, self._figure_of_first)
        session.results_changed.connect(self._refresh_soon)
        theme.theme_changed.connect(self._restyle)
        self.toggle.setChecked(session.settings.flag(EXPANDED_FLAG))
        self._say_count()
        after_first_paint(self, self._seek)

    @property
    def is_expanded(self) -> bool:
        """Whether the list is open."""
        return self.toggle.isChecked()

    def set_expanded(self, on: bool) -> None:
        """Open or close the list."""
        self.toggle.setChecked(on)

    def refresh(self) -> None:
        """Show the findings of the current results; rows are made anew only when something is different."""
        order = list(Severity)
        found = sorted(self._session.results.findings, key=lambda f: order.index(f.severity))
        plan, number = self._session.document.plan, self._session.document.number
        if number != self._of_plan:  # what another plan is about was caused by no edit
            self._of_plan, self._sought, self._quoted = number, False, None
        findings, quiet = standing(plan, found), aside(plan, found)
        if (findings, quiet) == (self._findings, self._aside) and self._sought:
            return
        self._quote(findings)
        self._findings, self._aside, self._sought = findings, quiet, True
        self._next = findings.index(self._quoted) if self._quoted else 0
        self._say_count()
        if self.is_expanded:
            self._fill()

    def _quote(self, findings: tuple[Finding, ...]) -> None:
        """Choose whose sentence stands in the bar: what the last edit caused as long as it stands, else the gravest."""
        known = {_what(f) for f in self._findings}
        caused = [f for f in findings if self._sought and is_grave(f) and _what(f) not in known]
        still = [f for f in findings if self._quoted is not None and _what(f) == _what(self._quoted)]
        self._quoted = next(iter([*caused, *still, *findings]), None)

    def _figure_of_first(self, _place: QPoint) -> str | None:
        """Of the finding whose sentence stands in the bar."""
        if self.is_expanded or self._quoted is None:
            return None
        return figure_of_finding(self._session, self._quoted)

    def sheet(self) -> Sheet | None:
        """The findings as a table to export, those that were set aside with the reason; None where there is none."""
        say = self._session.numbers.say
        standing_ones = [(finding, "", "") for finding in self._findings]
        quiet = [(finding, snooze.reason, snooze.date) for finding, snooze in self._aside]
        rows = [
            [WORDS[f.severity][0], say(f.message), f.path, f.code, reason, day]
            for f, reason, day in [*standing_ones, *quiet]
        ]
        heads = ["Severity", "Finding", "About", "Rule", "Set aside because", "Set aside on"]
        return sheet_of("Findings", heads, rows) if rows else None

    def _be_quiet(self, *_: object) -> None:
        self.status.hide()
        self.status.set_text("")

    def _refresh_soon(self) -> None:
        self._settle.start()

    def _seek(self) -> None:
        if self._session.is_dragging:
            # Frames of a large plan may be further apart than the timer waits; beside them the search would cost more.
            self._settle.start()
        else:
            self._session.recompute.seek_findings(self._session.results)

    def _take(self, results: Results) -> None:
        if results is self._session.results:
            self.refresh()

    def say(self, text: str) -> None:
        """Show a sentence at the right for a few seconds."""
        self.status.show()
        self.status.set_text(text)
        self.status.setToolTip(text)
        self._quiet.start()

    def go_to_next(self) -> None:
        """Show the field of the next finding, the first one after the last."""
        if self._findings:
            finding = self._findings[self._next % len(self._findings)]
            self._next += 1
            self._session.select(finding.path)
            self._session.message.emit(self._session.numbers.say(finding.message))

    def _say_count(self) -> None:
        count = count_text(self._findings) if self._sought else SEEKING
        self.toggle.setText(count)
        gravest = self._findings[0] if self._findings else None
        none_found = ("success", "positive") if self._sought else ("search", "muted")
        theme.set_icon(self.toggle, *(ICONS[gravest.severity] if gravest else none_found))
        words = self._session.numbers.say(self._quoted.message) if self._quoted else ""
        self.first.set_text("" if self.is_expanded else words)
        # Nothing to stop at for the keyboard where nothing is said.
        self.first.setFocusPolicy(Qt.FocusPolicy.TabFocus if self.first.full_text() else Qt.FocusPolicy.NoFocus)
        self.toggle.setAccessibleName(f"Findings: {count}")
        self.toggle.setToolTip("Show or hide what is questionable in this plan (F7); F4 goes to the next")

        self.aside.setText(f"{len(self._aside)} set aside")
        self.aside.setAccessibleName(f"{len(self._aside)} findings set aside")
        self.aside.setToolTip("Show or hide findings that were set aside, with the reason")
        self.aside.setVisible(bool(self._aside))

    def _show_aside(self, on: bool) -> None:
        if on:
            self.set_expanded(True)
        self._fill()

    def _show_list(self, on: bool) -> None:
        self._session.settings.set_flag(EXPANDED_FLAG, on)
        self._say_count()
        if on:
            self._fill()
        self._show_scroll()

    def _fill(self) -> None:
        # The row that was just repaired goes, and the keyboard with it: it stays at that place in the list.
        held = next((k for k, row in enumerate(self.rows) if row.isAncestorOf(self.focusWidget())), None)
        shown_from = self.scroll.verticalScrollBar().value()
        if held is not None:
            # Else the focus is handed from one row that goes to the next, and the list scrolls after it to its end.
            self.toggle.setFocus()
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        rows: list[tuple[Finding, Snooze | None]] = [(finding, None) for finding in self._findings]
        if self.aside.isChecked():
            rows += self._aside
        self.rows = [FindingRow(self._session, finding, self, snooze) for finding, snooze in rows]
        for number, row in enumerate(self.rows):
            self._column.insertWidget(number, row)
        self._show_scroll()
        if held is not None:
            there = self.rows[min(held, len(self.rows) - 1)] if self.rows else None
            (there.buttons[0] if there is not None else self.toggle).setFocus()
        self.scroll.verticalScrollBar().setValue(shown_from)

    def _show_scroll(self) -> None:
        self.scroll.setVisible(self.is_expanded and bool(self.rows))
        self._set_height()

    def _set_height(self) -> None:
        wanted = len(self.rows) * theme.px(32) + 8
        self.scroll.setFixedHeight(min(max(wanted, theme.px(40)), theme.px(150)))

    def _restyle(self) -> None:
        self._set_height()


class FindingRow(QFrame):
    """One finding: what kind, the sentence, its repairs, the way there, and setting it aside or back."""

    def __init__(self, session: Session, finding: Finding, parent: QWidget, snooze: Snooze | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.finding = finding
        self.snooze = snooze
        say = session.numbers.say
        message = say(finding.message)
        icon = QLabel(self)
        name, role = ICONS[finding.severity]
        icon.setPixmap(theme.icon(name, role).pixmap(theme.px(16), theme.px(16)))
        icon.setToolTip(WORDS[finding.severity][0].capitalize())
        icon.setAccessibleName(WORDS[finding.severity][0].capitalize())
        words = message if snooze is None else f"{message} Set aside{_since(snooze)}: {snooze.reason}"
        sentence = QLabel(words, self)
        sentence.setTextFormat(Qt.TextFormat.PlainText)
        sentence.setWordWrap(True)
        if snooze is not None:
            theme.set_look(sentence, role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 0, 2)
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(sentence, 1)
        let_explain(self, session, finding)
        self.repairs: list[QPushButton] = []
        for repair in finding.repairs if snooze is None else ():
            button = QPushButton(say(repair.label), self)
            theme.set_look(button, kind="chip")
            button.setAccessibleName(f"{button.text()}: {message}")
            button.clicked.connect(lambda _checked=False, r=repair: session.repair(r))
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
            self.repairs.append(button)
        self.show_button = self._link("Show", f"Show where: {message}", lambda: session.select(finding.path))
        row.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignTop)
        if snooze is None:
            self.aside_button = self._link("Set aside…", f"Set aside: {message}", self.ask)
            self.aside_button.setToolTip("Take it off the list, with a reason that the memo prints (Delete)")
        else:
            self.aside_button = self._link("Restore", f"Restore: {message}", self.restore)
        row.addWidget(self.aside_button, 0, Qt.AlignmentFlag.AlignTop)

    def _link(self, words: str, name: str, press: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        theme.set_look(button, kind="link")
        button.setAccessibleName(name)
        button.clicked.connect(lambda _checked=False: press())
        return button

    @property
    def buttons(self) -> list[QPushButton]:
        """What can be pressed, the repairs first."""
        return [*self.repairs, self.show_button, self.aside_button]

    def ask(self) -> None:
        """Ask for the reason, or say why it cannot be set aside."""
        from app.shell.snooze_dialog import SnoozeDialog

        SnoozeDialog(self._session, self.finding, self.window()).open()

    def restore(self) -> None:
        """Let the finding stand again."""
        session = self._session
        session.edit_base("Restore finding", restored(session.document.plan, self.finding))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete sets the finding under the keyboard aside."""
        if event.key() == Qt.Key.Key_Delete and self.snooze is None:
            self.ask()
            return
        super().keyPressEvent(event)


def _what(finding: Finding) -> tuple[str, str]:
    """What a finding is about, whatever its sentence's numbers are."""
    return finding.code, finding.path


def _since(snooze: Snooze) -> str:
    return f" on {snooze.date}" if snooze.date else ""
