"""What kind of offer it is, and how many megawatts: critical IT or gross, stated or counted from GPUs."""

from __future__ import annotations

from models.catalogue import priced_leases
from models.defaults import defaults_of
from models.offer_text.marks import Mark
from models.offer_text.sheet import Sheet
from models.offer_text.terms import CRITICAL, GROSS_LOAD, Other
from models.plan import GPU_CLOUD, LEASE
from models.sentences import Amount, Sentence
from models.units import KW_PER_MW

NO_LEASE_ABOVE = 400.0
"""USD per kW-month of critical IT: above it an average is service revenue (IREN–Microsoft $808), never rent."""
CARD_KW = {"A100": 0.8, "H20": 0.9, "H100": 1.4, "H200": 1.4, "MI300X": 1.5, "L40S": 0.7, "L40": 0.7}
"""Contracted critical IT power per GPU with network and storage [kW]; H100 as SemiAnalysis counts it, others from
the card's power at twice or less."""


def read_kind(sheet: Sheet) -> str:
    """Whether it is a lease or the operator's own GPUs: what is paid per GPU or priced like a service is no lease."""
    says_gpus = {"price_usd_per_gpu_hour", "gpu_count", "gpu_model"} & set(sheet.marks)
    word = sheet.marks.get("kind")
    if says_gpus:
        mark = sheet.marks[sorted(says_gpus)[-1]]
        return str(sheet.put("kind", GPU_CLOUD, Mark("kind", GPU_CLOUD, mark.quoted)))
    if word is not None and "total_value_usd" not in sheet.marks:
        return str(sheet.put("kind", word.value, word))
    average = _rough_average(sheet)
    likely = GPU_CLOUD if average > NO_LEASE_ABOVE else LEASE
    if word is not None:
        likely = str(word.value)
        return str(sheet.put("kind", likely, word))
    if likely == GPU_CLOUD:
        return str(
            sheet.put(
                "kind",
                GPU_CLOUD,
                others=(Other(LEASE, "Lease of powered shell"),),
                reason=Sentence(
                    "It averages {average} of critical IT, which no disclosed lease pays ({low} to {high}): it is "
                    "service revenue.",
                    average=Amount(average, "USD/kW-month", ",.0f"),
                    **_disclosed(),
                ),
                source="IREN–Microsoft averages $808 per kW-month, Nebius–Microsoft $967 per site kW-month",
            )
        )
    return str(
        sheet.put(
            "kind",
            LEASE,
            reason="Nothing in it speaks of GPUs.",
            source="disclosed leases average $104–188/kW-month",
        )
    )


def _rough_average(sheet: Sheet) -> float:
    total, months = sheet.marks.get("total_value_usd"), sheet.marks.get("term_months")
    load = sheet.marks.get("critical_mw") or sheet.marks.get("mw") or sheet.marks.get("gross_mw")
    if total is None or months is None or load is None or not float(months.value) or not float(load.value):
        return 0.0
    return float(total.value) / float(months.value) / (float(load.value) * KW_PER_MW)


