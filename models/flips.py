"""How far each input must move before another use of a site's megawatts is worth most.

Many values of an input are priced at once along a leading axis; where the best use changes, the bracket is cut until
the value stands to thirteen digits. Only one input moves at a time.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from models.columns import CONTRACT_LEVELS
from models.curves import Array
from models.drivers import bounds, driver, place_name, value_of, with_value
from models.evaluate import cash_flows, discounted
from models.fields import Quantity, applicable_fields, field_at
from models.inputs import Inputs, can_sweep, can_vary, gather, vary
from models.kept import KEPT, Keyed, Same
from models.mining import displaced_resale
from models.narrowed import chosen, part_of
from models.plan import GPU_CLOUD, LEASE, Plan, priced_tables
from models.recommendation import IDLE, Option, SiteDecision
from models.results import ASIC
from models.use_names import use_name
from models.watch import FIRST_RENT

BTC_PRICE = "market.btc_price_usd"
LONGEST_DELAY_MONTHS = 60
REACH = 10.0
"""An input is searched up to so many times its value or its usual range."""
POINTS = 33
EXACT = 1e-13
"""Share of a value below which its bracket counts as a point."""
MOST_CUTS = 24

LOT_INPUTS = (
    "uptime_fraction",
    "opex_usd_per_mw_year",
    "purchase_price_usd_per_unit",
    "resale_value_usd_per_unit",
)
OFFER_INPUTS = {
    LEASE: (
        "rent_usd_per_it_kw_month",
        "escalator_fraction_per_year",
        "opex_fraction_of_rent",
        "capex_usd_per_it_mw",
        "gross_mw_per_it_mw",
        "term_months",
    ),
    GPU_CLOUD: (
        "price_usd_per_gpu_hour",
        "price_growth_fraction_per_year",
        "utilisation_fraction",
        "capex_usd_per_gpu",
        "opex_fraction_of_capex_per_year",
        "residual_fraction",
        "capex_usd_per_it_mw",
        "gross_mw_per_it_mw",
        "term_months",
    ),
}
MARKET_INPUTS = (
    BTC_PRICE,
    "market.btc_price_growth_fraction_per_year",
    "market.difficulty",
    "market.difficulty_growth_fraction_per_year",
)
ALREADY_ZERO = ("opex_usd_per_mw_year", "purchase_price_usd_per_unit", "resale_value_usd_per_unit")
"""Inputs that are left out where they are zero: a cost nobody entered is not a thing to watch."""


@dataclass(frozen=True, slots=True)
class Race:
    """The best use of a site's megawatts and those that may overtake it, the nearest first."""

    site_id: str
    best: Option
    rivals: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """The value of one input at which the best use of a site's megawatts changes.

    Attributes
    ----------
    path
        Of the input; for a delay that of the offer's first rent month.
    label, unit, digits
        As the input's description has them; a delay is in months.
    now
        Present value (0 for a delay).
    value
        The nearest at which the best use changes; NaN where none within reach does.
    rival
        The nearest rival at present, or the one that was asked about.
    winner
        What is worth most beyond it; empty where nothing changes.
    distance
        Signed share of the present value that it must move; the move itself where the present value is zero (0.1 is
        then ten points of a growth rate), and years for a delay. NaN where unreachable.
    low, high
        What was searched.
    """

    site_id: str
    path: str
    label: str
    unit: str
    digits: int
    now: float
    value: float
    rival: str
    winner: str
    distance: float
    low: float
    high: float

    @property
    def reachable(self) -> bool:
        """Whether any value within reach changes the answer."""
        return math.isfinite(self.value)

    @property
    def in_points(self) -> bool:
        """Whether the distance is a difference rather than a share."""
        return self.now == 0


