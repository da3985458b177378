"""Tables of records work as a spreadsheet does: blocks, fills, keys, and one undo step for each action."""

from __future__ import annotations

import dataclasses
from itertools import accumulate
from typing import Any

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit, QVBoxLayout, QWidget

from app import theme
from app.pages.fleet import FleetPage
from app.tables.columns import EFFICIENCY, MARGIN, NPV, columns_of
from app.tables.item_models import CHANGED_ROLE, INACTIVE_ROLE, SEVERITY_ROLE
from app.tables.paste_preview import PastePreview
from app.tables.record_delegate import CellBubble
from app.tables.record_table import RecordTable
from models.fields import Schedule, read, replace
from models.problems import Severity
from models.samples import sample, template

COLUMNS = columns_of(
    "asic_lots", "model", "site_id", "count", EFFICIENCY, MARGIN, NPV, "hashrate_th_per_s", "power_w", "uptime_fraction"
)
NAMES = [c.key for c in COLUMNS]
DOWN, RIGHT = Qt.Key.Key_Down, Qt.Key.Key_Right


@pytest.fixture
def table(session, show):
    return show(RecordTable(session, "asic_lots", COLUMNS))


def at(table, row, name):
    return table.records.index(row, [c.key for c in table.records.columns].index(name))


def select(table, top, first, bottom=None, last=None):
    start = at(table, top, first)
    end = at(table, top if bottom is None else bottom, last or first)
    table.setCurrentIndex(start)
    table.selectionModel().select(QItemSelection(start, end), QItemSelectionModel.SelectionFlag.ClearAndSelect)


def lots(table):
    return table.session.plan.asic_lots


def steps(table):
    return table.session.document.undo_stack.count()


def undo_text(table):
    return table.session.document.undo_stack.undoText()


def paste(qtbot, table, text):
    QApplication.clipboard().setText(text)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    return next((d for d in table.findChildren(PastePreview) if d.isVisible()), None)


def editor_of(table):
    return next(e for e in table.viewport().findChildren(QLineEdit) if e.isVisible())


# What it shows


def test_that_a_row_shows_inputs_and_calculated_figures(table):
    lot = lots(table)[0]
    use = table.session.results.by_id[lot.id]
    texts = [at(table, 0, name).data() for name in NAMES]
    assert texts[0] == lot.model
    assert texts[1] == "Prairie Creek"
    assert texts[2] == "16,000"
    assert texts[3] == "17.5"
    assert texts[4] == f"{use.margin_usd_per_mw_year:,.0f}".replace("-", "−")
    assert at(table, 0, "npv_usd_per_mw").data(Qt.ItemDataRole.ForegroundRole).name() == theme.LIGHT.calculated
    assert at(table, 0, "count").data(Qt.ItemDataRole.ForegroundRole) is None


