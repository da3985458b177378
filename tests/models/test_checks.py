"""Each finding with the smallest change that causes it, and its repair applied."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from models import drivers, fields
from models.evaluate import evaluate
from models.fields import Schedule
from models.hours import HourlyValues
from models.plan import (
    AiOffer,
    AsicLot,
    Header,
    Market,
    Plan,
    PowerContract,
    PriceSeries,
    PriceStep,
    Scenario,
    Site,
    Split,
    TouPeriod,
)
from models.problems import Finding, Severity
from models.samples import sample
from models.sentences import Sentence
from models.storage.validity import problem_in
from tests.strategies import dear, plans

GOOD = Plan(
    Header("Good", "2026-04", 240),
    Market(70_870.25, 133.79e12, 941_472, fees_btc_per_block=0.03),
    sites=(Site("s1", "North", 100.0, 60.0),),
    power_contracts=(PowerContract("p1", "s1", 50.0),),
    asic_lots=(AsicLot("a1", "s1", "Antminer S21", 10_000, 200.0, 3_500.0),),
    ai_offers=(
        AiOffer(
            "o1", "s1", "lease", "Lease", 40.0, "2027-04", 180, 1.45, rent_usd_per_it_kw_month=128.0,
            opex_fraction_of_rent=0.15, capex_usd_per_it_mw=10_000_000.0,
        ),
        AiOffer(
            "o2", "s1", "gpu_cloud", "Own GPUs", 10.0, "2027-04", 60, 1.40, it_kw_per_gpu=1.8,
            price_usd_per_gpu_hour=2.9, capex_usd_per_gpu=50_000.0, capex_usd_per_it_mw=10_000_000.0,
        ),
    ),
)  # fmt: skip


def hours(count: int = 8_760, first: str = "2025-01-01T00:00Z", mean: float = 30.0) -> HourlyValues:
    """Prices that alternate around a mean."""
    return HourlyValues(first, np.resize(np.array([0.5, 1.5]) * mean, count))


def with_gaps(series: HourlyValues, count: int) -> HourlyValues:
    values = series.values.copy()
    values[100 : 100 + count] = np.nan
    return HourlyValues(series.first_hour_utc, values)


INDEXED = dataclasses.replace(
    GOOD,
    power_contracts=(PowerContract("p1", "s1", kind="index", price_series_id="h1"),),
    price_series=(PriceSeries("h1", "Hub", hourly_usd_per_mwh=hours()),),
)
"""The good plan, bought at index."""
STEPPED = dataclasses.replace(
    INDEXED,
    price_series=(PriceSeries("h1", "Table", kind="duration"),),
    price_steps=(PriceStep("d1", "h1", 0.9, 20.0), PriceStep("d2", "h1", 0.1, 100.0)),
)
"""The same with a price-duration table."""
TIMED = dataclasses.replace(
    GOOD,
    power_contracts=(PowerContract("p1", "s1", 40.0, "time_of_use"),),
    tou_periods=(TouPeriod("t1", "p1", "Peak", 90.0, 14, 19),),
)
"""The same with a peak in the afternoon."""


def findings(plan: Plan) -> tuple[Finding, ...]:
    return evaluate(plan).findings


def found(plan: Plan, code: str) -> Finding:
    matching = [f for f in findings(plan) if f.code == code]
    assert len(matching) == 1, [f.code for f in findings(plan)]
    return matching[0]


def repaired(plan: Plan, finding: Finding) -> Plan:
    for path, value in finding.repairs[0].changes:
        plan = fields.replace(plan, path, value)
    return plan


def test_that_a_good_plan_has_nothing_worse_than_remarks() -> None:
    assert {f.severity for f in findings(GOOD)} <= {Severity.INFO}


CHANGES: list[tuple[str, dict[str, Any], str]] = [
    ("units.rent_per_year", {"ai_offers.o1.rent_usd_per_it_kw_month": 6.25}, "ai_offers.o1.rent_usd_per_it_kw_month"),
    ("units.rent_high", {"ai_offers.o1.rent_usd_per_it_kw_month": 1_536.0}, "ai_offers.o1.rent_usd_per_it_kw_month"),
    ("units.energy_price_per_kwh", {"power_contracts.p1.energy_price_usd_per_mwh": 4.5}, "power_contracts.p1"),
    ("units.energy_price_per_kwh", {"power_contracts.p1.energy_price_usd_per_mwh": 0.045}, "power_contracts.p1"),
    ("units.energy_price_high", {"power_contracts.p1.energy_price_usd_per_mwh": 4_500.0}, "power_contracts.p1"),
    ("units.efficiency", {"asic_lots.a1.power_w": 3.5}, "asic_lots.a1.power_w"),
    ("units.efficiency", {"asic_lots.a1.hashrate_th_per_s": 200_000.0}, "asic_lots.a1.hashrate_th_per_s"),
    ("units.efficiency", {"asic_lots.a1.hashrate_th_per_s": 0.2}, "asic_lots.a1.hashrate_th_per_s"),
    ("units.kw_for_mw", {"sites.s1.capacity_mw": 100_000.0}, "sites.s1.capacity_mw"),
    ("units.kw_for_mw", {"ai_offers.o1.critical_it_mw": 40_000.0}, "ai_offers.o1.critical_it_mw"),
    ("units.gross_for_it", {"ai_offers.o1.critical_it_mw": 58.0}, "ai_offers.o1.critical_it_mw"),
    ("offers.too_large", {"ai_offers.o1.critical_it_mw": 70.0}, "ai_offers.o1.critical_it_mw"),
    ("units.difficulty_in_trillions", {"market.difficulty": 133.79}, "market.difficulty"),
    ("units.price_in_thousands", {"market.btc_price_usd": 70.87}, "market.btc_price_usd"),
    ("units.price_per_th", {"asic_lots.a1.purchase_price_usd_per_unit": 16.0}, "asic_lots.a1"),
    ("units.gpu_price_per_month", {"ai_offers.o2.price_usd_per_gpu_hour": 1_700.0}, "ai_offers.o2"),
    ("units.watts_per_gpu", {"ai_offers.o2.it_kw_per_gpu": 1_800.0}, "ai_offers.o2.it_kw_per_gpu"),
    ("units.capex_in_millions", {"ai_offers.o1.capex_usd_per_it_mw": 10.0}, "ai_offers.o1.capex_usd_per_it_mw"),
    ("units.capex_per_kw", {"ai_offers.o1.capex_usd_per_it_mw": 10_000.0}, "ai_offers.o1.capex_usd_per_it_mw"),
    ("units.gpu_capex_in_thousands", {"ai_offers.o2.capex_usd_per_gpu": 50.0}, "ai_offers.o2.capex_usd_per_gpu"),
    ("sites.overloaded", {"sites.s1.capacity_mw": 30.0, "sites.s1.convertible_mw": None}, "sites.s1.capacity_mw"),
    ("sites.convertible_above_capacity", {"sites.s1.convertible_mw": 120.0}, "sites.s1.convertible_mw"),
    ("power.uncovered_months", {"power_contracts.p1.end_month": "2030-03"}, "sites.s1"),
    (
        "power.ends_before_start",
        {"power_contracts.p1.start_month": "2050-03", "power_contracts.p1.end_month": "2026-04"},
        "power_contracts.p1.end_month",
    ),
    ("plan.short_horizon", {"plan.horizon_months": 6}, "plan.horizon_months"),
    ("offers.term_beyond_horizon", {"plan.horizon_months": 180}, "ai_offers.o1.first_rent_month"),
    ("field.value", {"ai_offers.o1.opex_fraction_of_rent": 15.0}, "ai_offers.o1.opex_fraction_of_rent"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "changes", "path"), CHANGES, ids=lambda v: str(v)[:60])
def test_that_a_finding_is_made_at_its_place_and_its_repair_ends_it(
    code: str, changes: dict[str, Any], path: str
) -> None:
    plan = GOOD
    for at, value in changes.items():
        plan = fields.replace(plan, at, value)
    finding = found(plan, code)
    assert finding.path.startswith(path)
    assert finding.message.endswith(".")
    assert finding.repairs
    after = repaired(plan, finding)
    assert not [f for f in findings(after) if f.code == code and f.path == finding.path]


ENGLISH_NUMBER = re.compile(r"\d[.,]\d|\d\s?%")


POWER: list[tuple[str, Plan, dict[str, Any], str]] = [
    ("power.no_index_prices", INDEXED, {"power_contracts.p1.price_series_id": None}, "power_contracts.p1"),
    ("series.unknown_time_zone", INDEXED, {"price_series.h1.time_zone": "Texas"}, "price_series.h1.time_zone"),
    ("series.unused", INDEXED, {"power_contracts.p1.price_series_id": None}, "price_series.h1"),
    (
        "power.forward_not_reached", INDEXED, {"power_contracts.p1.forward_index_usd_per_mwh": -5.0},
        "power_contracts.p1.forward_index_usd_per_mwh",
    ),
    (
        "power.forward_not_reached", INDEXED,
        {"power_contracts.p1.forward_index_usd_per_mwh": Schedule(("2026-04", "2026-06"), (30.0, 0.0))},
        "power_contracts.p1.forward_index_usd_per_mwh",
    ),
    (
        "power.forward_far", INDEXED, {"power_contracts.p1.forward_index_usd_per_mwh": 310.0},
        "power_contracts.p1.forward_index_usd_per_mwh",
    ),
    (
        "power.block_above_site", INDEXED,
        {"power_contracts.p1": PowerContract(
            "p1", "s1", 40.0, "block_and_index", price_series_id="h1", block_mw=101.0,
        )},
        "power_contracts.p1.block_mw",
    ),
    (
        "power.block_above_site", INDEXED,
        {"power_contracts.p1": PowerContract("p1", "s1", 40.0, "block", price_series_id="h1", contracted_mw=101.0)},
        "power_contracts.p1.contracted_mw",
    ),
    (
        "power.block_without_mw", INDEXED,
        {"power_contracts": (
            PowerContract("p1", "s1", 40.0, "block", price_series_id="h1"),
            PowerContract("p2", "s1", 50.0, contracted_mw=40.0),
        )},
        "power_contracts.p1.contracted_mw",
    ),
    ("units.index_per_kwh", INDEXED, {"price_series.h1.hourly_usd_per_mwh": hours(mean=0.03)}, "price_series.h1"),
    ("units.index_per_kwh", INDEXED, {"price_series.h1.hourly_usd_per_mwh": hours(mean=3.0)}, "price_series.h1"),
    (
        "units.index_per_kwh", STEPPED,
        {"price_steps": (PriceStep("d1", "h1", 0.9, 2.0), PriceStep("d2", "h1", 0.1, 9.0))}, "price_series.h1",
    ),
    (
        "units.energy_price_per_kwh", TIMED, {"tou_periods.t1.energy_price_usd_per_mwh": 9.0},
        "tou_periods.t1.energy_price_usd_per_mwh",
    ),
    *(
        (f"units.{code}", INDEXED, {f"power_contracts.p1.{field}": typed}, f"power_contracts.p1.{field}")
        for code, field, typed in (
            ("forward_per_kwh", "forward_index_usd_per_mwh", 0.035),
            ("forward_per_kwh", "forward_index_usd_per_mwh", 3.5),
            ("demand_charge", "demand_charge_usd_per_kw_month", 96.0),
            ("demand_charge", "demand_charge_usd_per_kw_month", 8_000.0),
            ("transmission", "transmission_usd_per_kw_year", 5.0),
            ("transmission", "transmission_usd_per_kw_year", 60_000.0),
            ("capacity", "capacity_usd_per_mw_day", 121_706.0),
            ("demand_response", "demand_response_usd_per_mw_year", 66.4),
            ("demand_response", "demand_response_usd_per_mw_year", 7.58),
            ("kw_for_mw", "contracted_mw", 60_000.0),
        )
    ),
    ("units.standby", GOOD, {
        "power_contracts.p1.kind": "behind_the_meter", "power_contracts.p1.standby_usd_per_kw_month": 48.0,
    }, "power_contracts.p1.standby_usd_per_kw_month"),
    ("units.kw_for_mw", INDEXED, {
        "power_contracts.p1": PowerContract(
            "p1", "s1", 40.0, "block_and_index", price_series_id="h1", block_mw=60_000.0,
        ),
    }, "power_contracts.p1.block_mw"),
    ("power.offer_outlives_contract", GOOD, {
        "power_contracts.p1.end_month": "2046-03", "ai_offers.o2.term_months": 240,
    }, "ai_offers.o2.term_months"),
    ("power.nothing_to_settle", GOOD, {"ai_offers.o1.hedge_disposition": "kept"}, "ai_offers.o1.hedge_disposition"),
    ("power.escalated_twice", GOOD, {
        "power_contracts.p1.escalator_fraction_per_year": 0.02,
        "power_contracts.p1.energy_price_growth_fraction_per_year": 0.02,
    }, "power_contracts.p1.escalator_fraction_per_year"),
    ("power.period_of_other_kind", TIMED, {"power_contracts.p1.kind": "fixed"}, "tou_periods.t1.contract_id"),
    ("power.no_periods", TIMED, {"tou_periods": ()}, "power_contracts.p1.kind"),
    ("power.four_peaks_for_ever", GOOD, {
        "power_contracts.p1.transmission_usd_per_kw_year": 60.0, "power_contracts.p1.peak_share_fraction": 0.05,
    }, "power_contracts.p1.twelve_peaks_from_month"),
    ("power.twelve_peaks_easier", GOOD, {
        "power_contracts.p1.transmission_usd_per_kw_year": 60.0, "power_contracts.p1.peak_share_fraction": 0.25,
        "power_contracts.p1.twelve_peaks_from_month": "2027-01", "power_contracts.p1.twelve_peak_share_fraction": 0.05,
    }, "power_contracts.p1.twelve_peak_share_fraction"),
    (
        "power.demand_response_for_ever", GOOD, {"power_contracts.p1.demand_response_usd_per_mw_year": 60_000.0},
        "power_contracts.p1.demand_response_end_month",
    ),
    ("lots.stops_counted_twice", INDEXED, {"asic_lots.a1.uptime_fraction": 0.88}, "asic_lots.a1.uptime_fraction"),
    ("lots.rarely_available", GOOD, {"asic_lots.a1.planned_outage_fraction": 0.2}, "asic_lots.a1"),
    ("sites.restart_without_hours", GOOD, {"sites.s1.curtailment_start_cost_usd_per_mw": 50.0}, "sites.s1"),
    ("sites.restart_without_hours", STEPPED, {"sites.s1.curtailment_start_cost_usd_per_mw": 50.0}, "sites.s1"),
]  # fmt: skip


def changed(plan: Plan, changes: dict[str, Any]) -> Plan:
    for at, value in changes.items():
        plan = fields.replace(plan, at, value)
    return plan


@pytest.mark.parametrize("base", [INDEXED, STEPPED, TIMED], ids=["index", "steps", "periods"])
def test_that_a_good_plan_by_the_hour_has_nothing_worse_than_remarks(base: Plan) -> None:
    assert {f.severity for f in findings(base)} <= {Severity.INFO}


@pytest.mark.parametrize(("code", "base", "changes", "path"), POWER, ids=lambda v: str(v)[:40])
def test_that_a_finding_about_power_is_made_at_its_place_and_its_repairs_end_it(
    code: str, base: Plan, changes: dict[str, Any], path: str
) -> None:
    assert code not in {f.code for f in findings(base)}
    plan = changed(base, changes)
    finding = found(plan, code)
    assert finding.path.startswith(path)
    assert finding.message.endswith(".")
    assert finding.repairs
    for repair in finding.repairs:
        after = changed(plan, dict(repair.changes))
        assert code not in {f.code for f in findings(after)}, repair.label
    for text in (finding.message, *(repair.label for repair in finding.repairs)):
        assert not ENGLISH_NUMBER.search(fixed_words(text)), text


REMARKS: list[tuple[str, Plan, dict[str, Any], str, str]] = [
    ("field.value", INDEXED, {
        "power_contracts.p1": PowerContract("p1", "s1", 40.0, "block_and_index", price_series_id="h1"),
    }, "power_contracts.p1.block_mw", "Block is missing"),
    ("series.no_prices", INDEXED, {"price_series.h1.hourly_usd_per_mwh": None}, "price_series.h1", "import them"),
    ("series.no_prices", STEPPED, {"price_steps": ()}, "price_series.h1", "price-duration table"),
    (
        "series.months_missing", INDEXED, {"price_series.h1.hourly_usd_per_mwh": hours(24 * 334)},
        "price_series.h1", "no prices of Dec",
    ),
    (
        "series.short", INDEXED, {"price_series.h1.hourly_usd_per_mwh": hours(24 * 340)},
        "price_series.h1", "from 2025-01-01 to 2025-12-06",
    ),
    (
        "series.gaps", INDEXED, {"price_series.h1.hourly_usd_per_mwh": with_gaps(hours(), 88)},
        "price_series.h1", "1.0% of the hours",
    ),
    (
        "series.old", INDEXED, {"price_series.h1.hourly_usd_per_mwh": hours(first="2023-01-01T00:00Z")},
        "price_series.h1", "is of 2023-12-31, 28 months before",
    ),
    ("power.take_above_use", GOOD, {
        "power_contracts.p1.kind": "take_or_pay", "power_contracts.p1.take_fraction": 0.97,
    }, "power_contracts.p1.take_fraction", "97% of its energy at least, and the site's machines can use 95%"),
    (
        "power.period_never_counts", TIMED,
        {"tou_periods": (TouPeriod("t1", "p1", "Peak", 90.0, 14, 19), TouPeriod("t2", "p1", "Day", 60.0, 8, 20))},
        "tou_periods.t1", "Period Peak never counts",
    ),
    (
        "power.averages_only", GOOD, {"power_contracts.p1.energy_price_usd_per_mwh": 60.0},
        "sites.s1", "$60.00/MWh, near the $77",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "base", "changes", "path", "words"), REMARKS, ids=lambda v: str(v)[:40])
def test_that_what_only_the_user_can_mend_is_said_at_its_place(
    code: str, base: Plan, changes: dict[str, Any], path: str, words: str
) -> None:
    assert code not in {f.code for f in findings(base)}
    finding = found(changed(base, changes), code)
    assert finding.path.startswith(path)
    assert words in finding.message
    assert not ENGLISH_NUMBER.search(fixed_words(finding.message))


def test_that_an_index_contract_needs_no_energy_price_and_its_missing_index_is_the_one_error() -> None:
    assert not [f for f in findings(INDEXED) if f.severity == Severity.ERROR]
    plan = fields.replace(INDEXED, "power_contracts.p1.price_series_id", None)
    assert [f.code for f in findings(plan) if f.severity == Severity.ERROR] == ["power.no_index_prices"]
    assert evaluate(plan).to_json()["uses"][0]["npv_usd_per_mw"] is None
    assert repaired(plan, found(plan, "power.no_index_prices")) == INDEXED


def test_that_a_site_that_stops_for_nothing_is_not_told_about_dear_hours() -> None:
    plan = fields.replace(GOOD, "power_contracts.p1.energy_price_usd_per_mwh", 60.0)
    plan = fields.replace(plan, "assumptions.economic_shutdown", False)
    assert "power.averages_only" not in {f.code for f in findings(plan)}


def test_that_a_contract_over_before_the_rule_changes_may_avoid_four_peaks() -> None:
    changes = {"transmission_usd_per_kw_year": 60.0, "peak_share_fraction": 0.05, "end_month": "2026-12"}
    plan = changed(GOOD, {f"power_contracts.p1.{name}": value for name, value in changes.items()})
    assert "power.four_peaks_for_ever" not in {f.code for f in findings(plan)}


def fixed_words(text: str) -> str:
    """What of a text no reader's locale can change, without what the user wrote."""
    if not isinstance(text, Sentence):
        return text
    inner = (fixed_words(d) for d in text.details.values() if isinstance(d, Sentence))
    return " ".join((text.template, *inner))


