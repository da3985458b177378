"""What a memo is made of: figures with an address, paragraphs, tables, pictures and exhibits, as frozen data.

Nothing here knows about pages. A `Figure` keeps the raw number beside the text that is printed, under a path such as
``uses.a1.npv_usd_per_mw``, so that a printed memo can be recomputed figure by figure. Texts follow the C locale.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.flips import Flip
from models.memo.place import Place
from models.memo.written import day_text, plain
from models.plan import Plan
from models.scenarios import BASE

MOST_SIGNERS_ACROSS = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number.

    Attributes
    ----------
    id
        Its address: the path of an input, or of a figure of the results, or of the memo's own (``recommendation.…``).
    value
        In the unit that the address ends in, full precision; NaN where it cannot be computed.
    text
        As printed; ``—`` for NaN.
    """

    id: str
    value: float
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A short bar beside a number, for comparing rows at a glance; `share` is 0…1 of its full length."""

    share: float


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads to a web address, for a source that can be looked up."""

    text: str
    address: str


Words = tuple[str | Figure | Bar | Link, ...]
"""A run of text with figures in it."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; `tone` is ``lead``, ``body``, ``note``, or ``heading`` for what stands above a table.

    A `place` is the name under which a user may put other words; empty where nobody may.
    """

    words: Words
    tone: str = "body"
    place: str = ""
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Bullets:
    """A short list."""

    items: tuple[Words, ...]
    kind: str = "bullets"


@dataclass(frozen=True, slots=True)
class Card:
    """One headline figure with what it is above and what it is measured against below."""

    label: str
    figure: Words
    note: Words = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Headline figures side by side."""

    cards: tuple[Card, ...]
    kind: str = "cards"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: heading, unit under it, how its cells stand and how wide it is.

    Attributes
    ----------
    share
        Width as a share of the columns that have one; 0 for as wide as its cells.
    """

    label: str
    unit: str = ""
    numeric: bool = True
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells.

    Attributes
    ----------
    strong
        Whether this is the row that the memo argues for.
    group
        Whether its one cell is a heading across the table.
    span
        How many rows the first cell stands for; the rows after it come without that cell and stay on its page.
    """

    cells: tuple[Words, ...]
    strong: bool = False
    group: bool = False
    span: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings that repeat on every page, and a note below."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: Words = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart, drawn from its specification.

    Attributes
    ----------
    spec
        A `models.charts.spec.ChartSpec`.
    caption
        What the reader should see in it.
    description
        The same for those who cannot see it.
    wide
        Whether it takes the full width of the page; narrow ones that follow each other stand side by side.
    height_share
        Its height, as a share of what pictures of its width usually have.
    place
        The name under which a user may put another caption.
    """

    spec: Any
    caption: str
    description: str
    wide: bool = True
    height_share: float = 1.0
    place: str = ""
    kind: str = "picture"


