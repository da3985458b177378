"""What the scenario on show has from its parent, what is its own, and the way back from the one to the other."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from PySide6.QtWidgets import QWidget

from app.numbers import Numbers
from app.session import Session
from models.drivers import BTC_PRICE, HASHPRICE, place_name
from models.fields import field_at
from models.kept import Same
from models.plan import Plan
from models.scenario_edits import reverted
from models.scenarios import BASE, own_overrides, parent_plan, scenario_by_name, scenario_name, value_in
from models.sheets import Measured, field_cell
from models.storage.validity import DERIVED_FIELDS


def is_own(session: Session, path: str) -> bool:
    """Whether the scenario on show has a value of its own at a path, and does not inherit it."""
    return session.scenario_id != BASE and path in _own_paths(Same(session.document.plan), session.scenario_id)


def inherited_words(session: Session, path: str) -> str:
    """What the scenario on show would inherit at a path, and from whom: ``Base case: $50.00/MWh``."""
    plan, scenario_id = session.document.plan, session.scenario_id
    try:
        value = value_in(_parent(Same(plan), scenario_id), path)
    except KeyError:
        return ""
    return f"{parent_name(plan, scenario_id)}: {value_words(session.plan, path, value, session.numbers)}"


def tint_tip(session: Session, path: str) -> str:
    """What a tinted value says when it is pointed at: what it would inherit, and how."""
    return f"{inherited_words(session, path)} – Ctrl+R reverts to it"


def parent_name(plan: Plan, scenario_id: str) -> str:
    """What the user calls that which a scenario inherits from."""
    scenario = scenario_by_name(plan, scenario_id)
    return scenario_name(plan, (scenario.parent_id if scenario is not None else None) or BASE)


def value_words(plan: Plan, path: str, value: Any, numbers: Numbers) -> str:
    """A value as forms show it, unit included; ``empty`` where there is none."""
    field = DERIVED_FIELDS[path] if path in DERIVED_FIELDS else field_at(plan, path)
    return numbers.format_field(field, value) or "empty"


def exported_value(plan: Plan, path: str, value: Any) -> Measured | str:
    """A value as a file holds it; ``empty`` where there is none."""
    field = DERIVED_FIELDS[path] if path in DERIVED_FIELDS else field_at(plan, path)
    return field_cell(field, value) or "empty"


def revert(session: Session, under: str, scenario_id: str = "") -> bool:
    """Have a scenario inherit a value again, or a record's, a table's or all of them, as one named undo step.

    Parameters
    ----------
    under
        As in `models.scenarios.own_overrides`.
    scenario_id
        The one on show where empty.

    Returns
    -------
    bool
        False where nothing there is its own; a sentence says so.
    """
    scenario_id = scenario_id or session.scenario_id
    plan = session.document.plan
    name = scenario_name(plan, scenario_id)
    after = reverted(plan, scenario_id, under)
    if after is plan:
        if scenario_id == BASE:
            session.message.emit("The base case inherits from nothing: its values are the plan's own.")
        else:
            session.message.emit(f"{name} inherits that already.")
        return False
    what = place_name(session.plan, under) if "." in under else TABLE_WORDS.get(under, name)
    session.edit_base(f"Revert {what}", after)
    return True


TABLE_WORDS = {
    "plan": "calendar",
    "market": "market",
    "assumptions": "assumptions",
    "sites": "sites",
    "power_contracts": "power contracts",
    "asic_lots": "fleet",
    "ai_offers": "AI offers",
    "splits": "split",
    "price_series": "index prices",
    "price_steps": "price-duration table",
    "tou_periods": "time-of-use periods",
    "meter_series": "meters",
}
"""What undo steps and sections call the tables whose values a scenario can hold."""


class HasPlace(Protocol):
    """A widget that shows values of the plan and knows which one the keyboard is at."""

    def path_with_focus(self) -> str: ...


def path_with_focus(widget: QWidget | None) -> str:
    """Path of the plan's value that the keyboard is at; empty where it is at none."""
    while widget is not None:
        ask = getattr(widget, "path_with_focus", None)
        if ask is not None:
            return str(ask())
        widget = widget.parentWidget()
    return ""


@lru_cache(maxsize=4)
def _own_paths(plan: Same, scenario_id: str) -> frozenset[str]:
    try:
        paths = frozenset(path for path, _ in own_overrides(plan.held, scenario_id))
    except KeyError:
        return frozenset()
    # One number in two words: whoever sets the hashprice sets the price.
    return paths | {BTC_PRICE, HASHPRICE} if paths & {BTC_PRICE, HASHPRICE} else paths


@lru_cache(maxsize=4)
def _parent(plan: Same, scenario_id: str) -> Plan:
    return parent_plan(plan.held, scenario_id)
