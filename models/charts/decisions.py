"""A decision looked back on as a drawing: cumulative cash as planned, as it came, and of what was turned down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.charts.spec import (
    MONTH_UNIT,
    Axis,
    ChartSpec,
    LineStyle,
    Mark,
    Reference,
    Series,
    Writer,
    month_name,
    nice_range,
    plain_number,
    short_text,
)
from models.curves import Array
from models.decisions.lookback import LookBack
from models.decisions.paths import UsePath

AHEAD_MONTHS, LEAST_MONTHS = 12, 24
"""How far the plan's own path is drawn beyond what is known, and how many months are drawn at least."""


def lookback_chart(found: LookBack, write: Writer = plain_number) -> ChartSpec:
    """Cumulative free cash of the decided megawatts from the frozen plan's start [USD].

    What came is drawn up to the last known month, what was planned beyond it as well: what is not known yet must not
    look as if it were.
    """
    dates = found.register.dates
    n = min(len(dates.index), max(found.months + AHEAD_MONTHS, LEAST_MONTHS))
    chosen, rejected = _names(found.chosen, "Chosen"), _names(found.rejected, "Turned down")
    curves: list[tuple[str, str, Array, int, int, LineStyle, bool]] = [
        ("planned", f"{chosen}, planned", found.expected, n, 0, "dash", False),
        ("came", f"{chosen}, as it came", found.went, found.months, 0, "solid", True),
        ("rejected", f"{rejected}, at actual prices", found.rejected_went, found.months, 1, "solid", True),
        ("rejected_planned", f"{rejected}, planned", found.rejected_expected, n, 1, "dot", False),
    ]
    series: list[Series] = []
    marks: list[Mark] = []
    for id_, label, cash, months, colour, style, strong in curves:
        if months == 0 or (id_.startswith("rejected") and not found.rejected):
            continue
        y = np.concatenate([[0.0], np.cumsum(cash[:months])])
        x = np.arange(months + 1, dtype=float)
        # A name at the right would be tied to the curve's end by a line that looks as if the curve went on.
        series.append(Series(id_, "" if strong else label, x, y, colour, style, strong=strong))
        if strong:
            text = short_text(float(y[-1]), "USD", write)
            marks.append(
                Mark(id_, float(months), float(y[-1]), label, f"{label}: {text}", colour, strong=id_ == "came")
            )
    heights = np.concatenate([s.y for s in series]) if series else np.zeros(1)
    heights = heights[np.isfinite(heights)]
    y_shown = nice_range(min(float(heights.min()), 0.0), max(float(heights.max()), 0.0)) if heights.size else (0.0, 1.0)
    references: tuple[Reference, ...] = ()
    if found.months:
        text = f"known to {month_name(dates.start, found.months - 1)}"
        references = (Reference("known", "x", float(found.months), text),)
    return ChartSpec(
        id="lookback",
        title="Cumulative free cash",
        subtitle=f"{write(found.mw, 1)} MW that were decided on, from {month_name(dates.start, 0)}",
        x=Axis("Month", "Month", MONTH_UNIT, 0.0, float(n), start=dates.start),
        y=Axis("Cumulative free cash, $", "Cumulative free cash", "USD", *y_shown),
        series=tuple(series),
        marks=tuple(marks),
        references=references,
        summary=_summary(found, chosen, rejected, write),
        reason="" if heights.size and series else "The frozen plan has no cash that could be drawn.",
    )


def nothing_chart(reason: str) -> ChartSpec:
    """The same chart where there is nothing to draw, and why."""
    x, y = Axis("Month", "Month", MONTH_UNIT, 0.0, 1.0), Axis("", "Cumulative free cash", "USD", 0.0, 1.0)
    return ChartSpec("lookback", "Cumulative free cash", "", x, y, reason=reason)


def _summary(found: LookBack, chosen: str, rejected: str, write: Writer) -> str:
    if not found.months:
        return f"Cumulative free cash of {chosen} as planned; no month is known yet."

    def total(cash: Array) -> str:
        return short_text(float(cash[: found.months].sum()), "USD", write)

    words = f"By {found.last_month} {chosen} came to {total(found.went)}, planned {total(found.expected)}"
    return f"{words}; {rejected} at actual prices {total(found.rejected_went)}." if found.rejected else f"{words}."


def _names(paths: Sequence[UsePath], several: str) -> str:
    names = list(dict.fromkeys(path.name for path in paths))
    return names[0] if len(names) == 1 else several
