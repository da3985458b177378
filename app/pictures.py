"""The window as pictures, and the memo as files, on a machine without a screen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from models.plan import Plan
from models.problems import PlanFileError
from models.storage.disk import write_whole

if TYPE_CHECKING:
    from app.shell.window import Window

SIZE = (1440, 900)
SETTLING_ROUNDS = 3
"""Layouts ask for each other's sizes: after so many rounds of events nothing moves any more."""


def page_png(plan: Plan, page: str, theme_name: str, size: tuple[int, int], text_scale: float) -> bytes:
    """The window at one page.

    Parameters
    ----------
    plan
        The plan to show, as if just opened.
    page
        Its name.
    theme_name
        ``light`` or ``dark``.
    size
        Width and height [px].
    text_scale
        0.8…2.
    """
    with window_on(plan, theme_name, size, text_scale) as window:
        return grabbed(window, page)


def write_everything(plan: Plan, folder: Path) -> list[Path]:
    """Write memo.pdf and a picture of every page in both themes.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    PlanFileError
        Where the folder cannot be made or written.
    """
    from app.memo.files import memo_bytes
    from app.shell.commands import PAGES
    from app.today import today

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanFileError("the folder cannot be made", str(folder), "choose another place") from error
    written = [folder / "memo.pdf"]
    write_whole(written[0], memo_bytes(plan, ".pdf", today()))
    for theme_name in ("light", "dark"):
        with window_on(plan, theme_name, SIZE, 1.0) as window:
            for page, _ in PAGES:
                file = folder / f"page-{page}{'-dark' if theme_name == 'dark' else ''}.png"
                write_whole(file, grabbed(window, page))
                written.append(file)
    return written


@contextmanager
def window_on(plan: Plan, theme_name: str, size: tuple[int, int], text_scale: float) -> Iterator[Window]:
    """A window without a screen, with settings of its own, that is gone afterwards."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from PySide6.QtCore import QCoreApplication, QEvent

    from app import theme
    from app.files.document import Document
    from app.main import make_application
    from app.session import Session
    from app.settings import Settings
    from app.shell.window import Window

    app = make_application()
    theme.apply_theme(app, theme_name, text_scale)
    with tempfile.TemporaryDirectory(prefix="busbar-") as folder:
        window = Window(Session(Document(plan), Settings(Path(folder) / "settings.ini")))
        window.resize(*size)
        window.show()
        try:
            yield window
        finally:
            window.close()
            window.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def grabbed(window: Window, page: str) -> bytes:
    """The window at one page, once it has come to rest, as PNG."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    come_to_rest(window, page)
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(buffer, "PNG")
    return data.data()


def come_to_rest(window: Window, page: str) -> None:
    """Show a page and wait until nothing in it moves any more."""
    from PySide6.QtCore import QCoreApplication

    window.show_page(page)
    window.session.recompute.flush()
    window.findings.refresh()
    settle = getattr(window.page, "flush", None)
    if settle is not None:
        settle()
    QCoreApplication.processEvents()
    flush = getattr(window.page, "flush", None)  # of a page that works off the GUI thread
    if flush is not None:
        flush()
    for _ in range(SETTLING_ROUNDS):
        QCoreApplication.processEvents()
    if window.focusWidget() is not None:
        window.focusWidget().clearFocus()  # no blinking cursor in a picture
