from __future__ import annotations

import datetime
import io
import random
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.importers import import_table, parse_block, read_table
from models.importers.headings import is_credential, read_heading
from models.importers.tables import MAX_BYTES, MAX_COLUMNS, MAX_LINES, decoded, read_grids
from models.importers.values import CellError, month_in, number_in, word_in
from models.importers.workbooks import MAX_UNPACKED_RATIO
from models.plan import AiOffer
from models.problems import PlanFileError
from models.samples import sample
from models.storage.validity import problem_in

PLAIN = "Model,Qty,Hashrate (TH/s),Power (W)\nAntminer S21,100,200,3500\n"


def workbook(*sheets: tuple[str, list[list[Any]]], edit: Any = None) -> bytes:
    """An XLSX file of the given sheets, edited before it is saved."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    if edit:
        edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def imported(data: bytes | str, kind: str = "fleet", name: str = "file.csv", **options: Any) -> Any:
    raw = data if isinstance(data, bytes) else data.encode()
    return import_table(raw, name, sample("one-site"), kind, **options)


def only_lot(result: Any) -> tuple[str, int, float, float]:
    (lot,) = result.records
    return lot.model, lot.count, lot.hashrate_th_per_s, lot.power_w


def codes(result: Any) -> list[str]:
    return [f.code for f in result.findings]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_that_a_table_reads_alike_in_every_encoding_and_layout(encoding: str, delimiter: str, newline: str) -> None:
    text = PLAIN.replace("Antminer S21", "Größe S21").replace(",", delimiter).replace("\n", newline)
    assert only_lot(imported(text.encode(encoding))) == ("Größe S21", 100, 200.0, 3500.0)


def test_that_a_file_that_is_not_utf_8_says_how_it_was_read() -> None:
    assert "import.encoding" in codes(imported(PLAIN.replace("Antminer", "Größe").encode("cp1252")))
    assert decoded("95 €".encode("cp1252"), "x")[0] == "95 €"


def test_that_a_separator_line_of_excel_is_followed() -> None:
    assert only_lot(imported("sep=|\n" + PLAIN.replace(",", "|")))[1] == 100


def test_that_titles_above_the_headings_are_passed_over() -> None:
    text = "Fleet report,,,\nAcme Mining,2026-03-31,,\n\n" + PLAIN
    table = read_table(text.encode(), "x.csv", "fleet")
    assert (table.heading_line, table.headings[0]) == (4, "Model")
    assert only_lot(imported(text))[0] == "Antminer S21"


def test_that_a_line_of_units_below_the_headings_is_joined_to_them() -> None:
    result = imported("Model,Qty,Hashrate,Power\n,,PH/s,kW\nAntminer S21,100,0.2,3.5\n")
    assert only_lot(result) == ("Antminer S21", 100, 200.0, 3500.0)


def test_that_quoted_cells_keep_delimiters_and_line_breaks() -> None:
    text = 'Model,Qty,"Hashrate\n(TH/s)",Power (W)\n"Antminer S21, ""new""",100,200,3500\n'
    assert only_lot(imported(text))[0] == 'Antminer S21, "new"'


@pytest.mark.parametrize(
    ("count", "power", "expected"),
    [
        ("1.000", "3,5", (1000, 3500.0)),
        ("1.000", "3,25", (1000, 3250.0)),
        ("12.500", "3,5", (12_500, 3500.0)),
        ("1 000", "3,5", (1000, 3500.0)),
    ],
)
def test_that_a_decimal_comma_is_found_out_from_the_whole_file(count: str, power: str, expected: Any) -> None:
    result = imported(f"Model;Qty;Hashrate (TH/s);Power (kW)\nAntminer S21;{count};200;{power}\n")
    assert (only_lot(result)[1], only_lot(result)[3]) == expected
    assert "import.decimal" in codes(result)


def test_that_thousands_with_commas_are_read_in_english_files() -> None:
    assert only_lot(imported('Model,Qty,Hashrate (TH/s),Power (W)\nS21,"12,500",200.5,"3,500"\n')) == (
        "S21",
        12_500,
        200.5,
        3500.0,
    )


