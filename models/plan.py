"""The records that a user edits, as frozen slotted dataclasses. An edit makes a new `Plan`; subtrees are shared.

Names of records and fields are the same here, in JSON, in SQLite, in CSV headings and in paths
(``ai_offers.o1.rent_usd_per_it_kw_month``). Ids are short strings, unique in the plan. Every name ends in its unit;
fractions are 0…1. A required number that is None has not been entered yet: the plan then shows no figure that needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from models.fields import (
    Choice,
    Flag,
    MonthField,
    Overrides,
    Quantity,
    Reference,
    Schedule,
    Text,
)

Schedulable = float | Schedule
"""One number, or a monthly table in its place."""

MAX_HORIZON_MONTHS = 600
LEASE = "lease"
GPU_CLOUD = "gpu_cloud"


@dataclass(frozen=True, slots=True)
class Header:
    """What the plan is called, and the calendar it covers."""

    name: Annotated[str, Text(label="Plan name", required=True)]
    start: Annotated[str, MonthField(label="First month", help="Month 0 of every table and plot.", required=True)]
    horizon_months: Annotated[
        int,
        Quantity(
            unit="months",
            label="Horizon",
            help="How many months every use of a megawatt is compared over.",
            low=1,
            high=MAX_HORIZON_MONTHS,
            usual_low=36,
            usual_high=240,
            digits=0,
            whole=True,
        ),
    ] = 120


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What the reader of every figure must agree to: discount rates and the shutdown rule."""

    mining_discount_rate_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Discount rate, mining",
            help="Annual and effective. Merchant mining carries price and difficulty risk.",
            low=-0.5,
            high=2.0,
            usual_low=0.08,
            usual_high=0.30,
            digits=1,
            source="planner band 15–25 %; a CFO must set it",
        ),
    ] = 0.15
    lease_discount_rate_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Discount rate, AI lease",
            help="Annual and effective. Contracted rent; set it by the tenant's credit.",
            low=-0.5,
            high=2.0,
            usual_low=0.06,
            usual_high=0.16,
            digits=1,
            source="planner band 7.5–12 %; a CFO must set it",
        ),
    ] = 0.10
    gpu_cloud_discount_rate_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Discount rate, own GPUs",
            help="Annual and effective. Hardware that ages while prices move.",
            low=-0.5,
            high=2.0,
            usual_low=0.08,
            usual_high=0.25,
            digits=1,
            source="planner band 10–15 %; a CFO must set it",
        ),
    ] = 0.12
    economic_shutdown: Annotated[
        bool,
        Flag(
            label="Stop when power costs more",
            help="A lot whose month would earn less than its energy costs stands still that month. "
            "Off: it runs at a loss.",
        ),
    ] = True
    overhead_usd_per_mw_year: Annotated[
        float,
        Quantity(
            unit="USD/MW-year",
            label="Corporate overhead",
            help="Counted in the all-in break-even only; no use of a megawatt pays it in its cash flow.",
            low=0,
            high=10_000_000,
            usual_low=0,
            usual_high=200_000,
            digits=0,
            advanced=True,
        ),
    ] = 0.0


