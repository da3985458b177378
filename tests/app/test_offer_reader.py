"""Reading an offer: the strip follows the text, every term can be changed, and it enters the plan as one step."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid

from app.explain_panel import ExplainPanel
from app.explained import explanation_of
from app.figure_menu import figure_path_at
from models.evaluate import evaluate
from models.plan import Plan

TEXT = "$3.7bn over 10 years, 250 MW"


@pytest.fixture
def reader(window: Any, qtbot: Any) -> Any:
    from app.offer_reader import OfferReader

    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    (found,) = window.findChildren(OfferReader)
    qtbot.waitUntil(found.isVisible)
    yield found

    if isValid(found):
        found.reject()


def typed(reader: Any, text: str, qtbot: Any) -> Any:
    reader.text.setPlainText(text)  # as a paste does; QTest cannot type a €
    settle(reader)
    return reader.reading


def settle(reader: Any) -> None:
    reader.read()
    reader.worker.flush()


def added(session: Any, before: Plan) -> Any:
    (offer,) = [o for o in session.document.plan.ai_offers if o.id not in {x.id for x in before.ai_offers}]
    return offer


def test_that_a_price_of_a_gpu_hour_has_its_place_among_contracts(reader: Any, qtbot: Any) -> None:
    typed(reader, "$2.35 per GPU-hour take-or-pay, 85 %", qtbot)
    assert reader.dots.isVisible()
    # resources/catalogue: H100 at $1.70 and $2.35 for a year, GB300 at $2.91 for five.
    assert reader.place.text() == (
        "It pays $2.35/GPU-hour: more than 1 of 3 published contract prices; nearest H100, Mar 2026, 1-year contract. "
        "Prices on demand are another market."
    )
    typed(reader, "$1.20 per GPU-hour", qtbot)
    assert "no more than any of 3 published contract prices" in reader.place.text()
    typed(reader, "$130/kW-month NNN, 3 %", qtbot)
    assert "disclosed leases" in reader.place.text()


def test_that_the_strip_follows_as_one_types(reader: Any, qtbot: Any) -> None:
    assert not reader.strip.isVisible()
    assert not reader.add_button.isEnabled()
    qtbot.keyClicks(reader.text, "$130/kW-month NNN, 40 MW IT, 3 % escalator, from April 2027")
    qtbot.waitUntil(lambda: bool(reader.strip.texts))
    texts = dict(reader.strip.texts)
    # 130 less 2 % over 1.4 at the meter.
    assert texts["net per utility kW-month, year 1"] == "$91.00/kW-month"
    assert texts["first-year rent per IT kW-month"] == "130.00"
    assert reader.strip.isVisible()
    assert reader.dots.isVisible()
    assert "of 15 disclosed leases" in reader.place.text()


def test_that_a_question_shows_both_results_and_a_click_answers_it(reader: Any, qtbot: Any) -> None:
    reading = typed(reader, TEXT, qtbot)
    row = reader.rows["load_basis"]
    (chip,) = row.others
    gross = reading.others["load_basis", 0]
    assert reader.session.numbers.money(gross.npv_usd_per_mw) in chip.text()
    assert "Gross, at the meter" in chip.text()
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    reader.worker.flush()
    assert reader.answers == {"load_basis": "gross"}
    assert reader.reading.strip == gross
    assert not row.others
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    reader.worker.flush()
    assert reader.answers == {}
    assert reader.reading.strip == reading.strip


def test_that_every_assumption_is_edited_with_its_unit(reader: Any, qtbot: Any) -> None:
    typed(reader, "$130/kW-month, 40 MW IT", qtbot)
    for name, entry, value in (
        ("term_months", "10 years", 120),
        ("capex_usd_per_it_mw", "$9m", 9e6),
        ("opex_fraction_of_rent", "15", 0.15),
        ("first_rent_month", "Apr 2028", "2028-04"),
    ):
        editor = reader.rows[name].editor
        editor.setFocus()
        editor.selectAll()
        qtbot.keyClicks(editor, entry)
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        reader.worker.flush()
        assert getattr(reader.reading.read.offer, name) == pytest.approx(value) if isinstance(value, float) else value
        assert reader.answers[name] == value
    assert reader.isVisible()
    assert "You said so" in reader.rows["term_months"].words.text()


def test_that_a_refused_entry_says_why_at_its_place(reader: Any, qtbot: Any) -> None:
    typed(reader, "$130/kW-month, 40 MW IT", qtbot)
    row = reader.rows["opex_fraction_of_rent"]
    row.editor.setFocus()
    row.editor.selectAll()
    qtbot.keyClicks(row.editor, "150 %")
    qtbot.keyClick(row.editor, Qt.Key.Key_Return)
    assert "must lie between" in row.words.text()
    assert reader.answers == {}


def test_that_an_offer_enters_as_one_step_with_its_words_as_evidence(window: Any, reader: Any, qtbot: Any) -> None:
    session = window.session
    before = session.document.plan
    steps = session.document.undo_stack.count()
    reading = typed(reader, TEXT, qtbot)
    npv = reading.strip.npv_usd_per_mw
    qtbot.mouseClick(reader.add_button, Qt.MouseButton.LeftButton)
    offer = added(session, before)
    assert offer.critical_it_mw == 250.0
    assert session.document.undo_stack.count() == steps + 1
    assert session.document.undo_stack.undoText() == "Add offer Lease as offered"
    evidence = session.document.plan.evidence[-1]
    assert (evidence.path, evidence.claim) == (f"ai_offers.{offer.id}.rent_usd_per_it_kw_month", TEXT)
    assert evidence.date == "2026-03-24"
    assert "Critical IT" in evidence.note
    assert evaluate(session.document.plan).by_id[offer.id].npv_usd_per_mw == npv
    assert window.page.name == "offers"
    window.undo()
    assert session.document.plan == before


def test_that_comparing_leaves_the_plan_alone(window: Any, reader: Any, qtbot: Any) -> None:
    before = window.session.document.plan
    typed(reader, TEXT, qtbot)
    qtbot.mouseClick(reader.compare_button, Qt.MouseButton.LeftButton)
    table = reader.beside
    assert table.isVisible()
    assert table.texts.rowCount() == 1 + len(window.session.results.uses)
    assert table.text_at(0, 0) == "This offer"
    for row in range(table.texts.rowCount()):  # each figure stands behind what explains it
        for column in (1, 2):
            root = explanation_of(window.session, table.texts.lines[row].cells[column].path).root
            assert window.session.numbers.money(root.value) == table.text_at(row, column)
    assert window.session.document.plan is before


def test_that_what_is_no_offer_says_so_and_cannot_be_added(reader: Any, qtbot: Any) -> None:
    typed(reader, "€3bn over 10 years", qtbot)
    assert "convert it first" in reader.said.text()
    assert not reader.add_button.isEnabled()
    assert not reader.rows
    typed(reader, "$130/kW-month, with a view of the sea", qtbot)
    assert "Not read: view of the sea." in reader.notes.text()
    assert reader.add_button.isEnabled()


def test_that_an_offer_larger_than_its_site_says_so(reader: Any, qtbot: Any) -> None:
    typed(reader, TEXT, qtbot)
    assert "It needs 350.0\u00a0MW; Prairie Creek can convert 60.0\u00a0MW." in reader.notes.text()


def test_that_figures_and_terms_are_copied_with_headings(reader: Any, qtbot: Any) -> None:
    typed(reader, TEXT, qtbot)
    qtbot.keyClick(reader, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert lines[0][:2] == ["Figure", "Value"]
    assert ["Term", "Value", "In the offer", "Why"] in lines
    (term,) = [line for line in lines if line[0] == "Term" and line[1] != "Value"]
    assert term[1:3] == ["120", TEXT.split(",")[0]]


def test_that_typing_while_a_reading_is_under_way_shows_the_newest(reader: Any, qtbot: Any) -> None:
    for text in ("$130/kW-month, 40 MW IT", "$140/kW-month, 40 MW IT", "$150/kW-month, 40 MW IT"):
        reader.text.setPlainText(text)
        reader.read()
    reader.worker.flush()
    assert reader.reading.read.offer.rent_usd_per_it_kw_month == 150.0


def test_that_closing_in_the_middle_leaves_nothing_behind(reader: Any, qtbot: Any) -> None:
    reader.text.setPlainText(TEXT)
    reader.read()
    reader.text.setPlainText(TEXT + ", NNN")
    shown = reader.reading
    reader.reject()
    qtbot.wait(20)
    assert reader.reading is shown  # what was at work is announced to nobody
    assert not isValid(reader)


def test_that_a_scenario_on_show_gets_no_offer_of_its_own(window: Any, reader: Any, qtbot: Any) -> None:
    session = window.session
    session.show_scenario("bull")
    before = session.document.plan
    typed(reader, TEXT, qtbot)
    qtbot.mouseClick(reader.add_button, Qt.MouseButton.LeftButton)
    assert added(session, before).name == "Lease as offered"
    assert session.document.plan.scenarios == before.scenarios


@pytest.mark.parametrize(
    "text",
    [TEXT, "$130/kW-month NNN, 3 %", "$2.35 per GPU-hour take-or-pay, 85 %", "$9.7bn over 5 years, 200 MW critical"],
)
def test_that_every_figure_of_the_strip_is_explained_by_key_and_menu(
    window: Any, reader: Any, qtbot: Any, text: str
) -> None:
    before = window.session.document.plan
    typed(reader, text, qtbot)
    shown = [(value, value.text()) for _, value in reader.strip._cells if value.isVisible()]
    assert [t for _, t in shown] == [t for _, t in reader.strip.texts]
    for value, words in shown:
        value.setFocus(Qt.FocusReason.TabFocusReason)
        qtbot.keyClick(value, Qt.Key.Key_F8)
        (panel,) = reader.findChildren(ExplainPanel)
        assert panel.isVisible()
        figure = panel.figure.text()
        assert any(c.isdigit() for c in figure)
        root = panel.explanation.root
        write = window.session.numbers
        assert words in (
            write.money(root.value),
            write.format(root.value, 2),
            write.format(root.value, root.digits, root.unit),
        )
        panel.close()
        caption = value.mapTo(reader.strip, value.rect().bottomLeft()) + QPoint(3, 14)
        assert figure_path_at(reader.strip, caption) == figure_path_at(value, value.rect().center())
    assert window.session.document.plan is before
    sources = {n.source for n in panel.explanation.root.inputs()}
    assert any(s.startswith("as typed: “") for s in sources)


def test_that_an_explanation_follows_the_text_and_leads_back_to_the_term(reader: Any, window: Any, qtbot: Any) -> None:
    typed(reader, TEXT, qtbot)
    window.session.explain_requested.emit("offer.first_year_rent_usd_per_it_kw_month")
    (panel,) = reader.findChildren(ExplainPanel)
    rent = panel.figure.text()
    inputs = {n.label.partition(",")[0]: n for n in panel.explanation.root.inputs()}
    assert inputs["Total contract value"].source == "as typed: “$3.7bn over 10 years”"
    assert inputs["Escalator"].source == "assumed: Hut 8 leases of December 2025 and May 2026"
    reader.answer("escalator_fraction_per_year", 0.0)
    reader.worker.flush()
    assert panel.figure.text() != rent
    inputs = {n.label.partition(",")[0]: n for n in panel.explanation.root.inputs()}
    assert (inputs["Escalator"].source, inputs["Escalator"].date) == ("as you said", "2026-03-24")
    item = next(i for i in panel._items() if i.text(0).startswith("Load as stated"))
    panel.tree.setCurrentItem(item)
    page = window.page
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(reader.rows["load_mw"].editor.hasFocus)
    assert reader.isVisible()
    assert window.page is page


def test_that_the_worth_of_another_reading_is_explained(reader: Any, window: Any, qtbot: Any) -> None:
    reading = typed(reader, TEXT, qtbot)
    chip = reader.rows["load_basis"].others[0]
    path = figure_path_at(chip, chip.rect().center())
    root = explanation_of(window.session, path).root
    assert root.value == reading.others["load_basis", 0].npv_usd_per_mw != reading.strip.npv_usd_per_mw
    editor = reader.rows["load_mw"].editor
    root = explanation_of(window.session, figure_path_at(editor, editor.rect().center())).root
    assert (root.value, root.source) == (250.0, "as typed: “250 MW”")
    # The dots' own sentence: so many disclosed leases average less.
    root = explanation_of(window.session, figure_path_at(reader.place, reader.place.rect().center())).root
    assert root.value == reading.strip.rank.below
    reader.reject()
    with pytest.raises(KeyError):
        explanation_of(window.session, "offer.npv_usd_per_mw")


def test_that_tab_goes_down_the_dialog_as_it_is_read(reader: Any, window: Any, qtbot: Any) -> None:
    typed(reader, TEXT, qtbot)
    qtbot.waitUntil(reader.rows["capex_usd_per_it_mw"].editor.isVisible)
    reader.text.setFocus()
    stops = []
    for _ in range(60):
        qtbot.keyClick(reader.focusWidget(), Qt.Key.Key_Tab)
        now = reader.focusWidget()
        if now is reader.text:
            break
        stops.append(now)
    assert stops[:8] == reader.strip.values
    editors = [row.editor for row in reader.rows.values()]
    assert [s for s in stops if s in editors] == editors
    assert stops.index(reader.rows["load_basis"].others[0]) == stops.index(reader.rows["load_basis"].editor) + 1
    assert stops[-4:] == [reader.copy_button, reader.close_button, reader.compare_button, reader.add_button]
    assert stops.index(editors[-1]) < stops.index(reader.copy_button)


def test_that_an_explanation_does_not_hide_the_term_it_leads_to(reader: Any, window: Any, qtbot: Any) -> None:
    typed(reader, TEXT, qtbot)
    window.session.explain_requested.emit("offer.utility_mw")
    (panel,) = reader.findChildren(ExplainPanel)
    panel.move(reader.pos())
    panel.resize(reader.size())
    panel.tree.setCurrentItem(next(i for i in panel._items() if i.text(0).startswith("Gross per IT")))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not panel.isVisible())
    assert reader.focusWidget() is reader.rows["gross_mw_per_it_mw"].editor
    window.session.explain_requested.emit("offer.utility_mw")
    panel.move(reader.frameGeometry().bottomRight())
    panel.tree.setCurrentItem(next(i for i in panel._items() if i.text(0).startswith("Gross per IT")))
    qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    qtbot.wait(20)
    assert panel.isVisible(), "it hides nothing there"
