"""The scenarios page as a person uses it: tree, own values and their way back, comparison, charts, bridge."""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QInputDialog

from app import theme
from app.compared_cells import comparison_of
from app.compared_figures import kinds_of_figures, paths_of
from app.explained import explanation_of
from app.figure_menu import figure_path_at
from app.pages.scenarios import ScenariosPage
from models.charts.scenarios import CURVES
from models.compare.columns import columns_of
from models.evaluate import evaluate
from models.figures import figure
from models.plan import Scenario
from models.samples import sample, template
from models.scenarios import BASE, plan_for, scenario_name
from models.sentences import within

PRICE = "market.btc_price_usd"
ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"
PLAN = dataclasses.replace(
    sample("briefing"),
    scenarios=(
        Scenario("c1", "Bull", ((PRICE, 120_000.0), (ENERGY, 45.0))),
        Scenario("c2", "Bull, dear power", ((ENERGY, 70.0),), "c1"),
        Scenario("c3", "Bear", ((PRICE, 50_000.0),)),
    ),
)


@pytest.fixture
def page(open_session: Any, show: Any) -> Iterator[ScenariosPage]:
    found = show(ScenariosPage(open_session(PLAN)), 1100, 800)
    found.session.results_changed.connect(found.refresh)
    found.refresh()
    found.flush()
    yield found
    found.flush()


def type_name(widget: Any, name: str) -> None:
    (dialog,) = [d for d in widget.findChildren(QInputDialog, "scenario_name") if d.isVisible()]
    dialog.setTextValue(name)
    dialog.accept()


def scenario(page: ScenariosPage, scenario_id: str) -> Scenario:
    return next(s for s in page.session.document.plan.scenarios if s.id == scenario_id)


def undo_text(page: ScenariosPage) -> str:
    return str(page.session.document.undo_stack.undoText())


# --- the tree


def test_that_children_stand_below_their_parents_and_the_base_at_the_root(page: ScenariosPage) -> None:
    bull = page.tree.item_of("c1")
    assert bull.parent().text(0) == "Base case"
    assert page.tree.item_of("c2").parent() is bull
    assert page.tree.ticked_ids == (BASE, "c1", "c2", "c3")


