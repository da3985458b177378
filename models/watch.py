"""Tripwires held against what was seen later: when an input has stayed beyond its level for long enough.

A reading is an observation of the plan, or the plan's own market figure on the day it was read. A tripwire is *beyond*
on a day whose reading lies at its level or on the far side of it. It *fires* when the readings have been beyond without
a break up to the latest one, the first and the latest of them are at least as far apart as its days (both days count),
and at least one of them is an observation: the plan's own figure is what the recommendation already rests on. So one
observation alone fires only a tripwire of one day. Between two readings nothing is known, and nothing is assumed but
that they belong together; a reading on the near side ends the run.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from models.drivers import driver, value_of
from models.plan import Plan, Tripwire
from models.problems import Finding, Severity
from models.records.judgement import ABOVE
from models.sentences import Amount, Sentence
from models.use_names import use_name

QUIET, NEAR, BEYOND, FIRING, NO_DATA = "quiet", "near", "beyond", "firing", "no_data"
"""Far off; within `NEAR_SHARE` of the level; beyond it, but not for long enough; fired; never read, or not a number."""
NEAR_SHARE = 0.05
FIRST_RENT = "first_rent_month"


@dataclass(frozen=True, slots=True)
class Reading:
    """What an input was on a day; `observed` unless it is the plan's own market figure."""

    date: str
    value: float
    observed: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """How a tripwire stands.

    Attributes
    ----------
    state
        One of `QUIET`, `NEAR`, `BEYOND`, `FIRING`, `NO_DATA`.
    latest
        The last reading; None without any.
    since
        The first day of the unbroken run beyond the level up to the latest reading; empty where it is not beyond.
    fired_on
        The day on which it had been beyond for long enough; empty where it has not fired.
    """

    tripwire: Tripwire
    state: str
    latest: Reading | None = None
    since: str = ""
    fired_on: str = ""

    @property
    def is_firing(self) -> bool:
        """Whether the decision is to be reopened."""
        return self.state == FIRING


@dataclass(frozen=True, slots=True)
class WatchedInput:
    """What a watched input is called, and its unit; of a first rent month the delay, in months."""

    label: str
    unit: str
    digits: int


def watched_input(plan: Plan, path: str) -> WatchedInput:
    """The description of an input that is watched or observed.

    Raises
    ------
    KeyError
        Where the plan has no such number.
    """
    if path.endswith(f".{FIRST_RENT}"):
        offer = next((o for o in plan.ai_offers if o.id == path.split(".")[1]), None)
        if offer is None:
            raise KeyError(path)
        return WatchedInput(f"Delay of first rent, {use_name(plan, offer)}", "months", 0)
    info = driver(plan, path)
    return WatchedInput(info.label, info.unit, info.digits)


def readings(plan: Plan, path: str) -> tuple[Reading, ...]:
    """Everything known of an input by day, the oldest first; of two observations of a day the later record counts."""
    found = {}
    own = _own_reading(plan, path)
    if own is not None:
        found[own.date] = own
    for seen in plan.observations:
        if seen.path == path and _day(seen.date) is not None and math.isfinite(seen.value):
            found[seen.date] = Reading(seen.date, seen.value, True)
    return tuple(found[day] for day in sorted(found))


