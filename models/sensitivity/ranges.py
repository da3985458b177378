"""P10 and P90 of inputs: the plan's own where somebody entered them, else the planner's default ranges by field.

The default ranges are those of the planner's reference (economics, section 8: low, base and high of 2025 and 2026). Low
is read as P10, high as P90. They are absolute where the plan's value lies within them; where it lies outside, somebody
knows better what is usual here, and the range is scaled: the value times low ∕ base and high ∕ base. An input of which
no range can be defended has none, and is listed apart; nothing is ever moved by plus or minus 20 per cent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.drivers import BTC_PRICE, HASHPRICE, driver, value_of
from models.fields import Quantity, applicable_fields, field_at
from models.plan import Plan, Uncertainty
from models.use_names import use_name
from models.watch import FIRST_RENT

DEVIATIONS_TO_TENTH = 1.2815515655446004
"""A normal variable is above its mean by more than so many standard deviations once in ten times."""
PLANNER = "planner range 2025–2026"


@dataclass(frozen=True, slots=True)
class Range:
    """How far an input may reasonably lie from the plan's value.

    Attributes
    ----------
    path
        Of a number, of the derived hashprice, or of an offer's first rent month: then a delay in months.
    label, unit, digits, now
        As its description has them; a delay is 0 now.
    p10, p90
        It is below P10, and above P90, once in ten times each.
    source
        Whose range it is.
    own_id
        The plan's own record; empty where it is a default.
    """

    path: str
    label: str
    unit: str
    digits: int
    now: float
    p10: float
    p90: float
    source: str
    own_id: str = ""

    @property
    def deviation(self) -> float:
        """One standard deviation: (P90 − P10) ∕ (2 · 1.2816), as of a normal variable.

        Of a skewed input it is the same measure of width, not its exact second moment.

        Examples
        --------
        >>> round(Range("", "", "", 0, 35.0, 25.0, 50.0, "").deviation, 2)
        9.75
        """
        return (self.p90 - self.p10) / (2.0 * DEVIATIONS_TO_TENTH)


@dataclass(frozen=True, slots=True)
class Unranged:
    """An input of which nobody has said how uncertain it is."""

    path: str
    label: str
    unit: str
    digits: int
    now: float


@dataclass(frozen=True, slots=True)
class Band:
    """Low, base and high of a kind of input, and what they are read from."""

    low: float
    base: float
    high: float
    basis: str


_SHARES = "disclosed sites 1.35–1.52"
BANDS: dict[tuple[str, str], tuple[Band, ...]] = {
    ("market", "hashprice_usd_per_ph_day"): (Band(25.0, 35.0, 50.0, "hashprice was $27.58 to $59 in 2025 and 2026"),),
    ("power_contracts", "energy_price_usd_per_mwh"): (Band(30.0, 45.0, 60.0, "mining power, all-in, by reports"),),
    ("power_contracts", "forward_index_usd_per_mwh"): (Band(30.0, 45.0, 60.0, "mining power, all-in, by reports"),),
    ("asic_lots", "pool_fee_fraction"): (Band(0.0, 0.005, 0.02, "posted and negotiated pool fees"),),
    ("asic_lots", "uptime_fraction"): (Band(0.85, 0.92, 0.97, "uptime by company reports"),),
    ("ai_offers", "gross_mw_per_it_mw"): (Band(1.25, 1.40, 1.52, _SHARES),),
    ("ai_offers", "rent_usd_per_it_kw_month"): (Band(105.0, 128.0, 155.0, "first-year rents disclosed"),),
    ("ai_offers", "escalator_fraction_per_year"): (Band(0.0, 0.03, 0.03, "Hut 8 leases"),),
    # What is left of rent is 95 to 100 % under triple net, 80 to 90 % under modified gross.
    ("ai_offers", "opex_fraction_of_rent"): (
        Band(0.0, 0.02, 0.05, "triple net keeps 95–100 % of rent"),
        Band(0.10, 0.15, 0.20, "modified gross keeps 80–90 % of rent"),
    ),
    ("ai_offers", "capex_usd_per_it_mw"): (Band(8e6, 11e6, 14e6, "halls disclosed, retrofits less"),),
    ("ai_offers", FIRST_RENT): (Band(0.0, 6.0, 18.0, "a quarter was delivered on time"),),
    ("ai_offers", "price_usd_per_gpu_hour"): (
        Band(1.5, 2.35, 3.0, "H100"),
        Band(2.5, 2.9, 3.5, "GB300, five years"),
        Band(3.5, 5.0, 6.5, "B200"),
    ),
    ("ai_offers", "residual_fraction"): (Band(0.0, 0.10, 0.20, "after five years"),),
    ("assumptions", "mining_discount_rate_fraction"): (Band(0.15, 0.20, 0.25, "no source; a CFO must set it"),),
    ("assumptions", "lease_discount_rate_fraction"): (Band(0.075, 0.085, 0.10, "no source; a CFO must set it"),),
    ("assumptions", "gpu_cloud_discount_rate_fraction"): (Band(0.10, 0.12, 0.15, "no source; a CFO must set it"),),
}
"""By table and field; of several the one whose base is nearest to the plan's value in ratio."""

