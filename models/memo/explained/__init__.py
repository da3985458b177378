"""Every figure that a memo prints, down to its inputs: the results' own as `models.explain` has them, the memo's too.

A memo adds up sites, moves inputs to their flips and to their ranges' ends, decides later, counts days. What it says so
is explained here, by formulas that are reckoned anew like all others.
"""

from __future__ import annotations

import dataclasses
from datetime import date

from models.explain import Explanation, node_of
from models.explain.break_evens import KINDS
from models.explain.context import Context
from models.explain.tree import Node
from models.figures import SITE_KINDS
from models.memo.explained import inputs, later, money, sites, turning
from models.memo.figure_names import figure_name
from models.plan import Plan
from models.results import Results


def explained(plan: Plan, results: Results, address: str, as_of: date, *, base: Plan | None = None) -> Explanation:
    """A figure of the memo, of the results, or an input, down to what it rests on.

    Parameters
    ----------
    plan, results
        With a scenario's values applied, and its evaluation.
    address
        Of a `models.memo.parts.Figure`, or whatever `models.explain.explain` knows.
    as_of
        The memo's date, which ages are counted to.
    base
        The plan without the scenario, where one is on show.

    Raises
    ------
    KeyError
        Where there is no such figure or input.

    Examples
    --------
    >>> from models.evaluate import evaluate
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> found = explained(plan, evaluate(plan), "market.difficulty.age_days", date(2026, 11, 28)).root
    >>> found.label, found.in_words(), found.value
    ('Age of Difficulty', 'date of the memo − day of its source', 252.0)
    """
    ctx = Context(plan, results, as_of, base)
    node = _node(ctx, address)
    if node is None:
        return Explanation(node_of(ctx, address), as_of)
    return Explanation(dataclasses.replace(node, path=address, label=figure_name(plan, address)), as_of)


def results_path(address: str) -> str:
    """The path under which the results have a memo's figure; the address itself where they have it under no other.

    Examples
    --------
    >>> results_path("recommendation.s1.lead_usd_per_mw"), results_path("uses.a1.break_evens.power.btc_price_usd")
    ('sites.s1.lead_usd_per_mw', 'uses.a1.break_even_btc_price_usd')
    >>> results_path("recommendation.gain_usd")
    'recommendation.gain_usd'
    """
    match address.split("."):
        case ["recommendation", site_id, name] if name in SITE_KINDS:
            return f"sites.{site_id}.{name}"
        case ["uses", use_id, "break_evens", "power", name]:
            return f"uses.{use_id}.{KINDS[name][-1]}"
    return address


def _node(ctx: Context, address: str) -> Node | None:
    """The node of a figure that only a memo has; None for others."""
    match address.split("."):
        case ["recommendation", name]:
            return sites.total(ctx, name)
        case ["recommendation", site_id, name]:
            return sites.of_site(ctx, site_id, name)
        case ["recommendation", site_id, "placements", use_id, name]:
            return sites.placement(ctx, site_id, use_id, name)
        case ["recommendation", site_id, "options", use_id, name]:
            return sites.option(ctx, site_id, use_id, name)
        case ["recommendation", site_id, "flips" | "against_mining" as race, *path, name]:
            return turning.flip(ctx, site_id, race, ".".join(path), name)
        case ["recommendation", site_id, "tornado", *path, name]:
            return turning.tornado_end(ctx, site_id, ".".join(path), name)
        case ["proposed", *path, side, "level"]:
            return turning.proposed_level(ctx, ".".join(path), side)
        case ["moved", kind, "mw"]:
            return sites.moved(ctx, kind)
        case ["asked", *rest]:
            return money.asked(ctx, rest)
        case ["returns", use_id, name]:
            return money.returned(ctx, use_id, name)
        case ["bridge", use_id, name]:
            return money.bridged(ctx, use_id, name)
        case ["terms", offer_id, name]:
            return money.of_terms(ctx, offer_id, name)
        case ["flexibility", use_id, "usd_per_mw_year"]:
            return money.flexibility(ctx, use_id)
        case ["alternatives", wait, "gain_usd"]:
            return later.gain(ctx, wait)
        case ["alternatives", site_id, wait, name]:
            return later.waited(ctx, site_id, wait, name)
        case [*path, "age_days"] if path:
            return inputs.age(ctx, ".".join(path))
        case [*path, "p10" | "p90" as end] if len(path) > 1 and path[0] != "uncertainties":
            return inputs.range_end(ctx, ".".join(path), end)
        case ["price_series" | "meter_series" as table, series_id, _, "mean"]:
            return node_of(ctx, f"derived.series.{table}.{series_id}.mean")
    return None
