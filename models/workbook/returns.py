"""The sheet IRR: of every use all rates of return between −99 % and +10,000 %, as in `models.metrics.irr_roots`.

With two changes of sign or fewer the number of rates in a range follows from the worth at its ends; with more it is
counted on the grid that Busbar scans. A single one is bracketed by halving, found by IRR(), and polished by Newton.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from models.metrics import HIGHEST_RATE, LOWEST_RATE
from models.workbook.cash import Ledger
from models.workbook.inputs import FIRST_MONTH_ROW, Inputs
from models.workbook.styles import Style
from models.workbook.xlsx import Book, Cell, Formula, constant, letters

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
_SEVERAL = (("All rates, where several", "per year; value, not formula"), ("Worth at it", "relative, by formulas"))


@dataclass(frozen=True)
class Returns:
    """Where the rate of return of each use stands, by its place in the list."""

    column: str

    def cell(self, use: int) -> str:
        """The annual rate; an error where there is none, or more than one."""
        return f"IRR!${self.column}${_FIRST_USE_ROW + use}"


def write_returns(inputs: Inputs, uses: list[tuple[str, Ledger]], roots: list[list[tuple[float, ...]]]) -> Returns:
    """Write the sheets IRR and Scan.

    Parameters
    ----------
    inputs
        The workbook's.
    uses
        Names, and where the uses' cash stands.
    roots
        Of every use and case all rates that Busbar found. Where there are several, none is the use's rate of return;
        they are pasted, and formulas say what the cash is worth at each.
    """
    book, months = inputs.book, inputs.months
    several = max((len(found) for by_case in roots for found in by_case if len(found) > 1), default=0)
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
    last = letters(len(headings))
    headings += list(_SEVERAL) * several
    sheet.row([(h, looks.heading) for h, _ in headings])
    sheet.row([(u, looks.unit) for _, u in headings])
    for use, (name, ledger) in enumerate(uses):
        cells = _row(name, ledger, _FIRST_USE_ROW + use, months)
        for rank in range(several):
            rates = [found[rank] if len(found) > max(rank, 1) else math.nan for found in roots[use]]
            if all(map(math.isnan, rates)):
                break
            rate = f"{letters(len(cells) + 1)}{_FIRST_USE_ROW + use}"
            present = f"{ledger.all('point')}*(1+{rate})^(0-{_numbers(months)}/12)"
            gap = f"ABS(SUMPRODUCT({present}))/SUMPRODUCT(ABS({present}))"
            cells.append((Formula(inputs.by_case([constant(r) for r in rates])), Style("pasted", "0.0000%")))
            cells.append((Formula(gap), Style("plain", "0.0E+00")))
        assert sheet.row(cells) == _FIRST_USE_ROW + use
    if uses:
        _write_scan(book, months)
    return Returns(last)


def _numbers(months: int) -> str:
    return f"Market!$B${FIRST_MONTH_ROW}:$B${FIRST_MONTH_ROW + months - 1}"


def _row(name: str, ledger: Ledger, row: int, months: int) -> list[Cell | None]:
    points = ledger.all("point")
    later, before = ledger.rows("sign", 1, months), ledger.rows("sign", 0, months - 1)
    number = _numbers(months)

    def worth(factor: str) -> str:
        return f"SUMPRODUCT({points}*({factor})^{number})"

    def scanned(begin: int, end: int) -> str:
        grid = f"Scan!$B${_FIRST_SCAN_ROW + begin}:$B${_FIRST_SCAN_ROW + end}"
        return f"MMULT({grid}^Scan!$D$5:${letters(3 + months)}$5,{points})"

    counted = f"SUMPRODUCT(--({scanned(0, _SCAN_POINTS - 2)}*{scanned(1, _SCAN_POINTS - 1)}<0))"
    formulas = [
        f"IF(AND(MAX({points})>0,MIN({points})<0),1,0)",
        f"SUMPRODUCT(--({later}*{before}<0))",
        worth(constant(_LOW)),
        worth(constant(_HIGH)),
        f"IF(B{row}=0,0,IF(C{row}<=2,IF(D{row}*E{row}<0,1,0),{counted}))",
    ]
    width = _HIGH - _LOW
    low = constant(_LOW)
    for _ in range(_HALVINGS):
        width /= 2.0
        middle = f"{low}+{constant(width)}"
        formulas.append(f'IF($F{row}=1,IF(({worth(middle)}>0)=($D{row}>0),{middle},{low}),"")')
        low = f"{letters(len(formulas) + 1)}{row}"
    guess = f"1/({low}+{constant(width / 2.0)})-1"
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