@pytest.mark.parametrize("delimiter", ["\t", "|"])
def test_that_a_thousand_which_was_read_as_one_is_pointed_out_whatever_cuts_the_cells(delimiter: str) -> None:
    text = "Model;Qty;Hashrate (TH/s);Power (W)\nX;1.000;200;3.500\n".replace(";", delimiter)
    result = imported(text)
    assert only_lot(result) == ("X", 1, 200.0, 3.5)
    (doubt,) = [f.message for f in result.findings if f.code == "import.decimal_unclear"]
    assert doubt.startswith("“1.000” was read as 1; if 1,000 is meant, choose the comma as the decimal mark")
    assert only_lot(imported(text, decimal=",")) == ("X", 1000, 200.0, 3500.0)


def test_that_a_number_that_can_be_read_twice_is_pointed_out() -> None:
    text = "Model;Qty;Hashrate (TH/s);Power (W)\nS21;1.234;200;3500\n"
    result = imported(text)
    assert only_lot(result)[1] == 1234
    assert "import.decimal_unclear" in codes(result)
    (doubt,) = [f.message for f in result.findings if f.code == "import.decimal_unclear"]
    assert doubt.startswith("“1.234” was read as 1,234; if 1.234 is meant, choose the point as the decimal mark")
    told = imported(text.replace("1.234", "100").replace("200", "200.5"), decimal=".")
    assert "import.decimal_unclear" not in codes(told)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "cp1252"])
def test_that_every_usual_encoding_is_read(encoding: str) -> None:
    text = "Model\tQty\tHashrate (TH/s)\tPower (W)\tNote\nAntminer S21\t100\t200\t3500\tbärenstark\n"
    assert only_lot(imported(text.encode(encoding))) == ("Antminer S21", 100, 200.0, 3500.0)


def test_that_totals_and_repeated_headings_are_not_machines() -> None:
    text = PLAIN + "Model,Qty,Hashrate (TH/s),Power (W)\nAntminer S21 Pro,50,234,3510\nTotal,150,,\n,150,,\n"
    result = imported(text)
    assert [lot.count for lot in result.records] == [100, 50]
    assert "import.total_skipped" in codes(result)


def test_that_merged_sites_hold_for_the_lines_below() -> None:
    result = import_table(
        b'Site,Model,Qty\n"Mesa Verde, Texas",S21,10\n,S21 XP,20\nNorth Falls,S21,30\n',
        "x.csv",
        sample("three-sites"),
        "fleet",
    )
    assert [lot.site_id for lot in result.records] == ["s1", "s1", "s3"]
    assert {"import.site_from_above", "import.site_understood"} <= set(codes(result))


def test_that_a_repeated_heading_is_named_and_the_first_used() -> None:
    result = imported("Model,Qty,Hashrate (TH/s),Power (W),Power (W)\nS21,10,200,3500,9999\n")
    assert only_lot(result)[3] == 3500.0
    assert "import.column_repeated" in codes(result)


