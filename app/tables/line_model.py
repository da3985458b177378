"""Lines of a table that are worded elsewhere: what stands in their cells, and the lines as Qt shows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app import theme
from models.plan import Plan
from models.sheets import Measured

Index = QModelIndex | QPersistentModelIndex
Enter = Callable[[Plan, str], Plan]
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


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
    is_number
        Whether it stands at the right; in a column of numbers it does anyhow.
    ink, ground
        Colour roles of the text and of what is behind it; empty for the usual.
    strong
        Whether it is set heavier.
    icon
        Name of an icon before the text.
    tip
        Shown on hover, and read aloud.
    path
        Of the figure or input that the cell shows.
    exported
        What a file holds: a number with its unit, or another text; what is copied where None.
    """

    text: str
    full: str | None = None
    _: KW_ONLY
    enter: Enter | None = field(default=None, compare=False)
    is_number: bool = False
    ink: str = ""
    ground: str = ""
    strong: bool = False
    icon: str = ""
    tip: str = ""
    path: str = ""
    exported: Measured | str | None = field(default=None, compare=False)

    @property
    def copied(self) -> str:
        """What the clipboard gets."""
        return self.text if self.full is None else self.full

    @property
    def in_file(self) -> Measured | str:
        """What a file holds."""
        return self.copied if self.exported is None else self.exported


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells; `key` stays the same while its texts change."""

    key: str
    cells: tuple[Cell, ...]


class LineModel(QAbstractTableModel):
    """Lines as Qt shows them.

    Parameters
    ----------
    headings
        Of the columns; those in `numbers` stand at the right.

    Signals
    -------
    entered
        A cell was typed into: row, column, text.
    """

    entered = Signal(int, int, str)

    def __init__(
        self, headings: Sequence[str], numbers: frozenset[int] = frozenset(), parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.headings = tuple(headings)
        self.numbers = numbers
        self.lines: tuple[Line, ...] = ()
        self.shown_headings: tuple[str, ...] = ()

    def show_headings(self, texts: Sequence[str]) -> None:
        """Write the headings so above the columns, in lines perhaps; what they are called stays."""
        if tuple(texts) != self.shown_headings:
            self.shown_headings = tuple(texts)
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.headings) - 1)

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The cells of every line."""
        return tuple(line.cells for line in self.lines)

    def show(self, lines: Sequence[Line], headings: Sequence[str] | None = None) -> bool:
        """Show these lines; whether rows or columns came, went or changed places. Else cells change in place."""
        before, now = self.lines, tuple(lines)
        heads = self.headings if headings is None else tuple(headings)
        if heads != self.headings or [line.key for line in before] != [line.key for line in now]:
            self.beginResetModel()
            self.lines, self.headings, self.shown_headings = now, heads, ()
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
        if orientation != Qt.Orientation.Horizontal or section >= len(self.headings):
            return None
        if role == Qt.ItemDataRole.DisplayRole and section < len(self.shown_headings):
            return self.shown_headings[section]
        if role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return self.headings[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            of_numbers = section in self.numbers or any(line.cells[section].is_number for line in self.lines)
            return RIGHT if of_numbers else LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        cell = self.cell(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell.text
            case Qt.ItemDataRole.EditRole:
                return cell.copied
            case Qt.ItemDataRole.ToolTipRole:
                return cell.tip or cell.text or None
            case Qt.ItemDataRole.AccessibleTextRole:
                return cell.text if cell.tip in cell.text else ". ".join(filter(None, (cell.text, cell.tip)))
            case Qt.ItemDataRole.ForegroundRole:
                return theme.tokens().color(cell.ink) if cell.ink else None
            case Qt.ItemDataRole.BackgroundRole:
                return theme.tokens().color(cell.ground) if cell.ground else None
            case Qt.ItemDataRole.FontRole:
                return theme.font("strong") if cell.strong else None
            case Qt.ItemDataRole.DecorationRole:
                return theme.icon(cell.icon, cell.ink or "muted") if cell.icon else None
            case Qt.ItemDataRole.TextAlignmentRole:
                return RIGHT if cell.is_number or index.column() in self.numbers else LEFT
        return None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or str(value) == self.cell(index).copied:
            return False
        self.entered.emit(index.row(), index.column(), str(value))
        return True
