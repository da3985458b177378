"""What a megawatt earns under an AI lease, and what leases and own GPUs have in common month by month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models import terms
from models.curves import Array
from models.inputs import Inputs
from models.results import UseCash
from models.units import KW_PER_MW


@dataclass(frozen=True)
class ContractMonths:
    """What every AI contract has, of whatever kind, per utility MW; shape (..., offers, N).

    Attributes
    ----------
    since
        Months since the first rent, negative before it.
    earning
        1 in the months of the term, else 0.
    share
        Of full income: `earning`, ramped.
    power, energy
        Energy bill (at most 0) [USD/MW] and energy [MWh/MW]: the month's hours at the site's price. The bill is zero
        where the tenant pays, whatever the price.
    capex, residual
        Of the hall [USD/MW], capex at most 0.
    begins, ends
        1 in the month in which a contract's own equipment is paid, and in the last month of its term, else 0.
    """

    since: Array
    earning: Array
    share: Array
    power: Array
    energy: Array
    capex: Array
    residual: Array
    begins: Array
    ends: Array

    def of(self, rows: slice) -> ContractMonths:
        """Those of some offers."""
        return ContractMonths(*(line[..., rows, :] for line in vars(self).values()))


def contract_months(inputs: Inputs, site_energy_price: Array) -> ContractMonths:
    """What all offers have in common; computed once for both kinds.

    Parameters
    ----------
    inputs
        The plan's arrays.
    site_energy_price
        Shape (..., sites+1, N) [USD/MWh].
    """
    n, index, first = inputs.numbers, inputs.dates.index, inputs.first_rent
    term = n["ai_offers.term_months"]
    since = terms.months_in_term(first, index)
    earning = terms.earns(since, term)
    energy = earning * inputs.dates.hours
    billed = inputs.operator_pays * energy
    price = site_energy_price[..., inputs.offer_site, :]
    # Where the tenant pays, or before the term, a missing price must not spoil the figure.
    power = np.where(billed > 0, -billed * price, 0.0)
    hall = n["ai_offers.capex_usd_per_it_mw"] / n["ai_offers.gross_mw_per_it_mw"]
    runs = terms.still_runs(first, term)
    ends = terms.falls_in(first + term - 1.0, index)
    return ContractMonths(
        since=since,
        earning=earning,
        share=earning * terms.ramp(since, n["ai_offers.ramp_months"]),
        power=np.asarray(power),
        energy=energy,
        capex=(-hall * runs) * terms.spend_share(first, n["ai_offers.capex_months"], index),
        residual=hall * n["ai_offers.hall_residual_fraction"] * ends,
        begins=terms.falls_in(np.maximum(first, 0.0), index) * runs,
        ends=ends,
    )


def lease_cash(inputs: Inputs, contracts: ContractMonths) -> UseCash:
    """Monthly cash of every lease per utility MW, shape (..., leases, N).

    Rent × 1000 ∕ gross ratio, escalated once a year and ramped; opex a share of it; power one MW times the month's
    hours where the operator pays; the hall's capex before the first rent, its residual at the end of the term.

    Parameters
    ----------
    inputs
        The plan's arrays.
    contracts
        Of all offers, see `contract_months`.
    """
    rows = inputs.lease_rows

    def column(name: str) -> Array:
        return inputs.numbers[f"ai_offers.{name}"][..., rows, :]

    months = contracts.of(rows)
    rent = column("rent_usd_per_it_kw_month") * (KW_PER_MW / column("gross_mw_per_it_mw"))
    revenue = rent * terms.escalated(months.since, column("escalator_fraction_per_year")) * months.share
    return UseCash(
        revenue=revenue,
        power=months.power,
        opex=-revenue * column("opex_fraction_of_rent"),
        capex=months.capex,
        residual=months.residual,
        energy_mwh=months.energy,
    )
