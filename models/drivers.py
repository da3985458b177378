"""Every number that a lever or an axis can move: the plan's quantities, and hashprice, which follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from models import fields
from models.curves import calendar
from models.fields import Quantity, Schedule
from models.market import spot_btc_price, spot_hashprice_btc, with_spot_btc_price
from models.plan import BESIDE_THE_NUMBERS, RECORD_TYPES, SINGLE_RECORDS, AiOffer, AsicLot, Plan, Tripwire
from models.use_names import use_name

HASHPRICE = "market.hashprice_usd_per_ph_day"
BTC_PRICE = "market.btc_price_usd"


@dataclass(frozen=True, slots=True)
class Driver:
    """A number that can be moved.

    Attributes
    ----------
    path
        Of a field, or of the derived hashprice.
    label
        With the record's name where there are several: "Energy price, North".
    unit, digits
        As in the field's description.
    low, high
        The usual range, widened to hold today's value and within `bounds`; a lever's ends.
    """

    path: str
    label: str
    unit: str
    digits: int
    low: float
    high: float


def driver(plan: Plan, path: str) -> Driver:
    """The description of a movable number.

    Raises
    ------
    KeyError
        Where the path names no number of the plan.
    """
    if path == HASHPRICE:
        return _with_range(plan, path, "Hashprice", "USD/PH/day", 2, 20.0, 100.0)
    field = fields.field_at(plan, path)
    spec = field.spec
    if not isinstance(spec, Quantity):
        raise KeyError(path)
    label = _field_name(plan, path, spec.label)
    low = spec.low if spec.usual_low is None else spec.usual_low
    high = spec.high if spec.usual_high is None else spec.usual_high
    return _with_range(plan, path, label, spec.unit, spec.digits, low, high)


def bounds(plan: Plan, path: str) -> tuple[float, float]:
    """Between what a driver can be moved: what its field holds, and of a monthly table what every month can hold.

    Raises
    ------
    KeyError
        Where the path names no number of the plan.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> table = Schedule(("2026-04", "2026-08"), (2.0, 150.0))
    >>> path = "power_contracts.p1.energy_price_usd_per_mwh"
    >>> low, high = bounds(fields.replace(plan, path, table), path)
    >>> round(low, 2), round(high, 2)
    (-6.67, 66.67)
    """
    if path == HASHPRICE:
        dates = calendar(plan.plan.start, plan.plan.horizon_months)
        per_btc = spot_hashprice_btc(plan.market, dates)
        if not per_btc > 0:
            return 0.0, 1e9
        low, high = (end * per_btc for end in bounds(plan, BTC_PRICE))
        first = value_of(plan, path)
    else:
        spec, table = fields.field_at(plan, path).spec, fields.read(plan, path)
        if not isinstance(spec, Quantity):
            raise KeyError(path)
        low, high = spec.low, spec.high
        first = value_of(plan, path) if isinstance(table, Schedule) else None
        if not first:
            return low, high
        assert isinstance(table, Schedule)
        for value in {min(table.values), max(table.values)} - {0.0}:
            ends = sorted((spec.low * first / value, spec.high * first / value))
            low, high = max(low, ends[0]), min(high, ends[1])
    return _drawn_in(plan, path, low, first or 0.0), _drawn_in(plan, path, high, first or 0.0)


def _drawn_in(plan: Plan, path: str, end: float, now: float) -> float:
    """An end of `bounds` nearer to today's value by the last digits that scaling puts beyond what a month can hold."""
    for _ in range(32):  # a few roundings, of at most two last digits each
        if problem_at(with_value(plan, path, end), path) is None:
            break
        end = math.nextafter(end, now)
    return end


def problem_at(plan: Plan, path: str) -> str | None:
    """Why no plan can hold what `with_value` put at a path; None where one can."""
    held = BTC_PRICE if path == HASHPRICE else path
    return fields.problem_with(fields.field_at(plan, held), fields.read(plan, held))


def _with_range(plan: Plan, path: str, label: str, unit: str, digits: int, low: float, high: float) -> Driver:
    now, (lowest, highest) = value_of(plan, path), bounds(plan, path)
    if now is not None:
        span = high - low
        if not span < float("inf"):
            low, high = now - abs(now or 1.0), now + abs(now or 1.0)
        # A value outside the usual range must still be reachable, with room on both sides.
        low, high = min(low, now - 0.25 * abs(now - low)), max(high, now + 0.25 * abs(now - high))
    return Driver(path, label, unit, digits, max(low, lowest), min(high, highest))


