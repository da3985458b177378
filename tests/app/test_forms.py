"""Forms: made from field descriptions, one undo step per edit, never disturbed by what happens around them."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from app.forms.entry import reference_options
from app.forms.record_form import RecordForm
from app.tables.record_edits import add_record, delete_records, duplicate_records, without_records
from models.fields import Schedule, applicable_fields, field_of, read, replace
from models.plan import AsicLot, Evidence, Lever, Scenario, Split
from models.samples import sample

RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


def undo_text(session):
    return session.document.undo_stack.undoText()


def type_into(qtbot, editor, text, key=Qt.Key.Key_Return):
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    if key is not None:
        qtbot.keyClick(editor, key)


def shown_names(form):
    return [name for name, row in form._rows.items() if row.editor.isVisibleTo(form)]


def test_that_the_short_form_comes_first_and_more_brings_the_rest(session, show):
    form = show(RecordForm(session, "ai_offers", "o1"))
    offer = read(session.plan, "ai_offers.o1")
    short = {f.name for f in applicable_fields(offer) if not f.spec.advanced}
    assert set(shown_names(form)) == short
    form.more_button.click()
    assert set(shown_names(form)) == {f.name for f in applicable_fields(offer)}


def test_that_an_edit_is_one_named_step_that_can_be_undone(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    before = session.plan
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "1560 $/kW-year")
    assert read(session.plan, RENT) == 130.0
    assert session.document.undo_stack.count() == 1
    assert undo_text(session).startswith("Change Rent")
    session.document.undo()
    assert session.plan == before
    assert form.editor("rent_usd_per_it_kw_month").value == 128.0


def test_that_the_same_value_makes_no_step(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "128")
    assert session.document.undo_stack.count() == 0


def test_that_a_run_of_arrows_is_one_step(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("rent_usd_per_it_kw_month")
    editor.setFocus()
    for _ in range(3):
        qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert session.document.undo_stack.count() == 1
    assert read(session.plan, RENT) == pytest.approx(128 * 1.01**3, rel=1e-5)


def test_that_a_refused_entry_leaves_the_plan_alone_and_says_why(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    type_into(qtbot, form.editor("gross_mw_per_it_mw"), "9", Qt.Key.Key_Tab)
    assert session.document.undo_stack.count() == 0
    assert form.notes("gross_mw_per_it_mw").texts == [
        "Gross per IT must lie between 1\u00a0MW/IT MW and 4\u00a0MW/IT MW, not 9\u00a0MW/IT MW."
    ]
    assert form.notes("gross_mw_per_it_mw").isVisible()


def test_that_an_ambiguous_entry_is_answered_with_a_click(open_session, show, qtbot):
    session = open_session(locale="de_DE")
    form = show(RecordForm(session, "ai_offers", "o1"))
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "1.234")
    chips = form.notes("rent_usd_per_it_kw_month").chips
    assert [chip.text() for chip in chips] == ["$1.234/IT kW-month", "$1,234/IT kW-month"]
    qtbot.mouseClick(chips[1], Qt.MouseButton.LeftButton)
    assert read(session.plan, RENT) == 1.234
    left = [chip.accessibleName() for chip in form.notes("rent_usd_per_it_kw_month").chips]
    assert left == ["Set $123,4 (read as hundreds of dollars)"]


def test_that_a_change_from_elsewhere_does_not_disturb_typing(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("rent_usd_per_it_kw_month")
    type_into(qtbot, editor, "13", key=None)
    session.edit("Elsewhere", replace(session.plan, "ai_offers.o1.term_months", 120))
    assert editor.hasFocus()
    assert editor.text() == "13"
    assert form.editor("term_months").value == 120


def test_that_another_kind_brings_its_own_fields(session, show):
    form = show(RecordForm(session, "ai_offers", "o1"))
    assert "price_usd_per_gpu_hour" not in shown_names(form)
    session.edit("Kind", replace(session.plan, "ai_offers.o1.kind", "gpu_cloud"))
    assert "price_usd_per_gpu_hour" in shown_names(form)
    assert "rent_usd_per_it_kw_month" not in shown_names(form)


def test_that_values_which_differ_from_the_saved_plan_are_tinted(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("rent_usd_per_it_kw_month")
    type_into(qtbot, editor, "130")
    assert editor.property("changed") is True
    session.document.undo()
    assert editor.property("changed") is False


def test_that_the_unit_guard_speaks_under_the_field_and_repairs_with_a_click(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "6.25")
    notes = form.notes("rent_usd_per_it_kw_month")
    assert "year" in " ".join(notes.texts)
    assert notes.chips
    qtbot.mouseClick(notes.chips[0], Qt.MouseButton.LeftButton)
    assert read(session.plan, RENT) == pytest.approx(75.0)
    session.document.undo()
    assert read(session.plan, RENT) == 6.25


def test_that_a_default_says_where_it_comes_from(open_session, show):
    session = open_session(sample("briefing"))
    lot_id = add_record(session, "asic_lots")
    form = show(RecordForm(session, "asic_lots", lot_id))
    assert form.notes("uptime_fraction").texts[0].startswith("Default: company reports")
    session.edit("x", replace(session.plan, f"asic_lots.{lot_id}.uptime_fraction", 0.9))
    assert form.notes("uptime_fraction").texts == []


def test_that_evidence_shows_as_a_dot_with_its_source(session, show):
    plan = dataclasses.replace(
        session.plan, evidence=(Evidence("e90", path=RENT, source="Term sheet", date="2026-02-01"),)
    )
    session.edit("Cite", plan)
    form = show(RecordForm(session, "ai_offers", "o1"))
    label = form._rows["rent_usd_per_it_kw_month"].label
    assert label.evidence == "Term sheet, 2026-02-01"
    assert "Term sheet" in label.toolTip()
    assert form._rows["term_months"].label.evidence == ""


def test_that_labels_name_their_editors_and_tab_goes_down_the_form(session, show, qtbot):
    form = show(RecordForm(session, "plan"))
    assert form._rows["name"].label.text.buddy() is form.editor("name")
    form.editor("name").setFocus()
    qtbot.keyClick(form.editor("name"), Qt.Key.Key_Tab)
    assert form.editor("start").hasFocus()


def test_that_showing_another_record_commits_what_was_being_typed(session, show, qtbot):
    form = show(RecordForm(session, "asic_lots", session.plan.asic_lots[0].id))
    first, second = session.plan.asic_lots[:2]
    type_into(qtbot, form.editor("count"), "123", key=None)
    form.show_record(second.id)
    assert read(session.plan, f"asic_lots.{first.id}.count") == 123
    assert form.editor("count").value == second.count


def test_that_a_deleted_record_disables_its_form(session, show):
    form = show(RecordForm(session, "ai_offers", "o1"))
    delete_records(session, "ai_offers", ["o1"])
    assert form.record is None
    assert not form.isEnabled()


@pytest.mark.parametrize(("width", "columns"), [(380, 1), (820, 2), (1500, 3)])
def test_that_a_wide_form_uses_several_columns(session, show, width, columns):
    form = show(RecordForm(session, "ai_offers", "o1"), width)
    lefts = {form.editor(name).mapTo(form, form.editor(name).rect().topLeft()).x() for name in shown_names(form)}
    assert len(lefts) == columns


def test_that_deleting_a_site_takes_what_it_owns_in_one_step(session, qtbot):
    plan = dataclasses.replace(
        session.plan,
        splits=(Split("w1", "s1", "o1", 10.0),),
        levers=(Lever("l1", path=RENT), Lever("l2", path="market.btc_price_usd")),
        scenarios=(Scenario("c1", "Cheap", ((RENT, 90.0), ("market.btc_price_usd", 50_000.0))),),
    )
    session.document.edit("Prepare", plan)
    with qtbot.waitSignal(session.message) as said:
        delete_records(session, "sites", ["s1"])
    after = session.document.plan
    assert (after.sites, after.power_contracts, after.asic_lots, after.ai_offers, after.splits) == ((), (), (), (), ())
    assert [lever.path for lever in after.levers] == ["market.btc_price_usd"]
    assert after.scenarios[0].overrides == (("market.btc_price_usd", 50_000.0),)
    assert "3 lots" in said.args[0]
    session.document.undo()
    assert session.document.plan == plan


def test_that_deleting_nothing_special_leaves_the_rest_alone(session):
    smaller, also = without_records(session.plan, "asic_lots", [session.plan.asic_lots[0].id])
    assert len(smaller.asic_lots) == len(session.plan.asic_lots) - 1
    assert smaller.sites is session.plan.sites
    assert also["evidence"] == len(session.plan.evidence) - len(smaller.evidence)
    assert also["levers"] == len(session.plan.levers) - len(smaller.levers)
    assert smaller.ai_offers is session.plan.ai_offers


def test_that_a_duplicate_stands_behind_its_original(session):
    (copy,) = duplicate_records(session, "ai_offers", ["o1"])
    names = [o.name for o in session.plan.ai_offers]
    assert names[1] == f"{names[0]} (2)"
    assert session.plan.ai_offers[1].id == copy
    assert undo_text(session) == "Duplicate 1 offer"


def test_that_a_schedule_is_summed_up_and_opened_as_a_table(session, show, qtbot):
    from app.forms.schedule_editor import ScheduleEditor

    session.edit("x", replace(session.plan, RENT, Schedule(("2027-04", "2028-04"), (128.0, 140.0))))
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("rent_usd_per_it_kw_month")
    assert editor.text() == "2 months, 128.00–140.00"
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert form.findChild(ScheduleEditor).isVisible()


@pytest.fixture
def refused(session, show, qtbot):
    """A form with a refused entry in a field, and the field."""
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("gross_mw_per_it_mw")
    type_into(qtbot, editor, "9")
    assert (editor.text(), bool(form.notes("gross_mw_per_it_mw").texts)) == ("9", True)
    return form, editor


def shows_the_plan(form, editor):
    return (
        editor.text() == "1.45"
        and not editor.isModified()
        and editor.entry is None
        and editor.property("state") == ""
        and not any("between" in text for text in form.notes("gross_mw_per_it_mw").texts)
    )


def test_that_a_refused_entry_stays_while_one_moves_about_on_the_page(refused, qtbot):
    form, editor = refused
    form.editor("term_months").setFocus()
    form.session.document.state_changed.emit()
    assert editor.text() == "9"
    assert "between" in form.notes("gross_mw_per_it_mw").texts[0]


@pytest.mark.parametrize("leaves_first", [False, True])
def test_that_undo_redo_and_other_edits_show_the_plans_value_and_not_a_refused_entry(
    session, show, qtbot, leaves_first
):
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor, document = form.editor("gross_mw_per_it_mw"), session.document
    other = form.editor("term_months")
    type_into(qtbot, other, "120")
    for change in (
        document.undo,
        document.redo,
        lambda: type_into(qtbot, other, "60"),
        lambda: document.new(session.plan),
    ):
        type_into(qtbot, editor, "9")
        if leaves_first:
            other.setFocus()
        assert editor.text() == "9"
        change()
        assert shows_the_plan(form, editor)
        assert read(session.plan, "ai_offers.o1.gross_mw_per_it_mw") == 1.45


def test_that_ctrl_z_takes_a_refused_entry_back_before_it_takes_an_edit_back(session, show, qtbot):
    form = show(RecordForm(session, "ai_offers", "o1"))
    editor = form.editor("gross_mw_per_it_mw")
    type_into(qtbot, form.editor("term_months"), "120")
    type_into(qtbot, editor, "9")
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shows_the_plan(form, editor)
    assert read(session.plan, "ai_offers.o1.term_months") == 120


def test_that_a_refused_entry_is_gone_when_one_comes_back_to_the_page(refused, qtbot):
    form, editor = refused
    form.hide()
    form.show()
    assert shows_the_plan(form, editor)


def test_that_leaving_the_page_with_a_wrong_text_keeps_the_old_value_and_says_so(session, show, qtbot):
    form = RecordForm(session, "ai_offers", "o1")
    pages = show(QStackedWidget())
    pages.addWidget(form)
    pages.addWidget(QLineEdit())
    editor = form.editor("gross_mw_per_it_mw")
    type_into(qtbot, editor, "nonsense", key=None)
    with qtbot.waitSignal(session.message) as said:
        pages.setCurrentIndex(1)
    assert "old value stays" in said.args[0]
    pages.setCurrentIndex(0)
    assert shows_the_plan(form, editor)


def test_that_findings_and_repairs_under_a_field_are_in_the_readers_notation(open_session, show, qtbot):
    session = open_session(locale="de_DE")
    form = show(RecordForm(session, "ai_offers", "o1"))
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "6,25")
    notes = form.notes("rent_usd_per_it_kw_month")
    assert notes.texts[0].startswith("$6,25/kW-month is $75 per kW and year")
    type_into(qtbot, form.editor("rent_usd_per_it_kw_month"), "1536,5")
    assert notes.texts[0].startswith("$1.536,5/kW-month is far above")
    assert notes.chips[0].text() == "Set $128 (read as per kW-year)"
    qtbot.mouseClick(notes.chips[0], Qt.MouseButton.LeftButton)
    assert undo_text(session) == "Set $128 (read as per kW-year)"


def test_that_sites_of_one_name_are_told_apart_where_one_is_chosen() -> None:
    plan = sample("three-sites")
    twins = dataclasses.replace(
        plan, sites=tuple(dataclasses.replace(s, name="North") if s.id != "s3" else s for s in plan.sites)
    )
    options = reference_options(twins, field_of(AsicLot, "site_id"))
    assert [words for _, words in options] == ["North · s1", "North · s2", plan.sites[2].name]
