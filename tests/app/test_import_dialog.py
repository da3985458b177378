"""Importing a table: what was understood is seen first, bad lines are named, good ones are one undo step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from app.import_dialog import ImportDialog
from models.importers import CONTRACTS, FLEET, OFFERS
from models.problems import PlanFileError

FLEET_FILE = """Site;Model;Qty;Hashrate (TH/s);Power [kW];Uptime;Pool user
Prairie Creek;Antminer S21 XP;1.000;270;3,645;95%;bob
Prairie Creek;WhatsMiner M66S;500;298;5,513;93%;bob
Nowhere;Antminer S19;100;95;3,25;90%;bob
Prairie Creek;Antminer S19;abc;95;3,25;90%;bob
"""


@pytest.fixture
def dialog(session, show, tmp_path):
    def make(text, name="fleet.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return show(ImportDialog(session, path), 860, 620)

    return make


def finding_texts(opened):
    return [opened.findings.item(i).text() for i in range(opened.findings.count())]


def picker(opened, row):
    found = opened.mapping_grid.cellWidget(row, 2)
    assert isinstance(found, QComboBox)
    return found


def test_that_the_kind_is_found_out_from_the_headings(dialog):
    assert dialog(FLEET_FILE).kind.currentData() == FLEET
    assert dialog("Contract,Energy price $/kWh\nGrid,0.045\n", "power.csv").kind.currentData() == CONTRACTS
    text = "Offer,Tenant,Critical IT MW,Rent $/kW-month,Term (years)\nA,B,10,130,15\n"
    assert dialog(text, "offers.csv").kind.currentData() == OFFERS


def test_that_good_lines_become_one_step_and_bad_ones_are_named(dialog, session, qtbot):
    opened = dialog(FLEET_FILE)
    before = len(session.plan.asic_lots)
    assert opened.import_button.text() == "Import 2 lots"
    assert any("Nowhere" in text for text in finding_texts(opened))
    assert any("abc" in text for text in finding_texts(opened))
    qtbot.mouseClick(opened.import_button, Qt.MouseButton.LeftButton)
    new = session.plan.asic_lots[before:]
    assert [(lot.model, lot.count, lot.power_w) for lot in new] == [
        ("Antminer S21 XP", 1000, 3645.0),
        ("WhatsMiner M66S", 500, 5513.0),
    ]
    assert session.document.undo_stack.undoText() == "Import 2 lots from fleet.csv"
    session.document.undo()
    assert session.plan == session.document.saved_plan


def test_that_nothing_is_changed_before_it_is_confirmed(dialog, session):
    opened = dialog(FLEET_FILE)
    opened.tabs.setCurrentIndex(1)
    opened.reject()
    assert session.document.undo_stack.count() == 0


def test_that_credentials_are_never_shown(dialog):
    opened = dialog(FLEET_FILE)
    texts = [
        opened.mapping_grid.item(row, column).text()
        for row in range(opened.mapping_grid.rowCount())
        for column in range(3)
        if opened.mapping_grid.item(row, column) is not None
    ]
    assert not any("bob" in text for text in texts)
    assert any("Never read" in text for text in texts)


def test_that_a_column_can_be_given_another_meaning(dialog):
    opened = dialog("Model,Weight,Machines\nAntminer S21,10,20\n")
    assert opened.result_of_import.records[0].count == 20
    chosen = picker(opened, 1)
    chosen.setCurrentIndex(chosen.findData("count"))
    chosen.activated.emit(chosen.currentIndex())
    assert opened.result_of_import.records[0].count == 10
    assert picker(opened, 2).currentData() is None


def test_that_the_decimal_mark_can_be_said(dialog):
    opened = dialog("Model,Machines,Power W\nAntminer S21,10,3.500\n")
    opened.decimal.setCurrentIndex(opened.decimal.findData(","))
    assert opened.result_of_import.records[0].power_w == 3500.0
    opened.decimal.setCurrentIndex(opened.decimal.findData("."))
    assert opened.result_of_import.records == () or opened.result_of_import.records[0].power_w == 3.5


def test_that_another_kind_is_explained_where_it_does_not_fit(dialog):
    opened = dialog(FLEET_FILE)
    opened.kind.setCurrentIndex(opened.kind.findData(OFFERS))
    assert not opened.import_button.isEnabled()
    assert finding_texts(opened) or opened.summary.text()


def test_that_a_file_that_is_no_table_is_refused_with_a_reason(session, tmp_path):
    path = tmp_path / "report.csv"
    path.write_bytes(b"%PDF-1.7 ...")
    with pytest.raises(PlanFileError, match="PDF"):
        ImportDialog(session, path)


@pytest.mark.parametrize(("locale", "group"), [("de_DE", "."), ("fr_FR", "\u202f")])
def test_that_what_was_assumed_and_left_out_is_said_in_the_readers_notation(
    open_session, show, tmp_path, locale, group
):
    session = open_session(locale=locale)
    path = tmp_path / "fleet.csv"
    path.write_text(
        "Model,Qty,Hashrate (TH/s),Power (W),Uptime\n"
        "Antminer S21,1000.5,200,3500,0.95\n"
        "Antminer S19,10,95,3250,1250%\n",
        encoding="utf-8",
    )
    said = "\n".join(finding_texts(show(ImportDialog(session, path), 860, 620)))
    assert f"must be a whole number, not 1{group}000,5" in said
    assert f"between 0\u00a0% and 100\u00a0%, not 1{group}250\u00a0%" in said


def test_that_a_name_of_several_machines_is_asked_about(dialog, session, qtbot):
    opened = dialog("Site;Model;Qty\nPrairie Creek;S21 Pro;10\nPrairie Creek;Antminer S21 XP;5\n")
    assert opened.import_button.text() == "Import 1 lot"
    assert any("S21 Pro may be" in text for text in finding_texts(opened))
    asked = opened.machines.pickers["S21 Pro"]
    asked.setFocus()
    qtbot.keyClick(asked, Qt.Key.Key_Down)
    assert opened.import_button.text() == "Import 2 lots"
    assert opened.machines.pickers["S21 Pro"].currentText() == "Antminer S21 Pro (245T)"
    qtbot.mouseClick(opened.import_button, Qt.MouseButton.LeftButton)
    assert [(lot.model, lot.hashrate_th_per_s) for lot in session.plan.asic_lots[-2:]] == [
        ("S21 Pro", 245.0),
        ("Antminer S21 XP", 270.0),
    ]


def test_that_a_price_per_terahash_is_seen_to_be_used(dialog):
    opened = dialog("Site,Model,Qty,Price\n,,pcs,$/TH\nPrairie Creek,Antminer S21,100,16.5\n")
    assert picker(opened, 3).currentText() == "Price per TH/s"
    (lot,) = opened.result_of_import.records
    assert lot.purchase_price_usd_per_unit == pytest.approx(16.5 * lot.hashrate_th_per_s)


def test_that_the_sheet_that_was_read_is_named_and_numbers_look_as_in_the_workbook(session, show, tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Prepared by", "Treasury"])
    sheet = book.create_sheet("Offers Q1")
    sheet.append(["Offer", "Critical IT MW", "Rent $/kW-month", "Term (years)"])
    sheet.append(["Falcon", 40, 130.5, 15])
    book.save(tmp_path / "two.xlsx")
    opened = show(ImportDialog(session, tmp_path / "two.xlsx"), 860, 620)
    assert opened.sheet.currentText() == "Best fitting: Offers Q1"
    assert [opened.mapping_grid.item(row, 1).text() for row in range(4)] == ["Falcon", "40", "130.5", "15"]
    opened.sheet.setCurrentIndex(opened.sheet.findData("Offers Q1"))
    assert opened.sheet.itemText(0) == "Best fitting"


def test_that_what_was_left_out_comes_before_remarks(dialog):
    texts = finding_texts(dialog(FLEET_FILE))
    first_remark = next(n for n, text in enumerate(texts) if "left out" not in text)
    assert {"Nowhere", "abc"} <= {word for text in texts[:first_remark] for word in ("Nowhere", "abc") if word in text}
    assert first_remark < len(texts)