def test_that_headings_carry_units_and_say_what_is_calculated(table):
    model, horizontal = table.records, Qt.Orientation.Horizontal
    headings = [model.headerData(i, horizontal) for i in range(model.columnCount())]
    assert headings[NAMES.index("power_w")] == "Power\nW"
    assert headings[NAMES.index("npv_usd_per_mw")] == "NPV\n$/MW"
    tip = model.headerData(NAMES.index("npv_usd_per_mw"), horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "Calculated." in tip
    assert "Calculated." not in model.headerData(0, horizontal, Qt.ItemDataRole.ToolTipRole)


def test_that_numbers_stand_right_and_words_left(table):
    for name in NAMES:
        alignment = Qt.AlignmentFlag(at(table, 0, name).data(Qt.ItemDataRole.TextAlignmentRole))
        side = Qt.AlignmentFlag.AlignLeft if name in ("model", "site_id") else Qt.AlignmentFlag.AlignRight
        assert alignment & side


def test_that_only_the_changed_row_is_announced_as_changed(table, qtbot):
    changed = []
    table.records.dataChanged.connect(lambda a, b, *_: changed.append((a.row(), b.row())))
    table.session.edit("x", replace(table.session.plan, f"asic_lots.{lots(table)[1].id}.power_w", 2000.0))
    inputs = [span for span in changed if span != (0, table.records.rowCount() - 1)]
    assert inputs
    assert all(span == (1, 1) for span in inputs)


def test_that_figures_follow_the_market(table):
    before = at(table, 0, "npv_usd_per_mw").data()
    table.session.set_value("market.btc_price_usd", 150_000.0)
    assert at(table, 0, "npv_usd_per_mw").data() != before


def test_that_a_value_that_differs_from_the_saved_plan_is_marked(table):
    index = at(table, 0, "count")
    assert not index.data(CHANGED_ROLE)
    table.records.setData(index, "12000")
    assert index.data(CHANGED_ROLE)
    assert "Saved: 16,000" in index.data(Qt.ItemDataRole.ToolTipRole)
    table.session.document.undo()
    assert not index.data(CHANGED_ROLE)


def test_that_a_finding_marks_its_cell(table):
    table.records.setData(at(table, 0, "power_w"), "3.5")
    index = at(table, 0, "power_w")
    assert index.data(SEVERITY_ROLE) in (Severity.WARNING, Severity.ERROR)
    assert index.data(Qt.ItemDataRole.ToolTipRole)


def test_that_fields_of_the_other_kind_are_inactive(session, show):
    columns = columns_of("ai_offers", "name", "rent_usd_per_it_kw_month", "price_usd_per_gpu_hour")
    table = show(RecordTable(session, "ai_offers", columns))
    index = table.records.index(0, 2)
    assert index.data(INACTIVE_ROLE)
    assert index.data() == ""
    assert not index.flags() & Qt.ItemFlag.ItemIsEditable


def test_that_undoing_a_deletion_keeps_the_rows_of_the_others(table):
    gone, come = [], []
    table.records.rowsRemoved.connect(lambda _, a, b: gone.append((a, b)))
    table.records.rowsInserted.connect(lambda _, a, b: come.append((a, b)))
    select(table, 1, "model")
    table.delete_rows()
    table.session.document.undo()
    assert gone == [(1, 1)]
    assert come == [(1, 1)]


# Typing


def test_that_typing_replaces_a_cell_and_enter_goes_down(table, qtbot):
    select(table, 0, "count")
    table.setFocus()
    qtbot.keyClick(table, "9")
    editor = editor_of(table)
    assert editor.text() == "9"
    qtbot.keyClicks(editor, "500")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert lots(table)[0].count == 9500
    assert table.currentIndex() == at(table, 1, "count")
    assert steps(table) == 1
    assert undo_text(table) == "Change Machines, Antminer S21"


def test_that_tab_goes_right_and_keeps_what_was_typed(table, qtbot):
    select(table, 0, "hashrate_th_per_s")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F2)
    editor = editor_of(table)
    assert editor.text() == "200"
    editor.selectAll()
    qtbot.keyClicks(editor, "0.21 PH/s")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert lots(table)[0].hashrate_th_per_s == pytest.approx(210.0)
    assert table.currentIndex() == at(table, 0, "power_w")


def test_that_escape_leaves_a_cell_as_it_was(table, qtbot):
    select(table, 0, "count")
    table.setFocus()
    qtbot.keyClicks(table, "7")
    qtbot.keyClick(editor_of(table), Qt.Key.Key_Escape)
    assert lots(table)[0].count == 16_000
    assert steps(table) == 0
    assert table.state() != QAbstractItemView.State.EditingState


def test_that_an_impossible_entry_stays_open_with_its_sentence(table, qtbot):
    select(table, 0, "uptime_fraction")
    table.setFocus()
    qtbot.keyClick(table, "1")
    editor = editor_of(table)
    qtbot.keyClicks(editor, "20%")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.isVisible()
    assert editor.entry.problem == "Uptime must lie between 0% and 100%, not 120%."
    assert steps(table) == 0


def test_that_leaving_an_impossible_entry_by_mouse_keeps_the_old_value_and_says_so(table, qtbot):
    select(table, 0, "count")
    table.setFocus()
    qtbot.keyClicks(table, "x")
    with qtbot.waitSignal(table.session.message) as said:
        qtbot.mouseClick(
            table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(at(table, 1, "model")).center()
        )
    assert "old value stays" in said.args[0]
    assert lots(table)[0].count == 16_000


def test_that_typing_on_the_empty_row_adds_a_record(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    table.setFocus()
    qtbot.keyClick(table, "M")
    qtbot.keyClicks(editor_of(table), "60S")
    qtbot.keyClick(editor_of(table), Qt.Key.Key_Tab)
    assert [lot.model for lot in lots(table)][count:] == ["M60S"]
    assert table.currentIndex() == at(table, count, "site_id")
    assert steps(table) == 1


def test_that_a_monthly_table_opens_its_dialog_instead_of_an_editor(session, show, qtbot):
    from app.forms.schedule_editor import ScheduleEditor

    path = f"power_contracts.{session.plan.power_contracts[0].id}.energy_price_usd_per_mwh"
    session.edit("x", replace(session.plan, path, Schedule(("2026-04", "2026-06"), (45.0, 52.0))))
    columns = columns_of("power_contracts", "name", "energy_price_usd_per_mwh")
    table = show(RecordTable(session, "power_contracts", columns))
    assert table.records.index(0, 1).data() == "2 months, 45.00–52.00"
    table.setCurrentIndex(table.records.index(0, 1))
    qtbot.keyClick(table, Qt.Key.Key_F2)
    assert table.findChild(ScheduleEditor).isVisible()


# The clipboard


def test_that_a_plain_block_lands_at_the_top_left_of_the_selection_at_once(table, qtbot):
    select(table, 0, "hashrate_th_per_s")
    preview = paste(qtbot, table, "201\t3510\n142\t3000")
    assert preview is None
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[:2]] == [(201.0, 3510.0), (142.0, 3000.0)]
    assert steps(table) == 1
    assert undo_text(table) == "Paste 4 cells into Fleet"
    table.session.document.undo()
    assert table.session.plan == table.session.document.saved_plan


