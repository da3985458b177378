"""What F8 explains on a finding: the input that it is about, or the figure that its sentence speaks of."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from app.explained import explanation_of
from app.figure_menu import add_figure_menu
from app.session import Session
from models.problems import Finding

FIGURES = {
    "returns.no_irr": "irr_fraction",
    "returns.several_irr": "irr_fraction",
    "returns.no_payback": "payback_months",
    "returns.no_discounted_payback": "discounted_payback_months",
    "mining.stands_still": "revenue_usd_per_mw_year",
    "mining.never_runs": "revenue_usd_per_mw_year",
    "crossovers.none": "margin_usd_per_mw_year",
}
"""Of a use, by the code of a finding that speaks of it; NPV for others."""
OF_A_RECORD = {
    "sites": "sites.{id}.lead_usd_per_mw",
    "power_contracts": "power_contracts.{id}.energy_price_usd_per_mwh",
    "market": "market.hashprice_usd_per_ph_day",
    "plan": "plan.horizon_months",
}


def _candidates(finding: Finding) -> Iterator[str]:
    table, _, rest = finding.path.partition(".")
    record_id = rest.partition(".")[0]
    is_use = table in ("asic_lots", "ai_offers")
    if is_use and finding.code in FIGURES:
        yield f"uses.{record_id}.{FIGURES[finding.code]}"
    yield finding.path
    if is_use:
        yield f"uses.{record_id}.npv_usd_per_mw"
    elif table in OF_A_RECORD:
        yield OF_A_RECORD[table].format(id=record_id)


def figure_of_finding(session: Session, finding: Finding) -> str | None:
    """The path of what a finding is about; None where nothing of it can be explained."""
    for path in _candidates(finding):
        try:
            explanation_of(session, path)
        except (KeyError, ValueError):
            continue
        return path
    return None


def let_explain(widget: QWidget, session: Session, finding: Finding) -> None:
    """Let a widget that says a finding explain what it is about; copied is its sentence."""
    widget.setAccessibleName(session.numbers.say(finding.message))
    add_figure_menu(widget, session, partial(_path_at, session, finding))


def _path_at(session: Session, finding: Finding, _place: QPoint) -> str | None:
    return figure_of_finding(session, finding)
