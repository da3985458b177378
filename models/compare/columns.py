"""A plan under several scenarios, of which only what differs is priced again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from models.evaluate import evaluate
from models.figures import USE_KINDS, figure
from models.narrowed import part_of
from models.plan import BESIDE_THE_NUMBERS, Plan
from models.recommendation import SiteDecision, decide
from models.records.power import FIXED
from models.results import ASIC, Results, UseResult, UseTable
from models.scenarios import difference, lineage, scenario_by_name, scenario_name, with_overrides


@dataclass(frozen=True)
class Column:
    """One scenario with all its values in place.

    Attributes
    ----------
    id
        ``base``, or the scenario's.
    plan
        With the values of the scenario and its ancestors applied.
    first
        Another scenario of the same plan, from which every use is taken that this one shares with it; None where this
        one is priced whole.
    """

    id: str
    name: str
    plan: Plan
    first: Column | None = None
    _read: dict[str, dict[str, float]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def results(self) -> Results:
        """The whole plan's evaluation, made when first asked for."""
        return evaluate(self.plan, scenario_name=self.id)

    @cached_property
    def _differs(self) -> _Differing | None:
        return None if self.first is None else _what_differs(self.first.plan, self.plan)

    @cached_property
    def _priced(self) -> Results:
        """Of uses that differ from the first scenario's; of all where there is none, or everything differs."""
        differs = self._differs
        if differs is None:
            return self.results
        return evaluate(differs.part_of(self.plan), scenario_name=self.id)

    @cached_property
    def _known(self) -> dict[str, UseResult]:
        """All uses, with those of the first scenario that are no others here."""
        own = self._priced.by_id
        return own if self.first is None or self._differs is None else self.first._known | own

    @cached_property
    def decisions(self) -> dict[str, SiteDecision]:
        """What every site's megawatts should do, by site id."""
        first, differs = self.first, self._differs
        if first is None or differs is None:
            return {d.site.id: d for d in decide(self.plan, self.results)}
        sites = differs.sites
        own = replace(
            self._priced,
            uses=tuple(use for use in self._known.values() if use.site_id in sites),
            # Why a use has no figure: those that are taken over have none for the first scenario's reasons.
            find_problems=lambda _: (*self._priced.findings, *first.results.findings),
        )
        found = {site_id: d for site_id, d in first.decisions.items() if site_id not in sites}
        return found | {d.site.id: d for d in decide(self.plan, own)}

    def uses(self, name: str) -> dict[str, float] | None:
        """A figure of all uses that have it, by id; None where it does not stand in the evaluation's table already."""
        if name not in self._read:
            if name not in USE_KINDS or (name not in BREAK_EVENS and name not in _FIGURES_AT_ONCE):
                return None
            own = _figures_of(self._priced, name)
            shared = self.first is not None and self._differs is not None
            self._read[name] = (self.first.uses(name) or {}) | own if self.first is not None and shared else own
        return self._read[name]

    def value(self, path: str) -> float:
        """A figure by its path; NaN where this scenario does not have it."""
        table, *rest = path.split(".")
        try:
            if table == "sites":
                return float(getattr(self.decisions[rest[0]], rest[1]))
            if table == "uses":
                known = self.uses(rest[1])
                if known is not None:
                    return known.get(rest[0], math.nan)
            return figure(self.plan, self.results, path).value
        except KeyError:
            return math.nan

    def best_use(self, site_id: str) -> str:
        """Name of what a site's megawatts are worth most as; empty where nothing can be ranked."""
        decision = self.decisions.get(site_id)
        return decision.best.name if decision is not None and decision.best is not None else ""


