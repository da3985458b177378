"""What a memo says of inputs: how old they are, and the ends of their ranges."""

from __future__ import annotations

import math
from datetime import date

import models.explain.market as market
from models.drivers import BTC_PRICE, HASHPRICE
from models.evidence import UNDATED, age_days, entry_at
from models.explain.context import Context
from models.explain.tree import DAY_NUMBER, Node
from models.fields import read
from models.memo.inputs import evidence_that_counts, oldest_input
from models.plan import Evidence
from models.sensitivity.ranges import DEVIATIONS_TO_TENTH, PLANNER, Range, band_of, range_of
from models.watch import FIRST_RENT


def age(ctx: Context, path: str) -> Node:
    """The age of an input's source, or of an evidence line."""
    if path.startswith("evidence."):
        line: Evidence = read(ctx.plan, path)
        return _age(ctx, line.date, (_line(ctx, line),))
    entry = entry_at(ctx.plan, path, ctx.as_of, set_in=ctx.set_in)
    return _age(ctx, entry.day, (ctx.input(path),))


def oldest(ctx: Context) -> Node:
    """The age of the oldest dated input."""
    label, days = oldest_input(ctx.plan, ctx.as_of, ctx.set_in)
    counted = evidence_that_counts(ctx.plan, ctx.set_in)
    dated = [("Market data", ctx.plan.market.as_of)] + [(e.claim, e.date) for e in counted]
    day = next((day for _, day in dated if age_days(day, ctx.as_of) == days), "")
    node = _age(ctx, day, ())
    note = f"The oldest of {len(dated)} days that the plan names: {label}." if label else ""
    return Node(node.label, node.value, "days", 0, "", node.formula, node.children, note=note, reason=node.reason)


def _line(ctx: Context, line: Evidence) -> Node:
    return Node(
        line.claim or "Evidence",
        math.nan,
        text="as printed in the source",
        source=line.source,
        address=line.address,
        date=line.date,
        age_days=age_days(line.date, ctx.as_of),
        note=line.note,
        is_input=True,
    )


def _age(ctx: Context, day: str, rests: tuple[Node, ...]) -> Node:
    value = age_days(day, ctx.as_of)
    today = Node("Date of the memo", float(ctx.as_of.toordinal()), DAY_NUMBER, 0, text=ctx.as_of.isoformat())
    if not math.isfinite(value):
        reason = "Its day lies after the memo's." if _ordinal(day) is not None else "No day is named for its source."
        return Node("Age", math.nan, "days", 0, children=(today, *rests), reason=reason)
    dated = Node("Day of its source", float(_ordinal(day) or 0), DAY_NUMBER, 0, text=day)
    return Node("Age", value, "days", 0, formula="{0} − {1}", children=(today, dated, *rests))


def _ordinal(day: str) -> int | None:
    try:
        return date.fromisoformat(day).toordinal()
    except ValueError:
        return None


def range_end(ctx: Context, path: str, end: str) -> Node:
    """P10 or P90 of an input: as somebody entered it, or by the planner's range.

    Raises
    ------
    KeyError
        Where nobody has said how uncertain the input is.
    """
    span = range_of(ctx.plan, path)
    if span is None or end not in ("p10", "p90"):
        raise KeyError(f"{path}.{end}")
    label, value = f"{end.upper()} of {span.label}", float(getattr(span, end))
    if path == BTC_PRICE and not span.own_id:
        children = (
            range_end(ctx, HASHPRICE, end),
            ctx.input(BTC_PRICE),
            market.figure(ctx, "hashprice_usd_per_ph_day"),
        )
        note = "What makes that hashprice at today's difficulty."
        return Node(label, value, span.unit, span.digits, formula="{0} × {1} ÷ {2}", children=children, note=note)
    scaled = _scaled(ctx, span, end, label)
    if scaled is not None:
        return scaled
    note = "Entered in the plan." if span.own_id else "Low is read as P10, high as P90."
    return Node(
        label,
        value,
        span.unit,
        span.digits,
        source=span.source,
        note=note,
        state=UNDATED,
        is_input=True,
    )


def _scaled(ctx: Context, span: Range, end: str, label: str) -> Node | None:
    """The planner's range in proportion, where the plan's value lies outside of it; None where it lies within."""
    band = None if span.own_id or span.path.endswith(f".{FIRST_RENT}") else band_of(span.path, span.now)
    if band is None or band.low <= span.now <= band.high:
        return None
    wants_low = (end == "p10") == (span.now * band.low <= span.now * band.high)
    unit, digits = span.unit, span.digits
    outer = Node(
        "Low of the planner" if wants_low else "High of the planner",
        band.low if wants_low else band.high,
        unit,
        digits,
        source=f"{PLANNER}: {band.basis}",
        state=UNDATED,
        is_input=True,
    )
    base = Node(
        "Base of the planner", band.base, unit, digits, source=f"{PLANNER}: {band.basis}", state=UNDATED, is_input=True
    )
    now = (
        market.figure(ctx, "hashprice_usd_per_ph_day")
        if span.path == HASHPRICE
        else Node(f"{span.label} now", span.now, unit, digits, formula="{0}", children=(ctx.input(span.path),))
    )
    value, raw = float(getattr(span, end)), span.now * outer.value / base.value
    formula, note = (
        "{0} × {1} ÷ {2}",
        "The plan's value lies outside the planner's range, which is moved in proportion.",
    )
    if not math.isclose(raw, value, rel_tol=1e-12):
        formula = f"{'min' if raw > value else 'max'}({formula}, {value!r})"
        note += " It ends where the field does."
    return Node(label, value, unit, digits, formula=formula, children=(now, outer, base), note=note)


def deviation(ctx: Context, span: Range) -> Node:
    """One standard deviation of an input, as of a normal variable."""
    children = (range_end(ctx, span.path, "p90"), range_end(ctx, span.path, "p10"))
    return Node(
        f"Standard deviation of {span.label}",
        span.deviation,
        span.unit,
        span.digits + 1,
        formula=f"({{0}} − {{1}}) ÷ (2 × {DEVIATIONS_TO_TENTH!r})",
        children=children,
        note="A normal variable lies outside of P10 to P90 once in five times.",
    )
