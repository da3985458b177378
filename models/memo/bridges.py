"""From the quoted price to what a megawatt keeps: hashprice to mining's margin, rent to what is left after capital."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.charts.spec import Axis, ChartSpec, short_text
from models.charts.waterfall import BETTER, TOTAL, WORSE, Bar, bars, reach
from models.drivers import HASHPRICE, value_of
from models.inputs import gather
from models.memo.parts import Column, Figure, Picture, Row, Table, Words
from models.memo.written import number, plain_name
from models.mining import capital_recovery_factor, ph_per_mw
from models.plan import LEASE, Plan
from models.results import ASIC, Results, UseResult
from models.units import HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR

SHORT_LABELS = {"Left after capital": "After capital", "Margin (NOI)": "Margin"}
SLIGHT_USD = 500.0
"""Per MW and year: a smaller step is not drawn in a picture of thousands."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a bridge [USD/MW-year]; a sum stands on its own, others are added to what is above."""

    address: str
    label: str
    usd_per_mw_year: float
    is_sum: bool = False


@dataclass(frozen=True, slots=True)
class PerMwBridge:
    """From a quoted price to what one utility MW of a use keeps in its first operating year."""

    use: UseResult
    quoted: str
    steps: tuple[Step, ...]


def per_mw_bridge(plan: Plan, results: Results, use: UseResult) -> PerMwBridge:
    """The steps from hashprice, rent or GPU price to the margin, and to what is left of it after capital.

    Parameters
    ----------
    plan, results
        Scenario applied.
    use
        One of its uses.

    Notes
    -----
    The first step is the quoted price at full use: hashprice × PH∕s per MW × 365 days; rent × 12 × 1,000 ∕ (gross MW
    per IT MW); price × GPUs per MW × 8,760 h. The second is whatever parts that from the first operating year's
    revenue. Capital is a level yearly charge that returns the capex, less the present value of what it is still worth
    at the end, over the months that it serves, at the use's discount rate: r ∕ (1 − (1+r)^−n).
    """
    at = f"bridge.{use.id}"
    quoted, gross, what, between = _quoted(plan, use)
    revenue, margin = use.revenue_usd_per_mw_year, use.margin_usd_per_mw_year
    charge = capital_charge_usd_per_mw_year(plan, use)
    steps = [
        Step(f"{at}.gross_usd_per_mw_year", what, gross, True),
        Step(f"{at}.path_usd_per_mw_year", between, revenue - gross),
        Step(f"uses.{use.id}.revenue_usd_per_mw_year", "Revenue, first operating year", revenue, True),
        Step(f"uses.{use.id}.power_cost_usd_per_mw_year", "Power", 0.0 - use.power_cost_usd_per_mw_year),
        Step(f"uses.{use.id}.opex_usd_per_mw_year", "Opex", 0.0 - use.opex_usd_per_mw_year),
        Step(f"uses.{use.id}.margin_usd_per_mw_year", "Margin" if use.kind == ASIC else "Margin (NOI)", margin, True),
        Step(f"{at}.capital_charge_usd_per_mw_year", "Capital", 0.0 - charge),
        Step(f"{at}.after_capital_usd_per_mw_year", "Left after capital", margin - charge, True),
    ]
    return PerMwBridge(use, quoted, tuple(steps))


def _quoted(plan: Plan, use: UseResult) -> tuple[str, float, str, str]:
    """Address of the quoted price, what it comes to a year at full use, and the words for both first steps."""
    if use.kind == ASIC:
        row = next(n for n, lot in enumerate(plan.asic_lots) if lot.id == use.id)
        hashprice = value_of(plan, HASHPRICE) or math.nan
        gross = hashprice * float(np.atleast_2d(ph_per_mw(gather(plan)))[row, 0]) * HOURS_PER_YEAR / 24.0
        return HASHPRICE, gross, "Hashprice, all hours", "Uptime, stops, pool fee, price and difficulty path"
    offer = next(o for o in plan.ai_offers if o.id == use.id)
    if offer.kind == LEASE:
        path = f"ai_offers.{offer.id}.rent_usd_per_it_kw_month"
        rent = value_of(plan, path)
        gross = (math.nan if rent is None else rent) * MONTHS_PER_YEAR * KW_PER_MW / offer.gross_mw_per_it_mw
        return path, gross, "Rent, full and flat", "Ramp, escalator and hedge"
    path = f"ai_offers.{offer.id}.price_usd_per_gpu_hour"
    price = value_of(plan, path)
    kw_per_gpu = offer.it_kw_per_gpu or math.nan
    gpus_per_mw = KW_PER_MW / offer.gross_mw_per_it_mw / kw_per_gpu
    gross = (math.nan if price is None else price) * gpus_per_mw * HOURS_PER_YEAR
    return path, gross, "GPU price, all hours", "Utilisation, ramp and price path"


