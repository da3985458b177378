"""What an evaluation returns: figures per utility megawatt for every use, crossovers and findings.

Every figure is NaN where it cannot be computed, with a finding that says why. Arrays run over the plan's months in
their last axis; money is nominal USD per utility MW; outflows are negative.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models import metrics
from models.curves import Array, Calendar
from models.problems import Finding

ASIC = "asic"
BASES = ("revenue", "margin", "npv")
BREAK_EVEN_NAMES = ("power", "site", "all_in")


@dataclass(frozen=True)
class MarketPath:
    """The network month by month, shape (N,) each.

    Attributes
    ----------
    btc_price_usd, difficulty
        After growth [USD/BTC], [1].
    subsidy_btc
        Per block, averaged over the month's blocks [BTC].
    hashprice_btc_per_ph_day, hashprice_usd_per_ph_day
        Per PH/s of capacity and day, averaged over the month's blocks.
    spot_hashprice_usd_per_ph_day, spot_hashprice_btc_per_ph_day, network_hashrate_eh_per_s
        At the plan's start.
    """

    btc_price_usd: Array
    difficulty: Array
    subsidy_btc: Array
    hashprice_btc_per_ph_day: Array
    hashprice_usd_per_ph_day: Array
    spot_hashprice_usd_per_ph_day: float
    spot_hashprice_btc_per_ph_day: float
    network_hashrate_eh_per_s: float


CASH_LINES = ("revenue", "power", "opex", "capex", "residual", "energy_mwh")


@dataclass(frozen=True)
class UseCash:
    """The monthly cash lines of uses, per utility MW; shape (..., N) or (..., uses, N) [USD/MW].

    Attributes
    ----------
    revenue
        At least 0; falls at the month's end.
    power, opex
        At most 0; fall at the month's end.
    capex
        At most 0; falls at the month's *start*.
    residual
        Value that returns, at the month's end.
    energy_mwh
        Energy metered in the month [MWh/MW].
    """

    revenue: Array
    power: Array
    opex: Array
    capex: Array
    residual: Array
    energy_mwh: Array

    @property
    def margin(self) -> Array:
        """Revenue less power and opex."""
        return self.revenue + self.power + self.opex

    @property
    def free_cash(self) -> Array:
        """All lines of a month together, whenever in the month they fall."""
        return self.margin + self.capex + self.residual

    def of(self, row: int) -> UseCash:
        """One use's lines."""
        return UseCash(*(getattr(self, name)[..., row, :] for name in CASH_LINES))


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where mining earns nothing, by one definition of cost, in three currencies.

    Attributes
    ----------
    energy_price_usd_per_mwh
        The power price at which today's hashprice pays no more than the costs of this definition.
    btc_price_usd, hashprice_usd_per_ph_day
        The price and hashprice at which they are just paid at today's difficulty and power price.
    """

    energy_price_usd_per_mwh: float
    btc_price_usd: float
    hashprice_usd_per_ph_day: float


@dataclass(frozen=True, slots=True)
class PowerFigures:
    """What a use's power comes to in its first twelve operating months, and what it is worth that it can stop.

    Attributes
    ----------
    flexibility_usd_per_mw_year
        Of machines what stopping earned; of an offer what its site's machines earned so in these months, the mean by
        megawatts, which a megawatt that never stops gives up. Part of mining's margin, and deducted from nothing.
    effective_power_gross_usd_per_mwh, effective_power_net_usd_per_mwh
        The bill per consumed MWh before and after energy sold back and demand response; NaN where nothing is consumed,
        or where the tenant pays.
    """

    flexibility_usd_per_mw_year: float
    effective_power_gross_usd_per_mwh: float
    effective_power_net_usd_per_mwh: float


@dataclass(frozen=True)
class UseTable:
    """The figures of all uses as arrays, one row each: lots, then leases, then own GPUs.

    Attributes
    ----------
    cash
        Shape (uses, N).
    figures
        By name, shape (uses,): ``mw``, the yearly lines, ``capex_usd_per_mw``, ``npv_usd_per_mw``,
        ``discount_rate_fraction`` and ``displaced_resale_usd_per_mw``.
    first_operating_month
        Shape (uses,).
    solve_break_evens
        Makes `break_evens` when first asked for.
    """

    cash: UseCash
    figures: dict[str, Array]
    first_operating_month: Array
    solve_break_evens: Callable[[], dict[str, tuple[Array, Array, Array]]]

    @cached_property
    def break_evens(self) -> dict[str, tuple[Array, Array, Array]]:
        """Mining's three by name, each three arrays of shape (lots,), see `models.mining.break_evens`."""
        return self.solve_break_evens()


