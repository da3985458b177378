"""What a memo carries: the same for the same memo, whole after every way in and out, and read without trust."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import zipfile
import zlib
from base64 import b64encode
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from models.evaluate import evaluate
from models.memo.carrier import (
    SCRIPT_ID,
    SCRIPT_TYPE,
    carried_record,
    docx_part,
    format_of,
    html_block,
    open_docx,
    parsed,
)
from models.memo.content import memo_content
from models.memo.figure_names import figure_name
from models.memo.parts import MemoContent, figures_in
from models.memo.proof import LIMIT_BYTES, listed_differences, printed_figures, proof_bytes, read_proof, with_proof
from models.plan import Plan
from models.problems import PlanFileError
from models.samples import sample
from models.storage.plan_file import digest
from tests.strategies import dearest, plans

AS_OF = date(2026, 11, 23)


def content_of(plan: Plan) -> MemoContent:
    return memo_content(plan, evaluate(plan), as_of=AS_OF)


@pytest.fixture(scope="module")
def content() -> MemoContent:
    return content_of(sample("one-site"))


def changed(content: MemoContent, **values: Any) -> bytes:
    """A record with some of its members replaced, its seal left as it was."""
    return json.dumps(json.loads(proof_bytes(content)) | values).encode()


def test_that_a_record_says_what_the_memo_says(content: MemoContent) -> None:
    proof = read_proof(proof_bytes(content), "memo.pdf")
    assert proof.plan == sample("one-site")
    assert proof.plan_digest == digest(sample("one-site")) == content.plan_digest
    assert (proof.scenario_id, proof.as_of, proof.program_version) == ("base", AS_OF, content.program_version)
    assert proof.is_whole
    assert {f.id for f in proof.figures} == set(content.figures)
    assert list(listed_differences(proof, content)) == []


def test_that_every_printed_text_is_listed(content: MemoContent) -> None:
    printed = {(f.id, f.text) for part in (content.headline, *content.blocks) for f in figures_in(part)}
    listed = [(f.id, f.text) for f in printed_figures(content)]
    assert set(listed) == printed
    assert len(listed) == len(printed)
    assert len(printed) > len(content.figures), "some figure of the sample is printed in two ways"


@dearest
@given(plans(usual=True, max_records=2))
def test_that_any_plan_comes_back_with_its_figures(plan: Plan) -> None:
    content = content_of(plan)
    record = proof_bytes(content)
    assert record.isascii()
    assert proof_bytes(content) == record
    proof = read_proof(record, "memo.pdf")
    assert digest(proof.plan) == digest(plan)
    assert proof.is_whole
    assert list(listed_differences(proof, content)) == []


def test_that_one_digit_of_any_listed_figure_is_found(content: MemoContent) -> None:
    figures = json.loads(proof_bytes(content))["figures"]
    for place, (address, value, text) in enumerate(figures):
        at = next((n for n, c in enumerate(text) if c.isdigit()), None)
        if at is not None:
            other = text[:at] + str((int(text[at]) + 1) % 10) + text[at + 1 :]
            tampered = [*figures[:place], [address, value, other], *figures[place + 1 :]]
            found = list(listed_differences(read_proof(changed(content, figures=tampered), "memo.pdf"), content))
            assert [(d.address, d.listed, d.recomputed) for d in found] == [(address, other, text)]


def test_that_the_last_digit_of_a_listed_value_is_found_because_the_seal_is_broken(content: MemoContent) -> None:
    figures = json.loads(proof_bytes(content))["figures"]
    place = next(n for n, (_, value, _) in enumerate(figures) if value and not float(value).is_integer())
    figures[place][1] = math.nextafter(figures[place][1], math.inf)
    proof = read_proof(changed(content, figures=figures), "memo.pdf")
    assert not proof.is_whole
    assert [d.address for d in listed_differences(proof, content)] == [figures[place][0]]


def test_that_a_processor_may_differ_in_the_last_digit(content: MemoContent) -> None:
    proof = read_proof(proof_bytes(content), "memo.pdf")
    slightly = tuple(dataclasses.replace(f, value=f.value * (1 + 1e-14)) for f in proof.figures)
    assert list(listed_differences(dataclasses.replace(proof, figures=slightly), content)) == []
    clearly = tuple(dataclasses.replace(f, value=f.value * (1 + 1e-6)) for f in proof.figures)
    assert len(list(listed_differences(dataclasses.replace(proof, figures=clearly), content))) > 100


def test_that_figures_which_were_added_or_left_out_are_found(content: MemoContent) -> None:
    figures = json.loads(proof_bytes(content))["figures"]
    addresses = [address for address, _, _ in figures]
    once = next(n for n, address in enumerate(addresses) if addresses.count(address) == 1)
    less = read_proof(changed(content, figures=figures[:once] + figures[once + 1 :]), "memo.pdf")
    assert [(d.address, d.listed) for d in listed_differences(less, content)] == [(addresses[once], "")]
    more = read_proof(changed(content, figures=[*figures, ["uses.x.npv_usd_per_mw", 1.0, "1"]]), "memo.pdf")
    assert [(d.address, d.recomputed) for d in listed_differences(more, content)] == [("uses.x.npv_usd_per_mw", "")]


def test_that_any_other_change_of_the_record_breaks_its_seal(content: MemoContent) -> None:
    plan = json.loads(proof_bytes(content))["plan"]
    for values in ({"as_of": "2026-11-24"}, {"plan": plan | {"sites": []}}, {"seed": 1}, {"more": True}):
        try:
            proof = read_proof(changed(content, **values), "memo.pdf")
        except PlanFileError:
            continue  # a plan without the sites that it refers to is none
        assert not proof.is_whole


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"busbar_proof": 2, "program": "9.9"}, "newer Busbar, 9.9"),
        ({"busbar_proof": "1"}, "damaged"),
        ({"busbar_proof": True}, "damaged"),
        ({"as_of": "yesterday"}, "damaged"),
        ({"as_of": None}, "damaged"),
        ({"figures": {}}, "damaged"),
        ({"figures": [["a", "1", "1"]]}, "damaged"),
        ({"figures": [["a", True, "1"]]}, "damaged"),
        ({"figures": [["a"]]}, "damaged"),
        ({"plan": []}, "damaged"),
        ({"plan": {"busbar_plan": 99}}, "newer Busbar"),
        ({"plan": {"busbar_plan": 1, "plan": {"name": "x", "start": "2026-13"}}}, "the plan that it carries"),
    ],
)
def test_that_a_record_which_cannot_be_meant_is_answered_with_a_sentence(
    content: MemoContent, values: dict[str, Any], words: str
) -> None:
    with pytest.raises(PlanFileError, match=words):
        read_proof(changed(content, **values), "memo.pdf")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"busbar_proof":' + b"9" * 5_000]
)
def test_that_what_is_no_record_is_answered_with_a_sentence(data: bytes) -> None:
    with pytest.raises(PlanFileError, match="damaged"):
        read_proof(data, "memo.pdf")


def test_that_a_huge_number_is_no_reason_to_fail(content: MemoContent) -> None:
    figures = [["uses.x.npv_usd_per_mw", 10**400, "1"]]
    assert math.isinf(read_proof(changed(content, figures=figures), "memo.pdf").figures[0].value)


def test_that_every_figure_has_a_name_of_its_own_kind() -> None:
    for name in ("one-site", "three-sites"):
        plan = sample(name)
        names = {address: figure_name(plan, address) for address in content_of(plan).figures}
        assert [a for a, words in names.items() if words == a] == []
        assert names["uses.o1.npv_usd_per_mw"].startswith("NPV, ")
        assert names["recommendation.s1.lead_usd_per_mw"].endswith(plan.sites[0].name)
    assert figure_name(plan, "figures.of.a_later_version") == "figures.of.a_later_version"
    assert figure_name(plan, "uses.nobody.npv_usd_per_mw") == "uses.nobody.npv_usd_per_mw"


# Where it stands


def test_that_a_format_is_known_by_its_content() -> None:
    assert format_of(b"\n%PDF-1.7", "a") == "pdf"
    assert format_of(b"PK\x03\x04", "a") == "docx"
    assert format_of(b"\xef\xbb\xbf<!-- saved --> <!DOCTYPE html><p>", "a") == "html"
    for data, words in ((b"", "empty"), (b"hello", "neither"), (b"SQLite format 3\x00", "neither")):
        with pytest.raises(PlanFileError, match=words):
            format_of(data, "a")


def archive(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return made.getvalue()


def test_that_the_record_of_a_word_file_is_found_under_any_name() -> None:
    parts = {
        "word/document.xml": b"<a/>",
        "customXml/item1.xml": b"<other/>",
        "customXml/item7.xml": docx_part(b'{"<&": 1}'),
    }
    assert carried_record(archive(parts), "memo.docx") == b'{"<&": 1}'


def test_that_a_web_page_gives_back_its_record() -> None:
    page = f"<!doctype html><html>{html_block(b'{}' * 100)}</html>"
    assert carried_record(page.encode(), "memo.html") == b"{}" * 100


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!doctype html><html></html>", "carries no plan"),
        (b"<!doctype html>\xff", "web page is damaged"),
        (archive({"word/document.xml": b"<a/>"}), "carries no plan"),
        (archive({"xl/workbook.xml": b"<a/>"}), "no Word file"),
        (archive({f"a{n}": b"" for n in range(3_000)}), "unpacks to more"),
        (archive({"word/document.xml": b"<a/>"})[:-30], "damaged or cut off"),
        (b"PK\x03\x04" + b"\0" * 50, "damaged or cut off"),
        (b"%PDF-1.7\n" + b"\0" * 50, "PDF is damaged"),
        (b"%PDF-1.7\n%%EOF", "PDF is damaged"),
    ],
)
def test_that_a_file_without_a_record_is_answered_with_a_sentence(data: bytes, words: str) -> None:
    with pytest.raises(PlanFileError, match=words):
        carried_record(data, "memo")


def test_that_bombs_are_refused_before_they_go_off() -> None:
    bomb = b64encode(zlib.compress(b"0" * (LIMIT_BYTES + 10), 9)).decode()
    page = f'<!doctype html><html><script type="{SCRIPT_TYPE}" id="{SCRIPT_ID}">{bomb}</script>'
    with pytest.raises(PlanFileError, match="unpacks to more"):
        carried_record(page.encode(), "memo.html")
    with pytest.raises(PlanFileError, match="unpacks to more"):
        open_docx(archive({"word/document.xml": b"0" * 201_000_000}), "memo.docx")
    entities = b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    for xml in (entities, entities.decode().encode("utf-16")):
        with pytest.raises(PlanFileError, match="no word processor writes"):
            parsed(xml, "memo.docx")


def test_that_an_archive_which_lies_about_its_sizes_is_damaged() -> None:
    data = bytearray(archive({"word/document.xml": b"0" * 1_000_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    with pytest.raises(PlanFileError, match="damaged"):
        open_docx(bytes(data), "memo.docx")


def test_that_a_record_beyond_the_limit_is_not_carried(content: MemoContent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.memo.proof.LIMIT_BYTES", 1_000)
    assert proof_bytes(content) == b""
    assert proof_bytes(dataclasses.replace(content, plan=None)) == b""


def test_that_a_memo_without_its_plan_says_so_on_every_page(
    content: MemoContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert with_proof(content)[0] is content
    monkeypatch.setattr("models.memo.proof.LIMIT_BYTES", 1_000)
    said, record = with_proof(content)
    assert record == b""
    assert said.digest_words.endswith("too large to carry its plan: this file cannot be verified")
    assert "cannot be verified" not in with_proof(dataclasses.replace(content, plan=None))[0].digest_words