PRICED = {
    "market": (
        "btc_price_usd",
        "btc_price_growth_fraction_per_year",
        "difficulty",
        "difficulty_growth_fraction_per_year",
        "fees_btc_per_block",
    ),
    "assumptions": (
        "mining_discount_rate_fraction",
        "lease_discount_rate_fraction",
        "gpu_cloud_discount_rate_fraction",
    ),
    "sites": ("mining_pue",),
    "power_contracts": (
        "energy_price_usd_per_mwh",
        "forward_index_usd_per_mwh",
        "adders_usd_per_mwh",
        "energy_price_growth_fraction_per_year",
    ),
    "asic_lots": (
        "hashrate_th_per_s",
        "power_w",
        "uptime_fraction",
        "pool_fee_fraction",
        "purchase_price_usd_per_unit",
        "resale_value_usd_per_unit",
        "opex_usd_per_mw_year",
    ),
    "ai_offers": (
        "rent_usd_per_it_kw_month",
        "escalator_fraction_per_year",
        "opex_fraction_of_rent",
        "price_usd_per_gpu_hour",
        "price_growth_fraction_per_year",
        "utilisation_fraction",
        "capex_usd_per_gpu",
        "opex_fraction_of_capex_per_year",
        "residual_fraction",
        "capex_usd_per_it_mw",
        "gross_mw_per_it_mw",
        "it_kw_per_gpu",
        "term_months",
    ),
}
"""What may be uncertain, by table: what moves a use's value and is not a choice of how to count."""


def ranges(plan: Plan, paths: tuple[str, ...] | None = None) -> tuple[Range, ...]:
    """The range of every uncertain input that has one, in the plan's order.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    paths
        Which inputs; all uncertain ones where None.

    Notes
    -----
    Of hashprice and BTC price, which move the same thing, hashprice stands for both unless only the price has a range
    of the plan's own.

    Examples
    --------
    >>> from models.samples import sample
    >>> next((r.p10, r.p90) for r in ranges(sample("briefing")) if r.path == HASHPRICE)
    (25.0, 50.0)
    """
    found = (range_of(plan, path) for path in (uncertain_paths(plan) if paths is None else paths))
    return tuple(r for r in found if r is not None)


def unranged(plan: Plan) -> tuple[Unranged, ...]:
    """Inputs that may be uncertain and of which nobody has said by how much."""
    found = []
    for path in uncertain_paths(plan):
        if range_of(plan, path) is None:
            info, now = driver(plan, path), value_of(plan, path)
            assert now is not None
            found.append(Unranged(path, info.label, info.unit, info.digits, now))
    return tuple(found)


def uncertain_paths(plan: Plan) -> tuple[str, ...]:
    """Inputs that may be uncertain: those of `PRICED` that are entered, delays, and whatever has a range of its own."""
    own = own_ranges(plan)
    found = [HASHPRICE] if BTC_PRICE not in own or HASHPRICE in own else []
    for table, names in PRICED.items():
        records = (getattr(plan, table),) if table in ("market", "assumptions") else getattr(plan, table)
        for record in records:
            place = table if table in ("market", "assumptions") else f"{table}.{record.id}"
            applicable = {f.name for f in applicable_fields(record)}
            paths = [f"{place}.{name}" for name in names if name in applicable]
            found += [p for p in paths if p != BTC_PRICE or HASHPRICE not in found]
            if table == "ai_offers":
                found.append(f"{place}.{FIRST_RENT}")
    entered = [p for p in found if p.endswith(FIRST_RENT) or _counts(plan, p) or p in own]
    return tuple(dict.fromkeys((*entered, *(p for p in own if _exists(plan, p)))))


