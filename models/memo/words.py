"""The recommendation in words: the headline, and what each site should do and why."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.flips import Flip
from models.memo.exhibits import distance_text, flip_text
from models.memo.parts import Figure, Words
from models.memo.written import joined, money, number, plain, plain_name
from models.plan import GPU_CLOUD, LEASE
from models.recommendation import IDLE, Option, Placement, SiteDecision
from models.results import ASIC

CLOSE_CALL = 0.05
"""A flip nearer than five per cent of the input is a close call: inputs are not known that well."""
NAME_LIMIT = 40


def is_close(flip: Flip | None) -> bool:
    """Whether a small move of one input changes the answer."""
    return flip is not None and flip.reachable and abs(flip.distance) < CLOSE_CALL


def headline(decisions: Sequence[SiteDecision], smallest: dict[str, Flip | None]) -> Words:
    """The recommendation in one line. It never recommends what is worth less than doing nothing or idling.

    `smallest` are the flips of the smallest move, by site id: one below `CLOSE_CALL` is said.
    """
    ranked = [d for d in decisions if d.best is not None]
    if not ranked:
        return ("No recommendation: the plan lacks figures",)
    if len(ranked) == 1:
        return _headline_of(ranked[0], smallest.get(ranked[0].site.id))
    changing = [d for d in ranked if d.placements]
    keeping = [d for d in ranked if not d.placements]
    parts: list[Words] = []
    for verb, kind, tail in (
        ("lease", LEASE, " to AI"),
        ("put own GPUs on", GPU_CLOUD, ""),
        ("buy machines for", ASIC, ""),
        ("switch off", IDLE, ""),
    ):
        at = [(d, p) for d in changing for p in d.placements if p.option.kind == kind]
        if at:
            mw = math.fsum(p.mw for _, p in at)
            figure = Figure(f"moved.{kind}.mw", mw, f"{number(mw, 1)} MW")
            places = [d for d in changing if any(d is there for there, _ in at)]
            parts.append((f"{verb} ", figure, f" at {_places(places, len(ranked))}{tail}"))
    mining = [d for d in keeping if d.best is not None and d.best.existing]
    idle = [d for d in keeping if d not in mining]
    if mining:
        parts.append((f"keep mining at {_places(mining, len(ranked))}",))
    if idle:
        parts.append((f"leave {_places(idle, len(ranked))} idle",))
    return _begun(tuple(word for part in parts for word in ("; ", *part))[1:])


def _begun(words: Words, *, small: bool = False) -> Words:
    """The words with a capital letter at their beginning, or a small one."""
    first, *rest = words
    assert isinstance(first, str)
    return (first[:1].lower() if small else first[:1].upper()) + first[1:], *rest


def _places(decisions: Sequence[SiteDecision], total: int) -> str:
    if len(decisions) == total and total > 1:
        return f"all {total} sites"
    if len(decisions) <= 2:
        return joined(plain(d.site.name, NAME_LIMIT) for d in decisions)
    return f"{len(decisions)} of {total} sites"


def _headline_of(decision: SiteDecision, flip: Flip | None) -> Words:
    best, site = decision.best, plain(decision.site.name, NAME_LIMIT)
    assert best is not None
    first = decision.placements[0] if decision.placements else None
    rival = decision.next_best
    if first is None:
        return (_headline_without_change(decision, best, site),)
    action = _action(decision, first, site)
    if first.option is not best:
        return (f"Keep mining with the {plain_name(best.name, NAME_LIMIT)}; ", *_begun(action, small=True))
    if rival is None:
        return action
    if is_close(flip):
        return (*action, f", a close call against {short_name(rival)}")
    at = f"recommendation.{decision.site.id}.lead_usd_per_mw"
    lead = Figure(at, decision.lead_usd_per_mw, money(decision.lead_usd_per_mw))
    return (*action, ": ", lead, f" more per megawatt than {short_name(rival)}")


def _action(decision: SiteDecision, placement: Placement, site: str) -> Words:
    at = f"recommendation.{decision.site.id}.placements.{placement.option.id}.mw"
    mw = Figure(at, placement.mw, f"{number(placement.mw, 1)} MW")
    before, after = {
        LEASE: ("Lease ", f" at {site} to AI"),
        GPU_CLOUD: ("Put own GPUs on ", f" at {site}"),
        ASIC: (f"Buy {plain_name(placement.option.name, NAME_LIMIT)} for ", f" at {site}"),
        IDLE: ("Switch off ", f" at {site}"),
    }[placement.option.kind]
    return (before, mw, after)


def _headline_without_change(decision: SiteDecision, best: Option, site: str) -> str:
    offers = [o for o in decision.ranked if o.kind not in (ASIC, IDLE)]
    if best.kind == IDLE:
        return f"Leave {site} idle: nothing entered for it earns its cost of capital"
    if not best.existing:
        return f"{plain_name(best.name, NAME_LIMIT)} ranks first at {site}, but there is no megawatt for it"
    if not offers:
        return f"Keep mining at {site}: there is no AI offer to compare with yet"
    if all(o.worth_usd_per_mw <= 0 for o in offers):
        return f"Keep mining at {site}: no AI offer earns its cost of capital"
    return f"Keep mining at {site}: no AI offer is worth as much per megawatt"


def short_name(option: Option) -> str:
    """An option as the end of "more than …" has it."""
    if option.kind == IDLE:
        return "leaving it idle"
    return (
        f"mining with the {plain_name(option.name, NAME_LIMIT)}"
        if option.kind == ASIC
        else plain_name(option.name, NAME_LIMIT)
    )


def site_line(decision: SiteDecision) -> Words:
    """A site's recommendation in one line: the best use, its worth, its lead and its megawatts."""
    best, rival, site = decision.best, decision.next_best, plain(decision.site.name, NAME_LIMIT)
    if best is None:
        return (f"{site}: no use can be ranked.",)
    at = f"recommendation.{decision.site.id}"
    words: list[str | Figure] = [f"{site}: {_long(best)}, ", _npv_figure(at, best), " per utility MW"]
    if rival is not None:
        lead = Figure(f"{at}.lead_usd_per_mw", decision.lead_usd_per_mw, money(decision.lead_usd_per_mw))
        words += [", ", lead, f" over {short_name(rival)}"]
    if decision.placement is not None:
        words += ["; ", Figure(f"{at}.mw", decision.mw, f"{number(decision.mw, 1)} MW"), " change use"]
    if decision.gain_usd > 0:
        words += ["; ", Figure(f"{at}.gain_usd", decision.gain_usd, money(decision.gain_usd)), " over doing nothing"]
    return (*words, ".")


