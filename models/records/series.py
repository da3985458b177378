"""Series that come from outside: index prices that contracts follow, and what meters recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Choice, Hourly, Quantity, Reference, Text
from models.hours import HourlyValues

HOURLY = "hourly"
DURATION = "duration"


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Index prices that contracts follow: hour by hour as imported, or as a price-duration table."""

    id: str
    name: Annotated[str, Text(label="Prices", required=True)]
    kind: Annotated[
        str,
        Choice(label="Kind", options=((HOURLY, "Hour by hour"), (DURATION, "Price-duration table"))),
    ] = HOURLY
    time_zone: Annotated[
        str,
        Text(label="Time zone", help="Of the local clock by which months and days are counted, as America/Chicago."),
    ] = "UTC"
    hourly_usd_per_mwh: Annotated[
        HourlyValues | None,
        Hourly(unit="USD/MWh", label="Hourly prices", help="Imported; consecutive hours.", kinds=(HOURLY,)),
    ] = None
    source: Annotated[str, Text(label="Source", help="Which market, hub and report, and where it was read.")] = ""
    as_of: Annotated[str, Text(label="Read on", date=True)] = ""


@dataclass(frozen=True, slots=True)
class PriceStep:
    """One step of a price-duration table: a share of every month's hours and the price in them."""

    id: str
    series_id: Annotated[str, Reference(label="Prices", tables=("price_series",))]
    hours_share_fraction: Annotated[
        float,
        Quantity(unit="fraction", label="Share of hours", low=0, high=1, digits=2),
    ] = 0.0
    price_usd_per_mwh: Annotated[
        float,
        Quantity(
            unit="USD/MWh",
            label="Price",
            low=-5000,
            high=100_000,
            usual_low=-50,
            usual_high=5_000,
            digits=2,
        ),
    ] = 0.0


@dataclass(frozen=True, slots=True)
class MeterSeries:
    """What a site's meter recorded hour by hour; it is billed beside the plan's own load and changes no figure."""

    id: str
    site_id: Annotated[str, Reference(label="Site", tables=("sites",))]
    name: Annotated[str, Text(label="Meter", required=True)]
    time_zone: Annotated[str, Text(label="Time zone")] = "UTC"
    hourly_mwh: Annotated[
        HourlyValues | None,
        Hourly(unit="MWh", label="Hourly energy", help="Imported; consecutive hours."),
    ] = None
    source: Annotated[str, Text(label="Source")] = ""
    as_of: Annotated[str, Text(label="Read on", date=True)] = ""
