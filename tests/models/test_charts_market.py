"""The market as a picture: hashprice by the protocol's rule, halvings on their day, the saved plan behind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.charts.market import hashprice_chart
from models.charts.scope import Ranges
from models.charts.table import chart_sheet
from models.curves import calendar
from models.fields import replace
from models.market import halving_months
from models.samples import sample

BRIEFING = sample("briefing")
START = date(2026, 4, 1)


def test_that_a_month_has_the_hashprice_of_its_subsidy() -> None:
    """86,400 s × 10¹⁵ hashes a second, of difficulty × 2³² a block, at subsidy and fees; no growth in this sample."""
    (curve,) = hashprice_chart(BRIEFING, Ranges()).series
    market = BRIEFING.market
    for month, subsidy in ((0, 3.125), (23, 3.125), (25, 1.5625), (100, 0.78125), (191, 0.1953125)):
        blocks_a_day = 86_400 * 1e15 / (market.difficulty * 2**32)
        expected = blocks_a_day * (subsidy + market.fees_btc_per_block) * market.btc_price_usd
        assert (curve.x[month], curve.y[month]) == (month + 1.0, pytest.approx(expected, rel=1e-9))


@pytest.mark.parametrize(("height", "halvings"), [(941_472, 4), (1_049_999, 5), (1_050_000, 4)])
def test_that_a_halving_is_drawn_on_the_day_of_its_block(height: int, halvings: int) -> None:
    plan = replace(BRIEFING, "market.block_height", height)
    found = hashprice_chart(plan, Ranges()).references
    assert len(found) == halvings
    blocks = 210_000 - height % 210_000
    for number, reference in enumerate(found):
        day = START + timedelta(days=(blocks + 210_000 * number) / 144)
        months = (day.year - START.year) * 12 + day.month - START.month
        assert int(reference.at) == months
        assert reference.text == f"halving {day:%b %Y}"


def test_that_a_plan_that_ends_before_it_has_no_halving() -> None:
    assert halving_months(BRIEFING.market, calendar("2026-04", 24)) == ()
    assert hashprice_chart(replace(BRIEFING, "plan.horizon_months", 24), Ranges()).subtitle.endswith("halvings: none")


def test_that_the_saved_plan_is_a_ghost_where_its_hashprice_is_another() -> None:
    moved = replace(BRIEFING, "market.btc_price_usd", 2 * BRIEFING.market.btc_price_usd)
    ghost, curve = hashprice_chart(moved, Ranges(), former=BRIEFING).series
    assert (ghost.ghost, curve.ghost) == (True, False)
    assert curve.y.tolist() == pytest.approx((2 * ghost.y).tolist())
    for same in (BRIEFING, replace(BRIEFING, "plan.name", "Another")):
        assert len(hashprice_chart(BRIEFING, Ranges(), former=same).series) == 1
    longer = replace(BRIEFING, "plan.horizon_months", 120)
    assert len(hashprice_chart(longer, Ranges(), former=BRIEFING).series) == 1, "months of another plan"


def test_that_it_leaves_as_a_row_for_each_month() -> None:
    sheet = chart_sheet(hashprice_chart(BRIEFING, Ranges()))
    assert len([row for row in sheet.rows if row[1] is not None]) == 192
