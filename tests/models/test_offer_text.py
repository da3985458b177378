"""Offers as they come, read into terms: what is quoted, what is assumed, what is asked, and what it comes to."""

from __future__ import annotations

import csv
import dataclasses
import math
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.catalogue import priced_leases
from models.defaults import add_to
from models.evaluate import evaluate
from models.offer_text import ReadOffer, Strip, read_offer, strip_of
from models.plan import AiOffer, Header, Market, Plan, PowerContract, Site

PLAN = Plan(
    Header("Plan", "2026-04", 240),
    Market(70_870.25, 133.79e12, 941_472),
    sites=(Site("s1", "North", 100.0, 70.0), Site("s2", "South", 30.0)),
    power_contracts=(PowerContract("p1", "s1", 50.0), PowerContract("p2", "s2", 60.0)),
)


def offer_of(text: str, **answers: Any) -> AiOffer:
    read = read_offer(text, PLAN, answers=answers)
    assert read.offer is not None, read.problem
    return read.offer


def value(text: str, name: str) -> Any:
    return getattr(offer_of(text), name)


# What is quoted


QUOTED: list[tuple[str, str, Any]] = [
    # Rents in every unit, by hand: $1/kW-month = $12/kW-year = $12,000/MW-year = $1.369863/MWh.
    ("$130/kW-month NNN", "rent_usd_per_it_kw_month", 130.0),
    ("$130 per kW per month", "rent_usd_per_it_kw_month", 130.0),
    ("130 USD/kW-mo", "rent_usd_per_it_kw_month", 130.0),
    ("$1,560/kW-year", "rent_usd_per_it_kw_month", 130.0),
    ("$1.56M/MW-year", "rent_usd_per_it_kw_month", 130.0),
    ("US$1.56 million per MW per annum", "rent_usd_per_it_kw_month", 130.0),
    ("$130k per MW-month", "rent_usd_per_it_kw_month", 130.0),
    ("$178.0822/MWh", "rent_usd_per_it_kw_month", 130.0),
    ("17.80822 c/kWh", "rent_usd_per_it_kw_month", 130.0),
    ("$100 per gross kW-month, 60 MW IT, 84 MW gross", "rent_usd_per_it_kw_month", 140.0),
    ("$62.4M per year for 40 MW IT", "rent_usd_per_it_kw_month", 130.0),
    ("$5.2M a month for 40 MW IT", "rent_usd_per_it_kw_month", 130.0),
    ("$936M over 15 years, 40 MW IT, 0% escalator", "rent_usd_per_it_kw_month", 130.0),
    # Megawatts.
    ("$130/kW-month, 250 MW of critical IT", "critical_it_mw", 250.0),
    ("$130/kW-month, critical IT load of 168 MW (244 MW gross)", "gross_mw_per_it_mw", 244 / 168),
    ("$130/kW-month, 70 MW gross", "critical_it_mw", 50.0),
    ("$130/kW-month, 0.25 GW IT", "critical_it_mw", 250.0),
    ("$130/kW-month, 800 kW IT", "critical_it_mw", 0.8),
    # Escalators.
    ("$130/kW-month, 3% annual escalator", "escalator_fraction_per_year", 0.03),
    ("$130/kW-month escalating at 2.5% per year", "escalator_fraction_per_year", 0.025),
    ("$130/kW-month + 3 % p.a.", "escalator_fraction_per_year", 0.03),
    ("$130/kW-month NNN, 3 %", "escalator_fraction_per_year", 0.03),
    # Terms; renewals are left out.
    ("$130/kW-month, 15-year lease", "term_months", 180),
    ("$130/kW-month for fifteen years", "term_months", 180),
    ("$130/kW-month, 120 months", "term_months", 120),
    ("$130/kW-month, 15 years + 3x5 renewals", "term_months", 180),
    ("$130/kW-month, 10 years with two 5-year extension options", "term_months", 120),
    ("$130/kW-month, 15 years plus two five-year renewal options", "term_months", 180),
    # Dates; a quarter by its last month.
    ("$130/kW-month from April 2027", "first_rent_month", "2027-04"),
    ("$130/kW-month starting 1 April 2027", "first_rent_month", "2027-04"),
    ("$130/kW-month, delivery Q2 2027", "first_rent_month", "2027-06"),
    ("$130/kW-month, RFS 2Q27", "first_rent_month", "2027-06"),
    ("$130/kW-month, 2H 2027", "first_rent_month", "2027-12"),
    ("$130/kW-month, online mid-2027", "first_rent_month", "2027-07"),
    ("$130/kW-month, 2027-04", "first_rent_month", "2027-04"),
    ("$130/kW-month commencing in 2028", "first_rent_month", "2028-07"),
    ("$130/kW-month from April 2027, 6 months free rent", "first_rent_month", "2027-10"),
    ("$130/kW-month, 15 years, 6 months free rent", "term_months", 174),
    # Form, margin, ramp, capex, tenant.
    ("$130/kW-month triple net", "opex_fraction_of_rent", 0.02),
    ("$130/kW-month modified gross", "opex_fraction_of_rent", 0.15),
    ("$130/kW-month, 85% NOI margin", "opex_fraction_of_rent", 0.15),
    ("$130/kW-month NNN", "power_paid_by", "tenant"),
    ("$180/kW-month, power included", "power_paid_by", "operator"),
    ("$180/kW-month gross lease", "power_paid_by", "operator"),
    ("$130/kW-month, ramp over 9 months", "ramp_months", 9),
    ("$130/kW-month, capex $9.5M per MW", "capex_usd_per_it_mw", 9.5e6),
    ("$130/kW-month, 25 MW IT, capex $89.8M", "capex_usd_per_it_mw", 3.592e6),
    ("$130/kW-month, tenant: Acme Cloud", "counterparty", "Acme Cloud"),
    # GPUs.
    ("$2.35 per GPU-hour take-or-pay, 85 %", "price_usd_per_gpu_hour", 2.35),
    ("$2.35 per GPU-hour take-or-pay, 85 %", "utilisation_fraction", 0.85),
    ("$2.35/GPU/hr, utilisation of 70%", "utilisation_fraction", 0.70),
    ("$1,715.5 per GPU per month", "price_usd_per_gpu_hour", 2.35),
    ("16,384 GB300 at $2.91/GPU-hour", "critical_it_mw", 16_384 * 2.63 / 1000),
    ("10,000 H100 at $2.35/GPU-hour", "it_kw_per_gpu", 1.4),
    ("76,000 GB300, 200 MW critical IT, $2.91/GPU-hour", "it_kw_per_gpu", 200_000 / 76_000),
    # $1.94bn a year for 76,000 GPUs in 8,760 hours.
    ("$9.7bn over 5 years, 76,000 GPUs, 200 MW IT", "price_usd_per_gpu_hour", 1.94e9 / (76_000 * 8_760)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "meant"), QUOTED, ids=lambda v: str(v)[:70])
