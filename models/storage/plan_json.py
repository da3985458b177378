"""A plan as JSON, in and out: the form that scripts write, samples ship in, and `busbar dump` prints.

Names are those of records and fields; whatever is wrong is refused in one sentence that names the path.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Never

import numpy as np

from models.fields import Field, Hourly, Overrides, Quantity, Schedule, applicable_fields, fields_of
from models.hours import HourlyValues
from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan
from models.problems import PlanFileError
from models.storage.validity import LIST_TABLES, overridable_field, problem_in, records_by_path

JSON_VERSION = 1
VERSION_KEY = "busbar_plan"
MONTHLY = "monthly"
FROM_UTC, HOURLY_VALUES = "from_utc", "values"

_LONGEST_SENTENCE = 300
_CORRECT = "correct it and try again"


def plan_from_json(data: Mapping[str, Any] | str | bytes, where: str, *, lost_overrides: bool = False) -> Plan:
    """The plan that a JSON text or its parsed content describes.

    Whole numbers are taken for floats and whole floats for integers; missing optional fields take their defaults.

    Parameters
    ----------
    data
        The text, its UTF-8 bytes, or the parsed object.
    where
        What to call it in an error: the file's name.
    lost_overrides
        Whether a scenario may change a record that is not there, as in a plan that Busbar itself has saved.

    Raises
    ------
    PlanFileError
        Where it is no plan, belongs to a newer version, or holds anything that cannot be meant; the message names the
        path, as in ``plan.json, asic_lots.a1.uptime_fraction: Uptime must lie between 0 and 1, not 5``.

    Examples
    --------
    >>> text = '''{"busbar_plan": 1, "plan": {"name": "Example", "start": "2026-04"},
    ...           "market": {"btc_price_usd": 70870.25, "difficulty": 133.79e12, "block_height": 941472}}'''
    >>> plan_from_json(text, "plan.json").market.btc_price_usd
    70870.25
    """
    content = _parsed(data, where) if isinstance(data, str | bytes) else data
    if not isinstance(content, Mapping):
        _refuse(where, "", "this is not a Busbar plan", 'a plan is a JSON object that begins with "busbar_plan": 1')
    _check_version(content, where)
    _refuse_unknown(where, "", content, [VERSION_KEY, *RECORD_TYPES])
    tables = {name: _table(where, name, content.get(name)) for name in RECORD_TYPES if name in content}
    for name in SINGLE_RECORDS:
        if name not in tables:
            tables[name] = _record(where, name, name, {})
    plan = _with_overrides(Plan(**tables), content.get("scenarios") or (), where, lost_overrides)
    problem = problem_in(plan, lost_overrides=lost_overrides)
    if problem:
        _refuse(where, problem.path, problem.sentence)
    return plan


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The JSON object of a plan; `plan_from_json` makes an equal plan from it.

    A record shows the fields of its kind and whatever else differs from its default; a missing optional value is left
    out.
    """
    content: dict[str, Any] = {VERSION_KEY: JSON_VERSION}
    for name in RECORD_TYPES:
        table = getattr(plan, name)
        content[name] = record_to_json(table) if name in SINGLE_RECORDS else [record_to_json(row) for row in table]
    return content


def record_to_json(record: Any) -> dict[str, Any]:
    """One record as it stands in a plan's JSON."""
    row: dict[str, Any] = {"id": record.id} if hasattr(record, "id") else {}
    applicable = {field.name for field in applicable_fields(record)}
    kind: type = type(record)
    for field in fields_of(kind):
        value = getattr(record, field.name)
        if value == field.default and field.has_default and (value is None or field.name not in applicable):
            continue
        if isinstance(field.spec, Overrides):
            row[field.name] = {path: value_to_json(override) for path, override in value}
        else:
            row[field.name] = value_to_json(value, field)
    return row


