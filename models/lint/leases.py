"""Leases: who pays for power and upkeep, and what the rent does over the term."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from models.catalogue import average_rent, priced_leases
from models.curves import month_after
from models.fields import MONTH, Schedule
from models.lint.rules import lint, percent, set_percent, set_to
from models.plan import LEASE, AiOffer, Plan
from models.problems import Finding, Repair
from models.sentences import Amount, Sentence
from models.unit_guard import first_value
from models.use_names import use_name

HIGHEST_OPEX = 0.30
"""Of rent; modified gross leases keep 80 to 90 % of it."""
NET_OPEX, GROSS_OPEX = 0.02, 0.15
HIGHEST_ESCALATOR, USUAL_ESCALATOR = 0.05, 0.03
RENT = "USD/kW-month"
_NET_WORDS = re.compile(r"\bNNN\b|triple[\s-]*net", re.IGNORECASE)
_GROSS_WORDS = re.compile(r"modified[\s-]*gross", re.IGNORECASE)


@cache
def highest_average() -> float:
    """The highest average rent of the priced leases, $188 [USD per kW of critical IT and month]."""
    return max(d.average_rent_usd_per_it_kw_month or 0.0 for d in priced_leases())


def lease_findings(plan: Plan) -> Iterator[Finding]:
    """Everything that the trade would question in leases, and in what offers do with the power contract."""
    for offer in plan.ai_offers:
        yield from _hedge(plan, offer)
        if offer.kind == LEASE:
            yield from _power(plan, offer)
            yield from _opex(plan, offer)
            yield from _escalator(plan, offer)
            yield from _average(plan, offer)
            yield from _contract(plan, offer)


def _power(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path = f"ai_offers.{offer.id}"
    rent = first_value(offer.rent_usd_per_it_kw_month)
    if not offer.operator_pays_power and offer.opex_fraction_of_rent > HIGHEST_OPEX:
        yield lint(
            "pass_through_twice",
            f"{path}.opex_fraction_of_rent",
            Sentence(
                "The tenant of {offer} pays for its power, and {share} of the rent goes to opex besides; landlords "
                "keep "
                "{low} to {high} of it. Power is probably in the opex share again.",
                offer=use_name(plan, offer),
                share=percent(offer.opex_fraction_of_rent),
                low=percent(0.80),
                high=percent(1.0),
            ),
            set_percent(f"{path}.opex_fraction_of_rent", GROSS_OPEX),
        )
    if offer.operator_pays_power and rent is not None and 0 < rent <= highest_average():
        yield lint(
            "power_in_net_rent",
            f"{path}.power_paid_by",
            Sentence(
                "You pay the power of {offer} out of {rent}. Disclosed leases pay up to {high} and the tenant pays for "
                "power besides; check that the offer says otherwise.",
                offer=use_name(plan, offer),
                rent=Amount(rent, RENT, ",.4g"),
                high=Amount(highest_average(), "USD", ",.0f"),
            ),
            Repair("Set Tenant", ((f"{path}.power_paid_by", "tenant"),)),
        )


def _opex(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path, share = f"ai_offers.{offer.id}.opex_fraction_of_rent", offer.opex_fraction_of_rent
    net, gross = _NET_WORDS.search(offer.name), _GROSS_WORDS.search(offer.name)
    if (net and share > 0.10) or (gross and not net and share < 0.05):
        yield lint(
            "form_and_opex",
            path,
            Sentence(
                "{offer} leaves {share} of its rent to opex; triple net leaves up to {net}, modified gross {low} to "
                "{high}. Name and number do not agree.",
                offer=use_name(plan, offer),
                share=percent(share),
                net=percent(0.05),
                low=percent(0.10),
                high=percent(0.20),
            ),
            set_percent(path, NET_OPEX if net else GROSS_OPEX),
        )
    elif share == 0:
        yield lint(
            "lease_without_opex",
            path,
            Sentence(
                "{offer} costs its landlord nothing to run; even triple net keeps {low} to {high} of the rent, not "
                "all.",
                offer=use_name(plan, offer),
                low=percent(0.95),
                high=percent(0.99),
            ),
            set_percent(path, NET_OPEX),
        )


def _escalator(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path, growth = f"ai_offers.{offer.id}.escalator_fraction_per_year", offer.escalator_fraction_per_year
    rent = offer.rent_usd_per_it_kw_month
    about: dict[str, Amount | str] = {"offer": use_name(plan, offer), "growth": percent(growth)}
    if growth > HIGHEST_ESCALATOR:
        yield lint(
            "escalator_high",
            path,
            Sentence(
                "The rent of {offer} steps up by {growth} a year; disclosed leases by {usual} or less.",
                usual=percent(USUAL_ESCALATOR),
                **about,
            ),
            set_percent(path, USUAL_ESCALATOR),
        )
    if growth > 0 and offer.ramp_months > 12:
        yield lint(
            "escalator_in_ramp",
            f"ai_offers.{offer.id}.ramp_months",
            Sentence(
                "The rent of {offer} first steps up by {growth} after 12 months, while its ramp takes {ramp}: rent "
                "rises "
                "on megawatts that have not paid for a year. Shorten the ramp, or enter each phase as an offer of its "
                "own.",
                ramp=Amount(offer.ramp_months, "months"),
                **about,
            ),
            set_to(f"ai_offers.{offer.id}.ramp_months", 12, "months"),
        )
    if not isinstance(rent, Schedule) or growth == 0:
        return
    alone = Repair("Let the table say it: no escalator", ((path, 0.0),))
    if len({v for v in rent.values if v > 0}) > 1:
        yield lint(
            "rent_table_escalated",
            path,
            Sentence(
                "The rent of {offer} is a monthly table whose values change, and {growth} a year comes on top of them: "
                "it is escalated twice.",
                **about,
            ),
            alone,
        )
    free = _free_months(offer, rent)
    if free:
        yield lint(
            "escalator_on_free_months",
            path,
            Sentence(
                "{offer} pays nothing in its first {free}, and they count towards the first step of {growth}: it comes "
                "after fewer than twelve paid months. Put the steps into the table.",
                free=Amount(free, "months"),
                **about,
            ),
            alone,
        )


def _free_months(offer: AiOffer, rent: Schedule) -> int:
    """How many months at the beginning of the term the table sets to nothing; 0 where it never pays."""
    if not MONTH.match(offer.first_rent_month):
        return 0
    months = [month_after(offer.first_rent_month, k) for k in range(min(offer.term_months, 60))]

    def level(month: str) -> float:
        held = [v for m, v in zip(rent.months, rent.values, strict=True) if m <= month]
        return held[-1] if held else rent.values[0]

    levels = [level(month) for month in months]
    return next((k for k, value in enumerate(levels) if value > 0), 0)


def _average(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    rent, growth = offer.rent_usd_per_it_kw_month, offer.escalator_fraction_per_year
    if not isinstance(rent, int | float) or growth <= 0 or rent > highest_average():
        return
    steps = average_rent(1.0, growth, offer.term_months / 12)
    if offer.term_months < 12 or rent * steps <= highest_average():
        return
    path = f"ai_offers.{offer.id}.rent_usd_per_it_kw_month"
    first = float(f"{rent / steps:.10g}")
    yield lint(
        "average_as_first_year",
        path,
        Sentence(
            "{offer} would average {average} over its term, above every disclosed lease ({high}). Perhaps {rent} is "
            "that "
            "average; then its first year pays {first}.",
            offer=use_name(plan, offer),
            average=Amount(rent * steps, RENT, ",.2f"),
            high=Amount(highest_average(), "USD", ",.0f"),
            rent=Amount(rent, "USD", ",.2f"),
            first=Amount(first, "USD", ",.2f"),
        ),
        set_to(path, first, RENT, ",.2f"),
    )


def _contract(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    if offer.operator_pays_power or not MONTH.match(offer.first_rent_month):
        return
    ends = [c.end_month for c in plan.power_contracts if c.site_id == offer.site_id]
    if not ends or None in ends:
        return
    last, over = max(e for e in ends if e), month_after(offer.first_rent_month, offer.term_months - 1)
    if last < over:
        yield lint(
            "lease_outlives_contract",
            f"ai_offers.{offer.id}.term_months",
            f"{use_name(plan, offer)} runs to {over}, and the site's last power contract ends in {last}. The tenant "
            "pays for power, but someone must supply it until then.",
        )


def _hedge(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path = f"ai_offers.{offer.id}"
    if offer.operator_pays_power and offer.hedge_disposition != "assigned":
        yield lint(
            "hedge_beside_own_power",
            f"{path}.hedge_disposition",
            f"{use_name(plan, offer)} says that the power contract is kept or sold, but you go on paying for its "
            "power and need the contract; the choice has no effect.",
            Repair("Set Taken over by the tenant", ((f"{path}.hedge_disposition", "assigned"),)),
        )
    if offer.hedge_sale_discount_fraction > 0 and offer.hedge_disposition != "sold":
        yield lint(
            "discount_without_sale",
            f"{path}.hedge_sale_discount_fraction",
            Sentence(
                "{offer} takes {share} off the sale of the power contract, which is not sold.",
                offer=use_name(plan, offer),
                share=percent(offer.hedge_sale_discount_fraction),
            ),
            set_percent(f"{path}.hedge_sale_discount_fraction", 0.0),
        )
