"""The strip above every page: which plan and scenario, four figures with their change, the age of the market data."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, QTimerEvent
from PySide6.QtGui import (
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_menu
from app.first_paint import after_first_paint
from app.numbers import Numbers
from app.picker import Picker
from app.session import Session
from app.shell.headline import Figure, headlines
from models.plan import Plan, Tripwire
from models.scenarios import BASE
from models.sentences import within

FRESH_DAYS = 7
STALE_DAYS = 31
"""Market data up to a week old is fresh; past a month (two difficulty retargets) no figure should rest on it unsaid."""
TWO_ROWS_BELOW_PX = 1000
ROOMY_FROM_PX, DRIVER_PX = 1600, 130
HOUR_MS = 3_600_000


def age_of(as_of: str, today: date) -> tuple[str, str]:
    """How old market data is, in words, and the label's role.

    Examples
    --------
    >>> age_of("2026-03-21", date(2026, 3, 24))
    ('Market data 3 days old', 'positive')
    >>> age_of("", date(2026, 3, 24))
    ('Market data undated', 'warning')
    """
    try:
        days = (today - date.fromisoformat(as_of)).days
    except ValueError:
        return "Market data undated", "warning"
    if days < 0:
        return "Market data from the future", "warning"
    role = "positive" if days <= FRESH_DAYS else "warning" if days <= STALE_DAYS else "negative"
    if days == 0:
        return "Market data of today", role
    if days < 60:
        return f"Market data {days} {'day' if days == 1 else 'days'} old", role
    return f"Market data {round(days / 30.44)} months old", role


def _fired(plan: Plan) -> list[Tripwire]:
    if not plan.tripwires:
        return []
    from models.watch import all_watched  # most plans have none, and the first window is there sooner without

    return [state.tripwire for state in all_watched(plan) if state.is_firing]


def _path_of(figure: Figure, _point: QPoint) -> str | None:
    return figure.path


class Header(QFrame):
    """Plan, scenario, figures and the market data's age."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setObjectName("header")
        theme.set_look(self, role="header")
        self.name = ElidedLabel(self)
        theme.set_look(self.name, role="section")
        self.age = QPushButton(self)
        self.age.setObjectName("header.age")
        theme.set_look(self.age, kind="link")
        self.age.clicked.connect(self._go_to_age)
        add_figure_menu(self.age, session, lambda _place: f"{self._oldest}.age_days" if self._oldest else None)
        self.fired = QPushButton(self)
        self.fired.setObjectName("header.fired")
        theme.set_look(self.fired, kind="link", state="negative")
        theme.set_icon(self.fired, "warning", "negative")
        self.fired.clicked.connect(self._go_to_fired)
        self.fired.hide()
        self._fired_id = ""
        self._watched: tuple[object, ...] = (None, None, None)
        self.scenario = Picker(self)
        self.scenario.setObjectName("header.scenario")
        self.scenario.setAccessibleName("Scenario")
        self.scenario.setToolTip("The scenario on show; what you change now goes into it")
        self.scenario.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.scenario.setMinimumContentsLength(9)
        self.scenario.activated.connect(self._choose_scenario)
        self.scenario_menu = QMenu(self)
        more = QToolButton(self)
        more.setObjectName("header.scenario_menu")
        more.setToolTip("New, rename or delete a scenario")
        more.setAccessibleName("Scenario commands")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        more.setMenu(self.scenario_menu)
        theme.set_icon(more, "more")

        self._who = QWidget(self)
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.scenario, 1)
        top.addWidget(more)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.name)
        below = QHBoxLayout()
        below.setSpacing(0)
        below.addWidget(self.age)
        below.addWidget(self.fired)
        below.addStretch(1)
        column.addLayout(below)
        who = QHBoxLayout(self._who)
        who.setContentsMargins(0, 0, 0, 0)
        who.setSpacing(10)
        who.addLayout(column, 3)
        who.addLayout(top, 2)

        self._figures = QWidget(self)
        row = QHBoxLayout(self._figures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.figures: list[Figure] = []
        for number in range(4):
            figure = Figure(self.numbers, self._figures)
            figure.setObjectName(f"header.figure{number + 1}")
            figure.clicked.connect(self._go_to_break_even)
            add_figure_menu(figure, session, partial(_path_of, figure), by_double_click=True)
            row.addWidget(figure, 6 if number else 5)
            self.figures.append(figure)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(16, 8, 12, 8)
        self._grid.setHorizontalSpacing(12)
        self._two_rows: bool | None = None
        self._arrange()
        self._align_name()
        theme.theme_changed.connect(self._align_name)

        self._saved = session.document.saved_plan
        self._aged: tuple[Plan | None, date | None] = (None, None)
        self._is_seen = False
        self._oldest = ""
        self._age_words = ("", "", "")
        session.results_changed.connect(self._follow_results)
        session.chosen_changed.connect(self.refresh)
        session.scenario_changed.connect(self._refresh_plan)
        session.plan_changed.connect(self._follow_plan)
        session.drag_changed.connect(self._refresh_plan)
        session.document.state_changed.connect(self._follow_plan)
        self._refresh_plan()
        self.refresh()
        after_first_paint(self, self._begin_ageing)
        self.startTimer(HOUR_MS, Qt.TimerType.VeryCoarseTimer)

    def _align_name(self) -> None:
        """Put it in line with the link below, which has a frame and room within it."""
        self.name.setContentsMargins(theme.px(4) + 1, 0, 0, 0)

    @property
    def numbers(self) -> Numbers:
        """How numbers are written here."""
        return self._session.numbers

    def _follow_results(self) -> None:
        self._session.after_plots.do(self.refresh)

    def _follow_plan(self) -> None:
        self._session.after_plots.do(self._refresh_plan)

    def refresh(self) -> None:
        """Write the four figures."""
        session = self._session
        found = headlines(session.results, session.baseline_results, session.chosen_asic_id, session.chosen_offer_id)
        for figure, headline in zip(self.figures, found, strict=True):
            figure.show_headline(headline)

    def _refresh_plan(self) -> None:
        session = self._session
        if self._saved is not session.document.saved_plan:  # changes are measured against another plan now
            self._saved = session.document.saved_plan
            self.refresh()
        plan = session.document.plan
        self.name.set_text(f"{plan.plan.name}{' •' if session.document.is_dirty else ''}")
        where = str(session.document.path or "not saved yet")
        self.name.setToolTip(
            f"{plan.plan.name}\n{where}{chr(10) + 'has unsaved changes' if session.document.is_dirty else ''}"
        )
        self._show_age()
        self._show_fired()
        wanted = [(BASE, "Base case"), *((s.id, s.name) for s in plan.scenarios)]
        if wanted != [(self.scenario.itemData(i), self.scenario.itemText(i)) for i in range(self.scenario.count())]:
            with QSignalBlocker(self.scenario):
                self.scenario.clear()
                for scenario_id, name in wanted:
                    self.scenario.addItem(name, scenario_id)
        self.scenario.setCurrentIndex(self.scenario.findData(session.scenario_id))
        theme.set_look(self.scenario, own="true" if session.scenario_id != BASE else "false")

    def _show_fired(self) -> None:
        """Light up where a tripwire has fired: the decision is to be reopened."""
        plan = self._session.document.plan
        watched = (plan.tripwires, plan.observations, plan.market)
        if all(a is b for a, b in zip(watched, self._watched, strict=True)):
            return
        self._watched = watched
        fired = _fired(plan)
        if fired:
            from models.watch import tripwire_words

            whose = "1 tripwire has" if len(fired) == 1 else f"{len(fired)} tripwires have"
            self.fired.setText(f"{len(fired)} fired")
            words = "\n".join(self.numbers.say(tripwire_words(plan, wire)) for wire in fired)
            self.fired.setToolTip(f"{whose} fired:\n{words}")
            self.fired.setAccessibleName(f"{whose} fired")
        self._fired_id = fired[0].id if fired else ""
        self.fired.setVisible(bool(fired))

    def _go_to_fired(self) -> None:
        self._session.select(f"tripwires.{self._fired_id}")

    def _begin_ageing(self) -> None:
        self._is_seen = True
        self._show_age()

    def timerEvent(self, event: QTimerEvent) -> None:
        self._show_age()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowActivate:  # a window that was left open comes back on another day
            self._show_age()
        return super().event(event)

    def _show_age(self) -> None:
        """The oldest driver; worked out anew only where the plan is another one, or the day."""
        plan, day = self._session.plan, self._session.today
        is_known = plan is self._aged[0] and day == self._aged[1]
        if not self._is_seen or is_known or self._session.is_dragging:
            return
        from models.evidence import AGEING, FRESH, OLD, oldest_driver  # with the catalogue, which takes its time

        is_next_day = self._aged[1] not in (None, day)
        self._aged = plan, day
        if is_next_day:
            self._session.day_changed.emit()
        oldest = oldest_driver(plan, day, self._session.set_in)
        text, role = age_of(plan.market.as_of, day)
        self._age_words = ("", "", text)
        self._oldest = ""
        if oldest is not None and plan.market.as_of:
            self._oldest = oldest.path
            days = int(oldest.age_days)
            name = oldest.field.label if oldest.path.startswith("market.") else oldest.label
            self._age_words = ("Oldest driver: ", within(name), f", {days} {'day' if days == 1 else 'days'}")
            role = {FRESH: "positive", AGEING: "warning", OLD: "negative"}[oldest.state]
        self._fit_age()
        market = f"Market data as of {plan.market.as_of or '—'}: {plan.market.source or 'no source given'}"
        about = f"{oldest.label}: {oldest.source}, {oldest.day}. " if oldest is not None and self._oldest else ""
        self.age.setToolTip(f"{about}{market}")
        theme.set_look(self.age, state=role)

    def _fit_age(self) -> None:
        """Shorten the name of the oldest driver where figures and their changes need the room."""
        before, name, after = self._age_words
        if self.width() < theme.px(ROOMY_FROM_PX):
            name = self.age.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, theme.px(DRIVER_PX))
        self.age.setText(f"{before}{name}{after}")

    def _choose_scenario(self, index: int) -> None:
        self._session.show_scenario(self.scenario.itemData(index))

    def _go_to_age(self) -> None:
        if self._oldest:
            self._session.go_to("evidence", self._oldest)
        else:
            self._session.select("market.as_of")

    def _go_to_break_even(self) -> None:
        self._session.go_to("break_even")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._fit_age()

    def _arrange(self) -> None:
        two_rows = self.width() < theme.px(TWO_ROWS_BELOW_PX)
        if two_rows == self._two_rows:
            return
        self._two_rows = two_rows
        self._grid.removeWidget(self._who)
        self._grid.removeWidget(self._figures)
        self._grid.addWidget(self._who, 0, 0)
        self._grid.addWidget(self._figures, 1 if two_rows else 0, 0 if two_rows else 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 0 if two_rows else 4)
