"""Data from outside: fleets, power contracts and AI offers as tables, market figures, cells from the clipboard."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from dataclasses import replace

from models.importers.actuals import import_actuals
from models.importers.clipboard import parse_block
from models.importers.headings import ACTUALS, CONTRACTS, FLEET, OFFERS, TABLE_OF_KIND, is_credential, read_heading
from models.importers.mapping import Column, Mapping, propose_mapping
from models.importers.market_values import import_market
from models.importers.new_sites import sized, with_sites_of
from models.importers.records import import_records
from models.importers.results import ImportResult, storable, storable_name
from models.importers.tables import Grid, Source, Table, find_table, note, read_grids
from models.plan import Plan
from models.problems import PlanFileError

MARKET = "market"
KINDS = (FLEET, CONTRACTS, OFFERS, ACTUALS, MARKET)

__all__ = [
    "ACTUALS",
    "CONTRACTS",
    "FLEET",
    "KINDS",
    "MARKET",
    "OFFERS",
    "TABLE_OF_KIND",
    "Column",
    "ImportResult",
    "Mapping",
    "Source",
    "Table",
    "import_records",
    "import_table",
    "parse_block",
    "propose_mapping",
    "read_grids",
    "read_table",
]


def read_table(
    data: Source, filename: str, kind: str, *, decimal: str | None = None, sheet: str | None = None
) -> Table:
    """The table of a file that fits a kind of import best.

    Parameters
    ----------
    data
        CSV in any usual encoding and layout, or XLSX; or its grids.
    filename
        For messages.
    kind
        ``fleet``, ``contracts`` or ``offers``.
    decimal
        ``"."`` or ``","``; None to find out.
    sheet
        Of a workbook; None for the sheet whose headings fit best.

    Raises
    ------
    PlanFileError
        Where the file cannot be read, or has no such sheet.
    """
    grids = read_grids(data, filename)
    if sheet is not None:
        grids = tuple(g for g in grids if g.name == sheet)
        if not grids:
            raise PlanFileError(f"it has no sheet {sheet!r} with anything in it", filename, "choose another sheet")
    return _best_table(grids, kind, decimal)


def _best_table(grids: tuple[Grid, ...], kind: str, decimal: str | None) -> Table:
    def knows(text: str) -> bool:
        return is_credential(text) or read_heading(kind, text).score > 0

    tables = [find_table(grid, knows, decimal) for grid in grids if grid.lines]
    best = max(tables, key=lambda t: (propose_mapping(t, kind).score, len(t.lines)))
    others = [f"“{t.name}”" for t in tables if t is not best]
    if not others:
        return best
    text = f"Sheet “{best.name}” was read; the workbook also has {', '.join(others[:8])}."
    return replace(best, findings=(note("sheet", text), *best.findings))


def import_table(
    data: Source,
    filename: str,
    plan: Plan,
    kind: str,
    *,
    site_id: str | None = None,
    mapping: Mapping | MappingOf[str | int, str | None] | None = None,
    decimal: str | None = None,
    sheet: str | None = None,
    machines: MappingOf[str, str] | None = None,
) -> ImportResult:
    """Read a file and make records of a plan from it; the plan itself is not changed.

    A plan without any site gets those that the file names, since none of them can be a misspelt one.

    Parameters
    ----------
    data
        The file's bytes, or its grids.
    filename
        For messages.
    plan
        Its sites and records are matched with the lines.
    kind
        ``fleet``, ``contracts``, ``offers``, ``actuals`` or ``market``.
    site_id
        The site of lines that name none.
    mapping
        A whole mapping, or the user's choice for single columns: by heading or number from 0, an input or None.
    decimal
        The decimal mark of numbers in text; None to find out.
    sheet
        Of a workbook; None for the one that fits best.
    machines
        The user's choice of a catalogue machine by the model's name in the file, where that may mean several.

    Raises
    ------
    PlanFileError
        Where the file is no table, the plan has no such site, or no plan could hold what follows from the lines.
    ValueError
        Where there is no such kind of import.

    Examples
    --------
    >>> from models.samples import sample
    >>> file = b"Model;Qty;Hashrate (TH/s);Power [kW]\\nAntminer S21;1.000;200;3,5\\n"
    >>> result = import_table(file, "fleet.csv", sample("one-site"), "fleet")
    >>> [(lot.model, lot.count, lot.power_w) for lot in result.records]
    [('Antminer S21', 1000, 3500.0)]
    """
    filename = storable_name(filename)
    if site_id is not None and site_id not in {site.id for site in plan.sites}:
        have = ", ".join(site.id for site in plan.sites) or "none"
        raise PlanFileError(f"the plan has no site {site_id!r} to import into", filename, f"its sites are: {have}")
    if kind == MARKET:
        result = import_market(data, filename, plan, decimal)
    elif kind not in TABLE_OF_KIND:
        raise ValueError(f"there is no import of {kind!r}; there are {', '.join(KINDS)}")
    else:
        table = read_table(data, filename, kind, decimal=decimal, sheet=sheet)
        if not table.lines:
            raise PlanFileError("it has headings and no lines below them", filename, "choose a table with data")
        if not isinstance(mapping, Mapping):
            mapping = propose_mapping(table, kind, mapping)
        if kind == ACTUALS:
            result = import_actuals(table, mapping, plan, site_id, filename)
        elif plan.sites:
            result = import_records(table, mapping, plan, kind, site_id, machines)
        else:
            found = import_records(table, mapping, with_sites_of(table, mapping, plan), kind, machines=machines)
            result = sized(found, plan)
    storable(result.plan, filename)
    return result
