"""What the break-even page is put together from: axis titles to choose from, a sentence, a bar of pickers, tabs."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QTabBar, QWidget

from app import theme
from app.picker import Picker

PICKER_PX = 130
"""A picker narrower than this shows too little of what is chosen."""


class AxisPicker(Picker):
    """An axis title that can be changed; as wide as what it says."""

    def __init__(self, name: str, help_text: str, parent: QWidget) -> None:
        super().__init__(parent)
        theme.set_look(self, kind="axis")
        self.setAccessibleName(name)
        self.setToolTip(help_text)
        self.setMaxVisibleItems(24)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.currentIndexChanged.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        found = super().sizeHint()
        return QSize(self.fontMetrics().horizontalAdvance(self.currentText()) + theme.px(34), found.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(60), super().minimumSizeHint().height())

    def showPopup(self) -> None:
        widest = max((self.fontMetrics().horizontalAdvance(self.itemText(k)) for k in range(self.count())), default=0)
        self.view().setMinimumWidth(widest + theme.px(40))
        super().showPopup()


class SentenceBox(QWidget):
    """A label in a box of fixed height that paints its own ground.

    A sentence that breaks into a second line must not move the plots while a lever is dragged; and since the box has no
    layout, a new text lays out nothing but the label, instead of the whole page, and repaints nothing behind it.

    Attributes
    ----------
    least_lines
        For so many lines there is room in any case.
    """

    least_lines = 1

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.label = QLabel(self)
        self.label.setObjectName("sentence")
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.set_selectable(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.label.setAccessibleName("The frontier in words")
        theme.set_look(self.label, role="strong")

    def set_selectable(self, on: bool) -> None:
        """Let the text be marked with the mouse: Qt then keeps a whole document for it, which a drag does without."""
        flags = Qt.TextInteractionFlag
        self.label.setTextInteractionFlags(flags.TextSelectableByMouse if on else flags.NoTextInteraction)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # First the height, then the label: a box on its way to the screen is told of its new height no second time.
        if event.size().width() != event.oldSize().width():
            self.fit()
        self.label.setGeometry(self.rect())

    def fit(self) -> None:
        """Make room for the sentence that is on show."""
        line = self.label.fontMetrics().lineSpacing()
        lines = max(self.least_lines, -(-self.label.heightForWidth(self.width()) // line)) if self.width() else 1
        self.setFixedHeight(lines * line + theme.px(4))

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(event.rect(), theme.tokens().color("surface"))


class PickerBar(QWidget):
    """A page's title with the pickers at its right; beneath it, or beneath each other, where there is no room."""

    def __init__(self, title: str, pickers: tuple[tuple[QComboBox, int], ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._pickers = pickers
        self._heading = QLabel(title, self)
        theme.set_look(self._heading, role="title")
        self._labels = []
        for picker, stretch in pickers:
            label = QLabel(picker.accessibleName(), self)
            label.setBuddy(picker)
            theme.set_look(label, role="muted")
            across = QSizePolicy.Policy.Expanding if stretch else QSizePolicy.Policy.Fixed
            picker.setParent(self)
            picker.setSizePolicy(across, QSizePolicy.Policy.Fixed)
            self._labels.append(label)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._rows = 0
        self._arrange()

    def show_pickers(self, visible: bool, with_names: bool) -> None:
        """Pickers where there is something to pick, and their names where there is room."""
        for (picker, _), label in zip(self._pickers, self._labels, strict=True):
            picker.setVisible(visible)
            label.setVisible(visible and with_names)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(PICKER_PX), super().minimumSizeHint().height())

    def _arrange(self) -> None:
        """Put everything into one row, the pickers into a second, or each into a row of its own."""
        needed = len(self._pickers) * theme.px(PICKER_PX)
        room = self.width() - self._heading.sizeHint().width() - theme.px(24)
        rows = 1 if self._pickers[0][0].isHidden() or room >= needed else 2 if self.width() >= needed else 3
        if rows == self._rows:
            return
        self._rows = rows
        while self._grid.count():
            self._grid.takeAt(0)
        for column in range(2 * len(self._pickers) + 2):
            self._grid.setColumnStretch(column, 0)
        if rows == 1:
            self._grid.addWidget(self._heading, 0, 0)
            self._grid.setColumnStretch(1, 1)
        else:
            self._grid.addWidget(self._heading, 0, 0, 1, len(self._pickers))
        for number, ((picker, stretch), label) in enumerate(zip(self._pickers, self._labels, strict=True)):
            if rows == 1:
                row, column = 0, 3 + 2 * number
                self._grid.addWidget(label, 0, column - 1)
            else:
                row, column = (1, number) if rows == 2 else (1 + number, 0)
            self._grid.addWidget(picker, row, column)
            self._grid.setColumnStretch(column, stretch or (rows > 1))


class FittingTabs(QTabBar):
    """Tabs that take shorter words where their own do not fit, and end in dots where these do not either.

    Parameters
    ----------
    words
        By name: in full, and short.
    """

    def __init__(self, words: dict[str, tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self._words = words
        self._is_short = False
        self.setUsesScrollButtons(False)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        for name, (full, _) in words.items():
            self.setTabData(self.addTab(full), name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def needed_px(self, *, short: bool = False) -> int:
        """How wide the tabs are with their own words, or with the shorter ones."""
        frame, measured = theme.px(34), self.fontMetrics()
        return sum(measured.horizontalAdvance(words[short]) + frame for words in self._words.values())

    def fit(self) -> None:
        """Choose the words anew, for another width or text size."""
        is_short = self.needed_px() > self.width()
        if is_short != self._is_short:
            self._is_short = is_short
            for number, words in enumerate(self._words.values()):
                self.setTabText(number, words[is_short])
                self.setTabToolTip(number, words[0] if is_short else "")
