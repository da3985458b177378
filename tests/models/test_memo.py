"""The memo's recommendation, what flips it, and every figure in it, against independent computations."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import fields
from models.curves import month_after
from models.drivers import with_value
from models.evaluate import evaluate
from models.evidence import age_days
from models.flips import FIRST_RENT, Flip, flips
from models.memo.content import memo_content
from models.memo.exhibits import flips_table
from models.memo.explained import explained
from models.memo.inputs import input_register
from models.memo.parts import Figure, MemoContent, Paragraph, Picture, as_text, figures_in
from models.memo.written import money, number, percent, plain
from models.plan import LEASE, AiOffer, AsicLot, Evidence, Header, Market, Plan, PowerContract, Site
from models.recommendation import SiteDecision, decide
from models.results import USE_FIGURES, Results
from models.samples import sample, sample_names
from models.storage.plan_file import digest
from tests.large_plan import large_plan
from tests.strategies import HOSTILE_TEXTS, dear, plans

AS_OF = date(2026, 11, 23)
SAMPLES = [name for name, _, _ in sample_names()]


def memo_of(plan: Plan, scenario_id: str = "base") -> MemoContent:
    return memo_content(plan, evaluate(plan), scenario_name=scenario_id, as_of=AS_OF)


def decisions_of(plan: Plan) -> tuple[SiteDecision, ...]:
    return decide(plan, evaluate(plan))


def only(plan: Plan) -> SiteDecision:
    (decision,) = decisions_of(plan)
    return decision


def simple_plan(**changes: Any) -> Plan:
    """One site of 100 MW with 36 MW of paid machines and a lease of 58 MW, as the contract's example."""
    plan = Plan(
        Header("Example", "2026-04", 192),
        Market(70_870.25, 133.79e12, 941_472),
        sites=(Site("s1", "North", 100.0, 60.0),),
        power_contracts=(PowerContract("p1", "s1", 50.0),),
        asic_lots=(AsicLot("a1", "s1", "Antminer S21", 10_000, 200.0, 3_500.0),),
        ai_offers=(
            AiOffer(
                "o1",
                "s1",
                LEASE,
                "Lease",
                40.0,
                "2027-04",
                180,
                gross_mw_per_it_mw=1.45,
                rent_usd_per_it_kw_month=200.0,
                escalator_fraction_per_year=0.03,
                opex_fraction_of_rent=0.15,
                capex_usd_per_it_mw=10e6,
            ),
        ),
    )
    for path, value in changes.items():
        plan = fields.replace(plan, path.replace("__", "."), value)
    return plan


def worth_by_hand(plan: Plan, results: Results, site_id: str) -> dict[str, float]:
    """NPV per MW of everything at a site, paid machines less their resale, and idle."""
    found = {"idle": 0.0}
    site = next(s for s in plan.sites if s.id == site_id)
    room = site.capacity_mw if site.convertible_mw is None else min(site.convertible_mw, site.capacity_mw)
    for lot in plan.asic_lots:
        if lot.site_id == site_id:
            per_mw = 1e6 / lot.power_w / site.mining_pue
            resale = lot.resale_value_usd_per_unit * per_mw if lot.purchase_price_usd_per_unit == 0 else 0.0
            found[lot.id] = results.by_id[lot.id].npv_usd_per_mw - resale
    for offer in plan.ai_offers:
        if offer.site_id == site_id and room > 0:
            found[offer.id] = results.by_id[offer.id].npv_usd_per_mw
    return found


# --- which use is best -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_best_use_and_its_lead_are_those_of_a_computation_by_hand(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    for decision in decide(plan, results):
        worth = worth_by_hand(plan, results, decision.site.id)
        first, second = sorted(worth, key=lambda i: -worth[i])[:2]
        assert decision.best is not None
        assert decision.next_best is not None
        assert (decision.best.id, decision.next_best.id) == (first, second)
        assert decision.lead_usd_per_mw == pytest.approx(worth[first] - worth[second], rel=1e-12)


def test_that_the_headline_names_the_best_use_its_megawatts_and_its_lead() -> None:
    plan = sample("one-site")
    decision = only(plan)
    title = memo_of(plan).title
    assert title.startswith("Lease 14.0 MW at Cedar Bend to AI")
    assert money(decision.lead_usd_per_mw) in title


