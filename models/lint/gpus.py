"""Own GPUs: hours paid, life, and what a card costs and draws besides the card."""

from __future__ import annotations

from collections.abc import Iterator

from models.defaults import defaults_of
from models.lint.rules import lint, percent, set_percent, set_to
from models.plan import GPU_CLOUD, AiOffer, Plan
from models.problems import Finding, Repair
from models.sentences import Amount, Sentence
from models.unit_guard import first_value
from models.use_names import use_name

FULL_UTILISATION, CONTRACT_UTILISATION, ON_DEMAND_UTILISATION = 0.99, 0.98, 0.85
HIGHEST_CONTRACT_PRICE = 3.5
"""USD per GPU-hour over five years; the planner band of GB300 is $2.50 to $3.50."""
LONG_TERM_MONTHS, LONGEST_LIFE_MONTHS, USUAL_LIFE_MONTHS = 48, 72, 60
HIGHEST_RESIDUAL, USUAL_RESIDUAL = 0.20, 0.10
LEAST_KW, H100_KW = 1.2, 1.4
"""A DGX H100 draws 1.275 kW per GPU without network and storage."""
UPKEEP = 0.05


def gpu_findings(plan: Plan) -> Iterator[Finding]:
    """Everything that the trade would question in offers of own GPUs."""
    for offer in plan.ai_offers:
        if offer.kind == GPU_CLOUD:
            yield from _hours(plan, offer)
            yield from _life(plan, offer)
            yield from _cost(plan, offer)


def _hours(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path, paid = f"ai_offers.{offer.id}", offer.utilisation_fraction
    price = first_value(offer.price_usd_per_gpu_hour)
    if offer.power_paid_by == "tenant":
        yield lint(
            "power_passed_to_gpus",
            f"{path}.power_paid_by",
            f"The customer of {use_name(plan, offer)} would pay for power besides its GPU-hours; whoever sells hours "
            "pays for power.",
            Repair("Set Usual for this kind", ((f"{path}.power_paid_by", None),)),
        )
    if paid > FULL_UTILISATION:
        yield lint(
            "utilisation_full",
            f"{path}.utilisation_fraction",
            Sentence(
                "{offer} is paid for {paid} of all hours; take or pay is that less service credits, and clusters were "
                "working for a little over {best} of the time.",
                offer=use_name(plan, offer),
                paid=percent(paid),
                best=percent(0.90),
            ),
            set_percent(f"{path}.utilisation_fraction", CONTRACT_UTILISATION),
        )
    long = offer.term_months >= LONG_TERM_MONTHS
    if price is not None and price > HIGHEST_CONTRACT_PRICE and paid > ON_DEMAND_UTILISATION and long:
        yield lint(
            "markets_mixed",
            f"{path}.utilisation_fraction",
            Sentence(
                "{offer} has an on-demand price of {price} and the utilisation and term of a long contract, which pays "
                "{low} to {high}. On demand {rare} to {often} of the hours are paid.",
                offer=use_name(plan, offer),
                price=Amount(price, "USD/GPU-hour", ",.2f"),
                low=Amount(2.5, "USD", ".2f"),
                high=Amount(HIGHEST_CONTRACT_PRICE, "USD", ".2f"),
                rare=percent(0.50),
                often=percent(ON_DEMAND_UTILISATION),
            ),
            set_percent(f"{path}.utilisation_fraction", ON_DEMAND_UTILISATION),
        )


def _life(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path = f"ai_offers.{offer.id}"
    if offer.term_months > LONGEST_LIFE_MONTHS:
        yield lint(
            "gpu_outlives",
            f"{path}.term_months",
            Sentence(
                "The GPUs of {offer} earn for {term} and are bought once; their economic life is three to six years.",
                offer=use_name(plan, offer),
                term=Amount(offer.term_months, "months"),
            ),
            set_to(f"{path}.term_months", USUAL_LIFE_MONTHS, "months"),
        )
    if offer.residual_fraction > HIGHEST_RESIDUAL and offer.term_months >= LONG_TERM_MONTHS:
        yield lint(
            "gpu_residual",
            f"{path}.residual_fraction",
            Sentence(
                "The GPUs of {offer} keep {share} of their price after {term}; a little over {usual} is what five "
                "years "
                "have left.",
                offer=use_name(plan, offer),
                share=percent(offer.residual_fraction),
                term=Amount(offer.term_months, "months"),
                usual=percent(USUAL_RESIDUAL),
            ),
            set_percent(f"{path}.residual_fraction", USUAL_RESIDUAL),
        )


def _cost(plan: Plan, offer: AiOffer) -> Iterator[Finding]:
    path = f"ai_offers.{offer.id}"
    if offer.capex_usd_per_gpu == 0:
        usual = float(defaults_of("ai_offers", GPU_CLOUD)["capex_usd_per_gpu"].value)
        yield lint(
            "gpus_free",
            f"{path}.capex_usd_per_gpu",
            Sentence(
                "The GPUs of {offer} cost nothing; with network and storage they cost {low} to {high} each.",
                offer=use_name(plan, offer),
                low=Amount(47_000, "USD", ",.0f"),
                high=Amount(76_300, "USD", ",.0f"),
            ),
            set_to(f"{path}.capex_usd_per_gpu", usual, "USD", ",.0f"),
        )
    elif offer.opex_fraction_of_capex_per_year == 0:
        yield lint(
            "gpu_no_upkeep",
            f"{path}.opex_fraction_of_capex_per_year",
            Sentence(
                "The GPUs of {offer} need no support, spares or staff; {low} to {high} of their price a year is usual.",
                offer=use_name(plan, offer),
                low=percent(0.04),
                high=percent(0.06),
            ),
            set_percent(f"{path}.opex_fraction_of_capex_per_year", UPKEEP),
        )
    if offer.it_kw_per_gpu is not None and offer.it_kw_per_gpu < LEAST_KW:
        yield lint(
            "card_power",
            f"{path}.it_kw_per_gpu",
            Sentence(
                "{offer} counts {power} per GPU, as much as a card draws; with server, network and storage an H100 is "
                "contracted at {usual}, newer ones at {low} to {high}.",
                offer=use_name(plan, offer),
                power=Amount(offer.it_kw_per_gpu, "kW", ".3g"),
                usual=Amount(H100_KW, "kW", ".1f"),
                low=Amount(1.7, "", ".1f"),
                high=Amount(2.6, "kW", ".1f"),
            ),
            set_to(f"{path}.it_kw_per_gpu", H100_KW, "kW"),
        )
