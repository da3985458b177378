"""Scenarios side by side: a table of figures, curves over each other, and the bridge from one to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QSplitter, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.cards import icon_button, label
from app.charts.view import ChartView
from app.compared_figures import kinds_of_figures, paths_of
from app.data_out import offer
from app.elided_label import ElidedLabel
from app.figure_menu import add_figure_menu, in_scenario
from app.figure_pickers import OUT_OF_REACH
from app.inherited import exported_value, value_words
from app.latest import Latest
from app.picker import Picker
from app.session import Session
from app.tables.line_model import Cell
from app.tables.text_table import TextTable
from models.charts.scenarios import CURVES, overlay, waterfall
from models.compare.bridge import Bridge, bridge
from models.compare.columns import Column, columns_of
from models.compare.matrix import BEST_USE, InputRow, Matrix, Row, compare, differing_inputs, market_notes
from models.figures import SITE_KINDS, USE_KINDS, FigureKind
from models.plan import Plan
from models.sheets import Measured
from models.units import display, unit_label

LARGE_FROM = 300
"""Scenarios × uses from which the table is made off the GUI thread at once."""
USUAL_KINDS = (
    f"sites.{BEST_USE}",
    "sites.gain_usd",
    "uses.npv_usd_per_mw",
    "uses.margin_usd_per_mw_year",
    "uses.break_even_hashprice_usd_per_ph_day",
)
BRIDGED = ("npv_usd_per_mw", "margin_usd_per_mw_year", "revenue_usd_per_mw_year", "power_cost_usd_per_mw_year")
BETTER, WORSE = "▲", "▼"
LESS = "± baseline"
MARKET_PART = "Part of such a difference is the market, not the decision."


def _figure_of(matrix: Matrix, row: Row, place: int) -> str:
    """The figure behind a cell, in its column's scenario; of a best use that by which it leads."""
    path = row.path.replace(f".{BEST_USE}", ".lead_usd_per_mw")
    return in_scenario(path, matrix.columns[place].id) or ""


