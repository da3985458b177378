"""Tables as an .xlsx file: one sheet each, numbers as numbers, and where they come from above the headings."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.sheets import FORMULA_STARTS, Sheet, parts_of
from models.storage.plan_file import program_version
from models.workbook.styles import Style
from models.workbook.xlsx import Book, Cell
from models.workbook.xlsx import Sheet as Page

LONGEST_NAME = 31
_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LITERAL, WHOLE = Style("text", "@"), Style("plain", "#,##0")
WIDEST, NARROWEST = 60.0, 10.0
FORMATS = ((1000.0, "#,##0"), (1.0, "#,##0.00"), (0.0, "0.0000"))
"""How a number is shown, by its size; the cell holds all its digits."""
ROWS_MEASURED = 200


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """A file with one sheet per table.

    Parameters
    ----------
    sheets
        At least one; the file is called after the first.
    """
    book = Book(sheets[0].title, f"Busbar {program_version()}")
    taken: set[str] = set()
    for sheet in sheets:
        page = book.sheet(_name(sheet.title, taken), _widths(sheet), f"B{len(sheet.about) + 4}")
        _write(page, sheet)
    return book.bytes()


def _write(page: Page, sheet: Sheet) -> None:
    looks = page.styles
    page.row([(sheet.title, looks.title)])
    for name, text in sheet.about:
        page.row([(name, looks.note), (text, looks.note)])
    for part in parts_of(sheet):
        page.skip_to(page.next_row + 1)
        page.row((column.heading, looks.heading) for column in part.columns)
        styles = [_look(part, at) for at in range(len(part.columns))]
        for row in part.rows:
            page.row(_cell(page, content, styles[at]) for at, content in enumerate(row))


def _look(part: Sheet, at: int) -> Style | None:
    """How a column's numbers are shown: by the largest of them; None where each has a unit of its own."""
    sizes = [abs(content) for row in part.rows if isinstance(content := row[at], float)]
    has_units_beside = not part.columns[at].unit and any(column.label.startswith("Unit") for column in part.columns)
    if has_units_beside or not sizes:
        return None
    return WHOLE if all(size.is_integer() for size in sizes) else _style_of(max(sizes))


def _style_of(size: float) -> Style:
    return Style("plain", next(form for least, form in FORMATS if size >= least))


def _cell(page: Page, content: str | float | None, look: Style | None) -> Cell | None:
    if content is None:
        return None
    if isinstance(content, str):
        # Texts stand inline and are never formulas; the mark keeps one that looks like one a text when it is edited.
        return content, LITERAL if content.startswith(FORMULA_STARTS) else page.styles.text
    return content, look or _style_of(abs(content))


def _widths(sheet: Sheet) -> list[float]:
    found: list[float] = []
    for part in parts_of(sheet):
        for at, column in enumerate(part.columns):
            texts = [content for row in part.rows[:ROWS_MEASURED] if isinstance(content := row[at], str)]
            wanted = max((len(text) for text in texts), default=0) + 2.0
            word = max((len(part_of) for part_of in column.heading.split()), default=0) + 3.0
            width = min(max(wanted, word, len(column.heading) / 2 + 2.0, NARROWEST), WIDEST)
            if at < len(found):
                found[at] = max(found[at], width)
            else:
                found.append(width)
    return [max(found[0], 14.0), *found[1:]] if found else []


def _name(title: str, taken: set[str]) -> str:
    """A name that a sheet may have and no other has yet."""
    plain = _FORBIDDEN.sub(" ", title).strip(" '")[:LONGEST_NAME].strip(" '") or "Table"
    name, number = plain, 2
    while name.lower() in taken:
        mark = f" {number}"
        name, number = plain[: LONGEST_NAME - len(mark)] + mark, number + 1
    taken.add(name.lower())
    return name
