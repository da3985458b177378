"""Sites for an import into a plan that has none yet: the file names them, and what stands on them sizes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from models.defaults import new_record
from models.fields import Quantity, field_of
from models.importers.mapping import Mapping
from models.importers.results import ImportResult
from models.importers.tables import Table, note
from models.plan import AiOffer, AsicLot, Plan, PowerContract, Site
from models.problems import Severity
from models.sentences import Amount, Sentence

MOST_NAME_LENGTH = 80


def with_sites_of(table: Table, mapping: Mapping, plan: Plan) -> Plan:
    """The plan with a site for every name in the table's site column, or one site where it has no such column.

    Only for a plan without sites: there a name cannot be a misspelt one.
    """
    column = mapping.column("site")
    cells = [str(line.cells[column.index]).strip() for line in table.lines] if column is not None else []
    names = dict.fromkeys(cell[:MOST_NAME_LENGTH] for cell in cells if cell)
    for name in names or {"": None}:
        site = new_record(plan, "sites")
        plan = replace(plan, sites=(*plan.sites, replace(site, name=name) if name else site))
    return plan


def sized(result: ImportResult, before: Plan) -> ImportResult:
    """The outcome with the new sites as large as what was imported to them, unused ones left out, and a word on it."""
    spec = field_of(Site, "capacity_mw").spec
    assert isinstance(spec, Quantity)
    used = {r.site_id for r in result.records}
    sites, findings = [], []
    for site in result.plan.sites:
        if site.id not in used:
            continue
        own = [r for r in result.records if r.site_id == site.id]
        lots_mw = sum(r.count * r.power_w for r in own if isinstance(r, AsicLot)) * site.mining_pue / 1e6
        offers_mw = sum(r.critical_it_mw * r.gross_mw_per_it_mw for r in own if isinstance(r, AiOffer))
        needed = max(lots_mw, offers_mw, _contracted_mw([r for r in own if isinstance(r, PowerContract)]))
        capacity = math.ceil(needed * 10.0) / 10.0 if needed > 0 else site.capacity_mw
        severity, reason = Severity.INFO, "; set its capacity."
        if capacity > spec.high:
            severity = Severity.WARNING
            reason = ", the most that one can have; {needed} were imported to it. Look at the counts and their units."
        elif needed > 0:
            reason = ", as much as was imported to it; set its real capacity."
        capacity = min(capacity, spec.high)
        sites.append(replace(site, capacity_mw=capacity))
        sentence = Sentence(
            "The plan had no site: “{site}” was added with {capacity}" + reason,
            site=site.name,
            capacity=Amount(capacity, "MW", ",.1f"),
            needed=Amount(needed, "MW", ",.0f"),
        )
        findings.append(note("new_site", sentence, f"sites.{site.id}", severity))
    plan = replace(result.plan, sites=tuple(sites)) if sites else before
    return replace(result, plan=plan, findings=(*findings, *result.findings))


def _contracted_mw(contracts: Sequence[PowerContract]) -> float:
    """The most megawatts that contracts name in one month: those that follow each other are not added up."""
    begins = {c.start_month or "" for c in contracts}
    return max(
        (
            sum(c.contracted_mw or 0.0 for c in contracts if (c.start_month or "") <= month <= (c.end_month or "9999"))
            for month in begins
        ),
        default=0.0,
    )
