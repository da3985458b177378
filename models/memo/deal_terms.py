"""Who pays, when it is delivered, and who carries the power: the terms behind what is recommended."""

from __future__ import annotations

import math

from models.bills.flexibility import flexibility, given_up
from models.curves import month_after
from models.fields import field_of
from models.memo.parts import Block, Column, Figure, Row, Table
from models.memo.returns import first_spend_month
from models.memo.subject import Subject
from models.memo.written import MISSING, month_words, number, percent, plain, plain_name
from models.plan import AiOffer
from models.recommendation import Option, SiteDecision
from models.results import ASIC

NOT_NAMED = "not named"


def shown_offers(subject: Subject) -> list[tuple[SiteDecision, Option, AiOffer, float]]:
    """The offers that are placed, with their megawatts; where a site places none, its best offer with none."""
    offers = {o.id: o for o in subject.plan.ai_offers}
    found = []
    for decision in subject.decisions:
        placed = [(p.option, p.mw) for p in decision.placements if p.option.id in offers]
        if not placed:
            best = next((o for o in decision.ranked if o.kind != ASIC and o.id in offers), None)
            placed = [(best, 0.0)] if best is not None else []
        found += [(decision, option, offers[option.id], mw) for option, mw in placed]
    return found


def counterparty_blocks(subject: Subject) -> list[Block]:
    """Who the income of what is recommended hangs on, and what the plan does not know of them."""
    shown = shown_offers(subject)
    if not shown:
        return []
    placed_mw = math.fsum(mw for *_, mw in shown)
    rows = []
    for decision, option, offer, mw in shown:
        name = plain(offer.counterparty, 60)
        of_name = math.fsum(m for *_, o, m in shown if name and plain(o.counterparty, 60) == name)
        share = (of_name if name else mw) / placed_mw if placed_mw else math.nan
        income = mw * subject.results.by_id[option.id].revenue_usd_per_mw_year
        at = f"terms.{offer.id}"
        rows.append(
            Row(
                (
                    (f"{plain_name(option.name, 50)}, {plain(decision.site.name, 30)}",),
                    (name or NOT_NAMED,),
                    (Figure(f"{at}.placed_mw", mw, number(mw, 1)),),
                    (Figure(f"{at}.share_fraction", share, percent(share, 0)) if placed_mw else MISSING,),
                    (Figure(f"{at}.income_usd_per_year", income, number(income / 1e6, 1)) if mw else MISSING,),
                    (f"{number(offer.term_months)} months",),
                ),
                strong=mw > 0,
            )
        )
    columns = (
        Column("Offer", numeric=False, share=2.0),
        Column("Counterparty", numeric=False, share=1.4),
        Column("Placed", "MW"),
        Column("Its share", "of placed AI"),
        Column("Income", "$M/year"),
        Column("Term", numeric=True),
    )
    note = (
        "The plan holds no guarantor, backstop or probability of default: no figure of this memo charges the risk that "
        "a tenant or customer stops paying, beyond the discount rate."
    )
    return [Table(columns, tuple(rows), (note,))]


def delivery_blocks(subject: Subject) -> list[Block]:
    """When money goes out and comes in, and by when everything is delivered."""
    shown = shown_offers(subject)
    if not shown:
        return []
    rows = []
    for decision, option, offer, mw in shown:
        use = subject.results.by_id[option.id]
        spends = first_spend_month(subject.plan, use)
        full = month_after(offer.first_rent_month, max(offer.ramp_months - 1, 0))
        last = month_after(offer.first_rent_month, offer.term_months - 1)
        rows.append(
            Row(
                (
                    (f"{plain_name(option.name, 50)}, {plain(decision.site.name, 30)}",),
                    (month_words(spends) if spends else MISSING,),
                    (f"{number(offer.capex_months)} months",),
                    (month_words(offer.first_rent_month),),
                    (month_words(full),),
                    (month_words(last),),
                ),
                strong=mw > 0,
            )
        )
    columns = (
        Column("Offer", numeric=False, share=2.0),
        Column("First spend", numeric=False),
        Column("Spread over"),
        Column("First income", numeric=False),
        Column("Full income", numeric=False),
        Column("Last income", numeric=False),
    )
    note = "What a late delivery costs stands with the flips: the delay of first rent that changes the answer."
    return [Table(columns, tuple(rows), (note,))]


def power_blocks(subject: Subject) -> list[Block]:
    """Who pays for power under each offer, what becomes of the contract, and what no longer stopping gives up."""
    shown = shown_offers(subject)
    if not shown:
        return []
    lost = given_up(subject.plan, flexibility(subject.plan))
    rows = []
    for decision, option, offer, mw in shown:
        given = lost.get(offer.id, math.nan)
        contracts = [c for c in subject.plan.power_contracts if c.site_id == decision.site.id]
        ends = sorted({month_words(c.end_month) for c in contracts if c.end_month})
        figure = Figure(f"flexibility.{offer.id}.usd_per_mw_year", 0.0 - given, number((0.0 - given) / 1e3))
        rows.append(
            Row(
                (
                    (f"{plain_name(option.name, 50)}, {plain(decision.site.name, 30)}",),
                    (_chosen(offer, "power_paid_by"),),
                    (_chosen(offer, "hedge_disposition"),),
                    (", ".join(ends) if ends else "no end entered",),
                    (figure if math.isfinite(given) else MISSING,),
                ),
                strong=mw > 0,
            )
        )
    columns = (
        Column("Offer", numeric=False, share=1.8),
        Column("Power paid by", numeric=False, share=1.2),
        Column("Power contract becomes", numeric=False, share=1.2),
        Column("Contracts end", numeric=False, share=1.2),
        Column("Gives up by not stopping", "$k/MW-year"),
    )
    return [Table(columns, tuple(rows))]


def _chosen(offer: AiOffer, name: str) -> str:
    options = dict(getattr(field_of(AiOffer, name).spec, "options", ()))
    value = getattr(offer, name)
    return str(options.get(value, value))
