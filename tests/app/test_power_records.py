"""Periods, index prices, price-duration tables and meters on the sites page."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.pages.offers import OffersPage
from app.pages.sites import SitesPage
from app.tables.record_edits import delete_records, without_records
from models.fields import replace
from models.importers.series import PRICES, import_series
from models.plan import MeterSeries, PriceSeries, PriceStep, Scenario, TouPeriod
from models.samples import sample
from models.series_csv import series_csv
from tests.hourly_plan import hourly_plan, hourly_prices


def full_plan() -> Any:
    """A plan with everything that hangs on its one contract and its prices."""
    plan = hourly_plan()
    return dataclasses.replace(
        plan,
        price_series=(*plan.price_series, PriceSeries("h2", "Stepped", "duration")),
        price_steps=(PriceStep("d1", "h2", 0.9, 30.0), PriceStep("d2", "h2", 0.1, 200.0)),
        tou_periods=(TouPeriod("t1", "p1", "Peak", 90.0, 14, 19),),
        meter_series=(MeterSeries("m1", "s1", "Meter", "UTC", hourly_prices()),),
        scenarios=(
            Scenario("c1", "Steps", (("power_contracts.p1.price_series_id", "h2"), ("market.btc_price_usd", 50_000.0))),
        ),
    )


@pytest.fixture
def page(open_session: Any, show: Any) -> SitesPage:
    return show(SitesPage(open_session(full_plan())), 1100, 900)


def test_that_a_contract_takes_its_periods_along(page: SitesPage) -> None:
    session, before = page.session, page.session.plan
    delete_records(session, "power_contracts", ["p1"])
    assert (session.plan.power_contracts, session.plan.tou_periods) == ((), ())
    assert session.document.undo_stack.undoText() == "Delete contract Retail supply (illustrative)"
    session.document.undo()
    assert session.document.plan == before


def test_that_a_series_takes_its_steps_along_and_frees_contracts_and_scenarios(page: SitesPage) -> None:
    session = page.session
    delete_records(session, "price_series", ["h1", "h2"])
    plan = session.document.plan
    assert (plan.price_series, plan.price_steps) == ((), ())
    assert plan.power_contracts[0].price_series_id is None
    assert plan.scenarios[0].overrides == (("market.btc_price_usd", 50_000.0),)
    assert session.document.undo_stack.undoText() == "Delete 2 price series"


def test_that_a_site_takes_everything_along() -> None:
    smaller, also = without_records(full_plan(), "sites", ["s1"])
    assert (smaller.power_contracts, smaller.tou_periods, smaller.meter_series, smaller.asic_lots) == ((), (), (), ())
    assert (also["tou_periods"], also["meter_series"]) == (1, 1)
    assert len(smaller.price_series) == 2


def test_that_the_form_shows_what_the_kind_needs(page: SitesPage) -> None:
    page.jump_to("power_contracts.p1.kind")
    form = page.contract_detail.form
    assert form.editor("price_series_id").isVisible()
    assert form.editor("block_mw").isVisible()
    assert not page.contract.periods.isVisible()
    page.session.edit("x", replace(page.session.plan, "power_contracts.p1.kind", "time_of_use"))
    assert not form.editor("price_series_id").isVisible()
    assert page.contract.periods.isVisible()
    assert [p.id for p in page.contract.periods.table.records.records] == ["t1"]
    page.contract.periods.table.add_row()
    added = page.session.plan.tou_periods[-1]
    assert added.contract_id == "p1"


def test_that_index_prices_are_chosen_or_none(page: SitesPage) -> None:
    page.jump_to("power_contracts.p1.price_series_id")
    editor = page.contract_detail.form.editor("price_series_id")
    assert [editor.itemText(k) for k in range(editor.count())] == ["None", "HB_NORTH 2024 (illustrative)", "Stepped"]
    editor.setCurrentIndex(2)
    editor.activated.emit(2)
    assert page.session.plan.power_contracts[0].price_series_id == "h2"
    editor.setCurrentIndex(0)
    editor.activated.emit(0)
    assert page.session.plan.power_contracts[0].price_series_id is None


def test_that_hours_are_read_and_never_typed(page: SitesPage) -> None:
    page.jump_to("price_series.h1")
    read = page.series_detail.detail.form.editor("hourly_usd_per_mwh")
    mean = np.nanmean(hourly_prices().values)
    assert read.text() == f"8,784 hours, 2024-01-01 06:00 to 2025-01-01 05:00 UTC, mean ${mean:.2f}/MWh"
    page.jump_to("price_series.h1.source")
    source = page.series_detail.detail.form.editor("source")
    source.selectAll()
    QTest.keyClicks(source, "ERCOT, read by hand")
    QTest.keyClick(source, Qt.Key.Key_Return)
    assert page.session.plan.price_series[0].source == "ERCOT, read by hand"


def test_that_steps_are_pasted_below_their_own_series(page: SitesPage) -> None:
    from app.tables.paste_plan import plan_paste

    page.jump_to("price_series.h2")
    steps = page.series_detail.steps.table
    assert steps.isVisible()
    row = len(steps.records.records)
    paste = plan_paste(steps.records, "5%\t400\n2%\t4000", (row, row, 0, 0))
    assert not paste.problem
    steps.apply_paste(paste)
    added = page.session.plan.price_steps[2:]
    assert [(s.series_id, s.hours_share_fraction, s.price_usd_per_mwh) for s in added] == [
        ("h2", 0.05, 400.0),
        ("h2", 0.02, 4000.0),
    ]


def test_that_an_exported_series_is_read_back(page: SitesPage, tmp_path: Path, qtbot: Any) -> None:
    page.jump_to("price_series.h1")
    file = tmp_path / "prices.csv"
    with qtbot.waitSignal(page.session.message):
        page.series_detail.export(str(file))
    lines = file.read_text().splitlines()
    assert lines[0] == "Hour beginning,Price [USD/MWh]"
    assert lines[1].startswith("2024-01-01T00:00-06:00,")
    found = import_series(file.read_bytes(), "prices.csv", PRICES)
    assert found.series == hourly_prices()


def test_that_a_series_that_cannot_be_written_says_why(page: SitesPage, tmp_path: Path, qtbot: Any) -> None:
    page.jump_to("price_series.h1")
    with qtbot.waitSignal(page.session.message) as said:
        page.series_detail.export(str(tmp_path / "nowhere" / "prices.csv"))
    assert "was not written" in said.args[0]


def test_that_an_hour_without_value_stays_empty() -> None:
    from models.hours import HourlyValues

    text = series_csv(HourlyValues("2024-01-01T00:00Z", np.array([1.5, np.nan])), "UTC", "Energy", "MWh")
    assert text.splitlines()[2] == "2024-01-01T01:00+00:00,"


def test_that_prices_are_shown_where_there_are_some_or_some_are_needed(open_session: Any, show: Any) -> None:
    page = show(SitesPage(open_session(sample("briefing"))), 1100, 900)
    assert not page.series.isVisible()
    page.session.edit("x", replace(page.session.plan, "power_contracts.p1.kind", "index"))
    assert page.series.isVisible()
    assert not page.meters.isVisible()


def test_that_an_offer_says_what_it_gives_up(open_session: Any, show: Any) -> None:
    page = show(OffersPage(open_session(hourly_plan())), 1100, 900)
    page.choose("o1")
    assert page.detail.about.text().startswith("Gives up $")
    assert page.detail.about.isVisible()
