"""The memo's register of inputs: every number a plan rests on, with its source, its date and how old that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from models.charts.spec import amount_text
from models.drivers import BTC_PRICE, value_of
from models.evidence import PLANS_OWN, Entry, age_days, evidence_by_path, register
from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, Schedule
from models.memo.parts import Column, Figure, Link, Row, Table, Words
from models.memo.written import MISSING, day_text, month_words, number, plain
from models.plan import Evidence, Plan
from models.sensitivity.ranges import Range, range_of, ranges
from models.units import display

NO_SOURCE = "entered, no source named"
SLIGHT = 5e-4
"""The most of a value that printing it may hide."""
COLUMNS = (
    Column("Input", numeric=False, share=2.1),
    Column("Low", "P10"),
    Column("Value"),
    Column("High", "P90"),
    Column("Source", numeric=False, share=2.8),
    Column("Date"),
    Column("Age", "days"),
)


def input_register(plan: Plan, as_of: date, set_in: Mapping[str, str] = PLANS_OWN) -> Table:
    """All inputs that move a figure, by record.

    Left out are texts, and optional inputs that stand at nothing and have no evidence. The note counts what has no
    source.
    """
    evidence = evidence_by_path(plan)
    spans = {r.path: r for r in ranges(plan)}
    price = range_of(plan, BTC_PRICE)
    if price is not None:
        spans[BTC_PRICE] = price  # hashprice is what has a range; here it stands at today's difficulty
    rows: list[Row] = []
    count = bare = 0
    owner = ""
    for entry in register(plan, as_of, set_in):
        if entry.path.rpartition(".")[0] != owner:
            owner = entry.path.rpartition(".")[0]
            rows.append(Row(((plain(entry.group, 120),),), group=True))
        source = _source(entry, [] if entry.set_in else evidence.get(entry.path, []))
        count += 1
        bare += source == (NO_SOURCE,)
        value = _value(plan, entry.value, entry.field, entry.path)
        low, high = _ends(entry, spans.get(entry.path))
        rows.append(Row(((entry.field.label,), low, value, high, source, *_age(entry.path, entry.day, as_of))))
    note = (
        f"{bare} of {count} inputs name no source; ages are counted to {day_text(as_of)}. Low and high are the P10 and "
        "P90 that somebody entered, else the planner's range; an input without either is not moved in the tornado."
    )
    return Table(COLUMNS, tuple(rows), (note,))


def _ends(entry: Entry, span: Range | None) -> tuple[Words, Words]:
    """An input's P10 and P90, empty where nobody has said."""
    spec = entry.field.spec
    if span is None or not isinstance(spec, Quantity):
        return ("",), ("",)
    low, high = (
        (Figure(f"{entry.path}.{name}", value, _amount(value, spec, bare=True)),)
        for name, value in (("p10", span.p10), ("p90", span.p90))
    )
    return low, high


def claims(plan: Plan, as_of: date) -> Table | None:
    """Evidence that feeds no input; None where there is none."""
    lines = [line for line in plan.evidence if not line.path]
    if not lines:
        return None
    rows = tuple(
        Row(
            (
                (plain(line.claim),),
                (plain(line.note),),
                (_cited(line),),
                *_age(f"evidence.{line.id}", line.date, as_of),
            )
        )
        for line in lines
    )
    columns = (
        Column("What it says", numeric=False, share=2.4),
        Column("Checked", numeric=False, share=3.0),
        Column("Source", numeric=False, share=1.7),
        Column("Date"),
        Column("Age", "days"),
    )
    return Table(columns, rows)


def oldest_input(plan: Plan, as_of: date, set_in: Mapping[str, str] = PLANS_OWN) -> tuple[str, float]:
    """Label and age in days of the market data or evidence that is oldest; an empty label without any.

    Evidence of a value in whose place a scenario sets another does not count.
    """
    ages = [("Market data", age_days(plan.market.as_of, as_of))]
    ages += [(plain(line.claim, 40), age_days(line.date, as_of)) for line in evidence_that_counts(plan, set_in)]
    known = [a for a in ages if math.isfinite(a[1])]
    return max(known, key=lambda a: a[1]) if known else ("", math.nan)


def evidence_that_counts(plan: Plan, set_in: Mapping[str, str]) -> tuple[Evidence, ...]:
    """The evidence of inputs that stand at the plan's own values."""
    return tuple(line for line in plan.evidence if line.path and line.path not in set_in)


def _value(plan: Plan, value: Any, field: Field, path: str) -> Words:
    spec = field.spec
    match spec:
        case Quantity():
            if value is None:
                return ("all" if not spec.required else MISSING,)
            now = value_of(plan, path)
            amount = Figure(path, float("nan") if now is None else now, _amount(now, spec))
            if isinstance(value, Schedule):
                return (amount, f" from {value.months[0]}, a table of {len(value.months)} months")
            return (amount,)
        case MonthField():
            return (month_words(value),)
        case Hourly():
            mean = float(np.nanmean(value.values))
            amount = Figure(f"{path}.mean", mean, amount_text(mean, spec.unit, 2))
            return ("mean ", amount, f" of {number(len(value))} hours from {value.first_hour_utc[:10]}")
        case Choice():
            words = dict(spec.options)
            return (words.get(value, str(value)),)
        case Flag():
            return ("yes" if value else "no",)
        case _:
            return (plain(str(value)),)


def _amount(value: float | None, spec: Quantity, *, bare: bool = False) -> str:
    if value is None:
        return MISSING
    factor = display(spec.unit)[1]
    digits = spec.digits
    # A field's usual decimals may hide what was typed (0.03125 as 0.0312): on paper it must not go missing.
    while digits < spec.digits + 4 and abs(round(value * factor, digits) - value * factor) > SLIGHT * abs(
        value * factor
    ):
        digits += 1
    return amount_text(value, spec.unit, digits, bare=bare)


def _source(entry: Entry, lines: list[Evidence]) -> Words:
    """Where a value comes from."""
    words: list[str | Link] = []
    for line in lines:
        words += ["; "] if words else []
        words.append(_cited(line))
    if words:
        return tuple(words)
    if entry.source:
        return (plain(entry.source),)
    return ("chosen in the plan",) if entry.is_chosen else (NO_SOURCE,)


def _cited(line: Evidence) -> str | Link:
    """An evidence line's source, which leads to its address where it has one."""
    text = plain(line.source) or plain(line.claim) or NO_SOURCE
    address = plain(line.address)
    return Link(text, address) if address.startswith(("https://", "http://")) and " " not in address else text


def _age(path: str, day: str, as_of: date) -> tuple[Words, Words]:
    age = age_days(day, as_of)
    return (day or MISSING,), (Figure(f"{path}.age_days", age, number(age)),)
