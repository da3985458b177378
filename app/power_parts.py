"""What the power page is put together from: a table of figures that follow, with bars for a bridge."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app import theme
from app.cards import label

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
    """

    name: str
    texts: tuple[str, ...]
    span: tuple[float, float] | None = None
    strong: bool = False


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
    """

    def __init__(self, name: str, headings: Sequence[str], bars: bool = False) -> None:
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
