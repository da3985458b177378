"""What months turned out to be, from tables as people keep them: long, wide, in thousands, with brackets and gaps."""

from __future__ import annotations

import dataclasses
import io

import pytest

from models.decisions.freeze import freeze
from models.evaluate import evaluate
from models.importers import ImportResult, import_table
from models.plan import Actual, Plan
from models.problems import PlanFileError
from models.samples import sample

PLAN = sample("three-sites")
SITES = {site.id: site.name for site in PLAN.sites}


def read(text: str, plan: Plan = PLAN, site_id: str | None = None, name: str = "books.csv") -> ImportResult:
    return import_table(text.encode(), name, plan, "actuals", site_id=site_id)


def values(found: ImportResult) -> list[tuple[str, str, float, str, str]]:
    return [(a.month, a.line, a.value, a.site_id, a.use_id) for a in found.records]


def said(found: ImportResult, code: str) -> list[tuple[str, str]]:
    return [(f.path, str(f.message)) for f in found.findings if f.code == code]


def test_that_a_long_table_is_read_line_by_line() -> None:
    found = read("Month,Line,Value\n2026-04,BTC price,70000\n2026-04,Difficulty,131.5e12\n2026-05,BTC price,72000\n")
    assert values(found) == [
        ("2026-04", "btc_price_usd", 70_000.0, "", ""),
        ("2026-04", "difficulty", 131.5e12, "", ""),
        ("2026-05", "btc_price_usd", 72_000.0, "", ""),
    ]
    assert {a.source for a in found.records} == {"books.csv"}
    assert found.plan.actuals == found.records
    assert PLAN.actuals == ()


def test_that_a_wide_table_has_a_line_per_month() -> None:
    text = "Period;Revenue (k$);Power cost (k$);BTC mined (sats);Energy (GWh);Difficulty (T)\n"
    found = read(text + "Apr 2026;1.234,5;400,25;150000000;7,2;131,5\n", name="wide.csv")
    assert values(found) == [
        ("2026-04", "revenue_usd", 1_234_500.0, "", ""),
        ("2026-04", "power_cost_usd", 400_250.0, "", ""),
        ("2026-04", "btc_mined", 1.5, "", ""),
        ("2026-04", "energy_mwh", 7_200.0, "", ""),
        ("2026-04", "difficulty", 131.5e12, "", ""),
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "value"),
    [
        ("Revenue ($M)", "1.25", 1_250_000.0),
        ("Revenue [M$]", "1.25", 1_250_000.0),
        ("Revenue (USD '000)", '"1,250"', 1_250_000.0),
        ("Revenue (thousand USD)", "1250", 1_250_000.0),
        ("Revenue, k$", "1250", 1_250_000.0),
        ("revenue_usd", "1250000", 1_250_000.0),
        ("Revenue", '"$1,250,000.00"', 1_250_000.0),
        ("Revenue", "1.25M", 1_250_000.0),
        ("Revenue", '"(1,250)"', -1_250.0),
        ("Revenue", "1250-", -1_250.0),
        ("Revenue", "$ (1250)", -1_250.0),
        ("Power (MWh)", "7200", 7_200.0),
        ("Energy used (kWh)", "7200000", 7_200.0),
        ("Energy price (c/kWh)", "4.5", 45.0),
        ("Energy price", "45", 45.0),
        ("BTC price (k$)", "70", 70_000.0),
        ("BTC price", '"$70,870.25"', 70_870.25),
        ("BTC mined", "1.25 BTC", 1.25),
    ],
)
def test_that_a_unit_is_read_wherever_it_stands(heading: str, cell: str, value: float) -> None:
    found = read(f'Month,"{heading}"\n2026-04,{cell}\n')
    assert [a.value for a in found.records] == [pytest.approx(value)], [str(f.message) for f in found.findings]


@pytest.mark.parametrize(
    "text",
    [
        "Month,Line,Value,Unit\n2026-04,Revenue,1250,k$\n",
        "Month,Line,Value (k$)\n2026-04,Revenue,1250\n",
        "Month,Line (unit),Value\n2026-04,Revenue (k$),1250\n",
        "Month,Account,Amount\n2026-04,Revenue k$,1250\n",
    ],
)
def test_that_a_long_tables_unit_is_read_wherever_it_stands(text: str) -> None:
    assert values(read(text)) == [("2026-04", "revenue_usd", 1_250_000.0, "", "")]


@pytest.mark.parametrize(
    ("written", "month"),
    [
        ("2026-04", "2026-04"), ("2026-04-30", "2026-04"), ("Apr 2026", "2026-04"), ("April 2026", "2026-04"),
        ("04/2026", "2026-04"), ("Apr-26", "2026-04"), ("202604", "2026-04"), ("30.04.2026", "2026-04"),
        ("4/30/2026", "2026-04"), ("30/4/2026", "2026-04"), ("2026-04-30T00:00:00", "2026-04"),
    ],
)  # fmt: skip
def test_that_months_are_read_as_people_write_them(written: str, month: str) -> None:
    assert [a.month for a in read(f"Month,Revenue\n{written},1\n").records] == [month]


