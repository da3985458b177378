"""Data out: every table and chart as CSV, XLSX, PNG, SVG and on the clipboard, with units and where it comes from.

A widget is told once how to make its table (and its picture); its context menu, and the window's commands for the one
under the keyboard, do the rest in the same words everywhere. Files hold the C locale. The clipboard holds the reader's,
because a spreadsheet reads what is pasted as if it had been typed; exact numbers go along where it looks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from weakref import ref

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QGuiApplication, QImage, QKeySequence
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QFileDialog, QMenu, QMessageBox, QWidget

from app.file_writer import FileWriter, Make
from app.formats import WORKBOOK_FORMATS, wrong_ending
from app.latest import Latest
from app.session import Session
from app.trouble import trouble_box
from models.plan import Plan
from models.problems import PlanFileError
from models.provenance import provenance
from models.sheets import Sheet, csv_bytes, html_text, tab_text, with_about

About = Sequence[tuple[str, str]]
Paper = Callable[[About], str]
"""Draws a picture with where it comes from beneath it, as SVG."""

COPY, COPY_PICTURE, SAVE_TABLE, SAVE_CHART = (
    "Copy with headings",
    "Copy picture",
    "Save table as…",
    "Save chart as…",
)
COPY_KEYS, SAVE_KEYS = "Ctrl+Shift+C", "Ctrl+Shift+F"
NOTHING_HERE = "Put the keyboard on a table or chart first, or use its context menu."
NOTHING_YET = "There is nothing to export here yet."
FILTERS = {
    ".csv": "Table, comma-separated (*.csv)",
    ".xlsx": "Workbook (*.xlsx)",
    ".png": "Picture, for slides (*.png)",
    ".svg": "Drawing, to be scaled and edited (*.svg)",
}
OF_TABLES, OF_CHARTS = (".csv", ".xlsx"), (".png", ".svg", ".csv", ".xlsx")


@dataclass(frozen=True, eq=False)
class Offer:
    """What a widget gives away.

    Attributes
    ----------
    session
        Whose plan it shows.
    sheet
        Makes its table; None while it shows nothing.
    paper
        Of a chart: makes what draws it; None for a table, or while it shows nothing.
    page
        Where it is said to be shown; the page or dialog that it lies in where empty.
    """

    session: Session
    sheet: Callable[[], Sheet | None]
    paper: Callable[[], Paper | None] | None = None
    page: str = ""


# Kept on the widget itself: what makes its table holds the widget, and must go with it.
_OFFER, _OUT = "_data_offer", "_data_out"


def offer(
    widget: QWidget,
    session: Session,
    sheet: Callable[[], Sheet | None],
    paper: Callable[[], Paper | None] | None = None,
    *,
    page: str = "",
    own_menu: bool = False,
    own_keys: bool = False,
) -> None:
    """Let a widget's table or chart be copied and saved.

    Parameters
    ----------
    widget
        Shows it.
    session, sheet, paper, page
        See `Offer`.
    own_menu
        Whether somebody else opens the widget's context menu, and calls `add_out_actions`.
    own_keys
        Whether the widget needs the keys for itself: in a dialog, where the window's commands do not reach.
    """
    is_new = not hasattr(widget, _OFFER)
    setattr(widget, _OFFER, Offer(session, sheet, paper, page))
    if is_new and not own_menu:
        opener = _MenuOpener(widget)
        widget.installEventFilter(opener)
        if isinstance(widget, QAbstractScrollArea):
            widget.viewport().installEventFilter(opener)
    if is_new and own_keys:
        # A chart's keys are its canvas's, which comes later.
        is_table = isinstance(widget, QAbstractScrollArea)
        reach = Qt.ShortcutContext.WidgetShortcut if is_table else Qt.ShortcutContext.WidgetWithChildrenShortcut
        for words, keys, run in ((COPY, COPY_KEYS, copy_from), (SAVE_TABLE, SAVE_KEYS, save_from)):
            action = QAction(words, widget)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(reach)
            action.triggered.connect(partial(_run, run, widget))
            widget.addAction(action)


def _run(run: Callable[[QWidget], None], widget: QWidget, _checked: bool = False) -> None:
    run(widget)


def offering(widget: QWidget | None) -> QWidget | None:
    """The widget, or one that it lies in, that offers a table or chart; None where none does."""
    while widget is not None:
        if hasattr(widget, _OFFER):
            return widget
        widget = None if widget.isWindow() else widget.parentWidget()
    return None


def offering_in(page: QWidget) -> list[QWidget]:
    """Everything visible on a page that offers a table or chart."""
    return [w for w in page.findChildren(QWidget) if hasattr(w, _OFFER) and w.isVisible()]


def offer_of(widget: QWidget) -> Offer:
    """What a widget offers.

    Raises
    ------
    AttributeError
        Where it offers nothing.
    """
    found: Offer = getattr(widget, _OFFER)
    return found


def about_of(widget: QWidget) -> tuple[tuple[str, str], ...]:
    """Where what a widget shows comes from, as name and text."""
    found = offer_of(widget)
    session = found.session
    page = found.page or _page_of(widget)
    return provenance(session.document.plan, session.scenario_id, page, session.today)


def sheet_from(widget: QWidget) -> Sheet | None:
    """A widget's table with where it comes from; None while it shows nothing."""
    sheet = offer_of(widget).sheet()
    return None if sheet is None or not sheet.columns else with_about(sheet, about_of(widget))


