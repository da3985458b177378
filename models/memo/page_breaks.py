"""Where a table of the memo may be broken between pages, in all formats."""

from __future__ import annotations

from collections.abc import Sequence

from models.memo.parts import Row, Table, as_text

SHORT_ROWS, SHORT_CELL, HELD_CELL = 8, 80, 200
"""Rows, and characters of a cell: what is kept together must be sure to fit on one page."""


def is_short(table: Table) -> bool:
    """Whether a table is kept on one page."""
    return len(table.rows) <= SHORT_ROWS and _longest_cell(table.rows) <= SHORT_CELL


def holds_last(table: Table) -> bool:
    """Whether the last two rows of a longer table are kept on one page, so that none stands alone."""
    last = table.rows[-2:]
    return (
        not is_short(table)
        and len(last) > 1
        and all(not row.group and row.span == 1 for row in last)
        and _longest_cell(last) <= HELD_CELL
    )


def _longest_cell(rows: Sequence[Row]) -> int:
    return max((len(as_text(cell)) for row in rows for cell in row.cells), default=0)
