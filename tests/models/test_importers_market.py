from __future__ import annotations

from typing import Any

import pytest

from models.importers import import_table
from models.importers.tables import Grid, Line
from models.plan import Market
from models.problems import PlanFileError, Severity
from models.samples import sample
from models.storage.validity import problem_in


def market_of(text: str, **options: Any) -> tuple[Market, list[str]]:
    result = import_table(text.encode(), "market.csv", sample("briefing"), "market", **options)
    return result.plan.market, [f.code for f in result.findings]


def test_that_names_and_values_may_stand_in_columns_or_in_lines() -> None:
    down, _ = market_of("BTC price,80000\nDifficulty,136.61 T\nBlock height,951552\nDate,2026-05-28\nSource,Desk\n")
    across, _ = market_of("BTC price,Difficulty,Block height,Date,Source\n80000,136.61T,951552,2026-05-28,Desk\n")
    assert down == across
    assert (down.btc_price_usd, down.difficulty, down.block_height) == (80_000.0, 136.61e12, 951_552)
    assert (down.as_of, down.source) == ("2026-05-28", "Desk")
    assert down.fees_btc_per_block == 0.03125


def test_that_json_in_busbars_own_names_is_read() -> None:
    market, codes = market_of('{"market": {"btc_price_usd": 80000, "difficulty": 1.3661e14, "as_of": "2026-05-28"}}')
    assert (market.btc_price_usd, market.difficulty) == (80_000.0, 136.61e12)
    assert codes == []


def test_that_a_hashprice_moves_the_btc_price_at_the_new_difficulty() -> None:
    market, codes = market_of("Hashprice,40,$/PH/day\nDifficulty,133.79T,\nDate,2026-05-28,\n")
    # $40 at 133.79 T and fees of 1 % needs $84,286.57 (worked example M04).
    assert market.btc_price_usd == pytest.approx(84_286.5676, abs=0.001)
    assert codes == ["import.price_from_hashprice"]


def test_that_a_unit_beside_the_name_or_the_value_is_followed() -> None:
    market, _ = market_of("Difficulty growth (%),8\nFees (BTC),0.05\nDate,2026-05-28\n")
    assert (market.difficulty_growth_fraction_per_year, market.fees_btc_per_block) == (0.08, 0.05)


def test_that_old_day_and_source_do_not_stay_on_new_figures() -> None:
    market, codes = market_of("BTC price,80000\n")
    assert (market.as_of, market.source) == ("", "imported from market.csv")
    assert "import.no_date" in codes


def test_that_a_decimal_comma_may_be_told() -> None:
    market, _ = market_of("BTC price;80.000,50\nDate;2026-05-28\n", decimal=",")
    assert market.btc_price_usd == 80_000.5


@pytest.mark.parametrize(
    ("text", "price", "difficulty", "code"),
    [
        ("Name;Wert\nBTC price;91.000\nDifficulty;150,1 T\n", 91_000.0, 150.1e12, "import.decimal"),
        ("BTC price;Difficulty\n91.000,50;150,1 T\n", 91_000.5, 150.1e12, "import.decimal"),
        ("BTC price;91.000\n", 91_000.0, 133.79e12, "import.decimal_unclear"),
        ("BTC price\t91.000\n", 91.0, 133.79e12, "import.decimal_unclear"),
        ("BTC price|91.000\n", 91.0, 133.79e12, "import.decimal_unclear"),
        ('{"BTC price": "91.000"}', 91.0, 133.79e12, "import.decimal_unclear"),
        ('{"BTC price": 91.125}', 91.125, 133.79e12, None),
        ("BTC price\t91.000\nDifficulty\t150.1T\n", 91.0, 150.1e12, None),
        ("BTC price,91.000\n", 91.0, 133.79e12, None),
        ("BTC price,91.000\nDifficulty,150.1T\n", 91.0, 150.1e12, None),
        ("BTC price;91,000.50\nDifficulty;150.1T\n", 91_000.5, 150.1e12, None),
    ],
)
def test_that_the_decimal_mark_is_found_from_all_values_together(
    text: str, price: float, difficulty: float, code: str | None
) -> None:
    market, codes = market_of(text)
    assert (market.btc_price_usd, market.difficulty) == (price, pytest.approx(difficulty, rel=1e-12))
    assert [c for c in codes if c.startswith("import.decimal")] == ([code] if code else [])