def read_size(sheet: Sheet) -> None:
    """Gross per IT and critical IT megawatts, from what is stated, from GPUs, or from what the site can convert."""
    critical, gross, bare = (sheet.marks.get(n) for n in ("critical_mw", "gross_mw", "mw"))
    default = defaults_of("ai_offers", sheet.kind)["gross_mw_per_it_mw"]
    count, each = _count_and_power(sheet) if sheet.kind == GPU_CLOUD else (None, None)
    if critical and float(critical.value) and (gross or bare):
        other = gross or bare
        assert other is not None
        ratio = float(other.value) / float(critical.value)
        if ratio >= 1.0:
            sheet.put(
                "gross_mw_per_it_mw",
                float(f"{ratio:.6g}"),
                Mark("gross", ratio, f"{critical.quoted}, {other.quoted}"),
                reason="The one over the other.",
            )
    if "gross_mw_per_it_mw" not in sheet.terms:
        sheet.put(
            "gross_mw_per_it_mw",
            default.value,
            reason="The offer is silent; planner default.",
            source=default.source,
        )
    ratio = float(sheet.terms["gross_mw_per_it_mw"].value) or 1.0  # none at all is refused with the offer
    mark = critical or gross or bare
    if mark is None and "load_mw" not in sheet.answers:
        _size_from_site_or_gpus(sheet, ratio, count, each)
        return
    stated = sheet.put("load_mw", mark.value if mark else None, mark)
    if critical or gross:
        word = CRITICAL if critical else GROSS_LOAD
        basis = sheet.put("load_basis", word, critical or gross)
    else:
        other_mw = float(stated) / ratio
        basis = sheet.put(
            "load_basis",
            CRITICAL,
            others=(Other(GROSS_LOAD, "Gross, at the meter"),),
            reason=Sentence(
                "It does not say whether {stated} are critical IT or gross; leases are priced on critical IT. As gross "
                "they would be {other} of critical IT.",
                stated=Amount(float(stated), "MW"),
                other=Amount(other_mw, "MW", ",.4g"),
            ),
            source="10 of 15 priced deals state critical IT alone; Lake Mariner is 200 MW of it and 250 MW gross",
        )
    value = float(stated) if basis == CRITICAL else float(f"{float(stated) / ratio:.10g}")
    sheet.put("critical_it_mw", value, Mark("mw", value, mark.quoted if mark else ""), others=())


def _size_from_site_or_gpus(sheet: Sheet, ratio: float, count: float | None, each: float | None) -> None:
    if count and each:
        value = float(f"{count * each / KW_PER_MW:.10g}")
        sheet.put(
            "critical_it_mw",
            value,
            reason=Sentence(
                "{count} GPUs at {each} each.", count=Amount(count, "", ",.0f"), each=Amount(each, "kW", ",.3g")
            ),
        )
        return
    site = next(s for s in sheet.plan.sites if s.id == sheet.site_id)
    megawatts = site.capacity_mw if site.convertible_mw is None else site.convertible_mw
    value = int(megawatts / ratio * 10) / 10
    sheet.put(
        "critical_it_mw",
        value,
        reason=Sentence(
            "The offer names no megawatts; {site} can convert {limit} at the meter.",
            site=site.name,
            limit=Amount(megawatts, "MW"),
        ),
    )


def _count_and_power(sheet: Sheet) -> tuple[float | None, float]:
    model = sheet.marks.get("gpu_model")
    default = defaults_of("ai_offers", GPU_CLOUD)["it_kw_per_gpu"]
    count = sheet.stated("gpu_count")
    load = sheet.marks.get("critical_mw")
    if count and load:
        each = float(load.value) * KW_PER_MW / float(count)
        quoted = f"{load.quoted}, {sheet.marks['gpu_count'].quoted}" if "gpu_count" in sheet.marks else load.quoted
        each = sheet.put(
            "it_kw_per_gpu", float(f"{each:.6g}"), Mark("each", each, quoted), reason="The one over the other."
        )
    elif model is not None and str(model.value) in CARD_KW:
        each = sheet.put(
            "it_kw_per_gpu",
            CARD_KW[str(model.value)],
            reason=f"Contracted power of one {model.value} with network and storage.",
            source="1.5–2 × the card's TDP; H100 about 1.4 kW of critical IT",
        )
    else:
        each = sheet.put(
            "it_kw_per_gpu", default.value, reason="The offer is silent; planner default.", source=default.source
        )
    return (float(count) if count else None), float(each)


def _disclosed() -> dict[str, Amount]:
    rents = [d.average_rent_usd_per_it_kw_month or 0.0 for d in priced_leases()]
    return {"low": Amount(min(rents), "USD", ",.0f"), "high": Amount(max(rents), "USD", ",.0f")}
