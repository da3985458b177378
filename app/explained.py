"""What is said of a figure when somebody asks: its explanation in the scenario that is meant, also as a sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from app.session import Session
from models.evaluate import evaluate
from models.scenarios import BASE, plan_for, scenario_by_name, scenario_name

if TYPE_CHECKING:  # explaining takes a tenth of a second to import: once somebody asks
    from models.explain import Explanation

IN_SCENARIO = "@"
"""Between a path and the scenario in which it is meant, where that is not the one on show."""
GONE = "The plan has no such figure any more."


def without_scenario(path: str, shown: str) -> tuple[str, str]:
    """A path and the scenario that it is about: the one on show where it names none.

    Examples
    --------
    >>> without_scenario("uses.a1.npv_usd_per_mw@c1", "base"), without_scenario("market.difficulty", "base")
    (('uses.a1.npv_usd_per_mw', 'c1'), ('market.difficulty', 'base'))
    """
    bare, _, scenario_id = path.partition(IN_SCENARIO)
    return bare, scenario_id or shown


def explanation_of(session: Session, path: str) -> Explanation:
    """The explanation of a figure of the results or of the memo, or of an input.

    Raises
    ------
    KeyError
        Where there is none of that path, neither in the plan on show nor beside it.
    """
    from models.explain.shares import called
    from models.memo.explained import explained  # with the memo behind it: once somebody asks

    bare, scenario_id = without_scenario(path, session.scenario_id)
    own = session.explainers.get(bare.partition(".")[0])
    if own is not None:
        return own(bare)
    document = session.document.plan
    base = document if scenario_id != BASE else None
    if scenario_id == session.scenario_id:
        return explained(session.plan, session.results, bare, session.today, base=base)
    plan = plan_for(document, scenario_by_name(document, scenario_id))
    found = explained(plan, evaluate(plan, scenario_name=scenario_id), bare, session.today, base=base)
    # The window's header names another one: alone, the figure would pass for that one's.
    label = f"{found.root.label}, in {scenario_name(document, scenario_id)}"
    return replace(found, root=called(label, found.root))


def copy_sentence(session: Session, path: str) -> None:
    """Put the explanation in words on the clipboard."""
    try:
        words = explanation_of(session, path).sentence()
    except KeyError:
        session.message.emit(GONE)
        return
    QGuiApplication.clipboard().setText(session.numbers.say(words))
    session.message.emit("The explanation is on the clipboard, as a sentence.")
