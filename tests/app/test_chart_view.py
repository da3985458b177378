"""Drawing a chart: items are kept, labels keep clear of each other, the point follows mouse and keys."""

from __future__ import annotations

import gc
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from app import theme
from app.charts.layers import ticks_along
from app.charts.svg import chart_svg
from app.charts.view import ChartView
from models.charts.label_layout import Box
from models.charts.plots import Plots
from models.charts.sensitivity import tornado_chart
from models.charts.spec import Axis, ChartSpec, Fill, Series, plain_number, tick_texts
from models.drivers import with_value
from models.evaluate import evaluate
from models.plan import Plan
from models.samples import sample
from models.sensitivity.tornado import tornado

Shown = Callable[..., ChartView]


def spec_of(
    name: str, plan_name: str = "briefing", btc_price_usd: float | None = None, saved: bool = False
) -> ChartSpec:
    plan = sample(plan_name)
    if btc_price_usd is not None:
        plan = with_value(plan, "market.btc_price_usd", btc_price_usd)
        plan = with_value(plan, "power_contracts.p1.energy_price_usd_per_mwh", btc_price_usd / 1500.0)
    plots = Plots()
    plots.show(plan, evaluate(plan), sample(plan_name) if saved else None)
    return plots.chart(name)


@pytest.fixture
def shown(qtbot: Any, qapp: Any) -> Iterator[Shown]:
    """Show a chart in a window of its own."""
    theme.apply_theme(qapp, "light", 1.0)

    def show(spec: ChartSpec, width: int = 560, height: int = 420) -> ChartView:
        view = ChartView()
        qtbot.addWidget(view)
        view.resize(width, height)
        view.set_spec(spec)
        view.show()
        qtbot.waitExposed(view)
        QApplication.processEvents()
        return view

    yield show
    theme.apply_theme(qapp, "light", 1.0)


def pixel(view: ChartView, x: float, y: float) -> QPoint:
    return QPointF(*view.canvas.geometry_of.to_pixel(x, y)).toPoint()


class Paints(QObject):
    """Counts how often a widget really paints."""

    def __init__(self, widget: QObject) -> None:
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


# --- kept items ---


def test_that_curves_are_kept_and_given_new_data(shown: Shown) -> None:
    view = shown(spec_of("price"))
    curves = dict(view.canvas.curves)
    view.set_spec(spec_of("price", btc_price_usd=90_000.0))
    assert view.canvas.curves == curves
    for series in view.spec.series:
        x, y = curves[series.id].getData()
        np.testing.assert_array_equal(x, series.x)
        np.testing.assert_array_equal(y, series.y)


def test_that_a_curve_that_did_not_change_is_not_set_again(shown: Shown) -> None:
    view = shown(spec_of("power"))

    def set_again() -> list[str]:
        return [name for name, curve in view.canvas.curves.items() if curve.path is None]

    view.canvas.grab()  # which draws them all
    assert set_again() == []
    view.set_spec(spec_of("power"))
    assert set_again() == []
    view.set_spec(
        replace(view.spec, series=tuple(replace(s, y=s.y * 2) if s.id == "a2" else s for s in view.spec.series))
    )
    assert set_again() == ["a2"]


def test_that_ghosts_come_and_go_as_the_same_items(shown: Shown) -> None:
    view = shown(spec_of("cash", btc_price_usd=90_000.0, saved=True))
    ghost = view.canvas.curves["a1:saved"]
    assert ghost.isVisible()
    view.set_spec(spec_of("cash"))
    assert not ghost.isVisible()
    view.set_spec(spec_of("cash", btc_price_usd=90_000.0, saved=True))
    assert ghost.isVisible()
    assert view.canvas.curves["a1:saved"] is ghost


def test_that_a_ghost_is_thinner_and_lighter_than_its_curve(shown: Shown) -> None:
    view = shown(spec_of("cash", btc_price_usd=90_000.0, saved=True))
    ghost, curve = (view.canvas.curves[i].opts["pen"] for i in ("a1:saved", "a1"))
    assert ghost.widthF() < curve.widthF()
    assert ghost.color().alphaF() < curve.color().alphaF()
    assert ghost.style() == Qt.PenStyle.CustomDashLine


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_a_ghost_can_be_seen_on_every_ground(name: str) -> None:
    from app.charts.curves import GHOST_OPACITY
    from app.charts.layers import FillLayer

    tokens = theme.THEMES[name]
    inks = [*(series.color for series in tokens.series[:8]), tokens.muted]
    grounds = [tokens.surface, *(over(ink, tokens.surface, FillLayer.OPACITY[name]) for ink in inks)]
    for ink in inks:
        for ground in grounds:
            assert theme.contrast(over(ink, ground, GHOST_OPACITY), ground) >= 2.0, (ink, ground)


