"""Whether a memo says what its plan gives: recomputed from what it carries, printed again, and compared with the file.

A memo that nobody has touched has the very bytes of a fresh one. Otherwise every page, paragraph and cell is compared,
and what differs is named: a figure by its address, with what it says and what it should say. What a file carries is
compared as well. Nothing here trusts the file: its plan is only taken for the plan because its figures follow from it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.memo.files import content_of
from app.memo.printed import Difference, line_differences
from models.memo.carrier import DOCX, HTML, PDF, carried_record, format_of, html_text, open_docx, refuse_size
from models.memo.figure_names import figure_name
from models.memo.parts import Figure, MemoContent
from models.memo.proof import EXPORT_AGAIN, SEED, Proof, listed_differences, read_proof
from models.memo.written import joined
from models.problems import PlanFileError
from models.storage.plan_file import program_version

MOST_TIMES, MOST_MORE = 8, 20_000_000
"""What a program that saves a memo anew may make of its size; beyond that it is not read."""
MOST_PAGES_NAMED = 4
SHOWN_DIGITS = 12
"""Of a digest in a sentence."""


Checked = tuple[list[Difference], list[str]]


@dataclass(frozen=True)
class Verdict:
    """What came of checking a memo.

    Attributes
    ----------
    plan_name, scenario_name, as_of, plan_digest
        What the memo is about; the digest is of the plan that it carries.
    seed
        Of what was drawn at random, as the memo states it; None where nothing was.
    memo_version, version
        The Busbar that wrote it, and the one that recomputed it.
    figure_count
        How many figures, by their addresses, the recomputed memo prints.
    differences
        In the order of reading, what is listed in the file after what is printed.
    notes
        What the reader should know, though nothing differs.
    names
        What the figures that differ are called, by their addresses.
    """

    plan_name: str
    scenario_name: str
    as_of: date
    plan_digest: str
    memo_version: str
    version: str
    figure_count: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None

    @property
    def is_genuine(self) -> bool:
        """Whether everything is as recomputed."""
        return not self.differences

    @property
    def differing(self) -> tuple[str, ...]:
        """Addresses of the figures that differ, each once."""
        return tuple(dict.fromkeys(d.address for d in self.differences if d.address))

    @property
    def sentence(self) -> str:
        """The verdict in one sentence.

        Examples
        --------
        >>> Verdict("North", "base", date(2026, 11, 28), "ab" * 32, "1", "1", 143, (), ()).sentence
        'all 143 figures match'
        """
        if self.is_genuine:
            return f"all {self.figure_count:,} figures match"
        count = len(self.differing)
        if count:
            return f"{count:,} of {self.figure_count:,} figures {'differs' if count == 1 else 'differ'}"
        return f"the {self.figure_count:,} figures match, but something else was changed"

    @property
    def subject(self) -> str:
        """What was checked, in one line."""
        versions = f"Busbar {self.memo_version}"
        if self.memo_version != self.version:
            versions += f", recomputed by {self.version}"
        return (
            f"{self.plan_name} · scenario {self.scenario_name} · {self.as_of.isoformat()} · {versions} · "
            f"{seed_words(self.seed)} · plan digest {self.plan_digest}"
        )


def verify(data: bytes, where: str) -> Verdict:
    """Recompute a memo and compare.

    Parameters
    ----------
    data
        The file: PDF, DOCX or HTML.
    where
        What to call it in an error: its name.

    Raises
    ------
    PlanFileError
        Where it carries nothing that could be recomputed, or cannot be read.
    """
    proof = read_proof(carried_record(data, where), where)
    content = _recomputed(proof, where)
    if proof.is_whole and not any(listed_differences(proof, content)):
        # Another processor's last digits, which are no difference, must not say that its bytes are not Busbar's.
        content = dataclasses.replace(content, carried_figures=proof.figures)
    differences, notes = printed_differences(data, content, where)
    differences += _check_record(proof, content)
    if proof.program_version != program_version():
        notes.append(
            f"The memo was written by Busbar {proof.program_version} and recomputed by {program_version()}: what "
            "differs may be due to what changed between them."
        )
    return Verdict(
        content.plan_name,
        content.scenario_name,
        content.as_of,
        content.plan_digest,
        proof.program_version,
        program_version(),
        len(content.figures),
        tuple(dict.fromkeys(differences)),
        tuple(notes),
        {d.address: figure_name(proof.plan, d.address) for d in differences if d.address},
        proof.seed,
    )


def seed_words(seed: int | None) -> str:
    """What a seed is said as.

    Examples
    --------
    >>> seed_words(None)
    'no seed: nothing in it is drawn at random'
    """
    return "no seed: nothing in it is drawn at random" if seed is None else f"seed {seed}"


def printed_differences(data: bytes, content: MemoContent, where: str) -> Checked:
    """Where a file does not say what a memo says, and what the reader should know beside that.

    Raises
    ------
    PlanFileError
        Where the file cannot be read.
    """
    check = {PDF: _check_pdf, DOCX: _check_docx, HTML: _check_html}[format_of(data, where)]
    return check(data, content, where)


def _recomputed(proof: Proof, where: str) -> MemoContent:
    try:
        content = content_of(proof.plan, proof.as_of, proof.scenario_id)
    except KeyError:
        what = "the plan that the memo carries does not have the memo's scenario"
        raise PlanFileError(what, where, EXPORT_AGAIN) from None
    # A memo says which version wrote it. That is no figure; all else must be as this version prints it.
    return dataclasses.replace(content, program_version=proof.program_version)


def _check_record(proof: Proof, content: MemoContent) -> list[Difference]:
    """What the file carries: the plan under the digest that it states, and the list of figures."""
    found = []
    if proof.plan_digest != content.plan_digest:
        stated = f"digest {proof.plan_digest[:SHOWN_DIGITS]}"
        found.append(
            Difference("plan", "", f"digest {content.plan_digest[:SHOWN_DIGITS]}", stated, "the plan it carries")
        )
    if proof.seed != SEED:
        found.append(Difference("plan", "", seed_words(proof.seed), seed_words(SEED), "the seed it carries"))
    listed = [
        Difference("listed", d.address, d.listed, d.recomputed, "the list it carries")
        for d in listed_differences(proof, content)
    ]
    if not proof.is_whole and not listed and not found:
        found.append(Difference("plan", "", "changed", "as Busbar wrote it", "what it carries"))
    return found + listed


def _check_pdf(data: bytes, content: MemoContent, where: str) -> Checked:
    from app.memo.pdf import marked_pdf, memo_pdf

    fresh = memo_pdf(content)
    if data == fresh:
        return [], []
    from app.memo.printed_pdf import PdfPages

    given, own = PdfPages(data, where), PdfPages(fresh, where)
    differences: list[Difference] = []
    notes = ["The file is not byte for byte what Busbar writes; its pages were compared."]
    if len(given) != len(own):
        differences.append(Difference("drawing", "", _pages(len(given)), _pages(len(own)), "the whole memo"))
    marked: PdfPages | None = None
    figures: list[Figure] = []
    redrawn: list[int] = []
    for number in range(min(len(given), len(own))):
        place = f"page {number + 1}"
        if given.is_signed(number):
            notes.append(f"A signature lies on {place}: see for yourself that it covers no figure.")
        if given.fingerprint(number) == own.fingerprint(number):
            continue
        if marked is None:
            pages, figures = marked_pdf(content)
            marked = PdfPages(pages, where)
        found = line_differences(marked.lines(number, figures), given.lines(number), place)
        differences += found
        if not found:
            redrawn.append(number + 1)
    if redrawn:
        differences.append(Difference("drawing", "", "drawn otherwise", "as Busbar draws it", _page_numbers(redrawn)))
    return differences, notes


def _page_numbers(numbers: list[int]) -> str:
    """Pages in one phrase: a changed typeface is on all of them."""
    if len(numbers) > MOST_PAGES_NAMED:
        return f"page {numbers[0]} and {len(numbers) - 1:,} others"
    return f"page{'' if len(numbers) == 1 else 's'} {joined(map(str, numbers))}"


def _pages(count: int) -> str:
    return f"{count:,} page{'' if count == 1 else 's'}"


def _check_docx(data: bytes, content: MemoContent, where: str) -> Checked:
    from app.memo.docx import marked_document, memo_docx

    fresh = memo_docx(content)
    if data == fresh:
        return [], []
    from app.memo.printed_docx import docx_lines, fonts_of, footers_of, pictures_of

    given, own = open_docx(data, where), open_docx(fresh, where)
    if _xml_bytes(given) > _xml_bytes(own) * MOST_TIMES + MOST_MORE:
        refuse_size(where)
    document, figures = marked_document(content)
    differences = line_differences(
        docx_lines(document.encode(), where, figures), docx_lines(given["word/document.xml"], where), "the text"
    )
    mine = [line for name in footers_of(own) for line in docx_lines(own[name], where)]
    theirs = [line for name in footers_of(given) for line in docx_lines(given[name], where)]
    differences += line_differences(mine, theirs, "the foot of the pages")
    foreign = pictures_of(given) - pictures_of(own)
    if foreign:
        said = f"{len(foreign)} picture{'' if len(foreign) == 1 else 's'} that Busbar did not draw"
        differences.append(Difference("drawing", "", said, "as Busbar draws them", "the charts"))
    elif len(pictures_of(given)) * 2 < len(pictures_of(own)):
        differences.append(Difference("drawing", "", "pictures are missing", "as Busbar draws them", "the charts"))
    notes = ["The file is not byte for byte what Busbar writes; its text and pictures were compared, not its layout."]
    if not fonts_of(given, where) <= fonts_of(own, where):
        notes.append("It carries a typeface that is not Busbar's: see that its figures look as they read when copied.")
    return differences, notes


def _xml_bytes(parts: dict[str, bytes]) -> int:
    return sum(len(part) for name, part in parts.items() if name.startswith("word/") and name.endswith(".xml"))


def _check_html(data: bytes, content: MemoContent, where: str) -> Checked:
    from app.memo.html import memo_html

    fresh = memo_html(content)
    if data == fresh:
        return [], []
    if len(data) > len(fresh) * MOST_TIMES + MOST_MORE:
        refuse_size(where)
    from app.memo.printed_html import HtmlPage

    given = HtmlPage(html_text(data, where))
    own = HtmlPage(fresh.decode(), content.figures)
    differences = line_differences(own.lines, given.lines, "the text")
    if given.shape != own.shape:
        said = "elements, styles or scripts that Busbar did not write"
        differences.append(Difference("drawing", "", said, "as Busbar writes them", "the page"))
    return differences, ["The file is not byte for byte what Busbar writes; its text and elements were compared."]
