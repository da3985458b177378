"""From an offer's own words to the memo: read, answer, add, doubt, set aside with a reason, print."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt

from app.offer_reader import OfferReader
from app.shell.snooze_dialog import SnoozeDialog
from models.evaluate import evaluate
from models.memo.content import memo_content
from models.memo.parts import Table, as_text
from tests.journeys.test_journeys import dialog

KEY, CTRL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def test_that_an_offer_gets_from_its_words_into_the_memo_without_a_mouse(window: Any, qtbot: Any) -> None:
    session = window.session
    before = session.document.plan
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, KEY.Key_O, CTRL | SHIFT)
    reader = dialog(window, OfferReader)
    words = "$1.2bn over 15 years, 60 MW gross, 7% annual escalator, modified gross, from Q3 2028"
    qtbot.keyClicks(reader.text, words)
    qtbot.waitUntil(lambda: reader.reading is not None and reader.reading.read.text == words)
    # The quarter is asked; its first month is one press away.
    (earlier,) = reader.rows["first_rent_month"].others
    earlier.setFocus()
    qtbot.keyClick(earlier, KEY.Key_Space)
    qtbot.waitUntil(lambda: reader.reading.read.offer.first_rent_month == "2028-07")
    qtbot.keyClick(reader, KEY.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not window.findChildren(OfferReader))
    offer = session.document.plan.ai_offers[-1]
    # 60 MW at the meter, 1.40 for each of critical IT; $1.2bn begin at what the steps leave of the average.
    assert round(offer.critical_it_mw, 3) == round(60 / 1.4, 3)
    steps = sum(1.07**year for year in range(15))
    assert abs(offer.rent_usd_per_it_kw_month - 1.2e9 / steps / 12 / (60e3 / 1.4)) < 1e-6
    assert offer.opex_fraction_of_rent == 0.15
    # Seven per cent is more than any disclosed lease steps by; it is set aside with a reason.
    window.findings.set_expanded(True)
    qtbot.waitUntil(lambda: any(r.finding.code == "lint.escalator_high" for r in window.findings.rows))
    row = next(r for r in window.findings.rows if r.finding.code == "lint.escalator_high")
    row.show_button.setFocus()
    qtbot.keyClick(row.show_button, KEY.Key_Delete)
    asking = dialog(window, SnoozeDialog)
    qtbot.keyClicks(asking.reason, "The term sheet says seven")
    qtbot.keyClick(asking.reason, KEY.Key_Return)
    qtbot.waitUntil(lambda: window.findings.aside.isVisible())
    plan = session.document.plan
    content = memo_content(plan, evaluate(plan), as_of=session.today)
    printed = [
        [as_text(cell) for cell in line.cells]
        for block in content.blocks
        if isinstance(block, Table)
        for line in block.rows
    ]
    assert any("The term sheet says seven" in line and "2026-03-24" in line for line in printed)
    # Two steps back, and nothing has been.
    window.activateWindow()  # a window manager does that when a dialog closes
    for _ in range(2):
        qtbot.waitUntil(lambda: window.commands.actions["edit.undo"].isEnabled())
        window.commands.actions["edit.undo"].trigger()
    assert session.document.plan == before
