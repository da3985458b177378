"""Lots and offers of one name: told apart in the same way wherever they stand beside each other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from hypothesis import given

from app.charts.svg_text import fitted, text_width
from models.charts.scope import legible_plan, scope_of
from models.drivers import drivers, place_name
from models.evaluate import evaluate
from models.evidence import group_name
from models.explain import explain
from models.flips import flips
from models.memo.content import memo_content
from models.memo.written import plain_name
from models.plan import AiOffer, AsicLot, Plan
from models.problems import Finding
from models.recommendation import decide
from models.result_sheets import result_sheets
from models.samples import sample, sample_names
from models.use_names import named_at_site, named_uses
from models.workbook.content import workbook_bytes
from tests.large_plan import large_plan
from tests.models.test_lint import BROKEN, PLAN, changed
from tests.strategies import plans

AS_OF = date(2026, 11, 29)
FIRST = "Mesa Verde, Texas"


@cache
def twins() -> Plan:
    """Three sites; machines of one model twice at the first and once at the second, and so offers of one name."""
    plan = sample("three-sites")
    here, there = plan.sites[0].id, plan.sites[1].id
    lot, offer = plan.asic_lots[0], plan.ai_offers[0]
    lots = tuple(
        replace(lot, id=use_id, model="Same S21", site_id=site_id, count=count)
        for use_id, site_id, count in (("a91", here, 900), ("a92", here, 800), ("a93", there, 700))
    )
    offers = tuple(
        replace(offer, id=use_id, name="Same lease", site_id=site_id, critical_it_mw=mw)
        for use_id, site_id, mw in (("o91", here, 4.0), ("o92", here, 3.0), ("o93", there, 2.0))
    )
    return replace(plan, asic_lots=(*plan.asic_lots, *lots), ai_offers=(*plan.ai_offers, *offers))


@pytest.mark.parametrize("name", [name for name, *_ in sample_names()])
def test_that_a_name_that_one_use_has_alone_stays_as_it_is(name: str) -> None:
    plan = sample(name)
    own = {lot.id: lot.model for lot in plan.asic_lots} | {offer.id: offer.name for offer in plan.ai_offers}
    assert dict(named_uses(plan)) == own == dict(named_at_site(plan))


def test_what_uses_of_one_name_are_called() -> None:
    second = twins().sites[1].name
    assert [named_uses(twins())[i] for i in ("a91", "a92", "a93", "o93")] == [
        f"Same S21 · {FIRST}", f"Same S21 · {FIRST} (2)", f"Same S21 · {second}", f"Same lease · {second}",
    ]  # fmt: skip
    # Beside its site's name a use needs no second word for it.
    assert [named_at_site(twins())[i] for i in ("a91", "a92", "a93")] == ["Same S21", "Same S21 (2)", "Same S21"]


def test_that_a_number_never_makes_another_uses_name() -> None:
    plan = sample("briefing")
    lot = plan.asic_lots[0]
    models = ("S21", "S21", "S21 (2)", "S21")
    plan = replace(plan, asic_lots=tuple(replace(lot, id=f"a{n}", model=m) for n, m in enumerate(models, start=1)))
    for names in (named_uses(plan), named_at_site(plan)):
        assert [names[f"a{n}"] for n in range(1, 5)] == ["S21", "S21 (3)", "S21 (2)", "S21 (4)"]


def test_that_every_use_of_a_large_plan_has_its_own_name() -> None:
    for plan in (twins(), large_plan()):
        uses: tuple[AsicLot | AiOffer, ...] = (*plan.asic_lots, *plan.ai_offers)
        assert len(set(named_uses(plan).values())) == len(uses)
        assert len({(use.site_id, named_at_site(plan)[use.id]) for use in uses}) == len(uses)


def test_that_curves_levers_and_evidence_call_them_so() -> None:
    plan, results = twins(), evaluate(twins())
    labels = [look.label for look in scope_of(plan, results, "a91", "o91").looks.values()]
    assert Counter(labels).most_common(1)[0][1] == 1
    assert labels == [use.name for use in results.uses] == list(named_uses(plan).values())
    levers = Counter(d.label for d in drivers(plan) if d.path.split(".")[0] in ("asic_lots", "ai_offers"))
    assert levers.most_common(1)[0][1] == 1
    assert place_name(plan, "ai_offers.o92.term_months").endswith(f", Same lease · {FIRST} (2)")
    groups = [group_name(plan, "asic_lots", lot) for lot in plan.asic_lots]
    assert len(set(groups)) == len(groups)
    assert groups[-2:] == [f"Machines: Same S21 (2), {FIRST}", f"Machines: Same S21, {plan.sites[1].name}"]


def test_that_decisions_and_explanations_call_them_so() -> None:
    plan, results = twins(), evaluate(twins())
    for decision in decide(plan, results):
        names = [option.name for option in decision.ranked]
        assert len(set(names)) == len(names)
        labels = [flip.label for flip in flips(plan, decision)]
        assert len(set(labels)) == len(labels)
    found = explain(plan, results, "crossovers.a92.o91.npv.btc_price_usd", AS_OF)
    assert f"Same S21 · {FIRST} (2) and Same lease · {FIRST}," in found.root.label


def test_that_the_memo_calls_them_so() -> None:
    found = repr(memo_content(twins(), evaluate(twins()), as_of=AS_OF))
    for words in (f"Same S21 · {FIRST} (2)", f"Same lease · {FIRST} (2)", f"Same S21 · {twins().sites[1].name}"):
        assert words in found
    assert f"· {FIRST} at {FIRST}" not in found  # a site is not said twice
    assert f"· {FIRST}, {FIRST}" not in found


def test_that_tables_and_workbook_call_them_so() -> None:
    plan = twins()
    for sheet in result_sheets(plan, evaluate(plan)):
        if sheet.title in ("Per MW", "Power bills"):
            names = {str(cell) for row in sheet.rows for cell in row if str(cell).startswith("Same S21")}
            assert len(names) == 3
    book = openpyxl.load_workbook(BytesIO(workbook_bytes(plan)))
    uses = [tuple(cell.value for cell in row[:3]) for row in book["Results"].iter_rows()]
    same = [row for row in uses if str(row[0]).startswith("Same")]
    assert len(same) == len(set(same)) == 6
    pairs = [tuple(cell.value for cell in row[:3]) for row in book["Crossovers"].iter_rows(min_row=6)]
    assert len(pairs) == len(set(pairs))


def test_that_a_name_without_room_keeps_what_tells_it_from_the_other() -> None:
    assert plain_name(f"A lease of the whole of the north hall · {FIRST} (2)", 56).endswith(f"… · {FIRST} (2)")
    assert plain_name("A lease of the whole of the north hall", 20) == "A lease of the whol…"
    # Where the site takes half of the room it goes, the number stays.
    assert plain_name(f"A lease of the whole hall · {FIRST} (2)", 30) == "A lease of the whole hall… (2)"


def test_that_curves_of_one_site_are_told_apart_however_little_room_they_have() -> None:
    plan = legible_plan(twins(), "a91", None)
    assert len(plan.sites) == 1
    looks = scope_of(plan, evaluate(plan), "a91", "o91").looks
    labels = [looks[i].label for i in ("a91", "a92")]
    assert labels == ["Same S21", "Same S21 (2)"]
    shown = [fitted(f"A lease of the whole of the north hall{number}", 90) for number in ("", " (2)", " (3)")]
    assert len(set(shown)) == 3
    assert all(text_width(text) <= 90 for text in shown)


def called_by_the_name_of_both(plan: Plan, code: str = "") -> list[Finding]:
    """Findings of a plan with a twin of every lot and offer that call one of the two as both are called."""
    lots, offers = plan.asic_lots, plan.ai_offers
    twice = replace(
        plan,
        asic_lots=lots + tuple(replace(lot, id=f"{lot.id}x") for lot in lots),
        ai_offers=offers + tuple(replace(offer, id=f"{offer.id}x") for offer in offers),
    )
    own = {lot.id: lot.model for lot in twice.asic_lots} | {offer.id: offer.name for offer in twice.ai_offers}
    names, ambiguous = named_uses(twice), []
    findings = [f for f in evaluate(twice).findings if f.code.startswith(code)]
    assert findings or not code
    for finding in findings:
        table, use_id = [*finding.path.split("."), ""][:2]
        about_use = table in ("asic_lots", "ai_offers") and own[use_id] in finding.message
        if about_use and names[use_id] not in finding.message:
            ambiguous.append(finding)
    return ambiguous


@given(plans())
def test_that_no_finding_calls_one_of_two_by_the_name_of_both(plan: Plan) -> None:
    # A drawn name may be a digit that any sentence has.
    plan = replace(
        plan,
        asic_lots=tuple(replace(lot, model=f"Machines of {lot.id}") for lot in plan.asic_lots),
        ai_offers=tuple(replace(offer, name=f"Offer of {offer.id}") for offer in plan.ai_offers),
    )
    assert called_by_the_name_of_both(plan) == []


@pytest.mark.parametrize("row", BROKEN, ids=lambda row: row[0])
def test_that_no_rule_calls_one_of_two_by_the_name_of_both(row: tuple[str, dict[str, Any], str]) -> None:
    name, changes, _ = row
    assert called_by_the_name_of_both(changed(PLAN, changes), f"lint.{name}") == []
