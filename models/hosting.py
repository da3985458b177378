"""What a megawatt earns under an AI lease, and what leases and own GPUs have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.curves import Array
from models.inputs import Inputs
from models.results import UseCash
from models.terms import Terms, contract_terms
from models.units import KW_PER_MW


@dataclass(frozen=True)
class ContractCash:
    """What leases and own GPUs have in common, per utility MW; shape (..., offers, N).

    Attributes
    ----------
    terms
        When contracts pay.
    power, energy_mwh
        Energy bill (at most 0) [USD/MW] and energy [MWh/MW]: the month's hours at the site's price. The bill is zero
        where the tenant pays, whatever the price.
    capex, residual
        Of the hall [USD/MW], capex at most 0.
    """

    terms: Terms
    power: Array
    energy_mwh: Array
    capex: Array
    residual: Array


def contract_cash(inputs: Inputs, site_energy_price: Array) -> ContractCash:
    """What all offers have in common, priced once for both kinds.

    Parameters
    ----------
    inputs
        The plan's arrays.
    site_energy_price
        Shape (..., sites+1, N) [USD/MWh].
    """
    n = inputs.numbers
    terms = contract_terms(
        inputs.first_rent,
        n["ai_offers.term_months"],
        n["ai_offers.ramp_months"],
        n["ai_offers.capex_months"],
        n["ai_offers.escalator_fraction_per_year"],
        inputs.dates.index,
    )
    energy = terms.earning * inputs.dates.hours
    billed = inputs.operator_pays * energy
    price = site_energy_price[..., inputs.offer_site, :]
    hall = n["ai_offers.capex_usd_per_it_mw"] / n["ai_offers.gross_mw_per_it_mw"]
    return ContractCash(
        terms=terms,
        # Where the tenant pays, or before the term, a missing price must not spoil the figure.
        power=np.where(billed > 0, -billed * price, 0.0),
        energy_mwh=energy,
        capex=-hall * terms.hall_spend,
        residual=hall * n["ai_offers.hall_residual_fraction"] * terms.ends,
    )


def lease_cash(inputs: Inputs, contracts: ContractCash) -> UseCash:
    """Monthly cash of every lease per utility MW, shape (..., leases, N).

    Rent × 1000 ∕ gross ratio, escalated once a year and ramped; opex a share of it; power one MW times the month's
    hours where the operator pays; the hall's capex before the first rent, its residual at the end of the term.

    Parameters
    ----------
    inputs
        The plan's arrays.
    contracts
        Of all offers, see `contract_cash`.
    """
    rows = inputs.lease_rows
    terms = contracts.terms

    def column(name: str) -> Array:
        return inputs.numbers[f"ai_offers.{name}"][..., rows, :]

    rent = column("rent_usd_per_it_kw_month") * (KW_PER_MW / column("gross_mw_per_it_mw"))
    revenue = rent * terms.steps[..., rows, :] * terms.share[..., rows, :]
    return UseCash(
        revenue=revenue,
        power=contracts.power[..., rows, :],
        opex=-revenue * column("opex_fraction_of_rent"),
        capex=contracts.capex[..., rows, :],
        residual=contracts.residual[..., rows, :],
        energy_mwh=contracts.energy_mwh[..., rows, :],
    )
