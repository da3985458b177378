"""From a table whose columns are known to readings: one hub, one market, values in a unit, times as written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.importers.series.cells import date_order, decimal_of, numbers_of, seconds_of
from models.importers.series.clock import Stamps
from models.importers.series.hourly import step_of
from models.importers.series.log import Log
from models.importers.series.markets import Market, likeliest_of
from models.importers.series.outcome import Question, SeriesOptions, choices
from models.importers.series.roles import Roles, hour_of_heading, names_utc, says_end, words_of
from models.importers.series.sheets import Sheet
from models.importers.series.times import (
    DAY,
    HOUR,
    OFFSETS,
    TimeOfDay,
    day_in,
    day_of_parts,
    hour_in,
    split_stamp,
    stamp_in,
)
from models.importers.series.units import unit_of
from models.importers.tables import Cell
from models.problems import PlanFileError

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]

_SUMMARY = re.compile(
    r"^(?:grand )?(?:total|sum|average|avg|mean|min|max|minimum|maximum|median|end|source|note|generated|created)\b",
    re.I,
)
_YES = ("y", "yes", "true", "t", "1", "1.0")
_PICKED = {
    "component": ("Which component of the price?", "LMP"),
    "market": ("Which market?", ""),
    "location": ("Which hub or node?", "HB_HUBAVG"),
    "location_type": ("Which kind of hub or node?", "LZ"),
}
_DAY_PARTS = ("year", "month", "day")
MOST_CHOICES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Values with the times that the file writes beside them.

    Attributes
    ----------
    stamps
        Times, shape (R,).
    values
        In `unit`, NaN where missing, shape (R,).
    unit
        As found or assumed.
    location, market
        Of all of them; empty where the file names none.
    lines
        Lines of data in the file, of every hub.
    """

    stamps: Stamps
    values: Floats
    unit: str
    location: str
    market: str
    lines: int


