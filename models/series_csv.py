"""An hourly series as CSV: what an import of series reads back to the same hours and values."""

from __future__ import annotations

import csv
import io
import math

from models.hours import HOUR, HourlyValues, zone_of


def series_csv(series: HourlyValues, time_zone: str, label: str, unit: str) -> str:
    """A line per hour: its beginning by the local clock with its offset, and the value; empty where there is none.

    Numbers have points and all their digits, the unit stands in the heading.

    Parameters
    ----------
    series
        Hourly values.
    time_zone
        Of the clock, as ``America/Chicago``.
    label, unit
        Of the values.

    Raises
    ------
    ValueError
        Where there is no such time zone.

    Examples
    --------
    >>> import numpy as np
    >>> series = HourlyValues("2024-11-03T06:00Z", np.array([30.5, -1.0]))
    >>> print(series_csv(series, "America/Chicago", "Price", "USD/MWh"))
    Hour beginning,Price [USD/MWh]
    2024-11-03T01:00-05:00,30.5
    2024-11-03T01:00-06:00,-1.0
    <BLANKLINE>
    """
    zone = zone_of(time_zone)
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["Hour beginning", f"{label} [{unit}]"])
    first = series.first_hour
    for number, value in enumerate(series.values.tolist()):
        local = (first + HOUR * number).astimezone(zone)
        rows.writerow([local.isoformat(timespec="minutes"), "" if math.isnan(value) else repr(value)])
    return text.getvalue()
