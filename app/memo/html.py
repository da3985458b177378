"""A memo as one web page: self-contained, charts inline, nothing that runs, prints on Letter and A4."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from app.charts.svg import chart_svg
from app.memo.pdf import TEXT_WIDTH, drawn_logo, picture_height, side_by_side
from models.memo.carrier import html_block
from models.memo.parts import (
    Bar,
    Block,
    Bullets,
    Cards,
    Figure,
    Link,
    MemoContent,
    Paragraph,
    Picture,
    SignOff,
    Table,
    Words,
)
from models.memo.proof import with_proof
from models.memo.written import day_text

STYLE = """
body { font: 15px/1.5 Inter, system-ui, "Segoe UI", sans-serif; color: #131a26; background: #fff; margin: 0 auto;
  max-width: 860px; padding: 40px 24px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
h1 { font-size: 32px; line-height: 1.15; letter-spacing: -0.02em; font-weight: 600; margin: 8px 0 20px; }
h2 { font-size: 20px; font-weight: 600; margin: 44px 0 12px; break-after: avoid; }
h2 span { color: #2257e0; margin-right: 0.5em; }
h3 { font-size: 15px; font-weight: 600; margin: 26px 0 8px; break-after: avoid; }
.kicker, .note, figcaption, footer { color: #586174; font-size: 12.5px; }
.lead { font-size: 17px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; margin: 20px 0; }
.card { background: #f3f5f8; border-top: 2px solid #2257e0; padding: 12px; font-size: 12.5px; color: #586174;
  break-inside: avoid; }
.card b { display: block; font-size: 24px; font-weight: 600; color: #131a26; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 12.5px; border-top: 1.5px solid #131a26;
  border-bottom: 1.5px solid #131a26; margin: 12px 0 6px; overflow-wrap: normal; }
thead { display: table-header-group; border-bottom: 1px solid #131a26; }
th { font-weight: 600; vertical-align: bottom; }
th small { display: block; font-weight: 400; color: #586174; }
th, td { padding: 5px 6px; text-align: left; vertical-align: top; }
td { border-bottom: 1px solid #dde1e8; }
tr { break-inside: avoid; }
.n { text-align: right; white-space: nowrap; }
.strong { font-weight: 600; background: #e9effd; }
.group td { font-weight: 600; color: #586174; padding-top: 12px; }
.bar { display: inline-block; width: 60px; height: 7px; background: #f3f5f8; }
.bar i { display: block; height: 7px; background: #5f6673; }
figure { margin: 20px 0; break-inside: avoid; }
figure b { font-size: 13.5px; font-weight: 600; }
figure svg { width: 100%; height: auto; display: block; margin: 6px 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 18px; }
.sign { display: grid; grid-template-columns: repeat(3, 1fr); gap: 56px 24px; margin: 70px 0 20px;
  break-inside: avoid; }
.sign div { border-top: 1px solid #131a26; display: flex; justify-content: space-between; font-size: 12.5px;
  color: #586174; padding-top: 4px; }
footer { border-top: 1px solid #dde1e8; margin-top: 50px; padding-top: 8px; }
a { color: inherit; }
@page { margin: 18mm; }
@media print { body { padding: 0; max-width: none; font-size: 10pt; } }
"""


def memo_html(content: MemoContent) -> bytes:
    """The memo as a web page, UTF-8, with what it is checked by; the same bytes for the same content."""
    content, record = with_proof(content)
    parts = [
        f'<!doctype html><html lang="{escape(content.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="generator" content="Busbar {escape(content.program_version)}">'
        f"<title>{escape(content.title)}</title><style>{STYLE}</style></head><body>"
        f'{_logo(content)}<div class="kicker">{escape(content.headed_words)}</div>'
        f"<h1>{_words(content.headline)}</h1>",
        *_blocks(content.front),
    ]
    if record:
        parts.append(html_block(record))
    for number, exhibit in enumerate(content.exhibits, start=1):
        parts.append(f"<h2><span>Exhibit {number}</span>{escape(exhibit.title)}</h2>")
        parts += _blocks(exhibit.blocks)
    parts.append(
        f"<footer>Busbar {escape(content.program_version)} · {escape(content.plan_name)} · "
        f"{escape(content.scenario_words)} · {day_text(content.as_of)}<br>{escape(content.digest_words)}"
        "</footer></body></html>\n"
    )
    return "".join(parts).encode()


def _logo(content: MemoContent) -> str:
    logo = drawn_logo(content)
    if logo is None:
        return ""
    data = base64.b64encode(logo.png).decode()
    size = f'width="{logo.width_pt * 4 / 3:.0f}" height="{logo.height_pt * 4 / 3:.0f}"'
    return f'<img alt="{escape(content.company)}" {size} src="data:image/png;base64,{data}">'


def _blocks(blocks: tuple[Block, ...]) -> Iterator[str]:
    for group in side_by_side(blocks):
        if isinstance(group, list):
            drawn = "".join(_figure(picture, wide=len(group) == 1) for picture in group)
            yield drawn if len(group) == 1 else f'<div class="pair">{drawn}</div>'
        else:
            yield _block(group)


def _block(block: Block) -> str:
    match block:
        case Paragraph(words, "heading"):
            return f"<h3>{_words(words)}</h3>"
        case Paragraph(words, tone):
            return f'<p class="{tone}">{_words(words)}</p>'
        case Bullets(items):
            return "<ul>" + "".join(f"<li>{_words(item)}</li>" for item in items) + "</ul>"
        case Cards(cards):
            inside = (
                f'<div class="card">{escape(c.label)}<b>{_words(c.figure)}</b>{_words(c.note)}</div>' for c in cards
            )
            return f'<div class="cards">{"".join(inside)}</div>'
        case Table():
            return _table(block)
        case SignOff(roles):
            lines = (f"<div><span>{escape(role)}</span><span>Date</span></div>" for role in roles)
            return f'<div class="sign">{"".join(lines)}</div>'
        case Picture():
            return _figure(block, wide=block.wide)


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_side(c.numeric)}>{escape(c.label)}'
        + (f"<small>{escape(c.unit)}</small>" if c.unit else "")
        + "</th>"
        for c in table.columns
    )
    rows = []
    spanned = 0
    for row in table.rows:
        if row.group:
            rows.append(f'<tr class="group"><td colspan="{len(table.columns)}">{_words(row.cells[0])}</td></tr>')
            continue
        columns = table.columns[1:] if spanned else table.columns
        cells = []
        for place, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
            span = f' rowspan="{row.span}"' if not spanned and not place and row.span > 1 else ""
            cells.append(f"<td{span}{_side(column.numeric)}>{_words(cell)}</td>")
        spanned = spanned - 1 if spanned else row.span - 1
        rows.append(f"<tr{' class=strong' if row.strong else ''}>{''.join(cells)}</tr>")
    note = f'<p class="note">{_words(table.note)}</p>' if table.note else ""
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>{note}'


def _side(numeric: bool) -> str:
    return ' class="n"' if numeric else ""


def _figure(picture: Picture, *, wide: bool) -> str:
    drawn = chart_svg(picture.spec, TEXT_WIDTH if wide else TEXT_WIDTH / 2, picture_height(picture, wide=wide))
    caption = f"<figcaption>{escape(picture.caption)}</figcaption>" if picture.caption else ""
    return f"<figure><b>{escape(picture.spec.title)}</b>{drawn}{caption}</figure>"


def _words(words: Words) -> str:
    found = []
    for word in words:
        match word:
            case Bar(share):
                found.append(f'<span class="bar"><i style="width:{max(min(share, 1.0), 0.02) * 100:.0f}%"></i></span>')
            case Link(text, address):
                found.append(f'<a href="{escape(address)}">{escape(text)}</a>')
            case Figure(id, _, text):
                found.append(f'<span data-figure="{escape(id)}">{escape(text)}</span>')
            case str():
                found.append(escape(word))
    return "".join(found)
