"""Hourly values as a duration curve and as a map of hours by days."""

from __future__ import annotations

import numpy as np
import pytest

from models.charts.hourly import duration_chart, heat_map
from models.hours import HourlyValues


def test_that_a_duration_curve_descends_from_the_highest_to_the_lowest() -> None:
    values = np.random.default_rng(3).normal(30, 20, 8784)
    values[5] = np.nan
    chart = duration_chart(HourlyValues("2024-01-01T06:00Z", values), "Hub")
    (curve,) = chart.series
    assert (np.diff(curve.y) <= 0).all()
    assert (curve.y[0], curve.y[-1]) == (np.nanmax(values), np.nanmin(values))
    # Half of the hours cost more than the median.
    assert np.interp(0.5, curve.x, curve.y) == pytest.approx(np.nanmedian(values), abs=0.1)
    assert len(curve.x) < 450
    assert chart.subtitle.startswith("8,783 hours; highest")


def test_that_some_hours_of_scarcity_do_not_flatten_the_curve() -> None:
    values = np.linspace(10, 50, 1000)
    values[7] = 4000.0
    chart = duration_chart(HourlyValues("2024-01-01T06:00Z", values), "Hub")
    assert chart.y.high <= 60
    assert "highest $4,000.00/MWh" in chart.subtitle


@pytest.mark.parametrize(
    ("first", "hours", "empty", "repeated"),
    [("2024-03-10T06:00Z", 23, (2, 0), None), ("2024-11-03T05:00Z", 25, None, 1)],
    ids=["spring", "autumn"],
)
def test_that_a_heat_map_follows_the_clock(
    first: str, hours: int, empty: tuple[int, int] | None, repeated: int | None
) -> None:
    chart = heat_map(HourlyValues(first, np.arange(hours, dtype=float)), "America/Chicago", "Hub")
    assert chart.values.shape == (24, 1)
    missing = [tuple(cell) for cell in np.argwhere(np.isnan(chart.values)).tolist()]
    assert missing == ([empty] if empty else [])
    if repeated is not None:
        assert chart.values[repeated, 0] == 1.5
    assert chart.values[23, 0] == hours - 1


def test_that_a_heat_map_has_a_column_for_each_day() -> None:
    values = np.arange(24 * 40, dtype=float)
    values[30] = np.nan
    chart = heat_map(HourlyValues("2024-01-01T00:00Z", values), "UTC", "Meter", "MWh")
    assert chart.values.shape == (24, 40)
    assert chart.values[7, 3] == 79.0
    assert np.isnan(chart.values[6, 1])
    assert chart.day(31).isoformat() == "2024-02-01"
    assert "highest on average at 23:00" in chart.summary
