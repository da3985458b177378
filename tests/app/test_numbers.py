"""Numbers out and in: what a reader of any locale sees and types is what the plan holds."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from app.forms.entry import clipboard_text, entry_text
from app.numbers import MISSING, Numbers
from models.fields import Schedule, field_of, problem_with
from models.plan import AiOffer, AsicLot, Market, PowerContract
from models.units import QuantityError

ENERGY = field_of(PowerContract, "energy_price_usd_per_mwh")
UPTIME = field_of(AsicLot, "uptime_fraction")
POOL_FEE = field_of(AsicLot, "pool_fee_fraction")
COUNT = field_of(AsicLot, "count")
BTC_PRICE = field_of(Market, "btc_price_usd")
DIFFICULTY = field_of(Market, "difficulty")
RENT = field_of(AiOffer, "rent_usd_per_it_kw_month")
TERM = field_of(AiOffer, "term_months")
KIND = field_of(AiOffer, "kind")
FIRST_RENT = field_of(AiOffer, "first_rent_month")

ENGLISH = Numbers(QLocale("en_US"))
GERMAN = Numbers(QLocale("de_DE"))
FRENCH = Numbers(QLocale("fr_FR"))
OTHERS = ("de_CH", "sv_SE", "en_IN", "hi_IN", "ar_EG", "fa_IR")
LOCALES = [ENGLISH, GERMAN, FRENCH, *(Numbers(QLocale(name)) for name in OTHERS)]


@pytest.mark.parametrize(
    ("field", "value", "english", "german"),
    [
        (ENERGY, 47.5, "$47.50/MWh", "$47,50/MWh"),
        (ENERGY, -3.0, "−$3.00/MWh", "−$3,00/MWh"),
        (UPTIME, 0.95, "95.0%", "95,0\u00a0%"),
        (DIFFICULTY, 133.79e12, "133.79\u00a0T", "133,79\u00a0T"),
        (COUNT, 10_000, "10,000", "10.000"),
        (BTC_PRICE, 70870.25, "$70,870", "$70.870"),
        (RENT, 128.0, "$128.00/IT kW-month", "$128,00/IT kW-month"),
        (TERM, 1, "1\u00a0month", "1\u00a0month"),
        (KIND, "gpu_cloud", "Own GPUs", "Own GPUs"),
        (FIRST_RENT, "2027-05", "May 2027", "Mai 2027"),
        (ENERGY, None, "", ""),
    ],
)
def test_that_a_field_is_shown_in_its_unit_and_the_readers_locale(field, value, english, german):
    assert ENGLISH.format_field(field, value) == english
    assert GERMAN.format_field(field, value) == german


def test_that_a_typed_number_is_never_rounded_to_nothing():
    assert ENGLISH.format_field(ENERGY, 0.000123) == "$0.000123/MWh"
    assert ENGLISH.format_field(ENERGY, 0.0) == "$0.00/MWh"
    assert ENGLISH.format_field(field_of(AsicLot, "power_w"), 3.5) == "3.5\u00a0W"
    assert ENGLISH.format_field(field_of(AsicLot, "power_w"), 3500.4) == "3,500\u00a0W"


def test_that_a_field_without_its_unit_keeps_the_shown_scale():
    assert ENGLISH.format_field(UPTIME, 0.955, with_unit=False) == "95.5"


def test_that_a_monthly_table_is_summed_up():
    table = Schedule(("2026-04", "2026-05"), (45.0, 52.0))
    assert ENGLISH.format_field(ENERGY, table) == "2 months, 45.00–52.00"


@pytest.mark.parametrize("number", LOCALES, ids=lambda n: n.locale.name())
@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_that_a_missing_figure_is_a_dash(number, value):
    assert number.format(value) == number.money(value) == number.percent(value) == MISSING
    assert value is None or number.full(value) == MISSING


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (694_543.21, "$694,543"),
        (1_235_500.0, "$1.24M"),
        (999_999.9, "$1.00M"),
        (-12_140_000.0, "−$12.1M"),
        (312_400_000.0, "$312M"),
        (2.5e9, "$2.50B"),
        (0.0, "$0"),
        (-0.001, "$0.00"),
        (12.5, "$12.50"),
    ],
)
def test_that_money_is_short_in_narrow_places(value, text):
    assert ENGLISH.money(value) == text


def test_that_a_change_carries_its_sign():
    assert ENGLISH.money(1500.0, sign=True) == "+$1,500"
    assert ENGLISH.percent(0.011, sign=True) == "+1.1%"
    assert ENGLISH.format(-1e-9, 2, "USD/MWh", sign=True) == "$0.00/MWh"


@pytest.mark.parametrize(
    ("typed", "value", "echo"),
    [
        ("45", 45.0, ""),
        ("$45.00/MWh", 45.0, ""),
        ("45 $/MWh", 45.0, ""),
        ("4.5c/kWh", 45.0, "4.5c/kWh = $45/MWh"),
        ("0.045 $/kWh", 45.0, "0.045 $/kWh = $45/MWh"),
        ("12+3", 15.0, "12+3 = $15/MWh"),
        ("1,5", 1.5, "1,5 = $1.5/MWh"),
        ("−3", -3.0, ""),
        ("47.123456789", 47.123456789, ""),
    ],
)
def test_that_what_was_understood_is_echoed_where_it_is_not_what_was_typed(typed, value, echo):
    understood = ENGLISH.parse(typed, ENERGY)
    assert (understood.value, understood.echo, understood.alternatives) == (value, echo, ())


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (80.0 / 12.0, "USD/IT kW-month", "$6.66667/IT kW-month"),
        (123_456_789.123, "USD", "$123,456,789.12"),
        (45.5, "USD/MWh", "$45.5/MWh"),
        (0.000_012_345_678, "USD/MWh", "$0.0000123457/MWh"),
        (1_000.0, "MW", "1,000 MW"),
    ],
)
def test_that_an_echo_has_no_more_digits_than_one_wants_to_check(value, unit, words):
    assert ENGLISH.describe(value, unit).replace("\u00a0", " ") == words
    assert GERMAN.describe(value, unit).replace("\u00a0", " ").count(",") <= 1


def test_that_an_ambiguous_german_number_is_asked_about():
    understood = GERMAN.parse("1.234", ENERGY)
    assert understood.alternatives == ((1234.0, "$1.234/MWh"), (1.234, "$1,234/MWh"))
    assert GERMAN.parse("133.793", DIFFICULTY).alternatives[1] == (133.793e12, "133,793\u00a0T")
    assert GERMAN.parse("1,234", ENERGY).alternatives == ()
    assert GERMAN.parse("0.045", ENERGY).value == 0.045


def test_that_all_spaces_group_french_thousands():
    for space in " \u00a0\u202f":
        assert FRENCH.parse(f"1{space}234,5", ENERGY).value == 1234.5


@pytest.mark.parametrize("number", [ENGLISH, GERMAN, FRENCH], ids=lambda n: n.locale.name())
@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f"], ids=ascii)
def test_that_spaces_group_thousands_in_every_locale(number, space):
    assert number.parse(f"70{space}169", BTC_PRICE).value == 70_169.0
    assert number.parse(f"1{space}234{space}567{number.decimal}5", BTC_PRICE).value == 1_234_567.5
    with pytest.raises(QuantityError, match="groups of three"):
        number.parse(f"70{space}16", BTC_PRICE)


def test_that_sentences_of_the_model_are_said_in_the_readers_notation():
    bound = problem_with(UPTIME, 1.25)
    assert bound == "Uptime must lie between 0 and 1, not 1.25"
    assert ENGLISH.say(bound) == "Uptime must lie between 0% and 100%, not 125%"
    assert GERMAN.say(bound) == "Uptime must lie between 0\u00a0% and 100\u00a0%, not 125\u00a0%"
    table = Schedule(("2027-04", "2027-05"), (45.5, 6_000.5))
    assert GERMAN.say(problem_with(ENERGY, table)) == (
        "Energy price must lie between −$500/MWh and $5.000/MWh, not $6.000,5/MWh (in 2027-05)"
    )
    assert FRENCH.say(problem_with(COUNT, 1234.5)) == ("Machines must be a whole number, not 1\u202f234,5")
    assert GERMAN.say("1.5 stays, for nobody says what it is") == "1.5 stays, for nobody says what it is"


def test_that_the_echo_of_grouped_digits_and_of_a_sum_says_what_was_understood():
    assert ENGLISH.parse("70 169", BTC_PRICE).echo == "70 169 = $70,169"
    assert FRENCH.parse("70 169", ENERGY).echo == ""
    assert ENGLISH.parse("=2*3", ENERGY).echo == "2*3 = $6/MWh"
    assert GERMAN.parse("=(1+2,5)/2", ENERGY).echo == "(1+2,5)/2 = $1,75/MWh"
    assert ENGLISH.parse("=45", ENERGY).echo == ""


def test_that_a_sum_of_bare_numbers_is_in_the_unit_on_screen():
    assert ENGLISH.parse("=2*70", DIFFICULTY).value == 140e12


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        (UPTIME, "95", 0.95),
        (UPTIME, "95 %", 0.95),
        (UPTIME, "0.95", 0.95),
        (POOL_FEE, "0.5", 0.005),
        (BTC_PRICE, "70k", 70_000.0),
        (BTC_PRICE, "$70,870.25", 70870.25),
        (DIFFICULTY, "140", 140e12),
        (DIFFICULTY, "140T", 140e12),
        (DIFFICULTY, "133790000000000", 133.79e12),
        (RENT, "75 $/kW-year", 6.25),
    ],
)
def test_that_a_number_is_read_in_the_unit_on_screen(field, typed, value):
    assert ENGLISH.parse(typed, field).value == pytest.approx(value, rel=1e-15)


def test_that_a_whole_number_is_stored_whole():
    value = ENGLISH.parse("1,000", COUNT).value
    assert value == 1000
    assert isinstance(value, int)


@pytest.mark.parametrize("number", LOCALES, ids=lambda n: n.locale.name())
@pytest.mark.parametrize("typed", ["128¹", "10²", "10 ²", "133.79×10¹²", "$128²/IT kW-month"])
def test_that_a_footnote_or_a_power_is_no_digit_of_the_number(number, typed):
    with pytest.raises(QuantityError, match="raised digit"):
        number.parse(typed, RENT)


def test_that_a_footnote_behind_a_month_is_no_digit_of_the_year():
    assert ENGLISH.parse_month("Apr 2027¹") == "2027-04"


@pytest.mark.parametrize("typed", ["", "abc", "=A1", "=", "@SUM(A1)", "45 apples", "1,23,4"])
def test_that_what_is_no_number_is_refused_with_a_sentence(typed):
    with pytest.raises(QuantityError, match=r".{5,}"):
        ENGLISH.parse(typed, ENERGY)


@pytest.mark.parametrize("number", LOCALES, ids=lambda n: n.locale.name())
@pytest.mark.parametrize("field", [ENERGY, UPTIME, DIFFICULTY, BTC_PRICE], ids=lambda f: f.name)
@given(data=st.data())
def test_that_what_is_shown_for_editing_reads_back_as_itself(number, field, data):
    value = data.draw(st.floats(field.spec.low, field.spec.high, allow_subnormal=False))
    # A bare number below one is a fraction in a field of per cent, whoever wrote it.
    assume(value == 0 or abs(value) > (0.01 if field is UPTIME else 1e-6))
    for text in (
        number.full(value, field.unit),
        entry_text(field, value, number),
        clipboard_text(field, value, number),
    ):
        understood = number.parse(text, field)
        assert value in [understood.value, *(v for v, _ in understood.alternatives)], text


def test_that_a_number_is_edited_and_copied_with_the_fewest_digits_that_are_all_of_it():
    assert ENGLISH.full(133_793_147_307_542.0, "difficulty") == "133.793147307542"
    assert GERMAN.full(133_793_147_307_542.0, "difficulty") == "133,793147307542"
    assert ENGLISH.parse("133.793147307542", DIFFICULTY).value == 133_793_147_307_542.0
    assert [ENGLISH.full(v, "fraction") for v in (0.07, 0.95, 1.0, 0.0)] == ["7", "95", "100", "0"]
    assert [ENGLISH.full(v) for v in (70_168.53219, -3.0, 1e15, 1 / 3)] == [
        "70168.53219",
        "-3",
        "1000000000000000",
        "0.3333333333333333",
    ]
    assert ENGLISH.parse("0.1+0.2", ENERGY).echo == "0.1+0.2 = $0.3/MWh"


@pytest.mark.parametrize("number", LOCALES, ids=lambda n: n.locale.name())
def test_that_what_the_window_writes_reads_back_when_it_is_pasted(number):
    shown = number.format(1_234_567.25, 2, "USD")
    assert number.parse(shown, BTC_PRICE).value == 1_234_567.25
    assert number.parse(number.format_field(DIFFICULTY, 133.79e12, with_unit=False), DIFFICULTY).value == 133.79e12


def test_that_arabic_marks_and_digits_are_read():
    number = Numbers(QLocale("ar_EG"))
    assert number.parse("15٫5", ENERGY).value == number.parse("١٥٫٥", ENERGY).value == 15.5
    assert number.parse("١٬٢٣٤٫٥", ENERGY).value == 1234.5


@pytest.mark.parametrize(
    "typed",
    [
        "Apr 2027",
        "April 2027",
        "Apr-27",
        "04/2027",
        "4/2027",
        "2027-04",
        "2027-04-01",
        "2027/4",
        "2027.04",
        "30.04.2027",
    ],
)
def test_that_a_month_may_be_spelled_in_many_ways(typed):
    assert ENGLISH.parse_month(typed) == GERMAN.parse_month(typed) == "2027-04"


def test_that_the_first_of_a_month_is_read_as_the_locale_writes_dates():
    assert ENGLISH.parse_month("4/1/2027") == "2027-04"
    assert GERMAN.parse_month("01.04.2027") == "2027-04"


def test_that_months_have_their_names_in_the_readers_language_and_in_english():
    assert GERMAN.parse_month("Mai 2027") == FRENCH.parse_month("mai 2027") == "2027-05"
    assert GERMAN.parse_month("May 2027") == "2027-05"


@pytest.mark.parametrize("typed", ["", "13/2027", "2027", "soon", "4", "03/04/2027"])
def test_that_what_is_no_month_is_refused(typed):
    with pytest.raises(QuantityError, match="2027-04"):
        ENGLISH.parse_month(typed)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9_999.0, "$9,999"),
        (10_000.0, "$10k"),
        (99_500.0, "$100k"),
        (999_499.0, "$999k"),
        (999_500.0, "$1.00M"),
        (1e6, "$1.00M"),
        (-245_300.0, "−$245k"),
        (12.3e6, "$12.3M"),
    ],
)
def test_that_money_in_the_narrowest_place_is_in_thousands(value: float, text: str) -> None:
    assert Numbers(QLocale("en_US")).money(value, narrow=True) == text
