"""From the words of an offer to its terms: `read_offer`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.curves import month_after
from models.defaults import defaults_of
from models.fields import MONTH, field_of, problem_with
from models.importers.headings import FOREIGN_MONEY
from models.offer_text.marks import marks_of
from models.offer_text.price import read_gpus, read_lease
from models.offer_text.sheet import Sheet
from models.offer_text.size import read_kind, read_size
from models.offer_text.terms import ReadOffer
from models.plan import ID_PREFIXES, LEASE, AiOffer, Plan, new_id

LONGEST_TEXT = 8_000
"""Letters of a text that are read: offers fit on a page or two."""


def read_offer(
    text: str, plan: Plan, site_id: str | None = None, answers: Mapping[str, Any] | None = None
) -> ReadOffer:
    """Read an offer as it came, for one site of a plan.

    Parameters
    ----------
    text
        Typed or pasted.
    plan, site_id
        Where it would stand; the plan's first site where None. Says how many megawatts there are.
    answers
        What a person has said, by the names of `Term`; goes before the text.

    Examples
    --------
    >>> from models.samples import sample
    >>> read = read_offer("$7.0bn over 15 years, 245 MW IT, 3 % escalator, NNN", sample("briefing"))
    >>> round(read.offer.rent_usd_per_it_kw_month, 2), round(read.average_rent_usd_per_it_kw_month, 2)
    (128.02, 158.73)
    >>> [t.name for t in read_offer("$3.7bn over 10 years, 250 MW", sample("briefing")).questions][:2]
    ['load_basis', 'escalator_fraction_per_year']
    """
    if not text.strip():
        return ReadOffer(text, problem="Type or paste an offer, such as “$3.7bn over 10 years, 250 MW”.")
    foreign = FOREIGN_MONEY.search(text)
    if foreign:
        return ReadOffer(
            text, problem=f"“{foreign.group(0)}” is not dollars; Busbar counts in USD, so convert it first."
        )
    if not plan.sites:
        return ReadOffer(text, problem="The plan has no site yet that an offer could stand at; add one first.")
    marks, unread = marks_of(text[:LONGEST_TEXT])
    site = next((s for s in plan.sites if s.id == site_id), plan.sites[0])
    sheet = Sheet(plan, site.id, marks, dict(answers or {}))
    problem = _read(sheet)
    if problem:
        return ReadOffer(text, unread=unread, problem=problem)
    offer = _offer(sheet)
    for field_name in offer.__dataclass_fields__:
        if field_name in ("id", "site_id"):
            continue
        wrong = problem_with(field_of(AiOffer, field_name), getattr(offer, field_name))
        if wrong:
            return ReadOffer(text, tuple(sheet.terms.values()), None, tuple(sheet.notes), unread, f"{wrong}.")
    return ReadOffer(text, tuple(sheet.terms.values()), offer, tuple(sheet.notes), unread)


def _read(sheet: Sheet) -> str:
    """Work all terms out; a sentence where there is no price to begin with."""
    sheet.kind = read_kind(sheet)
    priced = ("rent", "rent_per_gross", "rent_per_energy", "annual_rent_usd", "total_value_usd")
    own = ("price_usd_per_gpu_hour", "rent_usd_per_it_kw_month", "total_value_usd")
    if not any(n in sheet.marks for n in (*priced, "price_usd_per_gpu_hour")) and not set(own) & set(sheet.answers):
        return "No price was found: write a rent ($130/kW-month), a total ($3.7bn over 10 years) or one per GPU-hour."
    read_size(sheet)
    _read_term(sheet)
    if sheet.terms["term_months"].value < 1:
        return "A term of no months pays nothing; write how long it runs."
    if sheet.kind == LEASE:
        read_lease(sheet)
    else:
        read_gpus(sheet)
    _read_start(sheet)
    ramp = sheet.stated("ramp_months")
    if ramp is None:
        sheet.put("ramp_months", 0, reason="The offer names no ramp: all megawatts pay from the first month.")
    else:
        sheet.terms["ramp_months"] = replace(sheet.terms["ramp_months"], value=int(ramp))
    _read_capex(sheet)
    _note_rest(sheet)
    return ""


def _read_term(sheet: Sheet) -> None:
    months = sheet.default("term_months")
    sheet.terms["term_months"] = replace(sheet.terms["term_months"], value=round(float(months)))


def _read_start(sheet: Sheet) -> None:
    mark, free = sheet.marks.get("first_rent_month"), sheet.marks.get("free_months")
    name = "first_rent_month"
    if mark is not None:
        words = "A quarter or half-year is promised by its last month." if mark.others else ""
        month = sheet.put(name, mark.value, mark, reason=words)
    else:
        default = defaults_of("ai_offers", sheet.kind)[name]
        month = sheet.put(
            name,
            month_after(sheet.plan.plan.start, default.value),
            reason="The offer names no date.",
            source=default.source,
        )
    if free is not None and MONTH.match(str(month)):
        count = round(float(sheet.put("free_months", float(free.value), free)))
        months = int(sheet.terms["term_months"].value)
        if 0 < count < months and name not in sheet.answers:
            words = f"Free months come first: {count} months after {month}, and the term is that much shorter."
            sheet.terms[name] = replace(
                sheet.terms[name], value=month_after(str(month), count), reason=words, others=()
            )
            sheet.terms["term_months"] = replace(sheet.terms["term_months"], value=months - count, reason=words)


def _read_capex(sheet: Sheet) -> None:
    whole, critical = sheet.marks.get("capex_usd"), float(sheet.terms["critical_it_mw"].value)
    if whole is not None and critical:
        value = float(f"{float(whole.value) / critical:.10g}")
        sheet.put("capex_usd_per_it_mw", value, whole, reason="The whole over the critical IT load.")
    else:
        sheet.default("capex_usd_per_it_mw")
    if "counterparty" in sheet.marks or "counterparty" in sheet.answers:
        sheet.stated("counterparty")


def _note_rest(sheet: Sheet) -> None:
    if "options" in sheet.marks:
        sheet.notes.append(
            f"“{sheet.marks['options'].quoted}”: renewals are the tenant's choice and count for nothing here."
        )
    for name in ("prepayment_usd", "prepayment_fraction"):
        if name in sheet.marks:
            sheet.notes.append(
                f"“{sheet.marks[name].quoted}”: a prepayment comes off later payments, which the offer does not name; "
                "it is not counted."
            )
    if "backstop" in sheet.marks:
        sheet.notes.append(
            f"“{sheet.marks['backstop'].quoted}”: a guarantee changes the discount rate, which is yours to set."
        )
    if "rent" in sheet.marks and "total_value_usd" in sheet.marks and sheet.kind == LEASE:
        sheet.notes.append(f"“{sheet.marks['total_value_usd'].quoted}” was left aside: the rent itself is given.")


def _offer(sheet: Sheet) -> AiOffer:
    """What a plan would hold."""
    names = set(AiOffer.__dataclass_fields__) - {"id", "site_id", "name", "kind"}
    values = {n: t.value for n, t in sheet.terms.items() if n in names}
    for name in ("critical_it_mw", "rent_usd_per_it_kw_month"):
        if values.get(name) is not None:
            values[name] = float(values[name])
    record_id = new_id(sheet.plan, ID_PREFIXES["ai_offers"])
    return AiOffer(record_id, sheet.site_id, kind=sheet.kind, name=_name(sheet), **values)


def _name(sheet: Sheet) -> str:
    tenant = sheet.terms.get("counterparty")
    taken = {o.name for o in sheet.plan.ai_offers}
    base = ("Lease" if sheet.kind == LEASE else "GPUs") + (f", {tenant.value}" if tenant is not None else " as offered")
    return next(n for i in range(1, len(taken) + 2) if (n := base if i == 1 else f"{base} {i}") not in taken)
