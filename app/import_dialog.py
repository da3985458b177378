"""A table from a file, before it is taken over: what it holds, which column is which input, what was left out."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.session import Session
from models.disk import read_whole
from models.fields import fields_of
from models.importers import (
    CONTRACTS,
    FLEET,
    MARKET,
    OFFERS,
    TABLE_OF_KIND,
    ImportResult,
    import_table,
    propose_mapping,
    read_table,
)
from models.plan import RECORD_TYPES
from models.problems import PlanFileError

LIMIT_BYTES = 200_000_000
KIND_WORDS = {FLEET: "Machines", CONTRACTS: "Power contracts", OFFERS: "AI offers", MARKET: "Market figures"}
PAGE_OF_KIND = {FLEET: "fleet", CONTRACTS: "sites", OFFERS: "offers", MARKET: "market"}
NO_INPUT = "— leave out —"


class ImportDialog(QDialog):
    """Shows what was understood of a file and applies it as one undoable edit.

    Attributes
    ----------
    result
        What the import would do, with the choices made so far; None where the file does not fit them.

    Raises
    ------
    PlanFileError
        On making, where the file cannot be read.
    """

    def __init__(self, session: Session, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._path = path
        self._data = read_whole(path, LIMIT_BYTES)
        self._chosen: dict[str | int, str | None] = {}
        self.result: ImportResult | None = None
        self.setObjectName("import_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Import {path.name}")

        self.kind = QComboBox(self)
        self.kind.setObjectName("import.kind")
        for kind, words in KIND_WORDS.items():
            self.kind.addItem(words, kind)
        self.site = QComboBox(self)
        self.site.setObjectName("import.site")
        for site in session.plan.sites:
            self.site.addItem(site.name, site.id)
        form = QFormLayout()
        form.addRow("The file holds", self.kind)
        form.addRow("Lines without a site go to", self.site)
        self.columns = QTreeWidget(self)
        self.columns.setObjectName("import.columns")
        self.columns.setAccessibleName("Columns of the file")
        self.columns.setHeaderLabels(["Column of the file", "First value", "Input of the plan"])
        self.columns.setRootIsDecorated(False)
        self.columns.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.columns.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.summary = QLabel(self)
        self.summary.setObjectName("import.summary")
        self.summary.setWordWrap(True)
        theme.set_look(self.summary, role="strong")
        self.findings = QListWidget(self)
        self.findings.setObjectName("import.findings")
        self.findings.setWordWrap(True)
        self.findings.setAccessibleName("What was assumed or left out")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.take_button = QPushButton("Import", self)
        theme.set_look(self.take_button, kind="primary")
        buttons.addButton(self.take_button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.columns, 3)
        column.addWidget(self.summary)
        column.addWidget(self.findings, 2)
        column.addWidget(buttons)
        self.resize(theme.px(760), theme.px(620))

        self._choose_likeliest_kind()
        self.kind.activated.connect(self._begin_anew)
        self.site.activated.connect(lambda _row: self._read())
        self._read()

    def accept(self) -> None:
        """Apply the import."""
        if self.result is not None and self.result.records:
            count = len(self.result.records)
            what = KIND_WORDS[self.result.kind].lower()
            self._session.edit(f"Import {count} {what}" if count > 1 else f"Import {what}", self.result.plan)
            self._session.message.emit(self.result.summary)
            self._session.go_to(PAGE_OF_KIND[self.result.kind])
        super().accept()

    def _choose_likeliest_kind(self) -> None:
        """Put the kind forward whose headings fit best; market figures where none does."""
        best, best_score = MARKET, 0.0
        for kind in TABLE_OF_KIND:
            score = propose_mapping(read_table(self._data, self._path.name, kind), kind).score
            if score > best_score:
                best, best_score = kind, score
        self.kind.setCurrentIndex(self.kind.findData(best))

    def _begin_anew(self) -> None:
        self._chosen = {}
        self._read()

    def _read(self) -> None:
        kind = self.kind.currentData()
        self.site.setEnabled(kind != MARKET and self.site.count() > 1)
        try:
            self.result = import_table(
                self._data,
                self._path.name,
                self._session.plan,
                kind,
                site_id=self.site.currentData() if kind != MARKET else None,
                mapping=self._chosen,
            )
        except PlanFileError as error:
            self.result = None
            self.summary.setText(f"{error.what[:1].upper()}{error.what[1:]}; {error.remedy}.")
            self.findings.clear()
            self.columns.clear()
        else:
            self.summary.setText(self.result.summary)
            self._show_columns(self.result)
            self._show_findings(self.result)
        self.take_button.setEnabled(self.result is not None and bool(self.result.records))

    def _show_columns(self, result: ImportResult) -> None:
        self.columns.setVisible(result.mapping is not None)
        if result.mapping is None:
            return
        table = read_table(self._data, self._path.name, result.kind)
        first = table.lines[0].cells if table.lines else ()
        inputs = [(None, NO_INPUT), *inputs_of(result)]
        self.columns.clear()
        for column in result.mapping.columns:
            value = first[column.index] if column.index < len(first) else None
            dropped = column.fate.startswith("dropped")
            shown = "•••" if dropped else "" if value is None else str(value)
            item = QTreeWidgetItem(self.columns, [column.heading, shown])
            item.setSizeHint(0, QSize(0, theme.px(38)))
            choice = QComboBox(self.columns)
            choice.setAccessibleName(f"Input for column {column.heading}")
            for name, words in inputs:
                choice.addItem(words, name)
            with QSignalBlocker(choice):
                choice.setCurrentIndex(max(choice.findData(column.field), 0))
            # Pool accounts and passwords are never read, whatever is chosen.
            choice.setEnabled(not dropped)
            choice.activated.connect(lambda _row, c=choice, i=column.index: self._choose(i, c.currentData()))
            self.columns.setItemWidget(item, 2, choice)

    def _choose(self, column: int, name: str | None) -> None:
        self._chosen = {k: v for k, v in self._chosen.items() if v != name or v is None} | {column: name}
        self._read()

    def _show_findings(self, result: ImportResult) -> None:
        self.findings.clear()
        for finding in result.findings:
            self.findings.addItem(finding.message)


def inputs_of(result: ImportResult) -> list[tuple[str, str]]:
    """Name and words of every input that a column may fill, those included that only lead to a field."""
    found = {f.name: f.label for f in fields_of(RECORD_TYPES[TABLE_OF_KIND[result.kind]])}
    columns = result.mapping.columns if result.mapping is not None else ()
    for column in columns:
        if column.field and column.field not in found:
            found[column.field] = column.field.replace("_", " ").capitalize()
    return sorted(found.items(), key=lambda item: item[1])
