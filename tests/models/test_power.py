"""Contracts by the hour: the worked examples of economics 4, and what must hold for every contract."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import mining
from models.bills.flexibility import flexibility
from models.bills.hourly import hourly_month
from models.bills.monthly import firm_bill, lot_bill
from models.drivers import with_value
from models.evaluate import evaluate
from models.hours import HourlyValues
from models.inputs import gather
from models.pair import Pair, pair_plan
from models.plan import AiOffer, AsicLot, Header, Market, Plan, PowerContract, PriceSeries, Site, TouPeriod
from models.power.restarts import restarts, smoothed
from models.results import UseResult

EXAMPLES = {e["id"]: e for e in json.loads((Path(__file__).parent.parent / "data/worked-examples.json").read_text())}
INDEX = [18.0, 22.0, -5.0, 30.0, 45.0, 75.5, 76.0, 250.0, 1000.0, 12.0]
LOT = AsicLot("a1", "s1", "S21", 10_000, 200.0, 3_500.0, uptime_fraction=1.0, pool_fee_fraction=0.0)
START, MONTHS = "2026-04", 12


def hourly(prices: list[float], series_id: str = "h1") -> PriceSeries:
    """Prices that repeat through a whole year."""
    whole = np.resize(np.array(prices), 8_760)
    return PriceSeries(series_id, "Hub", hourly_usd_per_mwh=HourlyValues("2025-01-01T00:00Z", whole))


def plan_of(contract: PowerContract | None, *more: PowerContract, lot: AsicLot = LOT, **tables: Any) -> Plan:
    """One site whose lot earns P01's revenue per MWh in the first month, with contracts and index prices."""
    contracts = tuple(c for c in (contract, *more) if c is not None)
    given_ = {"price_series": (hourly(INDEX),), "sites": (Site("s1", "North", 35.0, mining_pue=1.0),)} | tables
    plan = Plan(
        Header("Power", START, MONTHS),
        Market(70_870.25, 133.79e12, 941_472),
        asic_lots=(lot,),
        power_contracts=contracts,
        **given_,
    )
    earned = float(mining.revenue_per_mwh(gather(plan))[0, 0])
    price = 70_870.25 * float(EXAMPLES["P01"]["inputs"]["R"]) / earned
    return dataclasses.replace(plan, market=dataclasses.replace(plan.market, btc_price_usd=price))


def first_month(plan: Plan, use_id: str = "a1") -> tuple[float, float, float]:
    """Revenue, power cost and energy of the first month, per hour of it."""
    cash, hours = evaluate(plan).by_id[use_id].cash, 720.0
    return float(cash.revenue[0]) / hours, -float(cash.power[0]) / hours, float(cash.energy_mwh[0]) / hours


def index(**changes: Any) -> PowerContract:
    return PowerContract("p1", "s1", kind="index", price_series_id="h1", **({"adders_usd_per_mwh": 5.0} | changes))


# --- worked examples -------------------------------------------------------------------------------------------------


def test_that_p01_machines_run_in_the_hours_that_pay() -> None:
    out = EXAMPLES["P01"]["outputs"]
    plan = plan_of(index())
    revenue, cost, energy = first_month(plan)
    assert energy == pytest.approx(out["load_factor"], rel=1e-12)
    assert cost / energy == pytest.approx(out["avg_curtailed_per_consumed"], rel=1e-12)
    assert revenue / energy == pytest.approx(float(EXAMPLES["P01"]["inputs"]["R"]), rel=1e-12)
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    _, cost, energy = first_month(always)
    assert (cost, energy) == (pytest.approx(out["avg_no_curtail"], rel=1e-12), 1.0)


def test_that_p02_a_block_that_is_sold_back_makes_the_index_decide() -> None:
    out = EXAMPLES["P02"]["outputs"]
    block = PowerContract(
        "p1", "s1", 35.0, "block", price_series_id="h1", adders_usd_per_mwh=5.0, sell_back_fee_usd_per_mwh=2.0
    )
    revenue, cost, energy = first_month(plan_of(block))
    assert 10 * cost == pytest.approx(out["net_cost"], rel=1e-12)
    assert 10 * energy == pytest.approx(out["consumed"], rel=1e-12)
    assert cost / energy == pytest.approx(out["USD_per_consumed_MWh"], rel=1e-12)
    assert 10 * (revenue - cost) == pytest.approx(out["margin"], rel=1e-12)


