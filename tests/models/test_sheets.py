"""Tables that leave the program: what stands in a CSV and an XLSX file, read back by other programs' readers."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from datetime import date
from xml.etree import ElementTree

import openpyxl
import pandas as pd
import pytest

from models.fields import Schedule, field_of
from models.plan import AiOffer, AsicLot
from models.provenance import provenance
from models.samples import sample
from models.sheet_book import LONGEST_NAME, xlsx_bytes
from models.sheets import (
    UNITS_LINE,
    Column,
    Measured,
    Sheet,
    csv_bytes,
    csv_text,
    field_cell,
    html_text,
    sheet_of,
    tab_text,
    with_about,
)

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x";"y")', "a,b", 'a "b"', "x\ny", "#3")
ABOUT = (("Plan", "Q3, north"), ("Scenario", "Base case"), ("Plan digest", "0123456789ab"))


def table(*texts: str) -> Sheet:
    rows = [[text, Measured(0.1 + at, "USD/MW"), Measured(0.095, "fraction")] for at, text in enumerate(texts)]
    return with_about(sheet_of("Uses: all", ["Name", "NPV", "IRR"], rows), ABOUT)


# --- units -----------------------------------------------------------------------------------------------------------


def test_that_one_unit_stands_in_the_heading_and_several_beside_the_numbers() -> None:
    rows = [
        ["Price", Measured(70_000.0, "USD/BTC"), Measured(80_000.0, "USD/BTC"), Measured(0.1, "fraction")],
        ["Fee", Measured(0.02, "fraction"), Measured(math.nan, "fraction"), Measured(0.2, "fraction")],
    ]
    found = sheet_of("T", ["Input", "Now", "Flips at", "Move"], rows)
    assert [c.heading for c in found.columns] == ["Input", "Unit", "Now", "Flips at", "Move [fraction]"]
    assert found.rows == (
        ("Price", "USD/BTC", 70_000.0, 80_000.0, 0.1),
        ("Fee", "fraction", 0.02, None, 0.2),
    )


def test_that_a_column_with_other_units_than_its_neighbour_names_its_own() -> None:
    rows = [
        ["Rent", Measured(1.0, "USD/MWh"), Measured(2.0, "fraction")],
        ["Fee", Measured(3.0, "fraction"), Measured(4.0, "months")],
    ]
    found = sheet_of("T", ["Input", "Now", "Move"], rows)
    assert [c.heading for c in found.columns] == ["Input", "Unit", "Now", "Unit of Move", "Move"]
    assert found.rows[1] == ("Fee", "fraction", 3.0, "months", 4.0)


def test_that_fields_keep_their_stored_numbers_and_say_monthly_tables_in_full() -> None:
    rent = field_of(AiOffer, "rent_usd_per_it_kw_month")
    assert field_cell(rent, 128.0) == Measured(128.0, "USD/IT kW-month")
    monthly = Schedule(("2027-04", "2028-04"), (128.0, 131.84))
    assert field_cell(rent, monthly) == "2027-04: 128.0; 2028-04: 131.84 USD/IT kW-month"
    assert field_cell(field_of(AsicLot, "pool_fee_fraction"), 0.005) == Measured(0.005, "fraction")
    assert field_cell(field_of(AiOffer, "first_rent_month"), "2027-04") == "2027-04"
    assert field_cell(rent, None) is None


# --- CSV and the clipboard -------------------------------------------------------------------------------------------


def test_that_a_csv_file_reads_back_with_its_units_and_where_it_comes_from() -> None:
    data = csv_bytes(table("Antminer S21", "Lease"))
    assert data.startswith(b"\xef\xbb\xbf# Uses: all\n# Plan: Q3; north\n# Scenario: Base case\n")
    frame = pd.read_csv(io.BytesIO(data), comment="#")
    assert list(frame.columns) == ["Name", "NPV [USD/MW]", "IRR [fraction]"]
    assert frame["NPV [USD/MW]"].tolist() == [0.1, 1.1]
    assert frame["IRR [fraction]"].tolist() == [0.095, 0.095]


@pytest.mark.parametrize("text", HOSTILE)
def test_that_no_text_becomes_a_formula_or_another_cell_in_csv(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(table(text)))))
    cells = rows[-1]
    assert len(cells) == 3
    assert cells[0].removeprefix("'") == text
    assert not cells[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    assert (cells[0] != text) == text.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_that_a_plan_name_cannot_break_out_of_its_comment() -> None:
    hostile = with_about(table("S21"), [("Plan", 'x,=cmd\n=1+1,"\r\n=2')])
    rows = list(csv.reader(io.StringIO(csv_text(hostile))))
    assert rows[1] == ["# Plan: x;=cmd =1+1;' =2"]


def test_that_negative_numbers_stay_numbers() -> None:
    found = sheet_of("T", ["N"], [[Measured(-1.5, "USD")], [Measured(math.nan, "USD")]])
    assert csv_text(found).splitlines()[-2:] == ["-1.5", ""]


@pytest.mark.parametrize("text", HOSTILE)
def test_that_the_clipboard_has_one_line_per_row_and_no_formulas(text: str) -> None:
    lines = tab_text(table(text), ",").splitlines()
    assert lines[0] == "Name\tNPV [USD/MW]\tIRR [fraction]"
    cells = lines[1].split("\t")
    assert cells[1:] == ["0,1", "0,095"]
    assert not cells[0].startswith(("=", "+", "-", "@"))
    assert lines[2] == ""
    assert lines[3:] == ["Uses: all", *(f"{name}: {words}" for name, words in (*ABOUT, UNITS_LINE))]


def test_that_the_html_has_exact_numbers_and_marked_texts() -> None:
    root = ElementTree.fromstring(
        html_text(table("<b>=1", "S21"), ",").replace("<br>", "<br/>").replace('"utf-8">', '"utf-8"/>')
    )
    cells = list(root.iter("td"))
    assert cells[0].text == "<b>=1"
    assert "mso-number-format:'\\@'" in cells[0].attrib["style"]
    assert cells[1].attrib["sdval"] == "0.1"
    assert cells[1].text == "0,1"


# --- XLSX ------------------------------------------------------------------------------------------------------------


def test_that_a_workbook_reads_back_numbers_texts_units_and_provenance() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([table(*HOSTILE)])))
    page = book["Uses  all"]
    rows = list(page.iter_rows())
    assert rows[0][0].value == "Uses: all"
    assert [tuple(c.value for c in row[:2]) for row in rows[1:5]] == [*ABOUT, UNITS_LINE]
    heads = [c.value for c in rows[6]]
    assert heads == ["Name", "NPV [USD/MW]", "IRR [fraction]"]
    assert page.freeze_panes == "B8"
    for row, text in zip(rows[7:], HOSTILE, strict=True):
        assert row[0].data_type != "f"
        assert row[0].value.replace("_x000D_", "\r") == text
        assert row[1].data_type == "n"
        assert row[2].value == 0.095


def test_that_text_like_a_formula_is_marked_as_text() -> None:
    data = xlsx_bytes([table("=1+1", "S21")])
    styles = zipfile.ZipFile(io.BytesIO(data)).read("xl/styles.xml").decode()
    assert styles.count('quotePrefix="1"') == 1
    book = openpyxl.load_workbook(io.BytesIO(data))
    formats = [row[0].number_format for row in list(book.active.iter_rows())[7:]]
    assert formats == ["@", "General"]


def test_that_sheets_have_names_that_a_spreadsheet_takes_each_its_own() -> None:
    titles = ["A/B: [1]*?", "a b   1", "x" * 60, "X" * 50, "", "'q'"]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([Sheet(t, (Column("N"),), ((1.0,),)) for t in titles])))
    assert len({name.lower() for name in book.sheetnames}) == len(titles)
    assert all(0 < len(name) <= LONGEST_NAME and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
    assert [page.cell(1, 1).value or "" for page in book] == titles


def test_that_numbers_are_shown_short_and_held_in_full() -> None:
    exact = 1_234_567.890123456
    rows = [[Measured(exact, "USD/MW"), Measured(0.0951234567, "fraction"), Measured(12.3456789, "USD/MWh")]]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([sheet_of("T", ["NPV", "IRR", "Price"], rows)])))
    cells = list(book.active.iter_rows())[-1]
    assert [c.value for c in cells] == [exact, 0.0951234567, 12.3456789]
    assert [c.number_format for c in cells] == ["#,##0", "0.0000", "#,##0.00"]


def test_that_the_same_table_gives_the_same_bytes() -> None:
    assert xlsx_bytes([table("S21")]) == xlsx_bytes([table("S21")])


# --- where it comes from ---------------------------------------------------------------------------------------------


def test_that_the_digest_changes_with_the_plan_and_names_the_scenario() -> None:
    from models.fields import replace

    plan = sample("briefing")
    lines = dict(provenance(plan, plan.scenarios[0].id, "Fleet", date(2026, 3, 24)))
    other = dict(provenance(replace(plan, "market.btc_price_usd", 1.0), "base", "Fleet", date(2026, 3, 24)))
    assert lines["Scenario"] == plan.scenarios[0].name
    assert lines["Plan digest"] != other["Plan digest"]
    assert lines["Exported"].startswith("2026-03-24 by Busbar ")
    assert lines["Market as of"] == "2026-03-21"
