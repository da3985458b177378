"""What an import has to say while it reads: doubts, questions, and cells that cannot be used, with their place."""

from __future__ import annotations

from collections.abc import Sequence

from models.importers.series.outcome import Question
from models.importers.series.sheets import Sheet
from models.importers.tables import Cell, note
from models.problems import Finding, PlanFileError, Severity

MAX_BAD_SHARE = 0.1
"""Where more of the lines cannot be read, something else is wrong than single cells."""
MAX_NAMED = 40


class Log:
    """Collects findings and questions of one file.

    Parameters
    ----------
    filename
        For errors.
    sheet
        The table.
    names
        Per row the name of its sheet.
    """

    def __init__(self, filename: str, sheet: Sheet, names: Sequence[str]) -> None:
        self.filename = filename
        self.sheet = sheet
        self.names = names
        self.findings: list[Finding] = list(sheet.notes)
        self.questions: list[Question] = []
        self.bad_rows: set[int] = set()
        self._bad: list[tuple[int, int, str]] = []

    def note(self, code: str, message: str, severity: Severity = Severity.INFO, path: str = "") -> None:
        """Add a finding."""
        self.findings.append(note(code, message, path, severity))

    def ask(self, question: Question) -> None:
        """Add a question."""
        self.questions.append(question)

    def line(self, row: int) -> str:
        """Where a row stands."""
        sheet = f"{self.names[row]}, " if self.names[row] else ""
        return f"{sheet}line {self.sheet.numbers[row]}"

    def place(self, row: int, column: int) -> str:
        """Where a cell stands."""
        return f"{self.line(row)}, column {column + 1}"

    def bad(self, row: int, column: int, cell: Cell, what: str) -> None:
        """Leave a row out for the sake of a cell."""
        if row in self.bad_rows:
            return
        self.bad_rows.add(row)
        heading = self.sheet.headings[column]
        named = f" ({heading})" if heading else ""
        self._bad.append((row, column, f"{named}: “{str(cell).strip()[:30]}” is {what}"))

    def settle(self, rows: int) -> None:
        """Turn cells that cannot be used into findings.

        Raises
        ------
        PlanFileError
            Where they are so many that the file must have been misread.
        """
        self._bad.sort()
        if len(self._bad) > max(1.0, MAX_BAD_SHARE * rows):
            row, column, what = self._bad[0]
            raise PlanFileError(
                f"{self.place(row, column)}{what}, and {len(self._bad):,} of {rows:,} lines are like it",
                self.filename,
                "correct the column, or say what each column is",
            )
        for row, column, what in self._bad[:MAX_NAMED]:
            place = self.place(row, column)
            text = f"{place[0].upper()}{place[1:]}{what}; the line was left out."
            self.note("line", text, Severity.ERROR, place)
        if len(self._bad) > MAX_NAMED:
            text = f"{len(self._bad) - MAX_NAMED:,} more lines were left out for such cells."
            self.note("more", text, Severity.ERROR)