def test_that_a_column_of_dates_tells_day_from_month() -> None:
    firsts = read("Date,Revenue\n4/1/2026,1\n5/1/2026,2\n6/1/2026,3\n")
    assert [a.month for a in firsts.records] == ["2026-04", "2026-05", "2026-06"]
    europe = read("Date,Revenue\n1/4/2026,1\n1/5/2026,2\n31/5/2026,3\n")
    assert [a.month for a in europe.records] == ["2026-04", "2026-05"]
    unclear = read("Date,Revenue\n4/5/2026,1\n")
    assert unclear.records == ()
    assert "may be the 4th month or the 5th" in said(unclear, "import.line")[0][1]


def test_that_bad_lines_are_named_with_line_and_column_and_good_ones_kept() -> None:
    text = (
        "Actuals of 2026,,\nMonth,Revenue,Power cost\n2026-04,abc,5\nnever,1,2\nQ2 2026,3,4\n2026-05,#REF!,6\n"
        "2026-06,7,8\nTotal 2026,99,99\n"
    )
    found = read(text)
    assert values(found) == [
        ("2026-04", "power_cost_usd", 5.0, "", ""),
        ("2026-05", "power_cost_usd", 6.0, "", ""),
        ("2026-06", "revenue_usd", 7.0, "", ""),
        ("2026-06", "power_cost_usd", 8.0, "", ""),
    ]
    bad = said(found, "import.line")
    assert [path for path, _ in bad] == [
        "line 3, column 2 (Revenue)",
        "line 4, column 1 (Month)",
        "line 5, column 1 (Month)",
        "line 6, column 2 (Revenue)",
    ]
    assert all(text.endswith(".") for _, text in bad)
    assert any("Total 2026" in text for _, text in said(found, "import.total_skipped"))


def test_that_an_unknown_line_is_named_once() -> None:
    found = read("Month,Line,Value\n2026-04,Depreciation,1\n2026-05,Depreciation,1\n2026-05,Revenue,1\n")
    assert len(found.records) == 1
    ((path, words),) = said(found, "import.line")
    assert path == "line 2, column 2 (Line)"
    assert "“Depreciation” is none of BTC price" in words
    assert "(and 1 more lines like it)" in words


def test_that_costs_that_are_negative_throughout_are_read_as_costs() -> None:
    found = read('Month,Revenue,Power cost,Opex\n2026-04,10,"(4,000)",5\n2026-05,-3,(6),-7\n')
    assert {(a.month, a.line): a.value for a in found.records} == {
        ("2026-04", "revenue_usd"): 10.0,
        ("2026-04", "power_cost_usd"): 4_000.0,
        ("2026-04", "opex_usd"): 5.0,
        ("2026-05", "revenue_usd"): -3.0,
        ("2026-05", "power_cost_usd"): 6.0,
        ("2026-05", "opex_usd"): -7.0,
    }
    assert len(said(found, "import.cost_sign")) == 1


def test_that_of_two_values_for_a_month_the_later_is_taken_and_that_is_said() -> None:
    found = read("Month,Line,Value\n2026-04,Revenue,1\n2026-05,Revenue,5\n2026-04,Revenue,2\n")
    assert values(found) == [("2026-04", "revenue_usd", 2.0, "", ""), ("2026-05", "revenue_usd", 5.0, "", "")]
    ((path, words),) = said(found, "import.duplicate")
    assert path == "line 4, column 3"
    assert words == "Revenue of 2026-04 stands in lines 2 and 4: $1 and $2; the later one was taken."


def test_that_a_value_that_is_known_already_is_replaced() -> None:
    old = Actual("x7", "2026-04", "revenue_usd", 1.0, source="guess")
    found = read("Month,Revenue\n2026-04,2\n2026-05,3\n", dataclasses.replace(PLAN, actuals=(old,)))
    assert (found.updated, found.added) == (("x7",), ("x1",))
    assert [(a.id, a.value, a.source) for a in found.plan.actuals] == [
        ("x7", 2.0, "books.csv"),
        ("x1", 3.0, "books.csv"),
    ]


def test_that_sites_and_uses_are_found_by_name_and_id() -> None:
    site, lot, offer = PLAN.sites[0], PLAN.asic_lots[0], PLAN.ai_offers[0]
    home = {s.id: s.name for s in PLAN.sites}
    text = "Month,Site,Use,Revenue,BTC price\n"
    text += f'2026-04,"{site.name}",,1,70000\n2026-05,"{home[lot.site_id]}",{lot.id},2,\n2026-06,,"{offer.name}",3,\n'
    assert values(read(text)) == [
        ("2026-04", "revenue_usd", 1.0, site.id, ""),
        ("2026-04", "btc_price_usd", 70_000.0, "", ""),
        ("2026-05", "revenue_usd", 2.0, lot.site_id, lot.id),
        ("2026-06", "revenue_usd", 3.0, offer.site_id, offer.id),
    ]


