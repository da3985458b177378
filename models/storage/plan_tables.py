"""A plan as rows of tables and back: columns from the fields' descriptions, order and digest of what is stored.

Every table has a column ``position`` that keeps the order of its rows. A monthly table that stands in place of a number
leaves the number's column empty and has rows in ``schedules``; what a scenario changes has rows in
``scenario_overrides``. An hourly series is a blob of little-endian doubles (NaN for a missing hour), with the beginning
of its first hour in a column of its own: 87,600 rows for each would make opening and saving ten times slower.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

import numpy as np

from models.curves import Array
from models.fields import Field, Flag, Hourly, Overrides, Quantity, Schedule, fields_of
from models.hours import HourlyValues
from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan
from models.problems import PlanFileError
from models.results import USE_FIGURES, Crossover, Results, UseCash
from models.storage.plan_json import JSON_VERSION, MONTHLY, VERSION_KEY, value_to_json

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a STRICT table: ``TEXT``, ``INTEGER``, ``REAL`` or ``BLOB``, and whether it may be empty."""

    name: str
    kind: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table's name, its columns after ``position``, and its rows in order, each without its position."""

    name: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]


SCHEDULES = "schedules"
OVERRIDES = "scenario_overrides"
META = "meta"
RESULT_TABLES = ("per_mw", "cash_flow_monthly", "crossovers")
"""Written beside the plan for other programs to read; Busbar itself computes them anew."""

SCHEDULE_COLUMNS = (Column("path", "TEXT"), Column("month", "TEXT"), Column("value", "REAL"))
OVERRIDE_COLUMNS = (Column("scenario_id", "TEXT"), Column("path", "TEXT"), Column("value_json", "TEXT"))
META_COLUMNS = (Column("key", "TEXT"), Column("value", "TEXT"))

_CELLS_AT_A_TIME = 64


def record_columns(name: str) -> tuple[Column, ...]:
    """The columns of a table of records."""
    fields = tuple(column for f in fields_of(RECORD_TYPES[name]) for column in _columns(f))
    return fields if name in SINGLE_RECORDS else (Column("id", "TEXT"), *fields)


FROM_HOUR = "_from_utc"
"""What the column of an hourly series' first hour is called after the series."""


def _columns(field: Field) -> tuple[Column, ...]:
    match field.spec:
        case Overrides():
            return ()
        case Hourly():
            return Column(field.name + FROM_HOUR, "TEXT", nullable=True), Column(field.name, "BLOB", nullable=True)
        case Quantity(whole=True) | Flag():
            kind = "INTEGER"
        case Quantity():
            kind = "REAL"
        case _:
            kind = "TEXT"
    schedule = isinstance(field.spec, Quantity) and field.spec.schedule
    return (Column(field.name, kind, nullable=field.optional or schedule),)


PLAN_TABLES: dict[str, tuple[Column, ...]] = {
    **{name: record_columns(name) for name in RECORD_TYPES},
    SCHEDULES: SCHEDULE_COLUMNS,
    OVERRIDES: OVERRIDE_COLUMNS,
}
"""Columns of every table that holds a part of the plan, without ``position``."""


def tables_of(plan: Plan) -> Iterator[Table]:
    """The plan's content as tables, ready to be stored."""
    schedules: list[Row] = []
    overrides: list[Row] = []
    for name in RECORD_TYPES:
        single = name in SINGLE_RECORDS
        records = (getattr(plan, name),) if single else getattr(plan, name)
        fields = [f for f in fields_of(RECORD_TYPES[name]) if not isinstance(f.spec, Overrides)]
        columns = [] if single else [[record.id for record in records]]
        for field in fields:
            columns += _columns_of(field, [getattr(record, field.name) for record in records])
        yield Table(name, PLAN_TABLES[name], list(zip(*columns, strict=True)))
        monthly = [f.name for f in fields if isinstance(f.spec, Quantity) and f.spec.schedule]
        for record in records if monthly else ():
            path = name if single else f"{name}.{record.id}"
            for field_name in monthly:
                schedules += _schedule_rows(f"{path}.{field_name}", getattr(record, field_name))
    for scenario in plan.scenarios:
        overrides += [(scenario.id, p, json.dumps(value_to_json(v))) for p, v in scenario.overrides]
    yield Table(SCHEDULES, SCHEDULE_COLUMNS, schedules)
    yield Table(OVERRIDES, OVERRIDE_COLUMNS, overrides)


