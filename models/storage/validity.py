"""What every stored plan promises: values that fit their fields, unique ids, references that lead somewhere.

This is the line between a plan that is questionable (a finding of `models.checks`, still a plan) and one that cannot be
stored, because no later reader could make sense of it. JSON, plan files and every edit are held to the same promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.fields import Field, Overrides, Quantity, Reference, field_of, fields_of, problem_with
from models.plan import BESIDE_THE_NUMBERS, RECORD_TYPES, SINGLE_RECORDS, Plan

ID = re.compile(r"[A-Za-z0-9_-]{1,40}\Z")
"""What an id may be made of: no dot, because ids stand in paths, and nothing that a shell could trip over."""

LIST_TABLES = tuple(name for name in RECORD_TYPES if name not in SINGLE_RECORDS)

HASHPRICE_PATH = "market.hashprice_usd_per_ph_day"

DERIVED_FIELDS = {
    HASHPRICE_PATH: Field(
        name="hashprice_usd_per_ph_day",
        spec=Quantity(unit="USD/PH/day", label="Hashprice", low=0, high=1_000_000_000),
        default=None,
        has_default=False,
        optional=False,
    )
}
"""Paths that a scenario may set although no record holds them: setting one moves an input that is held."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a plan cannot be stored: the path of the value or record, and one clause that says what is wrong."""

    path: str
    sentence: str


def problem_in(plan: Plan, *, lost_overrides: bool = True) -> Problem | None:
    """The first thing in a plan that cannot be stored, or None.

    The last plan that was found sound is remembered. Records that it shares with this one are not looked at again, so
    that the check of an edit, or of a plan that was just read and is now saved, costs next to nothing.

    Parameters
    ----------
    plan
        The plan to look at.
    lost_overrides
        Whether a scenario may change a record that is no longer there: a finding in a plan that was edited, a mistake
        in one that somebody wrote.

    Examples
    --------
    >>> from models.plan import Header, Market, PowerContract
    >>> plan = Plan(Header("Example", "2026-04"), Market(70_000.0, 133.79e12, 941_472))
    >>> problem_in(plan) is None
    True
    >>> import dataclasses
    >>> problem_in(dataclasses.replace(plan, power_contracts=(PowerContract("p1", "s9"),)))
    Problem(path='power_contracts.p1.site_id', sentence="Site: there is no 's9' in sites")
    """
    global _last_sound
    # A plan may be sound with lost overrides only: then nothing is known of it where they count.
    since = _last_sound if lost_overrides else None
    problem = _first_problem(plan, since, lost_overrides)
    if problem is None:
        _last_sound = plan
    return problem


_last_sound: Plan | None = None


def _first_problem(plan: Plan, since: Plan | None, lost_overrides: bool) -> Problem | None:
    if plan is since:
        return None
    changed = [name for name in RECORD_TYPES if since is None or getattr(plan, name) is not getattr(since, name)]
    ids_moved = since is None or any(
        [r.id for r in getattr(plan, name)] != [r.id for r in getattr(since, name)]
        for name in changed
        if name in LIST_TABLES
    )
    ids = _Ids(plan)
    if ids_moved:
        problem = _problem_with_ids(plan)
        if problem:
            return problem
        known: set[int] = set()
        changed = list(RECORD_TYPES)
    else:
        known = {id(record) for name in changed for _, record in _records(since, name)}
    for name in changed:
        for path, record in _records(plan, name):
            if id(record) not in known:
                problem = _problem_with_record(ids, path, record)
                if problem:
                    return problem
    return _problem_with_scenarios(plan, ids, changed, known, lost_overrides)


