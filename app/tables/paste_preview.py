"""What was understood of a pasted block, to look at before it is applied."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialog_size import open_at
from app.machine_choices import MachineChoices
from app.tables.item_models import LEFT, RIGHT, RecordTableModel
from app.tables.paste_plan import PastedCell, PastePlan, contradictions, describe_cell, new_rows, used_cells
from app.tables.record_edits import NOUNS, counted

SHOWN_SENTENCES = 200


class PreviewModel(QAbstractTableModel):
    """The pasted rows and the columns they touch, as they would stand in the table."""

    def __init__(self, model: RecordTableModel, paste: PastePlan) -> None:
        super().__init__()
        self.target = model
        self.paste = paste
        self.rows = sorted({c.row for c in paste.cells})
        self.columns = sorted({c.column for c in paste.cells if c.column >= 0})
        self.cells = {(c.row, c.column): c for c in paste.cells}

    def show(self, paste: PastePlan) -> None:
        """Show the same block with its questions answered."""
        self.paste = paste
        self.cells = {(c.row, c.column): c for c in paste.cells}
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal:
            return self.target.headerData(self.columns[section], orientation, role)
        if role == Qt.ItemDataRole.DisplayRole:
            row = self.rows[section]
            return "new" if row >= len(self.target.records) else str(row + 1)
        return None

    def cell(self, index: QModelIndex) -> PastedCell | None:
        """The pasted cell at a place, or None where the block is silent."""
        return self.cells.get((self.rows[index.row()], self.columns[index.column()]))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = self.target.columns[self.columns[index.column()]]
        cell = self.cell(index)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column.is_number else LEFT
        if cell is None:
            return None
        entry = cell.entry
        if role == Qt.ItemDataRole.DisplayRole:
            if entry.problem:
                return f"✕ {entry.text.strip()[:40]}"
            if entry.alternatives:
                return f"? {entry.text.strip()[:40]}"
            return describe_cell(column, entry.value, self.target)
        if role == Qt.ItemDataRole.ForegroundRole:
            word = "negative" if entry.problem else "warning" if entry.alternatives else ""
            return theme.tokens().color(word or ("calculated" if entry.echo else "text"))
        if role == Qt.ItemDataRole.ToolTipRole:
            return entry.problem or entry.echo or None
        return None


class PastePreview(QDialog):
    """Shows how a block would be pasted, asks what is ambiguous, and applies it or not.

    Signals
    -------
    applied
        The `PastePlan` to apply, its questions answered.
    """

    applied = Signal(object)

    def __init__(self, model: RecordTableModel, paste: PastePlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Paste into {model.title}")
        self.setAccessibleName(self.windowTitle())
        open_at(self, 760, 520)
        self.target = model
        self.unanswered = paste
        self.paste = paste
        self.summary = QLabel()
        self.summary.setProperty("role", "section")
        self.summary.setWordWrap(True)
        self.model = PreviewModel(model, paste)
        self.model.setParent(self)
        self.grid = QTableView()
        self.grid.setTabKeyNavigation(False)
        self.grid.setModel(self.model)
        self.grid.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.grid.setShowGrid(False)
        self.grid.setWordWrap(False)
        self.grid.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.grid.verticalHeader().setDefaultSectionSize(theme.px(28))
        self.grid.setAccessibleName("The values as they would be pasted")
        self.sentences = QListWidget()
        self.sentences.setAccessibleName("What was converted, added, refused or left out")
        self.sentences.setWordWrap(True)
        self.sentences.setMaximumHeight(theme.px(130))
        self.machines = MachineChoices()
        self.machines.chosen.connect(self.choose_machine)
        self.answers = QDialogButtonBox(self)
        self.apply_button = QPushButton()
        self.apply_button.setProperty("kind", "primary")
        self.apply_button.setDefault(True)
        self.cancel_button = self.answers.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.answers.addButton(self.apply_button, QDialogButtonBox.ButtonRole.AcceptRole)
        self.answers.accepted.connect(self.accept)
        self.answers.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        layout.setSpacing(theme.px(10))
        layout.addWidget(self.summary)
        layout.addWidget(self._question())
        layout.addWidget(self.machines)
        layout.addWidget(self.grid, 1)
        layout.addWidget(self.sentences)
        layout.addWidget(self.answers)
        self._show()

    def _question(self) -> QWidget:
        """Two buttons that say how ambiguous numbers are meant; invisible where there are none."""
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        self.readings: list[QPushButton] = []
        questions = self.unanswered.questions
        if not questions:
            box.hide()
            return box
        example = questions[0].entry
        label = QLabel(f"{example.text.strip()} can be read in two ways:")
        label.setProperty("role", "warning")
        row.addWidget(label)
        for number, (_, words) in enumerate(example.alternatives):
            button = QPushButton(words)
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.clicked.connect(partial(self.answer, number))
            row.addWidget(button)
            self.readings.append(button)
        row.addStretch(1)
        return box

    def answer(self, reading: int) -> None:
        """Read all ambiguous numbers in the same way."""
        self.paste = replace(self.unanswered.answered(reading), chosen=self.paste.chosen)
        self.model.show(self.paste)
        self._show()

    def choose_machine(self, model: str, machine: str) -> None:
        """Take a model's name for a machine of the catalogue."""
        self.paste = self.paste.with_machine(model, machine)
        self._show()

    def _show(self) -> None:
        paste, say = self.paste, self.target.session.numbers.say
        rows = new_rows(self.target, paste)
        added = [row for row, found in rows.items() if not found.problem]
        self.paste = paste = replace(paste, new_rows=len(added))
        used, every = used_cells(self.target, paste), len(paste.cells)
        self.apply_button.setText(f"Apply {used} of {every} cells" if used < every else f"Apply {every} cells")
        self.apply_button.setEnabled(bool(used) and not paste.problem and not paste.questions)
        parts = [paste.problem] if paste.problem else []
        if paste.headings:
            parts.append("The first line holds headings; columns go where they belong.")
        if added:
            parts.append(f"Adds {counted(len(added), self.target.table)}.")
        if len(added) < len(rows):
            parts.append(f"{len(rows) - len(added)} left out.")
        converted = sum(bool(c.entry.echo) and c.entry.is_good for c in paste.cells)
        if converted:
            parts.append(f"{converted} converted.")
        refused = sum(bool(c.entry.problem) for c in paste.cells)
        if refused:
            parts.append(f"{refused} refused.")
        self.summary.setText(" ".join(parts) or "All cells were understood.")
        self.machines.set_choices(
            tuple({str(f.values.get("model", "")).strip(): f.machines for f in rows.values() if f.machines}.items())
        )
        spoken = sorted((c for c in paste.cells if c.entry.problem or c.entry.echo), key=_echoes_last)
        told = [f"{self._row(row)}: {found.problem}" for row, found in rows.items() if found.problem]
        told += [f"{self._place(c)}{c.entry.problem or c.entry.echo}" for c in spoken]
        if paste.passed:
            told.append(f"Calculated here, so passed over: {', '.join(paste.passed)}.")
        told += [f"{self._row(row)}: {say(words)}" for row, words in contradictions(self.target, paste).items()]
        told += [
            f"{self._row(row)}: {say(note)}" for row, found in rows.items() if not found.problem for note in found.notes
        ]
        self.sentences.clear()
        self.sentences.addItems(list(dict.fromkeys(told))[:SHOWN_SENTENCES])
        self.sentences.setVisible(bool(told))

    def _row(self, row: int) -> str:
        known = len(self.target.records)
        return f"New {NOUNS[self.target.table][0]} {row - known + 1}" if row >= known else f"Row {row + 1}"

    def _place(self, cell: PastedCell) -> str:
        """Where a cell would stand; nothing for one that belongs nowhere, whose sentence names its column."""
        if cell.column < 0:
            return ""
        return f"{self._row(cell.row)}, {self.target.columns[cell.column].label}: "

    def accept(self) -> None:
        """Apply what can be applied."""
        self.applied.emit(self.paste)
        super().accept()


def _echoes_last(cell: PastedCell) -> bool:
    return not cell.entry.problem
