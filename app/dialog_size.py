"""How large a dialog opens: as is usual for it, or as the window beneath it leaves room for."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app import theme

AROUND_PX = 40
"""For the title bar of a dialog, and so that what it lies over stays in sight."""


def open_at(dialog: QWidget, width_px: float, height_px: float) -> None:
    """Size a dialog that scrolls or shrinks within, so that its buttons are on the screen also with large text.

    Parameters
    ----------
    dialog
        The window at the bottom is what it has to fit; where there is none, the screen.
    width_px, height_px
        What is usual for it at the text size 1.
    """
    under = dialog
    while (parent := under.parentWidget()) is not None:
        under = parent.window()
    room = dialog.screen().availableSize() if under is dialog else under.size()
    dialog.resize(
        min(theme.px(width_px), room.width() - AROUND_PX), min(theme.px(height_px), room.height() - AROUND_PX)
    )
