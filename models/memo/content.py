"""The decision memo's content: a computed recommendation first, then what supports it. No layout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from models.flips import BTC_PRICE, Flip, flips
from models.memo.charts import pictures
from models.memo.exhibits import (
    break_evens,
    crossovers,
    decisions_table,
    distance_text,
    findings_table,
    flip_text,
    flips_table,
    per_megawatt,
    ranking,
    set_aside_blocks,
)
from models.memo.inputs import claims, input_register, oldest_input
from models.memo.parts import (
    Block,
    Bullets,
    Card,
    Cards,
    Exhibit,
    Figure,
    MemoContent,
    Paragraph,
    SignOff,
    Words,
    joined,
    money,
    number,
    percent,
    plain,
)
from models.memo.words import CLOSE_CALL, headline, is_close, short_name, site_line, site_words
from models.plan import Plan
from models.problems import Severity
from models.recommendation import SiteDecision, decide
from models.results import ASIC, Results
from models.scenarios import BASE, plan_for, scenario_by_name
from models.snoozes import standing
from models.storage.plan_file import digest

FRONT_FLIPS, FEW_FLIPS = 5, 3
"""Flips on the first page; few where the table of sites needs the room."""
SHORT_TABLE = 24
"""Rows that leave room for a picture below them."""
FRONT_SITES = 3
"""Up to so many sites have a line each on the first page; all are in its table and in the exhibits."""
MOST_CUT_SHORT = 2
"""Up to so many offers that outlast the plan are named on the first page."""
ROLES = ("Chief financial officer", "Chief executive officer", "Chair of the board")


@dataclass(frozen=True)
class Turning:
    """What would change a site's answer.

    Attributes
    ----------
    flips
        Every input, the nearest first.
    against_mining
        The same for the best use against the best machines there, where those are not the runner-up.
    """

    decision: SiteDecision
    flips: tuple[Flip, ...]
    against_mining: tuple[Flip, ...]

    @property
    def nearest(self) -> Flip | None:
        """The reachable flip that is nearest."""
        return self.flips[0] if self.flips and self.flips[0].reachable else None

    @property
    def mining_price(self) -> Flip | None:
        """The BTC price at which mining overtakes."""
        return next((f for f in self.against_mining if f.path == BTC_PRICE), None)


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
    decisions = decide(shown, results)
    turnings = [_turning(shown, decision) for decision in decisions]
    has_decision = bool(results.uses)
    front = _front(shown, results, turnings, as_of) if has_decision else _empty_front(shown)
    exhibits = _exhibits(shown, results, turnings, as_of) if has_decision else ()
    nearest = {t.decision.site.id: t.nearest for t in turnings}
    title = headline(decisions, nearest) if has_decision else "Nothing to decide yet"
    return MemoContent(
        title=title,
        has_decision=has_decision,
        plan_name=plain(plan.plan.name, 120) or "Plan without a name",
        scenario_id=scenario.id if scenario is not None else BASE,
        scenario_name=plain(scenario.name, 60) if scenario is not None else BASE,
        start=plan.plan.start,
        horizon_months=plan.plan.horizon_months,
        as_of=as_of,
        plan_digest=digest(plan),
        program_version=version("busbar-planner"),
        front=front,
        exhibits=exhibits,
        summary=tuple(site_line(t.decision) for t in turnings),
        nearest_flips=_nearest_flips(turnings),
        plan=plan,
    )


def _turning(plan: Plan, decision: SiteDecision) -> Turning:
    best, rival = decision.best, decision.next_best
    mine = next((o for o in decision.ranked if o.kind == ASIC), None)
    apart = best is not None and best.kind != ASIC and mine is not None and mine is not rival
    return Turning(decision, flips(plan, decision), flips(plan, decision, mine) if apart else ())


def _nearest_flips(turnings: Sequence[Turning]) -> tuple[Flip, ...]:
    reachable = [f for t in turnings for f in t.flips if f.reachable]
    return tuple(sorted(reachable, key=lambda f: abs(f.distance))[:FRONT_FLIPS])


# --- the first page --------------------------------------------------------------------------------------------------


def _empty_front(plan: Plan) -> tuple[Block, ...]:
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


def _front(plan: Plan, results: Results, turnings: Sequence[Turning], as_of: date) -> tuple[Block, ...]:
    decisions = [t.decision for t in turnings]
    nearest = {t.decision.site.id: t.nearest for t in turnings}
    blocks: list[Block]
    if len(turnings) == 1:
        words = site_words(turnings[0].decision, turnings[0].nearest, turnings[0].mining_price)
        blocks = [Paragraph(words, "lead"), _cards(turnings)]
        blocks += [Paragraph(("Alternatives",), "heading"), ranking(results, decisions)]
    else:
        blocks = [Paragraph(_total_words(decisions), "lead")]
        if len(turnings) <= FRONT_SITES:
            blocks.append(Bullets(tuple(site_line(d) for d in decisions)))
        blocks += [_cards(turnings), decisions_table(decisions, nearest)]
    blocks += _cut_short(results)
    main = _main(turnings)
    most = FRONT_FLIPS if len(turnings) <= FRONT_SITES else FEW_FLIPS
    reachable = [f for f in main.flips if f.reachable][:most] if main is not None else []
    if main is not None and reachable:
        where = f" at {plain(main.decision.site.name, 40)}" if len(turnings) > 1 else ""
        blocks.append(Paragraph((f"What would change the answer{where}, nearest first",), "heading"))
        blocks.append(flips_table(reachable, f"recommendation.{main.decision.site.id}.flips"))
    blocks += [Paragraph(_basis(plan, results, turnings, as_of), "note"), SignOff(ROLES)]
    return tuple(blocks)


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


def _main(turnings: Sequence[Turning]) -> Turning | None:
    """The site with the most at stake: the largest gain, else the most megawatts."""
    ranked = [t for t in turnings if t.decision.best is not None]
    return max(ranked, key=lambda t: (t.decision.gain_usd, t.decision.site.capacity_mw), default=None)


def _cards(turnings: Sequence[Turning]) -> Cards:
    decisions = [t.decision for t in turnings]
    main = _main(turnings)
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
    near = [(t, t.nearest) for t in turnings if t.nearest is not None]
    if near:
        turning, flip = min(near, key=lambda pair: abs(pair[1].distance) if pair[1] else math.inf)
        assert flip is not None
        at = f"recommendation.{turning.decision.site.id}.flips.{flip.path}"
        distance = Figure(f"{at}.distance", flip.distance, distance_text(flip))
        cards.append(Card("Nearest flip", (distance,), (f"{plain(flip.label, 40)}: {flip_text(flip, flip.value)}",)))
    return Cards(tuple(cards))


def _basis(plan: Plan, results: Results, turnings: Sequence[Turning], as_of: date) -> Words:
    """The small print: basis, rates, age of the data, what stands against the figures, what is left out."""
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
    label, age = oldest_input(plan, as_of)
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
    if any(is_close(t.nearest) for t in turnings):
        words.append(f"A flip nearer than {percent(CLOSE_CALL, 0)} is a close call: inputs are not known that well.")
    return tuple(words)


# --- exhibits --------------------------------------------------------------------------------------------------------


def _exhibits(plan: Plan, results: Results, turnings: Sequence[Turning], as_of: date) -> tuple[Exhibit, ...]:
    decisions = [t.decision for t in turnings]
    found: list[Exhibit] = []

    def add(name: str, title: str, *blocks: Block | None) -> None:
        kept = tuple(b for b in blocks if b is not None)
        if kept:
            found.append(Exhibit(name, title, kept))

    best = {d.best.id for d in decisions if d.best is not None}
    main = _main(turnings)
    drawn = pictures(plan, results, main.decision) if main is not None else {}
    # Tables break and pictures do not: a short table first leaves no holes, a long one first would hide the pictures.
    table = crossovers(results)
    first = [table] if table is not None and len(table.rows) <= SHORT_TABLE else []
    last = [table] if not first else []
    if len(turnings) > 1:
        words = [Paragraph(site_words(t.decision, t.nearest, t.mining_price)) for t in turnings]
        add("alternatives", "Site by site, doing nothing included", *words, ranking(results, decisions))
    add("per_megawatt", "What a utility megawatt earns", per_megawatt(plan, results, best), drawn.get("cash"))
    title = "Where mining and AI are worth the same" if table is not None else "Earnings against the BTC price"
    add("crossovers", title, *first, drawn.get("price"), drawn.get("frontier"), *last)
    add("break_evens", "Where mining earns nothing", break_evens(plan, results), drawn.get("power"))
    add("flips", "How far each input must move to change the answer", *_all_flips(turnings))
    still = findings_table(plan, standing(plan, results.findings)) or Paragraph(("None.",))
    add("findings", "Findings that stand", still, *set_aside_blocks(plan, results.findings))
    add("inputs", "Inputs and where they come from", input_register(plan, as_of))
    add("claims", "Evidence that feeds no input", claims(plan, as_of))
    return tuple(found)


def _all_flips(turnings: Sequence[Turning]) -> list[Block]:
    blocks: list[Block] = []
    several = len(turnings) > 1
    for t in turnings:
        if t.decision.best is None:
            continue
        at = f"recommendation.{t.decision.site.id}"
        site = f"{plain(t.decision.site.name, 60)}: " if several else ""
        if t.flips:
            title = f"{site}{plain(t.decision.best.name, 60)} against all others"
            blocks += [Paragraph((title,), "heading"), flips_table(t.flips, f"{at}.flips")]
        if t.against_mining:
            rival = plain(t.against_mining[0].rival, 60)
            title = f"{site}{plain(t.decision.best.name, 60)} against mining with the {rival}"
            table = flips_table(t.against_mining, f"{at}.against_mining", with_winner=False)
            blocks += [Paragraph((title,), "heading"), table]
    if blocks:
        blocks.append(
            Paragraph(
                (
                    "One input moves at a time, all others stay. The distance is a share of the present value; where "
                    "that is zero, the move itself. Bars are full at 100%.",
                ),
                "note",
            )
        )
    return blocks
