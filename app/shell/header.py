"""The strip above every page: which plan and scenario, four figures with their change, the age of the market data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_menu
from app.numbers import MISSING, Numbers
from app.session import Session
from models.evidence import AGEING, FRESH, OLD, oldest_driver
from models.plan import Plan
from models.results import Results
from models.scenarios import BASE
from models.watch import all_watched, tripwire_words

FRESH_DAYS = 7
STALE_DAYS = 31
"""Market data up to a week old is fresh; past a month (two difficulty retargets) no figure should rest on it unsaid."""
AGE_ROLES = {FRESH: "positive", AGEING: "warning", OLD: "negative"}
TWO_ROWS_BELOW_PX = 900


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure of the header.

    Attributes
    ----------
    caption
        What it is, with the unit.
    value, baseline
        Now and in the saved plan, in `unit`; NaN where it cannot be computed.
    unit
        As field descriptions write it.
    is_money
        Whether it is written short: $1.24M.
    explanation
        One sentence for the tooltip.
    path
        Of the figure, for whoever explains it; empty where there is none.
    """

    caption: str
    value: float
    baseline: float
    unit: str
    is_money: bool
    explanation: str
    path: str = ""


def headlines(now: Results, saved: Results, asic_id: str | None, offer_id: str | None) -> tuple[Headline, ...]:
    """The four figures: hashprice, the chosen pair's margins, and by how much the offer is worth more.

    Parameters
    ----------
    now, saved
        Results on show, and those of the saved plan.
    asic_id, offer_id
        The chosen pair; a figure without its record cannot be computed.
    """

    def figure(results: Results, use_id: str | None, name: str) -> float:
        use = results.by_id.get(use_id or "")
        return math.nan if use is None else getattr(use, name)

    def called(use_id: str | None, missing: str) -> str:
        use = now.by_id.get(use_id or "")
        return missing if use is None else use.name

    def gain(results: Results) -> float:
        mined = figure(results, asic_id, "npv_usd_per_mw") - figure(results, asic_id, "displaced_resale_usd_per_mw")
        return figure(results, offer_id, "npv_usd_per_mw") - mined

    lot, offer = called(asic_id, "no machines yet"), called(offer_id, "no AI offer yet")
    margin = "margin_usd_per_mw_year"
    return (
        Headline(
            "Hashprice /PH/day",
            now.market.spot_hashprice_usd_per_ph_day,
            saved.market.spot_hashprice_usd_per_ph_day,
            "USD",
            False,
            "What one petahash per second earns in a day at the plan's start, before pool fee.",
            "market.hashprice_usd_per_ph_day",
        ),
        Headline(
            f"Mining margin /MW-yr · {lot}",
            figure(now, asic_id, margin),
            figure(saved, asic_id, margin),
            "USD",
            True,
            f"Revenue less power and opex of one utility megawatt of {lot}, first twelve months.",
            f"uses.{asic_id}.{margin}" if asic_id else "",
        ),
        Headline(
            f"AI margin /MW-yr · {offer}",
            figure(now, offer_id, margin),
            figure(saved, offer_id, margin),
            "USD",
            True,
            f"Revenue less power and opex of one utility megawatt of {offer}, first twelve rent months.",
            f"uses.{offer_id}.{margin}" if offer_id else "",
        ),
        Headline(
            "AI over mining, NPV /MW",
            gain(now),
            gain(saved),
            "USD",
            True,
            f"Net present value of a megawatt of {offer} less that of {lot}, with the resale of machines already paid "
            "credited to the offer; above zero, AI is worth more.",
            f"pairs.{asic_id}.{offer_id}.npv_usd_per_mw" if asic_id and offer_id else "",
        ),
    )


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


