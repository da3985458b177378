"""A memo on paper: `MemoContent` to PDF, and to pictures of its pages for the preview.

The template in resources/templates reads the memo as JSON data and its charts as SVG files, all held in memory: nothing
that a user typed is ever part of the markup. The same memo gives the same bytes, because its date is passed in as well.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import resources
from app.charts.svg import chart_svg
from app.memo.one_page import held_to_one_page
from models.memo.carrier import ATTACHMENT
from models.memo.page_breaks import holds_last, is_short
from models.memo.parts import Bar, Block, Figure, MemoContent, Picture, SignOff, Table
from models.memo.proof import with_proof
from models.memo.written import day_text, plain

if TYPE_CHECKING:
    from app.memo.logo import Logo

RESOURCES = Path(resources.__file__).parent
PAPER = "us-letter"
TEXT_WIDTH = 492.0
"""Between the margins of the page [pt]."""
PAGE_ROOM, WORD_ROOM = 666.0, 585.0
"""Height between the margins, and how much of it a word processor is sure to fill with the same words [pt]."""
GUTTER = 14.0
WIDE_HEIGHT, NARROW_HEIGHT = 202.0, 196.0
CHART_PPI = 192.0 * 4 / 3
"""192 pixels per inch of paper: the typesetter takes the unit of an SVG for a pixel, three quarters of a point."""
MOST_FRONT_ROWS = 13
"""In the tables of a first page that is sure to be one page."""
LONGEST_WORD = 20
"""Characters after which a word without a space may be broken: a table cannot be wider than its page."""
BREAK = "\u200b"


@dataclasses.dataclass(frozen=True, slots=True)
class FigureBox:
    """A printed figure's place: its page, counted from 0, and its box from the page's upper left corner [pt]."""

    figure: Figure
    page: int
    left_pt: float
    top_pt: float
    width_pt: float
    height_pt: float


def memo_pdf(content: MemoContent) -> bytes:
    """The memo as a tagged PDF, fonts embedded, with what it is checked by; the same bytes for the same content."""
    content, record = with_proof(content)
    return _compile(memo_files(content, record), content, "pdf", None)[0]


def marked_pdf(content: MemoContent) -> tuple[bytes, list[Figure]]:
    """The same pages with every printed figure in a colour of its own, by which it can be found in them.

    Returns
    -------
    tuple
        The PDF, and the figures in the order of their colours: 1 is ``#000001``.
    """
    marked: list[Figure] = []
    files = memo_files(content, marked=marked)
    return _compile(files, content, "pdf", None)[0], marked


def figure_boxes(content: MemoContent) -> list[FigureBox]:
    """Where on its pages every figure stands.

    The pages are set once more, with invisible marks in two corners of each figure; what is printed is not touched.
    """
    marked: list[Figure] = []
    files = memo_files(content, marked=marked, cornered=True)
    import typst

    found: Any = typst.query(
        files,
        "<corners>",
        field="value",
        one=True,
        font_paths=[str(RESOURCES / "fonts")],
        ignore_system_fonts=True,
    )
    first, last = json.loads(found)
    ends = {number: (page, x, y) for number, page, x, y in last}
    boxes = []
    for number, page, x, y in first:
        end_page, right, bottom = ends[number]
        if end_page == page:  # a figure is never broken between pages
            boxes.append(FigureBox(marked[number - 1], page - 1, x, y, right - x, bottom - y))
    return boxes


def has_full_front(content: MemoContent) -> bool:
    """Whether the first page might become two: to measure it, it is set once more, which takes a tenth longer."""
    has_own = content.plan is not None and bool(content.plan.memo_parts)
    return has_own or sum(len(b.rows) for b in content.front if isinstance(b, Table)) > MOST_FRONT_ROWS


def on_paper(content: MemoContent) -> tuple[MemoContent, float]:
    """The memo as its pages have it, and how much smaller than usual the first one is set, so that it is one page."""
    return held_to_one_page(content, _front_scale) if has_full_front(content) else (content, 1.0)


def in_word(content: MemoContent) -> tuple[MemoContent, float]:
    """The same for a word processor, whose lines stand farther apart: where words must be cut, it has less room."""
    found = on_paper(content)
    return found if found[0] is content else held_to_one_page(content, _front_scale_in_word)


def _front_scale_in_word(content: MemoContent) -> float:
    return _front_scale(content, WORD_ROOM)


def _front_scale(content: MemoContent, room_pt: float = PAGE_ROOM) -> float:
    """The size at which the first page is one page; 0 where none that can be read is small enough."""
    import typst

    found: Any = typst.query(
        _files(dataclasses.replace(content, exhibits=()), None, room_pt=room_pt),
        "<front_scale>",
        field="value",
        one=True,
        font_paths=[str(RESOURCES / "fonts")],
        ignore_system_fonts=True,
    )
    return float(json.loads(found) or 0.0)


def memo_pages_png(content: MemoContent, ppi: float) -> list[bytes]:
    """A picture of every page.

    Parameters
    ----------
    content
        What the memo says.
    ppi
        Pixels per inch of paper; 72 shows a point as a pixel.
    """
    return _compile(memo_files(content), content, "png", ppi)


def chart_pngs(charts: Sequence[bytes], ppi: float = CHART_PPI) -> list[bytes]:
    """Charts as pictures, for readers that cannot draw an SVG."""
    if not charts:
        return []
    files = {f"chart-{number}.svg": chart for number, chart in enumerate(charts)}
    sheet = '#set page(width: auto, height: auto, margin: 0pt)\n#set text(font: "Inter")\n'
    sheet += "\n#pagebreak()\n".join(f'#image("{name}")' for name in files)
    return _typeset({"main.typ": sheet.encode(), **files}, "png", ppi, None)


def _compile(files: dict[str, bytes], content: MemoContent, form: str, ppi: float | None) -> list[bytes]:
    return _typeset(files, form, ppi, datetime(content.as_of.year, content.as_of.month, content.as_of.day, tzinfo=UTC))


def _typeset(files: dict[str, bytes], form: str, ppi: float | None, timestamp: datetime | None) -> list[bytes]:
    import typst  # 30 MB of typesetter: only once there is something to typeset

    made: Any = typst.compile(
        files,
        format=form,
        ppi=ppi,
        font_paths=[str(RESOURCES / "fonts")],
        ignore_system_fonts=True,
        timestamp=timestamp,
    )
    return list(made) if isinstance(made, list) else [made]


def memo_files(
    content: MemoContent, proof: bytes = b"", marked: list[Figure] | None = None, *, cornered: bool = False
) -> dict[str, bytes]:
    """What the typesetter reads: the template as ``main.typ``, the memo's JSON, and one SVG per chart.

    Parameters
    ----------
    content
        What the memo says.
    proof
        What the file carries for checking it.
    marked
        Where given, every figure gets a colour of its own, and is added to it.
    cornered
        Whether it gets marks in its corners instead, by which its place can be asked for.
    """
    return _files(*on_paper(content), proof, marked, cornered=cornered)


def _files(
    content: MemoContent,
    scale: float | None,
    proof: bytes = b"",
    marked: list[Figure] | None = None,
    *,
    cornered: bool = False,
    room_pt: float = PAGE_ROOM,
) -> dict[str, bytes]:
    """The same for what stands on paper, its first page so much smaller; without a scale that is what is asked for."""
    files: dict[str, bytes] = {"main.typ": _template()}
    if proof:
        files[ATTACHMENT] = proof

    def blocks_of(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for group in side_by_side(blocks):
            if isinstance(group, list):
                wide = len(group) == 1
                width = TEXT_WIDTH if wide else (TEXT_WIDTH - GUTTER) / len(group)
                drawn = []
                for picture in group:
                    name = f"chart-{len(files)}.svg"
                    files[name] = chart_svg(picture.spec, width, picture_height(picture, wide=wide)).encode()
                    drawn.append(_picture(picture, name))
                found += drawn if wide else [{"kind": "pictures", "pictures": drawn}]
            else:
                found.append(_data(group, marked))
        return found

    data: dict[str, Any] = {
        "title": _breakable(content.title),
        "headline": _data(content.headline, marked),
        "kicker": _breakable(content.headed_words),
        "logo": None,
        "author": content.author_words,
        "description": f"{content.kicker} on the plan “{content.plan_name}”, {day_text(content.as_of)}",
        "keywords": ["bitcoin mining", "AI hosting", "megawatt", "net present value"],
        "date": [content.as_of.year, content.as_of.month, content.as_of.day],
        "language": content.language,
        "paper": PAPER,
        "footer": f"Busbar {content.program_version} · {_breakable(plain(content.plan_name, 40))} · "
        f"{_breakable(plain(content.scenario_words, 40))} · {day_text(content.as_of)}",
        "footer_digest": content.digest_words,
        "scale": scale,
        "room": room_pt,
        "proof": ATTACHMENT if proof else "",
        "cornered": cornered,
        "front": blocks_of(content.front),
        "exhibits": [{"title": _breakable(e.title), "blocks": blocks_of(e.blocks)} for e in content.exhibits],
    }
    logo = drawn_logo(content)
    if logo is not None:
        # As numbers: files in memory may only be text.
        data["logo"] = {"bytes": list(logo.png), "width": logo.width_pt, "name": content.company}
    files["memo.json"] = json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
    return files


def picture_height(picture: Picture, *, wide: bool) -> float:
    """How high a picture is on the page [pt]."""
    return picture.height_share * (WIDE_HEIGHT if wide else NARROW_HEIGHT)


def drawn_logo(content: MemoContent) -> Logo | None:
    """The memo's logo; Qt, which reads the picture, is loaded only where there is one."""
    if not content.logo:
        return None
    from app.memo.logo import logo_of

    return logo_of(content.logo)


