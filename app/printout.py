"""The answer of `busbar evaluate` as text: aligned columns, units in the headings, a dash for what is unknown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from models.importers import ImportResult
from models.importers.series import SeriesImport
from models.market_pack import MarketPack, PackChange
from models.plan import Plan
from models.results import Results
from models.scenarios import BASE
from models.sentences import Amount
from models.snoozes import aside, standing
from models.solve import Solution, figure_amount
from models.units import display

DASH = "—"
KIND_WORDS = {"asic": "machines", "lease": "lease", "gpu_cloud": "own GPUs"}
BREAK_EVEN_WORDS = {"power": "power only", "site": "with site costs", "all_in": "all in"}


def results_text(plan: Plan, results: Results) -> str:
    """Everything that an evaluation found, for a terminal."""
    market = results.market
    parts = [
        f"{results.plan_name}, {'base case' if results.scenario == BASE else f'scenario {results.scenario}'}: "
        f"{plan.plan.horizon_months} months from {plan.plan.start}, everything per utility MW",
        f"Hashprice {number(market.spot_hashprice_usd_per_ph_day, 2)} USD/PH/day, "
        f"{number(market.spot_hashprice_btc_per_ph_day, 6)} BTC/PH/day, "
        f"network {number(market.network_hashrate_eh_per_s, 1)} EH/s",
        _uses(results),
        _break_evens(results),
        _crossovers(results),
        _findings(plan, results),
    ]
    return "\n\n".join(part for part in parts if part)


def _uses(results: Results) -> str:
    rows = [
        (
            use.id,
            use.name,
            KIND_WORDS.get(use.kind, use.kind),
            number(use.mw, 2),
            number(use.revenue_usd_per_mw_year),
            number(use.power_cost_usd_per_mw_year),
            number(use.opex_usd_per_mw_year),
            number(use.margin_usd_per_mw_year),
            number(use.capex_usd_per_mw),
            number(use.npv_usd_per_mw),
            percent(use.irr_fraction),
            "never" if math.isnan(use.payback_months) and use.capex_usd_per_mw > 0 else number(use.payback_months),
        )
        for use in results.uses
    ]
    heading = ("Id", "Use", "Kind", "MW", "Revenue", "Power", "Opex", "Margin", "Capex", "NPV", "IRR", "Payback")
    units = ("", "", "", "", *4 * ("$/MW-year",), "$/MW", "$/MW", "%/year", "months")
    return table(heading, units, rows, text_columns=3)


def _break_evens(results: Results) -> str:
    rows = [
        (
            use.name,
            BREAK_EVEN_WORDS.get(name, name),
            number(item.energy_price_usd_per_mwh, 2),
            number(item.btc_price_usd),
            number(item.hashprice_usd_per_ph_day, 2),
        )
        for use in results.uses
        for name, item in use.break_evens.items()
    ]
    heading = ("Mining earns nothing at", "Costs", "Power price", "BTC price", "Hashprice")
    return table(heading, ("", "", "$/MWh", "$", "$/PH/day"), rows, text_columns=2)


def _crossovers(results: Results) -> str:
    rows = []
    for row in results.crossovers:
        lease = not math.isnan(row.rent_usd_per_it_kw_month)
        price = row.rent_usd_per_it_kw_month if lease else row.price_usd_per_gpu_hour
        unit = "$/kW-month" if results.by_id[row.offer_id].kind == "lease" else "$/GPU-hour"
        rows.append(
            (
                f"{results.by_id[row.asic_id].name} = {results.by_id[row.offer_id].name}",
                row.basis,
                number(row.hashprice_usd_per_ph_day, 2),
                number(row.btc_price_usd),
                f"{number(price, 2)} {unit}",
                row.reason,
            )
        )
    heading = ("Equal", "By", "Hashprice", "BTC price", "AI price", "")
    return table(heading, ("", "", "$/PH/day", "$", "", ""), rows, text_columns=2)


def _findings(plan: Plan, results: Results) -> str:
    rows = [(str(f.severity), f.path, f.message) for f in standing(plan, results.findings)]
    found = table(("Findings", "Where", "What"), ("", "", ""), rows, text_columns=3) if rows else "Findings: none"
    quiet = [(f.code, f.path, s.reason, s.date or DASH) for f, s in aside(plan, results.findings)]
    if quiet:
        found += "\n\n" + table(("Set aside", "Where", "Why", "Since"), ("", "", "", ""), quiet, text_columns=4)
    return found


def import_text(found: ImportResult, dry_run: bool) -> str:
    """What an import understood, for a terminal."""
    columns = [
        (str(c["column"]), str(c["heading"]), str(c["field"] or DASH), str(c["unit"] or ""), str(c["fate"]))
        for c in found.columns
    ]
    parts = [
        found.summary + ("; nothing was changed" if dry_run else ""),
        table(("Column", "Heading", "Input", "Unit", "Fate"), ("",) * 5, columns, text_columns=5),
        table(
            ("Findings", "Where", "What"),
            ("",) * 3,
            [(str(f.severity), f.path, f.message) for f in found.findings],
            text_columns=3,
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def pack_text(found: Sequence[PackChange], pack: MarketPack, dry_run: bool) -> str:
    """What a market pack would change, for a terminal."""
    rows = []
    for change in found:
        label, factor = display(change.unit)
        digits = max(change.digits, 2)
        remark = "older than the plan's" if change.is_older else "observed only" if change.is_observed_only else ""
        rows.append(
            (
                change.label,
                label,
                change.date or DASH,
                change.source,
                remark,
                number(change.now * factor, digits),
                number(change.new * factor, digits),
                f"{change.change_fraction * 100:+,.2f}" if math.isfinite(change.change_fraction) else DASH,
            )
        )
    heading = ("Market value", "Unit", "Day", "Source", "", "Now", "New", "Change")
    parts = [
        f"{len(pack.values)} dated values read" + ("; nothing was changed" if dry_run else ""),
        table(heading, ("", "", "", "", "", "", "", "%"), rows, text_columns=5),
        table(
            ("Findings", "Where", "What"),
            ("",) * 3,
            [(str(f.severity), f.path, f.message) for f in pack.findings],
            text_columns=3,
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def series_text(found: SeriesImport, dry_run: bool) -> str:
    """What an import of a series understood, for a terminal."""
    facts = []
    if found.series is not None:
        facts = [
            ("Interval", f"{found.interval_minutes:g} min, stamped at its {found.clock}"),
            ("Zone", found.time_zone),
            ("Unit", f"{found.unit_found}, kept as {found.unit}"),
            ("Hours", f"{len(found.series):,}, of clock changes {found.repeated_hours} repeated"),
            ("Missing", f"{found.gaps:,} intervals; {found.duplicates:,} readings came twice"),
            ("Range", f"{found.minimum:,.2f} to {found.maximum:,.2f}, mean {found.mean:,.4g}"),
        ]
    columns = [(str(c.index + 1), c.heading or DASH, c.role or DASH, ", ".join(c.samples[:3])) for c in found.columns]
    questions = [
        (f"{q.key}={q.assumed}", q.text, f"{q.why}; else {', '.join(v for v, _ in q.choices if v != q.assumed)}")
        for q in found.questions
    ]
    parts = [
        found.summary + ("; nothing was changed" if dry_run else ""),
        table(("What", "Understood"), ("", ""), facts, text_columns=2),
        table(("Column", "Heading", "Role", "First cells"), ("",) * 4, columns, text_columns=4),
        table(("Assumed", "Question", "Why"), ("",) * 3, questions, text_columns=3),
        table(
            ("Findings", "Where", "What"),
            ("",) * 3,
            [(str(f.severity), f.path, f.message) for f in found.findings],
            text_columns=3,
        ),
    ]
    return "\n\n".join(part for part in parts if part)


def table(heading: Sequence[str], units: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int) -> str:
    """Lines of aligned columns; an empty text where there are no rows.

    Parameters
    ----------
    heading, units
        As many as there are columns.
    text_columns
        How many of the first columns hold words (aligned left); all others hold numbers.

    Examples
    --------
    >>> print(table(("Use", "MW"), ("", "MW"), [("S21", "36.05")], text_columns=1))
    Use     MW
            MW
    S21  36.05
    """
    if not rows:
        return ""
    lines = [tuple(heading), *([tuple(units)] if any(units) else []), *(tuple(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heading))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i < text_columns else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def number(value: float, digits: int = 0) -> str:
    """A number with thousands apart; a dash where it could not be computed."""
    if not math.isfinite(value):
        return DASH
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def percent(fraction: float) -> str:
    """A fraction in per cent, with one decimal."""
    return number(fraction * 100, 1)


def solution_text(found: Solution) -> str:
    """What was solved for, in one sentence, and what to know about it."""
    lines = []
    if found.value is not None:
        needed, hidden = _needed(found)
        now = figure_amount(found.figure, found.figure_now)
        at = figure_amount(found.figure, found.reached)
        lines.append(f"{found.input.label} must be {needed}: {found.figure.label} is then {at}; now it is {now}.")
        if hidden:
            lines.append(f"Exactly, as --set takes it: {found.path}={found.value!r}")
    return "\n".join([*lines, *(str(finding.message) for finding in found.findings)])


def _needed(found: Solution) -> tuple[str, bool]:
    """The needed value with its input's own digits, and whether these hide some of it."""
    value, unit = found.value, found.input.unit
    assert value is not None
    if isinstance(value, str):
        return value, False
    factor = display(unit)[1]
    size, digits = value * factor, 0 if found.input.whole else found.input.digits
    most = digits + 6
    while digits < most and abs(round(size, digits) - size) > 1e-3 * abs(size):
        digits += 1  # where its own digits would show next to nothing of it
    percent = "%" if unit.startswith("fraction") else ""
    return str(Amount(value, unit, f",.{digits}f{percent}")), round(size, digits) / factor != value
