"""The first sheet: what the workbook is, how to use it, and what in it is a value instead of a formula."""

from __future__ import annotations

from collections.abc import Iterable

from models.results import Results
from models.workbook.cases import Case, LeftOut
from models.workbook.inputs import Inputs
from models.workbook.results_sheet import LARGEST
from models.workbook.styles import Style
from models.workbook.xlsx import Book, Cell, Formula, Sheet

SHEETS = (
    ("Results", "Every figure per utility MW, as formulas."),
    ("Reconciliation", "Busbar's value, the workbook's value, and the difference of every figure."),
    ("Inputs", "Every field of the plan, one column per scenario, and the switch between them."),
    ("Tables", "Inputs that are monthly tables, as they were entered."),
    ("Schedules", "Their level in every month of the plan."),
    ("Market", "Calendar, BTC price, difficulty, subsidy split by blocks, hashprice."),
    ("Periods", "Share of each month's hours in the periods of time-of-use contracts."),
    ("Contracts", "Of each power contract its share of the site, price and charges, month by month."),
    ("Tariffs", "Contracts other than fixed ones: what the next MWh costs, and what is paid anyhow."),
    ("Power", "What a site's energy costs, month by month."),
    ("Index", "Mean of the index prices by calendar month."),
    ("Prices", "The hours of each calendar month, cheapest first."),
    ("Lots", "Machines per utility MW."),
    ("Dispatch", "In which share of the hours machines run, and what that costs."),
    ("Mining", "Machines month by month: revenue, power, opex, capex, margin, cash, payback."),
    ("Offers", "AI offers per utility MW."),
    ("Leases", "AI leases month by month."),
    ("Own GPUs", "Own GPUs month by month."),
    ("IRR", "Rates of return, and whether there is only one."),
    ("Scan", "The rates that are scanned where cash changes its sign often."),
    ("Gaps", "Machines that stop by the hour, run at the scale of a crossover that is a value."),
    ("Crossovers", "Hashprice, BTC price and the offer's price at which mining and an offer are worth the same."),
    ("Findings", "What Busbar finds questionable in the plan."),
)
"""What each sheet is for, in the order of the tabs."""


def write_readme(
    sheet: Sheet,
    inputs: Inputs,
    left_out: tuple[LeftOut, ...],
    *,
    digest: str,
    program: str,
    has_hours: bool,
    has_periods: bool,
    has_values: bool,
) -> None:
    """Fill the sheet."""
    looks = inputs.book.styles
    text, user = Style("text"), Style("text", "@")

    def line(label: str, *cells: Cell | None) -> None:
        sheet.row([None, (label, looks.strong), *cells])

    sheet.row([None, ("Busbar workbook", looks.title)])
    sheet.row([])
    line("Plan", (inputs.plan.plan.name, user))
    line("Written by", (program, text))
    if digest:
        line("Plan digest", (digest, text))
    line("Scenario switched on", (Formula("Inputs!$F$3"), looks.strong))
    line("Largest difference to Busbar", (Formula(LARGEST), Style("strong", "0.0E+00")))
    sheet.row([])
    heading(sheet, "How to use it")
    for words in (
        "Change blue cells on yellow on the sheets Inputs and Tables; every other sheet follows.",
        "Type another number into the scenario switch, cell E3 of Inputs (named Scenario), to see another scenario.",
        "Every input and figure has a name, such as market.btc_price_usd or uses.a1.npv_usd_per_mw (see the name box).",
        "All money is nominal USD per utility MW. Cash falls at a month's end, purchases at a month's start.",
        "Only formulas are stored: where figures are missing (Protected View), enable editing, and they compute.",
        "A dash (—) is a figure that cannot be computed; Busbar shows a dash there as well.",
    ):
        sheet.row([None, None, (words, text)])
    sheet.row([])
    heading(sheet, "What is a value, not a formula")
    for words in _values(inputs, has_hours=has_hours, has_periods=has_periods, has_values=has_values):
        sheet.row([None, None, (words, text)])
    if left_out:
        sheet.row([])
        heading(sheet, "Scenarios that the switch does not have")
        for item in left_out:
            sheet.row([None, (item.name, user), (f"{item.reason}; export it as a workbook of its own.", user)])
    sheet.row([])
    heading(sheet, "Sheets")
    there = {s.name for s in inputs.book.sheets}
    for name, what in SHEETS:
        if name in there:
            sheet.row([None, (name, looks.strong), (what, text)])


def write_findings(book: Book, cases: tuple[Case, ...], values: tuple[Results, ...]) -> None:
    """Write the sheet Findings: what Busbar finds questionable, in every scenario of the switch."""
    looks = book.styles
    sheet = book.sheet("Findings", [24, 12, 44, 120], "A5")
    sheet.row([("What Busbar finds questionable", looks.title)])
    sheet.row([("As of when the workbook was written; texts, not formulas.", looks.note)])
    sheet.row([])
    sheet.row([(h, looks.heading) for h in ("Scenario", "Severity", "About", "Finding")])
    for case, results in zip(cases, values, strict=True):
        for finding in results.findings:
            sheet.row(
                [
                    (case.name, Style("text", "@")),
                    (str(finding.severity), Style("text")),
                    (finding.path, looks.note),
                    (finding.message, Style("text", "@")),
                ]
            )


def heading(sheet: Sheet, words: str) -> None:
    """A heading with a line of its own."""
    sheet.row([None, (words, sheet.styles.heading), ("", sheet.styles.heading)])


def _values(inputs: Inputs, *, has_hours: bool, has_periods: bool, has_values: bool) -> Iterable[str]:
    yield "Busbar's own figures on the sheet Reconciliation: pasted when the workbook was written, for comparison only."
    yield (
        "Grey inputs (Live: no): texts, and what decides the layout, such as a contract's kind or a record's site. "
        "Change them in Busbar and export again."
    )
    if has_hours:
        yield (
            "Prices: the hours of the index, sorted once. Levels, basis and fees are formulas; the order of the hours "
            "is not. Where a restart costs money, strikes were smoothed for that cost at the level of the index then."
        )
    if has_periods:
        yield (
            "Periods: the share of the hours in each time-of-use period, counted from the calendar. "
            "Its prices are formulas."
        )
    yield "IRR: all rates of return of a use that has several; none is its IRR. Formulas say what it is worth there."
    if has_values:
        yield (
            "Crossovers of machines that stop by the hour: the scale of the price path at which they equal an offer, "
            "since every hour has a price from which it runs. Beside it, formulas run the machines at that scale and "
            "say how far both sides are apart. The offer's price is a formula."
        )
