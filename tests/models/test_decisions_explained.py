"""A look-back explained: every figure on the page, reckoned anew from the frozen plan and the actual values."""

from __future__ import annotations

import dataclasses
import math
from datetime import date

import pytest

from models.decisions.explained import explained_actual, explained_lookback
from models.decisions.freeze import freeze
from models.decisions.lookback import LookBack, looked_back
from models.evaluate import evaluate
from models.plan import Actual, Plan
from models.samples import sample
from tests.models.test_explain import check_node

AS_OF = date(2026, 11, 28)
ROWS = (
    ("2026-04", "btc_price_usd", 90_000.0, "", ""),
    ("2026-05", "btc_price_usd", 60_000.0, "", ""),
    ("2026-05", "difficulty", 150e12, "", ""),
    ("2026-04", "revenue_usd", 1e6, "s1", ""),
    ("2026-04", "power_cost_usd", 4e5, "s1", ""),
    ("2026-04", "opex_usd", 2e4, "s1", ""),
    ("2026-04", "capex_usd", 0.0, "s1", ""),
)
SIDES = ("expected", "actual", "difference")


def decided(name: str, rows: tuple[tuple[str, str, float, str, str], ...] = ROWS) -> Plan:
    plan = sample(name)
    plan = freeze(plan, evaluate(plan), "base", name="Board of March", decided_on="2026-03-24", decided_by="The board")
    return dataclasses.replace(plan, actuals=tuple(Actual(f"x{n}", *row) for n, row in enumerate(rows, start=1)))


def looked(plan: Plan) -> LookBack:
    found = looked_back(plan, plan.decisions[0].id)
    assert isinstance(found, LookBack)
    return found


@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus", "flexible"])
def test_that_every_figure_of_the_page_is_what_is_explained_and_reckoned_anew(name: str) -> None:
    plan = decided(name)
    found = looked(plan)
    n = found.months
    wanted: dict[str, float] = {
        "decision.mw": found.mw,
        "decision.regret_usd": found.regret_usd,
        "decision.shortfall_usd": found.shortfall_usd,
        "decision.planned_gap_usd": found.planned_gap_usd,
        "decision.planned": float(found.expected[:n].sum()),
        "decision.came": float(found.went[:n].sum()),
        "decision.rejected": float(found.rejected_went[:n].sum()),
        "decision.rejected_planned": float(found.rejected_expected[:n].sum()),
    }
    for planned, later in zip(found.register.expected, found.register.at_actual, strict=True):
        alone = planned in found.chosen and len(found.chosen) == 1
        came = found.went if alone else later.free_cash_usd
        own = {
            "npv": math.nan if planned.use.npv_usd_per_mw is None else planned.use.npv_usd_per_mw,
            "planned": float(planned.free_cash_usd[:n].sum()),
            "came": float(came[:n].sum()),
            "difference": float(came[:n].sum()) - float(planned.free_cash_usd[:n].sum()),
            "mw": planned.use.mw,
            "npv_to_date": float(planned.npv_to_date_usd[n - 1]),
        }
        wanted |= {f"uses.{planned.use.id}.{key}": value for key, value in own.items()}
    for span in ("to_date", "last_year"):
        for place, line in enumerate(getattr(found, span)):
            wanted |= {f"lines.{place}.{span}.{side}": getattr(line, side) for side in SIDES}
    for place, monthly in enumerate(found.monthly):
        for m, month in enumerate(found.register.dates.months[:n]):
            actual = (found.went if place == len(found.monthly) - 1 else monthly.actual)[m]
            values = (monthly.expected[m], actual, actual - monthly.expected[m])
            wanted |= {f"months.{place}.{month}.{s}": float(v) for s, v in zip(SIDES, values, strict=True)}
    for place, forecast in enumerate(found.forecasts):
        wanted |= {
            f"forecasts.{place}.months": forecast.months,
            f"forecasts.{place}.bias": forecast.bias_fraction,
            f"forecasts.{place}.error": forecast.error_fraction,
        }
    for path, value in wanted.items():
        root = explained_lookback(found, plan.actuals, f"lookback.{path}", AS_OF).root
        assert root.value == pytest.approx(value, rel=1e-9, abs=1e-6, nan_ok=True), path
        assert math.isfinite(root.value) or root.reason, path
        for node in (root, *root.children):
            check_node(node, path)
    everything = explained_lookback(found, plan.actuals, "lookback.decision.regret_usd", AS_OF).root
    for node in everything.walk():
        check_node(node, "regret")