def columns_of(plan: Plan, scenario_ids: Sequence[str]) -> tuple[Column, ...]:
    """The plan under each of these scenarios.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    # Scenarios inherit: a parent that is asked for again and again is put together once, by its lineage.
    made: dict[tuple[str, ...], Plan] = {}

    def made_for(scenario_id: str) -> Plan:
        found, key = plan, tuple[str, ...]()
        for item in lineage(plan, scenario_by_name(plan, scenario_id)):
            key = (*key, item.id)
            if key not in made:
                made[key] = with_overrides(found, item.overrides)
            found = made[key]
        return found

    first, *others = (Column(i, scenario_name(plan, i), made_for(i)) for i in scenario_ids)
    return (first, *(replace(column, first=first) for column in others))


BREAK_EVENS = {
    "break_even_power_usd_per_mwh": 0,
    "break_even_btc_price_usd": 1,
    "break_even_hashprice_usd_per_ph_day": 2,
}
_FIGURES_AT_ONCE = (
    "mw",
    "revenue_usd_per_mw_year",
    "power_cost_usd_per_mw_year",
    "opex_usd_per_mw_year",
    "margin_usd_per_mw_year",
    "capex_usd_per_mw",
    "npv_usd_per_mw",
)


def _figures_of(results: Results, name: str) -> dict[str, float]:
    """A figure that stands in the evaluation's table, read by the column instead of use by use."""
    if not results.uses:
        return {}
    table: UseTable = results.uses[0].table
    if name in BREAK_EVENS:
        machines = [use for use in results.uses if use.kind == ASIC]
        column = table.break_evens["power"][BREAK_EVENS[name]].tolist() if machines else []
        return {use.id: column[use.row] for use in machines}
    column = table.figures[name].tolist()
    return {use.id: column[use.row] for use in results.uses}


# --- what differs ---

SITE_TABLES = ("power_contracts", "asic_lots", "ai_offers")
NO_FIGURE_READS = ("meter_series", "splits")


@dataclass(frozen=True, slots=True)
class _Differing:
    """Which uses may have another figure than in another plan.

    Attributes
    ----------
    sites
        Those with any such use, which are decided anew.
    whole
        Those of whose uses each is one.
    uses
        Ids of others.
    supplied
        Sites that are priced: more than those that differ where their energy is priced for the first plan already.
    is_other_market
        Whether all machines are among them.
    """

    sites: frozenset[str]
    whole: frozenset[str]
    uses: frozenset[str]
    supplied: frozenset[str]
    is_other_market: bool

    def part_of(self, plan: Plan) -> Plan:
        """The plan with these uses only."""
        lots = plan.asic_lots
        if not self.is_other_market:
            lots = tuple(lot for lot in lots if lot.site_id in self.whole or lot.id in self.uses)
        offers = tuple(offer for offer in plan.ai_offers if offer.site_id in self.whole or offer.id in self.uses)
        return part_of(plan, lots, offers, self.supplied)


def _what_differs(first: Plan, other: Plan) -> _Differing | None:
    """Uses that may have another figure in the second plan; None where that is every one.

    Uses do not depend on those of another site, machines of a site on each other only where they share what a contract
    supplies, and no offer on machines or the market.
    """
    whole: set[str] = set()
    moved: dict[str, set[str]] = {}
    is_other_market = False
    for path, _, _ in difference(first, other):
        table, *rest = path.split(".")
        if table == "market":
            is_other_market = True
        elif table == "sites":
            whole.add(rest[0])
        elif table in SITE_TABLES:
            at = {r.site_id for plan in (first, other) for r in getattr(plan, table) if r.id == rest[0]}
            if table == "power_contracts":
                whole |= at
            else:
                moved[rest[0]] = moved.get(rest[0], set()) | at
        elif table not in (*NO_FIGURE_READS, *BESIDE_THE_NUMBERS):
            return None
    touched = whole.union(*moved.values())
    shared = {c.site_id for plan in (first, other) for c in plan.power_contracts if c.kind != FIXED}
    every = frozenset(s.id for s in other.sites)
    sites = every if is_other_market else frozenset(touched)
    # Where nothing about energy differs, the same tables are found priced.
    supplied = sites if whole or shared else every
    return _Differing(sites, frozenset(whole | (touched & shared)), frozenset(moved), supplied, is_other_market)
