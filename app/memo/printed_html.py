"""A web page as lines of text, and as what decides how that is shown: elements, styles, scripts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from html.parser import HTMLParser

from app.memo.printed import Line, Piece
from models.memo.carrier import SCRIPT_TYPE
from models.memo.parts import Figure

INLINE = frozenset(("span", "a", "i", "em", "strong", "code"))
"""Elements within a line; all others begin another."""


class HtmlPage(HTMLParser):
    """Reads a page.

    Parameters
    ----------
    text
        The page.
    figures
        By address, those that the page's own elements name. None for a page that is not ours.

    Attributes
    ----------
    lines
        What it says.
    shape
        A digest of its elements with their attributes, its styles and scripts; the record that it carries left out.
    """

    def __init__(self, text: str, figures: Mapping[str, Figure] | None = None) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._figures = figures or {}
        self._line: list[Piece] = []
        self._spans: list[Figure | None] = []
        self._raw = ""
        self._shape = hashlib.sha256()
        self.feed(text)
        self.close()
        self._end_line()

    @property
    def shape(self) -> str:
        return self._shape.hexdigest()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and given.get("type") == SCRIPT_TYPE:
            self._raw = "record"
            return
        self._note("<", tag, *(f"{name}={value}" for name, value in attrs if name != "data-figure"))
        if tag in ("script", "style"):
            self._raw = tag
        if tag == "span":
            self._spans.append(self._figures.get(given.get("data-figure") or ""))
        if tag not in INLINE:
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if self._raw == "record" and tag == "script":
            self._raw = ""
            return
        self._note(">", tag)
        if tag in ("script", "style"):
            self._raw = ""
        if tag == "span" and self._spans:
            self._spans.pop()
        if tag not in INLINE:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if self._raw in ("script", "style"):
            self._note(data)
        elif not self._raw:
            self._line.append(Piece(data, self._spans[-1] if self._spans else None))

    def _note(self, *parts: str) -> None:
        self._shape.update("\0".join(parts).encode("utf-8", "replace") + b"\1")

    def _end_line(self) -> None:
        if self._line:
            self.lines.append(tuple(self._line))
            self._line = []
