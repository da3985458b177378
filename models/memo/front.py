"""The memo's first page: what is recommended and asked, the alternatives, what would change the answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from models.memo.alternatives import decisions_table, ranking, together_table
from models.memo.exhibits import distance_text, flip_text, flips_table
from models.memo.inputs import oldest_input
from models.memo.parts import Block, Bullets, Card, Cards, Figure, Paragraph, SignOff, Table, Words
from models.memo.places import part_at
from models.memo.returns import asked_table, last_safe_month
from models.memo.subject import Subject, Turning, main_of
from models.memo.words import CLOSE_CALL, is_close, short_name, site_words
from models.memo.written import day_text, joined, money, month_words, number, percent, plain, plain_name
from models.plan import Plan
from models.problems import Severity
from models.recommendation import SiteDecision
from models.results import ASIC, Results
from models.sensitivity.distances import nearness
from models.snoozes import standing

FRONT_FLIPS = 3
FRONT_OPTIONS = 7
FRONT_SITES = 5
"""Uses in the first page's table of alternatives; all are in the exhibit."""
MOST_CUT_SHORT = 2
"""Up to so many offers that outlast the plan are named on the first page."""
SIGNERS = ("Chief financial officer", "Chief executive officer", "Chair of the board")
MOST_SIGNERS = 12
"""More lines to sign on would leave a page no room for anything else."""


def empty_front(plan: Plan) -> tuple[Block, ...]:
    """What to enter, where a plan holds nothing to decide."""
    missing = [
        words
        for there, words in (
            (plan.sites, "a site with its megawatts"),
            (plan.power_contracts, "how it buys power"),
            (plan.asic_lots, "the machines that mine there"),
            (plan.ai_offers, "an AI offer to compare them with"),
        )
        if not there
    ]
    return (
        Paragraph(("This plan holds no use of a megawatt, so there is nothing to recommend.",), "lead"),
        Paragraph(("Enter:",)),
        Bullets(tuple((words,) for words in missing)),
    )


def front_page(subject: Subject, settings: Mapping[str, str]) -> tuple[Block, ...]:
    """The first page's blocks.

    Parameters
    ----------
    subject
        With at least one use.
    settings
        What the user set, by the names of `models.memo.places.SETTINGS`; whatever is missing is left to the memo.
    """
    turnings = subject.turnings
    blocks: list[Block]
    if len(turnings) == 1:
        (only,) = turnings
        words = site_words(only.decision, only.nearest, only.mining_price)
        blocks = [Paragraph(words, "lead", place="front.lead"), _cards(turnings), *_asked(subject, settings)]
        table = ranking(subject.results, subject.decisions, {only.decision.site.id: only.waits}, FRONT_OPTIONS)
        blocks += [Paragraph(("Alternatives",), "heading"), table]
    else:
        blocks = [Paragraph(_total_words(subject.decisions), "lead", place="front.lead")]
        blocks += [_cards(turnings), *_asked(subject, settings)]
        blocks += [decisions_table(subject.decisions, subject.nearest, FRONT_SITES)]
        blocks += [Paragraph(("Alternatives, all sites together",), "heading"), together_table(turnings)]
    blocks += _cut_short(subject.results)
    if len(turnings) == 1:  # of several the table of sites names the nearest of each
        # A user's own words and logo take the room of flips: the page is one page; card and exhibit have them too.
        taking = ("decision_asked", "dissent", "logo")
        own = [*map(settings.get, taking), part_at(subject.plan, "front.remark")]
        most = max(FRONT_FLIPS - sum(map(bool, own)), 0)
        reachable = [f for f in turnings[0].flips if f.reachable][:most]
        if reachable:
            blocks.append(Paragraph(("What would change the answer, nearest first",), "heading"))
            at = f"recommendation.{turnings[0].decision.site.id}.flips"
            blocks.append(flips_table(reachable, at, deviations=turnings[0].deviations))
    if settings.get("dissent"):
        blocks += [Paragraph(("Dissent",), "heading"), Paragraph((settings["dissent"],), place="dissent")]
    blocks += [Paragraph(_basis(subject), "note"), SignOff(_signers(settings))]
    return tuple(blocks)


