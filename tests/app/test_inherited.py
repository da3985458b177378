"""While a scenario is on show: its own values are tinted, say what they would inherit, and go back by menu and key."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.forms.record_form import RecordForm
from app.forms.schedule_editor import ScheduleEditor
from app.inherited import inherited_words, is_own, path_with_focus, revert
from app.tables.columns import columns_of
from app.tables.item_models import OWN_ROLE
from app.tables.record_table import RecordTable
from models.fields import Schedule, field_at
from models.plan import Scenario
from models.samples import sample

PRICE, HASHPRICE = "market.btc_price_usd", "market.hashprice_usd_per_ph_day"
ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"
PLAN = dataclasses.replace(
    sample("briefing"),
    scenarios=(
        Scenario("c1", "Bull", ((PRICE, 120_000.0), (ENERGY, 45.0), ("assumptions.economic_shutdown", False))),
        Scenario("c2", "Child", ((ENERGY, Schedule(("2026-04", "2027-04"), (60.0, 65.0))),), "c1"),
    ),
)


@pytest.fixture
def session(open_session: Any) -> Any:
    found = open_session(PLAN)
    found.show_scenario("c1")
    return found


def own(session: Any) -> dict[str, Any]:
    return dict(session.document.plan.scenarios[0].overrides)


def the_menu(widget: Any) -> QMenu:
    return next(m for m in widget.findChildren(QMenu) if m.isVisible())


def test_that_own_values_are_tinted_in_forms_and_say_what_they_would_inherit(session: Any, show: Any) -> None:
    form = show(RecordForm(session, "market"))
    price, difficulty = form.editor("btc_price_usd"), form.editor("difficulty")
    assert price.property("own") is True
    assert not difficulty.property("own")
    assert "Base case: $70,169" in price.toolTip()
    session.show_scenario("base")
    assert not price.property("own")
    assert "Base case" not in price.toolTip()


def test_that_a_switch_is_tinted_too(session: Any, show: Any) -> None:
    form = show(RecordForm(session, "assumptions"))
    assert form.editor("economic_shutdown").property("own") is True
    assert "Base case: Yes" in form.editor("economic_shutdown").toolTip()


def test_that_the_forms_menu_reverts_a_value_and_a_record(session: Any, show: Any) -> None:
    form = show(RecordForm(session, "market"))
    field = field_at(session.plan, PRICE)
    form._open_menu(field, form.editor("btc_price_usd"), QPoint(2, 2))
    menu = the_menu(form)
    texts = [a.text() for a in menu.actions()]
    assert "Revert this record" in texts
    next(a for a in menu.actions() if a.text().startswith("Revert to Base case: $70,169")).trigger()
    menu.close()
    assert PRICE not in own(session)
    assert session.document.undo_stack.undoText() == "Revert BTC price"
    assert form.editor("btc_price_usd").value == PLAN.market.btc_price_usd
    session.document.undo()
    assert own(session)[PRICE] == 120_000.0


def test_that_cells_of_a_table_are_tinted_and_reverted(session: Any, show: Any) -> None:
    columns = columns_of("power_contracts", "name", "energy_price_usd_per_mwh")
    table = show(RecordTable(session, "power_contracts", columns))
    model = table.records
    index = model.index(0, model.column_of("energy_price_usd_per_mwh"))
    assert index.data(OWN_ROLE) is True
    assert model.index(0, model.column_of("name")).data(OWN_ROLE) is False
    assert "Base case: $50.00/MWh" in index.data(Qt.ItemDataRole.ToolTipRole)
    table.go(index)
    assert path_with_focus(table) == ENERGY
    table.open_menu(QPoint(2, 2))
    menu = the_menu(table)
    next(a for a in menu.actions() if a.text() == "Revert to Base case: $50.00/MWh").trigger()
    menu.close()
    assert ENERGY not in own(session)
    assert session.document.undo_stack.undoText() == "Revert Energy price, Retail supply (illustrative)"
    assert index.data(OWN_ROLE) is False


def test_that_the_table_editor_offers_the_way_back(session: Any, show: Any, qtbot: Any) -> None:
    session.show_scenario("c2")
    form = show(RecordForm(session, "power_contracts", "p1"))
    dialog = ScheduleEditor(session, ENERGY, field_at(session.plan, ENERGY), None, form)
    dialog.open()
    dialog.revert_button.click()
    assert session.document.plan.scenarios[1].overrides == ()
    assert not dialog.isVisible()


def test_that_a_lever_is_tinted_and_goes_back(window: Any) -> None:
    session = window.session
    session.document.new(PLAN)
    session.show_scenario("c1")
    row = next(r for r in window.levers.rows if r.lever.path == PRICE)
    assert row.number.property("own") is True
    action = next(a for a in row.menu.actions() if a.text().startswith("Revert to Base case: $70,169"))
    assert action.isVisible()
    action.trigger()
    assert PRICE not in own(session)
    assert not row.number.property("own")
    assert not action.isVisible()


def test_that_a_key_reverts_the_value_that_the_keyboard_is_at(window: Any, qtbot: Any) -> None:
    session = window.session
    session.document.new(PLAN)
    session.show_scenario("c1")
    session.select(PRICE)
    editor = window.focusWidget()
    assert path_with_focus(editor) == PRICE
    qtbot.keyClick(editor, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert PRICE not in own(session)
    assert editor.property("own") is False


def test_that_what_was_being_typed_is_dropped_by_the_key(window: Any, qtbot: Any) -> None:
    session = window.session
    session.document.new(PLAN)
    session.show_scenario("c1")
    session.select(PRICE)
    editor = window.focusWidget()
    qtbot.keyClicks(editor, "99")
    window.commands.actions["edit.revert_value"].trigger()
    assert PRICE not in own(session)
    assert session.document.plan.market.btc_price_usd == PLAN.market.btc_price_usd


def test_that_the_base_case_has_nothing_to_revert(window: Any) -> None:
    window.session.show_scenario("base")
    assert not window.commands.actions["edit.revert_value"].isEnabled()
    window.session.show_scenario("c1")
    assert window.commands.actions["edit.revert_value"].isEnabled()


def test_that_an_inherited_value_says_so(session: Any, qtbot: Any) -> None:
    with qtbot.waitSignal(session.message) as said:
        assert not revert(session, "sites.s1.capacity_mw")
    assert said.args[0] == "Bull inherits that already."


def test_that_a_hashprice_counts_as_the_price_that_it_moves(open_session: Any) -> None:
    plan = dataclasses.replace(PLAN, scenarios=(Scenario("c1", "HP", ((HASHPRICE, 50.0),)),))
    session = open_session(plan)
    session.show_scenario("c1")
    assert is_own(session, PRICE)
    assert is_own(session, HASHPRICE)
    assert inherited_words(session, HASHPRICE) == "Base case: $33.30/PH/day"
    assert revert(session, PRICE)
    assert session.document.plan.scenarios[0].overrides == ()


def test_that_a_child_names_its_parent_and_not_the_base(session: Any) -> None:
    session.show_scenario("c2")
    assert inherited_words(session, ENERGY) == "Bull: $45.00/MWh"
    assert not is_own(session, PRICE)


def test_that_a_stress_pack_is_chosen_from_the_palette(window: Any) -> None:
    window.session.document.new(PLAN)
    window.scenarios.choose_stress()
    entries = window.palette_panel.shown
    assert [e.text for e in entries][:2] == ["Halving without price response", "Difficulty +30 %"]
    entries[1].run()
    assert window.session.document.plan.scenarios[-1].name == "Difficulty +30 %"
    assert window.header.scenario.currentText() == "Difficulty +30 %"
