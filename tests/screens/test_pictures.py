"""Every page in both themes as it should look; these pictures are the ones that the README shows.

`BUSBAR_UPDATE_SCREENS=1 make test ARGS=tests/screens` draws them anew. Look at each before it is committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from app.pictures import page_png
from app.shell.commands import PAGES
from models.samples import sample
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
    compare(page_png(sample("briefing"), page, theme_name, SIZE, 1.0), f"{page}-{theme_name}", tmp_path)


@pytest.mark.parametrize("theme_name", ["light", "dark"])
@pytest.mark.parametrize("page", ["power", "sites"])
def test_that_a_page_looks_as_in_its_picture_with_hourly_prices(
    qapp: object, page: str, theme_name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", DAY)
    compare(page_png(hourly_plan(), page, theme_name, SIZE, 1.0), f"{page}-hourly-{theme_name}", tmp_path)


def compare(drawn: bytes, name: str, tmp_path: Path) -> None:
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
