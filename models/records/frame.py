"""The records that frame every figure: calendar, discount rates, and the bitcoin market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Flag, MonthField, Quantity, Schedule, Text

Schedulable = float | Schedule
"""One number, or a monthly table in its place."""

MAX_HORIZON_MONTHS = 600


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
