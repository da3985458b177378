"""What was typed into dialogs that were closed before it was taken over: kept by open plan, for this run."""

from __future__ import annotations

import os
from collections.abc import Hashable
from typing import Any

from app.files.document import Document

Shelf = dict[Hashable, dict[str, Any]]
"""By dialog what was typed there, by the names of its fields."""


class Unfinished:
    """Gives back to every plan what was left in its dialogs, also when it is opened again in the same run.

    Parameters
    ----------
    document
        Whose plans these are.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._by_number: dict[int, Shelf] = {}
        self._by_path: dict[str, Shelf] = {}

    @property
    def shelf(self) -> Shelf:
        """What is kept of the open plan; saved under another name it is still the same plan."""
        number, path = self._document.number, self._document.path
        place = "" if path is None else os.path.realpath(path)
        if number not in self._by_number:
            self._by_number[number] = dict(self._by_path.get(place, {}))
        found = self._by_number[number]
        if place:
            self._by_path[place] = found
        return found
