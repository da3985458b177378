"""What is kept of hours and contracts while prices move: the same figures, and no work that no edit asked for."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from models import fields
from models.bills.monthly import firm_bill
from models.breakeven import price_curves
from models.columns import CONTRACT_FIELDS, CONTRACT_LEVELS
from models.drivers import BTC_PRICE
from models.evaluate import cash_flows, evaluate
from models.inputs import gather, vary
from models.kept import KEPT
from models.plan import Plan, PowerContract, TouPeriod
from models.power import dispatch, firm, parts, supply
from models.results import BASES, CASH_LINES
from models.storage.plan_json import plan_from_json, plan_to_json
from tests.bench.power import hourly_plan
from tests.models.test_kept_answers import CACHES, forget

STEPS = 50
PRICES = np.linspace(20_000.0, 200_000.0, 7)
MOVED = {
    "power_contracts": {
        "energy_price_usd_per_mwh": (20.0, 90.0),
        "adders_usd_per_mwh": (0.0, 12.0),
        "tax_fraction": (0.0, 0.1),
        "forward_index_usd_per_mwh": (20.0, 60.0),
        "energy_price_growth_fraction_per_year": (-0.02, 0.05),
        "demand_charge_usd_per_kw_month": (0.0, 6.0),
        "take_fraction": (0.3, 1.0),
        "block_mw": (10.0, 60.0),
        "index_basis_usd_per_mwh": (-5.0, 5.0),
        "sell_back_fee_usd_per_mwh": (0.0, 4.0),
        "excess_fee_usd_per_mwh": (0.0, 6.0),
    },
    "tou_periods": {"energy_price_usd_per_mwh": (20.0, 150.0), "first_hour": (8, 15)},
    "sites": {"curtailment_start_cost_usd_per_mw": (0.0, 60.0), "capacity_mw": (60.0, 160.0)},
    "asic_lots": {"count": (1_000, 9_000), "pool_fee_fraction": (0.0, 0.03), "uptime_fraction": (0.9, 1.0)},
    "ai_offers": {"summer_pue": (1.2, 1.4)},
    "market": {"btc_price_usd": (30_000.0, 160_000.0), "difficulty": (1e14, 2e14)},
}


@cache
def many_kinds() -> Plan:
    """Six sites with hourly prices, each with another kind of contract."""
    plan = hourly_plan(sites=6, lots=14, offers=8, months=30)
    first, second, third, fourth, fifth, sixth = plan.power_contracts
    contracts = (
        replace(first, sells_back=True),
        replace(second, sells_back=False),
        replace(third, kind="index"),
        replace(fourth, kind="take_or_pay", take_fraction=0.6),
        replace(fifth, kind="time_of_use", price_series_id=None),
        replace(sixth, kind="fixed", price_series_id=None, contracted_mw=30.0),
        PowerContract("q6", sixth.site_id, 35.0, kind="block", contracted_mw=25.0, price_series_id="h6"),
    )
    peak = TouPeriod("t1", fifth.id, "Peak", 95.0, first_hour=14, end_hour=19, days="weekdays")
    return replace(plan, power_contracts=contracts, tou_periods=(peak,))


def answers(plan: Plan) -> dict[str, Any]:
    results = evaluate(plan)
    found: dict[str, Any] = {}
    for use in results.uses:
        found |= {f"{use.id} {line}": getattr(use.cash, line) for line in CASH_LINES}
        found[f"{use.id} npv"] = use.npv_usd_per_mw
        for name, item in use.break_evens.items():
            found[f"{use.id} {name}"] = (item.energy_price_usd_per_mwh, item.btc_price_usd)
    for use_id, each in results.power.items():
        found[f"{use_id} power"] = (each.flexibility_usd_per_mw_year, each.effective_power_net_usd_per_mwh)
    for row in results.crossovers:
        found[f"{row.asic_id} {row.offer_id} {row.basis}"] = row.btc_price_usd
    for basis in BASES:
        curves = price_curves(plan, results, PRICES, basis).figure
        found |= {f"{use_id} {basis} curve": line for use_id, line in curves.items()}
    for site in plan.sites:
        found |= {f"{site.id} {name}": line for name, line in firm_bill(plan, site.id).lines.items()}
    return found


def a_move(plan: Plan, draw: random.Random) -> Plan:
    table = draw.choice(list(MOVED))
    name, (low, high) = draw.choice(list(MOVED[table].items()))
    value = draw.randint(low, high) if isinstance(low, int) else draw.uniform(low, high)
    record = "" if table == "market" else f".{draw.choice(getattr(plan, table)).id}"
    return fields.replace(plan, f"{table}{record}.{name}", value)


@pytest.mark.parametrize("seed", [1, 2])
def test_that_a_long_walk_of_edits_tells_what_plans_made_anew_tell(seed: int) -> None:
    draw = random.Random(seed)
    walked = [many_kinds()]
    for _ in range(STEPS):
        # Also back to a plan of before, as undo does, and on from there.
        base = draw.choice(walked) if draw.random() < 0.2 else walked[-1]
        walked.append(a_move(base, draw))
    warm = [answers(plan) for plan in walked]
    for plan, found in list(zip(walked, warm, strict=True))[:: STEPS // 12]:
        forget()
        wanted = answers(plan_from_json(plan_to_json(plan), "test"))
        assert found.keys() == wanted.keys()
        for key, value in wanted.items():
            np.testing.assert_allclose(found[key], value, rtol=1e-12, atol=1e-9, err_msg=key)


OTHER_FIELDS = {
    "energy_price_usd_per_mwh": 37.5,
    "contracted_mw": 22.0,
    "block_mw": 12.0,
    "start_month": "2027-02",
    "end_month": "2027-11",
    "price_series_id": "h2",
    "sells_back": False,
    "forward_index_usd_per_mwh": 41.0,
    "twelve_peaks_from_month": "2027-01",
    "demand_response_end_month": "2027-06",
    "kind": "index",
}


def another(contract: PowerContract, name: str) -> PowerContract:
    now = getattr(contract, name)
    value = OTHER_FIELDS[name] if name in OTHER_FIELDS else now * 0.5 + 0.25 if "fraction" in name else now * 1.1 + 1.0
    return replace(contract, **{name: value})


@pytest.mark.parametrize("name", sorted({*CONTRACT_FIELDS, *CONTRACT_LEVELS, *OTHER_FIELDS}))
def test_that_any_field_of_a_contract_is_seen_in_what_was_kept(name: str) -> None:
    plan = many_kinds()
    charged = {"transmission_usd_per_kw_year": 40.0, "peak_share_fraction": 0.2, "twelve_peak_share_fraction": 0.8}
    charged |= {"demand_response_usd_per_mw_year": 20_000.0}
    plan = replace(plan, power_contracts=tuple(replace(c, **charged) for c in plan.power_contracts))
    evaluate(plan)
    moved = replace(plan, power_contracts=tuple(another(c, name) for c in plan.power_contracts))
    assert moved != plan
    found = evaluate(moved)
    forget()
    for use, wanted in zip(found.uses, evaluate(plan_from_json(plan_to_json(moved), "test")).uses, strict=True):
        np.testing.assert_allclose(use.cash.power, wanted.cash.power, rtol=1e-12, atol=1e-9, err_msg=use.id)
        np.testing.assert_allclose(use.cash.energy_mwh, wanted.cash.energy_mwh, rtol=1e-12, atol=1e-9, err_msg=use.id)


def looked_up() -> tuple[int, ...]:
    return tuple(
        kept.cache_info().misses
        for kept in (
            dispatch._kept_lot_energy,
            dispatch._kept_running,
            dispatch._kept_steady_cost,
            supply._kept_tariff,
        )
    )


def moved(plan: Plan, path: str, value: float) -> tuple[int, ...]:
    """How many sites' lots, running hours, steady costs and tariffs a move made anew."""
    assert evaluate(plan).uses[0].break_evens
    before = looked_up()
    assert evaluate(fields.replace(plan, path, value)).uses[0].break_evens
    return tuple(b - a for a, b in zip(before, looked_up(), strict=True))


