"""How offers write numbers, money, spans and dates: patterns and what they come to.

Numbers are read as English offers write them; ``3,7`` with one or two digits behind the comma is a decimal comma.
"""

from __future__ import annotations

import re

WORDS = re.findall(
    r"\w+",
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty",
)
SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "million": 1e6, "b": 1e9, "bn": 1e9, "billion": 1e9,
}  # fmt: skip
MONTHS = re.findall(r"\w+", "jan feb mar apr may jun jul aug sep oct nov dec")
N = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
COUNT = rf"(?:{N}|{'|'.join(WORDS)})"
SCALE = r"(?:bn|billion|mm|mn|million|thousand|[bmk])(?![a-z])"
MONEY = (
    rf"(?:(?:US\$|USD|\$)\s*{N}\s*(?:{SCALE})?|{N}\s*(?:{SCALE})?\s*(?:USD|US dollars|dollars)\b|"
    rf"{N}\s*(?:bn|billion|million)(?![a-z]))"
)
PER = r"\s*(?:/|per\b|an?\b)\s*"
SPAN = r"(?:years?|yrs?|months?|mos?\.?)(?![a-z])"
YEARLY = r"(?:\s*(?:annual(?:ly)?|yearly|fixed|per\s+(?:year|annum)|p\.?\s?a\.?|a\s+year|/\s?y(?:ea)?r))"
MODELS = r"GB[23]00|B[23]00|H[12]00|H20\b|A100|MI3\d\dX|L40S?"
NAMES = "CoreWeave|Microsoft|Google|AWS|Amazon|Fluidstack|Anthropic|Oracle|Meta|OpenAI|AMD|Nscale|OneQode"
_MONTH_NAME = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
DATE = (
    rf"(?:Q[1-4]\s*['’/-]?\s*(?:20)?\d\d|[1-4]Q\s*['’/-]?\s*(?:20)?\d\d|H[12]\s*['’/-]?\s*20\d\d|[12]H\s*['’/-]?\s*(?:20)?\d\d|"
    rf"(?:first|second|third|fourth)\s+quarter\s+(?:of\s+)?20\d\d|(?:first|second)\s+half\s+(?:of\s+)?20\d\d|"
    rf"(?:early|mid|late|end\s+of)[\s-]*20\d\d|(?:\d{{1,2}}\s+)?{_MONTH_NAME}\s+(?:\d{{1,2}},?\s+)?20\d\d|"
    rf"20\d\d-(?:0[1-9]|1[0-2])(?:-\d\d)?|(?:0?[1-9]|1[0-2])/20\d\d)"
)
BEGINS = (
    r"(?:from|start(?:s|ing|ed)?|commenc\w+|begin\w*|deliver\w*|rfs|ready\s+for\s+service|first\s+rent|energi[sz]\w+|"
    r"online|go[\s-]?live|available|handover)"
)


def tidy(value: float) -> float:
    """Without the last bits' noise of a conversion."""
    return float(f"{value:.12g}")


def number(text: str) -> float:
    """A number as offers write it: ``16,384``, ``3.7``, ``3,7``, ``fifteen``.

    Examples
    --------
    >>> number("16,384"), number("3,7"), number("fifteen")
    (16384.0, 3.7, 15.0)
    """
    cleaned = text.strip().lower()
    if cleaned in WORDS:
        return float(WORDS.index(cleaned) + 1)
    if re.fullmatch(r"\d+,\d{1,2}", cleaned):
        return float(cleaned.replace(",", "."))
    return float(cleaned.replace(",", ""))


def money(text: str) -> float:
    """Dollars: ``$3.7bn`` is 3.7e9.

    Examples
    --------
    >>> money("$3.7bn"), money("USD 311 million"), money("$2.35")
    (3700000000.0, 311000000.0, 2.35)
    """
    found = re.search(rf"({N})\s*({SCALE})?", text, re.IGNORECASE)
    if found is None:
        raise ValueError(text)
    scale = SCALES[found.group(2).lower()] if found.group(2) else 1.0
    return tidy(number(found.group(1)) * scale)


def month_of(text: str) -> tuple[str, tuple[tuple[float | str, str], ...]]:
    """A date's month, and the months that the same words allow; a quarter is due by its last month."""
    found = text.lower()
    year_text = re.findall(r"20\d\d|(?<=['’/-])\d\d|\d\d$", found)
    year = int(year_text[0]) if year_text else 0
    year = year + 2000 if year < 100 else year
    quarter = re.search(r"q\s*([1-4])|([1-4])\s*q", found)
    ordinal = re.search(r"(first|second|third|fourth)\s+(quarter|half)", found)
    half = re.search(r"h\s*([12])|([12])\s*h", found) if not quarter else None
    length, which = 0, 0
    if quarter:
        length, which = 3, int(quarter.group(1) or quarter.group(2))
    elif ordinal:
        length = 3 if ordinal.group(2) == "quarter" else 6
        which = ("first", "second", "third", "fourth").index(ordinal.group(1)) + 1
    elif half and re.search(r"\bh[12]|[12]h", found):
        length, which = 6, int(half.group(1) or half.group(2))
    if length:
        first, last = length * (which - 1) + 1, length * which
        return f"{year}-{last:02d}", ((f"{year}-{first:02d}", "its first month"),)
    for word, month, others in (("early", 3, (1,)), ("mid", 7, (6,)), ("late", 12, (10,)), ("end", 12, (11,))):
        if found.startswith(word):
            return f"{year}-{month:02d}", tuple((f"{year}-{m:02d}", "earlier") for m in others)
    named = re.search("|".join(MONTHS), found)
    if named:
        return f"{year}-{MONTHS.index(named.group(0)) + 1:02d}", ()
    if re.match(r"20\d\d-\d\d", found):
        return found[:7], ()
    slashed = re.match(r"(\d{1,2})/(20\d\d)", found)
    return (f"{slashed.group(2)}-{int(slashed.group(1)):02d}", ()) if slashed else ("", ())


_FILLER = frozenset(
    re.findall(
        r"\w+",
        "a about agreement ai all an and annual annually approx approximately are as at base basis be by "
        "capacity center centre contract contracts critical data datacenter deal each first for from gpu gpus "
        "hall hpc in incl included including initial is it its lease leases load month months mw net new of "
        "offer offered offers on or our over paid pay paying pays per plus power price rate rent roughly "
        "signed site tcv term terms that the their then they this to total up us usd value we will with would "
        "year years you your ",
    )
)


def unread_in(left: str) -> tuple[str, ...]:
    """Runs of words in what the rules have left of a text, with filler taken off both ends."""
    found = []
    for run in re.split(r"[|,;:()\n\r\t]+|\.\s|\.$", left):
        words = run.split()
        while words and words[0].strip(".,+-–—").lower() in _FILLER | {""}:
            words.pop(0)
        while words and words[-1].strip(".,+-–—").lower() in _FILLER | {""}:
            words.pop()
        if words:
            found.append(" ".join(words))
    return tuple(found)
