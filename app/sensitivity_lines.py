"""The lines of the sensitivity page's tables: how ranges, distances, tripwires and observations are worded and read."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from datetime import date

from app.numbers import MISSING, Numbers
from app.tables.line_model import Cell, Enter, Line
from models.arithmetic import QuantityError
from models.drivers import HASHPRICE
from models.fields import Field, Quantity, field_at, fields_of, problem_with
from models.plan import Observation, Plan, Tripwire, Uncertainty, new_id
from models.records.judgement import ABOVE, BELOW
from models.sensitivity.distances import Distance
from models.sensitivity.ranges import Range, Unranged, ranges, uncertain_paths, unranged
from models.sheets import Measured
from models.units import display
from models.watch import BEYOND, FIRING, NEAR, NO_DATA, QUIET, Watched, all_watched, watched_input

DISTANCE_HEADINGS = ("Input", "Now", "Flips at", "Move", "Deviations", "Worth most then")
TRIPWIRE_HEADINGS = ("Reopen if", "Side", "Level", "Days", "State", "Latest", "Since", "Why")
RANGE_HEADINGS = ("Input", "Now", "P10", "P90", "Source")
OBSERVATION_HEADINGS = ("Date", "Input", "Value", "Source")
STATES = {
    QUIET: ("Quiet", "", "success"),
    NEAR: ("Near: within 5 %", "warning", "info"),
    BEYOND: ("Beyond, not yet long enough", "warning", "clock"),
    FIRING: ("Fired", "negative", "warning"),
    NO_DATA: ("Not observed yet", "muted", "minus"),
}
"""What a state is called, its colour role and its icon."""


def full_digits(numbers: Numbers, value: float, unit: str) -> str:
    """A value with all its digits and no unit, as it is edited; empty where it is not known."""
    return numbers.full(value, unit) if math.isfinite(value) else ""


def bare(numbers: Numbers, value: float, unit: str, digits: int) -> str:
    """A value beside one that is written with its whole unit: ``$122.89``, ``9.4%``, ``125``."""
    short = next((s for s in ("USD", "fraction") if unit.startswith(s)), "")
    if unit and not short:
        shown = value * display(unit)[1]
        return numbers.number(shown, digits)
    return numbers.format(value, digits, short)


def read_amount(numbers: Numbers, text: str, path: str, plan: Plan) -> float:
    """What was typed as a value of an input, in the input's unit.

    Raises
    ------
    QuantityError
        Where it cannot be read, can be read in two ways, or cannot be meant; the message is a sentence.
    """
    known = watched_input(plan, path)
    low = 0.0 if path == HASHPRICE else -math.inf
    quantity = Quantity(label=known.label, unit=known.unit, digits=known.digits, low=low)
    field = Field("value", quantity, None, False, False)
    if path != HASHPRICE and not path.endswith("first_rent_month"):
        field = field_at(plan, path)
    understood = numbers.parse(text, field)
    if understood.alternatives:
        readings = " or ".join(words for _, words in understood.alternatives)
        raise QuantityError(f"{understood.echo} {readings}; write it with its unit")
    problem = problem_with(_fractional(field), understood.value)
    if problem:
        raise QuantityError(numbers.say(problem))
    return float(understood.value)


def _fractional(field: Field) -> Field:
    """The field without its rule of whole numbers: a P10 of 61.5 months is a fair guess."""
    spec = field.spec
    assert isinstance(spec, Quantity)
    return dataclasses.replace(field, spec=dataclasses.replace(spec, whole=False))


# --- distances -------------------------------------------------------------------------------------------------------


def distance_lines(found: Iterable[Distance], numbers: Numbers) -> list[Line]:
    """How far every input is from the flip, the nearest first."""
    lines = []
    for distance in found:
        flip = distance.flip

        known = flip.reachable
        low, high = (numbers.format(v, flip.digits, flip.unit) for v in (flip.low, flip.high))
        nowhere = f"No value between {low} and {high} changes what is worth most."
        move = MISSING
        if known and flip.in_points:
            move = numbers.format(flip.value - flip.now, max(flip.digits, 1), flip.unit, sign=True)
        elif known:
            move = numbers.percent(flip.distance, sign=True)
        why = "" if distance.range else "Nobody has said how uncertain it is: enter its P10 and P90 among the ranges."
        lines.append(
            Line(
                flip.path,
                (
                    Cell(flip.label, tip=flip.label),
                    Cell(
                        numbers.format(flip.now, flip.digits, flip.unit),
                        full_digits(numbers, flip.now, flip.unit),
                        exported=Measured(flip.now, flip.unit),
                    ),
                    Cell(
                        bare(numbers, flip.value, flip.unit, flip.digits),
                        full_digits(numbers, flip.value, flip.unit),
                        tip="" if known else nowhere,
                        exported=Measured(flip.value, flip.unit),
                    ),
                    Cell(
                        move,
                        full_digits(numbers, flip.distance, "fraction"),
                        tip="" if known else nowhere,
                        exported=Measured(flip.value - flip.now, flip.unit)
                        if known and flip.in_points
                        else Measured(flip.distance, "fraction"),
                    ),
                    Cell(
                        numbers.number(distance.deviations, 2),
                        full_digits(numbers, distance.deviations, ""),
                        tip=_deviation_help(distance, numbers) or why,
                        exported=Measured(distance.deviations),
                    ),
                    Cell(flip.winner) if known else Cell("none within reach", ink="muted", tip=nowhere),
                ),
            )
        )
    return lines


def _deviation_help(distance: Distance, numbers: Numbers) -> str:
    span = distance.range
    if span is None:
        return ""
    one, low, high = (numbers.format(v, span.digits, span.unit) for v in (span.deviation, span.p10, span.p90))
    return f"One standard deviation is {one}: from P10 {low} to P90 {high} it is 2.56 of them.\n{span.source}"


# --- ranges ----------------------------------------------------------------------------------------------------------


def range_lines(plan: Plan, numbers: Numbers, pending: dict[str, dict[str, float]]) -> list[Line]:
    """Every uncertain input with its P10 and P90, those without a range last.

    Parameters
    ----------
    pending
        By path: a P10 or P90 that was entered where the other end is still missing. Entering adds to it.
    """
    lines = [_range_line(plan, each, numbers) for each in ranges(plan)]
    return lines + [_unranged_line(each, numbers, pending) for each in unranged(plan)]


def _range_line(plan: Plan, each: Range, numbers: Numbers) -> Line:
    def end(name: str, value: float) -> Cell:
        text = bare(numbers, value, each.unit, each.digits)
        full = full_digits(numbers, value, each.unit)
        return Cell(text, full, enter=_range_entry(each, name, numbers), exported=Measured(value, each.unit))

    source = Cell(
        each.source, each.source, enter=_source_entry(each), tip=each.source, ink="" if each.own_id else "muted"
    )
    return Line(
        each.path,
        (Cell(each.label, tip=each.label), _now(each, numbers), end("p10", each.p10), end("p90", each.p90), source),
    )


def _unranged_line(each: Unranged, numbers: Numbers, pending: dict[str, dict[str, float]]) -> Line:
    held = pending.get(each.path, {})

    def end(name: str) -> Cell:
        def enter(plan: Plan, text: str) -> Plan:
            given = pending.setdefault(each.path, {})
            given[name] = read_amount(numbers, text, each.path, plan)
            if len(given) < 2:
                return plan  # one end is no range yet
            del pending[each.path]
            return with_range(plan, each.path, given["p10"], given["p90"], "")

        value = held.get(name, math.nan)
        text = bare(numbers, value, each.unit, each.digits) if name in held else "no range"
        full, given = full_digits(numbers, value, each.unit), Measured(value, each.unit)
        return Cell(text, full, enter=enter, ink="muted", tip="Enter P10 and P90 both.", exported=given)

    return Line(each.path, (Cell(each.label, ink="muted"), _now(each, numbers), end("p10"), end("p90"), Cell("")))


def _now(each: Range | Unranged, numbers: Numbers) -> Cell:
    text = numbers.format(each.now, each.digits, each.unit)
    return Cell(text, full_digits(numbers, each.now, each.unit), exported=Measured(each.now, each.unit))


def _range_entry(each: Range, name: str, numbers: Numbers) -> Enter:
    def enter(plan: Plan, text: str) -> Plan:
        value = read_amount(numbers, text, each.path, plan)
        # As the plan has it by now: a pasted row sets one end after the other.
        own = next((u for u in reversed(plan.uncertainties) if u.path == each.path), None)
        p10, p90 = (own.p10, own.p90) if own else (each.p10, each.p90)
        return with_range(plan, each.path, value if name == "p10" else p10, value if name == "p90" else p90)

    return enter


def _source_entry(each: Range) -> Enter:
    def enter(plan: Plan, text: str) -> Plan:
        own = next((u for u in reversed(plan.uncertainties) if u.path == each.path), None)
        p10, p90 = (own.p10, own.p90) if own else (each.p10, each.p90)
        return with_range(plan, each.path, p10, p90, text)

    return enter


def with_range(plan: Plan, path: str, p10: float, p90: float, source: str | None = None) -> Plan:
    """The plan with an input's own range; what it had of one is replaced, its source kept where none is given."""
    before = next((u for u in reversed(plan.uncertainties) if u.path == path), None)
    words = source if source is not None else before.source if before else ""
    if before is not None and (before.p10, before.p90, before.source) == (p10, p90, words):
        return plan
    record = Uncertainty(before.id if before else new_id(plan, "u"), path, p10, p90, words)
    others = tuple(u for u in plan.uncertainties if u.path != path)
    return dataclasses.replace(plan, uncertainties=(*others, record))


