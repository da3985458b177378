"""`evaluate(plan) -> Results`: the only module that knows the order of the steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache, partial

import numpy as np

from models import fields, metrics, mining
from models.bills.flexibility import OPERATING_MONTHS
from models.bills.yearly import power_figures
from models.crossovers import PriceResponse, RunningResponse, RunningResponses, price_response
from models.curves import Array, Calendar, first_level
from models.gpu_cloud import gpu_cash
from models.hosting import contract_cash, lease_cash
from models.inputs import Inputs, gather
from models.kept import KEPT, kept, protected
from models.market import market_path, spot_btc_price
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Plan
from models.power.dispatch import LotEnergy, available_fraction, lot_energy
from models.power.shapes import Rows
from models.power.supply import Supply, supply
from models.problems import Finding
from models.results import ASIC, CASH_LINES, Crossover, Results, UseCash, UseResult, UseTable

unknown_is_nan = np.errstate(over="ignore", divide="ignore", invalid="ignore")
"""Figures that cannot be computed become NaN or infinite and are reported as findings, not as numpy's warnings."""


@unknown_is_nan
def evaluate(plan: Plan, *, scenario_name: str = "base") -> Results:
    """What every megawatt of the plan earns.

    Parameters
    ----------
    plan
        With a scenario's values already applied (`models.scenarios.plan_for`).
    scenario_name
        What the results call it.

    Returns
    -------
    Results
        Uses in the plan's order, lots before offers. Crossovers, rates of return and findings are worked out when
        first asked for.

    Examples
    --------
    >>> from models.plan import Header, Market, PowerContract, Site
    >>> plan = Plan(
    ...     Header("One lot", "2026-04", 12),
    ...     Market(70_870.25, 133.79e12, 941_472),
    ...     sites=(Site("s1", "North", 40.0, mining_pue=1.05),),
    ...     power_contracts=(PowerContract("p1", "s1", 50.0),),
    ...     asic_lots=(AsicLot("a1", "s1", "S21", 10_000, 200.0, 3_500.0),),
    ... )
    >>> round(evaluate(plan).by_id["a1"].revenue_usd_per_mw_year)
    625254
    """
    inputs = gather(plan)
    blocks = cash_flows(inputs)
    return Results(
        plan_name=plan.plan.name,
        scenario=scenario_name,
        dates=inputs.dates,
        market=market_path(plan.market, inputs.dates),
        uses=_uses(plan, inputs, _use_table(inputs, blocks)),
        solve_power=partial(power_figures, plan),
        solve_crossovers=partial(_crossovers, plan, inputs),
        find_problems=partial(_problems, plan),
    )


def _problems(plan: Plan, results: Results) -> tuple[Finding, ...]:
    from models.checks import (
        check,
    )  # its twenty modules are wanted by whoever asks for findings, not by the first window

    return check(plan, results)


def cash_flows(inputs: Inputs) -> tuple[UseCash, UseCash, UseCash, Supply]:
    """Monthly cash of lots, leases and own GPUs, and what the sites' energy costs.

    Returns
    -------
    lots, leases, gpus
        Shape (..., records, N) each; the leading axes of `inputs` on those lines that depend on them.
    energy
        See `models.power.supply`.
    """
    energy = supply(inputs)
    contracts = contract_cash(inputs, energy)
    return (
        mining.mining_cash(inputs, energy),
        lease_cash(inputs, contracts),
        gpu_cash(inputs, contracts),
        energy,
    )


def discounted(cash: UseCash, rate_fraction: Array) -> Array:
    """NPV per utility MW of uses, shape (..., uses) [USD/MW].

    Parameters
    ----------
    cash
        Shape (..., uses, N).
    rate_fraction
        Shape (..., 1, 1) or (..., uses, 1).
    """
    return present_value(cash, metrics.discount_factors(rate_fraction, cash.revenue.shape[-1]))


def present_value(cash: UseCash, factors: Array) -> Array:
    """The same from discount factors of the plan's N+1 month boundaries, shape (..., 1 or uses, N+1)."""
    at_end = cash.revenue + cash.power + cash.opex + cash.residual
    return np.asarray(np.vecdot(at_end, factors[..., 1:]) + np.vecdot(cash.capex, factors[..., :-1]))


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