ZERO_IS_NOTHING = (
    "fees_btc_per_block",
    "adders_usd_per_mwh",
    "purchase_price_usd_per_unit",
    "resale_value_usd_per_unit",
    "opex_usd_per_mw_year",
)
"""Of these a zero means that there is none: nothing is uncertain about it."""


def _counts(plan: Plan, path: str) -> bool:
    now = value_of(plan, path)
    return now is not None and not (now == 0 and path.endswith(ZERO_IS_NOTHING))


def _exists(plan: Plan, path: str) -> bool:
    if path.endswith(f".{FIRST_RENT}"):
        return any(o.id == path.split(".")[1] for o in plan.ai_offers)
    try:
        driver(plan, path)
    except KeyError:
        return False
    return value_of(plan, path) is not None


def own_ranges(plan: Plan) -> dict[str, Uncertainty]:
    """The plan's own ranges by path; of several of one path the last."""
    return {u.path: u for u in plan.uncertainties}


def range_of(plan: Plan, path: str) -> Range | None:
    """The range of one input; None where none can be defended.

    Raises
    ------
    KeyError
        Where the path names no number of the plan and no first rent month.
    """
    is_delay = path.endswith(f".{FIRST_RENT}")
    if is_delay:
        offer = next((o for o in plan.ai_offers if o.id == path.split(".")[1]), None)
        if offer is None:
            raise KeyError(path)
        label, unit, digits, now = f"Delay of first rent, {use_name(plan, offer)}", "months", 0, 0.0
    else:
        info, held = driver(plan, path), value_of(plan, path)
        if held is None:
            return None
        label, unit, digits, now = info.label, info.unit, info.digits, held
    own = next((u for u in reversed(plan.uncertainties) if u.path == path), None)
    if own is not None:
        low, high = sorted((own.p10, own.p90))
        return Range(path, label, unit, digits, now, low, high, own.source or "entered here", own.id)
    if path == BTC_PRICE:
        return _range_of_price(plan, label, unit, digits, now)
    band = band_of(path, now)
    if band is None:
        return None
    low, high = (band.low, band.high) if is_delay else _about(band, now)
    if not is_delay and path != HASHPRICE:
        spec = field_at(plan, path).spec
        assert isinstance(spec, Quantity)
        low, high = float(max(low, spec.low)), float(min(high, spec.high))
    if not low < high:
        return None
    scaled = "" if is_delay or band.low <= now <= band.high else ", in proportion"
    return Range(path, label, unit, digits, now, low, high, f"{PLANNER}: {band.basis}{scaled}")


def _range_of_price(plan: Plan, label: str, unit: str, digits: int, now: float) -> Range | None:
    """Of the BTC price: hashprice's, at today's difficulty."""
    hashprice = range_of(plan, HASHPRICE)
    if hashprice is None or not hashprice.now > 0:
        return None
    scale = now / hashprice.now
    source = f"{hashprice.source}, at today's difficulty"
    return Range(BTC_PRICE, label, unit, digits, now, hashprice.p10 * scale, hashprice.p90 * scale, source)


def band_of(path: str, now: float) -> Band | None:
    """The planner's range for an input that stands at a value; None where none can be defended."""
    table, *rest = path.split(".")
    bands = BANDS.get((table, rest[-1]), ())
    if len(bands) < 2:
        return bands[0] if bands else None
    inside = [b for b in bands if b.low <= now <= b.high]
    return min(inside or bands, key=lambda b: abs(math.log(max(now, 1e-9) / b.base)))


def _about(band: Band, now: float) -> tuple[float, float]:
    if band.low <= now <= band.high:
        return band.low, band.high
    low, high = now * band.low / band.base, now * band.high / band.base
    return min(low, high), max(low, high)
