"""Where two plans differ, in words: for a user who must choose between them."""

from __future__ import annotations

from typing import Any

from app.numbers import Numbers
from models.drivers import record_name
from models.fields import Field, Overrides, Quantity, field_of, read
from models.plan import RECORD_TYPES, Plan
from models.scenarios import difference

MOST_LINES = 20
LONGEST_VALUE = 60


def difference_lines(before: Plan, after: Plan, numbers: Numbers) -> list[str]:
    """One line for every value that differs and every record that is only in one of two plans.

    Returns
    -------
    list of str
        At most `MOST_LINES`, and one that says how many more there are.
    """
    found = [_line(path, old, new, before, after, numbers) for path, old, new in difference(before, after)]
    found = found or ["The order of records."]
    more = len(found) - MOST_LINES
    return found if more <= 0 else [*found[:MOST_LINES], f"… and {more:,} more."]


def _line(path: str, old: Any, new: Any, before: Plan, after: Plan, numbers: Numbers) -> str:
    owner, _, name = path.rpartition(".")
    if owner in RECORD_TYPES and (old is None or new is None):
        return f"{record_name(after, new)}: added" if old is None else f"{record_name(before, old)}: deleted"
    record = read(after, owner)
    field = field_of(type(record), name)
    named = f", {record_name(after, record)}" if hasattr(record, "id") else ""
    return f"{field.label}{named}: {_words(field, old, numbers)} → {_words(field, new, numbers)}"


def _words(field: Field, value: Any, numbers: Numbers) -> str:
    if isinstance(field.spec, Quantity) and isinstance(value, int | float):
        return numbers.describe(value, field.spec.unit)
    if isinstance(field.spec, Overrides):
        return f"{len(value)} {'value' if len(value) == 1 else 'values'}"
    words = numbers.format_field(field, value) or "nothing"
    return words if len(words) <= LONGEST_VALUE else f"{words[:LONGEST_VALUE]}…"
