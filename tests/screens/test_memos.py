"""Memos as they are printed, page by page as pictures, and word by word as text.

`BUSBAR_UPDATE_SCREENS=1 make test ARGS=tests/screens/test_memos.py` writes both anew. Look at the pages and read the
difference of the texts before they are committed: a figure that changed here changed on a board's table.
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter

from app.memo.files import content_of
from app.memo.pdf import memo_pages_png
from models.memo.parts import Block, Bullets, Cards, MemoContent, Paragraph, Picture, SignOff, Table, as_text
from models.memo.places import with_place
from models.plan import Plan, Tripwire
from models.samples import sample
from tests.screens.test_pictures import assert_looks_as_kept

TEXTS = Path(__file__).parent / "memos"
AS_OF = date(2026, 11, 23)
PPI = 56.0
ACROSS = 4


def worded_plan() -> Plan:
    """The briefing with words of a user's own, a tripwire, and an exhibit left out."""
    plan = sample("briefing")
    for place, words in (
        ("company", "Prairie Compute Inc."),
        ("prepared_by", "J. Doe, treasurer"),
        ("decision_asked", "The board is asked to approve the lease and its spending."),
        ("decide_by", "2027-01-31"),
        ("signers", "Ann Doe, CFO\nBob Roe, CEO"),
        ("front.remark", "Seen by the audit committee; {recommendation.gain_usd} is before tax."),
        ("exhibit.returns", "Before any debt."),
    ):
        plan = with_place(plan, place, words=words)
    plan = with_place(plan, "exhibit.claims", shown=False)
    wire = Tripwire("g1", "market.hashprice_usd_per_ph_day", "above", 52.0, 30, "mining comes first", "2026-03-21")
    return dataclasses.replace(plan, tripwires=(wire,))


MEMOS = {
    "briefing": lambda: sample("briefing"),
    "three-sites": lambda: sample("three-sites"),
    "own-gpus": lambda: sample("own-gpus"),
    "worded": worded_plan,
}


@pytest.fixture(scope="module", params=MEMOS)
def memo(request: pytest.FixtureRequest) -> tuple[str, MemoContent]:
    return request.param, content_of(MEMOS[request.param](), AS_OF)


def sheet(pages: list[bytes]) -> bytes:
    """Pages side by side as one PNG, in grey: so a board may print them, and so they must be readable."""
    images = [QImage.fromData(page, "PNG") for page in pages]
    width, height = images[0].width(), images[0].height()
    rows = -(-len(images) // ACROSS)
    canvas = QImage(width * ACROSS, height * rows, QImage.Format.Format_RGB32)
    canvas.fill(0xFF9AA3B2)
    painter = QPainter(canvas)
    for number, image in enumerate(images):
        painter.drawImage(number % ACROSS * width, number // ACROSS * height, image)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    canvas.convertToFormat(QImage.Format.Format_Grayscale8).save(buffer, "PNG")
    return bytes(buffer.data().data())


def lines_of(content: MemoContent) -> Iterator[str]:
    """The memo as lines of text, a row of a table with bars between its cells."""
    yield content.headed_words
    yield f"# {content.title}"
    for block in content.front:
        yield from block_lines(block)
    for number, exhibit in enumerate(content.exhibits, start=1):
        yield f"## Exhibit {number} {exhibit.title}"
        for block in exhibit.blocks:
            yield from block_lines(block)


def block_lines(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(words, tone):
            yield f"### {as_text(words)}" if tone == "heading" else as_text(words)
        case Bullets(items):
            yield from (f"- {as_text(item)}" for item in items)
        case Cards(cards):
            yield from (f"[{c.label}] {as_text(c.figure)}: {as_text(c.note)}" for c in cards)
        case Table(columns, rows, note):
            yield " | ".join(f"{c.label} {c.unit}".strip() for c in columns)
            yield from (" | ".join(map(as_text, row.cells)) for row in rows)
            if note:
                yield as_text(note)
        case Picture():
            yield f"({block.spec.title}) {block.description} {block.caption}"
        case SignOff(roles):
            yield f"Signed: {'; '.join(roles)}"


def test_that_a_memo_is_printed_as_in_its_picture(qapp: object, memo: tuple[str, MemoContent], tmp_path: Path) -> None:
    name, content = memo
    assert_looks_as_kept(sheet(memo_pages_png(content, PPI)), f"printed-{name}", tmp_path)


def test_that_a_memo_says_what_its_text_says(memo: tuple[str, MemoContent]) -> None:
    name, content = memo
    text = "\n".join(lines_of(content)) + "\n"
    file = TEXTS / f"{name}.txt"
    if os.environ.get("BUSBAR_UPDATE_SCREENS"):
        TEXTS.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text.splitlines() == file.read_text(encoding="utf-8").splitlines()
