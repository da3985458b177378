"""What becomes of a pasted row that is a new record: what the catalogue adds, what is missing, why it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.defaults import defaults_of
from models.fields import field_of, problem_with
from models.machine_search import machines_meant, several_words, use_efficiency
from models.plan import OWNED_BY_SITE, RECORD_TYPES, Plan

LOTS = "asic_lots"
RATED = ("hashrate_th_per_s", "power_w")
EFFICIENCY = "efficiency_j_per_th"
"""What a table calculates of a lot and a block may say: checked against the rest, or the rest follows from it."""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A pasted row as a record in the making.

    Attributes
    ----------
    values
        By field: what the block says, and what follows from it. All else takes the planner's defaults.
    notes
        Sentences on what was added or is missing.
    problem
        Why the row is left out; empty where it is taken.
    machines
        The catalogue's names, where its model may be several of them.
    """

    values: dict[str, Any]
    notes: tuple[str, ...] = ()
    problem: str = ""
    machines: tuple[str, ...] = ()


def new_row(table: str, values: dict[str, Any], plan: Plan, owner_id: str | None, chosen: Mapping[str, str]) -> NewRow:
    """Complete the values of a new row.

    Parameters
    ----------
    values
        What the block says of it, by field; of a lot also its efficiency.
    owner_id
        The site (or contract, or series) of records that name none; None where the table shows those of all.
    chosen
        The catalogue's machine by the model's name in the block, where a person has chosen one.
    """
    notes = []
    if table in OWNED_BY_SITE and owner_id is None and "site_id" not in values and len(plan.sites) > 1:
        notes.append(f"no site is given; it stands at {plan.sites[0].name}.")
    row = _lot(values, chosen) if table == LOTS else NewRow(values)
    silent = [
        field_of(RECORD_TYPES[table], name).label
        for name in defaults_of(table, values.get("kind"))
        if name not in row.values
    ]
    if silent:
        notes.append(f"nothing is said on {', '.join(silent)}; planner defaults stand there.")
    return NewRow(row.values, (*row.notes, *notes), row.problem, row.machines)


def _lot(given: dict[str, Any], chosen: Mapping[str, str]) -> NewRow:
    """A lot takes hashrate and power from its efficiency or the catalogue's only such machine, and never a guess."""
    model = str(given.get("model", "")).strip()
    if not model:
        return NewRow(given, problem="the line names no model.")
    values, machines = dict(given), ()
    notes: list[str] = []
    use_efficiency(values, model, "block")
    absent = [name for name in RATED if not values.get(name)]
    if absent:
        rated = (values.get("hashrate_th_per_s"), values.get("power_w"))
        possible = machines_meant(model, *rated)
        machines = tuple(a.model for a in possible) if len(possible) > 1 else ()
        found = machines_meant(model, *rated, chosen.get(model, ""))
        words = " and ".join(field_of(RECORD_TYPES[LOTS], name).label.lower() for name in absent)
        if not found:
            return NewRow(given, problem=f"the catalogue knows no {model}; paste its {words} too.")
        if len(found) > 1:
            text = f"{several_words(model, found)}; choose one, or paste its {words} too."
            return NewRow(given, problem=text, machines=machines)
        values |= {name: getattr(found[0], name) for name in absent}
        notes.append(f"{words} from the catalogue's {found[0].model}.")
    if contradiction := use_efficiency(values, model, "block"):
        notes.append(contradiction)
    values.pop(EFFICIENCY, None)
    # What follows from an efficiency has not been read by a cell, which would have refused it.
    problem = next(filter(None, (problem_with(field_of(RECORD_TYPES[LOTS], n), values[n]) for n in RATED)), None)
    if problem:
        return NewRow(given, problem=f"{problem}, which follows from its efficiency.")
    if values.get("count") is None:
        values["count"] = 0
        notes.append("no number of machines is given; there are none until you enter it.")
    return NewRow(values, tuple(notes), machines=machines)
