"""The break-even page's plots of revenue, power and cash as `ChartSpec`; the frontier has a module of its own."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from models.breakeven import PriceCurves
from models.charts import (
    MONTH_UNIT,
    Axis,
    ChartSpec,
    LineStyle,
    Mark,
    Reference,
    Series,
    Writer,
    amount_text,
    month_name,
    plain_number,
    short_text,
    sticky_range,
)
from models.curves import Array
from models.evaluate import figure_on
from models.plan import Plan
from models.results import ASIC, Results, UseResult
from models.units import unit_label

Range = tuple[float, float]

LOT_STYLES: tuple[LineStyle, ...] = ("solid", "dot")
OFFER_STYLES: tuple[LineStyle, ...] = ("dash", "dash_dot")
"""The second cue: machines are never dashed, offers always."""

MOST_CURVES = 12
"""Up to so many uses the plots show the whole plan, above that the chosen machine's site."""

PRICE_POINTS = 161
BASIS_LABELS = {"revenue": "Revenue", "margin": "Margin", "npv": "NPV"}
BASIS_UNITS = {"revenue": "USD/MW-year", "margin": "USD/MW-year", "npv": "USD/MW"}
SAVED = ":saved"
LOT_COLOURS, OFFER_COLOURS = (0, 1, 4, 7, 6), (2, 3, 5)
"""Colour roles of machines (blue, vermilion, orange, yellow, ink) and of offers (green, purple, sky): no role stands
for both, so that the two sides of a frontier differ, and adding machines recolours no offer."""
FARTHEST_PRICE, NEAR_PRICE = 15.0, 2.5
"""A crossing of the chosen pair (of others) beyond so many times today's price does not widen the plot."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a use is drawn wherever it appears."""

    label: str
    colour: int
    style: LineStyle
    strong: bool


@dataclass(frozen=True)
class Scope:
    """Which uses the plots show, and how.

    Attributes
    ----------
    name
        "Whole plan", or the site's name.
    uses
        Lots before offers.
    looks
        By use id.
    """

    name: str
    uses: tuple[UseResult, ...]
    looks: dict[str, Look]

    @property
    def lots(self) -> tuple[UseResult, ...]:
        """The machines."""
        return tuple(u for u in self.uses if u.kind == ASIC)

    @property
    def offers(self) -> tuple[UseResult, ...]:
        """Leases and own GPUs."""
        return tuple(u for u in self.uses if u.kind != ASIC)


@dataclass(slots=True)
class Ranges:
    """The ranges on screen by chart and axis; they stay while they fit, and hold while a lever is dragged.

    Examples
    --------
    >>> ranges = Ranges()
    >>> ranges.take("cash", "x", 0.0, 95.0), ranges.take("cash", "x", 0.0, 99.0)
    ((0.0, 100.0), (0.0, 100.0))
    """

    shown: dict[tuple[str, str], Range] = field(default_factory=dict)
    held: bool = False

    def take(self, chart: str, axis: str, low: float, high: float) -> Range:
        """The range to show for what there is to show."""
        key = (chart, axis)
        found = sticky_range(self.shown.get(key), low, high, held=self.held)
        self.shown[key] = found
        return found

    def forget(self, chart: str) -> None:
        """Let a chart choose its ranges anew, since it shows something else now."""
        self.shown = {key: value for key, value in self.shown.items() if key[0] != chart}


def legible_plan(plan: Plan, asic_id: str | None, offer_id: str | None) -> Plan:
    """The part of a plan that fits into one plot: all of it, or the site of the chosen machine.

    Sites do not touch each other's figures, so the part is priced as in the whole. The same plan comes back where it
    fits.
    """
    if len(plan.asic_lots) + len(plan.ai_offers) <= MOST_CURVES:
        return plan
    site_of = {a.id: a.site_id for a in plan.asic_lots} | {o.id: o.site_id for o in plan.ai_offers}
    site_id = site_of.get(asic_id or "") or site_of.get(offer_id or "") or next(iter(site_of.values()))
    return dataclasses.replace(
        plan,
        sites=tuple(s for s in plan.sites if s.id == site_id),
        power_contracts=tuple(c for c in plan.power_contracts if c.site_id == site_id),
        asic_lots=tuple(a for a in plan.asic_lots if a.site_id == site_id),
        ai_offers=tuple(o for o in plan.ai_offers if o.site_id == site_id),
        splits=(),
        evidence=(),
        levers=(),
        scenarios=(),
    )


