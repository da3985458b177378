"""What months turned out to be, from a table: one line per value, or one line per month with a column for each value.

Good values are kept, every bad one is answered with its line and column. Costs are positive in a plan; a file that has
all of a cost below zero writes it as accountants do, and is read so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from models.frozen import unpack
from models.importers.drafts import several_sites
from models.importers.headings import ACTUAL_UNITS, ACTUALS, read_heading
from models.importers.mapping import Column, Mapping
from models.importers.results import ImportResult, in_line_order, limited
from models.importers.tables import Cell, Line, Table, note
from models.importers.values import CellError, is_nothing, month_in, number_in
from models.plan import ID_PREFIXES, Actual, Plan, ids_of
from models.problems import Finding, PlanFileError, Severity
from models.records.paper import MONTHLY_LINES
from models.sentences import Amount, Sentence

COSTS = ("power_cost_usd", "opex_usd", "capex_usd")
PRICES = ("btc_price_usd", "difficulty")
"""Lines of the market alone, which no site has for itself."""
ABOVE_ZERO = ("btc_price_usd", "difficulty")
_TOTAL = re.compile(r"^(?:grand |sub ?)?(?:total|sum|summe|average|avg|mean|ytd|fy ?\d*)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"^([^()]*)\(\s*([^()]*\d[^()]*?)\s*\)\s*$")
_MINUS_BEHIND = re.compile(r"^(.*\d)\s*[-−]$")
_TWO_AND_YEAR = re.compile(r"^(\d{1,2})[-/](\d{1,2})[-/](\d{4})$")
_SIX_DIGITS = re.compile(r"^(20\d\d)(0[1-9]|1[0-2])$")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value on its way: where it belongs, and where it stands in the file."""

    month: str
    line: str
    site_id: str
    use_id: str
    value: float
    at_line: int
    at_column: int
    source: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        return self.month, self.line, self.site_id, self.use_id


def import_actuals(table: Table, mapping: Mapping, plan: Plan, site_id: str | None, filename: str) -> ImportResult:
    """The actual values that a table holds, and the plan with them; a value that is known already is replaced.

    Parameters
    ----------
    table, mapping
        As found and proposed, or chosen by the user.
    plan
        Not changed.
    site_id
        The site of lines that name none; they are of a decision as a whole where None.
    filename
        The source of values that name none.
    """
    findings = [*table.findings, *mapping.findings]
    missing = _missing(table, mapping)
    if missing:
        return ImportResult(ACTUALS, len(table.lines), (), (), (), plan, limited([missing, *findings]), mapping)
    reader = _Reader(table, mapping, plan, site_id, filename)
    values = reader.read()
    findings += reader.findings
    values = _with_costs_positive(values, findings, table)
    kept: dict[tuple[str, str, str, str], _Value] = {}
    for value in values:
        before = kept.pop(value.place, None)
        if before is not None:
            findings.append(_twice(before, value))
        kept[value.place] = value
    records, added, updated, after = _written(plan, list(kept.values()))
    if reader.unplaced and len(plan.sites) > 1 and site_id is None:
        text = "Lines without a site count for a decision as a whole; choose a site for them if they are of one."
        findings.append(note("no_site", text))
    findings += reader.passed_over()
    return ImportResult(
        ACTUALS, reader.rows, records, added, updated, after, limited(in_line_order(findings)), mapping,
        without_value=sum(len(places) for places in reader.nothing.values()),
    )  # fmt: skip


def months_of(records: tuple[Any, ...]) -> int:
    """How many months some actual values are of."""
    return len({record.month for record in records})


def _missing(table: Table, mapping: Mapping) -> Finding | None:
    has_lines = mapping.column("line") and mapping.column("value")
    wide = [c for c in mapping.columns if c.field in MONTHLY_LINES]
    if mapping.column("month") and (has_lines or wide):
        return None
    absent = "“Month”" if not mapping.column("month") else "a value, such as “Revenue” or “BTC price”,"
    seen = ", ".join(f"“{heading}”" for heading in table.headings[:12] if heading)
    text = f"No column for {absent} was found among {seen or 'no headings at all'}; name one so, or choose it by hand."
    return note("no_column", text, f"line {table.heading_line}", Severity.ERROR)


