"""A market pack: dated market values as one small file that a colleague sends by mail, read, compared and written.

As JSON::

    {"busbar_market": 1, "as_of": "2026-11-20", "source": "Desk",
     "values": {"market.btc_price_usd": 91000, "market.difficulty": 1.4e14,
                "market.block_height": 976600, "market.fees_btc_per_block": 0.02}}

A value may also be a list of dated ones: ``[{"date": "2026-11-19", "value": 90000, "source": "Desk"}, …]``. As CSV the
columns are ``path``, ``value``, ``date`` and, where wanted, ``unit`` and ``source``, one line per value and day. Values
are in the fields' own units. All of them become observations; the newest of each input becomes the plan's value.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.drivers import HASHPRICE, driver, value_of, with_value
from models.fields import Quantity, field_of, problem_with, replace
from models.importers.known_keys import nearest_key, unread_keys
from models.importers.market_values import market_name
from models.importers.results import limited
from models.importers.tables import Cell, Grid, decoded, note, read_grids
from models.importers.values import CellError, number_in
from models.plan import ID_PREFIXES, Evidence, Market, Observation, Plan, new_id
from models.problems import Finding, PlanFileError, Severity
from models.sentences import Sentence

FORMAT = 1
MAX_BYTES = 4_000_000
MAX_VALUES = 20_000
QUANTITIES = (
    "btc_price_usd",
    "difficulty",
    "block_height",
    "fees_btc_per_block",
    "btc_price_growth_fraction_per_year",
    "difficulty_growth_fraction_per_year",
)
PATHS = (*(f"market.{name}" for name in QUANTITIES), HASHPRICE)
WRITTEN = PATHS[:4]
"""What an exported pack holds: growth is a view of the plan's author, and hashprice follows."""
MOVED_BY_HASHPRICE = "market.btc_price_usd"
KEYS = ("busbar_market", "as_of", "source", "values")
ENTRY_KEYS = ("date", "value", "source")
COLUMNS = ("path", "value", "unit", "date", "source")
MEANT = {"date": "as_of", "day": "as_of", "asof": "as_of", "time": "as_of", "from": "source", "prices": "values"}
MEANT_OF_ENTRY = {"as_of": "date", "day": "date", "time": "date", "from": "source", "price": "value", "level": "value"}
"""What people write for a key of the pack, and of one value or column."""
REMEDY = 'it begins with {"busbar_market": 1, or has the columns path, value and date'


@dataclass(frozen=True, slots=True)
class PackValue:
    """One dated value.

    Attributes
    ----------
    path
        One of `PATHS`.
    value
        In the field's own unit.
    date
        ISO day; empty where the file names none.
    source
        Empty where the file names none.
    """

    path: str
    value: float
    date: str
    source: str


@dataclass(frozen=True, slots=True)
class MarketPack:
    """What a pack holds.

    Attributes
    ----------
    values
        In the file's order.
    findings
        What was left out, with its line.
    """

    values: tuple[PackValue, ...]
    findings: tuple[Finding, ...]

    @property
    def newest(self) -> dict[str, PackValue]:
        """The latest value of every input; of one day the last in the file."""
        found: dict[str, PackValue] = {}
        for value in self.values:
            if value.path not in found or value.date >= found[value.path].date:
                found[value.path] = value
        return found


@dataclass(frozen=True, slots=True)
class PackChange:
    """One input before and after a pack is applied.

    Attributes
    ----------
    path, label, unit, digits
        As the field's description says.
    now, new
        The plan's value in its first month, and the pack's.
    date, source
        Of the new one.
    is_older
        Whether the pack's value is older than the plan's own market data.
    is_observed_only
        A hashprice beside a BTC price: it follows from the others, and is kept as an observation.
    """

    path: str
    label: str
    unit: str
    digits: int
    now: float
    new: float
    date: str
    source: str
    is_older: bool
    is_observed_only: bool

    @property
    def change_fraction(self) -> float:
        """How much the value moves; NaN from nothing."""
        return self.new / self.now - 1.0 if self.now else math.nan


