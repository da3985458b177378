"""`evaluate(plan) -> Results`: the only module that knows the order of the steps."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache, partial

import numpy as np

from models import fields, metrics, mining
from models.bills.yearly import power_figures
from models.crossovers import PriceResponse, RunningResponse
from models.curves import Array, Calendar, first_level
from models.gpu_cloud import gpu_cash
from models.hosting import contract_cash, lease_cash
from models.inputs import Inputs, gather
from models.kept import KEPT, kept, protected
from models.lot_pricing import figure_on, first_year, lot_pricing, operating_year, year_sum
from models.market import market_path, spot_btc_price
from models.plan import GPU_CLOUD, LEASE, AiOffer, AsicLot, Plan
from models.power.supply import Supply, supply
from models.problems import Finding
from models.results import ASIC, CASH_LINES, Crossover, Results, UseCash, UseResult, UseTable
from models.use_names import named_uses

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
        solve_crossovers=partial(_crossovers, plan),
        find_problems=partial(_problems, plan),
    )


def narrowed(results: Results, part: Plan) -> Results:
    """The results of a part of the plan that was evaluated, see `models.narrowed`: its uses' figures are the same."""
    ids = [lot.id for lot in part.asic_lots] + [offer.id for offer in part.ai_offers]
    uses = tuple(results.by_id[record_id] for record_id in ids)
    return replace(
        results,
        uses=uses,
        solve_power=partial(power_figures, part),
        solve_crossovers=partial(_crossovers, part),
        find_problems=partial(_problems, part),
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
    of_lots = np.broadcast_to(first_year(len(index)), (len(lots), len(index)))
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
    names = named_uses(plan)
    lots = [UseResult(lot.id, names[lot.id], ASIC, lot.site_id, table, i) for i, lot in enumerate(plan.asic_lots)]
    row_of = inputs.rows["ai_offers"]
    offers = [UseResult(o.id, names[o.id], o.kind, o.site_id, table, len(lots) + row_of[o.id]) for o in plan.ai_offers]
    return (*lots, *offers)


@unknown_is_nan
def _crossovers(plan: Plan, results: Results, bases: tuple[str, ...]) -> tuple[Crossover, ...]:
    """The crossovers of every lot with every offer of its site, one for each basis."""
    lots = lot_pricing(plan)
    # What an offer's price earns is the same beside every lot.
    income = cache(lambda offer_id, basis: income_on(results.by_id[offer_id], basis))
    offers_at = {site.id: [o for o in plan.ai_offers if o.site_id == site.id] for site in plan.sites}
    solved = {basis: lots.crossing(results, offers_at, basis) for basis in bases}
    found = []
    for lot in plan.asic_lots:
        for at, offer in enumerate(offers_at.get(lot.site_id, ())):
            for basis in bases:
                response, scales = solved[basis][lot.id]
                price = float(scales[at]) * lots.spot_usd
                found.append(_crossover(plan, results, lot, offer, basis, response, price, income))
    return tuple(found)


def _crossover(
    plan: Plan,
    results: Results,
    lot: AsicLot,
    offer: AiOffer,
    basis: str,
    response: PriceResponse | RunningResponse,
    btc_price_usd: float,
    income: Callable[[str, str], float],
) -> Crossover:
    mined = figure_on(results.by_id[lot.id], basis)
    offered = figure_on(results.by_id[offer.id], basis)
    if basis == "npv":
        offered += results.by_id[lot.id].displaced_resale_usd_per_mw
    spot = spot_btc_price(plan.market, results.dates)
    own_price, reason = _offer_price(plan, results, offer, basis, mined, offered, income(offer.id, basis))
    reasons = [reason] if reason else []
    if math.isnan(btc_price_usd):
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
        hashprice_usd_per_ph_day=btc_price_usd * results.market.spot_hashprice_btc_per_ph_day,
        btc_price_usd=btc_price_usd,
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
