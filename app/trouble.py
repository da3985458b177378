"""What is in the way of a file, said once: what, where, and what to do."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

from models.problems import PlanFileError


def trouble_box(error: PlanFileError, parent: QWidget | None) -> QMessageBox:
    """A box that says it, not opened yet."""
    box = QMessageBox(parent)
    box.setObjectName("trouble")
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Busbar")
    box.setText(f"{error.what[:1].upper()}{error.what[1:]}.")
    box.setInformativeText(f"{error.where}\n\n{error.remedy[:1].upper()}{error.remedy[1:]}.")
    box.finished.connect(box.deleteLater)
    return box
