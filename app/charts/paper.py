"""A chart alone on a sheet of white paper: title, plot, and beneath it where its numbers come from; as SVG and PNG.

Paper is white in either theme, and of one size, so that pictures of different days lie beside each other in a deck.
"""

from __future__ import annotations

import math
import re
import struct
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np

from app import theme
from app.charts.svg import GRID, INK, LINE, MUTED, chart_parts, line_svg
from app.charts.svg_text import HALO, SIZE, fitted, safe, text_svg, text_width
from models.charts.hourly import HeatMap
from models.charts.spec import ChartSpec, short_text
from models.units import unit_label

About = Sequence[tuple[str, str]]

WIDTH, HEIGHT = 640.0, 360.0
"""Of the paper [pt]; a slide's 16 to 9."""
PNG_SIZE = (3200, 1800)
"""Of the picture [px]: 1600 × 900, twice for print."""
PNG_PPI = PNG_SIZE[0] / (WIDTH * 3 / 4) * 72
"""The typesetter takes the unit of an SVG for a pixel, three quarters of a point."""
MARGIN = 18.0
TITLE_SIZE = 13.0
TITLE_HEIGHT, FOOT_LINE = 40.0, 9.5
FOOT_SIZE = 6.0
HEAT_STOPS = theme.LIGHT.heat
HEAT_MISSING = theme.LIGHT.sunken
SCALE_STEPS = 32
_HALOED = re.compile(rf'<text([^>]*?){re.escape(HALO)} paint-order="stroke"(>[^<]*)</text>')
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def chart_paper(spec: ChartSpec, about: About) -> str:
    """A chart on paper, as SVG.

    Parameters
    ----------
    spec
        What to draw.
    about
        Where it comes from, as name and text.
    """
    inside = chart_parts(spec, WIDTH - 2 * MARGIN, _room(about))
    # A group, not a drawing in a drawing, and halos as texts of their own: readers of SVG Tiny leave out the one and
    # paint the other over the text.
    inside = _HALOED.sub(rf"<text\1{HALO}\2</text><text\1\2</text>", inside)
    placed = f'<g transform="translate({MARGIN:g} {MARGIN + TITLE_HEIGHT:g})">{inside}</g>'
    return _sheet(spec.title, spec.subtitle, spec.summary, about, placed)


def heat_paper(chart: HeatMap, about: About) -> str:
    """A heat map on paper, as SVG: days across, hours down, and the scale of its colours."""
    return _sheet(chart.title, chart.summary, chart.summary, about, "".join(_heat_parts(chart, _room(about))))


def paper_png(svg: str, about: About) -> bytes:
    """Paper as a picture of `PNG_SIZE` that carries where it comes from in its own words as well."""
    from app.memo.pdf import chart_pngs

    return with_description(
        chart_pngs([svg.encode()], PNG_PPI)[0], "\n".join(f"{name}: {text}" for name, text in about)
    )


def with_description(png: bytes, text: str) -> bytes:
    """A PNG with a text that programs show as its description (an ``iTXt`` chunk, PNG specification 11.3.4.5)."""
    content = b"Description\0\0\0\0\0" + text.encode()
    chunk = b"iTXt" + content
    packed = struct.pack(">I", len(content)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    end = len(_PNG_HEAD) + 25  # behind the header's chunk, which is 25 bytes long
    return png[:end] + packed + png[end:]


def _foot_lines(about: About) -> list[str]:
    """Where it comes from, in as many lines as it needs."""
    lines = [""]
    for name, text in about:
        part = " ".join(f"{name}: {text}".split())
        joined = f"{lines[-1]}  ·  {part}" if lines[-1] else part
        if lines[-1] and text_width(joined, FOOT_SIZE) > WIDTH - 2 * MARGIN:
            lines.append(part)
        else:
            lines[-1] = joined
    return [fitted(line, WIDTH - 2 * MARGIN, FOOT_SIZE) for line in lines if line]


def _room(about: About) -> float:
    """Height of the plot between title and foot [pt]."""
    return HEIGHT - 2 * MARGIN - TITLE_HEIGHT - FOOT_LINE * len(_foot_lines(about)) - 6


def _sheet(title: str, subtitle: str, summary: str, about: About, inside: str) -> str:
    width = WIDTH - 2 * MARGIN
    lines = _foot_lines(about)
    foot = HEIGHT - MARGIN - FOOT_LINE * len(lines)
    told = "\n".join([summary, *(f"{name}: {text}" for name, text in about)])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{HEIGHT:g}" role="img" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" font-family="Inter, sans-serif" font-size="{SIZE:g}">',
        f"<title>{safe(title)}</title><desc>{safe(told, breaks=True)}</desc>",
        f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="#ffffff"/>',
        text_svg(MARGIN, MARGIN + 7, fitted(title, width, TITLE_SIZE, strong=True), INK, strong=True, size=TITLE_SIZE),
        text_svg(MARGIN, MARGIN + 24, fitted(subtitle, width), MUTED),
        inside,
        line_svg(MARGIN, foot - 4, WIDTH - MARGIN, foot - 4, GRID, 0.6),
        *(text_svg(MARGIN, foot + FOOT_LINE * (k + 0.5), line, MUTED, size=FOOT_SIZE) for k, line in enumerate(lines)),
        "</svg>",
    ]
    return "".join(parts)