@pytest.mark.parametrize(
    ("data", "part"),
    [
        (b"", "is empty"),
        (b"\n\n  \n", "is empty"),
        (b",,,\n", "is empty"),
        (b";\n;;\n", "is empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "password"),
        (b"SQLite format 3\x00" + b"\0" * 50, "database"),
        (b"<html><table><tr><td>Model</td></tr></table>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xfe\x00\x01binary", "not a text file"),
        (bytes((n * n * 31 + n * 7919) % 255 + 1 for n in range(3000)), "not a text file"),
        (b"Model,Qty\x00\x01\x02\xff\xfe,\x00\x00,3", "not a text file"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"Model,Qty\n", "no lines below"),
        (("Model" + ",x" * (MAX_COLUMNS + 1) + "\n").encode(), "columns"),
        (b"Model,Qty\n" + b"S21,1\n" * (MAX_LINES + 1), "lines"),
    ],
)
def test_that_a_file_that_is_no_table_is_refused_in_one_sentence(data: bytes, part: str) -> None:
    with pytest.raises(PlanFileError) as caught:
        imported(data)
    assert part in str(caught.value)
    assert "file.csv" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("part", [".", "1.", " 1", "e", "("])
def test_that_a_cell_without_end_is_read_in_reasonable_time(part: str) -> None:
    cell = (part * 100_000)[:100_000]
    began = time.perf_counter()
    result = imported(f"Model,Qty,Note\nS21,7,ok\nS21,{cell},{cell}\n".encode())
    market = import_table(f"{cell},1\nDifficulty,140T\n".encode(), "m.csv", sample("one-site"), "market")
    assert time.perf_counter() - began < 5.0
    assert only_lot(result)[:2] == ("S21", 7)
    assert market.plan.market.difficulty == 1.4e14


def test_that_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanFileError, match="no such file"):
        read_grids(tmp_path / "absent.csv")
    with pytest.raises(PlanFileError, match="folder"):
        read_grids(tmp_path)
    with open(tmp_path / "large.csv", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(PlanFileError, match="larger than 64 MB, more than Busbar reads of its kind"):
        read_grids(tmp_path / "large.csv")


# Workbooks


def test_that_numbers_dates_and_percents_of_a_workbook_keep_their_meaning() -> None:
    def edit(book: Any) -> None:
        book["Deals"]["E2"].number_format = "0.0%"

    rows = [
        ["Offer", "IT MW", "Rent ($/kW-month)", "First rent", "Escalator", "Term (months)"],
        ["Big", 10, 128.5, datetime.date(2027, 4, 15), 0.03, 180],
    ]
    (offer,) = imported(workbook(("Deals", rows), edit=edit), "offers", "deals.xlsx").records
    assert isinstance(offer, AiOffer)
    assert (offer.rent_usd_per_it_kw_month, offer.first_rent_month) == (128.5, "2027-04")
    assert (offer.escalator_fraction_per_year, offer.term_months) == (0.03, 180)


def test_that_the_last_moment_of_all_days_is_read_as_any_other() -> None:
    moments = [datetime.datetime(9999, 12, 31, 23, 59, 59, 997_000), datetime.datetime(2026, 1, 1, 9, 59, 59, 997_000)]
    (grid,) = read_grids(workbook(("Fleet", [["Model", "Until", "Since"], ["S21", *moments]])), "fleet.xlsx")
    assert grid.lines[1].cells == ("S21", "9999-12-31 23:59:59", "2026-01-01 10:00:00")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e999"])
def test_that_a_number_beyond_all_bounds_in_a_workbook_is_a_bad_cell(number: str) -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7], ["S21", 8]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v>8</v>", b"<v>" + number.encode() + b"</v>")
    result = imported(zipped(parts), name="fleet.xlsx")
    assert only_lot(result)[1] == 7
    assert next(f.path for f in result.findings if f.code == "import.line") == "line 3, column 2 (Qty)"


def test_that_the_sheet_that_fits_is_found_and_the_others_are_named() -> None:
    data = workbook(
        ("Read me", [["This workbook lists machines"], ["ask Jo"]]),
        ("Fleet", [["Inventory"], [], ["Model", "Qty", "Hashrate (TH/s)", "Power (W)"], ["S21", 7, 200, 3500]]),
        ("Empty", []),
    )
    result = imported(data, name="fleet.xlsx")
    assert only_lot(result) == ("S21", 7, 200.0, 3500.0)
    assert "“Read me”" in next(f.message for f in result.findings if f.code == "import.sheet")
    with pytest.raises(PlanFileError, match="no sheet 'Gone'"):
        imported(data, name="fleet.xlsx", sheet="Gone")


def test_that_lines_count_as_the_workbook_numbers_them() -> None:
    rows: list[list[Any]] = [["Model", "Qty"], [], ["S21", 7], ["S21", "many"]]
    result = imported(workbook(("Fleet", rows)), name="fleet.xlsx")
    assert next(f.path for f in result.findings if f.code == "import.line") == "line 4, column 2 (Qty)"


def test_that_a_formula_without_its_value_is_said_and_its_line_left_out() -> None:
    rows = [["Model", "Qty"], ["S21", 7], ["S21 XP", "=3+4"]]
    result = imported(workbook(("Fleet", rows)), name="fleet.xlsx")
    assert len(result.records) == 1
    assert "import.formula_without_value" in codes(result)
    assert "save it, and import again" in next(f.message for f in result.findings if f.code == "import.line")


def test_that_a_merged_block_and_empty_rows_are_read() -> None:
    def edit(book: Any) -> None:
        book["Fleet"].merge_cells("A2:A3")

    rows: list[list[Any]] = [
        ["Site", "Model", "Qty"],
        ["Cedar Bend", "S21", 7],
        [None, "S21 XP", 8],
        [],
        [None, "S19j XP", 9],
    ]
    result = imported(workbook(("Fleet", rows), edit=edit), name="fleet.xlsx")
    assert [lot.count for lot in result.records] == [7, 8, 9]