def site_words(decision: SiteDecision, flip: Flip | None, mining_flip: Flip | None) -> Words:
    """What a site's megawatts should do, by how much, how many, and the nearest input that would change it.

    Parameters
    ----------
    decision
        Of the site.
    flip
        The nearest that puts anything else first; None where nothing within reach does.
    mining_flip
        The BTC price at which the machines there come first, where they are not the runner-up.
    """
    best, rival, site = decision.best, decision.next_best, plain(decision.site.name, NAME_LIMIT)
    if best is None:
        reasons = "; ".join(f"{plain(name, NAME_LIMIT)}: {reason}" for name, reason in decision.unranked)
        return (f"At {site} no use can be ranked: {reasons}",)
    at = f"recommendation.{decision.site.id}"
    npv = _npv_figure(at, best)
    lead = Figure(f"{at}.lead_usd_per_mw", decision.lead_usd_per_mw, money(decision.lead_usd_per_mw))
    words: list[str | Figure] = []
    if best.kind == IDLE:
        words += [f"At {site}, nothing entered earns its cost of capital: every use has a negative net present value"]
        words += [", by ", lead, f" per utility megawatt for the nearest, {short_name(rival)}. "] if rival else [". "]
    else:
        words += [f"At {site}, the best use of a utility megawatt is {_long(best)}: a net present value of ", npv]
        words += [", ", lead, f" more than the next best, {short_name(rival)}. "] if rival else [". "]
    for placement in decision.placements:
        words += _placement_words(at, placement, decision)
    if not decision.placements and best.existing:
        total = Figure(f"{at}.do_nothing_npv_usd", decision.do_nothing_npv_usd, money(decision.do_nothing_npv_usd))
        existing = Figure(f"{at}.existing_mw", decision.existing_mw, f"{number(decision.existing_mw, 1)} MW")
        words += ["Mining on as today is worth ", total, " over ", existing, ". "]
    words += _flip_words(at, flip)
    if mining_flip is not None:
        words += _mining_flip_words(decision, mining_flip)
    return tuple(words)


