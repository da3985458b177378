"""One lot of machines and one AI offer, priced along many values of any input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from models import drivers, mining
from models.crossovers import PriceResponse, RunningResponse
from models.curves import Array
from models.drivers import BTC_PRICE, HASHPRICE
from models.evaluate import cash_flows, discounted, evaluate, income_on, offer_price, price_path, unknown_is_nan
from models.inputs import Inputs, can_sweep, gather, vary
from models.lot_pricing import LotPricing, figure_on, lot_pricing, operating_year, year_sum
from models.market import spot_btc_price, spot_hashprice_btc
from models.narrowed import chosen, part_of, with_first
from models.plan import LEASE, Plan
from models.records.power import BEHIND_THE_METER, BLOCK, BLOCK_AND_INDEX
from models.results import Results

SHARED_KINDS = (BLOCK, BLOCK_AND_INDEX, BEHIND_THE_METER)
"""Contracts whose energy goes to the most efficient machines first."""


def pair_plan(plan: Plan, asic_id: str, offer_id: str) -> Plan:
    """The plan with one lot and one offer, so that sweeps price nothing else; where a block is shared the lot is first.

    Raises
    ------
    KeyError
        Where the plan does not have them.
    """
    lots = chosen(plan.asic_lots, "id", frozenset((asic_id,)))
    offers = chosen(plan.ai_offers, "id", frozenset((offer_id,)))
    if not lots or not offers:
        raise KeyError(offer_id if lots else asic_id)
    site_id = lots[0].site_id
    # Where a block is shared, the other machines decide how much of it is left for this lot; the lot comes first.
    if any(c.site_id == site_id and c.kind in SHARED_KINDS for c in plan.power_contracts):
        lots = with_first(chosen(plan.asic_lots, "site_id", frozenset((site_id,))), asic_id)
    return part_of(plan, lots, offers, {site_id, offers[0].site_id})


def first_lot(inputs: Inputs) -> Inputs:
    """The arrays of a plan's first lot alone; what it buys remains what all lots of its site leave to it."""
    if len(inputs.lot_site) <= 1:
        return inputs
    lots = {key: column[..., :1, :] for key, column in inputs.numbers.items() if key.startswith("asic_lots.")}
    first = dict(list(inputs.rows["asic_lots"].items())[:1])
    return replace(
        inputs,
        numbers=inputs.numbers | lots,
        rows=inputs.rows | {"asic_lots": first},
        lot_site=inputs.lot_site[:1],
        lot_order=inputs.lot_order[:1],
    )


