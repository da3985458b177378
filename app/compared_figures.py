"""Which figures scenarios can be compared by, and whose they are."""

from __future__ import annotations

from models.compare.columns import Column
from models.compare.matrix import BEST_USE
from models.figures import (
    BASIS_WORDS,
    CROSSOVER_KINDS,
    MARKET_KINDS,
    POWER_KINDS,
    SITE_KINDS,
    USE_KINDS,
    FigureKind,
    crossover_names,
    pairs_of,
)
from models.results import ASIC, BASES


def kinds_of_figures() -> dict[str, str]:
    """What can be compared, by table and name: ``uses.npv_usd_per_mw`` is NPV.

    A crossover is named with its basis: ``crossovers.npv.btc_price_usd``.
    """
    found = {f"sites.{BEST_USE}": "Best use"}
    tables: tuple[tuple[str, dict[str, FigureKind]], ...] = (
        ("sites", SITE_KINDS),
        ("uses", USE_KINDS),
        ("uses", POWER_KINDS),
        ("market", MARKET_KINDS),
    )
    for table, kinds in tables:
        found |= {f"{table}.{name}": kind.label for name, kind in kinds.items()}
    found["market.hashprice_btc_per_ph_day"] = "Hashprice in BTC"
    for basis in reversed(BASES):
        for name, kind in CROSSOVER_KINDS.items():
            found[f"crossovers.{basis}.{name}"] = f"{kind.label}, on {BASIS_WORDS[basis]}"
    return found


def paths_of(kinds: tuple[str, ...], column: Column) -> tuple[str, ...]:
    """The paths of kinds of figures in a plan: of every site, every use, the market, and every pair."""
    plan, chosen = column.plan, [k for k in kinds_of_figures() if k in kinds]
    crossed = [k.removeprefix("crossovers.") for k in chosen if k.startswith("crossovers.")]
    wanted = [k.split(".") for k in chosen if not k.startswith("crossovers.")]
    names = {table: [name for t, name in wanted if t == table] for table in ("market", "sites", "uses")}
    found = [f"market.{name}" for name in names["market"]]
    with_uses = {r.site_id for r in (*plan.asic_lots, *plan.ai_offers)}
    found += [f"sites.{s.id}.{name}" for s in plan.sites if s.id in with_uses for name in names["sites"]]
    for use in column.results.uses:
        own = [n for n in names["uses"] if use.kind == ASIC or not n.startswith("break_even")]
        found += [f"uses.{use.id}.{name}" for name in own]
    for asic_id, offer_id in pairs_of(plan) if crossed else ():
        names_here = crossover_names(plan, offer_id)
        here = [name for name in crossed if name.partition(".")[2] in names_here]
        found += [f"crossovers.{asic_id}.{offer_id}.{name}" for name in here]
    return tuple(found)
