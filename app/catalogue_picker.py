"""Pick machines or GPUs from the catalogue that ships: search, arrows, Enter; every row says its source."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import button, label
from app.dialog_size import open_at
from app.numbers import MISSING, Numbers
from app.picker import Picker
from app.tables.item_models import LEFT, RIGHT
from models.catalogue import Asic, Gpu, asics, gpus
from models.machine_search import search

ROW_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Fact:
    """One column of a catalogue: heading, how a row's text is made, and whether it is a number."""

    heading: str
    text: Callable[[Any, Numbers], str]
    is_number: bool = True


def _span(low: float | None, high: float | None, numbers: Numbers, digits: int) -> str:
    if low is None and high is None:
        return MISSING
    ends = [numbers.number(v, digits) for v in (low, high) if v is not None]
    return "–".join(dict.fromkeys(ends))


def _maybe(value: float | None, numbers: Numbers, digits: int) -> str:
    return MISSING if value is None else numbers.number(value, digits)


ASIC_FACTS = (
    Fact("Machine", lambda a, n: a.name, False),
    Fact("J/TH", lambda a, n: n.number(a.efficiency_j_per_th, 1)),
    Fact("TH/s", lambda a, n: n.number(a.hashrate_th_per_s, 1)),
    Fact("W", lambda a, n: n.number(a.power_w, 0)),
    Fact("Cooling", lambda a, n: a.cooling, False),
    Fact("Release", lambda a, n: a.release or MISSING, False),
    Fact("Source", lambda a, n: a.citation, False),
)
GPU_FACTS = (
    Fact("GPU or system", lambda g, n: f"{g.vendor} {g.model}", False),
    Fact("Kind", lambda g, n: g.kind, False),
    Fact("IT kW/GPU", lambda g, n: _maybe(g.it_kw_per_gpu, n, 2)),
    Fact("$/GPU", lambda g, n: _span(g.price_usd_per_gpu_low, g.price_usd_per_gpu_high, n, 0)),
    Fact("$/GPU-hour", lambda g, n: _span(g.rental_usd_per_gpu_hour_low, g.rental_usd_per_gpu_hour_high, n, 2)),
    Fact("Launch", lambda g, n: g.launch or MISSING, False),
    Fact("Source", lambda g, n: f"{g.source}, {g.source_date or 'undated'}", False),
)


def find_asics(text: str) -> list[Asic]:
    """Machines for a search text; all of them for none, the youngest first."""
    return list(search(text, ROW_LIMIT)) if text.strip() else list(search("", len(asics())))


def find_gpus(text: str) -> list[Gpu]:
    """GPUs and systems whose names hold every word."""
    words = text.lower().split()
    return [g for g in gpus() if all(w in f"{g.vendor} {g.model} {g.system} {g.kind}".lower() for w in words)]


CELL_PX, MARGIN_PX = 14, 70
"""Room around the words of a column, and around the table in its window."""


class CatalogueModel(QAbstractTableModel):
    """Rows of the catalogue that match the search."""

    def __init__(self, facts: tuple[Fact, ...], numbers: Numbers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.facts = facts
        self.numbers = numbers
        self.rows: list[Any] = []

    def show(self, rows: list[Any]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.facts)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.facts[section].heading
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if self.facts[section].is_number else LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, fact = self.rows[index.row()], self.facts[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return fact.text(row, self.numbers)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if fact.is_number else LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (row.note, getattr(row, "address", "")))) or None
        if role == Qt.ItemDataRole.ForegroundRole and fact.heading == "Source":
            return theme.tokens().color("muted")
        return None


class CataloguePicker(QDialog):
    """Search and pick; stays open, so that several can be added.

    Parameters
    ----------
    find
        Rows for a search text.
    sites
        Id and name of the sites to add to; no choice is offered where there is only one.

    Signals
    -------
    picked
        The row and the id of the site.
    """

    picked = Signal(object, str)

    def __init__(
        self,
        title: str,
        facts: tuple[Fact, ...],
        find: Callable[[str], list[Any]],
        numbers: Numbers,
        sites: list[tuple[str, str]],
        verb: str = "Add",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._find = find
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search: “s21 pro”, “m60s”, “hydro 300”…" if facts is ASIC_FACTS else "Search…")
        self.search.setAccessibleName("Search the catalogue")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.model = CatalogueModel(facts, numbers, self)
        self.grid = QTableView()
        self.grid.setTabKeyNavigation(False)
        self.grid.setModel(self.model)
        self.grid.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.grid.setShowGrid(False)
        self.grid.setWordWrap(False)
        self.grid.setTabKeyNavigation(False)
        self.grid.verticalHeader().hide()
        self.grid.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.grid.horizontalHeader().setStretchLastSection(True)
        self.grid.setAccessibleName(title)
        self.site = Picker()
        self.site.setAccessibleName("Site")
        for site_id, name in sites:
            self.site.addItem(name, site_id)
        self.said = label("", "small")
        site_label = label("Site", "muted")
        for item in (self.site, site_label):
            item.setVisible(len(sites) > 1)
        self.add_button = button(verb, self.pick, kind="primary")
        self.add_button.setDefault(True)
        close = button("Close", self.reject)
        close.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(self.said, 1)
        row.addWidget(site_label)
        row.addWidget(self.site)
        row.addWidget(close)
        row.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(10))
        column.addWidget(self.search)
        column.addWidget(self.grid, 1)
        column.addLayout(row)
        self.search.textChanged.connect(self._show)
        self.search.installEventFilter(self)
        self.grid.doubleClicked.connect(self.pick)
        self._show("")
        self.search.setFocus()
        self.ensurePolished()
        head = self.grid.horizontalHeader()
        needed = sum(self.grid.sizeHintForColumn(n) + theme.px(CELL_PX) for n in range(head.count()))
        open_at(self, max(needed / theme.text_scale() + MARGIN_PX, 820), 520)

    def _show(self, text: str) -> None:
        self.model.show(self._find(text))
        if self.model.rows:
            self.grid.selectRow(0)
        self.add_button.setEnabled(bool(self.model.rows))
        self.said.setText(f"{len(self.model.rows)} found" if self.model.rows else "Nothing of that name.")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and down in the search box move in the list below it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self.model.rows:
                row = min(max(self.grid.currentIndex().row() + step, 0), len(self.model.rows) - 1)
                self.grid.selectRow(row)
                return True
        return super().eventFilter(watched, event)

    def pick(self) -> None:
        """Hand on the chosen row, and stay."""
        row = self.grid.currentIndex().row()
        if 0 <= row < len(self.model.rows):
            self.picked.emit(self.model.rows[row], self.site.currentData() or "")

    def say(self, words: str) -> None:
        """Confirm what was done with the row."""
        self.said.setText(words)
