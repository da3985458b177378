"""Readings of any interval as hours: means of prices, sums of energy, and what is missing, twice, or far off."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.hours import MAX_HOURS, HourlyValues, hour_text
from models.importers.series.log import Log
from models.importers.series.outcome import METER, PRICES
from models.importers.series.times import DAY, HOUR
from models.importers.series.zones import in_words, local_time
from models.problems import PlanFileError, Severity

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]
FAR = 20.0
"""A reading is far off when it lies so many times the width of the middle nine tenths beyond them."""
LONGEST_STEP = 2 * DAY


@dataclass(frozen=True, slots=True, eq=False)
class Hours:
    """Hourly values and what was seen on the way.

    Attributes
    ----------
    series
        Of every hour, NaN where nothing was read.
    readings
        Values used.
    first, last
        Beginnings of the first and last interval, seconds of UTC.
    gaps, duplicates, outliers
        As in `SeriesImport`.
    """

    series: HourlyValues
    readings: int
    first: int
    last: int
    gaps: int
    duplicates: int
    outliers: int


def counted(number: int, thing: str) -> str:
    """A number of things: "1 hour", "2 hours"."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def step_of(times: Seconds) -> int:
    """Seconds between readings: the commonest distance of neighbours; an hour where there is one reading."""
    distances = np.diff(np.unique(times))
    if not len(distances):
        return HOUR
    lengths, counts = np.unique(distances, return_counts=True)
    return int(lengths[counts.argmax()])


def hours_of(
    starts: Seconds,
    lengths: Seconds,
    values: Floats,
    place: Callable[[int], str],
    step: int,
    kind: str,
    zone: str,
    log: Log,
) -> Hours:
    """Readings as hourly values.

    Parameters
    ----------
    starts
        Beginnings, seconds of UTC, shape (R,).
    lengths
        Of the intervals, seconds, shape (R,).
    values
        Prices in USD/MWh, or energy in MWh of the interval; NaN where missing; shape (R,).
    place
        Says where one stands in the file, by its position here.
    step
        The usual length.
    kind
        ``prices`` or ``meter``.
    zone
        For texts.
    log
        Takes findings.

    Raises
    ------
    PlanFileError
        Where nothing is left, or the readings are too far apart.
    """
    there = np.flatnonzero(np.isfinite(values))
    if not len(there):
        raise PlanFileError("it has no value", log.filename, "choose the column that holds them")
    if step > LONGEST_STEP:
        what = f"its readings are {step / DAY:,.0f} days apart, too far for an hourly series"
        raise PlanFileError(what, log.filename, "enter a monthly table instead")
    order = there[np.argsort(starts[there], kind="stable")]
    times, amounts, spans = starts[order], values[order], lengths[order]
    new = np.concatenate(([True], times[1:] != times[:-1]))
    _note_duplicates(times, amounts, new, [place(int(k)) for k in order[~new][:1]], zone, log)
    duplicates = int((~new).sum())
    times, amounts, spans = times[new], amounts[new], spans[new]
    _refuse_long(times, [place(int(order[new][k])) for k in (0, -1)], zone, log)
    gaps = _gaps(times, step, spans, zone, log)
    series = _spread(times, spans, amounts, step, kind, log)
    return Hours(
        series, len(times), int(times[0]), int(times[-1]), gaps, duplicates, _outliers(times, amounts, zone, kind, log)
    )


def _note_duplicates(
    times: Seconds, amounts: Floats, new: NDArray[np.bool_], place: list[str], zone: str, log: Log
) -> None:
    again = np.flatnonzero(~new)
    if not len(again):
        return
    firsts = np.maximum.accumulate(np.where(new, np.arange(len(new)), 0))[again]
    differ = int((amounts[again] != amounts[firsts]).sum())
    when = in_words([local_time(int(times[k]), zone) for k in again])
    text = f"{counted(len(again), 'reading')} with a time that was already read ({when}): the first was kept"
    text += f", although {differ:,} of the later ones differ." if differ else "; they are equal."
    log.note("duplicate", text, Severity.WARNING if differ else Severity.INFO, place[0])


def _refuse_long(times: Seconds, places: list[str], zone: str, log: Log) -> None:
    hours = int(times[-1] - times[0]) // HOUR + 1
    if hours > MAX_HOURS:
        distances = np.diff(times)
        lonely = 1 if distances.argmax() > len(times) / 2 else 0
        when = local_time(int(times[-lonely]), zone)
        raise PlanFileError(
            f"{places[lonely]}: {when:%Y-%m-%d} makes the series {hours / 8766:,.0f} years long",
            log.filename,
            "correct the date",
        )