def flips(plan: Plan, decision: SiteDecision, against: Option | None = None, only: str = "") -> tuple[Flip, ...]:
    """The flip of every input that matters to a site's best use and to its nearest rival of each kind, nearest first.

    Parameters
    ----------
    plan
        The plan that was evaluated, scenario applied.
    decision
        From `models.recommendation.decide`.
    against
        One rival to compare with, such as the machines that are there; else the best use must lose to any other.
    only
        Path of one input, where no other is wanted.

    Returns
    -------
    tuple
        Reachable ones by distance, then the others; empty where there is no runner-up.
    """
    if decision.best is None or decision.next_best is None:
        return ()
    rivals = decision.ranked[1:] if against is None else (against,)
    race = Race(decision.site.id, decision.best, rivals)
    site = frozenset((race.site_id,))
    alone = part_of(plan, chosen(plan.asic_lots, "site_id", site), chosen(plan.ai_offers, "site_id", site), site)
    # By its tables: a memo's words or a note beside them make another plan, and turn no answer.
    key = Keyed(alone, tuple(map(Same, priced_tables(alone))))
    found = [_called(plan, _kept_flip(key, race, path)) for path in _paths(alone, race) if only in ("", path)]
    return tuple(sorted(found, key=lambda f: abs(f.distance) if f.reachable else math.inf))


def _called(plan: Plan, flip: Flip) -> Flip:
    """A flip with its input called as among all uses of the plan, of which the site's part does not know."""
    if flip.path.endswith(FIRST_RENT):
        offer = next(o for o in plan.ai_offers if f".{o.id}." in flip.path)
        return replace(flip, label=f"Delay of first rent, {use_name(plan, offer)}")
    return replace(flip, label=place_name(plan, flip.path))


@lru_cache(maxsize=16 * KEPT)
def _kept_flip(alone: Keyed, race: Race, path: str) -> Flip:
    """One input's flip: memo, sensitivity page and explanations ask for the same ones."""
    return _flip(_Course(_moved_by(alone.held, path), race, _today(alone, race)), path)


@lru_cache(maxsize=KEPT)
def _today(alone: Keyed, race: Race) -> dict[str, Array]:
    return worths(gather(alone.held), race)


def _moved_by(plan: Plan, path: str) -> Plan:
    """The part of a site's plan whose worth an input may move: no offer depends on other offers, lots or the market."""
    table, record_id, *_ = path.split(".")
    if table == "ai_offers":
        return replace(plan, asic_lots=(), ai_offers=chosen(plan.ai_offers, "id", frozenset((record_id,))))
    if table in ("market", "asic_lots"):
        return replace(plan, ai_offers=())
    return plan


@dataclass(frozen=True)
class _Course:
    """What a race is run on: the part of a plan that is priced, and what the other options are worth anyhow.

    Attributes
    ----------
    today
        Worth of every option at the plan's own values, by id [USD/MW].
    """

    plan: Plan
    race: Race
    today: dict[str, Array]

    @cached_property
    def inputs(self) -> Inputs:
        """The arrays of the part."""
        return gather(self.plan)

    def worths(self, inputs: Inputs) -> dict[str, Array]:
        """Worth of every option, of those in the part at all values of `inputs`; the best first."""
        return self.today | worths(inputs, self.race)

    def leads(self, inputs: Inputs) -> Array:
        """By how much the best use leads all others at every value, shape (values,) [USD/MW]."""
        best, *others = np.broadcast_arrays(*self.worths(inputs).values())
        lead: Array = best - np.max(others, axis=0)
        return lead

    def winner(self, inputs: Inputs) -> str:
        """Who overtakes at the flip: the best of the others."""
        found = self.worths(inputs)
        names = {o.id: o.name for o in self.race.rivals}
        return names[max(names, key=lambda i: float(np.ravel(found[i])[0]))]


def _paths(plan: Plan, race: Race) -> list[str]:
    """Inputs that move the best use or its nearest rival of each kind: idling, the runner-up of many, has none."""
    nearest: dict[str, Option] = {}
    for rival in race.rivals:
        nearest.setdefault(rival.kind, rival)
    runners = [o for o in (race.best, *nearest.values()) if o.kind != IDLE]
    offers = {o.id: o for o in plan.ai_offers}
    powered = any(o.kind == ASIC or offers[o.id].operator_pays_power for o in runners)
    paths = list(MARKET_INPUTS) if any(o.kind == ASIC for o in runners) else []
    for contract in plan.power_contracts if powered else ():
        own = {field.name for field in applicable_fields(contract)}
        paths += [f"power_contracts.{contract.id}.{name}" for name in CONTRACT_LEVELS if name in own]
    for option in runners:
        if option.kind == ASIC:
            paths += [f"asic_lots.{option.id}.{name}" for name in LOT_INPUTS]
        else:
            paths += [f"ai_offers.{option.id}.{name}" for name in (*OFFER_INPUTS[option.kind], FIRST_RENT)]
    rates = dict.fromkeys("mining" if o.kind == ASIC else o.kind for o in runners)
    paths += [f"assumptions.{rate}_discount_rate_fraction" for rate in rates]
    return [p for p in paths if p.endswith(FIRST_RENT) or _is_entered(plan, p)]


