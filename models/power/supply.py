"""What a site's energy costs: of each part the price by which machines run, and what is paid in any case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from models.curves import Array
from models.inputs import Inputs
from models.kept import KEPT, Keyed, Same, protected
from models.power.parts import INDEXED, MINIMUM_TAKE, PRICED, SOLD_BACK, USE_OR_LOSE, Part
from models.power.shapes import Rows
from models.units import KW_PER_MW, MONTHS_PER_YEAR

CHARGES = (
    "demand_charge_usd_per_kw_month",
    "transmission_usd_per_kw_year",
    "capacity_usd_per_mw_day",
    "standby_usd_per_kw_month",
    "fixed_charge_usd_per_month",
    "demand_response_usd_per_mw_year",
)
"""What a contract charges (or pays) per megawatt whether machines run or not."""


@dataclass(frozen=True, eq=False)
class Tariff:
    """What running costs in a part; what it costs in any case is in `Supply.paid_anyhow`, and decides nothing.

    Attributes
    ----------
    part
        Whose it is.
    scale, shift
        Running in an hour costs scale × index + shift, shape (..., N) [1], [USD/MWh]. Scale is None where no index is
        followed.
    all_sold
        What a MW of a block that is sold back fetches in a month if none of it is used, shape (..., N) [USD/MW]; None
        where nothing is sold.
    beyond_take
        What energy beyond the minimum take costs on top, shape (..., N) [USD/MWh]; None without one.
    take
        The minimum take as a share of the month's hours, shape (..., 1); None without one.
    restart_cost
        Of 1 MW in the first month, over the scale then; as the index does, it moves with the scale [USD/MW].
    """

    part: Part
    scale: Array | None
    shift: Array
    all_sold: Array | None = None
    beyond_take: Array | None = None
    take: Array | None = None
    restart_cost: float = 0.0

    def mean(self, month_of_year: Rows) -> Array:
        """What running costs in a load that never stops, shape (..., N) [USD/MWh]; up to a minimum take."""
        if self.scale is None:
            return self.shift
        if self.part.prices is None:
            return np.asarray(self.shift * np.nan)
        return np.asarray(self.scale * self.part.prices.month_means[month_of_year] + self.shift)


@dataclass(frozen=True, eq=False)
class Supply:
    """What the energy of every site costs; a last row of sites stands for records without one.

    Attributes
    ----------
    pool_price
        Mix of the contracts with a fixed price for all energy, adders included, shape (..., sites+1, N) [USD/MWh].
    tariffs
        Of the parts of all other contracts, in the plan's order.
    paid_anyhow
        Of each tariff, per MW of the part and month, whatever runs, shape (..., N) [USD/MW].
    mining_charges, firm_charges
        Charges per MW and month that no hour's decision changes, for load that can stop at peaks and for load that
        cannot, shape (..., sites+1, N) [USD/MW]; the former less demand-response income.
    """

    pool_price: Array
    tariffs: tuple[Tariff, ...]
    paid_anyhow: tuple[Array, ...]
    mining_charges: Array
    firm_charges: Array

    def of_site(self, site: int) -> tuple[Tariff, ...]:
        """The tariffs of one site."""
        return self._by_site.get(site, ())

    @cached_property
    def _by_site(self) -> dict[int, tuple[Tariff, ...]]:
        found: dict[int, tuple[Tariff, ...]] = {}
        for tariff in self.tariffs:
            found[tariff.part.site] = (*found.get(tariff.part.site, ()), tariff)
        return found

    @property
    def sites(self) -> tuple[int, ...]:
        """The rows of the sites that have tariffs, ascending."""
        return tuple(sorted(self._by_site))


BOUND = (SOLD_BACK, USE_OR_LOSE, MINIMUM_TAKE)
"""Rules by which something is paid whatever runs."""


def supply(inputs: Inputs) -> Supply:
    """Price the contracts of a plan.

    Energy costs the same whatever bitcoin or an offer does: the answer is kept for as long as the contracts' columns
    are the same arrays. Those of a sweep can be written to, and are priced anew.
    """
    read = [column for key, column in inputs.numbers.items() if key.startswith(_READ)]
    read += [months for key, months in inputs.months_grown.items() if key.startswith(_READ)]
    if any(column.flags.writeable for column in read):
        return _priced(inputs)
    held = (*read, inputs.power, inputs.dates, inputs.forward_by_month)
    return _kept_price(Keyed(inputs, tuple(map(Same, held))))


_READ = ("power_contracts.", "tou_periods.", "sites.")
"""Columns that decide what energy costs."""


@lru_cache(maxsize=KEPT)
def _kept_price(contracts: Keyed) -> Supply:
    found = _priced(contracts.held)
    for array in (found.pool_price, *found.paid_anyhow, found.mining_charges, found.firm_charges):
        protected(array)
    return found


def _priced(inputs: Inputs) -> Supply:
    power = inputs.power
    n = inputs.numbers
    own_price = contract_price(inputs)
    adders, tax = n["power_contracts.adders_usd_per_mwh"], n["power_contracts.tax_fraction"]
    with_adders = own_price + adders if not tax.any() else (own_price + adders) * (1.0 + tax)
    prices = [_price_of_part(inputs, part, own_price) for part in power.parts]
    tariffs = tuple(_tariff(inputs, part, price) for part, price in zip(power.parts, prices, strict=True))
    paid = tuple(_paid_anyhow(inputs, t, price) for t, price in zip(tariffs, prices, strict=True))
    mining, firm = _charges(inputs)
    if tariffs:
        where_bought = per_site_mw(inputs, tariffs, paid)
        mining, firm = mining + where_bought, firm + where_bought
    return Supply(_site_mean(power.pooled, with_adders), tariffs, paid, mining, firm)


def per_site_mw(inputs: Inputs, tariffs: tuple[Tariff, ...], paid: tuple[Array, ...]) -> Array:
    """What all parts' megawatts pay anyhow, per MW of their site; shape (..., sites+1, N) [USD/MW].

    In months without any, an unknown price does not count.
    """
    found = np.zeros((inputs.power.weights.shape[0] + 1, len(inputs.dates.index)))
    for tariff, each in zip(tariffs, paid, strict=True):
        if tariff.part.rule in BOUND:
            weight, site = tariff.part.weight, np.array([tariff.part.site])
            added = np.where(weight > 0, each * weight, 0.0)
            found = placed(found, site, found[..., site, :] + added[..., None, :])
    return found


def contract_price(inputs: Inputs) -> Array:
    """Each contract's own price, grown and escalated, shape (..., contracts, N) [USD/MWh]."""
    price = inputs.grown(
        "power_contracts.energy_price_usd_per_mwh", "power_contracts.energy_price_growth_fraction_per_year"
    )
    return np.asarray(price * escalation(inputs))


