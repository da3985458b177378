"""A chart's figures as a table, for those who go on in a spreadsheet."""

from __future__ import annotations

import math

import numpy as np

from models.charts.hourly import HeatMap
from models.charts.spec import Axis, ChartSpec, Series
from models.curves import Array, month_after
from models.sheets import Cell, Column, Measured, Sheet, sheet_of

POINT = "Point"


def chart_sheet(spec: ChartSpec) -> Sheet:
    """The curves of a chart, one column per curve, and its marked points below them.

    Curves that share their x values share their rows; a curve without a value in a row leaves it empty. Of named bars
    a row says whose it is, which end, and where.

    Parameters
    ----------
    spec
        The chart.

    Examples
    --------
    >>> axis = Axis("BTC price, $", "BTC price", "USD/BTC", 0.0, 2.0)
    >>> line = Series("a1", "S21", np.array([0.0, 2.0]), np.array([1.0, 5.0]), 0)
    >>> found = chart_sheet(ChartSpec("c", "", "", axis, Axis("", "Revenue", "USD/MW-year", 0.0, 1.0), (line,)))
    >>> [c.heading for c in found.columns], found.rows
    (['BTC price [USD/BTC]', 'S21 [USD/MW-year]'], ((0.0, 1.0), (2.0, 5.0)))
    """
    if spec.y.names:
        return _bars(spec)
    drawn = [s for s in spec.series if len(s.x)]
    xs = np.unique(np.concatenate([s.x for s in drawn])) if drawn else np.empty(0)
    heights = [_heights(s, xs).tolist() for s in drawn]
    names = [f"{s.label or s.note or s.id}{' (before)' if s.ghost else ''}" for s in drawn]
    rows: list[list[Cell]] = [
        [_place(spec.x, x), *(Measured(h, spec.y.unit) for h in at)]
        for x, *at in zip(xs.tolist(), *heights, strict=True)
    ]
    columns = [_column(spec.x.label, spec.x), *(_column(name, spec.y) for name in names)]
    marks: list[list[Cell]] = [
        [m.detail or m.text, _place(spec.x, m.x), Measured(m.y, spec.y.unit)] for m in spec.marks
    ]
    heads = [Column(POINT), _column(spec.x.label, spec.x), _column(spec.y.label, spec.y)]
    found = sheet_of(spec.title, columns, rows)
    below = sheet_of(f"{spec.title}: points", heads, marks) if marks else None
    return Sheet(found.title, found.columns, found.rows, below=below)


def heat_sheet(chart: HeatMap) -> Sheet:
    """A heat map as a grid: a row for every day, a column for every hour of it by the local clock.

    Examples
    --------
    >>> import datetime
    >>> chart = HeatMap(datetime.date(2026, 4, 1), np.full((24, 2), 30.0), 0.0, 50.0, "USD/MWh", "Prices", "")
    >>> found = heat_sheet(chart)
    >>> found.columns[1].heading, found.rows[1][:2], len(found.rows[0])
    ('00:00 [USD/MWh]', ('2026-04-02', 30.0), 25)
    """
    hours, days = chart.values.shape
    heads = [Column("Day"), *(Column(f"{hour:02d}:00", chart.unit) for hour in range(hours))]
    rows: list[list[Cell]] = [
        [chart.day(day).isoformat(), *(Measured(v, chart.unit) for v in chart.values[:, day].tolist())]
        for day in range(days)
    ]
    return sheet_of(chart.title, heads, rows)


def _heights(series: Series, xs: Array) -> Array:
    """A curve's heights, straight between its points; NaN outside them."""
    return np.interp(xs, series.x, series.y, left=math.nan, right=math.nan)


def _bars(spec: ChartSpec) -> Sheet:
    """Of named bars their ends."""
    rows: list[list[Cell]] = [
        [spec.y.names[round(mark.y)], mark.text, Measured(mark.x, spec.x.unit)] for mark in spec.marks
    ]
    for fill in spec.fills if not spec.marks else ():
        # Bars without marks: where each begins and ends, the uppermost first as on the screen.
        name = spec.y.names[round(float(fill.y.mean()))]
        rows += [[name, end, Measured(float(fill.x[k]), spec.x.unit)] for k, end in ((0, "from"), (1, "to"))]
    return sheet_of(spec.title, [Column(spec.y.label), Column(POINT), _column(spec.x.label, spec.x)], rows)


def _column(label: str, axis: Axis) -> Column:
    return Column(label, "" if axis.start else axis.unit)


def _place(axis: Axis, x: float) -> Cell:
    if not axis.start:
        return Measured(x, axis.unit)
    # The end of month m stands at m + 1; what stands at 0 lies before the first month's end.
    return month_after(axis.start, math.ceil(x) - 1) if x > 0 else f"{axis.start}-01"
