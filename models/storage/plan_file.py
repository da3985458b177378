"""The plan file: a plan to SQLite bytes and back, opened without touching the file, saved at once or not at all.

Any SQLite tool can read it: tables are called as the records, columns as their fields. What is read is not trusted: the
header, the tables, every value and the digest of the whole are checked before a plan comes of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Never

from models.plan import Plan
from models.problems import PlanFileError
from models.results import Results
from models.storage.beside import Beside
from models.storage.disk import put_in_place, read_whole, write_whole
from models.storage.migrations import CURRENT_FORMAT, STEPS, Step, migrate
from models.storage.plan_json import plan_from_json
from models.storage.plan_tables import (
    META,
    META_COLUMNS,
    PLAN_TABLES,
    RESULT_TABLES,
    Column,
    Table,
    json_of,
    result_tables,
    rows_digest,
    tables_of,
)
from models.storage.validity import problem_in

APPLICATION_ID = int.from_bytes(b"BUSB", "big")
LIMIT_BYTES = 512_000_000
"""A larger file is refused before it is read: opening needs about three times its size in memory."""

SUFFIX = ".busbar"
BACKUP_REMEDY = "open a backup of it"
"""How every sentence about a damaged file ends: whoever knows of backups can then offer one."""

_MAGIC = b"SQLite format 3\x00"
_HEADER_BYTES = 100
# Long texts fill small pages badly: 45 MB of them took 82 MB. A small plan of sixteen tables is better off with them.
_MANY_ROWS = 1000
_LARGE_PAGE_BYTES = 16384
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_TABLE_LIST = "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'"


def open_plan(path: str | os.PathLike[str]) -> Plan:
    """The plan in a file; the file stays as it is.

    Raises
    ------
    PlanFileError
        Where there is no such file, or `from_bytes` refuses it.
    """
    return from_bytes(read_whole(path, LIMIT_BYTES), os.fspath(path))


def save_plan(plan: Plan, path: str | os.PathLike[str], results: Results | None = None) -> str:
    """Write a plan, and the answer to it where given, into a file: at every moment the old one or the new one.

    SQLite writes the temporary file itself: by way of `to_bytes`, 50 MB would be copied three times.

    Returns
    -------
    str
        SHA-256 of the file as hexadecimal text.

    Raises
    ------
    PlanFileError
        Where it cannot be written; the old file is then as it was.
    """
    content = _content(plan, results)
    try:
        return put_in_place(path, partial(_write_database, content))
    except sqlite3.Error:
        # SQLite keeps to itself what the system said. Asked to take plain bytes, that says it again, or takes them.
        data = _in_memory(content)
        write_whole(path, data)
        return hashlib.sha256(data).hexdigest()


def digest(plan: Plan) -> str:
    """SHA-256 of a plan's content as hexadecimal text: equal for equal plans, the same as in the plan's file."""
    return rows_digest(tables_of(plan))


def to_bytes(plan: Plan, results: Results | None = None) -> bytes:
    """The content of a plan file.

    Raises
    ------
    ValueError
        Where the plan holds something that no file could give back: a mistake of ours, not of the user.

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> plan = Plan(Header("Example", "2026-04"), Market(70_000.0, 133.79e12, 941_472))
    >>> from_bytes(to_bytes(plan), "example.busbar") == plan
    True
    """
    return _in_memory(_content(plan, results))


@dataclass(frozen=True)
class _Content:
    """What a plan's file holds: the plan's own tables, those of the answer to it, and which scenario it answers."""

    plan: list[Table]
    results: list[Table]
    scenario: str


def _in_memory(content: _Content) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        _store_all(connection, content)
        return connection.serialize()


def _content(plan: Plan, results: Results | None) -> _Content:
    """All tables of a plan's file but the one that says what it is.

    Raises
    ------
    ValueError
        As `to_bytes`.
    """
    problem = problem_in(plan)
    if problem:
        raise ValueError(f"{problem.path}: {problem.sentence}")
    answer = [] if results is None else list(result_tables(results))
    return _Content(list(tables_of(plan)), answer, "" if results is None else results.scenario)


def _write_database(content: _Content, file: os.PathLike[str]) -> None:
    # Nobody else knows the file, so that nobody needs to be waited for.
    with closing(sqlite3.connect(file, timeout=0)) as connection:
        _store_all(connection, content)


def _store_all(connection: sqlite3.Connection, content: _Content) -> None:
    """Put all tables into an empty database; the digest of the plan's is made beside it."""
    tables = [*content.plan, *content.results]
    # Nothing is ever rolled back here: what fails is thrown away whole. Whoever puts a file in place syncs it.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    if sum(len(table.rows) for table in tables) > _MANY_ROWS:
        connection.execute(f"PRAGMA page_size = {_LARGE_PAGE_BYTES}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {CURRENT_FORMAT}")
    connection.execute("BEGIN")
    content_digest = Beside(partial(rows_digest, content.plan))
    for table in tables:
        _store(connection, table)
    meta = [
        ("digest", content_digest.result()),
        ("program", f"Busbar {program_version()}"),
        ("saved_at", datetime.now(UTC).isoformat(timespec="seconds")),
    ]
    if content.scenario:
        meta.append(("results_scenario", content.scenario))
    _store(connection, Table(META, META_COLUMNS, meta))
    connection.commit()


