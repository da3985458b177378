"""The strip at the left: the pages in the order of the work, each with its icon and its key."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from app import theme
from app.shell.commands import COMMANDS, PAGES, shortcut_text

WIDTH_PX = 196
COMPACT_WIDTH_PX = 56
BELOW_BRAND = 10
MARGINS, LOW_MARGINS = (8, 14, 8, 12), (8, 2, 8, 2)


class RailButton(QPushButton):
    """One page: icon, title, and its key in a quieter hand at the right."""

    def __init__(self, name: str, title: str, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._title, self._keys = title, keys
        self._compact = False
        self.setObjectName(f"rail.{name}")
        self.setCheckable(True)
        self.setAccessibleName(title)
        self.setToolTip(f"{title} ({keys})" if keys else title)
        theme.set_look(self, role="rail")
        theme.set_icon(self, name, "rail_text")

    def set_compact(self, on: bool) -> None:
        """Show the icon alone, where the window is narrow."""
        self._compact = on
        # An ampersand would underline the next letter.
        self.setText("" if on else f" {self._title}".replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._compact:
            return
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        painter.setOpacity(0.6)
        painter.setPen(theme.tokens().color("rail_text"))
        area = self.rect().adjusted(0, 0, -theme.px(10), 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._keys)
        painter.end()


class Rail(QFrame):
    """The navigator.

    Signals
    -------
    page_chosen
        Name of the page whose button was pressed.
    """

    page_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rail")
        theme.set_look(self, role="rail")
        self.buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._compact = False
        self._brand = QLabel("Busbar", self)
        theme.set_look(self._brand, role="brand")
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(2)
        column.addWidget(self._brand)
        keys = {c.id: shortcut_text(c) for c in COMMANDS}
        for name, title in PAGES:
            button = RailButton(name, title, keys[f"go.{name}"], self)
            button.clicked.connect(lambda _checked=False, n=name: self.page_chosen.emit(n))
            self._group.addButton(button)
            self.buttons[name] = button
            column.addWidget(button)
        column.addStretch(1)
        self._hint = QLabel(f"{keys['go.palette']} for anything\n{keys['help.keys']} for help", self)
        theme.set_look(self._hint, role="rail")
        column.addWidget(self._hint)
        theme.theme_changed.connect(self._restyle)
        self._restyle()

    def mark(self, name: str) -> None:
        """Show which page is open."""
        self.buttons[name].setChecked(True)

    def set_compact(self, on: bool) -> None:
        """Show icons alone, where the window is narrow."""
        if on != self._compact:
            self._compact = on
            self._restyle()

    def _restyle(self) -> None:
        self.setFixedWidth(theme.px(COMPACT_WIDTH_PX if self._compact else WIDTH_PX))
        self._brand.setText("B" if self._compact else "Busbar")
        self._brand.setContentsMargins(theme.px(11), 0, 0, BELOW_BRAND)
        self._hint.setContentsMargins(theme.px(11), 0, 0, 0)
        self._hint.setVisible(not self._compact)
        for button in self.buttons.values():
            button.set_compact(self._compact)
            button.setIconSize(QSize(theme.px(18), theme.px(18)))
        self._fit()

    def _fit(self) -> None:
        """Let name, margins and height go where large text on a low screen leaves no room: all must be in reach."""
        column = self.layout()
        needed = self._brand.sizeHint().height() + MARGINS[1] + MARGINS[3]
        usual = max(button.sizeHint().height() for button in self.buttons.values())
        needed += len(self.buttons) * (usual + column.spacing())
        has_room = needed <= self.height() or self.height() == 0
        self._brand.setVisible(has_room)
        column.setContentsMargins(*(MARGINS if has_room else LOW_MARGINS))
        left = self.height() - LOW_MARGINS[1] - LOW_MARGINS[3]
        height = usual if has_room else min(left // len(self.buttons) - column.spacing(), usual)
        for button in self.buttons.values():
            button.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
