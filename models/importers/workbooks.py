"""Read the sheets of an XLSX workbook: stored values, dates as ISO text, per cents as they look."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator
from typing import IO, Any

from models.archives import DAMAGED, declaration, opened
from models.importers.tables import MAX_COLUMNS, MAX_LINES, Cell, Grid, Line, note
from models.problems import Finding, PlanFileError, Severity

MAX_UNPACKED_BYTES = 400_000_000
MAX_UNPACKED_RATIO = 300
SMALL_BYTES = 20_000_000
MAX_PARTS = 5_000
EMPTY_LINES_AT_END = 2_000
MIDNIGHT = datetime.time()
LAST_SECOND = datetime.datetime.max.replace(microsecond=0)
MOST = 10**300
"""No spreadsheet stores more; a file that was made by hand may."""

_DAMAGED = (
    *DAMAGED,
    SyntaxError,  # of either parser of XML that openpyxl may use
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
)
"""What openpyxl raises on a damaged workbook; it has no error of its own for most of it."""


def read_workbook(data: bytes, name: str, most_lines: int | None = None) -> tuple[Grid, ...]:
    """Every visible sheet that holds something.

    Parameters
    ----------
    data
        The file.
    name
        What to call it in errors.
    most_lines
        Of each sheet so many are enough, to see what it is; None for all.

    Raises
    ------
    PlanFileError
        Where it is no workbook, damaged, or unpacks to more than a table can be.
    """
    has_formulas = _checked(data, name)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of parts that it leaves out (validation lists, styles); none of them holds a value.
            warnings.simplefilter("ignore")
            grids = _sheets(data, has_formulas, name, most_lines)
    except _DAMAGED as error:
        what = f"the workbook is damaged ({str(error)[:80] or type(error).__name__})"
        raise PlanFileError(what, name, "open it in a spreadsheet, save it anew, or export CSV") from None
    return tuple(grid for grid in grids if grid.lines)


def _sheets(data: bytes, has_formulas: bool, name: str, most_lines: int | None) -> list[Grid]:
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(io.BytesIO(data), read_only=True) if has_formulas else None
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    grids = [_grid(sheet, formulas[sheet.title] if formulas else None, name, most_lines) for sheet in visible]
    book.close()
    if formulas:
        formulas.close()
    return grids


def _checked(data: bytes, name: str) -> bool:
    """Refuse what must not be unpacked; return whether any sheet holds formulas."""
    with opened(data, name, "the workbook") as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
            _refuse_size(unpacked, name)
        if unpacked > SMALL_BYTES and unpacked > MAX_UNPACKED_RATIO * max(1, len(data)):
            _refuse_size(unpacked, name)
        names = {part.filename for part in parts}
        if "mimetype" in names or "Index/Document.iwa" in names:
            raise PlanFileError("this is not an Excel workbook", name, "save it as .xlsx or CSV")
        if "[Content_Types].xml" not in names or not any(n.startswith("xl/worksheets/") for n in names):
            raise PlanFileError("this is an archive without sheets", name, "choose an .xlsx or CSV file")
        has_formulas = False
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as file:
                    has_formulas |= _holds_formulas(file, name) and part.filename.startswith("xl/worksheets/")
        return has_formulas


def _refuse_size(unpacked: int, name: str) -> None:
    what = f"it unpacks to {unpacked / 1e6:,.0f} MB, more than a table can need"
    raise PlanFileError(what, name, "copy the table alone into a new workbook")


def _holds_formulas(file: IO[bytes], name: str) -> bool:
    """Whether a part has cells with formulas; one with declarations is refused."""
    found, rest = False, b""
    while block := file.read(1 << 20):
        # The last bytes stay, so that a word cut by the block's end is still found.
        rest = rest[-20:] + block.replace(b"\x00", b"")
        if declaration(rest):
            raise PlanFileError("it holds XML that no spreadsheet writes", name, "save it anew")
        found = found or b"<f>" in rest or b"<f " in rest
    return found


def _grid(sheet: Any, formulas: Any, name: str, most_lines: int | None) -> Grid:
    sheet.reset_dimensions()
    if formulas is not None:
        formulas.reset_dimensions()
    lines: list[Line] = []
    notes: list[Finding] = []
    empty = 0
    for number, cells in enumerate(_rows(sheet, formulas), start=1):
        if not any(cell != "" for cell in cells):
            empty += 1
            if empty > EMPTY_LINES_AT_END:
                break
            continue
        empty = 0
        if len(lines) >= MAX_LINES:
            raise PlanFileError(f"sheet {sheet.title!r} has more than {MAX_LINES:,} lines", name, "cut it into parts")
        if len(cells) > MAX_COLUMNS:
            raise PlanFileError(f"sheet {sheet.title!r} has {len(cells):,} columns", name, "copy the table alone")
        lines.append(Line(number, tuple(cells)))
        if len(lines) == most_lines:
            break
    if any(str(cell).startswith("=") for line in lines for cell in line.cells):
        text = f"Sheet {sheet.title!r} holds formulas without their values; open it, save it, and import again."
        notes.append(note("formula_without_value", text, severity=Severity.WARNING))
    return Grid(sheet.title, tuple(lines), notes=tuple(notes))


def _rows(sheet: Any, formulas: Any) -> Iterator[list[Cell]]:
    if formulas is None:
        for row in sheet.iter_rows():
            yield _trimmed([_cell(cell.value, cell.number_format if cell.value is not None else "") for cell in row])
        return
    for row, written in zip(sheet.iter_rows(), formulas.iter_rows(), strict=False):
        cells: list[Cell] = []
        for index, cell in enumerate(row):
            value = cell.value
            if value is None and index < len(written) and written[index].value is not None:
                value = str(written[index].value)
            cells.append(_cell(value, cell.number_format if cell.value is not None else ""))
        yield _trimmed(cells)


def _trimmed(cells: list[Cell]) -> list[Cell]:
    while cells and cells[-1] == "":
        cells.pop()
    return cells


def _cell(value: Any, number_format: str) -> Cell:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float() if not abs(value) < MOST:
            return "#NUM!"
        case int() | float():
            return f"{float(value) * 100:.15g}%" if "%" in number_format else float(value)
        case datetime.datetime():
            # Workbooks keep times as fractions of a day, a few microseconds beside the second that was meant.
            second = value.replace(microsecond=0)
            if value.microsecond >= 500_000 and second < LAST_SECOND:
                second += datetime.timedelta(seconds=1)
            return second.date().isoformat() if second.time() == MIDNIGHT else second.isoformat(" ")
        case datetime.date():
            return value.isoformat()
        case datetime.time() | datetime.timedelta():
            return str(value)
        case _:
            return " ".join(str(value).split())
