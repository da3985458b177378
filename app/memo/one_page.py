"""The first page is one page, whatever a user writes on it: what has no room there stands whole in the last exhibit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from functools import lru_cache

from models.kept import Same
from models.memo.parts import Block, Exhibit, Figure, MemoContent, Paragraph, SignOff, Table, Words, as_text, figures_in

OWN_PLACES, OWN_SETTINGS = ("front.lead", "front.remark"), ("decision_asked", "dissent")
"""Paragraphs of the first page that a user may word."""
KEPT_CHARACTERS = (300, 120, 40)
"""What stays of words that have no room, tried in this order: about four lines, two, and their first words."""
EXHIBIT_ID, EXHIBIT_NAME, EXHIBIT_TITLE = "whole_words", "Words in full", "Words that the first page has no room for"
LABELS = {
    "front.lead": "Opening words",
    "front.remark": "Remark",
    "decision_asked": "Decision asked",
    "dissent": "Dissent",
}
SIGNATURES = "Signatures"


def held_to_one_page(content: MemoContent, scale_of: Callable[[MemoContent], float]) -> tuple[MemoContent, float]:
    """The memo as paper has it, and how much smaller than usual its first page is set.

    Parameters
    ----------
    content
        What the memo says.
    scale_of
        How much smaller the first page must be set to be one page; 0 where nothing readable is small enough. It asks
        the typesetter, so the answers are kept.

    Returns
    -------
    tuple
        The memo itself where its first page holds all; else with long words cut on the first page and whole in an
        exhibit of their own, then without the flips, which have an exhibit anyhow, then with the signatures behind the
        first page. A scale of 1 where not even that is enough.
    """
    return _held(Same(content), scale_of)


def continued_words(content: MemoContent) -> dict[str, int]:
    """Which of the user's own words only begin on the first page of a memo on paper; by place, the exhibit of all."""
    last = content.exhibits[-1] if content.exhibits else None
    if last is None or last.id != EXHIBIT_ID:
        return {}
    return {b.place: len(content.exhibits) for b in last.blocks if isinstance(b, Paragraph) and b.place}


@lru_cache(maxsize=4)
def _held(same: Same, scale_of: Callable[[MemoContent], float]) -> tuple[MemoContent, float]:
    content: MemoContent = same.held
    last: MemoContent | None = None
    for tried in _attempts(content):
        if tried is last:
            continue  # there was nothing to cut
        scale = scale_of(tried)
        if scale:
            return tried, scale
        last = tried
    return tried, 1.0


def _attempts(content: MemoContent) -> Iterator[MemoContent]:
    yield content
    for most in KEPT_CHARACTERS:
        yield _shortened(content, most)
    bare = dataclasses.replace(content, front=tuple(_without_flips(content.front)))
    yield _shortened(bare, KEPT_CHARACTERS[-1])
    for most in KEPT_CHARACTERS:
        yield _shortened(bare, most, signed_behind=True)


def _shortened(content: MemoContent, most: int, *, signed_behind: bool = False) -> MemoContent:
    """The memo with at most so many characters of each of the user's own words on its first page."""
    number = len(content.exhibits) + 1
    own = {*OWN_SETTINGS, *(p.name for p in content.places if p.words and p.name in OWN_PLACES)}
    front: list[Block] = []
    moved: dict[str, list[Block]] = {}
    said: dict[str, int] = {}
    for block in content.front:
        place = block.place if isinstance(block, Paragraph) else ""
        if isinstance(block, Paragraph) and place in own:
            room = most - said.get(place, 0)
            said[place] = said.get(place, 0) + len(as_text(block.words))
            if said[place] > most:
                if place not in moved:
                    begun = _begun(block.words, room)
                    front.append(dataclasses.replace(block, words=(*begun, f"… (in full in exhibit {number})")))
                    moved[place] = [b for b in content.front if isinstance(b, Paragraph) and b.place == place]
                continue
        if signed_behind and isinstance(block, SignOff):
            front.append(Paragraph((f"{SIGNATURES} stand in exhibit {number}.",)))
            moved[SIGNATURES] = [block]
            continue
        front.append(block)
    if not moved:
        return content
    whole: list[Block] = []
    for place, blocks in moved.items():
        whole += [Paragraph((LABELS.get(place, SIGNATURES),), "heading"), *(_as_body(b) for b in blocks)]
    last = Exhibit(EXHIBIT_ID, EXHIBIT_TITLE, tuple(whole), EXHIBIT_NAME)
    return dataclasses.replace(content, front=tuple(front), exhibits=(*content.exhibits, last))


def _begun(words: Words, most: int) -> Words:
    """The first words of a paragraph, cut between two of them where there is a space; figures stay whole or go."""
    kept: list[str | Figure] = []
    left = most
    for word in words:
        text = as_text((word,))
        if len(text) <= left:
            kept.append(word)
            left -= len(text)
            continue
        if isinstance(word, str):
            cut = word[: max(left, 0)]
            space = cut.rfind(" ")
            kept.append(cut[:space] if space > len(cut) // 2 else cut)
        break
    return tuple(kept)


def _as_body(block: Block) -> Block:
    return dataclasses.replace(block, tone="body") if isinstance(block, Paragraph) else block


def _without_flips(front: tuple[Block, ...]) -> Iterator[Block]:
    """The first page without the table of flips and the heading above it."""
    flips = [n for n, b in enumerate(front) if isinstance(b, Table) and _is_of_flips(b)]
    left_out = {*flips, *(n - 1 for n in flips)}
    yield from (block for n, block in enumerate(front) if n not in left_out)


def _is_of_flips(table: Table) -> bool:
    addresses = [figure.id for figure in figures_in(table)]
    return bool(addresses) and all(".flips." in address for address in addresses)
