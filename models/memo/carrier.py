"""Where a memo's record stands in a PDF, a Word file or a web page, and how it is got out of a file of whatever origin.

A PDF has it as an attachment, a Word file as a custom XML part, which Word and LibreOffice keep when they save it,
and a web page as a block of data that no browser runs.
"""

from __future__ import annotations

import base64
import binascii
import io
import logging
import re
import zlib
from typing import TYPE_CHECKING, Never
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from models.archives import declaration, opened
from models.memo.proof import EXPORT_AGAIN, LIMIT_BYTES, NO_MEMO
from models.problems import PlanFileError

if TYPE_CHECKING:
    from pypdf import PdfReader

PDF, DOCX, HTML = "pdf", "docx", "html"
MAX_MEMO_BYTES = 200_000_000
"""A larger file is refused before it is read."""
MAX_PARTS = 2_000
MAX_PAGES = 5_000

ATTACHMENT = "busbar-proof.json"
NAMESPACE = "urn:busbar:proof"
SCRIPT_ID = "busbar-proof"
SCRIPT_TYPE = "application/vnd.busbar.proof+deflate"

_SCRIPT = re.compile(rf'<script type="{re.escape(SCRIPT_TYPE)}" id="{SCRIPT_ID}">([A-Za-z0-9+/=\s]*)</script>')
_HTML_START = re.compile(rb"<(?:!doctype\s+html|html)", re.IGNORECASE)
_PDF_TROUBLE = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, NotImplementedError, OverflowError,
    RecursionError, OSError, EOFError, zlib.error,
)  # fmt: skip
"""What pypdf raises on a damaged file beside its own errors."""


def format_of(data: bytes, where: str) -> str:
    """Which of the three formats a file is in, by its content.

    Raises
    ------
    PlanFileError
        Where it is none of them.

    Examples
    --------
    >>> format_of(b"%PDF-1.7 ...", "memo.pdf")
    'pdf'
    """
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return DOCX
    if _HTML_START.match(_without_comments(data[:4096])):
        return HTML
    if not data:
        raise PlanFileError("the file is empty", where, NO_MEMO)
    raise PlanFileError("this is neither a PDF nor a Word file nor a web page", where, NO_MEMO)


def _without_comments(html: bytes) -> bytes:
    """A web page from its first element on: one saved by a browser says above it where it is from."""
    html = html.removeprefix(b"\xef\xbb\xbf").lstrip()
    while html.startswith(b"<!--") and b"-->" in html[4:]:
        html = html[4:].partition(b"-->")[2].lstrip()
    return html


def carried_record(data: bytes, where: str) -> bytes:
    """The record that a memo carries, not yet read.

    Raises
    ------
    PlanFileError
        Where there is none, or the file is damaged, protected, or unpacks to more than a memo can be.
    """
    found = {PDF: _in_pdf, DOCX: _in_docx, HTML: _in_html}[format_of(data, where)](data, where)
    if found is None:
        what = "this file carries no plan, so that none of its figures can be recomputed"
        raise PlanFileError(what, where, NO_MEMO)
    if len(found) > LIMIT_BYTES:
        refuse_size(where)
    return found


# PDF


def open_pdf(data: bytes, where: str) -> PdfReader:
    """A PDF that can be read.

    Raises
    ------
    PlanFileError
        Where it is damaged or encrypted, or has more pages than a memo.
    """
    import pypdf

    # It says what it mends in a damaged file; whoever verifies wants one sentence, not forty.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        encrypted = reader.is_encrypted
        pages = 0 if encrypted else len(reader.pages)
    except (pypdf.errors.PyPdfError, *_PDF_TROUBLE):
        damaged("PDF", where)
    if encrypted:
        raise PlanFileError("the PDF is encrypted", where, "save it without a password and verify that")
    if pages > MAX_PAGES:
        refuse_size(where)
    return reader


def pdf_trouble() -> tuple[type[Exception], ...]:
    """What reading a damaged PDF raises."""
    import pypdf

    return (pypdf.errors.PyPdfError, *_PDF_TROUBLE)


def _in_pdf(data: bytes, where: str) -> bytes | None:
    reader = open_pdf(data, where)
    try:
        found = reader.attachments.get(ATTACHMENT, [])
        return bytes(found[0]) if found else None
    except pdf_trouble():
        damaged("PDF", where)


# Word


def open_docx(data: bytes, where: str) -> dict[str, bytes]:
    """The parts of a Word file by name.

    Raises
    ------
    PlanFileError
        Where it is damaged, protected, another kind of archive, or unpacks to more than a memo can be.
    """
    with opened(data, where, "the Word file") as archive:
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_MEMO_BYTES:
            refuse_size(where)
        names = {part.filename for part in parts}
        if "word/document.xml" not in names:
            raise PlanFileError("this is an archive, but no Word file", where, NO_MEMO)
        if len(names) < len(parts):
            damaged("Word file", where)
        # The sizes that an archive states may be lies; reading stops at what was stated, and misses its checksum.
        return {part.filename: archive.read(part) for part in parts}


def parsed(xml: bytes, where: str) -> ElementTree.Element:
    """A part of a Word file as a tree.

    Raises
    ------
    PlanFileError
        Where it is no XML, or declares entities.
    """
    if declaration(xml):
        raise PlanFileError("it holds XML that no word processor writes", where, EXPORT_AGAIN)
    try:
        return ElementTree.fromstring(xml)
    except (ElementTree.ParseError, RecursionError, ValueError, LookupError):
        damaged("Word file", where)


def docx_part(record: bytes) -> bytes:
    """The custom XML part that carries a record."""
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<proof xmlns="{NAMESPACE}">'
        f"{escape(record.decode('ascii'))}</proof>"
    ).encode("ascii")


def _in_docx(data: bytes, where: str) -> bytes | None:
    for name, part in sorted(open_docx(data, where).items()):
        if name.startswith("customXml/") and NAMESPACE.encode() in part:
            root = parsed(part, where)
            if root.tag == f"{{{NAMESPACE}}}proof":
                return (root.text or "").encode("utf-8", "replace")
    return None


# Web page


def html_block(record: bytes) -> str:
    """The element that carries a record: packed, because a page may not hold what looks like an end of a script."""
    packed = base64.b64encode(zlib.compress(record, 9)).decode("ascii")
    return f'<script type="{SCRIPT_TYPE}" id="{SCRIPT_ID}">{packed}</script>'


def html_text(data: bytes, where: str) -> str:
    """A web page as text.

    Raises
    ------
    PlanFileError
        Where it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        damaged("web page", where)


def _in_html(data: bytes, where: str) -> bytes | None:
    found = _SCRIPT.search(html_text(data, where))
    if found is None:
        return None
    unpacking = zlib.decompressobj()
    try:
        record = unpacking.decompress(base64.b64decode(found[1]), LIMIT_BYTES + 1)
    except (zlib.error, binascii.Error):
        damaged("web page", where)
    if len(record) <= LIMIT_BYTES and not unpacking.eof:
        damaged("web page", where)
    return record


def damaged(kind: str, where: str) -> Never:
    """Say that a file cannot be read."""
    raise PlanFileError(f"the {kind} is damaged or cut off", where, "copy or download it again")


def refuse_size(where: str) -> Never:
    """Say that a file is a bomb, or no memo."""
    raise PlanFileError("it unpacks to more than a memo can be", where, NO_MEMO)
