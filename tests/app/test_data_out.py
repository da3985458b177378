"""Data out: every table and chart of every page, as files and on the clipboard, with units and where it comes from."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QImage
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QListView,
    QMenu,
    QMessageBox,
    QWidget,
)

from app.charts.heat_map import HeatMapView
from app.charts.view import ChartView
from app.data_out import (
    COPY,
    NOTHING_HERE,
    OF_CHARTS,
    OF_TABLES,
    SAVE_CHART,
    SAVE_TABLE,
    add_out_actions,
    offer_of,
    offering,
    offering_in,
    out_of,
    sheet_from,
)
from app.deals_panel import DealsPanel
from app.power_parts import FigureTable
from app.scenario_tree import ScenarioTree
from app.shell.commands import PAGES
from app.tables.frozen_column import FrozenColumn
from models.fields import replace as replaced
from models.samples import sample
from models.sheets import Sheet
from models.storage.plan_file import digest
from tests.models.test_charts_decisions import decided

SHOWN_KINDS = (QAbstractItemView, ChartView, HeatMapView, FigureTable, DealsPanel)
NO_TABLE = (QHeaderView, QListView, FrozenColumn, ScenarioTree)
"""Parts of other tables, lists to choose from, and the tree by which pages are steered: it holds names alone."""
NO_UNIT = ("Day", "Depth", "Deviations", "Mining PUE", "Gross MW per IT MW")
"""Counts, and ratios of like to like."""


def tables_and_charts(area: QWidget) -> Iterator[QWidget]:
    """Everything visible that a page shows as a table or chart."""
    for widget in area.findChildren(QWidget):
        is_popup = isinstance(widget.parent(), QComboBox) or isinstance(widget.window(), QMenu)
        if isinstance(widget, SHOWN_KINDS) and not isinstance(widget, NO_TABLE) and widget.isVisible() and not is_popup:
            yield widget


def window_on(session: Any, qtbot: Any, page: str) -> Any:
    from app.shell.window import Window

    window = Window(session)
    qtbot.addWidget(window, before_close_func=lambda w: setattr(w.files, "_closing", True))
    window.resize(1600, 1000)
    window.show_page(page)
    window.show()
    qtbot.waitExposed(window)
    getattr(window.page, "flush", lambda: None)()
    return window


def is_empty(widget: QWidget) -> bool:
    """Whether there is nothing to give: no rows, or no curve."""
    if isinstance(widget, ChartView):
        return widget.spec is None or bool(widget.spec.reason)
    if isinstance(widget, HeatMapView):
        return widget.chart is None
    if isinstance(widget, QAbstractItemView):
        rows = widget.model().rowCount() if widget.model() is not None else 0
        return rows <= (1 if hasattr(widget, "records") else 0)  # of records the last row is there to be typed into
    return isinstance(widget, FigureTable) and not widget.rows


@pytest.mark.parametrize("name", ["briefing", "flexible", "own-gpus"])
def test_that_every_table_and_chart_of_every_page_can_be_exported(
    open_session: Any, qtbot: Any, name: str, subtests: pytest.Subtests
) -> None:
    window = window_on(open_session(decided(6, name)), qtbot, PAGES[0][0])
    for page, _ in PAGES:
        with subtests.test(page):
            window.show_page(page)
            bar = getattr(window.page, "tabs", None)
            seen = 0
            for tab in (None,) if bar is None else range(bar.count()):
                if tab is not None:
                    bar.setCurrentIndex(tab)
                getattr(window.page, "flush", lambda: None)()
                QApplication.processEvents()
                seen += assert_all_can_be_exported(window)
            assert seen or page in ("start", "memo")
    assert offering(window.findings.toggle) is window.findings


def assert_all_can_be_exported(window: Any) -> int:
    """Every table and chart that is visible now; returns how many there are."""
    silent, without_unit, seen = [], [], 0
    for area in (window.page, window.findings):
        for widget in tables_and_charts(area):
            if is_empty(widget):
                continue
            found = offering(widget)
            sheet = None if found is None else sheet_from(found)
            if sheet is None:
                silent.append(f"{type(widget).__name__} {widget.objectName()!r} {widget.accessibleName()!r}")
                continue
            seen += 1
            titles = [column.heading for column in sheet.columns]
            assert len(set(titles)) == len(titles), titles
            assert all(titles), titles
            without_unit += [f"{sheet.title}: {heading}" for heading in headings_without_unit(sheet)]
            assert_whole(sheet, window.session)
    assert silent == [], "\n".join(silent)
    assert without_unit == [], "\n".join(without_unit)
    return seen


def headings_without_unit(sheet: Sheet) -> list[str]:
    """Columns of numbers whose unit neither their heading nor a column beside them says."""
    units = [at for at, column in enumerate(sheet.columns) if column.label.startswith("Unit")]
    return [
        column.label
        for at, column in enumerate(sheet.columns)
        if not column.unit
        and column.label not in NO_UNIT
        and not any(unit < at for unit in units)
        and any(isinstance(row[at], float) for row in sheet.rows)
    ]


def assert_whole(sheet: Sheet, session: Any) -> None:
    about = dict(sheet.about)
    assert about["Plan"] == session.plan.plan.name
    assert about["Plan digest"] == digest(session.document.plan)[:12]
    assert about["Market as of"] == session.plan.market.as_of
    assert about["Exported"].startswith("2026-03-24 by Busbar ")
    assert about["Scenario"] == "Base case"
    assert about["Page"]
    assert sheet.rows
    assert all(len(row) == len(sheet.columns) for row in sheet.rows)


def test_that_the_words_are_the_same_in_every_menu(open_session: Any, qtbot: Any) -> None:
    session = open_session(sample("flexible"))
    window = window_on(session, qtbot, "start")
    for page, _ in PAGES:
        window.show_page(page)
        getattr(window.page, "flush", lambda: None)()
        for widget in offering_in(window.page):
            if sheet_from(widget) is None:
                continue
            menu = QMenu(window)
            add_out_actions(menu, widget)
            words = [a.text().partition("\t")[0] for a in menu.actions()]
            is_chart = offer_of(widget).paper is not None
            assert words == ([COPY, "Copy picture", SAVE_CHART] if is_chart else [COPY, SAVE_TABLE]), words


@pytest.mark.parametrize(
    ("page", "find"),
    [
        ("fleet", lambda page: page.lots.table.viewport()),
        ("offers", lambda page: page.deals.grid.viewport()),
        ("power", lambda page: page.bridge),
        ("evidence", lambda page: page.claims.viewport()),
        ("evidence", lambda page: page.table.viewport()),
        ("break_even", lambda page: page.views["price"].canvas),
    ],
)
def test_that_a_context_menu_offers_it(session: Any, qtbot: Any, page: str, find: Any) -> None:
    window = window_on(session, qtbot, page)
    if page == "evidence" and find(window.page) is window.page.table.viewport():
        window.page.tabs.setCurrentIndex(1)
    QApplication.processEvents()
    widget = find(window.page)
    place = widget.rect().center()
    if page == "break_even":
        qtbot.mouseClick(widget.viewport(), Qt.MouseButton.RightButton, pos=place)
    else:
        QApplication.sendEvent(
            widget,
            QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(20, 20), widget.mapToGlobal(QPoint(20, 20))),
        )
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    words = [a.text().partition("\t")[0] for a in menu.actions()]
    menu.close()
    assert COPY in words
    assert SAVE_TABLE in words or SAVE_CHART in words


# --- by keyboard -----------------------------------------------------------------------------------------------------


def test_that_the_table_under_the_keyboard_is_copied_with_headings(window: Any, qtbot: Any) -> None:
    window.show_page("fleet")
    table = window.page.lots.table
    table.setFocus()
    said: list[str] = []
    window.session.message.connect(said.append)
    window.commands.actions["edit.copy_table"].trigger()
    mime = QGuiApplication.clipboard().mimeData()
    lines = mime.text().splitlines()
    assert lines[0].split("\t")[:4] == ["Id", "Model", "Site", "Machines [machines]"]
    assert "Margin/year [USD/MW-year]" in lines[0].split("\t")
    cells = dict(zip(lines[0].split("\t"), lines[1].split("\t"), strict=True))
    exact = window.session.results.by_id["a1"].npv_usd_per_mw
    assert float(cells["NPV [USD/MW]"]) == exact
    assert lines[-8] == "Fleet"
    assert lines[-7] == "Plan: March 2026 briefing"
    assert f'x:num="{exact!r}"' in mime.html()
    assert bytes(mime.data("text/csv")).decode("utf-8-sig").startswith("# Fleet\n# Plan: March 2026 briefing\n")
    assert said[-1] == f"Copied {len(window.session.plan.asic_lots)} rows of Fleet."


def test_that_the_clipboard_has_the_readers_decimal_mark_and_files_have_points(open_session: Any, qtbot: Any) -> None:
    session = open_session(sample("briefing"), "de_DE")
    window = window_on(session, qtbot, "fleet")
    table = window.page.lots.table
    sheet = sheet_from(table)
    assert sheet is not None
    table.setFocus()
    window.commands.actions["edit.copy_table"].trigger()
    mime = QGuiApplication.clipboard().mimeData()
    exact = repr(session.results.by_id["a1"].npv_usd_per_mw)
    assert exact.replace(".", ",") in mime.text()
    assert exact not in mime.text()
    assert exact in bytes(mime.data("text/csv")).decode()


def test_that_without_a_table_under_the_keyboard_it_is_said_what_to_do(window: Any, qtbot: Any) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    window.show_page("offers")
    window.rail.buttons["offers"].setFocus()
    window.commands.actions["file.save_table"].trigger()
    assert said[-1] == NOTHING_HERE


def test_that_a_chart_is_copied_as_picture_and_figures(window: Any, qtbot: Any) -> None:
    window.show_page("break_even")
    view = window.page.views["price"]
    qtbot.waitUntil(lambda: view.canvas is not None and view.canvas.isVisible())
    view.canvas.setFocus()
    window.commands.actions["edit.copy_table"].trigger()
    out_of(window.session).flush()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.hasImage()
    assert mime.text().startswith("BTC price [USD/BTC]\tAntminer S21")
    assert bytes(mime.data("text/csv")).startswith(b"\xef\xbb\xbf# ")
    assert not mime.hasHtml()  # a word processor would take it instead of the picture
    image = QImage(mime.imageData())
    assert (image.width(), image.height()) == (3200, 1800)


def test_that_what_is_copied_last_stays_on_the_clipboard(window: Any, qtbot: Any) -> None:
    window.show_page("break_even")
    out = out_of(window.session)
    out.copy(window.page.views["cash"])
    window.show_page("fleet")
    out.copy(window.page.lots.table)
    out.flush()
    mime = QGuiApplication.clipboard().mimeData()
    assert mime.text().startswith("Id\tModel")
    assert not mime.hasImage()


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def chart(window: Any, qtbot: Any) -> Any:
    window.show_page("break_even")
    return window.page.views["price"]


def saved(widget: QWidget, path: Path) -> Path:
    """What a widget shows, written as the user would have it."""
    found = offer_of(widget)
    sheet = sheet_from(widget)
    assert sheet is not None
    from app.data_out import about_of

    paper = found.paper() if found.paper is not None else None
    out = out_of(found.session)
    out.save(path, sheet, paper, about_of(widget))
    out.flush()
    return path


def test_that_a_picture_is_large_white_and_says_where_it_comes_from(chart: Any, tmp_path: Path) -> None:
    path = saved(chart, tmp_path / "price.png")
    image = QImage(str(path))
    assert (image.width(), image.height()) == (3200, 1800)
    assert image.pixelColor(5, 5).name() == "#ffffff"
    colours = {image.pixel(x, y) for x in range(0, 3200, 7) for y in range(0, 1800, 7)}
    assert len(colours) > 20
    told = image.text("Description")
    assert told.startswith("Plan: March 2026 briefing\nScenario: Base case\nPlan digest: ")
    assert "Page: Break-even" in told


def test_that_the_picture_is_the_same_in_the_dark_theme(chart: Any, tmp_path: Path, qapp: Any) -> None:
    from app import theme

    light = saved(chart, tmp_path / "light.png").read_bytes()
    theme.apply_theme(qapp, "dark", 1.25)
    assert saved(chart, tmp_path / "dark.png").read_bytes() == light


def test_that_a_drawing_is_xml_with_title_axes_and_provenance(chart: Any, tmp_path: Path) -> None:
    root = ElementTree.fromstring(saved(chart, tmp_path / "price.svg").read_bytes())
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert chart.spec.title in texts
    assert chart.spec.x.title in texts
    assert any(t and t.startswith("Plan: March 2026 briefing  ·  Scenario: Base case") for t in texts)
    description = root.find("{http://www.w3.org/2000/svg}desc")
    assert description is not None
    assert "Market as of: 2026-03-21" in (description.text or "")
    # What readers of SVG Tiny, Qt's among them, would leave out or paint over the text.
    assert [e for e in root.iter("{http://www.w3.org/2000/svg}svg") if e is not root] == []
    assert not any("paint-order" in e.attrib for e in root.iter())


def test_that_a_plain_reader_draws_the_curves_and_labels(chart: Any, tmp_path: Path) -> None:
    from PySide6.QtGui import QPainter
    from PySide6.QtSvg import QSvgRenderer

    drawing = QSvgRenderer(str(saved(chart, tmp_path / "price.svg")))
    image = QImage(1280, 720, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    drawing.render(painter)
    painter.end()
    plot = {image.pixelColor(x, y).name() for x in range(200, 1000) for y in range(200, 560)}
    assert "#0072b2" in plot  # the first curve's blue (Okabe and Ito)


def test_that_a_charts_table_reads_back(chart: Any, tmp_path: Path) -> None:
    spec = chart.spec
    text = saved(chart, tmp_path / "price.csv").read_text(encoding="utf-8-sig")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    curves = list(csv.reader(io.StringIO("\n".join(lines[: lines.index("")]))))
    drawn = [s for s in spec.series if not s.ghost]
    assert curves[0][1] == f"{drawn[0].label} [{spec.y.unit}]"
    found = {float(row[0]): float(row[1]) for row in curves[1:] if row[1]}
    assert all(found[x] == y for x, y in zip(drawn[0].x.tolist(), drawn[0].y.tolist(), strict=True))


def test_that_a_heat_map_is_a_grid_and_a_picture(open_session: Any, qtbot: Any, tmp_path: Path) -> None:
    session = open_session(sample("flexible"))
    window = window_on(session, qtbot, "power")
    window.page.hours_picker.setCurrentIndex(window.page.hours_picker.findData("price"))
    window.page._draw()
    heat = window.page.heat
    sheet = sheet_from(heat)
    assert sheet is not None
    assert [c.heading for c in sheet.columns][:2] == ["Day", "00:00 [USD/MWh]"]
    assert sheet.rows[2][1:] == tuple(heat.chart.values[:, 2].tolist())
    ElementTree.fromstring(saved(heat, tmp_path / "heat.svg").read_bytes())
    image = QImage(str(saved(heat, tmp_path / "heat.png")))
    assert (image.width(), image.height()) == (3200, 1800)


def test_that_a_hostile_name_stays_text_in_a_workbook(open_session: Any, qtbot: Any, tmp_path: Path) -> None:
    plan = replaced(sample("briefing"), "asic_lots.a1.model", '=HYPERLINK("http://x","y")')
    plan = replace(plan, plan=replace(plan.plan, name="Q3, =cmd|' /C calc'!A0"))
    window = window_on(open_session(plan), qtbot, "fleet")
    table = window.page.lots.table
    page = openpyxl.load_workbook(saved(table, tmp_path / "fleet.xlsx")).active
    cells = {cell.value: cell for row in page.iter_rows() for cell in row if cell.value is not None}
    assert cells['=HYPERLINK("http://x","y")'].data_type in ("s", "inlineStr")
    assert all(cell.data_type != "f" for cell in cells.values())
    text = saved(table, tmp_path / "fleet.csv").read_text(encoding="utf-8-sig")
    assert all(not cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("name", ["briefing", "flexible", "own-gpus"])
def test_that_exported_records_are_imported_as_they_were(
    open_session: Any, qtbot: Any, tmp_path: Path, name: str, suffix: str
) -> None:
    from app.cli import main
    from models.storage.plan_file import open_plan, save_plan

    plan = sample(name)
    window = window_on(open_session(plan), qtbot, "fleet")
    file = tmp_path / "plan.busbar"
    save_plan(plan, file)
    tables = {"fleet": window.page.lots.table}
    window.show_page("offers")
    tables["offers"] = window.page.offers.table
    for kind, table in tables.items():
        if table.records.records:
            assert main(["import", str(file), kind, str(saved(table, tmp_path / f"{kind}{suffix}"))]) == 0
    back = open_plan(file)
    assert back.asic_lots == plan.asic_lots
    assert back.ai_offers == plan.ai_offers


def test_that_a_place_that_cannot_be_written_is_said_and_nothing_is_left(
    window: Any, qtbot: Any, tmp_path: Path
) -> None:
    window.show_page("fleet")
    table = window.page.lots.table
    saved(table, tmp_path / "nowhere" / "fleet.csv")
    box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
    assert "no such file or folder" in box.text().lower()
    box.close()
    saved(table, tmp_path / "fleet.docx")
    box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
    assert box.text() == "A file that ends in .docx cannot be written here."
    assert "Give it a name that ends in .csv or .xlsx." in box.informativeText()
    box.close()
    out_of(window.session).save_all(tmp_path / "all.csv")
    box = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMessageBox) and w.isVisible())
    assert "Give it a name that ends in .xlsx." in box.informativeText()
    box.close()
    assert list(tmp_path.glob("*.*")) == []


@pytest.mark.parametrize(("page", "suffixes"), [("fleet", OF_TABLES), ("break_even", OF_CHARTS)])
def test_that_the_dialog_offers_formats_and_follows_the_filter(
    window: Any, qtbot: Any, tmp_path: Path, page: str, suffixes: tuple[str, ...]
) -> None:
    window.session.settings.folder = tmp_path
    window.show_page(page)
    widget = window.page.lots.table if page == "fleet" else window.page.views["price"].canvas
    qtbot.waitUntil(widget.isVisible)
    widget.setFocus()
    window.commands.actions["file.save_table"].trigger()
    dialog = window.findChild(QFileDialog, "file_dialog")
    assert [f[-6:-1].split("*")[-1] for f in dialog.nameFilters()] == [*suffixes]
    second = dialog.nameFilters()[1]
    dialog.selectNameFilter(second)
    dialog.filterSelected.emit(second)
    assert Path(dialog.selectedFiles()[0]).suffix == suffixes[1]
    dialog.fileSelected.emit(str(tmp_path / f"out{suffixes[1]}"))
    dialog.close()
    out_of(window.session).flush()
    assert (tmp_path / f"out{suffixes[1]}").stat().st_size > 2000


def test_that_all_tables_go_into_one_workbook(window: Any, qtbot: Any, tmp_path: Path) -> None:
    out = out_of(window.session)
    out.save_all(tmp_path / "all.xlsx")
    out.flush()
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["Per MW", "Monthly cash", "Crossovers", "Power bills", "Findings"]
    rows = list(book["Per MW"].iter_rows(values_only=True))
    at = next(k for k, row in enumerate(rows) if row[0] == "Id")
    npv = rows[at].index("NPV [USD/MW]")
    assert [row[npv] for row in rows[at + 1 :]] == [u.npv_usd_per_mw for u in window.session.results.uses]
    bills = list(book["Power bills"].iter_rows(values_only=True))
    at = next(k for k, row in enumerate(bills) if row[0] == "Who pays")
    total = bills[at].index("Total [USD/MW]")
    paid = [row[total] for row in bills[at + 1 :] if str(row[0]).startswith("Antminer S21,")]
    power = window.session.results.by_id["a1"].cash.power
    assert paid == pytest.approx((-power).tolist())


# --- the document ----------------------------------------------------------------------------------------------------


def test_that_the_document_on_the_plan_file_can_be_read_in_the_window(window: Any, qtbot: Any) -> None:
    window.commands.actions["help.plan_file"].trigger()
    sheet = window.findChild(QWidget, "document_sheet")
    assert sheet.isVisible()
    assert sheet.windowTitle() == "The plan file, for those who query it"
    text = sheet.text.toPlainText()
    assert "break_even_hashprice_usd_per_ph_day" in text
    assert "SELECT p.name" in text
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.findChild(QWidget, "document_sheet") is None


# --- dialogs and panels ----------------------------------------------------------------------------------------------


def test_that_an_explanation_is_copied_with_exact_numbers_and_sources(window: Any, qtbot: Any) -> None:
    window.explain("uses.a1.margin_usd_per_mw_year")
    panel = window.explain_panel
    sheet = sheet_from(panel.tree)
    assert sheet is not None
    heads = [c.label for c in sheet.columns]
    assert heads == ["Depth", "What", "Unit", "Value", heads[4], "Day", "Age", "Address", "Note"]
    assert sheet.rows[0][3] == window.session.results.by_id["a1"].margin_usd_per_mw_year
    assert dict(sheet.about)["Page"] == "Explain"
    keys = {action.shortcut().toString(): action for action in panel.tree.actions()}
    keys["Ctrl+Shift+C"].trigger()
    assert QGuiApplication.clipboard().text().startswith("Depth\tWhat\tUnit\tValue")
    panel.close()


def test_that_the_months_of_an_explanation_are_exported_whole(window: Any, qtbot: Any) -> None:
    window.explain("uses.a1.npv_usd_per_mw")
    panel = window.explain_panel
    sheet = sheet_from(panel.months)
    assert sheet is not None
    assert len(sheet.rows) >= window.session.plan.plan.horizon_months
    headings = [c.heading for c in sheet.columns]
    assert headings[:3] == ["Month", "Months", "Revenue [USD/MW]"]
    assert headings[-1] == "Present value [USD/MW]"
    worth = sum(row[-1] for row in sheet.rows if isinstance(row[-1], float))
    assert worth == pytest.approx(window.session.results.by_id["a1"].npv_usd_per_mw)
    panel.close()


def test_that_the_catalogue_is_exported_as_it_was_searched(window: Any, qtbot: Any) -> None:
    window.show_page("fleet")
    window.page.open_catalogue()
    picker = window.page._picker
    picker.search.setText("s21 pro")
    sheet = sheet_from(picker.grid)
    assert sheet is not None
    assert [c.heading for c in sheet.columns][:4] == ["Machine", "Efficiency [J/TH]", "Hashrate [TH/s]", "Power [W]"]
    assert len(sheet.rows) == len(picker.model.rows) > 0
    assert all("S21 Pro" in str(row[0]) for row in sheet.rows[:3])
    assert sheet.rows[0][2] == picker.model.rows[0].hashrate_th_per_s
    picker.close()


def test_that_findings_are_exported_with_rule_and_place(window: Any, qtbot: Any) -> None:
    sheet = sheet_from(window.findings)
    assert sheet is not None
    found = window.session.findings
    assert sorted(str(row[3]) for row in sheet.rows) == sorted(f.code for f in found)
    assert dict(sheet.about)["Page"] == "Findings"


def test_that_a_scenarios_changes_are_exported_beside_what_they_would_inherit(window: Any, qtbot: Any) -> None:
    window.show_page("scenarios")
    scenario = next(s for s in window.session.document.plan.scenarios if s.name == "BTC $120,000")
    window.page.tree.choose(scenario.id)
    tree = window.page.changes.tree
    sheet = sheet_from(tree)
    assert sheet is not None
    price = next(row for row in sheet.rows if row[-1] == "market.btc_price_usd")
    assert price[2:4] == (70168.57, 120_000.0)
