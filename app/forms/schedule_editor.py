"""A value over time, as a dialog: one number, a number that grows, or a table month by month."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.dialog_size import open_at
from app.forms.editors import QuantityEdit, ValueLine
from app.forms.entry import entry_text, read_entry
from app.forms.notes import NoteRow
from app.inherited import inherited_words, is_own, revert
from app.keeping_dialog import KeepingDialog
from app.numbers import Numbers
from app.session import Session
from app.tables.grid_view import GridView
from app.tables.item_models import LEFT, RIGHT
from app.tables.record_edits import change_text
from models.curves import calendar, first_level
from models.fields import Field, Schedule, field_at, read, replace
from models.units import unit_label

NUMBER, GROWTH, TABLE = range(3)


class MonthValues(QAbstractTableModel):
    """A value for each month of the plan; an empty month goes on with the one before it.

    A table's rows before and after the plan's months are not on show, and stay as they are.

    Signals
    -------
    complained
        `problem` is another sentence now, or none.
    """

    complained = Signal()

    def __init__(self, months: tuple[str, ...], field: Field, numbers: Numbers) -> None:
        super().__init__()
        self.months = list(months)
        self.values: list[float | None] = [None] * len(months)
        self._outside: dict[str, float] = {}
        self._had_own = False
        self.field = field
        self.numbers = numbers
        self._problem = ""

    @property
    def problem(self) -> str:
        """Why the last entry was refused; empty where it was not."""
        return self._problem

    @problem.setter
    def problem(self, sentence: str) -> None:
        self._problem = sentence
        self.complained.emit()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.months)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return "Month" if section == 0 else f"{self.field.label}, {unit_label(self.field.unit)}".rstrip(", ")
        if role == Qt.ItemDataRole.TextAlignmentRole and section == 0:
            return LEFT
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        base = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return base | Qt.ItemFlag.ItemIsEditable if index.column() == 1 else base

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if index.column() else LEFT
        if index.column() == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.numbers.month(self.months[row])
            return self.months[row] if role == Qt.ItemDataRole.EditRole else None
        value = self.values[row]
        if role == Qt.ItemDataRole.EditRole:
            return entry_text(self.field, value, self.numbers)
        held = self.held(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if held is None else self.numbers.format_field(self.field, held, with_unit=False)
        if role == Qt.ItemDataRole.ForegroundRole and value is None:
            return theme.tokens().color("muted")
        return None

    def held(self, row: int) -> float | None:
        """The value that holds in a month: its own, the last one given before, or else the first one given after."""
        given = [v for v in self.values[: row + 1] if v is not None]
        if given:
            return given[-1]
        before = [v for month, v in self._outside.items() if month < self.months[0]]
        after = [v for v in (*self.values[row:], *self._outside.values()) if v is not None]
        return before[-1] if before else after[0] if after else None

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        text = str(value).strip()
        if not text:
            return self.set_values(index.row(), [None])
        entry = read_entry(self.field, text, self.numbers)
        if not entry.is_good:
            self.problem = entry.problem or f"{entry.echo} {' or '.join(words for _, words in entry.alternatives)}."
            return False
        self.problem = ""
        return self.set_values(index.row(), [entry.value])

    def set_values(self, first: int, values: list[float | None]) -> bool:
        """Put values into successive months; those beyond the plan's end are left out."""
        values = values[: len(self.months) - first]
        self.values[first : first + len(values)] = values
        # Months below go on with what is above, so all of them may look different now.
        self.dataChanged.emit(self.index(first, 1), self.index(len(self.months) - 1, 1))
        return True

    def load(self, schedule: Schedule) -> None:
        """Show a monthly table."""
        given = dict(zip(schedule.months, schedule.values, strict=True))
        self.values = [given.pop(month, None) for month in self.months]
        self._outside, self._had_own = given, any(value is not None for value in self.values)
        self.dataChanged.emit(self.index(0, 1), self.index(len(self.months) - 1, 1))

    def schedule(self) -> Schedule | None:
        """The table as it stands; None where it is empty, also where every month on show was emptied."""
        own = {m: float(v) for m, v in zip(self.months, self.values, strict=True) if v is not None}
        rows = sorted({**self._outside, **own}.items()) if own or not self._had_own else []
        return Schedule(tuple(m for m, _ in rows), tuple(v for _, v in rows)) if rows else None