def _schedule_rows(path: str, value: Any) -> list[Row]:
    if not isinstance(value, Schedule):
        return []
    return [(path, m, float(v) + 0.0) for m, v in zip(value.months, value.values, strict=True)]


def _columns_of(field: Field, values: list[Any]) -> list[list[Any]]:
    """A field's values as they are stored; empty where a monthly table stands. An hourly series has two columns."""
    if isinstance(field.spec, Hourly):
        first = [None if v is None else v.first_hour_utc for v in values]
        return [first, [None if v is None else v.values.astype("<f8").tobytes() for v in values]]
    if isinstance(field.spec, Flag) or (isinstance(field.spec, Quantity) and field.spec.whole):
        return [[None if v is None else int(v) for v in values]]
    if isinstance(field.spec, Quantity):
        # 0.0 for −0.0, which equals it and must not look different.
        return [[None if v is None or isinstance(v, Schedule) else float(v) + 0.0 for v in values]]
    return [values]


def json_of(tables: Iterable[Table], where: str) -> dict[str, Any]:
    """The plan's JSON from stored tables, for `models.storage.plan_json` to read and to check.

    Raises
    ------
    PlanFileError
        Where the tables contradict each other.
    """
    found = {table.name: table for table in tables}
    monthly: dict[str, dict[str, float]] = {}
    for path, month, value in found[SCHEDULES].rows:
        months = monthly.setdefault(path, {})
        if month in months:
            raise PlanFileError(f"the month {month:.20} stands twice for {path:.80}", where, "open a backup of it")
        months[month] = value
    content: dict[str, Any] = {VERSION_KEY: JSON_VERSION}
    for name in RECORD_TYPES:
        rows = list(_records_json(found[name], monthly, where))
        if name not in SINGLE_RECORDS:
            content[name] = rows
        elif len(rows) == 1:
            content[name] = rows[0]
        else:
            raise PlanFileError(f"the table {name} has {len(rows)} rows instead of one", where, "open a backup of it")
    if monthly:
        what = f"a monthly table belongs to no empty input: {next(iter(monthly)):.80}"
        raise PlanFileError(what, where, "open a backup of it")
    _add_overrides(content["scenarios"], found[OVERRIDES].rows, where)
    return content


def _records_json(table: Table, monthly: dict[str, dict[str, float]], where: str) -> Iterator[dict[str, Any]]:
    """Each row as a JSON record; takes the monthly tables that belong to it out of `monthly`."""
    names = [column.name for column in table.columns]
    fields = fields_of(RECORD_TYPES[table.name])
    flags = [f.name for f in fields if isinstance(f.spec, Flag)]
    schedulable = [f.name for f in fields if isinstance(f.spec, Quantity) and f.spec.schedule]
    hourly = [f.name for f in fields if isinstance(f.spec, Hourly)]
    for row in table.rows:
        record = dict(zip(names, row, strict=True))
        for name in flags:
            record[name] = {0: False, 1: True}.get(record[name], record[name])
        for name in schedulable if monthly else ():
            if record[name] is None:
                path = f"{table.name}.{name}" if table.name in SINGLE_RECORDS else f"{table.name}.{record['id']}.{name}"
                if path in monthly:
                    record[name] = {MONTHLY: monthly.pop(path)}
        for name in hourly:
            record[name] = _hourly(record.pop(name + FROM_HOUR), record[name], f"{table.name}.{record['id']}", where)
        yield record


def _hourly(first_hour_utc: str | None, blob: bytes | None, path: str, where: str) -> HourlyValues | None:
    if first_hour_utc is None and blob is None:
        return None
    try:
        return HourlyValues(first_hour_utc or "", np.frombuffer(blob or b"", dtype="<f8"))
    except ValueError as error:
        raise PlanFileError(f"{path:.80}: {error}", where, "open a backup of it") from None


