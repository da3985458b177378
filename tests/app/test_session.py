"""What the pages share: the plan on show, edits that find their place, the chosen pair."""

from __future__ import annotations

import dataclasses
import gc
import threading
import weakref
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, QObject

from app.files.document import Document
from app.main import Collector
from app.numbers import Numbers
from app.session import Session
from app.settings import Settings
from models import fields
from models.defaults import add_to, new_record
from models.drivers import HASHPRICE, drivers, value_of, with_value
from models.plan import Lever, Plan, Scenario
from models.samples import sample
from models.scenario_edits import edited
from models.scenarios import plan_for, scenario_by_name

PRICE = "market.btc_price_usd"
RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


def with_scenarios(plan: Plan) -> Plan:
    scenarios = (
        Scenario("c1", "Bull", ((PRICE, 120_000.0),)),
        Scenario("c2", "Bull and dear power", (("power_contracts.p1.energy_price_usd_per_mwh", 60.0),), "c1"),
        Scenario("c3", "Hashprice", ((HASHPRICE, 60.0),)),
    )
    return dataclasses.replace(plan, scenarios=scenarios)


PLAN = with_scenarios(sample("briefing"))


def shown(plan: Plan, scenario_id: str) -> Plan:
    return plan_for(plan, scenario_by_name(plan, scenario_id))


def test_that_the_day_goes_on_while_a_window_is_open(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session(Document(sample("briefing")), Settings(), Numbers(QLocale("en_US")))
    for seconds, day in ((0, date(1970, 1, 1)), (86_400, date(1970, 1, 2))):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(seconds))
        assert session.today == day
    session.today = date(2026, 3, 24)
    assert session.today == date(2026, 3, 24)
    session.recompute.flush()
    session.document.close()


def test_that_an_edit_is_a_named_step_and_results_follow_at_once(session: Any) -> None:
    seen: list[float] = []
    session.results_changed.connect(lambda r: seen.append(r.market.btc_price_usd[0]))
    session.set_value(PRICE, 100_000.0)
    assert session.document.undo_stack.undoText() == "Change BTC price"
    assert seen == [100_000.0]
    session.document.undo()
    assert session.plan is sample("briefing")
    assert session.results.market.btc_price_usd[0] == sample("briefing").market.btc_price_usd


def test_that_hashprice_moves_the_btc_price(session: Any) -> None:
    session.set_value(HASHPRICE, 2 * value_of(session.plan, HASHPRICE))
    assert session.plan.market.btc_price_usd == pytest.approx(2 * sample("briefing").market.btc_price_usd)
    assert session.document.undo_stack.undoText() == "Change Hashprice"


def test_that_the_baseline_is_the_saved_plans_base_case(session: Any) -> None:
    before = session.results
    session.set_value(PRICE, 100_000.0)
    assert session.baseline_results.uses[0].npv_usd_per_mw == before.uses[0].npv_usd_per_mw
    assert session.results.uses[0].npv_usd_per_mw > before.uses[0].npv_usd_per_mw


def test_that_values_edited_under_a_scenario_become_its_overrides(session: Any) -> None:
    session.document.new(PLAN)
    session.show_scenario("c2")
    assert session.plan.market.btc_price_usd == 120_000.0
    session.set_value(PRICE, 130_000.0)
    base = session.document.plan
    assert base.market.btc_price_usd == PLAN.market.btc_price_usd
    assert dict(scenario_by_name(base, "c1").overrides) == {PRICE: 120_000.0}
    assert dict(scenario_by_name(base, "c2").overrides)[PRICE] == 130_000.0
    assert session.plan.market.btc_price_usd == 130_000.0
    session.set_value(PRICE, 120_000.0)
    assert PRICE not in dict(scenario_by_name(session.document.plan, "c2").overrides)


def test_that_records_added_under_a_scenario_belong_to_the_plan(session: Any) -> None:
    session.document.new(PLAN)
    session.show_scenario("c1")
    session.edit("Add a lot", add_to(session.plan, new_record(session.plan, "asic_lots")))
    assert len(session.document.plan.asic_lots) == len(PLAN.asic_lots) + 1
    assert session.document.plan.market.btc_price_usd == PLAN.market.btc_price_usd