@pytest.mark.parametrize(("code", "changes", "path"), CHANGES, ids=lambda v: str(v)[:60])
def test_that_no_finding_and_no_repair_has_a_number_that_cannot_be_written_in_another_locale(
    code: str, changes: dict[str, Any], path: str
) -> None:
    plan = GOOD
    for at, value in changes.items():
        plan = fields.replace(plan, at, value)
    for finding in findings(plan):
        for text in (finding.message, *(repair.label for repair in finding.repairs)):
            assert not ENGLISH_NUMBER.search(fixed_words(text)), text


REPAIRED = [
    ("units.demand_charge", "power_contracts.p1.demand_charge_usd_per_kw_month", 96.0, 8.0),
    ("units.demand_charge", "power_contracts.p1.demand_charge_usd_per_kw_month", 8_000.0, 8.0),
    ("units.transmission", "power_contracts.p1.transmission_usd_per_kw_year", 5.0, 60.0),
    ("units.transmission", "power_contracts.p1.transmission_usd_per_kw_year", 60_000.0, 60.0),
    ("units.capacity", "power_contracts.p1.capacity_usd_per_mw_day", 121_727.5, 333.5),
    ("units.demand_response", "power_contracts.p1.demand_response_usd_per_mw_year", 66.4, 66_400.0),
    ("units.rent_per_year", "ai_offers.o1.rent_usd_per_it_kw_month", 6.25, 75.0),
    ("units.energy_price_per_kwh", "power_contracts.p1.energy_price_usd_per_mwh", 4.5, 45.0),
    ("units.energy_price_per_kwh", "power_contracts.p1.energy_price_usd_per_mwh", 0.045, 45.0),
    ("units.efficiency", "asic_lots.a1.power_w", 3.5, 3_500.0),
    ("units.efficiency", "asic_lots.a1.hashrate_th_per_s", 200_000.0, 200.0),
    ("units.gross_for_it", "ai_offers.o1.critical_it_mw", 58.0, 40.0),
]


