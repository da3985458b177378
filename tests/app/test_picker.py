"""Pickers: words without room end in dots and stand whole in the tool tip."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

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
