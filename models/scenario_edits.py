"""Edits of scenarios: what changed goes into the one on show, what came or went into the plan; and how to revert it."""

from __future__ import annotations

import dataclasses
from typing import Any

from models import fields
from models.drivers import BTC_PRICE, HASHPRICE
from models.fields import Reference
from models.plan import ID_PREFIXES, RECORD_TYPES, SINGLE_RECORDS, Plan, Scenario, new_id
from models.scenarios import (
    BASE,
    Override,
    difference,
    lies_under,
    lineage,
    own_overrides,
    parent_plan,
    plan_for,
    scenario_by_name,
    value_in,
)
from models.storage.validity import overridable_field, records_by_path


def edited(plan: Plan, scenario_id: str, shown: Plan) -> Plan:
    """The plan whose scenario looks as `shown` does.

    Parameters
    ----------
    plan
        The document's plan, without overrides.
    scenario_id
        One of its scenarios, which the user was looking at.
    shown
        An edited copy of what `plan_for` gives for that scenario.

    Returns
    -------
    Plan
        With the records of `shown` in its order. Values that differ from the scenario's parent are its overrides;
        what no scenario can hold (names of scenarios, levers, evidence) is changed in the plan.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.

    Examples
    --------
    >>> from models.plan import Header, Market, Scenario
    >>> plan = Plan(Header("A", "2026-04"), Market(70_000.0, 1e14, 941_472), scenarios=(Scenario("c1", "Bull"),))
    >>> after = edited(plan, "c1", fields.replace(plan, "market.btc_price_usd", 120_000.0))
    >>> after.market.btc_price_usd, after.scenarios[0].overrides
    (70000.0, (('market.btc_price_usd', 120000.0),))
    """
    scenario = scenario_by_name(plan, scenario_id)
    if scenario is None:
        return shown
    before = plan_for(plan, scenario)
    changes = [c for c in difference(before, shown) if not _is_record(plan, c[0])]
    plan = _with_records_of(plan, shown)
    records = records_by_path(shown)
    overrides = dict(scenario.overrides)
    if HASHPRICE in overrides and any(path.startswith("market.") for path, _, _ in changes):
        # It was computed from values that have just changed; what it came to is kept in its place.
        del overrides[HASHPRICE]
        changes = [c for c in changes if c[0] != BTC_PRICE] + [(BTC_PRICE, None, shown.market.btc_price_usd)]
    parent = parent_plan(plan, scenario_id)
    for path, _, value in changes:
        if overridable_field(records, path) is None:
            plan = fields.replace(plan, path, value)
            continue
        if _names_what_went(plan, path):
            # The record that it named has gone from the plan: nobody can inherit the name any more.
            plan, parent = fields.replace(plan, path, value), fields.replace(parent, path, value)
        overrides.pop(path, None)
        if fields.read(parent, path) != value:
            overrides[path] = value
    held = scenario_by_name(plan, scenario_id)
    rows = tuple(
        dataclasses.replace(s, overrides=tuple(overrides.items()))
        if s is held and s.overrides == scenario.overrides
        else s
        for s in plan.scenarios
    )
    return plan if rows == plan.scenarios else dataclasses.replace(plan, scenarios=rows)


def reverted(plan: Plan, scenario_id: str, under: str = "") -> Plan:
    """The plan whose scenario inherits a value again, or a record's, a table's or all of them.

    Parameters
    ----------
    under
        As in `models.scenarios.own_overrides`.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.

    Examples
    --------
    >>> from models.plan import Header, Market
    >>> plan = Plan(
    ...     Header("A", "2026-04"),
    ...     Market(70_000.0, 1e14, 941_472),
    ...     scenarios=(Scenario("c1", "Bull", (("market.btc_price_usd", 120_000.0),)),),
    ... )
    >>> reverted(plan, "c1", "market").scenarios[0].overrides
    ()
    """
    scenario = scenario_by_name(plan, scenario_id)
    if scenario is None:
        return plan
    kept = tuple(item for item in scenario.overrides if not lies_under(item[0], under))
    return plan if kept == scenario.overrides else with_scenario(plan, dataclasses.replace(scenario, overrides=kept))


