"""Keys of a file that nobody reads: each is said once, with the known one that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from models.importers.tables import note
from models.problems import Finding, Severity
from models.sentences import Sentence

LONGEST_KEY = 40


def nearest_key(key: str, known: Sequence[str], also: Mapping[str, str]) -> str:
    """The known key that was probably meant; empty where none is near.

    Parameters
    ----------
    key
        As the file has it.
    known
        Keys that are read.
    also
        Other words for them, in small letters.

    Examples
    --------
    >>> nearest_key("Date", ("as_of", "source"), {"date": "as_of"}), nearest_key("sorce", ("as_of", "source"), {})
    ('as_of', 'source')
    """
    from difflib import get_close_matches

    small = key.strip().casefold().replace("-", "_").replace(" ", "_")
    words = {name.casefold(): name for name in known} | dict(also)
    begun = [word for word in words if small and word.startswith(small)]
    near = [small] if small in words else begun if len(begun) == 1 else get_close_matches(small, list(words), 1, 0.7)
    return words[near[0]] if near else ""


def unread_keys(
    keys: Iterable[str], known: Sequence[str], also: Mapping[str, str], what: str
) -> list[tuple[str, Finding]]:
    """A finding for every key that is not known, with the key.

    Parameters
    ----------
    keys, known, also
        Of the file, and as for `nearest_key`.
    what
        What they would be a key of: ``key of a market pack``.
    """
    found = []
    for key in dict.fromkeys(keys):
        if key in known or not key.strip():
            continue
        near = nearest_key(key, known, also)
        words = "“{key}” is no {what} and was not read"
        words += "; perhaps “{near}” is meant." if near else "."
        message = Sentence(words, key=key[:LONGEST_KEY], what=what, near=near)
        found.append((key, note("unknown_key", message, "", Severity.WARNING)))
    return found
