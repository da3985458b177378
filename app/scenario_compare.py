"""Scenarios side by side: a table of figures with deltas, and the inputs that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.cards import OrWords, icon_button
from app.compared_figures import kinds_of_figures, named_uses, paths_of
from app.data_out import offer
from app.figure_menu import add_figure_menu, in_scenario
from app.figure_pickers import OUT_OF_REACH
from app.inherited import exported_value, value_words
from app.session import Session
from app.tables.line_model import Cell
from app.tables.text_table import TextTable
from models.compare.columns import columns_of
from models.compare.matrix import BEST_USE, InputRow, Matrix, Row, compare, differing_inputs
from models.compare.share_paths import DELTAS, delta_path
from models.figures import FigureKind
from models.plan import Plan
from models.sheets import Measured
from models.units import display, unit_label

if TYPE_CHECKING:
    from models.explain import Explanation

LARGE_FROM = 300
"""Scenarios × uses from which the table is made off the GUI thread at once."""
USUAL_KINDS = (
    f"sites.{BEST_USE}",
    "sites.gain_usd",
    "uses.npv_usd_per_mw",
    "uses.margin_usd_per_mw_year",
    "uses.break_even_hashprice_usd_per_ph_day",
)
BETTER, WORSE = "▲", "▼"
LESS = "± baseline"
NO_USE = "There is nothing to compare yet: add machines on the page Fleet, or an offer on the page AI offers."
NO_FIGURE = "No figure is chosen: tick some under Figures."
NO_SECOND = "Tick a second scenario, or add one with New scenario or a stress pack, to see which inputs differ."
NO_DIFFERENCE = "These scenarios rest on the same inputs."
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
        The table of inputs that differ; with a sentence in its place, `inputs_panel`, it has a tab of its own.
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
        session.explainers[DELTAS] = self._explanation
        self.figures_panel, self.inputs_panel = OrWords(self.table), OrWords(self.inputs)
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
        layout.addWidget(self.figures_panel, 1)

    def _explanation(self, path: str) -> Explanation:
        from models.explain.shares import explained_delta  # with the explanations behind it: once somebody asks

        return explained_delta(self.session.document.plan, path, self.session.today)

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
        plan = matrix.columns[matrix.baseline].plan
        names = named_uses(plan)
        self.table.show_rows(heads, [self._row(matrix, row, names) for row in matrix.rows], labels)
        has_uses = bool(plan.asic_lots or plan.ai_offers)
        self.figures_panel.say("" if matrix.rows else NO_FIGURE if has_uses else NO_USE)
        self.inputs_panel.say("" if inputs else NO_SECOND if len(matrix.columns) < 2 else NO_DIFFERENCE)
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

    def _row(self, matrix: Matrix, row: Row, names: dict[str, str]) -> list[Cell]:
        unit = "" if row.kind is None else unit_label(row.kind.unit)
        path = _figure_of(matrix, row, matrix.baseline)
        name = full = row.label
        if row.kind is not None:
            # Whose it is stands last and stays whole where there is no room for the name.
            whose = row.label.removeprefix(f"{row.kind.label}, ")
            if row.path.startswith("uses."):
                whose = names.get(row.path.removeprefix("uses.").rpartition(".")[0], whose)
            if whose != row.label:
                name = f"{row.kind.label}{f', {unit}' if unit else ''} · {whose}"
                full = f"{row.kind.label}, {whose}"
        cells = [Cell(name, path=path, exported=full)]
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
        path = delta_path(matrix.columns[matrix.baseline].id, matrix.columns[place].id, row.path)
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


def may_shrink(*pickers: QComboBox) -> None:
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
