"""Which instants the readings of a table are: date, hour and interval, or timestamps, on the clock of some zone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.importers.series.hourly import counted
from models.importers.series.log import Log
from models.importers.series.markets import Market, zone_in_words
from models.importers.series.outcome import BEGINNING, ENDING, LOCAL, METER, STANDARD, Question, SeriesOptions
from models.importers.series.times import DAY, HOUR
from models.importers.series.zones import (
    CENTRAL,
    ZONE_CHOICES,
    LocalClock,
    local_time,
    named_zone,
    zone_of_offsets,
)
from models.problems import Severity

Seconds = NDArray[np.int64]
Flags = NDArray[np.bool_]
CLOCK_CHOICES = ((BEGINNING, "the beginning (00:00 is the first hour)"), (ENDING, "the end (01:00 is the first hour)"))


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """The times of readings as the file writes them.

    Attributes
    ----------
    wall
        Seconds from 1970-01-01 on the clock of the file, shape (R,): of hours the end, of timestamps as written.
    rows
        Rows in the sheet, shape (R,).
    step
        Seconds between readings.
    offsets
        Seconds east of Greenwich where the file tells them, shape (R,); None where it does not.
    ends
        Whether times are ends of intervals, as headings or numbers say; None where nothing does.
    flags
        The file's mark of a repeated hour, shape (R,); None where it has none.
    numbered
        Number of the hour within its day, shape (R,), where the file counts hours; None where it tells times.
    second
        Which of the hours say themselves that they are the repeated ones, shape (R,).
    texts
        Headings, for the zone they may name.
    """

    wall: Seconds
    rows: Seconds
    step: int
    offsets: Seconds | None = None
    ends: bool | None = None
    flags: Flags | None = None
    numbered: Seconds | None = None
    second: Flags | None = None
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """The same as instants.

    Attributes
    ----------
    starts
        Beginnings of the intervals, seconds of UTC, shape (R,).
    keep
        Which of them exist, shape (R,).
    zone, clock
        As understood.
    repeated
        Readings of a second pass, told apart from the first.
    """

    starts: Seconds
    keep: Flags
    zone: str
    clock: str
    repeated: int


def instants_of(stamps: Stamps, options: SeriesOptions, market: Market | None, kind: str, log: Log) -> Instants:
    """Place readings on the time line.

    Parameters
    ----------
    stamps
        As written.
    options
        The user's answers.
    market
        As recognised.
    kind
        ``prices`` or ``meter``.
    log
        Takes questions and findings.
    """
    everything = np.ones(len(stamps.wall), dtype=bool)
    if stamps.offsets is not None:
        told = stamps.wall - stamps.offsets
        zone = _zone_of_known(told, stamps, options, market, log)
        # On the local clock, since it is its whole days that tell beginnings from ends.
        wall = LocalClock.of(zone, int(told.min()), int(told.max())).wall(told)
        ends = _ends(replace(stamps, wall=wall), options, market, log)
        starts = told - (stamps.step if ends else 0)
        clock = LocalClock.of(zone, int(starts.min()), int(starts.max()))
        repeated = int((clock.is_ambiguous(clock.wall(starts)) & _is_second(clock, starts)).sum())
        return Instants(starts, everything, zone, ENDING if ends else BEGINNING, repeated)
    ends = _ends(stamps, options, market, log)
    lead = stamps.step if ends else 0
    zone = _zone_of_unknown(stamps, options, market, log)
    clock = LocalClock.of(zone, int(stamps.wall.min()), int(stamps.wall.max()))
    found = _placed(clock, stamps, lead)
    if options.calendar == STANDARD or (
        options.calendar is None and _asks_for_calendar(clock, stamps, lead, found, kind, zone, log)
    ):
        standard = int(clock.offsets.min())
        return Instants(stamps.wall - lead - standard, everything, zone, ENDING if ends else BEGINNING, 0)
    starts, keep, repeated = found
    if not keep.all():
        rows = stamps.rows[~keep]
        first = log.line(int(rows[0]))
        text = f"{counted(len(rows), 'reading')} in an hour that the clock of {zone} skips, first {first}: left out."
        log.note("skipped_hour", text, Severity.WARNING, log.line(int(rows[0])))
    return Instants(starts, keep, zone, ENDING if ends else BEGINNING, repeated)


def _is_second(clock: LocalClock, starts: Seconds) -> Flags:
    wall = clock.wall(starts)
    second: Flags = clock.instants(wall, np.ones(len(wall), dtype=bool)) == starts
    return second


def _ends(stamps: Stamps, options: SeriesOptions, market: Market | None, log: Log) -> bool:
    """Whether the times are the ends of their intervals."""
    if options.clock is not None:
        return options.clock == ENDING
    if stamps.ends is not None:
        return stamps.ends
    times = stamps.wall % DAY
    first, last = int(times[stamps.wall.argmin()]), int(times[stamps.wall.argmax()])
    step = stamps.step
    if step >= DAY:
        return False
    if market is not None and market.name == "NYISO":
        # NYISO stamps its hours at their beginning and its five minutes at their end.
        return step < HOUR
    if stamps.numbered is not None:
        assumed, why = True, "hours are counted, and neither 0 nor 24 occurs"
    else:
        begins, finishes = first == 0, last == (DAY - step) % DAY
        if begins and finishes:
            return False
        if first == step and last == 0:
            return True
        assumed = (first == step or last == 0) and not (begins or finishes)
        why = f"the first reading is stamped {first // HOUR:02d}:{first % HOUR // 60:02d}, and no heading says it"
    log.ask(
        Question(
            "clock", "Which end of its interval does a time name?", CLOCK_CHOICES, ENDING if assumed else BEGINNING, why
        )
    )
    return assumed


def _ask_zone(assumed: str, why: str, log: Log) -> str:
    options = ZONE_CHOICES if any(zone == assumed for zone, _ in ZONE_CHOICES) else ((assumed, assumed), *ZONE_CHOICES)
    log.ask(Question("time_zone", "On which clock are the times?", options, assumed, why))
    return assumed


def _zone_of_known(told: Seconds, stamps: Stamps, options: SeriesOptions, market: Market | None, log: Log) -> str:
    if options.time_zone is not None:
        return named_zone(options.time_zone, log.filename)
    if market is not None:
        return market.zone
    words = zone_in_words(stamps.texts)
    if words is not None:
        return words
    assert stamps.offsets is not None
    if not stamps.offsets.any():
        return _ask_zone("UTC", "the times are UTC and nothing names a local zone", log)
    zone, is_sure = zone_of_offsets(told, stamps.offsets)
    return zone if is_sure else _ask_zone(zone, "its offset is that of the file's times", log)


def _zone_of_unknown(stamps: Stamps, options: SeriesOptions, market: Market | None, log: Log) -> str:
    if options.time_zone is not None:
        return named_zone(options.time_zone, log.filename)
    if market is not None:
        return market.zone
    words = zone_in_words(stamps.texts)
    return words if words is not None else _ask_zone(CENTRAL, "the file names no zone", log)


def _placed(clock: LocalClock, stamps: Stamps, lead: int) -> tuple[Seconds, Flags, int]:
    """Beginnings of intervals, which of them exist, and how many are second passes."""
    wall = stamps.wall - lead
    if stamps.numbered is not None and _counts_through(clock, stamps, wall):
        # Hours counted from midnight as they pass: 23 of them in spring, 25 in autumn.
        days = (stamps.wall - stamps.numbered) // DAY
        midnight, next_midnight = clock.instants(days * DAY), clock.instants((days + 1) * DAY)
        starts = midnight + stamps.numbered - lead + (stamps.wall - stamps.numbered) % DAY
        # A day that counts further than it has hours leaves the skipped one out: its numbers are those on the wall.
        labelled = np.isin(days, np.unique(days[starts >= next_midnight]))
        by_label, exists, _ = _by_label(clock, stamps, wall)
        starts, keep = np.where(labelled, by_label, starts), exists | ~labelled
        passes = clock.is_ambiguous(clock.wall(starts)) & _is_second(clock, starts)
        return starts, keep, int(passes.sum())
    first = _by_label(clock, stamps, wall)
    if lead and stamps.numbered is None:
        # 02:00 in autumn ends the hour that began at 01:00, once or twice: some files stamp what the wall shows at the
        # end of an interval, others one step after what it showed at its beginning.
        ends, keep, repeated = _by_label(clock, stamps, stamps.wall)
        other = ends - lead
        if _cost(other, keep) < _cost(first[0], first[1]):
            return other, keep, repeated
    return first


def _by_label(clock: LocalClock, stamps: Stamps, wall: Seconds) -> tuple[Seconds, Flags, int]:
    twice = clock.is_ambiguous(wall)
    second = np.zeros(len(wall), dtype=bool)
    if stamps.second is not None:
        second |= twice & stamps.second
    if stamps.flags is not None:
        # A mark on hours that come once only can but mean daylight time, which the first pass has.
        means_daylight = bool((stamps.flags & ~twice).any())
        second |= twice & (~stamps.flags if means_daylight else stamps.flags)
    elif twice.any() and not second.any():
        second |= _later_ones(wall, twice)
    return clock.instants(wall, second), ~clock.is_skipped(wall), int(second.sum())


def _later_ones(wall: Seconds, twice: Flags) -> Flags:
    """Of readings with the same time the second, in the order of the file."""
    second = np.zeros(len(wall), dtype=bool)
    places = np.flatnonzero(twice)
    if wall[0] > wall[-1]:
        places = places[::-1]
    seen: dict[int, int] = {}
    for place in places:
        time = int(wall[place])
        second[place] = seen.get(time, 0) == 1
        seen[time] = seen.get(time, 0) + 1
    return second


def _counts_through(clock: LocalClock, stamps: Stamps, wall: Seconds) -> bool:
    assert stamps.numbered is not None
    if (stamps.numbered > 24 * HOUR).any():
        return True
    skipped = clock.is_skipped(wall)
    if not skipped.any():
        return False
    days = (stamps.wall - stamps.numbered) // DAY
    short = np.isin(days, np.unique(days[skipped]))
    return bool(stamps.numbered[short].max() < 24 * HOUR)


def _cost(starts: Seconds, keep: Flags) -> int:
    return int((~keep).sum()) + len(starts) - len(np.unique(starts))


def _asks_for_calendar(
    clock: LocalClock, stamps: Stamps, lead: int, found: tuple[Seconds, Flags, int], kind: str, zone: str, log: Log
) -> bool:
    """Ask where every day has 24 hours although clocks changed; return whether standard time is assumed."""
    wall = stamps.wall - lead
    filled = bool((~found[1]).any())
    inside = [int(c) for c in clock.changes if found[0].min() < c <= found[0].max()]
    backwards = [c for c in inside if clock.wall(np.array([c]))[0] < clock.wall(np.array([c - 1]))[0]]
    lacking = bool(backwards) and not found[2] and bool(clock.is_ambiguous(wall).any())
    if not (filled or (lacking and stamps.flags is None)):
        return False
    days = ", ".join(f"{local_time(change, zone):%Y-%m-%d}" for change in inside[:3])
    assumed = STANDARD if kind == METER else LOCAL
    log.ask(
        Question(
            "calendar",
            "Do the times follow the clock changes?",
            (
                (LOCAL, "yes, they are the wall clock's"),
                (STANDARD, "no, standard time all year"),
            ),
            assumed,
            f"every day has 24 hours, also around {days}",
        )
    )
    return assumed == STANDARD