def _npv_figure(at: str, option: Option) -> Figure:
    address = f"{at}.options.{option.id}.npv_usd_per_mw" if option.kind == IDLE else f"uses.{option.id}.npv_usd_per_mw"
    return Figure(address, option.npv_usd_per_mw, money(option.npv_usd_per_mw))


def _long(option: Option) -> str:
    name = plain_name(option.name, NAME_LIMIT)
    if option.kind == IDLE:
        return "leaving it idle"
    if option.kind == ASIC:
        return f"mining on with the {name}" if option.existing else f"mining with new {name}"
    return name


def _placement_words(at: str, placement: Placement, decision: SiteDecision) -> list[str | Figure]:
    name = plain_name(placement.option.name, NAME_LIMIT)
    key = f"{at}.placements.{placement.option.id}"
    mw = Figure(f"{key}.mw", placement.mw, f"{number(placement.mw, 1)} MW")
    gain = Figure(f"{key}.gain_usd", placement.gain_usd, money(placement.gain_usd))
    displaced = [
        f"{number(d.mw, 1)} MW of {plain_name(d.lot.name, NAME_LIMIT)}"
        for d in placement.displaced
        if d.lot is not None
    ]
    free = math.fsum(d.mw for d in placement.displaced if d.lot is None)
    if placement.option.kind == IDLE:
        return ["Switching off ", joined(displaced), ", which do not earn their costs, saves ", gain, ". "]
    limit = {
        "offer": "all of it",
        "convertible": f"all that can be converted of the {number(placement.option.mw, 1)} MW it asks for",
        "capacity": f"all that the site has of the {number(placement.option.mw, 1)} MW it asks for",
        "fleet": f"of the {number(placement.option.mw, 1)} MW it asks for, the rest being worth more as it is",
    }[placement.limited_by]
    # Less than what is printed is not worth a word, unless there is nothing else to say.
    taken = [*([f"{number(free, 1)} MW that stand free"] if free > 0.05 or not displaced else []), *displaced]
    return [
        f"{name} takes ",
        mw,
        f" ({limit}): {joined(taken)}. Against doing nothing that adds ",
        gain,
        " of net present value. ",
    ]


def _flip_words(at: str, flip: Flip | None) -> list[str | Figure]:
    if flip is None:
        return ["No single input within reach changes that."]
    value = Figure(f"{at}.flips.{flip.path}.value", flip.value, flip_text(flip, flip.value))
    distance = Figure(f"{at}.flips.{flip.path}.distance", flip.distance, distance_text(flip))
    who = "leaving it idle" if flip.winner == "Idle" else plain(flip.winner, NAME_LIMIT)
    label = plain_name(flip.label, 60)
    if flip.unit == "months" and flip.now == 0:
        return ["The nearest change that would put ", who, f" first: {label.lower()} by ", value, "."]
    now = Figure(f"{at}.flips.{flip.path}.now", flip.now, flip_text(flip, flip.now))
    return [
        "The nearest change that would put ",
        who,
        f" first: {label} from ",
        now,
        " to ",
        value,
        " (",
        distance,
        ").",
    ]


def _mining_flip_words(decision: SiteDecision, flip: Flip) -> list[str | Figure]:
    at = f"recommendation.{decision.site.id}.against_mining.{flip.path}"
    machine = plain(flip.rival, NAME_LIMIT)
    if not flip.reachable:
        return [f" No BTC price up to {flip_text(flip, flip.high)} puts mining with the {machine} first."]
    now = Figure(f"{at}.now", flip.now, flip_text(flip, flip.now))
    value = Figure(f"{at}.value", flip.value, flip_text(flip, flip.value))
    distance = Figure(f"{at}.distance", flip.distance, distance_text(flip))
    return [
        f" Mining with the {machine} overtakes it at a BTC price of ",
        value,
        ", against ",
        now,
        " today (",
        distance,
        ").",
    ]
