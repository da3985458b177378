"""The words of the memo, place by place, with figures that follow the plan.

In the editor a figure stands as its name in braces, ``{NPV, Powered-shell lease}``; in the plan as its address.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPlainTextEdit, QToolButton, QWidget

from app import theme
from app.cards import Card, button, label
from app.picker import Picker
from models.memo.figure_names import figure_name
from models.memo.parts import MemoContent
from models.memo.place import Place
from models.memo.wording import LONGEST_WORDS, PIECES, addresses_in
from models.plan import Plan

REST_MS = 700


class Words(QPlainTextEdit):
    """A few lines of text that say so when typing rests or the focus leaves."""

    rested = Signal()

    def __init__(self, lines: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._rest.timeout.connect(self.rested)
        self.textChanged.connect(self._rest.start)
        self.setTabChangesFocus(True)
        self._fit()
        theme.theme_changed.connect(self._fit)

    def _fit(self) -> None:
        self.setFixedHeight(self.fontMetrics().lineSpacing() * self._lines + theme.px(16))

    def put(self, text: str) -> None:
        """Show another text without saying that it changed; what is being typed stays."""
        if not self._rest.isActive() and text.strip() != self.toPlainText().strip():
            self.blockSignals(True)
            self.setPlainText(text)
            self.blockSignals(False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.finish()

    def finish(self) -> None:
        """Say at once what was typed."""
        if self._rest.isActive():
            self._rest.stop()
            self.rested.emit()


class WordsCard(Card):
    """Which words are edited, the words, and the figures that can be put into them.

    Parameters
    ----------
    put
        Keeps words at a place: its name, the words as stored, what the step is called.

    Attributes
    ----------
    places
        Which words are edited.
    words
        Their editor.
    """

    def __init__(self, put: Callable[[str, str, str], None], parent: QWidget | None = None) -> None:
        about = "Figures in braces follow the plan. The headline is the plan's own and stays."
        super().__init__("Words", about, parent)
        self._shown = ""
        self._put = put
        self._content: MemoContent | None = None
        self._names: dict[str, str] = {}
        self._insert_from: list[tuple[str, str]] = []
        self.places: QComboBox = Picker()
        self.places.setAccessibleName("Which words")
        self.places.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.places.setMinimumContentsLength(12)
        self.places.activated.connect(self._show_place)
        self.words = Words(9)
        self.words.setAccessibleName("Words of the memo")
        self.words.setObjectName("memo.words")
        self.words.rested.connect(self._take_words)
        self.warning = label("", "error", wrap=True)
        self.warning.hide()
        self.insert = QToolButton()
        self.insert.setText("Insert figure")
        self.insert.setToolTip("Put a figure of the memo where the cursor stands; it follows the plan")
        self.insert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.insert.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        menu = QMenu(self.insert)
        menu.aboutToShow.connect(lambda: self._fill_menu(menu))
        self.insert.setMenu(menu)
        self.own_words = button("Memo's own words", self.revert_words, kind="quiet", help="Drop what was typed here")
        row = QHBoxLayout()
        row.addWidget(self.insert)
        row.addStretch(1)
        row.addWidget(self.own_words)
        self.add(self.places)
        self.add(self.words)
        self.add(self.warning)
        self.add(row)

    def show_content(self, content: MemoContent, plan: Plan) -> None:
        """Follow the memo that was just written on a plan with its scenario applied."""
        self._content = content
        self._names = unique_names(plan, list(content.figures))
        self._insert_from = sorted(((a, n) for a, n in self._names.items() if _is_for_words(a)), key=lambda p: p[1])
        self._fill_places(content)
        self._refresh_words()

    @property
    def place(self) -> Place | None:
        """The place whose words are edited."""
        places = self._content.places if self._content is not None else ()
        return next((p for p in places if p.name == self._shown), None)

    def _fill_places(self, content: MemoContent) -> None:
        shown = [(self.places.itemData(n), self.places.itemText(n)) for n in range(self.places.count())]
        entries = [(p.name, f"Before exhibit {p.label}" if p.can_hide else p.label) for p in content.places]
        if entries == shown:
            return
        chosen = self.places.currentData()
        self.places.blockSignals(True)
        self.places.clear()
        for name, words in entries:
            self.places.addItem(words, name)
        self.places.setCurrentIndex(max(self.places.findData(chosen), 0))
        self._shown = str(self.places.currentData() or "")
        self.places.blockSignals(False)

    def _show_place(self, *_: object) -> None:
        self.words.finish()  # these words belong to the place that was shown
        self._shown = str(self.places.currentData() or "")
        self._refresh_words()

    def _refresh_words(self) -> None:
        place = self.place
        self.words.setEnabled(place is not None)
        self.insert.setEnabled(place is not None)
        self.own_words.setEnabled(place is not None and bool(place.words))
        if place is None:
            return
        self.words.put(self._named(place.words or place.written))
        self.words.setPlaceholderText("Nothing is printed here. Type to add a paragraph.")
        self._warn(place)

    def _warn(self, place: Place) -> None:
        unknown = [a for a in addresses_in(place.words) if a not in self._names]
        told = ""
        if unknown:
            told = f"{{{unknown[0]}}} is no figure of this memo and prints as —; take it out or insert another."
        elif place.is_outdated:
            told = "The recommendation has changed since these words were written: read them again."
        self.warning.setText(told)
        self.warning.setVisible(bool(told))

    def _take_words(self) -> None:
        place = self.place
        if place is None:
            return
        text = self._addressed(self.words.toPlainText().strip())
        if len(text) > LONGEST_WORDS:
            self.warning.setText(f"This is longer than {LONGEST_WORDS} characters and was not kept; shorten it.")
            self.warning.show()
            return
        self._put(place.name, "" if text == place.written else text, "Change words of memo")

    def revert_words(self) -> None:
        """Go back to the memo's own words at this place."""
        place = self.place
        if place is not None:
            self._put(place.name, "", "Drop own words of memo")
            self.words.put(self._named(place.written))

    def _named(self, text: str) -> str:
        """Stored words as they are edited: addresses as names."""

        def name(found: re.Match[str]) -> str:
            address = found.group(1)
            return found.group() if address is None else "{" + self._names.get(address, address) + "}"

        return PIECES.sub(name, text)

    def _addressed(self, text: str) -> str:
        """Edited words as they are stored: names as addresses."""
        known = {words: address for address, words in self._names.items()}

        def address(found: re.Match[str]) -> str:
            words = found.group(1)
            return found.group() if words is None else "{" + known.get(words.strip(), words.strip()) + "}"

        return PIECES.sub(address, text)

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        groups: dict[str, QMenu] = {}
        for address, words in self._insert_from:
            owner = words.rpartition(", ")[2] if ", " in words else "All sites and market"
            if owner not in groups:
                groups[owner] = menu.addMenu(owner.replace("&", "&&"))
            action = groups[owner].addAction(words.replace("&", "&&"))
            action.triggered.connect(lambda _=False, address=address: self.insert_figure(address))

    def insert_figure(self, address: str) -> None:
        """Put a figure where the cursor stands."""
        self.words.insertPlainText("{" + self._names.get(address, address) + "}")
        self.words.setFocus()
        self._take_words()


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


def _is_for_words(address: str) -> bool:
    """Whether a sentence would name this figure: ages and ends of ranges stand in tables alone."""
    return not address.endswith((".age_days", ".p10", ".p90", ".at_p10", ".at_p90", ".deviations", ".now"))
