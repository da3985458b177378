"""What an offer pays: rent, escalator and form of a lease, or the price of a GPU-hour and how many are paid."""

from __future__ import annotations

from models.catalogue import first_year_rent
from models.defaults import defaults_of
from models.offer_text.marks import Mark
from models.offer_text.sheet import Sheet
from models.offer_text.terms import Other
from models.plan import GPU_CLOUD, LEASE
from models.sentences import Amount, Sentence
from models.units import HOURS_PER_YEAR, KW_PER_MW, MONTHS_PER_YEAR

FORMS = {"nnn": (0.02, "tenant"), "modified_gross": (0.15, "tenant"), "gross": (0.20, "operator")}
"""What each form of lease leaves to the landlord: share of rent spent on opex, and who pays power."""
CPI_FRACTION = 0.02


def read_lease(sheet: Sheet) -> None:
    """Escalator, form and rent of a lease; the rent last, because a total needs the escalator."""
    has_total = "total_value_usd" in sheet.marks and not {"rent", "rent_per_gross", "annual_rent_usd"} & set(
        sheet.marks
    )
    _read_escalator(sheet, has_total)
    _read_form(sheet)
    _read_rent(sheet)


def _read_escalator(sheet: Sheet, has_total: bool) -> None:
    name = "escalator_fraction_per_year"
    percent, cpi = sheet.marks.get("percent"), sheet.marks.get("cpi")
    if name in sheet.marks:
        sheet.stated(name)
    elif cpi is not None:
        sheet.put(
            name,
            CPI_FRACTION,
            cpi,
            others=(Other(0.0, "no increase"), Other(0.03, "as fixed escalators")),
            reason="It follows an index; no one knows it. Say what you expect.",
            source="the Federal Reserve's inflation target; fixed escalators of 2025–2026 are 3 %",
        )
    elif percent is not None:
        sheet.put(
            name,
            percent.value,
            percent,
            others=(Other(0.0, "no escalator"),),
            reason="A percentage without a word; in leases that is the yearly escalator.",
        )
    elif has_total:
        source = defaults_of("ai_offers", LEASE)[name].source
        sheet.put(
            name,
            0.03,
            others=(Other(0.0, "no escalator"),),
            reason="The offer is silent; totals are disclosed with their escalators in, so that the first year pays "
            "less than the average. Without one it would pay the average.",
            source=source,
        )
    else:
        sheet.put(
            name,
            0.0,
            others=(Other(0.03, "as in disclosed leases"),),
            reason="The offer is silent: what is not agreed does not rise.",
            source="Hut 8's leases step 3 % a year",
        )


def _read_form(sheet: Sheet) -> None:
    mark, margin = sheet.marks.get("lease_form"), sheet.marks.get("margin_fraction")
    paid = sheet.marks.get("power_paid_by")
    options = (Other("modified_gross", "Modified gross"), Other("gross", "Gross, power included"))
    if mark is not None and mark.value == "colocation":
        form = sheet.put(
            "lease_form",
            "modified_gross",
            mark,
            others=(Other("nnn", "Triple net"), Other("gross", "Gross, power included")),
            reason="Colocation: the landlord runs the hall, the tenant pays its power.",
        )
    elif mark is not None:
        form = sheet.put("lease_form", mark.value, mark)
    elif paid is not None and paid.value == "operator":
        form = sheet.put("lease_form", "gross", paid, reason="Power is in the rent.")
    elif margin is not None and float(margin.value) < 0.92:
        form = sheet.put("lease_form", "modified_gross", margin, reason="By its margin.")
    else:
        form = sheet.put(
            "lease_form",
            "nnn",
            others=options,
            reason="The offer does not say who pays for running the hall; triple net is the landlord's best case.",
            source="triple net keeps 95–100 % of rent, modified gross 80–90 %",
        )
    share, payer = FORMS[form]
    if margin is not None:
        sheet.put(
            "opex_fraction_of_rent",
            float(f"{1 - float(margin.value):.6g}"),
            margin,
            reason="What its margin leaves.",
        )
    else:
        source = "planner band: triple net 0–5 %, modified gross 10–20 % of rent"
        sheet.put("opex_fraction_of_rent", share, reason="Usual for this form of lease.", source=source)
    if paid is not None:
        sheet.put("power_paid_by", paid.value, paid)
    else:
        words = (
            "Usual for this form of lease: power is passed through." if payer == "tenant" else "Power is in the rent."
        )
        sheet.put("power_paid_by", payer, reason=words, source="disclosed leases pass power through")


