"""How the window looks: theme, text size, what is shown beside the page, full screen. Remembered for the next time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from app import theme
from app.settings import TEXT_SCALES, THEMES, Settings

if TYPE_CHECKING:
    from app.shell.window import Window

THEME_WORDS = {"system": "Theme follows the system", "light": "Light theme", "dark": "Dark theme"}


class ViewActions(QObject):
    """The commands of the View menu."""

    def __init__(self, window: Window, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings

    def next_theme(self) -> None:
        """System, light, dark, and round again."""
        name = THEMES[(THEMES.index(self._settings.theme) + 1) % len(THEMES)]
        self._settings.theme = name
        self._apply()
        self._say(THEME_WORDS[name])

    def larger_text(self) -> None:
        """One size up."""
        self._step(1)

    def smaller_text(self) -> None:
        """One size down."""
        self._step(-1)

    def normal_text(self) -> None:
        """Back to 100 %."""
        self._set_scale(100)

    def toggle_levers(self) -> None:
        """Show or hide the levers."""
        self._window.levers_dock.setVisible(self._window.levers_dock.isHidden())

    def toggle_findings(self) -> None:
        """Open or close the list of findings."""
        self._window.findings.set_expanded(not self._window.findings.is_expanded)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or leave it again."""
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def reset_layout(self) -> None:
        """Put everything back where it was when Busbar was new."""
        self._settings.reset_layout()
        self._window.reset_layout()
        self.normal_text()
        self._say("The layout is as it was when Busbar was new.")

    def _step(self, by: int) -> None:
        at = TEXT_SCALES.index(self._settings.text_scale) + by
        self._set_scale(TEXT_SCALES[min(max(at, 0), len(TEXT_SCALES) - 1)])

    def _set_scale(self, percent: int) -> None:
        self._settings.text_scale = percent
        self._apply()
        self._say(f"Text size {percent} %")

    def _apply(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply_theme(app, self._settings.theme, self._settings.text_scale / 100)

    def _say(self, text: str) -> None:
        self._window.session.message.emit(text)
