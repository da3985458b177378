"""Names that do not fit: they are cut where they stay different."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics

from app import theme
from app.tables.elision import elided_apart, elided_name, width_apart
from app.word_lines import in_lines
from models.use_names import named_uses
from tests.large_plan import large_plan


@pytest.fixture
def metrics(qapp: object) -> QFontMetrics:
    return QFontMetrics(theme.font())


def test_that_whose_a_figure_is_stays_whole_while_what_it_is_gives_way(metrics: QFontMetrics) -> None:
    name = "Break-even hashprice, $/PH/day · Own GPUs 27, Juniper Creek"
    room = metrics.horizontalAdvance("Break… · Own GPUs 27, Juniper Creek")
    shown = elided_name(name, room, metrics)
    assert shown.startswith("Br")
    assert shown.endswith(" · Own GPUs 27, Juniper Creek")
    assert metrics.horizontalAdvance(shown) <= room
    assert elided_name(name, 10_000, metrics) == name
    roomier = metrics.horizontalAdvance("Break-even hashprice · Own GPUs 27, Juniper Creek")
    assert elided_name(name, roomier, metrics) == "Break-even hashprice · Own GPUs 27, Juniper Creek", (
        "without its unit"
    )


def test_that_a_name_longer_than_the_room_keeps_both_its_ends(metrics: QFontMetrics) -> None:
    shown = elided_name("NPV, $/MW · WhatsMiner M66S++ (293T) · Mesa Creek", 215, metrics)
    assert shown.startswith("NPV · ")
    assert shown.endswith("3T) · Mesa Creek")
    assert "…" in shown
    assert metrics.horizontalAdvance(shown) <= 215


LONG_NAME = "Delayed interconnection by twelve months at Mesa Verde"


def test_that_a_heading_goes_on_in_further_lines(metrics: QFontMetrics) -> None:
    shown = in_lines(LONG_NAME, 110, metrics)
    assert shown.split() == LONG_NAME.split()
    assert 2 <= shown.count("\n") + 1 <= 4
    assert all(metrics.horizontalAdvance(line) <= 110 for line in shown.split("\n"))
    assert in_lines("Bull", 110, metrics) == "Bull"
    # A word that is wider than a line is broken, and loses nothing.
    assert in_lines("W" * 20, 110, metrics).replace("\n", "") == "W" * 20


def test_that_headings_without_room_in_four_lines_keep_both_ends(metrics: QFontMetrics) -> None:
    first, second = (in_lines(f"{LONG_NAME} and then some more of it, {word}", 80, metrics) for word in ("low", "high"))
    assert first.count("\n") == 3
    assert first != second
    assert first.startswith("Delayed")
    assert first.endswith("low")
    assert "…" in first


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (("Lease 2, Cedar Creek", "Lease 22, Cedar Creek"), ("Lease 2,", "Lease 22,")),
        (("Antminer S19 XP+ Hyd (293T)", "Antminer S19 XP+ Hyd (279T)"), ("293T)", "279T)")),
    ],
)
def test_that_names_are_cut_where_they_are_the_same(
    metrics: QFontMetrics, texts: tuple[str, str], kept: tuple[str, str]
) -> None:
    for text, part in zip(texts, kept, strict=True):
        shown = elided_apart(text, texts, 105, metrics)
        assert part in shown
        assert shown != text


def test_that_every_row_of_a_large_plan_can_be_told_from_the_others(metrics: QFontMetrics) -> None:
    uses = named_uses(large_plan())
    assert len(set(uses.values())) == len(uses) == 90
    kinds = ("NPV, $/MW", "Margin, $/MW-year", "Break-even hashprice, $/PH/day")
    names = {f"{kind} · {use}" for kind in kinds for use in uses.values()}
    width = width_apart(names, (190, 214, 238, 278), metrics)
    assert len({elided_name(name, width, metrics) for name in names}) == len(names)
    assert width < 278
