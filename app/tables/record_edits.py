"""Edits of records as new plans: change, add, duplicate, delete with all that hangs on it; one undo step each."""

from __future__ import annotations

import dataclasses
from typing import Any

from app.session import Session
from models.defaults import add_to, new_record
from models.drivers import record_name
from models.fields import field_at, read, replace
from models.plan import ID_PREFIXES, OWNED_BY_SITE, Lever, Plan, new_id

NOUNS = {
    "sites": ("site", "sites"),
    "power_contracts": ("contract", "contracts"),
    "asic_lots": ("lot", "lots"),
    "ai_offers": ("offer", "offers"),
    "splits": ("split", "splits"),
    "evidence": ("source", "sources"),
    "levers": ("lever", "levers"),
    "scenarios": ("scenario", "scenarios"),
}
TITLES = {
    "sites": "Sites",
    "power_contracts": "Power contracts",
    "asic_lots": "Fleet",
    "ai_offers": "AI offers",
    "splits": "Split",
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
        ``kind`` and ``site_id`` as `models.defaults.new_record` takes them.
    """
    plan = session.plan
    record = new_record(plan, table, **wanted)
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
        And how many records of other tables went with them: what a deleted site owns, splits to a deleted use,
        levers and sources of deleted fields. Scenarios lose their overrides of those fields.
    """
    gone: dict[str, set[str]] = {table: set(record_ids)}
    if table == "sites":
        for owned in OWNED_BY_SITE:
            gone.setdefault(owned, set()).update(r.id for r in getattr(plan, owned) if r.site_id in gone["sites"])
    uses = gone.get("asic_lots", set()) | gone.get("ai_offers", set())
    gone.setdefault("splits", set()).update(s.id for s in plan.splits if s.use_id in uses)
    roots = {f"{name}.{record_id}" for name, ids in gone.items() for record_id in ids}

    def is_gone(path: str) -> bool:
        return ".".join(path.split(".")[:2]) in roots

    for name in ("levers", "evidence"):
        gone.setdefault(name, set()).update(r.id for r in getattr(plan, name) if r.path and is_gone(r.path))
    also = {}
    for name, ids in gone.items():
        if ids:
            rows = getattr(plan, name)
            plan = replace(plan, name, tuple(r for r in rows if r.id not in ids))
            if name != table:
                also[name] = len(rows) - len(getattr(plan, name))
    scenarios = tuple(
        s
        if not any(is_gone(path) for path, _ in s.overrides)
        else dataclasses.replace(s, overrides=tuple((p, v) for p, v in s.overrides if not is_gone(p)))
        for s in plan.scenarios
    )
    if any(a is not b for a, b in zip(scenarios, plan.scenarios, strict=True)):
        plan = replace(plan, "scenarios", scenarios)
    return plan, also


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
