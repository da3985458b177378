"""Power once more, in plain Python and hour by hour: without NumPy, without models/, and by bills instead of strikes.

Written from economics 4.1 and 4.2: a contract's bill is the one printed there (a block is K·B + (S ± fee)·(L − B), a
minimum take max(ΣL, θ·Q)·K), an hour runs where that is cheaper for the machine, and what a restart costs is decided by
looking at every way to run on or to stop.
"""

from __future__ import annotations

import datetime
import itertools
import math
from collections import defaultdict
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.plain_dates import NAN, in_month, month_number

Hours = list[list[float]]
"""Runs of consecutive hours, each a list of prices."""


class SitePower:
    """One site in one month: what machines pay that earn so much per MWh, and what firm load pays; per MW."""

    def __init__(self, plan: Any, site: Any, m: int, days: int) -> None:
        self.plan, self.site, self.m, self.hours = plan, site, m, days * 24
        self.now = month_number(plan.plan.start) + m
        self.days = days
        running = [c for c in plan.power_contracts if c.site_id == site.id and self._runs(c)]
        self.mw = self._megawatts(running)
        whole = sum(self.mw)
        blocks = [c for c in running if c.kind == "block"]
        sized = any(c.contracted_mw is not None for c in blocks) or len(running) > 1 or self._dated(running)
        if blocks and sized:
            whole = max(whole, site.capacity_mw)
        self.lanes: list[dict[str, Any]] = []
        self.weights: list[tuple[Any, float]] = []
        for contract, mw in zip(running, self.mw, strict=True):
            if whole > 0:
                weight = mw / whole
            else:
                weight = 1 / len(running) if not blocks or site.capacity_mw <= 0 else 0.0
            self.weights.append((contract, weight))
            self.lanes += [lane | {"weight": lane["weight"] * weight} for lane in self._lanes(contract, mw)]
        self.lanes = [lane for lane in self.lanes if lane["weight"] > 0]
        left = 1 - sum(w for _, w in self.weights)
        if blocks and left > 1e-12 and sum(w for _, w in self.weights) > 0:
            first = next(c for c in plan.power_contracts if c.kind == "block" and c in running)
            self.lanes.append(self._lane(first, "indexed", left) | {"fee": first.excess_fee_usd_per_mwh})
            # What exceeds a block bears its contract's charges as well.
            self.weights = [(c, w + left if c is first else w) for c, w in self.weights]

    def _dated(self, contracts: list[Any]) -> bool:
        return any(c.start_month is not None or c.end_month is not None for c in contracts)

    def _runs(self, c: Any) -> bool:
        begun = c.start_month is None or month_number(c.start_month) <= self.now
        return begun and (c.end_month is None or self.now <= month_number(c.end_month))

    def _megawatts(self, running: list[Any]) -> list[float]:
        known = sum(c.contracted_mw for c in running if c.contracted_mw is not None)
        open_ended = [c for c in running if c.contracted_mw is None]
        rest = max(self.site.capacity_mw - known, 0.0) / len(open_ended) if open_ended else 0.0
        return [rest if c.contracted_mw is None else c.contracted_mw for c in running]

    def _lanes(self, c: Any, mw: float) -> list[dict[str, Any]]:
        anyhow = "sold_back" if c.sells_back else "use_or_lose"
        if c.kind == "fixed":
            return [self._lane(c, "pool", 1.0)]
        if c.kind == "block":
            return [self._lane(c, anyhow, 1.0)]
        if c.kind == "index":
            return [self._lane(c, "indexed", 1.0)]
        if c.kind == "block_and_index":
            size = self.site.capacity_mw if c.contracted_mw is None else c.contracted_mw
            block = min((c.block_mw or 0.0) / size, 1.0) if size > 0 else 0.0
            return [self._lane(c, anyhow, block), self._lane(c, "indexed", 1 - block)]
        if c.kind == "take_or_pay":
            return [self._lane(c, "take", 1.0)]
        if c.kind == "time_of_use":
            lanes = []
            own = tuple(p for p in self.plan.tou_periods if p.contract_id == c.id)
            counts = hours_in_periods(own, self.now // 12, self.now % 12 + 1)
            for at in range(-1, len(own)):
                if counts[at]:
                    lane = self._lane(c, "priced", 1.0) | {"hours_share": counts[at] / self.hours}
                    if at >= 0:
                        lane["own"] = own[at].energy_price_usd_per_mwh * self._growth(c) * self._step(c)
                    lanes.append(lane)
            return lanes
        sells = c.sells_back and c.price_series_id is not None
        return [self._lane(c, "sold_back" if sells else "priced", 1.0)]

    def _growth(self, c: Any) -> float:
        return (1 + c.energy_price_growth_fraction_per_year) ** (self.m / 12)

    def _step(self, c: Any) -> float:
        start = month_number(self.plan.plan.start)
        begin = 0 if c.start_month is None else month_number(c.start_month) - start
        return (1 + c.escalator_fraction_per_year) ** (max(self.m - begin, 0) // 12)

    def _lane(self, c: Any, rule: str, weight: float) -> dict[str, Any]:
        price = in_month(
            c.energy_price_usd_per_mwh, c.energy_price_growth_fraction_per_year, self.m, self.plan.plan.start
        )
        return {
            "contract": c,
            "rule": rule,
            "weight": weight,
            "own": price * self._step(c),
            "fee": 0.0,
            "hours_share": 1.0,
        }

    def index(self, c: Any) -> tuple[list[list[tuple[float, float]]], bool]:
        """Runs of (share of the month's hours, scaled price), and whether the order of hours is known."""
        series = next((s for s in self.plan.price_series if s.id == c.price_series_id), None)
        found = None if series is None else price_runs(self.plan, series, self.now % 12)
        if found is None:
            return [[(1.0, NAN)]], False
        runs, _, ordered = found
        scale = self.scale(c)
        return [[(share, price * scale) for share, price in run] for run in runs], ordered

    def scale(self, c: Any) -> float:
        """What imported prices are multiplied by."""
        series = next(s for s in self.plan.price_series if s.id == c.price_series_id)
        runs, everything, _ = price_runs(self.plan, series, self.now % 12) or ([], NAN, False)
        scale = self._growth(c)
        if c.forward_index_usd_per_mwh is not None:
            growth = c.energy_price_growth_fraction_per_year
            level = in_month(c.forward_index_usd_per_mwh, growth, self.m, self.plan.plan.start)
            ungrown = in_month(c.forward_index_usd_per_mwh, 0.0, self.m, self.plan.plan.start)
            by_month = hasattr(c.forward_index_usd_per_mwh, "months")
            mean = mean_of(runs) if by_month else everything
            scale = level / mean if mean * ungrown > 0 else NAN
        return scale

    # --- what machines pay -------------------------------------------------------------------------------------------

    def machine(self, lot: Any, earned: float, stops: bool) -> tuple[float, float]:
        """MWh per MW in the month, and what the energy costs, charges that no hour changes included [USD]."""
        available = lot.uptime_fraction * (1 - lot.planned_outage_fraction)
        bought = self._bought(lot)
        energy = cost = 0.0
        pool = [lane for lane in self.lanes if lane["rule"] == "pool"]
        pool_weight = sum(lane["weight"] for lane in pool)
        if pool_weight > 0:
            mix = sum(lane["weight"] * self._pool_price(lane) for lane in pool if lane["weight"] > 0) / pool_weight
            share = sum(bought[id(lane)] for lane in pool)
            if share > 0 and not (stops and earned < mix):
                energy += share * available * self.hours
                cost += share * available * self.hours * mix
        elif not self.lanes:
            energy, cost = available * self.hours, NAN
        for lane in self.lanes:
            if lane["rule"] == "pool":
                continue
            if bought[id(lane)] > 0:
                used, paid = self._lane_bill(lane, earned, available, stops)
                energy += bought[id(lane)] * used
                cost += bought[id(lane)] * paid
            unused = lane["weight"] - bought[id(lane)]
            if lane["rule"] in ("sold_back", "use_or_lose", "take"):
                cost += unused * self._lane_bill(lane, -math.inf, available, True)[1]
        return energy, cost + self._charges(firm=False)

    def _pool_price(self, lane: dict[str, Any]) -> float:
        c = lane["contract"]
        return (lane["own"] + c.adders_usd_per_mwh) * (1 + c.tax_fraction)

    def _lane_bill(self, lane: dict[str, Any], earned: float, available: float, stops: bool) -> tuple[float, float]:
        """Energy and bill of 1 MW that buys from one lane only."""
        c, tax = lane["contract"], 1 + lane["contract"].tax_fraction
        hours = self.hours * lane["hours_share"]
        added = c.adders_usd_per_mwh * tax
        if lane["rule"] == "priced":
            price = (lane["own"] + c.adders_usd_per_mwh) * tax
            used = 0.0 if stops and earned < price else hours * available
            return used, used * price if used else 0.0
        if lane["rule"] == "use_or_lose":
            used = 0.0 if stops and earned < added else hours * available
            return used, lane["own"] * tax * hours + added * used
        if lane["rule"] == "take":
            take, full = c.take_fraction * hours, available * hours
            if not stops or not earned < lane["own"] * tax + added:
                used = full
            else:
                used = 0.0 if earned < added else min(take, full)
            return used, max(used, take) * lane["own"] * tax + used * added
        runs, ordered = self.index(c)
        fee = -c.sell_back_fee_usd_per_mwh if lane["rule"] == "sold_back" else 0.0
        used = bill = 0.0
        restart = self._restart_cost(c) if ordered else 0.0
        for run in runs:
            if lane["rule"] == "sold_back":
                settled = [p + c.index_basis_usd_per_mwh + fee for _, p in run]
                marginal = [s + added for s in settled]
            else:
                settled = [0.0] * len(run)
                base = c.index_basis_usd_per_mwh + lane["fee"] + c.adders_usd_per_mwh
                marginal = [(p + base) * tax for _, p in run]
            chosen = best_run(marginal, earned, restart) if stops and not any(map(math.isnan, marginal)) else None
            for t, (share, _) in enumerate(run):
                load = available if chosen is None or chosen[t] else 0.0
                used += share * hours * load
                if lane["rule"] == "sold_back":
                    bill += share * hours * (lane["own"] * tax + settled[t] * (load - 1) + added * load)
                else:
                    bill += share * hours * marginal[t] * load
            if chosen is not None:
                begun = sum(1 for a, b in itertools.pairwise(chosen) if b and not a)
                bill += begun / sum(len(run) for run in runs) * hours * restart * available
        return used, bill

    def _restart_cost(self, c: Any) -> float:
        """It moves with the index from the plan's first month on."""
        cost = self.site.curtailment_start_cost_usd_per_mw
        if not cost:
            return 0.0
        first = SitePower.__new__(SitePower)
        first.plan, first.site, first.m, first.now = self.plan, self.site, 0, month_number(self.plan.plan.start)
        then, now = first.scale(c), self.scale(c)
        return cost * now / then if then > 0 else 0.0

    def _bought(self, lot: Any) -> dict[int, float]:
        """What the lot buys of each lane: blocks go to the machines that stop last, the rest in proportion."""
        lots = [a for a in self.plan.asic_lots if a.site_id == self.site.id]
        ranked = sorted(lots, key=lambda a: (watts_per_paid_hash(a), a.id))
        before = 0.0
        for other in ranked:
            if other is lot:
                break
            before += self._mw(other)
        own = self._mw(lot)
        found = {id(lane): 0.0 for lane in self.lanes}
        begin, left = 0.0, 1.0
        for lane in self.lanes:
            if lane["rule"] not in ("sold_back", "use_or_lose"):
                continue
            end = begin + lane["weight"] * self.site.capacity_mw
            if own > 0:
                part = max(min(before + own, end) - max(before, begin), 0.0) / own
            else:
                part = 1.0 if end > begin else 0.0
            found[id(lane)] = min(part, left)
            left -= found[id(lane)]
            begin = end
        # Each lane of a time-of-use contract stands for all of its megawatts, in some of the hours.
        others = [lane for lane in self.lanes if lane["rule"] not in ("sold_back", "use_or_lose")]
        total = sum(lane["weight"] * lane["hours_share"] for lane in others)
        for lane in others:
            found[id(lane)] = left * lane["weight"] / total if total > 0 else 0.0
        bought = sum(found[id(lane)] * lane["hours_share"] for lane in self.lanes)
        if not bought > 0:
            # Beyond all blocks, and nothing else supplies the site: as the site buys.
            found = {id(lane): lane["weight"] for lane in self.lanes}
            bought = sum(found[id(lane)] * lane["hours_share"] for lane in self.lanes)
        return {k: v / bought if bought > 0 else 0.0 for k, v in found.items()}

    def _mw(self, lot: Any) -> float:
        return lot.count * lot.power_w * self.site.mining_pue / 1e6

    # --- what firm load pays -----------------------------------------------------------------------------------------

    def firm(self, drawn: float) -> float:
        """What 1 MW costs that draws so much of it in every hour [USD]."""
        if not self.lanes:
            return NAN
        bill = 0.0
        for lane in self.lanes:
            if lane["weight"] <= 0:
                continue
            if lane["rule"] == "pool":
                bill += lane["weight"] * self._pool_price(lane) * self.hours * drawn
            else:
                bill += lane["weight"] * self._lane_bill(lane, math.inf, drawn, False)[1]
        return bill + self._charges(firm=True)

    def hedge(self) -> float:
        """What the contracts bring to one who uses none of their energy [USD per MW]."""
        lanes = [x for x in self.lanes if x["rule"] in ("sold_back", "use_or_lose", "take")]
        return -sum(x["weight"] * self._lane_bill(x, -math.inf, 1.0, True)[1] for x in lanes)

    def _charges(self, *, firm: bool) -> float:
        total = 0.0
        for (c, weight), mw in zip(self.weights, self.mw, strict=True):
            tax = 1 + c.tax_fraction
            twelve = c.twelve_peaks_from_month is not None and self.now >= month_number(c.twelve_peaks_from_month)
            tag = c.twelve_peak_share_fraction if twelve else c.peak_share_fraction
            lines = c.demand_charge_usd_per_kw_month * 1000
            lines += c.transmission_usd_per_kw_year * 1000 / 12 * (1.0 if firm else tag)
            lines += c.capacity_usd_per_mw_day * self.days
            lines += c.standby_usd_per_kw_month * 1000
            lines += c.fixed_charge_usd_per_month / mw if mw > 0 else 0.0
            paid = c.demand_response_end_month is None or self.now <= month_number(c.demand_response_end_month)
            income = 0.0
            if paid and not firm:
                decline = (1 - c.demand_response_decline_fraction_per_year) ** (self.m / 12)
                income = c.demand_response_usd_per_mw_year / 12 * decline
            total += weight * (lines * tax - income)
        return total


def watts_per_paid_hash(lot: Any) -> float:
    paid = lot.hashrate_th_per_s * (1 - lot.pool_fee_fraction)
    return lot.power_w / paid if paid > 0 else math.inf


def best_run(marginal: list[float], earned: float, restart: float) -> list[bool]:
    """The cheapest way through consecutive hours: for each hour the best plan that ends running, and stopped."""
    if restart <= 0 or math.isinf(earned):
        return [not earned < price for price in marginal]
    on = off = 0.0
    came_from: list[tuple[bool, bool]] = []  # whether the machine ran before, if it runs now and if it stands now
    for t, price in enumerate(marginal):
        start = off - (restart if t else 0.0)
        came_from.append((on >= start, on > off))
        on, off = max(on, start) + earned - price, max(on, off)
    runs = [on > off]
    for ran_on, ran_off in reversed(came_from[1:]):
        runs.append(ran_on if runs[-1] else ran_off)
    return runs[::-1]


def mean_of(runs: list[list[tuple[float, float]]]) -> float:
    total = sum(share for run in runs for share, _ in run)
    return sum(share * price for run in runs for share, price in run) / total


def price_runs(plan: Any, series: Any, month: int) -> tuple[list[list[tuple[float, float]]], float, bool] | None:
    """A calendar month's runs of (share, price), the year's mean, and whether the order of hours means anything."""
    if series.kind == "duration":
        steps = [s for s in plan.price_steps if s.series_id == series.id and s.hours_share_fraction > 0]
        total = sum(s.hours_share_fraction for s in steps)
        run = [[(s.hours_share_fraction / total, s.price_usd_per_mwh) for s in steps]]
        return (run, mean_of(run), False) if steps else None
    if series.hourly_usd_per_mwh is None:
        return None
    by_month = months_of(series.hourly_usd_per_mwh, series.time_zone)
    if by_month is None:
        return None
    everything = shared([run for m in range(12) for run in by_month.get(m, [])])
    # A year's mean: each month by its days, however often it was imported.
    days = [31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    yearly = sum(days[m] * mean_of(shared(runs)) for m, runs in by_month.items()) / sum(days[m] for m in by_month)
    return shared(by_month[month]) if month in by_month else everything, yearly, True


def shared(runs: Hours) -> list[list[tuple[float, float]]]:
    count = sum(len(run) for run in runs)
    return [[(1 / count, price) for price in run] for run in runs]


@cache
def months_of(series: Any, zone: str) -> dict[int, Hours] | None:
    """By calendar month the runs of known hours: a new run for every month of every year, and after a gap."""
    try:
        clock = datetime.UTC if zone in ("", "UTC") else ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    first = datetime.datetime.strptime(series.first_hour_utc, "%Y-%m-%dT%H:00Z").replace(tzinfo=datetime.UTC)
    runs: dict[tuple[int, int], Hours] = defaultdict(list)
    broken = False
    for k, price in enumerate(series.values.tolist()):
        local = (first + datetime.timedelta(hours=k)).astimezone(clock)
        if math.isnan(price):
            broken = True
            continue
        key = (local.year, local.month - 1)
        if broken or key not in runs:
            runs[key].append([])
        broken = False
        runs[key][-1].append(price)
    found: dict[int, Hours] = defaultdict(list)
    for (_, month), pieces in sorted(runs.items()):
        found[month] += pieces
    return dict(found)


@cache
def hours_in_periods(periods: tuple[Any, ...], year: int, month: int) -> dict[int, int]:
    """How many hours of a month belong to each period, −1 for none; the last one that fits counts."""
    counts: dict[int, int] = defaultdict(int)
    at = datetime.datetime(year, month, 1)
    while at.month == month:
        owner = -1
        for k, p in enumerate(periods):
            low, high = p.first_hour, p.end_hour
            fits = low <= at.hour < high if low < high else (at.hour >= low or at.hour < high)
            a, b = p.first_month_of_year, p.last_month_of_year
            fits = fits and (a <= month <= b if a <= b else (month >= a or month <= b))
            fits = fits and (p.days == "all" or (at.weekday() >= 5) == (p.days == "weekends"))
            owner = k if fits else owner
        counts[owner] += 1
        at += datetime.timedelta(hours=1)
    return counts
