"""What the columns of the stored result tables mean: unit, sign, and one sentence each.

For exported headings and for the document that ships for those who query the plan file.
"""

from __future__ import annotations

from dataclasses import dataclass

TEXT, NONE = "", "no sign"
POSITIVE, NEGATIVE, EITHER = "0 or more", "0 or less", "either"


@dataclass(frozen=True, slots=True)
class ColumnMeaning:
    """One column.

    Attributes
    ----------
    label
        What people call it.
    unit
        As field descriptions name it; empty for texts.
    sign
        Which side of zero it lies on.
    meaning
        One sentence.
    """

    label: str
    unit: str
    sign: str
    meaning: str


_USE = "the use: a machine lot, a lease or own GPUs"
MEANINGS: dict[str, dict[str, ColumnMeaning]] = {
    "per_mw": {
        "id": ColumnMeaning("Id", "", TEXT, f"Id of {_USE}; `asic_lots.id` or `ai_offers.id`."),
        "name": ColumnMeaning("Name", "", TEXT, "What it is called in the plan."),
        "kind": ColumnMeaning("Kind", "", TEXT, "`asic`, `lease` or `gpu_cloud`."),
        "site_id": ColumnMeaning("Site", "", TEXT, "Its site; `sites.id`."),
        "mw": ColumnMeaning("Megawatts", "MW", POSITIVE, "Utility megawatts of the whole use, cooling included."),
        "revenue_usd_per_mw_year": ColumnMeaning(
            "Revenue", "USD/MW-year", POSITIVE, "Of the first twelve operating months."
        ),
        "power_cost_usd_per_mw_year": ColumnMeaning(
            "Power cost", "USD/MW-year", EITHER, "A cost is positive; of the same months. Credits may exceed it."
        ),
        "opex_usd_per_mw_year": ColumnMeaning(
            "Opex", "USD/MW-year", POSITIVE, "A cost is positive; of the same months."
        ),
        "margin_usd_per_mw_year": ColumnMeaning(
            "Margin", "USD/MW-year", EITHER, "Revenue less power cost and opex of the same months."
        ),
        "capex_usd_per_mw": ColumnMeaning(
            "Capex", "USD/MW", POSITIVE, "All purchases within the horizon, undiscounted; a cost is positive."
        ),
        "npv_usd_per_mw": ColumnMeaning(
            "NPV", "USD/MW", EITHER, "At the use's own discount rate, over the plan's horizon; worth is positive."
        ),
        "irr_fraction": ColumnMeaning(
            "IRR", "fraction", EITHER, "Annual and effective; NULL where there is none, or more than one."
        ),
        "payback_months": ColumnMeaning(
            "Payback",
            "months",
            POSITIVE,
            "From first spend until cumulative cash is no longer below 0; NULL if never.",
        ),
        "payback_from_operation_months": ColumnMeaning(
            "Payback from operation", "months", EITHER, "The same, counted from the first month that can earn."
        ),
        "discounted_payback_months": ColumnMeaning(
            "Discounted payback", "months", POSITIVE, "The same as payback with every flow discounted."
        ),
        "break_even_power_usd_per_mwh": ColumnMeaning(
            "Break-even power price", "USD/MWh", EITHER, "At which revenue just pays the energy; machines only."
        ),
        "break_even_btc_price_usd": ColumnMeaning(
            "Break-even BTC price", "USD/BTC", POSITIVE, "That just pays the energy; machines only."
        ),
        "break_even_hashprice_usd_per_ph_day": ColumnMeaning(
            "Break-even hashprice", "USD/PH/day", POSITIVE, "That just pays the energy; machines only."
        ),
    },
    "cash_flow_monthly": {
        "use_id": ColumnMeaning("Use", "", TEXT, f"Id of {_USE}; `per_mw.id`."),
        "month": ColumnMeaning("Month", "", TEXT, "`YYYY-MM`, from the plan's start on."),
        "revenue_usd_per_mw": ColumnMeaning("Revenue", "USD/MW", POSITIVE, "Falls at the month's end."),
        "power_usd_per_mw": ColumnMeaning("Power", "USD/MW", EITHER, "A cost is *negative*; at the month's end."),
        "opex_usd_per_mw": ColumnMeaning("Opex", "USD/MW", NEGATIVE, "A cost is *negative*; at the month's end."),
        "capex_usd_per_mw": ColumnMeaning("Capex", "USD/MW", NEGATIVE, "A cost is *negative*; at the month's *start*."),
        "residual_usd_per_mw": ColumnMeaning("Residual", "USD/MW", POSITIVE, "Value that returns, at the month's end."),
        "free_cash_usd_per_mw": ColumnMeaning("Free cash", "USD/MW", EITHER, "The sum of the five lines before it."),
        "energy_mwh_per_mw": ColumnMeaning("Energy", "MWh/MW", POSITIVE, "Metered in the month."),
    },
    "crossovers": {
        "asic_id": ColumnMeaning("Machines", "", TEXT, "The lot; `asic_lots.id`."),
        "offer_id": ColumnMeaning("Offer", "", TEXT, "The AI offer of the same site; `ai_offers.id`."),
        "basis": ColumnMeaning("Basis", "", TEXT, "What is equal: `revenue`, `margin` or `npv`."),
        "hashprice_usd_per_ph_day": ColumnMeaning(
            "Hashprice", "USD/PH/day", POSITIVE, "At the plan's start, at which both are worth the same."
        ),
        "btc_price_usd": ColumnMeaning(
            "BTC price",
            "USD/BTC",
            POSITIVE,
            "The same at today's difficulty; above it mining is worth more.",
        ),
        "rent_usd_per_it_kw_month": ColumnMeaning(
            "Rent", "USD/IT kW-month", EITHER, "At which both are worth the same at today's market; leases only."
        ),
        "price_usd_per_gpu_hour": ColumnMeaning("GPU price", "USD/GPU-hour", EITHER, "The same; own GPUs only."),
        "reason": ColumnMeaning("Reason", "", TEXT, "Why a number is NULL; empty where none is missing."),
    },
}
