"""The memo as a Word file: what an independent reader finds in it, and that a word processor opens and prints it."""

from __future__ import annotations

import dataclasses
import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import docx
import pytest
from hypothesis import given

import resources
from app.memo.docx import column_widths, memo_docx
from app.memo.files import content_of, memo_bytes
from models import fields
from models.memo.parts import Column, Exhibit, MemoContent, Row, Table, as_text, figures_in
from models.plan import Plan
from models.samples import sample, sample_names
from models.storage.plan_file import digest
from tests.app.test_memo_pdf import with_too_many_words, with_users_words
from tests.strategies import HOSTILE_TEXTS, dearest, plans

AS_OF = date(2026, 11, 23)
SAMPLES = [name for name, _, _ in sample_names()]
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def content() -> MemoContent:
    return content_of(sample("three-sites"), AS_OF)


@pytest.fixture(scope="module")
def word(content: MemoContent) -> Any:
    return docx.Document(io.BytesIO(memo_docx(content)))


def folded(text: str) -> str:
    return " ".join(text.split())


def text_of(document: Any) -> str:
    """All that is written, in order, cell by cell."""
    return folded(" ".join("".join(t.text or "" for t in p.iter(f"{W}t")) for p in document.element.body.iter(f"{W}p")))


def test_that_an_independent_reader_finds_title_headings_and_properties(word: Any, content: MemoContent) -> None:
    styles = [(p.style.name, p.text) for p in word.paragraphs]
    assert [text for style, text in styles if style == "Title"] == [content.title]
    headings = [folded(text) for style, text in styles if style == "Heading 1"]
    assert headings == [f"Exhibit {n} {e.title}" for n, e in enumerate(content.exhibits, start=1)]
    assert any(style == "Heading 2" for style, _ in styles)
    properties = word.core_properties
    assert (properties.title, properties.language) == (content.title, "en-US")
    assert properties.author.startswith("Busbar")
    assert properties.created.date() == AS_OF


def test_that_it_says_everything_in_the_order_of_the_memo(word: Any, content: MemoContent) -> None:
    text, at = text_of(word), 0
    for block in content.blocks:
        for figure in figures_in(block):
            at = text.index(folded(figure.text), at)
    for card in next(b for b in content.front if b.kind == "cards").cards:
        assert card.label in text
        assert folded(as_text(card.note)) in text


def test_that_tables_repeat_their_headings_with_units_and_keep_rows_whole(word: Any, content: MemoContent) -> None:
    tables = [b for b in content.blocks if isinstance(b, Table)]
    found = [t for t in word.tables if t.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None]
    assert len(found) == len(tables)
    for table, drawn in zip(tables, found, strict=True):
        assert [c.text for c in drawn.rows[0].cells] == [
            f"{c.label}\n{c.unit}" if c.unit else c.label for c in table.columns
        ]
        assert len(drawn.rows) == len(table.rows) + 1
        assert all(row._tr.find(f"{W}trPr/{W}cantSplit") is not None for row in drawn.rows)
        assert sum(int(c.get(f"{W}w")) for c in drawn._tbl.iter(f"{W}gridCol")) == 9840


def test_that_a_short_table_and_the_ends_of_a_long_one_stay_together(content: MemoContent) -> None:
    columns = (Column("Name", numeric=False, share=1.0), Column("Value"))
    for count, held in ((4, [True, True, True, False]), (12, [True, *[False] * 9, True, False])):
        table = Table(columns, tuple(Row(((f"Row {number}",), ("1",))) for number in range(count)))
        one = dataclasses.replace(content, front=(), exhibits=(Exhibit("x", "X", (table,)),), plan=None)
        rows = docx.Document(io.BytesIO(memo_docx(one))).tables[0].rows[1:]
        assert [all(c.paragraphs[0].paragraph_format.keep_with_next for c in row.cells) for row in rows] == held


