"""One evaluation, beside the same model as a plain Python loop."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import Any

MOVES = 400
WARM_UP = 40
LEVERS = (
    ("market.btc_price_usd", 70_000.0),
    ("power_contracts.p1.energy_price_usd_per_mwh", 45.0),
    ("asic_lots.a1.uptime_fraction", 0.9),
    ("ai_offers.o1.rent_usd_per_it_kw_month", 120.0),
)


def evaluation() -> dict[str, Any]:
    """10 sites × 20 lots × 10 offers × 120 months; every figure but those worked out when first asked for.

    As a user meets it: a lever has moved, so that one record of the plan is another than before; four levers take
    turns. The note has a plan of the same size of which nothing was ever seen before.
    """
    from models.drivers import with_value
    from models.evaluate import evaluate
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan(10, 20, 10, 120)
    found: list[float] = []
    plain: list[float] = []
    for k in range(-WARM_UP, MOVES):
        path, usual = LEVERS[k % len(LEVERS)]
        moved = with_value(plan, path, usual * (1.0 + 1e-4 * k))
        took = _milliseconds(lambda p=moved: evaluate(p))  # type: ignore[misc]
        if k < 0:
            continue
        found.append(took)
        if k % 20 == 0:  # side by side, so that both meet the same machine
            plain.append(_milliseconds(lambda p=moved: figures(p)))  # type: ignore[misc]
    others = [large_plan(10, 20, 10, 120, seed=seed) for seed in range(60)]
    first = median(_milliseconds(lambda p=other: evaluate(p)) for other in others)  # type: ignore[misc]
    note = f"a plan never seen before: {first:.2f} ms, {median(plain) / first:.1f}×"
    return {"samples": found, "beside": {"plain Python (goal: ≥ 50×)": plain}, "note": note}


def _milliseconds(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
