"""How the figures of lots follow the BTC price path: what crossovers, curves and the frontier are read from."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from models import metrics, mining
from models.bills.flexibility import OPERATING_MONTHS
from models.crossovers import PriceResponse, RunningResponse, RunningResponses, price_response, running_sums
from models.curves import Array, calendar
from models.fields import Schedule
from models.inputs import Inputs, gather
from models.kept import KEPT, Keyed, Same, protected
from models.market import spot_btc_price, with_spot_btc_price
from models.plan import SINGLE_RECORDS, AiOffer, Plan, priced_tables
from models.power.dispatch import LotEnergy, available_fraction, lot_energy
from models.power.shapes import Rows
from models.power.supply import supply
from models.results import Results, UseResult

REFERENCE_BTC_PRICE_USD = 100_000.0
"""Where price paths are scaled from, so that what was worked out holds while nothing but the BTC price moves."""
CURVE_STEP, FINE_CURVE = 5, 100
"""Of the points of a curve that has this many every fifth is looked up: margins and present values bend too little in
between to see."""


def lot_pricing(plan: Plan) -> LotPricing:
    """How the lots of a plan follow the BTC price, worked out once for its crossovers, curves and frontier."""
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    spot = spot_btc_price(plan.market, dates)
    price = plan.market.btc_price_usd
    highest = max(price.values) if isinstance(price, Schedule) else spot
    if spot > 0 and math.isfinite(highest * REFERENCE_BTC_PRICE_USD / spot):
        at_reference = with_spot_btc_price(plan.market, dates, REFERENCE_BTC_PRICE_USD)
        plan = replace(plan, market=replace(plan.market, btc_price_usd=at_reference))
        spot = REFERENCE_BTC_PRICE_USD
    else:
        spot = math.nan  # nothing can be scaled from a price of zero, or of next to nothing
    tables = priced_tables(plan)
    singles = len(SINGLE_RECORDS)
    return _lot_pricing(Keyed((plan, spot), (*tables[:singles], *map(Same, tables[singles:]))))


@lru_cache(maxsize=4)
def _lot_pricing(key: Keyed) -> LotPricing:
    plan, spot = key.held
    return LotPricing(plan, gather(plan), spot)


class LotPricing:
    """How the figures of lots follow the BTC price path; what they share is worked out once.

    Parameters
    ----------
    plan, inputs
        A plan and its arrays, without leading axes.
    spot_usd
        BTC price in the plan's first month, at which the scale of the path is 1 [USD]; NaN where it is zero or missing.
    """

    def __init__(self, plan: Plan, inputs: Inputs, spot_usd: float) -> None:
        self.plan, self.inputs, self.spot_usd = plan, inputs, spot_usd
        self.energy = supply(inputs)
        shape = (len(inputs.lot_site), len(inputs.dates.index))
        self.earned = np.broadcast_to(mining.revenue_per_mwh(inputs), shape)
        self.available = available_fraction(inputs)
        self.by_hour = frozenset(self.energy.sites)
        self._by_site: dict[int, tuple[LotEnergy, Rows]] = {}
        self._responses: dict[tuple[int, str], PriceResponse | RunningResponse] = {}
        self._crossings: dict[str, dict[str, tuple[PriceResponse | RunningResponse, Array]]] = {}
        self._curves: dict[str, tuple[bytes, dict[str, Array]]] = {}

    def response(self, row: int, use: UseResult, basis: str) -> PriceResponse | RunningResponse:
        """The response of one lot on a basis: ``revenue``, ``margin`` or ``npv``."""
        if (row, basis) not in self._responses:
            self._responses[row, basis] = self._response(row, use, basis)
        return self._responses[row, basis]

    def _response(self, row: int, use: UseResult, basis: str) -> PriceResponse | RunningResponse:
        site = int(self.inputs.lot_site[row])
        if site in self.by_hour:
            return RunningResponse(self._of_site(site, {row: use}, basis))
        weights, constant = self._weights(use, basis, self.energy.mining_charges[site])
        hours = self.available[row] * self.inputs.dates.hours
        revenue, power = self.earned[row] * hours, self.energy.pool_price[site] * hours
        charge = power if basis != "revenue" else np.zeros(len(power))
        return price_response(revenue, power, weights, charge, constant, self.plan.assumptions.economic_shutdown)

    def _of_site(self, site: int, uses: dict[int, UseResult], basis: str) -> RunningResponses:
        """The responses of some lots of a site whose machines stop by the hour, by row."""
        lots, rows = self._lots(site)
        charges = self.energy.mining_charges[site]
        weights, constants = zip(*(self._weights(use, basis, charges) for use in uses.values()), strict=True)
        months = np.nonzero(weights[0] != 0)[0]
        chosen = np.array(list(uses))
        hours = (np.array(weights) * self.available[chosen] * self.inputs.dates.hours)[:, months]
        sums = running_sums(
            lots,
            np.searchsorted(rows, chosen),
            months,
            self.earned[chosen][:, months],
            hours,
            priced=basis != "revenue",
            stops=self.plan.assumptions.economic_shutdown,
        )
        return RunningResponses(sums, np.array(constants))

    def crossing(
        self, results: Results, offers_at: dict[str, list[AiOffer]], basis: str
    ) -> dict[str, tuple[PriceResponse | RunningResponse, Array]]:
        """Of every lot beside an offer its response, and the scales at which it earns what the offers of its site do.

        Scales have the shape (offers of the site,); lots of a site that stop by the hour are solved together.
        """
        if basis not in self._crossings:
            self._crossings[basis] = self._crossing(results, offers_at, basis)
        return self._crossings[basis]

    def _crossing(
        self, results: Results, offers_at: dict[str, list[AiOffer]], basis: str
    ) -> dict[str, tuple[PriceResponse | RunningResponse, Array]]:
        found: dict[str, tuple[PriceResponse | RunningResponse, Array]] = {}
        together: dict[int, dict[int, UseResult]] = {}
        targets: dict[int, Array] = {}
        for row, lot in enumerate(self.plan.asic_lots):
            offers = offers_at.get(lot.site_id)
            if not offers:
                continue
            use = results.by_id[lot.id]
            resale = use.displaced_resale_usd_per_mw if basis == "npv" else 0.0
            targets[row] = np.array([figure_on(results.by_id[o.id], basis) + resale for o in offers], dtype=float)
            site = int(self.inputs.lot_site[row])
            if site in self.by_hour:
                together.setdefault(site, {})[row] = use
            else:
                response = self.response(row, use, basis)
                found[lot.id] = response, response.solve_all(targets[row])
        for site, uses in together.items():
            scales = self._of_site(site, uses, basis).solve(np.array([targets[row] for row in uses]).T)
            for at, (row, use) in enumerate(uses.items()):
                found[use.id] = self.response(row, use, basis), scales[:, at]
        return found

    def along_price(self, uses: tuple[UseResult, ...], btc_price_usd: Array, basis: str) -> dict[str, Array]:
        """Figures of all lots at ascending BTC prices, by id; shape as `btc_price_usd`.

        Lots of a site that stop by the hour are looked up together, at every `CURVE_STEP`-th price: between two of them
        their curves bend by less than a line is wide.
        """
        kept = self._curves.get(basis)
        if kept is None or kept[0] != btc_price_usd.tobytes():
            found = self._along_price(uses, btc_price_usd / self.spot_usd, basis)
            kept = btc_price_usd.tobytes(), {use_id: protected(line) for use_id, line in found.items()}
            self._curves[basis] = kept
        return kept[1]

    def _along_price(self, uses: tuple[UseResult, ...], scales: Array, basis: str) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for row, use in enumerate(uses):
            if int(self.inputs.lot_site[row]) not in self.by_hour:
                found[use.id] = self.response(row, use, basis).value(scales)
        # A revenue jumps where hours start to run, and a duration table has few of them.
        step = CURVE_STEP if basis != "revenue" and len(scales) >= FINE_CURVE else 1
        looked = np.append(scales[:-1:step], scales[-1:])
        for site in sorted(self.by_hour):
            rows = self._lots(site)[1]
            if not rows.size:
                continue
            values = self._of_site(site, {int(r): uses[r] for r in rows}, basis).value(
                np.broadcast_to(looked[:, None], (len(looked), len(rows)))
            )
            found |= {uses[r].id: np.interp(scales, looked, values[:, k]) for k, r in enumerate(rows)}
        return found

    def _lots(self, site: int) -> tuple[LotEnergy, Rows]:
        if site not in self._by_site:
            self._by_site[site] = lot_energy(self.inputs, self.energy, site)
        return self._by_site[site]

    def _weights(self, use: UseResult, basis: str, charges: Array) -> tuple[Array, float]:
        """What each month counts for on a basis, shape (N,), and what of the figure falls at any price [USD/MW]."""
        n = len(self.inputs.dates.index)
        fixed = use.cash.opex + use.cash.residual - charges
        if basis == "npv":
            factors = metrics.discount_factors(use.discount_rate_fraction, n)
            return factors[1:], float((fixed * factors[1:]).sum() + (use.cash.capex * factors[:-1]).sum())
        weights = first_year(n)
        return weights, float(year_sum(fixed, weights)) if basis == "margin" else 0.0


@lru_cache(maxsize=KEPT)
def first_year(months: int) -> Array:
    """The operating year of a use that earns from the plan's start, shape (N,)."""
    return protected(operating_year(np.zeros(1), np.arange(months, dtype=float)))


def figure_on(use: UseResult, basis: str) -> float:
    """A use's figure on a crossover's basis [USD/MW-year] or [USD/MW]."""
    return float(getattr(use, _ON_BASIS[basis]))


_ON_BASIS = {"revenue": "revenue_usd_per_mw_year", "margin": "margin_usd_per_mw_year", "npv": "npv_usd_per_mw"}


def operating_year(first: Array, index: Array) -> Array:
    """1 in the first twelve operating months, else 0, shape (..., uses, N); NaN everywhere where the plan ends before.

    Parameters
    ----------
    first
        First operating month, shape (..., uses, 1); months before the plan's start count from its start.
    """
    begin = np.maximum(first, 0.0)
    inside = ((index >= begin) & (index < begin + OPERATING_MONTHS)).astype(float)
    return np.where(begin + OPERATING_MONTHS <= len(index), inside, np.nan)


def year_sum(line: Array, inside: Array) -> Array:
    """The sum of a monthly line over the months of `operating_year`, shape (...,); NaN where those are not known.

    Months outside may hold no figure (no contract yet, or no longer); they must not spoil the sum.
    """
    total = line.sum(axis=-1, where=inside == 1.0)
    return np.where(np.isnan(inside[..., 0]), np.nan, total)
