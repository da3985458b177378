"""Sensitivity: which uncertain input moves a figure most, how far each is from the flip, and when to reopen."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from app import sensitivity_lines as lines
from app import sensitivity_words as words
from app import theme
from app.break_even_parts import FittingTabs, PickerBar
from app.cards import Card, EmptyState, OneOf, PageColumn, button, label
from app.charts.view import ChartView
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.figure_pickers import FigurePickers
from app.latest import Latest
from app.session import Session
from app.tables.line_model import Line
from app.tables.line_table import LineTable
from models.charts.sensitivity import tornado_chart
from models.drivers import value_of
from models.figure_along import part_for
from models.plan import Plan, Tripwire
from models.results import Results
from models.sensitivity.distances import Distance
from models.sensitivity.tornado import Tornado, tornado
from models.sensitivity.tripwires import nearest_tripwires, with_tripwires
from models.watch import FIRST_RENT, all_watched

WIDE_FROM_PX, CHART_LEAST_PX, TABLE_LEAST_PX = 1180, 300, 240
CHART_FRAME_PX, MOST_BAR_PX = 140, 150
"""What is not bars of the chart's height, and the most that one bar takes: a tall window makes no beams of them."""
LONGEST_IN_A_DRAG_S = 0.1
TAB_NAMES = {
    "distances": ("Distance to the flip", "Flips"),
    "tripwires": ("Tripwires", "Tripwires"),
    "ranges": ("P10 and P90", "Ranges"),
    "observations": ("Observations", "Seen"),
}