def test_that_a_spanning_cell_reaches_over_its_rows(word: Any, content: MemoContent) -> None:
    spans = sum(row.span > 1 for b in content.blocks if isinstance(b, Table) for row in b.rows)
    starts = [m for m in word.element.body.iter(f"{W}vMerge") if m.get(f"{W}val") == "restart"]
    assert len(starts) == spans > 0


def test_that_charts_are_vectors_with_a_picture_and_an_alternative_text(content: MemoContent) -> None:
    with zipfile.ZipFile(io.BytesIO(memo_docx(content))) as archive:
        names = archive.namelist()
        document = archive.read("word/document.xml").decode()
        svgs = sorted(n for n in names if n.endswith(".svg"))
        pngs = sorted(n for n in names if n.endswith(".png"))
        assert len(svgs) == len(pngs) == sum(b.kind == "picture" for b in content.blocks) > 0
        assert all(archive.read(name).startswith(b"<svg") for name in svgs)
        width = int.from_bytes(archive.read(pngs[0])[16:20], "big")
        assert width == pytest.approx(492 / 72 * 192, abs=2)
    assert document.count("svgBlip") == len(svgs)
    descriptions = re.findall(r'<wp:docPr id="\d+" name="[^"]+" descr="([^"]+)"', document)
    assert len(descriptions) == len(svgs)
    assert all(len(d) > 20 for d in descriptions)


def test_that_every_page_names_plan_version_and_digest(word: Any) -> None:
    footer = "\n".join(p.text for p in word.sections[0].footer.paragraphs)
    assert digest(sample("three-sites")) in footer
    assert "23 November 2026" in footer
    assert "PAGE" in ElementTree.tostring(word.sections[0].footer._element).decode()


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_same_memo_has_the_same_bytes_and_every_part_is_xml(name: str) -> None:
    data = memo_bytes(sample(name), ".docx", AS_OF)
    assert data == memo_bytes(sample(name), ".docx", AS_OF)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert archive.testzip() is None
        for part in archive.namelist():
            if part.endswith((".xml", ".rels", ".svg")):
                ElementTree.fromstring(archive.read(part))


@pytest.mark.parametrize("name", [*HOSTILE_TEXTS, "<w:t>&amp; \" ' ]]>", "W" * 300, "\ufffe\x0b"])
def test_that_a_name_is_never_read_as_markup(name: str) -> None:
    plan = sample("one-site")
    for table, field in (("sites", "name"), ("asic_lots", "model"), ("ai_offers", "name")):
        for record in getattr(plan, table):
            plan = fields.replace(plan, f"{table}.{record.id}.{field}", name)
    content = dataclasses.replace(content_of(plan, AS_OF), plan_name=name)
    assert len(docx.Document(io.BytesIO(memo_docx(content))).tables) > 5


@dearest
@given(plans(usual=True, max_records=2))
def test_that_any_plan_can_be_written(plan: Plan) -> None:
    title = content_of(plan, AS_OF).title
    words = [paragraph.text for paragraph in docx.Document(io.BytesIO(memo_bytes(plan, ".docx", AS_OF))).paragraphs]
    assert any(title[:40] in text for text in words)


def test_that_a_web_address_is_a_uri_whatever_it_holds() -> None:
    plan = sample("one-site")
    lines = tuple(dataclasses.replace(line, address="https://example.org/ü|<x>") for line in plan.evidence)
    with zipfile.ZipFile(io.BytesIO(memo_bytes(dataclasses.replace(plan, evidence=lines), ".docx", AS_OF))) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    assert 'Target="https://example.org/%C3%BC%7C%3Cx%3E" TargetMode="External"' in relations


def test_that_columns_fill_the_page_and_words_keep_room() -> None:
    columns = (Column("Use", numeric=False, share=2.0), Column("What", numeric=False, share=1.0), Column("NPV", "$k"))
    table = Table(columns, (Row((("a",), ("b",), ("1,234",))),))
    widths = column_widths(table)
    assert sum(widths) == 9840
    assert widths[0] == pytest.approx(2 * widths[1], abs=2)
    long = Table(columns, (Row((("a",), ("b",), ("9" * 400,))),))
    assert column_widths(long)[0] + column_widths(long)[1] >= 0.29 * 9840


