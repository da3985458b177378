"""Charts as data: ranges, ticks, labels in their places, and curves that say what the results say."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models import fields
from models.charts.label_layout import Box, leader, place_beside, spread
from models.charts.plots import Plots
from models.charts.scope import LOT_COLOURS, OFFER_COLOURS, Ranges
from models.charts.spec import Axis, nice_range, sticky_range, tick_texts, ticks, value_at
from models.charts.table import chart_sheet
from models.drivers import BTC_PRICE, HASHPRICE, drivers, value_of, with_value
from models.evaluate import evaluate, price_path
from models.plan import Plan
from models.samples import sample
from models.sheets import csv_text
from models.storage.validity import problem_in
from tests.large_plan import large_plan

FINITE = st.floats(-1e12, 1e12, allow_nan=False)
RENT = "ai_offers.o1.rent_usd_per_it_kw_month"


def plots_of(plan: Plan, saved: Plan | None = None, **settings: object) -> Plots:
    plots = Plots()
    for name, value in settings.items():
        setattr(plots, name, value)
    plots.show(plan, evaluate(plan), saved)
    return plots


def sentence_of(plan: Plan, **settings: object) -> str:
    return plots_of(plan, **settings).chart("frontier").summary


# --- ranges and ticks ---


@given(FINITE, FINITE)
def test_that_a_nice_range_holds_what_it_was_made_for_and_little_more(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    nice_low, nice_high = nice_range(low, high)
    slack = 1e-6 * max(abs(low), abs(high), 1e-3)
    assert nice_low < nice_high
    assert nice_low <= low + slack
    assert nice_high >= high - slack
    if high - low > slack:
        assert nice_high - nice_low <= 2.2 * (high - low)


@given(st.tuples(FINITE, FINITE).map(sorted), FINITE, FINITE)
def test_that_a_held_range_never_moves(shown: list[float], a: float, b: float) -> None:
    previous = (shown[0], shown[1])
    assert sticky_range(previous, min(a, b), max(a, b), held=True) == previous


@given(st.floats(-1e9, 1e9), st.floats(1e-2, 1e9), st.integers(2, 12))
def test_that_ticks_lie_in_the_range_and_read_differently(low: float, span: float, about: int) -> None:
    axis = Axis("", "", "USD/MW", low, low + span)
    assume(span > 1e-3 * abs(low))
    at = ticks(axis, about)
    assert len(at) <= about + 1
    assert all(axis.low - 1e-6 * span <= t <= axis.high + 1e-6 * span for t in at)
    texts = tick_texts(axis, at)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("unit", "low", "high", "expected"),
    [
        ("USD/BTC", 0.0, 200_000.0, ("$0", "$50k", "$100k", "$150k", "$200k")),
        ("fraction", 0.0, 0.2, ("0%", "5%", "10%", "15%", "20%")),
        ("USD/MW", -10e6, 10e6, ("−$10M", "−$5M", "$0", "$5M", "$10M")),
        ("difficulty", 100e12, 200e12, ("100", "125", "150", "175", "200")),
    ],
)
def test_that_ticks_are_written_as_people_write_them(
    unit: str, low: float, high: float, expected: tuple[str, ...]
) -> None:
    axis = Axis("", "", unit, low, high)
    assert tick_texts(axis, ticks(axis, 4)) == expected


# --- label layout ---


@given(st.lists(st.floats(-50, 450), max_size=40), st.floats(4, 30))
def test_that_labels_in_a_column_never_overlap(wanted: list[float], height: float) -> None:
    centres = [c for c in spread(wanted, height, 0.0, 400.0) if c is not None]
    assert len(centres) == min(len(wanted), int(400.0 // height))
    ordered = sorted(centres)
    assert all(b - a >= height - 1e-6 for a, b in pairwise(ordered))
    assert all(height / 2 - 1e-6 <= c <= 400 - height / 2 + 1e-6 for c in centres)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=25))
def test_that_labels_beside_points_cover_neither_each_other_nor_a_point(points: list[tuple[float, float]]) -> None:
    area = Box(0, 0, 300, 200)
    placed = place_beside(points, [(52.0, 14.0)] * len(points), area)
    boxes = [b for b in placed if b is not None]
    assert all(b.inside(area) for b in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    for number, box in enumerate(placed):
        others = [p for k, p in enumerate(points) if k != number]
        assert box is None or not any(
            box.x < x < box.x + box.width and box.y < y < box.y + box.height for x, y in others
        )


def test_that_a_label_alone_has_room() -> None:
    assert place_beside([(150.0, 100.0)], [(52.0, 14.0)], Box(0, 0, 300, 200)) != [None]


def test_that_a_label_goes_elsewhere_where_no_place_beside_its_point_is_free() -> None:
    crowd = [(100.0 + 12 * i, 190.0) for i in range(5)]
    area = Box(0, 0, 300, 200)
    placed = place_beside(crowd, [(67.0, 17.0)] * 5, area)
    boxes = [box for box in placed if box is not None]
    assert len(boxes) == 5
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    led = [(at, box, end) for at, box in zip(crowd, boxes, strict=True) if (end := leader(at, box))]
    assert led
    for _, box, (x, y) in led:
        assert box.x <= x <= box.x + box.width
        assert box.y <= y <= box.y + box.height


# --- the four plots ---


@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus", "flexible"])
@pytest.mark.parametrize("basis", ["revenue", "margin", "npv"])
def test_that_crossings_are_the_exact_crossovers_and_lie_on_both_curves(name: str, basis: str) -> None:
    plan = sample(name)
    results = evaluate(plan)
    spec = plots_of(plan, price_basis=basis).chart("price")
    expected = {
        f"{c.asic_id}/{c.offer_id}": c.btc_price_usd
        for c in results.crossovers
        if c.basis == basis and math.isfinite(c.btc_price_usd)
    }
    assert {m.id: m.x for m in spec.marks} == expected
    curves = {s.id: s for s in spec.series}
    checked = 0
    for mark in spec.marks:
        asic_id, offer_id = mark.id.split("/")
        if basis == "npv" or not spec.x.low <= mark.x <= spec.x.high:
            continue
        assert value_at(curves[offer_id], mark.x) == pytest.approx(mark.y, rel=1e-12)
        # The lot's curve is sampled; a month that starts to run between two samples bends it.
        assert value_at(curves[asic_id], mark.x) == pytest.approx(mark.y, rel=0.02)
        checked += 1
    assert checked or basis == "npv" or name == "own-gpus"


def test_that_a_crossing_is_labelled_with_its_price() -> None:
    marks = {m.id: m for m in plots_of(sample("briefing")).chart("price").marks}
    crossing = evaluate(sample("briefing")).crossover("a1", "o1", "revenue")
    assert crossing is not None
    assert marks["a1/o1"].text == f"${crossing.btc_price_usd:,.0f}"


def test_that_the_price_curve_is_what_an_evaluation_at_that_price_gives() -> None:
    plan = sample("briefing")
    curve = {s.id: s for s in plots_of(plan, price_basis="margin").chart("price").series}["a1"]
    for price in (30_000.0, 80_000.0, 120_000.0, 190_000.0):
        at = evaluate(with_value(plan, "market.btc_price_usd", price))
        assert value_at(curve, price) == pytest.approx(at.by_id["a1"].margin_usd_per_mw_year, rel=1e-9, abs=1e-6)
    assert len(curve.x) < 40  # straight between the prices at which months begin to run


def test_that_the_power_line_is_the_formula_of_the_books() -> None:
    """economics 1.4: 1000·HP·(1−f)/(24·e·PUE)."""
    plan = sample("briefing")
    spec = plots_of(plan).chart("power")
    curves = {s.id: s for s in spec.series}
    pue = {s.id: s.mining_pue for s in plan.sites}
    for lot in plan.asic_lots:
        efficiency = lot.power_w / lot.hashrate_th_per_s
        expected = 1000 * 50.0 * (1 - lot.pool_fee_fraction) / (24 * efficiency * pue[lot.site_id])
        assert value_at(curves[lot.id], 50.0) == pytest.approx(expected, rel=1e-12)
    assert [r.text for r in spec.references if r.axis == "y"] == ["Prairie Creek $50.00"]
    assert {r.at for r in spec.references if r.id == "today"} == {evaluate(plan).market.spot_hashprice_usd_per_ph_day}


def test_that_the_fleets_line_lies_between_its_machines() -> None:
    curves = {s.id: float(s.y[-1]) for s in plots_of(sample("briefing")).chart("power").series}
    fleet = curves.pop("fleet")
    assert min(curves.values()) < fleet < max(curves.values())


def test_that_cash_ends_at_the_sum_of_the_cash_flow_and_marks_payback() -> None:
    plan = sample("briefing")
    results = evaluate(plan)
    spec = plots_of(plan).chart("cash")
    curves = {s.id: s for s in spec.series}
    for use in results.uses:
        assert float(curves[use.id].y[-1]) == pytest.approx(float(use.cash.free_cash.sum()), rel=1e-9, abs=1e-6)
    marks = {m.id: m for m in spec.marks}
    lease = results.by_id["o1"]
    spent = int(np.flatnonzero(lease.cash_points)[0])
    assert marks["payback o1"].x - spent == lease.payback_months


def test_that_own_gpus_do_not_squash_the_curves_of_the_chosen_pair() -> None:
    spec = plots_of(sample("briefing")).chart("price")
    gpus = next(s for s in spec.series if s.id == "o2")
    assert float(gpus.y[0]) > spec.y.high
    assert gpus.label.startswith("↑ $")


def test_that_no_machine_has_an_offers_colour() -> None:
    assert not set(LOT_COLOURS) & set(OFFER_COLOURS)
    spec = plots_of(sample("three-sites")).chart("price")
    looks = [(s.colour, s.style) for s in spec.series]
    assert len(set(looks)) == len(looks)
    assert all((s.style in ("dash", "dash_dot")) == s.id.startswith("o") for s in spec.series)


def test_that_a_large_plan_shows_the_chosen_site_with_the_whole_plans_figures() -> None:
    plan = large_plan()
    whole = evaluate(plan)
    plots = plots_of(plan)
    spec = plots.chart("cash")
    assert 4 <= len(spec.series) <= 12
    assert len({whole.by_id[s.id].site_id for s in spec.series}) == 1
    assert spec.subtitle.startswith(plan.sites[0].name)
    for series in spec.series:
        expected = float(whole.by_id[series.id].cash.free_cash.sum())
        assert float(series.y[-1]) == pytest.approx(expected, rel=1e-9, abs=1e-3)


def test_that_ghosts_show_the_saved_plan_and_only_where_it_differs() -> None:
    saved = sample("briefing")
    plots = plots_of(with_value(saved, "power_contracts.p1.energy_price_usd_per_mwh", 70.0), saved)
    ghosts = {name: {s.id for s in plots.chart(name).series if s.ghost} for name in Plots.NAMES}
    assert ghosts["cash"] == {"a1:saved"}
    assert ghosts["frontier"] == {"line 0:saved"}
    assert ghosts["power"] == set()  # what a machine can pay does not depend on what it pays
    before = {s.id: s for s in plots_of(saved).chart("cash").series}["a1"]
    ghost = next(s for s in plots.chart("cash").series if s.id == "a1:saved")
    np.testing.assert_array_equal(ghost.y, before.y)
    assert not any(s.ghost for name in Plots.NAMES for s in plots_of(saved, saved).chart(name).series)


def test_that_ranges_hold_while_a_lever_is_dragged_and_give_way_when_it_is_let_go() -> None:
    plots = plots_of(sample("briefing"))
    before = [(plots.chart(n).x, plots.chart(n).y) for n in Plots.NAMES]
    plots.ranges.held = True
    far = with_value(sample("briefing"), "market.btc_price_usd", 400_000.0)
    plots.show(far, evaluate(far))
    assert [(plots.chart(n).x, plots.chart(n).y) for n in Plots.NAMES] == before
    plots.ranges.held = False
    assert plots.chart("price").x.high > 400_000
    assert plots.chart("frontier").x.high > evaluate(far).market.spot_hashprice_usd_per_ph_day


def test_that_forgotten_ranges_are_chosen_anew() -> None:
    ranges = Ranges()
    ranges.take("cash", "y", 0.0, 101.0)
    ranges.take("price", "y", 0.0, 101.0)
    ranges.forget("cash")
    assert ranges.take("cash", "y", 0.0, 99.0) != ranges.take("price", "y", 0.0, 99.0)


@pytest.mark.parametrize(("path", "far"), [("market.btc_price_usd", 110e3), (HASHPRICE, 120.0), (RENT, 300.0)])
def test_that_ranges_come_back_when_a_lever_is_reset(path: str, far: float) -> None:
    plots = plots_of(sample("briefing"))
    before = {n: (plots.chart(n).x, plots.chart(n).y) for n in Plots.NAMES}
    moved = with_value(sample("briefing"), path, far)
    plots.show(moved, evaluate(moved))
    assert {n: (plots.chart(n).x, plots.chart(n).y) for n in Plots.NAMES} != before
    plots.show(sample("briefing"), evaluate(sample("briefing")))
    assert {n: (plots.chart(n).x, plots.chart(n).y) for n in Plots.NAMES} == before


def test_that_a_small_change_there_and_back_moves_no_range() -> None:
    ranges = Ranges()
    shown = ranges.take("cash", "y", 0.0, 101.0)
    assert [ranges.take("cash", "y", 0.0, high) for high in (99.0, 104.0, 96.0)] == [shown] * 3


# --- the frontier ---


@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus", "flexible"])
@pytest.mark.parametrize("basis", ["revenue", "margin", "npv"])
def test_that_on_the_frontier_both_are_worth_the_same(name: str, basis: str) -> None:
    plan = sample(name)
    plots = plots_of(plan, frontier_basis=basis)
    front = plots.frontier()
    assert front is not None
    figure = {"npv": "npv_usd_per_mw"}.get(basis, f"{basis}_usd_per_mw_year")
    asic_id, offer_id = plots.pair
    lot = next(a for a in plan.asic_lots if a.id == asic_id)
    pue = next(s.mining_pue for s in plan.sites if s.id == lot.site_id)
    resale = lot.resale_value_usd_per_unit * 1e6 / (lot.power_w * pue) if basis == "npv" else 0.0
    for row in (3, len(front.line_x) // 2, len(front.line_x) - 3):
        moved = with_value(
            with_value(plan, front.x_path, float(front.line_x[row])), front.y_path, float(front.line_y[row])
        )
        uses = evaluate(moved).by_id
        mined, offered = getattr(uses[asic_id], figure), getattr(uses[offer_id], figure) + resale
        assert mined == pytest.approx(offered, rel=1e-7, abs=0.5)


@pytest.mark.parametrize(
    "axes",
    [
        None,
        (HASHPRICE, "power_contracts.p1.energy_price_usd_per_mwh"),  # both move mining: no straight line
        ("assumptions.lease_discount_rate_fraction", RENT),  # both move the lease
        (RENT, "assumptions.overhead_usd_per_mw_year"),  # the second moves neither: the line stands upright
        ("market.btc_price_growth_fraction_per_year", "ai_offers.o1.capex_usd_per_it_mw"),
    ],
)
def test_that_each_side_holds_the_points_where_it_wins(axes: tuple[str, str] | None) -> None:
    plan = sample("briefing")
    plots = plots_of(plan, axes=axes)
    spec = plots.chart("frontier")
    front = plots.frontier()
    assert front is not None
    sides = {fill.id: fill for fill in spec.fills}
    difference = np.broadcast_to(front.difference, (front.xs.size, front.ys.size))
    assert spec.series
    seen = set()
    for i in np.linspace(4, front.xs.size - 5, 7).astype(int):
        for j in np.linspace(4, front.ys.size - 5, 7).astype(int):
            if abs(difference[i, j]) < 0.03 * np.nanmax(np.abs(difference)):
                continue
            winner = "offer" if difference[i, j] > 0 else "mine"
            loser = "mine" if winner == "offer" else "offer"
            at = float(front.xs[i]), float(front.ys[j])
            assert _inside(sides[winner].x, sides[winner].y, *at)
            assert not _inside(sides[loser].x, sides[loser].y, *at)
            seen.add(winner)
    assert seen
    for fill in spec.fills:
        assert fill.id not in seen or fill.text


def _inside(xs: np.ndarray, ys: np.ndarray, x: float, y: float) -> bool:
    """Whether a point lies in polygons that NaN separates, by the even-odd rule."""
    odd, start = False, 0
    for end in [*np.flatnonzero(np.isnan(xs)).tolist(), len(xs)]:
        px, py = xs[start:end], ys[start:end]
        for k in range(len(px)):
            (x0, y0), (x1, y1) = (px[k - 1], py[k - 1]), (px[k], py[k])
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
                odd = not odd
        start = end + 1
    return odd


def test_that_the_line_reaches_the_edge_that_it_leaves_through() -> None:
    """A dear lease: its line leaves the plot through the top, between two columns of the grid."""
    plan = with_value(sample("briefing"), "ai_offers.o1.capex_usd_per_it_mw", 18_000_000.0)
    plots = plots_of(with_value(plan, "market.btc_price_growth_fraction_per_year", 0.25))
    spec = plots.chart("frontier")
    line = next(s for s in spec.series if s.id == "line 0")
    ends = {(float(line.x[0]), float(line.y[0])), (float(line.x[-1]), float(line.y[-1]))}
    for x, y in ends:
        assert x in (spec.x.low, spec.x.high) or y in (spec.y.low, spec.y.high)


# --- in words ---


def test_that_the_sentence_says_where_the_lease_wins() -> None:
    plan = sample("briefing")
    crossing = evaluate(plan).crossover("a1", "o1", "npv")
    assert crossing is not None
    assert sentence_of(plan) == (
        f"At $33.30/PH/day and 17.5 J/TH this lease wins above ${crossing.rent_usd_per_it_kw_month:.0f}/kW-month; "
        "it is at $128."
    )


def test_that_the_sentence_keeps_decimals_where_two_rents_would_read_the_same() -> None:
    crossing = evaluate(sample("briefing")).crossover("a1", "o1", "npv")
    assert crossing is not None
    plan = with_value(sample("briefing"), RENT, crossing.rent_usd_per_it_kw_month + 0.1)
    words = sentence_of(plan)
    said, now = words.split("above $")[1].split("/kW-month; it is at $")
    assert float(said) != float(now.rstrip("."))


def test_that_the_sentence_names_the_basis_where_it_is_not_npv() -> None:
    assert sentence_of(sample("briefing"), frontier_basis="revenue").startswith("By revenue, at $33.30/PH/day")


def test_that_the_sentence_speaks_of_gpus_in_the_plural() -> None:
    words = sentence_of(sample("own-gpus"))
    assert "these GPUs win above $" in words
    assert words.endswith("they are at $2.91.")


def test_that_the_sentence_says_when_the_lease_wins_at_any_rent() -> None:
    """Machines that lose a fortune, and a hall that costs nothing."""
    plan = with_value(sample("briefing"), "ai_offers.o1.capex_usd_per_it_mw", 0.0)
    plan = with_value(plan, "asic_lots.a1.opex_usd_per_mw_year", 5_000_000.0)
    assert sentence_of(plan) == "At $33.30/PH/day and 17.5 J/TH this lease wins at any rent."


def test_that_the_sentence_says_when_the_line_lies_outside_the_plot() -> None:
    plan = with_value(sample("briefing"), "ai_offers.o1.capex_usd_per_it_mw", 40_000_000.0)
    words = sentence_of(plan)
    assert "this lease wins above $" in words
    assert words.endswith("it is at $128, and the line lies outside the plot.")


def test_that_the_sentence_says_when_no_value_of_another_axis_decides() -> None:
    words = sentence_of(sample("briefing"), axes=(HASHPRICE, "assumptions.overhead_usd_per_mw_year"))
    assert "17.5 J/TH this lease wins for every corporate overhead from $0/MW-year to $" in words


def test_that_axes_follow_the_chosen_pair() -> None:
    plan = sample("briefing")
    plots = plots_of(plan, axes=("asic_lots.a1.uptime_fraction", RENT))
    plots.show(plan, evaluate(plan), None, "a2", "o1")
    assert plots.frontier_axes() == ("asic_lots.a2.uptime_fraction", RENT)
    plots.show(plan, evaluate(plan), None, "a2", "o2")  # own GPUs have no rent
    assert plots.frontier_axes() == (HASHPRICE, "ai_offers.o2.price_usd_per_gpu_hour")


def test_that_the_sentence_says_why_it_cannot_say() -> None:
    plan = fields.replace(sample("briefing"), RENT, None)
    plots = plots_of(plan)
    spec = plots.chart("frontier")
    assert spec.summary.startswith("Whether this lease wins cannot be said: ")
    assert "Rent" in spec.summary or "rent" in spec.summary
    assert not spec.marks


def test_that_an_axis_stays_within_its_bounds() -> None:
    spec = plots_of(sample("briefing"), axes=("asic_lots.a1.uptime_fraction", "sites.s1.mining_pue")).chart("frontier")
    assert 0.0 <= spec.x.low < spec.x.high <= 1.0
    assert 1.0 <= spec.y.low < spec.y.high <= 2.0


def test_that_axes_of_a_record_that_is_gone_fall_back() -> None:
    plan = sample("briefing")
    plots = plots_of(plan, axes=(HASHPRICE, price_path(plan.ai_offers[1])))
    without = replace(plan, ai_offers=plan.ai_offers[:1])
    plots.show(without, evaluate(without))
    assert plots.frontier_axes() == (HASHPRICE, RENT)


@pytest.mark.parametrize(("table", "words"), [("asic_lots", "Add machines"), ("ai_offers", "Add an offer")])
def test_that_an_empty_side_says_what_to_add(table: str, words: str) -> None:
    plots = plots_of(replace(sample("briefing"), **{table: ()}))
    assert words in plots.chart("frontier").reason
    for name in ("price", "power", "cash"):
        spec = plots.chart(name)
        assert spec.reason or spec.series


def test_that_an_empty_plan_draws_no_empty_axes() -> None:
    plots = plots_of(replace(sample("briefing"), asic_lots=(), ai_offers=()))
    assert all(plots.chart(name).reason for name in Plots.NAMES)


# --- as a table ---


def test_that_a_charts_table_holds_its_curves_in_full_precision() -> None:
    spec = plots_of(sample("briefing")).chart("cash")
    found = chart_sheet(spec)
    assert [c.heading for c in found.columns[:2]] == ["Month", "Antminer S21 [USD/MW]"]
    assert [row[0] for row in found.rows[:3]] == ["2026-04-01", "2026-04", "2026-05"]
    assert [row[1] for row in found.rows] == spec.series[0].y.tolist()


def test_that_the_marked_points_stand_below_the_curves() -> None:
    spec = plots_of(sample("briefing")).chart("price")
    below = chart_sheet(spec).below
    assert below is not None
    assert [c.heading for c in below.columns] == ["Point", "BTC price [USD/BTC]", f"{spec.y.label} [{spec.y.unit}]"]
    assert [row[1:] for row in below.rows] == [(m.x, m.y) for m in spec.marks]


def test_that_a_name_that_looks_like_a_formula_is_text() -> None:
    plan = fields.replace(sample("briefing"), "asic_lots.a1.model", '=HYPERLINK("x")')
    table = csv_text(chart_sheet(plots_of(plan).chart("cash")))
    assert '"\'=HYPERLINK(""x"") [USD/MW]"' in table
    assert all(not cell.startswith("=") for row in csv.reader(io.StringIO(table)) for cell in row)


@pytest.mark.parametrize("name", ["briefing", "three-sites", "own-gpus", "flexible"])
def test_that_a_frontier_drawn_after_edits_is_the_one_that_is_drawn_first(name: str) -> None:
    plan = sample(name)
    kept = Plots()
    contract = f"power_contracts.{plan.power_contracts[0].id}.energy_price_usd_per_mwh"
    offer = plan.ai_offers[0]
    moves = [
        (BTC_PRICE, 0.9),
        (BTC_PRICE, 1.2),
        (contract, 1.3),
        (BTC_PRICE, 0.8),
        (price_path(offer), 1.1),
        (contract, 0.7),
    ]
    for path, factor in moves:
        now = value_of(plan, path)
        if now is None:
            continue
        plan = with_value(plan, path, now * factor)
        results = evaluate(plan)
        fresh = Plots()
        for plots in (kept, fresh):
            plots.show(plan, results)
        fresh.ranges = kept.ranges
        again, first = kept.chart("frontier"), fresh.chart("frontier")
        assert again.marks == first.marks
        assert again.summary == first.summary
        for mine, other in ((again.series, first.series), (again.fills, first.fills)):
            assert [x.id for x in mine] == [x.id for x in other]
            for a, b in zip(mine, other, strict=True):
                # The kept line was worked out from another point of the same surface: digits behind the twelfth differ.
                np.testing.assert_allclose(a.x, b.x, rtol=1e-12)
                np.testing.assert_allclose(a.y, b.y, rtol=1e-12)


def test_that_a_frontier_follows_every_input_though_its_surface_is_kept() -> None:
    plan = sample("flexible")
    kept = Plots()
    kept.show(plan, evaluate(plan))
    kept.chart("frontier")
    kept.ranges.held = True
    for found in drivers(plan):
        now = value_of(plan, found.path)
        moved = with_value(plan, found.path, now * 1.05 if now else 1.0)
        if problem_in(moved):
            continue
        results = evaluate(moved)
        fresh = Plots(ranges=kept.ranges)
        fresh.show(moved, results)
        kept.show(moved, results)
        kept.chart("frontier"), fresh.chart("frontier")
        mine, other = kept._front, fresh._front
        assert mine is not None
        assert other is not None
        assert mine.offer_wins == other.offer_wins, found.path
        assert mine.point_x == other.point_x, found.path
        assert mine.line_y_here == pytest.approx(other.line_y_here, rel=1e-9, nan_ok=True), found.path
        np.testing.assert_allclose(mine.difference, other.difference, rtol=1e-9, atol=1e-6, err_msg=found.path)
        np.testing.assert_allclose(mine.line_y, other.line_y, rtol=1e-9, err_msg=found.path)
