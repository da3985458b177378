"""Sites: megawatts at the meter, how each site buys its power, and the index prices that contracts follow."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.cards import EmptyState, OneOf, PageColumn, PageHead, button
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.power_records import ContractDetail, SeriesDetail, meter_card, needs_prices, series_card
from app.session import Session
from app.tables.columns import SITE_AI_MW, SITE_ENERGY_PRICE, SITE_MINING_MW, columns_of
from app.tables.record_cards import DetailCard, Stacked, TableCard, scrolling
from app.tables.record_edits import counted

SITE_COLUMNS = columns_of(
    "sites", "name", "capacity_mw", "convertible_mw", "mining_pue", SITE_MINING_MW, SITE_AI_MW, SITE_ENERGY_PRICE
)
CONTRACT_COLUMNS = columns_of(
    "power_contracts",
    "name",
    "kind",
    "energy_price_usd_per_mwh",
    "adders_usd_per_mwh",
    "energy_price_growth_fraction_per_year",
    "contracted_mw",
    "start_month",
    "end_month",
)


class SitesPage(QWidget):
    """Sites with their power contracts, index prices and meters."""

    name = "sites"
    title = "Sites"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = PageHead("Sites and power")
        add_figure_menu(self.head.about, session, self._total)
        self.import_button = button("Import…", lambda: session.command_requested.emit("file.import"), icon="import")
        self.add_button = button("Add site", self.add_site, kind="primary", icon="plus")
        self.head.add(self.import_button, self.add_button)
        empty = EmptyState(
            "sites",
            "No site yet",
            "A site is a place with a grid connection: its megawatts at the meter, how many of them could host AI, "
            "and what its power costs.",
            button("Add site", self.add_site, kind="primary", icon="plus"),
            button("Load example", lambda: load_example(session)),
        )
        self.sites = TableCard(session, "sites", SITE_COLUMNS, "Sites", "Utility megawatts, before cooling and losses.")
        no_contract = EmptyState(
            "sites",
            "No power contract",
            "Without a price for its power no use of this site's megawatts can be valued.",
            button("Add contract", self.add_contract, kind="primary", icon="plus"),
        )
        self.contracts = TableCard(session, "power_contracts", CONTRACT_COLUMNS, "Power", "", no_contract)
        self.site_detail = DetailCard(session, "sites", "Choose a site.")
        self.contract = ContractDetail(session)
        self.contract_detail = self.contract.detail
        self.series = series_card(session)
        self.meters = meter_card(session)
        self.series_detail = SeriesDetail(session, "price_series")
        self.meter_detail = SeriesDetail(session, "meter_series")
        self.details = QStackedWidget()
        for detail in (self.site_detail, self.contract, self.series_detail, self.meter_detail):
            self.details.addWidget(detail)
        self.pile = Stacked(self.sites, self.contracts, self.series, self.meters, self.details)
        self.stack = OneOf()
        self.stack.addWidget(scrolling(self.pile))
        self.stack.addWidget(empty)
        layout = PageColumn(self)
        layout.addWidget(self.head)
        layout.addWidget(self.stack, 1)
        # The form may be another table's by now: a table's only row is the current one already when it is clicked.
        for card, choose in (
            (self.sites, self._choose_site),
            (self.contracts, self._choose_contract),
            (self.series, partial(self._choose_series, self.series_detail)),
            (self.meters, partial(self._choose_series, self.meter_detail)),
        ):
            card.table.record_chosen.connect(choose)
            card.table.record_entered.connect(choose)
        session.plan_changed.connect(self.refresh)
        self.refresh()

    def add_site(self) -> None:
        """A new site with planner defaults."""
        self.sites.table.add_row()

    def add_contract(self) -> None:
        """A new contract for the chosen site."""
        self.contracts.table.add_row()

    def _choose_site(self, record_id: str) -> None:
        if record_id:
            self.contracts.table.records.set_owner(record_id)
            self.meters.table.records.set_owner(record_id)
            self.site_detail.show_record(record_id)
        self.details.setCurrentWidget(self.site_detail)
        self._name_contracts()

    def _choose_contract(self, record_id: str) -> None:
        self.contract.show_record(record_id)
        if record_id:
            self.details.setCurrentWidget(self.contract)

    def _choose_series(self, detail: SeriesDetail, record_id: str) -> None:
        detail.show_record(record_id)
        if record_id:
            self.details.setCurrentWidget(detail)
        elif self.details.currentWidget() is detail:
            self.details.setCurrentWidget(self.site_detail)

    def _name_contracts(self) -> None:
        site = next((s for s in self.session.plan.sites if s.id == self.contracts.table.records.owner_id), None)
        self.contracts.title.setText("Power" if site is None else f"Power of {site.name}")

    def _total(self, _point: QPoint) -> str | None:
        return "derived.total.sites.capacity_mw" if self.session.plan.sites else None

    def refresh(self) -> None:
        """Show the sites as they are now, one of them chosen."""
        plan = self.session.plan
        self.stack.setCurrentIndex(0 if plan.sites else 1)
        shown_cards = (needs_prices(self.session), any(self.meters.table.records.records))
        if shown_cards != (not self.series.isHidden(), not self.meters.isHidden()):
            self.series.setVisible(shown_cards[0])
            self.meters.setVisible(shown_cards[1])
            self.pile.follow_content()
        total = sum(s.capacity_mw for s in plan.sites)
        convertible = sum(s.capacity_mw if s.convertible_mw is None else s.convertible_mw for s in plan.sites)
        write = self.session.numbers.format
        self.head.about.set_text(
            f"{counted(len(plan.sites), 'sites')}, {write(total, 1, 'MW')} at the meter, "
            f"{write(convertible, 1, 'MW')} convertible to AI"
            if plan.sites
            else ""
        )
        shown = self.contracts.table.records.owner_id
        if plan.sites and all(s.id != shown for s in plan.sites):
            self.sites.table.choose(plan.sites[0].id, "name")
            self._choose_site(plan.sites[0].id)
        self._name_contracts()

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to a field of a site, or of something that belongs to its power."""
        table, record_id, *name = [*path.split("."), ""]
        plan = self.session.plan
        part = name[0]
        if table == "tou_periods":
            record_id = next((p.contract_id for p in plan.tou_periods if p.id == record_id), "")
            table, part = "power_contracts", "kind"
        if table == "sites":
            self.sites.table.choose(record_id, part)
            self.site_detail.focus_field(part)
        elif table == "power_contracts":
            self._jump_to_site(next((c.site_id for c in plan.power_contracts if c.id == record_id), ""))
            self.contracts.table.choose(record_id, part)
            self._choose_contract(record_id)
            self.contract_detail.focus_field(part)
        elif table == "price_series":
            self.series.table.choose(record_id, part or "name")
            self._choose_series(self.series_detail, record_id)
            self.series_detail.detail.focus_field(part or "name")
        elif table == "meter_series":
            self._jump_to_site(next((m.site_id for m in plan.meter_series if m.id == record_id), ""))
            self.refresh()
            self.meters.table.choose(record_id, part or "name")
            self._choose_series(self.meter_detail, record_id)

    def _jump_to_site(self, site_id: str) -> None:
        self.sites.table.choose(site_id, "name")
        self._choose_site(site_id)
