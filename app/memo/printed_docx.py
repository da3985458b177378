"""A Word file's paragraphs as lines of text, and its pictures; also of one that a word processor has saved anew."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from app.memo.docx_package import W
from app.memo.printed import Line, Piece
from app.memo.word_fonts import VEILED_BYTES
from models.memo.carrier import parsed
from models.memo.parts import Figure

_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = frozenset((f"{{{W}}}fldSimple", f"{{{W}}}del", f"{{{W}}}moveFrom", f"{{{W}}}rPrChange", _COMPATIBLE))
"""What a reader does not see, or what the word processor computes anew (page numbers)."""
PARAGRAPH, RUN, TEXT, FIELD = (f"{{{W}}}{name}" for name in ("p", "r", "t", "fldChar"))
_HIDDEN = (f"{{{W}}}rPr/{{{W}}}vanish", f"{{{W}}}rPr/{{{W}}}webHidden")
_BREAKS = frozenset((f"{{{W}}}tab", f"{{{W}}}br", f"{{{W}}}cr"))
_SYMBOLS = {f"{{{W}}}noBreakHyphen": "\u2011", f"{{{W}}}sym": "\ufffd"}


def docx_lines(xml: bytes, where: str, marked: Sequence[Figure] = ()) -> list[Line]:
    """The paragraphs of a part, in the order in which they stand.

    Parameters
    ----------
    xml
        The part.
    where
        What to call the file in an error.
    marked
        The figures by the numbers that their runs have in a marked document.

    Raises
    ------
    PlanFileError
        Where it is no XML that a word processor writes.
    """
    found: list[list[Piece]] = []
    open_paragraphs: list[list[Piece]] = []
    fields = 0
    figure: Figure | None = None
    for entering, element in _walk(parsed(xml, where)):
        if element.tag == PARAGRAPH:
            if entering:
                open_paragraphs.append([])
                found.append(open_paragraphs[-1])
            else:
                open_paragraphs.pop()
        elif not entering or not open_paragraphs:
            continue
        elif element.tag == FIELD:
            kind = element.get(f"{{{W}}}fldCharType")
            fields = max(fields + {"begin": 1, "end": -1}.get(kind or "", 0), 0)
        elif element.tag == RUN:
            number = element.get("busbar", "")
            figure = marked[int(number) - 1] if marked and number else None
        elif fields:
            continue
        elif element.tag == TEXT:
            open_paragraphs[-1].append(Piece(element.text or "", figure))
        elif element.tag in _BREAKS:
            open_paragraphs[-1].append(Piece(" "))
        elif element.tag in _SYMBOLS:
            open_paragraphs[-1].append(Piece(_SYMBOLS[element.tag]))
    return [tuple(line) for line in found]


def _walk(root: Element) -> Iterator[tuple[bool, Element]]:
    """Every element when it is entered and when it is left; not by recursion, because a file may be nested at will."""
    waiting: list[tuple[bool, Element]] = [(True, root)]
    while waiting:
        entering, element = waiting.pop()
        if entering and (element.tag in _SKIPPED or (element.tag == RUN and _is_hidden(element))):
            continue
        yield entering, element
        if entering:
            waiting.append((False, element))
            waiting.extend((True, child) for child in reversed(element))


def _is_hidden(run: Element) -> bool:
    marks = [mark for path in _HIDDEN if (mark := run.find(path)) is not None]
    return any(mark.get(f"{{{W}}}val") not in ("0", "false", "off") for mark in marks)


def pictures_of(parts: dict[str, bytes]) -> set[str]:
    """Digests of the pictures in a Word file."""
    return {hashlib.sha256(part).hexdigest() for name, part in parts.items() if name.startswith("word/media/")}


def fonts_of(parts: dict[str, bytes], where: str) -> set[str]:
    """Digests of the typefaces in a Word file, without their beginnings, which each file veils in its own way.

    They are what is said to be one, wherever it lies: a word processor goes by that, not by a folder.
    """
    found = set()
    for name, part in parts.items():
        if not name.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(name))
        for relation in parsed(part, where):
            if relation.get("Type", "").endswith("/font"):
                target = posixpath.normpath(posixpath.join("/", folder, relation.get("Target", ""))).lstrip("/")
                found.add(hashlib.sha256(parts.get(target, b"")[VEILED_BYTES:]).hexdigest())
    return found


def footers_of(parts: dict[str, bytes]) -> list[str]:
    """Names of the parts that stand at the head or foot of pages, in order."""
    return sorted(name for name in parts if name.startswith(("word/footer", "word/header")) and name.endswith(".xml"))
