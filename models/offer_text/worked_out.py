"""Terms that an offer states in another form: the formulas by which `size.py` and `price.py` work them out.

An explanation takes the first formula whose terms are all there and that comes to the term's value. Names are of terms;
``site.convertible`` is what the offer's site can convert.
"""

from __future__ import annotations

_SPREAD = "{0} × {1} ÷ ((1 + {1})^(%s ÷ 12) − 1) ÷ (12 × {3} × 1000)"
"""First-year rent behind a total: V·g/((1+g)^n − 1), per kW and month, see `models.catalogue.first_year_rent`."""
_TOTAL = ("total_value_usd", "escalator_fraction_per_year", "term_months", "critical_it_mw")

FORMULAS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "critical_it_mw": (
        ("{0}", ("load_mw",)),
        ("{0} ÷ {1}", ("load_mw", "gross_mw_per_it_mw")),
        ("{0} × {1} ÷ 1000", ("gpu_count", "it_kw_per_gpu")),
        ("floor({0} ÷ {1} × 10) ÷ 10", ("site.convertible", "gross_mw_per_it_mw")),
    ),
    "rent_usd_per_it_kw_month": (
        (_SPREAD % "{2}", _TOTAL),
        # Free months shorten the term after the rent is known.
        (_SPREAD % "({2} + {4})", (*_TOTAL, "free_months")),
        ("{0} ÷ ({2} × {3} × 1000)", _TOTAL),
        ("{0} ÷ (({2} + {4}) × {3} × 1000)", (*_TOTAL, "free_months")),
        ("{0} ÷ 12 ÷ ({1} × 1000)", ("annual_rent_usd", "critical_it_mw")),
    ),
    "price_usd_per_gpu_hour": (
        (
            "{0} ÷ ({1} ÷ 12 × 8760 × ({2} × 1000 ÷ {3}) × {4})",
            ("total_value_usd", "term_months", "critical_it_mw", "it_kw_per_gpu", "utilisation_fraction"),
        ),
    ),
}
