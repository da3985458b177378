"""Beside the memo's preview: its settings, words and exhibits are edited by mouse and keys, and undone by name."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QToolButton

from app.memo.docx import memo_docx
from app.memo.files import content_of, memo_bytes
from app.memo.logo import logo_of, logo_text
from app.memo.verify import verify
from app.memo.words_card import REST_MS
from app.pages.memo import TABS
from models.frozen import unpack
from models.memo.parts import Paragraph, as_text
from models.memo.places import part_at, with_place
from models.problems import PlanFileError
from models.samples import sample
from models.storage.plan_file import open_plan
from tests.app.test_memo_pdf import AS_OF

LEFT_OUT = ("bridges", "crossovers", "break_evens", "flips", "power", "findings", "inputs")
"""Exhibits of the briefing that nobody asks for here: the pictures of their pages take longer than all else."""


@pytest.fixture
def page(window: Any) -> Any:
    plan = window.session.plan
    for exhibit in LEFT_OUT:
        plan = with_place(plan, f"exhibit.{exhibit}", shown=False)
    window.session.document.new(plan)
    window.show_page("memo")
    page = window.page
    page.flush()
    page.tabs.setCurrentIndex(TABS.index("Edit"))
    yield page
    page.editor.finish()
    page.flush()


def picture(path: Path, width: int = 640, height: int = 200) -> Path:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#2257e0"))
    assert image.save(str(path))
    return path


def type_into(widget: Any, text: str, qtbot: Any) -> None:
    qtbot.mouseClick(widget.viewport() if hasattr(widget, "viewport") else widget, Qt.MouseButton.LeftButton)
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(widget, text)


def test_that_a_company_stands_above_the_title_and_is_undone_by_name(page: Any, window: Any, qtbot: Any) -> None:
    field = page.editor.fields["company"]
    type_into(field, "Prairie Compute Inc.", qtbot)
    QTest.keyClick(field, Qt.Key.Key_Return)
    page.flush()
    assert page.content.company == "Prairie Compute Inc."
    assert page.content.headed_words.startswith("Prairie Compute Inc. · Decision memo")
    assert window.session.document.undo_stack.undoText() == "Change company of memo"
    window.session.document.undo()
    page.flush()
    assert page.content.company == ""
    assert field.text() == ""


def test_that_words_are_typed_beside_figures_that_follow_the_plan(page: Any, window: Any, qtbot: Any) -> None:
    card = page.editor.words
    assert card.place.name == "front.lead"
    assert "{NPV, Powered-shell lease}" in card.words.toPlainText()
    type_into(card.words, "We ask for ", qtbot)
    card.insert_figure("recommendation.moved_mw")
    QTest.keyClicks(card.words, " today.")
    card.words.finish()
    page.flush()
    part = part_at(window.session.document.plan, "front.lead")
    assert part.words == "We ask for {recommendation.moved_mw} today."
    lead = next(b for b in page.content.front if isinstance(b, Paragraph) and b.place == "front.lead")
    assert as_text(lead.words) == "We ask for 58.0 MW today."
    assert card.words.toPlainText() == "We ask for {Megawatts that change use} today."
    # One step, however often the typing paused.
    assert window.session.document.undo_stack.undoText() == "Change words of memo"
    window.session.document.undo()
    page.flush()
    assert part_at(window.session.document.plan, "front.lead") is None
    assert "{NPV, Powered-shell lease}" in card.words.toPlainText()


def test_that_words_stay_with_the_place_they_were_typed_for(page: Any, window: Any, qtbot: Any) -> None:
    card = page.editor.words
    type_into(card.words, "Only here.", qtbot)
    other = card.places.findData("front.remark")
    card.places.setCurrentIndex(other)
    card.places.activated.emit(other)
    page.flush()
    plan = window.session.document.plan
    assert part_at(plan, "front.lead").words == "Only here."
    assert part_at(plan, "front.remark") is None
    assert card.words.toPlainText() == ""


def test_that_words_without_room_say_where_they_go_on_beside_their_field(page: Any, window: Any) -> None:
    card, asked, dissent = page.editor.words, page.editor.continued["decision_asked"], page.editor.continued["dissent"]
    page.flush()
    assert asked.isHidden()
    assert card.continued.isHidden()
    plan = window.session.document.plan
    for place in ("decision_asked", "front.remark"):
        plan = with_place(plan, place, words="W " * 900)
    window.session.document.edit("Write at length", plan)
    page.flush()
    number = len(page.content.exhibits) + 1
    said = f"Begins on the first page, which has no room for more; whole in exhibit {number}."
    assert (asked.isHidden(), asked.text()) == (False, said)
    assert dissent.isHidden()
    assert card.continued.isHidden(), "the opening words are shown, which have room"
    other = card.places.findData("front.remark")
    card.places.setCurrentIndex(other)
    card.places.activated.emit(other)
    assert (card.continued.isHidden(), card.continued.text()) == (False, said)
    window.session.document.undo()
    page.flush()
    assert asked.isHidden()
    assert card.continued.isHidden()


def test_that_words_which_are_only_looked_at_stay(page: Any, window: Any) -> None:
    document = window.session.document
    document.edit("Two remarks", with_place(document.plan, "front.remark", words="Read the note on power."))
    page.flush()
    card = page.editor.words
    for place, words in (("front.remark", "Read the note on power."), ("exhibit.tornado", "")):
        row = card.places.findData(place)
        card.places.setCurrentIndex(row)
        card.places.activated.emit(row)
        assert card.words.toPlainText() == words
    card.words.finish()  # what a rest in typing does
    assert part_at(document.plan, "front.remark").words == "Read the note on power."
    assert document.undo_stack.undoText() == "Two remarks"


def test_that_what_is_being_typed_is_saved_and_asked_about(page: Any, window: Any, qtbot: Any, tmp_path: Path) -> None:
    document = window.session.document
    document.save_as(tmp_path / "a.busbar")
    type_into(page.editor.fields["company"], "Prairie Compute Inc.", qtbot)
    window.files.save()
    assert part_at(open_plan(document.path), "company").words == "Prairie Compute Inc."
    type_into(page.editor.words.words, "Only in this plan.", qtbot)
    assert not window.files.may_close()
    window.files.begin(sample("three-sites"))
    assert part_at(document.plan, "front.lead").words == "Only in this plan."  # kept, and the user is asked
    for box in window.findChildren(QMessageBox, "unsaved"):
        box.reject()
    type_into(page.editor.fields["company"], "Another", qtbot)
    window.undo()
    assert part_at(document.plan, "company").words == "Prairie Compute Inc."
    assert document.undo_stack.redoText() == "Change company of memo"


def test_that_what_is_typed_never_goes_into_the_plan_that_is_opened_instead(page: Any, window: Any, qtbot: Any) -> None:
    type_into(page.editor.fields["company"], "Of the first plan", qtbot)
    type_into(page.editor.words.words, "Of the first plan", qtbot)
    window.files.begin(sample("three-sites"))
    (box,) = window.findChildren(QMessageBox, "unsaved")
    qtbot.mouseClick(box.button(QMessageBox.StandardButton.Discard), Qt.MouseButton.LeftButton)
    QTest.qWait(REST_MS + 200)
    assert window.session.document.plan.plan.name == sample("three-sites").plan.name
    assert window.session.document.plan.memo_parts == ()


def test_that_a_decision_is_recorded_on_the_memo_with_what_was_typed_last(page: Any, window: Any, qtbot: Any) -> None:
    type_into(page.editor.fields["company"], "Prairie Compute Inc.", qtbot)
    window.commands.actions["decision.record"].trigger()
    dialog = window.findChild(QDialog, "record_decision")
    dialog.decided_by.setText("The board")
    dialog.accept()
    plan = window.session.document.plan
    assert part_at(plan, "company").words == "Prairie Compute Inc."
    assert part_at(unpack(plan.decisions[0].frozen_plan, "it"), "company") == part_at(plan, "company")


def test_that_a_figure_nobody_knows_is_told_at_the_place(page: Any, qtbot: Any) -> None:
    card = page.editor.words
    type_into(card.words, "Worth {the moon}.", qtbot)
    card.words.finish()
    page.flush()
    assert card.warning.isVisible()
    assert card.warning.text().startswith("{the moon} is no figure of this memo")
    qtbot.mouseClick(card.own_words, Qt.MouseButton.LeftButton)
    page.flush()
    assert not card.warning.isVisible()
    assert "{NPV, Powered-shell lease}" in card.words.toPlainText()


def test_that_words_too_long_stay_beside_their_reason_until_they_are_shorter(
    page: Any, window: Any, qtbot: Any
) -> None:
    card, session = page.editor.words, window.session
    card.words.setPlainText("w" * 4_010)
    card.words.finish()
    session.set_value("market.btc_price_usd", 71_000.0)  # the memo is written anew meanwhile
    page.flush()
    assert card.words.toPlainText() == "w" * 4_010
    assert card.warning.isVisible()
    assert "shorten it by 10." in card.warning.text()
    assert part_at(session.document.plan, "front.lead") is None
    for place in ("front.remark", "front.lead"):  # looked at another place and came back
        row = card.places.findData(place)
        card.places.setCurrentIndex(row)
        card.places.activated.emit(row)
    assert card.words.toPlainText() == "w" * 4_010
    card.words.setPlainText("w" * 4_000)
    card.words.finish()
    page.flush()
    assert not card.warning.isVisible()
    assert part_at(session.document.plan, "front.lead").words == "w" * 4_000
    card.words.setPlainText("w" * 4_010)
    card.words.finish()
    session.document.new(sample("three-sites"))
    page.flush()
    assert "w" * 10 not in card.words.toPlainText()


def test_that_settings_too_long_or_too_many_stay_beside_their_reason(page: Any, window: Any) -> None:
    editor, session = page.editor, window.session
    for name, typed, why in (
        ("dissent", "d" * 4_003, "shorten it by 3."),
        ("signers", "\n".join(f"Person {n}" for n in range(13)), "13 names, but a page holds 12: take some out."),
    ):
        editor.fields[name].setPlainText(typed)
        editor.fields[name].finish()
        session.set_value("market.btc_price_usd", 71_000.0 + len(name))
        page.flush()
        assert editor.fields[name].toPlainText() == typed
        assert editor.reasons[name].isVisible()
        assert editor.reasons[name].text().endswith(why)
        assert part_at(session.document.plan, name) is None
    editor.fields["signers"].setPlainText("Ann Doe\nBob Roe")
    editor.fields["signers"].finish()
    assert not editor.reasons["signers"].isVisible()
    assert editor.reasons["dissent"].isVisible()
    assert part_at(session.document.plan, "signers").words == "Ann Doe\nBob Roe"


def test_that_what_is_asked_takes_figures_by_name(page: Any, window: Any, qtbot: Any) -> None:
    field = page.editor.fields["decision_asked"]
    type_into(field, "Sign at ", qtbot)
    qtbot.mouseClick(page.editor.findChild(QToolButton, "memo.decision_asked.insert"), Qt.MouseButton.LeftButton)
    palette = window.palette_panel
    assert palette.field.placeholderText() == "Which figure shall be inserted?"
    QTest.keyClicks(palette.field, "npv powered")
    assert (palette.shown[0].text, palette.shown[0].detail) == ("NPV, Powered-shell lease", "$1.06M")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    QTest.keyClicks(field, " today")
    field.finish()
    page.flush()
    plan = window.session.document.plan
    assert part_at(plan, "decision_asked").words == "Sign at {uses.o1.npv_usd_per_mw} today"
    assert field.toPlainText() == "Sign at {NPV, Powered-shell lease} today"
    said = [as_text(b.words) for b in page.content.front if isinstance(b, Paragraph)]
    assert "Sign at $1.06M today" in said
    type_into(field, "Sign at {the moon}", qtbot)
    field.finish()
    page.flush()
    assert page.editor.reasons["decision_asked"].text().startswith("{the moon} is no figure of this memo")


def test_that_an_exhibit_is_left_out_by_its_box(page: Any, window: Any, qtbot: Any) -> None:
    box = page.editor.exhibits["exhibit.tornado"]
    before = len(page.content.exhibits)
    box.click()
    page.flush()
    assert len(page.content.exhibits) == before - 1
    assert not box.isChecked()
    assert window.session.document.undo_stack.undoText() == "Leave out exhibit Tornado"
    window.session.document.undo()
    page.flush()
    assert box.isChecked()


def test_that_a_day_which_is_none_is_refused_where_it_is_typed(page: Any, window: Any, qtbot: Any) -> None:
    field = page.editor.fields["decide_by"]
    type_into(field, "next week", qtbot)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert page.editor.reasons["decide_by"].text() == "next week is no day; write it as 2027-01-31."
    assert field.text() == "next week"
    assert part_at(window.session.document.plan, "decide_by") is None
    # It stays beside its reason while other fields are edited, and both go once it is put right.
    company = page.editor.fields["company"]
    type_into(company, "Prairie Compute Inc.", qtbot)
    QTest.keyClick(company, Qt.Key.Key_Return)
    page.flush()
    assert field.text() == "next week"
    assert page.editor.reasons["decide_by"].text() == "next week is no day; write it as 2027-01-31."
    type_into(field, "2027-01-31", qtbot)
    QTest.keyClick(field, Qt.Key.Key_Return)
    page.flush()
    assert page.editor.reasons["decide_by"].text() == ""
    assert part_at(window.session.document.plan, "decide_by").words == "2027-01-31"
    # Another plan does not inherit what was refused of this one.
    type_into(field, "next week", qtbot)
    QTest.keyClick(field, Qt.Key.Key_Return)
    window.session.document.new(sample("three-sites"))
    page.flush()
    assert (field.text(), page.editor.reasons["decide_by"].text()) == ("", "")


def test_that_a_house_template_is_saved_and_taken_by_another_plan(page: Any, window: Any) -> None:
    session, editor = window.session, page.editor
    plan = session.document.plan
    for place, words in (("company", "Prairie Compute Inc."), ("decision_asked", "Only this once.")):
        plan = with_place(plan, place, words=words)
    session.document.edit("x", with_place(plan, "exhibit.claims", shown=False))
    page.flush()
    assert not editor.template_path.exists()
    editor.save_button.click()
    assert editor.template_path.exists()
    assert not editor.apply_button.isEnabled()
    window.open_plan(sample("three-sites")) if hasattr(window, "open_plan") else session.document.edit(
        "y", sample("three-sites")
    )
    page.flush()
    assert page.content.company == ""
    assert editor.apply_button.isEnabled()
    editor.apply_button.click()
    page.flush()
    assert page.content.company == "Prairie Compute Inc."
    assert part_at(session.document.plan, "decision_asked") is None
    assert "claims" not in [e.id for e in page.content.exhibits]
    assert session.document.undo_stack.undoText() == "Apply memo template"


def test_that_a_file_which_is_no_template_is_refused_in_one_sentence(page: Any, window: Any, tmp_path: Path) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    path = tmp_path / "other.json"
    path.write_text('{"busbar_plan": 1}')
    before = window.session.document.plan
    page.editor.apply_template(path)
    assert window.session.document.plan is before
    assert "this is no template of a memo" in said[-1]


def test_that_a_file_which_is_no_picture_is_told_beside_the_logo(page: Any, window: Any, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "big.png").write_bytes(bytes(20_000_001))
    for name, why in (("text.png", "no picture that can be read"), ("big.png", "larger than 20 MB")):
        page.editor.take_logo(tmp_path / name)
        assert page.editor.reasons["logo"].isVisible()
        assert why in page.editor.reasons["logo"].text()
        assert part_at(window.session.document.plan, "logo") is None
    page.editor.take_logo(picture(tmp_path / "logo.png"))
    assert not page.editor.reasons["logo"].isVisible()


def test_that_a_wide_logo_leaves_the_cards_their_width(page: Any, tmp_path: Path) -> None:
    page.editor.take_logo(picture(tmp_path / "logo.png", 1800, 200))
    page.flush()
    QTest.qWait(1)  # the layout follows in the next turn of the event loop
    room = page.editor.parentWidget().width()
    assert page.editor.minimumSizeHint().width() <= room
    assert page.editor.no_logo.mapTo(page.editor, page.editor.no_logo.rect().topRight()).x() < room


def test_that_a_logo_is_taken_drawn_in_every_format_and_verified(page: Any, window: Any, tmp_path: Path) -> None:
    page.editor.take_logo(picture(tmp_path / "logo.png", 2400, 300))
    page.flush()
    plan = window.session.document.plan
    logo = logo_of(page.content.logo)
    assert logo is not None
    assert (round(logo.width_pt), round(logo.height_pt)) == (150, 19)
    for suffix, mark in ((".pdf", b"/Image"), (".html", b"data:image/png;base64,"), (".docx", b"word/media/logo.png")):
        data = memo_bytes(plan, suffix, AS_OF)
        assert mark in data
        assert not verify(data, f"memo{suffix}").differences
    window.session.document.undo()
    assert part_at(window.session.document.plan, "logo") is None


@pytest.mark.parametrize("ending", ["jpg", "svg"])
def test_that_other_pictures_become_a_png(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"logo.{ending}"
    if ending == "svg":
        path.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><rect width="4" height="1"/></svg>')
    else:
        picture(path)
    logo = logo_of(logo_text(path))
    assert logo is not None
    assert logo.png.startswith(b"\x89PNG")


def test_that_what_is_no_picture_is_refused_and_never_drawn(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"MZ\x90 not a picture")
    with pytest.raises(PlanFileError, match="no picture that can be read"):
        logo_text(path)
    # Words of a drawing need a window system: a command without one would end with a crash.
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 1"><text>x</text></svg>'
    for text in ("", "%%%", "aGVsbG8=", "A" * 1000, b64encode(drawing).decode()):
        assert logo_of(text) is None
        content = content_of(with_place(sample("one-site"), "logo", words=text), AS_OF)
        assert memo_docx(content)
