"""A plan file of 50 MB: a large plan with the text of 6,200 sources pasted beside its inputs."""

from __future__ import annotations

import dataclasses
import sqlite3
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

TIMES = 7


def heavy_plan() -> Any:
    """A plan that makes a file of about 50 MB."""
    from models.plan import Evidence
    from tests.large_plan import large_plan

    text = "The tenant pays rent monthly in advance for the contracted critical IT load, whether it is drawn or not. "
    pages = tuple(
        Evidence(f"note{k}", claim=f"Exhibit {k}", source="Lease, as filed", note=f"{k} " + text * 70)
        for k in range(6_200)
    )
    plan = large_plan()
    return dataclasses.replace(plan, evidence=(*plan.evidence, *pages))


def opening() -> dict[str, Any]:
    """Read, check, and turn into records."""
    from models.storage.plan_file import open_plan, save_plan

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "heavy.busbar"
        save_plan(heavy_plan(), file)
        size = file.stat().st_size / 1e6
        return {
            "samples": [_timed(lambda: open_plan(file)) for _ in range(TIMES)],
            "beside": {"SQLite's quick_check alone": [_timed(lambda: _quick_check(file)) for _ in range(TIMES)]},
            "note": f"{size:.0f} MB",
        }


def saving() -> dict[str, Any]:
    """Whole or not at all: written beside, synced, put in place."""
    from models.storage.plan_file import save_plan

    plan = heavy_plan()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "heavy.busbar"
        save_plan(plan, file)
        content = file.read_bytes()
        return {
            "samples": [_timed(lambda: save_plan(plan, file)) for _ in range(TIMES)],
            "beside": {"writing as many bytes": [_timed(lambda: file.write_bytes(content)) for _ in range(TIMES)]},
            "note": f"{len(content) / 1e6:.0f} MB",
        }


def _quick_check(file: Path) -> None:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.execute("PRAGMA quick_check").fetchall()
    connection.close()


def _timed(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
