"""What a person typed or pasted into a field, read: the value, what was understood, or why not.

Forms, table cells, pasted blocks and imports of text all read through `read_entry`, so that no two of them understand
"4.5c/kWh" or "Apr 2027" differently.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QLocale

from app.numbers import Numbers
from models.drivers import record_name
from models.fields import Choice, Field, Flag, MonthField, Quantity, Reference, Schedule, Text, problem_with
from models.plan import Plan
from models.sheets import FORMULA_STARTS, as_text
from models.units import QuantityError

YES = ("yes", "y", "true", "1", "on", "x", "✓")
NO = ("no", "n", "false", "0", "off", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One text, read for one field.

    Attributes
    ----------
    text
        As typed.
    value
        What may be stored; meaningless where there is a problem.
    echo
        What was understood, where that is not just what was typed.
    problem
        Why it cannot be stored, as one sentence; empty where it can.
    alternatives
        The possible readings, value and text, where a person must choose.
    """

    text: str
    value: Any = None
    echo: str = ""
    problem: str = ""
    alternatives: tuple[tuple[Any, str], ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether the value can be stored as it is."""
        return not self.problem and not self.alternatives


def read_entry(field: Field, text: str, numbers: Numbers, plan: Plan | None = None) -> Entry:
    """Read a text for a field.

    Parameters
    ----------
    plan
        Where names of sites and other records are looked up; needed for references only.
    """
    cleaned = without_text_mark(text.strip())
    if not cleaned:
        empty = None if field.optional else ""
        if field.optional or (isinstance(field.spec, Text) and not field.spec.required):
            return Entry(text, empty)
        return Entry(text, problem=f"{field.label} cannot be empty.")
    try:
        entry = _read(field, cleaned, numbers, plan)
    except QuantityError as error:
        return Entry(text, problem=_sentence(str(error)))
    if entry.problem:
        return entry
    problem = problem_in_words(field, entry.value, numbers)
    if problem and entry.alternatives:
        good = tuple((v, words) for v, words in entry.alternatives if not problem_in_words(field, v, numbers))
        if len(good) == 1:
            return Entry(text, good[0][0], f"{cleaned} read as {good[0][1]}")
        return Entry(text, entry.value, entry.echo, "" if good else problem, good)
    return Entry(text, entry.value, entry.echo, problem or "", entry.alternatives)


def problem_in_words(field: Field, value: Any, numbers: Numbers) -> str | None:
    """Why a value cannot stand in a field, with bounds in the unit and locale on screen; None where it can."""
    problem = problem_with(field, value)
    return _sentence(numbers.say(problem)) if problem else None


def entry_text(field: Field, value: Any, numbers: Numbers, plan: Plan | None = None) -> str:
    """A value as text that reads back as itself, with all its digits: what is edited, copied and pasted."""
    if value is None:
        return ""
    match field.spec:
        case Quantity(unit=unit):
            if isinstance(value, Schedule):
                rows = zip(value.months, value.values, strict=True)
                return "; ".join(f"{month}: {numbers.full(v, unit)}" for month, v in rows)
            return numbers.full(value, unit)
        case Choice(options=options):
            return next((label for stored, label in options if stored == value), str(value))
        case Flag():
            return "Yes" if value else "No"
        case Reference(tables=tables):
            return _reference_text(plan, tables, value) if plan is not None else str(value)
        case MonthField():
            return str(value)
    return str(value)


def clipboard_text(field: Field, value: Any, numbers: Numbers, plan: Plan | None = None) -> str:
    """`entry_text` for other programs: per cent carry their sign, and text that looks like a formula is marked."""
    text = entry_text(field, value, numbers, plan)
    spec = field.spec
    if isinstance(spec, Quantity):
        is_percent = spec.unit.startswith("fraction") and not isinstance(value, Schedule)
        return f"{text}%" if text and is_percent else text
    return as_text(text)


def without_text_mark(text: str) -> str:
    """Without the apostrophe that marks a text which begins like a formula."""
    return text[1:] if text[:1] == "'" and text[1:2] in FORMULA_STARTS else text


def reference_name(plan: Plan, tables: tuple[str, ...], record_id: str) -> str:
    """The name of a record as the user knows it; its id where it has gone."""
    for table in tables:
        for record in getattr(plan, table):
            if record.id == record_id:
                return record_name(plan, record)
    return record_id


def _reference_text(plan: Plan, tables: tuple[str, ...], record_id: str) -> str:
    """The name of a record where no other has it; else its id, which alone reads back as the same one."""
    name = reference_name(plan, tables, record_id)
    same = [r for table in tables for r in getattr(plan, table) if record_name(plan, r).casefold() == name.casefold()]
    return name if len(same) < 2 else record_id


def reference_options(plan: Plan, field: Field) -> list[tuple[Any, str]]:
    """What a reference may name: id and words, and none where it may be empty; of one name with their ids behind it."""
    assert isinstance(field.spec, Reference)
    named = [(r.id, record_name(plan, r)) for table in field.spec.tables for r in getattr(plan, table)]
    often = Counter(name.casefold() for _, name in named)
    records = [(i, f"{name} · {i}" if often[name.casefold()] > 1 else name) for i, name in named]
    return [(None, "None"), *records] if field.optional else records


def _read(field: Field, text: str, numbers: Numbers, plan: Plan | None) -> Entry:
    match field.spec:
        case Quantity():
            if re.match(r"\d{4}-\d{2}\s*:", text):
                return Entry(text, _read_schedule(field, text, numbers))
            understood = numbers.parse(text, field)
            return Entry(text, understood.value, understood.echo, alternatives=understood.alternatives)
        case MonthField():
            month = numbers.parse_month(text)
            return Entry(
                text, month, "" if text in (month, numbers.month(month)) else f"{text} = {numbers.month(month)}"
            )
        case Choice(options=options):
            return _one_of(field, text, [(stored, (str(stored), label)) for stored, label in options])
        case Flag():
            word = text.lower()
            if word not in YES + NO:
                return Entry(text, problem=f"{field.label}: write yes or no, not “{text[:40]}”.")
            return Entry(text, word in YES)
        case Reference(tables=tables):
            if plan is None:
                return _one_of(field, text, [])
            records = [r for table in tables for r in getattr(plan, table)]
            return _one_of(field, text, [(r.id, (record_name(plan, r), r.id)) for r in records])
        case Text(date=True):
            return Entry(text, _read_date(text, numbers))
    return Entry(text, text)


def _one_of(field: Field, text: str, options: list[tuple[Any, tuple[str, ...]]]) -> Entry:
    """The option that is named, or the only one that begins so; of several by one name only an id says which."""
    wanted = text.casefold()
    named = [value for value, names in options if wanted in [name.casefold() for name in names]]
    if text in named or len(named) == 1:
        return Entry(text, text if text in named else named[0])
    if named:
        ids = " and ".join(str(value) for value in named)
        return Entry(
            text, problem=f"{field.label}: {ids} are called “{text[:40]}”; write the id of the one that is meant."
        )
    found = [(value, names[-1]) for value, names in options if any(n.casefold().startswith(wanted) for n in names)]
    if len(found) == 1:
        return Entry(text, found[0][0], f"{text} = {found[0][1]}")
    if not options:
        return Entry(text, problem=f"{field.label}: there is none yet; add one first.")
    known = ", ".join(str(names[0] if field.label == "Site" else names[-1]) for _, names in options[:6])
    return Entry(text, problem=f"{field.label}: “{text[:40]}” is none of {known}.")


def _read_schedule(field: Field, text: str, numbers: Numbers) -> Schedule:
    months, values = [], []
    for row in text.split(";"):
        month, _, number = row.partition(":")
        understood = numbers.parse(number, field)
        if understood.alternatives:
            raise QuantityError(f"“{number.strip()}” can be read in more than one way; write it without separators")
        months.append(numbers.parse_month(month))
        values.append(float(understood.value))
    try:
        return Schedule(tuple(months), tuple(values))
    except ValueError as error:
        raise QuantityError(str(error)) from None


def _read_date(text: str, numbers: Numbers) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    for style in (QLocale.FormatType.ShortFormat, QLocale.FormatType.LongFormat):
        date = numbers.locale.toDate(text, style, 2000)
        if date.isValid():
            return date.toString("yyyy-MM-dd")
    raise QuantityError(f"“{text[:40]}” is not a date; write it as 2026-03-21")


def _sentence(text: str) -> str:
    stripped = text.strip()
    return stripped[:1].upper() + stripped[1:] + ("" if stripped.endswith((".", "?", "!")) else ".")
