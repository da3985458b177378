"""Where a lot of machines and an AI offer of the same site are worth the same, solved exactly.

Mining's figures are piecewise linear in the BTC price: a month runs from the price on at which it pays its energy.
Sorting the months by that price gives the exact crossing without a search. The offer's figures are straight lines in
its rent or GPU price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from models.curves import Array
from models.kept import KEPT, Keyed, Same, protected
from models.power.dispatch import LotEnergy
from models.power.shapes import Rows


@dataclass(frozen=True)
class PriceResponse:
    """How a weighted sum of a lot's months responds to its price path, scaled as a whole by s ≥ 0.

    The sum is Σ w·(s·revenue − charge) over the months that run at s, plus a constant. A month runs when
    s·revenue ≥ energy cost (always, without economic shutdown). With charge = energy cost the sum is a margin, with
    charge = 0 a revenue. It never falls with s.

    Attributes
    ----------
    starts
        0, then the ascending scales at which further months start to run, shape (K,).
    slope, offset
        From each start on the sum is slope·s + offset + constant, shape (K,) each.
    constant
        What falls at any price: opex, capex [USD].
    """

    starts: Array
    slope: Array
    offset: Array
    constant: float

    @property
    def is_known(self) -> bool:
        """Whether every month that counts has a figure."""
        return bool(np.isfinite(self.slope).all())

    @cached_property
    def _ends(self) -> tuple[Array, Array, bool]:
        """The sum without its constant at both ends of every piece, shape (K,) each; whether all starts are known."""
        until = np.full(len(self.starts), np.inf)
        until[:-1] = self.starts[1:]
        with np.errstate(invalid="ignore"):
            at_end = self.slope * until + self.offset
        at_start = self.slope * self.starts + self.offset
        return at_start, at_end, bool(np.isfinite(at_start).all())

    def value(self, scale: Array | float) -> Array:
        """The sum at scales of the price path, shape as `scale` [USD]."""
        at = np.asarray(scale, dtype=float)
        row = np.searchsorted(self.starts, at, side="right") - 1
        return np.asarray(self.slope[row] * at + self.offset[row] + self.constant)

    def solve(self, target: float) -> float:
        """The lowest scale at which the sum reaches the target.

        NaN where it does so at any price or at none. Where the sum jumps over the target (a revenue does, when a
        month starts to run), the scale of the jump.
        """
        needed = target - self.constant
        at_start, at_end, is_known = self._ends
        if not math.isfinite(needed) or not is_known or at_start[0] >= needed:
            return math.nan
        reached = np.nonzero((at_start >= needed) | (at_end >= needed))[0]
        if not reached.size:
            return math.nan
        i = reached[0]
        return float(self.starts[i] if at_start[i] >= needed else (needed - self.offset[i]) / self.slope[i])

    def solve_all(self, targets: Array) -> Array:
        """The same for many targets, shape (T,)."""
        return np.array([self.solve(float(target)) for target in targets])


@dataclass(frozen=True, eq=False)
class RunningSums:
    """What the hours of some lots of a site come to, at scales of their price path.

    Attributes
    ----------
    lots
        Their energy in the months that count, L lots and M months.
    earned
        Per MWh at today's price path, shape (L, M) [USD/MWh].
    weighted_hours
        Available hours × the month's weight, shape (L, M) [h].
    priced
        Whether energy is deducted.
    stops
        Whether machines stop for price.
    """

    lots: LotEnergy
    earned: Array
    weighted_hours: Array
    priced: bool
    stops: bool

    def at(self, scale: Array) -> tuple[Array, Array]:
        """The sums, and what another unit of the scale adds while no further hour starts; shape (..., L) each [USD]."""
        earned = scale[..., None] * self.earned
        runs = self.lots.running(earned, self.stops)
        value = earned * runs.share - runs.cost if self.priced else earned * runs.share
        slope = (self.earned * runs.share * self.weighted_hours).sum(axis=-1)
        return (value * self.weighted_hours).sum(axis=-1), slope


def running_sums(
    lots: LotEnergy, rows: Rows, months: Rows, earned: Array, weighted_hours: Array, *, priced: bool, stops: bool
) -> RunningSums:
    """The sums of some of a site's lots over some months; the same object while lots and numbers are the same.

    What is paid whatever runs is no part of them: while such a price moves, all that was looked up in hours holds.
    """
    numbers = (rows.tobytes(), months.tobytes(), earned.tobytes(), weighted_hours.tobytes())
    return _kept_sums(Keyed((lots, rows, months, earned, weighted_hours), (Same(lots), *numbers)), priced, stops)


@lru_cache(maxsize=2 * KEPT)
def _kept_sums(key: Keyed, priced: bool, stops: bool) -> RunningSums:
    lots, rows, months, earned, weighted_hours = key.held
    return RunningSums(lots.only(rows, months), earned, weighted_hours, priced, stops)


@lru_cache(maxsize=2 * KEPT)
def _kept_value(sums: Same, scale: Keyed) -> Array:
    return protected(sums.held.at(scale.held)[0])


@lru_cache(maxsize=2 * KEPT)
def _kept_scales(sums: Same, constant: Keyed, targets: Keyed) -> Array:
    return protected(RunningResponses(sums.held, constant.held)._solve(targets.held))


def _numbers(array: Array) -> Keyed:
    return Keyed(array, (array.shape, array.tobytes()))


@dataclass(frozen=True)
class RunningResponses:
    """The same for the lots of a site whose machines stop by the hour: every hour has a price from which on it runs.

    All lots and targets are solved at once. A margin or present value is convex and never falls with the scale, which
    finds its crossing in a few steps. A revenue jumps where an hour starts; what runs at both ends of a bracket says
    how far its crossing can be from either, until no hour starts in between and the rest is a straight line.

    Attributes
    ----------
    sums
        What follows the price path, see `running_sums`.
    constant
        What falls at any price, shape (L,) [USD].
    """

    sums: RunningSums
    constant: Array

    def value(self, scale: Array) -> Array:
        """The sums at scales of the price path, shape (..., L) as `scale` [USD]; looked up once while they hold."""
        return np.asarray(_kept_value(Same(self.sums), _numbers(scale)) + self.constant)

    def _value_and_slope(self, scale: Array) -> tuple[Array, Array]:
        value, slope = self.sums.at(scale)
        return value + self.constant, slope

    def solve(self, targets: Array) -> Array:
        """The lowest scales at which the sums reach targets, shape (T, L) each; see `PriceResponse.solve`."""
        return _kept_scales(Same(self.sums), _numbers(self.constant), _numbers(targets))

    def _solve(self, targets: Array) -> Array:
        at_zero = self.value(np.zeros(targets.shape[-1:]))
        wanted = np.where(np.isfinite(targets) & (targets > at_zero), targets, math.nan)
        if np.isnan(wanted).all():
            return wanted
        with np.errstate(divide="ignore", invalid="ignore"):
            return self._descend(wanted) if self.sums.priced else self._squeeze(wanted)

    def _descend(self, wanted: Array) -> Array:
        """Newton's method: a convex line lies above its tangents, so that a step up lands on or above the crossing.

        From there every step is right or still too high; the line is made of straight pieces, and the last is exact.
        """
        scale = np.ones(wanted.shape)
        value, slope = self._value_and_slope(scale)
        while (short := (value < wanted) & (scale <= _HIGHEST_SCALE)).any():
            up = np.where(slope > 0, np.maximum((wanted - value) / slope, 1e-15 * scale), 3.0 * scale)
            scale = np.where(short, scale + up, scale)
            value, slope = self._value_and_slope(scale)
        reached = value >= wanted
        while True:
            step = np.where(reached & (slope > 0), (value - wanted) / slope, 0.0)
            step = np.where(step > 1e-15 * scale, step, 0.0)
            if not step.any():
                return np.where(reached, scale, math.nan)
            scale = scale - step
            value, slope = self._value_and_slope(scale)
            # Of what is earned, since that is what rounds: an offer may be worth nothing.
            reached &= value >= wanted - 1e-9 * (np.abs(wanted) + slope * scale) - 1e-9

    def _squeeze(self, wanted: Array) -> Array:
        needed = wanted - self.constant
        low, high = np.zeros(wanted.shape), np.ones(wanted.shape)
        at_low = self._value_and_slope(low)[1]
        value, at_high = self._value_and_slope(high)
        while (short := (value < wanted) & (high <= _HIGHEST_SCALE)).any():
            low, at_low = np.where(short, high, low), np.where(short, at_high, at_low)
            # At a higher price no less runs than here: that bounds how high it can be.
            high = np.where(short, np.where(at_high > 0, needed / at_high * (1.0 + 1e-15), 4.0 * high), high)
            value, at_high = self._value_and_slope(high)
        lost = ~(value >= wanted)
        while (open_ := ~lost & (at_low != at_high) & (high - low > _AS_EXACT * high)).any():
            # With what runs at the upper end the crossing would be here, with what runs at the lower end there.
            first = np.clip(needed / at_high, low, high)
            last = np.clip(np.where(at_low > 0, needed / at_low, high), first, high)
            tried = np.stack([first, 0.5 * (first + last), 0.5 * (low + high), last])
            value, slope = self._value_and_slope(tried)
            reached = value >= wanted
            for at, slope_there, there in zip(tried, slope, reached, strict=True):
                lower, upper = open_ & ~there & (at > low), open_ & there & (at < high)
                low, at_low = np.where(lower, at, low), np.where(lower, slope_there, at_low)
                high, at_high = np.where(upper, at, high), np.where(upper, slope_there, at_high)
        return np.where(lost, math.nan, np.where(at_low == at_high, needed / at_high, high))


@dataclass(frozen=True)
class RunningResponse:
    """That of one lot."""

    of_lots: RunningResponses

    @property
    def is_known(self) -> bool:
        """Whether every month that counts has a figure."""
        return bool(np.isfinite(self.value(1.0)).all())

    def value(self, scale: Array | float) -> Array:
        """The sum at scales of the price path, shape as `scale` [USD]."""
        return self.of_lots.value(np.asarray(scale, dtype=float)[..., None])[..., 0]

    def solve(self, target: float) -> float:
        """The lowest scale at which the sum reaches the target; see `PriceResponse.solve`."""
        return float(self.solve_all(np.array([target]))[0])

    def solve_all(self, targets: Array) -> Array:
        """The same for many targets at once, shape (T,)."""
        return self.of_lots.solve(np.asarray(targets, dtype=float)[:, None])[:, 0]


_HIGHEST_SCALE = 1e9
"""Nobody means a BTC price beyond so many times today's."""
_AS_EXACT = 1e-13
"""Of a revenue's crossing: a billionth of a cent of any BTC price."""