@dataclass(frozen=True, slots=True)
class Market:
    """Bitcoin's price and the network at the plan's start, and how they move."""

    btc_price_usd: Annotated[
        Schedulable,
        Quantity(
            unit="USD/BTC",
            label="BTC price",
            low=0,
            high=100_000_000,
            usual_low=30_000,
            usual_high=200_000,
            digits=0,
            schedule=True,
        ),
    ]
    difficulty: Annotated[
        Schedulable,
        Quantity(
            unit="difficulty",
            label="Difficulty",
            help="Expected hashes per block are difficulty × 2³².",
            low=1,
            high=1e20,
            usual_low=60e12,
            usual_high=300e12,
            digits=2,
            schedule=True,
        ),
    ]
    block_height: Annotated[
        int,
        Quantity(
            unit="blocks",
            label="Block height at start",
            help="Blocks come at 144 a day from here; the subsidy halves every 210,000 blocks (next at 1,050,000).",
            low=0,
            high=13_000_000,
            digits=0,
            whole=True,
        ),
    ]
    btc_price_growth_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="BTC price growth",
            help="Applied monthly: price × (1 + g)^(months/12).",
            low=-0.99,
            high=10,
            usual_low=-0.3,
            usual_high=0.5,
            digits=1,
        ),
    ] = 0.0
    difficulty_growth_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Difficulty growth",
            help="Applied monthly. Zero is optimistic: difficulty has risen in most years.",
            low=-0.99,
            high=10,
            usual_low=-0.2,
            usual_high=0.6,
            digits=1,
        ),
    ] = 0.0
    fees_btc_per_block: Annotated[
        float,
        Quantity(
            unit="BTC/block",
            label="Fees per block",
            help="Average transaction fees in a block, added to the subsidy; they do not halve.",
            low=0,
            high=100,
            usual_low=0,
            usual_high=0.5,
            digits=4,
        ),
    ] = 0.0
    as_of: Annotated[
        str,
        Text(
            label="Market data of", help="The day these market figures were read; the header shows its age.", date=True
        ),
    ] = ""
    source: Annotated[str, Text(label="Market source", help="Where these market figures were read.")] = ""


@dataclass(frozen=True, slots=True)
class Site:
    """A place with a grid connection."""

    id: str
    name: Annotated[str, Text(label="Site", required=True)]
    capacity_mw: Annotated[
        float,
        Quantity(
            unit="MW",
            label="Capacity",
            help="Utility megawatts at the meter, before cooling and losses.",
            low=0,
            high=100_000,
            usual_low=1,
            usual_high=1_000,
            digits=1,
        ),
    ]
    convertible_mw: Annotated[
        float | None,
        Quantity(
            unit="MW",
            label="Convertible to AI",
            help="Utility megawatts with the fibre, water and redundancy that AI needs; empty means all.",
            low=0,
            high=100_000,
            usual_low=0,
            usual_high=1_000,
            digits=1,
        ),
    ] = None
    mining_pue: Annotated[
        float,
        Quantity(
            unit="",
            label="Mining PUE",
            help="Metered power over machine power. Miners do not publish it; air 1.02–1.06, hydro 1.03–1.10.",
            low=1.0,
            high=2.0,
            usual_low=1.0,
            usual_high=1.15,
            digits=3,
            source="assumption, range 1.02–1.10",
        ),
    ] = 1.03


@dataclass(frozen=True, slots=True)
class PowerContract:
    """How a site buys its power. Several may follow one another or stack."""

    id: str
    site_id: Annotated[str, Reference(label="Site", tables=("sites",))]
    energy_price_usd_per_mwh: Annotated[
        Schedulable | None,
        Quantity(
            unit="USD/MWh",
            label="Energy price",
            help="All energy at the meter; a monthly table may stand in its place.",
            low=-500,
            high=5000,
            usual_low=20,
            usual_high=100,
            digits=2,
            schedule=True,
            required=True,
        ),
    ] = None
    kind: Annotated[str, Choice(label="Kind", options=(("fixed", "Fixed price, all energy"),))] = "fixed"
    name: Annotated[str, Text(label="Contract")] = ""
    adders_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Delivery and taxes",
            help="Everything per MWh that comes on top of the energy price.",
            low=-500,
            high=5000,
            usual_low=0,
            usual_high=30,
            digits=2,
        ),
    ] = 0.0
    energy_price_growth_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Energy price growth",
            help="Applied monthly from the plan's start.",
            low=-0.99,
            high=10,
            usual_low=-0.1,
            usual_high=0.15,
            digits=1,
        ),
    ] = 0.0
    contracted_mw: Annotated[
        float | None,
        Quantity(
            unit="MW",
            label="Contracted power",
            help="Weighs contracts that stack in one month; empty means the site's remaining megawatts.",
            low=0,
            high=100_000,
            digits=1,
            advanced=True,
        ),
    ] = None
    start_month: Annotated[
        str | None, MonthField(label="From", help="First month; empty means from the plan's start.", advanced=True)
    ] = None
    end_month: Annotated[
        str | None, MonthField(label="To", help="Last month; empty means to the plan's end.", advanced=True)
    ] = None


