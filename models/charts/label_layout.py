"""Where labels go so that none covers another: along the plot's right side, and beside marks.

All lengths are in the drawing's own unit, y running downwards. Screen and memo share this.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, isfinite


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than an edge.

        Examples
        --------
        >>> Box(0, 0, 2, 2).overlaps(Box(1, 1, 2, 2)), Box(0, 0, 2, 2).overlaps(Box(2, 0, 2, 2))
        (True, False)
        """
        # Boxes that were put edge to edge meet but for the last digits of their sums. Most lie apart in the first
        # comparison already, and a frame asks some hundred times.
        return (
            self.x + self.width - other.x > 1e-6
            and other.x + other.width - self.x > 1e-6
            and self.y + self.height - other.y > 1e-6
            and other.y + other.height - self.y > 1e-6
        )

    def inside(self, other: Box) -> bool:
        """Whether this box lies wholly within the other."""
        return (
            self.x >= other.x
            and self.y >= other.y
            and self.x + self.width <= other.x + other.width
            and self.y + self.height <= other.y + other.height
        )


def lowered(box: Box, others: Sequence[Box], bottom: float) -> Box:
    """A box moved down by its own height until it covers none of the others; where it was if there is no room.

    Examples
    --------
    >>> lowered(Box(5, 0, 10, 4), [Box(0, 0, 8, 4)], 20.0)
    Box(x=5, y=4, width=10, height=4)
    >>> lowered(Box(5, 0, 10, 4), [Box(0, 0, 8, 4)], 6.0)
    Box(x=5, y=0, width=10, height=4)
    """
    moved = box
    while any(moved.overlaps(other) for other in others):
        moved = Box(moved.x, moved.y + moved.height, moved.width, moved.height)
        if moved.y + moved.height > bottom:
            return box
    return moved


