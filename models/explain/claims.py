"""What the March 2026 briefing states, each figure reckoned from what else it prints: what holds, and what does not.

The numbers in here are the briefing's own, as printed; a plan's inputs may say something else by now.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from models.explain.tree import Node
from models.network import block_seconds_from_change, hashprice_btc, network_hashrate_eh_per_s, retarget_change_fraction
from models.plan import Evidence, Plan

PRINTED = "as printed in the March 2026 briefing"
DIFFICULTY, SUBSIDY_BTC, FEES_BTC = 133.79e12, 3.125, 0.03125
HASHPRICE_USD, BREAK_EVEN_USD, HOPED_PRICE_USD = 33.30, 40.0, 80_000.0
CHANGE_FRACTION, INTERVAL_SECONDS = -0.0776, 12 * 60 + 36
EFFICIENCY_J_PER_TH = 17.5
CLOSE = 0.01
"""Figures within a hundredth agree: the briefing rounds its own."""


@dataclass(frozen=True, eq=False)
class Claim:
    """One statement with what it comes to.

    Attributes
    ----------
    evidence
        The plan's record of it.
    stated, unit, digits
        The figure that it states; NaN where it states none that can be reckoned.
    computed
        What it comes to, with the formula; None where nothing can be reckoned.
    holds
        Whether both agree; None where that cannot be said.
    """

    evidence: Evidence
    stated: float = math.nan
    unit: str = ""
    digits: int = 2
    computed: Node | None = None
    holds: bool | None = None

    @property
    def verdict(self) -> str:
        """In two or three words."""
        if self.holds is None:
            return "not reckoned" if self.computed is None else "reckoned"
        return "holds" if self.holds else "does not add up"


def claims_of(plan: Plan) -> tuple[Claim, ...]:
    """The statements of a plan's evidence that feed no input: those that do not add up first, then as they stand.

    Examples
    --------
    >>> from models.samples import sample
    >>> [(c.stated, round(c.computed.value, 2)) for c in claims_of(sample("briefing")) if c.holds is False]
    [(756.0, 650.48), (40.0, 37.97), (75000.0, 694542.86)]
    """
    found = [_claim(line) for line in plan.evidence if not line.path]
    return tuple(sorted(found, key=lambda c: {False: 0, True: 1, None: 2}[c.holds]))


def _claim(line: Evidence) -> Claim:
    for beginning, reckon in _RECKONED.items():
        if line.claim.startswith(beginning):
            stated, node, holds = reckon()
            return Claim(line, stated, node.unit, node.digits, node, holds)
    return Claim(line)


def _printed(label: str, value: float, unit: str, digits: int = 2) -> Node:
    return Node(label, value, unit, digits, source=PRINTED, date="2026-03-21", is_input=True, state="fresh")


def _agree(stated: float, node: Node) -> tuple[float, Node, bool]:
    return stated, node, abs(node.value - stated) <= CLOSE * abs(stated)


def _interval() -> tuple[float, Node, bool]:
    """−7.76 % means 600 s ÷ (1 − 0.0776); 12 min 36 s would have been −20.6 %."""
    change = _printed("Change of difficulty", CHANGE_FRACTION, "fraction")
    interval = _printed("Average block time", INTERVAL_SECONDS, "s", 0)
    instead = Node(
        "Change that the printed block time means",
        retarget_change_fraction(INTERVAL_SECONDS),
        "fraction",
        2,
        formula="600 ÷ {0} − 1",
        children=(interval,),
    )
    node = Node(
        "Average block time that the change means",
        block_seconds_from_change(CHANGE_FRACTION),
        "s",
        0,
        formula="600 ÷ (1 + {0})",
        children=(change, instead),
        note="A retarget compares the period's average block time with 600 seconds.",
    )
    return _agree(float(INTERVAL_SECONDS), node)


def _hashrate() -> tuple[float, Node, bool]:
    difficulty = _printed("Difficulty", DIFFICULTY, "difficulty")
    value = network_hashrate_eh_per_s(DIFFICULTY)
    formula = "{0} × 2^32 ÷ 600 ÷ 10^18"
    node = Node("Network hashrate", value, "EH/s", 1, formula=formula, children=(difficulty,))
    return 1000.0, node, node.value < 1000.0


def _under_water() -> tuple[float, Node, bool]:
    children = (
        _printed("Hashprice", HASHPRICE_USD, "USD/PH/day"),
        _printed("Break-even hashprice", BREAK_EVEN_USD, "USD/PH/day"),
    )
    value = HASHPRICE_USD / BREAK_EVEN_USD - 1.0
    node = Node("Hashprice below break-even", value, "fraction", 1, formula="{0} ÷ {1} − 1", children=children)
    return -0.17, node, abs(value + 0.17) < 0.005


def _at_80_000() -> tuple[float, Node, bool]:
    """At its own difficulty $80,000 gives $37.97 with fees of 1 % of the subsidy; $40 needs $84,287."""
    per_btc = float(hashprice_btc(DIFFICULTY, SUBSIDY_BTC, FEES_BTC))
    subsidy = _printed("Subsidy", SUBSIDY_BTC, "BTC", 4)
    fees = Node("Fees, 1 % of the subsidy", FEES_BTC, "BTC", 5, source="assumption", is_input=True, state="undated")
    difficulty, price = (
        _printed("Difficulty", DIFFICULTY, "difficulty"),
        _printed("BTC price", HOPED_PRICE_USD, "USD/BTC", 0),
    )
    reward = Node(
        "Hashprice in BTC",
        per_btc,
        "BTC/PH/day",
        8,
        formula="86400 × 10^15 × ({0} + {1}) ÷ ({2} × 2^32)",
        children=(subsidy, fees, difficulty),
    )
    hoped = _printed("Hashprice hoped for", BREAK_EVEN_USD, "USD/PH/day")
    needed = Node(
        "BTC price that brings it back", BREAK_EVEN_USD / per_btc, "USD/BTC", 0, formula="{0} ÷ {1}",
        children=(hoped, reward),
    )  # fmt: skip
    node = Node(
        "Hashprice at $80,000", per_btc * HOPED_PRICE_USD, "USD/PH/day", 2, formula="{0} × {1}",
        children=(reward, price, needed), note="At the difficulty that the briefing prints.",
    )  # fmt: skip
    return BREAK_EVEN_USD, node, node.value >= BREAK_EVEN_USD


def _ai_rent() -> tuple[float, Node, bool]:
    """$50–100 per kW and year against what the same megawatt earns mining: a year meant for a month."""
    mined = Node(
        "Mining revenue of a megawatt",
        1_000.0 / EFFICIENCY_J_PER_TH * HASHPRICE_USD * 365.0,
        "USD/MW-year",
        0,
        formula="1000 ÷ {0} × {1} × 365",
        children=(
            Node("Efficiency", EFFICIENCY_J_PER_TH, "J/TH", 1, source="Antminer S21", is_input=True, state="undated"),
            _printed("Hashprice", HASHPRICE_USD, "USD/PH/day"),
        ),
        note="What AI pays, by the middle of the printed range, is a ninth of it: per kW and month was meant.",
    )
    stated = 75.0 * 1_000.0
    return stated, mined, stated >= mined.value


def _etf_price() -> tuple[float, Node, bool]:
    children = (_printed("Spent", 1.55e9, "USD", 0), _printed("Bought", 21_814.0, "BTC", 0))
    node = Node("Price paid", 1.55e9 / 21_814.0, "USD/BTC", 0, formula="{0} ÷ {1}", children=children)
    # The price that the printed hashprice means without fees: the two agree.
    return math.nan, node, abs(node.value / 70_870.25 - 1.0) <= CLOSE


_RECKONED = {
    "Average block time 12 min 36 s": _interval,
    "Network hashrate below 1 ZH/s": _hashrate,
    "Break-even about $40/PH/day": _under_water,
    "BTC above $80,000": _at_80_000,
    "AI pays $50-100 per kW and year": _ai_rent,
    "IBIT bought 21,814 BTC": _etf_price,
}
"""By how the claim begins in the sample."""
