"""Scenarios: what differs from what, what it makes of the figures, and why."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from app import theme
from app.break_even_parts import FittingTabs
from app.cards import Card, PageColumn, PageHead, button, icon_button
from app.compared_cells import Comparison, comparison_of
from app.latest import Latest
from app.picker import Picker
from app.scenario_bridge import BridgePanel
from app.scenario_changes import ChangesCard
from app.scenario_charts import ChartsPanel
from app.scenario_compare import LARGE_FROM, MatrixPanel, fill
from app.scenario_tree import ScenarioTree
from app.session import Session
from app.shell.scenario_actions import ScenarioActions
from app.tables.record_cards import SideBySide
from models.scenarios import BASE, scenario_name

WITH_TABLES = (0, 1)
"""The tabs that show tables, by place."""
TABS = {
    "compare": ("Compare", "Compare"),
    "inputs": ("Inputs", "Inputs"),
    "charts": ("Charts", "Charts"),
    "bridge": ("Bridge", "Bridge"),
}
CHANGES_PX, COMPARE_PX, TREE_PX = 196, 330, 250
TREE_MOST_SHARE, CHANGES_MOST_SHARE = 0.36, 0.26


class ScenariosPage(QWidget):
    """The tree of scenarios, what the chosen one changes, and the ticked ones side by side."""

    name = "scenarios"
    title = "Scenarios"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.does = ScenarioActions(self, session)
        self.work = Latest(self, at_once=True)
        self.work.done.connect(self._show_comparison)
        self.head = PageHead(self.title)
        self.tree = ScenarioTree(session, self.does)
        self.tree.chosen.connect(self._choose)
        self.tree.ticked.connect(self.compare)
        self.changes = ChangesCard(session)
        self.matrix = MatrixPanel(session)
        self.matrix.on_kinds = self.compare
        self.charts = ChartsPanel(session)
        self.bridge = BridgePanel(session)
        self.baseline = Picker(self)
        self.baseline.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.baseline.setMinimumContentsLength(5)
        self.baseline.setAccessibleName("Baseline")
        self.baseline.setToolTip("The scenario that differences are taken from")
        self.baseline.activated.connect(self.compare)
        self.tabs = FittingTabs(TABS, self)
        self.tabs.setAccessibleName("Ways to compare")
        self.tabs.currentChanged.connect(self._show_tab)
        self.panels = QStackedWidget()
        for panel in (self.matrix, self.matrix.inputs_panel, self.charts, self.bridge):
            self.panels.addWidget(panel)
        self._is_by_hand = False
        self._shown: Comparison | None = None
        self._arrange()
        session.scenario_changed.connect(self._follow_scenario)

    # Arranging

    def _arrange(self) -> None:
        self.packs = QMenu(self)
        self.tree.fill_packs(self.packs)
        stress = QToolButton()
        stress.setText("Stress pack")
        stress.setToolTip("Add a ready-made what-if under the chosen scenario")
        stress.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        stress.setMenu(self.packs)
        theme.set_icon(stress, "risk")
        stress.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.add(stress, button("New scenario…", self._new, kind="primary", icon="plus"))
        left = Card("Scenarios", "")
        for icon, words, run in (
            ("duplicate", "Duplicate (Ctrl+Shift+D)", self._duplicate),
            ("trash", "Delete (Del)", self._delete),
        ):
            left.add_tool(icon_button(icon, words, run))
        left.add(self.tree, stretch=1)
        caption = QLabel("Baseline")
        caption.setBuddy(self.baseline)
        theme.set_look(caption, role="muted")
        self._tools = QHBoxLayout()
        self._tools.setSpacing(theme.px(8))
        for widget in (caption, self.baseline, self.matrix.figures_button, self.matrix.copy_button):
            # Tabs must not move away under the mouse when what belongs to one of them goes.
            keeps = widget.sizePolicy()
            keeps.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(keeps)
            self._tools.addWidget(widget)
        self._bar = QHBoxLayout()
        self._bar.setSpacing(theme.px(8))
        self._bar.addWidget(self.tabs, 1)
        self._bar.addLayout(self._tools)
        lower = Card()
        lower.body.addLayout(self._bar)
        lower.add(self.panels, stretch=1)
        self._lower = lower
        self.sides = SideBySide(left, self.changes, ("Scenarios", "What differs"))
        # The comparison has the whole width: scenarios stand side by side in it.
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(theme.px(12))
        self._split.addWidget(self.sides)
        self._split.addWidget(lower)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self._split)
        self.sides.splitter.setStretchFactor(0, 0)
        self.sides.splitter.setStretchFactor(1, 1)
        column = PageColumn(self)
        column.addWidget(self.head)
        column.addWidget(self._area, 1)
        for splitter in (self.sides.splitter, self._split):
            splitter.splitterMoved.connect(self._keep_by_hand)
        theme.theme_changed.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.sides.setMinimumHeight(theme.px(CHANGES_PX))
        self._lower.setMinimumHeight(theme.px(COMPARE_PX))
        self._split.setMinimumHeight(theme.px(CHANGES_PX + COMPARE_PX + 12))
        self._share()

    def _fit_bar(self) -> None:
        """Put the tools below the tabs where beside them no tab could be read."""
        needed = self.tabs.needed_px(short=True) + self._tools.sizeHint().width() + theme.px(56)
        direction = QBoxLayout.Direction.LeftToRight if needed <= self.width() else QBoxLayout.Direction.TopToBottom
        self._bar.setDirection(direction)
        self.tabs.fit()

    def _share(self) -> None:
        """Give the tree what its names and rows need, within reason, until somebody moves a handle."""
        self._fit_bar()
        if self._is_by_hand:
            return
        wanted_px, rows_px = self.tree.content_size()
        wide = max(theme.px(TREE_PX), min(wanted_px + theme.px(52), round(self.width() * TREE_MOST_SHARE)))
        high = max(theme.px(CHANGES_PX), min(rows_px + theme.px(84), round(self.height() * CHANGES_MOST_SHARE)))
        self.sides.splitter.setSizes([wide, max(self.width() - wide, wide)])
        self._split.setSizes([high, max(self.height() - high, theme.px(COMPARE_PX))])

    def _keep_by_hand(self) -> None:
        self._is_by_hand = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share()

    # What is on show

    def refresh(self) -> None:
        """Show the scenarios as the plan has them now."""
        plan = self.session.document.plan
        self.tree.refresh()
        count = len(plan.scenarios)
        shown = scenario_name(plan, self.session.scenario_id)
        self.head.about.set_text(
            f"{count} scenario{'' if count == 1 else 's'} beside the base case · {shown} is on show"
        )
        self._share()
        self._choose(self.tree.chosen_id)
        self.compare()

    def compare(self) -> None:
        """Compare the ticked scenarios anew."""
        plan = self.session.document.plan
        ids = self.tree.ticked_ids or (self.tree.chosen_id,)
        fill(self.baseline, [(i, scenario_name(plan, i)) for i in ids], self.baseline.currentData() or BASE)
        job = partial(
            comparison_of,
            plan,
            ids,
            self.baseline.currentData(),
            tuple(self.matrix.kinds),
            self.session.numbers,
            tables=self.tabs.currentIndex() in WITH_TABLES,
        )
        size = len(ids) * (len(plan.asic_lots) + len(plan.ai_offers))
        self.work.request(job, is_large=size >= LARGE_FROM)

    def flush(self) -> None:
        """Wait until everything has been worked out and is on show."""
        self.work.flush()
        self.bridge.work.flush()

    def _show_comparison(self, found: Comparison) -> None:
        self._shown = found
        self._show_tab()

    def _show_tab(self, _number: int = 0) -> None:
        place = self.tabs.currentIndex()
        self.panels.setCurrentIndex(place)
        for widget in (self.matrix.figures_button, self.matrix.copy_button):
            widget.setVisible(place == 0)
        if self._shown is None:
            return
        matrix = self._shown.matrix
        # What nobody sees is drawn when it is shown.
        if place in WITH_TABLES:
            if self._shown.has_tables:
                self.matrix.show_comparison(self._shown)
            else:
                self.compare()
        elif place == 2:
            self.charts.show_columns(matrix.columns, matrix.baseline)
        else:
            self.bridge.show_columns(matrix.columns, matrix.baseline, self.tree.chosen_id)

    def _choose(self, scenario_id: str) -> None:
        self.changes.show_scenario(scenario_id)
        if self.panels.currentIndex() == self.panels.indexOf(self.bridge):
            self._show_tab()

    def _follow_scenario(self, scenario_id: str) -> None:
        self.tree.refresh()
        self.tree.choose(scenario_id)

    def jump_to(self, path: str) -> None:
        """Go to a scenario: ``scenarios.c1``."""
        _, _, rest = path.partition(".")
        self.tree.choose(rest.partition(".")[0])
        self.tree.setFocus()

    # Buttons

    def _new(self) -> None:
        self.does.new(self.tree.chosen_id)

    def _duplicate(self) -> None:
        if self.tree.chosen_id != BASE:
            self.does.duplicate(self.tree.chosen_id)

    def _delete(self) -> None:
        if self.tree.chosen_id != BASE:
            self.does.delete(self.tree.chosen_id)
