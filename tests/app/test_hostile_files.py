"""Spoilt files, full disks and sudden deaths: one sentence as a process, and the plan on disk whole."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.samples import sample
from models.storage.plan_file import open_plan, save_plan
from tests.app.test_cli import busbar, refusal


def flipped(data: bytes) -> bytes:
    """One bit of a plan's text is another."""
    at = data.index(b"Prairie Creek")
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def with_log(path: Path) -> None:
    """As another program leaves it that died while it wrote."""
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('pragma journal_mode=wal')\n"
        "c.execute('create table x (a)'); c.commit(); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)


SPOILT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "cut off": (lambda data: data[: len(data) // 2], "the end of the file is missing"),
    "flipped": (flipped, "damaged"),
    "newer": (lambda data: data[:60] + (99).to_bytes(4, "big") + data[64:], "newer Busbar"),
    "foreign": (lambda data: data[:68] + b"ELSE" + data[72:], "another program"),
    "empty": (lambda data: b"", "empty"),
}


@pytest.fixture
def plan_file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.busbar"
    save_plan(sample("briefing"), path)
    return path


@pytest.mark.parametrize("name", SPOILT)
def test_that_a_spoilt_file_is_refused_in_one_sentence_and_left_alone(plan_file: Path, name: str) -> None:
    spoil, words = SPOILT[name]
    plan_file.write_bytes(spoil(plan_file.read_bytes()))
    before = plan_file.read_bytes()
    for command in (["dump"], []):
        assert words in refusal(busbar(*command, plan_file), 1)
    assert plan_file.read_bytes() == before


def test_that_a_file_with_a_write_ahead_log_is_refused_and_keeps_it(plan_file: Path) -> None:
    with_log(plan_file)
    assert "write-ahead log" in refusal(busbar("dump", plan_file), 1)
    with sqlite3.connect(plan_file) as connection:
        assert connection.execute("SELECT count(*) FROM x").fetchone() == (0,)
    connection.close()


def test_that_a_folder_is_no_plan(tmp_path: Path) -> None:
    assert "this is a folder" in refusal(busbar("dump", tmp_path), 1)


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with a plan on it and no byte left."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("only the superuser of a Linux machine can make a small disk")
    try:
        save_plan(sample("briefing"), disk / "plan.busbar")
        with open(disk / "rest", "wb") as rest:
            room = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
            rest.write(bytes(room))
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_that_a_full_disk_leaves_the_plan_whole(full_disk: Path, tmp_path: Path) -> None:
    plan_file, table = full_disk / "plan.busbar", tmp_path / "fleet.csv"
    before = plan_file.read_bytes()
    table.write_text("Model,Qty\nAntminer S21,5\n", encoding="utf-8")
    assert "the disk is full" in refusal(busbar("import", plan_file, "fleet", table, "--json"), 1)
    assert "the disk is full" in refusal(busbar("memo", plan_file, "-o", full_disk / "memo.pdf"), 1)
    assert plan_file.read_bytes() == before
    assert sorted(p.name for p in full_disk.iterdir()) == ["plan.busbar", "rest"]


EDIT_AND_SAVE = """
import sys
from PySide6.QtWidgets import QApplication
app = QApplication([])
from app.files.document import Document
from models.fields import replace
document = Document()
document.open(sys.argv[1])
print("ready", flush=True)
price = 50_000.0
while True:
    price += 1.0
    document.edit("x", replace(document.plan, "market.btc_price_usd", price))
    app.processEvents()
    if price % 3 == 0:
        document.save()
"""


def test_that_a_kill_at_any_moment_leaves_a_whole_plan_that_opens_again(plan_file: Path, root: Path) -> None:
    moments = random.Random(7)
    for _ in range(6):
        program = subprocess.Popen(
            [sys.executable, "-c", EDIT_AND_SAVE, str(plan_file)], cwd=root, stdout=subprocess.PIPE, text=True
        )
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        time.sleep(moments.random() * 0.6)
        program.kill()
        program.wait()
        program.stdout.close()
        found = open_plan(plan_file)
        assert found.sites == sample("briefing").sites
