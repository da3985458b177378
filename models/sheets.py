"""A table that leaves the program: headings with units, rows in full precision, and where its numbers come from.

Numbers are those of the plan file: money in USD, shares as fractions 0…1, dates in ISO, a point before decimals. Each
heading names its unit; where the rows of a column differ in theirs, a column beside it does. A text that a spreadsheet
would take for a formula stays text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from models.fields import Choice, Field, Flag, Hourly, Quantity, Schedule

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
UNIT_HEADING = "Unit"
UNITS_LINE = ("Units", "nominal USD; fractions are 0…1 and not per cent; months and days in ISO 8601")
_COMMENT = "# "


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its unit, as field descriptions name it; NaN where there is none."""

    value: float
    unit: str = ""


Cell = Measured | str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column's label and unit; the unit is empty for texts, counts and columns whose rows differ in theirs."""

    label: str
    unit: str = ""

    @property
    def heading(self) -> str:
        """``Revenue [USD/MW-year]``.

        Examples
        --------
        >>> Column("IRR", "fraction").heading, Column("Name").heading
        ('IRR [fraction]', 'Name')
        """
        words = " ".join(self.label.split())
        return f"{words} [{self.unit}]" if self.unit else words


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table.

    Attributes
    ----------
    title
        What it is called.
    columns, rows
        As many cells in each row as there are columns; a number that is not known is None.
    about
        Where it comes from, as name and text: plan, scenario, digest, program, day, page.
    below
        A second table that belongs to it: the marked points of a chart.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    about: tuple[tuple[str, str], ...] = ()
    below: Sheet | None = None


def sheet_of(title: str, columns: Sequence[str | Column], rows: Sequence[Sequence[Cell]]) -> Sheet:
    """A table from cells that know their units.

    Parameters
    ----------
    title
        What it is called.
    columns
        Labels; a `Column` where the unit is known beforehand.
    rows
        As many cells each as there are columns.

    Examples
    --------
    >>> rows = [["Price", Measured(1.0, "USD/BTC")], ["Fee", Measured(0.1, "fraction")]]
    >>> found = sheet_of("T", ["Input", "Now"], rows)
    >>> [c.heading for c in found.columns], found.rows[1]
    (['Input', 'Unit', 'Now'], ('Fee', 'fraction', 0.1))
    """
    known = [c if isinstance(c, Column) else Column(c) for c in columns]
    units = [[row[at].unit if isinstance(row[at], Measured) else "" for row in rows] for at in range(len(known))]  # type: ignore[union-attr]
    made: list[Column] = []
    contents: list[list[str | float | None]] = []
    named: list[str] = []
    for at, column in enumerate(known):
        of_numbers = {c.unit for c in (row[at] for row in rows) if isinstance(c, Measured)}
        if len(of_numbers) > 1:
            if not _is_said_by(named, units[at]):
                named = units[at]
                heading = UNIT_HEADING if all(c.label != UNIT_HEADING for c in made) else f"Unit of {column.label}"
                made.append(Column(heading))
                contents.append(list(named))
        elif of_numbers:
            column = Column(column.label, of_numbers.pop() or column.unit)
        made.append(column)
        contents.append([_content(row[at]) for row in rows])
    return Sheet(title, tuple(made), tuple(zip(*contents, strict=True)) if rows else ())


def with_about(sheet: Sheet, about: Sequence[tuple[str, str]]) -> Sheet:
    """The table with where it comes from, and in which units its numbers are."""
    return replace(sheet, about=(*about, UNITS_LINE))


