"""Evidence: what every input rests on, how old that is, and what became of the briefing's figures."""

from __future__ import annotations

import math
from datetime import date

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QTabBar,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app import theme
from app.cards import Card, OneOf, PageColumn, PageHead, button, label
from app.data_out import offer
from app.evidence_table import ALL, FILTERS, EvidenceTable
from app.figure_menu import add_figure_menu
from app.numbers import MISSING
from app.picker import Picker
from app.session import Session
from app.tables.grid_view import block_text
from app.tables.item_models import LEFT, RIGHT
from models.evidence import AGEING_DAYS, FRESH_DAYS, NO_SOURCE, oldest_driver
from models.explain.claims import Claim, claims_of
from models.sheets import Cell, Measured, Sheet, sheet_of

CLAIM_HEADINGS = ("What it says", "It states", "Reckoned", "Verdict", "Checked", "Source", "Date")
CLAIM_WIDTHS = (170, 100, 96, 92, 400, 220, 92)
WIDE_CLAIM_WIDTHS, CLAIMS_WIDE_FROM, CLAIM_PADDING = (200, 140, 140, 124, 400, 270, 92), 1300, 20
CHECKED, CHECKED_LEAST, CHECKED_MOST, SAYS_MOST = 4, 252, 760, 400
"""What was checked gets the room that is left, so that it can be read whole; source and date stand to its right, where
there is room beside it and else beyond the edge."""
TABLE_LEAST_PX = 200
"""Its heading and a few rows: a page that is too low for them scrolls as a whole."""
VERDICT_ROLES = {False: "negative", True: "positive", None: "muted"}


