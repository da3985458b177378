"""What is computed once and kept: answers that stay right for as long as what they were made from is the same object.

Records are frozen, and an edit makes a new plan that shares with the plan before every table it did not touch. While a
lever is dragged, nearly everything that a plan is priced with is therefore the same object as a moment ago.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

import numpy as np

from models.curves import Array

R = TypeVar("R")
KEPT = 32
"""Answers that are kept of each function; some kilobytes each."""


class Same:
    """An object as the key of a cache: found again only while it is the same object.

    Looking at every field of every record, or at every number of an array, would take as long as the answer. The key
    holds its object, so that no other can take its place in memory.
    """

    __slots__ = ("held",)

    def __init__(self, held: Any) -> None:
        self.held = held

    def __hash__(self) -> int:
        return id(self.held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held


class Keyed:
    """An object that stands in a cache for all that have the same key."""

    __slots__ = ("held", "key")

    def __init__(self, held: Any, key: tuple[Any, ...]) -> None:
        self.held, self.key = held, key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and self.key == other.key


def protected(array: Array) -> Array:
    """The array, from now on for reading only, so that it may be shared and kept."""
    array.flags.writeable = False
    return array


def kept(function: Callable[..., R]) -> Callable[..., R]:
    """Keep the answers of a pure function of arrays.

    Arrays that may be written to, as those of a sweep, are not remembered: their numbers can change. A kept answer is
    for reading only, like the arrays that it was made from.

    Examples
    --------
    >>> double = kept(lambda numbers: numbers * 2.0)
    >>> fixed, free = protected(np.array([1.0])), np.array([1.0])
    >>> double(fixed) is double(fixed), double(free) is double(free)
    (True, False)
    """

    @lru_cache(maxsize=KEPT)
    def remembered(*keys: Same) -> R:
        answer = function(*(key.held for key in keys))
        for array in (answer,) if isinstance(answer, np.ndarray) else vars(answer).values():
            protected(array)
        return answer

    @wraps(function)
    def ask(*arrays: Array) -> R:
        if any(array.flags.writeable for array in arrays):
            return function(*arrays)
        return remembered(*map(Same, arrays))

    return ask
