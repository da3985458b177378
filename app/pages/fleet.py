"""Fleet: lots of machines, what a megawatt of each earns, and the catalogue to add from."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from app.cards import EmptyState, OneOf, PageColumn, PageHead, button
from app.data_out import offer
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.power_records import FLEXIBILITY
from app.session import Session
from app.tables.columns import BREAK_EVEN_POWER, EFFICIENCY, MARGIN, MW, NPV, columns_of
from app.tables.record_cards import DetailCard, Stacked, TableCard, scrolling
from app.tables.record_edits import counted
from models.catalogue_sheets import machine_sheet

COLUMNS = columns_of(
    "asic_lots",
    "model",
    "site_id",
    "count",
    MW,
    MARGIN,
    NPV,
    BREAK_EVEN_POWER,
    FLEXIBILITY,
    EFFICIENCY,
    "hashrate_th_per_s",
    "power_w",
    "uptime_fraction",
    "pool_fee_fraction",
    "purchase_price_usd_per_unit",
    "resale_value_usd_per_unit",
    "opex_usd_per_mw_year",
)


class FleetPage(QWidget):
    """Lots of machines."""

    name = "fleet"
    title = "Fleet"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = PageHead("Fleet")
        add_figure_menu(self.head.about, session, self._total)
        self.import_button = button("Import…", self.import_table, icon="import")
        self.catalogue_button = button("Add from catalogue", self.open_catalogue, kind="primary", icon="search")
        self.head.add(self.import_button, self.catalogue_button)
        empty = EmptyState(
            "fleet",
            "No machines yet",
            "Lots of one model at one site. Add them from the catalogue, paste rows from a spreadsheet, "
            "or import a device list.",
            button("Add from catalogue", self.open_catalogue, kind="primary", icon="search"),
            button("Paste", self.paste),
            button("Load example", lambda: load_example(session)),
        )
        self.lots = TableCard(
            session, "asic_lots", COLUMNS, "Lots", "Blue figures are calculated, per utility megawatt."
        )
        self.detail = DetailCard(session, "asic_lots", "Choose a lot.")
        self.stack = OneOf()
        self.stack.addWidget(scrolling(Stacked(self.lots, self.detail)))
        self.stack.addWidget(empty)
        layout = PageColumn(self)
        layout.addWidget(self.head)
        layout.addWidget(self.stack, 1)
        self.lots.table.record_chosen.connect(self.choose)
        session.plan_changed.connect(self.refresh)
        self.refresh()

    def choose(self, record_id: str) -> None:
        """Show a lot's form, and make it the one on the frontier."""
        self.detail.show_record(record_id)
        if record_id:
            self.session.choose(asic_id=record_id)

    def import_table(self) -> None:
        """Ask for a file to import."""
        self.session.command_requested.emit("file.import")

    def paste(self) -> None:
        """Paste rows from the clipboard below the last lot."""
        self.stack.setCurrentIndex(0)
        self.lots.table.clearSelection()
        self.lots.table.paste()
        self.refresh()

    def open_catalogue(self) -> None:
        """Open the picker; every pick adds a lot that fills what the site has left."""
        from app.catalogue_picker import ASIC_FACTS, CataloguePicker, find_asics

        if not self.session.plan.sites:
            self.session.message.emit("Machines stand on a site; add a site first.")
            self.session.go_to("sites")
            return
        sites = [(s.id, s.name) for s in self.session.plan.sites]
        dialog = CataloguePicker(
            "Machines", ASIC_FACTS, find_asics, self.session.numbers, sites, "Add lot", self.window()
        )
        dialog.picked.connect(self.add_machine)
        offer(dialog.grid, self.session, lambda: machine_sheet(dialog.model.rows), own_keys=True)
        self._picker = dialog
        dialog.open()

    def add_machine(self, machine: Any, site_id: str) -> None:
        """Add a lot of a catalogue machine, as one undo step."""
        from models.defaults import add_to, lot_from

        plan = self.session.plan
        lot = lot_from(machine, plan, site_id or None)
        self.session.edit(f"Add {lot.model}", add_to(plan, lot))
        site = next(s.name for s in plan.sites if s.id == lot.site_id)
        self._picker.say(f"Added {self.session.numbers.number(lot.count, 0)} × {lot.model} to {site}.")
        self.lots.table.choose(lot.id, "count")

    def _total(self, _point: QPoint) -> str | None:
        return "derived.total.asic_lots.count" if self.session.plan.asic_lots else None

    def refresh(self) -> None:
        """Show the fleet as it is now, one lot chosen."""
        plan, numbers = self.session.plan, self.session.numbers
        self.stack.setCurrentIndex(0 if plan.asic_lots else 1)
        lots = plan.asic_lots
        machines = sum(lot.count for lot in lots)
        hashrate = sum(lot.count * lot.hashrate_th_per_s for lot in lots) / 1e6
        mw = sum(u.mw for u in self.session.results.uses if u.kind == "asic")
        words = f"{counted(len(lots), 'asic_lots')}, {numbers.number(machines, 0)} machines, "
        words += f"{numbers.number(hashrate, 2)} EH/s on {numbers.format(mw, 1, 'MW')}"
        self.head.about.set_text(words if lots else "")
        if lots and not self.lots.table.currentIndex().isValid():
            chosen = self.session.chosen_asic_id
            self.lots.table.choose(chosen if chosen in {lot.id for lot in lots} else lots[0].id, "model")

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to a lot's field."""
        _, record_id, *name = [*path.split("."), "", ""]
        self.lots.table.choose(record_id, name[0])
        self.detail.focus_field(name[0])
