"""Explaining a figure of the large plan: each of the kinds that pages show, one after another."""

from __future__ import annotations

from datetime import date
from time import perf_counter
from typing import Any

PATHS = (
    "market.hashprice_usd_per_ph_day",
    "uses.a{n}.margin_usd_per_mw_year",
    "uses.a{n}.npv_usd_per_mw",
    "uses.a{n}.break_even_power_usd_per_mwh",
    "uses.o{n}.npv_usd_per_mw",
    "uses.o{n}.irr_fraction",
    "uses.o{n}.payback_months",
    "sites.s{n}.gain_usd",
    "crossovers.a{n}.o{n}.npv.btc_price_usd",
)
ROUNDS = 10


def explaining() -> dict[str, Any]:
    """Every kind of figure, of ten lots, offers and sites; with the price put in changed between two rounds."""
    from models.drivers import with_value
    from models.evaluate import evaluate
    from models.explain import explain
    from tests.large_plan import large_plan

    plan, found, slowest = large_plan(), [], ("", 0.0)
    for number in range(1, ROUNDS + 1):
        moved = with_value(plan, "market.btc_price_usd", 70_000.0 + number)
        results = evaluate(moved)
        _ = results.crossovers  # theirs is the solver's time, not the explanation's
        for pattern in PATHS:
            path = pattern.format(n=number)
            began = perf_counter()
            explain(moved, results, path, date(2026, 11, 28))
            took = (perf_counter() - began) * 1e3
            found.append(took)
            slowest = max(slowest, (path, took), key=lambda pair: pair[1])
    return {"samples": found, "beside": {}, "note": f"slowest: {slowest[0]}, {slowest[1]:.1f} ms"}


MEMO_PATHS = (
    "recommendation.do_nothing_npv_usd",
    "recommendation.gain_usd",
    "asked.peak_outlay_usd",
    "alternatives.wait_6.gain_usd",
    "alternatives.wait_12.gain_usd",
    "alternatives.s{n}.wait_12.behind_usd_per_mw",
    "recommendation.s{n}.flips.market.btc_price_growth_fraction_per_year.distance",
    "recommendation.s{n}.flips.market.difficulty.deviations",
    "recommendation.s{n}.existing_mw",
    "uses.a{n}.break_evens.all_in.hashprice_usd_per_ph_day",
)


def explaining_a_memo() -> dict[str, Any]:
    """The figures of a memo that take longest: sums over all sites, decisions taken later, inputs at their flips."""
    from models.drivers import with_value
    from models.evaluate import evaluate
    from models.memo.explained import explained
    from tests.large_plan import large_plan

    plan, found, slowest, opened = large_plan(), [], ("", 0.0), []
    for number in range(1, ROUNDS + 1):
        moved = with_value(plan, "market.btc_price_usd", 70_000.0 + number)
        results = evaluate(moved)
        for pattern in MEMO_PATHS:
            path = pattern.format(n=number)
            began = perf_counter()
            try:
                explanation = explained(moved, results, path, date(2026, 11, 28))
            except KeyError:  # not every site flips by every input
                continue
            took = (perf_counter() - began) * 1e3
            found.append(took)
            slowest = max(slowest, (path, took), key=lambda pair: pair[1])
            if path == MEMO_PATHS[0]:
                began = perf_counter()
                explanation.sentence()
                opened.append((perf_counter() - began) * 1e3)
    note = f"slowest: {slowest[0]}, {slowest[1]:.1f} ms; all below a sum over 60 lots: {min(opened):.0f} ms"
    return {"samples": found, "beside": {}, "note": note}
