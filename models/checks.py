"""Everything questionable in a plan, as findings with repairs: `check(plan, results)`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models import fields
from models.curves import month_after, month_number
from models.fields import Choice, Field, Quantity, Reference
from models.frozen import decision_findings
from models.inputs import gather
from models.lint import lint_findings
from models.plan import RECORD_TYPES, SINGLE_RECORDS, Plan
from models.power_checks.charges import charge_findings
from models.power_checks.contracts import contract_findings
from models.power_checks.prices import price_findings
from models.power_units import power_unit_findings
from models.problems import Finding, Repair, Severity
from models.results import ASIC, Results, UseResult
from models.sentences import Amount, Sentence, joined
from models.unit_guard import unit_findings
from models.use_names import use_name
from models.watch import tripwire_findings

SEVERITY_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def check(plan: Plan, results: Results) -> tuple[Finding, ...]:
    """All findings of a plan, the gravest first.

    Parameters
    ----------
    plan
        With a scenario's values applied.
    results
        Its evaluation.
    """
    inputs = gather(plan)
    found = [
        *_field_findings(plan),
        *_reference_findings(plan),
        *contract_findings(plan, inputs),
        *price_findings(plan, inputs),
        *charge_findings(plan, inputs),
        *_capacity_findings(plan, results),
        *_timing_findings(plan),
        *_return_findings(results),
        *_crossover_findings(results),
        *_scenario_findings(plan),
        *decision_findings(plan),
        *tripwire_findings(plan),
        *unit_findings(plan, results),
        *power_unit_findings(plan),
        *lint_findings(plan, results),
    ]
    found += _unexplained_findings(results, found)
    return tuple(_with_possible_repairs(plan, f) for f in sorted(found, key=lambda f: SEVERITY_ORDER[f.severity]))


def _with_possible_repairs(plan: Plan, finding: Finding) -> Finding:
    """The finding without repairs that no field would take: 400,000 MW at one site."""
    possible = tuple(
        repair
        for repair in finding.repairs
        if not any(
            # A whole table takes fewer of its own records always.
            "." in path and fields.problem_with(fields.field_at(plan, path), value)
            for path, value in repair.changes
        )
    )
    return finding if possible == finding.repairs else replace(finding, repairs=possible)


def _records(plan: Plan) -> Iterator[tuple[str, object]]:
    for table in RECORD_TYPES:
        if table in SINGLE_RECORDS:
            yield table, getattr(plan, table)
        else:
            for record in getattr(plan, table):
                yield f"{table}.{record.id}", record


def _field_findings(plan: Plan) -> Iterator[Finding]:
    for path, record in _records(plan):
        for field in fields.applicable_fields(record):
            value = getattr(record, field.name)
            problem = fields.problem_with(field, value)
            if value is None and isinstance(field.spec, Quantity) and field.spec.required:
                problem = f"{field.label} is missing, so no figure that needs it can be shown"
            if problem:
                repairs: tuple[Repair, ...] = ()
                if field.has_default and field.default is not None:
                    repairs = (Repair(_set_default(field), ((f"{path}.{field.name}", field.default),)),)
                sentence = Sentence("{problem}.", problem=problem)
                yield Finding("field.value", Severity.ERROR, f"{path}.{field.name}", sentence, repairs)


def _set_default(field: Field) -> str:
    """What the repair that puts a field's default back is called."""
    spec, value = field.spec, field.default
    if isinstance(spec, Quantity):
        return Sentence("Set {value}", value=Amount(value, spec.unit, ",.12g"))
    if isinstance(spec, Choice):
        value = next((label for stored, label in spec.options if stored == value), value)
    return f"Set {value}"


def _reference_findings(plan: Plan) -> Iterator[Finding]:
    for path, record in _records(plan):
        for field in fields.applicable_fields(record):
            if not isinstance(field.spec, Reference):
                continue
            target = getattr(record, field.name)
            ids = {r.id for table in field.spec.tables for r in getattr(plan, table)}
            if target is not None and target not in ids:
                yield Finding(
                    "reference.missing",
                    Severity.ERROR,
                    f"{path}.{field.name}",
                    f"{field.label} names {target!r}, which the plan does not have; choose another.",
                )


def _capacity_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    for site in plan.sites:
        lots_mw = sum(u.mw for u in results.uses if u.kind == ASIC and u.site_id == site.id)
        if lots_mw > site.capacity_mw * (1 + 1e-9):
            yield Finding(
                "sites.overloaded",
                Severity.WARNING,
                f"sites.{site.id}.capacity_mw",
                Sentence(
                    "The machines at {site} draw {load} with cooling, more than its {capacity}.",
                    site=site.name,
                    load=_mw(lots_mw),
                    capacity=_mw(site.capacity_mw),
                ),
                (_set_mw(f"sites.{site.id}.capacity_mw", round(lots_mw + 0.05, 1)),),
            )
        if site.convertible_mw is not None and site.convertible_mw > site.capacity_mw:
            yield Finding(
                "sites.convertible_above_capacity",
                Severity.WARNING,
                f"sites.{site.id}.convertible_mw",
                Sentence(
                    "{site} cannot convert {convertible} of {capacity}.",
                    site=site.name,
                    convertible=_mw(site.convertible_mw),
                    capacity=_mw(site.capacity_mw),
                ),
                (_set_mw(f"sites.{site.id}.convertible_mw", site.capacity_mw),),
            )
        yield from _split_findings(plan, site.id, site.name, site.capacity_mw)