def spread(wanted: Sequence[float], height: float, top: float, bottom: float) -> list[float | None]:
    """Centres of equally high labels in a column: as near to where they belong as not overlapping allows.

    Labels that would touch are joined into a block, which sits at the mean of what its members want (the least-squares
    answer, found by pooling neighbours).

    Parameters
    ----------
    wanted
        Centre that each label would take alone, most important label first.
    height
        Of one label, space between labels included.
    top, bottom
        The column.

    Returns
    -------
    list
        Centres in the same order; None for the least important labels where the column is full.

    Examples
    --------
    >>> spread([50.0, 50.0, 90.0], 10.0, 0.0, 100.0)
    [45.0, 55.0, 90.0]
    >>> spread([5.0, 5.0, 5.0], 10.0, 0.0, 20.0)
    [5.0, 15.0, None]
    """
    room = max(int((bottom - top + 1e-9) // height), 0)
    kept = sorted(range(min(len(wanted), room)), key=lambda i: (wanted[i], i))
    low, high = top + height / 2, bottom - height / 2
    blocks: list[list[float]] = []  # [sum of wanted first centres, members]
    for i in kept:
        blocks.append([min(max(wanted[i], low), high), 1])
        while len(blocks) > 1 and _end(blocks[-2], height) > blocks[-1][0] / blocks[-1][1] + 1e-9:
            total, members = blocks.pop()
            before = blocks[-1]
            # A member k places down its block wants the block's first centre k heights above its own.
            before[0] += total - members * before[1] * height
            before[1] += members
    centres: list[float | None] = [None] * len(wanted)
    floor = low
    firsts = []
    for total, members in blocks:
        first = max(total / members, floor)
        firsts.append(first)
        floor = first + members * height
    ceiling = high + height
    for number in range(len(blocks) - 1, -1, -1):
        firsts[number] = min(firsts[number], ceiling - blocks[number][1] * height)
        ceiling = firsts[number]
    order = iter(kept)
    for first, (_, members) in zip(firsts, blocks, strict=True):
        for place in range(int(members)):
            centres[next(order)] = first + place * height
    return centres


def _end(block: list[float], height: float) -> float:
    """Where the next block's first centre may stand at the earliest."""
    return block[0] / block[1] + block[1] * height


def place_beside(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    area: Box,
    taken: Sequence[Box] = (),
    gap: float = 7.0,
    *,
    everywhere: bool = True,
) -> list[Box | None]:
    """A place beside each point for its label, clear of other labels, of other points and of the area's edge.

    Where none is free beside it, the nearest free place of the area is taken; `leader` then says what leads there.
    To look `everywhere` takes long, and in the course of a drag makes labels jump.

    Parameters
    ----------
    points, sizes
        Where each mark is, and width and height of its label; the most important first.
    area
        Labels stay within it.
    taken
        What else they must not cover.
    gap
        Between the point and its label.

    Returns
    -------
    list
        One box per point, None where the whole area has no room: that label has to wait until its point is pointed
        at.

    Examples
    --------
    >>> place_beside([(50, 50)], [(20, 10)], Box(0, 0, 100, 100), gap=5)
    [Box(x=55, y=35, width=20, height=10)]
    """
    # As plain numbers: a frame asks some hundred times, and making boxes would take longer than comparing them.
    dots = [(x - gap / 2, y - gap / 2, gap, gap) for x, y in points]
    used = [(box.x, box.y, box.width, box.height) for box in taken]
    end, foot = area.x + area.width, area.y + area.height
    placed: list[Box | None] = []
    for number, ((x, y), (width, height)) in enumerate(zip(points, sizes, strict=True)):
        right, left, middle = x + gap, x - gap - width, x - width / 2
        over, under, level = y - gap - height, y + gap, y - height / 2
        candidates = (
            (right, over),
            (left, over),
            (right, under),
            (left, under),
            (right, level),
            (left, level),
            (middle, over),
            (middle, under),
            (right, over - height),
            (left, under + height),
            (left, over - height),
            (right, under + height),
        )
        others = used + dots[:number] + dots[number + 1 :]
        inside = [(a, t) for a, t in candidates if area.x <= a <= end - width and area.y <= t <= foot - height]
        free = _first_free(inside, width, height, others)
        if free is None and everywhere:
            own = (x - gap, y - gap, 2 * gap, 2 * gap)
            free = _first_free(_from_near(x, y, width, height, area), width, height, [*others, own])
        placed.append(None if free is None else Box(*free, width, height))
        if free is not None:
            used.append((*free, width, height))
    return placed


def _first_free(
    places: Iterable[tuple[float, float]],
    width: float,
    height: float,
    others: Sequence[tuple[float, float, float, float]],
) -> tuple[float, float] | None:
    """Left and top of the first place where a label of that size covers none of the others."""
    for at, top in places:
        for other_x, other_y, other_width, other_height in others:
            if (  # as in `Box.overlaps`
                at + width - other_x > 1e-6
                and other_x + other_width - at > 1e-6
                and top + height - other_y > 1e-6
                and other_y + other_height - top > 1e-6
            ):
                break
        else:
            return at, top
    return None


def _from_near(x: float, y: float, width: float, height: float, area: Box) -> list[tuple[float, float]]:
    """Places for a label all over an area, those near a point first."""
    across, down = max(int((area.width - width) / (width / 3)), 0), max(int((area.height - height) / (height / 2)), 0)
    places = [
        (area.x + column * width / 3, area.y + row * height / 2)
        for column in range(across + 1)
        for row in range(down + 1)
        if width <= area.width and height <= area.height
    ]
    return sorted(places, key=lambda at: _distance(x, y, Box(at[0], at[1], width, height))[0])


def _distance(x: float, y: float, box: Box) -> tuple[float, float, float]:
    """How far a point is from a box, and the box's nearest point."""
    near_x, near_y = min(max(x, box.x), box.x + box.width), min(max(y, box.y), box.y + box.height)
    return hypot(near_x - x, near_y - y), near_x, near_y


def along(points: Sequence[tuple[float, float]], area: Box, half: float = 3.0) -> list[Box]:
    """Small boxes on a line within an area, so close that no label slips through.

    Examples
    --------
    >>> len(along([(0, 5), (12, 5)], Box(0, 0, 10, 10))), along([(0, 50), (12, 50)], Box(0, 0, 10, 10))
    (3, [])
    """
    boxes = []
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = min(int(hypot(x1 - x0, y1 - y0) / (1.6 * half)) + 1, 400) if isfinite(x0 + y0 + x1 + y1) else 0
        for k in range(steps):
            x, y = x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps
            if area.x <= x <= area.x + area.width and area.y <= y <= area.y + area.height:
                boxes.append(Box(x - half, y - half, 2 * half, 2 * half))
    return boxes


def leader(
    point: tuple[float, float], box: Box, gap: float = 7.0, *, always: bool = False
) -> tuple[float, float] | None:
    """Where a line from a point to its label ends; None where the label is near enough to need none.

    Parameters
    ----------
    point, box, gap
        As `place_beside` was given them, and placed the label.

    Examples
    --------
    >>> leader((50, 50), Box(57, 33, 20, 10)), leader((50, 50), Box(80, 10, 20, 10))
    (None, (80, 20))
    """
    far, *end = _distance(*point, box)
    return (end[0], end[1]) if always or far > hypot(gap, gap + box.height) + 1e-6 else None


def ends_early(end_x: float, width: float, area: Box, gap: float = 7.0) -> bool:
    """Whether a curve ends so far from the plot's right side that a label of that width stands at its end.

    At the side its name would need a line that looks like the curve's going on.

    Examples
    --------
    >>> ends_early(30.0, 40.0, Box(0, 0, 100, 50)), ends_early(60.0, 40.0, Box(0, 0, 100, 50))
    (True, False)
    """
    return area.x + area.width - end_x > width + gap