def test_that_the_base_comes_back_when_the_scenario_on_show_goes(session: Any) -> None:
    session.document.new(PLAN)
    session.show_scenario("c3")
    rest = tuple(s for s in PLAN.scenarios if s.id != "c3")
    session.edit_base("Delete", dataclasses.replace(PLAN, scenarios=rest))
    assert session.scenario_id == "base"
    assert session.results.scenario == "base"


@pytest.mark.parametrize("scenario_id", ["c1", "c2", "c3"])
@given(data=st.data())
def test_that_any_edited_number_shows_as_it_was_edited_and_leaves_the_base_alone(
    scenario_id: str, data: st.DataObject
) -> None:
    before = shown(PLAN, scenario_id)
    after = before
    for _ in range(data.draw(st.integers(1, 3))):
        found = data.draw(st.sampled_from(drivers(after)))
        low, high = max(found.low, -1e15), min(found.high, 1e15)
        after = with_value(after, found.path, data.draw(st.floats(low, high)))
    result = edited(PLAN, scenario_id, after)
    assert shown(result, scenario_id) == dataclasses.replace(after, scenarios=result.scenarios)
    assert dataclasses.replace(result, scenarios=PLAN.scenarios) == PLAN
    others = [s for s in result.scenarios if s.id != scenario_id]
    assert others == [s for s in PLAN.scenarios if s.id != scenario_id]


def test_that_pins_are_no_part_of_a_scenario() -> None:
    before = shown(PLAN, "c1")
    after = dataclasses.replace(before, levers=(*before.levers, Lever("l99", RENT)))
    result = edited(PLAN, "c1", after)
    assert result.levers == after.levers
    assert result.scenarios == PLAN.scenarios


def test_that_a_removed_record_goes_from_the_plan_and_the_others_keep_their_order() -> None:
    before = shown(PLAN, "c1")
    lots = before.asic_lots
    result = edited(PLAN, "c1", dataclasses.replace(before, asic_lots=(lots[2], lots[0])))
    assert result.asic_lots == (PLAN.asic_lots[2], PLAN.asic_lots[0])


def test_that_the_pair_that_was_compared_is_shown_again_when_the_plan_is_opened_again(
    open_session: Any, tmp_path: Path
) -> None:
    first = open_session(sample("three-sites"))
    first.document.save_as(tmp_path / "plan.busbar")
    first.choose(asic_id="a3", offer_id="o2")
    first.document.new(sample("briefing"))
    assert (first.chosen_asic_id, first.chosen_offer_id) == ("a1", "o1"), "another plan's ids say nothing here"
    first.document.open(tmp_path / "plan.busbar")
    assert (first.chosen_asic_id, first.chosen_offer_id) == ("a3", "o2")
    first.document.open_copy(tmp_path / "plan.busbar")
    assert (first.chosen_asic_id, first.chosen_offer_id) == ("a1", "o1"), "a copy has no place of its own yet"
    assert Settings().pair_of(tmp_path / "plan.busbar") == ("a3", "o2")


def test_that_an_undone_import_shows_the_former_pair_again(session: Any) -> None:
    plan = session.plan
    session.choose(offer_id="o2")
    new = dataclasses.replace(plan.ai_offers[0], id="o9")
    session.edit("Import", dataclasses.replace(plan, ai_offers=(*plan.ai_offers, new)))
    session.choose(offer_id="o9")
    session.document.undo()
    assert (session.chosen_asic_id, session.chosen_offer_id) == ("a1", "o2")


def test_that_a_drag_writes_no_settings(session: Any, tmp_path: Path, monkeypatch: Any) -> None:
    session.document.save_as(tmp_path / "plan.busbar")
    written: list[object] = []
    monkeypatch.setattr(session.settings, "keep_pair", lambda *about: written.append(about))
    session.begin_drag()
    session.set_value("market.btc_price_usd", 80_000.0)
    session.end_drag()
    assert written == []


