"""What the blocks of machines and of offers have in common: cash at month boundaries, NPV, payback, the first year."""

from __future__ import annotations

from dataclasses import dataclass

from models.workbook.market import COUNT, NUMBER
from models.workbook.styles import Style
from models.workbook.xlsx import Column, letters

ON = "Market!$F{m}"
NEVER = "1E+200"
"""The scale of a price path at which something that never happens would happen."""


@dataclass(frozen=True)
class Ledger:
    """Where the monthly lines of a use stand, as ranges.

    Attributes
    ----------
    sheet
        Its name, quoted if need be.
    first, months
        The row of month 0, and how many rows there are.
    columns
        Letters by name.
    """

    sheet: str
    first: int
    months: int
    columns: dict[str, str]

    def all(self, name: str) -> str:
        """A line over all rows."""
        return self.rows(name, 0, self.months)

    def rows(self, name: str, begin: int, end: int) -> str:
        """A line over months from `begin` to before `end`."""
        column = self.columns[name]
        return f"{self.sheet}!${column}${self.first + begin}:${column}${self.first + end - 1}"

    def cell(self, name: str, month: int) -> str:
        """A line in one month."""
        return f"{self.sheet}!${self.columns[name]}${self.first + month}"

    def year(self, name: str, begin: str, horizon: str) -> str:
        """A line's sum over twelve months from one on; unknown where the horizon ends before."""
        whole = self.all(name)
        if begin == "0":
            # A plan of less than a year has no such rows.
            inside = f"SUM({self.rows(name, 0, min(12, self.months))})"
        else:
            inside = f"SUM(INDEX({whole},{begin}+1):INDEX({whole},{begin}+12))"
        return f"IF({begin}+12<={horizon},{inside},NA())"


class Columns:
    """Columns of a block as they are added, by name."""

    def __init__(self, *first: Column) -> None:
        self.listed: list[Column] = list(first)
        self.letters: dict[str, str] = {}

    def add(self, name: str, heading: str, unit: str, formula: str, style: Style = NUMBER) -> str:
        """Add a column; returns its letters."""
        self.listed.append(Column(heading, unit, formula, style))
        self.letters[name] = letters(len(self.listed))
        return self.letters[name]

    def add_cash(self, rate: str, tolerance: str, discounted_tolerance: str) -> None:
        """Add discounting and payback behind the columns ``capex``, ``margin`` and ``residual``."""
        at = self.letters
        later = f"N(${at['margin']}{{u}})" + (f"+N(${at['residual']}{{u}})" if "residual" in at else "")
        self.add(
            "factor",
            "Discount factor",
            "of the month's start",
            f"(1+{rate})^(-Market!$B{{m}}/12)",
            Style("plain", "0.000000"),
        )
        point = self.add("point", "Cash", "USD/MW at the start", f"{at['capex']}{{r}}+{later}")
        for name, heading, source, limit in (
            ("", "", point, tolerance),
            ("discounted", "discounted", "", discounted_tolerance),
        ):
            line = source
            if name:
                line = self.add(name, "Cash, discounted", "USD/MW", f"{point}{{r}}*{at['factor']}{{r}}")
            total = letters(len(self.listed) + 1)
            self.add(f"{name}total", f"Cumulative {heading}".strip(), "USD/MW", f"N({total}{{u}})+{line}{{r}}")
            state = letters(len(self.listed) + 1)
            self.add(
                f"{name}state",
                f"Payback {heading}".strip(),
                "1 owed, 2 paid back",
                f"IF({total}{{r}}<0-{limit},1,IF(N({state}{{u}})>0,2,0))",
                COUNT,
            )
        sign = letters(len(self.listed) + 1)
        self.add(
            "sign",
            "Sign of the cash",
            "last that was not 0",
            f"IF({point}{{r}}=0,N({sign}{{u}}),SIGN({point}{{r}}))",
            COUNT,
        )


def tolerance(ledger: Ledger, name: str) -> str:
    """Less than this is rounding, not debt; as in `models.metrics.payback_index`."""
    return f"10^-12*SUMPRODUCT(ABS({ledger.all(name)}))"


def capital_figures(ledger: Ledger, begin: str) -> dict[str, str]:
    """Capex, NPV and the paybacks of a use, as formulas."""
    capex = f"(0-SUM({ledger.all('capex')}))"
    points = ledger.all("point")
    number = f"Market!$B${ledger_months(ledger)}"
    spend = f"SUMPRODUCT(MAX(({points}<0)*({ledger.months}-{number})))"
    first = f"IF({spend}=0,NA(),{ledger.months}-{spend})"

    def index(state: str) -> str:
        # Cash that is not known anywhere leaves the payback unknown.
        return f"IF({capex}>0,MATCH(2,{ledger.all(state)},0)-1+0*SUM({points}),NA())"

    return {
        "capex_usd_per_mw": capex,
        "npv_usd_per_mw": f"SUM({ledger.all('discounted')})",
        "payback_months": f"{index('state')}-{first}",
        "payback_from_operation_months": f"{index('state')}-{begin}",
        "discounted_payback_months": f"{index('discountedstate')}-{first}",
    }


def ledger_months(ledger: Ledger) -> str:
    """The rows of Market that belong to a ledger, as the tail of a range."""
    from models.workbook.inputs import FIRST_MONTH_ROW

    return f"{FIRST_MONTH_ROW}:$B${FIRST_MONTH_ROW + ledger.months - 1}"
