"""The importer against real layouts, which stay outside the checkout: every derived file equals the hourly one."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from models.importers.series import METER, PRICES, SeriesImport, SeriesOptions, import_series


def read(shared_data: Path, name: str, kind: str = PRICES, **told: str) -> SeriesImport:
    path = shared_data / "power" / name
    return import_series(path.read_bytes(), path.name, kind, SeriesOptions(**told))


@pytest.fixture(scope="module")
def reference(shared_data: Path) -> dict[str, tuple[float, float]]:
    """Day-ahead and real-time price by the beginning of the hour in UTC."""
    with (shared_data / "power" / "ercot_hb_hubavg_hourly.csv").open(encoding="utf-8") as file:
        return {r["interval_start_utc"]: (float(r["da_usd_mwh"]), float(r["rt_usd_mwh"])) for r in csv.DictReader(file)}


def compare(found: SeriesImport, reference: dict[str, tuple[float, float]], market: int) -> int:
    """Compare every hour that was read; return their number."""
    assert found.series is not None
    begin = np.datetime64(found.series.first_hour_utc.removesuffix("Z"), "h")
    count = 0
    for k, value in enumerate(found.series.values):
        if not np.isnan(value):
            assert value == pytest.approx(reference[f"{begin + k}:00:00Z"][market], abs=1e-9)
            count += 1
    return count


@pytest.mark.parametrize(
    ("name", "market", "rows", "hours", "minutes"),
    [
        ("derived_ercot_NP4-190-CD_layout_HB_HUBAVG_2024.csv", 0, 8784, 8784, 60),
        ("derived_ercot_NP6-905-CD_layout_HB_HUBAVG_2024_JanMar_Nov01-07.csv", 1, 9408, 2352, 15),
        ("derived_gridstatus_layout_HB_HUBAVG_DAM_2024_JanMar_Nov01-07.csv", 0, 2352, 2352, 60),
    ],
)
def test_that_a_layout_equals_the_hourly_file(
    shared_data: Path, reference: dict[str, tuple[float, float]],
    name: str, market: int, rows: int, hours: int, minutes: int,
) -> None:  # fmt: skip
    found = read(shared_data, f"layouts/{name}")
    assert compare(found, reference, market) == hours
    assert (found.rows, found.interval_minutes, found.duplicates) == (rows, minutes, 0)
    assert (found.repeated_hours, found.skipped_hours, found.location) == (1, 1, "HB_HUBAVG")
    assert (found.time_zone, found.unit, found.questions) == ("America/Chicago", "USD/MWh", ())
    assert found.first is not None
    assert found.first.isoformat() == "2024-01-01T00:00:00-06:00"
    whole_year = 8784 if "2024.csv" in name else 7488
    assert found.gaps == (whole_year - hours) * 60 // minutes


@pytest.mark.parametrize(("column", "market"), [("da_usd_mwh", 0), ("rt_usd_mwh", 1)])
def test_that_the_hourly_file_is_read_itself(
    shared_data: Path, reference: dict[str, tuple[float, float]], column: str, market: int
) -> None:
    found = read(shared_data, "ercot_hb_hubavg_hourly.csv", column=column)
    assert compare(found, reference, market) == found.rows == 16_800
    assert (found.gaps, found.duplicates, found.time_zone) == (0, 0, "America/Chicago")


@pytest.mark.parametrize(
    ("column", "mean"), [("central_usd_mwh", 19.43), ("north_usd_mwh", 16.62), ("west_usd_mwh", 22.62)]
)
def test_that_always_24_hours_a_day_are_asked_about(shared_data: Path, column: str, mean: float) -> None:
    found = read(shared_data, "nyiso_zones_rt_hourly.csv", column=column)
    assert found.mean == pytest.approx(mean, abs=0.01)
    assert [question.key for question in found.questions] == ["calendar"]
    assert (found.rows, found.readings, found.gaps) == (11_904, 11_902, 1)
    standard = read(shared_data, "nyiso_zones_rt_hourly.csv", column=column, calendar="standard")
    assert (standard.readings, standard.gaps, standard.questions) == (11_904, 0, ())


@pytest.mark.parametrize(
    ("name", "count", "total_wh", "first"),
    [
        ("TestGBDataHourlyNineDaysBinnedDaily", 216, 199_563, "2014-01-01T05:00Z"),
        ("TestGBDataOneYearDailyBinnedMonthly", 444, 9_917_817, "2013-01-01T05:00Z"),
        ("cityssm_intervals", 300, 248_530, "2023-02-22T18:00Z"),
        ("hourly_year_2011_RetailCustomer_5", 8_760, 4_425_305, "2011-01-01T08:00Z"),
    ],
)
def test_that_green_button_totals_are_kept(shared_data: Path, name: str, count: int, total_wh: int, first: str) -> None:
    found = read(shared_data, f"layouts/greenbutton_{name}.xml", METER)
    assert found.series is not None
    assert found.series.first_hour_utc == first
    assert float(found.series.values.sum()) * 1e6 == pytest.approx(total_wh, rel=1e-12)
    assert (found.rows, found.gaps, found.duplicates) == (count, 0, 0)
