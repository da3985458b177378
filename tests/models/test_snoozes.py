"""Findings set aside: one rule at one place, with a reason, and never an error."""

from __future__ import annotations

import dataclasses
import datetime
import json

import pytest
from hypothesis import given

from models.evaluate import evaluate
from models.fields import replace
from models.memo.content import memo_content
from models.memo.parts import Table, as_text
from models.plan import Plan
from models.problems import Finding, Severity
from models.samples import sample
from models.snoozes import aside, refusal, restored, set_aside, snooze_of, standing
from models.storage.plan_json import plan_from_json, plan_to_json
from models.storage.validity import problem_in
from tests.strategies import dear, plans

DAY = datetime.date(2026, 3, 24)
PLAN = replace(sample("briefing"), "asic_lots.a1.uptime_fraction", 1.0)


def finding_of(plan: Plan, code: str) -> Finding:
    return next(f for f in evaluate(plan).findings if f.code == code)


def test_that_a_finding_set_aside_leaves_the_list_and_comes_back() -> None:
    finding = finding_of(PLAN, "lint.uptime_full")
    quiet = set_aside(PLAN, finding, "  Measured by the hour  ", DAY)
    found = evaluate(quiet).findings
    assert finding in found
    assert finding not in standing(quiet, found)
    ((same, snooze),) = aside(quiet, found)
    assert (same, snooze.reason, snooze.date) == (finding, "Measured by the hour", "2026-03-24")
    assert standing(restored(quiet, finding), found) == found


def test_that_a_snooze_counts_at_its_place_only() -> None:
    plan = replace(PLAN, "asic_lots.a2.uptime_fraction", 1.0)
    first, second = [f for f in evaluate(plan).findings if f.code == "lint.uptime_full"]
    quiet = set_aside(plan, first, "Measured", DAY)
    assert snooze_of(quiet, first) is not None
    assert snooze_of(quiet, second) is None


def test_that_a_second_reason_takes_the_first_ones_place() -> None:
    finding = finding_of(PLAN, "lint.uptime_full")
    quiet = set_aside(set_aside(PLAN, finding, "One", DAY), finding, "Two", DAY)
    assert [s.reason for s in quiet.snoozes] == ["Two"]


def test_that_no_reason_and_no_error_is_accepted() -> None:
    finding = finding_of(PLAN, "lint.uptime_full")
    for reason in ("", "   "):
        with pytest.raises(ValueError, match="Write why it may stand"):
            set_aside(PLAN, finding, reason, DAY)
    error = finding_of(dataclasses.replace(PLAN, power_contracts=()), "power.no_contract")
    assert "cannot be set aside" in refusal(error, "Because")


def test_that_a_finding_that_became_an_error_stands_again() -> None:
    finding = Finding("a.b", Severity.WARNING, "sites.s1", "x")
    quiet = set_aside(PLAN, finding, "Known", DAY)
    assert snooze_of(quiet, dataclasses.replace(finding, severity=Severity.ERROR)) is None


@dear
@given(plans(usual=True))
def test_that_any_plan_can_be_quiet_and_is_stored_so(plan: Plan) -> None:
    findings = evaluate(plan).findings
    quiet = dataclasses.replace(plan, snoozes=())
    for finding in findings:
        if finding.severity != Severity.ERROR:
            quiet = set_aside(quiet, finding, "Known", DAY)
    assert problem_in(quiet) is None
    assert {f.severity for f in standing(quiet, findings)} <= {Severity.ERROR}
    assert plan_from_json(json.dumps(plan_to_json(quiet)), "plan.json").snoozes == quiet.snoozes


def test_that_the_memo_prints_what_was_set_aside_with_reason_and_day() -> None:
    finding = finding_of(PLAN, "lint.uptime_full")
    for plan, is_quiet in ((PLAN, False), (set_aside(PLAN, finding, "Measured by the hour", DAY), True)):
        content = memo_content(plan, evaluate(plan), as_of=DAY)
        (exhibit,) = [e for e in content.exhibits if e.title == "Findings that stand"]
        tables = [[[as_text(c) for c in row.cells] for row in b.rows] for b in exhibit.blocks if isinstance(b, Table)]
        assert any(finding.message in row for row in tables[0]) is not is_quiet
        assert len(tables) == (2 if is_quiet else 1)
        if is_quiet:
            ((severity, message, _, reason, day),) = tables[1]
            assert (severity, message, reason, day) == (
                "Warning", finding.message, "Measured by the hour", "2026-03-24",
            )  # fmt: skip


def test_that_the_memos_first_page_counts_what_stands() -> None:
    finding = finding_of(PLAN, "lint.uptime_full")
    quiet = set_aside(PLAN, finding, "Measured", DAY)
    before, after = (
        " ".join(as_text(c) for b in memo_content(p, evaluate(p), as_of=DAY).front for c in [getattr(b, "words", ())])
        for p in (PLAN, quiet)
    )
    warnings = sum(f.severity == Severity.WARNING for f in evaluate(PLAN).findings)
    assert f"{warnings} warnings" in before
    assert f"{warnings - 1} warnings" in after