def _add_overrides(scenarios: list[dict[str, Any]], rows: Sequence[Row], where: str) -> None:
    by_id: dict[Any, dict[str, Any]] = {scenario["id"]: {} for scenario in scenarios}
    for scenario_id, path, value_json in rows:
        if scenario_id not in by_id or path in by_id[scenario_id]:
            what = f"{OVERRIDES} has a row for {scenario_id:.40} and {path:.80} that fits no scenario"
            raise PlanFileError(what, where, "open a backup of it")
        try:
            by_id[scenario_id][path] = json.loads(value_json)
        except (ValueError, RecursionError):
            what = f"the value of {path:.80} in {OVERRIDES} is not JSON"
            raise PlanFileError(what, where, "open a backup of it") from None
    for scenario in scenarios:
        scenario["overrides"] = by_id[scenario["id"]]


def rows_digest(tables: Iterable[Table]) -> str:
    """SHA-256 over stored rows, as hexadecimal text: the same for equal content, in every format of the file.

    Tables count in the order of their names, columns as well, rows in order. Taken from the rows rather than from the
    plan, so that an old file can be checked before it is migrated; column by column, which is three times faster than
    through JSON, and few cells at a time, which is three times faster than with all text in one piece (50 MB: 0.04 s).
    """
    found = hashlib.sha256()
    for table in sorted(tables, key=lambda t: t.name):
        columns: Iterable[Sequence[Any]] = zip(*table.rows, strict=True) if table.rows else [()] * len(table.columns)
        for column, cells in sorted(zip(table.columns, columns, strict=True), key=lambda pair: pair[0].name):
            found.update(f"{table.name}\0{column.name}\0{column.kind}\0{len(table.rows)}\0".encode())
            if None in cells:
                found.update(bytes(cell is None for cell in cells))
                cells = [cell for cell in cells if cell is not None]
            for part in _cells_bytes(column.kind, cells):
                found.update(part)
    return found.hexdigest()


def _cells_bytes(kind: str, cells: Sequence[Any]) -> Iterator[bytes]:
    """The bytes of a column in parts small enough to stay in the processor's cache: text with a zero between cells."""
    if kind == "TEXT":
        for first in range(0, len(cells), _CELLS_AT_A_TIME):
            yield (("\0" if first else "") + "\0".join(cells[first : first + _CELLS_AT_A_TIME])).encode()
        return
    if kind == "BLOB":
        for cell in cells:
            yield len(cell).to_bytes(8, "little")
            yield cell
        return
    numbers = array("d" if kind == "REAL" else "q", cells)
    if sys.byteorder == "big":
        numbers.byteswap()
    yield numbers.tobytes()


def result_tables(results: Results) -> Iterator[Table]:
    """The answer to the plan as tables, money per utility megawatt; empty where a figure cannot be computed."""
    figures = tuple(Column(name, "REAL", nullable=True) for name in USE_FIGURES)
    names = tuple(Column(name, "TEXT") for name in ("id", "name", "kind", "site_id"))
    yield Table(
        "per_mw",
        names + figures,
        [
            (use.id, use.name, use.kind, use.site_id, *(_figure(getattr(use, c.name)) for c in figures))
            for use in results.uses
        ],
    )
    lines = [name for name in get_type_hints(UseCash) if name != "energy_mwh"]
    cash_columns = (*(f"{name}_usd_per_mw" for name in lines), "free_cash_usd_per_mw", "energy_mwh_per_mw")
    cash_rows: list[Row] = []
    months = results.dates.months
    for use in results.uses:
        cash = (_figures(getattr(use.cash, name)) for name in (*lines, "free_cash", "energy_mwh"))
        cash_rows += zip([use.id] * len(months), months, *cash, strict=True)
    yield Table(
        "cash_flow_monthly",
        (Column("use_id", "TEXT"), Column("month", "TEXT"), *(Column(n, "REAL", nullable=True) for n in cash_columns)),
        cash_rows,
    )
    hints = get_type_hints(Crossover)
    columns = tuple(Column(n, "TEXT") if t is str else Column(n, "REAL", nullable=True) for n, t in hints.items())
    crossovers = [
        tuple(getattr(row, c.name) if c.kind == "TEXT" else _figure(getattr(row, c.name)) for c in columns)
        for row in results.crossovers
    ]
    yield Table("crossovers", columns, crossovers)


def _figures(values: Array) -> list[float | None]:
    """Cells of a column; months by the thousand, of which hardly one cannot be computed."""
    known: list[float | None] = values.tolist()
    return known if np.isfinite(values).all() else [_figure(value) for value in known]


def _figure(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None
