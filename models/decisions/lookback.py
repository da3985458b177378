"""Expected, actual and what the alternative would have earned: a decision looked back on, line by line and in all.

Every figure is for the decided megawatts of one site or of all [USD], from the frozen plan's first month to the last
month of which anything is known. An actual value that is not known is NaN with a reason, never a substitute.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.curves import Array
from models.decisions.actual_market import BTC_PRICE, DIFFICULTY, ENERGY_PRICE, MarketLine, values_of
from models.decisions.paths import (
    CASH_LINES,
    FREE_CASH,
    USE_LINES,
    Register,
    UsePath,
    chosen_of,
    register_of,
    runners_up,
)
from models.plan import Actual, Plan
from models.problems import PlanFileError
from models.records.paper import MONTHLY_LINES

LOOKBACK = "lookback"
"""Before the paths of its figures, see `models.decisions.explained`."""
YEAR = 12
ACTUAL, RECKONED, PLANNED = "actual", "reckoned", "planned"
"""What a month of the chosen use is made of: actual cash, the frozen plan at actual prices, or the plan itself."""
LINE_LABELS = {name: label for name, (label, _) in MONTHLY_LINES.items()} | {FREE_CASH: "Free cash"}


@dataclass(frozen=True, slots=True)
class LineSum:
    """One line over a span of months.

    Attributes
    ----------
    months
        Months of the span; of prices those that are known.
    expected, actual
        Sum over the span; of prices the mean of its known months. NaN where not known.
    reason
        Why there is no actual figure; empty where there is.
    """

    line: str
    label: str
    unit: str
    site_id: str
    months: int
    expected: float
    actual: float
    reason: str = ""

    @property
    def difference(self) -> float:
        """Actual less expected."""
        return self.actual - self.expected


@dataclass(frozen=True, eq=False)
class Monthly:
    """One line month by month: as expected, and as it was; shape (N,) each, NaN where not known."""

    line: str
    label: str
    unit: str
    site_id: str
    expected: Array
    actual: Array


@dataclass(frozen=True, slots=True)
class Forecast:
    """How good the forecast of one line was over the months that are known.

    Attributes
    ----------
    bias_fraction
        Mean of (expected − actual) ∕ actual: above zero where the forecast was too high.
    error_fraction
        Mean of the absolute values of the same.
    """

    line: str
    label: str
    site_id: str
    months: int
    bias_fraction: float
    error_fraction: float


@dataclass(frozen=True, eq=False)
class LookBack:
    """A decision from the frozen plan's start to the last known month, at one site or all.

    Attributes
    ----------
    site_id
        Empty for all sites.
    months
        How many are looked back on, from the frozen plan's start; 0 where nothing is known yet.
    mw
        That were decided on [MW].
    expected, went, rejected_expected, rejected_went
        Cash of the chosen and of the rejected uses over the whole plan, shape (N,) [USD]: as planned, and as it came.
        From `months` on all is as planned.
    made_of
        What each month of `went` is made of: `ACTUAL`, `RECKONED` or `PLANNED`.
    to_date, last_year
        Line by line.
    forecasts
        Of market lines and of the chosen uses' lines.
    monthly
        Every line month by month, the market's first, free cash last.
    """

    register: Register
    site_id: str
    months: int
    mw: float
    chosen: tuple[UsePath, ...]
    rejected: tuple[UsePath, ...]
    expected: Array
    went: Array
    rejected_expected: Array
    rejected_went: Array
    made_of: tuple[str, ...]
    to_date: tuple[LineSum, ...]
    last_year: tuple[LineSum, ...]
    forecasts: tuple[Forecast, ...]
    monthly: tuple[Monthly, ...]

    def _until_now(self, cash: Array) -> float:
        return float(cash[: self.months].sum())

    @property
    def last_month(self) -> str:
        """The last month of which anything is known; empty where none is."""
        return self.register.dates.months[self.months - 1] if self.months else ""

    @property
    def shortfall_usd(self) -> float:
        """What the chosen uses earned less than planned to date [USD]; below zero where they earned more."""
        return self._until_now(self.expected) - self._until_now(self.went)

    @property
    def planned_gap_usd(self) -> float:
        """What the plan itself had the rejected uses ahead by at this month [USD]."""
        return self._until_now(self.rejected_expected) - self._until_now(self.expected)

    @property
    def regret_usd(self) -> float:
        """What the rejected uses would have earned at actual prices over what the chosen ones did, to date [USD]."""
        return self._until_now(self.rejected_went) - self._until_now(self.went)

    @property
    def reckoned_months(self) -> int:
        """Months of the chosen uses without actual cash, which are reckoned at actual prices or as planned."""
        return sum(word != ACTUAL for word in self.made_of)


def look_back(register: Register, actuals: Sequence[Actual], site_id: str = "", against_id: str = "") -> LookBack:
    """Compare what was expected of a decision with what became of it.

    The chosen uses' cash of a month is actual where every line that the plan expects anything of has an actual value;
    a line of which nothing was expected and nothing is known counts as nothing, and what machines are worth at the end
    counts as planned. All other months are reckoned: the frozen plan at the prices that came. What was turned down is
    always reckoned so.

    Parameters
    ----------
    register
        The decision, evaluated with the same actual values.
    site_id
        One of the decision's sites; empty for all of them together.
    against_id
        The use that was turned down with which to compare; each site's runner-up where empty.
    """
    chosen = chosen_of(register.expected, site_id)
    rejected = runners_up(register.expected, site_id, against_id)
    chosen_went = chosen_of(register.at_actual, site_id)
    rejected_went = runners_up(register.at_actual, site_id, against_id)
    actual = _actual_lines(register, actuals, chosen, site_id)
    market = [line for line in register.market if line.site_id in ("", *register.site_ids)]
    market = [line for line in market if not line.site_id or site_id in ("", line.site_id)]
    known = [line.actual for line in market] + list(actual.values())
    months = max((int(np.flatnonzero(np.isfinite(v))[-1]) + 1 for v in known if np.isfinite(v).any()), default=0)
    expected = _sum_of(register, [p.free_cash_usd for p in chosen])
    cash = _actual_cash(register, actual, chosen)
    reckoned = _sum_of(register, [p.free_cash_usd for p in chosen_went])
    priced = np.zeros(len(expected), dtype=bool)
    for line in market:
        priced |= np.isfinite(line.actual)
    inside = np.arange(len(expected)) < months
    is_actual = np.isfinite(cash) & inside
    actual[FREE_CASH] = cash
    went = np.where(is_actual, cash, np.where(inside, reckoned, expected))
    made_of = tuple(ACTUAL if is_actual[m] else RECKONED if priced[m] else PLANNED for m in range(months))
    rejected_expected = _sum_of(register, [p.free_cash_usd for p in rejected])
    other = _sum_of(register, [p.free_cash_usd for p in rejected_went])
    lines = {name: _sum_of(register, [p.lines[name] for p in chosen]) for name in USE_LINES} | {FREE_CASH: expected}

    def summed(first: int) -> tuple[LineSum, ...]:
        span = slice(first, months)
        prices = [_price_sum(line, span) for line in market]
        return (*prices, *(_cash_sum(name, lines[name], actual[name], span) for name in (*USE_LINES, FREE_CASH)))

    monthly = [Monthly(m.line, *_unit_of(m.line), m.site_id, m.expected, m.actual) for m in market]
    monthly += [Monthly(name, *_unit_of(name), site_id, lines[name], actual[name]) for name in (*USE_LINES, FREE_CASH)]
    forecasts = [_forecast(line.line, line.site_id, line.expected, line.actual) for line in market]
    forecasts += [_forecast(name, site_id, lines[name], actual[name]) for name in (*USE_LINES, FREE_CASH)]
    return LookBack(
        register,
        site_id,
        months,
        math.fsum(p.use.mw for p in chosen),
        chosen,
        rejected,
        expected,
        went,
        rejected_expected,
        np.where(inside, other, rejected_expected),
        made_of,
        summed(0),
        summed(max(months - YEAR, 0)),
        tuple(f for f in forecasts if f is not None),
        tuple(monthly),
    )


def looked_back(plan: Plan, decision_id: str, site_id: str = "", against_id: str = "") -> LookBack | str:
    """A decision of a plan looked back on, or one sentence on why it cannot be.

    Raises
    ------
    KeyError
        Where the plan has no such decision.
    """
    for decision in plan.decisions:
        if decision.id == decision_id:
            try:
                register = register_of(plan, decision)
            except PlanFileError as error:
                return str(error)
            return look_back(register, plan.actuals, site_id if site_id in register.site_ids else "", against_id)
    raise KeyError(decision_id)


def _sum_of(register: Register, rows: Sequence[Array]) -> Array:
    return np.asarray(np.sum(rows, axis=0)) if rows else np.zeros(len(register.dates.index))


def _actual_lines(
    register: Register, actuals: Sequence[Actual], chosen: Sequence[UsePath], site_id: str
) -> dict[str, Array]:
    """Actual values of each line of the chosen uses together, NaN where one of them lacks it; shape (N,) each."""
    dates = register.dates
    if not chosen:  # nobody's cash is not cash of nothing
        return {line: np.full(len(dates.index), np.nan) for line in USE_LINES}
    all_sites = {p.use.site_id for p in chosen_of(register.expected)}
    found = {}
    for line in USE_LINES:
        rows = []
        for path in chosen:
            of_use = values_of(actuals, line, dates, path.use.site_id, path.use.use_id)
            unplaced = values_of(actuals, line, dates, "", path.use.use_id)
            of_site = values_of(actuals, line, dates, path.use.site_id)
            rows.append(np.where(np.isfinite(of_use), of_use, np.where(np.isfinite(unplaced), unplaced, of_site)))
        total = _sum_of(register, rows)
        # A value without site and use is of the decision as a whole, where that is what is looked at.
        if not site_id or len(all_sites) == 1:
            whole = values_of(actuals, line, dates)
            total = np.where(np.isfinite(whole), whole, total)
        found[line] = total
    return found


def _actual_cash(register: Register, actual: dict[str, Array], chosen: Sequence[UsePath]) -> Array:
    """Actual free cash of every month, NaN where a line is missing of which something was expected; shape (N,)."""
    total = np.zeros(len(register.dates.index))
    something = np.zeros(len(total), dtype=bool)
    for name in CASH_LINES:
        expected = _sum_of(register, [p.lines[name] for p in chosen])
        known = np.isfinite(actual[name])
        something |= known
        value = np.where(known, actual[name], np.where(expected == 0.0, 0.0, np.nan))
        total = total + value if name == "revenue_usd" else total - value
    # No line tells what machines fetched at the end: without the plan's own figure they would count as worthless.
    total = total + _sum_of(register, [p.residual_usd for p in chosen])
    return np.where(something, total, np.nan)


def _price_sum(line: MarketLine, span: slice) -> LineSum:
    """A price over a span: means of the months that are known, since prices do not add up."""
    label, unit = _unit_of(line.line)
    actual, expected = line.actual[span], line.expected[span]
    known = np.isfinite(actual)
    if not known.any():
        return LineSum(line.line, label, unit, line.site_id, 0, _mean(expected), math.nan, "no month is known yet")
    return LineSum(line.line, label, unit, line.site_id, int(known.sum()), _mean(expected[known]), _mean(actual[known]))


def _cash_sum(name: str, expected: Array, actual: Array, span: slice) -> LineSum:
    label, unit = _unit_of(name)
    wanted, known = expected[span], np.isfinite(actual[span])
    count, whole = int(known.sum()), len(wanted)
    if not np.isfinite(wanted).any():
        reason = "the chosen use has no such line" if not count else ""
        return LineSum(name, label, unit, "", count, math.nan, _total(actual[span][known]), reason)
    if count == whole and whole:
        return LineSum(name, label, unit, "", whole, _total(wanted), _total(actual[span]))
    nothing = not np.any(wanted != 0.0)
    if nothing and not count:
        return LineSum(name, label, unit, "", whole, 0.0, math.nan, "nothing was expected and nothing is known")
    if not count:
        return LineSum(name, label, unit, "", whole, _total(wanted), math.nan, "no month is known yet")
    # Known months against the same months of the plan: a sum with holes would look like a loss.
    reason = f"{count} of {whole} months known; both columns are of these"
    return LineSum(name, label, unit, "", count, _total(wanted[known]), _total(actual[span][known]), reason)


def _unit_of(line: str) -> tuple[str, str]:
    label, unit = MONTHLY_LINES.get(line, (LINE_LABELS[line], "USD"))
    return label, {BTC_PRICE: "USD/BTC", DIFFICULTY: "difficulty", ENERGY_PRICE: "USD/MWh"}.get(line, unit)


def _mean(values: Array) -> float:
    return float(values.mean()) if len(values) else math.nan


def _total(values: Array) -> float:
    return float(values.sum()) if len(values) else math.nan


def _forecast(line: str, site_id: str, expected: Array, actual: Array) -> Forecast | None:
    """Errors relative to what was; months in which that was nothing have none."""
    known = np.isfinite(actual) & np.isfinite(expected) & (actual != 0.0)
    if not known.any():
        return None
    errors = (expected[known] - actual[known]) / np.abs(actual[known])
    mean, absolute = float(errors.mean()), float(np.abs(errors).mean())
    return Forecast(line, LINE_LABELS[line], site_id, int(known.sum()), mean, absolute)
