"""A month's power as charts, bridge and ledger."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from models.bills.bridge import headline_price
from models.bills.flexibility import flexibility, given_up, says_given_up
from models.bills.monthly import lot_bill
from models.charts.power import PowerPlots
from models.evaluate import evaluate
from models.memo.exhibits import per_megawatt
from models.memo.parts import as_text
from models.plan import Plan
from models.samples import sample
from tests.hourly_plan import hourly_plan
from tests.models.test_power import INDEX, index, plan_of

KINDS = ("index", "block_and_index", "block", "take_or_pay", "behind_the_meter", "fixed")


def shown(plan: Plan, lot_id: str = "a1", month: int = 3) -> PowerPlots:
    plots = PowerPlots()
    plots.show(plan, lot_id, month)
    return plots


def with_price(plan: Plan, btc_price_usd: float) -> Plan:
    return dataclasses.replace(plan, market=dataclasses.replace(plan.market, btc_price_usd=btc_price_usd))


def test_that_the_strike_cuts_the_duration_curve_where_machines_stop() -> None:
    plan = plan_of(index(adders_usd_per_mwh=5.0))  # P01: R lies between $75.50 + 5 and $76 + 5
    plots = shown(plan, month=0)
    chart = plots.chart("duration")
    stopped, runs = chart.fills
    # By hand, of ten prices: 250 and 1,000, and 76 + 5 where R is less.
    strike = plots.hours.strike_usd_per_mwh
    expected = sum(price + 5.0 > strike for price in INDEX) / len(INDEX)
    assert stopped.x.max() == pytest.approx(expected)
    assert (runs.x.min(), runs.x.max()) == (pytest.approx(expected), 1.0)
    assert stopped.text == f"stops {expected * 720:.0f} h"
    (line,) = [r for r in chart.references if r.id == "strike"]
    assert line.at == pytest.approx(strike)


def test_that_the_strike_follows_the_price_and_the_range_holds_in_a_drag() -> None:
    plots = shown(hourly_plan())
    before = plots.chart("duration")
    plots.ranges.held = True
    plots.show(with_price(hourly_plan(), 40_000.0), "a1", 3)
    after = plots.chart("duration")
    (first,), (second,) = ([r.at for r in c.references if r.id == "strike"] for c in (before, after))
    assert second == pytest.approx(first * 40_000.0 / hourly_plan().market.btc_price_usd, rel=0.01)
    assert after.y == before.y
    assert after.fills[0].x.max() > before.fills[0].x.max()


def test_that_the_block_price_stands_beside_the_strike() -> None:
    texts = [r.text for r in shown(hourly_plan()).chart("duration").references]
    assert "block $38.00" in texts
    assert not any("block" in r.text for r in shown(hourly_plan("index")).chart("duration").references)


def test_that_curves_keep_their_ends_and_few_points() -> None:
    plots = shown(hourly_plan())
    (curve,) = [s for s in plots.chart("duration").series if s.id == "marginal"]
    assert len(curve.x) < 250
    assert (curve.y[0], curve.y[-1]) == (
        plots.hours.marginal_usd_per_mwh.max(),
        plots.hours.marginal_usd_per_mwh.min(),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lot_id", ["a1", "a3"])
def test_that_the_bridge_leads_from_the_headline_to_the_effective_price(kind: str, lot_id: str) -> None:
    plan = with_price(hourly_plan(kind), 100_000.0)
    plots = shown(plan, lot_id)
    bill = lot_bill(plan, lot_id)
    steps = {s.name: s for s in plots.steps}
    assert steps["headline"].usd_per_mwh == pytest.approx(headline_price(plan, "s1")[3])
    moves = [s for s in plots.steps if not s.is_total]
    reached = steps["headline"].usd_per_mwh
    for step in moves:
        assert step.begins_at == pytest.approx(reached, abs=0.006)
        reached += step.usd_per_mwh
    last = plots.steps[-1]
    assert last.is_total
    assert last.usd_per_mwh == pytest.approx(reached, abs=0.006)
    assert last.usd_per_mwh == pytest.approx(bill.net_usd_per_mwh[3])
    assert steps["gross"].usd_per_mwh == pytest.approx(bill.gross_usd_per_mwh[3])
    assert last.usd_per_mw == pytest.approx(bill.total[3])


def test_that_the_headline_of_an_index_is_its_mean_over_all_hours() -> None:
    assert headline_price(plan_of(index()), "s1")[0] == pytest.approx(np.mean(INDEX))


@pytest.mark.parametrize("kind", ["block", "block_and_index"])
def test_that_what_is_sold_back_is_a_credit_whoever_uses_the_block(kind: str) -> None:
    plan = hourly_plan(kind)
    sold = [lines["sold_back"] for lot in plan.asic_lots if "sold_back" in (lines := lot_bill(plan, lot.id).lines)]
    assert sold
    # Selling at prices below zero may cost something in a month, never much.
    assert all((line < 1.0).all() for line in sold)


def test_that_no_bridge_is_made_of_a_month_without_energy() -> None:
    assert shown(with_price(sample("briefing"), 10_000.0)).steps == ()


def test_that_hours_not_known_are_said_to_be_decided_by_the_month() -> None:
    assert "a whole month at a time" in shown(sample("briefing")).notice
    assert shown(hourly_plan()).notice == ""
    without = dataclasses.replace(hourly_plan("index"), price_series=())
    plots = shown(
        dataclasses.replace(
            without, power_contracts=(dataclasses.replace(without.power_contracts[0], price_series_id=None),)
        )
    )
    assert "not there yet: import them" in plots.notice
    assert plots.chart("duration").reason == plots.notice
    bare = shown(dataclasses.replace(sample("briefing"), power_contracts=()))
    assert "no power contract" in bare.notice
    assert bare.chart("months").reason


def test_that_every_picture_of_the_hours_is_of_the_same_month() -> None:
    plots = shown(hourly_plan())
    for name in ("price", "running", "cost"):
        chart = plots.heat_map(name)
        assert chart is not None
        assert chart.values.shape == (24, 31)
        assert chart.first_day.isoformat() == "2024-07-01"
    running = plots.heat_map("running")
    assert running is not None
    assert (running.low, running.high) == (0.0, 1.0)
    assert np.nansum(running.values) == pytest.approx(plots.hours.running.sum())
    assert "stops" in plots.chart("hours").subtitle


def test_that_an_offer_gives_up_what_the_machines_that_run_earn_by_stopping() -> None:
    plan = hourly_plan()
    ledger = flexibility(plan)
    lots = {lot.id: lot.count * lot.power_w for lot in plan.asic_lots}
    mean = sum(ledger[i].usd_per_mw_year * w for i, w in lots.items()) / sum(lots.values())
    assert given_up(plan, ledger)["o1"] == pytest.approx(mean)
    never = with_price(sample("briefing"), 5_000.0)
    assert given_up(never, flexibility(never))["o1"] == 0.0


def test_that_the_ledger_is_said_with_three_digits() -> None:
    words = says_given_up(1_234_567.0, "North's S21", "Lease")
    assert words == "$1,230,000 per MW-year of North's S21 margin comes from being able to stop; Lease gives it up."


def test_that_the_memo_names_the_part_of_a_margin_that_stopping_earns() -> None:
    plan = hourly_plan()
    rows = per_megawatt(plan, evaluate(plan), set()).rows
    words = [as_text(row.cells[0]) for row in rows]
    at = words.index("of which from being able to stop")
    (figure,) = rows[at].cells[5]
    assert figure.value == pytest.approx(flexibility(plan)["a1"].usd_per_mw_year)  # type: ignore[union-attr]
    assert words.count("gives up what stopping earns") == len(plan.ai_offers)
    fixed = with_price(sample("briefing"), 200_000.0)
    assert not any("stop" in as_text(r.cells[0]) for r in per_megawatt(fixed, evaluate(fixed), set()).rows)
