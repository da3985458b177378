"""What-ifs: values that differ from the plan or from a parent scenario, and the difference of two plans.

A scenario stores only what differs from its parent, as ordinary values. They are put in place generation by generation:
what a parent comes to is what its children inherit.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from models import fields
from models.drivers import BTC_PRICE, HASHPRICE, value_of, with_value
from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan, Scenario

BASE = "base"
BASE_NAME = "Base case"

Override = tuple[str, Any]


def scenario_by_name(plan: Plan, name: str) -> Scenario | None:
    """The scenario with this id or name; None for the base.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    if name == BASE:
        return None
    # Ids first, of all: one scenario may be called what another's id is.
    for scenario in (*(s for s in plan.scenarios if s.id == name), *(s for s in plan.scenarios if s.name == name)):
        return scenario
    raise KeyError(name)


def scenario_name(plan: Plan, scenario_id: str) -> str:
    """What the user calls a scenario, the base included.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    scenario = scenario_by_name(plan, scenario_id)
    return BASE_NAME if scenario is None else scenario.name


def lineage(plan: Plan, scenario: Scenario | None) -> tuple[Scenario, ...]:
    """The scenario and its ancestors, the oldest first; empty for the base.

    A ring of parents ends where it closes; `models.checks` says so.
    """
    chain: list[Scenario] = []
    by_id = {s.id: s for s in plan.scenarios}
    while scenario is not None and scenario not in chain:
        chain.append(scenario)
        scenario = by_id.get(scenario.parent_id or "")
    return tuple(reversed(chain))


def children_of(plan: Plan, scenario_id: str) -> tuple[Scenario, ...]:
    """The scenarios that inherit directly from one, or from the base, in the plan's order."""
    parent_id = None if scenario_id == BASE else scenario_id
    return tuple(s for s in plan.scenarios if s.parent_id == parent_id)


def overrides_of(plan: Plan, scenario: Scenario | None) -> dict[str, Any]:
    """Every value in which a scenario or one of its ancestors differs from the plan; the youngest's of each path."""
    values: dict[str, Any] = {}
    for item in lineage(plan, scenario):
        values |= dict(item.overrides)
    return values


def plan_for(plan: Plan, scenario: Scenario | None) -> Plan:
    """The plan with a scenario's values in place; paths that no longer exist are passed over (a finding says so).

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> base = Plan(Header("A", "2026-04"), Market(70_000.0, 1e14, 941_472))
    >>> bull = Scenario("c1", "Bull", (("market.btc_price_usd", 120_000.0),))
    >>> plan_for(base, bull).market.btc_price_usd
    120000.0
    """
    for item in lineage(plan, scenario):
        plan = with_overrides(plan, item.overrides)
    return plan


def with_overrides(plan: Plan, overrides: tuple[Override, ...]) -> Plan:
    """The plan with these values in place, each as it stands; a hashprice moves the BTC price."""
    by_record: dict[str, dict[str, dict[str, Any]]] = {}
    hashprice = None
    for path, value in overrides:
        if path == HASHPRICE:
            hashprice = value
            continue
        table, *rest = path.split(".")
        record_id, name = (rest[0], rest[1]) if len(rest) == 2 else ("", rest[0] if rest else "")
        if table in RECORD_TYPES and name in _field_names(RECORD_TYPES[table]):
            by_record.setdefault(table, {}).setdefault(record_id, {})[name] = value
    tables: dict[str, Any] = {}
    for table, records in by_record.items():
        held = getattr(plan, table)
        if table in SINGLE_RECORDS:
            tables[table] = dataclasses.replace(held, **records.get("", {}))
        elif any(record.id in records for record in held):
            # One pass for all of a table's records, however many of its values differ.
            tables[table] = tuple(dataclasses.replace(r, **records[r.id]) if r.id in records else r for r in held)
    plan = dataclasses.replace(plan, **tables) if tables else plan
    # A hashprice last: difficulty and fees change what it takes, and the order of entry must not matter.
    return plan if hashprice is None else with_value(plan, HASHPRICE, hashprice)


@cache
def _field_names(record_type: type) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(record_type)) - {"id"}


def set_in(plan: Plan, scenario_id: str) -> dict[str, str]:
    """The inputs at which a scenario differs from the plan, each with the name of the scenario that sets it last.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> dear = (("market.btc_price_usd", 120_000.0), ("market.difficulty", 1e14))
    >>> base = Plan(Header("A", "2026-04"), Market(70_000.0, 1e14, 941_472), scenarios=(Scenario("c1", "Bull", dear),))
    >>> set_in(base, "c1")
    {'market.btc_price_usd': 'Bull'}
    """
    scenario = scenario_by_name(plan, scenario_id)
    if scenario is None:
        return {}
    names: dict[str, str] = {}
    for item in lineage(plan, scenario):
        names |= {BTC_PRICE if path == HASHPRICE else path: item.name for path, _ in item.overrides}
    return {path: names.get(path, scenario.name) for path, _, _ in difference(plan, plan_for(plan, scenario))}


def parent_plan(plan: Plan, scenario_id: str) -> Plan:
    """What a scenario inherits: its parent with all values in place; for the base the plan itself.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    scenario = scenario_by_name(plan, scenario_id)
    chain = lineage(plan, scenario)
    return plan_for(plan, chain[-2]) if len(chain) > 1 else plan


def own_overrides(plan: Plan, scenario_id: str, under: str = "") -> tuple[Override, ...]:
    """What a scenario itself stores, in all or of one value, record or table; nothing for the base.

    Parameters
    ----------
    under
        ``market.btc_price_usd`` for a value, ``sites.s1`` for a record, ``ai_offers`` for a table. A hashprice counts
        as the BTC price that it moves, and the other way round.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    scenario = scenario_by_name(plan, scenario_id)
    if scenario is None:
        return ()
    return tuple(item for item in scenario.overrides if lies_under(item[0], under))


def lies_under(path: str, under: str) -> bool:
    """Whether a path is a value, or lies in the record or table, that another names."""
    if under in (BTC_PRICE, HASHPRICE):
        return path in (BTC_PRICE, HASHPRICE)
    return not under or path == under or path.startswith(f"{under}.")


def value_in(plan: Plan, path: str) -> Any:
    """A value by its path, the derived hashprice included.

    Raises
    ------
    KeyError
        Where the plan has no such path.
    """
    return value_of(plan, path) if path == HASHPRICE else fields.read(plan, path)


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
        if len(before) == len(after):
            # The same records in the same order, most of them untouched: what an edit or a scenario leaves.
            pairs = [(a, b) for a, b in zip(before, after, strict=True) if a is not b]
            if all(a.id == b.id for a, b in pairs):
                for a, b in pairs:
                    found += _record_difference(f"{table}.{a.id}", a, b)
                continue
        old_rows, new_rows = {r.id: r for r in before}, {r.id: r for r in after}
        for record_id in old_rows | new_rows:
            path = f"{table}.{record_id}"
            a, b = old_rows.get(record_id), new_rows.get(record_id)
            if a is b:
                continue
            found += [(path, a, b)] if a is None or b is None else _record_difference(path, a, b)
    return tuple(found)


def _record_difference(path: str, old: Any, new: Any) -> list[tuple[str, Any, Any]]:
    found = []
    for name in old.__dataclass_fields__:
        a, b = getattr(old, name), getattr(new, name)
        if a is not b and a != b:
            found.append((f"{path}.{name}", a, b))
    return found
