"""An offer on one line: what it comes to per megawatt, as the engine prices it in the plan that it would join."""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.catalogue import DealRank, GpuPrice, deal_rank, gpu_prices
from models.defaults import add_to
from models.evaluate import evaluate
from models.metrics import discount_factors
from models.offer_text.terms import ReadOffer
from models.plan import Plan
from models.units import HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR

FIRST_MONTHS = 24
CONTRACTS = ("one_year", "five_year")


@dataclass(frozen=True, slots=True)
class Strip:
    """The figures of an offer, per utility MW unless they say otherwise; NaN where the plan ends too early.

    Attributes
    ----------
    net_usd_per_kw_month, net_usd_per_mwh
        Margin of the first twelve operating months (after opex, and after power where it is the operator's), per kW at
        the meter and month, and per MWh of 8,760 hours.
    present_value_usd_per_mw, npv_usd_per_mw
        Of what it pays after opex and power, and the same after capex and with what returns, at the rate of its kind,
        at the plan's start [USD/MW].
    discount_rate_fraction
        That rate.
    first_months_usd_per_mw
        Margin of its first 24 months, before capex [USD/MW].
    capex_usd_per_mw
        [USD/MW].
    first_year_rent_usd_per_it_kw_month, average_rent_usd_per_it_kw_month
        Per kW of critical IT; NaN for GPUs.
    rank
        Among the disclosed leases; None for GPUs.
    utility_mw
        [MW].
    months_beyond
        Months of the term that lie beyond the plan's end and count for nothing.
    """

    net_usd_per_kw_month: float
    net_usd_per_mwh: float
    present_value_usd_per_mw: float
    npv_usd_per_mw: float
    discount_rate_fraction: float
    first_months_usd_per_mw: float
    capex_usd_per_mw: float
    first_year_rent_usd_per_it_kw_month: float
    average_rent_usd_per_it_kw_month: float
    rank: DealRank | None
    utility_mw: float
    months_beyond: int


def strip_of(read: ReadOffer, plan: Plan) -> Strip | None:
    """The figures of an offer in a plan; None where nothing could be read.

    Parameters
    ----------
    read
        From `models.offer_text.reading.read_offer`, for this plan.
    plan
        With a scenario's values applied. It is evaluated with the offer added.

    Examples
    --------
    >>> from models.offer_text.reading import read_offer
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> strip = strip_of(read_offer("$130/kW-month NNN, 3 %, from April 2027", plan), plan)
    >>> round(strip.net_usd_per_kw_month, 2)  # 130 × 0.98 / 1.40
    91.0
    """
    offer = read.offer
    if offer is None:
        return None
    use = evaluate(add_to(plan, offer)).by_id[offer.id]
    rate = use.discount_rate_fraction
    factors = discount_factors(rate, len(use.cash.margin))[1:]
    begin = max(use.first_operating_month, 0)
    inside = use.cash.margin[begin : begin + FIRST_MONTHS]
    average = read.average_rent_usd_per_it_kw_month
    rent = offer.rent_usd_per_it_kw_month
    margin = use.margin_usd_per_mw_year
    return Strip(
        net_usd_per_kw_month=margin / (KW_PER_MW * MONTHS_PER_YEAR),
        net_usd_per_mwh=margin / HOURS_PER_YEAR,
        present_value_usd_per_mw=float((use.cash.margin * factors).sum()),
        npv_usd_per_mw=use.npv_usd_per_mw,
        discount_rate_fraction=rate,
        first_months_usd_per_mw=float(inside.sum()) if len(inside) == FIRST_MONTHS else math.nan,
        capex_usd_per_mw=use.capex_usd_per_mw,
        first_year_rent_usd_per_it_kw_month=rent if isinstance(rent, float) and average is not None else math.nan,
        average_rent_usd_per_it_kw_month=math.nan if average is None else average,
        rank=None if average is None else deal_rank(average),
        utility_mw=use.mw,
        months_beyond=max(use.first_operating_month + offer.term_months - plan.plan.horizon_months, 0),
    )


def contract_prices() -> tuple[GpuPrice, ...]:
    """The published prices of GPU-hours that are of contracts, as an offer is; hours on demand are another market."""
    return tuple(p for p in gpu_prices() if p.kind in CONTRACTS)
