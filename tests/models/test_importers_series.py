"""Hourly series from files: every layout gives the same hours, through clock changes and in whatever order."""

from __future__ import annotations

import datetime
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.importers.series import METER, SeriesImport, SeriesOptions, import_series
from tests.hourly_files import (
    CENTRAL,
    HOUR,
    LAYOUTS,
    csv,
    ercot_day_ahead,
    ercot_real_time,
    european,
    green_button,
    gridstatus,
    hourly,
    nyiso,
    packed,
    readings,
    wide,
    workbook,
)

SPRING, AUTUMN = "2024-03-08", "2024-11-01"


def values(found: SeriesImport) -> np.ndarray:
    assert found.series is not None
    return found.series.values


def codes(found: SeriesImport) -> list[str]:
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize("first", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_that_every_layout_is_read_through_a_clock_change(layout: str, first: str) -> None:
    write, zone = LAYOUTS[layout]
    read = readings(first, 5, zone)
    found = import_series(write(read), f"{layout}.csv")
    assert found.series is not None
    assert found.series.first_hour == read[0][0]
    assert np.array_equal(values(found), hourly(read))
    assert (found.time_zone, found.gaps, found.duplicates) == (zone.key, 0, 0)
    assert found.first == read[0][0]
    assert found.last == read[-1][0]
    assert (found.repeated_hours, found.skipped_hours) == ((0, 1) if first == SPRING else (1, 0))
    assert found.questions == ()


@pytest.mark.parametrize("layout", ["ercot_day_ahead", "gridstatus", "pjm", "wide"])
@given(seed=st.integers(0, 2**32))
def test_that_the_order_of_lines_does_not_matter(layout: str, seed: int) -> None:
    write, zone = LAYOUTS[layout]
    read = readings("2024-11-02", 2, zone)
    heading, *lines = write(read).decode().splitlines()
    random.Random(seed).shuffle(lines)
    found = import_series(csv(heading, lines), f"{layout}.csv")
    assert np.array_equal(values(found), hourly(read))


@given(
    start=st.datetimes(datetime.datetime(2008, 1, 1), datetime.datetime(2030, 1, 1)),
    count=st.integers(24, 80),
    minutes=st.sampled_from([15, 60]),
)
def test_that_any_span_in_any_layout_is_the_same_series(start: datetime.datetime, count: int, minutes: int) -> None:
    begin = start.replace(minute=0, second=0, microsecond=0, tzinfo=datetime.UTC)
    step = datetime.timedelta(minutes=minutes)
    read = [(begin + step * k, round(10 + k * 0.37, 2)) for k in range(count * 60 // minutes)]
    layouts = (gridstatus, ercot_real_time) if minutes == 15 else (gridstatus, ercot_real_time, ercot_day_ahead)
    told = SeriesOptions(date_order="mdy")
    found = [import_series(write(read), "x.csv", options=told) for write in layouts]
    for each in found:
        assert each.series is not None
        assert each.series.first_hour == begin
        assert np.allclose(values(each), hourly(read), rtol=0, atol=1e-9)
        assert (each.gaps, each.duplicates) == (0, 0)


def test_that_quarters_are_averaged() -> None:
    read = readings(AUTUMN, 4, minutes=15)
    found = import_series(ercot_real_time(read), "rt.csv")
    assert np.allclose(values(found), hourly(read), rtol=0, atol=1e-9)
    assert (found.rows, found.interval_minutes, found.repeated_hours) == (len(read), 15, 1)
    assert found.last == read[-1][0]


def test_that_the_repeated_hour_of_unmarked_quarters_is_told_by_its_order() -> None:
    read = readings("2024-11-03", 1, LAYOUTS["nyiso"][1], minutes=15)
    for lines in (nyiso(read), nyiso(read[::-1])):
        found = import_series(lines, "rt.csv", options=SeriesOptions(clock="beginning"))
        assert np.allclose(values(found), hourly(read), rtol=0, atol=1e-9)
        assert (found.repeated_hours, found.duplicates, found.gaps) == (1, 0, 0)


def test_that_a_mark_of_daylight_time_is_not_taken_for_the_repeated_hour() -> None:
    read = readings(AUTUMN, 4)
    lines = []
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        lines.append(f"{local:%m/%d/%Y},{local.hour + 1},HB_NORTH,{price},{'Y' if local.dst() else 'N'}")
    found = import_series(csv("DeliveryDate,HourEnding,SettlementPoint,SettlementPointPrice,DSTFlag", lines), "x.csv")
    assert np.array_equal(values(found), hourly(read))


def test_that_hours_counted_through_are_told_from_hours_on_the_clock() -> None:
    for first in (SPRING, AUTUMN):
        read = readings(first, 4)
        days: dict[str, list[float]] = {}
        for moment, price in read:
            days.setdefault(f"{moment.astimezone(CENTRAL):%Y-%m-%d}", []).append(price)
        lines = [f"{day},{hour},{price}" for day, prices in days.items() for hour, price in enumerate(prices, 1)]
        found = import_series(csv("Date,Hour,ERCOT price $/MWh", lines), "x.csv")
        assert np.array_equal(values(found), hourly(read))
        assert (found.gaps, found.duplicates) == (0, 0)


@pytest.mark.parametrize("first", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize("label", ["wall", "arithmetic"])
def test_that_ends_of_hours_are_read_whichever_way_they_pass_a_clock_change(first: str, label: str) -> None:
    read = readings(first, 4)
    lines = []
    for moment, price in read:
        if label == "wall":
            end = (moment + HOUR).astimezone(CENTRAL)
        else:
            end = moment.astimezone(CENTRAL).replace(tzinfo=None) + HOUR
        lines.append(f"{end:%Y-%m-%d %H:%M},{price}")
    found = import_series(csv("Hour Ending,ERCOT price ($/MWh)", lines), "x.csv")
    assert np.array_equal(values(found), hourly(read))
    assert found.series is not None
    assert found.series.first_hour == read[0][0]


def test_that_a_european_file_is_read() -> None:
    read = readings("2024-01-30", 4)
    found = import_series(european(read), "ercot prices.csv")
    assert np.array_equal(values(found), hourly(read))
    assert (found.time_zone, found.clock, found.questions) == ("America/Chicago", "beginning", ())


def test_that_sheets_of_months_are_one_series() -> None:
    read = readings("2024-01-30", 4)
    found = import_series(workbook(read), "rtm 2024.xlsx")
    assert np.array_equal(values(found), hourly(read))
    assert found.rows == len(read)


def test_that_a_workbook_may_hold_timestamps() -> None:
    import io

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Interval Start", "Price $/MWh"])
    read = readings("2024-01-30", 3)
    for moment, price in read:
        book.active.append([moment.astimezone(CENTRAL).replace(tzinfo=None), price])
    stream = io.BytesIO()
    book.save(stream)
    found = import_series(stream.getvalue(), "ercot.xlsx")
    assert np.array_equal(values(found), hourly(read))


@pytest.mark.parametrize("name", ["prices.csv", "folder/prices.CSV"])
def test_that_a_packed_file_is_read(name: str) -> None:
    read = readings(AUTUMN, 2)
    found = import_series(packed(name, ercot_day_ahead(read)), "report.zip")
    assert np.array_equal(values(found), hourly(read))


def test_that_ninety_six_columns_are_quarters_of_a_day() -> None:
    read = readings("2024-01-05", 3, minutes=15)
    days: dict[str, list[float]] = {}
    for moment, price in read:
        days.setdefault(f"{moment.astimezone(CENTRAL):%Y-%m-%d}", []).append(price)
    ends = [f"{(k + 1) * 15 // 60:02d}:{(k + 1) * 15 % 60:02d}" for k in range(96)]
    lines = [",".join([day, *map(str, prices)]) for day, prices in days.items()]
    for labels in (ends, [*ends[:-1], "00:00"]):
        found = import_series(
            csv(",".join(["Date", *labels]), lines), "ercot.csv", options=SeriesOptions(unit="USD/MWh")
        )
        assert np.allclose(values(found), hourly(read), rtol=0, atol=1e-9)
        assert (found.interval_minutes, found.rows, found.readings) == (15, 3, 288)


def test_that_a_wide_file_of_a_spring_day_with_23_columns_of_values_is_whole() -> None:
    read = readings(SPRING, 4)
    found = import_series(wide(read), "x.csv")
    assert np.array_equal(values(found), hourly(read))
    assert (found.gaps, found.duplicates) == (0, 0)


def test_that_a_spring_day_may_leave_the_skipped_hours_column_of_25_empty() -> None:
    # On 2024-03-10 no clock in Texas shows 02:00 to 03:00, which is what the third column stands for; the 25th is
    # there for the autumn.
    read = readings(SPRING, 4)
    days: dict[datetime.date, list[str]] = {}
    for moment, price in read:
        local = moment.astimezone(CENTRAL)
        days.setdefault(local.date(), [""] * 25)[local.hour] = f"{price}"
    heading = "Date," + ",".join(f"HE{number}" for number in range(1, 26))
    lines = [f"{day},{','.join(cells)}" for day, cells in days.items()]
    assert lines[2].split(",")[3] == ""
    found = import_series(csv(heading, lines), "ercot.csv")
    assert np.array_equal(values(found), hourly(read))
    assert (found.gaps, found.duplicates) == (0, 0)


@pytest.mark.parametrize("first", [SPRING, AUTUMN], ids=["spring", "autumn"])
@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Year,Month,Day,Hour,Price ($/MWh)", "{t.year},{t.month},{t.day},{t.hour},{price}"),
        ("Day,Month,Year,HE,Price ($/MWh)", "{t.day},{t:%b},{t.year},{ending},{price}"),
        ("YYYY,MM,DD,Hour,Minute,Price ($/MWh)", "{t:%y},{t:%m},{t:%d},{t:%H},30,{price}"),
    ],
)
def test_that_a_day_may_be_split_into_year_month_and_day(first: str, heading: str, line: str) -> None:
    read = readings(first, 4)
    local = [(moment.astimezone(CENTRAL), price) for moment, price in read]
    lines = [line.format(t=moment, ending=moment.hour + 1, price=price) for moment, price in local]
    found = import_series(csv(heading, lines), "ercot.csv")
    assert np.array_equal(values(found), hourly(read))
    assert found.questions == ()


def test_that_minutes_beside_a_split_day_are_the_quarters_of_an_hour() -> None:
    read = readings("2024-01-05", 3, minutes=15)
    local = [(moment.astimezone(CENTRAL), price) for moment, price in read]
    lines = [f"{t.year},{t.month},{t.day},{t.hour},{t.minute},{price}" for t, price in local]
    found = import_series(csv("Year,Month,Day,Hour,Minute,Price ($/MWh)", lines), "ercot.csv")
    assert np.allclose(values(found), hourly(read), rtol=0, atol=1e-9)
    assert found.interval_minutes == 15


def test_that_seconds_since_1970_are_times() -> None:
    read = readings("2024-01-05", 3)
    lines = [f"{moment.timestamp():.0f},{price}" for moment, price in read]
    found = import_series(csv("ts,Price ($/MWh)", lines), "x.csv", options=SeriesOptions("UTC", "beginning"))
    assert np.array_equal(values(found), hourly(read))
    assert found.first == read[0][0]


def test_that_a_column_per_hub_gives_the_hub_that_was_chosen() -> None:
    read = readings("2024-01-05", 2)
    lines = [f"{m.astimezone(CENTRAL):%Y-%m-%d %H:%M},{p},{p + 100:.2f}" for m, p in read]
    data = csv("Interval Start,hub_north_usd_mwh,hub_south_usd_mwh", lines)
    first = import_series(data, "ercot.csv")
    assert [(q.key, q.assumed) for q in first.questions] == [("column", "hub_north_usd_mwh")]
    assert np.array_equal(values(first), hourly(read))
    second = import_series(data, "ercot.csv", options=SeriesOptions(column="hub_south_usd_mwh"))
    assert second.questions == ()
    assert np.allclose(values(second), hourly(read) + 100)


def test_that_a_file_without_headings_is_read() -> None:
    read = readings("2024-01-05", 2)
    lines = [f"{m.astimezone(CENTRAL):%Y-%m-%d %H:%M},{p}" for m, p in read]
    found = import_series("\n".join(lines).encode(), "ercot.csv")
    assert found.rows == 48
    assert np.array_equal(values(found), hourly(read))


@pytest.mark.parametrize(
    ("heading", "factor"),
    [("Price $/MWh", 1.0), ("price_usd_per_kwh", 1000.0), ("Price (c/kWh)", 10.0), ("Energy charge, ¢/kWh", 10.0)],
)
def test_that_prices_become_dollars_per_megawatt_hour(heading: str, factor: float) -> None:
    lines = [f"2024-01-05,{hour},{hour * 0.25}" for hour in range(1, 25)]
    found = import_series(csv(f'Date,Hour Ending,"{heading}"', lines), "ercot.csv")
    assert np.allclose(values(found), np.arange(1, 25) * 0.25 * factor)
    assert found.unit == "USD/MWh"


@pytest.mark.parametrize(
    ("heading", "factor"), [("Usage (kWh)", 1e-3), ("MWh", 1.0), ("Load kW", 0.25e-3), ("Demand MW", 0.25)]
)
def test_that_quarters_of_a_meter_are_summed_to_megawatt_hours(heading: str, factor: float) -> None:
    read = readings("2024-01-05", 2, minutes=15)
    lines = [f"{m.astimezone(CENTRAL):%Y-%m-%d %H:%M},{p}" for m, p in read]
    told = SeriesOptions(time_zone="America/Chicago")
    found = import_series(csv(f"Interval Start,{heading}", lines), "meter.csv", METER, told)
    assert np.allclose(values(found), hourly(read) * 4 * factor)
    assert (found.unit, found.questions) == ("MWh", ())


def test_that_an_incomplete_hour_of_a_meter_stays_empty() -> None:
    read = readings("2024-01-05", 1, minutes=15)
    del read[9]
    lines = [f"{m.astimezone(CENTRAL):%Y-%m-%d %H:%M},{p}" for m, p in read]
    told = SeriesOptions(time_zone="America/Chicago")
    found = import_series(csv("Interval Start,Usage (kWh)", lines), "meter.csv", METER, told)
    assert np.flatnonzero(np.isnan(values(found))).tolist() == [2]
    assert found.gaps == 1
    assert "import.partial_hour" in codes(found)


@pytest.mark.parametrize(("uom", "power", "mwh"), [(72, 0, 1e-6), (72, 3, 1e-3), (38, 3, 1e-3)])
def test_that_green_button_intervals_become_megawatt_hours(uom: int, power: int, mwh: float) -> None:
    starts = [1_709_960_400 + 3600 * k for k in range(48)]  # 2024-03-09 00:00 Eastern, over the spring change
    found = import_series(green_button(starts, range(100, 148), uom=uom, power=power), "gb.xml", METER)
    assert np.allclose(values(found), np.arange(100, 148) * mwh)
    assert found.time_zone == "America/New_York"
    assert found.first is not None
    assert found.first.isoformat() == "2024-03-09T00:00:00-05:00"
    assert (found.gaps, found.skipped_hours) == (0, 1)
    assert any("therms" in finding.message for finding in found.findings)


def test_that_green_button_days_are_spread_over_their_hours_without_loss() -> None:
    starts = [1_704_085_200 + 86_400 * k for k in range(3)]
    found = import_series(green_button(starts, [2400, 4800, 7200], length=86_400), "gb.xml", METER)
    assert np.allclose(values(found), np.repeat([1e-4, 2e-4, 3e-4], 24))
    assert "import.spread" in codes(found)


def test_that_quarters_of_green_button_are_summed() -> None:
    starts = [1_704_085_200 + 900 * k for k in range(8)]
    found = import_series(green_button(starts, range(8), length=900), "gb.xml", METER)
    assert np.allclose(values(found), np.array([6.0, 22.0]) * 1e-6)