@dataclass(frozen=True)
class UseResult:
    """One use of a megawatt: a lot of machines, a lease, or own GPUs. All money per utility MW.

    A view on one row of a `UseTable`; figures that few pages show are worked out when first asked for.

    Attributes
    ----------
    kind
        ``asic``, ``lease`` or ``gpu_cloud``.
    table, row
        Where the figures stand.
    """

    id: str
    name: str
    kind: str
    site_id: str
    table: UseTable
    row: int

    def _figure(self, name: str) -> float:
        return float(self.table.figures[name][self.row])

    @property
    def mw(self) -> float:
        """Utility megawatts of the whole use [MW]."""
        return self._figure("mw")

    @property
    def revenue_usd_per_mw_year(self) -> float:
        """Of the first twelve operating months [USD/MW-year]."""
        return self._figure("revenue_usd_per_mw_year")

    @property
    def power_cost_usd_per_mw_year(self) -> float:
        """Of the first twelve operating months, positive [USD/MW-year]."""
        return self._figure("power_cost_usd_per_mw_year")

    @property
    def opex_usd_per_mw_year(self) -> float:
        """Of the first twelve operating months, positive [USD/MW-year]."""
        return self._figure("opex_usd_per_mw_year")

    @property
    def margin_usd_per_mw_year(self) -> float:
        """Revenue less power and opex of the first twelve operating months [USD/MW-year]."""
        return self._figure("margin_usd_per_mw_year")

    @property
    def capex_usd_per_mw(self) -> float:
        """All purchases, undiscounted [USD/MW]."""
        return self._figure("capex_usd_per_mw")

    @property
    def npv_usd_per_mw(self) -> float:
        """At the use's own discount rate, over the plan's horizon [USD/MW]."""
        return self._figure("npv_usd_per_mw")

    @property
    def discount_rate_fraction(self) -> float:
        """Annual and effective."""
        return self._figure("discount_rate_fraction")

    @property
    def displaced_resale_usd_per_mw(self) -> float:
        """What machines already paid fetch when AI takes their place [USD/MW]; zero for AI.

        Credited to the offer's side of an NPV comparison and to nothing else.
        """
        return self._figure("displaced_resale_usd_per_mw")

    @property
    def first_operating_month(self) -> int:
        """Index of the first month that can earn; negative where that lies before the plan's start."""
        return int(self.table.first_operating_month[self.row])

    @cached_property
    def cash(self) -> UseCash:
        """Monthly lines per utility MW, shape (N,)."""
        return self.table.cash.of(self.row)

    @cached_property
    def break_evens(self) -> dict[str, BreakEven]:
        """Mining's three break-evens by name, ``power``, ``site``, ``all_in``; empty for AI."""
        if self.kind != ASIC:
            return {}
        return {
            name: BreakEven(*(float(column[self.row]) for column in columns))
            for name, columns in self.table.break_evens.items()
        }

    @cached_property
    def _payback_index(self) -> float:
        return float(metrics.payback_index(self.cash_points)) if self.capex_usd_per_mw > 0 else math.nan

    @property
    def payback_months(self) -> float:
        """Months from first spend to the month's end at which cumulative cash is no longer negative; else NaN."""
        return self._payback_index - float(metrics.first_spend_index(self.cash_points))

    @property
    def payback_from_operation_months(self) -> float:
        """The same, counted from the first month that can earn."""
        return self._payback_index - max(self.first_operating_month, 0)

    @cached_property
    def discounted_payback_months(self) -> float:
        """The same as `payback_months` with every flow discounted at the use's own rate."""
        factors = metrics.discount_factors(self.discount_rate_fraction, len(self.cash_points) - 1)
        back = metrics.payback_index(self.cash_points * factors)
        spend = float(metrics.first_spend_index(self.cash_points))
        return float(back) - spend if self.capex_usd_per_mw > 0 else math.nan

    @cached_property
    def cash_points(self) -> Array:
        """Cash at the plan's month boundaries, shape (N+1,) [USD/MW]."""
        cash = self.cash
        return metrics.cash_points(cash.capex, cash.margin + cash.residual)

    @cached_property
    def irr_roots_fraction(self) -> tuple[float, ...]:
        """All annual rates at which NPV is zero; computed when first asked for, since it is the dearest figure."""
        return metrics.irr_roots(self.cash_points)

    @property
    def irr_fraction(self) -> float:
        """Annual, effective; NaN where there is no rate, more than one, or no new money that could return anything."""
        roots = self.irr_roots_fraction
        return roots[0] if len(roots) == 1 and self.capex_usd_per_mw > 0 else math.nan

    @property
    def break_even_power_usd_per_mwh(self) -> float:
        """The power price at which today's revenue per MWh is used up (mining only)."""
        return self.break_evens["power"].energy_price_usd_per_mwh if self.break_evens else math.nan

    @property
    def break_even_btc_price_usd(self) -> float:
        """The BTC price that just pays the energy (mining only)."""
        return self.break_evens["power"].btc_price_usd if self.break_evens else math.nan

    @property
    def break_even_hashprice_usd_per_ph_day(self) -> float:
        """The hashprice that just pays the energy (mining only)."""
        return self.break_evens["power"].hashprice_usd_per_ph_day if self.break_evens else math.nan