def without_ranges(plan: Plan, paths: Iterable[str]) -> Plan:
    """The plan without own ranges of these inputs: the defaults hold again."""
    gone = set(paths)
    return dataclasses.replace(plan, uncertainties=tuple(u for u in plan.uncertainties if u.path not in gone))


# --- tripwires -------------------------------------------------------------------------------------------------------


def tripwire_lines(plan: Plan, numbers: Numbers) -> list[Line]:
    """Every tripwire and how it stands."""
    return [_tripwire_line(plan, state, numbers) for state in all_watched(plan)]


def _tripwire_line(plan: Plan, state: Watched, numbers: Numbers) -> Line:
    wire = state.tripwire
    try:
        known = watched_input(plan, wire.path)
        name, unit, digits = known.label, known.unit, known.digits
    except KeyError:
        name, unit, digits = f"{wire.path}: gone", "", 2

    def level(changed: Plan, text: str) -> Plan:
        return _with_wire(changed, wire.id, level=read_amount(numbers, text, wire.path, changed))

    def side(changed: Plan, text: str) -> Plan:
        word = text.casefold()
        if word not in (ABOVE, BELOW):
            raise QuantityError(f"“{text}” is no side; write above or below")
        return _with_wire(changed, wire.id, side=word)

    def days(changed: Plan, text: str) -> Plan:
        field = next(f for f in fields_of(Tripwire) if f.name == "days")
        value = numbers.parse(text, field).value
        if problem_with(field, value):
            raise QuantityError(f"“{text}” is no number of days; write a whole one, from 1 to 3650")
        return _with_wire(changed, wire.id, days=int(value))

    def reason(changed: Plan, text: str) -> Plan:
        return _with_wire(changed, wire.id, reason=text)

    words, ink, icon = STATES[state.state]
    if state.fired_on:
        words = f"{words} on {state.fired_on}"
    latest, day = state.latest, ""
    if latest is not None:
        day = f"{latest.date}{'' if latest.observed else ', the market of the plan'}"
    value = latest.value if latest else math.nan
    return Line(
        wire.id,
        (
            Cell(name, tip=f"{name}{f', set on {wire.set_on}' if wire.set_on else ''}"),
            Cell(wire.side, wire.side, enter=side),
            Cell(
                numbers.format(wire.level, digits, unit),
                full_digits(numbers, wire.level, unit),
                enter=level,
                exported=Measured(wire.level, unit),
            ),
            Cell(numbers.number(wire.days, 0), str(wire.days), enter=days, exported=Measured(wire.days, "days")),
            Cell(words, ink=ink, icon=icon),
            Cell(
                numbers.format(value, digits, unit),
                full_digits(numbers, value, unit),
                tip=day,
                exported=Measured(value, unit),
            ),
            Cell(state.since),
            Cell(wire.reason, wire.reason, enter=reason, tip=wire.reason),
        ),
    )


