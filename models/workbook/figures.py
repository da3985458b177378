"""The figures of an evaluation by path, as the workbook must hold them: Busbar's values, with label and unit."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from models.figures import CROSSOVER_KINDS, MARKET_KINDS, POWER_KINDS, USE_KINDS, FigureKind
from models.plan import LEASE, Plan
from models.results import ASIC, BASES, BREAK_EVEN_NAMES, USE_FIGURES, Results
from models.use_names import named_uses

BREAK_EVEN_KINDS = {
    "energy_price_usd_per_mwh": ("Break-even power price", "USD/MWh"),
    "btc_price_usd": ("Break-even BTC price", "USD/BTC"),
    "hashprice_usd_per_ph_day": ("Break-even hashprice", "USD/PH/day"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """A figure's path and what it is called."""

    path: str
    label: str
    unit: str


def use_columns() -> tuple[tuple[str, FigureKind], ...]:
    """The figures of a use in the order of the sheet Results."""
    found = [(name, USE_KINDS[name]) for name in USE_FIGURES]
    found += list(POWER_KINDS.items())
    for name in BREAK_EVEN_NAMES:
        for field, (label, unit) in BREAK_EVEN_KINDS.items():
            found.append((f"break_evens.{name}.{field}", FigureKind(f"{label}, {name.replace('_', '-')}", unit, 2)))
    return tuple(found)


def known_figures(plan: Plan, results: Results) -> tuple[Known, ...]:
    """Every figure of `busbar evaluate --json`, in its order."""
    found = [Known(f"market.{name}", kind.label, kind.unit) for name, kind in MARKET_KINDS.items()]
    for use in results.uses:
        for name, kind in use_columns():
            if name.startswith("break_evens.") and use.kind != ASIC:
                continue
            found.append(Known(f"uses.{use.id}.{name}", f"{kind.label}, {use.name}", kind.unit))
    names = named_uses(plan)
    offers = {offer.id: offer for offer in plan.ai_offers}
    for lot in plan.asic_lots:
        for offer in offers.values():
            if lot.site_id != offer.site_id:
                continue
            price = "rent_usd_per_it_kw_month" if offer.kind == LEASE else "price_usd_per_gpu_hour"
            for basis in BASES:
                for name in ("hashprice_usd_per_ph_day", "btc_price_usd", price):
                    kind = CROSSOVER_KINDS[name]
                    pair = f"{names[lot.id]} and {names[offer.id]}, on {basis}"
                    path = f"crossovers.{lot.id}.{offer.id}.{basis}.{name}"
                    found.append(Known(path, f"{kind.label}, {pair}", kind.unit))
    return tuple(found)


def values_of(results: Results) -> dict[str, float]:
    """Busbar's value of every figure by path; NaN where there is none."""
    market = results.market
    found = {
        "market.hashprice_usd_per_ph_day": market.spot_hashprice_usd_per_ph_day,
        "market.hashprice_btc_per_ph_day": market.spot_hashprice_btc_per_ph_day,
        "market.network_hashrate_eh_per_s": market.network_hashrate_eh_per_s,
    }
    for use in results.uses:
        for name in USE_FIGURES:
            found[f"uses.{use.id}.{name}"] = float(getattr(use, name))
        for name, value in dataclasses.asdict(results.power[use.id]).items():
            found[f"uses.{use.id}.{name}"] = float(value)
        for name, item in use.break_evens.items():
            for key, value in dataclasses.asdict(item).items():
                found[f"uses.{use.id}.break_evens.{name}.{key}"] = float(value)
    for row in results.crossovers:
        pair = f"crossovers.{row.asic_id}.{row.offer_id}.{row.basis}"
        found[f"{pair}.hashprice_usd_per_ph_day"] = row.hashprice_usd_per_ph_day
        found[f"{pair}.btc_price_usd"] = row.btc_price_usd
        found[f"{pair}.rent_usd_per_it_kw_month"] = row.rent_usd_per_it_kw_month
        found[f"{pair}.price_usd_per_gpu_hour"] = row.price_usd_per_gpu_hour
    return {path: value if math.isfinite(value) else math.nan for path, value in found.items()}
