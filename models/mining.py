"""What a megawatt earns on machines."""

from __future__ import annotations

import numpy as np

from models import network
from models.curves import HOURS_PER_DAY, Array
from models.inputs import Inputs
from models.power.dispatch import available_fraction, price_at_start, running
from models.power.supply import Supply
from models.results import UseCash
from models.units import HOURS_PER_YEAR, MONTHS_PER_YEAR, W_PER_MW


def hashprice_usd(inputs: Inputs) -> Array:
    """Hashprice of every month, shape (..., 1, N) [USD/PH/day]."""
    price = inputs.grown("market.btc_price_usd", "market.btc_price_growth_fraction_per_year")
    difficulty = inputs.grown("market.difficulty", "market.difficulty_growth_fraction_per_year")
    fees = inputs.numbers["market.fees_btc_per_block"]
    return np.asarray(network.hashprice_btc(difficulty, inputs.subsidy_btc, fees) * price)


def spot_hashprice_btc(inputs: Inputs) -> Array:
    """Hashprice at the plan's start, shape (..., 1, 1) [BTC/PH/day]."""
    difficulty = inputs.numbers["market.difficulty"][..., :1]
    return network.hashprice_btc(difficulty, inputs.spot_subsidy_btc, inputs.numbers["market.fees_btc_per_block"])


def spot_hashprice_usd(inputs: Inputs) -> Array:
    """Hashprice at the plan's start, shape (..., 1, 1) [USD/PH/day]."""
    return spot_hashprice_btc(inputs) * inputs.numbers["market.btc_price_usd"][..., :1]


def efficiency_j_per_th(inputs: Inputs) -> Array:
    """Power over hashrate of every lot, shape (..., lots, 1) [J/TH]."""
    return np.asarray(inputs.numbers["asic_lots.power_w"] / inputs.numbers["asic_lots.hashrate_th_per_s"])


def ph_per_mw(inputs: Inputs) -> Array:
    """Hashrate that one utility MW carries, shape (..., lots, 1) [PH/s/MW]: 1000/(e·PUE)."""
    pue = inputs.numbers["sites.mining_pue"][..., inputs.lot_site, :]
    return np.asarray(1_000.0 / (efficiency_j_per_th(inputs) * pue))


def units_per_mw(inputs: Inputs) -> Array:
    """Machines that one utility MW carries, shape (..., lots, 1)."""
    pue = inputs.numbers["sites.mining_pue"][..., inputs.lot_site, :]
    return np.asarray(W_PER_MW / (inputs.numbers["asic_lots.power_w"] * pue))


def displaced_resale(inputs: Inputs) -> Array:
    """What the machines of one utility MW fetch when AI takes their place, shape (..., lots, 1) [USD/MW].

    Zero for machines that are not bought yet: who takes the offer does not buy them.
    """
    n = inputs.numbers
    owned = n["asic_lots.purchase_price_usd_per_unit"] == 0
    return np.asarray(np.where(owned, n["asic_lots.resale_value_usd_per_unit"] * units_per_mw(inputs), 0.0))


def lot_mw(inputs: Inputs) -> Array:
    """Utility megawatts of every lot, shape (..., lots, 1) [MW]: machines × W × PUE."""
    return np.asarray(inputs.numbers["asic_lots.count"] / units_per_mw(inputs))


def revenue_per_mwh(inputs: Inputs) -> Array:
    """What a MWh earns at the meter, shape (..., lots, N) [USD/MWh]: 1000·HP·(1−f)/(24·e·PUE)."""
    per_hashprice = ph_per_mw(inputs) * (1.0 - inputs.numbers["asic_lots.pool_fee_fraction"]) / HOURS_PER_DAY
    return np.asarray(per_hashprice * hashprice_usd(inputs))


