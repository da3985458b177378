"""What belongs to a site's power beside its contracts: periods of a contract, index prices and their steps, meters."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFileDialog

from app.cards import button, icon_button
from app.session import Session
from app.tables.columns import MONEY, columns_of, figure_column
from app.tables.record_cards import DetailCard, SideBySide, TableCard
from models.problems import PlanFileError
from models.records.power import FOLLOWS_INDEX, TIME_OF_USE
from models.records.series import DURATION
from models.series_csv import series_csv
from models.storage.disk import write_whole

SERIES_OF = {
    "price_series": ("hourly_usd_per_mwh", "Price", "USD/MWh"),
    "meter_series": ("hourly_mwh", "Energy", "MWh"),
}
"""Of each table with hourly values: the field, and what its values are called in a file."""


def _hours(record: Any, _session: Session) -> float:
    values = _values(record)
    return math.nan if values is None else float(len(values))


def _mean(record: Any, session: Session) -> float:
    """Of the hours that are known, or of the steps by their share."""
    values = _values(record)
    if values is not None:
        return float(np.nanmean(values.values))
    steps = [s for s in session.plan.price_steps if s.series_id == record.id]
    whole = sum(s.hours_share_fraction for s in steps)
    return sum(s.hours_share_fraction * s.price_usd_per_mwh for s in steps) / whole if whole > 0 else math.nan


def _values(record: Any) -> Any:
    if getattr(record, "kind", "") == DURATION:
        return None
    return getattr(record, "hourly_usd_per_mwh", None) or getattr(record, "hourly_mwh", None)


def _flexibility(record: Any, session: Session) -> float:
    ledger = session.flexibility.get(record.id)
    return ledger.usd_per_mw_year if ledger is not None and ledger.is_used else math.nan


FLEXIBILITY = figure_column(
    "flexibility_usd_per_mw_year",
    "Flexibility/year",
    MONEY,
    "The part of the margin that comes from being able to stop: hours, peaks and demand response, per utility MW in "
    "the plan's first twelve months. Firm load gives it up.",
    _flexibility,
)
HOURS = figure_column(
    "hours",
    "Hours",
    "h",
    "How many were imported; a dash for a price-duration table.",
    _hours,
    0,
    "derived.series.{table}.{id}.hours",
)
MEAN = figure_column(
    "mean",
    "Mean",
    "USD/MWh",
    "Of all hours, or of the steps by their share.",
    _mean,
    2,
    "derived.series.{table}.{id}.mean",
)
ENERGY = figure_column(
    "mean", "Mean", "MWh", "Energy of an hour, on average.", _mean, 3, "derived.series.{table}.{id}.mean"
)
PERIOD_COLUMNS = columns_of(
    "tou_periods",
    "name",
    "energy_price_usd_per_mwh",
    "first_hour",
    "end_hour",
    "days",
    "first_month_of_year",
    "last_month_of_year",
)
STEP_COLUMNS = columns_of("price_steps", "hours_share_fraction", "price_usd_per_mwh")
SERIES_COLUMNS = columns_of("price_series", "name", "kind", HOURS, MEAN, "time_zone", "source", "as_of")
METER_COLUMNS = columns_of("meter_series", "name", HOURS, ENERGY, "time_zone", "source", "as_of")


class ContractDetail(SideBySide):
    """A contract's form; beside it the periods of a time-of-use contract."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.detail = DetailCard(session, "power_contracts", "Choose a contract.")
        self.periods = TableCard(
            session,
            "tou_periods",
            PERIOD_COLUMNS,
            "Periods",
            "Local hours with a price of their own; where they overlap the last one counts.",
        )
        super().__init__(self.detail, self.periods, ("Terms", "Periods"))
        self.import_button = button(
            "Import prices…", lambda: session.command_requested.emit("file.import"), kind="quiet", icon="import"
        )
        self.detail.add_tool(self.import_button)
        session.plan_changed.connect(self.refresh)
        self.show_record("")

    def show_record(self, record_id: str) -> None:
        """Show a contract by its id; an empty one shows none."""
        self.periods.table.records.set_owner(record_id or "-")
        self.detail.show_record(record_id)
        self.refresh()

    def refresh(self) -> None:
        """Show what the contract's kind needs."""
        kind = getattr(self.detail.form.record, "kind", "")
        self.import_button.setVisible(kind in FOLLOWS_INDEX)
        self.show_second(kind == TIME_OF_USE)


class SeriesDetail(SideBySide):
    """The form of a series with its export; beside it the steps of a price-duration table."""

    def __init__(self, session: Session, table: str) -> None:
        self.session = session
        self.table = table
        self.detail = DetailCard(session, table, "Choose a series.")
        self.steps = TableCard(
            session,
            "price_steps",
            STEP_COLUMNS,
            "Price-duration table",
            "Shares of every month's hours and their prices; paste them from a spreadsheet.",
        )
        super().__init__(self.detail, self.steps, ("Series", "Steps"))
        self.export_button = button("Export as CSV…", self.ask_for_file, kind="quiet", icon="export")
        self.detail.add_tool(self.export_button)
        session.plan_changed.connect(self.refresh)
        self.show_record("")

    def show_record(self, record_id: str) -> None:
        """Show a series by its id; an empty one shows none."""
        self.steps.table.records.set_owner(record_id or "-")
        self.detail.show_record(record_id)
        self.refresh()

    def refresh(self) -> None:
        """Show what the series' kind needs."""
        record = self.detail.form.record
        self.export_button.setVisible(record is not None and _values(record) is not None)
        self.show_second(getattr(record, "kind", "") == DURATION)

    def ask_for_file(self) -> None:
        """Ask where to, then `export`."""
        record = self.detail.form.record
        dialog = QFileDialog(self.window(), "Export the series")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter("Table (*.csv)")
        dialog.setDefaultSuffix("csv")
        dialog.selectFile(f"{''.join(c if c.isalnum() or c in ' -_' else '_' for c in record.name)}.csv")
        dialog.fileSelected.connect(self.export)
        dialog.open()

    def export(self, file: str) -> None:
        """Write the hours as CSV, in the C locale; whole, or not at all."""
        record = self.detail.form.record
        name, words, unit = SERIES_OF[self.table]
        try:
            text = series_csv(getattr(record, name), record.time_zone, words, unit)
            write_whole(file, text.encode())
        except (PlanFileError, ValueError) as error:
            self.session.message.emit(f"{Path(file).name} was not written: {error}.".replace("..", "."))
            return
        self.session.message.emit(f"{record.name} was written to {Path(file).name}.")


def series_card(session: Session) -> TableCard:
    """The plan's index prices, with a button to import more."""
    card = TableCard(session, "price_series", SERIES_COLUMNS, "Index prices", "What contracts at index follow.")
    card.add_tool(icon_button("import", "Import hourly prices…", lambda: session.command_requested.emit("file.import")))
    return card


def meter_card(session: Session) -> TableCard:
    """What the chosen site's meters recorded."""
    about = "Billed beside the plan's own load; they change no figure."
    return TableCard(session, "meter_series", METER_COLUMNS, "Meters", about)


def needs_prices(session: Session) -> bool:
    """Whether the plan has index prices, or a contract that follows some."""
    plan = session.plan
    return bool(plan.price_series) or any(c.kind in FOLLOWS_INDEX for c in plan.power_contracts)
