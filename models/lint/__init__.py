"""The domain lint: what is possible, in the right unit, and still wrong by how the trade works."""

from collections.abc import Iterator

from models.lint.gpus import gpu_findings
from models.lint.halls import hall_findings
from models.lint.leases import lease_findings
from models.lint.market import market_findings
from models.lint.mining import mining_findings
from models.lint.power import power_findings
from models.lint.rules import RULES, Rule
from models.plan import Plan
from models.problems import Finding
from models.results import Results

__all__ = ["RULES", "Rule", "lint_findings"]


def lint_findings(plan: Plan, results: Results) -> Iterator[Finding]:
    """Everything in a plan that the trade would question; see `RULES`.

    Parameters
    ----------
    plan, results
        A plan with a scenario's values applied, and its evaluation.
    """
    yield from market_findings(plan)
    yield from power_findings(plan, results)
    yield from mining_findings(plan, results)
    yield from lease_findings(plan)
    yield from hall_findings(plan, results)
    yield from gpu_findings(plan)
