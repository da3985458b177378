"""The sheet Gaps: how far mining and an offer are apart at a crossover that is a value, computed month by month.

Machines that stop by the hour have a price from which each hour runs, so that the scale of the price path at which they
equal an offer is not a formula. Whether it is right can be said by formulas: the lot is run once more at that scale.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from models.workbook.cash import Columns
from models.workbook.dispatch import part_runs
from models.workbook.layout import MONTH, added, first_row
from models.workbook.market import COUNT
from models.workbook.mining import MiningSheets
from models.workbook.styles import Style
from models.workbook.supply import SHARE
from models.workbook.xlsx import Sheet


@dataclass(eq=False)
class GapSheet:
    """Blocks of months, one for every crossover that is a value; the sheet is made with the first."""

    mining: MiningSheets
    _sheet: Sheet | None = field(default=None)

    def worth(self, lot: int, basis: str, scale: str, title: str) -> str:
        """Write a block and return what the lot earns at a scale, without what falls at any price, as a formula.

        Parameters
        ----------
        lot
            Its row in the plan.
        basis
            ``revenue``, ``margin`` or ``npv``.
        scale
            The cell of the scale of the price path.
        title
            Of the block; a user's text.
        """
        mining, inputs = self.mining, self.mining.inputs
        sheet = self._sheet or self._begin()
        count = inputs.months if basis == "npv" else min(12, inputs.months)
        columns = self._columns(lot, basis, scale)
        site = mining.site_of[mining.plan.asic_lots[lot].site_id]
        row = first_row(lot, inputs.months)
        others = {"m": first_row(0, inputs.months), "p": mining.supply.site_row(site), "y": row, "z": row + 1}
        others["x"] = first_row(mining.with_parts.index(lot), inputs.months)
        others |= {f"t{p.block}": mining.supply.part_row(p) for p in mining.supply.of_site(site)}
        sheet.row([(title, Style("strong", "@"))])
        first = sheet.block(columns.listed, count, others)
        sheet.row([])
        column = columns.letters["earns"]
        return f"SUM(Gaps!${column}${first}:${column}${first + count - 1})"

    def _begin(self) -> Sheet:
        book = self.mining.inputs.book
        sheet = self._sheet = book.sheet("Gaps", [10, *[13] * 30], "B4")
        sheet.row([("Machines run at a crossover's scale of the price path", book.styles.title)])
        sheet.row([("What they earn there is compared with the offer on the sheet Crossovers.", book.styles.note)])
        sheet.row([])
        return sheet

    def _columns(self, lot: int, basis: str, scale: str) -> Columns:
        mining = self.mining
        running = mining.dispatch(lot)
        found = Columns(MONTH)
        earned = found.add("earned", "Earned at the scale", "USD/MWh", f"{scale}*Mining!$B{{y}}")
        earned = f"{earned}{{r}}"
        shares, costs = [], []
        for number, part in enumerate(running.parts, start=1):
            bought = f"Dispatch!${running.columns.letters[f'b{part.block}']}{{x}}"
            share, cost, _, _ = part_runs(found, part, number, earned, running.available, mining.stops, running.taken)
            shares.append(f"IF({bought}>0,{bought}*{share},0)")
            costs.append(f"IF({bought}>0,{bought}*{cost},0)")
        pool, price = f"Dispatch!${running.columns.letters['pool']}{{x}}", "Power!$I{p}"
        at_price = f"IF({mining.stops},IF(ISERROR({price}),1,IF({earned}<{price},0,1)),1)"
        runs = found.add("pool_runs", "Fixed price: runs", "1 or 0", at_price, COUNT)
        shares.append(f"IF({pool}>0,{pool}*{runs}{{r}},0)")
        costs.append(f"IF({pool}*{runs}{{r}}>0,{pool}*{price},0)")
        share = found.add("share", "Runs", "0…1 of available hours", added(shares), SHARE)
        cost = found.add("cost", "Running costs", "USD per available h", added(costs))
        charged = "" if basis == "revenue" else f"-{cost}{{r}}"
        factor = f"Mining!${mining.ledgers[lot].columns['factor']}{{z}}" if basis == "npv" else "1"
        hours = f"Mining!${mining.ledgers[lot].columns['hours']}{{y}}"
        found.add(
            "earns",
            "Earns there",
            "USD/MW, present value" if basis == "npv" else "USD/MW",
            f"IF({hours}=0,0,({earned}*{share}{{r}}{charged})*{hours}*{factor})",
        )
        return found
