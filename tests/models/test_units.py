"""Units against an independent library, and typed numbers as people type them."""

from __future__ import annotations

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.fields import Quantity, fields_of
from models.plan import RECORD_TYPES
from models.units import QuantityError, conversion_factor, display, parse_quantity

registry = pint.UnitRegistry()
# A rate's month is a twelfth of 8,760 hours in the trade, not a twelfth of the solar year.
registry.define("rate_month = 730 hour")
registry.define("rate_year = 8760 hour")
registry.define("USD = [money]")
registry.define("cent = 0.01 USD")
registry.define("BTC = [bitcoin]")
registry.define("hash_ = [hashes]")
registry.define("GPU = [gpus]")

PAIRS = [
    ("c/kWh", "USD/MWh", "cent/kilowatt_hour", "USD/megawatt_hour"),
    ("USD/kWh", "USD/MWh", "USD/kilowatt_hour", "USD/megawatt_hour"),
    ("USD/kW-month", "USD/MW-year", "USD/kilowatt/rate_month", "USD/megawatt/rate_year"),
    ("USD/kW-year", "USD/IT kW-month", "USD/kilowatt/rate_year", "USD/kilowatt/rate_month"),
    ("USD/kW-month", "USD/MWh", "USD/kilowatt/rate_month", "USD/megawatt_hour"),
    ("USD/MW-year", "USD/kW-month", "USD/megawatt/rate_year", "USD/kilowatt/rate_month"),
    ("USD/TH/day", "USD/PH/day", "USD/(terahash_/second)/day", "USD/(petahash_/second)/day"),
    ("BTC/PH/day", "sat/TH/day", "BTC/(petahash_/second)/day", "1e-8 BTC/(terahash_/second)/day"),
    ("J/GH", "J/TH", "joule/gigahash_", "joule/terahash_"),
    ("W/TH", "J/TH", "watt/(terahash_/second)", "joule/terahash_"),
    ("PH/s", "TH/s", "petahash_/second", "terahash_/second"),
    ("EH/s", "TH/s", "exahash_/second", "terahash_/second"),
    ("kW", "MW", "kilowatt", "megawatt"),
    ("W", "MW", "watt", "megawatt"),
    ("USD/GPU-month", "USD/GPU-hour", "USD/GPU/rate_month", "USD/GPU/hour"),
    ("years", "months", "rate_year", "rate_month"),
]


@pytest.mark.parametrize(("ours", "to", "pints", "pints_to"), PAIRS)
def test_that_conversions_are_those_of_pint(ours: str, to: str, pints: str, pints_to: str) -> None:
    expected = (registry(pints) / registry(pints_to)).to("dimensionless").magnitude
    assert conversion_factor(ours, to) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("ours", "to"), [("USD/kW", "USD/MWh"), ("MW", "MWh"), ("TH", "TH/s"), ("USD", "BTC"), ("USD/GPU-hour", "USD/hour")]
)
def test_that_units_of_different_dimension_do_not_convert(ours: str, to: str) -> None:
    with pytest.raises(QuantityError):
        conversion_factor(ours, to)


def test_that_every_unit_of_a_field_is_one_the_reader_knows() -> None:
    counted = {"months", "machines", "blocks", "BTC/block"}
    for record_type in RECORD_TYPES.values():
        for field in fields_of(record_type):
            if isinstance(field.spec, Quantity) and field.unit not in counted:
                assert conversion_factor(field.unit or "1", field.unit or "1") == 1.0, field.name


TYPED = [
    ("45", "USD/MWh", 45.0),
    ("45 $/MWh", "USD/MWh", 45.0),
    ("$45/MWh", "USD/MWh", 45.0),
    ("45/MWh", "USD/MWh", 45.0),
    ("4.5c/kWh", "USD/MWh", 45.0),
    ("4.5 ct/kWh", "USD/MWh", 45.0),
    ("0.045 $/kWh", "USD/MWh", 45.0),
    ("128 $/kW-month", "USD/IT kW-month", 128.0),
    ("$75/kW-year", "USD/IT kW-month", 6.25),
    ("$75 per kW per year", "USD/IT kW-month", 6.25),
    ("$1.5m/MW-year", "USD/IT kW-month", 125.0),
    ("$2.35 per GPU-hour", "USD/GPU-hour", 2.35),
    ("10M", "USD/IT MW", 10e6),
    ("$11.5 million", "USD/IT MW", 11.5e6),
    ("133.79T", "difficulty", 133.79e12),
    ("133.79", "USD/BTC", 133.79),
    ("70k", "USD/BTC", 70_000.0),
    ("100,000 kW", "MW", 100.0),
    ("12+3", "MW", 15.0),
    ("3*4,000 - 500", "machines", 11_500.0),
    ("=2*3", "MW", 6.0),
    ("= 2 * (3 + 4) / 7 MW", "MW", 2.0),
    ("-(2+3)*-2", "MW", 10.0),
    ("7 - 2*3 + 1", "MW", 2.0),
    ("=$90/2/MWh", "USD/MWh", 45.0),
    ("70 169", "USD/BTC", 70_169.0),
    ("70\u00a0169.5", "USD/BTC", 70_169.5),
    ("1\u202f234\u202f567.5", "USD/BTC", 1_234_567.5),
    ("12 500 + 1 000 kW", "MW", 13.5),
    ("$12,34,567.25", "USD/BTC", 1_234_567.25),
    ("1,23,45,678", "USD/BTC", 12_345_678.0),
    ("5 years", "months", 60.0),
    ("3 %", "fraction/year", 0.03),
    ("95 %", "fraction", 0.95),
    ("-5", "USD/MWh", -5.0),
    ("1e3", "MW", 1000.0),
    ("0.000123", "USD/MWh", 0.000123),
]


