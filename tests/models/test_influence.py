"""What moves a figure, and how strongly: against whole plans with the value put in."""

from __future__ import annotations

import pytest

from models.drivers import drivers, value_of, with_value
from models.evaluate import evaluate
from models.figure_along import Along
from models.figures import figure
from models.influence import influences
from models.samples import sample

PLAN = sample("briefing")


@pytest.mark.parametrize("path", ["uses.o1.npv_usd_per_mw", "uses.a1.margin_usd_per_mw_year", "sites.s1.gain_usd"])
def test_that_the_order_is_that_of_plans_with_a_tenth_more_or_less(path: str) -> None:
    along = Along(PLAN, path)
    inputs = [d.path for d in drivers(PLAN) if along.depends_on(d.path)]
    found = influences(PLAN, path, inputs)
    assert sorted(found) == sorted(inputs)
    now = figure(PLAN, evaluate(PLAN), path).value
    steps = []
    for name, influence in found.items():
        value = value_of(PLAN, name)
        if not value or not influence.moves or not influence.step:
            continue
        moved = []
        for share in (0.9, 1.1):
            try:
                plan = with_value(PLAN, name, value * share)
            except ValueError:
                continue
            moved.append(abs(figure(plan, evaluate(plan), path).value - now))
        steps.append(max(moved))
    assert len(steps) > 8
    rounded = [round(step, 3) for step in steps]
    assert rounded[:3] == sorted(rounded, reverse=True)[:3]


def test_that_what_does_not_move_a_figure_stands_last() -> None:
    rent, price = "ai_offers.o1.rent_usd_per_it_kw_month", "market.btc_price_usd"
    found = influences(PLAN, "uses.o1.npv_usd_per_mw", (price, "assumptions.mining_discount_rate_fraction", rent))
    assert next(iter(found)) == rent
    assert [each.moves for each in found.values()] == [True, False, False]


def test_that_an_input_which_counts_only_further_away_is_no_idle_one() -> None:
    """A tenth more of what can be converted changes nothing while the offer asks for less; none of it changes all."""
    convertible = "sites.s1.convertible_mw"
    plan = with_value(PLAN, convertible, 90.0)
    found = influences(plan, "sites.s1.gain_usd", (convertible,))[convertible]
    assert (found.step, found.moves) == (0.0, True)
    less = with_value(plan, convertible, 1.0)
    assert (
        figure(less, evaluate(less), "sites.s1.gain_usd").value
        < figure(plan, evaluate(plan), "sites.s1.gain_usd").value
    )
