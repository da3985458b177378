"""Import a table: which column is which input, what came of every line, and one undo step for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import label
from app.dialog_size import open_at
from app.file_reading import FileRead, busy_bar, read_file
from app.files.plan_lock import stamp_of
from app.forms.notes import ROLE_OF_SEVERITY
from app.keeping_dialog import KeepingDialog
from app.latest import Latest
from app.machine_choices import MachineChoices
from app.numbers import Numbers
from app.picker import Picker
from app.session import Session
from app.tables.columns import field_column
from app.tables.item_models import LEFT, RIGHT
from app.tables.record_edits import counted
from models.fields import field_of, fields_of
from models.importers import (
    ACTUALS,
    CONTRACTS,
    FLEET,
    MARKET,
    OFFERS,
    TABLE_OF_KIND,
    ImportResult,
    Table,
    import_table,
    read_table,
)
from models.importers.actuals import months_of
from models.importers.headings import inputs_of, unit_of_field
from models.importers.mapping import DROPPED, Mapping
from models.importers.series import METER, PRICES
from models.importers.tables import Cell
from models.plan import RECORD_TYPES, Plan
from models.problems import Finding, PlanFileError, Severity
from models.records.paper import MONTHLY_LINES
from models.units import unit_label

SERIES_WORDS = {PRICES: "Hourly prices", METER: "Meter readings"}
KIND_WORDS = {
    FLEET: "Machines",
    CONTRACTS: "Power contracts",
    OFFERS: "AI offers",
    MARKET: "Market figures",
    ACTUALS: "Actual months",
}
DECIMALS = {"Find out": None, "1.5": ".", "1,5": ","}
SHOWN_RECORDS = 200
EXTRA_WORDS = {
    "site": "Site",
    "efficiency_j_per_th": "Efficiency",
    "total_hashrate_th_per_s": "Total hashrate",
    "total_power_w": "Total power",
    "gross_mw": "Gross load",
    "gpu_count": "Number of GPUs",
    "annual_rent_usd": "Rent per year",
    "total_value_usd": "Total contract value",
    "noi_margin_fraction": "NOI margin",
    "price_usd_per_th": "Price per TH/s",
    "maker": "Maker",
    "status": "Status",
    "machine_id": "Machine's name or address",
    "id": "Id",
    "use": "Use",
    "unit": "Unit",
} | {name: label for name, (label, _) in MONTHLY_LINES.items()}


class ImportDialog(KeepingDialog):
    """Shows how a file is understood and takes its good lines over.

    Parameters
    ----------
    kind
        What it is said to hold; empty to find out.
    file
        Where it has been read; None to read it now.

    Signals
    -------
    series_chosen
        The file holds hourly values: its path, and ``prices`` or ``meter``.

    Raises
    ------
    PlanFileError
        Where the file cannot be read as a table at all.
    """

    series_chosen = Signal(Path, str)

    def __init__(
        self,
        session: Session,
        path: Path,
        parent: QWidget | None = None,
        kind: str = "",
        file: FileRead | None = None,
    ) -> None:
        file = file or read_file(path, kind)
        names = [grid.name for grid in file.source] if isinstance(file.source, tuple) else []
        super().__init__(session, ("import", str(path), stamp_of(path)), parent)
        self.setWindowTitle(f"Import {path.name}")
        open_at(self, 860, 620)
        self.path = path
        self._file = file
        self._chosen: dict[str | int, str | None] = {}
        self._machines: dict[str, str] = {}
        self._table: Table | None = None
        self.result_of_import: ImportResult | None = None

        kinds = {**KIND_WORDS, **SERIES_WORDS}
        self.kind = self._choice("What it holds", [(words, kind) for kind, words in kinds.items()])
        self.sheet = self._choice("Sheet", [("Best fitting", None), *((n, n) for n in names if n)])
        self.site = self._choice("Site of lines that name none", self._sites())
        self.decimal = self._choice("Decimal mark", list(DECIMALS.items()))
        self.summary = label("", "section", wrap=True)
        self.busy = busy_bar()
        self.work = Latest(self)
        self.work.done.connect(self._take)
        self.machines = MachineChoices()
        self.machines.chosen.connect(self._choose_machine)
        self.mapping_grid = plain_table("Columns of the file")
        self.record_grid = plain_table("Records as they would be")
        self.findings = QListWidget()
        self.findings.setWordWrap(True)
        self.findings.setAccessibleName("What was assumed or left out")
        self.tabs = QTabWidget()
        self.tabs.addTab(self.mapping_grid, "Columns")
        self.tabs.addTab(self.record_grid, "Preview")
        self.tabs.addTab(self.findings, "Findings")
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.import_button = QPushButton("Import")
        self.import_button.setProperty("kind", "primary")
        self.import_button.setDefault(True)
        answers.addButton(self.import_button, QDialogButtonBox.ButtonRole.AcceptRole)
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        self._arrange(len(names) > 1, answers)
        self.kind.setCurrentIndex(self.kind.findData(file.holds))
        for picker in self._pickers.values():
            picker.currentIndexChanged.connect(self._start_over)
        if not self.take_up():
            self._start_over()

    @property
    def _pickers(self) -> dict[str, QComboBox]:
        return {"kind": self.kind, "sheet": self.sheet, "site": self.site, "decimal": self.decimal}

    def typed(self) -> dict[str, Any]:
        picked = {name: picker.currentData() for name, picker in self._pickers.items()}
        return picked | {"chosen": dict(self._chosen), "machines": dict(self._machines)}

    def type_again(self, typed: dict[str, Any]) -> None:
        for name, picker in self._pickers.items():
            picker.blockSignals(True)
            picker.setCurrentIndex(max(picker.findData(typed[name]), 0))
            picker.blockSignals(False)
        self._chosen, self._machines = dict(typed["chosen"]), dict(typed["machines"])
        self._understand()

    def _arrange(self, has_sheets: bool, answers: QDialogButtonBox) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        for words, picker, is_needed in (
            ("It holds", self.kind, True),
            ("Sheet", self.sheet, has_sheets),
            ("Site", self.site, self.site.count() > 1),
            ("Decimal mark", self.decimal, True),
        ):
            caption = label(words, "muted")
            for item in (caption, picker):
                row.addWidget(item)
                if not is_needed:
                    item.hide()
            row.addSpacing(theme.px(8))
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(10))
        column.addLayout(row)
        column.addWidget(self.taken_up)
        column.addWidget(self.summary)
        column.addWidget(self.busy)
        column.addWidget(self.machines)
        column.addWidget(self.tabs, 1)
        column.addWidget(answers)

    def _choice(self, name: str, options: list[tuple[str, Any]]) -> QComboBox:
        picker = Picker(self)
        picker.setAccessibleName(name)
        for words, value in options:
            picker.addItem(words, value)
        return picker

    def _sites(self) -> list[tuple[str, str | None]]:
        return [("Find out", None), *((s.name, s.id) for s in self.session.plan.sites)]

    # Understanding

    def _start_over(self) -> None:
        """Read the file anew: another kind, sheet, site or decimal mark."""
        if self.kind.currentData() in SERIES_WORDS:
            self.series_chosen.emit(self.path, self.kind.currentData())
            self.let_go()
            self.reject()
            return
        self._chosen = {}
        self._understand()

    def _understand(self) -> None:
        """Have the file read with the present choices; 90,000 lines take seconds, beside the window."""
        told = {"decimal": self.decimal.currentData(), "sheet": self.sheet.currentData()}
        more = {"site_id": self.site.currentData(), "mapping": dict(self._chosen), "machines": dict(self._machines)}
        job = partial(_read, self._file, self.session.plan, self.kind.currentData(), told, more)
        if not self._file.is_large:
            self._take(job())
            return
        self.result_of_import = None
        self.import_button.setEnabled(False)
        self.summary.setText(f"Reading {self.path.name}…")
        self.busy.show()
        self.work.request(job, is_large=True)

    def _take(self, found: tuple[Table | None, ImportResult] | PlanFileError) -> None:
        """Show what became of the file."""
        self.busy.hide()
        if isinstance(found, PlanFileError):
            self.result_of_import = None
            self._show_failure(str(found))
            return
        self._table, self.result_of_import = found
        best = f"Best fitting: {self._table.name}" if self._table and not self.sheet.currentIndex() else "Best fitting"
        self.sheet.setItemText(0, best)
        self._show()

    def done(self, result: int) -> None:
        """Close at once, also while the file is still being read."""
        self.work.leave()
        super().done(result)

    def _show_failure(self, words: str) -> None:
        self.summary.setText(words)
        for grid in (self.mapping_grid, self.record_grid):
            grid.setRowCount(0)
        self.findings.clear()
        self.machines.set_choices(())
        self.import_button.setEnabled(False)
        self.import_button.setText("Import")

    def _show(self) -> None:
        result = self.result_of_import
        if result is None:
            return
        self.summary.setText(f"{result.summary}.")
        self._show_mapping(result.mapping)
        self._show_records(result)
        self.machines.set_choices(result.choices)
        list_findings(self.findings, self.tabs, result.findings, self.session.numbers)
        self.tabs.setTabText(1, f"Preview ({len(result.records)})")
        self.import_button.setEnabled(result.plan is not self.session.plan and bool(result.records))
        self.import_button.setText(f"Import {self._counted(result)}")

    @staticmethod
    def _counted(result: ImportResult) -> str:
        if result.kind == ACTUALS:
            months = months_of(result.records)
            return f"actuals of {months} month{'' if months == 1 else 's'}"
        table = TABLE_OF_KIND.get(result.kind)
        return counted(len(result.records), table) if table else "market figures"

    def _choose_machine(self, model: str, machine: str) -> None:
        self._machines[model] = machine
        self._understand()

    # The columns

    def _show_mapping(self, mapping: Mapping | None) -> None:
        grid, table = self.mapping_grid, self._table
        self.tabs.setTabVisible(0, mapping is not None)
        if mapping is None or table is None:
            return
        grid.setColumnCount(3)
        for place, words in enumerate(("Column", "First values", "Becomes")):
            heading = QTableWidgetItem(words)
            heading.setTextAlignment(LEFT)
            grid.setHorizontalHeaderItem(place, heading)
        grid.setRowCount(len(mapping.columns))
        for row, column in enumerate(mapping.columns):
            cells = [line.cells[column.index] for line in table.lines[:6] if column.index < len(line.cells)]
            is_secret = column.fate == DROPPED
            values = "not shown" if is_secret else ", ".join(_plain(c) for c in cells if c != "")[:80]
            for place, text in enumerate((column.heading or f"Column {column.index + 1}", values)):
                grid.setItem(row, place, QTableWidgetItem(text))
            if is_secret:
                grid.removeCellWidget(row, 2)
                grid.setItem(row, 2, QTableWidgetItem("Never read: may hold accounts or passwords"))
                continue
            picker = Picker()
            picker.setAccessibleName(f"What {column.heading} becomes")
            picker.addItem("Not used", None)
            for name, words in _inputs(mapping.kind):
                picker.addItem(words, name)
            picker.setCurrentIndex(max(picker.findData(column.field), 0))
            picker.activated.connect(partial(self._choose_field, column.index, picker))
            grid.setCellWidget(row, 2, picker)
        grid.resizeColumnsToContents()
        grid.setColumnWidth(0, min(grid.columnWidth(0), theme.px(220)))
        grid.setColumnWidth(1, theme.px(300))
        grid.horizontalHeader().setStretchLastSection(True)

    def _choose_field(self, column: int, picker: QComboBox, _row: int = 0) -> None:
        chosen = picker.currentData()
        for other, name in list(self._chosen.items()):
            if name == chosen and other != column:
                del self._chosen[other]
        result = self.result_of_import
        if chosen is not None and result is not None and result.mapping is not None:
            before = result.mapping.column(chosen)
            if before is not None and before.index != column:
                self._chosen[before.index] = None
        self._chosen[column] = chosen
        self._understand()

    # The records

    def _show_records(self, result: ImportResult) -> None:
        grid, session = self.record_grid, self.session
        records = result.records[:SHOWN_RECORDS]
        grid.setRowCount(len(records))
        if not records:
            grid.setColumnCount(0)
            return
        record_type = type(records[0])
        table = next(t for t, known in RECORD_TYPES.items() if known is record_type)
        names = [
            f.name
            for f in fields_of(record_type)
            if any(not f.has_default or getattr(r, f.name) != f.default for r in records)
        ]
        columns = [field_column(table, name) for name in names]
        grid.setColumnCount(len(columns))
        for place, column in enumerate(columns):
            heading = QTableWidgetItem(column.heading)
            heading.setTextAlignment(RIGHT if column.is_number else LEFT)
            grid.setHorizontalHeaderItem(place, heading)
            for row, record in enumerate(records):
                text = column.text(getattr(record, column.key), session.numbers, result.plan)
                item = QTableWidgetItem(text)
                item.setTextAlignment(RIGHT if column.is_number else LEFT)
                grid.setItem(row, place, item)
        grid.resizeColumnsToContents()

    def accept(self) -> None:
        """Take over what could be read, as one undo step."""
        result = self.result_of_import
        if result is None or not result.records:
            return
        self.session.edit(f"Import {self._counted(result)} from {self.path.name}", result.plan)
        self.session.message.emit(f"{result.summary}.")
        super().accept()
        table = TABLE_OF_KIND.get(result.kind, "market")
        self.session.select(f"{table}.{result.records[0].id}" if table != "market" else table)


def _read(
    file: FileRead, plan: Plan, kind: str, told: dict[str, Any], more: dict[str, Any]
) -> tuple[Table | None, ImportResult] | PlanFileError:
    """The table and what becomes of it in a plan, or why nothing does."""
    name = file.path.name
    try:
        table = None if kind == MARKET else read_table(file.source, name, kind, **told)
        return table, import_table(file.source, name, plan, kind, **told, **more)
    except PlanFileError as error:
        return error


def _plain(cell: Cell) -> str:
    """A cell as its file shows it: workbooks keep 15 as 15.0."""
    return cell if isinstance(cell, str) else f"{cell:.15g}"


def _inputs(kind: str) -> list[tuple[str, str]]:
    """Name and words of everything a column can become."""
    record_type = RECORD_TYPES[TABLE_OF_KIND[kind]]
    known = {f.name for f in fields_of(record_type)}
    found = []
    for name in inputs_of(kind):
        if name in known:
            field = field_of(record_type, name)
            unit = unit_label(field.unit)
            found.append((name, f"{field.label}, {unit}" if unit else field.label))
        else:
            unit = unit_of_field(kind, name)
            words = EXTRA_WORDS.get(name, name.replace("_", " "))
            found.append((name, f"{words}, {unit_label(unit)}" if unit_label(unit) else words))
    return found


def list_findings(found: QListWidget, tabs: QTabWidget, findings: Sequence[Finding], numbers: Numbers) -> None:
    """Fill the list of findings, and say on its tab how many there are."""
    found.clear()
    ranks = list(Severity)
    for finding in sorted(findings, key=lambda f: ranks.index(f.severity)):  # what was left out, before remarks
        icon = theme.icon(str(finding.severity), ROLE_OF_SEVERITY[finding.severity])
        found.addItem(QListWidgetItem(icon, numbers.say(finding.message)))
    place = tabs.indexOf(found)
    doubts = sum(f.severity != Severity.INFO for f in findings)
    tabs.setTabText(place, f"Findings ({len(findings)})" if findings else "No findings")
    tabs.setTabIcon(place, theme.icon("warning", "warning") if doubts else theme.icon("info"))


def plain_table(name: str) -> QTableWidget:
    """A table that only shows, without grid, numbers or selection."""
    grid = QTableWidget()
    grid.setTabKeyNavigation(False)
    grid.setAccessibleName(name)
    grid.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    grid.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    grid.setShowGrid(False)
    grid.setWordWrap(False)
    grid.verticalHeader().hide()
    grid.verticalHeader().setDefaultSectionSize(theme.px(32))
    return grid