class TableReader:
    """Reads one table.

    Parameters
    ----------
    sheet, roles
        The table and its columns.
    kind
        ``prices`` or ``meter``.
    options
        The user's answers.
    market
        As recognised.
    log
        Takes questions and findings.
    """

    def __init__(
        self, sheet: Sheet, roles: Roles, kind: str, options: SeriesOptions, market: Market | None, log: Log
    ) -> None:
        self.sheet, self.roles, self.kind = sheet, roles, kind
        self.options, self.market, self.log = options, market, log
        self.rows: Seconds = np.arange(len(sheet), dtype=np.int64)

    def readings(self) -> Readings | None:
        """All readings of the chosen hub; None where the columns do not tell their times.

        Raises
        ------
        PlanFileError
            Where too many lines cannot be read, or the unit cannot be used.
        """
        self._leave_out_other_lines()
        lines = len(self.rows)
        picked = {role: self._pick(role) for role in _PICKED}
        if not self._tells_times():
            return None
        if self.roles.first("hour_value") is not None and self.roles.first("value") is None:
            stamps, values = self._wide()
        else:
            stamps, values = self._long()
        self.log.settle(lines)
        if not len(values):
            raise PlanFileError("no line of it could be read", self.log.filename, "say what each column is")
        unit = unit_of(values, self._unit_texts(), self.kind, self.options.unit, self.market, self.log)
        return Readings(stamps, values, unit, picked["location"], picked["market"], lines)

    def column(self, index: int) -> Sequence[Cell]:
        """The cells of a column in the rows that are read."""
        cells = self.sheet.columns[index]
        return cells if len(self.rows) == len(cells) else [cells[k] for k in self.rows]

    def _tells_times(self) -> bool:
        """Whether days alone do not stand for many readings each, whose hours nobody has recognised."""
        if any(self.roles.first(role) is not None for role in ("start", "time", "end", "hour", "hour_value")):
            return True
        parts = [k for k in (self.roles.first(r) for r in ("date", *_DAY_PARTS)) if k is not None]
        return bool(parts) and 2 * len(set(zip(*map(self.column, parts), strict=True))) > len(self.rows)

    # Rows

    def _leave_out_other_lines(self) -> None:
        """Lines that are no data: marked comments and trailers, sums at the end, and what holds nothing."""
        if self.sheet.headings and self.sheet.headings[0].strip().upper() == "H":
            # ISO New England says what a line is in its first cell.
            self.rows = self.rows[[str(cell).strip().upper() == "D" for cell in self.column(0)]]
        used = [
            k
            for k, role in enumerate(self.roles.roles)
            if role in ("start", "end", "time", "date", *_DAY_PARTS, "hour")
        ]
        first = self.column(used[0])
        odd = {cell for cell in set(first) if isinstance(cell, str) and not cell[:1].isdecimal()}
        drop = []
        for k in [k for k, cell in enumerate(first) if cell in odd] if odd else []:
            cells = self.sheet.row(int(self.rows[k]))
            texts = [cell.strip() for cell in cells if isinstance(cell, str)]
            begins = next((text for text in texts if text), "")
            if (not begins and all(isinstance(c, str) for c in cells)) or _SUMMARY.match(begins):
                drop.append(k)
            elif [t.lower() for t in texts if t] == [h.strip().lower() for h in self.sheet.headings if h.strip()]:
                drop.append(k)  # the headings again, as where files were joined
        if drop:
            where = self.log.line(int(self.rows[drop[0]]))
            self.log.note(
                "no_data", f"{len(drop):,} lines hold no reading (first {where}) and were left out.", path=where
            )
            self.rows = np.delete(self.rows, drop)

    def _pick(self, role: str) -> str:
        """Keep the rows of one hub, market or component; ask where there are several."""
        index = self.roles.first(role)
        if index is None or not len(self.rows):
            return ""
        cells = self.column(index)
        counts: Counter[str] = Counter()
        for cell, count in Counter(cells).items():
            counts[str(cell).strip()] += count
        counts.pop("", None)
        question, preferred = _PICKED[role]
        told = getattr(self.options, role)
        chosen = likeliest_of(counts, preferred)
        if told is not None:
            named = next((name for name in counts if name.lower() == told.lower()), None)
            if named is None:
                listed = ", ".join(list(counts)[:8])
                raise PlanFileError(
                    f"it holds no {role.replace('_', ' ')} {told!r}", self.log.filename, f"it has {listed}"
                )
            chosen = named
        if len(counts) > 1:
            if told is None and (role != "component" or chosen.lower() != "lmp"):
                names = sorted(counts)[:MOST_CHOICES]
                why = f"the file holds {len(counts):,}, and their prices are never mixed"
                self.log.ask(Question(role, question, choices(names), chosen, why))
            self.rows = self.rows[[str(cell).strip() == chosen for cell in cells]]
        return chosen

    # Values

    def _parsed(self, cells: Sequence[Cell], rows: Seconds, columns: Seconds) -> Floats:
        mark = decimal_of(cells, self.log, self.options.decimal)
        values, bad = numbers_of(cells, mark)
        for k in bad:
            self.log.bad(int(rows[k]), int(columns[k]), cells[k], "not a number")
        return values

    def _good(self) -> NDArray[np.bool_]:
        if not self.log.bad_rows:
            return np.ones(len(self.rows), dtype=bool)
        return ~np.isin(self.rows, np.array(sorted(self.log.bad_rows), dtype=np.int64))

    def _long(self) -> tuple[Stamps, Floats]:
        index = self.roles.first("value")
        assert index is not None
        if len(self.roles.equals) > 1 and self.options.column is None:
            names = [self.sheet.headings[k] or f"{k + 1}" for k in self.roles.equals]
            why = "several columns hold numbers that could be it"
            self.log.ask(Question("column", "Which column holds the values?", choices(sorted(names)), names[0], why))
        values = self._parsed(self.column(index), self.rows, np.full(len(self.rows), index))
        stamp = next((k for k in (self.roles.first(r) for r in ("start", "time", "end")) if k is not None), None)
        stamps = self._of_stamps(stamp) if stamp is not None else self._of_days()
        good = self._good()
        if good.all():
            return stamps, values
        return _kept(stamps, good), values[good]

    def _wide(self) -> tuple[Stamps, Floats]:
        """A day per row and an hour per column."""
        columns = self.roles.all("hour_value")
        found = [hour_of_heading(self.sheet.headings[k]) for k in columns]
        hours = np.array([h[0] if h else 0 for h in found], dtype=np.int64)
        again = np.array([bool(h and h[1]) for h in found])
        if hours[-1] == 0 and hours[0] > 0:
            hours[-1] = DAY
        days = self._days()
        values = np.column_stack([self._parsed(self.column(k), self.rows, np.full(len(self.rows), k)) for k in columns])
        good = self._good()
        days, values, rows = days[good], values[good], self.rows[good]
        wall = (days[:, None] * DAY + hours[None, :]).ravel()
        step = step_of(hours[~again])
        named = says_end(self.sheet.headings[columns[0]])
        counts = all(":" not in self.sheet.headings[k] for k in columns)
        numbered = np.tile(hours, len(days)) if counts and hours.min() > 0 else None
        flat = values.ravel()
        if np.isnan(flat).any():
            # An hour that a day does not have is an empty cell, not a reading.
            there = np.isfinite(flat)
            there[0] = there[-1] = True
        else:
            there = np.ones(len(flat), dtype=bool)
        stamps = Stamps(
            wall,
            np.repeat(rows, len(columns)),
            step,
            ends=hours.min() > 0 if named is None else named,
            numbered=numbered,
            second=np.tile(again, len(days)) if again.any() else None,
            texts=(*self.sheet.headings[:3], self.sheet.above),
        )
        return _kept(stamps, there), flat[there]

    # Times

    def _order(self, cells: Sequence[Cell]) -> str:
        return date_order(cells, self.log, self.options.date_order, self.market is not None)

    def _days(self) -> Seconds:
        index = self.roles.first("date")
        places = [k for k in (self.roles.first(part) for part in _DAY_PARTS) if k is not None]
        if index is None and len(places) == len(_DAY_PARTS):
            days = [day_of_parts(parts) for parts in zip(*map(self.column, places), strict=True)]
            return seconds_of(days, self.rows, places[-1], lambda c: day_in(c, "mdy"), self.log, "not a date")
        if index is None:
            index = next(k for k in (self.roles.first(r) for r in ("start", "time", "end")) if k is not None)
        cells = self.column(index)
        order = self._order(cells)

        def day(cell: Cell) -> int | None:
            return day_in(cell if isinstance(cell, float) else split_stamp(cell)[0], order)

        return seconds_of(cells, self.rows, index, day, self.log, "not a date")

    def _of_stamps(self, index: int) -> Stamps:
        cells = self.column(index)
        order = self._order(cells)
        found: dict[Cell, tuple[int, TimeOfDay] | None] = {cell: stamp_in(cell, order) for cell in set(cells)}
        wall = seconds_of(cells, self.rows, index, lambda c: _second(found[c]), self.log, "not a date and time")
        told = {cell: stamp[1].offset for cell, stamp in found.items() if stamp is not None}
        offsets = self._offsets(cells, told, index)
        heading = self.sheet.headings[index]
        ends = True if self.roles.roles[index] == "end" else False if self.roles.roles[index] == "start" else None
        good = wall >= 0
        times = wall[good] - (offsets[good] if offsets is not None else 0)
        if any(isinstance(c, str) and "24:00" in c for c in cells[:200]):
            ends = True if ends is None else ends
        return Stamps(
            wall, self.rows, step_of(times), offsets, ends, self._flags(), texts=(*self._time_texts(), heading)
        )

    def _time_texts(self) -> tuple[str, ...]:
        words = ("time", "date", "hour", "interval", "start", "end")
        return tuple(h for h in self.sheet.headings if any(word in words_of(h) for word in words))

    def _offsets(self, cells: Sequence[Cell], told: dict[Cell, int | None], index: int) -> Seconds | None:
        """Offsets from UTC, where every reading has one."""
        zone = self.roles.first("zone")
        if zone is not None:
            names = [str(cell).strip().lower() for cell in self.column(zone)]
            if all(name in OFFSETS for name in names):
                return np.array([OFFSETS[name] * HOUR for name in names], dtype=np.int64)
        if told and all(offset is not None for offset in told.values()):
            known = {cell: offset or 0 for cell, offset in told.items()}
            return np.fromiter((known.get(cell, 0) for cell in cells), np.int64, len(cells))
        if any(offset is not None for offset in told.values()):
            for k, cell in enumerate(cells):
                if cell in told and told[cell] is None:
                    self.log.bad(int(self.rows[k]), index, cell, "without the offset that other times have")
            return np.fromiter((told.get(cell) or 0 for cell in cells), np.int64, len(cells))
        return np.zeros(len(cells), dtype=np.int64) if names_utc(self.sheet, index) else None

    def _flags(self) -> NDArray[np.bool_] | None:
        index = self.roles.first("flag")
        if index is None:
            return None
        cells = self.column(index)
        yes = {cell for cell in set(cells) if str(cell).strip().lower() in _YES}
        return np.array([cell in yes for cell in cells]) if yes else np.zeros(len(cells), dtype=bool)

    def _of_days(self) -> Stamps:
        days = self._days()
        index = self.roles.first("hour")
        texts = self._time_texts()
        if index is None:
            return Stamps(days * DAY, self.rows, step_of(days[days >= 0] * DAY), ends=False, texts=texts)
        cells = self.column(index)
        known: dict[Cell, TimeOfDay | None] = {cell: hour_in(cell) for cell in set(cells)}
        hours = seconds_of(cells, self.rows, index, lambda c: _time(known[c]), self.log, "not an hour")
        good = hours >= 0
        if not good.any():
            raise PlanFileError("no line of it has an hour", self.log.filename, "say which column holds it")
        repeats = {cell for cell, time in known.items() if time is not None and time.is_repeat}
        second = np.array([cell in repeats for cell in cells]) if repeats else np.zeros(len(cells), dtype=bool)
        low, high = int(hours[good].min()), int(hours[good].max())
        is_number = self.roles.kinds[index] == "hour"
        named = says_end(self.sheet.headings[index])
        ends: bool | None = named
        if named is None:
            ends = True if high >= DAY else False if low == 0 else None
            if ends is None and self.market is not None and is_number:
                ends = True
        step = HOUR if is_number else step_of(hours[good])
        wall = days * DAY + hours
        interval = self.roles.first("interval")
        if interval is not None:
            wall, step = self._within(wall, interval, bool(ends))
        offsets = self._offsets(cells, {c: t.offset for c, t in known.items() if t is not None}, index)
        numbered = hours if is_number and low > 0 else None
        return Stamps(
            wall, self.rows, step, offsets, ends, self._flags(), numbered if interval is None else None,
            second if second.any() else None, texts,
        )  # fmt: skip

    def _within(self, wall: Seconds, column: int, ends: bool) -> tuple[Seconds, int]:
        """Times of the intervals that an hour is cut into, on the same end of theirs as the hour's."""
        known = {cell: numbers_of([cell], ".")[0][0] for cell in set(self.column(column))}
        cells = self.column(column)
        parts = seconds_of(
            cells, self.rows, column, lambda c: int(known[c]) if 0 <= known[c] <= 60 else None, self.log, "no interval"
        )
        good = parts[parts >= 0]
        most, least = int(good.max(initial=1)), int(good.min(initial=1))
        if most >= 15 or least == 0:
            # Minutes after the hour: 0, 15, 30, 45, or 15, 30, 45, 60.
            step = step_of(parts[parts >= 0]) * 60
            from_zero = parts * 60 - (0 if least == 0 else step)
        else:
            step = HOUR // next(n for n in (1, 2, 4, 6, 12) if n >= most or n == 12)
            from_zero = (parts - 1) * step
        return wall + from_zero - (HOUR - step if ends else 0), step

    def _unit_texts(self) -> list[str]:
        """What may name the unit, the nearest to the values first: their heading, a column of units, lines above."""
        index, column = self.roles.first("value"), self.roles.first("unit")
        texts = [self.sheet.headings[index]] if index is not None else []
        if column is not None and len(self.rows):
            texts.append(str(self.sheet.columns[column][int(self.rows[0])]))
        return [*texts, self.sheet.above]


def _second(stamp: tuple[int, TimeOfDay] | None) -> int | None:
    return None if stamp is None else stamp[0] * DAY + stamp[1].seconds


def _time(time: TimeOfDay | None) -> int | None:
    return None if time is None else time.seconds


def _kept(stamps: Stamps, good: NDArray[np.bool_]) -> Stamps:
    def cut(values: NDArray[Any] | None) -> NDArray[Any] | None:
        return None if values is None else values[good]

    return replace(
        stamps,
        wall=stamps.wall[good],
        rows=stamps.rows[good],
        offsets=cut(stamps.offsets),
        flags=cut(stamps.flags),
        numbered=cut(stamps.numbered),
        second=cut(stamps.second),
    )