class MarketWarning(QLabel):
    """That scenarios rest on different markets: the first sentence, and all of them in the tooltip."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setObjectName("scenarios.notes")
        theme.set_look(self, role="warning")
        self.hide()
        self._numbers = session.numbers
        # What markets differ by moves what a petahash earns.
        add_figure_menu(self, session, lambda _point: "market.hashprice_usd_per_ph_day")

    def show_notes(self, found: Sequence[str]) -> None:
        """Show what `market_notes` found; nothing where it found nothing."""
        notes = [self._numbers.say(note) for note in found]
        more = f" So do {len(notes) - 1} more." if len(notes) > 1 else ""
        self.setText(f"{notes[0]}{more} {MARKET_PART}" if notes else "")
        self.setToolTip("\n".join([*notes, MARKET_PART]) if notes else "")
        self.setAccessibleDescription(self.toolTip())
        self.setVisible(bool(notes))


class MatrixPanel(QWidget):
    """Scenarios × figures with deltas against a baseline.

    Attributes
    ----------
    inputs
        The table of inputs that differ, which has a tab of its own.
    on_kinds
        Called when other figures are wanted.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.matrix: Matrix | None = None
        self.kinds = list(USUAL_KINDS)
        self.notes = MarketWarning(session)
        self.table = TextTable("Figures of the scenarios", is_compact=True)
        self.inputs = TextTable("Inputs that differ")
        for table in (self.table, self.inputs):
            add_figure_menu(table, session, table.path_at)
            offer(table, session, table.sheet, own_menu=True)
        self.figures_button = QToolButton(self)
        self.figures_button.setText("Figures")
        self.figures_button.setToolTip("Which figures are compared")
        self.figures_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.figures_menu = QMenu(self)
        self.figures_button.setMenu(self.figures_menu)
        crossovers = QMenu("Crossovers", self.figures_menu)
        for kind, words in kinds_of_figures().items():
            action = (crossovers if kind.startswith("crossovers.") else self.figures_menu).addAction(words)
            action.setCheckable(True)
            action.setChecked(kind in self.kinds)
            action.triggered.connect(partial(self._choose_kind, kind))
        self.figures_menu.addMenu(crossovers)
        self.copy_button = icon_button("duplicate", "Copy the whole table with its headings", self.table.copy_all)
        self.on_kinds: Any = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        layout.addWidget(self.notes)
        layout.addWidget(self.table, 1)

    def _choose_kind(self, kind: str) -> None:
        """Take a kind of figure in, or leave it out."""
        self.kinds = [k for k in kinds_of_figures() if (k in self.kinds) != (k == kind)]
        if self.on_kinds is not None:
            self.on_kinds()

    def show_matrix(self, matrix: Matrix, inputs: tuple[InputRow, ...]) -> None:
        """Show figures and the inputs that differ."""
        self.matrix = matrix
        self.notes.show_notes(matrix.notes)
        heads, labels = ["Figure"], ["Figure"]
        for place, column in enumerate(matrix.columns):
            heads += [column.name] if place == matrix.baseline else [column.name, LESS]
            less = f"{column.name} less {matrix.columns[matrix.baseline].name}"
            labels += [column.name] if place == matrix.baseline else [column.name, less]
        self.table.show_rows(heads, [self._row(matrix, row) for row in matrix.rows], labels)
        plan = matrix.columns[matrix.baseline].plan
        words = self.session.numbers
        self.inputs.show_rows(
            ["Input", *(c.name for c in matrix.columns)],
            [
                [
                    Cell(row.label, path=row.path),
                    *(
                        Cell(
                            value_words(plan, row.path, value, words),
                            ground="own" if value != row.values[matrix.baseline] else "",
                            is_number=True,
                            path=in_scenario(row.path, column.id) or "",
                            exported=exported_value(plan, row.path, value),
                        )
                        for value, column in zip(row.values, matrix.columns, strict=True)
                    ),
                ]
                for row in inputs
            ],
        )

    def _row(self, matrix: Matrix, row: Row) -> list[Cell]:
        unit = "" if row.kind is None else unit_label(row.kind.unit)
        path = _figure_of(matrix, row, matrix.baseline)
        name = row.label
        if row.kind is not None:
            # Whose it is stands last: where a name is cut in its middle, both ends say which row it is.
            whose = row.label.removeprefix(f"{row.kind.label}, ")
            name = f"{row.kind.label}{f', {unit}' if unit else ''} · {whose}" if whose != row.label else row.label
        cells = [Cell(name, path=path, exported=row.label)]
        for place, _ in enumerate(matrix.columns):
            cells.append(self._value(matrix, row, place))
            if place != matrix.baseline:
                cells.append(self._delta(matrix, row, place))
        return cells

    def _value(self, matrix: Matrix, row: Row, place: int) -> Cell:
        path = _figure_of(matrix, row, place)
        if row.kind is None:
            differs = row.differs(place, matrix.baseline)
            return Cell(row.texts[place] or "—", strong=differs, ground="own" if differs else "", path=path)
        value, kind = row.values[place], row.kind
        text, full = self._number(value, kind)
        where = matrix.columns[place].name
        tip = "" if math.isfinite(value) else f"{row.label} cannot be computed in {where}."
        if tip and path.startswith("crossovers."):
            text, tip = OUT_OF_REACH, f"{row.label} is out of reach in {where}: no value makes both worth the same."
        return Cell(
            text, full, ink="calculated", is_number=True, tip=tip, path=path, exported=Measured(value, kind.unit)
        )

    def _delta(self, matrix: Matrix, row: Row, place: int) -> Cell:
        path = _figure_of(matrix, row, place)
        if row.kind is None:
            return Cell("changes" if row.differs(place, matrix.baseline) else "", path=path)
        if not row.differs(place, matrix.baseline):
            exported = Measured(row.delta(place, matrix.baseline), row.kind.unit)
            return Cell("=", ink="muted", is_number=True, path=path, exported=exported)
        better = row.is_better(place, matrix.baseline)
        delta = row.delta(place, matrix.baseline)
        text, full = self._number(delta, row.kind, sign=True)
        mark = {True: f" {BETTER}", False: f" {WORSE}", None: ""}[better]
        ink = {True: "positive", False: "negative", None: ""}[better]
        tip = {True: "better than the baseline", False: "worse than the baseline", None: ""}[better]
        exported = Measured(delta, row.kind.unit)
        return Cell(f"{text}{mark}", full, ink=ink, is_number=True, tip=tip, path=path, exported=exported)

    def _number(self, value: float, kind: FigureKind, *, sign: bool = False) -> tuple[str, str]:
        numbers = self.session.numbers
        if not math.isfinite(value):
            return "—", "—"
        # The unit stands in the row's name; per cent says what it is on each number.
        shown_unit = kind.unit if kind.unit.startswith("fraction") else ""
        shown = value if shown_unit else value * display(kind.unit)[1]
        return numbers.format(shown, kind.digits, shown_unit, sign=sign), numbers.full(value, kind.unit)