@dataclass(frozen=True, slots=True)
class AsicLot:
    """Machines of one model at one site."""

    id: str
    site_id: Annotated[str, Reference(label="Site", tables=("sites",))]
    model: Annotated[str, Text(label="Model", required=True)]
    count: Annotated[
        int,
        Quantity(unit="machines", label="Machines", low=0, high=100_000_000, digits=0, whole=True),
    ]
    hashrate_th_per_s: Annotated[
        float,
        Quantity(
            unit="TH/s",
            label="Hashrate",
            help="Per machine.",
            low=0.001,
            high=1_000_000_000,
            usual_low=80,
            usual_high=1_200,
            digits=1,
        ),
    ]
    power_w: Annotated[
        float,
        Quantity(
            unit="W",
            label="Power",
            help="Per machine, at its plug; the site's mining PUE comes on top.",
            low=0.001,
            high=1_000_000_000,
            usual_low=1_500,
            usual_high=12_000,
            digits=0,
        ),
    ]
    uptime_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Uptime",
            help="Share of the hours in which machines hash and draw power; economic standstill comes on top.",
            low=0,
            high=1,
            usual_low=0.85,
            usual_high=1.0,
            digits=1,
            source="company reports 85–97 %",
        ),
    ] = 0.95
    pool_fee_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Pool fee",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.04,
            digits=2,
            source="institutional rates 0–1 %, posted 2–4 %",
        ),
    ] = 0.005
    purchase_price_usd_per_unit: Annotated[
        float,
        Quantity(
            unit="USD/machine",
            label="Purchase price",
            help="New money at the plan's start. Zero for machines already paid: their cost is sunk.",
            low=0,
            high=10_000_000,
            usual_low=0,
            usual_high=8_000,
            digits=0,
        ),
    ] = 0.0
    resale_value_usd_per_unit: Annotated[
        float,
        Quantity(
            unit="USD/machine",
            label="Resale value",
            help="What a displaced machine would fetch; credited to the AI side of the NPV crossover.",
            low=0,
            high=10_000_000,
            usual_low=0,
            usual_high=5_000,
            digits=0,
        ),
    ] = 0.0
    opex_usd_per_mw_year: Annotated[
        float,
        Quantity(
            unit="USD/MW-year",
            label="Site opex",
            help="Staff, repairs, hosting and property per utility MW and year, in twelfths.",
            low=0,
            high=100_000_000,
            usual_low=0,
            usual_high=150_000,
            digits=0,
        ),
    ] = 0.0
    capital_recovery_months: Annotated[
        int,
        Quantity(
            unit="months",
            label="Capital recovery",
            help="Over how many months the all-in break-even recovers the purchase price at the mining rate.",
            low=1,
            high=MAX_HORIZON_MONTHS,
            usual_low=24,
            usual_high=60,
            digits=0,
            whole=True,
            advanced=True,
            source="filers depreciate miners over 2–5 years",
        ),
    ] = 48


