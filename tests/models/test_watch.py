"""Tripwires: which flips become one, and when one has fired."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.drivers import HASHPRICE, value_of, with_value
from models.evaluate import evaluate
from models.fields import replace
from models.plan import Observation, Plan, Tripwire
from models.recommendation import decide
from models.samples import sample
from models.sensitivity.tripwires import WATCHABLE, nearest_tripwires, proposed, with_tripwires
from models.watch import (
    BEYOND,
    FIRING,
    NEAR,
    NO_DATA,
    QUIET,
    all_watched,
    readings,
    tripwire_findings,
    tripwire_words,
    watched,
)

RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


@cache
def briefing() -> Plan:
    plan = sample("briefing")
    return replace(plan, "market.as_of", "")


def seen(*days_and_values: tuple[str, float], path: str = HASHPRICE, plan: Plan | None = None) -> Plan:
    records = tuple(Observation(f"b{n}", path, day, value) for n, (day, value) in enumerate(days_and_values))
    return dataclasses.replace(plan or briefing(), observations=records)


WIRE = Tripwire("g1", HASHPRICE, "above", 52.0, days=30)


def test_that_a_tripwire_on_the_last_of_all_days_has_a_state() -> None:
    assert watched(seen(("9999-12-31", 53.0)), WIRE).state == BEYOND
    assert watched(seen(("9999-12-01", 53.0), ("9999-12-31", 53.0)), WIRE).fired_on == "9999-12-30"
    late = replace(sample("briefing"), "market.as_of", "9999-12-31")
    assert watched(late, Tripwire("g1", HASHPRICE, "above", 1.0, days=30)).state == BEYOND
    assert list(tripwire_findings(dataclasses.replace(late, tripwires=(WIRE,)))) == []


@pytest.mark.parametrize(
    ("observations", "state"),
    [
        ([], NO_DATA),
        ([("2026-06-01", 40.0)], QUIET),
        ([("2026-06-01", 50.0)], NEAR),
        ([("2026-06-01", 53.0)], BEYOND),
        ([("2026-06-01", 53.0), ("2026-06-29", 53.0)], BEYOND),
        ([("2026-06-01", 53.0), ("2026-06-30", 53.0)], FIRING),
        ([("2026-06-01", 52.0), ("2026-06-30", 52.0)], FIRING),
        ([("2026-06-30", 53.0), ("2026-06-01", 53.0)], FIRING),
        ([("2026-06-01", 53.0), ("2026-06-15", 51.0), ("2026-06-30", 53.0)], BEYOND),
        ([("2026-06-01", 53.0), ("2026-06-30", 53.0), ("2026-07-01", 51.0)], NEAR),
        ([("2026-06-01", 40.0), ("2026-06-02", 53.0), ("2026-07-01", 53.0)], FIRING),
        ([("2026-06-01", 40.0), ("2026-06-03", 53.0), ("2026-07-01", 53.0)], BEYOND),
    ],
)
def test_that_a_tripwire_fires_once_it_has_been_beyond_its_level_for_its_days(
    observations: list[tuple[str, float]], state: str
) -> None:
    assert watched(seen(*observations), WIRE).state == state


def test_that_one_observation_alone_fires_only_a_tripwire_of_one_day() -> None:
    plan = seen(("2026-06-01", 53.0))
    assert watched(plan, dataclasses.replace(WIRE, days=1)).state == FIRING
    assert watched(plan, dataclasses.replace(WIRE, days=2)).state == BEYOND


def test_that_it_says_since_when_and_on_which_day_it_fired() -> None:
    found = watched(seen(("2026-05-31", 50.0), ("2026-06-01", 53.0), ("2026-07-15", 60.0)), WIRE)
    assert (found.since, found.fired_on) == ("2026-06-01", "2026-06-30")
    assert found.latest is not None
    assert found.latest.value == 60.0


def test_that_below_is_the_other_side() -> None:
    wire = dataclasses.replace(WIRE, side="below", level=30.0, days=1)
    assert watched(seen(("2026-06-01", 29.0)), wire).state == FIRING
    assert watched(seen(("2026-06-01", 31.0)), wire).state == NEAR
    assert watched(seen(("2026-06-01", 40.0)), wire).state == QUIET


def test_that_the_plans_own_market_is_a_reading_but_fires_nothing_alone() -> None:
    plan = with_value(replace(briefing(), "market.as_of", "2026-06-01"), HASHPRICE, 60.0)
    (own,) = readings(plan, HASHPRICE)
    assert (own.date, own.observed) == ("2026-06-01", False)
    assert own.value == pytest.approx(60.0)
    assert watched(plan, dataclasses.replace(WIRE, days=1)).state == BEYOND
    later = seen(("2026-06-30", 60.0), plan=plan)
    assert watched(later, WIRE).state == FIRING


def test_that_of_two_observations_of_a_day_the_later_record_counts() -> None:
    assert [r.value for r in readings(seen(("2026-06-01", 40.0), ("2026-06-01", 53.0)), HASHPRICE)] == [53.0]


def test_that_an_observation_of_no_day_is_passed_over() -> None:
    assert readings(seen(("soon", 40.0)), HASHPRICE) == ()


@given(st.lists(st.tuples(st.integers(0, 60), st.floats(40.0, 60.0)), max_size=12), st.integers(1, 40))
def test_that_firing_is_what_the_rule_says_read_day_by_day(found: list[tuple[int, float]], days: int) -> None:
    """The rule once more, the other way round: some last stretch of readings is all beyond and long enough."""
    begin = date(2026, 6, 1)
    plan = seen(*(((begin + timedelta(days=d)).isoformat(), v) for d, v in found))
    by_day = dict(found)
    last = max(by_day, default=0)
    stretches = [d for d in by_day if all(v >= 52.0 for e, v in by_day.items() if e >= d)]
    expected = any(last - d + 1 >= days for d in stretches)
    assert (watched(plan, dataclasses.replace(WIRE, days=days)).state == FIRING) == expected


# Which become one


def test_that_the_nearest_five_are_flips_of_inputs_that_can_be_seen_later() -> None:
    plan = briefing()
    wires = nearest_tripwires(plan, "2026-11-28")
    assert len(wires) == 5
    assert {w.path.rpartition(".")[2] for w in wires} <= set(WATCHABLE)
    assert len({w.id for w in wires}) == 5
    assert {w.set_on for w in wires} == {"2026-11-28"}


def test_that_beyond_its_level_the_answer_is_what_its_reason_says() -> None:
    plan = briefing()
    before = decide(plan, evaluate(plan))[0].best
    assert before is not None
    for wire in nearest_tripwires(plan, "2026-11-28"):
        now = value_of(plan, wire.path)
        assert now is not None
        assert (wire.side == "above") == (wire.level > now)
        # Levels are rounded towards today: one per cent beyond is past the flip itself.
        beyond = with_value(plan, wire.path, wire.level * (1.01 if wire.side == "above" else 0.99))
        best = decide(beyond, evaluate(beyond))[0].best
        assert best is not None
        assert best.name != before.name
        assert wire.reason.startswith(best.name)


def test_that_a_proposed_tripwire_is_not_beyond_where_the_plan_stands() -> None:
    plan = replace(briefing(), "market.as_of", "2026-06-01")
    plan = with_tripwires(plan, nearest_tripwires(plan, "2026-11-28"))
    assert {w.state for w in all_watched(plan)} <= {QUIET, NEAR, NO_DATA}


def test_that_without_a_runner_up_nothing_is_proposed() -> None:
    assert proposed(briefing(), (), "2026-11-28") == ()


# What is said


def test_that_a_fired_tripwire_is_a_warning_of_the_plan() -> None:
    plan = seen(("2026-06-01", 53.0), ("2026-06-30", 54.5))
    plan = with_tripwires(plan, (WIRE,))
    found = [f for f in evaluate(plan).findings if f.code == "tripwire.fired"]
    (finding,) = found
    assert (finding.severity, finding.path) == ("warning", "tripwires.g1")
    assert "above $52.00/PH/day since 2026-06-01" in finding.message
    assert "$54.50/PH/day on 2026-06-30" in finding.message


def test_that_a_tripwire_of_an_input_that_is_gone_says_so() -> None:
    plan = with_tripwires(briefing(), (Tripwire("g1", "sites.gone.capacity_mw", "above", 1.0),))
    assert [f.code for f in tripwire_findings(plan)] == ["tripwire.gone"]
    assert "sites.gone" in tripwire_words(plan, plan.tripwires[0])


def test_that_the_words_name_input_side_level_and_days() -> None:
    plan = briefing()
    assert str(tripwire_words(plan, WIRE)) == "Reopen if Hashprice is above $52.00/PH/day for 30 days"
    delay = Tripwire("g2", "ai_offers.o1.first_rent_month", "above", 10.0, days=1)
    assert str(tripwire_words(plan, delay)) == ("Reopen if Delay of first rent, Powered-shell lease is above 10 months")
    assert str(tripwire_words(plan, Tripwire("g3", RENT, "below", 122.9, days=1))).endswith("below $122.90/IT kW-month")
