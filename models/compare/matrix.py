"""Figures of any number of scenarios beside each other, with deltas against a baseline; and the inputs that differ."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from models.curves import calendar, first_level
from models.drivers import place_name, record_name
from models.evaluate import evaluate
from models.fields import field_at, read
from models.figures import SITE_KINDS, USE_KINDS, Figure, FigureKind, figure
from models.narrowed import chosen, part_of
from models.plan import BESIDE_THE_NUMBERS, Plan
from models.recommendation import SiteDecision, decide
from models.results import ASIC, Results, UseResult
from models.scenarios import difference, plan_for, scenario_by_name, scenario_name
from models.sentences import Amount, Sentence

BEST_USE = "best_use"
"""Last part of a row's path that names a site's best use instead of a figure."""
MOST_NOTES = 3
SAME = 1e-12
"""Share of a figure that rounding alone may change."""


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
        Another scenario of the same plan, of which every site is priced that this one shares with it; None where this
        one is priced whole.
    """

    id: str
    name: str
    plan: Plan
    first: Column | None = None

    @cached_property
    def results(self) -> Results:
        """The whole plan's evaluation, made when first asked for."""
        return evaluate(self.plan, scenario_name=self.id)

    @cached_property
    def _differs(self) -> tuple[set[str], bool] | None:
        return None if self.first is None else _what_differs(self.first.plan, self.plan)

    @cached_property
    def _part(self) -> Column:
        """Uses that differ from the first scenario's: of some sites, and all machines on another market; or all."""
        if self._differs is None:
            return self
        return replace(self, plan=_only(self.plan, *self._differs), first=None)

    @cached_property
    def decisions(self) -> dict[str, SiteDecision]:
        """What every site's megawatts should do, by site id."""
        part = self._part
        if self._differs is None or self.first is None:
            return {d.site.id: d for d in decide(self.plan, self.results)}
        if not self._differs[1]:
            return self.first.decisions | {d.site.id: d for d in decide(part.plan, part.results)}
        # Offers are those of the first scenario, where the market is all that differs from it.
        known = self.first._known | part.results.by_id
        own = replace(part.results, uses=tuple(known[use_id] for use_id in self.first._known))
        return {d.site.id: d for d in decide(self.plan, own)}

    @property
    def _known(self) -> dict[str, UseResult]:
        return self._part.results.by_id

    @cached_property
    def uses(self) -> dict[str, dict[str, float]]:
        """By name of a figure that an evaluation has at once, those of all uses by id."""
        part = self._part
        own = _figures_at_once(part.results)
        if self.first is None or part is self:
            return own
        return {name: values | own.get(name, {}) for name, values in self.first.uses.items()}

    def value(self, path: str) -> float:
        """A figure by its path; NaN where this scenario does not have it."""
        table, *rest = path.split(".")
        try:
            if table == "sites":
                return float(getattr(self.decisions[rest[0]], rest[1]))
            if table == "uses" and rest[1] in self.uses:
                return self.uses[rest[1]].get(rest[0], math.nan)
            return figure(self.plan, self.results, path).value
        except KeyError:
            return math.nan

    def best_use(self, site_id: str) -> str:
        """Name of what a site's megawatts are worth most as; empty where nothing can be ranked."""
        decision = self.decisions.get(site_id)
        return decision.best.name if decision is not None and decision.best is not None else ""


BREAK_EVENS = {
    "break_even_power_usd_per_mwh": 0,
    "break_even_btc_price_usd": 1,
    "break_even_hashprice_usd_per_ph_day": 2,
}


def _figures_at_once(results: Results) -> dict[str, dict[str, float]]:
    """Figures that stand in the evaluation's table already, read by the column instead of one by one."""
    if not results.uses:
        return {}
    table = results.uses[0].table
    places = [(use.id, use.row) for use in results.uses]
    found: dict[str, dict[str, float]] = {}
    for name in USE_KINDS.keys() & table.figures.keys():
        column = table.figures[name].tolist()
        found[name] = {use_id: column[row] for use_id, row in places}
    machines = [(use.id, use.row) for use in results.uses if use.kind == ASIC]
    for name, place in BREAK_EVENS.items() if machines else ():
        column = table.break_evens["power"][place].tolist()
        found[name] = {use_id: column[row] for use_id, row in machines}
    return found


