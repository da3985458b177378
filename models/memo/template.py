"""A house template: what a company sets for all its memos, as a small JSON file that any plan can take.

It holds settings, which exhibits are left out, and words that belong to no record: a figure of one plan's lease means
nothing in another plan, so words that name one stay behind.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from models.fields import field_of, problem_with, replace
from models.memo.places import EXHIBIT_PREFIX
from models.memo.wording import addresses_in
from models.plan import ID_PREFIXES, MemoPart, Plan, new_id
from models.problems import PlanFileError
from models.records.paper import MEMO_SETTINGS

TEMPLATE_KEY, TEMPLATE_VERSION = "busbar_memo_template", 1
LIMIT_BYTES = 10_000_000
MOST_PARTS = 500
"""A memo has some dozens of places; a file with more was not saved by this program."""
OF_ONE_PLAN = ("decision_asked", "decide_by", "dissent")
"""Settings that are about one decision."""
PLACES = ("front.remark",)
CHOOSE = "choose a template that Busbar has saved"


def parts_for_all(plan: Plan) -> tuple[MemoPart, ...]:
    """What a plan's memo has that other plans' memos can take."""
    return tuple(part for part in plan.memo_parts if _is_general(part))


def _is_general(part: MemoPart) -> bool:
    if part.place in MEMO_SETTINGS:
        return part.place not in OF_ONE_PLAN
    if part.place not in PLACES and not part.place.startswith(EXHIBIT_PREFIX):
        return False
    # A figure of the whole plan has no record in its address: ``recommendation.gain_usd``, ``market.btc_price_usd``.
    return all(address.count(".") == 1 for address in addresses_in(part.words))


def template_text(plan: Plan) -> str:
    """The template of a plan's memo as JSON."""
    parts = [{"place": p.place, "shown": p.shown, "words": p.words} for p in parts_for_all(plan)]
    return json.dumps({TEMPLATE_KEY: TEMPLATE_VERSION, "parts": parts}, ensure_ascii=False, indent=1) + "\n"


def with_template(plan: Plan, text: str | bytes, where: str) -> Plan:
    """The plan whose memo follows a template; what is about this plan alone stays.

    Raises
    ------
    PlanFileError
        Where the text is no template.

    Examples
    --------
    >>> from models.memo.places import with_place
    >>> from models.samples import sample
    >>> house = with_place(sample("briefing"), "company", words="Prairie Compute Inc.")
    >>> with_template(sample("one-site"), template_text(house), "x").memo_parts[0].words
    'Prairie Compute Inc.'
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise PlanFileError("the file is damaged, or no template of a memo", where, CHOOSE) from None
    version = content.get(TEMPLATE_KEY) if isinstance(content, Mapping) else None
    if isinstance(version, int) and version > TEMPLATE_VERSION:
        what = "a newer Busbar has saved this template, and this one cannot read it"
        raise PlanFileError(what, where, "update Busbar, or save the template again with this version")
    if version != TEMPLATE_VERSION:
        raise PlanFileError("this is no template of a memo", where, CHOOSE)
    raw = content.get("parts")
    if not isinstance(raw, list) or len(raw) > MOST_PARTS or not all(map(_is_part, raw)):
        raise PlanFileError("a part of this template cannot be read", where, CHOOSE)
    kept = tuple(p for p in plan.memo_parts if not _is_general(p))
    plan = replace(plan, "memo_parts", kept)
    for row in raw:
        part = MemoPart(new_id(plan, ID_PREFIXES["memo_parts"]), row["place"], row["shown"], row["words"])
        if _is_general(part) and all(p.place != part.place for p in plan.memo_parts):
            plan = replace(plan, "memo_parts", (*plan.memo_parts, part))
    return plan


def differs_from(plan: Plan, text: str | bytes, where: str) -> bool:
    """Whether following a template would change a plan's memo."""

    def content(of: Plan) -> list[tuple[Any, ...]]:
        return sorted(dataclasses.astuple(p)[1:] for p in of.memo_parts)

    return content(with_template(plan, text, where)) != content(plan)


def _is_part(row: Any) -> bool:
    return (
        isinstance(row, Mapping)
        and isinstance(row.get("place"), str)
        and isinstance(row.get("shown"), bool)
        and isinstance(row.get("words"), str)
        and all(problem_with(field_of(MemoPart, name), row[name]) is None for name in ("place", "words"))
    )
