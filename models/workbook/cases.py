"""Which scenarios the workbook's switch has, and which inputs its formulas cannot follow.

Sheets, rows and look-ups are laid out for the records as they are: what kind of contract, at which site, following
which prices. A number or month may change, in a cell or by the switch; what decides the layout may not. A scenario that
changes it is left out of the switch, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models import fields
from models.drivers import BTC_PRICE, HASHPRICE
from models.plan import RECORD_TYPES, Plan, Scenario
from models.records.power import TIME_OF_USE
from models.scenarios import BASE, difference, overrides_of, plan_for, scenario_by_name

LAYOUT_FIELDS = {
    "sites": ("curtailment_start_cost_usd_per_mw",),
    "price_series": ("kind", "time_zone", "hourly_usd_per_mwh"),
    "price_steps": ("series_id", "hours_share_fraction", "price_usd_per_mwh"),
    "power_contracts": ("site_id", "kind", "price_series_id", "sells_back"),
    "tou_periods": (
        "contract_id",
        "first_hour",
        "end_hour",
        "days",
        "first_month_of_year",
        "last_month_of_year",
    ),
    "asic_lots": ("site_id",),
    "ai_offers": ("site_id", "kind"),
}
"""By table the fields that decide the layout, or from which pasted values were made."""
RESTART_FIELDS = ("forward_index_usd_per_mwh", "energy_price_growth_fraction_per_year", "tax_fraction")
"""Where restarts cost money, these decide what one is worth beside the prices, which were smoothed for it."""
MOST_CASES = 250
"""CHOOSE takes 254 answers."""
NOT_READ = ("splits", "meter_series", "price_series")
"""Tables whose numbers no formula reads."""


@dataclass(frozen=True)
class Case:
    """A column of the inputs: the plan, or one of its scenarios.

    Attributes
    ----------
    plan
        With the scenario's values applied.
    parent
        The column from which it takes what it does not change; itself for the plan.
    own
        Paths of the values that it sets.
    hashprice
        Whether its BTC price follows from a hashprice that it (or a parent) sets.
    """

    id: str
    name: str
    plan: Plan
    parent: int
    own: frozenset[str]
    hashprice: float | None = None


@dataclass(frozen=True)
class LeftOut:
    """A scenario that the switch does not have, and why."""

    name: str
    reason: str


def is_live(plan: Plan, path: str) -> bool:
    """Whether the workbook's results follow the value at a path when it is changed in its cell.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> is_live(plan, "market.btc_price_usd"), is_live(plan, "power_contracts.p1.kind")
    (True, False)
    """
    table, *rest = path.split(".")
    name = rest[-1]
    if table in NOT_READ or name in LAYOUT_FIELDS.get(table, ()):
        return False
    if path == "plan.start":
        # Hours in the periods of a time-of-use contract are counted from the calendar.
        return all(c.kind != TIME_OF_USE for c in plan.power_contracts)
    if table == "power_contracts" and name in RESTART_FIELDS:
        contract = fields.read(plan, f"{table}.{rest[0]}")
        site = next((s for s in plan.sites if s.id == contract.site_id), None)
        return contract.price_series_id is None or site is None or site.curtailment_start_cost_usd_per_mw == 0
    spec = fields.field_at(plan, path).spec
    return isinstance(spec, fields.Quantity | fields.MonthField | fields.Flag) or name in (
        "power_paid_by",
        "hedge_disposition",
    )


def cases(plan: Plan, scenario_id: str = BASE) -> tuple[tuple[Case, ...], tuple[LeftOut, ...]]:
    """The columns of the inputs, the plan first, and the scenarios that cannot be among them.

    A scenario that cannot be and is asked for stands alone: its plan takes the base plan's place.
    """
    found, left_out = _all_cases(plan)
    chosen = scenario_by_name(plan, scenario_id)
    if chosen is None or any(case.id == chosen.id for case in found):
        return found, left_out
    alone = Case(chosen.id, chosen.name, plan_for(plan, chosen), 0, frozenset())
    others = [LeftOut(s.name, "only one scenario can be laid out here") for s in plan.scenarios if s is not chosen]
    return (alone,), tuple(others)


def _all_cases(plan: Plan) -> tuple[tuple[Case, ...], tuple[LeftOut, ...]]:
    found = [Case(BASE, "Base plan", plan, 0, frozenset())]
    left_out = []
    for scenario in plan.scenarios:
        if len(found) == MOST_CASES:
            left_out.append(LeftOut(scenario.name, f"the switch has room for {MOST_CASES - 1} scenarios"))
            continue
        shown = plan_for(plan, scenario)
        lost = [
            path
            for path, _, _ in difference(plan, shown)
            if _decides(plan, path) and path.split(".")[0] in RECORD_TYPES
        ]
        if lost:
            left_out.append(LeftOut(scenario.name, f"it changes {', '.join(sorted(lost))}, which decides the layout"))
            continue
        found.append(_case(plan, scenario, shown, found))
    return tuple(found), tuple(left_out)


def _decides(plan: Plan, path: str) -> bool:
    """Whether a change at the path changes figures in a way that the formulas cannot follow."""
    table, *rest = path.split(".")
    if table in ("splits", "meter_series") or not rest:
        return False
    field = fields.field_at(plan, path)
    if isinstance(field.spec, fields.Text) and (table, field.name) != ("price_series", "time_zone"):
        return False
    return not is_live(plan, path)


def _case(plan: Plan, scenario: Scenario, shown: Plan, before: list[Case]) -> Case:
    values: dict[str, Any] = overrides_of(plan, scenario)
    columns = {case.id: at for at, case in enumerate(before)}
    parent = columns.get(scenario.parent_id or "", 0)
    own = set(dict(scenario.overrides))
    # Scaled tables and rounded numbers: what differs from the parent was set here, whatever it was called.
    own |= {path for path, _, _ in difference(before[parent].plan, shown)}
    hashprice = values.get(HASHPRICE)
    if hashprice is not None:
        own.add(BTC_PRICE)
    return Case(scenario.id, scenario.name, shown, parent, frozenset(own), hashprice)