def _is_entered(plan: Plan, path: str) -> bool:
    now = value_of(plan, path)
    return now is not None and can_vary(path) and not (now == 0 and path.endswith(ALREADY_ZERO))


def _flip(course: _Course, path: str) -> Flip:
    if path.endswith(FIRST_RENT):
        return _delay(course, path)
    plan, inputs, race = course.plan, course.inputs, course.race
    info = driver(plan, path)
    now = value_of(plan, path)
    assert now is not None
    spec = field_at(plan, path).spec
    assert isinstance(spec, Quantity)
    least, most = bounds(plan, path)
    low, high = reach(replace(spec, low=least, high=most), now)

    def leads(values: Array) -> Array:
        if can_sweep(inputs, path):
            return course.leads(vary(inputs, path, values))
        return np.array([float(course.leads(gather(with_value(plan, path, float(v))))) for v in values])

    value = _nearest(leads, now, low, high, whole=spec.whole)
    distance = value - now if now == 0 else (value - now) / abs(now)
    winner = course.winner(gather(with_value(plan, path, value))) if math.isfinite(value) else ""
    return Flip(
        site_id=race.site_id,
        path=path,
        label=info.label,
        unit=info.unit,
        digits=info.digits,
        now=now,
        value=value,
        rival=race.rivals[0].name,
        winner=winner,
        distance=distance,
        low=low,
        high=high,
    )


def reach(spec: Quantity, now: float) -> tuple[float, float]:
    """The ends of the search: ten times the value or the usual range, within what the field can hold."""
    usual = [abs(v) for v in (spec.usual_low, spec.usual_high) if v is not None]
    far = REACH * max([abs(now), *usual]) or 1.0
    if spec.unit == "fraction/year":
        far = 1.0 + abs(now)
    # Below zero a field may reach for the sake of arithmetic (a discount rate), but nobody watches for that.
    low = max(spec.low, 0.0) if spec.unit == "fraction" else spec.low
    return max(low, now - far), min(spec.high, now + far)


def _delay(course: _Course, path: str) -> Flip:
    """The number of months by which a later first rent changes the answer: whole months, so each is tried."""
    offer_id = path.split(".")[1]
    inputs, race = course.inputs, course.race
    offer = next(o for o in course.plan.ai_offers if o.id == offer_id)
    months = np.arange(1.0, LONGEST_DELAY_MONTHS + 1)
    leads = course.leads(_delayed(inputs, offer_id, months))
    behind = np.flatnonzero(~(leads >= 0))
    value = float(months[behind[0]]) if behind.size and np.isfinite(leads[behind[0]]) else math.nan
    winner = course.winner(_delayed(inputs, offer_id, np.array([value]))) if math.isfinite(value) else ""
    return Flip(
        site_id=race.site_id,
        path=path,
        label=f"Delay of first rent, {use_name(course.plan, offer)}",
        unit="months",
        digits=0,
        now=0.0,
        value=value,
        rival=race.rivals[0].name,
        winner=winner,
        distance=value / 12.0,
        low=0.0,
        high=float(LONGEST_DELAY_MONTHS),
    )


def _delayed(inputs: Inputs, offer_id: str, months: Array) -> Inputs:
    row = inputs.rows["ai_offers"][offer_id]
    moved = np.zeros((len(months), len(inputs.first_rent), 1))
    moved[:, row, 0] = months
    return replace(inputs, first_rent=inputs.first_rent + moved)


@dataclass(frozen=True, slots=True)
class _Bracket:
    """Two values between which the lead is lost, the inner one still ahead or the present value itself."""

    inner: float
    outer: float
    lead_inner: float
    lead_outer: float


