"""From plan to results: at once when cheap, off the GUI thread when not, and the newest request wins."""

from __future__ import annotations

import dataclasses
import threading
import time
from typing import Any

import pytest

from app import recompute as recompute_module
from app.recompute import Recompute
from models.evaluate import evaluate
from models.fields import replace
from models.plan import Plan, Scenario
from models.problems import Finding
from models.results import Results
from models.samples import sample

PRICE = "market.btc_price_usd"


def priced(price: float) -> Plan:
    return replace(sample("one-site"), PRICE, price)


def price_of(results: Results) -> float:
    return float(results.market.btc_price_usd[0])


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Evaluation takes 20 ms of a processor, more than a frame has; which threads did it is recorded."""
    seen: dict[str, Any] = {"threads": [], "prices": []}

    def slowly(plan: Plan, **options: Any) -> Results:
        seen["threads"].append(threading.get_ident())
        seen["prices"].append(plan.market.btc_price_usd)
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        return evaluate(plan, **options)

    monkeypatch.setattr(recompute_module, "evaluate", slowly)
    return seen


def test_that_a_cheap_plan_is_answered_before_the_request_returns(qapp: object) -> None:
    recompute = Recompute()
    answers: list[Results] = []
    recompute.results_changed.connect(answers.append)
    recompute.request(priced(70_000.0))
    recompute.request(priced(80_000.0))
    assert [price_of(r) for r in answers] == [70_000.0, 80_000.0]
    assert recompute.results is answers[-1]
    assert not recompute.is_busy


def test_that_slow_plans_leave_the_gui_thread_and_only_the_newest_is_announced(
    qapp: object, slow: dict[str, Any]
) -> None:
    recompute = Recompute()
    answers: list[Results] = []
    recompute.results_changed.connect(answers.append)
    recompute.request(priced(1_000.0))
    recompute.request(priced(2_000.0))  # one slow evaluation may be a hiccup; from the second on it is a habit
    assert slow["threads"] == 2 * [threading.get_ident()]
    answers.clear()
    for price in (3_000.0, 4_000.0, 5_000.0, 6_000.0):
        recompute.request(priced(price))
    assert recompute.is_busy
    assert answers == []
    recompute.flush()
    # The one that was running is shown as well: plots must move while a lever is dragged without a pause.
    assert [price_of(r) for r in answers] == [3_000.0, 6_000.0]
    assert slow["prices"] == [1_000.0, 2_000.0, 3_000.0, 6_000.0]
    assert threading.get_ident() not in slow["threads"][2:]


def test_that_an_overtaken_answer_is_not_shown_beside_other_records(qapp: object, slow: dict[str, Any]) -> None:
    recompute = Recompute()
    for price in (1_000.0, 2_000.0):
        recompute.request(priced(price))
    answers: list[Results] = []
    recompute.results_changed.connect(answers.append)
    recompute.request(priced(3_000.0))
    recompute.request(sample("three-sites"))
    recompute.flush()
    assert [r.plan_name for r in answers] == [sample("three-sites").plan.name]


def test_that_it_returns_to_the_gui_thread_once_plans_are_cheap_again(
    qapp: object, slow: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recompute = Recompute()
    for price in (1_000.0, 2_000.0, 3_000.0):
        recompute.request(priced(price))
    recompute.flush()
    monkeypatch.setattr(recompute_module, "evaluate", evaluate)
    recompute.request(priced(4_000.0))
    recompute.flush()
    recompute.request(priced(5_000.0))
    assert not recompute.is_busy
    assert recompute.results is not None
    assert price_of(recompute.results) == 5_000.0


def test_that_a_scenario_is_applied_and_named(qapp: object) -> None:
    plan = replace(priced(70_000.0), "scenarios", (Scenario("c1", "Bull", ((PRICE, 120_000.0),)),))
    recompute = Recompute()
    recompute.request(plan, "c1")
    assert recompute.results is not None
    assert recompute.results.scenario == "c1"
    assert price_of(recompute.results) == 120_000.0


def test_that_the_saved_plan_is_evaluated_once(qapp: object) -> None:
    recompute = Recompute()
    saved = priced(70_000.0)
    first = recompute.baseline(saved)
    assert recompute.baseline(saved) is first
    assert recompute.baseline(priced(70_000.0)) is not first


def with_slow_findings(price: float, threads: list[int]) -> Results:
    """Results whose findings take 20 ms of a processor to make."""

    def slowly(_: Results) -> tuple[Finding, ...]:
        threads.append(threading.get_ident())
        until = time.thread_time() + 0.02
        while time.thread_time() < until:
            pass
        return ()

    return dataclasses.replace(evaluate(priced(price)), find_problems=slowly)


def after_a_search() -> Recompute:
    """One that has found its first findings, of a plan in which that was cheap."""
    recompute = Recompute()
    recompute.seek_findings(evaluate(priced(500.0)))
    recompute.flush()
    return recompute


def test_that_the_first_search_leaves_the_gui_thread(qapp: object) -> None:
    recompute = Recompute()
    ready: list[Results] = []
    recompute.findings_ready.connect(ready.append)
    threads: list[int] = []
    results = with_slow_findings(1_000.0, threads)
    recompute.seek_findings(results)
    assert ready == []
    recompute.flush()
    assert ready == [results]
    assert threading.get_ident() not in threads


def test_that_cheap_findings_are_there_at_once(qapp: object) -> None:
    recompute = after_a_search()
    ready: list[Results] = []
    recompute.findings_ready.connect(ready.append)
    results = [evaluate(priced(price)) for price in (1_000.0, 2_000.0)]
    for one in results:
        recompute.seek_findings(one)
    assert ready == results


def test_that_slow_findings_leave_the_gui_thread_and_the_newest_are_sought(qapp: object) -> None:
    recompute = after_a_search()
    ready: list[float] = []
    recompute.findings_ready.connect(lambda results: ready.append(price_of(results)))
    threads: list[int] = []
    for price in (1_000.0, 2_000.0, 3_000.0, 4_000.0, 5_000.0):
        recompute.seek_findings(with_slow_findings(price, threads))
    assert ready == [1_000.0, 2_000.0]
    recompute.flush()
    assert ready == [1_000.0, 2_000.0, 3_000.0, 5_000.0]
    assert threads[:2] == 2 * [threading.get_ident()]
    assert threading.get_ident() not in threads[2:]


def test_that_findings_that_are_there_already_are_not_waited_for(qapp: object) -> None:
    recompute = after_a_search()
    threads: list[int] = []
    for price in (1_000.0, 1_500.0):
        recompute.seek_findings(with_slow_findings(price, threads))
    known = with_slow_findings(2_000.0, threads)
    assert known.findings == ()
    ready: list[Results] = []
    recompute.findings_ready.connect(ready.append)
    recompute.seek_findings(known)
    assert ready == [known]


def test_that_what_waits_is_not_evaluated_after_something_newer_was_at_once(
    qapp: object, slow: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    recompute = Recompute()
    for price in (1_000.0, 2_000.0, 3_000.0):
        recompute.request(priced(price))
    recompute.flush()
    heard: list[float] = []

    def hear(results: Results) -> None:
        heard.append(price_of(results))
        if heard == [4_000.0]:
            monkeypatch.setattr(recompute_module, "SYNCHRONOUS_LIMIT_S", 1.0)
            recompute.request(priced(6_000.0))

    recompute.results_changed.connect(hear)
    recompute.request(priced(4_000.0))
    recompute.request(priced(5_000.0))
    recompute.flush()
    assert heard == [4_000.0, 6_000.0]


def test_that_findings_which_cannot_be_made_do_not_keep_others_waiting(qapp: object, qtbot: Any) -> None:
    recompute = Recompute()
    ready: list[float] = []
    threads: list[int] = []
    recompute.findings_ready.connect(lambda results: ready.append(price_of(results)))

    def fails(_: Results) -> tuple[Finding, ...]:
        threads.append(threading.get_ident())
        raise ArithmeticError("ours")

    with qtbot.captureExceptions() as caught:
        recompute.seek_findings(dataclasses.replace(evaluate(priced(1_000.0)), find_problems=fails))
        recompute.seek_findings(evaluate(priced(2_000.0)))
        recompute.flush()
        qtbot.waitUntil(lambda: bool(caught), timeout=2_000)
    assert [kind for kind, _, _ in caught] == [ArithmeticError]
    assert ready == [2_000.0]
    assert threading.get_ident() not in threads
