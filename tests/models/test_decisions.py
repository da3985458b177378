"""Decisions frozen, unfrozen and looked back on, against evaluations of plans that were typed by hand."""

from __future__ import annotations

import base64
import dataclasses
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.decisions.actual_market import at_actual_prices, market_lines
from models.decisions.freeze import SiteChoice, choices_of, freeze, without_decision
from models.decisions.lookback import ACTUAL, PLANNED, RECKONED, LookBack, look_back
from models.decisions.paths import Register, register_of
from models.evaluate import evaluate
from models.fields import Schedule
from models.frozen import pack, unpack
from models.plan import (
    Actual,
    AiOffer,
    AsicLot,
    Assumptions,
    Header,
    Market,
    MemoPart,
    Plan,
    PowerContract,
    Scenario,
    Site,
)
from models.problems import PlanFileError
from models.recommendation import decide
from models.samples import sample, sample_names
from models.scenarios import plan_for
from models.storage.plan_json import plan_from_json, plan_to_json
from tests.large_plan import large_plan
from tests.strategies import dear, plans

DAY = "2026-11-28"
SAMPLES = [name for name, _, _ in sample_names()]
SMALL = Plan(
    Header("Small", "2026-04", 24),
    Market(70_000.0, 130e12, 941_472),
    Assumptions(0.0, 0.0, 0.0),
    sites=(Site("s1", "North", 10.0, mining_pue=1.0),),
    power_contracts=(PowerContract("p1", "s1", 50.0),),
    asic_lots=(AsicLot("a1", "s1", "S21", 2_000, 200.0, 3_500.0, uptime_fraction=1.0, pool_fee_fraction=0.0),),
    ai_offers=(
        AiOffer(
            id="o1", site_id="s1", kind="lease", name="Lease", critical_it_mw=5.0, gross_mw_per_it_mw=1.4,
            first_rent_month="2026-07", term_months=120, rent_usd_per_it_kw_month=150.0,
            escalator_fraction_per_year=0.0, opex_fraction_of_rent=0.0, power_paid_by="tenant",
            capex_usd_per_it_mw=0.0,
        ),
    ),
)  # fmt: skip
"""Without discounting, growth or capex, so that sums of cash are NPVs and can be reckoned by hand."""


def frozen(plan: Plan, scenario_id: str = "base", **told: Any) -> Plan:
    shown = plan_for(plan, next((s for s in plan.scenarios if s.id == scenario_id), None))
    return freeze(plan, evaluate(shown), scenario_id, name="Board", decided_on=DAY, **told)


def with_actuals(plan: Plan, *rows: tuple[str, str, float, str, str]) -> Plan:
    actuals = tuple(
        Actual(f"x{n}", month, line, value, site, use) for n, (month, line, value, site, use) in enumerate(rows)
    )
    return dataclasses.replace(plan, actuals=actuals)


def back(plan: Plan, site_id: str = "") -> LookBack:
    register = register_of(plan, plan.decisions[0])
    return look_back(register, plan.actuals, site_id)


def prices(line: str, *values: float, site: str = "") -> tuple[tuple[str, str, float, str, str], ...]:
    return tuple((f"2026-{4 + n:02d}", line, value, site, "") for n, value in enumerate(values))


# --- freezing


@pytest.mark.parametrize("name", SAMPLES)
def test_that_a_frozen_sample_comes_back_as_it_was(name: str) -> None:
    plan = sample(name)
    after = frozen(plan, decided_by="The board", memo_digest="ab" * 32)
    (decision,) = after.decisions
    assert unpack(decision.frozen_plan, "x") == plan
    assert (decision.decided_on, decision.decided_by, decision.memo_digest) == (DAY, "The board", "ab" * 32)
    assert plan_from_json(plan_to_json(after), "x") == after


@given(plans())
def test_that_every_plan_can_be_packed_and_unpacked(plan: Plan) -> None:
    bare = dataclasses.replace(plan, decisions=(), decided_uses=(), actuals=())
    assert unpack(pack(plan), "x") == bare


def test_that_a_frozen_plan_holds_no_decision_and_no_picture_of_the_memo() -> None:
    words = (MemoPart("k1", "title", words="Our words"), MemoPart("k2", "logo", words="A" * 20_000))
    once = frozen(dataclasses.replace(SMALL, memo_parts=words))
    twice = freeze(once, evaluate(once), "base", name="Again", decided_on=DAY)
    assert [d.id for d in twice.decisions] == ["q1", "q2"]
    inner = unpack(twice.decisions[1].frozen_plan, "x")
    assert inner.decisions == inner.decided_uses == inner.actuals == ()
    assert inner.memo_parts == words[:1]
    assert len(twice.decisions[1].frozen_plan) == len(once.decisions[0].frozen_plan)


