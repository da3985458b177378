"""Every field of a record is described once, here is how; read and replace a value by its path.

A record is a frozen dataclass whose fields carry one description each as `Annotated` metadata. Forms, table columns,
file columns, JSON, import, help and the bounds test are all made from it; no label or bound is written twice.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
import operator
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from models.hours import HourlyValues
from models.sentences import Amount, Sentence

P = TypeVar("P")
# [0-9] and \Z, because \d takes the digits of every script and $ a line feed at the end.
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What is said of every field, whatever its kind.

    Attributes
    ----------
    label, help
        A short name, and one or two sentences for a tooltip; both in plain English.
    kinds
        The record kinds (its ``kind`` field) that the field belongs to; empty means all.
    advanced
        Whether the short form leaves it out.
    source
        Where the default comes from, shown beside it.
    """

    label: str
    help: str = ""
    kinds: tuple[str, ...] = ()
    advanced: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Description):
    """A number with a unit.

    Attributes
    ----------
    unit
        As `models.units` reads and writes it; ``""`` for a pure number, ``"fraction"`` for 0…1 shown in per cent.
    low, high
        Hard bounds: a number outside cannot be meant.
    usual_low, usual_high
        The range seen in the field, used for a lever's ends and for plausibility; None where there is none.
    digits
        Decimals on screen; storage keeps full precision.
    schedule
        Whether a monthly table may stand in its place.
    required
        Whether the plan cannot be computed without it.
    whole
        Whether only whole numbers make sense.
    """

    unit: str
    low: float = -math.inf
    high: float = math.inf
    usual_low: float | None = None
    usual_high: float | None = None
    digits: int = 2
    schedule: bool = False
    required: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Description):
    """A line of text; `required` where it must not be empty, `date` for an ISO day."""

    required: bool = False
    date: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Description):
    """One of a few words: pairs of the stored value and what the user reads."""

    options: tuple[tuple[str | None, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Description):
    """Yes or no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthField(Description):
    """A calendar month, stored as ``YYYY-MM``."""

    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Description):
    """The id of a record of one of the named tables."""

    tables: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hourly(Description):
    """A series of consecutive hours, imported rather than typed; `models.hours.HourlyValues`."""

    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides(Description):
    """The values in which a scenario differs: pairs of path and value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A record's field as everyone else sees it: its name, description, default and the record that owns it."""

    name: str
    spec: Description
    default: Any
    has_default: bool
    optional: bool

    @property
    def label(self) -> str:
        """The short name that stands in forms and table headings."""
        return self.spec.label

    @property
    def unit(self) -> str:
        """The field's unit, or an empty string where it is not a quantity."""
        return self.spec.unit if isinstance(self.spec, Quantity | Hourly) else ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A value that is given month by month.

    Attributes
    ----------
    months
        ``YYYY-MM``, strictly ascending; a month between two entries takes the earlier one's value.
    values
        As many numbers. Before the first month the first value holds, after the last month the last one (and the
        field's growth, where it has one, goes on from there).

    Raises
    ------
    ValueError
        Where months and values do not fit; the sentence says how.
    """

    months: tuple[str, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.months or len(self.months) != len(self.values):
            raise ValueError("a monthly table needs at least one row and a value for every month")
        for month in self.months:
            if not isinstance(month, str) or not MONTH.match(month):
                raise ValueError(f"{month!r} is not a month; write it as 2027-04")
        if any(map(operator.ge, self.months, self.months[1:])):
            raise ValueError("the months of a table must ascend, each once")
        if set(map(type, self.values)) == {float} and all(map(math.isfinite, self.values)):
            return  # nearly always; large plans open twice as fast for it
        for month, value in zip(self.months, self.values, strict=True):
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"the value of {month} is not a number")


@cache
def fields_of(record_type: type) -> tuple[Field, ...]:
    """Descriptions of a record type's fields, in order, without its ``id``."""
    hints = get_type_hints(record_type, include_extras=True)
    found = []
    for item in dataclasses.fields(record_type):
        hint = hints[item.name]
        if get_origin(hint) is None or not hasattr(hint, "__metadata__"):
            continue
        base, spec = get_args(hint)[:2]
        found.append(
            Field(
                name=item.name,
                spec=spec,
                default=None if item.default is dataclasses.MISSING else item.default,
                has_default=item.default is not dataclasses.MISSING,
                optional=type(None) in get_args(base),
            )
        )
    return tuple(found)


@cache
def field_of(record_type: type, name: str) -> Field:
    """The description of one field.

    Raises
    ------
    KeyError
        Where the record has no such field.
    """
    for field in fields_of(record_type):
        if field.name == name:
            return field
    raise KeyError(name)


def applicable_fields(record: Any) -> tuple[Field, ...]:
    """The fields that belong to a record of this kind (a lease has no price per GPU-hour)."""
    kind = getattr(record, "kind", None)
    record_type: type = type(record)
    return tuple(f for f in fields_of(record_type) if not f.spec.kinds or kind in f.spec.kinds)


def problem_with(field: Field, value: Any) -> str | None:
    """One sentence on why a value cannot stand in a field, or None where it can.

    Only what can never be meant is refused here; what is merely odd is a finding of `models.checks`. Numbers in it are
    the details of a `Sentence`, so that the window can word it in the unit and locale on screen.
    """
    spec = field.spec
    if value is None:
        return None if field.optional else f"{spec.label} is missing"
    match spec:
        case Quantity():
            return _problem_with_quantity(field, spec, value)
        case Text():
            if not isinstance(value, str):
                return f"{spec.label} must be text"
            if spec.required and not value.strip():
                return f"{spec.label} is empty"
            if "\x00" in value or _has_lone_surrogate(value):
                return f"{spec.label} holds a character that cannot be stored"
            if spec.date and value and not _is_date(value):
                return f"{spec.label}: {value!r} is not a date; write it as 2026-03-21"
        case Choice():
            if value not in [stored for stored, _ in spec.options]:
                words = ", ".join(str(stored) for stored, _ in spec.options if stored is not None)
                return f"{spec.label}: {value!r} is none of {words}"
        case Flag():
            if not isinstance(value, bool):
                return f"{spec.label} must be true or false"
        case MonthField():
            if not isinstance(value, str) or not MONTH.match(value):
                return f"{spec.label}: {value!r} is not a month; write it as 2027-04"
        case Reference():
            if not isinstance(value, str) or not value:
                return f"{spec.label} must name a record"
        case Hourly():
            if not isinstance(value, HourlyValues):
                return f"{spec.label} must be a series of hours"
    return None


def _has_lone_surrogate(text: str) -> bool:
    """Whether the text holds half a character, which JSON can write but no file in UTF-8 can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _is_date(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return DATE.match(text) is not None


def _problem_with_quantity(field: Field, spec: Quantity, value: Any) -> str | None:
    if isinstance(value, Schedule):
        if not spec.schedule:
            return f"{spec.label} takes one number, not a monthly table"
        if spec.low <= min(value.values) and max(value.values) <= spec.high and not spec.whole:
            return None
        for month, number in zip(value.months, value.values, strict=True):
            problem = _problem_with_quantity(field, spec, number)
            if problem:
                return Sentence("{problem} (in {month})", problem=problem, month=month)
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{spec.label} must be a number"
    if not math.isfinite(value):
        return f"{spec.label} must be a finite number"
    if spec.low <= value <= spec.high and not (spec.whole and value != int(value)):
        return None

    def amount(number: float) -> Amount:
        return Amount(number, spec.unit, ",.12g")

    about: dict[str, Amount | str] = {
        "label": spec.label,
        "value": amount(value),
        "low": amount(spec.low),
        "high": amount(spec.high),
    }
    if spec.low <= value <= spec.high:
        return Sentence("{label} must be a whole number, not {value}", **about)
    return Sentence("{label} must lie between {low} and {high}, not {value}", **about)


def read(plan: Any, path: str) -> Any:
    """The value or record at a path: ``market.btc_price_usd``, ``sites.s1``, ``ai_offers.o1.term_months``.

    Raises
    ------
    KeyError
        Where the plan has nothing there; the message names the part that was not found.
    """
    table, *rest = path.split(".")
    if table not in _names_of(plan.__class__):
        raise KeyError(f"there is no {table!r} in a plan")
    record = getattr(plan, table)
    if isinstance(record, tuple):
        if not rest:
            return record
        record = next((r for r in record if r.id == rest[0]), None)
        if record is None:
            raise KeyError(f"{table} has no record {rest[0]!r}")
        rest = rest[1:]
    if not rest:
        return record
    if len(rest) > 1 or rest[0] not in _names_of(record.__class__):
        raise KeyError(f"{table} has no field {'.'.join(rest)!r}")
    return getattr(record, rest[0])


@cache
def _names_of(record_type: type) -> frozenset[str]:
    """Names of a record's fields; kept, because a lever that moves reads a hundred paths."""
    return frozenset(f.name for f in dataclasses.fields(record_type))


def replace(plan: P, path: str, value: Any) -> P:
    """A plan with one value changed; all other records are the same objects as before.

    Raises
    ------
    KeyError
        Where the path leads nowhere.
    """
    read(plan, path)
    table, *rest = path.split(".")
    record = getattr(plan, table)
    if not rest:
        return _with(plan, table, value)
    if not isinstance(record, tuple):
        return _with(plan, table, dataclasses.replace(record, **{rest[0]: value}))
    new = value if len(rest) == 1 else dataclasses.replace(read(plan, f"{table}.{rest[0]}"), **{rest[1]: value})
    return _with(plan, table, tuple(new if r.id == rest[0] else r for r in record))


def _with(plan: P, table: str, content: Any) -> P:
    held: Any = plan
    changed: P = dataclasses.replace(held, **{table: content})
    return changed


def field_at(plan: Any, path: str) -> Field:
    """The description of the field at a path.

    Raises
    ------
    KeyError
        Where the path leads nowhere or to a whole record.
    """
    read(plan, path)
    owner, _, name = path.rpartition(".")
    record_type: type = type(read(plan, owner))
    return field_of(record_type, name)
