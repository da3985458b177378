"""How Busbar looks: colours by role in light and dark, one font, one style sheet, text size, drawn icons.

Everything that has a colour asks here. `apply_theme` sets palette, font and style sheet of the application and emits
`theme_changed`; whoever paints by hand repaints then. In ``system`` mode the operating system is followed live.
"""

from __future__ import annotations

import re
import sys
import weakref
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QByteArray, QDir, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

import resources
from app.charts.series_colours import DARK_SERIES, LIGHT_SERIES, Series

RESOURCES = Path(resources.__file__).parent
FONT_FILES = ("Inter-Regular.otf", "Inter-Medium.otf", "Inter-SemiBold.otf", "Inter-Bold.otf")
# At 96 dpi 9.75 points are 13 pixels; macOS counts 72 dots to the inch.
BASE_POINTS = 13.0 if sys.platform == "darwin" else 9.75
TEXT_SCALES = (0.8, 2.0)
MODES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one theme, by role.

    Attributes
    ----------
    canvas, surface, sunken
        The window behind the cards, the cards, and what lies lower or is hovered.
    border, strong_border
        Hairlines between things, and the edge of what can be typed into.
    text, muted
        What is read first, and what explains it; both at least 4.5:1 on the three grounds above.
    accent, on_accent, soft
        The one accent, text on it, and its faint tint for selections.
    positive, warning, negative
        Better, look here, worse or wrong; always together with a sign or an icon.
    calculated
        Figures that Busbar computed, as against those typed in.
    changed, own
        Ground of a value that differs from the saved plan, and of one that a scenario does not inherit.
    rail, rail_text, rail_active
        The dark strip with the pages.
    heat
        The least, the middle and the greatest value of a heat map; lightness goes one way, so that grey says the same.
    series
        Colour, label colour and line style of the n-th curve.
    """

    name: str
    canvas: str
    surface: str
    sunken: str
    border: str
    strong_border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    soft: str
    positive: str
    warning: str
    negative: str
    calculated: str
    changed: str
    own: str
    rail: str
    rail_text: str
    rail_active: str
    heat: tuple[str, str, str]
    series: tuple[Series, ...]

    def color(self, role: str) -> QColor:
        """The colour of a role, or of a value such as ``#ff0000``, for painting."""
        return QColor(role if role.startswith("#") else getattr(self, role))

    def series_of(self, index: int) -> Series:
        """The n-th curve's look; colours repeat after eight, line styles change with each round."""
        return self.series[index % len(self.series)]


LIGHT = Tokens(
    name="light",
    canvas="#f3f5f8",
    surface="#ffffff",
    sunken="#f7f8fb",
    border="#e0e4ea",
    strong_border="#c2c9d4",
    text="#131a26",
    muted="#586174",
    accent="#2257e0",
    on_accent="#ffffff",
    soft="#e6edff",
    positive="#0a7244",
    warning="#8f5300",
    negative="#b3261e",
    calculated="#1c4fb8",
    changed="#fff3d6",
    own="#e9e3ff",
    rail="#10172a",
    rail_text="#b9c2d4",
    rail_active="#222d47",
    heat=("#e6edff", "#2257e0", "#4a0d00"),
    series=LIGHT_SERIES,
)

DARK = Tokens(
    name="dark",
    canvas="#0e1116",
    surface="#171b22",
    sunken="#1d222b",
    border="#2a303b",
    strong_border="#465062",
    text="#e8ebf1",
    muted="#9ba5b7",
    accent="#76a0ff",
    on_accent="#0a1226",
    soft="#22304e",
    positive="#4cc58c",
    warning="#f2b64f",
    negative="#ff8d83",
    calculated="#93b8ff",
    changed="#3d3319",
    own="#352b58",
    rail="#090b0f",
    rail_text="#aab3c4",
    rail_active="#1b212c",
    heat=("#22304e", "#5b7fd6", "#ffd98a"),
    series=DARK_SERIES,
)
THEMES = {"light": LIGHT, "dark": DARK}


