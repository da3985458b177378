"""A PDF's pages as lines of text, and as fingerprints of all that draws them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.memo.printed import Line, Piece
from models.memo.carrier import MAX_MEMO_BYTES, damaged, open_pdf, pdf_trouble, refuse_size
from models.memo.parts import Figure

if TYPE_CHECKING:
    from pypdf import PageObject

DEEPEST = 60
DEEPEST_FORM = 6
STREAM_COST = 20_000
"""What reading any stream takes, in bytes: forms that draw each other must come to an end as well."""
NOT_DRAWN = frozenset(
    ("/Parent", "/P", "/StructParents", "/StructParent", "/Tabs", "/B", "/Metadata", "/PieceInfo", "/LastModified",
     "/Thumb", "/Length", "/Filter", "/DecodeParms", "/Dest", "/ProcSet")
)  # fmt: skip
"""Of a page and its streams: where else they belong, how they are packed, where a link leads inside the file."""
_TOKEN = re.compile(
    rb"(?P<operand>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)|<[0-9a-fA-F\s]*>|/[^\s()<>\[\]{}/%]*|[-+.\d]+)"
    rb"|(?P<operator>[A-Za-z][A-Za-z0-9*]*|['\"])|(?P<other>%[^\r\n]*|.)",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_BF_CHAR = re.compile(rb"beginbfchar(.*?)endbfchar", re.DOTALL)
_BF_RANGE = re.compile(rb"beginbfrange(.*?)endbfrange", re.DOTALL)
_CHAR_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


class PdfPages:
    """The pages of one PDF.

    Raises
    ------
    PlanFileError
        Where the PDF cannot be read; so do the methods.
    """

    def __init__(self, data: bytes, where: str) -> None:
        self._reader = open_pdf(data, where)
        self._where = where
        self._digests: dict[int, bytes] = {}
        self._left = MAX_MEMO_BYTES
        self._fonts: dict[int, dict[int, str]] = {}

    def __len__(self) -> int:
        return len(self._reader.pages)

    def fingerprint(self, number: int) -> bytes:
        """A digest of all that draws a page but for signatures; equal for pages that look the same."""
        try:
            page = self._reader.pages[number]
            kept = {key: value for key, value in page.items() if key not in ("/Annots", "/Contents")}
            annotations = [a for a in self._annotations(page) if not _is_signature(a)]
            contents = page.get_contents()
            drawing = self._unpacked(contents) if contents is not None else b""
            return self._digest([_Plain(drawing), kept, annotations], 0)
        except pdf_trouble():
            damaged("PDF", self._where)

    def is_signed(self, number: int) -> bool:
        """Whether an electronic signature lies on a page."""
        try:
            return any(map(_is_signature, self._annotations(self._reader.pages[number])))
        except pdf_trouble():
            damaged("PDF", self._where)

    def lines(self, number: int, marked: Sequence[Figure] = ()) -> list[Line]:
        """What a page says, piece by piece as it is drawn.

        Parameters
        ----------
        number
            Of the page, from 0.
        marked
            The figures by the colours in which they are set.
        """
        try:
            page = self._reader.pages[number]
            found: list[Line] = []
            contents = page.get_contents()
            if contents is not None:
                self._read(self._unpacked(contents), _inside(page, "/Resources"), marked, found, 0)
            return found
        except pdf_trouble():
            damaged("PDF", self._where)

    def _unpacked(self, stream: Any) -> bytes:
        """A stream's content; all together no more than a memo can be, however small the file is."""
        data: bytes = stream.get_data()
        self._left -= len(data) + STREAM_COST
        if self._left < 0:
            refuse_size(self._where)
        return data

    # How it is drawn

    @staticmethod
    def _annotations(page: PageObject) -> list[Any]:
        found = _inside(page, "/Annots")
        return [_there(entry) for entry in found] if isinstance(found, list) else []

    def _digest(self, part: Any, depth: int) -> bytes:
        from pypdf.generic import IndirectObject, StreamObject

        if depth > DEEPEST:
            raise RecursionError
        if isinstance(part, IndirectObject):
            known = self._digests.get(part.idnum)
            if known is None:
                self._digests[part.idnum] = b"around in a circle"
                known = self._digests[part.idnum] = self._digest(part.get_object(), depth + 1)
            return known
        made = hashlib.sha256()
        if isinstance(part, dict):
            if depth and part.get("/Type") == "/Page":
                return b"a page"
            for key in sorted(part):
                if key not in NOT_DRAWN:
                    made.update(str(key).encode("utf-8", "replace") + b"\0")
                    made.update(self._digest(part.raw_get(key) if hasattr(part, "raw_get") else part[key], depth + 1))
            if isinstance(part, StreamObject):
                made.update(self._unpacked(part))
        elif isinstance(part, list):
            for item in part:
                made.update(self._digest(item, depth + 1))
        elif isinstance(part, _Plain):
            made.update(part.data)
        elif isinstance(part, int | float) and not isinstance(part, bool):
            made.update(b"n" + repr(float(part)).encode())
        else:
            made.update(type(part).__name__.encode() + repr(part).encode("utf-8", "replace"))
        return made.digest()

    # What it says

    def _read(self, drawing: bytes, resources: Any, marked: Sequence[Figure], found: list[Line], depth: int) -> None:
        fonts, forms = _inside(resources, "/Font"), _inside(resources, "/XObject")
        font: dict[int, str] = {}
        colour, kept = 0, []
        for operator, operands in _operations(drawing):
            match operator:
                case b"q":
                    kept.append((colour, font))
                case b"Q" if kept:
                    colour, font = kept.pop()
                case b"scn" | b"sc" | b"rg" | b"g":
                    colour = _colour(operands)
                case b"Tf":
                    name = next((o.decode("latin-1") for o in operands if o[:1] == b"/"), "")
                    font = self._font(fonts[name]) if name in fonts else {}
                case b"Tj" | b"TJ" | b"'" | b'"':
                    text = "".join(_decoded(_string(o), font) for o in operands if o[:1] in (b"(", b"<"))
                    figure = marked[colour - 1] if 0 < colour <= len(marked) else None
                    found.append((Piece(text, figure),))
                case b"Do" if operands and depth < DEEPEST_FORM:
                    form = _there(forms.get(operands[-1].decode("latin-1")))
                    if form is not None and form.get("/Subtype") == "/Form":
                        self._read(
                            self._unpacked(form), _inside(form, "/Resources") or resources, marked, found, depth + 1
                        )

    def _font(self, font: Any) -> dict[int, str]:
        font = font.get_object()  # the reader keeps it, and so its id
        known = self._fonts.get(id(font))
        if known is None:
            table = font.get("/ToUnicode")
            known = self._fonts[id(font)] = _characters(table.get_object().get_data()) if table is not None else {}
        return known


