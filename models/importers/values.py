"""What one cell means: a number in its column's or its own unit, a calendar month, a word of a choice."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from models.fields import Choice
from models.importers.headings import HASH_PREFIX_IN_TH, unit_factor
from models.importers.tables import Cell
from models.sentences import Amount, Sentence
from models.units import QuantityError, parse_quantity

NOTHING = frozenset({"", "-", "–", "—", "n/a", "na", "nan", "null", "none", "tbd", "tba", "?", "."})

LONGEST_NUMBER = 400
"""Characters with a unit and a note; the patterns below take their time over longer ones."""

_BARE = re.compile(r"^[+\-−]?\s*[\d.,'’\s]*\d[\d.,'’\s]*(?:[eE][+\-]?\d+)?$")
_SEVERAL = re.compile(r"[\d)]\s*[+\-−–*×/÷]\s*[\d.,(]")
_HASHRATE = re.compile(
    r"^([+\-−]?[\d.,'’\s]*\d(?:[eE][+\-]?\d+)?)\s*([kmgtpe]?)h?(?:ash)?e?s?(?:\s*/\s*s(?:ec)?|ps|s)?$", re.I
)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januar january",
            "feb februar february",
            "mar mär märz mrz march",
            "apr april",
            "may mai",
            "jun juni june",
            "jul juli july",
            "aug august",
            "sep sept september",
            "oct okt october oktober",
            "nov november",
            "dec dez december dezember",
        ),
        start=1,
    )
    for name in names.split()
}
_WORDS = {
    "lease": "lease|nnn|triple net|colocation|colo|powered shell|modified gross|hosting|build to suit|rent",
    "gpu_cloud": "gpu|cloud|own gpus|gpu cloud|gpu service|neocloud",
    "tenant": "tenant|customer|client|pass through|passthrough|passed through|lessee|yes|true|mieter",
    "operator": "operator|landlord|us|we|ourselves|lessor|included|no|false|vermieter",
    "fixed": "fixed|fix|flat|full requirements|fixed price|festpreis",
    "block": "block|fixed block|fixed price block|hedge|hedged block|swap|base block|baseload block|fixed quantity",
    "index": "index|indexed|rt|rt index|real time|real time index|rtm|da|da index|day ahead|day ahead index|dam|spot|"
    "spot price|floating|market|market price|lmp",
    "block_and_index": "block and index|block & index|block + index|block index|block plus index|b&i|layered",
    "take_or_pay": "take or pay|top|minimum take|min take|take and pay",
    "time_of_use": "time of use|tou|time of day|peak and off peak|peak off peak|on peak off peak",
    "behind_the_meter": "behind the meter|btm|on site generation|onsite generation|own generation|self generation",
}


class CellError(ValueError):
    """Why a cell cannot be read, as a clause that follows the column's name."""

    def __init__(self, clause: str) -> None:
        super().__init__(clause)
        self.clause = clause


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as it was understood.

    Attributes
    ----------
    value
        In the input's unit.
    has_unit
        Whether the cell or its heading named a unit.
    echo
        How a number that could have been a per cent or a fraction was read; else empty.
    """

    value: float
    has_unit: bool
    echo: str = ""


def is_nothing(cell: Cell) -> bool:
    """Whether a cell says that nothing is known."""
    return isinstance(cell, str) and cell.strip().lower() in NOTHING


def stored_number(value: int | float) -> float:
    """A number that JSON stores, infinite where none so large can be reckoned with."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


# Lists of machines repeat the same few numbers thousands of times.
@lru_cache(maxsize=4096)
def number_in(
    cell: Cell,
    unit: str,
    heading_unit: str = "",
    scale: float = 1.0,
    decimal: str = ".",
    usual: tuple[float | None, float | None] = (None, None),
) -> Reading:
    """The number in a cell.

    Parameters
    ----------
    cell
        As it stands; a unit beside the number goes before the heading's.
    unit
        The input's unit.
    heading_unit, scale
        As the heading says; empty and 1 where it does not.
    decimal
        The table's decimal mark; numbers that a workbook stores do not need it.
    usual
        The input's usual range, which tells 0.95 from 95 in a column of fractions.

    Raises
    ------
    CellError
        Where there is no number, it is not finite, or its unit does not fit.

    Examples
    --------
    >>> number_in("3,5", "W", "kW", decimal=",").value
    3500.0
    >>> number_in("95.2 TH/s", "TH/s").value, number_in("13850 GH/s", "TH/s").value
    (95.2, 13.85)
    """
    try:
        if isinstance(cell, float):
            reading = _stored(cell, unit, heading_unit, scale, usual)
        else:
            reading = _typed(cell.strip(), unit, heading_unit, scale, decimal, usual)
    except QuantityError as error:
        raise CellError(f"cannot be read: {error}") from None
    if not math.isfinite(reading.value):
        raise CellError("is too large, or no number at all")
    return reading


def _typed(
    text: str, unit: str, heading_unit: str, scale: float, decimal: str, usual: tuple[float | None, float | None]
) -> Reading:
    if len(text) > LONGEST_NUMBER:
        raise CellError(f"“{text[:30]}…” is too long for a number")
    if text.startswith("="):
        raise CellError("holds a formula without its value; open the workbook, save it, and import again")
    if text.startswith("#"):
        raise CellError(f"holds the spreadsheet error {text[:12]}; correct it there")
    if _SEVERAL.search(text):
        raise CellError(f"“{text[:30]}” is a range, a date or a sum; write one number")
    group = "." if decimal == "," else ","
    if _BARE.match(text):
        if not heading_unit:
            if unit.startswith("fraction"):
                return _fraction(parse_quantity(text, "", decimal, group).value, unit, usual)
            return Reading(_tidy(parse_quantity(text, unit, decimal, group, usual).value * scale), scale != 1.0)
        return Reading(
            _tidy(parse_quantity(text, "", decimal, group).value * scale * _factor(heading_unit, unit)), True
        )
    if unit == "TH/s" and (match := _HASHRATE.match(text)):
        value = parse_quantity(match.group(1), "", decimal, group).value
        return Reading(_tidy(value * HASH_PREFIX_IN_TH[match.group(2).lower()]), True)
    return Reading(parse_quantity(text, unit, decimal, group, usual).value, True)


