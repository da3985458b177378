"""The workbook of a large plan, beside openpyxl writing as many plain numbers without any formula."""

from __future__ import annotations

import io
import re
import zipfile
from time import perf_counter
from typing import Any

RUNS = 3


def writing() -> dict[str, Any]:
    """10 sites × 60 lots × 30 offers × 240 months, the plan and its two scenarios evaluated as well [s]."""
    from models.workbook.content import workbook_bytes
    from tests.large_plan import large_plan

    found, cells, size = [], 0, 0
    for seed in range(RUNS):
        plan = large_plan(seed=seed)
        began = perf_counter()
        data = workbook_bytes(plan)
        found.append(perf_counter() - began)
        cells, size = _cells(data), len(data)
    plain = []
    for _ in range(RUNS):
        began = perf_counter()
        _plain_numbers(cells)
        plain.append(perf_counter() - began)
    return {
        "samples": found,
        "beside": {"openpyxl, as many plain numbers": plain},
        "note": f"{cells:,} cells, {size / 1e6:.1f} MB",
    }


def _cells(data: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        sheets = [name for name in file.namelist() if name.startswith("xl/worksheets/")]
        return sum(len(re.findall(rb"<c r=", file.read(name))) for name in sheets)


def _plain_numbers(cells: int) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in range(cells // 30):
        sheet.append([float(row + column) for column in range(30)])
    book.save(io.BytesIO())
