"""Ranges, the tornado, and the distance to the flip."""

from __future__ import annotations

import dataclasses
import math
from datetime import date
from functools import cache
from statistics import NormalDist

import pytest
from hypothesis import assume, given

from models.curves import month_after
from models.drivers import BTC_PRICE, HASHPRICE, value_of, with_value
from models.evaluate import evaluate
from models.fields import replace
from models.figures import figure, figure_paths
from models.memo.content import memo_content
from models.memo.parts import Cards, Figure
from models.memo.subject import subject_of
from models.plan import Plan, Uncertainty
from models.recommendation import decide
from models.samples import sample, sample_names
from models.scenarios import plan_for
from models.sensitivity.distances import distances, nearness
from models.sensitivity.ranges import Range, range_of, ranges, uncertain_paths, unranged
from models.sensitivity.tornado import tornado
from tests.large_plan import large_plan
from tests.strategies import dear, plans


@cache
def briefing() -> Plan:
    return sample("briefing")


def own(path: str, p10: float, p90: float) -> Uncertainty:
    return Uncertainty("u1", path, p10, p90, "our trading desk")


# Ranges


def test_that_the_plans_own_range_comes_before_any_default() -> None:
    plan = dataclasses.replace(briefing(), uncertainties=(own(HASHPRICE, 28.0, 41.0),))
    found = range_of(plan, HASHPRICE)
    assert found is not None
    assert (found.p10, found.p90, found.source, found.own_id) == (28.0, 41.0, "our trading desk", "u1")


def test_that_a_range_which_ends_at_a_bound_of_its_field_is_of_plain_numbers() -> None:
    plan = replace(sample("briefing"), "asic_lots.a1.uptime_fraction", 0.999)
    found = range_of(plan, "asic_lots.a1.uptime_fraction")
    assert found is not None
    assert repr(found.p90) == "1.0"  # a memo's figures are floats, and hashed as such


def test_that_a_range_entered_the_wrong_way_round_is_understood() -> None:
    plan = dataclasses.replace(briefing(), uncertainties=(own(HASHPRICE, 41.0, 28.0),))
    found = range_of(plan, HASHPRICE)
    assert found is not None
    assert (found.p10, found.p90) == (28.0, 41.0)


def test_that_a_default_is_absolute_where_the_value_lies_within_it_and_in_proportion_elsewhere() -> None:
    """Rents of $105 to $155 about $128: a plan at $128 has just these, one at $200 has 200·105∕128 to 200·155∕128."""
    path = "ai_offers.o1.rent_usd_per_it_kw_month"
    inside = range_of(briefing(), path)
    outside = range_of(replace(briefing(), path, 200.0), path)
    assert inside is not None
    assert outside is not None
    assert (inside.p10, inside.p90) == (105.0, 155.0)
    assert outside.p10 == pytest.approx(200.0 * 105.0 / 128.0)
    assert outside.p90 == pytest.approx(200.0 * 155.0 / 128.0)
    assert outside.source.endswith("in proportion")


def test_that_a_default_never_leaves_what_the_field_can_hold() -> None:
    path = "asic_lots.a1.uptime_fraction"
    found = range_of(replace(briefing(), path, 0.999), path)
    assert found is not None
    assert found.p90 == 1.0


def test_that_the_opex_of_a_lease_is_read_by_the_kind_of_lease_that_it_is() -> None:
    path = "ai_offers.o1.opex_fraction_of_rent"
    net, gross = (range_of(replace(briefing(), path, share), path) for share in (0.02, 0.15))
    assert net is not None
    assert gross is not None
    assert (net.p10, net.p90, gross.p10, gross.p90) == (0.0, 0.05, 0.10, 0.20)


def test_that_a_deviation_is_a_normal_variables() -> None:
    """Of a normal variable with this deviation a tenth lies below P10 and a tenth above P90."""
    span = Range("", "", "", 0, 35.0, 25.0, 50.0, "")
    assert NormalDist(37.5, span.deviation).cdf(25.0) == pytest.approx(0.1, abs=1e-9)
    assert NormalDist(37.5, span.deviation).cdf(50.0) == pytest.approx(0.9, abs=1e-9)


def test_that_an_input_without_a_defensible_range_is_listed_apart_and_not_moved() -> None:
    plan = briefing()
    apart = {u.path for u in unranged(plan)}
    assert "market.difficulty" in apart
    assert "asic_lots.a1.hashrate_th_per_s" in apart
    assert not apart & {r.path for r in ranges(plan)}
    assert not apart & {b.range.path for b in tornado(plan, "uses.a1.npv_usd_per_mw").bars}
    given_one = dataclasses.replace(plan, uncertainties=(own("market.difficulty", 110e12, 160e12),))
    assert "market.difficulty" in {r.path for r in ranges(given_one)}


