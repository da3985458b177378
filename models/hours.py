"""An hourly series: consecutive hours of UTC, so that clock changes can neither hide nor repeat one."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

HOUR = datetime.timedelta(hours=1)
MAX_HOURS = 40 * 8_784
MAX_OFFSET_MINUTES = 14 * 60
"""No clock is further from Greenwich."""
FIXED_OFFSET = re.compile(r"UTC([+-])([0-9]{2}):([0-5][0-9])\Z")


@dataclass(frozen=True, eq=False, slots=True)
class HourlyValues:
    """Numbers of consecutive hours.

    Attributes
    ----------
    first_hour_utc
        Beginning of the first hour, ``YYYY-MM-DDTHH:00Z``.
    values
        One per hour, read-only, shape (H,); NaN where the source has a gap.

    Raises
    ------
    ValueError
        Where the first hour is no full hour of UTC, or there is no value, too many, or an infinite one; the sentence
        says which.
    """

    first_hour_utc: str
    values: NDArray[np.float64]
    _digest: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _hour_of(self.first_hour_utc)
        # Always a copy: who made the series must not be able to change it afterwards.
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or not 0 < len(values) <= MAX_HOURS:
            raise ValueError(f"an hourly series holds 1 to {MAX_HOURS} hours")
        if np.isinf(values).any() or np.isnan(values).all():
            raise ValueError("an hourly series needs finite values")
        values += 0.0  # −0.0 equals 0.0 and must not look different
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        made = blake2b(self.first_hour_utc.encode(), digest_size=16)
        made.update(values.tobytes())
        object.__setattr__(self, "_digest", made.digest())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HourlyValues) and self._digest == other._digest

    def __hash__(self) -> int:
        return hash(self._digest)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def first_hour(self) -> datetime.datetime:
        """Beginning of the first hour, aware, in UTC."""
        return _hour_of(self.first_hour_utc)

    @property
    def last_hour(self) -> datetime.datetime:
        """Beginning of the last hour, aware, in UTC."""
        return self.first_hour + HOUR * (len(self.values) - 1)


def _hour_of(text: str) -> datetime.datetime:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:00Z").replace(tzinfo=datetime.UTC)
    except (TypeError, ValueError):
        raise ValueError(f"{text!r} is not an hour of UTC; write it as 2024-01-01T06:00Z") from None


def hour_text(hour: datetime.datetime) -> str:
    """An aware hour as `HourlyValues` names it.

    Examples
    --------
    >>> hour_text(datetime.datetime(2024, 1, 1, 0, tzinfo=datetime.timezone(-6 * HOUR)))
    '2024-01-01T06:00Z'
    """
    return hour.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:00Z")


def zone_of(name: str) -> datetime.tzinfo:
    """A time zone by its name: ``America/Chicago``, ``UTC``, or a fixed offset as ``UTC-06:00``.

    Raises
    ------
    ValueError
        Where there is no such zone; the sentence says how to name one.
    """
    fixed = FIXED_OFFSET.match(name)
    if name in ("", "UTC"):
        return datetime.UTC
    if fixed:
        minutes = int(fixed[2]) * 60 + int(fixed[3])
        if minutes <= MAX_OFFSET_MINUTES:
            return datetime.timezone(datetime.timedelta(minutes=-minutes if fixed[1] == "-" else minutes))
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r:.60}; name one as America/Chicago or UTC-06:00") from None


@lru_cache(maxsize=32)
def local_hours(series: HourlyValues, time_zone: str) -> NDArray[np.datetime64]:
    """The local clock at the beginning of every hour, shape (H,), to the minute; an autumn hour stands twice.

    Raises
    ------
    ValueError
        Where there is no such time zone.

    Examples
    --------
    >>> series = HourlyValues("2024-11-03T05:00Z", np.zeros(3))
    >>> [str(hour)[11:] for hour in local_hours(series, "America/Chicago")]
    ['00:00', '01:00', '01:00']
    """
    zone = zone_of(time_zone)
    count = len(series)
    first = series.first_hour
    offsets = np.empty(count, dtype="timedelta64[m]")
    _fill_offsets(offsets, first, zone, 0, count, _LOOKS)
    utc = np.datetime64(first.replace(tzinfo=None), "m") + np.arange(count) * np.timedelta64(60, "m")
    found: NDArray[np.datetime64] = utc + offsets
    found.flags.writeable = False
    return found


_LOOKS = (14 * 24, 24, 1)
"""Hours between two looks at the clock; where it differs from one to the next, the hours between are looked at closer.
No zone changes its clock and back within a fortnight and then within a day."""


def _fill_offsets(
    offsets: NDArray[np.timedelta64], first: datetime.datetime, zone: datetime.tzinfo, begin: int, end: int,
    looks: tuple[int, ...],
) -> None:  # fmt: skip
    for start in range(begin, end, looks[0]):
        stop = min(start + looks[0], end)
        offset = _offset(first + HOUR * start, zone)
        if len(looks) == 1 or offset == _offset(first + HOUR * stop, zone):
            offsets[start:stop] = offset
        else:
            _fill_offsets(offsets, first, zone, start, stop, looks[1:])


def _offset(moment: datetime.datetime, zone: datetime.tzinfo) -> np.timedelta64:
    offset = zone.utcoffset(moment.astimezone(zone))
    return np.timedelta64(round(offset.total_seconds() / 60) if offset is not None else 0, "m")
