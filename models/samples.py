"""Plans to begin with: samples with sources on the inputs that matter, and templates with planner defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import resources
from models.defaults import add_to, empty_plan, new_record, with_usual_levers
from models.illustrative import SOURCE, hourly_prices
from models.plan import GPU_CLOUD, LEASE, Plan
from models.storage.plan_json import plan_from_json

SAMPLES = Path(resources.__file__).parent / "samples"
BRIEFING = "briefing"


@dataclass(frozen=True, slots=True)
class Starting:
    """What a user may start from.

    Attributes
    ----------
    name
        For the command line and for `sample` or `template`.
    title, description
        What the start page shows: a few words, and one sentence.
    """

    name: str
    title: str
    description: str


_SAMPLES = (
    Starting(
        BRIEFING,
        "March 2026 briefing",
        "100 MW with three generations of machines at $33.30 per PH and day, one lease offer and one of own GPUs, "
        "and every figure of the briefing checked.",
    ),
    Starting(
        "one-site",
        "One site",
        "25 MW with two lots of machines and the offer to refit one hall for a tenant.",
    ),
    Starting(
        "three-sites",
        "Three sites",
        "120 MW in Texas, Ohio and Quebec with five lots and two lease offers; one site cannot convert.",
    ),
    Starting(
        "own-gpus",
        "Own GPUs",
        "10 MW that could host the operator's own GPUs: on a five-year contract or on one-year contracts.",
    ),
    Starting(
        "flexible",
        "Power by the hour",
        "50 MW on block and index with illustrative hourly prices: what machines earn by stopping, and a lease that "
        "gives it up.",
    ),
)

_TEMPLATES = (
    Starting("empty", "Empty plan", "The market of March 2026 and nothing else."),
    Starting("mining", "Single-site mining", "One site with a power contract and one lot of machines."),
    Starting("mining-lease", "Mining and a lease", "One site with machines, and a lease offer for its megawatts."),
    Starting("mining-gpus", "Mining and own GPUs", "One site with machines, and own GPUs as the other use."),
)


def sample_names() -> list[tuple[str, str, str]]:
    """Name, title and a sentence of every sample, the briefing first."""
    return [(s.name, s.title, s.description) for s in _SAMPLES]


@cache
def sample(name: str) -> Plan:
    """A sample plan; the same object every time, since plans are frozen.

    Raises
    ------
    KeyError
        Where there is no such sample; the message lists those there are.

    Examples
    --------
    >>> sample("briefing").sites[0].capacity_mw
    100.0
    """
    if name not in {s.name for s in _SAMPLES}:
        raise KeyError(f"there is no sample {name!r}; there are {', '.join(s.name for s in _SAMPLES)}")
    text = (SAMPLES / f"{name}.json").read_text(encoding="utf-8")
    plan = plan_from_json(text, f"{name}.json")
    # 8,760 made-up numbers are better made than shipped.
    series = tuple(
        replace(s, hourly_usd_per_mwh=hourly_prices()) if s.source == SOURCE and s.hourly_usd_per_mwh is None else s
        for s in plan.price_series
    )
    return replace(plan, price_series=series) if series else plan


def template_names() -> list[tuple[str, str, str]]:
    """Name, title and a sentence of every template, the empty plan first."""
    return [(t.name, t.title, t.description) for t in _TEMPLATES]


def template(name: str, plan_name: str = "New plan", start: str = "2026-04") -> Plan:
    """A new plan from planner defaults.

    Parameters
    ----------
    name
        As in `template_names`.
    plan_name, start
        Its name and its first month, ``YYYY-MM``.

    Raises
    ------
    KeyError
        Where there is no such template; the message lists those there are.

    Examples
    --------
    >>> [offer.kind for offer in template("mining-lease").ai_offers]
    ['lease']
    """
    builders: dict[str, Callable[[Plan], Plan]] = {
        "empty": lambda plan: plan,
        "mining": _with_mining,
        "mining-lease": lambda plan: _with_offer(_with_mining(plan), LEASE),
        "mining-gpus": lambda plan: _with_offer(_with_mining(plan), GPU_CLOUD),
    }
    if name not in builders:
        raise KeyError(f"there is no template {name!r}; there are {', '.join(builders)}")
    return with_usual_levers(builders[name](empty_plan(plan_name, start)))


def _with_mining(plan: Plan) -> Plan:
    for table in ("sites", "power_contracts", "asic_lots"):
        plan = add_to(plan, new_record(plan, table))
    return plan


def _with_offer(plan: Plan, kind: str) -> Plan:
    return add_to(plan, new_record(plan, "ai_offers", kind))
