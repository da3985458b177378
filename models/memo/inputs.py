"""The memo's register of inputs: every number a plan rests on, with its source, its date and how old that is."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import date
from typing import Any

import numpy as np

from models.charts.spec import amount_text
from models.drivers import record_name, value_of
from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, Schedule, applicable_fields
from models.memo.parts import MISSING, Column, Figure, Link, Row, Table, Words, day_text, month_words, number, plain
from models.plan import GPU_CLOUD, SINGLE_RECORDS, Evidence, Plan
from models.units import display

GROUP_NAMES = {
    "plan": "Plan",
    "market": "Market",
    "assumptions": "Assumptions",
    "sites": "Site",
    "price_series": "Index prices",
    "price_steps": "Price step",
    "power_contracts": "Power contract",
    "tou_periods": "Time-of-use period",
    "asic_lots": "Machines",
    "ai_offers": "AI offer",
}
NO_SOURCE = "entered, no source named"
SLIGHT = 5e-4
"""The most of a value that printing it may hide."""
COLUMNS = (
    Column("Input", numeric=False, share=2.1),
    Column("Value", share=1.6),
    Column("Source", numeric=False, share=3.2),
    Column("Date"),
    Column("Age", "days"),
)


def input_register(plan: Plan, as_of: date) -> Table:
    """All inputs that move a figure, by record.

    Left out are texts, and optional inputs that stand at nothing and have no evidence. The note counts what has no
    source.
    """
    evidence: dict[str, list[Evidence]] = defaultdict(list)
    for line in plan.evidence:
        evidence[line.path].append(line)
    rows: list[Row] = []
    count = bare = 0
    for table, name in GROUP_NAMES.items():
        records = [getattr(plan, table)] if table in SINGLE_RECORDS else getattr(plan, table)
        for record in records:
            prefix = table if table in SINGLE_RECORDS else f"{table}.{record.id}"
            shown = [f for f in applicable_fields(record) if _matters(record, f, evidence[f"{prefix}.{f.name}"])]
            if not shown:
                continue
            title = name if table in SINGLE_RECORDS else f"{name}: {_title(plan, table, record)}"
            rows.append(Row(((title,),), group=True))
            for field in shown:
                path = f"{prefix}.{field.name}"
                source, day = _source(plan, table, record, field, evidence[path])
                count += 1
                bare += source == (NO_SOURCE,)
                rows.append(Row(((field.label,), _value(plan, record, field, path), source, *_age(path, day, as_of))))
    note = f"{bare} of {count} inputs name no source; ages are counted to {day_text(as_of)}."
    return Table(COLUMNS, tuple(rows), (note,))


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


def age_days(day: str, as_of: date) -> float:
    """Days from an ISO day to the memo's; NaN where none is given or it lies ahead."""
    try:
        days = (as_of - date.fromisoformat(day)).days
    except ValueError:
        return math.nan
    return float(days) if days >= 0 else math.nan


def oldest_input(plan: Plan, as_of: date) -> tuple[str, float]:
    """Label and age in days of the market data or evidence that is oldest; an empty label without any."""
    ages = [("Market data", age_days(plan.market.as_of, as_of))]
    ages += [(plain(line.claim, 40), age_days(line.date, as_of)) for line in plan.evidence if line.path]
    known = [a for a in ages if math.isfinite(a[1])]
    return max(known, key=lambda a: a[1]) if known else ("", math.nan)


def _title(plan: Plan, table: str, record: Any) -> str:
    name = plain(record_name(plan, record), 60)
    if table == "ai_offers":
        name += ", own GPUs" if record.kind == GPU_CLOUD else ", lease"
    site = next((s.name for s in plan.sites if s.id == getattr(record, "site_id", None)), "")
    return f"{name}, {plain(site, 60)}" if site and table != "sites" and site != name else name


def _matters(record: Any, field: Field, evidence: list[Evidence]) -> bool:
    if evidence:
        return True
    value = getattr(record, field.name)
    is_default = field.has_default and value == field.default
    match field.spec:
        case Quantity():
            required = field.spec.required or not field.has_default
            return required or not (is_default and (value in (None, 0.0) or field.spec.advanced))
        case MonthField():
            return value is not None
        case Choice():
            return field.name != "kind" and value is not None
        case Flag():
            return True
        case Hourly():
            return value is not None
        case _:
            return False


def _value(plan: Plan, record: Any, field: Field, path: str) -> Words:
    value = getattr(record, field.name)
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


def _amount(value: float | None, spec: Quantity) -> str:
    if value is None:
        return MISSING
    factor = display(spec.unit)[1]
    digits = spec.digits
    # A field's usual decimals may hide what was typed (0.03125 as 0.0312): on paper it must not go missing.
    while digits < spec.digits + 4 and abs(round(value * factor, digits) - value * factor) > SLIGHT * abs(
        value * factor
    ):
        digits += 1
    return amount_text(value, spec.unit, digits)


def _source(plan: Plan, table: str, record: Any, field: Field, evidence: list[Evidence]) -> tuple[Words, str]:
    """Where a value comes from, and the day of that."""
    if evidence:
        words: list[str | Link] = []
        for line in evidence:
            words += ["; "] if words else []
            words.append(_cited(line))
        return tuple(words), max(e.date for e in evidence)
    if isinstance(field.spec, Hourly) and record.source:
        return (plain(record.source),), record.as_of
    if table == "market" and plan.market.source:
        return (plain(plan.market.source),), plan.market.as_of
    if field.has_default and getattr(record, field.name) == field.default and field.spec.source:
        return (f"default: {field.spec.source}",), ""
    if isinstance(field.spec, Quantity) and table != "plan":
        return (NO_SOURCE,), ""
    return ("chosen in the plan",), ""


def _cited(line: Evidence) -> str | Link:
    """An evidence line's source, which leads to its address where it has one."""
    text = plain(line.source) or plain(line.claim) or NO_SOURCE
    address = plain(line.address)
    return Link(text, address) if address.startswith(("https://", "http://")) and " " not in address else text


def _age(path: str, day: str, as_of: date) -> tuple[Words, Words]:
    age = age_days(day, as_of)
    return (day or MISSING,), (Figure(f"{path}.age_days", age, number(age)),)
