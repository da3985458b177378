"""The evidence page: sources typed and pasted as undo steps, filters, jumps, and the briefing's figures reckoned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app import theme
from app.evidence_table import FIELDS, OLDER, WITHOUT_SOURCE
from models.plan import Scenario


@pytest.fixture
def page(window: Any) -> Any:
    """The page in a window on the briefing, on 1 May 2026."""
    window.session.today = date(2026, 5, 1)
    window.show_page("evidence")
    return window.page


def cell(page: Any, path: str, column: int) -> str:
    model = page.table.entries
    return str(model.index(model.row_of(path), column).data() or "")


def put(page: Any, path: str, column: int, text: str) -> bool:
    model = page.table.entries
    return bool(model.setData(model.index(model.row_of(path), column), text))


def test_that_the_briefings_figures_come_first_and_two_do_not_add_up(page: Any) -> None:
    assert page.tabs.currentIndex() == 0
    rows = [[page.claims.item(r, c).text() for c in range(4)] for r in range(page.claims.rowCount())]
    assert rows[0] == ["Average block time 12 min 36 s", "12 min 36 s", "10 min 50 s", "does not add up"]
    assert rows[1][1:] == ["$40.00/PH/day", "$37.97/PH/day", "does not add up"]
    assert [r[3] for r in rows].count("holds") == 3


def test_that_a_claim_is_explained_by_its_formula(page: Any, window: Any) -> None:
    window.explain("derived.claim.e6")
    assert window.explain_panel.figure.text() == "Average block time that the change means: 650\u00a0s"
    assert window.explain_panel.formula.text().startswith("600 ÷ (1 + change of difficulty)")


def test_that_no_number_and_no_date_is_cut(page: Any, window: Any) -> None:
    page.tabs.setCurrentIndex(1)
    longest = put(page, "sites.s1.mining_pue", 4, "2026-04-28")
    window.session.set_value("assumptions.overhead_usd_per_mw_year", 9_876_543.0)
    assert longest
    cut = [
        cell(page, entry.path, column)
        for entry in page.table.entries.entries
        for column in (1, 4)
        if page.table.fontMetrics().horizontalAdvance(cell(page, entry.path, column)) + 12
        > page.table.columnWidth(column)
    ]
    assert cut == []


@pytest.mark.parametrize("width", [820, 1400, 2400])
def test_that_what_was_checked_is_read_whole_at_every_width(page: Any, window: Any, width: int) -> None:
    window.resize(width + 460, 900)
    QApplication.processEvents()
    table = page.claims
    right = sum(table.columnWidth(column) for column in range(5))
    assert right <= table.viewport().width()
    for row in range(table.rowCount()):
        for column in range(5):
            room = table.columnWidth(column) - 18
            text = table.item(row, column).text()
            box = table.fontMetrics().boundingRect(0, 0, room, 10_000, int(Qt.TextFlag.TextWordWrap), text)
            assert box.height() <= table.rowHeight(row), text
            assert box.width() <= room, text


def test_that_verdicts_take_the_colours_of_another_theme(page: Any, qapp: Any) -> None:
    before = page.claims.item(0, 3).foreground().color().name()
    try:
        theme.apply_theme(qapp, "dark")
        assert page.claims.item(0, 3).foreground().color().name() == theme.DARK.negative != before
    finally:
        theme.apply_theme(qapp, "light")


def test_that_days_are_in_sight_and_wide_windows_show_names_whole(page: Any, window: Any) -> None:
    page.tabs.setCurrentIndex(1)
    table = page.table
    window.resize(1280, 800)
    QApplication.processEvents()
    assert sum(table.columnWidth(column) for column in range(5)) <= table.viewport().width()
    window.resize(2560, 1400)
    QApplication.processEvents()
    names = [cell(page, entry.path, 0) for entry in table.entries.entries]
    assert max(map(table.fontMetrics().horizontalAdvance, names)) + 12 <= table.columnWidth(0)
    assert table.horizontalScrollBar().maximum() == 0


def test_that_a_source_typed_in_a_row_is_one_named_step(page: Any, window: Any) -> None:
    path = "sites.s1.mining_pue"
    assert cell(page, path, 3).startswith("default: assumption")
    assert put(page, path, 3, "Own meter, April")
    assert put(page, path, 4, "2026-04-20")
    assert (cell(page, path, 3), cell(page, path, 2)) == ("Own meter, April", "11")
    document = window.session.document
    assert document.undo_stack.undoText() == "Source of Mining PUE, Prairie Creek"
    line = next(e for e in document.plan.evidence if e.path == path)
    assert (line.source, line.date) == ("Own meter, April", "2026-04-20")
    document.undo()
    document.undo()
    assert cell(page, path, 3).startswith("default: assumption")
    assert all(e.path != path for e in document.plan.evidence)


def test_that_a_day_that_is_none_is_refused_in_a_sentence(page: Any, window: Any) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    assert not put(page, "market.difficulty", 4, "yesterday")
    assert said == ["Difficulty: Date: 'yesterday' is not a date; write it as 2026-03-21."]
    assert cell(page, "market.difficulty", 4) == "2026-03-21"


def test_that_a_block_is_pasted_as_one_step_or_not_at_all(page: Any, window: Any) -> None:
    table, model = page.table, page.table.entries
    first, second = model.entries[0].path, model.entries[1].path
    table.go(model.index(0, 3))
    table.paste_block("Desk\t2026-04-30\thttps://a.example\nDesk 2\t2026-04-29\n")
    assert [cell(page, first, c) for c in (3, 4, 5)] == ["Desk", "2026-04-30", "https://a.example"]
    assert [cell(page, second, c) for c in (3, 4)] == ["Desk 2", "2026-04-29"]
    assert window.session.document.undo_stack.undoText() == "Sources of 2 inputs"
    before = window.session.document.plan
    table.paste_block("Desk 3\tsoon")
    assert window.session.document.plan is before
    table.go(model.index(0, 0))
    table.paste_block("X")
    assert window.session.document.plan is before


def test_that_filters_and_search_leave_what_fits(page: Any) -> None:
    model = page.table.entries
    whole = model.rowCount()
    page._filter(which=WITHOUT_SOURCE)
    assert 0 < model.rowCount() < whole
    assert all(not e.source for e in model.entries)
    page._filter(which=OLDER)
    assert all(e.age_days > 45 for e in model.entries)
    page._filter(which="all")
    page.search.setText("hut 8 river bend")
    assert [e.path for e in model.entries] == ["ai_offers.o1.rent_usd_per_it_kw_month"]
    page.jump_to("market.difficulty")
    assert model.rowCount() == whole
    assert page.table.currentIndex().row() == model.row_of("market.difficulty")


def test_that_a_double_click_on_the_name_goes_to_the_field(page: Any, window: Any) -> None:
    model = page.table.entries
    page.table.doubleClicked.emit(model.index(model.row_of("asic_lots.a2.pool_fee_fraction"), 0))
    assert window.page.name == "fleet"


def test_that_a_source_belongs_to_the_plan_also_while_a_scenario_is_on_show(page: Any, window: Any) -> None:
    window.session.show_scenario("bull")
    assert put(page, "market.difficulty", 3, "Own node")
    plan = window.session.document.plan
    assert next(e for e in plan.evidence if e.path == "market.difficulty").source == "Own node"
    assert all("evidence" not in path for s in plan.scenarios for path, _ in s.overrides)


def test_that_only_the_evidence_can_be_edited_and_cells_are_copied(page: Any) -> None:
    model, table = page.table.entries, page.table
    editable = {c for c in range(model.columnCount()) if model.flags(model.index(0, c)) & Qt.ItemFlag.ItemIsEditable}
    assert editable == set(FIELDS)
    table.choose("market.difficulty")
    table.copy_selection()
    assert QGuiApplication.clipboard().text() == "Blockto"
    page.copy_claims()
    assert QGuiApplication.clipboard().text().startswith("What it says\tIt states\tReckoned\tVerdict")


def test_that_ages_have_their_colours(page: Any) -> None:
    from app import theme

    model = page.table.entries
    row = model.row_of("market.difficulty")
    assert model.index(row, 2).data() == "41"
    assert model.index(row, 2).data(Qt.ItemDataRole.ForegroundRole) == theme.tokens().color("warning")


def test_that_typing_into_a_row_goes_down_with_enter(page: Any, window: Any, qtbot: Any) -> None:
    from PySide6.QtWidgets import QLineEdit

    page.tabs.setCurrentIndex(1)
    table = page.table
    table.choose("sites.s1.mining_pue")
    table.setFocus()
    row = table.currentIndex().row()
    qtbot.keyClicks(table, "O")
    editor = table.viewport().findChild(QLineEdit)
    qtbot.keyClicks(editor, "wn meter")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert cell(page, "sites.s1.mining_pue", 3) == "Own meter"
    assert (table.currentIndex().row(), table.currentIndex().column()) == (row + 1, 3)
    assert window.session.document.undo_stack.count() == 1


def test_that_a_value_set_in_a_scenario_shows_no_source_of_the_plans(page: Any, window: Any) -> None:
    session, said = window.session, []
    session.message.connect(said.append)
    page.tabs.setCurrentIndex(1)
    before = [cell(page, "market.btc_price_usd", column) for column in (2, 3, 4)]
    assert before == ["41", "March 2026 briefing on miners and AI", "2026-03-21"]
    session.show_scenario("bull")
    name = next(s.name for s in session.document.plan.scenarios if s.id == "bull")
    assert [cell(page, "market.btc_price_usd", c) for c in (2, 3, 4, 5)] == ["", f"set in scenario {name}", "", ""]
    plan = session.document.plan
    assert not put(page, "market.btc_price_usd", 3, "Kraken")
    assert session.document.plan is plan
    assert said[-1].startswith(f"BTC price is set in scenario {name}")
    session.show_scenario("base")
    assert [cell(page, "market.btc_price_usd", column) for column in (2, 3, 4)] == before


def test_that_what_a_scenario_sets_is_not_the_oldest_driver(page: Any, window: Any) -> None:
    session = window.session
    page.tabs.setCurrentIndex(1)
    put(page, "market.difficulty", 4, "2026-01-02")
    assert "difficulty, 119 days" in window.header.age.text()
    session.edit_base("Scenario", replace(session.plan, scenarios=(Scenario("c9", "Hard"),)))
    session.show_scenario("c9")
    assert "difficulty, 119 days" in window.header.age.text()
    session.set_value("market.difficulty", 150e12)
    assert "difficulty" not in window.header.age.text()
    assert "Difficulty" not in page.head.about.text()
