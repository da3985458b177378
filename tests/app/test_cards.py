"""What pages are laid out with, in little room."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from app.cards import Card, OrWords, PageHead, button, label


@pytest.mark.parametrize("width", [280, 340, 480, 700, 1200])
def test_that_buttons_of_a_page_never_lie_over_each_other_and_keep_their_height(show: Any, width: int) -> None:
    head = PageHead("AI offers")
    head.about.set_text("2 offers")
    for words in ("Import…", "GPU catalogue", "Read an offer…", "Add offer"):
        head.add(button(words, lambda: None, icon="plus"))
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(head)
    column.addStretch(1)
    show(page, width, 400)
    QApplication.processEvents()
    boxes = [item.geometry() for item in head._items]
    for number, box in enumerate(boxes):
        assert box.height() >= head._items[number].sizeHint().height()
        assert box.right() <= width
        assert not any(box.intersects(other) for other in boxes[number + 1 :])
    rows = {box.top() for box in boxes}
    assert len(rows) == (1 if width >= 700 else 2 if width >= 340 else len(rows))


def test_that_a_sentence_stands_in_the_place_of_what_is_not_there(show: Any) -> None:
    content = Card("x")
    box: QWidget = show(OrWords(content), 300, 200)
    assert content.isVisible()
    box.say("Add machines first.")
    assert not content.isVisible()
    assert box.words.isVisible()
    assert box.words.text() == "Add machines first."
    box.say("")
    assert content.isVisible()
    assert label("", "muted").text() == ""
