"""From a plan to its results: at once while that is cheap, off the GUI thread otherwise; the newest request wins.

An evaluation of a usual plan takes about a millisecond. Made synchronously, every plot follows a dragged slider within
the same turn of the event loop. Only where the last two evaluations took longer than `SYNCHRONOUS_LIMIT_S` (one alone
may be a hiccup) does the next one go to a worker thread. There the newest request waits and those between are dropped;
an answer that was overtaken is still shown while the plan has the same records, so that plots move during a drag.
Findings are sought in the same way, on request: they cost more than an evaluation.

Durations are processor time: a machine that is busy with something else must not make every plan look expensive.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from time import thread_time

from PySide6.QtCore import QObject, Signal

from app.worker import Outcome, Worker
from models.evaluate import evaluate
from models.plan import Plan
from models.problems import Finding
from models.results import Results
from models.scenarios import BASE, plan_for, scenario_by_name

SYNCHRONOUS_LIMIT_S = 0.012
"""More than this is noticed as a late frame. Less is not worth a thread: handing over, and sharing the interpreter's
lock while the answer is awaited, doubles what such an evaluation takes."""


class Recompute(QObject):
    """Keeps `results` in step with the plan that was last asked for.

    Attributes
    ----------
    results
        Of the newest finished request; None before the first one.
    is_busy
        Whether a worker is still evaluating.

    Signals
    -------
    results_changed
        With the new `Results`.
    findings_ready
        With the `Results` whose findings were sought and are there now.
    """

    results_changed = Signal(object)
    findings_ready = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.results: Results | None = None
        self._baseline: tuple[Plan, Results] | None = None
        self._durations_s: deque[float] = deque((0.0, 0.0), maxlen=2)
        self._generation = 0
        self._waiting: tuple[Plan, str] | None = None
        self._shape: tuple[object, ...] = ()
        self._running = False
        self._worker = Worker(self)
        self._checker = Worker(self)  # its own: an evaluation must not wait for findings
        self._check_durations_s: deque[float] = deque((0.0, 0.0), maxlen=2)
        self._has_checked = False
        self._checking = False
        self._unchecked: Results | None = None
        self._last_findings: tuple[Finding, ...] = ()

    @property
    def is_busy(self) -> bool:
        """Whether a worker is still evaluating."""
        return self._running

    def request(self, plan: Plan, scenario_id: str = BASE) -> None:
        """Evaluate a plan under one of its scenarios; an unfinished earlier request is dropped.

        Parameters
        ----------
        plan
            As the document holds it, without overrides.
        scenario_id
            ``base`` or the id of one of its scenarios.
        """
        self._generation += 1
        self._waiting = (plan, scenario_id) if self._running else None
        if self._running:
            return
        if min(self._durations_s) > SYNCHRONOUS_LIMIT_S:
            self._start(plan, scenario_id)
        else:
            began = thread_time()
            results = evaluate_scenario(plan, scenario_id)
            self._accept(results, thread_time() - began)

    def flush(self) -> None:
        """Wait until the newest request has been answered and announced, and the findings that were sought."""
        while self._running or self._checking:
            self._worker.flush()
            self._checker.flush()

    def stop(self) -> None:
        """Wait for what is at work, and want nothing of it: its answer must not outlive the application."""
        self._generation += 1
        self._waiting = self._unchecked = None
        self._worker.stop()
        self._checker.stop()

    def seek_findings(self, results: Results) -> None:
        """Have the findings of results made and announced; of several that wait, the newest.

        The first search loads the checks with all rules of the trade, which takes longer than any frame.
        """
        is_dear = not self._has_checked or min(self._check_durations_s) > SYNCHRONOUS_LIMIT_S
        self._unchecked = results if self._checking else None
        if self._checking:
            return
        if is_dear and "findings" not in vars(results):
            self._checking = True
            self._checker.start(lambda: results.findings, partial(self._receive_check, results))
        else:
            began = thread_time()
            _ = results.findings
            self._receive_findings(results, thread_time() - began)

    def findings_of(self, results: Results) -> tuple[Finding, ...]:
        """The findings of results; where they are dear and still sought, those that were found last.

        `findings_ready` says when they are there.
        """
        if "findings" in vars(results) or min(self._check_durations_s) <= SYNCHRONOUS_LIMIT_S:
            return results.findings
        return self._last_findings

    def baseline(self, saved_plan: Plan) -> Results:
        """Results of the plan as it was saved, evaluated once per saved plan."""
        if self._baseline is None or self._baseline[0] is not saved_plan:
            self._baseline = (saved_plan, evaluate_scenario(saved_plan, BASE))
        return self._baseline[1]

    def _start(self, plan: Plan, scenario_id: str) -> None:
        self._running = True
        self._waiting = None
        self._shape = _records(plan, scenario_id)
        job = partial(evaluate_scenario, plan, scenario_id)
        self._worker.start(job, partial(self._receive, self._generation))

    def _receive(self, generation: int, outcome: Outcome) -> None:
        self._running = False
        results, duration_s = outcome.answer, outcome.took_s
        overtaken = generation != self._generation
        if results is None or (overtaken and (self._waiting is None or _records(*self._waiting) != self._shape)):
            self._durations_s.append(duration_s)
        else:
            self._accept(results, duration_s)
        if self._waiting is not None:
            self._start(*self._waiting)

    def _receive_check(self, results: Results, outcome: Outcome) -> None:
        self._checking = False
        if outcome.succeeded:
            self._receive_findings(results, outcome.took_s)
        waiting = self._unchecked
        if waiting is not None:
            self.seek_findings(waiting)

    def _receive_findings(self, results: Results, duration_s: float) -> None:
        self._has_checked = True
        self._check_durations_s.append(duration_s)
        self._last_findings = results.findings
        self.findings_ready.emit(results)

    def _accept(self, results: Results, duration_s: float) -> None:
        self._durations_s.append(duration_s)
        self.results = results
        self.results_changed.emit(results)


def _records(plan: Plan, scenario_id: str) -> tuple[object, ...]:
    """What must be the same for results of one plan to stand for a moment beside another."""
    tables = (plan.sites, plan.asic_lots, plan.ai_offers)
    return (scenario_id, plan.plan, *((r.id, getattr(r, "kind", "")) for table in tables for r in table))


def evaluate_scenario(plan: Plan, scenario_id: str) -> Results:
    """Evaluate a plan with a scenario's overrides applied."""
    return evaluate(plan_for(plan, scenario_by_name(plan, scenario_id)), scenario_name=scenario_id)