def test_that_a_look_back_leads_to_what_was_entered_and_to_the_frozen_plan() -> None:
    plan = decided("briefing")
    plan = dataclasses.replace(plan, actuals=(dataclasses.replace(plan.actuals[0], source="Kraken"), *plan.actuals[1:]))
    found = looked(plan)
    price = explained_lookback(found, plan.actuals, "lookback.lines.0.to_date.actual", AS_OF).root
    assert price.value == 75_000.0
    assert [(c.label, c.value, c.source) for c in price.children] == [
        ("BTC price, 2026-04", 90_000.0, "Kraken"),
        ("BTC price, 2026-05", 60_000.0, "entered without a source"),
    ]
    assert price.children[0].path == "actuals.x1.value"
    entry = explained_actual(plan.actuals[1], AS_OF).root
    assert (entry.value, entry.state) == (60_000.0, "no_source")
    use = found.chosen[0].use
    then = explained_lookback(found, plan.actuals, f"lookback.uses.{use.id}.npv", AS_OF).root
    assert then.recomputed() == pytest.approx(then.value, rel=1e-9)
    below = {n.path: n for n in then.inputs()}
    rate = below["assumptions.lease_discount_rate_fraction"]
    assert rate.value == 0.1
    assert "ai_offers.o1.rent_usd_per_it_kw_month" in below


def test_that_only_what_counts_for_what_was_chosen_is_named() -> None:
    """The lease was chosen: what the machines of the same site took in is no part of its cash."""
    rows = (
        ("2026-04", "revenue_usd", 5e6, "s1", "o1"),
        ("2026-04", "revenue_usd", 2.95e6, "s1", "a1"),
        ("2026-04", "power_cost_usd", 1e6, "s1", ""),
        ("2026-04", "energy_price_usd_per_mwh", 41.0, "s1", ""),
        ("2026-04", "energy_price_usd_per_mwh", 77.0, "s9", ""),
    )
    plan = decided("briefing", rows)
    found = looked(plan)
    assert [p.use.use_id for p in found.chosen] == ["o1"]
    cash = len(found.monthly) - 1
    root = explained_lookback(found, plan.actuals, f"lookback.months.{cash}.2026-04.actual", AS_OF).root
    entered = {n.path: n.value for n in root.inputs() if n.path.startswith("actuals.")}
    assert entered == {"actuals.x1.value": 5e6, "actuals.x3.value": 1e6}
    power = next(n for n, m in enumerate(found.monthly) if m.line == "energy_price_usd_per_mwh")
    root = explained_lookback(found, plan.actuals, f"lookback.months.{power}.2026-04.actual", AS_OF).root
    assert [n.value for n in root.children] == [41.0]


def test_that_before_anything_is_known_the_reason_is_said() -> None:
    plan = decided("briefing", ())
    found = looked(plan)
    use = found.chosen[0].use
    for name in ("planned", "came", "npv_to_date", "difference"):
        root = explained_lookback(found, plan.actuals, f"lookback.uses.{use.id}.{name}", AS_OF).root
        assert math.isnan(root.value)
        assert root.reason == "No actual month is known yet."


@pytest.mark.parametrize(
    "path",
    ["uses.zz.npv", "uses.d1.nothing", "decision.nothing", "lines.99.to_date.actual", "months.0.1999-01.actual", "x"],
)
def test_that_what_the_page_does_not_show_is_refused(path: str) -> None:
    plan = decided("briefing")
    with pytest.raises(KeyError):
        explained_lookback(looked(plan), plan.actuals, f"lookback.{path}", AS_OF)
