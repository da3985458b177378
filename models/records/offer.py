"""The record of a megawatt's other future: an AI lease, or the operator's own GPUs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Choice, MonthField, Quantity, Reference, Text
from models.records.frame import MAX_HORIZON_MONTHS, Schedulable

LEASE = "lease"
GPU_CLOUD = "gpu_cloud"


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
    summer_pue: Annotated[
        float | None,
        Quantity(
            unit="",
            label="Energy PUE, summer",
            help="Metered energy per IT energy from April to September; empty means that the whole gross capacity is "
            "drawn in every hour.",
            low=1.0,
            high=3.0,
            usual_low=1.1,
            usual_high=1.5,
            digits=2,
            advanced=True,
        ),
    ] = None
    winter_pue: Annotated[
        float | None,
        Quantity(
            unit="",
            label="Energy PUE, winter",
            help="The same from October to March.",
            low=1.0,
            high=3.0,
            usual_low=1.1,
            usual_high=1.4,
            digits=2,
            advanced=True,
        ),
    ] = None
    hedge_disposition: Annotated[
        str,
        Choice(
            label="Power contract becomes",
            help="What happens to the site's block or take-or-pay contract when a tenant pays for its own power: the "
            "tenant takes it over, it is kept and settled at index, or it is sold for its value at that time.",
            options=(
                ("assigned", "Taken over by the tenant"),
                ("kept", "Kept and settled at index"),
                ("sold", "Sold at hand-over"),
            ),
            advanced=True,
        ),
    ] = "assigned"
    hedge_sale_discount_fraction: Annotated[
        float,
        Quantity(
            unit="fraction",
            label="Discount on the sale",
            help="What a buyer takes off the contract's value when it is sold.",
            low=0,
            high=1,
            usual_low=0,
            usual_high=0.3,
            digits=1,
            advanced=True,
        ),
    ] = 0.0
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
