"""The memo's exhibits in the order in which they are read.

A new exhibit is a line of `EXHIBITS`: the page, the numbering, the choice of exhibits and the check of the file take it
without a change. One that has nothing to say in a plan is left out by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from models.memo.alternatives import ranking
from models.memo.bridges import bridge_picture, bridge_table, per_mw_bridge
from models.memo.charts import pair_of
from models.memo.deal_terms import counterparty_blocks, delivery_blocks, power_blocks
from models.memo.exhibits import break_evens, crossovers, findings_table, per_megawatt, set_aside_blocks
from models.memo.front import FRONT_OPTIONS
from models.memo.inputs import claims, input_register
from models.memo.parts import Block, Exhibit, Paragraph, Picture
from models.memo.returns import returns_table
from models.memo.subject import Subject
from models.memo.uncertainty import flips_blocks, tornado_blocks, tripwires_table
from models.memo.words import site_words
from models.memo.written import plain
from models.snoozes import standing

SHORT_TABLE = 24
"""Rows that leave room for a picture below them."""


@dataclass(frozen=True, slots=True)
class ExhibitKind:
    """An exhibit before it is written.

    Attributes
    ----------
    id, name, title
        What addresses and stored choices call it, what a list calls it, and what it is headed with.
    blocks
        What it says of a subject; nothing leaves it out.
    """

    id: str
    name: str
    title: str
    blocks: Callable[[Subject], Iterable[Block | None]]


def _alternatives(subject: Subject) -> Iterator[Block | None]:
    if len(subject.turnings) < 2 and all(len(d.ranked) <= FRONT_OPTIONS for d in subject.decisions):
        return  # the first page says it all
    for t in subject.turnings:
        words = site_words(t.decision, t.nearest, t.mining_price)
        yield Paragraph(words, place=f"alternatives.{t.decision.site.id}")
    yield ranking(subject.results, subject.decisions, {t.decision.site.id: t.waits for t in subject.turnings})


def _best(subject: Subject) -> set[str]:
    return {d.best.id for d in subject.decisions if d.best is not None}


def _per_megawatt(subject: Subject) -> Iterator[Block | None]:
    yield per_megawatt(subject.plan, subject.results, _best(subject))
    yield _drawn(subject, "cash")


def _bridges(subject: Subject) -> Iterator[Block | None]:
    if subject.main is None:
        return
    uses = [subject.results.by_id[i] for i in pair_of(subject.main.decision) if i is not None]
    found = [per_mw_bridge(subject.plan, subject.results, use) for use in uses]
    yield from (bridge_picture(bridge) for bridge in found)
    yield bridge_table(found) if found else None


def _returns(subject: Subject) -> Iterator[Block | None]:
    yield returns_table(subject.plan, subject.results, _best(subject))


def _crossovers(subject: Subject) -> Iterator[Block | None]:
    # Tables break and pictures do not: a short table first leaves no holes, a long one first would hide the pictures.
    table = crossovers(subject.results)
    is_short = table is not None and len(table.rows) <= SHORT_TABLE
    yield table if is_short else None
    yield _drawn(subject, "price")
    yield _drawn(subject, "frontier")
    yield None if is_short else table


def _break_evens(subject: Subject) -> Iterator[Block | None]:
    yield break_evens(subject.plan, subject.results)
    yield _drawn(subject, "power")


def _tripwires(subject: Subject) -> Iterator[Block | None]:
    yield tripwires_table(subject)


def _tornado(subject: Subject) -> Iterator[Block | None]:
    for block in tornado_blocks(subject):
        yield replace(block, place="caption.tornado") if isinstance(block, Picture) else block


def _findings(subject: Subject) -> Iterator[Block | None]:
    found = subject.results.findings
    yield findings_table(subject.plan, standing(subject.plan, found)) or Paragraph(("None.",))
    yield from set_aside_blocks(subject.plan, found)


def _drawn(subject: Subject, name: str) -> Picture | None:
    picture = subject.drawn.get(name)
    return replace(picture, place=f"caption.{name}") if picture is not None else None


EXHIBITS = (
    ExhibitKind(
        "alternatives", "Alternatives by site", "Site by site, doing nothing and waiting included", _alternatives
    ),
    ExhibitKind("per_megawatt", "Earnings per megawatt", "What a utility megawatt earns", _per_megawatt),
    ExhibitKind("bridges", "Price to margin", "From hashprice and from rent to what a megawatt keeps", _bridges),
    ExhibitKind("returns", "Value and returns", "Value, return, payback and peak outlay", _returns),
    ExhibitKind("crossovers", "Crossovers", "Where mining and AI are worth the same", _crossovers),
    ExhibitKind("break_evens", "Break-evens", "Where mining earns nothing", _break_evens),
    ExhibitKind("tornado", "Tornado", "What moves the lead, each input between its own P10 and P90", _tornado),
    ExhibitKind("flips", "Distances to the flip", "How far each input must move to change the answer", flips_blocks),
    ExhibitKind("tripwires", "Tripwires", "When to reopen the decision", _tripwires),
    ExhibitKind("counterparty", "Counterparty", "Who the income hangs on", counterparty_blocks),
    ExhibitKind("delivery", "Delivery", "When money goes out and comes in", delivery_blocks),
    ExhibitKind("power", "Power", "Who carries the power", power_blocks),
    ExhibitKind("findings", "Findings", "Findings that stand", _findings),
    ExhibitKind(
        "inputs",
        "Input register",
        "Inputs and where they come from",
        lambda s: [input_register(s.plan, s.as_of, s.set_in)],
    ),
    ExhibitKind("claims", "Other evidence", "Evidence that feeds no input", lambda s: [claims(s.plan, s.as_of)]),
)
NO_CROSSOVER_TITLE = "Earnings against the BTC price"


def exhibits_of(subject: Subject) -> tuple[Exhibit, ...]:
    """Every exhibit that has something to say."""
    found = []
    for kind in EXHIBITS:
        blocks = tuple(b for b in kind.blocks(subject) if b is not None)
        title = NO_CROSSOVER_TITLE if kind.id == "crossovers" and not subject.results.crossovers else kind.title
        if blocks:
            found.append(Exhibit(kind.id, plain(title), blocks, kind.name))
    return tuple(found)
