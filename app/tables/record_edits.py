"""Edits of records as new plans: change, add, duplicate, delete with all that hangs on it; one undo step each."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.session import Session
from models.defaults import add_to, new_record
from models.drivers import record_name
from models.fields import Reference, field_at, fields_of, read, replace
from models.plan import ID_PREFIXES, RECORD_TYPES, SINGLE_RECORDS, Lever, Plan, new_id

NOUNS = {
    "sites": ("site", "sites"),
    "power_contracts": ("contract", "contracts"),
    "asic_lots": ("lot", "lots"),
    "ai_offers": ("offer", "offers"),
    "splits": ("split", "splits"),
    "evidence": ("source", "sources"),
    "levers": ("lever", "levers"),
    "scenarios": ("scenario", "scenarios"),
    "price_series": ("price series", "price series"),
    "price_steps": ("price step", "price steps"),
    "tou_periods": ("period", "periods"),
    "meter_series": ("meter", "meters"),
    "uncertainties": ("range", "ranges"),
    "tripwires": ("tripwire", "tripwires"),
    "observations": ("observation", "observations"),
    "memo_parts": ("part of the memo", "parts of the memo"),
    "decisions": ("decision", "decisions"),
    "decided_uses": ("decided use", "decided uses"),
    "actuals": ("actual", "actuals"),
}
TITLES = {
    "sites": "Sites",
    "power_contracts": "Power contracts",
    "asic_lots": "Fleet",
    "ai_offers": "AI offers",
    "splits": "Split",
    "price_series": "Index prices",
    "price_steps": "Price-duration table",
    "tou_periods": "Time-of-use periods",
    "meter_series": "Meters",
}
GROWTH_OF = {
    "btc_price_usd": "btc_price_growth_fraction_per_year",
    "difficulty": "difficulty_growth_fraction_per_year",
    "energy_price_usd_per_mwh": "energy_price_growth_fraction_per_year",
    "rent_usd_per_it_kw_month": "escalator_fraction_per_year",
    "price_usd_per_gpu_hour": "price_growth_fraction_per_year",
}
"""The field that says how a schedulable one grows."""


def counted(count: int, table: str) -> str:
    """``1 lot``, ``3 lots``."""
    one, many = NOUNS[table]
    return f"{count} {one if count == 1 else many}"


def growth_path(plan: Plan, path: str) -> str | None:
    """Path of the field by which the value at a path grows; None where it has none."""
    owner, _, name = path.rpartition(".")
    growth = GROWTH_OF.get(name)
    if growth is None:
        return None
    read(plan, owner)
    return f"{owner}.{growth}"


def saved_value(session: Session, path: str) -> tuple[Any] | None:
    """The value that the saved plan has at a path; None where it has no such record."""
    try:
        return (read(session.document.saved_plan, path),)
    except KeyError:
        return None


def change_text(plan: Plan, path: str) -> str:
    """What the undo step of a changed value is called: ``Change Energy price, North``."""
    field = field_at(plan, path)
    owner = read(plan, path.rpartition(".")[0])
    named = f", {record_name(plan, owner)}" if hasattr(owner, "id") else ""
    return f"Change {field.label}{named}"


def change_value(session: Session, path: str, value: Any, merge_key: Any = None) -> None:
    """Change one value, as one undo step; nothing where it is the value that was there."""
    plan = session.plan
    if read(plan, path) != value:
        session.edit(change_text(plan, path), replace(plan, path, value), merge_key)


def add_record(session: Session, table: str, **wanted: Any) -> str:
    """Append a record with planner defaults; returns its id.

    Parameters
    ----------
    wanted
        ``kind`` and ``site_id`` as `models.defaults.new_record` takes them, and any other field.
    """
    plan = session.plan
    known = {name: wanted.pop(name) for name in ("kind", "site_id") if name in wanted}
    record = dataclasses.replace(new_record(plan, table, **known), **wanted)
    session.edit(f"Add {NOUNS[table][0]} {record_name(plan, record)}", add_to(plan, record))
    return str(record.id)


def duplicate_records(session: Session, table: str, record_ids: list[str]) -> list[str]:
    """Copy records, each right behind its original; returns the new ids."""
    plan = session.plan
    copies: list[str] = []
    for record_id in record_ids:
        record = read(plan, f"{table}.{record_id}")
        copy = dataclasses.replace(record, id=new_id(plan, ID_PREFIXES[table]))
        if getattr(record, "name", ""):
            copy = dataclasses.replace(copy, name=_copy_name(plan, table, record.name))
        rows: list[Any] = []
        for row in getattr(plan, table):
            rows += [row, copy] if row.id == record_id else [row]
        plan = replace(plan, table, tuple(rows))
        copies.append(copy.id)
    if copies:
        session.edit(f"Duplicate {counted(len(copies), table)}", plan)
    return copies


def delete_records(session: Session, table: str, record_ids: list[str]) -> None:
    """Delete records with all that belongs to them, as one undo step, and say what went."""
    plan = session.plan
    names = [record_name(plan, read(plan, f"{table}.{record_id}")) for record_id in record_ids]
    smaller, also = without_records(plan, table, record_ids)
    what = f"{NOUNS[table][0]} {names[0]}" if len(names) == 1 else counted(len(names), table)
    session.edit(f"Delete {what}", smaller)
    rest = ", ".join(counted(count, other) for other, count in also.items() if count)
    session.message.emit(f"Deleted {what}{f' with {rest}' if rest else ''}. Undo brings everything back.")


def without_records(plan: Plan, table: str, record_ids: list[str]) -> tuple[Plan, dict[str, int]]:
    """A plan without records and without what makes no sense any more once they have gone.

    Returns
    -------
    plan, also
        And how many records of other tables went with them: those that must refer to one that has gone (what a deleted
        site owns, the periods of a contract, the steps of a series, splits to a use), levers and sources of deleted
        fields. References that may be empty are emptied. Scenarios lose their overrides of what has gone.
    """
    gone: dict[str, set[str]] = {table: set(record_ids)}
    while added := _orphans(plan, gone):
        for name, ids in added.items():
            gone.setdefault(name, set()).update(ids)
    roots = {f"{name}.{record_id}" for name, ids in gone.items() for record_id in ids}

    def is_gone(path: str, value: Any = None) -> bool:
        return ".".join(path.split(".")[:2]) in roots or _refers_to(plan, path, value, gone)

    for name in ("levers", "evidence", "uncertainties", "tripwires", "observations"):
        gone.setdefault(name, set()).update(r.id for r in getattr(plan, name) if r.path and is_gone(r.path))
    whole, also = plan, {}
    for name, ids in gone.items():
        if ids:
            rows = getattr(plan, name)
            plan = replace(plan, name, tuple(r for r in rows if r.id not in ids))
            if name != table:
                also[name] = len(rows) - len(getattr(plan, name))
    plan = _with_references_emptied(plan, gone)
    scenarios = tuple(
        s
        if not any(is_gone(path, value) for path, value in s.overrides)
        else dataclasses.replace(s, overrides=tuple((p, v) for p, v in s.overrides if not is_gone(p, v)))
        for s in plan.scenarios
    )
    if any(a is not b for a, b in zip(scenarios, whole.scenarios, strict=True)):
        plan = replace(plan, "scenarios", scenarios)
    return plan, also


def _references(table: str, *, optional: bool) -> list[tuple[str, tuple[str, ...]]]:
    """Fields of a table that name other records, with the tables that they may name."""
    if table in SINGLE_RECORDS:
        return []
    fields = fields_of(RECORD_TYPES[table])
    return [(f.name, f.spec.tables) for f in fields if isinstance(f.spec, Reference) and f.optional == optional]


def _orphans(plan: Plan, gone: dict[str, set[str]]) -> dict[str, set[str]]:
    """Records that must name one which has gone, and have not gone themselves yet."""
    found: dict[str, set[str]] = {}
    for table in RECORD_TYPES:
        for name, tables in _references(table, optional=False):
            lost = set().union(*(gone.get(t, set()) for t in tables))
            here = gone.get(table, set())
            ids = {r.id for r in getattr(plan, table) if getattr(r, name) in lost} - here if lost else set()
            if ids:
                found.setdefault(table, set()).update(ids)
    return found


def _with_references_emptied(plan: Plan, gone: dict[str, set[str]]) -> Plan:
    for table in RECORD_TYPES:
        for name, tables in _references(table, optional=True):
            lost = set().union(*(gone.get(t, set()) for t in tables))
            rows = getattr(plan, table)
            if lost and any(getattr(r, name) in lost for r in rows):
                empty: dict[str, Any] = {name: None}
                kept = (dataclasses.replace(r, **empty) if getattr(r, name) in lost else r for r in rows)
                plan = replace(plan, table, tuple(kept))
    return plan


def _refers_to(plan: Plan, path: str, value: Any, gone: dict[str, set[str]]) -> bool:
    """Whether an override names a record that has gone."""
    if not isinstance(value, str):
        return False
    try:
        spec = field_at(plan, path).spec
    except KeyError:
        return False
    return isinstance(spec, Reference) and any(value in gone.get(table, set()) for table in spec.tables)


def pin(session: Session, path: str) -> None:
    """Pin a field as a lever that every page shows; nothing where it is one already."""
    plan = session.document.plan
    if any(lever.path == path for lever in plan.levers):
        session.message.emit("It is a lever already.")
        return
    lever = Lever(new_id(plan, ID_PREFIXES["levers"]), path=path)
    session.edit_base(f"Pin {field_at(plan, path).label}", add_to(plan, lever))


def _copy_name(plan: Plan, table: str, name: str) -> str:
    taken = {getattr(r, "name", "") for r in getattr(plan, table)}
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"
