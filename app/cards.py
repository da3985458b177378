"""What pages are laid out with: a head with buttons, cards in as many columns as fit, read-outs, empty states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.elided_label import ElidedLabel

CARD_WIDTH = 350
NARROWEST_PX = 190
PAGE_MARGINS = (20, 16, 20, 16)


def label(text: str, role: str, *, wrap: bool = False) -> QLabel:
    """A label in one of the theme's roles."""
    found = QLabel(text)
    found.setProperty("role", role)
    found.setWordWrap(wrap)
    found.setTextFormat(Qt.TextFormat.PlainText)
    return found


def button(words: str, press: Callable[[], Any], *, kind: str = "", icon: str = "", help: str = "") -> QPushButton:
    """A push button; `kind` is ``primary``, ``quiet``, ``link`` or nothing."""
    found = QPushButton(words)
    found.setProperty("kind", kind)
    found.setToolTip(help)
    if icon:
        theme.set_icon(found, icon, "on_accent" if kind == "primary" else "muted")
    found.clicked.connect(lambda: press())
    return found


def icon_button(icon: str, words: str, press: Callable[[], Any]) -> QToolButton:
    """A button that is only an icon; its words are read aloud and shown on hover."""
    found = QToolButton()
    theme.set_icon(found, icon)
    found.setToolTip(words)
    found.setAccessibleName(words)
    found.clicked.connect(lambda: press())
    return found


