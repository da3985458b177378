"""Machines: uptime, PUE, what their makers rate them at, and what they cost beside power."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from models.catalogue import Asic
from models.lint.rules import lint, percent, set_percent, set_to
from models.machine_search import machines_named
from models.plan import AsicLot, Plan, Site
from models.problems import Finding, Repair
from models.results import Results
from models.sentences import Amount, Sentence
from models.use_names import use_name

FULL_UPTIME, USUAL_UPTIME = 0.985, 0.95
HIGHEST_MINING_PUE, USUAL_MINING_PUE = 1.12, 1.06
HIGHEST_POOL_FEE, USUAL_POOL_FEE = 0.04, 0.005
FAR_FROM_RATED, AS_GOOD_AS = 0.15, 0.005
LONGEST_LIFE_MONTHS = 96
USUAL_OPEX_USD = 40_000.0


def mining_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Everything that the trade would question in machines and in the sites that hold them."""
    sites = {s.id: s for s in plan.sites}
    for site in plan.sites:
        yield from _site(plan, site)
    for lot in plan.asic_lots:
        yield from _lot(plan, lot)
        if lot.site_id in sites:
            yield from _rated(plan, lot, sites[lot.site_id])
        use = results.by_id.get(lot.id)
        if use is not None and (use.cash.revenue[LONGEST_LIFE_MONTHS:] > 0).any():
            yield lint(
                "machines_live_for_ever",
                f"asic_lots.{lot.id}",
                Sentence(
                    "{lot} still earns after {months}; filers write machines off over two to five years, and no "
                    "replacement is charged here.",
                    lot=use_name(plan, lot),
                    months=Amount(LONGEST_LIFE_MONTHS, "months"),
                ),
            )


def _site(plan: Plan, site: Site) -> Iterator[Finding]:
    lots = [lot for lot in plan.asic_lots if lot.site_id == site.id]
    if lots and site.mining_pue > HIGHEST_MINING_PUE:
        path = f"sites.{site.id}.mining_pue"
        yield lint(
            "mining_pue_of_hall",
            path,
            Sentence(
                "{site} meters {pue} for each megawatt of machines; air-cooled mines need {air}, hydro ones up to "
                "{hydro}. "
                "It looks like a data hall's PUE.",
                site=site.name,
                pue=Amount(site.mining_pue, "MW", ".3g"),
                air=Amount(1.06, "MW", ".2f"),
                hydro=Amount(1.10, "MW", ".2f"),
            ),
            set_to(path, USUAL_MINING_PUE),
        )
    bare = [lot for lot in lots if lot.opex_usd_per_mw_year == 0]
    offers = [o for o in plan.ai_offers if o.site_id == site.id]
    if bare and any(o.opex_fraction_of_rent or o.opex_fraction_of_capex_per_year for o in offers):
        yield lint(
            "machines_without_opex",
            f"asic_lots.{bare[0].id}.opex_usd_per_mw_year",
            Sentence(
                "At {site} {lots} cost nothing but power, while the offer beside them pays for its upkeep. Enter what "
                "staff "
                "and repairs cost.",
                lots=f"machines such as {bare[0].model}",
                site=site.name,
            ),
            Repair(
                Sentence("Set {opex}, a placeholder", opex=Amount(USUAL_OPEX_USD, "USD/MW-year", ",.0f")),
                tuple((f"asic_lots.{lot.id}.opex_usd_per_mw_year", USUAL_OPEX_USD) for lot in bare),
            ),
        )


