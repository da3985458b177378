"""Charts on paper: everything inside the picture and the axes, readable in grey, valid XML whatever the names."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.charts.svg import chart_svg, clipped_curve, clipped_polygon
from app.charts.svg_text import fitted, text_width
from models.charts.label_layout import Box
from models.charts.spec import Axis, ChartSpec, Fill, Mark, Reference, Series
from models.evaluate import evaluate
from models.memo.content import memo_content
from models.memo.parts import Picture
from models.samples import sample, sample_names
from tests.strategies import HOSTILE_TEXTS

SVG = "{http://www.w3.org/2000/svg}"
SIZE = 7.5
AREA = Box(10.0, 20.0, 100.0, 50.0)


def pictures_of(name: str) -> list[Picture]:
    plan = sample(name)
    content = memo_content(plan, evaluate(plan), as_of=date(2026, 11, 23))
    return [b for b in content.blocks if isinstance(b, Picture)]


def wild_spec(label: str = "Antminer S21 XP Hyd, a very long name indeed (473T)") -> ChartSpec:
    """Curves that run far out of the axes on every side, many labels at one height, marks on top of each other."""
    x = np.linspace(-50.0, 250.0, 61)
    series = [
        Series(f"a{k}", f"{label} {k}", x, np.sin(x / (10 + k)) * 10.0**k, k, strong=k == 0, note="note")
        for k in range(6)
    ]
    series.append(Series("gap", "Gap", x, np.where(np.abs(x - 50) < 20, np.nan, x), 6, "dash"))
    series.append(Series("out", "Never in view", x, np.full_like(x, 1e9), 7))
    marks = tuple(Mark(f"m{k}", 50.0 + k, 0.5, f"{label} {k}", strong=k < 2) for k in range(8))
    fills = (Fill("f", label, np.array([-99.0, 50.0, 999.0]), np.array([-9.0, 99.0, -9.0]), 1, 50.0, 0.2),)
    references = (Reference("x", "x", 100.0, label), Reference("y", "y", 0.9, label), Reference("z", "x", 1e9, "far"))
    return ChartSpec(
        "wild",
        label,
        label,
        Axis(label, label, "USD/BTC", 0.0, 100.0),
        Axis(label, label, "USD/MW-year", -1.0, 1.0),
        tuple(series),
        fills,
        marks,
        references,
        summary=label,
    )


def assert_inside(spec: ChartSpec, width: float, height: float) -> None:
    root = ElementTree.fromstring(chart_svg(spec, width, height))
    frame = plot_area(root)
    if spec.y.names:  # its lines run through the middle of the bars
        half = frame.height / (len(spec.y.names) - 1) if len(spec.y.names) > 1 else height
        frame = Box(frame.x, frame.y - half, frame.width, frame.height + 2 * half)
    for path in root.iter(f"{SVG}path"):
        numbers = np.array(re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", path.attrib["d"]), dtype=float).reshape(-1, 2)
        box = frame if path.attrib.get("class") in ("curve", "fill") else Box(0.0, 0.0, width, height)
        assert (numbers[:, 0] >= box.x - 0.02).all()
        assert (numbers[:, 0] <= box.x + box.width + 0.02).all()
        assert (numbers[:, 1] >= box.y - 0.02).all()
        assert (numbers[:, 1] <= box.y + box.height + 0.02).all()
    for text in root.iter(f"{SVG}text"):
        size = text_width(text.text or "", SIZE, strong="font-weight" in text.attrib)
        x = float(text.attrib["x"])
        left = {"start": x, "middle": x - size / 2, "end": x - size}[text.attrib.get("text-anchor", "start")]
        assert left >= -0.6, text.text
        assert left + size <= width + 0.6, text.text
        assert SIZE * 0.7 <= float(text.attrib["y"]) <= height


def plot_area(root: ElementTree.Element) -> Box:
    """Between the axis line at the bottom and the highest grid line."""
    lines = [
        np.array(re.findall(r"-?\d+\.\d+", p.attrib["d"]), dtype=float)
        for p in root.iter(f"{SVG}path")
        if "class" not in p.attrib
    ]
    level = [v for v in lines if len(v) == 4 and v[1] == v[3] and v[2] - v[0] > 40]
    left, right = min(v[0] for v in level), max(v[2] for v in level)
    top, bottom = min(v[1] for v in level), max(v[1] for v in level)
    return Box(left, top, right - left, bottom - top)


@pytest.mark.parametrize("name", [name for name, _, _ in sample_names()])
@pytest.mark.parametrize("width", [492.0, 239.0])
def test_that_curves_stay_inside_the_axes_and_texts_inside_the_picture(name: str, width: float) -> None:
    pictures = pictures_of(name)
    assert len(pictures) >= 6
    for picture in pictures:
        if picture.height_share > 1.0 and width < 300:
            continue  # a tall one is never drawn beside another
        assert_inside(picture.spec, width, 200.0)


@pytest.mark.parametrize("size", [(492.0, 202.0), (239.0, 180.0)])
def test_that_even_wild_curves_and_long_names_stay_inside(size: tuple[float, float]) -> None:
    assert_inside(wild_spec(), *size)


@pytest.mark.parametrize("name", HOSTILE_TEXTS)
def test_that_hostile_names_are_text(name: str) -> None:
    spec = wild_spec(name)
    root = ElementTree.fromstring(chart_svg(spec))
    assert not [
        e for e in root.iter() if e.tag not in {SVG + t for t in ("svg", "title", "desc", "path", "text", "circle")}
    ]


def test_that_a_chart_without_anything_says_why() -> None:
    axis = Axis("", "", "USD", 0.0, 1.0)
    spec = ChartSpec("c", "Title", "", axis, axis, reason="No machine has a break-even yet.")
    assert "No machine has a break-even yet." in chart_svg(spec)


def test_that_labels_at_the_ends_do_not_cover_each_other() -> None:
    x = np.linspace(0.0, 1.0, 5)
    series = tuple(Series(f"a{k}", f"Curve {k}", x, np.full(5, 0.5 + k * 1e-4), k) for k in range(8))
    axis = Axis("y", "y", "", 0.0, 1.0)
    root = ElementTree.fromstring(chart_svg(ChartSpec("c", "", "", axis, axis, series)))
    heights = sorted(float(t.attrib["y"]) for t in root.iter(f"{SVG}text") if (t.text or "").startswith("Curve"))
    assert len(heights) == 8
    assert min(np.diff(heights)) >= SIZE


def test_that_curves_differ_without_colour() -> None:
    x = np.linspace(0.0, 1.0, 5)
    series = tuple(Series(f"a{k}", f"Curve {k}", x, x * k, k, "solid" if k < 4 else "dash") for k in range(8))
    axis = Axis("y", "y", "", 0.0, 9.0)
    root = ElementTree.fromstring(chart_svg(ChartSpec("c", "", "", axis, axis, series)))
    dashes = [p.attrib.get("stroke-dasharray", "") for p in root.iter(f"{SVG}path") if p.attrib.get("class") == "curve"]
    assert len(set(dashes)) == 8


@given(
    st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300)), min_size=2, max_size=12),
)
def test_that_clipping_keeps_what_is_inside_and_only_that(points: list[tuple[float, float]]) -> None:
    x, y = (np.array(c) for c in zip(*points, strict=True))
    runs = clipped_curve(x, y, AREA)
    kept = np.concatenate(runs) if runs else np.empty((0, 2))
    assert ((kept >= [10.0 - 1e-9, 20.0 - 1e-9]) & (kept <= [110.0 + 1e-9, 70.0 + 1e-9])).all()
    # Points that lie well inside are still there, wherever a line of some length passes through them.
    for place in range(len(points) - 1):
        middle = (np.array(points[place]) + np.array(points[place + 1])) / 2
        inside = bool((middle > [10.5, 20.5]).all() and (middle < [109.5, 69.5]).all())
        assert not inside or runs


def test_that_polygons_are_cut_at_the_edges() -> None:
    around = clipped_polygon(np.array([[-100.0, -100.0], [500.0, -100.0], [500.0, 500.0], [-100.0, 500.0]]), AREA)
    area = 0.5 * abs(np.dot(around[:, 0], np.roll(around[:, 1], 1)) - np.dot(around[:, 1], np.roll(around[:, 0], 1)))
    assert area == pytest.approx(100.0 * 50.0)
    assert not clipped_polygon(np.array([[200.0, 200.0], [300.0, 200.0], [300.0, 300.0]]), AREA).size


def test_that_widths_are_those_of_the_font(qapp: object) -> None:
    from PySide6.QtGui import QFont, QFontMetricsF

    from app.theme import load_fonts

    font = QFont(load_fonts())
    font.setPixelSize(1000)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    for strong, weight in ((False, QFont.Weight.Normal), (True, QFont.Weight.DemiBold)):
        font.setWeight(weight)
        for text in ("Antminer S19j Pro (104T)", "$1,234,567.89", "Break-even power price, $/MWh"):
            measured = QFontMetricsF(font).horizontalAdvance(text)
            # Kerning makes lines a little shorter than their letters; never longer.
            assert 0.99 * measured <= text_width(text, 1000.0, strong=strong) <= 1.05 * measured


def test_that_a_text_is_cut_to_its_room() -> None:
    assert fitted("short", 100.0) == "short"
    cut = fitted("a rather long name of a machine", 40.0)
    assert cut.endswith("…")
    assert text_width(cut) <= 40.0