def over(ink: str, ground: str, opacity: float) -> str:
    """The colour of translucent ink on a ground."""
    pairs = zip(QColor(ink).getRgb()[:3], QColor(ground).getRgb()[:3], strict=True)
    return QColor(*(round(a * opacity + b * (1 - opacity)) for a, b in pairs)).name()


@pytest.mark.parametrize("name", Plots.NAMES)
def test_that_nothing_grows_over_200_updates(shown: Shown, name: str) -> None:
    specs = [spec_of(name, btc_price_usd=70_000.0 + 10_000.0 * k, saved=True) for k in range(4)]
    view = shown(specs[0])

    def update(times: int) -> tuple[int, int]:
        for k in range(times):
            view.set_spec(specs[k % 4])
            QApplication.processEvents()
        gc.collect()
        kinds = ("Curve", "QGraphics", "QPixmap", "QPainterPath", "QLabel")
        mine = sum(type(o).__name__.startswith(kinds) for o in gc.get_objects())
        return len(view.canvas.scene().items()), mine

    assert update(20) == update(200)


def test_that_the_frame_is_painted_anew_only_with_its_ranges(shown: Shown) -> None:
    view = shown(spec_of("price"))
    before = view.canvas.frame._pixmap
    assert before is not None
    view.set_spec(replace(view.spec, series=tuple(replace(s, y=s.y * 0.9) for s in view.spec.series)))
    QApplication.processEvents()
    assert view.canvas.frame._pixmap is before
    view.set_spec(replace(view.spec, x=replace(view.spec.x, high=view.spec.x.high * 2)))
    QApplication.processEvents()
    assert view.canvas.frame._pixmap is not before


def test_that_a_chart_paints_once_for_several_changes_in_one_turn(shown: Shown) -> None:
    view = shown(spec_of("price"))
    paints = Paints(view.canvas.viewport())
    for price in (80_000.0, 90_000.0, 100_000.0):
        view.set_spec(spec_of("price", btc_price_usd=price))
    QApplication.processEvents()
    assert paints.count == 1


def test_that_curves_lie_over_grid_and_fills(shown: Shown) -> None:
    view = shown(spec_of("frontier"))
    line = view.canvas.curves["line 0"].opts["pen"].color().name()
    image = view.canvas.grab().toImage()
    series = next(s for s in view.spec.series if s.id == "line 0")
    for tick in (40.0, 60.0, 80.0):  # where the grid's upright lines cross it
        at = pixel(view, tick, float(np.interp(tick, series.x, series.y)))
        columns = [{image.pixelColor(at.x() + dx, at.y() + dy).name() for dy in (-1, 0, 1)} for dx in (-1, 0, 1)]
        assert all(line in column for column in columns)


# --- labels ---


@pytest.mark.parametrize("size", [(300, 190), (470, 330), (1100, 640)])
@pytest.mark.parametrize("name", Plots.NAMES)
@pytest.mark.parametrize("plan", ["briefing", "three-sites", "own-gpus"])
def test_that_no_label_covers_another_or_leaves_the_chart(
    shown: Shown, plan: str, name: str, size: tuple[int, int]
) -> None:
    view = shown(spec_of(name, plan), *size)
    placed = view.canvas.labels.placed
    whole = Box(0, 0, view.canvas.width() + 0.5, view.canvas.height() + 0.5)
    assert placed
    for number, (text, box) in enumerate(placed):
        assert box.inside(whole), text
        assert not any(box.overlaps(other) for _, other in placed[:number]), text


@pytest.mark.parametrize("width", [260, 420, 700, 1100])
def test_that_no_label_of_a_bar_covers_another_or_reaches_into_the_bar_beside(shown: Shown, width: int) -> None:
    plan = sample("briefing")
    view = shown(tornado_chart(tornado(plan, "uses.o1.npv_usd_per_mw"), plain_number), width, 330)
    labels, geometry = view.canvas.labels, view.canvas.geometry_of
    now, _ = geometry.to_pixel(next(r.at for r in view.spec.references if r.axis == "x"), 0.0)
    placed = [(text, box) for text, box in labels.placed if text.startswith("P")]
    assert placed or width < 400
    for number, (text, box) in enumerate(placed):
        assert box.inside(geometry.area), text
        assert not box.x < now - 0.5 < box.x + box.width - 1.0, text
        assert not any(box.overlaps(other) for _, other in placed[:number]), text