def test_that_a_workbooks_number_with_a_scale_has_no_decimal_mark_to_mistake() -> None:
    lines = (Line(1, ("BTC price", "91.000,50", "")), Line(2, ("Difficulty", 150.1, "T")))
    found = import_table((Grid("Market", lines),), "market.xlsx", sample("briefing"), "market")
    assert (found.plan.market.btc_price_usd, found.plan.market.difficulty) == (91_000.5, 150.1e12)


def test_that_a_bad_value_is_a_finding_and_the_others_are_taken() -> None:
    market, codes = market_of("BTC price,plenty\nDifficulty,136T\nBlock height,-5\nColour,green\nDate,28 May\n")
    assert (market.difficulty, market.btc_price_usd, market.block_height) == (136e12, 70_168.57, 941_472)
    assert codes.count("import.line") == 3
    assert "import.value_unused" in codes


@pytest.mark.parametrize(
    "text", ["Colour,green\n", "BTC price,plenty\n", '{"btc_price_usd": }', '{"btc_price_usd": [1]}']
)
def test_that_a_file_without_a_usable_figure_is_refused(text: str) -> None:
    with pytest.raises(PlanFileError, match=r"market\.csv"):
        market_of(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "1" + "0" * 400])
@pytest.mark.parametrize("name", ["block_height", "btc_price_usd", "difficulty_growth_fraction_per_year"])
def test_that_a_number_that_cannot_be_reckoned_with_is_a_bad_value(name: str, number: str) -> None:
    market, codes = market_of(f'{{"{name}": {number}, "difficulty": 1.4e14, "as_of": "2026-05-28"}}')
    before = sample("briefing").market
    assert (getattr(market, name), market.difficulty) == (getattr(before, name), 1.4e14)
    assert codes == ["import.line"]


@pytest.mark.parametrize("text", ["Hashprice,1e7\n", '{"hashprice": 1e7}'])
def test_that_a_hashprice_whose_btc_price_no_plan_can_hold_is_refused(text: str) -> None:
    with pytest.raises(PlanFileError, match=r"market\.btc_price_usd: .*BTC price must lie between"):
        market_of(text)


def test_that_a_files_name_that_is_no_text_is_a_source_as_well_as_it_can_be() -> None:
    found = import_table(b"BTC price,80000\n", "m\udce4rz.csv", sample("briefing"), "market")
    assert found.plan.market.source == "imported from m?rz.csv"
    assert problem_in(found.plan) is None


def test_that_a_scale_in_a_column_of_its_own_is_part_of_the_number() -> None:
    """Difficulty is quoted in T: 150.1 without it would make a hashprice of billions."""
    market, _ = market_of("key,value,unit\nbtc_price,98000,USD\ndifficulty,150.1,T\n")
    assert market.btc_price_usd == 98_000.0
    assert market.difficulty == pytest.approx(150.1e12, rel=1e-12)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("btc_price_usd,80000,EUR", "“EUR” is no unit of it"),
        ("difficulty,150.1,furlongs", "“furlongs” is no unit of it"),
        ("fees per block,0.04,USD", "“USD” is no unit of it"),
    ],
)
def test_that_a_value_in_a_unit_that_is_none_of_it_is_refused_and_not_taken_for_its_own(line: str, said: str) -> None:
    before = sample("briefing")
    found = import_table(f"key,value,unit\n{line}\nblock height,950000,\n".encode(), "m.csv", before, "market")
    assert found.plan.market.btc_price_usd == before.market.btc_price_usd
    assert found.plan.market.difficulty == before.market.difficulty
    assert found.plan.market.fees_btc_per_block == before.market.fees_btc_per_block
    assert found.plan.market.block_height == 950_000
    (error,) = [f for f in found.findings if f.severity is Severity.ERROR]
    assert error.path == "line 2"
    assert said in error.message


def test_that_a_foreign_currency_is_refused_without_a_heading_as_well_and_a_note_is_not() -> None:
    before = sample("briefing")
    found = import_table(b"BTC price,80000,EUR\nDifficulty,1.5e14,own reading\n", "m.csv", before, "market")
    assert found.plan.market.btc_price_usd == before.market.btc_price_usd
    assert found.plan.market.difficulty == 1.5e14
    assert [f.message.split(":")[0] for f in found.findings if f.severity is Severity.ERROR] == ["BTC price"]
