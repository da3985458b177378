"""Whether a memo is what its plan gives: nothing is said of an untouched one, and whatever was changed is named."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.memo.docx import memo_docx
from app.memo.files import content_of, memo_bytes
from app.memo.html import memo_html
from app.memo.pdf import memo_pdf
from app.memo.printed import Difference, Piece, line_differences
from app.memo.verify import Verdict, printed_differences, verify
from models.memo.carrier import docx_part, format_of, html_block
from models.memo.parts import Figure, MemoContent, figures_in
from models.memo.proof import proof_bytes
from models.problems import PlanFileError
from models.samples import sample
from models.storage.plan_file import digest, save_plan
from tests.command import busbar

AS_OF = date(2026, 11, 23)
FORMATS = (".pdf", ".docx", ".html")
DIGIT = re.compile(r"\d")


@pytest.fixture(scope="module")
def content() -> MemoContent:
    return content_of(sample("one-site"), AS_OF)


@pytest.fixture(scope="module")
def memos() -> dict[str, bytes]:
    return {suffix: memo_bytes(sample("one-site"), suffix, AS_OF) for suffix in FORMATS}


def other_digit(text: str) -> str:
    """The text with its first digit changed."""
    return DIGIT.sub(lambda found: str((int(found[0]) + 1) % 10), text, count=1)


def with_figures(part: Any, change: Callable[[Figure], Figure]) -> Any:
    """A memo, or a part of one, whose figures are others."""
    if isinstance(part, Figure):
        return change(part)
    if isinstance(part, tuple):
        return tuple(with_figures(item, change) for item in part)
    if dataclasses.is_dataclass(part) and not isinstance(part, type) and type(part).__module__ == "models.memo.parts":
        values = {f.name: with_figures(getattr(part, f.name), change) for f in dataclasses.fields(part)}
        return dataclasses.replace(part, **values)
    return part


def repacked(docx: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A Word file with its parts changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


def with_record(memo: bytes, suffix: str, record: bytes, content: MemoContent) -> bytes:
    """A memo that carries another record."""
    if suffix == ".docx":
        return repacked(memo, lambda name, part: docx_part(record) if name == "customXml/item1.xml" else part)
    if suffix == ".html":
        return re.sub(rb"<script.*?</script>", html_block(record).encode(), memo, flags=re.DOTALL)
    from app.memo.pdf import _compile, memo_files

    return _compile(memo_files(content, record), content, "pdf", None)[0]


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_an_untouched_memo_matches(suffix: str, memos: dict[str, bytes], content: MemoContent) -> None:
    verdict = verify(memos[suffix], "memo")
    assert verdict.is_genuine
    assert verdict.sentence == f"all {len(content.figures)} figures match"
    assert verdict.plan_digest == digest(sample("one-site"))
    assert verdict.notes == ()
    assert digest(sample("one-site")) in verdict.subject


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_a_memo_of_a_scenario_is_recomputed_in_it(suffix: str) -> None:
    plan = sample("three-sites")
    verdict = verify(memo_bytes(plan, suffix, AS_OF, plan.scenarios[0].id), "memo")
    assert verdict.is_genuine
    assert verdict.scenario_name == plan.scenarios[0].name


# A digit


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_a_changed_digit_is_named_in_every_figure(suffix: str, content: MemoContent) -> None:
    """Every figure is printed with a wrong digit; the file carries the true plan and list."""
    from app.memo.docx import memo_docx
    from app.memo.html import memo_html

    changed = with_figures(content, lambda f: dataclasses.replace(f, text=other_digit(f.text)))
    write = {".pdf": memo_pdf, ".docx": memo_docx, ".html": memo_html}[suffix]
    differences, _ = printed_differences(write(changed), content, "memo")
    expected = {
        (f.id, other_digit(f.text), f.text)
        for b in (content.headline, *content.blocks)
        for f in figures_in(b)
        if DIGIT.search(f.text)
    }
    found = {(d.address, d.found, d.expected) for d in differences if d.kind == "figure"}
    assert len(expected) > 150
    assert expected - found == set()
    assert {(d.address, d.found, d.expected) for d in differences} == expected | {
        item for item in found if item[1:] == ("", "")
    }


def test_that_one_digit_in_a_web_page_is_named(memos: dict[str, bytes], content: MemoContent) -> None:
    page = memos[".html"].decode()
    spans = list(re.finditer(r'<span data-figure="([^"]+)">([^<]+)<', page))
    assert len(spans) > len(content.figures)
    for span in spans[::11]:
        text = other_digit(span[2])
        if text != span[2]:
            tampered = page[: span.start(2)] + text + page[span.end(2) :]
            differences, _ = printed_differences(tampered.encode(), content, "memo.html")
            assert [(d.kind, d.address, d.found, d.expected) for d in differences] == [
                ("figure", span[1], text, span[2])
            ]


def test_that_one_digit_in_a_word_file_is_named(memos: dict[str, bytes], content: MemoContent) -> None:
    figure = content.figures[next(address for address in content.figures if address.endswith("lead_usd_per_mw"))]
    assert figure.text.startswith("$")

    def change(name: str, part: bytes) -> bytes:
        if name != "word/document.xml":
            return part
        assert f">{figure.text}<".encode() in part
        return part.replace(f">{figure.text}<".encode(), f">{other_digit(figure.text)}<".encode(), 1)

    verdict = verify(repacked(memos[".docx"], change), "memo.docx")
    assert [(d.kind, d.address, d.found, d.expected) for d in verdict.differences] == [
        ("figure", figure.id, other_digit(figure.text), figure.text)
    ]
    assert verdict.sentence == f"1 of {len(content.figures)} figures differs"


def test_that_one_digit_in_the_drawing_of_a_pdf_is_named(memos: dict[str, bytes], content: MemoContent) -> None:
    for figure in [f for b in content.blocks for f in figures_in(b) if f.text.startswith("$")][:3]:
        differences, _ = printed_differences(pdf_with_other_digit(memos[".pdf"], figure.text), content, "memo.pdf")
        assert [(d.kind, d.found, d.expected) for d in differences] == [
            ("figure", other_digit(figure.text), figure.text)
        ]
        assert content.figures[differences[0].address].value == figure.value


def pdf_with_other_digit(pdf: bytes, text: str) -> bytes:
    """Unpack the page, change a digit of the first place that prints a text, pack it again."""
    import pypdf
    from pypdf.generic import ByteStringObject, ContentStream, NameObject

    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf)))
    for page in writer.pages:
        stream = ContentStream(page["/Contents"].get_object(), writer)
        letters: dict[int, str] = {}
        for operands, operator in stream.operations:
            if operator == b"Tf":
                table = page["/Resources"]["/Font"][operands[0]]["/ToUnicode"].get_data().decode("latin-1")
                pairs = re.findall(r"^<([0-9A-Fa-f]{4})> *<([0-9A-Fa-f]{4})>\s*$", table, re.MULTILINE)
                letters = {int(code, 16): chr(int(letter, 16)) for code, letter in pairs}
            if operator not in (b"TJ", b"Tj"):
                continue
            drawn = operands[0] if operator == b"TJ" else operands[:1]
            strings = [item for item in drawn if isinstance(item, bytes | str)]
            raw = [item if isinstance(item, bytes) else item.original_bytes for item in strings]
            shown = "".join(letters.get(r[k] << 8 | r[k + 1], "?") for r in raw for k in range(0, len(r), 2))
            if shown == text:
                codes = {letter: code for code, letter in letters.items()}
                code = b"".join(codes[letter].to_bytes(2, "big") for letter in other_digit(text))
                drawn[:] = [ByteStringObject(code)]
                if operator == b"Tj":
                    operands[:1] = drawn
                page[NameObject("/Contents")] = writer._add_object(stream)
                made = io.BytesIO()
                writer.write(made)
                return made.getvalue()
    raise AssertionError(f"{text} is printed nowhere")


# What it carries


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_a_memo_of_another_processor_is_byte_for_byte_a_memo(suffix: str, content: MemoContent) -> None:
    """Its sums end in other digits, and no more is different."""
    write = {".pdf": memo_pdf, ".docx": memo_docx, ".html": memo_html}[suffix]

    def elsewhere(figure: Figure) -> Figure:
        return dataclasses.replace(figure, value=math.nextafter(figure.value, math.inf))

    verdict = verify(write(with_figures(content, elsewhere)), "memo")
    assert (verdict.differences, verdict.notes) == ((), ())

    def too_far(figure: Figure) -> Figure:
        return dataclasses.replace(figure, value=figure.value * (1.0 + 1e-7))

    far = verify(write(with_figures(content, too_far)), "memo")
    assert {d.kind for d in far.differences} == {"listed"}
    assert "not byte for byte" in far.notes[0]


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_a_digit_in_the_list_is_named(suffix: str, memos: dict[str, bytes], content: MemoContent) -> None:
    record = json.loads(proof_bytes(content))
    figure = record["figures"][7]
    figure[2] = other_digit(figure[2])
    verdict = verify(with_record(memos[suffix], suffix, json.dumps(record).encode(), content), "memo")
    assert [(d.kind, d.address, d.found) for d in verdict.differences] == [("listed", figure[0], figure[2])]


@pytest.mark.parametrize("suffix", FORMATS)
def test_that_a_changed_plan_is_found(suffix: str, memos: dict[str, bytes], content: MemoContent) -> None:
    record = json.loads(proof_bytes(content))
    record["plan"]["market"]["btc_price_usd"] += 1
    verdict = verify(with_record(memos[suffix], suffix, json.dumps(record).encode(), content), "memo")
    assert "market.btc_price_usd" in verdict.differing
    assert any(d.kind == "plan" and content.plan_digest.startswith(d.expected[-12:]) for d in verdict.differences)
    assert {d.kind for d in verdict.differences} >= {"figure", "listed", "plan"}


def test_that_a_changed_record_is_found_even_where_no_figure_shows_it(
    memos: dict[str, bytes], content: MemoContent
) -> None:
    record = json.loads(proof_bytes(content)) | {"remark": "checked"}
    verdict = verify(with_record(memos[".html"], ".html", json.dumps(record).encode(), content), "memo")
    assert [(d.kind, d.found) for d in verdict.differences] == [("plan", "changed")]
    assert verdict.sentence == f"the {len(content.figures)} figures match, but something else was changed"


def test_that_a_seed_is_told_and_one_put_in_is_found_even_sealed(memos: dict[str, bytes], content: MemoContent) -> None:
    assert "no seed: nothing in it is drawn at random" in verify(memos[".html"], "memo").subject
    record = json.loads(proof_bytes(content)) | {"seed": 7}
    del record["seal"]
    seal = hashlib.sha256(json.dumps(record, separators=(",", ":")).encode("ascii")).hexdigest()
    sealed = json.dumps(record | {"seal": seal}).encode()
    verdict = verify(with_record(memos[".html"], ".html", sealed, content), "memo")
    assert [(d.kind, d.found, d.place) for d in verdict.differences] == [("plan", "seed 7", "the seed it carries")]
    assert "· seed 7 ·" in verdict.subject
    damaged = json.dumps(record | {"seed": "seven"}).encode()
    with pytest.raises(PlanFileError, match="is damaged"):
        verify(with_record(memos[".html"], ".html", damaged, content), "memo")


def test_that_a_plan_without_the_scenario_is_answered_with_a_sentence(
    memos: dict[str, bytes], content: MemoContent
) -> None:
    record = json.loads(proof_bytes(content)) | {"scenario": "nowhere"}
    with pytest.raises(PlanFileError, match="does not have the memo's scenario"):
        verify(with_record(memos[".html"], ".html", json.dumps(record).encode(), content), "memo.html")


def test_that_a_memo_of_another_version_says_both(content: MemoContent) -> None:
    verdict = verify(memo_pdf(dataclasses.replace(content, program_version="0.0.9")), "memo.pdf")
    assert verdict.is_genuine
    assert "Busbar 0.0.9, recomputed by" in verdict.subject
    assert len(verdict.notes) == 1
    assert "0.0.9" in verdict.notes[0]


# Beside the figures


def test_that_changed_words_are_found(memos: dict[str, bytes], content: MemoContent) -> None:
    page = memos[".html"].replace(b"best use of a utility megawatt is", b"worst use of a utility megawatt is")
    verdict = verify(page, "memo.html")
    assert [d.kind for d in verdict.differences] == ["words"]
    assert "worst use" in verdict.differences[0].found


@pytest.mark.parametrize(
    "addition",
    [
        b"<script>document.title = 1</script></body>",
        b"<style>.lead { display: none }</style></body>",
        b'<div style="position:absolute"></div></body>',
    ],
)
def test_that_whatever_could_hide_or_rewrite_a_web_page_is_found(addition: bytes, memos: dict[str, bytes]) -> None:
    verdict = verify(memos[".html"].replace(b"</body>", addition), "memo.html")
    assert [d.kind for d in verdict.differences] == ["drawing"]


def test_that_text_hidden_in_a_word_file_is_missing(memos: dict[str, bytes]) -> None:
    def change(name: str, part: bytes) -> bytes:
        if name != "word/document.xml":
            return part
        return part.replace(b"<w:r><w:t", b"<w:r><w:rPr><w:vanish/></w:rPr><w:t", 4)

    assert not verify(repacked(memos[".docx"], change), "memo.docx").is_genuine


def test_that_text_inserted_into_a_word_file_is_found(memos: dict[str, bytes]) -> None:
    def change(name: str, part: bytes) -> bytes:
        new = b"<w:p><w:r><w:t>The board has approved this.</w:t></w:r></w:p><w:sectPr>"
        return part.replace(b"<w:sectPr>", new) if name == "word/document.xml" else part

    verdict = verify(repacked(memos[".docx"], change), "memo.docx")
    assert [(d.kind, d.found) for d in verdict.differences] == [("words", "The board has approved this.")]


def test_that_a_picture_replaced_in_a_word_file_is_found(memos: dict[str, bytes]) -> None:
    def change(name: str, part: bytes) -> bytes:
        return part + b"\0" if name == "word/media/chart1.png" else part

    verdict = verify(repacked(memos[".docx"], change), "memo.docx")
    assert [(d.kind, d.place) for d in verdict.differences] == [("drawing", "the charts")]


def saved(change: Callable[[Any], None], pdf: bytes) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(pdf)))
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize("place", ["fonts/font1.odttf", "media/face.bin"])
def test_that_a_typeface_put_into_a_word_file_is_told(memos: dict[str, bytes], place: str) -> None:
    # One that draws a 3 as an 8 would change no text.
    with zipfile.ZipFile(io.BytesIO(memos[".docx"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[f"word/{place}"] = parts.pop("word/fonts/font1.odttf")[:-1] + b"\x01"
    relations = "word/_rels/fontTable.xml.rels"
    parts[relations] = parts[relations].replace(b"fonts/font1.odttf", place.encode())
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    verdict = verify(made.getvalue(), "memo.docx")
    assert "It carries a typeface that is not Busbar's" in " ".join(verdict.notes)
    assert "typeface" not in " ".join(verify(memos[".docx"], "memo.docx").notes)


def test_that_a_pdf_saved_by_another_program_still_matches(memos: dict[str, bytes], content: MemoContent) -> None:
    again = saved(lambda writer: None, memos[".pdf"])
    assert again != memos[".pdf"]
    verdict = verify(again, "memo.pdf")
    assert verdict.is_genuine
    assert "not byte for byte" in verdict.notes[0]


def test_that_a_missing_page_is_found(memos: dict[str, bytes]) -> None:
    verdict = verify(saved(lambda writer: writer.remove_page(1), memos[".pdf"]), "memo.pdf")
    assert not verdict.is_genuine
    assert verdict.differences[0].kind == "drawing"


def test_that_what_is_laid_over_a_page_is_found_and_a_signature_is_told(memos: dict[str, bytes]) -> None:
    from pypdf.annotations import FreeText
    from pypdf.generic import NameObject

    def note(writer: Any) -> Any:
        return writer.add_annotation(0, FreeText(text="$9.99M", rect=(60, 600, 200, 640)))

    verdict = verify(saved(note, memos[".pdf"]), "memo.pdf")
    assert [(d.kind, d.place) for d in verdict.differences] == [("drawing", "page 1")]

    def sign(writer: Any) -> None:
        made = note(writer)
        made[NameObject("/Subtype")] = NameObject("/Widget")
        made[NameObject("/FT")] = NameObject("/Sig")

    verdict = verify(saved(sign, memos[".pdf"]), "memo.pdf")
    assert verdict.is_genuine
    assert "signature lies on page 1" in verdict.notes[1]


def test_that_a_white_box_over_a_figure_is_found(memos: dict[str, bytes]) -> None:
    def cover(writer: Any) -> None:
        from pypdf.generic import NameObject, StreamObject

        page = writer.pages[0]
        stream = StreamObject()
        stream.set_data(page.get_contents().get_data() + b"\n1 1 1 rg 60 600 100 20 re f")
        page[NameObject("/Contents")] = writer._add_object(stream)

    verdict = verify(saved(cover, memos[".pdf"]), "memo.pdf")
    assert [(d.kind, d.place) for d in verdict.differences] == [("drawing", "page 1")]


def test_that_pages_which_are_drawn_otherwise_are_told_in_one_line(memos: dict[str, bytes]) -> None:
    def shrink(writer: Any) -> None:
        for page in writer.pages:
            page.scale_by(0.5)

    verdict = verify(saved(shrink, memos[".pdf"]), "memo.pdf")
    import pypdf

    count = len(pypdf.PdfReader(io.BytesIO(memos[".pdf"])).pages)
    assert [(d.kind, d.place) for d in verdict.differences] == [("drawing", f"page 1 and {count - 1} others")]


def test_that_an_encrypted_pdf_is_answered_with_a_sentence(memos: dict[str, bytes]) -> None:
    with pytest.raises(PlanFileError, match="encrypted"):
        verify(saved(lambda writer: writer.encrypt("secret", algorithm="RC4-128"), memos[".pdf"]), "memo.pdf")


def test_that_a_word_file_saved_by_a_word_processor_still_matches(memos: dict[str, bytes], tmp_path: Path) -> None:
    if shutil.which("soffice") is None or not list(Path("/usr/lib/libreoffice/program").glob("libsw*lo.so")):
        pytest.skip("LibreOffice Writer is not installed")
    (tmp_path / "memo.docx").write_bytes(memos[".docx"])
    command = [
        "soffice",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "docx:MS Word 2007 XML",
    ]
    subprocess.run(
        [*command, "--outdir", tmp_path / "out", tmp_path / "memo.docx"], capture_output=True, timeout=180, check=True
    )
    again = (tmp_path / "out" / "memo.docx").read_bytes()
    assert again != memos[".docx"]
    verdict = verify(again, "memo.docx")
    assert verdict.is_genuine


# Files of whatever origin


@given(st.sampled_from(FORMATS), st.data())
def test_that_a_damaged_memo_never_matches_and_never_crashes(
    memos: dict[str, bytes], suffix: str, data: st.DataObject
) -> None:
    memo = memos[suffix]
    if data.draw(st.booleans()):
        broken = memo[: data.draw(st.integers(0, len(memo) - 9))]
    else:
        at = data.draw(st.integers(0, len(memo) - 5))
        broken = memo[:at] + data.draw(st.binary(min_size=4, max_size=4)) + memo[at + 4 :]
    try:
        verdict: Verdict = verify(broken, "memo")
    except PlanFileError:
        return
    # A few bytes may be of no consequence, such as a program's name; the file is then still not byte for byte ours.
    assert broken == memo or not verdict.is_genuine or verdict.notes


@pytest.mark.parametrize("above", [b"", b"\xef\xbb\xbf\n", b"<!-- saved from x -->\r\n<!---->", b"<!---->" * 500])
def test_that_comments_above_a_page_are_passed_over(above: bytes) -> None:
    assert format_of(above + b"<!DOCTYPE html><html>", "memo") == "html"
    with pytest.raises(PlanFileError, match="neither a PDF"):
        format_of(above + b"x", "memo")


@pytest.mark.parametrize("text", [b"<!--" * 500, b"<!---->" * 60 + b"<!-- <html>"])
def test_that_a_comment_without_an_end_is_no_page(text: bytes) -> None:
    with pytest.raises(PlanFileError, match="neither a PDF"):
        format_of(text, "memo")


def test_that_a_word_file_packed_in_an_unusual_way_or_with_wrong_places_is_refused(memos: dict[str, bytes]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(memos[".docx"])) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    spoilt = bytearray(made.getvalue())
    spoilt[60:90] = b"\xff" * 30
    with pytest.raises(PlanFileError, match="unusual way"):
        verify(bytes(spoilt), "memo.docx")
    memo = memos[".docx"]
    directory = int.from_bytes(memo[-6:-2], "little") + 9
    with pytest.raises(PlanFileError, match="damaged"):
        verify(memo[:-6] + directory.to_bytes(4, "little") + memo[-2:], "memo.docx")


def test_that_entities_are_found_in_a_word_file_of_another_encoding(memos: dict[str, bytes]) -> None:
    def change(name: str, part: bytes) -> bytes:
        if name != "word/document.xml":
            return part
        text = part.decode().replace("?>", "?><!DOCTYPE w [<!ENTITY a '777'>]>", 1)
        return text.replace('"UTF-8"', '"UTF-16"').encode("utf-16-le")

    with pytest.raises(PlanFileError, match="no word processor writes"):
        verify(repacked(memos[".docx"], change), "memo.docx")


def test_that_a_page_which_draws_itself_over_and_over_is_refused(memos: dict[str, bytes]) -> None:
    def nest(writer: Any) -> None:
        from pypdf.generic import DictionaryObject, NameObject, StreamObject

        form = StreamObject()
        form.set_data(b"/Me Do " * 20)
        form[NameObject("/Subtype")] = NameObject("/Form")
        place = writer._add_object(form)
        inside = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/Me"): place})})
        form[NameObject("/Resources")] = inside
        page = writer.pages[0]
        page[NameObject("/Resources")] = inside
        page[NameObject("/Contents")] = place

    with pytest.raises(PlanFileError, match="unpacks to more"):
        verify(saved(nest, memos[".pdf"]), "memo.pdf")


@pytest.mark.parametrize("suffix", [".docx", ".html"])
def test_that_a_memo_blown_up_is_refused(suffix: str, memos: dict[str, bytes]) -> None:
    if suffix == ".html":
        blown = memos[suffix] + b"<p>more</p>" * 2_500_000
    else:
        blown = repacked(memos[suffix], lambda name, part: part + b" " * 25_000_000 * (name == "word/document.xml"))
    with pytest.raises(PlanFileError, match="unpacks to more"):
        verify(blown, "memo")


def test_that_lines_of_any_length_are_compared_in_reasonable_time() -> None:
    figure = Figure("uses.a1.npv_usd_per_mw", 1.0, "$1.00M")
    line = (Piece("word " * 20_000), Piece(figure.text, figure))
    assert line_differences([line], [(Piece("word " * 20_000 + "$2.00M"),)], "the text") == [
        Difference("figure", figure.id, "", "$1.00M", "the text")
    ]
    many = [(Piece("—"),)] * 5_000
    began = perf_counter()
    assert line_differences([*many, line], [*many, *many], "the text")
    assert perf_counter() - began < 20.0


# The command


def test_that_the_command_counts_names_and_refuses(tmp_path: Path, content: MemoContent) -> None:
    plan, memo = tmp_path / "plan.busbar", tmp_path / "memo.html"
    save_plan(sample("one-site"), plan)
    assert busbar("memo", plan, "-o", memo).returncode == 0
    done = busbar("verify", memo, environment={"QT_QPA_PLATFORM": ""})
    assert (done.returncode, done.stderr) == (0, b"")
    lines = done.stdout.decode().splitlines()
    assert lines[0] == f"All {len(content.figures)} figures match."
    assert digest(sample("one-site")) in lines[1]

    span = re.search(r'data-figure="([^"]+)">(\$[^<]+)<', page := memo.read_text("utf-8"))
    assert span is not None
    memo.write_text(page[: span.start(2)] + other_digit(span[2]) + page[span.end(2) :], "utf-8")
    done = busbar("verify", memo)
    assert done.returncode == 1
    assert f"({span[1]}): the text says {other_digit(span[2])}, recomputed {span[2]}" in done.stdout.decode()
    assert done.stderr.count(b"\n") == 1
    assert b"memo.html: 1 of" in done.stderr
    answer = json.loads(busbar("verify", memo, "--json").stdout)
    assert (answer["matches"], answer["differing"], answer["seed"]) == (False, [span[1]], None)

    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"Dear board,")
    for arguments, code in ((("verify", letter), 1), (("verify", tmp_path / "none.pdf"), 1), (("verify",), 2)):
        done = busbar(*arguments)
        assert (done.returncode, done.stdout) == (code, b"")
        assert done.stderr.count(b"\n") == 1
