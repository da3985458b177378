"""The records of a site: its grid connection and its machines. How it buys power is in `models.records.power`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Quantity, Reference, Text
from models.records.frame import MAX_HORIZON_MONTHS


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
    curtailment_start_cost_usd_per_mw: Annotated[
        float,
        Quantity(
            unit="USD/MW",
            label="Cost of a restart",
            help="Wear, heating and lost minutes of stopping and starting one MW of machines once; it keeps them from "
            "chattering around the strike price. Counts where a contract follows hourly prices.",
            low=0,
            high=1_000_000,
            usual_low=0,
            usual_high=200,
            digits=2,
            advanced=True,
        ),
    ] = 0.0


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
    planned_outage_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Planned outages",
            help="Share of the hours lost to maintenance that is planned, on top of the uptime's outages. Standing "
            "still for price is counted apart from both.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.05,
            digits=1,
            advanced=True,
        ),
    ] = 0.0
