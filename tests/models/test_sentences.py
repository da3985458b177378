"""Sentences keep their numbers, so that a reader of any locale can be told them in their own notation."""

from __future__ import annotations

from models.sentences import Amount, Sentence, joined, worded


def german(amount: Amount) -> str:
    def write(value: float, decimals: int) -> str:
        return f"{value:,.{decimals}f}".translate({ord(","): ".", ord("."): ","})

    return amount.written(write, " ", " ")


def test_that_a_sentence_is_its_text_and_can_be_worded_anew() -> None:
    load = Sentence("{site} draws {load}", site="{North}", load=Amount(1234.56, "MW", ",.1f"))
    whole = Sentence("{problem}, {share} of it.", problem=load, share=Amount(0.153, "fraction", ".1f%"))
    assert whole == "{North} draws 1,234.6 MW, 15.3% of it."
    assert worded(whole, german) == "{North} draws 1.234,6 MW, 15,3 % of it."
    assert worded("no numbers in here", german) == "no numbers in here"


def test_that_an_amount_is_written_in_the_unit_on_screen_and_fractions_in_files_as_fractions() -> None:
    assert (str(Amount(0.95, "fraction")), german(Amount(0.95, "fraction"))) == ("0.95", "95 %")
    assert (str(Amount(-4500.5, "USD/MWh")), german(Amount(-4500.5, "USD/MWh"))) == ("-$4,500.5/MWh", "−$4.500,5/MWh")
    assert (str(Amount(133.79e12, "difficulty")), german(Amount(133.79e12, "difficulty"))) == ("133.79 T", "133,79 T")
    assert german(Amount(1.5e-7)) == "0,00000015"
    assert german(Amount(9_863.0, "USD", ",.3g")) == "$9.860"
    assert german(Amount(float("inf"))) == "—"


def test_that_several_details_are_one() -> None:
    several = joined([Amount(1.5), "x", Amount(2.5)], "; ")
    assert several == "1.5; x; 2.5"
    assert worded(several, german) == "1,5; x; 2,5"