def test_that_what_an_offer_says_is_read(text: str, name: str, meant: Any) -> None:
    read = value(text, name)
    assert read == (pytest.approx(meant, rel=1e-4) if isinstance(meant, float) else meant)


def test_that_a_quoted_term_keeps_its_words_and_an_assumed_one_its_reason() -> None:
    read = read_offer("$130/kW-month NNN, 40 MW IT, 3 % escalator", PLAN)
    rent, term = read.term("rent_usd_per_it_kw_month"), read.term("term_months")
    assert rent is not None
    assert term is not None
    assert rent.quoted == "$130/kW-month"
    assert not rent.is_assumed
    assert term.is_assumed
    assert term.reason
    assert term.source


@pytest.mark.parametrize("text", [t for t, _, _ in QUOTED])
def test_that_no_term_is_without_words_or_reason(text: str) -> None:
    for term in read_offer(text, PLAN).terms:
        assert term.quoted or term.reason, term.name


# What is asked


def test_that_bare_megawatts_are_asked_and_both_readings_are_there() -> None:
    read = read_offer("$3.7bn over 10 years, 250 MW", PLAN)
    basis = read.term("load_basis")
    assert basis is not None
    assert basis.is_question
    assert [o.value for o in basis.others] == ["gross"]
    assert read.offer is not None
    assert read.offer.critical_it_mw == 250.0
    gross = read_offer("$3.7bn over 10 years, 250 MW", PLAN, answers={"load_basis": "gross"})
    assert gross.offer is not None
    assert gross.offer.critical_it_mw == pytest.approx(250.0 / 1.40)
    assert gross.term("load_basis") not in gross.questions


