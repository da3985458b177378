"""Bills of single months worked out on paper: contracts that stack, end, and carry every charge at once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.bills.flexibility import flexibility
from models.bills.hourly import hourly_month
from models.bills.monthly import lot_bill
from models.charts.power import PowerPlots
from models.evaluate import evaluate
from models.hours import HourlyValues
from models.plan import Plan, PowerContract, PriceSeries
from tests.models.test_power import index, plan_of

RETAIL = PowerContract(
    "p1",
    "s1",
    40.0,
    adders_usd_per_mwh=3.0,
    contracted_mw=10.0,
    end_month="2026-06",
    demand_charge_usd_per_kw_month=5.0,
    transmission_usd_per_kw_year=60.0,
    peak_share_fraction=0.1,
    twelve_peaks_from_month="2026-06",
    twelve_peak_share_fraction=0.5,
    capacity_usd_per_mw_day=300.0,
    fixed_charge_usd_per_month=10_500.0,
    tax_fraction=0.02,
    demand_response_usd_per_mw_year=12_000.0,
    demand_response_end_month="2026-05",
    demand_response_decline_fraction_per_year=0.2,
)
"""Of the site's 35 MW the first 10, for the plan's first three months."""
BESIDE_IT = PowerContract("p2", "s1", 50.0, contracted_mw=25.0)


def stacked() -> Plan:
    return plan_of(RETAIL, BESIDE_IT)


def test_that_stacked_contracts_with_every_charge_cost_what_paper_says() -> None:
    # 10 MW of retail supply, per MW and month: energy and riders 43 x h, demand 5,000, 4CP 60,000 / 12 x 10% = 500 (or
    # 50%, 2,500, from June), capacity 300 a day, 10,500 / 10 MW = 1,050; 2% tax on all that. Less 1,000 of demand
    # response until May, falling by a fifth a year, untaxed.
    april = (43.0 * 720 + 5_000 + 500 + 9_000 + 1_050) * 1.02 - 1_000.0
    may = (43.0 * 744 + 5_000 + 500 + 9_300 + 1_050) * 1.02 - 981.5765
    june = (43.0 * 720 + 5_000 + 2_500 + 9_000 + 1_050) * 1.02
    assert (april, may, june) == pytest.approx((46_440.2, 47_817.2635, 49_480.2))
    # Beside it 25 MW at 50; of both the mean by megawatts. From July the 25 MW are all there is.
    expected = [
        (10 * april + 25 * 36_000.0) / 35,
        (10 * may + 25 * 37_200.0) / 35,
        (10 * june + 25 * 36_000.0) / 35,
        37_200.0,
        37_200.0,
        36_000.0,
    ]
    plan = stacked()
    assert lot_bill(plan, "a1").total[:6] == pytest.approx(expected, abs=1e-3)
    assert -evaluate(plan).by_id["a1"].cash.power[:6] == pytest.approx(expected, abs=1e-3)


def test_that_the_lines_of_a_stacked_bill_are_those_of_paper() -> None:
    bill, share = lot_bill(stacked(), "a1"), 10 / 35
    tax = 0.02 * (43.0 * 744 + 5_000 + 500 + 9_300 + 1_050)
    by_hand = {
        "contract": share * 40.0 * 744 + 25 / 35 * 37_200.0,
        "adders": share * 3.0 * 744,
        "demand": share * 5_000.0,
        "transmission": share * 500.0,
        "capacity": share * 9_300.0,
        "fixed": share * 1_050.0,
        "tax": share * tax,
        "demand_response": -share * 981.5765,
    }
    lines = {name: float(values[1]) for name, values in bill.lines.items()}
    assert lines.keys() == by_hand.keys()
    assert lines == pytest.approx(by_hand, abs=1e-3)


def test_that_the_ledger_of_a_stacked_bill_holds_peaks_and_demand_response_of_its_months_alone() -> None:
    # Peaks: 90% of 5,000 in April and May, half of it in June; with tax. Nothing from July.
    peaks = 10 / 35 * (4_500 + 4_500 + 2_500) * 1.02
    paid = 10 / 35 * (1_000 + 981.5765)
    ledger = flexibility(stacked())["a1"]
    assert ledger.usd_per_mw_year == pytest.approx(peaks + paid, abs=1e-2)


def two_aprils() -> Plan:
    """Two years at $10, but $500 in the first three days of April 2025."""
    hours = np.full(731 * 24, 10.0)
    first = (366 + 31 + 28 + 31) * 24  # from 2024-01-01, a leap year, to 2025-04-01
    hours[first : first + 72] = 500.0
    series = PriceSeries("h1", "Hub", hourly_usd_per_mwh=HourlyValues("2024-01-01T00:00Z", hours), time_zone="UTC")
    return plan_of(index(), price_series=(series,))


def test_that_a_month_imported_twice_says_which_of_them_its_hours_are() -> None:
    plan = two_aprils()
    month = hourly_month(plan, "a1", 0)
    assert (month.source_month, month.source_count) == ("2025-04", 2)
    assert (1 - month.running).sum() == 72
    assert lot_bill(plan, "a1").hours_stopped[0] == pytest.approx(36.0)  # the mean of 0 and 72
    plots = PowerPlots()
    plots.show(plan, "a1", 0)
    assert "the mean of the 2 years imported" in plots.hours_words
    assert plots.hours_words.endswith("those of Apr 2025 alone.")
    one = dataclasses.replace(plan.price_series[0], hourly_usd_per_mwh=HourlyValues("2025-01-01T00:00Z", np.ones(8760)))
    plots.show(dataclasses.replace(plan, price_series=(one,)), "a1", 0)
    assert plots.hours_words == "They add up to the month's."