def _mw(value: float) -> Amount:
    return Amount(value, "MW", ",.1f")


def _set_mw(path: str, value: float) -> Repair:
    return Repair(Sentence("Set {value}", value=Amount(value, "MW")), ((path, value),))


def _split_findings(plan: Plan, site_id: str, name: str, capacity_mw: float) -> Iterator[Finding]:
    blocks = [s for s in plan.splits if s.site_id == site_id]
    uses = {r.id: r.site_id for r in plan.asic_lots} | {r.id: r.site_id for r in plan.ai_offers}
    for block in blocks:
        if uses.get(block.use_id, site_id) != site_id:
            yield Finding(
                "splits.other_site",
                Severity.ERROR,
                f"splits.{block.id}.use_id",
                f"A block of {name} names a use at another site; choose one of {name}.",
            )
    latest: dict[str, float] = {}
    for block in sorted(blocks, key=lambda b: b.start_month or ""):
        latest[block.use_id] = block.mw
        total = sum(latest.values())
        if total > capacity_mw * (1 + 1e-9):
            yield Finding(
                "splits.above_capacity",
                Severity.WARNING,
                f"splits.{block.id}.mw",
                Sentence(
                    "The blocks of {site} add up to {total} of {capacity} from {month} on.",
                    site=name,
                    total=_mw(total),
                    capacity=_mw(capacity_mw),
                    month=block.start_month or plan.plan.start,
                ),
            )
            return


def _timing_findings(plan: Plan) -> Iterator[Finding]:
    end = month_after(plan.plan.start, plan.plan.horizon_months - 1)
    if plan.plan.horizon_months < 12 and plan.asic_lots:
        yield Finding(
            "plan.short_horizon",
            Severity.ERROR,
            "plan.horizon_months",
            f"Yearly figures need twelve months; the plan has {plan.plan.horizon_months}.",
            (Repair("Set 120 months", (("plan.horizon_months", 120),)),),
        )
    for offer in plan.ai_offers:
        if not fields.MONTH.match(offer.first_rent_month):
            continue
        path = f"ai_offers.{offer.id}.first_rent_month"
        name = use_name(plan, offer)
        first = month_number(offer.first_rent_month) - month_number(plan.plan.start)
        if max(first, 0) + 12 > plan.plan.horizon_months:
            needed = max(first, 0) + 12
            yield Finding(
                "offers.beyond_horizon",
                Severity.ERROR,
                path,
                f"{name} first pays in {offer.first_rent_month}; the plan ends in {end}, before its first year "
                "is over, so its yearly figures cannot be shown, and its NPV counts little but what is spent before.",
                (Repair(f"Extend the horizon to {needed} months", (("plan.horizon_months", needed),)),)
                if needed <= 600
                else (),
            )
        elif first + offer.term_months > plan.plan.horizon_months:
            cut = first + offer.term_months - plan.plan.horizon_months
            needed = first + offer.term_months
            yield Finding(
                "offers.term_beyond_horizon",
                Severity.WARNING,
                path,
                f"{cut} of the {offer.term_months} months of {name} lie beyond the plan's end and count for nothing.",
                (Repair(f"Extend the horizon to {needed} months", (("plan.horizon_months", needed),)),)
                if needed <= 600
                else (),
            )
        paying = min(first + offer.term_months, plan.plan.horizon_months) - max(first, 0)
        if 0 < paying < 12 and max(first, 0) + 12 <= plan.plan.horizon_months:
            yield Finding(
                "offers.short_year",
                Severity.WARNING,
                f"ai_offers.{offer.id}.term_months",
                f"{name} pays for only {paying} months from the plan's start on; its yearly figures are the sum "
                "of those.",
            )
        if first + offer.term_months <= 0:
            yield Finding(
                "offers.over",
                Severity.WARNING,
                path,
                f"The term of {name} ends before the plan starts, so it earns and costs nothing here.",
            )
        elif first < 0:
            yield Finding(
                "offers.already_running",
                Severity.INFO,
                path,
                f"{name} pays since before the plan starts; its whole capex is charged at the plan's start.",
            )