def _with_wire(plan: Plan, wire_id: str, **changed: object) -> Plan:
    rows = tuple(dataclasses.replace(t, **changed) if t.id == wire_id else t for t in plan.tripwires)  # type: ignore[arg-type]
    return plan if rows == plan.tripwires else dataclasses.replace(plan, tripwires=rows)


def without_tripwires(plan: Plan, ids: Iterable[str]) -> Plan:
    """The plan without these tripwires."""
    gone = set(ids)
    return dataclasses.replace(plan, tripwires=tuple(t for t in plan.tripwires if t.id not in gone))


# --- observations ----------------------------------------------------------------------------------------------------


def observation_lines(plan: Plan, numbers: Numbers) -> list[Line]:
    """Everything observed, the newest first."""
    newest = sorted(plan.observations, key=lambda o: o.date, reverse=True)
    return [_observation_line(plan, seen, numbers) for seen in newest]


def _observation_line(plan: Plan, seen: Observation, numbers: Numbers) -> Line:
    try:
        known = watched_input(plan, seen.path)
        name, unit, digits = known.label, known.unit, known.digits
    except KeyError:
        name, unit, digits = f"{seen.path}: gone", "", 2

    def change(changed: Plan, **values: object) -> Plan:
        rows = tuple(dataclasses.replace(o, **values) if o.id == seen.id else o for o in changed.observations)  # type: ignore[arg-type]
        return changed if rows == changed.observations else dataclasses.replace(changed, observations=rows)

    def value(changed: Plan, text: str) -> Plan:
        path = next(o.path for o in changed.observations if o.id == seen.id)
        return change(changed, value=read_amount(numbers, text, path, changed))

    return Line(
        seen.id,
        (
            Cell(seen.date, seen.date, enter=lambda changed, text: change(changed, date=read_date(text))),
            Cell(name, name, enter=lambda changed, text: change(changed, path=read_input(changed, text))),
            Cell(
                numbers.format(seen.value, digits, unit),
                full_digits(numbers, seen.value, unit),
                enter=value,
                exported=Measured(seen.value, unit),
            ),
            Cell(seen.source, seen.source, enter=lambda changed, text: change(changed, source=text), tip=seen.source),
        ),
    )


