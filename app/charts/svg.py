"""A `ChartSpec` as an SVG for paper: the memo's charts, in PDF and HTML.

Everything is clipped here, in numbers, instead of by a clip path: whatever reads the SVG then shows the same. Curves
are told apart by the labels at their ends and, in grey, by their dashes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.charts.series_colours import LIGHT_SERIES
from app.charts.svg_text import SIZE, fitted, safe, text_svg, text_width
from models.charts.label_layout import Box, along, ends_early, leader, lowered, place_beside, spread
from models.charts.spec import Axis, ChartSpec, Fill, Mark, Series, tick_texts, ticks

INK, MUTED, GRID, AXIS = "#131a26", "#586174", "#e4e7ec", "#9aa3b2"
DASHES = {
    "solid": ("", "14 1.6", "9 1.6", "14 1.6 1.6 1.6"),
    "dash": ("5 2.6", "5 2 1.4 2", "3 1.6", "7 2 1.4 2 1.4 2"),
    "dot": ("1.6 2.2", "1.2 1.4"),
    "dash_dot": ("7 2 1.6 2", "4 1.6 1.2 1.6"),
}
"""By the spec's line style, for the first curve of that style, the second and so on: in grey they still differ."""
LINE = 9.5
GAP = 5.5
"""Between a point and its label."""
LABEL_SHARES = (0.30, 0.36)
"""The most of a wide (narrow) picture's width that the labels at the curves' ends may take."""
NARROW = 300.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the plot lies in the picture, and how its values become places."""

    area: Box
    x: Axis
    y: Axis

    def place(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Places of values, y running downwards; not clipped."""
        area = self.area
        across = (np.asarray(x, dtype=float) - self.x.low) / (self.x.high - self.x.low)
        up = (np.asarray(y, dtype=float) - self.y.low) / (self.y.high - self.y.low)
        return area.x + across * area.width, area.y + area.height - up * area.height

    def holds(self, x: float, y: float) -> bool:
        """Whether a value lies on the plot."""
        return self.x.low <= x <= self.x.high and self.y.low <= y <= self.y.high


def chart_svg(spec: ChartSpec, width: float = 492.0, height: float = 236.0) -> str:
    """Draw a chart.

    Parameters
    ----------
    spec
        What to draw; its title is left to the page.
    width, height
        Of the picture [pt].

    Returns
    -------
    str
        A whole SVG document. Where the spec has nothing to draw, the reason stands in the middle.
    """
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" role="img" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="Inter, sans-serif" font-size="{SIZE:g}">'
        f"<title>{safe(spec.title)}</title>"
        f"<desc>{safe(spec.summary)}</desc>"
    )
    return f"{head}{chart_parts(spec, width, height)}</svg>"


def chart_parts(spec: ChartSpec, width: float, height: float) -> str:
    """The same without the document around it, for a larger drawing."""
    if spec.reason or not (spec.x.high > spec.x.low and spec.y.high > spec.y.low):
        words = fitted(spec.reason or "Nothing to draw.", width - 20)
        return text_svg(width / 2, height / 2, words, MUTED, anchor="middle")
    labelled = _labelled(spec, width)
    frame = _frame(spec, width, height, labelled)
    # Tints lie under the grid, bars over it.
    tints, solid = [tuple(f for f in spec.fills if f.solid is is_solid) for is_solid in (False, True)]
    parts = [*_fills(tints, frame), *_grid(spec, frame), *_fills(solid, frame)]
    taken: list[Box] = []
    parts += _references(spec, frame, taken)
    parts += _curves(spec, frame)
    parts += _fill_names(spec, frame, taken)
    parts += _end_labels(labelled, frame, taken)
    parts += _marks(spec.marks, frame, taken)
    return "".join(parts)


# --- the frame -------------------------------------------------------------------------------------------------------


