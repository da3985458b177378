"""The sheets Results and Reconciliation: every figure as a formula, and Busbar's own value beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from models.figures import MARKET_KINDS
from models.results import Results
from models.use_names import named_at_site
from models.workbook.crossovers import CrossoverSheet
from models.workbook.figures import known_figures, use_columns, values_of
from models.workbook.inputs import SWITCH, Inputs
from models.workbook.market import NETWORK, SPOT_BTC, SPOT_USD
from models.workbook.mining import MiningSheets
from models.workbook.offers import OfferSheets
from models.workbook.returns import Returns
from models.workbook.styles import Style
from models.workbook.xlsx import Cell, Formula, Sheet, constant, letters

UNKNOWN = "—"
_FIRST_USE_ROW = 12
_FIRST_FIGURE_ROW = 8
LARGEST = "Reconciliation!$F$4"
"""The largest difference of all."""
FLOORS = {
    "BTC/PH/day": 1e-12,
    "USD/MW": 100.0,
    "USD/MW-year": 100.0,
    "USD/MWh": 0.01,
    "USD/IT kW-month": 0.01,
    "USD/GPU-hour": 0.01,
}
"""Differences are relative to the figure, but to no less than this: a sum that comes to nothing has rounded on its way.
Other units: no less than a millionth."""


@dataclass(eq=False)
class ResultSheets:
    """What the workbook comes to, and whether Busbar says the same.

    Attributes
    ----------
    values
        Busbar's results of every case.
    cells
        Where each figure stands, by path.
    """

    inputs: Inputs
    mining: MiningSheets
    offers: OfferSheets
    returns: Returns
    crossovers: CrossoverSheet
    values: tuple[Results, ...]
    cells: dict[str, str] = field(default_factory=dict)

    def write_results(self, sheet: Sheet) -> None:
        """Fill the sheet Results."""
        book, looks = self.inputs.book, self.inputs.book.styles
        sheet.row([("Results per utility MW", looks.title)])
        sheet.row(
            [("Of the first twelve operating months where a year is named; NPV and IRR over the horizon.", looks.note)]
        )
        sheet.row([("Scenario", looks.strong), (Formula("Inputs!$F$3"), looks.strong)])
        sheet.row(
            [
                ("Largest difference to Busbar", looks.strong),
                None,
                None,
                None,
                (Formula(LARGEST), Style("strong", "0.0E+00")),
            ]
        )
        sheet.row([])
        spots = {
            "hashprice_usd_per_ph_day": SPOT_USD,
            "hashprice_btc_per_ph_day": SPOT_BTC,
            "network_hashrate_eh_per_s": NETWORK,
        }
        for name, kind in MARKET_KINDS.items():
            row = sheet.next_row
            look = Style("plain", "#,##0." + "0" * kind.digits)
            sheet.row([(kind.label, Style("text")), (kind.unit, looks.note), None, None, (_shown(spots[name]), look)])
            self._named(f"market.{name}", f"Results!$E${row}")
        sheet.row([])
        columns = use_columns()
        sheet.row(
            [
                *((h, looks.heading) for h in ("Use", "Kind", "Site", "Id")),
                *((k.label, looks.heading) for _, k in columns),
            ]
        )
        sheet.row([*[("", looks.unit)] * 4, *((kind.unit, looks.unit) for _, kind in columns)])
        plan = self.inputs.plan
        names = named_at_site(plan)
        site_names = {site.id: site.name for site in plan.sites}
        uses = [
            (lot.id, names[lot.id], "asic", lot.site_id, self.mining.figures(i)) for i, lot in enumerate(plan.asic_lots)
        ]
        uses += [(o.id, names[o.id], o.kind, o.site_id, self.offers.figures(i)) for i, o in enumerate(plan.ai_offers)]
        assert sheet.next_row == _FIRST_USE_ROW
        for at, (use_id, name, kind_of_use, site_id, formulas) in enumerate(uses):
            row = sheet.next_row
            capex = formulas["capex_usd_per_mw"]
            formulas["irr_fraction"] = f"IF({capex}>0,{self.returns.cell(at)},NA())"
            cells: list[Cell | None] = [
                (name, Style("text", "@")),
                (kind_of_use, Style("text")),
                (site_names[site_id], Style("text", "@")),
                (use_id, looks.note),
            ]
            for place, (figure, kind) in enumerate(columns, start=5):
                if figure in formulas:
                    cells.append((_shown(formulas[figure]), Style("plain", _format(kind.unit, kind.digits))))
                    self._named(f"uses.{use_id}.{figure}", f"Results!${letters(place)}${row}")
                else:
                    cells.append((UNKNOWN, Style("text")))
                    self.cells[f"uses.{use_id}.{figure}"] = f"Results!${letters(place)}${row}"
            sheet.row(cells)
        for row, (lot, offer, basis) in enumerate(self.crossovers.pairs):
            for name, cell in self.crossovers.cells(row).items():
                path = f"crossovers.{lot.id}.{offer.id}.{basis}.{name}"
                self.cells[path] = cell
                book.name(path, cell)

    def _named(self, path: str, cell: str) -> None:
        self.cells[path] = cell
        # An input may have the same path; the figure is then named after what it is.
        self.inputs.book.name(path if path not in self.inputs.rows else f"figure.{path}", cell)

    def write_reconciliation(self, sheet: Sheet) -> None:
        """Fill the sheet Reconciliation."""
        looks = self.inputs.book.styles
        cases = self.inputs.cases
        known = known_figures(self.inputs.plan, self.values[0])
        last = _FIRST_FIGURE_ROW + len(known) - 1
        sheet.row([("Busbar's figures beside the workbook's", looks.title)])
        sheet.row(
            [
                (
                    "Busbar's values were pasted when the workbook was written. Once an input is changed here, the "
                    "differences say how far the results have moved; a scenario of the switch has its own values.",
                    looks.note,
                )
            ]
        )
        if self.crossovers.largest_gap:
            words = "Largest gap at a crossover that is a value (see Crossovers)"
            largest = Formula(self.crossovers.largest_gap)
            sheet.row([(words, looks.strong), *[None] * 4, (largest, Style("strong", "0.0E+00"))])
        else:
            sheet.row([])
        differences = f"F{_FIRST_FIGURE_ROW}:F{last}"
        sheet.row(
            [
                ("Largest difference", looks.strong),
                *[None] * 4,
                (Formula(f"MAX({differences})"), Style("strong", "0.0E+00")),
            ]
        )
        sheet.row(
            [
                (
                    "Differences are relative to the figure, but to no less than 100 USD per MW, a cent of a price, or "
                    "a millionth of other units.",
                    looks.note,
                )
            ]
        )
        first = letters(8)
        headings = ["Figure", "Path", "Unit", "Busbar", "Workbook", "Difference", ""]
        sheet.row([*((h, looks.heading) for h in headings), *((c.name, Style("heading", "@")) for c in cases)])
        sheet.row(
            [
                *[("", looks.unit)] * 5,
                ("relative", looks.unit),
                ("", looks.unit),
                *[("pasted", looks.unit)] * len(cases),
            ]
        )
        sheet.colour_where("F4", "F4<=10^-9", good=True)
        sheet.colour_where("F4", "F4>10^-9", good=False)
        sheet.colour_where(differences, f"F{_FIRST_FIGURE_ROW}>10^-9", good=False)
        values = [values_of(results) for results in self.values]
        for item in known:
            row = sheet.next_row
            chosen = (
                f"{first}{row}" if len(cases) == 1 else f"INDEX({first}{row}:{letters(7 + len(cases))}{row},1,{SWITCH})"
            )
            floor = constant(FLOORS.get(item.unit, 1e-6))
            difference = (
                f"IF(AND(ISTEXT(D{row}),ISTEXT(E{row})),0,IF(OR(ISTEXT(D{row}),ISTEXT(E{row})),1,"
                f"ABS(D{row}-E{row})/MAX(ABS(D{row}),ABS(E{row}),{floor})))"
            )
            look = _format(item.unit, 2)
            pasted = Style("pasted", look)
            found = [by_path[item.path] for by_path in values]
            sheet.row(
                [
                    (item.label, Style("text", "@")),
                    (item.path, looks.note),
                    (item.unit, looks.note),
                    (Formula(chosen), Style("plain", look)),
                    (_shown(self.cells[item.path]), Style("plain", look)),
                    (Formula(difference), Style("plain", "0.0E+00")),
                    None,
                    *((UNKNOWN, pasted) if math.isnan(v) else (v, pasted) for v in found),
                ]
            )
        self.inputs.book.name("Largest_difference", LARGEST)


def _shown(formula: str) -> Formula:
    return Formula(f'IFERROR({formula},"{UNKNOWN}")')


def _format(unit: str, digits: int) -> str:
    if unit.startswith("fraction"):
        return "0.0%"
    if unit == "BTC/PH/day":
        return "0.00000000"
    return "#,##0" + ("." + "0" * digits if digits else "")
