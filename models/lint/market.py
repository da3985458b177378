"""The market and the rates: halvings, growth that nothing could keep up, and risk that is charged twice."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from models.curves import month_number
from models.fields import MONTH
from models.lint.rules import lint, percent, set_percent, set_to
from models.plan import LEASE, Plan, Scenario
from models.problems import Finding, Repair
from models.scenarios import overrides_of, plan_for
from models.sentences import Amount, Sentence
from models.units import BLOCKS_PER_DAY

KNOWN_HEIGHT, KNOWN_DAY = 941_472, datetime.date(2026, 3, 20)
"""A retarget of March 2026."""
FARTHEST_DAYS = 45
HIGHEST_HASHPRICE_GROWTH = 0.20
USUAL_ELASTICITY = 0.7
LEAST_PRICE_GROWTH = 0.02
HIGHEST_FEES_BTC, USUAL_FEES_BTC = 0.5, 0.03125
STALE_MONTHS = 6
LEAST_MINING_RATE, MINING_RATE, LEASE_RATE = 0.10, 0.15, 0.10
RATES = {"mining": MINING_RATE, "lease": LEASE_RATE, "gpu_cloud": 0.12}
HEIGHT_PATH = "market.block_height"
LEASE_RATE_PATH = "assumptions.lease_discount_rate_fraction"


def market_findings(plan: Plan) -> Iterator[Finding]:
    """Everything that the trade would question in the market, the rates and the scenarios."""
    yield from _height(plan)
    yield from _growth(plan)
    yield from _fees_and_age(plan)
    yield from _rates(plan)
    for scenario in plan.scenarios:
        yield from _scenario(plan, scenario)


def height_at(month: str) -> int:
    """The block height to expect at a month's first day, at 144 blocks a day from March 2026.

    Examples
    --------
    >>> height_at("2026-04"), height_at("2028-05") > 1_050_000
    (943200, True)
    """
    day = datetime.date(int(month[:4]), int(month[5:7]), 1)
    return max(KNOWN_HEIGHT + BLOCKS_PER_DAY * (day - KNOWN_DAY).days, 0)


def _days_off(plan: Plan) -> float:
    """By how many days the block height is ahead of the plan's first month; 0 where that is not known."""
    start = plan.plan.start
    if not MONTH.match(start) or int(start[:4]) < 1:
        return 0.0
    return (plan.market.block_height - height_at(start)) / BLOCKS_PER_DAY


def _height(plan: Plan) -> Iterator[Finding]:
    days = _days_off(plan)
    if abs(days) <= FARTHEST_DAYS:
        return
    meant = height_at(plan.plan.start)
    yield lint(
        "height_of_other_month",
        HEIGHT_PATH,
        Sentence(
            "Block {height} is about {days} {side} {start}, so every halving comes that much too {wrong}. At the "
            "plan's "
            "start the height is about {meant}.",
            height=Amount(plan.market.block_height, "", ",.0f"),
            days=Amount(abs(days), "days", ",.0f"),
            side="after" if days > 0 else "before",
            start=plan.plan.start,
            wrong="early" if days > 0 else "late",
            meant=Amount(meant, "", ",.0f"),
        ),
        set_to(HEIGHT_PATH, meant, "", ",.0f"),
    )


def _growth(plan: Plan) -> Iterator[Finding]:
    price, difficulty = (
        plan.market.btc_price_growth_fraction_per_year,
        plan.market.difficulty_growth_fraction_per_year,
    )
    if not plan.asic_lots:
        return
    path = "market.difficulty_growth_fraction_per_year"
    growth = (1 + price) / (1 + difficulty) - 1
    if growth > HIGHEST_HASHPRICE_GROWTH:
        yield lint(
            "hashprice_rises",
            path,
            Sentence(
                "With price at {price} and difficulty at {difficulty} a year, revenue per hash grows by {growth} a "
                "year for "
                "{months}. Whoever can buys machines then, until it does not.",
                price=percent(price),
                difficulty=percent(difficulty),
                growth=percent(growth, ".0f%"),
                months=Amount(plan.plan.horizon_months, "months"),
            ),
            set_percent(path, price),
        )
    elif price > LEAST_PRICE_GROWTH and difficulty <= 0:
        meant = float(f"{USUAL_ELASTICITY * price:.4g}")
        yield lint(
            "difficulty_stands_still",
            path,
            Sentence(
                "The BTC price grows by {price} a year and difficulty by {difficulty}; hashrate has followed price "
                "within "
                "weeks.",
                price=percent(price),
                difficulty=percent(difficulty),
            ),
            set_percent(path, meant),
        )