def _asked(subject: Subject, settings: Mapping[str, str]) -> list[Block]:
    """What the board is asked for, in the user's words where there are any, and by when."""
    table = asked_table(subject)
    words = settings.get("decision_asked", "")
    blocks: list[Block] = [Paragraph((words,), place="decision_asked")] if words else []
    until = _day(settings.get("decide_by", ""))
    if table is not None:
        when = _until_words(until, last_safe_month(subject))
        blocks.append(Table(table.columns, table.rows, (when,)) if when else table)
    elif not words:
        blocks.append(
            Paragraph(("Decision asked: none. No megawatt changes use; the tripwires say when to look again.",))
        )
    return blocks


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _until_words(until: date | None, first_spend: str) -> str:
    if until is not None:
        return f"To be decided by {day_text(until)}."
    if not first_spend:
        return ""
    return f"The first money goes out in {month_words(first_spend)}; a later decision moves every date."


def _signers(settings: Mapping[str, str]) -> tuple[str, ...]:
    return signers_in(settings.get("signers", ""))[:MOST_SIGNERS] or SIGNERS


def signers_in(text: str) -> tuple[str, ...]:
    """Who signs, as typed: one to a line, or parted by semicolons.

    Examples
    --------
    >>> signers_in("A. Rossi, CFO; B. Chen, CEO\\n\\nC. Diaz")
    ('A. Rossi, CFO', 'B. Chen, CEO', 'C. Diaz')
    """
    named = (plain(line, 60) for line in text.replace(";", "\n").splitlines())
    return tuple(name for name in named if name)


def _cut_short(results: Results) -> list[Block]:
    """Offers whose term outlasts the plan: what they earn after its end may well decide, and no figure counts it."""
    found = [f.message for f in results.findings if f.code == "offers.term_beyond_horizon"]
    if not found:
        return []
    if len(found) > MOST_CUT_SHORT:
        found = [f"{len(found)} offers last beyond the plan's end, and what they earn there counts for nothing."]
    return [Paragraph((f"{' '.join(map(plain, found))} A longer horizon may change the answer.",))]


def _total_words(decisions: Sequence[SiteDecision]) -> Words:
    """All sites in one sentence."""
    capacity = math.fsum(d.site.capacity_mw for d in decisions)
    moved = math.fsum(p.mw for d in decisions for p in d.placements)
    gain = math.fsum(d.gain_usd for d in decisions)
    all_mw = Figure("recommendation.capacity_mw", capacity, f"{number(capacity, 1)} MW")
    if moved <= 0:
        return ("Over ", all_mw, f" at {len(decisions)} sites nothing entered is worth more than going on as today.")
    moved_mw = Figure("recommendation.moved_mw", moved, f"{number(moved, 1)} MW")
    total = Figure("recommendation.gain_usd", gain, money(gain))
    return (
        f"Of the megawatts at {len(decisions)} sites, ",
        all_mw,
        " in all, ",
        moved_mw,
        " should change use. Against doing nothing that adds ",
        total,
        " of net present value.",
    )