def _return_findings(results: Results) -> Iterator[Finding]:
    for use in results.uses:
        path = f"{'asic_lots' if use.kind == ASIC else 'ai_offers'}.{use.id}"
        if not np.isfinite(use.npv_usd_per_mw):
            continue
        yield from _irr_findings(path, use)
        if use.capex_usd_per_mw > 0 and not np.isfinite(use.payback_months):
            yield Finding(
                "returns.no_payback",
                Severity.INFO,
                path,
                f"{use.name} does not pay back within the plan's {len(results.dates.index)} months.",
            )
        elif use.capex_usd_per_mw > 0 and not np.isfinite(use.discounted_payback_months):
            yield Finding(
                "returns.no_discounted_payback",
                Severity.INFO,
                path,
                Sentence(
                    "{use} pays back after {months}, but not within the plan's {all} once its cash is discounted.",
                    use=use.name,
                    months=Amount(use.payback_months, "months", ",.3g"),
                    all=Amount(float(len(results.dates.index)), "months"),
                ),
            )
        if use.kind == ASIC and use.cash.revenue.any() and not use.cash.revenue.all():
            stopped = int((use.cash.revenue == 0).sum())
            yield Finding(
                "mining.stands_still",
                Severity.INFO,
                path,
                f"{use.name} stands still in {stopped} of {len(results.dates.index)} months because its power would "
                "cost more than it earns.",
            )
        elif use.kind == ASIC and use.mw > 0 and not use.cash.revenue.any():
            yield Finding(
                "mining.never_runs",
                Severity.WARNING,
                path,
                f"{use.name} never runs in this plan: in every month its power would cost more than it earns.",
            )


def _unexplained_findings(results: Results, found: list[Finding]) -> list[Finding]:
    """No figure is missing without a word: what no other rule explains has outgrown the numbers' range."""
    if any(f.severity == Severity.ERROR for f in found):
        return []
    return [
        Finding(
            "returns.not_computable",
            Severity.ERROR,
            f"{'asic_lots' if use.kind == ASIC else 'ai_offers'}.{use.id}",
            f"The present value of {use.name} cannot be computed: one of its inputs is too large or too small.",
        )
        for use in results.uses
        if not np.isfinite(use.npv_usd_per_mw)
    ]


def _irr_findings(path: str, use: UseResult) -> Iterator[Finding]:
    if use.capex_usd_per_mw == 0:
        yield Finding(
            "returns.no_irr", Severity.INFO, path, f"{use.name} has no rate of return: it needs no new money."
        )
        return
    roots = use.irr_roots_fraction
    if len(roots) > 1:
        yield Finding(
            "returns.several_irr",
            Severity.WARNING,
            path,
            Sentence(
                "The cash of {use} changes sign more than once and is worth nothing at {rates}; no single rate of "
                "return describes it. Decide by NPV.",
                use=use.name,
                rates=joined(Amount(r, "fraction", ".1f%") for r in roots),
            ),
        )
    elif not roots:
        yield Finding(
            "returns.no_irr",
            Severity.INFO,
            path,
            Sentence(
                "{use} has no rate of return: no rate between −{low} and +{high} makes its cash worth nothing.",
                use=use.name,
                low=Amount(0.99, "fraction", ".0f%"),
                high=Amount(100.0, "fraction", ",.0f%"),
            ),
        )


def _crossover_findings(results: Results) -> Iterator[Finding]:
    """Why crossovers are missing, one finding per offer, basis and reason."""
    lots: dict[tuple[str, str, str], list[str]] = {}
    for row in results.crossovers:
        if row.reason:
            lots.setdefault((row.offer_id, row.basis, row.reason), []).append(results.by_id[row.asic_id].name)
    for (offer_id, basis, reason), names in lots.items():
        words = {"revenue": "revenue", "margin": "margin", "npv": "NPV"}[basis]
        yield Finding(
            "crossovers.none",
            Severity.INFO,
            f"ai_offers.{offer_id}",
            f"{results.by_id[offer_id].name} against {', '.join(names)} has no {words} crossover to show: {reason}.",
        )


def _scenario_findings(plan: Plan) -> Iterator[Finding]:
    from models.drivers import HASHPRICE

    by_id = {s.id: s for s in plan.scenarios}
    for scenario in plan.scenarios:
        seen, parent = {scenario.id}, scenario.parent_id
        while parent in by_id and parent not in seen:
            seen.add(parent)
            parent = by_id[parent].parent_id
        if parent in seen:
            yield Finding(
                "scenarios.ring",
                Severity.ERROR,
                f"scenarios.{scenario.id}.parent_id",
                f"{scenario.name} inherits from itself; choose another parent.",
                (Repair("Inherit from the base", ((f"scenarios.{scenario.id}.parent_id", None),)),),
            )
        for path, value in scenario.overrides:
            if path == HASHPRICE:
                continue
            try:
                problem = fields.problem_with(fields.field_at(plan, path), value)
            except KeyError:
                problem = f"{path} does not exist in the plan, so this change has no effect"
            if problem:
                yield Finding(
                    "scenarios.override",
                    Severity.WARNING,
                    f"scenarios.{scenario.id}.overrides",
                    Sentence("{scenario}: {problem}.", scenario=scenario.name, problem=problem),
                )
