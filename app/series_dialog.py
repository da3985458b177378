"""Import hourly prices or a meter: what was recognised, as curve and heat map, what is open, and one undo step."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import label
from app.charts.heat_map import HeatMapView
from app.charts.view import ChartView
from app.dialog_size import open_at
from app.file_reading import busy_bar, is_large, size_words
from app.files.plan_lock import stamp_of
from app.import_dialog import SERIES_WORDS, list_findings, plain_table
from app.keeping_dialog import KeepingDialog
from app.latest import Latest
from app.picker import Picker
from app.session import Session
from app.shell.page_area import PageArea
from app.tables.item_models import LEFT
from models.charts.hourly import duration_chart, heat_map
from models.importers.series import (
    MAX_SERIES_BYTES,
    METER,
    ROLES,
    UNITS_OF_KIND,
    Question,
    SeriesImport,
    SeriesOptions,
    import_series,
    with_series,
)
from models.problems import PlanFileError
from models.records.series import HOURLY
from models.storage.disk import read_whole

WHY_BESIDE_PX = 800


class SeriesDialog(KeepingDialog):
    """Shows how a file of hourly values is understood, asks what it leaves open, and takes it over.

    Parameters
    ----------
    session
        Its plan gets the series.
    path
        The file.
    kind
        ``prices`` or ``meter``.
    parent
        The window.

    Raises
    ------
    PlanFileError
        Where the file cannot be read at all.
    """

    def __init__(self, session: Session, path: Path, kind: str, parent: QWidget | None = None) -> None:
        data = read_whole(path, MAX_SERIES_BYTES)
        super().__init__(session, ("series", str(path), kind, stamp_of(path)), parent)
        self.setWindowTitle(f"Import {path.name}")
        open_at(self, 980, 700)
        self.path = path
        self.options = SeriesOptions()
        self.result_of_import: SeriesImport | None = None
        self.questions: dict[str, Question] = {}
        self.answers: dict[str, QComboBox] = {}
        self._data = data
        self._is_large = is_large(data)
        self._answered = ""
        self.work = Latest(self)
        self.work.done.connect(self._take)

        self.kind = _picker("What it holds")
        for stored, words in SERIES_WORDS.items():
            self.kind.addItem(words, stored)
        self.into = _picker("Where it goes")
        self.summary = label("", "section", wrap=True)
        self.facts = label("", "muted", wrap=True)
        self.busy = busy_bar()
        self.asked = QGridLayout()
        self.asked.setHorizontalSpacing(theme.px(10))
        self.asked.setVerticalSpacing(theme.px(4))
        self.asked.setColumnStretch(2, 1)
        self.curve = ChartView(session.numbers.number)
        self.heat = HeatMapView(session.numbers.number)
        place = f"preview of {path.name}, not in the plan yet"
        self.curve.offer_with(session, place, own_keys=True)
        self.heat.offer_with(session, place, own_keys=True)
        self.mapping_grid = plain_table("Columns of the file")
        self.findings = QListWidget()
        self.findings.setWordWrap(True)
        self.findings.setAccessibleName("What was assumed or left out")
        self.tabs = QTabWidget()
        self._arrange()
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self._fill_into()
        self.kind.currentIndexChanged.connect(self._start_over)
        if not self.take_up():
            self._start_over()

    def typed(self) -> dict[str, Any]:
        # What was asked goes along: an answer must be open to change.
        told = None if self.options == SeriesOptions() else (self.options, dict(self.questions))
        return {"kind": self.kind.currentData(), "into": self.into.currentData(), "told": told}

    def type_again(self, typed: dict[str, Any]) -> None:
        self.kind.blockSignals(True)
        self.kind.setCurrentIndex(self.kind.findData(typed["kind"]))
        self.kind.blockSignals(False)
        options, questions = typed["told"] or (SeriesOptions(), {})
        self.options, self.questions = options, dict(questions)
        self._fill_into()
        self.into.setCurrentIndex(max(self.into.findData(typed["into"]), 0))
        self._understand()

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(6))
        for words, picker in (("It holds", self.kind), ("Goes into", self.into)):
            row.addWidget(label(words, "muted"))
            row.addWidget(picker)
            row.addSpacing(theme.px(8))
        row.addStretch(1)
        preview = QWidget()
        pictures = QHBoxLayout(preview)
        pictures.setContentsMargins(theme.px(8), theme.px(8), theme.px(8), theme.px(8))
        pictures.setSpacing(theme.px(12))
        pictures.addWidget(self.curve, 1)
        pictures.addWidget(self.heat, 1)
        self.tabs.addTab(preview, "Preview")
        self.tabs.addTab(self.mapping_grid, "Columns")
        self.tabs.addTab(self.findings, "Findings")
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.import_button = QPushButton("Import")
        self.import_button.setProperty("kind", "primary")
        self.import_button.setDefault(True)
        answers.addButton(self.import_button, QDialogButtonBox.ButtonRole.AcceptRole)
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(10))
        column.addLayout(row)
        column.addWidget(self.taken_up)
        # Questions and pictures need more than a small screen has with large text: they scroll, the buttons do not.
        understood = QWidget()
        understood.setProperty("role", "page")
        inside = QVBoxLayout(understood)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(10))
        inside.addWidget(self.summary)
        inside.addWidget(self.facts)
        inside.addWidget(self.busy)
        inside.addLayout(self.asked)
        inside.addWidget(self.tabs, 1)
        column.addWidget(PageArea(understood), 1)
        column.addWidget(answers)

    # Understanding

    def _start_over(self) -> None:
        """Read the file as another kind; answers of the other one say nothing about it."""
        self.options = SeriesOptions()
        self.questions = {}
        self._fill_into()
        self._understand()

    def _fill_into(self) -> None:
        self.into.clear()
        plan = self.session.plan
        if self.kind.currentData() == METER:
            for site in plan.sites:
                self.into.addItem(f"New meter of {site.name}", site.id)
            for meter in plan.meter_series:
                self.into.addItem(f"{meter.name}: replace its values", meter.id)
            return
        self.into.addItem("New price series", None)
        for series in plan.price_series:
            if series.kind == HOURLY:
                self.into.addItem(f"{series.name}: replace its values", series.id)

    def _understand(self) -> None:
        """Have the file read with the present answers: ten years of quarter hours take seconds, beside the window."""
        job = partial(_read, self._data, self.path.name, self.kind.currentData(), self.options)
        if not self._is_large:
            self._take(job())
            return
        self.result_of_import = None
        self.import_button.setEnabled(False)
        self.summary.setText(f"Reading {self.path.name}, {size_words(self._data)}…")
        self.busy.show()
        self.work.request(job, is_large=True)

    def _take(self, found: SeriesImport | PlanFileError) -> None:
        """Show what became of the file."""
        self.busy.hide()
        if isinstance(found, PlanFileError):
            self.result_of_import = None
            self._show_failure(str(found), self.kind.currentData())
        else:
            self.result_of_import = found
            for question in found.questions:
                self.questions[question.key] = question
            self._show_questions()
            self._show(found)
        if self._answered in self.answers:
            self.answers[self._answered].setFocus()
        self._answered = ""

    def done(self, result: int) -> None:
        """Close at once, also while the file is still being read."""
        self.work.leave()
        super().done(result)

    def _show_failure(self, words: str, kind: str) -> None:
        self.summary.setText(words)
        self.facts.clear()
        choices = tuple((unit, unit) for unit in UNITS_OF_KIND[kind])
        # A currency that the plan does not count in is the one failure that an answer can mend.
        unit = Question("unit", "What are the values in?", choices, "", "say it where the file is wrong about it")
        self.questions.setdefault("unit", unit)
        self._show_questions()
        self.curve.hide()
        self.heat.set_chart(None)
        self.findings.clear()
        self.tabs.setTabText(2, "Findings")
        self.import_button.setEnabled(False)

    def _show(self, result: SeriesImport) -> None:
        self.summary.setText(f"{result.summary}.")
        self.facts.setText(f"{result.facts[:1].upper()}{result.facts[1:]}." if result.facts else "")
        self._show_columns(result)
        list_findings(self.findings, self.tabs, result.findings, self.session.numbers)
        self.import_button.setEnabled(result.series is not None)
        self.curve.setVisible(result.series is not None)
        if result.series is None:
            self.heat.set_chart(None)
            self.tabs.setCurrentWidget(self.mapping_grid)
            return
        name = " ".join(part for part in (result.market, result.location) if part) or self.path.stem
        write = self.session.numbers.number
        self.curve.set_spec(duration_chart(result.series, name, result.unit, write))
        self.heat.set_chart(heat_map(result.series, result.time_zone, name, result.unit, write))

    # Questions

    def _show_questions(self) -> None:
        """One line for each question that was ever asked: an answer must be open to change."""
        while (item := self.asked.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.answers = {}
        before: QWidget = self.into
        # Beside the answer, or beneath it where large text on a small screen leaves a narrow pile of words.
        is_narrow = self.width() < theme.px(WHY_BESIDE_PX)
        for row, question in zip(range(0, 2 * len(self.questions), 2), self.questions.values(), strict=True):
            picker = _picker(question.text)
            picker.setMaximumWidth(theme.px(320))
            if not question.assumed:
                picker.addItem("Choose", None)
            for value, words in question.choices:
                picker.addItem(words, value)
            told = getattr(self.options, question.key)
            picker.setCurrentIndex(max(picker.findData(told if told is not None else question.assumed), 0))
            picker.activated.connect(partial(self._answer, question.key, picker))
            caption = label(question.text, "body")
            caption.setBuddy(picker)
            self.asked.addWidget(caption, row, 0)
            self.asked.addWidget(picker, row, 1)
            why = "your answer" if told is not None else f"assumed: {question.why}"
            place = (row + 1, 0, 1, 3) if is_narrow else (row, 2, 1, 1)
            self.asked.addWidget(label(why, "muted", wrap=True), *place)
            self.answers[question.key] = picker
            picker.show()  # a layout shows what it is given later, and what is hidden cannot have the focus
            # New ones would else come after the buttons.
            QWidget.setTabOrder(before, picker)
            before = picker

    def _answer(self, key: str, picker: QComboBox, _row: int = 0) -> None:
        told: dict[str, Any] = {key: picker.currentData()}
        self.options = replace(self.options, **told)
        self._answered = key
        self._understand()

    # Columns

    def _show_columns(self, result: SeriesImport) -> None:
        grid = self.mapping_grid
        self.tabs.setTabVisible(1, bool(result.columns))
        grid.setColumnCount(3)
        for place, words in enumerate(("Column", "First values", "Is")):
            heading = QTableWidgetItem(words)
            heading.setTextAlignment(LEFT)
            grid.setHorizontalHeaderItem(place, heading)
        grid.setRowCount(len(result.columns))
        for row, column in enumerate(result.columns):
            grid.setItem(row, 0, QTableWidgetItem(column.heading or f"Column {column.index + 1}"))
            grid.setItem(row, 1, QTableWidgetItem(", ".join(text for text in column.samples if text)[:80]))
            picker = _picker(f"What {column.heading or f'column {column.index + 1}'} is")
            for role, words in ROLES.items():
                picker.addItem(words, role)
            picker.setCurrentIndex(picker.findData(column.role))
            picker.activated.connect(partial(self._choose_role, column.index, picker))
            grid.setCellWidget(row, 2, picker)
        grid.resizeColumnsToContents()
        grid.setColumnWidth(0, min(grid.columnWidth(0), theme.px(260)))
        grid.setColumnWidth(1, theme.px(320))
        grid.horizontalHeader().setStretchLastSection(True)

    def _choose_role(self, column: int, picker: QComboBox, _row: int = 0) -> None:
        role = picker.currentData()
        others = tuple(pair for pair in self.options.roles if pair[0] != column and (pair[1] != role or not role))
        self.options = replace(self.options, roles=(*others, (column, role)))
        self._understand()

    def accept(self) -> None:
        """Take the series over, as one undo step."""
        result = self.result_of_import
        if result is None or result.series is None:
            return
        session = self.session
        day = session.today.isoformat()
        try:
            plan, series_id = with_series(session.plan, result, self.path.name, self.into.currentData(), day)
        except PlanFileError as error:
            self.summary.setText(str(error))
            return
        session.edit(f"Import {SERIES_WORDS[result.kind].lower()} from {self.path.name}", plan)
        session.message.emit(f"{result.summary}.")
        super().accept()
        table = "meter_series" if result.kind == METER else "price_series"
        session.select(f"{table}.{series_id}")


def _read(data: bytes, filename: str, kind: str, options: SeriesOptions) -> SeriesImport | PlanFileError:
    """What becomes of a file, or why nothing does."""
    try:
        return import_series(data, filename, kind, options)
    except PlanFileError as error:
        return error


def _picker(name: str) -> QComboBox:
    picker = Picker()
    picker.setAccessibleName(name)
    return picker