@dataclass(frozen=True, slots=True)
class Crossover:
    """Where a lot and an offer of the same site are worth the same, on one basis.

    Attributes
    ----------
    basis
        ``revenue``, ``margin`` (first twelve operating months of each) or ``npv`` (with sunk and new capital charged,
        and the resale of displaced machines credited to the offer).
    hashprice_usd_per_ph_day, btc_price_usd
        The level at the plan's start, with the whole price path moved in proportion, at which both are equal.
    rent_usd_per_it_kw_month, price_usd_per_gpu_hour
        The offer's price at which both are equal; NaN for the other kind.
    reason
        Why a value is missing; empty where all are there.
    """

    asic_id: str
    offer_id: str
    basis: str
    hashprice_usd_per_ph_day: float
    btc_price_usd: float
    rent_usd_per_it_kw_month: float
    price_usd_per_gpu_hour: float
    reason: str = ""


@dataclass(frozen=True)
class Results:
    """The answer to a plan; `uses` stand in the plan's order, lots before offers."""

    plan_name: str
    scenario: str
    dates: Calendar
    market: MarketPath
    uses: tuple[UseResult, ...]
    solve_power: Callable[[Results], dict[str, PowerFigures]]
    solve_crossovers: Callable[[Results, tuple[str, ...]], tuple[Crossover, ...]]
    find_problems: Callable[[Results], tuple[Finding, ...]]
    _solved: dict[str, tuple[Crossover, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def crossovers(self) -> tuple[Crossover, ...]:
        """Of every lot with every offer of its site, three each; solved when first asked for."""
        return self.solve_crossovers(self, BASES)

    def crossovers_on(self, basis: str) -> tuple[Crossover, ...]:
        """Those of one basis; the other two are not solved for it, which a plot that follows a lever notices."""
        if "crossovers" in self.__dict__:
            return tuple(row for row in self.crossovers if row.basis == basis)
        if basis not in self._solved:
            self._solved[basis] = self.solve_crossovers(self, (basis,))
        return self._solved[basis]

    @cached_property
    def power(self) -> dict[str, PowerFigures]:
        """What each use's power comes to, by record id; billed when first asked for."""
        return self.solve_power(self)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Everything questionable in the plan; sought when first asked for, not while a lever moves."""
        return self.find_problems(self)

    @cached_property
    def by_id(self) -> dict[str, UseResult]:
        """Uses by record id."""
        return {use.id: use for use in self.uses}

    def crossover(self, asic_id: str, offer_id: str, basis: str) -> Crossover | None:
        """One crossover, or None where lot and offer do not share a site."""
        for row in self.crossovers_on(basis):
            if (row.asic_id, row.offer_id, row.basis) == (asic_id, offer_id, basis):
                return row
        return None

    def to_json(self) -> dict[str, Any]:
        """The answer as the command line prints it; None where a figure cannot be computed."""
        market = self.market
        return {
            "plan": self.plan_name,
            "scenario": self.scenario,
            "market": {
                "hashprice_usd_per_ph_day": _number(market.spot_hashprice_usd_per_ph_day),
                "hashprice_btc_per_ph_day": _number(market.spot_hashprice_btc_per_ph_day),
                "network_hashrate_eh_per_s": _number(market.network_hashrate_eh_per_s),
            },
            "uses": [_use_json(use, self.power[use.id]) for use in self.uses],
            "crossovers": [_crossover_json(row, self.by_id[row.offer_id].kind) for row in self.crossovers],
            "findings": [
                {"code": f.code, "severity": str(f.severity), "path": f.path, "message": f.message}
                for f in self.findings
            ],
        }


USE_FIGURES = (
    "mw",
    "revenue_usd_per_mw_year",
    "power_cost_usd_per_mw_year",
    "opex_usd_per_mw_year",
    "margin_usd_per_mw_year",
    "capex_usd_per_mw",
    "npv_usd_per_mw",
    "irr_fraction",
    "payback_months",
    "payback_from_operation_months",
    "discounted_payback_months",
    "break_even_power_usd_per_mwh",
    "break_even_btc_price_usd",
    "break_even_hashprice_usd_per_ph_day",
)
"""The figures of a use by name, as JSON, the result tables and figure paths call them."""


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _use_json(use: UseResult, power: PowerFigures) -> dict[str, Any]:
    row: dict[str, Any] = {"id": use.id, "name": use.name, "kind": use.kind, "site_id": use.site_id}
    row |= {name: _number(getattr(use, name)) for name in USE_FIGURES}
    for name in ("payback_months", "payback_from_operation_months", "discounted_payback_months"):
        row[name] = None if row[name] is None else round(row[name])
    row |= {name: _number(value) for name, value in dataclasses.asdict(power).items()}
    row["irr_roots_fraction"] = [float(r) for r in use.irr_roots_fraction]
    row["break_evens"] = {
        name: {k: _number(v) for k, v in dataclasses.asdict(item).items()} for name, item in use.break_evens.items()
    }
    return row


def _crossover_json(row: Crossover, offer_kind: str) -> dict[str, Any]:
    unknown = "rent_usd_per_it_kw_month" if offer_kind == "lease" else "price_usd_per_gpu_hour"
    found = {
        "asic_id": row.asic_id,
        "offer_id": row.offer_id,
        "basis": row.basis,
        "hashprice_usd_per_ph_day": _number(row.hashprice_usd_per_ph_day),
        "btc_price_usd": _number(row.btc_price_usd),
        unknown: _number(getattr(row, unknown)),
    }
    return found | ({"reason": row.reason} if row.reason else {})
