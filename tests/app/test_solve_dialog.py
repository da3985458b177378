"""Solving for a figure in the window: it answers while one types, and puts the answer into the plan."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from app.explain_panel import ExplainPanel
from app.solve_dialog import SolveDialog
from models.drivers import HASHPRICE, value_of, with_value
from models.evaluate import evaluate
from models.fields import field_at
from models.figures import figure

RENT, NPV = "ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw"


@pytest.fixture
def dialog(session: Any, show: Any) -> Any:
    """Open the dialog for a figure."""

    def make(figure_path: str = NPV) -> SolveDialog:
        made = show(SolveDialog(session, figure_path), 560, 600)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        made.flush()
        return made

    return make


def type_target(dialog: SolveDialog, qtbot: Any, text: str) -> None:
    dialog.target.setFocus()
    dialog.target.selectAll()
    qtbot.keyClicks(dialog.target, text)
    dialog.flush()


def test_that_the_needed_value_is_shown_while_the_target_is_typed_and_applied_as_one_step(
    dialog: Any, session: Any, qtbot: Any
) -> None:
    dialog = dialog()
    dialog.choose(RENT)
    type_target(dialog, qtbot, "0")
    assert dialog.values["needed"].text().startswith("$110.")
    assert dialog.values["now"].text() == "$128.00/IT kW-month"
    assert dialog.values["change"].text().startswith("−$17.")
    qtbot.mouseClick(dialog.apply_button, Qt.MouseButton.LeftButton)
    assert evaluate(session.plan).by_id["o1"].npv_usd_per_mw == pytest.approx(0.0, abs=1e-3)
    undo = session.document.undo_stack.undoText()
    assert undo == "Solve: Rent, Powered-shell lease for NPV, Powered-shell lease $0/MW"
    assert not dialog.isVisible()
    session.document.undo()
    assert session.plan.ai_offers[0].rent_usd_per_it_kw_month == 128.0


def listed(dialog: Any) -> list[tuple[str, str]]:
    items = [dialog.list.item(k) for k in range(dialog.list.count())]
    return [(item.data(Qt.ItemDataRole.UserRole), item.text()) for item in items]


def test_that_inputs_are_listed_by_how_strongly_the_figure_answers_and_idle_ones_last(
    dialog: Any, session: Any
) -> None:
    dialog = dialog()
    found = listed(dialog)
    assert found[0][0] == dialog.path == RENT
    idle = [path for path, text in found if text.endswith("does not move it")]
    assert [path for path, _ in found[-len(idle) :]] == idle
    assert {"market.btc_price_usd", "assumptions.mining_discount_rate_fraction"} <= set(idle)
    for path, _ in found:  # by plans with a tenth more
        now = value_of(session.plan, path) if not path.endswith("month") else None
        if now and path in idle and path != HASHPRICE and not field_at(session.plan, path).spec.whole:
            moved = with_value(session.plan, path, now * 1.1)
            assert evaluate(moved).by_id["o1"].npv_usd_per_mw == pytest.approx(
                evaluate(session.plan).by_id["o1"].npv_usd_per_mw, rel=1e-9
            )
    assert "10% more or less moves it by up to $" in dialog.list.item(0).toolTip()


def test_that_a_choice_stays_where_the_order_arrives_after_it(session: Any, show: Any) -> None:
    dialog = show(SolveDialog(session, NPV), 560, 600)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.list.setCurrentRow(7)
    chosen = dialog.path
    dialog.flush()
    assert dialog.path == chosen
    assert dialog.list.currentItem().data(Qt.ItemDataRole.UserRole) == chosen


def test_that_inputs_are_searched_by_name_and_chosen_with_the_arrows(dialog: Any, qtbot: Any) -> None:
    dialog = dialog()
    assert dialog.search.hasFocus()
    qtbot.keyClicks(dialog.search, "capex")
    names = [dialog.list.item(k).text() for k in range(dialog.list.count())]
    assert names
    assert all("capex" in name.casefold() for name in names)
    before = dialog.path
    qtbot.keyClick(dialog.search, Qt.Key.Key_Down)
    assert dialog.path != before
    qtbot.keyClicks(dialog.search, "zzz")
    assert dialog.nothing.isVisible()
    assert not dialog.apply_button.isEnabled()


def test_that_only_inputs_that_the_figure_can_depend_on_are_offered(dialog: Any) -> None:
    dialog = dialog()
    paths = {dialog.list.item(k).data(Qt.ItemDataRole.UserRole) for k in range(dialog.list.count())}
    assert RENT in paths
    assert "ai_offers.o1.first_rent_month" in paths
    assert not [p for p in paths if p.startswith(("asic_lots.", "ai_offers.o2."))]


def test_that_an_unreachable_target_says_what_can_be_reached(dialog: Any, qtbot: Any) -> None:
    dialog = dialog("uses.a1.revenue_usd_per_mw_year")
    dialog.choose("asic_lots.a1.uptime_fraction")
    type_target(dialog, qtbot, "9,000,000")
    assert dialog.values["needed"].text() == "—"
    assert "cannot be $9,000,000/MW-year by Uptime, Antminer S21 alone" in dialog.notes.text()
    assert dialog.values["reach"].text().startswith("$0/MW-year to $")
    assert not dialog.apply_button.isEnabled()


def test_that_a_target_that_is_no_number_is_answered_in_its_place(dialog: Any, qtbot: Any) -> None:
    dialog = dialog()
    dialog.choose(RENT)
    type_target(dialog, qtbot, "much")
    assert not dialog.apply_button.isEnabled()
    qtbot.keyClick(dialog.target, Qt.Key.Key_Return)
    assert "much" in dialog.notes.text()
    assert not dialog.apply_button.isEnabled()


def test_that_a_rate_is_typed_in_per_cent(dialog: Any, session: Any, qtbot: Any) -> None:
    dialog = dialog("uses.o1.irr_fraction")
    dialog.choose(RENT)
    type_target(dialog, qtbot, "15")
    assert dialog.solution is not None
    assert dialog.solution.target == pytest.approx(0.15)
    changed = with_value(session.plan, RENT, dialog.solution.value)
    assert figure(changed, evaluate(changed), "uses.o1.irr_fraction").value == pytest.approx(0.15, rel=1e-9)


def test_that_hashprice_can_be_pinned_as_a_lever(dialog: Any, session: Any, qtbot: Any) -> None:
    dialog = dialog("uses.a1.margin_usd_per_mw_year")
    dialog.choose("market.difficulty")
    dialog.flush()
    qtbot.mouseClick(dialog.pin_button, Qt.MouseButton.LeftButton)
    assert "market.difficulty" in {lever.path for lever in session.plan.levers}
    assert session.document.undo_stack.undoText() == "Pin Difficulty"
    dialog.choose(HASHPRICE)
    dialog.flush()
    qtbot.mouseClick(dialog.pin_button, Qt.MouseButton.LeftButton)
    assert dialog.notes.text() == "It is a lever already."


def test_that_a_month_is_solved_and_applied(dialog: Any, session: Any, qtbot: Any) -> None:
    dialog = dialog()
    dialog.choose("ai_offers.o1.first_rent_month")
    type_target(dialog, qtbot, "800000")
    assert dialog.solution is not None
    month = dialog.solution.value
    assert isinstance(month, str)
    assert not dialog.pin_button.isEnabled()
    dialog.apply()
    assert session.plan.ai_offers[0].first_rent_month == month


def test_that_closing_while_it_is_at_work_leaves_nothing_behind(dialog: Any, qtbot: Any) -> None:
    dialog = dialog("uses.a1.effective_power_net_usd_per_mwh")
    dialog.choose("power_contracts.p1.energy_price_usd_per_mwh")
    dialog.target.take(70.0)
    dialog.reject()
    dialog.flush()
    assert not dialog.isVisible()


def test_that_f8_explains_the_dialogs_numbers_over_it(window: Any, qtbot: Any) -> None:
    dialog = SolveDialog(window.session, NPV, window)
    dialog.open()
    dialog.flush()
    dialog.choose(RENT)
    for line, path in (("now", RENT), ("needed", RENT), ("reach", NPV)):
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        dialog.values[line].setFocus()
        qtbot.keyClick(dialog.values[line], Qt.Key.Key_F8)
        panel = dialog.findChild(ExplainPanel)
        assert panel is not None, "a panel of the window could not be used while the dialog is open"
        assert panel.isVisible()
        assert panel.path == path
        panel.close()
    dialog.reject()
