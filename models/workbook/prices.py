"""The sheets Index and Prices: of every calendar month the hours of an index, cheapest first, added up."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.curves import Array
from models.power.shapes import _APART, _DAYS, MONTHS_OF_YEAR, Prices
from models.workbook.styles import Style
from models.workbook.xlsx import Book

_NEVER = -1e300
"""The strike of a machine that runs in no hour: every look-up finds at least this row."""
_FIRST_INDEX_ROW, _FIRST_PRICE_ROW = 7, 7
_ROWS_PER_TABLE = MONTHS_OF_YEAR + 3


@dataclass(eq=False)
class PriceTables:
    """Tables of sorted hours, each for a series and what a restart costs beside its prices."""

    held: list[tuple[Prices, float, str]] = field(default_factory=list)

    def row_of(self, prices: Prices, restart_cost: float, name: str) -> int:
        """The row on Index of the table's January."""
        same = (at for at, (one, cost, _) in enumerate(self.held) if one is prices and cost == restart_cost)
        at = next(same, len(self.held))
        if at == len(self.held):
            self.held.append((prices, restart_cost, name))
        return _FIRST_INDEX_ROW + at * _ROWS_PER_TABLE

    def write(self, book: Book) -> None:
        """Write both sheets, where there is a table."""
        if not self.held:
            return
        looks = book.styles
        index = book.sheet("Index", [34, 16, 10, 10, 10, 14, 10, 10], "A7")
        prices = book.sheet("Prices", [16, 16, 18, 16], "A7")
        index.row([("Index prices by calendar month", looks.title)])
        index.row([("Where each month's hours stand on Prices, and their mean.", looks.note)])
        index.skip_to(4)
        headings = ("Prices", "Restart", "Month", "First row", "Last row", "Mean", "Days", "Has prices")
        units = ("", "USD/MW over scale", "of the year", "on Prices", "on Prices", "USD/MWh", "d", "1 or 0")
        index.row([(h, looks.heading) for h in headings])
        index.row([(u, looks.unit) for u in units])
        prices.row([("Hours of every calendar month, cheapest first, added up", looks.title)])
        prices.row(
            [
                (
                    "Values, not formulas: imported prices, sorted. Where a restart costs money, strikes are the "
                    "prices smoothed for it (A. Chambolle 2004).",
                    looks.note,
                )
            ]
        )
        prices.skip_to(_FIRST_PRICE_ROW - 2)
        columns = ("Runs from a strike of", "Share of hours", "Price × share, added up", "Restarts")
        prices.row([(c, looks.heading) for c in columns])
        prices.row([(u, looks.unit) for u in ("USD/MWh", "0…1", "USD/MWh", "per hour and MW")])
        from models.workbook.xlsx import Formula

        for at, (table, cost, name) in enumerate(self.held):
            first = _FIRST_INDEX_ROW + at * _ROWS_PER_TABLE
            index.skip_to(first)
            for month, rows in enumerate(sorted_months(table, cost)):
                begin = prices.numbers(rows.tolist(), Style("pasted", "0.0000"))
                end = begin + len(rows) - 1
                index.row(
                    [
                        (name, Style("text", "@")),
                        (cost, Style("pasted", "0.00")),
                        (month + 1, Style("plain", "0")),
                        (begin, Style("pasted", "0")),
                        (end, Style("pasted", "0")),
                        (Formula(f"INDEX(Prices!$C$1:$C${end},E{index.next_row})"), Style("plain", "#,##0.00")),
                        (float(_DAYS[month]), Style("pasted", "0.00")),
                        (0 if month in table.stands_in else 1, Style("pasted", "0")),
                    ]
                )
            weighed = f"G{first}:G{first + 11}*H{first}:H{first + 11}"
            mean = f"SUMPRODUCT(F{first}:F{first + 11}*{weighed})/SUMPRODUCT({weighed})"
            index.row(
                [("of the year", looks.note), None, None, None, None, (Formula(mean), Style("plain", "#,##0.00"))]
            )


def sorted_months(prices: Prices, restart_cost: float) -> list[Array]:
    """Of every calendar month rows of strike, share, cost and restarts; hours of one strike are one row.

    The first row is that of no hour at all.
    """
    held = prices.sorted_hours(restart_cost)
    found = []
    at = 0
    for month, runs in enumerate(prices.months):
        count = sum(len(run) for run in runs)
        sums = slice(at + month, at + month + count + 1)
        # Months lie apart in the list of strikes, which costs digits: those of the prices themselves are taken.
        strikes = held.strikes[at : at + count] - month * _APART
        if held.restarts is None:
            strikes = np.sort(np.concatenate(runs), kind="stable")
        restarts = np.zeros(count + 1) if held.restarts is None else held.restarts[sums]
        rows = np.column_stack([np.concatenate([[_NEVER], strikes]), held.share[sums], held.cost[sums], restarts])
        last = np.append(rows[1:, 0] != rows[:-1, 0], True)
        found.append(rows[last])
        at += count
    return found