def _use_table(inputs: Inputs, blocks: tuple[UseCash, UseCash, UseCash, Supply]) -> UseTable:
    """The figures of all uses: lots, then leases, then own GPUs, in one pass."""
    *kinds, energy = blocks
    n = inputs.numbers
    cash = UseCash(*(np.concatenate([getattr(k, line) for k in kinds]) for line in CASH_LINES))
    year = _year_of_uses(n["asic_lots.count"], inputs.first_rent, inputs.dates.index)
    revenue, power, opex = (year_sum(line, year.inside) for line in (cash.revenue, cash.power, cash.opex))
    rates = tuple(float(n[f"assumptions.{kind}_discount_rate_fraction"][0, 0]) for kind in ("mining", LEASE, GPU_CLOUD))
    rate, factors = _factors_of_uses(rates, tuple(len(k.revenue) for k in kinds), len(inputs.dates.index))
    offer_mw = n["ai_offers.critical_it_mw"] * n["ai_offers.gross_mw_per_it_mw"]
    figures = {
        "mw": np.concatenate([mining.lot_mw(inputs), offer_mw])[:, 0],
        "revenue_usd_per_mw_year": revenue,
        "power_cost_usd_per_mw_year": 0.0 - power,
        "opex_usd_per_mw_year": 0.0 - opex,
        "margin_usd_per_mw_year": revenue + power + opex,
        "capex_usd_per_mw": 0.0 - cash.capex.sum(axis=-1),
        "npv_usd_per_mw": present_value(cash, factors),
        "discount_rate_fraction": rate,
        "displaced_resale_usd_per_mw": np.concatenate(
            [mining.displaced_resale(inputs)[:, 0], np.zeros(len(inputs.offer_site))]
        ),
    }
    return UseTable(cash, figures, year.first[:, 0], partial(mining.break_evens, inputs, energy))


@dataclass(frozen=True)
class _Year:
    """First operating month of every use, shape (uses, 1), and its `operating_year`."""

    first: Array
    inside: Array


@kept
def _year_of_uses(lots: Array, first_rent: Array, index: Array) -> _Year:
    of_lots = np.broadcast_to(_first_year(len(index)), (len(lots), len(index)))
    return _Year(
        np.concatenate([np.zeros(lots.shape), first_rent]),
        np.concatenate([of_lots, operating_year(first_rent, index)]),
    )


@lru_cache(maxsize=KEPT)
def _factors_of_uses(rates: tuple[float, ...], uses: tuple[int, ...], months: int) -> tuple[Array, Array]:
    """Rate and discount factors of every use, from the rate of each kind and how many of it there are."""
    rate = np.repeat(np.array(rates), uses)
    factors = np.repeat(metrics.discount_factors(np.array(rates)[:, None], months), uses, axis=0)
    return protected(rate), protected(factors)


def _uses(plan: Plan, inputs: Inputs, table: UseTable) -> tuple[UseResult, ...]:
    """A view for every lot and offer, in the plan's order."""
    lots = [UseResult(lot.id, lot.model, ASIC, lot.site_id, table, i) for i, lot in enumerate(plan.asic_lots)]
    row_of = inputs.rows["ai_offers"]
    offers = [UseResult(o.id, o.name, o.kind, o.site_id, table, len(lots) + row_of[o.id]) for o in plan.ai_offers]
    return (*lots, *offers)


@unknown_is_nan
def _crossovers(plan: Plan, inputs: Inputs, results: Results, bases: tuple[str, ...]) -> tuple[Crossover, ...]:
    """The crossovers of every lot with every offer of its site, one for each basis."""
    lots = LotPricing(plan, inputs)
    # What an offer's price earns is the same beside every lot.
    income = cache(lambda offer_id, basis: income_on(results.by_id[offer_id], basis))
    offers_at = {site.id: [o for o in plan.ai_offers if o.site_id == site.id] for site in plan.sites}
    solved = {basis: lots.crossing(results, offers_at, basis) for basis in bases}
    found = []
    for lot in plan.asic_lots:
        for at, offer in enumerate(offers_at.get(lot.site_id, ())):
            for basis in bases:
                response, scales = solved[basis][lot.id]
                found.append(_crossover(plan, results, lot, offer, basis, response, float(scales[at]), income))
    return tuple(found)


class LotPricing:
    """How the figures of lots follow the BTC price path; what they share is worked out once.

    Parameters
    ----------
    plan, inputs
        A plan and its arrays, without leading axes.
    """

    def __init__(self, plan: Plan, inputs: Inputs) -> None:
        self.plan, self.inputs = plan, inputs
        self.energy = supply(inputs)
        shape = (len(inputs.lot_site), len(inputs.dates.index))
        self.earned = np.broadcast_to(mining.revenue_per_mwh(inputs), shape)
        self.available = available_fraction(inputs)
        self.by_hour = {t.part.site for t in self.energy.tariffs}
        self._by_site: dict[int, tuple[LotEnergy, Rows]] = {}

    def response(self, row: int, use: UseResult, basis: str) -> PriceResponse | RunningResponse:
        """The response of one lot on a basis: ``revenue``, ``margin`` or ``npv``."""
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
        return RunningResponses(
            lots.only(np.searchsorted(rows, chosen), months),
            self.earned[chosen][:, months],
            hours,
            basis != "revenue",
            np.array(constants),
            self.plan.assumptions.economic_shutdown,
        )

    def crossing(
        self, results: Results, offers_at: dict[str, list[AiOffer]], basis: str
    ) -> dict[str, tuple[PriceResponse | RunningResponse, Array]]:
        """Of every lot beside an offer its response, and the scales at which it earns what the offers of its site do.

        Scales have the shape (offers of the site,); lots of a site that stop by the hour are solved together.
        """
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

    def along_price(self, uses: tuple[UseResult, ...], scales: Array, basis: str) -> dict[str, Array]:
        """Figures of all lots at ascending scales of the price path, by id; shape as `scales`.

        Lots of a site that stop by the hour are looked up together, at every `CURVE_STEP`-th scale: between two of them
        their curves bend by less than a line is wide.
        """
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
        weights = _first_year(n)
        return weights, float(year_sum(fixed, weights)) if basis == "margin" else 0.0


