"""Hashprice and production as others published them, within what daily prices allow (see the data's notes)."""

from __future__ import annotations

import csv
import datetime
from calendar import monthrange
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from models import mining
from models.evaluate import evaluate
from models.hours import HourlyValues, hour_text
from models.inputs import gather
from models.network import HASHES_PER_PH, hashprice_btc
from models.plan import AsicLot, Assumptions, Header, Market, Plan, PowerContract, PriceSeries, Site
from models.units import SECONDS_PER_DAY

# The 2024-04-21 row is an intraday peak on the day after a halving and no test value; JPMorgan has its own basis.
TOLERANCE = {"spot": 0.03, "month average": 0.005, "year average": 0.005}
NOT_COMPARABLE = {"2024-04-21"}
OTHER_BASIS = {"2025-01": 0.06}


@pytest.fixture(scope="module")
def days(shared_data: Path) -> dict[str, dict[str, float]]:
    """Price, difficulty and reward per block of every day, from test-only data."""
    found = {}
    with (shared_data / "btc_daily.csv").open() as file:
        for row in csv.DictReader(file):
            if row["price_usd"] and row["difficulty_mean"]:
                blocks = float(row["block_count"])
                found[row["date"]] = {
                    "price": float(row["price_usd"]),
                    "difficulty": float(row["difficulty_mean"]),
                    "subsidy": float(row["issuance_btc"]) / blocks,
                    "fees": float(row["fees_btc"]) / blocks,
                }
    return found


def rows_of(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / name).open() as file:
        return list(csv.DictReader(file))


def per_ph_day(days: dict[str, dict[str, float]], date: str) -> Iterator[tuple[float, float]]:
    """BTC and USD per PH/s of every day that a date, month or year names."""
    for day, d in days.items():
        if day.startswith(date):
            btc = float(hashprice_btc(d["difficulty"], d["subsidy"], d["fees"]))
            yield btc, btc * d["price"]


def test_that_published_hashprices_are_reproduced(shared_data: Path, days: dict[str, dict[str, float]]) -> None:
    compared = 0
    for row in rows_of(shared_data, "hashprice_published_sample.csv"):
        if row["date"] in NOT_COMPARABLE:
            continue
        values = list(per_ph_day(days, row["date"]))
        mean = sum(usd for _, usd in values) / len(values)
        tolerance = OTHER_BASIS.get(row["date"], TOLERANCE[row["kind"]])
        assert mean == pytest.approx(float(row["usd_per_ph_day"]), rel=tolerance), row["date"]
        if row["btc_per_ph_day"]:
            assert values[0][0] == pytest.approx(float(row["btc_per_ph_day"]), rel=0.006), row["date"]
        compared += 1
    assert compared >= 8


def test_that_company_months_produce_the_published_bitcoin(
    shared_data: Path, days: dict[str, dict[str, float]]
) -> None:
    compared = 0
    for row in rows_of(shared_data, "miner_updates_sample.csv"):
        petahashes = float(row["avg_operating_ehs"]) * 1000
        produced = sum(btc * petahashes for btc, _ in per_ph_day(days, row["month"]))
        assert produced == pytest.approx(float(row["btc_produced"]), rel=0.013), row["company"]
        compared += 1
    assert compared == 8


def test_that_a_petahash_running_for_a_day_is_not_a_petahash_of_work() -> None:
    assert SECONDS_PER_DAY * HASHES_PER_PH == 8.64e19


def test_that_a_year_of_texan_hours_is_billed_as_its_rows_say(shared_data: Path) -> None:
    """Real time at the hub in 2024, month by month, against a loop over the file's own rows."""
    with (shared_data / "power" / "ercot_hb_hubavg_hourly.csv").open() as file:
        rows = [(row["interval_start_local"], float(row["rt_usd_mwh"])) for row in csv.DictReader(file)]
    year = [(local, price) for local, price in rows if local.startswith("2024")]
    assert len(year) == 8_784
    first = datetime.datetime.fromisoformat(year[0][0])
    series = PriceSeries(
        "h1",
        "Hub",
        time_zone="America/Chicago",
        hourly_usd_per_mwh=HourlyValues(hour_text(first), np.array([price for _, price in year])),
    )
    plan = Plan(
        Header("Texas", "2024-01", 12),
        Market(62_000.0, 80e12, 824_000),
        sites=(Site("s1", "North", 35.0, mining_pue=1.0),),
        price_series=(series,),
        power_contracts=(PowerContract("p1", "s1", kind="index", price_series_id="h1", adders_usd_per_mwh=6.0),),
        asic_lots=(AsicLot("a1", "s1", "S21", 10_000, 200.0, 3_500.0, uptime_fraction=0.97),),
    )
    cash = evaluate(plan).by_id["a1"].cash
    earned = mining.revenue_per_mwh(gather(plan))[0]
    stopped = 0
    for month in range(12):
        hours = [price for local, price in year if local.startswith(f"2024-{month + 1:02d}")]
        run = [price + 6.0 for price in hours if price + 6.0 <= earned[month]]
        stopped += len(hours) - len(run)
        # A month with a clock change has an hour less or more than the calendar counts.
        calendar = 24 * monthrange(2024, month + 1)[1]
        assert abs(len(hours) - calendar) <= 1
        assert cash.energy_mwh[month] == pytest.approx(len(run) / len(hours) * calendar * 0.97, rel=1e-9)
        assert -cash.power[month] == pytest.approx(sum(run) / len(hours) * calendar * 0.97, rel=1e-9)
    assert 50 < stopped < 800  # scarce hours, and the weeks after the halving


def test_that_published_power_bills_and_credits_give_the_published_rates(shared_data: Path) -> None:
    """Electricity over megawatts and hours, and per bitcoin, as the companies state both."""
    compared = 0
    for row in rows_of(shared_data, "miner_updates_sample.csv"):
        if not row["electricity_cost_usd"]:
            continue
        per_bitcoin = float(row["electricity_cost_usd"]) / float(row["btc_produced"])
        assert per_bitcoin == pytest.approx(float(row["net_elec_cost_per_btc_usd"]), rel=0.005), row["month"]
        compared += 1
        if not row["avg_mw"]:
            continue
        days_ = monthrange(int(row["month"][:4]), int(row["month"][5:]))[1]
        price = float(row["electricity_cost_usd"]) / (float(row["avg_mw"]) * 24 * days_)
        lot = AsicLot("a1", "s1", "Fleet", 1, 1.0, float(row["avg_mw"]) * 1e6, uptime_fraction=1.0)
        plan = Plan(
            Header(row["company"], row["month"], 1),
            Market(60_000.0, 80e12, 824_000),
            assumptions=Assumptions(economic_shutdown=False),
            sites=(Site("s1", "North", float(row["avg_mw"]), mining_pue=1.0),),
            power_contracts=(PowerContract("p1", "s1", round(price, 2)),),
            asic_lots=(lot,),
        )
        use = evaluate(plan).by_id["a1"]
        assert -use.cash.power[0] * use.mw == pytest.approx(float(row["electricity_cost_usd"]), rel=2e-4)
        assert 44.0 <= price <= 53.0  # 4.4 to 5.3 cents per kWh, as the data's notes have it
    assert compared >= 3
