"""Cards around records: a table with its buttons and its empty state, and the form of the record chosen in it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import Card, EmptyState, icon_button
from app.finding_figures import let_explain
from app.forms.notes import NoteRow
from app.forms.record_form import RecordForm
from app.session import Session
from app.tables.columns import Column
from app.tables.record_edits import NOUNS
from app.tables.record_table import RecordTable
from models.drivers import record_name
from models.plan import Plan

LEAST_ROWS = 2
SEEN_ROWS = 3
NARROW_BELOW = 700


class TableCard(Card):
    """A table of records, with what to do about an empty one.

    Attributes
    ----------
    table
        The `RecordTable`.
    """

    def __init__(
        self,
        session: Session,
        table: str,
        columns: tuple[Column, ...],
        title: str,
        about: str = "",
        empty: EmptyState | None = None,
    ) -> None:
        super().__init__(title, about)
        self.put_about_beside_title()
        self.session = session
        self.table = RecordTable(session, table, columns)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.empty = empty
        if empty is not None:
            self.stack.addWidget(empty)
        self.add(self.stack, stretch=1)
        one = NOUNS[table][0]
        for icon, words, run in (
            ("plus", f"Add {one} (Ctrl+Shift+N)", self.table.add_row),
            ("duplicate", "Duplicate (Ctrl+Shift+D)", self.table.duplicate_rows),
            ("trash", "Delete (Ctrl+Del)", self.table.delete_rows),
        ):
            self.add_tool(icon_button(icon, words, run))
        model = self.table.records
        model.rowsInserted.connect(self._follow_rows)
        model.rowsRemoved.connect(self._follow_rows)
        self._follow_rows()

    def _follow_rows(self) -> None:
        has_rows = bool(self.table.records.records)
        self.stack.setCurrentIndex(0 if has_rows or self.empty is None else 1)
        if not has_rows:
            self.table.record_chosen.emit("")
        _fit_around(self)

    def content_height(self, most_rows: int = 10_000) -> int:
        """The height at which all rows are seen, or so many of them."""
        if self.empty is not None and self.stack.currentWidget() is self.empty:
            return self.empty.minimumSizeHint().height() + self.head.sizeHint().height() + theme.px(50)
        rows = min(max(self.table.records.rowCount(), LEAST_ROWS), most_rows)
        table = (
            self.table.horizontalHeader().sizeHint().height() + rows * self.table.verticalHeader().defaultSectionSize()
        )
        return table + self.head.sizeHint().height() + theme.px(50)

    def minimumSizeHint(self) -> QSize:
        # Less would leave a heading without rows; then the page scrolls instead.
        return QSize(theme.px(280), self.content_height(SEEN_ROWS))


class DetailCard(Card):
    """The form of one record, and what is questionable about the record as a whole.

    Parameters
    ----------
    hint
        What to say while no record is chosen.
    """

    def __init__(self, session: Session, table: str, hint: str) -> None:
        super().__init__(" ", "")
        self.session = session
        self._hint = hint
        self.form = RecordForm(session, table, "-")
        self.notes = NoteRow(session.numbers)
        self.notes.on_finding(lambda line, finding: let_explain(line, session, finding))
        self.notes.repair_chosen.connect(session.repair)
        inside = QWidget()
        inside.setProperty("role", "page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.px(8), 0)
        column.addWidget(self.notes)
        column.addWidget(self.form)
        column.addStretch(1)
        self.scroll = QScrollArea()
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setWidget(inside)  # with large text a form may be wider than its card: then it scrolls to the side
        self.add(self.scroll, stretch=1)
        # Only once its note has been laid out.
        self.form.warned.connect(lambda notes: QTimer.singleShot(0, self, lambda: self._bring_up(notes)))
        session.plan_changed.connect(self.refresh)
        session.results_changed.connect(self._follow_results)
        session.recompute.findings_ready.connect(self._follow_results)
        session.drag_changed.connect(self._follow_results)
        self.refresh()

    def show_record(self, record_id: str) -> None:
        """Show a record by its id; an empty one shows none."""
        self.form.show_record(record_id or "-")
        self.refresh()

    def refresh(self) -> None:
        """Show name and findings of the record as it is now."""
        record = self.form.record
        self.title.setText(self._hint if record is None else record_title(self.session.plan, record))
        theme.set_look(self.title, role="muted" if record is None else "section")
        self.form.setVisible(record is not None)
        self._follow_results(None)

    def _follow_results(self, _results: Any) -> None:
        # Findings cost more than a frame: they wait until the lever is let go.
        if self.isVisible() and not self.session.is_dragging:
            path = self.form.path
            self.notes.show_findings(tuple(f for f in self.session.findings if f.path == path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        # Always: the pile may have shared its height while the form was another, or out of sight.
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show) and self.isVisible():
            _fit_around(self)
        return done

    def content_height(self) -> int:
        """The height at which the whole form is seen, with some room for notes."""
        inside = self.scroll.widget()
        # The form's least height can be more than what it wishes for: then a scroll bar would move nothing but air.
        needed = max(inside.sizeHint().height(), inside.minimumSizeHint().height())
        return self.head.sizeHint().height() + needed + theme.px(52)

    def _bring_up(self, notes: QWidget) -> None:
        """Scroll to what an edit has made questionable; the page stays where it is unless one types in the form."""
        self.scroll.ensureWidgetVisible(notes)
        typed_in = QApplication.focusWidget()
        above = self.parentWidget() if typed_in is not None and self.isAncestorOf(typed_in) else None
        while above is not None:
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(notes)
            above = above.parentWidget()

    def focus_field(self, name: str) -> None:
        """Bring the keyboard to a field and the field into view."""
        if self.form.focus_field(name):
            self.scroll.ensureWidgetVisible(self.form.editor(name))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(300), min(self.content_height(), theme.px(190)))


def record_title(plan: Plan, record: Any) -> str:
    """What a record is called among the others of its plan, or what it is where it has no name."""
    return f"Contract {record.id}" if getattr(record, "name", None) == "" else record_name(plan, record)


class SideBySide(QWidget):
    """Two cards beside each other, or one of them under tabs where there is no room for both.

    Parameters
    ----------
    names
        Of the tabs.
    """

    def __init__(self, first: QWidget, second: QWidget, names: tuple[str, str]) -> None:
        super().__init__()
        self.cards = (first, second)
        self.tabs = QTabBar()
        for name in names:
            self.tabs.addTab(name)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(theme.px(12))
        for card in self.cards:
            self.splitter.addWidget(card)
        self.splitter.setSizes([1000, 1000])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self.splitter, 1)
        self._has_second = True
        self.tabs.currentChanged.connect(self._arrange)
        theme.theme_changed.connect(self._arrange)

    def show_second(self, shown: bool) -> None:
        """Show both cards, or the first one alone."""
        if shown != self._has_second:
            self._has_second = shown
            self._arrange()
            _fit_around(self)

    def _arrange(self) -> None:
        narrow = self.width() < theme.px(NARROW_BELOW) and self._has_second
        self.tabs.setVisible(narrow)
        chosen = self.tabs.currentIndex()
        for number, card in enumerate(self.cards):
            card.setVisible(number == chosen if narrow else number == 0 or self._has_second)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def content_height(self) -> int:
        """The height at which the taller one is seen whole."""
        return max(_content_height(card) for card in self.cards if not card.isHidden())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(300), theme.px(230))


class Stacked(QSplitter):
    """Cards above each other, as high as what they hold; until somebody moves a handle, they follow window and rows.

    Parameters
    ----------
    cards
        Those with a `content_height` say how much they could use.
    """

    def __init__(self, *cards: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(theme.px(12))
        self.cards = cards
        for card in cards:
            self.addWidget(card)
            if isinstance(card, QStackedWidget):
                card.currentChanged.connect(self.follow_content)
        # What nobody can use is left empty instead of blowing up a card.
        self._rest = QWidget()
        self.addWidget(self._rest)
        self._is_by_hand = False
        self.splitterMoved.connect(self._keep)
        theme.theme_changed.connect(self.fit)

    def _keep(self) -> None:
        self._is_by_hand = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def follow_content(self) -> None:
        """Share the height anew because a card holds more or less than before."""
        self.updateGeometry()
        self.fit()

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        if self._scrolls():
            more = sum(
                self._least(card) - card.minimumSizeHint().height() for card in self.cards if not card.isHidden()
            )
            least.setHeight(least.height() + more)
        return least

    def _scrolls(self) -> bool:
        """Whether the page has no room even for the least of every card."""
        above = self.parentWidget()
        return above is not None and super().minimumSizeHint().height() > above.height()

    @staticmethod
    def _least(card: QWidget) -> int:
        """How low a card may be on a page that scrolls: a form is whole, since a scroll bar in another one is in the
        way of the wheel."""
        least = card.minimumSizeHint().height()
        if isinstance(card, QStackedWidget):  # the form of what was chosen last
            return max(least, _content_height(card.currentWidget()))
        return max(least, card.content_height()) if isinstance(card, DetailCard) else least

    def fit(self) -> None:
        """Share the height fairly, nobody getting more than it could use."""
        if self._is_by_hand or self.height() <= 0:
            return
        if self._scrolls():
            self.setSizes([*map(self._least, self.cards), 0])
            return
        room = self.height() - self.handleWidth() * sum(not card.isHidden() for card in self.cards)
        # Less than its least a card does not take: a splitter would take the difference from the others.
        wanted = [
            0 if card.isHidden() else max(_content_height(card), card.minimumSizeHint().height()) for card in self.cards
        ]
        heights = [0] * len(wanted)
        left = room
        # The most modest first: what it does not take of its fair share is the others'.
        for count, number in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
            heights[number] = min(wanted[number], left // (len(wanted) - count))
            left -= heights[number]
        self.setSizes([*heights, max(left, 0)])


def scrolling(pile: Stacked) -> QScrollArea:
    """A pile of cards that scrolls where the window is too low for all of them."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(pile)
    return area


def _fit_around(card: QWidget) -> None:
    """Have the pile that a card lies in share its height anew."""
    above = card.parentWidget()
    while above is not None:
        if isinstance(above, Stacked):
            above.follow_content()
            return
        above = above.parentWidget()


def _content_height(card: QWidget) -> int:
    """How much height a card could use; a lot where it does not say."""
    if isinstance(card, QSplitter | QStackedWidget):
        return max(_content_height(card.widget(i)) for i in range(card.count()))
    known = getattr(card, "content_height", None)
    return known() if known is not None else card.sizeHint().height()