@pytest.mark.parametrize(("code", "path", "typed", "meant"), REPAIRED, ids=lambda v: str(v)[:40])
def test_that_the_unit_guard_offers_what_was_meant(code: str, path: str, typed: float, meant: float) -> None:
    plan = fields.replace(GOOD, path, typed)
    assert fields.read(repaired(plan, found(plan, code)), path) == pytest.approx(meant, rel=1e-12)


@pytest.mark.parametrize(
    ("path", "typed", "meant"),
    [
        ("ai_offers.o2.price_usd_per_gpu_hour", 290.0, [2.90]),
        ("ai_offers.o2.price_usd_per_gpu_hour", 1_700.0, [1_700 / 730, 17.0]),
        ("ai_offers.o2.price_usd_per_gpu_hour", 25_404.0, [2.90]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 12_800.0, [128.0]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 4_100.0, [4_100 / 12, 41.0]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 128_000.0, [128.0]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 1.28, [128.0]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 0.175, [0.175 * 730]),
        ("ai_offers.o1.rent_usd_per_it_kw_month", 999_999.0, [999_999 / 12_000]),
    ],
)
def test_that_every_usual_reading_of_an_offers_price_is_offered_the_likeliest_first(
    path: str, typed: float, meant: list[float]
) -> None:
    (finding,) = [f for f in findings(fields.replace(GOOD, path, typed)) if f.code.startswith("units.")]
    assert [repair.changes[0][1] for repair in finding.repairs] == pytest.approx(meant, rel=1e-9)
    for repair in finding.repairs:
        assert "(read as " in repair.label
        assert repair.label.partition("(")[2].rstrip(")") in finding.message


