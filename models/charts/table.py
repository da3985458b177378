"""A chart's figures as a table, for those who go on in a spreadsheet."""

from __future__ import annotations

import csv
import io
import math

import numpy as np

from models.charts.spec import Axis, ChartSpec, value_at
from models.curves import month_after
from models.units import unit_label

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def chart_csv(spec: ChartSpec, separator: str = ",") -> str:
    """The curves and marks of a chart, one column per curve, in the C locale with ISO months and units in headings.

    Curves that share their x values share their rows; a curve without a value in a row leaves it empty.

    Parameters
    ----------
    spec
        The chart.
    separator
        Between cells.

    Examples
    --------
    >>> axis = Axis("BTC price, $", "BTC price", "USD/BTC", 0.0, 2.0)
    >>> from models.charts.spec import Series
    >>> line = Series("a1", "=S21", np.array([0.0, 2.0]), np.array([1.0, 5.0]), 0)
    >>> print(chart_csv(ChartSpec("c", "", "", axis, Axis("", "Revenue", "USD/MW-year", 0.0, 1.0), (line,))))
    BTC price [$],'=S21 [$/MW-year]
    0.0,1.0
    2.0,5.0
    <BLANKLINE>
    """
    if spec.y.names:
        return _bars_csv(spec, separator)
    drawn = [s for s in spec.series if len(s.x)]
    xs = np.unique(np.concatenate([s.x for s in drawn])) if drawn else np.empty(0)
    text = io.StringIO()
    rows = csv.writer(text, delimiter=separator, lineterminator="\n")
    names = [f"{s.label or s.note or s.id}{' (saved plan)' if s.ghost else ''}" for s in drawn]
    rows.writerow([_heading(spec.x.label, spec.x), *(_heading(name, spec.y) for name in names)])
    for x in xs.tolist():
        heights = (value_at(s, x) for s in drawn)
        rows.writerow([_place(spec.x, x), *("" if math.isnan(h) else repr(h) for h in heights)])
    if spec.marks:
        rows.writerow([])
        rows.writerow(["Point", _heading(spec.x.label, spec.x), _heading(spec.y.label, spec.y)])
        for mark in spec.marks:
            rows.writerow([as_text(mark.detail or mark.text), _place(spec.x, mark.x), repr(mark.y)])
    return text.getvalue()


def _bars_csv(spec: ChartSpec, separator: str) -> str:
    """Of named bars their ends: whose, which, and where."""
    text = io.StringIO()
    rows = csv.writer(text, delimiter=separator, lineterminator="\n")
    rows.writerow([spec.y.label, "Point", _heading(spec.x.label, spec.x)])
    for mark in spec.marks:
        rows.writerow([as_text(spec.y.names[round(mark.y)]), as_text(mark.text), repr(mark.x)])
    return text.getvalue()


def as_text(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> as_text("=cmd"), as_text("S21")
    ("'=cmd", 'S21')
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _heading(label: str, axis: Axis) -> str:
    unit = "" if axis.start else unit_label(axis.unit)
    return as_text(f"{label} [{unit}]" if unit else label)


def _place(axis: Axis, x: float) -> str:
    if axis.start and x == int(x):
        # The end of month m stands at m + 1; what stands at 0 lies before the first month's end.
        return month_after(axis.start, int(x) - 1) if x >= 1 else f"{axis.start}-01"
    return repr(x)
