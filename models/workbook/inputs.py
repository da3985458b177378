"""The sheet of inputs: every field of every record, a column per scenario, and the one that is switched on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from models import fields, network
from models.curves import month_number
from models.drivers import BTC_PRICE, HASHPRICE
from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, Reference, Schedule
from models.plan import BESIDE_THE_NUMBERS, RECORD_TYPES, SINGLE_RECORDS, Plan
from models.workbook.cases import Case, is_live
from models.workbook.styles import Style
from models.workbook.xlsx import Book, Cell, Column, Content, Formula, Sheet, letters

SWITCH = "Inputs!$E$3"
"""Where the scenario is chosen."""
FIRST_CASE = 6
"""The column of the base plan; scenarios follow."""
FIRST_MONTH_ROW = 7
"""Of the sheets Market and Schedules: the row of month 0."""
_HEAD_ROW = 6


@dataclass(frozen=True)
class Level:
    """A value in every month of a block, as templates with ``{m}`` for the month's row on Market.

    Attributes
    ----------
    value
        Before growth.
    grown
        Months over which it has grown.
    first
        The value in the plan's first month, as a whole reference.
    """

    value: str
    grown: str
    first: str


@dataclass(eq=False)
class Inputs:
    """The sheets Inputs, Tables and Schedules, and where the values stand that are switched on.

    Attributes
    ----------
    cases
        The columns.
    months
        Rows that every block of months has: the longest horizon, and one for what falls at its end.
    """

    book: Book
    cases: tuple[Case, ...]
    months: int
    rows: dict[str, int] = field(default_factory=dict)
    _schedules: dict[str, Level] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """The base plan."""
        return self.cases[0].plan

    def at(self, path: str) -> str:
        """The cell of the value at a path, as it is switched on."""
        return f"Inputs!$E${self.rows[path]}"

    def level(self, path: str) -> Level:
        """A value that may be a monthly table."""
        if path in self._schedules:
            return self._schedules[path]
        return Level(self.at(path), "Market!$B{m}", self.at(path))

    def by_case(self, texts: list[str]) -> str:
        """One of several expressions, by the scenario that is switched on."""
        return texts[0] if len(set(texts)) == 1 else f"CHOOSE({SWITCH},{','.join(texts)})"

    # Writing

    def write(self, start: int = 0) -> None:
        """Write the three sheets, in the order of their tabs, with the switch at one of the cases."""
        plan = self.plan
        widths = [52, 26, 30, 16, 18, *[18] * len(self.cases), 8, 60]
        sheet = self.book.sheet("Inputs", widths, f"F{_HEAD_ROW + 1}")
        tables = self.book.sheet("Tables", [14] * 60, "A6")
        schedules = self.book.sheet("Schedules", [12] * 60, f"C{FIRST_MONTH_ROW}")
        self._head(sheet, start)
        sources = _sources(plan)
        held: list[tuple[str, Field, str]] = list(_fields_of(plan))
        for path, described, owner in held:
            self.rows[path] = sheet.next_row
            if path == "plan.horizon_months":
                longest = self.months - 1
                cells = (
                    f"{letters(FIRST_CASE)}{sheet.next_row}:{letters(FIRST_CASE + len(self.cases) - 1)}{sheet.next_row}"
                )
                message = f"The sheets have rows for {longest} months; for more, change the plan and export it again."
                sheet.whole_between(cells, 1, longest, message)
            self._row(sheet, path, described, owner, sources)
            self.book.name(path, self.at(path))
        self._write_tables(tables, schedules, [path for path, described, _ in held if _may_be_table(described)])

    def _head(self, sheet: Sheet, start: int) -> None:
        looks = self.book.styles
        count = len(self.cases)
        chosen = Style("input", "0")
        sheet.row([("Inputs", looks.title)])
        sheet.row(
            [
                (
                    "Blue on yellow: type here. Grey: read when the workbook was written; results do not follow it.",
                    looks.note,
                )
            ]
        )
        first, last = letters(FIRST_CASE), letters(FIRST_CASE + count - 1)
        names = f"{first}{_HEAD_ROW}:{last}{_HEAD_ROW}"
        sheet.row(
            [
                ("Scenario switch", looks.strong),
                None,
                (f"a number from 1 to {count}: the column that counts", looks.note),
                None,
                (start + 1, chosen),
                (Formula(f"INDEX({names},1,E3)"), looks.strong),
            ]
        )
        sheet.whole_between("E3", 1, count, f"Type a whole number from 1 to {count}.")
        self.book.name("Scenario", SWITCH)
        sheet.row([])
        numbers: list[Cell | None] = [(n, looks.unit) for n in range(1, count + 1)]
        sheet.row([None, None, None, None, ("switched on", looks.unit), *numbers])
        headings = ("Path", "Record", "Input", "Unit", "Value")
        cases: list[Cell | None] = [(c.name, Style("heading", "@")) for c in self.cases]
        sheet.row([*((h, looks.heading) for h in headings), *cases, ("Live", looks.heading), ("Source", looks.heading)])

    def _row(self, sheet: Sheet, path: str, described: Field, owner: str, sources: dict[str, str]) -> None:
        live = path != HASHPRICE and is_live(self.plan, path)
        row = sheet.next_row
        look = Style("input" if live or path == HASHPRICE else "pasted", _format(described))
        calm = Style("plain", look.format)
        cells: list[Cell | None] = [self._cell(path, at, row, look, calm) for at in range(len(self.cases))]
        first, last = letters(FIRST_CASE), letters(FIRST_CASE + len(self.cases) - 1)
        chosen = f"{first}{row}" if len(cells) == 1 else f"INDEX({first}{row}:{last}{row},1,$E$3)"
        said = sources.get(path) or described.spec.source
        sheet.row(
            [
                (path, Style("note")),
                (owner, Style("text", "@")),
                (described.label, Style("text")),
                (described.unit, Style("note")),
                (Formula(f'IF({chosen}="","",{chosen})'), calm),
                *cells,
                ("yes" if live else "as hashprice" if path == HASHPRICE else "no", Style("note")),
                (said, Style("text", "@")) if said else None,
            ]
        )

    def _cell(self, path: str, at: int, row: int, look: Style, calm: Style) -> Cell:
        case = self.cases[at]
        own = letters(FIRST_CASE + at)
        if path == HASHPRICE:
            return (case.hashprice, look)
        value = fields.read(case.plan, path)
        if path == BTC_PRICE and case.hashprice is not None and self._from_hashprice(case):
            return (Formula(self._price_from_hashprice(own)), calm)
        if at and path not in case.own:
            above = f"{letters(FIRST_CASE + case.parent)}{row}"
            return (Formula(f'IF({above}="","",{above})'), calm)
        return (_content(value), look)

    @staticmethod
    def _from_hashprice(case: Case) -> bool:
        """Whether the BTC price can follow the hashprice by a formula: no tables, and something to earn."""
        market = case.plan.market
        plain = not isinstance(market.btc_price_usd, Schedule) and not isinstance(market.difficulty, Schedule)
        return plain and network.subsidy_sats(market.block_height) + market.fees_btc_per_block > 0

    def _price_from_hashprice(self, own: str) -> str:
        rows = self.rows
        hashprice = f"{own}{rows[HASHPRICE]}"
        difficulty = f"{own}{self._ahead(BTC_PRICE, 'market.difficulty')}"
        height = f"{own}{self._ahead(BTC_PRICE, 'market.block_height')}"
        fees = f"{own}{self._ahead(BTC_PRICE, 'market.fees_btc_per_block')}"
        return f"{hashprice}*{difficulty}*2^32/(86400*10^15*({subsidy(f'INT({height}/210000)')}+{fees}))"

    def _ahead(self, here: str, path: str) -> int:
        """The row of a field of the same record, which is not written yet."""
        names = [f.name for f in fields.fields_of(RECORD_TYPES["market"])]
        return self.rows[here] + names.index(path.split(".")[1]) - names.index(here.split(".")[1])

    def _write_tables(self, tables: Sheet, schedules: Sheet, paths: list[str]) -> None:
        """Monthly tables as they were entered, and every month's level of the fields that have one."""
        looks = self.book.styles
        found: list[tuple[str, int, Schedule]] = []
        for path in paths:
            for at, case in enumerate(self.cases):
                value = fields.read(case.plan, path)
                if isinstance(value, Schedule) and (at == 0 or path in case.own):
                    found.append((path, at, value))
        places = self._tables(tables, found)
        schedules.row([("Levels of inputs that are monthly tables, before growth", looks.title)])
        schedules.row(
            [("A month between two entries takes the earlier one's value; growth goes on from the last.", looks.note)]
        )
        schedules.skip_to(FIRST_MONTH_ROW - 2)
        columns = [
            Column("Month", "", "Market!A{r}", Style("plain")),
            Column("Month", "number", "Market!B{r}", Style("plain")),
        ]
        for path in dict.fromkeys(path for path, _, _ in found):
            described = fields.field_at(self.plan, path)
            levels, grown = [], []
            for at in range(len(self.cases)):
                level, months = self._of_case(path, at, places)
                levels.append(level)
                grown.append(months)
            here = letters(len(columns) + 1)
            look = Style("plain", _format(described))
            columns.append(Column(f"{described.label}, {path}", described.unit, self.by_case(levels), look))
            columns.append(Column("grown over", "months", self.by_case(grown), Style("plain", "0")))
            after = letters(len(columns))
            self._schedules[path] = Level(
                f"Schedules!${here}{{m}}", f"Schedules!${after}{{m}}", f"Schedules!${here}${FIRST_MONTH_ROW}"
            )
        first = schedules.block(columns, self.months)
        assert first == FIRST_MONTH_ROW

    def _of_case(self, path: str, at: int, places: dict[tuple[str, int], tuple[str, str]]) -> tuple[str, str]:
        """Level and months grown of one scenario, as templates for the sheet Schedules."""
        while at and path not in self.cases[at].own:
            at = self.cases[at].parent
        if (path, at) not in places:
            return f"Inputs!${letters(FIRST_CASE + at)}${self.rows[path]}", "$B{r}"
        months, values = places[path, at]
        now = "Market!$C{r}"
        first, last = f"INDEX({months},1)", f"INDEX({months},ROWS({months}))"
        level = f"IF({now}<{first},INDEX({values},1),INDEX({values},MATCH({now},{months},1)))"
        return level, f"MAX($B{{r}}-MAX({last}-Market!$C${FIRST_MONTH_ROW},0),0)"

    def _tables(self, sheet: Sheet, found: list[tuple[str, int, Schedule]]) -> dict[tuple[str, int], tuple[str, str]]:
        """Write the tables side by side; returns the ranges of their month numbers and values."""
        looks = self.book.styles
        sheet.row([("Monthly tables", looks.title)])
        sheet.row([("As they were entered; type other values in blue.", looks.note)])
        names: list[Cell | None] = []
        cases: list[Cell | None] = []
        units: list[Cell | None] = []
        for path, at, _ in found:
            described = fields.field_at(self.plan, path)
            names += [(path, looks.heading), None, (described.label, looks.heading)]
            cases += [(self.cases[at].name, Style("note", "@")), None, None]
            units += [("Month", looks.unit), ("number", looks.unit), (described.unit, looks.unit)]
        sheet.row(names)
        sheet.row(cases)
        sheet.row(units)
        first = sheet.next_row
        for k in range(max((len(table.months) for _, _, table in found), default=0)):
            cells: list[Cell | None] = []
            for path, _, table in found:
                if k >= len(table.months):
                    cells += [None, None, None]
                    continue
                look = _format(fields.field_at(self.plan, path))
                cells += [
                    (table.months[k], Style("pasted", "@")),
                    (month_number(table.months[k]), Style("pasted", "0")),
                    (table.values[k], Style("input", look)),
                ]
            sheet.row(cells)
        return {
            (path, at): (
                f"Tables!${letters(3 * n + 2)}${first}:${letters(3 * n + 2)}${first + len(table.months) - 1}",
                f"Tables!${letters(3 * n + 3)}${first}:${letters(3 * n + 3)}${first + len(table.months) - 1}",
            )
            for n, (path, at, table) in enumerate(found)
        }