def test_that_a_lead_that_a_small_move_takes_away_is_called_a_close_call() -> None:
    assert "close call" in memo_of(sample("briefing")).title
    assert "close call" not in memo_of(sample("one-site")).title


def test_that_several_sites_are_summed_up_in_one_headline() -> None:
    title = memo_of(sample("three-sites")).title
    assert title == "Lease 64.5 MW at Mesa Verde, Texas and River Fork, Ohio to AI; keep mining at North Falls, Quebec"


def test_that_the_headline_of_many_sites_counts_every_megawatt_that_changes_use() -> None:
    plan = large_plan()
    decisions = decisions_of(plan)
    moved = math.fsum(p.mw for d in decisions for p in d.placements)
    counted = [float(n.replace(",", "")) for n in re.findall(r"([\d,]+\.\d) MW", memo_of(plan).title)]
    assert math.fsum(counted) == pytest.approx(moved, abs=0.05 * len(counted) + 1e-9)


def test_that_a_site_that_cannot_convert_is_not_told_to() -> None:
    plan = simple_plan(sites__s1__convertible_mw=0.0)
    decision = only(plan)
    assert decision.best is not None
    assert decision.best.id == "a1"
    assert decision.unranked == (("Lease", "no megawatt of the site can be converted"),)
    assert "Keep mining" in memo_of(plan).title


def test_that_megawatts_are_limited_by_offer_convertible_share_and_capacity() -> None:
    whole = only(simple_plan()).placement
    assert whole is not None
    assert (whole.mw, whole.limited_by) == (pytest.approx(58.0), "offer")
    part = only(simple_plan(sites__s1__convertible_mw=20.0)).placement
    assert part is not None
    assert (part.mw, part.limited_by) == (pytest.approx(20.0), "convertible")
    small = only(simple_plan(sites__s1__capacity_mw=30.0, sites__s1__convertible_mw=None)).placement
    assert small is not None
    assert small.mw == pytest.approx(30.0)
    assert small.limited_by == "convertible"


def test_that_free_megawatts_and_the_weakest_machines_go_first() -> None:
    placement = only(sample("briefing")).placement
    assert placement is not None
    names = [d.lot.name if d.lot else "free" for d in placement.displaced]
    assert names == ["Antminer S19j Pro (104T)", "Antminer S19j XP", "free", "Antminer S21"]
    assert math.fsum(d.mw for d in placement.displaced) == pytest.approx(placement.mw)


def test_that_the_gain_is_what_the_placed_megawatts_earn_above_what_they_earned() -> None:
    plan = simple_plan(sites__s1__capacity_mw=60.0)
    results = evaluate(plan)
    decision = only(plan)
    lot, lease = results.by_id["a1"], results.by_id["o1"]
    free = 60.0 - lot.mw
    expected = 58.0 * lease.npv_usd_per_mw - (58.0 - free) * lot.npv_usd_per_mw
    assert lease.npv_usd_per_mw > lot.npv_usd_per_mw > 0
    assert decision.gain_usd == pytest.approx(expected, rel=1e-12)
    assert decision.do_nothing_npv_usd == pytest.approx(lot.mw * lot.npv_usd_per_mw, rel=1e-12)


def test_that_the_resale_of_displaced_machines_counts_for_what_displaces_them() -> None:
    plain_plan, with_resale = simple_plan(), simple_plan(asic_lots__a1__resale_value_usd_per_unit=1_000.0)
    per_mw = 1e6 / 3_500.0 / 1.03
    assert only(with_resale).lead_usd_per_mw - only(plain_plan).lead_usd_per_mw == pytest.approx(1_000.0 * per_mw)


def test_that_nothing_that_destroys_value_is_recommended() -> None:
    bad = simple_plan(
        ai_offers__o1__rent_usd_per_it_kw_month=20.0,
        asic_lots__a1__opex_usd_per_mw_year=900_000.0,
    )
    decision = only(bad)
    assert decision.best is not None
    assert decision.best.id == "idle"
    assert memo_of(bad).title.startswith("Switch off 36.0 MW at North")
    unbuilt = dataclasses.replace(bad, asic_lots=())
    assert memo_of(unbuilt).title == "Leave North idle: nothing entered for it earns its cost of capital"