def test_that_a_total_without_an_escalator_is_asked_and_begins_below_its_average() -> None:
    read = read_offer("$3.7bn over 10 years, 200 MW IT", PLAN)
    assert [t.name for t in read.questions] == ["escalator_fraction_per_year", "lease_form"]
    assert read.average_rent_usd_per_it_kw_month == pytest.approx(3.7e9 / 120 / 200_000)
    assert read.offer is not None
    assert read.offer.rent_usd_per_it_kw_month == pytest.approx(3.7e9 / sum(1.03**k for k in range(10)) / 12 / 200_000)
    flat = offer_of("$3.7bn over 10 years, 200 MW IT", escalator_fraction_per_year=0.0)
    assert flat.rent_usd_per_it_kw_month == pytest.approx(3.7e9 / 120 / 200_000)


ASKED = [
    ("$130/kW-month, CPI-linked", "escalator_fraction_per_year"),
    ("$130/kW-month NNN, 3 %", "escalator_fraction_per_year"),
    ("$1,560 per kW", "rent_usd_per_it_kw_month"),
    ("$130/kW-month, Q2 2027", "first_rent_month"),
    ("$130/kW-month colocation", "lease_form"),
    ("$9.7bn over 5 years, 200 MW IT", "kind"),
    ("$2.35/GPU-hour, 85 %", "utilisation_fraction"),
]


@pytest.mark.parametrize(("text", "name"), ASKED)
def test_that_what_has_two_readings_is_asked(text: str, name: str) -> None:
    read = read_offer(text, PLAN)
    assert name in {t.name for t in read.questions}
    term = read.term(name)
    assert term is not None
    for other in term.others:
        answered = read_offer(text, PLAN, answers={name: other.value}).term(name)
        assert answered is not None
        assert (answered.value, answered.is_question) == (other.value, False)


def test_that_service_revenue_is_not_taken_for_rent() -> None:
    assert value("$9.7bn over 5 years, 200 MW IT", "kind") == "gpu_cloud"
    assert value("$7.0bn over 15 years, 245 MW IT", "kind") == "lease"


def test_that_an_answer_goes_before_the_text_and_all_that_follows_from_it_follows() -> None:
    text = "$7.0bn over 15 years, 245 MW IT, 3 % escalator"
    assert offer_of(text, term_months=120).rent_usd_per_it_kw_month == pytest.approx(
        7e9 / sum(1.03**k for k in range(10)) / 12 / 245_000
    )
    assert offer_of(text, opex_fraction_of_rent=0.1).opex_fraction_of_rent == 0.1


# What is left aside


def test_that_renewals_prepayments_and_guarantees_are_named_and_not_counted() -> None:
    text = "$7.0bn (17.7bn with options) over 15 years, 245 MW IT, 20% prepayment, backstop by Google"
    read = read_offer(text.replace("(17.7bn", "($17.7bn"), PLAN)
    assert read.offer is not None
    assert read.average_rent_usd_per_it_kw_month == pytest.approx(158.73, abs=0.005)
    assert len(read.notes) == 3
    assert read.offer.counterparty == ""


def test_that_unread_words_are_listed() -> None:
    read = read_offer("$130/kW-month, 40 MW IT, subject to board approval", PLAN)
    assert read.unread == ("subject to board approval",)
    assert read_offer("$130/kW-month NNN, 40 MW IT, for 15 years", PLAN).unread == ()


@pytest.mark.parametrize(
    "text", ["€3bn over 10 years, 200 MW", "EUR 130/kW-month", "CAD 3.5B over 5 years", "£90/kW-month"]
)
def test_that_other_currencies_are_refused_in_one_sentence(text: str) -> None:
    read = read_offer(text, PLAN)
    assert read.offer is None
    assert "convert it first" in read.problem


@pytest.mark.parametrize(
    ("text", "words"), [("", "Type or paste"), ("250 MW of critical IT for 15 years", "No price was found")]
)
def test_that_what_is_no_offer_says_what_is_missing(text: str, words: str) -> None:
    read = read_offer(text, PLAN)
    assert (read.offer, words in read.problem) == (None, True)


def test_that_a_plan_without_sites_says_so() -> None:
    read = read_offer("$130/kW-month", dataclasses.replace(PLAN, sites=(), power_contracts=()))
    assert "no site yet" in read.problem


