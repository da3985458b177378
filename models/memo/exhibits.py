"""The memo's exhibits: what each megawatt earns, crossovers, what would change the answer, findings."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from models.bills.flexibility import flexibility, given_up
from models.charts.spec import amount_text
from models.drivers import place_name
from models.flips import Flip
from models.memo.parts import Bar, Column, Figure, Paragraph, Row, Table, Words
from models.memo.written import MINUS, MISSING, number, percent, plain, plain_name, signed
from models.plan import GPU_CLOUD, Plan
from models.problems import Finding, Severity
from models.results import ASIC, BASES, BREAK_EVEN_NAMES, Crossover, Results, UseResult
from models.sentences import worded as in_words
from models.snoozes import aside
from models.units import display

THOUSAND, MILLION = 1e3, 1e6
BREAK_EVEN_WORDS = {"power": "power", "site": "power and site opex", "all_in": "all in, with capital and overhead"}
BASIS_WORDS = {"revenue": "revenue", "margin": "margin", "npv": "NPV"}
SEVERITY_WORDS = {Severity.ERROR: "Error", Severity.WARNING: "Warning", Severity.INFO: "Note"}
NAME_LIMIT = 64
LEAST_FLEXIBILITY_USD = 500.0
"""Per MW and year: less is nothing in a table of thousands."""
SLIGHT = 0.005
"""The most of a flip's value that printing it may hide."""


def use_figure(use: UseResult, name: str, text: str) -> Figure:
    """A figure of a use under the address that the results give it."""
    return Figure(f"uses.{use.id}.{name}", float(getattr(use, name)), text)


def thousands(use: UseResult, name: str, *, negative: bool = False) -> Figure:
    """A figure of a use in thousands of dollars; costs may be printed below zero."""
    value = getattr(use, name)
    return use_figure(use, name, number((-value if negative else value) / THOUSAND))


def grouped(plan: Plan, results: Results) -> list[tuple[str, list[UseResult]]]:
    """Site names and their uses, in the plan's order; uses of no known site last."""
    found = [(plain(s.name, NAME_LIMIT), [u for u in results.uses if u.site_id == s.id]) for s in plan.sites]
    known = {s.id for s in plan.sites}
    found.append(("No site", [u for u in results.uses if u.site_id not in known]))
    return [(name, uses) for name, uses in found if uses]


def per_megawatt(plan: Plan, results: Results, best: set[str]) -> Table:
    """Revenue to capex of every use, with what being able to stop is of a margin; `best` uses stand out."""
    ledger = flexibility(plan)
    stopping = given_up(plan, ledger)
    columns = (
        Column("Use", numeric=False, share=1.0),
        Column("MW"),
        Column("Revenue", "$k/year"),
        Column("Power", "$k/year"),
        Column("Opex", "$k/year"),
        Column("Margin", "$k/year"),
        Column("Capex", "$k"),
    )
    rows: list[Row] = []
    groups = grouped(plan, results)
    for site, uses in groups:
        if len(groups) > 1:
            rows.append(Row(((site,),), group=True))
        for use in uses:
            rows.append(_use_row(use, use.id in best))
            if use.kind != ASIC:
                rows += _flexibility_row(use, "gives up what stopping earns", -stopping[use.id])
            elif ledger[use.id].is_used:
                rows += _flexibility_row(use, "of which from being able to stop", ledger[use.id].usd_per_mw_year)
    note = (
        "All money per utility megawatt, metered at the site before cooling and losses. Revenue to margin: the first "
        "twelve operating months."
    )
    return Table(columns, tuple(rows), (note,))


def _use_row(use: UseResult, best: bool) -> Row:
    return Row(
        (
            (plain_name(use.name, NAME_LIMIT),),
            (use_figure(use, "mw", number(use.mw, 1)),),
            (thousands(use, "revenue_usd_per_mw_year"),),
            (thousands(use, "power_cost_usd_per_mw_year", negative=True),),
            (thousands(use, "opex_usd_per_mw_year", negative=True),),
            (thousands(use, "margin_usd_per_mw_year"),),
            (thousands(use, "capex_usd_per_mw"),),
        ),
        strong=best,
    )


def _flexibility_row(use: UseResult, words: str, usd_per_mw_year: float) -> list[Row]:
    """A line below a use, in the column of its margin; none where stopping earns nothing."""
    if not abs(usd_per_mw_year) >= LEAST_FLEXIBILITY_USD:
        return []
    amount = number(usd_per_mw_year / THOUSAND)
    figure = Figure(f"flexibility.{use.id}.usd_per_mw_year", usd_per_mw_year, amount)
    return [Row(((words,), *[("",)] * 4, (figure,), ("",)))]


def irr_words(use: UseResult) -> Figure | str:
    """A rate of return belongs to money spent: on paid machines it would be a rate on nothing."""
    if use.capex_usd_per_mw <= 0:
        return MISSING
    several = len(use.irr_roots_fraction) > 1
    return use_figure(use, "irr_fraction", "several" if several else percent(use.irr_fraction))