def _page_of(widget: QWidget) -> str:
    now: QWidget | None = widget
    while now is not None:
        if isinstance(getattr(now, "title", None), str) and isinstance(getattr(now, "name", None), str):
            return str(now.title)  # type: ignore[attr-defined]
        if isinstance(now, QDialog):
            return now.windowTitle()
        now = now.parentWidget()
    return widget.accessibleName()


def add_out_actions(menu: QMenu, widget: QWidget) -> None:
    """Put copying and saving into a menu; nothing where the widget has nothing to give.

    Parameters
    ----------
    menu
        Not opened yet.
    widget
        What it was opened on.
    """
    found = offering(widget)
    if found is None or offer_of(found).sheet() is None:
        return
    is_chart = offer_of(found).paper is not None
    if menu.actions():
        menu.addSeparator()
    # The keys are only written here: they belong to the window's commands.
    menu.addAction(f"{COPY}\t{_native(COPY_KEYS)}", partial(copy_from, found))
    if is_chart:
        menu.addAction(COPY_PICTURE, partial(copy_picture_from, found))
    menu.addAction(f"{SAVE_CHART if is_chart else SAVE_TABLE}\t{_native(SAVE_KEYS)}", partial(save_from, found))


def _native(keys: str) -> str:
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


# --- doing it --------------------------------------------------------------------------------------------------------


def out_of(session: Session) -> DataOut:
    """What carries a session's data out; made when first asked for."""
    if not hasattr(session, _OUT):
        setattr(session, _OUT, DataOut(session))
    found: DataOut = getattr(session, _OUT)
    return found


def copy_from(widget: QWidget) -> None:
    """Put a widget's table on the clipboard, and a chart's picture beside it."""
    out_of(offer_of(widget).session).copy(widget)


def copy_picture_from(widget: QWidget) -> None:
    """Put a chart's picture on the clipboard."""
    out_of(offer_of(widget).session).copy(widget, with_table=False)


def save_from(widget: QWidget) -> None:
    """Ask where to, and write a widget's table or chart there."""
    out_of(offer_of(widget).session).ask_for_file(widget)