def test_that_p03_a_minimum_take_is_paid_whether_used_or_not() -> None:
    given_, out = EXAMPLES["P03"]["inputs"], EXAMPLES["P03"]["outputs"]
    contract = PowerContract("p1", "s1", given_["price"], "take_or_pay", take_fraction=given_["take_share"])
    lot = dataclasses.replace(LOT, uptime_fraction=given_["used_share"])
    _, cost, energy = first_month(plan_of(contract, lot=lot))
    assert cost / energy == pytest.approx(out["USD_per_used_MWh"], rel=1e-12)


def test_that_p04_a_demand_charge_is_spread_over_what_runs() -> None:
    given_, out = EXAMPLES["P04"]["inputs"], EXAMPLES["P04"]["outputs"]
    contract = PowerContract(
        "p1", "s1", given_["energy"], demand_charge_usd_per_kw_month=given_["demand_USD_per_kW_month"]
    )
    lot = dataclasses.replace(LOT, uptime_fraction=given_["LF"])
    cash = evaluate(plan_of(contract, lot=lot)).by_id["a1"].cash
    assert -cash.power.sum() / cash.energy_mwh.sum() == pytest.approx(out["USD_per_MWh"], rel=1e-12)


def test_that_p05_a_capacity_tag_is_paid_per_day() -> None:
    given_, out = EXAMPLES["P05"]["inputs"], EXAMPLES["P05"]["outputs"]
    contract = PowerContract("p1", "s1", 0.0, capacity_usd_per_mw_day=given_["USD_per_MW_day"])
    use = evaluate(plan_of(contract)).by_id["a1"]
    assert use.power_cost_usd_per_mw_year == pytest.approx(out["USD_per_MW_year"], rel=1e-12)
    assert use.power_cost_usd_per_mw_year / use.cash.energy_mwh.sum() == pytest.approx(out["LF1"], rel=1e-12)


# --- single rules ----------------------------------------------------------------------------------------------------


def test_that_a_block_fully_used_costs_its_price() -> None:
    """4.1: (S ± fee)·(L − B) is nothing where the load is the block."""
    block = PowerContract("p1", "s1", 35.0, "block", price_series_id="h1", sell_back_fee_usd_per_mwh=2.0)
    plan = plan_of(block)
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    _, cost, energy = first_month(always)
    assert cost == pytest.approx(35.0 * energy, rel=1e-12)


def test_that_energy_beyond_a_block_costs_the_index_and_the_fee() -> None:
    block = PowerContract(
        "p1", "s1", 35.0, "block", price_series_id="h1", contracted_mw=14.0, excess_fee_usd_per_mwh=3.0
    )
    plan = plan_of(block)
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    _, cost, _ = first_month(always)
    mean = sum(INDEX) / len(INDEX)
    assert cost == pytest.approx(0.4 * 35.0 + 0.6 * (mean + 3.0), rel=1e-12)


def test_that_the_most_efficient_machines_take_the_block_first() -> None:
    """In the band of the fees who holds the block runs, and who does not stops."""
    block = PowerContract(
        "p1",
        "s1",
        35.0,
        "block",
        price_series_id="h1",
        contracted_mw=17.5,
        excess_fee_usd_per_mwh=20.0,
        sell_back_fee_usd_per_mwh=20.0,
    )
    good = dataclasses.replace(LOT, id="a1", count=5_000, power_w=3_500.0)
    poor = dataclasses.replace(LOT, id="a2", count=5_000, hashrate_th_per_s=199.0)
    plan = plan_of(block, lot=good, price_series=(hourly([75.0]),))
    plan = dataclasses.replace(plan, asic_lots=(poor, good))
    assert first_month(plan, "a1")[2] == 1.0  # sold, its energy would fetch 55: less than it earns
    assert first_month(plan, "a2")[2] == 0.0  # bought, it costs 95: more than it earns