def test_that_a_block_grows_the_table_after_a_look(table, qtbot):
    count = len(lots(table))
    select(table, count - 1, "model")
    preview = paste(qtbot, table, "S21\tPrairie Creek\t10\nS21\tPrairie Creek\t20\nS21\tPrairie Creek\t30\n")
    assert "Adds 2 lots." in preview.summary.text()
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [lot.count for lot in lots(table)[count - 1 :]] == [10, 20, 30]
    assert undo_text(table) == "Paste 9 cells into Fleet"
    table.session.document.undo()
    assert len(lots(table)) == count


def sentences_of(preview):
    return [preview.sentences.item(i).text() for i in range(preview.sentences.count())]


def test_that_a_line_whose_machine_nobody_knows_is_left_out_with_its_reason(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    preview = paste(qtbot, table, "Toaster 9000\tPrairie Creek\t10\nS21\tPrairie Creek\t20\n\tPrairie Creek\t30\n")
    assert "Adds 1 lot. 2 left out." in preview.summary.text()
    assert preview.apply_button.text() == "Apply 3 of 8 cells"
    told = sentences_of(preview)
    assert told[0].startswith("New lot 1: the catalogue knows no Toaster 9000; paste its hashrate and power too")
    assert told[1] == "New lot 3: the line names no model."
    assert any("New lot 2: hashrate and power" in text and "Antminer S21" in text for text in told)
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [(lot.model, lot.count) for lot in lots(table)[count:]] == [("S21", 20)]


def test_that_of_several_machines_of_a_name_the_user_chooses(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    preview = paste(qtbot, table, "S21 Pro\tPrairie Creek\t10\nT21\tPrairie Creek\t20\n")
    assert "S21 Pro may be Antminer S21 Pro (245T) or Antminer S21 Pro (234T)" in sentences_of(preview)[0]
    assert not preview.apply_button.isEnabled()
    picker = preview.machines.pickers["S21 Pro"]
    picker.setFocus()
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    qtbot.keyClick(picker, Qt.Key.Key_Down)
    assert picker.currentText() == "Antminer S21 Pro (234T)"
    assert "Adds 1 lot. 1 left out." in preview.summary.text()
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [(lot.model, lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[count:]] == [
        ("S21 Pro", 234.0, 3510.0)
    ]


def test_that_one_figure_of_a_machine_says_which_it_is_and_two_need_no_catalogue(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    text = "Model\tMachines\tHashrate\tPower\nS21 Pro\t1\t235\t\nT21\t2\t\t3610\nToaster\t3\t100\t3000\n"
    preview = paste(qtbot, table, text)
    assert not preview.machines.isVisible()
    preview.accept()
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[count:]] == [
        (235.0, 3510.0),
        (190.0, 3610.0),
        (100.0, 3000.0),
    ]


def test_that_a_missing_number_of_machines_is_told(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    preview = paste(qtbot, table, "S21\tPrairie Creek")
    assert any("New lot 1: no number of machines is given" in text for text in sentences_of(preview))
    preview.accept()
    assert lots(table)[count].count == 0


def test_that_nothing_changes_until_the_preview_is_applied(table, qtbot):
    select(table, 0, "power_w")
    preview = paste(qtbot, table, "3.6 kW")
    assert preview.model.index(0, 0).data() == "3,600\u00a0W"
    assert "3.6 kW = 3,600" in preview.sentences.item(0).text()
    assert steps(table) == 0
    qtbot.mouseClick(preview.cancel_button, Qt.MouseButton.LeftButton)
    assert steps(table) == 0
    preview = paste(qtbot, table, "3.6 kW")
    qtbot.keyClick(preview, Qt.Key.Key_Return)
    assert lots(table)[0].power_w == 3600.0


def test_that_rejected_cells_say_why_and_the_rest_can_be_applied(table, qtbot):
    select(table, 0, "count", 0, "count")
    preview = paste(qtbot, table, "5000\nmany\n7.5")
    assert preview.apply_button.text() == "Apply 1 of 3 cells"
    sentences = [preview.sentences.item(i).text() for i in range(preview.sentences.count())]
    assert sentences[0].startswith("Row 2, Machines: “many” is not a number")
    assert sentences[1] == "Row 3, Machines: Machines must be a whole number, not 7.5."
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [lot.count for lot in lots(table)] == [5000, 7500, 5000]


def test_that_calculated_cells_are_passed_over_and_those_beyond_the_last_column_refuse(table, qtbot):
    select(table, 0, "npv_usd_per_mw")
    preview = paste(qtbot, table, "1\t200\t3500\t0.9\t5")
    texts = sentences_of(preview)
    assert preview.apply_button.text() == "Apply 3 of 4 cells"
    assert "Calculated here, so passed over: NPV." in texts
    assert "Lies to the right of the last column." in texts


def test_that_one_value_fills_the_selection(table, qtbot):
    select(table, 0, "uptime_fraction", 2)
    assert paste(qtbot, table, "91%") is None
    assert [lot.uptime_fraction for lot in lots(table)] == [0.91] * 3
    assert steps(table) == 1


def test_that_a_block_repeats_over_a_selection_of_whole_blocks(table, qtbot):
    select(table, 0, "hashrate_th_per_s", 1, "power_w")
    paste(qtbot, table, "150\t3000")
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[:2]] == [(150.0, 3000.0)] * 2


def test_that_headings_are_recognised_dropped_and_followed(table, qtbot):
    select(table, len(lots(table)), "model")
    text = "Qty\tModel\tPower [kW]\tHashrate (TH/s)\tPool user\n1,000\tAntminer S21\t3.5\t200\tbob"
    preview = paste(qtbot, table, text)
    assert "headings" in preview.summary.text()
    texts = [preview.sentences.item(i).text() for i in range(preview.sentences.count())]
    assert any("passwords" in t for t in texts)
    assert not any("bob" in t for t in texts)
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    new = lots(table)[-1]
    assert (new.model, new.count, new.power_w, new.hashrate_th_per_s) == ("Antminer S21", 1000, 3500.0, 200.0)


def test_that_a_copy_of_the_tables_own_rows_can_be_appended(table, qtbot):
    before = lots(table)
    select(table, 0, "model", len(before) - 1, "uptime_fraction")
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    select(table, len(before) - 1, "model")
    preview = paste(qtbot, table, QApplication.clipboard().text())
    told = sentences_of(preview)
    assert "Calculated here, so passed over: Efficiency, Margin/year, NPV." in told
    assert not any("cannot be used" in text or "are calculated" in text for text in told)
    button = preview.apply_button.text()
    preview.accept()
    assert button.split()[1] in undo_text(table).split()
    inputs = [(lot.model, lot.count, lot.hashrate_th_per_s, lot.power_w, lot.uptime_fraction) for lot in before]
    after = [(lot.model, lot.count, lot.hashrate_th_per_s, lot.power_w, lot.uptime_fraction) for lot in lots(table)]
    assert after == [*inputs[:-1], *inputs]


@pytest.mark.parametrize("columns", [COLUMNS, tuple(c for c in COLUMNS if c is not EFFICIENCY)])
def test_that_a_block_with_an_efficiency_is_read_as_the_import_reads_it(session, show, qtbot, columns):
    table = show(RecordTable(session, "asic_lots", columns))
    count = len(lots(table))
    select(table, count, "model")
    text = "Model\tCount\tHashrate\tEfficiency\tPower\tUptime\n"
    text += "A\t1\t200\t17.5 J/TH\t3500\t95%\nB\t2\t100\t25\t\tn/a\nC\t3\t100\t20\t3000\t0.9\n"
    preview = paste(qtbot, table, text)
    told = sentences_of(preview)
    assert preview.apply_button.text() == "Apply 13 cells"
    assert "Calculated here, so passed over: Efficiency." in told
    contradicted = [t for t in told if "J/TH" in t]
    assert len(contradicted) == 1
    assert "New lot 3: C: 3,000" in contradicted[0]
    assert "the block says 20;" in contradicted[0]
    assert any(t.startswith("New lot 2: nothing is said on") and "Uptime" in t for t in told)
    preview.accept()
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[count:]] == [
        (200.0, 3500.0),
        (100.0, 2500.0),
        (100.0, 3000.0),
    ]


def test_that_a_pasted_efficiency_is_held_against_what_the_catalogue_says(table, qtbot):
    count = len(lots(table))
    select(table, count, "model")
    preview = paste(qtbot, table, "Model\tEfficiency\nAntminer S21\t30\nAntminer S21\t17.5\n")
    (said,) = [t for t in sentences_of(preview) if "J/TH" in t]
    assert said.startswith("New lot 1: ")
    assert "the block says 30;" in said
    preview.accept()
    assert [(lot.hashrate_th_per_s, lot.power_w) for lot in lots(table)[count:]] == [(200.0, 3500.0)] * 2


@pytest.mark.parametrize("efficiency", ["0.0000001", "-5", "1e300"])
def test_that_an_efficiency_from_which_no_machine_follows_is_said_and_its_row_left_out(table, qtbot, efficiency):
    before = lots(table)
    select(table, len(before), "model")
    text = "Model\tSite\tCount\tHashrate\tPower\tEfficiency\n"
    text += f"Foo\tPrairie Creek\t5\t200\t\t{efficiency}\nBar\tPrairie Creek\t5\t\t3500\t{efficiency}\n"
    preview = paste(qtbot, table, f"{text}Good\tPrairie Creek\t5\t200\t\t20\n")
    told = sentences_of(preview)
    for row, label in (("New lot 1", "Power"), ("New lot 2", "Hashrate")):
        (said,) = [t for t in told if t.startswith(row)]
        assert f"{label} must lie between" in said
        assert said.endswith("which follows from its efficiency.")
    preview.accept()
    assert [(lot.model, lot.power_w) for lot in lots(table)[len(before) :]] == [("Good", 4000.0)]


def test_that_an_efficiency_pasted_onto_a_lot_is_checked_against_what_stands_there(table, qtbot):
    select(table, 0, "count")
    preview = paste(qtbot, table, "Efficiency\tUptime\n35\t0.9")
    assert any(t.startswith("Row 1: ") and "the block says 35;" in t for t in sentences_of(preview))
    assert not any("model" in t for t in sentences_of(preview))


def test_that_what_was_pasted_and_what_the_preview_offered_are_one_number(table, qtbot):
    said = []
    table.session.message.connect(said.append)
    select(table, len(lots(table)), "model")
    preview = paste(qtbot, table, "Toaster 9000\tPrairie Creek\t10\nS21\tPrairie Creek\t20\n\tPrairie Creek\t30\n")
    preview.accept()
    assert said == ["Pasted 3 cells, 1 lot added."]


def test_that_a_row_pasted_into_the_empty_row_is_the_chosen_one_and_its_name_is_whole(open_session, show, qtbot):
    session = open_session(replace(sample("briefing"), "asic_lots", sample("briefing").asic_lots[:2]))
    table = show(RecordTable(session, "asic_lots", COLUMNS))
    session.edit("x", replace(session.plan, "asic_lots.a1.model", "S"))
    session.edit("x", replace(session.plan, "asic_lots.a2.model", "T"))
    table.fit_columns()
    chosen = []
    table.record_chosen.connect(chosen.append)
    select(table, 2, "model")
    paste(qtbot, table, "Antminer S19 XP\tPrairie Creek\t10\t\t\t\t140\t3010").accept()
    assert chosen[-1] == lots(table)[-1].id
    wanted = table.fontMetrics().horizontalAdvance("Antminer S19 XP")
    assert table.columnWidth(0) > wanted


def test_that_a_pasted_model_brings_its_rated_figures_from_the_catalogue(table, qtbot):
    select(table, len(lots(table)), "model")
    preview = paste(qtbot, table, "S19j XP\tPrairie Creek\t250")
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    new = lots(table)[-1]
    assert (new.model, new.count) == ("S19j XP", 250)
    assert (new.power_w, new.hashrate_th_per_s) == (3247.0, 151.0)


def test_that_sites_are_known_by_name_and_unknown_ones_refused(table, qtbot):
    select(table, 0, "site_id")
    preview = paste(qtbot, table, "Atlantis")
    assert "Prairie Creek" in preview.sentences.item(0).text()
    assert not preview.apply_button.isEnabled()
    preview.reject()
    assert paste(qtbot, table, "prairie creek") is None
    assert steps(table) == 0


def test_that_of_two_sites_of_one_name_the_id_is_asked_for_and_copied(table, qtbot):
    session = table.session
    (site,) = session.plan.sites
    twin = dataclasses.replace(site, id="s9")
    session.edit("Add a twin", dataclasses.replace(session.plan, sites=(site, twin)))
    select(table, 0, "site_id")
    preview = paste(qtbot, table, site.name)
    assert f"{site.id} and s9 are called “{site.name}”" in preview.sentences.item(0).text()
    assert not preview.apply_button.isEnabled()
    preview.reject()
    assert table.records.clipboard_text(at(table, 0, "site_id")) == site.id
    assert paste(qtbot, table, "s9") is None
    assert lots(table)[0].site_id == "s9"


def test_that_months_are_read_in_many_spellings(session, show, qtbot):
    table = show(RecordTable(session, "ai_offers", columns_of("ai_offers", "name", "first_rent_month")))
    table.setCurrentIndex(table.records.index(0, 1))
    preview = paste(qtbot, table, "04/2028\n2028-05-01")
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [o.first_rent_month for o in session.plan.ai_offers] == ["2028-04", "2028-05"]


def test_that_formulas_of_other_programs_are_text(table, qtbot):
    select(table, 0, "model")
    paste(qtbot, table, "=1+1")
    assert lots(table)[0].model == "=1+1"
    select(table, 0, "count")
    preview = paste(qtbot, table, "=SUM(A1:A9)")
    assert not preview.apply_button.isEnabled()


def test_that_an_ambiguous_german_block_is_asked_about_once(open_session, show, qtbot):
    table = show(RecordTable(open_session(locale="de_DE"), "asic_lots", COLUMNS))
    select(table, 0, "hashrate_th_per_s")
    preview = paste(qtbot, table, "1.234\n2.345")
    assert not preview.apply_button.isEnabled()
    assert [b.text() for b in preview.readings] == ["1.234\u00a0TH/s", "1,234\u00a0TH/s"]
    qtbot.mouseClick(preview.readings[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [lot.hashrate_th_per_s for lot in lots(table)[:2]] == [1.234, 2.345]


def test_that_a_copied_block_keeps_all_digits_and_pastes_back_as_itself(table, qtbot):
    table.session.edit("x", replace(table.session.plan, "asic_lots.a1.hashrate_th_per_s", 200.123456789))
    before = table.session.plan
    select(table, 0, "model", 2, "uptime_fraction")
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QApplication.clipboard().text().split("\n")
    assert len(lines) == 3
    cells = lines[0].split("\t")
    assert cells[NAMES.index("hashrate_th_per_s")] == "200.123456789"
    assert cells[NAMES.index("uptime_fraction")] == "95%"
    select(table, 0, "hashrate_th_per_s", 2, "uptime_fraction")
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert paste(qtbot, table, QApplication.clipboard().text()) is None
    assert table.session.plan == before


def test_that_copied_text_is_no_formula_elsewhere(table, qtbot):
    table.records.setData(at(table, 0, "model"), "=HYPERLINK(1)")
    select(table, 0, "model")
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "'=HYPERLINK(1)"
    select(table, 1, "model")
    paste(qtbot, table, QApplication.clipboard().text())
    assert lots(table)[1].model == "=HYPERLINK(1)"


def test_that_paste_without_a_site_says_what_to_do_first(open_session, show, qtbot):
    table = show(RecordTable(open_session(template("empty")), "asic_lots", COLUMNS))
    preview = paste(qtbot, table, "Antminer S21\t\t100")
    assert preview.summary.text().startswith("A lot stands on a site; add a site first.")
    assert not preview.apply_button.isEnabled()


def test_that_sites_can_be_pasted_into_an_empty_plan(open_session, show, qtbot):
    session = open_session(template("empty"))
    table = show(RecordTable(session, "sites", columns_of("sites", "name", "capacity_mw", "mining_pue")))
    preview = paste(qtbot, table, "Site\tCapacity\nNorth\t40\nSouth\t60 MW\n")
    qtbot.mouseClick(preview.apply_button, Qt.MouseButton.LeftButton)
    assert [(s.name, s.capacity_mw) for s in session.plan.sites] == [("North", 40.0), ("South", 60.0)]
    assert undo_text(table) == "Paste 4 cells into Sites"


# Filling, clearing, rows


def test_that_ctrl_d_fills_down(table, qtbot):
    table.records.setData(at(table, 0, "uptime_fraction"), "90%")
    select(table, 0, "uptime_fraction", 2)
    qtbot.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert {lot.uptime_fraction for lot in lots(table)} == {0.9}
    assert undo_text(table) == "Fill 2 cells in Fleet"


def test_that_ctrl_space_takes_the_column(table, qtbot):
    select(table, 1, "count")
    qtbot.keyClick(table, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert {i.column() for i in table.selectionModel().selectedIndexes()} == {NAMES.index("count")}
    assert len(table.selectionModel().selectedIndexes()) == table.records.rowCount()


def test_that_delete_clears_what_may_be_empty_and_says_what_may_not(session, show, qtbot):
    table = show(RecordTable(session, "sites", columns_of("sites", "name", "capacity_mw", "convertible_mw")))
    select(table, 0, "convertible_mw")
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert session.plan.sites[0].convertible_mw is None
    assert undo_text(table) == "Clear 1 cell in Sites"
    select(table, 0, "capacity_mw")
    with qtbot.waitSignal(session.message) as said:
        qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert said.args == ["Capacity cannot be empty."]


def test_that_rows_are_added_duplicated_and_deleted_by_key(table, qtbot):
    count = len(lots(table))
    select(table, 0, "model")
    table.setFocus()
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(table, Qt.Key.Key_N, control | shift)
    assert len(lots(table)) == count + 1
    assert table.currentIndex().row() == count
    qtbot.keyClick(table, Qt.Key.Key_D, control | shift)
    assert len(lots(table)) == count + 2
    select(table, 0, "model", 2)
    qtbot.keyClick(table, Qt.Key.Key_Delete, control)
    assert len(lots(table)) == count - 1
    assert undo_text(table) == "Delete 3 lots"
    assert table.currentIndex().isValid()


def test_that_a_filtered_table_shows_and_adds_to_one_site_only(open_session, show):
    session = open_session(sample("three-sites"))
    table = show(
        RecordTable(session, "power_contracts", columns_of("power_contracts", "name", "energy_price_usd_per_mwh"))
    )
    second = session.plan.sites[1].id
    table.records.set_owner(second)
    assert {c.site_id for c in table.records.records} == {second}
    added = table.add_row()
    assert read(session.plan, f"power_contracts.{added}").site_id == second


def test_that_the_table_can_be_walked_by_keyboard(table, qtbot):
    select(table, 0, "model")
    table.setFocus()
    qtbot.keyClick(table, RIGHT)
    qtbot.keyClick(table, DOWN)
    qtbot.keyClick(table, Qt.Key.Key_Tab)
    assert table.currentIndex() == at(table, 1, "count")
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert table.currentIndex() == at(table, 2, "count")
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert table.currentIndex() == at(table, 1, "count")


def test_that_all_cells_of_the_model_answer_all_roles(table):
    model = table.records
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            for role in [*Qt.ItemDataRole, CHANGED_ROLE, SEVERITY_ROLE, INACTIVE_ROLE]:
                model.index(row, column).data(int(role))
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.record_at(QModelIndex().row()) is None


def test_that_a_scenario_edits_itself_and_not_the_base(table, qtbot):
    session = table.session
    scenario = session.plan.scenarios[0]
    session.show_scenario(scenario.id)
    table.records.setData(at(table, 0, "count"), "9999")
    assert session.document.plan.asic_lots[0].count == 16_000
    assert session.plan.asic_lots[0].count == 9999
    assert dataclasses.asdict(session.document.plan.scenarios[0])["overrides"]


def test_that_a_question_in_a_cell_is_answered_in_the_bubble_below_it(open_session, show, qtbot):
    table = show(RecordTable(open_session(locale="de_DE"), "asic_lots", COLUMNS))
    select(table, 0, "hashrate_th_per_s")
    table.setFocus()
    qtbot.keyClicks(table, "2")
    editor = editor_of(table)
    qtbot.keyClicks(editor, ".345")
    bubble = table.findChild(CellBubble)
    assert bubble.isVisible()
    assert bubble.geometry().top() > editor.geometry().bottom()
    assert bubble.height() >= bubble.notes.sizeHint().height()
    qtbot.mouseClick(bubble.notes.chips[1], Qt.MouseButton.LeftButton)
    assert lots(table)[0].hashrate_th_per_s == 2.345
    assert steps(table) == 1


@pytest.mark.parametrize("theme_name", ["light", "dark"])
@pytest.mark.parametrize(("place", "height"), [("top", 76), ("bottom", 76), ("whole", 400)])
def test_that_the_bubble_never_covers_the_cell_that_is_edited(open_session, show, qtbot, place, height, theme_name):
    session = open_session(locale="de_DE")
    window = QWidget()
    column = QVBoxLayout(window)
    table = RecordTable(session, "asic_lots", COLUMNS)
    table.setFixedHeight(height)
    if place == "bottom":
        column.addStretch(1)
    column.addWidget(table)
    if place == "top":
        column.addStretch(1)
    show(window, 900, 420)
    theme.apply_theme(QApplication.instance(), theme_name, 1.0)
    for row in (0, len(lots(table)) - 1):
        select(table, row, "hashrate_th_per_s")
        table.setFocus()
        qtbot.keyClicks(table, "2")
        editor = editor_of(table)
        qtbot.keyClicks(editor, ".345")
        bubble = window.findChildren(CellBubble)[-1]
        cell = QRect(editor.mapTo(window, QPoint(0, 0)), editor.size())
        assert bubble.isVisible()
        assert not bubble.geometry().intersects(cell)
        assert window.rect().contains(bubble.geometry())
        # As high as what it says, and no higher: a wrapped sentence once made it as high as the page.
        assert bubble.height() == bubble.layout().totalHeightForWidth(bubble.width())
        qtbot.keyClick(editor, Qt.Key.Key_Escape)
        assert not bubble.isVisible()


def test_that_enter_on_the_last_record_commits_and_stays_there(table, qtbot):
    last = len(lots(table)) - 1
    chosen = []
    table.record_chosen.connect(chosen.append)
    select(table, last, "count")
    table.setFocus()
    qtbot.keyClicks(table, "9")
    qtbot.keyClick(editor_of(table), Qt.Key.Key_Return)
    assert lots(table)[last].count == 9
    assert table.currentIndex() == at(table, last, "count")
    assert table.selectionModel().selectedIndexes() == [at(table, last, "count")]
    qtbot.keyClick(table, Qt.Key.Key_F2)
    qtbot.keyClick(editor_of(table), Qt.Key.Key_Return)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert table.currentIndex() == at(table, last, "count")
    assert "" not in chosen
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert table.currentIndex() == at(table, max(last - 1, 0), "count")


def test_that_shift_tab_goes_left_and_keeps_what_was_typed(table, qtbot):
    select(table, 0, "power_w")
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_F2)
    editor_of(table).selectAll()
    qtbot.keyClicks(editor_of(table), "3600")
    qtbot.keyClick(editor_of(table), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert lots(table)[0].power_w == 3600
    assert table.currentIndex() == at(table, 0, "hashrate_th_per_s")


def test_that_findings_in_a_cells_tooltip_are_in_the_readers_notation(open_session, show, qtbot):
    session = open_session(locale="de_DE")
    path = f"asic_lots.{session.plan.asic_lots[0].id}.power_w"
    session.edit("x", replace(session.plan, path, 3.5))
    table = show(RecordTable(session, "asic_lots", COLUMNS))
    assert "3,5\u00a0W" in at(table, 0, "power_w").data(Qt.ItemDataRole.ToolTipRole)


def test_that_a_german_block_says_in_german_notation_what_was_refused(open_session, show, qtbot):
    table = show(RecordTable(open_session(locale="de_DE"), "asic_lots", COLUMNS))
    select(table, 0, "count")
    preview = paste(qtbot, table, "1234,5")
    sentences = [preview.sentences.item(i).text() for i in range(preview.sentences.count())]
    assert sentences == ["Row 1, Machines: Machines must be a whole number, not 1.234,5."]


def test_that_the_first_column_stays_in_view_while_others_scroll(session, show, qtbot):
    table = show(RecordTable(session, "asic_lots", COLUMNS), 420, 300)
    assert not table.frozen.isVisible()
    select(table, 0, "uptime_fraction")
    table.scrollTo(table.currentIndex())
    assert table.frozen.isVisible()
    assert table.frozen.visualRect(at(table, 0, "model")).width() == table.columnWidth(0)
    for _ in range(len(NAMES) - 2):
        qtbot.keyClick(table, Qt.Key.Key_Left)
        assert table.visualRect(table.currentIndex()).left() >= table.frozen.covered
    assert table.currentIndex().column() == 1
    qtbot.keyClick(table, Qt.Key.Key_Left)
    assert not table.frozen.isVisible()


def test_that_a_click_on_the_kept_column_chooses_its_row_and_a_double_click_edits_it(session, show, qtbot):
    table = show(RecordTable(session, "asic_lots", COLUMNS), 420, 300)
    select(table, 0, "uptime_fraction")
    table.scrollTo(table.currentIndex())
    place = table.frozen.visualRect(table.records.index(1, 0)).center()
    qtbot.mouseClick(table.frozen.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert table.chosen_id == session.plan.asic_lots[1].id
    assert table.hasFocus()
    qtbot.mouseDClick(table.frozen.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor_of(table).text() == session.plan.asic_lots[1].model


def test_that_findings_wait_until_a_lever_is_let_go_and_figures_do_not(table):
    session = table.session
    before = at(table, 0, "npv_usd_per_mw").data()
    session.begin_drag()
    session.set_value("asic_lots.a1.power_w", 3.5)
    assert at(table, 0, "npv_usd_per_mw").data() != before
    assert at(table, 0, "power_w").data(SEVERITY_ROLE) is None
    session.end_drag()
    assert at(table, 0, "power_w").data(SEVERITY_ROLE) is not None


@pytest.mark.parametrize("width", [420, 560, 700, 860, 1240])
def test_that_no_column_is_cut_at_the_edge_while_a_few_fill_the_room(open_session: Any, show: Any, width: int) -> None:
    page = show(FleetPage(open_session(sample("briefing"))), width, 700)
    page.refresh()
    table = page.lots.table
    ends = list(accumulate(table.columnWidth(c) for c in range(table.model().columnCount())))
    edge = table.viewport().width()
    nearest = min(edge - end for end in ends if end <= edge)
    assert 0 <= nearest < len(ends) or ends[-1] <= edge, (edge, ends)


def needs(table: Any, name: str) -> int:
    return max(
        table.fontMetrics().horizontalAdvance(at(table, row, name).data()) for row in range(len(table.records.records))
    )


@pytest.mark.parametrize("by_hand", ["", "model", "npv_usd_per_mw"])
def test_that_a_figure_that_came_while_its_table_was_out_of_sight_is_whole(
    open_session: Any, show: Any, by_hand: str
) -> None:
    plan = sample("briefing")
    session = open_session(replace(plan, "power_contracts", ()))
    table = show(RecordTable(session, "asic_lots", COLUMNS))
    figure = at(table, 0, "npv_usd_per_mw").column()
    assert at(table, 0, "npv_usd_per_mw").data() == "—"
    if by_hand:
        table.setColumnWidth(at(table, 0, by_hand).column(), 71)
    before = table.columnWidth(figure)
    table.hide()
    session.edit("Add contract", plan)
    session.recompute.flush()
    table.show()
    assert at(table, 0, "npv_usd_per_mw").data() != "—"
    if by_hand == "npv_usd_per_mw":
        assert table.columnWidth(figure) == before, "who narrowed a column wants it so"
    else:
        assert table.columnWidth(figure) >= needs(table, "npv_usd_per_mw") + theme.px(8)
    if by_hand == "model":
        assert table.columnWidth(0) == 71
