"""The economics once more, in plain Python: a loop over sites, uses and months, without NumPy and without models/.

Written from the contract ("Conventions of every figure", "Plan as JSON") and from economics 1.1–1.4, 2, 3.4 and 5.2. It
reads only the records of a plan. It is the oracle that the evaluation must equal, and the baseline that it must beat.
"""

from __future__ import annotations

import calendar
import math
from typing import Any

from tests.plain_dates import NAN, in_month, month_number
from tests.plain_power import SitePower

HALVING_BLOCKS = 210_000
BLOCKS_PER_DAY = 144


def figures(plan: Any) -> dict[str, dict[str, float]]:
    """Figures of every use of a plan by id, per utility MW.

    Returns
    -------
    dict
        The names of `models.results.USE_FIGURES` without rates of return; ``last_cash`` is all cash added up; machines
        have nine break-evens such as ``power btc``.
    """
    months = calendar_of(plan.plan.start, plan.plan.horizon_months)
    hashprices = [hashprice(plan.market, m, months, plan.plan.start) for m in range(len(months))]
    flat = is_flat(plan)
    month_of = FlatMonth if flat else SitePower
    power = {site.id: [month_of(plan, site, m, days) for m, (_, days) in enumerate(months)] for site in plan.sites}
    pue = {site.id: site.mining_pue for site in plan.sites}
    found = {}
    for lot in plan.asic_lots:
        lines_of_lot = flat_mining_lines if flat else mining_lines
        lines = lines_of_lot(plan, lot, pue[lot.site_id], hashprices, power[lot.site_id])
        mw = lot.count * lot.power_w * pue[lot.site_id] / 1e6
        found[lot.id] = summed_up(lines, 0, plan.assumptions.mining_discount_rate_fraction, mw)
        month = power[lot.site_id][0]
        available = lot.uptime_fraction * (1 - lot.planned_outage_fraction)
        price = month.price if flat else ratio(month.machine(lot, 0.0, stops=False)[1], available * month.hours)
        found[lot.id] |= break_evens(plan, lot, pue[lot.site_id], price, available)
    for offer in plan.ai_offers:
        first = month_number(offer.first_rent_month) - month_number(plan.plan.start)
        lines_of = lease_lines if offer.kind == "lease" else gpu_lines
        site = power[offer.site_id]
        if flat:
            costs = [month.price * month.hours for month in site] if offer.operator_pays_power else [0.0] * len(months)
            costs = [cost if 0 <= m - first < offer.term_months else 0.0 for m, cost in enumerate(costs)]
        else:
            costs = [ai_power(plan, offer, first, site, m) for m in range(len(months))]
        lines = lines_of(offer, first, costs, months, plan.plan.start)
        rate = getattr(plan.assumptions, f"{offer.kind}_discount_rate_fraction")
        found[offer.id] = summed_up(lines, max(first, 0), rate, offer.critical_it_mw * offer.gross_mw_per_it_mw)
    return found


