"""Open a file that holds a series: text, workbook, or an archive of them, as sheets with headings and rows.

Cells stay as they are, column by column, and are parsed a column at a time: ten years of quarter hours are 350,000
lines, too many to make an object of each.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.archives import opened
from models.importers.tables import (
    MAX_COLUMNS,
    Cell,
    Grid,
    Line,
    find_table,
    read_text,
    refuse_other_files,
)
from models.importers.workbooks import read_workbook
from models.problems import Finding, PlanFileError

MAX_SERIES_BYTES = 200_000_000
MAX_ROWS = 1_500_000
MAX_MEMBERS = 400
HEAD = 100
"""Lines in which headings are looked for."""

_READABLE = (".csv", ".txt", ".tsv", ".xml", ".xlsx")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file.

    Attributes
    ----------
    name
        The sheet or the archive's member; empty for a plain text file.
    headings
        One per column; empty where there is none.
    heading_line
        Its number in the file, 0 where there is none.
    columns
        The cells of the lines of data, one sequence per heading.
    numbers
        The number of each such line in the file, from 1.
    delimiter
        Of a text file.
    above
        What stands above the headings.
    notes
        What was assumed in reading it.
    """

    name: str
    headings: tuple[str, ...]
    heading_line: int
    columns: tuple[Sequence[Cell], ...]
    numbers: Sequence[int]
    delimiter: str
    above: str
    notes: tuple[Finding, ...]

    def __len__(self) -> int:
        return len(self.numbers)

    def row(self, number: int) -> tuple[Cell, ...]:
        """The cells of one line."""
        return tuple(column[number] for column in self.columns)


def is_archive(data: bytes) -> bool:
    """Whether the bytes are a ZIP file; a workbook is one too."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def members(data: bytes, name: str) -> tuple[tuple[str, bytes], ...]:
    """The files in an archive that could hold a series, or the file itself.

    Parameters
    ----------
    data, name
        Of the file.

    Raises
    ------
    PlanFileError
        Where the archive is damaged, protected, holds nothing of use, or unpacks to too much.
    """
    if not is_archive(data):
        return ((name, data),)
    found = []
    left = MAX_SERIES_BYTES
    with opened(data, name, "the archive", "download it again") as archive:
        names = [part for part in archive.infolist() if not part.is_dir()]
        if any(part.filename == "[Content_Types].xml" for part in names):
            return ((name, data),)
        wanted = [
            part
            for part in names
            if part.filename.lower().endswith(_READABLE) and not part.filename.startswith("__MACOSX")
        ]
        if not wanted:
            raise PlanFileError("the archive holds no CSV, XLSX or XML file", name, "choose another file")
        if len(wanted) > MAX_MEMBERS:
            raise PlanFileError(f"the archive holds {len(wanted):,} files", name, f"pack at most {MAX_MEMBERS}")
        for part in wanted:
            with archive.open(part) as file:
                # What the archive says about sizes may be a lie; what comes out is not.
                content = file.read(left + 1)
            if len(content) > left:
                most = MAX_SERIES_BYTES / 1e6
                raise PlanFileError(f"it unpacks to more than {most:,.0f} MB", name, "cut it into parts")
            left -= len(content)
            found.append((part.filename.rpartition("/")[2], content))
    return tuple(sorted(found))


def read_sheets(
    data: bytes,
    name: str,
    knows: Callable[[str], bool],
    is_data: Callable[[Sequence[Cell]], bool],
    most_lines: int | None = None,
) -> tuple[Sheet, ...]:
    """The tables of one text file or workbook.

    Parameters
    ----------
    data, name
        Of the file.
    knows
        Whether a heading says something to the import.
    is_data
        Whether a line is one of data: a table may have no headings at all.
    most_lines
        Of each sheet of a workbook so many are enough; None for all.

    Raises
    ------
    PlanFileError
        Where it cannot be read as a table.
    """
    refuse_other_files(data, name, MAX_SERIES_BYTES)
    if is_archive(data):
        grids = read_workbook(data, name, most_lines)
        sheets = [
            _sheet(
                g.name, [line.cells for line in g.lines], [line.number for line in g.lines], "", g.notes, knows, is_data
            )
            for g in grids
        ]
    else:
        text = read_text(data, name)
        rows, numbers = _cut(text.content, text.delimiter, text.skipped, name)
        sheets = [_sheet("", rows, numbers, text.delimiter, text.notes, knows, is_data)] if rows else []
    sheets = [sheet for sheet in sheets if len(sheet)]
    if not sheets:
        raise PlanFileError("it has no lines of data", name, "choose a file with a heading row and lines below it")
    return tuple(sheets)


def _cut(text: str, delimiter: str, skipped: int, name: str) -> tuple[list[Sequence[Cell]], Sequence[int]]:
    """The rows that hold something, and the number of the line on which each begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    begins: Sequence[int]
    try:
        rows = list(reader)
        begins = range(skipped + 1, skipped + len(rows) + 1)
        if reader.line_num != len(rows):
            # Line breaks in quotes: a row begins where the one before it ended.
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            ends = [reader.line_num + skipped for _ in reader]
            begins = [end + 1 for end in (skipped, *ends[:-1])]
    except csv.Error as error:
        raise PlanFileError(
            f"line {reader.line_num} cannot be read ({error})", name, "look for a quotation mark that is never closed"
        ) from None
    if len(rows) > MAX_ROWS:
        raise PlanFileError(f"it has {len(rows):,} lines, more than {MAX_ROWS:,}", name, "cut it into parts")
    if min(map(len, rows), default=2) < 2:
        kept = [k for k, row in enumerate(rows) if len(row) > 1 or (row and row[0].strip())]
        return [rows[k] for k in kept], [begins[k] for k in kept]
    return [*rows], begins