def test_that_a_large_number_of_a_finding_is_written_out() -> None:
    message = found(fields.replace(GOOD, "asic_lots.a1.hashrate_th_per_s", 0.2), "units.efficiency").message
    assert "is 17,500 J/TH; machines" in message


@pytest.mark.parametrize("per_kw_year", [50.0, 75.0, 100.0])
def test_that_the_articles_ai_price_per_kw_year_is_answered_with_the_reason(per_kw_year: float) -> None:
    plan = drivers.with_value(GOOD, "ai_offers.o1.rent_usd_per_it_kw_month", per_kw_year / 12)
    finding = found(plan, "units.rent_per_year")
    share = per_kw_year * 1_000 / 1.45 / evaluate(GOOD).by_id["a1"].revenue_usd_per_mw_year
    assert f"{share:.0%} of what the same utility megawatt earns on your Antminer S21" in finding.message
    assert finding.repairs[0].changes[0][1] == pytest.approx(per_kw_year)


def test_that_a_site_without_a_contract_has_no_mining_figures_but_a_tenants_lease_has() -> None:
    plan = fields.replace(GOOD, "power_contracts", ())
    finding = found(plan, "power.no_contract")
    assert finding.severity == Severity.ERROR
    answer = {u["id"]: u for u in evaluate(plan).to_json()["uses"]}
    assert answer["a1"]["margin_usd_per_mw_year"] is None
    assert answer["a1"]["revenue_usd_per_mw_year"] is not None
    assert answer["o1"]["npv_usd_per_mw"] is not None
    assert answer["o2"]["npv_usd_per_mw"] is None


