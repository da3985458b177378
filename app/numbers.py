"""Numbers on screen, both ways, in the user's locale. Nothing else in the application formats or reads a number.

Storage keeps full precision; only the text is rounded. What is typed is read by `models.units.parse_quantity`, and the
echo of how it was understood is written in the same locale, so that "1.234" is never answered with another "1.234".
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from PySide6.QtCore import QDate, QLocale

from models.fields import Choice, Field, Flag, Hourly, MonthField, Quantity, Schedule
from models.hours import HourlyValues
from models.sentences import MINUS, MISSING, Amount, labelled, worded
from models.units import QuantityError, display, parse_quantity, unit_label

NO_BREAK = "\u00a0"
SAID_DIGITS, MOST_DECIMALS = 6, 12
"""Of a converted number, as long as it has no more before its decimal mark."""
# From here on a money figure in a narrow place is written in millions: $694,543, but $1.24M.
NARROW_FROM = 1e4
SHORT_FROM = 1e6
MONEY_SCALES = ((1e12, "T"), (1e9, "B"), (SHORT_FROM, "M"))
_SPACES = "\u00a0\u202f\u2009"
_MARKS = {"٫": ".", "٬": ","}
# Where 15% is written without a space; elsewhere it is 15 %.
_CLOSE_PERCENT = (
    QLocale.Language.English,
    QLocale.Language.Chinese,
    QLocale.Language.Japanese,
    QLocale.Language.Korean,
    QLocale.Language.Portuguese,
    QLocale.Language.Italian,
    QLocale.Language.Dutch,
    QLocale.Language.C,
)
_MONTH_WORDS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Understood:
    """How a typed text was read.

    Attributes
    ----------
    value
        In the field's own unit.
    echo
        What was understood, in the user's locale; empty where it is just what was typed.
    alternatives
        The possible readings, value and text, the likelier first; empty where there is only one.
    """

    value: Any
    echo: str = ""
    alternatives: tuple[tuple[float, str], ...] = ()


class Numbers:
    """Writes and reads numbers as the user's locale does.

    Parameters
    ----------
    locale
        The system's where not given.
    """

    def __init__(self, locale: QLocale | None = None) -> None:
        self.locale = locale or QLocale()
        self.decimal = self.locale.decimalPoint()
        self.group = self.locale.groupSeparator()
        self._percent_space = "" if self.locale.language() in _CLOSE_PERCENT else NO_BREAK

    # ---- out

    def format(self, value: float | None, digits: int = 2, unit: str = "", *, sign: bool = False) -> str:
        """A number with so many decimals, and its unit behind (or in front, for money).

        Parameters
        ----------
        value
            In `unit`; None and NaN give a dash.
        digits
            Decimals of the shown number.
        unit
            As field descriptions write it; fractions are shown in per cent, ``USD`` as ``$``.
        sign
            Whether a plus stands before what is above zero, for changes.
        """
        if value is None or not math.isfinite(value):
            return MISSING
        shown = value * display(unit)[1]
        is_nothing = round(abs(shown), digits) == 0
        body = self.locale.toString(abs(shown), "f", digits)
        return self._with_label(body, unit, shown < 0 and not is_nothing, sign and shown > 0 and not is_nothing)

    def number(self, value: float | None, digits: int = 2) -> str:
        """A bare number with so many decimals; None and NaN give a dash."""
        return self.format(value, digits)

    def full(self, value: float, unit: str = "") -> str:
        """The bare shown number with all its digits, as it is edited and copied within this locale.

        The fewest digits that read back as the very same number: 15 to 17 where it needs so many. NaN gives a dash.
        """
        if not math.isfinite(value):
            return MISSING
        # In decimals: to multiply by a hundred would make 7.000000000000001 of 0.07.
        shown = Decimal(repr(float(value))) * Decimal(repr(display(unit)[1]))
        is_long = not 1e-18 < abs(shown) < 1e21
        text = "0" if not shown else f"{float(shown)!r}" if is_long else f"{shown.normalize():f}"
        return text.replace(".", self.decimal)

    def money(self, value: float | None, *, sign: bool = False, narrow: bool = False) -> str:
        """Money in a narrow place: ``$1.24M``, ``$694,543``, ``−$12.1M``; None and NaN give a dash.

        In the narrowest ten thousands and more are ``$695k``.
        """
        if value is None or not math.isfinite(value):
            return MISSING
        size, letter, digits = abs(value), "", 0
        scale = next((s for s in MONEY_SCALES if size >= s[0] * 0.9999995), None)
        if narrow and size >= NARROW_FROM and scale is None:
            # 999,500 and more would be a thousand thousands.
            scale = (1e3, "k") if size < 999_500.0 else MONEY_SCALES[-1]
        if scale is not None:
            size, letter = size / scale[0], scale[1]
            digits = 2 if size < 9.995 else 1 if size < 99.95 else 0
            digits = 0 if letter == "k" else digits
        else:
            digits = 2 if 0 < size < 100 else 0
        mark = "" if round(size, digits) == 0 else MINUS if value < 0 else "+" if sign else ""
        return f"{mark}${self.locale.toString(size, 'f', digits)}{letter}"

    def percent(self, fraction: float | None, digits: int = 1, *, sign: bool = False) -> str:
        """A fraction as per cent: 0.153 is ``15.3 %``."""
        return self.format(fraction, digits, "fraction", sign=sign)

    def write(self, amount: Amount) -> str:
        """A detail of a sentence, with as many digits as the sentence asks for; NaN and infinity give a dash."""
        return amount.written(self.number, NO_BREAK, self._percent_space)

    def say(self, text: str) -> str:
        """A sentence of the model with its numbers as the locale writes them; any other text as it is."""
        return worded(text, self.write)

    def format_field(self, field: Field, value: Any, *, with_unit: bool = True) -> str:
        """A field's value as forms and tables show it; an empty optional value is an empty text.

        A monthly table is summed up in a few words. A number that the field's decimals would change visibly gets
        more of them, because somebody typed it: 3.5 W is not 4 W.
        """
        spec = field.spec
        if value is None and not isinstance(spec, Choice):
            return ""
        match spec:
            case Quantity():
                if isinstance(value, Schedule):
                    return self.schedule(field, value)
                shown = abs(value * display(spec.unit)[1])
                digits = _digits_for(shown, 0 if spec.whole else spec.digits)
                if not with_unit:
                    value = value * display(spec.unit)[1]
                return self.format(value, digits, spec.unit if with_unit else "")
            case Choice():
                return next((label for stored, label in spec.options if stored == value), str(value))
            case Flag():
                return "Yes" if value else "No"
            case MonthField():
                return self.month(value)
            case Hourly():
                return self.hourly(value, spec.unit)
        return str(value)

    def hourly(self, values: HourlyValues, unit: str) -> str:
        """An hourly series in a few words: how many hours, from when to when, and their mean."""
        first, last = (hour.strftime("%Y-%m-%d %H:%M") for hour in (values.first_hour, values.last_hour))
        mean = self.format(float(np.nanmean(values.values)), 2, unit)
        missing = int(np.isnan(values.values).sum())
        gap = f", {self.number(missing, 0)} of them without a value" if missing else ""
        return f"{self.number(len(values), 0)} hours{gap}, {first} to {last} UTC, mean {mean}"

    def schedule(self, field: Field, value: Schedule) -> str:
        """A monthly table in a few words: ``12 months, 45.00–52.00``."""
        spec = field.spec
        digits = spec.digits if isinstance(spec, Quantity) else 2
        low, high = (self.format(f(value.values) * display(field.unit)[1], digits) for f in (min, max))
        span = low if low == high else f"{low}–{high}"
        return f"{len(value.months)} months, {span}" if len(value.months) > 1 else f"from {value.months[0]}: {span}"

    def month(self, month: str | None) -> str:
        """``2027-04`` as the locale writes it, short: ``Apr 2027``."""
        if not month:
            return ""
        return self.locale.toString(QDate(int(month[:4]), int(month[5:7]), 1), "MMM yyyy")

    # ---- in

    def parse(self, text: str, field: Field) -> Understood:
        """Read what was typed or pasted into a quantity field.

        Raises
        ------
        QuantityError
            Where it cannot be read; the message is the sentence to show.
        """
        spec = field.spec
        if not isinstance(spec, Quantity):
            raise TypeError(f"{field.name} is not a quantity")
        typed = text.strip().removeprefix("=").strip()
        usual, plain = (spec.usual_low, spec.usual_high), self._plain_digits(typed)
        marks = self._plain_digits(self.decimal), self._plain_digits(self.group)
        parsed = parse_quantity(plain, spec.unit, *marks, usual)
        if parsed.alternatives:
            read = (parsed.value, *(value for value, _ in parsed.alternatives))
            readings = [self._in_shown_unit(spec, plain, value) for value in read]
            choices = tuple((v, self.describe(v, spec.unit)) for v in readings)
            return Understood(self._whole(spec, readings[0]), f"“{typed}” can mean", choices)
        value = self._in_shown_unit(spec, plain, parsed.value)
        # The model's own echo is written in English; this one is in the reader's locale.
        echo = "" if self._says_the_same(typed, value, spec.unit) else f"{typed} = {self.describe(value, spec.unit)}"
        return Understood(self._whole(spec, value), echo)

    def describe(self, value: float, unit: str) -> str:
        """A value, grouped, with its unit and no more digits than a reader wants to check: what an echo says."""
        shown = value * display(unit)[1]
        whole = math.floor(math.log10(abs(shown))) if shown and math.isfinite(shown) else 0
        shown = round(shown, max(SAID_DIGITS - 1 - whole, 2))
        decimals = len(self.full(abs(shown)).partition(self.decimal)[2])
        return self._with_label(self.locale.toString(abs(shown), "f", decimals), unit, shown < 0, False)

    def parse_month(self, text: str) -> str:
        """A month in any usual spelling as ``YYYY-MM``: Apr 2027, 04/2027, 2027-04-01.

        Raises
        ------
        QuantityError
            Where no month can be read from it.
        """
        cleaned = self._plain_digits(text).strip().lower()
        numbers = [int(n) for n in re.findall(r"\d+", cleaned)]
        years = [n for n in numbers if 1900 <= n <= 2199]
        word = self._month_word(cleaned)
        if word:
            if not years and len(numbers) == 1 and numbers[0] < 100:  # Apr-27
                years = [2000 + numbers[0]]
            if years:
                return f"{years[0]:04d}-{word:02d}"
        elif years and len(numbers) in (2, 3):
            rest = [n for n in numbers if n != years[0]]
            if len(rest) == 1 and 1 <= rest[0] <= 12:
                return f"{years[0]:04d}-{rest[0]:02d}"
            if len(rest) == 2:
                month = self._month_of_date(rest, year_first=numbers[0] == years[0])
                if month:
                    return f"{years[0]:04d}-{month:02d}"
        raise QuantityError(f"“{text.strip()[:40]}” is not a month; write it as 2027-04 or Apr 2027")

    # ---- inside

    def _month_of_date(self, rest: list[int], *, year_first: bool) -> int | None:
        """The month among the two other numbers of a date; None where it cannot be told."""
        first, second = rest
        if year_first or first == second:
            return first if 1 <= first <= 12 else None
        candidates = [n for n in rest if 1 <= n <= 12]
        if len(candidates) == 1:
            return candidates[0]
        if 1 in rest and len(candidates) == 2:
            # Spreadsheets write a month as its first day: 01/04/2027 and 4/1/2027 both mean April.
            day_first = self.locale.dateFormat(QLocale.FormatType.ShortFormat).lower().startswith("d")
            return second if day_first else first
        return None

    def _month_word(self, text: str) -> int | None:
        for match in re.findall(r"[^\W\d_]{3,}", text):
            for number in range(1, 13):
                names = {
                    self.locale.standaloneMonthName(number, style).lower().rstrip(".")
                    for style in (QLocale.FormatType.LongFormat, QLocale.FormatType.ShortFormat)
                }
                if match in names or match.startswith(_MONTH_WORDS[number - 1]):
                    return number
        return None

    def _plain_digits(self, text: str) -> str:
        """With ASCII digits, and the Arabic decimal point and thousands separator as point and comma."""
        # Not isdigit: raised digits are footnotes and powers, for the reader of numbers to refuse.
        return "".join(
            str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else _MARKS.get(c, c) for c in text
        )

    def _with_label(self, body: str, unit: str, negative: bool, plus: bool) -> str:
        sign = MINUS if negative else "+" if plus else ""
        return labelled(body, unit, sign, NO_BREAK, self._percent_space)

    def _in_shown_unit(self, spec: Quantity, typed: str, value: float) -> float:
        """A bare number means the unit on screen, such as T for the difficulty, unless that would be out of bounds."""
        label, factor = display(spec.unit)
        is_percent = label.startswith("%")
        typed = typed.removesuffix("%") if is_percent else typed
        if factor == 1.0 or not re.fullmatch(rf"[\d.,'’{_SPACES} +\-−*×/÷()]+", typed):
            return value
        bare = typed.strip().replace(MINUS, "-").replace(self._plain_digits(self.decimal), ".")
        own = value * factor if is_percent else value
        if re.fullmatch(r"[+-]?\d+(\.\d+)?", bare) and math.isclose(float(bare), own, rel_tol=1e-14):
            shown = float(Decimal(bare) / Decimal(repr(factor)))  # as its digits have it, not its float
        else:
            shown = value if is_percent else float(f"{value / factor:.15g}")
        return shown if spec.low <= shown <= spec.high else value

    def _says_the_same(self, typed: str, value: float, unit: str) -> bool:
        """Whether an echo would only repeat what was typed."""
        label = unit_label(unit)
        bare = typed.removesuffix(label).removesuffix(label.removeprefix("$")).replace("$", "").replace(MINUS, "-")
        groups = f" {_SPACES}" if self.group in _SPACES else re.escape(self.group)
        bare = re.sub(rf"[%{groups}]", "", bare.strip(f" {_SPACES}%")).replace(self.decimal, ".")
        if not re.fullmatch(r"[+-]?\d+\.?\d*", bare):
            return False
        return math.isclose(float(bare), value * display(unit)[1], rel_tol=1e-14)

    @staticmethod
    def _whole(spec: Quantity, value: float) -> float:
        return int(value) if spec.whole and value == int(value) else value


def _digits_for(size: float, digits: int) -> int:
    """Decimals at which rounding changes a number by no more than a thousandth."""
    while size and digits < MOST_DECIMALS and abs(round(size, digits) - size) > 1e-3 * size:
        digits += 1
    return digits
