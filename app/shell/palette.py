"""A field to type into, and a list that narrows: the command palette, and the choice of a field to pin.

A panel inside the window rather than a window of its own: it needs no window manager, and closes when it loses the
focus because nothing typed here is worth keeping.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app import theme

ENTRY = Qt.ItemDataRole.UserRole
VISIBLE_ROWS = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One line that can be chosen.

    Attributes
    ----------
    text
        What it is called.
    detail
        Where it belongs, in a muted hand; searched as well.
    keys
        Its shortcut, at the right.
    run
        What choosing it does.
    """

    text: str
    detail: str
    run: Callable[[], None]
    keys: str = ""


def matches(entries: Sequence[Entry], typed: str) -> list[Entry]:
    """Entries that hold every typed word, those first whose words begin with what was typed.

    Examples
    --------
    >>> rows = [Entry("Unpin", "", print), Entry("Pin a lever", "", print), Entry("Save", "", print)]
    >>> [e.text for e in matches(rows, "pin")]
    ['Pin a lever', 'Unpin']
    """
    words = typed.casefold().split()
    if not words:
        return list(entries)

    def rank(entry: Entry) -> int | None:
        text, detail = entry.text.casefold(), entry.detail.casefold()
        score = 0
        for word in words:
            if text.startswith(word):
                continue
            if f" {word}" in text:
                score += 1
            elif word in text:
                score += 2
            elif word in detail:
                score += 3
            else:
                return None
        return score

    ranked = [(score, number, entry) for number, entry in enumerate(entries) if (score := rank(entry)) is not None]
    return [entry for _, _, entry in sorted(ranked, key=lambda row: row[:2])]


class _Entries(QAbstractListModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Entry] = []

    def show(self, rows: list[Entry]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        entry = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{entry.text} {entry.detail}".strip()
        return entry if role == ENTRY else None


class _EntryDelegate(QStyledItemDelegate):
    """Text, then its place in a muted hand, then the keys at the right edge."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(theme.px(300), theme.px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        entry: Entry = index.data(ENTRY)
        tokens = theme.tokens()
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color("soft"))
            painter.drawRoundedRect(option.rect.adjusted(2, 1, -2, -1), 5, 5)
        area = option.rect.adjusted(theme.px(12), 0, -theme.px(12), 0)
        area = self._write(painter, area, entry.keys, tokens.color("muted"), right=True)
        area = self._write(painter, area, entry.text, tokens.color("text"))
        self._write(painter, area, entry.detail, tokens.color("muted"))
        painter.restore()

    def _write(self, painter: QPainter, area: QRect, text: str, color: QColor, right: bool = False) -> QRect:
        metrics = painter.fontMetrics()
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.setPen(color)
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, shown)
        used = metrics.horizontalAdvance(shown) + theme.px(10)
        return area.adjusted(0, 0, -used, 0) if right else area.adjusted(used, 0, 0, 0)


class Palette(QFrame):
    """The panel; `ask` shows it over the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        theme.set_look(self, role="card")
        self.field = QLineEdit(self)
        self.field.setObjectName("palette.field")
        self.list = QListView(self)
        self.list.setObjectName("palette.list")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self._model = _Entries(self)
        self.list.setModel(self._model)
        self.nothing = QLabel("Nothing is called that.", self)
        theme.set_look(self.nothing, role="muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.list)
        self._entries: Sequence[Entry] = ()
        self._former_focus: QWidget | None = None
        self.field.textEdited.connect(self._narrow)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._choose)
        window.installEventFilter(self)
        self.hide()

    @property
    def shown(self) -> list[Entry]:
        """The entries that match what is typed."""
        return self._model.rows

    def ask(self, entries: Sequence[Entry], prompt: str) -> None:
        """Show entries to choose from."""
        focused = self.window().focusWidget()
        if focused is not self.field:
            self._former_focus = focused
        self._entries = entries
        self.field.setPlaceholderText(prompt)
        self.field.setAccessibleName(prompt)
        self.field.clear()
        self._narrow("")
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def close_panel(self) -> None:
        """Put the panel away and the focus back where it was."""
        if self.isHidden():
            return
        self.hide()
        former, self._former_focus = self._former_focus, None
        if former is not None and former.isVisible():
            former.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self._former_focus = None
            self.close_panel()
        elif watched is self.parent() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: VISIBLE_ROWS,
            Qt.Key.Key_PageUp: -VISIBLE_ROWS,
        }
        if event.key() in steps:
            last = self._model.rowCount() - 1
            self._select(min(max(self.list.currentIndex().row() + steps[event.key()], 0), last))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.close_panel()
        else:
            return False
        return True

    def _narrow(self, typed: str) -> None:
        self._model.show(matches(self._entries, typed))
        self._select(0)
        self.nothing.setVisible(not self._model.rows)
        self.list.setVisible(bool(self._model.rows))
        self._place()

    def _select(self, row: int) -> None:
        self.list.setCurrentIndex(self._model.index(row))

    def _choose(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY)
        if entry is not None:
            self.close_panel()
            entry.run()

    def _place(self) -> None:
        window = self.parentWidget()
        rows = min(max(self._model.rowCount(), 1), VISIBLE_ROWS)
        width = min(theme.px(620), window.width() - 40)
        self.list.setFixedHeight(rows * theme.px(30) + 4)
        self.layout().activate()
        height = min(self.sizeHint().height(), window.height() - 40)
        self.setGeometry((window.width() - width) // 2, min(theme.px(90), window.height() - height), width, height)
