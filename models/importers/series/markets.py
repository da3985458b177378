"""Markets and units as files name them: whose prices these are, in which zone, and in what."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.importers.series.roles import words_of
from models.importers.series.zones import CENTRAL, EASTERN, MOUNTAIN, PACIFIC

PRICE_UNITS = {"USD/MWh": 1.0, "USD/kWh": 1000.0, "cent/kWh": 10.0}
"""Dollars per megawatt-hour in one of each."""
ENERGY_UNITS = {"Wh": 1e-6, "kWh": 1e-3, "MWh": 1.0, "GWh": 1e3}
"""Megawatt-hours in one of each."""
POWER_UNITS = {"W": 1e-6, "kW": 1e-3, "MW": 1.0, "GW": 1e3}
"""Megawatts in one of each."""

_CURRENCIES = (
    ("EUR", r"€|\beur\b|\beuros?\b"),
    ("GBP", r"£|\bgbp\b"),
    ("CAD", r"\bcad\b|\bc\$|\bca\$"),
    ("AUD", r"\baud\b|\ba\$"),
    ("NOK", r"\bnok\b"),
    ("SEK", r"\bsek\b"),
    ("USD", r"\$|\busd\b|\bdollars?\b"),
    ("cent", r"¢|\bct\b|\bcents?\b|\bc(?=\s*(?:/|per\b)\s*kwh)"),
)
_ENERGY = re.compile(r"(?<![a-z])(m|k|g)?w(h)?(?:r|ours?)?(?![a-z])", re.I)


_OTHER_GOODS = re.compile(
    r"\b(?:mmbtu|mbtu|btu|dth|dekatherms?|therms?|gj|mcf|ccf|scf|gal(?:lons?)?|bbl|barrels?|tons?|tonnes?|m3)\b|m³",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Market:
    """A market: its name, its zone, and the currency of its prices."""

    name: str
    zone: str
    currency: str = "USD"


_MARKETS = (
    (Market("ERCOT", CENTRAL), r"\bercot\b|repeated hour flag|\bnp[46] ?(?:190|905|788|180|785)"),
    (Market("NYISO", EASTERN), r"\bnyiso\b|\blbmp\b|\bptid\b"),
    (Market("PJM", EASTERN), r"\bpjm\b|\bept\b|\bpnode id\b"),
    (Market("CAISO", PACIFIC), r"\bcaiso\b|\bopr (?:dt|hr|date|hour)\b|\boasis\b"),
    (Market("ISO-NE", EASTERN), r"\biso ?ne\b|\bnew england\b"),
    (Market("MISO", "UTC-05:00"), r"\bmiso\b"),
    (Market("SPP", CENTRAL), r"\bgmt ?interval ?end\b"),
    (Market("AESO", "America/Edmonton", "CAD"), r"\baeso\b|\bailh?\b"),
    (Market("IESO", "UTC-05:00", "CAD"), r"\bieso\b|\bhoep\b"),
)
_LOCATIONS = (
    ("ERCOT", re.compile(r"^(?:HB|LZ|DC)_[A-Z]")),
    ("CAISO", re.compile(r"_N\d{3}$|_APND$|^TH_(?:NP15|SP15|ZP26)")),
    ("ISO-NE", re.compile(r"^\.[HZ]\.")),
    ("NYISO", re.compile(r"^(?:CAPITL|CENTRL|DUNWOD|GENESE|HUD VL|LONGIL|MHK VL|MILLWD|N\.Y\.C\.)$")),
)
_ZONE_WORDS = (
    (EASTERN, r"\b(?:ept|est|edt|eastern)\b"),
    (CENTRAL, r"\b(?:cpt|cst|cdt|us central|central (?:prevailing|standard|daylight)? ?time)\b"),
    (MOUNTAIN, r"\b(?:mpt|mst|mdt|mountain)\b"),
    (PACIFIC, r"\b(?:ppt|pst|pdt|pacific)\b"),
)


def market_of(headings: Sequence[str], locations: Iterable[str], filename: str, above: str) -> Market | None:
    """The market that headings, hubs, the file's name or the lines above the table give away."""
    names = {known.name: known for known, _ in _MARKETS}
    for location in (*locations, *headings):
        for name, pattern in _LOCATIONS:
            if pattern.search(location):
                return names[name]
    words = [words_of(heading) for heading in headings]
    text = " | ".join([*words, words_of(filename), words_of(above)])
    for known, words_for_it in _MARKETS:
        if re.search(words_for_it, text):
            return known
    if {"delivery date", "settlement point"} <= set(words) or "settlement point name" in words:
        return names["ERCOT"]
    return None


def zone_in_words(texts: Iterable[str]) -> str | None:
    """The zone that headings name in words."""
    text = " | ".join(words_of(t) for t in texts)
    return next((zone for zone, pattern in _ZONE_WORDS if re.search(pattern, text)), None)


def other_good_in(text: str) -> str:
    """The unit of gas, oil or carbon that a heading names, and no electricity; empty where it names none.

    Examples
    --------
    >>> other_good_in("Henry Hub ($/MMBtu)"), other_good_in("Price ($/MWh)"), other_good_in("Heat rate MMBtu/MWh")
    ('MMBtu', '', '')
    """
    match = _OTHER_GOODS.search(re.sub(r"[_()\[\]]+", " ", text))
    return match[0] if match and not _ENERGY.search(text) else ""


def unit_in(text: str, currency: str = "") -> tuple[str, str]:
    """The unit that a heading or a cell names, and its currency; empty where it names none.

    Parameters
    ----------
    text
        A heading, or a cell of a column of units.
    currency
        The market's, where a mere dollar sign is not the US dollar's.

    Examples
    --------
    >>> unit_in("LBMP ($/MWHr)"), unit_in("da_usd_mwh"), unit_in("Price c/kWh")
    (('USD/MWh', 'USD'), ('USD/MWh', 'USD'), ('cent/kWh', 'cent'))
    >>> unit_in("EUR/MWh"), unit_in("Usage (kWh)")
    (('EUR/MWh', 'EUR'), ('kWh', ''))
    """
    words = re.sub(r"[_()\[\]]+", " ", text).lower()
    money = next((name for name, pattern in _CURRENCIES if re.search(pattern, words)), "")
    if money == "USD" and currency and currency != "USD" and "usd" not in words:
        money = currency
    match = _ENERGY.search(words)
    if match is None:
        return "", money
    prefix = {"m": "M", "k": "k", "g": "G"}.get((match[1] or "").lower(), "")
    unit = f"{prefix}W{'h' if match[2] else ''}"
    return (f"{money}/{unit}" if money else unit), money


def likeliest_of(counts: Counter[str], preferred: str) -> str:
    """Of the hubs, markets or components in a file the preferred one, else a hub, else the commonest."""
    if preferred in counts:
        return preferred
    hubs = [name for name in counts if "hub" in name.lower()]
    most = counts.most_common(1)
    return min(hubs) if hubs else most[0][0] if most else ""