class MonthGrid(GridView):
    """The monthly table's view: a pasted column goes down from the selected cell."""

    def __init__(self, model: MonthValues, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values = model
        self.setModel(model)
        self.block_pasted.connect(self.paste_column)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)

    def paste_column(self, text: str) -> None:
        """Read one value per line, or month and value; nothing changes unless all lines can be read."""
        model, block = self.values, self.selected_block()
        row = block[0] if block else 0
        targets: dict[int, float | None] = {}
        for line in text.rstrip("\r\n").splitlines():
            cells = line.split("\t")
            try:
                place = model.months.index(model.numbers.parse_month(cells[0])) if len(cells) > 1 else row
            except ValueError:
                model.problem = f"“{cells[0].strip()[:40]}” is no month of this plan; nothing was pasted."
                return
            entry = read_entry(model.field, cells[-1], model.numbers)
            if cells[-1].strip() and not entry.is_good:
                model.problem = f"{entry.problem or entry.echo} Nothing was pasted."
                return
            targets[place] = entry.value if cells[-1].strip() else None
            row += 1
        model.problem = ""
        for place, value in sorted(targets.items()):
            if place < len(model.months):
                model.set_values(place, [value])

    def fill_down(self) -> None:
        block = self.selected_block()
        if block is not None:
            top, bottom = block[0], block[1]
            self.values.set_values(top, [self.values.held(top)] * (bottom - top + 1))

    def clear_selection_values(self) -> None:
        for index in self.selected_cells():
            self.values.set_values(index.row(), [None])

    def fill_between(self) -> bool:
        """Fill a straight line between the first and the last selected month; False where one of them is empty."""
        block = self.selected_block()
        if block is None or block[1] <= block[0]:
            return False
        top, bottom = block[0], block[1]
        first, last = self.values.held(top), self.values.values[bottom]
        if first is None or last is None:
            return False
        steps = bottom - top
        self.values.set_values(top, [first + (last - first) * i / steps for i in range(steps + 1)])
        return True


