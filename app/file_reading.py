"""What a file to import holds, found out before its dialog opens: at once, or beside the window where it is large."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QProgressBar, QVBoxLayout, QWidget

from app import theme
from app.cards import label
from app.latest import Latest
from models.importers import ACTUALS, MARKET, TABLE_OF_KIND, Source, propose_mapping, read_grids, read_table
from models.importers.series import HEAD_LINES, MAX_SERIES_BYTES, kind_of_series
from models.importers.series.sheets import is_archive
from models.importers.tables import MAX_BYTES
from models.market_pack import is_pack
from models.problems import PlanFileError
from models.storage.disk import read_whole

PACK = "pack"
LARGE_TEXT_BYTES, LARGE_WORKBOOK_BYTES = 500_000, 60_000
"""From here on a file takes longer to read than a window may stand still: about a fifth of a second."""
SURE_MONTH = 0.9
"""How surely a heading must name the month before a table is taken for one of actual months."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as its dialog takes it.

    Attributes
    ----------
    path
        Where it is.
    source
        The sheets of a table, so that they are read once; the bytes of anything else.
    holds
        ``pack``, a kind of series, or a kind of table.
    is_large
        Whether what is done with all of it belongs beside the window.
    """

    path: Path
    source: Source
    holds: str
    is_large: bool


def is_large(data: bytes) -> bool:
    """Whether a file is read beside the window."""
    return len(data) >= (LARGE_WORKBOOK_BYTES if is_archive(data) else LARGE_TEXT_BYTES)


def read_file(path: Path, kind: str = "") -> FileRead:
    """Read a file as a table and find out of what.

    Parameters
    ----------
    kind
        What it is said to hold; empty to find out.

    Raises
    ------
    PlanFileError
        Where it cannot be read as a table at all.
    """
    return _table(path, read_whole(path, MAX_BYTES), kind)


def _table(path: Path, data: bytes, kind: str) -> FileRead:
    source: Source = data if data.lstrip()[:1] == b"{" else read_grids(data, path.name)
    return FileRead(path, source, kind or likeliest_kind(source, path.name), is_large(data))


def likeliest_kind(source: Source, filename: str) -> str:
    """The kind whose inputs the headings name best; market figures have no headings to speak of."""
    grids = read_grids(source, filename)
    head = tuple(replace(grid, lines=grid.lines[:HEAD_LINES]) for grid in grids)  # they say it as well as all of them
    scores = {}
    for kind in TABLE_OF_KIND:
        mapping = propose_mapping(read_table(head, filename, kind), kind)
        month = mapping.column("month")
        is_possible = kind != ACTUALS or (month is not None and month.score >= SURE_MONTH)
        scores[kind] = mapping.score if is_possible else 0.0
    best = max(scores, key=lambda kind: scores[kind])
    return best if scores[best] >= 1.0 else MARKET


def read_then(path: Path, kind: str, window: QWidget, then: Callable[[FileRead | PlanFileError], None]) -> None:
    """Read a file, and go on with what it holds or with why it cannot be read; not where the user cancels meanwhile."""
    try:
        data = read_whole(path, MAX_SERIES_BYTES)
    except PlanFileError as error:
        then(error)
        return
    job = partial(_tried, path, data, kind)
    if is_large(data):
        ReadingDialog(f"Reading {path.name}, {size_words(data)}…", job, then, window).open()
    else:
        then(job())


def size_words(data: bytes) -> str:
    """How large a file is, in megabytes from the first on."""
    return f"{len(data) / 1e6:,.0f} MB" if len(data) >= 1e6 else f"{len(data) / 1e3:,.0f} kB"


def busy_bar() -> QProgressBar:
    """A bar that says that something is at work, hidden for now."""
    bar = QProgressBar()
    bar.setRange(0, 0)
    bar.setTextVisible(False)
    bar.setAccessibleName("The file is being read")
    bar.hide()
    return bar


def _tried(path: Path, data: bytes, kind: str) -> FileRead | PlanFileError:
    try:
        other = None if kind else PACK if is_pack(data, path.name) else kind_of_series(data, path.name)
        return FileRead(path, data, other, is_large(data)) if other else _table(path, data, kind)
    except PlanFileError as error:
        return error


class ReadingDialog(QDialog):
    """Says that a large file is being read, and lets go of it.

    Parameters
    ----------
    words
        What is being done.
    job
        Reads it; touches nothing of the window.
    then
        Takes what became of it, once this is closed.
    """

    def __init__(
        self,
        words: str,
        job: Callable[[], FileRead | PlanFileError],
        then: Callable[[FileRead | PlanFileError], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("reading")
        self.setWindowTitle("Import")
        self.setMinimumWidth(theme.px(420))
        self._then = then
        self.words = label(words, "body", wrap=True)
        bar = busy_bar()
        answers = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        answers.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.px(n) for n in (20, 16, 20, 16)))
        column.setSpacing(theme.px(12))
        for item in (self.words, bar, answers):
            column.addWidget(item)
        bar.show()
        self.work = Latest(self)
        self.work.done.connect(self._take)
        self.work.request(job, is_large=True)

    def _take(self, found: FileRead | PlanFileError) -> None:
        self.accept()
        self._then(found)

    def done(self, result: int) -> None:
        """Close at once, also while the file is still being read."""
        self.work.leave()
        super().done(result)
