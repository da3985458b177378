"""What months turned out to be, as a table: typed, pasted cell by cell, or pasted as a whole table with headings."""

from __future__ import annotations

import re
from dataclasses import replace

from app.data_out import offer
from app.numbers import Numbers
from app.session import Session
from app.tables.line_model import Cell, Enter, Line
from app.tables.line_table import LineTable
from models.arithmetic import QuantityError
from models.curves import month_after
from models.fields import Field, Quantity, field_of, problem_with
from models.importers import ACTUALS, import_table, read_heading
from models.importers.actuals import Places, months_of
from models.importers.headings import ACTUAL_UNITS
from models.importers.values import CellError
from models.plan import Actual, Plan, new_id
from models.problems import PlanFileError
from models.records.paper import MONTHLY_LINES
from models.sheets import Measured
from models.use_names import named_at_site

HEADINGS = ("Month", "Line", "Value", "Unit", "Site", "Use", "Source")
DIGITS = {"btc_mined": 4, "energy_price_usd_per_mwh": 2, "difficulty": 2}
UNIT_WORDS = {
    "btc_price_usd": "$",
    "difficulty": "T",
    "energy_price_usd_per_mwh": "$/MWh",
    "btc_mined": "BTC",
    "energy_mwh": "MWh",
}
SURE = 0.9
NAME = "Actual months"


class ActualsTable(LineTable):
    """Actual values, the latest month first; a pasted table with headings is imported as a file would be."""

    def __init__(self, session: Session) -> None:
        super().__init__(NAME, HEADINGS, frozenset({2}), lambda: session.document.plan, session.edit_base, stretch=6)
        self._session = session
        self.setObjectName("table.actuals")
        self.refused.connect(session.message)
        offer(self, session, self.sheet, own_menu=True)
        self.append_with(self._pasted)
        self.add_row_action("Add an actual value", "Ctrl+Shift+N", "plus", self.add_value)
        self.add_row_action("Remove", "Ctrl+Delete", "trash", self.remove_values)

    def refresh(self) -> None:
        """Show the values as the plan has them now."""
        plan = self._session.document.plan
        order = {line: number for number, line in enumerate(MONTHLY_LINES)}
        rows = sorted(plan.actuals, key=lambda a: (order[a.line], a.site_id, a.use_id))
        rows.sort(key=lambda a: a.month, reverse=True)
        names = _names_of(plan)
        self.show_lines([_line(actual, names, self._session.numbers) for actual in rows])

    def add_value(self) -> None:
        """Add a value to be filled in: the current line's, a month later."""
        session, plan = self._session, self._session.document.plan
        like = next((a for a in plan.actuals if a.id == self.current_key), None)
        month = session.today.isoformat()[:7]
        if like is None:
            new = Actual(new_id(plan, "x"), month, "btc_price_usd", 0.0)
        else:
            new = replace(like, id=new_id(plan, "x"), month=month_after(like.month, 1), source="")
        session.edit_base("Add an actual value", replace(plan, actuals=(*plan.actuals, new)))
        self.choose(new.id, 2)
        self.setFocus()

    def remove_values(self) -> None:
        """Take the chosen values away, as one undo step."""
        plan, gone = self._session.document.plan, set(self.chosen_keys())
        rest = tuple(a for a in plan.actuals if a.id not in gone)
        count = len(plan.actuals) - len(rest)
        if count:
            words = "an actual value" if count == 1 else f"{count} actual values"
            self._session.edit_base(f"Remove {words}", replace(plan, actuals=rest))

    def paste_block(self, text: str) -> None:
        """Put a block into the cells; a table that brings its headings is read as a file would be."""
        first = (text.splitlines() or [""])[0].split("\t")
        headings = [read_heading(ACTUALS, cell.strip()) for cell in first if cell.strip()]
        known = {h.field for h in headings if h.score >= SURE}
        if "month" not in known or len(known) < 2:
            super().paste_block(text)
            return
        session = self._session
        try:
            found = import_table(
                text.encode(), "clipboard", session.document.plan, ACTUALS, decimal=session.numbers.decimal
            )
        except PlanFileError as error:
            self.refused.emit(str(error))
            return
        if found.records:
            months = months_of(found.records)
            session.edit_base(f"Paste actuals of {months} month{'' if months == 1 else 's'}", found.plan)
        bad = next((f for f in found.findings if f.code in ("import.line", "import.no_column")), None)
        self.refused.emit(f"{found.summary}." + (f" {session.numbers.say(bad.message)}" if bad is not None else ""))

    def _pasted(self, plan: Plan, cells: list[str]) -> Plan:
        """A pasted row as a new value: month, line, value, and what follows as in the table."""
        new = Actual(new_id(plan, "x"), "2000-01", "revenue_usd", 0.0)
        if len(cells) < 3:
            raise QuantityError("a row needs month, line and value")
        plan = replace(plan, actuals=(*plan.actuals, new))
        month, line, value, *rest = cells
        if rest and rest[0].strip() and not re.search(r"[^\W\d_]|\$", value):
            value = f"{value} {rest[0]}"  # a bare number is in the unit beside it
        for column, text in enumerate([month, line, value, *rest][: len(HEADINGS)]):
            enter = _entries(new.id, self._session.numbers)[column]
            if enter is not None and text.strip():
                plan = enter(plan, text.strip())
        return plan


