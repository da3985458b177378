"""Hourly prices and metered energy from files: what they hold is recognised, asked where open, refused where wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.importers.results import limited
from models.importers.series.clock import instants_of
from models.importers.series.green_button import is_xml, read_green_button
from models.importers.series.hourly import Hours, Seconds, hours_of
from models.importers.series.log import Log
from models.importers.series.markets import ENERGY_UNITS, POWER_UNITS, PRICE_UNITS, market_of
from models.importers.series.outcome import (
    BEGINNING,
    METER,
    PRICES,
    ROLES,
    SERIES_KINDS,
    UNIT_OF_KIND,
    Question,
    SeriesColumn,
    SeriesImport,
    SeriesOptions,
    choices,
    with_option,
)
from models.importers.series.readings import TableReader
from models.importers.series.roles import Roles, is_data, knows, knows_value, propose_roles
from models.importers.series.sheets import MAX_SERIES_BYTES, Sheet, is_archive, members, read_sheets, sheet_of
from models.importers.series.storing import with_series
from models.importers.series.times import HOUR, MOST_OFFSET
from models.importers.series.zones import CENTRAL, ZONE_CHOICES, LocalClock, local_time, named_zone, zone_of_offsets
from models.importers.tables import Cell
from models.importers.values import MONTHS
from models.problems import PlanFileError, Severity

__all__ = [
    "MAX_SERIES_BYTES",
    "METER",
    "PRICES",
    "ROLES",
    "SERIES_KINDS",
    "UNITS_OF_KIND",
    "Question",
    "SeriesColumn",
    "SeriesImport",
    "SeriesOptions",
    "import_series",
    "kind_of_series",
    "with_option",
    "with_series",
]

UNITS_OF_KIND = {PRICES: tuple(PRICE_UNITS), METER: (*ENERGY_UNITS, *POWER_UNITS)}
"""Units that values of a file can be in."""
SAMPLES = 5
HEAD_BYTES, HEAD_LINES = 60_000, 600
FEWEST_LINES = 12
MONTH = re.compile(r"^(?:(?:19|20)\d{2}[-/]\d{1,2}|([a-z]{3,9})\.?[-\s](?:19|20)?\d{2})$")
NOT_UNDERSTOOD = "The columns are not all understood; say which is the date, the hour and the value."
NO_HOURS = (
    "It holds months and no hours: averages cannot say when machines stop. Enter them as a monthly table, in the "
    "energy price of a contract or in the forward level of its index."
)


def import_series(data: bytes, filename: str, kind: str = PRICES, options: SeriesOptions | None = None) -> SeriesImport:
    """Read an hourly series from a file.

    Parameters
    ----------
    data
        CSV in any usual encoding and layout, XLSX, Green Button XML, or a ZIP of them.
    filename
        For messages, and for the market that it may name.
    kind
        ``prices`` or ``meter``.
    options
        The user's answers; what is not answered is found out or assumed, and then asked for in the result.

    Raises
    ------
    PlanFileError
        Where the file cannot be read or used; with line and column where there is one.
    ValueError
        Where there is no such kind.

    Examples
    --------
    >>> rows = "".join(f"2024-01-01,{hour},{hour * 1.5}\\n" for hour in range(1, 25))
    >>> found = import_series(("Date,Hour Ending,Price ($/MWh)\\n" + rows).encode(), "ercot.csv")
    >>> found.first.isoformat(), found.unit, found.mean, found.gaps
    ('2024-01-01T00:00:00-06:00', 'USD/MWh', 18.75, 0)
    """
    if kind not in SERIES_KINDS:
        raise ValueError(f"there is no series of {kind!r}")
    told = options or SeriesOptions()
    files = members(data, filename)
    if any(is_xml(content) for _, content in files):
        if len(files) > 1:
            raise PlanFileError("the archive holds several XML files", filename, "unpack it and choose one")
        return _from_green_button(files[0][1], filename, kind, told)
    sheets = [
        replace(sheet, name=sheet.name or (name if len(files) > 1 else ""))
        for name, content in files
        for sheet in read_sheets(content, name, knows, is_data)
    ]
    return _from_sheets(sheets, filename, kind, told)


def kind_of_series(data: bytes, filename: str) -> str | None:
    """Whether a file holds a series, and which; None where it is a table of something else, or no table at all.

    Parameters
    ----------
    data, filename
        Of the file.
    """
    try:
        files = members(data, filename)
        if any(is_xml(content) for _, content in files):
            return METER
        name, content = files[0]
        # The first lines say it as well as all of them.
        part = content if is_archive(content) else content[:HEAD_BYTES].rpartition(b"\n")[0]
        sheets = read_sheets(part, name, knows, is_data, HEAD_LINES)
    except PlanFileError:
        return None
    sheet = max(sheets, key=len)
    if len(sheet) < FEWEST_LINES and len(sheet.headings) < FEWEST_LINES:
        return None
    roles = {kind: propose_roles(sheet, kind) for kind in SERIES_KINDS}
    for kind in (PRICES, METER):
        found = roles[kind]
        has_hours = any(found.first(role) is not None for role in ("start", "end", "time", "hour", "hour_value"))
        value = found.first("value")
        if has_hours and _is_complete(found) and (value is None or knows_value(sheet.headings[value], kind)):
            return kind
    # Times and a number and nothing else: no list of machines or contracts looks like that.
    bare = roles[PRICES]
    return PRICES if _is_complete(bare) and all(bare.roles) and bare.first("location") is None else None


def _from_sheets(sheets: Sequence[Sheet], filename: str, kind: str, options: SeriesOptions) -> SeriesImport:
    sheet, others, names = sheet_of(sheets)
    roles = propose_roles(sheet, kind, options.roles, options.column)
    log = Log(filename, sheet, names)
    if others:
        listed = ", ".join(f"“{name}”" for name in others[:6])
        log.note("sheet", f"Only sheets with the headings of “{sheet.name}” were read; left out: {listed}.")
    columns = _columns(sheet, roles)
    if not _is_complete(roles):
        log.note("columns", NO_HOURS if kind == PRICES and _holds_months(sheet) else NOT_UNDERSTOOD, Severity.WARNING)
        return _unread(kind, len(sheet), columns, log)
    place = roles.first("location")
    locations = {str(cell).strip() for cell in sheet.columns[place][:2000]} if place is not None else set()
    market = market_of(sheet.headings, sorted(locations), filename, sheet.above)
    reader = TableReader(sheet, roles, kind, options, market, log)
    readings = reader.readings()
    if readings is None:
        log.note("columns", NOT_UNDERSTOOD, Severity.WARNING)
        return _unread(kind, len(sheet), columns, log)
    instants = instants_of(readings.stamps, options, market, kind, log)
    keep = instants.keep & np.isfinite(readings.values)
    starts, values, rows = instants.starts[keep], readings.values[keep], readings.stamps.rows[keep]
    step = readings.stamps.step
    lengths = np.full(len(starts), step, dtype=np.int64)
    factor, by_time = _factor(readings.unit)
    amounts = values * factor
    if by_time:
        amounts = amounts * (step / HOUR)
    if step > HOUR and len(starts) > 1:
        lengths = _until_next(starts, step)
    hours = hours_of(starts, lengths, amounts, lambda k: log.line(int(rows[k])), step, kind, instants.zone, log)
    return _result(
        kind, readings.lines, hours, instants.zone, readings.unit, instants.clock, step, instants.repeated,
        readings.location, readings.market or (market.name if market else ""), columns, log,
    )  # fmt: skip


def _holds_months(sheet: Sheet) -> bool:
    """Whether a column names a month in every line, and no day."""

    def names_a_month(cell: Cell) -> bool:
        match = MONTH.match(cell.strip().lower()) if isinstance(cell, str) else None
        return match is not None and (match[1] is None or match[1] in MONTHS)

    return any(len(column) > 0 and all(map(names_a_month, column[:SAMPLES])) for column in sheet.columns)


def _is_complete(roles: Roles) -> bool:
    """Whether there are times and values."""
    has_time = any(roles.first(role) is not None for role in ("start", "end", "time", "date"))
    has_parts = all(roles.first(role) is not None for role in ("year", "month", "day"))
    return (has_time or has_parts) and any(roles.first(role) is not None for role in ("value", "hour_value"))


def _columns(sheet: Sheet, roles: Roles) -> tuple[SeriesColumn, ...]:
    return tuple(
        SeriesColumn(index, heading, role, tuple(str(cell).strip() for cell in sheet.columns[index][:SAMPLES]))
        for index, (heading, role) in enumerate(zip(sheet.headings, roles.roles, strict=True))
    )


def _factor(unit: str) -> tuple[float, bool]:
    """USD/MWh, MWh or MW in one of a unit, and whether it is a power that must be multiplied with time."""
    if unit in POWER_UNITS:
        return POWER_UNITS[unit], True
    return (PRICE_UNITS | ENERGY_UNITS)[unit], False


def _until_next(starts: Seconds, step: int) -> Seconds:
    """Lengths of long intervals: days of clock changes are an hour shorter or longer than others."""
    order = np.argsort(starts, kind="stable")
    distances = np.diff(starts[order], append=starts[order][-1] + step)
    distances = np.where((distances > 0) & (np.abs(distances - step) <= 2 * HOUR), distances, step)
    lengths = np.empty_like(distances)
    lengths[order] = distances
    return lengths


def _from_green_button(data: bytes, filename: str, kind: str, options: SeriesOptions) -> SeriesImport:
    if kind != METER:
        raise PlanFileError("this is metered energy (Green Button), not prices", filename, "import it as meter")
    found = read_green_button(data, filename, options.location)
    log = Log(filename, Sheet("", (), 0, (), (), "", "", ()), ())
    zone = found.zone
    if options.time_zone is not None:
        zone = named_zone(options.time_zone, log.filename)
    elif not zone:
        zone, why = CENTRAL, "the file counts in UTC and names no local time"
        if match := re.match(r"^([+-])(\d{2}):?(\d{2})$", found.offset):
            offset = (int(match[2]) * 60 + int(match[3])) * (60 if match[1] == "+" else -60)
            if abs(offset) <= MOST_OFFSET:
                zone, _ = zone_of_offsets(found.starts, np.full(len(found.starts), offset))
                why = f"the file names the offset {found.offset}, which several zones have"
        log.ask(Question("time_zone", "On which clock are the times?", ZONE_CHOICES, zone, why))
    if len(found.meters) > 1 and options.location is None:
        why = f"the file holds {len(found.meters)}, and their readings are never mixed"
        log.ask(Question("location", "Which meter?", choices(found.meters), found.title, why))
    if found.others:
        log.note("meters", f"Left out: {', '.join(found.others)}.", Severity.WARNING)
    step = int(np.bincount(found.lengths).argmax())
    clock = LocalClock.of(zone, int(found.starts.min()), int(found.starts.max()))
    hours = hours_of(
        found.starts, found.lengths, found.energy_mwh, lambda k: f"interval reading {k + 1}", step, kind, zone, log
    )
    inside = np.unique(found.starts)
    repeated = int((clock.is_ambiguous(clock.wall(inside))).sum()) // 2
    return _result(
        kind, len(found.starts), hours, zone, found.unit, BEGINNING, step, repeated, found.title, "", (), log
    )


def _unread(kind: str, rows: int, columns: tuple[SeriesColumn, ...], log: Log) -> SeriesImport:
    return SeriesImport(
        kind, rows, 0, None, "", UNIT_OF_KIND[kind], "", "", 0.0, None, None, 0, 0, 0, 0, 0,
        math.nan, math.nan, math.nan, "", "", columns, tuple(log.questions), limited(log.findings),
    )  # fmt: skip


def _result(
    kind: str,
    rows: int,
    hours: Hours,
    zone: str,
    unit_found: str,
    clock: str,
    step: int,
    repeated_readings: int,
    location: str,
    market: str,
    columns: tuple[SeriesColumn, ...],
    log: Log,
) -> SeriesImport:
    values = hours.series.values
    local = LocalClock.of(zone, hours.first, hours.last)
    skipped, _ = local.changes_between(hours.first, hours.last)
    return SeriesImport(
        kind=kind,
        rows=rows,
        readings=hours.readings,
        series=hours.series,
        time_zone=zone,
        unit=UNIT_OF_KIND[kind],
        unit_found=unit_found,
        clock=clock,
        interval_minutes=step / 60,
        first=local_time(hours.first, zone),
        last=local_time(hours.last, zone),
        gaps=hours.gaps,
        duplicates=hours.duplicates,
        repeated_hours=math.ceil(repeated_readings * min(step, HOUR) / HOUR),
        skipped_hours=skipped,
        outliers=hours.outliers,
        mean=float(np.nanmean(values)),
        minimum=float(np.nanmin(values)),
        maximum=float(np.nanmax(values)),
        location=location,
        market=market,
        columns=columns,
        questions=tuple(log.questions),
        findings=limited(log.findings),
    )
