"""Disclosed deals beside the own offer: no number is cut at the table's edge, whatever the width."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest

from app.deals_panel import DealsPanel
from models.samples import sample


@pytest.fixture
def panel(open_session: Any, show: Any) -> DealsPanel:
    session = open_session(sample("briefing"))
    panel = show(DealsPanel(session), 900, 500)
    panel.show_offer(session.plan.ai_offers[0])
    return panel


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("width", [330, 420, 560, 700, 1500])
def test_that_no_number_is_cut_at_the_edge(panel: DealsPanel, qtbot: Any, width: int, kind: int) -> None:
    panel.show_offer(panel.session.plan.ai_offers[kind])
    panel.resize(width, 500)
    grid = panel.grid
    qtbot.waitUntil(lambda: grid.width() == width)
    edge = grid.viewport().width()
    ends = list(accumulate(grid.columnWidth(c) for c in range(grid.columnCount())))
    assert edge in ends or ends[-1] <= edge, (edge, ends)
    assert ends[2] <= edge
    if width == 1500:
        assert ends[-1] <= edge
        names = [grid.item(row, 0).text() for row in range(grid.rowCount())]
        widest = max(grid.fontMetrics().horizontalAdvance(name) for name in names)
        assert grid.columnWidth(0) > widest


def test_that_the_tooltip_of_a_row_has_all_columns(panel: DealsPanel) -> None:
    tip = panel.grid.item(0, 0).toolTip()
    for column in range(1, panel.grid.columnCount()):
        heading = panel.grid.horizontalHeaderItem(column).text()
        assert f"{heading}: {panel.grid.item(0, column).text()}" in tip
