"""What people add to a plan: how uncertain inputs are, what to watch, what was seen later, what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from models.fields import Choice, Quantity, Text

ABOVE, BELOW = "above", "below"


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How far an input may reasonably lie from the plan's value; a path has at most one."""

    id: str
    path: Annotated[str, Text(label="Input", required=True)]
    p10: Annotated[
        float, Quantity(unit="", label="P10", help="It is below this once in ten times; in the input's own unit.")
    ]
    p90: Annotated[
        float, Quantity(unit="", label="P90", help="It is above this once in ten times; in the input's own unit.")
    ]
    source: Annotated[str, Text(label="Source", help="Whose range this is.")] = ""


@dataclass(frozen=True, slots=True)
class Tripwire:
    """A level of an input at which the decision is to be reopened."""

    id: str
    path: Annotated[str, Text(label="Input", required=True)]
    side: Annotated[str, Choice(label="Side", options=((ABOVE, "Above"), (BELOW, "Below")))]
    level: Annotated[float, Quantity(unit="", label="Level", help="In the input's own unit.")]
    days: Annotated[
        int,
        Quantity(
            unit="days",
            label="For",
            help="How long it must stay beyond the level before the decision is reopened.",
            low=1,
            high=3650,
            usual_low=1,
            usual_high=90,
            digits=0,
            whole=True,
        ),
    ] = 30
    reason: Annotated[str, Text(label="Reason", help="What changes beyond the level.")] = ""
    set_on: Annotated[str, Text(label="Set on", date=True)] = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What an input turned out to be on a day: later market data, against which tripwires are held."""

    id: str
    path: Annotated[str, Text(label="Input", required=True)]
    date: Annotated[str, Text(label="Date", date=True, required=True)]
    value: Annotated[float, Quantity(unit="", label="Value", help="In the input's own unit.")]
    source: Annotated[str, Text(label="Source")] = ""


@dataclass(frozen=True, slots=True)
class Snooze:
    """A finding that someone set aside, with the reason, which the memo prints."""

    id: str
    code: Annotated[str, Text(label="Rule", required=True)]
    path: Annotated[str, Text(label="About", required=True)]
    reason: Annotated[str, Text(label="Reason", help="Why it may stand; the memo prints it.", required=True)]
    date: Annotated[str, Text(label="Date", date=True)] = ""