def test_that_it_carries_its_typefaces_veiled_as_the_standard_says(content: MemoContent) -> None:
    with zipfile.ZipFile(io.BytesIO(memo_docx(content))) as archive:
        table = ElementTree.fromstring(archive.read("word/fontTable.xml"))
        targets = {
            r.get("Id"): r.get("Target") for r in ElementTree.fromstring(archive.read("word/_rels/fontTable.xml.rels"))
        }
        assert b"<w:embedTrueTypeFonts/>" in archive.read("word/settings.xml")
        assert b'Extension="odttf"' in archive.read("[Content_Types].xml")
        assert b'Target="fontTable.xml"' in archive.read("word/_rels/document.xml.rels")
        (font,) = table.findall(f"{W}font")
        assert font.get(f"{W}name") == "Inter"
        for style, file in (("embedRegular", "Inter-Regular.ttf"), ("embedBold", "Inter-Bold.ttf")):
            face = font.find(f"{W}{style}")
            assert face is not None
            name = targets[face.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id")]
            carried = bytearray(archive.read(f"word/{name}"))
            assert carried[:4] != b"\0\1\0\0"
            # ECMA-376 part 4, 4.3: byte i of the first 32 with the byte of the key that stands i-th from its end.
            digits = re.sub("[^0-9A-F]", "", face.get(f"{W}fontKey") or "")
            for at in range(32):
                place = 30 - 2 * (at % 16)
                carried[at] ^= int(digits[place : place + 2], 16)
            assert bytes(carried) == (Path(resources.__file__).parent / "word_fonts" / file).read_bytes()
            assert carried[:4] == b"\0\1\0\0"


def test_that_a_word_processor_prints_it_in_its_own_typefaces_with_one_page_first(tmp_path: Path) -> None:
    if shutil.which("soffice") is None or not list(Path("/usr/lib/libreoffice/program").glob("libsw*lo.so")):
        pytest.skip("LibreOffice Writer is not installed")
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    plans = {name: sample(name) for name in ("briefing", "one-site", "three-sites")}
    plans |= {"full": with_users_words(sample("briefing"))}
    plans |= {f"too full {name}": with_too_many_words(sample(name)) for name in ("briefing", "three-sites")}
    for name, plan in plans.items():
        (tmp_path / f"{name}.docx").write_bytes(memo_bytes(plan, ".docx", AS_OF))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", tmp_path, *tmp_path.glob("*.docx")], capture_output=True, timeout=180, check=True
    )
    for name in plans:
        made = tmp_path / f"{name}.pdf"
        second = subprocess.run(
            ["pdftotext", "-f", "2", "-l", "2", made, "-"], capture_output=True, text=True, timeout=60, check=True
        )
        assert second.stdout.startswith("Exhibit 1"), name
        fonts = subprocess.run(["pdffonts", made], capture_output=True, text=True, timeout=60, check=True).stdout
        assert "Inter-Regular" in fonts
        assert "Inter-Bold" in fonts
    printed = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "briefing.pdf", "-"], capture_output=True, text=True, timeout=60, check=True
    )
    pages = printed.stdout.split("\f")[:-1]
    assert 4 < len(pages) < 25
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    assert sum("Source" in page and "Age" in page for page in pages) >= 2, "the register's headings are repeated"


def test_that_a_number_is_never_narrowed_while_words_can_go_on_in_a_second_line() -> None:
    columns = (Column("Use", numeric=False, share=1.0), Column("Best", numeric=False), Column("MW"))
    table = Table(columns, (Row((("a",), ("Triple-net lease at Mesa Verde " * 4,), ("144.9",))),))
    words, figures = column_widths(table)[1:]
    assert figures >= 8 * 20 + 5 * 0.6 * 7.5 * 20  # its padding, and five digits of six tenths of the type's size
    assert words + figures <= 0.72 * 9840
