"""Values over time: the calendar of a plan, and a constant, a growth or a monthly table on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.fields import Schedule

Array = NDArray[np.float64]
HOURS_PER_DAY = 24.0


def month_number(month: str) -> int:
    """Months since year 0, so that months can be subtracted.

    Examples
    --------
    >>> month_number("2027-04") - month_number("2026-04")
    12
    """
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def month_text(number: int) -> str:
    """The inverse of `month_number`.

    Examples
    --------
    >>> month_text(month_number("2026-12") + 1)
    '2027-01'
    """
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def month_after(month: str, count: int) -> str:
    """The month that lies `count` months after (or before, where negative).

    Examples
    --------
    >>> month_after("2026-04", 12)
    '2027-04'
    """
    return month_text(month_number(month) + count)


@dataclass(frozen=True, eq=False)
class Calendar:
    """The months of a plan; equal calendars are the same object, see `calendar`.

    Attributes
    ----------
    start
        ``YYYY-MM`` of month 0.
    index
        0 … N−1, shape (N,).
    days, hours
        Of each calendar month, leap years included, shape (N,) [d, h].
    days_before
        Days from the plan's start to each month's first day, shape (N,) [d].
    """

    start: str
    index: Array
    days: Array
    hours: Array
    days_before: Array

    @property
    def months(self) -> tuple[str, ...]:
        """``YYYY-MM`` of every month."""
        first = month_number(self.start)
        return tuple(month_text(first + m) for m in range(len(self.index)))


@lru_cache(maxsize=64)
def calendar(start: str, horizon_months: int) -> Calendar:
    """The calendar of a plan; built once per start and horizon.

    Parameters
    ----------
    start
        ``YYYY-MM``.
    horizon_months
        N [months].

    Examples
    --------
    >>> calendar("2028-02", 2).days
    array([29., 31.])
    """
    first_days = (np.datetime64(start, "M") + np.arange(horizon_months + 1)).astype("datetime64[D]")
    days = np.diff(first_days).astype(float)
    arrays = (np.arange(horizon_months, dtype=float), days, days * HOURS_PER_DAY, np.cumsum(days) - days)
    for array in arrays:
        array.flags.writeable = False
    return Calendar(start, *arrays)


def growth_factor(growth_fraction_per_year: Array | float, index: Array) -> Array:
    """(1 + g)^(m/12) for every month: growth per year, applied monthly.

    Parameters
    ----------
    growth_fraction_per_year
        g, any shape that broadcasts against the months [1/year].
    index
        Months since growth began, shape (N,) [months].

    Examples
    --------
    >>> growth_factor(0.21, np.array([0.0, 6.0, 12.0])).round(4)
    array([1.  , 1.1 , 1.21])
    """
    # As exp and log1p: a general power takes three times as long.
    return np.asarray(np.exp(np.log1p(growth_fraction_per_year) * (index / 12.0)))


def level(value: float | Schedule | None, dates: Calendar) -> tuple[Array, Array]:
    """A field's value in every month before growth, and the months over which growth has run by then.

    Parameters
    ----------
    value
        A number, a monthly table, or None (not entered: NaN).
    dates
        The plan's calendar.

    Returns
    -------
    values, months_grown
        Shape (N,) each. A number grows from the plan's start; a table is taken as it stands, and grows on from its
        last month (from the plan's start where it ended before).

    Examples
    --------
    >>> values, grown = level(Schedule(("2026-02", "2026-03"), (10.0, 12.0)), calendar("2026-01", 5))
    >>> values
    array([10., 10., 12., 12., 12.])
    >>> grown
    array([0., 0., 0., 1., 2.])
    """
    n = len(dates.index)
    if value is None:
        return np.full(n, np.nan), dates.index
    if not isinstance(value, Schedule):
        return np.full(n, float(value)), dates.index
    return _table_level(value, dates.start, n)


def first_level(value: float | Schedule | None, dates: Calendar) -> float:
    """A field's value in the plan's first month; NaN where it was not entered.

    Examples
    --------
    >>> first_level(Schedule(("2026-01", "2026-02"), (10.0, 12.0)), calendar("2026-02", 3))
    12.0
    """
    return (
        float(level(value, dates)[0][0]) if isinstance(value, Schedule) else math.nan if value is None else float(value)
    )


@lru_cache(maxsize=1024)
def _table_level(table: Schedule, start: str, months: int) -> tuple[Array, Array]:
    """A table's values and growth months; kept, since a lever that moves elsewhere leaves the tables as they are."""
    index = np.arange(months)
    at = np.array([month_number(m) for m in table.months]) - month_number(start)
    row = np.clip(np.searchsorted(at, index, side="right") - 1, 0, None)
    values, grown = np.asarray(table.values, dtype=float)[row], np.maximum(index - max(float(at[-1]), 0.0), 0.0)
    values.flags.writeable = grown.flags.writeable = False
    return values, grown


def series(value: float | Schedule | None, growth_fraction_per_year: float, dates: Calendar) -> Array:
    """A field's value in every month, growth applied; shape (N,), in the field's unit.

    Examples
    --------
    >>> series(100.0, 0.21, calendar("2026-01", 13))[[0, 12]].round(6)
    array([100., 121.])
    """
    values, grown = level(value, dates)
    if growth_fraction_per_year == 0.0:
        return values
    return values * growth_factor(growth_fraction_per_year, grown)