def _nearest(leads: Callable[[Array], Array], now: float, low: float, high: float, *, whole: bool) -> float:
    """The value nearest to the present one at which the lead is gone; NaN where it is not within the ends.

    Both sides are looked over at once, and a bracket that cannot hold the nearest value is not cut.
    """
    # Steps grow from the present value outwards, so that near flips are not stepped over.
    sides = [_between(now, end, np.linspace(0.0, 1.0, POINTS) ** 3) for end in (low, high) if end != now]
    if whole:
        sides = [_rounded(values, now) for values in sides]
    if not sides:
        return math.nan
    values = np.concatenate(sides)
    margins = np.broadcast_to(leads(values), values.shape)  # one number where nothing in the race depends on the input
    found, first = [], 0
    for side in sides:
        found.append(_bracket(side, margins[first : first + len(side)]))
        first += len(side)
    brackets = sorted((b for b in found if b is not None), key=lambda b: abs(b.inner - now))
    best = math.nan
    for bracket in brackets:
        if abs(bracket.inner - now) >= abs(best - now):
            break
        value = _point(leads, bracket, whole=whole)
        if math.isfinite(value) and not abs(value - now) >= abs(best - now):
            best = value
    return best


def _bracket(values: Array, margins: Array) -> _Bracket | None:
    """Where the lead is lost first on the way outwards; None where it never is, or cannot be told."""
    behind = np.flatnonzero(~(margins >= 0))
    if not behind.size or not np.isfinite(margins[behind[0]]):
        return None
    at = int(behind[0])
    return _Bracket(float(values[max(at - 1, 0)]), float(values[at]), float(margins[at - 1]), float(margins[at]))


def _point(leads: Callable[[Array], Array], bracket: _Bracket, *, whole: bool) -> float:
    """A bracket cut until it is a point: its outer end, since that value itself already changes the answer."""
    for _ in range(MOST_CUTS - 1):
        inner, outer = bracket.inner, bracket.outer
        if abs(outer - inner) <= (1.0 if whole else EXACT * max(abs(outer), abs(inner))):
            break
        values = _cut(inner, outer, bracket.lead_inner, bracket.lead_outer)
        if whole:
            values = _rounded(values, inner)
        cut = _bracket(values, np.broadcast_to(leads(values), values.shape))
        if cut is None:
            return math.nan
        bracket = cut
    return bracket.outer


def _rounded(values: Array, start: float) -> Array:
    """Whole numbers, each once, from the start outwards."""
    found = np.unique(np.round(values))
    return found if float(values[-1]) > start else found[::-1]


def _cut(inner: float, outer: float, lead_inner: float, lead_outer: float) -> Array:
    """Values from one end of a bracket to the other, dense about where a straight line would cross zero."""
    at = lead_inner / (lead_inner - lead_outer)
    near = 10.0 ** -np.array([1.0, 2.0, 4.0, 7.0, 10.0, 13.0])
    shares = np.concatenate([np.linspace(0.0, 1.0, 5), at - near, at + near])
    return _between(inner, outer, np.unique(shares.clip(0.0, 1.0)))


def _between(start: float, end: float, shares: Array) -> Array:
    """Values by their share of the way; rounding must not carry one out of the field's bounds."""
    return (start + (end - start) * shares).clip(min(start, end), max(start, end))


def worths(inputs: Inputs, race: Race) -> dict[str, Array]:
    """Worth of every option in the race that is priced here, at every value, by id; shape (values,) or () [USD/MW]."""
    lots, leases, gpus, _ = cash_flows(inputs)
    rates = inputs.numbers
    by_kind = {
        ASIC: discounted(lots, rates["assumptions.mining_discount_rate_fraction"]),
        LEASE: discounted(leases, rates["assumptions.lease_discount_rate_fraction"]),
        GPU_CLOUD: discounted(gpus, rates["assumptions.gpu_cloud_discount_rate_fraction"]),
    }
    resale = displaced_resale(inputs)[..., 0]
    first_row = {LEASE: inputs.lease_rows.start, GPU_CLOUD: inputs.gpu_rows.start}

    def worth(option: Option) -> Array:
        if option.kind == IDLE:
            return np.zeros(())
        if option.kind == ASIC:
            row = inputs.rows["asic_lots"][option.id]
            return np.asarray(by_kind[ASIC][..., row] - resale[..., row])
        row = inputs.rows["ai_offers"][option.id] - first_row[option.kind]
        return np.asarray(by_kind[option.kind][..., row])

    here = {IDLE, *inputs.rows["asic_lots"], *inputs.rows["ai_offers"]}
    return {option.id: worth(option) for option in (race.best, *race.rivals) if option.id in here}
