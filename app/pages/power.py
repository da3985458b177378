"""Power: a month's bill hour by hour, the strike on the duration curve, the bridge, and what it is worth to stop."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app import theme
from app.break_even_parts import PickerBar
from app.cards import Card, CardColumns, EmptyState, OneOf, PageColumn, button, label
from app.charts.heat_map import HeatMapView
from app.charts.view import ChartView
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.picker import Picker
from app.power_parts import AsHighAsItsWords, CornerPicker, FigureRow, FigureTable
from app.session import Session
from models.bills.flexibility import OPERATING_MONTHS, says_given_up
from models.charts.power import PowerPlots
from models.charts.spec import month_name
from models.curves import month_after
from models.records.power import FOLLOWS_INDEX
from models.sheets import Measured
from models.use_names import named_at_site

CHART_PX = (250, 600)
CHART_SHARE = 0.44
NOTICE_BESIDE_PX = 500
COLUMNS_PX, COLUMNS_LEAST_PX = 120, 20
"""In a low window the columns give way first: they scroll, the notice does not. Below the first the page scrolls."""
BRIDGE_LABELS = ("Per consumed MWh", "In the month")
HOURS_VIEWS = {"line": "Prices and strike", "price": "Price by day", "running": "Running by day", "cost": "Cost by day"}


class PowerPage(QWidget):
    """What the chosen machines pay for power in one month of the plan, and what it is worth that they can stop.

    Attributes
    ----------
    plots
        What charts and tables are made from.
    views
        The charts by name: ``duration``, ``hours``, ``months``.
    """

    name = "power"
    title = "Power"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.plots = PowerPlots(write=self._write)
        self._month = ""
        self._listed: tuple[object, ...] = ()
        self._contract = ""
        self.views: dict[str, ChartView] = {}
        for name in PowerPlots.NAMES:
            self.views[name] = ChartView(self.plots.write, self)
            self.views[name].setObjectName(f"chart.{name}")
        self.heat = HeatMapView(self.plots.write, self)
        self.lot_picker = self._picker("Machines", "Whose power it is")
        self.month_picker = self._picker("Month", "The month of the plan")
        self.hours_picker = self._picker("Show", "What this picture shows")
        for stored, words in HOURS_VIEWS.items():
            self.hours_picker.addItem(words, stored)
        self.lot_picker.activated.connect(self._choose_lot)
        self.month_picker.activated.connect(self._choose_month)
        self.hours_picker.activated.connect(self._draw)
        self.bridge = FigureTable("From the headline to the effective price", ("$/MWh", "$/MW"), True, BRIDGE_LABELS)
        self.hours = FigureTable("Hours of the month", ("Hours", "Share", "First year, h"))
        self.ledger = FigureTable("What stopping earned", ("$/MW-year",), labels=("Worth",))
        for table in (self.bridge, self.hours, self.ledger):
            table.explain_with(session)
        for name, view in self.views.items():
            view.explain_with(session, partial(self._figure_of, name))
        add_figure_menu(self.heat, session, lambda _point: self._figure_of("hours", ""))
        self.heat.offer_with(session, own_menu=True)
        self.bridge_note = label("", "small", wrap=True)
        self._sentences: list[QLabel] = []
        self._arrange()
        session.drag_changed.connect(self._follow_drag)
        session.chosen_changed.connect(self._follow_choice)
        theme.theme_changed.connect(self._fit_notice)
        theme.theme_changed.connect(self._fit_charts)

    def _write(self, value: float, digits: int) -> str:
        return self.session.numbers.locale.toString(value, "f", digits)

    # Arranging

    def _picker(self, name: str, help_text: str) -> QComboBox:
        picker = Picker(self)
        picker.setAccessibleName(name)
        picker.setToolTip(help_text)
        picker.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        picker.setMinimumContentsLength(12)
        picker.setMaxVisibleItems(24)
        return picker

    def _arrange(self) -> None:
        session = self.session
        self.bar = PickerBar(self.title, ((self.lot_picker, 3), (self.month_picker, 1)), self)
        self.notice = label("", "muted", wrap=True)
        self.notice_buttons = {
            "import": button("Import hourly prices…", self._import, kind="primary", icon="import"),
            "contract": button("Go to the contract", self._go_to_contract, kind="primary"),
        }
        self._notice_card = Card()
        row = self._notice_row = QHBoxLayout()
        row.setSpacing(theme.px(12))
        row.addWidget(self.notice, 1)
        for item in self.notice_buttons.values():
            row.addWidget(item, 0, Qt.AlignmentFlag.AlignVCenter)
        self._notice_card.add(row)
        self._hours_stack = QStackedWidget()
        self._hours_stack.addWidget(self.views["hours"])
        self._hours_stack.addWidget(self.heat)
        self.columns = CardColumns()
        self.columns.add(self._chart_card(self.views["duration"]), 0, 0, grows=True)
        self.columns.add(self._hours_card(), 1, 1, grows=True)
        self.columns.add(self._chart_card(self.views["months"]), 0, 2, grows=True)
        bridge = Card("From headline to effective price", "Per consumed MWh, and per utility MW.")
        bridge.add(self.bridge, self.bridge_note)
        self.columns.add(bridge, 1, 0)
        self._hours_total = Card("Hours", "They add up to the month's.")
        self._hours_total.add(self.hours)
        self.columns.add(self._hours_total, 0, 1)
        self._ledger_card = Card(
            "What it is worth that mining can stop",
            "Part of mining's margin, per utility MW, in the plan's first twelve months. Firm load gives it up.",
        )
        self._ledger_card.add(self.ledger)
        self.columns.add(self._ledger_card, 1, 2)
        empty = EmptyState(
            "power",
            "No machines yet",
            "Here a month's power is seen hour by hour: what the next MWh costs, when machines stop, and what that "
            "is worth.",
            button("Add machines", lambda: session.go_to("fleet"), kind="primary", icon="plus"),
            button("Load example", lambda: load_example(session)),
        )
        shown = AsHighAsItsWords(COLUMNS_PX - COLUMNS_LEAST_PX)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(12))
        column.addWidget(self._notice_card)
        column.addWidget(self.columns, 1)
        self.stack = OneOf()
        self.stack.addWidget(shown)
        self.stack.addWidget(empty)
        outer = PageColumn(self)
        outer.addWidget(self.bar)
        outer.addWidget(self.stack, 1)

    def _chart_card(self, view: ChartView) -> Card:
        card = Card()
        card.add(view, stretch=1)
        return card

    def _hours_card(self) -> Card:
        self._room = QWidget()  # beside the chart's title, where the picker lies
        self.views["hours"].add_tool(self._room)
        card = Card()
        card.add(CornerPicker(self._hours_stack, self.hours_picker), stretch=1)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.bar.show_pickers(self.stack.currentIndex() == 0, self.width() >= theme.px(620))
        self._fit_notice()
        self._fit_charts()

    def _fit_notice(self) -> None:
        """The button beneath the words, and the first sentence alone, where all would be a narrow pile beside it."""
        wide = QHBoxLayout.Direction.LeftToRight
        narrow = self.width() < theme.px(NOTICE_BESIDE_PX)
        self._notice_row.setDirection(QHBoxLayout.Direction.TopToBottom if narrow else wide)
        words = self.notice.toolTip()
        self.notice.setText(words.partition(". ")[0].removesuffix(".") + "." if narrow and words else words)

    def _fit_charts(self) -> None:
        """Two charts above each other fill the page, within reason."""
        low, high = map(theme.px, CHART_PX)
        height = min(max(int(self.height() * CHART_SHARE), low), high)
        self._room.setFixedSize(self.hours_picker.sizeHint())
        self.columns.setMinimumHeight(theme.px(COLUMNS_LEAST_PX))
        for view in (self.views["duration"], self.views["months"], self._hours_stack):
            view.setMinimumHeight(height)

    # Following the plan

    def refresh(self) -> None:
        """Show the plan's power as it is now."""
        session = self.session
        sites = {site.id for site in session.plan.sites}
        has_lots = any(lot.site_id in sites for lot in session.plan.asic_lots)
        if self.stack.currentIndex() != (0 if has_lots else 1):
            self.stack.setCurrentIndex(0 if has_lots else 1)
        self._list_choices()
        self.bar.show_pickers(has_lots, self.width() >= theme.px(620))
        if not has_lots:
            return
        self.plots.ranges.held = session.is_dragging
        self.plots.show(session.plan, str(self.lot_picker.currentData()), self.month_picker.currentIndex())
        self._draw()
        session.after_plots.do(self._show_tables)

    def _show_tables(self) -> None:
        """Everything beside the charts."""
        self._show_notice()
        self._show_bridge()
        self._show_hours()
        self._show_ledger()

    def _draw(self) -> None:
        settled = not self.session.is_dragging
        for name, view in self.views.items():
            if name != "hours":
                view.set_spec(self.plots.chart(name), settled=settled)
        what = self.hours_picker.currentData()
        chart = None if what == "line" else self.plots.heat_map(what)
        if chart is None:
            self.views["hours"].set_spec(self.plots.chart("hours"), settled=settled)
        else:
            self.heat.set_chart(chart)
        self._hours_stack.setCurrentIndex(0 if chart is None else 1)

    def _follow_drag(self, dragging: bool) -> None:
        if not dragging and self.isVisible():
            self.refresh()

    def _follow_choice(self) -> None:
        if self.isVisible():
            self.refresh()

    # Choosing

    def _list_choices(self) -> None:
        plan = self.session.plan
        names, uses = {s.id: s.name for s in plan.sites}, named_at_site(plan)
        lots = [(a.id, f"{uses[a.id]} · {names[a.site_id]}") for a in plan.asic_lots if a.site_id in names]
        listed = (tuple(lots), plan.plan.start, plan.plan.horizon_months, self.session.chosen_asic_id, self._month)
        if listed == self._listed:
            return
        self._listed = listed
        months = [month_after(plan.plan.start, m) for m in range(plan.plan.horizon_months)]
        _fill(self.lot_picker, lots, self.session.chosen_asic_id)
        _fill(self.month_picker, [(m, self.session.numbers.month(m)) for m in months], self._month)

    def _choose_lot(self) -> None:
        """Choose machines for this page and the others; an offer of another site gives way to one of theirs."""
        plan, chosen = self.session.plan, self.lot_picker.currentData()
        site_id = next(a.site_id for a in plan.asic_lots if a.id == chosen)
        near = [o.id for o in plan.ai_offers if o.site_id == site_id]
        keep = self.session.chosen_offer_id
        self.session.choose(chosen, keep if keep in near or not near else near[0])

    def _choose_month(self) -> None:
        self._month = self.month_picker.currentData()
        self.refresh()

    # What is not known

    def _show_notice(self) -> None:
        words = self.plots.notice
        self._notice_card.setVisible(bool(words))
        if not words:
            return
        contracts = self.plots.contracts
        self._contract = contracts[0].id if contracts else ""
        follows = any(c.kind in FOLLOWS_INDEX for c in contracts)
        has_prices = bool(self.session.plan.price_series)
        ask_import = not has_prices and bool(contracts)
        if has_prices and contracts:
            what = "follows no prices yet" if follows else "names a fixed price"
            words = f"{words} The plan has hourly prices; the contract {what}."
        self.notice.setToolTip(words)
        self._fit_notice()
        self.notice_buttons["import"].setVisible(ask_import)
        self.notice_buttons["contract"].setVisible(not ask_import)
        self.notice_buttons["contract"].setText("Go to the contract" if contracts else "Add a contract")

    def _import(self) -> None:
        self.session.command_requested.emit("file.import")

    def _go_to_contract(self) -> None:
        """Show where the site's contract is edited; where there is none, the site."""
        if self._contract:
            self.session.select(f"power_contracts.{self._contract}.kind")
        else:
            self.session.select(f"sites.{self.plots.site.id}")

    # Tables

    def _figure_of(self, chart: str, what: str) -> str | None:
        """Path of the figure behind a chart: the strike of the month, or the curve's effective price."""
        lot_id, month = self.lot_picker.currentData(), self.month_picker.currentIndex()
        if lot_id is None or month < 0:
            return None
        if chart != "months":
            return f"derived.strike.{lot_id}.{month}"
        if what == "firm":
            return f"derived.energy_price.{self.plots.site.id}"
        return f"derived.bill.{lot_id}.{month}.{'gross' if what == 'gross' else 'net'}"

    def _show_bridge(self) -> None:
        money = self.session.numbers.format
        lot_id, month = self.plots.lot.id, self.plots.month
        rows = []
        for step in self.plots.steps:
            end = step.begins_at + step.usd_per_mwh
            per_mw = "" if step.name == "headline" else money(step.usd_per_mw, 0)
            texts = (money(step.usd_per_mwh, 2), per_mw)
            path = f"derived.bill.{lot_id}.{month}.{step.name}"
            exported = (
                Measured(step.usd_per_mwh, "USD/MWh"),
                Measured(step.usd_per_mw if per_mw else math.nan, "USD/MW"),
            )
            rows.append(FigureRow(step.label, texts, (step.begins_at, end), step.is_total, path, exported))
        self.bridge.show_rows(rows)
        note = ""
        if not rows:
            note = f"Nothing is consumed in {self.plots.month_words}: no MWh has a price."
        elif any(step.name == "hours" for step in self.plots.steps):
            note = (
                "Hours run: against the mean over all hours, machines run in the cheap ones; blocks and minimum takes "
                "are paid for hours stopped or out of order as well."
            )
        if self.bridge_note.text() != note:
            self.bridge_note.setText(note)
            self.bridge_note.setVisible(bool(note))

    def _show_hours(self) -> None:
        bill, month, numbers = self.plots.bill, self.plots.month, self.session.numbers
        lines = (
            ("Running", "running", bill.hours_run),
            ("Out of order or in maintenance", "out", bill.hours_out),
            ("Stopped for price", "stopped", bill.hours_stopped),
        )
        whole = sum((hours for *_, hours in lines), np.zeros(len(bill.hours_run)))
        has_year = len(whole) >= OPERATING_MONTHS
        rows = []
        for name, key, hours in (*lines, ("All hours", "all", whole)):
            year = float(hours[:OPERATING_MONTHS].sum()) if has_year else math.nan
            share = float(hours[month] / whole[month])
            texts = (
                numbers.number(float(hours[month]), 1),
                numbers.format(share, 1, "fraction"),
                numbers.number(year, 0),
            )
            path = f"derived.hours.{self.plots.lot.id}.{month}.{key}"
            exported = (Measured(float(hours[month]), "h"), Measured(share, "fraction"), Measured(year, "h"))
            rows.append(FigureRow(name, texts, strong=key == "all", path=path, exported=exported))
        self.hours.show_rows(rows)
        words = self.plots.hours_words
        if self._hours_total.about.text() != words:
            self._hours_total.about.setText(words)

    def _show_ledger(self) -> None:
        ledger, numbers = self.plots.flexibility, self.session.numbers
        lines = (
            ("Hours stopped for price, and energy sold in them", "hours", ledger.year(ledger.hours)),
            ("Peaks avoided", "peaks", ledger.year(ledger.peaks)),
            ("Demand response and ancillary services", "demand_response", ledger.year(ledger.demand_response)),
            ("Being able to stop", "total", ledger.usd_per_mw_year),
        )
        of_lot = f"derived.ledger.{self.plots.lot.id}"
        self.ledger.show_rows(
            [
                FigureRow(
                    name,
                    (numbers.number(value, 0),),
                    strong=key == "total",
                    path=f"{of_lot}.{key}",
                    exported=(Measured(value, "USD/MW-year"),),
                )
                for name, key, value in lines
            ]
        )
        self._say(self._sentences_of_offers(ledger.usd_per_mw_year))

    def _sentences_of_offers(self, usd_per_mw_year: float) -> list[str]:
        plots, session, uses = self.plots, self.session, named_at_site(self.session.plan)
        if math.isnan(usd_per_mw_year):
            unknown = np.flatnonzero(np.isnan(plots.flexibility.total[:OPERATING_MONTHS]))
            if unknown.size and len(plots.bill.hours_run) >= OPERATING_MONTHS:
                first = month_name(plots.plan.plan.start, int(unknown[0]))
                return [
                    f"What a year of being able to stop is worth is not known: a price of {plots.site.name}'s power is "
                    f"missing in {first}."
                ]
            return [f"A year's ledger needs {OPERATING_MONTHS} months; the plan has {len(plots.bill.hours_run)}."]
        if abs(usd_per_mw_year) < 1 or not plots.flexibility.is_used:
            return [
                f"Nothing of {uses[plots.lot.id]}'s margin comes from being able to stop: an AI offer gives up nothing."
            ]
        found = []
        for offer in (o for o in session.plan.ai_offers if o.site_id == plots.site.id):
            machines = f"{plots.site.name}'s {uses[plots.lot.id]}"
            words = session.numbers.say(says_given_up(usd_per_mw_year, machines, uses[offer.id]))
            use = session.results.by_id.get(offer.id)
            if use is not None and math.isfinite(use.margin_usd_per_mw_year):
                words += f" It earns {session.numbers.money(use.margin_usd_per_mw_year)} per MW-year."
            found.append(words)
        return found

    def _figure_of_ledger(self, _point: QPoint) -> str:
        return f"derived.ledger.{self.plots.lot.id}.total"

    def _say(self, sentences: list[str]) -> None:
        while len(self._sentences) < len(sentences):
            sentence = label("", "body", wrap=True)
            add_figure_menu(sentence, self.session, self._figure_of_ledger)
            self._sentences.append(sentence)
            self._ledger_card.add(self._sentences[-1])
        for number, words in enumerate(self._sentences):
            text = sentences[number] if number < len(sentences) else ""
            if words.text() != text:
                words.setText(text)
            if words.isHidden() == bool(text):
                words.setVisible(bool(text))


def _fill(picker: QComboBox, choices: list[tuple[str, str]], chosen: str | None) -> None:
    with QSignalBlocker(picker):
        if choices != [(picker.itemData(k), picker.itemText(k)) for k in range(picker.count())]:
            picker.clear()
            for stored, words in choices:
                picker.addItem(words, stored)
        picker.setCurrentIndex(max(picker.findData(chosen), 0) if choices else -1)
        picker.setEnabled(bool(choices))
