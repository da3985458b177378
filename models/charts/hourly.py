"""Hourly values as pictures: how many hours lie above each price, and every hour of every day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.charts.spec import Axis, ChartSpec, Reference, Series, Writer, amount_text, nice_range, plain_number
from models.curves import Array
from models.hours import HourlyValues, local_hours
from models.units import unit_label

ENDS = 60
BETWEEN = 300
SHOWN_SHARE = 0.995
"""Of hours, those below it set the axis: a dozen hours of scarcity would flatten all others."""
COLOURED_SHARE = 0.98
"""The same for colours, of which an eye tells fewer apart."""


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """Every hour of every day.

    Attributes
    ----------
    first_day
        Of the first column, local.
    values
        Shape (24, D), hour of the local day down and days across; NaN where there is none; the mean of a repeated hour.
    low, high
        What the colours span; values beyond have the colour of the end.
    unit
        As the field descriptions name it.
    title, summary
        Above it, and in one sentence for those who cannot see it.
    """

    first_day: datetime.date
    values: Array
    low: float
    high: float
    unit: str
    title: str
    summary: str

    def day(self, column: int) -> datetime.date:
        """The local day of a column."""
        return self.first_day + datetime.timedelta(days=column)


def duration_chart(series: HourlyValues, label: str, unit: str = "USD/MWh", write: Writer = plain_number) -> ChartSpec:
    """The hours in the order of their values, highest first: a price-duration curve, or a load-duration curve.

    Parameters
    ----------
    series
        Hourly values; hours without one do not count.
    label
        What it is called.
    unit
        Of the values.
    write
        Numbers in the reader's locale.

    Examples
    --------
    >>> chart = duration_chart(HourlyValues("2024-01-01T00:00Z", np.array([30.0, -5.0, 20.0, 25.0])), "Hub")
    >>> chart.series[0].y.tolist(), chart.series[0].x.tolist()
    ([30.0, 25.0, 20.0, -5.0], [0.125, 0.375, 0.625, 0.875])
    """
    values = np.sort(series.values[np.isfinite(series.values)])[::-1]
    count = len(values)
    places = places_of(count, ENDS, BETWEEN)
    low, high = shown_span(values, SHOWN_SHARE)
    bottom, top = nice_range(min(0.0, low), high)
    name = "Price" if unit.startswith("USD") else "Energy"
    digits = 2 if unit.startswith("USD") else 3
    below = float((values < 0).mean())
    highest, lowest = (amount_text(float(v), unit, digits, write) for v in (values[0], values[-1]))
    facts = f"{write(count, 0)} hours; highest {highest}, lowest {lowest}"
    if below:
        facts += f", {amount_text(below, 'fraction', 1, write)} below zero"
    references = (Reference("zero", "y", 0.0, ""),) if bottom < 0 else ()
    return ChartSpec(
        "duration",
        f"{name}-duration curve",
        facts,
        Axis("Share of hours, %", "Share of hours", "fraction", 0.0, 1.0, digits=1),
        Axis(f"{name}, {unit_label(unit)}", name, unit, bottom, top, digits=digits),
        (Series("duration", "", (places + 0.5) / count, values[places], 0),),
        references=references,
        summary=f"{name} of {label} in descending order: {facts}.",
    )


def places_of(count: int, ends: int, between: int) -> NDArray[np.intp]:
    """Which of so many sorted values draw their curve: the first and the last ones, and some evenly between."""
    first, last = np.arange(min(ends, count)), np.arange(max(count - ends, 0), count)
    return np.unique(np.concatenate((first, last, np.round(np.linspace(0, count - 1, between)).astype(int))))


def heat_map(
    series: HourlyValues, time_zone: str, label: str, unit: str = "USD/MWh", write: Writer = plain_number
) -> HeatMap:
    """Hours of the local day against days.

    Parameters
    ----------
    series
        Hourly values.
    time_zone
        Of the clock on which days and hours are counted.
    label, unit, write
        As for `duration_chart`.

    Examples
    --------
    >>> chart = heat_map(HourlyValues("2024-01-01T06:00Z", np.arange(30.0)), "America/Chicago", "Hub")
    >>> chart.values.shape, chart.first_day.isoformat(), chart.values[:2, 1].tolist()
    ((24, 2), '2024-01-01', [24.0, 25.0])
    """
    return map_of_hours(local_hours(series, time_zone), series.values, label, unit, write)


def map_of_hours(
    local: NDArray[np.datetime64],
    values: Array,
    label: str,
    unit: str,
    write: Writer = plain_number,
    span: tuple[float, float] | None = None,
) -> HeatMap:
    """The same of values by the local clock.

    Parameters
    ----------
    local, values
        Beginning of each hour in order, and its value, shape (H,) each; at least one of them is known.
    span
        What the colours span; the middle of the values where None.
    """
    days = local.astype("datetime64[D]")
    column = (days - days[0]).astype(int)
    hour = (local - days).astype("timedelta64[h]").astype(int)
    there = np.isfinite(values)
    width = int(column[-1]) + 1
    cells = hour * width + column
    counts = np.bincount(cells[there], minlength=24 * width)
    sums = np.bincount(cells[there], values[there], minlength=24 * width)
    means = np.full(24 * width, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    low, high = span or shown_span(values[there], COLOURED_SHARE)
    by_hour = [float(np.nanmean(row)) if np.isfinite(row).any() else np.nan for row in means.reshape(24, width)]
    most, least = int(np.nanargmax(by_hour)), int(np.nanargmin(by_hour))
    digits = 2 if unit.startswith("USD") else 1 if unit == "fraction" else 3
    high_text, low_text = (amount_text(by_hour[h], unit, digits, write) for h in (most, least))
    summary = (
        f"{label} by local hour and day: highest on average at {most:02d}:00 with {high_text}, "
        f"lowest at {least:02d}:00 with {low_text}."
    )
    return HeatMap(days[0].astype(object), means.reshape(24, width), low, high, unit, "Hour of the day by day", summary)


def shown_span(values: Array, share: float) -> tuple[float, float]:
    """The range without the few lowest and highest values."""
    low, high = np.quantile(values, (1 - share, share))
    return float(low), float(high if high > low else low + 1.0)
