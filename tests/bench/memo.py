"""Writing memos and verifying them."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from time import perf_counter, process_time
from typing import Any

AS_OF = date(2026, 11, 28)
TIMES = 7
FIRST_TIMES = 5
FIRST = """
import app.memo.files, models.samples
from datetime import date
from time import perf_counter
plan = models.samples.sample("briefing")
began = perf_counter()
app.memo.files.memo_bytes(plan, ".pdf", date(2026, 11, 28))
print(perf_counter() - began)
"""


def first_pdf() -> dict[str, Any]:
    """From the plan, in a fresh process each time: the typesetter and its fonts are loaded as well."""
    samples = []
    for _ in range(FIRST_TIMES):
        done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
        samples.append(float(done.stdout))
    return {"samples": samples, "note": "recomputed, drawn and typeset"}


def pdf_again() -> dict[str, Any]:
    """Typesetting alone, of a memo whose content is there: what an unchanged preview and its export share."""
    from app.memo.files import content_of
    from app.memo.pdf import memo_pdf
    from models.samples import sample

    content = content_of(sample("briefing"), AS_OF)
    return _timed(lambda: memo_pdf(content))


def large_pdf() -> dict[str, Any]:
    """Of forty pages, from the plan; beside it that of the largest plan, which has a hundred."""
    from app.memo.files import content_of
    from app.memo.pdf import memo_pages_png, memo_pdf
    from tests.large_plan import large_plan

    plan = large_plan(10, 14, 10, 240)
    content = content_of(plan, AS_OF)
    found = _timed(lambda: memo_pdf(content_of(plan, AS_OF)))
    largest = large_plan()
    beside = _timed(lambda: memo_pdf(content_of(largest, AS_OF)), 3)
    pages = len(memo_pages_png(content, 10.0))
    found["note"] = f"{pages} pages, {found['note']}"
    return found | {"beside": {"60 lots × 30 offers": beside["samples"]}}


def docx() -> dict[str, Any]:
    """From the plan."""
    from app.memo.files import memo_bytes
    from models.samples import sample

    plan = sample("briefing")
    return _timed(lambda: memo_bytes(plan, ".docx", AS_OF))


def verifying() -> dict[str, Any]:
    """An untouched memo, and beside it one whose title was changed, which is compared page by page."""
    from app.memo.files import content_of, memo_bytes
    from app.memo.pdf import memo_pdf
    from app.memo.verify import verify
    from models.samples import sample

    plan = sample("briefing")
    memo = memo_bytes(plan, ".pdf", AS_OF)
    content = content_of(plan, AS_OF)
    headline = tuple(
        word if isinstance(word, str) else dataclasses.replace(word, text=word.text.replace("58.0", "85.0"))
        for word in content.headline
    )
    changed = memo_pdf(dataclasses.replace(content, headline=headline))
    assert not verify(changed, "memo.pdf").is_genuine
    found = _timed(lambda: verify(memo, "memo.pdf"))
    return found | {"beside": {"a touched one": _timed(lambda: verify(changed, "memo.pdf"))["samples"]}}


def _timed(job: Callable[[], object], times: int = TIMES) -> dict[str, Any]:
    job()
    samples, busy = [], []
    for _ in range(times):
        began, worked = perf_counter(), process_time()
        job()
        samples.append(perf_counter() - began)
        busy.append(process_time() - worked)
    return {"samples": samples, "note": f"processor time {sorted(busy)[len(busy) // 2]:.2f} s"}
