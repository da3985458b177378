"""Market, sites, fleet and offers: what one sees, enters and adds on each of them."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton

from app import theme
from app.cards import Card
from app.catalogue_picker import CataloguePicker, find_asics, find_gpus
from app.pages.fleet import FleetPage
from app.pages.market import MarketPage
from app.pages.offers import OffersPage
from app.pages.sites import SitesPage
from app.tables.paste_preview import PastePreview
from models.catalogue import gpus, priced_leases
from models.fields import replace
from models.samples import sample, template
from tests.large_plan import large_plan

PAGES = (MarketPage, SitesPage, FleetPage, OffersPage)


def empty_state(page):
    return page.stack.widget(1)


def button(widget, words):
    return next(b for b in widget.findChildren(QPushButton) if b.text() == words and b.isVisible())


@pytest.mark.parametrize("page_type", PAGES)
@pytest.mark.parametrize("plan", ["briefing", "empty", "large"])
@pytest.mark.parametrize("size", [(630, 480), (830, 620), (2200, 1250)])
def test_that_a_page_shows_any_plan_at_any_size(open_session, show, page_type, plan, size):
    plans = {"briefing": lambda: sample("briefing"), "empty": lambda: template("empty"), "large": large_plan}
    page = show(page_type(open_session(plans[plan]())), *size)
    page.refresh()
    assert page.minimumSizeHint().width() <= 830
    assert page.grab().size() == page.size()


def test_that_the_pair_on_the_frontier_stays_when_the_keyboard_comes_to_the_fleet(open_session, show, qtbot):
    session = open_session(sample("briefing"))
    page = show(FleetPage(session), 1000, 700)
    with qtbot.waitActive(page):
        page.activateWindow()
    page.lots.table.choose("a1", "model")
    session.choose(asic_id="a2")
    page.setFocus()
    page.lots.table.setFocus()
    assert page.lots.table.hasFocus()
    assert session.chosen_asic_id == "a2"


@pytest.mark.parametrize("name", ["briefing", "flexible"])
def test_that_the_form_below_is_whole_where_the_page_scrolls(open_session, show, qtbot, name):
    """A scroll bar within another one catches the wheel: forms and their notes are seen by the page's own."""
    page = show(SitesPage(open_session(sample(name))), 830, 520)
    with qtbot.waitActive(page):
        page.activateWindow()
    outer = page.stack.currentWidget().verticalScrollBar()
    contract = page.session.plan.power_contracts[0]
    at_index = dataclasses.replace(contract, kind="index")
    another_kind = dataclasses.replace(page.session.plan, power_contracts=(at_index,))

    def click(table):
        qtbot.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(0, 0)).center()
        )

    for choose, detail in (
        (lambda: click(page.sites.table), page.site_detail),
        (lambda: click(page.contracts.table), page.contract_detail),
        (lambda: page.session.edit("Other kind", another_kind), page.contract_detail),
        (lambda: click(page.sites.table), page.site_detail),  # of which there is one, and it is the current row
        (lambda: click(page.contracts.table), page.contract_detail),
    ):
        choose()
        for _ in range(4):
            QApplication.processEvents()
        assert detail.isVisible()
        assert outer.maximum() > 0
        assert detail.scroll.verticalScrollBar().maximum() == 0, detail.title.text()


def test_that_a_card_calls_one_of_two_lots_of_a_name_as_everything_else_does(open_session, show):
    plan = sample("briefing")
    lot = plan.asic_lots[0]
    page = show(FleetPage(open_session(dataclasses.replace(plan, asic_lots=(lot, dataclasses.replace(lot, id="a9"))))))
    page.detail.show_record("a9")
    assert page.detail.title.text() == f"{lot.model} (2)"


@pytest.mark.parametrize("page_type", PAGES)
@pytest.mark.parametrize("scale", [0.8, 2.0])
def test_that_no_label_is_cut_off_at_any_text_size(open_session, show, qapp, page_type, scale):
    theme.apply_theme(qapp, "light", scale)
    page = show(page_type(open_session()), round(1000 * scale), round(800 * scale))
    page.refresh()
    QApplication.processEvents()
    cut = [
        item.text()
        for item in page.findChildren(QLabel)
        if item.isVisible() and item.text().strip() and not item.wordWrap() and "…" not in item.text()
        if item.sizePolicy().horizontalPolicy().name != "Ignored" and item.width() < item.sizeHint().width() - 1
    ]
    theme.apply_theme(qapp, "light", 1.0)
    assert cut == []


