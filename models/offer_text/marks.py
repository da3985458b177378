"""What the words of an offer say: amounts, megawatts, terms and dates found in a text, each with the words it stood in.

Nothing is derived here and nothing is assumed; `models.offer_text.reading` does that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from models.offer_text.words import (
    BEGINS,
    COUNT,
    DATE,
    MODELS,
    MONEY,
    NAMES,
    PER,
    SPAN,
    YEARLY,
    N,
    money,
    month_of,
    number,
    tidy,
    unread_in,
)
from models.units import conversion_factor

RENT_UNIT = "USD/kW-month"
LARGE_USD = 5e6
"""From here on a bare sum of money is a contract's value and no price."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the text states.

    Attributes
    ----------
    name
        What: ``total_value_usd``, ``critical_mw``, ``rent``, ``term_months``, ``lease_form`` and so on.
    value
        In dollars, megawatts, months, fractions 0…1, or a word.
    quoted
        The words it was read from.
    others
        What the same words can mean as well: value and what that is called.
    """

    name: str
    value: float | str
    quoted: str
    others: tuple[tuple[float | str, str], ...] = ()


def marks_of(text: str) -> tuple[tuple[Mark, ...], tuple[str, ...]]:
    """Everything that a text states, and the words that say nothing Busbar reads.

    Parameters
    ----------
    text
        An offer as it came.

    Returns
    -------
    marks, unread
        In the order of the rules that found them; runs of words that no rule took, filler left out.

    Examples
    --------
    >>> marks, unread = marks_of("$3.7bn over 10 years, 250 MW, gold-plated")
    >>> [(m.name, m.value) for m in marks], unread
    ([('total_value_usd', 3700000000.0), ('term_months', 120.0), ('mw', 250.0)], ('gold-plated',))
    """
    found: list[Mark] = []
    # Runs of blanks and endless digits say nothing, and would keep patterns busy for minutes.
    left = re.sub(r"[\d.,]{24,}", "|", re.sub(r"[^\S\n]+", " ", re.sub(r"\s*\n\s*", "\n", text)))
    for pattern, read in _RULES:
        for match in list(pattern.finditer(left)):
            marks = list(read(match))
            if marks:
                found += marks
                # Blanks keep every other place where it was; a bar keeps words apart that were not neighbours.
                left = left[: match.start()] + "|" * (match.end() - match.start()) + left[match.end() :]
    return tuple(found), unread_in(left)


def _clean(match: re.Match[str]) -> str:
    return match.group(0).strip(" ,;()+\n\t")


Reader = Callable[[re.Match[str]], Iterator[Mark]]
_RULES: list[tuple[re.Pattern[str], Reader]] = []


def _rule(pattern: str) -> Callable[[Reader], Reader]:
    def add(read: Reader) -> Reader:
        _RULES.append((re.compile(pattern, re.IGNORECASE), read))
        return read

    return add


@_rule(r"(?:\bwith\b|\bplus\b|\band\b)?\s*\b(?:renewal|extension)\s+options?\b")
@_rule(rf"\(?\s*{MONEY}\s+(?:with|including|incl\.?)\s+(?:\w+\s+){{0,2}}(?:renewals?|extensions?|options)\b\)?")
@_rule(
    rf"(?:\+|\bplus\b|\band\b|\bwith\b)?\s*\(?{COUNT}\s*[x×]\s*{COUNT}(?:[\s-]*{SPAN})?(?:\s*(?:renewal|extension|option)s?)*\)?(?!\s*(?:{MODELS}))"
)
@_rule(
    rf"(?:\+|\bplus\b|\band\b|\bwith\b)?\s*{COUNT}\s+{COUNT}[\s-]*{SPAN}\s+(?:(?:renewal|extension)\s+)?(?:options?|renewals?|extensions?)"
)
def _options(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("options", _clean(match), _clean(match))


@_rule(
    rf"({MONEY})\s*(?:of\s+)?(?:up[\s-]?front|prepa\w+|advance\s+payment)|(?:prepa\w+|advance\s+payment)\s*(?:of\s+|:\s*)?({MONEY})"
)
def _prepayment(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("prepayment_usd", money(match.group(1) or match.group(2)), _clean(match))


@_rule(rf"({N})\s*%\s*(?:up[\s-]?front|prepa\w+)|prepa\w+\s*(?:of\s+|:\s*)?({N})\s*%")
def _prepaid_share(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("prepayment_fraction", number(match.group(1) or match.group(2)) / 100, _clean(match))


@_rule(
    rf"capex\s*(?:of\s+|:\s*)?({MONEY})({PER}(?:critical\s+)?(?:IT\s+)?MW\b)?|({MONEY})({PER}(?:critical\s+)?(?:IT\s+)?MW\b)?\s*(?:of\s+)?(?:capex|build[\s-]?out|fit[\s-]?out)\b"
)
def _capex(match: re.Match[str]) -> Iterator[Mark]:
    each = match.group(2) or match.group(4)
    name = "capex_usd_per_it_mw" if each else "capex_usd"
    yield Mark(name, money(match.group(1) or match.group(3)), _clean(match))


@_rule(
    rf"({MONEY})(?:{PER})(?:(?:{MODELS})[\s-]*)?(?:GPU|card)s?(?:\s*[-/]\s*|\s+(?:per\s+|an?\s+)?)(hours?|hrs?|h|months?|mo)\b|({MONEY})(?:{PER})(hour|hr)(?:{PER})GPU\b"
)
def _gpu_hour(match: re.Match[str]) -> Iterator[Mark]:
    period = (match.group(2) or match.group(4)).lower()
    price = money(match.group(1) or match.group(3))
    yield Mark("price_usd_per_gpu_hour", price / 730 if period.startswith("mo") else price, _clean(match))


@_rule(
    rf"({MONEY}){PER}((?:gross|utility|metered)\s+)?(?:critical\s+)?(?:IT[\s-]*)?(kW|MW|kilowatt|megawatt)s?"
    rf"(?:\s*(?:of\s+)?(?:critical\s+)?IT(?:\s+(?:load|power|capacity))?)?"
    rf"(?:\s*(?:[-/·]|\bper\b|\band\b|\ba\b)\s*|\s+)(months?|mo|mth|years?|yr|annum)\b\.?"
)
def _rent(match: re.Match[str]) -> Iterator[Mark]:
    period = "month" if match.group(4).lower().startswith("m") else "year"
    size = "kW" if match.group(3).lower().startswith("k") else "MW"
    rent = tidy(money(match.group(1)) * conversion_factor(f"USD/{size}-{period}", RENT_UNIT))
    yield Mark("rent_per_gross" if match.group(2) else "rent", rent, _clean(match))


@_rule(rf"({MONEY}|{N}\s*(?:c|ct|¢|cents?)){PER}(MWh|kWh)\b")
def _rent_per_energy(match: re.Match[str]) -> Iterator[Mark]:
    written = match.group(1)
    cents = bool(re.search(r"(?:c|ct|¢|cents?)$", written.strip(), re.IGNORECASE)) and "$" not in written
    amount = number(re.sub(r"[^\d.,]", "", written)) / 100 if cents else money(written)
    unit = "USD/MWh" if match.group(2).lower().startswith("m") else "USD/kWh"
    yield Mark("rent_per_energy", tidy(amount * conversion_factor(unit, RENT_UNIT)), _clean(match))


@_rule(rf"({MONEY}){PER}(?:critical\s+)?(?:IT[\s-]*)?(kW|MW)\b(?!h)")
def _rent_without_period(match: re.Match[str]) -> Iterator[Mark]:
    size = "kW" if match.group(2).lower().startswith("k") else "MW"
    rent = tidy(money(match.group(1)) * conversion_factor(f"USD/{size}-month", RENT_UNIT))
    others = ((tidy(rent / 12), "per year"),)
    yield Mark("rent", rent, _clean(match), others)


@_rule(
    rf"({MONEY})(?:{PER}(?:year|yr|annum)\b|\s*(?:annually|p\.?a\.?\b|annual\b|in\s+year\s+(?:1|one)\b))|annual\s+(?:base\s+)?rent\s*(?:of\s+|:\s*)?({MONEY})"
)
def _annual(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("annual_rent_usd", money(match.group(1) or match.group(2)), _clean(match))


@_rule(rf"({MONEY}){PER}(?:month|mo)\b|monthly\s+rent\s*(?:of\s+|:\s*)?({MONEY})")
def _monthly(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("annual_rent_usd", 12 * money(match.group(1) or match.group(2)), _clean(match))


@_rule(
    rf"({MONEY})(?:\s+(?:in\s+)?(?:total|contract(?:ed)?|revenue|value|tcv|base[\s-]term|contract\s+value))*\s*,?\s*(?:over|for|across|in)\s+(?:an?\s+|the\s+)?(?:base\s+|initial\s+)?(?:terms?\s+of\s+)?(?:approximately\s+|about\s+|~\s*|first\s+)?({COUNT})[\s-]*({SPAN})(?:\s+(?:base\s+|initial\s+)?(?:term|lease|contract))?"
)
def _total_over(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("total_value_usd", money(match.group(1)), _clean(match))
    yield Mark("term_months", _months(match.group(2), match.group(3)), _clean(match))


def _months(count: str, span: str) -> float:
    return number(count) * (1.0 if span.lower().startswith("m") else 12.0)


@_rule(
    rf"(?:ramp\w*|phas\w+)(?:[\s-]*up)?\s*(?:over|of|in|for|:)?\s*(?:the\s+first\s+)?({COUNT})[\s-]*({SPAN})|({COUNT})[\s-]*({SPAN})\s*ramp(?:[\s-]*up)?"
)
def _ramp(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark(
        "ramp_months", _months(match.group(1) or match.group(3), match.group(2) or match.group(4)), _clean(match)
    )


@_rule(
    rf"(?:first\s+)?({COUNT})[\s-]*({SPAN})\s*(?:of\s+)?(?:free(?:\s+rent)?|rent[\s-]*free|rent\s+abatement|abatement)\b|(?:free\s+rent|rent[\s-]*free(?:\s+period)?)\s*(?:of|for|:)?\s*(?:the\s+first\s+)?({COUNT})[\s-]*({SPAN})"
)
def _free(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark(
        "free_months", _months(match.group(1) or match.group(3), match.group(2) or match.group(4)), _clean(match)
    )


@_rule(
    rf"(?:base\s+|initial\s+|lease\s+)?(?:term\s*(?:of\s+|:\s*)?)?(?:approximately\s+|about\s+|~\s*)?({COUNT})[\s-]*({SPAN})(?:\s+(?:base\s+|initial\s+|lease\s+)?(?:term|lease|contract|agreement))?"
)
def _term(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("term_months", _months(match.group(1), match.group(2)), _clean(match))


@_rule(
    rf"({N})\s*%\s*(?:NOI|EBITDA|gross|cash|net)?\s*margin\b|(?:NOI|EBITDA|gross|cash|net)?\s*margin\s*(?:of\s+|:\s*)?({N})\s*%|\bNOI\s*(?:of\s+|:\s*)?({N})\s*%|({N})\s*%\s*NOI\b"
)
def _margin(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("margin_fraction", number(next(filter(None, match.groups()))) / 100, _clean(match))


@_rule(
    rf"({N})\s*%\s*utili[sz]ation|utili[sz]ation\s*(?:of|at|:)?\s*({N})\s*%|take[\s-]*or[\s-]*pay\s*(?:at|of|for|share\s+of|:)?\s*,?\s*\(?({N})\s*%\)?|({N})\s*%\s*(?:minimum\s+)?take[\s-]*or[\s-]*pay"
)
def _utilisation(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("utilisation_fraction", number(next(filter(None, match.groups()))) / 100, _clean(match))
    if re.search("take", match.group(0), re.IGNORECASE):
        yield Mark("take_or_pay", "yes", _clean(match))


@_rule(r"take[\s-]*or[\s-]*pay")
def _take_or_pay(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("take_or_pay", "yes", _clean(match))


@_rule(
    rf"({N})\s*%{YEARLY}*\s*(?:rent\s+)?(?:escalat\w+|increases?|bumps?|step[\s-]?ups?|uplifts?|indexation)|(?:escalat\w+|increas\w+|step[\s-]?ups?|bumps?|uplift)\s*(?:at|of|by|:)?\s*(?:an?\s+)?({N})\s*%{YEARLY}?|({N})\s*%{YEARLY}"
)
def _escalator(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("escalator_fraction_per_year", number(next(filter(None, match.groups()))) / 100, _clean(match))


@_rule(r"\b(?:CPI|inflation)(?:[\s-]*(?:linked|indexed|escalat\w+|increases?|u))*\b")
def _cpi(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("cpi", "yes", _clean(match))


@_rule(rf"({N})\s*%")
def _bare_percent(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("percent", number(match.group(1)) / 100, _clean(match))


_BASIS = r"(critical(?:[\s-]*IT)?|IT|gross|utility|grid|metered|site)"


@_rule(
    rf"(?:{_BASIS}\s+(?:(?:IT\s+)?(?:load|capacity|power)\s*)?(?:of\s+|:\s*)?)?(?<![\d.,])({N})\+?\s*(MW|GW|kW|megawatts?|gigawatts?)(?![h/])(?:[\s(-]*(?:of\s+)?{_BASIS}\b\)?)?"
    r"(?:\s*(?:IT\s+)?(?:load|capacity|power)\b)?"
)
def _megawatts(match: re.Match[str]) -> Iterator[Mark]:
    factor = {"k": 1e-3, "m": 1.0, "g": 1e3}[match.group(3)[0].lower()]
    basis = (match.group(4) or match.group(1) or "").lower()
    name = "mw" if not basis else "critical_mw" if basis.startswith(("crit", "it")) else "gross_mw"
    yield Mark(name, tidy(number(match.group(2)) * factor), _clean(match))


@_rule(rf"({N})\s*[x×]?\s*(?:NVIDIA\s+|AMD\s+)?({MODELS})(?:\s*NVL\d+)?s?(?:\s*(?:GPU|card)s?)?\b")
def _gpus_of_model(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("gpu_count", number(match.group(1)), _clean(match))
    yield Mark("gpu_model", match.group(2).upper(), _clean(match))


@_rule(rf"({N})\s*GPUs?\b")
def _gpus(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("gpu_count", number(match.group(1)), _clean(match))


@_rule(rf"\b({MODELS})(?:\s*NVL\d+)?s?(?:\s*GPUs?)?\b")
def _gpu_model(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("gpu_model", match.group(1).upper(), _clean(match))


@_rule(
    r"\b(?:power\s+(?:is\s+)?pass(?:ed)?[\s-]*through|pass[\s-]*through\s+(?:of\s+)?power|pass[\s-]*through\b|plus\s+(?:power|electricity)|(?:excl(?:uding|\.)?|ex)\s+(?:power|electricity)|tenant\s+pays\s+(?:for\s+)?(?:the\s+)?(?:power|electricity))"
)
def _tenant_pays(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("power_paid_by", "tenant", _clean(match))


@_rule(
    r"\b(?:(?:power|electricity)\s+(?:is\s+)?included|incl(?:uding|\.|udes)?\s+(?:power|electricity)|(?:landlord|operator|we)\s+pays?\s+(?:for\s+)?(?:the\s+)?(?:power|electricity)|all[\s-]*in)\b"
)
def _operator_pays(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("power_paid_by", "operator", _clean(match))


@_rule(
    r"\b(?:(modified[\s-]*gross)|(NNN|triple[\s-]*net|absolute\s+net)|(full[\s-]*service|gross\s+lease|gross\s+rent)|(colo(?:cation)?))\b(?:\s+(?:lease|rent|basis|contract))?"
)
def _form(match: re.Match[str]) -> Iterator[Mark]:
    words = ("modified_gross", "nnn", "gross", "colocation")
    yield Mark("lease_form", next(w for w, found in zip(words, match.groups(), strict=True) if found), _clean(match))


@_rule(rf"(?:{BEGINS}\s*(?:in|from|by|on|at|:|of)?\s*)?(?:\b(?:in|by|on)\s+)?({DATE})")
def _date(match: re.Match[str]) -> Iterator[Mark]:
    month, others = month_of(match.group(1))
    if month:
        yield Mark("first_rent_month", month, _clean(match), others)


@_rule(rf"\b{BEGINS}\s*(?:in|from|by|:)?\s*(20\d\d)\b")
def _year(match: re.Match[str]) -> Iterator[Mark]:
    year = match.group(1)
    others = ((f"{year}-01", "January"), (f"{year}-12", "December"))
    yield Mark("first_rent_month", f"{year}-07", _clean(match), others)


@_rule(
    rf"\b(?:backstop\w*|guarant\w+)\s*(?:by|from|of|:)?\s*(?:{NAMES})\b|\b(?:{NAMES})[\s-]*(?:backstop\w*|guarant\w+)"
)
def _backstop(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("backstop", _clean(match), _clean(match))


@_rule(
    rf"\b(?:tenant|customer|counterparty|lessee)\s*(?:is|:)\s*([A-Z][\w&.-]*(?:\s+[A-Z][\w&.-]*){{0,3}})|\b({NAMES})\b"
)
def _tenant(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("counterparty", match.group(1) or match.group(2), _clean(match))


@_rule(r"\b(?:GPU\s+(?:cloud|service|rental)s?|AI\s+cloud|bare[\s-]metal|GPU\s+hours?)\b")
def _gpu_words(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("kind", "gpu_cloud", _clean(match))


@_rule(r"\b(?:powered[\s-]+shell|hosting\s+lease|lease|colocation)\b")
def _lease_words(match: re.Match[str]) -> Iterator[Mark]:
    yield Mark("kind", "lease", _clean(match))


@_rule(rf"({MONEY})(?:\s+(?:in\s+|of\s+)?(?:base[\s-]term|total|contract(?:ed)?|revenue|value|tcv))*")
def _total(match: re.Match[str]) -> Iterator[Mark]:
    amount = money(match.group(1))
    if amount >= LARGE_USD:
        yield Mark("total_value_usd", amount, _clean(match))
