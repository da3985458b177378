"""A market pack before it is applied: what each value is now and would be, how old it is, and what was left out."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import label
from app.data_out import offer
from app.dialog_size import open_at
from app.figure_menu import add_figure_menu, explain_by_key
from app.import_dialog import plain_table
from app.session import Session
from app.tables.grid_view import block_text
from app.tables.item_models import LEFT, RIGHT
from models.evidence import age_days
from models.market_pack import PackChange, apply_pack, changes, read_pack
from models.problems import Severity
from models.sheets import Cell, Measured, Sheet, sheet_of
from models.storage.disk import read_whole
from models.units import display

LIMIT_BYTES = 16_000_000
HEADINGS = ("Market value", "Now", "New", "Change", "Date", "Source", "")


class MarketPackDialog(QDialog):
    """Shows what a pack would change, and applies it as one undo step.

    Parameters
    ----------
    session
        Whose plan it is.
    path
        Of the file.

    Raises
    ------
    PlanFileError
        Where it cannot be read as a pack, or the plan cannot take its values.
    """

    def __init__(self, session: Session, path: Path, parent: QWidget | None = None) -> None:
        pack = read_pack(read_whole(path, LIMIT_BYTES), path.name)
        apply_pack(session.document.plan, pack)  # what cannot be applied is said before it is shown
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("market_pack")
        self.setWindowTitle(f"Market pack {path.name}")
        open_at(self, 860, 460)
        self.session, self.path, self.pack = session, path, pack
        # A scenario on show keeps its own market: a pack is about the plan's.
        self.changes: tuple[PackChange, ...] = changes(session.document.plan, pack)
        self.summary = label("", "section", wrap=True)
        self.warning = label("", "warning", wrap=True)
        self.grid = plain_table("What would change")
        offer(self.grid, session, self.sheet, own_keys=True, own_menu=True)
        add_figure_menu(self.grid, session, self._path_at)
        explain_by_key(self, session)
        self.findings = QListWidget()
        self.findings.setWordWrap(True)
        self.findings.setAccessibleName("What was left out")
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.apply_button = QPushButton("Apply")
        self.apply_button.setProperty("kind", "primary")
        self.apply_button.setDefault(True)
        answers.addButton(self.apply_button, QDialogButtonBox.ButtonRole.AcceptRole)
        answers.accepted.connect(self.accept)
        answers.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(n) for n in (18, 14, 18, 14)))
        column.setSpacing(theme.px(8))
        for item in (self.summary, self.warning):
            column.addWidget(item)
        column.addWidget(self.grid, 3)
        column.addWidget(self.findings, 1)
        column.addWidget(answers)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.grid)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_table)
        self._fill()

    def _path_at(self, point: QPoint) -> str | None:
        """The market value in the row under a point."""
        row = self.grid.rowAt(self.grid.viewport().mapFrom(self.grid, point).y())
        return self.changes[row].path if 0 <= row < len(self.changes) else None

    def _fill(self) -> None:
        numbers = self.session.numbers
        moved = [c for c in self.changes if not c.is_observed_only and c.change_fraction != 0.0]
        days = sorted({v.date for v in self.pack.values if v.date})
        count = len(self.pack.values)
        span = f"of {days[0]}" if len(days) == 1 else f"of {days[0]} to {days[-1]}" if days else "without a day"
        self.summary.setText(
            f"{numbers.number(count, 0)} value{'' if count == 1 else 's'} {span}; "
            f"{numbers.number(len(moved), 0)} would change."
        )
        older = [c for c in self.changes if c.is_older]
        age = max((age_days(c.date, self.session.today) for c in self.changes if c.date), default=math.nan)
        self.warning.setText(
            f"Older than the plan's own market data of {self.session.document.plan.market.as_of}: "
            f"{', '.join(c.label for c in older)}."
            if older
            else f"The pack is {numbers.format(age, 0, 'days')} old."
            if age > 45
            else ""
        )
        self.warning.setVisible(bool(self.warning.text()))
        rows = [self._row(c) for c in self.changes]
        self.grid.setColumnCount(len(HEADINGS))
        self.grid.setRowCount(len(rows))
        self.grid.setHorizontalHeaderLabels(list(HEADINGS))
        for place in range(len(HEADINGS)):
            is_number = place in (1, 2, 3)
            self.grid.horizontalHeaderItem(place).setTextAlignment(RIGHT if is_number else LEFT)
            for row, texts in enumerate(rows):
                item = QTableWidgetItem(texts[place])
                item.setTextAlignment(RIGHT if is_number else LEFT)
                item.setToolTip(texts[place])
                if place == 6 and self.changes[row].is_older:
                    item.setForeground(theme.tokens().color("warning"))
                self.grid.setItem(row, place, item)
        self.grid.resizeColumnsToContents()
        for finding in self.pack.findings:
            mark = f"{finding.path}: " if finding.path and finding.severity != Severity.INFO else ""
            self.findings.addItem(f"{mark}{numbers.say(finding.message)}")
        self.findings.setVisible(bool(self.pack.findings))

    def _row(self, change: PackChange) -> tuple[str, ...]:
        numbers = self.session.numbers
        digits = change.digits
        size = abs(change.new - change.now) * display(change.unit)[1]
        while digits < change.digits + 4 and 0 < size < 10.0**-digits:
            digits += 1
        remark = "older than the plan's" if change.is_older else ""
        if change.is_observed_only:
            remark = "observed; follows from the others"
        fraction = change.change_fraction
        return (
            change.label,
            numbers.format(change.now, digits, change.unit),
            numbers.format(change.new, digits, change.unit),
            numbers.percent(fraction, 2, sign=True),
            change.date or "no day",
            change.source or "no source",
            remark,
        )

    def sheet(self) -> Sheet | None:
        """What would change as a table to export; None where nothing would."""
        rows: list[list[Cell]] = [
            [
                change.path,
                change.label,
                Measured(change.now, change.unit),
                Measured(change.new, change.unit),
                Measured(change.change_fraction, "fraction"),
                change.date,
                change.source,
                self._row(change)[-1],
            ]
            for change in self.changes
        ]
        heads = ["Path", *HEADINGS[:-1], "Remark"]
        return sheet_of(f"Market pack {self.path.name}", heads, rows) if rows else None

    def copy_table(self) -> None:
        """Put the differences on the clipboard, with headings."""
        QGuiApplication.clipboard().setText(block_text([HEADINGS, *map(self._row, self.changes)]))

    def accept(self) -> None:
        """Apply the pack as one step that undo takes back."""
        session = self.session
        session.edit_base(f"Market pack {self.path.name}", apply_pack(session.document.plan, self.pack))
        session.message.emit(f"Market pack {self.path.name} applied; undo takes it back.")
        super().accept()