class Theme(QObject):
    """The look in force.

    Signals
    -------
    theme_changed
        Colours or text size are others now; palette and style sheet are already set.
    """

    theme_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.tokens = LIGHT
        self.text_scale = 1.0
        self.mode = "system"
        self._follows_system = False
        self._sheet = ""
        self._worn: tuple[Tokens, float] | None = None
        self._windows: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._icons: weakref.WeakKeyDictionary[QWidget, tuple[str, str]] = weakref.WeakKeyDictionary()

    def apply(self, app: QApplication, mode: str, text_scale: float) -> None:
        """See `apply_theme`."""
        if mode not in MODES:
            raise ValueError(f"{mode!r} is none of {', '.join(MODES)}")
        self.mode = mode
        self.text_scale = min(max(text_scale, TEXT_SCALES[0]), TEXT_SCALES[1])
        hints = app.styleHints()
        if not self._follows_system:
            hints.colorSchemeChanged.connect(self.follow_system)
            self._follows_system = True
        # Title bars and native dialogs follow this hint; Unknown gives the choice back to the system.
        scheme = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(mode, Qt.ColorScheme.Unknown)
        hints.setColorScheme(scheme)
        self._set_look(app)

    def follow_system(self) -> None:
        """Repaint in the system's new colours, if that is what the user chose."""
        app = QApplication.instance()
        if self.mode == "system" and isinstance(app, QApplication) and system_theme(app) is not self.tokens:
            self._set_look(app)

    def remember_icon(self, widget: QWidget, name: str, role: str) -> None:
        """Keep a widget's icon in the theme's colours; forgotten with the widget."""
        self._icons[widget] = (name, role)

    def dress(self, window: QWidget) -> None:
        """Give a window without a parent its style sheet, now and whenever the look changes."""
        self._windows.add(window)
        window.setStyleSheet(self._sheet)

    def _set_look(self, app: QApplication) -> None:
        self.tokens = system_theme(app) if self.mode == "system" else THEMES[self.mode]
        if self._worn == (self.tokens, self.text_scale):
            return  # to style every widget of a window anew takes a tenth of a second
        self._worn = self.tokens, self.text_scale
        QDir.setSearchPaths("icons", [str(RESOURCES / "icons")])
        if app.style().objectName() != "fusion":
            app.setStyle("Fusion")
        app.setFont(font())
        app.setPalette(palette(self.tokens))
        self._sheet = style_sheet(self.tokens, self.text_scale)
        for window in list(self._windows):
            if isValid(window):
                window.setStyleSheet(self._sheet)
        for widget, (name, role) in list(self._icons.items()):
            if isValid(widget):  # Python may hold on to a widget that Qt has deleted
                set_icon(widget, name, role)
        self.theme_changed.emit()


_theme = Theme()
theme_changed = _theme.theme_changed


def tokens() -> Tokens:
    """The colours in force."""
    return _theme.tokens


def text_scale() -> float:
    """The chosen text size, 0.8…2."""
    return _theme.text_scale


def px(pixels: float) -> int:
    """A length at the chosen text size, in device-independent pixels; nothing on screen has a size of its own."""
    return max(1, round(pixels * _theme.text_scale)) if pixels else 0


def apply_theme(app: QApplication, name: str = "system", text_scale: float = 1.0) -> None:
    """Dress the application.

    Parameters
    ----------
    name
        ``light``, ``dark``, or ``system`` to follow the operating system from now on.
    text_scale
        Text size, 0.8…2; paddings and icons grow with it.

    Raises
    ------
    ValueError
        Where there is no theme of that name.
    """
    _theme.apply(app, name, text_scale)


def dress(window: QWidget) -> None:
    """Dress a window that has no parent; dialogs and menus take after the window that they belong to.

    The style sheet is not the application's, because Qt then styles a page anew, whole, each time that a part of it is
    put into another: a page of 600 widgets took three times as long to make.
    """
    _theme.dress(window)


def system_theme(app: QApplication) -> Tokens:
    """What the operating system asks for; light where it does not say."""
    return DARK if app.styleHints().colorScheme() == Qt.ColorScheme.Dark else LIGHT


@cache
def load_fonts() -> str:
    """The family to use: the bundled one, or an empty string where it is not there and the system's must do."""
    families: list[str] = []
    for name in FONT_FILES:
        file = RESOURCES / "fonts" / name
        if file.is_file():
            number = QFontDatabase.addApplicationFont(str(file))
            families += QFontDatabase.applicationFontFamilies(number)
    return families[0] if families else ""


