"""Where Tab goes in a window: as the eye does, since Qt's own order is that in which things were made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget


def tab_order(window: QWidget, areas: Sequence[QWidget], from_top: QWidget) -> list[QWidget]:
    """What takes the keyboard by Tab, and what has it now, area by area; within an area in Qt's order.

    Parameters
    ----------
    from_top
        Whose parts come and go, so that only their places say how they follow each other; last in its area.
    """
    # PySide takes whatever it is given by these two for a part of whom it asked. The window must never be one: when
    # that widget goes, all of the window would be gone for Python. Asked for its children, it has the others back.
    last = window.previousInFocusChain()
    chain: list[QWidget] = [window]
    while chain[-1] is not last:
        chain.append(chain[-1].nextInFocusChain())
    window.findChildren(QWidget)
    now = window.focusWidget()
    there = [widget for widget in chain if widget is now or _takes_tab(widget)]
    order = []
    for area in areas:
        inside = [widget for widget in there if area.isAncestorOf(widget)]
        sorted_ones = sorted(filter(from_top.isAncestorOf, inside), key=partial(_place, from_top))
        order += [*(widget for widget in inside if not from_top.isAncestorOf(widget)), *sorted_ones]
    return order


def _place(within: QWidget, widget: QWidget) -> tuple[int, int]:
    at = widget.mapTo(within, QPoint(0, 0))
    return at.y(), at.x()


def _takes_tab(widget: QWidget) -> bool:
    # The cheapest question first: most of a window's widgets are those of hidden pages.
    if not widget.isVisible() or not widget.isEnabled():
        return False
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
