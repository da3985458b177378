"""The terms of an offer: what was quoted, what was assumed and why, and what only a person can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.catalogue import average_rent
from models.fields import Choice, Field, Quantity
from models.plan import LEASE, AiOffer
from models.units import MONTHS_PER_YEAR

CRITICAL, GROSS_LOAD = "critical", "gross"


@dataclass(frozen=True, slots=True)
class Other:
    """Another reading of the same words."""

    value: Any
    words: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term of an offer.

    Attributes
    ----------
    name
        A field of `models.plan.AiOffer`, or one of `EXTRA`.
    field
        Its label, unit and bounds; for a choice its words.
    value
        In the field's unit.
    quoted
        The offer's own words; empty where the offer is silent.
    reason, source
        Why this value, where it was assumed or worked out, and what stands behind it.
    others
        Readings that the words allow as well; a person should choose.
    is_answered
        Whether a person has said so.
    """

    name: str
    field: Field
    value: Any
    quoted: str = ""
    reason: str = ""
    source: str = ""
    others: tuple[Other, ...] = ()
    is_answered: bool = False

    @property
    def is_assumed(self) -> bool:
        """Whether neither the offer nor a person has said it."""
        return not self.quoted and not self.is_answered

    @property
    def is_question(self) -> bool:
        """Whether another reading is as good until a person chooses."""
        return bool(self.others) and not self.is_answered


@dataclass(frozen=True, slots=True)
class ReadOffer:
    """An offer as it was understood.

    Attributes
    ----------
    text
        As it came.
    terms
        In the order in which a form shows them.
    offer
        What a plan would hold; None where `problem` says why there is none.
    notes
        What was read and does not count, one sentence each.
    unread
        Words that nothing was made of.
    problem
        One sentence where nothing can be made of the text at all; else empty.
    """

    text: str
    terms: tuple[Term, ...] = ()
    offer: AiOffer | None = None
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    problem: str = ""

    def term(self, name: str) -> Term | None:
        """One term by its name, or None."""
        return next((t for t in self.terms if t.name == name), None)

    @property
    def questions(self) -> tuple[Term, ...]:
        """Terms of which a person should choose the reading."""
        return tuple(t for t in self.terms if t.is_question)

    @property
    def assumptions(self) -> tuple[Term, ...]:
        """Terms on which the offer is silent."""
        return tuple(t for t in self.terms if t.is_assumed)

    @property
    def average_rent_usd_per_it_kw_month(self) -> float | None:
        """A lease's rent averaged over its term, as deals are disclosed; None for GPUs and without an offer."""
        offer = self.offer
        if offer is None or offer.kind != LEASE or not isinstance(offer.rent_usd_per_it_kw_month, float):
            return None
        years = offer.term_months / MONTHS_PER_YEAR
        return average_rent(offer.rent_usd_per_it_kw_month, offer.escalator_fraction_per_year, years)


def _extra(name: str, spec: Quantity | Choice) -> Field:
    return Field(name, spec, None, False, False)


EXTRA: dict[str, Field] = {
    f.name: f
    for f in (
        _extra("load_mw", Quantity(unit="MW", label="Load as stated", low=0.001, high=100_000, digits=1)),
        _extra(
            "load_basis",
            Choice(
                label="The stated megawatts are",
                options=((CRITICAL, "Critical IT"), (GROSS_LOAD, "Gross, at the meter")),
            ),
        ),
        _extra("total_value_usd", Quantity(unit="USD", label="Total contract value", low=0, high=1e13, digits=0)),
        _extra("annual_rent_usd", Quantity(unit="USD/year", label="Rent per year", low=0, high=1e12, digits=0)),
        _extra("gpu_count", Quantity(unit="GPU", label="Number of GPUs", low=1, high=1e8, digits=0)),
        _extra(
            "lease_form",
            Choice(
                label="Form of lease",
                options=(
                    ("nnn", "Triple net"),
                    ("modified_gross", "Modified gross"),
                    ("gross", "Gross, power included"),
                ),
            ),
        ),
        _extra("free_months", Quantity(unit="months", label="Free months", low=0, high=120, digits=0, whole=True)),
    )
}
"""Terms that an offer states and a plan holds in another form."""
