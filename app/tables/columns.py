"""The columns of a record table: fields that are typed in, and figures that Busbar computes from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.forms.entry import reference_name
from app.numbers import MISSING, Numbers
from app.session import Session
from models.bills.monthly import firm_bill
from models.fields import Field, Quantity, Reference, field_of
from models.plan import RECORD_TYPES, Plan
from models.sheets import Cell, Measured, field_cell
from models.units import unit_label

Figure = Callable[[Any, Session], float]
MONEY = "money"


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    key
        The field's name, or the figure's.
    label, unit, help
        Of the heading; the unit as models write it, or `MONEY` for dollars per utility MW.
    field
        None for a computed figure.
    figure
        Computes the value of a record; NaN where it cannot be.
    digits
        Decimals of a figure.
    path
        Of a figure that is none of a use, with ``{id}`` for the record's and ``{table}`` for its table.
    """

    key: str
    label: str
    unit: str
    help: str
    field: Field | None = None
    figure: Figure | None = None
    digits: int = 1
    path: str = ""

    def figure_path(self, table: str, record_id: str) -> str:
        """Path of what a record's cell shows, for whoever explains it.

        Parameters
        ----------
        table, record_id
            Whose cell.
        """
        if self.field is not None:
            return f"{table}.{record_id}.{self.key}"
        return (self.path or f"uses.{{id}}.{self.key}").format(id=record_id, table=table)

    @property
    def is_number(self) -> bool:
        """Whether its cells stand on the right."""
        return self.field is None or isinstance(self.field.spec, Quantity)

    @property
    def heading(self) -> str:
        """Label and, on a second line, the unit."""
        unit = "$/MW" if self.unit == MONEY else unit_label(self.unit)
        return f"{self.label}\n{unit}" if self.is_number else self.label

    def text(self, value: Any, numbers: Numbers, plan: Plan) -> str:
        """A value as the cell shows it."""
        if self.field is None:
            if value is None or not math.isfinite(value):
                return MISSING
            if self.unit == MONEY:
                return numbers.number(value, 0)
            # The unit stands in the heading.
            return numbers.number(value * (100.0 if self.unit.startswith("fraction") else 1.0), self.digits)
        if isinstance(self.field.spec, Reference):
            return reference_name(plan, self.field.spec.tables, value) if value else ""
        return numbers.format_field(self.field, value, with_unit=False)

    @property
    def exported_unit(self) -> str:
        """The unit of its numbers as models write it; empty for texts."""
        if self.unit == MONEY:
            return "USD/MW-year" if self.key.endswith("_year") else "USD/MW"
        return self.unit if self.is_number else ""

    def exported(self, value: Any, plan: Plan) -> Cell:
        """A value as a file holds it: in full, with its unit, references by name."""
        if self.field is None:
            return Measured(math.nan if value is None else float(value), self.exported_unit)
        if isinstance(self.field.spec, Reference):
            return reference_name(plan, self.field.spec.tables, value) if value else None
        return field_cell(self.field, value)


def field_column(table: str, name: str) -> Column:
    """The column of a record's field."""
    field = field_of(RECORD_TYPES[table], name)
    return Column(name, field.label, field.unit, field.spec.help, field=field)


def figure_column(
    key: str, label: str, unit: str, help: str, figure: Figure, digits: int = 1, path: str = ""
) -> Column:
    """The column of a computed figure; `path` where it is none of a use's figures."""
    return Column(key, label, unit, help, figure=figure, digits=digits, path=path)


def columns_of(table: str, *wanted: str | Column) -> tuple[Column, ...]:
    """Columns by field name, mixed with computed ones."""
    return tuple(c if isinstance(c, Column) else field_column(table, c) for c in wanted)


def _use_figure(name: str) -> Figure:
    def figure(record: Any, session: Session) -> float:
        use = session.results.by_id.get(record.id)
        return math.nan if use is None else float(getattr(use, name))

    return figure


def _efficiency(record: Any, _session: Session) -> float:
    return float(record.power_w / record.hashrate_th_per_s) if record.hashrate_th_per_s else math.nan


def _site_mw(table: str) -> Figure:
    def figure(record: Any, session: Session) -> float:
        by_id = session.results.by_id
        ids = [r.id for r in getattr(session.plan, table) if r.site_id == record.id]
        return sum((by_id[i].mw for i in ids if i in by_id), 0.0)

    return figure


def _site_energy_price(record: Any, session: Session) -> float:
    """What firm load pays in the plan's first month, delivery and charges included, before credits [USD/MWh]."""
    if all(c.site_id != record.id for c in session.plan.power_contracts):
        return math.nan
    return float(firm_bill(session.plan, record.id).gross_usd_per_mwh[0])


EFFICIENCY = figure_column(
    "efficiency_j_per_th",
    "Efficiency",
    "J/TH",
    "Power over hashrate, at the machine's plug.",
    _efficiency,
    path="derived.efficiency.{id}",
)
MW = figure_column("mw", "Metered", "MW", "Utility megawatts, cooling and losses included.", _use_figure("mw"))
MARGIN = figure_column(
    "margin_usd_per_mw_year",
    "Margin/year",
    MONEY,
    "Revenue less power and opex per utility MW, first twelve operating months.",
    _use_figure("margin_usd_per_mw_year"),
)
BREAK_EVEN_POWER = figure_column(
    "break_even_power_usd_per_mwh",
    "Break-even",
    "USD/MWh",
    "The power price at which today's revenue per MWh is used up.",
    _use_figure("break_even_power_usd_per_mwh"),
)
NPV = figure_column(
    "npv_usd_per_mw",
    "NPV",
    MONEY,
    "Net present value per utility MW at the use's own discount rate, over the plan's horizon.",
    _use_figure("npv_usd_per_mw"),
)
IRR = figure_column(
    "irr_fraction",
    "IRR",
    "fraction",
    "Annual and effective; a dash where there is none, or more than one.",
    _use_figure("irr_fraction"),
)
PAYBACK = figure_column(
    "payback_months",
    "Payback",
    "months",
    "From first spend until cumulative cash is no longer negative; a dash where it does not pay back in the horizon.",
    _use_figure("payback_months"),
    digits=0,
)
SITE_MINING_MW = figure_column(
    "mining_mw",
    "Mining",
    "MW",
    "Utility megawatts that the site's machines draw.",
    _site_mw("asic_lots"),
    path="derived.mining_mw.{id}",
)
SITE_AI_MW = figure_column(
    "ai_mw",
    "AI offers",
    "MW",
    "Utility megawatts that the site's offers would need together.",
    _site_mw("ai_offers"),
    path="derived.ai_mw.{id}",
)
SITE_ENERGY_PRICE = figure_column(
    "energy_price",
    "Energy price",
    "USD/MWh",
    "What its contracts charge in the plan's first month, delivery and taxes included.",
    _site_energy_price,
    digits=2,
    path="derived.energy_price.{id}",
)