def test_that_what_a_site_sells_and_buys_adds_up_to_its_bill() -> None:
    """Hour by hour as printed in 4.1, for three lots that share a block."""
    block = PowerContract(
        "p1",
        "s1",
        40.0,
        "block",
        price_series_id="h1",
        contracted_mw=20.0,
        excess_fee_usd_per_mwh=4.0,
        sell_back_fee_usd_per_mwh=6.0,
    )
    lots = tuple(
        dataclasses.replace(LOT, id=f"a{k}", count=count, hashrate_th_per_s=hashrate)
        for k, (count, hashrate) in enumerate(((4_000, 180.0), (3_000, 200.0), (3_000, 160.0)), start=1)
    )
    plan = dataclasses.replace(plan_of(block), asic_lots=lots)
    results = evaluate(plan)
    mw = {lot.id: results.by_id[lot.id].mw for lot in lots}
    booked = sum(-results.by_id[i].cash.power[0] * m for i, m in mw.items())
    earned = {lot.id: float(mining.revenue_per_mwh(gather(plan))[k, 0]) for k, lot in enumerate(lots)}
    bill = 0.0
    for price in INDEX:
        # The cheapest way to run: try every number of lots, the most efficient first.
        ranked = sorted(mw, key=lambda i: -earned[i])
        best = math.inf
        steps = sorted({0.0, 20.0, *itertools.accumulate(mw[i] for i in ranked)})
        for load in steps:
            settled = (price + 4.0) * max(load - 20.0, 0.0) - (price - 6.0) * max(20.0 - load, 0.0)
            left, income = load, 0.0
            for i in ranked:
                income += earned[i] * min(left, mw[i])
                left -= min(left, mw[i])
            if load <= sum(mw.values()) + 1e-9 and 40.0 * 20.0 + settled - income < best:
                best, cost = 40.0 * 20.0 + settled - income, 40.0 * 20.0 + settled
        bill += cost
    # The lots fill the site, so that all of the block is theirs.
    assert booked == pytest.approx(bill / len(INDEX) * 720.0, rel=1e-9)


def test_that_a_forward_level_scales_the_shape_and_a_table_each_month() -> None:
    plan = plan_of(index(adders_usd_per_mwh=0.0, forward_index_usd_per_mwh=60.0))
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    # A February of 28.25 days, as in the mean of all years.
    assert first_month(always)[1] == pytest.approx(60.0, rel=1e-5)
    curtailed = first_month(plan)
    shaped = [p * 60.0 / (sum(INDEX) / 10) for p in INDEX]
    running = [p for p in shaped if p <= float(EXAMPLES["P01"]["inputs"]["R"])]
    assert curtailed[2] == pytest.approx(len(running) / 10, rel=1e-12)


def test_that_time_of_use_periods_are_stopped_one_by_one() -> None:
    contract = PowerContract("p1", "s1", 40.0, "time_of_use")
    peak = TouPeriod("t1", "p1", "Peak", 120.0, first_hour=16, end_hour=22, days="weekdays")
    plan = plan_of(contract, tou_periods=(peak,))
    _, cost, energy = first_month(plan)
    # April 2026 has 22 weekdays.
    assert energy == pytest.approx(1.0 - 22 * 6 / 720, rel=1e-12)
    assert cost == pytest.approx(40.0 * energy, rel=1e-12)


def test_that_twelve_peaks_count_from_their_month_on() -> None:
    contract = PowerContract(
        "p1",
        "s1",
        0.0,
        transmission_usd_per_kw_year=60.0,
        peak_share_fraction=0.1,
        twelve_peaks_from_month="2026-07",
        twelve_peak_share_fraction=0.8,
    )
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.0, 100.0, power_paid_by="operator")
    plan = dataclasses.replace(plan_of(contract), ai_offers=(offer,))
    results = evaluate(plan)
    assert -results.by_id["a1"].cash.power == pytest.approx([500.0] * 3 + [4_000.0] * 9)
    assert -results.by_id["o1"].cash.power == pytest.approx([5_000.0] * 12)  # AI runs through every peak


