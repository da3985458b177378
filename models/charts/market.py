"""The market as a picture: hashprice month by month over the plan, with the halvings that step it down."""

from __future__ import annotations

import numpy as np

from models.charts.scope import Ranges
from models.charts.spec import (
    MONTH_UNIT,
    Axis,
    ChartSpec,
    Reference,
    Series,
    Writer,
    amount_text,
    is_same,
    month_name,
    plain_number,
)
from models.curves import calendar
from models.market import halving_months, market_path
from models.plan import Plan
from models.units import unit_label

HASHPRICE = "USD/PH/day"


def hashprice_chart(plan: Plan, ranges: Ranges, write: Writer = plain_number, former: Plan | None = None) -> ChartSpec:
    """Hashprice of every month of the plan, and of a former plan where it was another.

    Examples
    --------
    >>> from models.samples import sample
    >>> hashprice_chart(sample("briefing"), Ranges()).subtitle
    '$33.30/PH/day to $2.39/PH/day, Apr 2026 to Mar 2042 · halvings: Apr 2028, Apr 2032, Apr 2036, Apr 2040'
    """
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    values, months = market_path(plan.market, dates).hashprice_usd_per_ph_day, len(dates.index)
    ends = np.arange(1.0, months + 1.0)
    known = values[np.isfinite(values)]
    low, high = ranges.take("hashprice", "y", 0.0, float(known.max()) if len(known) else 1.0)
    series = [Series("hashprice", "Hashprice", ends, values, 0, strong=True)]
    if former is not None and (former.plan.start, former.plan.horizon_months) == (plan.plan.start, months):
        before = market_path(former.market, dates).hashprice_usd_per_ph_day
        if not is_same(before, values):
            series.insert(0, Series("hashprice:saved", "Hashprice", ends, before, 0, ghost=True))
    span = " to ".join(amount_text(float(values[m]), HASHPRICE, 2, write) for m in (0, -1))
    halvings = [(at, month_name(plan.plan.start, at)) for at in halving_months(plan.market, dates)]
    named = ", ".join(name for _, name in halvings) or "none"
    about = f"{span}, {month_name(plan.plan.start, 0)} to {month_name(plan.plan.start, months - 1)} · halvings: {named}"
    return ChartSpec(
        "hashprice",
        "Hashprice over the plan",
        about,
        Axis("Month", "Month", MONTH_UNIT, 0.0, float(months), start=plan.plan.start),
        Axis(f"Hashprice, {unit_label(HASHPRICE)}", "Hashprice", HASHPRICE, low, high, digits=2),
        tuple(series),
        references=tuple(Reference(f"halving {name}", "x", at, f"halving {name}") for at, name in halvings),
        summary=f"Mean hashprice of every month of the plan: {about}.",
        reason="" if len(known) else "Without a BTC price and a difficulty there is no hashprice.",
    )
