"""Levers: slider and number move one input together; a drag is one step; everything leads back to the saved plan."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from app.shell.lever_slider import LeverSlider, nice_step
from models.fields import Schedule, read, replace
from models.plan import Lever
from models.samples import sample

PRICE = "market.btc_price_usd"
LEFT = Qt.MouseButton.LeftButton


def row_of(window: Any, path: str) -> Any:
    return next(row for row in window.levers.rows if row.lever.path == path)


def steps(window: Any) -> int:
    return int(window.session.document.undo_stack.count())


def handle(slider: LeverSlider) -> QPoint:
    return slider._handle().center()


def drag(qtbot: Any, slider: LeverSlider, *offsets: int) -> None:
    start = handle(slider)
    qtbot.mousePress(slider, LEFT, pos=start)
    for offset in offsets:
        qtbot.mouseMove(slider, start + QPoint(offset, 0))
    qtbot.mouseRelease(slider, LEFT, pos=start + QPoint(offsets[-1], 0))


def test_that_every_pin_of_the_plan_has_a_slider_and_a_number(window: Any) -> None:
    assert [row.lever for row in window.levers.rows] == list(sample("briefing").levers)
    row = row_of(window, PRICE)
    low, high = row.slider.ends
    assert low < sample("briefing").market.btc_price_usd < high
    assert row.number.value == sample("briefing").market.btc_price_usd
    assert "BTC price" in row.slider.accessibleName()


def test_that_a_drag_moves_plan_results_and_number_at_every_step_and_is_undone_as_one(window: Any, qtbot: Any) -> None:
    seen: list[float] = []
    window.session.results_changed.connect(lambda r: seen.append(r.market.btc_price_usd[0]))
    row = row_of(window, PRICE)
    drag(qtbot, row.slider, 10, 20, 30)
    assert len(seen) >= 3
    assert seen == sorted(seen)
    price = window.session.plan.market.btc_price_usd
    assert price == seen[-1] == row.number.value
    assert price > sample("briefing").market.btc_price_usd
    assert steps(window) == 1
    drag(qtbot, row.slider, 10)
    assert steps(window) == 2
    window.undo()
    window.undo()
    assert window.session.plan is sample("briefing")
    assert row.number.value == sample("briefing").market.btc_price_usd


def test_that_grabbing_the_handle_alone_changes_nothing(window: Any, qtbot: Any) -> None:
    # The exact price lies between two positions of the slider; touching it must not round it.
    row = row_of(window, PRICE)
    qtbot.mouseClick(row.slider, LEFT, pos=handle(row.slider))
    assert window.session.plan is sample("briefing")


def test_that_a_click_beside_the_handle_takes_it_there(window: Any, qtbot: Any) -> None:
    slider = row_of(window, PRICE).slider
    qtbot.mouseClick(slider, LEFT, pos=QPoint(slider.width() - 8, slider.height() // 2))
    assert window.session.plan.market.btc_price_usd == pytest.approx(slider.ends[1], rel=0.02)


def test_that_a_double_click_goes_back_to_the_saved_value(window: Any, qtbot: Any) -> None:
    row = row_of(window, PRICE)
    drag(qtbot, row.slider, 40)
    qtbot.mouseDClick(row.slider, LEFT, pos=handle(row.slider))
    assert window.session.plan.market.btc_price_usd == sample("briefing").market.btc_price_usd
    assert not window.session.document.is_dirty


@pytest.mark.parametrize(
    ("key", "modifier", "share"),
    [
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 0.01),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, -0.01),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier, 0.10),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, -0.10),
    ],
)
def test_that_arrows_move_by_one_and_ten_per_cent_of_the_range(
    window: Any, qtbot: Any, key: Qt.Key, modifier: Any, share: float
) -> None:
    slider = row_of(window, PRICE).slider
    low, high = slider.ends
    slider.setFocus()
    qtbot.keyClick(slider, key, modifier)
    moved = window.session.plan.market.btc_price_usd - sample("briefing").market.btc_price_usd
    assert moved == pytest.approx(share * (high - low), abs=0.006 * (high - low))


def test_that_a_run_of_arrow_keys_is_one_step(window: Any, qtbot: Any) -> None:
    slider = row_of(window, PRICE).slider
    slider.setFocus()
    for _ in range(5):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert steps(window) == 1


def test_that_a_hashprice_which_no_btc_price_gives_is_refused_at_the_lever(window: Any, qtbot: Any) -> None:
    before = window.session.document.plan
    row = row_of(window, "market.hashprice_usd_per_ph_day")
    qtbot.keyClick(row.number, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(row.number, "120000")
    qtbot.keyClick(row.number, Qt.Key.Key_Return)
    assert window.session.document.plan is before
    assert row.note.isVisible()
    assert "BTC price must lie between" in row.note.text()
    assert row.number.text() == "33.30"


def test_that_a_typed_number_keeps_its_digits_and_moves_the_slider(window: Any, qtbot: Any) -> None:
    row = row_of(window, PRICE)
    before = row.slider.value()
    row.number.setFocus()
    row.number.selectAll()
    qtbot.keyClicks(row.number, "95123.456")
    qtbot.keyClick(row.number, Qt.Key.Key_Return)
    assert window.session.plan.market.btc_price_usd == 95_123.456
    assert row.slider.value() > before
    assert steps(window) == 1


def test_that_a_value_beyond_the_range_is_held_and_widens_it(window: Any) -> None:
    row = row_of(window, PRICE)
    window.session.set_value(PRICE, 900_000.0)
    assert row.number.value == 900_000.0
    assert window.session.plan.market.btc_price_usd == 900_000.0


def test_that_a_changed_lever_is_tinted_until_it_is_saved_or_reset(window: Any) -> None:
    row = row_of(window, PRICE)
    assert row.number.property("changed") is False
    window.session.set_value(PRICE, 90_000.0)
    assert row.number.property("changed") is True
    window.levers.reset_all()
    assert row.number.property("changed") is False


def test_that_resetting_all_levers_is_one_step(window: Any) -> None:
    window.session.set_value(PRICE, 90_000.0)
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 99.0)
    window.levers.reset_all()
    assert window.session.plan == sample("briefing")
    assert window.session.document.undo_stack.undoText() == "Reset all levers"
    window.undo()
    assert window.session.plan.ai_offers[0].rent_usd_per_it_kw_month == 99.0
    assert window.session.plan.market.btc_price_usd == 90_000.0


def test_that_any_number_can_be_pinned_by_name_and_unpinned_again(window: Any, qtbot: Any) -> None:
    count = len(window.levers.rows)
    window.levers.choose_field()
    qtbot.keyClicks(window.palette_panel.field, "pool fee s21")
    qtbot.keyClick(window.palette_panel.field, Qt.Key.Key_Return)
    row = row_of(window, "asic_lots.a1.pool_fee_fraction")
    assert len(window.levers.rows) == count + 1
    assert window.session.document.undo_stack.undoText() == "Pin Pool fee, Antminer S21"
    window.levers.unpin(row.lever.id)
    assert len(window.levers.rows) == count
    window.undo()
    qtbot.waitUntil(row_of(window, "asic_lots.a1.pool_fee_fraction").isVisible)
    window.undo()
    assert [r.lever for r in window.levers.rows] == list(sample("briefing").levers)


def test_that_a_pinned_field_is_offered_only_once(window: Any) -> None:
    window.levers.choose_field()
    assert all(entry.text != "BTC price" for entry in window.palette_panel.shown)


def test_that_a_lever_on_a_monthly_table_scales_the_table(window: Any) -> None:
    window.session.set_value(PRICE, Schedule(("2026-04", "2027-04"), (70_000.0, 140_000.0)))
    row = row_of(window, PRICE)
    assert row.number.value == 70_000.0
    row.slider.moved.emit(77_000.0)
    assert window.session.plan.market.btc_price_usd.values == pytest.approx((77_000.0, 154_000.0))


ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"


@pytest.fixture
def energy_row(window: Any) -> Any:
    """A lever with ends of its own on a table whose dearest month takes no more than 33⅓ times its price."""
    table = Schedule(("2026-04", "2026-08"), (2.0, 150.0))
    levers = (Lever("l9", ENERGY, low=20.0, high=100.0),)
    window.session.document.new(replace(dataclasses.replace(window.session.plan, levers=levers), ENERGY, table))
    return row_of(window, ENERGY)


def test_that_a_lever_on_a_monthly_table_goes_as_far_as_its_dearest_month_can(
    window: Any, energy_row: Any, qtbot: Any
) -> None:
    assert energy_row.slider.ends == pytest.approx((20.0, 66.6))
    drag(qtbot, energy_row.slider, 1000)
    assert read(window.session.plan, ENERGY).values == pytest.approx((66.6, 66.6 * 75))
    assert not energy_row.note.text()


def test_that_a_number_which_a_month_cannot_hold_is_refused_at_the_lever(
    window: Any, energy_row: Any, qtbot: Any
) -> None:
    before = window.session.plan
    energy_row.number.setFocus()
    energy_row.number.selectAll()
    qtbot.keyClicks(energy_row.number, "100")
    qtbot.keyClick(energy_row.number, Qt.Key.Key_Return)
    assert window.session.plan is before
    assert "must lie between −$500/MWh and $5,000/MWh, not $7,500/MWh (in 2026-08)" in energy_row.note.text()
    drag(qtbot, energy_row.slider, 10, 20)
    assert not energy_row.note.text()


def test_that_a_reset_brings_back_a_monthly_table_as_it_was(window: Any, energy_row: Any) -> None:
    saved = window.session.plan
    window.session.edit("x", replace(saved, ENERGY, Schedule(("2026-04", "2026-05"), (0.01, 4000.0))))
    energy_row.reset()
    assert window.session.plan == saved
    window.session.edit("x", replace(saved, ENERGY, 45.0))
    window.levers.reset_all()
    assert window.session.plan == saved


def test_that_a_table_of_which_a_later_month_is_another_is_changed_and_reset(
    window: Any, energy_row: Any, tmp_path: Path
) -> None:
    energy, document = energy_row, window.session.document
    window.session.edit("x", replace(window.session.plan, ENERGY, Schedule(("2026-04", "2026-05"), (50.0, 60.0))))
    document.save_as(tmp_path / "plan.busbar")
    saved = document.plan
    window.session.edit("x", replace(saved, ENERGY, Schedule(("2026-04", "2026-05"), (50.0, 99.0))))
    assert energy.number.property("changed") is True
    window.levers.reset_all()
    assert document.plan == saved
    assert energy.number.property("changed") is False
    window.session.edit("x", replace(saved, ENERGY, Schedule(("2026-04", "2026-05"), (50.0, 99.0))))
    assert energy.number.property("changed") is True
    document.save()
    assert energy.number.property("changed") is False, "the saved plan is the same now, later months too"


def test_that_a_pin_whose_record_has_gone_is_passed_over(window: Any) -> None:
    rows = len(window.levers.rows)
    gone = sum(row.lever.path.startswith("ai_offers.") for row in window.levers.rows)
    assert gone > 0
    window.session.edit("Delete offers", dataclasses.replace(window.session.plan, ai_offers=()))
    assert len(window.levers.rows) == rows - gone


def test_that_levers_stay_beside_every_page_made_so_far(window: Any) -> None:
    window.show_page("start")
    assert window.levers_dock.isVisible()


@pytest.mark.parametrize("span", [1e-6, 0.3, 1.0, 7.0, 170_000.0, 3e14])
def test_that_steps_are_round_and_fine_enough(span: float) -> None:
    step = nice_step(span)
    assert f"{step:.0e}"[0] in "125"
    assert 250 <= span / step * (1 + 1e-9) <= 700


def test_that_positions_read_as_round_numbers(qtbot: Any) -> None:
    slider = LeverSlider()
    qtbot.addWidget(slider)
    slider.set_range(0.0, 0.5)
    assert all(len(str(slider.number_at(p))) <= 6 for p in range(slider.maximum() + 1))
    slider.set_range(3, 9, whole=True)
    assert [slider.number_at(p) for p in range(slider.maximum() + 1)] == [3, 4, 5, 6, 7, 8, 9]


def test_that_scrolling_over_a_slider_does_not_move_it(window: Any) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent

    slider = row_of(window, PRICE).slider
    centre = QPointF(slider.rect().center())
    event = QWheelEvent(
        centre,
        QPointF(slider.mapToGlobal(slider.rect().center())),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)
    assert window.session.plan is sample("briefing")


def test_that_a_refused_number_of_a_lever_goes_with_undo(window: Any, qtbot: Any) -> None:
    row = window.levers.rows[0]
    shown = row.number.text()
    window.session.set_value("ai_offers.o1.term_months", 120)
    row.number.setFocus()
    row.number.selectAll()
    qtbot.keyClicks(row.number, "-5")
    qtbot.keyClick(row.number, Qt.Key.Key_Return)
    window.levers.rows[1].number.setFocus()
    assert (row.number.text(), bool(row.note.text())) == ("-5", True)
    window.undo()
    assert (row.number.text(), row.note.text(), row.number.isModified()) == (shown, "", False)


def test_that_a_field_that_is_pinned_is_scrolled_into_view(window: Any, qtbot: Any) -> None:
    window.resize(1280, 700)
    QApplication.processEvents()
    for name in ("count", "hashrate_th_per_s", "uptime_fraction", "pool_fee_fraction", "power_w"):
        window.levers.pin(f"asic_lots.a2.{name}")
        QApplication.processEvents()
    row, port = row_of(window, "asic_lots.a2.power_w"), window.levers.scroll.viewport()
    qtbot.waitUntil(lambda: port.rect().contains(row.slider.mapTo(port, row.slider.rect().center())), timeout=2000)
    assert window.levers.scroll.verticalScrollBar().value() > 0


def test_that_tab_goes_through_the_levers_from_the_top_whatever_was_pinned_last(window: Any, qtbot: Any) -> None:
    document = window.session.document
    levers = document.plan.levers
    # Another plan has them in another order, and keeps the rows that are there already.
    document.new(dataclasses.replace(document.plan, levers=(*levers[3:], *levers[:3])))
    QApplication.processEvents()
    inside = window.levers.scroll.widget()
    window.levers.rows[0].number.setFocus()
    heights = []
    while inside.isAncestorOf(window.focusWidget()):
        heights.append(window.focusWidget().mapTo(inside, QPoint(0, 0)).y())
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert heights == sorted(heights)
    assert len(heights) >= 2 * len(levers)
