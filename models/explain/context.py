"""What all explanations of one plan share: its arrays, priced once, and a node for every input."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from models import mining
from models.bills.flexibility import Flexibility, flexibility
from models.curves import Array, calendar, first_level
from models.evidence import FRESH, Entry, age_days, entry_at, evidence_by_path
from models.explain.tree import Column, Node, Table
from models.fields import Hourly, MonthField, Quantity, Schedule, applicable_fields, read
from models.inputs import Inputs, gather
from models.plan import Evidence, Plan
from models.power.dispatch import running
from models.power.supply import Supply, supply
from models.problems import Severity
from models.recommendation import SiteDecision, decide
from models.results import Results
from models.scenarios import set_in

PUT_IN = "the value that solves it, put in here"
CHOSEN = "chosen in the plan"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value is from that is not the plan's own: it is tried out, or only offered.

    Attributes
    ----------
    source, day, note, state
        As of `models.evidence.Entry`.
    follows
        Of a value that was worked out from others: the formula, and the nodes that it names; None for one that was not.
    """

    source: str
    day: str = ""
    note: str = ""
    state: str = FRESH
    follows: Callable[[Context], tuple[str, tuple[Node, ...]]] | None = None


class Context:
    """A plan with its results, while one figure is explained.

    Parameters
    ----------
    plan, results
        With a scenario's values applied, and its evaluation.
    as_of
        The day that ages are counted to.
    base
        The plan without the scenario, where one is on show: inputs then say what they are in the base case.
    origins
        Of inputs that do not stand at the plan's values, by their paths.
    """

    def __init__(
        self,
        plan: Plan,
        results: Results,
        as_of: date,
        base: Plan | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> None:
        self.plan, self.results, self.as_of, self.base = plan, results, as_of, base
        self.set_in = {} if base is None else set_in(base, results.scenario)
        self._origins = dict(origins or {})
        self._made: dict[tuple[object, ...], Node] = {}
        self._inputs: dict[str, Node] = {}

    def moved(self, plan: Plan, results: Results, path: str, words: str = PUT_IN) -> Context:
        """The same with one input at a value that is tried out.

        Parameters
        ----------
        plan, results
            With that value in place.
        path
            Of the input.
        words
            Where the value is from.
        """
        there = Context(plan, results, self.as_of, self.base, self._origins | {path: Origin(words)})
        there.set_in = self.set_in
        return there

    @cached_property
    def inputs(self) -> Inputs:
        """The plan's arrays."""
        return gather(self.plan)

    @cached_property
    def supply(self) -> Supply:
        """Its priced contracts."""
        return supply(self.inputs)

    @cached_property
    def earned(self) -> Array:
        """What a MWh earns every lot, month by month, shape (lots, N) [USD/MWh]."""
        shape = (len(self.inputs.lot_site), len(self.months))
        return np.asarray(np.broadcast_to(mining.revenue_per_mwh(self.inputs), shape))

    @cached_property
    def share_run(self) -> Array:
        """Of the hours in which a lot is available, those in which it runs, shape (lots, N)."""
        share = running(self.inputs, self.supply, self.earned).share
        return np.asarray(np.broadcast_to(share, self.earned.shape))

    def once(self, key: tuple[object, ...], make: Callable[[], Node]) -> Node:
        """A node that several figures rest on, made when first asked for."""
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    @cached_property
    def decisions(self) -> tuple[SiteDecision, ...]:
        """What every site's megawatts should do."""
        return decide(self.plan, self.results)

    @cached_property
    def ledger(self) -> dict[str, Flexibility]:
        """What stopping earns every lot."""
        return flexibility(self.plan)

    @cached_property
    def _evidence(self) -> dict[str, list[Evidence]]:
        return evidence_by_path(self.plan)

    @cached_property
    def months(self) -> tuple[str, ...]:
        """``YYYY-MM`` of every month."""
        return self.results.dates.months

    def input(self, path: str, empty: float = math.nan) -> Node:
        """The node of an input: its value in the plan's first month, with its source.

        Parameters
        ----------
        path
            Of a field.
        empty
            What stands for an optional input that was not entered.
        """
        if path not in self._inputs:
            entry = entry_at(self.plan, path, self.as_of, self._evidence, self.set_in)
            origin = self._origins.get(path)
            if origin is not None:
                entry = replace(
                    entry, source=origin.source, address="", day=origin.day, note=origin.note, is_chosen=True,
                    age_days=age_days(origin.day, self.as_of),
                )  # fmt: skip
            self._inputs[path] = self._node_of(entry, empty, origin)
        return self._inputs[path]

    def _node_of(self, entry: Entry, empty: float, origin: Origin | None) -> Node:
        value, spec, table, text = entry.value, entry.field.spec, None, ""
        unit, digits = entry.field.unit, spec.digits if isinstance(spec, Quantity) else 0
        reason = ""
        formula, children = origin.follows(self) if origin is not None and origin.follows is not None else ("", ())
        if isinstance(spec, Quantity):
            dates = calendar(self.plan.plan.start, self.plan.plan.horizon_months)
            number = empty if value is None else first_level(value, dates)
            if value is None and math.isnan(empty):
                reason = f"{spec.label} was not entered."
            if isinstance(value, Schedule):
                table = Table("From", value.months, (Column(spec.label, unit, np.array(value.values), digits=digits),))
                text = f"a table of {len(value.months)} months"
        else:
            number, text = _number_of(value), _words_of(entry)
        return Node(
            entry.label,
            number,
            unit,
            digits,
            path=entry.path,
            formula=formula,
            children=children,
            table=table,
            text=text,
            source=entry.source or (CHOSEN if entry.is_chosen else ""),
            address=entry.address,
            date=entry.day,
            age_days=entry.age_days,
            note=self._note(entry),
            state=origin.state if origin is not None else FRESH if entry.is_chosen else entry.state,
            is_input=not formula,
            reason=reason,
        )

    def _note(self, entry: Entry) -> str:
        before = self._in_the_base(entry)
        return f"{before} {entry.note}" if before and entry.note else before or entry.note

    def _in_the_base(self, entry: Entry) -> str:
        """What a scenario changed, in words; empty where it left the input alone."""
        if self.base is None or entry.path in self._origins:
            return ""
        try:
            before = read(self.base, entry.path)
        except KeyError:
            return "Only in this scenario."
        if before == entry.value:
            return ""
        now = entry.field.spec
        shown = f"{before:,.6g}" if isinstance(before, int | float) and isinstance(now, Quantity) else "another value"
        return f"Changed by the scenario on show; the base case has {shown} {entry.field.unit}.".replace(" .", ".")

    def inputs_of(self, prefix: str, *names: str) -> tuple[Node, ...]:
        """Nodes of a record's quantities that stand at something, by name or all."""
        record = read(self.plan, prefix)
        found = []
        for field in applicable_fields(record):
            if (names and field.name not in names) or not isinstance(field.spec, Quantity):
                continue
            if getattr(record, field.name) not in (None, 0, 0.0):
                found.append(self.input(f"{prefix}.{field.name}"))
        return tuple(found)

    def row_names(self, rows: Array) -> tuple[str, ...]:
        """Months by their number."""
        if len(rows) == len(self.months):
            return self.months
        return tuple(map(self.months.__getitem__, rows.astype(int).tolist()))

    def grown(self, label: str, path: str, growth_path: str, row: int, rows: Array) -> Node:
        """A level with its growth, month by month; its table ends with the level.

        Parameters
        ----------
        label
            What the path is called.
        path, growth_path
            Of the two inputs.
        row
            The record's row among its table's.
        rows
            Which months.
        """
        table, name = path.partition(".")[0], path.rpartition(".")[2]
        key, growth_key = f"{table}.{name}", f"{table}.{growth_path.rpartition('.')[2]}"
        at, inputs = rows.astype(int), self.inputs
        months = inputs.months_grown[key]
        grown = months[row if len(months) > 1 else 0]
        level = np.broadcast_to(inputs.numbers[key][row], (len(self.months),))
        level_node, growth = self.input(path), self.input(growth_path)
        whole = inputs.grown(key, growth_key)[row] + np.zeros(len(self.months))
        is_table = isinstance(read(self.plan, path), Schedule)
        first = Column("Months of growth", "months", grown[at])
        entered = Column("As entered", level_node.unit, level[at], "" if is_table else "{0}", digits=level_node.digits)
        last = Column(label, level_node.unit, whole[at], "{t1} × (1 + {1})^({t0} ÷ 12)", digits=level_node.digits)
        return Node(
            f"{label}, mean of the months",
            float(np.mean(whole[at])),
            level_node.unit,
            level_node.digits,
            formula="mean({t2})",
            children=(level_node, growth),
            table=Table("Month", self.row_names(rows), (first, entered, last)),
        )

    def reason(self, *prefixes: str, otherwise: str) -> str:
        """Why there is no figure, in the words of the first error about one of the places; else as given."""
        errors = [f for f in self.results.findings if f.severity == Severity.ERROR]
        for start in (*prefixes, "market", "power_contracts", "plan", "assumptions"):
            for finding in errors:
                if finding.path == start or finding.path.startswith(start + "."):
                    return finding.message
        return otherwise


def _number_of(value: Any) -> float:
    return float(value) if isinstance(value, bool) else math.nan


def _words_of(entry: Entry) -> str:
    spec = entry.field.spec
    if isinstance(entry.value, bool):
        return "yes" if entry.value else "no"
    if isinstance(spec, Hourly):
        return "not imported" if entry.value is None else f"{len(entry.value)} hours"
    if isinstance(spec, MonthField):
        return entry.value or "not entered"
    options = dict(getattr(spec, "options", ()))
    return str(options.get(entry.value, entry.value or "not entered"))