class _Reader:
    """Reads the lines of a table one after the other.

    Attributes
    ----------
    rows
        Lines that were looked at.
    unplaced
        Whether a value of a site came without one.
    nothing
        Where cells say in a word that nothing is known, by that word: line, and place and heading of the column.
    """

    def __init__(self, table: Table, mapping: Mapping, plan: Plan, site_id: str | None, filename: str) -> None:
        self.table, self.mapping, self.site_id, self.filename = table, mapping, site_id, filename
        self.places = Places(plan)
        self.findings: list[Finding] = []
        self.rows = 0
        self.unplaced = False
        self.nothing: dict[str, list[tuple[int, Column]]] = {}
        self._unknown: Counter[str] = Counter()
        self._first_unknown: dict[str, tuple[int, Column]] = {}
        month = mapping.column("month")
        assert month is not None
        self._month = month
        self._month_first = _month_first([line.cells[month.index] for line in table.lines])

    def read(self) -> list[_Value]:
        """Every value that can be read."""
        found = [value for line in self.table.lines for value in self._line(line)]
        for name, count in self._unknown.items():
            at, column = self._first_unknown[name]
            known = ", ".join(label for label, _ in MONTHLY_LINES.values())
            more = f" (and {count - 1} more lines like it)" if count > 1 else ""
            self._refuse(at, column, f"“{name[:40]}” is none of {known}{more}")
        return found

    def passed_over(self) -> Iterator[Finding]:
        """One finding for every word that stands for nothing, with where it first does."""
        for word, places in self.nothing.items():
            line, column = places[0]
            count = "One cell says" if len(places) == 1 else f"{len(places)} cells say"
            first = "" if len(places) == 1 else "first "
            where = f"line {line}, column {column.index + 1}" + (f" ({column.heading})" if column.heading else "")
            text = f"{count} “{word}”, {first}in {where}: nothing is known there, and nothing was imported."
            yield note("no_value", text, f"line {line}, column {column.index + 1}")

    def _is_nothing(self, line: Line, column: Column) -> bool:
        """Whether a cell has no value; a word that says so is remembered, an empty cell needs none."""
        cell = line.cells[column.index]
        if not is_nothing(cell):
            return False
        if word := str(cell).strip():
            self.nothing.setdefault(word, []).append((line.number, column))
        return True

    def _line(self, line: Line) -> Iterator[_Value]:
        cell = line.cells[self._month.index]
        if _repeats_heading(line, self.table):
            return
        if isinstance(cell, str) and _TOTAL.match(cell.strip()):
            text = f"Line {line.number} is of “{cell[:30]}” and no month; it was not imported."
            self.findings.append(note("total_skipped", text, f"line {line.number}"))
            return
        if all(is_nothing(c) for c in line.cells):
            return
        self.rows += 1
        try:
            month = self._month_in(cell)
        except CellError as error:
            self._refuse(line.number, self._month, Sentence("Month {problem}", problem=error.clause))
            return
        place = self._place(line)
        if place is None:
            return
        source = self.mapping.column("source")
        said = str(line.cells[source.index]).strip() if source is not None else ""
        for name, column, content, unit, scale in self._cells(line):
            try:
                value = _number(content, name, unit, scale, self.table.decimal)
            except CellError as error:
                label = MONTHLY_LINES[name][0]
                self._refuse(line.number, column, Sentence("{label} {problem}", label=label, problem=error.clause))
                continue
            site, use = ("", "") if name in PRICES else place
            use = "" if name == "energy_price_usd_per_mwh" else use
            self.unplaced |= name not in PRICES and not site
            yield _Value(month, name, site, use, value, line.number, column.index, said or self.filename)

    def _cells(self, line: Line) -> Iterator[tuple[str, Column, Cell, str, float]]:
        """Line, column, cell, unit and scale of every value of a line."""
        named, valued, unit_column = (self.mapping.column(n) for n in ("line", "value", "unit"))
        if named is not None and valued is not None and not self._is_nothing(line, valued):
            text = str(line.cells[named.index]).strip()
            unit = str(line.cells[unit_column.index]).strip() if unit_column is not None else ""
            if not unit and (in_heading := re.search(r"[(\[](.+?)[)\]]", valued.heading)):
                unit = in_heading.group(1)
            # The unit may stand with the line's name or in a column of its own; the latter is read as if in brackets.
            heading = read_heading(ACTUALS, f"{text} ({unit})" if unit else text)
            if heading.field in MONTHLY_LINES and not heading.problem:
                yield heading.field, valued, line.cells[valued.index], heading.unit, heading.scale
            else:
                self._unknown[text] += 1
                self._first_unknown.setdefault(text, (line.number, named))
        for column in self.mapping.columns:
            if column.field in MONTHLY_LINES and not self._is_nothing(line, column):
                yield column.field, column, line.cells[column.index], column.unit, column.scale

    def _month_in(self, cell: Cell) -> str:
        text = f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else cell
        if isinstance(text, str) and (match := _SIX_DIGITS.match(text.strip())):
            return f"{match.group(1)}-{match.group(2)}"
        if isinstance(text, str) and re.search(r"\bq[1-4]\b", text, re.IGNORECASE):
            raise CellError(f"“{text[:20]}” is a quarter; give its months")
        if isinstance(text, str) and self._month_first is not None and (match := _TWO_AND_YEAR.match(text.strip())):
            month = match.group(1 if self._month_first else 2)
            return month_in(f"{match.group(3)}-{month}")
        return month_in(cell if isinstance(cell, float) else str(text))

    def _place(self, line: Line) -> tuple[str, str] | None:
        """Site and use of a line; None where it names one that is not known, which is then said."""
        site_column, use_column = self.mapping.column("site"), self.mapping.column("use")
        site_id, use_id = self.site_id or "", ""
        for column, find in ((site_column, self.places.site), (use_column, self.places.use)):
            if column is None or is_nothing(line.cells[column.index]):
                continue
            text = str(line.cells[column.index]).strip()
            try:
                if column is site_column:
                    site_id = find(text, "")[0]
                else:
                    site_id, use_id = find(text, site_id if site_column is not None else "")
            except CellError as error:
                self._refuse(line.number, column, error.clause)
                return None
        return site_id, use_id

    def _refuse(self, line: int, column: Column, problem: str) -> None:
        where = f"line {line}, column {column.index + 1}" + (f" ({column.heading})" if column.heading else "")
        sentence = Sentence(
            "Line {line}, column {column} was left out: {problem}.",
            line=str(line),
            column=str(column.index + 1),
            problem=problem,
        )
        self.findings.append(Finding("import.line", Severity.ERROR, where, sentence))


