"""Plans drawn at random that earn something: every contract kind, hourly prices, tables, scenarios; for the workbook.

Random plans of `tests.strategies` are mostly without a covered month, so that most of their figures are dashes. Here
the calendar fits, and every field is drawn from the range seen in the field.
"""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import numpy as np

from models import fields
from models.curves import month_after
from models.drivers import drivers
from models.fields import Choice, Flag, MonthField, Quantity, Schedule, Text, fields_of
from models.hours import HourlyValues
from models.plan import (
    AiOffer,
    AsicLot,
    Assumptions,
    Header,
    Market,
    Plan,
    PowerContract,
    PriceSeries,
    PriceStep,
    Scenario,
    Site,
    TouPeriod,
)
from models.workbook.cases import is_live

START = "2026-10"
NAMES = ("North", "=SUM(A1)", "+1", "-1", "@home", "Süd-Werk ⚡ 北京", "<b>&\"'", "_x0041_", "bell\x07", "two\nlines")


def drawn_plan(seed: int) -> Plan:
    """A plan of up to three sites; the same for the same seed.

    Parameters
    ----------
    seed
        Odd ones have monthly tables, and every third a scenario or more.
    """
    draw = random.Random(seed)
    months = draw.choice((9, 26, 31, 44))
    numbers = _Drawn(draw, months)
    sites = tuple(
        Site(
            f"s{n}",
            draw.choice(NAMES),
            draw.choice((0.0, 20.0, 60.0, 100.0)) if draw.random() < 0.2 else 80.0,
            mining_pue=draw.choice((1.0, 1.03, 1.1)),
            curtailment_start_cost_usd_per_mw=draw.choice((0.0, 0.0, 12.5)),
        )
        for n in range(1, draw.choice((2, 2, 3, 4)))
    )
    hours = np.round(30 + 25 * np.sin(np.arange(4_000) / 7.0) + np.array([draw.gauss(0, 12) for _ in range(4_000)]), 1)
    series = (
        PriceSeries("h1", "Hourly", "hourly", "America/Chicago", HourlyValues("2025-01-01T06:00Z", hours)),
        PriceSeries("h2", "Steps", "duration"),
        PriceSeries("h3", "Nothing yet"),
    )
    steps = tuple(
        PriceStep(f"d{n}", "h2", share, price)
        for n, (share, price) in enumerate(((0.1, -5.0), (0.5, 22.0), (0.3, 22.0), (0.1, 180.0)))
    )
    contracts, periods, lots, offers = [], [], [], []
    for site in sites:
        for _ in range(draw.choice((1, 1, 2, 3))):
            contract = numbers.record(PowerContract, f"p{len(contracts) + 1}", site_id=site.id)
            contracts.append(contract)
            for _ in range(draw.choice((0, 1, 2)) if contract.kind == "time_of_use" else 0):
                periods.append(numbers.record(TouPeriod, f"t{len(periods) + 1}", contract_id=contract.id))
        for _ in range(draw.choice((0, 1, 2, 3))):
            lots.append(
                numbers.record(
                    AsicLot,
                    f"a{len(lots) + 1}",
                    site_id=site.id,
                    model=draw.choice(NAMES),
                    count=draw.choice((0, 3000, 9000)),
                )
            )
        for _ in range(draw.choice((0, 1, 2))):
            offers.append(numbers.record(AiOffer, f"o{len(offers) + 1}", site_id=site.id, name=draw.choice(NAMES)))
    plan = Plan(
        Header(draw.choice(NAMES), START, months),
        numbers.record(Market, block_height=draw.choice((941_472, 1_050_000 - 144 * 200))),
        numbers.record(Assumptions),
        sites=sites,
        price_series=series,
        price_steps=steps,
        power_contracts=tuple(contracts),
        tou_periods=tuple(periods),
        asic_lots=tuple(lots),
        ai_offers=tuple(offers),
    )
    return _with_scenarios(plan, numbers, draw) if seed % 3 == 0 else plan


class _Drawn:
    def __init__(self, draw: random.Random, months: int) -> None:
        self.draw, self.months = draw, months

    def record(self, record_type: Any, record_id: str | None = None, **given: Any) -> Any:
        """A record; a field that has a default keeps it every other time."""
        values = dict(given) if record_id is None else {"id": record_id, **given}
        for field in fields_of(record_type):
            if field.name in values or field.name == "price_series_id":
                continue
            needed = not field.has_default or getattr(field.spec, "required", False) or field.name == "kind"
            if needed or self.draw.random() < 0.4:
                values[field.name] = self.value(field)
        if record_type is PowerContract:
            values["price_series_id"] = self.draw.choice(("h1", "h1", "h1", "h2", "h2", "h3"))
        return record_type(**values)

    def value(self, field: Any) -> Any:
        """Something usual for a field."""
        match field.spec:
            case Quantity(whole=True) as spec:
                low, high = (spec.low, spec.high) if spec.usual_low is None else (spec.usual_low, spec.usual_high)
                return int(min(self.draw.uniform(low, high), 1e6))
            case Quantity(schedule=True) as spec if self.draw.random() < 0.3:
                months = sorted(self.draw.sample(range(-3, self.months + 4), 4))
                return Schedule(tuple(month_after(START, m) for m in months), tuple(self.number(spec) for _ in months))
            case Quantity() as spec:
                return self.number(spec)
            case Choice(options=options):
                return self.draw.choice([stored for stored, _ in options])
            case Flag():
                return self.draw.random() < 0.7
            case MonthField():
                return month_after(START, self.draw.choice((-7, 0, 1, 5, 14)))
            case Text():
                return ""
        return None

    def number(self, spec: Quantity) -> float:
        low = 0.0 if spec.usual_low is None else spec.usual_low
        high = 60.0 if spec.usual_high is None else spec.usual_high
        return round(self.draw.uniform(low, high), 4 if high < 10 else 1)


def _with_scenarios(plan: Plan, numbers: _Drawn, draw: random.Random) -> Plan:
    live = [d.path for d in drivers(plan) if "hashprice" not in d.path and is_live(plan, d.path)]
    live = [path for path in live if path not in ("plan.horizon_months", "market.block_height")]
    scenarios = []
    for n in range(1, 4):
        chosen = draw.sample(live, 4)
        overrides = [(path, numbers.value(fields.field_at(plan, path))) for path in chosen]
        if n == 2:
            overrides.append(("market.hashprice_usd_per_ph_day", 41.0))
        if n == 3:
            overrides.append(("plan.horizon_months", max(plan.plan.horizon_months - 5, 1)))
        scenarios.append(Scenario(f"c{n}", draw.choice(NAMES), tuple(overrides), "c1" if n == 3 else None))
    return dataclasses.replace(plan, scenarios=tuple(scenarios))
