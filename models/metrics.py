"""NPV, IRR and payback of monthly cash, with the plan's timing.

Cash of month m falls at its end, (m+1)/12 years after the plan's start; a purchase dated in month m falls at its
start, m/12 years after. Rates are annual and effective.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from models.curves import Array

LOWEST_RATE = -0.99
HIGHEST_RATE = 100.0
_SCAN_POINTS = 1_200
_FEW_BITS = 1e-14


def discount_factors(rate_fraction: Array | float, months: int) -> Array:
    """(1+r)^(−t/12) for t = 0 … months, shape (..., months+1).

    Parameters
    ----------
    rate_fraction
        Annual, shape (..., 1) or a number.

    Examples
    --------
    >>> discount_factors(0.1, 12)[[0, 12]].round(6)
    array([1.      , 0.909091])
    """
    return np.asarray((1.0 + np.asarray(rate_fraction)) ** (-np.arange(months + 1) / 12.0))


def cash_points(at_start: Array, at_end: Array) -> Array:
    """Cash at the plan's N+1 month boundaries, from what falls at the months' starts and at their ends.

    Examples
    --------
    >>> cash_points(np.array([-10.0, 0.0]), np.array([4.0, 8.0]))
    array([-10.,   4.,   8.])
    """
    points = np.zeros((*np.broadcast_shapes(at_start.shape, at_end.shape)[:-1], at_end.shape[-1] + 1))
    points[..., :-1] += at_start
    points[..., 1:] += at_end
    return points


def npv(points: Array, rate_fraction: Array | float) -> Array:
    """Net present value at the plan's start.

    Parameters
    ----------
    points
        Cash at month boundaries, shape (..., N+1) [USD].
    rate_fraction
        Annual, shape (...,) or a number.

    Examples
    --------
    >>> abs(float(npv(np.array([-100.0] + [0.0] * 11 + [110.0]), 0.10))) < 1e-9
    True
    """
    factors = discount_factors(np.asarray(rate_fraction)[..., None], points.shape[-1] - 1)
    return np.asarray((points * factors).sum(axis=-1))


def irr_roots(points: Array) -> tuple[float, ...]:
    """Every annual rate between −99 % and +10,000 % at which the cash is worth nothing, ascending.

    Parameters
    ----------
    points
        Cash at month boundaries, shape (N+1,) [USD].

    Returns
    -------
    tuple of float
        Empty where cash never changes sign (there is no rate of return) or is not known.

    Notes
    -----
    Descartes' rule allows as many roots as the cash changes sign; all are sought, by scanning the monthly discount
    factor and refining each change of sign. Two roots closer than the scan (about 0.5 % of 1+r) can be missed as
    a pair; then none is better than one of them.

    Examples
    --------
    >>> [round(r, 6) for r in irr_roots(np.array([-100.0] + [0.0] * 11 + [110.0]))]
    [0.1]
    """
    flows = np.asarray(points, dtype=float)
    if not np.isfinite(flows).all() or not (flows > 0).any() or not (flows < 0).any():
        return ()
    rates, powers = _scan(len(flows))
    values = powers @ flows
    exact = rates[values == 0.0].tolist()
    changes = np.nonzero(values[:-1] * values[1:] < 0)[0]
    factors = powers[:, 1]  # falling, where rates rise
    found = [
        _root(flows, float(factors[i + 1]), float(factors[i]), float(values[i + 1]), float(values[i])) for i in changes
    ]
    return tuple(sorted(exact + found))


@lru_cache(maxsize=8)
def _scan(points: int) -> tuple[Array, Array]:
    """Rates to look at, evenly spaced in log(1+r), and their discount factors, shape (K,) and (K, points)."""
    rates = np.expm1(np.linspace(np.log1p(LOWEST_RATE), np.log1p(HIGHEST_RATE), _SCAN_POINTS))
    return rates, ((1.0 + rates) ** (-1.0 / 12.0))[:, None] ** np.arange(points)


def _root(flows: Array, low: float, high: float, at_low: float, at_high: float) -> float:
    """The rate between two monthly discount factors that bracket a root, to the last bit; given the worth at both.

    By Illinois' rule, which closes in within some ten steps where halving alone takes fifty; the last bits by halving.
    """
    exponents = np.arange(len(flows))

    def worth(factor: float) -> float:
        return float(flows @ np.exp(np.log(factor) * exponents))

    stayed = 0
    while high - low > _FEW_BITS * high:
        middle = low - at_low * (high - low) / (at_high - at_low)
        # Not onto an end, but a little beyond it: so the end on the other side of the root comes in as well.
        middle = min(max(middle, low + 0.2 * _FEW_BITS * high), high - 0.2 * _FEW_BITS * high)
        at_middle = worth(middle)
        if (at_middle > 0) == (at_low > 0):
            low, at_low = middle, at_middle
            at_high *= 0.5 if stayed > 0 else 1.0  # an end that stays for a second time is pulled in as well
            stayed = 1
        else:
            high, at_high = middle, at_middle
            at_low *= 0.5 if stayed < 0 else 1.0
            stayed = -1
    low_is_positive = at_low > 0
    middle = 0.5 * (low + high)
    while middle not in (low, high):
        if (worth(middle) > 0) == low_is_positive:
            low = middle
        else:
            high = middle
        middle = 0.5 * (low + high)
    return float(middle**-12.0 - 1.0)


def payback_index(points: Array) -> Array:
    """The month boundary at which cumulative cash is no longer negative, after it first was.

    Parameters
    ----------
    points
        Cash at month boundaries, shape (..., N+1) [USD]; discount it first for the discounted payback.

    Returns
    -------
    Array
        Shape (...,); NaN where cash never turns negative (nothing to pay back), never recovers, or is not known.

    Examples
    --------
    >>> payback_index(np.array([-10.0, 4.0, 4.0, 4.0]))
    array(3.)
    """
    total = np.cumsum(points, axis=-1)
    scale = np.abs(points).sum(axis=-1, keepdims=True)
    negative = total < -1e-12 * scale
    after_spend = np.maximum.accumulate(negative, axis=-1)
    back = after_spend & ~negative & np.isfinite(total)
    found = back.any(axis=-1) & np.isfinite(total).all(axis=-1)
    return np.where(found, back.argmax(axis=-1).astype(float), np.nan)


def first_spend_index(points: Array) -> Array:
    """The first month boundary with an outflow, shape (...,); NaN where there is none."""
    spends = points < 0
    return np.where(spends.any(axis=-1), spends.argmax(axis=-1).astype(float), np.nan)


def first_year_rent(total_contract_value_usd: float, escalator_fraction_per_year: float, term_years: float) -> float:
    """The first year's rent of an escalating contract from its total value [USD]: TCV·g/((1+g)^n − 1).

    Examples
    --------
    >>> round(first_year_rent(7e9, 0.03, 15))
    376366063
    """
    g = escalator_fraction_per_year
    if g == 0:
        return total_contract_value_usd / term_years
    return float(total_contract_value_usd * g / ((1.0 + g) ** term_years - 1.0))