class ClaimsTable(QTableWidget):
    """Statements with what became of them; long ones are wrapped."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def fit(self) -> None:
        """Give the room that is left to what is read: what was checked, then what is said."""
        room = self.viewport().width()
        widths = list(map(theme.px, WIDE_CLAIM_WIDTHS if room >= theme.px(CLAIMS_WIDE_FROM) else CLAIM_WIDTHS))
        left = room - sum(widths) + widths[CHECKED]
        beside = left >= theme.px(CHECKED_LEAST)
        widths[CHECKED] = max(left if beside else left + sum(widths[CHECKED + 1 :]), theme.px(CHECKED_LEAST))
        said = min(round((widths[CHECKED] - theme.px(CHECKED_LEAST)) * 0.4), theme.px(SAYS_MOST) - widths[0])
        widths[0] += said
        widths[CHECKED] = min(widths[CHECKED] - said, theme.px(CHECKED_MOST))
        for place, width in enumerate(widths):
            self.setColumnWidth(place, width)
        for row in range(self.rowCount()):
            self.setRowHeight(row, max(self._height(self.item(row, c), w) for c, w in enumerate(widths)))

    def _height(self, item: QTableWidgetItem, width: int) -> int:
        # Qt forgets the padding of the style sheet: its own rows are too low for what is wrapped in them.
        box = QRect(0, 0, width - theme.px(CLAIM_PADDING), 10_000)
        return self.fontMetrics().boundingRect(box, Qt.TextFlag.TextWordWrap, item.text()).height() + theme.px(12)


class EvidencePage(QWidget):
    """The register of inputs, and the statements of a briefing beside it."""

    name = "evidence"
    title = "Evidence"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = PageHead("Evidence")
        self.import_button = button(
            "Import market pack…", lambda: session.command_requested.emit("file.import_pack"), icon="import"
        )
        self.head.add(self.import_button)
        self.tabs = QTabBar()
        self.tabs.setAccessibleName("What is shown")
        self.tabs.addTab("What the briefing says")
        self.tabs.addTab("Inputs")
        self.tabs.setDrawBase(False)
        self.claims = ClaimsTable()
        self._claims: tuple[Claim, ...] = ()
        self.table = EvidenceTable(session)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in name, source and note")
        self.search.setAccessibleName("Find an input")
        self.search.setClearButtonEnabled(True)
        self.picker: QComboBox = Picker(self)
        self.picker.setAccessibleName("Which inputs")
        for stored, words in FILTERS.items():
            self.picker.addItem(words, stored)
        self.summary = label("", "small")
        self._plan: object = None
        self._day: date | None = None
        self._was_asked = False
        self._arrange()
        self.search.textChanged.connect(lambda text: self._filter(words=text))
        self.picker.activated.connect(lambda: self._filter(which=self.picker.currentData()))
        self.tabs.currentChanged.connect(self._show_tab)
        add_figure_menu(self.head.about, session, self._oldest, own_menu=False)
        session.plan_changed.connect(self._follow_plan)

    def _arrange(self) -> None:
        self._claims_card = Card(
            "What the briefing says", "Its figures, reckoned from what else it prints. F8 shows how."
        )
        self._claims_card.add(self.claims, stretch=1)
        self._style_claims()
        inputs = Card(
            "Inputs",
            f"Source, address, date and note can be typed or pasted. Fresh up to {FRESH_DAYS} days, "
            f"ageing up to {AGEING_DAYS}, then old.",
        )
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(8))
        tools.addWidget(self.search, 2)
        tools.addWidget(self.picker, 1)
        tools.addWidget(self.summary, 2, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        inputs.add(tools)
        inputs.add(self.table, stretch=1)
        self.stack = OneOf()
        self.stack.addWidget(self._claims_card)
        self.stack.addWidget(inputs)
        self._fit_tables()
        theme.theme_changed.connect(self._fit_tables)
        column = PageColumn(self)
        column.addWidget(self.head)
        column.addWidget(self.tabs)
        column.addWidget(self.stack, 1)

    def _fit_tables(self) -> None:
        for table in (self.claims, self.table):
            table.setMinimumHeight(theme.px(TABLE_LEAST_PX))

    def _style_claims(self) -> None:
        table = self.claims
        table.setObjectName("evidence.claims")
        theme.set_look(table, role="wrapped")
        theme.theme_changed.connect(self._fill_claims)
        table.setAccessibleName("What the briefing says")
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.setWordWrap(True)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.setColumnCount(len(CLAIM_HEADINGS))
        for place, words in enumerate(CLAIM_HEADINGS):
            item = QTableWidgetItem(words)
            item.setTextAlignment(RIGHT if place in (1, 2) else LEFT)
            table.setHorizontalHeaderItem(place, item)
        table.horizontalHeader().setStretchLastSection(True)
        add_figure_menu(table, self.session, self._claim_at)
        offer(table, self.session, self.claims_sheet, own_menu=True)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_claims)

    # Following the plan

    def refresh(self) -> None:
        """Show the plan's evidence as it is now."""
        plan, day = self.session.plan, self.session.today
        if plan is self._plan and day == self._day:
            return
        self._plan, self._day = plan, day
        self._claims = claims_of(plan)
        self.tabs.setVisible(bool(self._claims))
        if not self._was_asked:
            self.tabs.setCurrentIndex(0 if self._claims else 1)
        elif not self._claims:
            self.tabs.setCurrentIndex(1)
        self._show_tab(self.tabs.currentIndex())
        self._fill_claims()
        self.table.entries.refresh()
        self._say()

    def _follow_plan(self) -> None:
        if self.isVisible() and not self.session.is_dragging:
            self.refresh()

    def _show_tab(self, number: int) -> None:
        self.stack.setCurrentIndex(number)
        if self.isVisible():
            self._was_asked = True

    def _filter(self, which: str | None = None, words: str | None = None) -> None:
        self.table.entries.filter(which, words)
        self._say()

    def _say(self) -> None:
        entries, numbers = self.table.entries, self.session.numbers
        bare = sum(e.state == NO_SOURCE for e in entries.all_entries)
        old = sum(e.age_days > AGEING_DAYS for e in entries.all_entries)
        count = len(entries.all_entries)
        shown = len(entries.entries)
        self.summary.setText(
            f"{numbers.number(shown, 0)} of {numbers.number(count, 0)} inputs shown" if shown != count else ""
        )
        oldest = oldest_driver(self.session.plan, self.session.today, self.session.set_in)
        words = f"{numbers.number(count, 0)} inputs, {numbers.number(bare, 0)} without a source, "
        words += f"{numbers.number(old, 0)} older than {AGEING_DAYS} days"
        if oldest is not None:
            words += f"; oldest driver: {oldest.label}, {numbers.format(oldest.age_days, 0, 'days')}"
        self.head.about.set_text(words)

    def _oldest(self, _point: QPoint) -> str | None:
        oldest = oldest_driver(self.session.plan, self.session.today, self.session.set_in)
        return None if oldest is None else oldest.path

    def _fill_claims(self) -> None:
        colors = theme.tokens()
        self.claims.setRowCount(len(self._claims))
        for row, claim in enumerate(self._claims):
            stated = self._written(claim.stated, claim.unit, claim.digits)
            found = claim.computed
            computed = MISSING if found is None else self._written(found.value, found.unit, found.digits)
            line = claim.evidence
            texts = (line.claim, stated, computed, claim.verdict, line.note, line.source, line.date)
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(
                    Qt.AlignmentFlag.AlignTop
                    | (Qt.AlignmentFlag.AlignRight if place in (1, 2) else Qt.AlignmentFlag.AlignLeft)
                )
                item.setToolTip("\n".join(filter(None, (text, line.address if place == 5 else ""))))
                if place == 3:
                    item.setForeground(colors.color(VERDICT_ROLES[claim.holds]))
                if place == 2 and found is not None:
                    item.setForeground(colors.color("calculated"))
                self.claims.setItem(row, place, item)
        self.claims.fit()

    def _written(self, value: float, unit: str, digits: int) -> str:
        if math.isnan(value):
            return MISSING
        if unit == "s" and value >= 60:
            return f"{int(value // 60)} min {round(value % 60)} s"
        return self.session.numbers.format(value, digits, unit)

    def _claim_at(self, point: QPoint) -> str | None:
        row = self.claims.rowAt(self.claims.viewport().mapFrom(self.claims, point).y())
        return f"derived.claim.{self._claims[row].evidence.id}" if 0 <= row < len(self._claims) else None

    def copy_claims(self) -> None:
        """Put the chosen statements on the clipboard, or all of them, with headings."""
        rows = sorted({i.row() for i in self.claims.selectedIndexes()}) or range(self.claims.rowCount())
        cells = [[self.claims.item(row, c).text() for c in range(len(CLAIM_HEADINGS))] for row in rows]
        QGuiApplication.clipboard().setText(block_text([CLAIM_HEADINGS, *cells]))

    def claims_sheet(self) -> Sheet | None:
        """The statements as a table to export; None where the plan has none."""
        rows: list[list[Cell]] = [
            [
                claim.evidence.claim,
                Measured(claim.stated, claim.unit),
                None if claim.computed is None else Measured(claim.computed.value, claim.computed.unit),
                claim.verdict,
                claim.evidence.note,
                claim.evidence.source,
                claim.evidence.date,
                claim.evidence.address,
            ]
            for claim in self._claims
        ]
        return sheet_of("What the briefing says", [*CLAIM_HEADINGS, "Address"], rows) if rows else None

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to an input's row."""
        self._was_asked = True
        self.tabs.setCurrentIndex(1)
        self.stack.setCurrentIndex(1)
        if self.table.entries.row_of(path) < 0:
            self.search.clear()
            self.picker.setCurrentIndex(self.picker.findData(ALL))
            self._filter(which=ALL, words="")
        if self.table.choose(path):
            self.table.setFocus()
