"""Every step from format 1 of the plan file to today's.

A step works on tables as they were when it was written and imports nothing of the application, so that it does the same
for ever: whatever it needs to know of the old and the new format stands in it. A step is never changed once a release
has written files in its format.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]


def _power_as_miners_buy_it(database: Database) -> None:
    """From 1 to 2: contract kinds beyond the fixed price, hourly prices and meters, and what stopping costs."""
    added = {
        "sites": ("curtailment_start_cost_usd_per_mw REAL NOT NULL DEFAULT 0",),
        "power_contracts": (
            "price_series_id TEXT",
            "forward_index_usd_per_mwh REAL",
            "index_basis_usd_per_mwh REAL NOT NULL DEFAULT 0",
            "block_mw REAL",
            "sells_back INTEGER NOT NULL DEFAULT 1",
            "sell_back_fee_usd_per_mwh REAL NOT NULL DEFAULT 0",
            "excess_fee_usd_per_mwh REAL NOT NULL DEFAULT 0",
            "take_fraction REAL NOT NULL DEFAULT 0.8",
            "standby_usd_per_kw_month REAL NOT NULL DEFAULT 0",
            "escalator_fraction_per_year REAL NOT NULL DEFAULT 0",
            "demand_charge_usd_per_kw_month REAL NOT NULL DEFAULT 0",
            "transmission_usd_per_kw_year REAL NOT NULL DEFAULT 0",
            "peak_share_fraction REAL NOT NULL DEFAULT 1",
            "twelve_peaks_from_month TEXT",
            "twelve_peak_share_fraction REAL NOT NULL DEFAULT 1",
            "capacity_usd_per_mw_day REAL NOT NULL DEFAULT 0",
            "fixed_charge_usd_per_month REAL NOT NULL DEFAULT 0",
            "tax_fraction REAL NOT NULL DEFAULT 0",
            "demand_response_usd_per_mw_year REAL NOT NULL DEFAULT 0",
            "demand_response_end_month TEXT",
            "demand_response_decline_fraction_per_year REAL NOT NULL DEFAULT 0",
        ),
        "asic_lots": ("planned_outage_fraction REAL NOT NULL DEFAULT 0",),
        "ai_offers": (
            "summer_pue REAL",
            "winter_pue REAL",
            "hedge_disposition TEXT NOT NULL DEFAULT 'assigned'",
            "hedge_sale_discount_fraction REAL NOT NULL DEFAULT 0",
        ),
    }
    for table, new in added.items():
        for column in new:
            database.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    created = {
        "tou_periods": "contract_id TEXT NOT NULL, name TEXT NOT NULL, energy_price_usd_per_mwh REAL NOT NULL, "
        "first_hour INTEGER NOT NULL, end_hour INTEGER NOT NULL, days TEXT NOT NULL, "
        "first_month_of_year INTEGER NOT NULL, last_month_of_year INTEGER NOT NULL",
        "price_series": "name TEXT NOT NULL, kind TEXT NOT NULL, time_zone TEXT NOT NULL, "
        "hourly_usd_per_mwh_from_utc TEXT, hourly_usd_per_mwh BLOB, source TEXT NOT NULL, as_of TEXT NOT NULL",
        "price_steps": "series_id TEXT NOT NULL, hours_share_fraction REAL NOT NULL, price_usd_per_mwh REAL NOT NULL",
        "meter_series": "site_id TEXT NOT NULL, name TEXT NOT NULL, time_zone TEXT NOT NULL, "
        "hourly_mwh_from_utc TEXT, hourly_mwh BLOB, source TEXT NOT NULL, as_of TEXT NOT NULL",
    }
    for table, columns in created.items():
        database.execute(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, id TEXT NOT NULL, {columns}) STRICT")


def _what_people_add(database: Database) -> None:
    """From 2 to 3: ranges of inputs, tripwires, what was observed later, and findings that were set aside."""
    created = {
        "uncertainties": "path TEXT NOT NULL, p10 REAL NOT NULL, p90 REAL NOT NULL, source TEXT NOT NULL",
        "tripwires": "path TEXT NOT NULL, side TEXT NOT NULL, level REAL NOT NULL, days INTEGER NOT NULL, "
        "reason TEXT NOT NULL, set_on TEXT NOT NULL",
        "observations": "path TEXT NOT NULL, date TEXT NOT NULL, value REAL NOT NULL, source TEXT NOT NULL",
        "snoozes": "code TEXT NOT NULL, path TEXT NOT NULL, reason TEXT NOT NULL, date TEXT NOT NULL",
    }
    for table, columns in created.items():
        database.execute(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, id TEXT NOT NULL, {columns}) STRICT")


def _what_leaves_and_comes_back(database: Database) -> None:
    """From 3 to 4: the memo's own words, decisions that were taken, and what their months turned out to be."""
    created = {
        "memo_parts": "place TEXT NOT NULL, shown INTEGER NOT NULL, words TEXT NOT NULL, written_for TEXT NOT NULL",
        "decisions": "name TEXT NOT NULL, decided_on TEXT NOT NULL, decided_by TEXT NOT NULL, "
        "recommendation TEXT NOT NULL, scenario_id TEXT NOT NULL, scenario_name TEXT NOT NULL, "
        "memo_digest TEXT NOT NULL, plan_digest TEXT NOT NULL, program_version TEXT NOT NULL, note TEXT NOT NULL, "
        "frozen_plan TEXT NOT NULL",
        "decided_uses": "decision_id TEXT NOT NULL, site_id TEXT NOT NULL, use_id TEXT NOT NULL, role TEXT NOT NULL, "
        "mw REAL NOT NULL, npv_usd_per_mw REAL",
        "actuals": "month TEXT NOT NULL, line TEXT NOT NULL, value REAL NOT NULL, site_id TEXT NOT NULL, "
        "use_id TEXT NOT NULL, source TEXT NOT NULL",
    }
    for table, columns in created.items():
        database.execute(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, id TEXT NOT NULL, {columns}) STRICT")


STEPS: tuple[Step, ...] = (_power_as_miners_buy_it, _what_people_add, _what_leaves_and_comes_back)
"""`STEPS[0]` leads from format 1 to 2, and so on; a new format is a new step at the end."""

CURRENT_FORMAT = 1 + len(STEPS)


def migrate(connection: sqlite3.Connection, stored_format: int, steps: Sequence[Step] = STEPS) -> int:
    """Bring the tables of an older plan file up to date, in memory; the file itself stays as it is.

    Parameters
    ----------
    connection
        A copy of the file's content that may be changed.
    stored_format
        The format that it has, at least 1.
    steps
        All steps that there are; others than the released ones only in tests.

    Returns
    -------
    int
        The format that it has now.

    Raises
    ------
    sqlite3.Error
        Where a step does not fit the tables; all of that step is then undone.
    """
    pending = steps[stored_format - 1 :]
    if pending:
        # Only here: importing it takes half a second, since it imports pandas where that is installed.
        from sqlite_utils import Database

        database = Database(connection)
        for number, step in enumerate(pending, start=stored_format + 1):
            with database.atomic():
                step(database)
                connection.execute(f"PRAGMA user_version = {number}")
    return max(stored_format, 1 + len(steps))
