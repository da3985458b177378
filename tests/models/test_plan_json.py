"""Plans as JSON: equal plans come back, and whatever cannot be meant is refused by its path."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from models.fields import Schedule
from models.plan import Plan
from models.problems import PlanFileError
from models.storage.plan_json import plan_from_json, plan_to_json
from tests.strategies import dear, plans

EXAMPLE: dict[str, Any] = {
    "busbar_plan": 1,
    "plan": {"name": "Example", "start": "2026-04", "horizon_months": 120},
    "assumptions": {"mining_discount_rate_fraction": 0.15, "economic_shutdown": True},
    "market": {"btc_price_usd": 70870.25, "difficulty": 133.79e12, "block_height": 941472},
    "sites": [{"id": "s1", "name": "North", "capacity_mw": 100.0, "convertible_mw": 60.0, "mining_pue": 1.03}],
    "power_contracts": [{"id": "p1", "site_id": "s1", "kind": "fixed", "energy_price_usd_per_mwh": 50.0}],
    "asic_lots": [
        {"id": "a1", "site_id": "s1", "model": "S21", "count": 10000, "hashrate_th_per_s": 200.0, "power_w": 3500.0}
    ],
    "ai_offers": [
        {
            "id": "o1",
            "site_id": "s1",
            "kind": "lease",
            "name": "Lease",
            "critical_it_mw": 40.0,
            "rent_usd_per_it_kw_month": 128.0,
            "first_rent_month": "2027-04",
            "term_months": 180,
        },
        {
            "id": "o2",
            "site_id": "s1",
            "kind": "gpu_cloud",
            "name": "Own GPUs",
            "critical_it_mw": 10.0,
            "it_kw_per_gpu": 1.8,
            "price_usd_per_gpu_hour": 2.9,
            "first_rent_month": "2027-04",
            "term_months": 60,
        },
    ],
    "splits": [{"id": "w1", "site_id": "s1", "use_id": "o1", "mw": 10.0}],
    "evidence": [{"id": "e1", "path": "market.btc_price_usd", "date": "2026-03-21"}],
    "scenarios": [
        {"id": "bull", "name": "BTC 120k", "overrides": {"market.btc_price_usd": 120000.0}},
        {"id": "bear", "name": "BTC down", "parent_id": "bull"},
    ],
}


def example() -> dict[str, Any]:
    return copy.deepcopy(EXAMPLE)


def refusal(data: Any) -> str:
    with pytest.raises(PlanFileError) as caught:
        plan_from_json(data, "plan.json")
    message = str(caught.value)
    assert message.startswith("plan.json")
    assert "\n" not in message
    return message


@given(plans())
def test_that_any_plan_comes_back_equal(plan: Plan) -> None:
    content = plan_to_json(plan)
    assert plan_from_json(content, "x") == plan
    assert plan_from_json(json.dumps(content), "x") == plan
    assert plan_from_json(json.dumps(content, ensure_ascii=False, allow_nan=False).encode(), "x") == plan


@dear
@given(plans())
def test_that_equal_plans_have_the_same_json(plan: Plan) -> None:
    again = plan_from_json(plan_to_json(plan), "x")
    assert json.dumps(plan_to_json(again)) == json.dumps(plan_to_json(plan))


def test_that_only_fields_of_the_kind_are_written() -> None:
    lease, gpus = plan_to_json(plan_from_json(EXAMPLE, "x"))["ai_offers"]
    assert "price_usd_per_gpu_hour" not in lease
    assert "rent_usd_per_it_kw_month" in lease
    assert "rent_usd_per_it_kw_month" not in gpus
    assert lease["capex_months"] == 12, "a default is written, so that a later default cannot change the plan"


def test_that_a_field_of_another_kind_survives_where_it_was_given() -> None:
    data = example()
    data["ai_offers"][1]["rent_usd_per_it_kw_month"] = 99.0
    written = plan_to_json(plan_from_json(data, "x"))
    assert written["ai_offers"][1]["rent_usd_per_it_kw_month"] == 99.0


def test_that_whole_numbers_and_floats_are_taken_for_each_other() -> None:
    data = example()
    data["asic_lots"][0] |= {"count": 10000.0, "power_w": 3500}
    lot = plan_from_json(data, "x").asic_lots[0]
    assert (type(lot.count), type(lot.power_w)) == (int, float)
    assert (lot.count, lot.power_w) == (10000, 3500.0)


def test_that_absent_tables_and_fields_take_their_defaults() -> None:
    plan = plan_from_json({key: EXAMPLE[key] for key in ("busbar_plan", "plan", "market")}, "x")
    assert plan.sites == ()
    assert plan.assumptions.lease_discount_rate_fraction == 0.10


def test_that_a_monthly_table_is_read_in_order_of_its_months() -> None:
    data = example()
    data["market"]["btc_price_usd"] = {"monthly": {"2026-07": 72000, "2026-04": 70870.25}}
    plan = plan_from_json(data, "x")
    assert plan.market.btc_price_usd == Schedule(("2026-04", "2026-07"), (70870.25, 72000.0))
    assert plan_to_json(plan)["market"]["btc_price_usd"] == {"monthly": {"2026-04": 70870.25, "2026-07": 72000.0}}


def test_that_a_scenario_may_hold_a_monthly_table_and_the_hashprice() -> None:
    data = example()
    data["scenarios"][0]["overrides"] = {
        "power_contracts.p1.energy_price_usd_per_mwh": {"monthly": {"2027-01": 55}},
        "market.hashprice_usd_per_ph_day": 40,
        "asic_lots.a1.count": 5000.0,
    }
    (first, second, third) = plan_from_json(data, "x").scenarios[0].overrides
    assert first == ("power_contracts.p1.energy_price_usd_per_mwh", Schedule(("2027-01",), (55.0,)))
    assert second == ("market.hashprice_usd_per_ph_day", 40.0)
    assert third == ("asic_lots.a1.count", 5000)


def test_that_a_byte_order_mark_is_no_part_of_the_plan() -> None:
    assert plan_from_json("\ufeff" + json.dumps(EXAMPLE), "x") == plan_from_json(EXAMPLE, "x")
    assert plan_from_json(json.dumps(EXAMPLE).encode("utf-8-sig"), "x") == plan_from_json(EXAMPLE, "x")


CHANGES: list[tuple[Callable[[dict[str, Any]], Any], str, str]] = [
    (lambda d: d["asic_lots"][0].update(uptime_fraction=5), "asic_lots.a1.uptime_fraction", "between 0 and 1"),
    (lambda d: d["asic_lots"][0].update(uptime_fraction="0.9"), "asic_lots.a1.uptime_fraction", "must be a number"),
    (lambda d: d["asic_lots"][0].update(uptime_fraction=True), "asic_lots.a1.uptime_fraction", "must be a number"),
    (lambda d: d["asic_lots"][0].update(uptime_fraction=None), "asic_lots.a1.uptime_fraction", "is missing"),
    (lambda d: d["asic_lots"][0].update(uptime_fraction=[0.9]), "asic_lots.a1.uptime_fraction", "not a list"),
    (lambda d: d["asic_lots"][0].update(power_w=float("nan")), "asic_lots.a1.power_w", "finite"),
    (lambda d: d["asic_lots"][0].update(power_w=float("inf")), "asic_lots.a1.power_w", "finite"),
    (lambda d: d["asic_lots"][0].update(power_w=10**400), "asic_lots.a1.power_w", "finite"),
    (lambda d: d["asic_lots"][0].update(count=-(10**400)), "asic_lots.a1.count", "finite"),
    (lambda d: d["asic_lots"][0].update(count=1.5), "asic_lots.a1.count", "whole number"),
    (lambda d: d["asic_lots"][0].update(uptime_fracton=0.9), "asic_lots.a1", "uptime_fraction"),
    (lambda d: d["asic_lots"][0].pop("model"), "asic_lots.a1.model", "is missing"),
    (lambda d: d["asic_lots"][0].update(model="\ud800"), "asic_lots.a1.model", "cannot be stored"),
    (lambda d: d["asic_lots"][0].update(model="a\x00b"), "asic_lots.a1.model", "cannot be stored"),
    (lambda d: d["asic_lots"][0].update(model=" "), "asic_lots.a1.model", "is empty"),
    (lambda d: d["asic_lots"][0].update(model=7), "asic_lots.a1.model", "must be text"),
    (lambda d: d["asic_lots"][0].pop("id"), "asic_lots, entry 1", "no id"),
    (lambda d: d["asic_lots"][0].update(id=7), "asic_lots, entry 1", "no id"),
    (lambda d: d["asic_lots"][0].update(id=""), "asic_lots", "cannot be an id"),
    (lambda d: d["asic_lots"][0].update(id="a.1"), "asic_lots", "'a.1' cannot be an id"),
    (lambda d: d["asic_lots"][0].update(id="a/1"), "asic_lots", "cannot be an id"),
    (lambda d: d["asic_lots"][0].update(id="a1\n"), "asic_lots", "cannot be an id"),
    (lambda d: d["asic_lots"][0].update(id="a" * 5000), "asic_lots", "cannot be an id"),
    (lambda d: d["asic_lots"][0].update(id="s1"), "asic_lots.s1", "already taken in sites"),
    (lambda d: d["asic_lots"].append(d["asic_lots"][0]), "asic_lots.a1", "already taken"),
    (lambda d: d["asic_lots"][0].update(site_id="s9"), "asic_lots.a1.site_id", "no 's9' in sites"),
    (lambda d: d["asic_lots"][0].update(site_id="a1"), "asic_lots.a1.site_id", "no 'a1' in sites"),
    (lambda d: d["asic_lots"].append("a2"), "asic_lots, entry 2", "a record is expected"),
    (lambda d: d.update(asic_lots={"a1": {}}), "asic_lots", "a list of records"),
    (lambda d: d.update(asic_lots=None), "asic_lots", "a list of records"),
    (lambda d: d["splits"][0].update(use_id="s1"), "splits.w1.use_id", "asic_lots or ai_offers"),
    (lambda d: d["ai_offers"][0].update(kind="rental"), "ai_offers.o1.kind", "lease, gpu_cloud"),
    (lambda d: d["ai_offers"][0].update(kind=["lease"]), "ai_offers.o1.kind", "not a list"),
    (lambda d: d["ai_offers"][0].update(kind={"a": 1}), "ai_offers.o1.kind", "monthly table"),
    (lambda d: d["ai_offers"][0].update(first_rent_month="2027-13"), "ai_offers.o1.first_rent_month", "not a month"),
    (lambda d: d["ai_offers"][0].update(first_rent_month="2027-04\n"), "ai_offers.o1.first_rent_month", "not a month"),
    (lambda d: d["ai_offers"][0].update(first_rent_month="٢٠٢٧-04"), "ai_offers.o1.first_rent_month", "not a month"),
    (lambda d: d["evidence"][0].update(date="2026-02-30"), "evidence.e1.date", "not a date"),
    (lambda d: d["evidence"][0].update(date="20260221"), "evidence.e1.date", "not a date"),
    (lambda d: d["market"].update(btc_price_usd={"monthly": {}}), "market.btc_price_usd", "monthly table"),
    (lambda d: d["market"].update(btc_price_usd={"yearly": {"2026": 1}}), "market.btc_price_usd", "monthly table"),
    (lambda d: d["market"].update(btc_price_usd={"monthly": {"2026-00": 1}}), "market.btc_price_usd", "not a month"),
    (lambda d: d["market"].update(btc_price_usd={"monthly": {"2026-01": None}}), "market.btc_price_usd", "number"),
    (lambda d: d["market"].update(btc_price_usd={"monthly": {"2026-01": -1}}), "market.btc_price_usd", "2026-01"),
    (lambda d: d["market"].update(btc_price_usd={"monthly": {"2026-01": 10**400}}), "market.btc_price_usd", "2026-01"),
    (lambda d: d["market"].update(block_height={"monthly": {"2026-01": 1}}), "market.block_height", "not a monthly"),
    (lambda d: d["market"].pop("block_height"), "market.block_height", "is missing"),
    (lambda d: d.pop("market"), "market", "no 'market'"),
    (lambda d: d.pop("plan"), "plan", "no 'plan'"),
    (lambda d: d.update(market=[]), "market", "a record is expected"),
    (lambda d: d.update(assumptions=3), "assumptions", "a record is expected"),
    (lambda d: d["assumptions"].update(economic_shutdown=1), "assumptions.economic_shutdown", "true or false"),
    (lambda d: d.update(notes="x"), "plan.json", "no field 'notes'"),
    (lambda d: d["plan"].update(currency="EUR"), "plan", "no field 'currency'"),
    (lambda d: d["plan"].update(id="p9"), "plan", "no field 'id'"),
    (lambda d: d["scenarios"][1].update(parent_id="x"), "scenarios.bear.parent_id", "no 'x' in scenarios"),
    (lambda d: d["scenarios"][0].update(parent_id="bear"), "parent_id", "inherits from itself"),
    (lambda d: d["scenarios"][0].update(overrides=[]), "scenarios.bull.overrides", "paths and values"),
    (lambda d: d["scenarios"][0].update(overrides=None), "scenarios.bull.overrides", "paths and values"),
    (lambda d: d["scenarios"][0].update(overrides={"market.x": 1}), "scenarios.bull.overrides", "no input 'market.x'"),
    (lambda d: d["scenarios"][0].update(overrides={"market": 1}), "scenarios.bull.overrides", "no input"),
    (lambda d: d["scenarios"][0].update(overrides={"": 1}), "scenarios.bull.overrides", "no input"),
    (lambda d: d["scenarios"][0].update(overrides={"sites.s1": 1}), "scenarios.bull.overrides", "no input"),
    (lambda d: d["scenarios"][0].update(overrides={"sites.s1.id": "s2"}), "scenarios.bull.overrides", "no input"),
    (lambda d: d["scenarios"][0].update(overrides={"evidence.e1.claim": ""}), "scenarios.bull.overrides", "no input"),
    (lambda d: d["scenarios"][0].update(overrides={"asic_lots.a1.count": 1.5}), "asic_lots.a1.count", "whole number"),
    (lambda d: d["scenarios"][0].update(overrides={"asic_lots.a1.site_id": "s9"}), "asic_lots.a1.site_id", "no 's9'"),
    (
        lambda d: d["scenarios"][0].update(overrides={"market.hashprice_usd_per_ph_day": "40"}),
        "market.hashprice_usd_per_ph_day",
        "must be a number",
    ),
]


@pytest.mark.parametrize(("change", "path", "reason"), CHANGES, ids=[f"{n}-{c[1]}" for n, c in enumerate(CHANGES)])
def test_that_what_cannot_be_meant_is_refused_by_its_path(
    change: Callable[[dict[str, Any]], Any], path: str, reason: str
) -> None:
    data = example()
    plan_from_json(data, "plan.json")
    change(data)
    message = refusal(data)
    assert path in message
    assert reason in message
    assert len(message) < 800


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        (" \n", "the file is empty"),
        ("hello", "line 1, column 1"),
        ('{"busbar_plan": 1,', "not JSON"),
        ("[]", "not a Busbar plan"),
        ("null", "not a Busbar plan"),
        ("{}", "not a Busbar plan"),
        ('{"busbar_plan": 2}', "format 2, and this Busbar reads formats up to 1; open it with a newer Busbar"),
        ('{"busbar_plan": "1"}', "whole number"),
        ('{"busbar_plan": true}', "whole number"),
        ('{"busbar_plan": 1.0}', "whole number"),
        ('{"busbar_plan": 0}', "whole number"),
        ('{"busbar_plan": 1, "sites": [], "sites": []}', "'sites' stands twice"),
        ('{"busbar_plan": NaN}', "NaN is not a number"),
        ('{"busbar_plan": -Infinity}', "-Infinity is not a number"),
        ('{"busbar_plan": ' + "1" * 5000 + "}", "too long"),
        ('{"busbar_plan": ' + "1" * 400 + "}", "newer Busbar"),
        ("[" * 200_000, "nested too deeply"),
        ('{"busbar_plan": 1, "plan": {"name": ' + "[" * 400 + "]" * 400 + ', "start": "2026-04"}}', "not a list"),
        (b"\xff\xfe{", "not text in UTF-8"),
        (b"SQLite format 3\x00", "not JSON"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else None,
)
def test_that_a_text_which_is_no_plan_is_refused(text: str | bytes, reason: str) -> None:
    assert reason in refusal(text)


def test_that_a_huge_unknown_key_does_not_make_a_huge_message() -> None:
    assert len(refusal(example() | {"k" * 1_000_000: 1})) < 800


def test_that_keys_which_are_no_texts_are_refused() -> None:
    assert "no field 7" in refusal(example() | {7: 1})