def _cards(turnings: Sequence[Turning]) -> Cards:
    decisions = [t.decision for t in turnings]
    main = main_of(turnings)
    capacity = math.fsum(d.site.capacity_mw for d in decisions)
    moved = math.fsum(p.mw for d in decisions for p in d.placements)
    cards: list[Card] = []
    if moved > 0:
        gain = math.fsum(d.gain_usd for d in decisions)
        cards.append(
            Card(
                "Gain over doing nothing",
                (Figure("recommendation.gain_usd", gain, money(gain)),),
                ("net present value, ", "this site" if len(decisions) == 1 else f"{len(decisions)} sites"),
            )
        )
    else:
        total = math.fsum(d.do_nothing_npv_usd for d in decisions)
        figure = Figure("recommendation.do_nothing_npv_usd", total, money(total))
        cards.append(Card("Worth of doing nothing", (figure,), ("net present value of mining on",)))
    if main is not None and main.decision.next_best is not None:
        d, rival = main.decision, main.decision.next_best
        lead = Figure(f"recommendation.{d.site.id}.lead_usd_per_mw", d.lead_usd_per_mw, money(d.lead_usd_per_mw))
        where = f", {plain(d.site.name, 22)}" if len(decisions) > 1 else ""
        cards.append(Card("Lead per utility MW", (lead,), (f"over {short_name(rival)}{where}",)))
    of = Figure("recommendation.capacity_mw", capacity, f"{number(capacity, 1)} MW")
    if moved > 0:
        figure = Figure("recommendation.moved_mw", moved, f"{number(moved, 1)} MW")
        cards.append(Card("Megawatts that change use", (figure,), ("of ", of, " at the meter")))
    else:
        existing = math.fsum(d.existing_mw for d in decisions)
        figure = Figure("recommendation.existing_mw", existing, f"{number(existing, 1)} MW")
        cards.append(Card("Megawatts that mine on", (figure,), ("of ", of, " at the meter")))
    near = [(t, t.distances[0]) for t in turnings if t.nearest is not None]
    if near:
        turning, away = min(near, key=lambda pair: nearness(pair[1]))
        flip = away.flip
        at = f"recommendation.{turning.decision.site.id}.flips.{flip.path}"
        distance = Figure(f"{at}.distance", flip.distance, distance_text(flip))
        value = Figure(f"{at}.value", flip.value, flip_text(flip, flip.value))
        cards.append(Card("Nearest flip", (distance,), (f"{plain_name(flip.label, 40)}: ", value)))
    return Cards(tuple(cards))


def _basis(subject: Subject) -> Words:
    """The small print: basis, rates, age of the data, what stands against the figures, what is left out."""
    plan, results, turnings, as_of = subject.plan, subject.results, subject.turnings, subject.as_of
    a = plan.assumptions
    kinds = {use.kind for use in results.uses}
    rates: list[str | Figure] = []
    for kind, name, what in (
        (ASIC, "mining_discount_rate_fraction", "mining"),
        ("lease", "lease_discount_rate_fraction", "leases"),
        ("gpu_cloud", "gpu_cloud_discount_rate_fraction", "own GPUs"),
    ):
        if kind in kinds:
            rate = getattr(a, name)
            rates += [", " if rates else "", Figure(f"assumptions.{name}", rate, percent(rate)), f" for {what}"]
    label, age = oldest_input(plan, as_of, subject.set_in)
    words: list[str | Figure] = [
        f"Per utility megawatt, nominal dollars, {plan.plan.horizon_months} months from {plan.plan.start}. "
        "Discounted at ",
        *rates,
        ". An offer's value counts no mining before its first rent. ",
    ]
    if label:
        words += [
            f"Oldest dated input: {label}, ",
            Figure("recommendation.oldest_input_days", age, number(age)),
            " days. ",
        ]
    open_findings = [f for f in standing(plan, results.findings) if f.severity != Severity.INFO]
    errors = sum(f.severity == Severity.ERROR for f in open_findings)
    if open_findings:
        counts = ((errors, "error"), (len(open_findings) - errors, "warning"))
        said = joined(f"{n} {word}{'' if n == 1 else 's'}" for n, word in counts if n)
        words.append(f"Findings that stand: {said}. ")
    if any(is_close(t.smallest) for t in turnings):
        words.append(f"A flip nearer than {percent(CLOSE_CALL, 0)} is a close call: inputs are not known that well.")
    return tuple(words)
