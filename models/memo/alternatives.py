"""What a megawatt can do instead: every use, doing nothing, idling and deciding later, side by side."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from models.flips import Flip
from models.memo.exhibits import MILLION, NAME_LIMIT, THOUSAND, irr_words, short_flip, thousands
from models.memo.parts import Column, Figure, Row, Table, Words
from models.memo.subject import Turning
from models.memo.written import MISSING, money, number, plain, plain_name, signed
from models.recommendation import IDLE, Option, SiteDecision
from models.results import ASIC, Results
from models.sensitivity.distances import NEAREST_BY
from models.waiting import WAITS_MONTHS, Wait


def ranking(
    results: Results,
    decisions: Sequence[SiteDecision],
    waits: Mapping[str, Sequence[Wait]] | None = None,
    most: int | None = None,
) -> Table:
    """What a megawatt of each site can do, the best first, doing nothing and idling among it, and deciding later.

    `waits` are by site id. Of each site at most `most` uses are listed, what runs today always; the note counts the
    rest.
    """
    rows: list[Row] = []
    left_out = 0
    for decision in decisions:
        if len(decisions) > 1:
            rows.append(Row(((plain(decision.site.name, NAME_LIMIT),),), group=True))
        lead = decision.best.worth_usd_per_mw if decision.best is not None else math.nan
        listed = _listed(decision, most)
        left_out += len(decision.ranked) - len(listed)
        for option in listed:
            rows.append(_option_row(results, decision, option, lead))
        for wait in (waits or {}).get(decision.site.id, ()):
            rows.append(_wait_row(decision, wait, lead))
        for name, reason in decision.unranked:
            rows.append(Row(((plain(name, NAME_LIMIT),), *[(MISSING,)] * 4, (f"not ranked: {reason}",))))
    columns = (
        Column("Use of a megawatt", numeric=False, share=2.0),
        Column("MW"),
        Column("NPV", "$k/MW"),
        Column("Against best", "$k/MW"),
        Column("IRR", "a year"),
        Column("What it means", numeric=False, share=2.4),
    )
    notes = []
    lost = max((w.lost_rent_months for each in (waits or {}).values() for w in each), default=0)
    if lost:
        notes.append(f"Waiting moves up to {lost} months of income behind the plan's end, where it is not counted.")
    leads = {d.site.id: d.best.worth_usd_per_mw for d in decisions if d.best is not None}
    better = {w.months for site_id, each in (waits or {}).items() for w in each if w.worth_usd_per_mw > leads[site_id]}
    notes += _better_later(better)
    if left_out:
        notes.append(f"{left_out} uses that are worth less stand in the exhibits.")
    return Table(columns, tuple(rows), (" ".join(notes),) if notes else ())


def _better_later(months: Collection[int]) -> list[str]:
    """What a board must know where waiting is worth more than what it is asked to decide: on what that rests."""
    if not months:
        return []
    long = " or ".join(str(m) for m in sorted(months))
    return [
        f"By these figures waiting {long} months is worth more than deciding now, if the same offers still stand then; "
        "nothing in the plan secures that."
    ]


def _listed(decision: SiteDecision, most: int | None) -> tuple[Option, ...]:
    if most is None or len(decision.ranked) <= most:
        return decision.ranked
    kept = {o.id for o in decision.ranked[: most - 1]} | {o.id for o in decision.ranked if o.existing or o.kind == IDLE}
    return tuple(o for o in decision.ranked if o.id in kept)


def _option_row(results: Results, decision: SiteDecision, option: Option, lead: float) -> Row:
    at = f"recommendation.{decision.site.id}.options.{option.id}"
    behind = option.worth_usd_per_mw - lead
    use = results.by_id.get(option.id)
    npv = (
        thousands(use, "npv_usd_per_mw")
        if use is not None
        else Figure(f"{at}.npv_usd_per_mw", option.npv_usd_per_mw, number(option.npv_usd_per_mw / THOUSAND))
    )
    is_best = option is decision.best
    return Row(
        (
            (plain_name(option.name, NAME_LIMIT),),
            (Figure(f"{at}.mw", option.mw, number(option.mw, 1)),),
            (npv,),
            (Figure(f"{at}.behind_usd_per_mw", behind, "best" if is_best else number(behind / THOUSAND)),),
            (irr_words(use) if use is not None else MISSING,),
            (_meaning(option),),
        ),
        strong=is_best,
    )


def _wait_row(decision: SiteDecision, wait: Wait, lead: float) -> Row:
    at = f"alternatives.{decision.site.id}.wait_{wait.months}"
    worth, behind = wait.worth_usd_per_mw, wait.worth_usd_per_mw - lead
    return Row(
        (
            (f"Wait {wait.months} months",),
            (Figure(f"{at}.mw", wait.offer.mw, number(wait.offer.mw, 1)),),
            (Figure(f"{at}.npv_usd_per_mw", worth, number(worth / THOUSAND)),),
            (Figure(f"{at}.behind_usd_per_mw", behind, number(behind / THOUSAND)),),
            (MISSING,),
            (f"mine on, then {plain_name(wait.offer.name, 30)} at its price",),
        )
    )


def _meaning(option: Option) -> str:
    if option.kind == IDLE:
        return "nothing runs, nothing is spent"
    if option.kind == ASIC:
        if not option.existing:
            return "new machines, bought at the plan's start"
        resale = f"; keeping them forgoes {money(option.resale_usd_per_mw)}/MW of resale"
        return "do nothing: mine on with paid machines" + (resale if option.resale_usd_per_mw else "")
    return "the hall is leased to a tenant" if option.kind == "lease" else "the hall and its GPUs are the operator's"


def decisions_table(decisions: Sequence[SiteDecision], nearest: dict[str, Flip | None], most: int) -> Table:
    """One line per site: best use, lead, megawatts, gain, nearest flip.

    Of at most `most` sites, those that gain most in the plan's order; the note counts the rest.
    """
    rows = []
    first = {d.site.id for d in sorted(decisions, key=lambda d: d.gain_usd, reverse=True)[:most]}
    listed = [d for d in decisions if d.site.id in first]
    for d in listed:
        at = f"recommendation.{d.site.id}"
        flip = nearest.get(d.site.id)
        best, second = d.best, d.next_best
        rows.append(
            Row(
                (
                    (plain(d.site.name, 40),),
                    (plain_name(best.name, 40) if best else "cannot be said",),
                    (Figure(f"{at}.mw", d.mw, number(d.mw, 1)) if best else MISSING,),
                    (_best_npv(at, best),),
                    (
                        Figure(f"{at}.lead_usd_per_mw", d.lead_usd_per_mw, signed(d.lead_usd_per_mw / THOUSAND)),
                        f" over {plain_name(second.name, 24)}" if second else "",
                    ),
                    (Figure(f"{at}.gain_usd", d.gain_usd, signed(d.gain_usd / 1e6, 1)),),
                    short_flip(flip),
                )
            )
        )
    columns = (
        Column("Site", numeric=False, share=1.3),
        Column("Best use of a megawatt", numeric=False, share=1.6),
        Column("MW"),
        Column("NPV", "$k/MW"),
        Column("Lead", "$k/MW", share=1.6),
        Column("Gain", "$M"),
        Column("Nearest flip", numeric=False, share=1.7),
    )
    note = f"Gain: net present value of all changes at the site over doing nothing. Nearest flip: {NEAREST_BY}."
    if len(listed) < len(decisions):
        note = f"{len(decisions) - len(listed)} sites that gain less stand in the exhibits. {note}"
    return Table(columns, tuple(rows), (note,))


def _best_npv(at: str, best: Option | None) -> Figure | str:
    if best is None:
        return MISSING
    address = f"{at}.options.{best.id}.npv_usd_per_mw" if best.kind == IDLE else f"uses.{best.id}.npv_usd_per_mw"
    return Figure(address, best.npv_usd_per_mw, number(best.npv_usd_per_mw / THOUSAND))


def together_table(turnings: Sequence[Turning]) -> Table:
    """All sites as recommended, with every AI offer taken later, and with nothing done."""
    gain = math.fsum(t.decision.gain_usd for t in turnings)
    keep = math.fsum(t.decision.do_nothing_npv_usd for t in turnings)
    rows = [
        Row(
            (
                ("As recommended",),
                (Figure("recommendation.gain_usd", gain, signed(gain / MILLION, 1)),),
                ("what changes use does so on the offers' dates",),
            ),
            strong=True,
        )
    ]
    better = set()
    for place, months in enumerate(WAITS_MONTHS):
        less = [_lost_by_waiting_usd(t, place) for t in turnings]
        if not any(loss is not None for loss in less):
            continue
        later = gain - math.fsum(loss for loss in less if loss is not None)
        if later > gain:
            better.add(months)
        rows.append(
            Row(
                (
                    (f"Wait {months} months",),
                    (Figure(f"alternatives.wait_{months}.gain_usd", later, signed(later / MILLION, 1)),),
                    ("the best AI offer of every site at the same price then; mine on until it begins",),
                )
            )
        )
    words: Words = (
        "everything runs on as it is; worth ",
        Figure("recommendation.do_nothing_npv_usd", keep, money(keep)),
        " in itself",
    )
    rows.append(Row((("Do nothing",), ("0.0",), words)))
    columns = (
        Column("Alternative", numeric=False, share=1.1),
        Column("Over doing nothing", "$M NPV"),
        Column("What it means", numeric=False, share=3.6),
    )
    return Table(columns, tuple(rows), tuple(_better_later(better)))


def _lost_by_waiting_usd(turning: Turning, place: int) -> float | None:
    """What a site loses (below zero: wins) where its best AI offer is taken later; None where it places none."""
    for placement in turning.decision.placements:
        if turning.waits and placement.option is turning.waits[place].offer:
            wait = turning.waits[place]
            return placement.mw * (placement.option.worth_usd_per_mw - wait.worth_usd_per_mw)
    return None