def is_pack(data: bytes) -> bool:
    """Whether a file says that it is a market pack, by its first characters."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return b'"busbar_market"' in head
    first = head.splitlines()[0].lower() if head else b""
    return all(word in first for word in (b"path", b"value", b"date"))


def read_pack(data: bytes, filename: str) -> MarketPack:
    """Read a pack.

    Parameters
    ----------
    data
        JSON or CSV, see the module.
    filename
        For messages.

    Raises
    ------
    PlanFileError
        Where it is no pack, is too large, or nothing of it can be used.

    Examples
    --------
    >>> pack = read_pack(b"path,value,date\\nmarket.difficulty,140 T,2026-11-20\\n", "pack.csv")
    >>> pack.values
    (PackValue(path='market.difficulty', value=140000000000000.0, date='2026-11-20', source=''),)
    """
    if len(data) > MAX_BYTES:
        raise PlanFileError("it is too large for a market pack", filename, f"a pack has at most {MAX_VALUES:,} values")
    findings: list[Finding] = []
    values: list[PackValue] = []
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    for where, name, cell, unit, day, source in (_json_lines if is_json else _csv_lines)(data, filename, findings):
        if len(values) >= MAX_VALUES:
            raise PlanFileError(
                f"it holds more than {MAX_VALUES:,} values", filename, "split it, or leave old ones out"
            )
        path = _path(name)
        if path is None:
            near = nearest_key(name, PATHS, {})
            meant = f"; perhaps “{near}” is meant" if near else ""
            findings.append(_left_out(where, f"“{name[:60]}” is no market value of a plan{meant}"))
            continue
        try:
            values.append(PackValue(path, _value(path, cell, unit), _day(day), source.strip()[:400]))
        except CellError as error:
            findings.append(_left_out(where, Sentence("{name}: the value {problem}", name=name, problem=error.clause)))
    if not values:
        what = findings[0].message.rstrip(".") if findings else "it holds no values"
        raise PlanFileError(what, filename, "name market values such as market.btc_price_usd")
    if not all(v.date for v in values):
        text = "Some values have no day; their age cannot be shown."
        findings.append(note("no_date", text, "market.as_of", Severity.WARNING))
    return MarketPack(tuple(values), limited(findings))


def changes(plan: Plan, pack: MarketPack) -> tuple[PackChange, ...]:
    """What a pack would change, in the order of the market page.

    Parameters
    ----------
    plan
        Not changed.
    pack
        From `read_pack`.
    """
    newest, found = pack.newest, []
    for path in PATHS:
        value = newest.get(path)
        if value is None:
            continue
        about = driver(plan, path)
        now = value_of(plan, path)
        found.append(
            PackChange(
                path,
                about.label,
                about.unit,
                about.digits,
                math.nan if now is None else now,
                value.value,
                value.date,
                value.source,
                bool(value.date) and bool(plan.market.as_of) and value.date < plan.market.as_of,
                path == HASHPRICE and "market.btc_price_usd" in newest,
            )
        )
    return tuple(found)


def apply_pack(plan: Plan, pack: MarketPack) -> Plan:
    """The plan with the newest values, their evidence, and every dated value as an observation.

    A number for a monthly table scales the table, as everywhere. A hashprice moves the BTC price where the pack has
    none.

    Examples
    --------
    >>> from models.samples import sample
    >>> pack = read_pack(b"path,value,date,source\\nmarket.difficulty,140T,2026-11-20,Desk\\n", "pack.csv")
    >>> plan = apply_pack(sample("briefing"), pack)
    >>> plan.market.difficulty, plan.market.as_of, plan.observations[-1].value
    (140000000000000.0, '2026-11-20', 140000000000000.0)
    """
    todo = changes(plan, pack)
    for change in todo:
        if not change.is_observed_only:
            plan = with_value(plan, change.path, change.new)
    for change in todo:
        if not change.is_observed_only:
            plan = _with_evidence(plan, change)
    days = [c.date for c in todo if c.date]
    sources = list(dict.fromkeys(c.source for c in todo if c.source))
    if days:
        plan = replace(plan, "market.as_of", max(days))
    if sources:
        plan = replace(plan, "market.source", "; ".join(sources))
    return _with_observations(plan, pack)


def _with_evidence(plan: Plan, change: PackChange) -> Plan:
    """What a value was known from no longer holds: its evidence is that of the pack."""
    is_derived = change.path == HASHPRICE  # what it moved is the BTC price, which now is as old as the hashprice
    path = MOVED_BY_HASHPRICE if is_derived else change.path
    kept = tuple(e for e in plan.evidence if e.path != path)
    if not change.source and not change.date:
        return replace(plan, "evidence", kept)
    held = replace(plan, "evidence", kept)
    line = Evidence(
        new_id(plan, ID_PREFIXES["evidence"]),
        path,
        "BTC price that the hashprice means" if is_derived else change.label,
        change.source or "market pack",
        "",
        change.date,
    )
    return replace(held, "evidence", (*kept, line))


def _with_observations(plan: Plan, pack: MarketPack) -> Plan:
    """Dated values beside those that are there; one of the same day is replaced."""
    dated = {(v.path, v.date): v for v in pack.values if v.date}
    if not dated:
        return plan
    kept = tuple(o for o in plan.observations if (o.path, o.date) not in dated)
    prefix = ID_PREFIXES["observations"]
    plan = replace(plan, "observations", kept)
    number = int(new_id(plan, prefix).removeprefix(prefix))
    taken = {o.id for o in kept}
    new = []
    for value in sorted(dated.values(), key=lambda v: (v.date, PATHS.index(v.path))):
        while f"{prefix}{number}" in taken:
            number += 1
        new.append(Observation(f"{prefix}{number}", value.path, value.date, value.value, value.source))
        number += 1
    return replace(plan, "observations", (*kept, *new))


# --- reading ---------------------------------------------------------------------------------------------------------

Line = tuple[str, str, Cell, str, str, str]
"""Where it stands, the input's name, its cell, its unit, its day, its source."""


