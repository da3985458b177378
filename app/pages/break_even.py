"""Break-even, the heart: four plots that follow every lever, and one sentence that says where the line is."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app import theme
from app.break_even_parts import AxisPicker, FittingTabs, PickerBar, SentenceBox
from app.cards import EmptyState, button
from app.charts.view import ChartView
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.picker import Picker
from app.session import Session
from models.bills.flexibility import flexibility, says_given_up
from models.charts.break_even import BASIS_LABELS
from models.charts.frontier import axis_title
from models.charts.plots import Plots
from models.drivers import bounds, driver, with_value
from models.explain.crossings import FIGURE_OF_BASIS
from models.figures import CROSSOVER_KINDS
from models.pair import pair_plan
from models.plan import Plan
from models.results import Results
from models.units import display
from models.use_names import named_at_site, named_uses

WIDE_FROM_PX = (920, 560)
"""From this size on four plots are legible side by side; below, the frontier and one other."""
BASES = ("npv", "margin", "revenue")
TAB_NAMES = {
    "price": ("Against the BTC price", "BTC price"),
    "power": ("Power price by machine", "Power"),
    "cash": ("Cash over time", "Cash"),
}


class BreakEvenPage(QWidget):
    """Plots of revenue, power, the frontier and cash for the chosen machines and offer.

    Attributes
    ----------
    plots
        What the charts are made from.
    views
        The charts by name: ``price``, ``power``, ``frontier``, ``cash``.
    """

    name = "break_even"
    title = "Break-even"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.plots = Plots(write=self._write)
        self._gesture = 0
        self._listed: object = None
        self._is_wide: bool | None = None
        self.views: dict[str, ChartView] = {}
        self.cards: dict[str, QFrame] = {}
        for name in Plots.NAMES:
            view = ChartView(self.plots.write, self)
            view.setObjectName(f"chart.{name}")
            self.views[name] = view
            self.cards[name] = self._card(view)

        self.asic_picker = self._picker("Machines", "The machines that the frontier and the heavy curves are about")
        self.offer_picker = self._picker("AI offer", "The AI offer that they are set against")
        self.basis_picker = self._picker("Compare by", "What makes the two equal on the frontier")
        self.price_basis_picker = self._picker("Show", "What this plot shows")
        self.x_picker = AxisPicker("Across", "The input on the frontier's horizontal axis: choose another", self)
        self.y_picker = AxisPicker("Up", "The input on the frontier's vertical axis: choose another", self)
        for picker, bases in ((self.basis_picker, BASES), (self.price_basis_picker, BASES[::-1])):
            for basis in bases:
                picker.addItem(BASIS_LABELS[basis], basis)
        self.asic_picker.activated.connect(self._choose_asic)
        self.offer_picker.activated.connect(self._choose_offer)
        self.basis_picker.activated.connect(self._choose_basis)
        self.price_basis_picker.activated.connect(self._choose_price_basis)
        self.x_picker.activated.connect(self._choose_x)
        self.y_picker.activated.connect(self._choose_y)
        self.views["price"].add_tool(self.price_basis_picker)
        self.add_buttons = {
            "fleet": button("Add machines", lambda: session.go_to("fleet"), icon="plus"),
            "offers": button("Add an AI offer", lambda: session.go_to("offers"), icon="plus"),
        }
        for one in self.add_buttons.values():
            self.views["frontier"].add_tool(one)
            one.hide()
        self._ordered: tuple[QWidget | None, ...] = ()
        self.views["frontier"].set_axis_pickers(self.x_picker, self.y_picker)

        self._sentence_box = SentenceBox(self)
        self.sentence = self._sentence_box.label
        self.cards["frontier"].layout().addWidget(self._sentence_box)

        self.tabs = FittingTabs(TAB_NAMES, self)
        self.tabs.setAccessibleName("Other plots")
        self.tabs.currentChanged.connect(self._show_tab)
        self._arrange_page()

        for name, view in self.views.items():
            view.explain_with(session, partial(self._figure_of, name))
        add_figure_menu(self.sentence, session, lambda _point: self._figure_of("frontier", ""))
        frontier = self.views["frontier"]
        frontier.handle_pressed.connect(self._take_point)
        frontier.handle_moved.connect(self._move_point)
        frontier.handle_released.connect(session.end_drag)
        session.drag_changed.connect(self._follow_drag)
        session.chosen_changed.connect(self._follow_choice)
        theme.theme_changed.connect(self._fit_words)

    def _write(self, value: float, digits: int) -> str:
        """A number in the user's locale, without unit: a hundred of them with every frame."""
        return self._session.numbers.locale.toString(value, "f", digits)

    # Arranging

    def _card(self, view: ChartView) -> QFrame:
        card = QFrame(self)
        theme.set_look(card, role="card")
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 12, 12, 8)
        column.setSpacing(2)
        column.addWidget(view, 1)
        return card

    def _picker(self, name: str, help_text: str) -> QComboBox:
        picker = Picker(self)
        picker.setAccessibleName(name)
        picker.setToolTip(help_text)
        picker.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        picker.setMinimumContentsLength(8)
        picker.setMaxVisibleItems(24)
        return picker

    def _arrange_page(self) -> None:
        pickers = ((self.asic_picker, 3), (self.offer_picker, 3), (self.basis_picker, 0))
        self._bar = PickerBar(self.title, pickers, self)
        self._plots_area = QWidget(self)
        self._grid = QGridLayout(self._plots_area)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(12)
        self._nothing = self._empty()
        self._nothing.hide()
        inner = QWidget(self)
        theme.set_look(inner, role="page")
        column = QVBoxLayout(inner)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(10)
        column.addWidget(self._bar)
        column.addWidget(self._plots_area, 1)
        column.addWidget(self._nothing, 1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        self._arrange()

    def _empty(self) -> EmptyState:
        session = self._session
        return EmptyState(
            "break_even",
            "Nothing to compare yet",
            "Here mining and AI are set against each other, and every plot follows while you drag. "
            "Add machines, an AI offer, or both.",
            button("Add machines", lambda: session.go_to("fleet"), kind="primary", icon="plus"),
            button("Add an AI offer", lambda: session.go_to("offers")),
            button("Load example", lambda: load_example(session)),
        )

    def _arrange(self) -> None:
        """Four plots in a square where there is room; else the frontier above, and one of the others below."""
        wide = self.width() >= theme.px(WIDE_FROM_PX[0]) and self.height() >= theme.px(WIDE_FROM_PX[1])
        if wide == self._is_wide:
            return
        self._is_wide = wide
        grid = self._grid
        for card in self.cards.values():
            grid.removeWidget(card)
        grid.removeWidget(self.tabs)
        self.tabs.setVisible(not wide)
        self._show_pickers()
        self._fit_words()
        if wide:
            for name, row, place in (("price", 0, 0), ("frontier", 0, 1), ("power", 1, 0), ("cash", 1, 1)):
                grid.addWidget(self.cards[name], row, place)
        else:
            grid.addWidget(self.cards["frontier"], 0, 0, 1, 2)
            grid.addWidget(self.tabs, 1, 0, 1, 2)
            for name in TAB_NAMES:
                grid.addWidget(self.cards[name], 2, 0, 1, 2)
        for row, stretch in enumerate((1, 1, 0) if wide else (6, 0, 5)):
            grid.setRowStretch(row, stretch)
        for place in range(2):
            grid.setColumnStretch(place, 1)
        self._show_cards()

    def _show_pickers(self) -> None:
        """Pickers where there is something to pick, and their names where there is room."""
        self._bar.show_pickers(self._nothing.isHidden(), bool(self._is_wide))

    def _show_cards(self) -> None:
        tab = self.tabs.tabData(self.tabs.currentIndex())
        for name, card in self.cards.items():
            card.setVisible(bool(self._is_wide) or name in ("frontier", tab))

    def _show_tab(self) -> None:
        self._show_cards()
        if self._listed is not None:
            self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before = self._is_wide
        self._arrange()
        if self._is_wide != before and self._listed is not None:
            self._draw()

    def _fit_words(self) -> None:
        self._sentence_box.least_lines = 2 if self._is_wide else 1  # four plots leave each half the width
        self._sentence_box.fit()
        self.tabs.fit()

    def _figure_of(self, chart: str, what: str) -> str | None:
        """Path of the figure behind a curve or mark; that of the chosen pair for the chart as a whole."""
        session = self._session
        asic_id, offer_id = self.plots.pair if self._listed is not None else (None, None)
        if chart == "frontier":
            return self._figure_of_frontier(asic_id, offer_id)
        if chart == "price" and "/" in what:
            return f"crossovers.{what.replace('/', '.')}.{self.plots.price_basis}.btc_price_usd"
        if what.startswith("payback "):
            return f"uses.{what.removeprefix('payback ')}.payback_months"
        chosen = what if what in session.results.by_id else asic_id or offer_id
        figure = {
            "price": FIGURE_OF_BASIS[self.plots.price_basis],
            "power": "break_even_power_usd_per_mwh",
            "cash": "npv_usd_per_mw",
        }[chart]
        return f"uses.{chosen}.{figure}" if chosen in session.results.by_id else None

    def _figure_of_frontier(self, asic_id: str | None, offer_id: str | None) -> str | None:
        """The crossover in the unknown that stands on an axis; else by how much the offer is worth more."""
        results, axes = self._session.results, self.plots.frontier_axes()
        if asic_id not in results.by_id or offer_id not in results.by_id:
            return None
        for path in reversed(axes or ()):
            name = path.rpartition(".")[2]
            of_offer = path == f"ai_offers.{offer_id}.{name}"
            if name in CROSSOVER_KINDS and (of_offer or path.startswith("market.")):
                return f"crossovers.{asic_id}.{offer_id}.{self.plots.frontier_basis}.{name}"
        return f"pairs.{asic_id}.{offer_id}.npv_usd_per_mw"

    # Following the plan

    def refresh(self) -> None:
        """Draw the plan on show."""
        session = self._session
        if session.recompute.is_busy or not _fit(session.plan, session.results):
            return  # the plan is ahead of its results, which will announce themselves
        is_empty = not session.plan.asic_lots and not session.plan.ai_offers
        if is_empty == self._nothing.isHidden():
            self._nothing.setVisible(is_empty)
            self._plots_area.setVisible(not is_empty)
            self._show_pickers()
        self.plots.ranges.held = session.is_dragging
        self.plots.show(
            session.plan, session.results, session.former_plan, session.chosen_asic_id, session.chosen_offer_id
        )
        self._list_choices()
        self._draw()

    def _draw(self) -> None:
        settled = not self._session.is_dragging
        for name, view in self.views.items():
            if self._is_wide or not self.cards[name].isHidden():
                view.set_spec(self.plots.chart(name, worded=settled), settled=settled)
        self._order_tabs()
        self._session.after_plots.do(self._say_frontier)

    def _order_tabs(self) -> None:
        """Let Tab go as the eye does, from the pickers over the frontier to what is below, once there is all of it."""
        canvas = {name: view.canvas for name, view in self.views.items()}
        price = (self.price_basis_picker, canvas["price"])
        frontier = (*self.add_buttons.values(), self.y_picker, self.x_picker, canvas["frontier"], self.sentence)
        others = (canvas["power"], canvas["cash"])
        plots = (*price, *frontier, *others) if self._is_wide else (*frontier, self.tabs, *price, *others)
        order = (self.asic_picker, self.offer_picker, self.basis_picker, *plots)
        if order != self._ordered:
            self._ordered = order
            for before, after in pairwise(widget for widget in order if widget is not None):
                self.setTabOrder(before, after)

    def _say_frontier(self) -> None:
        """The sentence under the frontier."""
        settled = not self._session.is_dragging
        spec = self.views["frontier"].spec
        has_words = spec is not None and not spec.reason
        words = " ".join((self.plots.frontier_sentence(), self._given_up())).rstrip() if has_words else ""
        if self.sentence.text() != words:
            self.sentence.setText(words)
            if settled:
                self._sentence_box.fit()

    def _given_up(self) -> str:
        """What of the chosen machines' margin comes from being able to stop, which the offer gives up; else empty."""
        asic_id, offer_id = self.plots.pair
        if asic_id is None or offer_id is None:
            return ""
        part, names = pair_plan(self._session.plan, asic_id, offer_id), named_uses(self._session.plan)
        stopped = flexibility(part)[asic_id]
        if not (stopped.is_used and abs(stopped.usd_per_mw_year) >= 1):
            return ""
        return self._session.numbers.say(says_given_up(stopped.usd_per_mw_year, f"{names[asic_id]}'s", names[offer_id]))

    def _follow_drag(self, dragging: bool) -> None:
        """Ranges hold while something is dragged, and are chosen anew when it is let go."""
        self._sentence_box.set_selectable(not dragging)
        if not dragging and self.isVisible():
            self.refresh()

    def _follow_choice(self) -> None:
        if self.isVisible():
            self.refresh()

    # Choosing

    def _list_choices(self) -> None:
        """Fill the pickers, when what there is to pick from has changed."""
        plan, pair = self._session.plan, self.plots.pair
        uses = named_at_site(plan)
        lots = tuple((a.id, uses[a.id], a.site_id) for a in plan.asic_lots)
        offers = tuple((o.id, uses[o.id], o.site_id, o.kind) for o in plan.ai_offers)
        places = tuple((s.id, s.name) for s in plan.sites)
        contracts = tuple((c.id, c.name, c.site_id) for c in plan.power_contracts)
        axes = self.plots.frontier_axes()
        listed = (lots, offers, places, contracts, pair, axes)
        if listed == self._listed:
            return
        self._listed = listed
        names = dict(places)
        several = len(places) > 1

        def where(site_id: str) -> str:
            return f" · {names.get(site_id, site_id)}" if several else ""

        self._fill(self.asic_picker, [(i, model + where(site)) for i, model, site in lots], pair[0], "No machines yet")
        self._fill(
            self.offer_picker, [(i, name + where(site)) for i, name, site, _ in offers], pair[1], "No AI offer yet"
        )
        choices = [(d.path, axis_title(d)) for d in self.plots.axis_drivers()] if axes else []
        self._fill(self.x_picker, choices, axes[0] if axes else None)
        self._fill(self.y_picker, choices, axes[1] if axes else None)
        for axis_picker in (self.x_picker, self.y_picker):
            axis_picker.setVisible(bool(choices))
        self.add_buttons["fleet"].setVisible(not lots)
        self.add_buttons["offers"].setVisible(bool(lots) and not offers)

    def _fill(self, picker: QComboBox, choices: list[tuple[str, str]], chosen: str | None, none: str = "") -> None:
        with QSignalBlocker(picker):
            picker.setEnabled(bool(choices))
            choices, chosen = (choices, chosen) if choices or not none else ([("", none)], "")
            if choices != [(picker.itemData(k), picker.itemText(k)) for k in range(picker.count())]:
                picker.clear()
                for stored, words in choices:
                    picker.addItem(words, stored)
                    picker.setItemData(picker.count() - 1, words, Qt.ItemDataRole.ToolTipRole)
            picker.setCurrentIndex(picker.findData(chosen))
            picker.updateGeometry()

    def _choose_asic(self) -> None:
        """Choose machines; an offer of another site gives way to one of theirs."""
        plan, chosen = self._session.plan, self.asic_picker.currentData()
        site_id = next(a.site_id for a in plan.asic_lots if a.id == chosen)
        near = [o.id for o in plan.ai_offers if o.site_id == site_id]
        keep = self._session.chosen_offer_id
        self._session.choose(chosen, keep if keep in near or not near else near[0])

    def _choose_offer(self) -> None:
        """Choose an offer; machines of another site give way to some of its own."""
        plan, chosen = self._session.plan, self.offer_picker.currentData()
        site_id = next(o.site_id for o in plan.ai_offers if o.id == chosen)
        near = [a.id for a in plan.asic_lots if a.site_id == site_id]
        keep = self._session.chosen_asic_id
        self._session.choose(keep if keep in near or not near else near[0], chosen)

    def _choose_basis(self) -> None:
        self.plots.frontier_basis = self.basis_picker.currentData()
        self._draw()

    def _choose_price_basis(self) -> None:
        self.plots.price_basis = self.price_basis_picker.currentData()
        self._draw()

    def _choose_x(self) -> None:
        self._choose_axes(self.x_picker.currentData(), 0)

    def _choose_y(self) -> None:
        self._choose_axes(self.y_picker.currentData(), 1)

    def _choose_axes(self, path: str, which: int) -> None:
        """Put an input on an axis; if it stands on the other one, the two change places."""
        axes = self.plots.frontier_axes()
        if axes is None:
            return
        other = axes[1 - which] if axes[1 - which] != path else axes[which]
        self.plots.axes = (path, other) if which == 0 else (other, path)
        self._list_choices()
        self._draw()

    # The point

    def _take_point(self) -> None:
        self._gesture += 1
        self._session.begin_drag()

    def _move_point(self, x: float, y: float) -> None:
        """Set both inputs to a place on the plot; the whole drag is one undo step."""
        axes = self.plots.frontier_axes()
        if axes is None:
            return
        plan = self._session.plan
        for path, value in zip(axes, (x, y), strict=True):
            least, most = bounds(plan, path)
            number = _rounded(value, driver(plan, path).unit, driver(plan, path).digits)
            plan = with_value(plan, path, min(max(number, least), most))
        self._session.edit("Move today's point", plan, ("frontier point", self._gesture))


def _fit(plan: Plan, results: Results) -> bool:
    """Whether results are those of the plan's own uses: when a chosen record is deleted, another is chosen first."""
    ids = [*(a.id for a in plan.asic_lots), *(o.id for o in plan.ai_offers)]
    return [use.id for use in results.uses] == ids


def _rounded(value: float, unit: str, digits: int) -> float:
    """The value as it is shown, one decimal finer: a hand cannot mean 71.28371934."""
    factor = display(unit)[1]
    return round(value * factor, digits + 1) / factor