def from_bytes(data: bytes, where: str, *, steps: Sequence[Step] = STEPS) -> Plan:
    """The plan in the content of a plan file.

    Parameters
    ----------
    data
        The file's bytes.
    where
        What to call it in an error: the file's name.
    steps
        All migrations that there are; others than the released ones only in tests.

    Raises
    ------
    PlanFileError
        Where it is no plan file, belongs to a newer Busbar, or is damaged in any way.
    """
    newest_format = 1 + len(steps)
    stored_format = _check_header(data, where, newest_format)
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(data)
            # Nothing in the file may call a function, and no cell may lie about its size.
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            schema = _schema(connection, where)
            if stored_format == newest_format:
                _check_schema(schema, where)
            if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
                _damaged(where)
            tables = _fetch(connection, schema)
            _check_digest(tables, where)
            if stored_format < newest_format:
                migrate(connection, stored_format, steps)
                schema = _schema(connection, where)
                _check_schema(schema, where)
                tables = _fetch(connection, schema)
    except (sqlite3.Error, MemoryError, OverflowError, UnicodeError):
        # What SQLite says of a broken page helps nobody.
        _damaged(where)
    try:
        return plan_from_json(json_of(tables, where), where, lost_overrides=True)
    except PlanFileError as error:
        raise PlanFileError(error.what, error.where, BACKUP_REMEDY) from None