class Card(QFrame):
    """A quiet card: title, what it is about, buttons at the right, and a body."""

    def __init__(self, title: str = "", about: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._column = QVBoxLayout(self)
        self.head = QHBoxLayout()
        words = QVBoxLayout()
        words.setSpacing(theme.px(1))
        self.title = label(title, "section")
        self.about = label(about, "small", wrap=True)
        if not about:  # and not setVisible(): without a parent yet, a label would open as a window of its own
            self.about.hide()
        words.addWidget(self.title)
        words.addWidget(self.about)
        self.head.addLayout(words, 1)
        if title:
            self._column.addLayout(self.head)
        else:
            for words_of in (self.title, self.about):
                words_of.setParent(self)
                words_of.hide()
        self.body = QVBoxLayout()
        self._column.addLayout(self.body, 1)
        self._space()
        theme.theme_changed.connect(self._space)

    def _space(self) -> None:
        self._column.setContentsMargins(*(theme.px(n) for n in (16, 12, 16, 14)))
        self._column.setSpacing(theme.px(10))
        self.body.setSpacing(theme.px(8))
        self.head.setSpacing(theme.px(6))

    def put_about_beside_title(self) -> None:
        """One line for both: for cards whose body needs the height."""
        beside = ElidedLabel()
        beside.setProperty("role", "small")
        beside.set_text(self.about.text())
        self.about.hide()
        self.head.insertWidget(1, beside, 1, Qt.AlignmentFlag.AlignVCenter)
        self.head.setStretch(0, 0)
        self.head.setSpacing(theme.px(10))

    def add(self, *things: QWidget | QLayout, stretch: int = 0) -> None:
        """Append to the body."""
        for thing in things:
            if isinstance(thing, QLayout):
                self.body.addLayout(thing, stretch)
            else:
                self.body.addWidget(thing, stretch)

    def add_tool(self, tool: QWidget) -> None:
        """Append a button to the head."""
        self.head.addWidget(tool, 0, Qt.AlignmentFlag.AlignVCenter)


class CardColumns(QScrollArea):
    """Cards in columns of equal width, as many as there is room for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inside = _Columns()
        self.setWidget(self._inside)
        theme.theme_changed.connect(self._inside.arrange)

    def add(self, card: QWidget, *columns: int, grows: bool = False) -> None:
        """Append a card: its column, from 0, where there are two columns, where there are three.

        Those that grow share what the highest column leaves of the height, all of them the same.
        """
        self._inside.add(card, (0, *columns))
        if grows:
            self._inside.growing.add(card)

    def add_below(self, card: QWidget) -> None:
        """Put a card below all columns and as wide as all of them: it fills the height that they leave."""
        self._inside.add_below(card)

    @property
    def columns(self) -> int:
        """How many columns there are room for."""
        return self._inside.columns


class _Columns(QWidget):
    """Places cards itself: Qt's nested boxes forget that the height of a card depends on its width."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "page")
        self._cards: list[tuple[QWidget, tuple[int, ...]]] = []
        self._below: QWidget | None = None
        self.growing: set[QWidget] = set()

    def add(self, card: QWidget, places: tuple[int, ...]) -> None:
        card.setParent(self)
        self._cards.append((card, places))

    def add_below(self, card: QWidget) -> None:
        card.setParent(self)
        self._below = card

    @property
    def columns(self) -> int:
        fit = self.width() // theme.px(CARD_WIDTH)
        return min(max(fit, 1), max((len(places) for _, places in self._cards), default=1))

    def arrange(self) -> None:
        count, gap = self.columns, theme.px(12)
        # A little room at the right, so that the scroll bar does not touch the cards.
        width = (self.width() - theme.px(4) - gap * (count - 1)) // count
        columns: list[list[tuple[QWidget, int]]] = [[] for _ in range(count)]
        for card, places in self._cards:
            height = max(card.heightForWidth(width), card.minimumSizeHint().height())
            columns[min(places[min(count, len(places)) - 1], count - 1)].append((card, height))
        least = max(sum(height + gap for _, height in column) - gap for column in columns)
        growing = max(sum(card in self.growing for card, _ in column) for column in columns)
        more = max(self.height() - least, 0) // growing if growing else 0
        for number, column in enumerate(columns):
            top = 0
            for card, height in column:
                height += more if card in self.growing else 0
                card.setGeometry(number * (width + gap), top, width, height)
                top += height + gap
        least = max(least, 0)
        if self._below is not None:
            top, height = least + gap, self._below.minimumSizeHint().height()
            least = top + height
            self._below.setGeometry(0, top, self.width() - theme.px(4), max(height, self.height() - top))
        self.setMinimumHeight(least)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.arrange()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(max((c.minimumSizeHint().width() for c, _ in self._cards), default=0), self.minimumHeight())


class PageColumn(QVBoxLayout):
    """What a page puts below each other, with the margins that every page has at the text size of the moment."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._space()
        theme.theme_changed.connect(self._space)

    def _space(self) -> None:
        self.setContentsMargins(*map(theme.px, PAGE_MARGINS))
        self.setSpacing(theme.px(12))


class PageHead(QWidget):
    """A page's title, what it holds at the moment, and its buttons: beside it, or beneath it where there is no room."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = label(title, "title")
        self.about = ElidedLabel()
        self.about.setProperty("role", "small")
        words.addWidget(self.title)
        words.addWidget(self.about)
        row.addLayout(words, 1)
        self._row, self._buttons = row, QGridLayout()
        row.addLayout(self._buttons)
        self._items: list[QWidget] = []
        self._columns = 0
        self._fit()
        theme.theme_changed.connect(self._fit)

    def add(self, *buttons: QWidget) -> None:
        """Append buttons at the right."""
        for item in buttons:
            self._items.append(item)
            self._buttons.addWidget(item, 0, len(self._items) - 1)
        self._columns = len(self._items)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(NARROWEST_PX), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        gap = theme.px(8)
        self._row.setSpacing(gap)
        self._buttons.setSpacing(gap)
        widths = [item.sizeHint().width() + gap for item in self._items]
        self._row.setDirection(_beside(self.title.sizeHint().width() + sum(widths) <= self.width()))
        self._place(
            max((n for n in range(1, len(widths) + 1) if _in_columns(widths, n) <= self.width() + gap), default=1)
        )

    def _place(self, columns: int) -> None:
        """Put so many buttons beside each other, the others beneath: a pile of all of them takes a low window whole."""
        if columns == self._columns:
            return
        self._columns = columns
        for number, item in enumerate(self._items):
            self._buttons.addWidget(item, number // columns, number % columns)


class ReadOuts(QWidget):
    """Figures that Busbar computed, one to a line: name, value, and a second value or remark."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setHorizontalSpacing(theme.px(10))
        self._grid.setColumnStretch(0, 1)
        self._values: dict[str, QLabel] = {}
        self._remarks: dict[str, QLabel] = {}

    def add(self, key: str, name: str, help: str = "") -> None:
        """Append a line."""
        row = len(self._values)
        caption, value, remark = label(name, "muted"), label("", "calculated"), label("", "small")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setAccessibleName(name)
        for item in (caption, value, remark):
            item.setToolTip(help)
        self._grid.addWidget(caption, row * 2, 0)
        self._grid.addWidget(value, row * 2, 1)
        self._grid.addWidget(remark, row * 2 + 1, 0, 1, 2)
        self._grid.setRowMinimumHeight(row * 2, theme.px(25))
        remark.hide()
        self._values[key], self._remarks[key] = value, remark

    def set(self, key: str, value: str, remark: str = "", role: str = "small") -> None:
        """Show a line's value, and a remark below it, ``warning`` where it should be seen."""
        self._values[key].setText(value)
        self._remarks[key].setText(remark)
        theme.set_look(self._remarks[key], role=role)
        self._remarks[key].setVisible(bool(remark))

    def labels(self, key: str) -> tuple[QLabel, QLabel]:
        """A line's value and its remark."""
        return self._values[key], self._remarks[key]

    def text(self, key: str) -> str:
        """A line's value as shown."""
        return self._values[key].text()

    def remark(self, key: str) -> str:
        """A line's remark as shown."""
        return self._remarks[key].text()


class EmptyState(QWidget):
    """What goes here, one main button, and a way to see an example."""

    def __init__(self, icon: str, title: str, words: str, *buttons: QPushButton, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QVBoxLayout(self)
        column.setSpacing(theme.px(8))
        column.addStretch(2)
        column.addWidget(self._picture)
        heading, sentence = label(title, "section"), label(words, "muted", wrap=True)
        for item in (heading, sentence):
            item.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # In a row of its own and of fixed width: an aligned label would not be given the height of its lines.
        self._sentence = sentence
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(sentence)
        middle.addStretch(1)
        column.addWidget(heading)
        column.addLayout(middle)
        self._buttons = buttons
        self._row = QHBoxLayout()
        self._row.addStretch(1)
        for item in buttons:
            self._row.addWidget(item)
        self._row.addStretch(1)
        column.addSpacing(theme.px(6))
        column.addLayout(self._row)
        column.addStretch(3)
        self._draw()
        theme.theme_changed.connect(self._draw)

    def _draw(self) -> None:
        size = theme.px(40)
        self._fit()
        self._picture.setPixmap(theme.icon(self._icon, "muted").pixmap(QSize(size, size), self.devicePixelRatioF()))

    def minimumSizeHint(self) -> QSize:
        # Without its lines the sentence would be cut where there is little height.
        return QSize(theme.px(NARROWEST_PX), self.layout().totalMinimumHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Break the sentence to the width there is, and put the buttons beneath each other where they need more."""
        room = max(self.width() - theme.px(24), theme.px(NARROWEST_PX))
        self._sentence.setFixedWidth(min(theme.px(440), room))
        beside = sum(item.sizeHint().width() + theme.px(8) for item in self._buttons) <= room
        self._row.setDirection(_beside(beside))


class OneOf(QStackedWidget):
    """Shows one of several things, and asks for the room of that one; Qt's own asks for that of the largest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        shown = self.currentWidget()
        return super().minimumSizeHint() if shown is None else shown.minimumSizeHint().expandedTo(shown.minimumSize())

    def hasHeightForWidth(self) -> bool:
        # Else what lies around is given the height that this would like to have, and not what it needs.
        return False


class OrWords(QStackedWidget):
    """What a box holds, or while there is nothing to show a sentence in its place on what to do."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.words = label("", "muted", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(content)
        self.addWidget(self.words)

    def say(self, words: str) -> None:
        """Show a sentence, or with none what the box holds."""
        self.words.setText(words)
        self.setCurrentIndex(int(bool(words)))


def _in_columns(widths: list[int], columns: int) -> int:
    """How wide a grid of so many columns is."""
    return sum(max(widths[place::columns]) for place in range(columns))


def _beside(there_is_room: bool) -> QBoxLayout.Direction:
    return QBoxLayout.Direction.LeftToRight if there_is_room else QBoxLayout.Direction.TopToBottom