@pytest.mark.parametrize(
    ("text", "answers", "words"),
    [
        ("1000 H100 at $2.90/GPU-hour, 0 MW IT, 3 years", {}, "IT power per GPU must lie"),
        ("$7bn over 1200 years, 250 MW IT, 100% escalator", {}, "Term must lie"),
        ("$7bn over 10 years", {"gross_mw_per_it_mw": 0.0}, "Gross per IT must lie"),
    ],
)
def test_that_figures_that_nothing_can_be_reckoned_with_are_refused_in_one_sentence(
    text: str, answers: dict[str, Any], words: str
) -> None:
    read = read_offer(text, PLAN, answers=answers)
    assert (read.offer, words in read.problem) == (None, True)


def test_that_megawatts_default_to_what_the_chosen_site_can_convert() -> None:
    assert offer_of("$130/kW-month").critical_it_mw == 50.0
    south = read_offer("$130/kW-month", PLAN, "s2").offer
    assert south is not None
    assert (south.site_id, south.critical_it_mw) == ("s2", 21.4)


@given(st.text(max_size=200))
@example("$" * 50)
@example("%" * 50)
@example("$9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 years")
@example("$1 per kW-month, 0 MW")
@example("$1bn over 0 years, 5 MW")
@example("Q2 2027 Q2 Q3 99 $5/kW")
@example("$130/kW-month, ٣ %")
@example("$7bn over 10 years, 0 MW IT, 300 MW gross")
@example("1000 H100 at $2.90/GPU-hour, 0 MW IT, 3 years")
@example("$7bn over 1200 years, 250 MW IT, 100% escalator")
def test_that_no_text_is_too_odd(text: str) -> None:
    read = read_offer(text, PLAN)
    assert (read.offer is None) == bool(read.problem)
    strip_of(read, PLAN)


LONG = {
    "words": "The parties agree, subject to 12 conditions and 3 % of other things, on nothing. " * 400,
    "digits": "9" * 20_000,
    "groups": "9," * 9_000,
    "blanks": "$9" + " " * 9_000 + "a",
    "amounts": "$1bn with " * 2_000,
    "counts": "1x1-" * 5_000,
    "dollars": "$" * 20_000,
}


@pytest.mark.parametrize("name", LONG)
def test_that_a_long_paste_is_read_in_no_time(name: str) -> None:
    began = time.process_time()
    read_offer(LONG[name], PLAN)
    assert time.process_time() - began < 3.0


# Disclosed deals


def test_that_every_disclosed_lease_is_read_back_from_its_own_words() -> None:
    for deal in priced_leases():
        assert deal.total_value_usd is not None
        text = f"${deal.total_value_usd / 1e6:,.0f} million over {deal.term_years:g} years"
        text += f", {deal.critical_it_mw:g} MW critical IT"
        text += f", {deal.gross_mw:g} MW gross" if deal.gross_mw else ""
        text += f", {deal.escalator_fraction_per_year:.1%} escalator" if deal.escalator_fraction_per_year else ""
        read = read_offer(text, PLAN)
        assert read.offer is not None, text
        assert read.average_rent_usd_per_it_kw_month == pytest.approx(deal.average_rent_usd_per_it_kw_month, rel=1e-6)
        if deal.gross_mw:
            assert read.offer.gross_mw_per_it_mw == pytest.approx(deal.gross_mw / deal.critical_it_mw, rel=1e-4)


def test_that_the_reference_table_of_deals_is_read_too(shared_data: Path) -> None:
    rows = list(csv.DictReader((shared_data / "ai_deals.csv").read_text(encoding="utf-8").splitlines()))
    read_back = 0
    for row in rows:
        if (
            not (row["critical_it_mw"] and row["total_contract_value_usd"] and row["term_years"])
            or row["kind"] == "gpu_cloud"
        ):
            continue
        value_usd, mw, years = (float(row[n]) for n in ("total_contract_value_usd", "critical_it_mw", "term_years"))
        text = f"{row['operator']}: ${value_usd / 1e9:.4g} billion, {years:g}-year lease, {mw:g} MW of critical IT load"
        read = read_offer(text, PLAN)
        assert read.average_rent_usd_per_it_kw_month == pytest.approx(value_usd / years / 12 / mw / 1000, rel=1e-3), (
            text
        )
        read_back += 1
    assert read_back >= 15


