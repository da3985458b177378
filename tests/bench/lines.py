"""The lines of the table: what is measured, how, and what it should come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench import compare, explain, files, levers, memo, model, power, sensitivity, series, start, workbook


def percentile(samples: list[float], share: float) -> float:
    """The value that `share` per cent of the samples do not exceed; between two samples the upper one."""
    ordered = sorted(samples)
    return ordered[min(int(len(ordered) * share / 100), len(ordered) - 1)]


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes
    ----------
    what
        As the issue calls it.
    measure
        Gives ``samples`` in `unit`, ``beside`` (name → samples) and ``note``.
    limit
        The goal for the 95th percentile, or for the median where `judged_by` is 50.
    compares
        Whether the baseline does the same work, so that the ratio of the medians says something.
    """

    what: str
    measure: Callable[[], dict[str, Any]]
    limit: float
    unit: str = "ms"
    judged_by: int = 95
    compares: bool = False

    @property
    def goal(self) -> str:
        """The goal in words."""
        return f"≤ {self.text(self.limit)}"

    def is_met(self, p50: float, p95: float) -> bool:
        """Whether the goal is reached."""
        return (p95 if self.judged_by == 95 else p50) <= self.limit

    def text(self, value: float) -> str:
        """A figure with its unit."""
        digits = 2 if value < 10 and self.unit != "MB" else 1 if value < 1000 and self.unit != "MB" else 0
        return f"{value:.{digits}f} {self.unit}"


LINES = {
    "lever-sample": Line("lever moved → all plots painted, sample plan", levers.sample_plan, 16.7, compares=True),
    "lever-large": Line("lever moved → all plots painted, large plan", levers.large_plan_moves, 33.0, compares=True),
    "lever-large-power": Line("power price moved → all plots painted, large plan", levers.large_plan_power, 33.0),
    "point-sample": Line("frontier's point dragged → all plots painted", levers.point_drag, 16.7),
    "compare": Line("50 scenarios compared, large plan", compare.matrix, 200.0),
    "bridge": Line("bridge of 12 differing inputs, large plan", compare.bridge, 300.0),
    "evaluate": Line(
        "one evaluation, 10 sites × 20 lots × 10 offers × 120 mo", model.evaluation, 1.0, judged_by=50, compares=True
    ),
    "start-warm": Line("start → first painted window, warm", start.warm, 0.7, "s", judged_by=50),
    "start-cold": Line("start → first painted window, cold", start.cold, 1.5, "s", judged_by=50),
    "memory": Line("memory over 3,000 lever moves", levers.memory, 200.0, "MB"),
    "open-50mb": Line("open and check a plan of 50 MB", files.opening, 500.0, judged_by=50),
    "save-50mb": Line("save a plan of 50 MB", files.saving, 200.0, judged_by=50),
    "curtail": Line("10 years of hours × 60 lots curtailed", power.curtailment, 100.0, judged_by=50, compares=True),
    "lever-hourly": Line("lever moved → all plots painted, large plan by the hour", power.lever, 33.0),
    "lever-hourly-power": Line("power price moved → all plots painted, by the hour", power.lever_of_power, 33.0),
    "memory-hourly": Line("memory of ten years of hours × five sites", power.memory, 60.0, "MB"),
    "tornado": Line("tornado of 40 inputs, large plan", sensitivity.tornado_of_forty, 100.0, compares=True),
    "frontier": Line("exact frontier of 200 × 200, large plan", sensitivity.frontier_of_pair, 20.0),
    "solve": Line("solve for a figure, large plan", sensitivity.solving, 20.0, compares=True),
    "distances": Line("all flips of one site, large plan", sensitivity.distances_of_site, 1000.0),
    "explain": Line("a figure of the large plan explained", explain.explaining, 50.0),
    "explain-memo": Line("a figure of the large plan's memo explained", explain.explaining_a_memo, 50.0),
    "memo-first": Line("memo as PDF, the first in a process", memo.first_pdf, 1.0, "s", judged_by=50),
    "memo-again": Line("memo as PDF, again", memo.pdf_again, 0.2, "s", judged_by=50),
    "memo-large": Line("memo as PDF, 10 sites, 40 pages", memo.large_pdf, 2.0, "s", judged_by=50),
    "memo-docx": Line("memo as DOCX", memo.docx, 1.0, "s", judged_by=50),
    "verify": Line("verify a memo as PDF", memo.verifying, 1.0, "s", judged_by=50),
    "workbook": Line("workbook, 10 sites × 60 lots × 30 offers × 240 mo", workbook.writing, 5.0, "s", judged_by=50),
    "import-series": Line("import 35,136 quarter hours of prices", series.importing, 500.0, compares=True),
}