def two_bands() -> ChartSpec:
    """A narrow band and a wide one, whose names have no room beside each other in a small chart."""
    x, y = np.array([0.0, 1.0]), np.array([40.0, 10.0])
    bands = (("stops 29 hours", 0.0, 0.04), ("runs 691 hours", 0.04, 1.0))
    fills = tuple(
        Fill(text, text, np.array([a, b, b, a]), np.array([0.0, 0.0, 100.0, 100.0]), k, (a + b) / 2, 94.0)
        for k, (text, a, b) in enumerate(bands)
    )
    axis, price = Axis("Share", "Share", "", 0.0, 1.0), Axis("Price", "Price", "", 0.0, 100.0)
    return ChartSpec("c", "", "", axis, price, (Series("s", "Next MWh", x, y, 0),), fills=fills)


def test_that_names_of_narrow_bands_do_not_cover_each_other(shown: Shown) -> None:
    placed = dict(shown(two_bands(), 280, 260).canvas.labels.placed)
    stops, runs = placed["stops 29 hours"], placed["runs 691 hours"]
    assert not stops.overlaps(runs)
    assert runs.x < stops.x + stops.width  # no room beside it: that is what is tried here
    wide = dict(shown(two_bands(), 900, 400).canvas.labels.placed)
    assert wide["stops 29 hours"].y == wide["runs 691 hours"].y
    root = ElementTree.fromstring(chart_svg(two_bands(), 170.0, 200.0))
    heights = [float(t.attrib["y"]) for t in root.iter() if (t.text or "").endswith("hours")]
    assert len(heights) == 2
    assert abs(heights[0] - heights[1]) >= 9


def test_that_labels_stand_at_their_curves_ends_when_there_is_room(shown: Shown) -> None:
    view = shown(spec_of("power"), 1000, 700)
    area = view.canvas.geometry_of.area
    boxes = dict(view.canvas.labels.placed)
    for series in view.spec.series:
        _, end = view.canvas.geometry_of.to_pixel(series.x[-1], series.y[-1])
        box = boxes[series.label]
        assert box.x >= area.x + area.width
        assert abs(box.y + box.height / 2 - end) <= 14


def test_that_the_chosen_pairs_crossing_keeps_its_label_where_room_is_short(shown: Shown) -> None:
    spec = spec_of("price")
    view = shown(spec, 300, 190)
    texts = [text for text, _ in view.canvas.labels.placed]
    assert next(m.text for m in spec.marks if m.id == "a1/o1") in texts


def duplicated_lot() -> Plan:
    plan = sample("briefing")
    return replace(plan, asic_lots=(*plan.asic_lots, replace(plan.asic_lots[0], id="a99")))


@pytest.mark.parametrize("plan", [sample("briefing"), duplicated_lot()], ids=["briefing", "a lot twice"])
def test_that_every_crossing_on_show_has_its_label(shown: Shown, plan: Plan) -> None:
    plots = Plots()
    plots.show(plan, evaluate(plan), asic_id="a1", offer_id="o2")
    view = shown(plots.chart("price"), 760, 200)
    x0, x1, y0, y1 = view.canvas.geometry_of.shown
    dots = {m.text for m in view.spec.marks if x0 <= m.x <= x1 and y0 <= m.y <= y1}
    assert len(dots) >= 5
    assert dots <= {text for text, _ in view.canvas.labels.placed}


def one_that_ends_early() -> ChartSpec:
    """Two curves at the same height, of which one is known for a sixth of the time only."""
    x = np.linspace(0.0, 12.0, 13)
    short = np.where(x <= 2.0, 50.0, math.nan)
    axis, price = Axis("Month", "Month", "", 0.0, 12.0), Axis("Price", "Price", "", 0.0, 60.0)
    curves = (Series("s", "After credits", x, short, 0, strong=True), Series("f", "Firm", x, np.full(13, 50.0), 1))
    return ChartSpec("c", "", "", axis, price, curves)