@given(
    price=st.floats(5_000, 400_000),
    rent=st.floats(0, 300),
    capex=st.floats(0, 2e7),
    opex=st.floats(0, 1e6),
    convertible=st.floats(0, 120),
)
def test_that_every_recommendation_beats_doing_nothing_and_keeps_within_its_limits(
    price: float, rent: float, capex: float, opex: float, convertible: float
) -> None:
    plan = simple_plan(
        market__btc_price_usd=price,
        ai_offers__o1__rent_usd_per_it_kw_month=rent,
        ai_offers__o1__capex_usd_per_it_mw=capex,
        asic_lots__a1__opex_usd_per_mw_year=opex,
        sites__s1__convertible_mw=convertible,
    )
    decision = only(plan)
    assert decision.best is not None
    assert decision.best.worth_usd_per_mw >= 0
    ai = math.fsum(p.mw for p in decision.placements if p.option.kind == LEASE)
    assert ai <= min(58.0, convertible, 100.0) + 1e-6
    assert all(p.gain_usd > 0 for p in decision.placements)
    title = memo_of(plan).title
    if evaluate(plan).by_id["o1"].npv_usd_per_mw <= 0:
        assert not title.startswith("Lease")


# --- what flips it ---------------------------------------------------------------------------------------------------


def all_flips(plan: Plan) -> Iterator[tuple[SiteDecision, Flip]]:
    for decision in decisions_of(plan):
        for flip in flips(plan, decision):
            yield decision, flip


def with_flip(plan: Plan, flip: Flip, value: float) -> Plan:
    if flip.path.endswith(FIRST_RENT):
        return fields.replace(plan, flip.path, month_after(fields.read(plan, flip.path), round(value)))
    return with_value(plan, flip.path, value)


def best_at(plan: Plan, site_id: str) -> str:
    best = next(d for d in decisions_of(plan) if d.site.id == site_id).best
    assert best is not None
    return best.id


def assert_flips(plan: Plan) -> int:
    """Every reachable flip: its value changes the best use to the one named, and a hair short of it does not."""
    checked = 0
    for decision, flip in all_flips(plan):
        if not flip.reachable:
            continue
        assert decision.best is not None
        whole = flip.unit == "months"
        beyond = flip.value if whole else flip.value + 1e-9 * (flip.value - flip.now)
        new = next(d for d in decisions_of(with_flip(plan, flip, beyond)) if d.site.id == decision.site.id).best
        assert new is not None
        assert new.id != decision.best.id, flip.path
        assert new.name == flip.winner, flip.path
        short = (
            flip.value - math.copysign(1.0, flip.value - flip.now)
            if whole
            else (flip.value - 1e-6 * (flip.value - flip.now))
        )
        assert best_at(with_flip(plan, flip, short), decision.site.id) == decision.best.id, flip.path
        checked += 1
    return checked


@pytest.mark.parametrize("name", SAMPLES)
def test_that_a_flip_value_when_entered_flips_the_answer_and_a_hair_less_does_not(name: str) -> None:
    assert assert_flips(sample(name)) >= 5


@dear
@given(
    price=st.floats(40_000, 160_000),
    rent=st.floats(60, 220),
    energy=st.floats(25, 80),
    growth=st.floats(-0.2, 0.4),
    shutdown=st.booleans(),
)
def test_that_flips_are_right_whatever_the_plan(
    price: float, rent: float, energy: float, growth: float, shutdown: bool
) -> None:
    assert_flips(
        simple_plan(
            market__btc_price_usd=price,
            market__btc_price_growth_fraction_per_year=growth,
            ai_offers__o1__rent_usd_per_it_kw_month=rent,
            power_contracts__p1__energy_price_usd_per_mwh=energy,
            assumptions__economic_shutdown=shutdown,
        )
    )


def test_that_the_flips_in_btc_price_and_rent_are_the_exact_npv_crossover() -> None:
    plan = simple_plan()
    row = evaluate(plan).crossover("a1", "o1", "npv")
    assert row is not None
    found = {flip.path: flip.value for _, flip in all_flips(plan)}
    assert found["market.btc_price_usd"] == pytest.approx(row.btc_price_usd, rel=1e-9)
    assert found["ai_offers.o1.rent_usd_per_it_kw_month"] == pytest.approx(row.rent_usd_per_it_kw_month, rel=1e-9)