def test_that_demand_response_is_paid_to_load_that_can_stop_until_it_ends() -> None:
    contract = PowerContract(
        "p1",
        "s1",
        0.0,
        demand_response_usd_per_mw_year=12_000.0,
        demand_response_end_month="2026-05",
        demand_response_decline_fraction_per_year=0.5,
    )
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.0, 100.0, power_paid_by="operator")
    results = evaluate(dataclasses.replace(plan_of(contract), ai_offers=(offer,)))
    expected = [1_000.0, 1_000.0 * 0.5 ** (1 / 12)] + [0.0] * 10
    assert results.by_id["a1"].cash.power == pytest.approx(expected)
    assert not results.by_id["o1"].cash.power.any()


@pytest.mark.parametrize("disposition", ["assigned", "kept", "sold"])
def test_that_a_tenant_who_pays_its_power_leaves_the_block_to_its_disposition(disposition: str) -> None:
    block = PowerContract("p1", "s1", 35.0, "block", price_series_id="h1", sell_back_fee_usd_per_mwh=5.0)
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.0, 100.0, hedge_disposition=disposition)
    plan = dataclasses.replace(plan_of(block, price_series=(hourly([60.0]),)), ai_offers=(offer,))
    power = evaluate(plan).by_id["o1"].cash.power
    monthly = [20.0 * h for h in (720, 744, 720, 744, 744, 720, 744, 720, 744, 744, 672, 744)]  # 60 − 5 − 35
    month = 1.10 ** (1 / 12)
    expected = {
        "assigned": [0.0] * 12,
        "kept": monthly,
        "sold": [sum(v / month**k for k, v in enumerate(monthly)), *[0.0] * 11],
    }
    assert power == pytest.approx(expected[disposition])


def test_that_a_data_centre_draws_by_the_season_and_still_pays_the_minimum_take() -> None:
    contract = PowerContract("p1", "s1", 50.0, "take_or_pay", take_fraction=0.9)
    offer = AiOffer(
        "o1", "s1", "gpu_cloud", "GPUs", 10.0, "2026-04", 12, 1.5, summer_pue=1.44, winter_pue=1.2, it_kw_per_gpu=1.8
    )
    use = evaluate(dataclasses.replace(plan_of(contract), ai_offers=(offer,))).by_id["o1"]
    assert use.cash.energy_mwh[[0, 6]] == pytest.approx([0.96 * 720, 0.8 * 744])
    assert -use.cash.power[[0, 6]] == pytest.approx([0.96 * 720 * 50.0, 0.9 * 744 * 50.0])


# --- for every contract ----------------------------------------------------------------------------------------------


PRICES = st.lists(st.floats(-50.0, 500.0), min_size=1, max_size=30)
RULES = st.sampled_from(["index", "block", "block_and_index", "behind_the_meter"])


@given(PRICES, RULES, st.floats(0.0, 80.0), st.floats(0.0, 20.0), st.floats(0.0, 100.0))
def test_that_stopping_never_lowers_a_margin(
    prices: list[float], kind: str, own_price: float, adders: float, restart_cost: float
) -> None:
    contract = PowerContract(
        "p1", "s1", own_price, kind, price_series_id="h1", adders_usd_per_mwh=adders, block_mw=20.0
    )
    site = Site("s1", "North", 35.0, mining_pue=1.0, curtailment_start_cost_usd_per_mw=restart_cost)
    plan = plan_of(contract, price_series=(hourly(prices),), sites=(site,))
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    stops, never = evaluate(plan).by_id["a1"].cash.margin, evaluate(always).by_id["a1"].cash.margin
    assert (stops >= never - 1e-6).all()


@given(PRICES, st.floats(0.0, 200.0))
def test_that_a_dearer_restart_never_raises_a_margin(prices: list[float], restart_cost: float) -> None:
    def margin(cost: float) -> Any:
        site = Site("s1", "North", 35.0, mining_pue=1.0, curtailment_start_cost_usd_per_mw=cost)
        return evaluate(plan_of(index(), price_series=(hourly(prices),), sites=(site,))).by_id["a1"].cash.margin

    assert (margin(restart_cost) <= margin(0.0) + 1e-6).all()


