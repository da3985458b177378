"""A place of the memo that a user may change."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the memo that a user may change.

    Attributes
    ----------
    name
        As `MemoPart.place` has it.
    label, group
        What it is called, and the part of the memo that it stands in.
    written
        The memo's own words, as they are edited; empty where the place is empty by itself.
    words
        The user's, empty where there are none.
    is_shown
        Whether the memo prints it.
    can_hide
        Whether it may be left out.
    is_outdated
        Whether the words were written for another recommendation.
    """

    name: str
    label: str
    group: str
    written: str
    words: str
    is_shown: bool = True
    can_hide: bool = False
    is_outdated: bool = False
