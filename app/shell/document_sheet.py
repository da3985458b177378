"""A document that ships, to be read beside the work; Esc closes it, its text and queries can be copied."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QTextBrowser, QVBoxLayout, QWidget

import resources
from app import theme

HELP = Path(resources.__file__).parent / "help"
PLAN_FILE = "plan-file.md"


class DocumentSheet(QDialog):
    """Shows one of the documents in resources/help.

    Parameters
    ----------
    name
        Of its file; its first line is the title.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("document_sheet")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = (HELP / name).read_text(encoding="utf-8")
        self.setWindowTitle(text.partition("\n")[0].lstrip("# "))
        self.text = QTextBrowser(self)
        self.text.setAccessibleName(self.windowTitle())
        self.text.setOpenLinks(False)
        self.text.setMarkdown(text)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.text)
        column.addWidget(buttons)
        available = parent.size()
        self.resize(min(theme.px(960), available.width() - 40), min(theme.px(720), available.height() - 40))
        self.text.setFocus()
