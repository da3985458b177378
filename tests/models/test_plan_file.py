"""Plan files: equal plans come back, any other program can read them, and no damaged or hostile file becomes a plan."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from models.evaluate import evaluate
from models.fields import Schedule, replace
from models.plan import Evidence, Plan, Scenario
from models.problems import PlanFileError
from models.storage.disk import put_in_place, refuse_os_error, write_whole
from models.storage.migrations import CURRENT_FORMAT
from models.storage.plan_file import LIMIT_BYTES, digest, from_bytes, open_plan, save_plan, to_bytes
from models.storage.plan_json import plan_from_json
from tests.models.test_plan_json import EXAMPLE
from tests.strategies import HOSTILE_TEXTS, dear, plans

SCHEDULE = Schedule(("2026-04", "2026-07"), (70870.25, 72000.0))
EXAMPLE_PLAN = replace(plan_from_json(EXAMPLE, "x"), "market.btc_price_usd", SCHEDULE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plan.busbar"
    save_plan(EXAMPLE_PLAN, path)
    return path


def refusal(path: Path | str) -> str:
    readable = isinstance(path, Path) and path.is_file() and os.access(path, os.R_OK)
    before = Path(path).read_bytes() if readable and os.path.getsize(path) <= LIMIT_BYTES else None
    with pytest.raises(PlanFileError) as caught:
        open_plan(path)
    if before is not None:
        assert Path(path).read_bytes() == before, "opening never touches the file"
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


@given(plans())
def test_that_any_plan_comes_back_equal(plan: Plan) -> None:
    again = from_bytes(to_bytes(plan), "x")
    assert again == plan
    assert digest(again) == digest(plan)


@dear
@given(plans(), plans())
def test_that_digests_are_equal_where_plans_are(one: Plan, other: Plan) -> None:
    assert (digest(one) == digest(other)) == (one == other)


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("market.btc_price_usd", Schedule(("2026-04", "2026-08"), SCHEDULE.values)),
        ("market.btc_price_usd", 70870.25),
        ("plan.name", "Other"),
        ("sites.s1.convertible_mw", None),
        ("assumptions.economic_shutdown", False),
        ("scenarios.bull.overrides", (("market.btc_price_usd", 120001.0),)),
        ("scenarios.bear.parent_id", None),
    ],
)
def test_that_the_digest_tells_of_every_kind_of_change(at: str, value: object) -> None:
    assert digest(replace(EXAMPLE_PLAN, at, value)) != digest(EXAMPLE_PLAN)


def test_that_the_digest_is_the_one_in_the_file_and_does_not_know_minus_zero(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key = 'digest'").fetchone() == (digest(EXAMPLE_PLAN),)
    adders = "power_contracts.p1.adders_usd_per_mwh"
    assert digest(replace(EXAMPLE_PLAN, adders, -0.0)) == digest(replace(EXAMPLE_PLAN, adders, 0.0))


@pytest.mark.parametrize("name", HOSTILE_TEXTS, ids=range(len(HOSTILE_TEXTS)))
def test_that_names_are_only_names(tmp_path: Path, name: str) -> None:
    plan = replace(replace(EXAMPLE_PLAN, "plan.name", name + "x"), "sites.s1.name", name + "x")
    save_plan(plan, tmp_path / "plan.busbar")
    assert open_plan(tmp_path / "plan.busbar") == plan


def test_that_any_sqlite_tool_reads_the_question_and_the_answer(tmp_path: Path) -> None:
    plan = plan_from_json(EXAMPLE, "x")
    results = evaluate(plan)
    save_plan(plan, tmp_path / "plan.busbar", results)
    with closing(sqlite3.connect(tmp_path / "plan.busbar")) as connection:

        def value(sql: str) -> Any:
            return connection.execute(sql).fetchone()[0]

        assert value("PRAGMA application_id") == int.from_bytes(b"BUSB", "big")
        assert value("PRAGMA user_version") == CURRENT_FORMAT
        assert value("PRAGMA integrity_check") == "ok"
        assert value("SELECT min(strict) FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'") == 1
        assert value("SELECT critical_it_mw FROM ai_offers WHERE id = 'o1'") == 40.0
        assert value("SELECT typeof(count) FROM asic_lots") == "integer"
        assert value("SELECT npv_usd_per_mw FROM per_mw WHERE id = 'a1'") == results.by_id["a1"].npv_usd_per_mw
        assert value("SELECT count(*) FROM cash_flow_monthly") == 3 * 120
        assert value("SELECT count(*) FROM crossovers") == len(results.crossovers)
        total = value("SELECT sum(revenue_usd_per_mw) FROM cash_flow_monthly WHERE use_id = 'o1'")
        assert total == pytest.approx(results.by_id["o1"].cash.revenue.sum())
        assert value("SELECT value FROM meta WHERE key = 'results_scenario'") == "base"
    assert open_plan(tmp_path / "plan.busbar") == plan


def test_that_monthly_tables_are_rows(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT path, month, value FROM schedules").fetchall()
        assert rows == [("market.btc_price_usd", "2026-04", 70870.25), ("market.btc_price_usd", "2026-07", 72000.0)]
        assert connection.execute("SELECT btc_price_usd FROM market").fetchone() == (None,)


def test_that_an_override_of_a_deleted_record_survives() -> None:
    scenario = Scenario("c1", "Old", (("asic_lots.gone.count", 5), ("asic_lots.gone.opex_usd_per_mw_year", 1.5)))
    plan = replace(EXAMPLE_PLAN, "scenarios", (scenario,))
    assert from_bytes(to_bytes(plan), "x") == plan


def test_that_a_plan_which_could_not_be_opened_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"asic_lots\.a1\.site_id"):
        save_plan(replace(EXAMPLE_PLAN, "asic_lots.a1.site_id", "s9"), tmp_path / "plan.busbar")
    assert list(tmp_path.iterdir()) == []


# What is no plan file


def test_that_a_missing_file_a_folder_and_a_device_are_named(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "missing.busbar")
    assert "this is a folder" in refusal(tmp_path)
    assert "not a file" in refusal("/dev/zero" if os.path.exists("/dev/zero") else "NUL")
    assert "character that no file can have" in refusal("a\x00b")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello", "this is not a Busbar plan"),
        (b"S", "the end of the file is missing"),
        (b"SQLite format 3\x00", "the end of the file is missing"),
        (b'{"busbar_plan": 1}', "busbar new PLAN --from"),
        (b"\xef\xbb\xbf {}", "this looks like JSON"),
        (b"%PDF-1.7", "this is not a Busbar plan"),
        (b"\x00" * 5000, "this is not a Busbar plan"),
    ],
)
def test_that_another_kind_of_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "other.busbar"
    path.write_bytes(content)
    assert reason in refusal(path)


def test_that_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE plan (name TEXT)")
        connection.commit()
    assert "the database of another program" in refusal(path)


def test_that_a_newer_format_is_refused_by_both_numbers(path: Path) -> None:
    change(path, "PRAGMA user_version = 7")
    assert (
        f"the file has format 7, and this Busbar reads formats up to {CURRENT_FORMAT}; open it with a newer Busbar"
        in refusal(path)
    )


def test_that_a_file_larger_than_any_plan_is_refused_without_reading_it_all(path: Path) -> None:
    os.truncate(path, LIMIT_BYTES + 1)  # sparse: it takes no space
    assert f"larger than {LIMIT_BYTES // 1_000_000} MB" in refusal(path)


def test_that_a_file_without_permission_is_refused(user_folder: Path) -> None:
    path = user_folder / "plan.busbar"
    save_plan(EXAMPLE_PLAN, path)
    path.chmod(0)
    assert "no permission" in refusal(path)


# Damage


def test_that_a_cut_file_is_refused_wherever_it_is_cut(path: Path) -> None:
    data = path.read_bytes()
    for length in [1, 15, 16, 99, 100, 4095, 4096, 5000, len(data) // 2, len(data) - 4096, len(data) - 1]:
        path.write_bytes(data[:length])
        assert "the end of the file is missing" in refusal(path)


def test_that_a_flipped_byte_never_changes_a_plan_unseen(path: Path) -> None:
    data = path.read_bytes()
    dice = random.Random(7)
    refused = 0
    for position in [*range(100), *dice.sample(range(100, len(data)), 500)]:
        damaged = bytearray(data)
        damaged[position] ^= 1 << dice.randrange(8)
        try:
            plan = from_bytes(bytes(damaged), "x")
        except PlanFileError:
            refused += 1
        else:
            assert plan == EXAMPLE_PLAN, position
    assert refused > 60


def test_that_scrambled_pages_are_refused(path: Path) -> None:
    data = path.read_bytes()
    dice = random.Random(7)
    for page in range(1, len(data) // 4096):
        damaged = data[: page * 4096] + dice.randbytes(4096) + data[(page + 1) * 4096 :]
        with pytest.raises(PlanFileError):
            from_bytes(damaged, "x")


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.executescript(statement)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE sites SET capacity_mw = 101", "damaged, or changed by another program"),
        ("DELETE FROM schedules WHERE month = '2026-07'", "damaged, or changed by another program"),
        ("DELETE FROM meta", "damaged, or changed by another program"),
        ("UPDATE meta SET value = 'x' WHERE key = 'digest'", "damaged, or changed by another program"),
        ("DROP TABLE meta", "the table 'meta' is missing"),
        ("DROP TABLE sites", "the table 'sites' is missing"),
        ("DROP TABLE schedules", "the table 'schedules' is missing"),
        ("ALTER TABLE sites DROP COLUMN mining_pue", "the column 'mining_pue' of sites is missing"),
        ("ALTER TABLE sites ADD COLUMN extra TEXT", "the column 'extra' of sites belongs to no plan"),
        ("ALTER TABLE sites ADD COLUMN x TEXT AS ('a') VIRTUAL", "belongs to no plan"),
        ('ALTER TABLE sites ADD COLUMN "a""; DROP" TEXT', "belongs to no plan"),
        ("ALTER TABLE sites RENAME COLUMN position TO place", "the column 'position' of sites is missing"),
        ("CREATE TABLE extra (position INTEGER PRIMARY KEY) STRICT", "the table 'extra', which no plan has"),
        ("CREATE TABLE per_mw (x)", "the table 'per_mw', which no plan has"),
        ("CREATE VIEW extra AS SELECT * FROM sites", "the view 'extra', which no plan has"),
        ("CREATE VIEW per_mw AS SELECT load_extension('x')", "the view 'per_mw', which no plan has"),
        (
            "CREATE TRIGGER extra AFTER INSERT ON sites BEGIN DELETE FROM plan; END",
            "the trigger 'extra', which no plan has",
        ),
        ("CREATE INDEX extra ON sites (name)", "the index 'extra', which no plan has"),
        ("CREATE VIRTUAL TABLE extra USING fts5(x)", "which no plan has"),
        ("ANALYZE", "which no plan has"),
    ],
)
def test_that_a_change_by_another_program_is_refused(path: Path, statement: str, reason: str) -> None:
    change(path, statement)
    message = refusal(path)
    assert reason in message
    assert message.endswith("; open a backup of it.")


def forged(path: Path, *statements: str) -> None:
    """Change a file and give it the digest that fits, as someone would who means harm."""
    import models.storage.plan_file as plan_file

    change(path, *statements)
    with closing(sqlite3.connect(path)) as connection:
        tables = plan_file._fetch(connection, plan_file._schema(connection, "x"))
        found = plan_file.rows_digest(table for table in tables if table.name != "meta")
        connection.execute("UPDATE meta SET value = ? WHERE key = 'digest'", (found,))
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE asic_lots SET uptime_fraction = 5", "asic_lots.a1.uptime_fraction: Uptime must lie between 0 and 1"),
        ("UPDATE asic_lots SET uptime_fraction = 9e999", "asic_lots.a1.uptime_fraction: Uptime must be a finite"),
        ("UPDATE asic_lots SET id = 'a.1'", "cannot be an id"),
        ("UPDATE asic_lots SET site_id = 's9'", "there is no 's9' in sites"),
        ("UPDATE assumptions SET economic_shutdown = 2", "must be true or false"),
        ("DELETE FROM plan", "the table plan has 0 rows instead of one"),
        (
            "CREATE TEMP TABLE copy AS SELECT * FROM market; UPDATE copy SET position = 2; "
            "INSERT INTO market SELECT * FROM copy",
            "the table market has 2 rows instead of one",
        ),
        ("DELETE FROM schedules", "market.btc_price_usd: BTC price is missing"),
        ("UPDATE schedules SET month = '2026-04'", "the month 2026-04 stands twice"),
        ("UPDATE schedules SET month = '2026-4x' WHERE month = '2026-04'", "not a month"),
        ("UPDATE schedules SET path = 'market.x'", "a monthly table belongs to no empty input: market.x"),
        ("UPDATE market SET btc_price_usd = 1", "a monthly table belongs to no empty input"),
        ("UPDATE scenario_overrides SET scenario_id = 'x'", "fits no scenario"),
        ("UPDATE scenario_overrides SET value_json = 'x'", "is not JSON"),
        ("UPDATE scenario_overrides SET value_json = '[1]'", "not a list"),
        ("UPDATE scenario_overrides SET value_json = 'NaN'", "finite number"),
        ("UPDATE scenario_overrides SET value_json = printf('%.*c', 100000, '[')", "is not JSON"),
        ("UPDATE scenario_overrides SET path = 'market'", "no input 'market'"),
        ("UPDATE scenarios SET parent_id = id", "inherits from itself"),
        ("UPDATE sites SET name = 'a' || char(0) || 'b'", "cannot be stored"),
    ],
)
def test_that_a_forged_value_is_refused_by_its_path(path: Path, statement: str, reason: str) -> None:
    forged(path, statement)
    message = refusal(path)
    assert reason in message
    assert message.endswith("; open a backup of it.")


def test_that_a_table_without_types_is_refused(path: Path) -> None:
    forged_schema = ["ALTER TABLE splits RENAME TO old", "CREATE TABLE splits AS SELECT * FROM old", "DROP TABLE old"]
    change(path, *forged_schema)
    assert "the table 'splits', which no plan has" in refusal(path)


def test_that_text_which_is_no_text_is_refused(path: Path) -> None:
    change(path, "UPDATE sites SET name = CAST(x'ff41' AS TEXT)")
    assert "the file is damaged" in refusal(path)


def test_that_a_write_ahead_log_is_refused_because_it_may_hold_a_part(path: Path) -> None:
    change(path, "PRAGMA journal_mode = WAL")
    assert "write-ahead log" in refusal(path)
    change(path, "PRAGMA journal_mode = DELETE")
    assert open_plan(path) == EXAMPLE_PLAN


def test_that_a_vacuum_by_another_program_does_no_harm(path: Path) -> None:
    change(path, "VACUUM")
    assert open_plan(path) == EXAMPLE_PLAN


# Saving


def test_that_a_save_takes_the_place_of_the_old_file_and_leaves_nothing_else(path: Path) -> None:
    path.chmod(0o640)
    other = replace(EXAMPLE_PLAN, "plan.name", "Other")
    save_plan(other, path)
    assert open_plan(path) == other
    assert list(path.parent.glob("*plan*")) == [path]
    assert list(path.parent.glob(".busbar-*")) == []
    if os.name != "nt":
        assert path.stat().st_mode & 0o777 == 0o640


def test_that_a_save_says_which_bytes_it_has_written(path: Path) -> None:
    other = replace(EXAMPLE_PLAN, "plan.name", "Other")
    assert save_plan(other, path) == sha256(path.read_bytes()).hexdigest()


def test_that_sqlite_finds_nothing_wrong_with_a_saved_file(path: Path) -> None:
    save_plan(replace(EXAMPLE_PLAN, "plan.name", "Other"), path, evaluate(EXAMPLE_PLAN))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA application_id").fetchone() == (int.from_bytes(b"BUSB", "big"),)
        assert connection.execute("PRAGMA user_version").fetchone() == (CURRENT_FORMAT,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_that_paths_may_hold_any_characters(tmp_path: Path) -> None:
    for name in ("süd 北京.busbar", "e\u0301.busbar", 'a\'b "c" %s {d}.busbar', "x" * 240 + ".busbar"):
        save_plan(EXAMPLE_PLAN, tmp_path / name)
        assert open_plan(tmp_path / name) == EXAMPLE_PLAN


def test_that_a_link_stays_and_its_target_is_saved(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.busbar"
    link.symlink_to(path)
    other = replace(EXAMPLE_PLAN, "plan.name", "Other")
    save_plan(other, link)
    assert link.is_symlink()
    assert open_plan(path) == other
    assert os.listdir(link.parent) == ["link.busbar"]


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: folder, "this is a folder"),
        (lambda folder: folder / "missing" / "plan.busbar", "no such file or folder"),
        (lambda folder: folder / ("x" * 300), "the name is too long"),
        (lambda folder: "a\x00b", "character that no file can have"),
    ],
)
def test_that_saving_where_it_is_impossible_says_why(
    tmp_path: Path, make: Callable[[Path], Path | str], reason: str
) -> None:
    with pytest.raises(PlanFileError, match=reason):
        save_plan(EXAMPLE_PLAN, make(tmp_path))
    assert os.listdir(tmp_path) == []


def test_that_a_protected_file_or_folder_is_not_written(user_folder: Path) -> None:
    path = user_folder / "plan.busbar"
    save_plan(EXAMPLE_PLAN, path)
    before = path.read_bytes()
    path.chmod(0o444)
    with pytest.raises(PlanFileError, match="write-protected"):
        save_plan(EXAMPLE_PLAN, path)
    path.chmod(0o644)
    user_folder.chmod(0o555)
    for file in (path, user_folder / "other.busbar"):
        with pytest.raises(PlanFileError, match="no permission"):
            save_plan(EXAMPLE_PLAN, file)
    assert path.read_bytes() == before
    assert os.listdir(user_folder) == [path.name]


LIMITED = """
import resource, sys
from models.storage.plan_file import open_plan, save_plan
from models.fields import replace
from models.problems import PlanFileError
plan = open_plan(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    save_plan(replace(plan, "plan.name", "Other"), sys.argv[1])
except PlanFileError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of the file size are a matter of POSIX")
def test_that_a_disk_that_takes_no_more_leaves_the_old_file_whole(path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True)
    assert "the file would be larger than the disk allows" in ended.stdout
    assert open_plan(path) == EXAMPLE_PLAN
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_that_a_disk_which_fails_only_when_it_is_asked_to_keep_the_file_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(PlanFileError, match="the disk reports an error"):
        save_plan(replace(EXAMPLE_PLAN, "plan.name", "Other"), path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not hasattr(os, "fdatasync"), reason="this system writes nothing early")
def test_that_a_block_which_the_disk_could_not_take_while_the_rest_was_made_is_heard_of(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()
    asked = threading.Event()

    def fails(_: int) -> None:
        asked.set()
        raise OSError(errno.EIO, "Input/output error")

    def fill(temporary: Path) -> None:
        temporary.write_bytes(b"the first half")
        assert asked.wait(5.0)
        temporary.write_bytes(b"all of it")

    monkeypatch.setattr(os, "fdatasync", fails)
    with pytest.raises(PlanFileError, match="the disk reports an error"):
        put_in_place(path, fill)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_that_a_pipe_which_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writing = threading.Thread(target=write_whole, args=(pipe, b"whole"), daemon=True)
    writing.start()
    writing.join(5.0)
    assert not writing.is_alive()
    assert pipe.read_bytes() == b"whole"


def test_that_a_full_disk_is_named() -> None:
    # A temporary file cannot lie on a device: the device's own answer is put through instead.
    with pytest.raises(OSError, match="No space left") as caught, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    with pytest.raises(PlanFileError, match="the disk is full; free some space"):
        refuse_os_error(caught.value, "plan.busbar")


SAVE_FOREVER = """
import sys
from models.storage.plan_file import open_plan, save_plan
from models.fields import replace
plan = open_plan(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    save_plan(replace(plan, "plan.name", f"Save {number}"), sys.argv[1])
"""


def test_that_a_kill_in_the_middle_of_saving_leaves_a_whole_file(path: Path) -> None:
    dice = random.Random(7)
    names: set[str] = set()
    # Six times, and on a busy machine until a save was finished once.
    for attempt in range(60):
        if attempt >= 6 and any(name.startswith("Save ") for name in names):
            break
        saver = subprocess.Popen([sys.executable, "-c", SAVE_FOREVER, str(path)], stdout=subprocess.PIPE)
        assert saver.stdout is not None
        saver.stdout.readline()
        time.sleep(dice.uniform(0.02, 0.2))
        saver.kill()
        saver.communicate()
        names.add(open_plan(path).plan.name)
    assert any(name.startswith("Save ") for name in names), "no save was ever finished: the test proves nothing"


def test_that_what_a_kill_left_behind_goes_with_a_later_save(path: Path) -> None:
    save_plan(EXAMPLE_PLAN, path.parent / "other.busbar")
    marks = []
    for name in (path.name, "other.busbar"):
        marks.append(path.parent / f".busbar-{sha256(name.encode()).hexdigest()[:12]}-0123.tmp")
        marks[-1].write_bytes(b"half")
        os.utime(marks[-1], (0, 0))
    save_plan(EXAMPLE_PLAN, path)
    assert [mark.exists() for mark in marks] == [False, True], "another file's leftovers are another save's business"


@pytest.mark.slow
def test_that_a_plan_of_fifty_megabytes_is_saved_and_opened_whole(tmp_path: Path) -> None:
    evidence = tuple(Evidence(f"e{n}", claim="claim " * 30, source="Süd", note="n" * 2000) for n in range(20_000))
    plan = replace(EXAMPLE_PLAN, "evidence", evidence)
    path = tmp_path / "large.busbar"
    save_plan(plan, path)
    assert path.stat().st_size > 45_000_000
    assert open_plan(path) == plan


def test_that_opening_needs_neither_pandas_nor_qt(path: Path) -> None:
    script = (
        "import sys; from models.storage.plan_file import open_plan, save_plan; p = open_plan(sys.argv[1]); "
        "save_plan(p, sys.argv[1]); print([m for m in ('pandas', 'sqlite_utils', 'PySide6') if m in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"


def test_that_a_copy_by_the_operating_system_opens_like_the_original(path: Path, tmp_path: Path) -> None:
    shutil.copy(path, tmp_path / "copy.busbar")
    assert open_plan(tmp_path / "copy.busbar") == EXAMPLE_PLAN