def _gaps(times: Seconds, step: int, spans: Seconds, zone: str, log: Log) -> int:
    """Missing intervals between the first and the last; short ones of a clock change of days are none."""
    distances = np.diff(times)
    missing = np.maximum(np.round((distances - spans[:-1]) / step), 0).astype(int) if len(distances) else distances
    where = np.flatnonzero(missing)
    total = int(missing.sum())
    if total:
        parts = []
        for k in where[:5]:
            begin, end = local_time(int(times[k] + spans[k]), zone), local_time(int(times[k + 1]), zone)
            parts.append(f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}")
        more = f" and {len(where) - 5:,} more" if len(where) > 5 else ""
        text = f"{counted(total, 'interval')} missing: {', '.join(parts)}{more}; left empty."
        log.note("gap", text, Severity.WARNING)
    odd = int(((distances < step) & (distances > 0) & (distances < spans[:-1])).sum())
    if odd:
        when = local_time(int(times[np.flatnonzero(distances < spans[:-1])[0] + 1]), zone)
        text = f"{counted(odd, 'reading')} beginning before the last one is over, first at {when:%Y-%m-%d %H:%M}."
        log.note("irregular", text, Severity.WARNING)
    return total


def _spread(times: Seconds, spans: Seconds, amounts: Floats, step: int, kind: str, log: Log) -> HourlyValues:
    first = int(times[0]) // HOUR
    count = int(times[-1] + spans[-1] - 1) // HOUR - first + 1
    # Every reading as the parts of it that lie in single hours.
    begin_hours, end_hours = times // HOUR, (times + spans - 1) // HOUR
    parts = end_hours - begin_hours + 1
    which = np.repeat(np.arange(len(times)), parts)
    hours = np.repeat(begin_hours, parts) + np.arange(len(which)) - np.repeat(np.cumsum(parts) - parts, parts)
    overlap = np.minimum((times + spans)[which], (hours + 1) * HOUR) - np.maximum(times[which], hours * HOUR)
    covered = np.bincount(hours - first, overlap, count)
    share = overlap / (spans[which] if kind == METER else 1.0)
    total = np.bincount(hours - first, amounts[which] * share, count)
    if step > HOUR:
        text = (
            f"Readings {step / HOUR:g} hours apart were spread evenly over their hours; the hours within are not known."
        )
        log.note("spread", text, Severity.WARNING)
    if kind == PRICES:
        with np.errstate(invalid="ignore", divide="ignore"):
            means = total / covered
        # Means of equal quarters must not differ in the last bit from what they are means of.
        means = np.where(np.abs(means) < 1e5, np.round(means, 10), means)
        partial = int(((covered > 0) & (covered < HOUR - 1) & (step < HOUR)).sum())
        if partial:
            log.note("partial_hour", f"{counted(partial, 'hour')} averaged over fewer intervals than an hour has.")
    else:
        # An hour of which a part is missing has an unknown sum, not a smaller one.
        means = np.where(covered >= HOUR - 1, total, np.nan)
        partial = int(((covered > 0) & (covered < HOUR - 1)).sum())
        if partial:
            log.note("partial_hour", f"{counted(partial, 'hour')} incomplete and left empty.", Severity.WARNING)
    if np.isnan(means).all():
        raise PlanFileError("no hour of it is complete", log.filename, "choose a file with at least one whole hour")
    start = datetime.datetime.fromtimestamp(first * HOUR, datetime.UTC)
    return HourlyValues(hour_text(start), means)


def _outliers(times: Seconds, amounts: Floats, zone: str, kind: str, log: Log) -> int:
    low, middle, high = np.quantile(amounts, (0.05, 0.5, 0.95))
    width = max(high - low, abs(middle) * 0.05, 1e-9)
    far = (amounts > high + FAR * width) | (amounts < low - FAR * width)
    count = int(far.sum())
    if count:
        most = int(np.abs(amounts - middle).argmax())
        unit = "USD/MWh" if kind == PRICES else "MWh"
        when = local_time(int(times[most]), zone)
        farthest = f"{amounts[most]:,.2f} {unit} at {when:%Y-%m-%d %H:%M}"
        text = f"{counted(count, 'reading')} far beyond the others, the farthest {farthest}; kept as read."
        log.note("outlier", text, Severity.WARNING if kind == METER else Severity.INFO)
    return count
