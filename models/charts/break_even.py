"""The break-even page's plots of revenue, power and cash as `ChartSpec`; the frontier has a module of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from models.breakeven import PriceCurves
from models.charts.scope import Range, Ranges, Scope, focus_range, off_scale
from models.charts.spec import (
    MONTH_UNIT,
    Axis,
    ChartSpec,
    Mark,
    Reference,
    Series,
    Writer,
    amount_text,
    is_same,
    month_name,
    plain_number,
    short_text,
)
from models.curves import Array
from models.lot_pricing import figure_on
from models.metrics import payback_index
from models.plan import Plan
from models.results import Results, UseResult
from models.units import unit_label

PRICE_POINTS = 161
BASIS_LABELS = {"revenue": "Revenue", "margin": "Margin", "npv": "NPV"}
BASIS_UNITS = {"revenue": "USD/MW-year", "margin": "USD/MW-year", "npv": "USD/MW"}
SAVED = ":saved"
FARTHEST_PRICE, NEAR_PRICE = 15.0, 2.5
"""A crossing of the chosen pair (of others) beyond so many times today's price does not widen the plot."""


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
    worded: bool = True,
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
    worded
        Whether it gets its summary and what a mark says when it is pointed at; a picture that changes sixty times in a
        second has no use for them.
    """
    unit, name = BASIS_UNITS[basis], BASIS_LABELS[basis]
    prices = curves.btc_price_usd
    flat = {u.id for u in scope.offers}
    heights = {u.id: curves.figure[u.id] for u in scope.uses if np.isfinite(curves.figure[u.id]).any()}
    y_shown = ranges.take(f"price {basis}", "y", *focus_range(scope, {i: _span(h) for i, h in heights.items()}))
    series: list[Series] = []
    for use_id, y in heights.items():
        look = scope.looks[use_id]
        x, y = (prices[[0, -1]], y[[0, -1]]) if use_id in flat else _corners(prices, y)
        before = saved.figure.get(use_id) if saved is not None and look.strong else None
        if before is not None and not is_same(before, heights[use_id]):
            series.append(Series(use_id + SAVED, look.label, prices, before, look.colour, look.style, ghost=True))
        label = off_scale(look, float(y[0]), y_shown, unit, write) if use_id in flat else look.label
        series.append(Series(use_id, label, x, y, look.colour, look.style, strong=look.strong))
    marks = _crossing_marks(results, scope, curves, basis, write, worded)
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
        summary=_price_summary(scope, basis, marks, spot, write) if worded else "",
        reason="" if heights else "There is nothing to draw yet: add machines on the Fleet page or an AI offer.",
    )


def _corners(x: Array, y: Array) -> tuple[Array, Array]:
    """A curve without the points that lie straight between their neighbours, which cost time and show nothing.

    Parameters
    ----------
    x, y
        Evenly spaced, shape (K,).
    """
    bend = np.abs(np.diff(y, 2))
    kept = np.concatenate([[True], ~(bend <= 1e-9 * np.nanmax(np.abs(y), initial=1.0)), [True]])
    return x[kept], y[kept]


def _span(values: Array) -> Range:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (math.nan, math.nan)


def _crossing_marks(
    results: Results, scope: Scope, curves: PriceCurves, basis: str, write: Writer, worded: bool
) -> tuple[Mark, ...]:
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
                f"{amount_text(row.hashprice_usd_per_ph_day, 'USD/PH/day', 2, write)}"
                if worded
                else "",
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
    worded: bool = True,
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
            f"{amount_text(use.break_even_hashprice_usd_per_ph_day, 'USD/PH/day', 2, write)}"
            if worded
            else "",
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
    return ChartSpec(
        id="power",
        title="Break-even power price",
        subtitle=f"{scope.name} · what each machine can pay per MWh",
        x=Axis("Hashprice, $/PH/day", "Hashprice", "USD/PH/day", *x_shown, digits=2),
        y=Axis("Power price, $/MWh", "Power price", "USD/MWh", *y_shown, digits=2),
        series=tuple(series),
        marks=marks,
        references=tuple(references),
        summary=_power_summary(scope, lots, spot, write) if worded else "",
        reason="" if lots else "No machine has a break-even yet: add a lot on the Fleet page.",
    )


def _power_summary(scope: Scope, lots: Sequence[UseResult], spot: float, write: Writer) -> str:
    today = "; ".join(
        f"{scope.looks[u.id].label} {amount_text(u.break_even_power_usd_per_mwh, 'USD/MWh', 2, write)}"
        for u in lots[:6]
    )
    return f"At today's hashprice of {amount_text(spot, 'USD/PH/day', 2, write)} machines can pay: {today}."


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
    results: Results,
    scope: Scope,
    ranges: Ranges,
    write: Writer = plain_number,
    saved: Results | None = None,
    worded: bool = True,
) -> ChartSpec:
    """Cumulative free cash per utility MW of every use, month by month, with its payback."""
    n = len(results.dates.index)
    months = np.arange(n + 1, dtype=float)
    points = np.array([u.cash_points for u in scope.uses]).reshape(len(scope.uses), n + 1)
    heights = {u.id: h for u, h in zip(scope.uses, np.cumsum(points, axis=-1), strict=True) if np.isfinite(h).any()}
    paid_back = dict(zip((u.id for u in scope.uses), payback_index(points).tolist(), strict=True))
    y_shown = ranges.take("cash", "y", *focus_range(scope, {i: _span(h) for i, h in heights.items()}))
    series: list[Series] = []
    for use in scope.uses:
        before, look = (saved.by_id.get(use.id) if saved is not None else None), scope.looks[use.id]
        if before is not None and look.strong and use.id in heights and len(before.cash_points) == n + 1:
            y = np.cumsum(before.cash_points)
            if not is_same(y, heights[use.id]):
                series.append(Series(use.id + SAVED, look.label, months, y, look.colour, look.style, ghost=True))
    marks = []
    for use in scope.uses:
        if use.id not in heights:
            continue
        y, look = heights[use.id], scope.looks[use.id]
        label = off_scale(look, float(y[-1]), y_shown, "USD/MW", write)
        series.append(Series(use.id, label, months, y, look.colour, look.style, strong=look.strong))
        back = paid_back[use.id]
        if math.isfinite(back):
            month = int(back) - 1  # cash is back by the end of this month
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
    return ChartSpec(
        id="cash",
        title="Cumulative cash",
        subtitle=f"{scope.name} · free cash per utility MW; points mark payback",
        x=Axis("Month", "Month", MONTH_UNIT, 0.0, float(n), start=results.dates.start),
        y=Axis("Cumulative cash, $/MW", "Cumulative cash", "USD/MW", *y_shown),
        series=tuple(series),
        marks=tuple(marks),
        summary=_cash_summary(scope, heights, write) if worded else "",
        reason="" if heights else "There is no cash to draw yet: add machines on the Fleet page or an AI offer.",
    )


def _cash_summary(scope: Scope, heights: dict[str, Array], write: Writer) -> str:
    last = "; ".join(
        f"{scope.looks[i].label} {short_text(float(h[-1]), 'USD/MW', write)}" for i, h in list(heights.items())[:6]
    )
    return f"Cumulative free cash per utility MW at the plan's end: {last}."
