"""The workbook of a plan: what its sheets are, and in which order they are written."""

from __future__ import annotations

import numpy as np

from models.evaluate import evaluate
from models.plan import Plan
from models.problems import PlanFileError
from models.scenarios import BASE
from models.storage.plan_file import digest, program_version
from models.use_names import named_uses
from models.workbook.cases import cases
from models.workbook.crossovers import CrossoverSheet
from models.workbook.inputs import Inputs
from models.workbook.layout import ROWS_AROUND
from models.workbook.market import write_market
from models.workbook.mining import MiningSheets
from models.workbook.offers import OfferSheets
from models.workbook.prices import PriceTables
from models.workbook.readme import write_findings, write_readme
from models.workbook.results_sheet import ResultSheets
from models.workbook.returns import write_returns
from models.workbook.supply import SupplySheets
from models.workbook.xlsx import MAX_ROWS, Book


def workbook_bytes(plan: Plan, *, scenario_id: str = BASE) -> bytes:
    """A plan as an .xlsx file whose results are formulas of its inputs.

    Parameters
    ----------
    plan
        Without a scenario applied; each of its scenarios becomes a column of inputs.
    scenario_id
        Which one the switch stands at.

    Returns
    -------
    bytes
        The same for the same arguments.

    Raises
    ------
    PlanFileError
        Where the plan has more months of uses than a sheet has rows.

    Examples
    --------
    >>> from models.samples import sample
    >>> workbook_bytes(sample("briefing"))[:2]
    b'PK'
    """
    program, plan_digest = f"Busbar {program_version()}", digest(plan)
    columns, left_out = cases(plan, scenario_id)
    plan = columns[0].plan
    months = max(case.plan.plan.horizon_months for case in columns) + 1
    tallest = max(len(plan.asic_lots), len(plan.ai_offers), len(plan.power_contracts), 1)
    if tallest * (months + ROWS_AROUND) > MAX_ROWS - 100:
        raise PlanFileError(
            f"{tallest} records × {months} months are more rows than a sheet has",
            plan.plan.name,
            "shorten the horizon or split the plan",
        )
    book = Book(f"{plan.plan.name}: workbook", program)
    readme = book.sheet("Read me", [3, 30, 110])
    results_sheet = book.sheet("Results", [30, 12, 18, 8, *[15] * 26], "E12")
    reconciliation = book.sheet("Reconciliation", [52, 46, 16, 18, 18, 12, 3, *[18] * len(columns)], "A8")
    inputs = Inputs(book, columns, months)
    start = next((at for at, case in enumerate(columns) if case.id == scenario_id), 0)
    inputs.write(start)
    with np.errstate(all="ignore"):
        values = tuple(evaluate(case.plan, scenario_name=case.id) for case in columns)
    write_market(inputs)
    tables = PriceTables()
    supply = SupplySheets(inputs, tables)
    mining = MiningSheets(inputs, supply)
    offers = OfferSheets(inputs, supply, mining)
    crossovers = CrossoverSheet(inputs, mining, offers, values)
    supply.write()
    tables.write(book)
    mining.write()
    offers.write()
    names = named_uses(plan)
    uses = [(names[lot.id], mining.ledgers[i]) for i, lot in enumerate(plan.asic_lots)]
    uses += [(names[offer.id], offers.ledgers[i]) for i, offer in enumerate(plan.ai_offers)]
    use_ids = [lot.id for lot in plan.asic_lots] + [offer.id for offer in plan.ai_offers]
    roots = [[results.by_id[use_id].irr_roots_fraction for results in values] for use_id in use_ids]
    returns = write_returns(inputs, uses, roots)
    crossovers.write()
    write_findings(book, columns, values)
    found = ResultSheets(inputs, mining, offers, returns, crossovers, values)
    found.write_results(results_sheet)
    found.write_reconciliation(reconciliation)
    write_readme(readme, inputs, left_out, digest=plan_digest, program=program, has_hours=bool(tables.held),
                 has_periods=bool(supply.period_columns), has_values=bool(crossovers.largest_gap))  # fmt: skip
    return book.bytes()
