"""A table's columns after an edit: what is taken over from those before must be what a new reading gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.columns import COLUMNS, MOST_MOVED
from models.fields import Schedule
from models.inputs import Inputs, gather
from models.plan import Plan
from tests.large_plan import large_plan

PLAN = large_plan(4, 9, 6, 60)


def read_anew(plan: Plan) -> Inputs:
    """The arrays of the plan with every record made anew, so that none is found among those read before."""
    return gather(replace(plan, **{t: tuple(replace(r) for r in getattr(plan, t)) for t in COLUMNS}))


def assert_same(found: Inputs, wanted: Inputs) -> None:
    for held, other in ((found.numbers, wanted.numbers), (found.months_grown, wanted.months_grown)):
        assert held.keys() == other.keys()
        for key, column in held.items():
            np.testing.assert_array_equal(column, other[key], err_msg=key)
    assert found.rows == wanted.rows


@pytest.mark.parametrize("table", [t for t in COLUMNS if getattr(PLAN, t)])
def test_that_each_field_of_a_record_is_read_after_it_moved(table: str) -> None:
    gather(PLAN)
    names, levels = COLUMNS[table]
    for name in (*names, *levels):
        for at, record in enumerate(getattr(PLAN, table)[:3]):
            value = getattr(record, name)
            moved = Schedule(("2026-05", "2027-01"), (3.0, 4.0)) if name in levels else (value or 0.0) + 1.0
            records = list(getattr(PLAN, table))
            records[at] = replace(record, **{name: moved})
            plan = replace(PLAN, **{table: tuple(records)})
            found = gather(plan)
            row = found.rows[table][record.id]
            column = found.numbers[f"{table}.{name}"]
            assert column[row, -1] == (4.0 if name in levels else moved)
            assert_same(found, read_anew(plan))


@pytest.mark.parametrize("count", [1, MOST_MOVED, MOST_MOVED + 1, 9])
def test_that_many_records_may_move_at_once_or_stand_in_another_order(count: int) -> None:
    gather(PLAN)
    lots = tuple(replace(lot, count=7) if n < count else lot for n, lot in enumerate(PLAN.asic_lots))
    for found in (lots, lots[::-1], lots[:-1], (*lots, replace(lots[0], id="a99"))):
        plan = replace(PLAN, asic_lots=found)
        assert_same(gather(plan), read_anew(plan))


def test_that_an_offer_which_becomes_a_lease_changes_its_row() -> None:
    gather(PLAN)
    kinds = {o.kind for o in PLAN.ai_offers}
    assert kinds == {"lease", "gpu_cloud"}
    offers = tuple(replace(o, kind="lease") for o in PLAN.ai_offers)
    plan = replace(PLAN, ai_offers=offers)
    assert_same(gather(plan), read_anew(plan))
    assert gather(plan).gpu_rows == slice(len(offers), len(offers))
