"""What the board is asked for and what comes back: megawatts, dates, spending, peak outlay, rates, payback."""

from __future__ import annotations

import math

import numpy as np

from models.curves import calendar, month_after
from models.memo.exhibits import NAME_LIMIT, grouped, irr_words, payback_words, thousands
from models.memo.parts import Column, Figure, Row, Table, Words
from models.memo.subject import Subject
from models.memo.written import MISSING, month_words, number, percent, plain, plain_name
from models.plan import Plan
from models.recommendation import IDLE, Placement, SiteDecision
from models.results import ASIC, Results, UseResult

FRONT_ASKED = 4
"""Up to so many changes have a line each on the first page."""


def peak_outlay_usd_per_mw(use: UseResult) -> tuple[float, int]:
    """The lowest point of a use's cumulative cash as a positive amount, and the month in which it is reached.

    The month is an index of the plan's: capex is spent as a month begins, what a month loses is lost as it ends. Both
    are 0 without any outlay.

    Examples
    --------
    >>> from models.evaluate import evaluate
    >>> from models.samples import sample
    >>> use = evaluate(sample("briefing")).by_id["o1"]
    >>> peak_outlay_usd_per_mw(use)[0] <= use.capex_usd_per_mw
    True
    """
    total = np.cumsum(use.cash_points)
    if not np.isfinite(total).all():
        return math.nan, 0
    boundary = int(np.argmin(total))
    spends = boundary < len(use.cash.capex) and use.cash.capex[boundary] < 0
    return max(-float(total[boundary]), 0.0), boundary if spends else max(boundary - 1, 0)


def first_spend_month(plan: Plan, use: UseResult) -> str:
    """The month in which a use's first money goes out, ``YYYY-MM``; empty where none does."""
    spends = np.flatnonzero(use.cash.capex < 0)
    return month_after(plan.plan.start, int(spends[0])) if len(spends) else ""


def asked_table(subject: Subject) -> Table | None:
    """What the board is asked to approve: a line for each change, or one for all where they are many."""
    placements = [(d, p) for d, p in subject.placements if p.option.kind != IDLE]
    if not placements:
        return None
    rows = [_asked_row(subject, d, p) for d, p in placements[:FRONT_ASKED]]
    if len(placements) > 1:
        spend = math.fsum(p.mw * _use(subject, p).capex_usd_per_mw for _, p in placements)
        moved = math.fsum(p.mw for _, p in placements)
        outlay = _joint_outlay_usd(subject, placements)
        rows.append(
            Row(
                (
                    (f"All {len(placements)}" if len(placements) > FRONT_ASKED else "Together",),
                    (Figure("asked.mw", moved, number(moved, 1)),),
                    ("",),
                    ("",),
                    (Figure("asked.spend_usd", spend, number(spend / 1e6, 1)),),
                    (Figure("asked.peak_outlay_usd", outlay, number(outlay / 1e6, 1)),),
                ),
                strong=True,
            )
        )
    columns = (
        Column("Decision asked", numeric=False, share=2.6),
        Column("MW"),
        Column("First spend", numeric=False, share=1.0),
        Column("First income", numeric=False, share=1.0),
        Column("To spend", "$M"),
        Column("Peak outlay", "$M"),
    )
    return Table(columns, tuple(rows))


VERBS = {"lease": "Sign", "gpu_cloud": "Buy and run", ASIC: "Buy"}


def _asked_row(subject: Subject, decision: SiteDecision, placement: Placement) -> Row:
    use = _use(subject, placement)
    at = f"asked.{decision.site.id}.{use.id}"
    placed = f"recommendation.{decision.site.id}.placements.{use.id}"
    spend = placement.mw * use.capex_usd_per_mw
    outlay = placement.mw * peak_outlay_usd_per_mw(use)[0]
    name = plain_name(placement.option.name, 44)
    spends = first_spend_month(subject.plan, use)
    return Row(
        (
            (f"{VERBS[placement.option.kind]} {name} at {plain(decision.site.name, 30)}",),
            (Figure(f"{placed}.mw", placement.mw, number(placement.mw, 1)),),
            (month_words(spends) if spends else MISSING,),
            (month_words(month_after(subject.plan.plan.start, max(use.first_operating_month, 0))),),
            (Figure(f"{at}.spend_usd", spend, number(spend / 1e6, 1)),),
            (Figure(f"{at}.peak_outlay_usd", outlay, number(outlay / 1e6, 1)),),
        )
    )


def _use(subject: Subject, placement: Placement) -> UseResult:
    return subject.results.by_id[placement.option.id]


def _joint_outlay_usd(subject: Subject, placements: list[tuple[SiteDecision, Placement]]) -> float:
    """The lowest point of all changes' cash together: what comes back early from one pays for another."""
    total = np.cumsum(sum(p.mw * _use(subject, p).cash_points for _, p in placements))
    return max(-float(total.min()), 0.0) if np.isfinite(total).all() else math.nan


def last_safe_month(subject: Subject) -> str:
    """The month in which the first money of all changes goes out; empty where none does."""
    months = [first_spend_month(subject.plan, _use(subject, p)) for _, p in subject.placements if p.option.kind != IDLE]
    return min((m for m in months if m), default="")


def returns_table(plan: Plan, results: Results, best: set[str]) -> Table:
    """NPV, IRR, payback and peak outlay of every use."""
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    rows: list[Row] = []
    groups = grouped(plan, results)
    for site, uses in groups:
        if len(groups) > 1:
            rows.append(Row(((site,),), group=True))
        for use in uses:
            outlay, at = peak_outlay_usd_per_mw(use)
            address = f"returns.{use.id}"
            of_all = outlay * use.mw
            outlays: tuple[Words, ...] = ((MISSING,), (MISSING,), (MISSING,))
            if outlay > 0 and use.capex_usd_per_mw > 0:
                outlays = (
                    (Figure(f"{address}.peak_outlay_usd_per_mw", outlay, number(outlay / 1e3)),),
                    (Figure(f"{address}.peak_outlay_usd", of_all, number(of_all / 1e6, 1)),),
                    (month_words(month_after(dates.start, at)),),
                )
            rate = use.discount_rate_fraction
            rows.append(
                Row(
                    (
                        (plain_name(use.name, NAME_LIMIT),),
                        (Figure(f"{address}.discount_rate_fraction", rate, percent(rate)),),
                        (thousands(use, "npv_usd_per_mw"),),
                        (irr_words(use),),
                        (payback_words(use),),
                        *outlays,
                    ),
                    strong=use.id in best,
                )
            )
    columns = (
        Column("Use", numeric=False, share=1.0),
        Column("Discounted at", "a year"),
        Column("NPV", "$k/MW"),
        Column("IRR", "a year"),
        Column("Payback", "months"),
        Column("Peak outlay", "$k/MW"),
        Column("all MW", "$M"),
        Column("reached in", numeric=False),
    )
    note = (
        f"Project figures before debt and tax, over the plan's {plan.plan.horizon_months} months. Peak outlay: the "
        "lowest point of cumulative cash. Payback counts from "
        "the first spend; — where nothing is spent."
    )
    return Table(columns, tuple(rows), (note,))