def _own_reading(plan: Plan, path: str) -> Reading | None:
    """Of the market what the plan itself says, on the day it was read."""
    if not path.startswith("market.") or _day(plan.market.as_of) is None:
        return None
    try:
        value = value_of(plan, path)
    except (KeyError, TypeError, ValueError):
        return None
    return None if value is None or not math.isfinite(value) else Reading(plan.market.as_of, value, False)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def watched(plan: Plan, tripwire: Tripwire) -> Watched:
    """How one tripwire stands against everything seen.

    Examples
    --------
    >>> from models.drivers import HASHPRICE
    >>> from models.plan import Header, Market, Observation
    >>> seen = tuple(Observation(f"b{d}", HASHPRICE, f"2026-05-{d:02d}", 55.0) for d in (1, 16, 30))
    >>> plan = Plan(Header("A", "2026-04"), Market(70_000.0, 133.79e12, 941_472), observations=seen)
    >>> watched(plan, Tripwire("g1", HASHPRICE, "above", 52.0, days=30)).fired_on
    '2026-05-30'
    >>> watched(plan, Tripwire("g1", HASHPRICE, "above", 52.0, days=31)).state
    'beyond'
    """
    known = readings(plan, tripwire.path)
    if not known:
        return Watched(tripwire, NO_DATA)
    latest = known[-1]
    if not is_beyond(tripwire, latest.value):
        away = abs(latest.value - tripwire.level)
        is_near = away <= NEAR_SHARE * abs(tripwire.level)
        return Watched(tripwire, NEAR if is_near else QUIET, latest)
    run = []
    for reading in reversed(known):
        if not is_beyond(tripwire, reading.value):
            break
        run.append(reading)
    first, last = date.fromisoformat(run[-1].date), date.fromisoformat(latest.date)
    needed = timedelta(days=tripwire.days - 1)
    if last - first >= needed and any(r.observed for r in run):
        return Watched(tripwire, FIRING, latest, run[-1].date, (first + needed).isoformat())
    return Watched(tripwire, BEYOND, latest, run[-1].date)


def is_beyond(tripwire: Tripwire, value: float) -> bool:
    """Whether a value lies at the level or on the far side of it."""
    return value >= tripwire.level if tripwire.side == ABOVE else value <= tripwire.level


def all_watched(plan: Plan) -> tuple[Watched, ...]:
    """How every tripwire of the plan stands, in the plan's order."""
    return tuple(watched(plan, tripwire) for tripwire in plan.tripwires)


def tripwire_words(plan: Plan, tripwire: Tripwire, verb: str = "Reopen") -> Sentence:
    """What a tripwire says: "Reopen if Hashprice is above $52.00/PH/day for 30 days".

    Examples
    --------
    >>> from models.drivers import HASHPRICE
    >>> from models.plan import Header, Market
    >>> plan = Plan(Header("A", "2026-04"), Market(70_000.0, 133.79e12, 941_472))
    >>> str(tripwire_words(plan, Tripwire("g1", HASHPRICE, "above", 52.0, days=30)))
    'Reopen if Hashprice is above $52.00/PH/day for 30 days'
    """
    try:
        known = watched_input(plan, tripwire.path)
    except KeyError:
        known = WatchedInput(tripwire.path, "", 2)
    days = "" if tripwire.days == 1 else " for {days}"
    return Sentence(
        "{verb} if {input} is {side} {level}" + days,
        verb=verb,
        input=known.label,
        side=tripwire.side,
        level=level_amount(known, tripwire.level),
        days=Amount(float(tripwire.days), "days", ",.0f"),
    )


def level_amount(known: WatchedInput, level: float) -> Amount:
    """A level with as many decimals as its input is shown with."""
    if known.unit.startswith("fraction"):
        return Amount(level, known.unit, f",.{known.digits}f%")
    return Amount(level, known.unit, f",.{known.digits}f")


def tripwire_findings(plan: Plan) -> Iterator[Finding]:
    """A warning for each tripwire that has fired, and for each whose input the plan no longer has."""
    for state in all_watched(plan):
        path = f"tripwires.{state.tripwire.id}"
        try:
            known = watched_input(plan, state.tripwire.path)
        except KeyError:
            yield Finding(
                "tripwire.gone",
                Severity.WARNING,
                path,
                f"A tripwire watches {state.tripwire.path}, which the plan does not have; remove it.",
            )
            continue
        if state.is_firing and state.latest is not None:
            yield Finding(
                "tripwire.fired",
                Severity.WARNING,
                path,
                Sentence(
                    "Tripwire: {input} has been {side} {level} since {since} and was {latest} on {day}; reopen the "
                    "decision.",
                    input=known.label,
                    side=state.tripwire.side,
                    level=level_amount(known, state.tripwire.level),
                    since=state.since,
                    latest=level_amount(known, state.latest.value),
                    day=state.latest.date,
                ),
            )
