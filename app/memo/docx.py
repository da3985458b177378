"""A memo as a Word file: the words, tables and charts of the paper in the same order, as Word's own styles and tables.

Written part by part rather than with python-docx: what this memo is made of (headings that repeat, alternative texts,
vector charts, the record that it carries) is XML of our own there as well, and the same memo must give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.charts.svg import chart_svg
from app.charts.svg_text import text_width
from app.memo.docx_package import (
    ACCENT,
    APPLICATION,
    DRAWING,
    HEAD,
    INK,
    ITEM_PROPERTIES,
    MUTED,
    NUMBERING,
    RULE,
    SETTINGS,
    SOFT,
    TINT,
    R,
    W,
    content_types,
    core_properties,
    custom_properties,
    drawing_run,
    packed,
    relationships,
    styles,
    valid,
)
from app.memo.pdf import GUTTER, TEXT_WIDTH, chart_pngs, drawn_logo, in_word, picture_height, side_by_side
from app.memo.word_fonts import font_parts
from models.memo.carrier import docx_part
from models.memo.page_breaks import is_short
from models.memo.parts import (
    Bar,
    Block,
    Bullets,
    Card,
    Cards,
    Figure,
    Link,
    MemoContent,
    Paragraph,
    Picture,
    Row,
    SignOff,
    Table,
    Words,
    as_text,
)
from models.memo.proof import with_proof
from models.memo.written import day_text, plain

if TYPE_CHECKING:
    from app.memo.logo import Logo

WIDTH = round(TEXT_WIDTH * 20)
"""Between the margins [twentieths of a point]."""
CELL_PADDING = 160
MARGINS = (
    f'<w:tblCellMar><w:left w:w="{CELL_PADDING // 2}" w:type="dxa"/><w:right w:w="{CELL_PADDING // 2}" w:type="dxa"/>'
    "</w:tblCellMar>"
)
"""In every table: not all readers take them from the style that tables have by default."""
TABLE_FONT = 7.5
SLACK = 1.15
"""A word processor that does not take the typeface out of the file may have a wider one only."""
MOST_AUTO_SHARE = 0.71
"""Of a table's width for columns that are as wide as their cells; the others are for words and need room too."""
LEAST_FOR_WORDS = 0.5
"""Of the width that they would like, where the columns of figures leave so much."""
FIGURES = re.compile(r"\d")
SQUARES = 10
"""Of a full bar."""
TONES = {"lead": "Lead", "body": "", "note": "Note", "heading": "Heading2"}
LOGO_ID = 9_001
"""Of its drawing: charts count from 1."""


def memo_docx(content: MemoContent) -> bytes:
    """The memo as a Word file with what it is checked by; the same bytes for the same content."""
    content, record = with_proof(content)
    content, scale = in_word(content)
    body = _Body()
    document = document_xml(content, body)
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(bool(record)),
        "_rels/.rels": relationships(
            {
                "rId1": ("officeDocument", "word/document.xml"),
                "rId2": (f"{R.replace('officeDocument', 'package')}/metadata/core-properties", "docProps/core.xml"),
                "rId3": ("extended-properties", "docProps/app.xml"),
                "rId4": ("custom-properties", "docProps/custom.xml"),
            }
        ),
        "word/document.xml": document,
        "word/styles.xml": styles({"en": "en-US"}.get(content.language, content.language), scale),
        "word/numbering.xml": NUMBERING,
        "word/settings.xml": SETTINGS,
        "word/footer1.xml": footer_xml(content),
        **font_parts(),
    }
    targets = {
        "rIdStyles": ("styles", "styles.xml"),
        "rIdNumbering": ("numbering", "numbering.xml"),
        "rIdSettings": ("settings", "settings.xml"),
        "rIdFooter": ("footer", "footer1.xml"),
        "rIdFonts": ("fontTable", "fontTable.xml"),
    }
    for number, (svg, png) in enumerate(zip(body.charts, chart_pngs(body.charts), strict=True), start=1):
        for ending, drawn in (("png", png), ("svg", svg)):
            parts[f"word/media/chart{number}.{ending}"] = drawn
            targets[f"rIdChart{number}{ending}"] = ("image", f"media/chart{number}.{ending}")
    logo = drawn_logo(content)
    if logo is not None:
        parts["word/media/logo.png"] = logo.png
        targets["rIdLogo"] = ("image", "media/logo.png")
    targets |= {name: ("hyperlink", address) for address, name in body.links.items()}
    if record:
        targets["rIdRecord"] = ("customXml", "../customXml/item1.xml")
        parts["customXml/item1.xml"] = docx_part(record)
        parts["customXml/itemProps1.xml"] = ITEM_PROPERTIES
        parts["customXml/_rels/item1.xml.rels"] = relationships({"rId1": ("customXmlProps", "itemProps1.xml")})
    parts["word/_rels/document.xml.rels"] = relationships(targets)
    parts["docProps/app.xml"] = APPLICATION
    parts["docProps/core.xml"] = core_properties(
        title=content.title,
        author=content.author_words,
        description=f"{content.kicker} on the plan “{content.plan_name}”, {day_text(content.as_of)}",
        keywords="bitcoin mining, AI hosting, megawatt, net present value",
        language={"en": "en-US"}.get(content.language, content.language),
        day=content.as_of,
    )
    parts["docProps/custom.xml"] = custom_properties(
        {
            "Busbar version": content.program_version,
            "Busbar scenario": content.scenario_id,
            "Busbar plan digest": content.plan_digest,
        }
    )
    return packed(parts, content.as_of)