def test_that_the_memos_recommendation_is_what_is_decided_unless_told_otherwise() -> None:
    results = evaluate(SMALL)
    (site,) = decide(SMALL, results)
    assert site.best is not None
    assert site.next_best is not None
    uses = frozen(SMALL).decided_uses
    assert [(u.role, u.use_id) for u in uses][:2] == [("chosen", site.best.id), ("rejected", site.next_best.id)]
    assert {u.mw for u in uses} == {site.mw}
    assert uses[0].npv_usd_per_mw == results.by_id[site.best.id].npv_usd_per_mw
    # A board that decides against the memo turns down what it was told.
    other = next(o.id for o in site.ranked if o.id != site.best.id)
    against = frozen(SMALL, chosen=[SiteChoice("s1", other, site.best.id)]).decided_uses
    assert [(u.role, u.use_id) for u in against][:2] == [("chosen", other), ("rejected", site.best.id)]


def test_that_nothing_is_turned_down_where_a_site_has_nothing_else() -> None:
    bare = dataclasses.replace(SMALL.sites[0], capacity_mw=0.0)
    plan = dataclasses.replace(SMALL, sites=(bare,), ai_offers=())
    assert [(u.role, u.use_id) for u in frozen(plan).decided_uses] == [("chosen", "a1")]


def test_that_machines_that_were_there_are_turned_down_too() -> None:
    lot = dataclasses.replace(SMALL.asic_lots[0], id="a2", model="S19", hashrate_th_per_s=100.0, count=500)
    plan = dataclasses.replace(SMALL, asic_lots=(*SMALL.asic_lots, lot), sites=(Site("s1", "North", 20.0),))
    uses = frozen(plan, chosen=[SiteChoice("s1", "o1", "a1")]).decided_uses
    assert [u.use_id for u in uses if u.role == "rejected"] == ["a1", "a2"]