def _is_said_by(named: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether the units of one column are those of another wherever it has a number."""
    return bool(named) and all(not unit or unit == said for said, unit in zip(named, wanted, strict=True))


def _content(cell: Cell) -> str | float | None:
    if isinstance(cell, Measured):
        return float(cell.value) if math.isfinite(cell.value) else None
    return cell


def field_cell(field: Field, content: Any) -> Cell:
    """A field's content as a cell: a number with its unit, ISO months, the words of a choice.

    Examples
    --------
    >>> from models.fields import field_of
    >>> from models.plan import Market
    >>> field_cell(field_of(Market, "btc_price_usd"), 70870.25)
    Measured(value=70870.25, unit='USD/BTC')
    """
    if content is None:
        return None
    match field.spec:
        case Quantity(unit=unit):
            if isinstance(content, Schedule):
                rows = zip(content.months, content.values, strict=True)
                return "; ".join(f"{month}: {float(v)!r}" for month, v in rows) + (f" {unit}" if unit else "")
            return Measured(float(content), unit)
        case Choice(options=options):
            return next((words for stored, words in options if stored == content), str(content))
        case Flag():
            return "yes" if content else "no"
        case Hourly():
            return f"{len(content)} hours from {content.first_hour_utc}"
    return str(content)


def as_text(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula.

    Examples
    --------
    >>> as_text("=cmd"), as_text("S21")
    ("'=cmd", 'S21')
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


# --- as text ---------------------------------------------------------------------------------------------------------


def csv_text(sheet: Sheet) -> str:
    r"""Comma-separated values: where they come from in comment lines, headings, rows, in the C locale.

    Examples
    --------
    >>> found = sheet_of("Uses", ["Name", "NPV"], [["=S21", Measured(1.5, "USD/MW")]])
    >>> print(csv_text(found))
    # Uses
    Name,NPV [USD/MW]
    '=S21,1.5
    <BLANKLINE>
    """
    lines = [_comment(sheet.title), *(_comment(f"{name}: {text}") for name, text in sheet.about)]
    for part in parts_of(sheet):
        if part is not sheet:
            lines.append("")
        lines.append(",".join(_csv_cell(c.heading) for c in part.columns))
        lines += [",".join(map(_csv_cell, row)) for row in part.rows]
    return "\n".join(lines) + "\n"


def csv_bytes(sheet: Sheet) -> bytes:
    """The same as a file, with the mark by which spreadsheets know UTF-8."""
    return csv_text(sheet).encode("utf-8-sig")


def _comment(text: str) -> str:
    # No separators or quotes: the line must be one cell for whoever reads no comments.
    return _COMMENT + " ".join(text.replace(",", ";").replace('"', "'").split())


def _csv_cell(cell: str | float | None) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return repr(cell)
    text = as_text(cell)
    # A reader that knows comments takes a bare # for one.
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n#') else text


def tab_text(sheet: Sheet, decimal: str = ".") -> str:
    """The same for the clipboard: tabs between cells, and where it comes from below the table.

    Parameters
    ----------
    decimal
        The mark of the reader's locale: what is pasted is read as if it had been typed.
    """
    lines = []
    for part in parts_of(sheet):
        if part is not sheet:
            lines.append("")
        lines.append("\t".join(_tab_cell(c.heading, decimal) for c in part.columns))
        lines += ["\t".join(_tab_cell(cell, decimal) for cell in row) for row in part.rows]
    lines += ["", as_text(_one_line(sheet.title)), *(as_text(_one_line(f"{n}: {text}")) for n, text in sheet.about)]
    return "\n".join(lines) + "\n"


def _tab_cell(cell: str | float | None, decimal: str) -> str:
    if cell is None:
        return ""
    return as_text(_one_line(cell)) if isinstance(cell, str) else repr(cell).replace(".", decimal)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def html_text(sheet: Sheet, decimal: str = ".") -> str:
    """The same as a web page's table, which spreadsheets and word processors paste with numbers as numbers.

    ``x:num`` and ``sdval`` give Excel and LibreOffice the exact number whatever the locale; texts are marked as text.
    """
    parts = []
    for part in parts_of(sheet):
        heads = "".join(f"<th>{escape(c.heading)}</th>" for c in part.columns)
        rows = "".join(f"<tr>{''.join(_html_cell(c, decimal) for c in row)}</tr>" for row in part.rows)
        parts.append(f"<table><tr>{heads}</tr>{rows}</table>")
    about = "<br>".join(escape(_one_line(f"{name}: {text}")) for name, text in sheet.about)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="utf-8"></head><body>'
        f"{'<p></p>'.join(parts)}<p>{escape(_one_line(sheet.title))}<br>{about}</p></body></html>"
    )


def _html_cell(cell: str | float | None, decimal: str) -> str:
    if cell is None:
        return "<td></td>"
    if isinstance(cell, str):
        return f"<td style=\"mso-number-format:'\\@'\">{escape(_one_line(cell))}</td>"
    return f'<td align="right" x:num="{cell!r}" sdval="{cell!r}">{repr(cell).replace(".", decimal)}</td>'


def parts_of(sheet: Sheet) -> list[Sheet]:
    """The table, and those below it."""
    return [sheet, *(parts_of(sheet.below) if sheet.below is not None else [])]
