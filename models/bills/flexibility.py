"""What it is worth that mining can stop, per MW and year: a part of its margin, and what a firm AI offer gives up.

AI load runs through every hour and every peak. Whoever turns a mining megawatt into one gives up what stopping earned
(economics 4.2). The ledger names that part of mining's margin; it is not deducted from an offer a second time, because
an offer is compared with the margin that contains it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models import mining
from models.curves import Array
from models.inputs import Inputs, gather
from models.plan import Plan
from models.power.dispatch import available_fraction, running, steady_cost
from models.power.supply import charge_lines, supply
from models.sentences import Amount, Sentence

OPERATING_MONTHS = 12


@dataclass(frozen=True, eq=False)
class Flexibility:
    """What stopping earned a lot, per MW and month, shape (N,) each [USD/MW].

    Attributes
    ----------
    hours
        Margin in hours stopped for price: what running through them would have lost, energy sold back included.
    peaks
        Transmission that running through the system's peaks would have cost.
    demand_response
        Ancillary and demand-response income.
    share_run
        Of the hours in which the lot is available, those in which it runs; shape (N,).
    """

    hours: Array
    peaks: Array
    demand_response: Array
    share_run: Array

    @property
    def total(self) -> Array:
        """All three, shape (N,) [USD/MW]."""
        return np.asarray(self.hours + self.peaks + self.demand_response)

    def year(self, line: Array) -> float:
        """A line over the plan's first twelve months [USD/MW-year]; NaN where the plan is shorter."""
        return float(line[:OPERATING_MONTHS].sum()) if len(line) >= OPERATING_MONTHS else float("nan")

    @property
    def is_used(self) -> bool:
        """Whether the lot runs at all in the first twelve months: what never runs has no margin to owe to stopping."""
        return bool((self.share_run[:OPERATING_MONTHS] > 0).any())

    @property
    def usd_per_mw_year(self) -> float:
        """All three over the first twelve months [USD/MW-year]."""
        return self.year(self.total)


def flexibility(plan: Plan) -> dict[str, Flexibility]:
    """The ledger of every lot, by id.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    """
    inputs = gather(plan)
    energy = supply(inputs)
    shape = (len(plan.asic_lots), len(inputs.dates.index))
    earned = np.broadcast_to(mining.revenue_per_mwh(inputs), shape)
    hours = available_fraction(inputs) * inputs.dates.hours
    run = running(inputs, energy, earned)
    shares = np.broadcast_to(run.share, shape)
    stopping = np.broadcast_to((earned * run.share - run.cost) * hours, shape)
    steady = np.broadcast_to((earned - steady_cost(inputs, energy)) * hours, shape)
    peaks, income = _charges(inputs)
    return {
        lot.id: Flexibility(stopping[i] - steady[i], peaks[site], income[site], shares[i])
        for i, (lot, site) in enumerate(zip(plan.asic_lots, inputs.lot_site.tolist(), strict=True))
    }


def given_up(plan: Plan, ledger: Mapping[str, Flexibility]) -> dict[str, float]:
    """What the machines of an offer's site earn by stopping, which firm AI load cannot, by the offer's id.

    The mean of the lots that run, by their megawatts [USD/MW-year]: 0 where the site has none, NaN where the plan has
    less than twelve months.

    Parameters
    ----------
    plan
        As for `flexibility`.
    ledger
        What that returned.
    """
    found = {}
    for site_id in {offer.site_id for offer in plan.ai_offers}:
        lots = [lot for lot in plan.asic_lots if lot.site_id == site_id and ledger[lot.id].is_used]
        mw = np.array([lot.count * lot.power_w for lot in lots], dtype=float)
        each = np.array([ledger[lot.id].usd_per_mw_year for lot in lots])
        # A site whose machines never run has nothing to give up.
        found[site_id] = float(np.average(each, weights=mw)) if mw.any() else 0.0
    return {offer.id: found[offer.site_id] for offer in plan.ai_offers}


def says_given_up(usd_per_mw_year: float, machines: str, offer: str) -> Sentence:
    """The ledger in a sentence, as it is charged against an offer.

    Examples
    --------
    >>> says_given_up(211_987.0, "North's S21", "Lease")
    "$212,000 per MW-year of North's S21 margin comes from being able to stop; Lease gives it up."
    """
    size = abs(usd_per_mw_year)
    rounded = round(usd_per_mw_year, 2 - math.floor(math.log10(size))) if size >= 1 else 0.0
    return Sentence(
        "{amount} per MW-year of {machines} margin comes from being able to stop; {offer} gives it up.",
        amount=Amount(rounded, "USD", ",.0f"),
        machines=machines,
        offer=offer,
    )


def _charges(inputs: Inputs) -> tuple[Array, Array]:
    """What avoiding peaks saves and demand response brings at every site, shape (sites+1, N) [USD/MW]."""
    lines = charge_lines(inputs)
    weights = inputs.power.charged
    saved = np.einsum("scn,cn->sn", weights, lines["transmission_at_full"] - lines["transmission"])
    income = np.einsum("scn,cn->sn", weights, -lines["demand_response"])
    nothing = np.zeros((1, weights.shape[2]))
    return np.concatenate([saved, nothing]), np.concatenate([income, nothing])