SITE_TABLES = ("power_contracts", "asic_lots", "ai_offers")
NO_FIGURE_READS = ("meter_series", "splits")


def _what_differs(first: Plan, other: Plan) -> tuple[set[str], bool] | None:
    """Sites with a use that may have another figure in the second plan, and whether the market is another.

    None where that is every use. Uses of one site do not depend on those of another, and no offer on the market.
    """
    found: set[str] = set()
    is_other_market = False
    for path, _, _ in difference(first, other):
        table, *rest = path.split(".")
        if table == "market":
            is_other_market = True
        elif table == "sites":
            found.add(rest[0])
        elif table in SITE_TABLES:
            found |= {read(plan, f"{table}.{rest[0]}").site_id for plan in (first, other)}
        elif table not in (*NO_FIGURE_READS, *BESIDE_THE_NUMBERS):
            return None
    return found, is_other_market


def _only(plan: Plan, sites: set[str], is_other_market: bool) -> Plan:
    """The plan with some sites' records only, and with all machines on another market."""
    own = frozenset(sites)
    offers = chosen(plan.ai_offers, "site_id", own)
    if is_other_market:
        return part_of(plan, plan.asic_lots, offers, [s.id for s in plan.sites])
    return part_of(plan, chosen(plan.asic_lots, "site_id", own), offers, sites)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure in every scenario.

    Attributes
    ----------
    path
        Of `models.figures`; ``sites.s1.best_use`` for a row of names.
    label
        With whose it is.
    kind
        Unit and digits; None for a row of names.
    values
        One per column; NaN where a scenario has no such figure. Empty in a row of names.
    texts
        One per column in a row of names.
    """

    path: str
    label: str
    kind: FigureKind | None
    values: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()

    def delta(self, column: int, baseline: int) -> float:
        """By how much a column's figure exceeds the baseline's; NaN where either is missing."""
        return self.values[column] - self.values[baseline] if self.values else math.nan

    def differs(self, column: int, baseline: int) -> bool:
        """Whether a column shows something else than the baseline, rounding apart."""
        if self.kind is None:
            return self.texts[column] != self.texts[baseline]
        here, there = self.values[column], self.values[baseline]
        if math.isnan(here) or math.isnan(there):
            return math.isnan(here) != math.isnan(there)
        return abs(here - there) > SAME * max(abs(here), abs(there))

    def is_better(self, column: int, baseline: int) -> bool | None:
        """Whether the difference is welcome; None where there is none, or nobody can say."""
        if self.kind is None or self.kind.higher_is_better is None or not self.differs(column, baseline):
            return None
        delta = self.delta(column, baseline)
        return None if math.isnan(delta) else (delta > 0) == self.kind.higher_is_better


@dataclass(frozen=True, slots=True)
class Matrix:
    """Scenarios × figures.

    Attributes
    ----------
    baseline
        Place of the column that deltas are taken against.
    notes
        What a reader must know before comparing; see `market_notes`.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    baseline: int
    notes: tuple[str, ...] = ()


def columns_of(plan: Plan, scenario_ids: Sequence[str]) -> tuple[Column, ...]:
    """The plan under each of these scenarios.

    Raises
    ------
    KeyError
        Where the plan has no such scenario.
    """
    # Scenarios inherit: a parent that is asked for again and again is put together once.
    made: dict[str, Plan] = {}

    def made_for(scenario_id: str) -> Plan:
        if scenario_id not in made:
            made[scenario_id] = plan_for(plan, scenario_by_name(plan, scenario_id))
        return made[scenario_id]

    first, *others = (Column(i, scenario_name(plan, i), made_for(i)) for i in scenario_ids)
    return (first, *(replace(column, first=first) for column in others))


