"""What it is worth to decide later: the same offer some months on, with the machines mining until then.

An alternative like the others, per utility MW over the same horizon. It assumes that the offer still stands at the same
price; what it does not assume is said with it.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from models import metrics
from models.curves import calendar, month_after, month_number
from models.evaluate import evaluate
from models.narrowed import part_of
from models.plan import Plan
from models.recommendation import IDLE, Displaced, Option, SiteDecision
from models.results import ASIC, Results
from models.units import MONTHS_PER_YEAR

WAITS_MONTHS = (6, 12)


@dataclass(frozen=True, slots=True)
class Wait:
    """One offer, taken some months later.

    Attributes
    ----------
    offer
        As it stands in the ranking.
    months
        How much later everything about it happens: spending, first rent and end of term.
    npv_usd_per_mw
        The offer's, counted from the same plan's start [USD/MW].
    mined_usd_per_mw
        Present value of what the machines that it displaces earn in these months, less what their resale loses by
        coming later, both at the mining rate [USD/MW].
    lost_rent_months
        Months of its term that thereby fall behind the plan's end and are not counted.
    """

    offer: Option
    months: int
    npv_usd_per_mw: float
    mined_usd_per_mw: float
    lost_rent_months: int

    @property
    def worth_usd_per_mw(self) -> float:
        """What the ranking goes by [USD/MW]."""
        return self.npv_usd_per_mw + self.mined_usd_per_mw


def waits(
    plan: Plan, results: Results, decision: SiteDecision, by_months: tuple[int, ...] = WAITS_MONTHS
) -> tuple[Wait, ...]:
    """The best AI offer of a site in six and in twelve months; empty where the site has none that can be ranked.

    Parameters
    ----------
    plan, results
        Scenario applied.
    decision
        Of one site, from `models.recommendation.decide`.
    by_months
        How much later, where others than six and twelve are asked for.

    Notes
    -----
    Per MW: NPV of the offer with its first rent k months later, plus Σ over the months t < k of the displaced
    machines' margin ∕ (1+r)^((t+1)∕12), less their resale value × (1 − (1+r)^(−k∕12)). Machines are weighed by the
    megawatts that the offer displaces, or where it is not placed by what the site has. As for the offer today, no
    mining between decision and first rent is counted.
    """
    best = next((o for o in decision.ranked if o.kind not in (ASIC, IDLE)), None)
    if best is None or _pays_already(plan, best.id):
        return ()  # an offer that pays when the plan starts cannot be taken later
    displaced = next((p.displaced for p in decision.placements if p.option is best), None)
    if displaced is None:
        displaced = tuple(Displaced(o, o.mw) for o in decision.ranked if o.existing)
    total = math.fsum(d.mw for d in displaced)
    machines = [(d.lot, d.mw / total) for d in displaced if d.lot is not None and total > 0]
    # Machines decide nothing about what an offer earns, and other sites neither.
    alone = part_of(plan, (), tuple(o for o in plan.ai_offers if o.id == best.id), (decision.site.id,))
    return tuple(_wait(alone, results, best, machines, months) for months in by_months)


def _pays_already(plan: Plan, offer_id: str) -> bool:
    offer = next(o for o in plan.ai_offers if o.id == offer_id)
    return month_number(offer.first_rent_month) < month_number(plan.plan.start)


def _wait(alone: Plan, results: Results, best: Option, machines: list[tuple[Option, float]], months: int) -> Wait:
    (offer,) = alone.ai_offers
    first = month_number(offer.first_rent_month)
    later = dataclasses.replace(offer, first_rent_month=month_after(offer.first_rent_month, months))
    npv = evaluate(dataclasses.replace(alone, ai_offers=(later,))).by_id[best.id].npv_usd_per_mw
    mined = math.fsum(share * _mined(results, lot, months) for lot, share in machines)
    dates = calendar(alone.plan.start, alone.plan.horizon_months)
    beyond = first - month_number(dates.start) + offer.term_months - alone.plan.horizon_months
    lost = min(max(beyond + months, 0), offer.term_months) - min(max(beyond, 0), offer.term_months)
    return Wait(best, months, npv, mined, lost)


def _mined(results: Results, lot: Option, months: int) -> float:
    use = results.by_id[lot.id]
    margin = use.cash.margin[:months]
    factors = metrics.discount_factors(use.discount_rate_fraction, len(margin))
    loses = lot.resale_usd_per_mw * (1.0 - (1.0 + use.discount_rate_fraction) ** (-months / MONTHS_PER_YEAR))
    return float((margin * factors[1:]).sum() - loses)
