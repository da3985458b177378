"""Pickers: words without room end in dots and stand whole in the tool tip."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app import theme
from app.picker import Picker

LONG = "Triple-net lease, Mesa Verde · Mesa Verde, Texas"


def picker(show: Any, width: int) -> Picker:
    found = Picker()
    found.addItem(LONG)
    found.setToolTip("Whose figure it is")
    found.setMinimumContentsLength(4)
    found.setSizeAdjustPolicy(Picker.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return show(found, width, 32)


def test_that_words_without_room_end_in_dots_and_are_told_on_hover(show: Any) -> None:
    found = picker(show, 180)
    shown = found.shown_text()
    assert shown.endswith("…")
    assert LONG.startswith(shown[:-1])
    assert found.fontMetrics().horizontalAdvance(shown) < 180
    assert found.currentText() == LONG
    QApplication.sendEvent(found, QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(9, 9), found.mapToGlobal(QPoint(9, 9))))
    assert QToolTip.text() == f"{LONG}\nWhose figure it is"


def test_that_words_with_room_stand_whole(show: Any) -> None:
    assert picker(show, 600).shown_text() == LONG


@pytest.mark.parametrize("text_scale", [1.0, 2.0])
def test_that_an_open_list_shows_every_entry_whole(qapp: Any, qtbot: Any, text_scale: float) -> None:
    theme.apply_theme(qapp, "light", text_scale)
    window = QWidget()
    theme.dress(window)
    picker = Picker(window)
    words = ["NPV", "Margin of the machines at Prairie Creek", "Revenue"]
    picker.addItems(words)
    picker.setFixedWidth(90)
    qtbot.addWidget(window)
    window.show()
    for chosen in range(len(words)):
        picker.setCurrentIndex(chosen)
        picker.showPopup()
        QApplication.processEvents()
        view = picker.view()
        for row, text in enumerate(words):
            place = view.visualRect(view.model().index(row, 0))
            assert view.viewport().rect().contains(place), (text, place, view.viewport().rect())
            assert place.width() >= view.fontMetrics().horizontalAdvance(text)
        picker.hidePopup()


def test_that_every_combo_box_of_the_program_is_one_of_these() -> None:
    made = [
        path.name
        for path in (Path(__file__).parents[2] / "app").rglob("*.py")
        if path.name != "picker.py" and re.search(r"\bQComboBox\(", path.read_text(encoding="utf-8"))
    ]
    assert made == []
