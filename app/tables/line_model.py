"""Lines of a table that are worded elsewhere: what stands in their cells, and the lines as Qt shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app import theme
from models.plan import Plan
from models.sheets import Measured

Index = QModelIndex | QPersistentModelIndex
Enter = Callable[[Plan, str], Plan]
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CELL_PX, NARROWEST_PX, WIDEST_PX = 22, 56, 250
MOST_ROWS_FITTED = 100


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell.

    Attributes
    ----------
    text
        As shown.
    full
        As edited and copied: all digits; `text` where None.
    enter
        Makes the next plan from a plan and what was typed; raises `QuantityError` with a sentence where it cannot be
        read. None where the cell cannot be typed into.
    help
        Tooltip.
    ink
        Colour role of the text; empty for the usual.
    icon
        Name of an icon before the text.
    exported
        What a file holds: a number with its unit, or another text; what is copied where None.
    """

    text: str
    full: str | None = None
    enter: Enter | None = field(default=None, compare=False)
    help: str = ""
    ink: str = ""
    icon: str = ""
    exported: Measured | str | None = field(default=None, compare=False)

    @property
    def copied(self) -> str:
        """What the clipboard gets."""
        return self.text if self.full is None else self.full


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells; `key` stays the same while its texts change."""

    key: str
    cells: tuple[Cell, ...]


class LineModel(QAbstractTableModel):
    """Lines as Qt shows them.

    Signals
    -------
    entered
        A cell was typed into: row, column, text.
    """

    entered = Signal(int, int, str)

    def __init__(self, headings: Sequence[str], numbers: frozenset[int], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.headings = tuple(headings)
        self.numbers = numbers
        self.lines: tuple[Line, ...] = ()

    def show(self, lines: Sequence[Line]) -> bool:
        """Show these lines; returns whether rows came, went or changed places."""
        before, now = self.lines, tuple(lines)
        if [line.key for line in before] != [line.key for line in now]:
            self.beginResetModel()
            self.lines = now
            self.endResetModel()
            return True
        self.lines = now
        for row, (old, new) in enumerate(zip(before, now, strict=True)):
            if old != new:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.headings) - 1))
        return False

    def cell(self, index: Index) -> Cell:
        """The cell at an index."""
        return self.lines[index.row()].cells[index.column()]

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.headings)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsEditable if self.cell(index).enter is not None else base

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if section in self.numbers else LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return cell.text
            case Qt.ItemDataRole.EditRole:
                return cell.copied
            case Qt.ItemDataRole.ToolTipRole:
                return cell.help or None
            case Qt.ItemDataRole.ForegroundRole:
                return theme.tokens().color(cell.ink) if cell.ink else None
            case Qt.ItemDataRole.DecorationRole:
                return theme.icon(cell.icon, cell.ink or "muted") if cell.icon else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if index.column() in self.numbers else LEFT
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or str(value) == self.cell(index).copied:
            return False
        self.entered.emit(index.row(), index.column(), str(value))
        return True
