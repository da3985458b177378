"""Every figure of the results by its path: what it is called, its unit, and its value.

Paths are ``uses.a1.npv_usd_per_mw``, ``sites.s1.gain_usd``, ``market.network_hashrate_eh_per_s`` and
``crossovers.a1.o1.margin.btc_price_usd``. Whoever shows, compares, explains or solves for a figure names it so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.plan import LEASE, Plan
from models.results import ASIC, BASES, USE_FIGURES, Results, UseResult


@dataclass(frozen=True, slots=True)
class FigureKind:
    """What a kind of figure is called.

    Attributes
    ----------
    label, unit, digits
        As a field's; units as `models.units` writes them.
    higher_is_better
        True, False, or None where neither can be said.
    """

    label: str
    unit: str
    digits: int
    higher_is_better: bool | None = None


USE_KINDS: dict[str, FigureKind] = {
    "mw": FigureKind("Megawatts", "MW", 2),
    "revenue_usd_per_mw_year": FigureKind("Revenue", "USD/MW-year", 0, True),
    "power_cost_usd_per_mw_year": FigureKind("Power cost", "USD/MW-year", 0, False),
    "opex_usd_per_mw_year": FigureKind("Opex", "USD/MW-year", 0, False),
    "margin_usd_per_mw_year": FigureKind("Margin", "USD/MW-year", 0, True),
    "capex_usd_per_mw": FigureKind("Capex", "USD/MW", 0, False),
    "npv_usd_per_mw": FigureKind("NPV", "USD/MW", 0, True),
    "irr_fraction": FigureKind("IRR", "fraction/year", 1, True),
    "payback_months": FigureKind("Payback", "months", 0, False),
    "payback_from_operation_months": FigureKind("Payback from operation", "months", 0, False),
    "discounted_payback_months": FigureKind("Discounted payback", "months", 0, False),
    "break_even_power_usd_per_mwh": FigureKind("Break-even power price", "USD/MWh", 2, True),
    "break_even_btc_price_usd": FigureKind("Break-even BTC price", "USD/BTC", 0, False),
    "break_even_hashprice_usd_per_ph_day": FigureKind("Break-even hashprice", "USD/PH/day", 2, False),
}
POWER_KINDS: dict[str, FigureKind] = {
    "flexibility_usd_per_mw_year": FigureKind("Flexibility", "USD/MW-year", 0),
    "effective_power_gross_usd_per_mwh": FigureKind("Effective power price, gross", "USD/MWh", 2, False),
    "effective_power_net_usd_per_mwh": FigureKind("Effective power price, net", "USD/MWh", 2, False),
}
MARKET_KINDS: dict[str, FigureKind] = {
    "hashprice_usd_per_ph_day": FigureKind("Hashprice", "USD/PH/day", 2, True),
    "hashprice_btc_per_ph_day": FigureKind("Hashprice", "BTC/PH/day", 8, True),
    "network_hashrate_eh_per_s": FigureKind("Network hashrate", "EH/s", 1, False),
}
SITE_KINDS: dict[str, FigureKind] = {
    "lead_usd_per_mw": FigureKind("Lead of the best use", "USD/MW", 0),
    "gain_usd": FigureKind("Gain over going on as today", "USD", 0, True),
    "do_nothing_npv_usd": FigureKind("NPV of going on as today", "USD", 0, True),
}
CROSSOVER_KINDS: dict[str, FigureKind] = {
    "hashprice_usd_per_ph_day": FigureKind("Crossover hashprice", "USD/PH/day", 2),
    "btc_price_usd": FigureKind("Crossover BTC price", "USD/BTC", 0),
    "rent_usd_per_it_kw_month": FigureKind("Crossover rent", "USD/IT kW-month", 2),
    "price_usd_per_gpu_hour": FigureKind("Crossover GPU price", "USD/GPU-hour", 2),
}
MINING_ONLY = ("break_even_power_usd_per_mwh", "break_even_btc_price_usd", "break_even_hashprice_usd_per_ph_day")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the results.

    Attributes
    ----------
    path
        See the module.
    label
        With whose it is: "NPV, Powered-shell lease".
    owner
        Name of the use, site, or pair; empty for the market.
    kind
        What it is called without its owner, its unit and digits.
    value
        NaN where it cannot be computed.
    """

    path: str
    owner: str
    kind: FigureKind
    value: float

    @property
    def label(self) -> str:
        """What it is called, with whose it is."""
        return f"{self.kind.label}, {self.owner}" if self.owner else self.kind.label


