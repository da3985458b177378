"""Figures of any number of scenarios beside each other, with deltas against a baseline; and the inputs that differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.compare.columns import Column
from models.curves import calendar, first_level
from models.drivers import place_name
from models.fields import field_at, read
from models.figures import SITE_KINDS, USE_KINDS, Figure, FigureKind, figure
from models.plan import Plan
from models.results import ASIC
from models.scenarios import difference
from models.sentences import Amount, Sentence
from models.use_names import named_uses

BEST_USE = "best_use"
"""Last part of a row's path that names a site's best use instead of a figure."""
MOST_NOTES = 3
SAME = 1e-12
"""Share of a figure that rounding alone may change."""


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


def compare(columns: Sequence[Column], paths: Sequence[str] | None = None, baseline_id: str | None = None) -> Matrix:
    """Figures of scenarios side by side.

    Parameters
    ----------
    columns
        From `models.compare.columns.columns_of`, at least one.
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
    >>> from dataclasses import replace
    >>> from models.compare.columns import columns_of
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
    rows = tuple(map(partial(_row, columns, named_uses(columns[0].plan), {}), wanted))
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


def _row(
    columns: tuple[Column, ...], labels: Mapping[str, str], known: dict[str, list[dict[str, float] | None]], path: str
) -> Row | None:
    """None where the plan has no such figure: its scenarios have the same sites and uses."""
    table, name = path.partition(".")[0], path.rpartition(".")[2]
    if name == BEST_USE:
        site_id = path.split(".")[1]
        site = next((s for s in columns[0].plan.sites if s.id == site_id), None)
        if site is None:
            return None
        return Row(path, f"Best use, {site.name}", None, texts=tuple([c.best_use(site_id) for c in columns]))
    if table == "uses":
        if name not in known:
            known[name] = [c.uses(name) for c in columns]
        use_id = path[len("uses.") : -len(name) - 1]
        values = tuple([figures.get(use_id, math.nan) for figures in known[name] if figures is not None])
        if len(values) == len(columns):
            kind = USE_KINDS[name]
            return Row(path, f"{kind.label}, {labels[use_id]}", kind, values=values) if use_id in labels else None
    found = _described(columns[0], path)
    return None if found is None else Row(path, found.label, found.kind, values=tuple([c.value(path) for c in columns]))


def _described(column: Column, path: str) -> Figure | None:
    try:
        if path.startswith("sites."):
            _, site_id, name = path.split(".")
            return Figure(path, column.decisions[site_id].site.name, SITE_KINDS[name], math.nan)
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
