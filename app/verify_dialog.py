"""Verify a memo: its figures recomputed off the GUI thread, and what differs as a table that can be copied."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app import theme
from app.cards import button, label
from app.cli_verify import KINDS, verdict_text
from app.data_out import offer
from app.dialog_size import open_at
from app.session import Session
from app.tables.grid_view import block_text
from app.worker import Outcome, Worker
from models.plan import Plan
from models.problems import PlanFileError
from models.sheets import Sheet, sheet_of
from models.storage.plan_file import digest

if TYPE_CHECKING:
    from app.memo.printed import Difference
    from app.memo.verify import Verdict

SHARES = (0.44, 0.2, 0.2)
"""Of the table's width, for all columns but the last."""
OPEN_PLAN = "This is the memo of the plan that is open."
OTHER_PLAN = "It is of another plan than the open one, or that has changed since."
HEADINGS = ("Figure", "Memo says", "Recomputed", "Where")


class Verifier(QObject):
    """Verifies memos in a worker, one after the other.

    It outlives the dialogs that ask it: one that is closed must not wait for what it asked.

    Signals
    -------
    verified
        The file, and its `Verdict`, or the `PlanFileError` that was in the way; and whether it is of the plan that
        was open when it was asked for.
    """

    verified = Signal(object, object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker(self)

    @property
    def is_busy(self) -> bool:
        """Whether a worker is still at it."""
        return self._worker.is_busy

    def request(self, path: Path, open_plan: Plan) -> None:
        """Verify a file."""
        self._worker.start(partial(_verified, path, open_plan), partial(self._accept, path))

    def stop(self) -> None:
        """Wait for what is at work; nothing else is begun."""
        self._worker.drop_waiting()
        self._worker.stop()

    def flush(self) -> None:
        """Wait until everything that was asked for has been answered."""
        self._worker.flush()

    def _accept(self, path: Path, outcome: Outcome) -> None:
        verdict, is_open = outcome.answer if outcome.succeeded else (None, False)
        self.verified.emit(path, verdict, is_open)


def _verified(path: Path, open_plan: Plan) -> tuple[Verdict | PlanFileError, bool]:
    """The verdict on a memo, or why there is none; and whether it is of the plan that is open."""
    from app.memo.verify import verify
    from models.memo.carrier import MAX_MEMO_BYTES
    from models.storage.disk import read_whole

    try:
        verdict = verify(read_whole(path, MAX_MEMO_BYTES), path.name)
    except PlanFileError as error:
        return error, False
    return verdict, verdict.plan_digest == digest(open_plan)


class VerifyDialog(QDialog):
    """Shows whether a memo's figures match, and those that do not.

    Parameters
    ----------
    session
        Whose plan the memo may be of.
    verifier
        Who recomputes it.
    path
        The memo.
    parent
        The window.
    """

    def __init__(self, session: Session, verifier: Verifier, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("verify")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Verify {path.name}")
        open_at(self, 820, 220)
        self._path = path
        self.verdict: Verdict | None = None
        self.mark = label("", "")
        self.sentence = label(f"Recomputing the figures of {path.name}…", "section", wrap=True)
        self.about = label("", "", wrap=True)
        self.digest = label("", "muted", wrap=True)
        self.table = DifferenceTable()
        offer(self.table, session, self.table.sheet, own_keys=True)
        self.notes = label("", "muted", wrap=True)
        for words in (self.sentence, self.about, self.digest, self.notes):
            words.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.copy_button = button("Copy report", self.copy_report, help="The verdict and all that differs, as text")
        self.copy_button.setEnabled(False)
        self.copy_button.setAutoDefault(False)
        self._arrange()
        verifier.verified.connect(self._show)
        verifier.request(path, session.document.plan)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.px(8))
        row.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentence, 1)
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        answers.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        answers.rejected.connect(self.reject)
        close = answers.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(20), theme.px(16), theme.px(20), theme.px(16))
        column.setSpacing(theme.px(8))
        column.addLayout(row)
        column.addWidget(self.about)
        column.addWidget(self.digest)
        column.addWidget(self.table, 1)
        column.addWidget(self.notes)
        column.addStretch(0)
        column.addWidget(answers)
        self.table.hide()
        self.mark.hide()

    def _show(self, path: Path, outcome: object, is_open: bool) -> None:
        if path != self._path:
            return
        from app.memo.verify import Verdict

        if isinstance(outcome, Verdict):
            self._show_verdict(outcome, is_open)
        elif isinstance(outcome, PlanFileError):
            self._show_mark("warning", "warning", "Cannot be verified")
            self.sentence.setText(f"{outcome.what[:1].upper()}{outcome.what[1:]}.")
            self.about.setText(f"{outcome.where}: {outcome.remedy}.")
        else:
            self._show_mark("error", "negative", "Failed")
            self.sentence.setText("The memo could not be verified, by a mistake of Busbar's.")

    def _show_verdict(self, verdict: Verdict, is_open: bool) -> None:
        from app.memo.verify import seed_words

        self.verdict = verdict
        if verdict.is_genuine:
            self._show_mark("success", "positive", "Matches")
        else:
            self._show_mark("error", "negative", "Differs")
        self.sentence.setText(f"{verdict.sentence[:1].upper()}{verdict.sentence[1:]}.")
        versions = f"written by Busbar {verdict.memo_version}"
        if verdict.memo_version != verdict.version:
            versions += f", recomputed by {verdict.version}"
        whose = OPEN_PLAN if is_open else OTHER_PLAN
        about = (verdict.plan_name, f"scenario {verdict.scenario_name}", verdict.as_of.isoformat(), versions)
        self.about.setText(f"{', '.join(about)}, {seed_words(verdict.seed)}. {whose}")
        self.digest.setText(f"Plan digest {verdict.plan_digest}")
        self.notes.setText("\n".join(verdict.notes))
        self.notes.setVisible(bool(verdict.notes))
        self.copy_button.setEnabled(True)
        if verdict.differences:
            self.table.show_differences(verdict.differences, verdict.names)
            self.table.show()
            open_at(self, 820, 520)

    def _show_mark(self, icon: str, role: str, words: str) -> None:
        size = theme.px(18)
        self.mark.setPixmap(theme.icon(icon, role).pixmap(QSize(size, size), self.devicePixelRatioF()))
        self.mark.setAccessibleName(words)
        self.mark.show()

    def copy_report(self) -> None:
        """Put the verdict and all that differs on the clipboard, as `busbar verify` prints it."""
        if self.verdict is not None:
            QGuiApplication.clipboard().setText(verdict_text(self.verdict))