def escalation(inputs: Inputs) -> Array:
    """(1 + escalator)^years of every contract, shape (..., contracts, 1 or N)."""
    step = inputs.numbers["power_contracts.escalator_fraction_per_year"]
    return np.asarray((1.0 + step) ** inputs.power.contract_years) if step.any() else np.ones(1)


def _price_of_part(inputs: Inputs, part: Part, own_price: Array) -> Array:
    """What a part's contract asks for a MWh, in its time-of-use period where it has one, shape (..., 1 or N)."""
    row = part.contract
    if part.rule != PRICED or part.period < 0:
        return own_price[..., row, :]
    growth = inputs.factor("power_contracts.energy_price_growth_fraction_per_year", row)
    step = escalation(inputs)
    price = inputs.numbers["tou_periods.energy_price_usd_per_mwh"][..., part.period, :] * growth
    return np.asarray(price * (step[..., row, :] if step.ndim > 1 else step))


_OF_TARIFF = (
    "adders_usd_per_mwh",
    "tax_fraction",
    "take_fraction",
    "index_basis_usd_per_mwh",
    "excess_fee_usd_per_mwh",
    "sell_back_fee_usd_per_mwh",
    "forward_index_usd_per_mwh",
    "energy_price_growth_fraction_per_year",
)


def _tariff(inputs: Inputs, part: Part, price: Array) -> Tariff:
    """A part's tariff, kept by the numbers that it is made of: an edit elsewhere leaves it the same object.

    So does a price that is paid whatever runs, and with it all that follows from how machines run.
    """
    n = inputs.numbers
    read = [n[f"power_contracts.{name}"] for name in _OF_TARIFF]
    start_cost = n["sites.curtailment_start_cost_usd_per_mw"]
    decides = part.rule in (PRICED, MINIMUM_TAKE)
    if any(column.flags.writeable for column in (*read, start_cost)) or (decides and price.ndim > 1):
        return _tariff_anew(inputs, part, price)
    rows = [column[part.contract].tobytes() for column in read]
    level_months = inputs.months_grown["power_contracts.forward_index_usd_per_mwh"]
    key = (
        Same(part),
        inputs.dates,
        price.tobytes() if decides else b"",
        start_cost[part.site].tobytes(),
        level_months[part.contract if len(level_months) > 1 else 0].tobytes(),
        bool(inputs.forward_by_month[part.contract]),
        *rows,
    )
    return _kept_tariff(Keyed((inputs, part, price), key))


