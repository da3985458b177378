"""The results as tables to export: what the plan file stores of them, the bills, and what is questionable."""

from __future__ import annotations

from typing import Any

from models.bills.monthly import CREDITS, LINES, Bill, firm_bill, lot_bill
from models.curves import month_after
from models.plan import Plan
from models.results import Results
from models.sheets import Cell, Column, Measured, Sheet, sheet_of
from models.storage.plan_tables import result_tables
from models.storage.result_columns import MEANINGS
from models.use_names import named_at_site

TITLES = {"per_mw": "Per MW", "cash_flow_monthly": "Monthly cash", "crossovers": "Crossovers"}


def result_sheets(plan: Plan, results: Results) -> tuple[Sheet, ...]:
    """One table each of figures per utility megawatt, monthly cash, crossovers, bills of power, and findings.

    Parameters
    ----------
    plan
        With the values of the scenario that was evaluated.
    results
        Its evaluation.
    """
    stored = [_stored(table.name, [c.name for c in table.columns], table.rows) for table in result_tables(results)]
    findings: list[list[Cell]] = [[str(f.severity), str(f.message), f.path, f.code] for f in results.findings]
    told = sheet_of("Findings", ["Severity", "Finding", "About", "Rule"], findings)
    return (*(s for s in (*stored, *_bills(plan), told) if s.rows),) or (stored[0],)


def _stored(name: str, columns: list[str], rows: Any) -> Sheet:
    meanings = [MEANINGS[name][column] for column in columns]
    return Sheet(TITLES[name], tuple(Column(m.label, m.unit) for m in meanings), tuple(rows))


def _bills(plan: Plan) -> list[Sheet]:
    """The monthly bill of every lot, and of firm load on every site with a contract."""
    contracted = {contract.site_id for contract in plan.power_contracts}
    names = {site.id: site.name for site in plan.sites}
    uses = named_at_site(plan)
    payers = [
        (f"{uses[lot.id]}, {names[lot.site_id]}", lot_bill(plan, lot.id))
        for lot in plan.asic_lots
        if lot.site_id in names
    ]
    payers += [(f"Firm load, {site.name}", firm_bill(plan, site.id)) for site in plan.sites if site.id in contracted]
    used = [name for name in LINES if any(name in bill.lines for _, bill in payers)]
    heads = [
        Column("Who pays"),
        Column("Month"),
        *(Column(f"{LINES[name]}{', a credit' if name in CREDITS else ''}", "USD/MW") for name in used),
        Column("Total", "USD/MW"),
        Column("Consumed", "MWh/MW"),
        *(Column(words, "h") for words in ("Hours run", "Hours out of order", "Hours stopped for price")),
    ]
    rows = [row for who, bill in payers for row in _bill_rows(plan.plan.start, who, bill, used)]
    return [sheet_of("Power bills", heads, rows)]


def _bill_rows(start: str, who: str, bill: Bill, used: list[str]) -> list[list[Cell]]:
    found: list[list[Cell]] = []
    hours = (bill.hours_run, bill.hours_out, bill.hours_stopped)
    for month, total in enumerate(bill.total.tolist()):
        lines = [float(bill.lines[name][month]) if name in bill.lines else 0.0 for name in used]
        found.append(
            [
                who,
                month_after(start, month),
                *(Measured(amount, "USD/MW") for amount in (*lines, total)),
                Measured(float(bill.consumed_mwh[month]), "MWh/MW"),
                *(Measured(float(h[month]), "h") for h in hours),
            ]
        )
    return found
