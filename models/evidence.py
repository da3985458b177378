"""What every input rests on: its source, address, day and note, how old that is, and which driver is the oldest."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from models.defaults import source_of_default
from models.drivers import place_name, record_name
from models.fields import (
    Choice,
    Field,
    Flag,
    Hourly,
    MonthField,
    Quantity,
    applicable_fields,
    field_of,
    problem_with,
    read,
)
from models.fields import replace as replaced
from models.plan import GPU_CLOUD, ID_PREFIXES, SINGLE_RECORDS, AiOffer, AsicLot, Evidence, Plan, new_id
from models.use_names import use_name_at_site

if TYPE_CHECKING:
    from models.catalogue import Asic

GROUP_NAMES = {
    "plan": "Plan",
    "market": "Market",
    "assumptions": "Assumptions",
    "sites": "Site",
    "price_series": "Index prices",
    "price_steps": "Price step",
    "power_contracts": "Power contract",
    "tou_periods": "Time-of-use period",
    "asic_lots": "Machines",
    "ai_offers": "AI offer",
}
NO_SOURCE, UNDATED, FRESH, AGEING, OLD = "no_source", "undated", "fresh", "ageing", "old"
PLANS_OWN: Mapping[str, str] = {}
"""No value is a scenario's."""
FRESH_DAYS, AGEING_DAYS = 31, 45
"""A source is fresh for a month (two difficulty retargets), ageing up to 45 days, and old beyond."""
NAMEPLATE = ("hashrate_th_per_s", "power_w")
"""What the catalogue says of a machine, and what does not age: a maker's rating stands as long as the machine."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One input with what it rests on.

    Attributes
    ----------
    path, label
        Of the field, and what it is called with its record's name.
    group
        The record that it belongs to: ``Machines: Antminer S21, North``.
    field
        How it is described.
    value
        As the plan holds it.
    source, address, day, note, claim
        Of its evidence, or where the value comes from otherwise; the day in ISO, each empty where there is none.
    evidence_id
        Of the evidence record that was entered for it; empty where the source is another one.
    age_days
        NaN where no day is known, or it lies ahead.
    is_chosen
        Whether this is a choice of the plan's author, which needs no source: a calendar, a switch.
    set_in
        Name of the scenario that sets the value; empty where it is the plan's own. What was found about the plan's
        value says nothing about this one.
    """

    path: str
    label: str
    group: str
    field: Field
    value: Any
    source: str
    address: str = ""
    day: str = ""
    note: str = ""
    claim: str = ""
    evidence_id: str = ""
    age_days: float = math.nan
    is_chosen: bool = False
    set_in: str = ""

    @property
    def state(self) -> str:
        """``no_source``, ``undated``, ``fresh``, ``ageing`` or ``old``; see `state_of`."""
        if self.is_chosen and not self.source:
            return FRESH
        return state_of(self.source, self.age_days)


def state_of(source: str, age_days: float) -> str:
    """How well a value is supported, by its source and age.

    Examples
    --------
    >>> state_of("", math.nan), state_of("Quote", math.nan), [state_of("Quote", d) for d in (31.0, 32.0, 46.0)]
    ('no_source', 'undated', ['fresh', 'ageing', 'old'])
    """
    if not source:
        return NO_SOURCE
    if math.isnan(age_days):
        return UNDATED
    return FRESH if age_days <= FRESH_DAYS else AGEING if age_days <= AGEING_DAYS else OLD


def age_days(day: str, as_of: date) -> float:
    """Days from an ISO day to another; NaN where none is given or it lies ahead.

    Examples
    --------
    >>> age_days("2026-11-13", date(2026, 11, 23)), age_days("", date(2026, 11, 23))
    (10.0, nan)
    """
    try:
        days = (as_of - date.fromisoformat(day)).days
    except ValueError:
        return math.nan
    return float(days) if days >= 0 else math.nan


def evidence_by_path(plan: Plan) -> dict[str, list[Evidence]]:
    """The evidence of every input that has some; several lines may be about one."""
    found: dict[str, list[Evidence]] = defaultdict(list)
    for line in plan.evidence:
        if line.path:
            found[line.path].append(line)
    return found


