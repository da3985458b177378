"""What decided uses were expected to do month by month, recomputed from the frozen plan, and what they would have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from models.curves import Array, Calendar
from models.decisions.actual_market import MarketLine, at_actual_prices, market_lines
from models.evaluate import evaluate
from models.frozen import unpack
from models.metrics import discount_factors
from models.plan import Actual, DecidedUse, Decision, Plan
from models.problems import PlanFileError
from models.recommendation import IDLE
from models.records.paper import CHOSEN, REJECTED
from models.results import ASIC, Results, UseCash
from models.scenarios import BASE, plan_for, scenario_by_name

CASH_LINES = ("revenue_usd", "power_cost_usd", "opex_usd", "capex_usd")
FREE_CASH = "free_cash_usd"
USE_LINES = ("btc_mined", "energy_mwh", *CASH_LINES)
SAME_NPV = 1e-6
"""Relative; a difference beyond it comes from another version of the program."""


@dataclass(frozen=True, eq=False)
class UsePath:
    """One decided use month by month, for all its decided megawatts.

    Attributes
    ----------
    use
        As decided.
    name, kind
        Of the lot or offer in the frozen plan; ``Idle``.
    lines
        By name of `USE_LINES`, shape (N,), costs positive; NaN where it has no such line.
    residual_usd
        What returns at the end, shape (N,) [USD].
    npv_usd_per_mw
        As computed now from the frozen plan [USD/MW].
    npv_to_date_usd
        NPV of the months up to each, shape (N,) [USD].
    """

    use: DecidedUse
    name: str
    kind: str
    lines: dict[str, Array]
    residual_usd: Array
    npv_usd_per_mw: float
    npv_to_date_usd: Array

    @cached_property
    def free_cash_usd(self) -> Array:
        """All cash of every month, shape (N,) [USD]."""
        costs = self.lines["power_cost_usd"] + self.lines["opex_usd"] + self.lines["capex_usd"]
        return np.asarray(self.lines["revenue_usd"] - costs + self.residual_usd)

    @property
    def has_moved(self) -> bool:
        """Whether the frozen plan now gives another NPV than the one that was frozen."""
        then = self.use.npv_usd_per_mw
        if then is None or not np.isfinite(self.npv_usd_per_mw):
            return (then is None) != (not np.isfinite(self.npv_usd_per_mw))
        return abs(self.npv_usd_per_mw - then) > SAME_NPV * max(abs(then), 1.0)


@dataclass(frozen=True, eq=False)
class Register:
    """A decision with its frozen plan evaluated, as expected and at actual prices.

    Attributes
    ----------
    plan
        The frozen plan in the decision's scenario.
    frozen
        The frozen plan without it, as the user would open it.
    expected, at_actual
        The decided uses in the order of the decision.
    market
        Market values as expected and as they were.
    """

    decision: Decision
    frozen: Plan
    plan: Plan
    dates: Calendar
    expected: tuple[UsePath, ...]
    at_actual: tuple[UsePath, ...]
    market: tuple[MarketLine, ...]

    def site_name(self, site_id: str) -> str:
        """What the frozen plan calls a site; its id where it has none."""
        return next((s.name for s in self.plan.sites if s.id == site_id), site_id)

    @property
    def site_ids(self) -> tuple[str, ...]:
        """Sites that were decided on, in the decision's order."""
        return tuple(dict.fromkeys(p.use.site_id for p in self.expected))


def register_of(plan: Plan, decision: Decision) -> Register:
    """Evaluate a decision's frozen plan as it was, and at the prices that came.

    Parameters
    ----------
    plan
        The document's plan, which holds the decided uses and the actual values.

    Raises
    ------
    PlanFileError
        Where the frozen plan cannot be read, or has no longer what was decided on.
    """
    frozen = unpack(decision.frozen_plan, decision.name)
    uses = tuple(u for u in plan.decided_uses if u.decision_id == decision.id)
    return _register(decision, frozen, uses, tuple(plan.actuals))


@lru_cache(maxsize=8)
def _evaluated(decision: Decision) -> tuple[Plan, Results]:
    """The frozen plan in its scenario with its results; kept, because actual values are typed one by one."""
    frozen = unpack(decision.frozen_plan, decision.name)
    try:
        shown = plan_for(frozen, scenario_by_name(frozen, decision.scenario_id or BASE))
    except KeyError:
        what = f"its frozen plan has no scenario {decision.scenario_id!r}"
        raise PlanFileError(what, f"decision “{decision.name}”", "delete the decision and record it again") from None
    return shown, evaluate(shown, scenario_name=decision.scenario_id)


def _register(decision: Decision, frozen: Plan, uses: tuple[DecidedUse, ...], actuals: Sequence[Actual]) -> Register:
    shown, results = _evaluated(decision)
    market = market_lines(shown, actuals)
    as_it_came = at_actual_prices(shown, market)
    # The same object where no actual price is known: nothing to evaluate twice.
    later = results if as_it_came == shown else evaluate(as_it_came)
    return Register(
        decision,
        frozen,
        shown,
        results.dates,
        tuple(_path(results, use, decision) for use in uses),
        tuple(_path(later, use, decision) for use in uses),
        market,
    )


def _path(results: Results, use: DecidedUse, decision: Decision) -> UsePath:
    n = len(results.dates.index)
    if use.use_id == IDLE:
        nothing = np.zeros(n)
        return UsePath(use, "Idle", IDLE, dict.fromkeys(USE_LINES, nothing), nothing, 0.0, nothing)
    if use.use_id not in results.by_id:
        what = f"its frozen plan has no use {use.use_id!r}, which it decided on"
        raise PlanFileError(what, f"decision “{decision.name}”", "delete the decision and record it again")
    found = results.by_id[use.use_id]
    cash: UseCash = found.cash
    with np.errstate(invalid="ignore", divide="ignore"):
        mined = cash.revenue / results.market.btc_price_usd if found.kind == ASIC else np.full(n, np.nan)
    lines = {
        "btc_mined": mined,
        "energy_mwh": cash.energy_mwh,
        "revenue_usd": cash.revenue,
        "power_cost_usd": 0.0 - cash.power,
        "opex_usd": 0.0 - cash.opex,
        "capex_usd": 0.0 - cash.capex,
    }
    factors = discount_factors(np.array(found.discount_rate_fraction), n)
    at_end = cash.revenue + cash.power + cash.opex + cash.residual
    to_date = np.cumsum(at_end * factors[1:] + cash.capex * factors[:-1])
    return UsePath(
        use,
        found.name,
        found.kind,
        {name: np.asarray(values * use.mw) for name, values in lines.items()},
        np.asarray(cash.residual * use.mw),
        float(found.npv_usd_per_mw),
        np.asarray(to_date * use.mw),
    )


def of_role(paths: Sequence[UsePath], role: str, site_id: str = "") -> tuple[UsePath, ...]:
    """The paths of one role, of one site or of all."""
    return tuple(p for p in paths if p.use.role == role and site_id in ("", p.use.site_id))


def chosen_of(paths: Sequence[UsePath], site_id: str = "") -> tuple[UsePath, ...]:
    """What was chosen."""
    return of_role(paths, CHOSEN, site_id)


def runners_up(paths: Sequence[UsePath], site_id: str = "", use_id: str = "") -> tuple[UsePath, ...]:
    """Of each site the first use that was turned down, or one of them by its id: what its megawatts would have done."""
    found = {p.use.site_id: p for p in of_role(paths, REJECTED, site_id) if use_id == p.use.use_id}
    for path in of_role(paths, REJECTED, site_id):
        found.setdefault(path.use.site_id, path)
    return tuple(found.values())
