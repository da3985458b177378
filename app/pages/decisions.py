"""Decisions: what was decided on which plan and memo, what became of it, and what the alternative would have earned."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import decision_words as words
from app import theme
from app.actuals_table import ActualsTable
from app.break_even_parts import FittingTabs
from app.cards import Card, EmptyState, OneOf, PageColumn, PageHead, button, icon_button, label
from app.charts.view import ChartView
from app.data_out import offer
from app.figure_menu import add_figure_menu
from app.latest import Latest
from app.lookback_figures import LookbackFigures, StoryCard
from app.picker import Picker
from app.session import Session
from app.shell.decision_actions import DecisionActions
from app.tables.record_cards import SideBySide
from app.tables.text_table import TextTable
from models.charts.decisions import lookback_chart, nothing_chart
from models.decisions.lookback import LookBack, looked_back
from models.decisions.paths import of_role
from models.plan import Decision
from models.records.paper import REJECTED

TABS = {
    "chart": ("Look-back", "Chart"),
    "uses": ("What was decided", "Uses"),
    "lines": ("Line by line", "Lines"),
    "months": ("Month by month", "Months"),
    "forecasts": ("Forecasts", "Forecasts"),
    "actuals": ("Actual months", "Actuals"),
}
NOTHING = {
    "months": "No actual month of this is known yet. Import actual months, or add values in the tab Actuals.",
    "forecasts": "No forecast can be judged yet: of no line is both an actual value other than zero and a planned one "
    "known. Import actual months, or add values in the tab Actuals.",
}
LIST_PX, LOWER_PX = 240, 330
LARGE_FROM = 60
"""A plan with as many uses is looked back on beside the window from the start."""


class DecisionsPage(QWidget):
    """The register of decisions.

    Attributes
    ----------
    decisions
        The list of them, the latest first.
    chart, lines, months, forecasts, actuals
        What the tabs show.
    found
        The decision on show looked back on, a sentence on why it cannot be, or None where there is none.
    """

    name = "decisions"
    title = "Decisions"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.does = DecisionActions(self, session)
        self.found: LookBack | str | None = None
        self._plan: object = None
        self._line_key = ""
        self.figures = LookbackFigures(session)
        self.work = Latest(self, at_once=True)
        self.work.done.connect(self._show)
        self.head = PageHead(self.title)
        self.decisions = QListWidget()
        self.decisions.setAccessibleName("Decisions")
        self.decisions.setWordWrap(True)
        self.decisions.currentRowChanged.connect(self._choose)
        self.heading = label("", "section", wrap=True)
        self.about = label("", "small", wrap=True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.story = [label("", "", wrap=True) for _ in range(5)]
        self.note = QLineEdit()
        self.note.setAccessibleName("Note")
        self.note.setPlaceholderText("Note")
        self.note.editingFinished.connect(self._take_note)
        self.uses = TextTable("What was decided")
        self.chart = ChartView(self._write, self)
        self.chart.setObjectName("chart.lookback")
        self.chart.explain_with(session, self.figures.of_curve)
        self.lines = TextTable("Line by line")
        self.months = TextTable("Month by month")
        self.forecasts = TextTable("Forecasts")
        self.nothing = label("", "muted", wrap=True)
        self.actuals = ActualsTable(session)
        self.site = self._picker("Site")
        self.site.activated.connect(lambda _row: self.look_back())
        self.against = self._picker("Compared with")
        self.against.activated.connect(lambda _row: self.look_back())
        self.line = self._picker("Line")
        self.line.activated.connect(self._choose_line)
        self.tabs = FittingTabs(TABS, self)
        self.tabs.setAccessibleName("What is shown")
        self.tabs.currentChanged.connect(self._show_tab)
        for table in (self.uses, self.lines, self.months, self.forecasts):
            add_figure_menu(table, session, table.path_at)
            offer(table, session, table.sheet, own_menu=True)
        for row, sentence in enumerate(self.story):
            add_figure_menu(sentence, session, partial(self.figures.of_sentence, row))
        self.actuals.explain_with(session, self.figures.of_actual)
        self._arrange()
        session.plan_changed.connect(self._follow_plan)
        session.typing_ends.connect(self._take_note)
        theme.theme_changed.connect(self._fit)

    def _picker(self, name: str) -> Picker:
        found = Picker(self)
        found.setAccessibleName(name)
        found.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        found.setMinimumContentsLength(10)
        return found

    def _write(self, value: float, digits: int) -> str:
        return self.session.numbers.locale.toString(value, "f", digits)

    # Arranging

    def _arrange(self) -> None:
        ask = self.session.command_requested.emit
        self.import_button = button("Import actual months…", lambda: ask("file.import_actuals"), icon="import")
        self.record_button = button(
            "Record decision…", lambda: ask("decision.record"), kind="primary", icon="decisions"
        )
        self.head.add(self.import_button, self.record_button)
        left = Card("Decisions")
        self.open_button = icon_button("open", "Open the plan of that day as a copy", self.open_frozen)
        self.delete_button = icon_button("trash", "Delete the decision (Ctrl+Del)", self.delete)
        for tool in (self.open_button, self.delete_button):
            left.add_tool(tool)
        left.add(self.decisions, stretch=1)
        delete = QShortcut(QKeySequence("Ctrl+Delete"), self.decisions)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self.delete)
        self.decisions.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.decisions.customContextMenuRequested.connect(self._open_menu)
        self.upper = StoryCard(self._fit_heights)
        self.upper.add(self.heading, self.about, *self.story)
        self.upper.add(self.note)
        bar = QHBoxLayout()
        bar.setSpacing(theme.px(8))
        self.add_button = button("Add a value", self.actuals.add_value, icon="plus", help="Ctrl+Shift+N")
        self.remove_button = button("Remove", self.actuals.remove_values, icon="trash", kind="quiet", help="Ctrl+Del")
        bar.addStretch(1)
        bar.addWidget(self.add_button)
        bar.addWidget(self.remove_button)
        bar.addWidget(self.line)
        bar.addWidget(self.site)
        self.chart.add_tool(self.against)
        self.panels = QStackedWidget()
        for panel in (self.chart, self.uses, self.lines, self.months, self.forecasts, self.actuals):
            self.panels.addWidget(panel)
        self.lower = Card()
        self.lower.add(self.tabs)
        self.lower.body.addLayout(bar)
        self.lower.add(self.nothing)
        self.lower.add(self.panels, stretch=1)
        right = QWidget()
        theme.set_look(right, role="page")
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self.upper)
        column.addWidget(self.lower, 1)
        self.sides = SideBySide(left, right, ("Decisions", "Look-back"))
        self.sides.splitter.setStretchFactor(0, 0)
        self.sides.splitter.setStretchFactor(1, 1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self.sides)
        empty = EmptyState(
            "decisions",
            "No decision recorded yet",
            "When the board has decided, freeze the decision with the plan and memo of that day. Later, import what "
            "the months turned out to be, and see what was missed and what the alternative would have earned.",
            button("Record decision…", lambda: ask("decision.record"), kind="primary", icon="decisions"),
            button("Import actual months…", lambda: ask("file.import_actuals")),
        )
        self.stack = OneOf()
        self.stack.addWidget(self._area)
        # It scrolls, lest the height that it needs while hidden squeeze the buttons of the page.
        holder = QScrollArea()
        holder.setWidgetResizable(True)
        holder.setFrameShape(QFrame.Shape.NoFrame)
        holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        holder.setWidget(empty)
        self.stack.addWidget(holder)
        column = PageColumn(self)
        column.addWidget(self.head)
        column.addWidget(self.stack, 1)
        self._fit()
        self._show_tab()

    def _fit(self) -> None:
        self.tabs.fit()
        wide = theme.px(LIST_PX)
        self.sides.splitter.setSizes([wide, max(self.width() - wide, wide)])
        self._fit_heights()

    def _fit_heights(self) -> None:
        """Give the words the height that they need; the page scrolls where there is less."""
        needed = self.upper.needed_height()
        self.upper.setMinimumHeight(needed)
        self.lower.setMinimumHeight(theme.px(LOWER_PX))
        self.sides.setMinimumHeight(needed + theme.px(12 + LOWER_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() <= 0:
            self._fit()

    # Following the plan

    def refresh(self) -> None:
        """Show the decisions and actual months as the plan has them now."""
        plan = self.session.document.plan
        if plan is self._plan:
            return
        self._plan = plan
        is_empty = not plan.decisions and not plan.actuals
        self.stack.setCurrentIndex(1 if is_empty else 0)
        for item in (self.import_button, self.record_button):
            item.setVisible(not is_empty)
        self._fill_list()
        self.actuals.refresh()
        self.head.about.set_text("" if is_empty else words.counted(plan))
        self.look_back()

    def _follow_plan(self) -> None:
        if self.isVisible() and not self.session.is_dragging:
            self.refresh()

    def _fill_list(self) -> None:
        plan, chosen = self.session.document.plan, self.chosen_id
        latest_first = sorted(plan.decisions, key=lambda d: d.decided_on, reverse=True)
        self.decisions.blockSignals(True)
        self.decisions.clear()
        for decision in latest_first:
            item = QListWidgetItem("\n".join((decision.name, *words.about_lines(decision))))
            item.setData(Qt.ItemDataRole.UserRole, decision.id)
            item.setToolTip(f"{decision.recommendation}\nMemo {decision.memo_digest}\nPlan {decision.plan_digest}")
            self.decisions.addItem(item)
        self.choose(chosen)
        if self.decisions.currentRow() < 0 and self.decisions.count():
            self.decisions.setCurrentRow(0)
        self.decisions.blockSignals(False)
        for tool in (self.open_button, self.delete_button):
            tool.setEnabled(bool(plan.decisions))

    @property
    def chosen_id(self) -> str:
        """Id of the decision on show; empty where there is none."""
        item = self.decisions.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    @property
    def decision(self) -> Decision | None:
        """The decision on show."""
        return next((d for d in self.session.document.plan.decisions if d.id == self.chosen_id), None)

    def choose(self, decision_id: str) -> None:
        """Put a decision on show."""
        for row in range(self.decisions.count()):
            if self.decisions.item(row).data(Qt.ItemDataRole.UserRole) == decision_id:
                self.decisions.setCurrentRow(row)

    def _choose(self, _row: int) -> None:
        self.look_back()

    def flush(self) -> None:
        """Wait until everything has been worked out and is on show."""
        self.work.flush()

    # Looking back

    def look_back(self) -> None:
        """Reckon the decision on show anew."""
        plan, decision = self.session.document.plan, self.decision
        self.heading.setText(decision.name if decision is not None else "No decision recorded yet")
        self.about.setText(" · ".join(words.about_lines(decision)) if decision is not None else "")
        self.note.setText(decision.note if decision is not None else "")
        self.note.setVisible(decision is not None)
        if decision is None:
            self.work.cancel()
            self._show(None)
            return
        size = len(plan.asic_lots) + len(plan.ai_offers)
        job = partial(looked_back, plan, decision.id, self.site.currentData() or "", self.against.currentData() or "")
        self.work.request(job, is_large=size >= LARGE_FROM)

    def _show(self, found: LookBack | str | None) -> None:
        self.found = found
        numbers = self.session.numbers
        said = words.sentences(found, numbers) if isinstance(found, LookBack) else [(found or "", "warning", "")]
        self.figures.show(found, [path for _, _, path in said])
        for row, item in enumerate(self.story):
            text, role, _path = said[row] if row < len(said) else ("", "", "")
            item.setText(text)
            theme.set_look(item, role=role)
            item.setVisible(bool(text))
        self._fill_sites()
        if isinstance(found, LookBack):
            self._fill_lines(found)
        self._fit_heights()
        self._show_tab()

    def _fill_sites(self) -> None:
        found = self.found
        ids = found.register.site_ids if isinstance(found, LookBack) else ()
        self.site.blockSignals(True)
        self.site.clear()
        self.site.addItem("All sites", "")
        if isinstance(found, LookBack):
            for site_id in ids:
                self.site.addItem(found.register.site_name(site_id), site_id)
            self.site.setCurrentIndex(max(self.site.findData(found.site_id), 0))
        self.site.blockSignals(False)
        self._fill_against()

    def _fill_against(self) -> None:
        """What was turned down, where there is one site to speak of: it may be compared with each."""
        found = self.found
        self.against.blockSignals(True)
        self.against.clear()
        if isinstance(found, LookBack) and len({path.use.site_id for path in found.chosen}) == 1:
            for path in of_role(found.register.expected, REJECTED, found.chosen[0].use.site_id):
                self.against.addItem(path.name, path.use.use_id)
            used = found.rejected[0].use.use_id if found.rejected else ""
            self.against.setCurrentIndex(max(self.against.findData(used), 0))
        self.against.blockSignals(False)

    def _fill_lines(self, found: LookBack) -> None:
        self.line.blockSignals(True)
        self.line.clear()
        for key, text in words.month_lines(found):
            self.line.addItem(text, key)
        self.line.setCurrentIndex(max(self.line.findData(self._line_key), 0))
        self.line.blockSignals(False)

    def _choose_line(self, _row: int) -> None:
        self._line_key = self.line.currentData()
        self._show_tab()

    def _show_tab(self, _number: int = 0) -> None:
        place = self.tabs.currentIndex()
        self.panels.setCurrentIndex(place)
        found, numbers = self.found, self.session.numbers
        shown = self.tabs.tabData(place)
        self.line.setVisible(shown == "months" and isinstance(found, LookBack))
        many = isinstance(found, LookBack) and len(found.register.site_ids) > 1
        self.site.setVisible(many and shown != "actuals")
        for item in (self.add_button, self.remove_button):
            item.setVisible(shown == "actuals")
        self.against.setVisible(shown == "chart" and self.against.count() > 1)
        if not isinstance(found, LookBack):
            for table in (self.uses, self.lines, self.months, self.forecasts):
                table.show_rows((), ())
            self.nothing.hide()
            self.chart.set_spec(nothing_chart(found or "Record a decision, and its path is drawn here."))
            return
        # What nobody sees is drawn when it is shown.
        if shown == "chart":
            self.chart.set_spec(lookback_chart(found, self._write))
        elif shown == "uses":
            self.uses.show_rows(words.USE_HEADINGS, words.use_rows(found, numbers))
        elif shown == "lines":
            self.lines.show_rows(words.LINE_HEADINGS, words.line_rows(found, numbers))
        elif shown == "months":
            key = self.line.currentData() or ""
            self.months.show_rows(words.MONTH_HEADINGS, words.month_rows(found, key, numbers))
        elif shown == "forecasts":
            self.forecasts.show_rows(words.FORECAST_HEADINGS, words.forecast_rows(found, numbers))
        table = {"months": self.months, "forecasts": self.forecasts}.get(shown)
        is_bare = table is not None and table.texts.rowCount() == 0  # headings over nothing would tell nothing
        self.nothing.setText(NOTHING.get(shown, ""))
        self.nothing.setVisible(is_bare)
        if table is not None:
            table.setVisible(not is_bare)

    # Doing

    def jump_to(self, path: str) -> None:
        """Go to a decision or to an actual value: ``decisions.q1``, ``actuals.x3``."""
        table, _, rest = path.partition(".")
        record_id = rest.partition(".")[0]
        self.refresh()
        if table == "actuals":
            self.tabs.setCurrentIndex(list(TABS).index("actuals"))
            self.actuals.choose(record_id)
            self.actuals.setFocus()
            return
        if table == "decided_uses":
            uses = self.session.document.plan.decided_uses
            record_id = next((u.decision_id for u in uses if u.id == record_id), "")
        self.choose(record_id)
        self.decisions.setFocus()

    def delete(self) -> None:
        """Take the decision on show away."""
        if self.chosen_id:
            self.does.delete(self.chosen_id)

    def open_frozen(self) -> None:
        """Open the plan of that day."""
        if self.chosen_id:
            self.does.open_frozen(self.chosen_id)

    def _take_note(self) -> None:
        if self.chosen_id and self.note.isModified():  # a page that nobody sees may hold an older plan's note
            self.note.setModified(False)
            self.does.set_note(self.chosen_id, self.note.text())

    def _open_menu(self, place: object) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Open the plan of that day", self.open_frozen)
        menu.addAction("Delete the decision", self.delete)
        menu.setEnabled(bool(self.chosen_id))
        menu.popup(self.decisions.viewport().mapToGlobal(place))
