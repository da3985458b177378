"""The worked examples: figures computed with high precision outside this code, see tests/data/worked-examples.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models import metrics, network
from models.evaluate import evaluate
from models.fields import Schedule
from models.gpu_cloud import levelised_cost_usd_per_gpu_hour
from models.plan import AiOffer, AsicLot, Assumptions, Header, Market, Plan, PowerContract, Site

EXAMPLES = {
    row["id"]: row for row in json.loads((Path(__file__).parent.parent / "data/worked-examples.json").read_text())
}

# Five calendar years without a leap day (2100 is none), after the last halving, so that a reward of 3.125 BTC comes
# from fees alone and a year has exactly 365 days: the examples count such years.
PLAIN_START = "2097-01"
PLAIN_HEIGHT = 7_000_000


def example(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return EXAMPLES[name]["inputs"], EXAMPLES[name]["outputs"]


def numbers(values: list[str] | list[float]) -> list[float]:
    return [float(v) for v in values]


def mining_plan(
    hashprice: float,
    *,
    efficiency: float = 17.5,
    pue: float = 1.0,
    uptime: float = 1.0,
    pool_fee: float = 0.0,
    energy_price: float = 50.0,
    months: int = 12,
    offers: tuple[AiOffer, ...] = (),
    yearly_growth: float | None = None,
) -> Plan:
    """One lot whose hashprice is exactly the given one, in years of 365 days."""
    price = hashprice / float(network.hashprice_btc(133.79e12, 3.125, 0.0))
    levels: float | Schedule = price
    if yearly_growth is not None:
        starts = tuple(f"{2097 + y}-01" for y in range(months // 12))
        levels = Schedule(starts, tuple(price * (1 + yearly_growth) ** y for y in range(months // 12)))
    return Plan(
        Header("Example", PLAIN_START, months),
        Market(levels, 133.79e12, PLAIN_HEIGHT, fees_btc_per_block=3.125),
        Assumptions(mining_discount_rate_fraction=0.10),
        sites=(Site("s1", "North", 100.0, mining_pue=pue),),
        power_contracts=(PowerContract("p1", "s1", energy_price),),
        asic_lots=(AsicLot("a1", "s1", "Lot", 1, 200.0, 200.0 * efficiency, uptime, pool_fee),),
        ai_offers=offers,
    )


def test_that_m01_hashrate_follows_from_difficulty() -> None:
    _, out = example("M01")
    assert network.network_hashrate_eh_per_s(133.79e12) == pytest.approx(float(out["EH/s"]), rel=1e-15)


def test_that_m02_a_petahash_earns_so_much_bitcoin_a_day() -> None:
    _, out = example("M02")
    assert float(network.hashprice_btc(133.79e12, 3.125, 0.0)) == pytest.approx(float(out["BTC"]), rel=1e-15)


@pytest.mark.parametrize("name", ["M03", "M04"])
def test_that_a_hashprice_needs_so_high_a_bitcoin_price(name: str) -> None:
    given, out = example(name)
    target = float(given.get("hashprice", 40.0))
    for fees, price in zip(given["fees_over_subsidy"], numbers(out["BTCUSD"]), strict=True):
        per_btc = float(network.hashprice_btc(133.79e12, 3.125, 3.125 * fees))
        assert target / per_btc == pytest.approx(price, rel=1e-14)


def test_that_m05_eighty_thousand_dollars_does_not_restore_forty() -> None:
    given, out = example("M05")
    for fees, hashprice in zip(given["fees_over_subsidy"], numbers(out["USD/PH/day"]), strict=True):
        plan = Plan(Header("x", "2026-04", 12), Market(80_000.0, 133.79e12, 941_472, fees_btc_per_block=3.125 * fees))
        assert evaluate(plan).market.spot_hashprice_usd_per_ph_day == pytest.approx(hashprice, rel=1e-14)
        assert hashprice < 40


def test_that_m06_a_fall_of_7_76_per_cent_means_blocks_of_ten_minutes_fifty() -> None:
    given, out = example("M06")
    assert network.block_seconds_from_change(given["change"]) == pytest.approx(float(out["avg_interval_s"]), rel=1e-14)
    assert 133.79e12 / (1 + given["change"]) == pytest.approx(float(out["prior"]), rel=1e-14)


def test_that_m07_blocks_of_756_seconds_mean_a_fall_of_a_fifth() -> None:
    _, out = example("M07")
    assert network.retarget_change_fraction(756.0) == pytest.approx(float(out["change"]), rel=1e-14)


def test_that_m08_a_megawatt_earns_by_its_efficiency() -> None:
    given, out = example("M08")
    rows = zip(
        numbers(given["J_per_TH"]), numbers(out["rev_per_MW_year"]), numbers(out["breakeven_USD_per_MWh"]), strict=True
    )
    for efficiency, revenue, break_even in rows:
        use = evaluate(mining_plan(33.30, efficiency=efficiency, energy_price=1.0)).by_id["a1"]
        assert use.revenue_usd_per_mw_year == pytest.approx(revenue, rel=1e-12)
        assert use.break_even_power_usd_per_mwh == pytest.approx(break_even, rel=1e-12)


def test_that_m09_and_m10_pue_uptime_and_pool_fee_come_off_a_sites_megawatt() -> None:
    plan = mining_plan(33.30, pue=1.05, uptime=0.95, pool_fee=0.005)
    use = evaluate(plan).by_id["a1"]
    assert use.break_even_power_usd_per_mwh == pytest.approx(float(example("M09")[1]["USD_per_MWh"]), rel=1e-12)
    assert use.revenue_usd_per_mw_year == pytest.approx(float(example("M10")[1]["USD"]), rel=1e-12)
    assert use.cash.energy_mwh.sum() == pytest.approx(float(example("M10")[1]["MWh"]), rel=1e-12)


def test_that_m11_power_costs_so_much_hashprice() -> None:
    given, out = example("M11")
    for price, hashprice in zip(numbers(given["P"]), numbers(out["USD/PH/day"]), strict=True):
        use = evaluate(mining_plan(33.30, energy_price=price)).by_id["a1"]
        assert use.break_even_hashprice_usd_per_ph_day == pytest.approx(hashprice, rel=1e-12)


def test_that_m12_power_costs_so_high_a_bitcoin_price() -> None:
    given, out = example("M12")
    for efficiency, price in zip(numbers(given["e"]), numbers(out["BTCUSD"]), strict=True):
        use = evaluate(mining_plan(33.30, efficiency=efficiency)).by_id["a1"]
        assert use.break_even_btc_price_usd == pytest.approx(price, rel=1e-12)


def test_that_m13_the_subsidy_follows_the_consensus_rule() -> None:
    given, out = example("M13")
    assert [network.subsidy_sats(h) for h in given["height"]] == out["sats"]


def yearly_points(flows: list[float]) -> np.ndarray:
    """Flows a year apart on the monthly grid."""
    points = np.zeros(12 * (len(flows) - 1) + 1)
    points[::12] = flows
    return points


def test_that_f01_the_reference_lease_has_its_npv_and_irr() -> None:
    given, out = example("F01")
    noi = [given["rent"] * 12_000 * given["margin"] * (1 + given["esc"]) ** y for y in range(given["term"])]
    points = yearly_points([-5e6, -5e6, *noi])
    assert noi[0] == pytest.approx(out["NOI_first"])
    for rate in (8, 10, 12):
        assert float(metrics.npv(points, rate / 100)) == pytest.approx(out[f"NPV{rate}"], rel=1e-6)
    assert metrics.irr_roots(points) == pytest.approx([out["IRR"]], rel=1e-12)


def test_that_f01_the_reference_lease_breaks_even_at_its_rent() -> None:
    """The same lease as a plan: yearly rent and capex as monthly flows would be, so only the rent's slope is used."""
    given, out = example("F01")

    def npv_at(rent: float) -> float:
        noi = [rent * 12_000 * given["margin"] * (1 + given["esc"]) ** y for y in range(given["term"])]
        return float(metrics.npv(yearly_points([-5e6, -5e6, *noi]), 0.10))

    assert npv_at(out["breakeven_rent_at_10pct"]) == pytest.approx(0.0, abs=1e-3)