class Places:
    """Sites and uses by name or id: those of the plan, and those that a decision was taken on."""

    def __init__(self, plan: Plan) -> None:
        self._sites: dict[str, list[str]] = {}
        self._site_ids: dict[str, str] = {}
        self._uses: dict[str, dict[str, str]] = {}
        for of_day in (plan, *_frozen_plans(plan)):
            called: dict[str, list[str]] = {}
            for site in of_day.sites:
                self._site_ids.setdefault(site.id.casefold(), site.id)
                called.setdefault(site.name.strip().casefold(), []).append(site.id)
            self._sites = called | self._sites  # what the plan calls a site today goes before
            named = [(lot.id, lot.model, lot.site_id) for lot in of_day.asic_lots]
            named += [(offer.id, offer.name, offer.site_id) for offer in of_day.ai_offers]
            for use_id, name, site_id in named:
                for word in (use_id, name):
                    self._uses.setdefault(word.strip().casefold(), {}).setdefault(use_id, site_id)
        self._names = ", ".join(f"“{site.name}”" for site in plan.sites[:8])

    def site(self, text: str, _site_id: str) -> tuple[str, str]:
        """The site that a text names.

        Raises
        ------
        CellError
            Where there is none, or there are several.
        """
        own_id = self._site_ids.get(text.casefold())
        found = [own_id] if own_id is not None else self._sites.get(text.casefold(), [])
        if not found:
            have = f"the plan has {self._names}" if self._names else "the plan has no site yet"
            raise CellError(f"Site “{text[:40]}” is not in the plan ({have})")
        if len(found) > 1:
            raise CellError(several_sites(text, found))
        return found[0], ""

    def use(self, text: str, site_id: str) -> tuple[str, str]:
        """Site and id of the use that a text names, at a site where that is known.

        Raises
        ------
        CellError
            Where there is none, or there are several.
        """
        found = self._uses.get(text.casefold(), {})
        there = {use: site for use, site in found.items() if site_id in ("", site)}
        if not there:
            where = " at that site" if found else ""
            raise CellError(f"“{text[:40]}” is no lot and no offer of the plan{where}")
        if len(there) > 1:
            raise CellError(f"“{text[:40]}” may be {' or '.join(there)}; write the id, or add a column Site")
        ((use_id, at),) = there.items()
        return at, use_id