def _json_lines(data: bytes, filename: str, findings: list[Finding]) -> Iterator[Line]:
    text, _ = decoded(data, filename)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise PlanFileError("this is not JSON", filename, "look for a missing comma or brace") from None
    if not isinstance(content, dict) or "busbar_market" not in content:
        raise PlanFileError("this is no market pack", filename, REMEDY)
    if content["busbar_market"] != FORMAT or isinstance(content["busbar_market"], bool):
        raise PlanFileError("the pack is of a format that this version does not know", filename, "update Busbar")
    unread = unread_keys(content, KEYS, MEANT, "key of a market pack")
    findings += [finding for _, finding in unread]
    values = content.get("values")
    if not isinstance(values, dict):
        near = next((f', not under "{key[:60]}"' for key, _ in unread if nearest_key(key, KEYS, MEANT) == "values"), "")
        raise PlanFileError("the pack has no values", filename, f'list them under "values"{near}')
    day, source = (_text(content.get(key, ""), key, filename) for key in ("as_of", "source"))
    for name, value in values.items():
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict):
                findings += [f for _, f in unread_keys(entry, ENTRY_KEYS, MEANT_OF_ENTRY, "key of a value in a pack")]
                own_day = _text(entry.get("date", day), "date", filename)
                own_source = _text(entry.get("source", source), "source", filename)
                yield f"values.{name}", name, _cell(entry.get("value")), "", own_day, own_source
            else:
                yield f"values.{name}", name, _cell(entry), "", day, source


def _cell(value: Any) -> Cell:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, str):
        return value
    try:
        return float(value)
    except OverflowError:
        return "a number beyond all bounds"


def _text(value: Any, key: str, filename: str) -> str:
    if not isinstance(value, str):
        raise PlanFileError(f'"{key}" is no text', filename, "put it in quotes")
    return value


def _csv_lines(data: bytes, filename: str, findings: list[Finding]) -> Iterator[Line]:
    grids = read_grids(data, filename)
    grid, columns = next(((g, found) for g in grids if (found := _columns(g))), (None, {}))
    if grid is None:
        raise PlanFileError("this is no market pack", filename, REMEDY)
    findings += [f for _, f in unread_keys(columns, COLUMNS, MEANT_OF_ENTRY, "column of a market pack")]
    for line in grid.lines[1:]:

        def at(name: str, cells: tuple[Cell, ...] = tuple(line.cells)) -> Cell:
            place = columns.get(name, -1)
            return cells[place] if 0 <= place < len(cells) else ""

        if any(str(cell).strip() for cell in line.cells):
            yield (
                f"line {line.number}",
                str(at("path")),
                at("value"),
                str(at("unit")),
                str(at("date")),
                str(at("source")),
            )


def _columns(grid: Grid) -> dict[str, int]:
    """Places of the columns by their headings; empty where path or value is missing."""
    if not grid.lines:
        return {}
    found = {str(cell).strip().lower(): place for place, cell in enumerate(grid.lines[0].cells)}
    return found if {"path", "value"} <= set(found) else {}


def _path(name: str) -> str | None:
    name = name.strip()
    if name in PATHS:
        return name
    known = market_name(name)
    return f"market.{known}" if known is not None and f"market.{known}" in PATHS else None


def _value(path: str, cell: Cell, unit: str) -> float:
    if not str(cell).strip():
        raise CellError("is missing")
    if unit.strip():  # beside the number, as one would type it: T is a scale and no unit of its own
        cell = f"{cell if isinstance(cell, str) else format(cell, '.17g')} {unit.strip()}"
    if path == HASHPRICE:
        reading = number_in(cell, "USD/PH/day").value
        if not 0 < reading < 1e9:
            raise CellError("must be positive")
        return reading
    field = field_of(Market, path.partition(".")[2])
    spec = field.spec
    assert isinstance(spec, Quantity)
    value = number_in(cell, spec.unit, "", 1.0, ".", (spec.usual_low, spec.usual_high)).value
    problem = problem_with(field, round(value) if spec.whole and math.isfinite(value) else value)
    if problem:
        raise CellError(Sentence("cannot be used: {problem}", problem=problem))
    return value


def _day(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    problem = problem_with(field_of(Observation, "date"), text[:10])
    if problem:
        raise CellError(f"has no day: “{text[:30]}” is not a date; write it as 2026-11-20")
    return text[:10]


def _left_out(where: str, what: str) -> Finding:
    return Finding("import.line", Severity.ERROR, where, Sentence("{what}; it was left out.", what=what))