def zipped(parts: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_that_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    data = zipped({"[Content_Types].xml": b"<x/>", "xl/worksheets/sheet1.xml": b"\0" * 40_000_000})
    assert len(data) * MAX_UNPACKED_RATIO < 40_000_000
    with pytest.raises(PlanFileError, match="unpacks to 40 MB"):
        imported(data, name="bomb.xlsx")


def test_that_xml_with_entities_is_refused() -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts["xl/sharedStrings.xml"] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    with pytest.raises(PlanFileError, match="no spreadsheet writes"):
        imported(zipped(parts), name="entities.xlsx")


def entity_in(before: str, encoding: str) -> bytes:
    """Shared strings in which an entity says what the cells do not show."""
    return f'<?xml version="1.0"?>{before}<!DOCTYPE x [<!ENTITY a "777">]><x>&a;</x>'.encode(encoding)


@pytest.mark.parametrize(("before", "encoding"), [("", "utf-16"), ("<!--" + "-x" * 2_000_000 + " -->", "utf-8")])
def test_that_entities_are_found_in_every_encoding_and_place(before: str, encoding: str) -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts["xl/sharedStrings.xml"] = entity_in(before, encoding)
    with pytest.raises(PlanFileError, match="no spreadsheet writes"):
        imported(zipped(parts), name="entities.xlsx")


def test_that_a_workbook_packed_in_an_unusual_way_or_with_wrong_places_is_refused() -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    packed = bytearray(zipped(parts, zipfile.ZIP_LZMA))
    packed[60:90] = b"\xff" * 30
    with pytest.raises(PlanFileError, match="unusual way"):
        imported(bytes(packed), name="fleet.xlsx")
    directory = int.from_bytes(good[-6:-2], "little") + 9
    with pytest.raises(PlanFileError, match="damaged"):
        imported(good[:-6] + directory.to_bytes(4, "little") + good[-2:], name="fleet.xlsx")


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9, 0.99])
def test_that_a_cut_workbook_is_refused(keep: float) -> None:
    good = workbook(("Fleet", [["Model", "Qty"], *([["S21", 7]] * 50)]))
    with pytest.raises(PlanFileError, match="damaged"):
        imported(good[: int(len(good) * keep)], name="cut.xlsx")


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_that_a_workbook_with_a_broken_part_is_refused(part: str) -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts[part] = parts[part][: len(parts[part]) // 2]
    with pytest.raises(PlanFileError, match="damaged"):
        imported(zipped(parts), name="broken.xlsx")


def test_that_what_openpyxl_merely_warns_of_does_not_stop_an_import() -> None:
    good = workbook(("Fleet", [["Model", "Qty"], ["S21", 7]]))
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    styles = parts["xl/styles.xml"]
    parts["xl/styles.xml"] = re.sub(rb"<cellStyles.*?</cellStyles>", b"", styles)
    assert parts["xl/styles.xml"] != styles
    assert only_lot(imported(zipped(parts), name="plain.xlsx"))[:2] == ("S21", 7)


def test_that_mutilated_files_are_read_or_refused_and_nothing_else() -> None:
    draw = random.Random(7)
    good = workbook(
        ("Fleet", [["Model", "Qty", "Date"], *([["S21", 7, datetime.date(2026, 1, 1)]] * 5), ["T21", "=1+2"]])
    )
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    outcomes = set()
    for _ in range(150):
        name = draw.choice(list(parts))
        content = bytearray(parts[name])
        for _ in range(draw.choice((1, 2, 20))):
            place = draw.randrange(len(content))
            content[place : place + draw.randrange(0, 20)] = bytes([draw.randrange(256)])
        try:
            outcomes.add(bool(imported(zipped({**parts, name: bytes(content)}), name="x.xlsx").records))
        except PlanFileError as error:
            outcomes.add(error.what[:10])
    assert True in outcomes
    assert len(outcomes) > 1


@given(
    st.text(alphabet='Model;Qty,\n\t|"0123456789.=+-%€ TH/skW', max_size=300),
    st.sampled_from(["fleet", "contracts", "offers", "market"]),
)
def test_that_any_text_is_read_or_refused_and_nothing_else(text: str, kind: str) -> None:
    data = f"Model;Qty;Price;Hashrate (TH/s);IT MW;Rent\n{text}\n".encode()
    plan = sample("one-site")
    try:
        result = import_table(data, "x.csv", plan, kind)
    except PlanFileError:
        return
    assert problem_in(result.plan) is None
    assert len(result.added) + len(result.updated) == len(result.records)


def test_that_other_archives_are_refused_by_what_they_are() -> None:
    with pytest.raises(PlanFileError, match="without sheets"):
        imported(zipped({"letter.txt": b"hello"}), name="letter.zip")
    with pytest.raises(PlanFileError, match="not an Excel workbook"):
        imported(zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), name="x.ods")