CURVE_STEP, FINE_CURVE = 5, 100
"""Of the points of a curve that has this many every fifth is looked up: margins and present values bend too little in
between to see."""


@lru_cache(maxsize=KEPT)
def _first_year(months: int) -> Array:
    """The operating year of a use that earns from the plan's start, shape (N,)."""
    return protected(operating_year(np.zeros(1), np.arange(months, dtype=float)))


def figure_on(use: UseResult, basis: str) -> float:
    """A use's figure on a crossover's basis [USD/MW-year] or [USD/MW]."""
    return {
        "revenue": use.revenue_usd_per_mw_year,
        "margin": use.margin_usd_per_mw_year,
        "npv": use.npv_usd_per_mw,
    }[basis]


def _crossover(
    plan: Plan,
    results: Results,
    lot: AsicLot,
    offer: AiOffer,
    basis: str,
    response: PriceResponse | RunningResponse,
    scale: float,
    income: Callable[[str, str], float],
) -> Crossover:
    mined = figure_on(results.by_id[lot.id], basis)
    offered = figure_on(results.by_id[offer.id], basis)
    if basis == "npv":
        offered += results.by_id[lot.id].displaced_resale_usd_per_mw
    spot = spot_btc_price(plan.market, results.dates)
    own_price, reason = _offer_price(plan, results, offer, basis, mined, offered, income(offer.id, basis))
    reasons = [reason] if reason else []
    if math.isnan(scale):
        if not (math.isfinite(mined) and math.isfinite(offered)):
            reasons = ["one of the two has no figure on this basis"]
        elif not response.is_known or spot == 0:
            reasons.insert(0, "mining has no figure to scale: its power or the BTC price is missing or zero")
        elif float(response.value(0.0)) >= offered:
            reasons.insert(0, "mining is worth no less at any BTC price")
        else:
            reasons.insert(0, "mining does not reach the offer at any BTC price")
    lease = offer.kind == LEASE
    return Crossover(
        asic_id=lot.id,
        offer_id=offer.id,
        basis=basis,
        hashprice_usd_per_ph_day=scale * results.market.spot_hashprice_usd_per_ph_day,
        btc_price_usd=scale * spot,
        rent_usd_per_it_kw_month=own_price if lease else math.nan,
        price_usd_per_gpu_hour=math.nan if lease else own_price,
        reason="; ".join(reasons),
    )


def _offer_price(
    plan: Plan, results: Results, offer: AiOffer, basis: str, mined: float, offered: float, per_price: float
) -> tuple[float, str]:
    """The offer's price at which it is worth what mining is: its figures are straight lines in that price."""
    now = offer_price(offer, results.dates)
    if now == 0 and math.isfinite(mined) and math.isfinite(offered):
        # Nothing can be scaled from a price of zero; what a dollar of price earns says the same.
        priced = evaluate(fields.replace(plan, price_path(offer), 1.0)).by_id[offer.id]
        per_price, now = income_on(priced, basis), 0.0
        return _needed_price(now, per_price, mined - offered)
    if not (math.isfinite(mined) and math.isfinite(offered) and math.isfinite(now)):
        return math.nan, ""
    return _needed_price(now, per_price / now, mined - offered)


_AS_NOTHING = 1e-12
"""Of a price: machines that stand still are worth what an offer is at a price of zero, whatever way the sums round."""


def _needed_price(now: float, per_dollar: float, short: float) -> tuple[float, str]:
    """The price at which an offer that is `short` of mining equals it, from what each dollar of price earns."""
    if per_dollar <= 0:
        return math.nan, "the offer earns nothing from its price within the horizon"
    needed = now + short / per_dollar
    if needed < -_AS_NOTHING * now:
        return math.nan, "the offer is worth more at any price"
    return max(float(needed), 0.0), ""


def offer_price(offer: AiOffer, dates: Calendar) -> float:
    """The price that an offer is quoted at, in the plan's first month: rent, or of a GPU-hour; NaN if missing."""
    value = offer.rent_usd_per_it_kw_month if offer.kind == LEASE else offer.price_usd_per_gpu_hour
    return first_level(value, dates)


def price_path(offer: AiOffer) -> str:
    """The path of an offer's price."""
    name = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
    return f"ai_offers.{offer.id}.{name}"


def income_on(use: UseResult, basis: str) -> float:
    """What of an offer's figure moves in proportion with its price: revenue, less a lease's share of opex."""
    cash = use.cash
    income = cash.revenue + (cash.opex if use.kind == LEASE and basis != "revenue" else 0.0)
    n = len(income)
    if basis == "npv":
        return float((income * metrics.discount_factors(use.discount_rate_fraction, n)[1:]).sum())
    inside = operating_year(np.array([float(use.first_operating_month)]), np.arange(n, dtype=float))
    return float(year_sum(income, inside))
