"""Words with figures in them as they are edited: figures stand by name, and can be put where the cursor is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from PySide6.QtWidgets import QPlainTextEdit, QToolButton

from app.shell.palette import Entry
from models.memo.figure_names import figure_name
from models.memo.parts import MemoContent
from models.memo.places import prose_figures
from models.memo.wording import PIECES, Lookup, addresses_in, lookup_of
from models.plan import Plan
from models.results import Results


@dataclass(frozen=True)
class FigureWords:
    """What the figures of a memo are called while words are edited.

    Attributes
    ----------
    names
        A name for every address.
    find
        What words print at an address.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    find: Lookup = lambda address: None

    def named(self, text: str) -> str:
        """Stored words as they are edited: addresses as names.

        Examples
        --------
        >>> FigureWords({"market.btc_price_usd": "BTC price"}).named("at {market.btc_price_usd}")
        'at {BTC price}'
        """

        def name(found: re.Match[str]) -> str:
            address = found.group(1)
            return found.group() if address is None else "{" + self.names.get(address, address) + "}"

        return PIECES.sub(name, text)

    def addressed(self, text: str) -> str:
        """Edited words as they are stored: names as addresses."""
        known = {words: address for address, words in self.names.items()}

        def address(found: re.Match[str]) -> str:
            words = found.group(1)
            return found.group() if words is None else "{" + known.get(words.strip(), words.strip()) + "}"

        return PIECES.sub(address, text)

    def warning(self, text: str) -> str:
        """What to say of stored words that name what is no figure; empty where all are."""
        unknown = [a for a in addresses_in(text) if a not in self.names]
        if not unknown:
            return ""
        return f"{{{unknown[0]}}} is no figure of this memo and prints as —; take it out or insert another."

    @property
    def offered(self) -> list[tuple[str, str, str]]:
        """Address, name and text of what a sentence would name, in the order of reading."""
        wanted = [(a, name, self.find(a)) for a, name in self.names.items() if _is_for_words(a)]
        return [(a, name, found.text if found is not None else "") for a, name, found in wanted]


def figure_words(plan: Plan, results: Results, content: MemoContent) -> FigureWords:
    """The names of a memo's figures; thousands take a tenth of a second."""
    find = lookup_of(plan, results, content.figures.values(), prose_figures(content.blocks))
    return FigureWords(unique_names(plan, list(content.figures)), find)


def unique_names(plan: Plan, addresses: list[str]) -> dict[str, str]:
    """A name for every address, none twice; braces cannot stand in one."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for address in addresses:
        words = figure_name(plan, address).replace("{", "(").replace("}", ")")
        name, number = words, 2
        while name in taken:
            name, number = f"{words} ({number})", number + 1
        taken.add(name)
        found[address] = name
    return found


class InsertFigure(QToolButton):
    """A button that lists figures by name; the one that is chosen goes into words where the cursor stands.

    Parameters
    ----------
    words
        Where it goes.
    figures
        Gives what the figures are called.
    ask
        Lets one of some entries be chosen.
    """

    def __init__(
        self, words: QPlainTextEdit, figures: Callable[[], FigureWords], ask: Callable[[list[Entry]], None]
    ) -> None:
        super().__init__()
        self._words = words
        self._figures = figures
        self._ask = ask
        self.setText("Insert figure…")
        self.setAccessibleName(f"Insert figure into {words.accessibleName()}")
        self.setToolTip("Put a figure of the memo where the cursor stands; it follows the plan")
        self.clicked.connect(self.list_figures)

    def list_figures(self) -> None:
        """Let a figure be chosen."""
        self._ask([Entry(name, text, partial(self.put, address)) for address, name, text in self._figures().offered])

    def put(self, address: str) -> None:
        """Put a figure where the cursor stands."""
        self._words.insertPlainText("{" + self._figures().names.get(address, address) + "}")
        self._words.setFocus()


def _is_for_words(address: str) -> bool:
    """Whether a sentence would name this figure: ages and ends of ranges stand in tables alone."""
    return not address.endswith((".age_days", ".p10", ".p90", ".at_p10", ".at_p90", ".deviations", ".now"))