@given(st.lists(st.floats(-50.0, 500.0), min_size=2, max_size=9), st.floats(0.1, 300.0), st.floats(-50.0, 500.0))
def test_that_smoothed_prices_choose_the_best_of_all_ways_to_run(
    prices: list[float], restart_cost: float, earned: float
) -> None:
    index_ = np.array(prices)

    def worth(runs: Any) -> float:
        return float(((earned - index_) * runs).sum() - restart_cost * restarts(runs))

    chosen = smoothed(index_, restart_cost) <= earned
    every_way = itertools.product([False, True], repeat=len(prices))
    assert worth(chosen) >= max(worth(np.array(way)) for way in every_way) - 1e-6


def test_that_every_crossover_by_the_hour_is_where_both_are_worth_the_same() -> None:
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.4, 128.0)
    plan = dataclasses.replace(plan_of(index()), ai_offers=(offer,))
    for basis in ("margin", "npv"):
        row = evaluate(plan).crossover("a1", "o1", basis)
        assert row is not None
        there = dataclasses.replace(plan, market=dataclasses.replace(plan.market, btc_price_usd=row.btc_price_usd))
        uses = evaluate(there).by_id

        def figure(use: UseResult, basis: str = basis) -> float:
            return use.npv_usd_per_mw if basis == "npv" else use.margin_usd_per_mw_year

        assert figure(uses["a1"]) == pytest.approx(figure(uses["o1"]), rel=1e-9)


# --- bills -----------------------------------------------------------------------------------------------------------

FULL = {
    "adders_usd_per_mwh": 5.0,
    "sell_back_fee_usd_per_mwh": 2.0,
    "demand_charge_usd_per_kw_month": 1.0,
    "transmission_usd_per_kw_year": 60.0,
    "peak_share_fraction": 0.25,
    "capacity_usd_per_mw_day": 100.0,
    "fixed_charge_usd_per_month": 1_000.0,
    "tax_fraction": 0.05,
    "demand_response_usd_per_mw_year": 12_000.0,
    "take_fraction": 0.8,
    "block_mw": 10.0,
}
KINDS = ["fixed", "block", "index", "block_and_index", "take_or_pay", "time_of_use", "behind_the_meter"]


def full_plan(kind: str, restart_cost: float = 0.0) -> Plan:
    contract = PowerContract("p1", "s1", 35.0, kind, price_series_id="h1", **FULL)
    peak = TouPeriod("t1", "p1", "Peak", 120.0, first_hour=16, end_hour=22, days="weekdays")
    site = Site("s1", "North", 35.0, mining_pue=1.0, curtailment_start_cost_usd_per_mw=restart_cost)
    lot = dataclasses.replace(LOT, uptime_fraction=0.95, planned_outage_fraction=0.02)
    return plan_of(contract, tou_periods=(peak,), sites=(site,), lot=lot)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("restart_cost", [0.0, 40.0])
def test_that_the_lines_of_a_bill_add_up_to_the_power_that_is_booked(kind: str, restart_cost: float) -> None:
    plan = full_plan(kind, restart_cost)
    bill, cash = lot_bill(plan, "a1"), evaluate(plan).by_id["a1"].cash
    assert bill.total == pytest.approx(-cash.power, rel=1e-12)
    assert bill.consumed_mwh == pytest.approx(cash.energy_mwh, rel=1e-12)
    hours = gather(plan).dates.hours
    assert bill.hours_run + bill.hours_out + bill.hours_stopped == pytest.approx(hours, rel=1e-12)
    assert (bill.hours_out >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_bill_of_firm_load_is_what_an_operator_pays_for_ai(kind: str) -> None:
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.0, 100.0, power_paid_by="operator")
    plan = dataclasses.replace(full_plan(kind), ai_offers=(offer,))
    assert firm_bill(plan, "s1").total == pytest.approx(-evaluate(plan).by_id["o1"].cash.power, rel=1e-12)