def test_that_a_missing_rent_shows_no_figure_and_says_so() -> None:
    plan = fields.replace(GOOD, "ai_offers.o1.rent_usd_per_it_kw_month", None)
    assert any(f.code == "field.value" and "Rent is missing" in f.message for f in findings(plan))
    assert evaluate(plan).to_json()["uses"][1]["npv_usd_per_mw"] is None


def test_that_an_offer_beyond_the_horizon_has_no_yearly_figures() -> None:
    plan = fields.replace(GOOD, "ai_offers.o1.first_rent_month", "2046-01")
    finding = found(plan, "offers.beyond_horizon")
    assert evaluate(plan).by_id["o1"].margin_usd_per_mw_year != evaluate(plan).by_id["o1"].margin_usd_per_mw_year
    after = evaluate(repaired(plan, finding)).by_id["o1"]
    assert after.margin_usd_per_mw_year > 0


def test_that_two_contracts_without_an_end_are_found_and_two_in_a_row_are_not() -> None:
    first = PowerContract("p1", "s1", 40.0)
    second = PowerContract("p2", "s1", 90.0)
    plan = fields.replace(GOOD, "power_contracts", (first, second))
    assert "240 months" in found(plan, "power.overlapping_contracts").message
    handed = fields.replace(plan, "power_contracts.p1.end_month", "2030-03")
    handed = fields.replace(handed, "power_contracts.p2.start_month", "2030-04")
    assert "power.overlapping_contracts" not in {f.code for f in findings(handed)}


