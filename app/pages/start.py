"""Where the work begins: go on with a plan, try a sample, begin from a template, import, recover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.files.recovery import RecoveryCopy, discard, pending_recoveries
from app.latest import Latest
from app.session import Session
from models.samples import sample, sample_names, template, template_names

MOST_RECOVERIES = 3
"""What is offered at once, the newest first: more would push everything else off the page."""
CARD_WIDTH_PX = 175
LINK_PADDING_PX = 12
FIRST_MEMO = (
    ("market", "Check the market: price, difficulty, and the day they were read."),
    ("sites", "Enter each site's megawatts and what its power costs."),
    ("fleet", "Add your machines from the catalogue, or paste them from a spreadsheet."),
    ("offers", "Add the AI offer as you got it; any unit is understood."),
    ("memo", "Look at the break-even, drag what you doubt, and export the memo."),
)
"""The way to a first memo in ten minutes: the page, and what to do there."""


class CardButton(QPushButton):
    """A card that can be chosen: a title, and a sentence beneath."""

    def __init__(self, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_look(self, kind="card")
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.heading = QLabel(title, self)
        theme.set_look(self.heading, role="strong")
        self.sentence = QLabel(sentence, self)
        theme.set_look(self.sentence, role="small")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(4)
        for label in (self.heading, self.sentence):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(label)
        column.addStretch(1)

    def sizeHint(self) -> QSize:
        return self.layout().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.layout().minimumSize()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self.layout().totalHeightForWidth(width)


class WrappedLink(QPushButton):
    """A sentence that can be pressed, in as many lines as it needs: Qt's own would make the page as wide as it is."""

    def __init__(self, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(sentence, parent)
        theme.set_look(self, kind="link")
        self._sentence = sentence
        self.setAccessibleName(sentence)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self._wrap)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._wrap()

    def _wrap(self) -> None:
        lines, room = [""], self.width() - theme.px(LINK_PADDING_PX)
        for word in self._sentence.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and self.fontMetrics().horizontalAdvance(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        self.setText("\n".join(lines))


class CardGrid(QWidget):
    """Cards beside each other, in as many columns as there is room for."""

    def __init__(self, cards: list[CardButton], parent: QWidget) -> None:
        super().__init__(parent)
        self._cards = cards
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(10)
        # As narrow as one card: the columns follow from the width, not the width from the columns.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = min(max(self.width() // theme.px(CARD_WIDTH_PX), 1), len(self._cards))
        # Three beside each other and one alone beneath look like a mistake.
        while columns > 2 and len(self._cards) % columns == 1:
            columns -= 1
        if columns == self._columns:
            return
        self._columns = columns
        for number, card in enumerate(self._cards):
            self._grid.addWidget(card, number // columns, number % columns)
        for number in range(len(self._cards)):
            self._grid.setColumnStretch(number, 1 if number < columns else 0)


class StartPage(QWidget):
    """The first page.

    Attributes
    ----------
    sample_cards, template_cards
        By name.
    """

    name = "start"
    title = "Start"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shows_all_recoveries = False
        self.sample_cards: dict[str, CardButton] = {}
        self.template_cards: dict[str, CardButton] = {}
        self._looking = Latest(self)
        self._looking.done.connect(self._show_recoveries)
        inner = QWidget(self)
        inner.setProperty("role", "page")
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(28, 20, 28, 20)
        self._column.setSpacing(8)
        heading = QLabel("What should the next megawatt do?", inner)
        theme.set_look(heading, role="title")
        heading.setWordWrap(True)
        self._column.addWidget(heading)
        self.hello = QLabel(inner)
        theme.set_look(self.hello, role="muted")
        self.hello.setWordWrap(True)
        self._column.addWidget(self.hello)
        self._recoveries = QVBoxLayout()
        self._column.addLayout(self._recoveries)
        self._recent = self._section("Go on with a plan")
        self._add_cards("Samples, opened as a copy of your own", sample_names(), self.sample_cards, self._begin_sample)
        self._add_cards("New plan", template_names(), self.template_cards, self._begin_template)
        self._add_hints()
        self._column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def refresh(self) -> None:
        """Say which plan is open."""
        plan = self._session.document.plan
        self.hello.setText(f"Open now: {plan.plan.name}. Everything stays on this computer; nothing is sent anywhere.")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._look_for_recoveries()
        self._fill_recent()

    def _section(self, title: str) -> QVBoxLayout:
        box = QWidget(self)
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        label = QLabel(title, box)
        theme.set_look(label, role="section")
        column.addWidget(label)
        self._column.addWidget(box)
        return column

    def _add_cards(
        self,
        title: str,
        choices: list[tuple[str, str, str]],
        cards: dict[str, CardButton],
        begin: Callable[[str], None],
    ) -> None:
        for name, words, sentence in choices:
            card = CardButton(words, sentence, self)
            card.setObjectName(f"start.{name}")
            card.clicked.connect(partial(_call, begin, name))
            cards[name] = card
        self._section(title).addWidget(CardGrid(list(cards.values()), self))

    def _add_hints(self) -> None:
        column = self._section("The first memo in ten minutes")
        for number, (page, sentence) in enumerate(FIRST_MEMO, start=1):
            row = QHBoxLayout()
            row.setSpacing(6)
            count = QLabel(f"{number}", self)
            count.setFixedWidth(theme.px(16))
            theme.set_look(count, role="muted")
            count.setContentsMargins(0, theme.px(1) + 1, 0, 0)  # a link has its padding and its edge
            button = WrappedLink(sentence, self)
            button.clicked.connect(partial(_call, self._session.go_to, page))
            row.addWidget(count, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(button, 1)
            column.addLayout(row)

    def _begin_sample(self, name: str) -> None:
        self._session.begin_requested.emit(sample(name))

    def _begin_template(self, name: str) -> None:
        self._session.begin_requested.emit(template(name))

    def _look_for_recoveries(self) -> None:
        """Read what dead processes left behind, each a whole plan: in a worker, for the window must not wait for it."""
        self._looking.request(pending_recoveries)

    def _show_recoveries(self, found: list[RecoveryCopy]) -> None:
        _clear_after(self._recoveries, 0)
        shown = found if self._shows_all_recoveries else found[:MOST_RECOVERIES]
        for copy in shown:
            notice = QFrame(self)
            theme.set_look(notice, role="notice", severity="warning")
            file = f" in {copy.plan_path.name}" if copy.plan_path else ", which was never saved,"
            words = QLabel(
                f"Busbar ended badly. Edits of {copy.time} to {copy.plan_name}{file} can be recovered.", notice
            )
            words.setWordWrap(True)
            words.setTextFormat(Qt.TextFormat.PlainText)
            take = QPushButton("Recover", notice)
            theme.set_look(take, kind="primary")
            take.clicked.connect(partial(_call, self._session.recover_requested.emit, copy))
            drop = QPushButton("Discard", notice)
            drop.clicked.connect(partial(_call, self._discard, copy))
            row = QHBoxLayout(notice)
            row.addWidget(words, 1)
            row.addWidget(take)
            row.addWidget(drop)
            self._recoveries.addWidget(notice)
        if len(shown) < len(found):
            more = QPushButton(f"Show {len(found) - len(shown)} more", self)
            theme.set_look(more, kind="link")
            more.clicked.connect(partial(_call, self._show_all_recoveries))
            self._recoveries.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_all_recoveries(self) -> None:
        self._shows_all_recoveries = True
        self._look_for_recoveries()

    def _discard(self, copy: RecoveryCopy) -> None:
        discard(copy)
        self._look_for_recoveries()

    def _fill_recent(self) -> None:
        _clear_after(self._recent, 1)
        there = [path for path in self._session.settings.recent if path.is_file()]
        for path in there:
            row = QHBoxLayout()
            button = QPushButton(path.stem, self)
            button.setToolTip(str(path))
            theme.set_look(button, kind="link")
            button.clicked.connect(partial(_call, self._session.open_requested.emit, path))
            where = QLabel(f"{path.parent} · {_day_of(path)}", self)
            theme.set_look(where, role="small")
            row.addWidget(button)
            row.addWidget(where)
            row.addStretch(1)
            self._recent.addLayout(row)
        row = QHBoxLayout()
        for words, icon, command in (
            ("Open a plan…", "open", "file.open"),
            ("Import a table…", "import", "file.import"),
        ):
            button = QPushButton(words, self)
            theme.set_icon(button, icon)
            button.clicked.connect(partial(_call, self._session.command_requested.emit, command))
            row.addWidget(button)
        row.addStretch(1)
        self._recent.addLayout(row)


def _day_of(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d %H:%M")


def _clear_after(layout: QVBoxLayout, keep: int) -> None:
    """Remove everything of a column but its first rows."""
    while layout.count() > keep:
        item = layout.takeAt(keep)
        inner = item.layout()
        while inner is not None and inner.count():
            widget = inner.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if item.widget() is not None:
            item.widget().hide()
            item.widget().deleteLater()


def _call(run: Callable[..., None], *arguments: object) -> None:
    run(*[a for a in arguments if not isinstance(a, bool)])
