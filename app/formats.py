"""What the names of files end in that leave a plan, for the window and the command line alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.problems import PlanFileError

MEMO_FORMATS = (".pdf", ".docx", ".html", ".htm")
WORKBOOK_FORMATS = (".xlsx",)
PACK_FORMATS = (".json", ".csv")


def wrong_ending(path: Path, endings: Sequence[str]) -> PlanFileError | None:
    """Why nothing is written to a file of this name; None where it ends as it may.

    Examples
    --------
    >>> print(wrong_ending(Path("plan.csv"), MEMO_FORMATS).remedy)
    give it a name that ends in .pdf, .docx, .html or .htm
    """
    suffix = path.suffix.lower()
    if suffix in endings:
        return None
    ends = " or ".join(filter(None, (", ".join(endings[:-1]), endings[-1])))
    what = f"a file that ends in {suffix or 'nothing'} cannot be written here"
    return PlanFileError(what, str(path), f"give it a name that ends in {ends}")