def price_response(
    revenue: Array, energy_cost: Array, weights: Array, charge: Array, constant: float, economic_shutdown: bool
) -> PriceResponse:
    """The response of one lot.

    Parameters
    ----------
    revenue, energy_cost
        Per month at full running and today's price path, shape (N,) [USD/MW].
    weights
        1 for months that count and 0 for others, or discount factors for a present value; shape (N,).
    charge
        What is deducted per running month, shape (N,) [USD/MW].
    constant
        What falls at any price [USD/MW].
    economic_shutdown
        Whether months stand still below their energy cost.

    Examples
    --------
    >>> one, power = np.ones(2), np.array([50.0, 200.0])
    >>> lot = price_response(100 * one, power, one, power, -10.0, True)
    >>> lot.value(np.array([0.4, 1.0, 3.0])), lot.solve(340.0)
    (array([-10.,  40., 340.]), 3.0)
    """
    counted = weights != 0  # a month that does not count may hold no figure
    revenue, energy_cost, weights, charge = (a[counted] for a in (revenue, energy_cost, weights, charge))
    with np.errstate(divide="ignore", invalid="ignore"):
        starts = np.where(energy_cost <= 0, 0.0, energy_cost / revenue)
    if not economic_shutdown:
        starts = np.zeros(revenue.shape)
    # A month without revenue never runs at any finite price (its start is infinite) and drops out.
    order = np.argsort(starts, kind="stable")
    order = order[~np.isinf(starts[order])]
    # Filled in place: joining lists to arrays takes as long as all the sums.
    ascending, slope, offset = np.zeros((3, len(order) + 1))
    ascending[1:] = starts[order]
    np.cumsum((weights * revenue)[order], out=slope[1:])
    np.cumsum((weights * -charge)[order], out=offset[1:])
    # Of months that start together only the last row holds them all; at scale 0 that is the state to begin with.
    last = np.ones(len(ascending), dtype=bool)
    np.not_equal(ascending[1:], ascending[:-1], out=last[:-1])
    return PriceResponse(ascending[last], slope[last], offset[last], constant)