def _frame(spec: ChartSpec, width: float, height: float, labelled: list[tuple[Series, str]]) -> Frame:
    y_texts = tick_texts(spec.y, ticks(spec.y, 5))
    if spec.y.names:  # names give way to the bars
        y_texts = tuple(fitted(text, width * LABEL_SHARES[0]) for text in y_texts)
    left = max((text_width(t) for t in y_texts), default=0.0) + 8.0
    x_texts = tick_texts(spec.x, ticks(spec.x, 6))
    last_tick = text_width(x_texts[-1]) / 2 + 2 if x_texts else 8.0
    right = max((text_width(text, strong=True) + 12 for _, text in labelled), default=0.0)
    right = max(right, last_tick, 8.0)
    top, bottom = 26.0 if any(r.axis == "x" for r in spec.references) else 17.0, 28.0
    return Frame(Box(left, top, width - left - right, height - top - bottom), spec.x, spec.y)


def _grid(spec: ChartSpec, frame: Frame) -> Iterator[str]:
    area, bottom = frame.area, frame.area.y + frame.area.height
    at = ticks(spec.y, 5)
    for value, text in zip(at, tick_texts(spec.y, at), strict=True):
        _, (y,) = frame.place(np.array([spec.x.low]), np.array([value]))
        zero = abs(value) < 1e-12 and spec.y.low < 0
        yield line_svg(area.x, y, area.x + area.width, y, AXIS if zero else GRID, 0.8 if zero else 0.6)
        text = fitted(text, area.x - 6) if spec.y.names else text
        yield text_svg(area.x - 5, y, text, MUTED, anchor="end")
    at = ticks(spec.x, max(2, int(area.width / 46)))
    for value, text in zip(at, tick_texts(spec.x, at), strict=True):
        (x,), _ = frame.place(np.array([value]), np.array([spec.y.low]))
        yield line_svg(x, bottom, x, bottom + 3, AXIS, 0.8)
        yield text_svg(x, bottom + 9, text, MUTED, anchor="middle")
    yield line_svg(area.x, bottom, area.x + area.width, bottom, AXIS, 0.8)
    whole = area.x + area.width
    yield text_svg(0.5, 6, fitted(spec.y.title, whole), MUTED)
    title = fitted(spec.x.title, whole)
    yield text_svg(max(whole, text_width(title)), bottom + 21, title, MUTED, anchor="end")


def _references(spec: ChartSpec, frame: Frame, taken: list[Box]) -> Iterator[str]:
    area = frame.area
    curves = [run for s in spec.series for run in clipped_curve(*frame.place(s.x, s.y), area)]
    for reference in spec.references:
        axis = frame.x if reference.axis == "x" else frame.y
        if not axis.low <= reference.at <= axis.high:
            continue
        text = fitted(reference.text, area.width / 2)
        size = text_width(text)
        if reference.axis == "x":
            (x,), _ = frame.place(np.array([reference.at]), np.array([frame.y.low]))
            yield line_svg(x, area.y, x, area.y + area.height, MUTED, 0.8, "2 2")
            left = min(max(x - size / 2, area.x), area.x + area.width - size)
            yield text_svg(left, area.y - LINE / 2, text, MUTED)
            taken.append(Box(left, area.y - LINE, size, LINE))
        else:
            _, (y,) = frame.place(np.array([frame.x.low]), np.array([reference.at]))
            yield line_svg(area.x, y, area.x + area.width, y, MUTED, 0.8, "2 2")
            box = _freest(curves, taken, y, size, area)
            yield text_svg(box.x, box.y + LINE / 2, text, MUTED, halo=True)
            taken.append(box)


def _freest(curves: list[np.ndarray], taken: list[Box], y: float, width: float, area: Box) -> Box:
    """A place for a label above or below a level line, where the fewest curves and no other labels are."""
    middle = area.x + (area.width - width) / 2
    places = [
        Box(x, top, width, LINE)
        for x in (area.x + area.width - width - 4, area.x + 4, middle)
        for top in (y - LINE - 1, y + 1)
        if area.y <= top <= area.y + area.height - LINE
    ]

    def disturbance(box: Box) -> int:
        inside = replace(box, x=box.x - 3, width=box.width + 6)
        passing = sum(bool(clipped_curve(c[:, 0], c[:, 1], inside)) for c in curves)
        return passing + len(curves) * sum(inside.overlaps(other) for other in taken)

    return min(places, key=disturbance)


