"""Scenarios side by side on the large plan, and a bridge of twelve inputs."""

from __future__ import annotations

import random
from dataclasses import replace
from time import perf_counter
from typing import Any

SCENARIOS, CHANGES = 50, 4
TIMES, WARM_UP = 15, 2
TABLES = ("market", "power_contracts", "asic_lots", "ai_offers")


def many_scenarios() -> Any:
    """The large plan with fifty scenarios of four changed inputs each; every third inherits from the one before."""
    from models.drivers import drivers, value_of, with_value
    from models.fields import read
    from models.plan import Scenario
    from tests.large_plan import large_plan

    plan, draw = large_plan(), random.Random(50)
    paths = [d.path for d in drivers(plan) if d.path.split(".")[0] in TABLES and "hashprice" not in d.path]
    paths = [p for p in paths if value_of(plan, p) is not None]
    found = []
    for number in range(1, SCENARIOS):
        chosen = draw.sample(paths, CHANGES)
        # Every other one rests on a market of its own, where most what-ifs begin.
        chosen = [*chosen[1:], "market.btc_price_usd"] if number % 2 else chosen
        moved = [(p, with_value(plan, p, (value_of(plan, p) or 0.0) * draw.uniform(0.9, 1.1))) for p in chosen]
        overrides = tuple((p, read(m, p)) for p, m in dict(moved).items())
        found.append(
            Scenario(f"x{number}", f"What-if {number}", overrides, f"x{number - 1}" if number % 3 == 2 else None)
        )
    return replace(plan, scenarios=tuple(found))


def matrix() -> dict[str, Any]:
    """Fifty scenarios from their overrides to values, deltas and best uses of every site, use and lot."""
    from models.compare.columns import columns_of
    from models.compare.matrix import compare

    plan = many_scenarios()
    ids = ["base", *(s.id for s in plan.scenarios)]
    rows = 0

    def once() -> None:
        nonlocal rows
        rows = len(compare(columns_of(plan, ids)).rows)

    return {"samples": _timed(once), "note": f"{len(ids)} scenarios × {rows} figures, every plan put together anew"}


def bridge() -> dict[str, Any]:
    """NPV of a lot of the large plan between two scenarios that differ in twelve inputs, all combinations."""
    from models.compare.bridge import bridge as bridged
    from models.compare.columns import columns_of
    from models.plan import Scenario
    from tests.large_plan import large_plan

    plan = large_plan()
    lot = plan.asic_lots[1]
    contract = next(c for c in plan.power_contracts if c.site_id == lot.site_id)
    moves = (
        ("market.btc_price_usd", 95_000.0),
        ("market.difficulty", 150e12),
        ("market.fees_btc_per_block", 0.1),
        ("market.btc_price_growth_fraction_per_year", 0.12),
        ("market.difficulty_growth_fraction_per_year", 0.2),
        ("assumptions.mining_discount_rate_fraction", 0.18),
        (f"sites.{lot.site_id}.mining_pue", 1.11),
        (f"asic_lots.{lot.id}.uptime_fraction", 0.8),
        (f"asic_lots.{lot.id}.pool_fee_fraction", 0.03),
        (f"asic_lots.{lot.id}.opex_usd_per_mw_year", 80_000.0),
        (f"power_contracts.{contract.id}.adders_usd_per_mwh", 11.0),
        (f"power_contracts.{contract.id}.energy_price_growth_fraction_per_year", 0.05),
    )
    plan = replace(plan, scenarios=(Scenario("x1", "Other", moves),))
    steps = 0

    def once() -> None:
        nonlocal steps
        steps = len(bridged(*columns_of(plan, ("base", "x1")), f"uses.{lot.id}.npv_usd_per_mw").steps)

    return {"samples": _timed(once), "note": f"{steps} steps, exact: 4,096 combinations × 240 months"}


def _timed(job: Any) -> list[float]:
    found = []
    for number in range(TIMES + WARM_UP):
        began = perf_counter()
        job()
        if number >= WARM_UP:
            found.append((perf_counter() - began) * 1e3)
    return found
