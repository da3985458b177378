"""The memo as the bytes of a file, by the ending of its name."""

from __future__ import annotations

from datetime import date

from app.formats import MEMO_FORMATS
from models.evaluate import evaluate
from models.memo.content import memo_content
from models.memo.parts import MemoContent
from models.plan import Plan
from models.problems import PlanFileError
from models.scenarios import BASE, plan_for, scenario_by_name


def content_of(plan: Plan, as_of: date, scenario_id: str = BASE) -> MemoContent:
    """What the memo of a plan says under one of its scenarios."""
    results = evaluate(plan_for(plan, scenario_by_name(plan, scenario_id)), scenario_name=scenario_id)
    return memo_content(plan, results, scenario_name=scenario_id, as_of=as_of)


def memo_bytes(plan: Plan, suffix: str, as_of: date, scenario_id: str = BASE) -> bytes:
    """The memo as a file.

    Parameters
    ----------
    plan
        The document's plan, without a scenario applied.
    suffix
        One of `app.formats.MEMO_FORMATS`.
    as_of
        The memo's date.

    Raises
    ------
    PlanFileError
        Where it is none of these formats.
    """
    match suffix.lower():
        case ".pdf":
            from app.memo.pdf import memo_pdf

            return memo_pdf(content_of(plan, as_of, scenario_id))
        case ".html" | ".htm":
            from app.memo.html import memo_html

            return memo_html(content_of(plan, as_of, scenario_id))
        case ".docx":
            from app.memo.docx import memo_docx

            return memo_docx(content_of(plan, as_of, scenario_id))
    raise PlanFileError(
        "a memo has no such format", f"memo as {suffix}", f"end the file's name in {', '.join(MEMO_FORMATS)}"
    )
