"""What the cells of a column of dates, hours or timestamps mean, each different text read once."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from models.hours import MAX_OFFSET_MINUTES
from models.importers.tables import Cell
from models.importers.values import MONTHS

DAY = 86_400
HOUR = 3_600
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_EXCEL_EPOCH = datetime.date(1899, 12, 30).toordinal()
_SERIALS = (20_000.0, 80_000.0)
"""Days of spreadsheets from 1954 to 2119; no smaller number is taken for a day."""
_LAST_DAY = datetime.date(2100, 12, 31).toordinal() - _EPOCH
"""A day before 1970 or after this one, as 9999-12-31, stands for none."""
MOST_OFFSET = MAX_OFFSET_MINUTES * 60

OFFSETS = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "akst": -9, "akdt": -8, "hst": -10, "cet": 1, "cest": 2, "bst": 1, "eet": 2, "eest": 3,
    "eastern standard time": -5, "eastern daylight time": -4, "central standard time": -6,
    "central daylight time": -5, "mountain standard time": -7, "mountain daylight time": -6,
    "pacific standard time": -8, "pacific daylight time": -7,
}  # fmt: skip
"""Hours east of Greenwich of the abbreviations that name one offset."""

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})$")
_NUMBERS = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})$")
_SERIAL = re.compile(r"^[3-7]\d{4}(?:\.\d+)?$")
_UNIX = re.compile(r"^1\d{9}(?:\d{3})?$")
_DAY_NAME = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[,.]?\s+", re.I)
_DAY_MONTH = re.compile(r"^(\d{1,2})[-\s/.]+([a-zäé]{3,9})\.?[-,\s/.]+(\d{4}|\d{2})$", re.I)
_MONTH_DAY = re.compile(r"^([a-zäé]{3,9})\.?[-\s](\d{1,2}),?[-\s]+(\d{4})$", re.I)
_CLOCK = re.compile(
    r"^(?:(?P<days>\d+) days?, )?(?P<h>\d{1,2})(?::(?P<m>\d{2}))?(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?\s*(?:(?P<sign>[+\-−])(?P<oh>\d{2}):?(?P<om>\d{2})?|(?P<zone>[a-z ]+?))?$",
    re.I,
)
_HOUR_NUMBER = re.compile(
    r"^(?:hour ending|hour beginning|hour|he|hb|hr|h)?[\s_.]*(\d{1,2})(?:\.0+)?\s*([x*d])?$", re.I
)
_MILITARY = re.compile(r"^(\d{1,2})(\d{2})$")
_STAMP = re.compile(r"^(.*?\d)(?:T|,?\s+)(\d{1,2}(?::\d{2}){1,2}.*|\d{1,2}|\d{1,2}\s*[ap]m.*)$", re.I)


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time on the clock: seconds after midnight, the offset from UTC in seconds if told, and a told second pass."""

    seconds: int
    offset: int | None = None
    is_repeat: bool = False


@lru_cache(maxsize=65_536)
def day_in(cell: Cell, order: str) -> int | None:
    """The day in a cell, counted from 1970-01-01; None where there is none.

    Parameters
    ----------
    cell
        Text, or a spreadsheet's day number.
    order
        ``mdy`` or ``dmy``, for 01/02/2024; days with dots between are ``dmy`` all the same.

    Examples
    --------
    >>> [day_in(t, "mdy") for t in ("2024-01-02", "01/02/2024", "02.01.2024", "2-Jan-24", "Jan 2, 2024", 45293.0)]
    [19724, 19724, 19724, 19724, 19724, 19724]
    """
    if isinstance(cell, float):
        return _in_use(_EXCEL_EPOCH - _EPOCH + int(cell)) if _SERIALS[0] <= cell <= _SERIALS[1] else None
    text = cell.strip()
    if _SERIAL.match(text):
        return day_in(float(text), order)
    text = _DAY_NAME.sub("", text)
    if match := _ISO.match(text) or _COMPACT.match(text):
        return _day(match[1], match[2], match[3])
    if match := _NUMBERS.match(text):
        first, mark, second, year = match.groups()
        if order == "dmy" or mark == ".":
            return _day(year, second, first)
        return _day(first, second, year) if order == "ymd" else _day(year, first, second)
    if match := _DAY_MONTH.match(text):
        return _day(match[3], MONTHS.get(match[2].lower(), 0), match[1])
    if match := _MONTH_DAY.match(text):
        return _day(match[3], MONTHS.get(match[1].lower(), 0), match[2])
    return None


def _day(year: str, month: str | int, day: str) -> int | None:
    number = int(year) + (2000 if len(year) <= 2 else 0)
    try:
        return _in_use(datetime.date(number, int(month), int(day)).toordinal() - _EPOCH)
    except ValueError:
        return None


def _in_use(day: int) -> int | None:
    return day if 0 <= day <= _LAST_DAY else None