def calendar_of(start: str, count: int) -> list[tuple[int, int]]:
    """Days before and days of every month."""
    found, before, first = [], 0, month_number(start)
    for m in range(first, first + count):
        days = calendar.monthrange(m // 12, m % 12 + 1)[1]
        found.append((before, days))
        before += days
    return found


# --- the network -----------------------------------------------------------------------------------------------------


def subsidy_btc(height: float) -> float:
    halvings = int(height // HALVING_BLOCKS)
    return (5_000_000_000 >> halvings) / 1e8 if halvings < 64 else 0.0


def mean_subsidy_btc(height: float, before: int, days: int) -> float:
    """Of a month's blocks, split by blocks where a halving falls within."""
    low = height + BLOCKS_PER_DAY * before
    high = low + BLOCKS_PER_DAY * days
    total, at = 0.0, low
    while at < high:
        end = min(high, (at // HALVING_BLOCKS + 1) * HALVING_BLOCKS)
        total += subsidy_btc(at) * (end - at)
        at = end
    return total / (high - low)


def hashprice(market: Any, m: int, months: list[tuple[int, int]], start: str) -> float:
    """USD per PH/s and day: 86 400·10¹⁵·(subsidy + fees)·price ∕ (difficulty·2³²)."""
    price = in_month(market.btc_price_usd, market.btc_price_growth_fraction_per_year, m, start)
    difficulty = in_month(market.difficulty, market.difficulty_growth_fraction_per_year, m, start)
    reward = mean_subsidy_btc(market.block_height, *months[m]) + market.fees_btc_per_block
    return 86_400 * 1e15 * reward * price / (difficulty * 2**32)


# --- power -----------------------------------------------------------------------------------------------------------


CHARGES = (
    "demand_charge_usd_per_kw_month", "transmission_usd_per_kw_year", "capacity_usd_per_mw_day",
    "standby_usd_per_kw_month", "fixed_charge_usd_per_month", "demand_response_usd_per_mw_year", "tax_fraction",
    "escalator_fraction_per_year",
)  # fmt: skip


def is_flat(plan: Any) -> bool:
    """Whether every contract is one price for all energy: then a month needs no look at its hours."""
    return all(c.kind == "fixed" and not any(getattr(c, name) for name in CHARGES) for c in plan.power_contracts)


class FlatMonth:
    """A site in a month with one price for all energy."""

    def __init__(self, plan: Any, site: Any, m: int, days: int) -> None:
        self.price, self.hours, self.days = energy_price(plan, site, m), days * 24, days


def energy_price(plan: Any, site: Any, m: int) -> float:
    """All-in price at the meter; contracts that run at once are weighed by their megawatts."""
    start = plan.plan.start
    now = month_number(start) + m
    running = [
        c
        for c in plan.power_contracts
        if c.site_id == site.id
        and (c.start_month is None or month_number(c.start_month) <= now)
        and (c.end_month is None or now <= month_number(c.end_month))
    ]
    prices = [
        in_month(c.energy_price_usd_per_mwh, c.energy_price_growth_fraction_per_year, m, start) + c.adders_usd_per_mwh
        for c in running
    ]
    if len(running) <= 1:
        return prices[0] if prices else NAN
    known = sum(c.contracted_mw for c in running if c.contracted_mw is not None)
    open_ended = [c for c in running if c.contracted_mw is None]
    rest = max(site.capacity_mw - known, 0.0) / len(open_ended) if open_ended else 0.0
    weights = [rest if c.contracted_mw is None else c.contracted_mw for c in running]
    if sum(weights) <= 0:
        return sum(prices) / len(prices)
    return sum(w * p for w, p in zip(weights, prices, strict=True) if w > 0) / sum(weights)


def ai_power(plan: Any, offer: Any, first: int, power: list[Any], m: int) -> float:
    """What power costs an offer in a month, per utility MW: firm load, or what is left of the site's contract."""
    earning = 0 <= m - first < offer.term_months
    if offer.operator_pays_power:
        pue = offer.summer_pue if 4 <= power[m].now % 12 + 1 <= 9 else offer.winter_pue
        drawn = 1.0 if pue is None else min(pue / offer.gross_mw_per_it_mw, 1.0)
        return power[m].firm(drawn) if earning else 0.0
    if offer.hedge_disposition == "kept":
        return -power[m].hedge() if earning else 0.0
    if offer.hedge_disposition == "sold" and m == max(first, 0):
        month = (1 + plan.assumptions.lease_discount_rate_fraction) ** (1 / 12)
        value = sum(later.hedge() / month**k for k, later in enumerate(power[m:]))
        return -(value - offer.hedge_sale_discount_fraction * abs(value))
    return 0.0


# --- uses: (revenue, power, opex, capex, residual) of every month ----------------------------------------------------

Lines = list[tuple[float, float, float, float, float]]


def flat_mining_lines(plan: Any, lot: Any, pue: float, hashprices: list[float], power: list[Any]) -> Lines:
    """economics 1.4: 1000/(e·PUE) PH/s per utility MW; a month that would not pay its energy stands still."""
    ph_per_mw = 1000 / (lot.power_w / lot.hashrate_th_per_s * pue)
    machines_per_mw = 1e6 / (lot.power_w * pue)
    available = lot.uptime_fraction * (1 - lot.planned_outage_fraction)
    lines = []
    for m, month in enumerate(power):
        revenue = hashprices[m] * ph_per_mw * month.days * available * (1 - lot.pool_fee_fraction)
        cost = month.price * month.hours * available
        if plan.assumptions.economic_shutdown and revenue < cost:
            revenue = cost = 0.0
        capex = machines_per_mw * lot.purchase_price_usd_per_unit if m == 0 else 0.0
        lines.append((revenue, cost, lot.opex_usd_per_mw_year / 12, capex, 0.0))
    return lines


def mining_lines(plan: Any, lot: Any, pue: float, hashprices: list[float], power: list[Any]) -> Lines:
    """The same by the hour: each MWh earns 1000·HP·(1−f)/(24·e·PUE)."""
    machines_per_mw = 1e6 / (lot.power_w * pue)
    lines = []
    for m, hashprice in enumerate(hashprices):
        per_mwh = 1000 * hashprice * (1 - lot.pool_fee_fraction) / (24 * lot.power_w / lot.hashrate_th_per_s * pue)
        energy, cost = power[m].machine(lot, per_mwh, plan.assumptions.economic_shutdown)
        capex = machines_per_mw * lot.purchase_price_usd_per_unit if m == 0 else 0.0
        lines.append((per_mwh * energy, cost, lot.opex_usd_per_mw_year / 12, capex, 0.0))
    return lines


def hall_lines(offer: Any, first: int, m: int) -> tuple[float, float]:
    """Capex and residual of the hall in a month, per utility MW."""
    per_mw = offer.capex_usd_per_it_mw / offer.gross_mw_per_it_mw
    begin = first - offer.capex_months
    if first + offer.term_months <= 0:
        return 0.0, 0.0
    if begin < 0:
        capex = per_mw if m == 0 else 0.0
    else:
        capex = per_mw / offer.capex_months if begin <= m < first else 0.0
    ends = m == first + offer.term_months - 1
    return capex, per_mw * offer.hall_residual_fraction if ends else 0.0


def ramp(offer: Any, since: int) -> float:
    return min((since + 1) / offer.ramp_months, 1.0) if offer.ramp_months > 1 else 1.0


def lease_lines(offer: Any, first: int, costs: list[float], months: list[tuple[int, int]], start: str) -> Lines:
    """Rent × 1000 ∕ gross, stepped up once a year; opex a share of it."""
    lines = []
    for m in range(len(months)):
        since = m - first
        revenue = 0.0
        if 0 <= since < offer.term_months:
            rent = in_month(offer.rent_usd_per_it_kw_month, 0.0, m, start)
            steps = (1 + offer.escalator_fraction_per_year) ** (since // 12)
            revenue = rent * steps * 1000 / offer.gross_mw_per_it_mw * ramp(offer, since)
        capex, residual = hall_lines(offer, first, m)
        lines.append((revenue, costs[m], revenue * offer.opex_fraction_of_rent, capex, residual))
    return lines


def gpu_lines(offer: Any, first: int, costs: list[float], months: list[tuple[int, int]], start: str) -> Lines:
    """economics 3.4: 1000/(kW·gross) GPUs per utility MW, each earning price × hours × utilisation."""
    gpus = 1000 / (offer.it_kw_per_gpu * offer.gross_mw_per_it_mw)
    cost = gpus * offer.capex_usd_per_gpu
    lines = []
    for m, (_, days) in enumerate(months):
        since = m - first
        revenue = opex = 0.0
        if 0 <= since < offer.term_months:
            price = in_month(offer.price_usd_per_gpu_hour, offer.price_growth_fraction_per_year, m, start)
            revenue = gpus * price * 24 * days * offer.utilisation_fraction * ramp(offer, since)
            opex = cost * offer.opex_fraction_of_capex_per_year / 12
        capex, residual = hall_lines(offer, first, m)
        capex += cost if m == max(first, 0) and first + offer.term_months > 0 else 0.0
        if m == first + offer.term_months - 1:
            residual += cost * offer.residual_fraction
        lines.append((revenue, costs[m], opex, capex, residual))
    return lines


def break_evens(plan: Any, lot: Any, pue: float, price: float, available: float) -> dict[str, float]:
    """economics 1.4: what the first month's hashprice pays per MWh, and what its energy price must be paid with.

    ``power`` counts energy; ``site`` adds the site's opex over 8,760 hours at uptime; ``all_in`` adds overhead, and the
    purchase price by the capital recovery factor r ∕ (1 − (1+r)^−years).
    """
    market, rate = plan.market, plan.assumptions.mining_discount_rate_fraction
    reward = subsidy_btc(market.block_height) + market.fees_btc_per_block
    btc = in_month(market.btc_price_usd, 0.0, 0, plan.plan.start)
    difficulty = in_month(market.difficulty, 0.0, 0, plan.plan.start)
    spot = 86_400 * 1e15 * reward * btc / (difficulty * 2**32)
    per_hashprice = 1000 * (1 - lot.pool_fee_fraction) / (24 * lot.power_w / lot.hashrate_th_per_s * pue)
    years = lot.capital_recovery_months / 12
    recovery = rate / (1 - (1 + rate) ** -years) if rate else 1 / years
    capital = lot.purchase_price_usd_per_unit * 1e6 / (lot.power_w * pue) * recovery
    site = lot.opex_usd_per_mw_year
    found = {}
    for name, yearly in (
        ("power", 0.0),
        ("site", site),
        ("all_in", site + plan.assumptions.overhead_usd_per_mw_year + capital),
    ):
        per_mwh = ratio(yearly, 8760 * available) if yearly else 0.0
        needed = ratio(price + per_mwh, per_hashprice)
        found[f"{name} energy"] = spot * per_hashprice - per_mwh
        found[f"{name} hashprice"] = needed
        found[f"{name} btc"] = ratio(needed, ratio(spot, btc))
    return found


def ratio(above: float, below: float) -> float:
    """A division that gives infinity for something over nothing, and NaN for nothing over nothing."""
    if below == 0 or math.isnan(below):
        return NAN if above == 0 or math.isnan(above) or math.isnan(below) else math.copysign(math.inf, above)
    return above / below


# --- figures ---------------------------------------------------------------------------------------------------------


def summed_up(lines: Lines, begin: int, rate: float, mw: float) -> dict[str, float]:
    """Yearly lines of the first twelve operating months, NPV, paybacks; cash at a month's end, capex at its start."""
    year = lines[begin : begin + 12]
    revenue, power, opex = (sum(line[k] for line in year) if len(year) == 12 else NAN for k in range(3))
    npv = capital = 0.0
    points = [0.0] * (len(lines) + 1)
    discounted = [0.0] * (len(lines) + 1)
    for m, (earned, energy, other, capex, residual) in enumerate(lines):
        at_end, late, early = earned - energy - other + residual, (1 + rate) ** ((m + 1) / 12), (1 + rate) ** (m / 12)
        npv += at_end / late - capex / early
        capital += capex
        points[m] -= capex
        points[m + 1] += at_end
        discounted[m] -= capex / early
        discounted[m + 1] += at_end / late
    spend = next((k for k, point in enumerate(points) if point < 0), NAN)
    # Where no new money goes in, nothing is paid back.
    back, discounted_back = (payback(points), payback(discounted)) if capital > 0 else (NAN, NAN)
    return {
        "mw": mw,
        "revenue_usd_per_mw_year": revenue,
        "power_cost_usd_per_mw_year": power,
        "opex_usd_per_mw_year": opex,
        "margin_usd_per_mw_year": revenue - power - opex,
        "capex_usd_per_mw": capital,
        "npv_usd_per_mw": npv,
        "payback_months": back - spend,
        "payback_from_operation_months": back - begin,
        "discounted_payback_months": discounted_back - spend,
        "last_cash": sum(points),
    }


def payback(points: list[float]) -> float:
    """The month boundary at which cumulative cash is no longer negative after it first was; NaN if it never is."""
    total, was_negative = 0.0, False
    least = -1e-12 * sum(abs(point) for point in points)
    for k, point in enumerate(points):
        total += point
        if total < least:
            was_negative = True
        elif was_negative:
            return k
    return NAN
