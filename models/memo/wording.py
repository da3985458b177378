"""A user's own words in the memo, with figures in them that stay bound to the plan.

In stored words a figure stands as its address in braces: ``worth {uses.o1.npv_usd_per_mw} more``. A brace that is meant
as a brace is doubled. What an address comes to is looked up each time the memo is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from models.charts.spec import amount_text
from models.figures import figure
from models.memo.parts import Figure, Link, Words
from models.memo.written import MISSING, money, plain
from models.plan import Plan
from models.results import Results

PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
"""A doubled brace, an address in braces (its only group), or a brace that stands alone."""
LONGEST_WORDS = 4_000
"""More than a page of text is no remark beside figures."""

Lookup = Callable[[str], Figure | None]


def editable(words: Words) -> str:
    """A run of words as it is edited and stored.

    Examples
    --------
    >>> editable(("NPV {a} of ", Figure("uses.a1.npv_usd_per_mw", 1.25e6, "$1.25M")))
    'NPV {{a}} of {uses.a1.npv_usd_per_mw}'
    """
    found = []
    for word in words:
        match word:
            case Figure(id):
                found.append("{" + id + "}")
            case str():
                found.append(word.replace("{", "{{").replace("}", "}}"))
            case Link(text):
                found.append(text)
    return "".join(found)


def worded(text: str, lookup: Lookup) -> Words:
    """Stored words with their figures; ``—`` stands where an address leads nowhere.

    Examples
    --------
    >>> found = {"a": Figure("a", 1.0, "$1.00")}
    >>> worded("costs {a}, not {b}", found.get)
    ('costs ', Figure(id='a', value=1.0, text='$1.00'), ', not —')
    """
    pieces: list[str | Figure] = []

    def say(words: str) -> None:
        if pieces and isinstance(pieces[-1], str):
            pieces[-1] += words
        elif words:
            pieces.append(words)

    at = 0
    text = text[:LONGEST_WORDS]
    for found in PIECES.finditer(text):
        say(text[at : found.start()])
        at = found.end()
        if found.group(1) is None:
            say(found.group()[0])
            continue
        known = lookup(found.group(1).strip())
        if known is None:
            say(MISSING)
        else:
            pieces.append(known)
    say(text[at:])
    return tuple(plain_edges(p) if isinstance(p, str) else p for p in pieces)


def addresses_in(text: str) -> tuple[str, ...]:
    """The addresses that stored words name, in their order."""
    return tuple(m.group(1).strip() for m in PIECES.finditer(text) if m.group(1) is not None)


def paragraphs_of(text: str) -> tuple[str, ...]:
    """Stored words by paragraph: an empty line parts two, other line breaks are the editor's."""
    return tuple(" ".join(p.split()) for p in re.split(r"\n\s*\n", text.replace("\r\n", "\n")) if p.strip())


def plain_edges(text: str) -> str:
    """As `plain`, with the spaces at both ends kept: they part words from figures."""
    start = " " if text[:1].isspace() else ""
    end = " " if text[-1:].isspace() and text.strip() else ""
    return start + plain(text) + end


def lookup_of(plan: Plan, results: Results, printed: Iterable[Figure], prose: Mapping[str, Figure]) -> Lookup:
    """How addresses are looked up: as prose prints them, else as a figure of the results, else as a table prints them.

    Parameters
    ----------
    plan, results
        Scenario applied.
    printed
        Every figure that the memo prints by itself.
    prose
        Those that stand in sentences, worded with their units.
    """
    known = {f.id: f for f in printed}

    def find(address: str) -> Figure | None:
        if address in prose:
            return prose[address]
        try:
            of_results = figure(plan, results, address)
        except (KeyError, ValueError, AttributeError):
            return known.get(address)
        kind = of_results.kind
        is_large = kind.unit in ("USD", "USD/MW", "USD/MW-year")
        text = money(of_results.value) if is_large else amount_text(of_results.value, kind.unit, kind.digits)
        return Figure(address, of_results.value, text)

    return find