def _sheet(
    name: str,
    rows: list[Sequence[Cell]],
    numbers: Sequence[int],
    delimiter: str,
    notes: tuple[Finding, ...],
    knows: Callable[[str], bool],
    is_data: Callable[[Sequence[Cell]], bool],
) -> Sheet:
    head = tuple(Line(n, tuple(_tidy(cell) for cell in row)) for n, row in zip(numbers[:HEAD], rows, strict=False))
    head = tuple(line for line in head if not line.is_empty)
    if not head:
        return Sheet(name, (), 0, (), [], delimiter, "", notes)
    table = find_table(Grid(name, head, delimiter), knows, ".")
    heading_line, headings = table.heading_line, list(table.headings)
    first = table.lines[0].number if table.lines else heading_line + 1
    heading = next(line for line in head if line.number == heading_line)
    if is_data(heading.cells):
        # A table without headings: its first line of data is as good a heading as any, and must not be lost.
        first = next(line.number for line in head if is_data(line.cells))
        heading_line, headings = 0, []
    begins = next((k for k, number in enumerate(numbers) if number >= first), len(numbers))
    kept, lines = rows[begins:], numbers[begins:]
    width = min(max([len(headings), *map(len, kept)]), MAX_COLUMNS)
    headings += [""] * (width - len(headings))
    if set(map(len, kept)) != {width}:
        kept = [row if len(row) == width else (*row, *[""] * width)[:width] for row in kept]
        keep = [k for k, row in enumerate(kept) if any(cell != "" for cell in row)]
        kept, lines = [kept[k] for k in keep], [lines[k] for k in keep]
    above = " ".join(
        str(cell) for line in head if line.number < (heading_line or first) for cell in line.cells if cell != ""
    )
    return Sheet(name, tuple(headings), heading_line, _turned(kept, width), lines, delimiter, above, notes)


def _turned(rows: list[Sequence[Cell]], width: int) -> tuple[Sequence[Cell], ...]:
    """The columns of rows; some thousand rows at a time, since all of them do not fit in the processor's cache."""
    columns: tuple[list[Cell], ...] = tuple([] for _ in range(width))
    for begin in range(0, len(rows), 2048):
        for column, cells in zip(columns, zip(*rows[begin : begin + 2048], strict=True), strict=True):
            column.extend(cells)
    return columns


def _tidy(cell: Cell) -> Cell:
    return cell if isinstance(cell, float) else re.sub(r"\s+", " ", cell.replace("\ufeff", "")).strip()


def sheet_of(sheets: Sequence[Sheet]) -> tuple[Sheet, tuple[str, ...], list[str]]:
    """All sheets with the headings of the longest as one, the names of the others, and the sheet of each row.

    Returns
    -------
    tuple
        The joined sheet; names of those left out; per row the name of its sheet.
    """
    best = max(sheets, key=len)
    same = [sheet for sheet in sheets if _folded(sheet.headings) == _folded(best.headings)]
    others = tuple(sheet.name for sheet in sheets if sheet not in same)
    if len(same) == 1:
        return best, others, [best.name] * len(best)
    names = [sheet.name for sheet in same for _ in sheet.numbers]
    joined = Sheet(
        best.name,
        best.headings,
        best.heading_line,
        tuple([cell for sheet in same for cell in _column(sheet, k)] for k in range(len(best.headings))),
        [number for sheet in same for number in sheet.numbers],
        best.delimiter,
        best.above,
        tuple(finding for sheet in same for finding in sheet.notes),
    )
    return joined, others, names


def _column(sheet: Sheet, index: int) -> Sequence[Cell]:
    return sheet.columns[index] if index < len(sheet.columns) else [""] * len(sheet)


def _folded(headings: Sequence[str]) -> tuple[str, ...]:
    folded = [re.sub(r"[\s_]+", "", heading).lower() for heading in headings]
    while folded and not folded[-1]:
        folded.pop()
    return tuple(folded)
