"""The explanation of an offer that is only read: the strip's own figures, from the words down, and no plan touched."""

from __future__ import annotations

import dataclasses
import math
from datetime import date

import pytest

from models.fields import replace
from models.offer_text import read_offer, strip_of
from models.offer_text.explained import FIGURES, explained_offer
from models.plan import Scenario
from models.samples import sample
from models.scenarios import plan_for
from tests.models.test_explain import check_node

AS_OF = date(2026, 11, 28)
TEXTS = (
    "$3.7bn over 10 years, 250 MW",
    "$130/kW-month NNN, 3 %",
    "$2.35 per GPU-hour take-or-pay, 85 %",
    "$7.0bn over 15 years, 245 MW IT, 3 % escalator, NNN, 6 months free",
    "$9.7bn over 5 years, 200 MW critical",
    "$120 per kW of gross load per month, 40 MW gross, gross lease, 7 years, from July 2027",
    "$30m a year for 12 MW of critical IT over 10 years, modified gross, 2 % escalator",
    "512 H100 at $1.95 per GPU-hour, 3 years, reserved",
    "$4.6bn over 20 years with CPI escalator, 200 MW",
)


@pytest.mark.parametrize("name", ["briefing", "flexible", "three-sites"])
@pytest.mark.parametrize("text", TEXTS)
def test_that_what_is_explained_is_what_the_strip_shows_and_is_reckoned_anew(name: str, text: str) -> None:
    plan = sample(name)
    before = dataclasses.replace(plan)
    read = read_offer(text, plan)
    strip = strip_of(read, plan)
    assert strip is not None
    for figure in FIGURES:
        root = explained_offer(read, plan, f"offer.{figure}", AS_OF).root
        if hasattr(strip, figure):
            shown = getattr(strip, figure)
            assert root.value == pytest.approx(shown, rel=1e-9, nan_ok=True), figure
        assert math.isfinite(root.value) or root.reason, figure
        assert root.path == f"offer.{figure}" or root.is_input
        for node in root.walk():
            check_node(node, figure)
            if node.is_input and node.path.startswith(("ai_offers.", "offer.")):
                assert node.source, f"{figure}: {node.label} does not say where it is from"
    if strip.rank is not None:
        assert explained_offer(read, plan, "offer.cheaper_leases", AS_OF).root.value == strip.rank.below
    assert plan == before


@pytest.mark.parametrize("text", TEXTS)
def test_that_every_term_says_whether_it_was_typed_said_or_assumed(text: str) -> None:
    plan = sample("briefing")
    read = read_offer(text, plan, answers={"capex_usd_per_it_mw": 9e6})
    for term in read.terms:
        root = explained_offer(read, plan, f"offer.terms.{term.name}", AS_OF).root
        if term.is_answered:
            assert (root.source, root.date, root.age_days) == ("as you said", "2026-11-28", 0.0)
        elif term.quoted:
            assert root.source == f"as typed: “{term.quoted}”"
            assert root.date == "2026-11-28"
        else:
            assert root.source.startswith("assumed: ") or (root.source == "worked out" and root.formula), term.name
            assert root.date == ""
        assert root.note == term.reason or term.is_answered


def test_that_the_first_years_rent_behind_a_total_is_worked_out_by_hand() -> None:
    """$7.0 billion over 15 years for 245 MW at 3 %: 7e9 × 0.03 / (1.03^15 − 1) / (12 × 245,000 kW) = $128.02."""
    plan = sample("briefing")
    read = read_offer("$7.0bn over 15 years, 245 MW IT, 3 % escalator, NNN", plan)
    root = explained_offer(read, plan, "offer.first_year_rent_usd_per_it_kw_month", AS_OF).root
    assert root.value == pytest.approx(7e9 * 0.03 / (1.03**15 - 1) / (12 * 245_000), rel=1e-9)
    assert [child.label.partition(",")[0] for child in root.children] == [
        "Total contract value",
        "Escalator",
        "Term",
        "Critical IT load",
    ]
    # 128.02 × 0.98 / 1.40, after opex of a triple-net lease and over gross megawatts.
    net = explained_offer(read, plan, "offer.net_usd_per_kw_month", AS_OF).root
    assert net.value == pytest.approx(root.value * 0.98 / 1.4, rel=1e-9)


def test_that_free_months_lengthen_the_term_that_the_rent_was_spread_over() -> None:
    plan = sample("briefing")
    read = read_offer(TEXTS[3], plan)
    rent = explained_offer(read, plan, "offer.terms.rent_usd_per_it_kw_month", AS_OF).root
    assert rent.children[4].label == "Free months"
    assert rent.recomputed() == pytest.approx(128.0157, rel=1e-6)


def test_that_months_beyond_the_plans_end_stand_under_the_values_that_they_are_cut_from() -> None:
    plan = replace(sample("briefing"), "plan.horizon_months", 60)
    read = read_offer("$130/kW-month NNN, 3 %, 15 years, from April 2027", plan)
    strip = strip_of(read, plan)
    assert strip is not None
    assert strip.months_beyond == 12 + 180 - 60
    for name in ("present_value_usd_per_mw", "npv_usd_per_mw"):
        root = explained_offer(read, plan, f"offer.{name}", AS_OF).root
        assert root.children[-1].value == strip.months_beyond


def test_that_in_a_scenario_the_plans_own_inputs_say_so_and_the_offers_do_not() -> None:
    own = (("assumptions.lease_discount_rate_fraction", 0.12),)
    base = dataclasses.replace(sample("briefing"), scenarios=(Scenario("c1", "Dear money", own),))
    plan = plan_for(base, base.scenarios[0])
    read = read_offer(TEXTS[0], plan)
    root = explained_offer(read, plan, "offer.npv_usd_per_mw", AS_OF, base=base, scenario_id="c1").root
    inputs = {node.label.partition(",")[0]: node for node in root.inputs()}
    assert inputs["Discount rate"].source == "set in scenario Dear money"
    assert not any("scenario" in node.note for name, node in inputs.items() if name != "Discount rate")


@pytest.mark.parametrize("path", ["offer.nothing", "offer.terms.nothing", "offer.terms.price_usd_per_gpu_hour"])
def test_that_what_was_not_read_is_refused(path: str) -> None:
    plan = sample("briefing")
    with pytest.raises(KeyError):
        explained_offer(read_offer(TEXTS[0], plan), plan, path, AS_OF)
    with pytest.raises(KeyError):
        explained_offer(read_offer("", plan), plan, "offer.npv_usd_per_mw", AS_OF)
