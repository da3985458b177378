"""Editors of one field: what is typed becomes a value once, and only when it can."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QMenu, QStyle, QStyleOptionFrame, QToolTip

from app.forms.editors import ChoiceEdit, FlagEdit, MonthEdit, QuantityEdit, TextEdit, editor_for
from app.numbers import Numbers
from models.fields import Schedule, field_of
from models.plan import AiOffer, AsicLot, Assumptions, Market, PowerContract, Site

ENERGY = field_of(PowerContract, "energy_price_usd_per_mwh")
UPTIME = field_of(AsicLot, "uptime_fraction")
COUNT = field_of(AsicLot, "count")
CONVERTIBLE = field_of(Site, "convertible_mw")
ENGLISH = Numbers(QLocale("en_US"))
GERMAN = Numbers(QLocale("de_DE"))


@pytest.fixture
def edit(qtbot):
    """Make an editor, show it, and collect what it commits."""

    def make(field, value, numbers=ENGLISH):
        editor = editor_for(field, numbers)
        qtbot.addWidget(editor)
        editor.set_value(value)
        editor.show()
        with qtbot.waitActive(editor):
            editor.activateWindow()
        editor.setFocus()
        editor.commits = []
        editor.value_committed.connect(editor.commits.append)
        return editor

    return make


def type_over(qtbot, editor, text, key=Qt.Key.Key_Return):
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    if key is not None:
        qtbot.keyClick(editor, key)


def test_that_each_kind_of_field_has_its_editor(qtbot):
    kinds = {
        (PowerContract, "energy_price_usd_per_mwh"): QuantityEdit,
        (AiOffer, "first_rent_month"): MonthEdit,
        (AiOffer, "name"): TextEdit,
        (AiOffer, "power_paid_by"): ChoiceEdit,
        (AiOffer, "site_id"): ChoiceEdit,
        (Assumptions, "economic_shutdown"): FlagEdit,
    }
    for (record, name), kind in kinds.items():
        editor = editor_for(field_of(record, name), ENGLISH)
        qtbot.addWidget(editor)
        assert type(editor) is kind
        assert editor.accessibleName() or editor.text()


@pytest.mark.parametrize(
    ("typed", "value"), [("45", 45.0), ("4.5c/kWh", 45.0), ("0.045 $/kWh", 45.0), ("40+5", 45.0), ("$45.00", 45.0)]
)
def test_that_a_typed_quantity_is_committed_once_in_the_fields_unit(qtbot, edit, typed, value):
    editor = edit(ENERGY, 47.5)
    type_over(qtbot, editor, typed)
    editor.clearFocus()
    assert editor.commits == [value]
    assert editor.value == value


def test_that_an_unchanged_value_commits_nothing(qtbot, edit):
    editor = edit(ENERGY, 47.5)
    type_over(qtbot, editor, "47.50")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    editor.clearFocus()
    assert editor.commits == []


def test_that_the_text_is_rounded_and_the_value_is_not(qtbot, edit):
    editor = edit(ENERGY, 47.123456789)
    assert editor.text() == "47.123456789"
    editor.clearFocus()
    assert editor.text() == "47.12"
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    editor.clearFocus()
    assert editor.commits == []
    assert editor.value == 47.123456789


def test_that_what_was_understood_is_told_while_typing(qtbot, edit):
    editor = edit(ENERGY, 47.5)
    told = []
    editor.entry_changed.connect(lambda entry: told.append(entry.echo if entry else ""))
    type_over(qtbot, editor, "4.5c/kWh", key=None)
    assert told[-1] == "4.5c/kWh = $45/MWh"
    assert editor.commits == []


def test_that_half_a_unit_is_no_mistake_until_one_leaves(qtbot, edit):
    editor = edit(ENERGY, 47.5)
    type_over(qtbot, editor, "4.5 ce/k", key=None)
    assert editor.property("state") in ("", None)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.property("state") == "error"
    assert "unit" in editor.entry.problem
    assert editor.text() == "4.5 ce/k"
    assert editor.value == 47.5
    assert editor.commits == []


@pytest.mark.parametrize(
    ("field", "value", "typed", "sentence"),
    [
        (ENERGY, 47.5, "6000", "Energy price must lie between −$500/MWh and $5,000/MWh, not $6,000/MWh."),
        (UPTIME, 0.95, "120%", "Uptime must lie between 0% and 100%, not 120%."),
        (COUNT, 100, "10.5", "Machines must be a whole number, not 10.5."),
        (COUNT, 100, " ", "Machines cannot be empty."),
    ],
)
def test_that_a_refusal_says_why_in_the_units_on_screen(qtbot, edit, field, value, typed, sentence):
    editor = edit(field, value)
    type_over(qtbot, editor, typed)
    assert editor.entry.problem == sentence
    assert editor.value == value


def test_that_an_optional_value_can_be_emptied(qtbot, edit):
    editor = edit(CONVERTIBLE, 60.0)
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.commits == [None]


def test_that_escape_brings_the_value_back(qtbot, edit):
    editor = edit(ENERGY, 47.5)
    type_over(qtbot, editor, "nonsense")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.text() == "47.5"
    assert editor.property("state") == ""
    assert editor.commits == []


def test_that_an_ambiguous_german_number_waits_for_an_answer(qtbot, edit):
    editor = edit(ENERGY, 47.5, GERMAN)
    with qtbot.waitSignal(editor.asked):
        type_over(qtbot, editor, "1.234")
    assert editor.property("state") == "ask"
    assert [words for _, words in editor.entry.alternatives] == ["$1.234/MWh", "$1,234/MWh"]
    assert editor.commits == []
    editor.take(editor.entry.alternatives[1][0])
    assert editor.commits == [1.234]


def test_that_the_readings_can_be_chosen_by_keyboard(qtbot, edit):
    editor = edit(ENERGY, 47.5, GERMAN)
    type_over(qtbot, editor, "1.234")
    editor.offer_readings()
    menu = editor.findChild(QMenu)
    qtbot.keyClick(menu, Qt.Key.Key_Down)
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert editor.commits == [1.234]


def test_that_a_reading_out_of_bounds_is_not_offered(qtbot, edit):
    editor = edit(ENERGY, 47.5, GERMAN)
    type_over(qtbot, editor, "45.000")
    assert editor.commits == [45.0]


@pytest.mark.parametrize(
    ("key", "modifier", "value"),
    [
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 50.5),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier, 55.0),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, 45.4545),
    ],
)
def test_that_arrows_move_by_one_and_ten_per_cent(qtbot, edit, key, modifier, value):
    editor = edit(ENERGY, 50.0)
    steps = []
    editor.value_stepped.connect(steps.append)
    qtbot.keyClick(editor, key, modifier)
    assert steps == [value]
    assert editor.commits == []


def test_that_a_step_up_and_a_step_down_cancel(qtbot, edit):
    editor = edit(ENERGY, 50.0)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        qtbot.keyClick(editor, key)
    assert editor.value == 50.0


def test_that_arrows_move_whole_numbers_and_zero_and_stop_at_the_bounds(qtbot, edit):
    for field, before, key, after in [
        (COUNT, 5, Qt.Key.Key_Up, 6),
        (UPTIME, 1.0, Qt.Key.Key_Up, 1.0),
        (field_of(Market, "fees_btc_per_block"), 0.0, Qt.Key.Key_Down, 0.0),
        (field_of(Market, "btc_price_growth_fraction_per_year"), 0.0, Qt.Key.Key_Up, 0.008),
    ]:
        editor = edit(field, before)
        qtbot.keyClick(editor, key)
        assert editor.value == pytest.approx(after)


def test_that_a_month_is_read_in_any_spelling_and_stepped(qtbot, edit):
    editor = edit(field_of(AiOffer, "first_rent_month"), "2027-04")
    type_over(qtbot, editor, "Sep 2028")
    assert editor.commits == ["2028-09"]
    steps = []
    editor.value_stepped.connect(steps.append)
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    qtbot.keyClick(editor, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert steps == ["2028-10", "2027-10"]


def test_that_a_monthly_table_is_not_typed_over(qtbot, edit):
    editor = edit(ENERGY, Schedule(("2026-04", "2026-05"), (45.0, 52.0)))
    assert editor.text() == "2 months, 45.00–52.00"
    with qtbot.waitSignal(editor.table_requested):
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "7")
    assert editor.commits == []


@pytest.mark.parametrize("numbers", [ENGLISH, GERMAN])
@pytest.mark.parametrize("width", [90, 130, 170, 400])
def test_that_no_number_of_a_monthly_table_is_cut(edit, numbers, width):
    months = ("2026-04", "2026-05", "2026-06", "2026-07")
    editor = edit(
        field_of(Market, "btc_price_usd"), Schedule(months, (70_169.0, 80_000.0, 90_000.0, 120_000.0)), numbers
    )
    whole = editor.text()
    assert whole.startswith("4 months, ")
    editor.resize(width, editor.height())
    room = editor.width() - editor.textMargins().right()
    assert editor.text() in (whole, "4 months")
    assert editor.fontMetrics().horizontalAdvance(editor.text()) < room or width == 90
    editor.resize(600, editor.height())
    assert editor.text() == whole


def test_that_a_value_from_outside_does_not_disturb_typing(qtbot, edit):
    editor = edit(ENERGY, 47.5)
    type_over(qtbot, editor, "12", key=None)
    editor.set_value(60.0)
    assert editor.text() == "12"
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.text() == "60"


def test_that_the_wheel_does_not_change_a_choice(qtbot, edit):
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent

    editor = edit(field_of(AiOffer, "power_paid_by"), "tenant")
    nothing, modifier = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    place = QPointF(5, 5)
    event = QWheelEvent(
        place, place, QPoint(0, 0), QPoint(0, -120), nothing, modifier, Qt.ScrollPhase.NoScrollPhase, False
    )
    QApplication.sendEvent(editor, event)
    assert editor.value == "tenant"
    qtbot.keyClick(editor, Qt.Key.Key_Down)
    assert editor.commits == ["operator"]


def test_that_a_switch_commits_a_click(qtbot, edit):
    editor = edit(field_of(Assumptions, "economic_shutdown"), True)
    qtbot.keyClick(editor, Qt.Key.Key_Space)
    assert editor.commits == [False]


def test_that_the_unit_is_drawn_and_leaves_room_for_the_number(qtbot, edit):
    editor = edit(field_of(AiOffer, "rent_usd_per_it_kw_month"), 128.0)
    assert editor.textMargins().right() > editor.fontMetrics().horizontalAdvance("$/IT kW-month")
    assert editor.accessibleName() == "Rent $/IT kW-month"


@pytest.mark.parametrize("value", [128.0, 1_234.5])
@pytest.mark.parametrize("width", [80, 100, 120, 140, 160, 180, 300])
def test_that_a_number_is_whole_however_little_room_its_unit_has(qtbot, edit, value, width):
    editor = edit(field_of(AiOffer, "rent_usd_per_it_kw_month"), value)
    editor.clearFocus()
    editor.resize(width, editor.height())
    for typed in (editor.text(), "1234.5678"):
        editor.setText(typed)
        option = QStyleOptionFrame()
        editor.initStyleOption(option)
        inside = editor.style().subElementRect(QStyle.SubElement.SE_LineEditContents, option, editor).width()
        room = inside - editor.textMargins().right()
        needed = editor.fontMetrics().horizontalAdvance(typed)
        assert needed < room or (editor.textMargins().right() == 0 and width == 80)
    if width == 300:
        assert editor.textMargins().right() > editor.fontMetrics().horizontalAdvance("$/IT kW-month")


def test_that_a_unit_of_one_character_makes_room_for_the_number_too(edit):
    editor = edit(field_of(Market, "btc_price_usd"), 70_169.0)
    assert editor.textMargins().right() > 0
    editor.resize(editor.fontMetrics().horizontalAdvance(editor.text()) + 26, editor.height())
    assert editor.textMargins().right() == 0


def test_that_the_tooltip_has_the_unit_that_a_line_has_no_room_for(qtbot, edit):
    editor = edit(field_of(AiOffer, "rent_usd_per_it_kw_month"), 128.0)
    editor.setToolTip("What the tenant pays.")
    editor.clearFocus()
    editor.resize(110, editor.height())
    place = editor.rect().center()
    QApplication.sendEvent(editor, QHelpEvent(QEvent.Type.ToolTip, place, editor.mapToGlobal(place)))
    assert QToolTip.text() == "128.00 $/IT kW-month\nWhat the tenant pays."
    QToolTip.hideText()
