"""Numbers and sums as people type them: ``1,234.5``, ``70 169``, ``=2*3``, ``(12+3)/2 MW``.

A reader of its own and no `eval`: four operations, signs and parentheses, with the usual precedence. What stands behind
the sum is handed back, for it is a unit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

GROUP_MARKS = " \u00a0\u202f\u2009'’_"
"""What groups thousands in any locale; a point and a comma do so only where the locale or the digits say it."""
DEEPEST = 20
_MARK = f"[{GROUP_MARKS}]"
_NUMBER = re.compile(
    rf"(?:[1-9]\d{{0,2}}(?:{_MARK}\d{{3}})+(?!\d)(?:[.,]\d+)?|\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?(?![.,]?\d)",
)
_SPLIT_NUMBER = re.compile(rf"\d[\d.,]*(?:{_MARK}+[\d.,]*\d)+")
_SUM = re.compile(r"\s*([+\-−])")
_PRODUCT = re.compile(r"\s*([*×/÷])(?=\s*[+\-−]?\s*[\d.,(])")


class QuantityError(ValueError):
    """What a person typed cannot be read; the message is one sentence for the place where it was typed."""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A sum at the beginning of a text.

    Attributes
    ----------
    readings
        What it comes to, the likelier reading first; more than one where a lone point may group or be the decimal.
    typed
        The sum as it stands in the text.
    rest
        What stands behind it.
    is_sum
        Whether anything was reckoned, as against one number with at most a sign.
    """

    readings: tuple[float, ...]
    typed: str
    rest: str
    is_sum: bool


def reckon(text: str, decimal: str = ".", group: str = ",") -> Reckoned | None:
    """Reckon the sum with which a text begins; None where it begins with none.

    Raises
    ------
    QuantityError
        Where it begins with one that cannot be reckoned; the message says why.

    Examples
    --------
    >>> reckon("=2*(3+4) MW").readings, reckon("70 169").readings, reckon("1.234", ",", ".").readings
    ((14.0,), (70169.0,), (1234.0, 1.234))
    """
    body = text.strip().removeprefix("=").lstrip()
    found: list[float] = []
    for likelier in (True, False):
        reader = _Reader(body, decimal, group, likelier)
        if not reader.begins_a_number():
            return None
        value = reader.sum()
        if value not in found:
            found.append(value)
    typed, rest = body[: reader.place].strip(), body[reader.place :].strip()
    if rest[:1].isdigit() or rest[:1] in ("(", ")"):
        raise QuantityError(_why_not(body, rest))
    if "(" in typed and not reader.operations:
        raise QuantityError(f"“{typed[:40]}” may mean a negative number; write it with a sign and without parentheses")
    return Reckoned(tuple(found), typed, rest, reader.operations > 0)


def _why_not(body: str, rest: str) -> str:
    if rest[:1].isdigit() and not rest[:1].isdecimal():
        return f"“{body[:40]}” holds a raised digit; leave a footnote's away, and write a power out, as in 1e12"
    split = _SPLIT_NUMBER.search(body)
    if split and rest[:1].isdigit():
        return f"“{split.group()[:40]}” is not a number: spaces part groups of three digits, as in 70 169"
    if rest[:1] == ")":
        return f"“{body[:40]}” closes a parenthesis that it does not open"
    return f"“{body[:40]}” is not a number; put a sign of calculation before “{rest[:20]}”"


