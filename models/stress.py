"""Stress packs: ready-made what-ifs that fit any plan. Each is ordinary values of a scenario, to be read and edited."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from models import fields, network
from models.curves import calendar, month_after, month_number
from models.fields import Quantity, Schedule, field_at, problem_with
from models.market import market_path
from models.plan import LEASE, Plan, Scenario
from models.power.shapes import prices_of
from models.records.power import FOLLOWS_INDEX
from models.scenario_edits import added
from models.scenarios import BASE, Override, plan_for, scenario_by_name
from models.units import BLOCKS_PER_DAY

DEFAULT_AFTER_MONTHS = 24
DELAY_MONTHS = 12
BRIEFING_HASHPRICE_USD, BRIEFING_DIFFICULTY = 33.30, 133.79e12
BRIEFING_BULL_BTC_USD = 80_000.0
BRIEFING_RETARGET_FRACTION = -0.0776
BRIEFING_DIFFICULTY_BEFORE = 145.05e12


@dataclass(frozen=True, slots=True)
class StressPack:
    """A what-if that fits any plan.

    Attributes
    ----------
    name
        What the scenario is called that it makes.
    about
        What it changes, in one sentence.
    source
        Where its figure is from.
    overrides
        From a plan to the values that differ; none where it changes nothing.
    nothing
        Why it changes nothing where that is so, as a clause.
    """

    id: str
    name: str
    about: str
    source: str
    overrides: Callable[[Plan], tuple[Override, ...]]
    nothing: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of applying a pack.

    Attributes
    ----------
    plan
        With the new scenario; the plan itself where the pack changes nothing in it.
    scenario
        The new one, or None.
    sentence
        What happened, for the status line.
    """

    plan: Plan
    scenario: Scenario | None
    sentence: str


def apply_pack(plan: Plan, pack_id: str, parent_id: str = BASE) -> Applied:
    """Add a scenario that stresses another one, or the base.

    Parameters
    ----------
    plan
        As the document holds it, without overrides.
    pack_id
        Of one of `PACKS`.
    parent_id
        The scenario that the new one inherits from; what it changes is reckoned from that one's values.

    Raises
    ------
    KeyError
        Where there is no such pack, or no such scenario.

    Examples
    --------
    >>> from models.samples import sample
    >>> found = apply_pack(sample("briefing"), "difficulty")
    >>> found.scenario.name, [path for path, _ in found.scenario.overrides]
    ('Difficulty +30 %', ['market.difficulty'])
    """
    pack = PACKS[pack_id]
    shown = plan_for(plan, scenario_by_name(plan, parent_id))
    overrides = tuple(item for item in pack.overrides(shown) if fields.read(shown, item[0]) != item[1])
    if not overrides:
        return Applied(plan, None, f"“{pack.name}” changes nothing here: {pack.nothing}.")
    found, scenario = added(plan, pack.name, overrides, parent_id)
    count = f"{len(overrides)} value{'' if len(overrides) == 1 else 's'}"
    return Applied(found, scenario, f"Added “{scenario.name}”: {count} changed. {pack.about}")


# --- what the packs change ---


def _times(plan: Plan, paths: Iterator[str], factor: float) -> tuple[Override, ...]:
    """The numbers at some paths times a factor, tables row by row; what is empty, or has no room, is left."""
    found = []
    for path in paths:
        now = fields.read(plan, path)
        if now is None:
            continue
        spec = field_at(plan, path).spec
        assert isinstance(spec, Quantity)
        low, high = spec.low, spec.high
        if isinstance(now, Schedule):
            moved: Any = Schedule(now.months, tuple(min(max(v * factor, low), high) for v in now.values))
        else:
            moved = min(max(now * factor, low), high)
        found.append((path, moved))
    return tuple(found)