def value_to_json(value: Any, field: Field | None = None) -> Any:
    """One value as it stands in a plan's JSON; the same bytes for values that are equal."""
    if isinstance(value, Schedule):
        return {MONTHLY: {m: float(v) + 0.0 for m, v in zip(value.months, value.values, strict=True)}}
    if isinstance(value, HourlyValues):
        hours = [None if v != v else v for v in value.values.tolist()]  # NaN, a missing hour, is the one unlike itself
        return {FROM_UTC: value.first_hour_utc, HOURLY_VALUES: hours}
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Adding zero makes 0.0 of −0.0. An override has no field at hand and stays a float.
        whole = field is not None and isinstance(field.spec, Quantity) and field.spec.whole
        return int(value) if whole else float(value) + 0.0
    return value


def value_from_json(field: Field, raw: Any) -> Any:
    """The value that a JSON value means in a field, not yet held against the field's bounds.

    Raises
    ------
    ValueError
        Where it is a list, or an object that is not a monthly table; the sentence says so.
    """
    if isinstance(raw, str | HourlyValues):
        return raw
    if isinstance(raw, Mapping):
        return _hourly(field, raw) if isinstance(field.spec, Hourly) else _schedule(field, raw)
    if isinstance(raw, list | tuple):
        raise ValueError(f"{field.label} takes one value, not a list")
    if isinstance(field.spec, Quantity):
        return _number(raw, field.spec.whole)
    return raw


def _parsed(data: str | bytes, where: str) -> Any:
    remedy = "save it as JSON in UTF-8"
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        _refuse(where, f"byte {error.start}", "this is not text in UTF-8", remedy)
    if not text.strip():
        _refuse(where, "", "the file is empty", "choose a plan as JSON")

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in items:
            if key in found:
                _refuse(where, "", f"{_clipped(repr(key))} stands twice in one object", "remove one of the two")
            found[key] = value
        return found

    def constant(name: str) -> Never:
        _refuse(where, "", f"{name} is not a number", "give a number, or leave the field out")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        _refuse(where, place, f"this is not JSON ({error.msg[:1].lower()}{error.msg[1:]})", _CORRECT)
    except RecursionError:
        _refuse(where, "", "it is nested too deeply for a plan", _CORRECT)
    except ValueError:
        # Python refuses to read integers of more than 4,300 digits.
        _refuse(where, "", "it holds a number that is too long", _CORRECT)


def _check_version(content: Mapping[str, Any], where: str) -> None:
    if VERSION_KEY not in content:
        remedy = f'a plan begins with "{VERSION_KEY}": {JSON_VERSION}'
        _refuse(where, "", "this is not a Busbar plan", remedy)
    version = content[VERSION_KEY]
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        _refuse(where, VERSION_KEY, "the version must be a whole number from 1", f"write {JSON_VERSION}")
    if version > JSON_VERSION:
        number = version if version < 1_000_000 else "beyond a million"
        what = f"the plan has format {number}, and this Busbar reads formats up to {JSON_VERSION}"
        _refuse(where, VERSION_KEY, what, "open it with a newer Busbar")


def _table(where: str, name: str, raw: Any) -> Any:
    if name in SINGLE_RECORDS:
        return _record(where, name, name, raw)
    if not isinstance(raw, list | tuple):
        _refuse(where, name, "a list of records is expected here", _CORRECT)
    rows = []
    for number, row in enumerate(raw, start=1):
        entry = f"{name}, entry {number}"
        if not isinstance(row, Mapping):
            _refuse(where, entry, "a record is expected here, in braces", _CORRECT)
        if not isinstance(row.get("id"), str):
            _refuse(where, entry, "the record has no id", 'give it a short text as its "id"')
        rows.append(_record(where, name, f"{name}.{row['id']}", row))
    return tuple(rows)


def _record(where: str, name: str, path: str, raw: Any) -> Any:
    """Read a record; `problem_in` looks at its values once the plan stands, as at those of every other plan."""
    if not isinstance(raw, Mapping):
        _refuse(where, path, "a record is expected here, in braces", _CORRECT)
    fields = fields_of(RECORD_TYPES[name])
    _refuse_unknown(where, path, raw, [*(["id"] if name in LIST_TABLES else []), *(f.name for f in fields)])
    values: dict[str, Any] = {"id": raw["id"]} if name in LIST_TABLES else {}
    for field in fields:
        if isinstance(field.spec, Overrides):
            continue
        if field.name not in raw:
            if not field.has_default:
                what = f"{field.label} is missing" if raw or name in LIST_TABLES else f"the plan has no {name!r}"
                _refuse(where, f"{path}.{field.name}", what, "add it")
            continue
        try:
            values[field.name] = value_from_json(field, raw[field.name])
        except ValueError as error:
            _refuse(where, f"{path}.{field.name}", str(error))
    return RECORD_TYPES[name](**values)


