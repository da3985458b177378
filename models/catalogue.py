"""What ships about machines, GPUs and disclosed AI deals: dated facts, each with its source, none of them a quote.

The tables lie in ``resources/catalogue``; ``resources/SOURCES.md`` says what their columns mean and what they are good
for. Reseller asks are shown and never used as a default price: they are undated, and some are plainly nominal.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import resources

LEASE_KINDS = ("lease_nnn", "lease_modified_gross", "colocation")
MONTHS_PER_YEAR = 12
KW_PER_MW = 1000


@dataclass(frozen=True, slots=True)
class Asic:
    """A mining machine as its maker rates it.

    Attributes
    ----------
    maker, model
        As sold; a hashrate bin stands in brackets: ``Antminer S21 Pro (234T)``.
    hashrate_th_per_s, power_w
        Rated, power at the plug [TH/s, W].
    cooling
        ``air``, ``hydro`` or ``immersion``.
    release
        ``YYYY-MM``, ``YYYY`` or empty.
    ask_price_usd, nominal_ask
        An undated reseller's ask [USD], and whether it cannot be meant. Never a default.
    source, source_date, address, note
        Where and when it was stated.
    """

    maker: str
    model: str
    hashrate_th_per_s: float
    power_w: float
    cooling: str
    release: str
    ask_price_usd: float | None
    nominal_ask: bool
    source: str
    source_date: str
    address: str
    note: str

    @property
    def efficiency_j_per_th(self) -> float:
        """Power over hashrate [J/TH]."""
        return self.power_w / self.hashrate_th_per_s

    @property
    def name(self) -> str:
        """Maker and model."""
        return f"{self.maker} {self.model}"

    @property
    def citation(self) -> str:
        """The source with its date, for a tooltip or an evidence line."""
        return f"{self.source}, {self.source_date or 'undated'}"


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU, a server, a rack or a planned site of GPUs; an empty figure is None.

    Attributes
    ----------
    kind
        ``GPU``, ``server``, ``rack`` or ``site``.
    tdp_w_per_gpu
        The card's thermal design power [W].
    memory_gb
        Per GPU, or per system for servers and racks [GB].
    gpus_per_system, system_power_kw
        Of a server or rack [kW, maximum or rated].
    price_usd_per_gpu_low … rental_usd_per_gpu_hour_high
        Indications of 2026, not quotes [USD].
    """

    vendor: str
    model: str
    kind: str
    tdp_w_per_gpu: float | None
    memory_gb: float | None
    launch: str
    system: str
    gpus_per_system: float | None
    system_power_kw: float | None
    price_usd_per_gpu_low: float | None
    price_usd_per_gpu_high: float | None
    price_usd_per_system_low: float | None
    price_usd_per_system_high: float | None
    rental_usd_per_gpu_hour_low: float | None
    rental_usd_per_gpu_hour_high: float | None
    source: str
    source_date: str
    note: str

    @property
    def it_kw_per_gpu(self) -> float | None:
        """System power over GPUs [kW], without the cluster's network and storage; None for cards and sites."""
        if self.kind not in ("server", "rack") or not self.gpus_per_system or self.system_power_kw is None:
            return None
        return self.system_power_kw / self.gpus_per_system