def scope_of(plan: Plan, results: Results, asic_id: str | None, offer_id: str | None) -> Scope:
    """How the uses of a plan are drawn.

    Parameters
    ----------
    plan, results
        From `legible_plan`, and its evaluation.
    asic_id, offer_id
        The chosen pair, drawn heavier.
    """
    sites = {s.id: s.name for s in plan.sites}
    times = Counter(u.name for u in results.uses)
    looks = {}
    counts = {True: 0, False: 0}
    for use in results.uses:
        is_lot = use.kind == ASIC
        roles, styles = (LOT_COLOURS, LOT_STYLES) if is_lot else (OFFER_COLOURS, OFFER_STYLES)
        turn, place = divmod(counts[is_lot], len(roles))
        counts[is_lot] += 1
        label = use.name if times[use.name] == 1 else f"{use.name}, {sites.get(use.site_id, use.site_id)}"
        style = styles[turn % len(styles)]
        looks[use.id] = Look(label, roles[place], style, use.id in (asic_id, offer_id))
    return Scope(plan.sites[0].name if len(plan.sites) == 1 else "Whole plan", results.uses, looks)


def _focus_range(scope: Scope, spans: dict[str, Range]) -> Range:
    """A range for the chosen pair and all machines; other offers join unless they would squash them.

    Own GPUs earn ten times a lease and cost three times as much: on one scale with everything, nothing could be read.
    """
    must = [u for u in scope.uses if u.kind == ASIC or scope.looks[u.id].strong]
    known = [spans[u.id] for u in (must or scope.uses) if u.id in spans and np.isfinite(spans[u.id]).all()]
    low = min((s[0] for s in known), default=0.0)
    high = max((s[1] for s in known), default=1.0)
    low, high = min(low, 0.0), max(high, 0.0)
    reach = high - low
    for use in scope.uses:
        span = spans.get(use.id, (math.nan, math.nan))
        if np.isfinite(span).all() and max(span[1] - high, low - span[0], 0.0) <= 0.8 * reach:
            low, high = min(low, span[0]), max(high, span[1])
    return low, high


def _off_scale(look: Look, value: float, shown: Range, unit: str, write: Writer) -> str:
    """A curve's name, with an arrow and its figure where it lies wholly outside what is shown."""
    if shown[0] <= value <= shown[1] or not math.isfinite(value):
        return look.label
    return f"{'↑' if value > shown[1] else '↓'} {short_text(value, unit, write)} {look.label}"


# --- (a) against the BTC price ---------------------------------------------------------------------------------------


def price_range(results: Results, scope: Scope, ranges: Ranges, basis: str) -> Range:
    """The BTC prices that the plot spans: today's well inside, the chosen crossing in view if there is one."""
    spot = float(results.market.btc_price_usd[0])
    reach = [1.5 * spot]
    for row in results.crossovers_on(basis):
        strong = scope.looks[row.asic_id].strong and scope.looks[row.offer_id].strong
        if row.btc_price_usd <= (FARTHEST_PRICE if strong else NEAR_PRICE) * spot:
            reach.append(1.12 * row.btc_price_usd)
    return ranges.take(f"price {basis}", "x", 0.0, max(reach) if max(reach) > 0 else 100_000.0)