RELEASES = [
    # As their headlines put it; averages by hand.
    (
        "Hut 8 signs 15-year, 245 MW IT lease with total contract value of $7.0 billion, NNN, 3% annual escalator",
        158.73,
    ),
    (
        "TeraWulf signs 10-year, 200+ MW critical IT hosting deals worth $3.7 billion ($8.7 billion with options)",
        154.17,
    ),
    ("168 MW, 10-year AI hosting agreement, $3.0 billion, two five-year extension options", 148.81),
    ("$5 billion over approximately 15 years for 200 MW of critical IT at Polaris Forge 2", 138.89),
    ("10 years + 3x5, $311 million for 25 MW", 103.67),
]


@pytest.mark.parametrize(("text", "average"), RELEASES, ids=lambda v: str(v)[:50])
def test_that_headlines_are_read(text: str, average: float) -> None:
    assert read_offer(text, PLAN).average_rent_usd_per_it_kw_month == pytest.approx(average, abs=0.005)


# The strip


def strip(text: str, plan: Plan = PLAN, **answers: Any) -> tuple[ReadOffer, Strip]:
    read = read_offer(text, plan, answers=answers)
    found = strip_of(read, plan)
    assert found is not None
    return read, found


def test_that_the_strip_agrees_with_plain_arithmetic() -> None:
    """130 less 2 %, over 1.4 MW at the meter for each of critical IT, 3 % more each year, 15 years from month 12."""
    _, found = strip("$130/kW-month NNN, 40 MW IT, 3 % escalator, 15 years, from April 2027")
    monthly = [130.0 * 0.98 / 1.40 * 1_000 * 1.03 ** (k // 12) for k in range(180)]
    assert found.net_usd_per_kw_month == pytest.approx(130 * 0.98 / 1.4)
    assert found.net_usd_per_mwh == pytest.approx(130 * 0.98 / 1.4 * 12_000 / 8_760)
    assert found.first_months_usd_per_mw == pytest.approx(sum(monthly[:24]))
    worth = sum(cash * 1.10 ** (-(12 + k + 1) / 12) for k, cash in enumerate(monthly))
    assert found.present_value_usd_per_mw == pytest.approx(worth)
    capex = 11e6 / 1.4
    assert found.capex_usd_per_mw == pytest.approx(capex)
    assert found.npv_usd_per_mw == pytest.approx(worth - sum(capex / 12 * 1.10 ** (-m / 12) for m in range(12)))
    assert found.average_rent_usd_per_it_kw_month == pytest.approx(sum(130 * 1.03**k for k in range(15)) / 15)
    assert (found.utility_mw, found.months_beyond) == (pytest.approx(56.0), 0)
    assert found.rank is not None
    assert found.rank.below == sum(
        (d.average_rent_usd_per_it_kw_month or 0) < found.average_rent_usd_per_it_kw_month for d in priced_leases()
    )


def test_that_the_strip_is_what_the_plan_says_once_the_offer_is_in_it() -> None:
    for text in ("$180/kW-month, power included, 40 MW IT", "10,000 H100 at $2.35/GPU-hour take-or-pay"):
        read, found = strip(text)
        assert read.offer is not None
        use = evaluate(add_to(PLAN, read.offer)).by_id[read.offer.id]
        assert found.net_usd_per_kw_month * 12_000 == pytest.approx(use.margin_usd_per_mw_year)
        assert found.npv_usd_per_mw == use.npv_usd_per_mw


def test_that_a_plan_too_short_for_the_offer_shows_no_figure_that_it_cannot_hold() -> None:
    short = dataclasses.replace(PLAN, plan=Header("Short", "2026-04", 20))
    read, found = strip("$130/kW-month, 40 MW IT, 15 years, from April 2027", short)
    assert read.offer is not None
    assert math.isnan(found.net_usd_per_kw_month)
    assert math.isnan(found.first_months_usd_per_mw)
    assert found.months_beyond == 172


def test_that_gpus_have_no_rent_and_no_rank() -> None:
    _, found = strip("$2.35 per GPU-hour take-or-pay, 85 %")
    assert math.isnan(found.first_year_rent_usd_per_it_kw_month)
    assert found.rank is None