def test_that_a_price_that_is_paid_whatever_runs_looks_no_hour_up() -> None:
    assert moved(many_kinds(), "power_contracts.p1.energy_price_usd_per_mwh", 33.25) == (0, 0, 0, 0)


def test_that_a_price_by_which_machines_run_looks_up_its_own_site_alone() -> None:
    plan = many_kinds()
    lots, running, steady, tariffs = moved(plan, "power_contracts.p3.adders_usd_per_mwh", 3.25)
    assert (lots, tariffs) == (1, 1)
    assert 1 <= running <= 2  # as the plan says, and as a load that never stops
    assert steady == 1
    assert moved(plan, "tou_periods.t1.energy_price_usd_per_mwh", 71.5)[0] == 1


@pytest.mark.parametrize(
    ("path", "value"),
    [("power_contracts.p2.block_mw", 60.0), ("sites.s2.capacity_mw", 150.0), ("asic_lots.a2.count", 5_000)],
)
def test_that_what_decides_at_one_site_takes_only_that_apart_again(path: str, value: float) -> None:
    plan = many_kinds()
    assert plan.asic_lots[1].site_id == "s2"
    before = parts._kept_shares.cache_info().misses
    lots, running, steady, tariffs = moved(plan, path, value)
    assert (lots, steady) == (1, 1)
    assert running <= 2
    assert tariffs <= 2  # its block and its index
    assert parts._kept_shares.cache_info().misses <= before + len(plan.sites) + 1