@pytest.mark.parametrize("kind", ["block", "index", "block_and_index", "time_of_use", "behind_the_meter"])
def test_that_the_hours_of_a_month_add_up_to_its_bill(kind: str) -> None:
    plan = full_plan(kind)
    month, bill = hourly_month(plan, "a1", 0), lot_bill(plan, "a1")
    assert len(month.local) == 720
    assert month.running.sum() * 0.95 * 0.98 == pytest.approx(bill.consumed_mwh[0], rel=1e-12)
    # With no outage and no tax the hours are the energy of the bill.
    lot = dataclasses.replace(plan.asic_lots[0], uptime_fraction=1.0, planned_outage_fraction=0.0)
    contract = dataclasses.replace(plan.power_contracts[0], tax_fraction=0.0)
    whole = dataclasses.replace(plan, asic_lots=(lot,), power_contracts=(contract,))
    lines = lot_bill(whole, "a1").lines
    energy = sum(lines[n][0] for n in ("contract", "index", "adders", "sold_back") if n in lines)
    assert hourly_month(whole, "a1", 0).cost_usd.sum() == pytest.approx(energy, rel=1e-9)


def test_that_the_ledger_is_what_mining_would_earn_less_if_it_could_not_stop() -> None:
    plan = full_plan("block")
    firm = dataclasses.replace(
        plan,
        assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False),
        power_contracts=(
            dataclasses.replace(plan.power_contracts[0], peak_share_fraction=1.0, demand_response_usd_per_mw_year=0.0),
        ),
    )
    ledger = flexibility(plan)["a1"]
    able, unable = (evaluate(p).by_id["a1"].cash.margin for p in (plan, firm))
    # Transmission is taxed; so is what is saved of it.
    assert ledger.total == pytest.approx(able - unable, rel=1e-9)
    assert ledger.usd_per_mw_year == pytest.approx(float((able - unable).sum()), rel=1e-9)


# The year in the answer for programs


def answered(plan: Plan) -> dict[str, dict[str, Any]]:
    return {use["id"]: use for use in evaluate(plan).to_json()["uses"]}


def test_that_the_answer_for_programs_names_the_years_effective_prices_and_what_stopping_is_worth() -> None:
    block = PowerContract(
        "p1", "s1", 35.0, "block", price_series_id="h1", sell_back_fee_usd_per_mwh=2.0, adders_usd_per_mwh=5.0,
        demand_response_usd_per_mw_year=60_000.0,
    )  # fmt: skip
    own = AiOffer("o1", "s1", "gpu_cloud", "Cloud", 5.0, "2026-04", 12, 1.4, it_kw_per_gpu=1.8,
                  price_usd_per_gpu_hour=2.9)  # fmt: skip
    leased = AiOffer("o2", "s1", "lease", "Lease", 5.0, "2026-04", 12, 1.4, rent_usd_per_it_kw_month=128.0)
    plan = plan_of(block, ai_offers=(own, leased))
    uses, bill = answered(plan), lot_bill(plan, "a1")
    consumed, credits = bill.consumed_mwh.sum(), (bill.lines["sold_back"] + bill.lines["demand_response"]).sum()
    assert uses["a1"]["effective_power_net_usd_per_mwh"] == pytest.approx(bill.total.sum() / consumed, rel=1e-9)
    assert uses["a1"]["effective_power_gross_usd_per_mwh"] == pytest.approx(
        (bill.total.sum() - credits) / consumed, rel=1e-9
    )
    worth = flexibility(plan)["a1"].usd_per_mw_year
    assert uses["a1"]["flexibility_usd_per_mw_year"] == pytest.approx(worth)
    assert uses["o1"]["flexibility_usd_per_mw_year"] == pytest.approx(worth)
    firm = firm_bill(plan, "s1")
    assert uses["o1"]["effective_power_net_usd_per_mwh"] == pytest.approx(firm.total.sum() / firm.consumed_mwh.sum())
    assert uses["o1"]["effective_power_gross_usd_per_mwh"] == uses["o1"]["effective_power_net_usd_per_mwh"]
    assert uses["o2"]["effective_power_net_usd_per_mwh"] is None