def test_that_the_nearest_flip_comes_first_and_those_out_of_reach_last() -> None:
    found = [flip for _, flip in all_flips(sample("one-site"))]
    distances = [abs(f.distance) if f.reachable else math.inf for f in found]
    assert distances == sorted(distances)
    assert math.isinf(distances[-1])
    unreachable = [f for f in found if not f.reachable]
    assert all(f.winner == "" and math.isnan(f.distance) and f.low < f.high for f in unreachable)


def test_that_no_value_searched_of_an_unreachable_input_changes_the_answer() -> None:
    plan = sample("one-site")
    for decision, flip in all_flips(plan):
        if flip.reachable or flip.path.endswith(FIRST_RENT):
            continue
        assert decision.best is not None
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            value = flip.low + share * (flip.high - flip.low)
            assert best_at(with_value(plan, flip.path, value), decision.site.id) == decision.best.id, flip.path


def test_that_an_offer_behind_idling_is_asked_for_its_flips_too() -> None:
    """Where idling is the runner-up, it has no inputs of its own, and the rent of the offer behind it decides."""
    plan = simple_plan(ai_offers__o1__rent_usd_per_it_kw_month=80.0, power_contracts__p1__energy_price_usd_per_mwh=30.0)
    decision = only(plan)
    assert [o.id for o in decision.ranked] == ["a1", "idle", "o1"]
    row = evaluate(plan).crossover("a1", "o1", "npv")
    assert row is not None
    found = {flip.path: flip.value for flip in flips(plan, decision)}
    assert found["ai_offers.o1.rent_usd_per_it_kw_month"] == pytest.approx(row.rent_usd_per_it_kw_month, rel=1e-9)
    assert "No single input" not in str(memo_of(plan).front)


def test_that_the_memo_says_so_where_mining_is_not_the_runner_up() -> None:
    content = memo_of(sample("briefing"))
    row = evaluate(sample("briefing")).crossover("a1", "o1", "npv")
    assert row is not None
    figure = content.figures["recommendation.s1.against_mining.market.btc_price_usd.value"]
    assert figure.value == pytest.approx(row.btc_price_usd, rel=1e-9)


def test_that_the_first_page_says_which_offers_outlast_the_plan() -> None:
    cut = memo_of(simple_plan(plan__horizon_months=120))
    said = "72 of the 180 months of Lease lie beyond the plan's end"
    assert said in str(cut.front)
    assert "beyond the plan's end" not in str(memo_of(simple_plan()).front)


def test_that_findings_are_placed_in_the_user_s_words() -> None:
    content = memo_of(simple_plan(plan__horizon_months=120))
    text = str(next(e for e in content.exhibits if e.title == "Findings that stand"))
    assert "First rent, Lease" in text
    assert "ai_offers.o1" not in text


def test_that_nothing_stands_above_an_empty_table_of_flips() -> None:
    unreachable = next(f for _, f in all_flips(sample("one-site")) if not f.reachable)
    block = flips_table([unreachable], "recommendation.s1.flips")
    assert isinstance(block, Paragraph)
    assert "No value searched changes it" in as_text(block.words)


# --- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_that_every_figure_of_a_use_is_that_of_the_results(name: str) -> None:
    plan = sample(name)
    results, content = evaluate(plan), memo_of(plan)
    for use in results.uses:
        for figure_name in set(USE_FIGURES) & {"mw", "revenue_usd_per_mw_year", "npv_usd_per_mw", "capex_usd_per_mw"}:
            figure = content.figures[f"uses.{use.id}.{figure_name}"]
            assert figure.value == getattr(use, figure_name)


@pytest.mark.parametrize("name", SAMPLES)
def test_that_one_address_carries_one_value(name: str) -> None:
    values: dict[str, float] = {}
    found: list[Figure] = [f for block in memo_of(sample(name)).blocks for f in figures_in(block)]
    assert len(found) > 100
    for figure in found:
        known = values.setdefault(figure.id, figure.value)
        assert known == figure.value or (math.isnan(known) and math.isnan(figure.value)), figure.id


@pytest.mark.parametrize("name", SAMPLES)
def test_that_addresses_of_inputs_lead_to_the_plan(name: str) -> None:
    plan = sample(name)
    tables = ("market.", "assumptions.", "sites.", "power_contracts.", "asic_lots.", "ai_offers.")
    paths = [
        f
        for f in memo_of(plan).figures.values()
        if f.id.startswith(tables) and not f.id.endswith((".age_days", ".p10", ".p90"))
    ]
    assert paths
    for figure in paths:
        assert figure.value == fields.read(plan, figure.id), figure.id


