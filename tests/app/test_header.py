"""The header: plan and scenario, four figures with their change, the age of the market data."""

from __future__ import annotations

import dataclasses
import math
import re
from datetime import date, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt, QTimerEvent
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QInputDialog

from app import theme
from app.shell.header import Header, age_of
from app.shell.headline import headlines
from models.defaults import empty_plan
from models.evaluate import evaluate
from models.samples import sample

PRICE = "market.btc_price_usd"


def test_that_the_figures_are_the_chosen_pairs() -> None:
    results = evaluate(sample("briefing"))
    hashprice, mining, hosting, gain = headlines(results, results, "a2", "o1")
    lot, offer = results.by_id["a2"], results.by_id["o1"]
    assert hashprice.value == results.market.spot_hashprice_usd_per_ph_day
    assert mining.value == lot.margin_usd_per_mw_year
    assert hosting.value == offer.margin_usd_per_mw_year
    assert gain.value == offer.npv_usd_per_mw - lot.npv_usd_per_mw
    assert lot.name in mining.caption
    assert offer.name in hosting.caption


def test_that_a_figure_without_its_record_is_not_computed() -> None:
    results = evaluate(empty_plan())
    _, mining, hosting, gain = headlines(results, results, None, None)
    assert all(math.isnan(h.value) for h in (mining, hosting, gain))
    assert "no machines yet" in mining.caption


def test_that_a_change_is_shown_with_sign_and_colour_until_it_is_undone(window: Any) -> None:
    figure = window.header.figures[1]
    assert figure.change == ""
    window.session.set_value(PRICE, 90_000.0)
    results, saved = window.session.results, window.session.baseline_results
    rise = results.by_id["a1"].margin_usd_per_mw_year - saved.by_id["a1"].margin_usd_per_mw_year
    assert figure.change == window.session.numbers.money(rise, sign=True)
    assert figure.change.startswith("+")
    assert figure.change_role == "positive"
    assert figure.value == window.session.numbers.money(results.by_id["a1"].margin_usd_per_mw_year)
    window.session.set_value(PRICE, 60_000.0)
    assert figure.change.startswith("−")
    assert figure.change_role == "negative"
    window.undo()
    window.undo()
    assert figure.change == ""


def test_that_the_figures_follow_the_chosen_pair(window: Any) -> None:
    window.session.choose(asic_id="a2", offer_id="o2")
    use = window.session.results.by_id["a2"]
    assert use.name in window.header.figures[1].caption
    assert window.header.figures[1].value == window.session.numbers.money(use.margin_usd_per_mw_year)


def test_that_a_plan_without_uses_shows_dashes_and_says_where_to_look(window: Any) -> None:
    window.session.document.new(empty_plan())
    assert window.header.figures[3].value == "—"
    assert "findings" in window.header.figures[3].explanation(window.session.numbers)


def test_that_name_and_unsaved_changes_are_shown(window: Any) -> None:
    assert window.header.name.full_text() == "March 2026 briefing"
    assert not window.isWindowModified()
    window.session.set_value(PRICE, 90_000.0)
    assert window.header.name.full_text() == "March 2026 briefing •"
    assert window.isWindowModified()


@pytest.mark.parametrize(
    ("as_of", "words", "role"),
    [
        ("2026-03-24", "today", "positive"),
        ("2026-03-23", "1 day old", "positive"),
        ("2026-03-17", "7 days old", "positive"),
        ("2026-03-16", "8 days old", "warning"),
        ("2026-02-20", "32 days old", "negative"),
        ("2025-03-24", "12 months old", "negative"),
        ("2026-04-24", "future", "warning"),
        ("", "undated", "warning"),
        ("soon", "undated", "warning"),
    ],
)
def test_that_the_age_of_market_data_is_said_and_coloured(as_of: str, words: str, role: str) -> None:
    text, found = age_of(as_of, date(2026, 3, 24))
    assert words in text
    assert found == role


def test_that_the_age_leads_to_the_field(window: Any, qtbot: Any) -> None:
    paths: list[str] = []
    window.session.selection_requested.connect(paths.append)
    # The machines' ratings in the sample are older, but a nameplate does not age.
    assert window.header.age.text() == "Oldest driver: difficulty, 3 days"
    qtbot.mouseClick(window.header.age, Qt.MouseButton.LeftButton)
    assert paths == ["market.difficulty"]
    assert window.page.name == "evidence"
    assert window.page.table.entries.entries[window.page.table.currentIndex().row()].path == "market.difficulty"


