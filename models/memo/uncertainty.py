"""How sure the answer is: the tornado of its lead, distances in each input's own deviations, tripwires, and ranges."""

from __future__ import annotations

import math

from models.charts.sensitivity import input_amount, tornado_chart
from models.charts.spec import amount_text
from models.memo.exhibits import NAME_LIMIT, flips_table
from models.memo.parts import Block, Column, Figure, Paragraph, Picture, Row, Table
from models.memo.subject import Subject
from models.memo.written import MISSING, number, plain, plain_name
from models.plan import Plan, Tripwire
from models.sensitivity.distances import NEAREST_BY, Distance, distances
from models.sensitivity.ranges import PLANNER
from models.sensitivity.tornado import Bar, Tornado, tornado
from models.sensitivity.tripwires import proposed
from models.watch import BEYOND, FIRING, NEAR, NO_DATA, QUIET, WatchedInput, watched, watched_input

MOST_BARS, DRAWN_BARS = 12, 8
TORNADO_HEIGHT = 1.35
STATE_WORDS = {
    QUIET: "quiet",
    NEAR: "near: within 5%",
    BEYOND: "beyond, not for long enough yet",
    FIRING: "fired",
    NO_DATA: "not observed yet",
}


def tornado_blocks(subject: Subject) -> list[Block]:
    """The lead of the main site's best use at P10 and P90 of every uncertain input: as a picture and as numbers."""
    main = subject.main
    if main is None or main.decision.next_best is None:
        return []
    site = main.decision.site
    found = tornado(subject.plan, f"sites.{site.id}.lead_usd_per_mw")
    if not found.bars:
        return []
    spec = tornado_chart(found, most=DRAWN_BARS)
    caption = "Each input alone at its own P10 and P90, all others as in the plan; below zero another use is best."
    return [
        Picture(spec, caption, plain(spec.summary), height_share=TORNADO_HEIGHT),
        _swings(found, f"recommendation.{site.id}.tornado"),
    ]


def _swings(found: Tornado, prefix: str) -> Table:
    rows = [_swing(found, bar, prefix) for bar in found.bars[:MOST_BARS]]
    columns = (
        Column("Input", numeric=False, share=2.0),
        Column("P10"),
        Column("P90"),
        Column("Lead at P10", "$k/MW"),
        Column("Lead at P90", "$k/MW"),
        Column("Whose range", numeric=False, share=2.8),
    )
    more = len(found.bars) - len(rows)
    notes = [
        "Ranges are the planner's of 2025 and 2026 unless somebody entered one: whose they are stands beside them."
    ]
    notes += [f"{more} inputs that move it less are left out."] if more else []
    if found.unmoved:
        notes.append(f"{len(found.unmoved)} inputs with a range do not move it.")
    if found.unknown:
        names = ", ".join(plain(b.range.label, 40) for b in found.unknown[:3])
        notes.append(f"At an end of the range of {names} it cannot be computed.")
    return Table(columns, tuple(rows), (" ".join(notes),) if notes else ())


def _swing(found: Tornado, bar: Bar, prefix: str) -> Row:
    each = bar.range
    at = f"{prefix}.{each.path}"
    return Row(
        (
            (plain_name(each.label, NAME_LIMIT),),
            (Figure(f"{at}.p10", each.p10, input_amount(each, each.p10)),),
            (Figure(f"{at}.p90", each.p90, input_amount(each, each.p90)),),
            (Figure(f"{at}.at_p10", bar.at_p10, number(bar.at_p10 / 1e3)),),
            (Figure(f"{at}.at_p90", bar.at_p90, number(bar.at_p90 / 1e3)),),
            (plain(each.source.removeprefix(f"{PLANNER}: "), 60),),
        )
    )


def flips_blocks(subject: Subject) -> list[Block]:
    """How far every input must move, in per cent and in its own deviations, site by site."""
    blocks: list[Block] = []
    several = len(subject.turnings) > 1
    for turning in subject.turnings:
        best = turning.decision.best
        if best is None:
            continue
        at = f"recommendation.{turning.decision.site.id}"
        site = f"{plain(turning.decision.site.name, 60)}: " if several else ""
        if turning.flips:
            table = flips_table(turning.flips, f"{at}.flips", deviations=turning.deviations)
            blocks += [Paragraph((f"{site}{plain_name(best.name, 60)} against all others",), "heading"), table]
        if turning.against_mining:
            rival = plain(turning.against_mining[0].rival, 60)
            title = f"{site}{plain_name(best.name, 60)} against mining with the {rival}"
            table = flips_table(turning.against_mining, f"{at}.against_mining", with_winner=False)
            blocks += [Paragraph((title,), "heading"), table]
    if blocks:
        blocks.append(
            Paragraph(
                (
                    "One input moves at a time, all others stay. The distance is a share of the present value; where "
                    "that is zero, the move itself. Bars are full at 100%. A deviation is (P90 − P10) / 2.563 of the "
                    "input's own range; — where nobody has given one. Nearest first "
                    f"{NEAREST_BY}.",
                ),
                "note",
            )
        )
    return blocks


def tripwires_table(subject: Subject) -> Table | None:
    """The plan's tripwires and how they stand; where it has none, the nearest flips that could be watched."""
    plan = subject.plan
    held = plan.tripwires
    shown = held or _proposed(subject)
    if not shown:
        return None
    rows = tuple(_tripwire_row(plan, wire, is_held=bool(held)) for wire in shown)
    columns = (
        Column("Reopen the decision if", numeric=False, share=2.0),
        Column("Level"),
        Column("For", numeric=False),
        Column("Because", numeric=False, share=2.0),
        Column("Set on", numeric=False),
        Column("Now", numeric=False, share=1.1),
    )
    note = (
        "Kept with the plan and held against every later market reading."
        if held
        else "Proposed from the nearest flips that can be watched; none is set in the plan yet."
    )
    return Table(columns, rows, (note,))


def _proposed(subject: Subject) -> tuple[Tripwire, ...]:
    found: list[Distance] = []
    for turning in subject.turnings:
        found += distances(subject.plan, turning.decision, turning.flips)
    return proposed(subject.plan, found, subject.as_of.isoformat())


def _tripwire_row(plan: Plan, wire: Tripwire, *, is_held: bool) -> Row:
    try:
        known = watched_input(plan, wire.path)
    except KeyError:
        known = WatchedInput(wire.path, "", 2)
    state = STATE_WORDS[watched(plan, wire).state] if is_held else "proposed"
    address = f"tripwires.{wire.id}.level" if is_held else f"proposed.{wire.path}.{wire.side}.level"
    level = amount_text(wire.level, known.unit, known.digits)
    return Row(
        (
            (f"{plain_name(known.label, NAME_LIMIT)} is {wire.side}",),
            (Figure(address, wire.level, level) if math.isfinite(wire.level) else level,),
            (f"{wire.days} days" if wire.days > 1 else "a day",),
            (plain(wire.reason, 160),),
            (wire.set_on if is_held else MISSING,),
            (state,),
        )
    )
