"""What a megawatt earns under an AI lease, and what leases and own GPUs have in common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from models.curves import Array
from models.inputs import Inputs
from models.kept import KEPT, Keyed, Same, protected
from models.power.firm import firm_energy_cost, hedge_value
from models.power.supply import Supply
from models.results import UseCash
from models.terms import Terms, contract_terms
from models.units import KW_PER_MW, MONTHS_PER_YEAR

SUMMER_FROM, WINTER_FROM = 3, 9
"""April and October, counted from 0: the seasons of a data centre's energy PUE."""


@dataclass(frozen=True)
class ContractCash:
    """What leases and own GPUs have in common, per utility MW; shape (..., offers, N).

    Attributes
    ----------
    terms
        When contracts pay.
    power, energy_mwh
        What power costs, negative, or brings [USD/MW]; energy [MWh/MW]. See `ai_power`.
    capex, residual
        Of the hall [USD/MW], capex at most 0.
    """

    terms: Terms
    power: Array
    energy_mwh: Array
    capex: Array
    residual: Array


def contract_cash(inputs: Inputs, energy: Supply) -> ContractCash:
    """What all offers have in common, priced once for both kinds.

    Parameters
    ----------
    inputs
        The plan's arrays.
    energy
        From `models.power.supply.supply`.

    Notes
    -----
    Kept for as long as nothing has moved but what bitcoin or an offer's price does.
    """
    read = [column for key, column in inputs.numbers.items() if key.startswith(_READ) and key not in _PRICES]
    read += [inputs.first_rent, inputs.operator_pays, inputs.hedge_kept, inputs.hedge_sold]
    if any(column.flags.writeable for column in (*read, energy.pool_price)):
        return _contract_cash(inputs, energy)
    held = (*read, energy, inputs.offer_site, inputs.power, inputs.dates)
    return _kept_contract_cash(Keyed((inputs, energy), tuple(map(Same, held))))


_READ = ("ai_offers.", "assumptions.")
_PRICES = ("ai_offers.rent_usd_per_it_kw_month", "ai_offers.price_usd_per_gpu_hour")
"""Columns that decide what contracts cost, but for the offers' own prices."""


@lru_cache(maxsize=KEPT)
def _kept_contract_cash(key: Keyed) -> ContractCash:
    found = _contract_cash(*key.held)
    for array in (found.power, found.energy_mwh, found.capex, found.residual):
        protected(array)
    return found


def _contract_cash(inputs: Inputs, energy: Supply) -> ContractCash:
    n = inputs.numbers
    terms = contract_terms(
        inputs.first_rent,
        n["ai_offers.term_months"],
        n["ai_offers.ramp_months"],
        n["ai_offers.capex_months"],
        n["ai_offers.escalator_fraction_per_year"],
        inputs.dates.index,
    )
    power, consumed = ai_power(inputs, terms.earning, energy)
    hall = n["ai_offers.capex_usd_per_it_mw"] / n["ai_offers.gross_mw_per_it_mw"]
    return ContractCash(
        terms=terms,
        power=power,
        energy_mwh=consumed,
        capex=-hall * terms.hall_spend,
        residual=hall * n["ai_offers.hall_residual_fraction"] * terms.ends,
    )


def ai_power(inputs: Inputs, earning: Array, energy: Supply) -> tuple[Array, Array]:
    """What power costs (or brings) an offer per metered MW, and the energy that it draws.

    AI load is firm: it runs through every hour and every peak and earns no demand response. It draws the whole
    megawatt unless seasonal PUEs say less. Where the tenant pays, nothing is left for the operator but the site's own
    contract, if that is kept or sold.

    Returns
    -------
    power, energy
        Shape (..., offers, N) [USD/MW], negative where it costs; [MWh/MW].
    """
    drawn = drawn_share(inputs)
    consumed = earning * inputs.dates.hours * drawn
    if not inputs.operator_pays.any() and not (inputs.hedge_kept.any() or inputs.hedge_sold.any()):
        return np.zeros(earning.shape), np.asarray(consumed)
    cost = firm_energy_cost(inputs, energy, inputs.offer_site, drawn) * inputs.dates.hours
    bill = cost + energy.firm_charges[..., inputs.offer_site, :] if energy.firm_charges.any() else cost
    billed = inputs.operator_pays * earning
    # Where the tenant pays, or before the term, a missing price must not spoil the figure.
    power = np.where(billed > 0, -billed * bill, 0.0)
    if energy.tariffs and (inputs.hedge_kept.any() or inputs.hedge_sold.any()):
        power = power + np.where(inputs.operator_pays > 0, 0.0, hedge_cash(inputs, earning, energy))
    return np.asarray(power), consumed


def drawn_share(inputs: Inputs) -> Array:
    """What is metered of the gross capacity: the season's PUE over the gross ratio, shape (..., offers, 1 or N)."""
    n = inputs.numbers
    summer, winter = n["ai_offers.summer_pue"], n["ai_offers.winter_pue"]
    if np.isnan(summer).all() and np.isnan(winter).all():
        return np.ones(1)
    month = inputs.power.month_of_year
    pue = np.where((month >= SUMMER_FROM) & (month < WINTER_FROM), summer, winter)
    share = pue / n["ai_offers.gross_mw_per_it_mw"]
    return np.asarray(np.where(np.isnan(share), 1.0, np.minimum(share, 1.0)))


def hedge_cash(inputs: Inputs, earning: Array, energy: Supply) -> Array:
    """What the site's own contract brings once a tenant pays for its power, shape (..., offers, N) [USD/MW]."""
    value = hedge_value(inputs, energy)[..., inputs.offer_site, :]
    n = inputs.numbers
    rate = n["assumptions.lease_discount_rate_fraction"]
    discount = n["ai_offers.hedge_sale_discount_fraction"]
    begin = np.maximum(inputs.first_rent, 0.0)
    since = inputs.dates.index - begin
    worth = np.where(since >= 0, value * (1.0 + rate) ** (-(since + 1.0) / MONTHS_PER_YEAR), 0.0)
    worth = worth.sum(axis=-1, keepdims=True)
    price = worth - discount * np.abs(worth)  # who sells a burden pays the buyer more than it is worth
    # The present value at the hand-over month's start, paid at its end as all cash of that month.
    at_end = price * (1.0 + rate) ** (1.0 / MONTHS_PER_YEAR)
    # A value that is not known does not count in months in which nothing is settled.
    settled = np.where(inputs.hedge_kept > 0, np.where(earning > 0, value, 0.0), 0.0)
    return np.asarray(np.where((inputs.hedge_sold > 0) & (since == 0), at_end, settled))


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
