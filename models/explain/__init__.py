"""Any figure, down to its inputs with source, date and note, by formulas that are reckoned anew from what they show."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from models.explain import break_evens, crossings, market, power, sites, uses
from models.explain.context import Context
from models.explain.derived import derived
from models.explain.formula import reckoned, said
from models.explain.tree import Column, Node, Table, Writer
from models.figures import MARKET_KINDS, POWER_KINDS, SITE_KINDS, USE_KINDS
from models.plan import Plan
from models.results import Results
from models.sentences import Amount, Sentence, joined
from models.units import display

__all__ = ["Column", "Explanation", "Node", "Table", "Writer", "explain", "reckoned", "said"]

MOST_INPUTS_IN_WORDS = 12


@dataclass(frozen=True, eq=False)
class Explanation:
    """A figure or input, explained.

    Attributes
    ----------
    root
        The figure; what it follows from stands below it.
    as_of
        The day that ages were counted to.
    """

    root: Node
    as_of: date

    def sentence(self) -> Sentence:
        """The explanation in a few sentences, with the inputs' sources and days, in the reader's locale once worded.

        Examples
        --------
        >>> from models.evaluate import evaluate
        >>> from models.samples import sample
        >>> plan = sample("briefing")
        >>> print(explain(plan, evaluate(plan), "market.network_hashrate_eh_per_s", date(2026, 11, 23)).sentence())
        Network hashrate is 957.7 EH/s: difficulty × 2^32 ÷ 600 ÷ 10^18. It rests on Difficulty 133.79 T (Blockto, \
2026-03-21).
        """
        root = self.root
        if root.is_input:
            return joined([_cited(root), "."], "")
        known = math.isfinite(root.value)
        head: list[Amount | str] = [root.label, " is "]
        head.append(_amount(root) if known else "not known")
        if not known and root.reason:
            head += [": ", root.reason[:1].lower() + root.reason[1:].rstrip(".")]
        elif root.solves:
            head += [": there ", root.in_full(), " comes to nothing"]
        elif root.formula:
            head += [": ", root.in_full()]
        head.append(".")
        inputs = root.inputs()
        if inputs:
            shown = inputs[:MOST_INPUTS_IN_WORDS]
            head += [" It rests on ", joined([_cited(node) for node in shown], "; ")]
            if len(inputs) > len(shown):
                head.append(f"; and {len(inputs) - len(shown)} more")
            head.append(".")
        return joined(head, "")


def _amount(node: Node) -> Amount:
    """With its own decimals, or as many more as it takes not to change it visibly."""
    shown, size = node.digits, abs(node.value) * display(node.unit)[1]
    while size and shown < node.digits + 6 and abs(round(size, shown) - size) > 1e-3 * size:
        shown += 1
    return Amount(node.value, node.unit, f",.{shown}f" + ("%" if node.unit.startswith("fraction") else ""))


def _cited(node: Node) -> Sentence:
    """An input with value, source and day."""
    words: list[Amount | str] = [node.label, " "]
    if node.text:
        words.append(node.text)
    elif math.isfinite(node.value):
        words.append(_amount(node))
    else:
        words.append("not entered")
    words += [" (", ", ".join(filter(None, (node.source or "no source named", node.date))), ")"]
    return joined(words, "")


def explain(plan: Plan, results: Results, figure_path: str, as_of: date, *, base: Plan | None = None) -> Explanation:
    """A figure of the results, or an input of the plan, down to what it rests on.

    Parameters
    ----------
    plan, results
        With a scenario's values applied, and its evaluation.
    figure_path
        As `models.figures` names figures; ``pairs.a1.o1.npv_usd_per_mw`` for the lead of an offer over a lot; the
        path of a field; or one of `models.explain.derived`.
    as_of
        The day that ages are counted to.
    base
        The plan without the scenario, where one is on show.

    Raises
    ------
    KeyError
        Where there is no such figure or input.

    Examples
    --------
    >>> from models.evaluate import evaluate
    >>> from models.samples import sample
    >>> plan = sample("briefing")
    >>> found = explain(plan, evaluate(plan), "uses.a1.margin_usd_per_mw_year", date(2026, 11, 23)).root
    >>> found.in_words(), round(found.recomputed() - found.value, 6)
    ('revenue − power cost − opex', 0.0)
    """
    ctx = Context(plan, results, as_of, base)
    return Explanation(node_of(ctx, figure_path), as_of)


def node_of(ctx: Context, path: str) -> Node:
    """The node of a figure or input; see `explain`."""
    match path.split("."):
        case ["market", name] if name in MARKET_KINDS:
            return market.figure(ctx, name)
        case ["uses", use_id, name] if name in USE_KINDS:
            return uses.figure(ctx, use_id, name)
        case ["uses", use_id, "break_evens", costs, name]:
            return break_evens.figure(ctx, use_id, costs, name)
        case ["uses", use_id, name] if name in POWER_KINDS:
            return power.figure(ctx, use_id, name)
        case ["sites", site_id, name] if name in SITE_KINDS:
            return sites.figure(ctx, site_id, name)
        case ["crossovers", asic_id, offer_id, basis, "btc_price_change_fraction"]:
            return crossings.change(ctx, asic_id, offer_id, basis)
        case ["crossovers", asic_id, offer_id, basis, name]:
            return crossings.figure(ctx, asic_id, offer_id, basis, name)
        case ["pairs", asic_id, offer_id, "npv_usd_per_mw"]:
            return crossings.leading(ctx, asic_id, offer_id)
        case ["derived", *_]:
            return derived(ctx, path)
    return ctx.input(path)