def figure(plan: Plan, results: Results, path: str) -> Figure:
    """One figure by its path.

    Parameters
    ----------
    plan, results
        A plan with a scenario's values applied, and its evaluation.

    Raises
    ------
    KeyError
        Where the results have no such figure.

    Examples
    --------
    >>> from models.evaluate import evaluate
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> found = figure(plan, evaluate(plan), "market.hashprice_usd_per_ph_day")
    >>> found.label, found.kind.unit, round(found.value, 1)
    ('Hashprice', 'USD/PH/day', 33.3)
    """
    table, *rest = path.split(".")
    match table, rest:
        case "market", [name]:
            kind = MARKET_KINDS[name]
            spot = name if name == "network_hashrate_eh_per_s" else f"spot_{name}"
            return Figure(path, "", kind, float(getattr(results.market, spot)))
        case "uses", [use_id, name] if name in USE_KINDS:
            use = results.by_id[use_id]
            return Figure(path, use.name, USE_KINDS[name], float(getattr(use, name)))
        case "uses", [use_id, name]:
            use, kind = results.by_id[use_id], POWER_KINDS[name]
            return Figure(path, use.name, kind, float(getattr(results.power[use_id], name)))
        case "sites", [site_id, name]:
            from models.recommendation import decide  # the window's menus need the kinds above, and no decision

            kind = SITE_KINDS[name]
            decision = next((d for d in decide(plan, results) if d.site.id == site_id), None)
            if decision is None:
                raise KeyError(path)
            return Figure(path, decision.site.name, kind, float(getattr(decision, name)))
        case "crossovers", [asic_id, offer_id, basis, name] if basis in BASES:
            kind = CROSSOVER_KINDS[name]
            row = results.crossover(asic_id, offer_id, basis)
            if row is None:
                raise KeyError(path)
            names = f"{results.by_id[asic_id].name} and {results.by_id[offer_id].name}, on {BASIS_WORDS[basis]}"
            return Figure(path, names, kind, float(getattr(row, name)))
    raise KeyError(path)


BASIS_WORDS = {"revenue": "revenue", "margin": "margin", "npv": "NPV"}


def figure_paths(plan: Plan, results: Results) -> tuple[str, ...]:
    """The paths of all figures that the results have, in the order of the window: market, sites, uses, crossovers."""
    found = [f"market.{name}" for name in MARKET_KINDS]
    found += [f"sites.{site.id}.{name}" for site in plan.sites for name in SITE_KINDS]
    for use in results.uses:
        found += [f"uses.{use.id}.{name}" for name in names_of(use)]
    for asic_id, offer_id in pairs_of(plan):
        names = crossover_names(plan, offer_id)
        found += [f"crossovers.{asic_id}.{offer_id}.{basis}.{name}" for basis in BASES for name in names]
    return tuple(found)


def pairs_of(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Ids of every lot with every offer of its site, which can be worth the same."""
    return tuple((lot.id, o.id) for lot in plan.asic_lots for o in plan.ai_offers if lot.site_id == o.site_id)


def crossover_names(plan: Plan, offer_id: str) -> tuple[str, ...]:
    """The crossovers that a pair with an offer of its kind has on one basis."""
    kind = next(o.kind for o in plan.ai_offers if o.id == offer_id)
    price = "rent_usd_per_it_kw_month" if kind == LEASE else "price_usd_per_gpu_hour"
    return ("hashprice_usd_per_ph_day", "btc_price_usd", price)


def names_of(use: UseResult) -> tuple[str, ...]:
    """The figures that a use of its kind can have."""
    own = (name for name in USE_FIGURES if use.kind == ASIC or name not in MINING_ONLY)
    return (*own, *POWER_KINDS)


def is_known(found: Figure) -> bool:
    """Whether the figure can be shown: else a page writes a dash and the reason."""
    return math.isfinite(found.value)
