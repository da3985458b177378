"""Units: constants with their source, conversion, and reading a number that a person typed with its unit.

Units are written as in field descriptions: ``USD/MWh``, ``USD/IT kW-month``, ``J/TH``. A slash divides, a hyphen or a
space multiplies. A month is 730 h and a year 8,760 h when rates are converted ($1/kW-month = $12/kW-year =
$1.369863/MWh); a plan's own months have the calendar's hours. ``IT`` says on whose side of cooling a kilowatt is
metered and does not convert by itself.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

from models.arithmetic import QuantityError as QuantityError
from models.arithmetic import Reckoned, reckon

HASHES_PER_DIFFICULTY = 2.0**32
"""Expected hashes per block at difficulty 1, the industry's convention; the exact figure is 15.259 ppm higher."""
BLOCKS_PER_DAY = 144
SECONDS_PER_DAY = 86_400.0
SECONDS_PER_BLOCK = 600.0
HOURS_PER_YEAR = 8_760.0
HOURS_PER_MONTH = HOURS_PER_YEAR / 12.0
MONTHS_PER_YEAR = 12.0
KW_PER_MW = 1_000.0
W_PER_MW = 1_000_000.0

Dimension = tuple[tuple[str, int], ...]

_SECOND_H = 1.0 / 3600.0
_TOKENS: dict[str, tuple[dict[str, int], float]] = {
    "1": ({}, 1.0),
    "IT": ({}, 1.0),
    "USD": ({"usd": 1}, 1.0),
    "$": ({"usd": 1}, 1.0),
    "US$": ({"usd": 1}, 1.0),
    "c": ({"usd": 1}, 0.01),
    "ct": ({"usd": 1}, 0.01),
    "¢": ({"usd": 1}, 0.01),
    "cent": ({"usd": 1}, 0.01),
    "BTC": ({"btc": 1}, 1.0),
    "sat": ({"btc": 1}, 1e-8),
    "W": ({"power": 1}, 1.0),
    "kW": ({"power": 1}, 1e3),
    "MW": ({"power": 1}, 1e6),
    "GW": ({"power": 1}, 1e9),
    "Wh": ({"power": 1, "time": 1}, 1.0),
    "kWh": ({"power": 1, "time": 1}, 1e3),
    "MWh": ({"power": 1, "time": 1}, 1e6),
    "GWh": ({"power": 1, "time": 1}, 1e9),
    "J": ({"power": 1, "time": 1}, _SECOND_H),
    "s": ({"time": 1}, _SECOND_H),
    "second": ({"time": 1}, _SECOND_H),
    "h": ({"time": 1}, 1.0),
    "hr": ({"time": 1}, 1.0),
    "hour": ({"time": 1}, 1.0),
    "day": ({"time": 1}, 24.0),
    "d": ({"time": 1}, 24.0),
    "mo": ({"time": 1}, HOURS_PER_MONTH),
    "month": ({"time": 1}, HOURS_PER_MONTH),
    "mth": ({"time": 1}, HOURS_PER_MONTH),
    "yr": ({"time": 1}, HOURS_PER_YEAR),
    "y": ({"time": 1}, HOURS_PER_YEAR),
    "year": ({"time": 1}, HOURS_PER_YEAR),
    "GH": ({"hash": 1}, 1e9),
    "TH": ({"hash": 1}, 1e12),
    "PH": ({"hash": 1}, 1e15),
    "EH": ({"hash": 1}, 1e18),
    "GPU": ({"gpu": 1}, 1.0),
    "machine": ({"machine": 1}, 1.0),
    "unit": ({"machine": 1}, 1.0),
    "block": ({"block": 1}, 1.0),
    "fraction": ({}, 1.0),
    "%": ({}, 0.01),
    "percent": ({}, 0.01),
    "difficulty": ({"difficulty": 1}, 1.0),
}
_BY_LOWER = {name.lower(): name for name in _TOKENS}
_SCALES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
    "t": 1e12,
    "trillion": 1e12,
}
_DISPLAY = {
    "fraction": ("%", 100.0),
    "fraction/year": ("%/year", 100.0),
    "difficulty": ("T", 1e-12),
    "USD/BTC": ("$", 1.0),
    "USD": ("$", 1.0),
    "machines": ("", 1.0),
    "blocks": ("", 1.0),
}


@dataclass(frozen=True, slots=True)
class Parsed:
    """How a typed number was understood.

    Attributes
    ----------
    value
        In the field's own unit; full precision.
    echo
        What was understood, where that is not just what was typed ("4.5 c/kWh = 45 $/MWh"); else empty.
    alternatives
        Other readings, as value and text. Where there are any, the reading is ambiguous and a person should choose.
    """

    value: float
    echo: str = ""
    alternatives: tuple[tuple[float, str], ...] = ()


