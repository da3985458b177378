"""The nearest flips as tripwires: levels of inputs that can be seen later, at which the decision is to be reopened.

Only what the world shows on a day can be watched: market prices, what power and machines cost, what a hall or a GPU is
bid at, when the first rent is now expected. A discount rate is a choice, a growth rate is not seen on a day, and the
terms of a lease are fixed once it is signed; they flip answers but trip no wire. Difficulty and BTC price are watched
as the hashprice that they make.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from models.drivers import HASHPRICE
from models.evaluate import evaluate
from models.fields import Quantity, field_at, problem_with
from models.plan import Plan, Tripwire, new_id
from models.recommendation import decide
from models.records.judgement import ABOVE, BELOW
from models.results import Results
from models.sensitivity.distances import Distance, distances, nearness
from models.units import display
from models.watch import FIRST_RENT, watched_input

NEAREST = 5
DAYS_OF_MARKETS = 30
"""A price that moves every day must stay beyond its level; a bid or a date counts on the day it is known."""
EVERY_DAY = ("hashprice_usd_per_ph_day", "forward_index_usd_per_mwh", "price_usd_per_gpu_hour", "uptime_fraction")
WATCHABLE = (
    *EVERY_DAY,
    "energy_price_usd_per_mwh",
    "purchase_price_usd_per_unit",
    "resale_value_usd_per_unit",
    "rent_usd_per_it_kw_month",
    "capex_usd_per_it_mw",
    "capex_usd_per_gpu",
    FIRST_RENT,
)
"""Fields that somebody can read off the world on a later day."""


def proposed(plan: Plan, found: Iterable[Distance], today: str, count: int = NEAREST) -> tuple[Tripwire, ...]:
    """The nearest flips that can be watched, as tripwires; ids are free in the plan.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    found
        The distances of one site or of several.
    today
        ISO day on which they are set.
    count
        At most so many.

    Notes
    -----
    Levels are rounded to the digits of the input, towards the present value: the wire is rather early than late.
    """
    watchable = [d for d in found if d.flip.reachable and d.flip.path.rpartition(".")[2] in WATCHABLE]
    watchable.sort(key=nearness)
    made: list[Tripwire] = []
    taken = replace(plan, tripwires=())
    for distance in watchable:
        flip = distance.flip
        side = ABOVE if flip.value > flip.now else BELOW
        if any((t.path, t.side) == (flip.path, side) for t in made):
            continue
        name = flip.path.rpartition(".")[2]
        site = next((s.name for s in plan.sites if s.id == flip.site_id), flip.site_id)
        tripwire = Tripwire(
            id=new_id(taken, "g"),
            path=flip.path,
            side=side,
            level=_level(plan, flip.path, flip.now, flip.value),
            days=DAYS_OF_MARKETS if name in EVERY_DAY else 1,
            reason=f"{flip.winner} is then worth most at {site}",
            set_on=today,
        )
        taken = replace(taken, tripwires=(*taken.tripwires, tripwire))
        made.append(tripwire)
        if len(made) == count:
            break
    return tuple(made)


def nearest_tripwires(plan: Plan, today: str, results: Results | None = None) -> tuple[Tripwire, ...]:
    """The nearest of all sites; see `proposed`."""
    known = evaluate(plan) if results is None else results
    found = [d for decision in decide(plan, known) for d in distances(plan, decision)]
    return proposed(plan, found, today)


def with_tripwires(plan: Plan, tripwires: tuple[Tripwire, ...]) -> Plan:
    """The plan with these tripwires in place of those it had."""
    return replace(plan, tripwires=tripwires)


def _level(plan: Plan, path: str, now: float, value: float) -> float:
    known = watched_input(plan, path)
    factor = display(known.unit)[1]
    step = 10.0**-known.digits
    shown = value * factor / step
    rounded = (math.floor(shown + 1e-9) if value > now else math.ceil(shown - 1e-9)) * step / factor
    level = float(f"{rounded:.12g}")
    beyond_now = level > now if value > now else level < now
    if not beyond_now or not _fits(plan, path, level):
        return value  # the flip is nearer than a digit
    return level


def _fits(plan: Plan, path: str, level: float) -> bool:
    if path == HASHPRICE or path.endswith(f".{FIRST_RENT}"):
        return True
    field = field_at(plan, path)
    return not (isinstance(field.spec, Quantity) and problem_with(field, level))