def register(plan: Plan, as_of: date, set_in: Mapping[str, str] = PLANS_OWN) -> tuple[Entry, ...]:
    """Every input that a figure rests on, in the order of the plan's tables.

    Left out are texts, and optional inputs that stand at nothing and have no evidence.

    Parameters
    ----------
    plan
        With a scenario's values applied, or without.
    as_of
        The day that ages are counted to.
    set_in
        Of a plan with a scenario's values: which those are, see `models.scenarios.set_in`.

    Examples
    --------
    >>> from models.samples import sample
    >>> found = {e.path: e for e in register(sample("briefing"), date(2026, 5, 1))}
    >>> entry = found["market.difficulty"]
    >>> entry.label, entry.day, entry.age_days, entry.state
    ('Difficulty', '2026-03-21', 41.0, 'ageing')
    """
    known = evidence_by_path(plan)
    found = []
    for table in GROUP_NAMES:
        for prefix, record in records_of(plan, table):
            group = group_name(plan, table, record)
            for field in applicable_fields(record):
                path = f"{prefix}.{field.name}"
                lines = known.get(path, [])
                if matters(record, field, bool(lines)):
                    found.append(_entry(plan, table, record, field, path, group, lines, as_of, set_in))
    return tuple(found)


def entry_at(
    plan: Plan,
    path: str,
    as_of: date,
    known: Mapping[str, list[Evidence]] | None = None,
    set_in: Mapping[str, str] = PLANS_OWN,
) -> Entry:
    """One input with what it rests on, whether or not it stands in the register.

    Raises
    ------
    KeyError
        Where the plan has no such input.
    """
    table, _, name = path.rpartition(".")
    record = read(plan, table)
    if isinstance(record, tuple):
        raise KeyError(path)  # a whole record, which is no input
    record_type: type = type(record)
    field = field_of(record_type, name)
    table = table.partition(".")[0]
    lines = (evidence_by_path(plan) if known is None else known).get(path, [])
    return _entry(plan, table, record, field, path, group_name(plan, table, record), lines, as_of, set_in)


def records_of(plan: Plan, table: str) -> list[tuple[str, Any]]:
    """The records of a table with their paths."""
    if table in SINGLE_RECORDS:
        return [(table, getattr(plan, table))]
    return [(f"{table}.{record.id}", record) for record in getattr(plan, table)]


def group_name(plan: Plan, table: str, record: Any) -> str:
    """What a record is called among others: ``AI offer: Powered-shell lease, Prairie Creek``."""
    kind = GROUP_NAMES.get(table, table)
    if table in SINGLE_RECORDS:
        return kind
    is_use = isinstance(record, AsicLot | AiOffer)
    name = use_name_at_site(plan, record) if is_use else record_name(plan, record)
    if table == "ai_offers":
        name += ", own GPUs" if record.kind == GPU_CLOUD else ", lease"
    site = next((s.name for s in plan.sites if s.id == getattr(record, "site_id", None)), "")
    return f"{kind}: {name}, {site}" if site and table != "sites" and site != name else f"{kind}: {name}"


def matters(record: Any, field: Field, has_evidence: bool) -> bool:
    """Whether an input is one that a reader of the plan wants to see: it moves a figure, or someone gave a source."""
    if has_evidence:
        return True
    value = getattr(record, field.name)
    is_default = field.has_default and value == field.default
    match field.spec:
        case Quantity():
            required = field.spec.required or not field.has_default
            return required or not (is_default and (value in (None, 0.0) or field.spec.advanced))
        case MonthField() | Hourly():
            return value is not None
        case Choice():
            return field.name != "kind" and value is not None
        case Flag():
            return True
        case _:
            return False