@pytest.mark.parametrize("page_type", PAGES)
def test_that_everything_that_can_be_pressed_has_a_name(session, show, page_type):
    page = show(page_type(session))
    for item in page.findChildren(QAbstractButton):
        assert item.text() or item.accessibleName() or item.metaObject().className() == "QTableCornerButton", item


@pytest.mark.parametrize("page_type", [SitesPage, FleetPage, OffersPage])
def test_that_an_empty_page_says_what_goes_here_and_offers_an_example(open_session, show, qtbot, page_type):
    session = open_session(template("empty"))
    page = show(page_type(session))
    page.refresh()
    assert page.stack.currentWidget() is empty_state(page)
    primary = [b for b in empty_state(page).findChildren(QPushButton) if b.property("kind") == "primary"]
    assert len(primary) == 1
    with qtbot.waitSignal(session.begin_requested) as begun:
        qtbot.mouseClick(button(page, "Load example"), Qt.MouseButton.LeftButton)
    assert begun.args == [sample("briefing")]


# Market


def test_that_the_market_page_shows_what_follows_from_its_inputs(session, show, qtbot):
    page = show(MarketPage(session), 1000, 800)
    assert page.read_outs.text("hashprice") == "$33.30/PH/day"
    assert page.read_outs.text("network") == "957.7 EH/s"
    assert page.read_outs.text("halving") == "Apr 2028"
    assert page.read_outs.text("age") == "3 days"
    assert page.read_outs.remark("age") == ""
    session.results_changed.connect(page.refresh)
    editor = page.price_form.editor("btc_price_usd")
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "140k")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert page.read_outs.text("hashprice").startswith("$66.4")


def test_that_the_hashprice_chart_follows_a_lever_and_keeps_its_range_until_it_is_let_go(session, show):
    page = show(MarketPage(session), 1000, 800)
    session.results_changed.connect(page.refresh)
    top = page.chart.spec.y.high
    session.begin_drag()
    session.set_value("market.btc_price_usd", 3 * session.plan.market.btc_price_usd)
    ghost, curve = page.chart.spec.series
    assert ghost.ghost
    assert curve.y[0] == pytest.approx(3 * ghost.y[0])
    assert page.chart.spec.y.high == top
    session.end_drag()
    assert page.chart.spec.y.high > curve.y[0]


def test_that_the_hashprice_chart_fills_what_the_cards_leave_and_never_lies_over_them(session, show):
    for width, height in ((1000, 700), (2300, 1300)):
        page = show(MarketPage(session), width, height)
        QApplication.processEvents()
        inside = page.columns.widget()
        chart = page.chart.parentWidget().geometry()
        others = [c.geometry() for c in inside.children() if isinstance(c, Card) and c is not page.chart.parentWidget()]
        assert len(others) == 6
        assert chart.top() > max(other.bottom() for other in others)
        assert chart.bottom() == inside.rect().bottom()
        assert chart.height() >= page.chart.minimumHeight()


def test_that_old_market_data_says_so(session, show):
    page = show(MarketPage(session))
    session.edit("x", replace(session.plan, "market.as_of", "2025-12-01"))
    page.refresh()
    assert page.read_outs.remark("age") == "Old: read the market anew."
    session.edit("x", replace(session.plan, "market.as_of", ""))
    page.refresh()
    assert page.read_outs.text("age") == "—"


@pytest.mark.parametrize(
    "path",
    ["market.fees_btc_per_block", "market.source", "plan.horizon_months", "assumptions.overhead_usd_per_mw_year"],
)
def test_that_a_jump_brings_the_keyboard_to_the_field(session, show, path):
    page = show(MarketPage(session))
    page.jump_to(path)
    focused = QApplication.focusWidget()
    assert focused.field.name == path.split(".")[1]
    assert focused.isVisible()


# Sites


def test_that_a_site_shows_its_own_contracts(open_session, show):
    session = open_session(sample("three-sites"))
    page = show(SitesPage(session))
    for site in session.plan.sites:
        page.sites.table.choose(site.id, "name")
        assert page.contracts.title.text() == f"Power of {site.name}"
        assert {c.site_id for c in page.contracts.table.records.records} <= {site.id}


def test_that_a_site_without_a_contract_says_so_and_gets_one(open_session, show, qtbot):
    session = open_session(template("empty"))
    page = show(SitesPage(session))
    qtbot.mouseClick(button(empty_state(page), "Add site"), Qt.MouseButton.LeftButton)
    page.refresh()
    assert len(session.plan.sites) == 1
    qtbot.mouseClick(button(page.contracts, "Add contract"), Qt.MouseButton.LeftButton)
    assert session.plan.power_contracts[0].site_id == session.plan.sites[0].id
    assert page.contracts.stack.currentWidget() is not page.contracts.empty


