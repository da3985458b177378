"""Curves of scenarios over each other, and how far each is from the baseline."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app import theme
from app.charts.view import ChartView
from app.figure_menu import in_scenario
from app.picker import Picker
from app.scenario_compare import NO_USE, MarketWarning, fill, may_shrink
from app.session import Session
from models.charts.scenarios import CURVES, overlay
from models.compare.columns import Column
from models.compare.matrix import market_notes
from models.figures import USE_KINDS
from models.use_names import named_uses

CHART_PX, PEEK_PX, WORDS_PX = 220, 30, 96
"""The least height of a chart; what is seen of the next one below it; the height of a reason in a chart's place."""
FIGURE_OF_CURVE = {
    "cash": "npv_usd_per_mw",
    "margin": "margin_usd_per_mw_year",
    "revenue": "revenue_usd_per_mw_year",
    "power": "power_cost_usd_per_mw_year",
    "hashprice": "market.hashprice_usd_per_ph_day",
    "btc_price": "market.btc_price_usd",
    "difficulty": "market.difficulty",
}
"""What a curve's months come to, of a use by its name."""


class ChartPile(QScrollArea):
    """Charts below each other with one axis of months: all at once where they can be read, else one at a time."""

    def __init__(self, views: tuple[ChartView, ...]) -> None:
        super().__init__()
        self.views = views
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        theme.set_look(inside, role="page")
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 0, 0)
        for view in views:
            self._column.addWidget(view, 1)
        self.setWidget(inside)
        theme.theme_changed.connect(self.fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def fit(self) -> None:
        """Give every chart a height at which its curves can be read; a reason in a chart's place needs little."""
        gap = self._column.spacing()
        drawn = [v for v in self.views if v.spec is None or not v.spec.reason]
        room = self.viewport().height() - (theme.px(WORDS_PX) + gap) * (len(self.views) - len(drawn))
        each = (room - gap * (len(drawn) - 1)) // max(len(drawn), 1)
        if each < theme.px(CHART_PX):
            each = max(theme.px(CHART_PX), room - gap - theme.px(PEEK_PX))
        for view in self.views:
            view.setMinimumHeight(each if view in drawn else theme.px(WORDS_PX))
            self._column.setStretchFactor(view, int(view in drawn or not drawn))


class ChartsPanel(QWidget):
    """One figure's months in every scenario, and the distance from the baseline."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.curve, self.use = Picker(self), Picker(self)
        self.market = MarketWarning(session)
        may_shrink(self.curve, self.use)
        self.curve.setAccessibleName("Curve")
        self.use.setAccessibleName("Machines or offer")
        for name, about in CURVES.items():
            self.curve.addItem(about.label, name)
        self.views = tuple(ChartView(self._write, self) for _ in range(2))
        for view in self.views:
            view.explain_with(session, self._figure_of)
        self._columns: tuple[Column, ...] = ()
        self._baseline = 0
        self.curve.activated.connect(self.draw)
        self.use.activated.connect(self.draw)
        top = QHBoxLayout()
        for picker in (self.curve, self.use):
            top.addWidget(picker, 1)
        top.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.market)
        self.pile = ChartPile(self.views)
        layout.addWidget(self.pile, 1)

    def _write(self, value: float, digits: int) -> str:
        return str(self.session.numbers.locale.toString(value, "f", digits))

    def _figure_of(self, scenario_id: str) -> str | None:
        """The figure that a curve's months make, in its scenario; of the chart as a whole that of the baseline."""
        if not self._columns:
            return None
        figure, known = FIGURE_OF_CURVE[self.curve.currentData()], {c.id for c in self._columns}
        if figure in USE_KINDS:
            figure = f"uses.{self.use.currentData()}.{figure}" if self.use.currentData() else ""
        return in_scenario(figure, scenario_id if scenario_id in known else self._columns[self._baseline].id)

    def show_columns(self, columns: tuple[Column, ...], baseline: int) -> None:
        """Draw these scenarios."""
        self._columns, self._baseline = columns, baseline
        plan = columns[baseline].plan
        self.market.show_notes(market_notes(columns, baseline))
        fill(self.use, list(named_uses(plan).items()), self.use.currentData() or self.session.chosen_asic_id)
        self.draw()

    def draw(self) -> None:
        """Draw what the pickers say."""
        if not self._columns:
            return
        curve, use = self.curve.currentData(), self.use.currentData() or ""
        self.use.setEnabled(CURVES[curve].of_use and self.use.count() > 0)
        for view, is_difference in zip(self.views, (False, True), strict=True):
            spec = overlay(self._columns, curve, use, self._baseline, difference=is_difference, write=self._write)
            if CURVES[curve].of_use and not self.use.count():
                spec = dataclasses.replace(spec, reason=NO_USE)
            view.set_spec(spec)
            view.setHidden(is_difference and spec.reason == NO_USE)
        self.pile.fit()