def test_that_a_curve_that_ends_early_is_named_where_it_ends(shown: Shown) -> None:
    spec = one_that_ends_early()
    view = shown(spec, 600, 300)
    geometry = view.canvas.geometry_of
    boxes = dict(view.canvas.labels.placed)
    x, y = geometry.to_pixel(2.0, 50.0)
    box = boxes["After credits"]
    assert box.x + box.width < geometry.area.x + geometry.area.width
    assert abs(box.y + box.height / 2 - y) < 30
    assert box.x - x < 30
    assert boxes["Firm"].x >= geometry.area.x + geometry.area.width
    root = ElementTree.fromstring(chart_svg(spec, 400.0, 200.0))
    places = {t.text: float(t.attrib["x"]) for t in root.iter() if t.text in ("After credits", "Firm")}
    assert places["After credits"] < 200.0 < places["Firm"]


GROWTH = "market.difficulty_growth_fraction_per_year"
ENERGY = "power_contracts.p1.energy_price_usd_per_mwh"


@pytest.mark.parametrize("size", [(760, 210), (520, 380)])
@pytest.mark.parametrize("offer_id", ["o1", "o2"])
@pytest.mark.parametrize("across", [ENERGY, "asic_lots.a1.uptime_fraction", "market.btc_price_usd"])
def test_that_no_sides_name_lies_on_the_frontiers_line(
    shown: Shown, across: str, offer_id: str, size: tuple[int, int]
) -> None:
    plan, plots = sample("briefing"), Plots()
    plots.axes = (across, GROWTH)
    plots.show(plan, evaluate(plan), asic_id="a1", offer_id=offer_id)
    view = shown(plots.chart("frontier"), *size)
    named = [text for text, _ in view.canvas.labels.placed if text != "today"]
    assert {text.partition(":")[0] for text in named} == {"Mine", "Lease" if offer_id == "o1" else "Own GPUs"}
    (line,) = [s for s in view.spec.series if not s.ghost]
    at = np.linspace(0, len(line.x) - 1, 4000)
    points = zip(*(np.interp(at, np.arange(len(line.x)), values) for values in (line.x, line.y)), strict=True)
    pixels = [view.canvas.geometry_of.to_pixel(x, y) for x, y in points]
    for text, box in view.canvas.labels.placed:
        inside = [p for p in pixels if box.x < p[0] < box.x + box.width and box.y < p[1] < box.y + box.height]
        assert text == "today" or not inside, text


def test_that_a_narrow_sides_name_has_a_line_to_it_on_paper() -> None:
    plan, plots = sample("briefing"), Plots()
    plots.axes = ("asic_lots.a1.uptime_fraction", GROWTH)
    plots.show(plan, evaluate(plan), asic_id="a1", offer_id="o2")
    spec = plots.chart("frontier")
    root = ElementTree.fromstring(chart_svg(spec, 400.0, 150.0))
    (name,) = [t for t in root.iter() if t.text == "Mine: Antminer S21"]
    (line,) = [s for s in spec.series if not s.ghost]
    assert float(name.attrib["y"]) < 122.0 * (spec.y.high - line.y.max()) / (spec.y.high - spec.y.low)


def test_that_twice_the_text_size_still_fits(shown: Shown, qapp: Any) -> None:
    theme.apply_theme(qapp, "light", 2.0)
    view = shown(spec_of("price"), 900, 640)
    placed = view.canvas.labels.placed
    assert not any(a.overlaps(b) for i, (_, a) in enumerate(placed) for _, b in placed[:i])
    assert view.canvas.geometry_of.area.width > 300


# --- looking ---


def test_that_the_crosshair_gives_exact_values_with_units(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("price"))
    at = view.canvas.geometry_of.to_pixel(100_000.0, 1_400_000.0)
    qtbot.mouseMove(view.canvas.viewport(), QPointF(*at).toPoint())
    texts = view.canvas.hover.texts
    assert texts[0].startswith("BTC price $")
    x, _ = view.canvas.hover.at
    curve = next(s for s in view.spec.series if s.id == "a1")
    assert f"Antminer S21 ${np.interp(x, curve.x, curve.y):,.0f}/MW-year" in texts
    QApplication.sendEvent(view.canvas, QEvent(QEvent.Type.Leave))
    assert view.canvas.hover.texts == []


