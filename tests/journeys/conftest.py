"""The same session and window as the tests of the application's parts."""

from __future__ import annotations

from tests.app.conftest import session, window

__all__ = ["session", "window"]