@lru_cache(maxsize=8 * KEPT)
def _kept_tariff(key: Keyed) -> Tariff:
    found = _tariff_anew(*key.held)
    for array in vars(found).values():
        if isinstance(array, np.ndarray):
            protected(array)
    return found


def _tariff_anew(inputs: Inputs, part: Part, price: Array) -> Tariff:
    n = inputs.numbers

    def column(name: str) -> Array:
        return n[f"power_contracts.{name}"][..., part.contract, :]

    added, tax = column("adders_usd_per_mwh"), 1.0 + column("tax_fraction")
    nothing = np.zeros(len(inputs.dates.hours))
    start_cost = float(n["sites.curtailment_start_cost_usd_per_mw"][..., part.site, 0].reshape(-1)[0])
    if part.rule == PRICED:
        return Tariff(part, None, (price + added) * tax + nothing)
    if part.rule == USE_OR_LOSE:
        return Tariff(part, None, added * tax + nothing)
    if part.rule == MINIMUM_TAKE:
        return Tariff(part, None, added * tax + nothing, beyond_take=price * tax, take=column("take_fraction"))
    scale, basis = index_scale(inputs, part), column("index_basis_usd_per_mwh")
    if part.rule == INDEXED:
        fee = column("excess_fee_usd_per_mwh") if part.beyond_block else 0.0
        scale = scale * tax
        return Tariff(part, scale, (basis + fee + added) * tax + nothing, restart_cost=_over_scale(start_cost, scale))
    assert part.rule == SOLD_BACK
    fetched = basis - column("sell_back_fee_usd_per_mwh")
    means = nothing * np.nan if part.prices is None else part.prices.month_means[inputs.power.month_of_year]
    return Tariff(
        part,
        scale + nothing,
        fetched + added * tax + nothing,
        all_sold=(scale * means + fetched) * inputs.dates.hours,
        restart_cost=_over_scale(start_cost, scale),
    )


def _paid_anyhow(inputs: Inputs, tariff: Tariff, price: Array) -> Array:
    """What a MW of a part pays in a month whatever runs, shape (..., N) [USD/MW]."""
    part, hours = tariff.part, inputs.dates.hours
    if part.rule not in BOUND:
        return np.zeros(len(hours))
    tax = 1.0 + inputs.numbers["power_contracts.tax_fraction"][..., part.contract, :]
    if tariff.take is not None:
        return np.asarray(price * tax * tariff.take * hours)
    paid = price * tax * hours
    return np.asarray(paid if tariff.all_sold is None else paid - tariff.all_sold)


def _over_scale(start_cost: float, scale: Array) -> float:
    """What a restart costs at the level of the imported prices, by the first month whose scale is known.

    Of a sweep the first case counts: whoever sweeps what decides on it prices whole plans (`models.pair`).
    """
    known = scale.reshape(-1, scale.shape[-1])[0]
    known = known[np.isfinite(known)]
    return start_cost / float(known[0]) if known.size and known[0] > 0 else 0.0


def index_scale(inputs: Inputs, part: Part) -> Array:
    """What the imported prices are multiplied by in every month, shape (..., N).

    One forward number is the average of all hours, and keeps what distinguishes months; a monthly table is each
    month's own average. Without either the prices are as imported. All grow with the contract's price.
    """
    growth = inputs.factor("power_contracts.energy_price_growth_fraction_per_year", part.contract)
    key = "power_contracts.forward_index_usd_per_mwh"
    level = inputs.numbers[key][..., part.contract, :]
    if part.prices is None or np.isnan(level).all():
        return np.asarray(growth + np.zeros(len(inputs.dates.index)))
    by_month = inputs.forward_by_month[part.contract]
    mean = part.prices.month_means[inputs.power.month_of_year] if by_month else np.array(part.prices.mean)
    grown = inputs.factor("power_contracts.energy_price_growth_fraction_per_year", part.contract, key)
    # A level of the other sign, or a mean of nothing, cannot be reached by scaling; a finding says so.
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(mean * level > 0, level / mean, np.nan)
    return np.asarray(scale * grown + np.zeros(len(inputs.dates.index)))


