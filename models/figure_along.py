"""One figure along many values of one input: the least part of the plan is priced, all values at once where possible.

Revenue, power, opex, margin, capex and NPV of a use are priced along a leading axis (`models.inputs.vary`); every other
figure, and every input that has no array form, by whole plans, one value at a time.
"""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property

import numpy as np

from models import mining
from models.curves import Array, month_number, month_text
from models.drivers import BTC_PRICE, HASHPRICE, bounds, driver, value_of, with_value
from models.evaluate import cash_flows, discounted, evaluate, unknown_is_nan
from models.fields import MonthField, Quantity, field_at, read, replace
from models.figures import POWER_KINDS, figure
from models.flips import Race, reach, worths
from models.inputs import Inputs, can_sweep, gather, vary
from models.lot_pricing import operating_year, year_sum
from models.pair import pair_plan
from models.plan import LEASE, AiOffer, AsicLot, Plan
from models.recommendation import decide
from models.records.power import FIXED
from models.results import UseCash
from models.watch import FIRST_RENT

SWEPT = (
    "revenue_usd_per_mw_year",
    "power_cost_usd_per_mw_year",
    "opex_usd_per_mw_year",
    "margin_usd_per_mw_year",
    "capex_usd_per_mw",
    "npv_usd_per_mw",
)
"""Figures of a use that are priced for all values at once."""
MOST_HASHPRICE = 1e6


