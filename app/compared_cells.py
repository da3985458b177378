"""What the tables of a comparison hold: made beside the window, for of fifty scenarios they are 26,000 cells."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.compared_figures import paths_of
from app.figure_menu import in_scenario
from app.figure_pickers import OUT_OF_REACH
from app.inherited import exported_value, value_words
from app.numbers import Numbers
from app.tables.line_model import Cell
from models.compare.columns import columns_of
from models.compare.matrix import BEST_USE, InputRow, Matrix, Row, compare, differing_inputs
from models.compare.share_paths import delta_path
from models.figures import FigureKind
from models.plan import Plan
from models.sheets import Measured
from models.units import display, unit_label
from models.use_names import named_uses

BETTER, WORSE = "▲", "▼"
LESS = "± baseline"


@dataclass(frozen=True)
class TableContent:
    """Headings, rows, and what the columns are called in a file."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    labels: Sequence[str]


@dataclass(frozen=True)
class Comparison:
    """Some scenarios beside each other, and their tables once somebody asks.

    Attributes
    ----------
    matrix, inputs
        The figures, and the inputs that differ.
    numbers
        How numbers are written.
    """

    matrix: Matrix
    inputs: tuple[InputRow, ...]
    numbers: Numbers

    @property
    def has_tables(self) -> bool:
        """Whether the tables have been made already."""
        return "figures_table" in vars(self) and "inputs_table" in vars(self)

    @cached_property
    def figures_table(self) -> TableContent:
        """Figures × scenarios, each beside its distance from the baseline."""
        matrix = self.matrix
        heads, labels = ["Figure"], ["Figure"]
        for place, column in enumerate(matrix.columns):
            heads += [column.name] if place == matrix.baseline else [column.name, LESS]
            less = f"{column.name} less {matrix.columns[matrix.baseline].name}"
            labels += [column.name] if place == matrix.baseline else [column.name, less]
        names = named_uses(matrix.columns[matrix.baseline].plan)
        return TableContent(heads, [_row(matrix, row, names, self.numbers) for row in matrix.rows], labels)

    @cached_property
    def inputs_table(self) -> TableContent:
        """The inputs that differ, by scenario."""
        matrix = self.matrix
        plan = matrix.columns[matrix.baseline].plan
        rows = [
            [
                Cell(row.label, path=row.path),
                *(
                    Cell(
                        value_words(plan, row.path, value, self.numbers),
                        ground="own" if value != row.values[matrix.baseline] else "",
                        is_number=True,
                        path=in_scenario(row.path, column.id) or "",
                        exported=exported_value(plan, row.path, value),
                    )
                    for value, column in zip(row.values, matrix.columns, strict=True)
                ),
            ]
            for row in self.inputs
        ]
        heads = ["Input", *(c.name for c in matrix.columns)]
        return TableContent(heads, rows, heads)


def comparison_of(
    plan: Plan, ids: tuple[str, ...], baseline_id: str, kinds: tuple[str, ...], numbers: Numbers, *, tables: bool
) -> Comparison:
    """Everything the page shows of some scenarios; touches nothing of the GUI.

    Parameters
    ----------
    tables
        Whether the tables are wanted as well: on a tab with charts nobody sees them.
    """
    columns = columns_of(plan, ids)
    matrix = compare(columns, paths_of(kinds, columns[0]), baseline_id)
    found = Comparison(matrix, differing_inputs(columns), numbers)
    if tables:
        _ = found.figures_table, found.inputs_table
    return found


def _figure_of(matrix: Matrix, row: Row, place: int) -> str:
    """The figure behind a cell, in its column's scenario; of a best use that by which it leads."""
    path = row.path.replace(f".{BEST_USE}", ".lead_usd_per_mw")
    return in_scenario(path, matrix.columns[place].id) or ""


def _row(matrix: Matrix, row: Row, names: Mapping[str, str], numbers: Numbers) -> list[Cell]:
    unit = "" if row.kind is None else unit_label(row.kind.unit)
    path = _figure_of(matrix, row, matrix.baseline)
    name = full = row.label
    if row.kind is not None:
        # Whose it is stands last and stays whole where there is no room for the name.
        whose = row.label.removeprefix(f"{row.kind.label}, ")
        if row.path.startswith("uses."):
            whose = names.get(row.path.removeprefix("uses.").rpartition(".")[0], whose)
        if whose != row.label:
            name = f"{row.kind.label}{f', {unit}' if unit else ''} · {whose}"
            full = f"{row.kind.label}, {whose}"
    cells = [Cell(name, path=path, exported=full)]
    for place, _ in enumerate(matrix.columns):
        cells.append(_value(matrix, row, place, numbers))
        if place != matrix.baseline:
            cells.append(_delta(matrix, row, place, numbers))
    return cells


def _value(matrix: Matrix, row: Row, place: int, numbers: Numbers) -> Cell:
    path = _figure_of(matrix, row, place)
    if row.kind is None:
        differs = row.differs(place, matrix.baseline)
        return Cell(row.texts[place] or "—", strong=differs, ground="own" if differs else "", path=path)
    value, kind = row.values[place], row.kind
    text, full = _number(value, kind, numbers)
    where = matrix.columns[place].name
    tip = "" if math.isfinite(value) else f"{row.label} cannot be computed in {where}."
    if tip and path.startswith("crossovers."):
        text, tip = OUT_OF_REACH, f"{row.label} is out of reach in {where}: no value makes both worth the same."
    return Cell(text, full, ink="calculated", is_number=True, tip=tip, path=path, exported=Measured(value, kind.unit))


def _delta(matrix: Matrix, row: Row, place: int, numbers: Numbers) -> Cell:
    path = _figure_of(matrix, row, place)
    if row.kind is None:
        return Cell("changes" if row.differs(place, matrix.baseline) else "", path=path)
    path = delta_path(matrix.columns[matrix.baseline].id, matrix.columns[place].id, row.path)
    if not row.differs(place, matrix.baseline):
        exported = Measured(row.delta(place, matrix.baseline), row.kind.unit)
        return Cell("=", ink="muted", is_number=True, path=path, exported=exported)
    better = row.is_better(place, matrix.baseline)
    delta = row.delta(place, matrix.baseline)
    text, full = _number(delta, row.kind, numbers, sign=True)
    mark = {True: f" {BETTER}", False: f" {WORSE}", None: ""}[better]
    ink = {True: "positive", False: "negative", None: ""}[better]
    tip = {True: "better than the baseline", False: "worse than the baseline", None: ""}[better]
    exported = Measured(delta, row.kind.unit)
    return Cell(f"{text}{mark}", full, ink=ink, is_number=True, tip=tip, path=path, exported=exported)


def _number(value: float, kind: FigureKind, numbers: Numbers, *, sign: bool = False) -> tuple[str, str]:
    if not math.isfinite(value):
        return "—", "—"
    # The unit stands in the row's name; per cent says what it is on each number.
    shown_unit = kind.unit if kind.unit.startswith("fraction") else ""
    shown = value if shown_unit else value * display(kind.unit)[1]
    return numbers.format(shown, kind.digits, shown_unit, sign=sign), numbers.full(value, kind.unit)