def test_that_a_sites_mw_and_price_are_added_up(session, show):
    page = show(SitesPage(session))
    model = page.sites.table.records
    texts = {c.key: model.index(0, i).data() for i, c in enumerate(model.columns)}
    mining = sum(u.mw for u in session.results.uses if u.kind == "asic")
    assert texts["mining_mw"] == f"{mining:.1f}"
    assert texts["energy_price"] == "50.00"


def test_that_a_jump_to_a_contract_chooses_its_site(open_session, show):
    session = open_session(sample("three-sites"))
    page = show(SitesPage(session))
    contract = session.plan.power_contracts[-1]
    page.jump_to(f"power_contracts.{contract.id}.adders_usd_per_mwh")
    assert page.contract_detail.form.record == contract
    assert QApplication.focusWidget() is page.contract_detail.form.editor("adders_usd_per_mwh")


def test_that_deleting_the_last_site_brings_the_empty_page_back(session, show):
    page = show(SitesPage(session))
    page.sites.table.choose("s1", "name")
    page.sites.table.delete_rows()
    page.refresh()
    assert page.stack.currentWidget() is empty_state(page)
    session.document.undo()
    page.refresh()
    assert page.contracts.title.text() == "Power of Prairie Creek"


# Fleet


def paste_into_empty(page, qtbot):
    QApplication.clipboard().setText("Antminer S21\tPrairie Creek\t100\t\t\t\t200\t3500")
    qtbot.mouseClick(button(empty_state(page), "Paste"), Qt.MouseButton.LeftButton)
    preview = next(d for d in page.findChildren(PastePreview) if d.isVisible())
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    qtbot.wait(50)


def test_that_the_form_is_whole_again_after_undo_and_a_second_paste(open_session, show, qtbot):
    session = open_session(replace(sample("briefing"), "asic_lots", ()))
    page = show(FleetPage(session), 1000, 800)
    paste_into_empty(page, qtbot)
    first = page.detail.height()
    assert page.detail.scroll.verticalScrollBar().maximum() == 0
    session.document.undo()
    qtbot.wait(50)
    paste_into_empty(page, qtbot)
    assert page.detail.height() == first
    session.document.undo()
    qtbot.wait(50)
    page.hide()
    session.document.redo()
    page.lots.table.choose(session.plan.asic_lots[0].id)
    qtbot.wait(50)
    page.show()
    qtbot.wait(50)
    assert page.detail.height() == first, "what was chosen out of sight"


def test_that_the_keyboard_is_in_the_table_after_the_first_paste(open_session, show, qtbot):
    session = open_session(replace(sample("briefing"), "asic_lots", ()))
    page = show(FleetPage(session), 1000, 800)
    button(empty_state(page), "Paste").setFocus()
    paste_into_empty(page, qtbot)
    page.activateWindow()  # as a desktop does once a dialog is closed
    qtbot.waitUntil(page.lots.table.hasFocus)
    QTest.keySequence(QApplication.focusWidget(), QKeySequence("Ctrl+A"))
    QTest.keySequence(QApplication.focusWidget(), QKeySequence("Ctrl+C"))
    assert QApplication.clipboard().text().startswith("Antminer S21\t")


def test_that_choosing_a_lot_shows_its_form_and_puts_it_on_the_frontier(session, show):
    page = show(FleetPage(session))
    second = session.plan.asic_lots[1]
    page.lots.table.choose(second.id, "count")
    assert page.detail.form.record == second
    assert session.chosen_asic_id == second.id


def test_that_a_long_repair_breaks_its_line_where_the_form_is_narrow(open_session, show, qtbot):
    page = show(OffersPage(open_session(template("mining-lease"))), 778, 630)
    QApplication.processEvents()
    form = page.detail.form
    qtbot.waitUntil(lambda: bool(form.notes("first_rent_month").chips))
    QApplication.processEvents()
    chip = form.notes("first_rent_month").chips[0]
    assert chip.accessibleName() == "Extend the horizon to 198 months"
    port = page.detail.scroll.viewport()
    assert chip.mapTo(port, chip.rect().topRight()).x() <= port.width()
    assert max(chip.fontMetrics().horizontalAdvance(line) for line in chip.text().split("\n")) < chip.width()
    assert chip.height() >= chip.fontMetrics().height() * len(chip.text().split("\n"))


