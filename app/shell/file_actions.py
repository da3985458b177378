"""New, open, save and import: asks where and about unsaved edits; what comes after an answer is given as `then`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from app.files.backups import backups_of
from app.files.plan_lock import ChangedOnDiskError, PlanLockedError
from app.files.recovery import RecoveryCopy, discard
from app.formats import MEMO_FORMATS
from app.session import Session
from app.shell.file_talk import FileTalk, file_name
from models.plan import Plan
from models.problems import PlanFileError
from models.storage.plan_file import BACKUP_REMEDY, SUFFIX, open_plan

if TYPE_CHECKING:
    from app.file_reading import FileRead

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xml", ".zip", ".json")
TABLE_FILTER = f"Tables ({' '.join('*' + s for s in TABLE_SUFFIXES)});;All files (*)"
PACK_FILTER = "Market packs (*.json *.csv *.xlsx);;All files (*)"
PLAN_FILTER = f"Busbar plans (*{SUFFIX});;All files (*)"


class FileActions(FileTalk):
    """Plans, and what is read into them.

    Parameters
    ----------
    window
        Of the dialogs.
    session
        Whose plan is opened, saved and added to.
    verify
        Verifies a memo that was dropped.
    """

    def __init__(self, window: QWidget, session: Session, verify: Callable[[Path], None]) -> None:
        super().__init__(window, session)
        self._closing = False
        self._verify = verify

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
            self._choose(error, ("Open a copy", lambda: self._copy_now(path)))
        except PlanFileError as error:
            backups = backups_of(path) if error.remedy.endswith(BACKUP_REMEDY) else []
            if backups:
                way_out = f"Open the backup of {backups[0].time}"
                self._choose(error, (way_out, lambda: self._copy_now(backups[0].file)))
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
            # First what loses nothing, of theirs or of ours.
            self._choose(
                error,
                ("Save as…", lambda: self.save_as(then)),
                ("Overwrite it", lambda: self._overwrite(then)),
                ("Open theirs, drop my changes", self._open_anew),
            )
        except PlanFileError as error:
            self.say_trouble(error)
        else:
            self._saved(then)

    def _open_anew(self) -> None:
        path = self._document.path
        if path is not None:
            self._open_now(path)

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
        known = (SUFFIX, *TABLE_SUFFIXES, *MEMO_FORMATS)
        return paths[0] if len(paths) == 1 and paths[0].suffix.lower() in known else None

    def take_dropped(self, path: Path) -> None:
        """Open a dropped plan, verify a dropped memo, or import a dropped table."""
        if path.suffix.lower() == SUFFIX:
            self.open_path(path)
        elif path.suffix.lower() in MEMO_FORMATS:
            self._verify(path)
        else:
            self.import_path(path)

    # Import

    def import_table(self) -> None:
        """Ask for a table and show what was understood of it."""
        dialog = self._file_dialog("Import a table", TABLE_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.import_path(Path(name)))
        dialog.open()

    def import_path(self, path: Path, kind: str = "") -> None:
        """Show what was understood of a table, and take it over once that is confirmed.

        Parameters
        ----------
        kind
            What it is said to hold; empty to find out.
        """
        from app.file_reading import read_then

        read_then(path, kind, self._window, self._show_import)

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

    def _show_import(self, file: FileRead | PlanFileError) -> None:
        from app.file_reading import PACK
        from app.import_dialog import SERIES_WORDS, ImportDialog

        if isinstance(file, PlanFileError):
            self.say_trouble(file)
        elif file.holds == PACK:
            self.show_pack(file.path)
        elif file.holds in SERIES_WORDS:
            self.import_series(file.path, file.holds)
        else:
            dialog = ImportDialog(self._session, file.path, self._window, file=file)
            dialog.series_chosen.connect(self.import_series)
            dialog.open()

    def import_series(self, path: Path, kind: str) -> None:
        """Show what was understood of hourly prices or a meter, and take it over once that is confirmed."""
        from app.series_dialog import SeriesDialog

        self._tried(lambda: SeriesDialog(self._session, path, kind, self._window).open())

    def _choose(self, error: PlanFileError, *ways_out: tuple[str, Callable[[], None]]) -> None:
        """Say what is in the way and offer the ways out, the first of them by default."""
        box = self._box_for(error)
        for number, (words, then) in enumerate(ways_out):
            button = box.addButton(words, QMessageBox.ButtonRole.AcceptRole)
            button.clicked.connect(lambda _checked=False, then=then: then())
            if not number:
                box.setDefaultButton(button)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.open()

    def _remember(self, path: Path) -> None:
        self._session.settings.add_recent(path)
        self._session.settings.folder = path.absolute().parent
        self._session.settings.keep_pair(path, (self._session.chosen_asic_id, self._session.chosen_offer_id))
