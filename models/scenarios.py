"""What-ifs: values that differ from the plan or from a parent scenario, and the difference of two plans."""

from __future__ import annotations

import dataclasses
from typing import Any

from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan, Scenario

BASE = "base"


def scenario_by_name(plan: Plan, name: str) -> Scenario | None:
    """The scenario with this id or name; None for the base.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    if name == BASE:
        return None
    for scenario in plan.scenarios:
        if name in (scenario.id, scenario.name):
            return scenario
    raise KeyError(name)


def overrides_of(plan: Plan, scenario: Scenario | None) -> dict[str, Any]:
    """Every value in which a scenario differs from the plan, its parents' first.

    A ring of parents ends where it closes; `models.checks` says so.
    """
    chain: list[Scenario] = []
    by_id = {s.id: s for s in plan.scenarios}
    while scenario is not None and scenario not in chain:
        chain.append(scenario)
        scenario = by_id.get(scenario.parent_id or "")
    values: dict[str, Any] = {}
    for item in reversed(chain):
        values |= dict(item.overrides)
    return values


def plan_for(plan: Plan, scenario: Scenario | None) -> Plan:
    """The plan with a scenario's values in place; paths that no longer exist are passed over (a finding says so)."""
    from models.drivers import HASHPRICE, with_value

    # A hashprice last: difficulty and fees change what it takes, and the order of entry must not matter.
    for path, value in sorted(overrides_of(plan, scenario).items(), key=lambda item: item[0] == HASHPRICE):
        try:
            plan = with_value(plan, path, value)
        except KeyError:
            continue
    return plan


def difference(old: Plan, new: Plan) -> tuple[tuple[str, Any, Any], ...]:
    """Every path at which two plans differ, with both values; a record that is only in one has None on the other side.

    Examples
    --------
    >>> from models.fields import replace
    >>> from models.plan import Header, Market
    >>> plan = Plan(Header("A", "2026-04"), Market(70_000.0, 1e14, 941_472))
    >>> difference(plan, replace(plan, "market.btc_price_usd", 80_000.0))
    (('market.btc_price_usd', 70000.0, 80000.0),)
    """
    found: list[tuple[str, Any, Any]] = []
    for table in RECORD_TYPES:
        before, after = getattr(old, table), getattr(new, table)
        if before is after:
            continue
        if table in SINGLE_RECORDS:
            found += _record_difference(table, before, after)
            continue
        old_rows, new_rows = {r.id: r for r in before}, {r.id: r for r in after}
        for record_id in old_rows | new_rows:
            path = f"{table}.{record_id}"
            a, b = old_rows.get(record_id), new_rows.get(record_id)
            found += [(path, a, b)] if a is None or b is None else _record_difference(path, a, b)
    return tuple(found)


def _record_difference(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    return [
        (f"{path}.{f.name}", getattr(old, f.name), getattr(new, f.name))
        for f in dataclasses.fields(old)
        if getattr(old, f.name) != getattr(new, f.name)
    ]
