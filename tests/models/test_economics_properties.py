"""What must hold for any plan: shortcuts agree with whole evaluations, and cheaper power never hurts."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from models import drivers, fields, metrics
from models.breakeven import frontier, price_curves
from models.curves import month_after
from models.drivers import BTC_PRICE, HASHPRICE
from models.evaluate import cash_flows, evaluate, offer_price, price_path
from models.fields import Schedule
from models.inputs import can_vary, gather, vary
from models.lot_pricing import LotPricing
from models.pair import Pair, pair_plan
from models.plan import Plan, Scenario
from models.samples import sample, sample_names
from models.scenarios import difference, plan_for
from tests.hourly_plan import hourly_plan
from tests.large_plan import large_plan
from tests.strategies import plans

SAMPLES = [name for name, _, _ in sample_names()]
slow = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


def pairs_of(plan: Plan) -> list[tuple[str, str]]:
    return [(a.id, o.id) for a in plan.asic_lots for o in plan.ai_offers if a.site_id == o.site_id]


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_crossover_when_entered_makes_both_uses_equal(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    checked = 0
    for row in results.crossovers:
        if row.basis == "revenue":
            figure = "revenue_usd_per_mw_year"
        else:
            figure = "npv_usd_per_mw" if row.basis == "npv" else "margin_usd_per_mw_year"
        offer = next(o for o in plan.ai_offers if o.id == row.offer_id)
        price = row.rent_usd_per_it_kw_month if offer.kind == "lease" else row.price_usd_per_gpu_hour
        for path, value in (
            (HASHPRICE, row.hashprice_usd_per_ph_day),
            (BTC_PRICE, row.btc_price_usd),
            (price_path(offer), price),
        ):
            if math.isnan(value):
                assert row.reason
                continue
            moved = drivers.with_value(plan, path, value)
            after = evaluate(moved)
            mined, offered = getattr(after.by_id[row.asic_id], figure), getattr(after.by_id[row.offer_id], figure)
            if row.basis == "npv":
                lot = next(a for a in plan.asic_lots if a.id == row.asic_id)
                site = next(s for s in plan.sites if s.id == lot.site_id)
                if lot.purchase_price_usd_per_unit == 0:
                    offered += lot.resale_value_usd_per_unit * 1e6 / (lot.power_w * site.mining_pue)
            if row.basis == "revenue" and abs(mined - offered) > 1e-6 * abs(offered):
                # Revenue jumps when a month starts to run: just below the crossing it is short of the offer.
                below = evaluate(drivers.with_value(plan, path, value * (1 - 1e-9))).by_id[row.asic_id]
                assert path != price_path(offer)
                assert below.revenue_usd_per_mw_year < offered <= mined * (1 + 1e-12)
            else:
                assert mined == pytest.approx(offered, rel=1e-9, abs=1e-3)
            checked += 1
    assert checked or not pairs_of(plan)


@given(plan=plans(usual=True), cut=st.floats(0.0, 60.0))
@slow
def test_that_cheaper_power_never_lowers_a_margin(plan: Plan, cut: float) -> None:
    cheaper = dataclasses.replace(
        plan,
        power_contracts=tuple(
            dataclasses.replace(c, adders_usd_per_mwh=c.adders_usd_per_mwh - cut) for c in plan.power_contracts
        ),
    )
    before, after = evaluate(plan), evaluate(cheaper)
    for use in before.uses:
        other = after.by_id[use.id]
        known = np.isfinite(use.cash.margin)
        assert (other.cash.margin[known] >= use.cash.margin[known] - 1e-6).all()
        if math.isfinite(use.npv_usd_per_mw):
            assert other.npv_usd_per_mw >= use.npv_usd_per_mw - 1e-6 * abs(use.npv_usd_per_mw)


@given(plan=plans())
@slow
def test_that_a_scenario_without_overrides_is_the_base(plan: Plan) -> None:
    assert plan_for(plan, Scenario("zz", "Nothing changed")) is plan
    assert plan_for(plan, None) is plan
    assert difference(plan, plan) == ()


@given(plan=plans())
@slow
def test_that_any_plan_evaluates_and_answers_every_question(plan: Plan) -> None:
    results = evaluate(plan)
    answer = results.to_json()
    assert [u["id"] for u in answer["uses"]] == [r.id for r in (*plan.asic_lots, *plan.ai_offers)]
    assert len(results.crossovers) == 3 * len(pairs_of(plan))
    for use in results.uses:
        if not math.isfinite(use.npv_usd_per_mw):
            assert any(f.severity == "error" for f in results.findings), use.id


@pytest.mark.parametrize("first_usd", [5e-324, 1e-305, 1e-200])
def test_that_a_price_table_may_begin_at_next_to_nothing(first_usd: float) -> None:
    plan = sample("briefing")
    table = Schedule((plan.plan.start, month_after(plan.plan.start, 1)), (first_usd, 80_000.0))
    results = evaluate(fields.replace(plan, "market.btc_price_usd", table))
    assert len(results.crossovers) == 3 * len(pairs_of(plan))
    assert all(math.isfinite(use.npv_usd_per_mw) for use in results.uses)


@given(plan=plans(usual=True), share=st.floats(0.05, 0.95), data=st.data())
@slow
def test_that_a_sweep_prices_an_input_as_a_whole_plan_does(plan: Plan, share: float, data: st.DataObject) -> None:
    movable = [d for d in drivers.drivers(plan) if can_vary(d.path) and drivers.value_of(plan, d.path) is not None]
    assume(movable and (plan.asic_lots or plan.ai_offers))
    chosen = data.draw(st.sampled_from(movable))
    value = chosen.low + share * (chosen.high - chosen.low)
    assume(math.isfinite(value))
    spec = fields.field_at(plan, chosen.path).spec
    value = round(value) if isinstance(spec, fields.Quantity) and spec.whole else value
    moved = vary(gather(plan), chosen.path, np.array([value]))
    whole = evaluate(drivers.with_value(plan, chosen.path, value))
    lots, leases, gpus, _ = cash_flows(moved)
    for block, kind in ((lots, "asic"), (leases, "lease"), (gpus, "gpu_cloud")):
        for row, use in enumerate(u for u in whole.uses if u.kind == kind):
            for line in ("revenue", "power", "opex", "capex", "residual"):
                swept = np.broadcast_to(getattr(block, line), (1, *getattr(block, line).shape[-2:]))[0, row]
                np.testing.assert_allclose(swept, getattr(use.cash, line), rtol=1e-9, atol=1e-6, err_msg=chosen.path)


@pytest.mark.parametrize("basis", ["revenue", "margin", "npv"])
@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_frontier_agrees_with_whole_plans_on_both_sides_of_its_line(name: str, basis: str) -> None:
    plan = sample(name)
    for asic_id, offer_id in pairs_of(plan)[:2]:
        offer = next(o for o in plan.ai_offers if o.id == offer_id)
        y_path = price_path(offer)
        y_now = offer_price(offer, evaluate(plan).dates)
        xs, ys = np.linspace(10, 120, 23), np.linspace(0.2 * y_now, 2.5 * y_now, 21)
        line = frontier(plan, asic_id, offer_id, HASHPRICE, y_path, xs, ys, basis)
        for i, j in ((0, 0), (5, 12), (22, 20), (11, 3)):
            moved = drivers.with_value(drivers.with_value(plan, HASHPRICE, float(xs[i])), y_path, float(ys[j]))
            mined, offered = Pair(pair_plan(moved, asic_id, offer_id), basis).figures
            assert line.difference[i, j] == pytest.approx(offered - mined, rel=1e-9, abs=1e-3)
        known = np.isfinite(line.line_x)
        for x, y in list(zip(line.line_x[known], line.line_y[known], strict=True))[::7]:
            moved = drivers.with_value(drivers.with_value(plan, HASHPRICE, float(x)), y_path, float(y))
            mined, offered = Pair(pair_plan(moved, asic_id, offer_id), basis).figures
            assert offered - mined == pytest.approx(0.0, abs=1e-6 * max(abs(mined), abs(offered), 1.0))


AXES = [
    (HASHPRICE, "power_contracts.{p}.energy_price_usd_per_mwh"),
    ("power_contracts.{p}.energy_price_usd_per_mwh", "ai_offers.{o}.capex_usd_per_it_mw"),
    ("market.difficulty_growth_fraction_per_year", "ai_offers.{o}.gross_mw_per_it_mw"),
    ("assumptions.mining_discount_rate_fraction", "asic_lots.{a}.uptime_fraction"),
    ("ai_offers.{o}.capex_usd_per_it_mw", "ai_offers.{o}.opex_fraction_of_rent"),
]


@pytest.mark.parametrize("axes", AXES, ids=lambda a: " and ".join(p.rsplit(".", 1)[1] for p in a))
def test_that_any_two_inputs_make_a_frontier_that_whole_plans_confirm(axes: tuple[str, str]) -> None:
    plan = sample("briefing")
    lot, offer, contract = plan.asic_lots[0], plan.ai_offers[0], plan.power_contracts[0]
    x_path, y_path = (p.format(a=lot.id, o=offer.id, p=contract.id) for p in axes)
    # At the crossover rent the line passes through today's point, whatever the axes.
    row = evaluate(plan).crossover(lot.id, offer.id, "npv")
    assert row is not None
    plan = drivers.with_value(plan, price_path(offer), row.rent_usd_per_it_kw_month)
    x, y = drivers.driver(plan, x_path), drivers.driver(plan, y_path)
    line = frontier(
        plan, lot.id, offer.id, x_path, y_path, np.linspace(x.low, x.high, 31), np.linspace(y.low, y.high, 29)
    )
    assert line.point_x == drivers.value_of(plan, x_path)
    for i, j in ((0, 0), (15, 14), (30, 28), (7, 21)):
        moved = drivers.with_value(drivers.with_value(plan, x_path, float(line.xs[i])), y_path, float(line.ys[j]))
        mined, offered = Pair(pair_plan(moved, lot.id, offer.id), "npv").figures
        assert line.difference[i, j] == pytest.approx(offered - mined, rel=1e-9, abs=1e-3)
    known = np.isfinite(line.line_x)
    assert known.any()
    for px, py in list(zip(line.line_x[known], line.line_y[known], strict=True))[::5]:
        moved = drivers.with_value(drivers.with_value(plan, x_path, float(px)), y_path, float(py))
        mined, offered = Pair(pair_plan(moved, lot.id, offer.id), "npv").figures
        assert abs(offered - mined) <= 1e-6 * max(abs(mined), abs(offered))


@pytest.mark.parametrize("name", [*SAMPLES, "large"])
def test_that_price_curves_pass_through_what_evaluation_says(name: str) -> None:
    plan = large_plan() if name == "large" else sample(name)
    results = evaluate(plan)
    spot = drivers.value_of(plan, BTC_PRICE)
    assert spot is not None
    for basis, figure in (("margin", "margin_usd_per_mw_year"), ("revenue", "revenue_usd_per_mw_year")):
        curves = price_curves(plan, results, np.array([0.5 * spot, spot, 2.0 * spot]), basis)
        doubled = evaluate(drivers.with_value(plan, BTC_PRICE, 2.0 * spot))
        for use in results.uses:
            assert curves.figure[use.id][1] == pytest.approx(getattr(use, figure), rel=1e-9, abs=1e-6)
            assert curves.figure[use.id][2] == pytest.approx(getattr(doubled.by_id[use.id], figure), rel=1e-9, abs=1e-6)


flows = st.lists(st.floats(-1e7, 1e7).filter(lambda v: v == 0 or abs(v) > 1e-3), min_size=3, max_size=60)


@given(flows=flows, rate=st.floats(-0.5, 3.0))
def test_that_npv_is_that_of_numpy_financial(flows: list[float], rate: float) -> None:
    monthly = (1 + rate) ** (1 / 12) - 1
    expected = npf.npv(monthly, flows)
    assert float(metrics.npv(np.array(flows), rate)) == pytest.approx(
        expected, rel=1e-9, abs=1e-6 * max(map(abs, flows))
    )


@given(
    spend=st.floats(1e3, 1e8),
    income=st.lists(st.floats(0.0, 1e7).map(lambda v: round(v, 2)), min_size=12, max_size=180),
)
def test_that_irr_is_that_of_numpy_financial_where_there_is_one(spend: float, income: list[float]) -> None:
    assume(sum(income) > 0.05 * spend)
    points = np.array([-spend, *income])
    roots = metrics.irr_roots(points)
    monthly = npf.irr(points)
    assume(math.isfinite(monthly))
    annual = (1 + monthly) ** 12 - 1
    if -0.98 < annual < 99:
        assert roots == pytest.approx([annual], rel=1e-6, abs=1e-8)


def test_that_all_rates_of_return_are_found_where_there_are_two() -> None:
    # −100, +230, −132 a year apart: worth nothing at 10 % and at 20 %.
    points = np.zeros(25)
    points[[0, 12, 24]] = [-100.0, 230.0, -132.0]
    assert metrics.irr_roots(points) == pytest.approx([0.10, 0.20], rel=1e-9)


def test_that_cash_without_a_change_of_sign_has_no_rate_of_return() -> None:
    assert metrics.irr_roots(np.array([0.0, 5.0, 5.0])) == ()
    assert metrics.irr_roots(np.array([-5.0, -5.0])) == ()
    assert metrics.irr_roots(np.array([-5.0, math.nan])) == ()


def test_that_what_never_pays_back_says_so() -> None:
    assert math.isnan(float(metrics.payback_index(np.array([-10.0, 3.0, 3.0]))))
    assert math.isnan(float(metrics.payback_index(np.array([0.0, 3.0, 3.0]))))
    assert float(metrics.payback_index(np.array([-10.0, 5.0, 5.0, 5.0]))) == 2.0


def test_that_the_2028_halving_halves_what_a_lot_earns_without_fees() -> None:
    plan = fields.replace(sample("briefing"), "market.fees_btc_per_block", 0.0)
    plan = fields.replace(plan, "assumptions.economic_shutdown", False)
    plan = fields.replace(plan, "market.difficulty_growth_fraction_per_year", 0.0)
    plan = fields.replace(plan, "market.btc_price_growth_fraction_per_year", 0.0)
    results = evaluate(plan)
    months = list(results.dates.months)
    halving = months.index("2028-04")
    hashprice = results.market.hashprice_usd_per_ph_day
    assert hashprice[halving - 1] == pytest.approx(hashprice[0], rel=1e-12)
    assert hashprice[halving + 1] == pytest.approx(hashprice[0] / 2, rel=1e-12)
    assert hashprice[0] / 2 < hashprice[halving] < hashprice[0]


def changed(plan: Plan, **values: Any) -> Plan:
    for path, value in values.items():
        plan = fields.replace(plan, path.replace("__", "."), value)
    return plan


def test_that_crossovers_hold_without_shutdown_and_with_paid_power() -> None:
    """Months that run at any price belong to the state at price zero."""
    plan = changed(sample("briefing"), assumptions__economic_shutdown=False)
    plan = changed(plan, ai_offers__o1__rent_usd_per_it_kw_month=85.0)
    row = evaluate(plan).crossover("a1", "o1", "npv")
    assert row is not None
    assert math.isfinite(row.btc_price_usd)
    after = evaluate(drivers.with_value(plan, BTC_PRICE, row.btc_price_usd))
    assert after.by_id["a1"].npv_usd_per_mw == pytest.approx(after.by_id["o1"].npv_usd_per_mw, rel=1e-9)
    paid = changed(sample("briefing"), power_contracts__p1__energy_price_usd_per_mwh=-600.0 / 2)
    found = evaluate(paid).crossover("a1", "o1", "margin")
    assert found is not None
    assert math.isnan(found.btc_price_usd)
    assert "any BTC price" in found.reason


def test_that_a_contract_that_ends_later_does_not_spoil_the_first_year() -> None:
    plan = changed(sample("briefing"), power_contracts__p1__end_month="2029-03")
    results, whole = evaluate(plan), evaluate(sample("briefing"))
    for basis in ("revenue", "margin"):
        row, same = results.crossover("a1", "o1", basis), whole.crossover("a1", "o1", basis)
        assert row is not None
        assert same is not None
        assert row.btc_price_usd == pytest.approx(same.btc_price_usd, rel=1e-12)
        assert Pair(pair_plan(plan, "a1", "o1"), basis).figures[0] == pytest.approx(
            Pair(pair_plan(sample("briefing"), "a1", "o1"), basis).figures[0], rel=1e-12
        )


def test_that_todays_price_of_a_table_is_that_of_the_plans_first_month() -> None:
    table = fields.Schedule(("2025-01", "2026-01"), (100.0, 128.0))
    plan = changed(sample("briefing"), ai_offers__o1__rent_usd_per_it_kw_month=table)
    before, after = evaluate(sample("briefing")), evaluate(plan)
    for basis in ("revenue", "margin", "npv"):
        row, same = after.crossover("a1", "o1", basis), before.crossover("a1", "o1", basis)
        assert row is not None
        assert same is not None
        assert row.rent_usd_per_it_kw_month == pytest.approx(same.rent_usd_per_it_kw_month, rel=1e-12)


def test_that_a_rent_of_zero_still_has_its_indifference_rent() -> None:
    row = evaluate(changed(sample("briefing"), ai_offers__o1__rent_usd_per_it_kw_month=0.0)).crossover(
        "a1", "o1", "npv"
    )
    same = evaluate(sample("briefing")).crossover("a1", "o1", "npv")
    assert row is not None
    assert same is not None
    assert row.rent_usd_per_it_kw_month == pytest.approx(same.rent_usd_per_it_kw_month, rel=1e-9)


@pytest.mark.parametrize(
    "price", [0.0, fields.Schedule(("2026-04", "2027-01"), (0.0, 90_000.0))], ids=["number", "table"]
)
def test_that_a_btc_price_of_zero_leaves_the_offers_own_crossover(price: float | fields.Schedule) -> None:
    plan = changed(sample("briefing"), market__btc_price_usd=price)
    results = evaluate(plan)
    row = results.crossover("a1", "o1", "npv")
    assert row is not None
    assert math.isnan(row.btc_price_usd)
    assert math.isnan(row.hashprice_usd_per_ph_day)
    assert "BTC price is missing or zero" in row.reason
    entered = evaluate(changed(plan, ai_offers__o1__rent_usd_per_it_kw_month=row.rent_usd_per_it_kw_month)).by_id
    worth = entered["o1"].npv_usd_per_mw + entered["a1"].displaced_resale_usd_per_mw
    assert entered["a1"].npv_usd_per_mw == pytest.approx(worth, rel=1e-9)
    assert np.isnan(price_curves(plan, results, np.array([50_000.0, 90_000.0]), "margin").figure["a1"]).all()


@pytest.mark.parametrize("kind", ["block", "time_of_use", "index"])
def test_that_machines_reach_an_offer_worth_nothing_wherever_the_search_begins(kind: str) -> None:
    plan = changed(hourly_plan(kind), assumptions__economic_shutdown=False)
    use = evaluate(plan).by_id["a1"]
    found = []
    for price in np.geomspace(1e3, 1e7, 40).tolist():
        moved = drivers.with_value(plan, BTC_PRICE, price)
        found.append(price * LotPricing(moved, gather(moved), price).response(0, use, "npv").solve(0.0))
    assert found == pytest.approx([found[0]] * len(found), rel=1e-9)
    there = evaluate(drivers.with_value(plan, BTC_PRICE, found[0])).by_id["a1"]
    assert there.npv_usd_per_mw == pytest.approx(0.0, abs=1e-3)


def test_that_the_order_of_a_scenarios_values_does_not_matter() -> None:
    values = ((HASHPRICE, 60.0), ("market.difficulty", 200e12), ("market.fees_btc_per_block", 0.1))
    plan = sample("briefing")
    found = {
        round(evaluate(plan_for(plan, Scenario("c", "x", order))).market.spot_hashprice_usd_per_ph_day, 9)
        for order in itertools.permutations(values)
    }
    assert found == {60.0}


def test_that_a_frontier_of_difficulty_and_hashprice_agrees_with_whole_plans() -> None:
    plan = sample("briefing")
    xs, ys = np.linspace(80e12, 250e12, 7), np.linspace(20.0, 90.0, 5)
    for x_path, y_path, x, y in (("market.difficulty", HASHPRICE, xs, ys), (HASHPRICE, "market.difficulty", ys, xs)):
        line = frontier(plan, "a1", "o1", x_path, y_path, x, y)
        for i, j in ((0, 0), (2, 3), (len(x) - 1, len(y) - 1)):
            difficulty, hashprice = (x[i], y[j]) if y_path == HASHPRICE else (y[j], x[i])
            moved = drivers.with_value(plan, "market.difficulty", float(difficulty))
            moved = drivers.with_value(moved, HASHPRICE, float(hashprice))
            mined, offered = Pair(pair_plan(moved, "a1", "o1"), "npv").figures
            assert line.difference[i, j] == pytest.approx(offered - mined, rel=1e-9)


def test_that_what_needs_no_new_money_has_no_payback() -> None:
    plan = changed(sample("briefing"), asic_lots__a1__opex_usd_per_mw_year=900_000.0)
    plan = changed(plan, market__btc_price_growth_fraction_per_year=1.0)
    use = evaluate(plan).by_id["a1"]
    assert use.cash_points.min() < 0 < use.cash_points.sum()
    assert math.isnan(use.payback_months)
    assert math.isnan(use.discounted_payback_months)
