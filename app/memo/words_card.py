"""The words of the memo, place by place, with figures that follow the plan.

In the editor a figure stands as its name in braces, ``{NPV, Powered-shell lease}``; in the plan as its address.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPlainTextEdit, QWidget

from app import theme
from app.cards import Card, button, label
from app.memo.figure_words import FigureWords, InsertFigure
from app.picker import Picker
from app.shell.palette import Entry
from models.memo.parts import MemoContent
from models.memo.place import Place
from models.memo.wording import LONGEST_WORDS

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


def continued_label() -> QLabel:
    """What `say_continued` says it in."""
    said = label("", "small", wrap=True)
    said.hide()
    return said


def say_continued(said: QLabel, exhibit: int | None) -> None:
    """Say that words only begin on the first page and in which exhibit they are whole; nothing where they have room."""
    said.setText(
        f"Begins on the first page, which has no room for more; whole in exhibit {exhibit}." if exhibit else ""
    )
    said.setVisible(exhibit is not None)


class WordsCard(Card):
    """Which words are edited, the words, and the figures that can be put into them.

    Parameters
    ----------
    put
        Keeps words at a place: its name, the words as stored, what the step is called.
    ask
        Lets one of some entries be chosen.

    Attributes
    ----------
    places
        Which words are edited.
    words
        Their editor.
    """

    def __init__(
        self,
        put: Callable[[str, str, str], None],
        ask: Callable[[list[Entry]], None],
        parent: QWidget | None = None,
    ) -> None:
        about = "Figures in braces follow the plan. The headline is the plan's own and stays."
        super().__init__("Words", about, parent)
        self._shown = ""
        self._put = put
        self._content: MemoContent | None = None
        self._figures = FigureWords()
        self._refused: dict[str, str] = {}
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
        self.continued = continued_label()
        self._continued: dict[str, int] = {}
        self.insert = InsertFigure(self.words, lambda: self._figures, ask)
        self.own_words = button("Memo's own words", self.revert_words, kind="quiet", help="Drop what was typed here")
        row = QHBoxLayout()
        row.addWidget(self.insert)
        row.addStretch(1)
        row.addWidget(self.own_words)
        self.add(self.places)
        self.add(self.words)
        self.add(self.warning)
        self.add(self.continued)
        self.add(row)

    def show_content(self, content: MemoContent, figures: FigureWords) -> None:
        """Follow the memo that was just written, with what its figures are called."""
        self._content = content
        self._figures = figures
        self._fill_places(content)
        self._refresh_words()

    def forget_refused(self) -> None:
        """Another plan was put in place: what was typed for the last one is not its."""
        self._refused = {}

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
        self.own_words.setEnabled(place is not None and bool(place.words or place.name in self._refused))
        if place is None:
            return
        refused = self._refused.get(place.name)
        self.words.put(refused if refused is not None else self._figures.named(place.words or place.written))
        self.words.setPlaceholderText("Nothing is printed here. Type to add a paragraph.")
        self._warn(place)
        say_continued(self.continued, self._continued.get(place.name))

    def show_continued(self, exhibits: dict[str, int]) -> None:
        """Say of the words that are shown in which exhibit they go on; by place."""
        self._continued = exhibits
        say_continued(self.continued, exhibits.get(self._shown))

    def _warn(self, place: Place) -> None:
        told = self._figures.warning(place.words)
        if place.name in self._refused:
            told = (
                f"This is longer than {LONGEST_WORDS:,} characters and is not in the memo yet: shorten it by "
                f"{self._excess(self._refused[place.name]):,}."
            )
        elif not told and place.is_outdated:
            told = "The recommendation has changed since these words were written: read them again."
        self.warning.setText(told)
        self.warning.setVisible(bool(told))

    def _excess(self, typed: str) -> int:
        return len(self._figures.addressed(typed.strip())) - LONGEST_WORDS

    def _take_words(self) -> None:
        place = self.place
        if place is None:
            return
        typed = self.words.toPlainText()
        if self._excess(typed) > 0:
            self._refused[place.name] = typed  # kept in its place until it is shorter
            self._warn(place)
            return
        was_refused = self._refused.pop(place.name, None) is not None
        text = self._figures.addressed(typed.strip())
        self._put(place.name, "" if text == place.written else text, "Change words of memo")
        if was_refused:
            self._warn(place)

    def revert_words(self) -> None:
        """Go back to the memo's own words at this place."""
        place = self.place
        if place is not None:
            self._refused.pop(place.name, None)
            self._put(place.name, "", "Drop own words of memo")
            self.words.put(self._figures.named(place.written))
            self._warn(self.place or place)

    def insert_figure(self, address: str) -> None:
        """Put a figure where the cursor stands."""
        self.insert.put(address)
        self._take_words()
