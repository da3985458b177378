"""Verifying from the window: dropped or chosen, beside the work, with what differs in a table that can be copied."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog

from app.memo.files import memo_bytes
from app.verify_dialog import DifferenceTable, VerifyDialog
from models.samples import sample

AS_OF = date(2026, 11, 23)


@pytest.fixture
def verified(window: Any, qtbot: Any, tmp_path: Path) -> Any:
    """Drop a file on the window and wait for the verdict."""

    def drop(name: str, content: bytes) -> Any:
        path = tmp_path / name
        path.write_bytes(content)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        move, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        window.dropEvent(QDropEvent(QPointF(5, 5), move, data, left, none))
        dialog = window.findChildren(VerifyDialog)[-1]
        assert dialog.isVisible()
        window.exports.verifier.flush()
        return dialog

    yield drop
    for dialog in window.findChildren(VerifyDialog):
        dialog.close()
    if window.exports.verifier is not None:
        window.exports.verifier.flush()


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html"])
def test_that_a_dropped_memo_of_the_open_plan_matches(suffix: str, verified: Any, window: Any) -> None:
    dialog = verified(f"memo{suffix}", memo_bytes(window.session.document.plan, suffix, AS_OF))
    assert re.fullmatch(r"All \d{3} figures match\.", dialog.sentence.text())
    assert "memo of the plan that is open" in dialog.about.text()
    assert not dialog.table.isVisible()
    assert dialog.mark.accessibleName() == "Matches"


def test_that_a_memo_of_another_plan_says_so(verified: Any) -> None:
    dialog = verified("memo.html", memo_bytes(sample("one-site"), ".html", AS_OF))
    assert "another plan than the open one, or that has changed since" in dialog.about.text()
    assert "no seed: nothing in it is drawn at random" in dialog.about.text()
    assert dialog.verdict.is_genuine


def test_that_a_changed_figure_stands_in_a_table_that_can_be_copied(verified: Any, qtbot: Any) -> None:
    page = memo_bytes(sample("one-site"), ".html", AS_OF).decode()
    span = re.search(r'data-figure="(uses\.[^"]+\.npv_usd_per_mw)">(\$[^<]+)<', page)
    assert span is not None
    dialog = verified("memo.html", (page[: span.start(2)] + "$9.99M" + page[span.end(2) :]).encode())
    table = dialog.table
    assert dialog.sentence.text().startswith("1 of ")
    assert table.isVisible()
    cells = [table.item(0, column).text() for column in range(4)]
    assert cells == ["NPV, Retrofit of hall B", "$9.99M", span[2], "the text"]
    assert span[1] in table.item(0, 0).toolTip()
    table.setFocus()
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().splitlines() == [
        "Figure\tMemo says\tRecomputed\tWhere",
        "\t".join(cells),
    ]
    dialog.copy_button.click()
    assert span[1] in QGuiApplication.clipboard().text()


def test_that_what_cannot_be_verified_is_said_in_the_dialog(verified: Any) -> None:
    dialog = verified("letter.pdf", b"Dear board,")
    assert dialog.sentence.text() == "This is neither a PDF nor a Word file nor a web page."
    assert "letter.pdf: choose a memo" in dialog.about.text()
    assert not dialog.copy_button.isEnabled()


def test_that_the_window_does_not_wait_and_a_closed_dialog_neither(window: Any, tmp_path: Path, qtbot: Any) -> None:
    path = tmp_path / "memo.pdf"
    path.write_bytes(memo_bytes(sample("three-sites"), ".pdf", AS_OF))
    began = perf_counter()
    window.exports.verify_path(path)
    dialog = window.findChild(VerifyDialog)
    assert window.exports.verifier.is_busy
    assert "Recomputing" in dialog.sentence.text()
    dialog.close()
    qtbot.waitUntil(lambda: window.findChild(VerifyDialog) is None, timeout=2_000)
    assert perf_counter() - began < 2.0
    window.exports.verifier.flush()
    assert not window.exports.verifier.is_busy


def test_that_the_menu_asks_for_a_memo(window: Any) -> None:
    window.commands.actions["file.verify_memo"].trigger()
    dialog = window.findChild(QFileDialog)
    assert dialog.isVisible()
    assert "*.docx" in dialog.nameFilters()[0]
    dialog.reject()


def test_that_escape_closes_and_the_keyboard_begins_at_close(verified: Any, qtbot: Any, window: Any) -> None:
    dialog = verified("memo.html", memo_bytes(sample("one-site"), ".html", AS_OF))
    close = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Close)
    assert close.isDefault()
    assert isinstance(dialog.table, DifferenceTable)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(VerifyDialog) is None, timeout=2_000)


def test_that_the_export_takes_the_format_that_is_chosen(window: Any) -> None:
    window.exports.export_memo()
    dialog = window.findChild(QFileDialog)
    for words, suffix in (("Word (*.docx)", "docx"), ("Web page (*.html)", "html"), ("PDF (*.pdf)", "pdf")):
        dialog.filterSelected.emit(words)
        assert dialog.defaultSuffix() == suffix
    dialog.reject()
