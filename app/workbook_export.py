"""The workbook with live formulas as a file."""

from __future__ import annotations

from pathlib import Path

from app.file_writer import FileWriter
from models.plan import Plan


class WorkbookExport(FileWriter):
    """Writes workbooks one after the other, off the GUI thread."""

    def write_workbook(self, plan: Plan, scenario_id: str, path: Path) -> None:
        """Write a plan's workbook, with its switch at one of the scenarios."""

        def make() -> bytes:
            from models.workbook.content import workbook_bytes

            return workbook_bytes(plan, scenario_id=scenario_id)

        self.write(path, make, "the workbook")
