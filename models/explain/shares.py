"""One step of a bridge between two scenarios: what an input makes of the difference, on the mean of all orders."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import partial

import numpy as np

from models.compare.bridge import Bridge, Priced, Step, bridge, share_of_orders
from models.compare.columns import Column as Scenario
from models.compare.columns import columns_of
from models.compare.share_paths import DELTAS, DIFFERENCE, parts_of, share_path
from models.explain import Explanation, node_of
from models.explain.context import Context
from models.explain.tree import Column, LaterNode, Node, Table
from models.figures import FigureKind
from models.plan import Plan
from models.scenarios import BASE
from models.sentences import Amount, Sentence, joined, within

MOST_NAMES = 3


def explained_share(plan: Plan, path: str, as_of: date, known: Bridge | None = None) -> Explanation:
    """What one input makes of a figure's difference between two scenarios, or the difference as their sum.

    Parameters
    ----------
    plan
        The document's plan, without a scenario applied.
    path
        See `models.compare.share_paths.share_path`; for the sum with ``difference`` in the place of an input.
    as_of
        The day that ages are counted to.
    known
        That bridge, where it was made already.

    Raises
    ------
    KeyError
        Where there is no such scenario or figure, or the input makes nothing of the difference.

    Examples
    --------
    >>> from models.samples import sample
    >>> path = "shares.base.bull.uses.a1.npv_usd_per_mw.market.btc_price_usd"
    >>> root = explained_share(sample("briefing"), path, date(2026, 11, 28)).root
    >>> root.label, [child.label for child in root.children][:2]
    ('What BTC price makes of NPV, Antminer S21', ['Base case: BTC price', 'BTC $120,000: BTC price'])
    """
    old_id, new_id, figure_path, input_path = parts_of(path)
    old, new = ends = columns_of(plan, (old_id, new_id))
    found = bridge(old, new, figure_path) if known is None else known
    if found.priced is None:
        raise KeyError(path)
    difference = _difference(plan, ends, found, figure_path, as_of)
    if input_path == DIFFERENCE:
        return Explanation(replace(difference, path=path), as_of)
    step = next((s for s in found.steps if s.path == input_path), None)
    if step is None:
        raise KeyError(path)
    sides = tuple(_named(_context(plan, end, as_of).input(input_path), end) for end in ends)
    formula, table = _turns(found.priced, step, found.kind)
    root = Node(
        f"What {within(step.label)} makes of {found.label}",
        step.amount,
        found.kind.unit,
        found.kind.digits,
        path=path,
        formula=formula,
        children=(*sides, difference),
        table=table,
        note=_how(found, step),
    )
    return Explanation(root, as_of)


def explained_delta(plan: Plan, path: str, as_of: date) -> Explanation:
    """A figure in one scenario less the same in another, down to both.

    Parameters
    ----------
    plan, as_of
        As for `explained_share`.
    path
        See `models.compare.share_paths.delta_path`.

    Raises
    ------
    KeyError
        Where there is no such scenario or figure.
    """
    match path.split(".", 3):
        case [first, old_id, new_id, figure_path] if first == DELTAS:
            ends = columns_of(plan, (new_id, old_id))
        case _:
            raise KeyError(path)
    nodes = [_figure(plan, end, figure_path, as_of) for end in ends]
    sides = tuple(called(f"{node.label}, in {end.name}", node) for node, end in zip(nodes, ends, strict=True))
    unknown = [end.name for node, end in zip(nodes, ends, strict=True) if not math.isfinite(node.value)]
    label = nodes[0].label
    root = Node(
        f"{label}, {ends[0].name} less {ends[1].name}", nodes[0].value - nodes[1].value, nodes[0].unit,
        nodes[0].digits, path=path, formula="{0} − {1}", children=sides,
        reason=f"{label} cannot be computed in {' and '.join(unknown)}." if unknown else "",
    )  # fmt: skip
    return Explanation(root, as_of)


def called(label: str, node: Node) -> Node:
    """The node under another name; one that is made later stays so."""
    if isinstance(node, LaterNode):
        return LaterNode(label, node.value, node.unit, node.digits, node.path, lambda: node)
    return replace(node, label=label)


def _context(plan: Plan, end: Scenario, as_of: date) -> Context:
    return Context(end.plan, end.results, as_of, plan if end.id != BASE else None)


def _named(node: Node, end: Scenario) -> Node:
    return replace(node, label=f"{end.name}: {node.label}")


def _difference(plan: Plan, ends: tuple[Scenario, ...], found: Bridge, figure_path: str, as_of: date) -> Node:
    """All shares, which add up to the figure in the one scenario less that in the other."""
    old, new = ends
    kind = found.kind
    shares = tuple(
        Node(step.label, step.amount, kind.unit, kind.digits, share_path(old.id, new.id, figure_path, step.path))
        for step in found.steps
    )
    formula = " + ".join(f"{{{k}}}" for k in range(len(shares)))
    together = Node(
        "All shares", math.fsum(s.amount for s in found.steps), kind.unit, kind.digits, formula=formula, children=shares
    )
    figures = tuple(
        LaterNode(
            f"{found.label}, in {end.name}", value, kind.unit, kind.digits, figure_path,
            partial(_figure, plan, end, figure_path, as_of),
        )
        for end, value in ((new, found.new), (old, found.old))
    )  # fmt: skip
    return Node(
        f"Difference of {found.label}",
        found.difference,
        kind.unit,
        kind.digits,
        formula="{0} − {1}",
        children=(*figures, together),
        note="All shares add up to the difference.",
    )


def _figure(plan: Plan, end: Scenario, figure_path: str, as_of: date) -> Node:
    return node_of(_context(plan, end, as_of), figure_path)


def _turns(priced: Priced, step: Step, kind: FigureKind) -> tuple[str, Table]:
    """What the input adds, by what has changed before it."""
    names: list[str] = []
    shares: tuple[Column, ...] = ()
    place = priced.paths.index(step.path)
    n = len(priced.paths)
    if priced.orders is None:
        before, after = (np.take(priced.values, way, axis=place).ravel() for way in (0, 1))
        others = [k for k in range(n) if k != place]
        for pattern in np.ndindex((2,) * (n - 1)):
            names.append(_after([priced.labels[k] for k, is_new in zip(others, pattern, strict=True) if is_new]))
        shares = (Column("Share of all orders", "fraction", share_of_orders(n).ravel(), digits=2),)
        formula, adds = "sum({t0} × {t3})", "{t2} − {t1}"
    else:
        at = [int(np.flatnonzero(order == place)[0]) for order in priced.orders]
        rows = np.arange(len(at))
        before, after = priced.values[rows, at], priced.values[rows, np.array(at) + 1]
        for number, (order, turn) in enumerate(zip(priced.orders, at, strict=True), start=1):
            names.append(f"{number}: {_after([priced.labels[k] for k in order[:turn]])}")
        formula, adds = "mean({t2})", "{t1} − {t0}"
    columns = (
        *shares,
        Column("Figure before", kind.unit, before, digits=kind.digits),
        Column("Figure after", kind.unit, after, digits=kind.digits),
        Column("Adds", kind.unit, after - before, adds, digits=kind.digits),
    )
    return formula, Table("Order", tuple(names), columns)


def _after(names: list[str]) -> str:
    if not names:
        return "first of all"
    shown = ", ".join(map(within, names[:MOST_NAMES]))
    more = len(names) - MOST_NAMES
    return f"after {shown}{f' and {more} more' if more > 0 else ''}"


def _how(found: Bridge, step: Step) -> Sentence:
    """How many orders the share is the mean of, and how sure that is."""
    assert found.priced is not None
    n = len(found.priced.paths)
    if n == 1:
        return Sentence("It is the only input that differs and moves the figure: it makes the whole difference.")
    how: list[Amount | str] = ["Its Shapley value: the mean over all "]
    if found.priced.orders is None:
        how += [Amount(float(math.factorial(n)), "", ",.0f"), f" orders in which the {n} inputs that differ can change"]
    else:
        error = Amount(step.standard_error, found.kind.unit, f",.{found.kind.digits}f")
        how = ["Its Shapley value, estimated: the mean over ", Amount(float(len(found.priced.orders)), "", ",.0f")]
        how += [f" drawn orders of the {n} inputs that differ, off by about ", error, " (one standard error)"]
    return joined([*how, ". All shares add up to the difference."], "")