def _charges(inputs: Inputs) -> tuple[Array, Array]:
    """Charges per MW and month of every site, for mining and for firm load; shape (..., sites+1, N) [USD/MW]."""
    n, power = inputs.numbers, inputs.power
    sites = power.weights.shape[0] + 1
    columns = {name: n[f"power_contracts.{name}"] for name in CHARGES}
    if not any(column.any() for column in columns.values()):
        nothing = np.zeros((sites, len(inputs.dates.index)))
        return nothing, nothing
    lines = charge_lines(inputs)
    always = sum(lines[name] for name in ("demand", "capacity", "standby", "fixed"))
    weights = power.charged
    mining = always + lines["transmission"] + lines["demand_response"]
    firm = always + lines["transmission_at_full"]
    return _spread(weights, np.asarray(mining)), _spread(weights, np.asarray(firm))


def charge_lines(inputs: Inputs) -> dict[str, Array]:
    """Charges of every contract per MW that it carries, with tax, by line; shape (..., contracts, N) [USD/MW].

    ``demand``, ``capacity``, ``standby``, ``fixed``, ``transmission`` for load that stops at peaks as the contract
    says, ``transmission_at_full`` for load that does not, and ``demand_response`` as negative (it is income).
    """
    n, power, dates = inputs.numbers, inputs.power, inputs.dates

    def column(name: str) -> Array:
        return n[f"power_contracts.{name}"]

    taxed = 1.0 + column("tax_fraction")
    month = np.ones(len(dates.index))
    tag = np.where(power.twelve_peaks > 0, column("twelve_peak_share_fraction"), column("peak_share_fraction"))
    transmission = column("transmission_usd_per_kw_year") * (KW_PER_MW / MONTHS_PER_YEAR) * taxed * month
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        fixed = np.where(power.contract_mw > 0, column("fixed_charge_usd_per_month") / power.contract_mw, 0.0)
    decline = (1.0 - column("demand_response_decline_fraction_per_year")) ** (dates.index / MONTHS_PER_YEAR)
    return {
        "demand": column("demand_charge_usd_per_kw_month") * KW_PER_MW * taxed * month,
        "capacity": column("capacity_usd_per_mw_day") * dates.days * taxed,
        "standby": column("standby_usd_per_kw_month") * KW_PER_MW * taxed * month,
        "fixed": fixed * taxed,
        "transmission": transmission * tag,
        "transmission_at_full": transmission,
        "demand_response": -column("demand_response_usd_per_mw_year")
        / MONTHS_PER_YEAR
        * decline
        * power.demand_response,
    }


def _spread(weights: Array, per_contract: Array) -> Array:
    """From contracts to sites, with a last row for records without one."""
    sites = np.einsum("scn,...cn->...sn", weights, per_contract)
    return np.concatenate([sites, np.zeros((*sites.shape[:-2], 1, sites.shape[-1]))], axis=-2)


def _site_mean(weights: Array, contract_price_usd_per_mwh: Array) -> Array:
    """The mix of contracts at every site, NaN where none weighs or one that weighs has no price; (..., sites+1, N)."""
    whole = weights.sum(axis=1)
    unknown = np.isnan(contract_price_usd_per_mwh)
    price = np.einsum("scn,...cn->...sn", weights, np.where(unknown, 0.0, contract_price_usd_per_mwh))
    with np.errstate(divide="ignore", invalid="ignore"):
        price = np.where(whole > 0, price / whole, np.nan)
    if unknown.any():
        missing = np.einsum("scn,...cn->...sn", weights, unknown.astype(float)) > 0
        price = np.where(missing, np.nan, price)
    nowhere = np.full((*price.shape[:-2], 1, price.shape[-1]), np.nan)
    return np.concatenate([price, nowhere], axis=-2)


def placed(table: Array, rows: Rows, values: Array) -> Array:
    """A table of the caller's own with some of its rows (the axis before the months) replaced.

    In place, unless the values have leading axes for which the table must be made anew.
    """
    shape = np.broadcast_shapes(table.shape[:-2], values.shape[:-2])
    if table.shape[:-2] != shape:
        table = np.broadcast_to(table, (*shape, *table.shape[-2:])).copy()
    table[..., rows, :] = values
    return table