def test_that_a_change_without_room_is_written_shorter_and_never_cut(window: Any) -> None:
    window.session.set_value(PRICE, 90_000.0)
    figure = window.header.figures[1]
    metrics = QFontMetrics(theme.font("small"))
    assert figure.shown_change(500, metrics) == figure.change == "+$180,144"
    assert figure.shown_change(metrics.horizontalAdvance("+$180k") + 1, metrics) == "+$180k"
    assert figure.shown_change(metrics.horizontalAdvance("+$180k") - 1, metrics) == "▲"
    assert figure.shown_change(1, metrics) == ""
    hashprice = window.header.figures[0]
    assert hashprice.shown_change(500, metrics) == hashprice.narrow_change


@pytest.mark.parametrize("event", [QEvent(QEvent.Type.WindowActivate), QTimerEvent(1)], ids=lambda e: e.type().name)
def test_that_the_age_follows_the_day_of_a_window_that_is_left_open(window: Any, event: QEvent) -> None:
    days = int(re.search(r"(\d+) days", window.header.age.text()).group(1))
    window.session.today += timedelta(days=1)
    QApplication.sendEvent(window.header, event)
    assert f"{days + 1} days" in window.header.age.text()


def test_that_pages_follow_the_day_too(window: Any) -> None:
    window.show_page("market")
    window.show_page("evidence")
    window.show_page("market")
    page = window.page
    assert page.read_outs.text("age") == "3 days"
    window.session.today += timedelta(days=90)
    QApplication.sendEvent(window.header, QEvent(QEvent.Type.WindowActivate))
    assert page.read_outs.text("age") == "93 days"
    window.show_page("evidence")
    assert window.page.head.about.text().endswith("93\u00a0days")


def test_that_a_caption_without_room_begins_with_quantity_and_unit(window: Any) -> None:
    metrics = QFontMetrics(theme.font("small"))
    for figure, words in zip(
        window.header.figures,
        (
            "Hashprice /PH/day",
            "Margin /MW-yr · Antminer S21",
            "Margin /MW-yr · Powered-shell lease",
            "AI over mining /MW",
        ),
        strict=True,
    ):
        assert figure.shown_caption(900, metrics) == figure.caption
        assert figure.shown_caption(metrics.horizontalAdvance(words) + 2, metrics) == words
        cut = figure.shown_caption(metrics.horizontalAdvance(words) - 12, metrics)
        assert cut.endswith("…")
        assert words.startswith(cut[:-1])


def test_that_a_long_name_of_the_oldest_driver_leaves_its_days_and_the_changes_their_room(
    open_session: Any, show: Any, qtbot: Any
) -> None:
    header = show(Header(open_session(sample("own-gpus"))), 1100, 70)
    header.refresh()
    qtbot.waitUntil(lambda: header.age.text() != "")
    assert header.age.text().startswith("Oldest driver: IT power per G")
    assert "…, " in header.age.text()
    assert header.age.text().endswith(" days")
    assert header.figures[1].width() > 120
    header.resize(2400, 70)
    assert "…" not in header.age.text()


def test_that_the_oldest_driver_keeps_its_capitals(open_session: Any, show: Any, qtbot: Any) -> None:
    header = show(Header(open_session(sample("own-gpus"))), 1100, 70)
    header.refresh()
    qtbot.waitUntil(lambda: header.age.text().startswith("Oldest driver: IT power per GPU"))


def test_that_the_oldest_driver_is_sought_once_the_header_was_painted(open_session: Any, show: Any, qtbot: Any) -> None:
    header = Header(open_session())
    qtbot.wait(50)
    assert header.age.text() == ""
    show(header)
    qtbot.waitUntil(lambda: header.age.text() == "Oldest driver: difficulty, 3 days")


def test_that_a_market_without_a_day_says_so_and_leads_to_the_field(window: Any, qtbot: Any) -> None:
    window.session.set_value("market.as_of", "", "Undate")
    assert window.header.age.text() == "Market data undated"
    paths: list[str] = []
    window.session.selection_requested.connect(paths.append)
    qtbot.mouseClick(window.header.age, Qt.MouseButton.LeftButton)
    assert (paths, window.page.name) == (["market.as_of"], "market")


