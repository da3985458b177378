"""What energy costs load that never stops, and what a contract is worth to a site that uses none of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models.curves import Array
from models.inputs import Inputs
from models.kept import KEPT, Keyed, Same, protected
from models.power.shapes import Rows
from models.power.supply import Supply, Tariff, per_site_mw, placed


def firm_energy_cost(inputs: Inputs, energy: Supply, sites: Rows, drawn_share: Array) -> Array:
    """What the energy of load costs that never stops, per hour and MW, shape (..., loads, N) [USD/MW-h].

    Parameters
    ----------
    inputs, energy
        A plan's arrays and its priced contracts.
    sites
        The row of each load's site, shape (loads,).
    drawn_share
        How much of its megawatt each load draws, shape (..., loads, 1 or N).
    """
    cost = energy.pool_price[..., sites, :] * drawn_share
    for site in energy.sites:
        rows = np.nonzero(sites == site)[0]
        if not rows.size:
            continue
        drawn = drawn_share[..., rows, :] if drawn_share.ndim > 1 else drawn_share
        cost = placed(cost, rows, _firm_cost(inputs, energy, site, cost[..., rows, :], drawn))
    return np.asarray(cost)


def _firm_cost(inputs: Inputs, energy: Supply, site: int, of_pool: Array, drawn: Array) -> Array:
    """The cost of a site's loads, from what they would pay for energy of the pool alone; kept while it is the same."""
    tariffs = energy.of_site(site)
    if of_pool.ndim > 2 or any(array.flags.writeable for array in (energy.pool_price, *(t.shift for t in tariffs))):
        return _firm_cost_anew(inputs, tariffs, site, of_pool, drawn)
    numbers = (of_pool.shape, of_pool.tobytes(), drawn.shape, drawn.tobytes())
    covered = inputs.power.weights[site].sum(axis=0), inputs.power.pooled[site].sum(axis=0)
    key = (site, *numbers, *(mw.tobytes() for mw in covered), *map(Same, tariffs))
    return _kept_firm_cost(Keyed((inputs, tariffs, site, of_pool, drawn), key))


@lru_cache(maxsize=2 * KEPT)
def _kept_firm_cost(key: Keyed) -> Array:
    return protected(_firm_cost_anew(*key.held))


def _firm_cost_anew(inputs: Inputs, tariffs: tuple[Tariff, ...], site: int, of_pool: Array, drawn: Array) -> Array:
    power = inputs.power
    pool = power.pooled[site].sum(axis=0)
    whole = np.where(pool > 0, of_pool * pool, 0.0)
    for tariff in tariffs:
        weight = tariff.part.weight * tariff.part.hours_share
        one = tariff.mean(power.month_of_year)[..., None, :] * drawn
        if tariff.take is not None and tariff.beyond_take is not None:
            beyond = np.maximum(drawn - tariff.take[..., None, :], 0.0)
            one = tariff.shift[..., None, :] * drawn + tariff.beyond_take[..., None, :] * beyond
        whole = whole + np.where(weight > 0, one * weight, 0.0)
    return np.where(power.weights[site].sum(axis=0) > 0, whole, np.nan)


def hedge_value(inputs: Inputs, energy: Supply) -> Array:
    """What a site's contracts are worth per MW and month to one who uses none of their energy.

    A block that is sold at index fetches the difference to its price; a minimum take, or a block that cannot be sold,
    only costs. Shape (..., sites+1, N) [USD/MW].
    """
    return 0.0 - per_site_mw(inputs, energy.tariffs, energy.paid_anyhow)