class Figure(QWidget):
    """Caption, figure and change of one headline; a click asks for the break-even page.

    It paints itself: labels in a layout would have the whole header laid out anew with every digit of a dragged lever.

    Attributes
    ----------
    caption, value, change
        The three texts.
    change_role
        ``positive``, ``negative`` or ``small``.
    """

    clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = self.value = self.change = ""
        self.change_role = "small"
        self._headline: Headline | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def path(self) -> str | None:
        """Of the figure on show, for whoever explains it."""
        return (self._headline.path or None) if self._headline is not None else None

    def show_headline(self, headline: Headline, numbers: Numbers) -> None:
        """Write the figure and its change against the saved plan."""
        if headline == self._headline:
            return
        self._headline = headline
        write = numbers.money if headline.is_money else partial(numbers.format, digits=2, unit="USD")
        change = headline.value - headline.baseline
        if not math.isfinite(change):
            text, role = "new" if math.isfinite(headline.value) else "", "small"
        elif abs(change) <= 1e-9 * max(abs(headline.value), abs(headline.baseline)):
            text, role = "", "small"
        else:
            text, role = write(change, sign=True), "positive" if change > 0 else "negative"
        self.caption, self.value = headline.caption, write(headline.value)
        self.change, self.change_role = text, role
        self.setAccessibleName(f"{headline.caption}: {self.value} {text}".strip())
        self.update()

    def explanation(self, numbers: Numbers) -> str:
        """What a tooltip says: all digits, the saved plan's figure, and what it means."""
        if self._headline is None or self.value == MISSING:
            return f"{self.caption}: not computed; the findings below say what is missing."
        headline = self._headline
        exact, saved = (numbers.format(v, 2, headline.unit) for v in (headline.value, headline.baseline))
        return f"{headline.caption}: {exact}\nSaved plan: {saved}\n{headline.explanation}"

    def sizeHint(self) -> QSize:
        height = QFontMetrics(theme.font("small")).height() + QFontMetrics(theme.font("headline")).height()
        return QSize(theme.px(150), height + theme.px(2))

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = theme.tokens()
        painter = QPainter(self)
        area = self.rect().adjusted(theme.px(10), 0, -theme.px(4), 0)
        small, large = theme.font("small"), theme.font("headline")
        painter.setFont(small)
        metrics = painter.fontMetrics()
        painter.setPen(tokens.color("muted"))
        caption = metrics.elidedText(self.caption, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft, caption)
        area.setTop(area.top() + metrics.height())
        painter.setFont(large)
        painter.setPen(tokens.color("text"))
        side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side, self.value)
        area.setLeft(area.left() + painter.fontMetrics().horizontalAdvance(self.value) + theme.px(7))
        painter.setFont(small)
        painter.setPen(tokens.color({"small": "muted"}.get(self.change_role, self.change_role)))
        # A change that is cut off would be read as another number: better none, it is in the tooltip.
        if painter.fontMetrics().horizontalAdvance(self.change) <= area.width():
            painter.drawText(area, side, self.change)
        if self.hasFocus():
            painter.setPen(QPen(tokens.color("accent"), 1.5))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 4, 4)
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            header = self.parentWidget()
            while not isinstance(header, Header):
                header = header.parentWidget()
            QToolTip.showText(event.globalPos(), self.explanation(header.numbers), self)
            return True
        return super().event(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.clicked.emit()


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
        self.fired = QPushButton(self)
        self.fired.setObjectName("header.fired")
        theme.set_look(self.fired, kind="link", state="negative")
        theme.set_icon(self.fired, "warning", "negative")
        self.fired.clicked.connect(self._go_to_fired)
        self.fired.hide()
        self._fired_id = ""
        self._watched: tuple[object, ...] = (None, None, None)
        self.scenario = QComboBox(self)
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
        self.name.setContentsMargins(5, 0, 0, 0)  # in line with the link below, which has room for its focus frame
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
            figure = Figure(self._figures)
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

        self._saved = session.document.saved_plan
        self._aged: Plan | None = None
        self._oldest = ""
        session.results_changed.connect(self.refresh)
        session.chosen_changed.connect(self.refresh)
        session.scenario_changed.connect(self._refresh_plan)
        session.plan_changed.connect(self._refresh_plan)
        session.drag_changed.connect(self._refresh_plan)
        session.document.state_changed.connect(self._refresh_plan)
        self._refresh_plan()
        self.refresh()

    @property
    def numbers(self) -> Numbers:
        """How numbers are written here."""
        return self._session.numbers

    def refresh(self) -> None:
        """Write the four figures."""
        session = self._session
        found = headlines(session.results, session.baseline_results, session.chosen_asic_id, session.chosen_offer_id)
        for figure, headline in zip(self.figures, found, strict=True):
            figure.show_headline(headline, session.numbers)

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
        fired = [state.tripwire for state in all_watched(plan) if state.is_firing]
        if fired:
            whose = "1 tripwire has" if len(fired) == 1 else f"{len(fired)} tripwires have"
            self.fired.setText(f"{len(fired)} fired")
            words = "\n".join(self.numbers.say(tripwire_words(plan, wire)) for wire in fired)
            self.fired.setToolTip(f"{whose} fired:\n{words}")
            self.fired.setAccessibleName(f"{whose} fired")
        self._fired_id = fired[0].id if fired else ""
        self.fired.setVisible(bool(fired))

    def _go_to_fired(self) -> None:
        self._session.select(f"tripwires.{self._fired_id}")

    def _show_age(self) -> None:
        """The oldest driver; worked out anew only where the plan's numbers or their evidence are others."""
        plan = self._session.plan
        if plan is self._aged or self._session.is_dragging:
            return
        self._aged = plan
        oldest = oldest_driver(plan, self._session.today)
        text, role = age_of(plan.market.as_of, self._session.today)
        self._oldest = ""
        if oldest is not None and plan.market.as_of:
            self._oldest = oldest.path
            days = int(oldest.age_days)
            name = oldest.field.label if oldest.path.startswith("market.") else oldest.label
            text = f"Oldest driver: {name[:1].lower()}{name[1:]}, {days} {'day' if days == 1 else 'days'}"
            role = AGE_ROLES[oldest.state]
        self.age.setText(text)
        market = f"Market data as of {plan.market.as_of or '—'}: {plan.market.source or 'no source given'}"
        about = f"{oldest.label}: {oldest.source}, {oldest.day}. " if oldest is not None and self._oldest else ""
        self.age.setToolTip(f"{about}{market}")
        theme.set_look(self.age, state=role)

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