def _with_overrides(plan: Plan, raw_scenarios: Any, where: str, lost: bool) -> Plan:
    """Add the scenarios' overrides, which can be read only once there is a plan for their paths to lead into."""
    if not any("overrides" in raw for raw in raw_scenarios):
        return plan
    records = records_by_path(plan)
    scenarios = []
    for scenario, raw in zip(plan.scenarios, raw_scenarios, strict=True):
        given = raw.get("overrides", {})
        at = f"scenarios.{scenario.id}.overrides"
        if not isinstance(given, Mapping):
            _refuse(where, at, "an object of paths and values is expected here", _CORRECT)
        overrides = []
        for path, value in given.items():
            field = overridable_field(records, path, lost) if isinstance(path, str) else None
            if field is None:
                remedy = "name an input of the plan, as in market.btc_price_usd"
                _refuse(where, at, f"the plan has no input {_clipped(repr(path))}", remedy)
            try:
                overrides.append((path, value_from_json(field, value)))
            except ValueError as error:
                _refuse(where, f"{at}.{path}", str(error))
        scenarios.append(replace(scenario, overrides=tuple(overrides)))
    return replace(plan, scenarios=tuple(scenarios))


def _schedule(field: Field, raw: Mapping[str, Any]) -> Schedule:
    months = raw.get(MONTHLY)
    if len(raw) != 1 or not isinstance(months, Mapping) or not months:
        raise ValueError(f'{field.label}: a monthly table is written as {{"monthly": {{"2027-04": 1.0}}}}')
    if set(map(type, months)) != {str}:
        raise ValueError(f"{field.label}: a month is written as 2027-04")
    if list(months) != sorted(months):
        months = dict(sorted(months.items()))
    values = tuple(months.values())
    if set(map(type, values)) != {float}:
        values = tuple(_number(value, whole=False) for value in values)
    return Schedule(tuple(months), values)


def _hourly(field: Field, raw: Mapping[str, Any]) -> HourlyValues:
    wrong = (
        f'{field.label}: a series is written as {{"{FROM_UTC}": "2024-01-01T06:00Z", "{HOURLY_VALUES}": [27.5, null]}}'
    )
    values = raw.get(HOURLY_VALUES)
    if len(raw) != 2 or FROM_UTC not in raw or not isinstance(values, list | tuple):
        raise ValueError(wrong)
    if not {type(v) for v in values} <= {int, float, type(None)}:
        raise ValueError(wrong)
    try:
        return HourlyValues(raw[FROM_UTC], np.array([math.nan if v is None else v for v in values], dtype=float))
    except OverflowError:
        raise ValueError(f"{field.label}: a value is too large for a number") from None
    except ValueError as error:
        raise ValueError(f"{field.label}: {error}") from None


def _number(raw: Any, whole: bool) -> Any:
    """A JSON number as the type that its field holds; anything else as it is, for `problem_with` to refuse."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return raw
    try:
        number = float(raw)
    except OverflowError:
        return float("inf") if raw > 0 else float("-inf")
    if whole and number.is_integer() and abs(number) < 1e15:
        return int(number)
    return number + 0.0


def _refuse_unknown(where: str, path: str, raw: Mapping[str, Any], known: list[str]) -> None:
    for key in raw:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, n=1) if isinstance(key, str) else []
            remedy = f"perhaps {near[0]!r} is meant" if near else "remove it"
            _refuse(where, path, f"there is no field {_clipped(repr(key))}", remedy)


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST_SENTENCE else text[: _LONGEST_SENTENCE - 1] + "…"


def _refuse(where: str, path: str, what: str, remedy: str = _CORRECT) -> Never:
    raise PlanFileError(_clipped(what), f"{where}, {_clipped(path)}" if path else where, remedy)
