"""The memo's preview explains what it prints: by the mouse where a figure stands, by the keyboard by its name."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QMenu

from app.explained import GONE
from app.figure_menu import COPY, EXPLAIN, SENTENCE, SOLVE, figure_path_at
from app.memo.pdf import figure_boxes, memo_pages_png
from models.memo.parts import figures_in


@pytest.fixture
def page(window: Any) -> Any:
    """The memo page of a window on the briefing sample, once it is known where its figures stand."""
    window.show_page("memo")
    page = window.page
    page.find_figures()
    yield page
    page.flush()


def spot_of(page: Any, address: str) -> QPoint:
    """The middle of a figure on the preview's sheets, scrolled into view."""
    sheets = page.pages._sheets
    box = next(b for b in sheets.boxes if b.figure.id == address)
    page.pages.reveal(address)
    return sheets.area_of(box).center().toPoint()


def test_that_every_printed_figure_has_a_box_on_its_page_and_the_pages_stay_as_they_are(page: Any) -> None:
    content = page.content
    plain = memo_pages_png(content, 40.0)
    boxes = figure_boxes(content)
    assert [b.figure for b in boxes] == [f for part in (content.headline, *content.blocks) for f in figures_in(part)]
    for box in boxes:
        assert 0 <= box.page < len(plain)
        assert box.left_pt >= 59.0, "between the margins"
        assert box.left_pt + box.width_pt <= 553.0
        assert box.top_pt >= 50.0
        assert box.top_pt + box.height_pt <= 725.0
        assert box.width_pt > 2.0
        assert box.height_pt > 3.0
    assert memo_pages_png(content, 40.0) == plain


def test_that_a_box_holds_the_ink_of_its_figure(page: Any) -> None:
    """Not from the code: the picture of the page is dark inside the box, and blank just beside it."""
    from PySide6.QtGui import QImage

    sheets = memo_pages_png(page.content, 144.0)
    cards = [b for b in figure_boxes(page.content) if b.page == 0 and b.figure.id == "recommendation.gain_usd"]
    image = QImage.fromData(sheets[0], "PNG")
    box = cards[-1]

    def darkest(left: float, right: float) -> int:
        rows = range(int(box.top_pt * 2), int((box.top_pt + box.height_pt) * 2))
        return min(image.pixelColor(x, y).lightness() for x in range(int(left * 2), int(right * 2)) for y in rows)

    assert darkest(box.left_pt, box.left_pt + box.width_pt) < 100
    assert darkest(box.left_pt + box.width_pt + 3.0, box.left_pt + box.width_pt + 8.0) > 200


def test_that_the_mouse_over_a_figure_says_what_it_is_and_f8_explains_it(page: Any, window: Any, qtbot: Any) -> None:
    address = "recommendation.s1.placements.o1.mw"
    sheets = page.pages._sheets
    qtbot.mouseMove(sheets, spot_of(page, address))
    qtbot.waitUntil(lambda: sheets.now is not None, timeout=2000)
    assert sheets.now.figure.id == address
    assert sheets.cursor().shape() == Qt.CursorShape.WhatsThisCursor
    assert sheets.toolTip().startswith("Megawatts, Powered-shell lease, Prairie Creek: 58.0")
    page.pages.setFocus()
    window.commands.actions["view.explain"].trigger()
    assert window.explain_panel.path == address
    assert window.explain_panel.explanation.root.value == pytest.approx(58.0)


def test_that_a_double_click_explains_and_the_lead_is_the_sites_own_figure(page: Any, window: Any, qtbot: Any) -> None:
    qtbot.mouseDClick(
        page.pages._sheets, Qt.MouseButton.LeftButton, pos=spot_of(page, "recommendation.s1.lead_usd_per_mw")
    )
    assert window.explain_panel.path == "sites.s1.lead_usd_per_mw"


def actions_at(page: Any, address: str) -> list[str]:
    spot = spot_of(page, address)
    page._open_menu(page.pages._sheets.box_at(QPointF(spot)), page.mapToGlobal(QPoint(10, 10)))
    menu = page.findChildren(QMenu)[-1]
    found = [a.text() for a in menu.actions() if not a.isSeparator()]
    menu.close()
    return found


def test_that_the_menu_is_that_of_figures_elsewhere(page: Any) -> None:
    by_name = "Explain a figure by its name…"
    explains = [f"{EXPLAIN}\tF8", SENTENCE]
    assert actions_at(page, "uses.o1.npv_usd_per_mw") == [*explains, SOLVE, COPY, by_name]
    assert actions_at(page, "recommendation.s1.lead_usd_per_mw") == [*explains, SOLVE, COPY, by_name]
    assert actions_at(page, "market.difficulty") == [*explains, COPY, by_name]


def test_that_without_a_figure_under_the_mouse_f8_lists_all_by_name(page: Any, window: Any, qtbot: Any) -> None:
    page.pages.setFocus()
    page.pages._sheets._come_upon(None)
    window.commands.actions["view.explain"].trigger()
    palette = window.palette_panel
    assert palette.isVisible()
    assert len(palette.shown) == len(page.content.figures)
    qtbot.keyClicks(palette.field, "age of difficulty")
    assert [e.text for e in palette.shown][:1] == ["Age of Difficulty"]
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert window.explain_panel.path == "market.difficulty.age_days"
    assert window.explain_panel.figure.text().startswith("Age of Difficulty: ")


def test_that_a_copied_sentence_says_how_old_an_input_is(page: Any, window: Any) -> None:
    from app.explained import copy_sentence

    copy_sentence(window.session, "market.difficulty.age_days")
    words = QGuiApplication.clipboard().text()
    assert words.startswith("Age of Difficulty is 3\N{NO-BREAK SPACE}days: date of the memo − day of its source.")
    assert "(Blockto, 2026-03-21)" in words


def test_that_the_summary_beside_the_pages_explains_its_leads_and_flips(page: Any) -> None:
    found = {figure_path_at(label, label.rect().center()) for label in page._side.widget().findChildren(QLabel)}
    assert "sites.s1.lead_usd_per_mw" in found
    flip = page.content.nearest_flips[0]
    assert f"recommendation.s1.flips.{flip.path}.value" in found


def test_that_a_figure_that_is_gone_says_so(page: Any, window: Any) -> None:
    said: list[str] = []
    window.session.message.connect(said.append)
    window.explain("recommendation.s1.placements.zz.mw")
    assert said[-1] == GONE


def test_that_pages_are_never_explained_by_the_places_of_older_ones(page: Any, window: Any) -> None:
    window.session.set_value("ai_offers.o1.rent_usd_per_it_kw_month", 60.0)
    page.flush()
    assert not page.pages.has_boxes
    page.find_figures()
    content = page.content
    printed = [f for part in (content.headline, *content.blocks) for f in figures_in(part)]
    assert [b.figure for b in page.pages._sheets.boxes] == printed
