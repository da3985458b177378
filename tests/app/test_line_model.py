"""What cells of a table give to a screen reader and to files."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.tables.grid_view import block_cells, block_text
from app.tables.line_model import Cell, Line, LineModel
from models.sheets import Measured


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (Cell("12", tip="better than the baseline"), "12. better than the baseline"),
        (Cell("", tip="The market's"), "The market's"),
        (Cell("The source", tip="The source"), "The source"),
        (Cell("12"), "12"),
    ],
)
def test_that_a_cell_is_read_aloud_with_its_tip(qapp: object, cell: Cell, said: str) -> None:
    model = LineModel(("Value",))
    model.show([Line("1", (cell,))])
    assert model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole) == said


def test_that_a_file_gets_the_amount_before_what_is_copied_and_that_before_the_text() -> None:
    assert Cell("12", "12.3456", exported=Measured(12.3456, "USD")).in_file == Measured(12.3456, "USD")
    assert Cell("12", "12.3456").in_file == "12.3456"
    assert Cell("12").in_file == "12"


def test_that_text_on_the_clipboard_is_no_formula_and_numbers_stay_numbers() -> None:
    formulas = ["=1+1", "-A1", "+1|cmd", "@SUM(1)", "-2+3", "  =1"]
    numbers = ["-5", "-5,25", "-1.5e-07", "+$1.2M", "+1.1%", "-12 USD/kW-month", "−5", "−"]
    (marked, unmarked) = block_text([formulas, numbers]).split("\n")
    assert marked.split("\t") == ["'=1+1", "'-A1", "'+1|cmd", "'@SUM(1)", "'-2+3", "  '=1"]
    assert unmarked.split("\t") == numbers
    assert block_cells(block_text([formulas[:-1], numbers])) == [formulas[:-1], numbers]
    assert block_text([["one\tcell\nonly"]]) == "one cell only"