def test_that_what_cannot_be_computed_is_a_dash_with_its_reason() -> None:
    plan = simple_plan(power_contracts__p1__energy_price_usd_per_mwh=None)
    content = memo_of(plan)
    figure = content.figures["uses.a1.npv_usd_per_mw"]
    assert math.isnan(figure.value)
    assert figure.text == "—"
    decision = only(plan)
    assert [name for name, _ in decision.unranked] == ["Antminer S21"]
    reason = decision.unranked[0][1]
    assert reason in [f.message for f in evaluate(plan).findings]
    assert any(reason in as_text(cell) for row in rows_of(content, "Alternatives") for cell in row)


def test_that_a_use_without_figures_is_explained_by_its_own_sites_contract() -> None:
    plan = sample("three-sites")
    own = {c.site_id: c for c in plan.power_contracts}
    for contract, kind in zip(own.values(), ("fixed", "index", "fixed"), strict=True):
        path = f"power_contracts.{contract.id}"
        plan = fields.replace(fields.replace(plan, f"{path}.kind", kind), f"{path}.energy_price_usd_per_mwh", None)
    results = evaluate(plan)
    said = [d for d in decide(plan, results) if d.unranked]
    assert len(said) == len(plan.sites)
    for decision in said:
        about = own[decision.site.id].id
        messages = [f.message for f in results.findings if f.path.startswith(f"power_contracts.{about}.")]
        assert {reason for _, reason in decision.unranked} <= set(messages)


def rows_of(content: MemoContent, heading: str) -> list[tuple[Any, ...]]:
    """The cells of the table that follows a heading on the first page."""
    blocks = list(content.front)
    place = next(i for i, b in enumerate(blocks) if b.kind == "paragraph" and as_text(b.words) == heading)
    return [row.cells for row in blocks[place + 1].rows]


def test_that_doing_nothing_and_idling_are_among_the_alternatives() -> None:
    texts = [" ".join(as_text(cell) for cell in row) for row in rows_of(memo_of(simple_plan()), "Alternatives")]
    assert any("do nothing" in text for text in texts)
    assert any(text.startswith("Idle") for text in texts)


def test_that_a_plan_without_uses_says_what_to_enter() -> None:
    plan = Plan(Header("Empty", "2026-04"), Market(70_000.0, 1e14, 941_472), sites=(Site("s1", "North", 10.0),))
    content = memo_of(plan)
    assert not content.has_decision
    assert content.title == "Nothing to decide yet"
    text = " ".join(as_text(w) for b in content.front if b.kind == "bullets" for w in b.items)
    assert "machines" in text
    assert "site" not in text.replace("opposite", "")
    assert content.exhibits == ()


def test_that_machines_without_an_offer_and_an_offer_without_machines_make_a_memo() -> None:
    mining = memo_of(dataclasses.replace(simple_plan(), ai_offers=()))
    assert mining.title == "Keep mining at North: there is no AI offer to compare with yet"
    assert "crossovers" in [e.id for e in mining.exhibits]
    hosting = memo_of(dataclasses.replace(simple_plan(), asic_lots=()))
    assert hosting.title.startswith("Lease 58.0 MW at North to AI")


def test_that_without_figures_there_is_no_recommendation() -> None:
    plan = dataclasses.replace(simple_plan(power_contracts__p1__energy_price_usd_per_mwh=None), ai_offers=())
    content = memo_of(plan)
    assert content.title == "No recommendation: the plan lacks figures"
    assert "price" in as_text(content.front[0].words)


def test_that_the_memo_carries_what_a_later_check_needs() -> None:
    plan = sample("briefing")
    scenario = plan.scenarios[0]
    shown = evaluate(with_scenario(plan, scenario.id), scenario_name=scenario.id)
    content = memo_content(plan, shown, scenario_name=scenario.id, as_of=AS_OF)
    assert content.plan_digest == digest(plan)
    assert content.scenario_id == scenario.id
    assert content.program_version
    assert content.as_of == AS_OF
    assert content.figures["uses.a1.npv_usd_per_mw"].value == shown.by_id["a1"].npv_usd_per_mw


def with_scenario(plan: Plan, scenario_id: str) -> Plan:
    from models.scenarios import plan_for, scenario_by_name

    return plan_for(plan, scenario_by_name(plan, scenario_id))


