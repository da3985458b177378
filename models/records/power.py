"""How a site buys its power: contracts and their time-of-use periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Choice, Flag, MonthField, Quantity, Reference, Text
from models.records.frame import Schedulable

FIXED = "fixed"
BLOCK = "block"
INDEX = "index"
BLOCK_AND_INDEX = "block_and_index"
TAKE_OR_PAY = "take_or_pay"
TIME_OF_USE = "time_of_use"
BEHIND_THE_METER = "behind_the_meter"

FOLLOWS_INDEX = (BLOCK, INDEX, BLOCK_AND_INDEX, BEHIND_THE_METER)
"""Kinds that settle some of their energy at an index."""


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
            help="The contract's price at the meter; a monthly table may stand in its place. Of a block its price, of "
            "time of use the price outside all periods, behind the meter the generator's price.",
            low=-500,
            high=5000,
            usual_low=20,
            usual_high=100,
            digits=2,
            schedule=True,
            required=True,
            kinds=(FIXED, BLOCK, BLOCK_AND_INDEX, TAKE_OR_PAY, TIME_OF_USE, BEHIND_THE_METER),
        ),
    ] = None
    kind: Annotated[
        str,
        Choice(
            label="Kind",
            options=(
                (FIXED, "Fixed price, all energy"),
                (BLOCK, "Fixed block, difference settled at index"),
                (INDEX, "Index"),
                (BLOCK_AND_INDEX, "Block and index"),
                (TAKE_OR_PAY, "Take or pay"),
                (TIME_OF_USE, "Time of use"),
                (BEHIND_THE_METER, "Behind the meter"),
            ),
        ),
    ] = FIXED
    name: Annotated[str, Text(label="Contract")] = ""
    adders_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Delivery and taxes",
            help="Everything per consumed MWh that comes on top of the energy price: delivery, losses, riders.",
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
            help="Applied monthly from the plan's start; of an index contract to its prices.",
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
            help="Weighs contracts that stack in one month; empty means the site's remaining megawatts. Of a block "
            "its size.",
            low=0,
            high=100_000,
            digits=1,
        ),
    ] = None
    start_month: Annotated[
        str | None, MonthField(label="From", help="First month; empty means from the plan's start.", advanced=True)
    ] = None
    end_month: Annotated[
        str | None, MonthField(label="To", help="Last month; empty means to the plan's end.", advanced=True)
    ] = None
    price_series_id: Annotated[
        str | None,
        Reference(
            label="Index prices",
            help="The imported hourly prices, or the price-duration table, that the index follows.",
            tables=("price_series",),
            kinds=FOLLOWS_INDEX,
        ),
    ] = None
    forward_index_usd_per_mwh: Annotated[
        Schedulable | None,
        Quantity(
            unit="USD/MWh",
            label="Forward index level",
            help="The average index in future months; the imported prices keep their shape and are scaled to it. One "
            "number sets the average over all months, a monthly table each month's own. Empty: prices as imported.",
            low=-500,
            high=5000,
            usual_low=15,
            usual_high=80,
            digits=2,
            schedule=True,
            kinds=FOLLOWS_INDEX,
        ),
    ] = None
    index_basis_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Basis to the hub",
            help="What the site's node settles at above the imported prices; negative where it settles below.",
            low=-500,
            high=5000,
            usual_low=-20,
            usual_high=20,
            digits=2,
            kinds=FOLLOWS_INDEX,
        ),
    ] = 0.0
    block_mw: Annotated[
        float | None,
        Quantity(
            unit="MW",
            label="Block",
            help="The part of the contracted power that has the block's price in every hour; the rest is index.",
            low=0,
            high=100_000,
            digits=1,
            required=True,
            kinds=(BLOCK_AND_INDEX,),
        ),
    ] = None
    sells_back: Annotated[
        bool,
        Flag(
            label="Unused energy is sold at index",
            help="Whether energy of the block (or the generator) that machines do not use is settled at the index: "
            "then the index, not the contract's price, decides whether a machine runs.",
            kinds=(BLOCK, BLOCK_AND_INDEX, BEHIND_THE_METER),
        ),
    ] = True
    sell_back_fee_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Sell-back fee",
            help="What is lost against the index on each MWh that is sold back.",
            low=0,
            high=500,
            usual_low=0,
            usual_high=5,
            digits=2,
            kinds=(BLOCK, BLOCK_AND_INDEX, BEHIND_THE_METER),
        ),
    ] = 0.0
    excess_fee_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Fee on excess",
            help="What is paid above the index on each MWh beyond the block.",
            low=0,
            high=500,
            usual_low=0,
            usual_high=5,
            digits=2,
            kinds=(BLOCK,),
        ),
    ] = 0.0
    take_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Minimum take",
            help="The share of the month's contracted energy that is paid for whether used or not.",
            low=0,
            high=1,
            usual_low=0.5,
            usual_high=0.95,
            digits=1,
            kinds=(TAKE_OR_PAY,),
        ),
    ] = 0.8
    standby_usd_per_kw_month: Annotated[
        float,
        Quantity(
            unit="USD/kW-month",
            label="Standby",
            help="Backup from the grid, per kW and month, whether used or not.",
            low=0,
            high=1_000_000,
            usual_low=0,
            usual_high=10,
            digits=2,
            kinds=(BEHIND_THE_METER,),
        ),
    ] = 0.0
    escalator_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Escalator",
            help="The contract's price steps up once a year, twelve months after its first month.",
            low=-0.5,
            high=1,
            usual_low=0,
            usual_high=0.05,
            digits=1,
            advanced=True,
        ),
    ] = 0.0
    demand_charge_usd_per_kw_month: Annotated[
        float,
        Quantity(
            unit="USD/kW-month",
            label="Demand charge",
            help="Per kW of billed demand and month. Standing still for some hours does not avoid it.",
            low=0,
            high=1_000_000,
            usual_low=0,
            usual_high=20,
            digits=2,
            advanced=True,
        ),
    ] = 0.0
    transmission_usd_per_kw_year: Annotated[
        float,
        Quantity(
            unit="USD/kW-year",
            label="Transmission",
            help="Rate per kW of average demand at the system's peaks (4CP in Texas), in twelfths.",
            low=0,
            high=1_000_000,
            usual_low=0,
            usual_high=150,
            digits=2,
            advanced=True,
        ),
    ] = 0.0
    peak_share_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Share running at peaks",
            help="The share of mining's demand that still runs at the four system peaks: 0 where all are avoided.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=1,
            digits=1,
            advanced=True,
        ),
    ] = 1.0
    twelve_peaks_from_month: Annotated[
        str | None,
        MonthField(
            label="Twelve peaks from",
            help="From this month twelve peaks a year count instead of four; Texas must amend its rule by the end of "
            "2026. Empty: four peaks for ever.",
            advanced=True,
        ),
    ] = None
    twelve_peak_share_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Share running at twelve peaks",
            help="The same share once twelve peaks count: they are harder to avoid.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=1,
            digits=1,
            advanced=True,
        ),
    ] = 1.0
    capacity_usd_per_mw_day: Annotated[
        float,
        Quantity(
            unit="USD/MW-day",
            label="Capacity tag",
            help="Capacity obligation per MW and day, as PJM charges it.",
            low=0,
            high=1_000_000,
            usual_low=0,
            usual_high=550,
            digits=2,
            advanced=True,
        ),
    ] = 0.0
    fixed_charge_usd_per_month: Annotated[
        float,
        Quantity(
            unit="USD/month",
            label="Fixed charge",
            help="Meter, scheduling and other charges of the whole contract per month, spread over its megawatts.",
            low=0,
            high=100_000_000,
            usual_low=0,
            usual_high=100_000,
            digits=0,
            advanced=True,
        ),
    ] = 0.0
    tax_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Tax on the bill",
            help="Sales or utility tax on every charge; energy sold back and demand-response income bear none.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.1,
            digits=2,
            advanced=True,
        ),
    ] = 0.0
    demand_response_usd_per_mw_year: Annotated[
        float,
        Quantity(
            unit="USD/MW-year",
            label="Demand response",
            help="Ancillary and demand-response income per MW that can be switched off, in twelfths. Firm AI load "
            "earns none.",
            low=0,
            high=10_000_000,
            usual_low=0,
            usual_high=200_000,
            digits=0,
            advanced=True,
        ),
    ] = 0.0
    demand_response_end_month: Annotated[
        str | None,
        MonthField(label="Demand response until", help="The last month that earns it; empty: no end.", advanced=True),
    ] = None
    demand_response_decline_fraction_per_year: Annotated[
        float,
        Quantity(
            unit="fraction/year",
            label="Demand response decline",
            help="How much less it earns each year, applied monthly from the plan's start.",
            low=0,
            high=0.99,
            usual_low=0,
            usual_high=0.6,
            digits=1,
            advanced=True,
            source="Riot's credits fell from $23.35 to $7.58/MWh between 2023 and 2024",
        ),
    ] = 0.0


@dataclass(frozen=True, slots=True)
class TouPeriod:
    """Hours in which a time-of-use contract has a price of its own; where periods overlap the last one counts."""

    id: str
    contract_id: Annotated[str, Reference(label="Contract", tables=("power_contracts",))]
    name: Annotated[str, Text(label="Period")] = ""
    energy_price_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Energy price",
            low=-500,
            high=5000,
            usual_low=20,
            usual_high=200,
            digits=2,
        ),
    ] = 0.0
    first_hour: Annotated[
        int,
        Quantity(
            unit="h",
            label="From",
            help="First hour of the day in the period, 0 to 23.",
            low=0,
            high=23,
            digits=0,
            whole=True,
        ),
    ] = 0
    end_hour: Annotated[
        int,
        Quantity(
            unit="h",
            label="To",
            help="The hour at which it ends, 1 to 24; before its beginning means over midnight.",
            low=1,
            high=24,
            digits=0,
            whole=True,
        ),
    ] = 24
    days: Annotated[
        str,
        Choice(label="Days", options=(("all", "Every day"), ("weekdays", "Weekdays"), ("weekends", "Weekends"))),
    ] = "all"
    first_month_of_year: Annotated[
        int,
        Quantity(unit="", label="First month of the year", low=1, high=12, digits=0, whole=True),
    ] = 1
    last_month_of_year: Annotated[
        int,
        Quantity(
            unit="",
            label="Last month of the year",
            help="Before the first month means over New Year.",
            low=1,
            high=12,
            digits=0,
            whole=True,
        ),
    ] = 12
