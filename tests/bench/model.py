"""One evaluation, beside the same model as a plain Python loop."""

from __future__ import annotations

from time import perf_counter
from typing import Any


def evaluation() -> dict[str, Any]:
    """10 sites × 20 lots × 10 offers × 120 months; every figure but those worked out when first asked for."""
    from models.evaluate import evaluate
    from tests.large_plan import large_plan
    from tests.plain_model import figures

    plan = large_plan(10, 20, 10, 120)
    for _ in range(20):
        evaluate(plan)
    found: list[float] = []
    plain: list[float] = []
    for k in range(400):
        began = perf_counter()
        evaluate(plan)
        found.append((perf_counter() - began) * 1e3)
        if k % 20 == 0:  # side by side, so that both meet the same machine
            began = perf_counter()
            figures(plan)
            plain.append((perf_counter() - began) * 1e3)
    return {"samples": found, "beside": {"plain Python (goal: ≥ 50×)": plain}}
