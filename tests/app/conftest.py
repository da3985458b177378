"""A session and a window on the briefing sample, with settings in the test's own folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from models.samples import sample


@pytest.fixture
def session(qapp: Any) -> Iterator[Any]:
    """A session on an unsaved copy of the briefing sample, on a fixed day."""
    from PySide6.QtCore import QLocale

    from app.files.document import Document
    from app.numbers import Numbers
    from app.session import Session
    from app.settings import Settings

    session = Session(Document(sample("briefing")), Settings(), Numbers(QLocale("en_US")))
    session.today = date(2026, 3, 24)
    yield session
    session.recompute.flush()
    session.document.close()


def come_to_rest(window: Any, qtbot: Any) -> None:
    """Wait for what a window does once it has been painted: the oldest driver, and the first search for findings."""
    from app.shell.findings_panel import SEEKING

    qtbot.waitUntil(lambda: bool(window.header.age.text()) and window.findings.toggle.text() != SEEKING)


@pytest.fixture
def window(session: Any, qtbot: Any, qapp: Any) -> Iterator[Any]:
    """The window on that session, shown at the start page, in the light theme."""
    from app import theme
    from app.shell.window import Window

    theme.apply_theme(qapp, "light", 1.0)
    window = Window(session)
    qtbot.addWidget(window, before_close_func=lambda w: setattr(w.files, "_closing", True))
    window.resize(1440, 900)
    window.show_page("start")
    window.show()
    qtbot.waitExposed(window)
    come_to_rest(window, qtbot)
    yield window
    theme.apply_theme(qapp, "light", 1.0)


@pytest.fixture
def open_session(qapp: Any) -> Iterator[Any]:
    """Open any plan in a session, in any locale."""
    from PySide6.QtCore import QLocale

    from app.files.document import Document
    from app.numbers import Numbers
    from app.session import Session
    from app.settings import Settings

    opened = []

    def make(plan: Any = None, locale: str = "en_US") -> Any:
        session = Session(Document(plan or sample("briefing")), Settings(), Numbers(QLocale(locale)))
        session.today = date(2026, 3, 24)
        opened.append(session)
        return session

    yield make
    for session in opened:
        session.recompute.flush()
        session.document.close()


@pytest.fixture
def show(qtbot: Any, qapp: Any) -> Any:
    """Show a widget as the active window, in the light theme."""
    from app import theme

    theme.apply_theme(qapp, "light", 1.0)

    def make(widget: Any, width: int = 900, height: int = 700) -> Any:
        qtbot.addWidget(widget)
        theme.dress(widget)
        widget.resize(width, height)
        widget.show()
        with qtbot.waitActive(widget):
            widget.activateWindow()
        return widget

    return make