class DifferenceTable(QTableWidget):
    """What differs; Ctrl+C copies the selected cells under their headings."""

    def __init__(self) -> None:
        super().__init__(0, len(HEADINGS))
        self.setAccessibleName("What differs")
        self.setHorizontalHeaderLabels(HEADINGS)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.px(28))
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(True)

    def show_differences(self, differences: tuple[Difference, ...], names: Mapping[str, str]) -> None:
        """Fill the table; the address of a figure is in the tool tip of its name."""
        self.setRowCount(len(differences))
        for row, difference in enumerate(differences):
            named = names.get(difference.address) or KINDS[difference.kind]
            for column, text in enumerate((named, difference.found, difference.expected, difference.place)):
                item = QTableWidgetItem(text or "nothing")
                item.setToolTip(f"{text}\n{difference.address}" if difference.address and not column else text)
                self.setItem(row, column, item)
        self.setCurrentCell(0, 0)

    def sheet(self) -> Sheet | None:
        """What differs as a table to export; None where nothing does."""
        rows = [[self.item(row, at).text() for at in range(len(HEADINGS))] for row in range(self.rowCount())]
        return sheet_of("What differs from the memo", HEADINGS, rows) if rows else None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, share in enumerate(SHARES):
            self.setColumnWidth(column, round(self.viewport().width() * share))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        else:
            super().keyPressEvent(event)

    def copy_selection(self) -> None:
        """Put the selected block and the headings above it on the clipboard."""
        for block in self.selectedRanges()[:1]:
            columns = range(block.leftColumn(), block.rightColumn() + 1)
            rows = [[HEADINGS[column] for column in columns]]
            for row in range(block.topRow(), block.bottomRow() + 1):
                cells = [self.item(row, column) for column in columns]
                rows.append([cell.text() if cell is not None else "" for cell in cells])
            QGuiApplication.clipboard().setText(block_text(rows))
