"""The figures of an offer that is only read, down to its words and to what was assumed; it enters no plan for that."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np

import models.explain.uses as uses
from models.catalogue import priced_leases
from models.defaults import add_to
from models.evaluate import evaluate
from models.evidence import FRESH, UNDATED
from models.explain import Explanation, node_of
from models.explain.context import Context, Origin
from models.explain.tree import Column, Node, Table
from models.fields import Quantity
from models.metrics import discount_factors
from models.offer_text.strip import FIRST_MONTHS, contract_prices
from models.offer_text.terms import ReadOffer, Term
from models.offer_text.worked_out import FORMULAS
from models.plan import AiOffer, Plan
from models.results import UseResult
from models.scenarios import BASE
from models.sentences import within

PREFIX = "offer"
"""Before the paths of what is read: ``offer.net_usd_per_mwh``, ``offer.terms.load_mw``."""
TYPED, SAID, ASSUMED, WORKED_OUT = "as typed", "as you said", "assumed", "worked out"
CLOSE = 1e-9
Explainer = Callable[[Context, ReadOffer, UseResult], Node]


def explained_offer(
    read: ReadOffer, plan: Plan, path: str, as_of: date, *, base: Plan | None = None, scenario_id: str = BASE
) -> Explanation:
    """A figure of an offer that was read, as `models.offer_text.strip.strip_of` has it, or one of its terms.

    Parameters
    ----------
    read
        From `models.offer_text.reading.read_offer`, for this plan.
    plan
        With a scenario's values applied. A copy of it takes the offer in; it stays as it is itself.
    path
        ``offer.`` and then a name of `FIGURES`, ``terms.`` and a term's name, or whatever is known of a use.
    as_of
        The day on which the offer is read, which ages are counted to.
    base, scenario_id
        The plan without the scenario, and which one is on show.

    Raises
    ------
    KeyError
        Where nothing was read, or the offer has no such figure.

    Examples
    --------
    >>> from models.offer_text.reading import read_offer
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> read = read_offer("$130/kW-month NNN, 3 %, from April 2027", plan)
    >>> found = explained_offer(read, plan, "offer.net_usd_per_kw_month", date(2026, 11, 28)).root
    >>> round(found.value, 2), found.in_words()
    (91.0, 'margin ÷ (1000 × 12)')
    >>> {n.label.partition(",")[0]: n.source for n in found.inputs()}["Rent"]
    'as typed: “$130/kW-month”'
    """
    offer, name = read.offer, path.removeprefix(f"{PREFIX}.")
    if offer is None:
        raise KeyError(path)
    joined = add_to(plan, offer)
    results = evaluate(joined, scenario_name=scenario_id)
    ctx = Context(joined, results, as_of, None if base is None else add_to(base, offer), origins_of(read, as_of))
    use = results.by_id[offer.id]
    if name.startswith("terms."):
        return Explanation(_term(ctx, read, name.removeprefix("terms.")), as_of)
    if name in FIGURES:
        label, unit, digits, explain = FIGURES[name]
        node = explain(ctx, read, use)
        if not math.isfinite(node.value) and not node.reason:
            node = replace(node, reason=_why_not(name, offer))
        return Explanation(replace(node, label=f"{label}, {offer.name}", unit=unit, digits=digits, path=path), as_of)
    return Explanation(node_of(ctx, f"uses.{use.id}.{name}"), as_of)


def origins_of(read: ReadOffer, as_of: date) -> dict[str, Origin]:
    """Where every term of an offer is from, by its path in a plan; also of those that it does not speak of."""
    offer = read.offer
    assert offer is not None
    found = {}
    for name in AiOffer.__dataclass_fields__:
        term = read.term(name)
        silent = Origin(f"{ASSUMED}: the offer does not speak of it; so every new offer begins", state=UNDATED)
        found[f"ai_offers.{offer.id}.{name}"] = silent if term is None else _origin(read, term, as_of)
    return found


def _origin(read: ReadOffer, term: Term, as_of: date) -> Origin:
    formula = FORMULAS.get(term.name)
    follows: Callable[[Context], tuple[str, tuple[Node, ...]]] | None = None
    if formula is not None and not term.is_answered:

        def reckoned(ctx: Context) -> tuple[str, tuple[Node, ...]]:
            for words, names in formula:
                if any(read.term(n) is None for n in names if "." not in n):
                    continue
                children = tuple(_part(ctx, read, n) for n in names)
                again = Node(term.field.label, float(term.value), formula=words, children=children).recomputed()
                if abs(again - float(term.value)) <= CLOSE * abs(float(term.value)):
                    return words, children
            return "", ()

        follows = reckoned
    note = term.reason
    if term.is_answered:
        return Origin(SAID, as_of.isoformat())
    if term.quoted:
        return Origin(f"{TYPED}: “{' '.join(term.quoted.split())}”", as_of.isoformat(), note, FRESH, follows)
    if not term.source and follows is not None:
        return Origin(WORKED_OUT, "", note, UNDATED, follows)
    words = term.source.removeprefix("assumption").lstrip(":; ") or within(str(term.reason)).removesuffix(".")
    return Origin(f"{ASSUMED}: {words}" if words else ASSUMED, "", note, UNDATED, follows)


def _part(ctx: Context, read: ReadOffer, name: str) -> Node:
    """A term as a part of another; what the site can convert under ``site.``."""
    assert read.offer is not None
    if name == "site.convertible":
        site = next(s for s in ctx.plan.sites if s.id == read.offer.site_id)
        limit = "capacity_mw" if site.convertible_mw is None else "convertible_mw"
        return ctx.input(f"sites.{site.id}.{limit}")
    return _term(ctx, read, name)


def _term(ctx: Context, read: ReadOffer, name: str) -> Node:
    """A term: a field of the offer, or what the offer states in another form."""
    term = read.term(name)
    if term is None or read.offer is None:
        raise KeyError(name)
    if name in AiOffer.__dataclass_fields__:
        return ctx.input(f"ai_offers.{read.offer.id}.{name}")
    origin, spec = _origin(read, term, ctx.as_of), term.field.spec
    is_number = isinstance(spec, Quantity) and term.value is not None
    options = dict(getattr(spec, "options", ()))
    return Node(
        term.field.label,
        float(term.value) if is_number else math.nan,
        term.field.unit,
        spec.digits if isinstance(spec, Quantity) else 0,
        path=f"{PREFIX}.terms.{name}",
        text="" if is_number else str(options.get(term.value, term.value or "not entered")),
        source=origin.source,
        date=origin.day,
        age_days=0.0 if origin.day else math.nan,
        note=origin.note,
        state=origin.state,
        is_input=True,
    )


# The figures of the strip


def _per_hour(divisor: str) -> Explainer:
    def made(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
        margin = uses.figure(ctx, use.id, "margin_usd_per_mw_year")
        node = Node("", math.nan, formula=f"{{0}} ÷ {divisor}", children=(margin,), note=margin.note)
        return replace(node, value=node.recomputed(), reason=margin.reason)

    return made


def _of_use(name: str) -> Explainer:
    return lambda ctx, _read, use: uses.figure(ctx, use.id, name)


def _npv(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
    node = uses.npv(ctx, use)
    return replace(node, children=(*node.children, *_beyond(ctx, use)))


def _months(ctx: Context, use: UseResult, rows: np.ndarray) -> tuple[tuple[Node, ...], list[Column]]:
    """Revenue, power and opex of some months, and their margin as the table's last column."""
    lines = tuple(uses.line(ctx, use, name, rows) for name in ("revenue", "power", "opex"))
    values = (use.cash.revenue, 0.0 - use.cash.power, 0.0 - use.cash.opex)
    at = rows.astype(int)
    columns = [
        Column(label, "USD/MW", value[at], child=place)
        for place, (label, value) in enumerate(zip(("Revenue", "Power cost", "Opex"), values, strict=True))
    ]
    return lines, [*columns, Column("Margin", "USD/MW", use.cash.margin[at], "{t0} − {t1} − {t2}")]


