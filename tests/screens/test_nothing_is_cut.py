"""No page cuts a word: whatever plan, size, theme or text size is on show."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QLabel, QPushButton, QWidget

from app import theme
from app.pictures import come_to_rest, window_on
from app.shell.commands import PAGES
from models.defaults import empty_plan
from models.plan import Plan
from models.samples import sample
from tests.large_plan import large_plan

PLANS = {"empty": empty_plan, "sample": lambda: sample("briefing"), "large": large_plan}
SIZES = {
    "small": ((1280, 800), 1.0),
    "wide": ((2560, 1440), 1.0),
    "large text": ((1920, 1200), 2.0),
    "both": ((1280, 800), 2.0),
}


def words_of(widget: QWidget) -> str:
    """The text that a label or button must show in full; empty where it may shorten it by itself."""
    if isinstance(widget, QLabel):
        if widget.wordWrap() or widget.textFormat() == Qt.TextFormat.RichText or widget.pixmap().width() > 0:
            return ""
        return widget.text()
    return widget.text().replace("&", "") if isinstance(widget, QPushButton) else ""


def squeezed(widget: QLabel | QAbstractButton) -> str:
    """What is wrong with where it lies: beyond what it lies in, which hides it there, or too low for its lines."""
    parent, told = widget.parentWidget(), repr(widget.text() or widget.accessibleName() or widget.objectName())
    if parent is None or widget.isWindow():
        return ""
    inside = parent.rect().adjusted(-4, -4, 4, 4)
    in_scroll_area = isinstance(parent.parentWidget(), QAbstractScrollArea)
    if not in_scroll_area and not inside.contains(widget.geometry()):
        return f"{told} at {widget.geometry().getRect()} lies beyond {parent.size().toTuple()}"
    if isinstance(widget, QLabel) and widget.wordWrap() and widget.text():
        needed = widget.heightForWidth(widget.width())
        if needed > widget.height() + 4:
            return f"{told} needs {needed} px of height and has {widget.height()}"
    return ""


def cut(window: QWidget) -> list[str]:
    """Visible labels and buttons that are narrower or lower than their words, or hidden in part."""
    found = []
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, QLabel | QAbstractButton) or not widget.isVisible():
            continue
        if trouble := squeezed(widget):
            found.append(trouble)
        words = words_of(widget)
        if not words or "<" in words:
            continue
        needed = max(widget.fontMetrics().horizontalAdvance(line) for line in words.splitlines())
        shown_elsewhere = widget.toolTip() != "" or (type(widget) is not QLabel and not isinstance(widget, QPushButton))
        if needed > widget.width() + 2 and not shown_elsewhere:
            found.append(f"{words!r} needs {needed} px and has {widget.width()}")
        if widget.fontMetrics().height() * len(words.splitlines()) > widget.height() + 4:
            found.append(f"{words!r} is cut in height: {widget.height()} px")
    return found


@pytest.mark.parametrize("plan_name", PLANS)
def test_that_no_word_is_cut(qapp: Any, plan_name: str, subtests: pytest.Subtests) -> None:
    """Not at any of the sizes, to which the open window is brought one after the other, as a hand would."""
    plan: Plan = PLANS[plan_name]()
    with window_on(plan, "light", *SIZES["small"]) as window:
        for size, (pixels, text_scale) in SIZES.items():
            theme.apply_theme(qapp, "light", text_scale)
            window.resize(*pixels)
            with subtests.test(size):
                complaints = []
                for page, _ in PAGES:
                    if (plan_name, page) == ("large", "memo"):
                        continue  # its hundred pages are pictures, and take seconds to typeset
                    come_to_rest(window, page)
                    complaints += [f"{page}: {line}" for line in cut(window)]
                assert not complaints, "\n".join(complaints[:20])