# --- curves and areas ------------------------------------------------------------------------------------------------


def _curves(spec: ChartSpec, frame: Frame) -> Iterator[str]:
    """Ghosts first, the chosen pair last, so that what matters lies on top."""
    counts: Counter[str] = Counter()
    dashes_of: dict[str, str] = {}
    for series in spec.series:
        if not series.ghost:
            family = DASHES[series.style]
            dashes_of[series.id] = family[counts[series.style] % len(family)]
            counts[series.style] += 1
    for series in sorted(spec.series, key=lambda s: (not s.ghost, s.strong)):
        color = AXIS if series.ghost else _look(series.colour).color
        weight = 0.7 if series.ghost else 1.9 if series.strong else 1.2
        dash = "2 2" if series.ghost else dashes_of[series.id]
        paths = "".join(_path(run) for run in clipped_curve(*frame.place(series.x, series.y), frame.area))
        if paths:
            dashes = f' stroke-dasharray="{dash}"' if dash else ""
            yield (
                f'<path class="curve" d="{paths}" fill="none" stroke="{color}" stroke-width="{weight:g}" '
                f'stroke-linejoin="round"{dashes}/>'
            )


def clipped_curve(x: np.ndarray, y: np.ndarray, area: Box) -> list[np.ndarray]:
    """The runs of a curve that lie in the area, cut exactly at its edges; shape (K, 2) each, K ≥ 2. NaN ends a run."""
    left, right, top, bottom = area.x, area.x + area.width, area.y, area.y + area.height
    runs: list[list[tuple[float, float]]] = [[]]
    for x0, y0, x1, y1 in zip(x[:-1].tolist(), y[:-1].tolist(), x[1:].tolist(), y[1:].tolist(), strict=True):
        cut = _segment(x0, y0, x1, y1, left, right, top, bottom)
        if cut is None:
            runs.append([])
            continue
        start, end = cut
        if not runs[-1] or runs[-1][-1] != start:
            runs.append([start])
        runs[-1].append(end)
    return [np.array(run) for run in runs if len(run) > 1]


