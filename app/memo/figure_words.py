"""Words with figures in them as they are edited: figures stand by name, and can be put where the cursor is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QToolButton

from models.memo.figure_names import figure_name
from models.memo.parts import MemoContent
from models.memo.wording import PIECES, addresses_in
from models.plan import Plan


@dataclass(frozen=True)
class FigureWords:
    """What the figures of a memo are called while words are edited.

    Attributes
    ----------
    names
        A name for every address.
    """

    names: Mapping[str, str] = field(default_factory=dict)

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
    def offered(self) -> list[tuple[str, str]]:
        """Addresses and names of what a sentence would name, by name."""
        return sorted(((a, n) for a, n in self.names.items() if _is_for_words(a)), key=lambda pair: pair[1])


def figure_words(plan: Plan, content: MemoContent) -> FigureWords:
    """The names of a memo's figures; thousands take a tenth of a second."""
    return FigureWords(unique_names(plan, list(content.figures)))


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
    """A button with a menu of figures, by what they belong to, that go into words where the cursor stands.

    Parameters
    ----------
    words
        Where they go.
    figures
        Gives the figures when the menu opens.
    """

    def __init__(self, words: QPlainTextEdit, figures: Callable[[], FigureWords]) -> None:
        super().__init__()
        self._words = words
        self._figures = figures
        self.setText("Insert figure")
        self.setAccessibleName(f"Insert figure into {words.accessibleName()}")
        self.setToolTip("Put a figure of the memo where the cursor stands; it follows the plan")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        groups: dict[str, QMenu] = {}
        for address, words in self._figures().offered:
            owner = words.rpartition(", ")[2] if ", " in words else "All sites and market"
            if owner not in groups:
                groups[owner] = menu.addMenu(owner.replace("&", "&&"))
            action = groups[owner].addAction(words.replace("&", "&&"))
            action.triggered.connect(lambda _=False, address=address: self.put(address))

    def put(self, address: str) -> None:
        """Put a figure where the cursor stands."""
        self._words.insertPlainText("{" + self._figures().names.get(address, address) + "}")
        self._words.setFocus()


def _is_for_words(address: str) -> bool:
    """Whether a sentence would name this figure: ages and ends of ranges stand in tables alone."""
    return not address.endswith((".age_days", ".p10", ".p90", ".at_p10", ".at_p90", ".deviations", ".now"))