def test_that_the_picker_offers_base_and_scenarios_and_shows_them(window: Any) -> None:
    picker = window.header.scenario
    plan = sample("briefing")
    assert [picker.itemText(i) for i in range(picker.count())] == ["Base case", *(s.name for s in plan.scenarios)]
    picker.setCurrentIndex(1)
    picker.activated.emit(1)
    assert window.session.scenario_id == plan.scenarios[0].id
    assert window.session.results.scenario == plan.scenarios[0].id
    assert picker.property("own") == "true"


def type_name(window: Any, name: str) -> None:
    (dialog,) = [d for d in window.findChildren(QInputDialog, "scenario_name") if d.isVisible()]
    dialog.setTextValue(name)
    dialog.accept()


def test_that_a_scenario_is_added_renamed_reverted_and_deleted_in_named_steps(window: Any, qtbot: Any) -> None:
    session = window.session
    before = session.document.plan.scenarios
    window.scenarios.new()
    type_name(window, "Cheap power")
    assert session.document.undo_stack.undoText() == "Add Cheap power"
    assert window.header.scenario.currentText() == "Cheap power"
    session.set_value("power_contracts.p1.energy_price_usd_per_mwh", 30.0)
    assert session.document.plan.power_contracts == sample("briefing").power_contracts
    window.scenarios.rename()
    type_name(window, "Cheaper power")
    assert window.header.scenario.currentText() == "Cheaper power"
    window.scenarios.revert()
    assert session.plan.power_contracts == sample("briefing").power_contracts
    window.scenarios.delete()
    assert session.document.plan.scenarios == before
    assert session.scenario_id == "base"
    for _ in range(5):
        window.undo()
    assert session.document.plan == sample("briefing")


def test_that_children_of_a_deleted_scenario_move_to_its_parent(window: Any) -> None:
    session = window.session
    window.scenarios.new()
    type_name(window, "Parent")
    parent = session.scenario_id
    window.scenarios.new()
    type_name(window, "Child")
    child = next(s for s in session.document.plan.scenarios if s.name == "Child")
    assert child.parent_id == parent
    session.show_scenario(parent)
    window.scenarios.delete()
    assert next(s for s in session.document.plan.scenarios if s.name == "Child").parent_id is None


def test_that_the_figures_move_below_where_the_window_is_narrow(window: Any, qtbot: Any) -> None:
    grid = window.header.layout()
    assert grid.getItemPosition(grid.indexOf(window.header._figures))[:2] == (0, 1)
    window.header.resize(700, 100)
    qtbot.waitUntil(lambda: grid.getItemPosition(grid.indexOf(window.header._figures))[:2] == (1, 0))


def test_that_a_plan_of_the_same_ids_but_other_names_is_called_by_them(window: Any) -> None:
    plan = sample("briefing")
    lots = (dataclasses.replace(plan.asic_lots[0], model="S23 Hydro"), *plan.asic_lots[1:])
    window.session.edit("Rename", dataclasses.replace(plan, asic_lots=lots))
    assert "S23 Hydro" in window.header.figures[1].caption


def test_that_a_fired_tripwire_lights_up_and_leads_to_its_line(window: Any, session: Any, qtbot: Any) -> None:
    from models.plan import Observation, Tripwire

    header = window.header
    assert header.fired.isHidden()
    hashprice = "market.hashprice_usd_per_ph_day"
    seen = tuple(Observation(f"b{d}", hashprice, f"2026-05-{d:02d}", 55.0) for d in (1, 30))
    wires = (Tripwire("g1", hashprice, "below", 20.0), Tripwire("g2", hashprice, "above", 52.0))
    plan = dataclasses.replace(session.document.plan, tripwires=wires, observations=seen)
    session.edit_base("Watch hashprice", plan)
    assert header.fired.isVisible()
    assert header.fired.text() == "1 fired"
    assert header.fired.accessibleName() == "1 tripwire has fired"
    assert "above $52.00/PH/day for 30" in header.fired.toolTip()
    qtbot.mouseClick(header.fired, Qt.MouseButton.LeftButton)
    assert window.page.name == "sensitivity"
    window.page.flush()
    assert window.page.tab == "tripwires"
    assert window.page.tables["tripwires"].current_key == "g2"
    session.document.undo()
    assert header.fired.isHidden()
    window.page.flush()