@pytest.mark.parametrize(("text", "unit", "value"), TYPED)
def test_that_a_number_is_read_with_its_unit(text: str, unit: str, value: float) -> None:
    assert parse_quantity(text, unit).value == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "value", "asks"),
    [("1.234", 1234.0, True), ("1,234", 1.234, False), ("1.234,5", 1234.5, False), ("1.5", 1.5, False)],
)
def test_that_german_numbers_are_read_and_the_ambiguous_one_asked(text: str, value: float, asks: bool) -> None:
    parsed = parse_quantity(text, "MW", decimal=",", group=".")
    assert parsed.value == value
    assert bool(parsed.alternatives) == asks


@pytest.mark.parametrize("space", ["\u00a0", "\u202f"])
def test_that_french_group_spaces_are_read(space: str) -> None:
    assert parse_quantity(f"1{space}234,5", "MW", decimal=",", group="\u202f").value == 1234.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("70 16", "groups of three"),
        ("1234 567", "groups of three"),
        ("1 2345", "groups of three"),
        ("70\u00a016", "groups of three"),
        ("2*70 16", "groups of three"),
        ("(2+3", "closing parenthesis"),
        ("2+3)", "does not open"),
        ("1/0", "divides by zero"),
        ("(500)", "negative"),
        ("=2**3", "unit"),
        ("128¹", "raised digit"),
        ("133.79×10¹² MW", "raised digit"),
        ("=2(3)", "sign of calculation"),
        ("=" + "(" * 30 + "1" + ")" * 30, "parentheses"),
        ("=__import__('os')", "not a number"),
    ],
)
def test_that_a_sum_or_a_grouping_that_cannot_be_meant_is_refused(text: str, says: str) -> None:
    with pytest.raises(QuantityError, match=says):
        parse_quantity(text, "MW")


def test_that_a_german_sum_with_an_ambiguous_number_is_asked_about() -> None:
    parsed = parse_quantity("2*1.234", "MW", decimal=",", group=".")
    assert (parsed.value, [v for v, _ in parsed.alternatives]) == (2468.0, [2.468])


def test_that_a_bare_fraction_in_a_per_cent_field_follows_the_usual_range() -> None:
    assert parse_quantity("0.95", "fraction", usual=(0.85, 1.0)).value == 0.95
    assert parse_quantity("0.5", "fraction", usual=(0.0, 0.04)).value == 0.005
    assert parse_quantity("95", "fraction", usual=(0.85, 1.0)).value == 0.95
    assert parse_quantity("0.2", "fraction/year", usual=(-0.3, 0.5)).alternatives


@pytest.mark.parametrize(
    "text",
    ["", "abc", "5 apples", "45 $/kW", "1,2,3", "1.2.3", "1,23,45", "01,23,456", "--5", "5 $", "9e999", "5 MW MW"],
)
def test_that_nonsense_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_quantity(text, "J/TH")
    assert str(caught.value)
    assert "\n" not in str(caught.value)


@given(value=st.floats(-1e12, 1e12, allow_nan=False))
def test_that_what_python_writes_is_read_back_exactly(value: float) -> None:
    assert parse_quantity(repr(value), "USD/MWh").value == value


@given(text=st.text(max_size=40))
def test_that_any_text_is_read_or_refused(text: str) -> None:
    try:
        parsed = parse_quantity(text, "USD/MWh")
    except QuantityError:
        return
    assert parsed.value == parsed.value


def test_that_fractions_are_shown_in_per_cent() -> None:
    assert display("fraction") == ("%", 100.0)
    assert display("USD/IT kW-month")[0] == "$/IT kW-month"
    assert all(f.label for t in RECORD_TYPES.values() for f in fields_of(t))