def test_that_an_offer_with_a_few_months_left_says_what_its_year_is() -> None:
    plan = fields.replace(GOOD, "ai_offers.o2.first_rent_month", "2021-09")
    assert "only 5 months" in found(plan, "offers.short_year").message


def test_that_an_offer_whose_term_is_over_neither_earns_nor_costs() -> None:
    plan = fields.replace(GOOD, "ai_offers.o2.first_rent_month", "2015-01")
    assert found(plan, "offers.over").severity == Severity.WARNING
    use = evaluate(plan).by_id["o2"]
    assert use.capex_usd_per_mw == 0
    assert use.npv_usd_per_mw == 0


def test_that_cash_with_two_rates_of_return_says_so() -> None:
    """Machines that pay back at first, then run at a loss for years because nobody stops them."""
    plan = GOOD
    for path, value in (
        ("assumptions.economic_shutdown", False),
        ("asic_lots.a1.purchase_price_usd_per_unit", 500.0),
        ("power_contracts.p1.energy_price_growth_fraction_per_year", 0.05),
    ):
        plan = fields.replace(plan, path, value)
    assert "returns.several_irr" in {f.code for f in findings(plan)}
    answer = evaluate(plan).to_json()["uses"][0]
    assert answer["irr_fraction"] is None
    assert len(answer["irr_roots_fraction"]) == 2