def record_name(plan: Plan, record: Any) -> str:
    """What the user calls a record: its name or model, what it watches, or its site's name where it has none."""
    if isinstance(record, Tripwire):
        return f"Tripwire, {place_name(plan, record.path)}"
    if isinstance(record, AsicLot | AiOffer):
        return use_name(plan, record) or str(record.id)
    for attribute in ("name", "model"):
        name = getattr(record, attribute, "")
        if name:
            return str(name)
    site_id = getattr(record, "site_id", None)
    return next((s.name for s in plan.sites if s.id == site_id), str(record.id))


def _field_name(plan: Plan, path: str, label: str) -> str:
    record_path, _ = path.rsplit(".", 1)
    return f"{label}, {record_name(plan, fields.read(plan, record_path))}" if "." in record_path else label


def place_name(plan: Plan, path: str) -> str:
    """What the user calls a field or record: ``Rent, Powered-shell lease``; its path where there is none."""
    if path == HASHPRICE:
        return driver(plan, path).label
    try:
        if path.count(".") == 1 and path.split(".")[0] not in SINGLE_RECORDS:
            return record_name(plan, fields.read(plan, path))
        return _field_name(plan, path, fields.field_at(plan, path).label)
    except (KeyError, ValueError):
        return path


def drivers(plan: Plan) -> tuple[Driver, ...]:
    """Every movable number of a plan, in the order of its pages."""
    found = [driver(plan, HASHPRICE)]
    for table, record_type in RECORD_TYPES.items():
        if table in ("splits", *BESIDE_THE_NUMBERS):
            continue
        if table in SINGLE_RECORDS:
            found += [
                driver(plan, f"{table}.{f.name}") for f in fields.fields_of(record_type) if isinstance(f.spec, Quantity)
            ]
            continue
        for record in getattr(plan, table):
            found += [
                driver(plan, f"{table}.{record.id}.{f.name}")
                for f in fields.applicable_fields(record)
                if isinstance(f.spec, Quantity)
            ]
    return tuple(found)


def value_of(plan: Plan, path: str) -> float | None:
    """A driver's present value, a monthly table's in its first month; None where nothing has been entered.

    Raises
    ------
    KeyError
        Where the path leads nowhere.
    """
    if path == HASHPRICE:
        dates = calendar(plan.plan.start, plan.plan.horizon_months)
        return spot_hashprice_btc(plan.market, dates) * spot_btc_price(plan.market, dates)
    value = fields.read(plan, path)
    if isinstance(value, Schedule):
        dates = calendar(plan.plan.start, plan.plan.horizon_months)
        held = [v for m, v in zip(value.months, value.values, strict=True) if m <= dates.start]
        return held[-1] if held else value.values[0]
    return None if value is None else float(value)


def with_value(plan: Plan, path: str, value: Any) -> Plan:
    """The plan with a driver (or any field) moved.

    A hashprice moves the BTC price at today's difficulty. A number for a monthly table scales the table, so that its
    first month takes the number.

    Raises
    ------
    KeyError
        Where the path leads nowhere.
    """
    if path == HASHPRICE:
        dates = calendar(plan.plan.start, plan.plan.horizon_months)
        per_btc = spot_hashprice_btc(plan.market, dates)
        price = float(value) / per_btc if per_btc > 0 else spot_btc_price(plan.market, dates)
        return fields.replace(plan, BTC_PRICE, with_spot_btc_price(plan.market, dates, price))
    now = fields.read(plan, path)
    if isinstance(now, Schedule) and isinstance(value, int | float) and not isinstance(value, bool):
        first = value_of(plan, path)
        value = Schedule(now.months, tuple(v * value / first if first else float(value) for v in now.values))
    elif isinstance(value, float) and _is_whole(plan, path):
        value = round(value)
    return fields.replace(plan, path, value)


def _is_whole(plan: Plan, path: str) -> bool:
    if path.count(".") == 0:
        return False
    spec = fields.field_at(plan, path).spec
    return isinstance(spec, Quantity) and spec.whole