# Points relative to the base, and weight, of every kind of text.
FONT_ROLES = {
    "body": (1.0, QFont.Weight.Normal),
    "strong": (1.0, QFont.Weight.DemiBold),
    "small": (0.92, QFont.Weight.Normal),
    "section": (1.0, QFont.Weight.DemiBold),
    "title": (1.54, QFont.Weight.DemiBold),
    "figure": (1.7, QFont.Weight.DemiBold),
    "headline": (1.4, QFont.Weight.DemiBold),
}


def font(role: str = "body") -> QFont:
    """The font of a role at the chosen text size; digits are as wide as each other so that columns align."""
    factor, weight = FONT_ROLES[role]
    found = QFont(load_fonts()) if load_fonts() else QFont(QApplication.font().family())
    found.setPointSizeF(BASE_POINTS * factor * _theme.text_scale)
    found.setWeight(weight)
    found.setFeature(QFont.Tag("tnum"), 1)
    return found


def palette(theme: Tokens) -> QPalette:
    """Qt's palette for what the style sheet does not reach."""
    found = QPalette()
    role = QPalette.ColorRole
    for where, color in {
        role.Window: theme.canvas,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.sunken,
        role.Text: theme.text,
        role.Button: theme.surface,
        role.ButtonText: theme.text,
        role.BrightText: theme.negative,
        role.ToolTipBase: theme.text,
        role.ToolTipText: theme.surface,
        role.PlaceholderText: theme.muted,
        role.Highlight: theme.soft,
        role.HighlightedText: theme.text,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.accent,
        role.Light: theme.surface,
        role.Midlight: theme.sunken,
        role.Mid: theme.border,
        role.Dark: theme.strong_border,
        role.Shadow: theme.border,
    }.items():
        found.setColor(where, QColor(color))
    for where in (role.WindowText, role.Text, role.ButtonText):
        found.setColor(QPalette.ColorGroup.Disabled, where, QColor(theme.muted))
    return found


@lru_cache(maxsize=8)
def style_sheet(theme: Tokens, scale: float) -> str:
    """The application's style sheet: ``@accent`` becomes a colour, ``@8`` eight pixels at the text size."""
    values = {f.name: getattr(theme, f.name) for f in fields(theme)}

    def value_of(match: re.Match[str]) -> str:
        word = match.group(1)
        if word.isdigit():
            return f"{max(1, round(int(word) * scale)) if int(word) else 0}px"
        return str(values[word])

    template = (RESOURCES / "theme.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", value_of, template)


ICON_SIZES = (14, 16, 18, 20, 24, 28, 32, 40, 48, 64)


def icon(name: str, role: str = "muted") -> QIcon:
    """One of the icons in resources/icons, in the colour of a role.

    Raises
    ------
    FileNotFoundError
        Where no such icon is drawn.
    """
    return _icon(name, tokens().color(role).name(), tokens().muted if role == "on_accent" else "")


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled_color: str = "") -> QIcon:
    """An icon in a colour; in another where its button cannot be pressed, since that has another ground."""
    found = QIcon()
    _draw(found, name, color, QIcon.Mode.Normal)
    if disabled_color:
        _draw(found, name, disabled_color, QIcon.Mode.Disabled)
    return found


def _draw(found: QIcon, name: str, color: str, mode: QIcon.Mode) -> None:
    # Here and not above: the first window needs the SVG reader only once it has an icon.
    from PySide6.QtSvg import QSvgRenderer

    text = (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", color)
    renderer = QSvgRenderer(QByteArray(text.encode()))
    for size in ICON_SIZES:
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        found.addPixmap(pixmap, mode)


class HasIcon(Protocol):
    """A button or an action."""

    def setIcon(self, icon: QIcon) -> Any: ...


def set_icon(widget: Any, name: str, role: str = "muted") -> None:
    """Give a button its icon, now and in every later theme."""
    widget.setIcon(icon(name, role))
    widget.setIconSize(QSize(px(16), px(16)))
    _theme.remember_icon(widget, name, role)


def set_look(widget: QWidget, **properties: Any) -> None:
    """Set the properties that the style sheet selects by (``role="card"``, ``kind="primary"``, ``state="error"``)."""
    changed = False
    for name, value in properties.items():
        if widget.property(name) != value:
            widget.setProperty(name, value)
            changed = True
    if changed and widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1…21, as WCAG 2.2 defines it."""

    def luminance(color: str) -> float:
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