@dataclass(frozen=True, slots=True)
class AiOffer:
    """A megawatt's other future: powered shell leased to a tenant, or the operator's own GPUs."""

    id: str
    site_id: Annotated[str, Reference(label="Site", tables=("sites",))]
    kind: Annotated[
        str,
        Choice(label="Kind", options=((LEASE, "Lease of powered shell"), (GPU_CLOUD, "Own GPUs"))),
    ]
    name: Annotated[str, Text(label="Offer", required=True)]
    critical_it_mw: Annotated[
        float,
        Quantity(
            unit="IT MW",
            label="Critical IT load",
            help="Megawatts at the servers, without cooling and losses. Metered megawatts are this × gross per IT.",
            low=0,
            high=100_000,
            usual_low=1,
            usual_high=500,
            digits=1,
        ),
    ]
    first_rent_month: Annotated[
        str, MonthField(label="First rent", help="The first month that pays; delivery is due before.", required=True)
    ]
    term_months: Annotated[
        int,
        Quantity(
            unit="months",
            label="Term",
            low=1,
            high=MAX_HORIZON_MONTHS,
            usual_low=36,
            usual_high=240,
            digits=0,
            whole=True,
        ),
    ]
    gross_mw_per_it_mw: Annotated[
        float,
        Quantity(
            unit="MW/IT MW",
            label="Gross per IT",
            help="Utility megawatts reserved per megawatt of critical IT: a capacity ratio, not the energy PUE.",
            low=1.0,
            high=4.0,
            usual_low=1.25,
            usual_high=1.55,
            digits=2,
            source="disclosed sites 1.35–1.52",
        ),
    ] = 1.40
    rent_usd_per_it_kw_month: Annotated[
        Schedulable | None,
        Quantity(
            unit="USD/IT kW-month",
            label="Rent",
            help="Per kW of critical IT and month, in the first year; disclosed leases average $104–188.",
            low=0,
            high=1_000_000,
            usual_low=50,
            usual_high=250,
            digits=2,
            schedule=True,
            required=True,
            kinds=(LEASE,),
        ),
    ] = None
    escalator_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Escalator",
            help="Steps once a year, twelve months after the first rent month.",
            low=-0.5,
            high=1,
            usual_low=0,
            usual_high=0.05,
            digits=2,
            kinds=(LEASE,),
        ),
    ] = 0.0
    opex_fraction_of_rent: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Opex share of rent",
            help="What the landlord pays to run the hall. Triple net about 2 %, modified gross 10–20 %.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.25,
            digits=1,
            kinds=(LEASE,),
        ),
    ] = 0.0
    it_kw_per_gpu: Annotated[
        float | None,
        Quantity(
            unit="IT kW/GPU",
            label="IT power per GPU",
            help="Contracted critical IT power per GPU, network and storage included; 1.5–2 × the card's TDP.",
            low=0.01,
            high=1_000,
            usual_low=1.2,
            usual_high=2.7,
            digits=2,
            required=True,
            kinds=(GPU_CLOUD,),
        ),
    ] = None
    price_usd_per_gpu_hour: Annotated[
        Schedulable | None,
        Quantity(
            unit="USD/GPU-hour",
            label="GPU price",
            help="Name the market: on-demand lists, one-year and five-year contracts are different prices.",
            low=0,
            high=10_000,
            usual_low=1,
            usual_high=8,
            digits=2,
            schedule=True,
            required=True,
            kinds=(GPU_CLOUD,),
        ),
    ] = None
    price_growth_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="GPU price growth",
            help="Applied monthly from the plan's start; usually negative for on-demand hours.",
            low=-0.99,
            high=10,
            usual_low=-0.4,
            usual_high=0.1,
            digits=1,
            kinds=(GPU_CLOUD,),
        ),
    ] = 0.0
    utilisation_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Utilisation",
            help="Share of the hours that are paid. Take-or-pay 100 %; on demand 50–85 %.",
            low=0,
            high=1,
            usual_low=0.4,
            usual_high=1.0,
            digits=1,
            kinds=(GPU_CLOUD,),
        ),
    ] = 0.85
    capex_usd_per_gpu: Annotated[
        float,
        Quantity(
            unit="USD/GPU",
            label="Capex per GPU",
            help="Node, network and storage per GPU; spent at the start of the first rent month.",
            low=0,
            high=10_000_000,
            usual_low=20_000,
            usual_high=90_000,
            digits=0,
            kinds=(GPU_CLOUD,),
        ),
    ] = 0.0
    opex_fraction_of_capex_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Opex share of GPU capex",
            help="Support, spares, staff: a share of the GPUs' price per year, in twelfths.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.15,
            digits=1,
            kinds=(GPU_CLOUD,),
        ),
    ] = 0.0
    residual_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="GPU residual",
            help="Share of the GPUs' price that returns at the end of the term, if that lies within the horizon.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.3,
            digits=1,
            kinds=(GPU_CLOUD,),
        ),
    ] = 0.0
    capex_usd_per_it_mw: Annotated[
        float,
        Quantity(
            unit="USD/IT MW",
            label="Hall capex",
            help="Landlord's build per MW of critical IT; disclosed $8–13 million, retrofits $3.6 million.",
            low=0,
            high=1_000_000_000,
            usual_low=1_500_000,
            usual_high=16_000_000,
            digits=0,
        ),
    ] = 0.0
    capex_months: Annotated[
        int,
        Quantity(
            unit="months",
            label="Capex spread over",
            help="Equal monthly parts ending with the month before the first rent; "
            "all at the plan's start where that is earlier.",
            low=1,
            high=120,
            usual_low=1,
            usual_high=36,
            digits=0,
            whole=True,
            advanced=True,
        ),
    ] = 12
    ramp_months: Annotated[
        int,
        Quantity(
            unit="months",
            label="Ramp",
            help="Months over which income grows evenly to full; 0 for all at once.",
            low=0,
            high=120,
            usual_low=0,
            usual_high=24,
            digits=0,
            whole=True,
            advanced=True,
        ),
    ] = 0
    power_paid_by: Annotated[
        str | None,
        Choice(
            label="Power paid by",
            help="Leases normally pass power through to the tenant; own GPUs pay their own.",
            options=((None, "Usual for this kind"), ("tenant", "Tenant"), ("operator", "Operator")),
        ),
    ] = None
    hall_residual_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Hall residual",
            help="Share of the hall's capex that is still worth its money at the end of the term, "
            "if that lies within the horizon.",
            low=0,
            high=2,
            usual_low=0,
            usual_high=1,
            digits=1,
            advanced=True,
        ),
    ] = 0.0
    counterparty: Annotated[str, Text(label="Tenant or customer", advanced=True)] = ""

    @property
    def operator_pays_power(self) -> bool:
        """Whether the site's energy bill is the operator's: own GPUs by default, leases only when said."""
        return (self.power_paid_by or ("tenant" if self.kind == LEASE else "operator")) == "operator"


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
    power_contracts: tuple[PowerContract, ...] = ()
    asic_lots: tuple[AsicLot, ...] = ()
    ai_offers: tuple[AiOffer, ...] = ()
    splits: tuple[Split, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    levers: tuple[Lever, ...] = ()
    scenarios: tuple[Scenario, ...] = ()


RECORD_TYPES: dict[str, type] = {
    "plan": Header,
    "assumptions": Assumptions,
    "market": Market,
    "sites": Site,
    "power_contracts": PowerContract,
    "asic_lots": AsicLot,
    "ai_offers": AiOffer,
    "splits": Split,
    "evidence": Evidence,
    "levers": Lever,
    "scenarios": Scenario,
}
"""Record type of every table of a plan, in the order in which files and pages show them."""

SINGLE_RECORDS = ("plan", "assumptions", "market")
"""Tables that hold exactly one record and need no id in a path."""

OWNED_BY_SITE = ("power_contracts", "asic_lots", "ai_offers", "splits")


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
    "power_contracts": "p",
    "asic_lots": "a",
    "ai_offers": "o",
    "splits": "w",
    "evidence": "e",
    "levers": "l",
    "scenarios": "c",
}
"""First letter of the ids of each table, as the samples use them."""
