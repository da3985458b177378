"""Hashprice and production as others published them, within what daily prices allow (see the data's notes)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.network import HASHES_PER_PH, hashprice_btc
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
