"""A part of a plan that is priced as in the whole: sites do not touch each other's figures.

The same part of the same tables is the same object, so that whatever is kept of it between two evaluations is found
again while a lever moves something else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import lru_cache
from typing import Any

from models.kept import KEPT, Same
from models.plan import BESIDE_THE_NUMBERS, AiOffer, AsicLot, Plan


def part_of(plan: Plan, lots: tuple[AsicLot, ...], offers: tuple[AiOffer, ...], site_ids: Collection[str]) -> Plan:
    """The plan of some sites with these uses, and nothing that no evaluation reads.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    lots, offers
        Those that remain, best from `chosen`.
    site_ids
        Of the sites that remain.
    """
    sites = frozenset(site_ids)
    contracts = chosen(plan.power_contracts, "site_id", sites)
    nothing: dict[str, Any] = dict.fromkeys(BESIDE_THE_NUMBERS, ())
    return replace(
        plan,
        sites=chosen(plan.sites, "id", sites),
        power_contracts=contracts,
        tou_periods=chosen(plan.tou_periods, "contract_id", frozenset(c.id for c in contracts)),
        meter_series=(),
        asic_lots=lots,
        ai_offers=offers,
        splits=(),
        **nothing,
    )


def chosen(table: tuple[Any, ...], field: str, values: frozenset[str]) -> tuple[Any, ...]:
    """The records of a table whose field has one of some values, in their order; the same table where it is all."""
    return _chosen(Same(table), field, values)


@lru_cache(maxsize=8 * KEPT)
def _chosen(table: Same, field: str, values: frozenset[str]) -> tuple[Any, ...]:
    found = tuple(record for record in table.held if getattr(record, field) in values)
    return table.held if len(found) == len(table.held) else found


def with_first(lots: tuple[AsicLot, ...], lot_id: str) -> tuple[AsicLot, ...]:
    """The lots with one of them moved to the front."""
    return _with_first(Same(lots), lot_id)


@lru_cache(maxsize=KEPT)
def _with_first(lots: Same, lot_id: str) -> tuple[AsicLot, ...]:
    return tuple(sorted(lots.held, key=lambda lot: lot.id != lot_id))