def price_chart(
    results: Results,
    scope: Scope,
    curves: PriceCurves,
    basis: str,
    ranges: Ranges,
    write: Writer = plain_number,
    saved: PriceCurves | None = None,
) -> ChartSpec:
    """What every use earns against the BTC price, with every crossing.

    Parameters
    ----------
    curves
        Figures over the range of `price_range`, on this basis.
    basis
        ``revenue``, ``margin`` [USD/MW-year] or ``npv`` [USD/MW].
    saved
        The saved plan's figures at the same prices, for ghosts of the chosen pair; None where nothing differs.
    """
    unit, name = BASIS_UNITS[basis], BASIS_LABELS[basis]
    prices = curves.btc_price_usd
    flat = {u.id for u in scope.offers}
    heights = {u.id: curves.figure[u.id] for u in scope.uses if np.isfinite(curves.figure[u.id]).any()}
    y_shown = ranges.take(f"price {basis}", "y", *_focus_range(scope, {i: _span(h) for i, h in heights.items()}))
    series: list[Series] = []
    for use_id, y in heights.items():
        look = scope.looks[use_id]
        x = prices
        if use_id in flat:
            x, y = prices[[0, -1]], y[[0, -1]]
        before = saved.figure.get(use_id) if saved is not None and look.strong else None
        if before is not None and not np.allclose(before, heights[use_id], rtol=1e-9, atol=1e-6, equal_nan=True):
            series.append(Series(use_id + SAVED, look.label, prices, before, look.colour, look.style, ghost=True))
        label = _off_scale(look, float(y[0]), y_shown, unit, write) if use_id in flat else look.label
        series.append(Series(use_id, label, x, y, look.colour, look.style, strong=look.strong))
    marks = _crossing_marks(results, scope, curves, basis, write)
    spot = float(results.market.btc_price_usd[0])
    return ChartSpec(
        id="price",
        title=f"{name} against the BTC price",
        subtitle=f"{scope.name} · per utility MW, " + ("whole horizon" if basis == "npv" else "first twelve months"),
        x=Axis("BTC price, $", "BTC price", "USD/BTC", float(prices[0]), float(prices[-1])),
        y=Axis(f"{name}, {unit_label(unit)}", name, unit, *y_shown),
        series=tuple(series),
        marks=marks,
        references=(Reference("today", "x", spot, f"today {short_text(spot, 'USD/BTC', write)}"),),
        summary=_price_summary(scope, basis, marks, spot, write),
        reason="" if heights else "There is nothing to draw yet: add machines on the Fleet page or an AI offer.",
    )


def _span(values: Array) -> Range:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)


def _crossing_marks(results: Results, scope: Scope, curves: PriceCurves, basis: str, write: Writer) -> tuple[Mark, ...]:
    found = []
    for row in results.crossovers_on(basis):
        if not math.isfinite(row.btc_price_usd):
            continue
        lot, offer = scope.looks[row.asic_id], scope.looks[row.offer_id]
        price = short_text(row.btc_price_usd, "USD/BTC", write)
        height = figure_on(results.by_id[row.offer_id], basis)
        if basis == "npv":
            # There the offer is credited with the resale of the machines it displaces: the point lies on their curve.
            height = float(np.interp(row.btc_price_usd, curves.btc_price_usd, curves.figure[row.asic_id]))
        found.append(
            Mark(
                id=f"{row.asic_id}/{row.offer_id}",
                x=row.btc_price_usd,
                y=height,
                text=price,
                detail=f"{lot.label} equals {offer.label} at {price}/BTC, "
                f"{amount_text(row.hashprice_usd_per_ph_day, 'USD/PH/day', 2, write)}",
                colour=lot.colour,
                strong=lot.strong and offer.strong,
            )
        )
    return tuple(found)


def _price_summary(scope: Scope, basis: str, marks: Sequence[Mark], spot: float, write: Writer) -> str:
    words = (
        f"{BASIS_LABELS[basis]} of {len(scope.lots)} machines and {len(scope.offers)} AI offers against the BTC price"
    )
    today = f"today it is {short_text(spot, 'USD/BTC', write)}"
    crossings = "; ".join(m.detail for m in sorted(marks, key=lambda m: (not m.strong, m.x))[:4])
    return f"{words}; {today}. {crossings or 'No curve crosses another'}."


