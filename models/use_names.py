"""What lots and offers are called where several stand beside each other: two of one name must be told apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from models.kept import Same
from models.plan import AiOffer, AsicLot, Plan

_Named = tuple[tuple[str, str, str], ...]
"""Id, own name and site of every use."""


def named_uses(plan: Plan) -> Mapping[str, str]:
    """What every lot and offer is called, by id: where another is called the same, with its site, or else numbered.

    A name that only one of them has stays as it is.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> first, second = plan.asic_lots[0], replace(plan.asic_lots[0], id="a9")
    >>> names = named_uses(replace(plan, asic_lots=(first, second)))
    >>> names["a9"] == f"{first.model} (2)"
    True
    """
    return _named(Same(plan.asic_lots), Same(plan.ai_offers), Same(plan.sites))


def named_at_site(plan: Plan) -> Mapping[str, str]:
    """The same for words that name the site anyway: numbered where another of the site is called the same."""
    return _named(Same(plan.asic_lots), Same(plan.ai_offers), None)


@lru_cache(maxsize=16)
def _named(lots: Same, offers: Same, sites: Same | None) -> Mapping[str, str]:
    uses = tuple([(lot.id, lot.model, lot.site_id) for lot in lots.held])
    uses += tuple([(offer.id, offer.name, offer.site_id) for offer in offers.held])
    return _told_apart(uses, None if sites is None else tuple([(site.id, site.name) for site in sites.held]))


@lru_cache(maxsize=16)
def _told_apart(uses: _Named, sites: tuple[tuple[str, str], ...] | None) -> Mapping[str, str]:
    """Kept by the names as well: a dragged lever makes new tables with the same names sixty times in a second."""
    sites_of: dict[str, set[str]] = {}
    for _, name, site_id in uses:
        sites_of.setdefault(name, set()).add(site_id)
    where, found = dict(sites or ()), {}
    taken: dict[str, set[str]] = {}
    own = {"": {name for _, name, _ in uses}} | {site_id: set[str]() for _, _, site_id in uses}
    for _, name, site_id in uses:
        own[site_id].add(name)
    for use_id, name, site_id in uses:
        # Without sites names must differ within each of them only.
        scope = site_id if sites is None else ""
        begun = taken.setdefault(scope, set())
        is_shared = sites is not None and len(sites_of[name]) > 1
        words = shown = f"{name} · {where.get(site_id, site_id)}" if is_shared else name
        number = 1
        while shown in begun or (shown != name and shown in own[scope]):
            number += 1
            shown = f"{words} ({number})"
        begun.add(shown)
        found[use_id] = shown
    return MappingProxyType(found)


def use_name(plan: Plan, use: AsicLot | AiOffer) -> str:
    """What one lot or offer is called among the others of its plan; its own name where the plan does not have it."""
    own = use.model if isinstance(use, AsicLot) else use.name
    name = named_uses(plan).get(use.id, own)
    return name if name.startswith(own) else own


def use_name_at_site(plan: Plan, use: AsicLot | AiOffer) -> str:
    """The same for words that name its site anyway."""
    own = use.model if isinstance(use, AsicLot) else use.name
    return named_at_site(plan).get(use.id, own)


def told_from_others(name: str) -> tuple[str, str]:
    """A name in two: a user's own words, and what `named_uses` put after them to tell it from others."""
    found = _PUT_AFTER.search(name)
    return (name, "") if found is None else (name[: found.start()], name[found.start() :])


def with_number(name: str) -> tuple[str, str]:
    """A name in two, the number that tells it from others of one name last; the number is never what is cut."""
    found = _NUMBER.search(name)
    return (name, "") if found is None else (name[: found.start()], found.group())


_NUMBER = re.compile(r" \(\d+\)$")
_PUT_AFTER = re.compile(r"( · [^·]+)?( \(\d+\))?$")
