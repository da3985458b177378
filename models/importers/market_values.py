"""Read a handful of market figures: two columns of names and values, one line under headings, or a JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import Any

from models.drivers import BTC_PRICE, HASHPRICE, with_value
from models.fields import Quantity, field_of, problem_with, replace
from models.importers.headings import LONGEST_HEADING, unit_factor
from models.importers.results import ImportResult, limited
from models.importers.tables import Cell, Grid, Source, decimal_mark, decoded, note, read_grids
from models.importers.values import CellError, is_nothing, number_in, stored_number
from models.plan import Market, Plan
from models.problems import Finding, PlanFileError, Severity
from models.sentences import Amount, Sentence
from models.units import QuantityError, unit_label

_NAMES = {
    "btc_price_usd": "btc price|bitcoin price|price|btc|btcusd|btc usd|bitcoin|btc price usd|price usd",
    "difficulty": "difficulty|network difficulty|mining difficulty",
    "block_height": "block height|height|block|block height at start",
    "fees_btc_per_block": "fees per block|fees|transaction fees|average fees|fees btc per block|fees btc",
    "btc_price_growth_fraction_per_year": "btc price growth|price growth|btc growth",
    "difficulty_growth_fraction_per_year": "difficulty growth",
    "hashprice_usd_per_ph_day": "hashprice|hash price|hashprice usd|hashprice usd per ph day",
    "as_of": "as of|date|day|market data of|timestamp|asof",
    "source": "source|market source|origin",
}
SCALES = ("k", "M", "G", "T", "P", "E")
FOREIGN = ("EUR", "€", "GBP", "£", "CAD", "AUD", "CHF", "JPY", "CNY", "NOK", "SEK")
"""Currencies that the plan does not count in."""
_BY_NAME = {word: name for name, words in _NAMES.items() for word in words.split("|")}


def import_market(data: Source, filename: str, plan: Plan, decimal: str | None = None) -> ImportResult:
    """A plan with new market values.

    Figures that the file does not name stay as they are; growth and the plan's calendar too. Those that it names lose
    the evidence of their old values. A hashprice moves the BTC price, as everywhere.

    Parameters
    ----------
    data
        CSV, XLSX or JSON; or its grids.
    filename
        For messages.
    plan
        Not changed.
    decimal
        The decimal mark of numbers in text; None to find out.

    Raises
    ------
    PlanFileError
        Where the file cannot be read, or names no market figure.
    """
    grids: tuple[Grid, ...] = ()
    if isinstance(data, bytes) and data.lstrip()[:1] == b"{":
        pairs = list(_from_json(data, filename))
    else:
        grids = read_grids(data, filename)
        pairs = list(_from_grids(grids))
    # Under another heading, or none, the third column may be a note or a source.
    has_units = any(str(cell).strip().lower() in ("unit", "units") for g in grids for cell in _first_cells(g)[2:3])
    numbers = (cell for _, label, cell, _ in pairs if market_name(label) not in (None, "as_of", "source"))
    mark, findings = decimal_mark(numbers, grids[0].delimiter if grids else "", decimal)
    changed: dict[str, Any] = {}
    for where, label, cell, unit in pairs:
        name, heading_unit = _name_of(label, unit)
        if name is None:
            if len(pairs) > 1 and not is_nothing(label):
                findings.append(note("value_unused", f"“{label[:40]}” is no market figure and was not used.", where))
            continue
        if is_nothing(cell):
            continue
        stray = "" if heading_unit or name in ("as_of", "source") or is_nothing(unit) else unit.strip()
        counted = _unit_of(name).partition("/")[0]  # a price in dollars need not say "per BTC"
        is_own = stray.upper() in (counted.upper(), "$" if counted == "USD" else counted.upper())
        if stray and not is_own and (has_units or stray.upper() in FOREIGN):
            template = "{label}: “{unit}” is no unit of it, so the value was not used; give it in {own}."
            own = unit_label(_unit_of(name)) or "a plain number"
            sentence = Sentence(template, label=label, unit=stray[:30], own=own)
            findings.append(Finding("import.line", Severity.ERROR, where, sentence))
            continue
        try:
            changed[name] = _value(name, cell, heading_unit, mark)
        except CellError as error:
            sentence = Sentence("{label}: the value {problem}.", label=label, problem=error.clause)
            findings.append(Finding("import.line", Severity.ERROR, where, sentence))
    if not changed:
        first = next((f.message.rstrip(".") for f in findings if f.code == "import.line"), "")
        raise PlanFileError(
            first or "it names no market figure",
            filename,
            "give names and values, such as “BTC price” and “Difficulty”",
        )
    new = plan
    hashprice = changed.pop("hashprice_usd_per_ph_day", None)
    for name, value in changed.items():
        new = replace(new, f"market.{name}", value)
    if hashprice is not None:
        # Last, since it depends on difficulty and fees.
        new = with_value(new, HASHPRICE, hashprice)
        template = "The BTC price follows from a hashprice of {hashprice}."
        if "btc_price_usd" in changed:
            template = (
                "The file holds a BTC price and a hashprice; the price follows from the hashprice of {hashprice}."
            )
        sentence = Sentence(template, hashprice=Amount(hashprice, "USD/PH/day"))
        findings.append(note("price_from_hashprice", sentence, BTC_PRICE))
    paths = {f"market.{name}" for name in changed} | ({BTC_PRICE} if hashprice is not None else set())
    source = changed.get("source", f"imported from {filename}")
    new = with_provenance(new, paths, changed.get("as_of", ""), source)
    if "as_of" not in changed:
        text = "The file names no day; enter when these figures were read, so that their age can be shown."
        findings.append(note("no_date", text, "market.as_of", Severity.WARNING))
    return ImportResult("market", len(pairs), (new.market,), (), ("market",), new, limited(findings))


def with_provenance(plan: Plan, paths: Collection[str], day: str, source: str) -> Plan:
    """The plan whose market is of a day and source, without the evidence for what was replaced.

    Those of the old figures would lie about the new ones, also where nothing is known of the new.

    Examples
    --------
    >>> from models.samples import sample
    >>> plan = with_provenance(sample("briefing"), ["market.difficulty"], "", "Desk")
    >>> plan.market.as_of, plan.market.source, [e.path for e in plan.evidence if e.path == "market.difficulty"]
    ('', 'Desk', [])
    """
    plan = replace(replace(plan, "market.as_of", day), "market.source", source)
    return replace(plan, "evidence", tuple(e for e in plan.evidence if e.path not in paths))


def market_name(label: str) -> str | None:
    """The market figure that a label names: ``difficulty``, ``hashprice_usd_per_ph_day``; None where it names none.

    Examples
    --------
    >>> market_name("BTC price"), market_name("weather")
    ('btc_price_usd', None)
    """
    return _name_of(label, "")[0]


def _value(name: str, cell: Cell, heading_unit: str, decimal: str) -> Any:
    if name == "hashprice_usd_per_ph_day":
        reading = number_in(cell, "USD/PH/day", heading_unit, decimal=decimal).value
        if not 0 < reading < 1e9:
            raise CellError(Sentence("must be positive, not {value}", value=Amount(reading, "USD/PH/day", ".6g")))
        return reading
    description = field_of(Market, name)
    spec = description.spec
    value: Any
    if isinstance(spec, Quantity):
        value = number_in(cell, spec.unit, heading_unit, 1.0, decimal, (spec.usual_low, spec.usual_high)).value
        if spec.whole:
            value = round(value)
    elif name == "as_of":
        found = re.match(r"^(\d{4}-\d{2}-\d{2})", str(cell))
        if not found:
            raise CellError(f"“{str(cell)[:30]}” is not a day; write it as 2026-03-21")
        value = found.group(1)
    else:
        value = cell if isinstance(cell, str) else f"{cell:.15g}"
    problem = problem_with(description, value)
    if problem:
        raise CellError(Sentence("cannot be used: {problem}", problem=problem))
    return value


def _name_of(label: str, unit: str) -> tuple[str | None, str]:
    """The figure that a label names, and the unit beside it where it is one."""
    if len(label) > LONGEST_HEADING:
        return None, ""
    if match := re.match(r"^(.*?)\s*[(\[](.+?)[)\]]\s*$", label):
        label, unit = match.group(1), unit or match.group(2)
    name = _BY_NAME.get(re.sub(r"[\s_/-]+", " ", label).strip().lower())
    if name is None and label in _NAMES:
        name = label
    if name is None or not unit:
        return name, ""
    target = _unit_of(name)
    try:
        fits = bool(target) and unit_factor(unit, target) is not None
    except QuantityError:
        fits = False
    return name, unit if fits else ""


def _unit_of(name: str) -> str:
    return "USD/PH/day" if name == "hashprice_usd_per_ph_day" else getattr(field_of(Market, name).spec, "unit", "")


def _first_cells(grid: Grid) -> tuple[Cell, ...]:
    return grid.lines[0].cells if grid.lines else ()


def _from_json(data: bytes, filename: str) -> Iterator[tuple[str, str, Cell, str]]:
    text, _ = decoded(data, filename)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise PlanFileError("this is not JSON", filename, "look for a missing comma or brace") from None
    if isinstance(content, dict) and isinstance(content.get("market"), dict):
        content = content["market"]
    for name, value in content.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise PlanFileError(f"{name!r} is neither a number nor a text", filename, "give one value per name")
        yield name, name, value if isinstance(value, str) else stored_number(value), ""


def _with_scale(cell: Cell, unit: str) -> tuple[Cell, str]:
    """A value and the unit beside it; a lone scale, as the T of a difficulty, is part of the number.

    Examples
    --------
    >>> _with_scale("150.1", "T"), _with_scale(150.1, "T"), _with_scale("98000", "USD")
    (('150.1 T', ''), (150100000000000.0, ''), ('98000', 'USD'))
    """
    if unit.strip() not in SCALES or is_nothing(cell):
        return cell, unit
    if isinstance(cell, str):
        return f"{cell} {unit.strip()}", ""
    # A stored number has no decimal mark that could be mistaken.
    return float(f"{cell * 1000.0 ** (SCALES.index(unit.strip()) + 1):.15g}"), ""


def _from_grids(grids: tuple[Grid, ...]) -> Iterator[tuple[str, str, Cell, str]]:
    """Names with their values, whichever way the table lies: the way that knows more names."""
    best: list[tuple[str, str, Cell, str]] = []
    best_known = -1
    for grid in grids:
        down = [
            (
                f"line {line.number}",
                str(line.cells[0]),
                *_with_scale(line.cells[1], str(line.cells[2]) if len(line.cells) > 2 else ""),
            )
            for line in grid.lines
            if len(line.cells) > 1
        ]
        across = (
            [
                (f"line {grid.lines[1].number}", str(heading), cell, "")
                for heading, cell in zip(grid.lines[0].cells, grid.lines[1].cells, strict=False)
            ]
            if len(grid.lines) > 1
            else []
        )
        for pairs in (down, across):
            known = sum(1 for _, label, _, _ in pairs if _name_of(label, "")[0])
            if known > best_known:
                best, best_known = pairs, known
    yield from best
