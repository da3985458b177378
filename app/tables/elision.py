"""Names that do not fit, cut so that they can still be told apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics

Mode = Qt.TextElideMode
MODES = (Mode.ElideRight, Mode.ElideMiddle, Mode.ElideLeft)
BETWEEN = " · "
"""Stands between what a figure is and whose it is."""
LEAST_SHARE = 0.18
"""Of the room, what a part of a name keeps however long the others are."""


def mode_apart(texts: Iterable[str], width_px: int, metrics: QFontMetrics) -> Mode:
    """Where to cut texts so that different ones stay different; in the middle where nothing helps."""
    different = set(texts)
    for mode in MODES:
        if len({metrics.elidedText(text, mode, width_px) for text in different}) == len(different):
            return mode
    return Mode.ElideMiddle


def elided_apart(text: str, others: Iterable[str], width_px: int, metrics: QFontMetrics) -> str:
    """As much of a text as there is room for, cut where it does not become the same as one of the others."""
    if metrics.horizontalAdvance(text) <= width_px:
        return text
    return metrics.elidedText(text, mode_apart((text, *others), width_px, metrics), width_px)


def elided_name(text: str, width_px: int, metrics: QFontMetrics) -> str:
    """A name such as ``NPV, $/MW · Own GPUs 27, Mesa Creek``: first the unit goes, then the end of what it is.

    Whose it is stays whole as long as it can. Then its middle goes, but not a place after it: numbers stand at both
    ends.
    """
    if metrics.horizontalAdvance(text) <= width_px:
        return text
    what, between, whose = text.partition(BETWEEN)
    if not between:
        return metrics.elidedText(text, Mode.ElideMiddle, width_px)
    what = what.partition(", ")[0]
    room = max(width_px - metrics.horizontalAdvance(between + whose), round(width_px * LEAST_SHARE))
    shown = metrics.elidedText(what, Mode.ElideRight, room)
    left = width_px - metrics.horizontalAdvance(shown + between)
    if metrics.horizontalAdvance(whose) <= left:
        return f"{shown}{between}{whose}"
    name, before_place, place = whose.rpartition(BETWEEN)
    room = left - metrics.horizontalAdvance(before_place + place)
    if room >= width_px * LEAST_SHARE:
        return f"{shown}{between}{metrics.elidedText(name, Mode.ElideMiddle, room)}{before_place}{place}"
    return f"{shown}{between}{metrics.elidedText(whose, Mode.ElideMiddle, left)}"


def width_apart(texts: Iterable[str], widths_px: Sequence[int], metrics: QFontMetrics) -> int:
    """The least of some widths, given in order, at which names that differ look different; the last where none does."""
    different = set(texts)
    for width in widths_px[:-1]:
        if len({elided_name(text, width, metrics) for text in different}) == len(different):
            return width
    return widths_px[-1]