def test_that_blocks_above_a_sites_capacity_are_found() -> None:
    plan = fields.replace(GOOD, "splits", (Split("w1", "s1", "a1", 70.0), Split("w2", "s1", "o1", 50.0, "2027-04")))
    assert "120.0 MW of 100.0 MW from 2027-04" in found(plan, "splits.above_capacity").message


def test_that_blocks_may_pass_from_one_use_to_another() -> None:
    handed = (
        Split("w1", "s1", "a1", 100.0),
        Split("w2", "s1", "a1", 42.0, "2027-04"),
        Split("w3", "s1", "o1", 58.0, "2027-04"),
    )
    codes = {f.code for f in findings(fields.replace(GOOD, "splits", handed))}
    assert "splits.above_capacity" not in codes


def test_that_a_scenario_that_inherits_from_itself_is_found_and_harmless() -> None:
    ring = (Scenario("c1", "One", (), "c2"), Scenario("c2", "Two", (("market.btc_price_usd", 1.0),), "c1"))
    plan = fields.replace(GOOD, "scenarios", ring)
    assert sum(f.code == "scenarios.ring" for f in findings(plan)) == 2


def test_that_an_override_of_nothing_is_found() -> None:
    plan = fields.replace(GOOD, "scenarios", (Scenario("c1", "One", (("sites.zz.capacity_mw", 5.0),)),))
    assert "does not exist" in found(plan, "scenarios.override").message