def promoted(plan: Plan, scenario_id: str, under: str = "") -> Plan:
    """The plan in which a scenario's parent takes over a value (a record's, a table's, all) of the scenario's own.

    The scenario looks as before; its parent, and whoever else inherits from that, has the values now as well.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    scenario = scenario_by_name(plan, scenario_id)
    moved = own_overrides(plan, scenario_id, under)
    if scenario is None or not moved:
        return plan
    seen, shown = plan_for(plan, scenario), parent_plan(plan, scenario_id)
    for path, _ in moved:
        held = BTC_PRICE if path == HASHPRICE else path
        try:
            shown = fields.replace(shown, held, value_in(seen, held))
        except KeyError:
            continue
    parent_id = scenario.parent_id or BASE
    above = edited(plan, parent_id, dataclasses.replace(shown, scenarios=plan.scenarios))
    return reverted(above, scenario_id, under)


def removed(plan: Plan, scenario_id: str) -> Plan:
    """The plan without a scenario; those that inherit from it keep what it gave them, and inherit from its parent.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    gone = scenario_by_name(plan, scenario_id)
    if gone is None:
        return plan
    seen = plan_for(plan, gone)
    # A hashprice means another BTC price beside other values: what it came to is handed down.
    price = seen.market.btc_price_usd
    # One beyond what the field takes cannot be handed down: then the hashprice is, which gives it again.
    can_hold = not fields.problem_with(fields.field_at(plan, BTC_PRICE), price)
    given = dict((BTC_PRICE, price) if p == HASHPRICE and can_hold else (p, v) for p, v in gone.overrides)
    rows = []
    for scenario in plan.scenarios:
        if scenario.parent_id == gone.id:
            own = given | dict(scenario.overrides)
            scenario = dataclasses.replace(scenario, parent_id=gone.parent_id, overrides=tuple(own.items()))
        if scenario.id != gone.id:
            rows.append(scenario)
    return dataclasses.replace(plan, scenarios=tuple(rows))


def may_inherit(plan: Plan, scenario_id: str, parent_id: str) -> bool:
    """Whether a scenario can inherit from another (or ``base``): not from itself, nor from who inherits from it."""
    if parent_id == BASE:
        return True
    return all(s.id != scenario_id for s in lineage(plan, scenario_by_name(plan, parent_id)))


def moved_under(plan: Plan, scenario_id: str, parent_id: str) -> Plan:
    """The plan whose scenario inherits from another one, or from ``base``; its own values stay.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    ValueError
        Where it would inherit from itself.
    """
    scenario = scenario_by_name(plan, scenario_id)
    if scenario is None or not may_inherit(plan, scenario_id, parent_id):
        raise ValueError(f"{scenario_id} cannot inherit from {parent_id}")
    return with_scenario(plan, dataclasses.replace(scenario, parent_id=None if parent_id == BASE else parent_id))


def added(
    plan: Plan, name: str, overrides: tuple[Override, ...] = (), parent_id: str = BASE, after: str = ""
) -> tuple[Plan, Scenario]:
    """The plan with one more scenario, of a name that no other has, and that scenario.

    Parameters
    ----------
    after
        Id of the scenario behind which it stands; at the end where empty.
    """
    taken = {s.name for s in plan.scenarios}
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    scenario = Scenario(
        new_id(plan, ID_PREFIXES["scenarios"]), free, overrides, None if parent_id == BASE else parent_id
    )
    rows = list(plan.scenarios)
    place = next((n for n, s in enumerate(rows, start=1) if s.id == after), len(rows))
    rows.insert(place, scenario)
    return dataclasses.replace(plan, scenarios=tuple(rows)), scenario


def with_scenario(plan: Plan, scenario: Scenario) -> Plan:
    """The plan with a scenario in the place of the one of its id."""
    return dataclasses.replace(plan, scenarios=tuple(scenario if s.id == scenario.id else s for s in plan.scenarios))


def _names_what_went(plan: Plan, path: str) -> bool:
    """Whether a reference of the plan's own leads to a record that the plan does not have any more."""
    try:
        spec, named = fields.field_at(plan, path).spec, fields.read(plan, path)
    except KeyError:
        return False
    if not isinstance(spec, Reference) or named is None:
        return False
    return all(record.id != named for table in spec.tables for record in getattr(plan, table))


def _is_record(plan: Plan, path: str) -> bool:
    table, *rest = path.split(".")
    return table not in SINGLE_RECORDS and len(rest) == 1


def _with_records_of(plan: Plan, shown: Plan) -> Plan:
    """The plan with the records that `shown` has, in its order: its own where it knows them."""
    tables: dict[str, Any] = {}
    for table in RECORD_TYPES:
        if table in SINGLE_RECORDS:
            continue
        own = {record.id: record for record in getattr(plan, table)}
        rows = tuple(own.get(record.id, record) for record in getattr(shown, table))
        if rows != getattr(plan, table):
            tables[table] = rows
    return dataclasses.replace(plan, **tables) if tables else plan
