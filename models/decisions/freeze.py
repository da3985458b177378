"""Freeze a decision: what each site's megawatts were given to, what was turned down, and the plan of that day."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from models.fields import field_of, problem_with
from models.frozen import pack
from models.plan import DecidedUse, Decision, Plan, new_id
from models.recommendation import IDLE, SMALLEST_MW, Option, SiteDecision, convertible_mw, decide
from models.records.paper import CHOSEN, REJECTED
from models.results import ASIC, Results
from models.scenarios import plan_for, scenario_by_name, scenario_name

NOTHING_TO_DECIDE = "The plan has no machines and no offer with a figure yet, so there is nothing to decide."


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """What a site's megawatts are given to, and what is turned down for it: ids of options.

    Both are the same where a site has nothing else to turn down: machines that run on a site without megawatts.
    """

    site_id: str
    chosen_id: str
    rejected_id: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be decided at one site.

    Attributes
    ----------
    options
        The uses that have a figure, the one that is worth most first.
    recommended
        What the memo says: the best use, and the runner-up.
    """

    site_id: str
    site_name: str
    options: tuple[Option, ...]
    recommended: SiteChoice

    def option(self, option_id: str) -> Option:
        """One option by its id.

        Raises
        ------
        KeyError
            Where the site has no such option.
        """
        for option in self.options:
            if option.id == option_id:
                return option
        raise KeyError(option_id)

    def runner_up(self, chosen_id: str) -> str:
        """The best of what is left beside a choice: what was turned down for it; the choice where nothing is left."""
        return next((o.id for o in self.options if o.id != chosen_id), chosen_id)


def choices_of(plan: Plan, results: Results) -> tuple[Choices, ...]:
    """What can be decided, site by site; sites at which nothing has a figure are left out.

    Parameters
    ----------
    plan, results
        With a scenario's values applied, and its evaluation.
    """
    found = []
    for site in decide(plan, results):
        if site.best is None:
            continue
        runner = (site.next_best or site.best).id
        found.append(Choices(site.site.id, site.site.name, site.ranked, SiteChoice(site.site.id, site.best.id, runner)))
    return tuple(found)


def decided_mw(site: SiteDecision, option: Option) -> float:
    """Megawatts that a decision for an option is about [MW]: those of the memo, or all that the site has for it."""
    if site.best is not None and option.id == site.best.id:
        return site.mw
    if option.existing or option.kind == IDLE:
        return option.mw
    return min(option.mw, site.site.capacity_mw if option.kind == ASIC else convertible_mw(site.site))


def freeze(
    plan: Plan,
    results: Results,
    scenario_id: str,
    *,
    name: str,
    decided_on: str,
    decided_by: str = "",
    chosen: Sequence[SiteChoice] = (),
    memo_digest: str = "",
    plan_digest: str = "",
    recommendation: str = "",
    program_version: str = "",
    note: str = "",
) -> Plan:
    """The plan with one decision more.

    What was turned down is counted on the same megawatts as what was chosen: that is what they could have done
    instead. Machines that were there are turned down as well where they are neither: doing nothing is always open.

    Parameters
    ----------
    plan
        The document's plan, without a scenario applied.
    results
        Its evaluation in the scenario.
    scenario_id
        ``base`` or a scenario's id.
    decided_on
        An ISO day.
    chosen
        Per site; what the memo recommends where a site is not named.
    memo_digest, plan_digest, recommendation, program_version
        What the memo of that day says of itself.

    Raises
    ------
    ValueError
        Where a name is empty, a day is none, or nothing can be decided; the message is a sentence.
    KeyError
        Where the plan has no such scenario, or a site no such option.
    """
    shown = plan_for(plan, scenario_by_name(plan, scenario_id))
    sites = {site.site.id: site for site in decide(shown, results)}
    told: Mapping[str, SiteChoice] = {choice.site_id: choice for choice in chosen}
    offered = choices_of(shown, results)
    if not offered:
        raise ValueError(NOTHING_TO_DECIDE)
    decision = Decision(
        new_id(plan, "q"),
        name.strip(),
        decided_on,
        decided_by.strip(),
        recommendation,
        scenario_id,
        scenario_name(plan, scenario_id),
        memo_digest,
        plan_digest,
        program_version,
        note,
        pack(plan),
    )
    for field in ("name", "decided_on", "decided_by", "note"):
        problem = problem_with(field_of(Decision, field), getattr(decision, field))
        if problem:
            raise ValueError(f"{problem}.")
    plan = replace(plan, decisions=(*plan.decisions, decision))
    for at in offered:
        choice = told.get(at.site_id, at.recommended)
        for use in _uses_of(sites[at.site_id], at, choice, decision.id):
            plan = replace(plan, decided_uses=(*plan.decided_uses, replace(use, id=new_id(plan, "v"))))
    return plan


def _uses_of(site: SiteDecision, at: Choices, choice: SiteChoice, decision_id: str) -> list[DecidedUse]:
    chosen = at.option(choice.chosen_id)
    mw = decided_mw(site, chosen)
    rejected = [at.option(choice.rejected_id)] if choice.rejected_id != choice.chosen_id else []
    named = {choice.chosen_id, choice.rejected_id}
    there = [o for o in at.options if o.existing and o.id not in named and o.mw > SMALLEST_MW]
    return [
        DecidedUse("", decision_id, at.site_id, option.id, role, mw, _known(option.npv_usd_per_mw))
        for role, options in ((CHOSEN, [chosen]), (REJECTED, [*rejected, *there]))
        for option in options
    ]


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def without_decision(plan: Plan, decision_id: str) -> Plan:
    """The plan without a decision and its uses; actual values stay, since other decisions may need them."""
    return replace(
        plan,
        decisions=tuple(d for d in plan.decisions if d.id != decision_id),
        decided_uses=tuple(u for u in plan.decided_uses if u.decision_id != decision_id),
    )