# Cells


@pytest.mark.parametrize(
    ("cell", "unit", "heading_unit", "value"),
    [
        ("3.5", "W", "kW", 3500.0),
        ("3.5 kW", "W", "", 3500.0),
        ("0.0452", "USD/MWh", "$/kWh", 45.2),
        ("4.5c/kWh", "USD/MWh", "$/kWh", 45.0),
        ("95.2 TH/s", "TH/s", "", 95.2),
        ("95.2T", "TH/s", "", 95.2),
        ("13850 GH/s", "TH/s", "", 13.85),
        ("95200000", "TH/s", "MH/s", 95.2),
        (0.2, "TH/s", "PH/s", 200.0),
        ("95%", "fraction", "", 0.95),
        ("95", "fraction", "%", 0.95),
        (0.95, "fraction", "", 0.95),
        ("15 years", "months", "", 180.0),
        ("15", "months", "years", 180.0),
        ("1,536", "USD/IT kW-month", "$/kW-year", 128.0),
    ],
)
def test_that_a_number_is_converted_from_its_own_or_its_headings_unit(
    cell: Any, unit: str, heading_unit: str, value: float
) -> None:
    usual = (0.85, 1.0) if unit == "fraction" else (None, None)
    assert number_in(cell, unit, heading_unit, usual=usual).value == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("cell", "usual", "value", "doubtful"),
    [
        ("95", (0.85, 1.0), 0.95, False),
        ("0.95", (0.85, 1.0), 0.95, False),
        ("1", (0.85, 1.0), 1.0, False),
        ("0.5", (0.0, 0.04), 0.005, False),
        ("0.15", (0.0, 0.25), 0.15, True),
        (0.15, (0.0, 0.25), 0.15, True),
        ("15", (0.0, 0.25), 0.15, False),
        ("0", (0.0, 0.25), 0.0, False),
    ],
)
def test_that_per_cents_and_fractions_are_told_apart_by_what_is_usual(
    cell: Any, usual: tuple[float, float], value: float, doubtful: bool
) -> None:
    reading = number_in(cell, "fraction", usual=usual)
    assert (reading.value, bool(reading.echo)) == (pytest.approx(value, rel=1e-14), doubtful)


@pytest.mark.parametrize("cell", ["abc", "#N/A", "=A1*2", "12 apples", "€45", "1.2.3"])
def test_that_a_cell_without_a_number_says_why(cell: str) -> None:
    with pytest.raises(CellError):
        number_in(cell, "USD/MWh")


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2027-04", "2027-04"),
        ("2027/4", "2027-04"),
        ("2027-04-15T00:00:00", "2027-04"),
        ("April 2027", "2027-04"),
        ("15 Apr 2027", "2027-04"),
        ("Dez 2027", "2027-12"),
        ("12/31/2027", "2027-12"),
        ("31/12/2027", "2027-12"),
        ("Q2 2027", "2027-06"),
        ("2027 Q4", "2027-12"),
    ],
)
def test_that_months_are_read_in_the_usual_spellings(text: str, month: str) -> None:
    assert month_in(text) == month


@pytest.mark.parametrize("text", ["04/05/2027", "soon", "2027-13", "0027-04", "April", "15"])
def test_that_a_month_that_cannot_be_known_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="write it as"):
        month_in(text)


def test_that_choices_take_their_usual_words() -> None:
    from models.fields import Choice, field_of

    kind = field_of(AiOffer, "kind").spec
    payer = field_of(AiOffer, "power_paid_by").spec
    assert isinstance(kind, Choice)
    assert isinstance(payer, Choice)
    assert [word_in(t, kind) for t in ("NNN lease", "Colocation", "GPU cloud", "own GPUs")] == [
        "lease",
        "lease",
        "gpu_cloud",
        "gpu_cloud",
    ]
    assert [word_in(t, payer) for t in ("pass-through", "Landlord")] == ["tenant", "operator"]
    with pytest.raises(CellError, match="none of lease, gpu_cloud"):
        word_in("barter", kind)


