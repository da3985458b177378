"""Tornado, frontier and solving, on the large plan, beside what one would do without them."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

ROUNDS, WARM_UP = 60, 5
LIBREOFFICE_S = 55.0
"""What a study took for a what-if table of 10,000 rows in LibreOffice; printed as the study's, not measured here."""


def tornado_of_forty() -> dict[str, Any]:
    """The lead of a site with six lots and three offers, at P10 and P90 of forty inputs of that site."""
    from models.figure_along import part_for
    from models.sensitivity.ranges import Range, ranges, unranged
    from models.sensitivity.tornado import ends_of, tornado
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan()
    figure = "sites.s1.lead_usd_per_mw"
    owners = {r.id for t in (plan.asic_lots, plan.ai_offers, plan.power_contracts) for r in t if r.site_id == "s1"}
    near = [r for r in ranges(plan) if r.path.split(".")[1] in owners or r.path.count(".") == 1]
    # As if somebody had entered the rest: how wide they are does not change the work.
    rest = [u for u in unranged(plan) if u.path.split(".")[1] in owners and u.now > 0]
    made = [Range(u.path, u.label, u.unit, u.digits, u.now, 0.9 * u.now, 1.1 * u.now, "") for u in rest]
    given = tuple([*near, *made][:40])
    assert len(given) == 40
    part = part_for(plan, figure)
    found = [_milliseconds(lambda: tornado(plan, figure, given)) for _ in range(-WARM_UP, ROUNDS)][WARM_UP:]
    loop = []
    for _ in range(2):
        began = perf_counter()
        for each in given:
            for value in ends_of(plan, each):
                figures(_moved(part, each.path, value))
        loop.append((perf_counter() - began) * 1e3)
    one = [_milliseconds(lambda: tornado(plan, "uses.a1.npv_usd_per_mw")) for _ in range(20)]
    return {
        "samples": found,
        "beside": {"plain Python, the site alone 80 times": loop},
        "note": f"of one use's NPV, its own inputs: {median(one):.1f} ms",
    }


def frontier_of_pair() -> dict[str, Any]:
    """The exact line of a lot and an offer over BTC price and rent, with the value at 200 × 200 points."""
    import numpy as np

    from models.breakeven import frontier
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan()
    xs, ys = np.linspace(40_000.0, 160_000.0, 200), np.linspace(60.0, 240.0, 200)
    rent = "ai_offers.o1.rent_usd_per_it_kw_month"

    def draw() -> None:
        found = frontier(plan, "a1", "o1", "market.btc_price_usd", rent, xs, ys)
        assert found.difference.shape == (200, 200)

    samples = [_milliseconds(draw) for _ in range(-WARM_UP, ROUNDS)][WARM_UP:]
    part = _pair(plan)
    point = [_milliseconds(lambda: figures(part)) for _ in range(20)]
    note = (
        f"a point of the pair alone in plain Python {median(point):.1f} ms, 40,000 of them {40 * median(point):.0f} s"
    )
    return {"samples": samples, "note": f"{note}; a 10,000-row table in LibreOffice {LIBREOFFICE_S:.0f} s (a study)"}


def solving() -> dict[str, Any]:
    """NPV, margin and revenue of a use to a target, by five inputs in turn."""
    from models.figure_along import part_for
    from models.solve import solve
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan()
    jobs = (
        ("market.btc_price_usd", "uses.a1.npv_usd_per_mw", 100_000.0),
        ("market.hashprice_usd_per_ph_day", "uses.a1.margin_usd_per_mw_year", 300_000.0),
        ("market.difficulty", "uses.a1.revenue_usd_per_mw_year", 700_000.0),
        ("power_contracts.p3.energy_price_usd_per_mwh", "uses.a3.npv_usd_per_mw", 0.0),
        ("ai_offers.o1.rent_usd_per_it_kw_month", "uses.o1.npv_usd_per_mw", 2e6),
    )
    samples = []
    for k in range(-WARM_UP, ROUNDS):
        path, name, target = jobs[k % len(jobs)]
        began = perf_counter()
        found = solve(plan, path, name, target)
        took = (perf_counter() - began) * 1e3
        assert found.is_reached
        if k >= 0:
            samples.append(took)
    # Bisection takes forty evaluations for twelve digits; here of the one use alone.
    part = part_for(plan, jobs[0][1])
    plain = [40 * _milliseconds(lambda: figures(part)) for _ in range(8)]
    irr = _milliseconds(lambda: solve(plan, jobs[4][0], "uses.o1.irr_fraction", 0.15))
    return {
        "samples": samples,
        "beside": {"plain Python, 40 bisections of the use alone": plain},
        "note": f"a rate of return: {irr:.0f} ms",
    }


def distances_of_site() -> dict[str, Any]:
    """Every flip of one site of the large plan: nine uses, some thirty inputs."""
    from models.evaluate import evaluate
    from models.recommendation import decide
    from models.sensitivity.distances import distances
    from tests.large_plan import large_plan

    plan = large_plan()
    decision = decide(plan, evaluate(plan))[0]
    return {"samples": [_milliseconds(lambda: distances(plan, decision)) for _ in range(8)]}


def _moved(plan: Any, path: str, value: float) -> Any:
    from models.curves import month_text
    from models.drivers import with_value
    from models.fields import replace

    is_month = path.endswith("first_rent_month")
    return replace(plan, path, month_text(round(value))) if is_month else with_value(plan, path, value)


def _pair(plan: Any) -> Any:
    from models.pair import pair_plan

    return pair_plan(plan, "a1", "o1")


def _milliseconds(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
