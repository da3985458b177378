"""Older formats are brought up to date in memory, one frozen step after the other.

The files under tests/data were written by the Busbar of their format. How steps work in general is tested with an
imagined older format.
"""

from __future__ import annotations

import ast
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import models.storage.migrations
from models.plan import Plan
from models.problems import PlanFileError
from models.samples import sample
from models.storage.migrations import CURRENT_FORMAT, STEPS, migrate
from models.storage.plan_file import _fetch, _schema, digest, from_bytes, open_plan, rows_digest, to_bytes
from models.storage.plan_json import plan_from_json
from tests.models.test_plan_json import EXAMPLE

if TYPE_CHECKING:
    from sqlite_utils import Database

PLAN: Plan = plan_from_json(EXAMPLE, "x")


def rename_capacity(database: Database) -> None:
    database.execute("ALTER TABLE sites RENAME COLUMN capacity_kw TO capacity_mw")
    database.execute("UPDATE sites SET capacity_mw = capacity_mw / 1000")


def add_splits(database: Database) -> None:
    database.execute(
        "CREATE TABLE splits (position INTEGER PRIMARY KEY, id TEXT NOT NULL, site_id TEXT NOT NULL, "
        "use_id TEXT NOT NULL, mw REAL NOT NULL, start_month TEXT) STRICT"
    )


def fail_half_way(database: Database) -> None:
    database.execute("UPDATE sites SET capacity_mw = 1")
    database.execute("DROP TABLE no_such_table")


OLD_STEPS = (rename_capacity, add_splits)


def old_file() -> bytes:
    """A file of the imagined format 1: kilowatts, and no splits yet."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(to_bytes(PLAN))
        connection.execute("ALTER TABLE sites RENAME COLUMN capacity_mw TO capacity_kw")
        connection.execute("UPDATE sites SET capacity_kw = capacity_kw * 1000")
        connection.execute("DROP TABLE splits")
        connection.execute("PRAGMA user_version = 1")
        tables = _fetch(connection, _schema(connection, "x"))
        found = rows_digest(table for table in tables if table.name != "meta")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'digest'", (found,))
        connection.commit()
        return connection.serialize()


def test_that_an_older_file_is_opened_step_by_step() -> None:
    plan = from_bytes(old_file(), "old.busbar", steps=OLD_STEPS)
    assert plan.sites == PLAN.sites
    assert plan.splits == ()


def test_that_an_older_file_is_checked_before_it_is_migrated() -> None:
    damaged = old_file().replace(b"North", b"South")
    with pytest.raises(PlanFileError, match="damaged, or changed by another program"):
        from_bytes(damaged, "old.busbar", steps=OLD_STEPS)


def test_that_a_step_which_does_not_fit_is_undone_and_the_file_refused() -> None:
    first = bytearray(to_bytes(PLAN))
    first[60:64] = (1).to_bytes(4, "big")
    with pytest.raises(PlanFileError, match="the file is damaged"):
        from_bytes(bytes(first), "old.busbar", steps=(fail_half_way,))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(bytes(first))
        with pytest.raises(sqlite3.Error):
            migrate(connection, 1, (fail_half_way,))
        assert connection.execute("SELECT capacity_mw FROM sites").fetchone() == (100.0,)
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_that_only_the_missing_steps_are_taken() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(to_bytes(PLAN))
        connection.execute("DROP TABLE splits")
        connection.execute("PRAGMA user_version = 1")
        assert migrate(connection, 2, OLD_STEPS) == 3
        assert connection.execute("PRAGMA user_version").fetchone() == (3,)
        assert migrate(connection, 3, OLD_STEPS) == 3


def test_that_a_file_of_format_1_means_what_it_meant() -> None:
    """Written by the last Busbar of format 1 from the sample of three sites."""
    plan = open_plan(Path(__file__).parent.parent / "data" / "plan-format-1.busbar")
    assert [len(getattr(plan, name)) for name in ("sites", "power_contracts", "asic_lots", "ai_offers")] == [3, 3, 5, 2]
    assert digest(plan) == digest(from_bytes(to_bytes(plan), "again.busbar"))
    assert {c.kind for c in plan.power_contracts} == {"fixed"}
    assert plan == sample("three-sites")


def test_that_a_file_of_format_2_means_what_it_meant() -> None:
    """Written by the last Busbar of format 2, with its JSON beside it."""
    written = Path(__file__).parent.parent / "data" / "plan-format-2.busbar"
    plan = open_plan(written)
    assert [c.kind for c in plan.power_contracts[:2]] == ["block_and_index", "time_of_use"]
    assert (len(plan.price_steps), len(plan.tou_periods)) == (2, 1)
    assert plan == plan_from_json(json.loads(written.with_suffix(".json").read_text(encoding="utf-8")), "x")


def test_that_a_file_of_format_3_means_what_it_meant() -> None:
    """Written by the last Busbar of format 3, with its JSON beside it."""
    written = Path(__file__).parent.parent / "data" / "plan-format-3.busbar"
    plan = open_plan(written)
    assert [len(getattr(plan, n)) for n in ("uncertainties", "tripwires", "observations", "snoozes")] == [1, 1, 1, 1]
    assert (plan.memo_parts, plan.decisions, plan.decided_uses, plan.actuals) == ((), (), (), ())
    assert plan == plan_from_json(json.loads(written.with_suffix(".json").read_text(encoding="utf-8")), "x")


def test_that_a_file_without_the_tables_of_today_after_all_steps_is_refused() -> None:
    with pytest.raises(PlanFileError, match="the table 'splits' is missing"):
        from_bytes(old_file(), "old.busbar", steps=(rename_capacity,))


def test_that_a_newer_file_is_refused_by_both_numbers() -> None:
    newer = bytearray(to_bytes(PLAN))
    newer[60:64] = (CURRENT_FORMAT + 1).to_bytes(4, "big")
    with pytest.raises(PlanFileError, match=f"format {CURRENT_FORMAT + 1}, .* up to {CURRENT_FORMAT}"):
        from_bytes(bytes(newer), "new.busbar")


def test_that_migrations_import_nothing_of_the_application() -> None:
    tree = ast.parse(Path(models.storage.migrations.__file__).read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }
    assert not {name for name in imported if name.partition(".")[0] in ("app", "models")}
    assert len(STEPS) == CURRENT_FORMAT - 1
