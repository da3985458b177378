"""Where Tab goes in a window: as the eye does, since Qt's own order is that in which things were made."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def tab_order(window: QWidget, areas: Sequence[QWidget]) -> list[QWidget]:
    """What takes the keyboard by Tab, and what has it now, area by area; within an area in Qt's order."""
    # PySide takes whatever it is given by these two for a part of whom it asked. The window must never be one: when
    # that widget goes, all of the window would be gone for Python. Asked for its children, it has the others back.
    last = window.previousInFocusChain()
    chain: list[QWidget] = [window]
    while chain[-1] is not last:
        chain.append(chain[-1].nextInFocusChain())
    window.findChildren(QWidget)
    now = window.focusWidget()
    there = [widget for widget in chain if widget is now or _takes_tab(widget)]
    return [widget for area in areas for widget in there if area.isAncestorOf(widget)]


def _takes_tab(widget: QWidget) -> bool:
    # The cheapest question first: most of a window's widgets are those of hidden pages.
    if not widget.isVisible() or not widget.isEnabled():
        return False
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None
