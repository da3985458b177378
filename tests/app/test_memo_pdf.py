"""The memo as a file: what a reader finds in it, the same bytes each time, and no name that breaks it."""

from __future__ import annotations

import dataclasses
import io
import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from itertools import cycle
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from pypdf import PdfReader

from app.memo.files import content_of, memo_bytes
from app.memo.pdf import memo_files, memo_pages_png, memo_pdf
from app.memo.verify import verify
from models import fields
from models.memo.parts import Column, Exhibit, Paragraph, Picture, Row, Table, as_text
from models.memo.places import with_place
from models.memo.wording import LONGEST_WORDS
from models.plan import Plan
from models.problems import PlanFileError
from models.samples import sample, sample_names
from models.storage.plan_file import digest
from tests.large_plan import large_plan
from tests.strategies import HOSTILE_TEXTS, dear, plans

AS_OF = date(2026, 11, 23)
SAMPLES = [name for name, _, _ in sample_names()]
MARKUP = ("#evil [x] $y$ =1+1", "*bold* _it_ `code` <label> @ref // no", "#panic()", "\\ \" ' ~ -- ---", "W" * 300)


def pages_of(pdf: bytes, folder: Path) -> list[str]:
    """The text of every page."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    file = folder / "memo.pdf"
    file.write_bytes(pdf)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
    return text.split("\f")[:-1]


def folded(text: str) -> str:
    return " ".join(text.replace("\u200b", "").split())


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_first_page_says_the_recommendation_and_its_figures(name: str, tmp_path: Path) -> None:
    content = content_of(sample(name), AS_OF)
    first = folded(pages_of(memo_pdf(content), tmp_path)[0])
    assert folded(content.title) in first
    for card in next(b for b in content.front if b.kind == "cards").cards:
        assert folded(as_text(card.figure)) in first
        assert card.label in first


LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAQAAAABCAIAAAB2XpiaAAAADUlEQVR4nGM4YKAARwAeLQRBeFABmgAAAABJRU5ErkJggg=="
"""Four red pixels in a row."""


def with_users_words(plan: Plan) -> Plan:
    """A plan whose memo has everything on its first page that a user can put there."""
    for place, words in (
        ("company", "Prairie Compute Inc."),
        ("logo", LOGO),
        ("decision_asked", "The board is asked to approve this, its spending and the amendment of the contract. " * 3),
        ("signers", "\n".join(f"Person {number}, Role {number}" for number in range(8))),
        ("dissent", "The chief operating officer would wait for the interconnection study. " * 4),
        ("front.remark", "Seen by the treasurer and by counsel. " * 3),
    ):
        plan = with_place(plan, place, words=words)
    return plan


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_first_page_stays_one_page_whatever_the_user_adds(name: str, tmp_path: Path) -> None:
    plan = with_users_words(sample(name))
    content = content_of(plan, AS_OF)
    first, second = (folded(page) for page in pages_of(memo_pdf(content), tmp_path)[:2])
    for said in ("Person 0, Role 0", "Person 7, Role 7", "Seen by the treasurer", "approve this", "Dissent"):
        assert said in first
    assert second.startswith("Exhibit 1")


def with_too_many_words(plan: Plan) -> Plan:
    """The worst that the editor lets through: the widest letter, and no space to break a line at."""
    signers = "\n".join("W" * 300 for _ in range(12))
    for place in ("company", "prepared_by", "decision_asked", "dissent", "front.remark", "front.lead"):
        plan = with_place(plan, place, words=f"{place} {'W' * (LONGEST_WORDS - 30)} the end")
    return with_place(with_place(plan, "signers", words=signers), "logo", words=LOGO)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_first_page_stays_one_page_with_more_words_than_it_holds(name: str, tmp_path: Path) -> None:
    plan = with_too_many_words(sample(name))
    content = content_of(plan, AS_OF)
    pages = [folded(page) for page in pages_of(memo_pdf(content), tmp_path)]
    number = len(content.exhibits) + 1
    assert pages[1].startswith("Exhibit 1 ")
    assert not any(page.startswith("Exhibit 1 ") for page in pages[2:])
    # What the first page begins is whole in an exhibit behind all others, so that none of them is renumbered.
    assert pages[0].count(f"(in full in exhibit {number})") == 4
    behind = "".join(pages[2:]).partition(f"Exhibit {number} ")[2]
    for place in ("decision_asked", "dissent", "front.remark", "front.lead"):
        assert f"{place} WWW" in pages[0]
        assert f"{place} WWW" in behind
    assert behind.count("W the end") == 4


def test_that_many_wide_names_take_the_room_of_flips_and_of_nobodys_words(tmp_path: Path) -> None:
    plan = with_place(sample("briefing"), "signers", words="\n".join("W" * 60 for _ in range(12)))
    pages = [folded(page) for page in pages_of(memo_pdf(content_of(plan, AS_OF)), tmp_path)]
    assert pages[1].startswith("Exhibit 1 ")
    assert "in full in exhibit" not in pages[0]


def test_that_a_memo_with_more_words_than_its_first_page_holds_is_verified() -> None:
    plan = with_too_many_words(sample("briefing"))
    for ending in (".pdf", ".docx", ".html"):
        assert verify(memo_bytes(plan, ending, AS_OF), f"memo{ending}").is_genuine


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_page_says_which_it_is_and_of_which_plan(name: str, tmp_path: Path) -> None:
    plan = sample(name)
    pages = pages_of(memo_bytes(plan, ".pdf", AS_OF), tmp_path)
    assert 4 <= len(pages) <= 16
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert digest(plan) in text
        assert "23 November 2026" in text
        assert "base case" in text
        assert re.search(r"Busbar \d+\.\d+", text)


def test_that_exhibits_are_numbered_in_order(tmp_path: Path) -> None:
    content = content_of(sample("briefing"), AS_OF)
    text = "\n".join(pages_of(memo_pdf(content), tmp_path))
    assert [int(n) for n in re.findall(r"^ *Exhibit (\d+) ", text, re.MULTILINE)] == list(
        range(1, len(content.exhibits) + 1)
    )


def test_that_a_further_exhibit_needs_no_change_of_the_template(tmp_path: Path) -> None:
    content = content_of(sample("one-site"), AS_OF)
    further = Exhibit("probabilities", "How likely each outcome is", (Paragraph(("Once they exist.",)),))
    pdf = memo_pdf(dataclasses.replace(content, exhibits=(*content.exhibits, further)))
    assert f"Exhibit {len(content.exhibits) + 1} How likely each outcome is" in folded("".join(pages_of(pdf, tmp_path)))


def test_that_the_same_memo_has_the_same_bytes() -> None:
    content = content_of(sample("briefing"), AS_OF)
    assert memo_pdf(content) == memo_pdf(content)
    assert memo_pdf(content) == memo_bytes(sample("briefing"), ".pdf", AS_OF)


def test_that_the_file_is_tagged_titled_and_embeds_its_fonts(tmp_path: Path) -> None:
    if shutil.which("pdfinfo") is None or shutil.which("pdffonts") is None:
        pytest.skip("pdfinfo and pdffonts (poppler-utils) are not installed")
    content = content_of(sample("one-site"), AS_OF)
    file = tmp_path / "memo.pdf"
    file.write_bytes(memo_pdf(content))
    info = subprocess.run(["pdfinfo", file], check=True, capture_output=True, text=True).stdout
    assert re.search(r"^Tagged: +yes$", info, re.MULTILINE)
    assert re.search(rf"^Title: +{re.escape(content.title)}$", info, re.MULTILINE)
    assert re.search(r"^Author: +Busbar", info, re.MULTILINE)
    assert "612 x 792" in info
    fonts = subprocess.run(["pdffonts", file], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    assert fonts
    assert all("Inter" in line and line.split()[-5] == "yes" for line in fonts)
    assert b"/Lang" in file.read_bytes()


def test_that_a_large_plan_is_printed_quickly_with_one_page_first_and_headings_on_every_page(tmp_path: Path) -> None:
    plan = large_plan()
    began = perf_counter()
    content = content_of(plan, AS_OF)
    pdf = memo_pdf(content)
    # A bound against a blow-up, not a benchmark: 10 sites with 60 lots took 2.3 s on two busy cores.
    assert perf_counter() - began < 30.0
    first, second = (folded(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages[:2])
    assert "Alternatives, all sites together" in first
    assert "Wait 12 months" in first
    assert "Chair of the board" in first
    assert "5 sites that gain less stand in the exhibits" in first
    assert second.startswith("Exhibit 1")
    exhibit = "".join(as_text(b.words) for b in content.exhibits[0].blocks if isinstance(b, Paragraph))
    assert all(f"At {site.name}" in exhibit for site in plan.sites)
    pages = pages_of(pdf, tmp_path)
    assert len(pages) > 20
    inputs = [p for p in pages if "Source" in p and "Age" in p and "Date" in p]
    assert len(inputs) > 8
    assert all(f"Page {n} of {len(pages)}" in text for n, text in enumerate(pages, start=1))


def test_that_the_bookmarks_are_the_title_and_every_exhibit_on_its_page() -> None:
    content = content_of(sample("three-sites"), AS_OF)
    reader = PdfReader(io.BytesIO(memo_pdf(content)))
    title, below = reader.outline
    assert title["/Title"] == content.title
    exhibits = [mark for mark in below if not isinstance(mark, list) and mark["/Title"].startswith("Exhibit")]
    assert [mark["/Title"] for mark in exhibits] == [
        f"Exhibit {number} {exhibit.title}" for number, exhibit in enumerate(content.exhibits, start=1)
    ]
    for mark in exhibits:
        page = reader.pages[reader.get_destination_page_number(mark)]
        assert folded(mark["/Title"]) in folded(page.extract_text())


@pytest.mark.parametrize("first", range(4))
def test_that_a_name_is_never_read_as_markup(first: int, tmp_path: Path) -> None:
    others = (*MARKUP[2:], *HOSTILE_TEXTS)
    others = (*others[first * 5 :], *others[: first * 5])  # each name stands in other places every time
    plan = renamed(sample("briefing"), *MARKUP[:2], *others)
    text = folded("".join(pages_of(memo_pdf(content_of(plan, AS_OF)), tmp_path)))
    assert all(name in text for name in MARKUP[:2])


def renamed(plan: Plan, *names: str) -> Plan:
    """The plan with these names in turn wherever a text can stand."""
    turn = cycle(names)
    plan = fields.replace(plan, "plan.name", next(turn))
    for table, field in (("sites", "name"), ("asic_lots", "model"), ("ai_offers", "name"), ("power_contracts", "name")):
        for record in getattr(plan, table):
            plan = fields.replace(plan, f"{table}.{record.id}.{field}", next(turn))
    lines = []
    for line in plan.evidence:
        claim, source, note, address = next(turn), next(turn), next(turn), f"https://example.org/{next(turn)}"
        lines.append(dataclasses.replace(line, claim=claim, source=source, note=note, address=address))
    return dataclasses.replace(plan, evidence=tuple(lines))


@dear
@given(plans(max_records=2))
def test_that_any_plan_can_be_printed(plan: Plan) -> None:
    pdf = memo_bytes(plan, ".pdf", AS_OF)
    assert pdf.startswith(b"%PDF-")
    assert memo_bytes(plan, ".html", AS_OF).endswith(b"</html>\n")
    assert memo_bytes(plan, ".htm", AS_OF) == memo_bytes(plan, ".html", AS_OF)


def test_that_pages_are_pictures_of_the_asked_for_density() -> None:
    content = content_of(sample("one-site"), AS_OF)
    pages = memo_pages_png(content, 72.0)
    assert len(pages) >= 4
    for page in pages:
        assert page.startswith(b"\x89PNG")
        width, height = (int.from_bytes(page[k : k + 4], "big") for k in (16, 20))
        assert (width, height) == (612, 792)


def test_that_a_plan_with_nothing_to_decide_is_one_page(tmp_path: Path) -> None:
    plan = dataclasses.replace(sample("one-site"), asic_lots=(), ai_offers=())
    pages = pages_of(memo_bytes(plan, ".pdf", AS_OF), tmp_path)
    assert len(pages) == 1
    assert "Nothing to decide yet" in pages[0]


def exhibit_of(rows: int, words: str = "word") -> Table:
    columns = (Column("Name", numeric=False, share=1.0), Column("Value"))
    return Table(columns, tuple(Row(((f"Row{number} {words}",), ("1",))) for number in range(rows)))


def test_that_the_last_row_of_a_table_never_stands_alone_on_a_page(tmp_path: Path) -> None:
    content = content_of(sample("one-site"), AS_OF)
    counts = set()
    for rows in range(40, 50):
        exhibit = Exhibit("x", "A long table", (exhibit_of(rows),))
        pages = pages_of(memo_pdf(dataclasses.replace(content, exhibits=(exhibit,), plan=None)), tmp_path)
        found = [len(re.findall(r"Row\d+ word", page)) for page in pages]
        assert sum(found) == rows
        assert 1 not in found
        counts.add(len(pages))
    assert len(counts) == 2, "some of them reach over two pages, some do not"


def test_that_a_short_table_stands_on_one_page_and_a_huge_cell_is_printed_whole(tmp_path: Path) -> None:
    content = content_of(sample("one-site"), AS_OF)
    for before in range(30, 40):
        exhibit = Exhibit("x", "Two tables", (exhibit_of(before), exhibit_of(6, "short")))
        pages = pages_of(memo_pdf(dataclasses.replace(content, exhibits=(exhibit,), plan=None)), tmp_path)
        found = [len(re.findall(r"Row\d+ short", page)) for page in pages]
        assert sorted(found) == [0] * (len(pages) - 1) + [6]
    huge = Exhibit("x", "Huge cells", (exhibit_of(2, "word " * 900 + "finished"),))
    pages = pages_of(memo_pdf(dataclasses.replace(content, exhibits=(huge,), plan=None)), tmp_path)
    assert sum(len(re.findall("finished", page)) for page in pages) == 2


def test_that_spanning_rows_keep_their_columns(tmp_path: Path) -> None:
    content = content_of(sample("one-site"), AS_OF)
    tables = [b for b in content.blocks if isinstance(b, Table)]
    assert any(row.span > 1 for t in tables for row in t.rows)
    for table in tables:
        covered = 0
        for row in table.rows:
            expected = 1 if row.group else len(table.columns) - (1 if covered else 0)
            assert len(row.cells) == expected
            covered = covered - 1 if covered else row.span - 1
        assert covered == 0


def test_that_nothing_typed_is_part_of_the_template() -> None:
    files = memo_files(content_of(renamed(sample("one-site"), MARKUP[0]), AS_OF))
    assert MARKUP[0].encode() not in files["main.typ"]
    assert MARKUP[0].encode() in files["memo.json"]


class Balanced(HTMLParser):
    """Counts open elements; fails on one that is closed in the wrong order."""

    VOID = ("meta", "br", "path", "circle")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.mark.parametrize("name", ["Cedar Bend", *MARKUP, *HOSTILE_TEXTS])
def test_that_the_web_page_is_whole_self_contained_and_says_the_same(name: str) -> None:
    plan = renamed(sample("one-site"), name)
    content = content_of(plan, AS_OF)
    page = memo_bytes(plan, ".html", AS_OF).decode()
    reader = Balanced()
    reader.feed(page)
    assert reader.open == []
    assert content.title in "".join(reader.texts)
    assert not reader.tags & {"link", "img", "iframe"}
    # What `busbar verify` reads is a block of data: of a type that no browser runs.
    assert re.findall("<script[^>]*>", page) == [
        '<script type="application/vnd.busbar.proof+deflate" id="busbar-proof">'
    ]
    pictures = [b for b in content.blocks if isinstance(b, Picture)]
    assert page.count("<svg") == len(pictures) > 4
    assert "src=" not in page


def test_that_other_formats_are_refused_with_what_to_do() -> None:
    with pytest.raises(PlanFileError, match=r"no such format.*\.pdf, \.docx, \.html"):
        memo_bytes(sample("one-site"), ".odt", AS_OF)


def test_that_the_typesetter_is_loaded_only_when_something_is_typeset() -> None:
    late = "{'typst', 'PySide6', 'pandas', 'pypdf'}"
    modules = "app.memo.pdf, app.memo.html, app.memo.docx, app.memo.verify, models.memo.content"
    code = f"import {modules}, sys; print(sorted({late} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert found.strip() == "[]"


def test_that_a_row_may_be_a_heading_across_the_table() -> None:
    content = content_of(sample("three-sites"), AS_OF)
    assert any(row == Row(row.cells, group=True) for b in content.blocks if isinstance(b, Table) for row in b.rows)