def _fees_and_age(plan: Plan) -> Iterator[Finding]:
    fees = plan.market.fees_btc_per_block
    if fees > HIGHEST_FEES_BTC:
        yield lint(
            "fees_high",
            "market.fees_btc_per_block",
            Sentence(
                "Fees of {fees} in every block of the plan; {low} to {high} of the subsidy is usual, and fees do not "
                "halve.",
                fees=Amount(fees, "BTC", ",.4g"),
                low=percent(0.005),
                high=percent(0.05),
            ),
            set_to("market.fees_btc_per_block", USUAL_FEES_BTC, "BTC"),
        )
    as_of, start = plan.market.as_of, plan.plan.start
    if not as_of or not MONTH.match(start) or not MONTH.match(as_of[:7]):
        return
    age = month_number(start) - month_number(as_of[:7])
    if age >= STALE_MONTHS:
        yield lint(
            "market_stale",
            "market.as_of",
            Sentence(
                "The market figures are of {day}, {age} before the plan begins; price and difficulty have moved since.",
                day=as_of,
                age=Amount(age, "months"),
            ),
        )


def _rates(plan: Plan) -> Iterator[Finding]:
    rates = {kind: getattr(plan.assumptions, f"{kind}_discount_rate_fraction") for kind in RATES}
    for kind, rate in rates.items():
        if rate <= 0:
            path = f"assumptions.{kind}_discount_rate_fraction"
            yield lint(
                "rate_not_positive",
                path,
                Sentence("A discount rate of {rate} makes later money worth no less than today's.", rate=percent(rate)),
                set_percent(path, RATES[kind]),
            )
    has_leases = any(o.kind == LEASE for o in plan.ai_offers)
    if has_leases and plan.asic_lots and rates["lease"] >= rates["mining"] > 0:
        yield lint(
            "lease_rate_above_mining",
            LEASE_RATE_PATH,
            Sentence(
                "Rent under contract is discounted at {lease} and merchant mining at {mining}; price and difficulty "
                "risk is "
                "the greater one, unless the tenant's default is in the rate.",
                lease=percent(rates["lease"]),
                mining=percent(rates["mining"]),
            ),
            Repair(
                Sentence(
                    "Set {lease} and {mining}, the planner's rates",
                    lease=percent(LEASE_RATE),
                    mining=percent(MINING_RATE),
                ),
                ((LEASE_RATE_PATH, LEASE_RATE), ("assumptions.mining_discount_rate_fraction", MINING_RATE)),
            ),
        )
    elif plan.asic_lots and 0 < rates["mining"] < LEAST_MINING_RATE:
        path = "assumptions.mining_discount_rate_fraction"
        yield lint(
            "mining_rate_low",
            path,
            Sentence(
                "Mining is discounted at {rate}, like a rent under contract; planners take {low} to {high}.",
                rate=percent(rates["mining"]),
                low=percent(0.15),
                high=percent(0.25),
            ),
            set_percent(path, MINING_RATE),
        )


def _scenario(plan: Plan, scenario: Scenario) -> Iterator[Finding]:
    path, own = f"scenarios.{scenario.id}.overrides", dict(scenario.overrides)
    shown = plan_for(plan, scenario)
    if {"plan.start", HEIGHT_PATH} & set(own) and abs(_days_off(shown)) > FARTHEST_DAYS >= abs(_days_off(plan)):
        meant = height_at(shown.plan.start)
        yield lint(
            "halving_override",
            path,
            Sentence(
                "{scenario} begins in {start} at block {height}, about {days} off: its halving comes in another month "
                "than "
                "the network's.",
                scenario=scenario.name,
                start=shown.plan.start,
                height=Amount(shown.market.block_height, "", ",.0f"),
                days=Amount(abs(_days_off(shown)), "days", ",.0f"),
            ),
            Repair(
                Sentence("Begin at block {height}", height=Amount(meant, "", ",.0f")),
                ((path, tuple((own | {HEIGHT_PATH: meant}).items())),),
            ),
        )
    yield from _default_twice(plan, scenario, shown)


def _default_twice(plan: Plan, scenario: Scenario, shown: Plan) -> Iterator[Finding]:
    """A scenario that cuts what a tenant pays and raises the rate at which it is discounted."""
    if LEASE_RATE_PATH not in dict(scenario.overrides):
        return
    before, after = (p.assumptions.lease_discount_rate_fraction for p in (plan, shown))
    values = overrides_of(plan, scenario)
    cut = [
        o.name
        for o in plan.ai_offers
        if o.kind == LEASE
        and any(
            _is_cut(plan, shown, f"ai_offers.{o.id}", name) for name in CUTS if f"ai_offers.{o.id}.{name}" in values
        )
    ]
    if after <= before or not cut:
        return
    left = tuple((p, v) for p, v in scenario.overrides if p != LEASE_RATE_PATH)
    yield lint(
        "default_risk_twice",
        f"scenarios.{scenario.id}.overrides",
        Sentence(
            "{scenario} lets {offer} pay less or for a shorter time, and discounts it at {after} instead of {before} "
            "besides: a "
            "tenant's default is charged twice.",
            scenario=scenario.name,
            offer=", ".join(cut),
            before=percent(before),
            after=percent(after),
        ),
        Repair("Leave the discount rate as it is", ((f"scenarios.{scenario.id}.overrides", left),)),
    )


CUTS = ("rent_usd_per_it_kw_month", "term_months")


def _is_cut(plan: Plan, shown: Plan, path: str, name: str) -> bool:
    from models.drivers import value_of

    before, after = value_of(plan, f"{path}.{name}"), value_of(shown, f"{path}.{name}")
    return before is not None and after is not None and after < before