def test_that_a_moved_btc_price_prices_no_contract() -> None:
    lots, running, steady, tariffs = moved(many_kinds(), BTC_PRICE, 81_234.0)
    assert (lots, steady, tariffs) == (0, 0, 0)
    assert running == 6  # every site that stops by the hour


def test_that_nothing_is_kept_without_bound() -> None:
    assert all(
        cache.cache_info().maxsize is not None for cache in CACHES if cache.__module__.startswith("models.power")
    )
    plan = many_kinds()
    for step in range(150):
        plan = fields.replace(plan, BTC_PRICE, 60_000.0 + step)
        plan = fields.replace(plan, "power_contracts.p3.adders_usd_per_mwh", 1.0 + step / 100)
        evaluate(plan)
    for kept in (dispatch._kept_lot_energy, dispatch._kept_running, firm._kept_firm_cost, supply._kept_tariff):
        assert 0 < kept.cache_info().currsize <= kept.cache_info().maxsize <= 8 * KEPT


def test_that_a_grid_over_two_inputs_is_priced_as_whole_plans_are_and_kept_nowhere() -> None:
    plan = many_kinds()
    x_path, y_path = "market.difficulty", "power_contracts.p1.index_basis_usd_per_mwh"
    xs, ys = np.array([1e14, 1.5e14, 4e14]), np.array([0.0, 5.0, 12.0, 30.0])
    evaluate(plan)
    before = looked_up()
    lots, leases, gpus, _ = cash_flows(vary(vary(gather(plan), x_path, xs[:, None]), y_path, ys[None, :]))
    assert looked_up() == before
    for i, x in enumerate(xs):
        for j, y in enumerate(ys):
            whole = evaluate(fields.replace(fields.replace(plan, x_path, float(x)), y_path, float(y)))
            for cash, kind in ((lots, "asic"), (leases, "lease"), (gpus, "gpu_cloud")):
                wanted = np.array([use.cash.power for use in whole.uses if use.kind == kind])
                found = np.broadcast_to(cash.power, (len(xs), len(ys), *wanted.shape))[i, j]
                np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-9)