def compare(columns: Sequence[Column], paths: Sequence[str] | None = None, baseline_id: str | None = None) -> Matrix:
    """Figures of scenarios side by side.

    Parameters
    ----------
    columns
        From `columns_of`, at least one.
    paths
        Of figures, and ``sites.ID.best_use``; `usual_paths` where None.
    baseline_id
        The scenario that deltas are taken against; the first column where None or not among them.

    Returns
    -------
    Matrix
        Only what is asked for is worked out; crossovers and rates of return cost more than all else together.

    Examples
    --------
    >>> from models.plan import Scenario
    >>> from models.samples import sample
    >>> bull = Scenario("c9", "Bull", (("market.btc_price_usd", 120_000.0),))
    >>> plan = replace(sample("briefing"), scenarios=(bull,))
    >>> row = compare(columns_of(plan, ("base", "c9")), ("uses.a1.npv_usd_per_mw",)).rows[0]
    >>> row.is_better(1, 0)
    True
    """
    columns = tuple(columns)
    wanted = usual_paths(columns[0]) if paths is None else tuple(paths)
    baseline = next((n for n, c in enumerate(columns) if c.id == baseline_id), 0)
    rows = tuple(_row(columns, path) for path in wanted)
    return Matrix(columns, tuple(r for r in rows if r is not None), baseline, market_notes(columns, baseline))


def usual_paths(column: Column) -> tuple[str, ...]:
    """What is compared unless somebody says otherwise.

    Of every site its best use and the gain, of every use NPV and margin, of machines the break-even hashprice.
    """
    with_uses = {use.site_id for use in column.results.uses}
    found = []
    for site in column.plan.sites:
        if site.id in with_uses:
            found += [f"sites.{site.id}.{BEST_USE}", f"sites.{site.id}.gain_usd"]
    for use in column.results.uses:
        found += [f"uses.{use.id}.npv_usd_per_mw", f"uses.{use.id}.margin_usd_per_mw_year"]
        found += [f"uses.{use.id}.break_even_hashprice_usd_per_ph_day"] if use.kind == ASIC else []
    return tuple(found)


def _row(columns: tuple[Column, ...], path: str) -> Row | None:
    """None where the plan has no such figure: its scenarios have the same sites and uses."""
    head, _, name = path.rpartition(".")
    if name == BEST_USE:
        site_id = head.removeprefix("sites.")
        site = next((s for s in columns[0].plan.sites if s.id == site_id), None)
        if site is None:
            return None
        return Row(path, f"Best use, {site.name}", None, texts=tuple(c.best_use(site_id) for c in columns))
    found = _described(columns[0], path)
    if found is None:
        return None
    if path.startswith("uses.") and name in columns[0].uses:
        use_id = head.removeprefix("uses.")
        return Row(path, found.label, found.kind, values=tuple(c.uses[name].get(use_id, math.nan) for c in columns))
    return Row(path, found.label, found.kind, values=tuple(c.value(path) for c in columns))


def _described(column: Column, path: str) -> Figure | None:
    table, record_id, name = path.split(".")[:3] if path.count(".") == 2 else ("", "", "")
    if table == "sites":
        decision = column.decisions.get(record_id)
        return None if decision is None else Figure(path, decision.site.name, SITE_KINDS[name], math.nan)
    if table == "uses" and name in column.uses:
        uses: tuple[Any, ...] = (*column.plan.asic_lots, *column.plan.ai_offers)
        use = next((u for u in uses if u.id == record_id), None)
        return None if use is None else Figure(path, record_name(column.plan, use), USE_KINDS[name], math.nan)
    try:
        return figure(column.plan, column.results, path)
    except KeyError:
        return None


# --- what the scenarios rest on ---


