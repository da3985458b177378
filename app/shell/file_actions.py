"""New, open, save, import and export from the window: asks where, asks about unsaved edits, and says what went wrong.

With `decision_actions` the one place of the window that catches `PlanFileError`. Dialogs are opened, never executed:
what comes after an answer is given along as `then`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from app.file_writer import FileWriter
from app.files.backups import backups_of
from app.files.plan_lock import ChangedOnDiskError, PlanLockedError
from app.files.recovery import RecoveryCopy, discard
from app.session import Session
from app.trouble import trouble_box
from models.plan import Plan
from models.problems import PlanFileError
from models.storage.plan_file import BACKUP_REMEDY, SUFFIX, open_plan

if TYPE_CHECKING:
    from app.verify_dialog import Verifier

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xml", ".zip", ".json")
TABLE_FILTER = f"Tables ({' '.join('*' + s for s in TABLE_SUFFIXES)});;All files (*)"
PACK_FILTERS = {"Market pack (*.json)": "json", "Market pack as a table (*.csv)": "csv"}
PACK_FILTER = "Market packs (*.json *.csv);;All files (*)"
MAX_DROPPED_BYTES = 200_000_000
MEMO_SUFFIXES = (".pdf", ".docx", ".html", ".htm")
MEMO_FILTER = f"Memos ({' '.join('*' + s for s in MEMO_SUFFIXES)});;All files (*)"
EXPORT_FILTERS = {"PDF (*.pdf)": "pdf", "Word (*.docx)": "docx", "Web page (*.html)": "html"}
PLAN_FILTER = f"Busbar plans (*{SUFFIX});;All files (*)"


class FileActions(QObject):
    """The commands of the File menu."""

    def __init__(self, window: QWidget, session: Session) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._document = session.document
        self._closing = False
        self.verifier: Verifier | None = None
        self.writer = FileWriter(self)
        self.writer.written.connect(lambda path: session.message.emit(f"{path.name} written to {path.parent}"))
        self.writer.refused.connect(self.say_trouble)

    # Plans

    def new(self) -> None:
        """Begin an empty plan."""
        from models.samples import template

        self.begin(template("empty"))

    def begin(self, plan: Plan) -> None:
        """Begin with a plan that has no file yet: a sample, a template."""

        def go_on() -> None:
            self._document.new(plan)
            self._session.go_to("market" if not plan.sites else "break_even")

        self.settle(go_on)

    def open(self) -> None:
        """Ask for a plan file and open it."""

        def ask() -> None:
            dialog = self._file_dialog("Open a plan", PLAN_FILTER)
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.fileSelected.connect(lambda name: self._open_now(Path(name)))
            dialog.open()

        self.settle(ask)

    def open_path(self, path: Path) -> None:
        """Open a plan file whose place is known: a recent one, a dropped one."""
        self.settle(lambda: self._open_now(path))

    def open_now(self, path: Path) -> None:
        """Open a plan file and go where its answer is; unsaved edits are given up.

        Raises
        ------
        PlanFileError
            Where it cannot be opened; everything then stays as it is.
        """
        self._document.open(path)
        self._remember(path)
        self._session.go_to("break_even")

    def _open_now(self, path: Path) -> None:
        try:
            self.open_now(path)
        except PlanLockedError as error:
            self._choose(error, "Open a copy", lambda: self._copy_now(path))
        except PlanFileError as error:
            backups = backups_of(path) if error.remedy.endswith(BACKUP_REMEDY) else []
            if backups:
                self._choose(error, f"Open the backup of {backups[0].time}", lambda: self._copy_now(backups[0].file))
            else:
                self.say_trouble(error)

    def _copy_now(self, path: Path) -> None:
        if self._tried(lambda: self._document.open_copy(path)):
            self._session.go_to("break_even")

    def recover(self, copy: RecoveryCopy) -> None:
        """Go on with the work that a process left behind when it died."""

        def go_on() -> None:
            if self._tried(lambda: self._document.recover(copy)):
                self._session.message.emit("Recovered. Save the plan to keep it.")
                self._session.go_to("break_even")

        self.settle(go_on)

    def restore(self, copy: RecoveryCopy) -> None:
        """Put edits that a process left behind on the open plan; undo shows the plan as it was saved."""
        if self._tried(lambda: self._document.restore(copy)):
            self._session.message.emit("Restored. Undo shows the plan as it was; save it to keep the edits.")

    def discard(self, copy: RecoveryCopy) -> None:
        """Give up edits that a process left behind; they stay among the plan's backups."""
        discard(copy)
        self._session.message.emit("Discarded. The edits stay among the backups of the plan.")

    def compare(self, copy: RecoveryCopy) -> None:
        """List where edits that a process left behind differ from the open plan."""
        from app.shell.plan_differences import difference_lines

        def show() -> None:
            lines = difference_lines(self._document.plan, open_plan(copy.file), self._session.numbers)
            box = QMessageBox(self._window)
            box.setObjectName("differences")
            box.setWindowTitle("What differs")
            box.setText(f"The unsaved edits of {copy.time} change:")
            box.setInformativeText("\n".join(lines))
            box.finished.connect(box.deleteLater)
            box.open()

        self._tried(show)

    def save(self) -> None:
        """Save to the plan's file, or ask for one."""
        self.save_then(lambda: None)

    def save_then(self, then: Callable[[], None]) -> None:
        """Save, and go on once that has worked."""
        self._session.typing_ends.emit()
        if self._document.path is None or self._document.is_read_only:
            self.save_as(then)
            return
        try:
            self._document.save()
        except ChangedOnDiskError as error:
            self._choose(error, "Overwrite it", lambda: self._overwrite(then))
        except PlanFileError as error:
            self.say_trouble(error)
        else:
            self._saved(then)

    def _overwrite(self, then: Callable[[], None]) -> None:
        if self._tried(lambda: self._document.save(force=True)):
            self._saved(then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Ask for a file and save to it."""
        self._session.typing_ends.emit()
        dialog = self._file_dialog("Save the plan", PLAN_FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(SUFFIX.removeprefix("."))
        dialog.selectFile(file_name(self._document.plan) + SUFFIX)

        def go_on(name: str) -> None:
            if self._tried(lambda: self._document.save_as(Path(name))):
                self._saved(then)

        dialog.fileSelected.connect(go_on)
        dialog.open()

    def _saved(self, then: Callable[[], None] | None) -> None:
        path = self._document.path
        if path is not None:
            self._remember(path)
            self._session.message.emit(f"Saved to {path.name}")
        if then is not None:
            then()

    def settle(self, then: Callable[[], None]) -> None:
        """Ask what to do with unsaved edits, then go on, unless the answer is to stay."""
        self._session.typing_ends.emit()
        if not self._document.is_dirty:
            then()
            return
        box = QMessageBox(self._window)
        box.setObjectName("unsaved")
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved changes")
        box.setText(f"Save the changes to {self._document.plan.plan.name}?")
        box.setInformativeText("What is not saved is lost.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)

        def answer(button: int) -> None:
            box.deleteLater()
            if button == buttons.Save:
                self.save_then(then)
            elif button == buttons.Discard:
                then()

        box.finished.connect(answer)
        box.open()

    def may_close(self) -> bool:
        """Whether the window may close now; otherwise the question is asked, and the window closed by its answer."""
        self._session.typing_ends.emit()
        if self._closing or not self._document.is_dirty:
            return True

        def close() -> None:
            self._closing = True
            self._window.close()

        self.settle(close)
        return False

    # Recent plans, dropped files

    def add_recent_menu(self, menu: QMenu) -> None:
        """Put the recent plans into the File menu; the list is read each time it opens."""
        recent = QMenu("Open recent", menu)
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        after_open = next((a for a in menu.actions() if a.objectName() == "file.save"), None)
        menu.insertMenu(after_open, recent)

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in self._session.settings.recent:
            menu.addAction(str(path), lambda p=path: self.open_path(p))
        menu.setEnabled(True)
        if menu.isEmpty():
            menu.addAction("None yet").setEnabled(False)

    def dropped_path(self, data: QMimeData) -> Path | None:
        """The one plan, table or memo that is dragged onto the window, if it is one."""
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        known = (SUFFIX, *TABLE_SUFFIXES, *MEMO_SUFFIXES)
        return paths[0] if len(paths) == 1 and paths[0].suffix.lower() in known else None

    def take_dropped(self, path: Path) -> None:
        """Open a dropped plan, verify a dropped memo, or import a dropped table."""
        if path.suffix.lower() == SUFFIX:
            self.open_path(path)
        elif path.suffix.lower() in MEMO_SUFFIXES:
            self.verify_path(path)
        else:
            self.import_path(path)

    # Memo and import

    def import_table(self) -> None:
        """Ask for a table and show what was understood of it."""
        dialog = self._file_dialog("Import a table", TABLE_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_path(Path(name)))
        dialog.open()

    def import_path(self, path: Path) -> None:
        """Show what was understood of a table, and take it over once that is confirmed."""
        self._tried(lambda: self._show_import(path))

    def import_pack(self) -> None:
        """Ask for a market pack and show what it would change."""
        dialog = self._file_dialog("Import a market pack", PACK_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.show_pack(Path(name)))
        dialog.open()

    def show_pack(self, path: Path) -> None:
        """Show what a market pack would change, and apply it once that is confirmed."""
        from app.market_pack_dialog import MarketPackDialog

        self._tried(lambda: MarketPackDialog(self._session, path, self._window).open())

    def export_pack(self) -> None:
        """Ask for a file and write the plan's market to it, for a colleague."""
        day = self._document.plan.market.as_of
        self._ask_where("Export a market pack", PACK_FILTERS, f"market {day}".rstrip(), self.write_pack)

    def write_pack(self, path: Path) -> None:
        """Write the market of the plan on show as a pack: as CSV where the file is called so, else as JSON."""
        from models.market_pack_out import pack_csv, pack_json
        from models.storage.disk import write_whole

        written = pack_csv if path.suffix.lower() == ".csv" else pack_json
        if self._tried(lambda: write_whole(path, written(self._session.plan))):
            self._session.message.emit(f"Market pack written to {path.name}")

    def _show_import(self, path: Path) -> None:
        from models.market_pack import is_pack
        from models.storage.disk import read_whole as read_file

        if is_pack(read_file(path, MAX_DROPPED_BYTES)):
            self.show_pack(path)
            return
        self._show_table(path)

    def _show_table(self, path: Path) -> None:
        from app.import_dialog import ImportDialog
        from models.importers.series import MAX_SERIES_BYTES, kind_of_series
        from models.storage.disk import read_whole

        kind = kind_of_series(read_whole(path, MAX_SERIES_BYTES), path.name)
        if kind is not None:
            self.import_series(path, kind)
            return
        dialog = ImportDialog(self._session, path, self._window)
        dialog.series_chosen.connect(self.import_series)
        dialog.open()

    def import_series(self, path: Path, kind: str) -> None:
        """Show what was understood of hourly prices or a meter, and take it over once that is confirmed."""
        from app.series_dialog import SeriesDialog

        self._tried(lambda: SeriesDialog(self._session, path, kind, self._window).open())

    def export_memo(self) -> None:
        """Ask for a file and write the memo to it."""
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
        self._session.message.emit(f"Writing {path.name} …")
        plan, scenario_id = self._document.plan, self._session.scenario_id

        def make() -> bytes:
            from models.workbook.content import workbook_bytes

            return workbook_bytes(plan, scenario_id=scenario_id)

        self.writer.write(path, make, "the workbook")

    # What they share

    def _tried(self, step: Callable[[], object]) -> bool:
        """Do something with files; where the world is in the way, say so. Whether it was done."""
        try:
            step()
        except PlanFileError as error:
            self.say_trouble(error)
            return False
        return True

    def say_trouble(self, error: PlanFileError) -> None:
        """Say what is in the way, where, and what to do."""
        self._box_for(error).open()

    def _choose(self, error: PlanFileError, way_out: str, then: Callable[[], None]) -> None:
        """Say what is in the way and offer one way out."""
        box = self._box_for(error)
        button = box.addButton(way_out, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        button.clicked.connect(lambda _checked=False: then())
        box.open()

    def _box_for(self, error: PlanFileError) -> QMessageBox:
        return trouble_box(error, self._window)

    def _file_dialog(self, title: str, filters: str) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(self._session.settings.folder), filters)
        dialog.setObjectName("file_dialog")
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _remember(self, path: Path) -> None:
        self._session.settings.add_recent(path)
        self._session.settings.folder = path.absolute().parent


def file_name(plan: Plan) -> str:
    """A file name made of the plan's name, for any operating system.

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> file_name(Plan(Header("Q3: mine / host?", "2026-04"), Market(1.0, 1.0, 1)))
    'Q3 mine host'
    """
    kept = "".join(c if c.isalnum() or c in " -_." else " " for c in plan.plan.name)
    return " ".join(kept.split()).strip(". ") or "plan"
