"""Read what a user brings as a table: CSV in any usual encoding and layout, or a workbook's sheets.

A file becomes grids (lines of cells as they stand), and a grid becomes a table once its heading row is found: above it
may stand a title or a legend, below it a line of units. Trouble with the file is a `PlanFileError`; what was assumed
about a readable one is said in findings.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.problems import Finding, PlanFileError, Severity
from models.sentences import Amount, Sentence
from models.storage.disk import read_whole

Cell = str | float
"""Text as it stands, or a number that a workbook stores as one; an empty cell is an empty text."""

MAX_BYTES = 64_000_000
MAX_LINES = 200_000
MAX_COLUMNS = 512
MAX_HEADING_LINE = 40
DELIMITERS = (",", ";", "\t", "|")

_NUMBER = re.compile(r"^[\s+\-−$€£%]*\d[\d.,'’\s]*+(?:[eE][+\-]?\d+)?[^\d]*$")
_UNITS_ROW = re.compile(r"^[\[(]?[A-Za-z$¢%#/·*\- ]{0,20}[\])]?$")
_COMMA_DECIMAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})(?![\d.,])|(?<![\d.,])0,\d+")
_POINT_DECIMAL = re.compile(r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)\.(?:\d{1,2}|\d{4,})(?![\d.,])|(?<![\d.,])0\.\d+")
_TABLE_MARKS = re.compile(r"[\t\r\n,;|0-9]")
_CONTROLS = bytes(n for n in range(32) if n not in b"\t\n\v\f\r\x1a") + b"\x7f"
"""Bytes that no text holds, but for the one with which old systems end it."""
_EITHER = re.compile(r"^\s*\d{1,3}[.,]\d{3}\s*$")

_BEGINNINGS = (
    (b"%PDF", "this is a PDF", "export the table as CSV or XLSX"),
    (b"\xd0\xcf\x11\xe0", "it is protected by a password or an old .xls", "save it as .xlsx without a password"),
    (b"SQLite format 3\x00", "this is a database, perhaps a plan", "open a plan with File > Open; import CSV or XLSX"),
    (b"\x89PNG", "this is a picture", "export the table as CSV or XLSX"),
    (b"\xff\xd8\xff", "this is a picture", "export the table as CSV or XLSX"),
    (b"\x1f\x8b", "this is a compressed file", "unpack it first"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a grid: its number in the file or sheet, from 1, and its cells."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no cell says anything."""
        return all(cell == "" for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of a file or of one sheet of it.

    Attributes
    ----------
    name
        The sheet, or empty for a text file.
    lines
        Without the empty ones.
    delimiter
        Of a text file; empty for a sheet.
    notes
        What was assumed in reading it.
    """

    name: str
    lines: tuple[Line, ...]
    delimiter: str = ""
    notes: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A grid whose headings are known.

    Attributes
    ----------
    name
        The sheet, or empty.
    headings
        One per column, a unit from the line below joined in brackets; empty where a column has none.
    heading_line
        Its number in the file.
    lines
        The lines below, cut or filled to the headings' number.
    decimal, group
        How numbers in text are written.
    findings
        What was assumed.
    """

    name: str
    headings: tuple[str, ...]
    heading_line: int
    lines: tuple[Line, ...]
    decimal: str
    group: str
    findings: tuple[Finding, ...]


Source = bytes | tuple[Grid, ...]
"""A file's bytes, or its grids where they were read before: a workbook of 90,000 lines takes seconds each time."""


def note(code: str, message: str, path: str = "", severity: Severity = Severity.INFO) -> Finding:
    """A finding about a file that is being imported."""
    return Finding(f"import.{code}", severity, path, message)


def read_grids(source: Source | Path, name: str = "") -> tuple[Grid, ...]:
    """Every sheet of a workbook, or the one grid of a text file.

    Parameters
    ----------
    source
        The file's bytes, or its path; grids are given back as they are.
    name
        What to call it in errors.

    Raises
    ------
    PlanFileError
        Where it cannot be read as a table: absent, too large, protected, damaged, binary, or empty.
    """
    if isinstance(source, tuple):
        return source
    if isinstance(source, Path):
        name = name or source.name
        source = read_whole(source, MAX_BYTES)
    refuse_other_files(source, name)
    if source.startswith(b"PK\x03\x04") or source.startswith(b"PK\x05\x06"):
        from models.importers.workbooks import read_workbook

        grids = read_workbook(source, name)
    else:
        grids = (_read_text(source, name),)
    if not any(grid.lines for grid in grids):
        raise PlanFileError("it is empty", name, "choose a file with a heading row and lines below it")
    return grids


def refuse_other_files(data: bytes, name: str, most: int = MAX_BYTES) -> None:
    """Answer a file that is too large or plainly no table with a sentence.

    Raises
    ------
    PlanFileError
        Where it is one.
    """
    if len(data) > most:
        raise PlanFileError(
            f"it has {len(data) / 1e6:,.0f} MB, more than the {most / 1e6:,.0f} MB that Busbar reads",
            name,
            "cut it into parts",
        )
    for beginning, what, remedy in _BEGINNINGS:
        if data.startswith(beginning):
            raise PlanFileError(what, name, remedy)


def decoded(data: bytes, name: str) -> tuple[str, str]:
    """The text of a file and the encoding it was read in.

    Byte-order marks decide; without one it is UTF-16 if every other byte is zero, UTF-8 if it can be, and else Windows'
    Western encoding, in which every older export of a spreadsheet is.

    Raises
    ------
    PlanFileError
        Where it is no text.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, "utf-32"),  # begins as the next one does
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
                if encoding != "utf-8-sig" and not _TABLE_MARKS.search(text):
                    break  # two bytes that happen to be such a mark, and letters from all over the world
                return text, encoding
            except UnicodeDecodeError as error:
                remedy = "export it again as UTF-8"
                raise PlanFileError(f"the text breaks off at byte {error.start}", name, remedy) from None
    else:
        mark = b""
    head = data[:4000]
    if mark or b"\x00" in head or len(head.translate(None, _CONTROLS)) < 0.98 * len(head):
        zeros = (head[0::2].count(0), head[1::2].count(0))
        if max(zeros) > 0.4 * len(head) / 2 and min(zeros) < 0.05 * len(head) / 2 and len(data) % 2 == 0:
            encoding = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError:
                pass
        raise PlanFileError("this is not a text file", name, "choose a CSV or XLSX file")
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _read_text(data: bytes, name: str) -> Grid:
    text = read_text(data, name)
    kept = (Line(number, cells) for number, cells in _split(text, name))
    return Grid("", tuple(line for line in kept if any(line.cells)), text.delimiter, text.notes)


@dataclass(frozen=True, slots=True)
class Text:
    """A text file before it is cut into cells.

    Attributes
    ----------
    content
        Its characters, without a line that only names the delimiter.
    delimiter
        What separates its cells.
    skipped
        Lines that were taken off the beginning.
    notes
        What was assumed in reading it.
    """

    content: str
    delimiter: str
    skipped: int
    notes: tuple[Finding, ...]


def read_text(data: bytes, name: str) -> Text:
    """Decode a text file and find its delimiter.

    Raises
    ------
    PlanFileError
        Where it is no text, or a page or XML.
    """
    text, encoding = decoded(data, name)
    if "\x00" in text:
        raise PlanFileError("this is not a text file", name, "choose a CSV or XLSX file")
    if re.match(r"\s*<(?:!doctype|html|table|\?xml)", text, re.IGNORECASE):
        raise PlanFileError("this is a web page or XML, whatever its name says", name, "save it as CSV or XLSX")
    skipped = 0
    delimiter = ""
    if match := re.match(r"sep=(.)\r?\n", text):
        delimiter, text, skipped = match.group(1), text[match.end() :], 1
    notes = []
    if encoding in ("cp1252", "latin-1"):
        notes.append(note("encoding", f"The file is not UTF-8 and was read as {encoding}; check accented letters."))
    return Text(text, delimiter or _delimiter(text), skipped, tuple(notes))


def _delimiter(text: str) -> str:
    """The mark that cuts the first lines into the most even number of columns."""
    sample = text[:200_000]
    best, best_score = ",", 0.0
    for mark in DELIMITERS:
        if mark not in sample:
            continue
        try:
            rows = [row for row, _ in zip(csv.reader(io.StringIO(sample), delimiter=mark), range(200), strict=False)]
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows if any(row))
        if not widths:  # the first lines hold nothing else
            return mark
        width, lines = max(widths.items(), key=lambda item: (item[0] > 1, item[1] * min(item[0], 20)))
        score = 0.0 if width < 2 else lines / sum(widths.values()) * (1 + min(width, 20) / 10)
        if score > best_score:
            best, best_score = mark, score
    return best


def _split(text: Text, name: str) -> list[tuple[int, tuple[str, ...]]]:
    rows: list[tuple[int, tuple[str, ...]]] = []
    reader = csv.reader(io.StringIO(text.content, newline=""), delimiter=text.delimiter)
    before = 0
    try:
        for row in reader:
            if len(row) > MAX_COLUMNS:
                raise PlanFileError(
                    f"line {before + 1} has {len(row):,} columns", name, "choose a table, not a matrix of readings"
                )
            if len(rows) >= MAX_LINES:
                raise PlanFileError(f"it has more than {MAX_LINES:,} lines", name, "cut it into parts")
            rows.append((before + 1 + text.skipped, tuple(_tidy(cell) for cell in row)))
            before = reader.line_num
    except csv.Error as error:
        raise PlanFileError(
            f"line {reader.line_num} cannot be read ({error})", name, "look for a quotation mark that is never closed"
        ) from None
    return rows


def _tidy(cell: str) -> str:
    """Without the blanks around it, no-break ones included, and with one blank for a line break inside."""
    return re.sub(r"\s+", " ", cell.replace("\ufeff", "")).strip()


# From grid to table


def find_table(grid: Grid, knows: Callable[[str], bool], decimal: str | None = None) -> Table:
    """Find a grid's heading row and how its numbers are written.

    Parameters
    ----------
    grid
        As read.
    knows
        Whether a heading's text is one that the import understands; the line with the most such cells is the heading.
    decimal
        ``"."`` or ``","`` where the user said so; None to find out.

    Examples
    --------
    >>> from models.importers.tables import find_table, read_grids
    >>> grid = read_grids(b"Fleet of March\\n\\nModel;Power [kW]\\nS21;3,5\\n")[0]
    >>> table = find_table(grid, lambda heading: heading in ("Model", "Power [kW]"))
    >>> table.headings, table.heading_line, table.decimal, table.lines[0].cells
    (('Model', 'Power [kW]'), 3, ',', ('S21', '3,5'))
    """
    position = _heading_position(grid.lines, knows)
    heading = grid.lines[position]
    texts = [str(cell) for cell in heading.cells]
    while texts and not texts[-1]:
        texts.pop()
    below = list(grid.lines[position + 1 :])
    if below and _is_units_row(below[0], texts):
        units = [str(cell) for cell in below.pop(0).cells]
        for index, unit in enumerate(units[: len(texts)]):
            if unit.strip("[]() "):
                texts[index] = f"{texts[index]} ({unit.strip('[]() ')})"
    widest = max((len(line.cells) for line in below), default=0)
    width = max(len(texts), min(widest, MAX_COLUMNS))
    texts += [""] * (width - len(texts))
    lines = tuple(
        Line(line.number, (*line.cells, *[""] * (width - len(line.cells)))[:width])
        for line in below
        if not line.is_empty
    )
    cells = (cell for line in lines[:5_000] for cell in line.cells)
    mark, findings = decimal_mark(cells, grid.delimiter, decimal)
    return Table(
        grid.name, tuple(texts), heading.number, lines, mark, "." if mark == "," else ",", (*grid.notes, *findings)
    )


def _heading_position(lines: Sequence[Line], knows: Callable[[str], bool]) -> int:
    best, best_score = 0, -1.0
    for position, line in enumerate(lines[:MAX_HEADING_LINE]):
        words = [str(cell) for cell in line.cells if cell != ""]
        known = sum(knows(cell) for cell in line.cells if isinstance(cell, str) and cell)
        numbers = sum(1 for cell in line.cells if isinstance(cell, float) or _NUMBER.match(cell))
        # Two known headings beat any line of data that happens to hold one; of equal lines the first is the heading.
        score = known * 10 + min(len(words), 9) * 0.1 - numbers * 2
        if score > best_score:
            best, best_score = position, score
    return best


def _is_units_row(line: Line, headings: Sequence[str]) -> bool:
    """Whether a line below the headings holds nothing but short units, such as TH/s, [kW] or $/MWh."""
    texts = [str(cell) for cell in line.cells[: len(headings)] if cell != ""]
    if not texts or not all(_UNITS_ROW.match(text) for text in texts):
        return False
    return (
        any(re.search(r"[/\[($%]|\b[kMG]W\b|\bTH\b|\bW\b", text) for text in texts) and len(texts) < len(headings) + 1
    )


def decimal_mark(cells: Iterable[Cell], delimiter: str, told: str | None) -> tuple[str, list[Finding]]:
    """How numbers are written, from all cells together; one cell alone often cannot tell."""
    if told:
        return told, []
    comma = point = 0
    unclear = ""
    for cell in cells:
        if isinstance(cell, float) or not any(c.isdigit() for c in cell) or not _NUMBER.match(cell):
            continue
        comma += bool(_COMMA_DECIMAL.search(cell))
        point += bool(_POINT_DECIMAL.search(cell))
        unclear = unclear or (cell if _EITHER.match(cell) else "")
    if comma and point:
        mark = "," if comma > point else "."
        text = f"Some numbers have a decimal comma and some a decimal point; where it matters “{mark}” was taken."
        return mark, [note("decimal_mixed", text, severity=Severity.WARNING)]
    if comma:
        return ",", [note("decimal", "Numbers were read with a decimal comma.")]
    # Spreadsheets cut with semicolons where the comma is the decimal mark, and with commas where the point is.
    mark = "," if not point and delimiter == ";" and unclear else "."
    if point or not unclear or delimiter == ",":
        return mark, []
    meant, other = (float(unclear.replace(group, "").replace(",", ".")) for group in (".,", ",.")[mark == "."])
    text = Sentence(
        "“{typed}” was read as {meant}; if {other} is meant, choose the {mark} as the decimal mark and import again.",
        typed=unclear.strip(),
        meant=Amount(meant, "", ",.12g"),
        other=Amount(other, "", ",.12g"),
        mark="point" if mark == "," else "comma",
    )
    return mark, [note("decimal_unclear", text, severity=Severity.WARNING)]
