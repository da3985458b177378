"""What a megawatt earns under an AI lease: powered shell, paid per kW of critical IT and month."""

from __future__ import annotations

import numpy as np

from models import terms
from models.curves import Array
from models.inputs import Inputs
from models.results import UseCash
from models.units import KW_PER_MW


def lease_cash(inputs: Inputs, site_energy_price: Array) -> UseCash:
    """Monthly cash of every lease per utility MW, shape (..., leases, N).

    Rent × 1000 ∕ gross ratio, escalated once a year and ramped; opex a share of it; power one MW times the month's
    hours where the operator pays; the hall's capex before the first rent, its residual at the end of the term.

    Parameters
    ----------
    inputs
        The plan's arrays.
    site_energy_price
        Shape (..., sites+1, N) [USD/MWh].
    """
    rows = inputs.lease_rows

    def column(name: str) -> Array:
        return inputs.numbers[f"ai_offers.{name}"][..., rows, :]

    since = terms.months_in_term(inputs.first_rent[..., rows, :], inputs.dates.index)
    earning = terms.earns(since, column("term_months"))
    share = earning * terms.ramp(since, column("ramp_months"))
    rent = column("rent_usd_per_it_kw_month") * (KW_PER_MW / column("gross_mw_per_it_mw"))
    revenue = rent * terms.escalated(since, column("escalator_fraction_per_year")) * share
    opex = -revenue * column("opex_fraction_of_rent")
    power, energy = ai_power(inputs, rows, earning, site_energy_price)
    capex, residual = hall_cash(inputs, rows)
    lines = np.broadcast_arrays(revenue, power, opex, capex, residual, energy)
    return UseCash(*lines)


def ai_power(
    inputs: Inputs, rows: np.ndarray[tuple[int], np.dtype[np.intp]], earning: Array, site_energy_price: Array
) -> tuple[Array, Array]:
    """Energy bill (at most 0) and energy of offers per metered MW: the month's hours at the site's price.

    Returns
    -------
    power, energy
        Shape (..., offers, N) [USD/MW], [MWh/MW]; the bill is zero where the tenant pays, whatever the price.
    """
    pays = inputs.operator_pays[rows]
    energy = earning * inputs.dates.hours
    bill = site_energy_price[..., inputs.offer_site[rows], :] * energy
    # Where the tenant pays, or before the term, a missing price must not spoil the figure.
    return np.asarray(np.where((pays > 0) & (earning > 0), -bill, 0.0)), energy


def hall_cash(inputs: Inputs, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> tuple[Array, Array]:
    """The hall's capex (at most 0) and residual of offers per utility MW, shape (..., offers, N) [USD/MW]."""

    def column(name: str) -> Array:
        return inputs.numbers[f"ai_offers.{name}"][..., rows, :]

    per_mw = column("capex_usd_per_it_mw") / column("gross_mw_per_it_mw")
    first = inputs.first_rent[..., rows, :]
    term = column("term_months")
    share = terms.spend_share(first, column("capex_months"), inputs.dates.index) * terms.still_runs(first, term)
    ends = terms.falls_in(first + term - 1.0, inputs.dates.index)
    return np.asarray(-per_mw * share), np.asarray(per_mw * column("hall_residual_fraction") * ends)
