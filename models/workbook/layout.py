"""Where blocks of months stand on their sheets, so that sheets can refer to one another before they are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from models.workbook.inputs import FIRST_MONTH_ROW, Inputs
from models.workbook.styles import Style
from models.workbook.xlsx import Column, Sheet

ROWS_AROUND = 4
"""Of a block: its title, headings, units, and an empty row behind it."""
MONTH = Column("Month", "", "Market!$A{m}", Style("plain"))


def first_row(block: int, months: int) -> int:
    """The row of month 0 in the n-th block of a sheet, counted from 0."""
    return FIRST_MONTH_ROW + block * (months + ROWS_AROUND)


def stacked_sheet(inputs: Inputs, name: str, title: str, note: str, columns: int) -> Sheet:
    """A sheet for blocks of months, one below the other."""
    sheet = inputs.book.sheet(name, [10, *[13] * columns], "B4")
    sheet.row([(title, inputs.book.styles.title)])
    sheet.row([(note, inputs.book.styles.note)])
    sheet.row([])
    return sheet


def write_block(
    inputs: Inputs, sheet: Sheet, block: int, title: str, columns: Sequence[Column], others: dict[str, int]
) -> None:
    """Write the n-th block; ``{m}`` is the month's row on Market."""
    first = first_row(block, inputs.months)
    sheet.skip_to(first - 3)
    sheet.row([(title, Style("strong", "@"))])
    assert sheet.block(columns, inputs.months, {"m": FIRST_MONTH_ROW, **others}) == first


def added(terms: Iterable[str]) -> str:
    """A sum of expressions; nothing is 0."""
    return "+".join(terms) or "0"
