"""A market pack: dated market values as one small file that a colleague sends by mail, read, compared and written.

As JSON::

    {"busbar_market": 1, "as_of": "2026-11-20", "source": "Desk",
     "values": {"market.btc_price_usd": 91000, "market.difficulty": 1.4e14,
                "market.block_height": 976600, "market.fees_btc_per_block": 0.02}}

A value may also be a list of dated ones: ``[{"date": "2026-11-19", "value": 90000, "source": "Desk"}, …]``. As CSV the
columns are ``path``, ``value``, ``date`` and, where wanted, ``unit`` and ``source``, one line per value and day. A
table of other hands, CSV or XLSX, is read as well where one column names market values, one has them and one their
day: ``key,value,unit,as_of``. Values are in the fields' own units, or in the one beside them. All of them become
observations; the newest of each input becomes the plan's value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from models.drivers import BTC_PRICE, HASHPRICE, driver, value_of, with_value
from models.fields import Quantity, field_of, problem_with, replace
from models.importers.known_keys import nearest_key
from models.importers.market_values import market_name, with_provenance
from models.importers.results import limited, storable, storable_name
from models.importers.tables import Cell, note, read_grids
from models.importers.values import CellError, number_in
from models.importers.workbooks import read_workbook
from models.market_pack_lines import HEADING_LINES, json_lines, layout_of, table_lines
from models.plan import ID_PREFIXES, Evidence, Market, Observation, Plan, new_id
from models.problems import Finding, PlanFileError, Severity
from models.sentences import Sentence

MAX_BYTES = 4_000_000
MAX_WORKBOOK_BYTES = 1_000_000
"""A larger workbook is no list of market values."""
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
NO_SOURCE = "market pack"
"""What is named as the source where a pack names none."""


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
    stated
        As the file has it, with the unit beside it; empty where it has none.
    """

    path: str
    value: float
    date: str
    source: str
    stated: str = ""


@dataclass(frozen=True, slots=True)
class MarketPack:
    """What a pack holds.

    Attributes
    ----------
    values
        In the file's order.
    findings
        What was left out, with its line.
    name
        Of the file.
    """

    values: tuple[PackValue, ...]
    findings: tuple[Finding, ...]
    name: str

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
    stated
        The new one as the file has it, where it names a unit.
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
    stated: str = ""

    @property
    def change_fraction(self) -> float:
        """How much the value moves; NaN from nothing."""
        return self.new / self.now - 1.0 if self.now else math.nan


def is_pack(data: bytes, filename: str = "") -> bool:
    """Whether a file is a market pack, by its beginning: it says so, or it is a table of dated market values."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"{"):
        return b'"busbar_market"' in head
    first = head.splitlines()[0].lower() if head else b""
    return all(word in first for word in (b"path", b"value", b"date")) or _is_foreign_table(data, filename)


def _is_foreign_table(data: bytes, filename: str) -> bool:
    is_workbook = data.startswith(b"PK\x03\x04")
    if is_workbook and len(data) > MAX_WORKBOOK_BYTES:
        return False
    try:
        part = data if len(data) <= 20_000 else data[:20_000].rpartition(b"\n")[0]
        grids = read_workbook(data, filename, 2 * HEADING_LINES) if is_workbook else read_grids(part, filename)
    except PlanFileError:
        return False
    # The names decide: many a table has a name, a value and a day.
    layouts = [layout for layout in map(layout_of, grids) if layout is not None and not layout.is_own]
    return any(_path(str(layout.cell(line, "path"))) for layout in layouts for line in layout.lines)


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
    (PackValue(path='market.difficulty', value=140000000000000.0, date='2026-11-20', source='', stated=''),)
    """
    filename = storable_name(filename)
    if len(data) > MAX_BYTES:
        raise PlanFileError("it is too large for a market pack", filename, f"a pack has at most {MAX_VALUES:,} values")
    findings: list[Finding] = []
    values: list[PackValue] = []
    is_json = data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    lines = json_lines(data, filename, findings) if is_json else table_lines(data, filename, findings)
    for where, name, cell, unit, day, source in lines:
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
            value = _value(path, cell, unit)
            problem = problem_with(field_of(Observation, "source"), source)
            if problem:
                raise CellError(Sentence("has no usable source: {problem}", problem=problem))
            stated = f"{cell if isinstance(cell, str) else format(cell, '.15g')} {unit.strip()}" if unit.strip() else ""
            values.append(PackValue(path, value, _day(day), source.strip()[:400], stated[:60]))
        except CellError as error:
            findings.append(_left_out(where, Sentence("{name}: the value {problem}", name=name, problem=error.clause)))
    if not values:
        what = findings[0].message.rstrip(".") if findings else "it holds no values"
        raise PlanFileError(what, filename, "name market values such as market.btc_price_usd")
    if not all(v.date for v in values):
        text = "Some values have no day; their age cannot be shown."
        findings.append(note("no_date", text, "market.as_of", Severity.WARNING))
    return MarketPack(tuple(values), limited(findings), filename)


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
                path == HASHPRICE and BTC_PRICE in newest,
                value.stated,
            )
        )
    return tuple(found)


