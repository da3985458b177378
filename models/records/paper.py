"""What leaves the plan and comes back: the memo as it is worded, decisions taken on it, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Choice, Flag, MonthField, Quantity, Text

CHOSEN, REJECTED = "chosen", "rejected"

MONTHLY_LINES: dict[str, tuple[str, str]] = {
    "btc_price_usd": ("BTC price", "USD"),
    "difficulty": ("Difficulty", ""),
    "energy_price_usd_per_mwh": ("Energy price", "USD/MWh"),
    "btc_mined": ("Bitcoin mined", "BTC"),
    "energy_mwh": ("Energy used", "MWh"),
    "revenue_usd": ("Revenue", "USD"),
    "power_cost_usd": ("Power cost", "USD"),
    "opex_usd": ("Opex", "USD"),
    "capex_usd": ("Capex", "USD"),
}
"""What can be known of a month afterwards: label and unit. Costs are written as positive amounts, as on a bill."""


MEMO_SETTINGS = {
    "company": "Company",
    "prepared_by": "Prepared by",
    "decision_asked": "Decision asked",
    "decide_by": "Decide by",
    "signers": "Signed by",
    "dissent": "Dissent",
    "logo": "Logo",
}
"""Places of the memo that are settings rather than words: their names and what they are called."""


@dataclass(frozen=True, slots=True)
class MemoPart:
    """What a user changed at one place of the memo; a place without a record stands as it is written by itself."""

    id: str
    place: Annotated[str, Text(label="Place", help="An exhibit, a paragraph or a setting of the memo.", required=True)]
    shown: Annotated[bool, Flag(label="Printed", help="Whether the memo prints this place.")] = True
    words: Annotated[
        str, Text(label="Words", help="In the place of the memo's own; a figure stands as its address in braces.")
    ] = ""
    written_for: Annotated[
        str, Text(label="Written for", help="What the memo recommended when the words were written.")
    ] = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as it was taken, with the plan that it was taken on."""

    id: str
    name: Annotated[str, Text(label="Decision", required=True)]
    decided_on: Annotated[str, Text(label="Decided on", date=True, required=True)]
    decided_by: Annotated[str, Text(label="Decided by", help="Who took it.")] = ""
    recommendation: Annotated[str, Text(label="Recommended", help="The memo's first sentence on that day.")] = ""
    scenario_id: Annotated[str, Text(label="Scenario")] = "base"
    scenario_name: Annotated[str, Text(label="Scenario's name")] = ""
    memo_digest: Annotated[str, Text(label="Memo", help="SHA-256 of what the memo proves itself by.")] = ""
    plan_digest: Annotated[str, Text(label="Plan", help="The plan's digest on that day.")] = ""
    program_version: Annotated[str, Text(label="Version", help="Of the program that computed the figures.")] = ""
    note: Annotated[str, Text(label="Note")] = ""
    frozen_plan: Annotated[
        str, Text(label="Frozen plan", help="The plan of that day, as compressed JSON in base64; empty in a draft.")
    ] = ""


@dataclass(frozen=True, slots=True)
class DecidedUse:
    """One use of a site's megawatts in a decision: what was chosen, or what was turned down for it."""

    id: str
    decision_id: Annotated[str, Text(label="Decision", required=True)]
    site_id: Annotated[str, Text(label="Site", help="Of the frozen plan.")]
    use_id: Annotated[str, Text(label="Use", help="A lot or offer of the frozen plan; idle for none.")]
    role: Annotated[str, Choice(label="Was", options=((CHOSEN, "Chosen"), (REJECTED, "Turned down")))] = CHOSEN
    mw: Annotated[float, Quantity(unit="MW", label="Megawatts", low=0, high=100_000, digits=1)] = 0.0
    npv_usd_per_mw: Annotated[
        float | None,
        Quantity(unit="USD/MW", label="NPV then", help="As the memo had it; missing where it had none.", digits=0),
    ] = None


@dataclass(frozen=True, slots=True)
class Actual:
    """What one line of one month turned out to be, at a use, a site or (both empty) in the market."""

    id: str
    month: Annotated[str, MonthField(label="Month", required=True)]
    line: Annotated[
        str, Choice(label="Line", options=tuple((name, label) for name, (label, _) in MONTHLY_LINES.items()))
    ]
    value: Annotated[float, Quantity(unit="", label="Value", help="In the line's own unit.", digits=2)]
    site_id: Annotated[str, Text(label="Site")] = ""
    use_id: Annotated[str, Text(label="Use")] = ""
    source: Annotated[str, Text(label="Source")] = ""