def read_date(text: str) -> str:
    """A day as ISO writes it.

    Raises
    ------
    QuantityError
        Where it is none.

    Examples
    --------
    >>> read_date("2026-06-01 00:00")
    '2026-06-01'
    """
    try:
        return date.fromisoformat(text.strip()[:10]).isoformat()
    except ValueError:
        raise QuantityError(f"“{text.strip()[:40]}” is not a date; write it as 2026-03-21") from None


def observable_paths(plan: Plan) -> tuple[str, ...]:
    """What can be observed: what tripwires watch, then whatever is uncertain."""
    found = [t.path for t in plan.tripwires]
    known = []
    for path in dict.fromkeys((HASHPRICE, *found, *uncertain_paths(plan))):
        try:
            watched_input(plan, path)
        except KeyError:
            continue
        known.append(path)
    return tuple(known)


def read_input(plan: Plan, text: str) -> str:
    """Path of the input that a text names: by its path, its whole name, or the beginning of just one.

    Raises
    ------
    QuantityError
        Where it names none, or several.
    """
    typed = text.strip().casefold()
    names = {path: watched_input(plan, path).label.casefold() for path in observable_paths(plan)}
    for path, name in names.items():
        if typed in (path.casefold(), name):
            return path
    begins = [path for path, name in names.items() if typed and name.startswith(typed)]
    if len(begins) == 1:
        return begins[0]
    if begins:
        raise QuantityError(f"“{text}” can be several inputs; write more of its name")
    raise QuantityError(f"“{text[:60]}” is no input that can be watched; write its name as in the ranges")


def with_observation(plan: Plan, path: str, day: str, value: float, source: str = "") -> Plan:
    """The plan with one more observation."""
    record = Observation(new_id(plan, "b"), path, day, value, source)
    return dataclasses.replace(plan, observations=(*plan.observations, record))


def pasted_observation(plan: Plan, cells: list[str], path: str, numbers: Numbers) -> Plan:
    """The plan with an observation from a pasted row: date and value (of `path`), or date, input, value and source.

    Raises
    ------
    QuantityError
        Where a cell cannot be read.
    """
    cells = [c.strip() for c in cells]
    while cells and not cells[-1]:
        cells.pop()
    if len(cells) < 2:
        raise QuantityError("a row needs a date and a value")
    if len(cells) > 2:
        path = read_input(plan, cells[1])
        cells = [cells[0], *cells[2:]]
    value = read_amount(numbers, cells[1], path, plan)
    return with_observation(plan, path, read_date(cells[0]), value, cells[2] if len(cells) > 2 else "")


def without_observations(plan: Plan, ids: Iterable[str]) -> Plan:
    """The plan without these observations."""
    gone = set(ids)
    return dataclasses.replace(plan, observations=tuple(o for o in plan.observations if o.id not in gone))