def _lot(plan: Plan, lot: AsicLot) -> Iterator[Finding]:
    path = f"asic_lots.{lot.id}"
    if lot.uptime_fraction > FULL_UPTIME:
        yield lint(
            "uptime_full",
            f"{path}.uptime_fraction",
            Sentence(
                "{lot} runs in {uptime} of all hours; companies report {low} to {high}.",
                lot=use_name(plan, lot),
                uptime=percent(lot.uptime_fraction),
                low=percent(0.85),
                high=percent(0.97),
            ),
            set_percent(f"{path}.uptime_fraction", USUAL_UPTIME),
        )
    if lot.pool_fee_fraction > HIGHEST_POOL_FEE:
        yield lint(
            "pool_fee_high",
            f"{path}.pool_fee_fraction",
            Sentence(
                "{lot} pays its pool {fee}; posted fees end at {high}, negotiated ones are up to {usual}.",
                lot=use_name(plan, lot),
                fee=percent(lot.pool_fee_fraction),
                high=percent(0.04),
                usual=percent(0.01),
            ),
            set_percent(f"{path}.pool_fee_fraction", USUAL_POOL_FEE),
        )
    if lot.resale_value_usd_per_unit > 0 and lot.purchase_price_usd_per_unit > 0:
        yield lint(
            "resale_not_credited",
            f"{path}.resale_value_usd_per_unit",
            Sentence(
                "{lot} is yet to be bought, so that its resale value of {resale} is credited to no offer: who takes "
                "the "
                "offer does not buy it.",
                lot=use_name(plan, lot),
                resale=Amount(lot.resale_value_usd_per_unit, "USD", ",.0f"),
            ),
            set_to(f"{path}.resale_value_usd_per_unit", 0.0, "USD"),
        )


@lru_cache(maxsize=1024)
def _machines(model: str) -> tuple[Asic, ...]:
    """The catalogue's machines of a name; kept, because findings are sought after every edit."""
    return machines_named(model)


def _rated(plan: Plan, lot: AsicLot, site: Site) -> Iterator[Finding]:
    """Against the catalogue's machines of this name: power with the PUE in it, or another efficiency altogether."""
    rated = _machines(lot.model)
    if not rated or not lot.power_w > 0:
        return
    path = f"asic_lots.{lot.id}"
    machine = min(rated, key=lambda a: abs(a.hashrate_th_per_s - lot.hashrate_th_per_s))
    pue = site.mining_pue
    same = abs(lot.hashrate_th_per_s / machine.hashrate_th_per_s - 1.0) <= AS_GOOD_AS
    if same and pue > 1.0 + 2 * AS_GOOD_AS and abs(lot.power_w / (machine.power_w * pue) - 1.0) <= AS_GOOD_AS:
        yield lint(
            "pue_in_power",
            f"{path}.power_w",
            Sentence(
                "{lot} is entered with {power}, its rated {rated} times the site's PUE of {pue}, which comes on top "
                "again.",
                lot=use_name(plan, lot),
                power=Amount(lot.power_w, "W", ",.0f"),
                rated=Amount(machine.power_w, "W", ",.0f"),
                pue=Amount(pue, "", ".3g"),
            ),
            set_to(f"{path}.power_w", machine.power_w, "W", ",.0f"),
        )
        return
    own = lot.power_w / lot.hashrate_th_per_s
    nearest = min(rated, key=lambda a: abs(a.efficiency_j_per_th - own))
    # Ten times off is a matter of units, which the unit guard knows better.
    if abs(own / nearest.efficiency_j_per_th - 1.0) > FAR_FROM_RATED and 5.0 <= own <= 150.0:
        yield lint(
            "not_the_rated_machine",
            f"{path}.power_w",
            Sentence(
                "{lot} is entered with {own}; its maker rates it at {rated}.",
                lot=use_name(plan, lot),
                own=Amount(own, "J/TH", ".3g"),
                rated=Amount(nearest.efficiency_j_per_th, "J/TH", ".3g"),
            ),
            Repair(
                Sentence(
                    "Set {hashrate} and {power}",
                    hashrate=Amount(nearest.hashrate_th_per_s, "TH/s"),
                    power=Amount(nearest.power_w, "W", ",.0f"),
                ),
                ((f"{path}.hashrate_th_per_s", nearest.hashrate_th_per_s), (f"{path}.power_w", nearest.power_w)),
            ),
        )
