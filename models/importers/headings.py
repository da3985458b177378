"""What a column's heading says: which input it is, in which unit, and whether it holds credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache

from models.fields import fields_of
from models.plan import RECORD_TYPES
from models.records.paper import MONTHLY_LINES
from models.units import QuantityError, conversion_factor

FLEET = "fleet"
CONTRACTS = "contracts"
OFFERS = "offers"
ACTUALS = "actuals"
TABLE_OF_KIND = {FLEET: "asic_lots", CONTRACTS: "power_contracts", OFFERS: "ai_offers", ACTUALS: "actuals"}

CREDENTIALS = re.compile(
    r"\bpool(?!\s*fee)|\bworker|\bpass(?!\s*thr)|\bpwd\b|\buser|\blogin|\bsecret|\btoken\b|\bapi\b|\bwallet|\bstratum|"
    r"\bcredential"
)
FOREIGN_MONEY = re.compile(
    r"€|£|¥|₿|\b(?:EUR|GBP|CAD|AUD|CNY|RMB|JPY|NOK|SEK|RUB|KZT|BRL|INR|CHF)\b|C\$|A\$", re.IGNORECASE
)

_PER_ENERGY = re.compile(r"Wh\b", re.IGNORECASE)

HASH_PREFIX_IN_TH = {"": 1e-12, "k": 1e-9, "m": 1e-6, "g": 1e-3, "t": 1.0, "p": 1e3, "e": 1e6}
_HASH_UNIT = re.compile(
    r"^([kmgtpe]?)h(?:ash)?e?s?(?:/s(?:ec)?|ps|\s?/\s?sec|\s+s)?$|^([gtpe])(?:/s)?$|^([kmgtpe])hs$", re.IGNORECASE
)

PRICE_PER_TH = "price_usd_per_th"
"""What a price heading becomes where its unit says so; it has no words of its own."""
_SYNONYMS: dict[str, dict[str, str]] = {
    FLEET: {
        "site": "site|site name|location|facility|farm|datacenter|data center|site map|standort|campus|building",
        "maker": "maker|manufacturer|brand|vendor|make|hersteller",
        "model": "model|model name|type|miner|miner type|miner model|machine|machine type|machine model|minertype|"
        "asic|asic model|device|device type|hardware model|equipment|modell|typ|gerät",
        "count": "count|qty|quantity|units|machines|number|number of machines|number of units|no of units|"
        "no of machines|machine count|unit count|miner count|miners|pcs|pieces|installed|amount|anzahl|stück|"
        "# of miners|# miners|#",
        "hashrate_th_per_s": "hashrate|hash rate|hash rate avg|hashrate avg|avg hashrate|average hashrate|"
        "hash rate average|hashrate per unit|hashrate per machine|unit hashrate|rated hashrate|nominal hashrate|"
        "speed|ths|th s|mhs av|ghs av|hash rate rt|realtime hashrate|current hashrate|nameplate hashrate|"
        "hashrate nominal",
        "power_w": "power|power consumption|consumption|wattage|watts|power draw|power per unit|power per machine|"
        "unit power|rated power|nominal power|power usage|leistung|nameplate power|w",
        "efficiency_j_per_th": "efficiency|energy efficiency|power efficiency|j th|w th|j per th|w per th|"
        "effizienz|eff",
        "total_hashrate_th_per_s": "total hashrate|total hash rate|fleet hashrate|hashrate total|installed hashrate",
        "total_power_w": "total power|power total|total load|fleet power|installed power|load|mw",
        "uptime_fraction": "uptime|availability|verfügbarkeit",
        "pool_fee_fraction": "pool fee|fee",
        "purchase_price_usd_per_unit": "purchase price|price|unit price|price per unit|price per machine|cost|"
        "unit cost|cost per unit|capex|purchase cost|kaufpreis|preis",
        "resale_value_usd_per_unit": "resale value|resale|residual value|salvage value|market value",
        "opex_usd_per_mw_year": "opex|site opex|operating cost",
        "status": "status|state|online|mining status",
        "machine_id": "ip|ip address|mac|mac address|serial|serial number|sn|hostname|static ip|miner id|device id|"
        "miner name",
    },
    CONTRACTS: {
        "site": "site|site name|location|facility|farm|datacenter|data center|meter|standort|campus",
        "name": "name|contract|contract name|supplier|provider|counterparty|ppa|agreement|retailer|utility|vertrag|"
        "lieferant",
        "kind": "kind|type|contract type|structure|product|art",
        "energy_price_usd_per_mwh": "energy price|price|rate|power price|electricity price|tariff|energy rate|"
        "energy cost|energy charge|ppa price|all in price|all in rate|contract price|power cost|cost|fixed price|"
        "block price|hedge price|strompreis|arbeitspreis",
        "adders_usd_per_mwh": "adders|adder|delivery|delivery charge|delivery and taxes|transmission|distribution|"
        "tdu|taxes|fees|grid fee|grid fees|wires|netzentgelt|t&d",
        "escalator_fraction_per_year": "escalator|escalation|annual increase|annual escalation|annual escalator|"
        "step up",
        "energy_price_growth_fraction_per_year": "growth|price growth|annual growth",
        "contracted_mw": "mw|volume|contracted mw|capacity|contract mw|contract volume|contracted power|"
        "contract capacity|load|demand",
        "block_mw": "block mw|block|block size|base block|block volume",
        "take_fraction": "minimum take|min take|take or pay|take|minimum offtake|min offtake|minimum volume|top",
        "price_series_id": "index prices|index|hub|settlement point|price series|pricing point|index name",
        "forward_index_usd_per_mwh": "forward|forward price|forward index|forward strip|strip|index price|index level",
        "index_basis_usd_per_mwh": "basis|basis to hub|hub basis|node basis|congestion|congestion basis",
        "sells_back": "sells back|sell back|sellback|resale allowed|net settled|excess sold",
        "sell_back_fee_usd_per_mwh": "sell back fee|sellback fee|resale fee|settlement fee",
        "excess_fee_usd_per_mwh": "excess fee|fee on excess|shortfall fee|overage fee",
        "demand_charge_usd_per_kw_month": "demand charge|demand charges|demand rate|demand fee|billed demand|"
        "demand cost|peak demand charge|capacity charge per kw|leistungspreis|demand",
        "transmission_usd_per_kw_year": "transmission rate|transmission charge|transmission cost|4cp rate|4cp charge|"
        "tdu charge|tdu rate|transmission|tdu|tcos",
        "peak_share_fraction": "4cp share|peak share|share at peaks|4cp load share|4cp load|coincident peak share|4cp",
        "twelve_peaks_from_month": "twelve peaks from|12cp from|12cp start",
        "twelve_peak_share_fraction": "12cp share|twelve peak share|12cp load share|12cp",
        "capacity_usd_per_mw_day": "capacity tag|capacity price|capacity cost|capacity charge|capacity obligation|"
        "capacity rate|plc charge|capacity",
        "standby_usd_per_kw_month": "standby|standby charge|standby rate|backup|backup charge",
        "fixed_charge_usd_per_month": "fixed charge|fixed charges|customer charge|meter charge|monthly charge|"
        "grundpreis",
        "tax_fraction": "tax|sales tax|tax rate|utility tax|gross receipts tax|tax on the bill",
        "demand_response_usd_per_mw_year": "demand response|dr|dr income|dr revenue|dr credits|ancillary|"
        "ancillary services|ancillary revenue|demand response income",
        "demand_response_end_month": "demand response until|dr until|dr end|demand response end",
        "demand_response_decline_fraction_per_year": "demand response decline|dr decline",
        "start_month": "start|from|start date|start month|begin|effective|effective date|commencement|valid from|"
        "beginn|von",
        "end_month": "end|to|end date|end month|expiry|expiry date|expiration|expires|until|maturity|valid to|ende|bis",
    },
    OFFERS: {
        "site": "site|site name|location|facility|datacenter|data center|campus|standort",
        "name": "name|offer|offer name|project|deal|proposal|angebot",
        "counterparty": "tenant|customer|counterparty|client|hyperscaler|off taker|offtaker|lessee|mieter",
        "kind": "kind|type|structure|deal type|offer type|lease type|product",
        "critical_it_mw": "critical it mw|it mw|mw it|it load|critical it load|critical it|critical load|"
        "it capacity|leased mw|leased capacity|contracted it|mw|capacity|critical it capacity|load",
        "gross_mw": "gross mw|utility mw|gross capacity|site mw|gross|facility mw|gross load|utility capacity",
        "gross_mw_per_it_mw": "gross per it|gross ratio|gross it ratio|gross to it",
        "gpu_count": "gpus|gpu count|number of gpus|# gpus|no of gpus",
        "rent_usd_per_it_kw_month": "rent|base rent|first year rent|year 1 rent|lease rate|rental rate|rate|price|"
        "rent per kw|rent per kw month|monthly rent|kw month|miete",
        "annual_rent_usd": "annual rent|rent per year|yearly rent|annual base rent|first year revenue|annual revenue",
        "total_value_usd": "total contract value|tcv|contract value|total value|value|base term value",
        "escalator_fraction_per_year": "escalator|escalation|annual escalator|annual increase|rent escalator|bump",
        "first_rent_month": "first rent|first rent month|rent commencement|rent start|start|start date|delivery|"
        "first delivery|rfs|ready for service|commencement date|cod|go live|delivery date",
        "term_months": "term|term months|lease term|base term|duration|tenor|initial term|laufzeit|term years",
        "opex_fraction_of_rent": "opex|opex share|operating expenses|opex of rent",
        "noi_margin_fraction": "noi margin|noi|margin|ebitda margin",
        "power_paid_by": "power paid by|power|electricity|utilities|power cost|energy paid by",
        "capex_usd_per_it_mw": "capex|build cost|capex per mw|capex per it mw|hall capex|construction cost|"
        "landlord capex|conversion cost|retrofit cost",
        "price_usd_per_gpu_hour": "gpu price|price per gpu hour|gpu hour|gpu hour price|gpu rate|gpu hr|"
        "per gpu hour|gpu rental",
        "it_kw_per_gpu": "kw per gpu|power per gpu|it kw per gpu|kw gpu",
        "utilisation_fraction": "utilisation|utilization|load factor|auslastung",
        "capex_usd_per_gpu": "capex per gpu|gpu cost|gpu capex|cost per gpu|price per gpu",
        "residual_fraction": "residual|residual value|salvage",
    },
    ACTUALS: {
        "month": "month|date|period|month ending|month end|year month|posting period|reporting month|monat|zeitraum",
        "site": "site|site name|location|facility|farm|datacenter|data center|campus|standort",
        "use": "use|asset|lot|offer|project|workload|use name",
        "line": "line|item|line item|account|metric|category|kpi|measure|description|position|konto",
        "value": "value|amount|actual|actuals|result|wert|betrag",
        "unit": "unit|units|uom|currency|einheit",
        "source": "source|reference|document|origin",
        "btc_price_usd": "btc price|bitcoin price|average btc price|avg btc price|realised btc price|"
        "realized btc price|btc usd|btc close|bitcoin|btc",
        "difficulty": "difficulty|network difficulty|average difficulty|avg difficulty",
        "energy_price_usd_per_mwh": "energy price|power price|electricity price|average power price|power rate|"
        "energy rate|price per mwh|all in power price|realised power price|strompreis",
        "btc_mined": "bitcoin mined|btc mined|btc produced|bitcoin produced|btc production|bitcoin production|"
        "coins mined|mined|production|btc",
        "energy_mwh": "energy used|energy|energy consumption|consumption|power consumption|energy consumed|"
        "power used|mwh|verbrauch|power",
        "revenue_usd": "revenue|revenues|income|sales|rent|rent received|mining revenue|hosting revenue|"
        "turnover|umsatz",
        "power_cost_usd": "power cost|power costs|power|electricity|electricity cost|energy cost|energy costs|"
        "power bill|utility bill|cost of power|stromkosten",
        "opex_usd": "opex|operating cost|operating costs|operating expenses|operating expense|site opex|o m|om",
        "capex_usd": "capex|capital expenditure|capital expenditures|investment|investments|cash capex",
    },
}
"""By kind of import: what a heading may say, in lower case without its unit; the first words are what Busbar writes."""

PLACES = ("site_id", "use_id")
"""Fields that a table fills by a name."""

_IMPLIED_UNITS = {"mhs av": "MH/s", "ghs av": "GH/s", "ths": "TH/s", "th s": "TH/s", "mw": "MW", "watts": "W", "w": "W"}
"""Headings that are a unit themselves."""

EXTRA_UNITS = {
    "efficiency_j_per_th": "J/TH",
    "total_hashrate_th_per_s": "TH/s",
    "total_power_w": "W",
    "gross_mw": "MW",
    "gpu_count": "GPU",
    "annual_rent_usd": "USD/year",
    "total_value_usd": "USD",
    "noi_margin_fraction": "fraction",
}
"""Units of the columns that are no field of a record but lead to one."""

ACTUAL_UNITS = {name: unit for name, (_, unit) in MONTHLY_LINES.items()} | {
    "btc_price_usd": "USD/BTC",
    "difficulty": "difficulty",
}
"""Units of what can be known of a month."""
_LARGE = {"k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15}


@dataclass(frozen=True, slots=True)
class Heading:
    """How a heading was understood.

    Attributes
    ----------
    field
        The input, or None.
    unit
        As written, ready for `models.units`; empty where the heading names none.
    scale
        What a number is to be multiplied with on top: 1e6 for "$M".
    score
        1 for a known name, less for a resemblance, 0 for none.
    problem
        Why the column cannot be used although its name is known; empty where it can.
    """

    field: str | None
    unit: str = ""
    scale: float = 1.0
    score: float = 0.0
    problem: str = ""


def inputs_of(kind: str) -> tuple[str, ...]:
    """Names of everything that a column can become in a kind of import."""
    return (*_SYNONYMS[kind], PRICE_PER_TH) if kind == FLEET else tuple(_SYNONYMS[kind])


def unit_of_field(kind: str, name: str) -> str:
    """The unit in which an input is stored; empty for text."""
    if kind == ACTUALS:
        return ACTUAL_UNITS.get(name, "")
    if name in EXTRA_UNITS:
        return EXTRA_UNITS[name]
    for field in fields_of(RECORD_TYPES[TABLE_OF_KIND[kind]]):
        if field.name == name:
            return field.unit
    return ""


LONGEST_HEADING = 300
"""What is longer is no heading, and takes its time to be likened to some."""


def is_credential(heading: str) -> bool:
    """Whether a column by that heading holds pool accounts, workers or passwords, which no plan should ever see.

    Examples
    --------
    >>> is_credential("Pool 1"), is_credential(" pool_3_pass"), is_credential("Pool fee"), is_credential("Model")
    (True, True, False, False)
    """
    return bool(CREDENTIALS.search(_plain(heading)))


@cache
def read_heading(kind: str, text: str) -> Heading:
    """Which input of a kind of import a heading names.

    Examples
    --------
    >>> heading = read_heading("fleet", "Power [kW]")
    >>> heading.field, heading.unit, heading.score
    ('power_w', 'kW', 1.0)
    >>> read_heading("contracts", "Price $/kWh").unit
    '$/kWh'
    """
    if not text.strip() or len(text) > LONGEST_HEADING or is_credential(text):
        return Heading(None)
    own = _plain(text)
    for field in fields_of(RECORD_TYPES[TABLE_OF_KIND[kind]]):
        if own == field.name.replace("_", " ") and field.name not in PLACES:
            # Busbar's own names say the unit: a fraction by that name is one, and no per cent.
            return Heading(field.name, field.unit, score=1.0)
    best = Heading(None)
    for words, unit in _readings(text):
        for name, spellings in _spellings(kind).items():
            # Earlier spellings win, so that an average hashrate goes before the one of this minute.
            score = max(_likeness(words, spelling) - 0.001 * i for i, spelling in enumerate(spellings))
            if score < 0.4:
                continue
            found = _with_unit(kind, name, unit or _IMPLIED_UNITS.get(words, ""), score)
            if (found.score, len(found.unit)) > (best.score, len(best.unit)):
                best = found
    if best.field and FOREIGN_MONEY.search(text) and "USD" in unit_of_field(kind, best.field):
        return Heading(
            best.field, score=best.score, problem="is not in dollars; Busbar counts in USD, so convert it first"
        )
    return best


@cache
def _spellings(kind: str) -> dict[str, tuple[str, ...]]:
    found = {name: [*text.split("|"), name.replace("_", " ")] for name, text in _SYNONYMS[kind].items()}
    for field in fields_of(RECORD_TYPES[TABLE_OF_KIND[kind]]):
        if field.name in PLACES:
            continue
        found.setdefault(field.name, []).extend([field.label.lower(), field.name.replace("_", " ")])
    found["id"] = ["id", "lot id", "contract id", "offer id", "record id"]
    found["site"] += ["site id"]
    return {name: tuple(spellings) for name, spellings in found.items()}


def _plain(text: str) -> str:
    """Lower case, words apart: "PoolURL_1" and " pool_url 1" alike."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return re.sub(r"[^\w#&äöüß]+|_", " ", apart.lower()).strip()


def _readings(text: str) -> list[tuple[str, str]]:
    """The words of a heading and its unit, in every way that it may be cut."""
    found = [(_plain(text), "")]
    if match := re.match(r"^(.*?)\s*[(\[{]\s*([^)\]}]+?)\s*[)\]}]\s*(.*)$", text):
        found.append((_plain(f"{match.group(1)} {match.group(3)}"), match.group(2)))
    if match := re.match(r"^(.*?)(?:,| in )\s*([^,]+)$", text):
        found.append((_plain(match.group(1)), match.group(2)))
    words = re.split(r"[\s_]+", text.strip())
    for cut in range(1, min(4, len(words))):
        found.append((_plain(" ".join(words[:-cut])), " ".join(words[-cut:])))
    return found


def _likeness(words: str, spelling: str) -> float:
    if words == spelling:
        return 1.0
    if len(words) < 4 or len(spelling) < 4:
        return 0.0
    ours, theirs = set(words.split()), set(spelling.split())
    if theirs <= ours and len(ours) <= len(theirs) + 2:
        # "Contract energy price" holds "energy price"; more shared words say more.
        return 0.6 + 0.05 * len(theirs) - 0.05 * (len(ours) - len(theirs))
    likeness = SequenceMatcher(None, words, spelling).ratio()
    return 0.55 if likeness >= 0.88 else 0.0


def _with_unit(kind: str, name: str, unit: str, score: float) -> Heading:
    """The heading with a unit that fits the input; a text in brackets that is no such unit counts as a remark."""
    target = unit_of_field(kind, name)
    if not unit:
        return Heading(name, score=score)
    scale, plain = unit_scale(unit)
    if target.startswith("fraction") and re.search(r"\$|USD", plain, re.IGNORECASE):
        return Heading(None)  # a margin in dollars is no share of anything
    if target == "difficulty" and plain.lower() in _LARGE:
        return Heading(name, "", _LARGE[plain.lower()], score)
    if target and unit_factor(plain, target, name) is not None:
        # A rate per kW and year can be converted to one per MWh and is another charge all the same.
        other_charge = "USD" in target and bool(_PER_ENERGY.search(plain)) != bool(_PER_ENERGY.search(target))
        return Heading(name, plain, scale, score * 0.9 if other_charge else score)
    if target and re.fullmatch(r"(?:US)?\$|USD", plain, re.IGNORECASE) and "USD" in target:
        return Heading(name, "", scale, score * 0.95)
    if name == "purchase_price_usd_per_unit" and unit_factor(plain, "USD/TH") is not None:
        return Heading(PRICE_PER_TH, plain, scale, score)
    return Heading(name, "", 1.0, score * 0.8)


def unit_scale(unit: str) -> tuple[float, str]:
    """A unit without its multiplier: "$M/MW" is a million "$/MW".

    Examples
    --------
    >>> unit_scale("$M/MW"), unit_scale("k$"), unit_scale("USD '000"), unit_scale("kW")
    ((1000000.0, '$/MW'), (1000.0, '$'), (1000.0, 'USD'), (1.0, 'kW'))
    """
    money, many = r"((?:US)?\$|USD)", r"(k|m|mm|mn|b|bn|thousand|million|billion|'?000)"
    match = re.match(rf"^\s*{money}\s*{many}s?\b(.*)$", unit, re.IGNORECASE)
    if not match:
        # "k$" and "thousand USD" as well as "$k"; nothing may follow but what the money is per.
        turned = re.match(rf"^\s*(?:in\s+)?{many}s?\s*{money}(?![A-Za-z])(.*)$", unit, re.IGNORECASE)
        if turned:
            return unit_scale(f"{turned.group(2)}{turned.group(1)} {turned.group(3)}")
        return 1.0, unit.strip()
    factor = {"k": 1e3, "t": 1e3, "'": 1e3, "0": 1e3, "m": 1e6, "b": 1e9}[match.group(2)[0].lower()]
    return factor, f"{match.group(1)}{match.group(3).strip()}"


def unit_factor(unit: str, target: str, name: str = "") -> float | None:
    """What a number in one unit is worth in another, or None where they do not fit.

    Hashrates are often written without their second (TH for TH/s), and a price per machine, GPU or coin without what it
    is the price of.
    """
    if target == "TH/s" and (match := _HASH_UNIT.match(unit.strip())):
        prefix = next(part for part in match.groups() if part is not None)
        return HASH_PREFIX_IN_TH[prefix.lower()]
    if unit.lower() in ("%", "percent", "% p.a.", "%/year", "% pa") and target.startswith("fraction"):
        return 0.01
    try:
        return conversion_factor(unit, target)
    except QuantityError:
        return None