# --- (b) break-even power price --------------------------------------------------------------------------------------


def power_chart(
    plan: Plan,
    results: Results,
    scope: Scope,
    ranges: Ranges,
    write: Writer = plain_number,
    saved: Results | None = None,
) -> ChartSpec:
    """The power price that each machine can pay, against hashprice: a straight line through nothing at nothing.

    The line is 1000·HP·(1−f)/(24·e·PUE) (economics 1.4); its slope is taken from the results, where today's hashprice
    gives today's break-even.
    """
    spot = results.market.spot_hashprice_usd_per_ph_day
    lots = [u for u in scope.lots if math.isfinite(u.break_even_power_usd_per_mwh) and spot > 0]
    sites = {s.id: s.name for s in plan.sites}
    prices: dict[str, float] = {}
    for use in lots:
        # Both break-evens lie on the machine's line: so the site's price follows without asking its contracts again.
        paid = use.break_even_power_usd_per_mwh * use.break_even_hashprice_usd_per_ph_day / spot
        if math.isfinite(paid):
            prices.setdefault(use.site_id, paid)
    reach = [1.6 * spot, *(1.15 * u.break_even_hashprice_usd_per_ph_day for u in lots)]
    x_shown = ranges.take("power", "x", 0.0, max((r for r in reach if math.isfinite(r)), default=60.0) or 60.0)
    slopes = {u.id: u.break_even_power_usd_per_mwh / spot for u in lots}
    top = max([*(s * x_shown[1] for s in slopes.values()), *(1.1 * p for p in prices.values())], default=100.0)
    y_shown = ranges.take("power", "y", min([0.0, *prices.values()]), top)
    ends = np.array(x_shown)
    series = []
    if saved is not None:
        series += _power_ghosts(scope, saved, slopes, ends)
    for use in lots:
        look = scope.looks[use.id]
        series.append(
            Series(use.id, look.label, ends, ends * slopes[use.id], look.colour, look.style, strong=look.strong)
        )
    fleet = _fleet_slope(plan, lots, slopes)
    if len(lots) > 1 and math.isfinite(fleet):
        series.append(Series("fleet", "Fleet", ends, ends * fleet, -1, "solid", strong=True))
    marks = tuple(
        Mark(
            id=use.id,
            x=use.break_even_hashprice_usd_per_ph_day,
            y=prices[use.site_id],
            text=short_text(use.break_even_hashprice_usd_per_ph_day, "USD/PH/day", write),
            detail=f"{scope.looks[use.id].label} just pays its power at "
            f"{amount_text(use.break_even_hashprice_usd_per_ph_day, 'USD/PH/day', 2, write)}",
            colour=scope.looks[use.id].colour,
            strong=scope.looks[use.id].strong,
        )
        for use in lots
        if use.site_id in prices and use.break_even_hashprice_usd_per_ph_day > 0
    )
    references = [Reference("today", "x", spot, f"today {short_text(spot, 'USD/PH/day', write)}")]
    references += [
        Reference(f"site {i}", "y", p, f"{sites.get(i, i)} {short_text(p, 'USD/MWh', write)}")
        for i, p in prices.items()
    ]
    today = "; ".join(
        f"{scope.looks[u.id].label} {amount_text(u.break_even_power_usd_per_mwh, 'USD/MWh', 2, write)}"
        for u in lots[:6]
    )
    return ChartSpec(
        id="power",
        title="Break-even power price",
        subtitle=f"{scope.name} · what each machine can pay per MWh",
        x=Axis("Hashprice, $/PH/day", "Hashprice", "USD/PH/day", *x_shown, digits=2),
        y=Axis("Power price, $/MWh", "Power price", "USD/MWh", *y_shown, digits=2),
        series=tuple(series),
        marks=marks,
        references=tuple(references),
        summary=f"At today's hashprice of {amount_text(spot, 'USD/PH/day', 2, write)} machines can pay: {today}.",
        reason="" if lots else "No machine has a break-even yet: add a lot on the Fleet page.",
    )


