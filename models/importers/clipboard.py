"""Cells from the clipboard as a spreadsheet puts them there: tabs between cells, line breaks between rows."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?=\t|\r|\n|\Z)')
_PLAIN = re.compile(r"[^\t\r\n]*")


def parse_block(text: str) -> list[list[str]]:
    """The rows and cells of a pasted block; rows may differ in length.

    Excel and LibreOffice put a cell in quotation marks where it holds a tab or a line break, and double the quotation
    marks inside. A cell that merely begins with one (``"large" unit``) is not quoted and stays as it is.

    Parameters
    ----------
    text
        The clipboard's plain text.

    Examples
    --------
    >>> parse_block('Model\\tNote\\nS21\\t"two\\n""quoted"" lines"\\n')
    [['Model', 'Note'], ['S21', 'two\\n"quoted" lines']]
    >>> parse_block('5" fan\\t12')
    [['5" fan', '12']]
    """
    rows: list[list[str]] = [[]]
    position = 0
    while position <= len(text):
        match = _QUOTED.match(text, position)
        if match:
            cell = match.group(1).replace('""', '"').replace("\r\n", "\n")
        else:
            match = _PLAIN.match(text, position)
            assert match is not None  # the pattern also matches nothing
            cell = match.group(0)
        rows[-1].append(cell)
        position = match.end()
        if position >= len(text):
            break
        if text[position] == "\t":
            position += 1
            continue
        position += 2 if text.startswith("\r\n", position) else 1
        if position >= len(text):
            break  # the line break that ends the block starts no further row
        rows.append([])
    return [] if rows == [[""]] else rows