class _Reader:
    """Goes through a text once, from the left."""

    def __init__(self, text: str, decimal: str, group: str, likelier: bool) -> None:
        self.text = text
        self.place = 0
        self.operations = 0
        self._decimal = decimal
        self._group = group
        self._likelier = likelier
        self._depth = 0

    def begins_a_number(self) -> bool:
        return re.match(r"\s*[+\-−]?\s*(?:\(\s*)*[+\-−]?\s*[.,]?\d", self.text) is not None

    def sum(self) -> float:
        """Products, added and subtracted."""
        total = self._product()
        while match := _SUM.match(self.text, self.place):
            if not self._operand_at(match.end()):
                break  # "128 -month": the sign belongs to a unit
            self.place = match.end()
            self.operations += 1
            product = self._product(signed=False)
            total += product if match.group(1) == "+" else -product
        return total

    def _product(self, *, signed: bool = True) -> float:
        value = self._factor(signed=signed)
        while match := _PRODUCT.match(self.text, self.place):
            self.place = match.end()
            self.operations += 1
            factor = self._factor()
            if match.group(1) in "*×":
                value *= factor
            elif factor:
                value /= factor
            else:
                raise QuantityError(f"“{self.text[:40]}” divides by zero")
        return value

    def _factor(self, *, signed: bool = True) -> float:
        """One number, or a sum in parentheses, with at most one sign."""
        sign = 1.0
        match = _SUM.match(self.text, self.place)
        if match and signed:
            sign = 1.0 if match.group(1) == "+" else -1.0
            self.place = match.end()
        self._skip_spaces()
        if self.text[self.place : self.place + 1] == "(":
            return sign * self._parentheses()
        number = _NUMBER.match(self.text, self.place)
        if number is None:
            left = _SPLIT_NUMBER.match(self.text, self.place)
            if left:
                raise QuantityError(_why_not(left.group(), "0"))
            raise QuantityError(f"“{self.text[:40]}” is not a number")
        self.place = number.end()
        readings = _read_number(number.group(), self._decimal, self._group)
        return sign * readings[0 if self._likelier else -1]

    def _parentheses(self) -> float:
        self._depth += 1
        if self._depth > DEEPEST:
            raise QuantityError("the sum has too many parentheses")
        self.place += 1
        value = self.sum()
        self._skip_spaces()
        if self.text[self.place : self.place + 1] != ")":
            raise QuantityError(f"“{self.text[:40]}” lacks a closing parenthesis")
        self.place += 1
        self._depth -= 1
        return value

    def _operand_at(self, place: int) -> bool:
        return re.compile(r"\s*[\d.,(]").match(self.text, place) is not None

    def _skip_spaces(self) -> None:
        while self.text[self.place : self.place + 1].isspace():
            self.place += 1


def _read_number(word: str, decimal: str, group: str) -> list[float]:
    """Readings of one number, the likelier first."""
    mantissa, exponent = word, ""
    if match := re.match(r"^(.*?)([eE][+-]?\d+)$", word):
        mantissa, exponent = match.group(1), match.group(2)
    plain = re.sub(_MARK, "", mantissa)
    dots, commas = plain.count("."), plain.count(",")
    problem = QuantityError(f"“{word}” can be read in more than one way; write it without group separators")

    def grouped(mark: str, digits: str) -> bool:
        if mark == "," and re.fullmatch(r"[1-9]\d?(?:,\d{2})+,\d{3}", digits):
            return True  # lakhs and crores: 12,34,567
        return re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(mark)}\d{{3}})+", digits) is not None

    if dots and commas:
        point = "." if plain.rfind(".") > plain.rfind(",") else ","
        mark = "," if point == "." else "."
        whole, _, part = plain.rpartition(point)
        if plain.count(point) > 1 or not grouped(mark, whole):
            raise problem
        return [float(f"{whole.replace(mark, '')}.{part}{exponent}")]
    if not dots and not commas:
        return [float(plain + exponent)]
    mark = "." if dots else ","
    is_grouped = grouped(mark, plain) and plain == mantissa  # what spaces group, points do not group again
    as_group = float(plain.replace(mark, "") + exponent) if is_grouped else None
    as_point = float(plain.replace(mark, ".") + exponent) if plain.count(mark) == 1 else None
    if as_group is None and as_point is None:
        raise problem
    if as_group is None or mark == decimal:
        if as_point is None:
            raise problem
        return [as_point]
    if as_point is None or mark == ",":
        return [as_group]
    # A lone point before three digits: German groups thousands so, but pasted numbers mean decimals so.
    return [as_group, as_point] if group == "." else [as_point]
