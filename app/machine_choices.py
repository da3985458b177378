"""Which of several catalogue machines a list means by a model's name: one picker per name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app import theme
from app.cards import label
from app.picker import Picker

LEFT_OUT = "Choose one, or the lines are left out"
ROW_PX = 40
MOST_ROWS = 3
"""So many names are seen at once; more of them scroll."""

Choices = tuple[tuple[str, tuple[str, ...]], ...]


class MachineChoices(QWidget):
    """Asks for every name that may mean several machines; invisible where there is none.

    Signals
    -------
    chosen
        The name in the list, and the catalogue's name of the machine; empty for none.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pickers: dict[str, Picker] = {}
        self._choices: Choices = ()
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._scroll)
        self.hide()

    def set_choices(self, choices: Choices) -> None:
        """Ask for these names; what was chosen for one of them stays chosen."""
        if choices == self._choices:
            return
        before = {model: picker.currentData() for model, picker in self.pickers.items()}
        self._choices, self.pickers = choices, {}
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        for row, (model, names) in enumerate(choices):
            caption = label(f"{model} may be", "warning")
            picker = Picker()
            picker.setAccessibleName(f"Which machine {model} is")
            picker.addItem(LEFT_OUT, "")
            for name in names:
                picker.addItem(name, name)
            picker.setCurrentIndex(max(picker.findData(before.get(model, "")), 0))
            picker.activated.connect(partial(self._choose, model))
            caption.setBuddy(picker)
            grid.addWidget(caption, row, 0)
            grid.addWidget(picker, row, 1)
            self.pickers[model] = picker
        self._scroll.setWidget(inner)
        self._scroll.setFixedHeight(min(len(choices), MOST_ROWS) * theme.px(ROW_PX))
        self.setVisible(bool(choices))

    def _choose(self, model: str, _row: int) -> None:
        self.chosen.emit(model, self.pickers[model].currentData())
