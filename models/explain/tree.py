"""What an explanation is made of: a tree of numbers, each with the formula by which it follows from those below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from models.curves import Array
from models.explain.formula import parts_of, reckoned, said
from models.sentences import within

DAY_NUMBER = "day number"
"""Unit of a calendar day that is counted with: its text is the day."""

Writer = Callable[[float, int, str], str]
"""Writes a value with so many decimals and its unit."""


@dataclass(frozen=True, eq=False)
class Column:
    """One line of a monthly table.

    Attributes
    ----------
    label, unit, digits
        As a figure's.
    values
        Shape (rows,).
    formula
        By which it follows from other columns and the node's children; empty where it is taken as it stands.
    child
        Place of the child whose own table ends with these values, which explains them; -1 for none.
    """

    label: str
    unit: str
    values: Array
    formula: str = ""
    child: int = -1
    digits: int = 0


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers month by month, or record by record.

    Attributes
    ----------
    heading
        What a row is: ``Month``.
    rows
        What each is called: ``2026-04``.
    """

    heading: str
    rows: tuple[str, ...]
    columns: tuple[Column, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """A number with what it follows from.

    Attributes
    ----------
    label, unit, digits
        What it is called, its unit as `models.units` writes it, and its decimals.
    value
        NaN where it cannot be computed, with the `reason`.
    path
        Of the figure or input; empty for a step on the way.
    formula
        See `models.explain.formula`. Children that it does not name are what the value rests on besides.
    children, table
        What the formula names.
    solves
        Whether the formula is an equation that the value solves: it comes to nothing.
    slack
        By how much such an equation may miss, where no value hits it: a revenue jumps.
    text
        The value of an input that is no number.
    source, address, date, age_days, note, state
        Of an input; see `models.evidence.Entry`.
    is_input
        Whether this is the user's own entry.
    reason
        Why there is no value.
    """

    label: str
    value: float
    unit: str = ""
    digits: int = 2
    path: str = ""
    formula: str = ""
    children: tuple[Node, ...] = ()
    table: Table | None = None
    solves: bool = False
    slack: float = 0.0
    text: str = ""
    source: str = ""
    address: str = ""
    date: str = ""
    age_days: float = math.nan
    note: str = ""
    state: str = ""
    is_input: bool = False
    reason: str = ""
    _parts: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

    def parts(self) -> dict[str, Any]:
        """Values by their place in the formula."""
        found: dict[str, Any] = {str(number): child.value for number, child in enumerate(self.children)}
        if self.table is not None:
            found |= {f"t{number}": column.values for number, column in enumerate(self.table.columns)}
        return found

    def recomputed(self) -> float:
        """The value by the node's own formula, from what stands below it; NaN without a formula."""
        return float(reckoned(self.formula, self.parts())) if self.formula else math.nan

    def column_recomputed(self, number: int) -> Array:
        """A column of the table by its own formula."""
        assert self.table is not None
        column = self.table.columns[number]
        return np.asarray(reckoned(column.formula, self.parts()) + np.zeros(len(column.values)))

    def in_words(self, formula: str | None = None) -> str:
        """The formula with names: ``revenue − power cost − opex``."""
        formula = self.formula if formula is None else formula
        words = {str(n): _inner(child.label) for n, child in enumerate(self.children)}
        named = [words[place] for place in parts_of(formula) if place in words]
        if len(set(named)) < len(named):  # as where two NPVs stand on two sides
            words = {str(n): child.label for n, child in enumerate(self.children)}
        if self.table is not None:
            words |= {f"t{n}": _inner(column.label) for n, column in enumerate(self.table.columns)}
        return said(formula, words)

    def in_full(self) -> str:
        """The formula with names, and by what the column that it sums up follows."""
        words = self.in_words()
        for place in parts_of(self.formula):
            if place.startswith("t") and self.table is not None:
                column = self.table.columns[int(place[1:])]
                if column.formula:
                    return f"{words}, where {_inner(column.label)} = {self.in_words(column.formula)}"
        return words

    def in_figures(self, write: Writer) -> str:
        """The formula with its values, columns of the table by name."""
        words = {
            str(n): child.text if child.unit == DAY_NUMBER else write(child.value, child.digits, child.unit)
            for n, child in enumerate(self.children)
        }
        if self.table is not None:
            words |= {f"t{n}": _inner(column.label) for n, column in enumerate(self.table.columns)}
        return said(self.formula, words)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()

    def inputs(self) -> tuple[Node, ...]:
        """The user's entries that it rests on, each once, in the order of the tree."""
        return tuple({node.path or node.label: node for node in self.walk() if node.is_input}.values())


class LaterNode(Node):
    """A node of which only the number is there; what it follows from is made when somebody looks at it.

    A figure that adds up a fleet rests on thousands of numbers, of which a reader opens a few.

    Parameters
    ----------
    label, value, unit, digits, path
        As a node's; the value is known, so that no reason is needed.
    make
        Makes the node in full.
    """

    def __init__(self, label: str, value: float, unit: str, digits: int, path: str, make: Callable[[], Node]) -> None:
        self.__dict__.update(label=label, value=value, unit=unit, digits=digits, path=path, make=make, _parts={})

    @cached_property
    def _full(self) -> Node:
        found: Node = self.__dict__["make"]()
        return found

    @property
    def formula(self) -> str:
        """See `Node`."""
        return self._full.formula

    @property
    def children(self) -> tuple[Node, ...]:
        """See `Node`."""
        return self._full.children

    @property
    def table(self) -> Table | None:
        """See `Node`."""
        return self._full.table

    @property
    def note(self) -> str:
        """See `Node`."""
        return self._full.note


def _inner(label: str) -> str:
    """A name inside a formula: "Pool fee, S21" is pool fee, but BTC and NPV keep their capitals."""
    return within(label.partition(",")[0])