def _first_months(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
    begin = max(use.first_operating_month, 0)
    rows = np.arange(begin, min(begin + FIRST_MONTHS, len(ctx.months)), dtype=float)
    if len(rows) < FIRST_MONTHS:
        return Node("", math.nan)
    lines, columns = _months(ctx, use, rows)
    table = Table("Month", ctx.row_names(rows), tuple(columns))
    note = "After opex and power, before capex."
    return Node("", float(columns[-1].values.sum()), formula="sum({t3})", children=lines, table=table, note=note)


def _present_value(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
    rows = np.arange(len(ctx.months), dtype=float)
    lines, columns = _months(ctx, use, rows)
    factors = discount_factors(use.discount_rate_fraction, len(rows))[1:]
    worth = use.cash.margin * factors
    columns += [
        Column("Months", "", rows + 1.0),
        Column("Factor at the end", "", factors, "(1 + {3})^(−{t4} ÷ 12)", digits=4),
        Column("Present value", "USD/MW", worth, "{t3} × {t5}"),
    ]
    return Node(
        "",
        float(worth.sum()),
        formula="sum({t6})",
        children=(*lines, uses.rate(ctx, use), *_beyond(ctx, use)),
        table=Table("Month", ctx.months, tuple(columns)),
        note="What it pays after opex and power, at the plan's start; capex and what returns are left out.",
    )


def _beyond(ctx: Context, use: UseResult) -> tuple[Node, ...]:
    """The months of the term that the plan is too short for; nothing where there are none."""
    first = Node("Months before the first rent", float(use.first_operating_month), "months", 0)
    children = (first, ctx.input(f"ai_offers.{use.id}.term_months"), ctx.input("plan.horizon_months"))
    node = Node(
        "Months beyond the plan's end", math.nan, "months", 0, formula="{0} + {1} − {2}", children=children,
        note="They count for nothing.",
    )  # fmt: skip
    months = node.recomputed()
    return (replace(node, value=months),) if months > 0 else ()


def _rent(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
    return ctx.input(f"ai_offers.{use.id}.rent_usd_per_it_kw_month")


def _average(ctx: Context, read: ReadOffer, use: UseResult) -> Node:
    if read.average_rent_usd_per_it_kw_month is None:
        return Node("", math.nan)
    return node_of(ctx, f"derived.average_rent.{use.id}")


def _cheaper_leases(ctx: Context, read: ReadOffer, use: UseResult) -> Node:
    average = _average(ctx, read, use)
    if not math.isfinite(average.value):
        return average
    deals = priced_leases()
    paid = np.array([d.average_rent_usd_per_it_kw_month or 0.0 for d in deals])
    less = (paid < average.value).astype(float)
    columns = (
        Column("Average rent", "USD/IT kW-month", paid, digits=2),
        Column("Pays less", "", less, "1 − at_least({t0}, {0})"),
    )
    table = Table("Deal", tuple(d.name for d in deals), columns)
    note = f"Of {len(deals)} disclosed leases, by what they average over their terms."
    return Node("", float(less.sum()), formula="sum({t1})", children=(average,), table=table, note=note)


def _cheaper_hours(ctx: Context, _read: ReadOffer, use: UseResult) -> Node:
    price = ctx.input(f"ai_offers.{use.id}.price_usd_per_gpu_hour")
    if not math.isfinite(price.value):
        return Node("", math.nan, reason="It has no price per GPU-hour.")
    known = contract_prices()
    paid = np.array([p.price_usd_per_gpu_hour for p in known])
    less = (paid < price.value).astype(float)
    columns = (
        Column("Price", "USD/GPU-hour", paid, digits=2),
        Column("Pays less", "", less, "1 − at_least({t0}, {0})"),
    )
    table = Table("Price", tuple(f"{p.gpu}, {p.month}" for p in known), columns)
    note = f"Of {len(known)} published prices of contracts; hours on demand are another market."
    return Node("", float(less.sum()), formula="sum({t1})", children=(price,), table=table, note=note)


def _why_not(name: str, offer: AiOffer) -> str:
    if name in RENTS:
        return "Own GPUs pay no rent." if offer.rent_usd_per_it_kw_month is None else "Its rent is not one number."
    return f"The plan ends before its first {FIRST_MONTHS} months are over."


RENTS = (
    "first_year_rent_usd_per_it_kw_month",
    "average_rent_usd_per_it_kw_month",
    "cheaper_leases",
)
FIGURES: dict[str, tuple[str, str, int, Explainer]] = {
    "net_usd_per_kw_month": ("Net per utility kW-month, year 1", "USD/kW-month", 2, _per_hour("(1000 × 12)")),
    "net_usd_per_mwh": ("Net per MWh, year 1", "USD/MWh", 2, _per_hour("8760")),
    "first_months_usd_per_mw": (f"Cash of its first {FIRST_MONTHS} months", "USD/MW", 0, _first_months),
    "utility_mw": ("Utility megawatts", "MW", 1, _of_use("mw")),
    "present_value_usd_per_mw": ("Present value", "USD/MW", 0, _present_value),
    "npv_usd_per_mw": ("NPV", "USD/MW", 0, _npv),
    "capex_usd_per_mw": ("Capex", "USD/MW", 0, _of_use("capex_usd_per_mw")),
    "first_year_rent_usd_per_it_kw_month": ("First-year rent", "USD/IT kW-month", 2, _rent),
    "average_rent_usd_per_it_kw_month": ("Rent averaged over its term", "USD/IT kW-month", 2, _average),
    "cheaper_leases": ("Disclosed leases that average less", "", 0, _cheaper_leases),
    "cheaper_hours": ("Published contracts that cost less an hour", "", 0, _cheaper_hours),
}
"""By the names of `models.offer_text.strip.Strip`: what each is called, its unit and decimals, and its node."""