def _names_of(plan: Plan) -> dict[str, str]:
    """What sites, lots and offers are called, by id."""
    found = {site.id: site.name for site in plan.sites}
    return found | named_at_site(plan)


def _line(actual: Actual, names: dict[str, str], numbers: Numbers) -> Line:
    label, unit = MONTHLY_LINES[actual.line]
    shown = actual.value / 1e12 if actual.line == "difficulty" else actual.value
    month, line, value, _, site, use, source = _entries(actual.id, numbers)
    return Line(
        actual.id,
        (
            Cell(numbers.month(actual.month), actual.month, enter=month, exported=actual.month),
            Cell(label, label, enter=line),
            Cell(
                numbers.number(shown, DIGITS.get(actual.line, 0)),
                numbers.full(shown),
                enter=value,
                exported=Measured(actual.value, unit or "difficulty"),
            ),
            Cell(UNIT_WORDS.get(actual.line, "$" if unit == "USD" else unit), ink="muted"),
            Cell(names.get(actual.site_id, actual.site_id), None, enter=site, tip=_whose(actual)),
            Cell(names.get(actual.use_id, actual.use_id), None, enter=use, tip=_whose(actual)),
            Cell(actual.source, actual.source, enter=source, tip=actual.source),
        ),
    )


def _whose(actual: Actual) -> str:
    if actual.line in ("btc_price_usd", "difficulty"):
        return "The market's"
    return "" if actual.site_id or actual.use_id else "Of a decision as a whole, or of every site"


def _entries(actual_id: str, numbers: Numbers) -> tuple[Enter | None, ...]:
    """What typing into each column of a value's line does."""

    def held(plan: Plan) -> Actual:
        return next(a for a in plan.actuals if a.id == actual_id)

    def with_changes(plan: Plan, **values: object) -> Plan:
        new = replace(held(plan), **values)  # type: ignore[arg-type]
        for name in values:
            problem = problem_with(field_of(Actual, name), getattr(new, name))
            if problem:
                raise QuantityError(numbers.say(problem))
        return replace(plan, actuals=tuple(new if a.id == actual_id else a for a in plan.actuals))

    def month(plan: Plan, text: str) -> Plan:
        return with_changes(plan, month=numbers.parse_month(text))

    def line(plan: Plan, text: str) -> Plan:
        heading = read_heading(ACTUALS, text)
        if heading.field not in MONTHLY_LINES or heading.score < SURE:
            known = ", ".join(label for label, _ in MONTHLY_LINES.values())
            raise QuantityError(f"“{text}” is none of {known}")
        return with_changes(plan, line=heading.field)

    def value(plan: Plan, text: str) -> Plan:
        unit = ACTUAL_UNITS[held(plan).line]
        quantity = Field("value", Quantity(label="Value", unit=unit, digits=2), None, False, False)
        understood = numbers.parse(text, quantity)
        if understood.alternatives:
            readings = " or ".join(words for _, words in understood.alternatives)
            raise QuantityError(f"{understood.echo} {readings}; write it with its unit")
        return with_changes(plan, value=float(understood.value))

    def site(plan: Plan, text: str) -> Plan:
        try:
            return with_changes(plan, site_id=Places(plan).site(text, "")[0] if text else "")
        except CellError as error:
            raise QuantityError(error.clause) from None

    def use(plan: Plan, text: str) -> Plan:
        if not text:
            return with_changes(plan, use_id="")
        try:
            site_id, use_id = Places(plan).use(text, held(plan).site_id)
        except CellError as error:
            raise QuantityError(error.clause) from None
        return with_changes(plan, use_id=use_id, site_id=site_id)

    def source(plan: Plan, text: str) -> Plan:
        return with_changes(plan, source=text)

    return month, line, value, None, site, use, source