def _read_rent(sheet: Sheet) -> None:
    critical = float(sheet.terms["critical_it_mw"].value)
    years = float(sheet.terms["term_months"].value) / MONTHS_PER_YEAR
    growth = float(sheet.terms["escalator_fraction_per_year"].value)
    name = "rent_usd_per_it_kw_month"
    rent, per_gross = sheet.marks.get("rent"), sheet.marks.get("rent_per_gross")
    energy, annual, total = (sheet.marks.get(n) for n in ("rent_per_energy", "annual_rent_usd", "total_value_usd"))
    if rent is not None:
        sheet.put(
            name,
            float(rent.value),
            rent,
            reason="Per kW of critical IT, as leases are quoted."
            if not rent.others
            else "No period is named; leases are quoted per month.",
        )
    elif per_gross is not None:
        ratio = float(sheet.terms["gross_mw_per_it_mw"].value)
        value = float(f"{float(per_gross.value) * ratio:.10g}")
        sheet.put(name, value, per_gross, reason="Per kW at the meter, times gross per IT.")
    elif energy is not None:
        sheet.put(name, float(energy.value), energy, reason="Per MWh of critical IT in every one of 730 hours a month.")
    elif annual is not None:
        yearly = sheet.put("annual_rent_usd", annual.value, annual)
        value = float(yearly) / MONTHS_PER_YEAR / (critical * KW_PER_MW) if critical else 0.0
        sheet.put(name, float(f"{value:.10g}"), annual, reason="The yearly rent over the critical IT load.", others=())
    elif total is not None or "total_value_usd" in sheet.answers:
        worth = sheet.put("total_value_usd", total.value if total else None, total)
        value = first_year_rent(float(worth), growth, years, critical) if critical else 0.0
        even = float(worth) / (years * MONTHS_PER_YEAR * critical * KW_PER_MW) if critical else 0.0
        sheet.put(
            name,
            float(f"{value:.10g}"),
            reason=Sentence(
                "The total averages {average}; with {growth} more each year it begins at {rent}.",
                average=Amount(even, "USD/kW-month", ",.2f"),
                growth=Amount(growth, "fraction", ".1f%"),
                rent=Amount(value, "USD/kW-month", ",.2f"),
            ),
        )
    else:
        sheet.put(name, None)


def read_gpus(sheet: Sheet) -> None:
    """Price, paid share of the hours and cost of own GPUs."""
    price, total = sheet.marks.get("price_usd_per_gpu_hour"), sheet.marks.get("total_value_usd")
    critical, each = float(sheet.terms["critical_it_mw"].value), float(sheet.terms["it_kw_per_gpu"].value)
    gpus = critical * KW_PER_MW / each if each else 0.0
    if price is not None or total is None:
        sheet.put("price_usd_per_gpu_hour", float(price.value) if price else None, price)
        _read_utilisation(sheet)
    else:
        worth = float(sheet.put("total_value_usd", total.value, total))
        hours = float(sheet.terms["term_months"].value) / MONTHS_PER_YEAR * HOURS_PER_YEAR
        sheet.put(
            "utilisation_fraction",
            1.0,
            reason="The total is what is paid, so every hour of it counts.",
        )
        paid = float(sheet.terms["utilisation_fraction"].value)
        value = worth / (hours * gpus * paid) if gpus and paid else 0.0
        sheet.put(
            "price_usd_per_gpu_hour",
            float(f"{value:.10g}"),
            reason=Sentence("The total over {gpus} GPUs and every hour of the term.", gpus=Amount(gpus, "", ",.0f")),
        )
    for name in ("capex_usd_per_gpu", "opex_fraction_of_capex_per_year", "residual_fraction"):
        sheet.default(name)


def _read_utilisation(sheet: Sheet) -> None:
    name = "utilisation_fraction"
    mark = sheet.marks.get(name) or sheet.marks.get("percent")
    if mark is not None:
        bare = mark.name == "percent"
        sheet.put(
            name,
            mark.value,
            mark,
            reason="Share of the hours that is paid for."
            if not bare
            else "A percentage without a word: the share of hours paid.",
            others=(Other(0.98, "all hours less service credits"),) if bare else (),
        )
    elif "take_or_pay" in sheet.marks:
        default = defaults_of("ai_offers", GPU_CLOUD)[name]
        quoted = Mark(name, default.value, sheet.marks["take_or_pay"].quoted)
        sheet.put(name, default.value, quoted, reason="Take or pay, less service credits.", source=default.source)
    else:
        sheet.put(
            name,
            0.70,
            others=(Other(0.98, "take or pay"),),
            reason="The offer does not say that hours are paid whether used or not.",
            source="on demand 50–85 %; take or pay 100 % less service credits",
        )