class DataOut(QObject):
    """Copies and writes what widgets offer; pictures and files are made off the GUI thread.

    Attributes
    ----------
    writer
        Writes the files.
    drawing
        Draws what is copied.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._copied: tuple[Sheet | None, int] = (None, 0)
        self._window: Callable[[], QWidget | None] = lambda: None
        self._box: QMessageBox | None = None
        self.writer = FileWriter(self)
        self.writer.written.connect(self._say_written)
        self.writer.refused.connect(self._say_trouble)
        self.drawing = Latest(self)
        self.drawing.done.connect(self._take_picture)

    def copy(self, widget: QWidget, *, with_table: bool = True) -> None:
        """Put a table, a chart, or a chart's picture alone on the clipboard.

        Parameters
        ----------
        widget
            Offers it.
        with_table
            False for the picture alone.
        """
        sheet = sheet_from(widget)
        if sheet is None:
            self._session.message.emit(NOTHING_YET)
            return
        paper = _paper_of(widget)
        self._copied = (sheet if with_table else None, self._copied[1] + 1)
        if paper is None:
            QGuiApplication.clipboard().setMimeData(self._mime(sheet))
            rows = len(sheet.rows)
            self._session.message.emit(f"Copied {rows} row{'' if rows == 1 else 's'} of {sheet.title}.")
        else:
            self.drawing.request(partial(_drawn, paper, about_of(widget), self._copied[1]), is_large=True)

    def _take_picture(self, drawn: tuple[str, bytes, int]) -> None:
        svg, png, number = drawn
        sheet, wanted = self._copied
        if number != wanted:  # something else has been copied since
            return
        found = QMimeData() if sheet is None else self._mime(sheet, with_html=False)
        found.setImageData(QImage.fromData(png))
        found.setData("image/svg+xml", svg.encode())
        QGuiApplication.clipboard().setMimeData(found)
        self._session.message.emit("Copied the picture." if sheet is None else f"Copied {sheet.title}.")

    def _mime(self, sheet: Sheet, *, with_html: bool = True) -> QMimeData:
        decimal = self._session.numbers.decimal
        found = QMimeData()
        found.setText(tab_text(sheet, decimal))
        found.setData("text/csv", csv_bytes(sheet))
        if with_html:  # beside a picture it would be what a word processor takes
            found.setHtml(html_text(sheet, decimal))
        return found

    def ask_for_file(self, widget: QWidget) -> None:
        """Ask where to, then write what is on show now."""
        sheet = sheet_from(widget)
        if sheet is None:
            self._session.message.emit(NOTHING_YET)
            return
        paper, about = _paper_of(widget), about_of(widget)
        suffixes = OF_TABLES if paper is None else OF_CHARTS
        words = SAVE_TABLE if paper is None else SAVE_CHART
        dialog = self._dialog(widget.window(), words.removesuffix("…").removesuffix(" as"), sheet.title, suffixes)
        dialog.fileSelected.connect(lambda name: self.save(Path(name), sheet, paper, about))
        dialog.open()

    def _dialog(self, window: QWidget, title: str, name: str, suffixes: Sequence[str]) -> QFileDialog:
        self._window = ref(window)
        dialog = QFileDialog(window, title, str(self._session.settings.folder))
        dialog.setObjectName("file_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([FILTERS[s] for s in suffixes])
        stem = " ".join("".join(c if c.isalnum() or c in " -_" else " " for c in name).split()) or "table"

        def take_format(chosen: str) -> None:
            suffix = next(s for s in suffixes if FILTERS[s] == chosen)
            typed = Path(dialog.selectedFiles()[0]).name if dialog.selectedFiles() else ""
            base = Path(typed).stem if Path(typed).suffix in suffixes else typed or stem
            dialog.setDefaultSuffix(suffix.removeprefix("."))
            dialog.selectFile(base + suffix)

        dialog.setDefaultSuffix(suffixes[0].removeprefix("."))
        dialog.selectFile(stem + suffixes[0])
        dialog.filterSelected.connect(take_format)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def save(self, path: Path, sheet: Sheet, paper: Paper | None = None, about: About = ()) -> None:
        """Write a table or chart as what the file's name ends in.

        Parameters
        ----------
        path
            The file.
        sheet
            The table.
        paper, about
            Of a chart what draws it, and where it comes from.
        """
        suffixes = OF_TABLES if paper is None else OF_CHARTS
        makes: dict[str, Make] = {".csv": partial(csv_bytes, sheet), ".xlsx": partial(_xlsx, sheet)}
        if paper is not None:
            makes |= {".svg": partial(_svg, paper, about), ".png": partial(_png, paper, about)}
        self._write(path, suffixes, lambda: makes[path.suffix.lower()](), "the table" if paper is None else "the chart")

    def ask_for_all(self, window: QWidget, stem: str) -> None:
        """Ask where to, then write all tables of results into one workbook."""
        dialog = self._dialog(window, "Export all tables", f"{stem} tables", (".xlsx",))
        dialog.fileSelected.connect(lambda name: self.save_all(Path(name)))
        dialog.open()

    def save_all(self, path: Path) -> None:
        """Write the results of the scenario on show, one sheet per table."""
        session = self._session
        about = provenance(session.document.plan, session.scenario_id, "all tables of results", session.today)
        make = partial(_all_tables, session.plan, session.scenario_id, about)
        self._write(path, WORKBOOK_FORMATS, make, "the workbook")

    def _write(self, path: Path, endings: Sequence[str], make: Make, what: str) -> None:
        wrong = wrong_ending(path, endings)
        if wrong is None:
            self.writer.write(path, make, what)
        else:
            self._say_trouble(wrong)

    def flush(self) -> None:
        """Wait until everything has been copied and written."""
        self.writer.flush()
        self.drawing.flush()

    def _say_written(self, path: Path) -> None:
        self._session.settings.folder = path.absolute().parent
        self._session.message.emit(f"Written to {path.name}.")

    def _say_trouble(self, error: PlanFileError) -> None:
        self._box = trouble_box(error, self._window() or QApplication.activeWindow())
        self._box.open()


def _paper_of(widget: QWidget) -> Paper | None:
    make = offer_of(widget).paper
    return None if make is None else make()


def _drawn(paper: Paper, about: About, number: int) -> tuple[str, bytes, int]:
    svg = paper(about)
    return svg, _png_of(svg, about), number


def _svg(paper: Paper, about: About) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + paper(about).encode()


def _png(paper: Paper, about: About) -> bytes:
    return _png_of(paper(about), about)


def _png_of(svg: str, about: About) -> bytes:
    from app.charts.paper import paper_png

    return paper_png(svg, about)


def _xlsx(sheet: Sheet) -> bytes:
    from models.sheet_book import xlsx_bytes

    return xlsx_bytes([sheet])


def _all_tables(plan: Plan, scenario_id: str, about: About) -> bytes:
    from models.evaluate import evaluate
    from models.result_sheets import result_sheets
    from models.sheet_book import xlsx_bytes

    results = evaluate(plan, scenario_name=scenario_id)
    return xlsx_bytes([with_about(sheet, about) for sheet in result_sheets(plan, results)])


class _MenuOpener(QObject):
    """Opens the menu on a widget that has none of its own."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return False
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        add_out_actions(menu, self._widget)
        if not menu.actions():
            menu.deleteLater()
            return False
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        place = self._widget.mapToGlobal(self._widget.rect().center()) if is_by_key else event.globalPos()
        menu.popup(place)
        return True
