"""A bridge from one scenario's figure to another's: how much of the difference each differing input makes.

Inputs work together (a dearer megawatt-hour costs more where machines run longer), so what one of them makes depends on
which others have changed before. The Shapley value (L. S. Shapley 1953) is the mean over all orders: whoever counts in
another order gets the same bridge, its steps add up to the difference, and an input without effect makes nothing.

Up to `EXACT_INPUTS` inputs every combination is priced. Numbers are priced all at once as arrays with an axis of two
for each input, so that what depends on few inputs is computed few times; what has no array form (a choice, a reference,
a table beside a number) is priced plan by plan. With more inputs orders are drawn, each with its reverse, by a fixed
seed: the steps still add up, and their standard errors are stated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.compare.coalitions import Pricing, players_of
from models.compare.columns import Column
from models.curves import Array
from models.drivers import place_name
from models.fields import read
from models.figures import FigureKind

EXACT_INPUTS = 12
MOST_PLANS = 256
"""Plans that are priced one by one for an exact bridge; beyond that orders are drawn."""
PAIRS, PAIRS_OF_PLANS = 96, 24
"""Orders that are drawn, each with its reverse; fewer where plans are priced one by one."""
SEED = 1953


@dataclass(frozen=True, slots=True)
class Step:
    """What one input makes of the difference.

    Attributes
    ----------
    path, label
        Of the input, with whose it is.
    old, new
        Its values in the two scenarios.
    amount
        In the figure's unit.
    standard_error
        Of the amount where orders were drawn; 0 where it is exact.
    """

    path: str
    label: str
    old: Any
    new: Any
    amount: float
    standard_error: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """The figure at everything that a bridge is the mean of.

    Attributes
    ----------
    paths, labels
        Of the inputs that can move it.
    values
        Exact: of every combination, shape (2, …, 2), see `shapley`. Drawn: of every order after each of its inputs,
        shape (orders, inputs + 1).
    orders
        Of those that were drawn the places of their inputs, shape (orders, inputs); None where all count.
    """

    paths: tuple[str, ...]
    labels: tuple[str, ...]
    values: Array
    orders: np.ndarray[Any, np.dtype[np.intp]] | None = None


@dataclass(frozen=True, slots=True)
class Bridge:
    """From one scenario's figure to another's.

    Attributes
    ----------
    old, new
        The figure in both.
    steps
        The largest first; inputs that make nothing are left out.
    without_effect
        Labels of inputs that differ and make nothing.
    is_exact
        Whether all orders were counted, not some drawn.
    reason
        Why there is no bridge; empty where there is one.
    priced
        What the steps are the mean of; None without steps.
    """

    old_name: str
    new_name: str
    label: str
    kind: FigureKind
    old: float
    new: float
    steps: tuple[Step, ...] = ()
    without_effect: tuple[str, ...] = ()
    is_exact: bool = True
    reason: str = ""
    priced: Priced | None = field(default=None, compare=False, repr=False)

    @property
    def difference(self) -> float:
        """What the steps add up to."""
        return self.new - self.old


def bridge(old: Column, new: Column, figure_path: str) -> Bridge:
    """Attribute the difference of a figure between two scenarios to the inputs that differ.

    Parameters
    ----------
    old, new
        From `models.compare.columns.columns_of`.
    figure_path
        Of a use's figure (``uses.a1.npv_usd_per_mw``) or a site's (``sites.s1.gain_usd``).

    Raises
    ------
    KeyError
        Where the plan has no such figure.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from models.compare.columns import columns_of
    >>> from models.plan import Scenario
    >>> from models.samples import sample
    >>> both = (("market.btc_price_usd", 90_000.0), ("power_contracts.p1.energy_price_usd_per_mwh", 60.0))
    >>> plan = replace(sample("briefing"), scenarios=(Scenario("c9", "Bull, dear power", both),))
    >>> found = bridge(*columns_of(plan, ("base", "c9")), "uses.a1.npv_usd_per_mw")
    >>> [step.label for step in found.steps], round(sum(s.amount for s in found.steps) - found.difference, 6)
    (['BTC price', 'Energy price, Retail supply (illustrative)'], 0.0)
    """
    pricing = Pricing(old.plan, new.plan, figure_path)
    moving, idle = players_of(pricing)
    names = {path: place_name(new.plan, path) for path in (*moving, *idle)}
    ends = pricing.value(old.plan), pricing.value(new.plan)
    about = (old.name, new.name, pricing.label, pricing.kind, *ends)
    if not all(map(math.isfinite, ends)):
        which = old.name if not math.isfinite(ends[0]) else new.name
        return Bridge(*about, reason=f"{pricing.label} cannot be computed in {which}.")
    rest = tuple(names[p] for p in idle)
    if not moving:
        return Bridge(*about, without_effect=rest)
    is_exact = len(moving) <= EXACT_INPUTS and 2 ** len(pricing.whole_plans(moving)) <= MOST_PLANS
    if is_exact:
        priced = Priced(moving, tuple(map(names.__getitem__, moving)), pricing.all_combinations(moving))
        amounts, errors = shapley(priced.values), np.zeros(len(moving))
    else:
        orders, values = _drawn(pricing, moving)
        priced = Priced(moving, tuple(map(names.__getitem__, moving)), values, orders)
        amounts, errors = _mean_of(orders, values)
    if not np.isfinite(amounts).all():
        reason = f"{pricing.label} cannot be computed for some combination of these inputs."
        return Bridge(*about, reason=reason, without_effect=rest)
    amounts = _adding_up(amounts, ends[1] - ends[0])
    steps = [
        Step(p, names[p], read(old.plan, p), read(new.plan, p), float(a), float(e))
        for p, a, e in zip(moving, amounts, errors, strict=True)
    ]
    rest += tuple(s.label for s in steps if s.amount == 0.0)
    # Of equals, the plan's order.
    ranked = sorted((s for s in steps if s.amount != 0.0), key=lambda s: -abs(s.amount))
    return Bridge(*about, steps=tuple(ranked), without_effect=rest, is_exact=is_exact, priced=priced)


def _adding_up(amounts: Array, difference: float) -> Array:
    """Rounding (a few parts in 10¹⁵) goes to the largest step, so that what is shown adds up."""
    found = amounts.copy()
    # An input without effect leaves rounding behind as well.
    found[np.abs(found) <= 1e-12 * max(float(np.abs(found).max()), abs(difference))] = 0.0
    largest = int(np.abs(found).argmax())
    found[largest] += difference - math.fsum(found)
    return found


def shapley(values: Array) -> Array:
    """Each player's share of what all together make.

    Parameters
    ----------
    values
        The figure of every combination, an axis of two for each player: without, with; shape (2, …, 2).

    Returns
    -------
    Array
        Shape (players,). Of a player the mean over all orders of what it adds to those before it: with s before it of
        n in all, every such combination counts s!·(n−s−1)!/n!.

    Examples
    --------
    >>> shapley(np.array([[0.0, 1.0], [3.0, 10.0]])).round(6)
    array([6., 4.])
    """
    n = values.ndim
    weights = share_of_orders(n)
    return np.array([float((weights * np.diff(values, axis=k).squeeze(k)).sum()) for k in range(n)])


def share_of_orders(n: int) -> Array:
    """In which share of all orders of n inputs exactly these of the others come before one; an axis of two for each."""
    weight = np.array([math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n) for s in range(n)])
    before = np.zeros((2,) * (n - 1), dtype=int)
    for axis in range(n - 1):
        before = before + np.arange(2).reshape([2 if k == axis else 1 for k in range(n - 1)])
    return np.asarray(weight[before])


def _drawn(pricing: Pricing, players: Sequence[str]) -> tuple[np.ndarray[Any, np.dtype[np.intp]], Array]:
    """Drawn orders, each followed by its reverse, and the figure after every one of their inputs."""
    n = len(players)
    pairs = PAIRS_OF_PLANS if pricing.whole_plans(players) else PAIRS
    draw = np.random.default_rng(SEED)
    drawn = [draw.permutation(n) for _ in range(pairs)]
    orders = np.array([line for order in drawn for line in (order, order[::-1])])
    combinations = np.zeros((2 * pairs, n + 1, n), dtype=bool)
    for k, order in enumerate(orders):
        for place, player in enumerate(order):
            combinations[k, place + 1 :, player] = True
    flat = combinations.reshape(-1, n)
    unique, inverse = np.unique(flat, axis=0, return_inverse=True)
    return orders, pricing.combinations(players, unique)[np.ravel(inverse)].reshape(2 * pairs, n + 1)


def _mean_of(orders: np.ndarray[Any, np.dtype[np.intp]], values: Array) -> tuple[Array, Array]:
    """What each input adds on the mean of the orders, and its standard error over the pairs."""
    pairs = len(orders) // 2
    added = np.zeros((pairs, orders.shape[1]))
    for k, order in enumerate(orders):
        added[k // 2, order] += np.diff(values[k]) / 2.0
    return added.mean(axis=0), added.std(axis=0, ddof=1) / math.sqrt(pairs)
