"""A company's logo: taken from a picture file, kept in the plan as base64 text, drawn at the head of the memo."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QImage, QImageReader

from models.problems import PlanFileError
from models.storage.disk import read_whole

MOST_FILE_BYTES = 20_000_000
MOST_PIXELS = 60_000_000
"""A picture that unpacks to more is not read."""
WIDEST_PX, HIGHEST_PX = 900, 300
"""Twice the size of a logo on paper at 300 pixels per inch."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEIGHT_PT, WIDEST_PT = 28.0, 150.0
TAKES = "choose a PNG, JPEG or SVG picture"


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture as PNG, and its size on paper [pt]."""

    png: bytes
    width_pt: float
    height_pt: float


def logo_text(path: Path | str) -> str:
    """A picture file as it is kept in a plan: a PNG of at most 900 × 300 pixels, as base64.

    Raises
    ------
    PlanFileError
        Where the file cannot be read or is no picture.
    """
    data = read_whole(path, MOST_FILE_BYTES)
    image = _image(data)
    if image is None:
        raise PlanFileError("the file is no picture that can be read", str(path), TAKES)
    fitted = image
    if image.width() > WIDEST_PX or image.height() > HIGHEST_PX:
        smooth = Qt.TransformationMode.SmoothTransformation
        fitted = image.scaled(WIDEST_PX, HIGHEST_PX, Qt.AspectRatioMode.KeepAspectRatio, smooth)
    return base64.b64encode(_png(fitted)).decode()


@lru_cache(maxsize=4)
def logo_of(text: str) -> Logo | None:
    """The logo that a plan keeps; None where its text is no picture: a plan may come from anyone."""
    if not text or len(text) > 2 * MOST_FILE_BYTES:
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    # A drawing in its place may draw text, for which Qt needs a window system, or ask for other files.
    image = _image(data) if data.startswith(PNG_SIGNATURE) else None
    if image is None or image.height() < 1:
        return None
    scale = min(HEIGHT_PT / image.height(), WIDEST_PT / image.width())
    # Written anew: what is drawn is pixels, whatever else the bytes hold.
    return Logo(_png(image), image.width() * scale, image.height() * scale)


def _image(data: bytes) -> QImage | None:
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and size.width() * size.height() > MOST_PIXELS:
        return None
    if bytes(reader.format().data()).startswith(b"svg") and size.isValid() and size.height() < HIGHEST_PX:
        # A drawing has no pixels of its own: take enough of them.
        reader.setScaledSize(size.scaled(WIDEST_PX, HIGHEST_PX, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    return None if image.isNull() else image


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    plain = image.convertToFormat(QImage.Format.Format_ARGB32)
    for key in plain.textKeys():
        plain.setText(key, "")
    plain.save(buffer, "PNG")
    return bytes(buffer.data().data())
