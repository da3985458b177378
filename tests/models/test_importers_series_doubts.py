"""What an import of a series asks, says, and refuses, each with its place."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest

from models.importers.series import (
    METER,
    SeriesImport,
    SeriesOptions,
    import_series,
    kind_of_series,
    with_option,
    with_series,
)
from models.problems import PlanFileError
from models.samples import sample
from models.storage.validity import problem_in
from tests.hourly_files import CENTRAL, EASTERN, csv, ercot_day_ahead, green_button, hourly, nyiso, packed, readings

HEADING = "Date,Hour Ending,Price ($/MWh)"


def day(number: int = 5, month: int = 1) -> list[str]:
    return [f"2024-{month:02d}-{number:02d},{hour},{hour}.5" for hour in range(1, 25)]


def asked(found: SeriesImport) -> dict[str, str]:
    return {question.key: question.assumed for question in found.questions}


def messages(found: SeriesImport, code: str) -> list[str]:
    return [finding.message for finding in found.findings if finding.code == f"import.{code}"]


# What it asks


def test_that_a_file_that_names_no_zone_asks_for_it() -> None:
    found = import_series(csv(HEADING, day()), "x.csv")
    assert asked(found) == {"time_zone": "America/Chicago"}
    answered = import_series(csv(HEADING, day()), "x.csv", options=SeriesOptions(time_zone="-05:00"))
    assert answered.questions == ()
    assert answered.first is not None
    assert answered.first.isoformat() == "2024-01-05T00:00:00-05:00"


def test_that_days_and_months_that_can_be_exchanged_are_asked_for() -> None:
    lines = [f"03/04/2024,{hour},1.5" for hour in range(1, 25)]
    told = SeriesOptions(time_zone="UTC")
    found = import_series(csv(HEADING, lines), "x.csv", options=told)
    assert asked(found) == {"date_order": "mdy"}
    assert found.first is not None
    assert found.first.month == 3
    other = import_series(csv(HEADING, lines), "x.csv", options=SeriesOptions(time_zone="UTC", date_order="dmy"))
    assert other.first is not None
    assert other.first.month == 4


@pytest.mark.parametrize(("form", "months"), [("%d/%m/%Y", {3}), ("%m/%d/%Y", {3})])
def test_that_days_in_a_row_tell_the_order(form: str, months: set[int]) -> None:
    read = readings("2024-03-01", 5)
    lines = [f"{m.astimezone(CENTRAL):{form}},{m.astimezone(CENTRAL).hour + 1},{p}" for m, p in read]
    found = import_series(csv(HEADING, lines), "x.csv", options=SeriesOptions(time_zone="America/Chicago"))
    assert found.questions == ()
    assert np.array_equal(found.series.values if found.series else [], hourly(read))


def test_that_the_clock_is_asked_for_where_nothing_tells_it() -> None:
    lines = [f"2024-01-05 {hour:02d}:00,{hour}" for hour in range(6, 20)]
    told = SeriesOptions(time_zone="UTC")
    found = import_series(csv("Time,Price $/MWh", lines), "x.csv", options=told)
    assert asked(found) == {"clock": "beginning"}
    ending = import_series(csv("Time,Price $/MWh", lines), "x.csv", options=SeriesOptions("UTC", "ending"))
    assert found.series is not None
    assert ending.series is not None
    assert (found.series.first_hour_utc, ending.series.first_hour_utc) == ("2024-01-05T06:00Z", "2024-01-05T05:00Z")


@pytest.mark.parametrize(("hours", "clock"), [(range(0, 24), "beginning"), (range(1, 25), "ending")])
def test_that_whole_days_tell_the_clock(hours: range, clock: str) -> None:
    lines = [f"2024-01-{5 + hour // 24:02d} {hour % 24:02d}:00,{hour}" for hour in hours]
    found = import_series(csv("Time,Price $/MWh", lines), "x.csv", options=SeriesOptions("America/Chicago"))
    assert (found.questions, found.clock) == ((), clock)
    assert found.first is not None
    assert found.first.isoformat() == "2024-01-05T00:00:00-06:00"


def test_that_several_hubs_are_never_mixed() -> None:
    read = readings("2024-01-05", 2)
    lines = ercot_day_ahead(read).decode().splitlines()
    other = [line.replace("HB_NORTH", "LZ_WEST").replace(", ", ", 9") for line in lines[1:]]
    mixed = [line for pair in zip(lines[1:], other, strict=True) for line in pair]
    found = import_series(csv(lines[0], mixed), "x.csv")
    assert set(asked(found)) == {"location"}
    chosen = import_series(csv(lines[0], mixed), "x.csv", options=SeriesOptions(location="hb_north"))
    assert (chosen.location, chosen.rows, chosen.readings, chosen.questions) == ("HB_NORTH", 96, 48, ())
    assert np.array_equal(chosen.series.values if chosen.series else [], hourly(read))
    with pytest.raises(PlanFileError, match=r"no location 'HB_X'.*HB_NORTH, LZ_WEST"):
        import_series(csv(lines[0], mixed), "x.csv", options=SeriesOptions(location="HB_X"))


def test_that_a_year_of_24_hours_a_day_is_asked_about() -> None:
    lines = [f"2024-03-{d:02d},{hour},{d}.25" for d in (9, 10, 11) for hour in range(1, 25)]
    told = SeriesOptions(time_zone="America/Chicago")
    found = import_series(csv(HEADING, lines), "x.csv", options=told)
    assert asked(found) == {"calendar": "local"}
    assert found.series is not None
    assert (len(found.series), found.gaps) == (71, 0)
    assert "line 28" in messages(found, "skipped_hour")[0]
    fixed = import_series(csv(HEADING, lines), "x.csv", options=SeriesOptions("America/Chicago", calendar="standard"))
    assert fixed.series is not None
    assert (len(fixed.series), fixed.gaps, fixed.questions) == (72, 0, ())


def test_that_the_hour_that_a_filled_year_lacks_is_a_gap() -> None:
    lines = [f"2024-11-{d:02d},{hour},{d}.25" for d in (2, 3, 4) for hour in range(1, 25)]
    found = import_series(csv(HEADING, lines), "x.csv", options=SeriesOptions(time_zone="America/Chicago"))
    assert asked(found) == {"calendar": "local"}
    assert found.gaps == 1
    assert "2024-11-03 01:00 to 2024-11-03 02:00" in messages(found, "gap")[0]


@pytest.mark.parametrize(("scale", "unit"), [(0.001, "USD/kWh"), (0.1, "cent/kWh"), (1.0, "USD/MWh")])
def test_that_an_unnamed_unit_is_guessed_and_asked_for(scale: float, unit: str) -> None:
    lines = [f"2024-01-05,{hour},{(20 + 2 * hour) * scale:.5f}" for hour in range(1, 25)]
    found = import_series(csv("Date,Hour Ending,Price", lines), "x.csv", options=SeriesOptions(time_zone="UTC"))
    assert asked(found) == {"unit": unit}
    assert found.mean == pytest.approx(45.0)


def test_that_a_meter_without_unit_asks_for_it() -> None:
    found = import_series(csv("Date,Hour Ending,Reading", day()), "x.csv", METER, SeriesOptions(time_zone="UTC"))
    assert asked(found) == {"unit": "kWh"}


def test_that_an_unclear_decimal_mark_is_asked_for() -> None:
    lines = [f"2024-01-05;{hour};1,{hour:03d}" for hour in range(1, 25)]
    found = import_series(csv(HEADING.replace(",", ";"), lines), "x.csv", options=SeriesOptions(time_zone="UTC"))
    assert asked(found) == {"decimal": ","}
    assert found.maximum == 1.024
    point = import_series(
        csv(HEADING.replace(",", ";"), lines), "x.csv", options=SeriesOptions(time_zone="UTC", decimal=".")
    )
    assert point.maximum == 1024


def test_that_an_unknown_layout_gets_a_mapping_and_no_error() -> None:
    lines = [f"d{hour},{hour}h,x{hour}" for hour in range(24)]
    found = import_series(csv("foo,bar,baz", lines), "x.csv")
    assert found.series is None
    assert [(c.heading, c.role) for c in found.columns] == [("foo", ""), ("bar", ""), ("baz", "")]
    assert found.columns[2].samples[0] == "x0"


@pytest.mark.parametrize("months", [["2024-01", "2024-02", "2024-03"], ["Jan 2024", "Feb 2024", "Mar 2024"]])
def test_that_monthly_averages_are_sent_to_the_monthly_table(months: list[str]) -> None:
    lines = [f"{month},{30 + k}.5" for k, month in enumerate(months)]
    found = import_series(csv("Month,Price ($/MWh)", lines), "x.csv")
    assert found.series is None
    assert "Enter them as a monthly table" in messages(found, "columns")[0]


def test_that_a_node_with_a_number_is_no_month() -> None:
    found = import_series(csv("Point,Price ($/MWh)", ["Node 12,30.5", "Node 13,31.5"]), "x.csv")
    assert messages(found, "columns")[0].startswith("The columns are not all understood")


def test_that_columns_can_be_told() -> None:
    lines = [f"{hour * 3},{hour},2024-01-05,{hour * 7}.5" for hour in range(1, 25)]
    data = csv("alpha,beta,gamma,delta", lines)
    told = SeriesOptions("UTC", unit="USD/MWh")
    for text in ("role.3=date", "role.2=hour", "role.4=value"):
        told = with_option(told, text)
    found = import_series(data, "x.csv", options=told)
    assert np.array_equal(found.series.values if found.series else [], np.arange(1, 25) * 7 + 0.5)


@pytest.mark.parametrize("text", ["clock=late", "zone=UTC", "clock", "role.0=date", "role.2=price"])
def test_that_a_wrong_option_is_answered_with_what_there_is(text: str) -> None:
    with pytest.raises(PlanFileError, match="option"):
        with_option(SeriesOptions(), text)


@pytest.mark.parametrize("zone", ["Nowhere", "UTC+99:99", "+99", "UTC+01:75", "-14:01", "Mars; perhaps"])
def test_that_a_zone_which_does_not_exist_is_refused_before_a_file_is_read_and_quoted_as_typed(zone: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        with_option(SeriesOptions(), f"time_zone={zone}")
    assert refused.value.what == f"there is no time zone {zone!r}"
    assert refused.value.remedy == "name one as America/Chicago or UTC-06:00"
    assert "option" in refused.value.where


@pytest.mark.parametrize("zone", ["America/Chicago", "UTC", "-06:00", "+5:30", "UTC+14:00", "EST"])
def test_that_a_zone_is_kept_as_it_was_typed(zone: str) -> None:
    assert with_option(SeriesOptions(), f"time_zone={zone}").time_zone == zone


def test_that_a_wrong_zone_is_answered_in_a_sentence() -> None:
    with pytest.raises(PlanFileError, match=r"no time zone .*America/Chicago"):
        import_series(csv(HEADING, day()), "x.csv", options=SeriesOptions(time_zone="Texas"))


# What it says


def test_that_gaps_are_counted_and_named() -> None:
    read = readings("2024-01-05", 3)
    data = ercot_day_ahead([*read[:10], *read[13:40], *read[41:]])
    found = import_series(data, "x.csv")
    assert found.gaps == 4
    assert np.flatnonzero(np.isnan(found.series.values if found.series else [])).tolist() == [10, 11, 12, 40]
    (message,) = messages(found, "gap")
    assert "2024-01-05 10:00 to 2024-01-05 13:00, 2024-01-06 16:00 to 2024-01-06 17:00" in message


def test_that_an_empty_cell_is_a_gap() -> None:
    lines = day()
    lines[4] = lines[4].replace("5.5", "")
    lines[5] = lines[5].replace("6.5", "N/A")
    found = import_series(csv(HEADING, lines), "ercot.csv")
    assert (found.gaps, found.rows, found.readings) == (2, 24, 22)


def test_that_the_first_of_duplicates_is_kept() -> None:
    lines = [*day(), "2024-01-05,7,99.0", "2024-01-05,8,8.5"]
    found = import_series(csv(HEADING, lines), "ercot.csv")
    assert (found.rows, found.duplicates, found.maximum) == (26, 2, 24.5)
    (message,) = messages(found, "duplicate")
    assert "2024-01-05 06:00, 2024-01-05 07:00" in message
    assert "1 of the later ones differ" in message


def test_that_the_repeated_hour_is_no_duplicate_and_a_third_one_is() -> None:
    read = readings("2024-11-03", 1, EASTERN)
    data = nyiso([*read, read[1]])
    found = import_series(data, "x.csv")
    assert (found.repeated_hours, found.duplicates, found.gaps) == (1, 1, 0)


def test_that_what_lies_far_off_is_kept_and_named() -> None:
    lines = day()
    lines[9] = "2024-01-05,10,8765.43"
    found = import_series(csv(HEADING, lines), "ercot.csv")
    assert found.outliers == 1
    assert found.maximum == 8765.43
    assert "8,765.43 USD/MWh at 2024-01-05 09:00" in messages(found, "outlier")[0]


def test_that_sums_below_the_table_are_no_data() -> None:
    found = import_series(csv(HEADING, [*day(), "Average,,12.5", ",,"]), "ercot.csv")
    assert (found.rows, found.gaps) == (24, 0)
    assert "line 26" in messages(found, "no_data")[0]


@pytest.mark.parametrize(
    ("line", "cells", "place", "what"),
    [
        (7, "2024-01-05,6,abc", "Line 7, column 3 (Price ($/MWh)): “abc” is not a number", "value"),
        (7, "2024-01-05,6,1_000", "Line 7, column 3 (Price ($/MWh)): “1_000” is not a number", "underscore"),
        (7, "2024-01-05,6,inf", "Line 7, column 3 (Price ($/MWh)): “inf” is not a number", "infinite"),
        (7, '2024-01-05,6,"1,5"', "Line 7, column 3 (Price ($/MWh)): “1,5” is not a number", "grouping"),
        (9, "2024-02-30,8,1", "Line 9, column 1 (Date): “2024-02-30” is not a date", "day"),
        (9, "2024-01-05,27,1", "Line 9, column 2 (Hour Ending): “27” is not an hour", "hour"),
    ],
)
def test_that_a_wrong_cell_is_named_by_line_and_column(line: int, cells: str, place: str, what: str) -> None:
    lines = [*day(5), *day(6)]
    lines[line - 2] = cells
    found = import_series(csv(HEADING, lines), "ercot.csv", options=SeriesOptions(decimal="."))
    (message,) = messages(found, "line")
    assert message == f"{place}; the line was left out."
    assert found.gaps == 1


def test_that_a_line_of_a_preamble_and_blank_lines_count() -> None:
    data = ("Prices of ERCOT\n\n" + csv(HEADING, day()).decode() + "\n2024-01-06,1,oops\n").encode()
    found = import_series(data, "x.csv")
    assert messages(found, "line")[0].startswith("Line 29, column 3")


def test_that_the_sheet_of_a_wrong_cell_is_named() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for month in (1, 2):
        sheet = book.create_sheet(f"M{month}")
        sheet.append(["Date", "Hour Ending", "ERCOT $/MWh"])
        for hour in range(1, 25):
            sheet.append([f"2024-{month:02d}-05", hour, "bad" if (month, hour) == (2, 3) else hour])
    stream = io.BytesIO()
    book.save(stream)
    found = import_series(stream.getvalue(), "x.xlsx")
    assert messages(found, "line")[0].startswith("M2, line 4, column 3")


# What it refuses


def refusal(data: bytes, name: str = "x.csv", kind: str = "prices", **told: str) -> str:
    with pytest.raises(PlanFileError) as caught:
        import_series(data, name, kind, SeriesOptions(**told))
    return str(caught.value)


def test_that_many_wrong_lines_refuse_the_file_with_the_first_of_them() -> None:
    lines = [line if k % 2 else line.replace(".5", "?") for k, line in enumerate(day())]
    assert refusal(csv(HEADING, lines)).startswith("x.csv: line 2, column 3 (Price ($/MWh)): “1?” is not a number")


def test_that_euros_are_refused_unless_they_are_said_to_be_dollars() -> None:
    data = csv("Date,Hour Ending,Price (EUR/MWh)", day())
    assert "EUR" in refusal(data, time_zone="UTC")
    found = import_series(data, "x.csv", options=SeriesOptions("UTC", unit="USD/MWh"))
    assert found.mean == 13.0


def test_that_prices_of_gas_are_no_prices_of_electricity() -> None:
    data = csv("Date,Hour Ending,Henry Hub price ($/MMBtu)", day())
    assert "counts MMBtu, and that is no electricity" in refusal(data, time_zone="UTC")
    assert import_series(data, "x.csv", options=SeriesOptions("UTC", unit="USD/MWh")).mean == 13.0


def test_that_a_date_which_its_columns_cannot_mean_is_named() -> None:
    lines = [f"2024,{month},{number},{hour},{hour}.5" for month, number in ((2, 28), (2, 29)) for hour in range(1, 25)]
    lines[30] = "2024,2,30,7,7.5"
    found = import_series(csv("Year,Month,Day,Hour Ending,Price ($/MWh)", lines), "ercot.csv")
    says = ["Line 32, column 3 (Day): “2024-2-30” is not a date; the line was left out."]
    assert messages(found, "line") == says
    assert (found.readings, found.gaps) == (47, 1)


def two_meters() -> bytes:
    """One usage point of 10 kWh an hour and one of 25, as a utility lists them for an account."""
    espi = 'xmlns="http://naesb.org/espi"'
    kind = f"<ReadingType {espi}><uom>72</uom></ReadingType>"
    parts = [f'<entry><link rel="self" href="R/1"/><content>{kind}</content></entry>']
    for number, (title, watt_hours) in enumerate((("North substation", 10_000), ("South substation", 25_000)), start=1):
        own = f"U/{number}"
        intervals = "".join(
            f"<IntervalReading><timePeriod><duration>3600</duration><start>{1_704_067_200 + 3600 * hour}</start>"
            f"</timePeriod><value>{watt_hours}</value></IntervalReading>"
            for hour in range(48)
        )
        parts += [
            f'<entry><link rel="self" href="{own}"/><title>{title}</title>'
            f"<content><UsagePoint {espi}/></content></entry>",
            f'<entry><link rel="self" href="{own}/M/1"/><link rel="related" href="R/1"/><title>Hourly</title>'
            f"<content><MeterReading {espi}/></content></entry>",
            f'<entry><link rel="self" href="{own}/M/1/B/1"/><content><IntervalBlock {espi}>{intervals}</IntervalBlock>'
            "</content></entry>",
        ]
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{"".join(parts)}</feed>'.encode()


def test_that_one_of_several_meters_is_asked_for_and_can_be_chosen() -> None:
    found = import_series(two_meters(), "x.xml", METER, SeriesOptions("UTC"))
    question = next(question for question in found.questions if question.key == "location")
    names = ["North substation, Hourly", "South substation, Hourly"]
    assert [key for key, _ in question.choices] == names
    assert (question.assumed, found.mean) == (names[0], 0.010)
    south = import_series(two_meters(), "x.xml", METER, SeriesOptions("UTC", location=names[1]))
    assert south.mean == pytest.approx(0.025, rel=1e-12)
    assert south.questions == ()
    with pytest.raises(PlanFileError, match="no meter 'East'; it has North substation"):
        import_series(two_meters(), "x.xml", METER, SeriesOptions("UTC", location="East"))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no lines of data"),
        (b"Date,Hour Ending,Price\n", "no lines of data"),
        (b",,,\n", "no lines of data"),
        (b"%PDF-1.7", "this is a PDF"),
        (csv(HEADING, ["2024-01-05,1,", "2024-01-05,2,"]), "no value"),
        (csv(HEADING, [*day(), "2094-01-05,1,1.5"]), "2094-01-05 makes the series 70 years long"),
        (csv("Month,Price $/MWh", [f"2024-{m:02d}-01,{m}" for m in range(1, 13)]), "31 days apart"),
        (b'Date,Hour Ending,Price\n"2024-01-05,1,2\n' + b"x" * 140_000, "never closed"),
    ],
)
def test_that_what_is_no_series_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    assert says in refusal(data, time_zone="UTC", unit="USD/MWh")


@pytest.mark.parametrize("stamp", ["9999-12-31", "0001-01-01", "1969-12-31", "2101-01-01"])
def test_that_a_placeholder_for_a_day_is_no_day(stamp: str) -> None:
    found = import_series(csv(HEADING, [*day(), f"{stamp},1,1.5"]), "x.csv", "prices", SeriesOptions("UTC"))
    assert (found.readings, found.first.date().isoformat() if found.first else "") == (24, "2024-01-05")
    assert any("line 26" in finding.path and stamp in finding.message for finding in found.findings)


def test_that_a_time_further_from_greenwich_than_any_clock_is_no_time() -> None:
    lines = [f"2024-01-05 {hour:02d}:00-06:00,{hour}" for hour in range(24)]
    far = csv("Interval Start,Price ($/MWh)", [*lines, "2024-01-06 00:00+99:39,5"])
    found = import_series(far, "x.csv")
    assert (found.readings, found.minimum, found.maximum) == (24, 0.0, 23.0)
    with pytest.raises(PlanFileError, match="no time zone"):
        import_series(csv(HEADING, day()), "x.csv", "prices", SeriesOptions("UTC+99:39", unit="USD/MWh"))


@pytest.mark.parametrize("offset", [86_400, -86_400, 10**40])
def test_that_a_meters_impossible_offset_is_asked_for(offset: int) -> None:
    file = green_button([0, 3600], [1, 2]).replace(b"<tzOffset>-18000<", f"<tzOffset>{offset}<".encode())
    assert "time_zone" in asked(import_series(file, "gb.xml", METER))


def test_that_a_green_button_file_is_not_taken_for_prices() -> None:
    assert "import it as meter" in refusal(green_button([0, 3600], [1, 2]), "gb.xml")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'<?xml version="1.0"?>\n<!DOCTYPE feed [<!ENTITY a "b">]><feed>&a;</feed>', "line 2 declares"),
        (b'<?xml version="1.0"?>\n<feed><entry></feed>', "line 2, column"),
        (b'<?xml version="1.0"?><feed/>', "without any interval reading"),
        (green_button([0, 3600], [1, 2], uom=42), "no electricity"),
        (green_button([0, 3600], [1, 2]).replace(b"<uom>72<", b"<uom>" + b"7" * 5000 + b"<"), "no electricity"),
        (
            green_button([0, 3600], [1, 2]).replace(b"Multiplier>0<", b"Multiplier>" + b"9" * 5000 + b"<"),
            "units of 10^9999999999",
        ),
        (green_button([0, 3600], [1, 2]).replace(b"<value>2<", b"<value>two<"), "interval reading 2"),
    ],
)
def test_that_a_bad_green_button_file_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    assert says in refusal(data, "gb.xml", METER)


def test_that_an_archive_is_not_believed() -> None:
    bomb = packed("x.csv", b"0" * 210_000_000)
    assert "unpacks to more than" in refusal(bomb, "x.zip")
    assert "no CSV" in refusal(packed("x.exe", b"MZ"), "x.zip")
    assert "damaged" in refusal(packed("x.csv", b"a,b\n" * 100)[:-40], "x.zip")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(500):
            archive.writestr(f"{number}.csv", "a")
    assert "500 files" in refusal(stream.getvalue(), "x.zip")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.csv", "a,b\n" * 100)
    spoilt = bytearray(stream.getvalue())
    spoilt[44:60] = b"\xff" * 16
    assert "unusual way" in refusal(bytes(spoilt), "x.zip")


# Into the plan


def test_that_prices_are_a_new_series_or_new_values_of_one() -> None:
    plan = sample("briefing")
    found = import_series(ercot_day_ahead(readings("2024-01-05", 2)), "x.csv")
    new, key = with_series(plan, found, "x.csv", None, "2026-11-28")
    (series,) = [s for s in new.price_series if s.id == key]
    assert series.hourly_usd_per_mwh == found.series
    assert (series.name, series.time_zone, series.as_of) == ("ERCOT HB_NORTH 2024", "America/Chicago", "2026-11-28")
    later = import_series(ercot_day_ahead(readings("2025-01-05", 2)), "y.csv")
    again, same = with_series(new, later, "y.csv", key)
    assert (same, len(again.price_series)) == (key, len(new.price_series))
    kept = next(s for s in again.price_series if s.id == key)
    assert (kept.name, kept.hourly_usd_per_mwh) == ("ERCOT HB_NORTH 2024", later.series)
    with pytest.raises(PlanFileError, match="no price series 'zz'"):
        with_series(plan, found, "x.csv", "zz")


def test_that_a_series_takes_a_file_whose_name_is_no_text() -> None:
    found = import_series(csv(HEADING, day()), "m\udce4rz.csv", "prices", SeriesOptions("UTC"))
    new, key = with_series(sample("briefing"), found, "m\udce4rz.csv")
    assert {s.id: (s.name, s.source) for s in new.price_series}[key] == ("m?rz", "m?rz.csv")
    assert problem_in(new) is None


def test_that_a_meter_belongs_to_a_site() -> None:
    plan = sample("briefing")
    found = import_series(green_button([0, 3600], [1, 2]), "gb.xml", METER)
    new, key = with_series(plan, found, "gb.xml", plan.sites[0].id)
    (meter,) = [m for m in new.meter_series if m.id == key]
    assert (meter.site_id, meter.hourly_mwh) == (plan.sites[0].id, found.series)
    assert with_series(new, found, "gb.xml", key)[1] == key
    with pytest.raises(PlanFileError, match="no site or meter 'zz'"):
        with_series(plan, found, "gb.xml", "zz")


# What a file is


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (ercot_day_ahead(readings("2024-01-05", 3)), "prices"),
        (nyiso(readings("2024-01-05", 3)), "prices"),
        (packed("x.csv", ercot_day_ahead(readings("2024-01-05", 3))), "prices"),
        (csv("When,Amount", [f"2024-01-05 {h:02d}:00,{h}" for h in range(24)]), "prices"),
        (csv("Interval Start,Usage (kWh)", [f"2024-01-05 {h:02d}:00,{h}" for h in range(24)]), "meter"),
        (green_button([0, 3600], [1, 2]), "meter"),
        (csv("Site,Model,Qty,Hashrate (TH/s),Power [kW]", [f"A,S21,{n},200,3.5" for n in range(30)]), None),
        (csv("Contract,Energy price $/MWh,From", [f"Grid {n},45,2026-04-01" for n in range(30)]), None),
        (csv("IP,Last seen,Hashrate TH/s", [f"10.0.0.{n},2026-04-01 10:00:00,20{n}" for n in range(30)]), None),
        (b"%PDF-1.7", None),
    ],
)
def test_that_a_series_is_told_from_other_tables(data: bytes, kind: str | None) -> None:
    assert kind_of_series(data, "x.csv") == kind
