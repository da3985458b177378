"""The sheet IRR: of every use all rates of return between −99 % and +10,000 %, as in `models.metrics.irr_roots`.

With two changes of sign or fewer the number of rates in a range follows from the worth at its ends; with more it is
counted on the grid that Busbar scans. A single one is bracketed by halving, found by IRR(), and polished by Newton.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.metrics import HIGHEST_RATE, LOWEST_RATE
from models.workbook.cash import Ledger
from models.workbook.styles import Style
from models.workbook.xlsx import Book, Cell, Formula, letters

_FIRST_USE_ROW = 6
_HALVINGS = 12
_SCAN_POINTS = 1_200
_FIRST_SCAN_ROW = 6
_LOW, _HIGH = (1.0 + HIGHEST_RATE) ** (-1.0 / 12.0), (1.0 + LOWEST_RATE) ** (-1.0 / 12.0)
"""Monthly discount factors of the highest and the lowest rate."""
_HEADINGS = (
    ("Use", ""),
    ("Earns and spends", "1 or 0"),
    ("Changes of sign", "of the cash"),
    ("Worth at +10,000 %", "USD/MW"),
    ("Worth at −99 %", "USD/MW"),
    ("Rates of return", "in between; 0 also for two"),
)


@dataclass(frozen=True)
class Returns:
    """Where the rate of return of each use stands, by its place in the list."""

    column: str

    def cell(self, use: int) -> str:
        """The annual rate; an error where there is none, or more than one."""
        return f"IRR!${self.column}${_FIRST_USE_ROW + use}"


def write_returns(book: Book, uses: list[tuple[str, Ledger]], months: int) -> Returns:
    """Write the sheets IRR and Scan for uses, each a name and where its cash stands."""
    looks = book.styles
    halved = [(f"Halving {n}", "monthly discount factor") for n in range(1, _HALVINGS + 1)]
    polished = [
        ("IRR()", "per month"),
        ("Newton 1", "monthly factor"),
        ("Newton 2", "monthly factor"),
        ("Rate", "per year"),
    ]
    sheet = book.sheet("IRR", [28, *[12] * 30], f"B{_FIRST_USE_ROW}")
    sheet.row([("Rates of return", looks.title)])
    sheet.row([("A rate counts where it is the only one between −99 % and +10,000 % a year.", looks.note)])
    sheet.row([])
    headings = [*_HEADINGS, *halved, *polished]
    sheet.row([(h, looks.heading) for h, _ in headings])
    sheet.row([(u, looks.unit) for _, u in headings])
    last = letters(len(headings))
    for use, (name, ledger) in enumerate(uses):
        assert sheet.row(_row(name, ledger, _FIRST_USE_ROW + use, months)) == _FIRST_USE_ROW + use
    if uses:
        _write_scan(book, months)
    return Returns(last)


def _row(name: str, ledger: Ledger, row: int, months: int) -> list[Cell | None]:
    points = ledger.all("point")
    later, before = ledger.rows("sign", 1, months), ledger.rows("sign", 0, months - 1)
    number = f"Market!$B$7:$B${7 + months - 1}"

    def worth(factor: str) -> str:
        return f"SUMPRODUCT({points}*({factor})^{number})"

    def scanned(begin: int, end: int) -> str:
        grid = f"Scan!$B${_FIRST_SCAN_ROW + begin}:$B${_FIRST_SCAN_ROW + end}"
        return f"MMULT({grid}^Scan!$D$5:${letters(3 + months)}$5,{points})"

    counted = f"SUMPRODUCT(--({scanned(0, _SCAN_POINTS - 2)}*{scanned(1, _SCAN_POINTS - 1)}<0))"
    formulas = [
        f"IF(AND(MAX({points})>0,MIN({points})<0),1,0)",
        f"SUMPRODUCT(--({later}*{before}<0))",
        worth(repr(_LOW)),
        worth(repr(_HIGH)),
        f"IF(B{row}=0,0,IF(C{row}<=2,IF(D{row}*E{row}<0,1,0),{counted}))",
    ]
    width = _HIGH - _LOW
    low = repr(_LOW)
    for _ in range(_HALVINGS):
        width /= 2.0
        middle = f"{low}+{width!r}"
        formulas.append(f'IF($F{row}=1,IF(({worth(middle)}>0)=($D{row}>0),{middle},{low}),"")')
        low = f"{letters(len(formulas) + 1)}{row}"
    guess = f"1/({low}+{width / 2.0!r})-1"
    formulas.append(f"IF($F{row}=1,IFERROR(IRR({points},{guess}),{guess}),NA())")
    found = f"{letters(len(formulas) + 1)}{row}"
    at = f"(1/(1+{found}))"
    for _ in range(2):
        slope = f"SUMPRODUCT({points}*{number}*{at}^({number}-1))"
        formulas.append(f"{at}-{worth(at)}/{slope}")
        at = f"{letters(len(formulas) + 1)}{row}"
    formulas.append(f"{at}^-12-1")
    plain = Style("plain", "#,##0.000000")
    cells: list[Cell | None] = [(name, Style("text", "@"))]
    cells += [(Formula(text), plain) for text in formulas]
    return cells


def _write_scan(book: Book, months: int) -> None:
    """The grid of rates at which worth is looked at where the cash changes its sign often."""
    import numpy as np

    looks = book.styles
    sheet = book.sheet("Scan", [12, 14, 8, *[6] * 20], "A6")
    sheet.row([("Rates that are scanned for changes of sign", looks.title)])
    sheet.row(
        [("Evenly spaced in log(1 + rate); used where a use's cash changes its sign three times or more.", looks.note)]
    )
    sheet.row([])
    sheet.row([("Rate", looks.heading), ("Discount factor", looks.heading), None, ("Month", looks.heading)])
    months_row: list[Any] = [(n, looks.unit) for n in range(months)]
    sheet.row([("per year", looks.unit), ("per month", looks.unit), None, *months_row])
    rates = np.expm1(np.linspace(np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE), _SCAN_POINTS))
    factors = (1.0 + rates) ** (-1.0 / 12.0)
    assert sheet.numbers(np.column_stack([rates, factors]).tolist(), Style("pasted", "0.000000")) == _FIRST_SCAN_ROW
