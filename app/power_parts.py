"""What the power page is put together from: a table of figures that follow, with bars for a bridge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.cards import label
from app.data_out import offer
from app.figure_menu import add_figure_menu
from app.session import Session
from models.sheets import Measured, Sheet, sheet_of

BAR_PX = 120
ROW_PX = 22


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One line of a table.

    Attributes
    ----------
    name
        What it is.
    texts
        Its figures as written, one per column.
    span
        Where its bar begins and ends; None for none.
    strong
        Whether it is a total.
    path
        Of its figure, for whoever explains it; empty where there is none.
    exported
        Its figures with their units, as a file holds them.
    """

    name: str
    texts: tuple[str, ...]
    span: tuple[float, float] | None = None
    strong: bool = False
    path: str = ""
    exported: tuple[Measured, ...] = ()


class StepBar(QWidget):
    """A step of a bridge: from one price to the next, on the scale that all steps share."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._shown: tuple[float, float, float, float, bool] | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(BAR_PX), theme.px(ROW_PX - 8))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(40), theme.px(ROW_PX - 8))

    def show_span(self, begin: float, end: float, low: float, high: float, strong: bool) -> None:
        """Draw from `begin` to `end`, on a scale from `low` to `high`."""
        shown = (begin, end, low, high, strong)
        if shown != self._shown:
            self._shown = shown
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shown is None:
            return
        begin, end, low, high, strong = self._shown
        if not (high > low and math.isfinite(begin) and math.isfinite(end)):
            return
        tokens = theme.tokens()
        painter = QPainter(self)
        scale = (self.width() - 2) / (high - low)
        zero, left, right = (1 + (at - low) * scale for at in (0.0, min(begin, end), max(begin, end)))
        painter.setPen(QPen(tokens.color("border"), 1))
        painter.drawLine(QPointF(round(zero) + 0.5, 0), QPointF(round(zero) + 0.5, self.height()))
        role = "accent" if strong else "warning" if end > begin else "positive"
        painter.fillRect(QRectF(left, 2, max(right - left, 1.5), self.height() - 4), tokens.color(role))


class CornerPicker(QWidget):
    """A picture that fills the box, with a picker in its upper right corner, whatever the picture is."""

    def __init__(self, picture: QWidget, picker: QComboBox) -> None:
        super().__init__()
        self._picker = picker
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(picture)
        picker.setParent(self)
        picker.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self._picker.sizeHint()
        self._picker.setGeometry(self.width() - size.width(), 0, size.width(), size.height())


class AsHighAsItsWords(QWidget):
    """Asks for the height that the words in it need at the width of the moment.

    A page that shows one of several things is not asked at a width, and words may wrap in more lines than Qt supposes.

    Parameters
    ----------
    spare_px
        Asked for on top, for what lies below the words and gives way before them.
    """

    def __init__(self, spare_px: int) -> None:
        super().__init__()
        self._spare_px = spare_px

    def minimumSizeHint(self) -> QSize:
        least = super().minimumSizeHint()
        needed = max(least.height(), self.layout().minimumHeightForWidth(self.width()))
        return QSize(least.width(), needed + theme.px(self._spare_px))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class FigureTable(QWidget):
    """Names, right-aligned figures and bars; rows keep their widgets while the figures in them follow a lever.

    Parameters
    ----------
    name
        Read aloud.
    headings
        Of the columns of figures.
    bars
        Whether a column of bars stands at the right.
    labels
        What the columns of figures are called in a file, where the headings are no more than units.
    """

    def __init__(
        self, name: str, headings: Sequence[str], bars: bool = False, labels: Sequence[str] | None = None
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._bars = bars
        self._rows: list[tuple[QLabel, list[QLabel], StepBar | None]] = []
        self._shown: tuple[FigureRow, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setHorizontalSpacing(theme.px(14))
        self._grid.setColumnStretch(0, 3)
        if bars:
            self._grid.setColumnStretch(len(headings) + 1, 2)
        for place, words in enumerate(headings, start=1):
            heading = label(words, "small")
            heading.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom)
            self._grid.addWidget(heading, 0, place)
        self._columns = len(headings)
        self._labels = tuple(labels or (heading.partition(",")[0] for heading in headings))
        self._row = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def explain_with(self, session: Session) -> None:
        """Let every row explain its figure; the arrow keys go from row to row."""
        add_figure_menu(self, session, self.path_at)
        offer(self, session, self.sheet, own_menu=True)

    def sheet(self) -> Sheet | None:
        """The rows on show as a table to export; None where there is none."""
        rows = [[row.name, *row.exported] for row in self._shown]
        return sheet_of(self.accessibleName(), ["What", *self._labels], rows) if rows else None

    def path_at(self, point: QPoint) -> str | None:
        """Path of the figure of the row at a point."""
        for row, (name, figures, _) in zip(self._shown, self._rows, strict=False):
            if any(w.geometry().top() <= point.y() <= w.geometry().bottom() for w in (name, *figures)):
                return row.path or None
        return None

    def focus_point(self) -> QPoint:
        """Where the keyboard is: in the current row."""
        return self._rows[self._row][0].geometry().center() if self._row < len(self._shown) else QPoint(-1, -1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self._shown:
            super().keyPressEvent(event)
        elif event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._row = min(max(self._row + step, 0), len(self._shown) - 1)
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._row < len(self._shown):
            name = self._rows[self._row][0].geometry()
            painter = QPainter(self)
            painter.fillRect(QRectF(0, name.top(), self.width(), name.height()), theme.tokens().color("soft"))

    @property
    def rows(self) -> tuple[FigureRow, ...]:
        """The rows on show."""
        return self._shown

    def show_rows(self, rows: Sequence[FigureRow]) -> None:
        """Show these rows."""
        while len(self._rows) < len(rows):
            self._add_row()
        spans = [r.span for r in rows if r.span is not None and all(map(math.isfinite, r.span))]
        low = min((min(s) for s in spans), default=0.0)
        high = max((max(s) for s in spans), default=1.0)
        for number, (name, figures, bar) in enumerate(self._rows):
            is_used = number < len(rows)
            for widget in (name, *figures, *((bar,) if bar else ())):
                if widget.isHidden() == is_used:
                    widget.setVisible(is_used)
            if not is_used:
                continue
            row = rows[number]
            _set(name, row.name, row.strong)
            for figure, text in zip(figures, row.texts, strict=True):
                _set(figure, text, row.strong)
                if figure.accessibleName() != row.name:
                    figure.setAccessibleName(row.name)
            if bar is not None:
                begin, end = row.span or (math.nan, math.nan)
                bar.show_span(begin, end, min(low, 0.0), high, row.strong)
        self._shown = tuple(rows)

    def _add_row(self) -> None:
        line = len(self._rows) + 1
        name = label("", "body", wrap=True)
        figures = [label("", "calculated") for _ in range(self._columns)]
        self._grid.addWidget(name, line, 0)
        self._grid.setRowMinimumHeight(line, theme.px(ROW_PX))
        for place, figure in enumerate(figures, start=1):
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._grid.addWidget(figure, line, place)
        bar = StepBar(self) if self._bars else None
        if bar is not None:
            self._grid.addWidget(bar, line, self._columns + 1)
        self._rows.append((name, figures, bar))


def _set(words: QLabel, text: str, strong: bool) -> None:
    if words.text() != text:
        words.setText(text)
    if bool(words.property("strong")) != strong:
        theme.set_look(words, strong=strong)