@dear
@given(plans(usual=True))
def test_that_every_repair_of_every_finding_ends_it_and_leaves_a_plan_that_can_be_stored(plan: Plan) -> None:
    for finding in findings(plan):
        for repair in finding.repairs:
            after = changed(plan, dict(repair.changes))
            assert problem_in(after) is None, repair
            assert (finding.code, finding.path) not in {(f.code, f.path) for f in findings(after)}, repair


def test_that_a_gap_between_contracts_is_not_closed_by_extending_the_last() -> None:
    early, late = PowerContract("p1", "s1", 40.0, end_month="2028-03"), PowerContract("p2", "s1", 40.0)
    plan = fields.replace(GOOD, "power_contracts", (early, dataclasses.replace(late, start_month="2029-04")))
    finding = found(plan, "power.uncovered_months")
    assert "12 months between 2028-04 and 2029-03" in finding.message
    assert finding.repairs == ()


def test_that_no_repair_is_offered_that_its_field_would_refuse() -> None:
    plan = fields.replace(GOOD, "asic_lots.a1.count", 90_000_000)
    assert found(plan, "sites.overloaded").repairs == ()


@given(plans())
def test_that_every_payback_that_is_not_there_has_its_reason(plan: Plan) -> None:
    """What cannot be computed is null, never without a word (the contract's rule)."""
    results = evaluate(plan)
    said = {f.path.partition(".")[2].partition(".")[0]: set() for f in results.findings}
    for finding in results.findings:
        said[finding.path.partition(".")[2].partition(".")[0]].add(finding.code)
    for use in results.uses:
        if use.capex_usd_per_mw <= 0 or not np.isfinite(use.npv_usd_per_mw):
            continue
        codes = said.get(use.id, set())
        assert np.isfinite(use.payback_months) or "returns.no_payback" in codes
        never = {"returns.no_payback", "returns.no_discounted_payback"}
        assert np.isfinite(use.discounted_payback_months) or codes & never


def test_that_a_payback_that_discounting_takes_away_is_told_with_both_numbers() -> None:
    (found,) = [f for f in evaluate(sample("own-gpus")).findings if f.code == "returns.no_discounted_payback"]
    assert found.path == "ai_offers.o1"
    assert re.search(r"pays back after \d+ months, but not within the plan's \d+ months once", found.message)