def apply_pack(plan: Plan, pack: MarketPack) -> Plan:
    """The plan with the newest values, their evidence, and every dated value as an observation.

    A number for a monthly table scales the table, as everywhere. A hashprice moves the BTC price where the pack has
    none.

    Raises
    ------
    PlanFileError
        Where no plan could hold what follows from the values.

    Examples
    --------
    >>> from models.samples import sample
    >>> pack = read_pack(b"path,value,date,source\\nmarket.difficulty,140T,2026-11-20,Desk\\n", "pack.csv")
    >>> plan = apply_pack(sample("briefing"), pack)
    >>> plan.market.difficulty, plan.market.as_of, plan.observations[-1].value
    (140000000000000.0, '2026-11-20', 140000000000000.0)
    """
    todo = [change for change in changes(plan, pack) if not change.is_observed_only]
    for change in todo:
        plan = with_value(plan, change.path, change.new)
    sources = list(dict.fromkeys(c.source for c in todo if c.source))
    day = max(c.date for c in todo)
    plan = with_provenance(plan, [_moved(c) for c in todo], day, "; ".join(sources) or NO_SOURCE)
    for change in todo:
        plan = _with_evidence(plan, change)
    return storable(_with_observations(plan, pack), pack.name)


def _moved(change: PackChange) -> str:
    """The input that a change moves: of a hashprice the BTC price, which is then as old as the hashprice."""
    return BTC_PRICE if change.path == HASHPRICE else change.path


def _with_evidence(plan: Plan, change: PackChange) -> Plan:
    """What a value of the pack is known from; one without a day must not take that of the others."""
    line = Evidence(
        new_id(plan, ID_PREFIXES["evidence"]),
        _moved(change),
        "BTC price that the hashprice means" if change.path == HASHPRICE else change.label,
        change.source or NO_SOURCE,
        "",
        change.date,
        f"Stated as {change.stated}." if change.stated else "",
    )
    return replace(plan, "evidence", (*plan.evidence, line))


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


def _path(name: str) -> str | None:
    name = name.strip()
    if name in PATHS:
        return name
    known = market_name(name)
    return f"market.{known}" if known is not None and f"market.{known}" in PATHS else None


def _value(path: str, cell: Cell, unit: str) -> float:
    if not str(cell).strip():
        raise CellError("is missing")
    field = field_of(Market, path.partition(".")[2]) if path != HASHPRICE else None
    spec = field.spec if field is not None else None
    if isinstance(spec, Quantity) and unit.strip().upper() == spec.unit.partition("/")[0].upper():
        unit = ""  # fees in BTC need not say "per block"
    if unit.strip():  # beside the number, as one would type it: T is a scale and no unit of its own
        cell = f"{cell if isinstance(cell, str) else format(cell, '.17g')} {unit.strip()}"
    if field is None:
        reading = number_in(cell, "USD/PH/day").value
        if not 0 < reading < 1e9:
            raise CellError("must be positive")
        return reading
    assert isinstance(spec, Quantity)
    value = number_in(cell, spec.unit, "", 1.0, ".", (spec.usual_low, spec.usual_high)).value
    problem = problem_with(field, round(value) if spec.whole else value)
    if problem:
        raise CellError(Sentence("cannot be used: {problem}", problem=problem))
    return value


def _day(text: str) -> str:
    text = text.strip()
    if not text:
        return ""
    if match := re.match(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", text):  # with slashes it may be either order
        text = f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}"
    problem = problem_with(field_of(Observation, "date"), text[:10])
    if problem:
        raise CellError(f"has no day: “{text[:30]}” is not a date; write it as 2026-11-20")
    return text[:10]


def _left_out(where: str, what: str) -> Finding:
    return Finding("import.line", Severity.ERROR, where, Sentence("{what}; it was left out.", what=what))