def _halving(plan: Plan) -> tuple[Override, ...]:
    """The price path is kept up to the month before the halving, and rises no higher from then on."""
    market, dates = plan.market, calendar(plan.plan.start, plan.plan.horizon_months)
    blocks = network.next_halving_height(market.block_height) - market.block_height
    ends = (dates.days_before + dates.days) * BLOCKS_PER_DAY
    reached = np.flatnonzero(ends > blocks)
    if not reached.size:
        return ()
    price = market_path(market, dates).btc_price_usd
    halving = int(reached[0])
    last = max(halving - 1, 0)
    capped = np.minimum(price, np.where(dates.index > last, price[last], np.inf))
    if np.array_equal(capped, price):
        return ()
    stays = bool((capped[last:] == price[last]).all())
    rows = last + 1 if stays else len(price)
    growth = "market.btc_price_growth_fraction_per_year"
    table: float | Schedule = float(price[0])
    if (price[:rows] != price[0]).any():
        months = tuple(month_after(dates.start, m) for m in range(rows))
        table = Schedule(months, tuple(float(v) for v in capped[:rows]))
    # A table that ends grows on by the market's growth: from there on the price stays.
    return (("market.btc_price_usd", table), (growth, 0.0))


def _tenant_default(plan: Plan) -> tuple[Override, ...]:
    start = month_number(plan.plan.start)
    found: list[Override] = []
    for offer in plan.ai_offers:
        paid_before = max(start - month_number(offer.first_rent_month), 0)
        term = paid_before + DEFAULT_AFTER_MONTHS
        if offer.kind == LEASE and term < offer.term_months:
            path = f"ai_offers.{offer.id}"
            found += [(f"{path}.term_months", term), (f"{path}.hall_residual_fraction", 0.0)]
    return tuple(found)


def _delay(plan: Plan) -> tuple[Override, ...]:
    found: list[Override] = []
    for offer in plan.ai_offers:
        if month_number(offer.first_rent_month) < month_number(plan.plan.start):
            continue
        path = f"ai_offers.{offer.id}"
        found.append((f"{path}.first_rent_month", month_after(offer.first_rent_month, DELAY_MONTHS)))
        spec = field_at(plan, f"{path}.capex_months").spec
        assert isinstance(spec, Quantity)
        if offer.capex_usd_per_it_mw:
            # The money goes out when it was to go out: work that takes longer is not paid later.
            found.append((f"{path}.capex_months", min(offer.capex_months + DELAY_MONTHS, int(spec.high))))
    return tuple(found)


def _power(plan: Plan) -> tuple[Override, ...]:
    series = {s.id: s for s in plan.price_series}
    found: list[Override] = []
    for contract in plan.power_contracts:
        path = f"power_contracts.{contract.id}"
        own = {f.name for f in fields.applicable_fields(contract)}
        levels = [n for n in ("energy_price_usd_per_mwh", "forward_index_usd_per_mwh") if n in own]
        found += _times(plan, (f"{path}.{name}" for name in levels), 1.5)
        named = series.get(contract.price_series_id or "")
        if contract.kind in FOLLOWS_INDEX and contract.forward_index_usd_per_mwh is None and named is not None:
            prices = prices_of(named, plan.price_steps)
            if prices is not None:
                # Imported hours are not changed; a forward level scales them.
                found.append((f"{path}.forward_index_usd_per_mwh", prices.mean * 1.5))
    found += _times(plan, (f"tou_periods.{p.id}.energy_price_usd_per_mwh" for p in plan.tou_periods), 1.5)
    return tuple(found)


def _capex(plan: Plan) -> tuple[Override, ...]:
    halls = (f"ai_offers.{o.id}.capex_usd_per_it_mw" for o in plan.ai_offers)
    cards = (f"ai_offers.{o.id}.capex_usd_per_gpu" for o in plan.ai_offers if o.kind != LEASE)
    machines = (f"asic_lots.{a.id}.purchase_price_usd_per_unit" for a in plan.asic_lots)
    return tuple(item for paths in (halls, cards, machines) for item in _times(plan, paths, 1.25))