def test_that_what_an_edit_makes_questionable_is_brought_into_view(open_session, show, qtbot):
    page = show(OffersPage(open_session(sample("briefing"))), 778, 630)
    page.offers.table.choose("o1", "rent_usd_per_it_kw_month")
    QApplication.processEvents()
    table = page.offers.table
    table.records.setData(table.currentIndex(), "80 $/kW-year")
    page.session.recompute.flush()
    notes = page.detail.form.notes("rent_usd_per_it_kw_month")
    qtbot.waitUntil(lambda: any("per kW and year" in text for text in notes.texts))
    port = page.detail.scroll.viewport()
    qtbot.waitUntil(lambda: port.rect().contains(notes.mapTo(port, notes.rect().center())))


def test_that_the_catalogue_is_searched_and_enter_adds_a_lot(session, show, qtbot):
    page = show(FleetPage(session))
    count = len(session.plan.asic_lots)
    qtbot.mouseClick(page.catalogue_button, Qt.MouseButton.LeftButton)
    picker = next(w for w in QApplication.topLevelWidgets() if isinstance(w, CataloguePicker))
    qtbot.keyClicks(picker.search, "s21 xp hyd")
    first, second = picker.model.rows[:2]
    assert "S21" in first.model
    qtbot.keyClick(picker.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.search, Qt.Key.Key_Return)
    assert [lot.model for lot in session.plan.asic_lots[count:]] == [second.model]
    assert picker.isVisible()
    assert second.model in picker.said.text()
    picker.reject()


def test_that_a_search_without_a_match_cannot_add(session, show, qtbot):
    page = show(FleetPage(session))
    page.open_catalogue()
    picker = next(w for w in QApplication.topLevelWidgets() if isinstance(w, CataloguePicker))
    qtbot.keyClicks(picker.search, "abacus")
    assert not picker.add_button.isEnabled()
    picker.reject()


def test_that_machines_without_a_site_lead_to_the_sites_page(open_session, show, qtbot):
    session = open_session(template("empty"))
    page = show(FleetPage(session))
    with qtbot.waitSignal(session.page_requested) as asked:
        page.open_catalogue()
    assert asked.args == ["sites"]


def test_that_the_catalogues_name_their_sources():
    assert all(a.citation for a in find_asics(""))
    assert len(find_asics("")) > 100
    assert {g.model for g in find_gpus("")} == {g.model for g in gpus()}
    assert all("gb300" in f"{g.vendor} {g.model} {g.system}".lower() for g in find_gpus("GB300"))


def test_that_import_asks_for_a_file(session, show, qtbot):
    page = show(FleetPage(session))
    with qtbot.waitSignal(session.command_requested) as asked:
        qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    assert asked.args == ["file.import"]


# Offers


def test_that_the_own_rent_stands_among_the_disclosed_ones(session, show):
    page = show(OffersPage(session), 1400, 900)
    page.offers.table.choose("o1", "name")
    assert "11 of 15 disclosed leases" in page.deals.sentence.text()
    strip = page.deals.strip
    assert strip.x_of(158.71) > strip.x_of(154.2) > strip.x_of(104.0)
    assert page.deals.grid.rowCount() == len(priced_leases())
    assert all(page.deals.grid.item(row, 6).text() for row in range(page.deals.grid.rowCount()))


def test_that_own_gpus_are_compared_with_gpu_hours(session, show):
    page = show(OffersPage(session), 1400, 900)
    page.offers.table.choose("o2", "name")
    assert page.deals.grid.horizontalHeaderItem(1).text() == "$/GPU-hour"
    assert "different markets" in page.deals.sentence.text()


def test_that_an_offer_of_either_kind_can_be_added(session, show):
    page = show(OffersPage(session))
    page.add_gpus()
    page.add_lease()
    assert [o.kind for o in session.plan.ai_offers][-2:] == ["gpu_cloud", "lease"]
    assert page.detail.form.record == session.plan.ai_offers[-1]


def test_that_a_system_of_the_catalogue_gives_its_power_per_gpu(session, show):
    page = show(OffersPage(session))
    page.offers.table.choose("o2", "name")
    page.open_catalogue()
    system = next(g for g in gpus() if g.it_kw_per_gpu is not None)
    page.use_gpu(system, "")
    assert session.plan.ai_offers[1].it_kw_per_gpu == system.it_kw_per_gpu
    card = next(g for g in gpus() if g.it_kw_per_gpu is None)
    page.use_gpu(card, "")
    assert "choose a server or a rack" in page._picker.said.text()
    page._picker.reject()


def test_that_nothing_scrolls_where_there_is_room_for_all(open_session, show):
    page = show(SitesPage(open_session(sample("three-sites"))), 2000, 1250)
    QApplication.processEvents()
    assert page.sites.table.verticalScrollBar().maximum() == 0
    assert page.site_detail.scroll.verticalScrollBar().maximum() == 0
    assert page.pile.sizes()[-1] > 100, "the rest of the window is empty"
