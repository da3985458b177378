"""No page cuts a word: whatever plan, size, theme or text size is on show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QDialog,
    QLabel,
    QPushButton,
    QScrollArea,
    QTableView,
    QWidget,
)

from app import theme
from app.catalogue_picker import ASIC_FACTS, GPU_FACTS, CataloguePicker, find_asics, find_gpus
from app.decision_dialog import DecisionDialog
from app.explain_panel import ExplainPanel
from app.forms.schedule_editor import ScheduleEditor
from app.import_dialog import ImportDialog
from app.market_pack_dialog import MarketPackDialog
from app.offer_reader import OfferReader
from app.pictures import come_to_rest, window_on
from app.series_dialog import SeriesDialog
from app.shell.commands import PAGES
from app.shell.document_sheet import PLAN_FILE, DocumentSheet
from app.shell.help_sheet import HelpSheet
from app.shell.snooze_dialog import SnoozeDialog
from app.shell.window import TITLE_BAR_PX, Window
from app.solve_dialog import SolveDialog
from models.defaults import empty_plan
from models.fields import field_at
from models.importers.series import PRICES
from models.plan import Plan
from models.samples import sample
from tests.hourly_files import csv
from tests.large_plan import large_plan

PLANS = {"empty": empty_plan, "sample": lambda: sample("briefing"), "large": large_plan}
SIZES = {
    "small": ((1280, 800), 1.0),
    "wide": ((2560, 1440), 1.0),
    "large text": ((1920, 1200), 2.0),
    "both": ((1280, 800), 2.0),
    "both, below a title bar": ((1280, 800 - TITLE_BAR_PX), 2.0),
}


def words_of(widget: QWidget) -> str:
    """The text that a label or button must show in full; empty where it may shorten it by itself."""
    if isinstance(widget, QLabel):
        if widget.wordWrap() or widget.textFormat() == Qt.TextFormat.RichText or widget.pixmap().width() > 0:
            return ""
        return widget.text()
    return widget.text().replace("&", "") if isinstance(widget, QPushButton) else ""


def squeezed(widget: QLabel | QAbstractButton) -> str:
    """What is wrong with where it lies: beyond what it lies in, which hides it there, or too low for its lines."""
    parent, told = widget.parentWidget(), repr(widget.text() or widget.accessibleName() or widget.objectName())
    if parent is None or widget.isWindow():
        return ""
    inside = parent.rect().adjusted(-4, -4, 4, 4)
    in_scroll_area = isinstance(parent.parentWidget(), QAbstractScrollArea)
    if not in_scroll_area and not inside.contains(widget.geometry()):
        return f"{told} at {widget.geometry().getRect()} lies beyond {parent.size().toTuple()}"
    if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
        needed = widget.heightForWidth(widget.width())
        if needed > widget.height() + 4:
            return f"{told} needs {needed} px of height and has {widget.height()}"
    return ""


def cut(window: QWidget) -> list[str]:
    """Visible labels and buttons that are narrower or lower than their words, or hidden in part.

    And tables with not a row to read.
    """
    found = []
    for table in window.findChildren(QTableView):
        rows = range(table.model().rowCount()) if table.isVisible() else ()
        row = next((n for n in rows if not table.isRowHidden(n)), None)
        if row is not None and table.rowHeight(row) > table.viewport().height():
            found.append(f"{table.accessibleName()!r} shows no whole row: {table.viewport().height()} px")
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.isVisible():
            continue
        if trouble := squeezed(widget):
            found.append(trouble)
        words = words_of(widget)
        if not words or "<" in words:
            continue
        needed = max(widget.fontMetrics().horizontalAdvance(line) for line in words.splitlines())
        shown_elsewhere = widget.toolTip() != "" or (type(widget) is not QLabel and not isinstance(widget, QPushButton))
        if needed > widget.width() + 2 and not shown_elsewhere:
            found.append(f"{words!r} needs {needed} px and has {widget.width()}")
        if widget.fontMetrics().height() * len(words.splitlines()) > widget.height() + 4:
            found.append(f"{words!r} is cut in height: {widget.height()} px")
    return found


@pytest.mark.parametrize("plan_name", PLANS)
def test_that_no_word_is_cut(qapp: Any, plan_name: str, subtests: pytest.Subtests) -> None:
    """Not at any of the sizes, to which the open window is brought one after the other, as a hand would."""
    plan: Plan = PLANS[plan_name]()
    with window_on(plan, "light", *SIZES["small"]) as window:
        for size, (pixels, text_scale) in SIZES.items():
            theme.apply_theme(qapp, "light", text_scale)
            window.resize(*pixels)
            with subtests.test(size):
                complaints = []
                for page, _ in PAGES:
                    if (plan_name, page) == ("large", "memo"):
                        continue  # its hundred pages are pictures, and take seconds to typeset
                    come_to_rest(window, page)
                    complaints += [f"{page}: {line}" for line in cut(window)]
                assert not complaints, "\n".join(complaints[:20])


def _file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _shown_memo(window: Window, folder: Path) -> QDialog:
    from app.verify_dialog import Verifier, VerifyDialog

    return VerifyDialog(window.session, Verifier(window), _file(folder, "memo.pdf", b"none"), window)


def _catalogue(window: Window, facts: Any, find: Any) -> QDialog:
    sites = [(site.id, site.name) for site in window.session.plan.sites]
    return CataloguePicker("Catalogue", facts, find, window.session.numbers, sites, "Add lot", window)


def _explained(window: Window, _folder: Path) -> QDialog:
    panel = ExplainPanel(window.session, window)
    panel.explain(NPV)
    return panel


def _pack(folder: Path) -> Path:
    return _file(folder, "pack.csv", b"path,value,date,source\nmarket.btc_price_usd,91000,2026-03-23,Desk\nx.y,1,,\n")


FLEET = b"Model,Count,Site\nS21,5000,Prairie Creek\nS19 Pro,200,Prairie Creek\nUnknown 9,3,Nowhere\n"
HOURS = csv("Date,Hour Ending,Price ($/MWh)", [f"03/04/2024,{hour},{hour}.5" for hour in range(1, 25)])
"""Of a day that can be read in two ways, in a zone that is not named: it asks for both."""
NPV = "uses.o1.npv_usd_per_mw"
PRICE = "market.btc_price_usd"
DIALOGS: dict[str, Callable[[Window, Path], QDialog]] = {
    "import": lambda w, f: ImportDialog(w.session, _file(f, "fleet.csv", FLEET), w),
    "hourly": lambda w, f: SeriesDialog(w.session, _file(f, "prices.csv", HOURS), PRICES, w),
    "pack": lambda w, f: MarketPackDialog(w.session, _pack(f), w),
    "machines": lambda w, _: _catalogue(w, ASIC_FACTS, find_asics),
    "gpus": lambda w, _: _catalogue(w, GPU_FACTS, find_gpus),
    "explain": _explained,
    "solve": lambda w, _: SolveDialog(w.session, NPV, w),
    "offer": lambda w, _: OfferReader(w.session, w),
    "decision": lambda w, _: DecisionDialog(w.session, w),
    "verify": _shown_memo,
    "over time": lambda w, _: ScheduleEditor(w.session, PRICE, field_at(w.session.plan, PRICE), None, w),
    "keys": lambda w, _: HelpSheet(w),
    "plan file": lambda w, _: DocumentSheet(PLAN_FILE, w),
    "set aside": lambda w, _: SnoozeDialog(w.session, w.session.results.findings[0], w),
}


@pytest.fixture(scope="module")
def low_window(qapp: Any) -> Iterator[Window]:
    """The briefing at text size 2 on a screen of 1280 × 800 pixels, which the window fills."""
    with window_on(sample("briefing"), "light", *SIZES["both"]) as window:
        come_to_rest(window, "start")
        yield window
    theme.apply_theme(qapp, "light", 1.0)


@pytest.mark.parametrize("name", DIALOGS)
def test_that_a_dialog_and_its_buttons_fit_the_screen(low_window: Window, tmp_path: Path, name: str) -> None:
    dialog = DIALOGS[name](low_window, tmp_path)
    dialog.open()
    for _ in range(5):
        QCoreApplication.processEvents()
    try:
        for size in (dialog.size(), dialog.minimumSizeHint(), dialog.minimumSize()):
            assert size.width() <= 1280, size
            assert size.height() <= 800 - TITLE_BAR_PX, size
        buttons = [b for b in dialog.findChildren(QPushButton) if b.isVisible()]
        beyond = [b.text() for b in buttons if not _is_in_view(b, dialog)]
        assert buttons
        assert not beyond
        assert name == "keys" or not cut(dialog)
    finally:
        dialog.reject()


def test_that_nothing_lies_beyond_an_edge_to_which_nobody_can_scroll(qapp: Any) -> None:
    found = []
    with window_on(sample("briefing"), "light", *SIZES["both"]) as window:
        for page, _ in PAGES:
            come_to_rest(window, page)
            for area in window.page.findChildren(QScrollArea):
                is_fixed = area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
                needed, room = area.widget().width(), area.viewport().width()
                if area.isVisible() and is_fixed and needed > room:
                    found.append(f"{page}: {needed} px lie in {room} px: {area.parentWidget()}")
    theme.apply_theme(qapp, "light", 1.0)
    assert not found, "\n".join(found)


def _is_in_view(widget: QWidget, dialog: QWidget) -> bool:
    """Whether all of it lies in the dialog; what lies in a list that scrolls can be brought there."""
    inside: QWidget | None = widget
    while inside is not None and inside is not dialog:
        if isinstance(inside, QAbstractScrollArea):
            return True
        inside = inside.parentWidget()
    return dialog.rect().contains(QRect(widget.mapTo(dialog, QPoint()), widget.size()))