def test_that_what_an_offer_gives_up_is_the_mean_of_its_sites_machines_by_megawatts() -> None:
    plan = plan_of(PowerContract("p1", "s1", kind="index", price_series_id="h1", adders_usd_per_mwh=5.0))
    old = dataclasses.replace(LOT, id="a2", count=2_000, power_w=6_000.0)
    offer = AiOffer("o1", "s1", "lease", "Lease", 5.0, "2026-04", 12, 1.4, rent_usd_per_it_kw_month=128.0)
    plan = dataclasses.replace(plan, asic_lots=(LOT, old), ai_offers=(offer,))
    results, ledger = evaluate(plan), flexibility(plan)
    each = [(results.by_id[i].mw, ledger[i].usd_per_mw_year) for i in ("a1", "a2")]
    mean = sum(mw * worth for mw, worth in each) / sum(mw for mw, _ in each)
    assert answered(plan)["o1"]["flexibility_usd_per_mw_year"] == pytest.approx(mean)
    assert answered(dataclasses.replace(plan, asic_lots=()))["o1"]["flexibility_usd_per_mw_year"] == 0.0


def test_that_an_offer_that_draws_less_than_its_block_sells_the_rest() -> None:
    block = PowerContract("p1", "s1", 35.0, "block", price_series_id="h1")
    offer = AiOffer("o1", "s1", "lease", "Lease", 5.0, "2026-04", 12, 1.4, rent_usd_per_it_kw_month=128.0,
                    power_paid_by="operator", summer_pue=1.05, winter_pue=1.05)  # fmt: skip
    use = answered(plan_of(block, ai_offers=(offer,)))["o1"]
    drawn = 1.05 / 1.4
    assert use["effective_power_gross_usd_per_mwh"] == pytest.approx(35.0 / drawn)
    assert use["effective_power_net_usd_per_mwh"] < use["effective_power_gross_usd_per_mwh"]


def test_that_figures_of_power_that_are_not_known_are_none_with_an_error() -> None:
    plan = plan_of(PowerContract("p1", "s1", kind="index"))
    answer = evaluate(plan).to_json()
    for name in ("flexibility_usd_per_mw_year", "effective_power_net_usd_per_mwh", "effective_power_gross_usd_per_mwh"):
        assert answer["uses"][0][name] is None
    assert "power.no_index_prices" in {f["code"] for f in answer["findings"] if f["severity"] == "error"}


# --- sweeps and edges that a reading found ---------------------------------------------------------------------------


def shared_block(**changes: Any) -> Plan:
    """Two lots and an offer at a site whose block is enough for half of it."""
    block = PowerContract(
        "p1", "s1", 35.0, "block_and_index", price_series_id="h1", block_mw=17.5, sells_back=False, **changes
    )
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.4, 128.0)
    twin = dataclasses.replace(LOT, id="a2", count=5_000)
    plan = dataclasses.replace(plan_of(block, lot=dataclasses.replace(LOT, count=5_000)), ai_offers=(offer,))
    return dataclasses.replace(plan, asic_lots=(*plan.asic_lots, twin))


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("asic_lots.a1.count", [2_000.0, 5_000.0, 8_000.0]),
        ("asic_lots.a1.power_w", [3_000.0, 3_500.0, 4_000.0]),
        ("asic_lots.a1.hashrate_th_per_s", [150.0, 200.0, 250.0]),
        ("asic_lots.a1.uptime_fraction", [0.8, 0.9, 1.0]),
        ("sites.s1.mining_pue", [1.0, 1.1, 1.2]),
        ("sites.s1.curtailment_start_cost_usd_per_mw", [0.0, 20.0, 100.0]),
        ("power_contracts.p1.forward_index_usd_per_mwh", [50.0, 157.0, 200.0]),
        ("power_contracts.p1.tax_fraction", [0.0, 0.1]),
        ("power_contracts.p1.adders_usd_per_mwh", [0.0, 10.0]),
    ],
)
@pytest.mark.parametrize("restart_cost", [0.0, 50.0])
def test_that_a_sweep_says_what_whole_plans_say(path: str, values: list[float], restart_cost: float) -> None:
    plan = shared_block(forward_index_usd_per_mwh=157.0)
    site = dataclasses.replace(plan.sites[0], curtailment_start_cost_usd_per_mw=restart_cost)
    plan = dataclasses.replace(plan, sites=(site,))
    mined, _ = Pair(pair_plan(plan, "a1", "o1"), "margin").along(path, np.array(values))
    whole = [evaluate(with_value(plan, path, v)).by_id["a1"].margin_usd_per_mw_year for v in values]
    assert mined == pytest.approx(whole, rel=1e-9)