def subsidy(era: str) -> str:
    """New coins per block in an era of 210,000 blocks [BTC], by the consensus rule, as a formula."""
    return f"IF({era}>=64,0,INT(5000000000/2^MIN({era},64))/100000000)"


def _fields_of(plan: Plan) -> Iterator[tuple[str, Field, str]]:
    """Path, description and owner of every field, in the order of the plan's tables."""
    from models.storage.validity import DERIVED_FIELDS

    for table, record_type in RECORD_TYPES.items():
        if table in BESIDE_THE_NUMBERS:
            continue
        if table == "market":
            yield HASHPRICE, DERIVED_FIELDS[HASHPRICE], "market, where a scenario sets it"
        if table in SINGLE_RECORDS:
            yield from ((f"{table}.{f.name}", f, table) for f in fields.fields_of(record_type))
            continue
        for record in getattr(plan, table):
            name = getattr(record, "name", "") or getattr(record, "model", "") or record.id
            for described in fields.fields_of(record_type):
                if not isinstance(described.spec, Hourly):
                    yield f"{table}.{record.id}.{described.name}", described, str(name)


def _may_be_table(described: Field) -> bool:
    return isinstance(described.spec, Quantity) and described.spec.schedule


def _sources(plan: Plan) -> dict[str, str]:
    """What the plan says of where its inputs come from, by path."""
    found: dict[str, list[str]] = {}
    for item in plan.evidence:
        said = " · ".join(text for text in (item.claim, item.source, item.address, item.date, item.note) if text)
        if item.path and said:
            found.setdefault(item.path, []).append(said)
    if plan.market.source or plan.market.as_of:
        found.setdefault(BTC_PRICE, []).append(" ".join((plan.market.source, plan.market.as_of)).strip())
    return {path: "; ".join(said) for path, said in found.items()}


def _content(value: Any) -> Content:
    if isinstance(value, Schedule):
        return "monthly table"
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    return str(value)


def _format(described: Field) -> str:
    match described.spec:
        case Quantity(unit=unit, digits=digits):
            if unit.startswith("fraction"):
                return "0.0###%"
            if unit == "difficulty":
                return "#,##0"
            return "#,##0" + ("." + "0" * min(digits, 2) + "#" * 4 if digits else "")
        case Flag():
            return '"TRUE";"TRUE";"FALSE"'  # a formula's truth is a number to some spreadsheets
        case MonthField() | Choice() | Reference():
            return "@"
    return "@"