def marked_document(content: MemoContent) -> tuple[str, list[Figure]]:
    """The document's XML with the number of its figure on every run that prints one, from 1, and these figures."""
    body = _Body(marked=[])
    document = document_xml(in_word(content)[0], body)
    assert body.marked is not None
    return document, body.marked


def document_xml(content: MemoContent, body: _Body) -> str:
    """The text of the memo."""
    logo = drawn_logo(content)
    parts = [_paragraph("Kicker", _logo(logo, content.company))] if logo is not None else []
    parts += [_paragraph("Kicker", _run(content.headed_words)), _paragraph("Title", body.words(content.headline))]
    parts += body.blocks(content.front)
    for number, exhibit in enumerate(content.exhibits, start=1):
        # The first page stands alone; what supports it follows.
        start = "<w:pageBreakBefore/>" if number == 1 else ""
        label = _run(f"Exhibit {number}", f'<w:color w:val="{ACCENT}"/>')
        parts.append(_paragraph("Heading1", label + _run(f"  {exhibit.title}"), start))
        parts += body.blocks(exhibit.blocks)
    parts.append(
        '<w:sectPr><w:footerReference w:type="default" r:id="rIdFooter"/><w:pgSz w:w="12240" w:h="15840"/>'
        '<w:pgMar w:top="1120" w:right="1200" w:bottom="1400" w:left="1200" w:header="600" w:footer="560" '
        'w:gutter="0"/>'
        "</w:sectPr>"
    )
    return (
        f'{HEAD}<w:document xmlns:w="{W}" xmlns:r="{R}" xmlns:wp="{DRAWING}/wordprocessingDrawing" '
        f'xmlns:a="{DRAWING}/main" xmlns:pic="{DRAWING}/picture"><w:body>{"".join(parts)}</w:body></w:document>'
    )


def _logo(logo: Logo, company: str) -> str:
    return drawing_run(LOGO_ID, "Logo", company or "Logo", (logo.width_pt, logo.height_pt), "rIdLogo")


def footer_xml(content: MemoContent) -> str:
    """What stands at the foot of every page."""
    said = (
        f"Busbar {content.program_version} · {plain(content.plan_name, 40)} · "
        f"{plain(content.scenario_words, 40)} · {day_text(content.as_of)}"
    )
    page = f"{_run('Page ')}{_field('PAGE')}{_run(' of ')}{_field('NUMPAGES')}"
    lines = [_paragraph("Footer", f"{_run(said)}<w:r><w:tab/></w:r>{page}")]
    if content.plan_digest:
        no_rule = '<w:pBdr><w:top w:val="nil"/></w:pBdr>'
        lines.append(_paragraph("Footer", _run(content.digest_words), no_rule))
    return f'{HEAD}<w:ftr xmlns:w="{W}">{"".join(lines)}</w:ftr>'


def _field(name: str) -> str:
    return f'<w:fldSimple w:instr=" {name} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'


def _run(text: str, look: str = "", mark: int = 0) -> str:
    """Some text; look is its run properties in Word's order."""
    properties = f"<w:rPr>{look}</w:rPr>" if look else ""
    number = f' busbar="{mark}"' if mark else ""
    return f'<w:r{number}>{properties}<w:t xml:space="preserve">{valid(text)}</w:t></w:r>'


def _paragraph(style: str, runs: str, properties: str = "") -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{runs}</w:p>"


GAP = _paragraph("Gap", "")
"""Between tables, which would else grow together."""


