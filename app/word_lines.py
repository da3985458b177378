"""Words that have no room in one line go on in the next: a scenario's name, a deal's, a long repair is read whole."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics

MOST_LINES = 4


def in_lines(text: str, width_px: float, metrics: QFontMetrics, most: int = MOST_LINES) -> str:
    """A text broken between words, or in a word that is wider than a line; its middle goes where it needs more lines.

    Parameters
    ----------
    width_px
        Of a line.
    most
        Lines.
    """
    if metrics.horizontalAdvance(text) <= width_px:
        return text
    lines = _lines(text, width_px, metrics)
    if len(lines) <= most:
        return "\n".join(lines)
    # Both ends tell names apart: as much of them as the lines hold.
    low, high = 1, len(text) // 2
    while low < high:
        kept = (low + high + 1) // 2
        low, high = (kept, high) if len(_lines(_cut(text, kept), width_px, metrics)) <= most else (low, kept - 1)
    return "\n".join(_lines(_cut(text, low), width_px, metrics)[:most])


def width_for(text: str, widths_px: Sequence[int], metrics: QFontMetrics, most: int = MOST_LINES) -> int:
    """The least of some widths, given in order, that needs few enough lines and breaks no word; else the last."""
    for width in widths_px[:-1]:
        lines = _lines(text, width, metrics)
        if len(lines) <= most and " ".join(lines) == " ".join(text.split()):
            return width
    return widths_px[-1]


def _cut(text: str, kept: int) -> str:
    return f"{text[:kept].rstrip()}…{text[-kept:].lstrip()}"


def _lines(text: str, width_px: float, metrics: QFontMetrics) -> list[str]:
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if metrics.horizontalAdvance(longer) <= width_px:
            line = longer
            continue
        if line:
            lines.append(line)
        while len(word) > 1 and metrics.horizontalAdvance(word) > width_px:
            fits = max((k for k in range(1, len(word)) if metrics.horizontalAdvance(word[:k]) <= width_px), default=1)
            lines.append(word[:fits])
            word = word[fits:]
        line = word
    return [*lines, line] if line else lines