class ScheduleEditor(KeepingDialog):
    """Edits a schedulable value; what is accepted becomes one undo step.

    Parameters
    ----------
    path, field
        Of the value.
    growth
        Path of the field by which it grows; None where it has none.
    """

    def __init__(
        self, session: Session, path: str, field: Field, growth: str | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(session, ("schedule", session.scenario_id, path), parent)
        self.path = path
        self.field = field
        self.growth = growth
        plan = session.plan
        self._before = read(plan, path)
        self._growth_before = read(plan, growth) if growth else 0.0
        self.setWindowTitle(f"{field.label} over time")
        open_at(self, 460, 560)

        self.modes = QButtonGroup(self)
        buttons = QHBoxLayout()
        for number, words in ((NUMBER, "One number"), (GROWTH, "Growth"), (TABLE, "Monthly table")):
            button = QRadioButton(words)
            button.setVisible(number != GROWTH or growth is not None)
            self.modes.addButton(button, number)
            buttons.addWidget(button)
        buttons.addStretch(1)
        single = dataclasses.replace(field, spec=dataclasses.replace(field.spec, schedule=False))
        self.number = QuantityEdit(single, session.numbers)
        self.grown_number = QuantityEdit(single, session.numbers)
        self.growth_edit = QuantityEdit(field_at(plan, growth) if growth else field, session.numbers)
        dates = calendar(plan.plan.start, plan.plan.horizon_months)
        self.months = MonthValues(dates.months, single, session.numbers)
        self.months.setParent(self)
        self.grid = MonthGrid(self.months)
        self.months.complained.connect(self._show_problem)
        self.problem = QLabel()
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.pages = QStackedWidget()
        self.pages.addWidget(self._form([(field.label, self.number)]))
        growth_label = self.growth_edit.field.label
        self.pages.addWidget(
            self._form([(f"{field.label} at start", self.grown_number), (growth_label, self.growth_edit)])
        )
        self.pages.addWidget(self._table_page())
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self)
        answers.button(QDialogButtonBox.StandardButton.Ok).setProperty("kind", "primary")
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        layout.setSpacing(theme.px(12))
        if is_own(session, path):
            layout.addLayout(self._inherited_row())
        layout.addWidget(self.taken_up)
        layout.addLayout(buttons)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.problem)
        layout.addWidget(answers)
        self.modes.idToggled.connect(self._show_mode)
        self._load()
        self.take_up()

    @property
    def _lines(self) -> dict[str, ValueLine]:
        return {"number": self.number, "at start": self.grown_number, "growth": self.growth_edit}

    def typed(self) -> dict[str, Any]:
        table = {m: v for m, v in zip(self.months.months, self.months.values, strict=True) if v is not None}
        lines = {name: line.value for name, line in self._lines.items()}
        return {"mode": self.modes.checkedId(), "table": table, **lines}

    def type_again(self, typed: dict[str, Any]) -> None:
        for name, line in self._lines.items():
            line.revert()  # what is half typed would stay
            line.set_value(typed[name])
        self.months.set_values(0, [typed["table"].get(month) for month in self.months.months])
        self.months.problem = ""
        self.modes.button(typed["mode"]).setChecked(True)

    def _inherited_row(self) -> QHBoxLayout:
        """What the scenario on show would inherit, and the way back to it."""
        words = QLabel(inherited_words(self.session, self.path))
        words.setWordWrap(True)
        theme.set_look(words, own=True)
        self.revert_button = QPushButton("Revert to it")
        theme.set_icon(self.revert_button, "revert")
        self.revert_button.clicked.connect(self._revert)
        row = QHBoxLayout()
        row.addWidget(words, 1)
        row.addWidget(self.revert_button)
        return row

    def _revert(self) -> None:
        revert(self.session, self.path)
        super().accept()

    def _form(self, rows: list[tuple[str, ValueLine]]) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, 0, 0)
        for words, editor in rows:
            notes = NoteRow(self.session.numbers)
            editor.entry_changed.connect(notes.show_entry)
            notes.reading_chosen.connect(editor.take)
            form.addRow(words, editor)
            form.addRow("", notes)
        return page

    def _table_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        hint = QLabel("Paste a column, or type some months: the months between go on with the value before them.")
        hint.setProperty("role", "small")
        hint.setWordWrap(True)
        tools = QHBoxLayout()
        fill = QPushButton("Fill between")
        fill.setToolTip("A straight line from the first to the last selected month")
        fill.clicked.connect(self.fill_between)
        grown = QPushButton("Fill with growth")
        grown.setToolTip("Every month from the number and its growth")
        grown.clicked.connect(self.fill_with_growth)
        grown.setVisible(self.growth is not None)
        tools.addWidget(fill)
        tools.addWidget(grown)
        tools.addStretch(1)
        layout.addWidget(hint)
        layout.addLayout(tools)
        layout.addWidget(self.grid, 1)
        return page

    def _load(self) -> None:
        value, start = self._before, self.session.plan.plan
        is_table = isinstance(value, Schedule)
        spot = first_level(value, calendar(start.start, start.horizon_months)) if is_table else value
        self.number.set_value(spot)
        self.grown_number.set_value(spot)
        self.growth_edit.set_value(self._growth_before)
        if is_table:
            self.months.load(value)
            mode = TABLE
        else:
            if value is not None:
                self.months.set_values(0, [value])
            mode = GROWTH if self.growth and self._growth_before else NUMBER
        self.modes.button(mode).setChecked(True)
        self.pages.setCurrentIndex(mode)

    def _show_mode(self, mode: int, on: bool) -> None:
        if on:
            self.pages.setCurrentIndex(mode)

    def fill_between(self) -> None:
        """Interpolate the selected months, or say what to select."""
        done = self.grid.fill_between()
        self.months.problem = "" if done else "Select the months from one value to another, then fill between them."

    def fill_with_growth(self) -> None:
        """Write the growing number into every month."""
        if not (self.grown_number.commit() and self.growth_edit.commit()) or self.grown_number.value is None:
            return
        index = range(len(self.months.months))
        start, growth = self.grown_number.value, self.growth_edit.value
        self.months.set_values(0, [float(f"{start * (1 + growth) ** (m / 12):.12g}") for m in index])

    def _show_problem(self) -> None:
        self.problem.setText(self.months.problem)
        self.problem.setVisible(bool(self.months.problem))

    def accept(self) -> None:
        """Commit, where all that was typed can be read and something is different."""
        mode = self.modes.checkedId()
        editors = {NUMBER: [self.number], GROWTH: [self.grown_number, self.growth_edit], TABLE: []}[mode]
        if not all(editor.commit() for editor in editors):
            return
        value, growth = self._before, self._growth_before
        if mode == TABLE:
            value = self.months.schedule()
            if value is None:
                self.months.problem = "The table is empty; give at least one month a value."
                return
        elif mode == NUMBER:
            value, growth = self.number.value, 0.0
        else:
            value, growth = self.grown_number.value, self.growth_edit.value
        plan = self.session.plan
        if value != self._before:
            plan = replace(plan, self.path, value)
        if self.growth and growth != self._growth_before:
            plan = replace(plan, self.growth, growth)
        if plan is not self.session.plan:
            self.session.edit(change_text(plan, self.path), plan)
        super().accept()
