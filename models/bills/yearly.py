"""What the power of every use comes to in its first operating year: per consumed MWh, and what stopping is worth."""

from __future__ import annotations

import math

import numpy as np

from models.bills.flexibility import OPERATING_MONTHS, flexibility, given_up
from models.bills.monthly import CREDITS, lot_bill
from models.curves import Array
from models.inputs import Inputs, gather
from models.plan import Plan
from models.power.parts import SOLD_BACK
from models.power.supply import Supply, supply
from models.results import ASIC, PowerFigures, Results, UseResult


def power_figures(plan: Plan, results: Results) -> dict[str, PowerFigures]:
    """The figures of every use, by record id.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    results
        Its evaluation.
    """
    ledger = flexibility(plan)
    lost = given_up(plan, ledger)
    pays = {offer.id for offer in plan.ai_offers if offer.operator_pays_power}
    inputs = gather(plan)
    energy = supply(inputs)
    known = {site.id for site in plan.sites}
    found = {}
    for use in results.uses:
        year = _operating_year(use, len(results.dates.index))
        if year is None or use.site_id not in known:
            found[use.id] = PowerFigures(math.nan, math.nan, math.nan)
        elif use.kind == ASIC:
            worth = float(ledger[use.id].total[year].sum())
            found[use.id] = PowerFigures(worth, *_effective(use, _credits_of_lot(plan, use), year))
        else:
            effective = math.nan, math.nan
            if use.id in pays:
                effective = _effective(use, _credits_of_offer(inputs, energy, use), year)
            found[use.id] = PowerFigures(lost[use.id], *effective)
    return found


def _operating_year(use: UseResult, months: int) -> slice | None:
    """The first twelve operating months; None where the plan ends before they are over."""
    begin = max(use.first_operating_month, 0)
    return slice(begin, begin + OPERATING_MONTHS) if begin + OPERATING_MONTHS <= months else None


def _credits_of_lot(plan: Plan, use: UseResult) -> Array:
    """Energy sold back and demand response of one MW, negative as in its bill, shape (N,) [USD/MW]."""
    lines = lot_bill(plan, use.id).lines
    return np.asarray(sum((lines[name] for name in CREDITS if name in lines), np.zeros(len(use.cash.power))))


def _credits_of_offer(inputs: Inputs, energy: Supply, use: UseResult) -> Array:
    """What a block fetches for the energy that a firm MW does not draw, likewise; there is no demand response."""
    hours, n = inputs.dates.hours, inputs.numbers
    sold = np.where(use.cash.energy_mwh > 0, hours - use.cash.energy_mwh, 0.0)
    found = np.zeros(len(hours))
    for tariff in energy.of_site(inputs.rows["sites"][use.site_id]):
        if tariff.part.rule == SOLD_BACK:
            row = tariff.part.contract
            taxed = 1.0 + n["power_contracts.tax_fraction"][row, 0]
            fetched = tariff.mean(inputs.power.month_of_year) - n["power_contracts.adders_usd_per_mwh"][row, 0] * taxed
            # A block that does not run in a month fetches nothing then, whatever is known of its index.
            runs = (sold > 0) & (tariff.part.weight > 0)
            found -= np.where(runs, fetched * tariff.part.weight * sold, 0.0)
    return found


def _effective(use: UseResult, credits: Array, year: slice) -> tuple[float, float]:
    """Gross and net per consumed MWh [USD/MWh]: what the use pays, without and with what its credits took off."""
    consumed = float(use.cash.energy_mwh[year].sum())
    if not consumed > 0:
        return math.nan, math.nan
    paid = -float(use.cash.power[year].sum())
    return (paid - float(credits[year].sum())) / consumed, paid / consumed
