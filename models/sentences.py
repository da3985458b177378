"""Sentences that remember their numbers, so that whoever shows them can write those in the reader's locale.

The economics know no locale. A `Sentence` is text as the command line, JSON and the memo show it, with points as
decimals and commas between thousands; the window words it again from its template and its details.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from models.units import display

MISSING = "—"
MINUS = "−"

Writer = Callable[[float, int], str]
"""Writes a number with so many decimals in the reader's locale; units are added here."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, as a detail of a sentence.

    Attributes
    ----------
    value
        In `unit`.
    unit
        As field descriptions write it; empty for a bare number.
    digits
        How much of it is written, as Python says it: ``,.6g``, ``,.1f``. A ``%`` behind it writes a fraction in
        per cent; without one it is left in 0…1, as in the file, but for a reader, who sees all fractions in per cent.

    Examples
    --------
    >>> str(Amount(4500.0, "USD/MWh")), str(Amount(0.153, "fraction", ".1f%")), str(Amount(17_500.0, "J/TH", ".3g"))
    ('$4,500/MWh', '15.3%', '17,500 J/TH')
    """

    value: float
    unit: str = ""
    digits: str = ",.6g"

    def __str__(self) -> str:
        if self.digits.endswith("%"):
            return f"{_plain(self.value * 100.0, self.digits[:-1])}%"
        if self.unit.startswith("fraction"):
            return _plain(self.value, self.digits)
        shown = self.value * display(self.unit)[1]
        return labelled(_plain(abs(shown), self.digits), self.unit, "-" if shown < 0 else "")

    def written(self, write: Writer, space: str = " ", percent_space: str = "") -> str:
        """The amount in a reader's locale; NaN and infinity are a dash."""
        if not math.isfinite(self.value):
            return MISSING
        shown = self.value * display(self.unit)[1]
        rounded = Decimal(format(abs(shown), self.digits.removesuffix("%")).replace(",", ""))
        decimals = max(-int(rounded.as_tuple().exponent), 0)
        sign = MINUS if shown < 0 and rounded else ""
        return labelled(write(float(rounded), decimals), self.unit, sign, space, percent_space)


def _plain(number: float, digits: str) -> str:
    """A number with so many digits as people write it: 17,500 and never 1.75e+04."""
    text = format(number, digits)
    return f"{Decimal(text.replace(',', '')):,f}" if "e" in text else text


class Sentence(str):
    """Text made of a template and its details; it is the text, and keeps what it was made of.

    Parameters
    ----------
    template
        With a name in braces for each detail. What a user wrote, such as a site's name, is a detail too.
    details
        Amounts, texts, and other sentences.

    Examples
    --------
    >>> found = Sentence("{site} draws {load}.", site="North", load=Amount(61.25, "MW", ",.1f"))
    >>> found, found.worded(lambda amount: f"{amount.value:.1f}".replace(".", ","))
    ('North draws 61.2 MW.', 'North draws 61,2.')
    """

    __slots__ = ("details", "template")
    template: str
    details: dict[str, Amount | str]

    def __new__(cls, template: str, /, **details: Amount | str) -> Sentence:
        made = super().__new__(cls, template.format(**details))
        made.template = template
        made.details = details
        return made

    def worded(self, write: Callable[[Amount], str]) -> str:
        """The text with its amounts written by `write`."""
        written = {
            name: write(detail) if isinstance(detail, Amount) else worded(detail, write)
            for name, detail in self.details.items()
        }
        return self.template.format(**written)


def worded(text: str, write: Callable[[Amount], str]) -> str:
    """A text with the amounts that it remembers, if any, written by `write`."""
    return text.worded(write) if isinstance(text, Sentence) else text


def joined(parts: Iterable[Amount | str], between: str = ", ") -> Sentence:
    """Several details as one, with something between them."""
    details = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(between.join(f"{{{name}}}" for name in details), **details)


def labelled(body: str, unit: str, sign: str = "", space: str = " ", percent_space: str = "") -> str:
    """A written number with its unit: ``−$45/MWh``, ``45 MW``, ``1 month``, ``95 %``.

    Parameters
    ----------
    body
        The shown number's digits, without a sign.
    space, percent_space
        What stands before a unit, and before ``%``.
    """
    label = "month" if unit == "months" and body == "1" else display(unit)[0]
    if label.startswith("$"):
        return f"{sign}${body}{label[1:]}"
    gap = "" if not label else percent_space if label[0] == "%" else space
    return f"{sign}{body}{gap}{label}"


def within(label: str) -> str:
    """A name inside a sentence: it begins small, but abbreviations keep their capitals.

    Examples
    --------
    >>> within("Difficulty"), within("IT power per GPU"), within("BTC price")
    ('difficulty', 'IT power per GPU', 'BTC price')
    """
    return label if len(label) < 2 or label[1].isupper() or label[1].isdigit() else label[0].lower() + label[1:]
