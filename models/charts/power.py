"""A month's power as pictures: duration curve and strike, hour by hour, running by day, effective price by month."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from models.bills.bridge import Step, bridge, headline_price
from models.bills.flexibility import Flexibility, flexibility
from models.bills.hourly import HourlyMonth, hourly_month
from models.bills.monthly import Bill, firm_bill, lot_bill
from models.charts.hourly import COLOURED_SHARE, HeatMap, map_of_hours, places_of, shown_span
from models.charts.scope import Ranges, legible_plan
from models.charts.spec import (
    MONTH_UNIT,
    Axis,
    ChartSpec,
    Fill,
    Reference,
    Series,
    Writer,
    amount_text,
    month_name,
    plain_number,
    short_text,
)
from models.curves import Array
from models.inputs import gather
from models.plan import Plan, PowerContract
from models.power.contracts import runs_in
from models.power.supply import contract_price
from models.records.power import BLOCK, BLOCK_AND_INDEX, FOLLOWS_INDEX, TAKE_OR_PAY
from models.use_names import use_name_at_site

PRICE = "USD/MWh"
NEUTRAL, MINING, INDEX, FIRM, STRIKE = -1, 0, 4, 2, 1
"""Colour roles: what mining pays is blue, as machines are; the index orange, firm load green, the strike vermilion."""
LEAST_STOPPED = 0.0005
ENDS, BETWEEN = 24, 150
"""Hours of a duration curve that are drawn: a month's 720 would cost a dragged lever its frame."""
FAR_FROM_USUAL = 3.0
"""Effective prices beyond so many medians are left out of the axis."""


