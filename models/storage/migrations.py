"""Every step from format 1 of the plan file to today's.

A step works on tables as they were when it was written and imports nothing of the application, so that it does the same
for ever: whatever it needs to know of the old and the new format stands in it. A step is never changed once a release
has written files in its format.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

Step = Callable[["Database"], None]

STEPS: tuple[Step, ...] = ()
"""`STEPS[0]` leads from format 1 to 2, and so on; a new format is a new step at the end."""

CURRENT_FORMAT = 1 + len(STEPS)


def migrate(connection: sqlite3.Connection, stored_format: int, steps: Sequence[Step] = STEPS) -> int:
    """Bring the tables of an older plan file up to date, in memory; the file itself stays as it is.

    Parameters
    ----------
    connection
        A copy of the file's content that may be changed.
    stored_format
        The format that it has, at least 1.
    steps
        All steps that there are; others than the released ones only in tests.

    Returns
    -------
    int
        The format that it has now.

    Raises
    ------
    sqlite3.Error
        Where a step does not fit the tables; all of that step is then undone.
    """
    pending = steps[stored_format - 1 :]
    if pending:
        # Only here: importing it takes half a second, since it imports pandas where that is installed.
        from sqlite_utils import Database

        database = Database(connection)
        for number, step in enumerate(pending, start=stored_format + 1):
            with database.atomic():
                step(database)
                connection.execute(f"PRAGMA user_version = {number}")
    return max(stored_format, 1 + len(steps))