@dataclass(frozen=True, slots=True)
class SignOff:
    """Lines to sign on, at most four beside each other.

    Examples
    --------
    >>> SignOff(("CFO", "CEO", "COO", "Chair", "Counsel")).across
    3
    """

    roles: tuple[str, ...]
    kind: str = "sign_off"

    @property
    def across(self) -> int:
        """How many stand in a row, so that rows are about equally full."""
        rows = max(math.ceil(len(self.roles) / MOST_SIGNERS_ACROSS), 1)
        return max(math.ceil(len(self.roles) / rows), 1)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The roles by row."""
        return tuple(self.roles[at : at + self.across] for at in range(0, len(self.roles), self.across))


Block = Paragraph | Bullets | Cards | Table | Picture | SignOff


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A numbered part of the memo with a title that says what it shows, and a short name for lists."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    name: str = ""


@dataclass(frozen=True)
class MemoContent:
    """Everything that a memo says.

    Attributes
    ----------
    title, headline
        The recommendation in one line, as text and with the figures in it.
    has_decision
        Whether the plan holds anything to decide on.
    plan_name, scenario_id, scenario_name, start, horizon_months
        What was evaluated.
    as_of
        The memo's own date; ages of data are counted to it.
    plan_digest, program_version
        What a later check needs to recompute the figures.
    front
        The first page.
    exhibits
        What supports it; any number of them.
    summary
        The recommendation in a line per site.
    nearest_flips
        The inputs that change an answer with the smallest move, over all sites.
    plan
        The document's plan, which the file carries along so that its figures can be recomputed; None carries nothing.
    places
        Everything that a user may change, in the order of the memo.
    company, prepared_by
        Whose memo it is and who wrote it; empty where nobody has said.
    carries_plan
        Whether the file holds what `busbar verify` needs; see `models.memo.proof.with_proof`.
    logo
        A picture as base64 text, as it was entered; whoever draws it must find out whether it is one.
    carried_figures
        What the file lists in place of its printed figures: those of the memo that is being checked, where they are
        the same but for the last digits, in which processors differ. Empty in every memo that is written.
    """

    title: str
    headline: Words
    has_decision: bool
    plan_name: str
    scenario_id: str
    scenario_name: str
    start: str
    horizon_months: int
    as_of: date
    plan_digest: str
    program_version: str
    front: tuple[Block, ...]
    exhibits: tuple[Exhibit, ...]
    summary: tuple[Words, ...] = ()
    nearest_flips: tuple[Flip, ...] = ()
    plan: Plan | None = None
    places: tuple[Place, ...] = ()
    company: str = ""
    prepared_by: str = ""
    logo: str = ""
    carries_plan: bool = True
    language: str = "en"
    author: str = ""
    kicker: str = "Decision memo"
    carried_figures: tuple[Figure, ...] = ()

    @property
    def headed_words(self) -> str:
        """What stands above the title: whose memo it is, on what, from when, by whom."""
        by = f"prepared by {self.prepared_by}" if self.prepared_by else ""
        said = (self.company, self.kicker, plain(self.plan_name, 80), day_text(self.as_of), by)
        return " · ".join(part for part in said if part)

    @property
    def digest_words(self) -> str:
        """What the foot of every page says of the plan, and whether the file can be verified."""
        carried = "" if self.carries_plan else " · too large to carry its plan: this file cannot be verified"
        return f"Plan digest {self.plan_digest}{carried}" if self.plan_digest else ""

    @property
    def author_words(self) -> str:
        """Who wrote it, as a file's properties have it."""
        return self.author or self.prepared_by or self.company or f"Busbar {self.program_version}"

    @property
    def scenario_words(self) -> str:
        """What a footer calls the scenario: ``base case``, or ``scenario BTC $120,000``."""
        return "base case" if self.scenario_id == BASE else f"scenario {self.scenario_name}"

    @property
    def blocks(self) -> Iterator[Block]:
        """All blocks in the order of reading."""
        yield from self.front
        for exhibit in self.exhibits:
            yield from exhibit.blocks

    @property
    def figures(self) -> dict[str, Figure]:
        """Every printed figure by its address; one address always carries one value."""
        return {figure.id: figure for part in (self.headline, *self.blocks) for figure in figures_in(part)}


def figures_in(part: Any) -> Iterator[Figure]:
    """The figures inside a block, a row or a run of words, in the order of reading."""
    if isinstance(part, Figure):
        yield part
    elif isinstance(part, tuple):
        for item in part:
            yield from figures_in(item)
    elif dataclasses.is_dataclass(part) and not isinstance(part, Picture):
        for item in dataclasses.fields(part):
            yield from figures_in(getattr(part, item.name))


def as_text(words: Words) -> str:
    """A run of words as one string.

    Examples
    --------
    >>> as_text(("NPV ", Figure("uses.a1.npv_usd_per_mw", 1.25e6, "$1.25M")))
    'NPV $1.25M'
    """
    return "".join(word if isinstance(word, str) else getattr(word, "text", "") for word in words)
