"""What the sensitivity page says above its tables, and what it has worked out for them."""

from __future__ import annotations

import math
from time import thread_time

from app.numbers import MISSING, Numbers
from models.drivers import HASHPRICE
from models.plan import Plan
from models.recommendation import decide
from models.results import Results
from models.sensitivity.distances import NEAREST_BY, Distance, distances
from models.sensitivity.tornado import Tornado
from models.watch import all_watched

TAB_OF_TABLE = {"uncertainties": "ranges", "tripwires": "tripwires", "observations": "observations"}
RANGES = (
    "Low and high of every input, each its own: below P10 once in ten times, above P90 once in ten times. Type or "
    "paste yours; grey sources are the planner's."
)
OBSERVATIONS = "What inputs turned out to be. Type, or paste rows of date and value (or date, input, value, source)."


def distance_words(plan: Plan, found: tuple[Distance, ...], numbers: Numbers) -> str:
    """Which input is nearest to the flip."""
    if not found:
        return "No flip to show: the site has no runner-up that could overtake its best use."
    site = next((s.name for s in plan.sites if s.id == found[0].flip.site_id), found[0].flip.site_id)
    first = next((d for d in found if d.flip.reachable), None)
    if first is None:
        return f"No single input within reach changes what is worth most at {site}."
    flip = first.flip
    what = f"{flip.label} (through the BTC price)" if flip.path == HASHPRICE else flip.label
    away = numbers.number(first.deviations, 2)
    width = f" ({away} of its standard deviations)" if away != MISSING else ""
    if flip.in_points:
        move = numbers.format(abs(flip.value - flip.now), max(flip.digits, 1), flip.unit)
    else:
        move = numbers.percent(abs(flip.distance))
    return f"Nearest at {site}: {what}, {move} away{width}. Ranked {NEAREST_BY}; only one input moves at a time."


def observation_words(plan: Plan) -> str:
    """How to enter some, and whether there are any."""
    return OBSERVATIONS if plan.observations else f"No observations yet. {OBSERVATIONS}"


def tripwire_words(plan: Plan) -> str:
    """Whether any has fired."""
    if not plan.tripwires:
        return "No tripwires yet. Set the nearest five: at these levels the decision is to be reopened."
    fired = sum(state.is_firing for state in all_watched(plan))
    if fired:
        return f"{fired} of {len(plan.tripwires)} {'has' if fired == 1 else 'have'} fired: reopen the decision."
    return "A tripwire fires when all observations of its days lie at its level or beyond. None has fired."


def still_words(found: Tornado) -> str:
    """What does not move the figure, and what cannot be said."""
    # Labels have commas of their own.
    still = " · ".join(each.label for each in found.unmoved)
    unknown = " · ".join(bar.range.label for bar in found.unknown)
    words = [f"Does not move it: {still}."] if still and found.bars else []
    if unknown and found.bars:
        is_crossover = found.figure.path.startswith("crossovers.")
        fails = "It is out of reach" if is_crossover else "It cannot be computed"
        words.append(f"{fails} at P10 or P90 of: {unknown}.")
    return " ".join(words)


def unreached_words(found: Tornado, results: Results) -> str:
    """Why a crossover has no value that inputs could move; empty of whatever has one."""
    table, *rest = found.figure.path.split(".")
    if table != "crossovers" or math.isfinite(found.figure.value):
        return ""
    row = results.crossover(*rest[:3])
    reason = row.reason.rstrip(".") if row is not None and row.reason else "no value makes both worth the same"
    return f"{found.figure.label} is out of reach: {reason}."


def input_of(plan: Plan, key: str) -> str | None:
    """Path of the input that a line is about: its key, or that of the tripwire or observation that its key names."""
    records = {record.id: record.path for record in (*plan.tripwires, *plan.observations)}
    path = records.get(key, key)
    return path if "." in path else None


def timed_distances(plan: Plan, results: Results, site_id: str) -> tuple[tuple[Distance, ...], float]:
    """The distances of a site, and how long they took [s]."""
    began = thread_time()
    decision = next((d for d in decide(plan, results) if d.site.id == site_id), None)
    found = distances(plan, decision) if decision is not None else ()
    return found, thread_time() - began


def counted(count: int, noun: str) -> str:
    """Some of a thing, in the singular where it is one.

    Examples
    --------
    >>> counted(1, "range"), counted(3, "range")
    ('1 range', '3 ranges')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