def display(unit: str) -> tuple[str, float]:
    """How a unit is shown: its label, and the factor from stored to shown numbers.

    Examples
    --------
    >>> display("USD/IT kW-month"), display("fraction")
    (('$/IT kW-month', 1.0), ('%', 100.0))
    """
    if unit in _DISPLAY:
        return _DISPLAY[unit]
    return unit.replace("USD", "$"), 1.0


def unit_label(unit: str) -> str:
    """The label alone: ``$/MWh``, ``%``, ``J/TH``."""
    return display(unit)[0]


@cache
def _measure(unit: str) -> tuple[Dimension, float]:
    """Dimension and factor to base units (USD, W, h, hash) of a unit's text.

    Raises
    ------
    QuantityError
        Where a word is no unit.
    """
    text = unit.strip().replace(" per ", "/").replace("²", "2")
    powers: dict[str, int] = {}
    factor = 1.0
    parts = text.split("/")
    # "$ per PH per day" and "J/TH" mean hashes per second of capacity where time or energy does not cancel it;
    # the trade leaves the second out, so it is put back here.
    money_per_hash = len(parts) > 1 and any(re.fullmatch(r"\s*[GTPE]H\s*", p, re.IGNORECASE) for p in parts[1:])
    for position, part in enumerate(parts):
        sign = 1 if position == 0 else -1
        for word in re.split(r"[-·*\s]+", part.strip()):
            if not word:
                continue
            token = _token(word)
            if token is None:
                raise QuantityError(f"“{word}” is not a unit that Busbar knows")
            dims, scale = token
            for name, power in dims.items():
                powers[name] = powers.get(name, 0) + sign * power
            factor *= scale**sign
    if money_per_hash and ("usd" in powers or "btc" in powers) and powers.get("hash", 0) < 0:
        powers["time"] = powers.get("time", 0) + 1
        factor *= _SECOND_H
    if powers == {"power": 1, "hash": -1}:  # "17.5 W/TH" is said for W per TH/s
        powers["time"] = 1
        factor *= _SECOND_H
    return tuple(sorted((k, v) for k, v in powers.items() if v)), factor


def _token(word: str) -> tuple[dict[str, int], float] | None:
    for spelling in (word, word.rstrip("s") if len(word) > 2 else word):
        if spelling in _TOKENS:
            return _TOKENS[spelling]
    for spelling in (word.lower(), word.lower().rstrip("s") if len(word) > 2 else word.lower()):
        if spelling in _BY_LOWER and spelling not in ("m",):
            return _TOKENS[_BY_LOWER[spelling]]
    return None


def conversion_factor(unit_from: str, unit_to: str) -> float:
    """What one unit is in another.

    Parameters
    ----------
    unit_from, unit_to
        Units of the same dimension.

    Raises
    ------
    QuantityError
        Where a unit is unknown or the dimensions differ.

    Examples
    --------
    >>> conversion_factor("USD/kW-month", "USD/MW-year")
    12000.0
    >>> round(conversion_factor("USD/kW-month", "USD/MWh"), 6)
    1.369863
    >>> round(conversion_factor("c/kWh", "USD/MWh"), 9)
    10.0
    """
    dimension_from, factor_from = _measure(unit_from)
    dimension_to, factor_to = _measure(unit_to)
    if dimension_from != dimension_to:
        raise QuantityError(f"{unit_label(unit_from)} cannot be converted to {unit_label(unit_to) or 'a plain number'}")
    ratio = factor_from / factor_to
    return float(f"{ratio:.15g}")


def convert(value: float, unit_from: str, unit_to: str) -> float:
    """A value in another unit of the same dimension.

    Examples
    --------
    >>> round(convert(75.0, "USD/kW-year", "USD/kW-month"), 6)
    6.25
    """
    return value * conversion_factor(unit_from, unit_to)


def parse_quantity(
    text: str,
    unit: str,
    decimal: str = ".",
    group: str = ",",
    usual: tuple[float | None, float | None] = (None, None),
) -> Parsed:
    """Read what a person typed into a field: "45", "45 $/MWh", "4.5c/kWh", "$3.7bn", "=2*(3+4)", "70 169".

    Parameters
    ----------
    text
        As typed or pasted.
    unit
        The field's own unit; a number without a unit is in it (in per cent for a fraction).
    decimal, group
        Decimal point and group separator of the user's locale.
    usual
        The field's usual range in its own unit; decides whether a bare 0.5 in a per-cent field is 0.5 % or 50 %.

    Returns
    -------
    Parsed
        The value in the field's unit. Ambiguous readings carry `alternatives`.

    Raises
    ------
    QuantityError
        Where nothing sensible can be read; the message says what and what to do.

    Examples
    --------
    >>> parse_quantity("4.5c/kWh", "USD/MWh").value
    45.0
    >>> parse_quantity("1,5", "MW").echo
    '1,5 read as 1.5'
    >>> [round(v, 3) for v, _ in parse_quantity("1.234", "MW", decimal=",", group=".").alternatives]
    [1.234]
    """
    cleaned = text.strip()
    if not cleaned:
        raise QuantityError("type a number")
    body, currency = _without_currency(cleaned)
    found = reckon(body, decimal, group)
    if found is None:
        raise QuantityError(f"“{cleaned[:40]}” is not a number; write for example 45{_example(unit)}")
    readings = found.readings
    scale, rest = _take_scale(found.rest, unit)
    typed_unit = _typed_unit(rest, unit, currency)
    factor = _factor_to_field(typed_unit, unit)
    values = [reading if scale * factor == 1.0 else _rounded(reading * scale * factor) for reading in readings]
    if not all(math.isfinite(v) for v in values):
        raise QuantityError("the number is too large")
    own = typed_unit in ("", unit)
    percent = unit in ("fraction", "fraction/year")
    if percent and own:
        return _parse_percent(values[0], unit, usual, cleaned)
    value = values[0]
    others = tuple((v, f"{v:,.10g} {unit_label(unit)}".strip()) for v in values[1:])
    return Parsed(value, _echo(cleaned, found, value, unit, own and scale == 1.0, decimal), others)