def capital_charge_usd_per_mw_year(plan: Plan, use: UseResult) -> float:
    """The level yearly charge for a use's capex, see `per_mw_bridge` [USD/MW-year]; 0 where nothing is spent."""
    capex = use.capex_usd_per_mw
    if not capex > 0:
        return 0.0 if capex == 0 else math.nan
    if use.kind == ASIC:
        months = float(next(lot for lot in plan.asic_lots if lot.id == use.id).capital_recovery_months)
    else:
        months = float(next(o for o in plan.ai_offers if o.id == use.id).term_months)
    rate = use.discount_rate_fraction
    worth = float(use.cash.residual.sum()) * (1.0 + rate) ** (-months / MONTHS_PER_YEAR)
    factor = float(capital_recovery_factor(np.array(rate), np.array(months)))
    return float((capex - worth) * factor)


def bridge_table(bridges: Sequence[PerMwBridge]) -> Table:
    """The steps of every bridge below each other."""
    rows: list[Row] = []
    for bridge in bridges:
        rows.append(Row(((plain_name(bridge.use.name, 60),),), group=True))
        for step in bridge.steps:
            text = number(step.usd_per_mw_year / 1e3)
            # Under the results' own address a cost is positive; on the page it is taken away.
            value = -step.usd_per_mw_year if _is_cost(step) else step.usd_per_mw_year
            figure: Words = (Figure(step.address, value, text),)
            rows.append(Row(((step.label,), figure), strong=step.is_sum))
    columns = (Column("A utility megawatt", numeric=False, share=1.0), Column("A year", "$k/MW"))
    note = (
        "First operating year. Capital: a level charge over the machines' recovery time or the offer's term at the "
        "use's discount rate, less what is left at the end; nothing for machines that are paid."
    )
    return Table(columns, tuple(rows), (note,))


def _is_cost(step: Step) -> bool:
    return step.address.endswith(
        ("power_cost_usd_per_mw_year", "opex_usd_per_mw_year", "capital_charge_usd_per_mw_year")
    )


def bridge_picture(bridge: PerMwBridge) -> Picture | None:
    """One bridge as bars, narrow; None where a step is unknown."""
    shown = [s for s in bridge.steps if s.is_sum or abs(s.usd_per_mw_year) >= SLIGHT_USD]
    if not all(math.isfinite(s.usd_per_mw_year) for s in shown):
        return None
    rows: list[Bar] = []
    level = 0.0
    for step in shown:
        begin = 0.0 if step.is_sum else level
        level = begin + step.usd_per_mw_year
        colour = TOTAL if step.is_sum else BETTER if level >= begin else WORSE
        sign = "+" if not step.is_sum and level > begin else ""
        label = SHORT_LABELS.get(step.label, step.label.split(",")[0])
        rows.append(Bar(f"{sign}{number(step.usd_per_mw_year / 1e3)}  {label}", begin, level, colour))
    fills, places = bars(rows)
    low, high = reach(rows)
    name = plain_name(bridge.use.name, 40) or bridge.use.id
    said = ", ".join(f"{s.label} {short_text(s.usd_per_mw_year, 'USD/MW-year')}" for s in shown)
    spec = ChartSpec(
        f"memo.bridge.{bridge.use.id}",
        name,
        "$k a year and utility MW",
        Axis("$/MW-year", "A year", "USD/MW-year", low, high),
        places,
        fills=fills,
        summary=f"{name}, a year and utility MW: {said}.",
    )
    return Picture(spec, "", spec.summary, wide=False)
