"""Reading an offer: the strip follows the text, every term can be changed, and it enters the plan as one step."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from shiboken6 import isValid

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
    lines = reader.beside.text().splitlines()
    assert len(lines) == 1 + len(window.session.results.uses)
    assert lines[0].startswith("This offer: ")
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
