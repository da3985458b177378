"""What a reader sees in a memo's file, as lines of text, and where that differs from what Busbar would print.

A file that nobody has touched has the very bytes of a fresh one, and none of this is needed. It answers the other case:
which figure was changed, from what, to what. A line is a paragraph, a cell, or in a PDF what is set in one go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from models.memo.parts import Figure

WORDS_SHOWN = 80
MOST_LINES = 200_000
MOST_STEPS = 25_000_000
"""Of comparing two lines letter by letter; beyond that a line counts as changed as a whole."""
MANY_LINES = 2_000
IGNORED = {ord(c): None for c in "\u200b\u00ad\u2060\ufeff"}
"""Places where a word may break; whatever saves a file anew may drop or add them."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text, and the figure that it prints where it prints one."""

    text: str
    figure: Figure | None = None


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as recomputed.

    Attributes
    ----------
    kind
        ``figure`` printed otherwise, ``listed`` otherwise in what the file carries, ``plan`` changed, ``words`` changed
        beside the figures, ``drawing`` changed: a picture, a page, what hides a text.
    address
        Of the figure; empty where it is about none.
    found, expected
        What the file says and what it should say; empty for nothing.
    place
        Where: a page, the text, the list.
    """

    kind: str
    address: str
    found: str
    expected: str
    place: str


def text_of(line: Iterable[Piece]) -> str:
    """A line as one string, without what only parts words."""
    return folded("".join(piece.text for piece in line))


def folded(text: str) -> str:
    """A text by which lines are compared: line breaks and runs of spaces are the layout's business.

    Examples
    --------
    >>> folded(" Net\\n present\\u200b  value ")
    'Net present value'
    """
    return " ".join(text.translate(IGNORED).split())


def line_differences(expected: Sequence[Line], found: Sequence[Line], place: str) -> list[Difference]:
    """Where lines differ, in the order of reading.

    Parameters
    ----------
    expected
        As Busbar prints them, with their figures.
    found
        As they stand in the file; figures in them are not looked at.
    place
        Where they stand, for the answer.
    """
    mine = [line for line in expected if text_of(line)]
    theirs = [text for text in map(text_of, found) if text]
    texts = [text_of(line) for line in mine]
    if texts == theirs:
        return []
    if len(theirs) > len(texts) * 4 + 1_000 or len(theirs) > MOST_LINES:
        return [Difference("words", "", f"{len(theirs):,} lines", f"{len(texts):,} lines", place)]
    differences: list[Difference] = []
    for low, high, other_low, other_high in _regions(texts, theirs):
        if high - low == other_high - other_low:
            for line, text in zip(mine[low:high], theirs[other_low:other_high], strict=True):
                differences += _in_line(line, text, place)
        else:
            differences += _in_region(mine[low:high], theirs[other_low:other_high], place)
    return differences


def _regions(texts: list[str], theirs: list[str]) -> list[tuple[int, int, int, int]]:
    """Runs of lines that differ."""
    if len(texts) == len(theirs):
        # The usual case: some lines say something else, none came or went.
        return [(n, n + 1, n, n + 1) for n, pair in enumerate(zip(texts, theirs, strict=True)) if pair[0] != pair[1]]
    start = 0
    while start < min(len(texts), len(theirs)) and texts[start] == theirs[start]:
        start += 1
    end = 0
    while end < min(len(texts), len(theirs)) - start and texts[-1 - end] == theirs[-1 - end]:
        end += 1
    middle, others = texts[start : len(texts) - end], theirs[start : len(theirs) - end]
    return [
        (a + start, b + start, c + start, d + start)
        for kind, a, b, c, d in SequenceMatcher(None, middle, others, autojunk=len(others) > MANY_LINES).get_opcodes()
        if kind != "equal"
    ]


def _in_line(line: Line, text: str, place: str) -> list[Difference]:
    """What was changed within a line: its figures by name, else its words."""
    whole = "".join(piece.text.translate(IGNORED) for piece in line)
    if len(line) == 1 or folded(whole) == text:
        return _of_piece(line[0], text, place) if folded(whole) != text else []
    if len(whole) * len(text) > MOST_STEPS:
        return _in_region([line], [text], place)
    found = []
    edges = _edges(whole, text)
    at = 0
    for piece in line:
        own = piece.text.translate(IGNORED)
        printed = text[edges[at] : edges[at + len(own)]]
        if folded(own) != folded(printed):
            found += _of_piece(piece, printed, place)
        at += len(own)
    # What was only put between two pieces belongs to none of them.
    return found or [Difference("words", "", _short(text), _short(folded(whole)), place)]


def _edges(whole: str, text: str) -> list[int]:
    """For every place between two characters of a text the place in another that corresponds to it."""
    edges = [0] * (len(whole) + 1)
    for _, low, high, other_low, other_high in SequenceMatcher(None, whole, text, autojunk=False).get_opcodes():
        for at in range(low, high):
            edges[at] = max(min(other_low + at - low, other_high), edges[at])
        edges[high] = other_high
    return edges


def _of_piece(piece: Piece, printed: str, place: str) -> list[Difference]:
    if piece.figure is not None:
        return [Difference("figure", piece.figure.id, folded(printed), folded(piece.text), place)]
    return [Difference("words", "", _short(folded(printed)), _short(folded(piece.text)), place)]


def _in_region(lines: Sequence[Line], texts: Sequence[str], place: str) -> list[Difference]:
    """Lines that came or went: every figure in them is missing, unless it is there as it should be."""
    found = " ".join(texts)
    printed = [(piece.figure.id, folded(piece.text)) for line in lines for piece in line if piece.figure is not None]
    missing = [(address, text) for address, text in printed if text not in found]
    differences = [Difference("figure", address, "", text, place) for address, text in missing]
    if not missing:
        words = " ".join(text_of(line) for line in lines)
        differences.append(Difference("words", "", _short(found), _short(words), place))
    return differences


def _short(text: str) -> str:
    return text if len(text) <= WORDS_SHOWN else text[: WORDS_SHOWN - 1].rstrip() + "…"