class ChartsPanel(QWidget):
    """One figure's months in every scenario, and the distance from the baseline."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.curve, self.use = Picker(self), Picker(self)
        self.market = MarketWarning(session)
        _may_shrink(self.curve, self.use)
        self.curve.setAccessibleName("Curve")
        self.use.setAccessibleName("Machines or offer")
        for name, about in CURVES.items():
            self.curve.addItem(about.label, name)
        self.views = tuple(ChartView(self._write, self) for _ in range(2))
        for view in self.views:
            view.offer_with(session)
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
        for view in self.views:
            layout.addWidget(view, 1)

    def _write(self, value: float, digits: int) -> str:
        return str(self.session.numbers.locale.toString(value, "f", digits))

    def show_columns(self, columns: tuple[Column, ...], baseline: int) -> None:
        """Draw these scenarios."""
        self._columns, self._baseline = columns, baseline
        plan = columns[baseline].plan
        self.market.show_notes(market_notes(columns, baseline))
        uses = [(a.id, a.model) for a in plan.asic_lots] + [(o.id, o.name) for o in plan.ai_offers]
        fill(self.use, uses, self.use.currentData() or self.session.chosen_asic_id)
        self.draw()

    def draw(self) -> None:
        """Draw what the pickers say."""
        if not self._columns:
            return
        curve, use = self.curve.currentData(), self.use.currentData() or ""
        self.use.setEnabled(CURVES[curve].of_use and self.use.count() > 0)
        for view, is_difference in zip(self.views, (False, True), strict=True):
            view.set_spec(
                overlay(self._columns, curve, use, self._baseline, difference=is_difference, write=self._write)
            )


class BridgePanel(QWidget):
    """Which input makes which part of the difference between the baseline and another scenario."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.found: Bridge | None = None
        self.work = Latest(self, at_once=True)
        self.work.done.connect(self._show)
        self._columns: tuple[Column, ...] = ()
        self._baseline = 0
        self.target, self.figure = Picker(self), Picker(self)
        _may_shrink(self.target, self.figure)
        self.target.setAccessibleName("To scenario")
        self.figure.setAccessibleName("Figure")
        self.view = ChartView(self._write, self)
        # Its title and its sum are of the figure that is bridged, in the other scenario.
        self.view.explain_with(session, lambda _name: self._path or "")
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
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(top)
        layout.addWidget(self.market)
        layout.addWidget(split, 1)
        layout.addWidget(self.note)

    def _write(self, value: float, digits: int) -> str:
        return str(self.session.numbers.locale.toString(value, "f", digits))

    def show_columns(self, columns: tuple[Column, ...], baseline: int, wanted: str) -> None:
        """Bridge from the baseline to a scenario: `wanted` where it is among these."""
        self._columns, self._baseline = columns, baseline
        others = [(c.id, c.name) for n, c in enumerate(columns) if n != baseline]
        self._from.set_text(f"From {columns[baseline].name} to")
        fill(self.target, others, wanted if any(i == wanted for i, _ in others) else self.target.currentData())
        fill(self.figure, self._figures(columns[baseline].plan), self.figure.currentData())
        self.draw()

    def _figures(self, plan: Plan) -> list[tuple[str, str]]:
        found = []
        uses = [(a.id, a.model) for a in plan.asic_lots] + [(o.id, o.name) for o in plan.ai_offers]
        for name in BRIDGED:
            found += [(f"uses.{i}.{name}", f"{USE_KINDS[name].label}, {words}") for i, words in uses]
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
            self._say_nothing("Tick a second scenario to bridge to it." if figure else "The plan has no use yet.")
            return
        self._path = in_scenario(figure, other.id)
        job = partial(bridge, self._columns[self._baseline], other, figure)
        # A site's decision is priced plan by plan.
        self.work.request(job, is_large=figure.startswith("sites."))

    def _say_nothing(self, reason: str) -> None:
        self.found = None
        self.note.setText(reason)
        self.view.hide()
        self.table.show_rows(("Input",), ())

    def _show(self, found: Bridge) -> None:
        self.found = found
        numbers, unit = self.session.numbers, unit_label(found.kind.unit)
        self.view.show()
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
                self._amount(found, step.amount),
                *([] if found.is_exact else [self._amount(found, step.standard_error, sign=False)]),
            ]
            for step in found.steps
        ]
        total = [Cell("Difference", strong=True), Cell(""), Cell(""), self._amount(found, found.difference)]
        heads = ["Input", found.old_name, found.new_name, f"Makes, {unit}"]
        if not found.is_exact:
            heads.append("± standard error")
            total.append(Cell(""))
        labels = ["Input", found.old_name, found.new_name, "Makes", *heads[4:]]
        self.table.show_rows(heads, [*rows, total] if rows else [], labels)
        self.note.setText(found.reason or self._how(found))

    def _amount(self, found: Bridge, value: float, *, sign: bool = True) -> Cell:
        numbers, kind = self.session.numbers, found.kind
        shown_unit = kind.unit if kind.unit.startswith("fraction") else ""
        text = numbers.format(
            value if shown_unit else value * display(kind.unit)[1], kind.digits, shown_unit, sign=sign
        )
        better = None if kind.higher_is_better is None or not sign else (value > 0) == kind.higher_is_better
        ink = {True: "positive", False: "negative", None: "calculated"}[better]
        full, exported = numbers.full(value, kind.unit), Measured(value, kind.unit)
        return Cell(text, full, ink=ink, is_number=True, path=self._path or "", exported=exported)

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


def _may_shrink(*pickers: QComboBox) -> None:
    """A picker must not make the page wider than the window."""
    for picker in pickers:
        picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        picker.setMinimumContentsLength(6)


def fill(picker: QComboBox, choices: list[tuple[str, str]], chosen: str | None) -> None:
    """Offer pairs of id and words, and keep what was chosen where it is still there."""
    with QSignalBlocker(picker):
        if choices != [(picker.itemData(k), picker.itemText(k)) for k in range(picker.count())]:
            picker.clear()
            for stored, words in choices:
                picker.addItem(words, stored)
        picker.setCurrentIndex(max(picker.findData(chosen), 0) if choices else -1)
        picker.setEnabled(bool(choices))


def table_of(
    plan: Plan, ids: tuple[str, ...], baseline_id: str, kinds: tuple[str, ...]
) -> tuple[Matrix, tuple[InputRow, ...]]:
    """Everything the page shows of some scenarios; touches nothing of the GUI."""
    columns = columns_of(plan, ids)
    return compare(columns, paths_of(kinds, columns[0]), baseline_id), differing_inputs(columns)
