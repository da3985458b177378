"""When an AI contract pays and when its capex is spent; leases and own GPUs share these rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.curves import Array, growth_factor
from models.kept import kept


@dataclass(frozen=True)
class Terms:
    """What contracts and the calendar alone decide; shape (..., offers, N) each.

    Attributes
    ----------
    earning
        1 in the months of the term, else 0.
    share
        Of full income: `earning`, ramped.
    steps
        What the escalator has made of a rent of 1.
    hall_spend
        The part of the hall's capex that is spent at the start of each month.
    begins
        1 in the month at whose start a contract's own equipment is bought, else 0; nowhere if its term is over.
    ends
        1 in the last month of the term, else 0.
    """

    earning: Array
    share: Array
    steps: Array
    hall_spend: Array
    begins: Array
    ends: Array


@kept
def contract_terms(
    first_rent: Array,
    term_months: Array,
    ramp_months: Array,
    capex_months: Array,
    escalator_fraction_per_year: Array,
    index: Array,
) -> Terms:
    """The terms of offers, shape (..., offers, 1), over the months of the plan."""
    since = months_in_term(first_rent, index)
    earning = earns(since, term_months)
    runs = still_runs(first_rent, term_months)
    return Terms(
        earning=earning,
        share=earning * ramp(since, ramp_months),
        steps=escalated(since, escalator_fraction_per_year),
        hall_spend=spend_share(first_rent, capex_months, index) * runs,
        begins=falls_in(np.maximum(first_rent, 0.0), index) * runs,
        ends=falls_in(first_rent + term_months - 1.0, index),
    )


def months_in_term(first_rent: Array, index: Array) -> Array:
    """Months since the first rent, negative before it; shape (..., N)."""
    return np.asarray(index - first_rent)


def earns(since_first: Array, term_months: Array) -> Array:
    """1 in every month of the term, else 0; shape (..., N)."""
    return np.asarray((since_first >= 0) & (since_first < term_months), dtype=float)


def escalated(since_first: Array, escalator_fraction_per_year: Array) -> Array:
    """(1 + g)^years: the step comes twelve months after the first rent month, and every twelve months again.

    Examples
    --------
    >>> escalated(np.array([0.0, 11.0, 12.0, 24.0]), np.array(0.03)).round(6)
    array([1.    , 1.    , 1.03  , 1.0609])
    """
    whole_years = np.floor(np.maximum(since_first, 0.0) / 12.0)
    return growth_factor(escalator_fraction_per_year, 12.0 * whole_years)


def ramp(since_first: Array, ramp_months: Array) -> Array:
    """Share of full income while it grows evenly: 1/n in the first month, all from the n-th on.

    Examples
    --------
    >>> ramp(np.array([0.0, 1.0, 2.0, 9.0]), np.array(4.0))
    array([0.25, 0.5 , 0.75, 1.  ])
    """
    share = (since_first + 1.0) / np.maximum(ramp_months, 1.0)
    return np.asarray(np.minimum(np.maximum(share, 0.0), 1.0))


def spend_share(first_rent: Array, capex_months: Array, index: Array) -> Array:
    """The part of the hall's capex that is spent at the start of each month.

    Equal parts over `capex_months`, ending with the month before the first rent; all of it in month 0 where that
    would begin before the plan does.

    Examples
    --------
    >>> spend_share(np.array([3.0]), np.array([2.0]), np.arange(5.0))
    array([0. , 0.5, 0.5, 0. , 0. ])
    >>> spend_share(np.array([1.0]), np.array([2.0]), np.arange(3.0))
    array([1., 0., 0.])
    """
    begin = first_rent - capex_months
    even = ((index >= begin) & (index < first_rent)) / capex_months
    return np.asarray(np.where(begin < 0, index == 0, even))


def still_runs(first_rent: Array, term_months: Array) -> Array:
    """1 where the term reaches into the plan, 0 where it was over before: then nothing of it is charged."""
    return np.asarray(first_rent + term_months > 0, dtype=float)


def falls_in(month: Array, index: Array) -> Array:
    """1 in the given month, else 0; nowhere if it lies outside the plan."""
    return np.asarray(index == month, dtype=float)