def _without_currency(text: str) -> tuple[str, bool]:
    """The text without a currency sign in front, and whether there was one."""
    match = re.match(r"^=?\s*([+\-−]?)\s*(?:US\$|\$|USD)\s*(.*)$", text, re.DOTALL)
    return (match.group(1) + match.group(2), True) if match else (text, False)


def _example(unit: str) -> str:
    label = unit_label(unit)
    return f" {label}" if label else ""


def _take_scale(rest: str, unit: str) -> tuple[float, str]:
    """A multiplier word in front of the unit (k, m, bn, T), where the rest is not itself a unit."""
    match = re.match(r"^([A-Za-z]+)\b\.?\s*(.*)$", rest, re.DOTALL)
    if not match or match.group(1).lower() not in _SCALES:
        return 1.0, rest
    word, after = match.group(1), match.group(2)
    if word in _TOKENS and not after.startswith("/"):
        return 1.0, rest
    money_or_count = re.match(r"USD|difficulty|machines|blocks", unit)
    if not money_or_count:
        return 1.0, rest
    return _SCALES[word.lower()], after


def _typed_unit(rest: str, unit: str, currency: bool) -> str:
    typed = rest.strip().rstrip(".")
    if typed.startswith(("/", "per ")):
        typed = typed.replace("per ", "/", 1) if typed.startswith("per ") else typed
        return ("USD" if currency or unit.startswith("USD") else "1") + typed
    if currency and typed and "/" not in typed and not typed.lower().startswith(("usd", "$")):
        return "USD/" + typed
    if typed in ("$", "USD") and unit.startswith("USD"):
        return ""
    if typed == unit_label(unit):
        return unit
    return typed


def _factor_to_field(typed_unit: str, unit: str) -> float:
    if typed_unit in ("", unit):
        return 1.0
    if typed_unit == unit_label(unit) or (typed_unit == "T" and unit == "difficulty"):
        return 1.0 / display(unit)[1]
    if unit in ("fraction", "fraction/year") and typed_unit in ("%/year", "%/yr", "%/y", "% per year", "% p.a", "%"):
        return 0.01
    try:
        return conversion_factor(typed_unit, unit)
    except QuantityError as error:
        raise QuantityError(f"{error}; this field takes {unit_label(unit) or 'a plain number'}") from None


def _rounded(value: float) -> float:
    """Without the last bits' noise of a conversion: nobody types more than 15 digits."""
    return float(f"{value:.15g}")


def _parse_percent(number: float, unit: str, usual: tuple[float | None, float | None], typed: str) -> Parsed:
    """A bare number in a per-cent field: 95 is 95 %, but 0.95 may be 95 % or 0.95 %."""
    as_percent, as_fraction = number / 100.0, number
    label = unit_label(unit)
    if abs(number) > 1.0 or number == 0.0:
        return Parsed(as_percent)
    low, high = usual

    def is_usual(value: float) -> bool:
        return low is not None and high is not None and low <= value <= high

    readings = [(as_percent, f"{as_percent * 100:.10g} {label}"), (as_fraction, f"{as_fraction * 100:.10g} {label}")]
    fits = [r for r in readings if is_usual(r[0])]
    if len(fits) == 1:
        return Parsed(fits[0][0], f"{typed} read as {fits[0][1]}")
    return Parsed(as_percent, f"{typed} read as {readings[0][1]}", (readings[1],))


def _echo(typed: str, found: Reckoned, value: float, unit: str, own_unit: bool, decimal: str) -> str:
    label, shown_factor = display(unit)
    shown = f"{value * shown_factor:,.10g} {label}".strip()
    if not own_unit or found.is_sum:
        return f"{typed.removeprefix('=')} = {shown}"
    if len(found.readings) > 1:
        return f"{typed} read as {shown}"
    foreign = "," if decimal == "." else "."
    first = found.readings[0]
    if foreign in found.typed and abs(first) != float(re.sub(r"[^\d]", "", found.typed.split("e")[0]) or 0):
        return f"{found.typed} read as {first:.10g}"
    return ""
