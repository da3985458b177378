"""The power page: it follows levers, says what is not known, and shows a month's bill."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from app import theme
from app.cards import Card
from app.charts.view import ChartView
from app.pages.power import PowerPage
from models.curves import month_after
from models.plan import PowerContract
from models.samples import sample
from tests.hourly_plan import hourly_plan
from tests.large_plan import large_plan


@pytest.fixture
def page(open_session: Any, show: Any) -> Any:
    """Open the page on a plan."""

    def make(plan: Any = None) -> PowerPage:
        session = open_session(plan or hourly_plan())
        page = PowerPage(session)
        session.results_changed.connect(lambda _: page.refresh())
        page.refresh()
        return show(page, 1100, 800)

    return make


def strike(page: PowerPage) -> str:
    spec = page.views["duration"].spec
    assert spec is not None
    return next(r.text for r in spec.references if r.id == "strike")


def test_that_everything_follows_a_dragged_price(page: Any, qtbot: Any) -> None:
    page = page()
    session = page.session
    before = (strike(page), page.bridge.rows, page.hours.rows, page.ledger.rows)
    session.begin_drag()
    session.set_value("market.hashprice_usd_per_ph_day", 20.0, merge_key="drag")
    session.recompute.flush()
    qtbot.waitUntil(lambda: not session.after_plots.is_waiting)  # the tables follow the plots
    after = (strike(page), page.bridge.rows, page.hours.rows, page.ledger.rows)
    session.end_drag()
    assert all(a != b for a, b in zip(before, after, strict=True))
    session.document.undo()
    session.recompute.flush()
    assert (strike(page), page.bridge.rows, page.hours.rows, page.ledger.rows) == before


@pytest.mark.parametrize(("width", "height", "scale"), [(680, 520, 2.0), (980, 600, 1.5), (1100, 800, 1.0)])
def test_that_what_is_not_known_is_read_whole_in_little_room(
    page: Any, qapp: Any, width: int, height: int, scale: float
) -> None:
    try:
        theme.apply_theme(qapp, "light", scale)
        page = page(sample("briefing"))
        page.resize(width, height)
        qapp.processEvents()
        words = page.notice
        assert words.text().startswith("The contracts of Prairie Creek name fixed prices")
        assert words.text() in words.toolTip()
        assert words.heightForWidth(words.width()) <= words.height()
        assert not words.geometry().intersects(page.notice_buttons["import"].geometry())
    finally:
        theme.apply_theme(qapp, "light", 1.0)


def test_that_three_columns_hold_a_picture_each_above_its_figures(page: Any, qapp: Any) -> None:
    page = page(sample("briefing"))
    page.resize(2000, 1280)
    qapp.processEvents()
    assert page.columns.columns == 3
    assert page.columns.verticalScrollBar().maximum() == 0, "all of it is in sight"


def test_that_hours_add_up_to_the_month(page: Any) -> None:
    page = page()
    rows = page.hours.rows
    hours = [float(row.texts[0].replace(",", "")) for row in rows]
    assert sum(hours[:3]) == pytest.approx(hours[3], abs=0.11)
    assert (hours[3], rows[3].texts[2]) == (720.0, "8,760")


def test_that_each_offer_is_said_to_give_the_ledger_up(page: Any) -> None:
    page = page()
    said = [words.text() for words in page._sentences if words.text()]
    assert len(said) == len(page.session.plan.ai_offers)
    assert said[0].startswith("$")
    assert "per MW-year of Prairie Creek's Antminer S21 margin comes from being able to stop" in said[0]
    assert "Powered-shell lease gives it up. It earns $" in said[0]


def test_that_a_ledger_that_lacks_a_price_says_in_which_month(page: Any) -> None:
    plan = hourly_plan()
    now = dataclasses.replace(plan.power_contracts[0], end_month="2026-12")
    later = PowerContract("p9", now.site_id, 40.0, "block", start_month="2027-01")
    page = page(dataclasses.replace(plan, power_contracts=(now, later)))
    said = [words.text() for words in page._sentences if words.text()]
    assert said == [
        "What a year of being able to stop is worth is not known: a price of Prairie Creek's power is missing in "
        "Jan 2027."
    ]


def test_that_month_and_machines_are_chosen(page: Any) -> None:
    page = page()
    page.month_picker.setCurrentIndex(3)
    page.month_picker.activated.emit(3)
    assert page.views["duration"].spec.title == "Price duration, Jul 2026"
    page.lot_picker.setCurrentIndex(1)
    page.lot_picker.activated.emit(1)
    assert page.session.chosen_asic_id == "a2"
    assert page.views["months"].spec.subtitle.startswith("Antminer S19j XP")
    assert page.views["duration"].spec.title == "Price duration, Jul 2026"


def test_that_the_month_stays_when_the_plan_begins_later(page: Any) -> None:
    page = page()
    page.month_picker.setCurrentIndex(3)
    page.month_picker.activated.emit(3)
    plan = page.session.plan
    later = month_after(plan.plan.start, 1)
    page.session.edit("later", dataclasses.replace(plan, plan=dataclasses.replace(plan.plan, start=later)))
    page.session.recompute.flush()
    assert page.views["duration"].spec.title == "Price duration, Jul 2026"


@pytest.mark.parametrize("what", ["price", "running", "cost"])
def test_that_the_hours_are_shown_by_day(page: Any, what: str) -> None:
    page = page()
    row = page.hours_picker.findData(what)
    page.hours_picker.setCurrentIndex(row)
    page.hours_picker.activated.emit(row)
    assert page.heat.isVisible()
    assert page.heat.chart.values.shape == (24, 30)


def test_that_fixed_prices_are_said_to_decide_by_the_month_and_lead_to_the_import(page: Any, qtbot: Any) -> None:
    page = page(sample("briefing"))
    assert "a whole month at a time" in page.notice.text()
    with qtbot.waitSignal(page.session.command_requested) as said:
        page.notice_buttons["import"].click()
    assert said.args == ["file.import"]
    assert not page.notice_buttons["contract"].isVisible()


def test_that_prices_without_a_contract_lead_to_the_contract(page: Any, qtbot: Any) -> None:
    page = page(dataclasses.replace(hourly_plan(), power_contracts=sample("briefing").power_contracts))
    assert "names a fixed price" in page.notice.text()
    with qtbot.waitSignal(page.session.selection_requested) as said:
        page.notice_buttons["contract"].click()
    assert said.args == ["power_contracts.p1.kind"]


def test_that_a_site_without_contract_and_a_plan_without_machines_say_so(page: Any) -> None:
    bare = page(dataclasses.replace(sample("briefing"), power_contracts=()))
    assert "no power contract" in bare.notice.text()
    assert bare.notice_buttons["contract"].text() == "Add a contract"
    empty = page(dataclasses.replace(sample("briefing"), asic_lots=(), splits=()))
    assert empty.stack.currentIndex() == 1


def test_that_a_large_plan_shows_the_chosen_site_alone(page: Any) -> None:
    page = page(large_plan())
    assert {a.site_id for a in page.plots.plan.asic_lots} == {"s1"}
    assert page.lot_picker.count() == 60


@pytest.mark.parametrize("size", [(1900, 1250), (1100, 1800)])
def test_that_the_charts_take_the_height_that_a_large_window_leaves(page: Any, size: tuple[int, int]) -> None:
    shown = page()
    shown.resize(*size)
    QApplication.processEvents()
    inside = shown.columns.widget()
    cards = [c for c in inside.findChildren(Card) if c.parentWidget() is inside and c.isVisible()]
    assert max(c.geometry().bottom() for c in cards) >= shown.columns.viewport().height() - 12
    assert shown.columns.verticalScrollBar().maximum() == 0
    heights = {c.height() for c in cards if c.findChild(ChartView) is not None}
    assert len(heights) == 1
