"""The bridge from one scenario to another: which input makes which part of the difference."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSplitter, QVBoxLayout, QWidget

from app import theme
from app.cards import OrWords, label
from app.charts.view import ChartView
from app.data_out import offer
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_menu, in_scenario
from app.inherited import exported_value, value_words
from app.latest import Latest
from app.picker import Picker
from app.scenario_compare import NO_USE, MarketWarning, fill, may_shrink
from app.session import Session
from app.tables.line_model import Cell
from app.tables.text_table import TextTable
from models.charts.scenarios import NEW_BAR, OLD_BAR, waterfall
from models.compare.bridge import Bridge, bridge
from models.compare.columns import Column
from models.compare.matrix import market_notes
from models.compare.share_paths import DIFFERENCE, SHARES, share_path
from models.figures import SITE_KINDS, USE_KINDS
from models.plan import Plan
from models.sheets import Measured
from models.units import display, unit_label
from models.use_names import named_uses

if TYPE_CHECKING:
    from models.explain import Explanation

CHART_FRAME_PX, BAR_PX, MOST_BAR_PX, ROW_PX, SEEN_ROWS = 100, 24, 64, 31, 4
"""What is not bars of the chart's height; the least and the most of a bar, of which a tall window makes no beams; a row
of the table, and how many rows are seen at least."""
BRIDGED = ("npv_usd_per_mw", "margin_usd_per_mw_year", "revenue_usd_per_mw_year", "power_cost_usd_per_mw_year")


class BridgePanel(QWidget):
    """Which input makes which part of the difference between the baseline and another scenario."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.found: Bridge | None = None
        self._plan: Plan | None = None
        self.work = Latest(self, at_once=True)
        self.work.done.connect(self._show)
        self._columns: tuple[Column, ...] = ()
        self._baseline = 0
        self.target, self.figure = Picker(self), Picker(self)
        may_shrink(self.target, self.figure)
        self.target.setAccessibleName("To scenario")
        self.figure.setAccessibleName("Figure")
        self.view = ChartView(self._write, self)
        # Its title and its end are of the figure that is bridged, in the other scenario.
        self.view.explain_with(session, self._path_of_bar)
        session.explainers[SHARES] = self._explanation
        self.table = TextTable("Steps of the bridge")
        self._path: str | None = None
        self.market = MarketWarning(session)
        self.note = label("", "small", wrap=True)
        add_figure_menu(self.table, session, self.table.path_at)
        offer(self.table, session, self.table.sheet, own_menu=True)
        add_figure_menu(self.note, session, lambda _point: self._path)
        self.target.activated.connect(self.draw)
        self.figure.activated.connect(self.draw)
        self._from = ElidedLabel(self)
        theme.set_look(self._from, role="muted")
        top = QHBoxLayout()
        top.addWidget(self._from, 1)
        top.addWidget(self.target, 1)
        top.addWidget(self.figure, 2)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.view)
        split.addWidget(self.table)
        split.setSizes([600, 400])
        inside = QWidget()
        theme.set_look(inside, role="page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split, 1)
        column.addWidget(self.note)
        pile = QScrollArea()
        pile.setWidgetResizable(True)
        pile.setFrameShape(QFrame.Shape.NoFrame)
        pile.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pile.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        pile.setWidget(inside)
        self.steps = OrWords(pile)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.market)
        layout.addWidget(self.steps, 1)

    def _write(self, value: float, digits: int) -> str:
        return str(self.session.numbers.locale.toString(value, "f", digits))

    def show_columns(self, columns: tuple[Column, ...], baseline: int, wanted: str) -> None:
        """Bridge from the baseline to a scenario: `wanted` where it is among these."""
        self._columns, self._baseline = columns, baseline
        self._plan = self.session.document.plan
        others = [(c.id, c.name) for n, c in enumerate(columns) if n != baseline]
        self._from.set_text(f"From {columns[baseline].name} to")
        fill(self.target, others, wanted if any(i == wanted for i, _ in others) else self.target.currentData())
        fill(self.figure, self._figures(columns[baseline].plan), self.figure.currentData())
        self.draw()

    def _figures(self, plan: Plan) -> list[tuple[str, str]]:
        found = []
        for name in BRIDGED:
            found += [
                (f"uses.{i}.{name}", f"{USE_KINDS[name].label}, {words}") for i, words in named_uses(plan).items()
            ]
        with_uses = {r.site_id for r in (*plan.asic_lots, *plan.ai_offers)}
        found += [
            (f"sites.{s.id}.gain_usd", f"{SITE_KINDS['gain_usd'].label}, {s.name}")
            for s in plan.sites
            if s.id in with_uses
        ]
        return found

    def draw(self) -> None:
        """Have the bridge made that the pickers ask for."""
        target, figure = self.target.currentData(), self.figure.currentData()
        other = next((c for c in self._columns if c.id == target), None)
        self.market.show_notes(() if other is None else market_notes((self._columns[self._baseline], other)))
        if other is None or not figure:
            self._say_nothing("Tick a second scenario to bridge to it." if figure else NO_USE)
            return
        self._path = in_scenario(figure, other.id)
        self.found = None
        job = partial(bridge, self._columns[self._baseline], other, figure)
        # A site's decision is priced plan by plan.
        self.work.request(job, is_large=figure.startswith("sites."))

    # Explaining

    @property
    def _ends(self) -> tuple[str, str, str]:
        """The two scenarios and the figure that the pickers ask for."""
        return self._columns[self._baseline].id, self.target.currentData(), self.figure.currentData()

    def _share(self, path: str) -> str:
        return share_path(*self._ends, path)

    def _path_of_bar(self, bar: str) -> str | None:
        """What a bar explains: the figure at its ends, and between them the share of one input."""
        if self._path is None or self.found is None:
            return None
        old, _, figure = self._ends
        if bar == OLD_BAR:
            return in_scenario(figure, old)
        if any(step.path == bar for step in self.found.steps):
            return self._share(bar)
        return self._share(DIFFERENCE) if bar and bar != NEW_BAR else self._path

    def _explanation(self, path: str) -> Explanation:
        """The share of an input, from the bridge on show; of another one it is worked out anew."""
        from models.explain.shares import explained_share  # with the explanations behind it: once somebody asks

        document, today = self.session.document.plan, self.session.today
        known = self.found if self._plan is document and self._columns else None
        on_show = known is not None and path.startswith(share_path(*self._ends, ""))
        return explained_share(document, path, today, known if on_show else None)

    def _say_nothing(self, reason: str) -> None:
        self.found = None
        self.steps.say(reason)
        self.note.setText("")
        self.table.show_rows(("Input",), ())

    def _show(self, found: Bridge) -> None:
        self.found = found
        self.session.explanations_changed.emit()
        numbers, unit = self.session.numbers, unit_label(found.kind.unit)
        self.steps.say("")
        self.view.set_spec(waterfall(found, self._write))
        plan = self._columns[self._baseline].plan
        old, new = self._columns[self._baseline].id, self.target.currentData()
        rows = [
            [
                Cell(step.label, path=step.path),
                Cell(
                    value_words(plan, step.path, step.old, numbers),
                    is_number=True,
                    path=in_scenario(step.path, old) or "",
                    exported=exported_value(plan, step.path, step.old),
                ),
                Cell(
                    value_words(plan, step.path, step.new, numbers),
                    is_number=True,
                    path=in_scenario(step.path, new) or "",
                    exported=exported_value(plan, step.path, step.new),
                ),
                self._amount(found, step.amount, self._share(step.path)),
                *(
                    []
                    if found.is_exact
                    else [self._amount(found, step.standard_error, self._share(step.path), sign=False)]
                ),
            ]
            for step in found.steps
        ]
        total = [
            Cell("Difference", strong=True),
            Cell(""),
            Cell(""),
            self._amount(found, found.difference, self._share(DIFFERENCE)),
        ]
        heads = ["Input", found.old_name, found.new_name, f"Makes, {unit}"]
        if not found.is_exact:
            heads.append("± standard error")
            total.append(Cell(""))
        labels = ["Input", found.old_name, found.new_name, "Makes", *heads[4:]]
        self.table.show_rows(heads, [*rows, total] if rows else [], labels)
        self.note.setText(found.reason or self._how(found))
        self._fit(len(self.table.texts.rows))

    def _fit(self, rows: int) -> None:
        """Give every bar and the first rows a height at which they can be read; what has no room is scrolled to."""
        bars = 0 if self.view.spec is None else len(self.view.spec.y.names)
        self.view.setMinimumHeight(theme.px(CHART_FRAME_PX + BAR_PX * bars))
        self.view.setMaximumHeight(theme.px(CHART_FRAME_PX + MOST_BAR_PX * max(bars, 4)))
        self.table.setMinimumHeight(theme.px(ROW_PX * (1 + min(rows, SEEN_ROWS)) + 14))

    def _amount(self, found: Bridge, value: float, path: str, *, sign: bool = True) -> Cell:
        numbers, kind = self.session.numbers, found.kind
        shown_unit = kind.unit if kind.unit.startswith("fraction") else ""
        text = numbers.format(
            value if shown_unit else value * display(kind.unit)[1], kind.digits, shown_unit, sign=sign
        )
        better = None if kind.higher_is_better is None or not sign else (value > 0) == kind.higher_is_better
        ink = {True: "positive", False: "negative", None: "calculated"}[better]
        full, exported = numbers.full(value, kind.unit), Measured(value, kind.unit)
        return Cell(text, full, ink=ink, is_number=True, path=path, exported=exported)

    def _how(self, found: Bridge) -> str:
        words = (
            "Inputs work together, so each one's part is its mean over all orders in which they could change (its "
            "Shapley value): no order is preferred, and the parts add up to the difference."
        )
        if not found.is_exact:
            words += (
                " With this many inputs orders are drawn: the parts add up, each is off by about its standard error."
            )
        if found.without_effect:
            shown = ", ".join(found.without_effect[:4])
            more = len(found.without_effect) - 4
            words += f" Without effect here: {shown}{f' and {more} more' if more > 0 else ''}."
        return words