@dataclasses.dataclass(frozen=True)
class Along:
    """A figure as a function of one input after the other.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    figure_path
        As `models.figures` writes it.
    leader
        Of a site's lead: the use whose lead over all others is meant, negative where it is behind; the best one where
        empty, which is never behind.

    Raises
    ------
    KeyError
        From `now` and `values`, where the plan has no such figure.

    Examples
    --------
    >>> from models.samples import sample
    >>> along = Along(sample("briefing"), "uses.a1.npv_usd_per_mw")
    >>> low, high = along.values("market.btc_price_usd", np.array([50_000.0, 90_000.0]))
    >>> bool(low < along.now < high)
    True
    """

    plan: Plan
    figure_path: str
    leader: str = ""

    @cached_property
    def part(self) -> Plan:
        """The records that the figure can depend on."""
        return part_for(self.plan, self.figure_path)

    @cached_property
    def inputs(self) -> Inputs:
        """The arrays of `part`."""
        return gather(self.part)

    @cached_property
    def now(self) -> float:
        """The figure as the plan stands; NaN where it cannot be computed."""
        return self.of(self.part)

    @unknown_is_nan
    def of(self, plan: Plan) -> float:
        """The figure of one plan."""
        if self.leader:
            return _lead_of(plan, self.leader)
        return figure(plan, evaluate(plan), self.figure_path).value

    def depends_on(self, path: str) -> bool:
        """Whether the input belongs to the records that the figure is made of."""
        try:
            read(self.part, BTC_PRICE if path == HASHPRICE else path)
        except KeyError:
            return False
        return True

    def values(self, path: str, at: Array) -> Array:
        """The figure at values of an input, shape as `at`; months of a calendar field as `month_number` counts them.

        Raises
        ------
        KeyError
            Where the path names neither a number nor a month of the plan.
        """
        if not self.depends_on(path):
            return np.full(at.shape, self.now)
        moved = self._moved(path, at) if self.is_swept(path) else None
        if moved is not None:
            return np.broadcast_to(self._swept(moved), at.shape)
        return np.array([self.of(moved_plan(self.part, path, float(v))) for v in at])

    def is_swept(self, path: str) -> bool:
        """Whether many values of an input are priced at once; else each takes an evaluation."""
        table, *rest = self.figure_path.split(".")
        if not self.depends_on(path):
            return True
        if (table != "uses" or rest[-1] not in SWEPT) and not (self._is_lead and self._race is not None):
            return False
        if path == HASHPRICE or (path.startswith("ai_offers.") and path.endswith(f".{FIRST_RENT}")):
            return True
        return can_sweep(self.inputs, path) and value_of(self.part, path) is not None

    def _moved(self, path: str, at: Array) -> Inputs | None:
        inputs = self.inputs
        if path == HASHPRICE:
            per_btc = mining.spot_hashprice_btc(inputs)[..., 0, 0]
            return vary(inputs, BTC_PRICE, at / per_btc) if (per_btc > 0).all() else None
        if path.endswith(f".{FIRST_RENT}"):
            row = inputs.rows["ai_offers"][path.split(".")[1]]
            first = np.broadcast_to(inputs.first_rent, (len(at), *inputs.first_rent.shape)).copy()
            first[:, row, 0] = at - month_number(self.plan.plan.start)
            return dataclasses.replace(inputs, first_rent=first)
        return vary(inputs, path, at)

    def for_leader(self) -> Along:
        """The same for a site's lead as that of the use which is best now, below zero where another overtakes it."""
        return dataclasses.replace(self, leader=self._race.best.id) if self._is_lead and self._race else self

    @property
    def _is_lead(self) -> bool:
        return self.figure_path.startswith("sites.") and self.figure_path.endswith(".lead_usd_per_mw")

    @cached_property
    def _race(self) -> Race | None:
        """The uses of the site that the figure is about; None where there are fewer than two."""
        decisions = decide(self.part, evaluate(self.part))
        ranked = decisions[0].ranked if decisions else ()
        return Race(decisions[0].site.id, ranked[0], ranked[1:]) if len(ranked) > 1 else None

    @unknown_is_nan
    def _swept_lead(self, inputs: Inputs) -> Array:
        """By how much the best use leads the next, or `leader` all others; shape (values,) or ()."""
        assert self._race is not None
        found = worths(inputs, self._race)
        own = found.pop(self.leader) if self.leader else None
        others = np.sort(np.stack(np.broadcast_arrays(*found.values())), axis=0)
        # NaN is sorted last and would be taken for the highest; no use of a race is unknown where the plan stands.
        return np.asarray(others[-1] - others[-2] if own is None else own - others[-1])

    @unknown_is_nan
    def _swept(self, inputs: Inputs) -> Array:
        """The figure for arrays with a leading axis, shape (values,) or ()."""
        if self._is_lead:
            return self._swept_lead(inputs)
        _, use_id, name = self.figure_path.split(".")
        lots, leases, gpus, _ = cash_flows(inputs)
        if use_id in inputs.rows["asic_lots"]:
            cash, row, rate = lots.of(inputs.rows["asic_lots"][use_id]), 0, "mining"
            first = np.zeros((1, 1))
        else:
            at = inputs.rows["ai_offers"][use_id]
            is_lease = at < inputs.gpu_rows.start
            row = at - (0 if is_lease else inputs.gpu_rows.start)
            cash, rate = (leases.of(row), LEASE) if is_lease else (gpus.of(row), "gpu_cloud")
            first = inputs.first_rent[..., at : at + 1, :]
        one = UseCash(*(np.asarray(getattr(cash, f.name))[..., None, :] for f in dataclasses.fields(cash)))
        if name == "npv_usd_per_mw":
            return discounted(one, inputs.numbers[f"assumptions.{rate}_discount_rate_fraction"])[..., 0]
        if name == "capex_usd_per_mw":
            return np.asarray(0.0 - one.capex.sum(axis=-1))[..., 0]
        year = operating_year(first, inputs.dates.index)
        lines = {
            "revenue_usd_per_mw_year": lambda: year_sum(one.revenue, year),
            "power_cost_usd_per_mw_year": lambda: 0.0 - year_sum(one.power, year),
            "opex_usd_per_mw_year": lambda: 0.0 - year_sum(one.opex, year),
            "margin_usd_per_mw_year": lambda: (
                year_sum(one.revenue, year) + year_sum(one.power, year) + year_sum(one.opex, year)
            ),
        }
        return np.asarray(lines[name]())[..., 0]


def _lead_of(plan: Plan, use_id: str) -> float:
    """By how much a use of a plan's only site leads all others, negative where it is behind [USD/MW]."""
    decisions = decide(plan, evaluate(plan))
    worths = {o.id: o.worth_usd_per_mw for o in decisions[0].ranked} if decisions else {}
    own = worths.pop(use_id, math.nan)
    return own - max(worths.values(), default=math.nan)