# --- heat maps -------------------------------------------------------------------------------------------------------


def _heat_parts(chart: HeatMap, room: float) -> list[str]:
    left, right, top = MARGIN + 30.0, WIDTH - MARGIN - 50.0, MARGIN + TITLE_HEIGHT
    hours, days = chart.values.shape
    wide, high = (right - left) / days, (room - 16.0) / hours
    bottom = top + hours * high
    parts = []
    for hour in range(hours):
        for first, last, color in _runs(chart, hour):
            # A hair wider than it is: else the paper shines through between cells.
            parts.append(
                f'<rect x="{left + first * wide:.2f}" y="{top + hour * high:.2f}" '
                f'width="{(last - first) * wide + 0.15:.2f}" height="{high + 0.15:.2f}" fill="{color}"/>'
            )
    parts += [text_svg(left - 5, top + hour * high, f"{hour:02d}:00", MUTED, anchor="end") for hour in (0, 6, 12, 18)]
    free = left
    for day in range(days):
        date = chart.day(day)
        at = left + day * wide
        if (day == 0 or date.day == 1) and at >= free and at + 40 <= right + 20:
            parts.append(text_svg(at, bottom + 9, date.isoformat(), MUTED))
            free = at + 60
    bar, step = right + 10.0, (bottom - top) / SCALE_STEPS
    parts.append(text_svg(bar, top - 8, unit_label(chart.unit), MUTED))
    for number in range(SCALE_STEPS):
        share = 1.0 - (number + 0.5) / SCALE_STEPS
        parts.append(
            f'<rect x="{bar:.2f}" y="{top + number * step:.2f}" width="8" height="{step + 0.15:.2f}" '
            f'fill="{heat_color(share)}"/>'
        )
    for share in (0.0, 0.5, 1.0):
        words = short_text(chart.low + share * (chart.high - chart.low), chart.unit)
        y = min(max(bottom - share * (bottom - top), top + LINE / 2), bottom - LINE / 2)
        parts.append(text_svg(bar + 11, y, words, MUTED))
    return parts


def _runs(chart: HeatMap, hour: int) -> list[tuple[int, int, str]]:
    """Neighbouring days of one colour in an hour: first, end and colour."""
    shares = np.clip((chart.values[hour] - chart.low) / (chart.high - chart.low), 0.0, 1.0).tolist()
    runs: list[tuple[int, int, str]] = []
    for day, share in enumerate(shares):
        color = HEAT_MISSING if math.isnan(share) else heat_color(share)
        if runs and runs[-1][2] == color:
            runs[-1] = (runs[-1][0], day + 1, color)
        else:
            runs.append((day, day + 1, color))
    return runs


def heat_color(share: float) -> str:
    """The colour of a share of the scale, 0…1, in 64 steps.

    Examples
    --------
    >>> heat_color(0.0), heat_color(1.0)
    ('#e6edff', '#4a0d00')
    """
    return _heat_step(round(share * 64))


@cache
def _heat_step(number: int) -> str:
    stops = [[int(stop[k : k + 2], 16) for k in (1, 3, 5)] for stop in HEAT_STOPS]
    parts = [round(float(np.interp(number / 64, (0.0, 0.5, 1.0), [stop[k] for stop in stops]))) for k in range(3)]
    return "#" + "".join(f"{part:02x}" for part in parts)
