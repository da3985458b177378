"""In a drag the plots are painted first; figures and words beside them follow at once, and never too late."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QObject

from app.after_plots import LONGEST_WAIT_S, AfterPlots
from app.charts.curves import TOLERANCE_PX, _needed


def test_that_what_is_asked_outside_of_a_drag_is_done_at_once(qtbot):
    done = []
    AfterPlots().do(lambda: done.append(1))
    assert done == [1]


def test_that_in_a_drag_a_job_is_done_once_when_the_window_is_idle(qtbot):
    after, done = AfterPlots(), []

    def job() -> None:
        done.append(1)

    after.hold(True)
    after.do(job)
    after.do(job)
    assert after.is_waiting
    assert done == []
    qtbot.waitUntil(lambda: not after.is_waiting)
    assert done == [1]


def test_that_the_end_of_a_drag_leaves_nothing_waiting(qtbot):
    after, done = AfterPlots(), []
    after.hold(True)
    after.do(lambda: done.append(1))
    after.hold(False)
    assert done == [1]
    assert not after.is_waiting


def test_that_a_mouse_that_never_rests_does_not_freeze_the_figures(qtbot, monkeypatch):
    after, done, now = AfterPlots(), [], [0.0]
    monkeypatch.setattr("app.after_plots.monotonic", lambda: now[0])

    def job() -> None:
        done.append(now[0])

    after.hold(True)
    for step in range(20):  # without one turn of the event loop
        now[0] = step * LONGEST_WAIT_S / 4
        after.do(job)
    assert len(done) >= 3
    assert np.diff(done).max() <= 2 * LONGEST_WAIT_S


def test_that_the_header_follows_the_plots_and_is_true_when_the_lever_is_let_go(window, qtbot):
    window.show_page("break_even")
    window.show()
    qtbot.waitExposed(window)
    session, page = window.session, window.pages["break_even"]
    order: list[str] = []

    class Painted(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                order.append("plot" if watched is not window.header.figures[0] else "figure")
            return False

    eye = Painted()
    for view in page.views.values():
        view.canvas.viewport().installEventFilter(eye)
    window.header.figures[0].installEventFilter(eye)
    row = next(row for row in window.levers.rows if row.lever.path == "market.btc_price_usd")
    before = window.header.figures[0].value
    row.slider.setSliderDown(True)
    row.slider.setSliderPosition(row.slider.maximum() // 3)
    assert window.header.figures[0].value == before
    qtbot.waitUntil(lambda: "figure" in order)
    assert order.index("figure") >= len(page.views)
    assert window.header.figures[0].value != before
    row.slider.setSliderPosition(row.slider.maximum() // 2)
    row.slider.setSliderDown(False)
    said = session.numbers.format(session.results.market.spot_hashprice_usd_per_ph_day, 2, "USD")
    assert window.header.figures[0].value == said
    for view in page.views.values():
        view.canvas.viewport().removeEventFilter(eye)


@given(
    st.lists(st.floats(-300, 300), min_size=2, max_size=12),
    st.integers(3, 300),
    st.floats(0, 40),
    st.sampled_from([1.0, 0.4, 2.5]),
)
def test_that_a_curve_is_drawn_off_by_less_than_a_screen_shows(corners, count, curl, uneven):
    x = 420.0 * np.linspace(0.0, 1.0, count) ** uneven
    y = np.interp(x, np.linspace(0.0, 420.0, len(corners)), corners) + curl * np.sin(x / 35.0)
    kept = _needed(x, y)
    assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= TOLERANCE_PX + 1e-9


@pytest.mark.parametrize("count", [3, 50, 193])
def test_that_a_straight_line_needs_its_two_ends(count):
    x = np.linspace(0.0, 420.0, count)
    assert np.flatnonzero(_needed(x, 3.0 * x)).tolist() == [0, count - 1]
