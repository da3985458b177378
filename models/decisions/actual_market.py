"""A frozen plan at the prices that came: actual months in place of expected ones, and its own path after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.curves import Array, Calendar, calendar, month_number
from models.fields import Schedule, field_of, problem_with
from models.inputs import gather
from models.market import market_path
from models.plan import Actual, Market, Plan, PowerContract
from models.power.contracts import contract_weights
from models.power.supply import contract_price
from models.records.power import FIXED

BTC_PRICE, DIFFICULTY, ENERGY_PRICE = "btc_price_usd", "difficulty", "energy_price_usd_per_mwh"
HOW = (
    "Actual months take the place of the frozen plan's BTC price, difficulty and fixed energy prices. A month without "
    "an actual value, and every month after the last one, keeps what the plan expected of it: no new forecast is made. "
    "Fees per block, index prices, machines and contracts stay as frozen."
)
"""How rejected uses are reckoned at actual prices, for whoever asks."""


@dataclass(frozen=True, eq=False)
class MarketLine:
    """One market value month by month, as expected and as it was.

    Attributes
    ----------
    line, site_id
        Which; only energy prices belong to a site.
    expected, actual
        Shape (N,); NaN where not known.
    """

    line: str
    site_id: str
    expected: Array
    actual: Array


def values_of(actuals: Sequence[Actual], line: str, dates: Calendar, site_id: str = "", use_id: str = "") -> Array:
    """Actual values of a line at one place over a plan's months, NaN where there is none; shape (N,)."""
    found = np.full(len(dates.index), np.nan)
    first = month_number(dates.start)
    for actual in actuals:
        at = month_number(actual.month) - first
        if (actual.line, actual.site_id, actual.use_id) == (line, site_id, use_id) and 0 <= at < len(found):
            found[at] = actual.value
    return found


def market_lines(plan: Plan, actuals: Sequence[Actual]) -> tuple[MarketLine, ...]:
    """BTC price, difficulty, and the energy price of every site with a fixed contract or an actual price.

    Parameters
    ----------
    plan
        As frozen, its scenario applied.
    actuals
        Of the open plan.
    """
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    path = market_path(plan.market, dates)
    found = [
        MarketLine(BTC_PRICE, "", path.btc_price_usd, _usable(values_of(actuals, BTC_PRICE, dates), Market, BTC_PRICE)),
        MarketLine(DIFFICULTY, "", path.difficulty, _usable(values_of(actuals, DIFFICULTY, dates), Market, DIFFICULTY)),
    ]
    everywhere = values_of(actuals, ENERGY_PRICE, dates)
    prices = _contract_prices(plan)
    weights = contract_weights(plan.sites, plan.power_contracts, dates)
    for row, site in enumerate(plan.sites):
        own = values_of(actuals, ENERGY_PRICE, dates, site.id)
        actual = _usable(np.where(np.isnan(own), everywhere, own), PowerContract, ENERGY_PRICE)
        fixed = [i for i, c in enumerate(plan.power_contracts) if c.site_id == site.id and c.kind == FIXED]
        share = weights[row, fixed]
        whole = share.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            expected = (np.where(share > 0, prices[fixed], 0.0) * share).sum(axis=0) / whole
        if fixed or np.isfinite(actual).any():
            found.append(MarketLine(ENERGY_PRICE, site.id, np.where(whole > 0, expected, np.nan), actual))
    return tuple(found)


def at_actual_prices(plan: Plan, lines: Sequence[MarketLine]) -> Plan:
    """The plan with actual months typed into its market and its fixed contracts; see `HOW`.

    Parameters
    ----------
    plan
        As frozen, its scenario applied.
    lines
        From `market_lines`.
    """
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    by_line: Mapping[tuple[str, str], MarketLine] = {(line.line, line.site_id): line for line in lines}
    market = plan.market
    for name, growth in (
        (BTC_PRICE, "btc_price_growth_fraction_per_year"),
        (DIFFICULTY, "difficulty_growth_fraction_per_year"),
    ):
        line = by_line[name, ""]
        if np.isfinite(line.actual).any():
            # The table covers every month, so that no growth goes on from its end.
            values: dict[str, Schedule | float] = {name: _table(dates, line.expected, line.actual), growth: 0.0}
            market = replace(market, **values)  # type: ignore[arg-type]
    prices = _contract_prices(plan)
    contracts = []
    for row, contract in enumerate(plan.power_contracts):
        at = by_line.get((ENERGY_PRICE, contract.site_id))
        if (
            contract.kind == FIXED
            and at is not None
            and np.isfinite(at.actual).any()
            and np.isfinite(prices[row]).all()
        ):
            contract = replace(
                contract,
                energy_price_usd_per_mwh=_table(dates, prices[row], at.actual),
                energy_price_growth_fraction_per_year=0.0,
                escalator_fraction_per_year=0.0,
            )
        contracts.append(contract)
    return replace(plan, market=market, power_contracts=tuple(contracts))


def _contract_prices(plan: Plan) -> Array:
    """Every contract's own price month by month, escalated and grown, shape (contracts, N) [USD/MWh]."""
    found = np.asarray(contract_price(gather(plan)))
    return np.broadcast_to(found, (len(plan.power_contracts), plan.plan.horizon_months))


def _table(dates: Calendar, expected: Array, actual: Array) -> Schedule:
    values = np.where(np.isfinite(actual), actual, expected)
    return Schedule(dates.months, tuple(map(float, values)))


def _usable(values: Array, record_type: type, name: str) -> Array:
    """Values that the plan's field takes; a difficulty of zero is a slip, and would make every figure infinite."""
    field = field_of(record_type, name)
    return np.array([v if np.isfinite(v) and problem_with(field, float(v)) is None else np.nan for v in values])