def side_by_side(blocks: tuple[Block, ...]) -> Iterator[Block | list[Picture]]:
    """The blocks, with pictures as lists: one wide picture, or two narrow ones that follow each other."""
    waiting: list[Picture] = []
    for block in blocks:
        if isinstance(block, Picture) and not block.wide:
            waiting.append(block)
            if len(waiting) == 2:
                yield waiting
                waiting = []
            continue
        if waiting:
            yield waiting
            waiting = []
        yield [block] if isinstance(block, Picture) else block
    if waiting:
        yield waiting


def _picture(picture: Picture, file: str) -> dict[str, Any]:
    return {
        "kind": "picture",
        "file": file,
        "title": _breakable(plain(picture.spec.title)),
        "caption": _breakable(plain(picture.caption)),
        "description": plain(picture.description) or plain(picture.spec.title) or "Chart",
    }


def _data(part: Any, marked: list[Figure] | None) -> Any:
    """A block as JSON data; figures as their texts."""
    if isinstance(part, Bar):
        return {"bar": part.share if math.isfinite(part.share) else 0.0}
    if dataclasses.is_dataclass(part):
        names = [f.name for f in dataclasses.fields(part) if f.name not in ("id", "value")]
        found = {name: _data(getattr(part, name), marked) for name in names}
        if marked is not None and isinstance(part, Figure):
            marked.append(part)
            found["mark"] = f"#{len(marked):06x}"
            found["number"] = len(marked)
        if isinstance(part, SignOff):
            found["across"] = part.across
        if isinstance(part, Table):
            found |= {"is_short": is_short(part), "holds_last": holds_last(part)}
        return found
    if isinstance(part, tuple):
        return [_data(item, marked) for item in part]
    return _breakable(part) if isinstance(part, str) else part


def _breakable(text: str) -> str:
    """The text with invisible places to break words that are longer than any column."""
    if len(text) <= LONGEST_WORD:
        return text
    step = LONGEST_WORD // 2
    return " ".join(
        BREAK.join(word[i : i + step] for i in range(0, len(word), step)) if len(word) > LONGEST_WORD else word
        for word in text.split(" ")
    )


@cache
def _template() -> bytes:
    return (RESOURCES / "templates" / "memo.typ").read_bytes()