def part_for(plan: Plan, figure_path: str) -> Plan:
    """The plan with only those records that a figure depends on: uses of different sites do not meet.

    Raises
    ------
    KeyError
        Where the plan has no such figure's owner.
    """
    table, *rest = figure_path.split(".")
    if table == "market":
        return _of_site(plan, "")
    if table == "sites":
        read(plan, f"sites.{rest[0]}")
        return _of_site(plan, rest[0])
    if table == "crossovers":
        return pair_plan(plan, rest[0], rest[1])
    owners: tuple[AsicLot | AiOffer, ...] = (*plan.asic_lots, *plan.ai_offers)
    owner = next((r for r in owners if r.id == rest[0]), None)
    if table != "uses" or owner is None:
        raise KeyError(figure_path)
    part = _of_site(plan, owner.site_id)
    if rest[-1] in POWER_KINDS or any(c.kind != FIXED for c in part.power_contracts):
        return part  # what other machines take of a block, or what stopping is worth to them, counts here
    return dataclasses.replace(
        part,
        asic_lots=tuple(r for r in part.asic_lots if r is owner),
        ai_offers=tuple(r for r in part.ai_offers if r is owner),
    )


def _of_site(plan: Plan, site_id: str) -> Plan:
    contracts = tuple(c for c in plan.power_contracts if c.site_id == site_id)
    ids = {c.id for c in contracts}
    return Plan(
        plan.plan,
        plan.market,
        plan.assumptions,
        sites=tuple(s for s in plan.sites if s.id == site_id),
        price_series=plan.price_series,
        price_steps=plan.price_steps,
        power_contracts=contracts,
        tou_periods=tuple(p for p in plan.tou_periods if p.contract_id in ids),
        asic_lots=tuple(r for r in plan.asic_lots if r.site_id == site_id),
        ai_offers=tuple(r for r in plan.ai_offers if r.site_id == site_id),
        uncertainties=plan.uncertainties,
    )


# --- inputs: numbers, hashprice and months alike ---------------------------------------------------------------------


@dataclasses.dataclass(frozen=True, slots=True)
class Movable:
    """An input that a search can move: a number, hashprice, or a calendar month.

    Attributes
    ----------
    label, unit, digits
        As its description has them; ``month`` for a calendar month, whose values are `month_number`s.
    now
        NaN where nothing has been entered.
    near
        The ends of a first search: ten times the value or the usual range.
    bounds
        What the field can hold, see `models.drivers.bounds`.
    whole
        Whether only whole numbers make sense.
    """

    path: str
    label: str
    unit: str
    digits: int
    now: float
    near: tuple[float, float]
    bounds: tuple[float, float]
    whole: bool

    @property
    def is_month(self) -> bool:
        """Whether it is a calendar month."""
        return self.unit == "month"

    def stored(self, at: float) -> float | int | str:
        """The value as the field holds it."""
        return month_text(round(at)) if self.is_month else round(at) if self.whole else at


def movable(plan: Plan, path: str) -> Movable:
    """An input by its path.

    Raises
    ------
    KeyError
        Where the path names neither a number nor a month of the plan.
    """
    if path != HASHPRICE and path.count(".") and isinstance(field_at(plan, path).spec, MonthField):
        from models.drivers import place_name

        stored = read(plan, path)
        start = month_number(plan.plan.start)
        last = start + plan.plan.horizon_months - 1
        now = float(month_number(stored)) if stored else math.nan
        low, high = min(start, now), max(last, now)
        return Movable(path, place_name(plan, path), "month", 0, now, (low, high), (low, high), True)
    info, held = driver(plan, path), value_of(plan, path)
    now = math.nan if held is None else held
    least, most = bounds(plan, path)
    if path == HASHPRICE:
        most = min(most, MOST_HASHPRICE)
        spec = Quantity(unit=info.unit, label=info.label, low=least, high=most, usual_low=20.0, usual_high=100.0)
    else:
        found = field_at(plan, path).spec
        assert isinstance(found, Quantity)
        spec = dataclasses.replace(found, low=least, high=most)
    low, high = reach(spec, 0.0 if held is None else now)
    if held is None:
        low = max(low, spec.low)
    far = 1e3 * max(abs(low), abs(high), 1.0)
    ends = (least if math.isfinite(least) else -far, most if math.isfinite(most) else far)
    return Movable(path, info.label, info.unit, info.digits, now, (low, high), ends, spec.whole)


def moved_plan(plan: Plan, path: str, at: float) -> Plan:
    """The plan with a number, or a month given as `month_number`, moved."""
    if path != HASHPRICE and path.count(".") and isinstance(field_at(plan, path).spec, MonthField):
        return replace(plan, path, month_text(round(at)))
    return with_value(plan, path, float(at))
