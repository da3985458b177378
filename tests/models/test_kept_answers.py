"""What is kept between two evaluations must be what a process would say that has kept nothing."""

from __future__ import annotations

import gc
from functools import _lru_cache_wrapper
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import columns, fields
from models.breakeven import frontier, price_curves
from models.drivers import BTC_PRICE, HASHPRICE
from models.evaluate import evaluate, price_path
from models.fields import Field
from models.flips import flips
from models.plan import ID_PREFIXES, SINGLE_RECORDS, Plan
from models.recommendation import decide
from models.results import BASES
from models.samples import sample, sample_names
from tests.hourly_plan import hourly_plan
from tests.strategies import dearest, plans, values

MOVED = ("market", "assumptions", "sites", "power_contracts", "tou_periods", "asic_lots", "ai_offers")
PRICES = np.linspace(10_000.0, 250_000.0, 9)
BASE_PLANS = [*(sample(name) for name, _, _ in sample_names()), hourly_plan()]


CACHES = [o for o in gc.get_objects() if isinstance(o, _lru_cache_wrapper) and o.__module__.startswith("models")]
"""Found among all objects, since a decorator may hide its cache."""


def forget() -> None:
    """Leave nothing kept by any function of the models."""
    for cache in CACHES:
        cache.cache_clear()
    columns._LAST.clear()


def answers(plan: Plan) -> dict[str, Any]:
    """Crossovers, curves, the first pair's frontier and where bitcoin turns each site's answer, by what they are."""
    results = evaluate(plan)
    found: dict[str, Any] = {}
    for row in results.crossovers:
        prices = (row.btc_price_usd, row.hashprice_usd_per_ph_day, row.rent_usd_per_it_kw_month)
        found[f"{row.asic_id} {row.offer_id} {row.basis}"] = (*prices, row.price_usd_per_gpu_hour)
        found[f"{row.asic_id} {row.offer_id} {row.basis} reason"] = row.reason
    pairs = [(a.id, o) for a in plan.asic_lots for o in plan.ai_offers if a.site_id == o.site_id]
    for basis in BASES:
        for use_id, line in price_curves(plan, results, PRICES, basis).figure.items():
            found[f"{use_id} {basis} curve"] = line
        for asic_id, offer in pairs[:1]:
            for x_path, xs in ((BTC_PRICE, PRICES), (HASHPRICE, np.linspace(10.0, 120.0, 7))):
                ys = np.linspace(1.0, 250.0, 5)
                line = frontier(plan, asic_id, offer.id, x_path, price_path(offer), xs, ys, basis, results)
                found[f"{x_path} {basis} frontier"] = line.difference
    for decision in decide(plan, results):
        for flip in flips(plan, decision, only=BTC_PRICE):
            found[f"{decision.site.id} flip"] = flip.value
            found[f"{decision.site.id} winner"] = flip.winner
    return found


def movable(plan: Plan) -> list[tuple[str, Field]]:
    """Every field of the tables in `MOVED`, by its path."""
    found = []
    for table in MOVED:
        held = getattr(plan, table)
        for path, kind in [(table, held)] if table in SINGLE_RECORDS else [(f"{table}.{r.id}", r) for r in held]:
            found += [(f"{path}.{field.name}", field) for field in fields.fields_of(type(kind))]
    return found


@pytest.mark.parametrize("base", [*range(len(BASE_PLANS)), None], ids=lambda b: "random" if b is None else str(b))
@settings(dearest, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_that_answers_after_edits_are_those_of_a_process_that_has_kept_nothing(
    base: int | None, data: st.DataObject
) -> None:
    plan = data.draw(plans(usual=True)) if base is None else BASE_PLANS[base]
    ids = {table: [r.id for r in getattr(plan, table)] for table in ID_PREFIXES}
    fields_there = movable(plan)
    seen = [plan]
    for _ in range(data.draw(st.integers(1, 5))):
        price = data.draw(st.floats(0.0, 300_000.0))
        path, field = data.draw(st.sampled_from(fields_there))
        moved = fields.replace(plan, path, data.draw(values(field, ids, usual=True)))
        seen += [fields.replace(plan, BTC_PRICE, price), moved, fields.replace(moved, BTC_PRICE, price)]
        plan = data.draw(st.sampled_from(seen))
    warm = [answers(plan) for plan in seen]
    for plan, found in zip(seen, warm, strict=True):
        forget()
        wanted = answers(plan)
        assert found.keys() == wanted.keys()
        for key, value in wanted.items():
            if isinstance(value, str):
                assert found[key] == value, key
            else:
                np.testing.assert_allclose(found[key], value, rtol=1e-12, atol=0.0, err_msg=key)
