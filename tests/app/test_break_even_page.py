"""The break-even page: every plot follows a lever, and the point can be taken by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QScrollArea

from app import theme
from app.pages.break_even import BreakEvenPage
from app.shell.window import Window
from models.drivers import HASHPRICE, value_of, with_value
from models.fields import Schedule, read, replace
from models.samples import sample
from tests.large_plan import large_plan

RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


@pytest.fixture
def page(window: Any) -> BreakEvenPage:
    window.show_page("break_even")
    QApplication.processEvents()
    return window.pages["break_even"]


def pixel(page: BreakEvenPage, x: float, y: float) -> QPoint:
    return QPointF(*page.views["frontier"].canvas.geometry_of.to_pixel(x, y)).toPoint()


def drag_point(page: BreakEvenPage, qtbot: Any, *targets: tuple[float, float], release: bool = True) -> None:
    canvas = page.views["frontier"].canvas
    mark = canvas.handle()
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=pixel(page, mark.x, mark.y))
    for target in targets:
        qtbot.mouseMove(canvas.viewport(), pixel(page, *target))
    if release:
        qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=pixel(page, *targets[-1]))


def lever_of(window: Any, path: str) -> Any:
    return next(row for row in window.levers.rows if row.lever.path == path)


# --- following ---


def test_that_every_plot_follows_an_edit_in_the_same_turn(page: BreakEvenPage, session: Any) -> None:
    before = {name: view.spec for name, view in page.views.items()}
    session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 64.0)
    assert all(page.views[name].spec is not spec for name, spec in before.items())
    site = next(r for r in page.views["power"].spec.references if r.id == "site s1")
    assert site.at == pytest.approx(64.0)
    assert page.sentence.text() == page.views["frontier"].spec.summary


def test_that_the_sentence_is_within_its_box_where_the_page_is_the_first_that_is_shown(session: Any, show: Any) -> None:
    window = Window(session)
    window.show_page("break_even")
    show(window, 1440, 900)
    page = window.pages["break_even"]
    assert page.sentence.text()
    assert page.sentence.geometry() == page.sentence.parentWidget().rect()
    window.files._closing = True


def test_that_the_plots_show_what_the_session_shows(page: BreakEvenPage, session: Any) -> None:
    marks = {m.id: m.x for m in page.views["price"].spec.marks}
    for row in session.results.crossovers:
        if row.basis == "revenue":
            assert marks[f"{row.asic_id}/{row.offer_id}"] == row.btc_price_usd
    mark = page.views["frontier"].canvas.handle()
    assert (mark.x, mark.y) == (value_of(session.plan, HASHPRICE), value_of(session.plan, RENT))


def test_that_a_dragged_lever_holds_the_ranges_until_it_is_let_go(
    page: BreakEvenPage, window: Any, session: Any, qtbot: Any
) -> None:
    slider = lever_of(window, "market.btc_price_usd").slider
    before = {name: (view.spec.x, view.spec.y) for name, view in page.views.items()}
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider._handle().center())
    qtbot.mouseMove(slider, QPoint(slider.width() - 2, slider.height() // 2))
    assert value_of(session.plan, "market.btc_price_usd") > 150_000
    assert {name: (view.spec.x, view.spec.y) for name, view in page.views.items()} == before
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() - 2, slider.height() // 2))
    assert page.views["price"].spec.x.high > before["price"][0].high
    assert page.views["power"].spec.x.high > before["power"][0].high


def test_that_the_former_curves_stay_as_ghosts_and_go_with_undo(page: BreakEvenPage, session: Any) -> None:
    assert not any(s.ghost for view in page.views.values() for s in view.spec.series)
    session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 64.0)
    ghosts = {s.id for view in page.views.values() for s in view.spec.series if s.ghost}
    assert {"a1:saved", "line 0:saved"} <= ghosts
    session.document.undo_stack.undo()
    assert not any(s.ghost for view in page.views.values() for s in view.spec.series)


def test_that_a_plan_that_was_never_saved_has_ghosts_of_what_was_before_the_step(
    page: BreakEvenPage, session: Any
) -> None:
    whole = sample("one-site")
    session.document.new(dataclasses.replace(whole, asic_lots=(), ai_offers=()))
    session.edit("Add lot", dataclasses.replace(session.plan, asic_lots=whole.asic_lots[:1]))
    session.edit("Add offer", dataclasses.replace(session.plan, ai_offers=whole.ai_offers[:1]))
    assert not any(s.id == "o1:saved" for view in page.views.values() for s in view.spec.series)
    session.begin_drag()
    for rent in (140.0, 150.0, 160.0):
        session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", rent, merge_key="drag")
    ghosts = [s for view in page.views.values() for s in view.spec.series if s.id == "o1:saved"]
    assert ghosts
    session.end_drag()
    price = page.views["price"].spec
    (ghost,) = [s for s in price.series if s.id == "o1:saved"]
    (curve,) = [s for s in price.series if s.id == "o1"]
    rent = whole.ai_offers[0].rent_usd_per_it_kw_month
    assert curve.y[0] / ghost.y[0] == pytest.approx(160.0 / rent)
    # The next step is measured against the one before it, and an undone one against what was before that.
    session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 200.0)
    ghost, curve = (next(s for s in page.views["price"].spec.series if s.id == i) for i in ("o1:saved", "o1"))
    assert curve.y[0] / ghost.y[0] == pytest.approx(200.0 / 160.0)
    session.document.undo()
    ghost, curve = (next(s for s in page.views["price"].spec.series if s.id == i) for i in ("o1:saved", "o1"))
    assert curve.y[0] / ghost.y[0] == pytest.approx(160.0 / rent)


def test_that_a_scenario_is_drawn_with_the_base_as_its_ghost(page: BreakEvenPage, session: Any) -> None:
    name = session.plan.scenarios[0].id
    session.show_scenario(name)
    assert any(s.ghost for view in page.views.values() for s in view.spec.series)


def test_that_a_large_plan_is_drawn_and_follows(session: Any, window: Any, qtbot: Any) -> None:
    session.document.new(large_plan())
    window.show_page("break_even")
    page = window.pages["break_even"]
    before = page.views["frontier"].spec
    session.set_value("market.btc_price_usd", 95_000.0)
    session.recompute.flush()
    assert page.views["frontier"].spec is not before
    assert "$" in page.sentence.text()


def test_that_removing_what_was_chosen_leaves_a_page_that_says_what_to_do(page: BreakEvenPage, session: Any) -> None:
    from dataclasses import replace

    session.edit("Delete all offers", replace(session.plan, ai_offers=()))
    assert page.views["frontier"].spec.reason
    assert page.sentence.text() == ""
    session.edit("Delete all machines", replace(session.plan, asic_lots=()))
    assert all(view.spec.reason for view in page.views.values())
    session.document.undo_stack.undo()
    session.document.undo_stack.undo()
    assert not any(view.spec.reason for view in page.views.values())
    assert page.views["frontier"].canvas.isVisibleTo(page)


# --- the point ---


def test_that_dragging_the_point_changes_both_inputs_in_one_undo_step(
    page: BreakEvenPage, session: Any, qtbot: Any
) -> None:
    before = session.plan
    drag_point(page, qtbot, (45.0, 140.0), (60.0, 160.0), (70.0, 200.0))
    assert value_of(session.plan, HASHPRICE) == pytest.approx(70.0, abs=0.3)
    assert value_of(session.plan, RENT) == pytest.approx(200.0, abs=1.5)
    assert session.document.undo_stack.undoText() == "Move today's point"
    session.document.undo_stack.undo()
    assert session.plan == before


def test_that_two_drags_are_two_undo_steps(page: BreakEvenPage, session: Any, qtbot: Any) -> None:
    drag_point(page, qtbot, (60.0, 160.0))
    between = session.plan
    drag_point(page, qtbot, (50.0, 100.0))
    session.document.undo_stack.undo()
    assert session.plan == between


def test_that_the_point_stays_under_the_mouse_and_the_plot_still(page: BreakEvenPage, qtbot: Any) -> None:
    view = page.views["frontier"]
    before = (view.spec.x, view.spec.y)
    drag_point(page, qtbot, (60.0, 160.0), (99.0, 245.0), release=False)
    mark = view.canvas.handle()
    assert (mark.x, mark.y) == (pytest.approx(99.0, abs=0.3), pytest.approx(245.0, abs=1.5))
    assert (view.spec.x, view.spec.y) == before
    qtbot.mouseRelease(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=pixel(page, 99.0, 245.0))


def test_that_arrow_keys_on_the_frontier_change_the_plan(page: BreakEvenPage, session: Any, qtbot: Any) -> None:
    canvas = page.views["frontier"].canvas
    before = value_of(session.plan, RENT)
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert value_of(session.plan, RENT) == pytest.approx(before + 2.0)
    assert value_of(session.plan, HASHPRICE) == pytest.approx(33.3, abs=0.01)


def test_that_the_sentence_turns_when_the_point_crosses_the_line(page: BreakEvenPage, qtbot: Any) -> None:
    assert "this lease wins above" in page.sentence.text()
    line = next(s for s in page.views["frontier"].spec.series if s.id == "line 0")
    drag_point(page, qtbot, (float(line.x[100]), 60.0))
    assert page.sentence.text().endswith("it is at $60.")


# --- choosing ---


def choose(picker: Any, data: str) -> None:
    picker.setCurrentIndex(picker.findData(data))
    picker.activated.emit(picker.currentIndex())


def test_that_another_machine_takes_the_frontier(page: BreakEvenPage, session: Any) -> None:
    choose(page.asic_picker, "a2")
    assert session.chosen_asic_id == "a2"
    assert "against Antminer S19j XP" in page.views["frontier"].spec.subtitle
    assert "21.5 J/TH" in page.sentence.text()
    assert [s.id for s in page.views["power"].spec.series if s.strong] == ["a2", "fleet"]


def test_that_own_gpus_put_their_price_on_the_axis(page: BreakEvenPage) -> None:
    choose(page.offer_picker, "o2")
    assert page.y_picker.currentData() == "ai_offers.o2.price_usd_per_gpu_hour"
    assert page.views["frontier"].spec.y.unit == "USD/GPU-hour"
    assert "/GPU-hour" in page.sentence.text()


def test_that_machines_of_another_site_bring_an_offer_of_their_own(session: Any, window: Any) -> None:
    session.document.new(sample("three-sites"))
    window.show_page("break_even")
    page = window.pages["break_even"]
    plan = session.plan
    places = {r.id: r.site_id for r in (*plan.asic_lots, *plan.ai_offers)}
    other = next(o.id for o in plan.ai_offers if o.id != session.chosen_offer_id)
    choose(page.offer_picker, other)
    assert places[session.chosen_asic_id] == places[session.chosen_offer_id] == places[other]
    lonely = next(a for a in plan.asic_lots if all(o.site_id != a.site_id for o in plan.ai_offers))
    choose(page.asic_picker, lonely.id)
    assert "different sites" in page.views["frontier"].spec.reason


def test_that_any_two_inputs_can_stand_on_the_axes(page: BreakEvenPage, session: Any, qtbot: Any) -> None:
    capex, energy = "ai_offers.o1.capex_usd_per_it_mw", "power_contracts.p1.energy_price_usd_per_mwh"
    choose(page.y_picker, capex)
    choose(page.x_picker, energy)
    spec = page.views["frontier"].spec
    assert (spec.x.unit, spec.y.unit) == ("USD/MWh", "USD/IT MW")
    drag_point(page, qtbot, (70.0, 9_000_000.0))
    assert value_of(session.plan, energy) == pytest.approx(70.0, abs=0.5)
    assert value_of(session.plan, capex) == pytest.approx(9_000_000.0, rel=0.02)
    assert "hall capex, Powered-shell lease of $" in page.sentence.text()


def test_that_every_input_of_the_pair_can_be_put_on_an_axis(page: BreakEvenPage) -> None:
    paths = [page.x_picker.itemData(k) for k in range(page.x_picker.count())]
    assert len(paths) > 30
    for path in paths:
        choose(page.x_picker, path)
        spec = page.views["frontier"].spec
        assert spec.x.low < spec.x.high, path
        assert page.sentence.text(), path


def test_that_an_input_of_the_other_axis_changes_places(page: BreakEvenPage) -> None:
    choose(page.x_picker, RENT)
    assert (page.x_picker.currentData(), page.y_picker.currentData()) == (RENT, HASHPRICE)


def test_that_the_basis_changes_line_and_sentence(page: BreakEvenPage, session: Any) -> None:
    choose(page.basis_picker, "revenue")
    crossing = session.results.crossover("a1", "o1", "revenue")
    assert page.sentence.text().startswith("By revenue, at $33.30")
    assert f"above ${crossing.rent_usd_per_it_kw_month:.0f}/kW-month" in page.sentence.text()
    choose(page.price_basis_picker, "margin")
    assert page.views["price"].spec.title == "Margin against the BTC price"


# --- the page itself ---


def test_that_a_small_window_shows_the_frontier_and_one_other(page: BreakEvenPage, window: Any, session: Any) -> None:
    window.resize(1280, 800)
    QApplication.processEvents()
    assert [n for n, card in page.cards.items() if card.isVisible()] == ["price", "frontier"]
    page.tabs.setCurrentIndex(2)
    assert [n for n, card in page.cards.items() if card.isVisible()] == ["frontier", "cash"]
    for name in ("frontier", "cash"):
        assert page.views[name].canvas.geometry_of.area.height >= 100
    session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 64.0)
    stale = page.views["power"].spec
    page.tabs.setCurrentIndex(1)
    assert page.views["power"].spec is not stale  # drawn when it is shown, not before


def test_that_at_200_per_cent_the_page_scrolls_and_plots_keep_their_height(
    page: BreakEvenPage, window: Any, qapp: Any
) -> None:
    theme.apply_theme(qapp, "light", 2.0)
    window.resize(1280, 800)
    for _ in range(3):
        QApplication.processEvents()
    (area,) = page.findChildren(QScrollArea)
    assert area.verticalScrollBar().maximum() > 0
    assert area.widget().width() <= area.viewport().width()
    for name in ("frontier", "price"):
        canvas = page.views[name].canvas
        assert canvas.geometry_of.area.height >= 100
        assert canvas.mapTo(area.widget(), canvas.rect().bottomRight()).x() <= area.viewport().width()
    assert page.sentence.heightForWidth(page.sentence.width()) <= page.sentence.height()
    assert page.asic_picker.width() >= theme.px(120)
    canvas = page.views["frontier"].canvas
    for modifiers, is_zoomed in ((Qt.KeyboardModifier.NoModifier, False), (Qt.KeyboardModifier.ControlModifier, True)):
        turn_wheel(canvas.viewport(), QPointF(*canvas.geometry_of.centre()), modifiers)
        assert canvas.is_zoomed == is_zoomed
    before = page.offer_picker.currentText()
    turn_wheel(page.offer_picker, QPointF(page.offer_picker.rect().center()), Qt.KeyboardModifier.NoModifier, -240)
    assert page.offer_picker.currentText() == before


def turn_wheel(widget: Any, at: QPointF, modifiers: Qt.KeyboardModifier, angle: int = 240) -> None:
    no_button, no_phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(
        widget,
        QWheelEvent(at, widget.mapToGlobal(at), QPoint(), QPoint(0, angle), no_button, modifiers, no_phase, False),
    )


def test_that_no_picker_is_without_a_name(page: BreakEvenPage) -> None:
    pickers = (
        page.asic_picker,
        page.offer_picker,
        page.basis_picker,
        page.price_basis_picker,
        page.x_picker,
        page.y_picker,
    )
    assert len({p.accessibleName() for p in pickers}) == 6
    assert all(p.accessibleName() and p.toolTip() for p in pickers)


def test_that_numbers_are_written_in_the_users_locale(qapp: Any, qtbot: Any) -> None:
    from PySide6.QtCore import QLocale

    from app.files.document import Document
    from app.numbers import Numbers
    from app.session import Session
    from app.settings import Settings

    theme.apply_theme(qapp, "light", 1.0)
    session = Session(Document(sample("briefing")), Settings(), Numbers(QLocale("de_DE")))
    page = BreakEvenPage(session)
    qtbot.addWidget(page)
    page.resize(1000, 700)
    page.refresh()
    assert page.sentence.text().startswith("At $33,30/PH/day and 17,5 J/TH")
    assert "today $70.169" in [r.text for r in page.views["price"].spec.references]
    session.document.close()


def test_that_a_moved_point_is_a_plan_like_any_other(page: BreakEvenPage, session: Any, qtbot: Any) -> None:
    drag_point(page, qtbot, (60.0, 160.0))
    moved = with_value(sample("briefing"), HASHPRICE, value_of(session.plan, HASHPRICE))
    moved = with_value(moved, RENT, value_of(session.plan, RENT))
    assert session.plan.market.btc_price_usd == pytest.approx(moved.market.btc_price_usd)


# --- the keyboard, and what is not there ---


PICKERS = ("Machines", "AI offer", "Compare by")
FRONTIER = ("Up", "Across", "Where the lease beats mining", "The frontier in words")
PRICE = ("Show", "Revenue against the BTC price")


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1280, 800), [*PICKERS, *FRONTIER, "Other plots", *PRICE]),
        ((2200, 1200), [*PICKERS, *PRICE, *FRONTIER, "Break-even power price", "Cumulative cash"]),
    ],
)
def test_that_tab_goes_over_the_page_as_the_eye_does(
    page: BreakEvenPage, window: Any, qtbot: Any, size: tuple[int, int], names: list[str]
) -> None:
    window.resize(*size)
    QApplication.processEvents()
    page.refresh()
    page.asic_picker.setFocus()
    came_to = []
    for _ in names:
        came_to.append(window.focusWidget().accessibleName())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert came_to == names


def test_that_without_an_offer_the_page_says_what_is_missing_and_leads_there(open_session: Any, show: Any) -> None:
    session = open_session(dataclasses.replace(sample("briefing"), ai_offers=()))
    gone_to: list[str] = []
    session.page_requested.connect(gone_to.append)
    page = show(BreakEvenPage(session), 900, 700)
    page.refresh()
    assert not page.x_picker.isVisible()
    assert not page.y_picker.isVisible()
    assert page.offer_picker.currentText() == "No AI offer yet"
    assert not page.offer_picker.isEnabled()
    assert [b.text() for b in page.add_buttons.values() if b.isVisible()] == ["Add an AI offer"]
    page.add_buttons["offers"].click()
    assert gone_to == ["offers"]


def test_that_the_point_moves_a_monthly_table_no_further_than_its_months_can_go(
    page: BreakEvenPage, session: Any
) -> None:
    energy = "power_contracts.p1.energy_price_usd_per_mwh"
    session.edit("x", replace(session.plan, energy, Schedule(("2026-04", "2026-08"), (2.0, 150.0))))
    choose(page.x_picker, energy)
    frontier = page.views["frontier"]
    assert frontier.spec.x.high <= 5000.0 / 75.0
    frontier.handle_pressed.emit()
    frontier.handle_moved.emit(90.0, 150.0)
    frontier.handle_released.emit()
    assert max(read(session.plan, energy).values) == pytest.approx(5000.0)
    assert value_of(session.plan, RENT) == 150.0


def test_that_the_page_shows_the_pair_that_was_chosen_on_another(window: Any, page: BreakEvenPage) -> None:
    window.show_page("fleet")
    window.session.choose(asic_id="a3")
    window.show_page("break_even")
    assert page.asic_picker.currentData() == "a3"
    assert next(s.id for s in page.views["price"].spec.series if s.strong and not s.ghost) == "a3"