def test_that_hashprice_stands_for_the_btc_price_unless_only_that_has_a_range_of_its_own() -> None:
    paths = set(uncertain_paths(briefing()))
    assert HASHPRICE in paths
    assert BTC_PRICE not in paths
    plan = dataclasses.replace(briefing(), uncertainties=(own(BTC_PRICE, 50_000.0, 120_000.0),))
    assert BTC_PRICE in uncertain_paths(plan)
    assert HASHPRICE not in uncertain_paths(plan)


def test_that_a_range_of_an_input_that_is_gone_is_passed_over() -> None:
    records = tuple(
        dataclasses.replace(own(path, 1.0, 2.0), id=f"u{n}")
        for n, path in enumerate(
            ("ai_offers.gone.first_rent_month", "sites.gone.capacity_mw", "nonsense", "market.source")
        )
    )
    plan = dataclasses.replace(briefing(), uncertainties=records)
    assert ranges(plan) == ranges(briefing())


# The tornado


def test_that_every_bar_is_the_figure_of_a_plan_with_the_input_there() -> None:
    plan = briefing()
    found = tornado(plan, "uses.o1.npv_usd_per_mw")
    paths = {bar.range.path for bar in found.bars}
    assert {"ai_offers.o1.rent_usd_per_it_kw_month", "ai_offers.o1.first_rent_month"} <= paths
    for bar in found.bars:
        for end, at in ((bar.range.p10, bar.at_p10), (bar.range.p90, bar.at_p90)):
            if bar.range.path.endswith("first_rent_month"):
                moved = replace(plan, bar.range.path, month_after(plan.ai_offers[0].first_rent_month, round(end)))
            else:
                moved = with_value(plan, bar.range.path, end)
            assert at == pytest.approx(evaluate(moved).by_id["o1"].npv_usd_per_mw, rel=1e-9)


def test_that_bars_stand_by_their_swing_and_hold_nothing_of_other_uses() -> None:
    found = tornado(large_plan(3, 6, 6, 60), "uses.a1.npv_usd_per_mw")
    swings = [bar.swing for bar in found.bars]
    assert swings == sorted(swings, reverse=True)
    assert not [b for b in found.bars if b.range.path.startswith("ai_offers")]


@pytest.mark.parametrize("figure_path", figure_paths(sample("briefing"), evaluate(sample("briefing"))))
def test_that_every_figure_has_a_tornado(figure_path: str) -> None:
    plan = briefing()
    found = tornado(plan, figure_path)
    assert found.figure.value == pytest.approx(figure(plan, evaluate(plan), figure_path).value, nan_ok=True)
    for bar in found.bars:
        assert bar.swing > 0


def test_that_the_lead_of_a_site_swings_as_whole_plans_say() -> None:
    """The sites' leads are priced along arrays; decide() on whole plans must say the same."""
    plan = large_plan(2, 4, 4, 60)
    best = next(d for d in decide(plan, evaluate(plan)) if d.site.id == "s1").best
    assert best is not None
    for bar in tornado(plan, "sites.s1.lead_usd_per_mw").bars:
        if not bar.range.path.endswith("first_rent_month"):
            moved = with_value(plan, bar.range.path, bar.range.p90)
            decision = next(d for d in decide(moved, evaluate(moved)) if d.site.id == "s1")
            worths = {o.id: o.worth_usd_per_mw for o in decision.ranked}
            lead = worths.pop(best.id) - max(worths.values())  # below zero where another use is best by then
            assert abs(lead) == pytest.approx(decision.lead_usd_per_mw, rel=1e-9) or lead < 0
            assert bar.at_p90 == pytest.approx(lead, rel=1e-9, abs=1e-3)


# The distance to the flip


def best_with(plan: Plan, path: str, value: float, site_id: str) -> str:
    """Name of what is worth most once a flip's value is entered."""
    if path.endswith("first_rent_month"):
        offer = next(o for o in plan.ai_offers if o.id == path.split(".")[1])
        changed = replace(plan, path, month_after(offer.first_rent_month, round(value)))
    else:
        changed = with_value(plan, path, value)
    best = next(d for d in decide(changed, evaluate(changed)) if d.site.id == site_id).best
    return "" if best is None else best.name