def _power_ghosts(scope: Scope, saved: Results, slopes: dict[str, float], ends: Array) -> list[Series]:
    spot = saved.market.spot_hashprice_usd_per_ph_day
    found = []
    for use in scope.lots:
        before, look = saved.by_id.get(use.id), scope.looks[use.id]
        if before is None or not look.strong or use.id not in slopes or not spot > 0:
            continue
        slope = before.break_even_power_usd_per_mwh / spot
        if math.isfinite(slope) and not math.isclose(slope, slopes[use.id], rel_tol=1e-9):
            found.append(Series(use.id + SAVED, look.label, ends, ends * slope, look.colour, look.style, ghost=True))
    return found


def _fleet_slope(plan: Plan, lots: Sequence[UseResult], slopes: dict[str, float]) -> float:
    """The machines' mean, weighed by the energy they draw: what the fleet earns per MWh and $ of hashprice."""
    uptime = {lot.id: lot.uptime_fraction for lot in plan.asic_lots}
    weights = {u.id: u.mw * uptime.get(u.id, 1.0) for u in lots}
    total = sum(weights.values())
    return sum(weights[i] * slopes[i] for i in weights) / total if total > 0 else math.nan


# --- (d) cash over time ----------------------------------------------------------------------------------------------


def cash_chart(
    results: Results, scope: Scope, ranges: Ranges, write: Writer = plain_number, saved: Results | None = None
) -> ChartSpec:
    """Cumulative free cash per utility MW of every use, month by month, with its payback."""
    n = len(results.dates.index)
    months = np.arange(n + 1, dtype=float)
    heights = {u.id: np.cumsum(u.cash_points) for u in scope.uses}
    heights = {i: h for i, h in heights.items() if np.isfinite(h).any()}
    y_shown = ranges.take("cash", "y", *_focus_range(scope, {i: _span(h) for i, h in heights.items()}))
    series: list[Series] = []
    for use in scope.uses:
        before, look = (saved.by_id.get(use.id) if saved is not None else None), scope.looks[use.id]
        if before is not None and look.strong and use.id in heights and len(before.cash_points) == n + 1:
            y = np.cumsum(before.cash_points)
            if not np.allclose(y, heights[use.id], rtol=1e-9, atol=1e-6, equal_nan=True):
                series.append(Series(use.id + SAVED, look.label, months, y, look.colour, look.style, ghost=True))
    marks = []
    for use in scope.uses:
        if use.id not in heights:
            continue
        y, look = heights[use.id], scope.looks[use.id]
        label = _off_scale(look, float(y[-1]), y_shown, "USD/MW", write)
        series.append(Series(use.id, label, months, y, look.colour, look.style, strong=look.strong))
        below = np.flatnonzero(y < -1e-9 * max(float(np.nanmax(np.abs(y))), 1.0))
        if below.size and below[-1] < n:
            month = int(below[-1])  # cash is back by the end of this month
            text = month_name(results.dates.start, month)
            marks.append(
                Mark(
                    id=f"payback {use.id}",
                    x=float(month + 1),
                    y=float(y[month + 1]),
                    text=text,
                    detail=f"{look.label} has paid back by {text}",
                    colour=look.colour,
                    strong=look.strong,
                )
            )
    last = "; ".join(
        f"{scope.looks[i].label} {short_text(float(h[-1]), 'USD/MW', write)}" for i, h in list(heights.items())[:6]
    )
    return ChartSpec(
        id="cash",
        title="Cumulative cash",
        subtitle=f"{scope.name} · free cash per utility MW; points mark payback",
        x=Axis("Month", "Month", MONTH_UNIT, 0.0, float(n), start=results.dates.start),
        y=Axis("Cumulative cash, $/MW", "Cumulative cash", "USD/MW", *y_shown),
        series=tuple(series),
        marks=tuple(marks),
        summary=f"Cumulative free cash per utility MW at the plan's end: {last}.",
        reason="" if heights else "There is no cash to draw yet: add machines on the Fleet page or an AI offer.",
    )
