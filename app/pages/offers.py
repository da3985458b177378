"""AI offers: leases and own GPUs as they were offered, beside what others agreed on."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app import theme
from app.cards import Card, EmptyState, OneOf, PageColumn, PageHead, button
from app.data_out import offer as offer_out
from app.deals_panel import DealsPanel
from app.example import load_example
from app.figure_menu import add_figure_menu
from app.session import Session
from app.tables.columns import IRR, MARGIN, MW, NPV, PAYBACK, columns_of
from app.tables.record_cards import DetailCard, SideBySide, Stacked, TableCard, scrolling
from app.tables.record_edits import change_text, counted
from models.bills.flexibility import given_up
from models.catalogue_sheets import gpu_sheet
from models.fields import replace
from models.plan import GPU_CLOUD, LEASE

COLUMNS = columns_of(
    "ai_offers",
    "name",
    "site_id",
    "critical_it_mw",
    "rent_usd_per_it_kw_month",
    "price_usd_per_gpu_hour",
    MARGIN,
    NPV,
    IRR,
    PAYBACK,
    MW,
    "kind",
    "first_rent_month",
    "term_months",
    "capex_usd_per_it_mw",
    "capex_usd_per_gpu",
)


class MarketCard(Card):
    """What others agreed on."""

    def __init__(self, deals: DealsPanel) -> None:
        super().__init__("What others agreed on")
        self.deals = deals
        self.add(deals, stretch=1)

    def content_height(self) -> int:
        """The height at which all deals are seen."""
        return self.deals.content_height() + self.head.sizeHint().height() + theme.px(52)


class OffersPage(QWidget):
    """Offers with their forms and the market beside them."""

    name = "offers"
    title = "AI offers"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.head = PageHead("AI offers")
        add_figure_menu(self.head.about, session, self._total)
        self.import_button = button("Import…", lambda: session.command_requested.emit("file.import"), icon="import")
        self.gpu_button = button("GPU catalogue", self.open_catalogue, icon="search")
        self.add_button = button("Add offer", lambda: None, kind="primary", icon="plus")
        menu = QMenu(self.add_button)
        menu.addAction("Lease of powered shell", self.add_lease)
        menu.addAction("Own GPUs", self.add_gpus)
        self.add_button.setMenu(menu)
        self.read_button = button(
            "Read an offer…", self.read_offer, icon="offers", help="Type or paste an offer as it came (Ctrl+Shift+O)"
        )
        self.head.add(self.import_button, self.gpu_button, self.read_button, self.add_button)
        empty = EmptyState(
            "offers",
            "No offer yet",
            "Enter an offer as you got it, in any unit: $128/kW-month, $1,536/kW-year or $2.90 per GPU-hour. "
            "Busbar puts it beside your machines, per megawatt.",
            button("Add lease", self.add_lease, kind="primary", icon="plus"),
            button("Add own GPUs", self.add_gpus),
            button("Read an offer…", self.read_offer),
            button("Load example", lambda: load_example(session)),
        )
        self.offers = TableCard(
            session, "ai_offers", COLUMNS, "Offers", "Blue figures are calculated, per utility megawatt."
        )
        self.detail = DetailCard(session, "ai_offers", "Choose an offer.")
        self.deals = DealsPanel(session)
        add_figure_menu(self.detail.about, session, self._figure("uses.{}.flexibility_usd_per_mw_year"))
        add_figure_menu(self.deals, session, self._own_price)
        market = MarketCard(self.deals)
        self.below = SideBySide(self.detail, market, ("Terms", "What others agreed on"))
        self.stack = OneOf()
        self.stack.addWidget(scrolling(Stacked(self.offers, self.below)))
        self.stack.addWidget(empty)
        layout = PageColumn(self)
        layout.addWidget(self.head)
        layout.addWidget(self.stack, 1)
        self.offers.table.record_chosen.connect(self.choose)
        session.plan_changed.connect(self.refresh)
        self.refresh()

    def choose(self, record_id: str) -> None:
        """Show an offer's form and its market, and make it the one on the frontier."""
        self.detail.show_record(record_id)
        if record_id:
            self.session.choose(offer_id=record_id)
        self._compare()

    def _compare(self) -> None:
        chosen = self.offers.table.chosen_id
        self.deals.show_offer(next((o for o in self.session.plan.ai_offers if o.id == chosen), None))
        self._say_given_up()

    def _say_given_up(self) -> None:
        """Below the offer's name: what its site's machines earn by stopping, which the offer cannot."""
        session, chosen = self.session, self.offers.table.chosen_id
        lost = given_up(session.plan, session.flexibility).get(chosen, math.nan)
        amount = session.numbers.money(lost)
        words = f"Gives up {amount} per MW-year that its site's machines earn by being able to stop."
        is_something = abs(lost) >= 1
        self.detail.about.setText(words if is_something else "")
        self.detail.about.setVisible(is_something)

    def _figure(self, path: str) -> Callable[[QPoint], str | None]:
        """Finds a figure of the chosen offer."""

        def path_at(_point: QPoint) -> str | None:
            chosen = self.offers.table.chosen_id
            return path.format(chosen) if chosen else None

        return path_at

    def _own_price(self, _point: QPoint) -> str | None:
        """What the strip marks as one's own: a lease's average rent, or the price of a GPU-hour."""
        offer = next((o for o in self.session.plan.ai_offers if o.id == self.offers.table.chosen_id), None)
        if offer is None:
            return None
        lease = offer.kind == LEASE
        return f"derived.average_rent.{offer.id}" if lease else f"ai_offers.{offer.id}.price_usd_per_gpu_hour"

    def add_lease(self) -> None:
        """A lease with the terms that are usual now."""
        self._add(LEASE)

    def add_gpus(self) -> None:
        """Own GPUs with the terms that are usual now."""
        self._add(GPU_CLOUD)

    def _add(self, kind: str) -> str:
        added = self.offers.table.add_row(kind=kind)
        if not added:
            self.session.go_to("sites")
        return added

    def read_offer(self) -> None:
        """Open the reader of offers as they came."""
        from app.offer_reader import OfferReader

        if not self.session.plan.sites:
            self.session.message.emit("Add a site first: an offer stands at one.")
            self.session.go_to("sites")
            return
        OfferReader(self.session, self.window()).open()

    def open_catalogue(self) -> None:
        """Open the picker; a pick gives the chosen own-GPU offer its power per GPU, or makes such an offer."""
        from app.catalogue_picker import GPU_FACTS, CataloguePicker, find_gpus

        dialog = CataloguePicker(
            "GPUs and systems", GPU_FACTS, find_gpus, self.session.numbers, [], "Use", self.window()
        )
        dialog.picked.connect(self.use_gpu)
        offer_out(dialog.grid, self.session, lambda: gpu_sheet(dialog.model.rows), own_keys=True)
        self._picker = dialog
        dialog.open()

    def use_gpu(self, gpu: Any, _site_id: str) -> None:
        """Take a system's power per GPU into an offer of own GPUs."""
        if gpu.it_kw_per_gpu is None:
            self._picker.say(f"{gpu.model} is no whole system; choose a server or a rack.")
            return
        chosen = self.offers.table.chosen_id
        offer = next((o for o in self.session.plan.ai_offers if o.id == chosen and o.kind == GPU_CLOUD), None)
        offer_id = offer.id if offer is not None else self._add(GPU_CLOUD)
        if not offer_id:
            self._picker.reject()
            return
        path = f"ai_offers.{offer_id}.it_kw_per_gpu"
        plan = self.session.plan
        self.session.edit(change_text(plan, path), replace(plan, path, gpu.it_kw_per_gpu))
        power = self.session.numbers.format(gpu.it_kw_per_gpu, 2)
        self._picker.say(f"{power} kW per GPU taken over; network and storage come on top.")

    def _total(self, _point: QPoint) -> str | None:
        return "derived.total.ai_offers.critical_it_mw" if self.session.plan.ai_offers else None

    def refresh(self) -> None:
        """Show the offers as they are now, one of them chosen."""
        plan = self.session.plan
        self.stack.setCurrentIndex(0 if plan.ai_offers else 1)
        write = self.session.numbers.format
        total = sum(o.critical_it_mw for o in plan.ai_offers)
        words = f"{counted(len(plan.ai_offers), 'ai_offers')}, {write(total, 1, 'IT MW')} of critical IT"
        self.head.about.set_text(words if plan.ai_offers else "")
        if plan.ai_offers and not self.offers.table.currentIndex().isValid():
            chosen = self.session.chosen_offer_id
            known = {o.id for o in plan.ai_offers}
            self.offers.table.choose(chosen if chosen in known else plan.ai_offers[0].id, "name")
        self._compare()

    def jump_to(self, path: str) -> None:
        """Bring the keyboard to an offer's field."""
        _, record_id, *name = [*path.split("."), "", ""]
        self.offers.table.choose(record_id, name[0])
        self.below.tabs.setCurrentIndex(0)
        self.detail.focus_field(name[0])