def test_that_the_pair_is_kept_while_it_exists_and_replaced_when_it_goes(session: Any) -> None:
    changes: list[None] = []
    session.chosen_changed.connect(lambda: changes.append(None))
    assert (session.chosen_asic_id, session.chosen_offer_id) == ("a1", "o1")
    session.choose(asic_id="a2", offer_id="o2")
    assert (session.chosen_asic_id, session.chosen_offer_id) == ("a2", "o2")
    plan = session.plan
    session.edit("Delete", dataclasses.replace(plan, asic_lots=tuple(a for a in plan.asic_lots if a.id != "a2")))
    assert (session.chosen_asic_id, session.chosen_offer_id) == ("a1", "o2")
    session.document.new(fields.replace(sample("three-sites"), "ai_offers", ()))
    assert session.chosen_offer_id is None
    assert len(changes) == 3


def test_that_selecting_a_path_asks_for_its_page_first(session: Any) -> None:
    order: list[str] = []
    session.page_requested.connect(order.append)
    session.selection_requested.connect(order.append)
    session.select("power_contracts.p1.energy_price_usd_per_mwh")
    assert order == ["sites", "power_contracts.p1.energy_price_usd_per_mwh"]


def test_that_undo_and_redo_show_the_scenario_in_which_the_edit_was_made(session: Any) -> None:
    session.document.new(PLAN)
    session.show_scenario("c1")
    session.set_value(PRICE, 130_000.0)
    session.show_scenario("base")
    session.set_value(RENT, 150.0)
    session.document.undo()
    assert session.scenario_id == "base"
    session.document.undo()
    assert (session.scenario_id, session.plan.market.btc_price_usd) == ("c1", 120_000.0)
    assert session.results.scenario == "c1"
    session.show_scenario("c2")
    session.document.redo()
    assert (session.scenario_id, session.plan.market.btc_price_usd) == ("c1", 130_000.0)
    session.document.redo()
    assert session.scenario_id == "base"


def test_that_a_deleted_scenario_is_on_show_again_after_undo(session: Any) -> None:
    session.document.new(PLAN)
    session.show_scenario("c3")
    session.edit_base("Delete", dataclasses.replace(PLAN, scenarios=PLAN.scenarios[:2]))
    session.document.undo()
    assert session.scenario_id == "c3"
    session.document.redo()
    assert session.scenario_id == "base"


def test_that_the_first_offer_brings_its_levers_and_a_second_none(session: Any) -> None:
    session.edit("Keep the machines only", dataclasses.replace(session.plan, ai_offers=(), levers=()))
    session.edit("Add a lease", add_to(session.plan, new_record(session.plan, "ai_offers", "lease")))
    offer = session.plan.ai_offers[0].id
    new = [f"ai_offers.{offer}.rent_usd_per_it_kw_month", f"ai_offers.{offer}.capex_usd_per_it_mw"]
    assert [v.path for v in session.plan.levers] == [*new, "assumptions.lease_discount_rate_fraction"]
    session.document.undo()
    assert session.plan.levers == ()
    session.document.redo()
    session.edit("Take all levers away", dataclasses.replace(session.plan, levers=()))
    session.edit("Add another", add_to(session.plan, new_record(session.plan, "ai_offers", "lease")))
    assert session.plan.levers == ()


def test_that_garbage_is_collected_by_the_event_loop_and_in_no_worker(qapp: Any, qtbot: Any) -> None:
    class Knot:
        pass

    parent = QObject()
    collector = Collector(parent)
    try:
        knot = Knot()
        knot.itself = knot
        gone = weakref.ref(knot)
        del knot
        garbage = [[k] for k in range(2_000)]  # enough that a collection is due
        worker = threading.Thread(target=lambda: [[k] for k in range(50_000)])
        worker.start()
        worker.join()
        assert gone() is not None
        assert garbage
        qtbot.waitUntil(lambda: gone() is None, timeout=5_000)
    finally:
        collector.stop()
    assert gc.isenabled()
    gc.disable()  # as it is while a test with Qt runs
