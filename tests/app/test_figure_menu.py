"""No number without its explanation: every page of two samples is walked, and what shows a number is asked for it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QTabBar,
    QWidget,
)

from app.explained import explanation_of
from app.figure_menu import EXPLAIN, SENTENCE, add_figure_actions, figure_path_at, is_figure
from app.shell.commands import PAGES
from models.explain import explain
from models.samples import sample
from models.scenarios import BASE

DIGIT = re.compile(r"\d")
ALLOWED = {
    "start": "what the samples and recent files are, in words",
}
"""Pages whose numbers are words about something else."""
NO_FIGURE = ("header.name",)
"""The plan's own name may hold a year."""
ABOUT_THE_PAGE = ("Its figures, reckoned", "Source, address, date and note")
"""Sentences under a title that name a key, a limit, or a count of the page's own."""


def numbers_on(page: QWidget) -> Iterator[tuple[QWidget, QPoint, str]]:
    """Every visible text with a digit in it: whose it is, where in it, and the text."""
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or widget.objectName() in NO_FIGURE:
            continue
        if isinstance(widget, QLabel):
            if DIGIT.search(widget.text()) and not _is_of_other(widget):
                yield widget, widget.rect().center(), widget.text()
        elif isinstance(widget, QLineEdit):
            if DIGIT.search(widget.text()) and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox):
                yield widget, widget.rect().center(), widget.text()
        elif isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView | QListView):
            yield from _cells(widget)


def _is_of_other(label: QLabel) -> bool:
    """Units ("$/MWh" has none, "H100" does), names of records in titles, and sentences that explain a rule."""
    role = label.property("role")
    counts = re.match(r"\d+ (scenarios? beside|pages? ·)", label.text())
    if label.text().startswith(ABOUT_THE_PAGE) or counts:
        return True
    return role in ("title", "section", "unit") and label.property("explains") is None


def _cells(view: QAbstractItemView) -> Iterator[tuple[QWidget, QPoint, str]]:
    model = view.model()
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            index = model.index(row, column)
            area, text = view.visualRect(index), str(index.data() or "")
            inside = view.viewport().rect().contains(area.center())
            if DIGIT.search(text) and inside and index.data(Qt.ItemDataRole.TextAlignmentRole) is not None:
                yield view, view.viewport().mapTo(view, area.center()), text


def _areas(window: Any, qtbot: Any) -> Iterator[QWidget]:
    """Everything around a page, and the page under each of its tabs."""
    yield from (window.header, window.levers, window.findings, window.page)
    for bar in [bar for bar in window.page.findChildren(QTabBar) if bar.isVisible()]:
        for place in range(bar.count()):
            bar.setCurrentIndex(place)
            qtbot.wait(20)
            getattr(window.page, "flush", lambda: None)()
            yield window.page


@pytest.mark.parametrize("name", ["briefing", "flexible"])
def test_that_every_number_on_every_page_can_be_explained(
    open_session: Any, qtbot: Any, name: str, subtests: pytest.Subtests
) -> None:
    from app.shell.window import Window

    session = open_session(sample(name))
    window = Window(session)
    qtbot.addWidget(window, before_close_func=lambda w: setattr(w.files, "_closing", True))
    window.resize(1600, 1000)
    window.show_page(PAGES[0][0])
    window.show()
    qtbot.waitExposed(window)
    window.findings.set_expanded(True)
    window.findings.refresh()
    explained: set[str] = set()
    for page, _ in PAGES:
        with subtests.test(page):
            window.show_page(page)
            QApplication.processEvents()
            getattr(window.page, "flush", lambda: None)()
            asked, silent = set(), []
            for area in _areas(window, qtbot):
                for widget, point, text in numbers_on(area):
                    path = figure_path_at(widget, point)
                    if path is None:
                        silent.append(f"{type(widget).__name__} {widget.objectName()!r}: {text[:70]!r}")
                    else:
                        asked.add(path)
            for path in asked - explained:
                explanation_of(session, path)  # a path that leads nowhere would raise
            explained |= asked
            for figure in window.header.figures:
                assert (
                    figure.path is None or explain(session.plan, session.results, figure.path, session.today).root.label
                )
            if page not in ALLOWED:
                assert silent == [], "\n".join(silent)
                assert page in ("memo", "start") or asked


def test_that_f8_explains_the_cell_under_the_keyboard(window: Any, qtbot: Any) -> None:
    window.show_page("fleet")
    table = window.page.lots.table
    table.setFocus()
    table.go(table.records.index(0, table.records.column_of("margin_usd_per_mw_year")))
    qtbot.keyClick(table, Qt.Key.Key_F8)
    assert window.explain_panel.path == "uses.a1.margin_usd_per_mw_year"


