"""Numbers, days and lists as the memo writes them: in its own English, whatever the reader's locale is."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import date

from models.use_names import told_from_others, with_number

MISSING = "—"
MINUS = "−"
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def plain(text: str, limit: int = 0) -> str:
    """A user's text as one printable line: no control or direction marks, no line breaks, at most `limit` characters.

    Examples
    --------
    >>> plain("North\\n\\u202efield", 8)
    'North f…'
    """
    kept = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _UNPRINTED)
    line = " ".join(kept.split())
    return line if not limit or len(line) <= limit else line[: limit - 1].rstrip() + "…"


def plain_name(name: str, limit: int) -> str:
    """The name of a lot or offer as `plain`; what tells it from another of the same name is not what is cut.

    Examples
    --------
    >>> plain_name("Lease of the whole north hall (2)", 20)
    'Lease of the wh… (2)'
    """
    line = plain(name)
    # The site goes where it would take half of the room, the number never.
    for own, told in (told_from_others(line), with_number(line)):
        if len(line) > limit and 0 < len(told) < limit // 2:
            return plain(own, limit - len(told)) + told
    return plain(line, limit)


# Cc: control. Cf: direction marks, which turn a line around, and joiners. Cs, Co, Cn: no characters.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def number(value: float, digits: int = 0) -> str:
    """With group separators and a true minus; ``—`` where it cannot be computed.

    Examples
    --------
    >>> number(-1234.56, 1), number(math.nan), number(-0.001, 1)
    ('−1,234.6', '—', '0.0')
    """
    if not math.isfinite(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0.0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """As `number`, with a plus in front of what is above zero.

    Examples
    --------
    >>> signed(3.0, 1), signed(-3.0, 1)
    ('+3.0', '−3.0')
    """
    text = number(value, digits)
    return "+" + text if math.isfinite(value) and value > 0 and text.strip("0.,") else text


def money(value: float) -> str:
    """Dollars with three significant digits, as a sentence has them.

    Examples
    --------
    >>> money(1_852_000), money(-43_210), money(128), money(2.9), money(1.2e9)
    ('$1.85M', '−$43.2k', '$128', '$2.90', '$1.20bn')
    """
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    sign = MINUS if value < 0 else ""
    for scale, word in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= 0.9995 * scale:
            return f"{sign}${_three_digits(size / scale)}{word}"
    if size >= 99.95:
        return f"{sign}${size:,.0f}"
    return f"{sign if size >= 0.005 else ''}${size:,.2f}"


def _three_digits(size: float) -> str:
    return f"{size:,.2f}" if size < 9.995 else f"{size:,.1f}" if size < 99.95 else f"{size:,.0f}"


def percent(fraction: float, digits: int = 1) -> str:
    """A fraction in per cent.

    Examples
    --------
    >>> percent(0.1191), percent(math.nan)
    ('11.9%', '—')
    """
    return MISSING if not math.isfinite(fraction) else number(fraction * 100.0, digits) + "%"


def day_text(day: date) -> str:
    """A day in words.

    Examples
    --------
    >>> day_text(date(2026, 11, 23))
    '23 November 2026'
    """
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year}"


def month_words(month: str) -> str:
    """A plan's month in words.

    Examples
    --------
    >>> month_words("2027-04")
    'April 2027'
    """
    return f"{MONTH_NAMES[int(month[5:7]) - 1]} {month[:4]}"


def joined(items: Iterable[str]) -> str:
    """A list as a sentence has it.

    Examples
    --------
    >>> joined(["North", "South", "West"])
    'North, South and West'
    """
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last
