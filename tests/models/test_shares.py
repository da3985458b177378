"""A step of a bridge, explained: the share of one input, reckoned anew from every order that it is the mean of."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.compare.bridge import bridge
from models.compare.columns import columns_of
from models.compare.share_paths import delta_path, share_path
from models.evaluate import evaluate
from models.explain.shares import explained_delta, explained_share
from models.fields import replace as put
from models.plan import Plan, Scenario
from models.samples import sample
from tests.models.test_explain import check_node

AS_OF = date(2026, 11, 28)
NPV = "uses.a1.npv_usd_per_mw"
MOVES = (
    ("market.btc_price_usd", 95_000.0),
    ("power_contracts.p1.energy_price_usd_per_mwh", 60.0),
    ("asic_lots.a1.uptime_fraction", 0.9),
)
MORE = (
    *MOVES,
    ("market.difficulty", 150e12),
    ("market.fees_btc_per_block", 0.1),
    ("market.btc_price_growth_fraction_per_year", 0.12),
    ("market.difficulty_growth_fraction_per_year", 0.2),
    ("assumptions.mining_discount_rate_fraction", 0.18),
    ("sites.s1.mining_pue", 1.11),
    ("asic_lots.a1.pool_fee_fraction", 0.03),
    ("asic_lots.a1.opex_usd_per_mw_year", 80_000.0),
    ("asic_lots.a1.power_w", 3_700.0),
    ("power_contracts.p1.adders_usd_per_mwh", 11.0),
    ("power_contracts.p1.energy_price_growth_fraction_per_year", 0.05),
)


def changed(moves: tuple[tuple[str, float], ...]) -> Plan:
    return replace(sample("briefing"), scenarios=(Scenario("c1", "Other", moves),))


def path_of(input_path: str, figure_path: str = NPV) -> str:
    return share_path("base", "c1", figure_path, input_path)


def test_that_a_share_is_the_mean_of_what_the_input_adds_in_every_order() -> None:
    """By hand: the plan with the values typed in one after the other, in all six orders."""
    base = sample("briefing")
    added = []
    for order in itertools.permutations(MOVES):
        plan = base
        for path, value in order:
            before, plan = plan, put(plan, path, value)
            if path == MOVES[1][0]:
                worth = (evaluate(p).by_id["a1"].npv_usd_per_mw for p in (plan, before))
                added.append(next(worth) - next(worth))
    root = explained_share(changed(MOVES), path_of(MOVES[1][0]), AS_OF).root
    assert root.value == pytest.approx(math.fsum(added) / 6, rel=1e-9)
    assert root.recomputed() == pytest.approx(root.value, rel=1e-9)
    assert root.table is not None
    assert len(root.table.rows) == 4
    assert root.table.rows[0] == "first of all"
    assert sorted({round(a) for a in added}) == sorted({round(float(a)) for a in root.table.columns[3].values})
    assert "over all 6 orders in which the 3 inputs that differ can change" in root.note


@pytest.mark.parametrize(("moves", "is_exact"), [(MOVES, True), (MORE[:7], True), (MORE, False)])
@pytest.mark.parametrize("figure_path", [NPV, "uses.a1.margin_usd_per_mw_year", "sites.s1.gain_usd"])
def test_that_every_node_of_every_step_is_reckoned_anew(
    moves: tuple[tuple[str, float], ...], is_exact: bool, figure_path: str
) -> None:
    plan = changed(moves)
    found = bridge(*columns_of(plan, ("base", "c1")), figure_path)
    assert found.steps
    for step in found.steps:
        root = explained_share(plan, path_of(step.path, figure_path), AS_OF, found).root
        assert root.value == step.amount
        old, new, difference = root.children
        assert (old.value, new.value) == (step.old, step.new)
        for node in root.walk():
            check_node(node, step.path)
        *_, together = difference.children
        assert difference.value == found.difference
        assert together.recomputed() == pytest.approx(found.difference, rel=1e-9)
        assert [child.path for child in together.children] == [path_of(s.path, figure_path) for s in found.steps]
        assert root.note.endswith("All shares add up to the difference.")
    if not is_exact:
        assert not found.is_exact
        assert "drawn orders" in root.note
        assert "one standard error" in root.note


def test_that_both_values_say_where_they_are_from() -> None:
    plan = changed(MOVES)
    old, new, _ = explained_share(plan, path_of("power_contracts.p1.energy_price_usd_per_mwh"), AS_OF).root.children
    assert (old.value, old.source, old.date) == (50.0, "illustrative, made for this sample", "2026-03-21")
    assert (new.value, new.source, new.date) == (60.0, "set in scenario Other", "")
    assert old.label == "Base case: Energy price, Retail supply (illustrative)"
    assert new.label.startswith("Other: ")


def test_that_the_sum_is_explained_by_both_figures_and_all_shares() -> None:
    plan = changed(MOVES)
    root = explained_share(plan, path_of("difference"), AS_OF).root
    new, old, together = root.children
    assert root.value == new.value - old.value
    assert old.value == evaluate(sample("briefing")).by_id["a1"].npv_usd_per_mw
    assert together.value == pytest.approx(root.value, rel=1e-12)


def test_that_a_bridge_at_hand_is_taken_and_one_that_is_not_is_made() -> None:
    plan = changed(MOVES)
    found = bridge(*columns_of(plan, ("base", "c1")), NPV)
    one, other = (explained_share(plan, path_of(MOVES[0][0]), AS_OF, known).root for known in (found, None))
    assert one.value == other.value
    assert one.table is not None
    assert other.table is not None
    np.testing.assert_array_equal(one.table.columns[3].values, other.table.columns[3].values)


def test_that_the_only_input_makes_the_whole_difference() -> None:
    root = explained_share(changed(MOVES[:1]), path_of(MOVES[0][0]), AS_OF).root
    assert root.value == root.children[2].value
    assert root.note == "It is the only input that differs and moves the figure: it makes the whole difference."


@pytest.mark.parametrize(
    "path",
    [
        "shares.base.c1.uses.a1.npv_usd_per_mw",
        "shares.base.zz.uses.a1.npv_usd_per_mw.market.btc_price_usd",
        "shares.base.c1.uses.zz.npv_usd_per_mw.market.btc_price_usd",
        path_of("market.difficulty"),
        path_of("market.nothing"),
    ],
)
def test_that_what_makes_nothing_is_refused(path: str) -> None:
    with pytest.raises(KeyError):
        explained_share(changed(MOVES), path, AS_OF)


@pytest.mark.parametrize("path", [NPV, "market.hashprice_usd_per_ph_day", "crossovers.a1.o1.npv.btc_price_usd"])
def test_that_a_difference_is_the_figure_in_both_scenarios(path: str) -> None:
    plan = changed(MOVES)
    old, new = columns_of(plan, ("base", "c1"))
    root = explained_delta(plan, delta_path("base", "c1", path), AS_OF).root
    assert root.value == new.value(path) - old.value(path)
    assert [child.label.rpartition(", in ")[2] for child in root.children] == ["Other", "Base case"]
    for node in root.walk():
        check_node(node, path)


@pytest.mark.parametrize("path", ["deltas.base.zz.uses.a1.npv_usd_per_mw", "deltas.base.c1.uses.zz.x", "deltas.base"])
def test_that_a_difference_of_nothing_is_refused(path: str) -> None:
    with pytest.raises(KeyError):
        explained_delta(changed(MOVES), path, AS_OF)