def test_that_deleting_a_decision_leaves_what_is_known_of_the_months() -> None:
    plan = with_actuals(frozen(SMALL), *prices("btc_price_usd", 80_000.0))
    after = without_decision(plan, "q1")
    assert (after.decisions, after.decided_uses, len(after.actuals)) == ((), (), 1)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"name": "  ", "decided_on": DAY}, "Decision is empty."),
        ({"name": "Board", "decided_on": "28 Nov"}, "Decided on: '28 Nov' is not a date; write it as 2026-03-21."),
    ],
)
def test_that_a_decision_without_name_or_day_is_refused(told: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        freeze(SMALL, evaluate(SMALL), "base", **told)
    assert str(refused.value) == sentence


def test_that_nothing_can_be_decided_in_an_empty_plan() -> None:
    empty = Plan(Header("Empty", "2026-04"), Market(70_000.0, 130e12, 941_472))
    assert choices_of(empty, evaluate(empty)) == ()
    with pytest.raises(ValueError, match="nothing to decide"):
        frozen(empty)


HOSTILE = [
    ("", "has no frozen plan"),
    ("not base64 !", "not base64"),
    ("é", "not base64"),
    (base64.b64encode(b"plain").decode(), "cannot be decompressed"),
    (base64.b64encode(zlib.compress(b"{}" * 900)[:-9]).decode(), "breaks off"),
    (base64.b64encode(zlib.compress(b"[1, 2]")).decode(), "cannot be read"),
    (base64.b64encode(zlib.compress(b'{"busbar_plan": 99}')).decode(), "format 99"),
    (base64.b64encode(zlib.compress(b"[" * 200_000)).decode(), "cannot be read"),
    (base64.b64encode(zlib.compress(b"\xff\xfe")).decode(), "cannot be read"),
    (base64.b64encode(zlib.compress(bytes(201_000_000), 1)).decode(), "more than any plan"),
]


@pytest.mark.parametrize(("text", "words"), HOSTILE, ids=[w for _, w in HOSTILE[:-1]] + ["bomb"])
def test_that_a_hostile_frozen_plan_is_a_sentence_and_a_finding(text: str, words: str) -> None:
    with pytest.raises(PlanFileError, match=words):
        unpack(text, "Board")
    plan = frozen(SMALL)
    bad = dataclasses.replace(plan, decisions=(dataclasses.replace(plan.decisions[0], frozen_plan=text),))
    (found,) = [f for f in evaluate(bad).findings if f.code == "decisions.frozen_plan"]
    assert found.path == "decisions.q1"
    assert words in found.message
    assert found.message.endswith(".")
    with pytest.raises(PlanFileError, match=words):
        register_of(bad, bad.decisions[0])


@pytest.mark.parametrize(("changed", "words"), [("scenario_id", "no scenario 'c9'"), ("use", "no use 'a9'")])
def test_that_a_decision_on_what_its_plan_lacks_is_a_sentence(changed: str, words: str) -> None:
    plan = frozen(SMALL)
    if changed == "use":
        uses = (dataclasses.replace(plan.decided_uses[0], use_id="a9"), *plan.decided_uses[1:])
        plan = dataclasses.replace(plan, decided_uses=uses)
    else:
        plan = dataclasses.replace(plan, decisions=(dataclasses.replace(plan.decisions[0], scenario_id="c9"),))
    with pytest.raises(PlanFileError, match=words):
        register_of(plan, plan.decisions[0])


def test_that_actual_values_of_nothing_known_are_found_and_removed_by_the_repair() -> None:
    plan = with_actuals(
        SMALL,
        ("2026-04", "revenue_usd", 1.0, "s9", ""),
        ("2026-05", "revenue_usd", 1.0, "s9", ""),
        ("2026-05", "revenue_usd", 1.0, "s1", "a1"),
    )
    (found,) = [f for f in evaluate(plan).findings if f.code == "actuals.unknown"]
    assert "2 of the actual values are of site 's9'" in found.message
    ((table, rest),) = found.repairs[0].changes
    after = dataclasses.replace(plan, **{table: rest})
    assert [a.id for a in after.actuals] == ["x2"]
    assert "actuals.unknown" not in {f.code for f in evaluate(after).findings}
    # What left the plan after a decision is still known by the decision.
    gone = dataclasses.replace(frozen(SMALL), asic_lots=(), actuals=plan.actuals[2:])
    assert "actuals.unknown" not in {f.code for f in evaluate(gone).findings}


# --- looking back


def test_that_nothing_known_is_nothing_looked_back_on() -> None:
    found = back(frozen(SMALL))
    assert (found.months, found.last_month, found.shortfall_usd, found.regret_usd) == (0, "", 0.0, 0.0)


def test_that_actual_prices_as_planned_change_nothing() -> None:
    plan = with_actuals(frozen(SMALL), *prices("btc_price_usd", *[70_000.0] * 6), *prices("difficulty", *[130e12] * 6))
    found = back(plan)
    assert found.months == 6
    assert found.shortfall_usd == pytest.approx(0.0, abs=1e-6)
    assert found.regret_usd == pytest.approx(found.planned_gap_usd, abs=1e-6)
    assert set(found.made_of) == {RECKONED}
    assert not any(p.has_moved for p in found.register.expected)
    assert {(f.bias_fraction, f.error_fraction) for f in found.forecasts} == {(0.0, 0.0)}


def test_that_cash_and_regret_are_those_reckoned_by_hand() -> None:
    """7 MW: lease of 5 IT MW at $150/kW-month from July; machines at twice the revenue in May."""
    plan = frozen(SMALL, chosen=[SiteChoice("s1", "o1", "a1")])
    plan = with_actuals(
        plan,
        ("2026-05", "btc_price_usd", 140_000.0, "", ""),
        ("2026-07", "revenue_usd", 700_000.0, "s1", "o1"),
    )
    found = back(plan)
    assert (found.months, found.last_month, found.mw) == (4, "2026-07", pytest.approx(7.0))
    # Lease: nothing in April to June, then 5,000 kW × $150 = $750,000 planned, $700,000 came.
    assert found.expected[:4] == pytest.approx([0.0, 0.0, 0.0, 750_000.0])
    assert found.shortfall_usd == pytest.approx(50_000.0)
    assert found.made_of == (PLANNED, RECKONED, PLANNED, ACTUAL)

    # 7 MW of S21 at PUE 1: 2,000 machines × 200 TH/s = 400 PH/s; hashes by hand, halving and fees aside.
    def mined(days: int) -> float:
        return 400e15 * 86_400 * days / (130e12 * 2**32) * 3.125

    power = [7.0 * 50.0 * 24 * days for days in (30, 31, 30, 31)]
    revenue = [mined(30) * 70_000, mined(31) * 140_000, mined(30) * 70_000, mined(31) * 70_000]
    assert found.rejected_went[:4] == pytest.approx([r - p for r, p in zip(revenue, power, strict=True)], rel=1e-9)
    mining = sum(revenue) - sum(power)
    assert found.regret_usd == pytest.approx(mining - 700_000.0, rel=1e-9)
    assert found.planned_gap_usd == pytest.approx(mining - mined(31) * 70_000 - 750_000.0, rel=1e-9)
    by_line = {line.line: line for line in found.to_date}
    assert (by_line["revenue_usd"].expected, by_line["revenue_usd"].actual) == (pytest.approx(750_000.0), 700_000.0)
    assert by_line["revenue_usd"].reason == "1 of 4 months known; both columns are of these"
    assert by_line["btc_price_usd"].difference == pytest.approx(70_000.0)
    assert by_line["difficulty"].reason == "no month is known yet"
    forecast = {f.line: f for f in found.forecasts}
    assert forecast["btc_price_usd"].bias_fraction == pytest.approx(-0.5)
    assert forecast["revenue_usd"].error_fraction == pytest.approx(50 / 700)


def test_that_the_npv_to_date_ends_at_the_npv() -> None:
    plan = frozen(sample("briefing"))
    for path in register_of(plan, plan.decisions[0]).expected:
        assert path.npv_to_date_usd[-1] == pytest.approx(path.npv_usd_per_mw * path.use.mw, rel=1e-9)
        assert path.free_cash_usd.sum() != path.npv_to_date_usd[-1]


def test_that_another_npv_than_the_frozen_one_is_seen() -> None:
    plan = frozen(SMALL)
    uses = tuple(dataclasses.replace(u, npv_usd_per_mw=(u.npv_usd_per_mw or 0.0) + 10.0) for u in plan.decided_uses)
    register = register_of(dataclasses.replace(plan, decided_uses=uses), plan.decisions[0])
    assert all(p.has_moved for p in register.expected)


@dear
@given(
    st.sampled_from(SAMPLES),
    st.lists(st.floats(20_000.0, 200_000.0), min_size=1, max_size=14),
    st.floats(60e12, 300e12),
)
def test_that_uses_at_actual_prices_are_those_of_a_plan_with_the_prices_typed_in(
    name: str, btc: list[float], difficulty: float
) -> None:
    plan = sample(name)
    dates = evaluate(plan).dates.months
    rows = [(month, "btc_price_usd", v, "", "") for month, v in zip(dates, btc, strict=False)]
    decided = with_actuals(frozen(plan), *rows, (dates[1], "difficulty", difficulty, "", ""))
    path = evaluate(plan).market
    typed = [*btc, *path.btc_price_usd[len(btc) :]]
    hard = [path.difficulty[0], difficulty, *path.difficulty[2:]]
    market = dataclasses.replace(
        plan.market,
        btc_price_usd=Schedule(dates, tuple(map(float, typed))),
        difficulty=Schedule(dates, tuple(map(float, hard))),
        btc_price_growth_fraction_per_year=0.0,
        difficulty_growth_fraction_per_year=0.0,
    )
    by_hand = evaluate(dataclasses.replace(plan, market=market))
    for use in register_of(decided, decided.decisions[0]).at_actual:
        if use.use.use_id in by_hand.by_id:
            expected = by_hand.by_id[use.use.use_id].cash.free_cash * use.use.mw
            assert use.free_cash_usd == pytest.approx(expected, rel=1e-9, abs=1e-3)


def test_that_an_escalated_price_goes_on_where_nothing_is_known_of_it() -> None:
    contract = dataclasses.replace(SMALL.power_contracts[0], escalator_fraction_per_year=0.1)
    plan = with_actuals(
        dataclasses.replace(SMALL, power_contracts=(contract,)), *prices("energy_price_usd_per_mwh", 80.0, site="s1")
    )
    after = at_actual_prices(plan, market_lines(plan, plan.actuals))
    power = evaluate(after).by_id["a1"].cash
    price = -power.power / power.energy_mwh
    assert price == pytest.approx([80.0] + [50.0] * 11 + [55.0] * 12)


def test_that_a_site_price_goes_before_one_for_all_sites_and_an_impossible_value_counts_for_nothing() -> None:
    rows = (
        ("2026-04", "energy_price_usd_per_mwh", 60.0, "", ""),
        ("2026-05", "energy_price_usd_per_mwh", 70.0, "", ""),
        ("2026-04", "energy_price_usd_per_mwh", 40.0, "s1", ""),
        ("2026-04", "difficulty", 0.0, "", ""),
    )
    plan = with_actuals(SMALL, *rows)
    lines = {line.line: line for line in market_lines(plan, plan.actuals)}
    assert lines["energy_price_usd_per_mwh"].actual[:3] == pytest.approx([40.0, 70.0, np.nan], nan_ok=True)
    assert np.isnan(lines["difficulty"].actual).all()
    assert np.isfinite(evaluate(at_actual_prices(plan, tuple(lines.values()))).by_id["a1"].npv_usd_per_mw)


LINES = ("revenue_usd", "power_cost_usd", "opex_usd", "capex_usd", "energy_mwh")


def as_expected(register: Register, months: int) -> list[tuple[str, str, float, str, str]]:
    """Actual values that are exactly what the frozen plan expected of its chosen uses."""
    return [
        (month, line, float(path.lines[line][m]), path.use.site_id, path.use.use_id)
        for path in register.expected
        if path.use.role == "chosen"
        for line in LINES
        for m, month in enumerate(register.dates.months[:months])
        if np.isfinite(path.lines[line][m])
    ]


@dear
@given(st.one_of(plans(usual=True), st.sampled_from(SAMPLES).map(sample)), st.integers(1, 30))
def test_that_what_came_as_expected_makes_no_difference(plan: Plan, months: int) -> None:
    results = evaluate(plan)
    if not choices_of(plan, results):
        return
    decided = frozen(plan)
    register = register_of(decided, decided.decisions[-1])
    rows = as_expected(register, min(months, len(register.dates.index)))
    decided = with_actuals(decided, *rows)
    for site_id in ("", *register.site_ids):
        found = look_back(register_of(decided, decided.decisions[-1]), decided.actuals, site_id)
        scale = float(np.abs(found.expected).max()) + 1.0
        assert found.shortfall_usd == pytest.approx(0.0, abs=1e-9 * scale * (found.months + 1)) or np.isnan(scale)
        for line in (*found.to_date, *found.last_year):
            if np.isfinite(line.actual):
                assert line.difference == pytest.approx(0.0, abs=1e-6 + 1e-9 * abs(line.expected))


def test_that_what_machines_are_worth_at_the_end_is_no_shortfall() -> None:
    plan = frozen(sample("briefing"), chosen=[SiteChoice("s1", "o2", "o1")])
    register = register_of(plan, plan.decisions[0])
    assert sum(p.residual_usd.sum() for p in register.expected if p.use.role == "chosen") > 1e6
    plan = with_actuals(plan, *as_expected(register, len(register.dates.index)))
    found = back(plan)
    assert set(found.made_of) == {ACTUAL}
    assert found.shortfall_usd == pytest.approx(0.0, abs=1.0)


def test_that_a_decision_without_anything_chosen_knows_no_months() -> None:
    plan = frozen(SMALL)
    plan = dataclasses.replace(plan, decided_uses=())
    assert back(plan).months == 0


def test_that_totals_of_site_and_decision_stand_for_their_uses() -> None:
    plan = frozen(SMALL, chosen=[SiteChoice("s1", "o1", "a1")])
    for site in ("s1", ""):
        found = back(with_actuals(plan, ("2026-07", "revenue_usd", 600_000.0, site, "")))
        assert found.shortfall_usd == pytest.approx(150_000.0)
        assert back(with_actuals(plan, ("2026-07", "revenue_usd", 600_000.0, site, "")), "s1").months == 4


def test_that_a_decision_stays_in_its_scenario_whatever_becomes_of_the_plan() -> None:
    bull = Scenario("c1", "Bull", (("market.btc_price_usd", 140_000.0),))
    plan = frozen(dataclasses.replace(SMALL, scenarios=(bull,)), "c1")
    assert (plan.decisions[0].scenario_id, plan.decisions[0].scenario_name) == ("c1", "Bull")
    before = register_of(plan, plan.decisions[0])
    assert before.plan.market.btc_price_usd == 140_000.0
    later = dataclasses.replace(plan, scenarios=(), market=Market(1.0, 1e15, 941_472), asic_lots=(), ai_offers=())
    after = register_of(later, later.decisions[0])
    for one, other in zip(before.expected, after.expected, strict=True):
        assert one.free_cash_usd == pytest.approx(other.free_cash_usd)


def test_that_a_large_plan_is_looked_back_on_site_by_site() -> None:
    plan = frozen(large_plan(sites=4, lots=12, offers=6))
    register = register_of(plan, plan.decisions[0])
    assert len(register.site_ids) == 4
    plan = with_actuals(plan, *[(f"2026-{m:02d}", "btc_price_usd", 60_000.0, "", "") for m in range(4, 13)])
    whole = back(plan)
    parts = [back(plan, site_id) for site_id in register.site_ids]
    assert whole.regret_usd == pytest.approx(sum(p.regret_usd for p in parts))
    assert whole.mw == pytest.approx(sum(p.mw for p in parts))