class SensitivityPage(QWidget):
    """The tornado of a figure, and below it the tables.

    Attributes
    ----------
    view
        The tornado's chart.
    tables
        By name: ``distances``, ``tripwires``, ``ranges``, ``observations``.
    """

    name = "sensitivity"
    title = "Sensitivity"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.tornado: Tornado | None = None
        self.found: tuple[Distance, ...] = ()
        self._is_wide: bool | None = None
        self._site_id = ""
        self._flips_s = 0.0
        self._held: tuple[float, float] | None = None
        self._pending: dict[str, dict[str, float]] = {}
        self.swings = Latest(self, shows_overtaken=True)
        self.flips = Latest(self, shows_overtaken=True)
        self.nearest = Latest(self)
        self.swings.done.connect(self._show_tornado)
        self.flips.done.connect(self._show_distances)
        self.nearest.done.connect(self._take_nearest)
        self.view = ChartView(self._write, self)
        self.view.setObjectName("chart.tornado")
        self.pickers = FigurePickers(self)
        self.pickers.chosen.connect(lambda _: self.refresh())
        self.tables = self._make_tables()
        self._arrange_page()
        session.drag_changed.connect(self._follow_drag)
        session.plan_changed.connect(self._follow_plan)
        theme.theme_changed.connect(self._fit)

    def _write(self, value: float, digits: int) -> str:
        return self.session.numbers.locale.toString(value, "f", digits)

    # Arranging

    def _make_tables(self) -> dict[str, LineTable]:
        session = self.session

        def table(name: str, headings: tuple[str, ...], numbers: set[int], words: set[int], **more: Any) -> LineTable:
            made = LineTable(
                TAB_NAMES[name][0],
                headings,
                frozenset(numbers),
                lambda: session.document.plan,
                session.edit_base,
                wraps=frozenset(words),
                **more,
            )
            made.setObjectName(f"table.{name}")
            made.refused.connect(session.message)
            made.taken.connect(self._follow_plan)
            made.explain_with(session, self._input_of)
            return made

        found = {
            "distances": table("distances", lines.DISTANCE_HEADINGS, {1, 2, 3, 4}, {0, 5}),
            "tripwires": table(
                "tripwires", lines.TRIPWIRE_HEADINGS, {2, 3, 5}, {0, 4, 7}, stretch=7, hides=frozenset({5, 6})
            ),
            "ranges": table("ranges", lines.RANGE_HEADINGS, {1, 2, 3}, {0, 4}, stretch=4),
            "observations": table("observations", lines.OBSERVATION_HEADINGS, {2}, {1, 3}, stretch=3),
        }
        found["tripwires"].add_row_action("Remove", "Ctrl+Delete", "trash", self.remove_tripwires)
        found["ranges"].add_row_action("Back to the default range", "Ctrl+Delete", "revert", self.reset_ranges)
        found["observations"].add_row_action("Remove", "Ctrl+Delete", "trash", self.remove_observations)
        found["observations"].append_with(self._pasted_observation)
        return found

    def _input_of(self, line: Line) -> str | None:
        return words.input_of(self.session.document.plan, line.key)

    def _figure_on_show(self, _what: object = None) -> str | None:
        return self.pickers.path or None

    def _lead_on_show(self, _point: object = None) -> str | None:
        return f"sites.{self._site_id}.lead_usd_per_mw" if self._site_id else None

    def _arrange_page(self) -> None:
        session = self.session
        self.bar = PickerBar(self.title, ((self.pickers.owner, 3), (self.pickers.figure, 2)), self)
        chart = Card()
        chart.add(self.view, stretch=1)
        self.note = label("", "small", wrap=True)
        self.view.explain_with(session, self._figure_on_show)
        add_figure_menu(self.note, session, self._figure_on_show)
        chart.add(self.note)
        chart.body.addStretch(0)
        self.chart_card = chart
        self.tabs = FittingTabs(TAB_NAMES, self)
        self.tabs.setAccessibleName("Tables")
        self.tabs.currentChanged.connect(self._show_tab)
        self.table_stack = QStackedWidget()
        for item in self.tables.values():
            self.table_stack.addWidget(item)
        self.about = label("", "small", wrap=True)
        add_figure_menu(self.about, session, self._lead_on_show)
        self.buttons: dict[str, QPushButton] = {
            "nearest": button(
                "Set the nearest five",
                self.set_nearest,
                icon="pin",
                help="Make the five nearest flips that can be seen later the plan's tripwires",
            ),
            "remove_tripwires": button("Remove", self.remove_tripwires, icon="trash", kind="quiet"),
            "reset_ranges": button("Back to the default range", self.reset_ranges, icon="revert", kind="quiet"),
            "observe": button("Add an observation", self.add_observation, icon="plus"),
            "remove_observations": button("Remove", self.remove_observations, icon="trash", kind="quiet"),
            "solve": button("Solve for this figure…", self.solve, icon="search", kind="quiet"),
        }
        self._buttons_of = {
            "distances": ("nearest",),
            "tripwires": ("nearest", "remove_tripwires"),
            "ranges": ("reset_ranges",),
            "observations": ("observe", "remove_observations"),
        }
        self.view.add_tool(self.buttons["solve"])
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(8))
        tools.addWidget(self.about, 1)
        for name, item in self.buttons.items():
            if name != "solve":
                tools.addWidget(item, 0, Qt.AlignmentFlag.AlignVCenter)
        self.table_card = Card()
        self.table_card.add(self.tabs)
        self.table_card.add(tools)
        self.table_card.add(self.table_stack, stretch=1)
        inner = QWidget()
        theme.set_look(inner, role="page")
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.px(12))
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self.scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setWidget(inner)
        empty = EmptyState(
            "sensitivity",
            "Nothing to vary yet",
            "Here every uncertain input is set to its own P10 and P90, and you see which one decides, how far each is "
            "from changing the answer, and at which level to reopen the decision.",
            button("Add machines", lambda: session.go_to("fleet"), kind="primary", icon="plus"),
            button("Load example", lambda: load_example(session)),
        )
        self.stack = OneOf()
        self.stack.addWidget(self.scroll)
        self.stack.addWidget(empty)
        outer = PageColumn(self)
        outer.addWidget(self.bar)
        outer.addWidget(self.stack, 1)
        self._fit()
        self._show_tab()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Chart and table beside each other where there is room, else the chart above."""
        self.bar.show_pickers(self.stack.currentIndex() == 0, self.width() >= theme.px(620))
        self.view.setMinimumHeight(theme.px(CHART_LEAST_PX))
        self.table_stack.setMinimumHeight(theme.px(TABLE_LEAST_PX))
        self.tabs.fit()
        wide = self.width() >= theme.px(WIDE_FROM_PX)
        if wide == self._is_wide:
            return
        self._is_wide = wide
        for card in (self.chart_card, self.table_card):
            self._grid.removeWidget(card)
        self._grid.addWidget(self.chart_card, 0, 0)
        self._grid.addWidget(self.table_card, 0 if wide else 1, 1 if wide else 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if wide else 0)
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(1, 0 if wide else 1)

    # Following the plan

    def refresh(self) -> None:
        """Show the plan as it is now; what takes long arrives when it is done."""
        session = self.session
        if session.recompute.is_busy:
            return  # the plan is ahead of its results, which will announce themselves
        plan, results = session.plan, session.results
        is_empty = not results.uses
        if self.stack.currentIndex() != int(is_empty):
            self.stack.setCurrentIndex(int(is_empty))
            self._fit()
        if is_empty:
            return
        self.pickers.show(plan, results, session.chosen_offer_id or session.chosen_asic_id)
        self._site_id = site_id = self._site_of(self.pickers.path, results)
        self._show_records()
        figure = self.pickers.path
        self.swings.request(partial(tornado, plan, figure))
        # Of a large plan they take a third of a second: then they wait until the lever is let go.
        if not (session.is_dragging and self._flips_s > LONGEST_IN_A_DRAG_S):
            self.flips.request(partial(words.timed_distances, plan, results, site_id))

    def flush(self) -> None:
        """Wait for everything that was asked for."""
        for work in (self.swings, self.flips, self.nearest):
            work.flush()

    def _follow_plan(self) -> None:
        if self.isVisible():
            self._show_records()

    def _follow_drag(self, dragging: bool) -> None:
        if dragging and self.view.spec is not None:
            self._held = (self.view.spec.x.low, self.view.spec.x.high)
        elif not dragging:
            self._held = None
            if self.isVisible():
                self.refresh()

    def _show_tornado(self, found: Tornado) -> None:
        self.tornado = found
        spec = tornado_chart(found, self._write, self._held)
        if self._held is not None:
            self._held = (spec.x.low, spec.x.high)
        self.view.set_spec(spec, settled=not self.session.is_dragging)
        self.view.setMaximumHeight(theme.px(CHART_FRAME_PX + MOST_BAR_PX * max(len(spec.y.names), 4)))
        text = words.still_words(found) or words.unreached_words(found, self.session.results)
        if self.note.text() != text:
            self.note.setText(text)
            self.note.setVisible(bool(text))

    def _show_distances(self, answer: tuple[tuple[Distance, ...], float]) -> None:
        self.found, self._flips_s = answer
        found = self.found
        self.tables["distances"].show_lines(lines.distance_lines(found, self.session.numbers))
        self._describe_tab()

    def _show_records(self) -> None:
        """The tables that need no work: ranges, tripwires, observations."""
        plan, numbers = self.session.plan, self.session.numbers
        if self.tab == "ranges":
            self._show_ranges()
        self.tables["tripwires"].show_lines(lines.tripwire_lines(plan, numbers))
        self.tables["observations"].show_lines(lines.observation_lines(plan, numbers))
        fired = sum(state.is_firing for state in all_watched(plan))
        place = list(TAB_NAMES).index("tripwires")
        self.tabs.setTabText(place, f"Tripwires: {fired} fired" if fired else "Tripwires")
        self._describe_tab()

    def _show_ranges(self) -> None:
        """The ranges of the site on show; of ten sites they would be a thousand lines, and a frame late each time."""
        if self.session.is_dragging or self._site_id not in {s.id for s in self.session.plan.sites}:
            return
        plan = part_for(self.session.plan, f"sites.{self._site_id}")
        self.tables["ranges"].show_lines(lines.range_lines(plan, self.session.numbers, self._pending))

    # Choosing

    def show_figure(self, figure_path: str) -> None:
        """Show another figure's tornado, and the flips of its site."""
        self.pickers.choose(figure_path)

    def _site_of(self, figure: str, results: Results) -> str:
        table, _, rest = figure.partition(".")
        owner = rest.partition(".")[0]
        if table == "sites":
            return owner
        use = results.by_id.get(owner) or results.by_id.get(self.session.chosen_asic_id or "") or results.uses[0]
        return use.site_id

    def solve(self) -> None:
        """Ask for the input that makes the figure on show hit a target."""
        from app.solve_dialog import SolveDialog

        SolveDialog(self.session, self.pickers.path, self).open()

    # Tabs

    @property
    def tab(self) -> str:
        """Name of the table on show."""
        return str(self.tabs.tabData(self.tabs.currentIndex()))

    def show_tab(self, name: str) -> None:
        """Show a table by its name."""
        self.tabs.setCurrentIndex(list(TAB_NAMES).index(name))

    def _show_tab(self) -> None:
        name = self.tab
        self.table_stack.setCurrentWidget(self.tables[name])
        if name == "ranges":
            self._show_ranges()
        for key, item in self.buttons.items():
            if key != "solve":
                item.setVisible(key in self._buttons_of[name])
        self._describe_tab()

    def _describe_tab(self) -> None:
        plan, name = self.session.plan, self.tab
        if name == "distances":
            text = words.distance_words(plan, self.found, self.session.numbers)
        elif name == "tripwires":
            text = words.tripwire_words(plan)
        else:
            text = words.RANGES if name == "ranges" else words.observation_words(plan)
        if self.about.text() != text:
            self.about.setText(text)
        has_rows = {"remove_tripwires": bool(plan.tripwires), "remove_observations": bool(plan.observations)}
        for name, there in (*has_rows.items(), ("reset_ranges", bool(plan.uncertainties))):
            self.buttons[name].setEnabled(there)
        self.buttons["nearest"].setEnabled(any(d.flip.reachable for d in self.found))

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to a record: a range, a tripwire, an observation."""
        table, _, rest = path.partition(".")
        name = words.TAB_OF_TABLE.get(table)
        if name is None:
            return
        self.show_tab(name)
        record_id = rest.partition(".")[0]
        if table == "uncertainties":
            record = next((u for u in self.session.plan.uncertainties if u.id == record_id), None)
            record_id = record.path if record else ""
        self.tables[name].choose(record_id)
        self.tables[name].setFocus()

    # What can be done

    def set_nearest(self) -> None:
        """Make the nearest five flips of all sites the plan's tripwires, once they are found."""
        session = self.session
        self.nearest.request(partial(nearest_tripwires, session.plan, session.today.isoformat(), session.results))

    def _take_nearest(self, found: tuple[Tripwire, ...]) -> None:
        session = self.session
        if not found:
            session.message.emit("No flip within reach can be seen later, so there is nothing to watch.")
            return
        self.show_tab("tripwires")
        count = len(found)
        what = "the nearest tripwire" if count == 1 else f"the nearest {count} tripwires"
        session.edit_base(f"Set {what}", with_tripwires(session.document.plan, found))
        session.message.emit(f"Set {what}. Undo brings back those that were there.")

    def remove_tripwires(self) -> None:
        """Remove the chosen tripwires."""
        chosen = self.tables["tripwires"].chosen_keys()
        if chosen:
            plan = lines.without_tripwires(self.session.document.plan, chosen)
            self.session.edit_base(f"Remove {words.counted(len(chosen), 'tripwire')}", plan)

    def reset_ranges(self) -> None:
        """Give the chosen inputs their default range again."""
        base = self.session.document.plan
        own = {u.path for u in base.uncertainties}
        chosen = [path for path in self.tables["ranges"].chosen_keys() if path in own]
        if chosen:
            self.session.edit_base(f"Reset {words.counted(len(chosen), 'range')}", lines.without_ranges(base, chosen))
        else:
            self.session.message.emit("This range is the default already.")

    def add_observation(self) -> None:
        """Append an observation of what is chosen among the tripwires, on today's day, and go to its value."""
        session = self.session
        path = self._observed_path()
        held = 0.0 if path.endswith(FIRST_RENT) else value_of(session.plan, path)
        plan = lines.with_observation(session.document.plan, path, session.today.isoformat(), held or 0.0)
        session.edit_base("Add an observation", plan)
        self.show_tab("observations")
        self.tables["observations"].choose(plan.observations[-1].id, 2)
        self.tables["observations"].setFocus()

    def _observed_path(self) -> str:
        known = lines.observable_paths(self.session.plan)
        wire = next((t for t in self.session.plan.tripwires if t.id == self.tables["tripwires"].current_key), None)
        return wire.path if wire is not None and wire.path in known else known[0]

    def _pasted_observation(self, plan: Plan, cells: list[str]) -> Plan:
        return lines.pasted_observation(plan, cells, self._observed_path(), self.session.numbers)

    def remove_observations(self) -> None:
        """Remove the chosen observations."""
        chosen = self.tables["observations"].chosen_keys()
        if chosen:
            plan = lines.without_observations(self.session.document.plan, chosen)
            self.session.edit_base(f"Remove {words.counted(len(chosen), 'observation')}", plan)