@cache
def program_version() -> str:
    """The version of this Busbar, or ``unknown`` where it was not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("busbar-planner")
    except PackageNotFoundError:
        return "unknown"


def _store(connection: sqlite3.Connection, table: Table) -> None:
    columns = ", ".join(f'"{c.name}" {c.kind}{"" if c.nullable else " NOT NULL"}' for c in table.columns)
    connection.execute(f'CREATE TABLE "{table.name}" (position INTEGER PRIMARY KEY, {columns}) STRICT')
    names = ", ".join(f'"{c.name}"' for c in table.columns)
    marks = ", ".join("?" * len(table.columns))
    # Without a position given, SQLite counts 1, 2, 3 …
    connection.executemany(f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})', table.rows)


def _check_header(data: bytes, where: str, newest_format: int) -> int:
    """Look at the first hundred bytes, which say what the file is without SQLite having to trust it."""
    if not data:
        raise PlanFileError("the file is empty", where, BACKUP_REMEDY)
    if not data.startswith(_MAGIC):
        if _MAGIC.startswith(data):
            _cut_off(where)
        if data.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            remedy = "make a plan file from it with: busbar new PLAN --from FILE.json"
            raise PlanFileError("this looks like JSON, not like a plan file", where, remedy)
        raise PlanFileError("this is not a Busbar plan", where, "choose a file that Busbar has saved")
    if len(data) < _HEADER_BYTES:
        _cut_off(where)
    if int.from_bytes(data[68:72], "big") != APPLICATION_ID:
        what = "this is the database of another program, not a Busbar plan"
        raise PlanFileError(what, where, "choose a file that Busbar has saved")
    stored_format = int.from_bytes(data[60:64], "big", signed=True)
    if stored_format > newest_format:
        what = f"the file has format {stored_format}, and this Busbar reads formats up to {newest_format}"
        raise PlanFileError(what, where, "open it with a newer Busbar")
    page_bytes = int.from_bytes(data[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    if stored_format < 1 or page_bytes < 512:
        _damaged(where)
    if len(data) < int.from_bytes(data[28:32], "big") * page_bytes:
        _cut_off(where)
    if 2 in data[18:20]:
        what = "another program has switched the file to a write-ahead log, which may hold a part of it"
        raise PlanFileError(what, where, 'close it there and run "PRAGMA journal_mode=DELETE" on it')
    return stored_format


def _schema(connection: sqlite3.Connection, where: str) -> dict[str, tuple[Column, ...]]:
    """The columns of every table but those of results; anything in the file that is no plain table is refused."""
    found = {}
    strict = {name for name, kind, is_strict in connection.execute(_TABLE_LIST) if kind == "table" and is_strict}
    for kind, name in connection.execute("SELECT type, name FROM sqlite_master"):
        if kind != "table" or name not in strict or not _NAME.match(name):
            raise PlanFileError(f"it contains the {kind} {name!r:.60}, which no plan has", where, BACKUP_REMEDY)
        if name in RESULT_TABLES:
            continue
        # table_xinfo lists hidden and computed columns as well.
        columns = connection.execute("SELECT name, type, [notnull], hidden FROM pragma_table_xinfo(?)", (name,))
        (position, *rest) = columns.fetchall()
        for column, _, _, hidden in rest:
            if hidden or not _NAME.match(column):
                raise PlanFileError(f"the column {column!r:.60} of {name} belongs to no plan", where, BACKUP_REMEDY)
        if position[0] != "position":
            raise PlanFileError(f"the column 'position' of {name} is missing", where, BACKUP_REMEDY)
        found[name] = tuple(Column(column, kind, nullable=not not_null) for column, kind, not_null, _ in rest)
    return found


def _check_schema(schema: dict[str, tuple[Column, ...]], where: str) -> None:
    """Refuse missing and additional tables and columns by name."""
    wanted = {**PLAN_TABLES, META: META_COLUMNS}
    for name in [*wanted, *schema]:
        if name not in schema:
            raise PlanFileError(f"the table {name!r} is missing", where, BACKUP_REMEDY)
        if name not in wanted:
            raise PlanFileError(f"it contains the table {name!r:.60}, which no plan has", where, BACKUP_REMEDY)
        columns, stored = {c.name for c in wanted[name]}, {c.name for c in schema[name]}
        for column in sorted(columns ^ stored):
            verb = "is missing" if column in columns else "belongs to no plan"
            raise PlanFileError(f"the column {column!r:.60} of {name} {verb}", where, BACKUP_REMEDY)


def _fetch(connection: sqlite3.Connection, schema: dict[str, tuple[Column, ...]]) -> list[Table]:
    tables = []
    for name, columns in schema.items():
        names = ", ".join(f'"{c.name}"' for c in columns)
        rows = connection.execute(f'SELECT {names} FROM "{name}" ORDER BY position').fetchall()
        tables.append(Table(name, columns, rows))
    return tables


def _check_digest(tables: list[Table], where: str) -> None:
    """Hold the stored rows against the digest in ``meta``: a changed value is no damage that SQLite would notice."""
    meta = {row[0]: row[1] for table in tables if table.name == META for row in table.rows}
    try:
        found = rows_digest(table for table in tables if table.name != META)
    except (TypeError, ValueError):
        # A cell that does not fit its column.
        _damaged(where)
    if found != meta.get("digest"):
        raise PlanFileError("the content was damaged, or changed by another program", where, BACKUP_REMEDY)


def _damaged(where: str) -> Never:
    raise PlanFileError("the file is damaged", where, BACKUP_REMEDY) from None


def _cut_off(where: str) -> Never:
    raise PlanFileError("the end of the file is missing", where, "copy it anew, or " + BACKUP_REMEDY) from None
