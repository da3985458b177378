"""Market: bitcoin's price and network at the plan's start, how they move, and the assumptions every figure rests on."""

from __future__ import annotations

from datetime import date
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from app import theme
from app.cards import Card, CardColumns, PageColumn, PageHead, ReadOuts
from app.charts.view import ChartView
from app.figure_menu import add_figure_menu
from app.forms.record_form import RecordForm
from app.numbers import MISSING
from app.session import Session
from models.charts.market import hashprice_chart
from models.charts.scope import Ranges
from models.curves import calendar, month_after
from models.market import halving_months
from models.network import SATS_PER_BTC, next_halving_height, security_spend_usd_per_day, subsidy_sats

PRICE_FIELDS = ("btc_price_usd", "btc_price_growth_fraction_per_year")
NETWORK_FIELDS = ("difficulty", "difficulty_growth_fraction_per_year", "fees_btc_per_block", "block_height")
SOURCE_FIELDS = ("as_of", "source")
STALE_AFTER_DAYS = 45
MONTHS_TO_HALVING = 60
"""A halving comes in every four years."""
CHART_PX = 260
READ_OUT_PATHS = {
    "hashprice": "market.hashprice_usd_per_ph_day",
    "network": "market.network_hashrate_eh_per_s",
    "subsidy": "derived.subsidy",
    "halving": "derived.halving",
    "security": "derived.security",
    "age": "market.as_of",
}
"""What explains each read-out."""


def _path_of(path: str, _point: QPoint) -> str:
    return path


class MarketPage(QWidget):
    """The market, the hashprice that it makes month by month, and the assumptions."""

    name = "market"
    title = "Market"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = PageHead("Market and assumptions")
        add_figure_menu(self.head.about, session, partial(_path_of, "plan.horizon_months"))
        self.price_form = RecordForm(session, "market", names=PRICE_FIELDS)
        self.network_form = RecordForm(session, "market", names=NETWORK_FIELDS)
        self.source_form = RecordForm(session, "market", names=SOURCE_FIELDS)
        self.plan_form = RecordForm(session, "plan")
        self.assumption_form = RecordForm(session, "assumptions")
        self.read_outs = self._read_outs()
        self.columns = CardColumns()
        for places, title, about, body in (
            ((0, 0), "Bitcoin", "One number, a growth, or a monthly table.", self.price_form),
            ((0, 0), "Network", "Difficulty and fees at the plan's start.", self.network_form),
            ((1, 1), "What follows", "Calculated from the inputs, at the plan's start.", self.read_outs),
            ((1, 2), "Assumptions", "Discount rates are annual and effective.", self.assumption_form),
            ((1, 1), "Source", "Where and when these figures were read; the memo cites it.", self.source_form),
            ((0, 2), "Plan", "The calendar that every use is compared over.", self.plan_form),
        ):
            card = Card(title, about)
            card.add(body)
            self.columns.add(card, *places)
        self.ranges = Ranges()
        self.chart = ChartView(self._write)
        self.chart.explain_with(session, lambda _id: READ_OUT_PATHS["hashprice"])
        below = Card()
        below.add(self.chart)
        self.columns.add_below(below)
        self._fit()
        session.drag_changed.connect(self._follow_drag)
        theme.theme_changed.connect(self._fit)
        layout = PageColumn(self)
        layout.addWidget(self.head)
        layout.addWidget(self.columns, 1)
        self.refresh()

    def _write(self, value: float, digits: int) -> str:
        return self.session.numbers.locale.toString(value, "f", digits)

    def _fit(self) -> None:
        self.chart.setMinimumHeight(theme.px(CHART_PX))

    def _follow_drag(self, dragging: bool) -> None:
        if not dragging and self.isVisible():
            self.refresh()

    def _read_outs(self) -> ReadOuts:
        lines = ReadOuts()
        for key, name, help_text in (
            ("hashprice", "Hashprice", "What a petahash per second earns in a day, fees included, before pool fees."),
            ("network", "Network hashrate", "Difficulty × 2³² hashes per block, one block in ten minutes."),
            ("subsidy", "Block subsidy", "Halves every 210,000 blocks, by height and not by the calendar."),
            ("halving", "Next halving", "The month in which that block falls at 144 blocks a day."),
            ("security", "Miners' revenue", "What all miners together earn in a day."),
            ("age", "Age of the data", "Counted from the day the market was read."),
        ):
            lines.add(key, name, help_text)
            for item in lines.labels(key):
                add_figure_menu(item, self.session, partial(_path_of, READ_OUT_PATHS[key]))
        return lines

    def refresh(self) -> None:
        """Show what follows from the market as it is now."""
        session, numbers = self.session, self.session.numbers
        plan, market = session.plan, session.results.market
        hashprice, btc = market.spot_hashprice_usd_per_ph_day, market.spot_hashprice_btc_per_ph_day
        lines = self.read_outs
        lines.set("hashprice", numbers.format(hashprice, 2, "USD/PH/day"), f"{numbers.number(btc, 6)} BTC/PH/day")
        lines.set("network", f"{numbers.number(market.network_hashrate_eh_per_s, 1)} EH/s")
        subsidy = subsidy_sats(plan.market.block_height) / SATS_PER_BTC
        fees = plan.market.fees_btc_per_block
        share = numbers.percent(fees / (fees + subsidy)) if fees + subsidy else MISSING
        lines.set("subsidy", f"{numbers.number(subsidy, 4)} BTC", f"fees are {share} of what a block pays")
        blocks = next_halving_height(plan.market.block_height) - plan.market.block_height
        months = plan.plan.horizon_months
        (at, *_) = halving_months(plan.market, calendar(plan.plan.start, MONTHS_TO_HALVING))
        month = numbers.month(month_after(plan.plan.start, int(at)))
        halved = subsidy_sats(plan.market.block_height + blocks) / SATS_PER_BTC
        lines.set("halving", month, f"in {numbers.number(blocks, 0)} blocks, to {numbers.number(halved, 4)} BTC")
        day_usd = security_spend_usd_per_day(subsidy, fees, float(market.btc_price_usd[0]))
        lines.set("security", f"{numbers.money(day_usd)}/day")
        lines.set("age", *self._age(), role="warning")
        last = numbers.month(month_after(plan.plan.start, months - 1))
        self.head.about.set_text(f"{numbers.month(plan.plan.start)} to {last}, {months} months")
        self.ranges.held = session.is_dragging
        spec = hashprice_chart(plan, self.ranges, self._write, session.former_plan)
        self.chart.set_spec(spec, settled=not session.is_dragging)

    def _age(self) -> tuple[str, str]:
        read = self.session.plan.market.as_of
        try:
            days = (self.session.today - date.fromisoformat(read)).days
        except ValueError:
            return MISSING, "Say on which day the market was read."
        words = "today" if days == 0 else f"{days} day{'' if days == 1 else 's'}"
        return words, "Old: read the market anew." if days > STALE_AFTER_DAYS else ""

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to a field."""
        table, _, name = path.partition(".")
        forms = {
            "market": (self.price_form, self.network_form, self.source_form),
            "plan": (self.plan_form,),
            "assumptions": (self.assumption_form,),
        }
        for form in forms.get(table, ()):
            if form.focus_field(name):
                self.columns.ensureWidgetVisible(form.editor(name))
                return
