"""Columns of cells as arrays: numbers, days and times, each with the rows that could not be read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.importers.series.log import Log
from models.importers.series.outcome import Question
from models.importers.series.times import day_in, needs_order, split_stamp
from models.importers.tables import Cell, decimal_mark
from models.importers.values import NOTHING

_NUMBER = re.compile(r"^[+\-]?(?:\d+|\d{1,3}(?:\x1f\d{3})+)?(?:\.\d*)?(?:e[+\-]?\d+)?$", re.I)
_MONEY = re.compile(r"^(?:us\$|usd|\$|€|eur)|(?:usd|eur|€|\$)(?:/[mk]wh)?$", re.I)
ORDER_WORDS = {"mdy": "month first (01/31)", "dmy": "day first (31/01)", "ymd": "year first"}


def numbers_of(cells: Sequence[Cell], decimal: str) -> tuple[NDArray[np.float64], list[int]]:
    """The numbers in cells, NaN for what is empty or not known, and the positions of what is no number.

    Parameters
    ----------
    cells
        Shape (R,).
    decimal
        ``"."`` or ``","``.
    """
    if decimal == ".":
        try:
            values = np.array(list(map(float, cells)), dtype=np.float64)
        except ValueError:
            pass
        else:
            # Python reads "1_000" and "inf" as numbers; no file means them so.
            if not np.isinf(values).any() and not _holds(cells, "_"):
                return values, []
    read = [_number(cell, decimal) for cell in cells]
    bad = [k for k, value in enumerate(read) if value is None]
    return np.array([math.nan if value is None else value for value in read], dtype=np.float64), bad


@lru_cache(maxsize=65_536)
def _number(cell: Cell, decimal: str) -> float | None:
    if isinstance(cell, float):
        return cell if math.isfinite(cell) else None
    text = cell.strip().replace("−", "-")
    if text.lower() in NOTHING:
        return math.nan
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1].strip()
    sign, text = (text[0], text[1:].strip()) if text[:1] in "+-" else ("", text)
    text = re.sub(r"(?<=\d)[\s\u00a0\u202f'](?=\d{3}(?!\d))", "\x1f", _MONEY.sub("", text).strip())
    if text[:1] == "-" and not sign:
        sign, text = "-", text[1:]
    group = "," if decimal == "." else "."
    text = text.replace(group, "\x1f").replace(decimal, ".")
    if not _NUMBER.match(text) or not any(c.isdigit() for c in text):
        return None
    value = float(sign + text.replace("\x1f", ""))
    return value if math.isfinite(value) else None


def _holds(cells: Sequence[Cell], mark: str) -> bool:
    """Whether any text has a character in it."""
    return mark in "".join(map(str, cells))


def decimal_of(cells: Sequence[Cell], log: Log, told: str | None) -> str:
    """The decimal mark of a column; asks where it cannot be told."""
    if told:
        return told
    if not _holds(cells, ","):
        return "."
    mark, findings = decimal_mark(cells[:5_000], log.sheet.delimiter, None)
    log.findings += findings
    if any(finding.code in ("import.decimal_unclear", "import.decimal_mixed") for finding in findings):
        choices = ((".", "1.5 (point)"), (",", "1,5 (comma)"))
        log.ask(Question("decimal", "How are decimals written?", choices, mark, findings[-1].message))
    return mark


def date_order(cells: Sequence[Cell], log: Log, told: str | None, is_american: bool) -> str:
    """Whether dates name the month or the day first; asks where it cannot be told.

    Parameters
    ----------
    cells
        Of the column of dates or timestamps.
    log
        Takes the question.
    told
        The user's answer.
    is_american
        Whether the market is one that writes the month first.
    """
    if told:
        return told
    # Most files begin with the year, and their tens of thousands of times need not be looked at.
    texts = {split_stamp(cell)[0] for cell in set(cells) if isinstance(cell, str) and cell[4:5] != "-"}
    texts.discard("")
    if not needs_order(texts):
        return "mdy"
    spans: dict[str, tuple[int, int]] = {}
    for order in ("mdy", "dmy"):
        days = {day for text in texts if (day := day_in(text, order)) is not None}
        unread = sum(day_in(text, order) is None for text in texts)
        spans[order] = (unread, max(days) - min(days) if days else 0)
    if spans["mdy"][0] != spans["dmy"][0]:
        return min(spans, key=lambda order: spans[order][0])
    if is_american:
        return "mdy"
    if spans["mdy"][1] != spans["dmy"][1]:
        # Days of a series follow each other; read the wrong way they lie a month apart.
        return min(spans, key=lambda order: spans[order][1])
    assumed = "dmy" if log.sheet.delimiter == ";" else "mdy"
    example = min(texts)
    why = f"“{example}” can be read both ways, and no day above 12 says which"
    choices = tuple((order, ORDER_WORDS[order]) for order in ("mdy", "dmy"))
    log.ask(Question("date_order", "Do dates name the month or the day first?", choices, assumed, why))
    return assumed


def seconds_of(
    cells: Sequence[Cell], rows: NDArray[np.int64], column: int, read: Callable[[Cell], int | None], log: Log, what: str
) -> NDArray[np.int64]:
    """A whole number for each cell, -1 where there is none.

    Parameters
    ----------
    cells
        Shape (R,).
    rows
        Their rows in the sheet, shape (R,).
    column
        Theirs.
    read
        What a cell means.
    log
        Takes the cells that mean nothing.
    what
        What they are not, such as "not a date".
    """
    known = {cell: read(cell) for cell in set(cells)}
    missing = {cell for cell, value in known.items() if value is None}
    if missing:
        for k, cell in enumerate(cells):
            if cell in missing:
                log.bad(int(rows[k]), column, cell, what)
    numbers = {cell: -1 if value is None else value for cell, value in known.items()}
    return np.array([numbers[cell] for cell in cells], dtype=np.int64)