def _segment(
    x0: float, y0: float, x1: float, y1: float, left: float, right: float, top: float, bottom: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """The part of a straight line in a rectangle (Liang and Barsky, 1984), or None."""
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        return None
    enter, leave = 0.0, 1.0
    for step, room in ((x0 - x1, x0 - left), (x1 - x0, right - x0), (y0 - y1, y0 - top), (y1 - y0, bottom - y0)):
        if step == 0.0:
            if room < 0.0:
                return None
            continue
        at = room / step
        if step < 0.0:
            enter = max(enter, at)
        else:
            leave = min(leave, at)
        if enter > leave:
            return None

    def point(at: float) -> tuple[float, float]:
        if at in (0.0, 1.0):
            return (x0, y0) if at == 0.0 else (x1, y1)
        return min(max(x0 + at * (x1 - x0), left), right), min(max(y0 + at * (y1 - y0), top), bottom)

    return point(enter), point(leave)


def _fills(fills: tuple[Fill, ...], frame: Frame) -> Iterator[str]:
    for fill in fills:
        for run in _polygons(*frame.place(fill.x, fill.y)):
            corners = clipped_polygon(run, frame.area)
            if len(corners) > 2:
                color = _look(fill.colour).color if fill.colour >= 0 else MUTED
                opacity = "0.9" if fill.solid else "0.09"
                yield f'<path class="fill" d="{_path(corners)}Z" fill="{color}" fill-opacity="{opacity}"/>'


def _fill_names(spec: ChartSpec, frame: Frame, taken: list[Box]) -> Iterator[str]:
    area, before = frame.area, len(taken)
    curves = [run for s in spec.series for run in clipped_curve(*frame.place(s.x, s.y), area)]
    on_curves = [box for run in curves for box in along(run.tolist(), area, 2.0)]
    for fill in spec.fills:
        if not fill.text or not frame.holds(fill.text_x, fill.text_y):
            continue
        (x,), (y,) = frame.place(np.array([fill.text_x]), np.array([fill.text_y]))
        text = fitted(fill.text, area.width - 8, strong=True)
        at = (float(x), float(y))
        half = text_width(text, strong=True) / 2
        x = min(max(x, area.x + half + 4), area.x + area.width - half - 4)
        y = min(max(y, area.y + LINE), area.y + area.height - LINE)
        box = Box(x - half, y - LINE / 2, 2 * half, LINE)
        if fill.clear and any(box.overlaps(other) for other in on_curves):
            yield from _name_of_narrow(fill, text, at, area, taken, on_curves)
            continue
        box = lowered(box, taken[before:], area.y + area.height)
        taken.append(box)
        y = box.y + LINE / 2
        color = _look(fill.colour).label if fill.colour >= 0 else MUTED
        yield text_svg(x, y, text, color, anchor="middle", strong=True, halo=True)


def _name_of_narrow(
    fill: Fill, text: str, at: tuple[float, float], area: Box, taken: list[Box], on_curves: list[Box]
) -> Iterator[str]:
    """The name of a strip, clear of the curves, and a line to it."""
    (box,) = place_beside([at], [(text_width(text, strong=True) + 2, LINE)], area, [*taken, *on_curves], GAP)
    end = leader(at, box, GAP, always=True) if box is not None else None
    if box is not None and end is not None:
        taken.append(box)
        look = _look(fill.colour)
        yield line_svg(*at, *end, look.color, 0.7)
        yield text_svg(box.x + 1, box.y + LINE / 2, text, look.label, strong=True, halo=True)


def _polygons(x: np.ndarray, y: np.ndarray) -> Iterator[np.ndarray]:
    gaps = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    for part in np.split(np.column_stack([x, y]), gaps):
        yield part[np.isfinite(part).all(axis=1)]


def clipped_polygon(corners: np.ndarray, area: Box) -> np.ndarray:
    """A polygon cut to a rectangle (Sutherland and Hodgman, 1974); shape (K, 2), empty where nothing is left."""
    points = [(float(x), float(y)) for x, y in corners]
    for axis, edge, sign in (
        (0, area.x, 1.0),
        (0, area.x + area.width, -1.0),
        (1, area.y, 1.0),
        (1, area.y + area.height, -1.0),
    ):
        kept: list[tuple[float, float]] = []
        for a, b in zip(points[-1:] + points[:-1], points, strict=True):
            a_in, b_in = sign * (a[axis] - edge) >= 0, sign * (b[axis] - edge) >= 0
            if a_in != b_in:
                at = (edge - a[axis]) / (b[axis] - a[axis])
                other = a[1 - axis] + at * (b[1 - axis] - a[1 - axis])
                kept.append((edge, other) if axis == 0 else (other, edge))
            if b_in:
                kept.append(b)
        points = kept
    return np.array(points).reshape(-1, 2)


# --- labels and marks ------------------------------------------------------------------------------------------------


def _labelled(spec: ChartSpec, width: float) -> list[tuple[Series, str]]:
    """Series with a label and what it says, the most important first."""
    chosen = [s for s in spec.series if s.label and not s.ghost and np.isfinite(s.y).any()]
    room = width * LABEL_SHARES[width < NARROW] - 12
    names = {s.id: s.label for s in chosen}
    makers = Counter(s.label.partition(" ")[0] for s in chosen)
    for series in chosen:
        # Where room is short, a maker's name that several curves share goes first: the rest says which one it is.
        maker, _, model = series.label.partition(" ")
        if text_width(series.label, strong=True) > room and makers[maker] > 1 and model:
            names[series.id] = model
    found = [
        (s, fitted(f"{names[s.id]} {s.note}" if s.note else names[s.id], room, strong=True))
        for s in sorted(chosen, key=lambda s: not s.strong)
    ]
    return found


def _end_labels(labelled: list[tuple[Series, str]], frame: Frame, taken: list[Box]) -> Iterator[str]:
    area = frame.area
    ends = []
    for series, text in labelled:
        x, y = frame.place(series.x, series.y)
        runs = clipped_curve(x, y, area)
        if not runs:
            continue
        end = max((run[-1] for run in runs), key=lambda p: float(p[0]))
        size = (text_width(text, strong=True) + 2, LINE)
        if abs(x[np.isfinite(y)][-1] - end[0]) < 1e-6 and ends_early(float(end[0]), size[0], area, GAP):
            at = (float(end[0]), float(end[1]))
            (box,) = place_beside([at], [size], area, taken, GAP)
            if box is not None:
                taken.append(box)
                yield from _beside(at, text, box, series)
                continue
        ends.append((series, text, end))
    centres = spread([float(end[1]) for _, _, end in ends], LINE, area.y - LINE / 2, area.y + area.height + LINE / 2)
    for (series, text, end), centre in zip(ends, centres, strict=True):
        if centre is None:
            continue
        x = area.x + area.width
        if abs(centre - end[1]) > 2.0 or x - end[0] > 2.0:
            leader = _path(np.array([end, (x + 1, end[1]), (x + 6, centre)]))
            yield f'<path d="{leader}" fill="none" stroke="{GRID}" stroke-width="0.7"/>'
        yield text_svg(x + 8, centre, text, _look(series.colour).label, strong=series.strong)


def _marks(marks: tuple[Mark, ...], frame: Frame, taken: list[Box]) -> Iterator[str]:
    for mark in marks:
        if mark.side and frame.holds(mark.x, mark.y):
            (x,), (y,) = frame.place(np.array([mark.x]), np.array([mark.y]))
            left = mark.side == "left"
            yield text_svg(
                x - 4 if left else x + 4, y, mark.text, _look(mark.colour).label, anchor="end" if left else "start"
            )
    shown = sorted((m for m in marks if not m.side and frame.holds(m.x, m.y)), key=lambda m: not m.strong)
    places = [tuple(float(v[0]) for v in frame.place(np.array([m.x]), np.array([m.y]))) for m in shown]
    texts = [fitted(m.text, frame.area.width * 0.6, strong=m.strong) for m in shown]
    sizes = [(text_width(t, strong=m.strong) + 2, LINE) for t, m in zip(texts, shown, strict=True)]
    boxes = place_beside(places, sizes, frame.area, taken, GAP)
    for mark, (x, y), text, box in zip(shown, places, texts, boxes, strict=True):
        color = _look(mark.colour).color
        radius = 3.4 if mark.strong or mark.handle else 2.6
        filled = color if mark.strong or mark.handle else "#ffffff"
        yield f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{radius}" fill="{filled}" stroke="{color}" stroke-width="1.3"/>'
        if box is not None and text:
            yield from _beside((x, y), text, box, mark)


def _beside(at: tuple[float, float], text: str, box: Box, named: Mark | Series) -> Iterator[str]:
    """The label of a point, with a line to it where it had to go elsewhere."""
    look, end = _look(named.colour), leader(at, box, GAP)
    if end is not None:
        yield line_svg(*at, *end, look.color, 0.7)
    yield text_svg(box.x + 1, box.y + LINE / 2, text, look.label, strong=named.strong, halo=True)


def _look(colour: int) -> _Look:
    if colour < 0:
        return _Look(INK, INK)
    series = LIGHT_SERIES[colour % len(LIGHT_SERIES)]
    return _Look(series.color, series.label)


@dataclass(frozen=True, slots=True)
class _Look:
    color: str
    label: str


# --- SVG -------------------------------------------------------------------------------------------------------------


def _path(points: np.ndarray) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points.tolist())


def line_svg(x0: float, y0: float, x1: float, y1: float, color: str, weight: float, dash: str = "") -> str:
    """A straight line."""
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    ends = f"M{x0:.2f} {y0:.2f}L{x1:.2f} {y1:.2f}"
    return f'<path d="{ends}" stroke="{color}" stroke-width="{weight:g}" fill="none"{dashes}/>'