def test_that_of_two_sites_of_one_name_the_id_is_asked_for() -> None:
    first, second, *rest = PLAN.sites
    twins = dataclasses.replace(PLAN, sites=(first, dataclasses.replace(second, name=first.name), *rest))
    found = read(f'Month,Site,Revenue\n2026-04,"{first.name}",1\n2026-05,{second.id},2\n', twins)
    assert [(a.month, a.site_id) for a in found.records] == [("2026-05", second.id)]
    assert f"is the name of {first.id} and {second.id}; write the id" in said(found, "import.line")[0][1]


def test_that_unknown_places_are_bad_lines_and_known_ones_survive_in_a_decision() -> None:
    text = "Month,Site,Use,Revenue\n2026-04,Atlantis,,1\n2026-04,,Unicorn,1\n"
    found = read(text)
    assert found.records == ()
    assert "Site “Atlantis” is not in the plan" in said(found, "import.line")[0][1]
    assert "“Unicorn” is no lot and no offer" in said(found, "import.line")[1][1]
    decided = freeze(PLAN, evaluate(PLAN), "base", name="Board", decided_on="2026-11-28")
    offer = PLAN.ai_offers[0]
    later = dataclasses.replace(decided, ai_offers=())
    assert values(read(f'Month,Use,Revenue\n2026-04,"{offer.name}",1\n', later))[0][4] == offer.id


def test_that_a_chosen_site_is_for_lines_that_name_none_and_not_for_the_market() -> None:
    found = read("Month,Revenue,BTC price,Energy price\n2026-04,1,70000,45\n", site_id="s2")
    assert [(a.line, a.site_id) for a in found.records] == [
        ("revenue_usd", "s2"), ("btc_price_usd", ""), ("energy_price_usd_per_mwh", "s2")
    ]  # fmt: skip
    assert said(read("Month,Revenue\n2026-04,1\n"), "import.no_site")


def test_that_prices_of_nothing_are_refused() -> None:
    found = read("Month,BTC price,Difficulty\n2026-04,0,-5\n")
    assert found.records == ()
    assert [words.split(": ")[1] for _, words in said(found, "import.line")] == [
        "BTC price must be above zero, not 0.", "Difficulty must be above zero, not -5."
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["Month,Weather\n2026-04,fine\n", "Revenue,Power cost\n1,2\n"])
def test_that_a_table_without_months_or_values_says_what_is_missing(text: str) -> None:
    found = read(text)
    assert (found.records, found.plan) == ((), PLAN)
    assert said(found, "import.no_column")


def test_that_a_workbook_with_dates_is_read() -> None:
    from datetime import date

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(["Month", "Revenue ($k)", "Power cost ($k)", "Note"])
    sheet.append([date(2026, 4, 30), 1250.5, 400, "audited"])
    sheet.append([date(2026, 5, 31), None, 410, ""])
    file = io.BytesIO()
    book.save(file)
    found = import_table(file.getvalue(), "books.xlsx", PLAN, "actuals")
    assert [(a.month, a.line, a.value) for a in found.records] == [
        ("2026-04", "revenue_usd", 1_250_500.0),
        ("2026-04", "power_cost_usd", 400_000.0),
        ("2026-05", "power_cost_usd", 410_000.0),
    ]


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02binary", b"%PDF-1.7", b"Month,Revenue\n"])
def test_that_a_file_that_is_no_table_is_one_sentence(data: bytes) -> None:
    with pytest.raises(PlanFileError) as refused:
        import_table(data, "books.csv", PLAN, "actuals")
    assert str(refused.value).endswith(".")


def test_that_words_for_nothing_are_passed_over_and_said_once_each() -> None:
    text = "Month,Revenue,Energy (MWh),BTC price\n2026-04,100,n/a,70000\n2026-05,n/a,,71000\n2026-06,-,5,n/a\n"
    found = read(text)
    assert len(found.records) == 4
    assert said(found, "import.no_value") == [
        (
            "line 2, column 3",
            "3 cells say “n/a”, first in line 2, column 3 (Energy (MWh)): nothing is known there, and nothing was "
            "imported.",
        ),
        (
            "line 4, column 2",
            "One cell says “-”, in line 4, column 2 (Revenue): nothing is known there, and nothing was imported.",
        ),
    ]
    assert found.without_value == 4, "an empty cell says nothing and needs no word"
    assert found.summary == "3 lines read: 4 values added, 4 cells without a value"


def test_that_counts_say_what_they_count() -> None:
    assert read("Month,Revenue,BTC price\n2026-04,100,70000\n").summary == "1 line read: 2 values added"
    known = read("Month,Revenue\n2026-04,100\n").plan
    again = read("Month,Revenue,BTC price\n2026-04,120,much\n", plan=known)
    assert again.summary == "1 line read: 1 value updated, 1 value left out"
    assert read("Month,Revenue\n2026-04,n/a\n").summary == "1 line read: 1 cell without a value"