def payback_words(use: UseResult) -> Figure | str:
    """Months, or "never" where money is spent and does not come back."""
    if use.capex_usd_per_mw <= 0:
        return MISSING
    back = math.isfinite(use.payback_months) or not math.isfinite(use.npv_usd_per_mw)
    return use_figure(use, "payback_months", number(use.payback_months) if back else "never")


def break_evens(plan: Plan, results: Results) -> Table | None:
    """The three break-evens of every lot by name; None where there is no machine."""
    rows: list[Row] = []
    groups = grouped(plan, results)
    for site, uses in groups:
        lots = [u for u in uses if u.break_evens]
        if lots and len(groups) > 1:
            rows.append(Row(((site,),), group=True))
        for use in lots:
            for name in BREAK_EVEN_NAMES:
                item = use.break_evens[name]
                at = f"uses.{use.id}.break_evens.{name}"
                cells: list[Words] = [
                    (BREAK_EVEN_WORDS[name],),
                    (_at(at, "energy_price_usd_per_mwh", item.energy_price_usd_per_mwh, 2),),
                    (_at(at, "btc_price_usd", item.btc_price_usd, 0),),
                    (_at(at, "hashprice_usd_per_ph_day", item.hashprice_usd_per_ph_day, 2),),
                ]
                if name == BREAK_EVEN_NAMES[0]:
                    cells.insert(0, (plain_name(use.name, NAME_LIMIT),))
                rows.append(Row(tuple(cells), span=len(BREAK_EVEN_NAMES) if name == BREAK_EVEN_NAMES[0] else 1))
    columns = (
        Column("Machines earn nothing at", numeric=False, share=1.6),
        Column("Costs counted", numeric=False, share=1.6),
        Column("Power price", "$/MWh"),
        Column("BTC price", "$"),
        Column("Hashprice", "$/PH/day"),
    )
    note = "At the first month's difficulty; the power price at today's hashprice, the others at today's power price."
    return Table(columns, tuple(rows), (note,)) if rows else None


def _at(prefix: str, name: str, value: float, digits: int) -> Figure:
    return Figure(f"{prefix}.{name}", value, number(value, digits))


def crossovers(results: Results) -> Table | None:
    """The three crossovers of every pair; None where no lot and offer share a site."""
    explained = any(row.reason for row in results.crossovers)
    rows = []
    for row in results.crossovers:
        lot, offer = results.by_id[row.asic_id], results.by_id[row.offer_id]
        cells = _crossover_cells(results, row, offer.kind)[: None if explained else -1]
        first = row.basis == BASES[0]
        if first:
            cells.insert(0, (f"{plain_name(lot.name, NAME_LIMIT)} = {plain_name(offer.name, NAME_LIMIT)}",))
        rows.append(Row(tuple(cells), strong=row.basis == "npv", span=len(BASES) if first else 1))
    columns = (
        Column("Worth the same", numeric=False, share=1.3),
        Column("by", numeric=False),
        Column("Hashprice", "$/PH/day"),
        Column("BTC price", "$"),
        Column("Against today"),
        Column("AI price"),
        *((Column("Remark", numeric=False, share=0.9),) if explained else ()),
    )
    note = (
        "Which of the three one quotes decides the answer: revenue leaves out power, margin leaves out capital; NPV "
        "charges new capital and credits the resale of displaced machines to the offer."
    )
    return Table(columns, tuple(rows), (note,)) if rows else None


def _crossover_cells(results: Results, row: Crossover, kind: str) -> list[Words]:
    at = f"crossovers.{row.asic_id}.{row.offer_id}.{row.basis}"
    name = "price_usd_per_gpu_hour" if kind == GPU_CLOUD else "rent_usd_per_it_kw_month"
    unit = "USD/GPU-hour" if kind == GPU_CLOUD else "USD/IT kW-month"
    price = getattr(row, name)
    spot = float(results.market.btc_price_usd[0])
    change = row.btc_price_usd / spot - 1.0 if spot else math.nan
    return [
        (BASIS_WORDS[row.basis],),
        (_at(at, "hashprice_usd_per_ph_day", row.hashprice_usd_per_ph_day, 2),),
        (_at(at, "btc_price_usd", row.btc_price_usd, 0),),
        (Figure(f"{at}.btc_price_change_fraction", change, _change(change)),),
        (Figure(f"{at}.{name}", price, amount_text(price, unit, 2)),),
        (row.reason,),
    ]


def short_flip(flip: Flip | None) -> Words:
    """An input and how far it must move, for a cell."""
    if flip is None:
        return ("none within reach",)
    address = f"recommendation.{flip.site_id}.flips.{flip.path}.distance"
    return (f"{plain_name(flip.label, 40)} ", Figure(address, flip.distance, distance_text(flip)))