def test_that_f02_the_first_years_rent_follows_from_the_contract_value() -> None:
    given, out = example("F02")
    first = metrics.first_year_rent(given["TCV"], given["g"], given["n"])
    assert first == pytest.approx(out["y1"], rel=1e-12)
    assert first / given["MW"] / 12_000 == pytest.approx(out["USD_per_kW_month"], rel=1e-12)


def test_that_f05_a_sunk_fleet_stops_when_it_no_longer_pays_its_power() -> None:
    _, out = example("F05")
    plan = mining_plan(33.30, pue=1.05, uptime=0.95, pool_fee=0.005, months=60, yearly_growth=-0.10)
    use = evaluate(plan).by_id["a1"]
    margins = use.cash.margin.reshape(5, 12).sum(axis=1)
    assert margins == pytest.approx(out["margins"], abs=0.005)
    assert float(metrics.npv(yearly_points([0.0, *margins]), 0.10)) == pytest.approx(out["NPV10"], rel=1e-12)


def lease(rent_per_mw_year: float, **more: Any) -> AiOffer:
    """A lease on one IT MW per utility MW that pays so much a year from the plan's first month."""
    return AiOffer(
        "o1",
        "s1",
        "lease",
        "Lease",
        1.0,
        PLAIN_START,
        12,
        gross_mw_per_it_mw=1.0,
        rent_usd_per_it_kw_month=rent_per_mw_year / 12_000,
        **more,
    )


def test_that_f06_the_margin_crossover_pays_the_power_and_the_leases_income() -> None:
    _, out = example("F06")
    plan = mining_plan(33.30, efficiency=20.0, offers=(lease(1_000_000.0),))
    row = evaluate(plan).crossover("a1", "o1", "margin")
    assert row is not None
    assert row.hashprice_usd_per_ph_day == pytest.approx(out["USD/PH/day"], rel=1e-12)


def test_that_f07_the_revenue_crossover_of_the_aws_lease_lies_at_67_dollars() -> None:
    _, out = example("F07")
    plan = mining_plan(33.30, efficiency=20.0, offers=(lease(5.5e9 / 15 / 300),))
    row = evaluate(plan).crossover("a1", "o1", "revenue")
    assert row is not None
    assert row.hashprice_usd_per_ph_day == pytest.approx(out["USD/PH/day"], rel=1e-12)


def test_that_g01_a_gpu_hour_costs_so_much() -> None:
    given, out = example("G01")
    cost = levelised_cost_usd_per_gpu_hour(
        given["C"],
        given["n"],
        given["w"],
        given["RVshare"],
        given["kW"],
        given["PUE"],
        given["P"],
        given["opex_share"],
        given["util"],
    )
    assert cost == pytest.approx(out["USD_per_GPU_hr"], rel=1e-14)
