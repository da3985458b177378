"""Every page in both themes as it should look; these pictures are the ones that the README shows.

`BUSBAR_UPDATE_SCREENS=1 make test ARGS=tests/screens` draws them anew. Look at each before it is committed.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QCoreApplication, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.pages.decisions import TABS
from app.pictures import page_png, window_on
from app.shell.commands import PAGES
from models.decisions.freeze import freeze
from models.evaluate import evaluate
from models.plan import Actual, Plan
from models.samples import sample
from models.snoozes import set_aside
from tests.hourly_plan import hourly_plan

PICTURES = Path(__file__).parent / "pictures"
SIZE = (1440, 900)
# Inter is bundled and Qt brings its own FreeType, so pictures agree to the pixel on one kind of machine. What is left
# for others is a letter's edge here and there.
CHANGED_PIXEL = 24
MOST_CHANGED = 0.002
# 23 November 2026: ages of the market data and the memo's date stand on the pictures.
DAY = "1795392000"


def pixels(image: QImage) -> np.ndarray:
    """The picture as an array, shape (height, width, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).astype(int)


@pytest.mark.parametrize("theme_name", ["light", "dark"])
@pytest.mark.parametrize("page", [name for name, _ in PAGES])
def test_that_a_page_looks_as_in_its_picture(
    qapp: object, page: str, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    assert_looks_as_kept(page_png(sample("briefing"), page, theme_name, SIZE, 1.0), f"{page}-{theme_name}", tmp_path)


@pytest.mark.parametrize("theme_name", ["light", "dark"])
@pytest.mark.parametrize("page", ["power", "sites"])
def test_that_a_page_looks_as_in_its_picture_with_hourly_prices(
    qapp: object, page: str, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    assert_looks_as_kept(page_png(hourly_plan(), page, theme_name, SIZE, 1.0), f"{page}-hourly-{theme_name}", tmp_path)


def assert_looks_as_kept(drawn: bytes, name: str, tmp_path: Path) -> None:
    """Compare a picture with the one that is kept under its name, or keep it where that is asked for."""
    file = PICTURES / f"{name}.png"
    if os.environ.get("BUSBAR_UPDATE_SCREENS"):
        PICTURES.mkdir(exist_ok=True)
        file.write_bytes(drawn)
    expected, found = QImage(str(file)), QImage.fromData(drawn)
    assert not expected.isNull(), f"there is no picture {file.name} yet; draw it with BUSBAR_UPDATE_SCREENS=1"
    assert (found.width(), found.height()) == (expected.width(), expected.height())
    changed = (np.abs(pixels(expected) - pixels(found)).max(axis=2) > CHANGED_PIXEL).mean()
    kept = tmp_path / f"{name}.png"
    kept.write_bytes(drawn)
    assert changed <= MOST_CHANGED, f"{changed:.2%} of the pixels differ from {file.name}; see {kept}"


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_that_the_reader_of_offers_looks_as_in_its_picture(
    qapp: object, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    from app.offer_reader import OfferReader

    with window_on(sample("briefing"), theme_name, SIZE, 1.0) as window:
        window.show_page("offers")
        reader = OfferReader(window.session, window)
        reader.text.setPlainText("$3.7bn over 10 years, 250 MW, modified gross, Q2 2028, subject to board approval")
        reader.show()
        reader.read()
        reader.worker.flush()
        assert_looks_as_kept(resting(reader), f"offer-reader-{theme_name}", tmp_path)
        reader.reject()


@pytest.mark.parametrize("theme_name", ["light", "dark"])
def test_that_findings_set_aside_look_as_in_their_picture(
    qapp: object, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    plan = sample("briefing")
    finding = next(f for f in evaluate(plan).findings if f.code == "lint.terminal_value")
    quiet = set_aside(plan, finding, "Halls keep their value; see the board's paper of March", date(2026, 3, 24))
    with window_on(quiet, theme_name, SIZE, 1.0) as window:
        window.show_page("offers")
        window.findings.refresh()
        window.findings.aside.setChecked(True)
        assert_looks_as_kept(resting(window), f"findings-aside-{theme_name}", tmp_path)


def looked_back_plan() -> Plan:
    """The briefing's decision with eight months of prices and five of spending."""
    plan = sample("briefing")
    plan = freeze(
        plan, evaluate(plan), "base", name="Lease at Prairie Creek", decided_on="2026-03-24", decided_by="The board"
    )
    rows = []
    for n, price_usd in enumerate((72_000, 76_500, 81_000, 69_000, 64_000, 88_000, 92_000, 85_000)):
        month = f"2026-{4 + n:02d}"
        rows.append((month, "btc_price_usd", float(price_usd), "", ""))
        rows.append((month, "difficulty", (134.0 + 2 * n) * 1e12, "", ""))
        if n < 5:
            rows.append((month, "capex_usd", 34.5e6 - n * 1e5, "s1", "o1"))
    actuals = tuple(Actual(f"x{n}", *row, source="books.xlsx") for n, row in enumerate(rows, start=1))
    return replace(plan, actuals=actuals)


@pytest.mark.parametrize("theme_name", ["light", "dark"])
@pytest.mark.parametrize("tab", ["chart", "uses", "lines"])
def test_that_a_decision_looked_back_on_looks_as_in_its_picture(
    qapp: object, tab: str, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    with window_on(looked_back_plan(), theme_name, SIZE, 1.0) as window:
        window.show_page("decisions")
        window.page.flush()
        window.page.tabs.setCurrentIndex(list(TABS).index(tab))
        assert_looks_as_kept(resting(window), f"decisions-{tab}-{theme_name}", tmp_path)


def resting(widget: QWidget) -> bytes:
    """A widget once it has come to rest, as PNG."""
    for _ in range(5):
        QCoreApplication.processEvents()
    if hasattr(widget, "findings"):  # they are sought beside the window
        widget.session.recompute.flush()
        widget.findings.refresh()
    bar = getattr(getattr(widget, "findings", None), "scroll", None)
    if bar is not None:
        bar.verticalScrollBar().setValue(bar.verticalScrollBar().maximum())
    if widget.focusWidget() is not None:
        widget.focusWidget().clearFocus()
    QCoreApplication.processEvents()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    widget.grab().save(buffer, "PNG")
    return bytes(buffer.data().data())