def mining_cash(inputs: Inputs, energy: Supply) -> UseCash:
    """Monthly cash of every lot per utility MW, shape (..., lots, N).

    Parameters
    ----------
    inputs
        The plan's arrays.
    energy
        From `models.power.supply.supply`.

    Notes
    -----
    With economic shutdown machines stand still where running costs more than it earns: by the hour where the site's
    contract follows hourly prices, else by the month. Then no revenue and no energy; opex and the charges that no
    hour changes stay. Machines are bought at the plan's start.
    """
    earned = revenue_per_mwh(inputs)
    runs = running(inputs, energy, earned)
    available_hours = available_fraction(inputs) * inputs.dates.hours
    consumed = runs.share * available_hours
    revenue = earned * consumed
    power = runs.cost * available_hours
    if energy.mining_charges.any():
        power = power + energy.mining_charges[..., inputs.lot_site, :]
    opex = inputs.numbers["asic_lots.opex_usd_per_mw_year"] / MONTHS_PER_YEAR
    bought = inputs.numbers["asic_lots.purchase_price_usd_per_unit"] * units_per_mw(inputs)
    nothing = np.broadcast_to(0.0, revenue.shape)
    return UseCash(
        revenue=revenue,
        power=0.0 - power,
        opex=nothing - opex,
        capex=nothing - bought * (inputs.dates.index == 0),
        residual=nothing,
        energy_mwh=consumed,
    )


def running_price(inputs: Inputs, energy: Supply) -> Array:
    """All-in price of energy to a lot that never stops, in the plan's first month, shape (..., lots, 1) [USD/MWh]."""
    available_hours = available_fraction(inputs) * inputs.dates.hours[:1]
    charges = energy.mining_charges[..., inputs.lot_site, :1]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(price_at_start(inputs, energy) + np.where(charges == 0, 0.0, charges / available_hours))


def capital_recovery_factor(rate_fraction: Array, months: Array) -> Array:
    """The yearly charge that recovers one dollar over a life at an annual rate: r/(1 − (1+r)^−n).

    Examples
    --------
    >>> float(capital_recovery_factor(np.array(0.12), np.array(48.0)).round(6))
    0.329234
    """
    years = months / MONTHS_PER_YEAR
    # log1p and expm1 keep a rate of almost zero from turning into a division by zero.
    with np.errstate(divide="ignore", invalid="ignore"):
        charge = rate_fraction / -np.expm1(-years * np.log1p(rate_fraction))
    return np.asarray(np.where(rate_fraction == 0, 1.0 / years, charge))


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def break_evens(inputs: Inputs, energy: Supply) -> dict[str, tuple[Array, Array, Array]]:
    """The three break-evens of every lot in the plan's first month, at today's difficulty.

    Returns
    -------
    dict
        By name, three arrays of shape (..., lots): energy price [USD/MWh] at which today's hashprice earns nothing,
        BTC price [USD] and hashprice [USD/PH/day] that earn nothing at today's energy price.
        ``power`` counts the power bill alone, as of a lot that never stops; ``site`` adds the site's opex, spread over
        the year's running hours; ``all_in``
        adds corporate overhead and the recovery of the purchase price.

    Notes
    -----
    Revenue per metered MWh is 1000·HP·(1−f)/(24·e·PUE).
    """
    n = inputs.numbers
    hashprice = spot_hashprice_usd(inputs)[..., 0]
    per_hashprice = (ph_per_mw(inputs) * (1.0 - n["asic_lots.pool_fee_fraction"]) / HOURS_PER_DAY)[..., 0]
    price_now = n["market.btc_price_usd"][..., 0]
    paid = running_price(inputs, energy)[..., 0]
    running_hours = HOURS_PER_YEAR * available_fraction(inputs)[..., 0]
    recovery = capital_recovery_factor(
        n["assumptions.mining_discount_rate_fraction"], n["asic_lots.capital_recovery_months"]
    )
    capital = (n["asic_lots.purchase_price_usd_per_unit"] * units_per_mw(inputs) * recovery)[..., 0]
    fixed = {
        "power": np.zeros(running_hours.shape),
        "site": n["asic_lots.opex_usd_per_mw_year"][..., 0],
        "all_in": n["asic_lots.opex_usd_per_mw_year"][..., 0]
        + n["assumptions.overhead_usd_per_mw_year"][..., 0]
        + capital,
    }
    found = {}
    hashprice_per_dollar = hashprice / price_now
    for name, yearly in fixed.items():
        per_mwh = np.where(yearly == 0, 0.0, yearly / running_hours)
        needed = (paid + per_mwh) / per_hashprice
        in_dollars = np.broadcast_to(needed / hashprice_per_dollar, needed.shape)
        found[name] = (hashprice * per_hashprice - per_mwh, in_dollars, needed)
    return found
