"""Random plans for hypothesis, made from the descriptions of the fields: a new field is covered without a line here."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from models.curves import month_text
from models.fields import (
    Choice,
    Description,
    Field,
    Flag,
    Hourly,
    MonthField,
    Overrides,
    Quantity,
    Reference,
    Schedule,
    Text,
    fields_of,
)
from models.hours import HourlyValues
from models.plan import BESIDE_THE_NUMBERS, ID_PREFIXES, RECORD_TYPES, SINGLE_RECORDS, Plan
from models.storage.validity import DERIVED_FIELDS

dear = settings(max_examples=settings.default.max_examples * 3 // 10)
"""For properties that take a tenth of a second per example; HYPOTHESIS_PROFILE=explore looks further with these too."""
dearest = settings(max_examples=settings.default.max_examples // 10)
"""For those that take a second."""

HOSTILE_TEXTS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "'; DROP TABLE sites; --",
    '"quoted", {braced} \\ %s',
    "<b>bold</b> & more",
    "line one\nline two\ttab",
    "Süd-Werk ⚡ 北京 мегаватт",
    "e\u0301 against \u00e9",
    "\u202eright to left",
    "\U0001f600" * 3,
    "\ufeff",
    "null",
    "1e999",
)
"""Names that a spreadsheet, SQL, a format string, HTML or a terminal may take for something else."""

MONTHS = st.integers(min_value=2020 * 12, max_value=2060 * 12 - 1).map(month_text)

TEXTS = st.one_of(
    st.sampled_from(HOSTILE_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12),
)

DATES = st.dates().map(lambda day: day.isoformat())


def numbers(spec: Quantity, usual: bool = False) -> st.SearchStrategy[Any]:
    """Numbers within a quantity's bounds, or within the range seen in the field."""
    low, high = spec.low, spec.high
    if usual and spec.usual_low is not None and spec.usual_high is not None:
        low, high = spec.usual_low, spec.usual_high
    if spec.whole:
        return st.integers(min_value=int(low), max_value=int(high))
    bounds = {"min_value": max(low, -1e300), "max_value": min(high, 1e300)}
    return st.floats(**bounds, allow_nan=False, allow_subnormal=False if usual else None)


def schedules(spec: Quantity, usual: bool = False) -> st.SearchStrategy[Schedule]:
    """Monthly tables of one to six rows."""
    rows = st.dictionaries(MONTHS, numbers(spec, usual), min_size=1, max_size=6)
    return rows.map(lambda found: Schedule(tuple(sorted(found)), tuple(found[m] for m in sorted(found))))


def values(field: Field, ids: dict[str, list[str]], usual: bool = False) -> st.SearchStrategy[Any]:
    """Everything that may stand in a field.

    Parameters
    ----------
    ids
        The ids of each table that a reference may name.
    usual
        Whether numbers stay within the range seen in the field, and nothing that is needed is missing.
    """
    targets = [i for table in getattr(field.spec, "tables", ()) for i in ids[table]]
    return _kept_values(field, tuple(targets), usual)


@lru_cache(maxsize=4096)
def _kept_values(field: Field, targets: tuple[str, ...], usual: bool) -> st.SearchStrategy[Any]:
    """As `values`: kept, since hypothesis looks a new strategy over for twice as long as it takes to draw from it."""
    found = _values(field.spec, targets, usual)
    missing = field.optional and not (usual and getattr(field.spec, "required", False))
    return st.one_of(st.none(), found) if missing else found


def _values(spec: Description, targets: tuple[str, ...], usual: bool) -> st.SearchStrategy[Any]:
    match spec:
        case Quantity():
            return st.one_of(numbers(spec, usual), schedules(spec, usual)) if spec.schedule else numbers(spec, usual)
        case Text(date=True):
            return DATES if spec.required else st.one_of(st.just(""), DATES)
        case Text():
            return TEXTS.filter(str.strip) if spec.required else TEXTS
        case Choice():
            return st.sampled_from([stored for stored, _ in spec.options])
        case Flag():
            return st.booleans()
        case Hourly():
            hours = st.floats(min_value=-250, max_value=5_000, allow_nan=False) | st.just(math.nan)
            rows = st.lists(hours, min_size=1, max_size=48).filter(lambda found: not all(map(math.isnan, found)))
            return rows.map(lambda found: HourlyValues("2024-02-28T05:00Z", np.array(found)))
        case MonthField():
            return MONTHS
        case Reference():
            return st.sampled_from(targets) if targets else st.none()
    raise TypeError(type(spec))


@st.composite
def records(
    draw: st.DrawFn, table: str, ids: dict[str, list[str]], record_id: str | None = None, usual: bool = False
) -> Any:
    """One record of a table; fields that have a default keep it about every other time."""
    given: dict[str, Any] = {} if record_id is None else {"id": record_id}
    fields = fields_of(RECORD_TYPES[table])
    chosen = draw(st.binary(min_size=len(fields), max_size=len(fields)))  # at once: each draw takes a tenth of a ms
    for field, byte in zip(fields, chosen, strict=True):
        spec = field.spec
        if isinstance(spec, Overrides):
            continue
        if isinstance(spec, Reference) and not any(ids[name] for name in spec.tables):
            continue
        needed = not field.has_default or (usual and getattr(spec, "required", False))
        if needed or byte % 2:
            given[field.name] = draw(values(field, ids, usual))
    return RECORD_TYPES[table](**given)


@st.composite
def plans(draw: st.DrawFn, max_records: int = 3, usual: bool = False) -> Plan:
    """A whole plan that can be stored: sites, contracts, lots, both kinds of offer, schedules, scenarios.

    Parameters
    ----------
    max_records
        At most so many records in each table.
    usual
        Whether every number lies within the range seen in the field and every needed number is there, so that figures
        can be computed; otherwise anything that the fields allow.
    """
    tables: dict[str, Any] = {name: draw(records(name, {}, usual=usual)) for name in SINGLE_RECORDS}
    ids: dict[str, list[str]] = {name: [] for name in ID_PREFIXES}
    for name, prefix in ID_PREFIXES.items():
        if name == "scenarios":
            continue
        targets = [
            f.spec.tables for f in fields_of(RECORD_TYPES[name]) if isinstance(f.spec, Reference) and not f.optional
        ]
        possible = all(any(ids[table] for table in tables_) for tables_ in targets)
        count = draw(st.integers(min_value=0, max_value=max_records)) if possible else 0
        new_ids = [f"{prefix}{n}" for n in draw(st.permutations(range(1, count + 1)))]
        tables[name] = tuple(draw(records(name, ids, record_id, usual)) for record_id in new_ids)
        ids[name] = new_ids
    fields = _overridable(tables)
    scenarios = []
    for number in range(draw(st.integers(min_value=0, max_value=max_records))):
        scenario = draw(records("scenarios", ids, f"c{number + 1}", usual))
        paths = draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True))
        overrides = tuple((path, draw(values(fields[path], ids, usual))) for path in paths)
        scenarios.append(type(scenario)(scenario.id, scenario.name, overrides, scenario.parent_id))
        ids["scenarios"].append(scenario.id)
    return Plan(**tables, scenarios=tuple(scenarios))


def _overridable(tables: dict[str, Any]) -> dict[str, Field]:
    found = dict(DERIVED_FIELDS)
    for name, table in tables.items():
        if name in BESIDE_THE_NUMBERS:
            continue
        for path, record in [(name, table)] if name in SINGLE_RECORDS else [(f"{name}.{r.id}", r) for r in table]:
            found |= {f"{path}.{field.name}": field for field in fields_of(type(record))}
    return found