def test_that_a_distance_in_deviations_is_what_it_takes_by_hand() -> None:
    """The rent flips at $122.887; $105 to $155 is a deviation of 50 ∕ 2.5631 = $19.5076."""
    plan = briefing()
    found = distances(plan, decide(plan, evaluate(plan))[0])
    rent = next(d for d in found if d.flip.path == "ai_offers.o1.rent_usd_per_it_kw_month")
    deviation = 50.0 / (2 * NormalDist().inv_cdf(0.9))
    assert rent.deviations == pytest.approx((128.0 - rent.flip.value) / deviation, rel=1e-12)
    assert rent.flip.distance == pytest.approx((rent.flip.value - 128.0) / 128.0)


def test_that_hashprice_stands_for_the_btc_price_and_flips_where_it_says() -> None:
    plan = briefing()
    found = distances(plan, decide(plan, evaluate(plan))[0])
    assert BTC_PRICE not in {d.flip.path for d in found}
    hashprice = next(d for d in found if d.flip.path == HASHPRICE)
    outside = hashprice.flip.value * (1 + 1e-9)
    assert best_with(plan, HASHPRICE, outside, "s1") == hashprice.flip.winner
    assert best_with(plan, HASHPRICE, hashprice.flip.value * (1 - 1e-9), "s1") == "Powered-shell lease"


def test_that_the_nearest_in_deviations_stand_first_and_the_unreachable_last() -> None:
    plan = briefing()
    found = distances(plan, decide(plan, evaluate(plan))[0])
    groups = [2 if not d.flip.reachable else 0 if math.isfinite(d.deviations) else 1 for d in found]
    assert groups == sorted(groups)
    assert set(groups) == {0, 1, 2}
    near = [d.deviations for d in found if math.isfinite(d.deviations)]
    assert near == sorted(near)
    apart = [abs(d.flip.distance) for d, group in zip(found, groups, strict=True) if group == 1]
    assert apart == sorted(apart)


@dear
@given(plan=plans(max_records=2, usual=True))
def test_that_a_flip_distance_applied_flips_the_answer(plan: Plan) -> None:
    decisions = [d for d in decide(plan, evaluate(plan)) if d.next_best is not None]
    assume(decisions)
    for decision in decisions:
        assert decision.best is not None
        for distance in distances(plan, decision):
            flip = distance.flip
            if not flip.reachable or flip.path.endswith("first_rent_month"):
                continue
            now = value_of(plan, flip.path)
            assert now is not None
            # A hair beyond: two uses that are worth the same are ranked by other rules.
            step = flip.value - now
            beyond = now + step * (1 + 1e-9)
            if flip.unit == "months" or beyond > flip.high or beyond < flip.low:
                continue
            name = best_with(plan, flip.path, beyond, decision.site.id)
            assert name != decision.best.name or flip.winner == decision.best.name, (flip, name)


BASE_AND_SCENARIOS = [
    (name, number) for name, _, _ in sample_names() for number in range(min(len(sample(name).scenarios), 3) + 1)
]


@pytest.mark.parametrize(("name", "scenario"), BASE_AND_SCENARIOS)
def test_that_page_and_memo_name_the_same_input_as_the_nearest(name: str, scenario: int) -> None:
    plan = sample(name)
    shown = plan_for(plan, plan.scenarios[scenario - 1] if scenario else None)
    results = evaluate(shown)
    subject = subject_of(shown, results, date(2026, 11, 28))
    scenario_id = plan.scenarios[scenario - 1].id if scenario else "base"
    content = memo_content(plan, results, scenario_name=scenario_id, as_of=subject.as_of)
    nearest = []
    for turning in subject.turnings:
        on_page = [d for d in distances(shown, turning.decision) if d.flip.reachable]
        in_memo = [f for f in turning.flips if f.reachable]
        # Hashprice stands for the BTC price, which moves it.
        assert [f.path for f in in_memo] == [d.flip.path.replace(HASHPRICE, BTC_PRICE) for d in on_page]
        nearest += on_page[:1]
    if nearest:
        first = min(nearest, key=nearness)
        assert content.nearest_flips[0].path == first.flip.path.replace(HASHPRICE, BTC_PRICE)
        card = next(c for b in content.front if isinstance(b, Cards) for c in b.cards if c.label == "Nearest flip")
        (printed,) = card.figure
        assert isinstance(printed, Figure)
        assert printed.id == (f"recommendation.{first.flip.site_id}.flips.{content.nearest_flips[0].path}.distance")
