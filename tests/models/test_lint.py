"""Each rule of the trade with the smallest plan that breaks it, and the repair that ends it."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from models import fields
from models.evaluate import evaluate
from models.fields import Schedule
from models.lint import RULES
from models.lint.market import height_at
from models.lint.rules import rules_table
from models.plan import (
    AiOffer,
    AsicLot,
    Assumptions,
    Header,
    Market,
    Plan,
    PowerContract,
    PriceSeries,
    Scenario,
    Site,
    Split,
)
from models.problems import Finding, Severity
from models.samples import sample, sample_names, template, template_names
from models.sentences import Sentence
from models.storage.validity import problem_in

PLAN = Plan(
    Header("Plan", "2026-04", 240),
    Market(
        70_870.25, 133.79e12, 943_200, difficulty_growth_fraction_per_year=0.05, fees_btc_per_block=0.03,
        as_of="2026-03-21",
    ),
    Assumptions(),
    sites=(Site("s1", "North", 100.0, 60.0, 1.03),),
    power_contracts=(PowerContract("p1", "s1", 50.0),),
    asic_lots=(
        AsicLot("a1", "s1", "Antminer S21", 10_000, 200.0, 3_500.0, opex_usd_per_mw_year=40_000.0),
    ),
    ai_offers=(
        AiOffer(
            "o1", "s1", "lease", "Lease", 40.0, "2027-07", 180, 1.45, rent_usd_per_it_kw_month=128.0,
            escalator_fraction_per_year=0.03, opex_fraction_of_rent=0.15, capex_usd_per_it_mw=10_000_000.0,
        ),
        AiOffer(
            "o2", "s1", "gpu_cloud", "Own GPUs", 10.0, "2027-07", 60, 1.40, it_kw_per_gpu=1.8,
            price_usd_per_gpu_hour=2.9, capex_usd_per_gpu=50_000.0, opex_fraction_of_capex_per_year=0.05,
            capex_usd_per_it_mw=10_000_000.0,
        ),
    ),
)  # fmt: skip
"""A plan at which no rule of this package has anything to say but that machines are never replaced."""
STEEP = Schedule(("2027-07", "2028-07"), (120.0, 130.0))
LATE = Schedule(("2027-07", "2027-10"), (0.0, 128.0))
INDEX = {
    "power_contracts": (PowerContract("p1", "s1", kind="index", price_series_id="h1"),),
    "price_series": (PriceSeries("h1", "Hub"),),
}


def changed(plan: Plan, changes: dict[str, Any]) -> Plan:
    for path, value in changes.items():
        plan = fields.replace(plan, path, value)
    return plan


def found(plan: Plan, code: str) -> Finding | None:
    return next((f for f in evaluate(plan).findings if f.code == code), None)


O1, O2, A1, P1 = "ai_offers.o1", "ai_offers.o2", "asic_lots.a1", "power_contracts.p1"
BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("pass_through_twice", {f"{O1}.opex_fraction_of_rent": 0.4}, f"{O1}.opex_fraction_of_rent"),
    ("power_in_net_rent", {f"{O1}.power_paid_by": "operator"}, f"{O1}.power_paid_by"),
    ("form_and_opex", {f"{O1}.name": "NNN lease"}, f"{O1}.opex_fraction_of_rent"),
    (
        "form_and_opex", {f"{O1}.name": "Modified gross", f"{O1}.opex_fraction_of_rent": 0.02},
        f"{O1}.opex_fraction_of_rent",
    ),
    ("lease_without_opex", {f"{O1}.opex_fraction_of_rent": 0.0}, f"{O1}.opex_fraction_of_rent"),
    ("escalator_in_ramp", {f"{O1}.ramp_months": 18}, f"{O1}.ramp_months"),
    ("escalator_on_free_months", {f"{O1}.rent_usd_per_it_kw_month": LATE}, f"{O1}.escalator_fraction_per_year"),
    ("rent_table_escalated", {f"{O1}.rent_usd_per_it_kw_month": STEEP}, f"{O1}.escalator_fraction_per_year"),
    ("escalator_high", {f"{O1}.escalator_fraction_per_year": 0.06}, f"{O1}.escalator_fraction_per_year"),
    ("average_as_first_year", {f"{O1}.rent_usd_per_it_kw_month": 158.73}, f"{O1}.rent_usd_per_it_kw_month"),
    (
        "hedge_beside_own_power", {f"{O2}.hedge_disposition": "kept"}, f"{O2}.hedge_disposition",
    ),
    (
        "discount_without_sale", {f"{O1}.hedge_sale_discount_fraction": 0.1}, f"{O1}.hedge_sale_discount_fraction",
    ),
    ("gross_is_pue", {f"{O1}.gross_mw_per_it_mw": 1.18}, f"{O1}.gross_mw_per_it_mw"),
    ("pue_above_gross", {f"{O1}.summer_pue": 1.5}, f"{O1}.summer_pue"),
    ("early_delivery", {f"{O1}.first_rent_month": "2026-12"}, f"{O1}.first_rent_month"),
    ("hall_free", {f"{O1}.capex_usd_per_it_mw": 0.0}, f"{O1}.capex_usd_per_it_mw"),
    ("no_contingency", {f"{O1}.capex_usd_per_it_mw": 8e6}, f"{O1}.capex_usd_per_it_mw"),
    ("residual_above_cost", {f"{O1}.hall_residual_fraction": 1.2}, f"{O1}.hall_residual_fraction"),
    ("terminal_value", {f"{O1}.hall_residual_fraction": 1.0}, f"{O1}.hall_residual_fraction"),
    ("power_passed_to_gpus", {f"{O2}.power_paid_by": "tenant"}, f"{O2}.power_paid_by"),
    ("utilisation_full", {f"{O2}.utilisation_fraction": 1.0}, f"{O2}.utilisation_fraction"),
    (
        "markets_mixed", {f"{O2}.price_usd_per_gpu_hour": 5.0, f"{O2}.utilisation_fraction": 0.95},
        f"{O2}.utilisation_fraction",
    ),
    ("gpu_outlives", {f"{O2}.term_months": 120}, f"{O2}.term_months"),
    ("gpu_residual", {f"{O2}.residual_fraction": 0.3}, f"{O2}.residual_fraction"),
    ("gpus_free", {f"{O2}.capex_usd_per_gpu": 0.0}, f"{O2}.capex_usd_per_gpu"),
    ("gpu_no_upkeep", {f"{O2}.opex_fraction_of_capex_per_year": 0.0}, f"{O2}.opex_fraction_of_capex_per_year"),
    ("card_power", {f"{O2}.it_kw_per_gpu": 0.7}, f"{O2}.it_kw_per_gpu"),
    ("uptime_full", {f"{A1}.uptime_fraction": 1.0}, f"{A1}.uptime_fraction"),
    ("mining_pue_of_hall", {"sites.s1.mining_pue": 1.3}, "sites.s1.mining_pue"),
    ("pue_in_power", {f"{A1}.power_w": 3_605.0}, f"{A1}.power_w"),
    ("not_the_rated_machine", {f"{A1}.power_w": 4_400.0}, f"{A1}.power_w"),
    ("pool_fee_high", {f"{A1}.pool_fee_fraction": 0.05}, f"{A1}.pool_fee_fraction"),
    (
        "resale_not_credited",
        {f"{A1}.purchase_price_usd_per_unit": 3_000.0, f"{A1}.resale_value_usd_per_unit": 500.0},
        f"{A1}.resale_value_usd_per_unit",
    ),
    ("machines_without_opex", {f"{A1}.opex_usd_per_mw_year": 0.0}, f"{A1}.opex_usd_per_mw_year"),
    ("height_of_other_month", {"plan.start": "2027-06"}, "market.block_height"),
    (
        "halving_override", {"scenarios": (Scenario("c1", "A year later", (("plan.start", "2027-04"),)),)},
        "scenarios.c1.overrides",
    ),
    (
        "hashprice_rises", {"market.btc_price_growth_fraction_per_year": 0.4},
        "market.difficulty_growth_fraction_per_year",
    ),
    (
        "difficulty_stands_still",
        {"market.btc_price_growth_fraction_per_year": 0.1, "market.difficulty_growth_fraction_per_year": 0.0},
        "market.difficulty_growth_fraction_per_year",
    ),
    ("fees_high", {"market.fees_btc_per_block": 0.8}, "market.fees_btc_per_block"),
    (
        "lease_rate_above_mining", {"assumptions.lease_discount_rate_fraction": 0.15},
        "assumptions.lease_discount_rate_fraction",
    ),
    (
        "default_risk_twice",
        {"scenarios": (Scenario("c1", "Default", (
            ("ai_offers.o1.rent_usd_per_it_kw_month", 110.0), ("assumptions.lease_discount_rate_fraction", 0.13),
        )),)},
        "scenarios.c1.overrides",
    ),
    (
        "mining_rate_low",
        {"assumptions.mining_discount_rate_fraction": 0.09, "assumptions.lease_discount_rate_fraction": 0.08},
        "assumptions.mining_discount_rate_fraction",
    ),
    (
        "rate_not_positive", {"assumptions.gpu_cloud_discount_rate_fraction": 0.0},
        "assumptions.gpu_cloud_discount_rate_fraction",
    ),
    (
        "energy_table_escalated",
        {f"{P1}.energy_price_usd_per_mwh": Schedule(("2026-04", "2027-04"), (50.0, 52.0)),
         f"{P1}.escalator_fraction_per_year": 0.02},
        f"{P1}.escalator_fraction_per_year",
    ),
    ("index_escalator", INDEX | {f"{P1}.escalator_fraction_per_year": 0.02}, f"{P1}.escalator_fraction_per_year"),
    ("block_and_rent_apart", {"splits": (Split("w1", "s1", "o1", 50.0, "2027-04"),)}, "splits.w1.start_month"),
    (
        "blocks_above_convertible",
        {"splits": (Split("w1", "s1", "o1", 58.0, "2027-07"), Split("w2", "s1", "o2", 14.0, "2027-07"))},
        "splits.w2.mw",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "path"), BROKEN, ids=lambda v: str(v)[:50])
def test_that_a_rule_is_broken_at_its_place_and_every_repair_mends_it(
    name: str, changes: dict[str, Any], path: str
) -> None:
    code = f"lint.{name}"
    assert found(PLAN, code) is None
    plan = changed(PLAN, changes)
    finding = found(plan, code)
    assert finding is not None
    assert finding.path == path
    assert finding.message.endswith(".")
    assert finding.repairs
    for repair in finding.repairs:
        mended = changed(plan, dict(repair.changes))
        assert problem_in(mended) is None
        assert found(mended, code) is None


REMARKS: list[tuple[str, dict[str, Any], str, str]] = [
    ("lease_outlives_contract", {f"{P1}.end_month": "2035-12"}, f"{O1}.term_months", "runs to 2042-06"),
    ("machines_live_for_ever", {"market.btc_price_usd": 400_000.0}, A1, "96 months"),
    ("market_stale", {"market.as_of": "2025-09-30"}, "market.as_of", "7 months before"),
    ("headline_price", {f"{P1}.energy_price_usd_per_mwh": 22.0}, f"{P1}.energy_price_usd_per_mwh", "$22.00/MWh"),
    (
        "delivery_twice", {f"{P1}.adders_usd_per_mwh": 9.0, f"{P1}.transmission_usd_per_kw_year": 60.0},
        f"{P1}.adders_usd_per_mwh", "$60.00/kW-year",
    ),
    (
        "machines_after_hand_over",
        {f"{A1}.count": 20_000, "splits": (Split("w1", "s1", "o1", 58.0, "2027-07"),)},
        "splits.w1.mw", "130.1 MW of 100.0 MW",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "changes", "path", "words"), REMARKS, ids=lambda v: str(v)[:50])
def test_that_a_rule_that_only_the_user_can_mend_says_what_it_saw(
    name: str, changes: dict[str, Any], path: str, words: str
) -> None:
    assert found(PLAN, f"lint.{name}") is None
    finding = found(changed(PLAN, changes), f"lint.{name}")
    assert finding is not None
    assert (finding.path, words in finding.message) == (path, True), finding.message


def test_that_every_rule_of_this_package_has_its_test_here() -> None:
    tested = {f"lint.{row[0]}" for row in (*BROKEN, *REMARKS)}
    assert tested == {rule.code for rule in RULES if rule.code.startswith("lint.")}
    assert len(RULES) >= 30
    assert len({rule.code for rule in RULES}) == len(RULES)


def test_that_a_plan_by_the_trades_rules_is_left_alone() -> None:
    assert not [f for f in evaluate(PLAN).findings if f.code.startswith("lint.")]


EXPECTED = {
    # Its own GPUs pay only with what is left of them; the other samples hold nothing worse than a remark.
    "briefing": {"lint.terminal_value"},
    "one-site": {"lint.machines_live_for_ever"},
    "three-sites": {"lint.machines_live_for_ever"},
    "own-gpus": set(),
    "flexible": {"lint.machines_live_for_ever"},
    "empty": set(),
    "mining": set(),
    "mining-lease": {"lint.machines_without_opex"},
    "mining-gpus": {"lint.machines_without_opex"},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_that_no_rule_shouts_at_the_samples(name: str) -> None:
    plan = sample(name) if name in {s[0] for s in sample_names()} else template(name)
    assert {f.code for f in evaluate(plan).findings if f.code.startswith("lint.")} == EXPECTED[name]


def test_that_every_sample_and_template_is_looked_at() -> None:
    assert set(EXPECTED) == {s[0] for s in (*sample_names(), *template_names())}


def test_that_every_listed_rule_of_the_other_checks_is_as_grave_as_listed() -> None:
    """Their findings are made in `tests/models/test_checks.py`; here that the table does not name one that is gone."""
    source = "".join(
        p.read_text(encoding="utf-8")
        for p in (Path(__file__).parents[2] / "models").rglob("*.py")
        if p.name != "rules.py"
    )
    for rule in RULES:
        if rule.code.startswith(("power.", "lots.", "offers.")):
            at = source.index(f'"{rule.code}"')
            assert f"Severity.{rule.severity.name}" in source[at : at + 120], rule.code
        elif rule.code.startswith("units."):
            assert f'"{rule.code.removeprefix("units.")}"' in source


@pytest.mark.parametrize(("name", "changes", "path"), BROKEN, ids=lambda v: str(v)[:50])
def test_that_no_rule_writes_a_number_that_cannot_be_put_in_another_locale(
    name: str, changes: dict[str, Any], path: str
) -> None:
    finding = found(changed(PLAN, changes), f"lint.{name}")
    assert finding is not None
    for text in (finding.message, *(r.label for r in finding.repairs)):
        fixed = text.template if isinstance(text, Sentence) else text
        assert not re.search(r"\d[.,]\d|\d\s?%", fixed), fixed


# What the rules rest on


def test_that_the_expected_height_is_near_known_blocks() -> None:
    """Heights by 144 a day from March 2026 lie within two weeks of blocks that everybody knows."""
    for month, height, day in (("2024-04", 840_000, 19), ("2020-05", 630_000, 11)):
        assert abs(height_at(month) + 144 * day - height) < 144 * 45
    assert 1_050_000 - height_at("2028-04") == pytest.approx(144 * 12, abs=144 * 20)


def test_that_river_bends_average_is_taken_for_what_it_is() -> None:
    finding = found(changed(PLAN, {f"{O1}.rent_usd_per_it_kw_month": 158.73}), "lint.average_as_first_year")
    assert finding is not None
    # $7.0 billion over 15 years for 245 MW begins at $128.02 with 3 % a year.
    assert finding.repairs[0].changes[0][1] == pytest.approx(128.02, abs=0.005)


def test_that_an_index_escalator_really_does_nothing() -> None:
    plan = changed(sample("flexible"), {"power_contracts.p1.kind": "index"})
    before = evaluate(plan).by_id["a1"].npv_usd_per_mw
    after = evaluate(changed(plan, {"power_contracts.p1.escalator_fraction_per_year": 0.1})).by_id["a1"].npv_usd_per_mw
    assert before == after


def test_that_a_rent_table_really_is_escalated_on_top() -> None:
    plan = changed(PLAN, {f"{O1}.rent_usd_per_it_kw_month": STEEP})
    revenue = evaluate(plan).by_id["o1"].cash.revenue
    assert revenue[27] / revenue[26] == pytest.approx(130.0 / 120.0 * 1.03)


def test_that_terminal_value_is_measured_against_the_npv() -> None:
    plan = changed(PLAN, {f"{O1}.hall_residual_fraction": 1.0})
    use = evaluate(plan).by_id["o1"]
    back = 10e6 / 1.45 * 1.10 ** (-(15 + 180) / 12)
    assert back > 0.5 * use.npv_usd_per_mw
    small = changed(plan, {f"{O1}.hall_residual_fraction": 0.45 * use.npv_usd_per_mw / back / 2})
    assert found(small, "lint.terminal_value") is None


def test_that_a_retrofit_may_be_cheap_and_quick() -> None:
    plan = changed(PLAN, {f"{O1}.capex_usd_per_it_mw": 3.6e6, f"{O1}.first_rent_month": "2026-12"})
    assert {f.code for f in evaluate(plan).findings} & {"lint.no_contingency", "lint.early_delivery"} == set()


def test_that_a_term_beyond_the_plans_end_is_a_warning() -> None:
    finding = found(changed(PLAN, {"plan.horizon_months": 120}), "offers.term_beyond_horizon")
    assert finding is not None
    assert finding.severity == Severity.WARNING


def test_that_no_machine_is_asked_to_be_what_another_bin_is_rated_at() -> None:
    pro = dataclasses.replace(PLAN.asic_lots[0], model="Antminer S21 Pro", hashrate_th_per_s=234.0, power_w=3_510.0)
    assert found(dataclasses.replace(PLAN, asic_lots=(pro,)), "lint.not_the_rated_machine") is None


def test_that_the_documented_table_is_the_table() -> None:
    written = (Path(__file__).parents[2] / "models" / "lint" / "RULES.md").read_text(encoding="utf-8")
    assert written.endswith(rules_table()), "make it anew with models.lint.rules.rules_table()"
