"""What leaves the plan: memo, workbook and market pack are written, and a memo that comes back is verified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from app.file_writer import FileWriter
from app.session import Session
from app.shell.file_talk import FileTalk, file_name

if TYPE_CHECKING:
    from app.verify_dialog import Verifier

MEMO_SUFFIXES = (".pdf", ".docx", ".html", ".htm")
MEMO_FILTER = f"Memos ({' '.join('*' + s for s in MEMO_SUFFIXES)});;All files (*)"
EXPORT_FILTERS = {"PDF (*.pdf)": "pdf", "Word (*.docx)": "docx", "Web page (*.html)": "html"}
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
        dialog = self._file_dialog("Export the memo", ";;".join(EXPORT_FILTERS))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        name = file_name(self._document.plan) + " memo."

        def take_format(chosen: str) -> None:
            dialog.setDefaultSuffix(EXPORT_FILTERS[chosen])
            dialog.selectFile(name + EXPORT_FILTERS[chosen])

        dialog.filterSelected.connect(take_format)
        dialog.selectFile(name + "pdf")
        dialog.fileSelected.connect(lambda name: self.write_memo(Path(name)))
        dialog.open()

    def write_memo(self, path: Path) -> None:
        """Write the memo of the plan on show."""
        self._session.typing_ends.emit()
        plan, day, scenario_id = self._document.plan, self._session.today, self._session.scenario_id

        def make() -> bytes:
            from app.memo.files import memo_bytes

            return memo_bytes(plan, path.suffix, day, scenario_id)

        self._session.message.emit(f"Writing {path.name} …")
        self.writer.write(path, make, "the memo")

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
        self._session.message.emit(f"Writing {path.name} …")
        plan, scenario_id = self._document.plan, self._session.scenario_id

        def make() -> bytes:
            from models.workbook.content import workbook_bytes

            return workbook_bytes(plan, scenario_id=scenario_id)

        self.writer.write(path, make, "the workbook")

    def export_pack(self) -> None:
        """Ask for a file and write the plan's market to it, for a colleague."""
        dialog = self._file_dialog("Export a market pack", "Market pack (*.json)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        day = self._document.plan.market.as_of
        dialog.selectFile(f"market {day}.json" if day else "market.json")
        dialog.fileSelected.connect(lambda name: self.write_pack(Path(name)))
        dialog.open()

    def write_pack(self, path: Path) -> None:
        """Write the market of the plan on show as a pack."""
        self._session.typing_ends.emit()
        from models.market_pack import pack_json
        from models.storage.disk import write_whole

        if self._tried(lambda: write_whole(path, pack_json(self._session.plan))):
            self._session.message.emit(f"Market pack written to {path.name}")
