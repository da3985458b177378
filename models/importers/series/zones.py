"""Local clocks and UTC: which instants a wall clock's readings are, through clock changes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.hours import zone_of
from models.importers.series.times import DAY, HOUR, MOST_OFFSET, OFFSETS
from models.problems import PlanFileError

Seconds = NDArray[np.int64]
Flags = NDArray[np.bool_]

CENTRAL, EASTERN, MOUNTAIN, PACIFIC = "America/Chicago", "America/New_York", "America/Denver", "America/Los_Angeles"
ZONE_CHOICES = (
    (CENTRAL, "US Central (ERCOT, SPP)"),
    (EASTERN, "US Eastern (PJM, NYISO, ISO-NE)"),
    (PACIFIC, "US Pacific (CAISO)"),
    (MOUNTAIN, "US Mountain"),
    ("UTC-05:00", "Eastern standard time all year (MISO)"),
    ("UTC-06:00", "Central standard time all year"),
    ("UTC", "UTC"),
)
_FAMILIAR = (
    CENTRAL, EASTERN, PACIFIC, MOUNTAIN, "America/Phoenix", "America/Halifax", "America/Anchorage",
    "Europe/London", "Europe/Berlin", "Europe/Helsinki", "Australia/Sydney", "Australia/Brisbane",
)  # fmt: skip


def zone_named(text: str) -> str:
    """The zone that a text names: an IANA name, an offset, or an abbreviation of one.

    Raises
    ------
    ValueError
        Where there is none.

    Examples
    --------
    >>> zone_named("America/Chicago"), zone_named("-06:00"), zone_named("utc"), zone_named("EST")
    ('America/Chicago', 'UTC-06:00', 'UTC', 'UTC-05:00')
    """
    text = text.strip()
    told = OFFSETS.get(text.lower())
    match = re.match(r"^(?:UTC|GMT)?([+\-−])(\d{1,2})(?::?([0-5]\d))?$", text, re.I)
    if told is not None:
        return zone_of_offset(told * HOUR)
    if match:
        seconds = int(match[2]) * HOUR + int(match[3] or 0) * 60
        if seconds <= MOST_OFFSET:  # any other is quoted as it was typed
            text = zone_of_offset(seconds if match[1] == "+" else -seconds)
    if not text:
        raise ValueError("no time zone was named; name one as America/Chicago or UTC-06:00")
    zone_of(text)
    return text


def named_zone(text: str, where: str) -> str:
    """The zone that a user named.

    Parameters
    ----------
    text
        As for `zone_named`.
    where
        For errors: the file, or the option.

    Raises
    ------
    PlanFileError
        Where there is none.
    """
    try:
        return zone_named(text)
    except ValueError as error:
        what, _, remedy = str(error).rpartition("; ")
        raise PlanFileError(what, where, remedy) from None


def zone_of_offset(seconds: int) -> str:
    """The zone that is always so far east of Greenwich.

    Examples
    --------
    >>> zone_of_offset(-21_600), zone_of_offset(19_800), zone_of_offset(0)
    ('UTC-06:00', 'UTC+05:30', 'UTC')
    """
    if seconds == 0:
        return "UTC"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"UTC{'-' if seconds < 0 else '+'}{hours:02d}:{minutes:02d}"


@dataclass(frozen=True, slots=True)
class LocalClock:
    """A zone's clock changes within a span.

    Attributes
    ----------
    changes
        Instants of the changes, seconds of UTC, shape (C,).
    offsets
        Seconds east of Greenwich before the first change and after each, shape (C + 1,).
    """

    changes: Seconds
    offsets: Seconds

    @classmethod
    def of(cls, zone: str, first: int, last: int) -> LocalClock:
        """The clock of a zone between two instants, with two days to spare."""
        tz = zone_of(zone)

        def offset(second: int) -> int:
            moment = datetime.datetime.fromtimestamp(second, datetime.UTC).astimezone(tz)
            delta = moment.utcoffset()
            assert delta is not None
            return int(delta.total_seconds())

        changes: list[int] = []
        day = (first // DAY - 2) * DAY
        offsets = [offset(day)]
        while day < last + 2 * DAY:
            if offset(day + DAY) != offsets[-1]:
                low, high = day, day + DAY
                while high - low > 60:
                    middle = (low + high) // 120 * 60
                    low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
                changes.append(high)
                offsets.append(offset(high))
            day += DAY
        return cls(np.array(changes, dtype=np.int64), np.array(offsets, dtype=np.int64))

    def instants(self, wall: Seconds, second: Flags | None = None) -> Seconds:
        """The instants of a wall clock's readings, in seconds of UTC.

        Parameters
        ----------
        wall
            Seconds from 1970-01-01 on the wall, shape (R,).
        second
            Whether a reading is of the second pass of a repeated hour; shape (R,); None for the first passes.
        """
        before, after = self.changes + self.offsets[:-1], self.changes + self.offsets[1:]
        part = np.searchsorted(before, wall, side="right")
        if second is not None:
            part = np.where(second, np.searchsorted(after, wall, side="right"), part)
        found: Seconds = wall - self.offsets[part]
        return found

    def is_ambiguous(self, wall: Seconds) -> Flags:
        """Whether the clock shows a reading twice."""
        before, after = self.changes + self.offsets[:-1], self.changes + self.offsets[1:]
        found: Flags = np.searchsorted(after, wall, side="right") > np.searchsorted(before, wall, side="right")
        return found

    def is_skipped(self, wall: Seconds) -> Flags:
        """Whether the clock never shows a reading."""
        before, after = self.changes + self.offsets[:-1], self.changes + self.offsets[1:]
        found: Flags = np.searchsorted(before, wall, side="right") > np.searchsorted(after, wall, side="right")
        return found

    def wall(self, instants: Seconds) -> Seconds:
        """What the clock shows at instants, seconds from 1970-01-01."""
        found: Seconds = instants + self.offsets[np.searchsorted(self.changes, instants, side="right")]
        return found

    def changes_between(self, first: int, last: int) -> tuple[int, int]:
        """How many hours the clock skips and how many it repeats between two instants."""
        inside = (self.changes > first) & (self.changes <= last)
        steps = np.diff(self.offsets)[inside] / HOUR
        return round(float(steps[steps > 0].sum())), round(float(-steps[steps < 0].sum()))


def zone_of_offsets(instants: Seconds, offsets: Seconds) -> tuple[str, bool]:
    """The zone in which instants have their offsets, and whether the readings leave no choice.

    Parameters
    ----------
    instants, offsets
        Seconds, shape (R,) each.
    """
    for zone in _FAMILIAR:
        clock = LocalClock.of(zone, int(instants.min()), int(instants.max()))
        if np.array_equal(clock.wall(instants) - instants, offsets):
            return zone, bool(len(np.unique(offsets)) > 1)
    if len(np.unique(offsets)) == 1:
        return zone_of_offset(int(offsets[0])), True
    return "UTC", False


def local_time(instant: int, zone: str) -> datetime.datetime:
    """An instant on a zone's clock, with its offset."""
    return datetime.datetime.fromtimestamp(instant, datetime.UTC).astimezone(zone_of(zone))


def in_words(moments: Sequence[datetime.datetime]) -> str:
    """Up to three times, for a sentence."""
    more = f" and {len(moments) - 3:,} more" if len(moments) > 3 else ""
    return ", ".join(f"{moment:%Y-%m-%d %H:%M}" for moment in moments[:3]) + more