def test_that_pointing_at_a_crossing_says_what_it_is(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("price"))
    mark = next(m for m in view.spec.marks if m.id == "a1/o1")
    qtbot.mouseMove(view.canvas.viewport(), pixel(view, mark.x, mark.y))
    assert view.canvas.hover.texts == [mark.detail]
    assert mark.detail.startswith("Antminer S21 equals Powered-shell lease at $")


def test_that_figures_under_the_crosshair_follow_the_curves(shown: Shown) -> None:
    view = shown(spec_of("power"))
    view.canvas.hover.show_at(view.spec, 50.0, 10.0, view.write)
    before = view.canvas.hover.texts
    view.set_spec(replace(view.spec, series=tuple(replace(s, y=s.y * 2) for s in view.spec.series)))
    assert view.canvas.hover.texts != before


def test_that_the_wheel_zooms_and_escape_shows_everything_again(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("power"))
    canvas = view.canvas
    whole = canvas.ranges()
    at = QPointF(*canvas.geometry_of.centre())
    wheel = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), wheel)
    zoomed = canvas.ranges()
    assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
    assert view._reset.isVisible()
    assert canvas.box.viewRange()[0] == pytest.approx(list(zoomed[:2]))
    qtbot.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.ranges() == whole
    assert not view._reset.isVisible()


def test_that_a_zoomed_chart_can_be_moved_but_not_beyond_its_data(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("power"))
    canvas = view.canvas
    for _ in range(4):
        qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    before = canvas.ranges()
    start = QPointF(*canvas.geometry_of.centre()).toPoint()
    qtbot.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas.viewport(), start + QPoint(-30, 0))
    assert canvas.ranges()[0] > before[0]
    qtbot.mouseMove(canvas.viewport(), start + QPoint(-3000, 0))
    qtbot.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=start)
    assert canvas.ranges()[1] == pytest.approx(view.spec.x.high)


# --- the point ---


def test_that_the_point_is_dragged_by_itself(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("frontier"))
    viewport = view.canvas.viewport()
    seen: list[Any] = []
    view.handle_pressed.connect(lambda: seen.append("pressed"))
    view.handle_moved.connect(lambda x, y: seen.append((x, y)))
    view.handle_released.connect(lambda: seen.append("released"))
    mark = view.canvas.handle()
    start = pixel(view, mark.x, mark.y)
    target = pixel(view, 60.0, 100.0)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(viewport, target)
    qtbot.mouseMove(viewport, QPoint(-500, -500))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=target)
    assert (seen[0], seen[-1]) == ("pressed", "released")
    x, y = seen[1]
    assert x == pytest.approx(60.0, abs=0.2)
    assert y == pytest.approx(100.0, abs=0.8)
    assert seen[2] == (view.spec.x.low, view.spec.y.high)  # no farther than the axes