def test_that_an_unknown_scenario_is_refused() -> None:
    plan = simple_plan()
    with pytest.raises(KeyError):
        memo_content(plan, evaluate(plan), scenario_name="nonesuch", as_of=AS_OF)


# --- inputs ----------------------------------------------------------------------------------------------------------


def test_that_inputs_stand_with_source_date_and_age() -> None:
    plan = dataclasses.replace(
        simple_plan(),
        evidence=(
            Evidence(
                "e1",
                "power_contracts.p1.energy_price_usd_per_mwh",
                "Quote",
                "Grid company",
                "https://example.org/quote",
                "2026-11-13",
            ),
        ),
    )
    table = input_register(plan, AS_OF)
    rows = {as_text(r.cells[0]): [as_text(c) for c in r.cells[1:]] for r in table.rows if not r.group}
    assert rows["Energy price"] == ["$30.00", "$50.00/MWh", "$60.00", "Grid company", "2026-11-13", "10"]
    assert rows["Rent"][3] == "entered, no source named"
    assert rows["Mining PUE"][3].startswith("default:")
    unsourced = sum(
        row[3] == "entered, no source named"
        for row in ([as_text(c) for c in r.cells[1:]] for r in table.rows if not r.group)
    )
    assert as_text(table.note).startswith(f"{unsourced} of ")


@pytest.mark.parametrize(
    ("day", "age"), [("2026-11-23", 0.0), ("2026-11-22", 1.0), ("", math.nan), ("2026-12-01", math.nan)]
)
def test_that_ages_are_counted_to_the_memos_date(day: str, age: float) -> None:
    assert age_days(day, AS_OF) == pytest.approx(age, nan_ok=True)


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (money(999.4), "$999"),
        (money(999_600.0), "$1.00M"),
        (money(0.0), "$0.00"),
        (money(-0.001), "$0.00"),
        (money(-2_500_000.0), "−$2.50M"),
        (number(-0.4), "0"),
        (percent(-0.0321), "−3.2%"),
        (plain("a\x00b\r\nc\u202ed"), "ab cd"),
    ],
)
def test_that_numbers_and_names_are_written_as_a_board_reads_them(text: str, expected: str) -> None:
    assert text == expected


@dear
@given(plans(max_records=2, usual=True))
def test_that_any_plan_makes_a_memo(plan: Plan) -> None:
    content = memo_of(plan)
    assert content.title.strip()
    assert all(isinstance(f.value, float) for f in content.figures.values())
    assert all(b.spec.title for b in content.blocks if isinstance(b, Picture))


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_that_hostile_names_stay_one_printable_line(name: str) -> None:
    shown = plain(name)
    assert "\n" not in shown
    assert "\u202e" not in shown
    assert memo_of(simple_plan(sites__s1__name=name, plan__name=name)).title


def test_that_an_offer_of_next_to_no_megawatts_still_says_where_they_come_from() -> None:
    plan = dataclasses.replace(sample("one-site"), asic_lots=())
    plan = fields.replace(plan, "ai_offers.o1.critical_it_mw", 0.02)
    content = memo_content(plan, evaluate(plan), as_of=AS_OF)
    lead = as_text(next(b for b in content.front if isinstance(b, Paragraph)).words)
    assert "0.0 MW that stand free" in lead


@pytest.mark.parametrize("name", [name for name, _, _ in sample_names()])
def test_that_every_number_of_a_title_has_an_address_and_an_explanation(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    content = memo_content(plan, results, as_of=AS_OF)
    assert content.title == as_text(content.headline)
    told = [word for word in content.headline if isinstance(word, Figure)]
    names = [plan.plan.name, *(s.name for s in plan.sites), *(o.name for o in plan.ai_offers)]
    names += [lot.model for lot in plan.asic_lots]
    for word in content.headline:
        if isinstance(word, str):
            for other in names:
                word = word.replace(other, "")
            assert not re.search(r"\d", re.sub(r"\b(?:all )?\d+ (?:of \d+ )?sites", "", word)), word
    for figure in told:
        assert explained(plan, results, figure.id, AS_OF).root.value == pytest.approx(figure.value, rel=1e-12)
        assert content.figures[figure.id].value == figure.value
    assert told or content.title.startswith("Keep mining"), "what changes is said in megawatts"
