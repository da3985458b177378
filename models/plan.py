"""The records that a user edits, as frozen slotted dataclasses. An edit makes a new `Plan`; subtrees are shared.

Names of records and fields are the same here, in JSON, in SQLite, in CSV headings and in paths
(``ai_offers.o1.rent_usd_per_it_kw_month``). Ids are short strings, unique in the plan. Every name ends in its unit;
fractions are 0…1. A required number that is None has not been entered yet: the plan then shows no figure that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Any

from models.fields import MonthField, Overrides, Quantity, Reference, Text
from models.records.frame import MAX_HORIZON_MONTHS, Assumptions, Header, Market, Schedulable
from models.records.judgement import Observation, Snooze, Tripwire, Uncertainty
from models.records.offer import GPU_CLOUD, LEASE, AiOffer
from models.records.paper import Actual, DecidedUse, Decision, MemoPart
from models.records.power import PowerContract, TouPeriod
from models.records.series import MeterSeries, PriceSeries, PriceStep
from models.records.site import AsicLot, Site

__all__ = [
    "BESIDE_THE_NUMBERS",
    "GPU_CLOUD",
    "ID_PREFIXES",
    "LEASE",
    "MAX_HORIZON_MONTHS",
    "OWNED_BY_SITE",
    "RECORD_TYPES",
    "SINGLE_RECORDS",
    "Actual",
    "AiOffer",
    "AsicLot",
    "Assumptions",
    "DecidedUse",
    "Decision",
    "Evidence",
    "Header",
    "Lever",
    "Market",
    "MemoPart",
    "MeterSeries",
    "Observation",
    "Plan",
    "PowerContract",
    "PriceSeries",
    "PriceStep",
    "Scenario",
    "Schedulable",
    "Site",
    "Snooze",
    "Split",
    "TouPeriod",
    "Tripwire",
    "Uncertainty",
    "ids_of",
    "new_id",
    "priced_tables",
]


@dataclass(frozen=True, slots=True)
class Split:
    """From one month on, so many of a site's utility megawatts go to one use (a lot or an offer)."""

    id: str
    site_id: Annotated[str, Reference(label="Site", tables=("sites",))]
    use_id: Annotated[str, Reference(label="Use", tables=("asic_lots", "ai_offers"))]
    mw: Annotated[float, Quantity(unit="MW", label="Megawatts", low=0, high=100_000, digits=1)]
    start_month: Annotated[
        str | None, MonthField(label="From", help="First month; empty means from the plan's start.")
    ] = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an input or a claim comes from."""

    id: str
    path: Annotated[str, Text(label="Input", help="The field it supports; empty for a line that feeds no input.")] = ""
    claim: Annotated[str, Text(label="What it says")] = ""
    source: Annotated[str, Text(label="Source")] = ""
    address: Annotated[str, Text(label="Address")] = ""
    date: Annotated[str, Text(label="Date", date=True)] = ""
    note: Annotated[str, Text(label="Note")] = ""


@dataclass(frozen=True, slots=True)
class Lever:
    """A pinned input: a slider and a number that every page shows."""

    id: str
    path: Annotated[str, Text(label="Input", required=True)]
    low: Annotated[float | None, Quantity(unit="", label="From", help="The slider's left end.")] = None
    high: Annotated[float | None, Quantity(unit="", label="To", help="The slider's right end.")] = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """Values in which a what-if differs from the plan, or from its parent scenario; all else is inherited."""

    id: str
    name: Annotated[str, Text(label="Scenario", required=True)]
    overrides: Annotated[tuple[tuple[str, Any], ...], Overrides(label="Changed values")] = ()
    parent_id: Annotated[str | None, Reference(label="Inherits from", tables=("scenarios",))] = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a user decided; the only input of `models.evaluate.evaluate`."""

    plan: Header
    market: Market
    assumptions: Assumptions = Assumptions()
    sites: tuple[Site, ...] = ()
    price_series: tuple[PriceSeries, ...] = ()
    price_steps: tuple[PriceStep, ...] = ()
    power_contracts: tuple[PowerContract, ...] = ()
    tou_periods: tuple[TouPeriod, ...] = ()
    meter_series: tuple[MeterSeries, ...] = ()
    asic_lots: tuple[AsicLot, ...] = ()
    ai_offers: tuple[AiOffer, ...] = ()
    splits: tuple[Split, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    uncertainties: tuple[Uncertainty, ...] = ()
    tripwires: tuple[Tripwire, ...] = ()
    observations: tuple[Observation, ...] = ()
    snoozes: tuple[Snooze, ...] = ()
    levers: tuple[Lever, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    memo_parts: tuple[MemoPart, ...] = ()
    decisions: tuple[Decision, ...] = ()
    decided_uses: tuple[DecidedUse, ...] = ()
    actuals: tuple[Actual, ...] = ()


RECORD_TYPES: dict[str, type] = {
    "plan": Header,
    "assumptions": Assumptions,
    "market": Market,
    "sites": Site,
    "price_series": PriceSeries,
    "price_steps": PriceStep,
    "power_contracts": PowerContract,
    "tou_periods": TouPeriod,
    "meter_series": MeterSeries,
    "asic_lots": AsicLot,
    "ai_offers": AiOffer,
    "splits": Split,
    "evidence": Evidence,
    "uncertainties": Uncertainty,
    "tripwires": Tripwire,
    "observations": Observation,
    "snoozes": Snooze,
    "levers": Lever,
    "scenarios": Scenario,
    "memo_parts": MemoPart,
    "decisions": Decision,
    "decided_uses": DecidedUse,
    "actuals": Actual,
}
"""Record type of every table of a plan, in the order in which files and pages show them."""

SINGLE_RECORDS = ("plan", "assumptions", "market")
"""Tables that hold exactly one record and need no id in a path."""

BESIDE_THE_NUMBERS = (
    "evidence",
    "uncertainties",
    "tripwires",
    "observations",
    "snoozes",
    "levers",
    "scenarios",
    "memo_parts",
    "decisions",
    "decided_uses",
    "actuals",
)
"""Tables that no evaluation reads: no scenario differs in them, and no lever moves them."""

priced_tables = attrgetter(*(table for table in RECORD_TYPES if table not in BESIDE_THE_NUMBERS))
"""Of a plan, every table that a figure is worked out from, the single records first."""

OWNED_BY_SITE = ("power_contracts", "meter_series", "asic_lots", "ai_offers", "splits")


def ids_of(plan: Plan) -> set[str]:
    """Every record id in the plan."""
    return {r.id for name in RECORD_TYPES if name not in SINGLE_RECORDS for r in getattr(plan, name)}


def new_id(plan: Plan, prefix: str) -> str:
    """A short id that no record of the plan has: the prefix and the lowest free number.

    Examples
    --------
    >>> new_id(Plan(Header("Example", "2026-04"), Market(70_000.0, 133.79e12, 941_472)), "s")
    's1'
    """
    taken = ids_of(plan)
    number = 1
    while f"{prefix}{number}" in taken:
        number += 1
    return f"{prefix}{number}"


ID_PREFIXES = {
    "sites": "s",
    "price_series": "h",
    "price_steps": "d",
    "power_contracts": "p",
    "tou_periods": "t",
    "meter_series": "m",
    "asic_lots": "a",
    "ai_offers": "o",
    "splits": "w",
    "evidence": "e",
    "uncertainties": "u",
    "tripwires": "g",
    "observations": "b",
    "snoozes": "z",
    "levers": "l",
    "scenarios": "c",
    "memo_parts": "k",
    "decisions": "q",
    "decided_uses": "v",
    "actuals": "x",
}
"""First letter of the ids of each table, as the samples use them."""
