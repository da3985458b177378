"""From the price that a contract names to what a consumed MWh costs: the bridge of one month's bill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.bills.monthly import CREDITS, LINES, Bill
from models.curves import Array
from models.inputs import gather
from models.plan import Plan
from models.power.parts import INDEXED, PRICED
from models.power.supply import contract_price, supply

ENERGY = ("contract", "index")
LEAST_USD_PER_MWH = 0.005


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the bridge.

    Attributes
    ----------
    name
        As in `models.bills.monthly.LINES`, or ``headline``, ``hours``, ``gross`` and ``net``.
    label
        What it is called.
    usd_per_mwh
        Per consumed MWh, credits negative [USD/MWh].
    usd_per_mw
        In the month [USD/MW]; NaN for the headline price, which is no sum of money.
    begins_at
        The price before it, where its bar begins [USD/MWh]; 0 for a total.
    is_total
        Whether it is a price that was reached, not a step on the way.
    """

    name: str
    label: str
    usd_per_mwh: float
    usd_per_mw: float
    begins_at: float
    is_total: bool = False


def headline_price(plan: Plan, site_id: str) -> Array:
    """What a site's contracts name for its energy: the mean of their prices (of the index, over all hours).

    Adders, charges and tax are not in it; NaN where a price is missing, shape (N,) [USD/MWh].

    Raises
    ------
    KeyError
        Where the plan has no such site.
    """
    inputs = gather(plan)
    site = inputs.rows["sites"][site_id]
    own_price = contract_price(inputs) + np.zeros(len(inputs.dates.index))
    pooled = inputs.power.pooled[site]
    named = np.where(pooled > 0, own_price * pooled, 0.0).sum(axis=0)
    for tariff in supply(inputs).of_site(site):
        contract, weight = tariff.part.contract, tariff.part.weight * tariff.part.hours_share
        price = own_price[contract]
        if tariff.part.rule in (INDEXED, PRICED):
            taxed = 1.0 + inputs.numbers["power_contracts.tax_fraction"][contract, 0]
            adders = inputs.numbers["power_contracts.adders_usd_per_mwh"][contract, 0]
            price = tariff.mean(inputs.power.month_of_year) / taxed - adders
        named = named + np.where(weight > 0, price * weight, 0.0)
    covered = inputs.power.weights[site].sum(axis=0) > 0
    return np.asarray(np.where(covered, named, np.nan))


def bridge(bill: Bill, headline_usd_per_mwh: float, month: int) -> tuple[Step, ...]:
    """The steps from the headline price over all charges to the effective price before and after credits.

    Parameters
    ----------
    bill
        Of a lot, or of firm load.
    headline_usd_per_mwh
        Of the month, from `headline_price`.
    month
        0 … N−1; nothing is returned for one in which no energy is consumed, since no MWh has a price then.
    """
    used = float(bill.consumed_mwh[month])
    return tuple(_steps(bill, headline_usd_per_mwh, month, used)) if used > 0 else ()


def _steps(bill: Bill, headline: float, month: int, used: float) -> Iterator[Step]:
    usd = {name: float(line[month]) for name, line in bill.lines.items()}
    yield Step("headline", "Headline price", headline, float("nan"), 0.0, True)
    energy = sum(usd.get(name, 0.0) for name in ENERGY)
    at = energy / used
    if not abs(at - headline) < LEAST_USD_PER_MWH:
        yield Step("hours", "Hours run, energy not used", at - headline, energy - headline * used, headline)
    for name, label in LINES.items():
        if name in usd and name not in ENERGY and name not in CREDITS and usd[name]:
            yield Step(name, label, usd[name] / used, usd[name], at)
            at += usd[name] / used
    credits = [name for name in CREDITS if usd.get(name)]
    gross = sum(amount for name, amount in usd.items() if name not in CREDITS)
    label = "Effective price before credits" if credits else "Effective price"
    yield Step("gross", label, gross / used, gross, 0.0, True)
    for name in credits:
        yield Step(name, LINES[name], usd[name] / used, usd[name], at)
        at += usd[name] / used
    if credits:
        net = sum(usd.values())
        yield Step("net", "Effective price after credits", net / used, net, 0.0, True)