@dataclass
class PowerPlots:
    """Charts and tables of one lot's power in one month of the plan.

    Attributes
    ----------
    write
        Numbers in the reader's locale.
    ranges
        What the axes span.
    hours, bill, firm, flexibility, steps
        What `show` computed: the month hour by hour, the lot's bill, that of firm load at its site (None where the
        site has no AI offer), the ledger, and the bridge of the month.

    Examples
    --------
    >>> from models.samples import sample
    >>> plots = PowerPlots()
    >>> plots.show(sample("briefing"), "a1", 0)
    >>> [plots.chart(name).id for name in PowerPlots.NAMES]
    ['duration', 'hours', 'months']
    """

    NAMES = ("duration", "hours", "months")

    write: Writer = plain_number
    ranges: Ranges = field(default_factory=Ranges)
    _shown: tuple[object, ...] = field(default=(), init=False, repr=False)

    def show(self, plan: Plan, lot_id: str, month: int) -> None:
        """Take a plan with a scenario's values applied, one of its lots, and a month 0 … N−1."""
        part = legible_plan(plan, lot_id, None)
        self.plan, self.month = part, month
        self.lot = next(a for a in part.asic_lots if a.id == lot_id)
        self.site = next(s for s in part.sites if s.id == self.lot.site_id)
        of_what = (lot_id, month, self._kinds())
        if of_what != self._shown:
            # Another lot, month or contract is another picture: no range of the last one fits it.
            self._shown = of_what
            for name in (*self.NAMES, "map", "cost"):
                self.ranges.forget(name)
        self.hours: HourlyMonth = hourly_month(part, lot_id, month)
        self.bill: Bill = lot_bill(part, lot_id)
        has_offer = any(o.site_id == self.site.id for o in part.ai_offers)
        self.firm: Bill | None = firm_bill(part, self.site.id) if has_offer else None
        self.flexibility: Flexibility = flexibility(part)[lot_id]
        self.steps: tuple[Step, ...] = bridge(self.bill, float(headline_price(part, self.site.id)[month]), month)

    def _kinds(self) -> tuple[object, ...]:
        return tuple((c.id, c.kind, c.price_series_id) for c in self.contracts)

    # What the month is about

    @property
    def contracts(self) -> tuple[PowerContract, ...]:
        """Those of the lot's site."""
        return tuple(c for c in self.plan.power_contracts if c.site_id == self.site.id)

    @property
    def lot_name(self) -> str:
        """What the machines are called beside their site's name."""
        return use_name_at_site(self.plan, self.lot)

    @property
    def month_words(self) -> str:
        """The plan's month: ``Jul 2026``."""
        return month_name(self.plan.plan.start, self.month)

    @property
    def share_stopped(self) -> float:
        """Of the month's hours, those in which the lot stands still for price."""
        return 1.0 - float(self.hours.running.mean())

    @property
    def notice(self) -> str:
        """What holds where no hour is known: which prices decide, and what to do about it. Empty where hours are."""
        place, contracts = self.site.name, self.contracts
        if not contracts:
            return f"{place} has no power contract yet: without a price no hour can be decided."
        if np.isfinite(self.hours.index_usd_per_mwh).any():
            return ""
        if any(c.kind in FOLLOWS_INDEX and c.kind != "behind_the_meter" for c in contracts):
            return f"A contract of {place} follows an index whose prices are not there yet: import them."
        return (
            f"The contracts of {place} name fixed prices, so machines run or stop for a whole month at a time (or a "
            "time-of-use period). With hourly prices, and a contract that follows them, each hour is decided alone."
        )

    @property
    def source_words(self) -> str:
        """Which hours stand for the month."""
        if self.hours.source_month:
            year, month = self.hours.source_month.split("-")
            return f"prices of {month_name(f'{year}-{month}', 0)}"
        return "price-duration table" if np.isfinite(self.hours.index_usd_per_mwh).any() else "no hourly prices"

    @property
    def hours_words(self) -> str:
        """What the month's hours are of, where those on show are of one year and the bill's of several."""
        count = self.hours.source_count
        if count < 2:
            return "They add up to the month's."
        name = amount_text(count, "", 0, self.write)
        shown = self.source_words.removeprefix("prices of ")
        return (
            f"They add up to the month's, which is the mean of the {name} years imported. Single hours, and the "
            f"duration curve, are those of {shown} alone."
        )

    # Charts

    def chart(self, name: str) -> ChartSpec:
        """One of `NAMES`."""
        return {"duration": self._duration, "hours": self._hours, "months": self._months}[name]()

    def _duration(self) -> ChartSpec:
        hours = self.hours
        count = len(hours.local)
        kept = places_of(count, ENDS, BETWEEN)
        places = (kept + 0.5) / count
        marginal = np.sort(hours.marginal_usd_per_mwh)[::-1][kept]
        index = np.sort(hours.index_usd_per_mwh)[::-1][kept]
        low, high = self._price_range("duration")
        series = [Series("marginal", "Next MWh", places, marginal, MINING, strong=True)]
        has_index = bool(np.isfinite(index).all())
        if has_index and not np.allclose(index, marginal, atol=0.005):
            series.insert(0, Series("index", "Index", places, index, INDEX))
        stopped = self.share_stopped
        fills = []
        top = low + 0.94 * (high - low)
        if stopped > LEAST_STOPPED:
            fills.append(_band("stopped", 0.0, stopped, low, high, STRIKE, self._hours_text("stops", stopped), top))
        if stopped < 1 - LEAST_STOPPED:
            fills.append(_band("runs", stopped, 1.0, low, high, MINING, self._hours_text("runs", 1 - stopped), top))
        strike = hours.strike_usd_per_mwh
        runs = amount_text(1 - stopped, "fraction", 1, self.write)
        facts = f"runs {runs} of hours at a strike of {amount_text(strike, PRICE, 2, self.write)}"
        return ChartSpec(
            "duration",
            f"Price duration, {self.month_words}",
            f"{self.site.name} · {facts} · {self.source_words}",
            Axis("Share of hours, %", "Share of hours", "fraction", 0.0, 1.0, digits=1),
            Axis("What the next MWh costs, $/MWh", "Next MWh", PRICE, low, high, digits=2),
            tuple(series),
            fills=tuple(fills),
            references=self._references(low, high),
            summary=f"{self.lot_name} at {self.site.name} in {self.month_words} {facts}.",
            reason=self._reason(hours.marginal_usd_per_mwh),
        )

    def _hours(self) -> ChartSpec:
        hours = self.hours
        first = hours.local[0].astype("datetime64[M]").astype(hours.local.dtype)
        days = (hours.local - first).astype("timedelta64[m]").astype(float) / 1440.0 + 1.0
        low, high = self._price_range("hours")
        series = [Series("marginal", "Next MWh", days, hours.marginal_usd_per_mwh, MINING, strong=True)]
        if np.isfinite(hours.index_usd_per_mwh).all():
            series.insert(0, Series("index", "Index", days, hours.index_usd_per_mwh, INDEX))
        last = float(math.ceil(days[-1]))
        return ChartSpec(
            "hours",
            f"Hour by hour, {self.month_words}",
            f"{self.site.name} · {self._hours_text('stops', self.share_stopped)} · {self.source_words}",
            Axis("Day of the month", "Day", "", 1.0, last, digits=2),
            Axis("Price, $/MWh", "Price", PRICE, low, high, digits=2),
            tuple(series),
            fills=tuple(_stops(days, hours.running, low, high)),
            references=self._references(low, high),
            summary=f"Prices of {self.month_words} at {self.site.name} hour by hour, on {self.source_words}; "
            f"{self.lot_name} {self._hours_text('stops', self.share_stopped)}.",
            reason=self._reason(hours.marginal_usd_per_mwh),
        )

    def _months(self) -> ChartSpec:
        gross, net = self.bill.gross_usd_per_mwh, self.bill.net_usd_per_mwh
        ends = np.arange(1.0, len(net) + 1.0)
        series = [Series("net", "After credits", ends, net, MINING, strong=True)]
        if not np.allclose(gross, net, atol=0.005, equal_nan=True):
            series.insert(0, Series("gross", "Before credits", ends, gross, INDEX))
        if self.firm is not None:
            series.append(Series("firm", "Firm load", ends, self.firm.net_usd_per_mwh, FIRM, "dash_dot"))
        known = np.concatenate([s.y[np.isfinite(s.y)] for s in series])
        low, high = self.ranges.take("months", "y", *self._months_span(known, gross, net))
        value = amount_text(float(net[self.month]), PRICE, 2, self.write)
        start = self.plan.plan.start
        return ChartSpec(
            "months",
            "Effective price by month",
            f"{self.lot_name} at {self.site.name} · {self.month_words} {value} per consumed MWh, all charges included",
            Axis("Month", "Month", MONTH_UNIT, 0.0, float(len(net)), start=start),
            Axis("Effective price, $/MWh", "Effective price", PRICE, low, high, digits=2),
            tuple(series),
            references=(Reference("month", "x", self.month + 1.0, self.month_words),),
            summary=f"What {self.lot_name} at {self.site.name} pays per consumed MWh; in {self.month_words} {value}.",
            reason="" if len(known) else "No month has an effective price: the site's contracts name none yet.",
        )

    def heat_map(self, of: str) -> HeatMap | None:
        """Every hour of the month's days: ``price``, ``running`` or ``cost``; None where nothing is known."""
        hours = self.hours
        name = f"{self.lot_name}, {self.month_words}"
        if of == "running":
            found = map_of_hours(hours.local, hours.running, f"Running of {name}", "fraction", self.write, (0.0, 1.0))
            return replace(found, title="Share that runs")
        values = hours.marginal_usd_per_mwh if of == "price" else hours.cost_usd
        if not np.isfinite(values).any():
            return None
        if of == "price":
            colours = self._span("map", values)
            found = map_of_hours(hours.local, values, f"Next MWh of {name}", PRICE, self.write, colours)
            return replace(found, title="What the next MWh costs")
        # Costs follow the strike: their colours hold while a lever is dragged, as axes do.
        found = map_of_hours(hours.local, values, f"Bill of {name}", "USD/MW", self.write, self._span("cost", values))
        return replace(found, title="Energy cost of the hour, per MW")

    # Parts

    def _span(self, name: str, values: Array) -> tuple[float, float]:
        return self.ranges.take(name, "colour", *shown_span(values[np.isfinite(values)], COLOURED_SHARE))

    def _months_span(self, known: Array, gross: Array, net: Array) -> tuple[float, float]:
        """All months but those in which so little runs that its price says nothing."""
        if not len(known):
            return 0.0, 1.0
        at = [abs(v) for v in (float(gross[self.month]), float(net[self.month])) if math.isfinite(v)]
        most = max(FAR_FROM_USUAL * float(np.median(np.abs(known))), *(1.1 * v for v in at), 1.0)
        return min(max(float(known.min()), -most), 0.0), min(1.05 * float(known.max()), most)

    def _price_range(self, chart: str) -> tuple[float, float]:
        """Prices without the few highest, and the strike where it is not far off."""
        hours = self.hours
        values = np.concatenate([hours.marginal_usd_per_mwh, hours.index_usd_per_mwh])
        values = values[np.isfinite(values)]
        low, high = shown_span(values, COLOURED_SHARE) if len(values) else (0.0, 1.0)
        strike = hours.strike_usd_per_mwh
        if math.isfinite(strike):
            high = max(high, min(1.15 * strike, 3.0 * max(high, 1.0)))
        low = max(float(values.min()), -high / 2.0) if len(values) else low
        return self.ranges.take(chart, "y", min(low, 0.0), high)

    def _references(self, low: float, high: float) -> tuple[Reference, ...]:
        strike = self.hours.strike_usd_per_mwh
        found = []
        if math.isfinite(strike):
            beyond = "↑ " if strike > high else ""
            text = f"{beyond}strike {short_text(strike, PRICE, self.write)}"
            found.append(Reference("strike", "y", min(max(strike, low), high), text, STRIKE))
        for contract, price in self._block_prices():
            name = "take or pay" if contract.kind == TAKE_OR_PAY else "block"
            found.append(
                Reference(f"block {contract.id}", "y", price, f"{name} {short_text(price, PRICE, self.write)}")
            )
        return tuple(found)

    def _block_prices(self) -> list[tuple[PowerContract, float]]:
        """The contracts of the month that are paid in any case, and their prices."""
        inputs = gather(self.plan)
        prices = contract_price(inputs) + np.zeros(len(inputs.dates.index))
        return [
            (contract, float(prices[row, self.month]))
            for row, contract in enumerate(self.plan.power_contracts)
            if contract.site_id == self.site.id
            and contract.kind in (BLOCK, BLOCK_AND_INDEX, TAKE_OR_PAY)
            and runs_in(contract, inputs.dates)[self.month]
            and math.isfinite(prices[row, self.month])
        ]

    def _hours_text(self, verb: str, share: float) -> str:
        return f"{verb} {self.write(share * len(self.hours.local), 0)} h"

    def _reason(self, values: Array) -> str:
        if np.isfinite(values).all():
            return ""
        return self.notice or f"A price of {self.site.name} is missing in {self.month_words}."


def _band(name: str, left: float, right: float, low: float, high: float, colour: int, text: str, at: float) -> Fill:
    x = np.array([left, right, right, left, left])
    y = np.array([low, low, high, high, low])
    return Fill(name, text, x, y, colour, (left + right) / 2, at)


def _stops(days: Array, running: Array, low: float, high: float) -> list[Fill]:
    """A band behind every run of hours in which not all of the MW runs."""
    stopped = running < 1.0 - LEAST_STOPPED
    if not stopped.any():
        return []
    edges = np.flatnonzero(np.diff(np.concatenate([[0], stopped.astype(int), [0]])))
    begin, end = edges[::2], edges[1::2]
    hour = 1.0 / 24.0
    left, right = days[begin], days[end - 1] + hour
    x = np.column_stack([left, right, right, left, left, np.full(len(left), np.nan)]).ravel()
    y = np.tile(np.array([low, low, high, high, low, np.nan]), len(left))
    return [Fill("stopped", "", x, y, STRIKE)]
