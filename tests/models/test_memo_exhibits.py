"""What the memo's exhibits reckon beyond the results: waiting, bridges, outlay, and a user's own words."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.curves import month_after
from models.evaluate import evaluate
from models.fields import replace
from models.memo.bridges import capital_charge_usd_per_mw_year, per_mw_bridge
from models.memo.content import memo_content
from models.memo.exhibit_list import EXHIBITS
from models.memo.figure_names import figure_name
from models.memo.inputs import input_register
from models.memo.parts import Figure, MemoContent, Paragraph, Picture, SignOff, Table, as_text, figures_in
from models.memo.places import with_place
from models.memo.returns import peak_outlay_usd_per_mw
from models.memo.template import TEMPLATE_KEY, with_template
from models.memo.wording import editable, paragraphs_of, worded
from models.memo.written import MISSING
from models.plan import Observation, Plan, Tripwire
from models.problems import PlanFileError
from models.recommendation import decide
from models.samples import sample, sample_names
from models.scenarios import plan_for, scenario_by_name, set_in
from models.waiting import waits

AS_OF = date(2026, 11, 23)
SAMPLES = [name for name, _, _ in sample_names()]


def memo_of(plan: Plan) -> MemoContent:
    return memo_content(plan, evaluate(plan), as_of=AS_OF)


# --- waiting ---------------------------------------------------------------------------------------------------------


def test_that_waiting_is_the_offer_later_and_the_machines_until_then() -> None:
    plan = sample("briefing")
    results = evaluate(plan)
    (decision,) = decide(plan, results)
    six, twelve = waits(plan, results, decision)
    assert (six.months, twelve.months) == (6, 12)
    # By hand: the offer of a plan in which it was typed six months later, and every displaced lot's own months.
    later = evaluate(replace(plan, f"ai_offers.{six.offer.id}.first_rent_month", "2027-10"))
    placement = next(p for p in decision.placements if p.option.id == six.offer.id)
    lots = [(d.lot, d.mw) for d in placement.displaced]
    mw = sum(part for _, part in lots)
    mined = 0.0
    for lot, part in lots:
        if lot is None:
            continue  # free megawatts mine nothing
        use = results.by_id[lot.id]
        rate = plan.assumptions.mining_discount_rate_fraction
        worth = sum(float(use.cash.margin[t]) / (1 + rate) ** ((t + 1) / 12) for t in range(6))
        worth -= lot.resale_usd_per_mw * (1 - (1 + rate) ** -0.5)
        mined += part / mw * worth
    assert plan.ai_offers[0].first_rent_month == "2027-04"
    assert six.npv_usd_per_mw == pytest.approx(later.by_id[six.offer.id].npv_usd_per_mw, rel=1e-12)
    assert six.worth_usd_per_mw == pytest.approx(six.npv_usd_per_mw + mined, rel=1e-12)
    assert six.lost_rent_months == 6  # its fifteen years fill the plan to its last month


def test_that_a_longer_plan_loses_no_month_by_waiting() -> None:
    plan = replace(sample("briefing"), "plan.horizon_months", 240)
    results = evaluate(plan)
    assert [w.lost_rent_months for w in waits(plan, results, decide(plan, results)[0])] == [0, 0]


def test_that_an_offer_which_pays_already_cannot_be_taken_later() -> None:
    plan = sample("briefing")
    for offer in plan.ai_offers:
        plan = replace(plan, f"ai_offers.{offer.id}.first_rent_month", "2025-10")
    results = evaluate(plan)
    assert waits(plan, results, decide(plan, results)[0]) == ()


def test_that_there_is_nothing_to_wait_for_without_an_offer() -> None:
    plan = dataclasses.replace(sample("briefing"), ai_offers=())
    results = evaluate(plan)
    assert waits(plan, results, decide(plan, results)[0]) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_that_the_memo_sets_waiting_beside_doing_nothing(name: str) -> None:
    content = memo_of(sample(name))
    rows = [as_text(r.cells[0]) for b in content.blocks if isinstance(b, Table) for r in b.rows]
    offers = bool(sample(name).ai_offers)
    assert ("Wait 6 months" in rows) is offers
    said = " ".join(as_text(c) for b in content.front if isinstance(b, Table) for r in b.rows for c in r.cells)
    assert "do nothing" in said.lower() or "Idle" in said


@pytest.mark.parametrize("name", ["three-sites", "one-site"])
def test_that_the_memo_says_where_waiting_is_worth_more_than_what_it_asks_for(name: str) -> None:
    words = "is worth more than deciding now, if the same offers still stand then"
    hashprice_pays = replace(sample(name), "market.btc_price_usd", 82_000.0 if name == "three-sites" else 120_000.0)
    for plan in (sample(name), hashprice_pays):
        results = evaluate(plan)
        decisions = decide(plan, results)
        each = {d.site.id: waits(plan, results, d) for d in decisions}
        placed = {p.option.id: p for d in decisions for p in d.placements}
        if name == "one-site":
            best = decisions[0].best
            assert best is not None
            later = [w.worth_usd_per_mw > best.worth_usd_per_mw for w in each[decisions[0].site.id]]
        else:
            later = [
                sum(
                    (w[k].worth_usd_per_mw - w[k].offer.worth_usd_per_mw) * placed[w[k].offer.id].mw
                    for w in each.values()
                    if w and w[k].offer.id in placed
                )
                > 0
                for k in range(2)
            ]
        notes = [as_text(b.note) for b in memo_of(plan).front if isinstance(b, Table)]
        long = " or ".join(m for m, pays in zip(("6", "12"), later, strict=True) if pays)
        assert any(f"waiting {long} months {words}" in note for note in notes) is any(later)
        assert any(words in note for note in notes) is any(later)
    assert name == "one-site" or later == [True, False]


# --- bridges and outlay ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLES)
def test_that_a_bridge_adds_up_from_the_quoted_price_to_what_is_left(name: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    for use in results.uses:
        steps = per_mw_bridge(plan, results, use).steps
        level = 0.0
        for step in steps:
            if step.is_sum and step is not steps[0]:
                assert level == pytest.approx(step.usd_per_mw_year, rel=1e-9, abs=1e-3), step.label
            level = step.usd_per_mw_year if step.is_sum else level + step.usd_per_mw_year
        assert steps[5].usd_per_mw_year == use.margin_usd_per_mw_year


def test_that_quoted_prices_come_to_what_the_briefing_reckons() -> None:
    """Economics, section 1.6: at 17.5 J/TH and $33.30 a megawatt grosses $694,542.86 a year, before cooling."""
    plan = sample("briefing")
    plan = replace(replace(plan, "sites.s1.mining_pue", 1.0), "market.fees_btc_per_block", 0.0)
    from models.drivers import HASHPRICE, with_value

    plan = with_value(plan, HASHPRICE, 33.30)
    results = evaluate(plan)
    gross = per_mw_bridge(plan, results, results.by_id["a1"]).steps[0].usd_per_mw_year
    assert gross == pytest.approx(694_542.86, abs=0.01)
    rent = per_mw_bridge(plan, results, results.by_id["o1"]).steps[0].usd_per_mw_year
    assert rent == pytest.approx(128.0 * 12 * 1000 / 1.45, rel=1e-12)


def test_that_capital_is_the_level_payment_of_a_loan() -> None:
    """A payment that returns the capex at the rate: its present value over the term is the capex, less what is left."""
    plan = sample("briefing")
    use = evaluate(plan).by_id["o1"]
    offer = plan.ai_offers[0]
    charge = capital_charge_usd_per_mw_year(plan, use)
    rate, years = use.discount_rate_fraction, offer.term_months / 12
    worth = sum(charge / (1 + rate) ** year for year in range(1, int(years) + 1))
    left = float(use.cash.residual.sum()) / (1 + rate) ** years
    assert worth + left == pytest.approx(use.capex_usd_per_mw, rel=1e-9)
    assert capital_charge_usd_per_mw_year(plan, evaluate(plan).by_id["a1"]) == 0.0


def test_that_the_peak_outlay_is_the_lowest_point_of_all_cash() -> None:
    use = evaluate(sample("briefing")).by_id["o1"]
    lowest, level = 0.0, 0.0
    for cash in use.cash_points:
        level += float(cash)
        lowest = min(lowest, level)
    assert peak_outlay_usd_per_mw(use)[0] == pytest.approx(-lowest, rel=1e-12)


@pytest.mark.parametrize("spread_months", [1, 12])
def test_that_the_peak_outlay_is_reached_with_the_last_spending_before_the_first_rent(spread_months: int) -> None:
    plan = sample("briefing")
    (lease,) = [o for o in plan.ai_offers if o.kind == "lease"]
    plan = dataclasses.replace(plan, ai_offers=(dataclasses.replace(lease, capex_months=spread_months),))
    assert lease.first_rent_month == "2027-04"
    at = peak_outlay_usd_per_mw(evaluate(plan).by_id[lease.id])[1]
    assert month_after(plan.plan.start, at) == "2027-03"
    # Losses of a month are there at its end, and belong to it.
    dear = dataclasses.replace(plan.asic_lots[0], purchase_price_usd_per_unit=3000.0, opex_usd_per_mw_year=1e7)
    losing = dataclasses.replace(plan, asic_lots=(dear,))
    at = peak_outlay_usd_per_mw(evaluate(losing).by_id[dear.id])[1]
    assert at == plan.plan.horizon_months - 1


# --- house template ---


@pytest.mark.parametrize(("place", "words"), [("company", "\ud800"), ("company", "a\x00b"), ("front.\udfff", "x")])
def test_that_a_template_with_characters_that_no_file_holds_is_refused(place: str, words: str) -> None:
    text = json.dumps({TEMPLATE_KEY: 1, "parts": [{"place": place, "shown": True, "words": words}]})
    with pytest.raises(PlanFileError, match="cannot be read"):
        with_template(sample("briefing"), text, "house.json")


def test_that_a_template_with_more_parts_than_any_memo_is_refused() -> None:
    parts = [{"place": f"exhibit.x{n}", "shown": False, "words": ""} for n in range(100_000)]
    with pytest.raises(PlanFileError, match="cannot be read"):
        with_template(sample("briefing"), json.dumps({TEMPLATE_KEY: 1, "parts": parts}), "house.json")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({TEMPLATE_KEY: 2, "parts": []}), "a newer Busbar has saved this template"),
        ('{"busbar_memo_template": 1, "parts": [{"pl', "the file is damaged"),
        ("[1, 2]", "this is no template of a memo"),
        ("7", "this is no template of a memo"),
    ],
)
def test_that_a_template_which_cannot_be_taken_says_why_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(PlanFileError, match=said):
        with_template(sample("briefing"), text, "house.json")


# --- tripwires, ranges -----------------------------------------------------------------------------------------------


def test_that_a_price_watched_on_both_sides_is_two_figures() -> None:
    plan = dataclasses.replace(sample("three-sites"), ai_offers=())
    table = next(e for e in memo_of(plan).exhibits if e.id == "tripwires").blocks[0]
    assert isinstance(table, Table)
    levels = [f for f in figures_in(table) if "hashprice" in f.id]
    assert len(levels) == len({f.id for f in levels}) == 2
    below, above = sorted(levels, key=lambda f: f.value)
    assert "below" in below.id
    assert "above" in above.id
    assert figure_name(plan, below.id) == "Proposed tripwire on Hashprice, below"


def test_that_stored_tripwires_are_printed_and_proposed_ones_say_so() -> None:
    plan = sample("briefing")
    proposed = next(e for e in memo_of(plan).exhibits if e.id == "tripwires").blocks[0]
    assert isinstance(proposed, Table)
    assert {as_text(r.cells[-1]) for r in proposed.rows} == {"proposed"}
    wire = Tripwire("g1", "market.hashprice_usd_per_ph_day", "above", 52.0, 30, "mining comes first", "2026-03-21")
    held = next(
        e for e in memo_of(dataclasses.replace(plan, tripwires=(wire,))).exhibits if e.id == "tripwires"
    ).blocks[0]
    assert isinstance(held, Table)
    said = [as_text(cell) for cell in held.rows[0].cells]
    assert said == ["Hashprice is above", "$52.00/PH/day", "30 days", "mining comes first", "2026-03-21", "quiet"]


def test_that_a_fired_tripwire_is_called_by_its_input_and_minus_is_a_minus() -> None:
    wire = Tripwire("g1", "market.hashprice_usd_per_ph_day", "below", 40.0, 1, "", "2026-03-21")
    seen = Observation("b1", "market.hashprice_usd_per_ph_day", "2026-05-01", 35.0)
    content = memo_of(dataclasses.replace(sample("three-sites"), tripwires=(wire,), observations=(seen,)))
    table = next(e for e in content.exhibits if e.id == "findings").blocks[0]
    assert isinstance(table, Table)
    said = [[as_text(cell) for cell in row.cells] for row in table.rows]
    fired = next(row for row in said if row[1].startswith("Tripwire: Hashprice has been below $40.00/PH/day"))
    assert fired[2] == "Tripwire, Hashprice"
    rates = next(row for row in said if "changes sign more than once" in row[1])
    assert "nothing at −11.7%, 19.6%" in rates[1]


# --- a user's own words ----------------------------------------------------------------------------------------------


@given(st.text(max_size=400))
def test_that_words_come_back_as_they_were_edited(text: str) -> None:
    """Whatever is typed is printed as it is typed, braces doubled; only its spaces and unprintable marks are tidied."""
    from models.memo.written import plain

    once = worded(editable((text,)), lambda _: None)
    assert plain(as_text(once)) == plain(text)


def test_that_figures_in_words_follow_the_plan() -> None:
    plan = sample("briefing")
    own = "We ask for {recommendation.moved_mw} worth {uses.o1.npv_usd_per_mw} each, against {no.such.figure}.\n\nTwo."
    changed = with_place(plan, "front.lead", words=own, now="x")
    first, second = [b for b in memo_of(changed).front if isinstance(b, Paragraph) and b.place == "front.lead"]
    assert as_text(first.words) == "We ask for 58.0 MW worth $1.06M each, against —."
    assert as_text(second.words) == "Two."
    dearer = replace(changed, "ai_offers.o1.rent_usd_per_it_kw_month", 150.0)
    moved = next(b for b in memo_of(dearer).front if isinstance(b, Paragraph) and b.place == "front.lead")
    figure = next(w for w in moved.words if isinstance(w, Figure) and w.id == "uses.o1.npv_usd_per_mw")
    assert figure.value == evaluate(dearer).by_id["o1"].npv_usd_per_mw
    assert figure.text != "$1.06M"


def test_that_words_for_another_recommendation_are_told() -> None:
    plan = sample("briefing")
    title = memo_of(plan).title
    fresh = memo_of(with_place(plan, "front.lead", words="As before.", now=title))
    assert not next(p for p in fresh.places if p.name == "front.lead").is_outdated
    old = memo_of(with_place(plan, "front.lead", words="As before.", now="Keep mining at Prairie Creek"))
    assert next(p for p in old.places if p.name == "front.lead").is_outdated


@pytest.mark.parametrize("kind", [k.id for k in EXHIBITS])
def test_that_any_exhibit_can_be_left_out_and_comes_back(kind: str) -> None:
    plan = sample("three-sites")
    whole = memo_of(plan)
    without = memo_of(with_place(plan, f"exhibit.{kind}", shown=False))
    assert [e.id for e in without.exhibits] == [e.id for e in whole.exhibits if e.id != kind]
    place = next((p for p in without.places if p.name == f"exhibit.{kind}"), None)
    if kind in [e.id for e in whole.exhibits]:
        assert place is not None
        assert (place.is_shown, place.can_hide) == (False, True)
    assert without.figures.keys() <= whole.figures.keys()


def test_that_a_remark_a_caption_and_settings_stand_where_they_belong() -> None:
    plan = sample("briefing")
    for place, words in (
        ("front.remark", "Seen by the treasurer."),
        ("exhibit.returns", "Before debt."),
        ("caption.price", "At {market.btc_price_usd} the lease wins."),
        ("company", "Prairie Compute Inc."),
        ("signers", "Ann Doe, CFO; Bob Roe, CEO"),
        ("decide_by", "2027-01-31"),
        ("dissent", "The COO would wait."),
    ):
        plan = with_place(plan, place, words=words)
    content = memo_of(plan)
    assert content.company == "Prairie Compute Inc."
    front = [as_text(b.words) for b in content.front if isinstance(b, Paragraph)]
    assert "Seen by the treasurer." in front
    assert front.index("Dissent") + 1 == front.index("The COO would wait.")
    (signing,) = [b for b in content.front if isinstance(b, SignOff)]
    assert signing.roles == ("Ann Doe, CFO", "Bob Roe, CEO")
    notes = [as_text(b.note) for b in content.front if isinstance(b, Table)]
    assert "To be decided by 31 January 2027." in notes
    returns = next(e for e in content.exhibits if e.id == "returns")
    assert as_text(returns.blocks[0].words) == "Before debt."  # type: ignore[union-attr]
    captions = [b.caption for b in content.blocks if isinstance(b, Picture)]
    assert "At $70,169 the lease wins." in captions


def test_that_what_is_asked_and_a_dissent_name_figures_that_follow_the_plan() -> None:
    plan = with_place(sample("briefing"), "decision_asked", words="Sell at {market.btc_price_usd}.\n\nAsk twice.")
    plan = with_place(plan, "dissent", words="Wait below {market.btc_price_usd}, {{not}} {nowhere.at_all}.")

    def said(plan: Plan) -> list[str]:
        return [as_text(b.words) for b in memo_of(plan).front if isinstance(b, Paragraph)]

    for words in ("Sell at $70,169.", "Ask twice.", "Wait below $70,169, {not} —."):
        assert words in said(plan)
    dearer = replace(plan, "market.btc_price_usd", 81_000.0)
    assert "Sell at $81,000." in said(dearer)
    assert "market.btc_price_usd" in {f.id for b in memo_of(plan).front for f in figures_in(b)}
    # They have fields of their own and are not among the words chosen by place.
    assert not {"decision_asked", "dissent"} & {p.name for p in memo_of(plan).places}


def test_that_all_signers_up_to_a_dozen_sign_in_rows() -> None:
    names = [f"Person {number}" for number in range(14)]
    for count, rows in ((3, [3]), (5, [3, 2]), (8, [4, 4]), (12, [4, 4, 4]), (14, [4, 4, 4])):
        content = memo_of(with_place(sample("briefing"), "signers", words="\n".join(names[:count])))
        (signing,) = [b for b in content.front if isinstance(b, SignOff)]
        assert [len(row) for row in signing.rows] == rows
        assert [name for row in signing.rows for name in row] == names[: min(count, 12)]


@pytest.mark.parametrize("day", ["2027-02-30", "soon"])
def test_that_a_day_which_is_none_is_left_to_the_memo(day: str) -> None:
    content = memo_of(with_place(sample("briefing"), "decide_by", words=day))
    notes = [as_text(b.note) for b in content.front if isinstance(b, Table)]
    assert any(note.startswith("The first money goes out in") for note in notes)


def test_that_paragraphs_are_parted_by_an_empty_line() -> None:
    assert paragraphs_of("one\ntwo\n\n  \nthree ") == ("one two", "three")


def test_that_the_register_of_a_scenario_borrows_no_source_for_what_it_sets() -> None:
    base = sample("briefing")
    scenario = scenario_by_name(base, "bull")
    assert scenario is not None
    own, inherited = set_in(base, "bull"), "power_contracts.p1.energy_price_usd_per_mwh"
    assert "market.btc_price_usd" in own
    assert inherited not in own
    for plan, values, source in (
        (base, {}, "March 2026 briefing on miners and AI"),
        (plan_for(base, scenario), own, f"set in scenario {scenario.name}"),
    ):
        table = input_register(plan, date(2026, 11, 28), values)
        row = next(r for r in table.rows if as_text(r.cells[0]) == "BTC price")
        assert as_text(row.cells[4]) == source
        assert (as_text(row.cells[5]) == MISSING) == bool(values)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    "without", [(), ("tripwires", "observations", "uncertainties", "evidence"), ("asic_lots",), ("ai_offers",)]
)
def test_that_nothing_is_headed_that_says_nothing(name: str, without: tuple[str, ...]) -> None:
    plan = dataclasses.replace(sample(name), **dict.fromkeys(without, ()))
    content = memo_content(plan, evaluate(plan), as_of=AS_OF)
    for title, blocks in (("front", content.front), *((e.title, e.blocks) for e in content.exhibits)):
        assert blocks, title
        headed = [b for b in blocks if isinstance(b, Paragraph) and b.tone == "heading"]
        for heading in headed:
            after = blocks[blocks.index(heading) + 1 :]
            assert after, as_text(heading.words)
            assert after[0] not in headed, as_text(heading.words)
        assert len(blocks) > len(headed), title
        for table in (b for b in blocks if isinstance(b, Table)):
            groups = [n for n, row in enumerate(table.rows) if row.group]
            assert len(table.rows) > len(groups), title
            for n in groups:
                assert n + 1 < len(table.rows), title
                assert not table.rows[n + 1].group, title
        # A picture that has nothing to draw stays away: on paper nobody can do what its words ask for.
        assert not [b for b in blocks if isinstance(b, Picture) and b.spec.reason], title
