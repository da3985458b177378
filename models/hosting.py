"""What a megawatt earns under an AI lease: powered shell, paid per kW of critical IT and month."""

from __future__ import annotations

import numpy as np

from models import terms
from models.curves import Array
from models.inputs import Inputs
from models.power.supply import Supply, firm_energy_cost, hedge_value
from models.results import UseCash
from models.units import KW_PER_MW, MONTHS_PER_YEAR

SUMMER_FROM, WINTER_FROM = 3, 9
"""April and October, counted from 0: the seasons of a data centre's energy PUE."""


def lease_cash(inputs: Inputs, energy: Supply) -> UseCash:
    """Monthly cash of every lease per utility MW, shape (..., leases, N).

    Rent × 1000 ∕ gross ratio, escalated once a year and ramped; opex a share of it; power one MW times the month's
    hours where the operator pays; the hall's capex before the first rent, its residual at the end of the term.

    Parameters
    ----------
    inputs
        The plan's arrays.
    energy
        From `models.power.supply.supply`.
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
    power, consumed = ai_power(inputs, rows, earning, energy)
    capex, residual = hall_cash(inputs, rows)
    lines = np.broadcast_arrays(revenue, power, opex, capex, residual, consumed)
    return UseCash(*lines)


def ai_power(
    inputs: Inputs, rows: np.ndarray[tuple[int], np.dtype[np.intp]], earning: Array, energy: Supply
) -> tuple[Array, Array]:
    """What power costs (or brings) an offer per metered MW, and the energy that it draws.

    AI load is firm: it runs through every hour and every peak and earns no demand response. It draws the whole
    megawatt unless seasonal PUEs say less. Where the tenant pays, nothing is left for the operator but the site's own
    contract, if that is kept or sold.

    Returns
    -------
    power, energy
        Shape (..., offers, N) [USD/MW], negative where it costs; [MWh/MW].
    """
    sites = inputs.offer_site[rows]
    drawn = _drawn_share(inputs, rows)
    consumed = earning * inputs.dates.hours * drawn
    cost = firm_energy_cost(inputs, energy, sites, drawn) * inputs.dates.hours
    bill = (cost + energy.firm_charges[..., sites, :]) * earning
    pays = inputs.operator_pays[rows] > 0
    # Where the tenant pays, or before the term, a missing price must not spoil the figure.
    power = np.where(pays & (earning > 0), -bill, 0.0)
    kept, sold = inputs.hedge_kept[rows], inputs.hedge_sold[rows]
    if energy.tariffs and (kept.any() or sold.any()):
        power = power + np.where(pays, 0.0, _hedge(inputs, rows, earning, energy, kept, sold))
    return np.asarray(power), consumed


def _drawn_share(inputs: Inputs, rows: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Array:
    """What is metered of the gross capacity: the season's PUE over the gross ratio, shape (..., offers, 1 or N)."""
    n = inputs.numbers
    summer, winter = (n[f"ai_offers.{name}"][..., rows, :] for name in ("summer_pue", "winter_pue"))
    if np.isnan(summer).all() and np.isnan(winter).all():
        return np.ones(1)
    month = inputs.power.month_of_year
    pue = np.where((month >= SUMMER_FROM) & (month < WINTER_FROM), summer, winter)
    share = pue / n["ai_offers.gross_mw_per_it_mw"][..., rows, :]
    return np.asarray(np.where(np.isnan(share), 1.0, np.minimum(share, 1.0)))


def _hedge(
    inputs: Inputs,
    rows: np.ndarray[tuple[int], np.dtype[np.intp]],
    earning: Array,
    energy: Supply,
    kept: Array,
    sold: Array,
) -> Array:
    """What the site's own contract brings once a tenant pays for its power, shape (..., offers, N) [USD/MW]."""
    value = hedge_value(inputs, energy)[..., inputs.offer_site[rows], :]
    n = inputs.numbers
    rate = n["assumptions.lease_discount_rate_fraction"]
    discount = n["ai_offers.hedge_sale_discount_fraction"][..., rows, :]
    begin = np.maximum(inputs.first_rent[..., rows, :], 0.0)
    since = inputs.dates.index - begin
    worth = np.where(since >= 0, value * (1.0 + rate) ** (-(since + 1.0) / MONTHS_PER_YEAR), 0.0)
    worth = worth.sum(axis=-1, keepdims=True)
    price = worth - discount * np.abs(worth)  # who sells a burden pays the buyer more than it is worth
    # The present value at the hand-over month's start, paid at its end as all cash of that month.
    at_end = price * (1.0 + rate) ** (1.0 / MONTHS_PER_YEAR)
    # A value that is not known does not count in months in which nothing is settled.
    settled = np.where(kept > 0, np.where(earning > 0, value, 0.0), 0.0)
    return np.asarray(np.where((sold > 0) & (since == 0), at_end, settled))


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