@dataclass(frozen=True, slots=True)
class Deal:
    """A disclosed AI deal; what was not disclosed is None or empty.

    Attributes
    ----------
    kind
        ``lease_nnn``, ``lease_modified_gross``, ``colocation`` or ``gpu_cloud`` (service revenue, never rent).
    standing
        ``signed``, or why it is no benchmark: ``total`` of other rows, ``letter_of_intent``, ``not_effective``,
        ``plan``, ``actuals``.
    critical_it_mw, gross_mw
        At the servers, and at the meter or site [MW].
    term_years, total_value_usd
        The base term without options [years, USD].
    escalator_fraction_per_year, noi_margin_fraction
        0…1; the margin is the middle where a range is stated.
    capex_usd_per_it_mw_low, capex_usd_per_it_mw_high
        The landlord's build, or for ``gpu_cloud`` the GPUs [USD per MW of critical IT].
    source_quality
        ``primary`` (release or filing) or ``secondary``.
    """

    operator: str
    counterparty: str
    backstop: str
    announced: str
    kind: str
    standing: str
    critical_it_mw: float | None
    gross_mw: float | None
    term_years: float | None
    renewal: str
    total_value_usd: float | None
    escalator_fraction_per_year: float | None
    noi_margin_fraction: float | None
    capex_usd_per_it_mw_low: float | None
    capex_usd_per_it_mw_high: float | None
    prepayment_usd: float | None
    power_paid_by: str
    first_delivery: str
    source_quality: str
    address: str
    note: str

    @property
    def name(self) -> str:
        """Landlord and tenant."""
        return f"{self.operator} – {self.counterparty}"

    @property
    def average_rent_usd_per_it_kw_month(self) -> float | None:
        """Value over term and critical IT [USD per kW and month], escalators included; None where one is unknown."""
        if self.total_value_usd is None or self.term_years is None or self.critical_it_mw is None:
            return None
        return self.total_value_usd / (self.term_years * MONTHS_PER_YEAR * self.critical_it_mw * KW_PER_MW)

    @property
    def first_year_rent_usd_per_it_kw_month(self) -> float | None:
        """What the tenant pays in the first year [USD per kW and month]; None where the escalator is unknown."""
        if (
            self.total_value_usd is None
            or self.term_years is None
            or self.critical_it_mw is None
            or self.escalator_fraction_per_year is None
        ):
            return None
        return first_year_rent(
            self.total_value_usd, self.escalator_fraction_per_year, self.term_years, self.critical_it_mw
        )

    @property
    def is_priced_lease(self) -> bool:
        """Whether its average rent is a benchmark: signed, a lease or colocation, and priced per IT megawatt."""
        return (
            self.standing == "signed" and self.kind in LEASE_KINDS and self.average_rent_usd_per_it_kw_month is not None
        )


@dataclass(frozen=True, slots=True)
class GpuPrice:
    """What an hour of a GPU cost in one month on one market.

    Attributes
    ----------
    month
        ``YYYY-MM``.
    kind
        ``on_demand``, ``one_year``, ``five_year`` or ``spot_index``: different markets, never one curve.
    source_quality
        ``secondary``, ``low`` or ``computed`` (from a disclosed contract).
    """

    month: str
    gpu: str
    price_usd_per_gpu_hour: float
    kind: str
    source_quality: str
    address: str
    note: str


@dataclass(frozen=True, slots=True)
class DealRank:
    """Where a rent stands among the priced leases.

    Attributes
    ----------
    below, count
        So many of the priced leases average less, out of so many.
    median, low, high
        Of their averages [USD per kW of critical IT and month].
    nearest
        The deal whose average is closest.
    """

    below: int
    count: int
    median: float
    low: float
    high: float
    nearest: Deal


@cache
def asics() -> tuple[Asic, ...]:
    """Every machine, in the order of the table."""
    return tuple(
        Asic(
            maker=row["maker"],
            model=row["model"],
            hashrate_th_per_s=float(row["hashrate_th_per_s"]),
            power_w=float(row["power_w"]),
            cooling=row["cooling"],
            release=row["release"],
            ask_price_usd=_number(row["ask_price_usd"]),
            nominal_ask=row["nominal_ask"] == "yes",
            source=row["source"],
            source_date=row["source_date"],
            address=row["address"],
            note=row["note"],
        )
        for row in _rows("asics.csv")
    )


@cache
def gpus() -> tuple[Gpu, ...]:
    """Every GPU, server and rack, in the order of the table."""
    words = ("vendor", "model", "kind", "launch", "system", "source", "source_date", "note")
    return tuple(
        Gpu(**{key: text if key in words else _number(text) for key, text in row.items()})  # type: ignore[arg-type]
        for row in _rows("gpus.csv")
    )


@cache
def deals() -> tuple[Deal, ...]:
    """Every deal, in the order of the table; `priced_leases` are those to compare with."""
    numbers = (
        "critical_it_mw",
        "gross_mw",
        "term_years",
        "total_value_usd",
        "escalator_fraction_per_year",
        "noi_margin_fraction",
        "capex_usd_per_it_mw_low",
        "capex_usd_per_it_mw_high",
        "prepayment_usd",
    )
    return tuple(
        Deal(**{key: _number(text) if key in numbers else text for key, text in row.items()})  # type: ignore[arg-type]
        for row in _rows("ai_deals.csv")
    )