def market_notes(columns: Sequence[Column], baseline: int = 0) -> tuple[str, ...]:
    """One sentence for every scenario that rests on another market than the baseline does.

    That is: other market data (their day, the block height, the plan's first month), or another BTC price or
    difficulty at the plan's start. Such scenarios may be compared, but the market is then part of every difference.

    Returns
    -------
    tuple of str
        `models.sentences.Sentence` each, which the window words in its locale; beyond `MOST_NOTES` one that counts.
    """
    there = columns[baseline]
    notes: list[str] = []
    for column in columns:
        differences = _market_differences(there.plan, column.plan) if column is not there else []
        if differences:
            words = " and ".join(["{" + f"d{n}" + "}" for n in range(len(differences))])
            notes.append(
                Sentence(
                    "{here} and {there} rest on different markets: " + words + ".",
                    here=column.name,
                    there=there.name,
                    **{f"d{n}": text for n, text in enumerate(differences)},
                )
            )
    if len(notes) > MOST_NOTES + 1:
        more = len(notes) - MOST_NOTES
        return (*notes[:MOST_NOTES], f"{more} more scenarios rest on other markets than {there.name} does.")
    return tuple(notes)


def _market_differences(old: Plan, new: Plan) -> list[str]:
    found: list[str] = []
    before, after = old.market, new.market
    if before.as_of != after.as_of:
        days = {"old": before.as_of or "no day", "new": after.as_of or "no day"}
        found.append(Sentence("market data of {new} against {old}", **days))
    if before.block_height != after.block_height:
        heights = {"old": Amount(before.block_height, "", ",.0f"), "new": Amount(after.block_height, "", ",.0f")}
        found.append(Sentence("block {new} against {old}", **heights))
    if old.plan.start != new.plan.start:
        found.append(f"a start in {new.plan.start} against {old.plan.start}")
    for name, label, unit, write in (
        ("btc_price_usd", "BTC at", "USD", ",.0f"),
        ("difficulty", "a difficulty of", "difficulty", ",.4g"),
    ):
        first, other = (_spot(p, name) for p in (old, new))
        if first != other:
            amounts = {"old": Amount(first, unit, write), "new": Amount(other, unit, write)}
            found.append(Sentence(label + " {new} against {old}", **amounts))
    return found


def _spot(plan: Plan, name: str) -> float:
    dates = calendar(plan.plan.start, plan.plan.horizon_months)
    return first_level(getattr(plan.market, name), dates)


@dataclass(frozen=True, slots=True)
class InputRow:
    """An input that is not the same in all scenarios.

    Attributes
    ----------
    path, label
        Of the field, with whose it is: "Rent, Powered-shell lease".
    values
        One per column.
    """

    path: str
    label: str
    values: tuple[Any, ...]


def differing_inputs(columns: Sequence[Column]) -> tuple[InputRow, ...]:
    """Every input whose value is not the same in all these scenarios, in the plan's order."""
    first = columns[0].plan
    paths: dict[str, None] = {}
    for column in columns[1:]:
        # Scenarios have the same records, so that all differences are of fields.
        paths |= dict.fromkeys(path for path, _, _ in difference(first, column.plan))
    order = {path: n for n, path in enumerate(_field_paths(first, paths))}
    return tuple(
        InputRow(path, place_name(first, path), tuple(read(c.plan, path) for c in columns))
        for path in sorted(paths, key=lambda p: order[p])
    )


def _field_paths(plan: Plan, wanted: dict[str, None]) -> list[str]:
    """Paths sorted as the plan has its tables, records and fields."""

    def place(path: str) -> tuple[int, int, int]:
        table, *rest = path.split(".")
        record = getattr(plan, table)
        row = next((n for n, r in enumerate(record) if r.id == rest[0]), 0) if isinstance(record, tuple) else 0
        owner = read(plan, path.rpartition(".")[0])
        names = [*owner.__dataclass_fields__]
        return _TABLES.index(table), row, names.index(field_at(plan, path).name)

    return sorted(wanted, key=place)


_TABLES = list(Plan.__dataclass_fields__)
