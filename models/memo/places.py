"""What a user may change of a memo: settings of the page, which exhibits are printed, and the words beside figures.

The headline is not among it: it is what the plan recommends, and nobody can make it say something else. Nor is any
figure: words hold addresses, and these are looked up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from models.fields import replace
from models.memo.parts import Block, Bullets, Cards, Exhibit, Figure, Paragraph, Picture, as_text, figures_in
from models.memo.place import Place
from models.memo.wording import Lookup, editable, paragraphs_of, worded
from models.memo.written import plain
from models.plan import ID_PREFIXES, MemoPart, Plan, new_id
from models.records.paper import MEMO_SETTINGS

FIRST_PAGE, CAPTIONS, EXHIBIT_GROUP = "First page", "Captions", "Exhibits"
EXHIBIT_PREFIX = "exhibit."
PLACE_LABELS = {
    "front.lead": "Opening words",
    "front.remark": "Remark on the first page",
    "caption.cash": "Under cumulative cash",
    "caption.price": "Under earnings against the BTC price",
    "caption.frontier": "Under the frontier",
    "caption.power": "Under break-even power prices",
    "caption.tornado": "Under the tornado",
}


def settings_of(plan: Plan) -> dict[str, str]:
    """The settings that a user entered, by name; those that stand empty are left out."""
    held = {p.place: p.words.strip() for p in plan.memo_parts if p.place in MEMO_SETTINGS}
    return {name: words for name, words in held.items() if words}


def part_at(plan: Plan, place: str) -> MemoPart | None:
    """What a user changed at a place; of several records the last counts."""
    return next((p for p in reversed(plan.memo_parts) if p.place == place), None)


def with_place(plan: Plan, place: str, *, words: str | None = None, shown: bool | None = None, now: str = "") -> Plan:
    """The plan with other words at a place, or with it left out or printed again.

    Parameters
    ----------
    words
        None leaves them as they are, an empty text goes back to the memo's own.
    shown
        None leaves it as it is.
    now
        What the memo recommends at this moment, kept beside words.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = with_place(sample("briefing"), "exhibit.tornado", shown=False)
    >>> [(p.place, p.shown) for p in plan.memo_parts]
    [('exhibit.tornado', False)]
    >>> with_place(plan, "exhibit.tornado", shown=True).memo_parts
    ()
    """
    held = part_at(plan, place)
    part = held or MemoPart(new_id(plan, ID_PREFIXES["memo_parts"]), place)
    if words is not None:
        part = dataclasses.replace(part, words=words, written_for=now if words else "")
    if shown is not None:
        part = dataclasses.replace(part, shown=shown)
    rest = tuple(p for p in plan.memo_parts if p.place != place)
    is_default = part.shown and not part.words
    if held is not None and not is_default:
        rows = tuple(part if p is held else p for p in plan.memo_parts if p.place != place or p is held)
        return replace(plan, "memo_parts", rows)
    return replace(plan, "memo_parts", rest if is_default else (*rest, part))


def places_of(plan: Plan, front: Sequence[Block], exhibits: Sequence[Exhibit], headline: str) -> tuple[Place, ...]:
    """Everything that may be changed of a memo, with its own words, in the order of the memo."""
    found = [*_written(plan, front, FIRST_PAGE, headline)]
    found.append(_place(plan, "front.remark", PLACE_LABELS["front.remark"], FIRST_PAGE, "", headline))
    for exhibit in exhibits:
        name = EXHIBIT_PREFIX + exhibit.id
        place = _place(plan, name, exhibit.name or exhibit.title, EXHIBIT_GROUP, "", headline)
        found.append(dataclasses.replace(place, can_hide=True))
        found += _written(plan, exhibit.blocks, exhibit.title, headline)
    return tuple(found)


def _written(plan: Plan, blocks: Iterable[Block], group: str, headline: str) -> Iterator[Place]:
    for block in blocks:
        if isinstance(block, Paragraph) and block.place in MEMO_SETTINGS:
            continue  # has a field of its own
        if isinstance(block, Paragraph) and block.place:
            label = PLACE_LABELS.get(block.place, _site_label(plan, block.place))
            yield _place(plan, block.place, label, group, editable(block.words), headline)
        elif isinstance(block, Picture) and block.place:
            label = PLACE_LABELS.get(block.place, block.place)
            yield _place(plan, block.place, label, group, editable((block.caption,)), headline)


def _site_label(plan: Plan, place: str) -> str:
    site = next((s for s in plan.sites if s.id == place.rpartition(".")[2]), None)
    return f"Words on {plain(site.name, 60)}" if site is not None else place


def _place(plan: Plan, name: str, label: str, group: str, written: str, headline: str) -> Place:
    part = part_at(plan, name)
    if part is None:
        return Place(name, label, group, written, "")
    outdated = bool(part.words and part.written_for and part.written_for != headline)
    return Place(name, label, group, written, part.words, part.shown, is_outdated=outdated)


def changed_blocks(plan: Plan, blocks: Iterable[Block], lookup: Lookup) -> tuple[Block, ...]:
    """The blocks with the user's words in the places that have some."""
    found: list[Block] = []
    for block in blocks:
        place = getattr(block, "place", "")
        part = part_at(plan, place) if place else None
        if part is None or not part.words.strip():
            found.append(block)
        elif isinstance(block, Picture):
            # A caption is a line of text: what its figures print, not the figures themselves.
            said = worded(" ".join(part.words.split()), lookup)
            found.append(dataclasses.replace(block, caption=as_text(said)))
        elif isinstance(block, Paragraph):
            found += [dataclasses.replace(block, words=worded(p, lookup)) for p in paragraphs_of(part.words)]
    return tuple(found)


def added_blocks(plan: Plan, place: str, lookup: Lookup) -> tuple[Paragraph, ...]:
    """The paragraphs that a user put at a place that is empty by itself."""
    part = part_at(plan, place)
    if part is None:
        return ()
    return tuple(Paragraph(worded(p, lookup), place=place) for p in paragraphs_of(part.words))


def prose_figures(blocks: Iterable[Block]) -> dict[str, Figure]:
    """Figures as sentences and headline cards print them, with their units, by address."""
    found: dict[str, Figure] = {}
    for block in blocks:
        if isinstance(block, Paragraph | Bullets | Cards):
            for figure in figures_in(block):
                found.setdefault(figure.id, figure)
    return found
