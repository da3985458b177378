"""Scenarios side by side: a table of figures with deltas, and the inputs that differ."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from app import theme
from app.cards import OrWords, icon_button
from app.compared_cells import Comparison
from app.compared_figures import kinds_of_figures
from app.data_out import offer
from app.figure_menu import add_figure_menu
from app.session import Session
from app.tables.text_table import TextTable
from models.compare.matrix import BEST_USE, Matrix
from models.compare.share_paths import DELTAS

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
NO_USE = "There is nothing to compare yet: add machines on the page Fleet, or an offer on the page AI offers."
NO_FIGURE = "No figure is chosen: tick some under Figures."
NO_SECOND = "Tick a second scenario, or add one with New scenario or a stress pack, to see which inputs differ."
NO_DIFFERENCE = "These scenarios rest on the same inputs."
MARKET_PART = "Part of such a difference is the market, not the decision."


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

    def show_comparison(self, found: Comparison) -> None:
        """Show figures and the inputs that differ."""
        self.matrix = matrix = found.matrix
        self.notes.show_notes(matrix.notes)
        for table, content in ((self.table, found.figures_table), (self.inputs, found.inputs_table)):
            table.show_rows(content.headings, content.rows, content.labels)
        plan = matrix.columns[matrix.baseline].plan
        has_uses = bool(plan.asic_lots or plan.ai_offers)
        self.figures_panel.say("" if matrix.rows else NO_FIGURE if has_uses else NO_USE)
        self.inputs_panel.say("" if found.inputs else NO_SECOND if len(matrix.columns) < 2 else NO_DIFFERENCE)


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