def test_that_a_revenue_by_the_hour_crosses_where_it_first_reaches_the_offer() -> None:
    offer = AiOffer("o1", "s1", "lease", "Lease", 10.0, "2026-04", 12, 1.4, 128.0)
    plan = dataclasses.replace(plan_of(index()), ai_offers=(offer,))
    row = evaluate(plan).crossover("a1", "o1", "revenue")
    assert row is not None
    wanted = evaluate(plan).by_id["o1"].revenue_usd_per_mw_year
    below, at = (
        evaluate(with_value(plan, "market.btc_price_usd", row.btc_price_usd * k)).by_id["a1"].revenue_usd_per_mw_year
        for k in (1 - 1e-9, 1 + 1e-11)
    )
    assert below < wanted <= at * (1 + 1e-9)


def test_that_of_equal_machines_the_same_ones_hold_the_block_everywhere() -> None:
    plan = shared_block()
    for lot_id in ("a1", "a2"):
        mined, _ = Pair(pair_plan(plan, lot_id, "o1"), "margin").figures
        assert mined == pytest.approx(evaluate(plan).by_id[lot_id].margin_usd_per_mw_year, rel=1e-12)


def test_that_a_later_contract_without_prices_leaves_earlier_months_alone() -> None:
    fixed = PowerContract("p1", "s1", 50.0, end_month="2026-12")
    later = PowerContract("p2", "s1", 40.0, "block", start_month="2027-01")
    power = evaluate(plan_of(fixed, later)).by_id["a1"].cash.power
    assert np.isfinite(power[:9]).all()
    assert np.isnan(power[9:]).all()


def test_that_a_forward_level_is_the_years_mean_however_often_months_were_imported() -> None:
    hours = HourlyValues("2025-01-01T00:00Z", np.concatenate([np.full(59 * 24, 90.0), np.full(365 * 24, 30.0)]))
    series = PriceSeries("h1", "Hub", hourly_usd_per_mwh=hours)
    plan = plan_of(index(adders_usd_per_mwh=0.0, forward_index_usd_per_mwh=50.0), price_series=(series,))
    always = dataclasses.replace(plan, assumptions=dataclasses.replace(plan.assumptions, economic_shutdown=False))
    cash = evaluate(always).by_id["a1"].cash
    assert -cash.power.sum() / cash.energy_mwh.sum() == pytest.approx(50.0, rel=1e-3)


def test_that_energy_beyond_a_block_bears_the_contracts_charges() -> None:
    contract = PowerContract(
        "p1", "s1", 35.0, "block", price_series_id="h1", contracted_mw=17.5, demand_charge_usd_per_kw_month=5.0
    )
    free = dataclasses.replace(contract, demand_charge_usd_per_kw_month=0.0)
    charged, uncharged = (evaluate(plan_of(c)).by_id["a1"].cash.power for c in (contract, free))
    assert uncharged - charged == pytest.approx([5_000.0] * 12)


def test_that_the_hours_of_a_minimum_take_and_of_a_sold_block_are_the_hours_own() -> None:
    take = plan_of(PowerContract("p1", "s1", 90.0, "take_or_pay", take_fraction=0.8))
    month = hourly_month(take, "a1", 0)
    bill = lot_bill(take, "a1")
    assert (month.running.sum(), month.cost_usd.sum()) == (
        pytest.approx(bill.consumed_mwh[0]),
        pytest.approx(bill.total[0]),
    )
    block = hourly_month(plan_of(PowerContract("p1", "s1", 35.0, "block", price_series_id="h1")), "a1", 0)
    dear = int(np.argmax(block.index_usd_per_mwh))
    assert (block.running[dear], block.cost_usd[dear]) == (0.0, pytest.approx(35.0 - 1_000.0))
    assert block.cost_usd.sum() == pytest.approx(
        lot_bill(plan_of(PowerContract("p1", "s1", 35.0, "block", price_series_id="h1")), "a1").total[0]
    )