@cache
def gpu_prices() -> tuple[GpuPrice, ...]:
    """Every GPU-hour price, in the order of the table."""
    return tuple(
        GpuPrice(
            month=row["month"],
            gpu=row["gpu"],
            price_usd_per_gpu_hour=float(row["price_usd_per_gpu_hour"]),
            kind=row["kind"],
            source_quality=row["source_quality"],
            address=row["address"],
            note=row["note"],
        )
        for row in _rows("gpu_rental_prices.csv")
    )


@cache
def priced_leases() -> tuple[Deal, ...]:
    """The benchmarks, cheapest first: signed leases and colocation contracts with value, term and IT megawatts.

    Totals, letters of intent, leases not yet effective and GPU services stay out.

    Examples
    --------
    >>> len(priced_leases())
    15
    """
    return tuple(sorted((d for d in deals() if d.is_priced_lease), key=_average_rent))


def _average_rent(deal: Deal) -> float:
    rent = deal.average_rent_usd_per_it_kw_month
    if rent is None:
        raise ValueError(f"{deal.name} has no average rent")
    return rent


def median_rent() -> float:
    """Median of the priced leases' averages over their terms [USD per kW of critical IT and month].

    Examples
    --------
    >>> round(median_rent(), 1)
    154.2
    """
    from statistics import median

    return median(_average_rent(d) for d in priced_leases())


def deal_rank(average_rent_usd_per_it_kw_month: float) -> DealRank:
    """Where a rent stands among the disclosed ones, which average $104–188.

    Parameters
    ----------
    average_rent_usd_per_it_kw_month
        Averaged over the term with its escalators, as the disclosed ones are; a first-year rent would stand too low
        (`average_rent` converts) [USD per kW of critical IT and month].

    Examples
    --------
    >>> rank = deal_rank(128.0)
    >>> rank.below, rank.count
    (4, 15)
    """
    from statistics import median

    rents = [_average_rent(d) for d in priced_leases()]
    nearest = min(priced_leases(), key=lambda d: abs(_average_rent(d) - average_rent_usd_per_it_kw_month))
    below = sum(rent < average_rent_usd_per_it_kw_month for rent in rents)
    return DealRank(below, len(rents), median(rents), rents[0], rents[-1], nearest)


def first_year_rent(
    total_value_usd: float, escalator_fraction_per_year: float, term_years: float, critical_it_mw: float
) -> float:
    """First-year rent behind a total contract value: V·g/((1+g)^n − 1), per kW and month.

    Parameters
    ----------
    total_value_usd
        V, over the base term [USD].
    escalator_fraction_per_year
        g, stepping once a year [1/year].
    term_years
        n [years].
    critical_it_mw
        [MW].

    Returns
    -------
    float
        [USD per kW of critical IT and month].

    Examples
    --------
    River Bend, $7.0 billion over 15 years for 245 MW: an average of $158.73 begins at $128.02.

    >>> round(first_year_rent(7e9, 0.03, 15, 245), 2)
    128.02
    """
    years = _escalated_years(escalator_fraction_per_year, term_years)
    return total_value_usd / years / (MONTHS_PER_YEAR * critical_it_mw * KW_PER_MW)


def average_rent(first_year_rent_usd: float, escalator_fraction_per_year: float, term_years: float) -> float:
    """The inverse per kW: a first-year rent's average over the term, as deals are disclosed.

    Examples
    --------
    >>> round(average_rent(128.0157, 0.03, 15), 2)
    158.73
    """
    return first_year_rent_usd * _escalated_years(escalator_fraction_per_year, term_years) / term_years


def _escalated_years(growth: float, years: float) -> float:
    """Sum of (1+g)^k over the term: how many first years of rent the term pays; infinite where none is as large."""
    if abs(growth) < 1e-12:  # 1 + g is 1
        return years
    try:
        total: float = ((1 + growth) ** years - 1) / growth
        return total
    except OverflowError:
        return math.inf


# Reading


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (Path(resources.__file__).parent / "catalogue" / name).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines())


def _number(text: str) -> float | None:
    return float(text) if text else None
