"""Edits while a scenario is on show: what changed goes into the scenario, what came or went into the plan itself."""

from __future__ import annotations

import dataclasses
from typing import Any

from models import fields
from models.drivers import BTC_PRICE, HASHPRICE
from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan
from models.scenarios import difference, plan_for, scenario_by_name
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
    parent = plan_for(plan, scenario_by_name(plan, scenario.parent_id or "base"))
    for path, _, value in changes:
        if overridable_field(records, path) is None:
            plan = fields.replace(plan, path, value)
            continue
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
