"""The decision memo's content: a computed recommendation first, then what supports it. No layout."""

from __future__ import annotations

import dataclasses
from datetime import date

from models.memo.exhibit_list import exhibits_of
from models.memo.front import empty_front, front_page
from models.memo.parts import Block, Exhibit, Figure, MemoContent, SignOff, Words, as_text, figures_in
from models.memo.places import (
    EXHIBIT_PREFIX,
    added_blocks,
    changed_blocks,
    part_at,
    places_of,
    prose_figures,
    settings_of,
)
from models.memo.subject import Subject, nearest_flips, subject_of
from models.memo.wording import lookup_of
from models.memo.words import headline, site_line
from models.memo.written import plain
from models.plan import Plan
from models.results import Results
from models.scenarios import BASE, plan_for, scenario_by_name, set_in
from models.storage.plan_file import digest, program_version


def memo_content(plan: Plan, results: Results, *, scenario_name: str = BASE, as_of: date) -> MemoContent:
    """All that a memo says.

    Parameters
    ----------
    plan
        The document's plan, without a scenario applied.
    results
        Of that plan in the scenario.
    scenario_name
        Id or name of the scenario; ``base`` for none.
    as_of
        The memo's date; ages are counted to it.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    scenario = scenario_by_name(plan, scenario_name)
    shown = plan_for(plan, scenario)
    subject = subject_of(shown, results, as_of, set_in(plan, scenario_name))
    has_decision = bool(results.uses)
    settings = settings_of(plan)
    title: Words = headline(subject.decisions, subject.smallest) if has_decision else ("Nothing to decide yet",)
    content = MemoContent(
        title=as_text(title),
        headline=title,
        has_decision=has_decision,
        plan_name=plain(plan.plan.name, 120) or "Plan without a name",
        scenario_id=scenario.id if scenario is not None else BASE,
        scenario_name=plain(scenario.name, 60) if scenario is not None else BASE,
        start=plan.plan.start,
        horizon_months=plan.plan.horizon_months,
        as_of=as_of,
        plan_digest=digest(plan),
        program_version=program_version(),
        front=front_page(subject, settings) if has_decision else empty_front(shown),
        exhibits=exhibits_of(subject) if has_decision else (),
        summary=tuple(site_line(d) for d in subject.decisions),
        nearest_flips=nearest_flips(subject.turnings),
        plan=plan,
        company=plain(settings.get("company", ""), 80),
        prepared_by=plain(settings.get("prepared_by", ""), 80),
        logo=settings.get("logo", ""),
    )
    return _with_users_parts(content, subject) if has_decision else content


def _with_users_parts(content: MemoContent, subject: Subject) -> MemoContent:
    """The memo with the user's words and without what the user left out."""
    plan = subject.plan
    places = places_of(plan, content.front, content.exhibits, content.title)
    if not plan.memo_parts:
        return dataclasses.replace(content, places=places)
    blocks = tuple(content.blocks)
    printed: list[Figure] = [figure for block in blocks for figure in figures_in(block)]
    lookup = lookup_of(plan, subject.results, printed, prose_figures(blocks))
    front = list(changed_blocks(plan, content.front, lookup))
    # A remark stands above the small print and the signatures.
    at = next((n for n, b in enumerate(front) if isinstance(b, SignOff)), len(front)) - 1
    front[at:at] = added_blocks(plan, "front.remark", lookup)
    exhibits: list[Exhibit] = []
    for exhibit in content.exhibits:
        part = part_at(plan, EXHIBIT_PREFIX + exhibit.id)
        if part is not None and not part.shown:
            continue
        intro: tuple[Block, ...] = added_blocks(plan, EXHIBIT_PREFIX + exhibit.id, lookup)
        exhibits.append(dataclasses.replace(exhibit, blocks=(*intro, *changed_blocks(plan, exhibit.blocks, lookup))))
    return dataclasses.replace(content, places=places, front=tuple(front), exhibits=tuple(exhibits))