def test_that_pressing_elsewhere_does_not_move_the_point(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("frontier"))
    moved = []
    view.handle_moved.connect(lambda x, y: moved.append((x, y)))
    at = pixel(view, 80.0, 220.0)
    qtbot.mousePress(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(view.canvas.viewport(), at + QPoint(20, 20))
    qtbot.mouseRelease(view.canvas.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert moved == []


@pytest.mark.parametrize(
    ("key", "dx", "dy"),
    [
        (Qt.Key.Key_Left, -1, 0),
        (Qt.Key.Key_Right, 1, 0),
        (Qt.Key.Key_Up, 0, 1),
        (Qt.Key.Key_Down, 0, -1),
    ],
)
def test_that_arrow_keys_move_the_point(shown: Shown, qtbot: Any, key: Qt.Key, dx: int, dy: int) -> None:
    view = shown(spec_of("frontier"))
    moved: list[tuple[float, float]] = []
    view.handle_moved.connect(lambda x, y: moved.append((x, y)))
    mark, (x, y) = view.canvas.handle(), (view.spec.x, view.spec.y)
    qtbot.keyClick(view.canvas, key)
    qtbot.keyClick(view.canvas, key, Qt.KeyboardModifier.ShiftModifier)
    wide, high = x.high - x.low, y.high - y.low
    small = (mark.x + dx * wide / 100, mark.y + dy * high / 100)
    large = (mark.x + dx * wide / 10, mark.y + dy * high / 10)
    for got, want in zip(moved, (small, large), strict=True):
        assert got == pytest.approx((min(max(want[0], x.low), x.high), min(max(want[1], y.low), y.high)))


def test_that_arrow_keys_move_the_crosshair_where_there_is_no_point(shown: Shown, qtbot: Any) -> None:
    view = shown(spec_of("power"))
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    first = view.canvas.hover.texts
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert first
    assert view.canvas.hover.texts != first


# --- menu, pictures, words ---


def test_that_the_menu_is_our_own(shown: Shown, session: Any, qtbot: Any) -> None:
    view = shown(spec_of("price"))
    view.offer_with(session)
    words = [a.text().partition("\t")[0] for a in view.menu().actions() if a.text()]
    assert words == ["Copy with headings", "Copy picture", "Save chart as…", "Reset view"]
    assert view.canvas.box.menu is None
    qtbot.mouseClick(view.canvas.viewport(), Qt.MouseButton.RightButton)
    menu = QApplication.activePopupWidget()
    assert [a.text().partition("\t")[0] for a in menu.actions() if a.text()] == words
    menu.close()


def test_that_a_chart_without_content_says_why_and_has_no_axes(shown: Shown) -> None:
    view = shown(replace(spec_of("price"), reason="Add machines on the Fleet page."))
    assert view._reason.isVisible()
    assert view.canvas is None
    view.set_spec(spec_of("price"))
    QApplication.processEvents()
    assert view.canvas.isVisible()
    assert not view._reason.isVisible()


def test_that_a_screen_reader_is_told_what_the_chart_says(shown: Shown) -> None:
    view = shown(spec_of("frontier"))
    assert view.canvas.accessibleName() == "Where the lease beats mining"
    assert "this lease wins above $" in view.canvas.accessibleDescription()
    assert "Arrow keys move today's point." in view.canvas.accessibleDescription()


def test_that_another_theme_recolours_everything(shown: Shown, qapp: Any) -> None:
    view = shown(spec_of("frontier"))
    light = view.canvas.grab().toImage()
    theme.apply_theme(qapp, "dark", 1.0)
    QApplication.processEvents()
    dark = view.canvas.grab().toImage()
    assert dark.pixelColor(2, 2).name() == theme.DARK.surface
    theme.apply_theme(qapp, "light", 1.0)
    QApplication.processEvents()
    assert view.canvas.grab().toImage() == light


def test_that_the_first_window_does_not_import_pyqtgraph(root: Path) -> None:
    code = "import sys, app.charts.view, app.shell.window; sys.exit('pyqtgraph' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=False)
    assert done.returncode == 0


DENSE = """
from PySide6.QtWidgets import QApplication
app = QApplication([])
from app import theme
from app.charts.canvas import Canvas
from models.charts.spec import Axis, ChartSpec, Series
import numpy as np
theme.apply_theme(app, "light", 1.0)
axis = Axis("A", "A", "USD/BTC", 0.0, 1.0)
canvas = Canvas(lambda value, digits: str(value))
x = np.array([0.0, 1.0])
canvas.set_spec(ChartSpec("c", "Title", "", axis, axis, series=(Series("a", "A", x, x, 0, strong=True),)))
print(canvas.curves["a"].opts["pen"].widthF(), canvas.devicePixelRatioF())
"""


def test_that_curves_are_as_thick_on_a_dense_screen() -> None:
    found = []
    for factor in ("1", "2"):
        env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_SCALE_FACTOR": factor}
        said = subprocess.run([sys.executable, "-c", DENSE], env=env, capture_output=True, text=True, check=True)
        width, ratio = map(float, said.stdout.split())
        assert ratio == float(factor)
        found.append(width / ratio)
    assert found[0] == found[1]


@pytest.mark.parametrize("height", [160, 320, 700, 1100])
def test_that_every_tick_of_the_upright_axis_has_room(show: Any, height: int) -> None:
    """A high plot has more ticks, and these more digits, than a low one."""
    view = show(ChartView(), 900, height)
    axis = Axis("Revenue, $/MW-year", "Revenue", "USD/MW-year", 0.0, 3_000_000.0)
    line = Series("a1", "S21", np.array([0.0, 1.0]), np.array([0.0, 2.9e6]), 0)
    view.set_spec(ChartSpec("c", "Revenue", "", Axis("x", "x", "", 0.0, 1.0), axis, (line,)))
    QApplication.processEvents()
    area = view.canvas.geometry_of.area
    texts = tick_texts(axis, ticks_along(axis, area.height, vertical=True))
    fonts = view.canvas.labels.fonts
    assert max(fonts.width(text) for text in texts) <= area.x - theme.px(8), texts