@dataclass
class _Body:
    """Writes blocks, and collects the charts and the web addresses that they refer to.

    Attributes
    ----------
    charts
        SVG of every chart in order.
    links
        Relationship id by web address.
    marked
        Where given, every figure that is printed is added, and its run gets its number.
    """

    charts: list[bytes] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)
    marked: list[Figure] | None = None

    def blocks(self, blocks: tuple[Block, ...]) -> Iterator[str]:
        """The blocks as XML, narrow pictures side by side."""
        for group in side_by_side(blocks):
            if not isinstance(group, list):
                yield from self._block(group)
            elif len(group) == 1:
                yield self._picture(group[0], TEXT_WIDTH, picture_height(group[0], wide=True))
            else:
                width = (TEXT_WIDTH - GUTTER) / len(group)
                cells = [
                    _cell(self._picture(p, width, picture_height(p, wide=False)), WIDTH // len(group)) for p in group
                ]
                yield _table([WIDTH // len(group)] * len(group), [_row_of(cells)])
                yield GAP

    def _block(self, block: Block) -> Iterator[str]:
        match block:
            case Paragraph(words, tone):
                yield _paragraph(TONES[tone], self.words(words))
            case Bullets(items):
                yield from (_paragraph("ListBullet", self.words(item)) for item in items)
            case Cards(cards):
                yield from (self._cards(cards), GAP)
            case Table():
                yield from self._data_table(block)
            case SignOff():
                yield _sign_off(block)

    def words(self, words: Words, look: str = "") -> str:
        """A run of words as XML; its figures are marked where they are counted."""
        found = []
        for word in words:
            match word:
                case Bar(share):
                    grey = f'{look}<w:color w:val="5F6673"/><w:sz w:val="10"/>'
                    found.append(_run(" " + "█" * max(round(min(max(share, 0.0), 1.0) * SQUARES), 1), grey))
                case Link(text, address):
                    name = self.links.setdefault(_web_address(address), f"rIdLink{len(self.links) + 1}")
                    run = _run(text, look + '<w:u w:val="single"/>')
                    found.append(f'<w:hyperlink r:id="{name}" w:history="1">{run}</w:hyperlink>')
                case Figure():
                    if self.marked is not None:
                        self.marked.append(word)
                    found.append(_run(word.text, look, len(self.marked or ())))
                case str():
                    found.append(_run(word, look))
        return "".join(found)

    # Tables

    def _cards(self, cards: Sequence[Card]) -> str:
        width = WIDTH // max(len(cards), 1)
        top = f'<w:tcBorders><w:top w:val="single" w:sz="12" w:color="{ACCENT}"/></w:tcBorders>'
        cells = []
        for card in cards:
            inside = _paragraph("CardLabel", _run(card.label))
            inside += _paragraph("CardFigure", self.words(card.figure))
            inside += _paragraph("CardNote", self.words(card.note))
            cells.append(_cell(inside, width, f'{top}<w:shd w:val="clear" w:color="auto" w:fill="{TINT}"/>'))
        return _table([width] * len(cards), [_row_of(cells)])

    def _data_table(self, table: Table) -> Iterator[str]:
        widths = column_widths(table)
        heads = []
        for column, width in zip(table.columns, widths, strict=True):
            inside = _paragraph("TableHead", _run(column.label), _side(column.numeric))
            if column.unit:
                look = f'<w:b w:val="0"/><w:color w:val="{MUTED}"/><w:sz w:val="13"/>'
                inside += _paragraph("TableHead", _run(column.unit, look), _side(column.numeric))
            line = f'<w:tcBorders><w:bottom w:val="single" w:sz="6" w:color="{INK}"/></w:tcBorders>'
            heads.append(_cell(inside, width, f'{line}<w:vAlign w:val="bottom"/>'))
        rows = [_row_of(heads, "<w:tblHeader/>")]
        spanned = 0
        last = len(table.rows) - 1
        for number, row in enumerate(table.rows):
            # No row stands alone on a page, and a short table stands on one.
            together = number < last and (is_short(table) or number in (0, last - 1))
            rows.append(self._row(table, row, widths, spanned, together=together))
            spanned = spanned - 1 if spanned else 0 if row.group else row.span - 1
        yield _table(widths, rows, lines=True)
        yield _paragraph("Note", self.words(table.note)) if table.note else GAP

    def _row(self, table: Table, row: Row, widths: Sequence[int], spanned: int, *, together: bool) -> str:
        is_held = together or row.group or spanned > 1 or (not spanned and row.span > 1)
        keep = "<w:keepNext/>" if is_held else ""
        cells = []
        if row.group:
            look = f'<w:b/><w:color w:val="{MUTED}"/>'
            inside = _paragraph("TableText", self.words(row.cells[0], look), keep)
            cells.append(_cell(inside, sum(widths), f'<w:gridSpan w:val="{len(widths)}"/>'))
        else:
            shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SOFT}"/>' if row.strong else ""
            look = "<w:b/>" if row.strong else ""
            if spanned:
                cells.append(_cell(_paragraph("TableText", "", keep), widths[0], "<w:vMerge/>"))
            places = range(1 if spanned else 0, len(widths))
            for place, words in zip(places, row.cells, strict=True):
                inside = _paragraph("TableText", self.words(words, look), keep + _side(table.columns[place].numeric))
                starts = '<w:vMerge w:val="restart"/>' if not spanned and not place and row.span > 1 else ""
                cells.append(_cell(inside, widths[place], starts or shade))
        return _row_of(cells)

    # Pictures

    def _picture(self, picture: Picture, width: float, height: float) -> str:
        self.charts.append(chart_svg(picture.spec, width, height).encode())
        number = len(self.charts)
        title = plain(picture.spec.title)
        said = plain(picture.description) or title or "Chart"
        drawing = drawing_run(
            number, f"Chart {number}", said, (width, height), f"rIdChart{number}png", f"rIdChart{number}svg"
        )
        drawn = _paragraph("ChartTitle", _run(title)) + _paragraph("Chart", drawing)
        return drawn + _paragraph("Caption", _run(plain(picture.caption)))


def column_widths(table: Table) -> list[int]:
    """How wide each column is [twentieths of a point]; together as wide as the text.

    Columns without a share are as wide as what they hold; the others divide the rest.
    """
    needed = []
    for place, column in enumerate(table.columns):
        texts = [column.label, column.unit, *_texts_of(table, place)]
        # All figures are as wide as a zero in the typeface that the file carries.
        texts = [FIGURES.sub("0", text) for text in texts]
        widest = SLACK * max((text_width(text, TABLE_FONT, strong=True) for text in texts), default=0.0)
        needed.append(0.0 if column.share else widest * 20 + CELL_PADDING)
    shares = sum(column.share for column in table.columns)
    most = WIDTH * (MOST_AUTO_SHARE if shares else 1.0)
    total = sum(needed)
    firm = sum(need for need, column in zip(needed, table.columns, strict=True) if column.numeric)
    if total > most and total - firm > 0 and most - firm > LEAST_FOR_WORDS * (total - firm):
        # Words can go on in a second line, a number broken in two cannot be read.
        share = (most - firm) / (total - firm)
        needed = [need if c.numeric else need * share for need, c in zip(needed, table.columns, strict=True)]
    elif total and (total > most or not shares):
        needed = [width * most / total for width in needed]
    rest = WIDTH - sum(needed)
    found = [round(need or rest * column.share / shares) for need, column in zip(needed, table.columns, strict=True)]
    found[0] += WIDTH - sum(found)
    return found


def _texts_of(table: Table, place: int) -> Iterator[str]:
    spanned = 0
    for row in table.rows:
        if row.group:
            continue
        at = place - 1 if spanned else place
        if 0 <= at < len(row.cells):
            bars = sum(isinstance(word, Bar) for word in row.cells[at])
            yield as_text(row.cells[at]) + "m" * (bars * SQUARES * 3 // 5)
        spanned = spanned - 1 if spanned else row.span - 1


def _table(widths: Sequence[int], rows: Iterable[str], *, lines: bool = False) -> str:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    edge = f'<w:%s w:val="single" w:sz="8" w:color="{INK}"/>'
    between = f'<w:insideH w:val="single" w:sz="4" w:color="{RULE}"/>'
    borders = f"<w:tblBorders>{edge % 'top'}{edge % 'bottom'}{between}</w:tblBorders>" if lines else ""
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>{borders}<w:tblLayout w:type="fixed"/>'
        f"{MARGINS}"
        f'<w:tblLook w:val="0420" w:firstRow="{int(lines)}" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" '
        f'w:noHBand="0" w:noVBand="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(rows)}</w:tbl>'
    )


def _cell(inside: str, width: int, properties: str = "") -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>{inside}</w:tc>'


def _row_of(cells: Iterable[str], properties: str = "") -> str:
    return f"<w:tr><w:trPr><w:cantSplit/>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def _side(numeric: bool) -> str:
    return '<w:jc w:val="right"/>' if numeric else ""


def _sign_off(block: SignOff) -> str:
    width = WIDTH // block.across
    line = f'<w:tcBorders><w:top w:val="single" w:sz="6" w:color="{INK}"/></w:tcBorders>'
    tab = f'<w:tabs><w:tab w:val="right" w:pos="{width - 400}"/></w:tabs>'
    room = _paragraph("SignRoom", "")
    found = []
    for roles in block.rows:
        said = [f"{_run(role)}<w:r><w:tab/></w:r>{_run('Date')}" for role in roles]
        cells = [_cell(_paragraph("CardNote", runs, tab), width, line) for runs in said]
        found += [room, _table([width] * len(roles), [_row_of(cells)])]
    return "".join([*found, GAP])


def _web_address(address: str) -> str:
    """An address as a URI: Word calls a file damaged that holds any other."""
    allowed = "-._~:/?#[]@!$&'()*+,;=%"
    return "".join(c if c.isascii() and (c.isalnum() or c in allowed) else _percent(c) for c in address)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))
