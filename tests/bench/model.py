"""One evaluation, beside the same model as a plain Python loop."""

from __future__ import annotations

import dataclasses
from statistics import median
from time import perf_counter
from typing import Any

MOVES = 400
LEVERS = (
    ("market.btc_price_usd", 70_000.0),
    ("power_contracts.p1.energy_price_usd_per_mwh", 45.0),
    ("asic_lots.a1.uptime_fraction", 0.9),
    ("ai_offers.o1.rent_usd_per_it_kw_month", 120.0),
)
TABLES = ("sites", "power_contracts", "asic_lots", "ai_offers")


def evaluation() -> dict[str, Any]:
    """10 sites × 20 lots × 10 offers × 120 months; every figure but those worked out when first asked for.

    As a user meets it: a lever has moved, so that one record of the plan is another than before; four levers take
    turns. The note has the same with every table of the plan new, as after opening a file.
    """
    from models.drivers import with_value
    from models.evaluate import evaluate
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan(10, 20, 10, 120)
    found: list[float] = []
    anew: list[float] = []
    plain: list[float] = []
    for k in range(-20, MOVES):
        path, usual = LEVERS[k % len(LEVERS)]
        moved = with_value(plan, path, usual * (1.0 + 1e-4 * k))
        new = dataclasses.replace(moved, **{name: (*getattr(moved, name),) for name in TABLES})
        took = [_milliseconds(lambda p=p: evaluate(p)) for p in (moved, new)]  # type: ignore[misc]
        if k < 0:  # warming up
            continue
        found.append(took[0])
        anew.append(took[1])
        if k % 20 == 0:  # side by side, so that both meet the same machine
            plain.append(_milliseconds(lambda p=moved: figures(p)))  # type: ignore[misc]
    slower = f"every table new: {median(anew):.2f} ms, {median(plain) / median(anew):.1f}×"
    return {"samples": found, "beside": {"plain Python (goal: ≥ 50×)": plain}, "note": slower}


def _milliseconds(job: Any) -> float:
    began = perf_counter()
    job()
    return (perf_counter() - began) * 1e3