def _stored(
    value: float, unit: str, heading_unit: str, scale: float, usual: tuple[float | None, float | None]
) -> Reading:
    if heading_unit:
        return Reading(_tidy(value * scale * _factor(heading_unit, unit)), True)
    if unit.startswith("fraction"):
        return _fraction(value, unit, usual)
    return Reading(_tidy(value * scale), scale != 1.0)


def _fraction(number: float, unit: str, usual: tuple[float | None, float | None]) -> Reading:
    """A bare number of a column of fractions: 95 is 95 %, 0.95 too, and a pool fee of 0.5 is half a per cent.

    Where a number up to 1 would be usual as a fraction it is one: tables hold 0.15 for 15 %, and rarely for 0.15 %.
    """
    low, high = usual
    if 0 < abs(number) <= 1 and low is not None and high is not None and low <= number <= high:
        echo = ""
        if low <= number / 100 <= high:
            read = Amount(number, "fraction", ".6g%")
            echo = Sentence("{typed} was read as {read}", typed=Amount(number, "", ".6g"), read=read)
        return Reading(number, False, echo)
    return Reading(parse_quantity(f"{number:.17g}", unit, usual=usual).value, False)


def _factor(heading_unit: str, unit: str) -> float:
    factor = unit_factor(heading_unit, unit)
    if factor is None:
        raise CellError(f"cannot be converted from {heading_unit} to {unit}")
    return factor


def _tidy(value: float) -> float:
    """Without the last bits' noise of a conversion: 0.0452 $/kWh is 45.2 $/MWh."""
    return float(f"{value:.15g}")


def month_in(cell: Cell) -> str:
    """The calendar month that a cell names, as ``YYYY-MM``.

    Raises
    ------
    CellError
        Where there is none, or where day and month could be exchanged.

    Examples
    --------
    >>> [month_in(t) for t in ("2027-04", "2027-04-15", "Apr 2027", "1 April 2027", "04/2027", "15.04.2027", "Apr-27")]
    ['2027-04', '2027-04', '2027-04', '2027-04', '2027-04', '2027-04', '2027-04']
    """
    if isinstance(cell, float):
        what = Amount(cell, "", ".6g")
        raise CellError(Sentence("is the number {what}, not a month; write it as 2027-04", what=what))
    text = cell.strip().lower()
    if match := re.match(r"^(\d{4})[-/.](\d{1,2})(?:[-/.]\d{1,2})?(?:[t ].*)?$", text):
        return _month(int(match.group(1)), int(match.group(2)), cell)
    if match := re.match(r"^(\d{1,2})[-/.](\d{4})$", text):
        return _month(int(match.group(2)), int(match.group(1)), cell)
    if match := re.match(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$", text):
        first, second, year = int(match.group(1)), int(match.group(3)), int(match.group(4))
        if match.group(2) == "." or first > 12:
            return _month(year, second, cell)
        if second > 12 or first == second:
            return _month(year, first, cell)
        raise CellError(f"“{cell}” may be the {first:d}th month or the {second:d}th; write it as {year}-04")
    if match := re.match(r"^(?:q([1-4])[\s/-]*(\d{4})|(\d{4})[\s/-]*q([1-4]))$", text):
        # The last month of a quarter, since that is by when "Q2" has been promised.
        quarter, year = int(match.group(1) or match.group(4)), int(match.group(2) or match.group(3))
        return _month(year, quarter * 3, cell)
    words = re.findall(r"[a-zäöü]+|\d+", text)
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = [word for word in words if word.isdigit()]
    if len(months) == 1 and numbers and len(words) <= 4 and len(numbers[-1]) <= 4:
        year = int(numbers[-1]) if len(numbers[-1]) == 4 else 2000 + int(numbers[-1])
        return _month(year, months[0], cell)
    raise CellError(f"“{cell[:30]}” is not a month; write it as 2027-04")


def _month(year: int, month: int, cell: str) -> str:
    if not (2000 <= year <= 2200 and 1 <= month <= 12):
        raise CellError(f"“{cell[:30]}” is not a month; write it as 2027-04")
    return f"{year:04d}-{month:02d}"


def word_in(cell: Cell, choice: Choice) -> str | None:
    """The stored word that a cell means in a choice.

    Raises
    ------
    CellError
        Where it is none of them; the message lists them.
    """
    text = re.sub(r"[\s_\-/]+", " ", str(cell)).strip().lower()
    options = [(stored, label) for stored, label in choice.options if stored is not None]
    for stored, label in options:
        if text in (stored.replace("_", " "), label.lower()):
            return stored
    for stored, _ in options:
        if text in _WORDS.get(stored, "").split("|"):
            return stored
    # "Fixed block, rest at index" holds the words of several; the longest says most.
    inside = [
        (len(word), -place, stored)
        for place, (stored, _) in enumerate(options)
        for word in _WORDS.get(stored, "").split("|")
        if word and re.search(rf"\b{re.escape(word)}\b", text)
    ]
    if inside:
        return max(inside)[2]
    listed = ", ".join(stored for stored, _ in options)
    raise CellError(f"“{str(cell)[:30]}” is none of {listed}")
