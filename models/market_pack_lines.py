"""The lines of a market pack, from JSON or a table: which columns name the values, hold them, and say their day."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.importers.known_keys import nearest_key, unread_keys
from models.importers.tables import Cell, Grid, decimal_mark, decoded, read_grids
from models.importers.tables import Line as TableLine
from models.importers.values import stored_number
from models.problems import Finding, PlanFileError

FORMAT = 1
KEYS = ("busbar_market", "as_of", "source", "values")
ENTRY_KEYS = ("date", "value", "source")
COLUMNS = ("path", "value", "unit", "date", "source")
MEANT = {"date": "as_of", "day": "as_of", "asof": "as_of", "time": "as_of", "from": "source", "prices": "values"}
MEANT_OF_ENTRY = {"as_of": "date", "day": "date", "time": "date", "from": "source", "price": "value", "level": "value"}
"""What people write for a key of the pack, and of one value or column."""
HEADINGS = {
    "path": ("path", "key", "name", "figure", "metric", "item", "input", "quantity", "market value", "series"),
    "value": ("value", "level", "price", "amount", "reading"),
    "unit": ("unit", "units", "uom"),
    "date": ("date", "as of", "asof", "day", "as of date", "value date", "time", "timestamp"),
    "source": ("source", "from", "origin", "provider"),
}
"""What tables of other hands call the columns."""
HEADING_LINES = 20
"""Lines in which headings are looked for."""
REMEDY = 'it begins with {"busbar_market": 1, or has the columns path, value and date'


Line = tuple[str, str, Cell, str, str, str]
"""Where it stands, the input's name, its cell, its unit, its day, its source."""


def json_lines(data: bytes, filename: str, findings: list[Finding]) -> Iterator[Line]:
    """The values of a pack in JSON, one by one.

    Raises
    ------
    PlanFileError
        Where it is no JSON, or no pack.
    """
    text, _ = decoded(data, filename)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise PlanFileError("this is not JSON", filename, "look for a missing comma or brace") from None
    if not isinstance(content, dict) or "busbar_market" not in content:
        raise PlanFileError("this is no market pack", filename, REMEDY)
    if content["busbar_market"] != FORMAT or isinstance(content["busbar_market"], bool):
        raise PlanFileError("the pack is of a format that this version does not know", filename, "update Busbar")
    unread = unread_keys(content, KEYS, MEANT, "key of a market pack")
    findings += [finding for _, finding in unread]
    values = content.get("values")
    if not isinstance(values, dict):
        near = next((f', not under "{key[:60]}"' for key, _ in unread if nearest_key(key, KEYS, MEANT) == "values"), "")
        raise PlanFileError("the pack has no values", filename, f'list them under "values"{near}')
    day, source = (_text(content.get(key, ""), key, filename) for key in ("as_of", "source"))
    for name, value in values.items():
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                findings += [f for _, f in unread_keys(entry, ENTRY_KEYS, MEANT_OF_ENTRY, "key of a value in a pack")]
                own_day = _text(entry.get("date", day), "date", filename)
                own_source = _text(entry.get("source", source), "source", filename)
                yield f"values.{name}", name, _cell(entry.get("value")), "", own_day, own_source
            else:
                yield f"values.{name}", name, _cell(entry), "", day, source


def _cell(value: Any) -> Cell:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return value if isinstance(value, str) else stored_number(value)


def _text(value: Any, key: str, filename: str) -> str:
    if not isinstance(value, str):
        raise PlanFileError(f'"{key}" is no text', filename, "put it in quotes")
    return value


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table has what.

    Attributes
    ----------
    lines
        Those below the headings.
    columns
        Places by name; of `COLUMNS` at least the path and the value.
    is_own
        Whether it has a pack's own headings.
    delimiter
        Of a text file.
    """

    lines: tuple[TableLine, ...]
    columns: dict[str, int]
    is_own: bool
    delimiter: str

    def cell(self, line: TableLine, name: str) -> Cell:
        """What a line has in a column; empty where there is none."""
        place = self.columns.get(name, -1)
        return line.cells[place] if 0 <= place < len(line.cells) else ""


def layout_of(grid: Grid) -> Layout | None:
    """How a grid is laid out; None where it is no pack.

    A pack's own headings stand in its first line and are taken as they are; those of other tables by what they mean.
    """
    for number, line in enumerate(grid.lines[:HEADING_LINES]):
        found = {str(cell).strip().lower(): place for place, cell in enumerate(line.cells)}
        if number == 0 and {"path", "value"} <= set(found):
            return Layout(grid.lines[1:], found, True, grid.delimiter)
        plain = {" ".join(re.split(r"[\s_-]+", name)): place for name, place in found.items()}
        meant = {
            column: next(plain[word] for word in words if word in plain)
            for column, words in HEADINGS.items()
            if any(word in plain for word in words)
        }
        if {"path", "value", "date"} <= set(meant):
            return Layout(grid.lines[number + 1 :], meant, False, grid.delimiter)
    return None


def table_lines(data: bytes, filename: str, findings: list[Finding]) -> Iterator[Line]:
    """The lines of a table; one of other hands without sources is itself the source.

    Raises
    ------
    PlanFileError
        Where it is no table of market values.
    """
    layout = next((found for grid in read_grids(data, filename) if (found := layout_of(grid))), None)
    if layout is None:
        raise PlanFileError("this is no market pack", filename, REMEDY)
    mark, notes = decimal_mark((layout.cell(line, "value") for line in layout.lines), layout.delimiter, None)
    findings += notes
    findings += [f for _, f in unread_keys(layout.columns, COLUMNS, MEANT_OF_ENTRY, "column of a market pack")]
    from_file = "" if layout.is_own or "source" in layout.columns else filename
    for line in layout.lines:
        if any(str(cell).strip() for cell in line.cells):
            name, unit, day, source = (str(layout.cell(line, key)) for key in ("path", "unit", "date", "source"))
            value = _with_point(layout.cell(line, "value"), mark)
            yield f"line {line.number}", name, value, unit, day, source or from_file


def _with_point(cell: Cell, mark: str) -> Cell:
    """A number in text with the point that a pack has."""
    if mark != "," or not isinstance(cell, str):
        return cell
    is_grouped = "," in cell or re.fullmatch(r"\D*\d{1,3}(\.\d{3})+\D*", cell)
    return cell.replace(".", "").replace(",", ".") if is_grouped else cell