def test_that_f8_without_a_number_says_what_to_do(window: Any, qtbot: Any) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    window.rail.buttons["start"].setFocus()
    window.commands.actions["view.explain"].trigger()
    assert said[-1] == "Put the keyboard on a number first, or use its context menu."
    assert window.explain_panel is None


def test_that_a_double_click_on_a_headline_explains_it(window: Any, qtbot: Any) -> None:
    qtbot.mouseDClick(window.header.figures[1], Qt.MouseButton.LeftButton)
    assert window.explain_panel.isVisible()
    assert window.explain_panel.path == "uses.a1.margin_usd_per_mw_year"


def test_that_a_curve_explains_the_figure_that_it_draws(window: Any, qtbot: Any) -> None:
    window.show_page("break_even")
    view = window.page.views["price"]
    window.page.price_basis_picker.setCurrentIndex(window.page.price_basis_picker.findData("margin"))
    window.page._choose_price_basis()
    qtbot.waitUntil(lambda: view.canvas is not None and view.canvas.geometry_of.is_set)
    qtbot.wait(20)
    canvas = view.canvas
    spec = view.spec
    series = next(s for s in spec.series if s.id == "a2" and not s.ghost)
    at = len(series.x) * 3 // 4
    x, y = canvas.geometry_of.to_pixel(float(series.x[at]), float(series.y[at]))
    assert view.path_at(canvas.mapTo(view, QPoint(int(x), int(y)))) == "uses.a2.margin_usd_per_mw_year"
    mark = spec.marks[0]
    x, y = canvas.geometry_of.to_pixel(mark.x, mark.y)
    path = view.path_at(canvas.mapTo(view, QPoint(int(x), int(y))))
    assert path == f"crossovers.{mark.id.replace('/', '.')}.margin.btc_price_usd"
    actions = [a.text() for a in view.menu(canvas.mapTo(view, QPoint(int(x), int(y)))).actions()]
    assert actions[0] == f"{EXPLAIN}\tF8"


def test_that_the_menu_of_an_input_does_not_offer_to_solve_for_it(window: Any) -> None:
    menu = QMenu(window)
    add_figure_actions(menu, window.session, "market.btc_price_usd")
    assert [a.text() for a in menu.actions()] == [f"{EXPLAIN}\tF8", SENTENCE]
    assert is_figure("crossovers.a1.o1.npv.btc_price_usd")
    assert not is_figure("pairs.a1.o1.npv_usd_per_mw")
    assert window.session.scenario_id == BASE


@pytest.mark.parametrize("place", range(4))
def test_that_f8_explains_the_headline_that_was_clicked(window: Any, qtbot: Any, place: int) -> None:
    """The click shows the break-even page; the keyboard stays with the figure."""
    window.show_page("fleet")
    window.activateWindow()
    figure = window.header.figures[place]
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
    assert window.page.name == "break_even"
    assert window.focusWidget() is figure
    window.commands.actions["view.explain"].trigger()
    assert window.explain_panel.path == figure.path
    window.explain_panel.close()
    figure.setFocus(Qt.FocusReason.TabFocusReason)
    window.explain_panel.path = ""
    window.commands.actions["view.explain"].trigger()
    assert window.explain_panel.path == figure.path


def test_that_a_finding_explains_what_its_sentence_speaks_of(window: Any, qtbot: Any) -> None:
    window.findings.refresh()
    bar = window.findings
    bar.set_expanded(False)
    assert figure_path_at(bar.first, bar.first.rect().center()) is not None
    bar.set_expanded(True)
    paths = {row.finding.code: figure_path_at(row, row.rect().center()) for row in bar.rows}
    assert paths["returns.no_irr"].endswith(".irr_fraction")
    never = next(row for row in bar.rows if row.finding.code == "mining.never_runs")
    never.show_button.setFocus()
    window.commands.actions["view.explain"].trigger()
    assert window.explain_panel.path == f"uses.{never.finding.path.split('.')[1]}.revenue_usd_per_mw_year"


def test_that_the_age_of_the_oldest_driver_is_explained(window: Any) -> None:
    age = window.header.age
    path = figure_path_at(age, age.rect().center())
    assert path == "market.difficulty.age_days"
    root = explanation_of(window.session, path).root
    assert f", {root.value:.0f} days" in age.text()
