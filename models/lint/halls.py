"""Halls: gross against critical IT, what they cost, when they are ready, and what they are worth at the end."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.curves import month_after, month_number
from models.fields import MONTH
from models.lint.rules import lint, percent, set_percent, set_to
from models.metrics import discount_factors
from models.plan import LEASE, AiOffer, Plan
from models.problems import Finding, Repair
from models.results import Results
from models.sentences import Amount, Sentence
from models.use_names import use_name

LEAST_GROSS, USUAL_GROSS = 1.25, 1.40
SOONEST_MONTHS, USUAL_MONTHS = 12, 15
"""From lease to delivery 14 to 18 months (CleanSpark, May 2026); about a quarter of leased capacity was delivered."""
NEW_HALL_FROM_USD = 5e6
"""Per MW of critical IT; the retrofit of standing halls cost $3.6 million and is quicker."""
RETROFIT_USD, LEAST_DISCLOSED_USD, BASE_USD = 4e6, 8e6, 11e6
GPU_HALL_USD = 15e6


def hall_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Everything that the trade would question in the halls of offers of both kinds."""
    for offer in plan.ai_offers:
        yield from _ratio(plan, offer)
        yield from _delivery(plan, offer)
        yield from _capex(plan, offer)
        yield from _residual(plan, offer, results)


def _ratio(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path, gross = f"ai_offers.{offer.id}", offer.gross_mw_per_it_mw
    if gross < LEAST_GROSS:
        yield lint(
            "gross_is_pue",
            f"{path}.gross_mw_per_it_mw",
            Sentence(
                "{offer} reserves {gross} at the meter for each megawatt of critical IT; that is an energy PUE. "
                "Disclosed sites reserve {low} to {high}.",
                offer=use_name(plan, offer),
                gross=Amount(gross, "MW", ".3g"),
                low=Amount(1.35, "", ".2f"),
                high=Amount(1.52, "MW", ".2f"),
            ),
            set_to(f"{path}.gross_mw_per_it_mw", USUAL_GROSS),
        )
    above = [n for n in ("summer_pue", "winter_pue") if (getattr(offer, n) or 0.0) > gross * (1 + 1e-9)]
    if above:
        yield lint(
            "pue_above_gross",
            f"{path}.{above[0]}",
            Sentence(
                "{offer} would draw {pue} at the meter for each megawatt of critical IT and reserves only {gross}; no "
                "more than that is counted. PUE is energy, the gross ratio is capacity and already holds cooling.",
                offer=use_name(plan, offer),
                pue=Amount(max(getattr(offer, n) for n in above), "MW", ".3g"),
                gross=Amount(gross, "MW", ".3g"),
            ),
            Repair("Leave the PUE empty", tuple((f"{path}.{n}", None) for n in above)),
        )


def _delivery(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    if not MONTH.match(offer.first_rent_month) or offer.capex_usd_per_it_mw < NEW_HALL_FROM_USD:
        return
    months = month_number(offer.first_rent_month) - month_number(plan.plan.start)
    if not 0 <= months < SOONEST_MONTHS:
        return
    path, later = f"ai_offers.{offer.id}.first_rent_month", month_after(plan.plan.start, USUAL_MONTHS)
    yield lint(
        "early_delivery",
        path,
        Sentence(
            "{offer} is to pay {months} after the plan begins, and its hall is yet to be built; from lease to delivery "
            "takes 14 to 18 months, and about a quarter of what was leased has been delivered.",
            offer=use_name(plan, offer),
            months=Amount(months, "months"),
        ),
        Repair(f"Set {later}", ((path, later),)),
    )


def _capex(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    capex, path = offer.capex_usd_per_it_mw, f"ai_offers.{offer.id}.capex_usd_per_it_mw"
    base = BASE_USD if offer.kind == LEASE else GPU_HALL_USD
    about: dict[str, Amount | str] = {
        "offer": use_name(plan, offer),
        "low": Amount(8.0, "USD", ".0f"),
        "high": Amount(13.0, "USD", ".0f"),
    }
    million = Repair(
        Sentence("Set {amount} million", amount=Amount(base / 1e6, "USD", ".0f")),
        ((path, base),),
    )
    if capex == 0:
        yield lint(
            "hall_free",
            path,
            Sentence(
                "The hall of {offer} costs nothing; disclosed ones cost {low} to {high} million per MW of critical IT, "
                "unless the tenant builds.",
                **about,
            ),
            million,
        )
    elif RETROFIT_USD < capex <= LEAST_DISCLOSED_USD:
        yield lint(
            "no_contingency",
            path,
            Sentence(
                "The hall of {offer} costs {capex} million per MW of critical IT, no more than the lowest disclosed "
                "for "
                "a new one ({low} to {high} million): nothing is left for what goes wrong.",
                capex=Amount(capex / 1e6, "USD", ",.3g"),
                **about,
            ),
            million,
        )


def _residual(plan: Plan, offer: AiOffer, results: Results) -> Iterator[Finding]:
    path = f"ai_offers.{offer.id}"
    if offer.hall_residual_fraction > 1:
        yield lint(
            "residual_above_cost",
            f"{path}.hall_residual_fraction",
            Sentence(
                "The hall of {offer} is worth {share} of its cost when the term is over; no hall has been sold so.",
                offer=use_name(plan, offer),
                share=percent(offer.hall_residual_fraction),
            ),
            set_percent(f"{path}.hall_residual_fraction", 1.0),
        )
    use = results.by_id.get(offer.id)
    if use is None or not np.isfinite(use.npv_usd_per_mw) or use.npv_usd_per_mw <= 0:
        return
    factors = discount_factors(use.discount_rate_fraction, len(use.cash.residual))[1:]
    worth = float((use.cash.residual * factors).sum())
    if worth <= 0.5 * use.npv_usd_per_mw:
        return
    named = [n for n in ("hall_residual_fraction", "residual_fraction") if getattr(offer, n)]
    yield lint(
        "terminal_value",
        f"{path}.{named[0]}",
        Sentence(
            "What returns at the end of {offer} is worth {worth} per MW today, {share} of its NPV of {npv}: the case "
            "rests on a sale years ahead.",
            offer=use_name(plan, offer),
            worth=Amount(worth, "USD", ",.0f"),
            share=percent(worth / use.npv_usd_per_mw, ",.0f%"),
            npv=Amount(use.npv_usd_per_mw, "USD", ",.0f"),
        ),
        Repair("Count no residual", tuple((f"{path}.{n}", 0.0) for n in named)),
    )
