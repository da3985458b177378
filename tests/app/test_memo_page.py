"""The memo page: a preview that never blocks the window, the recommendation beside it, and the file it writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app import theme
from app.memo.files import memo_bytes
from app.memo.preview import GAP
from models.plan import Header, Market, Plan
from models.problems import PlanFileError
from models.samples import sample


@pytest.fixture
def page(window: Any) -> Any:
    """The memo page of a window on the briefing sample, once its preview is there."""
    window.show_page("memo")
    page = window.page
    page.flush()
    yield page
    page.flush()


def texts_of(widget: Any) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_that_the_page_shows_the_memo_and_its_recommendation(page: Any) -> None:
    assert page.pages.count >= 4
    assert page.content.title in texts_of(page)
    assert page.head.about.text() == f"{page.pages.count} pages · base case"
    assert page.pages.accessibleDescription() == page.content.title


def test_that_typesetting_does_not_hold_up_the_window(window: Any, qtbot: Any) -> None:
    began = perf_counter()
    window.show_page("memo")
    assert window.page.is_busy
    assert perf_counter() - began < 2.0
    assert window.page.pages.count == 0
    qtbot.waitUntil(lambda: window.page.pages.count > 0, timeout=20_000)


def test_that_an_edit_is_followed_once_it_rests(page: Any, window: Any) -> None:
    before = page.content
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 60.0)
    assert page.is_busy
    page.flush()
    assert page.content is not before
    assert page.content.figures["ai_offers.o1.rent_usd_per_it_kw_month"].value == 60.0
    assert not page.is_busy


def test_that_of_many_edits_the_last_one_is_shown(page: Any, window: Any) -> None:
    seen: list[float] = []
    path = "ai_offers.o1.rent_usd_per_it_kw_month"
    page.writer.content_ready.connect(lambda content: seen.append(content.figures[path].value))
    for rent in (90.0, 95.0, 100.0, 105.0):
        window.session.set_value(path, rent)
        page._settle.stop()
        page._request()
    page.flush()
    assert seen[-1] == 105.0
    assert page.content.figures[path].value == 105.0


def test_that_a_scenario_is_previewed_as_it_is_shown(page: Any, window: Any) -> None:
    scenario = window.session.plan.scenarios[0]
    window.session.show_scenario(scenario.id)
    window.session.recompute.flush()
    page.flush()
    assert page.content.scenario_id == scenario.id
    assert page.head.about.text().endswith(f"scenario {scenario.name}")


def test_that_pages_are_as_wide_as_the_window_allows_and_sharp(page: Any, window: Any) -> None:
    def page_pixels() -> int:
        return int.from_bytes(page.pages._sheets.pages[0][16:20], "big")

    wide = page_pixels()
    assert wide == pytest.approx(page.pages.page_width * page.devicePixelRatioF(), abs=1)
    window.resize(1300, 800)
    page.flush()
    assert page_pixels() < wide
    assert page_pixels() == pytest.approx(page.pages.page_width * page.devicePixelRatioF(), abs=1)


def test_that_pages_take_the_whole_width_where_they_could_not_be_read_beside_anything(page: Any, window: Any) -> None:
    def shown() -> tuple[bool, bool]:
        QApplication.processEvents()
        page.flush()
        return page.pages.isVisible(), page._sides.isVisible()

    assert shown() == (True, True)
    assert not page.tabs.isTabVisible(0)
    beside = page.pages.page_width
    window.resize(1020, 800)
    assert shown() == (True, False), "at first one reads"
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Pages"
    assert page.pages.page_width > 0.9 * (page.width() - theme.px(48) - 2 * GAP)
    assert page.pages.page_width > beside
    page.tabs.setFocus()
    for key, tab in ((Qt.Key.Key_Right, "Summary"), (Qt.Key.Key_Right, "Edit")):
        QTest.keyClick(page.tabs, key)
        assert page.tabs.tabText(page.tabs.currentIndex()) == tab
        assert shown() == (False, True)
    window.resize(1500, 900)
    assert shown() == (True, True)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Edit", "who was writing goes on"
    QTest.keyClick(page.tabs, Qt.Key.Key_Left)
    QTest.keyClick(page.tabs, Qt.Key.Key_Left)
    assert page.tabs.tabText(page.tabs.currentIndex()) == "Summary", "beside the pages they need no tab"


def test_that_a_flip_leads_to_its_input(page: Any, window: Any, qtbot: Any) -> None:
    asked: list[str] = []
    window.session.selection_requested.connect(asked.append)
    flip = page.content.nearest_flips[0]
    button = next(b for b in page._side.findChildren(QPushButton) if b.text() == flip.label)
    button.click()
    assert asked == [flip.path]


def test_that_findings_stand_beside_the_recommendation(page: Any, window: Any) -> None:
    warning = next(f for f in window.session.results.findings if f.severity == "warning")
    assert warning.message in texts_of(page._side)


def test_that_the_exported_file_is_the_memo_of_the_plan_as_it_is(page: Any, window: Any, tmp_path: Path) -> None:
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 75.0)
    file = tmp_path / "memo.pdf"
    page.export_pdf(file)
    session = window.session
    assert file.read_bytes() == memo_bytes(session.document.plan, ".pdf", session.today)
    with pytest.raises(PlanFileError):
        page.export_pdf(tmp_path / "no such folder" / "memo.pdf")


def test_that_the_button_asks_for_the_export_command(page: Any, window: Any) -> None:
    asked: list[str] = []
    window.session.command_requested.disconnect()
    window.session.command_requested.connect(asked.append)
    page.export_button.click()
    assert asked == ["file.export_memo"]


def test_that_a_plan_without_uses_says_what_to_do(window: Any) -> None:
    window.session.document.new(Plan(Header("Empty", "2026-04"), Market(70_000.0, 1e14, 941_472)))
    window.session.recompute.flush()
    window.show_page("memo")
    page = window.page
    assert not page.export_button.isEnabled()
    assert "Nothing to decide yet" in texts_of(page)
    assert not page.is_busy
    window.session.document.new(sample("one-site"))
    window.session.recompute.flush()
    page.refresh()
    page.flush()
    assert page.export_button.isEnabled()
    assert "Cedar Bend" in page.content.title


def test_that_leaving_the_page_stops_its_work(window: Any) -> None:
    window.show_page("memo")
    page = window.page
    assert page.is_busy
    window.show_page("start")
    assert not page._settle.isActive()
    page.writer.flush()
    assert not page.is_busy
    window.show_page("memo")
    page.flush()
    assert page.pages.count >= 4


def test_that_the_preview_can_be_scrolled_by_keyboard(page: Any, qtbot: Any) -> None:
    from PySide6.QtCore import Qt

    page.pages.setFocus()
    bar = page.pages.verticalScrollBar()
    assert bar.maximum() > 0
    qtbot.keyClick(page.pages, Qt.Key.Key_PageDown)
    assert bar.value() > 0


QUIT_WHILE_AT_WORK = """
import sys
from PySide6.QtCore import QTimer
from app import theme
from app.files.document import Document
from app.main import make_application
from app.session import Session
from app.settings import Settings
from app.shell.window import Window
from models.samples import sample

application = make_application()
theme.apply_theme(application, "light")
window = Window(Session(Document(sample("three-sites")), Settings()))
window.show()
window.show_page("memo")
writer = window.page.writer
QTimer.singleShot(250, window.close)
application.exec()
print("typesetting" if writer.is_busy else "idle")
"""


def test_that_the_window_closes_quietly_while_the_memo_is_typeset(tmp_path: Path) -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", QUIT_WHILE_AT_WORK], capture_output=True, text=True, env=environment, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() in ("typesetting", "idle")
