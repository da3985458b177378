"""What leaves the plan: memo, workbook and market pack are written, and a memo that comes back is verified."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.file_writer import FileWriter, Make
from app.formats import MEMO_FORMATS, PACK_FORMATS, WORKBOOK_FORMATS, wrong_ending
from app.session import Session
from app.shell.file_talk import FileTalk, file_name

if TYPE_CHECKING:
    from app.verify_dialog import Verifier

MEMO_FILTER = f"Memos ({' '.join('*' + s for s in MEMO_FORMATS)});;All files (*)"
EXPORT_FILTERS = {"PDF (*.pdf)": "pdf", "Word (*.docx)": "docx", "Web page (*.html)": "html"}
PACK_FILTERS = {"Market pack (*.json)": "json", "Market pack as a table (*.csv)": "csv"}
NOTHING_TO_EXPORT = "There is nothing to recommend yet: add machines on the Fleet page, or an AI offer."


class ExportActions(FileTalk):
    """Writes files beside the work; what is being typed is in them."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window, session)
        self.verifier: Verifier | None = None
        self.writer = FileWriter(self)
        self.writer.written.connect(lambda path: session.message.emit(f"{path.name} written to {path.parent}"))
        self.writer.refused.connect(self.say_trouble)

    def export_memo(self) -> None:
        """Ask for a file and write the memo to it."""
        if not self._session.plan.asic_lots and not self._session.plan.ai_offers:
            self._session.message.emit(NOTHING_TO_EXPORT)
            return
        self._ask_where("Export the memo", EXPORT_FILTERS, file_name(self._document.plan) + " memo", self.write_memo)

    def _ask_where(self, title: str, formats: dict[str, str], name: str, write: Callable[[Path], object]) -> None:
        """Ask for a file of one of several formats, the first of them unless another is chosen."""
        dialog = self._file_dialog(title, ";;".join(formats))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)

        def take_format(chosen: str) -> None:
            dialog.setDefaultSuffix(formats[chosen])
            dialog.selectFile(f"{name}.{formats[chosen]}")

        take_format(next(iter(formats)))
        dialog.filterSelected.connect(take_format)
        dialog.fileSelected.connect(lambda name: write(Path(name)))
        dialog.open()

    def write_memo(self, path: Path) -> None:
        """Write the memo of the plan on show."""
        self._session.typing_ends.emit()
        plan, day, scenario_id = self._document.plan, self._session.today, self._session.scenario_id

        def make() -> bytes:
            from app.memo.files import memo_bytes

            return memo_bytes(plan, path.suffix, day, scenario_id)

        self._write(path, MEMO_FORMATS, make, "the memo")

    def _write(self, path: Path, endings: Sequence[str], make: Make, what: str) -> None:
        """Write a file beside the work, unless its name says that it is another."""
        wrong = wrong_ending(path, endings)
        if wrong is not None:
            self.say_trouble(wrong)
            return
        self._session.message.emit(f"Writing {path.name} …")
        self.writer.write(path, make, what)

    def verify_memo(self) -> None:
        """Ask for a memo and verify it."""
        dialog = self._file_dialog("Verify a memo", MEMO_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.verify_path(Path(name)))
        dialog.open()

    def verify_path(self, path: Path) -> None:
        """Recompute a memo's figures beside the work, and show whether they match."""
        from app.verify_dialog import Verifier, VerifyDialog

        if self.verifier is None:
            self.verifier = Verifier(self)
        VerifyDialog(self._session, self.verifier, path, self._window).open()

    def export_workbook(self) -> None:
        """Ask for a file and write the plan to it as a workbook with live formulas."""
        dialog = self._file_dialog("Export the workbook", "Workbooks (*.xlsx)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(file_name(self._document.plan) + " workbook.xlsx")
        dialog.fileSelected.connect(lambda name: self.write_workbook(Path(name)))
        dialog.open()

    def write_workbook(self, path: Path) -> None:
        """Write the workbook of the plan, with its switch at the scenario on show."""
        self._session.typing_ends.emit()
        plan, scenario_id = self._document.plan, self._session.scenario_id

        def make() -> bytes:
            from models.workbook.content import workbook_bytes

            return workbook_bytes(plan, scenario_id=scenario_id)

        self._write(path, WORKBOOK_FORMATS, make, "the workbook")

    def export_pack(self) -> None:
        """Ask for a file and write the plan's market to it, for a colleague."""
        day = self._document.plan.market.as_of
        self._ask_where("Export a market pack", PACK_FILTERS, f"market {day}".rstrip(), self.write_pack)

    def write_pack(self, path: Path) -> None:
        """Write the market of the plan on show as a pack, as JSON or CSV."""
        from models.market_pack_out import pack_csv, pack_json
        from models.storage.disk import write_whole

        wrong = wrong_ending(path, PACK_FORMATS)
        if wrong is not None:
            self.say_trouble(wrong)
            return
        self._session.typing_ends.emit()
        written = pack_csv if path.suffix.lower() == ".csv" else pack_json
        if self._tried(lambda: write_whole(path, written(self._session.plan))):
            self._session.message.emit(f"Market pack written to {path.name}")
