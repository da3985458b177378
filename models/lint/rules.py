"""Every domain rule in one table: its code, how grave it is, what it says, and where that is written."""

from __future__ import annotations

from dataclasses import dataclass

from models.problems import Finding, Repair, Severity
from models.sentences import Amount, Sentence

_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the trade.

    Attributes
    ----------
    code
        Of its findings.
    severity
        Of its findings.
    says
        One sentence for the sheet of rules.
    section
        Of the project's economics reference.
    """

    code: str
    severity: Severity
    says: str
    section: str


RULES: tuple[Rule, ...] = (
    # Leases
    Rule("lint.pass_through_twice", _W,
         "A tenant pays its own power, and the opex share is so high that it must hold power again.", "2.2"),
    Rule("lint.power_in_net_rent", _W,
         "The landlord pays power out of a rent no higher than leases that pass power through.", "0.6"),
    Rule("lint.form_and_opex", _W, "A lease called triple net or modified gross has another form's opex.", "2.2"),
    Rule("lint.lease_without_opex", _I, "A landlord pays nothing at all to run a hall.", "8"),
    Rule("lint.escalator_in_ramp", _W, "The escalator steps before the ramp is full.", "2.5"),
    Rule("lint.escalator_on_free_months", _W,
         "The escalator counts months that pay nothing towards its first step.", "2.5"),
    Rule("lint.rent_table_escalated", _W, "A monthly rent table that already rises is escalated on top.", "2.5"),
    Rule("lint.escalator_high", _W, "Rent steps up faster than any disclosed lease.", "8"),
    Rule("lint.average_as_first_year", _W,
         "A first-year rent whose average over the term beats every disclosed lease: it is an average.", "2.5"),
    Rule("lint.lease_outlives_contract", _I, "A lease runs on after the site's last power contract has ended.", "5.8"),
    Rule("lint.hedge_beside_own_power", _I,
         "An offer says what becomes of the power contract although the operator goes on using it.", "4.2"),
    Rule("lint.discount_without_sale", _I, "A discount on selling the power contract, which is not sold.", "4.2"),
    # Halls
    Rule("lint.gross_is_pue", _W,
         "The gross ratio is as low as an energy PUE; disclosed capacity ratios are 1.35 to 1.52.", "2.3"),
    Rule("lint.pue_above_gross", _W,
         "The energy PUE is above the gross ratio: more would be drawn than is reserved.", "2.3"),
    Rule("lint.early_delivery", _W, "A new hall pays sooner than any was delivered.", "2.4"),
    Rule("lint.hall_free", _I, "A hall that costs nothing.", "2.2"),
    Rule("lint.no_contingency", _I,
         "Hall capex at or below the lowest disclosed for a new hall: no contingency is in it.", "2.2"),
    Rule("lint.residual_above_cost", _W, "A hall that is worth more at the end than it cost.", "3.4"),
    Rule("lint.terminal_value", _W, "What returns at the end of the term makes more than half of the NPV.", "3.4"),
    # Own GPUs
    Rule("lint.power_passed_to_gpus", _W, "The customer of GPU-hours pays for power besides.", "2.1"),
    Rule("lint.utilisation_full", _W, "Every GPU-hour is paid, without outage or service credit.", "3.3"),
    Rule("lint.markets_mixed", _W, "An on-demand price with the utilisation and the term of a long contract.", "3.1"),
    Rule("lint.gpu_outlives", _W, "GPUs earn for longer than their economic life.", "8"),
    Rule("lint.gpu_residual", _W, "GPUs keep more of their price than anyone has seen after so many years.", "8"),
    Rule("lint.gpus_free", _W, "Own GPUs cost nothing.", "3.3"),
    Rule("lint.gpu_no_upkeep", _I, "Own GPUs need no support, spares or staff.", "3.3"),
    Rule("lint.card_power", _W,
         "Power per GPU is that of a card, not what is contracted with network and storage.", "3.2"),
    # Mining
    Rule("lint.uptime_full", _W, "Machines run without outage.", "1.4"),
    Rule("lint.mining_pue_of_hall", _W, "A mine with the PUE of a data hall.", "1.4"),
    Rule("lint.pue_in_power", _W, "A machine's power already holds the site's PUE, which comes on top again.", "1.4"),
    Rule("lint.not_the_rated_machine", _W,
         "A machine's efficiency is far from what its maker rates the model at.", "1.4"),
    Rule("lint.pool_fee_high", _W, "A pool fee above every posted one.", "1.4"),
    Rule("lint.resale_not_credited", _I,
         "A resale value of machines that are yet to be bought is credited to nothing.", "5.2"),
    Rule("lint.machines_live_for_ever", _I,
         "Machines still earn after eight years without having been replaced.", "1.4"),
    Rule("lint.machines_without_opex", _I,
         "Machines cost nothing but power while the offer beside them pays its opex.", "1.4"),
    # Market and rates
    Rule("lint.height_of_other_month", _W,
         "The block height is not that of the plan's start, so the halving comes in the wrong year.", "1.3"),
    Rule("lint.halving_override", _W,
         "A scenario moves the start or the block height alone, and the halving with it.", "1.3"),
    Rule("lint.hashprice_rises", _W, "Revenue per hash grows for years; free entry bounds it.", "5.4"),
    Rule("lint.difficulty_stands_still", _I, "The price rises and difficulty does not follow.", "5.4"),
    Rule("lint.fees_high", _I, "Fees above those of any normal month, for ever.", "1.6"),
    Rule("lint.market_stale", _W, "Market figures are half a year older than the plan.", "8"),
    Rule("lint.lease_rate_above_mining", _W, "Contracted rent is discounted harder than merchant mining.", "8"),
    Rule("lint.default_risk_twice", _W,
         "A scenario charges a tenant's default in the rent and in the discount rate.", "5.6"),
    Rule("lint.mining_rate_low", _W, "Mining is discounted like a contracted rent.", "8"),
    Rule("lint.rate_not_positive", _W, "A discount rate of nothing or less.", "8"),
    # Power and blocks
    Rule("lint.energy_table_escalated", _W, "A monthly energy price table is escalated on top.", "4.1"),
    Rule("lint.index_escalator", _I, "An escalator of an index contract does nothing.", "4.1"),
    Rule("lint.headline_price", _I, "An energy price below any all-in price, without delivery or charges.", "4.4"),
    Rule("lint.delivery_twice", _I, "Delivery is charged per MWh and transmission per kW besides.", "4.1"),
    Rule("lint.block_and_rent_apart", _W,
         "An offer's megawatts are handed over in another month than it first pays.", "2.4"),
    Rule("lint.machines_after_hand_over", _W, "Machines keep the megawatts that an offer has taken.", "5.3"),
    Rule("lint.blocks_above_convertible", _W, "Offers are given more megawatts than the site can convert.", "2.3"),
    # Found by the checks of the plan, its power and its units; listed here because they are rules of the trade as well.
    Rule("power.four_peaks_for_ever", _W, "Four transmission peaks are avoided in every year to come.", "4.3"),
    Rule("power.twelve_peaks_easier", _W, "Twelve peaks are avoided more easily than four.", "4.3"),
    Rule("power.demand_response_for_ever", _W, "Demand response earns the same for ever.", "4.4"),
    Rule("power.take_above_use", _W, "A minimum take above what machines can use.", "4.1"),
    Rule("power.escalated_twice", _W, "A contract steps up and grows as well.", "4.1"),
    Rule("power.offer_outlives_contract", _W, "An offer that pays its own power outlives the contract.", "5.8"),
    Rule("lots.stops_counted_twice", _W, "An uptime from company reports beside hourly stops.", "1.4"),
    Rule("offers.term_beyond_horizon", _W, "Part of a term lies beyond the plan's end.", "5.8"),
    Rule("units.gross_for_it", _W, "Megawatts at the meter were entered as critical IT.", "2.3"),
    Rule("units.rent_per_year", _W, "A rent per kW and year was entered as one per month.", "1.6"),
)  # fmt: skip
"""In the order of the pages; those that begin with ``lint.`` are made in this package."""

_BY_CODE = {rule.code: rule for rule in RULES}


def lint(name: str, path: str, message: str, *repairs: Repair) -> Finding:
    """A finding of this package, as grave as its rule says."""
    rule = _BY_CODE[f"lint.{name}"]
    return Finding(rule.code, rule.severity, path, message, repairs)


def set_to(path: str, value: float | int, unit: str = "", digits: str = ",.6g") -> Repair:
    """The repair that puts a number into a field."""
    return Repair(Sentence("Set {value}", value=Amount(value, unit, digits)), ((path, value),))


def percent(fraction: float, digits: str = ".4g%") -> Amount:
    """A share as a detail of a sentence, in per cent."""
    return Amount(fraction, "fraction", digits)


def set_percent(path: str, fraction: float) -> Repair:
    """The repair that puts a share into a field."""
    return Repair(Sentence("Set {value}", value=percent(fraction)), ((path, fraction),))


def rules_table() -> str:
    """All rules as the table that stands in ``models/lint/RULES.md``."""
    rows = [f"| `{rule.code}` | {rule.severity} | {rule.says} | {rule.section} |" for rule in RULES]
    head = ("| rule | severity | what it says | economics |", "|---|---|---|---|")
    return "\n".join((*head, *rows)) + "\n"
