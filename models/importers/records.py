"""Make a plan's records from the lines of a table: good lines are kept, every bad one is answered with a finding."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from dataclasses import replace
from typing import Any

from models.fields import Quantity, field_of, fields_of, problem_with
from models.importers.drafts import Draft, read_cell, several_sites, text_of
from models.importers.headings import CONTRACTS, FLEET, OFFERS, TABLE_OF_KIND
from models.importers.mapping import Mapping
from models.importers.results import ImportResult, in_line_order, limited
from models.importers.shapes import SHAPES, Shaped, UnusableError
from models.importers.tables import Cell, Line, Table, note
from models.importers.values import is_nothing
from models.plan import ID_PREFIXES, RECORD_TYPES, AsicLot, Plan, Site, ids_of
from models.problems import Finding, Repair, Severity
from models.sentences import Amount, Sentence, joined
from models.storage.validity import ID
from models.unit_guard import lot_findings
from models.units import unit_label

_TOTALS = re.compile(r"^(?:grand |sub ?)?(?:total|totals|sum|summe|gesamt|average|avg|mean|insgesamt)\b", re.IGNORECASE)
_NEEDED = {FLEET: "model", CONTRACTS: "energy_price_usd_per_mwh", OFFERS: "critical_it_mw"}
_UNIT_SLIPS: dict[str, tuple[tuple[float, str], ...]] = {
    "energy_price_usd_per_mwh": ((1000.0, "$/kWh"), (10.0, "c/kWh")),
    "adders_usd_per_mwh": ((1000 / 8760, "$/kW-year"),),
    "demand_charge_usd_per_kw_month": ((1 / 12, "$/kW-year"), (1 / 1000, "$/MW-month"), (1 / 12_000, "$/MW-year")),
    "transmission_usd_per_kw_year": ((1 / 1000, "$/MW-year"),),
    "capacity_usd_per_mw_day": ((1 / 365, "$/MW-year"),),
    "power_w": ((1000.0, "kW"),),
    "hashrate_th_per_s": ((1000.0, "PH/s"), (0.001, "GH/s")),
    "rent_usd_per_it_kw_month": ((1 / 12, "$/kW-year"), (0.01, "c/kW-month"), (1 / 12_000, "$/MW-year")),
    "price_usd_per_gpu_hour": ((0.01, "c/GPU-hour"), (1 / 730, "$/GPU-month")),
    "capex_usd_per_it_mw": ((1e6, "$M/MW"), (1000.0, "$/kW")),
    "capex_usd_per_gpu": ((1000.0, "$k"),),
}
"""By input: what a number without a unit may have been meant in, and what it is then to be multiplied with."""


def import_records(
    table: Table,
    mapping: Mapping,
    plan: Plan,
    kind: str,
    site_id: str | None = None,
    machines: MappingOf[str, str] | None = None,
) -> ImportResult:
    """The records that a table describes, and the plan with them.

    A record is matched with one of the plan by its id, else by site and name (model for machines), and updated; all
    others are new.

    Parameters
    ----------
    table, mapping
        As found and proposed, or chosen by the user.
    plan
        Not changed.
    kind
        ``fleet``, ``contracts`` or ``offers``.
    site_id
        The site of lines that name none.
    machines
        The user's choice of a catalogue machine by the model's name in the file, where that may mean several.
    """
    findings = [*table.findings, *mapping.findings]
    missing = _missing_column(table, mapping, kind)
    if missing:
        return ImportResult(kind, len(table.lines), (), (), (), plan, limited([missing, *findings]), mapping)
    drafts, skipped = _drafts(table, mapping, plan, kind, site_id)
    findings += skipped
    rows = len(drafts)
    shaped: list[Shaped] = []
    shape = SHAPES[kind]
    writer = _Writer(plan, kind)
    choices: dict[str, tuple[str, ...]] = {}
    for group in shape.gather(drafts, mapping.one_row_per_machine):
        model = str(group.values.get("model", "")).strip()
        group.chosen_machine = (machines or {}).get(model, "")
        old = writer.match(group, shape.key)
        try:
            shaped.append(shape.build(plan, group, old))
        except UnusableError as error:
            clause = error.args[0]
            if mapping.one_row_per_machine:
                clause = Sentence("{problem} ({count} lines)", problem=clause, count=Amount(group.values["count"]))
            group.problems.append((-1, clause))
        if len(group.possible_machines) > 1:
            choices[model] = tuple(machine.model for machine in group.possible_machines)
    findings += [_left_out(draft, mapping) for draft in drafts if draft.problems]
    for item in shaped:
        writer.write(item)
    return ImportResult(
        kind,
        rows,
        tuple(writer.records),
        tuple(writer.added),
        tuple(writer.updated),
        writer.plan(),
        limited(in_line_order([*findings, *writer.findings])),
        mapping,
        tuple(choices.items()),
    )


def _missing_column(table: Table, mapping: Mapping, kind: str) -> Finding | None:
    if mapping.column("id") is not None:
        return None  # records of the plan may be updated by id, in any few columns
    needed = [_NEEDED[kind]]
    if kind == CONTRACTS and (mapping.column("kind") or mapping.column("price_series_id")):
        needed = []  # what follows an index has no price of its own
    if kind == OFFERS and (mapping.column("gross_mw") or mapping.column("gpu_count")):
        needed = []
    if kind == FLEET and not mapping.one_row_per_machine:
        has_totals = mapping.column("total_power_w") or mapping.column("total_hashrate_th_per_s")
        needed += [] if has_totals else ["count"]
    absent = [name for name in needed if mapping.column(name) is None]
    if not absent:
        return None
    labels = " and ".join(f"“{_label(kind, name)}”" for name in absent)
    seen = ", ".join(f"“{heading}”" for heading in table.headings[:12] if heading)
    text = f"No column for {labels} was found among {seen or 'no headings at all'}; name one so, or choose it by hand."
    return note("no_column", text, f"line {table.heading_line}", Severity.ERROR)


def _label(kind: str, name: str) -> str:
    try:
        return field_of(RECORD_TYPES[TABLE_OF_KIND[kind]], name).label
    except KeyError:
        return name.replace("_", " ")


# Lines to drafts


def _drafts(
    table: Table, mapping: Mapping, plan: Plan, kind: str, site_id: str | None
) -> tuple[list[Draft], list[Finding]]:
    drafts: list[Draft] = []
    findings: list[Finding] = []
    used = [c for c in mapping.columns if c.field]
    sites = _SiteFinder(plan, site_id)
    ids = mapping.column("id")
    known = {record.id: record.site_id for record in getattr(plan, TABLE_OF_KIND[kind])}
    above: Cell = ""
    site_column = mapping.column("site")
    for line in table.lines:
        if _is_repeated_heading(line, table):
            continue
        if _is_total(line, mapping):
            text = f"Line {line.number} looks like a total, “{_first_text(line)}”, and was not imported."
            findings.append(note("total_skipped", text, f"line {line.number}"))
            continue
        if all(is_nothing(line.cells[c.index]) for c in used):
            continue
        draft = Draft(line.number)
        if site_column is not None:
            cell = line.cells[site_column.index]
            if is_nothing(cell) and above:
                # Merged cells: only the first line of the block holds the site.
                cell = above
                text = (
                    f"From line {line.number} on an empty site was taken from the line above, as merged cells mean it."
                )
                if not any(f.code == "import.site_from_above" for f in findings):
                    findings.append(note("site_from_above", text, f"line {line.number}"))
            above = cell
            sites.place(draft, cell, site_column.index)
        elif ids is not None and (record_id := text_of(line.cells[ids.index]).strip()) in known:
            draft.site_id = known[record_id]
        else:
            sites.place(draft, "", -1)
        if sites.said and sites.said not in findings:
            findings.append(sites.said)
        for column in used:
            if column.field != "site":
                read_cell(draft, column, line.cells[column.index], table, kind, plan)
        drafts.append(draft)
    return drafts, findings


def _is_total(line: Line, mapping: Mapping) -> bool:
    words = mapping.column("model") or mapping.column("name")
    if words and isinstance(cell := line.cells[words.index], str) and cell:
        return bool(_TOTALS.match(cell))
    return bool(_TOTALS.match(_first_text(line)))


def _first_text(line: Line) -> str:
    return next((cell for cell in line.cells if isinstance(cell, str) and cell), "")


def _is_repeated_heading(line: Line, table: Table) -> bool:
    """Long lists print their headings again on every page."""
    same = sum(1 for cell, heading in zip(line.cells, table.headings, strict=True) if cell and str(cell) == heading)
    return same >= 2


class _SiteFinder:
    """Finds a line's site: by name or id, else the one that was asked for, else the plan's only one."""

    def __init__(self, plan: Plan, site_id: str | None) -> None:
        self._by_name: dict[str, list[Site]] = {}
        for site in plan.sites:
            self._by_name.setdefault(site.name.strip().casefold(), []).append(site)
        self._by_id = {site.id.casefold(): site for site in reversed(plan.sites)}
        self._asked = site_id
        self._only = plan.sites[0].id if len(plan.sites) == 1 else None
        self.said: Finding | None = None
        self._names = ", ".join(f"“{s.name}”" for s in plan.sites[:8])

    def place(self, draft: Draft, cell: Cell, column: int) -> None:
        """Give a draft its site, or the problem that it has none."""
        if not is_nothing(cell):
            word = str(cell).strip().casefold()
            same = [self._by_id[word]] if word in self._by_id else self._by_name.get(word, [])
            begun = [] if same else self._beginning_with(word)
            found = same or begun
            found = [site for site in found if site.id == self._asked] or found
            if len(found) > 1:
                draft.problems.append((column, several_sites(found[0].name, [site.id for site in found])))
                return
            if found:
                if begun:
                    taken = f"“{str(cell)[:40]}” was taken for the site “{found[0].name}”."
                    self.said = note("site_understood", taken, f"line {draft.line}")
                draft.site_id = found[0].id
                return
            if self._asked is None:
                have = f"the plan has {self._names}" if self._names else "the plan has no site yet"
                draft.problems.append((column, f"Site “{str(cell)[:40]}” is not in the plan ({have}); add it first"))
                return
        site_id = self._asked or self._only
        if site_id:
            draft.site_id = site_id
        else:
            have = f"one of {self._names}" if self._names else "a site of the plan, which has none yet"
            draft.problems.append((column, f"the line names no site; import into {have}"))

    def _beginning_with(self, word: str) -> list[Site]:
        """The sites of the only name that begins with a text, or whose id does: "River Fork" for "River Fork, Ohio"."""
        named = [*self._by_name.items(), *((key, [site]) for key, site in self._by_id.items())]
        found = {site.id: site for name, sites in named if name.startswith(word) for site in sites}
        names = {site.name.strip().casefold() for site in found.values()}
        return list(found.values()) if len(names) == 1 and len(word) >= 3 else []


def _left_out(draft: Draft, mapping: Mapping) -> Finding:
    """The one finding of a line that was left out: all that is wrong with it, at its first column."""
    index = draft.problems[0][0]
    where = f"line {draft.line}"
    if index >= 0:
        where += f", column {index + 1}"
        heading = mapping.columns[index].heading
        if heading:
            where += f" ({heading})"
    return _line_left_out(draft.line, joined((clause for _, clause in draft.problems), "; "), where)


def _line_left_out(line: int, problem: str, where: str) -> Finding:
    sentence = Sentence("Line {line} was left out: {problem}.", line=str(line), problem=problem)
    return Finding("import.line", Severity.ERROR, where, sentence)


# Drafts to records in a plan


class _Writer:
    """Adds and updates records, and says what is odd about them."""

    def __init__(self, plan: Plan, kind: str) -> None:
        self._plan = plan
        self._table = TABLE_OF_KIND[kind]
        self._rows: dict[str, Any] = {record.id: record for record in getattr(plan, self._table)}
        self._old = dict(self._rows)
        self._taken = ids_of(plan)
        self._next = 1
        self._matched: set[str] = set()
        self.records: list[Any] = []
        self.added: list[str] = []
        self.updated: list[str] = []
        self.findings: list[Finding] = []

    def plan(self) -> Plan:
        """The plan with all that was written."""
        changed: dict[str, Any] = {self._table: tuple(self._rows.values())}
        return replace(self._plan, **changed) if self.records else self._plan

    def match(self, draft: Draft, key: str) -> Any:
        """The record of the plan that a draft updates: by its id, else by site and name, each at most once."""
        wanted = str(draft.values.get("id", "")).strip()
        if wanted:
            found = self._old.get(wanted)
        else:
            name = str(draft.values.get(key, "")).strip().casefold()
            same = (r for r in self._old.values() if r.site_id == draft.site_id and r.id not in self._matched)
            found = next((r for r in same if name and str(getattr(r, key)).strip().casefold() == name), None)
        if found is not None:
            self._matched.add(found.id)
        return found

    def write(self, item: Shaped) -> None:
        """Update the record that is meant, or add one."""
        record_type = RECORD_TYPES[self._table]
        record: Any
        if item.old is not None:
            record = replace(item.old, **item.values)
        else:
            record = record_type(id=self._new_id(item), **{**item.defaults, **item.values})
        for description in fields_of(record_type):
            problem = problem_with(description, getattr(record, description.name))
            if problem:
                self.findings.append(_line_left_out(item.line, problem, f"line {item.line}"))
                return
        self._rows[record.id] = record
        self._taken.add(record.id)
        self.records.append(record)
        (self.added if item.old is None else self.updated).append(record.id)
        path = f"{self._table}.{record.id}"
        for doubt in item.doubts:
            self.findings.append(Finding(f"import.{doubt.code}", doubt.severity, path, doubt.message))
        if item.old is None:
            self._say_defaults(item, record, path)
        before = len(self.findings)
        for name in sorted(item.bare & set(item.values)):
            self._check_unit(record, name, item.line)
        if isinstance(record, AsicLot) and len(self.findings) == before:
            self.findings += lot_findings(record)  # a unit may be given and wrong, as W over kilowatts

    def _say_defaults(self, item: Shaped, record: Any, path: str) -> None:
        labels = [field_of(RECORD_TYPES[self._table], n).label for n in item.defaults if n not in item.values]
        if not labels:
            return
        if self._table == "asic_lots":
            # Much the same for every lot of a long list, hence once for all.
            path, start = self._table, "New lots"
        else:
            start = record.name
        text = f"{start}: the file is silent on {', '.join(labels)}; planner defaults stand there."
        self.findings.append(note("defaults_used", text, path))

    def _new_id(self, item: Shaped) -> str:
        wanted = item.record_id
        if wanted and ID.match(wanted) and wanted not in self._taken:
            return wanted
        prefix = ID_PREFIXES[self._table]
        while f"{prefix}{self._next}" in self._taken:
            self._next += 1
        found = f"{prefix}{self._next}"
        if wanted:
            text = f"Line {item.line}: the id “{wanted[:40]}” cannot be used here; the record is {found}."
            self.findings.append(note("id_replaced", text, f"line {item.line}"))
        return found

    def _check_unit(self, record: Any, name: str, line: int) -> None:
        """Doubt a number without a unit that is unusual as it stands and usual in another unit."""
        spec = field_of(RECORD_TYPES[self._table], name).spec
        value = getattr(record, name)
        if not isinstance(spec, Quantity) or spec.usual_low is None or spec.usual_high is None or value == 0:
            return
        if spec.usual_low <= value <= spec.usual_high:
            return
        path = f"{self._table}.{record.id}.{name}"
        for factor, unit in _UNIT_SLIPS.get(name, ()):
            meant = float(f"{value * factor:.12g}")
            if spec.usual_low <= meant <= spec.usual_high:
                amount = Amount(meant, spec.unit)
                sentence = Sentence(
                    "Line {line}: {label} {value} was read in {read_unit}, where {low} to {high} is usual; "
                    "in {meant_unit} it would be {meant}.",
                    line=str(line),
                    label=spec.label,
                    value=Amount(value),
                    read_unit=unit_label(spec.unit),
                    low=Amount(spec.usual_low),
                    high=Amount(spec.usual_high),
                    meant_unit=unit,
                    meant=amount,
                )
                repair = Repair(Sentence("Read it in {unit}: {meant}", unit=unit, meant=amount), ((path, meant),))
                self.findings.append(Finding("import.unit_doubtful", Severity.WARNING, path, sentence, (repair,)))
                return
