"""Where the numbers of an exported table or picture come from: so that they can be found again, and held to it."""

from __future__ import annotations

from datetime import date

from models.plan import Plan
from models.scenarios import scenario_name
from models.storage.plan_file import digest, program_version

SHOWN_DIGITS = 12
"""Of the plan's digest: enough to tell any two plans apart."""


def provenance(plan: Plan, scenario_id: str, page: str, today: date) -> tuple[tuple[str, str], ...]:
    """Plan, scenario, digest, market's day, page, day and program of what is exported, as name and text.

    Parameters
    ----------
    plan
        The document's own, with all its scenarios: the digest is that of its file.
    scenario_id
        The one on show.
    page
        Where it is shown.
    today
        The day of the export.

    Examples
    --------
    >>> from models.samples import sample
    >>> lines = dict(provenance(sample("briefing"), "base", "Fleet", date(2026, 3, 24)))
    >>> lines["Scenario"], len(lines["Plan digest"]), lines["Page"]
    ('Base case', 12, 'Fleet')
    """
    return (
        ("Plan", plan.plan.name),
        ("Scenario", scenario_name(plan, scenario_id)),
        ("Plan digest", digest(plan)[:SHOWN_DIGITS]),
        ("Market as of", plan.market.as_of or "no day stated"),
        ("Page", page),
        ("Exported", f"{today.isoformat()} by Busbar {program_version()}"),
    )