def flips_table(
    found: Iterable[Flip],
    prefix: str,
    *,
    with_winner: bool = True,
    deviations: Mapping[str, float] | None = None,
) -> Table | Paragraph:
    """Each input's flip, the nearest first, with a bar for the distance; those out of reach stand in the note.

    Where none is within reach the note is all there is. `deviations` are distances in an input's own standard
    deviations, by path; with them there is a column of these, ``—`` where nobody has said how uncertain an input is.
    """
    rows = []
    out_of_reach: list[str] = []
    for flip in found:
        label = plain_name(flip.label, NAME_LIMIT)
        if not flip.reachable:
            out_of_reach.append(f"{label} ({flip_text(flip, flip.low)} to {flip_text(flip, flip.high)})")
            continue
        at = f"{prefix}.{flip.path}"
        cells: list[Words] = [
            (label,),
            (Figure(f"{at}.now", flip.now, flip_text(flip, flip.now)),),
            (Figure(f"{at}.value", flip.value, flip_text(flip, flip.value)),),
            (Figure(f"{at}.distance", flip.distance, distance_text(flip)),),
            (Bar(min(abs(flip.distance), 1.0)),),
        ]
        if deviations is not None:
            away = deviations.get(flip.path, math.nan)
            cells.append((Figure(f"{at}.deviations", away, number(away, 2)),) if math.isfinite(away) else (MISSING,))
        if with_winner:
            cells.append((plain(flip.winner, NAME_LIMIT),))
        rows.append(Row(tuple(cells)))
    columns = (
        Column("Input", numeric=False, share=2.4),
        Column("Now"),
        Column("Flips at"),
        Column("Distance"),
        Column("", numeric=False),
        *((Column("Deviations"),) if deviations is not None else ()),
        *((Column("Then best", numeric=False, share=1.6),) if with_winner else ()),
    )
    note = f"No value searched changes it: {'; '.join(out_of_reach)}." if out_of_reach else ""
    if not rows:
        return Paragraph((note,), "note")
    return Table(columns, tuple(rows), (note,) if note else ())


def flip_text(flip: Flip, value: float) -> str:
    """A value of a flip's input with enough decimals to tell it from the present one; large amounts in millions."""
    if flip.unit.startswith("USD/") and abs(flip.now) >= MILLION and abs(value) >= 0.1 * MILLION:
        per = flip.unit.removeprefix("USD")
        return f"{MINUS if value < 0 else ''}${abs(value) / MILLION:,.2f}M{per}"
    digits = flip.digits
    factor = display(flip.unit)[1]
    while digits < flip.digits + 2 and abs(round(value * factor, digits) - value * factor) > 0.005 * abs(
        value * factor
    ):
        digits += 1
    while (
        digits < 6
        and value != flip.now
        and amount_text(value, flip.unit, digits) == amount_text(flip.now, flip.unit, digits)
    ):
        digits += 1
    return amount_text(value, flip.unit, digits)


def distance_text(flip: Flip) -> str:
    """How far an input must move: in per cent of its value, in points where that is nothing, in months for a delay."""
    if flip.unit == "months" and flip.now == 0:
        return f"+{number(flip.value)} months"
    if not flip.in_points:
        return _change(flip.distance)
    if flip.unit.startswith("fraction"):
        return f"{signed(flip.distance * 100.0, 1 if abs(flip.distance) >= 0.01 else 2)} points"
    return amount_text(flip.value, flip.unit, flip.digits)


def _change(fraction: float) -> str:
    if not math.isfinite(fraction):
        return MISSING
    return signed(fraction * 100.0, 0 if abs(fraction) >= 0.1 else 1) + "%"


def findings_table(plan: Plan, findings: Sequence[Finding]) -> Table | None:
    """Errors and warnings first; None where nothing stands."""
    order = list(SEVERITY_WORDS)
    rows = tuple(
        Row(
            ((SEVERITY_WORDS[f.severity],), (_said(f),), (plain(place_name(plan, f.path), 60),)),
            strong=f.severity == Severity.ERROR,
        )
        for f in sorted(findings, key=lambda f: order.index(f.severity))
    )
    columns = (
        Column("", numeric=False),
        Column("Finding", numeric=False, share=3.4),
        Column("Where", numeric=False, share=1.2),
    )
    return Table(columns, rows) if rows else None


def _said(finding: Finding) -> str:
    """A finding as the memo prints it, with the minus of its other figures."""
    return plain(in_words(finding.message, lambda amount: str(amount).replace("-", MINUS, 1)))


def set_aside_blocks(plan: Plan, findings: Sequence[Finding]) -> tuple[Paragraph | Table, ...]:
    """What someone set aside, with the reason and its day; nothing where nothing was."""
    rows = tuple(
        Row(
            (
                (SEVERITY_WORDS[finding.severity],),
                (_said(finding),),
                (plain(place_name(plan, finding.path), 60),),
                (plain(snooze.reason, 400),),
                (snooze.date or MISSING,),
            )
        )
        for finding, snooze in aside(plan, findings)
    )
    columns = (
        Column("", numeric=False),
        Column("Finding", numeric=False, share=2.4),
        Column("Where", numeric=False, share=1.0),
        Column("Why it may stand", numeric=False, share=1.6),
        Column("Since", numeric=False),
    )
    return (Paragraph(("Set aside, with the reason",), "heading"), Table(columns, rows)) if rows else ()
