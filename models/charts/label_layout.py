"""Where labels go so that none covers another: along the plot's right side, and beside marks.

All lengths are in the drawing's own unit, y running downwards. Screen and memo share this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


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
) -> list[Box | None]:
    """A place beside each point for its label, clear of other labels, of other points and of the area's edge.

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
        One box per point, None where there is no room: that label has to wait until its point is pointed at.

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
        found = None
        for at, top in candidates:
            if at < area.x or top < area.y or at + width > end or top + height > foot:
                continue
            for other_x, other_y, other_width, other_height in others:
                if (  # as in `Box.overlaps`
                    at + width - other_x > 1e-6
                    and other_x + other_width - at > 1e-6
                    and top + height - other_y > 1e-6
                    and other_y + other_height - top > 1e-6
                ):
                    break
            else:
                found = Box(at, top, width, height)
                used.append((at, top, width, height))
                break
        placed.append(found)
    return placed