def _entry(
    plan: Plan,
    table: str,
    record: Any,
    field: Field,
    path: str,
    group: str,
    lines: list[Evidence],
    as_of: date,
    set_in: Mapping[str, str],
) -> Entry:
    label = field.label if table in SINGLE_RECORDS else f"{field.label}, {record_name(plan, record)}"
    value, found = getattr(record, field.name), dict[str, Any](source="")
    if path in set_in:
        found = {"source": f"set in scenario {set_in[path]}", "set_in": set_in[path]}
        if table == "market" and "market.source" in set_in:  # the scenario says itself where its market was read
            found |= {"source": f"{found['source']}: {plan.market.source}", "day": plan.market.as_of}
    elif lines:
        last = max(lines, key=lambda e: e.date)
        found = {
            "source": "; ".join(dict.fromkeys(line.source or line.claim for line in lines)),
            "address": last.address,
            "day": last.date,
            "note": last.note,
            "claim": last.claim,
            "evidence_id": last.id,
        }
    elif isinstance(field.spec, Hourly) and record.source:
        found = {"source": record.source, "day": record.as_of}
    elif table == "market" and plan.market.source:
        found = {"source": plan.market.source, "day": plan.market.as_of}
    elif source := source_of_default(record, field.name):
        found = {"source": f"default: {source}"}
    elif field.has_default and value == field.default and field.spec.source:
        found = {"source": f"default: {field.spec.source}"}
    elif table == "asic_lots" and field.name in NAMEPLATE and (machine := _rated(record, field.name)) is not None:
        found = {
            "source": f"catalogue: {machine.source.removeprefix('catalogue ')}",
            "address": machine.address,
            "day": machine.source_date,
            "note": machine.note,
        }
    else:
        found["is_chosen"] = not isinstance(field.spec, Quantity) or table == "plan"
    # Made at once: an explanation asks for hundreds.
    return Entry(path, label, group, field, value, **found, age_days=age_days(found.get("day", ""), as_of))


@lru_cache(maxsize=256)
def _named(model: str) -> tuple[Asic, ...]:
    from models.machine_search import machines_named

    return machines_named(model)


def _rated(lot: Any, name: str) -> Any:
    """The catalogue's machine of a lot, where the lot has its rating."""
    machines = _named(lot.model)
    return next((m for m in machines if getattr(m, name) == getattr(lot, name)), None)


def oldest_driver(plan: Plan, as_of: date, set_in: Mapping[str, str] = PLANS_OWN) -> Entry | None:
    """The input that has not been looked at for longest, of those that move; None where none has a day.

    Nameplate ratings do not age and do not count; nor do inputs without a day, which the register shows on its own, and
    among them those that a scenario sets.
    Of equally old ones the market's comes first, difficulty before the price.
    """
    entries = [
        e
        for e in register(plan, as_of, set_in)
        if isinstance(e.field.spec, Quantity) and e.field.name not in NAMEPLATE and not math.isnan(e.age_days)
    ]
    return max(entries, key=lambda e: (e.age_days, e.path == "market.difficulty"), default=None)


def with_evidence(plan: Plan, path: str, **changes: str) -> Plan:
    """A plan in which an input's source, address, date or note is another one; its evidence is made where it has none.

    A line of evidence of which nothing is left is taken out.

    Parameters
    ----------
    plan
        Not changed.
    path
        Of an input.
    changes
        ``source``, ``address``, ``date``, ``note`` or ``claim``.

    Raises
    ------
    ValueError
        Where a value cannot stand there; the message is the sentence for the user.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = with_evidence(sample("one-site"), "market.difficulty", source="mempool", date="2026-11-20")
    >>> [(e.source, e.date) for e in plan.evidence if e.path == "market.difficulty"]
    [('mempool', '2026-11-20')]
    """
    label = place_name(plan, path)
    lines = [e for e in plan.evidence if e.path == path]
    now = max(lines, key=lambda e: e.date) if lines else Evidence(new_id(plan, ID_PREFIXES["evidence"]), path, label)
    new = replace(now, **{name: text.strip() for name, text in changes.items()})
    for name in changes:
        problem = problem_with(_evidence_field(name), getattr(new, name))
        if problem:
            raise ValueError(problem)
    if lines:
        is_empty = not (new.source or new.address or new.date or new.note)
        kept = tuple(new if e is now else e for e in plan.evidence if not (is_empty and e is now))
    else:
        kept = (*plan.evidence, new)
    return replaced(plan, "evidence", kept)


def _evidence_field(name: str) -> Field:
    from models.fields import field_of

    return field_of(Evidence, name)