def _bear(plan: Plan) -> tuple[Override, ...]:
    subsidy = network.subsidy_sats(plan.market.block_height) / network.SATS_PER_BTC
    earned = float(network.hashprice_btc(BRIEFING_DIFFICULTY, subsidy, plan.market.fees_btc_per_block))
    found: list[Override] = [("market.difficulty", BRIEFING_DIFFICULTY_BEFORE)]
    price = round(BRIEFING_HASHPRICE_USD / earned, 2) if earned > 0 else math.inf
    # After many more halvings no price would pay that hashprice.
    if problem_with(field_at(plan, "market.btc_price_usd"), price) is None:
        found.insert(0, ("market.btc_price_usd", price))
    return tuple(found)


def _bull(plan: Plan) -> tuple[Override, ...]:
    fallen = _times(plan, iter(("market.difficulty",)), 1.0 + BRIEFING_RETARGET_FRACTION)
    return (("market.btc_price_usd", BRIEFING_BULL_BTC_USD), *fallen)


BRIEFING = "briefing of March 2026"
PACKS: dict[str, StressPack] = {
    pack.id: pack
    for pack in (
        StressPack(
            "halving",
            "Halving without price response",
            "The BTC price keeps its path up to the month before the next halving and rises no further; "
            "difficulty stays as planned.",
            "consensus rule: the subsidy halves every 210,000 blocks, next at block 1,050,000",
            _halving,
            "the plan ends before the next halving, or its BTC price does not rise after it anyhow",
        ),
        StressPack(
            "difficulty",
            "Difficulty +30 %",
            "Difficulty is 30 % higher in every month, at the same BTC price.",
            "round stress figure; the retarget after the winter storm of 2026 alone was +14.7 %",
            lambda plan: _times(plan, iter(("market.difficulty",)), 1.3),
            "difficulty is as high as it can be",
        ),
        StressPack(
            "default",
            "AI tenant defaults in month 24",
            "The last rent of every lease is that of its 24th month (of leases that pay already, the plan's 24th), "
            "nothing is recovered, and the hall is not let again.",
            "stress with zero recovery; credit markets put a large AI tenant at about 10 % a year late in 2025",
            _tenant_default,
            "the plan has no lease that runs for longer than 24 months",
        ),
        StressPack(
            "delay",
            "Delivery twelve months late",
            "Every offer that does not pay yet begins twelve months later; the hall's capex begins as planned and is "
            "spread over the longer build.",
            "by mid-2026 about a quarter of miners' leased AI capacity had been delivered (VanEck)",
            _delay,
            "the plan has no AI offer that is still to be delivered",
        ),
        StressPack(
            "power",
            "Power +50 %",
            "Energy prices of all contracts, their forward index levels and their time-of-use prices are half as high "
            "again; delivery, taxes and demand charges stay.",
            "round stress figure; planners' stress for mining is 80 USD/MWh beside a usual 30–60",
            _power,
            "no contract of the plan has an energy price or index prices yet",
        ),
        StressPack(
            "bear",
            "Briefing's bear",
            "Hashrate comes back: BTC stays where it made a hashprice of $33.30, with the difficulty of 145.05 T from "
            "before it fell on 21 March 2026.",
            BRIEFING,
            _bear,
            "its BTC price and difficulty are these already",
        ),
        StressPack(
            "bull",
            "Briefing's bull",
            "BTC rallies to $80,000 while miners leave: difficulty falls once more as on 21 March 2026, by 7.76 %.",
            BRIEFING,
            _bull,
            "its BTC price and difficulty are these already",
        ),
        StressPack(
            "capex",
            "Capex +25 %",
            "Halls, GPUs and new machines cost a quarter more; machines already paid stay paid.",
            "round stress figure; disclosed halls range from $8 to $14 million per IT MW about a usual $11 million",
            _capex,
            "the plan buys nothing",
        ),
    )
}
"""By id, in the order of the menu."""
