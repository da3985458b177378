"""The look: readable in both themes, complete, and the same source for palette, style sheet and icons."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetricsF, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox, QPushButton

from app import theme

TEXT_MINIMUM = 4.5
GRAPHIC_MINIMUM = 3.0
PAGE_ICONS = ("start", "market", "sites", "fleet", "offers", "break_even", "memo")
ACTION_ICONS = ("undo", "redo", "warning", "error", "info", "plus", "trash", "import", "search", "pin", "close")
GROUNDS = ("canvas", "surface", "sunken")


@pytest.fixture(autouse=True)
def _light_again(qapp):
    yield
    theme.apply_theme(qapp, "light")


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("role", ["text", "muted", "positive", "warning", "negative", "calculated", "accent"])
def test_that_text_can_be_read_on_every_ground(look, ground, role):
    assert theme.contrast(getattr(look, role), getattr(look, ground)) >= TEXT_MINIMUM


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
@pytest.mark.parametrize(
    ("role", "ground"),
    [
        ("on_accent", "accent"),
        ("text", "soft"),
        ("accent", "soft"),
        ("calculated", "soft"),
        ("text", "changed"),
        ("muted", "changed"),
        ("calculated", "changed"),
        ("rail_text", "rail"),
        ("rail_text", "rail_active"),
        ("surface", "text"),
    ],
)
def test_that_text_can_be_read_on_coloured_grounds(look, role, ground):
    assert theme.contrast(getattr(look, role), getattr(look, ground)) >= TEXT_MINIMUM


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
def test_that_curves_and_their_labels_stand_out_from_the_card(look):
    for series in look.series:
        assert theme.contrast(series.color, look.surface) >= GRAPHIC_MINIMUM
        assert theme.contrast(series.label, look.surface) >= TEXT_MINIMUM


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
def test_that_no_two_of_the_first_curves_look_alike(look):
    looks = {(series.color, series.dash) for series in look.series}
    assert len(looks) == len(look.series) >= 32
    assert look.series_of(len(look.series)) == look.series[0]


def test_that_contrast_is_that_of_the_web_guidelines():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
@pytest.mark.parametrize("scale", [0.8, 1.0, 2.0])
def test_that_every_placeholder_of_the_style_sheet_is_filled(look, scale):
    sheet = theme.style_sheet(look, scale)
    assert "@" not in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    assert look.accent in sheet


@pytest.mark.parametrize("look", theme.THEMES.values(), ids=theme.THEMES)
def test_that_every_picture_of_the_style_sheet_exists(look):
    pictures = re.findall(r"url\(icons:([^)]+)\)", theme.style_sheet(look, 1.0))
    assert pictures
    for picture in pictures:
        assert (theme.RESOURCES / "icons" / picture).is_file()


def test_that_qt_accepts_the_style_sheet(qapp, qtbot):
    # A sheet that cannot be parsed makes Qt log a warning, which fails the test.
    for name in theme.THEMES:
        theme.apply_theme(qapp, name)
        editor = QLineEdit()
        qtbot.addWidget(editor)
        theme.dress(editor)
        editor.show()
        assert editor.styleSheet() == theme.style_sheet(theme.THEMES[name], 1.0)


def test_that_lengths_grow_with_the_text(qapp):
    theme.apply_theme(qapp, "light", 1.0)
    small = QFontMetricsF(qapp.font()).height(), theme.px(20)
    theme.apply_theme(qapp, "light", 2.0)
    large = QFontMetricsF(qapp.font()).height(), theme.px(20)
    assert large[0] == pytest.approx(2 * small[0], rel=0.05)
    assert large[1] == 40
    assert "padding: 8px 16px" in theme.style_sheet(theme.LIGHT, 2.0)


def test_that_the_text_size_stays_within_its_limits(qapp):
    theme.apply_theme(qapp, "light", 9.0)
    assert theme.text_scale() == 2.0


def test_that_all_digits_are_equally_wide_in_every_font(qapp, qtbot):
    theme.apply_theme(qapp, "light")
    assert qapp.font().family() == "Inter"
    for role in theme.FONT_ROLES:
        metrics = QFontMetricsF(theme.font(role))
        widths = [metrics.horizontalAdvance(digit * 8) for digit in "0123456789"]
        assert max(widths) - min(widths) < 0.5  # proportional digits differ by 20 pixels
    editor = QLineEdit()
    qtbot.addWidget(editor)
    editor.ensurePolished()
    metrics = QFontMetricsF(editor.font())
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8888")


def test_that_a_change_of_theme_is_announced_and_reaches_the_palette(qapp, qtbot):
    theme.apply_theme(qapp, "light")
    with qtbot.waitSignal(theme.theme_changed):
        theme.apply_theme(qapp, "dark")
    assert theme.tokens() is theme.DARK
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.DARK.canvas


def test_that_only_the_system_mode_follows_the_system(qapp):
    theme.apply_theme(qapp, "dark")
    theme._theme.follow_system()
    assert theme.tokens() is theme.DARK
    theme.apply_theme(qapp, "system")
    assert theme.tokens() is theme.system_theme(qapp)


def test_that_an_unknown_theme_is_refused(qapp):
    with pytest.raises(ValueError, match="sepia"):
        theme.apply_theme(qapp, "sepia")


@pytest.mark.parametrize("name", PAGE_ICONS + ACTION_ICONS)
def test_that_an_icon_is_drawn_in_the_colour_of_its_role(qapp, name):
    theme.apply_theme(qapp, "light")
    image = theme.icon(name, "negative").pixmap(QSize(32, 32)).toImage()
    opaque = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255]
    assert len(opaque) > 20
    assert {color.name() for color in opaque} == {theme.LIGHT.negative}


def test_that_the_icon_of_a_primary_button_is_seen_while_it_cannot_be_pressed(qapp):
    theme.apply_theme(qapp, "light")
    icon = theme.icon("export", "on_accent")
    for mode, ink in ((QIcon.Mode.Normal, theme.LIGHT.on_accent), (QIcon.Mode.Disabled, theme.LIGHT.muted)):
        image = icon.pixmap(QSize(32, 32), mode).toImage()
        opaque = [image.pixelColor(x, y) for x in range(32) for y in range(32) if image.pixelColor(x, y).alpha() == 255]
        assert {color.name() for color in opaque} == {ink}


def test_that_an_icon_follows_the_theme(qapp, qtbot):
    theme.apply_theme(qapp, "light")
    button = QPushButton()
    qtbot.addWidget(button)
    theme.set_icon(button, "plus", "text")
    before = button.icon().cacheKey()
    theme.apply_theme(qapp, "dark")
    assert button.icon().cacheKey() != before


def test_that_an_icon_nobody_drew_is_an_error(qapp):
    with pytest.raises(FileNotFoundError):
        theme.icon("unicorn")


def test_that_a_look_set_after_showing_is_repainted(qapp: QApplication, qtbot):
    theme.apply_theme(qapp, "light")
    editor = QLineEdit()
    qtbot.addWidget(editor)
    theme.dress(editor)
    editor.show()
    qtbot.waitExposed(editor)
    theme.set_look(editor, changed=True)
    assert theme.LIGHT.changed in {
        editor.grab().toImage().pixelColor(x, editor.height() // 2).name() for x in range(editor.width())
    }


@pytest.mark.parametrize("name", theme.THEMES)
@pytest.mark.parametrize(
    ("kind", "drawing", "role"),
    [
        (QMessageBox.Icon.Question, "help", "accent"),
        (QMessageBox.Icon.Information, "info", "accent"),
        (QMessageBox.Icon.Warning, "warning", "warning"),
        (QMessageBox.Icon.Critical, "error", "negative"),
    ],
    ids=lambda v: getattr(v, "name", v),
)
def test_that_message_boxes_show_our_own_icons(qapp, qtbot, name, kind, drawing, role):
    theme.apply_theme(qapp, name)
    look = theme.THEMES[name]
    ours = (theme.RESOURCES / "icons" / f"{drawing}.svg").read_text(encoding="utf-8")
    word = kind.name.lower()
    copy = theme.RESOURCES / "icons" / "qss" / f"{word}_{name}.svg"
    assert copy.read_text(encoding="utf-8") == ours.replace("currentColor", getattr(look, role))
    box = QMessageBox()
    qtbot.addWidget(box)
    theme.dress(box)
    box.setIcon(kind)
    box.setStandardButtons(QMessageBox.StandardButton.Save | QMessageBox.StandardButton.Cancel)
    box.ensurePolished()
    image = box.iconPixmap().toImage()
    painted = {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }
    assert painted == {getattr(look, role)}