@dataclass(frozen=True)
class Pair:
    """A lot and an offer, on one basis; what is dear is worked out once.

    Attributes
    ----------
    plan
        With the lot first and one offer, see `pair_plan`.
    basis
        ``revenue``, ``margin`` or ``npv``.
    known
        A plan that has the pair among others, with its results, where somebody has them already: best the part that
        is on show, since its lots are priced together.
    """

    plan: Plan
    basis: str
    known: tuple[Plan, Results] | None = None

    @cached_property
    def inputs(self) -> Inputs:
        """The plan's arrays, of the chosen lot alone."""
        return first_lot(gather(self.plan))

    @cached_property
    def results(self) -> Results:
        """The plan's evaluation: the lot, then the offer."""
        whole = evaluate(self.plan) if self.known is None else self.known[1]
        uses = whole.by_id
        return replace(whole, uses=(uses[self.plan.asic_lots[0].id], uses[self.plan.ai_offers[0].id]))

    @cached_property
    def figures(self) -> tuple[float, float]:
        """Both figures today: the lot's and the offer's, with the machines' resale credited to the offer's NPV."""
        if self.known is not None:
            lot, offer = self.results.uses
            resale = lot.displaced_resale_usd_per_mw if self.basis == "npv" else 0.0
            return figure_on(lot, self.basis), figure_on(offer, self.basis) + resale
        mined, offered = self.values(self.inputs)
        return float(mined), float(offered)

    @cached_property
    def response(self) -> tuple[PriceResponse | RunningResponse, float]:
        """How the lot's figure follows the BTC price path, and the BTC price at which its scale is 1 [USD]."""
        use = self.results.uses[0]
        if self.known is not None:
            whole = lot_pricing(self.known[0])  # which has been made for crossovers or curves already
            return whole.response(whole.inputs.rows["asic_lots"][use.id], use, self.basis), whole.spot_usd
        spot = spot_btc_price(self.plan.market, self.inputs.dates)
        return LotPricing(self.plan, self.inputs, spot).response(0, use, self.basis), spot

    @unknown_is_nan
    def values(self, inputs: Inputs) -> tuple[Array, Array]:
        """Both figures for arrays of this plan, shape (...) each [USD/MW-year] or [USD/MW]."""
        lots, leases, gpus, _ = cash_flows(inputs)
        lease = self.plan.ai_offers[0].kind == LEASE
        offer = leases if lease else gpus
        n = inputs.numbers
        if self.basis == "npv":
            kind = "lease" if lease else "gpu_cloud"
            mined = discounted(lots, n["assumptions.mining_discount_rate_fraction"])[..., 0]
            offered = discounted(offer, n[f"assumptions.{kind}_discount_rate_fraction"])[..., 0]
            return mined, offered + mining.displaced_resale(inputs)[..., 0, 0]
        lot_year = operating_year(np.zeros((1, 1)), inputs.dates.index)
        offer_year = operating_year(inputs.first_rent, inputs.dates.index)
        if self.basis == "margin":
            return year_sum(lots.margin, lot_year)[..., 0], year_sum(offer.margin, offer_year)[..., 0]
        return year_sum(lots.revenue, lot_year)[..., 0], year_sum(offer.revenue, offer_year)[..., 0]

    def moved(self, inputs: Inputs, path: str, values: Array) -> Inputs | None:
        """The arrays at many values of a driver; None where only whole plans can be made for it."""
        if path == HASHPRICE:
            # Of these inputs, not of the plan: difficulty or fees may have been moved before.
            per_btc = mining.spot_hashprice_btc(inputs)[..., 0, 0]
            return vary(inputs, BTC_PRICE, values / per_btc) if (per_btc > 0).all() else None
        return vary(inputs, path, values) if can_sweep(inputs, path) else None

    def along(self, path: str, values: Array) -> tuple[Array, Array]:
        """Both figures along one driver, shape (len(values),) each."""
        shortcut = self._along_price(path, values)
        if shortcut is not None:
            return shortcut
        moved = self.moved(self.inputs, path, values)
        if moved is not None:
            mined, offered = self.values(moved)
            return np.broadcast_to(mined, values.shape), np.broadcast_to(offered, values.shape)
        pairs = [Pair(drivers.with_value(self.plan, path, float(v)), self.basis).figures for v in values]
        return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])

    def _along_price(self, path: str, values: Array) -> tuple[Array, Array] | None:
        """The two axes that matter most without a sweep: the price path of mining, and the offer's own price.

        Mining's figure is piecewise linear in the first and the offer's a straight line in the second: both exact.
        """
        mined, offered = self.figures
        offer = self.plan.ai_offers[0]
        if path in (HASHPRICE, BTC_PRICE):
            response, spot = self.response
            if path == HASHPRICE:
                spot *= spot_hashprice_btc(self.plan.market, self.results.dates)
            if spot > 0:
                return response.value(values / spot), np.full(values.shape, offered)
        now = offer_price(offer, self.results.dates)
        if path == price_path(offer) and now > 0:
            per_price = income_on(self.results.uses[1], self.basis) / now
            return np.full(values.shape, mined), offered + per_price * (values - now)
        return None

    def grid(self, x_path: str, y_path: str, xs: Array, ys: Array) -> tuple[Array, Array]:
        """Both figures at every point of a grid, shape (nx, ny) each."""
        shape = (len(xs), len(ys))
        both = self._both_moved(x_path, y_path, xs[:, None], ys[None, :])
        if both is not None:
            mined, offered = self.values(both)
            return np.broadcast_to(mined, shape), np.broadcast_to(offered, shape)
        if x_path == HASHPRICE:  # moved last, as in _both_moved
            by_row = [Pair(drivers.with_value(self.plan, y_path, float(y)), self.basis).along(x_path, xs) for y in ys]
            return np.array([r[0] for r in by_row]).T, np.array([r[1] for r in by_row]).T
        columns = [Pair(drivers.with_value(self.plan, x_path, float(x)), self.basis).along(y_path, ys) for x in xs]
        return np.array([c[0] for c in columns]), np.array([c[1] for c in columns])

    def _both_moved(self, x_path: str, y_path: str, x: Array, y: Array) -> Inputs | None:
        """Arrays with two drivers moved; a hashprice last, since difficulty and fees change what it takes."""
        moves = sorted(((x_path, x), (y_path, y)), key=lambda move: move[0] == HASHPRICE)
        inputs: Inputs | None = self.inputs
        for path, values in moves:
            inputs = None if inputs is None else self.moved(inputs, path, values)
        return inputs

    def difference_at(self, x_path: str, y_path: str, x: Array, y: Array) -> Array | None:
        """Offer less mining at single points, shape as x; None where the drivers have no array form."""
        both = self._both_moved(x_path, y_path, x, y)
        if both is None:
            return None
        mined, offered = self.values(both)
        return np.broadcast_to(offered - mined, x.shape)