def overridable_field(records: dict[str, Any], path: str, lost: bool = False) -> Field | None:
    """The field that a scenario would change, or None where it cannot change anything there.

    Parameters
    ----------
    records
        As `records_by_path` returns them.
    path
        The field's path.
    lost
        Whether the record need not be there any more.
    """
    if path in DERIVED_FIELDS:
        return DERIVED_FIELDS[path]
    owner, _, name = path.rpartition(".")
    table, _, record_id = owner.partition(".")
    if table not in RECORD_TYPES or table in BESIDE_THE_NUMBERS:
        return None
    if owner not in records and not (lost and table in LIST_TABLES and ID.match(record_id)):
        return None
    try:
        return field_of(RECORD_TYPES[table], name)
    except KeyError:
        return None


def records_by_path(plan: Plan) -> dict[str, Any]:
    """Every record of the plan by its path: ``market``, ``sites.s1``."""
    return {path: record for name in RECORD_TYPES for path, record in _records(plan, name)}


def _records(plan: Any, name: str) -> Iterator[tuple[str, Any]]:
    content = getattr(plan, name)
    if name in SINGLE_RECORDS:
        yield name, content
    else:
        for record in content:
            yield f"{name}.{record.id}", record


def _problem_with_ids(plan: Plan) -> Problem | None:
    owner: dict[str, str] = {}
    for name in LIST_TABLES:
        for record in getattr(plan, name):
            if not isinstance(record.id, str) or not ID.match(record.id):
                return Problem(name, f"{record.id!r:.60} cannot be an id: use up to 40 letters, digits, '-' and '_'")
            if record.id in owner:
                return Problem(f"{name}.{record.id}", f"the id {record.id!r} is already taken in {owner[record.id]}")
            owner[record.id] = name
    return None


class _Ids(dict[str, set[str]]):
    """The ids of a table, gathered when first asked for: a reference is then one look-up, however large the plan."""

    def __init__(self, plan: Plan) -> None:
        super().__init__()
        self._plan = plan

    def __missing__(self, table: str) -> set[str]:
        self[table] = {record.id for record in getattr(self._plan, table)}
        return self[table]


def _problem_with_record(ids: _Ids, path: str, record: Any) -> Problem | None:
    kind: type = type(record)
    for field in fields_of(kind):
        if isinstance(field.spec, Overrides):
            continue
        value = getattr(record, field.name)
        sentence = problem_with(field, value) or _problem_with_reference(ids, field, value)
        if sentence:
            return Problem(f"{path}.{field.name}", sentence)
    return None


def _problem_with_reference(ids: _Ids, field: Field, value: Any) -> str | None:
    if not isinstance(field.spec, Reference) or value is None:
        return None
    if any(value in ids[table] for table in field.spec.tables):
        return None
    return f"{field.label}: there is no {value!r:.60} in {' or '.join(field.spec.tables)}"


def _problem_with_scenarios(
    plan: Plan, ids: _Ids, changed: list[str], known: set[int], lost_overrides: bool
) -> Problem | None:
    """Look at the parents of all scenarios, and at the overrides of those that are not known to be sound."""
    if "scenarios" not in changed:
        return None
    parents = {scenario.id: scenario.parent_id for scenario in plan.scenarios}
    sound: set[str | None] = {None}
    for start in parents:
        line, at = {start}, parents[start]
        while at not in sound and at is not None:
            if at in line:
                return Problem(f"scenarios.{start}.parent_id", "Inherits from: the scenario inherits from itself")
            line.add(at)
            at = parents[at]
        sound |= line
    fresh = [scenario for scenario in plan.scenarios if id(scenario) not in known and scenario.overrides]
    records = records_by_path(plan) if fresh else {}
    for scenario in fresh:
        seen: set[str] = set()
        for path, value in scenario.overrides:
            where = f"scenarios.{scenario.id}.overrides.{path:.80}"
            field = overridable_field(records, path, lost_overrides)
            if path in seen:
                return Problem(where, "the value is overridden twice")
            if field is None:
                return Problem(where, "the plan has no such input")
            sentence = problem_with(field, value) or _problem_with_reference(ids, field, value)
            if sentence:
                return Problem(where, sentence)
            seen.add(path)
    return None