def day_of_parts(cells: Iterable[Cell]) -> str:
    """A year, a month and a day of the month as one date, for `day_in`; what they are not is no date to it either.

    Examples
    --------
    >>> [day_of_parts(t) for t in (("2024", "1", "02"), (2024.0, 1.0, 2.0), ("2024", "Jan.", "2"), ("24", "x", ""))]
    ['2024-1-02', '2024-1-2', '2024-1-2', '2024-x-']
    """
    texts = [f"{cell:g}" if isinstance(cell, float) else cell.strip() for cell in cells]
    year, month, day = (re.sub(r"(?<=\d)\.0+$", "", text) for text in texts)
    year = f"20{year}" if len(year) == 2 else year
    return f"{year}-{MONTHS.get(month.lower().rstrip('.'), month)}-{day}"


def needs_order(cells: Iterable[Cell]) -> bool:
    """Whether any date is written with two numbers that could both be the month's."""
    return any(isinstance(cell, str) and (m := _NUMBERS.match(cell.strip())) and m[2] != "." for cell in cells)


@lru_cache(maxsize=65_536)
def time_in(cell: Cell) -> TimeOfDay | None:
    """The time of day in a cell, up to 24:00; None where there is none.

    Examples
    --------
    >>> [time_in(t).seconds // 60 for t in ("01:00", "1:15 PM", "24:00", "1 day, 0:00:00")]
    [60, 795, 1440, 1440]
    >>> time_in("01:30:00-05:00").offset, time_in("01:30 CDT").offset
    (-18000, -18000)
    """
    if isinstance(cell, float):
        return None
    match = _CLOCK.match(cell.strip())
    if not match or (match["m"] is None and match["half"] is None):
        return None
    hours, minutes, seconds = int(match["h"]), int(match["m"] or 0), int(match["s"] or 0)
    if match["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match["half"][0] in "pP" else 0)
    total = int(match["days"] or 0) * DAY + hours * HOUR + minutes * 60 + seconds
    if total > DAY or minutes > 59 or seconds > 59:
        return None
    offset = None
    if match["sign"]:
        offset = (int(match["oh"]) * 60 + int(match["om"] or 0)) * (60 if match["sign"] == "+" else -60)
        if abs(offset) > MOST_OFFSET:
            return None
    elif match["zone"]:
        told = OFFSETS.get(match["zone"].strip().lower())
        if told is None:
            return None
        offset = told * HOUR
    return TimeOfDay(total, offset)


@lru_cache(maxsize=65_536)
def hour_in(cell: Cell) -> TimeOfDay | None:
    """The hour in a cell: a number, a number with a word or a mark of repetition, or a time of day.

    Examples
    --------
    >>> [hour_in(t).seconds // 3600 for t in ("1", "HE 01", "Hour 24", "0100", "01:00", 7.0, "25")]
    [1, 1, 24, 1, 1, 7, 25]
    >>> hour_in("02X").is_repeat
    True
    """
    if isinstance(cell, float):
        return TimeOfDay(int(cell) * HOUR) if cell == int(cell) and 0 <= cell <= 25 else None
    text = cell.strip()
    if match := _HOUR_NUMBER.match(text):
        number = int(match[1])
        return TimeOfDay(number * HOUR, None, bool(match[2])) if number <= 25 else None
    if " - " in text or re.match(r"^\d{1,2}:\d{2}-\d", text):
        text = text.split("-")[0].strip()
    if match := _MILITARY.match(text):
        if int(match[1]) > 24 or int(match[2]) > 59:
            return None
        return TimeOfDay(int(match[1]) * HOUR + int(match[2]) * 60)
    return time_in(text)


def split_stamp(text: str) -> tuple[str, str]:
    """A timestamp's date and time, the latter empty where there is none.

    Examples
    --------
    >>> split_stamp("2024-01-01T00:00:00-06:00"), split_stamp("Jan 1, 2024 1:00 AM"), split_stamp("01/01/2024")
    (('2024-01-01', '00:00:00-06:00'), ('Jan 1, 2024', '1:00 AM'), ('01/01/2024', ''))
    """
    if len(text) >= 16 and text[10] in "T " and text[4] in "-/":
        return text[:10], text[11:]
    text = text.strip()
    if " - " in text:
        text = text.split(" - ")[0].strip()
    if match := _STAMP.match(text):
        return match[1].rstrip(","), match[2]
    return text, ""


def stamp_in(cell: Cell, order: str) -> tuple[int, TimeOfDay] | None:
    """The day and the time of day of a timestamp; midnight where it names none; None where it is no timestamp."""
    if isinstance(cell, float):
        day = day_in(cell, order)
        # A spreadsheet's times are some microseconds beside the minute that was meant.
        return None if day is None else (day, TimeOfDay(round((cell % 1.0) * 1440) * 60))
    text = cell.strip()
    if _UNIX.match(text):
        second = int(text[:10])
        return second // DAY, TimeOfDay(second % DAY, 0)
    if _SERIAL.match(text):
        return stamp_in(float(text), order)
    date, time = split_stamp(cell)
    day = day_in(date, order)
    if day is None:
        return None
    if not time:
        return day, _MIDNIGHT
    found = time_in(time) or (hour_in(time) if time.isdecimal() else None)
    return None if found is None else (day, found)


_MIDNIGHT = TimeOfDay(0)
