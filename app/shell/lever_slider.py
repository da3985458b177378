"""A slider over a range of real numbers, with a mark where the saved plan stands."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from app import theme

FEWEST_STEPS = 250
"""A slider is about as many pixels wide: finer steps could not be told apart."""


def nice_step(span: float) -> float:
    """A round step (1, 2 or 5 times a power of ten) that divides a span into at least `FEWEST_STEPS` parts.

    Examples
    --------
    >>> nice_step(170_000), nice_step(0.5)
    (500.0, 0.002)
    """
    rough = span / FEWEST_STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    return max(factor for factor in (1.0, 2.0, 5.0) if factor * power <= rough * (1 + 1e-12)) * power


class LeverSlider(QSlider):
    """A slider in the unit of its field.

    Arrow keys move by 1 % of the range, with Shift by 10 %; a double click asks for the saved value. A click beside the
    handle takes it there at once, as a drag that starts elsewhere would.

    Signals
    -------
    moved
        The number under the handle, by mouse or key.
    grabbed
        A gesture begins: a press of the mouse, or the first key after the focus came.
    reset_requested
        Double click.
    """

    moved = Signal(float)
    grabbed = Signal()
    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._low, self._step = 0.0, 1.0
        self._mark: float | None = None
        self._offset = 0
        self._value = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._tell)

    @property
    def ends(self) -> tuple[float, float]:
        """The numbers at the left and right end."""
        return self._low, self._low + self.maximum() * self._step

    def set_range(
        self, low: float, high: float, whole: bool = False, bounds: tuple[float, float] = (-math.inf, math.inf)
    ) -> None:
        """Set the ends; they move outwards to the next round step, unless that lies out of bounds."""
        low, high = max(low, bounds[0]), min(high, bounds[1])
        if not high > low:
            high = low + max(abs(low) * 0.01, 1.0 if whole else 1e-6)
        step = nice_step(high - low)
        step = max(1.0, step) if whole else step
        first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
        first, last = first + (first * step < bounds[0]), last - (last * step > bounds[1])
        with QSignalBlocker(self):
            self._step, self._low = step, first * step
            self.setRange(0, last - first)
            self.setSingleStep(max(1, round((last - first) * 0.01)))
            self.setPageStep(max(1, round((last - first) * 0.1)))
            self._place()

    def set_number(self, value: float) -> None:
        """Put the handle at a number, without telling; beyond an end it stays at the end."""
        self._value = value
        if not self.isSliderDown():
            with QSignalBlocker(self):
                self._place()

    def set_mark(self, value: float | None) -> None:
        """Mark where the saved plan stands; None for no mark."""
        if value != self._mark:
            self._mark = value
            self.update()

    def number_at(self, position: int) -> float:
        """The number at a position of the slider, free of binary dust: 0.3, not 0.30000000000000004."""
        return float(f"{self._low + position * self._step:.12g}")

    def _place(self) -> None:
        position = (self._value - self._low) / self._step
        self.setValue(round(min(max(position, 0), self.maximum())))

    def _tell(self, position: int) -> None:
        self._value = self.number_at(position)
        self.moved.emit(self._value)

    # The mouse: QSlider would page towards a click, and drag only from the handle.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        handle = self._handle()
        at = event.position().toPoint()
        on_handle = handle.adjusted(-3, -6, 3, 6).contains(at)
        self._offset = at.x() - handle.center().x() if on_handle else 0
        self.grabbed.emit()
        self.setSliderDown(True)
        if not on_handle:
            self._follow(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event.position().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            with QSignalBlocker(self):
                self._place()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)
            self.reset_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling the dock must not change what the mouse happens to pass over.
        event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.grabbed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: 1,
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Down: -1,
        }
        if event.key() in steps:
            large = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            size = self.pageStep() if large else self.singleStep()
            self.setValue(self.value() + steps[event.key()] * size)
            event.accept()
        elif event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.reset_requested.emit()
        else:
            super().keyPressEvent(event)

    def _follow(self, at: QPoint) -> None:
        groove, handle = self._groove(), self._handle()
        span = max(groove.width() - handle.width(), 1)
        x = at.x() - self._offset - groove.x() - handle.width() // 2
        self.setSliderPosition(QStyle.sliderValueFromPosition(0, self.maximum(), min(max(x, 0), span), span))

    def _option(self) -> QStyleOptionSlider:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return option

    def _groove(self) -> QRect:
        part = QStyle.SubControl.SC_SliderGroove
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, self._option(), part, self)

    def _handle(self) -> QRect:
        part = QStyle.SubControl.SC_SliderHandle
        return self.style().subControlRect(QStyle.ComplexControl.CC_Slider, self._option(), part, self)

    def paintEvent(self, event: QPaintEvent) -> None:
        low, high = self.ends
        if self._mark is not None and low <= self._mark <= high:
            groove, handle = self._groove(), self._handle()
            span = max(groove.width() - handle.width(), 1)
            x = groove.x() + handle.width() // 2 + round((self._mark - low) / (high - low) * span)
            painter = QPainter(self)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.tokens().color("muted"))
            height = theme.px(14)
            painter.drawRect(x - theme.px(1) // 2, self.rect().center().y() - height // 2, theme.px(2), height)
            painter.end()
        super().paintEvent(event)
