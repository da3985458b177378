"""What a megawatt earns on the operator's own GPUs, sold by the hour."""

from __future__ import annotations

from models.curves import Array
from models.hosting import ContractCash
from models.inputs import Inputs
from models.results import UseCash
from models.units import KW_PER_MW, MONTHS_PER_YEAR


def gpu_cash(inputs: Inputs, contracts: ContractCash) -> UseCash:
    """Monthly cash of every own-GPU offer per utility MW, shape (..., offers, N).

    1000/(IT kW per GPU × gross ratio) GPUs, each earning price × hours × utilisation. The GPUs are bought at the
    start of the first rent month; their opex is a share of their price per year, in twelfths; their residual returns
    at the end of the term's last month, if the plan reaches it.

    Parameters
    ----------
    inputs
        The plan's arrays.
    contracts
        Of all offers, see `models.hosting.contract_cash`.
    """
    rows = inputs.gpu_rows

    def column(name: str) -> Array:
        return inputs.numbers[f"ai_offers.{name}"][..., rows, :]

    terms = contracts.terms
    gpus = KW_PER_MW / (column("it_kw_per_gpu") * column("gross_mw_per_it_mw"))
    price = inputs.grown("ai_offers.price_usd_per_gpu_hour", "ai_offers.price_growth_fraction_per_year")[..., rows, :]
    gpu_capex = gpus * column("capex_usd_per_gpu")
    opex_per_month = gpu_capex * column("opex_fraction_of_capex_per_year") / MONTHS_PER_YEAR
    residual = gpu_capex * column("residual_fraction")
    return UseCash(
        revenue=gpus * column("utilisation_fraction") * price * terms.share[..., rows, :] * inputs.dates.hours,
        power=contracts.power[..., rows, :],
        opex=-opex_per_month * terms.earning[..., rows, :],
        capex=contracts.capex[..., rows, :] - gpu_capex * terms.begins[..., rows, :],
        residual=contracts.residual[..., rows, :] + residual * terms.ends[..., rows, :],
        energy_mwh=contracts.energy_mwh[..., rows, :],
    )


def levelised_cost_usd_per_gpu_hour(
    capex_usd: float,
    life_years: float,
    discount_rate_fraction: float,
    residual_fraction: float,
    it_kw_per_gpu: float,
    pue: float,
    energy_price_usd_per_mwh: float,
    opex_fraction_of_capex_per_year: float,
    utilisation_fraction: float,
) -> float:
    """The price per sold GPU-hour that just pays for a GPU over its life [USD/GPU-hour].

    [C·CRF(w,n) − RV·w/((1+w)^n−1) + kW·PUE·P·8.76 + opex] / (8760·utilisation), yearly.

    Examples
    --------
    >>> round(levelised_cost_usd_per_gpu_hour(50_000, 5, 0.12, 0.1, 1.39, 1.25, 60, 0.06, 0.85), 5)
    2.28266
    """
    w, n = discount_rate_fraction, life_years
    growth = (1.0 + w) ** n
    recovery = w * growth / (growth - 1.0) if w else 1.0 / n
    sinking = w / (growth - 1.0) if w else 1.0 / n
    yearly = capex_usd * (recovery - residual_fraction * sinking + opex_fraction_of_capex_per_year)
    power = it_kw_per_gpu * pue * energy_price_usd_per_mwh * 8.76
    return (yearly + power) / (8760.0 * utilisation_fraction)