# Headings


@pytest.mark.parametrize(
    ("kind", "heading", "field", "unit"),
    [
        ("fleet", "Hashrate (TH/s)", "hashrate_th_per_s", "TH/s"),
        ("fleet", "Power [kW]", "power_w", "kW"),
        ("fleet", "power_kw", "power_w", "kw"),
        ("fleet", "J/TH", "efficiency_j_per_th", ""),
        ("fleet", "MHS av", "hashrate_th_per_s", "MH/s"),
        ("fleet", "Price ($/TH)", "price_usd_per_th", "$/TH"),
        ("fleet", "# of miners", "count", ""),
        ("fleet", "Working Mode", None, ""),
        ("contracts", "Price $/kWh", "energy_price_usd_per_mwh", "$/kWh"),
        ("contracts", "Energy Price, USD/MWh", "energy_price_usd_per_mwh", "USD/MWh"),
        ("contracts", "Volume (MW)", "contracted_mw", "MW"),
        ("offers", "Rent $/kW/yr", "rent_usd_per_it_kw_month", "$/kW/yr"),
        ("offers", "Term (years)", "term_months", "years"),
        ("offers", "Gross kW", "gross_mw", "kW"),
    ],
)
def test_that_a_heading_names_its_input_and_unit(kind: str, heading: str, field: str | None, unit: str) -> None:
    found = read_heading(kind, heading)
    assert (found.field, found.unit) == (field, unit)


def test_that_every_field_is_known_by_its_own_name_and_label() -> None:
    from models.fields import fields_of
    from models.importers.headings import TABLE_OF_KIND
    from models.plan import RECORD_TYPES

    for kind, table in TABLE_OF_KIND.items():
        for field in fields_of(RECORD_TYPES[table]):
            wanted = field.name.removesuffix("_id") if field.name in ("site_id", "use_id") else field.name
            assert read_heading(kind, field.name).field == wanted, field.name


@pytest.mark.parametrize(
    "heading",
    ["Pool 1", "Worker 2", " pool_3_pass", "Password", "Username", "API key", "Wallet", "Stratum URL", "poolUrl"],
)
def test_that_credentials_are_recognised(heading: str) -> None:
    assert is_credential(heading)
    assert read_heading("fleet", heading).field is None


@pytest.mark.parametrize("heading", ["Pool fee", "Power pass-through", "Model", "Hashrate", "Used"])
def test_that_harmless_headings_are_no_credentials(heading: str) -> None:
    assert not is_credential(heading)


# Clipboard


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("", []),
        ("5", [["5"]]),
        ("a\tb\r\nc\td\r\n", [["a", "b"], ["c", "d"]]),
        ("a\t\n\tb", [["a", ""], ["", "b"]]),
        ('x\t"two\nlines"\ty\n1\t2\t3', [["x", "two\nlines", "y"], ["1", "2", "3"]]),
        ('"say ""hi"""\t1', [['say "hi"', "1"]]),
        ('5" fan\t1', [['5" fan', "1"]]),
        ('"large" unit\t1', [['"large" unit', "1"]]),
        ('"open\t1', [['"open', "1"]]),
        ("a\n\nb\n", [["a"], [""], ["b"]]),
        ("1,5\t\t", [["1,5", "", ""]]),
    ],
)
def test_that_a_pasted_block_is_cut_as_the_spreadsheet_meant_it(text: str, rows: list[list[str]]) -> None:
    assert parse_block(text) == rows


def test_that_a_bare_w_heads_a_column_of_watts() -> None:
    heading = read_heading("fleet", "W")
    assert (heading.field, heading.unit) == ("power_w", "W")


def test_that_findings_stand_in_the_order_of_the_lines() -> None:
    from models.importers.results import in_line_order
    from models.problems import Finding, Severity

    def at(path: str, message: str = "x") -> Finding:
        return Finding("import.line", Severity.WARNING, path, message)

    last, tenth, second, whole = at("asic_lots.a1"), at("line 10, column 3"), at("asic_lots.a2", "Line 2: odd."), at("")
    assert in_line_order([last, tenth, second, whole]) == [whole, second, tenth, last]