def _inside(mapping: Any, key: str) -> Any:
    """What a dictionary holds under a key, wherever it stands in the file; nothing where there is nothing."""
    return _there(_there(mapping).get(key, {}))


def _there(part: Any) -> Any:
    return part.get_object() if hasattr(part, "get_object") else part


class _Plain:
    """Bytes that are not an object of the PDF."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def _is_signature(annotation: Any) -> bool:
    return annotation.get("/Subtype") == "/Widget" and annotation.get("/FT") == "/Sig"


def _operations(drawing: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Operators with their operands as written, arrays taken apart; four times as fast as pypdf's own."""
    operands: list[bytes] = []
    for match in _TOKEN.finditer(drawing):
        if match.lastgroup == "operator":
            yield match[0], operands
            operands = []
        elif match.lastgroup == "operand":
            operands.append(match[0])


def _string(written: bytes) -> bytes:
    if written[:1] == b"<":
        return bytes.fromhex("".join(written[1:-1].decode("ascii").split()))
    return _ESCAPE.sub(_unescaped, written[1:-1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    if escape[:1].isdigit():
        return bytes([int(escape, 8) & 0xFF])
    return {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b""}.get(escape, escape)


def _colour(operands: Sequence[bytes]) -> int:
    if len(operands) != 3:
        return 0
    red, green, blue = (min(max(round(float(part) * 255), 0), 255) for part in operands)
    return red << 16 | green << 8 | blue


def _characters(table: bytes) -> dict[int, str]:
    """Glyph numbers and what they stand for."""
    found: dict[int, str] = {}
    for block in _BF_CHAR.findall(table):
        for code, text in _CHAR_PAIR.findall(block):
            found[int(code, 16)] = _utf16(text)
    for block in _BF_RANGE.findall(table):
        for low, high, text in _RANGE.findall(block):
            first = _utf16(text)
            for step in range(min(int(high, 16) - int(low, 16) + 1, 65_536)):
                found[int(low, 16) + step] = first[:-1] + chr(ord(first[-1:] or "\0") + step)
    return found


def _utf16(digits: bytes) -> str:
    return bytes.fromhex(digits.decode("ascii")).decode("utf-16-be", "replace")


def _decoded(raw: bytes, font: dict[int, str]) -> str:
    """A shown string: two bytes for each glyph, as everything that Busbar embeds has it."""
    return "".join(font.get(raw[at] << 8 | raw[at + 1], "\ufffd") for at in range(0, len(raw) - 1, 2))