def _frozen_plans(plan: Plan) -> Iterator[Plan]:
    for decision in plan.decisions:
        try:
            yield unpack(decision.frozen_plan, decision.name)
        except PlanFileError:
            continue  # a finding of the plan says so


def _number(cell: Cell, name: str, unit: str, scale: float, decimal: str) -> float:
    """A value in its line's unit; brackets and a minus behind are minus signs, as accountants write them."""
    sign = 1.0
    if isinstance(cell, str):
        if match := _IN_BRACKETS.match(cell.strip()):
            cell, sign = f"{match.group(1)}{match.group(2)}".strip(), -1.0
        elif match := _MINUS_BEHIND.match(cell.strip()):
            cell, sign = match.group(1), -1.0
    value = sign * number_in(cell, ACTUAL_UNITS[name], unit, scale, decimal).value
    if name in ABOVE_ZERO and value <= 0:
        raise CellError(Sentence("must be above zero, not {value}", value=Amount(value)))
    return value


def _month_first(cells: list[Cell]) -> bool | None:
    """Whether dates such as 4/1/2026 begin with the month; None where nothing in the column tells.

    One date cannot tell, a column can: one part exceeds 12 somewhere, or is the first of the month everywhere.
    """
    matches = [_TWO_AND_YEAR.match(cell.strip()) for cell in cells if isinstance(cell, str)]
    pairs = [(int(m.group(1)), int(m.group(2))) for m in matches if m]
    if not pairs:
        return None
    if any(first > 12 for first, _ in pairs):
        return False
    if any(second > 12 for _, second in pairs):
        return True
    days_behind, days_before = {second for _, second in pairs} == {1}, {first for first, _ in pairs} == {1}
    return None if days_behind == days_before else days_behind


def _repeats_heading(line: Line, table: Table) -> bool:
    same = sum(1 for cell, heading in zip(line.cells, table.headings, strict=True) if cell and str(cell) == heading)
    return same >= 2


def _with_costs_positive(values: list[_Value], findings: list[Finding], table: Table) -> list[_Value]:
    """Costs as on a bill: one that the file has below zero throughout is turned round, and that is said."""
    turned = set()
    for name in COSTS:
        own = [v.value for v in values if v.line == name]
        if own and max(own) <= 0 and min(own) < 0:
            turned.add(name)
            text = (
                f"{MONTHLY_LINES[name][0]} is below zero in all lines; it was read as a cost, above zero as on a bill."
            )
            findings.append(note("cost_sign", text, f"line {table.heading_line}", Severity.WARNING))
    return [replace(v, value=0.0 - v.value) if v.line in turned else v for v in values]


def _twice(before: _Value, after: _Value) -> Finding:
    label, unit = MONTHLY_LINES[after.line][0], ACTUAL_UNITS[after.line]
    sentence = Sentence(
        "{label} of {month} stands in lines {first} and {second}: {one} and {other}; the later one was taken.",
        label=label,
        month=after.month,
        first=str(before.at_line),
        second=str(after.at_line),
        one=Amount(before.value, unit, ",.10g"),
        other=Amount(after.value, unit, ",.10g"),
    )
    severity = Severity.INFO if before.value == after.value else Severity.WARNING
    return Finding("import.duplicate", severity, f"line {after.at_line}, column {after.at_column + 1}", sentence)


def _written(plan: Plan, values: list[_Value]) -> tuple[tuple[Actual, ...], tuple[str, ...], tuple[str, ...], Plan]:
    """New and updated records, ids of the added and of the updated ones, and the plan with them."""
    rows = {actual.id: actual for actual in plan.actuals}
    known = {(a.month, a.line, a.site_id, a.use_id): a.id for a in plan.actuals}
    taken, number = ids_of(plan), 0
    records: list[Actual] = []
    added: list[str] = []
    updated: list[str] = []
    for value in sorted(values, key=lambda v: v.month):
        record_id = known.get(value.place, "")
        if not record_id:
            number += 1
            while f"{ID_PREFIXES['actuals']}{number}" in taken:
                number += 1
            record_id = f"{ID_PREFIXES['actuals']}{number}"
        record = Actual(record_id, value.month, value.line, value.value, value.site_id, value.use_id, value.source)
        (updated if value.place in known else added).append(record_id)
        rows[record_id] = record
        records.append(record)
    after = replace(plan, actuals=tuple(rows.values())) if records else plan
    return tuple(records), tuple(added), tuple(updated), after
