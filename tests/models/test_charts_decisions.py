"""A decision looked back on as a drawing, on screen and on paper."""

from __future__ import annotations

import dataclasses

import pytest

from models.charts.decisions import AHEAD_MONTHS, lookback_chart, nothing_chart
from models.charts.table import chart_sheet
from models.decisions.freeze import freeze
from models.decisions.lookback import LookBack, looked_back
from models.evaluate import evaluate
from models.plan import Actual, Plan
from models.samples import sample


def decided(months: int, name: str = "briefing") -> Plan:
    plan = sample(name)
    plan = freeze(plan, evaluate(plan), "base", name="Board", decided_on="2026-03-24")
    actuals = tuple(Actual(f"x{m}", f"2026-{4 + m:02d}", "btc_price_usd", 90_000.0) for m in range(months))
    return dataclasses.replace(plan, actuals=actuals)


def found(plan: Plan) -> LookBack:
    back = looked_back(plan, "q1")
    assert isinstance(back, LookBack)
    return back


def test_that_what_came_ends_where_knowledge_ends_and_the_plan_goes_on() -> None:
    back = found(decided(8))
    chart = lookback_chart(back)
    series = {s.id: s for s in chart.series}
    assert series["came"].x[-1] == series["rejected"].x[-1] == 8
    assert series["planned"].x[-1] == max(8 + AHEAD_MONTHS, 24)
    assert series["came"].y[-1] == pytest.approx(back.went[:8].sum())
    assert series["rejected"].y[-1] - series["came"].y[-1] == pytest.approx(back.regret_usd)
    assert [r.text for r in chart.references] == ["known to Nov 2026"]
    assert {m.text for m in chart.marks} == {"Powered-shell lease, as it came", "Own GPUs, at actual prices"}
    assert all(chart.y.low <= s.y.min() and s.y.max() <= chart.y.high for s in chart.series)
    # Two cues beside the colour: what is planned is never drawn like what came.
    assert {series[i].style for i in ("came", "rejected")} == {"solid"}
    assert "solid" not in {series[i].style for i in ("planned", "rejected_planned")}


def test_that_before_anything_is_known_only_the_plan_is_drawn() -> None:
    chart = lookback_chart(found(decided(0)))
    assert {s.id for s in chart.series} == {"planned", "rejected_planned"}
    assert chart.references == chart.marks == ()
    assert chart.summary.endswith("no month is known yet.")


def test_that_several_sites_are_named_together_and_the_table_has_every_curve() -> None:
    chart = lookback_chart(found(decided(3, "three-sites")))
    assert {s.label for s in chart.series if s.label} == {"Chosen, planned", "Turned down, planned"}
    assert len(chart_sheet(chart).rows) > 24


def test_that_nothing_to_draw_says_why() -> None:
    assert nothing_chart("Because.").reason == "Because."
