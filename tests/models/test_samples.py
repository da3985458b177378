from __future__ import annotations

import json
import re

import pytest

from models.curves import month_number
from models.fields import Quantity, field_at, read
from models.plan import LEASE, Plan
from models.samples import sample, sample_names, template, template_names
from models.storage.plan_json import plan_from_json, plan_to_json
from models.storage.validity import DERIVED_FIELDS, problem_in
from tests.large_plan import large_plan

SAMPLES = [name for name, _, _ in sample_names()]
TEMPLATES = [name for name, _, _ in template_names()]


def cited(plan: Plan) -> list[str]:
    """Paths that the evidence of a plan supports."""
    return [line.path for line in plan.evidence if line.path]


@pytest.mark.parametrize("name", SAMPLES)
def test_that_a_sample_round_trips(name: str) -> None:
    plan = sample(name)
    assert problem_in(plan) is None
    assert plan_from_json(json.dumps(plan_to_json(plan)), name) == plan


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_inputs_that_matter_have_evidence(name: str) -> None:
    plan = sample(name)
    needed = {"market.btc_price_usd", "market.difficulty"}
    needed |= {f"power_contracts.{c.id}.energy_price_usd_per_mwh" for c in plan.power_contracts}
    needed |= {f"asic_lots.{a.id}.hashrate_th_per_s" for a in plan.asic_lots}
    needed |= {f"asic_lots.{a.id}.uptime_fraction" for a in plan.asic_lots}
    for offer in plan.ai_offers:
        priced = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
        needed.add(f"ai_offers.{offer.id}.{priced}")
        if offer.kind != LEASE:
            needed |= {f"ai_offers.{offer.id}.it_kw_per_gpu", f"ai_offers.{offer.id}.capex_usd_per_gpu"}
    assert needed <= set(cited(plan))


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_evidence_line_names_a_source_and_a_day_and_leads_to_a_field(name: str) -> None:
    plan = sample(name)
    for line in plan.evidence:
        assert line.claim, line.id
        assert line.source, line.id
        assert line.date, line.id
        assert line.note, line.id
        assert not line.address or line.address.startswith("http"), line.id
        if line.path:
            field_at(plan, line.path)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_power_prices_are_called_illustrative(name: str) -> None:
    plan = sample(name)
    for contract in plan.power_contracts:
        assert "illustrative" in contract.name
    prices = [line for line in plan.evidence if line.path.endswith("energy_price_usd_per_mwh")]
    assert prices
    assert all("illustrative" in line.source for line in prices)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_machines_and_offers_fit_their_site(name: str) -> None:
    plan = sample(name)
    for site in plan.sites:
        lots = [lot for lot in plan.asic_lots if lot.site_id == site.id]
        used = sum(lot.count * lot.power_w for lot in lots) * site.mining_pue / 1e6
        assert 0.9 * site.capacity_mw < used <= site.capacity_mw
        convertible = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
        for offer in plan.ai_offers:
            if offer.site_id == site.id:
                assert offer.critical_it_mw * offer.gross_mw_per_it_mw <= convertible
                assert month_number(offer.first_rent_month) > month_number(plan.plan.start)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_a_sample_pins_its_levers_around_its_values(name: str) -> None:
    plan = sample(name)
    assert 6 <= len(plan.levers) <= 9
    for lever in plan.levers:
        assert lever.low is not None
        assert lever.high is not None
        assert lever.low < lever.high
        if lever.path not in DERIVED_FIELDS:
            assert isinstance(field_at(plan, lever.path).spec, Quantity)
            assert lever.low <= read(plan, lever.path) <= lever.high


def test_that_the_briefing_pays_33_30_per_petahash_and_day() -> None:
    market = sample("briefing").market
    assert market.as_of == "2026-03-21"
    assert isinstance(market.btc_price_usd, float)
    assert isinstance(market.difficulty, float)
    bitcoin = 86_400e15 * (3.125 + market.fees_btc_per_block) / (market.difficulty * 2**32)
    assert bitcoin * market.btc_price_usd == pytest.approx(33.30, abs=0.00005)


def test_that_the_briefings_wrong_figures_are_marked_with_the_right_ones() -> None:
    wrong = [line for line in sample("briefing").evidence if line.note.startswith("Does not add up:")]
    notes = {re.split(r" and |,", line.claim)[0]: line.note for line in wrong}
    # 600 s ÷ (1 − 0.0776) = 650.48 s, which the page rounds to whole seconds: both say the same.
    assert "10 min 50 s" in notes["Average block time 12 min 36 s"]
    assert "$84,287 to $85,129" in notes["BTC above $80"]
    assert "7 to 14 %" in notes["AI pays $50-100 per kW"]
    assert len(wrong) == 3


@pytest.mark.parametrize("name", TEMPLATES)
def test_that_a_template_makes_a_sound_plan_with_the_wanted_name(name: str) -> None:
    plan = template(name, "Mine", "2027-01")
    assert (plan.plan.name, plan.plan.start) == ("Mine", "2027-01")
    assert problem_in(plan) is None
    assert plan_from_json(plan_to_json(plan), name) == plan
    assert all(field_at(plan, lever.path) for lever in plan.levers)


def test_that_an_unknown_name_is_answered_with_those_there_are() -> None:
    with pytest.raises(KeyError, match="one-site"):
        sample("two-sites")
    with pytest.raises(KeyError, match="mining-lease"):
        template("hotel")


def test_that_the_large_plan_is_the_same_each_time_and_sound() -> None:
    plan = large_plan(sites=3, lots=9, offers=6, months=60)
    assert plan == large_plan(sites=3, lots=9, offers=6, months=60)
    assert plan != large_plan(sites=3, lots=9, offers=6, months=60, seed=1)
    assert problem_in(plan) is None
    assert (len(plan.sites), len(plan.asic_lots), len(plan.ai_offers)) == (3, 9, 6)
    assert plan_from_json(plan_to_json(plan), "large") == plan