def test_that_a_double_click_and_enter_put_a_scenario_on_show(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.itemDoubleClicked.emit(page.tree.item_of("c3"), 0)
    assert page.session.scenario_id == "c3"
    assert "Bear is on show" in page.head.about.full_text()
    page.tree.choose("c2")
    qtbot.keyClick(page.tree, Qt.Key.Key_Return)
    assert page.session.scenario_id == "c2"


def test_that_a_scenario_is_renamed_in_its_row(page: ScenariosPage) -> None:
    page.tree.item_of("c3").setText(0, "Winter")
    assert scenario(page, "c3").name == "Winter"
    assert undo_text(page) == "Rename Bear"
    page.session.document.undo()
    assert page.tree.item_of("c3").text(0) == "Bear"
    page.tree.item_of("c3").setText(0, "  ")
    assert page.tree.item_of("c3").text(0) == "Bear"


def test_that_keys_add_duplicate_and_delete(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.setFocus()
    page.tree.choose("c2")
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.tree, Qt.Key.Key_D, control_shift)
    copy = page.session.document.plan.scenarios[2]
    assert (copy.name, copy.parent_id, copy.overrides) == ("Bull, dear power (2)", "c1", ((ENERGY, 70.0),))
    assert page.session.scenario_id == copy.id
    assert page.tree.chosen_id == copy.id
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    assert [s.id for s in page.session.document.plan.scenarios] == ["c1", "c2", "c3"]
    page.tree.choose("c1")
    qtbot.keyClick(page.tree, Qt.Key.Key_N, control_shift)
    type_name(page, "Bull and late")
    assert page.session.document.plan.scenarios[-1].parent_id == "c1"


def test_that_a_deleted_parent_leaves_its_values_to_its_children(page: ScenariosPage) -> None:
    page.does.delete("c1")
    assert undo_text(page) == "Delete Bull"
    assert dict(scenario(page, "c2").overrides) == {PRICE: 120_000.0, ENERGY: 70.0}
    page.session.document.undo()
    assert page.session.document.plan == PLAN


def test_that_another_parent_is_chosen_and_never_one_that_inherits_from_it(page: ScenariosPage, qtbot: Any) -> None:
    page.does.move("c2", "c3")
    assert scenario(page, "c2").parent_id == "c3"
    assert page.tree.item_of("c2").parent().text(0) == "Bear"
    assert undo_text(page) == "Put Bull, dear power under Bear"
    with qtbot.waitSignal(page.session.message) as said:
        page.does.move("c3", "c2")
    assert "cannot inherit" in said.args[0]
    assert scenario(page, "c3").parent_id is None


def test_that_a_ticked_scenario_is_compared_and_an_unticked_one_is_not(page: ScenariosPage) -> None:
    page.tree.item_of("c1").setCheckState(0, Qt.CheckState.Unchecked)
    page.flush()
    assert [c.id for c in page.matrix.matrix.columns] == [BASE, "c2", "c3"]
    assert undo_text(page) == ""


def test_that_a_stress_pack_becomes_a_scenario_under_the_chosen_one(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.choose("c3")
    action = next(a for a in page.packs.actions() if a.text() == "Difficulty +30 %")
    with qtbot.waitSignal(page.session.message) as said:
        action.trigger()
    made = page.session.document.plan.scenarios[-1]
    assert (made.name, made.parent_id) == ("Difficulty +30 %", "c3")
    assert page.session.scenario_id == made.id
    assert "1 value changed" in said.args[0]
    page.session.document.undo()
    assert page.session.document.plan == PLAN


def test_that_a_pack_without_effect_says_so_and_adds_nothing(page: ScenariosPage, qtbot: Any) -> None:
    action = next(a for a in page.packs.actions() if a.text() == "Halving without price response")
    with qtbot.waitSignal(page.session.message) as said:
        action.trigger()
    assert "changes nothing here" in said.args[0]
    assert page.session.document.plan == PLAN


def test_that_the_menu_offers_what_can_be_done(page: ScenariosPage) -> None:
    page.tree.choose(BASE)
    menu = page.tree.menu()
    assert "Delete" not in [a.text() for a in menu.actions()]
    menu.deleteLater()
    page.tree.choose("c2")
    menu = page.tree.menu()
    texts = [a.text() for a in menu.actions()]
    assert {"Rename", "Duplicate", "Put under", "Delete", "Revert all its values", "Move its values to Bull"} <= set(
        texts
    )
    next(a for a in menu.actions() if a.text() == "Move its values to Bull").trigger()
    assert dict(scenario(page, "c1").overrides)[ENERGY] == 70.0
    assert scenario(page, "c2").overrides == ()
    assert undo_text(page) == "Move values of Bull, dear power to Bull"
    menu.deleteLater()


# --- what a scenario changes


def test_that_own_values_stand_beside_what_would_be_inherited(page: ScenariosPage) -> None:
    page.tree.choose("c2")
    assert page.changes.tree.lines == [("Energy price", "$45.00/MWh", "$70.00/MWh")]
    assert page.changes.heading.full_text() == "Bull, dear power changes 1 value"
    assert page.changes.tree.headerItem().text(1) == "In Bull"
    page.tree.choose(BASE)
    assert not page.changes.tree.isVisible()
    assert "base case is the plan itself" in page.changes.sentence.text()


def test_that_a_value_a_record_and_everything_go_back_by_key_and_button(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.choose("c1")
    tree = page.changes.tree
    assert [line[0] for line in tree.lines] == ["BTC price", "Energy price"]
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    tree.setFocus()
    qtbot.keyClick(tree, Qt.Key.Key_Delete)
    assert dict(scenario(page, "c1").overrides) == {ENERGY: 45.0}
    assert undo_text(page) == "Revert BTC price"
    page.session.document.undo()
    section = tree.topLevelItem(1)
    tree.itemWidget(section, 3).click()
    assert dict(scenario(page, "c1").overrides) == {PRICE: 120_000.0}
    page.session.document.undo()
    page.changes.revert_button.click()
    assert scenario(page, "c1").overrides == ()
    assert undo_text(page) == "Revert Bull"
    assert not page.changes.revert_button.isEnabled()


def test_that_the_list_is_copied_with_its_headings(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.choose("c2")
    page.changes.tree.setFocus()
    qtbot.keyClick(page.changes.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().splitlines()
    assert lines == ["Input\tIn Bull\tHere", "Energy price\t$45.00/MWh\t$70.00/MWh"]


def test_that_enter_goes_to_the_field_in_that_scenario(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.choose("c2")
    tree = page.changes.tree
    tree.setCurrentItem(tree.topLevelItem(0).child(0))
    tree.setFocus()
    with qtbot.waitSignal(page.session.selection_requested) as asked:
        qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert asked.args == [ENERGY]
    assert page.session.scenario_id == "c2"


def test_that_own_and_inherited_values_explain_themselves(page: ScenariosPage) -> None:
    page.tree.choose("c2")
    tree = page.changes.tree
    line = tree.topLevelItem(0).child(0)
    area = tree.visualItemRect(line)
    values = []
    for column in (1, 2):
        x = tree.columnViewportPosition(column) + 5
        path = figure_path_at(tree, tree.viewport().mapTo(tree, QPoint(x, area.center().y())))
        root = explanation_of(page.session, path).root
        values.append((root.value, root.source))
    assert values == [(45.0, "set in scenario Bull"), (70.0, "set in scenario Bull, dear power")]
    head = tree.visualItemRect(tree.topLevelItem(0)).center()
    assert figure_path_at(tree, tree.viewport().mapTo(tree, head)) is None


def test_that_a_value_of_a_deleted_record_is_shown_and_can_go(open_session: Any, show: Any) -> None:
    plan = dataclasses.replace(
        PLAN, ai_offers=(), scenarios=(Scenario("c1", "x", (("ai_offers.o1.term_months", 24),)),)
    )
    page = show(ScenariosPage(open_session(plan)))
    page.tree.choose("c1")
    assert page.changes.tree.lines[0][2] == "its record is gone"
    page.changes.revert_button.click()
    assert scenario(page, "c1").overrides == ()
    page.flush()


# --- side by side


def test_that_the_table_shows_every_scenarios_own_figures(page: ScenariosPage) -> None:
    matrix, table = page.matrix.matrix, page.matrix.table.texts
    assert table.headings == (
        "Figure", "Base case", "Bull", "± baseline", "Bull, dear power", "± baseline", "Bear", "± baseline",
    )  # fmt: skip
    place = next(n for n, row in enumerate(matrix.rows) if row.path == "uses.a1.npv_usd_per_mw")
    for column, item in ((1, None), (2, PLAN.scenarios[0]), (4, PLAN.scenarios[1]), (6, PLAN.scenarios[2])):
        shown = plan_for(PLAN, item)
        value = figure(shown, evaluate(shown), "uses.a1.npv_usd_per_mw").value
        assert float(table.rows[place][column].full) == pytest.approx(value, rel=1e-9)
    assert table.rows[place][3].text.endswith("▲")
    assert table.rows[place][7].text.endswith("▼")
    assert table.rows[place][3].ink == "positive"


def test_that_the_baseline_can_be_another_scenario(page: ScenariosPage) -> None:
    page.baseline.setCurrentIndex(page.baseline.findData("c1"))
    page.baseline.activated.emit(page.baseline.currentIndex())
    page.flush()
    assert page.matrix.table.texts.headings[1:4] == ("Base case", "± baseline", "Bull")
    assert page.matrix.matrix.baseline == 1


def test_that_another_market_is_said_above_the_table(page: ScenariosPage) -> None:
    assert "Bull and Base case rest on different markets" in page.matrix.notes.text()
    assert "So do 2 more" in page.matrix.notes.text()
    assert "Bear and Base case" in page.matrix.notes.toolTip()
    page.tree.item_of("c1").setCheckState(0, Qt.CheckState.Unchecked)
    page.tree.item_of("c2").setCheckState(0, Qt.CheckState.Unchecked)
    page.tree.item_of("c3").setCheckState(0, Qt.CheckState.Unchecked)
    page.flush()
    assert page.matrix.notes.isHidden()


def test_that_other_figures_are_compared_when_ticked(page: ScenariosPage) -> None:
    action = next(a for a in page.matrix.figures_menu.actions() if a.text() == "IRR")
    action.trigger()
    page.flush()
    assert any("IRR" in row[0].text for row in page.matrix.table.texts.rows)
    action.trigger()
    page.flush()
    assert not any("IRR" in row[0].text for row in page.matrix.table.texts.rows)


def test_that_every_kind_of_figure_can_be_asked_for() -> None:
    columns = columns_of(PLAN, (BASE,))
    kinds = tuple(kinds_of_figures())
    paths = paths_of(kinds, columns[0])

    def kind_of(path: str) -> str:
        parts = path.split(".")
        return ".".join((parts[0], *parts[-2:]) if parts[0] == "crossovers" else (parts[0], parts[-1]))

    assert {kind_of(path) for path in paths} == set(kinds)


def test_that_a_difference_in_the_table_explains_itself_and_not_the_figure_at_its_end(page: ScenariosPage) -> None:
    table, matrix = page.matrix.table, page.matrix.matrix
    place = next(n for n, c in enumerate(matrix.columns) if c.id == "c2")
    column = next(n for n, h in enumerate(table.texts.headings) if h == "Bull, dear power") + 1
    seen = 0
    for number, row in enumerate(matrix.rows):
        path = table.texts.lines[number].cells[column].path
        root = explanation_of(page.session, path).root
        if row.kind is not None:
            assert root.value == pytest.approx(row.delta(place, matrix.baseline), rel=1e-9, abs=1e-6, nan_ok=True)
            assert math.isfinite(root.value) or root.reason
            assert root.label.endswith(", Bull, dear power less Base case")
            seen += 1
    assert seen > 5


def test_that_crossovers_are_compared_and_those_out_of_reach_say_so(page: ScenariosPage) -> None:
    (crossovers,) = (a.menu() for a in page.matrix.figures_menu.actions() if a.menu() is not None)
    next(a for a in crossovers.actions() if a.text() == "Crossover BTC price, on NPV").trigger()
    page.flush()
    rows = {row[0].text: row for row in page.matrix.table.texts.rows}
    row = rows["Crossover BTC price, $ · Antminer S21 and Powered-shell lease, on NPV"]
    assert row[1].text == "112,718"
    assert row[1].path.startswith("crossovers.a1.o1.npv.btc_price_usd@")


def test_that_the_table_is_copied_with_headings_and_all_digits(page: ScenariosPage, qtbot: Any) -> None:
    page.matrix.copy_button.click()
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0][:3] == ["Figure", "Base case", "Bull"]
    assert len(lines) == len(page.matrix.matrix.rows) + 1
    table = page.matrix.table
    table.go(table.model().index(1, 1))
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    heading, value = QApplication.clipboard().text().splitlines()
    assert heading == "Base case"
    assert value == table.texts.rows[1][1].full


def test_that_a_name_like_a_formula_is_copied_as_text(open_session: Any, show: Any, qtbot: Any) -> None:
    lot = dataclasses.replace(PLAN.asic_lots[0], model="=1+1")
    scenarios = (dataclasses.replace(PLAN.scenarios[0], name="=2+2"), *PLAN.scenarios[1:])
    plan = dataclasses.replace(PLAN, asic_lots=(lot, *PLAN.asic_lots[1:]), scenarios=scenarios)
    page = show(ScenariosPage(open_session(plan)), 1100, 800)
    page.refresh()
    page.flush()
    for table in (page.matrix.table, page.matrix.inputs):
        table.selectAll()
        for copy in (table.copy_all, table.copy_selection):
            copy()
            cells = [c for line in QApplication.clipboard().text().split("\n") for c in line.split("\t")]
            assert "'=2+2" in cells
            assert not any(c.startswith(("=", "@")) for c in cells)
    page.matrix.table.copy_all()
    assert "'=1+1" in QApplication.clipboard().text()


def test_that_tables_of_a_comparison_are_made_beside_the_window_and_only_when_seen(
    page: ScenariosPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.pages.scenarios.LARGE_FROM", 0)  # as for a plan of sixty lots
    threads = []

    def made(*args: Any, **kwargs: Any) -> Any:
        found = comparison_of(*args, **kwargs)
        threads.append((threading.current_thread() is threading.main_thread(), found.has_tables))
        return found

    monkeypatch.setattr("app.pages.scenarios.comparison_of", made)
    page.compare()
    page.flush()
    assert threads == [(False, True)]
    page.tabs.setCurrentIndex(2)
    page.compare()
    page.flush()
    assert threads[1:] == [(False, False)]
    page.tabs.setCurrentIndex(0)
    page.flush()
    assert threads[2:] == [(False, True)]
    assert page.matrix.table.text_at(0, 1)


def test_that_inputs_that_differ_have_a_tab(page: ScenariosPage) -> None:
    page.tabs.setCurrentIndex(1)
    rows = page.matrix.inputs.texts.rows
    assert [row[0].text for row in rows] == ["BTC price", "Energy price, Retail supply (illustrative)"]
    assert [cell.text for cell in rows[1][1:]] == ["$50.00/MWh", "$45.00/MWh", "$70.00/MWh", "$50.00/MWh"]
    assert [cell.ground for cell in rows[1][1:]] == ["", "own", "own", ""]


def test_that_charts_are_drawn_over_each_other_and_less_the_baseline(page: ScenariosPage) -> None:
    page.tabs.setCurrentIndex(2)
    overlaid, less = (view.spec for view in page.charts.views)
    assert [s.label for s in overlaid.series] == ["Base case", "Bull", "Bull, dear power", "Bear"]
    assert [s.label for s in less.series] == ["Bull", "Bull, dear power", "Bear"]
    page.charts.curve.setCurrentIndex(page.charts.curve.findData("hashprice"))
    page.charts.curve.activated.emit(page.charts.curve.currentIndex())
    assert page.charts.views[0].spec.title == "Hashprice"
    assert not page.charts.use.isEnabled()


def test_that_curves_of_scenarios_explain_what_their_months_come_to(page: ScenariosPage) -> None:
    page.tabs.setCurrentIndex(2)
    page.flush()
    panel = page.charts
    for curve, about in CURVES.items():
        panel.curve.setCurrentIndex(panel.curve.findData(curve))
        panel.draw()
        for view in panel.views:
            assert view.spec is not None
            for series in view.spec.series:
                path = panel._figure_of(series.id)
                assert path is not None
                assert path.endswith(f"@{series.id}")
                root = explanation_of(page.session, path).root
                other = series.id != page.session.scenario_id
                assert root.label.endswith(f", in {scenario_name(PLAN, series.id)}") == other
                assert root.is_input == (curve in ("btc_price", "difficulty"))
                assert math.isfinite(root.value)
                assert ("uses." in path) == about.of_use
            assert panel._figure_of("") == panel._figure_of("base")


def test_that_the_bridge_goes_to_the_chosen_scenario_and_adds_up(page: ScenariosPage) -> None:
    page.tree.choose("c2")
    page.tabs.setCurrentIndex(3)
    page.flush()
    found = page.bridge.found
    assert found.new_name == "Bull, dear power"
    assert {s.path for s in found.steps} == {PRICE, ENERGY}
    assert sum(s.amount for s in found.steps) == pytest.approx(found.difference)
    assert page.bridge.table.texts.rows[-1][0].text == "Difference"
    assert "Shapley" in page.bridge.note.text()
    page.tree.choose("c3")
    page.flush()
    assert page.bridge.found.new_name == "Bear"


def test_that_names_of_scenarios_are_read_whole_above_their_columns(open_session: Any, show: Any) -> None:
    names = (
        "Bear: hashprice falls after the halving and stays low",
        "Bull, dear power in Ohio with curtailment credits",
        "Delayed interconnection by twelve months at Mesa Verde",
    )
    scenarios = tuple(Scenario(f"c{n}", name, ((PRICE, 80_000.0 + n),)) for n, name in enumerate(names, start=1))
    page = show(ScenariosPage(open_session(replace(sample("briefing"), scenarios=scenarios))), 800, 700)
    page.refresh()
    page.flush()
    for table in (page.matrix.table, page.matrix.inputs):
        header, model = table.horizontalHeader(), table.model()
        shown = [str(model.headerData(k, Qt.Orientation.Horizontal)) for k in range(model.columnCount())]
        whole = [" ".join(text.split()) for text in shown]
        assert set(names) <= set(whole)
        assert any("\n" in text for text in shown)
        lines = max(text.count("\n") + 1 for text in shown)
        assert header.height() >= lines * 12 * 1.2, "as high as its lines"
        for k, text in enumerate(shown):
            for role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
                assert model.headerData(k, Qt.Orientation.Horizontal, role) == " ".join(text.split())
    # By hand: a wider column has its name in one line again.
    table = page.matrix.table
    table.setColumnWidth(2, 500)
    assert table.model().headerData(2, Qt.Orientation.Horizontal) == names[0]


def test_that_a_bar_of_the_bridge_says_its_name_and_amount_wherever_it_is_pointed_at(
    page: ScenariosPage, qtbot: Any
) -> None:
    page.tree.choose("c2")
    page.tabs.setCurrentIndex(3)
    page.flush()
    found = page.bridge.found
    qtbot.waitUntil(lambda: page.bridge.view.canvas is not None and page.bridge.view.canvas.geometry_of.is_set)
    canvas = page.bridge.view.canvas
    low, high, *_ = canvas.ranges()
    rows = [(found.old_name, found.old), *((s.label, s.amount) for s in found.steps), (found.new_name, found.new)]
    for number, (name, amount) in enumerate(rows):
        said = set()
        for share in (0.02, 0.5, 0.98):  # on the bar and beside it
            at = QPointF(*canvas.geometry_of.to_pixel(low + share * (high - low), float(len(rows) - 1 - number)))
            canvas.mouseMoveEvent(_move_to(canvas, at))
            said.add(tuple(canvas.hover.texts))
        ((only,),) = said
        sign = "-" if amount < 0 else "+" if 0 < number < len(rows) - 1 else ""
        assert only.replace("\N{MINUS SIGN}", "-") == f"{name}: {sign}${abs(amount):,.0f}/MW"


def _move_to(canvas: Any, at: QPointF) -> QMouseEvent:
    none = Qt.MouseButton.NoButton
    return QMouseEvent(QEvent.Type.MouseMove, at, canvas.mapToGlobal(at), none, none, Qt.KeyboardModifier.NoModifier)


def test_that_every_step_of_the_bridge_explains_its_own_share(page: ScenariosPage, qtbot: Any) -> None:
    page.tree.choose("c2")
    page.tabs.setCurrentIndex(3)
    page.flush()
    panel, session = page.bridge, page.session
    found, table = panel.found, panel.table
    qtbot.waitUntil(lambda: panel.view.canvas is not None and panel.view.canvas.geometry_of.is_set)
    canvas = panel.view.canvas
    rows = [found.old_name, *(s.label for s in found.steps), found.new_name]
    paths = []
    for number in range(len(rows)):  # from the top: the row of a bar, wherever in it the mouse is
        x, y = canvas.geometry_of.to_pixel(canvas.geometry_of.centre()[0], float(len(rows) - 1 - number))
        paths.append(panel.view.path_at(canvas.mapTo(panel.view, QPoint(int(x), int(y)))))
    assert paths[0] == "uses.a1.npv_usd_per_mw@base"
    assert paths[-1] == "uses.a1.npv_usd_per_mw@c2"
    for number, step in enumerate(found.steps):
        assert table.texts.lines[number].cells[3].path == paths[1 + number]
        root = explanation_of(session, paths[1 + number]).root
        assert root.value == step.amount
        assert root.label == f"What {within(step.label)} makes of {found.label}"
    total = explanation_of(session, table.texts.lines[-1].cells[3].path).root
    assert total.value == found.difference
    # Another figure is on show by now: what was asked is still explained, worked out anew.
    asked = paths[1]
    panel.figure.setCurrentIndex(panel.figure.findData("uses.a1.margin_usd_per_mw_year"))
    panel.figure.activated.emit(panel.figure.currentIndex())
    page.flush()
    assert explanation_of(session, asked).root.value == found.steps[0].amount


def test_that_a_bridge_between_two_markets_says_so(page: ScenariosPage) -> None:
    page.tree.choose("c2")
    page.tabs.setCurrentIndex(3)
    page.flush()
    shown = page.bridge.market
    assert shown.text().startswith("Bull, dear power and Base case rest on different markets: BTC at $120,000")
    assert "So do" not in shown.text(), "it is about these two alone"
    page.baseline.setCurrentIndex(page.baseline.findData("c1"))
    page.baseline.activated.emit(page.baseline.currentIndex())
    page.flush()
    assert page.bridge.found.old_name == "Bull"
    assert shown.isHidden()
    assert shown.text() == ""


def test_that_curves_on_different_markets_say_so(page: ScenariosPage) -> None:
    page.tabs.setCurrentIndex(2)
    page.flush()
    assert page.charts.market.text().startswith("Bull and Base case rest on different markets: BTC at $120,000")
    assert "So do" in page.charts.market.text(), "all that are drawn"
    assert page.charts.market.isVisibleTo(page)


def test_that_a_sites_gain_is_bridged_off_the_gui_thread(page: ScenariosPage) -> None:
    page.tabs.setCurrentIndex(3)
    page.bridge.figure.setCurrentIndex(page.bridge.figure.findData("sites.s1.gain_usd"))
    page.bridge.figure.activated.emit(page.bridge.figure.currentIndex())
    assert page.bridge.work.is_busy
    page.flush()
    assert page.bridge.found.label.startswith("Gain")


def test_that_one_scenario_alone_asks_for_a_second(page: ScenariosPage) -> None:
    for scenario_id in ("c1", "c2", "c3"):
        page.tree.item_of(scenario_id).setCheckState(0, Qt.CheckState.Unchecked)
    page.flush()
    page.tabs.setCurrentIndex(3)
    assert "second scenario" in page.bridge.steps.words.text()
    assert not page.bridge.view.isVisibleTo(page)


def test_that_an_empty_plan_says_what_to_do_instead_of_headings_over_nothing(open_session: Any, show: Any) -> None:
    page = show(ScenariosPage(open_session(template("empty"))), 1100, 800)
    page.refresh()
    page.flush()
    said = []
    for tab, box in ((0, page.matrix.figures_panel), (1, page.matrix.inputs_panel), (3, page.bridge.steps)):
        page.tabs.setCurrentIndex(tab)
        assert box.words.isVisible()
        said.append(box.words.text())
    assert "add machines" in said[0]
    assert "second scenario" in said[1]
    assert "add machines" in said[2]
    page.tabs.setCurrentIndex(2)
    assert "add machines" in page.charts.views[0].spec.reason
    assert not page.charts.views[1].isVisible()
    page.flush()


def test_that_figures_nobody_ticked_are_asked_for(page: ScenariosPage) -> None:
    for action in page.matrix.figures_menu.actions():
        if action.isChecked():
            action.trigger()
    page.flush()
    assert "Figures" in page.matrix.figures_panel.words.text()
    assert page.matrix.figures_panel.words.isVisible()
    page.matrix.figures_menu.actions()[0].trigger()
    page.flush()
    assert page.matrix.table.isVisible()


def test_that_the_same_inputs_are_called_the_same(page: ScenariosPage) -> None:
    page.tree.item_of("c1").setCheckState(0, Qt.CheckState.Unchecked)
    page.tree.item_of("c2").setCheckState(0, Qt.CheckState.Unchecked)
    page.tree.item_of("c3").setCheckState(0, Qt.CheckState.Unchecked)
    page.tabs.setCurrentIndex(1)
    page.flush()
    assert "second scenario" in page.matrix.inputs_panel.words.text()
    page.tree.item_of("c3").setCheckState(0, Qt.CheckState.Checked)
    page.flush()
    assert page.matrix.inputs.isVisible()


def test_that_every_tab_is_in_sight_at_twice_the_text_size(page: ScenariosPage, qapp: Any) -> None:
    try:
        theme.apply_theme(qapp, "light", 2.0)
        page.resize(660, 600)
        QApplication.processEvents()
        tabs = page.tabs
        widths = [tabs.tabRect(number).width() for number in range(tabs.count())]
        assert min(widths) > 0.7 * tabs.fontMetrics().horizontalAdvance("Compare")
        assert tabs.tabRect(tabs.count() - 1).right() <= tabs.width()
    finally:
        theme.apply_theme(qapp, "light", 1.0)


def test_that_tabs_stay_where_they_are_when_another_is_shown(page: ScenariosPage) -> None:
    places = set()
    for number in range(4):
        page.tabs.setCurrentIndex(number)
        QApplication.processEvents()
        places.add(tuple(page.tabs.tabRect(n).left() for n in range(4)))
    assert len(places) == 1


def test_that_every_bar_of_a_bridge_has_a_line_of_its_own(page: ScenariosPage) -> None:
    page.resize(800, 650)
    page.tabs.setCurrentIndex(3)
    page.bridge.target.setCurrentIndex(page.bridge.target.findData("c2"))
    page.bridge.target.activated.emit(page.bridge.target.currentIndex())
    page.flush()
    QApplication.processEvents()
    view = page.bridge.view
    bars = len(view.spec.y.names)
    assert bars >= 4
    assert view.canvas.height() - 60 >= bars * view.fontMetrics().height()
    assert page.bridge.table.height() >= 4 * page.bridge.table.rowHeight(0)


def test_that_nothing_in_the_comparison_is_cut_where_there_is_room(page: ScenariosPage) -> None:
    page.resize(2200, 1200)
    QApplication.processEvents()
    table = page.matrix.table
    for column, heading in enumerate(table.texts.headings):
        room = table.columnWidth(column) - 20
        assert table.horizontalHeader().fontMetrics().horizontalAdvance(heading) <= room
        assert max(table.fontMetrics().horizontalAdvance(row[column].text) for row in table.texts.rows) <= room


@pytest.mark.parametrize("width", range(640, 1100, 57))
def test_that_no_column_of_the_comparison_is_cut_at_the_edge(page: ScenariosPage, width: int) -> None:
    """A number of which the last digits are out of sight is read as another one."""
    page.resize(width, 700)
    QApplication.processEvents()
    table = page.matrix.table
    ends = [table.columnViewportPosition(c) + table.columnWidth(c) for c in range(table.texts.columnCount())]
    assert ends[-1] <= table.viewport().width() or table.viewport().width() in ends


def test_that_words_are_whole_in_the_comparison_where_only_headings_have_no_room(open_session: Any, show: Any) -> None:
    plan = sample("briefing")
    page = show(ScenariosPage(open_session(plan)), 1900, 900)
    page.refresh()
    page.flush()
    QApplication.processEvents()
    table = page.matrix.table
    assert any("\n" in text for text in table.texts.shown_headings)
    for row in table.texts.rows:
        for column, cell in enumerate(row):
            assert table.fontMetrics().horizontalAdvance(cell.text) <= table.columnWidth(column) - 16, cell.text


def test_that_a_wide_window_gives_the_tree_what_its_names_need(page: ScenariosPage) -> None:
    page.tree.item_of("c3").setText(0, "A long winter with few blocks and dear power in every month")
    page.resize(2000, 1200)
    QApplication.processEvents()
    page.refresh()
    QApplication.processEvents()
    assert page.tree.viewport().width() >= page.tree.sizeHintForColumn(0)
    page.sides.splitter.splitterMoved.emit(300, 1)
    page.sides.splitter.setSizes([300, 1700])
    page.refresh()
    QApplication.processEvents()
    assert page.sides.splitter.sizes()[0] == pytest.approx(300, abs=8), "what somebody moved stays"


@pytest.mark.parametrize(("width", "height"), [(800, 690), (960, 790), (2200, 1300)])
def test_that_curves_have_height_enough_to_be_read(page: ScenariosPage, width: int, height: int) -> None:
    page.resize(width, height)
    page.tabs.setCurrentIndex(2)
    QApplication.processEvents()
    for view in page.charts.views:
        assert view.height() >= 220
        assert view.canvas.height() >= 160


def test_that_machines_of_one_model_at_two_sites_are_told_apart(open_session: Any, show: Any) -> None:
    plan = sample("three-sites")
    first = plan.asic_lots[0]
    elsewhere = next(s for s in plan.sites if s.id != first.site_id)
    twin = dataclasses.replace(first, id="a99", site_id=elsewhere.id)
    page = show(ScenariosPage(open_session(dataclasses.replace(plan, asic_lots=(*plan.asic_lots, twin)))), 1100, 800)
    page.refresh()
    page.flush()
    names = [row[0].text for row in page.matrix.table.texts.rows]
    assert len(set(names)) == len(names)
    assert any(n.startswith("NPV") and n.endswith(f"{first.model} · {elsewhere.name}") for n in names)
    page.tabs.setCurrentIndex(2)
    offered = [page.charts.use.itemText(n) for n in range(page.charts.use.count())]
    assert f"{first.model} · {elsewhere.name}" in offered
    assert len(set(offered)) == len(offered)
    page.flush()


def test_that_a_finding_about_a_scenario_leads_to_its_row(window: Any) -> None:
    window.session.document.new(PLAN)
    window.session.select("scenarios.c2.overrides")
    assert window.page.name == "scenarios"
    assert window.page.tree.chosen_id == "c2"


def test_that_a_figure_that_cannot_be_computed_is_a_dash_with_its_reason(open_session: Any, show: Any) -> None:
    plan = dataclasses.replace(PLAN, scenarios=(Scenario("c1", "No price", ((ENERGY, None),)),))
    page = show(ScenariosPage(open_session(plan)))
    page.refresh()
    page.flush()
    place = next(n for n, r in enumerate(page.matrix.matrix.rows) if r.path == "uses.a1.npv_usd_per_mw")
    cell = page.matrix.table.texts.rows[place][2]
    assert cell.text == "—"
    assert "cannot be computed in No price" in cell.tip
    page.tree.choose("c1")
    page.tabs.setCurrentIndex(3)
    page.flush()
    assert "cannot be computed in No price" in page.bridge.note.text()


def test_that_two_scenarios_and_their_differences_stand_beside_the_baseline_in_a_small_window(
    session: Any, show: Any
) -> None:
    """1280 × 800 with the levers open leaves the page 820 pixels."""
    page = show(ScenariosPage(session), 820, 660)
    page.refresh()
    page.flush()
    table = page.matrix.table
    seen = table.viewport().width()
    columns = [table.columnViewportPosition(c) + table.columnWidth(c) for c in range(table.texts.columnCount())]
    assert columns[4] <= seen, "baseline, a scenario with its difference, and another scenario"
    for row in table.texts.rows:  # a cut number is a wrong number
        for column, cell in enumerate(row):
            if cell.is_number:
                wanted = table.fontMetrics().horizontalAdvance(cell.text)
                assert wanted + 16 <= table.columnWidth(column), cell.text
