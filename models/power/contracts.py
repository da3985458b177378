"""Which contracts supply a site in which month, and with how many megawatts."""

from __future__ import annotations

import math

import numpy as np

from models.curves import Array, Calendar, month_number
from models.plan import PowerContract, Site
from models.records.power import BLOCK


def contract_weights(sites: tuple[Site, ...], contracts: tuple[PowerContract, ...], dates: Calendar) -> Array:
    """The share of each contract in each site's energy, month by month.

    Contracts that run in the same month are weighed by their megawatts. One without a figure takes what the site's
    capacity leaves (several such share it alike). A block is never stretched: what it leaves uncovered is its excess.

    Parameters
    ----------
    sites, contracts
        Of the plan.
    dates
        The plan's calendar.

    Returns
    -------
    Array
        Shape (sites, contracts, N); sums to 1 over a site's contracts, to less beside a block that is too small, or to
        0 in a month that none covers.

    Examples
    --------
    >>> from models.curves import calendar
    >>> site = Site("s1", "North", 100.0)
    >>> both = (PowerContract("p1", "s1", 40.0, contracted_mw=60.0), PowerContract("p2", "s1", 70.0))
    >>> contract_weights((site,), both, calendar("2026-04", 1))[0, :, 0]
    array([0.6, 0.4])
    """
    weights = np.zeros((len(sites), len(contracts), len(dates.index)))
    by_site: dict[str, list[int]] = {}
    for i, contract in enumerate(contracts):
        by_site.setdefault(contract.site_id, []).append(i)
    for row, site in enumerate(sites):
        own = by_site.get(site.id, [])
        if len(own) == 1 and _covers_all(contracts[own[0]]):
            weights[row, own[0]] = 1.0
        elif own:
            mw = contract_mw(site, tuple(contracts[i] for i in own), dates)
            runs = np.array([runs_in(contracts[i], dates) for i in own])
            # Contracts of zero megawatts in sum still have a price: weigh them alike rather than show no price.
            share = np.where(mw.sum(axis=0) > 0, mw, runs)
            whole = share.sum(axis=0)
            blocks = np.array([contracts[i].kind == BLOCK for i in own])
            whole = np.where((blocks[:, None] * runs).any(axis=0), np.maximum(whole, site.capacity_mw), whole)
            weights[row, own] = np.divide(share, whole, out=np.zeros_like(share), where=whole > 0)
    return weights


def contract_mw(site: Site, contracts: tuple[PowerContract, ...], dates: Calendar) -> Array:
    """Megawatts that each of a site's contracts carries, shape (contracts, N) [MW]."""
    runs = np.array([runs_in(c, dates) for c in contracts])
    stated = np.array([math.nan if c.contracted_mw is None else c.contracted_mw for c in contracts])[:, None]
    open_ended = np.isnan(stated)
    fixed = np.where(open_ended, 0.0, stated) * runs
    left = np.maximum(site.capacity_mw - fixed.sum(axis=0), 0.0)
    sharing = (open_ended * runs).sum(axis=0)
    share = np.divide(left, sharing, out=np.zeros_like(left), where=sharing > 0)
    return np.asarray(fixed + np.where(open_ended, runs, 0.0) * share)


def runs_in(contract: PowerContract, dates: Calendar) -> Array:
    """1 in every month that the contract covers, else 0; shape (N,)."""
    first = month_number(dates.start)
    low = -math.inf if contract.start_month is None else month_number(contract.start_month) - first
    high = math.inf if contract.end_month is None else month_number(contract.end_month) - first
    return np.asarray((dates.index >= low) & (dates.index <= high), dtype=float)


def _covers_all(contract: PowerContract) -> bool:
    sized = contract.kind == BLOCK and contract.contracted_mw is not None
    return contract.start_month is None and contract.end_month is None and not sized
