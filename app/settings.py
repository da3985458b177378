"""What the user's own machine remembers: theme, text size, recent plans, the window's layout.

Of a plan only where it is, and by their ids which lot and offer were compared in it last; never anything that it says.

An INI file in ``BUSBAR_HOME`` or in the folder that the operating system keeps for settings. INI gives strings back in
the next process, so every read names its type and every wrong value falls back to the default.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

THEMES = ("system", "light", "dark")
TEXT_SCALES = (100, 110, 125, 150, 175, 200)
"""Text sizes in per cent, in the order in which Ctrl+Plus walks through them."""
RECENT_LIMIT = 10

Pair = tuple[str | None, str | None]
"""Ids of a lot and an offer."""


def settings_path() -> Path:
    """The settings file; its folder need not exist yet."""
    home = os.environ.get("BUSBAR_HOME")
    if home:
        return Path(home) / "settings.ini"
    from platformdirs import user_config_dir

    return Path(user_config_dir("busbar", appauthor=False)) / "settings.ini"


class Settings:
    """Typed access to the settings file.

    Parameters
    ----------
    path
        Another file than the user's own; for tests.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file = QSettings(str(path or settings_path()), QSettings.Format.IniFormat)

    def _text(self, key: str, default: str) -> str:
        value = self._file.value(key, default, type=str)
        return value if isinstance(value, str) else default

    def _bytes(self, key: str) -> QByteArray:
        value = self._file.value(key, QByteArray(), type=QByteArray)
        return value if isinstance(value, QByteArray) else QByteArray()

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        theme = self._text("view/theme", "system")
        return theme if theme in THEMES else "system"

    @theme.setter
    def theme(self, name: str) -> None:
        self._file.setValue("view/theme", name)

    @property
    def text_scale(self) -> int:
        """Size of all text [%], one of `TEXT_SCALES`."""
        text = self._text("view/text_scale", "100")
        scale = int(text) if text.isdecimal() else 100
        return scale if scale in TEXT_SCALES else 100

    @text_scale.setter
    def text_scale(self, percent: int) -> None:
        self._file.setValue("view/text_scale", str(percent))

    @property
    def geometry(self) -> QByteArray:
        """The window's place and size as Qt packs them; empty before the first close."""
        return self._bytes("window/geometry")

    @geometry.setter
    def geometry(self, packed: QByteArray) -> None:
        self._file.setValue("window/geometry", packed)

    @property
    def layout(self) -> QByteArray:
        """The docks' places and sizes as Qt packs them; empty before the first close."""
        return self._bytes("window/layout")

    @layout.setter
    def layout(self, packed: QByteArray) -> None:
        self._file.setValue("window/layout", packed)

    @property
    def recent(self) -> tuple[Path, ...]:
        """Plans that were opened or saved, newest first, whether or not they still exist."""
        try:
            names = json.loads(self._text("files/recent", "[]"))
        except json.JSONDecodeError:
            return ()
        if not isinstance(names, list):
            return ()
        return tuple(Path(name) for name in names if isinstance(name, str))[:RECENT_LIMIT]

    def add_recent(self, path: Path) -> None:
        """Put a plan at the head of `recent`."""
        path = path.absolute()
        self._set_recent([path, *(p for p in self.recent if p != path)])

    def _set_recent(self, paths: list[Path]) -> None:
        self._file.setValue("files/recent", json.dumps([str(p) for p in paths[:RECENT_LIMIT]]))

    def pair_of(self, path: Path | None) -> Pair:
        """Ids of the lot and the offer that were compared last in a plan; None for what is not known."""
        kept = self._pairs().get(str(path.absolute()), []) if path is not None else []
        match kept:
            case [str() | None as lot, str() | None as offer]:
                return lot, offer
        return None, None

    def keep_pair(self, path: Path, pair: Pair) -> None:
        """Remember which lot and offer are compared in a plan, for as many plans as `recent` names."""
        kept = {name: found for name, found in self._pairs().items() if name != str(path.absolute())}
        kept[str(path.absolute())] = list(pair)
        self._file.setValue("files/pairs", json.dumps(dict(list(kept.items())[-RECENT_LIMIT:])))

    def _pairs(self) -> dict[str, Any]:
        try:
            found = json.loads(self._text("files/pairs", "{}"))
        except json.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def folder(self) -> Path:
        """Where the last file dialog ended, or the user's home."""
        folder = Path(self._text("files/folder", ""))
        return folder if folder != Path() and folder.is_dir() else Path.home()

    @folder.setter
    def folder(self, path: Path) -> None:
        self._file.setValue("files/folder", str(path))

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no by name, such as whether a hint was dismissed."""
        return self._text(f"flags/{name}", "yes" if default else "no") == "yes"

    def set_flag(self, name: str, on: bool) -> None:
        """Remember a yes or no."""
        self._file.setValue(f"flags/{name}", "yes" if on else "no")

    def reset_layout(self) -> None:
        """Forget where the window and its docks were."""
        self._file.remove("window")
