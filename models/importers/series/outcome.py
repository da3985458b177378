"""What an import of a series is asked and answers: the user's options, open questions, and what was understood."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from models.hours import HourlyValues
from models.importers.series.zones import named_zone
from models.problems import Finding, PlanFileError

PRICES = "prices"
METER = "meter"
SERIES_KINDS = (PRICES, METER)
UNIT_OF_KIND = {PRICES: "USD/MWh", METER: "MWh"}
"""What a series is stored in: prices as they are, metered energy per hour."""

BEGINNING, ENDING = "beginning", "ending"
LOCAL, STANDARD = "local", "standard"

ROLES = {
    "": "Not used",
    "start": "Beginning of the interval",
    "end": "End of the interval",
    "time": "Date and time",
    "date": "Date",
    "year": "Year",
    "month": "Month",
    "day": "Day of the month",
    "hour": "Hour of the day",
    "interval": "Interval within the hour",
    "flag": "Mark of the repeated hour",
    "zone": "Time zone",
    "location": "Hub or node",
    "location_type": "Kind of hub or node",
    "market": "Market",
    "component": "Component of the price",
    "unit": "Unit",
    "value": "Price or reading",
    "hour_value": "Price or reading of one hour",
}
"""What a column can be, and how it is called."""


@dataclass(frozen=True, slots=True)
class SeriesOptions:
    """What the user said about a file; None where the import shall find out.

    Attributes
    ----------
    time_zone
        IANA name (``America/Chicago``), ``UTC``, or an offset such as ``-06:00``.
    clock
        ``beginning`` or ``ending``: which end of an interval its time names.
    date_order
        ``mdy``, ``dmy`` or ``ymd``.
    decimal
        ``"."`` or ``","``.
    unit
        Of the values, such as ``USD/MWh``, ``USD/kWh``, ``cent/kWh``, ``kWh`` or ``kW``.
    column
        Heading of the value's column.
    location, location_type, market, component
        The one to take where a file holds several.
    calendar
        ``local`` or ``standard``: whether times follow clock changes.
    roles
        Pairs of a column's number from 0 and a key of `ROLES`.
    """

    time_zone: str | None = None
    clock: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    unit: str | None = None
    column: str | None = None
    location: str | None = None
    location_type: str | None = None
    market: str | None = None
    component: str | None = None
    calendar: str | None = None
    roles: tuple[tuple[int, str], ...] = ()


_WORDS = {
    "clock": (BEGINNING, ENDING),
    "calendar": (LOCAL, STANDARD),
    "date_order": ("mdy", "dmy", "ymd"),
    "decimal": (".", ","),
}


def with_option(options: SeriesOptions, text: str) -> SeriesOptions:
    """The options with one more, written as ``key=value``; ``role.3=date`` says what the third column is.

    Raises
    ------
    PlanFileError
        Where there is no such option, or it cannot have that value.

    Examples
    --------
    >>> with_option(SeriesOptions(), "clock=ending").clock, with_option(SeriesOptions(), "role.1=date").roles
    ('ending', ((0, 'date'),))
    """
    key, mark, value = (part.strip() for part in text.partition("="))
    known = [field.name for field in fields(SeriesOptions) if field.name != "roles"]
    if key.startswith("role.") and mark:
        number = key.removeprefix("role.")
        if not number.isdecimal() or int(number) < 1 or value not in ROLES:
            words = ", ".join(role for role in ROLES if role)
            raise PlanFileError(
                "it is no column with a role", f"option {text!r}", f"write role.3=date; roles are {words}"
            )
        others = tuple(pair for pair in options.roles if pair[0] != int(number) - 1)
        return replace(options, roles=(*others, (int(number) - 1, value)))
    if not mark or key not in known:
        raise PlanFileError(
            "there is no such option", f"option {text!r}", f"write key=value; keys are {', '.join(known)}"
        )
    if key in _WORDS and value not in _WORDS[key]:
        raise PlanFileError("it cannot have that value", f"option {text!r}", f"choose one of {' '.join(_WORDS[key])}")
    if key == "time_zone":
        named_zone(value, f"option {text!r}")
    texts: dict[str, Any] = {key: value}
    return replace(options, **texts)


@dataclass(frozen=True, slots=True)
class Question:
    """Something that the file leaves open.

    Attributes
    ----------
    key
        Field of `SeriesOptions` that answers it.
    text
        The question.
    choices
        Pairs of a value and its words.
    assumed
        The value that was taken meanwhile.
    why
        The reason for it, or for asking.
    """

    key: str
    text: str
    choices: tuple[tuple[str, str], ...]
    assumed: str
    why: str


@dataclass(frozen=True, slots=True)
class SeriesColumn:
    """One column of the file: its number from 0, heading, role (a key of `ROLES`), and its first cells."""

    index: int
    heading: str
    role: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesImport:
    """What was understood of a file; nothing has been changed yet.

    Attributes
    ----------
    kind
        ``prices`` or ``meter``.
    rows
        Lines of data read, of every hub.
    readings
        Values of the chosen hub and market, without the missing ones.
    series
        Mean price in USD/MWh, or energy in MWh, of every hour; None where the columns are not understood.
    time_zone
        IANA name or offset.
    unit, unit_found
        Of `series`, and of the file.
    clock
        ``beginning`` or ``ending``.
    interval_minutes
        Between two readings.
    first, last
        Beginnings of the first and the last interval, in the local zone; None without a series.
    gaps
        Missing intervals between them.
    duplicates
        Readings whose instant was already there.
    repeated_hours, skipped_hours
        Hours of clock changes: those that came twice and were told apart, and those that the clock left out.
    outliers
        Readings far beyond the others; they are kept.
    mean, minimum, maximum
        Of the hours, in `unit`; NaN without a series.
    location, market
        As the file names them; empty where it does not.
    columns
        What became of each column.
    questions
        What the file leaves open, with what was assumed.
    findings
        What was assumed or left out, with line and column.
    """

    kind: str
    rows: int
    readings: int
    series: HourlyValues | None
    time_zone: str
    unit: str
    unit_found: str
    clock: str
    interval_minutes: float
    first: datetime.datetime | None
    last: datetime.datetime | None
    gaps: int
    duplicates: int
    repeated_hours: int
    skipped_hours: int
    outliers: int
    mean: float
    minimum: float
    maximum: float
    location: str
    market: str
    columns: tuple[SeriesColumn, ...]
    questions: tuple[Question, ...]
    findings: tuple[Finding, ...]

    @property
    def summary(self) -> str:
        """One sentence for a status line."""
        if self.series is None or self.first is None or self.last is None:
            return f"{self.rows:,} lines read; say which column is the date, the hour and the value"
        what = " ".join(part for part in (self.market, self.location) if part) or "one series"
        span = f"{self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}"
        return (
            f"{self.rows:,} lines read: {what}, {len(self.series):,} hours from {span} in {self.time_zone}, "
            f"mean {self.mean:,.2f} {self.unit.replace('USD', '$')}"
        )

    @property
    def facts(self) -> str:
        """What was recognised, in one line; empty without a series."""
        if self.series is None:
            return ""
        facts = [
            f"{self.interval_minutes:g}-minute intervals named by their {self.clock}",
            f"read as {self.unit_found}",
            f"{self.gaps:,} missing",
            f"{self.duplicates:,} twice",
            f"{self.repeated_hours:,} repeated and {self.skipped_hours:,} skipped by clock changes",
            f"{self.outliers:,} far off",
        ]
        return ", ".join(facts)

    def to_json(self) -> dict[str, Any]:
        """The machine-readable answer of ``busbar import --json``."""
        made = self.series is not None
        return {
            "rows": self.rows,
            "unit": self.unit,
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
            "mean": self.mean if made else None,
            "gaps": self.gaps,
            "duplicates": self.duplicates,
            "interval_minutes": _plain(self.interval_minutes),
            "hours": len(self.series) if self.series else 0,
            "readings": self.readings,
            "repeated_hours": self.repeated_hours,
            "skipped_hours": self.skipped_hours,
            "outliers": self.outliers,
            "minimum": self.minimum if made else None,
            "maximum": self.maximum if made else None,
            "unit_found": self.unit_found or None,
            "clock": f"hour_{self.clock}" if self.clock else None,
            "zone": self.time_zone or None,
            "location": self.location or None,
            "market": self.market or None,
            "columns": [{"column": c.index + 1, "heading": c.heading, "role": c.role or None} for c in self.columns],
            "questions": [
                {
                    "key": q.key,
                    "question": q.text,
                    "choices": [value for value, _ in q.choices],
                    "assumed": q.assumed,
                    "why": q.why,
                }
                for q in self.questions
            ],
            "findings": [
                {"code": f.code, "severity": str(f.severity), "path": f.path, "message": f.message}
                for f in self.findings
            ],
        }


def _plain(number: float) -> float | int:
    return int(number) if number == int(number) else number


def choices(values: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Values that are their own words."""
    return tuple((value, value) for value in values)
